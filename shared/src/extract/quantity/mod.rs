//! Quantities: a number or a span of numbers, its unit, and what it is stated per. A grammar over tokens.

mod amount;
mod unit;

use winnow::Parser;
use winnow::combinator::{alt, opt, preceded};
use winnow::error::EmptyError;
use winnow::token::any;

use super::lex::{Kind, Parsed, Tok};
use super::lexicon::{C, Per};
use amount::{Amount, amount, in_digits};
use unit::{part_of_time, stated_per, unit};

/// What a quantity measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::extract) enum Dim {
    /// No unit.
    Bare,
    /// US dollars.
    Money,
    /// Another currency.
    Foreign(&'static str),
    /// A part of one.
    Share,
    /// Milliseconds.
    Time,
    Tokens,
    Requests,
    Users,
    Gpus,
    Vendors,
    /// Times something else.
    Times,
}

/// What else a quantity can be per.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Item {
    Request,
    Token,
    User,
    Gpu,
    /// Many of something: a price.
    Many,
}

/// A quantity that a message states.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::extract) struct Mention {
    /// The value, or the first of a span.
    pub(in crate::extract) first: f64,
    /// The same, or the second of a span.
    pub(in crate::extract) second: f64,
    pub(in crate::extract) dim: Dim,
    /// The unit of a time.
    pub(in crate::extract) unit: Option<Per>,
    /// Per how many of which stretch of time.
    pub(in crate::extract) per: Option<(Per, f64)>,
    pub(in crate::extract) item: Option<Item>,
    /// The other reading of `1.200`.
    pub(in crate::extract) grouped: Option<f64>,
    /// The first token.
    pub(in crate::extract) from: usize,
    /// One past the last token.
    pub(in crate::extract) to: usize,
    /// Where the unit ends; what follows up to `to` says per what.
    pub(in crate::extract) unit_end: usize,
}

impl Mention {
    /// The middle.
    pub(in crate::extract) fn value(&self) -> f64 {
        f64::midpoint(self.first, self.second)
    }

    /// Takes `1.200` for twelve hundred, where the unit or the language asks for it.
    pub(in crate::extract) fn group_thousands(&mut self) {
        if let Some(grouped) = self.grouped.take() {
            let scale = if self.first == 0.0 { 1.0 } else { grouped / self.first };
            let single = (self.first - self.second).abs() < f64::EPSILON;
            self.second = if single { grouped } else { self.second * scale };
            self.first = grouped;
        }
    }

    /// Makes a bare number a time in a unit of `ms` milliseconds.
    pub(in crate::extract) fn become_time(&mut self, unit: Per, ms: f64) {
        *self = Self { dim: Dim::Time, unit: Some(unit), first: self.first * ms, second: self.second * ms, ..*self };
    }

    /// The value a day, if it is per time.
    pub(in crate::extract) fn per_day(&self) -> Option<f64> {
        self.per.map(|(per, n)| per.a_day(self.value()) / n)
    }

    /// The value a month, if it is per time.
    pub(in crate::extract) fn per_month(&self) -> Option<f64> {
        self.per.map(|(per, n)| per.a_month(self.value()) / n)
    }

    /// A time in months.
    pub(in crate::extract) fn months(&self) -> Option<f64> {
        let unit = self.unit?;
        Some(self.value() / unit.ms() * unit.months())
    }
}

type Toks<'a> = &'a [Tok];

/// Finds all quantities.
pub(in crate::extract) fn quantities(toks: &[Tok]) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < toks.len() {
        let mut rest = &toks[i..];
        // A number glued behind a hyphen and letters is a name ("version-2"), the rest of the grammar decides.
        match quantity.parse_next(&mut rest) {
            Ok(mut mention) if rest.len() < toks.len() - i => {
                let to = toks.len() - rest.len();
                mention.unit_end += i;
                mention.from = i;
                mention.to = to;
                found.push(mention);
                i = to;
            }
            _ => i += 1,
        }
    }
    found
}

fn word<T>(read: impl Fn(C) -> Option<T>) -> impl FnMut(&mut Toks<'_>) -> Parsed<T> {
    move |rest: &mut Toks<'_>| any.verify_map(|tok: Tok| tok.word().and_then(&read)).parse_next(rest)
}

fn is(c: C) -> impl FnMut(&mut Toks<'_>) -> Parsed<()> {
    move |rest: &mut Toks<'_>| any.verify(|tok: &Tok| tok.is(c)).void().parse_next(rest)
}

fn sym(sign: char) -> impl FnMut(&mut Toks<'_>) -> Parsed<()> {
    move |rest: &mut Toks<'_>| any.verify(|tok: &Tok| tok.is_sym(sign)).void().parse_next(rest)
}

/// `Ok` if the next token is `accepted`, without taking it.
fn ahead(rest: &Toks<'_>, accepted: impl Fn(&Tok) -> bool) -> bool {
    rest.first().is_some_and(accepted)
}

/// A currency behind its number; "2024 $6k" has it before the next one.
fn currency_after(rest: &mut Toks<'_>) -> Parsed<Dim> {
    if rest.get(1).is_some_and(|t| t.glued && matches!(t.kind, Kind::Num(_))) {
        return Err(EmptyError);
    }
    currency(rest)
}

fn currency(rest: &mut Toks<'_>) -> Parsed<Dim> {
    word(|c| match c {
        C::Dollar => Some(Dim::Money),
        C::Foreign(code) => Some(Dim::Foreign(code)),
        _ => None,
    })
    .parse_next(rest)
}

/// The second end of a span: "-15k", "to 1,500", "and 1,500" (after "between").
fn span_end(rest: &mut Toks<'_>) -> Parsed<(Option<Dim>, Amount)> {
    let joint = alt((is(C::To), is(C::And), sym('-')));
    preceded(joint, (opt(currency), in_digits)).parse_next(rest)
}

fn quantity(rest: &mut Toks<'_>) -> Parsed<Mention> {
    let start = *rest;
    let between = opt(is(C::Between)).parse_next(rest)?.is_some();
    let _ = opt(alt((is(C::About), is(C::From)))).parse_next(rest)?;
    let before = opt(currency).parse_next(rest)?;
    let first = amount(rest)?;
    let (mut low, mut high) = (first, first);
    let mut money = before;
    if let Some(found) = opt(currency_after).parse_next(rest)? {
        money = Some(found);
    }
    if first.grand {
        money = money.or(Some(Dim::Money));
    }
    let tail = {
        let joined_by_and = ahead(rest, |t| t.is(C::And));
        let mut probe = *rest;
        match span_end(&mut probe) {
            Ok((sign, end)) if !joined_by_and || between => {
                *rest = probe;
                money = money.or(sign);
                Some(end)
            }
            _ => None,
        }
    };
    if let Some(end) = tail {
        high = end;
        // "10-12k": what multiplies the second multiplies the first too.
        if end.scaled && !first.scaled && first.value < 1000.0 {
            low.value *= end_scale(start, rest);
        }
        if let Some(found) = opt(currency_after).parse_next(rest)? {
            money = Some(found);
        }
    }
    let mut mention = Mention {
        first: low.value,
        second: high.value,
        dim: money.unwrap_or(Dim::Bare),
        unit: None,
        per: None,
        item: None,
        grouped: first.grouped,
        from: 0,
        to: 0,
        unit_end: 0,
    };
    if first.part {
        mention.dim = Dim::Share;
        part_of_time(rest, &mut mention);
    } else if money.is_none() {
        unit(rest, &mut mention);
    }
    mention.unit_end = start.len() - rest.len();
    while stated_per(rest, &mut mention).is_ok() {}
    Ok(mention)
}

/// The factor that multiplies the second end of a span.
fn end_scale(start: Toks<'_>, rest: Toks<'_>) -> f64 {
    let taken = &start[..start.len() - rest.len()];
    taken
        .iter()
        .rev()
        .find_map(|tok| match tok.word() {
            Some(C::Mult(m)) => Some(m),
            Some(C::Letter('k')) => Some(1e3),
            Some(C::Letter('m')) => Some(1e6),
            Some(C::Letter('b')) => Some(1e9),
            _ => None,
        })
        .unwrap_or(1.0)
}
