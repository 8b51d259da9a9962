//! A message made ready to be read: its quantities, with the units and stretches of time that stand apart from them.

use super::clauses::{Status, is_year};
use super::lex::{Kind, Lexed, Tok};
use super::lexicon::{C, Per};
use super::lists::lists;
use super::quantity::{Dim, Mention};

/// A message, ready to be read.
pub(super) struct Reading<'a> {
    pub(super) lexed: &'a Lexed,
    pub(super) status: &'a [Status],
    pub(super) german: bool,
    pub(super) mentions: Vec<Mention>,
    /// Which mention a token belongs to.
    pub(super) owner: Vec<Option<usize>>,
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
            reading.adopt_currency(i);
            reading.adopt_sum(i);
            reading.adopt_corrected(i);
            reading.adopt_wish(i);
            reading.adopt_percentile(i);
            reading.adopt_label(i);
            reading.adopt_period(i);
        }
        for i in (0..reading.mentions.len()).rev() {
            reading.adopt_next_period(i);
        }
        reading
    }

    pub(super) fn toks(&self) -> &'a [Tok] {
        &self.lexed.toks
    }

    /// The folded words of a token.
    pub(super) fn text(&self, token: usize) -> &str {
        self.toks().get(token).map_or("", |tok| self.lexed.text(tok))
    }

    pub(super) fn own(&mut self) {
        self.owner = vec![None; self.toks().len()];
        for (i, mention) in self.mentions.iter().enumerate() {
            self.owner[mention.from..mention.to].fill(Some(i));
        }
    }

    /// Years, "24/7", list numbers.
    pub(super) fn is_no_quantity(&self, mention: &Mention) -> bool {
        let toks = self.toks();
        let before = mention.from.checked_sub(1).and_then(|i| toks.get(i));
        let year = toks[mention.from..mention.to].iter().any(is_year)
            && mention.dim == Dim::Bare
            && (before.is_none_or(|t| {
                matches!(
                    t.word(),
                    Some(
                        C::InWord
                            | C::Article
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
        let round_the_clock = mention.first.to_bits() == 24.0_f64.to_bits()
            && toks.get(mention.to).is_some_and(|t| t.is_sym('/') && t.glued);
        // "$ per 1,000 summaries".
        let each_thousand = before.is_some_and(|t| t.is(C::Per))
            && matches!(mention.dim, Dim::Bare | Dim::Requests)
            && mention.per.is_none()
            && [100.0, 1e3, 1e6].contains(&mention.first);
        year || round_the_clock || each_thousand
    }

    /// "from 4 to 2 s", "$12k to $8k": two figures, today's and the wanted one.
    pub(super) fn split_transitions(&mut self) {
        let toks = self.toks();
        let mut split = Vec::with_capacity(self.mentions.len());
        for mention in &self.mentions {
            let from = toks.get(mention.from).is_some_and(|t| t.is(C::From));
            let changes =
                mention.second < mention.first || from && (self.changes(mention.from) || self.has_moved(mention.from));
            let kind = matches!(mention.dim, Dim::Money | Dim::Time | Dim::Requests)
                || mention.dim == Dim::Tokens
                    && (mention.second < mention.first || from && self.has_moved(mention.from));
            if kind && from && changes && (mention.first - mention.second).abs() > 0.0 {
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
    pub(super) fn changes(&self, at: usize) -> bool {
        self.toks()[..at]
            .iter()
            .rev()
            .take_while(|t| t.kind != Kind::Stop)
            .chain(self.toks()[at..].iter().take_while(|t| t.kind != Kind::Stop).filter(|t| t.is(C::Grow)))
            .any(|t| {
                matches!(t.word(), Some(C::Save | C::Grow | C::Shrink | C::Budget | C::Target | C::Switch))
                    || matches!(
                        self.lexed.text(t),
                        "go" | "going" | "goes" | "ramp" | "climb" | "rise" | "move" | "gehen"
                    )
            })
    }

    /// The unit behind the last figure of a list is that of all ("0.9/2.8/7.5 s").
    pub(super) fn spread_units(&mut self) {
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

    pub(super) fn group_thousands(&mut self) {
        let (german, toks) = (self.german, &self.lexed.toks);
        for mention in &mut self.mentions {
            let hourly = matches!(mention.per, Some((Per::Hour, _)));
            let counted = match mention.dim {
                Dim::Tokens | Dim::Requests | Dim::Users => true,
                Dim::Money | Dim::Foreign(_) => !hourly && mention.item.is_none(),
                // Nobody measures thousandths of a millisecond.
                Dim::Time => german || toks[mention.from..mention.to].iter().any(|t| t.is(C::Ms)),
                Dim::Times => mention.per.is_some(),
                Dim::Bare => mention.per.is_some() || !near_ratio(toks, mention),
                _ => false,
            };
            if counted {
                mention.group_thousands();
            }
        }
    }

    /// Whether a token is part of a quantity.
    pub(super) fn counts(&self, token: usize) -> bool {
        self.owner.get(token).is_some_and(Option::is_some)
    }

    /// Whether the message, or the sentence around `at`, holds the word.
    pub(super) fn sentence_has(&self, at: usize, wanted: impl Fn(C) -> bool) -> bool {
        let toks = self.toks();
        let start = (0..at).rev().find(|i| toks[*i].kind == Kind::Stop).map_or(0, |i| i + 1);
        toks[start..].iter().take_while(|t| t.kind != Kind::Stop).any(|t| t.word().is_some_and(&wanted))
    }

    pub(super) fn message_has(&self, wanted: impl Fn(C) -> bool) -> bool {
        self.toks().iter().any(|t| t.word().is_some_and(&wanted))
    }
}

/// Whether the words beside a bare number name a ratio, of which three decimals are decimals.
fn near_ratio(toks: &[Tok], mention: &Mention) -> bool {
    let ends = |t: &&Tok| !matches!(t.kind, Kind::Stop | Kind::Sym(',' | '—') | Kind::Num(_));
    let counted = toks[mention.to..].first().and_then(Tok::word);
    if matches!(counted, Some(C::In | C::Out | C::Reason | C::Prefix)) {
        return false;
    }
    let left = toks[mention.from.saturating_sub(4)..mention.from].iter().rev().take_while(ends);
    let around = left.chain(toks[mention.to..].iter().take(2).take_while(ends));
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
