//! What happens to a message that is tried on a flow: every step that it would go through, told; nothing of it is kept.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::flow::{StageId, TemplateId, TemplateKind, TransitionId};
use crate::message::{Category, Complexity, words};
use crate::problem::ProblemDetails;
use crate::result::{AnalysisResult, Warning};
use crate::view::Timing;
use crate::workload::Provenance;

words! {
    /// What became of a transition that could have been taken.
    Held {
        /// Its condition holds: it was taken.
        Yes = "yes",
        /// Its condition does not hold.
        No = "no",
        /// Whether its condition holds cannot be told, so it was not taken.
        Untold = "untold",
        /// Another one was taken before it was looked at.
        Unseen = "unseen",
    }
}

/// A stage by its id and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its id.
    pub id: StageId,
    /// Its name.
    pub name: String,
}

/// A transition that leads on from the stage before, in the order in which they are looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriedTransition {
    /// Its id.
    pub id: TransitionId,
    /// Where it leads.
    pub to: Place,
    /// Its condition; empty for always.
    pub condition: String,
    /// What became of it.
    pub held: Held,
}

/// A fact of the workload that is known when the figures are computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriedFact {
    /// The field of the workload.
    pub field: String,
    /// Its name for a person.
    pub label: String,
    /// Its value in the field's unit.
    pub value: Value,
    /// Its unit; empty where there is none.
    pub unit: String,
    /// Where it came from, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
}

/// A template that was filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriedTemplate {
    /// Its id.
    pub id: TemplateId,
    /// Its name.
    pub name: String,
    /// What it was for.
    pub kind: TemplateKind,
    /// The version that made the text; not the newest where that one failed.
    pub version: u32,
    /// What it made: a question to a model, or the answer.
    pub text: String,
}

/// A call to a language model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriedCall {
    /// What it was for: `selection`, `extraction` or `response`.
    pub purpose: String,
    /// The model.
    pub model: String,
    /// `ok`, or why there was no usable answer.
    pub outcome: String,
    /// How long it took, in milliseconds.
    pub ms: f64,
    /// What it cost in dollars, where the price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
}

/// What happened to a message that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The version of the business that it was tried on.
    pub business_version: u64,
    /// Where it began.
    pub stage_before: Place,
    /// Where it came to.
    pub stage_after: Place,
    /// Who chose that: `condition` or `model`; absent where the conversation stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen_by: Option<String>,
    /// What could have been taken.
    pub transitions: Vec<TriedTransition>,
    /// What was analysed; absent where it did not come to that.
    pub category: Option<Category>,
    /// How much is asked at once.
    pub complexity: Complexity,
    /// What is known of the workload.
    pub extracted: Vec<TriedFact>,
    /// The templates that were filled in, in order.
    pub templates: Vec<TriedTemplate>,
    /// The calls to a language model, in order.
    pub calls: Vec<TriedCall>,
    /// The words of the answer; absent where nobody words it and its headline and figures stand alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The whole answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<AnalysisResult>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemDetails>,
    /// What should be known about how it went.
    pub warnings: Vec<Warning>,
    /// How long each step took.
    pub timings: Vec<Timing>,
}
