//! The page's [`Backend`]: the same services as the HTTP calls, bound to the visitor of one request.

use std::sync::Arc;

use app::api::{Backend, Later};
use shared::catalog::Catalog;
use shared::draft::Draft;
use shared::flow::{AuditPage, Business, BusinessId, FlowView};
use shared::limits::SNAPSHOT_MAX_MESSAGES;
use shared::message::{ConversationId, MessageId};
use shared::problem::{Code, Problem};
use shared::view::{ConversationSummary, ConversationView, MessageView};

use crate::flow::{Flows, no_such_business};
use crate::http::audit;
use crate::inbox::not_found;
use crate::services::App;
use crate::store::UserId;
use crate::store::flow::AuditFilter;

/// Lines of the audit log with which its page begins.
const AUDIT_SHOWN: u32 = 50;
/// Conversations in one list.
const LIST_MAX: u32 = 50;

/// The services for one visitor; `None` owns nothing.
pub(crate) struct Visited {
    app: App,
    user: Option<UserId>,
}

impl Visited {
    /// The services for `user`.
    pub(crate) fn new(app: App, user: Option<UserId>) -> Arc<Self> {
        Arc::new(Self { app, user })
    }
}

impl Backend for Visited {
    fn message(&self, id: MessageId) -> Later<MessageView> {
        let (app, user) = (self.app.clone(), self.user);
        Box::pin(async move { app.message(user.ok_or_else(not_found)?, id).await })
    }

    fn conversation(&self, id: ConversationId) -> Later<ConversationView> {
        let (app, user) = (self.app.clone(), self.user);
        Box::pin(async move { app.conversation(user.ok_or_else(not_found)?, id, SNAPSHOT_MAX_MESSAGES, true).await })
    }

    fn conversations(&self) -> Later<Vec<ConversationSummary>> {
        let (app, user) = (self.app.clone(), self.user);
        Box::pin(async move {
            match user {
                Some(user) => app.conversations(user, LIST_MAX).await,
                None => Ok(Vec::new()),
            }
        })
    }

    fn submit(&self, draft: Draft) -> Later<MessageView> {
        let (app, user) = (self.app.clone(), self.user);
        Box::pin(async move {
            let user = user.ok_or_else(|| Problem::new(Code::Unauthenticated, "There is no session."))?;
            let receipt = app.inbox.submit(user, draft)?.await?;
            app.message(user, receipt.id).await
        })
    }

    fn businesses(&self) -> Later<Vec<Business>> {
        let (app, user) = (self.app.clone(), self.user);
        Box::pin(async move {
            match user {
                Some(user) => app.flows.businesses(user).await,
                None => Ok(vec![Flows::builtin().business().clone()]),
            }
        })
    }

    fn flow(&self, id: BusinessId) -> Later<FlowView> {
        // Everybody sees the built-in one, so it does not matter who asks.
        let (app, user) = (self.app.clone(), self.user.unwrap_or_default());
        Box::pin(async move { app.flow(user, id).await })
    }

    fn audit(&self, id: BusinessId) -> Later<AuditPage> {
        let (app, user) = (self.app.clone(), self.user);
        Box::pin(async move {
            let user = user.ok_or_else(no_such_business)?;
            if app.store.flow(user, id).await?.is_none() {
                return Err(no_such_business());
            }
            let limit = AUDIT_SHOWN;
            let filter = AuditFilter { business: Some(id), member: Some(user), limit, ..AuditFilter::default() };
            audit::page(&app, filter).await
        })
    }

    fn catalog(&self) -> Arc<Catalog> {
        self.app.catalog.clone()
    }
}
