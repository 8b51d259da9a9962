//! A site over a backend that holds what a test gives it.

use std::sync::Arc;

use app::api::{Backend, Fetched, Later, ResponseStatus, SharedBackend};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::middleware::Next;
use leptos::config::LeptosOptions;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use shared::catalog::Catalog;
use shared::draft::Draft;
use shared::flow::{AuditPage, Business, BusinessId, FlowView};
use shared::message::{ConversationId, Format, MessageId, Priority, Status, id_at};
use shared::problem::{Code, Problem};
use shared::view::{Ai, ConversationSummary, ConversationView, MessageView, Timing};
use tower::ServiceExt;

/// What the site holds.
#[derive(Clone, Default)]
pub(crate) struct Site {
    pub(crate) messages: Vec<MessageView>,
    pub(crate) conversations: Vec<ConversationSummary>,
    pub(crate) flows: Vec<FlowView>,
    pub(crate) audit: AuditPage,
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
        let found = (!messages.is_empty()).then(|| ConversationView {
            id,
            epoch: "e".into(),
            head: 2,
            ai: Ai::Active,
            messages,
        });
        later(found)
    }
    fn conversations(&self) -> Later<Vec<ConversationSummary>> {
        later(Some(self.conversations.clone()))
    }
    fn businesses(&self) -> Later<Vec<Business>> {
        later(Some(self.flows.iter().map(|flow| flow.business.clone()).collect()))
    }
    fn flow(&self, id: BusinessId) -> Later<FlowView> {
        later(self.flows.iter().find(|flow| flow.business.id == id).cloned())
    }
    fn audit(&self, id: BusinessId) -> Later<AuditPage> {
        later(self.flows.iter().any(|flow| flow.business.id == id).then(|| self.audit.clone()))
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
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    /// Status and document of a page.
    pub(crate) async fn get(self, path: &str) -> (u16, String) {
        get(self.router(), path).await
    }

    /// The site as a server has it.
    pub(crate) fn router(self) -> Router {
        let options = LeptosOptions::builder().output_name("exemplar").site_root("target/site").build();
        let backend: SharedBackend = Arc::new(self);
        let context = move || {
            let parts = use_context::<Parts>().unwrap();
            provide_context(parts.extensions.get::<Fetched>().cloned().unwrap());
            let response = use_context::<ResponseOptions>().unwrap();
            provide_context(ResponseStatus::new(move |status| {
                response.set_status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
            }));
        };
        let shell_options = options.clone();
        let fallback = leptos_axum::render_app_async_with_context(context, {
            let options = options.clone();
            move || app::shell(options.clone())
        });
        Router::new()
            .leptos_routes_with_context(&options, generate_route_list(app::App), context, move || {
                app::shell(shell_options.clone())
            })
            .fallback(axum::routing::get(fallback))
            .with_state(options)
            .layer(axum::middleware::from_fn(move |mut request: axum::extract::Request, next: Next| {
                let backend = backend.clone();
                async move {
                    let fetched = Fetched::for_path(request.uri().path(), &*backend).await;
                    request.extensions_mut().insert(fetched);
                    next.run(request).await
                }
            }))
    }
}

/// Status and document of a page.
pub(crate) async fn get(router: Router, path: &str) -> (u16, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

/// The part of the document that is seen.
pub(crate) fn body_of(html: &str) -> &str {
    html.split_once("<body>").map_or(html, |(_, body)| body)
}

/// A message of this text with the answer that the engine gives it on 22 November 2026.
pub(crate) fn answered(content: &str) -> MessageView {
    let extraction = shared::extract::extract(content);
    let catalog: Catalog = serde_json::from_str(include_str!("../../../shared/tests/catalog.json")).unwrap();
    let request = shared::analysis::Request {
        category: shared::message::Category::Cost,
        workload: &extraction.workload,
        provenance: &extraction.provenance,
        format: Format::Detailed,
        today: "2026-11-22".parse().unwrap(),
    };
    let result = shared::analysis::analyze(&request, &catalog).unwrap();
    let timing = |stage: &str, ms: f64| Timing { stage: stage.into(), ms };
    MessageView {
        result: Some(result),
        timings: vec![timing("extraction", 0.41), timing("agents", 0.87), timing("commit", 4.2)],
        ..message(content, Status::Completed)
    }
}

/// A message of this text that stands here, without answer or problem.
pub(crate) fn message(content: &str, status: Status) -> MessageView {
    MessageView {
        id: id_at(1_795_305_600_000, [1; 10]),
        conversation_id: id_at(1_795_305_600_000, [2; 10]),
        sequence: 1,
        status,
        content: content.into(),
        category: Some(shared::message::Category::Cost),
        complexity: None,
        format: Format::Detailed,
        priority: Priority::Normal,
        attempt: 1,
        accepted_at: "2026-11-22T05:15:00Z".into(),
        result: None,
        problem: None,
        timings: Vec::new(),
    }
}
