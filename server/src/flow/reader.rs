//! Reading of what was sent to change a flow: field by field, so that everything that is wrong is named at once.

use serde_json::Value as Json;
use shared::limits as l;
use shared::problem::{FieldError, Problem};
use uuid::Uuid;

use super::edit::Body;

/// Reads the fields of a body and gathers what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) body: &'a Body,
    known: &'static [&'static str],
    pub(super) errors: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(body: &'a Body, known: &'static [&'static str]) -> Self {
        Self { body, known, errors: Vec::new() }
    }

    pub(super) fn fail(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError { name: name.into(), message: message.into() });
    }

    pub(super) fn done(mut self) -> Result<(), Problem> {
        let unknown: Vec<_> =
            self.body.keys().filter(|key| !self.known.contains(&key.as_str())).take(8).cloned().collect();
        for name in unknown {
            self.fail(&name, format!("is not a field of this call; there are {}", self.known.join(", ")));
        }
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::invalid(self.errors)) }
    }

    pub(super) fn text(&mut self, name: &str) -> Option<&'a str> {
        match self.body.get(name) {
            None => None,
            Some(Json::String(text)) => Some(text),
            Some(_) => {
                self.fail(name, "must be text");
                None
            }
        }
    }

    /// A name: one line, not empty.
    pub(super) fn name(&mut self, old: Option<&str>) -> String {
        let failed = self.errors.len();
        let Some(text) = self.text("name").map(str::trim).or(old) else {
            if self.errors.len() == failed {
                self.fail("name", "is missing");
            }
            return String::new();
        };
        let chars = text.chars().count();
        if !(1..=l::NAME_MAX_CHARS).contains(&chars) {
            self.fail("name", format!("must have 1 to {} characters; it has {chars}", l::NAME_MAX_CHARS));
        } else if text.chars().any(char::is_control) {
            self.fail("name", "must be one line without control characters");
        }
        text.to_owned()
    }

    /// Text that may be empty.
    pub(super) fn prose(&mut self, name: &str, old: Option<&str>, max: usize) -> String {
        let text = self.text(name).map(str::trim).or(old).unwrap_or_default();
        let chars = text.chars().count();
        if chars > max {
            self.fail(name, format!("has {chars} characters; at most {max} are taken"));
        } else if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.fail(name, "must not have control characters");
        }
        text.to_owned()
    }

    pub(super) fn flag(&mut self, name: &str, old: bool) -> bool {
        match self.body.get(name) {
            None => old,
            Some(Json::Bool(flag)) => *flag,
            Some(_) => {
                self.fail(name, "must be true or false");
                old
            }
        }
    }

    /// An id; `null` for none.
    pub(super) fn id(&mut self, name: &str, old: Option<Uuid>) -> Option<Uuid> {
        match self.body.get(name) {
            None => old,
            Some(Json::Null) => None,
            Some(json) => {
                let id = json.as_str().and_then(|text| text.parse().ok());
                if id.is_none() {
                    self.fail(name, "must be an id (a UUID)");
                }
                id
            }
        }
    }
}
