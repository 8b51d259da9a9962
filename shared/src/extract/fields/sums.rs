//! Sums of money, shares, and numbers of vendors.

use super::Guess;
use crate::extract::facts::Says;
use crate::extract::lex::Kind;
use crate::extract::lexicon::C;
use crate::extract::near::Near;
use crate::extract::quantity::{Item, Mention};
use crate::extract::reading::Reading;

impl Reading<'_> {
    pub(super) fn money(&self, mention: &Mention, word: &Near) -> Option<Guess> {
        if mention.item.is_some_and(|item| item != Item::Gpu) {
            return Guess::nothing(0.0);
        }
        if Self::hourly(mention) && self.message_has(|c| matches!(c, C::Gpu(_) | C::Gpus)) {
            return Guess::of("gpu_usd_per_hour", 0.0);
        }
        let budget = |cost| Guess::of("budget_usd_per_month", cost);
        match word.means {
            C::Budget => budget(0.0),
            C::Target if word.left || word.cost < 0.6 => budget(0.8),
            // "the current $6k cap".
            C::UpTo | C::Limit if !word.left && word.cost < 0.3 => budget(-0.2),
            C::UpTo | C::Limit if word.left || word.cost < 0.5 => budget(0.2),
            // "given $20k a month", "$9k a month for everything", "how do I divide $5k a month?"
            C::Other | C::Filler | C::With if word.left && word.cost < 0.3 && self.text(word.token) == "given" => {
                budget(0.2)
            }
            _ if !word.left && word.cost < 1.5 && is_all(self.text(word.token)) => budget(0.4),
            C::Other if divides(self.text(word.token)) => budget(0.5),
            C::More if word.left && self.sentence_has(mention.from, |c| matches!(c, C::Not)) => budget(0.0),
            // "what do we get for $10k a month?"
            C::With if word.left && word.cost < 0.3 && self.asked(mention.from) => budget(1.0),
            // "I have $9,000 a month".
            C::Is | C::Other if word.left && word.cost < 0.3 && self.owns(word.token) => budget(0.6),
            C::Spend => Guess::of("monthly_spend_usd", 0.3),
            // "the invoice reached $21k".
            C::Request if matches!(self.text(word.token), "invoice" | "rechnung") => {
                Guess::of("monthly_spend_usd", 0.4)
            }
            C::Save if self.saves(mention, word) => Guess::nothing(-0.2),
            C::Price => Guess::nothing(0.4),
            C::Now if word.cost < if word.left { 1.5 } else { 1.0 } => Guess::of("monthly_spend_usd", 0.1),
            _ => None,
        }
    }

    pub(super) fn share(&self, mention: &Mention, word: &Near, words: &[Near]) -> Option<Guess> {
        match word.means {
            C::Prefix => Some(Guess { says: Says::PrefixShare, cost: 0.0, exclusive: true }),
            // "mindestens 92 % Trefferquote" where nothing is cached.
            C::Hit if self.text(word.token).starts_with("treffer") && !self.message_has(|c| c == C::Cache) => {
                if self.bounded(mention, words) { Guess::own("quality_floor", 0.0) } else { None }
            }
            C::Hit => Guess::own("cache_hit_rate", 0.0),
            C::Cache => Guess::own("cache_hit_rate", 1.2),
            C::Defer => Guess::own("deferrable_share", 0.0),
            // "65 % aren't urgent".
            C::Urgent if self.denied(mention.to, word.token) => Guess::own("deferrable_share", 0.0),
            C::Urgent => Guess::nothing(0.5),
            C::Dup => Guess::own("duplicate_share", 0.0),
            C::Easy => Guess::own("weak_accept_share", 0.0),
            C::Util => Guess::own("gpu_utilisation", 0.0),
            C::Other
                if word.cost < 0.3
                    && matches!(self.text(word.token), "load" | "last")
                    && self.message_has(|c| matches!(c, C::Gpu(_) | C::Gpus)) =>
            {
                Guess::own("gpu_utilisation", 0.2)
            }
            C::Grow | C::Shrink => Guess::own("growth_per_month", 0.0),
            C::Accuracy | C::Quality if self.bounded(mention, words) => Guess::own("quality_floor", 0.0),
            C::Accuracy | C::Quality | C::Save | C::Failure => Guess::nothing(0.2),
            C::Peak => Guess::own("peak_factor", 0.8),
            C::Ttft | C::P50 | C::P95 | C::P99 => Guess::nothing(1.0),
            _ => None,
        }
    }

    /// Whether a "not" stands between two places.
    pub(super) fn denied(&self, from: usize, to: usize) -> bool {
        self.toks().get(from..to).is_some_and(|toks| toks.iter().any(|t| t.is(C::Not)))
    }

    pub(super) fn vendors(&self, mention: &Mention, word: &Near) -> Option<Guess> {
        let text = self.text(word.token);
        let first = self.text(mention.from);
        // "with any single supplier" bounds a share.
        let each = mention.from > 0
            && matches!(self.text(mention.from - 1), "any" | "each" | "every" | "per" | "pro" | "jeden" | "jedem");
        let limits = match word.means {
            _ if each => false,
            C::UpTo | C::Limit => true,
            C::More => self.sentence_has(mention.from, |c| matches!(c, C::Not)),
            C::About => matches!(text, "only" | "just" | "nur") && word.cost < 1.5,
            _ => mention.value() <= 1.0 && (first == "single" || first.starts_with("einzig")),
        };
        if limits { Guess::of("vendors_max", 0.0) } else { None }
    }

    /// "we have", "ich habe": what is there to be spent.
    pub(super) fn owns(&self, token: usize) -> bool {
        let have = matches!(self.text(token), "have" | "haben" | "habe" | "got");
        have && token
            .checked_sub(1)
            .is_some_and(|i| matches!(self.text(i), "i" | "we" | "wir" | "ich" | "we've" | "i've" | "have"))
    }

    /// Whether the sentence asks what can be had.
    pub(super) fn asked(&self, token: usize) -> bool {
        let toks = self.toks();
        let start = (0..token).rev().find(|i| toks[*i].kind == Kind::Stop).map_or(0, |i| i + 1);
        (start..token).any(|i| {
            matches!(
                self.text(i),
                "best"
                    | "get"
                    | "most"
                    | "possible"
                    | "achievable"
                    | "feasible"
                    | "infeasible"
                    | "reach"
                    | "achieve"
                    | "bekommen"
                    | "beste"
                    | "buy"
            )
        })
    }

    /// "save $5k", "cut by $5k", "$5k less": a difference, no sum that is paid.
    pub(super) fn saves(&self, mention: &Mention, word: &Near) -> bool {
        let text = self.text(word.token);
        let by = mention.from > 0 && matches!(self.text(mention.from - 1), "by" | "um");
        if word.left {
            by || word.cost < 1.0
                && (text.starts_with("sav") || text.starts_with("spar") || text.starts_with("einspar"))
        } else {
            word.cost < 0.7
                && matches!(
                    text,
                    "less"
                        | "cheaper"
                        | "saving"
                        | "savings"
                        | "off"
                        | "weniger"
                        | "gunstiger"
                        | "billiger"
                        | "reduction"
                        | "einsparung"
                )
        }
    }
}

/// Whether a sum is said to be for everything together.
fn is_all(text: &str) -> bool {
    ["everything", "overall", "combined", "altogether", "insgesamt", "alles", "gesamt"].contains(&text)
}

/// Whether a verb says that a sum is to be parted.
fn divides(text: &str) -> bool {
    ["divid", "aufteil", "teile", "verteil", "allocat", "distribut"].iter().any(|stem| text.starts_with(stem))
}
