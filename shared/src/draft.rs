//! A message as it is sent, read and checked: the one validator of `POST /api/v1/messages`, the channel's `send`
//! and the composer on the page.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::examples;
use crate::limits as l;
use crate::message::{Category, Complexity, ConversationId, Format, MessageId, Priority, id_unix_ms};
use crate::problem::{Code, FieldError, Problem};
use crate::workload::Workload;

/// A message that passed every check that needs no clock and no store.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Draft {
    /// What the person wrote.
    pub content: String,
    /// The idempotency key, a version-7 UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<MessageId>,
    /// The conversation it continues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// The example it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example_id: Option<String>,
    /// What to analyse, where the text leaves it open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// How much it asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complexity: Option<Complexity>,
    /// Before or after others.
    pub priority: Priority,
    /// How the answer is told.
    pub format: Format,
    /// Facts that win over the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload: Option<Workload>,
    /// A request log uploaded before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_id: Option<Uuid>,
    /// The business whose flow a new conversation follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_id: Option<Uuid>,
}

/// What to do with fields that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Refuse, naming the field: a typing error over HTTP would otherwise lose a wish silently.
    Refuse,
    /// Ignore: frames of a newer client must still be understood.
    Ignore,
}

impl Draft {
    /// Reads and checks a message; every wrong field is named.
    pub fn from_json(object: &Map<String, Json>, unknown: Unknown) -> Result<Self, Problem> {
        let mut reader = Reader { object, errors: Vec::new() };
        let example_id: Option<String> = reader.text("example_id");
        let example = example_id.as_deref().and_then(examples::find);
        if example_id.is_some() && example.is_none() {
            reader.fail("example_id", "is not an example; GET /api/v1/examples lists them");
        }
        let content = reader.text("content").or_else(|| example.map(|e| e.content.to_string()));
        let category = reader.category()?;
        let draft = Self {
            id: reader.parsed("id", "must be a UUID"),
            conversation_id: reader.parsed("conversation_id", "must be a UUID"),
            category,
            complexity: reader.word("complexity"),
            priority: reader.word("priority").unwrap_or(Priority::Normal),
            format: reader.word("format").unwrap_or(Format::Detailed),
            workload: reader.workload(),
            usage_id: reader.parsed("usage_id", "must be a UUID"),
            business_id: reader.parsed("business_id", "must be a UUID"),
            content: content.clone().unwrap_or_default(),
            example_id,
        };
        if content.is_none() && !reader.has_error("content") {
            reader.fail("content", "is missing");
        }
        if unknown == Unknown::Refuse {
            reader.refuse_unknown();
        }
        if !reader.errors.is_empty() {
            return Err(Problem::invalid(reader.errors));
        }
        check_content(&draft.content)?;
        Ok(draft)
    }
}

/// Checks the text of a message: its length in Unicode scalar values, and that it can be shown.
pub fn check_content(content: &str) -> Result<(), Problem> {
    let chars = content.chars().count();
    let problem = |code, detail: String| {
        let field = FieldError { name: "content".into(), message: detail.clone() };
        Err(Problem { fields: vec![field], ..Problem::new(code, detail) })
    };
    if let Some(bad) = content.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return problem(
            Code::Invalid,
            format!("The message contains the control character U+{:04X}. Remove it and send again.", bad as u32),
        );
    }
    if chars > l::CONTENT_MAX_CHARS {
        return problem(
            Code::TooLong,
            format!(
                "The message has {chars} characters; the limit is {}. Shorten it by {}.",
                l::CONTENT_MAX_CHARS,
                chars - l::CONTENT_MAX_CHARS
            ),
        );
    }
    let visible = content.trim().chars().count();
    if visible < l::CONTENT_MIN_CHARS {
        return problem(
            Code::TooShort,
            format!(
                "The message has {visible} characters; at least {} are needed to understand a workload. \
                 Say what you run, how often, and what it costs.",
                l::CONTENT_MIN_CHARS
            ),
        );
    }
    Ok(())
}

/// Checks a message id against the server's clock: version 7, not older than the window, not from the future.
pub fn check_id(id: MessageId, now_ms: u64) -> Result<(), Problem> {
    let Some(made_ms) = id_unix_ms(id) else {
        return Err(Problem::invalid_field("id", "must be a version-7 UUID, which carries the time it was made"));
    };
    if made_ms > now_ms + l::ID_AHEAD_MAX_MS {
        return Err(Problem::invalid_field("id", "carries a time more than a day ahead of the server's clock"));
    }
    if made_ms + l::ID_WINDOW_DAYS * 86_400_000 < now_ms {
        return Err(Problem::new(
            Code::Old,
            format!(
                "This id was made more than {} days ago, so it can no longer be told apart from one that was \
                     already answered. Send the message again with a new id.",
                l::ID_WINDOW_DAYS
            ),
        ));
    }
    Ok(())
}

struct Reader<'a> {
    object: &'a Map<String, Json>,
    errors: Vec<FieldError>,
}

/// The fields of a message; `type` is the channel's.
const KNOWN: &[&str] = &[
    "content",
    "id",
    "conversation_id",
    "example_id",
    "category",
    "complexity",
    "priority",
    "format",
    "workload",
    "usage_id",
    "business_id",
];

impl Reader<'_> {
    fn fail(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError { name: name.into(), message: message.into() });
    }

    fn has_error(&self, name: &str) -> bool {
        self.errors.iter().any(|e| e.name == name)
    }

    fn text(&mut self, name: &str) -> Option<String> {
        match self.object.get(name) {
            None | Some(Json::Null) => None,
            Some(Json::String(text)) => Some(text.clone()),
            Some(_) => {
                self.fail(name, "must be text");
                None
            }
        }
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &str, message: &str) -> Option<T> {
        let text = self.text(name)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.fail(name, message);
        }
        value
    }

    fn word<T: std::str::FromStr<Err = String>>(&mut self, name: &str) -> Option<T> {
        self.text(name)?.parse().map_err(|message| self.fail(name, message)).ok()
    }

    fn category(&mut self) -> Result<Option<Category>, Problem> {
        let Some(text) = self.text("category") else { return Ok(None) };
        parse_category(&text).map(Some)
    }

    fn workload(&mut self) -> Option<Workload> {
        let json = self.object.get("workload").filter(|json| !json.is_null())?;
        match Workload::from_json(json) {
            Ok(workload) => Some(workload),
            Err(errors) => {
                self.errors.extend(errors.into_iter().map(|e| FieldError {
                    name: if e.name == "workload" { e.name } else { format!("workload.{}", e.name) },
                    message: e.message,
                }));
                None
            }
        }
    }

    fn refuse_unknown(&mut self) {
        let unknown: Vec<_> =
            self.object.keys().filter(|key| !KNOWN.contains(&key.as_str())).take(8).cloned().collect();
        for name in unknown {
            self.fail(&name, "is not a field of a message");
        }
    }
}

/// The category named `text`, if it is one that is built.
pub fn parse_category(text: &str) -> Result<Category, Problem> {
    let built: Vec<_> = Category::BUILT.iter().map(|c| c.as_str()).collect();
    text.parse::<Category>().ok().filter(|c| Category::BUILT.contains(c)).ok_or_else(|| {
        let shown: String = text.chars().take(60).collect();
        let message = format!("must be one of: {}", built.join(", "));
        Problem {
            fields: vec![FieldError { name: "category".into(), message }],
            ..Problem::new(
                Code::UnknownCategory,
                format!("\"{shown}\" is not a category. Leave it out, or use one of: {}.", built.join(", ")),
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(json: &Json) -> Result<Draft, Problem> {
        Draft::from_json(json.as_object().unwrap(), Unknown::Refuse)
    }

    #[test]
    fn a_plain_message_is_enough() {
        let draft = read(&json!({"content": "We spend $12k/month on GPT-4o"})).unwrap();
        assert_eq!((draft.priority, draft.format), (Priority::Normal, Format::Detailed));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let problem = read(&json!({"content": 5, "id": "x", "priority": "urgent", "colour": "red",
            "workload": {"input_tokens": -1}}))
        .unwrap_err();
        let mut names: Vec<_> = problem.fields.iter().map(|f| f.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(problem.code, Code::Invalid);
        assert_eq!(names, ["colour", "content", "id", "priority", "workload.input_tokens"]);
    }

    #[test]
    fn unknown_fields_of_a_frame_are_ignored() {
        let json = json!({"content": "We spend $12k/month", "type": "send", "colour": 1});
        assert!(Draft::from_json(json.as_object().unwrap(), Unknown::Ignore).is_ok());
    }

    #[test]
    fn length_counts_unicode_scalar_values() {
        assert_eq!(read(&json!({"content": "123456789"})).unwrap_err().code, Code::TooShort);
        assert_eq!(read(&json!({"content": "  1234567   "})).unwrap_err().code, Code::TooShort);
        assert!(read(&json!({"content": "ä".repeat(2_000)})).is_ok());
        let problem = read(&json!({"content": "ä".repeat(2_312)})).unwrap_err();
        assert_eq!(problem.code, Code::TooLong);
        assert!(problem.detail.contains("Shorten it by 312"), "{}", problem.detail);
    }

    #[test]
    fn control_characters_are_refused_but_lines_are_not() {
        assert_eq!(read(&json!({"content": "We spend\u{0} a lot of money"})).unwrap_err().code, Code::Invalid);
        assert!(read(&json!({"content": "We spend\n\ta lot of money"})).is_ok());
    }

    #[test]
    fn an_unknown_category_has_its_own_code() {
        let problem = read(&json!({"content": "We spend $12k/month", "category": "poetry"})).unwrap_err();
        assert_eq!(problem.code, Code::UnknownCategory);
        assert_eq!(problem.fields[0].name, "category");
    }

    #[test]
    fn ids_are_held_to_the_window() {
        let now = 1_795_305_600_000;
        let day = 86_400_000;
        let at = |ms| crate::message::id_at(ms, [1; 10]);
        assert!(check_id(at(now), now).is_ok());
        assert!(check_id(at(now - 7 * day), now).is_ok());
        assert_eq!(check_id(at(now - 7 * day - 1), now).unwrap_err().code, Code::Old);
        assert!(check_id(at(now + day), now).is_ok());
        assert_eq!(check_id(at(now + day + 1), now).unwrap_err().code, Code::Invalid);
        assert_eq!(check_id(Uuid::from_u128(1), now).unwrap_err().code, Code::Invalid);
    }
}
