//! What every door of the house has in its hands.

use std::sync::Arc;
use std::time::Instant;

use shared::catalog::Catalog;
use shared::date::Date;
use shared::draft::Draft;
use shared::flow::{BusinessId, FlowView};
use shared::message::Status;
use shared::problem::Problem;
use shared::view::{Ai, ConversationSummary, ConversationView, MessageView};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::channel::Timing;
use crate::config::Config;
use crate::flow::Flows;
use crate::inbox::{Inbox, no_such_conversation, not_found};
use crate::llm::Model;
use crate::observe::{Levels, Metrics, resident_bytes};
use crate::pipeline::{Outcome, Trials, stored_draft};
use crate::resilience::Breakers;
use crate::sessions::Sessions;
use crate::state::Hub;
use crate::store::{Store, StoredMessage, UserId};
use crate::world::{World, rfc3339};

/// The services of one server.
pub struct Services {
    /// How it is set up.
    pub config: Config,
    /// How long the channel waits for what.
    pub timing: Timing,
    /// Time and randomness.
    pub world: World,
    /// Durable storage.
    pub store: Arc<dyn Store>,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
    /// Who registered.
    pub accounts: Arc<Accounts>,
    /// How conversations go.
    pub flows: Arc<Flows>,
    /// Where messages are tried on flows.
    pub trials: Trials,
    /// The way of a message.
    pub inbox: Arc<Inbox>,
    /// Who is connected.
    pub hub: Arc<Hub>,
    /// What is counted and measured.
    pub metrics: Arc<Metrics>,
    /// What keeps calls from being made to what fails.
    pub breakers: Arc<Breakers>,
    /// The language model; `None` for the built-in engine.
    pub llm: Option<Arc<Model>>,
    /// The models and prices.
    pub catalog: Arc<Catalog>,
    /// Places for usage logs that are being read.
    pub uploads: Arc<Semaphore>,
    /// The open channels and streams, which a drain waits for.
    pub connections: TaskTracker,
    /// When the server began.
    pub began: Instant,
}

/// The services as handlers get them.
pub type App = Arc<Services>;

impl Services {
    /// Today, for prices.
    pub fn today(&self) -> Date {
        Date::of_unix_ms(self.world.unix_ms())
    }

    /// What stands where, now.
    pub fn levels(&self) -> Levels {
        Levels {
            connections: self.hub.connections(),
            sessions: self.sessions.count().0,
            pending: self.inbox.depth().0,
            pool: self.store.pool(),
            resident_bytes: resident_bytes(),
        }
    }

    /// A message of the user's.
    pub async fn message(&self, user: UserId, id: Uuid) -> Result<MessageView, Problem> {
        let message = self.store.message(user, id).await?.ok_or_else(not_found)?;
        Ok(self.view(user, &message))
    }

    /// A conversation of the user's with its newest `limit` messages, with or without their results.
    pub async fn conversation(
        &self,
        user: UserId,
        id: Uuid,
        limit: u32,
        results: bool,
    ) -> Result<ConversationView, Problem> {
        let conversation = self.store.conversation(user, id, limit, results).await?.ok_or_else(no_such_conversation)?;
        let messages = conversation.messages.iter().map(|message| self.view(user, message)).collect();
        let ai = if conversation.held { Ai::Stopped } else { Ai::Active };
        Ok(ConversationView { id, epoch: self.store.epoch().into(), head: conversation.head, ai, messages })
    }

    /// Whether a message may follow the business that it names. One that was accepted before may be sent again, whatever
    /// became of the business.
    ///
    /// # Errors
    /// As [`Flows::can_follow`](crate::flow::Flows::can_follow).
    pub async fn can_follow(&self, user: UserId, draft: &Draft) -> Result<(), Problem> {
        let Some(business) = draft.business_id else { return Ok(()) };
        let Err(problem) = self.flows.can_follow(user, business).await else { return Ok(()) };
        let known = match draft.id {
            Some(id) => self.store.message(user, id).await?.is_some(),
            None => false,
        };
        if known { Ok(()) } else { Err(problem) }
    }

    /// A flow with everything in it, for a member of its business.
    pub async fn flow(&self, user: UserId, business: BusinessId) -> Result<FlowView, Problem> {
        let view = self.flows.read(user, business).await?.view();
        Ok(FlowView { members: self.flows.members(user, business).await?, ..view })
    }

    /// The user's conversations, newest first.
    pub async fn conversations(&self, user: UserId, limit: u32) -> Result<Vec<ConversationSummary>, Problem> {
        let list = self.store.conversations(user, limit).await?;
        Ok(list
            .into_iter()
            .map(|c| ConversationSummary {
                id: c.id,
                title: c.title,
                messages: c.messages,
                status: c.status,
                updated_at: rfc3339(c.updated_ms),
            })
            .collect())
    }

    /// A stored message as its sender sees it, with what only the running process knows.
    pub fn view(&self, user: UserId, message: &StoredMessage) -> MessageView {
        let running = if message.status.is_terminal() {
            None
        } else {
            self.inbox.attempt_of(user, message.conversation, message.id)
        };
        let draft = stored_draft(&message.draft);
        let outcome: Option<Outcome> = message.outcome.as_ref().and_then(|packed| packed.open().ok());
        let (category, complexity, result, problem, timings) = outcome
            .map_or((None, None, None, None, Vec::new()), |o| {
                (o.category, o.complexity, o.result, o.problem, o.timings)
            });
        MessageView {
            id: message.id,
            conversation_id: message.conversation,
            sequence: message.sequence,
            status: if running.is_some() { Status::Processing } else { message.status },
            content: draft.as_ref().map(|d| d.content.clone()).unwrap_or_default(),
            category: category.or(draft.as_ref().and_then(|d| d.category)),
            complexity: complexity.or(draft.as_ref().and_then(|d| d.complexity)),
            format: draft.as_ref().map_or(shared::message::Format::Detailed, |d| d.format),
            priority: message.priority,
            attempt: running.unwrap_or(message.attempt),
            accepted_at: rfc3339(message.accepted_ms),
            result,
            problem,
            timings,
        }
    }
}
