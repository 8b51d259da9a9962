//! How the conversations of a business go: stages, transitions between them, and the templates they speak with. These
//! are the shapes that the HTTP calls take and give and that the pages show.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::message::{Category, words};

/// The id of a business.
pub type BusinessId = Uuid;
/// The id of a stage.
pub type StageId = Uuid;
/// The id of a transition.
pub type TransitionId = Uuid;
/// The id of a template; all its versions have it.
pub type TemplateId = Uuid;

words! {
    /// What a template is for.
    TemplateKind {
        /// Asks a model which stage comes next.
        Selection = "selection",
        /// Asks a model for the facts of a message.
        Extraction = "extraction",
        /// Words the answer.
        Response = "response",
    }
}

words! {
    /// How much a finding matters.
    Severity {
        /// The flow cannot be used like this.
        Error = "error",
        /// It can, but probably does not do what was meant.
        Warning = "warning",
    }
}

words! {
    /// What somebody is in a business. Both see and change everything in it.
    Role {
        /// Made it: stays, and alone can delete it.
        Owner = "owner",
        /// Was added.
        Member = "member",
    }
}

/// Somebody who sees and changes a business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The user.
    pub user_id: Uuid,
    /// The e-mail address of the account; absent for a guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What they are there.
    pub role: Role,
    /// Whether it is the one who asks.
    pub you: bool,
}

/// Somebody who has conversations of their own kind; all that follows belongs to one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Business {
    /// Its id.
    pub id: BusinessId,
    /// Its name.
    pub name: String,
    /// What it does, for those who edit it.
    pub description: String,
    /// Whether its owner's conversations go its way. Only a flow without errors is.
    pub active: bool,
    /// Whether it is the one that every installation has; it cannot be changed.
    pub builtin: bool,
    /// Grows by one with every change of it or of anything in it.
    pub version: u64,
}

/// A place at which a conversation can be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its id.
    pub id: StageId,
    /// Its name, the only one of its business.
    pub name: String,
    /// What happens there.
    pub description: String,
    /// What is analysed there; where there is none, what the message asks for.
    pub category: Option<Category>,
    /// Whether conversations begin here. One stage of a business does.
    pub start: bool,
    /// Whether a conversation may rest here, so that no way need lead on.
    pub end: bool,
    /// How a model is asked which stage comes next.
    pub selection_template_id: Option<TemplateId>,
    /// How a model is asked for the facts of a message.
    pub extraction_template_id: Option<TemplateId>,
    /// How the answer is worded.
    pub response_template_id: Option<TemplateId>,
}

impl Stage {
    /// The template of a kind.
    pub const fn template(&self, kind: TemplateKind) -> Option<TemplateId> {
        match kind {
            TemplateKind::Selection => self.selection_template_id,
            TemplateKind::Extraction => self.extraction_template_id,
            TemplateKind::Response => self.response_template_id,
        }
    }
}

/// A way from one stage to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// Its id.
    pub id: TransitionId,
    /// Where it begins.
    pub from_stage_id: StageId,
    /// Where it leads.
    pub to_stage_id: StageId,
    /// When it is taken: an expression in the Common Expression Language; empty for always.
    pub condition: String,
    /// Of those whose condition holds, the one with the lowest number is taken.
    pub priority: i32,
    /// Why it is there, for those who edit it.
    pub description: String,
}

/// One version of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The id of all its versions.
    pub id: TemplateId,
    /// Its name, the only one of its business.
    pub name: String,
    /// What it is for.
    pub kind: TemplateKind,
    /// From 1; the highest is used.
    pub version: u32,
    /// The text, in the language of Jinja.
    pub body: String,
    /// When this version was made, RFC 3339; absent where the template is built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
}

/// Something to know about a flow before it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its fixed name: `dead_end`, `cycle`, …
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about: the id of a stage, transition, template or business.
    pub subject: Uuid,
    /// The field that would have to change.
    pub field: String,
    /// What it means and what to do.
    pub text: String,
}

/// A flow with everything in it, as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowView {
    /// Whose it is.
    pub business: Business,
    /// Its stages, in the order they were made.
    pub stages: Vec<Stage>,
    /// Its transitions, in the order they were made.
    pub transitions: Vec<Transition>,
    /// Its templates with their newest texts.
    pub templates: Vec<Template>,
    /// Who sees and changes it, the owner first; nobody for the built-in one, which everybody sees.
    #[serde(default)]
    pub members: Vec<Member>,
    /// What there is to know about it.
    pub findings: Vec<Finding>,
}

/// A page of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The newest first.
    pub entries: Vec<AuditView>,
    /// `after` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditView {
    /// Its number; later lines have higher ones.
    pub id: u64,
    /// When, RFC 3339.
    pub at: String,
    /// Which business it is about.
    pub business_id: BusinessId,
    /// Who did it: a user's id; absent where the service did.
    pub actor: Option<Uuid>,
    /// What was done: `stage.created`, `transition.taken`, …
    pub action: String,
    /// To what: the id of a stage, template, conversation, …
    pub subject: Option<Uuid>,
    /// More, by action.
    pub detail: serde_json::Value,
}
