//! The example messages that a visitor can start with. The facts of each are read from its text like anyone's.

use serde::Serialize;

use crate::extract::extract;
use crate::message::{Category, Complexity};
use crate::workload::Workload;

/// An example message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Its fixed name.
    pub id: &'static str,
    /// What it asks for.
    pub category: Category,
    /// How much it asks.
    pub complexity: Complexity,
    /// What it is about.
    pub title: &'static str,
    /// The message.
    pub content: &'static str,
}

/// An example with the facts that its text holds, as `GET /api/v1/examples` gives it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExampleView {
    /// Its fixed name.
    pub id: &'static str,
    /// What it asks for.
    pub category: Category,
    /// How much it asks.
    pub complexity: Complexity,
    /// What it is about.
    pub title: &'static str,
    /// The message.
    pub content: &'static str,
    /// The facts in it.
    pub workload: Workload,
}

const fn cost(id: &'static str, complexity: Complexity, title: &'static str, content: &'static str) -> Example {
    Example { id, category: Category::Cost, complexity, title, content }
}

const fn selection(id: &'static str, complexity: Complexity, title: &'static str, content: &'static str) -> Example {
    Example { id, category: Category::Selection, complexity, title, content }
}

/// All examples, simplest first within a category.
pub const EXAMPLES: &[Example] = &[
    cost(
        "cost-support-chat",
        Complexity::Basic,
        "A support chat that costs too much",
        "Our support chat runs 200k requests/day on GPT-4o, 1,200 input / 300 output tokens each. What does that cost \
         a month, and what would be cheaper at the same quality?",
    ),
    cost(
        "cost-bill-mismatch",
        Complexity::Intermediate,
        "A bill that does not add up",
        "We spend $12k/month on GPT-4o for 200k requests/day, 1,200 input / 300 output tokens; cut cost while \
         maintaining quality.",
    ),
    cost(
        "cost-nightly-extraction",
        Complexity::Basic,
        "Invoices read overnight",
        "We extract fields from 40,000 invoices a day with Claude Sonnet 4.5, about 3k input tokens and 400 output \
         tokens per document. All of it can wait overnight. How much can we save?",
    ),
    cost(
        "cost-long-prompt",
        Complexity::Intermediate,
        "A long system prompt on every call",
        "Our RAG assistant sends 2.3 rps to gpt-4.1 with 6,000 input tokens per request, 70 % of the prompt is a fixed \
         prefix, and it answers with 350 tokens. The bill is around $95,000 per month. Where is the money going?",
    ),
    cost(
        "cost-all-levers",
        Complexity::Advanced,
        "Every lever at once, under a budget",
        "We make 6M calls a month to Claude Opus 4.8 for coding help: 5,000 tokens in, 800 tokens out. 60 % of the \
         prompt is a fixed prefix, half of it can wait overnight, about 30 % of the requests are easy enough for a \
         smaller model. We pay $270k per month and want to stay under $120k a month without losing quality.",
    ),
    selection(
        "selection-coding",
        Complexity::Basic,
        "A model for a coding assistant",
        "Which model should we use for our coding assistant? Today it is GPT-4o, with 50k requests a day, 2,000 tokens \
         in and 600 out.",
    ),
    selection(
        "selection-floor-and-budget",
        Complexity::Intermediate,
        "Good enough, and within the budget",
        "Recommend a model for our support chat: 80,000 requests per day with 900 input and 250 output tokens, today on \
         GPT-4.1 mini. It needs an Arena score of at least 1400 and a budget of $10k a month.",
    ),
    selection(
        "selection-agents",
        Complexity::Advanced,
        "Many needs at once",
        "Which model is the best choice for our chat product? We send 30k requests a day to Claude Sonnet 4.5, 12,000 \
         tokens in, 1,500 out and 2,000 reasoning tokens. The context must hold 150k tokens, the Arena score must be at \
         least 1430, the answer must be there within 60 s, and the budget is $200k a month.",
    ),
];

/// The example named `id`.
pub fn find(id: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.id == id)
}

/// The examples of the categories that are built, with their facts.
pub fn views() -> Vec<ExampleView> {
    EXAMPLES
        .iter()
        .filter(|e| Category::BUILT.contains(&e.category))
        .map(|e| ExampleView {
            id: e.id,
            category: e.category,
            complexity: e.complexity,
            title: e.title,
            content: e.content,
            workload: extract(e.content).workload,
        })
        .collect()
}
