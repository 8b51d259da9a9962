//! What a person wrote, with the words marked that a fact was read from.

use leptos::prelude::*;
use shared::workload::{Provenances, field};

use crate::text;

/// The text as plain and marked pieces; spans that overlap or do not fit are left unmarked.
fn pieces(content: &str, provenance: &Provenances) -> Vec<(String, Option<String>)> {
    let mut spans: Vec<_> = provenance
        .iter()
        .filter_map(|(name, p)| Some((p.span?, field(name).map_or(name.clone(), |spec| spec.label.to_string()))))
        .collect();
    spans.sort_by_key(|(span, _)| *span);
    let chars: Vec<char> = content.chars().collect();
    let slice = |from: usize, to: usize| chars[from..to].iter().collect::<String>();
    let mut pieces: Vec<(String, Option<String>)> = Vec::new();
    let mut at = 0;
    for ([from, to], label) in spans {
        let (from, to) = (from as usize, to as usize);
        if from < at || to <= from || to > chars.len() {
            continue;
        }
        if from > at {
            pieces.push((slice(at, from), None));
        }
        pieces.push((slice(from, to), Some(label)));
        at = to;
    }
    pieces.push((slice(at, chars.len()), None));
    pieces
}

/// The question at the head of its page.
pub(crate) fn asked(content: &str, provenance: &Provenances) -> AnyView {
    let marked: Vec<_> = pieces(content, provenance)
        .into_iter()
        .map(|(words, label)| match label {
            Some(label) => view! { <mark class="asked__fact" title=label>{words}</mark> }.into_any(),
            None => words.into_any(),
        })
        .collect();
    view! {
        <section class="message__asked" aria-label=text::message::ASKED>
            <blockquote class="asked">{marked}</blockquote>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn facts_are_marked_where_they_stand() {
        let provenance: Provenances = serde_json::from_value(json!({
            "monthly_spend_usd": {"source": "given", "span": [9, 13]},
            "model": {"source": "given", "span": [18, 24]},
            "requests_per_day": {"source": "given", "span": [11, 20]},
            "input_tokens": {"source": "given", "span": [20, 999]},
            "task": {"source": "default"},
        }))
        .unwrap();
        let text = "We spend €12k für GPT-4o";
        let found = pieces(text, &provenance);
        let marked: Vec<_> = found.iter().filter(|(_, label)| label.is_some()).map(|(w, _)| w.as_str()).collect();
        assert_eq!(marked, ["€12k", "GPT-4o"], "spans count characters; overlapping and wild ones are left out");
        assert_eq!(found.iter().map(|(w, _)| w.as_str()).collect::<String>(), text);
    }
}
