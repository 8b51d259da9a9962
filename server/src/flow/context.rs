//! What templates and conditions can speak of.
//!
//! | name | what it holds | in conditions |
//! |---|---|---|
//! | `conversation` | `id`, `messages`, `in_stage`, `version` | yes |
//! | `user` | `id`, `tier` | yes |
//! | `message` | `id`, `content`, `text`, `category`, `complexity`, `confidence`, `questions` | yes |
//! | `extracted` | what is known of the workload: one entry a field | yes |
//! | `business` | `id`, `name`, `description` | yes |
//! | `stage` | `id`, `name`, `description`, `category` | yes |
//! | `catalog` | `as_of`, `models` | yes |
//! | `result` | the answer as `GET /messages/{id}` gives it, once there is one | no: it comes after them |
//! | `choices` | the stages a way leads to: `name`, `description` | no: it is for selection templates |

use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use shared::flow::{Business, Stage};
use shared::message::{Category, Complexity, ConversationId, MessageId};
use uuid::Uuid;

/// Everything that is known when a stage is chosen or a text is made. `business`, `stage` and `choices` are the flow's
/// own and come from it.
#[derive(Clone, Debug, Serialize)]
pub struct Context {
    /// The conversation.
    pub conversation: ConversationFacts,
    /// Who wrote.
    pub user: UserFacts,
    /// What was written.
    pub message: MessageFacts,
    /// What is known of the workload, by field, from this message and those before it.
    pub extracted: Map<String, Json>,
    /// The prices.
    pub catalog: CatalogFacts,
    /// The answer as JSON, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Json>,
}

/// What is known of a conversation.
#[derive(Clone, Debug, Serialize)]
pub struct ConversationFacts {
    /// Its id.
    pub id: ConversationId,
    /// How many messages it has, this one included.
    pub messages: u64,
    /// How many of them came at the present stage, this one included.
    pub in_stage: u64,
    /// The version of its state: grows by one with every message that was answered.
    pub version: u64,
}

/// What is known of a user.
#[derive(Clone, Debug, Serialize)]
pub struct UserFacts {
    /// Its id.
    pub id: Uuid,
    /// `guest` or `registered`.
    pub tier: String,
}

/// What is known of a message.
#[derive(Clone, Debug, Serialize)]
pub struct MessageFacts {
    /// Its id.
    pub id: MessageId,
    /// What the person wrote.
    pub content: String,
    /// The same in lower case, to look for words in.
    pub text: String,
    /// What it asks for; `null` where that is open.
    pub category: Option<Category>,
    /// How much it asks at once.
    pub complexity: Complexity,
    /// How sure the category is, 0..1.
    pub confidence: f64,
    /// How many things only the sender knows.
    pub questions: u64,
}

/// What is known of the prices.
#[derive(Clone, Debug, Serialize)]
pub struct CatalogFacts {
    /// Their day.
    pub as_of: String,
    /// How many models there are.
    pub models: u64,
}

/// The names at the top, for those who check a template or a condition.
pub const VARIABLES: &[&str] =
    &["conversation", "user", "message", "extracted", "business", "stage", "catalog", "result", "choices"];

/// The names at the top that a condition can use.
pub(super) const CONDITION_VARIABLES: &[&str] =
    &["conversation", "user", "message", "extracted", "business", "stage", "catalog"];

/// A business as templates see it.
pub(super) fn business(business: &Business) -> Json {
    json!({"id": business.id, "name": business.name, "description": business.description})
}

/// A stage as templates see it.
pub(super) fn stage(stage: &Stage) -> Json {
    json!({"id": stage.id, "name": stage.name, "description": stage.description, "category": stage.category})
}

/// The stages that can come next as selection templates see them.
pub(super) fn choices<'a>(stages: impl Iterator<Item = &'a Stage>) -> Json {
    stages.map(|stage| json!({"name": stage.name, "description": stage.description})).collect()
}

impl Context {
    /// A context in which every name has a plausible value: what a template is tried with when it is saved.
    pub fn sample() -> Self {
        let result = json!({
            "category": "cost-optimization", "format": "detailed", "headline": "You could save 40 % a month.",
            "metrics": [{"id": "monthly_cost_usd", "label": "Cost a month", "value": 12_000.0, "unit": "USD/month",
                "low": 11_000.0, "high": 13_000.0, "baseline": 12_000.0, "formula": "…", "source": "price list"}],
            "options": [{"id": "batch", "title": "Batch what can wait", "model": "gpt-4o", "vendor": "openai",
                "monthly_cost_usd": 7_000.0, "cost_per_request_usd": 0.001, "saving_usd": 5_000.0, "saving_share": 0.4,
                "quality": 1_300.0, "quality_delta": 0.0, "win_probability": 0.5, "latency_ms": 900.0, "notes": ["…"]}],
            "recommendations": [{"id": "batch", "title": "Batch what can wait", "text": "…", "saving_usd": 5_000.0}],
            "roadmap": [{"week_from": 1, "week_to": 2, "title": "Try it", "text": "…"}], "charts": [], "routing": [],
            "assumptions": [{"field": "output_tokens", "value": 300.0, "text": "…", "source": "default"}],
            "questions": [{"field": "output_tokens", "text": "How long are the answers?", "choices": ["100", "500"]}],
            "warnings": [{"code": "surprising", "text": "…"}], "workload": {"model": "gpt-4o"}, "provenance": {},
            "catalog_as_of": "2026-11-22", "engine_version": "0.1.0", "degraded": false, "degraded_reason": "",
        });
        let extracted = json!({"model": "gpt-4o", "requests_per_day": 200_000.0, "input_tokens": 1_200.0,
            "output_tokens": 300.0, "monthly_spend_usd": 12_000.0});
        let content = "We spend $12k a month on GPT-4o.";
        Self {
            conversation: ConversationFacts { id: Uuid::nil(), messages: 1, in_stage: 1, version: 1 },
            user: UserFacts { id: Uuid::nil(), tier: "guest".into() },
            message: MessageFacts {
                id: Uuid::nil(),
                content: content.into(),
                text: content.to_lowercase(),
                category: Some(Category::Cost),
                complexity: Complexity::Basic,
                confidence: 0.9,
                questions: 1,
            },
            extracted: extracted.as_object().cloned().unwrap_or_default(),
            catalog: CatalogFacts { as_of: "2026-11-22".into(), models: 400 },
            result: Some(result),
        }
    }
}
