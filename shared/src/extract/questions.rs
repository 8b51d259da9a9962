//! What is missing and matters becomes a question.

use serde_json::{Value as Json, json};

use crate::message::Category;
use crate::result::Question;
use crate::workload::{Provenances, Workload, field};

/// Takes back what was written with a minus and asks for it: nothing but growth goes below zero. A minus stands right
/// before its number and behind a space; at the beginning of a line it is the sign of a list.
pub(super) fn below_zero(
    content: &str,
    workload: &mut Workload,
    provenance: &mut Provenances,
    questions: &mut Vec<Question>,
) {
    if ![" -", "(-"].iter().any(|minus| content.contains(minus)) {
        return;
    }
    let chars: Vec<char> = content.chars().collect();
    let negative = |[from, to]: [u32; 2]| {
        let from = from as usize;
        let minus = if chars.get(from) == Some(&'-') { from } else { from.checked_sub(1)? };
        let written = chars.get(minus) == Some(&'-')
            && chars.get(minus + 1).is_some_and(|c| c.is_ascii_digit() || *c == '$')
            && minus.checked_sub(1).is_some_and(|before| chars[before] == ' ' || chars[before] == '(')
            && chars[..minus].iter().rev().take_while(|c| **c != '\n').any(|c| c.is_alphanumeric());
        written.then(|| chars[minus..(to as usize).min(chars.len())].iter().collect::<String>())
    };
    let wrong: Vec<(String, String)> = provenance
        .iter()
        .filter(|(name, _)| name.as_str() != "growth_per_month")
        .filter_map(|(name, from)| Some((name.clone(), negative(from.span?)?)))
        .collect();
    for (name, words) in wrong {
        let Some(spec) = field(&name) else { continue };
        // A field of the table can always be taken out.
        let _ = workload.set(spec.name, &Json::Null);
        provenance.remove(&name);
        questions.push(Question {
            text: format!("You wrote \"{words}\", but {} cannot be below zero. What is it?", spec.label),
            field: name,
            choices: Vec::new(),
            sets: Vec::new(),
        });
    }
}

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

/// Models to choose from where none is known.
pub(super) const MODELS: &[&str] = &["gpt-4o", "gpt-4.1", "gpt-5", "claude-sonnet-4-5", "gemini-2.5-flash"];

fn question(name: &str) -> Question {
    let (text, choices): (&str, &[&str]) = match name {
        "model" => ("Which model do you use today?", MODELS),
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
