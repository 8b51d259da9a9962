//! What the page needs of the server. Before a page is rendered there, [`Fetched::for_path`] asks the [`Backend`] of the
//! request, which is already bound to its visitor, so nothing here can ask for another user's rows; in the browser
//! pages ask through the HTTP calls of `crate::browser`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use leptos::prelude::{SharedValue, use_context};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use shared::catalog::Catalog;
use shared::draft::Draft;
use shared::flow::{AuditPage, Business, BusinessId, FlowView};
use shared::message::{ConversationId, MessageId};
use shared::problem::{Code, Problem, ProblemDetails};
use shared::view::{ConversationSummary, ConversationView, MessageView};

/// An answer that comes later.
pub type Later<T> = Pin<Box<dyn Future<Output = Result<T, Problem>> + Send>>;

/// The server's services, for the visitor of one request. A visitor without a session sees nothing and owns nothing.
pub trait Backend: Send + Sync + 'static {
    /// A message of the visitor's; `not_found` if there is none.
    fn message(&self, id: MessageId) -> Later<MessageView>;
    /// A conversation of the visitor's with its messages; `not_found` if there is none.
    fn conversation(&self, id: ConversationId) -> Later<ConversationView>;
    /// The visitor's conversations, newest first, at most 50.
    fn conversations(&self) -> Later<Vec<ConversationSummary>>;
    /// Accepts a message, for a page without JavaScript; durable when it answers.
    fn submit(&self, draft: Draft) -> Later<MessageView>;
    /// The built-in business and those of the visitor.
    fn businesses(&self) -> Later<Vec<Business>>;
    /// A business with its flow; `not_found` if it is not the visitor's.
    fn flow(&self, id: BusinessId) -> Later<FlowView>;
    /// The newest changes of a business of the visitor's.
    fn audit(&self, id: BusinessId) -> Later<AuditPage>;
    /// The models and prices of today.
    fn catalog(&self) -> Arc<Catalog>;
}

/// The backend as it stands in the context.
pub type SharedBackend = Arc<dyn Backend>;

/// Sets the status of the response that is being rendered; the server puts it into the context beside the backend,
/// so that an address with nothing behind it is answered with 404 and not with a 200 that says so.
#[derive(Clone)]
pub struct ResponseStatus(Arc<dyn Fn(u16) + Send + Sync>);

impl ResponseStatus {
    /// A status setter over the server's response.
    pub fn new(set: impl Fn(u16) + Send + Sync + 'static) -> Self {
        Self(Arc::new(set))
    }

    /// Sets the status.
    pub fn set(&self, status: u16) {
        (self.0)(status);
    }
}

/// Whether the visitor of the page has a session. Its cookie cannot be read in the browser, so the page is told; then it
/// neither opens a second session nor asks whether there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// There is a valid session.
    pub known: bool,
}

/// Sets the status of the response, if one is being rendered.
pub(crate) fn respond_with(status: u16) {
    if let Some(response) = use_context::<ResponseStatus>() {
        response.set(status);
    }
}

/// What a page gets when it asks.
pub type Answer<T> = Result<T, ProblemDetails>;

/// What a page shows, fetched before it is rendered. Rendering itself never waits: with suspended parts about one page
/// in five hundred waited forever under load (measured with leptos 0.8.23; see leptos#4578, #4673), and a page that is
/// ready at once needs no place-holders either.
#[derive(Clone, Debug, Default)]
pub enum Fetched {
    /// The page needs nothing.
    #[default]
    Nothing,
    /// For `/m/{id}`.
    Message(Box<Result<MessageView, ProblemDetails>>),
    /// For `/c/{id}`.
    Conversation(Result<ConversationView, ProblemDetails>),
    /// For `/history`.
    Conversations(Result<Vec<ConversationSummary>, ProblemDetails>),
    /// For `/flows`.
    Businesses(Answer<Vec<Business>>),
    /// For `/flows/{id}` and the pages of its templates.
    Flow(Box<Answer<FlowView>>),
    /// For `/flows/{id}/audit`.
    Audit(Answer<AuditPage>),
}

impl Fetched {
    /// Fetches what the page at `path` shows; the server calls this and puts the answer into the context.
    pub async fn for_path(path: &str, backend: &dyn Backend) -> Self {
        let wire = |problem| ProblemDetails::new(problem, "");
        let no_such = || Problem::new(Code::NotFound, "There is no such thing here.");
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match parts.as_slice() {
            ["m", id] => Self::Message(Box::new(
                match id.parse() {
                    Ok(id) => backend.message(id).await,
                    Err(_) => Err(no_such()),
                }
                .map_err(wire),
            )),
            ["c", id] => Self::Conversation(
                match id.parse() {
                    Ok(id) => backend.conversation(id).await,
                    Err(_) => Err(no_such()),
                }
                .map_err(wire),
            ),
            ["flows"] => Self::Businesses(backend.businesses().await.map_err(wire)),
            ["flows", id] | ["flows", id, "templates", _] => Self::Flow(Box::new(
                match id.parse() {
                    Ok(id) => backend.flow(id).await,
                    Err(_) => Err(no_such()),
                }
                .map_err(wire),
            )),
            ["flows", id, "audit"] => Self::Audit(
                match id.parse() {
                    Ok(id) => backend.audit(id).await,
                    Err(_) => Err(no_such()),
                }
                .map_err(wire),
            ),
            ["history"] => Self::Conversations(backend.conversations().await.map_err(wire)),
            _ => Self::Nothing,
        }
    }
}

/// A message as its page hands it on to the browser: without the parts of the answer that the server has drawn and
/// nothing reacts in (`components::still`). They are four fifths of it, and reading them cost a phone more than drawing.
#[derive(Clone)]
pub(crate) struct Opened(pub(crate) MessageView);

impl Serialize for Opened {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut message = self.0.clone();
        if let Some(result) = &mut message.result {
            result.metrics.clear();
            result.options.clear();
            result.recommendations.clear();
            result.roadmap.clear();
            result.charts.clear();
            result.assumptions.clear();
            result.warnings.clear();
        }
        message.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Opened {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        MessageView::deserialize(deserializer).map(Self)
    }
}

/// What the server fetched for this page, handed on to the browser that hydrates it; `None` on a page that was reached
/// without the server.
pub(crate) fn fetched<T>(pick: impl FnOnce(Fetched) -> Option<Answer<T>>) -> Option<Answer<T>>
where
    T: serde::Serialize + serde::de::DeserializeOwned + 'static,
{
    SharedValue::new(|| use_context::<Fetched>().and_then(pick)).into_inner()
}
