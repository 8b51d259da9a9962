//! What the page asks of the server while it is rendered there. The server puts a [`Backend`] into the context of
//! each request, already bound to the visitor of that request, so nothing here can ask for another user's rows.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use shared::catalog::Catalog;
use shared::draft::Draft;
use shared::message::{ConversationId, MessageId};
use shared::problem::Problem;
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
