//! Times.

use super::Guess;
use crate::extract::facts::Says;
use crate::extract::lex::{Kind, Tok};
use crate::extract::lexicon::{C, Per};
use crate::extract::lists::label_field;
use crate::extract::near::Near;
use crate::extract::quantity::{Dim, Item, Mention};
use crate::extract::reading::Reading;

/// Verbs that tell what is so.
const VERBS: &[&str] = &[
    "come",
    "comes",
    "arrive",
    "finish",
    "complete",
    "completes",
    "return",
    "answered",
    "done",
    "are",
    "is",
    "ist",
    "take",
    "takes",
    "respond",
    "land",
    "lands",
    "stay",
    "kommen",
    "sind",
    "dauern",
    "fertig",
    "werden",
    "brauchen",
    "finishes",
];

impl Reading<'_> {
    /// "we need 2 s" is a wish; "the bot needs 2 s" is what it takes.
    pub(in crate::extract) fn wishes(&self, token: usize) -> bool {
        let text = self.text(token);
        let takes = text.starts_with("need") || text.starts_with("brauch");
        // "p95 8 s -> need 3 s": a wish without its subject.
        let alone = || {
            let before = token.checked_sub(1).and_then(|i| self.toks().get(i));
            matches!(text, "need" | "brauchen" | "brauche")
                && before.is_none_or(|t| {
                    matches!(t.kind, Kind::Stop | Kind::Sym(_))
                        || matches!(t.word(), Some(C::AtLeast | C::And | C::But))
                })
        };
        !takes || token > 0 && self.toks()[token - 1].is(C::First) || alone()
    }

    /// "800 tokens at 25 ms each", "350 tokens * 15 ms": the time of each token.
    pub(in crate::extract) fn times_tokens(&self, mention: &Mention) -> bool {
        // "120 tokens, 18 ms each".
        let each = self.toks().get(mention.to).is_some_and(|t| t.is(C::Every));
        let joins = |i: usize| {
            let joint = |t: &Tok| matches!(t.word(), Some(C::At | C::Times | C::With | C::Article)) || t.is_sym('*');
            self.toks().get(i).is_some_and(|t| joint(t) || each && t.is_sym(','))
        };
        // "250 Token zu je 18 ms".
        let follows = |i: usize| {
            let said_of_each = self.toks().get(i + 1).is_some_and(|t| matches!(t.word(), Some(C::Per | C::Every)));
            i + 1 == mention.from || i + 2 == mention.from && said_of_each
        };
        self.mentions.iter().any(|m| m.dim == Dim::Tokens && m.per.is_none() && joins(m.to) && follows(m.to))
    }

    /// "95 percent come within 6 s": the percentile that a share of the answers makes of a time, where none is wished.
    pub(in crate::extract) fn share_percentile(&self, i: usize) -> Option<&'static str> {
        let mention = &self.mentions[i];
        let sentence = self.toks()[..mention.from].iter().rposition(|t| t.kind == Kind::Stop).map_or(0, |at| at + 1);
        let within = |j: usize| {
            matches!(self.toks()[j].word(), Some(C::UpTo | C::InWord | C::In | C::Latency | C::More))
                || matches!(self.text(j), "nach" | "after")
        };
        // "one in twenty waits longer than 18 s".
        let longer = |j: usize| self.toks()[j].is(C::More) || matches!(self.text(j), "longer than" | "langer als");
        let rest = lead_of(sentence, mention.from).take(3).any(longer);
        let lead = lead_of(sentence, mention.from).take_while(|j| !self.toks()[*j].is_sym(','));
        if mention.dim != Dim::Time || !lead.clone().take(3).any(within) {
            return None;
        }
        let wish = |c| matches!(c, C::Target | C::Wish | C::Expect | C::Would | C::Limit | C::Budget);
        // "95 % within 10 s" alone is a target: only a verb makes it a measurement.
        let share = (sentence..mention.from).find(|j| {
            self.toks()[*j].is(C::P50) || self.owner[*j].is_some_and(|owner| self.mentions[owner].dim == Dim::Share)
        })?;
        let says_so = (share..mention.from).any(|j| VERBS.contains(&self.text(j)));
        if !says_so && !rest || self.sentence_has(mention.from, wish) {
            return None;
        }
        lead.into_iter().find_map(|j| match self.owner[j].map(|owner| &self.mentions[owner]) {
            Some(share) if share.dim == Dim::Share => match share.value() {
                s if (s - 0.5).abs() < 1e-9 => Some("latency_p50_ms"),
                s if (s - 0.95).abs() < 1e-9 => Some("latency_p95_ms"),
                s if (s - 0.99).abs() < 1e-9 => Some("latency_p99_ms"),
                s if rest && (s - 0.05).abs() < 1e-9 => Some("latency_p95_ms"),
                s if rest && (s - 0.01).abs() < 1e-9 => Some("latency_p99_ms"),
                _ => None,
            },
            None if self.toks()[j].is(C::P50) && self.text(j).starts_with("half") => Some("latency_p50_ms"),
            _ => None,
        })
    }

    /// Whether a word stands alone in brackets.
    pub(in crate::extract) fn in_brackets(&self, at: usize) -> bool {
        at > 0 && self.toks()[at - 1].is_sym('(') && self.toks().get(at + 1).is_some_and(|t| t.is_sym(')'))
    }

    /// "answers in 10 s" where the sentence sets bounds.
    fn answered_in(&self, mention: &Mention, word: &Near) -> bool {
        let within = mention.from > 0 && matches!(self.text(mention.from - 1), "in" | "within");
        let bound = |c| matches!(c, C::Target | C::Wish | C::UpTo | C::AtLeast | C::Budget | C::Vendors);
        within && word.left && word.cost < 0.8 && self.sentence_has(mention.from, bound)
    }

    pub(super) fn time(&self, mention: &Mention, word: &Near) -> Option<Guess> {
        if mention.item == Some(Item::Token) {
            return Guess::of("tpot_ms", 0.0);
        }
        if mention.value() < 1000.0 && self.times_tokens(mention) {
            return Guess::of("tpot_ms", -1.0);
        }
        match mention.unit {
            Some(Per::Week | Per::Month | Per::Quarter | Per::Year) => {
                let over = word.means == C::More && word.left && word.cost < 0.5;
                // "in 12 months at 9% growth per month".
                let rate = |m: &Mention| m.dim == Dim::Share && m.per.is_some();
                let ahead = word.means == C::InWord && word.left && word.cost < 0.3 && self.mentions.iter().any(rate);
                // "a 12-month plan".
                let planned = !word.left
                    && word.cost < 0.5
                    && (self.text(word.token).starts_with("plan") || self.text(word.token) == "out");
                return if word.means == C::Horizon || over || ahead || planned {
                    Guess::of("horizon_months", 0.0)
                } else {
                    None
                };
            }
            Some(Per::Hour | Per::Day) => return None,
            _ => {}
        }
        // "relax the limit by one second".
        if mention.from > 0 && matches!(self.text(mention.from - 1), "by" | "um") {
            return Guess::nothing(-1.0);
        }
        let text = self.text(word.token);
        // "TTFT (median) 480 ms": the bracket says how the label is meant.
        if let Some([label, open]) = word.token.checked_sub(2).and_then(|i| self.toks().get(i..word.token))
            && open.is_sym('(')
            && matches!(label.word(), Some(C::Ttft | C::Tpot))
        {
            return None;
        }
        // "TTFT p50 780 ms": the percentile is of the first token.
        let beside = |i: Option<usize>| {
            i.and_then(|i| self.toks().get(i)).is_some_and(|t| matches!(t.word(), Some(C::Ttft | C::Tpot)))
        };
        if matches!(word.means, C::P50 | C::P95 | C::P99)
            && (beside(word.token.checked_sub(1)) || beside(Some(word.token + 1)))
        {
            return None;
        }
        match word.means {
            C::Ttft => Guess::own("ttft_ms", -0.1),
            C::Tpot => Guess::own("tpot_ms", 0.0),
            // "longer than 11 seconds (p95)": said of this figure and no other.
            C::P50 | C::P95 | C::P99 if !word.left && word.cost < 1.0 && self.in_brackets(word.token) => {
                label_field(word.means).and_then(|field| Guess::own(field, -1.0))
            }
            C::P50 => Guess::own("latency_p50_ms", 0.0),
            C::P95 => Guess::own("latency_p95_ms", 0.0),
            C::P99 => Guess::own("latency_p99_ms", 0.0),
            // "how do we get to 10 seconds?"
            C::Budget if word.left && word.cost < 0.5 && self.text(word.token).ends_with(" to") => {
                Guess::of("latency_target_ms", 1.0)
            }
            C::Target if self.wishes(word.token) => Guess::of("latency_target_ms", 1.0),
            // "we'd like 2 s", "users expect 3 seconds".
            C::Wish | C::Expect if word.left && word.cost < 1.0 => Guess::of("latency_target_ms", 1.0),
            C::UpTo if word.left && word.cost < 1.0 => Guess::of("latency_target_ms", 0.6),
            // "no answer over 6 seconds".
            C::More if word.left && word.cost < 0.3 && self.sentence_has(mention.from, |c| c == C::Not) => {
                Guess::of("latency_target_ms", 0.6)
            }
            C::UpTo
                if word.cost < 0.5
                    && matches!(text, "at most" | "max" | "cap" | "maximum" | "tops" | "hochstens" | "maximal") =>
            {
                Guess::of("latency_target_ms", 0.6)
            }
            // "the 2.5 s answer-time limit".
            C::Limit if word.cost < if word.left { 0.8 } else { 1.5 } => Guess::of("latency_target_ms", 0.6),
            // "we must keep 0.8 and get answers in 10 s".
            C::Out if self.answered_in(mention, word) => Guess::of("latency_target_ms", 0.8),
            C::Timeout | C::Window | C::Every => Guess::nothing(0.3),
            C::Latency | C::Target => Some(Guess { says: Says::Latency, cost: 1.5, exclusive: true }),
            _ => None,
        }
    }
}

/// The tokens before a time in its sentence, the nearest first.
fn lead_of(sentence: usize, at: usize) -> impl Iterator<Item = usize> + Clone {
    (sentence..at).rev().take(9)
}
