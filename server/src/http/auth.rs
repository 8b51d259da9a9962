//! Who is behind a request: a bearer token, or the cookie that the page's visitors have.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use shared::problem::{Code, Problem};

use super::problem::ApiError;
use crate::services::{App, Services};
use crate::sessions::Visitor;

/// The name of the cookie.
pub(super) const COOKIE: &str = "exemplar_session";
/// How long a browser keeps it, in seconds: the server decides when a session ends, this is only housekeeping.
const COOKIE_MAX_AGE_S: u32 = 30 * 86_400;

/// The visitor of a request that needs one.
pub(super) struct Signed(pub Visitor);

/// Where a token was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// `Authorization: Bearer`.
    Bearer,
    /// The cookie.
    Cookie,
}

/// The token of a request; a bearer token goes before the cookie.
pub fn token(headers: &HeaderMap) -> Option<(Via, &str)> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| (Via::Bearer, token.trim()));
    }
    headers.get_all(header::COOKIE).iter().find_map(|value| {
        value.to_str().ok()?.split(';').find_map(|pair| {
            let (name, token) = pair.trim().split_once('=')?;
            (name == COOKIE && !token.is_empty()).then_some((Via::Cookie, token))
        })
    })
}

/// The visitor of a request.
pub async fn visitor(app: &Services, headers: &HeaderMap) -> Result<Visitor, Problem> {
    match token(headers) {
        Some((_, token)) => app.sessions.find(token).await,
        None => Err(Problem::new(
            Code::Unauthenticated,
            "No session token was sent. Open a session with POST /api/v1/sessions, then send its token as \
             `Authorization: Bearer`.",
        )),
    }
}

impl FromRequestParts<App> for Signed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        Ok(Self(visitor(app, &parts.headers).await?))
    }
}

/// A request of the operator's: it carries `EXEMPLAR_ADMIN_TOKEN` as its bearer token.
pub(super) struct Operator;

impl FromRequestParts<App> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let text = "This is for the operator: send the value of EXEMPLAR_ADMIN_TOKEN as `Authorization: Bearer`.";
        match token(&parts.headers) {
            Some((Via::Bearer, token)) if app.config.admin_token.is_some_and(|secret| secret.is(token)) => Ok(Self),
            // A visitor is known, and is told that being one is not enough.
            Some((_, token)) => {
                app.sessions.find(token).await.map_err(|problem| match problem.code {
                    Code::Unauthenticated => Problem::new(Code::Unauthenticated, text),
                    _ => problem,
                })?;
                Err(Problem::new(Code::Forbidden, text).into())
            }
            None => Err(Problem::new(Code::Unauthenticated, text).into()),
        }
    }
}

impl OptionalFromRequestParts<App> for Signed {
    type Rejection = ApiError;

    /// A visitor whose token is of no use is like one without.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, ApiError> {
        Ok(visitor(app, &parts.headers).await.ok().map(Self))
    }
}

/// The cookie that keeps `token` in a browser; `Secure` where the browser says that it came over TLS.
pub(super) fn set_cookie(headers: &HeaderMap, token: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{COOKIE}={token}; Max-Age={COOKIE_MAX_AGE_S}{}", attributes(headers))).ok()
}

/// The cookie that removes it.
pub(super) fn clear_cookie(headers: &HeaderMap) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{COOKIE}=; Max-Age=0{}", attributes(headers))).ok()
}

fn attributes(headers: &HeaderMap) -> String {
    let over_tls = headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"));
    format!("; Path=/; HttpOnly; SameSite=Lax{}", if over_tls { "; Secure" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn finds_the_token_where_it_may_be() {
        assert_eq!(token(&with(header::AUTHORIZATION, "Bearer abc")), Some((Via::Bearer, "abc")));
        assert_eq!(token(&with(header::AUTHORIZATION, "bearer  abc")), Some((Via::Bearer, "abc")));
        assert_eq!(token(&with(header::AUTHORIZATION, "Basic abc")), None);
        assert_eq!(token(&with(header::COOKIE, "a=b; exemplar_session=abc; c=d")), Some((Via::Cookie, "abc")));
        assert_eq!(token(&with(header::COOKIE, "not_exemplar_session=abc; exemplar_session=")), None);
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let plain = set_cookie(&HeaderMap::new(), "abc").unwrap();
        let text = plain.to_str().unwrap();
        assert!(text.contains("HttpOnly") && text.contains("SameSite=Lax") && !text.contains("Secure"), "{text}");
        let secure = set_cookie(&with(header::ORIGIN, "https://a.example"), "abc").unwrap();
        assert!(secure.to_str().unwrap().ends_with("; Secure"));
    }
}
