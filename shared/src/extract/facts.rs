//! Quantities to facts: each quantity goes to the field that the words around it name, the nearest first.

use super::clauses::{Status, is_year};
use super::lex::{Kind, Lexed, Tok};
use super::lexicon::{C, Per};
use super::quantity::{Dim, Item, Mention};
use crate::message::Task;

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
}

/// A message, ready to be read.
pub(super) struct Reading<'a> {
    pub(super) lexed: &'a Lexed,
    pub(super) status: &'a [Status],
    pub(super) german: bool,
    pub(super) mentions: Vec<Mention>,
    /// Which mention a token belongs to.
    owner: Vec<Option<usize>>,
}

/// A word near a quantity.
#[derive(Clone, Copy)]
struct Near {
    token: usize,
    means: C,
    cost: f64,
    left: bool,
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

impl<'a> Reading<'a> {
    pub(super) fn new(lexed: &'a Lexed, status: &'a [Status], german: bool, mentions: Vec<Mention>) -> Self {
        let mut reading = Self { lexed, status, german, mentions: Vec::new(), owner: Vec::new() };
        reading.mentions = mentions.into_iter().filter(|m| !reading.is_no_quantity(m)).collect();
        reading.split_transitions();
        reading.own();
        reading.spread_units();
        reading.group_thousands();
        for i in 0..reading.mentions.len() {
            reading.adopt_next_period(i);
            reading.adopt_corrected(i);
            reading.adopt_label(i);
            reading.adopt_period(i);
        }
        reading
    }

    pub(super) fn toks(&self) -> &'a [Tok] {
        &self.lexed.toks
    }

    fn own(&mut self) {
        self.owner = vec![None; self.toks().len()];
        for (i, mention) in self.mentions.iter().enumerate() {
            self.owner[mention.from..mention.to].fill(Some(i));
        }
    }

    /// Years, "24/7", list numbers.
    fn is_no_quantity(&self, mention: &Mention) -> bool {
        let toks = self.toks();
        let before = mention.from.checked_sub(1).and_then(|i| toks.get(i));
        let year = toks[mention.from..mention.to].iter().any(is_year)
            && mention.dim == Dim::Bare
            && (before.is_none_or(|t| {
                matches!(
                    t.word(),
                    Some(
                        C::InWord
                            | C::Filler
                            | C::Future
                            | C::Ago
                            | C::Other
                            | C::From
                            | C::UpTo
                            | C::To
                            | C::Letter('q')
                            | C::Time(_)
                            | C::Now
                    )
                )
            }));
        let round_the_clock = mention.first == 24.0 && toks.get(mention.to).is_some_and(|t| t.is_sym('/') && t.glued);
        year || round_the_clock
    }

    /// "from 4 to 2 s", "$12k to $8k": two figures, today's and the wanted one.
    fn split_transitions(&mut self) {
        let toks = self.toks();
        let mut split = Vec::with_capacity(self.mentions.len());
        for mention in &self.mentions {
            let from = toks.get(mention.from).is_some_and(|t| t.is(C::From));
            let changes = mention.second < mention.first || from && self.changes(mention.from);
            let kind = matches!(mention.dim, Dim::Money | Dim::Time | Dim::Requests);
            if kind && from && changes && mention.first != mention.second {
                let joint = (mention.from..mention.to).find(|i| toks[*i].is(C::To)).unwrap_or(mention.from + 1);
                split.push(Mention { second: mention.first, to: joint, ..*mention });
                split.push(Mention { first: mention.second, from: joint + 1, ..*mention });
            } else {
                split.push(*mention);
            }
        }
        self.mentions = split;
    }

    /// Whether a word before `at` in its sentence says that something moves.
    fn changes(&self, at: usize) -> bool {
        self.toks()[..at]
            .iter()
            .rev()
            .take_while(|t| t.kind != Kind::Stop)
            .any(|t| matches!(t.word(), Some(C::Save | C::Grow | C::Shrink | C::Budget | C::Target | C::Switch)))
    }

    /// The unit behind the last figure of a list is that of all ("0.9/2.8/7.5 s").
    fn spread_units(&mut self) {
        for list in lists(self.toks(), &self.owner, &self.mentions) {
            let end = list.first + list.labels.len();
            let Some(last) = self.mentions[..end].last().copied() else { continue };
            let ms = self.toks()[last.from..last.to].iter().any(|t| t.is(C::Ms));
            let scale = if ms { 1.0 } else { last.unit.map_or(1.0, Per::ms) };
            for mention in &mut self.mentions[list.first..end] {
                if mention.dim == Dim::Bare {
                    mention.dim = last.dim;
                    mention.unit = last.unit;
                    if last.dim == Dim::Time {
                        mention.first *= scale;
                        mention.second *= scale;
                    }
                }
            }
        }
    }

    fn group_thousands(&mut self) {
        let (german, toks) = (self.german, &self.lexed.toks);
        for mention in &mut self.mentions {
            let hourly = matches!(mention.per, Some((Per::Hour, _)));
            let counted = match mention.dim {
                Dim::Tokens | Dim::Requests | Dim::Users => true,
                Dim::Money | Dim::Foreign(_) => !hourly && mention.item.is_none(),
                Dim::Time => german,
                Dim::Times => mention.per.is_some(),
                Dim::Bare => !near_ratio(toks, mention),
                _ => false,
            };
            if counted {
                mention.group_thousands();
            }
        }
    }

    /// "200k requests/day, no wait, 300k": the number is of the kind that it corrects.
    fn adopt_corrected(&mut self, i: usize) {
        if i == 0 || self.mentions[i].dim != Dim::Bare || self.mentions[i].per.is_some() {
            return;
        }
        let gap = self.toks().get(self.mentions[i - 1].to..self.mentions[i].from).unwrap_or(&[]);
        let now = gap.len() <= 5 && gap.iter().any(|t| t.is(C::Now)) && self.succeeds(i);
        if !self.corrects(i) && !now {
            return;
        }
        let before = self.mentions[i - 1];
        let scale = match (before.dim, before.unit) {
            (Dim::Time, Some(unit)) => {
                let ms = self.toks()[before.from..before.to].iter().any(|t| t.is(C::Ms));
                if ms { 1.0 } else { unit.ms() }
            }
            (Dim::Share, _) => 0.01,
            _ => 1.0,
        };
        let mention = &mut self.mentions[i];
        *mention = Mention {
            first: mention.first * scale,
            second: mention.second * scale,
            dim: before.dim,
            unit: before.unit,
            per: before.per,
            item: before.item,
            ..*mention
        };
    }

    /// Whether words of correction stand between this mention and the one before.
    fn corrects(&self, i: usize) -> bool {
        let (before, mention) = (&self.mentions[i - 1], &self.mentions[i]);
        let gap = self.toks().get(before.to..mention.from).unwrap_or(&[]);
        gap.len() <= 9 && gap.iter().any(|t| t.is(C::Correct))
    }

    /// "it was 3 s last year, now 7 s": the figure is of the kind of the past one in the same sentence.
    fn succeeds(&self, i: usize) -> bool {
        let (before, mention) = (&self.mentions[i - 1], &self.mentions[i]);
        let gap = self.toks().get(before.to..mention.from).unwrap_or(&[]);
        let ours = |t: &Tok| t.is(C::Now) || matches!(self.lexed.text(t), "ours" | "unsere" | "unserer" | "unseres");
        self.status[before.from] <= Status::Supposed
            && self.status[mention.from] > Status::Supposed
            && (!gap.iter().any(|t| t.kind == Kind::Stop) || gap.len() <= 6 && gap.iter().any(ours))
    }

    /// "300M input and 60M output tokens a day": both are a day's.
    fn adopt_next_period(&mut self, i: usize) {
        let [mention, next, ..] = &self.mentions[i..] else { return };
        let gap = self.toks().get(mention.to..next.from).unwrap_or(&[]);
        let joined = gap.len() <= 3 && gap.iter().any(|t| t.is(C::And) || t.is_sym(',') || t.is_sym('+'));
        let volume = next.dim == Dim::Tokens && matches!(next.per, Some((per, _)) if per.days() > 0.01);
        if joined
            && volume
            && matches!(mention.dim, Dim::Tokens | Dim::Bare)
            && mention.per.is_none()
            && mention.first >= 1e4
        {
            let per = next.per;
            self.mentions[i].per = per;
            self.mentions[i].dim = Dim::Tokens;
        }
    }

    /// A number without a unit whose label has one: "requests per day: 200k", "TTFT (ms): 400", "RPM limit 500".
    fn adopt_label(&mut self, i: usize) {
        let mention = self.mentions[i];
        if mention.dim != Dim::Bare || mention.per.is_some() {
            return;
        }
        let toks = self.toks();
        let start = mention.from.saturating_sub(7);
        let label: Vec<usize> = (start..mention.from)
            .rev()
            .take_while(|j| {
                self.owner[*j].is_none()
                    && !matches!(toks[*j].kind, Kind::Stop | Kind::Sym(',') | Kind::Word(C::And | C::But | C::With))
            })
            .collect();
        let word = |j: &usize| toks[*j].word();
        let labelled = label.first().is_some_and(|j| {
            matches!(toks[*j].kind, Kind::Sym(':' | '=' | ')' | '→'))
                || !matches!(word(j), Some(C::Other | C::Article | C::First))
        });
        if !labelled {
            return;
        }
        let mut adopted = mention;
        let has = |c: C| label.iter().any(|j| word(j) == Some(c));
        let period = label.iter().find_map(|j| match word(j) {
            Some(C::Time(per) | C::Adv(per)) => Some(per),
            _ => None,
        });
        let rate = label.iter().find_map(|j| match word(j) {
            Some(C::Rate(per)) => Some((Dim::Requests, per)),
            Some(C::TokRate(per)) => Some((Dim::Tokens, per)),
            _ => None,
        });
        let subject_word = label.iter().filter_map(word).find(|c| {
            !matches!(
                c,
                C::Time(_)
                    | C::Adv(_)
                    | C::Per
                    | C::Dollar
                    | C::Is
                    | C::Of
                    | C::About
                    | C::Article
                    | C::Filler
                    | C::Other
                    | C::First
                    | C::Now
                    | C::At
            )
        });
        let subject = label
            .iter()
            .any(|j| matches!(word(j), Some(C::Ttft | C::Tpot | C::P50 | C::P95 | C::P99 | C::Latency | C::Target)));
        if let Some((dim, per)) = rate {
            adopted.dim = dim;
            adopted.per = Some((per, 1.0));
        } else if has(C::Dollar) || matches!(subject_word, Some(C::Spend | C::Budget)) {
            if has(C::Dollar) || period.is_some() || mention.value() >= 100.0 {
                adopted.dim = Dim::Money;
                adopted.per = period.map(|per| (per, 1.0));
            }
        } else if has(C::Ms) && subject {
            adopted.dim = Dim::Time;
            adopted.unit = Some(Per::Second);
        } else if subject && period == Some(Per::Second) && !has(C::Tokens) {
            adopted.dim = Dim::Time;
            adopted.unit = Some(Per::Second);
            adopted.first *= 1000.0;
            adopted.second *= 1000.0;
        } else if has(C::Tokens) && !has(C::Ttft) && !has(C::Tpot) {
            adopted.dim = Dim::Tokens;
            let per_time = label.iter().any(|j| matches!(toks[*j].kind, Kind::Word(C::Per) | Kind::Sym('/')));
            adopted.per = period.filter(|_| per_time).map(|per| (per, 1.0));
        } else if has(C::Request) && period.is_some() {
            adopted.dim = Dim::Requests;
            adopted.per = period.map(|per| (per, 1.0));
        } else if has(C::Horizon) && period.is_some() {
            adopted.dim = Dim::Time;
            adopted.unit = period;
            let scale = period.map_or(1.0, Per::ms);
            adopted.first *= scale;
            adopted.second *= scale;
        }
        if matches!(adopted.dim, Dim::Tokens | Dim::Requests | Dim::Money) {
            adopted.group_thousands();
        }
        self.mentions[i] = adopted;
    }

    /// A stretch of time that stands apart: "monthly bill of $12k", "200k requests come in per day".
    fn adopt_period(&mut self, i: usize) {
        let mention = self.mentions[i];
        let wants = match mention.dim {
            Dim::Money | Dim::Foreign(_) | Dim::Requests => mention.per.is_none() && mention.item.is_none(),
            _ => false,
        };
        if !wants {
            return;
        }
        let toks = self.toks();
        let boundary = |j: usize| {
            self.owner[j].is_some()
                || matches!(toks[j].kind, Kind::Stop | Kind::Sym(';'))
                || matches!(toks[j].word(), Some(C::But))
        };
        let period_at = |j: usize| match toks[j].word() {
            Some(C::Adv(per)) => Some(per),
            Some(C::Time(per)) => {
                let link = j.checked_sub(1).and_then(|k| toks.get(k))?;
                (matches!(link.word(), Some(C::Per | C::Every | C::Article)) || link.is_sym('/')).then_some(per)
            }
            _ => None,
        };
        let right = (mention.to..toks.len().min(mention.to + 9)).take_while(|j| !boundary(*j)).find_map(period_at);
        let left =
            || (mention.from.saturating_sub(9)..mention.from).rev().take_while(|j| !boundary(*j)).find_map(period_at);
        if let Some(per) = right.or_else(left) {
            self.mentions[i].per = Some((per, 1.0));
            return;
        }
        // "every 5 seconds one request".
        let mut beside = [i.checked_sub(1), Some(i + 1)].into_iter().flatten().filter_map(|j| self.mentions.get(j));
        let every = |m: &&Mention| {
            m.dim == Dim::Time
                && m.from > 0
                && matches!(toks[m.from - 1].word(), Some(C::Every | C::Per))
                && m.from.abs_diff(mention.to) < 6
        };
        if let Some(period) = beside.find(every)
            && let Some(unit) = period.unit
        {
            self.mentions[i].per = Some((unit, period.value() / unit.ms()));
        }
    }

    /// Whether the message, or the sentence around `at`, holds the word.
    fn sentence_has(&self, at: usize, wanted: impl Fn(C) -> bool) -> bool {
        let toks = self.toks();
        let start = (0..at).rev().find(|i| toks[*i].kind == Kind::Stop).map_or(0, |i| i + 1);
        toks[start..].iter().take_while(|t| t.kind != Kind::Stop).any(|t| t.word().is_some_and(&wanted))
    }

    fn message_has(&self, wanted: impl Fn(C) -> bool) -> bool {
        self.toks().iter().any(|t| t.word().is_some_and(&wanted))
    }

    /// The words around a mention with their distance, inside it first.
    fn near(&self, i: usize) -> Vec<Near> {
        let toks = self.toks();
        let mention = &self.mentions[i];
        let mut found = Vec::new();
        for token in mention.from..mention.to {
            if let Some(means) = toks[token].word() {
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

    /// The facts that the quantities state.
    pub(super) fn facts(&self) -> Vec<Fact> {
        let near: Vec<Vec<Near>> = (0..self.mentions.len()).map(|i| self.near(i)).collect();
        let mut candidates: Vec<Candidate> = Vec::new();
        for (mention, words) in near.iter().enumerate() {
            for word in words {
                if let Some((says, base, exclusive)) = self.names(mention, word, words) {
                    let cost = base + word.cost;
                    candidates.push(Candidate { cost, mention, left: word.left, token: word.token, says, exclusive });
                }
            }
        }
        let mut says: Vec<Option<Says>> = vec![None; self.mentions.len()];
        let mut used = vec![false; self.toks().len()];
        self.lists(&mut says, &mut used);
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
        for i in 1..says.len() {
            let before = self.mentions[i - 1].dim;
            let same_kind =
                self.mentions[i].dim == before || before == Dim::Bare && self.mentions[i].dim == Dim::Tokens;
            if says[i].is_none() && same_kind && (self.corrects(i) || self.succeeds(i)) {
                says[i] = says[i - 1].or_else(|| self.default(&self.mentions[i - 1]));
            }
        }
        self.pairs(&mut says);
        self.transitions(&mut says);
        (0..self.mentions.len()).filter_map(|i| self.fact(i, says[i], &near[i])).collect()
    }

    /// What a word near a mention makes of it: the field, a cost of its own, whether it may name only one figure.
    fn names(&self, i: usize, word: &Near, words: &[Near]) -> Option<(Says, f64, bool)> {
        let mention = &self.mentions[i];
        let inner = word.token >= mention.from && word.token < mention.to;
        let outside = !inner || word.token < mention.unit_end;
        let field = |name| Some((Says::Field(name), 0.0, true));
        let shared = |name| Some((Says::Field(name), 0.0, false));
        let nothing = |cost| Some((Says::Nothing, cost, false));
        let bounded = || {
            words.iter().any(|w| {
                matches!(w.means, C::AtLeast | C::More | C::Target | C::Budget | C::Limit | C::Not) && w.cost < 4.0
            })
        };
        match (self.dim(mention), word.means) {
            (Dim::Money, _) if mention.item.is_some_and(|item| item != Item::Gpu) => nothing(0.0),
            (Dim::Money, C::Gpu(_) | C::Gpus) if self.hourly(mention) => shared("gpu_usd_per_hour"),
            (Dim::Money, _) if self.hourly(mention) && self.message_has(|c| matches!(c, C::Gpu(_) | C::Gpus)) => {
                shared("gpu_usd_per_hour")
            }
            (Dim::Money, C::Budget | C::Target) => {
                Some((Says::Field("budget_usd_per_month"), if word.means == C::Target { 0.8 } else { 0.0 }, false))
            }
            (Dim::Money, C::UpTo | C::Limit) if word.left || word.cost < 0.5 => {
                Some((Says::Field("budget_usd_per_month"), 0.2, false))
            }
            (Dim::Money, C::More) if word.left && self.sentence_has(mention.from, |c| matches!(c, C::Not)) => {
                Some((Says::Field("budget_usd_per_month"), 0.0, false))
            }
            (Dim::Money, C::Spend) => Some((Says::Field("monthly_spend_usd"), 0.3, false)),
            (Dim::Money, C::Save) if self.saves(mention, word) => nothing(-0.2),
            (Dim::Money, C::Price) => nothing(0.4),
            (Dim::Money, C::Now) if word.left && word.cost < 0.7 => {
                Some((Says::Field("monthly_spend_usd"), 0.1, false))
            }
            (Dim::Share, C::Prefix) => Some((Says::PrefixShare, 0.0, true)),
            (Dim::Share, C::Hit) => field("cache_hit_rate"),
            (Dim::Share, C::Cache) => Some((Says::Field("cache_hit_rate"), 1.2, true)),
            (Dim::Share, C::Defer) => field("deferrable_share"),
            (Dim::Share, C::Dup) => field("duplicate_share"),
            (Dim::Share, C::Easy) => field("weak_accept_share"),
            (Dim::Share, C::Util) => field("gpu_utilisation"),
            (Dim::Share, C::Grow | C::Shrink) => field("growth_per_month"),
            (Dim::Share, C::Accuracy | C::Quality) if bounded() => field("quality_floor"),
            (Dim::Share, C::Accuracy | C::Quality) => nothing(0.2),
            (Dim::Share, C::Peak) => Some((Says::Field("peak_factor"), 0.8, true)),
            (Dim::Share, C::Save | C::Failure) => nothing(0.2),
            (Dim::Share, C::Ttft | C::P50 | C::P95 | C::P99) => nothing(1.0),
            (Dim::Time, _) if mention.item == Some(Item::Token) => shared("tpot_ms"),
            (Dim::Time, means) => self.time(mention, word, means),
            (Dim::Tokens, means) if mention.per.is_some() => self.token_rate(mention, means),
            (Dim::Tokens, C::In) => Some((Says::Field("input_tokens"), 0.0, true)),
            (Dim::Tokens, C::Out) => Some((Says::Field("output_tokens"), 0.0, true)),
            (Dim::Tokens, C::Reason) => Some((Says::Field("reasoning_tokens"), -0.2, true)),
            (Dim::Tokens, C::Prefix) if word.cost > 2.2 => None,
            (Dim::Tokens, C::Prefix) => Some((Says::Field("cached_prefix_tokens"), -0.3, true)),
            (Dim::Tokens, C::Cache) => Some((Says::Field("cached_prefix_tokens"), 0.3, true)),
            (Dim::Tokens, C::Context) => {
                // "10k tokens of context in" are input; a window is a need.
                let window = self.lexed.text(&self.toks()[word.token]).contains([' ', '-', 'f']);
                Some((
                    Says::Field("context_tokens"),
                    if window {
                        -0.2
                    } else if inner {
                        0.3
                    } else {
                        1.1
                    },
                    true,
                ))
            }
            (Dim::Tokens, C::Price) => nothing(0.5),
            // "each contract has 12k tokens", "800 token summaries": what goes in and what comes out.
            (Dim::Tokens, C::Request) if outside && read_noun(self.text(word.token)) => {
                Some((Says::Field("input_tokens"), 0.7, true))
            }
            (Dim::Tokens, C::Task(Task::Summarization))
                if outside && ["summar", "zusammenf"].iter().any(|stem| self.text(word.token).starts_with(stem)) =>
            {
                Some((Says::Field("output_tokens"), 0.7, true))
            }
            (Dim::Tokens, C::Use) if word.left && self.text(word.token).starts_with("sen") => {
                Some((Says::Field("input_tokens"), 0.5, true))
            }
            (Dim::Requests, means) => self.requests(mention, word, means),
            (Dim::Users, _) => Some((Says::Users, 0.0, false)),
            (Dim::Vendors, C::UpTo | C::Limit) => shared("vendors_max"),
            (Dim::Vendors, C::About)
                if matches!(self.lexed.text(&self.toks()[word.token]), "only" | "just" | "nur") && word.cost < 1.5 =>
            {
                shared("vendors_max")
            }
            (Dim::Vendors, _)
                if inner && mention.value() == 1.0 && self.lexed.text(&self.toks()[mention.from]) == "single" =>
            {
                shared("vendors_max")
            }
            (Dim::Times, C::Peak) => field("peak_factor"),
            (Dim::Vendors, C::More) if self.sentence_has(mention.from, |c| matches!(c, C::Not)) => {
                shared("vendors_max")
            }
            (Dim::Times, C::Grow) if mention.per.is_some() => field("growth_per_month"),
            (Dim::Bare, means) => self.bare(mention, word, means, bounded()),
            _ => None,
        }
    }

    /// The folded words of a token.
    fn text(&self, token: usize) -> &str {
        self.toks().get(token).map_or("", |tok| self.lexed.text(tok))
    }

    /// The dimension, with all currencies as money.
    const fn dim(&self, mention: &Mention) -> Dim {
        if let Dim::Foreign(_) = mention.dim { Dim::Money } else { mention.dim }
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

    fn hourly(&self, mention: &Mention) -> bool {
        matches!(mention.per, Some((Per::Hour, _))) || mention.item == Some(Item::Gpu)
    }

    fn time(&self, mention: &Mention, word: &Near, means: C) -> Option<(Says, f64, bool)> {
        let long = matches!(mention.unit, Some(Per::Week | Per::Month | Per::Quarter | Per::Year));
        if long {
            let over = means == C::More && word.left && word.cost < 0.5;
            return match means {
                C::Horizon => Some((Says::Field("horizon_months"), 0.0, false)),
                _ if over => Some((Says::Field("horizon_months"), 0.5, false)),
                _ => None,
            };
        }
        if matches!(mention.unit, Some(Per::Hour | Per::Day)) {
            return None;
        }
        let field = |name, cost| Some((Says::Field(name), cost, true));
        match means {
            C::Ttft => field("ttft_ms", -0.1),
            C::Tpot => field("tpot_ms", 0.0),
            C::P50 => field("latency_p50_ms", 0.0),
            C::P95 => field("latency_p95_ms", 0.0),
            C::P99 => field("latency_p99_ms", 0.0),
            C::Target => Some((Says::Field("latency_target_ms"), 1.0, false)),
            C::UpTo if word.left && word.cost < 1.0 => Some((Says::Field("latency_target_ms"), 0.6, false)),
            C::Timeout | C::Window | C::Every => Some((Says::Nothing, 0.3, false)),
            C::Latency => Some((Says::Latency, 1.5, true)),
            _ => None,
        }
    }

    fn token_rate(&self, mention: &Mention, means: C) -> Option<(Says, f64, bool)> {
        match mention.per {
            Some((Per::Second, _)) => {
                let gpu = mention.item == Some(Item::Gpu)
                    || matches!(means, C::Gpu(_) | C::Gpus)
                    || self.message_has(|c| matches!(c, C::Gpu(_) | C::Gpus))
                        && !self.sentence_has(mention.from, |c| c == C::Ttft);
                Some((Says::Field(if gpu { "tokens_per_second_per_gpu" } else { "tpot_ms" }), 1.0, false))
            }
            Some((Per::Minute, _)) => Some((Says::Field("tpm_limit"), 0.0, false)),
            _ => match means {
                C::In => Some((Says::InVolume, 0.0, true)),
                C::Out => Some((Says::OutVolume, 0.0, true)),
                _ => None,
            },
        }
    }

    fn requests(&self, mention: &Mention, word: &Near, means: C) -> Option<(Says, f64, bool)> {
        if mention.item == Some(Item::User) {
            return Some((Says::Users, 0.0, false));
        }
        if mention.per.is_some() {
            let reach = match mention.per {
                Some((Per::Minute, _)) => 5.0,
                Some((Per::Second, _)) => 1.5,
                _ => 0.0,
            };
            return match means {
                C::UpTo if reach > 2.0 && word.left && word.cost < 0.8 => Some((Says::Field("rpm_limit"), 0.0, false)),
                C::Limit if word.cost < reach => Some((Says::Field("rpm_limit"), 0.0, false)),
                C::Peak if word.cost < 1.1 => Some((Says::PeakRate, 0.0, false)),
                C::Mean if word.cost < 2.0 => Some((Says::Field("requests_per_day"), 0.0, false)),
                C::Conc if word.token >= mention.from && word.token < mention.to => None,
                _ => None,
            };
        }
        match means {
            C::Seq if word.cost < 3.0 => Some((Says::Field("sequential_calls"), 0.0, true)),
            C::Par if word.cost < 3.0 => Some((Says::Field("parallel_calls"), 0.0, true)),
            C::Conc if word.cost < 3.0 => Some((Says::Field("concurrency_limit"), 0.1, true)),
            _ => None,
        }
    }

    fn bare(&self, mention: &Mention, word: &Near, means: C, bounded: bool) -> Option<(Says, f64, bool)> {
        let value = mention.value();
        let field = |name| Some((Says::Field(name), 0.0, true));
        let share = value > 0.0 && value <= 1.0;
        match means {
            C::In if value >= 1.0 => field("input_tokens"),
            C::Out if value >= 1.0 => field("output_tokens"),
            C::Reason if value >= 1.0 => field("reasoning_tokens"),
            C::Context if value >= 500.0 => field("context_tokens"),
            C::Prefix if value >= 10.0 => field("cached_prefix_tokens"),
            C::Seq => field("sequential_calls"),
            C::Par => field("parallel_calls"),
            C::Conc => field("concurrency_limit"),
            C::ArrivalScv => {
                // "SCV" alone: of the service times, if they are what it is about.
                let start = word.token.saturating_sub(6);
                let service = (start..word.token)
                    .any(|i| self.text(i).starts_with("servic") || self.text(i).starts_with("bedien"));
                field(if service { "service_scv" } else { "arrival_scv" })
            }
            C::ServiceScv => field("service_scv"),
            C::Peak if word.left && (1.0..=1000.0).contains(&value) => field("peak_factor"),
            C::Util if share => field("gpu_utilisation"),
            C::Hit if share => field("cache_hit_rate"),
            C::Defer if share => field("deferrable_share"),
            C::Dup if share => field("duplicate_share"),
            C::Easy if share => field("weak_accept_share"),
            C::Grow if share && word.left => field("growth_per_month"),
            C::Arena if (800.0..2500.0).contains(&value) => {
                bounded.then_some((Says::Field("quality_floor"), 0.0, true))
            }
            C::Quality if share || (800.0..2500.0).contains(&value) => Some((Says::Field("quality_floor"), 0.1, true)),
            C::Accuracy if share => bounded.then_some((Says::Field("quality_floor"), 0.0, true)),
            C::Vendors => field("vendors_max"),
            C::Spend if mention.per.is_some_and(|(per, _)| per.days() >= 1.0) && value >= 100.0 => {
                Some((Says::Field("monthly_spend_usd"), 0.3, false))
            }
            C::Budget if value >= 100.0 => Some((Says::Field("budget_usd_per_month"), 0.0, false)),
            C::Request if word.left && mention.per.is_some() => field("requests_per_day"),
            _ => None,
        }
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
                    matches!(one.kind, Kind::Sym('/' | '+' | '→' | '➜' | '|' | '-')) || one.is(C::And) || one.is(C::To)
                }
                [one, two] => one.is_sym('-') && (two.is(C::AtLeast) || two.is_sym('>')),
                _ => false,
            };
            let counts = |m: &Mention| matches!(m.dim, Dim::Bare | Dim::Tokens) && m.per.is_none();
            if !joined || !counts(a) || !counts(b) {
                continue;
            }
            let tokens = a.dim == Dim::Tokens || b.dim == Dim::Tokens;
            let slash = joint.len() == 1 && joint[0].is_sym('/');
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

    /// "from $12k to $8k", "p95 from 4 s to 2 s": the second figure is the wish.
    fn transitions(&self, says: &mut [Option<Says>]) {
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
            match a.dim {
                Dim::Money if b.value() < a.value() => {
                    says[i - 1] = Some(Says::Field("monthly_spend_usd"));
                    says[i] = Some(Says::Field("budget_usd_per_month"));
                }
                Dim::Time if b.value() < a.value() => {
                    if let Some(Says::Field(_) | Says::Latency) = says[i]
                        && says[i - 1].is_none_or(|s| s == Says::Field("latency_target_ms"))
                    {
                        says[i - 1] =
                            says[i].filter(|s| *s != Says::Field("latency_target_ms")).or(Some(Says::Latency));
                    }
                    says[i] = Some(Says::Field("latency_target_ms"));
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
    fn fact(&self, i: usize, says: Option<Says>, near: &[Near]) -> Option<Fact> {
        let mention = self.mentions[i];
        let says = says.or_else(|| self.default(&mention))?;
        let close = |wanted: &dyn Fn(C) -> bool, cost: f64| near.iter().any(|n| wanted(n.means) && n.cost <= cost);
        let said = |c: C, cost: f64| {
            near.iter().any(|n| n.means == c && n.cost <= cost && (n.left || !self.text(n.token).ends_with(" to")))
        };
        let bound_word = near.iter().any(|n| n.left && n.means == C::UpTo && n.cost <= 1.2);
        let value = mention.value();
        let mut bound = false;
        let mut says = says;
        let value = match says {
            Says::Field("latency_p50_ms" | "latency_p95_ms" | "latency_p99_ms")
                if bound_word || said(C::Target, 1.3) =>
            {
                says = Says::Field("latency_target_ms");
                value
            }
            Says::Field("ttft_ms" | "tpot_ms") if mention.dim == Dim::Time && (bound_word || said(C::Target, 1.3)) => {
                return None;
            }
            Says::Latency if said(C::UpTo, 1.5) || said(C::Target, 2.5) => {
                says = Says::Field("latency_target_ms");
                value
            }
            Says::Field("tpot_ms") if mention.dim == Dim::Tokens => 1000.0 / value,
            Says::Field("requests_per_day") | Says::PeakRate => mention.per_day().unwrap_or(value),
            Says::Field("rpm_limit") => mention.per_day().map_or(value, |day| day / 1440.0),
            Says::Field("tpm_limit") => mention.per_day().map_or(value, |day| day / 1440.0),
            Says::InVolume | Says::OutVolume => mention.per_day()?,
            Says::Field("monthly_spend_usd" | "budget_usd_per_month") => mention.per_month().unwrap_or(value),
            Says::Field("gpu_usd_per_hour") => mention.per.map_or(value, |(per, n)| value / (per.days() * n * 24.0)),
            Says::Field("horizon_months") if mention.dim == Dim::Time => mention.months()?,
            Says::Field("growth_per_month") => {
                let falls = close(&|c| c == C::Shrink, 3.0);
                let factor = if mention.dim == Dim::Times {
                    value
                } else if falls {
                    1.0 - value
                } else {
                    1.0 + value
                };
                let (per, n) = mention.per.or_else(|| self.growth_period(i))?;
                compound(factor, per.months() * n)
            }
            Says::Field("peak_factor") if mention.dim == Dim::Share => {
                let above = close(&|c| matches!(c, C::More | C::Grow), 2.0)
                    || near.iter().any(|n| n.cost <= 2.0 && self.lexed.text(&self.toks()[n.token]) == "higher");
                if above { 1.0 + value } else { return None }
            }
            Says::Field("input_tokens" | "output_tokens") => {
                bound = bound_word;
                value
            }
            _ => value,
        };
        let timeless =
            matches!(mention.dim, Dim::Money | Dim::Foreign(_)) && mention.per.is_none() && mention.item.is_none();
        let status = self.status[mention.from..mention.to].iter().min().copied().unwrap_or(Status::Stated);
        let foreign = if let Dim::Foreign(code) = mention.dim { Some(code) } else { None };
        Some(Fact { says, value, from: mention.from, to: mention.to, status, bound, timeless, foreign })
    }

    /// What a mention says if no word near it tells.
    fn default(&self, mention: &Mention) -> Option<Says> {
        match self.dim(mention) {
            Dim::Money if self.hourly(mention) && self.message_has(|c| matches!(c, C::Gpu(_) | C::Gpus)) => {
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

    /// The stretch of time of a growth that stands apart from its figure.
    fn growth_period(&self, i: usize) -> Option<(Per, f64)> {
        let toks = self.toks();
        let mention = &self.mentions[i];
        let around =
            (mention.to..toks.len().min(mention.to + 5)).chain((mention.from.saturating_sub(6)..mention.from).rev());
        around.take_while(|j| toks[*j].kind != Kind::Stop).find_map(|j| match toks[j].word() {
            Some(C::Adv(per)) => Some((per, 1.0)),
            Some(C::Time(per)) if self.owner[j].is_none() => Some((per, 1.0)),
            _ => None,
        })
    }

    /// "doubles every 6 months", "triples in a year": growth in words, with the tokens that say it.
    pub(super) fn growth_words(&self) -> Option<Fact> {
        let toks = self.toks();
        (0..toks.len()).find_map(|i| {
            let Some(C::Double(factor)) = toks[i].word() else { return None };
            let reach = i + 1..toks.len().min(i + 8);
            let mut after = reach.take_while(|j| toks[*j].kind != Kind::Stop && !toks[*j].is(C::But));
            after.find_map(|j| {
                let (months, to) = match (self.owner[j], toks[j].word()) {
                    (Some(owner), _) => (self.mentions[owner].months()?, self.mentions[owner].to),
                    (None, Some(C::Time(per) | C::Adv(per))) => (per.months(), j + 1),
                    _ => return None,
                };
                let value = compound(factor, months);
                let says = Says::Field("growth_per_month");
                Some(Fact {
                    says,
                    value,
                    from: i,
                    to,
                    status: self.status[i],
                    bound: false,
                    timeless: false,
                    foreign: None,
                })
            })
        })
    }

    /// "grow from 100k to 400k requests a day within 12 months".
    pub(super) fn growth_between(&self) -> Option<Fact> {
        let toks = self.toks();
        (1..self.mentions.len()).find_map(|i| {
            let (a, b) = (&self.mentions[i - 1], &self.mentions[i]);
            let joined = a.dim == Dim::Requests && b.dim == Dim::Requests && b.from <= a.to + 1;
            if !joined || !toks[a.from].is(C::From) {
                return None;
            }
            let over = self.mentions[i + 1..].iter().find(|m| m.from < b.to + 5)?;
            let value = compound(b.per_day()? / a.per_day()?, over.months()?);
            let says = Says::Field("growth_per_month");
            Some(Fact {
                says,
                value,
                from: a.from,
                to: over.to,
                status: self.status[a.from],
                bound: false,
                timeless: false,
                foreign: None,
            })
        })
    }

    /// "over the coming year": a horizon without a number.
    pub(super) fn horizon_words(&self) -> Option<Fact> {
        let toks = self.toks();
        (1..toks.len()).find_map(|i| {
            let Some(C::Time(per)) = toks[i].word() else { return None };
            let ahead = toks[i - 1].is(C::Horizon) && per.days() >= 28.0 && self.owner[i].is_none();
            let says = Says::Field("horizon_months");
            let value = per.months();
            ahead.then_some(Fact {
                says,
                value,
                from: i - 1,
                to: i + 1,
                status: self.status[i],
                bound: false,
                timeless: false,
                foreign: None,
            })
        })
    }

    /// "maximal ein Anbieter": one, where the article is the number.
    pub(super) fn vendor_words(&self) -> Option<Fact> {
        let toks = self.toks();
        (2..toks.len()).find_map(|i| {
            let only = |t: &Tok| t.is(C::UpTo) || matches!(self.lexed.text(t), "only" | "just" | "nur");
            let one =
                toks[i].is(C::Vendors) && toks[i - 1].is(C::Article) && self.text(i - 1) != "the" && only(&toks[i - 2]);
            let says = Says::Field("vendors_max");
            one.then_some(Fact {
                says,
                value: 1.0,
                from: i - 2,
                to: i + 1,
                status: self.status[i],
                bound: false,
                timeless: false,
                foreign: None,
            })
        })
    }

    /// "all of it can wait overnight": the whole as a share.
    pub(super) fn whole_words(&self) -> Option<Fact> {
        let toks = self.toks();
        (0..toks.len()).filter(|i| toks[*i].is(C::All)).find_map(|i| {
            let stops =
                |t: &Tok| matches!(t.kind, Kind::Stop | Kind::Sym(',')) || matches!(t.word(), Some(C::But | C::Not));
            let reach = (i + 1..toks.len().min(i + 7)).take_while(|j| !stops(&toks[*j]) && self.owner[*j].is_none());
            let to = reach.filter(|j| toks[*j].is(C::Defer)).last()? + 1;
            let says = Says::Field("deferrable_share");
            Some(Fact {
                says,
                value: 1.0,
                from: i,
                to,
                status: self.status[i],
                bound: false,
                timeless: false,
                foreign: None,
            })
        })
    }

    /// "twice the average at peak": a peak factor in words.
    pub(super) fn peak_words(&self) -> Option<Fact> {
        let toks = self.toks();
        (0..toks.len()).find_map(|i| {
            let Some(C::Double(factor)) = toks[i].word() else { return None };
            let start = i.saturating_sub(8);
            let peak = (start..toks.len().min(i + 8))
                .filter(|j| !toks[(*j).min(i)..(*j).max(i)].iter().any(|t| t.kind == Kind::Stop))
                .find(|j| toks[*j].is(C::Peak))?;
            let says = Says::Field("peak_factor");
            Some(Fact {
                says,
                value: factor,
                from: peak.min(i),
                to: peak.max(i) + 1,
                status: self.status[i],
                bound: false,
                timeless: false,
                foreign: None,
            })
        })
    }
}

/// Labels side by side and as many figures side by side.
struct List {
    /// The tokens of the labels.
    labels: Vec<usize>,
    /// The first of the mentions.
    first: usize,
}

/// The field that a label in a list names.
const fn label_field(label: C) -> Option<&'static str> {
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

/// Finds lists of labels that a list of as many figures follows or precedes.
fn lists(toks: &[Tok], owner: &[Option<usize>], mentions: &[Mention]) -> Vec<List> {
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
            let joints = toks[end..].iter().take(2).take_while(|t| joins(t)).count();
            if joints == 0 || end + joints >= toks.len() || !names(end + joints) {
                break;
            }
            labels.push(end + joints);
            end += joints + 1;
        }
        if labels.len() >= 2
            && let Some(first) = figures(toks, owner, mentions, i, end, labels.len())
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
    from: usize,
    to: usize,
    count: usize,
) -> Option<usize> {
    let run = |first: usize| {
        let run = mentions.get(first..first + count)?;
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

/// Whether a noun is something that the model reads.
fn read_noun(noun: &str) -> bool {
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
        "beleg",
        "diff",
        "gesprach",
    ];
    STEMS.iter().any(|stem| noun.starts_with(stem))
}

/// Whether the words beside a bare number name a ratio, of which three decimals are decimals.
fn near_ratio(toks: &[Tok], mention: &Mention) -> bool {
    let around = toks[mention.from.saturating_sub(4)..mention.from].iter().chain(toks[mention.to..].iter().take(2));
    around.filter_map(Tok::word).any(|c| {
        matches!(
            c,
            C::ArrivalScv
                | C::ServiceScv
                | C::Peak
                | C::Util
                | C::Hit
                | C::Grow
                | C::Accuracy
                | C::Defer
                | C::Dup
                | C::Easy
        )
    })
}

/// The monthly rate of growing by `factor` in `months`.
fn compound(factor: f64, months: f64) -> f64 {
    if months <= 0.0 {
        return factor - 1.0;
    }
    factor.powf(1.0 / months) - 1.0
}

/// What it costs to look past a token; `None` at the end of a sentence.
fn step(tok: &Tok, left: bool) -> Option<f64> {
    Some(match tok.kind {
        Kind::Stop => return None,
        Kind::Sym(',') => 2.5,
        Kind::Sym(':') => {
            if left {
                0.0
            } else {
                4.0
            }
        }
        Kind::Sym('=') => {
            if left {
                0.0
            } else {
                1.0
            }
        }
        Kind::Sym('(' | ')') => 0.8,
        Kind::Sym('/') => 1.0,
        Kind::Sym(_) => 0.5,
        Kind::Num(_) | Kind::Day(_) => 1.0,
        Kind::Model(_) => 0.8,
        Kind::Word(c) => match c {
            C::About | C::Of | C::Is | C::Article | C::Filler | C::First | C::At | C::To | C::UpTo | C::AtLeast => 0.2,
            C::With => {
                if left {
                    0.4
                } else {
                    1.2
                }
            }
            C::And | C::Or if left => 2.4,
            C::And | C::Or => 1.6,
            C::But => 4.0,
            C::Other => 0.9,
            _ => 0.6,
        },
    })
}
