//! Usage logs: read as they stream in, on a thread of their own; of a log only its figures are kept.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use axum::{Json, Router};
use futures::StreamExt;
use serde::Serialize;
use shared::limits::USAGE_MAX_BYTES;
use shared::problem::{Code, Problem};
use shared::usage::{Reader, Rejection, Summary, Usage};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::auth::Signed;
use super::problem::ApiError;
use crate::services::App;
use crate::store::{Packed, UsageLog};

/// Pieces that wait for the reader: when it is slower than the network, the network waits.
const PIECES: usize = 8;
/// A sender gets this long to begin, and then must keep up [`RATE_MIN`], or it would hold a place for ever.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes a second.
const RATE_MIN: u64 = 64 * 1024;
/// Bytes of a log already refused that are still taken, because many clients read the answer only after they have sent.
const WASTE_MAX: u64 = 16 * 1024 * 1024;
/// Most that a form adds around its file.
const FORM_BYTES: u64 = 64 * 1024;

pub(super) fn routes() -> Router<App> {
    // The limit is that of the reader, which counts as it goes.
    Router::new().route("/usage", post(upload)).layer(DefaultBodyLimit::disable())
}

/// What is answered.
#[derive(Serialize)]
struct Uploaded {
    usage_id: Uuid,
    rows: u64,
    rejected: u64,
    first_rejections: Vec<Rejection>,
    summary: Summary,
}

async fn upload(State(app): State<App>, Signed(visitor): Signed, request: Request) -> Result<Json<Uploaded>, ApiError> {
    let kind = check(request.headers())?;
    let _place = app.uploads.clone().try_acquire_owned().map_err(|_| {
        Problem::new(Code::Busy, "Other usage logs are being read. Try again in a moment.").retry_after(2_000)
    })?;
    let usage = match kind {
        Kind::Plain => plain(request.into_body(), Reading::begin(app.world.unix_ms())).await?,
        Kind::Form => form(request, Reading::begin(app.world.unix_ms())).await?,
    };
    let id = app.world.new_id();
    let figures = Packed::of(&usage);
    app.store.keep_usage(UsageLog { user: visitor.user, id, figures, now_ms: app.world.unix_ms() }).await?;
    let Usage { rows, rejected, first_rejections, summary, .. } = usage;
    Ok(Json(Uploaded { usage_id: id, rows, rejected, first_rejections, summary }))
}

/// How the log is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Form,
}

/// Refuses what cannot be read before a byte of it is.
fn check(headers: &HeaderMap) -> Result<Kind, ApiError> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let encoding = text(header::CONTENT_ENCODING).trim();
    if !matches!(encoding, "" | "identity") {
        let text = "Send the log uncompressed: a compressed one could unfold to any size.";
        return Err(Problem::new(Code::UnsupportedMedia, text).into());
    }
    let essence = text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind = match essence.as_str() {
        "text/csv"
        | "application/csv"
        | "text/tab-separated-values"
        | "text/plain"
        | "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/x-jsonlines"
        | "application/jsonlines" => Kind::Plain,
        "multipart/form-data" => Kind::Form,
        _ => {
            let text = "Send the log as `Content-Type: text/csv` or `application/x-ndjson`, or as the part `file` of \
                        `multipart/form-data`.";
            return Err(Problem::new(Code::UnsupportedMedia, text).into());
        }
    };
    let around = if kind == Kind::Form { FORM_BYTES } else { 0 };
    if text(header::CONTENT_LENGTH).parse().is_ok_and(|length: u64| length > USAGE_MAX_BYTES + around) {
        return Err(too_long());
    }
    Ok(kind)
}

fn too_long() -> ApiError {
    let text = "The log is longer than 1 GB. Send a part of it: a week says nearly as much as a year.";
    ApiError::with_status(StatusCode::PAYLOAD_TOO_LARGE, Problem::new(Code::TooLong, text))
}

/// A log that is being read.
struct Reading {
    pieces: mpsc::Sender<Bytes>,
    answer: JoinHandle<Result<Usage, Problem>>,
    began: Instant,
    bytes: u64,
    /// Bytes taken after the reader had given up.
    wasted: u64,
}

impl Reading {
    fn begin(now_ms: u64) -> Self {
        let (pieces, mut waiting) = mpsc::channel::<Bytes>(PIECES);
        let answer = tokio::task::spawn_blocking(move || {
            let mut reader = Reader::new(now_ms);
            while let Some(piece) = waiting.blocking_recv() {
                reader.push(&piece)?;
            }
            reader.finish()
        });
        Self { pieces, answer, began: Instant::now(), bytes: 0, wasted: 0 }
    }

    /// When the next piece must have come.
    fn deadline(&self) -> Instant {
        self.began + PATIENCE + Duration::from_secs(self.bytes / RATE_MIN)
    }

    /// Takes a piece; `false` when no more is wanted.
    async fn take(&mut self, piece: Bytes) -> bool {
        let length = piece.len() as u64;
        self.bytes += length;
        if self.pieces.send(piece).await.is_err() {
            self.wasted += length;
        }
        self.wasted <= WASTE_MAX
    }

    /// What was read.
    async fn end(self) -> Result<Usage, ApiError> {
        drop(self.pieces);
        match self.answer.await {
            Ok(Ok(usage)) => Ok(usage),
            Ok(Err(problem)) if problem.code == Code::TooLong => Err(too_long()),
            Ok(Err(problem)) => Err(problem.into()),
            Err(_) => Err(ApiError::internal()),
        }
    }
}

fn too_slow() -> ApiError {
    let text = format!("The log came too slowly: at least {} KB/s are needed.", RATE_MIN / 1024);
    ApiError::with_status(StatusCode::REQUEST_TIMEOUT, Problem::new(Code::Timeout, text))
}

/// Reads a body that is the log.
async fn plain(body: Body, mut reading: Reading) -> Result<Usage, ApiError> {
    let mut stream = body.into_data_stream();
    while let Some(piece) = timeout_at(reading.deadline(), stream.next()).await.map_err(|_| too_slow())? {
        let piece = piece.map_err(|_| ApiError::malformed("The body ended early."))?;
        if !reading.take(piece).await {
            break;
        }
    }
    reading.end().await
}

/// Reads the part `file` of a form; other parts are passed over.
async fn form(request: Request, mut reading: Reading) -> Result<Usage, ApiError> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| ApiError::malformed(format!("The form cannot be read: {}.", error.body_text())))?;
    let broken = |_| ApiError::malformed("The form ended early or is damaged.");
    while let Some(mut part) =
        timeout_at(reading.deadline(), form.next_field()).await.map_err(|_| too_slow())?.map_err(broken)?
    {
        if part.name() != Some("file") {
            continue;
        }
        while let Some(piece) =
            timeout_at(reading.deadline(), part.chunk()).await.map_err(|_| too_slow())?.map_err(broken)?
        {
            if !reading.take(piece).await {
                break;
            }
        }
        drop(part);
        return reading.end().await;
    }
    Err(Problem::invalid_field("file", "is missing: the form has no part of this name").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_known_by_its_type_before_it_is_read() {
        let kind = |list: &[(header::HeaderName, &'static str)]| {
            check(&list.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()).ok()
        };
        let of = header::CONTENT_TYPE;
        assert_eq!(kind(&[(of.clone(), "text/csv; charset=utf-8")]), Some(Kind::Plain));
        assert_eq!(kind(&[(of.clone(), "application/x-ndjson")]), Some(Kind::Plain));
        assert_eq!(kind(&[(of.clone(), "multipart/form-data; boundary=x")]), Some(Kind::Form));
        assert_eq!(kind(&[(of.clone(), "application/json")]), None);
        assert_eq!(kind(&[]), None);
        assert_eq!(kind(&[(of.clone(), "text/csv"), (header::CONTENT_ENCODING, "gzip")]), None);
        assert_eq!(kind(&[(of, "text/csv"), (header::CONTENT_LENGTH, "1073741825")]), None);
    }
}
