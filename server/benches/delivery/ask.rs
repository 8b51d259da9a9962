//! `POST /api/v1/messages?wait=5`, one after another over one connection: what a program without a channel waits for.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::child::OPERATOR;
use crate::load::{content, percentiles};
use crate::socket::session;

/// A connection that stays open, with the token of a session.
struct Http {
    sender: SendRequest<Full<Bytes>>,
    token: String,
}

impl Http {
    async fn open(address: SocketAddr) -> Self {
        let token = session(address).await;
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP");
        tokio::spawn(connection);
        Self { sender, token }
    }

    /// Asks, and answers what came back.
    async fn ask(&mut self, content: &str) -> Value {
        let request = hyper::Request::post("/api/v1/messages?wait=5")
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", self.token))
            .body(Full::new(json!({"content": content}).to_string().into()))
            .expect("a request");
        self.sender.ready().await.expect("an open connection");
        let response = self.sender.send_request(request).await.expect("an answer");
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        serde_json::from_slice(&body).expect("JSON")
    }
}

/// What the operator is told.
pub(crate) async fn stats(address: SocketAddr) -> Value {
    let mut http = Http::open(address).await;
    let request = hyper::Request::get("/stats")
        .header("host", "localhost")
        .header("authorization", format!("Bearer {OPERATOR}"))
        .body(Full::default())
        .expect("a request");
    let response = http.sender.send_request(request).await.expect("an answer");
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    serde_json::from_slice(&body).expect("JSON")
}

/// Asks for `time`, each question after the answer to the one before, which it has read.
pub(crate) async fn run(address: SocketAddr, time: Duration) -> Value {
    let mut http = Http::open(address).await;
    let until = Instant::now() + time;
    let mut times = Vec::new();
    while Instant::now() < until {
        let question = content(times.len());
        let began = Instant::now();
        let view = http.ask(&question).await;
        times.push(began.elapsed());
        assert_eq!(view["status"], "completed", "{view}");
        assert!(view["result"]["metrics"].as_array().is_some_and(|metrics| !metrics.is_empty()), "{view}");
    }
    percentiles(times)
}
