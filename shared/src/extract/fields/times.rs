//! Times.

use super::Guess;
use crate::extract::facts::Says;
use crate::extract::lex::Tok;
use crate::extract::lexicon::{C, Per};
use crate::extract::near::Near;
use crate::extract::quantity::{Dim, Item, Mention};
use crate::extract::reading::Reading;

impl Reading<'_> {
    /// "we need 2 s" is a wish; "the bot needs 2 s" is what it takes.
    pub(in crate::extract) fn wishes(&self, token: usize) -> bool {
        let text = self.text(token);
        let takes = text.starts_with("need") || text.starts_with("brauch");
        !takes || token > 0 && self.toks()[token - 1].is(C::First)
    }

    /// "800 tokens at 25 ms each", "350 tokens * 15 ms": the time of each token.
    pub(super) fn times_tokens(&self, mention: &Mention) -> bool {
        // "120 tokens, 18 ms each".
        let each = self.toks().get(mention.to).is_some_and(|t| t.is(C::Every));
        let joins = |i: usize| {
            let joint = |t: &Tok| matches!(t.word(), Some(C::At | C::Times | C::With | C::Article)) || t.is_sym('*');
            self.toks().get(i).is_some_and(|t| joint(t) || each && t.is_sym(','))
        };
        self.mentions.iter().any(|m| m.dim == Dim::Tokens && m.per.is_none() && m.to + 1 == mention.from && joins(m.to))
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
                return if word.means == C::Horizon || over { Guess::of("horizon_months", 0.0) } else { None };
            }
            Some(Per::Hour | Per::Day) => return None,
            _ => {}
        }
        let text = self.text(word.token);
        // "TTFT (median) 480 ms": the bracket says how the label is meant.
        if let Some([label, open]) = word.token.checked_sub(2).and_then(|i| self.toks().get(i..word.token))
            && open.is_sym('(')
            && matches!(label.word(), Some(C::Ttft | C::Tpot))
        {
            return None;
        }
        match word.means {
            C::Ttft => Guess::own("ttft_ms", -0.1),
            C::Tpot => Guess::own("tpot_ms", 0.0),
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
            C::UpTo
                if word.cost < 0.5
                    && matches!(text, "at most" | "max" | "maximum" | "tops" | "hochstens" | "maximal") =>
            {
                Guess::of("latency_target_ms", 0.6)
            }
            C::Timeout | C::Window | C::Every => Guess::nothing(0.3),
            C::Latency | C::Target => Some(Guess { says: Says::Latency, cost: 1.5, exclusive: true }),
            _ => None,
        }
    }
}
