//! The process dies at each of the fifteen steps of a message: the next life finishes it, exactly once, with all its
//! effects. Release builds have no places to die at.
#![cfg(debug_assertions)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::path::Path;

use hyper::Method;
use serde_json::{Value, json};
use server::pipeline::failpoint::STEPS;
use support::life::Life;
use support::{Client, MESSAGE, new_id};
use uuid::Uuid;

/// Sends a message to a server that dies over it; whether it was told to be accepted.
async fn send(client: &Client, body: &Value) -> bool {
    let headers = [("content-type", "application/json")];
    let sent = client.try_request(Method::POST, "/api/v1/messages", &headers, body.to_string().into());
    sent.await.is_ok_and(|answer| answer.status == 202)
}

async fn events(client: &Client, conversation: Uuid) -> Vec<String> {
    let page = client.get(&format!("/api/v1/conversations/{conversation}/events?after=0")).await.json();
    page["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

async fn dies_at(step: &str, folder: &Path) {
    let life = Life::begin(folder).await;
    let token = Client::guest(life.address).await.token;
    let conversation = new_id();
    let first = json!({"id": new_id(), "conversation_id": conversation, "content": MESSAGE});
    let mut body = json!({"id": new_id(), "conversation_id": conversation, "content": "and with half the tokens?"});
    if step == "failed" {
        body["workload"] = json!({"model": "no-such-model-9"});
    }
    let client = Client { address: life.address, token: token.clone() };
    assert_eq!(client.ask(&first).await["status"], "completed");
    life.kill().await;

    let life = Life::with(folder, &[("EXEMPLAR_FAILPOINT", step)]).await;
    let told = send(&Client { address: life.address, token: token.clone() }, &body).await;
    life.died().await;
    if told {
        assert!(!["validate", "accept"].contains(&step), "{step}: told to be accepted before it was");
    }

    // What a client does that has not heard: it sends the same again.
    let life = Life::begin(folder).await;
    let client = Client { address: life.address, token };
    let view = client.ask(&body).await;
    let ended = if step == "failed" { "failed" } else { "completed" };
    assert_eq!(view["status"], ended, "{step}: {view}");
    assert_eq!(view["duplicate"], !["validate", "accept"].contains(&step), "{step}");
    assert_eq!(events(&client, conversation).await, ["accepted", "completed", "accepted", ended], "{step}");
    if step != "failed" {
        let w = &view["result"]["workload"];
        assert_eq!((&w["input_tokens"], &w["output_tokens"]), (&json!(600.0), &json!(150.0)), "{step}: halved once");
    }
    // What the conversation knows was written with the end, once: the next message builds on it.
    let next = json!({"id": new_id(), "conversation_id": conversation, "content": "and with twice the requests?"});
    let view = client.ask(&next).await;
    let tokens = if step == "failed" { 1_200.0 } else { 600.0 };
    let w = &view["result"]["workload"];
    assert_eq!((&w["input_tokens"], &w["requests_per_day"]), (&json!(tokens), &json!(400_000.0)), "{step}: {view}");
    life.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_finished_exactly_once_wherever_the_process_dies() {
    for step in STEPS {
        let folder = tempfile::tempdir().unwrap();
        dies_at(step, folder.path()).await;
    }
}
