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

const fn latency(id: &'static str, complexity: Complexity, title: &'static str, content: &'static str) -> Example {
    Example { id, category: Category::Latency, complexity, title, content }
}

const fn scaling(id: &'static str, complexity: Complexity, title: &'static str, content: &'static str) -> Example {
    Example { id, category: Category::Scaling, complexity, title, content }
}

const fn advanced(id: &'static str, complexity: Complexity, title: &'static str, content: &'static str) -> Example {
    Example { id, category: Category::Advanced, complexity, title, content }
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
    latency(
        "latency-fan-out",
        Complexity::Basic,
        "A page that waits for a hundred calls",
        "Each page of our search makes 100 parallel calls to gpt-4o-mini and waits for all of them. Every single call \
         is fast, so why is the page so slow?",
    ),
    latency(
        "latency-slow-chat",
        Complexity::Intermediate,
        "A chat that feels slow",
        "Our chat on gpt-4o is too slow: 500 ms to first token, then 20 ms per token, and answers have 300 output \
         tokens. How do we get it below 4 seconds?",
    ),
    latency(
        "latency-waiting-line",
        Complexity::Intermediate,
        "Requests that wait for each other",
        "Our assistant gets slow at noon. It serves 60,000 requests a day; the peak factor is 2. TTFT 450 ms, TPOT \
         25 ms, 200 output tokens each, and our concurrency limit is 10. How long is the queue wait, and how many \
         places would be enough?",
    ),
    latency(
        "latency-research-agent",
        Complexity::Advanced,
        "An agent that misses its target",
        "Our research agent on Claude Sonnet 4.5 makes 4 sequential calls per request, each with 900 ms TTFT, 18 ms \
         per token and 250 output tokens on 3,000 input tokens, 2,000 of them a fixed prefix. p50 latency is 20 s, p95 \
         is 38 s, the latency target is 15 s. 5,000 requests a day with a concurrency limit of 6. What would speed it \
         up most?",
    ),
    scaling(
        "scaling-token-limit",
        Complexity::Basic,
        "A token limit in the way",
        "We make 200k requests/day with gpt-4o, 1,200 input / 300 output tokens, and our rate limit is 450,000 TPM. Is \
         that enough capacity at the peak?",
    ),
    scaling(
        "scaling-growth",
        Complexity::Intermediate,
        "Growth that meets a limit",
        "Traffic on gemini-3.8-flash is 80,000 requests per day with 900 input and 250 output tokens, growing 12 % per \
         month. Our limits are 500 RPM and 400,000 TPM. When will we hit the limit, and what will it cost in a year?",
    ),
    scaling(
        "scaling-own-gpus",
        Complexity::Advanced,
        "Own GPUs or not",
        "Should we self-host? 600,000 requests a day on gpt-4.1-mini, 800 input / 400 output tokens, peak factor 3, \
         growth 8 % a month. An H100 at $2.49 per hour makes 3,800 tokens per second per GPU at 50 % utilisation. TTFT \
         is 300 ms and TPOT 15 ms, and the latency target is 8 seconds. How many GPUs and servers, and where is the \
         break-even?",
    ),
    advanced(
        "advanced-routing-plan",
        Complexity::Basic,
        "Spread the work over models",
        "What is the optimal routing plan for 200k requests a day with 1,200 tokens in and 300 out? Today all of them go \
         to GPT-4o.",
    ),
    advanced(
        "advanced-mix",
        Complexity::Intermediate,
        "The best mix of two vendors",
        "Find the optimal mix of models for our support chat: 200k requests per day, 1,200 input and 300 output tokens, \
         GPT-4o today. The Arena score must be at least 1400, with at most two vendors.",
    ),
    advanced(
        "advanced-all-limits",
        Complexity::Advanced,
        "Every limit at once",
        "Allocate the traffic of our chatbot to the optimal mix of models under these constraints: 300k requests a day, \
         2,000 tokens in and 500 out, Claude Sonnet 4.5 today. Arena score at least 1420, a budget of $40k a month, at \
         most 3 vendors, a limit of 2M TPM and 1,000 RPM, and peaks of 2x the average.",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_built_category_has_three_complexities() {
        for category in Category::BUILT {
            for complexity in Complexity::ALL {
                let fits = |e: &&Example| e.category == *category && e.complexity == *complexity;
                assert!(EXAMPLES.iter().any(|e| fits(&e)), "{category} {complexity}");
            }
        }
    }
}
