//! Businesses and their flows over HTTP: made, changed, refused with reasons, and out of everybody else's sight.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use hyper::body::Bytes;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use support::{Answer, Client, MESSAGE, Server};
use uuid::Uuid;

const TOKEN: &str = "the operator's own token";
const BUILTIN: &str = "00000000-0000-e000-0000-000000000000";

trait More {
    async fn send(&self, method: Method, path: &str, body: &Value) -> Answer;
    async fn make(&self, path: &str, body: &Value) -> Value;
}

impl More for Client {
    async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        let bytes = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        self.request(method, path, &[("content-type", "application/json")], bytes).await
    }

    async fn make(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{path} {body}: {:?}", answer.json());
        let json = answer.json();
        assert!(answer.header("location").ends_with(json["id"].as_str().unwrap()), "{answer:?}");
        json
    }
}

/// The names of the wrong fields, after checking that it is a refusal with words in it.
#[track_caller]
fn refused(answer: &Answer) -> Vec<String> {
    assert_eq!((answer.problem().as_str(), answer.status.as_u16()), ("invalid", 422), "{:?}", answer.json());
    let json = answer.json();
    let fields = json["fields"].as_array().unwrap();
    assert!(fields.iter().all(|field| field["message"].as_str().unwrap().len() > 8), "{json}");
    fields.iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect()
}

fn codes(json: &Value) -> Vec<&str> {
    json["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

async fn house() -> (Server, Client, Client) {
    let server = Server::with(&[("EXEMPLAR_ADMIN_TOKEN", TOKEN)]).await;
    let operator = Client { address: server.address, token: Some(TOKEN.into()) };
    let guest = server.guest().await;
    (server, operator, guest)
}

/// A business of the client's with two stages, a transition and a template; answers their paths.
async fn built(client: &Client) -> [String; 4] {
    let business = client.make("/api/v1/businesses", &json!({"name": "Ours"})).await;
    let path = format!("/api/v1/businesses/{}", business["id"].as_str().unwrap());
    let template = json!({"name": "Greeting", "kind": "response", "body": "Hello {{ user.tier }}"});
    let template = client.make(&format!("{path}/templates"), &template).await;
    let ask = json!({"name": "ask", "response_template_id": template["id"]});
    let ask = client.make(&format!("{path}/stages"), &ask).await;
    let done = client.make(&format!("{path}/stages"), &json!({"name": "done", "end": true})).await;
    let way = json!({"from_stage_id": ask["id"], "to_stage_id": done["id"], "condition": "message.questions == 0"});
    let way = client.make(&format!("{path}/transitions"), &way).await;
    assert_eq!(codes(&way), Vec::<&str>::new(), "{way}");
    let of = |kind: &str, json: &Value| format!("{path}/{kind}/{}", json["id"].as_str().unwrap());
    [path.clone(), of("stages", &ask), of("transitions", &way), of("templates", &template)]
}

#[tokio::test]
async fn everything_is_made_shown_changed_and_deleted() {
    let (_server, _, guest) = house().await;
    let [business, stage, way, template] = built(&guest).await;
    let shown = guest.get(&business).await.json();
    assert_eq!((&shown["name"], &shown["active"], &shown["stages"]), (&json!("Ours"), &json!(false), &json!(2)));
    for (path, change) in [
        (&business, json!({"name": "Still ours", "description": "What we do."})),
        (&stage, json!({"description": "We ask.", "category": "scaling"})),
        (&way, json!({"priority": 7, "condition": "message.confidence > 0.5"})),
        (&template, json!({"body": "Hello again, {{ user.tier }}"})),
    ] {
        for method in [Method::PUT, Method::PATCH] {
            let answer = guest.send(method, path, &change).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {:?}", answer.json());
        }
        let shown = guest.get(path).await.json();
        for (name, value) in change.as_object().unwrap() {
            assert_eq!(&shown[name], value, "{path}");
        }
    }
    let versions = guest.get(&format!("{template}/versions")).await.json();
    let bodies: Vec<_> = versions.as_array().unwrap().iter().map(|v| (&v["version"], &v["body"])).collect();
    assert_eq!(
        bodies,
        [(&json!(2), &json!("Hello again, {{ user.tier }}")), (&json!(1), &json!("Hello {{ user.tier }}"))],
        "the same text again is no new version"
    );
    // In use: not deleted. A stage goes with its transitions.
    assert_eq!(guest.send(Method::DELETE, &template, &Value::Null).await.problem(), "conflict");
    for path in [&stage, &template] {
        assert_eq!(guest.send(Method::DELETE, path, &Value::Null).await.status, StatusCode::NO_CONTENT, "{path}");
    }
    for path in [&stage, &way, &template] {
        assert_eq!(guest.get(path).await.problem(), "not_found", "{path}");
    }
    assert_eq!(guest.send(Method::DELETE, &business, &Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(guest.get(&business).await.problem(), "not_found");
    let left = guest.get("/api/v1/businesses").await.json();
    assert_eq!(left.as_array().unwrap().len(), 1, "only the built-in one: {left}");
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_fields() {
    let (_server, _, guest) = house().await;
    let [business, stage, way, template] = built(&guest).await;
    let (stages, ways, templates) =
        (format!("{business}/stages"), format!("{business}/transitions"), format!("{business}/templates"));
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let ask = id(&stage);
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
    let nobody = Uuid::from_u128(5);
    let to = |condition: &str| json!({"from_stage_id": ask, "to_stage_id": ask, "condition": condition});
    for (path, body, fields) in [
        ("/api/v1/businesses", json!({}), vec!["name"]),
        (
            "/api/v1/businesses",
            json!({"name": "", "description": 5, "from": "mars"}),
            vec!["name", "description", "from"],
        ),
        ("/api/v1/businesses", json!({"name": "x", "active": true}), vec!["stages"]),
        (&stages, json!({"name": "ASK"}), vec!["name"]),
        (&stages, json!({"name": "x".repeat(81), "colour": "red"}), vec!["name", "colour"]),
        (&stages, json!({"name": "x", "response_template_id": nobody}), vec!["response_template_id"]),
        (&stages, json!({"name": "x", "selection_template_id": id(&template)}), vec!["selection_template_id"]),
        (&ways, json!({"from_stage_id": ask, "to_stage_id": nobody}), vec!["to_stage_id"]),
        (&ways, to("message.category == 'poetry'"), vec!["condition"]),
        (&ways, to("message.category =="), vec!["condition"]),
        (&ways, to("weather == 'fine'"), vec!["condition"]),
        (&ways, to(&"true || ".repeat(100)), vec!["condition"]),
        (&templates, json!({"name": "t", "kind": "response", "body": endless}), vec!["body"]),
        (&templates, json!({"name": "t", "kind": "response", "body": "{% include '/etc/passwd' %}"}), vec!["body"]),
        (&templates, json!({"name": "t", "kind": "response", "body": "x".repeat(16_385)}), vec!["body"]),
        (&templates, json!({"name": "greeting", "kind": "poem", "body": 5}), vec!["name", "kind", "body"]),
    ] {
        assert_eq!(refused(&guest.post(path, &body).await), fields, "{path} {body}");
    }
    assert_eq!(refused(&guest.send(Method::PUT, &way, &json!({"condition": "1"})).await), ["condition"]);
    assert_eq!(refused(&guest.send(Method::PUT, &template, &json!({"kind": "selection"})).await), ["kind"]);
    assert_eq!(guest.post(&stages, &json!([1])).await.status, StatusCode::BAD_REQUEST);
    let problem = guest.post(&templates, &json!({"name": "t", "kind": "response", "body": endless})).await.json();
    assert!(problem["fields"][0]["message"].as_str().unwrap().contains("more work than a text needs"), "{problem}");
    let problem = guest.post(&ways, &to("message.confidence > 2")).await.json();
    assert!(problem["fields"][0]["message"].as_str().unwrap().contains("never holds"), "{problem}");
}

#[tokio::test]
async fn dead_ends_are_told_and_circles_refused() {
    let (_server, _, guest) = house().await;
    let business = guest.make("/api/v1/businesses", &json!({"name": "Ours"})).await;
    assert_eq!(codes(&business), ["no_stage"]);
    let path = format!("/api/v1/businesses/{}", business["id"].as_str().unwrap());
    let (stages, ways) = (format!("{path}/stages"), format!("{path}/transitions"));
    let a = guest.make(&stages, &json!({"name": "a"})).await;
    assert_eq!(codes(&a), ["dead_end"]);
    let b = guest.make(&stages, &json!({"name": "b"})).await;
    let way = |from: &Value, to: &Value| json!({"from_stage_id": from["id"], "to_stage_id": to["id"]});
    guest.make(&ways, &way(&a, &b)).await;
    let circle = guest.post(&ways, &way(&b, &a)).await;
    assert_eq!(refused(&circle), ["to_stage_id"]);
    assert!(circle.json()["fields"][0]["message"].as_str().unwrap().contains("\"a\" and \"b\""), "{circle:?}");
    let answer = guest.send(Method::PATCH, &path, &json!({"active": true})).await;
    assert_eq!(refused(&answer), ["end"], "a dead end");
    let c = guest.make(&stages, &json!({"name": "c", "end": true})).await;
    guest.make(&ways, &way(&b, &c)).await;
    let back =
        json!({"from_stage_id": b["id"], "to_stage_id": a["id"], "priority": 1, "condition": "message.questions > 0"});
    assert_eq!(codes(&guest.make(&ways, &back).await), Vec::<&str>::new());
    let active = guest.send(Method::PATCH, &path, &json!({"active": true})).await;
    assert_eq!((active.status, &active.json()["active"]), (StatusCode::OK, &json!(true)));
    // What conversations follow stays usable.
    let last = format!("{stages}/{}", c["id"].as_str().unwrap());
    assert_eq!(refused(&guest.send(Method::DELETE, &last, &Value::Null).await), ["end"]);
}

#[tokio::test]
async fn a_preview_fills_in_and_explains() {
    let (_server, _, guest) = house().await;
    let [business, _, _, template] = built(&guest).await;
    let preview = format!("{template}/preview");
    let filled = async |body: Value| guest.post(&preview, &body).await;
    let answer = filled(json!({"variables": {"user": {"tier": "<b>friend</b>"}}})).await.json();
    assert_eq!(answer, json!({"text": "Hello <b>friend</b>", "warnings": []}));
    assert_eq!(filled(json!({})).await.json()["text"], "Hello guest", "with an example");
    assert_eq!(refused(&filled(json!({"variables": {}})).await), ["variables"], "nothing is filled in silently");
    assert_eq!(refused(&filled(json!({"variables": [1]})).await), ["variables"]);
    assert_eq!(refused(&filled(json!({"colour": 1})).await), ["colour"]);
    let answer = filled(json!({"body": "{{ name }}!", "variables": {"name": "Ada"}})).await.json();
    assert_eq!(answer["text"], "Ada!");
    assert_eq!(answer["warnings"][0]["code"], "unknown_variable", "{answer}");
    for body in [
        "{% for x in range(99999) %}{{ x }}{{ x }}{% for y in range(99) %}{{ y }}{% endfor %}{% endfor %}",
        "{% if %}",
        "{{ 1 / 0 }}",
    ] {
        assert_eq!(refused(&filled(json!({"body": body, "variables": {}})).await), ["body"], "{body}");
    }
    // A template that uses what nobody knows is kept with a warning, and keeps its business from being used.
    let unknown = json!({"name": "Odd", "kind": "response", "body": "{{ colour }}"});
    let unknown = guest.make(&format!("{business}/templates"), &unknown).await;
    let stage = json!({"name": "odd", "end": true, "response_template_id": unknown["id"]});
    assert!(codes(&guest.make(&format!("{business}/stages"), &stage).await).contains(&"unknown_variable"));
    assert_eq!(refused(&guest.send(Method::PUT, &business, &json!({"active": true})).await), ["body"]);
}

#[tokio::test]
async fn the_built_in_flow_is_everybodys_and_nobody_changes_it() {
    let (_server, _, guest) = house().await;
    let path = format!("/api/v1/businesses/{BUILTIN}");
    let shown = guest.get(&path).await.json();
    assert_eq!((&shown["builtin"], &shown["name"]), (&json!(true), &json!("Exemplar")));
    let stages = guest.get(&format!("{path}/stages")).await.json();
    let names: Vec<_> = stages.as_array().unwrap().iter().map(|stage| stage["name"].as_str().unwrap()).collect();
    assert!(["cost-optimization", "clarify", "hand-over"].iter().all(|name| names.contains(name)), "{names:?}");
    let templates = guest.get(&format!("{path}/templates")).await.json();
    for template in templates.as_array().unwrap() {
        let preview = format!("{path}/templates/{}/preview", template["id"].as_str().unwrap());
        assert_eq!(guest.post(&preview, &json!({})).await.status, StatusCode::OK, "{template}");
    }
    for (method, path, body) in [
        (Method::PUT, path.clone(), json!({"name": "Mine"})),
        (Method::DELETE, path.clone(), Value::Null),
        (Method::POST, format!("{path}/stages"), json!({"name": "x"})),
        (Method::DELETE, format!("{path}/stages/{}", stages[0]["id"].as_str().unwrap()), Value::Null),
    ] {
        assert_eq!(guest.send(method, &path, &body).await.problem(), "forbidden", "{path}");
    }
    let copy = guest.make("/api/v1/businesses", &json!({"name": "Copy", "from": "builtin", "active": true})).await;
    assert_eq!((&copy["stages"], &copy["active"]), (&shown["stages"], &json!(true)));
    assert!(codes(&copy).is_empty());
}

#[tokio::test]
async fn a_conversation_may_name_the_business_it_follows() {
    let (server, _, guest) = house().await;
    let copy = guest.make("/api/v1/businesses", &json!({"name": "Copy", "from": "builtin"})).await;
    let with = |business: &Value| json!({"content": MESSAGE, "business_id": business});
    let refusal = guest.post("/api/v1/messages", &with(&json!(Uuid::from_u128(5)))).await;
    assert_eq!(refusal.problem(), "not_found");
    assert_eq!(refusal.json()["fields"][0]["name"], "business_id");
    assert_eq!(guest.post("/api/v1/messages", &with(&copy["id"])).await.problem(), "conflict", "it is not active");
    let path = format!("/api/v1/businesses/{}", copy["id"].as_str().unwrap());
    assert_eq!(guest.send(Method::PATCH, &path, &json!({"active": true})).await.status, StatusCode::OK);
    assert_eq!(guest.ask(&with(&copy["id"])).await["status"], "completed");
    assert_eq!(guest.ask(&with(&json!(BUILTIN))).await["status"], "completed");
    let other = server.guest().await;
    assert_eq!(other.post("/api/v1/messages", &with(&copy["id"])).await.problem(), "not_found");
}

#[tokio::test]
async fn every_change_is_in_the_audit_log() {
    let (_server, operator, guest) = house().await;
    let [business, stage, way, template] = built(&guest).await;
    let id = business.rsplit('/').next().unwrap();
    guest.send(Method::PATCH, &template, &json!({"body": "Hi"})).await;
    guest.send(Method::DELETE, &way, &Value::Null).await;
    let refused = guest.send(Method::PATCH, &stage, &json!({"name": ""})).await;
    assert_eq!(refused.problem(), "invalid");
    let log = guest.get(&format!("{business}/audit")).await.json();
    let actions: Vec<_> =
        log["entries"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "transition.deleted",
            "template.updated",
            "transition.created",
            "stage.created",
            "stage.created",
            "template.created",
            "business.created"
        ],
        "what was refused did not happen"
    );
    let user = guest.get("/api/v1/sessions/current").await.json()["user_id"].clone();
    assert!(log["entries"].as_array().unwrap().iter().all(|line| line["actor"] == user && line["business_id"] == id));
    assert_eq!(log["entries"][1]["detail"]["version"], 2, "{log}");

    let path = format!("/audit?business={id}&actor={}&action=stage.&limit=1", user.as_str().unwrap());
    let page = operator.get(&path).await.json();
    assert_eq!(page["entries"].as_array().unwrap().len(), 1);
    let next = operator.get(&format!("{path}&after={}", page["next"])).await.json();
    assert_eq!((next["entries"].as_array().unwrap().len(), &next["next"]), (1, &Value::Null));
    assert!(next["entries"][0]["id"].as_u64() < page["entries"][0]["id"].as_u64());
    let none = operator.get("/audit?since=2100-01-01T00:00:00Z").await.json();
    assert_eq!(none["entries"], json!([]));
    assert_eq!(operator.get("/audit?since=tomorrow&limit=1000").await.problem(), "invalid");
    assert_eq!(guest.get("/audit").await.problem(), "forbidden");
    assert_eq!(guest.send(Method::DELETE, &business, &Value::Null).await.status, StatusCode::NO_CONTENT);
    let left = operator.get(&format!("/audit?business={id}&action=business.deleted")).await.json();
    assert_eq!(left["entries"].as_array().unwrap().len(), 1, "the log outlives what it is about");
}

#[tokio::test]
async fn what_users_do_to_their_conversations_is_in_the_audit_log() {
    let (_server, operator, guest) = house().await;
    let talk = json!(Uuid::from_u128(77));
    let send =
        async || guest.post("/api/v1/messages", &json!({"content": MESSAGE, "conversation_id": talk})).await.json();
    guest.ask(&json!({"content": MESSAGE, "conversation_id": talk})).await;
    let steer = async |action: &str| {
        let path = format!("/api/v1/conversations/{}/ai", talk.as_str().unwrap());
        assert_eq!(guest.post(&path, &json!({"action": action})).await.status, StatusCode::OK);
    };
    steer("stop").await;
    steer("stop").await;
    let waiting = send().await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/messages/{waiting}");
    guest.post(&format!("{path}/cancel"), &json!({})).await;
    steer("resume").await;
    let key = support::new_id().to_string();
    for _ in 0..2 {
        let again = guest.post_with(&format!("{path}/retry?wait=15"), &[("idempotency-key", &key)], &json!({})).await;
        assert_eq!(again.status, StatusCode::OK, "{again:?}");
    }
    let user = guest.get("/api/v1/sessions/current").await.json()["user_id"].clone();
    let log = operator.get(&format!("/audit?actor={}", user.as_str().unwrap())).await.json();
    let lines = log["entries"].as_array().unwrap();
    let told: Vec<_> = lines.iter().map(|line| (line["action"].as_str().unwrap(), line["subject"].clone())).collect();
    assert_eq!(
        told,
        [
            ("message.retried", json!(waiting)),
            ("conversation.resumed", talk.clone()),
            ("message.cancelled", json!(waiting)),
            ("conversation.stopped", talk.clone()),
            // The first message went to the stage of what it asked for.
            ("transition.taken", talk.clone()),
        ]
    );
    assert_eq!(lines[0]["detail"]["as"], key);
}

#[tokio::test]
async fn what_is_of_another_business_cannot_be_used() {
    let (server, _, alice) = house().await;
    let bob = server.guest().await;
    let hers = built(&alice).await;
    let his = built(&bob).await;
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let stolen = json!({"name": "x", "response_template_id": id(&hers[3])});
    assert_eq!(refused(&bob.post(&format!("{}/stages", his[0]), &stolen).await), ["response_template_id"]);
    let into = json!({"from_stage_id": id(&his[1]), "to_stage_id": id(&hers[1])});
    assert_eq!(refused(&bob.post(&format!("{}/transitions", his[0]), &into).await), ["to_stage_id"]);
}

#[tokio::test]
async fn changes_at_the_same_time_lose_nothing() {
    let (_server, _, guest) = house().await;
    let [business, ..] = built(&guest).await;
    let stages = format!("{business}/stages");
    let both = futures::future::join_all((0..4).map(|n| {
        let (guest, stages) = (guest.clone(), stages.clone());
        async move { guest.post(&stages, &json!({"name": format!("stage {n}"), "end": true})).await.status }
    }))
    .await;
    let made = both.iter().filter(|status| **status == StatusCode::CREATED).count();
    assert!(made >= 1 && both.iter().all(|s| [StatusCode::CREATED, StatusCode::CONFLICT].contains(s)), "{both:?}");
    assert_eq!(guest.get(&stages).await.json().as_array().unwrap().len(), 2 + made);
}

/// What was tried on a business.
async fn tried(client: &Client, business: &str, body: &Value) -> Value {
    let answer = client.post(&format!("{business}/try"), body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_message_is_tried_without_a_trace() {
    let (_server, operator, guest) = house().await;
    let [business, ask, way, template] = built(&guest).await;
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let before = (
        guest.get("/api/v1/conversations").await.json(),
        guest.get(&format!("{business}/audit")).await.json(),
        counted(&operator).await,
    );
    // Nothing is missing in the message, so the way to `done` is taken, which has no template.
    let trial = tried(&guest, &business, &json!({"content": MESSAGE})).await;
    assert_eq!((&trial["stage_before"]["id"], &trial["stage_after"]["name"]), (&json!(id(&ask)), &json!("done")));
    assert_eq!((&trial["chosen_by"], &trial["templates"]), (&json!("condition"), &json!([])));
    let looked_at = &trial["transitions"][0];
    assert_eq!((&looked_at["id"], &looked_at["held"]), (&json!(id(&way)), &json!("yes")));
    assert_eq!(looked_at["condition"], "message.questions == 0");
    let facts: Vec<_> = trial["extracted"].as_array().unwrap().iter().map(|fact| &fact["field"]).collect();
    assert!(facts.contains(&&json!("model")) && facts.contains(&&json!("monthly_spend_usd")), "{facts:?}");
    assert!(trial["result"]["headline"].as_str().unwrap().len() > 10 && trial["answer"].is_null(), "{trial}");
    let steps: Vec<_> =
        trial["timings"].as_array().unwrap().iter().map(|step| step["stage"].as_str().unwrap()).collect();
    assert_eq!(steps, ["context", "select", "extract", "agents", "respond"]);
    assert!(trial["timings"].as_array().unwrap().iter().all(|step| step["ms"].as_f64().unwrap() >= 0.0));

    // A message that leaves its category open stays, and its template words the answer.
    guest.send(Method::PATCH, &way, &json!({"condition": "message.text.contains('finished')"})).await;
    let trial = tried(&guest, &business, &json!({"content": MESSAGE, "stage": "ASK"})).await;
    assert_eq!((&trial["stage_after"]["name"], &trial["transitions"][0]["held"]), (&json!("ask"), &json!("no")));
    assert_eq!((&trial["chosen_by"], &trial["answer"]), (&Value::Null, &json!("Hello guest")));
    let filled = &trial["templates"][0];
    assert_eq!(
        (&filled["id"], &filled["version"], &filled["kind"]),
        (&json!(id(&template)), &json!(1), &json!("response"))
    );
    assert_eq!(filled["text"], "Hello guest");

    // What was said before is built upon, and the conversation is as old as is said.
    guest
        .send(Method::PATCH, &way, &json!({"condition": "conversation.messages == 3 && conversation.in_stage == 2"}))
        .await;
    let later = json!({"content": "And with half the output tokens?", "messages": 3, "in_stage": 2, "about": "scaling",
        "facts": {"model": "gpt-4o", "requests_per_day": 1000, "input_tokens": 800, "output_tokens": 300}});
    let trial = tried(&guest, &business, &later).await;
    assert_eq!(trial["stage_after"]["name"], "done", "{}", trial["transitions"]);
    let fact = |name: &str| {
        let all = trial["extracted"].as_array().unwrap();
        all.iter().find(|fact| fact["field"] == name).map(|fact| fact["value"].clone())
    };
    assert_eq!(trial["category"], "scaling");
    assert_eq!((fact("output_tokens"), fact("input_tokens")), (Some(json!(150.0)), Some(json!(800.0))));

    let after = (
        guest.get("/api/v1/conversations").await.json(),
        guest.get(&format!("{business}/audit?action=transition.taken")).await.json(),
        counted(&operator).await,
    );
    assert_eq!((after.0, after.2), (before.0, before.2), "no conversation, nothing counted");
    assert_eq!(after.1["entries"], json!([]), "{:?}", before.1);
}

/// What operators see of messages.
async fn counted(operator: &Client) -> Vec<String> {
    let answer = operator.get("/metrics").await;
    let text = String::from_utf8(answer.bytes.to_vec()).unwrap();
    let names = ["exemplar_messages_total", "exemplar_fallbacks_total", "exemplar_escalations", "exemplar_message_dur"];
    text.lines().filter(|line| names.iter().any(|name| line.starts_with(name))).map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn the_built_in_flow_is_tried_by_everybody_and_hands_over_to_nobody() {
    let (_server, operator, guest) = house().await;
    let builtin = format!("/api/v1/businesses/{BUILTIN}");
    let before = counted(&operator).await;
    let trial = tried(&guest, &builtin, &json!({"content": "Please let me talk to a human about this."})).await;
    assert_eq!(trial["stage_after"]["name"], "hand-over");
    let held: Vec<_> =
        trial["transitions"].as_array().unwrap().iter().map(|way| way["held"].as_str().unwrap()).collect();
    assert_eq!((held[0], held.iter().filter(|held| **held == "unseen").count()), ("yes", held.len() - 1), "{held:?}");
    assert!(!trial["answer"].as_str().unwrap().is_empty(), "a person is announced");
    assert_eq!(counted(&operator).await, before, "nobody was called");
    // The same as when it is sent.
    let sent = guest.ask(&json!({"content": MESSAGE})).await;
    let trial = tried(&guest, &builtin, &json!({"content": MESSAGE})).await;
    assert_eq!(trial["result"], sent["result"]);
}

#[tokio::test]
async fn what_cannot_be_tried_is_refused_and_what_fails_is_told() {
    let (server, _, guest) = house().await;
    let empty = guest.make("/api/v1/businesses", &json!({"name": "Empty"})).await;
    let empty = format!("/api/v1/businesses/{}/try", empty["id"].as_str().unwrap());
    assert_eq!(guest.post(&empty, &json!({"content": MESSAGE})).await.problem(), "conflict", "it has no stage");
    let [business, ..] = built(&guest).await;
    let path = format!("{business}/try");
    assert_eq!(server.guest().await.post(&path, &json!({"content": MESSAGE})).await.problem(), "not_found");
    assert_eq!(server.stranger().post(&path, &json!({"content": MESSAGE})).await.problem(), "unauthenticated");
    for (body, field) in [
        (json!({}), "content"),
        (json!({"content": MESSAGE, "stage": "nowhere"}), "stage"),
        (json!({"content": MESSAGE, "facts": {"input_tokens": -1}}), "facts.input_tokens"),
        (json!({"content": MESSAGE, "about": "poetry"}), "about"),
        (json!({"content": MESSAGE, "messages": 0}), "messages"),
        (json!({"content": MESSAGE, "messages": 2, "in_stage": 3}), "in_stage"),
        (json!({"content": MESSAGE, "conversation_id": Uuid::nil()}), "conversation_id"),
    ] {
        assert_eq!(refused(&guest.post(&path, &body).await), [field], "{body}");
    }
    assert_eq!(guest.post(&path, &json!({"content": "short"})).await.problem(), "too_short");
    // What the message itself cannot be answered for is told with the steps that led there.
    let unknown = json!({"content": "What would 1,000 requests a day cost, 800 input and 300 output tokens?",
        "facts": {"model": "no-such-model-9"}});
    let trial = tried(&guest, &business, &unknown).await;
    assert_eq!((&trial["problem"]["code"], &trial["result"]), (&json!("unknown_model"), &Value::Null), "{trial}");
    assert_eq!(trial["stage_before"]["name"], "ask");
}
