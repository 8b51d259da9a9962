//! The part of the port that holds businesses and their flows, where conversations stand in them, what was extracted,
//! the calls to models, and the audit log. Rows of a business are only shown to its members.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shared::flow::{Business, BusinessId, Role, Stage, StageId, TemplateId, TemplateKind, Transition, TransitionId};
use shared::message::{ConversationId, MessageId};
use shared::workload::Provenance;
use uuid::Uuid;

use super::{Later, UserId};
use crate::flow::Parts;

/// What the end of a message changes besides the message itself; written in the same transaction, and so by the attempt
/// that wins, once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// Where the conversation stands from now on.
    pub state: Option<NewState>,
    /// What is known of the workload from now on; `None` for the same as before.
    pub extracted: Option<Vec<Extracted>>,
    /// What is to be found in the audit log.
    pub audit: Vec<AuditEntry>,
    /// The calls to models that were made.
    pub calls: Vec<ModelCall>,
}

/// Where a conversation stands, as the end of a message sets it. The version of its context grows by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewState {
    /// Whose flow it follows.
    pub business: BusinessId,
    /// Where it is.
    pub stage: StageId,
    /// The sequence of the message with which it came there.
    pub entered: u64,
}

/// Where a conversation stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationState {
    /// Whose flow it follows.
    pub business: BusinessId,
    /// Where it is.
    pub stage: StageId,
    /// The sequence of the message with which it came there.
    pub entered: u64,
    /// From 1, growing with every message that set it.
    pub version: u64,
    /// What is known of the workload, a fact a field.
    pub extracted: Vec<Extracted>,
}

/// A fact that a message gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extracted {
    /// The field of the workload.
    pub field: String,
    /// Its value.
    pub value: Json,
    /// Where it came from.
    pub provenance: Provenance,
    /// The message that gave it.
    pub message: MessageId,
}

/// What became of a call to a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelCall {
    /// The message it was made for.
    pub message: MessageId,
    /// The attempt at it.
    pub attempt: u32,
    /// What it was for: `selection`, `extraction`, `response`, or an agent's name.
    pub purpose: String,
    /// Who was called.
    pub provider: String,
    /// The model.
    pub model: String,
    /// Tokens of the prompt; unknown where the provider doesn't say.
    pub input_tokens: Option<u64>,
    /// Tokens of the answer; unknown where the provider doesn't say.
    pub output_tokens: Option<u64>,
    /// What it cost, in dollars; unknown where the price is.
    pub cost_usd: Option<f64>,
    /// How long it took.
    pub ms: f64,
    /// `ok`, or the code of the problem.
    pub outcome: String,
    /// When it ended.
    pub at_ms: u64,
}

/// A line for the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at_ms: u64,
    /// Which business it is about; nil for that of the conversation it is written with.
    pub business: BusinessId,
    /// Who did it; `None` for the service.
    pub actor: Option<UserId>,
    /// What was done: `stage.created`, `transition.taken`, …
    pub action: String,
    /// To what.
    pub subject: Option<Uuid>,
    /// More: a JSON object.
    pub detail: String,
}

impl AuditEntry {
    /// What a user did to a conversation or a message of it; the store knows which business that follows.
    pub fn of_conversation(at_ms: u64, user: UserId, action: &str, subject: Uuid) -> Self {
        let (action, detail) = (action.into(), "{}".into());
        Self { at_ms, business: Uuid::nil(), actor: Some(user), action, subject: Some(subject), detail }
    }
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// Its number; grows with time.
    pub number: u64,
    /// What it says.
    pub entry: AuditEntry,
}

/// Which lines of the audit log are meant; what is absent is not filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this business.
    pub business: Option<BusinessId>,
    /// Only for a member of that business; without a business, nothing is found.
    pub member: Option<UserId>,
    /// By this user.
    pub actor: Option<UserId>,
    /// With this action, or with one that begins like this if it ends in a full stop: `stage.`.
    pub action: Option<String>,
    /// About this.
    pub subject: Option<Uuid>,
    /// Not before.
    pub since_ms: Option<u64>,
    /// Before.
    pub until_ms: Option<u64>,
    /// Older than the line of this number: the newest come first.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: u32,
}

/// A change of a business or of something in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The business.
    pub business: BusinessId,
    /// Who changes it: must be a member, except where the business is made.
    pub user: UserId,
    /// The version that the change was made for; another one means that somebody was faster.
    pub version: u64,
    /// What is changed.
    pub what: Changing,
    /// What the audit log says about it.
    pub audit: AuditEntry,
    /// Now.
    pub now_ms: u64,
}

/// What is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changing {
    /// A business is made, with what is in it; `user` is its first member.
    NewBusiness(Box<Parts>),
    /// Its name, description, and whether it is active. One that becomes active is the one that `user`'s new
    /// conversations follow, and that user's others stop being so.
    Business(Business),
    /// The business with everything in it goes. Its audit log stays.
    NoBusiness,
    /// A stage is made or replaced.
    Stage(Stage),
    /// A stage goes, with its transitions.
    NoStage(StageId),
    /// A transition is made or replaced.
    Transition(Transition),
    /// A transition goes.
    NoTransition(TransitionId),
    /// A template is made, or gets a new version, or another name.
    Template(NewVersion),
    /// A template goes, with all its versions.
    NoTemplate(TemplateId),
    /// Somebody sees and changes it too from now on; nothing if they did already.
    Member(UserId),
    /// A member is none any more. The owner stays.
    NoMember(UserId),
}

/// A version of a template to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// The template.
    pub id: TemplateId,
    /// Its name from now on.
    pub name: String,
    /// What it is for; never changes.
    pub kind: TemplateKind,
    /// From 1; one more than the newest.
    pub version: u32,
    /// Its text.
    pub body: String,
}

/// A version of a template as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVersion {
    /// From 1.
    pub version: u32,
    /// Its text.
    pub body: String,
    /// Who wrote it.
    pub author: UserId,
    /// When.
    pub created_ms: u64,
}

/// A member of a business as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMember {
    /// Who.
    pub user: UserId,
    /// The name of their account; `None` for a guest.
    pub name: Option<String>,
    /// What they are there.
    pub role: Role,
}

/// What became of a [`Change`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is done; the business is now of this version.
    Yes(u64),
    /// The business is of another version than the change was made for.
    Overtaken,
    /// The user has no such business.
    NotThere,
}

/// Durable storage of flows.
pub trait FlowStore: Send + Sync + 'static {
    /// Changes a business, with its line in the audit log, in one transaction.
    fn change(&self, change: Change) -> Later<'static, Changed>;
    /// Adds to the audit log.
    fn audit(&self, entries: Vec<AuditEntry>) -> Later<'static, ()>;

    /// The businesses of a user, in the order they were made.
    fn businesses(&self, user: UserId) -> Later<'_, Vec<Business>>;
    /// A business with its flow; `None` if `user` is no member of it.
    fn flow(&self, user: UserId, business: BusinessId) -> Later<'_, Option<Parts>>;
    /// The members of a business, the owner first, then by name; empty if `user` is none of them.
    fn members(&self, user: UserId, business: BusinessId) -> Later<'_, Vec<StoredMember>>;
    /// The business that new conversations of a user follow; `None` for the built-in one.
    fn followed(&self, user: UserId) -> Later<'_, Option<BusinessId>>;
    /// All versions of a template, the newest first; empty if `user` has no such template.
    fn versions(&self, user: UserId, business: BusinessId, template: TemplateId) -> Later<'_, Vec<StoredVersion>>;
    /// What a user may do: `guest` or `registered`; `None` for nobody.
    fn tier(&self, user: UserId) -> Later<'_, Option<String>>;
    /// Where a conversation of the user's stands; `None` if no message has set it yet.
    fn state(&self, user: UserId, conversation: ConversationId) -> Later<'_, Option<ConversationState>>;
    /// The calls that were made for a message of the user's, in order.
    fn model_calls(&self, user: UserId, message: MessageId) -> Later<'_, Vec<ModelCall>>;
    /// Lines of the audit log, the newest first.
    fn audited(&self, filter: AuditFilter) -> Later<'_, Vec<AuditLine>>;
}
