//! The outermost layer: every answer has a request id and the security headers, and every problem is rendered here.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use shared::problem::{Code, Problem};

use super::problem::ApiError;
use crate::services::App;
use crate::world::hex;

/// The id of the request that is being answered.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// The header that carries it, both ways.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest request id that is taken over from a client.
const REQUEST_ID_MAX: usize = 64;

/// Headers that every answer has, unless a handler set its own.
const HEADERS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    // Browsers heed this over TLS only.
    ("strict-transport-security", "max-age=31536000"),
    // Data runs no script; pages set a policy of their own.
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    // What isn't marked as public belongs to one visitor.
    ("cache-control", "no-store"),
];

/// Wraps the whole router.
pub(super) async fn edge(app: App, mut request: Request, next: Next) -> Response {
    let id = taken_over(request.headers()).unwrap_or_else(|| hex(&app.world.random::<8>()));
    request.extensions_mut().insert(RequestId(id.clone()));
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    // A form that a browser sent by itself is answered with a page; everything else is for programs.
    let as_page = path == "/ask" && super::pages::wants_html(request.headers());
    let render = |problem: ApiError| {
        app.metrics.problem(problem.code());
        if as_page { problem.page(&id) } else { problem.render(&id) }
    };
    let began = std::time::Instant::now();
    let mut response = match cross_site(&request) {
        Some(problem) => render(problem),
        None => next.run(request).await,
    };
    if let Some(problem) = response.extensions_mut().remove::<ApiError>() {
        let extra = std::mem::take(response.headers_mut());
        response = render(problem);
        response.headers_mut().extend(extra.into_iter().filter_map(|(name, value)| {
            // What a handler added beside the problem, such as a cookie; not what belonged to its empty body.
            name.filter(|name| name != header::CONTENT_LENGTH).map(|name| (name, value))
        }));
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(*name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    let duration_ms = began.elapsed().as_secs_f64() * 1000.0;
    if response.status().is_server_error() {
        tracing::warn!(request_id = %id, %method, path, status = response.status().as_u16(), duration_ms, "request");
    } else {
        tracing::debug!(request_id = %id, %method, path, status = response.status().as_u16(), duration_ms, "request");
    }
    response
}

/// A client's own request id, if it can stand in a log line.
fn taken_over(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!id.is_empty() && id.len() <= REQUEST_ID_MAX && id.chars().all(plain)).then(|| id.into())
}

/// Refuses what a foreign page makes a browser send. A program that signs with a bearer token cannot be tricked so.
fn cross_site(request: &Request) -> Option<ApiError> {
    let headers = request.headers();
    if request.method().is_safe() || headers.contains_key(header::AUTHORIZATION) || same_site(headers) {
        return None;
    }
    Some(Problem::new(Code::Forbidden, "This request was sent by a page of another site.").into())
}

/// Whether a browser says that the request comes from our own pages, or there is no browser.
pub(super) fn same_site(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        // `none` is the person's own doing: an address typed, a bookmark.
        return matches!(site, "same-origin" | "none");
    }
    origin_matches(headers)
}

/// Whether the `Origin`, if there is one, is the host that was asked.
pub fn origin_matches(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    match (authority, host) {
        (Some(authority), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        list.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn only_our_own_pages_pass() {
        for (list, ours) in [
            (vec![("host", "a.example")], true),
            (vec![("host", "a.example"), ("origin", "https://a.example")], true),
            (vec![("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:3000")], true),
            (vec![("host", "a.example"), ("origin", "https://a.example:8443")], false),
            (vec![("host", "a.example"), ("origin", "https://evil.example")], false),
            (vec![("host", "a.example"), ("origin", "null")], false),
            (vec![("host", "a.example"), ("origin", "https://a.example.evil.example")], false),
            (vec![("origin", "https://a.example")], false),
            (vec![("host", "a.example"), ("sec-fetch-site", "cross-site")], false),
            (vec![("host", "a.example"), ("sec-fetch-site", "same-site")], false),
            (vec![("host", "a.example"), ("sec-fetch-site", "same-origin")], true),
            (vec![("host", "a.example"), ("sec-fetch-site", "none")], true),
        ] {
            assert_eq!(same_site(&headers(&list)), ours, "{list:?}");
        }
    }

    #[test]
    fn a_request_id_is_taken_over_if_it_is_plain() {
        assert_eq!(taken_over(&headers(&[("x-request-id", "abc-1")])), Some("abc-1".into()));
        for odd in ["", "a b", "a\"b", "x\u{7f}"] {
            let mut map = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_str(odd) {
                map.insert(REQUEST_ID, value);
            }
            assert_eq!(taken_over(&map), None, "{odd:?}");
        }
    }
}
