//! The page: its static files, its rendering, and the form that works without JavaScript.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::routing::post;
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use super::{messages, nothing_here};
use crate::services::App;

pub(super) fn routes(app: &App) -> Router<App> {
    // Brotli and gzip files made at build time are served to those who take them.
    let files = ServeDir::new(&app.config.site_root).precompressed_br().precompressed_gzip();
    let files = ServiceBuilder::new()
        // File names carry no hash, so a browser asks each time whether they have changed.
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-cache")))
        .service(
            files
                .append_index_html_on_directories(false)
                .fallback(axum::handler::HandlerWithoutStateExt::into_service(nothing_here)),
        );
    Router::new().route("/ask", post(messages::ask)).fallback_service(files)
}
