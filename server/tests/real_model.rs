//! The adapter against an OpenAI-compatible server that nobody here wrote: `scripts/real-model` installs `LiteLLM`'s
//! proxy, starts it with a model that needs no download, and runs this with its address. Without one there is nothing
//! to be tested here; `llm.rs` has a server of our own that misbehaves.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use serde_json::json;
use support::{Client, MESSAGE, Server, new_id};

const TOKEN: &str = "the operator's own token";

#[tokio::test]
async fn a_server_that_nobody_here_wrote_words_an_answer() {
    let Ok(endpoint) = std::env::var("EXEMPLAR_TEST_MODEL") else {
        println!("not run: scripts/real-model starts a server and runs this");
        return;
    };
    let settings = [
        ("LLM_API_ENDPOINT", endpoint.as_str()),
        ("LLM_API_KEY", "sk-real-server"),
        ("LLM_MODEL", "house-model"),
        ("EXEMPLAR_ADMIN_TOKEN", TOKEN),
    ];
    let server = Server::with(&settings).await;
    let guest = server.guest().await;
    let (mut channel, _) = guest.channel(&json!([])).await;
    let id = channel.send(new_id(), MESSAGE).await;
    channel.event("completed").await;
    let view = guest.get(&format!("/api/v1/messages/{id}")).await.json();
    let result = &view["result"];
    assert_eq!(result["degraded"], false, "{result}");
    // The model is made to say one sentence that is right, and one with a figure that nobody computed.
    let text = result["wording"]["text"].as_str().unwrap();
    assert_eq!(text, "You spend $12k a month on GPT-4o for 200k requests a day.", "{text}");
    assert!(channel.heard.iter().any(|frame| frame["type"] == "progress" && frame["text"] == text));
    let operator = Client { address: server.address, token: Some(TOKEN.into()) };
    let metrics = String::from_utf8(operator.get("/metrics").await.bytes.to_vec()).unwrap();
    for line in [
        "exemplar_llm_calls_total{outcome=\"ok\",verb=\"read\"} 1",
        "exemplar_llm_calls_total{outcome=\"ok\",verb=\"word\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} in\n{metrics}");
    }
    let health = server.stranger().get("/health").await.json();
    assert_eq!(health["components"]["llm"]["status"], "ok", "{health}");

    // A wrong key is a refusal, in the words of the server (it asks for a database of keys, which it lacks here).
    let mut wrong = settings;
    wrong[1].1 = "sk-wrong";
    let server = Server::with(&wrong).await;
    let view = server.guest().await.ask(&json!({"content": MESSAGE})).await;
    assert_eq!((view["status"].as_str(), view["result"]["degraded"].as_bool()), (Some("completed"), Some(true)));
    let operator = Client { address: server.address, token: Some(TOKEN.into()) };
    let stats = operator.get("/stats").await.json();
    assert_eq!(stats["llm"]["standing"]["reason"], "llm_refused", "{stats}");
}
