//! Stopping and resuming the answering of a conversation, from outside.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use hyper::StatusCode;
use serde_json::{Value, json};
use support::{Answer, Client, MESSAGE, Server};

async fn send(client: &Client, talk: &Value, wait: u32) -> Answer {
    client.post(&format!("/api/v1/messages?wait={wait}"), &json!({"content": MESSAGE, "conversation_id": talk})).await
}

async fn steer(client: &Client, talk: &Value, action: &str) -> Answer {
    client.post(&format!("/api/v1/conversations/{}/ai", talk.as_str().unwrap()), &json!({"action": action})).await
}

async fn shown(client: &Client, talk: &Value) -> Value {
    client.get(&format!("/api/v1/conversations/{}", talk.as_str().unwrap())).await.json()
}

#[tokio::test]
async fn a_stopped_conversation_keeps_its_messages_until_it_is_resumed() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let first = guest.post("/api/v1/messages?wait=10", &json!({"content": MESSAGE})).await.json();
    let talk = first["conversation_id"].clone();
    assert_eq!(shown(&guest, &talk).await["ai"], "active");

    let stopped = steer(&guest, &talk, "stop").await;
    assert_eq!((stopped.status, stopped.json()), (StatusCode::OK, json!({"conversation_id": talk, "ai": "stopped"})));
    assert_eq!(steer(&guest, &talk, "stop").await.json()["ai"], "stopped", "twice is as good as once");
    let kept = send(&guest, &talk, 0).await;
    assert_eq!((kept.status, kept.json()["sequence"].as_u64()), (StatusCode::ACCEPTED, Some(2)));
    // Another conversation goes on, so the waiting is no slowness.
    let other = guest.post("/api/v1/messages?wait=10", &json!({"content": MESSAGE})).await;
    assert_eq!(other.json()["status"], "completed");
    assert_eq!(shown(&guest, &talk).await["messages"][1]["status"], "queued");

    // It stays stopped over a restart.
    let server = Server::on(server.stop().await, &[]).await;
    let guest = Client { address: server.address, ..guest };
    let other = guest.post("/api/v1/messages?wait=10", &json!({"content": MESSAGE})).await;
    assert_eq!(other.json()["status"], "completed");
    let now = shown(&guest, &talk).await;
    assert_eq!((now["ai"].as_str(), now["messages"][1]["status"].as_str()), (Some("stopped"), Some("queued")));

    assert_eq!(steer(&guest, &talk, "resume").await.json()["ai"], "active");
    let third = send(&guest, &talk, 10).await.json();
    assert_eq!((third["status"].as_str(), third["sequence"].as_u64()), (Some("completed"), Some(3)));
    assert_eq!(shown(&guest, &talk).await["messages"][1]["status"], "completed", "in its order");
}

#[tokio::test]
async fn only_its_owner_steers_a_conversation_and_only_by_the_two_words() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let first = guest.post("/api/v1/messages?wait=10", &json!({"content": MESSAGE})).await.json();
    let talk = &first["conversation_id"];
    assert_eq!(steer(&server.guest().await, talk, "stop").await.problem(), "not_found");
    assert_eq!(steer(&server.stranger(), talk, "stop").await.problem(), "unauthenticated");
    for action in ["", "pause", "STOP"] {
        let refused = steer(&guest, talk, action).await;
        assert_eq!((refused.problem().as_str(), &refused.json()["fields"][0]["name"]), ("invalid", &json!("action")));
    }
    assert_eq!(shown(&guest, talk).await["ai"], "active");
}

#[tokio::test]
async fn a_waiting_message_of_a_stopped_conversation_can_be_cancelled() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let first = guest.post("/api/v1/messages?wait=10", &json!({"content": MESSAGE})).await.json();
    let talk = &first["conversation_id"];
    steer(&guest, talk, "stop").await;
    let kept = send(&guest, talk, 0).await.json();
    let cancelled = guest.post(&format!("/api/v1/messages/{}/cancel", kept["id"].as_str().unwrap()), &json!({})).await;
    assert_eq!(cancelled.status, StatusCode::OK, "{cancelled:?}");
    steer(&guest, talk, "resume").await;
    assert_eq!(send(&guest, talk, 10).await.json()["status"], "completed");
}

#[tokio::test]
async fn what_a_stopped_conversation_keeps_takes_no_place_of_others_and_is_bounded() {
    let server = Server::with(&[("EXEMPLAR_QUEUE_LIMIT", "300")]).await;
    let guest = server.guest().await;
    let first = guest.post("/api/v1/messages?wait=10", &json!({"content": MESSAGE})).await.json();
    let talk = &first["conversation_id"];
    steer(&guest, talk, "stop").await;
    // More than the queue takes: they wait in the store.
    for sequence in 2..=1_001 {
        let kept = send(&guest, talk, 0).await;
        assert_eq!(kept.json()["sequence"], sequence, "{kept:?}");
    }
    let refused = send(&guest, talk, 0).await;
    assert_eq!(refused.problem(), "busy");
    assert!(refused.json()["detail"].as_str().unwrap().contains("Resume"), "{refused:?}");
    let other = server.guest().await.post("/api/v1/messages?wait=10", &json!({"content": MESSAGE})).await;
    assert_eq!(other.json()["status"], "completed", "others are not held up");
    steer(&guest, talk, "resume").await;
    let last = shown(&guest, talk).await["messages"].as_array().unwrap().last().unwrap()["id"].clone();
    let path = format!("/api/v1/messages/{}", last.as_str().unwrap());
    // The next one is accepted once there is room, and its answer comes after all that waited.
    let next = loop {
        let next = send(&guest, talk, 20).await;
        if next.status != StatusCode::SERVICE_UNAVAILABLE {
            break next;
        }
    };
    assert_eq!((next.json()["status"].as_str(), next.json()["sequence"].as_u64()), (Some("completed"), Some(1_002)));
    assert_eq!(guest.get(&path).await.json()["status"], "completed");
}
