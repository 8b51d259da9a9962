//! Messages and conversations as the HTTP calls give them and the page shows them.

use serde::{Deserialize, Serialize};

use crate::message::{Category, Complexity, ConversationId, Format, MessageId, Priority, Status, words};
use crate::problem::ProblemDetails;
use crate::result::AnalysisResult;

/// A message with what became of it: `GET /api/v1/messages/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageView {
    /// Its id.
    pub id: MessageId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// Its number in the conversation, from 1.
    pub sequence: u64,
    /// Where it stands.
    pub status: Status,
    /// What the person wrote.
    pub content: String,
    /// What was asked for, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// How much was asked, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complexity: Option<Complexity>,
    /// How the answer is told.
    pub format: Format,
    /// Before or after others.
    pub priority: Priority,
    /// The attempt that is running or ended it; 0 before the first.
    pub attempt: u32,
    /// When it was accepted, RFC 3339.
    pub accepted_at: String,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<AnalysisResult>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemDetails>,
    /// The measured times of the steps of the last attempt.
    pub timings: Vec<Timing>,
}

/// The measured time of one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// The step.
    pub stage: String,
    /// Milliseconds.
    pub ms: f64,
}

words! {
    /// Whether the messages of a conversation are answered.
    Ai {
        /// As they come.
        Active = "active",
        /// They are kept and wait until it is active again.
        Stopped = "stopped",
    }
}

/// A conversation with its messages: `GET /api/v1/conversations/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversationView {
    /// Its id.
    pub id: ConversationId,
    /// The epoch of its log.
    pub epoch: String,
    /// The newest offset of its log.
    pub head: u64,
    /// Whether its messages are answered.
    #[serde(default = "answering")]
    pub ai: Ai,
    /// Its messages in order, the newest at the end; long conversations are cut at the front.
    pub messages: Vec<MessageView>,
}

/// A server of an earlier version could not stop.
fn answering() -> Ai {
    Ai::Active
}

/// A conversation in a list: `GET /api/v1/conversations`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversationSummary {
    /// Its id.
    pub id: ConversationId,
    /// The beginning of its first message.
    pub title: String,
    /// How many messages it has.
    pub messages: u64,
    /// The status of its newest message.
    pub status: Status,
    /// When its newest message was accepted, RFC 3339.
    pub updated_at: String,
}
