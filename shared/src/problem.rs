//! What can go wrong, in one table: each code has a class, an HTTP status, a sentence for a person and a recovery.
//! The wire form is RFC 9457 problem details.

use serde::{Deserialize, Serialize};

use crate::message::words;

words! {
    /// Whose turn it is to act.
    Class {
        /// The request must change.
        Validation = "validation",
        /// The message met an obstacle on its way.
        Processing = "processing",
        /// The service itself is in trouble.
        System = "system",
    }
}

words! {
    /// What the system does about it.
    Recovery {
        /// Try the same again, with back-off.
        Retry = "retry",
        /// Use the built-in engine instead.
        Fallback = "fallback",
        /// Give a simpler answer, marked so.
        Degrade = "degrade",
        /// Tell the sender what to change.
        Tell = "tell",
        /// Call an operator.
        Escalate = "escalate",
    }
}

/// Declares the codes and their table in one place.
macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $word:literal, $class:ident, $status:literal, $recovery:ident, $title:literal;)+) => {
        words! {
            /// What went wrong.
            Code { $($(#[$meta])* $variant = $word),+ }
        }

        impl Code {
            /// Whose turn it is.
            pub const fn class(self) -> Class { match self { $(Self::$variant => Class::$class),+ } }
            /// The HTTP status it is answered with.
            pub const fn status(self) -> u16 { match self { $(Self::$variant => $status),+ } }
            /// What is done about it.
            pub const fn recovery(self) -> Recovery { match self { $(Self::$variant => Recovery::$recovery),+ } }
            /// A short sentence for a person.
            pub const fn title(self) -> &'static str { match self { $(Self::$variant => $title),+ } }
        }
    };
}

codes! {
    /// A field is wrong.
    Invalid = "invalid", Validation, 422, Tell, "Something in the request is not right";
    /// Longer than allowed.
    TooLong = "too_long", Validation, 422, Tell, "The message is too long";
    /// Shorter than allowed.
    TooShort = "too_short", Validation, 422, Tell, "The message is too short";
    /// No such category.
    UnknownCategory = "unknown_category", Validation, 422, Tell, "There is no such category";
    /// No such model in the catalog.
    UnknownModel = "unknown_model", Validation, 422, Tell, "The model is not in the catalog";
    /// A content type that is not read here.
    UnsupportedMedia = "unsupported_media", Validation, 415, Tell, "This content type cannot be read here";
    /// No valid session.
    Unauthenticated = "unauthenticated", Validation, 401, Tell, "You are not signed in";
    /// A session, but not for this.
    Forbidden = "forbidden", Validation, 403, Tell, "You are not allowed to do this";
    /// The session has ended.
    Expired = "expired", Validation, 401, Tell, "Your session has expired";
    /// Too much work waiting.
    Busy = "busy", System, 503, Retry, "The service is busy";
    /// Too many requests from this user.
    RateLimited = "rate_limited", Validation, 429, Retry, "Too many messages in a short time";
    /// A number was skipped.
    Gap = "gap", Validation, 409, Tell, "A message before this one is missing";
    /// The id was used for other content.
    Reused = "reused", Validation, 422, Tell, "This id was already used for a different message";
    /// The id is older than the window.
    Old = "old", Validation, 422, Tell, "This message id is too old to be accepted";
    /// Nothing there, or not yours.
    NotFound = "not_found", Validation, 404, Tell, "There is nothing here";
    /// Not possible in the present state.
    Conflict = "conflict", Validation, 409, Tell, "This is not possible now";
    /// Ended by its sender.
    Cancelled = "cancelled", Processing, 409, Tell, "The message was cancelled";
    /// The next stage could not be chosen.
    StageTransition = "stage_transition", Processing, 500, Fallback, "The next step of the conversation could not be chosen";
    /// A template failed.
    Template = "template", Processing, 500, Fallback, "A text template could not be filled in";
    /// The message could not be read.
    Extraction = "extraction", Processing, 422, Fallback, "The message could not be understood";
    /// The language model did not answer.
    LlmUnavailable = "llm_unavailable", Processing, 502, Fallback, "The language model is not available";
    /// The language model refused for load.
    LlmRateLimited = "llm_rate_limited", Processing, 503, Retry, "The language model has too much to do";
    /// The language model answered nonsense.
    LlmBadAnswer = "llm_bad_answer", Processing, 502, Fallback, "The language model gave an unusable answer";
    /// The deadline passed.
    Timeout = "timeout", Processing, 504, Degrade, "This took too long";
    /// The database failed.
    Database = "database", System, 503, Retry, "The storage is not available";
    /// The cache failed.
    Cache = "cache", System, 503, Fallback, "The cache is not available";
    /// A resource ran out.
    Exhausted = "exhausted", System, 503, Escalate, "The service has run out of a resource";
    /// A fault of ours.
    Internal = "internal", System, 500, Escalate, "Something went wrong on our side";
}

impl Code {
    /// Whether the same request may succeed later.
    pub const fn retryable(self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::RateLimited
                | Self::LlmUnavailable
                | Self::LlmRateLimited
                | Self::LlmBadAnswer
                | Self::Timeout
                | Self::Database
                | Self::Cache
                | Self::Exhausted
                | Self::Internal
        )
    }
}

/// One wrong field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Its name, with a path where it is nested: `workload.input_tokens`.
    pub name: String,
    /// What is wrong with it.
    pub message: String,
}

/// A problem as its reader meets it: what happened, what it means, what to do. Never internals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What went wrong.
    pub code: Code,
    /// What happened and what to do, for a person.
    pub detail: String,
    /// When trying again makes sense, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The wrong fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
}

impl Problem {
    /// A problem with a sentence for its reader.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), retry_after_ms: None, fields: Vec::new() }
    }

    /// An `invalid` problem that names its fields.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let all: Vec<_> = fields.iter().map(|f| format!("{} {}", f.name, f.message)).collect();
        Self { fields, ..Self::new(Code::Invalid, format!("{}.", all.join("; "))) }
    }

    /// An `invalid` problem with one field.
    pub fn invalid_field(name: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { name: name.into(), message: message.into() }])
    }

    /// The same problem, to be tried again after `ms` milliseconds.
    #[must_use]
    pub fn retry_after(mut self, ms: u64) -> Self {
        self.retry_after_ms = Some(ms);
        self
    }
}

/// A problem on the wire: RFC 9457 problem details, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemDetails {
    /// A relative reference that names the code: `/problems/too_long`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's sentence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do.
    pub detail: String,
    /// The code.
    pub code: Code,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The wrong fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    /// What to quote to an operator.
    pub trace_id: String,
}

impl ProblemDetails {
    /// The wire form of `problem`, met under `trace_id`.
    pub fn new(problem: Problem, trace_id: impl Into<String>) -> Self {
        let Problem { code, detail, retry_after_ms, fields } = problem;
        Self {
            kind: format!("/problems/{code}"),
            title: code.title().into(),
            status: code.status(),
            detail,
            code,
            retryable: code.retryable(),
            retry_after_ms,
            fields,
            trace_id: trace_id.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_agrees_with_itself() {
        for code in Code::ALL {
            assert!((400..600).contains(&code.status()), "{code}");
            assert!(!code.title().ends_with('.'), "{code}");
            assert!(
                !code.retryable() || code.recovery() != Recovery::Tell,
                "{code}: what can be retried is not told to change"
            );
        }
    }
}
