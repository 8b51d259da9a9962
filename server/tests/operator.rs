//! What the operator meets, and who is kept out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use hyper::body::Bytes;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use support::{Client, MESSAGE, Server, new_id};

const TOKEN: &str = "the operator's own token";

async fn house() -> (Server, Client, Client) {
    let server = Server::with(&[("EXEMPLAR_ADMIN_TOKEN", TOKEN)]).await;
    let operator = Client { address: server.address, token: Some(TOKEN.into()) };
    let guest = server.guest().await;
    (server, operator, guest)
}

/// Who a client is.
async fn user_of(client: &Client) -> String {
    client.get("/api/v1/sessions/current").await.json()["user_id"].as_str().unwrap().to_owned()
}

/// The value of one series.
#[track_caller]
fn series(text: &str, name: &str) -> f64 {
    let line = text.lines().find(|line| line.rsplit_once(' ').is_some_and(|(of, _)| of == name));
    line.unwrap_or_else(|| panic!("{name} in\n{text}")).rsplit_once(' ').unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn only_the_operator_gets_in() {
    let (server, operator, guest) = house().await;
    let user = user_of(&guest).await;
    let calls = [
        (Method::GET, "/stats".to_owned(), StatusCode::OK),
        (Method::GET, format!("/pending-messages/{user}"), StatusCode::OK),
        (Method::GET, "/circuit-breakers".to_owned(), StatusCode::OK),
        (Method::POST, "/circuit-breakers/llm/reset".to_owned(), StatusCode::NOT_FOUND),
        (Method::GET, "/pending-messages/somebody".to_owned(), StatusCode::NOT_FOUND),
        (Method::POST, format!("/cleanup/{user}"), StatusCode::OK),
    ];
    let wrong = Client { address: server.address, token: Some("a guess".into()) };
    for (method, path, _) in &calls {
        for (client, code, status) in
            [(&server.stranger(), "unauthenticated", 401), (&wrong, "unauthenticated", 401), (&guest, "forbidden", 403)]
        {
            let answer = client.request(method.clone(), path, &[], Bytes::new()).await;
            assert_eq!((answer.problem().as_str(), answer.status.as_u16()), (code, status), "{method} {path}");
        }
    }
    for (method, path, status) in calls {
        let answer = operator.request(method, &path, &[], Bytes::new()).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn without_a_configured_token_nobody_is_the_operator() {
    let server = Server::new().await;
    for token in [None, Some(String::new()), Some("x".into())] {
        let client = Client { address: server.address, token };
        assert_eq!(client.get("/stats").await.problem(), "unauthenticated");
    }
}

#[tokio::test]
async fn the_metrics_tell_what_happened() {
    let (server, operator, guest) = house().await;
    let id = new_id();
    let body = json!({"content": MESSAGE, "id": id});
    guest.ask(&body).await;
    assert_eq!(guest.post("/api/v1/messages", &body).await.json()["duplicate"], true);
    assert_eq!(guest.post("/api/v1/messages", &json!({"content": "short"})).await.problem(), "too_short");
    let (_channel, _) = guest.channel(&json!([])).await;

    let answer = server.stranger().get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = String::from_utf8(answer.bytes.to_vec()).unwrap();
    let category = "category=\"cost-optimization\",outcome=\"completed\"";
    for (name, value) in [
        ("exemplar_messages_total{status=\"accepted\"}".to_owned(), 1.0),
        ("exemplar_messages_total{status=\"completed\"}".to_owned(), 1.0),
        (format!("exemplar_message_duration_seconds_count{{{category}}}"), 1.0),
        ("exemplar_stage_duration_seconds_count{stage=\"analyze\"}".to_owned(), 1.0),
        ("exemplar_stage_duration_seconds_count{stage=\"commit\"}".to_owned(), 1.0),
        ("exemplar_errors_total{class=\"validation\",code=\"too_short\"}".to_owned(), 1.0),
        ("exemplar_duplicates_total".to_owned(), 1.0),
        ("exemplar_rate_limited_total".to_owned(), 0.0),
        ("exemplar_connections".to_owned(), 1.0),
        ("exemplar_sessions".to_owned(), 1.0),
        ("exemplar_pending_messages".to_owned(), 0.0),
        ("exemplar_db_pool{state=\"limit\"}".to_owned(), 4.0),
    ] {
        assert!((series(&text, &name) - value).abs() < 1e-9, "{name} is not {value} in\n{text}");
    }
    assert!(series(&text, "process_resident_memory_bytes") > 1e6);

    // What a proxy passes on comes from anywhere, and needs the token.
    let passed_on = [("x-forwarded-for", "8.8.8.8")];
    for (client, expected) in [(&server.stranger(), 401), (&guest, 403), (&operator, 200)] {
        let answer = client.request(Method::GET, "/metrics", &passed_on, Bytes::new()).await;
        assert_eq!(answer.status.as_u16(), expected);
    }
}

#[tokio::test]
async fn a_refused_rate_and_a_problem_on_the_channel_are_counted() {
    let server = Server::with(&[("EXEMPLAR_RATE_LIMIT_PER_MIN", "1")]).await;
    let guest = server.guest().await;
    guest.ask(&json!({"content": MESSAGE})).await;
    let (mut channel, _) = guest.channel(&json!([])).await;
    channel.send(new_id(), MESSAGE).await;
    assert_eq!(channel.hear("error").await["code"], "rate_limited");
    let text = String::from_utf8(server.stranger().get("/metrics").await.bytes.to_vec()).unwrap();
    let errors = series(&text, "exemplar_errors_total{class=\"validation\",code=\"rate_limited\"}");
    assert!((errors - 1.0).abs() < 1e-9 && series(&text, "exemplar_rate_limited_total") > 0.5, "{text}");
}

#[tokio::test]
async fn the_statistics_add_up() {
    let (_server, operator, guest) = house().await;
    for _ in 0..3 {
        guest.ask(&json!({"content": MESSAGE})).await;
    }
    guest.get("/api/v1/messages/nothing").await;
    let stats = operator.get("/stats").await.json();
    for field in ["sessions", "connections", "sequencing", "breakers", "processing", "errors", "memory", "queue"] {
        assert!(!stats[field].is_null(), "{field} in {stats}");
    }
    assert_eq!((&stats["sequencing"]["completed"], &stats["processing"]["messages"]), (&json!(3), &json!(3)));
    assert_eq!(
        (&stats["errors"]["by_class"]["validation"], &stats["errors"]["failed_share"]),
        (&json!(1), &json!(0.0))
    );
    assert_eq!((&stats["sessions"]["open"], &stats["queue"]["waiting"]), (&json!(1), &json!(0)));
    let time = |name: &str| stats["processing"][name].as_f64().unwrap();
    assert!(time("p50_ms") <= time("p95_ms") && time("p95_ms") <= time("p99_ms"));
    assert!(stats["memory"]["resident_bytes"].as_u64().unwrap() > 1_000_000);
}

#[tokio::test]
async fn a_clean_up_ends_sessions_and_sockets_of_one_user() {
    let (server, operator, guest) = house().await;
    let user = user_of(&guest).await;
    let other = server.guest().await;
    let (mut first, _) = guest.channel(&json!([])).await;
    let (mut second, _) = guest.channel(&json!([])).await;
    let (mut others, _) = other.channel(&json!([])).await;

    let cleaned = operator.post(&format!("/cleanup/{user}"), &Value::Null).await.json();
    assert_eq!(cleaned["removed"], json!({"sessions": 1, "connections": 2}));
    assert_eq!(cleaned["kept"], json!({"pending_messages": 0}));
    assert_eq!((first.closed().await, second.closed().await), (Some(4401), Some(4401)));
    assert_eq!(guest.get("/api/v1/conversations").await.problem(), "expired");

    others.say(&json!({"type": "ping"})).await;
    others.hear("pong").await;
    let again = operator.post(&format!("/cleanup/{user}"), &Value::Null).await.json();
    assert_eq!(again["removed"], json!({"sessions": 0, "connections": 0}));
}
