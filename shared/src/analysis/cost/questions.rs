//! What only the user knows and would change the answer, most important first.

use crate::analysis::answer::{Answer, question};
use crate::analysis::case::Case;
use crate::analysis::traffic::prefix_question;

pub(super) fn write(case: &Case<'_>, answer: &mut Answer) {
    if case.now.is_none() {
        let asked = question("model", "Which model do you use today?");
        answer.ask(
            ["gpt-4o", "gpt-4.1-mini", "claude-sonnet-4-5", "gemini-2.5-flash"]
                .iter()
                .filter(|id| case.catalog.find(id, None).is_ok())
                .fold(asked, |asked, id| asked.choice(*id, &[("model", (*id).into())])),
        );
    }
    if case.traffic.input.is_none() {
        answer.ask(question("input_tokens", "How many input tokens does a request have on average?"));
    }
    if case.traffic.output.is_none() {
        answer.ask(question("output_tokens", "How many output tokens does an answer have on average?"));
    }
    if case.traffic.requests_per_day.is_none() {
        answer.ask(question("requests_per_day", "How many requests do you make a day?"));
    }
    if case.tokens.is_none() || case.now.is_none() {
        return;
    }
    let w = case.workload;
    if case.now.as_ref().is_some_and(|now| now.model.thinks) && w.reasoning_tokens.is_none() {
        answer.ask(question(
            "reasoning_tokens",
            "Your model thinks before it answers: how many reasoning tokens does a request have? They are billed as \
             output.",
        ));
    }
    if w.deferrable_share.is_none() {
        answer.ask(shares(
            "deferrable_share",
            "Which share of the requests may wait up to 24 hours?",
            &["None", "A quarter", "Half", "All"],
            &[0.0, 0.25, 0.5, 1.0],
        ));
    }
    if w.cached_prefix_tokens.is_none() {
        answer.ask(prefix_question(case.traffic.input));
    }
    if w.weak_accept_share.is_none() {
        answer.ask(shares(
            "weak_accept_share",
            "For which share of the requests would a smaller model do? Try a few hundred of your own to find out.",
            &["None", "About 20 %", "About half"],
            &[0.0, 0.2, 0.5],
        ));
    }
    if w.task.is_none() {
        let asked = question("task", "What kind of work is it? It decides which benchmark measures the quality.");
        answer.ask(
            ["chat", "coding", "agents", "extraction"]
                .iter()
                .fold(asked, |asked, task| asked.choice(*task, &[("task", (*task).into())])),
        );
    }
}

fn shares(field: &str, text: &str, words: &[&str], values: &[f64]) -> crate::result::Question {
    words
        .iter()
        .zip(values)
        .fold(question(field, text), |asked, (word, value)| asked.choice(*word, &[(field, (*value).into())]))
}
