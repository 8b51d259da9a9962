//! The page: rendered here first, its static files, and the form that works without JavaScript.

use app::api::{Fetched, ResponseStatus, Visitor};
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use leptos::config::{Env, LeptosOptions};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::{auth, messages, nothing_here};
use crate::backend::Visited;
use crate::services::App;

/// The program of the page, as cargo-leptos names it.
const OUTPUT_NAME: &str = "exemplar";
/// Where its files are below the site root.
const PACKAGE_FOLDER: &str = "pkg";

/// What the rendering needs, as its state.
#[derive(Clone, FromRef)]
struct Rendering {
    app: App,
    options: LeptosOptions,
}

/// Whether `cargo leptos watch` runs us, and on which port it tells the page to reload.
fn reload_port() -> Option<u32> {
    std::env::var_os("LEPTOS_WATCH")?;
    Some(std::env::var("LEPTOS_RELOAD_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3001))
}

fn options(app: &App) -> LeptosOptions {
    let reload = reload_port();
    LeptosOptions::builder()
        .output_name(OUTPUT_NAME)
        .site_root(app.config.site_root.to_string_lossy().as_ref())
        .site_pkg_dir(PACKAGE_FOLDER)
        .env(if reload.is_some() { Env::DEV } else { Env::PROD })
        .reload_port(reload.unwrap_or_default())
        .build()
}

pub(super) fn routes(app: &App) -> Router<App> {
    let state = Rendering { app: app.clone(), options: options(app) };
    let shell = {
        let options = state.options.clone();
        move || app::shell(options.clone())
    };
    let visited = app.clone();
    let pages = Router::new()
        .leptos_routes_with_context(&state, generate_route_list(app::App), prepare, shell)
        .fallback(file_or_page)
        .with_state(state)
        .layer(middleware::from_fn(move |request, next| fetch(visited.clone(), request, next)));
    Router::new().route("/ask", post(messages::ask)).fallback_service(pages)
}

/// Finds out who asks for a page and fetches what it shows, so that rendering it never has to wait.
async fn fetch(app: App, mut request: Request, next: Next) -> Response {
    let visitor = auth::visitor(&app, request.headers()).await.ok();
    let known = visitor.is_some();
    // A visitor without a session owns nothing.
    let backend = Visited::new(app, visitor.map(|visitor| visitor.user));
    let fetched = Fetched::for_path(request.uri().path(), &*backend).await;
    request.extensions_mut().insert(fetched);
    request.extensions_mut().insert(Visitor { known });
    next.run(request).await
}

/// Gives the rendering of one request what was fetched for it, its way to set the status, and the response its policy.
fn prepare() {
    let parts = use_context::<axum::http::request::Parts>();
    if let Some(parts) = parts {
        provide_context(parts.extensions.get::<Fetched>().cloned().unwrap_or_default());
        provide_context(parts.extensions.get::<Visitor>().copied().unwrap_or_default());
    }
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    if let Ok(policy) = HeaderValue::from_str(&policy(&nonce, reload_port())) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    provide_context(ResponseStatus::new(move |status| {
        if let Ok(status) = StatusCode::from_u16(status) {
            response.set_status(status);
        }
    }));
}

/// What a page may load and run: our own files, the scripts that carry this answer's nonce, and WebAssembly.
fn policy(nonce: &str, reload_port: Option<u32>) -> String {
    // Only while somebody works on the page: the socket that tells it to reload.
    let reload = reload_port.map(|port| format!(" ws://127.0.0.1:{port} ws://localhost:{port}")).unwrap_or_default();
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         connect-src 'self'{reload}; img-src 'self' data:; font-src 'self'; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

/// A static file; where there is none, the page that says so, or a problem for a program.
async fn file_or_page(State(state): State<Rendering>, request: Request) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let (uri, wants_html) = (request.uri().clone(), wants_html(request.headers()));
    // The request itself cannot be held while waiting, because its body cannot be shared between threads.
    let wish = wish(&request);
    if reads && let Some(file) = file(&state, wish).await {
        return file;
    }
    if !(reads && wants_html) {
        return nothing_here(uri).await.into_response();
    }
    let options = state.options;
    let render = leptos_axum::render_app_async_with_context(prepare, move || app::shell(options.clone()));
    let mut response = render(request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// What decides about a file.
fn wish(request: &Request) -> Option<Request> {
    let mut wish = Request::builder().method(request.method()).uri(request.uri().path());
    for name in [header::ACCEPT_ENCODING, header::IF_MODIFIED_SINCE, header::IF_UNMODIFIED_SINCE, header::RANGE] {
        if let Some(value) = request.headers().get(&name) {
            wish = wish.header(name, value);
        }
    }
    wish.body(Body::empty()).ok()
}

/// The file of this name in the site root; in brotli or gzip, as the build left it, for those who take that.
async fn file(state: &Rendering, wish: Option<Request>) -> Option<Response> {
    let files = ServeDir::new(&*state.options.site_root).precompressed_br().precompressed_gzip();
    let files = files.append_index_html_on_directories(false);
    let response = files.oneshot(wish?).await.ok()?;
    if matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) {
        return None;
    }
    let mut response = response.map(Body::new);
    // File names carry no hash, so a browser asks each time whether they have changed.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Some(response)
}

/// Whether a person's browser asks, and not a program.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_no_inline_code_without_the_nonce() {
        let policy = policy("abc", None);
        assert!(policy.contains("script-src 'self' 'nonce-abc' 'wasm-unsafe-eval';"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("ws://"));
    }
}
