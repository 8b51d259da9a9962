//! Usage logs over HTTP: uploaded, refused, kept apart, and used by every category.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use hyper::body::Bytes;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use shared::message::Category;
use shared::usage::{LogForm, Synthetic};
use support::{Answer, Client, Server, new_id};
use uuid::Uuid;

const CSV: (&str, &str) = ("content-type", "text/csv");
const JSONL: (&str, &str) = ("content-type", "application/x-ndjson");

fn synthetic(rows: usize, form: LogForm) -> String {
    let (mut log, mut out) = (Synthetic::new(1, form), String::new());
    (0..rows).for_each(|_| log.row(&mut out));
    out
}

async fn upload(client: &Client, headers: &[(&str, &str)], log: impl Into<Bytes>) -> Answer {
    client.request(Method::POST, "/api/v1/usage", headers, log.into()).await
}

async fn uploaded(client: &Client, log: impl Into<Bytes>) -> Value {
    let answer = upload(client, &[CSV], log).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn the_same_log_is_read_in_every_packing() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let csv = uploaded(&guest, synthetic(3_000, LogForm::Csv)).await;
    assert_eq!((&csv["rows"], &csv["rejected"]), (&json!(3_000), &json!(0)));
    let summary = &csv["summary"];
    assert_eq!(summary["requests"], 3_000);
    assert_eq!(summary["models"][0]["model"], "gpt-4o");
    for field in ["span_s", "arrival_scv", "peak_factor"] {
        assert!(summary[field].as_f64().unwrap() > 0.0, "{field}");
    }
    for field in ["mean", "p50", "p90", "p99"] {
        assert!(summary["input_tokens"][field].as_f64().unwrap() > 0.0, "{field}");
        assert!(summary["output_tokens"][field].as_f64().unwrap() > 0.0, "{field}");
    }
    let jsonl = upload(&guest, &[JSONL], synthetic(3_000, LogForm::Jsonl)).await.json();
    assert_eq!(jsonl["summary"], *summary);
    let form = format!(
        "--b\r\ncontent-disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--b\r\ncontent-disposition: form-data; \
         name=\"file\"; filename=\"log.csv\"\r\ncontent-type: text/csv\r\n\r\n{}\r\n--b--\r\n",
        synthetic(3_000, LogForm::Csv)
    );
    let form = upload(&guest, &[("content-type", "multipart/form-data; boundary=b")], form).await.json();
    assert_eq!(form["summary"], *summary);
    assert_ne!(form["usage_id"], csv["usage_id"]);
}

#[tokio::test]
async fn every_category_uses_the_log_and_what_is_given_wins() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let id = uploaded(&guest, synthetic(12_000, LogForm::Csv)).await["usage_id"].clone();
    for category in Category::BUILT {
        let body = json!({"category": category, "usage_id": id});
        let answer = guest.post("/api/v1/analyze", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{category}: {answer:?}");
        let result = answer.json();
        assert_eq!(result["provenance"]["input_tokens"]["source"], "log", "{category}");
        assert!(
            result["provenance"]["input_tokens"]["ref"].as_str().unwrap().contains("12,000 requests"),
            "{category}"
        );
        let codes: Vec<_> = result["warnings"].as_array().unwrap().iter().map(|w| w["code"].clone()).collect();
        assert!(codes.contains(&json!("synthetic")), "{category}: {codes:?}");
        let known = result["metrics"].as_array().unwrap().iter().filter(|m| m["value"].is_number()).count();
        assert!(known >= 3, "{category}: {}", result["metrics"]);
    }
    let given = json!({"category": "latency-optimization", "usage_id": id, "workload": {"concurrency_limit": 8, "output_tokens": 77}});
    let result = guest.post("/api/v1/analyze", &given).await.json();
    assert_eq!(
        (&result["workload"]["output_tokens"], &result["provenance"]["output_tokens"]),
        (&json!(77.0), &Value::Null)
    );
    let metric = |id: &str| result["metrics"].as_array().unwrap().iter().find(|m| m["id"] == id).cloned().unwrap();
    assert_eq!(metric("p95_ms")["source"], "your log");
    assert!(
        metric("queue_wait_ms")["formula"].as_str().unwrap().contains("your log replayed"),
        "{}",
        metric("queue_wait_ms")
    );
}

#[tokio::test]
async fn a_message_is_answered_from_its_log() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let log = uploaded(&guest, synthetic(3_000, LogForm::Csv)).await;
    let body = json!({"content": "Here is our log: what would half the price look like?", "usage_id": log["usage_id"],
        "category": "cost-optimization", "id": new_id()});
    let view = guest.ask(&body).await;
    assert_eq!(view["status"], "completed", "{view}");
    let result = &view["result"];
    assert_eq!(result["provenance"]["requests_per_day"]["source"], "log");
    assert_eq!(result["workload"]["input_tokens"], log["summary"]["input_tokens"]["mean"]);
    let asked: Vec<_> = result["questions"].as_array().unwrap().iter().map(|q| q["field"].clone()).collect();
    assert!(!asked.contains(&json!("requests_per_day")) && !asked.contains(&json!("model")), "{asked:?}");
    assert_eq!(guest.ask(&body).await["duplicate"], true);
    let other = json!({"content": "Here is our log, with 9,000 requests per day instead", "usage_id": log["usage_id"]});
    assert_eq!(guest.ask(&other).await["result"]["workload"]["requests_per_day"], 9_000.0, "the text wins");
}

#[tokio::test]
async fn another_users_log_does_not_exist() {
    let server = Server::new().await;
    let (alice, bob) = (server.guest().await, server.guest().await);
    let id = uploaded(&alice, synthetic(50, LogForm::Csv)).await["usage_id"].clone();
    for (client, id) in [(&bob, id), (&alice, json!(Uuid::from_u128(1)))] {
        let analyze = client.post("/api/v1/analyze", &json!({"category": "scaling", "usage_id": id})).await;
        assert_eq!((analyze.status.as_u16(), analyze.problem().as_str()), (404, "not_found"));
        let message =
            client.post("/api/v1/messages", &json!({"content": "What does our log say?", "usage_id": id})).await;
        assert_eq!((message.status.as_u16(), message.problem().as_str()), (404, "not_found"));
        assert_eq!(message.json()["fields"][0]["name"], "usage_id");
    }
    assert_eq!(bob.get("/api/v1/conversations").await.json(), json!([]), "nothing was stored");
    let neither = alice.post("/api/v1/analyze", &json!({"category": "scaling"})).await;
    assert_eq!((neither.problem().as_str(), &neither.json()["fields"][0]["name"]), ("invalid", &json!("workload")));
}

/// Headers, body, status, code, and a word of the explanation.
type Case = (Vec<(&'static str, &'static str)>, Bytes, u16, &'static str, &'static str);

#[tokio::test]
async fn what_is_no_log_has_a_clear_problem() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let head = "timestamp,model,input_tokens,output_tokens\n";
    let gzip = Bytes::from_static(b"\x1f\x8b\x08\0\0\0\0\0\0\x03");
    let form = ("content-type", "multipart/form-data; boundary=b");
    let cases: Vec<Case> = vec![
        (vec![CSV], Bytes::new(), 422, "invalid", "empty"),
        (vec![CSV], head.into(), 422, "invalid", "no rows"),
        (vec![CSV], "name,age\nx,1\n".into(), 422, "invalid", "name, age"),
        (vec![CSV], format!("{head}a;b;c\n").into(), 422, "invalid", "line 2"),
        (vec![CSV], format!("{head}2099-01-01,m,1,1\n").into(), 422, "invalid", "future"),
        (vec![JSONL], "[{\"model\": \"m\"}]".into(), 422, "invalid", "JSON array"),
        (vec![CSV], gzip.clone(), 415, "unsupported_media", "gzip"),
        (vec![CSV, ("content-encoding", "gzip")], gzip, 415, "unsupported_media", "uncompressed"),
        (vec![("content-type", "application/json")], "{}".into(), 415, "unsupported_media", "text/csv"),
        (vec![], "x".into(), 415, "unsupported_media", "text/csv"),
        (vec![form], "--b--\r\n".into(), 422, "invalid", "no part"),
        (vec![form], "--b\r\n".into(), 400, "invalid", "form"),
        (vec![("content-type", "multipart/form-data")], "x".into(), 400, "invalid", "form"),
    ];
    for (headers, body, status, code, says) in cases {
        let answer = upload(&guest, &headers, body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (status, code), "{headers:?} {body:?}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(says), "{says}: {detail}");
    }
    let stranger = upload(&server.stranger(), &[CSV], synthetic(5, LogForm::Csv)).await;
    assert_eq!((stranger.status.as_u16(), stranger.problem().as_str()), (401, "unauthenticated"));
}

#[tokio::test]
async fn a_long_log_that_is_refused_at_its_first_line_is_told_so() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let log = format!("name,age\n{}", "x,1\n".repeat(1_000_000));
    let answer = upload(&guest, &[CSV], log).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (422, "invalid"));
}

#[tokio::test]
async fn bad_rows_are_counted_and_one_row_is_a_log() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let log = "\u{feff}Timestamp;Model;Prompt_Tokens;Completion_Tokens\r\n2026-11-01 10:00:00;gpt-4o;100;10\r\nbroken;gpt-4o;100;10\r\n";
    let answer = uploaded(&guest, log).await;
    assert_eq!((&answer["rows"], &answer["rejected"]), (&json!(1), &json!(1)));
    assert_eq!(answer["first_rejections"][0]["line"], 3);
    assert!(answer["first_rejections"][0]["message"].as_str().unwrap().contains("broken"));
    assert_eq!((&answer["summary"]["arrival_scv"], &answer["summary"]["peak_factor"]), (&Value::Null, &Value::Null));
    for category in Category::BUILT {
        let body = json!({"category": category, "usage_id": answer["usage_id"]});
        let result = guest.post("/api/v1/analyze", &body).await;
        assert_eq!(result.status, StatusCode::OK, "{category}: {result:?}");
    }
}
