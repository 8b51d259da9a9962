//! A server of its own for each test, and the two kinds of clients.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

pub mod life;
pub mod model;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use server::channel::Timing;
use server::config::Config;
use server::serve::{Running, start};
use server::world::World;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use uuid::Uuid;

/// Longer than anything here takes, so that a hang is a failure with a name.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub const MESSAGE: &str = "We spend $12k/month on GPT-4o for 200k requests/day, 1,200 input / 300 output tokens";

/// A new id of the present.
pub fn new_id() -> Uuid {
    World::real().new_id()
}

/// The settings of a test server on the file `database`.
pub fn config(folder: &TempDir, settings: &[(&str, &str)]) -> Config {
    let database = format!("sqlite://{}", folder.path().join("test.db").display());
    let mut environment = vec![
        ("EXEMPLAR_ADDR".to_owned(), "127.0.0.1:0".to_owned()),
        ("DATABASE_URL".to_owned(), database),
        ("EXEMPLAR_DURABILITY".to_owned(), "process".to_owned()),
        ("EXEMPLAR_RATE_LIMIT_PER_MIN".to_owned(), "0".to_owned()),
    ];
    environment.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let none = folder.path().join("none.toml");
    Config::load(&none, environment, std::collections::BTreeMap::new()).unwrap()
}

/// A running server with a database of its own.
pub struct Server {
    pub running: Option<Running>,
    pub address: SocketAddr,
    pub folder: Arc<TempDir>,
}

impl Server {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(settings: &[(&str, &str)]) -> Self {
        Self::on(Arc::new(TempDir::new().unwrap()), settings).await
    }

    pub async fn on(folder: Arc<TempDir>, settings: &[(&str, &str)]) -> Self {
        Self::timed(folder, settings, Timing::default()).await
    }

    /// A server whose channel waits less long.
    pub async fn timed(folder: Arc<TempDir>, settings: &[(&str, &str)], timing: Timing) -> Self {
        let running = start(config(&folder, settings), World::real(), timing).await.unwrap();
        Self { address: running.address, running: Some(running), folder }
    }

    /// Drains the server; its folder stays.
    pub async fn stop(mut self) -> Arc<TempDir> {
        self.running.take().unwrap().stop().await.unwrap();
        self.folder.clone()
    }

    /// A client with a session of a new guest.
    pub async fn guest(&self) -> Client {
        Client::guest(self.address).await
    }

    pub fn stranger(&self) -> Client {
        Client { address: self.address, token: None }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {:?}", self.bytes))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of a problem, after checking that it is one.
    #[track_caller]
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16(), "{json}");
        assert_eq!(json["trace_id"], self.header("x-request-id"), "{json}");
        for field in ["type", "title", "detail"] {
            assert!(json[field].as_str().is_some_and(|text| !text.is_empty()), "{json}");
        }
        assert!(json["retryable"].is_boolean(), "{json}");
        json["code"].as_str().unwrap().to_owned()
    }
}

/// A client with the token of a session, or none.
#[derive(Clone, Debug)]
pub struct Client {
    pub address: SocketAddr,
    pub token: Option<String>,
}

impl Client {
    pub async fn guest(address: SocketAddr) -> Self {
        let stranger = Self { address, token: None };
        let answer = stranger.post("/api/v1/sessions", &json!({})).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        Self { address, token: Some(answer.json()["token"].as_str().unwrap().to_owned()) }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, &[], Bytes::new()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[], body).await
    }

    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/json"));
        self.request(Method::POST, path, &headers, body.to_string().into()).await
    }

    pub async fn request(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Bytes) -> Answer {
        tokio::time::timeout(PATIENCE, self.try_request(method, path, headers, body)).await.unwrap().unwrap()
    }

    pub async fn try_request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header("host", self.address.to_string());
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = sender.send_request(request.body(Full::new(body))?).await?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await?.to_bytes();
        Ok(Answer { status: parts.status, headers: parts.headers, bytes })
    }

    /// Sends a message and waits until it has ended; answers its view.
    pub async fn ask(&self, body: &Value) -> Value {
        let answer = self.post("/api/v1/messages?wait=15", body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()
    }

    /// Opens the channel with this client's token in the handshake and says `hello`.
    pub async fn channel(&self, resume: &Value) -> (Channel, Value) {
        let mut channel = self.knock(&[]).await.unwrap();
        channel.say(&json!({"type": "hello", "client": Uuid::from_u128(1), "resume": resume})).await;
        let welcome = channel.hear("welcome").await;
        (channel, welcome)
    }

    /// Opens a WebSocket, without a word.
    pub async fn knock(&self, headers: &[(&str, &str)]) -> Result<Channel, WsError> {
        let mut request = format!("ws://{}/ws", self.address).into_client_request()?;
        if let Some(token) = &self.token {
            request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        for (name, value) in headers {
            let name: hyper::header::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let (socket, _) = tokio::time::timeout(PATIENCE, tokio_tungstenite::connect_async(request)).await.unwrap()?;
        Ok(Channel { socket, heard: Vec::new(), sizes: Vec::new() })
    }
}

/// An open channel.
pub struct Channel {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Every frame so far.
    pub heard: Vec<Value>,
    /// How many bytes each had.
    pub sizes: Vec<usize>,
}

impl Channel {
    pub async fn say(&mut self, frame: &Value) {
        self.socket.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// Says a frame in CBOR.
    pub async fn say_cbor(&mut self, frame: &Value) {
        let mut bytes = Vec::new();
        ciborium::into_writer(frame, &mut bytes).unwrap();
        self.socket.send(Message::binary(bytes)).await.unwrap();
    }

    pub async fn say_raw(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// Sends a message with a new id; answers the id.
    pub async fn send(&mut self, conversation: Uuid, content: &str) -> Uuid {
        let id = new_id();
        self.say(&json!({"type": "send", "id": id, "conversation_id": conversation, "content": content})).await;
        id
    }

    /// The next frame; `Err` with the close code when the server closes.
    pub async fn next(&mut self) -> Result<Value, Option<u16>> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("a frame in time");
            match message {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    self.heard.push(frame.clone());
                    self.sizes.push(text.len());
                    return Ok(frame);
                }
                Some(Ok(Message::Binary(bytes))) => {
                    let frame: Value = ciborium::from_reader(&bytes[..]).unwrap();
                    self.heard.push(frame.clone());
                    self.sizes.push(bytes.len());
                    return Ok(frame);
                }
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|CloseFrame { code, .. }| code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The next frame of this type; others are passed over.
    pub async fn hear(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await.unwrap_or_else(|code| panic!("closed with {code:?} before {kind}"));
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// The next event of this kind; others are passed over.
    pub async fn event(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.hear("event").await;
            if frame["kind"] == kind {
                return frame;
            }
        }
    }

    /// The close code; frames before it are passed over.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }
}
