//! The few HTTP calls that the suite needs, over any [`Target`], with connections that are kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use shared::message::ConversationId;
use shared::protocol::Event;

use crate::net::Target;

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most that an answer may hold.
const ANSWER_MAX_BYTES: usize = 64 << 20;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Nobody answers.
    #[error("nothing answers at {0} ({1}); is the server running?")]
    Unreachable(String, std::io::Error),
    /// Something answers, but not HTTP.
    #[error("{0} does not speak HTTP as expected: {1}")]
    Protocol(String, String),
    /// No answer in time.
    #[error("{0} did not answer within {secs} s", secs = PATIENCE.as_secs())]
    Timeout(String),
    /// An answer, but not the one that was hoped for.
    #[error("{path} answered {status}: {body}")]
    Status {
        /// The call.
        path: String,
        /// Its status.
        status: u16,
        /// The beginning of its body.
        body: String,
    },
    /// An answer that cannot be read.
    #[error("{0} answered something that cannot be read: {1}")]
    Unreadable(String, serde_json::Error),
}

/// A client of one server.
#[derive(Clone)]
pub struct Http {
    target: Target,
    idle: Arc<Mutex<Vec<SendRequest<Full<Bytes>>>>>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Bytes,
}

/// A guest session.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Session {
    /// The bearer token.
    pub token: String,
    /// The user.
    pub user_id: String,
}

/// What a call says in its headers.
#[derive(Clone, Copy, Default)]
struct Lead<'a> {
    token: Option<&'a str>,
    key: Option<&'a str>,
}

impl<'a> Lead<'a> {
    const fn token(token: Option<&'a str>) -> Self {
        Self { token, key: None }
    }
}

/// The JSON of an answer that must be a success.
fn read<T: DeserializeOwned>(path: &str, answer: &Answer) -> Result<T, HttpError> {
    if !StatusCode::from_u16(answer.status).is_ok_and(|status| status.is_success()) {
        let body = String::from_utf8_lossy(&answer.body).chars().take(300).collect();
        return Err(HttpError::Status { path: path.into(), status: answer.status, body });
    }
    serde_json::from_slice(&answer.body).map_err(|error| HttpError::Unreadable(path.into(), error))
}

#[derive(serde::Deserialize)]
struct EventPage {
    events: Vec<Event>,
}

impl Http {
    /// A client without connections yet.
    pub fn new(target: Target) -> Self {
        Self { target, idle: Arc::default() }
    }

    /// One call; `token` becomes a bearer header.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Json>,
    ) -> Result<Answer, HttpError> {
        let at = || self.target.authority().to_string();
        let answer = tokio::time::timeout(PATIENCE, self.exchange(method, path, Lead::token(token), body)).await;
        answer.map_err(|_| HttpError::Timeout(at()))?
    }

    /// A `POST` with an `Idempotency-Key`, which must succeed and give JSON.
    pub async fn keyed<T: DeserializeOwned>(&self, path: &str, key: &str, body: &Json) -> Result<T, HttpError> {
        let at = || self.target.authority().to_string();
        let exchange = self.exchange(Method::POST, path, Lead { token: None, key: Some(key) }, Some(body));
        let answer = tokio::time::timeout(PATIENCE, exchange).await.map_err(|_| HttpError::Timeout(at()))??;
        read(path, &answer)
    }

    /// Whether a connection is taken.
    pub async fn reaches(&self) -> bool {
        self.target.dial(None).await.is_ok()
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        lead: Lead<'_>,
        body: Option<&Json>,
    ) -> Result<Answer, HttpError> {
        let protocol = |error: String| HttpError::Protocol(self.target.authority().to_string(), error);
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, self.target.authority());
        if let Some(token) = lead.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = lead.key {
            request = request.header("idempotency-key", key);
        }
        let bytes = body.map(|json| Bytes::from(json.to_string()));
        if bytes.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(bytes.unwrap_or_default())).map_err(|e| protocol(e.to_string()))?;
        let mut connection = self.connection().await?;
        let response = connection.send_request(request).await.map_err(|e| protocol(e.to_string()))?;
        let status = response.status();
        let body = http_body_util::Limited::new(response.into_body(), ANSWER_MAX_BYTES).collect().await;
        let body = body.map_err(|e| protocol(e.to_string()))?.to_bytes();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(Answer { status: status.as_u16(), body })
    }

    /// A connection that is ready, an old one if there is one.
    async fn connection(&self) -> Result<SendRequest<Full<Bytes>>, HttpError> {
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut kept) = kept else { break };
            if kept.ready().await.is_ok() {
                return Ok(kept);
            }
        }
        let at = || self.target.authority().to_string();
        let stream = self.target.dial(None).await.map_err(|error| HttpError::Unreachable(at(), error))?;
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|error| HttpError::Protocol(at(), error.to_string()))?;
        tokio::spawn(connection);
        Ok(sender)
    }

    /// One call that must succeed and give JSON.
    pub async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Json>,
    ) -> Result<T, HttpError> {
        read(path, &self.call(method, path, token, body).await?)
    }

    /// Opens a guest session.
    pub async fn session(&self) -> Result<Session, HttpError> {
        self.json(Method::POST, "/api/v1/sessions", None, None).await
    }

    /// The whole durable log of a conversation; empty if there is no such conversation.
    pub async fn log(&self, token: &str, conversation: ConversationId) -> Result<Vec<Event>, HttpError> {
        let mut log: Vec<Event> = Vec::new();
        loop {
            let after = log.last().map_or(0, |event| event.offset);
            let path = format!("/api/v1/conversations/{conversation}/events?after={after}");
            let page: EventPage = match self.json(Method::GET, &path, Some(token), None).await {
                Err(HttpError::Status { status: 404, .. }) => return Ok(log),
                page => page?,
            };
            // A page that does not lead on would never end.
            if page.events.last().is_none_or(|event| event.offset <= after) {
                return Ok(log);
            }
            log.extend(page.events);
        }
    }

    /// The server's metrics as Prometheus text; `None` if it does not show them to us.
    pub async fn metrics(&self, token: Option<&str>) -> Result<Option<String>, HttpError> {
        let answer = self.call(Method::GET, "/metrics", token, None).await?;
        Ok((answer.status == 200).then(|| String::from_utf8_lossy(&answer.body).into_owned()))
    }
}
