//! The words around a quantity, with how far away they are.

use super::lex::{Kind, Tok};
use super::lexicon::C;
use super::reading::Reading;

/// A word near a quantity.
#[derive(Clone, Copy)]
pub(super) struct Near {
    pub(super) token: usize,
    pub(super) means: C,
    pub(super) cost: f64,
    pub(super) left: bool,
}

impl Reading<'_> {
    /// The words around a mention with their distance, inside it first.
    pub(super) fn near(&self, i: usize) -> Vec<Near> {
        let toks = self.toks();
        let mention = &self.mentions[i];
        let mut found = Vec::new();
        for (token, tok) in toks.iter().enumerate().take(mention.to).skip(mention.from) {
            if let Some(means) = tok.word() {
                found.push(Near { token, means, cost: 0.0, left: token < mention.unit_end });
            }
        }
        // "the prompt (4,000 tokens) is identical": what stands in brackets belongs to the word before them.
        let bracketed = mention.from > 0
            && toks[mention.from - 1].is_sym('(')
            && toks.get(mention.to).is_some_and(|t| t.is_sym(')'));
        let mut walk = |order: &mut dyn Iterator<Item = usize>, left: bool| {
            let mut cost = 0.0;
            let mut inside = None;
            let mut skipping = false;
            for token in order.take(40) {
                // What stands in brackets is said beside the sentence.
                let (opens, closes) = if left { (')', '(') } else { ('(', ')') };
                if skipping {
                    skipping = !toks[token].is_sym(closes);
                    continue;
                }
                if toks[token].is_sym(opens) && !bracketed && aside(toks, token, left) {
                    skipping = true;
                    cost += 0.8;
                    continue;
                }
                if let Some(other) = self.owner[token] {
                    if inside != Some(other) {
                        inside = Some(other);
                        // "70 % of our 250k requests": the figure is only what the share is of.
                        let of = !left && cost < 0.7 && self.toks()[mention.to].is(C::Of);
                        cost += if of { 0.3 } else { 3.0 };
                    }
                    // Words inside another quantity belong to it.
                    continue;
                }
                let Some(mut step) = step(&toks[token], left) else { break };
                if bracketed && matches!(toks[token].kind, Kind::Sym('(' | ')')) {
                    step = if left { 0.0 } else { 3.0 };
                }
                if let Some(means) = toks[token].word() {
                    found.push(Near { token, means, cost, left });
                }
                cost += step;
                if cost > 8.0 {
                    break;
                }
            }
        };
        walk(&mut (mention.to..toks.len()), false);
        walk(&mut (0..mention.from).rev(), true);
        found
    }
}

/// Whether the bracket at `token` closes in the same sentence, around more than a label such as "(p95)".
fn aside(toks: &[Tok], token: usize, left: bool) -> bool {
    let closes = |i: &usize| toks[*i].is_sym(if left { '(' } else { ')' });
    let ends = |i: &usize| toks[*i].kind != Kind::Stop;
    let end = if left {
        (0..token).rev().take_while(ends).find(closes)
    } else {
        (token + 1..toks.len()).take_while(ends).find(closes)
    };
    end.is_some_and(|end| end.abs_diff(token) > 3)
}

/// What it costs to look past a token; `None` at the end of a sentence.
fn step(tok: &Tok, left: bool) -> Option<f64> {
    Some(match tok.kind {
        Kind::Stop => return None,
        Kind::Sym(sign) => match (sign, left) {
            (',', _) => 2.5,
            (':' | '=', true) => 0.0,
            ('—', _) | (':', false) => 4.0,
            ('(' | ')' | '/', _) | ('=', false) => 0.9,
            _ => 0.5,
        },
        Kind::Num(_) | Kind::Day(_) => 1.0,
        Kind::Model(_) => 0.8,
        Kind::Word(c) => match c {
            C::About | C::Of | C::Is | C::Article | C::Filler | C::First | C::At | C::To | C::UpTo | C::AtLeast => 0.2,
            C::With if left => 0.4,
            C::With => 1.2,
            C::And | C::Or if left => 2.4,
            C::And | C::Or => 1.6,
            C::But => 4.0,
            C::Other => 0.9,
            _ => 0.6,
        },
    })
}
