//! Reading of JSON bodies: bounded, and with an answer for each way in which they can be wrong.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Map, Value as Json};
use shared::limits::BODY_MAX_BYTES;
use shared::problem::{Code, FieldError, Problem};

use super::problem::ApiError;

/// Longest time a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

/// A JSON object.
pub(super) struct Object(pub Map<String, Json>);

impl<S: Send + Sync> FromRequest<S> for Object {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        check_type(request.headers())?;
        let bytes = read(request).await?;
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            ApiError::malformed(format!("The body is not UTF-8 from byte {} on.", error.valid_up_to()))
        })?;
        match serde_json::from_str(text) {
            Ok(Json::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(ApiError::malformed("The body must be a JSON object.")),
            Err(error) => Err(ApiError::malformed(format!("The body is not JSON: {error}."))),
        }
    }
}

fn check_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMedia, "Send the body as `Content-Type: application/json`.").into())
}

/// The whole body, if it is not too long and comes in time.
pub(super) async fn read(request: Request) -> Result<Bytes, ApiError> {
    let body = Limited::new(request.into_body(), BODY_MAX_BYTES);
    let collected = tokio::time::timeout(BODY_TIMEOUT, body.collect()).await.map_err(|_| {
        ApiError::with_status(
            StatusCode::REQUEST_TIMEOUT,
            Problem::new(Code::Timeout, format!("The body did not arrive within {} s.", BODY_TIMEOUT.as_secs())),
        )
    })?;
    match collected {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::with_status(
            StatusCode::PAYLOAD_TOO_LARGE,
            Problem::new(Code::TooLong, format!("The body is longer than {BODY_MAX_BYTES} bytes.")),
        )),
        Err(_) => Err(ApiError::malformed("The body ended early.")),
    }
}

/// Refuses fields that nobody knows: a typing error would otherwise lose a wish silently.
pub(super) fn only(object: &Map<String, Json>, known: &[&str]) -> Result<(), Problem> {
    let unknown: Vec<_> = object
        .keys()
        .filter(|key| !known.contains(&key.as_str()))
        .take(8)
        .map(|key| FieldError { name: key.clone(), message: "is not a field of this call".into() })
        .collect();
    if unknown.is_empty() { Ok(()) } else { Err(Problem::invalid(unknown)) }
}

/// A field that must be text, if it is there.
pub(super) fn text<'a>(object: &'a Map<String, Json>, name: &str) -> Result<Option<&'a str>, Problem> {
    match object.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(Problem::invalid_field(name, "must be text")),
    }
}
