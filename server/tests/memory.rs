//! What a conversation said before, and what it is told about failures, over the whole server.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use serde_json::json;
use support::{MESSAGE, Server, new_id};

#[tokio::test]
async fn a_message_builds_on_those_before_it_and_says_so() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let conversation = new_id();
    let ask = async |content: &str| {
        let body = json!({"content": content, "conversation_id": conversation});
        guest.ask(&body).await["result"].clone()
    };
    let first = ask(MESSAGE).await;
    let second = ask("and with half the tokens?").await;
    assert_eq!(second["category"], first["category"]);
    assert_eq!(second["workload"]["input_tokens"], 600.0);
    let cost = |result: &serde_json::Value| {
        let metrics = result["metrics"].as_array().unwrap();
        metrics.iter().find(|metric| metric["id"] == "monthly_cost_usd").unwrap()["value"].as_f64().unwrap()
    };
    assert!((cost(&second) - cost(&first) / 2.0).abs() < 1e-6 * cost(&first), "half the tokens, half the bill");
    assert_eq!(second["provenance"]["input_tokens"]["source"], "computed");
    assert_eq!(second["provenance"]["model"]["ref"], "an earlier message of this conversation");
    let said = second["assumptions"].as_array().unwrap().iter().any(|assumption| {
        assumption["text"].as_str().unwrap().starts_with("From earlier messages of this conversation: model")
    });
    assert!(said, "{second}");
    // A new statement wins, and the third message builds on the second.
    let third = ask("What about 50k requests a day?").await;
    assert_eq!(
        (&third["workload"]["requests_per_day"], &third["workload"]["input_tokens"]),
        (&json!(50_000.0), &json!(600.0))
    );
    // Another conversation knows nothing of it.
    let other = guest.ask(&json!({"content": "and with half the tokens?"})).await;
    assert!(other["result"]["workload"]["input_tokens"].is_null(), "{other}");
}

#[tokio::test]
async fn a_conversation_remembers_over_a_restart() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let conversation = new_id();
    guest.ask(&json!({"content": MESSAGE, "conversation_id": conversation})).await;
    let folder = server.stop().await;
    let server = Server::on(folder, &[]).await;
    let guest = support::Client { address: server.address, token: guest.token };
    let view = guest.ask(&json!({"content": "and with twice the traffic?", "conversation_id": conversation})).await;
    assert_eq!(view["result"]["workload"]["requests_per_day"], 400_000.0, "{view}");
    assert_eq!(view["result"]["workload"]["model"], "gpt-4o");
}

#[tokio::test]
async fn an_advanced_message_is_worked_on_by_agents_that_report() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let (mut channel, _) = guest.channel(&json!([])).await;
    let plan = "Plan our traffic: 200k requests/day on gpt-4o, 1,200 input / 300 output tokens, at most $20k/month, \
        quality at least 1250, answers within 4 s, growing 10 % a month, all at once";
    let id = new_id();
    let conversation = new_id();
    let frame =
        json!({"type": "send", "id": id, "conversation_id": conversation, "content": plan, "category": "advanced"});
    channel.say(&frame).await;
    channel.event("completed").await;
    let progress: Vec<_> = channel.heard.iter().filter(|frame| frame["type"] == "progress").collect();
    let mut agents: Vec<_> = progress.iter().filter_map(|frame| frame["agent"].as_str()).collect();
    agents.sort_unstable();
    let all = ["advanced", "cost-optimization", "latency-optimization", "model-selection", "scaling"];
    // Progress is lossy where the reader is slow; what came is in order.
    assert!(agents.iter().all(|agent| all.contains(agent)) && !agents.is_empty(), "{progress:?}");
    assert!(progress.windows(2).all(|pair| pair[0]["percent"].as_u64() <= pair[1]["percent"].as_u64()));
    let view = guest.get(&format!("/api/v1/messages/{id}")).await.json();
    let metrics = view["result"]["metrics"].as_array().unwrap();
    for id in ["plan_cost_usd", "plan_quality", "requests_per_second_peak"] {
        assert!(metrics.iter().any(|metric| metric["id"] == id && metric["value"].is_number()), "{id}");
    }
}

#[tokio::test]
async fn a_plain_message_reports_five_steps() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let (mut channel, _) = guest.channel(&json!([])).await;
    channel.send(new_id(), MESSAGE).await;
    channel.event("completed").await;
    let shown = channel.heard.iter().filter(|frame| frame["type"] == "progress").map(|frame| {
        assert!(frame["agent"].is_null() && frame["text"].is_null());
        1 + frame["skipped"].as_u64().unwrap_or(0)
    });
    assert!(shown.sum::<u64>() <= 5);
}
