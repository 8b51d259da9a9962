//! The progress channel as a client meets it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use hyper::Method;
use serde_json::{Value, json};
use server::channel::Timing;
use support::{Channel, Client, MESSAGE, PATIENCE, Server, new_id};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use uuid::Uuid;

fn status(refused: Result<Channel, WsError>) -> u16 {
    match refused {
        Err(WsError::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the handshake was accepted"),
    }
}

#[tokio::test]
async fn a_message_comes_back_as_accepted_progress_and_completed() {
    let server = Server::new().await;
    let (mut channel, welcome) = server.guest().await.channel(&json!([])).await;
    for field in ["session", "user", "expires_at", "now", "heartbeat_ms", "limits", "resumed"] {
        assert!(!welcome[field].is_null(), "{field}");
    }
    for limit in ["frame_bytes", "content_chars", "rate_per_min", "in_flight"] {
        assert!(welcome["limits"][limit].is_u64(), "{limit}");
    }
    let conversation = new_id();
    let id = channel.send(conversation, MESSAGE).await;
    let done = channel.event("completed").await;
    assert_eq!((&done["id"], &done["offset"], &done["conversation"]), (&json!(id), &json!(2), &json!(conversation)));
    assert!(done["data"]["headline"].is_string() && done["data"]["result_url"].is_string());
    let accepted = channel.heard.iter().find(|f| f["type"] == "accepted");
    let accepted = match accepted {
        Some(frame) => frame.clone(),
        None => channel.hear("accepted").await,
    };
    assert_eq!(
        (&accepted["id"], &accepted["sequence"], &accepted["duplicate"]),
        (&json!(id), &json!(1), &json!(false))
    );
    let progress: Vec<_> = channel.heard.iter().filter(|f| f["type"] == "progress").collect();
    let stages: Vec<_> = progress.iter().map(|p| p["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["context", "extract", "analyze", "respond", "commit"]);
    for (i, frame) in progress.iter().enumerate() {
        assert_eq!((frame["step"].as_u64(), frame["attempt"].as_u64()), (Some(i as u64 + 1), Some(1)));
        assert!(frame["skipped"].is_null() && frame.to_string().len() < 200, "{frame}");
    }
    assert!(progress.windows(2).all(|w| w[0]["percent"].as_u64() < w[1]["percent"].as_u64()));
}

#[tokio::test]
async fn messages_of_one_conversation_run_in_the_order_sent() {
    let server = Server::new().await;
    let (mut channel, _) = server.guest().await.channel(&json!([])).await;
    let conversation = new_id();
    let mut sent = Vec::new();
    for n in 0..40 {
        sent.push(channel.send(conversation, &format!("{MESSAGE}, number {n}")).await);
    }
    let mut done = Vec::new();
    while done.len() < 40 {
        done.push(channel.event("completed").await);
    }
    let ids: Vec<_> = done.iter().map(|e| e["id"].as_str().unwrap().parse::<Uuid>().unwrap()).collect();
    assert_eq!(ids, sent);
    let offsets: Vec<_> =
        channel.heard.iter().filter(|f| f["type"] == "event").map(|e| e["offset"].as_u64().unwrap()).collect();
    assert_eq!(offsets, (1..=80).collect::<Vec<_>>());
    let mut sequences = HashMap::new();
    for frame in channel.heard.iter().filter(|f| f["type"] == "accepted") {
        sequences.insert(frame["id"].as_str().unwrap().parse::<Uuid>().unwrap(), frame["sequence"].as_u64().unwrap());
    }
    for (i, id) in sent.iter().enumerate().take(sequences.len()) {
        assert_eq!(sequences[id], i as u64 + 1);
    }
}

#[tokio::test]
async fn every_connection_of_the_user_hears_everything_and_nobody_else_does() {
    let server = Server::new().await;
    let alice = server.guest().await;
    let (mut first, _) = alice.channel(&json!([])).await;
    let (mut second, _) = alice.channel(&json!([])).await;
    let (mut bobs, _) = server.guest().await.channel(&json!([])).await;
    let id = first.send(new_id(), MESSAGE).await;
    let view = alice.ask(&json!({"content": MESSAGE})).await;
    for channel in [&mut first, &mut second] {
        let ids = [channel.event("completed").await["id"].clone(), channel.event("completed").await["id"].clone()];
        assert!(ids.contains(&json!(id)) && ids.contains(&view["id"]), "{ids:?}");
    }
    assert!(!second.heard.iter().any(|f| f["type"] == "accepted"), "the answer is the sender's");
    bobs.say(&json!({"type": "ping"})).await;
    bobs.hear("pong").await;
    assert_eq!(bobs.heard.len(), 2, "welcome and pong: {:?}", bobs.heard);
}

#[tokio::test]
async fn a_client_that_resumes_gets_what_it_missed_once() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let conversation = new_id();
    let (mut channel, _) = guest.channel(&json!([])).await;
    channel.send(conversation, MESSAGE).await;
    let epoch = channel.event("completed").await["epoch"].clone();
    drop(channel);
    for _ in 0..3 {
        guest.ask(&json!({"content": MESSAGE, "conversation_id": conversation})).await;
    }
    let resume = json!([{"conversation": conversation, "epoch": epoch, "offset": 2}]);
    let (mut channel, welcome) = guest.channel(&resume).await;
    let expected = json!([{"conversation": conversation, "epoch": epoch, "from": 3, "head": 8, "complete": true}]);
    assert_eq!(welcome["resumed"], expected);
    channel.send(conversation, MESSAGE).await;
    let mut offsets = Vec::new();
    while offsets.last() != Some(&10) {
        offsets.push(channel.hear("event").await["offset"].as_u64().unwrap());
    }
    assert_eq!(offsets, (3..=10).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_conversation_that_is_not_named_starts_with_what_happens_next() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let conversation = new_id();
    guest.ask(&json!({"content": MESSAGE, "conversation_id": conversation})).await;
    let (mut channel, _) = guest.channel(&json!([])).await;
    channel.send(conversation, MESSAGE).await;
    assert_eq!(channel.hear("event").await["offset"], 3);
    let (mut all, _) = guest.channel(&json!([{"conversation": conversation, "offset": 0}])).await;
    assert_eq!(all.hear("event").await["offset"], 1);
}

#[tokio::test]
async fn what_cannot_be_replayed_comes_as_a_snapshot() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let conversation = new_id();
    let view = guest.ask(&json!({"content": MESSAGE, "conversation_id": conversation})).await;
    let mut head = 2;
    for (position, why) in [
        (json!({"conversation": conversation, "epoch": "another", "offset": 1}), "another log"),
        (json!({"conversation": conversation, "offset": 99}), "ahead of the log"),
    ] {
        let (mut channel, welcome) = guest.channel(&json!([position])).await;
        assert_eq!(welcome["resumed"][0]["complete"], false, "{why}");
        let snapshot = channel.next().await.unwrap();
        assert_eq!((&snapshot["type"], &snapshot["offset"]), (&json!("snapshot"), &json!(head)), "{why}");
        assert_eq!(
            (&snapshot["messages"][0]["id"], &snapshot["messages"][0]["status"]),
            (&view["id"], &json!("completed"))
        );
        assert!(snapshot["messages"][0]["result"].is_null(), "results are fetched");
        guest.ask(&json!({"content": MESSAGE, "conversation_id": conversation})).await;
        let live = channel.hear("event").await["offset"].as_u64().unwrap();
        assert_eq!(live, head + 1, "{why}");
        head += 2;
    }
}

#[tokio::test]
async fn far_behind_is_replayed_too() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let conversation = new_id();
    let (mut channel, _) = guest.channel(&json!([])).await;
    // More than fits one page, and more than a snapshot would show.
    let messages = shared::limits::EVENTS_PAGE_MAX / 2 + 1;
    for batch in 0..messages.div_ceil(50) {
        let count = 50.min(messages - batch * 50);
        for _ in 0..count {
            channel.send(conversation, MESSAGE).await;
        }
        for _ in 0..count {
            channel.event("completed").await;
        }
    }
    let (mut late, welcome) = guest.channel(&json!([{"conversation": conversation, "offset": 0}])).await;
    assert_eq!(welcome["resumed"][0]["complete"], true);
    for offset in 1..=2 * messages {
        assert_eq!(late.hear("event").await["offset"], offset);
    }
    let elsewhere = json!([{"conversation": conversation, "epoch": "another", "offset": 2}]);
    let (mut lost, _) = guest.channel(&elsewhere).await;
    let snapshot = lost.next().await.unwrap();
    assert_eq!((&snapshot["type"], snapshot["offset"].as_u64()), (&json!("snapshot"), Some(2 * messages)));
    let kept = snapshot["messages"].as_array().unwrap();
    assert_eq!(kept.len(), shared::limits::SNAPSHOT_MAX_MESSAGES as usize);
    assert_eq!(kept.last().unwrap()["sequence"], messages, "the newest stay");
}

#[tokio::test]
async fn a_conversation_of_another_user_looks_like_none() {
    let server = Server::new().await;
    let view = server.guest().await.ask(&json!({"content": MESSAGE})).await;
    let bob = server.guest().await;
    let theirs = json!([{"conversation": view["conversation_id"], "offset": 1}]);
    let nobodys = json!([{"conversation": new_id(), "offset": 1}]);
    let (mut one, first) = bob.channel(&theirs).await;
    let (mut other, second) = bob.channel(&nobodys).await;
    let shape = |welcome: &Value| {
        let mut resumed = welcome["resumed"][0].clone();
        resumed["conversation"] = Value::Null;
        resumed
    };
    assert_eq!(shape(&first), shape(&second));
    let (one, other) = (one.next().await.unwrap(), other.next().await.unwrap());
    assert_eq!((&one["offset"], &one["messages"]), (&other["offset"], &other["messages"]));
}

#[tokio::test]
async fn duplicates_get_the_same_answer_on_both_doors() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let (mut channel, _) = guest.channel(&json!([])).await;
    let id = new_id();
    let frame = json!({"type": "send", "id": id, "content": MESSAGE});
    let mut answers = Vec::new();
    for _ in 0..3 {
        channel.say(&frame).await;
        answers.push(channel.hear("accepted").await);
    }
    let over_http = guest.post("/api/v1/messages", &json!({"id": id, "content": MESSAGE})).await.json();
    assert_eq!(answers.iter().map(|a| a["duplicate"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true, true]);
    for answer in &answers {
        assert_eq!((&answer["sequence"], &answer["conversation"]), (&json!(1), &over_http["conversation_id"]));
    }
    assert_eq!(over_http["duplicate"], true);
    channel.say(&json!({"type": "send", "id": id, "content": format!("{MESSAGE}!")})).await;
    let error = channel.hear("error").await;
    assert_eq!((&error["code"], &error["id"], &error["retryable"]), (&json!("reused"), &json!(id), &json!(false)));
}

#[tokio::test]
async fn bad_frames_are_answered_or_close() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let (mut channel, _) = guest.channel(&json!([])).await;
    let id = new_id();
    for (frame, code, names) in [
        (json!({"type": "dance", "id": id}), "invalid", true),
        (json!({"type": "send", "id": id, "content": "short"}), "too_short", true),
        (json!({"type": "send", "id": id, "content": "x".repeat(2_001)}), "too_long", true),
        (json!({"type": "send", "content": MESSAGE}), "invalid", false),
        (json!({"type": "send", "id": 7, "content": MESSAGE}), "invalid", false),
        (json!({"type": "send", "id": Uuid::from_u128(1), "content": MESSAGE}), "invalid", false),
        (json!({"type": "send", "id": id, "content": MESSAGE, "category": "poetry"}), "unknown_category", true),
        (json!({"type": "ack", "conversation": "x"}), "invalid", false),
        (json!({"type": "cancel"}), "invalid", false),
        (json!({"type": "cancel", "id": id}), "not_found", true),
        (json!({"type": "renew", "token": "exs_wrong"}), "unauthenticated", false),
        (json!({"type": "hello", "client": id}), "conflict", false),
    ] {
        channel.say(&frame).await;
        let error = channel.hear("error").await;
        assert_eq!(error["code"], code, "{frame}");
        assert!(error["detail"].as_str().is_some_and(|detail| detail.len() > 10));
        if names {
            assert_eq!(error["id"], json!(id), "{frame}");
        }
    }
    // The connection lives on, and unknown fields are ignored.
    channel.say(&json!({"type": "send", "id": id, "content": MESSAGE, "colour": "red"})).await;
    assert_eq!(channel.event("completed").await["id"], json!(id));

    for bad in [
        Message::text("not json"),
        Message::text("[]"),
        Message::text("{}"),
        Message::text("{\"type\": 1}"),
        Message::binary(vec![1, 2, 3]),
        Message::text(format!("{{\"type\": \"ping\", \"x\": \"{}\"}}", "x".repeat(70_000))),
    ] {
        let (mut channel, _) = guest.channel(&json!([])).await;
        channel.say_raw(bad.clone()).await;
        let name = bad.to_string().chars().take(30).collect::<String>();
        assert_eq!(channel.closed().await, Some(4400), "{name}");
    }
}

#[tokio::test]
async fn only_known_visitors_come_in() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let stranger = server.stranger();
    let hello = |token: &str| json!({"type": "hello", "client": Uuid::from_u128(1), "token": token});

    let mut channel = stranger.knock(&[]).await.unwrap();
    channel.say(&hello(guest.token.as_deref().unwrap())).await;
    channel.hear("welcome").await;

    for wrong in [hello("exs_wrong"), hello(""), json!({"type": "hello", "client": Uuid::from_u128(1)})] {
        let mut channel = stranger.knock(&[]).await.unwrap();
        channel.say(&wrong).await;
        assert_eq!(channel.hear("error").await["code"], "unauthenticated");
        assert_eq!(channel.closed().await, Some(4401), "{wrong}");
    }
    let mut channel = stranger.knock(&[]).await.unwrap();
    channel.say(&json!({"type": "send", "id": new_id(), "content": MESSAGE})).await;
    assert_eq!(channel.closed().await, Some(4401), "nothing is done before hello");

    let wrong = Client { token: Some("exs_wrong".into()), ..stranger.clone() };
    assert_eq!(status(wrong.knock(&[]).await), 401);
    assert_eq!(status(guest.knock(&[("origin", "https://evil.example")]).await), 403);
    assert_eq!(status(guest.knock(&[("sec-websocket-protocol", "chat")]).await), 400);
    let own = format!("http://{}", server.address);
    let headers = [("origin", own.as_str()), ("sec-websocket-protocol", "exemplar.v1.json")];
    assert!(guest.knock(&headers).await.is_ok());
    let cookie = format!("exemplar_session={}", guest.token.as_deref().unwrap());
    let mut by_cookie = stranger.knock(&[("cookie", cookie.as_str())]).await.unwrap();
    by_cookie.say(&json!({"type": "hello", "client": Uuid::from_u128(1)})).await;
    by_cookie.hear("welcome").await;
}

#[tokio::test]
async fn a_hello_must_come_and_must_not_be_too_much() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let mut channel = guest.knock(&[]).await.unwrap();
    channel.say(&json!({"type": "ping"})).await;
    channel.hear("pong").await;
    channel.say(&json!({"type": "send", "id": new_id(), "content": MESSAGE})).await;
    assert_eq!(channel.hear("error").await["code"], "conflict", "first hello");
    let resume: Vec<_> = (0..257).map(|n| json!({"conversation": Uuid::from_u128(n), "offset": 0})).collect();
    channel.say(&json!({"type": "hello", "client": Uuid::from_u128(1), "resume": resume})).await;
    assert_eq!(channel.hear("error").await["code"], "invalid");
    assert_eq!(channel.closed().await, Some(4401), "no valid hello within five seconds");
}

#[tokio::test]
async fn too_many_connections_are_closed() {
    let server = Server::with(&[("EXEMPLAR_MAX_CONNECTIONS_PER_USER", "1")]).await;
    let guest = server.guest().await;
    let (first, _) = guest.channel(&json!([])).await;
    let mut second = guest.knock(&[]).await.unwrap();
    second.say(&json!({"type": "hello", "client": Uuid::from_u128(2)})).await;
    assert_eq!(second.closed().await, Some(4429));
    drop(first);
    let (mut other, _) = server.guest().await.channel(&json!([])).await;
    other.say(&json!({"type": "ping"})).await;
    other.hear("pong").await;
}

#[tokio::test]
async fn rate_and_flow_are_told() {
    let server = Server::with(&[("EXEMPLAR_RATE_LIMIT_PER_MIN", "3")]).await;
    let (mut channel, _) = server.guest().await.channel(&json!([])).await;
    for _ in 0..3 {
        channel.send(new_id(), MESSAGE).await;
    }
    let refused = channel.send(new_id(), MESSAGE).await;
    let error = channel.hear("error").await;
    assert_eq!((&error["code"], &error["id"]), (&json!("rate_limited"), &json!(refused)));
    assert!(error["retry_after_ms"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn a_session_outlives_its_token_and_its_end_closes_the_channel() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let (mut channel, _) = guest.channel(&json!([])).await;
    let fresh = guest.post("/api/v1/sessions", &json!({})).await.json()["token"].as_str().unwrap().to_owned();
    channel.say(&json!({"type": "renew", "token": fresh})).await;
    assert!(channel.hear("renewed").await["expires_at"].is_string());
    let foreign = server.guest().await.token.unwrap();
    channel.say(&json!({"type": "renew", "token": foreign})).await;
    assert_eq!(channel.hear("error").await["code"], "forbidden");
    // The first token ends; the connection hangs on the fresh one.
    guest.request(hyper::Method::DELETE, "/api/v1/sessions/current", &[], "".into()).await;
    channel.send(new_id(), MESSAGE).await;
    channel.event("completed").await;
    let renewed = Client { token: Some(fresh), ..guest };
    renewed.request(hyper::Method::DELETE, "/api/v1/sessions/current", &[], "".into()).await;
    assert_eq!(channel.closed().await, Some(4401));
}

#[tokio::test]
async fn a_drain_says_goodbye_and_loses_nothing() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let (mut channel, _) = guest.channel(&json!([])).await;
    let conversation = new_id();
    let mut sent = Vec::new();
    for _ in 0..50 {
        sent.push(channel.send(conversation, MESSAGE).await);
    }
    channel.hear("accepted").await;
    let stopping = tokio::spawn(server.stop());
    assert_eq!(channel.closed().await, Some(4000));
    let bye = channel.heard.iter().rev().find(|f| f["type"] == "bye").expect("bye before the close");
    assert!(bye["retry_after_ms"].is_u64());
    let folder = stopping.await.unwrap();
    let accepted: Vec<_> = channel.heard.iter().filter(|f| f["type"] == "accepted").map(|f| f["id"].clone()).collect();

    let server = Server::on(folder, &[]).await;
    let guest = Client { address: server.address, ..guest };
    let (mut again, _) = guest.channel(&json!([{"conversation": conversation, "offset": 0}])).await;
    // As a client does: what was not accepted is sent again with its id.
    for id in &sent {
        again.say(&json!({"type": "send", "id": id, "conversation_id": conversation, "content": MESSAGE})).await;
    }
    let mut done = Vec::new();
    while done.len() < sent.len() {
        done.push(again.event("completed").await["id"].clone());
    }
    assert!(accepted.iter().all(|id| done.contains(id)), "what was accepted is answered");
    let offsets: Vec<_> =
        again.heard.iter().filter(|f| f["type"] == "event").map(|e| e["offset"].as_u64().unwrap()).collect();
    assert_eq!(offsets, (1..=100).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_stream_over_http_carries_the_same_events() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let conversation = new_id();
    guest.ask(&json!({"content": MESSAGE, "conversation_id": conversation})).await;
    let path = format!("/api/v1/conversations/{conversation}/events");
    let page = guest.get(&path).await.json();
    let mut stream = EventStream::open(&guest, &path, None).await;
    let first = stream.next().await;
    assert_eq!((&first.1, first.0.as_deref().unwrap().ends_with(":1")), (&page["events"][0], true));
    let second = stream.next().await;
    assert_eq!(second.1, page["events"][1]);
    let last_id = second.0.unwrap();
    drop(stream);
    guest.ask(&json!({"content": MESSAGE, "conversation_id": conversation})).await;
    let mut resumed = EventStream::open(&guest, &path, Some(&last_id)).await;
    assert_eq!(resumed.next().await.1["offset"], 3);
    assert_eq!(resumed.next().await.1["offset"], 4);
    guest.ask(&json!({"content": MESSAGE, "conversation_id": conversation})).await;
    let mut live = resumed.next().await.1;
    while live["type"] != "event" {
        live = resumed.next().await.1;
    }
    assert_eq!(live["offset"], 5);
    let mut lost = EventStream::open(&guest, &path, Some("another:3")).await;
    assert_eq!(lost.next().await.1["type"], "snapshot");
}

#[tokio::test]
async fn a_stream_that_is_left_gives_its_place_back() {
    let server = Server::with(&[("EXEMPLAR_MAX_CONNECTIONS_PER_USER", "3")]).await;
    let guest = server.guest().await;
    let view = guest.ask(&json!({"content": MESSAGE})).await;
    let path = format!("/api/v1/conversations/{}/events", view["conversation_id"].as_str().unwrap());
    for _ in 0..3 {
        let mut stream = EventStream::open(&guest, &path, None).await;
        stream.next().await;
    }
    let none_left = async { while guest.get("/health").await.json()["components"]["connections"]["open"] != 0 {} };
    tokio::time::timeout(PATIENCE, none_left)
        .await
        .expect("nothing more happens in the conversation, but nobody reads");
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let view = guest.ask(&json!({"content": MESSAGE})).await;
    let path = format!("/api/v1/conversations/{}/events", view["conversation_id"].as_str().unwrap());
    let mut stream = EventStream::open(&guest, &path, None).await;
    stream.next().await;
    stream.next().await;
    guest.request(Method::DELETE, "/api/v1/sessions/current", &[], Bytes::new()).await;
    let end = tokio::time::timeout(PATIENCE, stream.body.next()).await.unwrap();
    assert!(end.is_none(), "{end:?}");
}

/// A reader of server-sent events.
struct EventStream {
    body: http_body_util::BodyDataStream<hyper::body::Incoming>,
    text: String,
}

impl EventStream {
    async fn open(guest: &Client, path: &str, last_id: Option<&str>) -> Self {
        let stream = tokio::net::TcpStream::connect(guest.address).await.unwrap();
        let io = hyper_util::rt::TokioIo::new(stream);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        let mut request = hyper::Request::get(path)
            .header("host", guest.address.to_string())
            .header("accept", "text/event-stream")
            .header("authorization", format!("Bearer {}", guest.token.as_deref().unwrap()));
        if let Some(id) = last_id {
            request = request.header("last-event-id", id);
        }
        let request = request.body(http_body_util::Empty::<bytes::Bytes>::new()).unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: http_body_util::BodyDataStream::new(response.into_body()), text: String::new() }
    }

    async fn next(&mut self) -> (Option<String>, Value) {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let event: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| event.lines().find_map(|l| l.strip_prefix(name)).map(|v| v.trim().to_owned());
                if let Some(data) = field("data:") {
                    return (field("id:"), serde_json::from_str(&data).unwrap());
                }
                continue;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.body.next()).await.unwrap().unwrap().unwrap();
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

#[tokio::test]
async fn silence_closes_and_any_frame_is_life() {
    // Long against what a busy machine may take to answer.
    let heartbeat = Duration::from_millis(700);
    let timing = Timing { heartbeat, ..Timing::default() };
    let server = Server::timed(Arc::new(TempDir::new().unwrap()), &[], timing).await;
    let guest = server.guest().await;
    let (mut silent, _) = guest.channel(&json!([])).await;
    let (mut alive, _) = guest.channel(&json!([])).await;
    for _ in 0..3 {
        alive.hear("ping").await;
        alive.say(&json!({"type": "pong"})).await;
    }
    assert_eq!(silent.closed().await, Some(4012));
    assert!(silent.heard.iter().any(|f| f["type"] == "ping"));
    alive.say(&json!({"type": "ping"})).await;
    alive.hear("pong").await;
}

/// A browser's own close is clean only if it is answered (RFC 6455, 5.5.1).
#[tokio::test]
async fn a_close_of_the_client_is_answered() {
    use tokio_tungstenite::tungstenite::protocol::CloseFrame;
    let server = Server::new().await;
    let (mut channel, _) = server.guest().await.channel(&json!([])).await;
    channel.say_raw(Message::Close(Some(CloseFrame { code: 3000.into(), reason: "done".into() }))).await;
    assert_eq!(channel.closed().await, Some(3000));
}

#[tokio::test]
async fn a_reader_that_stops_is_closed_and_hinders_nobody() {
    let timing = Timing { write: Duration::from_millis(300), ..Timing::default() };
    let server = Server::timed(Arc::new(TempDir::new().unwrap()), &[], timing).await;
    let guest = server.guest().await;
    // A socket whose receiving side holds little, and that is never read.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let stream = socket.connect(server.address).await.unwrap();
    let mut request = format!("ws://{}/ws", server.address).into_client_request().unwrap();
    let token = format!("Bearer {}", guest.token.as_deref().unwrap());
    request.headers_mut().insert("authorization", token.parse().unwrap());
    let (mut stuck, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    let hello = json!({"type": "hello", "client": Uuid::from_u128(7)});
    stuck.send(Message::text(hello.to_string())).await.unwrap();
    let connections = || server.running.as_ref().unwrap().app.hub.connections();
    let (mut alive, _) = guest.channel(&json!([])).await;
    while connections() < 2 {
        tokio::task::yield_now().await;
    }
    let conversation = new_id();
    while connections() == 2 {
        for _ in 0..50 {
            alive.send(conversation, MESSAGE).await;
        }
        for _ in 0..50 {
            alive.event("completed").await;
        }
    }
    let offsets: Vec<_> =
        alive.heard.iter().filter(|f| f["type"] == "event").map(|e| e["offset"].as_u64().unwrap()).collect();
    assert_eq!(offsets, (1..=offsets.len() as u64).collect::<Vec<_>>());
    drop(stuck);
}

#[tokio::test]
async fn a_burst_beyond_the_queue_of_a_connection_comes_whole_and_in_order() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let conversation = new_id();
    let (mut sender, _) = guest.channel(&json!([])).await;
    let (mut watcher, _) = guest.channel(&json!([])).await;
    let total = 600;
    for _ in 0..total / 100 {
        for _ in 0..100 {
            sender.send(conversation, MESSAGE).await;
        }
        for _ in 0..100 {
            sender.event("completed").await;
        }
    }
    // Only now is the second connection read: what did not fit waited in the store.
    for offset in 1..=2 * total {
        assert_eq!(watcher.hear("event").await["offset"], offset);
    }
    let mut last: HashMap<String, u64> = HashMap::new();
    for frame in watcher.heard.iter().filter(|f| f["type"] == "progress") {
        let step = frame["step"].as_u64().unwrap();
        let previous = last.insert(frame["id"].as_str().unwrap().to_owned(), step).unwrap_or(0);
        assert_eq!(step, previous + 1 + frame["skipped"].as_u64().unwrap_or(0), "{frame}");
    }
}

#[tokio::test]
async fn too_many_in_flight_are_refused_with_flow() {
    let server = Server::new().await;
    let (mut channel, _) = server.guest().await.channel(&json!([])).await;
    let conversation = new_id();
    let mut sent = Vec::new();
    for _ in 0..400 {
        sent.push(channel.send(conversation, MESSAGE).await);
    }
    let mut open: Vec<_> = sent.iter().map(|id| json!(id)).collect();
    let mut refused = Vec::new();
    let mut credit: Option<u64> = None;
    while !open.is_empty() {
        let frame = channel.next().await.unwrap();
        if frame["type"] == "error" {
            assert_eq!(frame["code"], "busy");
            assert!(frame["retry_after_ms"].is_u64());
            refused.push(frame["id"].clone());
        } else if frame["kind"] == "completed" {
            open.retain(|id| *id != frame["id"]);
        }
        // Told to stop by a credit of 0, and to go on by a higher one; what was refused is sent again.
        if frame["type"] == "flow" {
            credit = frame["credit"].as_u64();
        }
        let Some(welcome) = &mut credit else { continue };
        for id in refused.drain(..refused.len().min(*welcome as usize)) {
            let body = json!({"type": "send", "id": id, "conversation_id": conversation, "content": MESSAGE});
            channel.say(&body).await;
            *welcome -= 1;
        }
    }
    assert!(credit.is_some(), "400 at once are more than a connection may have");
}

/// A client that counts its credit down and waits at 0 must be told of a new one, whatever became of what it sent.
#[tokio::test]
async fn credit_that_is_used_up_is_renewed() {
    let server = Server::new().await;
    let (mut channel, _) = server.guest().await.channel(&json!([])).await;
    let conversation = new_id();
    for _ in 0..400 {
        channel.send(conversation, MESSAGE).await;
    }
    let mut credit = 0;
    let mut used_up = 0;
    while used_up < 3 {
        let frame = channel.next().await.unwrap();
        if frame["type"] == "flow" {
            credit = frame["credit"].as_u64().unwrap();
        }
        for n in 0..credit {
            // Some are refused, and one of those may be the last.
            let content = if n % 2 == 0 { MESSAGE } else { "short" };
            channel.send(conversation, content).await;
        }
        used_up += u64::from(credit > 0);
        credit = 0;
    }
}

#[tokio::test]
async fn a_cancel_right_behind_its_send_finds_the_message() {
    let server = Server::new().await;
    let (mut channel, _) = server.guest().await.channel(&json!([])).await;
    for _ in 0..30 {
        let id = channel.send(new_id(), MESSAGE).await;
        channel.say(&json!({"type": "cancel", "id": id})).await;
    }
    let mut ended = 0;
    while ended < 30 {
        let frame = channel.next().await.unwrap();
        assert_ne!(frame["type"], "error", "{frame}");
        ended += u64::from(["completed", "cancelled"].iter().any(|kind| frame["kind"] == *kind));
    }
}

#[tokio::test]
async fn a_business_that_cannot_be_followed_is_refused_on_both_doors() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let (mut channel, _) = guest.channel(&json!([])).await;
    let asleep = guest.post("/api/v1/businesses", &json!({"name": "Asleep"})).await.json()["id"].clone();
    let strangers = server.guest().await.post("/api/v1/businesses", &json!({"name": "Theirs"})).await.json();
    for (business, code) in [(asleep, "conflict"), (strangers["id"].clone(), "not_found")] {
        let body = json!({"id": new_id(), "content": MESSAGE, "business_id": business});
        assert_eq!(guest.post("/api/v1/messages", &body).await.problem(), code);
        let mut frame = body.clone();
        frame["type"] = json!("send");
        channel.say(&frame).await;
        let error = channel.hear("error").await;
        assert_eq!((&error["code"], &error["id"]), (&json!(code), &body["id"]));
    }
    // What was accepted before is known for ever, whatever became of the business.
    let copy = json!({"name": "Copy", "from": "builtin", "active": true});
    let copy = guest.post("/api/v1/businesses", &copy).await.json()["id"].clone();
    let mut body = json!({"id": new_id(), "content": MESSAGE, "business_id": copy});
    assert_eq!(guest.post("/api/v1/messages", &body).await.json()["duplicate"], false);
    let path = format!("/api/v1/businesses/{}", copy.as_str().unwrap());
    let asleep = guest
        .request(Method::PATCH, &path, &[("content-type", "application/json")], r#"{"active": false}"#.into())
        .await;
    assert_eq!(asleep.status, 200);
    assert_eq!(guest.post("/api/v1/messages", &body).await.json()["duplicate"], true);
    body["type"] = json!("send");
    channel.say(&body).await;
    assert_eq!(channel.hear("accepted").await["duplicate"], true);
}
