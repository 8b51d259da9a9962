//! What a message asks for, how sure that is, and how much it asks at once.

use super::categories::{ALL, Asks};
use super::clauses::Status;
use super::lex::Kind;
use super::lexicon::C;
use super::reading::Reading;
use crate::message::{Category, Complexity};
use crate::workload::Workload;

/// The category, `None` if two are as likely, and how sure it is.
pub(super) fn category(reading: &Reading<'_>, workload: &Workload) -> (Option<Category>, f64) {
    let scores: Vec<f64> = ALL.iter().map(|asks| weight(asks, reading, workload)).collect();
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    let total: f64 = scores.iter().sum();
    let (best, second) = (scores[order[0]], scores[order[1]]);
    if best < 0.6 {
        // A workload and nothing but a question mark: its price is what one asks first.
        let known = |name: &&str| workload.get(name).is_some();
        let priced = known(&"requests_per_day")
            && ["model", "input_tokens", "output_tokens"].iter().filter(|name| known(name)).count() >= 2;
        let asked = reading.lexed.folded.contains('?');
        return if asked && priced { (Some(Category::Cost), 0.3) } else { (None, 0.0) };
    }
    let confidence = (best / (total + 0.5)).clamp(0.0, 0.99);
    let clear = second < 0.8 * best;
    (if clear { Some(ALL[order[0]].category) } else { None }, confidence)
}

/// What speaks for a category.
fn weight(asks: &Asks, reading: &Reading<'_>, workload: &Workload) -> f64 {
    let known = asks.hints.iter().filter(|(name, _)| workload.get(name).is_some());
    words(asks, reading) + known.map(|(_, weight)| weight).sum::<f64>() + (asks.signs)(reading, workload)
}

/// Adds up the cues of a category; a question weighs more than a description.
fn words(asks: &Asks, reading: &Reading<'_>) -> f64 {
    let folded = &reading.lexed.folded;
    let mut sum = 0.0;
    for (weight, phrases) in asks.cues {
        let mut found = 0;
        for phrase in phrases.split('|') {
            if let Some(at) = find(folded, phrase)
                && stated(reading, at)
            {
                found += 1;
                // The same thing said again adds less.
                let again = 1.0 / f64::from(found);
                let asks = match in_question(folded, at) {
                    true if alone(folded, at) => 3.0,
                    true => 1.5,
                    false => 1.0,
                };
                sum += weight * again * asks;
            }
        }
    }
    sum
}

/// Whether the words at byte `at` are the writer's own.
fn stated(reading: &Reading<'_>, at: usize) -> bool {
    let toks = reading.toks();
    let i = toks.iter().position(|t| !t.copy && (t.byte_end as usize) > at).unwrap_or(toks.len());
    // Past and foreign figures tell nothing, but a hypothetical question is still a question.
    toks.get(i).is_none_or(|t| !matches!(t.kind, Kind::Num(_)) && (reading.status[i] > Status::Out || !t.is(C::Third)))
}

/// Whether the sentence around byte `at` ends with a question mark.
fn in_question(text: &str, at: usize) -> bool {
    text.get(at..).and_then(|rest| rest.find(['?', '!', ';', '\n'])).is_some_and(|end| {
        let sentence = &text[at..at + end];
        text[at + end..].starts_with('?') && !sentence.contains(". ")
    })
}

/// Whether the question around byte `at` is one or two words: "servers?".
fn alone(text: &str, at: usize) -> bool {
    let start = text[..at].rfind(['.', '?', '!', ';', ',', '\n']).map_or(0, |i| i + 1);
    let end = text[at..].find('?').map_or(text.len(), |i| at + i);
    text[start..end].split_whitespace().count() <= 2
}

/// Where the text holds the phrase as whole words.
fn find(text: &str, phrase: &str) -> Option<usize> {
    let open = phrase.ends_with('*');
    let phrase = phrase.trim_end_matches('*');
    let outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(phrase).map(|(start, _)| start).find(|start| {
        outside(text[..*start].chars().next_back()) && (open || outside(text[start + phrase.len()..].chars().next()))
    })
}

/// How much a message asks at once, from the facts it gives.
pub(super) fn complexity(reading: &Reading<'_>, workload: &Workload) -> Complexity {
    // The four figures of every price and the kind of work make no question harder.
    const PLAIN: &[&str] = &["model", "vendor", "task", "requests_per_day", "input_tokens", "output_tokens"];
    let facts = workload.known().filter(|(spec, _)| !PLAIN.contains(&spec.name)).count();
    // A wish for quality is one more thing to weigh.
    let quality = reading.toks().iter().any(|t| matches!(t.word(), Some(C::Quality | C::Arena | C::Accuracy)));
    let more = facts + usize::from(quality);
    if !workload.classes.is_empty() || more >= 5 {
        Complexity::Advanced
    } else if more >= 2 {
        Complexity::Intermediate
    } else {
        Complexity::Basic
    }
}
