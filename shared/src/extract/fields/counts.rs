//! Requests over time, calls, and numbers without a unit.

use super::Guess;
use super::tokens::{GIVE, TAKE, is_written};
use crate::extract::facts::Says;
use crate::extract::lex::Kind;
use crate::extract::lexicon::{C, Per};
use crate::extract::near::Near;
use crate::extract::quantity::{Item, Mention};
use crate::extract::reading::Reading;

/// Tokens below which nobody asks for a window.
const SMALL_WINDOW: f64 = 4_000.0;

impl Reading<'_> {
    pub(super) fn request_rate(&self, mention: &Mention, word: &Near) -> Option<Guess> {
        if mention.item == Some(Item::User) {
            return Guess::says(Says::Users, 0.0);
        }
        let reach = match mention.per {
            Some((Per::Minute, _)) => 5.0,
            Some((Per::Second, _)) => 1.5,
            _ => 0.0,
        };
        match word.means {
            // "10k rpm tier, on average 2,900 a minute over the day".
            C::About if word.cost < 0.1 && is_mean(self.text(word.token)) => Guess::of("requests_per_day", -0.5),
            C::UpTo | C::More if reach > 2.0 && word.left && word.cost < 0.8 => Guess::of("rpm_limit", 0.0),
            // "480 a minute with a limit of 500": the limit is the next figure.
            C::Limit if !word.left && (mention.to..word.token).any(|i| self.toks()[i].is(C::With)) => None,
            C::Limit if word.cost < reach => Guess::of("rpm_limit", 0.0),
            C::Peak if word.cost < 1.1 => Some(Guess { says: Says::PeakRate, cost: 0.0, exclusive: true }),
            C::Mean if word.cost < 2.0 => Guess::of("requests_per_day", 0.0),
            _ => None,
        }
    }

    /// Calls that are not per time.
    pub(super) fn calls(&self, mention: &Mention, word: &Near) -> Option<Guess> {
        match word.means {
            _ if mention.item == Some(Item::User) => Guess::says(Says::Users, 0.0),
            C::Seq if word.cost < 4.0 => Guess::own("sequential_calls", 0.0),
            // "25 parallel connections": how many there may be, where nothing fans out.
            C::Par if word.cost < 4.0 && (self.connections(mention) || self.at_most(mention)) => {
                Guess::own("concurrency_limit", 0.0)
            }
            C::Par if word.cost < 4.0 => Guess::own("parallel_calls", 0.0),
            // "a page fires 6 calls at the same time".
            C::Conc if word.cost < 3.0 && self.fired(mention) => Guess::own("parallel_calls", 0.1),
            C::Conc if word.cost < 3.0 => Guess::own("concurrency_limit", 0.1),
            _ => None,
        }
    }

    /// "99 of 100 answers".
    fn out_of(&self, mention: &Mention) -> bool {
        mention.from > 1
            && matches!(self.text(mention.from - 1), "of" | "von" | "out of")
            && self.counts(mention.from - 2)
    }

    /// Whether a kind of work follows: "on coding tasks".
    fn of_work(&self, mention: &Mention) -> bool {
        let behind = &self.toks()[mention.to..self.toks().len().min(mention.to + 5)];
        behind
            .iter()
            .any(|t| matches!(t.word(), Some(C::Task(_))) || matches!(self.lexed.text(t), "eval" | "evals" | "rubric"))
    }

    /// "at most 6 at once".
    fn at_most(&self, mention: &Mention) -> bool {
        const ONLY: &[&str] = &["only", "nur", "just", "let", "lets", "lassen", "lass", "lasst"];
        // The figure itself may begin with "nur".
        let before = &self.toks()[mention.from.saturating_sub(3)..mention.to];
        before.iter().any(|t| matches!(t.word(), Some(C::UpTo | C::Limit)) || ONLY.contains(&self.lexed.text(t)))
    }

    /// Whether something sets the counted calls off.
    pub(super) fn fired(&self, mention: &Mention) -> bool {
        const STEMS: &[&str] = &["trigger", "fire", "issue", "launch", "spawn", "kick", "lost", "startet", "fan"];
        (mention.from.saturating_sub(3)..mention.from).any(|i| STEMS.iter().any(|stem| self.text(i).starts_with(stem)))
    }

    /// Whether connections or slots are counted.
    pub(super) fn connections(&self, mention: &Mention) -> bool {
        const STEMS: &[&str] = &["connection", "verbindung", "slot", "stream", "session", "worker"];
        (mention.from..mention.to).any(|i| STEMS.iter().any(|stem| self.text(i).starts_with(stem)))
    }

    /// The same in the words behind a figure.
    pub(super) fn connections_behind(&self, mention: &Mention) -> bool {
        let behind = Mention { from: mention.to, to: self.toks().len().min(mention.to + 3), ..*mention };
        self.connections(&behind)
    }

    /// A share of hits: of the cache, or right answers ("Trefferquote mindestens 0,93" where nothing is cached).
    fn hits(&self, mention: &Mention, word: &Near, words: &[Near]) -> Option<Guess> {
        if !self.text(word.token).starts_with("treffer") || self.message_has(|c| c == C::Cache) {
            return Guess::own("cache_hit_rate", 0.0);
        }
        if self.bounded(mention, words) { Guess::own("quality_floor", -1.0) } else { None }
    }

    /// A number without a unit, which only its label explains.
    pub(super) fn bare(&self, mention: &Mention, word: &Near, words: &[Near]) -> Option<Guess> {
        let value = mention.value();
        let share = value > 0.0 && value <= 1.0;
        let score = (800.0..2500.0).contains(&value);
        // "one more quality point" gives no figure.
        let in_words = mention.to - mention.from == 1 && self.toks()[mention.from].word().is_some();
        match word.means {
            // "the user part adds 400 more".
            C::Rest if value >= 1.0 => Some(Guess { says: Says::Rest, cost: -0.1, exclusive: true }),
            C::In | C::Out if !self.labels(mention, word) || self.out_of(mention) => None,
            // "the small one's answer".
            C::In | C::Out if in_words && value <= 3.0 => None,
            C::Other if word.cost < 0.5 && value >= 1.0 && is_visible(self.text(word.token)) => {
                Guess::own("output_tokens", 0.3)
            }
            // "in 780M a month, out 95M a month".
            C::In if is_volume(mention) => Some(Guess { says: Says::InVolume, cost: 0.0, exclusive: true }),
            C::Out if is_volume(mention) => Some(Guess { says: Says::OutVolume, cost: 0.0, exclusive: true }),
            C::In | C::Out if mention.per.is_some() => None,
            // "RPM cap 200".
            C::Rate(Per::Minute) if word.left && value >= 1.0 && mention.per.is_none() => Guess::own("rpm_limit", 0.2),
            // "at least 0.7 on coding".
            C::AtLeast | C::Target if value > 0.0 && value < 1.0 && word.cost < 1.0 && self.of_work(mention) => {
                Guess::own("quality_floor", 0.6)
            }
            C::In if value >= 1.0 && !self.part_of(mention) => Guess::own("input_tokens", 0.0),
            C::Out if value >= 1.0 => Guess::own("output_tokens", 0.0),
            // "a reasoning one".
            C::Reason if value >= 1.0 && !(in_words && value <= 3.0) => Guess::own("reasoning_tokens", 0.0),
            // "we need a 200k window".
            C::Other
                if !word.left
                    && word.cost < 0.7
                    && value >= SMALL_WINDOW
                    && (self.text(word.token) == "window" || self.text(word.token).ends_with("fenster")) =>
            {
                Guess::own("context_tokens", 0.0)
            }
            C::Context if value >= 500.0 => Guess::own("context_tokens", 0.0),
            // "of which 5,400 are policy text that is identical each time".
            C::Prefix if value >= 10.0 && self.of_which(mention) => Guess::own("cached_prefix_tokens", -3.0),
            C::Prefix if value >= 10.0 => Guess::own("cached_prefix_tokens", 0.0),
            C::Seq if mention.per.is_none() => Guess::own("sequential_calls", 0.0),
            C::Par if mention.per.is_none() && (self.connections_behind(mention) || self.at_most(mention)) => {
                Guess::own("concurrency_limit", 0.0)
            }
            C::Par if mention.per.is_none() && value < 1_000.0 => Guess::own("parallel_calls", 0.0),
            // "sent one at a time".
            C::Conc if in_words && value <= 1.0 => None,
            C::Conc => Guess::own("concurrency_limit", 0.0),
            C::ArrivalScv if self.of_service(word.token) => Guess::own("service_scv", 0.0),
            C::ArrivalScv => Guess::own("arrival_scv", 0.0),
            C::ServiceScv => Guess::own("service_scv", 0.0),
            // "evening factor 3.8", "a factor of 6 at noon".
            C::Other
                if word.left
                    && word.cost < 0.3
                    && (1.0..=1000.0).contains(&value)
                    && mention.per.is_none()
                    && matches!(self.text(word.token), "factor" | "faktor")
                    && !self.sentence_has(mention.from, |c| matches!(c, C::Par | C::Seq))
                    && !self.sentence_has(mention.from, |c| matches!(c, C::Grow)) =>
            {
                Guess::own("peak_factor", 0.3)
            }
            C::Peak if mention.per.is_some() && word.cost < 1.1 => Guess::says(Says::PeakRate, 0.0),
            C::Peak if word.left && (1.0..=1000.0).contains(&value) && !is_time_of_day(self.text(word.token)) => {
                Guess::own("peak_factor", 0.0)
            }
            C::Util if share => Guess::own("gpu_utilisation", 0.0),
            C::Hit if share => self.hits(mention, word, words),
            C::Defer if share && !in_words => Guess::own("deferrable_share", 0.0),
            // "a 3,000-token prompt, 2,400 identical across calls".
            C::Dup if value >= 50.0 && !word.left => Guess::own("cached_prefix_tokens", 0.3),
            C::Dup if share => Guess::own("duplicate_share", 0.0),
            C::Easy if share && !in_words => Guess::own("weak_accept_share", 0.0),
            C::Grow if share && word.left => Guess::own("growth_per_month", 0.0),
            // "hold the Arena score of every answer at 1420".
            C::Arena if (1000.0..1700.0).contains(&value) && mention.per.is_none() && self.bounded(mention, words) => {
                Guess::own("quality_floor", -2.5)
            }
            C::Quality if score && self.bounded(mention, words) => Guess::own("quality_floor", -1.0),
            C::Arena if (1000.0..1700.0).contains(&value) && mention.per.is_none() && word.cost < 1.5 => {
                Guess::own("quality_floor", 0.2)
            }
            // "at a floor of 1390".
            C::AtLeast if (share || score) && self.text(word.token).contains("floor") => {
                Guess::own("quality_floor", 0.1)
            }
            C::Quality if !in_words && (share || score) => Guess::own("quality_floor", 0.1),
            C::Accuracy if share && self.bounded(mention, words) => Guess::own("quality_floor", -1.0),
            C::Vendors | C::UpTo if value <= 20.0 => self.bare_vendors(mention, word),
            // "what would we pay for 50k/day": what is paid for is no sum.
            C::Spend
                if mention.per.is_some_and(|(per, _)| per.days() >= 1.0)
                    && value >= 100.0
                    && !matches!(self.text(mention.from.saturating_sub(1)), "for" | "fur" | "fuer") =>
            {
                Guess::of("monthly_spend_usd", 0.3)
            }
            // "budget 4k a month, actual 6.1k a month".
            C::Now
                if word.left
                    && word.cost < 1.0
                    && mention.per.is_some_and(|(per, _)| per.days() >= 28.0)
                    && self.sentence_has(mention.from, |c| matches!(c, C::Budget | C::Spend)) =>
            {
                Guess::of("monthly_spend_usd", 0.3)
            }
            // "behind our 30 connections".
            C::Other if !word.left && word.cost < 0.3 && value >= 1.0 && self.connections_behind(mention) => {
                Guess::own("concurrency_limit", 0.5)
            }
            C::Budget if value >= 100.0 => Guess::of("budget_usd_per_month", 0.0),
            C::Request if word.left && mention.per.is_some() => Guess::own("requests_per_day", 0.0),
            _ => self.bare_tokens(mention, word),
        }
    }

    /// A number of vendors.
    fn bare_vendors(&self, mention: &Mention, word: &Near) -> Option<Guess> {
        let next = self.toks().get(mention.to);
        // "der Anbieter nur 10 gleichzeitig annimmt".
        let others = next.is_some_and(|t| matches!(t.word(), Some(C::Conc | C::Par | C::Request)));
        if word.means == C::Vendors {
            return if word.cost < 0.7 && !others { Guess::own("vendors_max", 0.0) } else { None };
        }
        // "a second vendor, but no more than two".
        let alone = next.is_none_or(|t| !matches!(t.kind, Kind::Word(_)));
        let bounded = word.left && word.cost < 0.3 && mention.value() <= 5.0 && alone;
        if bounded && self.sentence_has(mention.from, |c| c == C::Vendors) {
            Guess::own("vendors_max", 0.2)
        } else {
            None
        }
    }

    /// Tokens that a verb or what is written tells: "we send 5,300 tokens and receive 720".
    fn bare_tokens(&self, mention: &Mention, word: &Near) -> Option<Guess> {
        let value = mention.value();
        if mention.per.is_some() || value < 1.0 {
            return None;
        }
        let text = self.text(word.token);
        let begins = |stems: &[&str]| stems.iter().any(|stem| text.starts_with(stem));
        let back = matches!(text, "back" | "zuruck");
        let near = word.cost < if word.left { 0.5 } else { 0.3 };
        let tokens = self.sentence_has(mention.from, |c| c == C::Tokens);
        match word.means {
            C::Use | C::Other if tokens && near && value >= 10.0 && begins(GIVE) => Guess::own("input_tokens", 0.5),
            C::Use | C::Other if tokens && near && value >= 10.0 && (begins(TAKE) || back) => {
                Guess::own("output_tokens", 0.5)
            }
            // "we send 2,048 tokens and get 256 back".
            C::Other if tokens && !word.left && word.cost < 0.5 && back => Guess::own("output_tokens", 0.2),
            // "15k tokens each, summary of 500".
            C::Other | C::Task(_)
                if word.left
                    && word.cost < 0.5
                    && (5.0..10_000.0).contains(&value)
                    && is_written(text)
                    && self.message_has(|c| matches!(c, C::Tokens | C::In)) =>
            {
                Guess::own("output_tokens", 0.4)
            }
            _ => None,
        }
    }

    /// Whether only words of size stand between a label and its bare figure: "response length: 300", not "codes: 200".
    pub(super) fn labels(&self, mention: &Mention, word: &Near) -> bool {
        const SIZES: &[&str] = &[
            "length",
            "size",
            "count",
            "average",
            "lange",
            "grose",
            "grosse",
            "pro",
            "per",
            "total",
            "usually",
            "each",
            "visible",
            "sichtbar",
            "sichtbare",
            "final",
        ];
        let between = if word.left { word.token + 1..mention.from } else { mention.to..word.token };
        between.clone().all(|i| !self.toks()[i].is(C::Other) || SIZES.contains(&self.text(i)))
    }

    /// Whether "of which" or "davon" stands before: a part of the figure before.
    pub(super) fn of_which(&self, mention: &Mention) -> bool {
        (mention.from.saturating_sub(2)..mention.from)
            .any(|i| matches!(self.text(i), "which" | "davon" | "thereof" | "wovon" | "that"))
    }

    /// "SCV" alone: of the service times, if the words before speak of them.
    pub(super) fn of_service(&self, token: usize) -> bool {
        (token.saturating_sub(6)..token)
            .any(|i| self.text(i).starts_with("servic") || self.text(i).starts_with("bedien"))
    }
}

/// Whether a bare figure per time can be tokens: nobody has so many requests as "780M a month" beside "in".
fn is_volume(mention: &Mention) -> bool {
    mention.per.is_some() && mention.value() >= 1e6
}

/// Whether a word says that a figure is a mean.
fn is_mean(text: &str) -> bool {
    [
        "on average",
        "average",
        "averag",
        "avg",
        "mean",
        "im schnitt",
        "im mittel",
        "durchschnitt",
        "im durchschnitt",
        "mittler",
    ]
    .iter()
    .any(|stem| text.starts_with(stem))
}

/// Whether a word for the peak is only a time of day: "at noon: 20 requests" gives no factor.
fn is_time_of_day(text: &str) -> bool {
    let factor = ["factor", "faktor", "multiple"].iter().any(|end| text.contains(end));
    !factor
        && [
            "abend",
            "mittag",
            "tags",
            "evening",
            "morg",
            "vormittag",
            "nachmittag",
            "montag",
            "monday",
            "on mond",
            "in the ev",
            "at lunch",
            "am wochen",
            "in dec",
        ]
        .iter()
        .any(|stem| text.starts_with(stem))
}

/// Whether a word tells the answer from the thoughts behind it.
fn is_visible(text: &str) -> bool {
    ["visible", "sichtbar"].iter().any(|stem| text.starts_with(stem))
}
