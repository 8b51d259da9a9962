//! Who sees what: the members of a business share it, and nobody else sees or changes anything of theirs, by no call
//! that the interface has. The calls are taken from its own description, so that a new one cannot be forgotten.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use hyper::body::Bytes;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use server::store::Account;
use shared::limits::{BUSINESSES_MAX, MEMBERS_MAX};
use support::{Answer, Channel, Client, MESSAGE, Server, new_id};
use uuid::Uuid;

const OPERATOR: &str = "the operator's own token";
/// In every text of Alice's.
const MARK: &str = "alices-own-words";
/// In every name of Bob's.
const BOBS: &str = "of-bob";
const PASSWORD: &str = "correct horse battery";

fn text_of<'a>(json: &'a Value, field: &str) -> &'a str {
    json[field].as_str().unwrap_or_else(|| panic!("no {field} in {json}"))
}

/// A user with an account.
async fn registered(server: &Server, email: &str) -> Client {
    let answer = server.guest().await.post("/api/v1/accounts", &json!({"email": email, "password": PASSWORD})).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    Client { address: server.address, token: Some(text_of(&answer.json(), "token").to_owned()) }
}

async fn user_of(client: &Client) -> String {
    text_of(&client.get("/api/v1/sessions/current").await.json(), "user_id").to_owned()
}

async fn send(client: &Client, method: Method, path: &str, body: &Value) -> Answer {
    let bytes = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    client.request(method, path, &[("content-type", "application/json")], bytes).await
}

async fn make(client: &Client, path: &str, body: &Value) -> Value {
    let answer = client.post(path, body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{path}: {answer:?}");
    answer.json()
}

/// A user and the ids of everything that they have, by the name of the parameter that takes them.
struct Person {
    client: Client,
    ids: BTreeMap<&'static str, String>,
    email: String,
}

impl Person {
    /// With a business in use, a conversation that was answered, and one that is stopped with a message waiting.
    async fn new(server: &Server, email: &str, mark: &str) -> Self {
        let client = registered(server, email).await;
        let mut ids = BTreeMap::from([("user_id", user_of(&client).await)]);
        let business = json!({"name": format!("{mark} business"), "description": mark});
        let business = make(&client, "/api/v1/businesses", &business).await;
        let path = format!("/api/v1/businesses/{}", text_of(&business, "id"));
        let template = json!({"name": format!("{mark} greeting"), "kind": "response", "body": format!("{mark} Hello")});
        let template = make(&client, &format!("{path}/templates"), &template).await;
        let stage = json!({"name": format!("{mark} ask"), "end": true, "response_template_id": template["id"]});
        let stage = make(&client, &format!("{path}/stages"), &stage).await;
        let done = json!({"name": format!("{mark} done"), "end": true});
        let done = make(&client, &format!("{path}/stages"), &done).await;
        let way = json!({"from_stage_id": stage["id"], "to_stage_id": done["id"], "description": mark,
            "condition": "message.text.contains('done')"});
        let way = make(&client, &format!("{path}/transitions"), &way).await;
        let active = send(&client, Method::PATCH, &path, &json!({"active": true})).await;
        assert_eq!(active.status, StatusCode::OK, "{active:?}");
        let content = format!("{mark}: {MESSAGE}");
        let answered = client.ask(&json!({"content": content})).await;
        assert_eq!(answered["status"], "completed", "{answered}");
        assert!(text_of(&answered["result"]["wording"], "text").contains(mark), "{answered}");
        let stopped = client.ask(&json!({"content": content})).await;
        let steer = format!("/api/v1/conversations/{}/ai", text_of(&stopped, "conversation_id"));
        assert_eq!(client.post(&steer, &json!({"action": "stop"})).await.status, StatusCode::OK);
        let waiting = json!({"content": content, "conversation_id": stopped["conversation_id"]});
        let waiting = client.post("/api/v1/messages", &waiting).await.json();
        let log = format!("timestamp,model,input_tokens,output_tokens\n2026-11-01T00:00:00Z,{mark},10,5\n");
        let log = client.request(Method::POST, "/api/v1/usage", &[("content-type", "text/csv")], log.into()).await;
        assert_eq!(log.status, StatusCode::OK, "{log:?}");
        for (name, json, field) in [
            ("business", &business, "id"),
            ("template_id", &template, "id"),
            ("stage_id", &stage, "id"),
            ("other_stage_id", &done, "id"),
            ("transition_id", &way, "id"),
            ("message", &answered, "id"),
            ("conversation", &answered, "conversation_id"),
            ("waiting", &waiting, "id"),
            ("stopped", &waiting, "conversation_id"),
            ("usage_id", &log.json(), "usage_id"),
        ] {
            ids.insert(name, text_of(json, field).to_owned());
        }
        Self { client, ids, email: email.to_owned() }
    }

    fn id(&self, name: &str) -> &str {
        self.ids.get(name).unwrap_or_else(|| panic!("the test has no {name}"))
    }

    /// What nobody else must be told.
    fn secrets(&self, mark: &str) -> BTreeSet<String> {
        let own = [mark.to_owned(), self.email.clone(), self.client.token.clone().unwrap()];
        self.ids.values().cloned().chain(own).collect()
    }

    /// The ids that fill in a parameter of a path: every one that names something of this kind.
    fn fill(&self, path: &str, parameter: &str) -> Vec<String> {
        let below = |prefix: &str| path.starts_with(prefix);
        let names: &[&str] = match parameter {
            "id" if below("/api/v1/messages/") => &["message", "waiting"],
            "id" if below("/api/v1/conversations/") => &["conversation", "stopped"],
            "id" if below("/api/v1/businesses/") => &["business"],
            "stage_id" => &["stage_id"],
            "transition_id" => &["transition_id"],
            "template_id" => &["template_id"],
            "user_id" => &["user_id"],
            // Of the service, nobody's own; the operator's all the same.
            "name" if below("/circuit-breakers/") => return vec!["agent-advanced".into()],
            _ => panic!("the test has no ids for {{{parameter}}} of {path}: give it what Alice has there"),
        };
        names.iter().map(|name| self.id(name).to_owned()).collect()
    }
}

/// A call of the interface.
#[derive(Clone, Debug)]
struct Call {
    operation: String,
    method: Method,
    path: String,
    has_body: bool,
    /// Whether its path names something of Alice's.
    named: bool,
}

/// The parts of a path between braces.
fn parameters(path: &str) -> Vec<&str> {
    path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
}

/// The paths of a template with the ids of `person`; below businesses also with the business of `other`, who has one.
fn paths(template: &str, person: &Person, other: Option<&Person>) -> Vec<String> {
    let mut all = vec![template.to_owned()];
    for name in parameters(template) {
        let mut values = person.fill(template, name);
        if name == "id" && parameters(template).len() > 1 {
            values.extend(other.map(|other| other.id("business").to_owned()));
        }
        let filled = all.iter().flat_map(|path| values.iter().map(|value| path.replace(&format!("{{{name}}}"), value)));
        all = filled.collect();
    }
    all
}

/// Every call of the description, with the ids of `person`.
fn calls(document: &Value, person: &Person, other: Option<&Person>) -> Vec<Call> {
    let mut all = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for path in paths(template, person, other) {
                all.push(Call {
                    operation: text_of(operation, "operationId").to_owned(),
                    method: method.to_uppercase().parse().unwrap(),
                    path,
                    has_body: operation.get("requestBody").is_some(),
                    named: !parameters(template).is_empty(),
                });
            }
        }
    }
    all
}

/// What is sent with a call: what its owner could send, with ids of `person` wherever a body takes one.
fn bodies(call: &Call, person: &Person) -> Vec<Value> {
    let id = |name: &str| Value::from(person.id(name));
    let content = format!("Bob asks: {MESSAGE}");
    match call.operation.as_str() {
        _ if !call.has_body => vec![Value::Null],
        "sendMessage" => vec![
            json!({"content": content, "conversation_id": id("conversation")}),
            json!({"content": content, "conversation_id": id("stopped")}),
            json!({"content": content, "business_id": id("business")}),
            json!({"content": content, "usage_id": id("usage_id")}),
            json!({"content": content, "id": id("message")}),
            json!({"content": content, "id": id("waiting"), "conversation_id": id("stopped")}),
        ],
        "extract" => vec![json!({"content": content})],
        "analyze" => vec![json!({"category": "cost-optimization", "usage_id": id("usage_id")})],
        "register" | "signIn" => vec![json!({"email": person.email, "password": "not her password"})],
        "steerConversation" => vec![json!({"action": "stop"}), json!({"action": "resume"})],
        "createBusiness" => vec![json!({"name": "x", "from": id("business")})],
        "replaceBusiness" | "changeBusiness" => vec![json!({"name": "Taken"}), json!({"active": false})],
        "createStage" => vec![json!({"name": "x", "response_template_id": id("template_id")})],
        "replaceStage" | "changeStage" => vec![json!({"name": "Taken"})],
        "createTransition" => vec![json!({"from_stage_id": id("stage_id"), "to_stage_id": id("stage_id")})],
        "replaceTransition" | "changeTransition" => vec![json!({"priority": 1})],
        "createTemplate" => vec![json!({"name": "theirs", "kind": "response", "body": "x"})],
        "replaceTemplate" | "changeTemplate" => vec![json!({"body": "Taken"})],
        "previewTemplate" => vec![json!({})],
        "tryFlow" => vec![json!({"content": content}), json!({"content": content, "stage": id("stage_id")})],
        "addMember" => vec![json!({"email": "bob@example.com"})],
        // Bodies that are no JSON; see `ask`.
        "uploadUsage" | "askByForm" => vec![json!({"id": id("waiting"), "conversation_id": id("stopped")})],
        other => panic!("the test has no body for {other}: give it one that names what Alice has"),
    }
}

/// Makes a call as `client`.
async fn ask(client: &Client, call: &Call, body: &Value) -> Answer {
    let (method, path) = (call.method.clone(), call.path.as_str());
    match call.operation.as_str() {
        "uploadUsage" => {
            let log = "timestamp,model,input_tokens,output_tokens\n2026-11-01T00:00:00Z,gpt-4o,10,5\n";
            client.request(method, path, &[("content-type", "text/csv")], log.into()).await
        }
        "askByForm" => {
            let origin = format!("http://{}", client.address);
            let cookie = format!("exemplar_session={}", client.token.as_deref().unwrap_or_default());
            let form = format!(
                "content=Bob+asks+what+gpt-4o+costs&id={}&conversation_id={}",
                text_of(body, "id"),
                text_of(body, "conversation_id")
            );
            let headers = [
                ("content-type", "application/x-www-form-urlencoded"),
                ("origin", origin.as_str()),
                ("cookie", cookie.as_str()),
            ];
            client.request(method, path, &headers, form.into()).await
        }
        // A session that ends takes its client with it.
        "endSession" => {
            let answer = client.post("/api/v1/sessions", &json!({})).await;
            let token = Some(text_of(&answer.json(), "token").to_owned());
            send(&Client { token, ..client.clone() }, method, path, body).await
        }
        _ => send(client, method, path, body).await,
    }
}

/// Everything that an answer says but what was asked with.
#[track_caller]
fn told_nothing(answer: &Answer, asked: &str, secrets: &BTreeSet<String>, what: &str) {
    let mut said = String::from_utf8_lossy(&answer.bytes).into_owned();
    for (name, value) in &answer.headers {
        let _ = write!(said, "\n{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    for secret in secrets.iter().filter(|secret| !asked.contains(secret.as_str())) {
        assert!(!said.contains(secret.as_str()), "{what} tells {secret}: {said}");
    }
}

/// All that its owner can read, over every call that only reads.
async fn view(person: &Person, document: &Value) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let lists = ["listConversations", "listBusinesses"];
    for call in calls(document, person, None) {
        let of_theirs = call.path.starts_with("/api/v1/") && (call.named || lists.contains(&call.operation.as_str()));
        if call.method == Method::GET && of_theirs {
            let answer = ask(&person.client, &call, &Value::Null).await;
            // A refusal has an id of its own each time.
            let said = if answer.status.is_success() { String::from_utf8_lossy(&answer.bytes) } else { "".into() };
            all.insert(call.path, format!("{} {said}", answer.status));
        }
    }
    assert!(all.len() > 15, "{:?}", all.keys());
    all
}

/// Nothing differs between two views.
#[track_caller]
fn same(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) {
    let paths: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let changed: Vec<_> = paths.into_iter().filter(|path| before.get(*path) != after.get(*path)).collect();
    assert!(changed.is_empty(), "changed: {changed:?}");
}

async fn two() -> (Server, Person, Person, Value) {
    let server = Server::with(&[("EXEMPLAR_ADMIN_TOKEN", OPERATOR)]).await;
    let alice = Person::new(&server, "alice@example.com", MARK).await;
    let bob = Person::new(&server, "bob@example.com", BOBS).await;
    let document = alice.client.get("/api/openapi.json").await.json();
    (server, alice, bob, document)
}

#[tokio::test]
async fn by_no_call_does_anybody_see_or_change_what_is_anothers() {
    let (server, alice, bob, document) = two().await;
    let secrets = alice.secrets(MARK);
    let before = view(&alice, &document).await;
    // With a part of hers in a business of his.
    let path = format!("/api/v1/businesses/{}/try", bob.id("business"));
    let stage = json!({"content": MESSAGE, "stage": alice.id("stage_id")});
    assert_eq!(bob.client.post(&path, &stage).await.json()["fields"][0]["name"], "stage");
    // What is asked with parameters of the query.
    for path in ["/api/v1/conversations?user_id={}", "/audit?actor={}", "/api/v1/businesses?user_id={}"] {
        let path = path.replace("{}", alice.id("user_id"));
        told_nothing(&bob.client.get(&path).await, &path, &secrets, &path);
    }
    let log = format!("/api/v1/businesses/{}/audit?actor={}", bob.id("business"), alice.id("user_id"));
    assert_eq!(bob.client.get(&log).await.json()["entries"], json!([]));
    let stream = format!("/api/v1/conversations/{}/events", alice.id("conversation"));
    let answer = bob.client.request(Method::GET, &stream, &[("accept", "text/event-stream")], Bytes::new()).await;
    assert_eq!(answer.problem(), "not_found");
    let mut tried = 0;
    let mut all = calls(&document, &alice, Some(&bob));
    // Those that name something of hers first, and those that read before those that write: a message that he sends under
    // an id of hers is his own from then on.
    all.sort_by_key(|call| (!call.named, call.method != Method::GET));
    for call in all {
        for body in bodies(&call, &alice) {
            for (who, client) in [("Bob", bob.client.clone()), ("a stranger", server.stranger())] {
                let answer = ask(&client, &call, &body).await;
                let what = format!("{who}: {} {} {body}", call.method, call.path);
                assert!(answer.status.as_u16() < 500, "{what}: {answer:?}");
                if call.named {
                    let refused = [401, 403, 404, 405].contains(&answer.status.as_u16());
                    assert!(refused, "{what}: {answer:?}");
                }
                told_nothing(&answer, &format!("{} {body}", call.path), &secrets, &what);
                tried += 1;
            }
        }
    }
    assert!(tried > 150, "{tried}");
    same(&before, &view(&alice, &document).await);
    // And it was all there to be found: with her own token, most of it is.
    let found = before.values().filter(|answer| answer.starts_with("200") && answer.contains(MARK)).count();
    assert!(found >= 10, "{found}");
}

#[tokio::test]
async fn no_method_works_that_is_not_described() {
    let (_server, alice, bob, document) = two().await;
    for (template, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            if item.get(method).is_some() {
                continue;
            }
            for path in paths(template, &alice, None) {
                let method: Method = method.to_uppercase().parse().unwrap();
                let answer = send(&bob.client, method.clone(), &path, &json!({})).await;
                let mut none = [StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_FOUND].contains(&answer.status);
                // Taken with any method, because HTTP/2 opens a WebSocket with another; without one nothing happens.
                none |= template == "/ws" && answer.status == StatusCode::BAD_REQUEST;
                assert!(none, "{method} {path} is not described and answers {}", answer.status);
            }
        }
    }
}

#[tokio::test]
async fn no_page_shows_what_is_anothers() {
    let (_server, alice, bob, _) = two().await;
    let secrets = alice.secrets(MARK);
    let cookie = format!("exemplar_session={}", bob.client.token.as_deref().unwrap());
    let page = async |path: &str, cookie: &str| {
        let headers = [("accept", "text/html"), ("cookie", cookie)];
        let nobody = Client { token: None, ..bob.client.clone() };
        nobody.request(Method::GET, path, &headers, Bytes::new()).await
    };
    let business = format!("/flows/{}", alice.id("business"));
    for path in [
        format!("/m/{}", alice.id("message")),
        format!("/c/{}", alice.id("conversation")),
        business.clone(),
        format!("{business}/audit"),
        format!("{business}/templates/{}", alice.id("template_id")),
        format!("/flows/{}/templates/{}", bob.id("business"), alice.id("template_id")),
    ] {
        let answer = page(&path, &cookie).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        told_nothing(&answer, &path, &secrets, &path);
        let hers = format!("exemplar_session={}", alice.client.token.as_deref().unwrap());
        if !path.contains(bob.id("business")) {
            let answer = page(&path, &hers).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
        }
    }
    for path in ["/", "/history", "/flows"] {
        let answer = page(path, &cookie).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        told_nothing(&answer, path, &secrets, path);
    }
}

/// All frames until the answer to a message of one's own: what was to be heard before it was.
async fn all_heard(channel: &mut Channel) -> String {
    let id = channel.send(Uuid::from_u128(99), MESSAGE).await;
    loop {
        let event = channel.event("completed").await;
        if event["id"] == json!(id) {
            break;
        }
    }
    json!(channel.heard).to_string()
}

#[tokio::test]
async fn over_the_channel_nobody_hears_or_stops_what_is_anothers() {
    let (_server, alice, bob, document) = two().await;
    let before = view(&alice, &document).await;
    let (_hers, welcome) =
        alice.client.channel(&json!([{"conversation": alice.id("conversation"), "offset": 0}])).await;
    let epoch = welcome["resumed"][0]["epoch"].clone();
    let names = ["conversation", "stopped"];
    let resume: Vec<_> =
        names.iter().map(|name| json!({"conversation": alice.id(name), "epoch": epoch, "offset": 0})).collect();
    let (mut his, welcome) = bob.client.channel(&json!(resume)).await;
    for resumed in welcome["resumed"].as_array().unwrap() {
        assert_eq!(resumed["head"].as_u64().unwrap_or_default(), 0, "{welcome}");
    }
    for name in ["message", "waiting"] {
        his.say(&json!({"type": "cancel", "id": alice.id(name)})).await;
        assert_eq!(his.hear("error").await["code"], "not_found");
    }
    his.say(&json!({"type": "ack", "conversation": alice.id("conversation"), "offset": 1})).await;
    // What she does meanwhile is not told him either.
    let fresh = alice.client.ask(&json!({"content": format!("{MARK}: {MESSAGE}")})).await;
    let heard = all_heard(&mut his).await;
    let mut secrets = alice.secrets(MARK);
    secrets.extend(["id", "conversation_id"].map(|field| text_of(&fresh, field).to_owned()));
    // He named these himself.
    for name in ["conversation", "stopped", "message", "waiting"] {
        secrets.remove(alice.id(name));
    }
    for secret in &secrets {
        assert!(!heard.contains(secret.as_str()), "{secret} in {heard}");
    }
    // A conversation of her id is another one, of his own.
    let id = his.send(alice.id("conversation").parse().unwrap(), MESSAGE).await;
    let accepted = his.hear("accepted").await;
    assert_eq!((&accepted["id"], &accepted["sequence"]), (&json!(id), &json!(1)));
    let mut after = view(&alice, &document).await;
    let list = "/api/v1/conversations".to_owned();
    assert!(after.insert(list.clone(), before[&list].clone()).unwrap().contains(text_of(&fresh, "conversation_id")));
    same(&before, &after);
}

#[tokio::test]
async fn members_share_a_business_and_nothing_else() {
    let server = Server::new().await;
    let alice = Person::new(&server, "alice@example.com", MARK).await;
    let carol = registered(&server, "carol@example.com").await;
    let carols = user_of(&carol).await;
    let business = format!("/api/v1/businesses/{}", alice.id("business"));
    let members = format!("{business}/members");
    let add = async |client: &Client, email: &str| client.post(&members, &json!({"email": email})).await;
    assert_eq!(add(&carol, "carol@example.com").await.problem(), "not_found", "nobody adds themselves");
    assert_eq!(carol.get(&members).await.problem(), "not_found");

    let added = add(&alice.client, " Carol@Example.com ").await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    assert!(added.header("location").ends_with(&carols), "{added:?}");
    let member = json!({"user_id": carols, "email": "carol@example.com", "role": "member", "you": false});
    assert_eq!(added.json(), member);
    assert_eq!(add(&alice.client, "carol@example.com").await.problem(), "conflict", "she is one already");
    let listed = carol.get(&members).await.json();
    let told: Vec<_> =
        listed.as_array().unwrap().iter().map(|m| (text_of(m, "email"), &m["role"], &m["you"])).collect();
    let expected =
        [("alice@example.com", &json!("owner"), &json!(false)), ("carol@example.com", &json!("member"), &json!(true))];
    assert_eq!(told, expected);

    // She sees and changes the flow, and her conversations may follow it.
    assert_eq!(carol.get(&format!("{business}/flow")).await.json()["members"], listed);
    let stage = json!({"name": "carol was here", "end": true});
    make(&carol, &format!("{business}/stages"), &stage).await;
    assert_ne!(carol.ask(&json!({"content": MESSAGE})).await["result"]["wording"]["by"], "template \"x\"");
    let answered = carol.ask(&json!({"content": MESSAGE, "business_id": alice.id("business")})).await;
    assert!(text_of(&answered["result"]["wording"], "text").contains(MARK), "{answered}");
    // But not what Alice asked, and Alice not what she asked.
    let hers = format!("/api/v1/messages/{}", alice.id("message"));
    assert_eq!(carol.get(&hers).await.problem(), "not_found");
    let carols_message = format!("/api/v1/messages/{}", text_of(&answered, "id"));
    assert_eq!(alice.client.get(&carols_message).await.problem(), "not_found");

    // What one stops is stopped for both.
    let followed = async |client: &Client| {
        let list = client.get("/api/v1/businesses").await.json();
        list.as_array().unwrap().iter().any(|b| b["id"] == alice.id("business") && b["followed"] == true)
    };
    assert!(followed(&alice.client).await && !followed(&carol).await, "who is added follows nothing by it");
    assert_eq!(send(&carol, Method::PATCH, &business, &json!({"active": true})).await.status, StatusCode::OK);
    assert!(followed(&alice.client).await && followed(&carol).await);
    assert_eq!(send(&alice.client, Method::PATCH, &business, &json!({"active": false})).await.status, StatusCode::OK);
    assert!(!followed(&alice.client).await && !followed(&carol).await);
    let answered = carol.ask(&json!({"content": MESSAGE})).await;
    assert!(!answered["result"].to_string().contains(MARK), "the built-in flow answers now: {answered}");

    let gone = async |client: &Client, user: &str| {
        send(client, Method::DELETE, &format!("{members}/{user}"), &Value::Null).await
    };
    assert_eq!(send(&carol, Method::DELETE, &business, &Value::Null).await.problem(), "forbidden");
    assert_eq!(gone(&carol, alice.id("user_id")).await.problem(), "conflict", "the owner stays");
    assert_eq!(gone(&alice.client, "no-id").await.problem(), "not_found");
    assert_eq!(gone(&alice.client, &new_id().to_string()).await.problem(), "not_found");
    assert_eq!(gone(&carol, &carols).await.status, StatusCode::NO_CONTENT, "she leaves");
    assert_eq!(carol.get(&business).await.problem(), "not_found");
    let log = alice.client.get(&format!("{business}/audit?action=member.")).await.json();
    let lines: Vec<_> = log["entries"].as_array().unwrap().iter().collect();
    let told: Vec<_> =
        lines.iter().map(|l| (text_of(l, "action"), text_of(l, "actor"), text_of(l, "subject"))).collect();
    let carols = carols.as_str();
    assert_eq!(told, [("member.removed", carols, carols), ("member.added", alice.id("user_id"), carols)]);
    assert_eq!(send(&alice.client, Method::DELETE, &business, &Value::Null).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn who_is_no_member_learns_no_address_and_who_is_one_few() {
    let server = Server::new().await;
    let (guest, other) = (server.guest().await, server.guest().await);
    registered(&server, "ada@example.com").await;
    let business = make(&guest, "/api/v1/businesses", &json!({"name": "Ours"})).await;
    let members = format!("/api/v1/businesses/{}/members", text_of(&business, "id"));
    let nowhere = format!("/api/v1/businesses/{}/members", new_id());
    for email in ["ada@example.com", "nobody@example.com", "no address"] {
        let body = json!({"email": email});
        let [here, there] = [other.post(&members, &body).await, other.post(&nowhere, &body).await];
        let told = |answer: &Answer| (answer.status, answer.json()["detail"].clone());
        assert_eq!((here.problem().as_str(), told(&here)), ("not_found", told(&there)), "as if there were no business");
    }
    let builtin = "/api/v1/businesses/00000000-0000-e000-0000-000000000000/members";
    assert_eq!(guest.get(builtin).await.json(), json!([]));
    assert_eq!(guest.post(builtin, &json!({"email": "ada@example.com"})).await.problem(), "forbidden");
    for (body, field) in [(json!({}), "email"), (json!({"email": 5}), "email"), (json!({"mail": "x"}), "mail")] {
        let answer = guest.post(&members, &body).await;
        assert_eq!((answer.problem().as_str(), &answer.json()["fields"][0]["name"]), ("invalid", &json!(field)));
    }
    for n in 0..10 {
        let answer = guest.post(&members, &json!({"email": format!("nobody{n}@example.com")})).await;
        assert_eq!(answer.problem(), "invalid");
    }
    let answer = guest.post(&members, &json!({"email": "ada@example.com"})).await;
    assert_eq!(answer.problem(), "rate_limited", "guessing is slow");
    assert!(answer.json()["retry_after_ms"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn a_business_has_room_for_so_many_members_and_a_user_for_so_many_businesses() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let store = server.running.as_ref().unwrap().app.store.clone();
    let account = async |n: u128| {
        let (name, user) = (format!("user{n}@example.com"), Uuid::from_u128(n));
        let account = Account { name: name.clone(), user, password: "no hash".into() };
        store.register(account, "registered".into(), 0).await.unwrap();
        name
    };
    let business = make(&guest, "/api/v1/businesses", &json!({"name": "Full"})).await;
    let members = format!("/api/v1/businesses/{}/members", text_of(&business, "id"));
    for n in 1..MEMBERS_MAX as u128 {
        make(&guest, &members, &json!({"email": account(n).await})).await;
    }
    let one_more = json!({"email": account(1_000).await});
    let answer = guest.post(&members, &one_more).await;
    assert_eq!(answer.problem(), "conflict");
    assert!(text_of(&answer.json(), "detail").contains("at most"), "{answer:?}");
    assert_eq!(guest.get(&members).await.json().as_array().unwrap().len(), MEMBERS_MAX);
    for n in 1..BUSINESSES_MAX {
        let business = make(&guest, "/api/v1/businesses", &json!({"name": format!("b{n}")})).await;
        make(&guest, &format!("/api/v1/businesses/{}/members", text_of(&business, "id")), &one_more).await;
    }
    let other = server.guest().await;
    for (n, status) in [(1, StatusCode::CREATED), (2, StatusCode::CONFLICT)] {
        let business = make(&other, "/api/v1/businesses", &json!({"name": format!("c{n}")})).await;
        let members = format!("/api/v1/businesses/{}/members", text_of(&business, "id"));
        assert_eq!(other.post(&members, &one_more).await.status, status);
    }
}
