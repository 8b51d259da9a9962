//! The stretch of time that a quantity is stated over, where it stands apart: "monthly bill of $12k".

use super::lex::{Kind, Tok};
use super::lexicon::{C, Per};
use super::quantity::{Dim, Mention};
use super::reading::Reading;

impl Reading<'_> {
    /// A stretch of time that stands apart: "monthly bill of $12k", "200k requests come in per day".
    pub(super) fn adopt_period(&mut self, i: usize) {
        let mention = self.mentions[i];
        let toks = self.toks();
        let wants = match mention.dim {
            // "what does one request cost?" counts no requests.
            Dim::Requests if matches!(toks[mention.from].word(), Some(C::NumWord(n)) if n <= 1.0) && !self.paced(i) => {
                false
            }
            Dim::Requests if self.at_once(&mention) => false,
            Dim::Money | Dim::Foreign(_) | Dim::Requests => mention.per.is_none() && mention.item.is_none(),
            // "100M tokens in and 20M tokens out daily": no request has so many.
            Dim::Tokens => mention.per.is_none() && mention.item.is_none() && mention.first >= 2e6,
            // "9 % more every month", "8 % users every month".
            Dim::Share => mention.per.is_none() && (self.more(&mention) || self.every_period(&mention)),
            // "every night we run 200,000 descriptions".
            Dim::Bare => {
                mention.per.is_none()
                    && mention.value() >= 10.0
                    && !matches!(self.text(mention.to), "cent" | "cents" | "ct" | "cts")
                    && (self.worked_on(&mention) || self.counted_behind_period(i))
            }
            _ => false,
        };
        if !wants {
            return;
        }
        let boundary = |j: usize| {
            self.owner[j].is_some()
                || matches!(toks[j].kind, Kind::Stop | Kind::Sym(';'))
                || matches!(toks[j].word(), Some(C::But))
        };
        let period_at = |j: usize| match toks[j].word() {
            Some(C::Adv(per)) => Some(per),
            // "the bill last month was $12k".
            Some(C::LastMonth) if matches!(mention.dim, Dim::Money | Dim::Foreign(_)) => match self.text(j) {
                text if text.contains("mon") => Some(Per::Month),
                text if text.contains("quart") => Some(Per::Quarter),
                text if text.contains("week") || text.contains("woche") => Some(Per::Week),
                _ => None,
            },
            // "Monatskosten", "Jahresbudget".
            Some(C::Spend | C::Budget) => compound_period(self.text(j)),
            // "Tagesvolumen 65.000 Anfragen".
            Some(C::Other | C::Request | C::Mean) if j < mention.from && mention.from - j <= 3 => {
                compound_period(self.text(j))
            }
            Some(C::Time(per)) => {
                let link = |n: usize| j.checked_sub(n).and_then(|k| toks.get(k));
                let leads = |t: &Tok| matches!(t.word(), Some(C::Per | C::Every | C::Article)) || t.is_sym('/');
                // "on a typical day"; "GPU-Stunde", "GPU hours".
                let apart = link(1).is_some_and(|t| t.is(C::Other)) && link(2).is_some_and(|t| t.is(C::Article))
                    || link(1).is_some_and(|t| t.is(C::Mean) || is_typical(self.lexed.text(t)));
                let gpu = per == Per::Hour
                    && (1..=2).any(|n| link(n).is_some_and(|t| matches!(t.word(), Some(C::Gpu(_) | C::Gpus))));
                (link(1).is_some_and(leads) || apart || gpu).then_some(per)
            }
            _ => None,
        };
        // First within the clause, then beyond its comma.
        let clause = |j: usize| boundary(j) || matches!(toks[j].kind, Kind::Sym(',' | '—'));
        let right = |ends: &dyn Fn(usize) -> bool| {
            (mention.to..toks.len().min(mention.to + 9)).take_while(|j| !ends(*j)).find_map(period_at)
        };
        let left = |ends: &dyn Fn(usize) -> bool| {
            (mention.from.saturating_sub(9)..mention.from).rev().take_while(|j| !ends(*j)).find_map(period_at)
        };
        let found = right(&clause).or_else(|| left(&clause)).or_else(|| right(&boundary)).or_else(|| left(&boundary));
        if let Some(per) = found {
            self.mentions[i].per = Some((per, 1.0));
            if mention.dim == Dim::Bare {
                self.mentions[i].dim = Dim::Requests;
                self.mentions[i].group_thousands();
            }
            return;
        }
        self.adopt_beside(i);
    }

    /// The stretch of time of the quantity beside this one.
    fn adopt_beside(&mut self, i: usize) {
        let mention = self.mentions[i];
        let toks = self.toks();
        if mention.dim == Dim::Bare {
            // "per day 18,000 simple ones (…) and 2,500 complaints".
            if let Some(volume) = self.mentions[..i].iter().rfind(|m| m.dim == Dim::Requests && m.per.is_some()) {
                let per = volume.per;
                self.mentions[i].per = per;
                self.mentions[i].dim = Dim::Requests;
                self.mentions[i].group_thousands();
            }
            return;
        }
        // "$49 a day for 6,000 requests": of the same stretch of time.
        if let Some(before) = i.checked_sub(1).map(|j| self.mentions[j])
            && mention.dim == Dim::Requests
            && before.dim == Dim::Money
            && before.per.is_some()
            && before.to < mention.from
            && mention.from - before.to <= 2
            && toks[before.to].is(C::With)
        {
            self.mentions[i].per = before.per;
            return;
        }
        // "100M tokens a day across 50k requests".
        if mention.dim == Dim::Requests
            && let Some(volume) =
                self.mentions[..i].iter().rev().find(|m| m.dim == Dim::Tokens && m.per.is_some() && m.first >= 2e6)
            && !self.toks()[volume.to..mention.from].iter().any(|t| t.kind == Kind::Stop)
        {
            self.mentions[i].per = volume.per;
            return;
        }
        // "every 5 seconds one request".
        let mut beside = [i.checked_sub(1), Some(i + 1)].into_iter().flatten().filter_map(|j| self.mentions.get(j));
        let every = |m: &&Mention| {
            m.dim == Dim::Time
                && m.value() >= 1000.0
                && m.from > 0
                && matches!(self.text(m.from - 1), "every" | "alle" | "jede" | "per" | "pro")
                && m.from.abs_diff(mention.to) < 6
        };
        if let Some(period) = beside.find(every)
            && let Some(unit) = period.unit
        {
            self.mentions[i].per = Some((unit, period.value() / unit.ms()));
        }
    }

    /// "every 5 seconds one request": how often stands beside it.
    fn paced(&self, i: usize) -> bool {
        let beside = [i.checked_sub(1), Some(i + 1)];
        beside.into_iter().flatten().filter_map(|j| self.mentions.get(j)).any(|m| m.dim == Dim::Time)
    }

    /// Whether "every month" stands right behind a share and its noun.
    fn every_period(&self, mention: &Mention) -> bool {
        let toks = self.toks();
        (mention.to..toks.len().min(mention.to + 3)).any(|i| {
            toks[i].is(C::Every)
                && matches!(toks.get(i + 1).and_then(Tok::word), Some(C::Time(per)) if per.days() >= 7.0)
        })
    }

    /// "per day 18,000 simple ones (…) and 2,500 complaints": a noun counted behind a stretch of time, or beside such.
    fn counted_behind_period(&self, i: usize) -> bool {
        let toks = self.toks();
        let mention = self.mentions[i];
        let noun = toks[mention.from..]
            .iter()
            .skip(mention.to - mention.from)
            .take(1)
            .chain(&toks[mention.to - 1..mention.to]);
        let counted = noun
            .into_iter()
            .any(|t| matches!(t.word(), Some(C::Other | C::Task(_) | C::Easy | C::Request)) && t.end - t.start > 3);
        let before = |n: usize| mention.from.checked_sub(n).and_then(|j| toks.get(j));
        let period = before(1)
            .is_some_and(|t| matches!(t.word(), Some(C::Time(Per::Day | Per::Hour | Per::Month | Per::Week))))
            && before(2).is_some_and(|t| matches!(t.word(), Some(C::Per | C::Article | C::Every)));
        let beside = || {
            let joined = before(1).is_some_and(|t| t.is(C::And) || t.is_sym(','));
            let closed = before(2).is_some_and(|t| t.is_sym(')'));
            let opens = toks.get(mention.to).is_some_and(|t| t.is_sym('('))
                || toks.get(mention.to + 1).is_some_and(|t| t.is_sym('('));
            let start = (0..mention.from).rev().find(|j| toks[*j].kind == Kind::Stop).unwrap_or(0);
            joined
                && closed
                && opens
                && self.mentions[..i].iter().any(|m| m.from >= start && m.dim == Dim::Requests && m.per.is_some())
        };
        counted && !self.directed(&mention) && (period || beside())
    }

    /// Whether words beside a share make it an increase.
    fn more(&self, mention: &Mention) -> bool {
        let around =
            (mention.from.saturating_sub(3)..mention.from).chain(mention.to..self.toks().len().min(mention.to + 2));
        around.into_iter().any(|i| {
            matches!(self.text(i), "more" | "mehr" | "up" | "plus" | "additional" | "zusatzlich" | "higher")
                || self.toks()[i].is(C::Grow)
        })
    }

    /// "5 sequential calls", "40 concurrent requests": a count, no rate.
    fn at_once(&self, mention: &Mention) -> bool {
        let toks = self.toks();
        let ends = |i: &usize| !matches!(toks[*i].kind, Kind::Stop | Kind::Sym(_));
        let after = (mention.to..toks.len().min(mention.to + 2)).take_while(ends);
        (mention.from..mention.to)
            .chain(after)
            .any(|i| matches!(self.toks()[i].word(), Some(C::Seq | C::Par | C::Conc)))
    }

    /// Whether a noun follows and a verb of work stands before.
    pub(super) fn worked_on(&self, mention: &Mention) -> bool {
        const WORK: &[&str] = &[
            "process",
            "handle",
            "translate",
            "generate",
            "run",
            "send",
            "analyse",
            "analyze",
            "score",
            "verarbeiten",
            "ubersetzen",
            "run a batch of",
            "serve",
            "get",
            "receive",
            "bekommen",
            "create",
            "write",
            "enrich",
            "tag",
            "label",
            "embed",
            "check",
            "lesen",
            "bearbeiten",
            "generieren",
            "erzeugen",
            "beantworten",
            "klassifizieren",
            "summarise",
            "summarize",
            "extract",
            "classify",
            "answer",
            "review",
            "moderate",
            "pruefen",
            "prufen",
        ];
        let toks = self.toks();
        let noun = toks.get(mention.to).is_some_and(|t| t.is(C::Other) && t.end - t.start > 3);
        // "nightly summaries of 90,000 articles".
        if noun && super::fields::read_noun(self.text(mention.to)) {
            return true;
        }
        noun && (mention.from.saturating_sub(5)..mention.from).any(|i| WORK.contains(&self.text(i)))
    }
}

/// Whether a word says that a day is one like others.
fn is_typical(text: &str) -> bool {
    [
        "typical",
        "normal",
        "average",
        "usual",
        "regular",
        "ordinary",
        "mean",
        "durchschnittlich",
        "gewohnlich",
        "ublich",
        "typisch",
    ]
    .iter()
    .any(|stem| text.starts_with(stem))
}

/// The stretch of time that a German compound begins with.
fn compound_period(text: &str) -> Option<Per> {
    const STEMS: [(&str, Per); 4] =
        [("monats", Per::Month), ("jahres", Per::Year), ("tages", Per::Day), ("wochen", Per::Week)];
    let (stem, per) = STEMS.iter().find(|(stem, _)| text.starts_with(stem))?;
    (text.len() > stem.len() + 2 && !text.ends_with("ende") && !text.ends_with("zeit")).then_some(*per)
}
