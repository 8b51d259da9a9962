//! Facts in words, without a figure of their own: "doubles every 6 months", "all of it can wait".

use super::facts::{Fact, Says, compound};
use super::lex::{Kind, Tok};
use super::lexicon::{C, Per};
use super::quantity::Dim;
use super::reading::Reading;

impl Reading<'_> {
    /// "doubles every 6 months", "triples in a year": growth in words, with the tokens that say it.
    pub(super) fn growth_words(&self) -> Option<Fact> {
        let toks = self.toks();
        (0..toks.len()).find_map(|i| {
            let Some(C::Double(factor)) = toks[i].word() else { return None };
            let ends = |j: &usize| toks[*j].kind != Kind::Stop && !toks[*j].is(C::But);
            let after = (i + 1..toks.len().min(i + 8)).take_while(ends);
            // "every 4 months the volume triples", "dass es sich in zwölf Monaten verdoppelt".
            let before = (i.saturating_sub(8)..i).rev().take_while(ends).take_while(|j| !toks[*j].is_sym(','));
            let led = |j: &usize| {
                let start = self.owner[*j].map_or(*j, |owner| self.mentions[owner].from);
                start.checked_sub(1).is_some_and(|k| {
                    toks[k].is(C::Every) || matches!(self.text(k), "in" | "within" | "binnen" | "alle")
                }) || toks[start].is(C::Every)
            };
            after.chain(before.filter(led)).find_map(|j| {
                let (months, to) = match (self.owner[j], toks[j].word()) {
                    (Some(owner), _) => (self.mentions[owner].months()?, self.mentions[owner].to),
                    (None, Some(C::Time(per) | C::Adv(per))) => (per.months(), j + 1),
                    _ => return None,
                };
                let value = compound(factor, months);
                let says = Says::Field("growth_per_month");
                Some(Fact::said(says, value, i.min(to - 1)..to.max(i + 1), self.status[i]))
            })
        })
    }

    /// "grow from 100k to 400k requests a day within 12 months".
    pub(super) fn growth_between(&self) -> Option<Fact> {
        let toks = self.toks();
        (1..self.mentions.len()).find_map(|i| {
            let (a, b) = (&self.mentions[i - 1], &self.mentions[i]);
            let joined = a.dim == Dim::Requests && b.dim == Dim::Requests && b.from <= a.to + 1;
            // "85k a day now, we expect 130k a day in six months".
            let expected = || {
                let rates = [a, b].iter().all(|m| matches!(m.dim, Dim::Requests | Dim::Bare) && m.per.is_some());
                let told = (a.to..toks.len().min(b.to + 2)).filter(|j| self.owner[*j].is_none());
                let far = b.from.saturating_sub(a.to) > 8;
                rates && !far && a.per == b.per && b.first > a.first && told.into_iter().any(|j| self.expects(j))
            };
            if !(joined && toks[a.from].is(C::From) || expected()) {
                return None;
            }
            let counted = || {
                let over = self.mentions[i + 1..].iter().find(|m| m.from < b.to + 5)?;
                Some((over.months()?, over.to))
            };
            // "over the next year".
            let named = || {
                let at = (b.to..toks.len().min(b.to + 5)).find(|j| matches!(toks[*j].word(), Some(C::Time(_))))?;
                if let Some(C::Time(per)) = toks[at].word() { Some((per.months(), at + 1)) } else { None }
            };
            // "by next year".
            let dated = || {
                let at = (b.to..toks.len().min(b.to + 5)).find(|j| toks[*j].is(C::Future))?;
                let text = self.text(at);
                let begins = |stems: [&str; 2]| stems.iter().any(|stem| text.contains(stem));
                match (begins(["year", "jahr"]), begins(["quarter", "quartal"]), begins(["month", "monat"])) {
                    (true, ..) => Some((12.0, at + 1)),
                    (_, true, _) => Some((3.0, at + 1)),
                    (.., true) => Some((1.0, at + 1)),
                    _ => None,
                }
            };
            let (months, to) = counted().or_else(named).or_else(dated).filter(|(months, _)| *months > 0.0)?;
            let value = compound(b.per_day()? / a.per_day()?, months);
            let says = Says::Field("growth_per_month");
            Some(Fact::said(says, value, a.from..to, self.status[a.from]))
        })
    }

    /// "wir lesen Frachtbriefe mit gpt-4o aus", "pulls date and total out of receipts": a verb in two parts.
    pub(super) fn read_out(&self) -> Option<usize> {
        const GERMAN: &[&str] = &["lesen", "liest", "lese", "ziehen", "zieht"];
        const ENGLISH: &[&str] =
            &["pull", "pulls", "pulling", "get", "gets", "read", "reads", "fish", "fishes", "take", "takes"];
        let toks = self.toks();
        (0..toks.len()).find(|i| {
            let verb = self.text(*i);
            let rest = || (i + 1..toks.len().min(i + 12)).take_while(|j| toks[*j].kind != Kind::Stop);
            let german = GERMAN.contains(&verb) && rest().any(|j| self.text(j) == "aus" && self.ends_clause(j + 1));
            let documents = |j: usize| {
                (j..toks.len().min(j + 4))
                    .any(|k| super::fields::read_noun(self.text(k)) || self.text(k).starts_with("receipt"))
            };
            let out = |j: usize| self.text(j) == "out" && self.text(j + 1) == "of" || self.text(j) == "out of";
            german || ENGLISH.contains(&verb) && rest().any(|j| out(j) && documents(j + 1))
        })
    }

    /// Whether a clause ends before a token.
    fn ends_clause(&self, at: usize) -> bool {
        self.toks().get(at).is_none_or(|t| matches!(t.kind, Kind::Stop | Kind::Sym(',' | '(' | '—')))
    }

    /// Whether a word says that something is expected.
    fn expects(&self, at: usize) -> bool {
        ["expect", "erwart", "forecast", "anticipat", "prognos", "project"]
            .iter()
            .any(|stem| self.text(at).starts_with(stem))
    }

    /// "over the coming year": a horizon without a number.
    pub(super) fn horizon_words(&self) -> Option<Fact> {
        let toks = self.toks();
        (1..toks.len()).find_map(|i| {
            let Some(C::Time(per)) = toks[i].word() else { return None };
            // "for a year".
            let whole_year = per == Per::Year
                && toks[i - 1].is(C::Article)
                && i > 1
                && matches!(self.text(i - 2), "for" | "fur" | "fuer")
                && self.owner[i].is_none();
            // "next month's bill" is the bill of one month, whatever the horizon.
            let owns = self.text(i).ends_with("'s");
            let ahead =
                whole_year || toks[i - 1].is(C::Horizon) && per.days() >= 28.0 && self.owner[i].is_none() && !owns;
            let says = Says::Field("horizon_months");
            let half = (1..=3).map(|n| self.text(i + n)).eq(["and", "a", "half"]);
            let value = per.months() * if half && per == Per::Year { 1.5 } else { 1.0 };
            ahead.then_some(Fact::said(says, value, i - 1..i + 1, self.status[i]))
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
            one.then_some(Fact::said(says, 1.0, i - 2..i + 1, self.status[i]))
        })
    }

    /// "all of it can wait overnight": the whole as a share.
    pub(super) fn whole_words(&self) -> Option<Fact> {
        let toks = self.toks();
        (0..toks.len()).filter(|i| toks[*i].is(C::All)).find_map(|i| {
            let stops =
                |t: &Tok| matches!(t.kind, Kind::Stop | Kind::Sym(',')) || matches!(t.word(), Some(C::But | C::Not));
            let reach = (i + 1..toks.len().min(i + 7)).take_while(|j| !stops(&toks[*j]) && self.owner[*j].is_none());
            // "wait for the last one".
            let waits = |j: &usize| {
                toks[*j].is(C::Defer) && !toks.get(j + 1).is_some_and(|t| t.is(C::With) || self.text(j + 1) == "for")
            };
            let to = reach.filter(waits).last()? + 1;
            let says = Says::Field("deferrable_share");
            Some(Fact::said(says, 1.0, i..to, self.status[i]))
        })
    }

    /// "fünfmal so viel los wie im Mittel".
    fn is_usual_load(&self, at: usize) -> bool {
        ["im mittel", "im schnitt", "im durchschnitt", "sonst", "ublich", "on average", "than usual", "normalerweise"]
            .contains(&self.text(at))
            && at > 0
            && matches!(self.text(at - 1), "wie" | "als" | "than" | "as")
    }

    /// "beim Vorverkauf das Zwanzigfache": a multiple, where nothing grows or is paid.
    fn is_multiple_of_load(&self, at: usize) -> bool {
        let other = |c: C| {
            matches!(
                c,
                C::Grow | C::Spend | C::Price | C::Target | C::Time(Per::Month | Per::Year) | C::Adv(Per::Month)
            )
        };
        let fold = ["fach", "fache", "fachen"].iter().any(|end| self.text(at).ends_with(end));
        fold && at > 0 && self.toks()[at - 1].is(C::Article) && !self.sentence_has(at, other)
    }

    /// "twice the average at peak": a peak factor in words.
    pub(super) fn peak_words(&self) -> Option<Fact> {
        let toks = self.toks();
        (0..toks.len()).find_map(|i| {
            let Some(C::Double(factor)) = toks[i].word() else { return None };
            let start = i.saturating_sub(8);
            let peak = (start..toks.len().min(i + 8))
                .filter(|j| !toks[(*j).min(i)..(*j).max(i)].iter().any(|t| t.kind == Kind::Stop))
                .find(|j| toks[*j].is(C::Peak) || factor > 1.0 && toks[*j].is(C::Mean) || self.is_usual_load(*j))
                .or_else(|| (factor >= 2.0 && self.is_multiple_of_load(i)).then_some(i))?;
            let says = Says::Field("peak_factor");
            Some(Fact::said(says, factor, peak.min(i)..peak.max(i) + 1, self.status[i]))
        })
    }
}
