//! Numbers with what multiplies them: "12k", "half a million", "one in five", "1/2 Mio".

use winnow::Parser;
use winnow::combinator::{alt, opt, preceded, repeat};
use winnow::error::EmptyError;
use winnow::token::any;

use super::{Toks, ahead, is, sym, word};
use crate::extract::lex::{Kind, Parsed, Tok};
use crate::extract::lexicon::{C, Per};
use crate::extract::number::Number;

/// A number with what multiplies it.
#[derive(Clone, Copy)]
pub(super) struct Amount {
    pub(super) value: f64,
    pub(super) grouped: Option<f64>,
    pub(super) scaled: bool,
    /// Whether the words make it a part of one ("two thirds").
    pub(super) part: bool,
    /// "4 grand": thousands of dollars.
    pub(super) grand: bool,
}

impl Amount {
    const fn of(value: f64) -> Self {
        Self { value, grouped: None, scaled: false, part: false, grand: false }
    }
}

pub(super) fn amount(rest: &mut Toks<'_>) -> Parsed<Amount> {
    alt((ratio, fraction, nth, in_digits, in_words)).parse_next(rest)
}

pub(super) fn in_digits(rest: &mut Toks<'_>) -> Parsed<Amount> {
    let start = *rest;
    let first = any.verify_map(|tok: Tok| number_of(&tok)).parse_next(rest)?;
    let mut value = first.value;
    // "12 000": groups of three digits, one blank apart.
    let mut previous = start.first().map_or(0, |tok| tok.end);
    if first.plain.is_some_and(|digits| digits <= 3) && first.value > 0.0 {
        while let Some(group) = rest.first()
            && let Some(number) = number_of(group)
            && number.plain == Some(3)
            && group.start == previous + 1
            // Nothing that makes the next number one of its own.
            && !(rest.get(1).is_some_and(|t| t.glued && t.is_sym('/')) && value >= 1000.0)
        {
            value = value * 1000.0 + number.value;
            previous = group.end;
            *rest = &rest[1..];
        }
    }
    let grand = ahead(rest, |t| t.is(C::Grand));
    let scale = opt(multipliers).parse_next(rest)?;
    // "1k5": the digit behind the letter is the next one.
    if let (Some(scale), Some(tok)) = (scale, rest.first())
        && tok.glued
        && let Some(digit) = number_of(tok).filter(|n| n.plain == Some(1))
    {
        value += digit.value / 10.0;
        *rest = &rest[1..];
        return Ok(Amount { scaled: true, ..Amount::of(value * scale) });
    }
    let grouped = if scale.is_some() { None } else { first.grouped };
    Ok(Amount { value: value * scale.unwrap_or(1.0), grouped, scaled: scale.is_some(), part: false, grand })
}

const fn number_of(tok: &Tok) -> Option<Number> {
    match tok.kind {
        Kind::Num(number) => Some(number),
        _ => None,
    }
}

/// "k", "Mio", "hundred thousand".
fn multipliers(rest: &mut Toks<'_>) -> Parsed<f64> {
    let factors: Vec<f64> = repeat(1..=2, multiplier).parse_next(rest)?;
    Ok(factors.iter().product())
}

fn multiplier(rest: &mut Toks<'_>) -> Parsed<f64> {
    let tok = any.parse_next(rest)?;
    match tok.word() {
        Some(C::Mult(factor)) => Ok(factor),
        Some(C::Grand) => Ok(1e3),
        Some(C::Letter('k' | 't')) if tok.glued || !ahead(rest, |t| t.glued) => Ok(1e3),
        Some(C::Letter(letter @ ('m' | 'b'))) => {
            let counted = ahead(rest, |t| {
                matches!(
                    t.word(),
                    Some(C::Request | C::Tokens | C::Dollar | C::Foreign(_) | C::In | C::Out | C::Per | C::Article)
                )
            });
            if tok.glued || counted { Ok(if letter == 'm' { 1e6 } else { 1e9 }) } else { Err(EmptyError) }
        }
        _ => Err(EmptyError),
    }
}

/// "two", "twelve thousand", "a million", "half a million", "two thirds", "half".
fn in_words(rest: &mut Toks<'_>) -> Parsed<Amount> {
    let number = || word(|c| if let C::NumWord(n) = c { Some(n) } else { None });
    let part = || word(|c| if let C::Frac(f) = c { Some(f) } else { None });
    let large = || word(|c| if let C::Mult(m) = c { Some(m) } else { None });
    // "ten grand".
    let grand = rest.iter().take(3).any(|t| t.is(C::Grand));
    let whole = |value| Amount { scaled: true, ..Amount::of(value) };
    let share = |value| Amount { part: true, ..Amount::of(value) };
    let quarter = || is(C::Time(Per::Quarter));
    alt((
        (opt(is(C::Article)), quarter(), large()).map(move |(_, (), m)| whole(0.25 * m)),
        (part(), opt(is(C::Article)), large()).map(move |(f, _, m)| whole(f * m)),
        (number(), opt(sym('-')), part()).map(move |(n, _, f)| share(n * f)),
        spelled,
        preceded(alt((is(C::Article), is(C::Every))), part()).map(share),
        preceded(is(C::Article), large()).map(whole),
        part().map(share),
    ))
    .parse_next(rest)
    .map(|amount| Amount { grand: grand && amount.value >= 1e3, ..amount })
}

/// "two hundred fifty", "twelve thousand five hundred", "thirty-five million".
fn spelled(rest: &mut Toks<'_>) -> Parsed<Amount> {
    let mut number = word(|c| if let C::NumWord(n) = c { Some(n) } else { None });
    let (mut total, mut current, mut scaled) = (0.0, number.parse_next(rest)?, false);
    // What the next number must be less than to be a part of this one.
    let mut room = if (20.0..100.0).contains(&current) && current % 10.0 < 0.5 { 10.0 } else { 0.0 };
    loop {
        let mut probe = *rest;
        if let Ok(factor) = multiplier(&mut probe) {
            scaled = true;
            if factor < 1e3 {
                current *= factor;
            } else {
                total += current * factor;
                current = 0.0;
            }
            room = factor;
            *rest = probe;
            continue;
        }
        probe = *rest;
        let _ = opt(alt((is(C::And), sym('-')))).parse_next(&mut probe)?;
        match number.parse_next(&mut probe) {
            Ok(next) if next < room => {
                current += next;
                room = if next >= 20.0 && next % 10.0 < 0.5 { 10.0 } else { 0.0 };
                *rest = probe;
            }
            _ => break,
        }
    }
    Ok(Amount { scaled, ..Amount::of(total + current) })
}

/// "one in five", "3 out of 10".
fn ratio(rest: &mut Toks<'_>) -> Parsed<Amount> {
    let small = || {
        any.verify_map(|tok: Tok| match tok.kind {
            Kind::Num(number) if number.plain.is_some() => Some(number.value),
            Kind::Word(C::NumWord(n)) => Some(n),
            _ => None,
        })
    };
    let joint = alt((
        alt((is(C::InWord), is(C::In))).void(),
        (alt((is(C::OutWord), is(C::Filler), is(C::Out))), is(C::Of)).void(),
    ));
    let not_out = winnow::combinator::not(alt((
        is(C::Out),
        is(C::OutWord),
        is(C::Mult(1e3)),
        is(C::Letter('k')),
        is(C::Tokens),
        sym(','),
    )));
    // "8 of 10 tickets", "95 von 100".
    let of = (small(), alt((is(C::Of), is(C::From))), small())
        .verify_map(|(a, (), b): (f64, (), f64)| (a < b && [10.0, 20.0, 100.0].contains(&b)).then_some(a / b));
    let joined = (small(), joint, small(), not_out)
        .verify_map(|(a, (), b, ()): (f64, (), f64, ())| (a < b && b <= 100.0 && a <= 20.0).then_some(a / b));
    alt((joined, of)).map(|value| Amount { part: true, ..Amount::of(value) }).parse_next(rest)
}

/// "every twentieth", "jede fünfte", "every 5th".
fn nth(rest: &mut Toks<'_>) -> Parsed<Amount> {
    let digits = (
        any.verify_map(|tok: Tok| {
            number_of(&tok).filter(|n| n.plain.is_some_and(|digits| digits <= 3) && n.value >= 2.0)
        }),
        any.verify(|tok: &Tok| tok.glued && matches!(tok.word(), Some(C::Other)) && tok.end - tok.start == 2),
    )
        .map(|(number, _)| number.value);
    let place = alt((word(|c| if let C::Nth(n) = c { Some(n) } else { None }), digits));
    (is(C::Every), place).map(|((), n)| Amount { part: true, ..Amount::of(1.0 / n) }).parse_next(rest)
}

/// "1/2 Mio", "3/4 of".
fn fraction(rest: &mut Toks<'_>) -> Parsed<Amount> {
    let digit = || {
        any.verify_map(|tok: Tok| match tok.kind {
            Kind::Num(number) if number.plain == Some(1) && number.value > 0.0 => Some(number.value),
            _ => None,
        })
    };
    let part = (digit(), sym('/'), digit()).verify_map(|(a, (), b)| (a < b).then_some(a / b)).parse_next(rest)?;
    if let Some(scale) = opt(multipliers).parse_next(rest)? {
        return Ok(Amount { scaled: true, ..Amount::of(part * scale) });
    }
    if ahead(rest, |t| matches!(t.word(), Some(C::Of | C::Article))) {
        return Ok(Amount { part: true, ..Amount::of(part) });
    }
    Err(EmptyError)
}
