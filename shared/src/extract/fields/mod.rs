//! Which field a word near a quantity names.

mod counts;
mod sums;
mod times;
mod tokens;

use super::facts::Says;
use super::lexicon::{C, Per};
use super::near::Near;
use super::quantity::{Dim, Item, Mention};
use super::reading::Reading;

pub(super) use tokens::read_noun;

/// What a word makes of a quantity.
#[derive(Clone, Copy, Debug)]
pub(in crate::extract) struct Guess {
    pub(in crate::extract) says: Says,
    /// What it takes to believe it, beside the distance of the word.
    pub(in crate::extract) cost: f64,
    /// Whether the word may name only one figure.
    pub(in crate::extract) exclusive: bool,
}

/// Guesses come as options because most words say nothing about a figure.
#[allow(clippy::unnecessary_wraps)]
impl Guess {
    const fn says(says: Says, cost: f64) -> Option<Self> {
        Some(Self { says, cost, exclusive: false })
    }

    /// A field; the word may name others too.
    const fn of(field: &'static str, cost: f64) -> Option<Self> {
        Self::says(Says::Field(field), cost)
    }

    /// A field; the word names only this figure.
    const fn own(field: &'static str, cost: f64) -> Option<Self> {
        Some(Self { says: Says::Field(field), cost, exclusive: true })
    }

    /// No field at all.
    const fn nothing(cost: f64) -> Option<Self> {
        Self::says(Says::Nothing, cost)
    }
}

impl Reading<'_> {
    /// What a word near a mention makes of it.
    pub(in crate::extract) fn names(&self, i: usize, word: &Near, words: &[Near]) -> Option<Guess> {
        let mention = &self.mentions[i];
        match Self::dim(mention) {
            Dim::Money => self.money(mention, word),
            Dim::Share => self.share(mention, word, words),
            Dim::Time => self.time(mention, word),
            Dim::Tokens if mention.per.is_some() => self.token_rate(mention, word.means),
            Dim::Tokens => self.tokens(mention, word, words),
            Dim::Requests if mention.per.is_some() => self.request_rate(mention, word),
            Dim::Requests => self.calls(mention, word),
            Dim::Vendors => self.vendors(mention, word),
            Dim::Users => Guess::says(Says::Users, 0.0),
            Dim::Times => match word.means {
                C::Peak => Guess::own("peak_factor", 0.0),
                // "12 times in parallel".
                C::Par if !word.left && word.cost < 1.0 => Guess::own("parallel_calls", 0.0),
                C::Seq if !word.left && word.cost < 1.0 => Guess::own("sequential_calls", 0.0),
                // "7x normal", "3 times the average".
                C::Mean if !word.left && word.cost < 1.0 => Guess::own("peak_factor", 0.3),
                _ if !word.left && word.cost < 1.0 && is_usual(self.text(word.token)) => Guess::own("peak_factor", 0.3),
                C::Grow if mention.per.is_some() => Guess::own("growth_per_month", 0.0),
                _ => None,
            },
            Dim::Bare => self.bare(mention, word, words),
            Dim::Gpus | Dim::Foreign(_) => None,
        }
    }

    /// Whether words near a quantity make it the least that is wanted: "at least", "must", "1380+".
    fn bounded(&self, mention: &Mention, words: &[Near]) -> bool {
        const KEEPS: &[&str] =
            &["keep", "keeping", "hold", "holds", "halten", "need", "pflicht", "ab", "ohne", "without", "needed"];
        let bounds = |w: &Near| {
            matches!(w.means, C::AtLeast | C::More | C::Target | C::Budget | C::Limit | C::Not) && w.cost < 4.0
        };
        let plus = self.toks().get(mention.to).is_some_and(|t| t.is_sym('+') && t.glued);
        // "keep a pass rate of 0.8", "from 88 % on", "without falling under 95 %", "0.9 needed".
        let keeps = |w: &Near| w.cost < 4.0 && KEEPS.contains(&self.text(w.token));
        // "Arena ab 1405".
        let from = self.toks()[mention.from].is(C::From);
        plus || from || words.iter().any(bounds) || words.iter().any(keeps)
    }

    /// The dimension, with all currencies as money.
    pub(in crate::extract) const fn dim(mention: &Mention) -> Dim {
        if let Dim::Foreign(_) = mention.dim { Dim::Money } else { mention.dim }
    }

    fn hourly(mention: &Mention) -> bool {
        matches!(mention.per, Some((Per::Hour, _))) || mention.item == Some(Item::Gpu)
    }

    /// What a mention says if no word near it tells.
    pub(in crate::extract) fn default(&self, mention: &Mention) -> Option<Says> {
        match Self::dim(mention) {
            Dim::Money if Self::hourly(mention) && self.message_has(|c| matches!(c, C::Gpu(_) | C::Gpus)) => {
                Some(Says::Field("gpu_usd_per_hour"))
            }
            // "constraints: $5k a month, at least 1380": a bound among bounds, where nothing is said to be paid.
            Dim::Money if mention.per.is_some() && mention.item.is_none() => {
                let counted = self.mentions.iter().any(|m| m.dim == Dim::Vendors);
                let among = (counted || self.message_has(|c| c == C::AtLeast))
                    && !self.message_has(|c| matches!(c, C::Spend | C::Now));
                Some(Says::Field(if among { "budget_usd_per_month" } else { "monthly_spend_usd" }))
            }
            Dim::Share if mention.per.is_some_and(|(per, _)| per.days() >= 7.0) => {
                Some(Says::Field("growth_per_month"))
            }
            Dim::Times if mention.per.is_some_and(|(per, _)| per.days() < 300.0) => {
                Some(Says::Field("requests_per_day"))
            }
            Dim::Requests if mention.per.is_some() && mention.item.is_none_or(|item| item == Item::Request) => {
                Some(Says::Field("requests_per_day"))
            }
            // "A100 at 1.89/hr".
            Dim::Bare if Self::hourly(mention) && mention.value() < 1e3 && self.gpu_before(mention) => {
                Some(Says::Field("gpu_usd_per_hour"))
            }
            Dim::Bare if mention.per.is_some() && mention.item.is_none() && mention.value() >= 1.0 => {
                Some(Says::Field("requests_per_day"))
            }
            Dim::Tokens if matches!(mention.per, Some((Per::Minute, _))) => Some(Says::Field("tpm_limit")),
            // "4,000 contracts a day, 6k tokens each".
            Dim::Tokens if mention.per.is_none() && self.follows_documents(mention) => {
                Some(Says::Field("input_tokens"))
            }
            Dim::Tokens if mention.per.is_none() => Some(Says::AnyTokens),
            _ => None,
        }
    }

    /// Whether a GPU stands right before a figure.
    fn gpu_before(&self, mention: &Mention) -> bool {
        let before = &self.toks()[mention.from.saturating_sub(4)..mention.from];
        before.iter().any(|t| matches!(t.word(), Some(C::Gpu(_) | C::Gpus)))
    }
}

/// Whether a word stands for the usual load.
fn is_usual(text: &str) -> bool {
    [
        "normal",
        "usual",
        "average",
        "mean",
        "baseline",
        "mittel",
        "im mittel",
        "schnitt",
        "im schnitt",
        "durchschnitt",
        "ublich",
        "sonst",
    ]
    .iter()
    .any(|stem| text.starts_with(stem))
}
