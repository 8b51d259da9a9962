//! Calls over HTTP.

use gloo_net::http::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use shared::problem::{Code, Problem, ProblemDetails};

use super::session;
use crate::api::Answer;
use crate::text;

fn problem(code: Code, detail: &str) -> ProblemDetails {
    ProblemDetails::new(Problem::new(code, detail), "")
}

/// Gets and reads JSON.
pub(super) async fn get<T: DeserializeOwned>(path: &str) -> Answer<T> {
    read(&call("GET", path, None).await?)
}

/// Reads the JSON of an answer.
pub(super) fn read<T: DeserializeOwned>(answer: &str) -> Answer<T> {
    serde_json::from_str(answer).map_err(|_| unreadable())
}

/// The answer is not what was expected.
pub(super) fn unreadable() -> ProblemDetails {
    problem(Code::Internal, text::problem::UNREADABLE)
}

/// One call; without a valid session one is opened and the call made again.
pub(super) async fn call(method: &str, path: &str, body: Option<&str>) -> Answer<String> {
    match once(method, path, body).await {
        Err(p) if p.status == 401 => {
            session::open().await?;
            once(method, path, body).await
        }
        other => other,
    }
}

/// One call, as it comes.
pub(super) async fn once(method: &str, path: &str, body: Option<&str>) -> Answer<String> {
    let network = |_| problem(Code::Busy, text::problem::NETWORK);
    let method = match method {
        "GET" => Method::GET,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        _ => Method::POST,
    };
    let builder = RequestBuilder::new(path).method(method).header("accept", "application/json");
    let response = match body {
        Some(body) => match builder.header("content-type", "application/json").body(body) {
            Ok(request) => request.send().await,
            Err(error) => Err(error),
        },
        None => builder.send().await,
    }
    .map_err(network)?;
    let text = response.text().await.map_err(network)?;
    if response.ok() {
        return Ok(text);
    }
    Err(serde_json::from_str(&text).unwrap_or_else(|_| ProblemDetails {
        status: response.status(),
        ..problem(Code::Internal, text::problem::UNREADABLE)
    }))
}
