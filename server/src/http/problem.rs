//! The one place that turns what went wrong into an answer: RFC 9457 problem details with the request's id.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::format::escape;
use shared::problem::{Code, Problem, ProblemDetails};

/// What a handler fails with.
#[derive(Clone, Debug)]
pub struct ApiError {
    problem: Problem,
    /// Where the protocol asks for another status than the code's.
    status: Option<StatusCode>,
}

impl ApiError {
    /// A problem with a status of its own.
    pub fn with_status(status: StatusCode, problem: Problem) -> Self {
        Self { problem, status: Some(status) }
    }

    /// What went wrong.
    pub fn code(&self) -> Code {
        self.problem.code
    }

    /// The answer to a request that cannot be read at all.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::with_status(StatusCode::BAD_REQUEST, Problem::new(Code::Invalid, detail))
    }

    /// The answer after a fault of ours: nothing of its cause.
    pub fn internal() -> Self {
        Problem::new(Code::Internal, "Something failed on our side. The log has the cause under this trace_id.").into()
    }

    /// Turns this into the answer to the request `trace_id`.
    pub fn render(self, trace_id: &str) -> Response {
        let status = self.status.or(StatusCode::from_u16(self.problem.code.status()).ok());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after_s = self.problem.retry_after_ms.map(|ms| ms.div_ceil(1000).max(1));
        let details = ProblemDetails { status: status.as_u16(), ..ProblemDetails::new(self.problem, trace_id) };
        let mut response = (status, Json(details)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl ApiError {
    /// The same as a small page, for a person whose browser sent a form.
    pub fn page(self, trace_id: &str) -> Response {
        let Problem { code, detail, .. } = &self.problem;
        let page = format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
             <link rel=\"stylesheet\" href=\"/pkg/exemplar.css\"></head><body><main id=\"content\"><h1>{title}</h1>\
             <p>{detail}</p><p><a href=\"/\">Back to the first page</a></p><p><small>{trace_id}</small></p></main>\
             </body></html>",
            title = escape(code.title()),
            detail = escape(detail),
            trace_id = escape(trace_id),
        );
        let mut response = self.render(trace_id);
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
        *response.body_mut() = page.into();
        response
    }
}

/// A page of ours that runs no script.
pub(super) const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; \
                           form-action 'self'; frame-ancestors 'none'";

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self { problem, status: None }
    }
}

impl From<crate::store::StoreError> for ApiError {
    fn from(error: crate::store::StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for ApiError {
    /// Only carries the problem: the edge, which knows the request's id, renders it.
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
