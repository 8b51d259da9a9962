//! The page as a browser gets it, before any program of it runs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::sync::Arc;

use hyper::body::Bytes;
use hyper::{Method, StatusCode};
use serde_json::json;
use support::{Answer, Client, MESSAGE, Server};

const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml");

async fn page(client: &Client, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut all = vec![HTML];
    all.extend_from_slice(headers);
    client.request(Method::GET, path, &all, Bytes::new()).await
}

fn html(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.bytes).unwrap()
}

#[tokio::test]
async fn every_page_has_a_policy_whose_nonce_its_scripts_carry() {
    let server = Server::new().await;
    let mut nonces = std::collections::HashSet::new();
    for path in ["/", "/history", "/no/such/page"] {
        let answer = page(&server.stranger(), path, &[]).await;
        let policy = answer.header("content-security-policy").to_owned();
        let nonce = policy.split("'nonce-").nth(1).expect("a nonce").split('\'').next().unwrap().to_owned();
        assert!(nonce.len() >= 16 && nonces.insert(nonce.clone()), "a new nonce for every answer");
        for part in [
            "default-src 'self'",
            "style-src 'self';",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{part} in {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        let text = html(&answer);
        let scripts = text.split("<script").skip(1);
        for script in scripts {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains("src=\"/") || tag.contains(&nonce), "<script{tag}>");
        }
        assert!(!text.contains(" style=\""), "inline styles are blocked by the policy");
        assert!(!text.contains(" onclick="));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_for_people_with_the_right_status() {
    let server = Server::new().await;
    for path in ["/no/such/page", "/m/01a201e1-feeb-7b4b-8c9b-111be7b35537", "/m/12", "/c/12"] {
        let answer = page(&server.stranger(), path, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(html(&answer).contains("<!DOCTYPE html>"), "{path}");
    }
}

#[tokio::test]
async fn a_message_is_read_without_javascript_by_its_sender_only() {
    let server = Server::new().await;
    let answer = server.stranger().post("/api/v1/sessions", &json!({})).await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    let client = Client { token: Some(token), ..server.stranger() };
    let hostile = format!("{MESSAGE} </textarea><script>alert(1)</script>");
    let view = client.ask(&json!({"content": hostile})).await;
    let path = format!("/m/{}", view["id"].as_str().unwrap());
    let signed = page(&server.stranger(), &path, &[("cookie", &cookie)]).await;
    assert_eq!(signed.status, StatusCode::OK);
    assert!(html(&signed).contains("$36,000"), "the answer is in the page");
    assert!(!html(&signed).contains("<script>alert"), "text is shown as text");
    assert_eq!(page(&server.stranger(), &path, &[]).await.status, StatusCode::NOT_FOUND);
    let history = page(&server.stranger(), "/history", &[("cookie", &cookie)]).await;
    assert!(html(&history).contains("We spend $12k/month"));
    assert!(!html(&page(&server.stranger(), "/history", &[]).await).contains("We spend $12k/month"));
}

#[tokio::test]
async fn a_wrong_form_is_answered_with_a_page() {
    let server = Server::new().await;
    let headers = [HTML, ("content-type", "application/x-www-form-urlencoded")];
    let answer = server.stranger().request(Method::POST, "/ask", &headers, "content=%3Cb%3Ex".into()).await;
    assert_eq!(answer.status.as_u16(), 422);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(html(&answer).contains("at least 10") && html(&answer).contains("href=\"/\""), "{}", html(&answer));
}

#[tokio::test]
async fn files_come_as_the_build_left_them() {
    let site = tempfile::tempdir().unwrap();
    let package = site.path().join("pkg");
    std::fs::create_dir(&package).unwrap();
    std::fs::write(package.join("exemplar.js"), "plain").unwrap();
    std::fs::write(package.join("exemplar.js.br"), "brotli").unwrap();
    std::fs::write(package.join("exemplar.js.gz"), "gzip").unwrap();
    std::fs::write(package.join("exemplar.wasm"), "\0asm").unwrap();
    std::fs::write(site.path().parent().unwrap().join("outside.txt"), "secret").unwrap();
    let root = site.path().to_str().unwrap();
    let server = Server::on(Arc::new(tempfile::tempdir().unwrap()), &[("LEPTOS_SITE_ROOT", root)]).await;
    let stranger = server.stranger();
    for (accepts, encoding, body) in [("", "", "plain"), ("br, gzip", "br", "brotli"), ("gzip", "gzip", "gzip")] {
        let headers = [("accept-encoding", accepts)];
        let answer = stranger.request(Method::GET, "/pkg/exemplar.js", &headers, Bytes::new()).await;
        assert_eq!((answer.header("content-encoding"), html(&answer)), (encoding, body));
        assert!(answer.header("content-type").contains("javascript"));
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
    assert_eq!(stranger.get("/pkg/exemplar.wasm").await.header("content-type"), "application/wasm");
    for outside in ["/../outside.txt", "/pkg/..%2f..%2foutside.txt", "/%2e%2e/outside.txt", "/pkg", "/pkg/"] {
        assert_eq!(stranger.get(outside).await.status, StatusCode::NOT_FOUND, "{outside}");
    }
}

#[tokio::test]
async fn answers_for_programs_are_compressed_when_they_take_that() {
    let server = Server::new().await;
    let headers = [("accept-encoding", "gzip")];
    let answer = server.stranger().request(Method::GET, "/api/v1/catalog", &headers, Bytes::new()).await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert!(answer.bytes.len() < 60_000, "{}", answer.bytes.len());
}
