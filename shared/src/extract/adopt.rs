//! What a quantity takes from the words and quantities around it before it is read: the unit of its label, the
//! stretch of time of its sentence, the kind of the figure that it corrects.

use super::clauses::Status;
use super::lex::{Kind, Tok};
use super::lexicon::{C, Per};
use super::quantity::{Dim, Mention};
use super::reading::Reading;

impl Reading<'_> {
    /// "200k requests/day, no wait, 300k": the number is of the kind that it corrects.
    pub(super) fn adopt_corrected(&mut self, i: usize) {
        if i == 0 || self.mentions[i].dim != Dim::Bare {
            return;
        }
        let gap = self.toks().get(self.mentions[i - 1].to..self.mentions[i].from).unwrap_or(&[]);
        // "it isn't 50k requests a day, it's 58k".
        let turns = |t: &Tok| t.is(C::Now) || matches!(self.lexed.text(t), "it's" | "its" | "sondern" | "rather");
        let now = gap.len() <= 7 && gap.iter().any(turns) && self.succeeds(i);
        if !self.corrects(i) && !now {
            return;
        }
        // "50k a day, would 500 RPM do? Now it's 22k": the limit was said of something else.
        let limit = |m: &Mention| m.dim == Dim::Requests && matches!(m.per, Some((Per::Minute, _)));
        let volume = self.mentions[..i].iter().rfind(|m| m.dim == Dim::Requests && m.per.is_some() && !limit(m));
        let before = volume.filter(|_| now && limit(&self.mentions[i - 1])).copied().unwrap_or(self.mentions[i - 1]);
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
            per: mention.per.or(before.per),
            item: before.item,
            ..*mention
        };
    }

    /// "33k a month (dollars)".
    pub(super) fn adopt_currency(&mut self, i: usize) {
        let mention = self.mentions[i];
        let behind = self.toks().get(mention.to..mention.to + 3).unwrap_or(&[]);
        if let [open, currency, close] = behind
            && mention.dim == Dim::Bare
            && open.is_sym('(')
            && currency.is(C::Dollar)
            && close.is_sym(')')
        {
            self.mentions[i].dim = Dim::Money;
        }
    }

    /// "it eats $85 a month, we want it under 40 a month": a bound of the sum before.
    pub(super) fn adopt_sum(&mut self, i: usize) {
        let mention = self.mentions[i];
        let sum = |m: &Mention| m.dim == Dim::Money && m.item.is_none();
        let long = mention.per.is_some_and(|(per, _)| per.days() >= 7.0);
        if mention.dim != Dim::Bare || !long {
            return;
        }
        let toks = self.toks();
        let lead = || {
            let before = toks[mention.from.saturating_sub(4)..mention.from].iter().rev();
            before.take_while(|t| t.kind != Kind::Stop)
        };
        // "we can't spend more than 2.2k a month".
        let paid = lead().any(|t| matches!(t.word(), Some(C::Spend | C::Budget)));
        if !paid && !self.mentions[..i].iter().any(sum) {
            return;
        }
        let bounded = lead().take(3).any(|t| matches!(t.word(), Some(C::UpTo | C::More | C::Budget | C::Target)));
        let counted = toks.get(mention.to).is_some_and(|t| matches!(t.word(), Some(C::Request | C::Tokens)));
        if bounded && !counted {
            self.mentions[i].dim = Dim::Money;
            self.mentions[i].group_thousands();
        }
    }

    /// "p95 is 15 seconds; people tolerate 10": a wish without a unit has that of the figure before.
    pub(super) fn adopt_wish(&mut self, i: usize) {
        let mention = self.mentions[i];
        let Some(before) = self.mentions[..i].iter().rfind(|m| m.dim == Dim::Time).copied() else { return };
        if mention.dim != Dim::Bare || mention.per.is_some() || before.item.is_some() {
            return;
        }
        let gap = self.toks().get(before.to..mention.from).unwrap_or(&[]);
        let wishes = |t: &Tok| matches!(t.word(), Some(C::Target | C::UpTo | C::Wish));
        // "p95 4 s. RPM cap 200": a label of its own.
        let other = |t: &Tok| {
            matches!(
                t.word(),
                Some(
                    C::Rate(_)
                        | C::TokRate(_)
                        | C::Tokens
                        | C::Request
                        | C::In
                        | C::Out
                        | C::Vendors
                        | C::Budget
                        | C::Conc
                        | C::Arena
                        | C::Accuracy
                )
            )
        };
        let label = gap.iter().rev().take(4).take_while(|t| t.kind != Kind::Stop);
        if label.into_iter().any(other) {
            return;
        }
        let ends = self.toks().get(mention.to).is_none_or(|t| !matches!(t.kind, Kind::Word(_) | Kind::Model(_)));
        let ms = self.toks()[before.from..before.to].iter().any(|t| t.is(C::Ms));
        let scale = if ms { 1.0 } else { before.unit.map_or(1.0, Per::ms) };
        let (first, second) = (mention.first * scale, mention.second * scale);
        // "p95 is 9.5 s, promised to the customer are 4", "the median is 48 s. How do we get that under 20?"
        let clause = gap.iter().rev().take_while(|t| t.kind != Kind::Stop && !t.is_sym(','));
        let far = gap.len() <= 16
            && first < before.first
            && gap.iter().filter(|t| t.kind == Kind::Stop).count() <= 1
            && clause.take(7).any(wishes);
        let near = gap.len() <= 5 && gap.last().is_some_and(wishes) && self.mentions[i - 1].from == before.from;
        if !(near || far) || !ends {
            return;
        }
        self.mentions[i] = Mention { first, second, dim: Dim::Time, unit: before.unit, ..mention };
    }

    /// Whether words of correction stand between this mention and the one before.
    pub(super) fn corrects(&self, i: usize) -> bool {
        let (before, mention) = (&self.mentions[i - 1], &self.mentions[i]);
        let gap = self.toks().get(before.to..mention.from).unwrap_or(&[]);
        gap.len() <= 9 && self.corrected(before.to, mention.from)
    }

    /// Whether words between two tokens take back what was said: "no wait", "sorry", "no, …".
    pub(super) fn corrected(&self, from: usize, to: usize) -> bool {
        let no = |i: usize| {
            matches!(self.text(i), "no" | "nein" | "nope")
                && self.toks().get(i + 1).is_some_and(|t| t.is_sym(',') || t.is_sym('-') || t.is_sym(':'))
        };
        (from..to.min(self.toks().len())).any(|i| self.toks()[i].is(C::Correct) || no(i))
    }

    /// "it was 3 s last year, now 7 s": the figure is of the kind of the past one in the same sentence.
    pub(super) fn succeeds(&self, i: usize) -> bool {
        let (before, mention) = (&self.mentions[i - 1], &self.mentions[i]);
        let gap = self.toks().get(before.to..mention.from).unwrap_or(&[]);
        let ours = |t: &Tok| {
            matches!(t.word(), Some(C::Now | C::First))
                || matches!(
                    self.lexed.text(t),
                    "ours" | "unsere" | "unserer" | "unseres" | "since" | "seit" | "it" | "it's" | "es"
                )
        };
        self.status[before.from] <= Status::Supposed
            && self.status[mention.from] > Status::Supposed
            && (!gap.iter().any(|t| t.kind == Kind::Stop) || gap.len() <= 6 && gap.iter().any(ours))
    }

    /// "p95 must be under 1.5 s, currently it's 2.7 s".
    pub(super) fn turns_to_now(&self, i: usize) -> bool {
        let gap = self.toks().get(self.mentions[i - 1].to..self.mentions[i].from).unwrap_or(&[]);
        // "util 0.45, today 180k/day": of another kind.
        let kin =
            self.mentions[i].dim != Dim::Bare || self.mentions[i].per.is_some() == self.mentions[i - 1].per.is_some();
        kin && gap.len() <= 6 && gap.iter().any(|t| t.is(C::Now)) && !gap.iter().any(|t| t.kind == Kind::Stop)
    }

    /// "300M input and 60M output tokens a day": both are a day's.
    pub(super) fn adopt_next_period(&mut self, i: usize) {
        let [mention, next, ..] = &self.mentions[i..] else { return };
        let gap = self.toks().get(mention.to..next.from).unwrap_or(&[]);
        let joined = gap.len() <= 3 && gap.iter().any(|t| t.is(C::And) || t.is_sym(',') || t.is_sym('+'));
        // "either 50k or 60k requests a day": both are of one kind.
        let either = matches!(gap, [or] if or.is(C::Or)) && mention.dim == Dim::Bare && mention.per.is_none();
        if either && matches!(next.dim, Dim::Requests | Dim::Tokens) {
            self.mentions[i] = Mention { dim: next.dim, per: next.per, item: next.item, ..*mention };
            return;
        }
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
    pub(super) fn adopt_label(&mut self, i: usize) {
        let mention = self.mentions[i];
        // "should we buy a second one": the word counts nothing.
        let pronoun = mention.from + 1 == mention.to && matches!(self.text(mention.from), "one" | "eins");
        if mention.dim != Dim::Bare || mention.item.is_some() || pronoun {
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
        if mention.per.is_some() {
            // "token limit 600k per minute".
            if label.iter().take(3).any(|j| word(j) == Some(C::Tokens)) {
                self.mentions[i].dim = Dim::Tokens;
            }
            return;
        }
        let mut adopted = mention;
        let has = |c: C| label.iter().any(|j| word(j) == Some(c));
        let period = label.iter().find_map(|j| match word(j) {
            Some(C::Time(per) | C::Adv(per)) => Some(per),
            _ => None,
        });
        // "tokens/min ceiling is 450k".
        let each_minute = (has(C::Tokens) && period == Some(Per::Minute)).then_some((Dim::Tokens, Per::Minute));
        let rate = label.iter().find_map(|j| match word(j) {
            Some(C::Rate(per)) => Some((Dim::Requests, per)),
            Some(C::TokRate(per)) => Some((Dim::Tokens, per)),
            _ => each_minute,
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
        let timed = |j: &usize| matches!(word(j), Some(C::Ttft | C::P50 | C::P95 | C::P99));
        if let Some((dim, per)) = rate {
            adopted.dim = dim;
            adopted.per = Some((per, 1.0));
        } else if has(C::Dollar) || matches!(subject_word, Some(C::Spend | C::Budget)) {
            // "it burns 2,500 reasoning tokens".
            let counted = toks[mention.to..].iter().take(3).any(|t| matches!(t.word(), Some(C::Tokens | C::Reason)));
            if has(C::Dollar) || period.is_some() || mention.value() >= 100.0 && !counted {
                adopted.dim = Dim::Money;
                adopted.per = period.map(|per| (per, 1.0));
            }
        } else if has(C::Ms) && subject {
            adopted.become_time(Per::Second, 1.0);
        } else if subject && period == Some(Per::Second) && !has(C::Tokens) {
            adopted.become_time(Per::Second, 1000.0);
        } else if subject
            && mention.value() >= 100.0
            && self.message_has(|c| c == C::Ms)
            && label.iter().take(3).any(timed)
        {
            // "p50 1100 p95 3900 (ms)": the unit stands once.
            adopted.become_time(Per::Second, 1.0);
        } else if has(C::Tokens) && !has(C::Ttft) && !has(C::Tpot) {
            adopted.dim = Dim::Tokens;
            let per_time = label.iter().any(|j| matches!(toks[*j].kind, Kind::Word(C::Per) | Kind::Sym('/')));
            adopted.per = period.filter(|_| per_time).map(|per| (per, 1.0));
        } else if has(C::Request) && period.is_some() && !self.directed(&mention) {
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

    /// "the median is 2.7 and p95 is 6", "10 (median)": seconds, where another figure of the message has them.
    pub(super) fn adopt_percentile(&mut self, i: usize) {
        let (mention, toks) = (self.mentions[i], self.toks());
        let ends = |i: usize| {
            self.owner[i].is_some() || matches!(toks[i].kind, Kind::Stop | Kind::Sym(',') | Kind::Word(C::And | C::But))
        };
        let percentile = |i: usize| toks.get(i).is_some_and(|t| matches!(t.word(), Some(C::P50 | C::P95 | C::P99)));
        let led = (mention.from.saturating_sub(4)..mention.from).rev().take_while(|i| !ends(*i)).any(percentile);
        let followed = toks.get(mention.to).is_some_and(|t| t.is_sym('(')) && percentile(mention.to + 1);
        let seconds = |m: &Mention| {
            m.dim == Dim::Time
                && m.unit == Some(Per::Second)
                && m.item.is_none()
                && !toks[m.from..m.to].iter().any(|t| t.is(C::Ms))
        };
        let alone = mention.dim == Dim::Bare && mention.per.is_none() && mention.item.is_none();
        // "p99 of one is 4 s".
        let digits = toks[mention.from..mention.to].iter().any(|t| matches!(t.kind, Kind::Num(_)));
        let wait = digits && (0.05..=180.0).contains(&mention.first);
        if alone && wait && (led || followed) && self.mentions.iter().any(seconds) {
            self.mentions[i].become_time(Per::Second, 1000.0);
        }
    }

    /// "900 in": tokens, whatever stands before.
    pub(super) fn directed(&self, mention: &Mention) -> bool {
        self.toks().get(mention.to).is_some_and(|t| matches!(t.word(), Some(C::In | C::Out | C::Tokens)))
    }
}
