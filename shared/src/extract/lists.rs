//! Lists: labels side by side and as many figures side by side ("p50/p95/p99: 1.1/3.2/7 s").

use super::lex::{Kind, Tok};
use super::lexicon::C;
use super::quantity::{Dim, Mention};

/// Labels side by side and as many figures side by side.
pub(super) struct List {
    /// The tokens of the labels.
    pub(super) labels: Vec<usize>,
    /// The first of the mentions.
    pub(super) first: usize,
}

/// The field that a label in a list names.
pub(super) const fn label_field(label: C) -> Option<&'static str> {
    Some(match label {
        C::In => "input_tokens",
        C::Out => "output_tokens",
        C::Reason => "reasoning_tokens",
        C::P50 => "latency_p50_ms",
        C::P95 => "latency_p95_ms",
        C::P99 => "latency_p99_ms",
        _ => return None,
    })
}

/// Whether a label is of a latency, for only labels of one kind stand in one list.
fn kind(tok: &Tok) -> bool {
    tok.word().and_then(label_field).is_some_and(|field| field.starts_with("latency"))
}

/// Finds lists of labels that a list of as many figures follows or precedes.
pub(super) fn lists(toks: &[Tok], owner: &[Option<usize>], mentions: &[Mention]) -> Vec<List> {
    let joins = |t: &Tok| matches!(t.kind, Kind::Sym('/' | ',' | '|')) || matches!(t.word(), Some(C::And));
    let names = |i: usize| owner[i].is_none() && toks[i].word().and_then(label_field).is_some();
    let mut found = Vec::new();
    let mut i = 0;
    while i < toks.len() {
        if !names(i) {
            i += 1;
            continue;
        }
        let mut labels = vec![i];
        let mut end = i + 1;
        loop {
            let between = toks[end..].iter().take(2).take_while(|t| joins(t)).count();
            if between == 0 || end + between >= toks.len() || !names(end + between) {
                break;
            }
            if kind(&toks[labels[0]]) != kind(&toks[end + between]) {
                break;
            }
            labels.push(end + between);
            end += between + 1;
        }
        if labels.len() >= 2
            && let Some(first) = figures(toks, owner, mentions, i..end, labels.len(), kind(&toks[labels[0]]))
        {
            found.push(List { labels, first });
        }
        i = end;
    }
    found
}

/// The first of exactly `count` figures side by side, behind the labels or before them.
fn figures(
    toks: &[Tok],
    owner: &[Option<usize>],
    mentions: &[Mention],
    labels: std::ops::Range<usize>,
    count: usize,
    latency: bool,
) -> Option<usize> {
    let std::ops::Range { start: from, end: to } = labels;
    let run = |first: usize| {
        let run = mentions.get(first..first + count)?;
        // "9.5k prompt, output 300, 20 req/s": not of one kind.
        let counts = |m: &Mention| matches!(m.dim, Dim::Bare | Dim::Tokens) && m.per.is_none();
        if !latency && !run.iter().all(counts) {
            return None;
        }
        let tight = run.windows(2).all(|pair| {
            let gap = toks.get(pair[0].to..pair[1].from).unwrap_or(&[]);
            (1..=2).contains(&gap.len())
                && gap.iter().all(|t| matches!(t.kind, Kind::Sym('/' | ',' | '|')) || t.is(C::And))
        });
        tight.then_some(first)
    };
    let plain = |t: &Tok| {
        matches!(t.kind, Kind::Sym(':' | '=' | '(' | ')'))
            || matches!(
                t.word(),
                Some(
                    C::Is
                        | C::Of
                        | C::About
                        | C::Tokens
                        | C::Latency
                        | C::Ms
                        | C::At
                        | C::Time(_)
                        | C::Filler
                        | C::Other
                )
            )
    };
    let behind = (to..toks.len().min(to + 6)).find(|i| owner[*i].is_some() || !plain(&toks[*i]));
    if let Some(first) = behind.and_then(|i| owner[i]).and_then(run) {
        return Some(first);
    }
    let before = (from.saturating_sub(3)..from).rev().find(|i| owner[*i].is_some() || !plain(&toks[*i]));
    before.and_then(|i| owner[i]).and_then(|last| (last + 1).checked_sub(count)).and_then(run)
}
