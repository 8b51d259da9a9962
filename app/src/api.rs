//! What the page asks of the server. While it is rendered there, it goes through the [`Backend`] that the server puts
//! into the context of each request, already bound to the visitor of that request, so nothing here can ask for another
//! user's rows; in the browser it goes through the HTTP calls.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use shared::catalog::Catalog;
use shared::draft::Draft;
use shared::message::{ConversationId, MessageId};
use shared::problem::{Problem, ProblemDetails};
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

/// Sets the status of the response, if one is being rendered.
pub(crate) fn respond_with(status: u16) {
    if let Some(response) = leptos::prelude::use_context::<ResponseStatus>() {
        response.set(status);
    }
}

/// What a page gets when it asks.
pub(crate) type Answer<T> = Result<T, ProblemDetails>;

#[cfg(feature = "ssr")]
mod ask {
    use super::{Answer, Later, ProblemDetails, SharedBackend};
    use leptos::prelude::use_context;
    use shared::message::{ConversationId, MessageId};
    use shared::problem::{Code, Problem};
    use shared::view::{ConversationSummary, ConversationView, MessageView};

    // Callers ask before the first await: afterwards the context may be another request's.
    async fn answer<T>(later: Option<Later<T>>) -> Answer<T> {
        match later {
            Some(later) => later.await,
            None => Err(Problem::new(Code::Internal, "The page was rendered without a backend.")),
        }
        .map_err(|problem| ProblemDetails::new(problem, ""))
    }

    fn backend() -> Option<SharedBackend> {
        use_context()
    }

    /// A message.
    pub(crate) fn message(id: MessageId) -> impl Future<Output = Answer<MessageView>> {
        answer(backend().map(|b| b.message(id)))
    }
    /// A conversation.
    pub(crate) fn conversation(id: ConversationId) -> impl Future<Output = Answer<ConversationView>> {
        answer(backend().map(|b| b.conversation(id)))
    }
    /// The visitor's conversations.
    pub(crate) fn conversations() -> impl Future<Output = Answer<Vec<ConversationSummary>>> {
        answer(backend().map(|b| b.conversations()))
    }
}

#[cfg(not(feature = "ssr"))]
mod ask {
    use super::Answer;
    use crate::browser;
    use shared::message::{ConversationId, MessageId};
    use shared::view::{ConversationSummary, ConversationView, MessageView};

    /// A message; one that is still in the outbox is shown as it will be sent.
    pub(crate) fn message(id: MessageId) -> impl Future<Output = Answer<MessageView>> + Send {
        browser::on_this_thread(browser::message(id))
    }
    /// A conversation.
    pub(crate) fn conversation(id: ConversationId) -> impl Future<Output = Answer<ConversationView>> + Send {
        browser::on_this_thread(browser::conversation(id))
    }
    /// The visitor's conversations.
    pub(crate) fn conversations() -> impl Future<Output = Answer<Vec<ConversationSummary>>> + Send {
        browser::on_this_thread(browser::conversations())
    }
}

pub(crate) use ask::{conversation, conversations, message};
