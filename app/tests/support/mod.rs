//! A site over a backend that holds what a test gives it.

use std::sync::Arc;

use app::api::{Backend, Later, ResponseStatus, SharedBackend};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::{Router, routing::get};
use leptos::config::LeptosOptions;
use leptos::prelude::provide_context;
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use shared::catalog::Catalog;
use shared::draft::Draft;
use shared::message::{ConversationId, MessageId};
use shared::problem::{Code, Problem};
use shared::view::{ConversationSummary, ConversationView, MessageView};
use tower::ServiceExt;

/// What the site holds.
#[derive(Clone, Default)]
pub struct Site {
    pub messages: Vec<MessageView>,
    pub conversations: Vec<ConversationSummary>,
}

fn later<T: Send + 'static>(answer: Option<T>) -> Later<T> {
    Box::pin(async move { answer.ok_or_else(|| Problem::new(Code::NotFound, "There is no such thing here.")) })
}

impl Backend for Site {
    fn message(&self, id: MessageId) -> Later<MessageView> {
        later(self.messages.iter().find(|m| m.id == id).cloned())
    }
    fn conversation(&self, id: ConversationId) -> Later<ConversationView> {
        let messages: Vec<_> = self.messages.iter().filter(|m| m.conversation_id == id).cloned().collect();
        let found = (!messages.is_empty()).then(|| ConversationView { id, epoch: "e".into(), head: 2, messages });
        later(found)
    }
    fn conversations(&self) -> Later<Vec<ConversationSummary>> {
        later(Some(self.conversations.clone()))
    }
    fn submit(&self, _draft: Draft) -> Later<MessageView> {
        later(None)
    }
    fn catalog(&self) -> Arc<Catalog> {
        unreachable!("no page asks for the catalog while it is rendered")
    }
}

impl Site {
    /// A site whose visitor has nothing yet.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Status and document of a page.
    pub async fn get(self, path: &str) -> (u16, String) {
        let options = LeptosOptions::builder().output_name("exemplar").site_root("target/site").build();
        let backend: SharedBackend = Arc::new(self);
        let context = move || {
            provide_context(backend.clone());
            if let Some(response) = leptos::prelude::use_context::<ResponseOptions>() {
                provide_context(ResponseStatus::new(move |status| {
                    response.set_status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
                }));
            }
        };
        let shell_options = options.clone();
        let fallback = leptos_axum::render_app_async_with_context(context.clone(), {
            let options = options.clone();
            move || app::shell(options.clone())
        });
        let router = Router::new()
            .leptos_routes_with_context(&options, generate_route_list(app::App), context, move || {
                app::shell(shell_options.clone())
            })
            .fallback(get(fallback))
            .with_state(options);
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }
}

/// The part of the document that is seen.
pub fn body_of(html: &str) -> &str {
    html.split_once("<body>").map_or(html, |(_, body)| body)
}
