//! Quantities to facts: each quantity goes to the field that the words around it name, the nearest first.

use std::ops::Range;

use super::clauses::Status;
use super::lex::{Kind, Tok};
use super::lexicon::{C, Per};
use super::lists::{label_field, lists};
use super::near::Near;
use super::quantity::{Dim, Mention};
use super::reading::Reading;

/// Tokens above which the most that is sent is a need of context.
const CONTEXT_LEAST: f64 = 30_000.0;

/// What a quantity turned out to say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Says {
    /// A field of the workload, in its unit.
    Field(&'static str),
    /// A share of the input that is a fixed prefix.
    PrefixShare,
    /// A rate at peak.
    PeakRate,
    /// A whole answer's latency without saying which percentile.
    Latency,
    /// The input besides its fixed prefix.
    Rest,
    /// Tokens of a request, in and out together or undivided.
    AnyTokens,
    /// Tokens over a stretch of time, in or out.
    InVolume,
    OutVolume,
    /// A number of users, and something per user.
    Users,
    /// Nothing that the workload holds.
    Nothing,
}

/// A fact and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fact {
    pub(super) says: Says,
    pub(super) value: f64,
    /// First token and one past the last.
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) status: Status,
    /// The figure is a bound, not a mean ("up to 500 tokens").
    pub(super) bound: bool,
    /// A sum of money without a stretch of time.
    pub(super) timeless: bool,
    /// The currency, if it is not the dollar.
    pub(super) foreign: Option<&'static str>,
    /// How likely it is by what is learned.
    pub(super) sure: f64,
}

impl Fact {
    /// A fact that words say without a figure.
    pub(super) const fn said(says: Says, value: f64, toks: Range<usize>, status: Status) -> Self {
        Self {
            says,
            value,
            from: toks.start,
            to: toks.end,
            status,
            bound: false,
            timeless: false,
            foreign: None,
            sure: 1.0,
        }
    }
}

/// A field that a word near a quantity names, and what it takes.
struct Candidate {
    cost: f64,
    mention: usize,
    left: bool,
    token: usize,
    says: Says,
    /// Whether the word may name only one figure.
    exclusive: bool,
}

impl Reading<'_> {
    /// The facts that the quantities state.
    pub(super) fn facts(&self) -> Vec<Fact> {
        let near: Vec<Vec<Near>> = (0..self.mentions.len()).map(|i| self.near(i)).collect();
        let (mut says, firm) = self.claims(&near);
        let sure = self.learned(&mut says, &firm, &near);
        let fact = |i: usize| Some(Fact { sure: sure[i], ..self.fact(i, says[i]?, &near[i])? });
        (0..self.mentions.len()).filter_map(fact).collect()
    }

    /// What the words around each quantity make of it, by the rules, and whether that stands firm: what figures side by
    /// side say of each other is no matter of likelihood.
    pub(super) fn claims(&self, near: &[Vec<Near>]) -> (Vec<Option<Says>>, Vec<bool>) {
        let mut candidates: Vec<Candidate> = Vec::new();
        for (mention, words) in near.iter().enumerate() {
            for word in words {
                if let Some(guess) = self.names(mention, word, words) {
                    let (says, exclusive) = (guess.says, guess.exclusive);
                    let cost = guess.cost + word.cost;
                    candidates.push(Candidate { cost, mention, left: word.left, token: word.token, says, exclusive });
                }
            }
        }
        let mut says: Vec<Option<Says>> = vec![None; self.mentions.len()];
        let mut used = vec![false; self.toks().len()];
        self.lists(&mut says, &mut used);
        for (i, says) in says.iter_mut().enumerate() {
            *says = says.or(self.share_percentile(i).map(Says::Field));
        }
        candidates.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.mention.cmp(&b.mention)).then(b.left.cmp(&a.left)));
        for candidate in &candidates {
            let limit = if self.mentions[candidate.mention].dim == Dim::Bare { 1.7 } else { 6.0 };
            if says[candidate.mention].is_some()
                || (candidate.exclusive && used[candidate.token])
                || candidate.cost > limit
            {
                continue;
            }
            says[candidate.mention] = Some(candidate.says);
            used[candidate.token] |= candidate.exclusive;
        }
        let alone = says.clone();
        for i in 1..says.len() {
            let before = Self::dim(&self.mentions[i - 1]);
            let dim = Self::dim(&self.mentions[i]);
            let undivided = self.mentions[i].per.is_none() && self.mentions[i].value() >= 10.0;
            let same_kind = dim == before
                || before == Dim::Bare && dim == Dim::Tokens
                || before == Dim::Tokens && dim == Dim::Bare && undivided && self.succeeds(i);
            if says[i].is_none() && same_kind && (self.corrects(i) || self.succeeds(i) || self.turns_to_now(i)) {
                says[i] = Self::measured(says[i - 1], &near[i - 1]).or_else(|| self.default(&self.mentions[i - 1]));
            }
        }
        self.pairs(&mut says);
        self.transitions(&mut says, near);
        self.parts(&mut says);
        self.alternatives(&mut says);
        let firm = |i: usize| {
            let percentile = self.share_percentile(i).map(Says::Field);
            alone[i] != says[i] || percentile.is_some() && percentile == says[i]
        };
        let firm = (0..says.len()).map(firm).collect();
        self.complete(&mut says);
        let settled = (0..says.len()).map(|i| self.settled(i, says[i], &near[i])).collect();
        (settled, firm)
    }

    /// What a mention says in the end: by default, where no word tells, and as a wish or a measurement.
    fn settled(&self, i: usize, says: Option<Says>, near: &[Near]) -> Option<Says> {
        let mention = self.mentions[i];
        match self.share_percentile(i) {
            Some(percentile) if says == Some(Says::Field(percentile)) => says,
            _ => {
                let says = says.or_else(|| self.default(&mention))?;
                Some(self.wished(&mention, says, near).unwrap_or(Says::Nothing))
            }
        }
    }

    /// What the figure before this one measures; of a wish, the latency that is wished for.
    fn measured(says: Option<Says>, near: &[Near]) -> Option<Says> {
        if says != Some(Says::Field("latency_target_ms")) {
            return says;
        }
        let percentile = near.iter().find(|n| matches!(n.means, C::P50 | C::P95 | C::P99) && n.cost < 2.5);
        Some(percentile.and_then(|n| label_field(n.means)).map_or(Says::Latency, Says::Field))
    }

    /// "p50/p95/p99: 1.1/3.2/7 s", "in/out 900/120", "input and output are 1,300 and 400 tokens".
    fn lists(&self, says: &mut [Option<Says>], used: &mut [bool]) {
        for list in lists(self.toks(), &self.owner, &self.mentions) {
            for (token, mention) in list.labels.iter().zip(list.first..) {
                says[mention] = self.toks()[*token].word().and_then(label_field).map(Says::Field);
                used[*token] = true;
            }
        }
    }

    /// "1200/300 tokens", "1,200 + 300", "1.2k → 300": in and out side by side.
    fn pairs(&self, says: &mut [Option<Says>]) {
        let toks = self.toks();
        for i in 1..self.mentions.len() {
            let (a, b) = (&self.mentions[i - 1], &self.mentions[i]);
            let joint = toks.get(a.to..b.from).unwrap_or(&[]);
            let joined = match joint {
                [one] => {
                    one.is_sym(':') && one.glued
                        || matches!(one.kind, Kind::Sym('/' | '+' | '→' | '➜' | '|' | '-' | '—'))
                        || one.is(C::And)
                        || one.is(C::To)
                }
                [one, two] => one.is_sym('-') && (two.is(C::AtLeast) || two.is_sym('>')),
                _ => false,
            };
            let counts = |m: &Mention| matches!(m.dim, Dim::Bare | Dim::Tokens) && m.per.is_none();
            if !joined || !counts(a) || !counts(b) {
                continue;
            }
            let tokens = a.dim == Dim::Tokens || b.dim == Dim::Tokens;
            // "1800:350 input:output tokens".
            let ratio = joint.len() == 1 && joint[0].is_sym(':') && joint[0].glued;
            let slash = ratio || joint.len() == 1 && joint[0].is_sym('/');
            let labelled = toks.get(b.to..).unwrap_or(&[]).iter().take(3).any(|t| matches!(t.word(), Some(C::In)))
                || toks[a.from.saturating_sub(5)..a.from]
                    .iter()
                    .any(|t| matches!(t.word(), Some(C::In | C::Out | C::Tokens)));
            let plausible = slash && a.first >= 50.0 && b.first >= 10.0;
            let free = |s: Option<Says>| matches!(s, None | Some(Says::AnyTokens));
            let open = free(says[i - 1]) && (free(says[i]) || slash);
            if open && (tokens || labelled || plausible) {
                says[i - 1] = Some(Says::Field("input_tokens"));
                says[i] = Some(Says::Field("output_tokens"));
            }
        }
    }

    /// "3,500 of 4,000 tokens are always the same": a part of the prompt and the whole.
    fn parts(&self, says: &mut [Option<Says>]) {
        let counts = |m: &Mention| {
            matches!(m.dim, Dim::Bare | Dim::Tokens) && m.per.is_none() && m.item.is_none() && m.value() >= 50.0
        };
        for i in 1..self.mentions.len() {
            let (a, b) = (&self.mentions[i - 1], &self.mentions[i]);
            let joint = self.toks().get(a.to..b.from).unwrap_or(&[]);
            let part = |t: &Tok| t.is(C::Of) || matches!(self.lexed.text(t), "von" | "of");
            let of = joint.first().or_else(|| self.toks().get(b.from)).is_some_and(part)
                && joint.len() <= 3
                && joint.iter().all(|t| matches!(t.kind, Kind::Word(_)));
            let fixed = |c| matches!(c, C::Prefix | C::Dup | C::Cache);
            if of && counts(a) && counts(b) && a.value() < b.value() && self.sentence_has(a.from, fixed) {
                says[i - 1] = Some(Says::Field("cached_prefix_tokens"));
                says[i] = Some(Says::Field("input_tokens"));
            }
        }
    }

    /// "for $1k, $3k and $10k a month": sums to try out, of which none is paid or allowed.
    fn alternatives(&self, says: &mut [Option<Says>]) {
        let counts = |m: &Mention| matches!(m.dim, Dim::Bare | Dim::Money | Dim::Foreign(_)) && m.item.is_none();
        let joint = |i: usize| self.toks().get(self.mentions[i].to..self.mentions[i + 1].from).unwrap_or(&[]);
        let comma = |i: usize| matches!(joint(i), [one] if one.is_sym(',') || one.is_sym('/'));
        let last = |i: usize| match joint(i) {
            [one] => one.is(C::And) || one.is(C::Or),
            [comma, one] => comma.is_sym(',') && (one.is(C::And) || one.is(C::Or)),
            _ => false,
        };
        for i in 2..self.mentions.len() {
            let three = &self.mentions[i - 2..=i];
            let sums = three.iter().all(counts) && three.iter().any(|m| m.dim == Dim::Money);
            if sums
                && comma(i - 2)
                && (last(i - 1) || comma(i - 1))
                && three.windows(2).all(|m| m[0].first < m[1].first)
            {
                says[i - 2..=i].fill(Some(Says::Nothing));
            }
        }
    }

    /// Whether a verb before `at` says that a change has happened.
    pub(super) fn has_moved(&self, at: usize) -> bool {
        const DONE: &[&str] = &[
            "dropped",
            "fell",
            "went",
            "came",
            "declined",
            "decreased",
            "improved",
            "rose",
            "grew",
            "increased",
            "jumped",
            "climbed",
            "got",
            "brought",
            "gestiegen",
            "gesunken",
            "gefallen",
            "stieg",
            "sank",
            "fiel",
            "wuchs",
            "reduced",
            "shrank",
            "crept",
            "gone",
            "swollen",
            "ballooned",
            "risen",
            "grown",
            "angewachsen",
            "gewachsen",
        ];
        let toks = self.toks();
        (0..at).rev().take_while(|i| toks[*i].kind != Kind::Stop).take(6).any(|i| DONE.contains(&self.text(i)))
    }

    /// "from $12k to $8k", "p95 from 4 s to 2 s": the second figure is the wish.
    fn transitions(&self, says: &mut [Option<Says>], near: &[Vec<Near>]) {
        let toks = self.toks();
        for i in 1..self.mentions.len() {
            let (a, b) = (&self.mentions[i - 1], &self.mentions[i]);
            let leads = |t: &Tok| t.is(C::To) || self.lexed.text(t).ends_with(" to");
            let to =
                b.from == a.to + 1 && toks.get(a.to).is_some_and(leads) || b.from == a.to && toks[b.from].is(C::To);
            let from = toks[a.from].is(C::From) || a.from > 0 && toks[a.from - 1].is(C::From);
            if !to || !from || a.dim != b.dim {
                continue;
            }
            if self.has_moved(a.from) {
                // "dropped from $60k to $21k": the second is today's.
                let kind = match a.dim {
                    Dim::Money => Some(Says::Field("monthly_spend_usd")),
                    Dim::Requests => Some(Says::Field("requests_per_day")),
                    _ => says[i - 1].or(says[i]),
                };
                says[i - 1] = Some(Says::Nothing);
                says[i] = kind;
                continue;
            }
            match a.dim {
                Dim::Money if b.value() < a.value() => {
                    says[i - 1] = Some(Says::Field("monthly_spend_usd"));
                    says[i] = Some(Says::Field("budget_usd_per_month"));
                }
                Dim::Time if b.value() < a.value() => {
                    let percentile = near[i - 1]
                        .iter()
                        .chain(&near[i])
                        .find_map(|n| label_field(n.means).filter(|f| f.starts_with("latency")));
                    let target = Says::Field("latency_target_ms");
                    if says[i - 1].is_none_or(|s| s == target) {
                        says[i - 1] = Some(percentile.map_or(Says::Latency, Says::Field));
                    }
                    says[i] = Some(target);
                }
                // "what would cutting answers from 600 to 300 tokens do?"
                Dim::Tokens => {
                    says[i - 1] = says[i - 1].filter(|s| *s != Says::AnyTokens).or(says[i]);
                    says[i] = Some(Says::Nothing);
                }
                Dim::Requests => {
                    says[i - 1] = Some(Says::Field("requests_per_day"));
                    says[i] = Some(Says::Nothing);
                }
                _ => {}
            }
        }
    }

    /// The fact of a mention, with its value in the field's unit.
    fn fact(&self, i: usize, says: Says, near: &[Near]) -> Option<Fact> {
        let mention = self.mentions[i];
        let value = self.in_unit(i, says, near)?;
        // "contracts of up to 180k tokens": what must fit, not what is usual.
        let says = match says {
            Says::Field("input_tokens") if up_to(near) && value >= CONTEXT_LEAST => Says::Field("context_tokens"),
            says => says,
        };
        let money = matches!(mention.dim, Dim::Money | Dim::Foreign(_));
        Some(Fact {
            says,
            value,
            from: mention.from,
            to: mention.to,
            status: self.status[mention.from..mention.to].iter().min().copied().unwrap_or(Status::Stated),
            bound: matches!(says, Says::Field("input_tokens" | "output_tokens"))
                && up_to(near)
                && !self.has_moved(mention.from),
            timeless: money && mention.per.is_none() && mention.item.is_none(),
            foreign: if let Dim::Foreign(code) = mention.dim { Some(code) } else { None },
            sure: 1.0,
        })
    }

    /// A latency that words make a wish is the target; a first token that is wished for is no measurement.
    fn wished(&self, mention: &Mention, says: Says, near: &[Near]) -> Option<Says> {
        let said = |c: C, cost: f64| {
            let names = |n: &Near| n.means == c && n.cost <= cost && self.wishes(n.token);
            // "7 s instead of the agreed 4 s": what stands behind "instead of" is said of the next figure.
            let of_next = |n: &Near| {
                let turns = |i: usize| self.toks()[i].is(C::Not) || matches!(self.toks()[i].kind, Kind::Sym('→' | '➜'));
                // "p95 9 s want 4": the wish is for the next figure.
                let label = self.toks().get(n.token + 1).is_some_and(|t| t.is_sym('=') || t.is_sym(':'));
                let next = n.means == C::Target
                    && (self.counts(n.token + 1) || label && self.counts(n.token + 2))
                    && n.token >= mention.to;
                next || self.text(n.token).ends_with(" to") || (mention.to..n.token).any(turns)
            };
            near.iter().any(|n| names(n) && (n.left || !of_next(n)))
        };
        let target = Says::Field("latency_target_ms");
        // "every twentieth waits longer than 11 s (p95)".
        let longer = |n: &Near| n.left && matches!(self.text(n.token), "longer than" | "langer als") && n.cost < 0.5;
        let exceeded = near.iter().any(longer) && !self.sentence_has(mention.from, |c| c == C::Not);
        match says {
            Says::Field("latency_p50_ms" | "latency_p95_ms" | "latency_p99_ms") if exceeded => Some(says),
            Says::Field("latency_p50_ms" | "latency_p95_ms" | "latency_p99_ms")
                if up_to(near) || said(C::Target, 1.3) =>
            {
                Some(target)
            }
            Says::Field("ttft_ms" | "tpot_ms") if mention.dim == Dim::Time && (up_to(near) || said(C::Target, 1.3)) => {
                None
            }
            Says::Latency if said(C::UpTo, 1.5) || said(C::Target, 2.5) => Some(target),
            Says::Latency => Some(self.percentile_behind(near).map_or(says, Says::Field)),
            says => Some(says),
        }
    }

    /// "6 s until the answer is complete (median)": the percentile in brackets behind.
    fn percentile_behind(&self, near: &[Near]) -> Option<&'static str> {
        let bracketed = |n: &&Near| !n.left && self.in_brackets(n.token) && matches!(n.means, C::P50 | C::P95 | C::P99);
        label_field(near.iter().find(bracketed)?.means)
    }

    /// The value of a mention in the unit of what it says.
    pub(super) fn in_unit(&self, i: usize, says: Says, near: &[Near]) -> Option<f64> {
        let mention = self.mentions[i];
        let value = mention.value();
        let close = |wanted: &dyn Fn(C) -> bool, cost: f64| near.iter().any(|n| wanted(n.means) && n.cost <= cost);
        Some(match says {
            Says::Field("tpot_ms") if mention.dim == Dim::Tokens => 1000.0 / value,
            Says::Field("requests_per_day") | Says::PeakRate => mention.per_day().unwrap_or(value),
            Says::Field("rpm_limit" | "tpm_limit") => {
                mention.per.map_or(value, |(per, n)| value / (per.days() * n * 1440.0))
            }
            Says::InVolume | Says::OutVolume => mention.per_day()?,
            Says::Field("monthly_spend_usd" | "budget_usd_per_month") => mention.per_month().unwrap_or(value),
            Says::Field("gpu_usd_per_hour") => mention.per.map_or(value, |(per, n)| value / (per.days() * n * 24.0)),
            Says::Field("horizon_months") if mention.dim == Dim::Time => mention.months()?,
            Says::Field("growth_per_month") => {
                let factor = match mention.dim {
                    Dim::Times => value,
                    _ if close(&|c| c == C::Shrink, 3.0) => 1.0 - value,
                    _ => 1.0 + value,
                };
                let (per, n) = mention.per.or_else(|| self.growth_period(i))?;
                compound(factor, per.months() * n)
            }
            Says::Field("peak_factor") if mention.dim == Dim::Share => {
                let higher = near.iter().any(|n| n.cost <= 2.0 && self.text(n.token) == "higher");
                if !higher && !close(&|c| matches!(c, C::More | C::Grow), 2.0) {
                    return None;
                }
                1.0 + value
            }
            _ => value,
        })
    }

    /// The stretch of time of a growth that stands apart from its figure.
    fn growth_period(&self, i: usize) -> Option<(Per, f64)> {
        let toks = self.toks();
        let mention = &self.mentions[i];
        let around =
            (mention.to..toks.len().min(mention.to + 5)).chain((mention.from.saturating_sub(6)..mention.from).rev());
        around.take_while(|j| toks[*j].kind != Kind::Stop).find_map(|j| match toks[j].word() {
            Some(C::Adv(per) | C::Time(per)) if self.owner[j].is_none() => Some((per, 1.0)),
            // "9 % more each month".
            Some(C::Grow) if ["month", "monat"].iter().any(|m| self.text(j).contains(m)) => Some((Per::Month, 1.0)),
            _ => None,
        })
    }
}

/// Whether a word before the figure makes it a bound.
fn up_to(near: &[Near]) -> bool {
    near.iter().any(|n| n.left && n.means == C::UpTo && n.cost <= 1.2)
}

/// The monthly rate of growing by `factor` in `months`.
pub(super) fn compound(factor: f64, months: f64) -> f64 {
    if months <= 0.0 {
        return factor - 1.0;
    }
    crate::real::powf(factor, 1.0 / months) - 1.0
}
