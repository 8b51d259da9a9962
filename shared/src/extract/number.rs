//! Numbers as people write them: `1,200` `1.200` `1 200` `1'200` `1,2` `2,00,000` `0.8` `1e6` `½`.

use winnow::Parser;
use winnow::ascii::digit1;
use winnow::combinator::{alt, opt, repeat};
use winnow::token::{one_of, take_while};

use super::lex::Parsed;

/// A number in digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    /// Its value.
    pub(super) value: f64,
    /// The other reading of `1.200`, where the dot may group thousands.
    pub(super) grouped: Option<f64>,
    /// How many digits, if it has nothing else: such numbers can be groups of a longer one (`12 000`).
    pub(super) plain: Option<u8>,
}

impl Number {
    /// A number with one reading.
    pub(super) const fn of(value: f64) -> Self {
        Self { value, grouped: None, plain: None }
    }
}

/// A number at the start of the text; `None` for digits that are no number, such as a version `1.2.3`.
pub(super) fn number(rest: &mut &str) -> Parsed<Option<Number>> {
    alt((fraction.map(|n| Some(Number::of(n))), decimal)).parse_next(rest)
}

fn fraction(rest: &mut &str) -> Parsed<f64> {
    one_of(['½', '¼', '¾', '⅓', '⅔'])
        .map(|c| match c {
            '½' => 0.5,
            '¼' => 0.25,
            '¾' => 0.75,
            '⅓' => 1.0 / 3.0,
            _ => 2.0 / 3.0,
        })
        .parse_next(rest)
}

fn decimal(rest: &mut &str) -> Parsed<Option<Number>> {
    let grouped = (digit1, repeat(0.., (one_of(['.', ',', '\'', '_']), digit1)).map(|()| ())).take();
    let bare_point = ('.', digit1).take();
    let text = alt((grouped, bare_point)).parse_next(rest)?;
    let number = read(text);
    let Some(power) = opt(alt((exponent, times_power, power_of(number)))).parse_next(rest)? else { return Ok(number) };
    Ok(match power {
        Power::Of(value) => Some(Number::of(value)),
        Power::Times(factor) => number.map(|n| Number::of((n.value * factor).min(f64::MAX))),
    })
}

/// What stands behind digits and makes them larger.
#[derive(Clone, Copy)]
enum Power {
    /// The value itself: they were the base.
    Of(f64),
    /// What they are multiplied by.
    Times(f64),
}

/// "2.5e3".
fn exponent(rest: &mut &str) -> Parsed<Power> {
    let digits = (opt('+'), take_while(1..=3, '0'..='9'));
    (one_of(['e']), digits, winnow::combinator::not(one_of(char::is_alphanumeric)))
        .verify_map(|(_, (_, digits), ()): (_, (_, &str), ())| digits.parse().ok())
        .map(|exponent: i32| Power::Times(ten_to(exponent)))
        .parse_next(rest)
}

/// "3 x 10^5", "3*10^5", "3·10⁵": a number in scientific notation.
fn times_power(rest: &mut &str) -> Parsed<Power> {
    (opt(' '), one_of(['x', '*', '·']), opt(' '), "10", raised).map(|(.., n)| Power::Times(ten_to(n))).parse_next(rest)
}

/// "10^6", "10**6", "10⁶": the digits were the base.
fn power_of(base: Option<Number>) -> impl FnMut(&mut &str) -> Parsed<Power> {
    move |rest: &mut &str| {
        let raised = raised.parse_next(rest)?;
        let base = base.map_or(f64::NAN, |n| n.value);
        Ok(Power::Of(crate::real::powf(base, f64::from(raised)).min(f64::MAX)))
    }
}

/// The power that a number is raised to.
fn raised(rest: &mut &str) -> Parsed<i32> {
    const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits =
        (alt(("^", "**")), opt('+'), take_while(1..=3, '0'..='9')).verify_map(|(.., n): (_, _, &str)| n.parse().ok());
    let small = take_while(1..=3, SUPERSCRIPTS).map(|text: &str| {
        let digit = |c: char| (0..).zip(SUPERSCRIPTS).find(|(_, s)| *s == c).map_or(0, |(digit, _)| digit);
        text.chars().fold(0, |n, c| 10 * n + digit(c))
    });
    alt((digits, small)).parse_next(rest)
}

/// A power of ten, finite: what is that large is above every bound.
fn ten_to(exponent: i32) -> f64 {
    crate::real::powf(10.0, f64::from(exponent)).min(f64::MAX)
}

/// The readings of digits with separators.
fn read(text: &str) -> Option<Number> {
    let separators: Vec<char> = text.chars().filter(|c| !c.is_ascii_digit()).collect();
    let groups: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).collect();
    let joined = |groups: &[&str]| groups.concat().parse::<f64>().ok();
    let thousands = |groups: &[&str]| {
        let (first, rest) = groups.split_first()?;
        let (last, middle) = rest.split_last()?;
        let western = middle.iter().all(|g| g.len() == 3);
        let indian = middle.iter().all(|g| g.len() == 2) && !middle.is_empty();
        let lead = (1..=3).contains(&first.len()) && !first.starts_with('0');
        if lead && last.len() == 3 && (western || indian) { joined(groups) } else { None }
    };
    let with_point = |whole: &[&str], part: &str| format!("{}.{part}", whole.concat()).parse::<f64>().ok();
    let (last, whole) = groups.split_last()?;
    match separators.as_slice() {
        [] => Some(Number { value: joined(&groups)?, grouped: None, plain: u8::try_from(text.len()).ok() }),
        ['.'] => Some(Number { value: with_point(whole, last)?, grouped: thousands(&groups), plain: None }),
        [',' | '\'' | '_'] => thousands(&groups)
            .or_else(|| if separators[0] == ',' { with_point(whole, last) } else { None })
            .map(Number::of),
        many if many.iter().all(|c| *c == many[0]) => thousands(&groups).map(Number::of),
        [first @ .., point] if first.iter().all(|c| c == &first[0]) && ['.', ','].contains(point) => {
            let whole = if whole.len() > 1 { thousands(whole)? } else { joined(whole)? };
            with_point(&[&format!("{whole:.0}")], last).map(Number::of)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<f64> {
        read(text).map(|n| n.value)
    }

    #[test]
    fn reads_the_ways_of_writing_a_number() {
        for (text, expected) in [
            ("1200", 1200.0),
            ("1,200", 1200.0),
            ("1'200", 1200.0),
            ("1_200", 1200.0),
            ("1,200,000", 1_200_000.0),
            ("1.200.000", 1_200_000.0),
            ("2,00,000", 200_000.0),
            ("12,50,000", 1_250_000.0),
            ("1,200.50", 1200.5),
            ("1.200,50", 1200.5),
            ("1,2", 1.2),
            ("0,125", 0.125),
            ("2.5", 2.5),
            (".5", 0.5),
        ] {
            assert_eq!(value(text), Some(expected), "{text}");
        }
        assert_eq!(read("1.200").map(|n| (n.value, n.grouped)), Some((1.2, Some(1200.0))));
        assert_eq!(read("0.125").map(|n| (n.value, n.grouped)), Some((0.125, None)));
    }

    #[test]
    fn a_version_is_no_number() {
        assert_eq!(value("1.2.3"), None);
        assert_eq!(value("10.0.0.1"), None);
    }

    #[test]
    fn exponents_and_fractions() {
        for (text, expected) in [
            ("1e6", 1e6),
            ("2.5e3 ", 2500.0),
            ("½", 0.5),
            ("10^6 requests", 1e6),
            ("10**6", 1e6),
            ("10⁶", 1e6),
            ("2^10", 1024.0),
            ("3 x 10^5", 3e5),
            ("1.2*10^6", 1.2e6),
            ("10^30", 1e30),
            ("10^999", f64::MAX),
        ] {
            let mut rest = text;
            assert_eq!(number(&mut rest).unwrap().map(|n| n.value), Some(expected), "{text}");
        }
    }
}
