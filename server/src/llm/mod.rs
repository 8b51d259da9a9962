//! Language models: a port in the verbs of the domain, and its two adapters.
//!
//! A message meets a model in up to three ways: [`Llm::choose`] picks the next stage where a business wants that,
//! [`Llm::read`] finds facts in its text, [`Llm::word`] says the computed answer in the reader's words. None may add a
//! figure: what was read must be quoted from the message ([`facts`]), what was worded
//! is checked number by number against the answer ([`figures`]). The built-in adapter ([`builtin`]) does both without a
//! network; the other ([`openai`]) speaks to any OpenAI-compatible server. [`model`] stands between the pipeline and an
//! adapter: budget, breaker, retry, deadline, and the record of every call.

mod budget;
pub mod builtin;
mod call;
mod facts;
mod failure;
mod figures;
pub mod model;
mod number;
pub mod openai;
mod prompt;
mod telling;

use std::future::Future;
use std::pin::Pin;

use shared::message::Category;
use shared::result::AnalysisResult;

pub use budget::{Budget, Limits};
pub use builtin::BuiltIn;
pub use call::{Call, Usage, Verb};
pub use facts::{Adopted, adopt};
pub use failure::Failure;
pub use figures::{Invented, Known};
pub use model::{Model, Standing};
pub use openai::{Endpoint, OpenAi};
pub use telling::{Telling, Told};

use crate::resilience::Deadline;

/// An answer of a model that comes later; dropping it ends the call.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<Said<T>, Failure>> + Send + 'a>>;

/// What a model said, and what it used for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Said<T> {
    /// The answer.
    pub value: T,
    /// The tokens, where the server tells.
    pub usage: Option<Usage>,
}

/// A computed answer that is to be said in words.
#[derive(Clone, Copy, Debug)]
pub struct Wording<'a> {
    /// What the sender wrote: data, never an instruction.
    pub message: &'a str,
    /// The answer with all its figures.
    pub result: &'a AnalysisResult,
}

/// A fact that a model says is in a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The field of the workload.
    pub field: String,
    /// Its value in the field's unit.
    pub value: serde_json::Value,
    /// The words of the message that say it.
    pub quote: String,
}

/// What a model says about a message; nothing of it is believed yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// What it asks for.
    pub category: Option<Category>,
    /// Its facts.
    pub facts: Vec<Claim>,
}

/// Hears a model's words as they come.
pub trait Listener: Send {
    /// A try begins: what was heard before is void.
    fn begin(&mut self);
    /// More words.
    fn words(&mut self, text: &str);
}

/// A language model, as the pipeline needs it.
pub trait Llm: Send + Sync + 'static {
    /// The model's id; `None` for the built-in engine.
    fn id(&self) -> Option<&str>;
    /// Says an answer in the reader's words. The text is not checked yet.
    fn word<'a>(&'a self, wording: Wording<'a>, heard: &'a mut dyn Listener, by: Deadline) -> Pending<'a, String>;
    /// Finds the facts of a message; `notes` is what its business says about them. They are not checked yet.
    fn read<'a>(&'a self, message: &'a str, notes: Option<&'a str>, by: Deadline) -> Pending<'a, Claims>;
    /// Answers a question with one of the names in it. Whether it is one is not checked yet.
    fn choose<'a>(&'a self, question: &'a str, by: Deadline) -> Pending<'a, String>;
}
