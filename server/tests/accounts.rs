//! Registering and signing in, from outside.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use hyper::StatusCode;
use serde_json::{Value, json};
use support::{Answer, Client, MESSAGE, Server};

fn ada() -> Value {
    json!({"email": "ada@example.com", "password": "correct horse battery"})
}

/// The client of the session that an answer opened.
fn client(server: &Server, answer: &Answer) -> Client {
    Client { address: server.address, token: Some(answer.json()["token"].as_str().unwrap().to_owned()) }
}

async fn who(client: &Client) -> Value {
    client.get("/api/v1/sessions/current").await.json()
}

#[tokio::test]
async fn a_guest_who_registers_keeps_its_history_and_comes_back_to_it() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let sent = guest.post("/api/v1/messages?wait=10", &json!({"content": MESSAGE})).await.json();
    let path = format!("/api/v1/messages/{}", sent["id"].as_str().unwrap());
    let user = who(&guest).await["user_id"].clone();

    let registered = guest.post("/api/v1/accounts", &ada()).await;
    assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
    assert_eq!((&registered.json()["user_id"], registered.json()["tier"].as_str()), (&user, Some("registered")));
    assert!(registered.header("set-cookie").contains("HttpOnly"));
    assert_eq!(who(&guest).await["tier"], "registered", "the session that registered is raised too");

    // Another day, another device, after a restart.
    let server = Server::on(server.stop().await, &[]).await;
    let signed_in = server
        .stranger()
        .post("/api/v1/login", &json!({"email": " Ada@Example.com", "password": ada()["password"]}))
        .await;
    assert_eq!(signed_in.status, StatusCode::OK, "{signed_in:?}");
    assert_eq!((&signed_in.json()["user_id"], signed_in.json()["tier"].as_str()), (&user, Some("registered")));
    assert_eq!(client(&server, &signed_in).get(&path).await.status, StatusCode::OK);
    assert_eq!(server.guest().await.get(&path).await.problem(), "not_found");
}

#[tokio::test]
async fn one_account_an_address_and_one_a_user() {
    let server = Server::new().await;
    let guest = server.guest().await;
    assert_eq!(guest.post("/api/v1/accounts", &ada()).await.status, StatusCode::CREATED);
    assert_eq!(guest.post("/api/v1/accounts", &ada()).await.problem(), "conflict");
    let other = json!({"email": "ADA@example.com", "password": "another password"});
    assert_eq!(server.guest().await.post("/api/v1/accounts", &other).await.problem(), "conflict");
    assert_eq!(
        server.stranger().post("/api/v1/login", &other).await.problem(),
        "unauthenticated",
        "nothing was changed"
    );
    // Somebody without a session begins as a new user.
    let bob = json!({"email": "bob@example.com", "password": "another password"});
    let registered = server.stranger().post("/api/v1/accounts", &bob).await;
    assert_eq!(registered.status, StatusCode::CREATED);
    assert_ne!(registered.json()["user_id"], who(&guest).await["user_id"]);
}

#[tokio::test]
async fn a_browser_goes_on_with_the_new_cookie_alone() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let old = guest.token.clone().unwrap();
    let cookie = format!("exemplar_session={old}");
    let body = serde_json::to_vec(&ada()).unwrap();
    let headers = [("cookie", cookie.as_str()), ("content-type", "application/json")];
    let registered = server.stranger().request(hyper::Method::POST, "/api/v1/accounts", &headers, body.into()).await;
    assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
    assert_eq!(guest.get("/api/v1/sessions/current").await.problem(), "expired");
    assert_eq!(who(&client(&server, &registered)).await["tier"], "registered");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let server = Server::new().await;
    let stranger = server.stranger();
    for path in ["/api/v1/accounts", "/api/v1/login"] {
        let answer = stranger.post(path, &json!({"email": "ada", "password": 7})).await;
        assert_eq!(answer.problem(), "invalid");
        let fields: Vec<_> = answer.json()["fields"].as_array().unwrap().iter().map(|f| f["name"].clone()).collect();
        assert_eq!(fields, ["email", "password"]);
    }
}

#[tokio::test]
async fn guessing_is_slowed_down_and_tells_nothing() {
    let server = Server::new().await;
    let stranger = server.stranger();
    assert_eq!(stranger.post("/api/v1/accounts", &ada()).await.status, StatusCode::CREATED);
    let guess = |email: &str| json!({"email": email, "password": "a wrong password"});
    let known = stranger.post("/api/v1/login", &guess("ada@example.com")).await;
    let unknown = stranger.post("/api/v1/login", &guess("nobody@example.com")).await;
    assert_eq!(known.problem(), "unauthenticated");
    assert_eq!((known.json()["detail"].clone(), known.status), (unknown.json()["detail"].clone(), unknown.status));
    for _ in 1..10 {
        assert_eq!(stranger.post("/api/v1/login", &guess("ada@example.com")).await.problem(), "unauthenticated");
    }
    let held = stranger.post("/api/v1/login", &ada()).await;
    assert_eq!(held.problem(), "rate_limited", "also for the right password, or it would be told");
    assert!(held.json()["retry_after_ms"].as_u64().unwrap() > 60_000);
    assert_eq!(stranger.post("/api/v1/login", &guess("bob@example.com")).await.problem(), "unauthenticated");
}
