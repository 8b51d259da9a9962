//! Which field a word near a quantity names.

use super::facts::Says;
use super::lex::{Kind, Tok};
use super::lexicon::{C, Per};
use super::near::Near;
use super::quantity::{Dim, Item, Mention};
use super::reading::Reading;
use crate::message::Task;

/// What a word makes of a quantity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guess {
    pub(super) says: Says,
    /// What it takes to believe it, beside the distance of the word.
    pub(super) cost: f64,
    /// Whether the word may name only one figure.
    pub(super) exclusive: bool,
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
    pub(super) fn names(&self, i: usize, word: &Near, words: &[Near]) -> Option<Guess> {
        let mention = &self.mentions[i];
        match Self::dim(mention) {
            Dim::Money => self.money(mention, word),
            Dim::Share => self.share(mention, word, words),
            Dim::Time => self.time(mention, word),
            Dim::Tokens if mention.per.is_some() => self.token_rate(mention, word.means),
            Dim::Tokens => self.tokens(mention, word, words),
            Dim::Requests if mention.per.is_some() => Self::request_rate(mention, word),
            Dim::Requests => self.calls(mention, word),
            Dim::Vendors => self.vendors(mention, word),
            Dim::Users => Guess::says(Says::Users, 0.0),
            Dim::Times => match word.means {
                C::Peak => Guess::own("peak_factor", 0.0),
                // "7x normal", "3 times the average".
                _ if !word.left && word.cost < 0.7 && is_usual(self.text(word.token)) => Guess::own("peak_factor", 0.3),
                C::Grow if mention.per.is_some() => Guess::own("growth_per_month", 0.0),
                _ => None,
            },
            Dim::Bare => self.bare(mention, word, words),
            Dim::Gpus | Dim::Foreign(_) => None,
        }
    }

    fn money(&self, mention: &Mention, word: &Near) -> Option<Guess> {
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
            C::UpTo | C::Limit if word.left || word.cost < 0.5 => budget(0.2),
            C::More if word.left && self.sentence_has(mention.from, |c| matches!(c, C::Not)) => budget(0.0),
            // "what do we get for $10k a month?"
            C::With if word.left && word.cost < 0.3 && self.asked(mention.from) => budget(1.0),
            // "I have $9,000 a month".
            C::Is if word.left && word.cost < 0.3 && self.owns(word.token) => budget(0.6),
            C::Spend => Guess::of("monthly_spend_usd", 0.3),
            // "the invoice reached $21k".
            C::Request if matches!(self.text(word.token), "invoice" | "rechnung") => {
                Guess::of("monthly_spend_usd", 0.4)
            }
            C::Save if self.saves(mention, word) => Guess::nothing(-0.2),
            C::Price => Guess::nothing(0.4),
            C::Now if word.left && word.cost < 0.7 => Guess::of("monthly_spend_usd", 0.1),
            _ => None,
        }
    }

    fn share(&self, mention: &Mention, word: &Near, words: &[Near]) -> Option<Guess> {
        match word.means {
            C::Prefix => Some(Guess { says: Says::PrefixShare, cost: 0.0, exclusive: true }),
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
    fn denied(&self, from: usize, to: usize) -> bool {
        self.toks().get(from..to).is_some_and(|toks| toks.iter().any(|t| t.is(C::Not)))
    }

    fn tokens(&self, mention: &Mention, word: &Near, words: &[Near]) -> Option<Guess> {
        let inner = word.token >= mention.from && word.token < mention.to;
        let outside = !inner || word.token < mention.unit_end;
        let text = self.text(word.token);
        // "the context must hold 150k tokens", but not "retrieved context + 300 tokens".
        let needed = |w: &Near| w.left && w.cost < word.cost && matches!(w.means, C::Target | C::AtLeast);
        let reach = match word.left {
            true if words.iter().any(needed) => 2.0,
            true => 0.3,
            false => 1.0,
        };
        match word.means {
            // "2k of the input is always the same": a part of it.
            C::In if !inner && self.part_of(mention) => None,
            // "system prompt 1,500 tokens, user input 500 tokens": the rest of the input.
            C::Rest => Some(Guess { says: Says::Rest, cost: -0.1, exclusive: true }),
            // "the same 4,000-token handbook".
            C::Other if word.left && word.cost < 0.3 && text == "same" => Guess::own("cached_prefix_tokens", 0.2),
            C::In => Guess::own("input_tokens", 0.0),
            C::Out => Guess::own("output_tokens", 0.0),
            C::Reason => Guess::own("reasoning_tokens", -0.2),
            C::Prefix if word.cost <= 2.2 => Guess::own("cached_prefix_tokens", -0.3),
            C::Cache => Guess::own("cached_prefix_tokens", 0.3),
            // "10k tokens of context in" are input; a window is a need.
            C::Context if text.contains([' ', '-', 'f']) => Guess::own("context_tokens", -0.2),
            C::Context if inner => Guess::own("context_tokens", 0.3),
            C::Context if word.cost <= reach => Guess::own("context_tokens", 2.6),
            // "a 1M token window".
            C::Other if !word.left && word.cost < 0.7 && (text == "window" || text.ends_with("fenster")) => {
                Guess::own("context_tokens", 0.0)
            }
            C::Price => Guess::nothing(0.5),
            C::Other if !word.left && word.cost < 0.5 && matches!(text, "back" | "zuruck") => {
                Guess::own("output_tokens", 0.2)
            }
            // "each contract has 12k tokens", "800 token summaries": what goes in and what comes out.
            // "900 tokens per question".
            C::Request | C::Other if inner && ["question", "frage"].iter().any(|n| text.starts_with(n)) => {
                Guess::own("input_tokens", 0.7)
            }
            C::Request | C::Other if outside && read_noun(text) => Guess::own("input_tokens", 0.7),
            C::Other if outside && written_noun(text) => Guess::own("output_tokens", 0.7),
            C::Task(Task::Summarization)
                if outside && (text.starts_with("summar") || text.starts_with("zusammenf")) =>
            {
                Guess::own("output_tokens", 0.7)
            }
            C::Use | C::Other if word.left && GIVE.iter().any(|stem| text.starts_with(stem)) => {
                Guess::own("input_tokens", 0.5)
            }
            C::Other if word.left && TAKE.iter().any(|stem| text.starts_with(stem)) => Guess::own("output_tokens", 0.5),
            _ => None,
        }
    }

    fn vendors(&self, mention: &Mention, word: &Near) -> Option<Guess> {
        let text = self.text(word.token);
        let first = self.text(mention.from);
        let limits = match word.means {
            C::UpTo | C::Limit => true,
            C::More => self.sentence_has(mention.from, |c| matches!(c, C::Not)),
            C::About => matches!(text, "only" | "just" | "nur") && word.cost < 1.5,
            _ => mention.value() <= 1.0 && (first == "single" || first.starts_with("einzig")),
        };
        if limits { Guess::of("vendors_max", 0.0) } else { None }
    }

    /// Whether words near a quantity make it the least that is wanted: "at least", "must", "1380+".
    fn bounded(&self, mention: &Mention, words: &[Near]) -> bool {
        let bounds = |w: &Near| {
            matches!(w.means, C::AtLeast | C::More | C::Target | C::Budget | C::Limit | C::Not) && w.cost < 4.0
        };
        let plus = self.toks().get(mention.to).is_some_and(|t| t.is_sym('+') && t.glued);
        plus || words.iter().any(bounds)
    }

    /// The dimension, with all currencies as money.
    const fn dim(mention: &Mention) -> Dim {
        if let Dim::Foreign(_) = mention.dim { Dim::Money } else { mention.dim }
    }

    /// "we have", "ich habe": what is there to be spent.
    fn owns(&self, token: usize) -> bool {
        matches!(self.text(token), "have" | "haben" | "habe")
            && token.checked_sub(1).is_some_and(|i| matches!(self.text(i), "i" | "we" | "wir" | "ich"))
    }

    /// Whether the sentence asks what can be had.
    fn asked(&self, token: usize) -> bool {
        let toks = self.toks();
        let start = (0..token).rev().find(|i| toks[*i].kind == Kind::Stop).map_or(0, |i| i + 1);
        (start..token).any(|i| {
            matches!(self.text(i), "best" | "get" | "most" | "possible" | "achievable" | "bekommen" | "beste" | "buy")
        })
    }

    /// "save $5k", "cut by $5k", "$5k less": a difference, no sum that is paid.
    fn saves(&self, mention: &Mention, word: &Near) -> bool {
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

    /// Whether "of the …" follows: the figure is a part of what is named next.
    fn part_of(&self, mention: &Mention) -> bool {
        let toks = self.toks();
        let after = |n: usize| toks.get(mention.to + n).and_then(Tok::word);
        matches!((after(0), after(1)), (Some(C::Of), Some(C::Article | C::First | C::Filler)))
    }

    fn hourly(mention: &Mention) -> bool {
        matches!(mention.per, Some((Per::Hour, _))) || mention.item == Some(Item::Gpu)
    }

    /// "we need 2 s" is a wish; "the bot needs 2 s" is what it takes.
    pub(super) fn wishes(&self, token: usize) -> bool {
        let text = self.text(token);
        let takes = text.starts_with("need") || text.starts_with("brauch");
        !takes || token > 0 && self.toks()[token - 1].is(C::First)
    }

    /// "800 tokens at 25 ms each", "350 tokens * 15 ms": the time of each token.
    fn times_tokens(&self, mention: &Mention) -> bool {
        // "120 tokens, 18 ms each".
        let each = self.toks().get(mention.to).is_some_and(|t| t.is(C::Every));
        let joins = |i: usize| {
            let joint = |t: &Tok| matches!(t.word(), Some(C::At | C::Times | C::With | C::Article)) || t.is_sym('*');
            self.toks().get(i).is_some_and(|t| joint(t) || each && t.is_sym(','))
        };
        self.mentions.iter().any(|m| m.dim == Dim::Tokens && m.per.is_none() && m.to + 1 == mention.from && joins(m.to))
    }

    fn time(&self, mention: &Mention, word: &Near) -> Option<Guess> {
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

    fn token_rate(&self, mention: &Mention, means: C) -> Option<Guess> {
        match mention.per {
            Some((Per::Second, _)) => {
                let gpu = mention.item == Some(Item::Gpu)
                    || matches!(means, C::Gpu(_) | C::Gpus)
                    || self.message_has(|c| matches!(c, C::Gpu(_) | C::Gpus))
                        && !self.sentence_has(mention.from, |c| c == C::Ttft);
                Guess::of(if gpu { "tokens_per_second_per_gpu" } else { "tpot_ms" }, 1.0)
            }
            Some((Per::Minute, _)) => Guess::of("tpm_limit", 0.0),
            _ => match means {
                C::In => Some(Guess { says: Says::InVolume, cost: 0.0, exclusive: true }),
                C::Out => Some(Guess { says: Says::OutVolume, cost: 0.0, exclusive: true }),
                _ => None,
            },
        }
    }

    fn request_rate(mention: &Mention, word: &Near) -> Option<Guess> {
        if mention.item == Some(Item::User) {
            return Guess::says(Says::Users, 0.0);
        }
        let reach = match mention.per {
            Some((Per::Minute, _)) => 5.0,
            Some((Per::Second, _)) => 1.5,
            _ => 0.0,
        };
        match word.means {
            C::UpTo | C::More if reach > 2.0 && word.left && word.cost < 0.8 => Guess::of("rpm_limit", 0.0),
            C::Limit if word.cost < reach => Guess::of("rpm_limit", 0.0),
            C::Peak if word.cost < 1.1 => Some(Guess { says: Says::PeakRate, cost: 0.0, exclusive: true }),
            C::Mean if word.cost < 2.0 => Guess::of("requests_per_day", 0.0),
            _ => None,
        }
    }

    /// Calls that are not per time.
    fn calls(&self, mention: &Mention, word: &Near) -> Option<Guess> {
        match word.means {
            _ if mention.item == Some(Item::User) => Guess::says(Says::Users, 0.0),
            C::Seq if word.cost < 4.0 => Guess::own("sequential_calls", 0.0),
            // "25 parallel connections": how many there may be, where nothing fans out.
            C::Par if word.cost < 4.0 && self.connections(mention) => Guess::own("concurrency_limit", 0.0),
            C::Par if word.cost < 4.0 => Guess::own("parallel_calls", 0.0),
            // "a page fires 6 calls at the same time".
            C::Conc if word.cost < 3.0 && self.fired(mention) => Guess::own("parallel_calls", 0.1),
            C::Conc if word.cost < 3.0 => Guess::own("concurrency_limit", 0.1),
            _ => None,
        }
    }

    /// Whether something sets the counted calls off.
    fn fired(&self, mention: &Mention) -> bool {
        const STEMS: &[&str] = &["trigger", "fire", "issue", "launch", "spawn", "kick", "lost", "startet"];
        (mention.from.saturating_sub(3)..mention.from).any(|i| STEMS.iter().any(|stem| self.text(i).starts_with(stem)))
    }

    /// Whether connections or slots are counted.
    fn connections(&self, mention: &Mention) -> bool {
        const STEMS: &[&str] = &["connection", "verbindung", "slot", "stream", "session", "worker"];
        (mention.from..mention.to).any(|i| STEMS.iter().any(|stem| self.text(i).starts_with(stem)))
    }

    /// The same in the words behind a figure.
    fn connections_behind(&self, mention: &Mention) -> bool {
        let behind = Mention { from: mention.to, to: self.toks().len().min(mention.to + 3), ..*mention };
        self.connections(&behind)
    }

    /// A number without a unit, which only its label explains.
    fn bare(&self, mention: &Mention, word: &Near, words: &[Near]) -> Option<Guess> {
        let value = mention.value();
        let share = value > 0.0 && value <= 1.0;
        let score = (800.0..2500.0).contains(&value);
        // "one more quality point" gives no figure.
        let in_words = mention.to - mention.from == 1 && self.toks()[mention.from].word().is_some();
        match word.means {
            C::In | C::Out if !self.labels(mention, word) => None,
            C::In if value >= 1.0 && !self.part_of(mention) => Guess::own("input_tokens", 0.0),
            C::Out if value >= 1.0 => Guess::own("output_tokens", 0.0),
            C::Reason if value >= 1.0 => Guess::own("reasoning_tokens", 0.0),
            C::Context if value >= 500.0 => Guess::own("context_tokens", 0.0),
            // "of which 5,400 are policy text that is identical each time".
            C::Prefix if value >= 10.0 && self.of_which(mention) => Guess::own("cached_prefix_tokens", -3.0),
            C::Prefix if value >= 10.0 => Guess::own("cached_prefix_tokens", 0.0),
            C::Seq if mention.per.is_none() => Guess::own("sequential_calls", 0.0),
            C::Par if mention.per.is_none() && self.connections_behind(mention) => Guess::own("concurrency_limit", 0.0),
            C::Par if mention.per.is_none() => Guess::own("parallel_calls", 0.0),
            C::Conc => Guess::own("concurrency_limit", 0.0),
            C::ArrivalScv if self.of_service(word.token) => Guess::own("service_scv", 0.0),
            C::ArrivalScv => Guess::own("arrival_scv", 0.0),
            C::ServiceScv => Guess::own("service_scv", 0.0),
            C::Peak if mention.per.is_some() && word.cost < 1.1 => Guess::says(Says::PeakRate, 0.0),
            C::Peak if word.left && (1.0..=1000.0).contains(&value) && !is_time_of_day(self.text(word.token)) => {
                Guess::own("peak_factor", 0.0)
            }
            C::Util if share => Guess::own("gpu_utilisation", 0.0),
            C::Hit if share => Guess::own("cache_hit_rate", 0.0),
            C::Defer if share => Guess::own("deferrable_share", 0.0),
            C::Dup if share => Guess::own("duplicate_share", 0.0),
            C::Easy if share => Guess::own("weak_accept_share", 0.0),
            C::Grow if share && word.left => Guess::own("growth_per_month", 0.0),
            C::Quality | C::Arena if score && self.bounded(mention, words) => Guess::own("quality_floor", -1.0),
            // "at a floor of 1390".
            C::AtLeast if (share || score) && self.text(word.token).contains("floor") => {
                Guess::own("quality_floor", 0.1)
            }
            C::Quality if !in_words && (share || score) => Guess::own("quality_floor", 0.1),
            C::Accuracy if share && self.bounded(mention, words) => Guess::own("quality_floor", 0.0),
            C::Vendors => Guess::own("vendors_max", 0.0),
            C::Spend if mention.per.is_some_and(|(per, _)| per.days() >= 1.0) && value >= 100.0 => {
                Guess::of("monthly_spend_usd", 0.3)
            }
            C::Budget if value >= 100.0 => Guess::of("budget_usd_per_month", 0.0),
            // "we send 5,300 tokens and receive 720".
            C::Use | C::Other if value >= 10.0 && word.left && word.cost < 0.5 && mention.per.is_none() => {
                let begins = |stems: &[&str]| stems.iter().any(|stem| self.text(word.token).starts_with(stem));
                let tokens = self.sentence_has(mention.from, |c| c == C::Tokens);
                match (begins(GIVE), begins(TAKE)) {
                    (true, _) if tokens => Guess::own("input_tokens", 0.5),
                    (_, true) if tokens => Guess::own("output_tokens", 0.5),
                    _ => None,
                }
            }
            C::Request if word.left && mention.per.is_some() => Guess::own("requests_per_day", 0.0),
            _ => None,
        }
    }

    /// Whether only words of size stand between a label and its bare figure: "response length: 300", not "codes: 200".
    fn labels(&self, mention: &Mention, word: &Near) -> bool {
        const SIZES: &[&str] = &[
            "length", "size", "count", "average", "lange", "grose", "grosse", "pro", "per", "total", "usually", "each",
        ];
        let between = if word.left { word.token + 1..mention.from } else { mention.to..word.token };
        between.clone().all(|i| !self.toks()[i].is(C::Other) || SIZES.contains(&self.text(i)))
    }

    /// Whether "of which" or "davon" stands before: a part of the figure before.
    fn of_which(&self, mention: &Mention) -> bool {
        (mention.from.saturating_sub(2)..mention.from)
            .any(|i| matches!(self.text(i), "which" | "davon" | "thereof" | "wovon" | "that"))
    }

    /// "SCV" alone: of the service times, if the words before speak of them.
    fn of_service(&self, token: usize) -> bool {
        (token.saturating_sub(6)..token)
            .any(|i| self.text(i).starts_with("servic") || self.text(i).starts_with("bedien"))
    }

    /// What a mention says if no word near it tells.
    pub(super) fn default(&self, mention: &Mention) -> Option<Says> {
        match Self::dim(mention) {
            Dim::Money if Self::hourly(mention) && self.message_has(|c| matches!(c, C::Gpu(_) | C::Gpus)) => {
                Some(Says::Field("gpu_usd_per_hour"))
            }
            Dim::Money if mention.per.is_some() && mention.item.is_none() => Some(Says::Field("monthly_spend_usd")),
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

    /// Whether the quantity before this one counts what the model reads, and this one is said of each.
    fn follows_documents(&self, mention: &Mention) -> bool {
        let toks = self.toks();
        let each = |i: usize| {
            toks.get(i).is_some_and(|t| matches!(t.word(), Some(C::Every | C::Per)) || t.kind == Kind::Word(C::Article))
        };
        let said_of_each =
            mention.item == Some(Item::Request) || each(mention.to) || mention.from > 0 && each(mention.from - 1);
        let documents = |m: &&Mention| {
            m.dim == Dim::Requests
                && m.to < mention.from
                && mention.from - m.to <= 4
                && (m.from..m.to).any(|i| read_noun(self.text(i)))
        };
        said_of_each && self.mentions.iter().any(|m| documents(&m))
    }
}

/// Whether a word stands for the usual load.
fn is_usual(text: &str) -> bool {
    ["normal", "usual", "average", "mean", "baseline", "mittel", "schnitt", "durchschnitt", "ublich", "sonst"]
        .iter()
        .any(|stem| text.starts_with(stem))
}

/// Whether a word for the peak is only a time of day: "at noon: 20 requests" gives no factor.
fn is_time_of_day(text: &str) -> bool {
    ["abend", "mittag", "tags", "evening", "in the ev", "at lunch", "am wochen", "in dec"]
        .iter()
        .any(|stem| text.starts_with(stem))
}

/// Verbs of what goes to the model.
const GIVE: &[&str] = &[
    "sen", "feed", "pass", "upload", "schick", "ubergeb", "eat", "consum", "ingest", "read", "liest", "swallow",
    "frisst",
];
/// Verbs of what comes from it.
const TAKE: &[&str] = &["receiv", "bekomm", "erhalt", "liefer", "writes", "schreibt", "emit", "spit"];

/// Whether a noun is something that the model writes.
fn written_noun(noun: &str) -> bool {
    const STEMS: &[&str] = &[
        "ergebnis",
        "result",
        "translation",
        "ubersetzung",
        "label",
        "verdict",
        "draft",
        "entwurf",
        "recap",
        "protokoll",
    ];
    STEMS.iter().any(|stem| noun.starts_with(stem))
}

/// Whether a noun is something that the model reads.
pub(super) fn read_noun(noun: &str) -> bool {
    const STEMS: &[&str] = &[
        "doc",
        "dok",
        "contract",
        "vertr",
        "invoice",
        "rechnung",
        "email",
        "mail",
        "e-mail",
        "ticket",
        "transcript",
        "transkript",
        "article",
        "artikel",
        "page",
        "seite",
        "report",
        "review",
        "post",
        "comment",
        "record",
        "gesprach",
        "prompt",
        "beleg",
        "diff",
        "gesprach",
    ];
    STEMS.iter().any(|stem| noun.starts_with(stem))
}
