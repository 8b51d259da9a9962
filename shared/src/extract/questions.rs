//! What is missing and matters becomes a question.

use serde_json::json;

use crate::message::Category;
use crate::result::Question;
use crate::workload::Workload;

/// Adds a question for every essential fact that is neither known nor asked about already.
pub(super) fn missing(category: Option<Category>, workload: &Workload, questions: &mut Vec<Question>) {
    let Some(category) = category else {
        questions.insert(
            0,
            Question {
                field: "category".into(),
                text: "What should the answer be about?".into(),
                choices: Category::ALL.iter().map(ToString::to_string).collect(),
                sets: Vec::new(),
            },
        );
        return;
    };
    let classes = !workload.classes.is_empty();
    for name in super::categories::of(category).map_or(&[][..], |asks| asks.essential) {
        let covered = classes && matches!(*name, "requests_per_day" | "input_tokens" | "output_tokens");
        if covered || workload.get(name).is_some() || questions.iter().any(|q| q.field == *name) {
            continue;
        }
        questions.push(question(name));
    }
}

fn question(name: &str) -> Question {
    let (text, choices): (&str, &[&str]) = match name {
        "model" => {
            ("Which model do you use today?", &["gpt-4o", "gpt-4.1", "gpt-5", "claude-sonnet-4-5", "gemini-2.5-flash"])
        }
        "requests_per_day" => ("How many requests do you send per day?", &[]),
        "input_tokens" => ("How many input tokens does a request have on average?", &[]),
        "output_tokens" => ("How many output tokens does an answer have on average?", &[]),
        "ttft_ms" => ("How many milliseconds pass until the first token?", &[]),
        "tpot_ms" => ("How many milliseconds does each further token take?", &[]),
        "task" => (
            "What kind of work is it?",
            &["chat", "coding", "agents", "extraction", "summarization", "classification", "rag"],
        ),
        "quality_floor" => ("What is the least quality that is good enough?", &[]),
        _ => ("What is it?", &[]),
    };
    let sets = choices.iter().map(|choice| std::iter::once((name.to_string(), json!(choice))).collect()).collect();
    Question { field: name.into(), text: text.into(), choices: choices.iter().map(ToString::to_string).collect(), sets }
}
