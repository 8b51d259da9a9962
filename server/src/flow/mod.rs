//! How a conversation goes: the stages of a business, the transitions between them and the templates they speak with.
//!
//! The shapes are [`shared::flow`]'s. [`Parts`] is a flow as it is stored; [`check()`] says what is wrong with it;
//! [`Flow`] is the same made ready: an immutable snapshot with its conditions compiled and its templates parsed, which
//! [`Flows`] keeps for as long as its business does not change. [`Context`] is what conditions and templates can speak
//! of. `builtin` is the flow that every installation has. Nothing in here but [`Flows`] waits for anything.
//!
//! A message goes through a flow like this:
//!
//! ```text
//! let here = flows.of(user, conversation, wanted).await?;          // the flow and where the conversation stands in it
//! let choice = here.flow.next(stage, &context);                    // a transition whose condition holds, or none
//! let template = here.flow.response(stage);                        // how that stage words its answers
//! let text = here.flow.render(stage, TemplateKind::Response, &context)?;   // falls back to the previous version
//! ```

mod builtin;
mod check;
mod condition;
mod context;
mod edit;
mod graph;
mod members;
mod reader;
mod service;
mod snapshot;
mod template;

pub use builtin::{BUILTIN, builtin, hands_over, leads_to};
pub use check::check;
pub use condition::Condition;
pub use context::{CatalogFacts, Context, ConversationFacts, MessageFacts, UserFacts, VARIABLES};
pub use edit::{Applied, Body, Edit, apply};
pub use service::{Edited, Flows, Here, no_such_business};
pub use shared::flow::{
    Business, BusinessId, Finding, Severity, Stage, StageId, Template, TemplateId, TemplateKind, Transition,
    TransitionId,
};
pub use snapshot::{Choice, Flow, Rendered};
pub use template::{Engine, Fault};

use shared::limits::TEMPLATE_MAX_BYTES;

/// A flow as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Whose it is.
    pub business: Business,
    /// Its stages, in the order they were made.
    pub stages: Vec<Stage>,
    /// Its transitions, in the order they were made.
    pub transitions: Vec<Transition>,
    /// Its templates, in the order they were made.
    pub templates: Vec<Versions>,
}

/// A template with its newest versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The one that is used.
    pub current: Template,
    /// The texts before it, the newest first, with their versions: what is used where the current one fails.
    pub before: Vec<(u32, String)>,
}

/// How many earlier versions of a template are kept ready.
pub const BEFORE_MAX: u8 = 2;

// A text of this length must be readable from a body whatever its characters.
const _: () = assert!(TEMPLATE_MAX_BYTES * 3 < shared::limits::BODY_MAX_BYTES);

/// Something that went another way than was asked, told to whoever follows the message.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Note {
    /// Its fixed name.
    pub code: &'static str,
    /// What happened and what was done instead.
    pub text: String,
}

impl Parts {
    /// The stage of an id.
    pub fn stage(&self, id: StageId) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    /// The template of an id.
    pub fn template(&self, id: TemplateId) -> Option<&Versions> {
        self.templates.iter().find(|versions| versions.current.id == id)
    }
}
