//! The progress channel in its binary form.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]
#![allow(clippy::print_stdout, reason = "the measured sizes, for whoever asks with --nocapture")]

mod support;

use serde_json::{Value, json};
use support::{Channel, Client, MESSAGE, Server, new_id};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

const CBOR: (&str, &str) = ("sec-websocket-protocol", "exemplar.v1.cbor");

/// A channel in CBOR that has said hello.
async fn open(guest: &Client) -> (Channel, Value) {
    let mut channel = guest.knock(&[CBOR]).await.unwrap();
    channel.say_cbor(&json!({"type": "hello", "client": Uuid::from_u128(1)})).await;
    let welcome = channel.hear("welcome").await;
    (channel, welcome)
}

fn send(id: Uuid, conversation: Uuid) -> Value {
    json!({"type": "send", "id": id, "conversation_id": conversation, "content": MESSAGE})
}

#[tokio::test]
async fn a_message_comes_back_with_the_same_fields_as_in_json() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let (mut text, _) = guest.channel(&json!([])).await;
    let (mut binary, welcome) = open(&guest).await;
    assert!(welcome["limits"]["frame_bytes"].is_u64() && welcome["user"].is_string());
    binary.say_cbor(&send(new_id(), new_id())).await;
    assert_eq!(binary.event("completed").await, text.event("completed").await);
    let told = |channel: &Channel, kind: &str| {
        let frames = channel.heard.iter().filter(|frame| frame["type"] == kind);
        frames.map(|frame| frame.as_object().unwrap().keys().cloned().collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    for kind in ["event", "progress"] {
        assert_eq!(told(&binary, kind), told(&text, kind), "{kind}");
    }
    let accepted = binary.heard.iter().find(|frame| frame["type"] == "accepted").cloned();
    assert!(accepted.is_some() || binary.hear("accepted").await["sequence"] == 1);
}

#[tokio::test]
async fn a_wrong_form_is_a_bad_frame() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let (mut binary, _) = open(&guest).await;
    binary.say(&json!({"type": "ping"})).await;
    assert_eq!(binary.closed().await, Some(4400));
    let (mut text, _) = guest.channel(&json!([])).await;
    text.say_cbor(&json!({"type": "ping"})).await;
    assert_eq!(text.closed().await, Some(4400));
    let (mut torn, _) = open(&guest).await;
    torn.say_raw(Message::binary(b"\xa1\x64type".to_vec())).await;
    assert_eq!(torn.closed().await, Some(4400));
    assert_eq!(torn.heard.last().unwrap()["code"], "invalid", "the reason is told in CBOR too");
}

#[tokio::test]
async fn an_unknown_type_and_wrong_fields_are_answered() {
    let server = Server::new().await;
    let (mut channel, _) = open(&server.guest().await).await;
    for frame in
        [json!({"type": "dance"}), json!({"type": "cancel", "id": 5}), json!({"type": "send", "content": MESSAGE})]
    {
        channel.say_cbor(&frame).await;
        assert_eq!(channel.hear("error").await["code"], "invalid", "{frame}");
    }
    channel.say_cbor(&json!({"type": "ping", "colour": 5})).await;
    channel.hear("pong").await;
}

#[tokio::test]
async fn the_client_says_which_form_it_likes_best() {
    let server = Server::new().await;
    let guest = server.guest().await;
    for (wish, is_cbor) in [
        ("exemplar.v1.cbor, exemplar.v1.json", true),
        ("exemplar.v1.json, exemplar.v1.cbor", false),
        ("exemplar.v9.zip, exemplar.v1.cbor", true),
    ] {
        let mut channel = guest.knock(&[(CBOR.0, wish)]).await.unwrap();
        let hello = json!({"type": "hello", "client": Uuid::from_u128(1)});
        if is_cbor {
            channel.say_cbor(&hello).await;
        } else {
            channel.say(&hello).await;
        }
        channel.hear("welcome").await;
    }
    assert!(guest.knock(&[(CBOR.0, "exemplar.v9.zip")]).await.is_err());
}

#[tokio::test]
async fn progress_is_small_in_both_forms() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let (mut text, _) = guest.channel(&json!([])).await;
    let (mut binary, _) = open(&guest).await;
    for _ in 0..40 {
        binary.say_cbor(&send(new_id(), new_id())).await;
        binary.event("completed").await;
        text.event("completed").await;
    }
    for (name, channel, bar) in [("JSON", &text, 200), ("CBOR", &binary, 110)] {
        let progress = channel.heard.iter().zip(&channel.sizes).filter(|(frame, _)| frame["type"] == "progress");
        let mut sizes: Vec<_> = progress.map(|(_, size)| *size).collect();
        sizes.sort_unstable();
        let (p50, p99) = (sizes[sizes.len() / 2], sizes[(sizes.len() * 99).div_ceil(100) - 1]);
        println!("progress frames in {name}: {} measured, p50 {p50} bytes, p99 {p99} bytes", sizes.len());
        assert!(sizes.len() >= 150 && p99 < bar, "{name}: {sizes:?}");
    }
}
