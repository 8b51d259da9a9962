//! The port to durable storage, in the verbs of the domain, and its adapters.
//!
//! Writes come in over [`Store`]; each answers after its commit is durable. What was committed leaves as [`Fact`]s
//! through one channel, in commit order, so that whoever publishes them cannot reorder a conversation. Every read and
//! write names the user it is for: a row of another user does not exist.

#[cfg(test)]
mod contract;
pub mod flow;
mod packed;
mod sqlite;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use shared::draft::Draft;
use shared::message::{Category, ConversationId, MessageId, Priority, Status};
use shared::problem::{Code, Problem};
use shared::protocol::EventKind;
use uuid::Uuid;

use crate::observe::Pool;

pub use flow::{Effects, FlowStore};
pub use packed::Packed;
pub use sqlite::{SqliteStore, migrations};

/// Who owns a row.
pub type UserId = Uuid;

/// The SHA-256 of a session token.
pub type TokenHash = [u8; 32];

/// An answer of the store that comes later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Why the store could not do it. Never shown to a user.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed.
    #[error("database: {0}")]
    Database(Arc<dyn std::error::Error + Send + Sync>),
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
    /// A row that this version cannot read.
    #[error("unreadable row: {0}")]
    Unreadable(String),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "store failed");
        Self::new(Code::Database, "The storage did not answer. Nothing was lost or half done; try again.")
            .retry_after(1_000)
    }
}

/// What an acceptance is safe from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Power loss: the disk is flushed before every acceptance.
    Full,
    /// The end of the process: the operating system writes soon.
    Process,
}

impl Durability {
    /// The word in the configuration and in `/health`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Process => "process",
        }
    }
}

/// A message to be made durable.
#[derive(Clone, Debug)]
pub struct Accept {
    /// Its sender.
    pub user: UserId,
    /// Its id, already held to the window.
    pub id: MessageId,
    /// Its conversation; made if the user has none of this id.
    pub conversation: ConversationId,
    /// What was sent.
    pub draft: Arc<Draft>,
    /// SHA-256 of the body without its id, so that the same id with another body is noticed.
    pub fingerprint: [u8; 32],
    /// The time of acceptance.
    pub now_ms: u64,
}

/// What became of an [`Accept`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is durable, now or since an earlier time.
    Yes(Acceptance),
    /// The user's id was used for another body.
    Reused,
    /// The user has no such usage log.
    NoSuchUsage,
}

/// A durable message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its number there, from 1.
    pub sequence: u64,
    /// Where it stands.
    pub status: Status,
    /// Whether it was known already.
    pub duplicate: bool,
}

/// The end of a message: everything that the second commit writes.
#[derive(Clone, Debug)]
pub struct Finish {
    /// Its sender.
    pub user: UserId,
    /// The message.
    pub id: MessageId,
    /// The attempt that ends it, which must not have been overtaken; `None` for its sender, who may end any.
    pub attempt: Option<u32>,
    /// Completed, failed or cancelled.
    pub status: Status,
    /// What the message was about, for those that follow it; `None` if that was not found out.
    pub category: Option<Category>,
    /// The data of the terminal event, JSON.
    pub event: Arc<str>,
    /// The whole outcome, a [`crate::pipeline::Outcome`].
    pub outcome: Packed,
    /// What it changes besides; `None` where that is nothing.
    pub effects: Option<Box<Effects>>,
    /// The time of the end.
    pub now_ms: u64,
}

/// Who won.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// This end is the one.
    Won,
    /// It had already ended, a higher attempt began, or there is no such message.
    Lost,
}

/// A durable event of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// The conversation.
    pub conversation: ConversationId,
    /// From 1, growing by exactly 1.
    pub offset: u64,
    /// The message it is about.
    pub id: MessageId,
    /// What happened.
    pub kind: EventKind,
    /// The facts: JSON, kept as text so that every reader gets the same bytes.
    pub data: Arc<str>,
}

/// Something that was committed.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Whose.
    pub user: UserId,
    /// What.
    pub event: Arc<LogEvent>,
    /// What follows from it.
    pub next: Next,
}

/// What follows from something that was committed.
#[derive(Clone, Debug)]
pub enum Next {
    /// The conversation is held: its messages wait.
    Hold,
    /// It is free again; its messages up to this sequence have waited.
    Free(u64),
    /// This message now waits to be worked on.
    Work(Job),
    /// The message has ended.
    Rest {
        /// The attempt that ended it; `None` if its sender did.
        attempt: Option<u32>,
        /// What it was about.
        category: Option<Category>,
    },
}

/// Which unfinished messages are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// All that can go on: those of conversations that are not held.
    Free,
    /// A user's, held or not.
    Of(UserId),
    /// A conversation's, up to this sequence.
    In(UserId, ConversationId, u64),
}

/// An accepted message that waits for its turn.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its sender.
    pub user: UserId,
    /// Its id.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its number there.
    pub sequence: u64,
    /// Before or after others.
    pub priority: Priority,
    /// When it was accepted.
    pub accepted_ms: u64,
    /// The attempt to make next.
    pub attempt: u32,
    /// What its conversation was about before it.
    pub before: Option<Category>,
    /// What was sent, where it is still in memory.
    pub draft: Option<Arc<Draft>>,
}

/// A message as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its id.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its number there.
    pub sequence: u64,
    /// Queued or ended; whether it is being worked on is known to the inbox.
    pub status: Status,
    /// The last attempt begun durably.
    pub attempt: u32,
    /// Before or after others.
    pub priority: Priority,
    /// When it was accepted.
    pub accepted_ms: u64,
    /// What was sent: JSON of [`Draft`].
    pub draft: String,
    /// What became of it: a [`crate::pipeline::Outcome`]. Left out of lists.
    pub outcome: Option<Packed>,
}

/// A conversation as of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredConversation {
    /// The last offset of its log.
    pub head: u64,
    /// Its newest messages, in order.
    pub messages: Vec<StoredMessage>,
    /// Whether its messages wait until it is free again.
    pub held: bool,
}

/// A conversation in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSummary {
    /// Its id.
    pub id: ConversationId,
    /// The beginning of its first message.
    pub title: String,
    /// How many messages it has.
    pub messages: u64,
    /// The status of the newest.
    pub status: Status,
    /// When the newest was accepted.
    pub updated_ms: u64,
}

/// Some events of a conversation and its last offset, read at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// The last offset; 0 for a conversation that does not exist.
    pub head: u64,
    /// The events after the offset asked for, without a gap.
    pub events: Vec<LogEvent>,
}

/// What remains of an uploaded request log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageLog {
    /// Whose it is.
    pub user: UserId,
    /// Its id.
    pub id: Uuid,
    /// The figures: a [`shared::usage::Usage`].
    pub figures: Packed,
    /// When it came.
    pub now_ms: u64,
}

/// A session to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// The SHA-256 of its token.
    pub token_hash: TokenHash,
    /// Its id, which is no secret.
    pub id: Uuid,
    /// Whose it is.
    pub user: UserId,
    /// What the user may do.
    pub tier: String,
    /// When it was last used.
    pub seen_ms: u64,
    /// Whether it has ended.
    pub ended: bool,
}

/// A user who registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its e-mail address, in lower case.
    pub name: String,
    /// Whose it is.
    pub user: UserId,
    /// The argon2id hash of its password, in PHC form.
    pub password: String,
}

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The account is there.
    Yes,
    /// Another user has an account of this name.
    NameTaken,
    /// The user has an account.
    UserHasOne,
}

/// What to clear away.
#[derive(Clone, Copy, Debug)]
pub struct Sweep {
    /// Now.
    pub now_ms: u64,
    /// Sessions not seen since then end.
    pub idle_before_ms: u64,
    /// Sessions that ended before then are forgotten.
    pub forget_before_ms: u64,
    /// Idempotency entries of ids made before then are forgotten; such ids are refused as `old`.
    pub ids_before_ms: u64,
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// Sessions that it ended.
    pub ended: u64,
    /// Whether there is more to forget than one sweep does.
    pub more: bool,
}

/// Durable storage.
pub trait Store: FlowStore {
    /// The name of this log; a new one means that a log was lost or restored.
    fn epoch(&self) -> &str;
    /// What an acceptance is safe from.
    fn durability(&self) -> Durability;

    /// Makes a message durable with its number and its `accepted` event. Messages are numbered in the order of the
    /// calls, whether or not the answers are awaited.
    fn accept(&self, accept: Accept) -> Later<'static, Accepted>;
    /// Keeps the figures of a usage log for its user, and of the user's logs only the newest.
    fn keep_usage(&self, log: UsageLog) -> Later<'static, ()>;
    /// Records durably that `attempt` of a message begins, so that lower ones can no longer end it. `false` if it has
    /// ended or a higher attempt began.
    fn begin(&self, user: UserId, id: MessageId, attempt: u32) -> Later<'static, bool>;
    /// Ends a message with its terminal event, unless it has ended.
    fn finish(&self, finish: Arc<Finish>) -> Later<'static, Finished>;

    /// Holds a conversation, so that its messages wait, or frees it, with a `note` event and a line in the audit log if
    /// that changes anything.
    /// Answers whether it did; `None` if the user has no such conversation.
    fn hold(&self, user: UserId, id: ConversationId, held: bool, now_ms: u64) -> Later<'static, Option<bool>>;

    /// Makes a session, and its user if there is none yet.
    fn start_session(&self, session: StoredSession) -> Later<'static, ()>;
    /// Records when sessions were last used.
    fn touch_sessions(&self, seen: Vec<(TokenHash, u64)>) -> Later<'static, ()>;
    /// Ends a session.
    fn end_session(&self, token_hash: TokenHash, now_ms: u64) -> Later<'static, ()>;
    /// Ends all sessions of a user; answers how many.
    fn end_sessions_of(&self, user: UserId, now_ms: u64) -> Later<'static, u64>;
    /// Makes an account, and its user if there is none yet; the user and its sessions are of `tier` from now on.
    fn register(&self, account: Account, tier: String, now_ms: u64) -> Later<'static, Registered>;
    /// Ends idle sessions, forgets old rows; answers how many sessions it ended.
    fn sweep(&self, sweep: Sweep) -> Later<'static, Swept>;

    /// A session, also one that has ended.
    fn session(&self, token_hash: TokenHash) -> Later<'_, Option<StoredSession>>;
    /// The account of a name.
    fn account(&self, name: String) -> Later<'_, Option<Account>>;
    /// How many sessions have not ended.
    fn sessions(&self) -> Later<'_, u64>;
    /// A message of the user's, with its outcome.
    fn message(&self, user: UserId, id: MessageId) -> Later<'_, Option<StoredMessage>>;
    /// The figures of a usage log of the user's.
    fn usage(&self, user: UserId, id: Uuid) -> Later<'_, Option<Packed>>;
    /// A conversation of the user's with its newest `limit` messages, with or without their outcomes.
    fn conversation(
        &self,
        user: UserId,
        id: ConversationId,
        limit: u32,
        outcomes: bool,
    ) -> Later<'_, Option<StoredConversation>>;
    /// The user's conversations, newest first.
    fn conversations(&self, user: UserId, limit: u32) -> Later<'_, Vec<StoredSummary>>;
    /// At most `limit` events after `offset`; `None` if the user has no such conversation.
    fn events_after(&self, user: UserId, id: ConversationId, offset: u64, limit: u32) -> Later<'_, Option<Events>>;
    /// Unfinished messages, each conversation's in order, with the attempt that is to come.
    fn unfinished(&self, of: Unfinished) -> Later<'_, Vec<Job>>;
    /// The conversations that are held, with how many messages wait in each.
    fn held(&self) -> Later<'_, Vec<(UserId, ConversationId, u64)>>;
    /// The connections to the database.
    fn pool(&self) -> Pool;
    /// Whether the database answers.
    fn ping(&self) -> Later<'_, ()>;
    /// Finishes what is queued and closes.
    fn close(&self) -> Later<'_, ()>;
}
