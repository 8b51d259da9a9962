//! Numbers and names in a text, as the check of figures needs them: every number with its unit's kind and all values it
//! can mean, whatever the country's way to write it.

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Dollars.
    Money,
    /// Per cent.
    Share,
    /// Time, in milliseconds.
    Time,
    /// Anything else.
    Plain,
}

/// A number in a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Number<'a> {
    /// As it is written.
    pub(super) text: &'a str,
    /// What it counts.
    pub(super) kind: Kind,
    /// The values it can mean: `1.200` is two different numbers on two sides of the Atlantic.
    pub(super) readings: Vec<f64>,
    /// Significant digits as written, without zeros at the end of a whole number.
    pub(super) digits: u32,
}

/// What the check looks at.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece<'a> {
    /// A number.
    Number(Number<'a>),
    /// A fraction or multiple in a word, with its value: "half".
    Fraction(&'a str, f64),
    /// A name with a digit in it.
    Name(&'a str),
}

/// Words that say a fraction or a multiple.
const FRACTIONS: &[(&str, f64)] = &[
    ("half", 0.5),
    ("halve", 0.5),
    ("halves", 0.5),
    ("halving", 0.5),
    ("halved", 0.5),
    ("hälfte", 0.5),
    ("halb", 0.5),
    ("halbieren", 0.5),
    ("twice", 2.0),
    ("double", 2.0),
    ("doubles", 2.0),
    ("doubling", 2.0),
    ("doubled", 2.0),
    ("doppelt", 2.0),
    ("verdoppelt", 2.0),
    ("triple", 3.0),
    ("triples", 3.0),
    ("tripled", 3.0),
    ("dreifach", 3.0),
    ("quadruple", 4.0),
    ("tenfold", 10.0),
    ("two-thirds", 2.0 / 3.0),
    ("three-quarters", 0.75),
];
/// Parts that need a word before them: "a third" is a share, "the third" is not.
const PARTS: &[(&str, f64)] =
    &[("third", 3.0), ("thirds", 3.0), ("quarter", 4.0), ("quarters", 4.0), ("drittel", 3.0), ("viertel", 4.0)];
/// Whole numbers in words.
const WORDS: &[(&str, f64)] = &[
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("twenty", 20.0),
    ("fifty", 50.0),
    ("hundred", 100.0),
    ("hundreds", 100.0),
    ("thousands", 1_000.0),
    ("millions", 1e6),
    ("zwei", 2.0),
    ("drei", 3.0),
    ("vier", 4.0),
    ("fünf", 5.0),
    ("sechs", 6.0),
    ("sieben", 7.0),
    ("acht", 8.0),
    ("neun", 9.0),
    ("zehn", 10.0),
];

fn lookup(table: &[(&str, f64)], word: &str) -> Option<f64> {
    table.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

/// The pieces of `text`, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let words: Vec<&str> = text.split_whitespace().flat_map(|word| word.split(['–', '—', '…'])).map(trim).collect();
    let mut found = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let before = if i > 0 { words[i - 1] } else { "" };
        let after = match (words.get(i + 1).copied().unwrap_or_default(), words.get(i + 2)) {
            ("per", Some(&"cent")) => "percent",
            (after, _) => after,
        };
        if word.chars().any(|c| c.is_ascii_digit()) {
            with_digits(word, after, &mut found);
        } else {
            in_words(word, before, after, &mut found);
        }
    }
    found
}

/// A word without the signs around it.
fn trim(word: &str) -> &str {
    word.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '$' | '€' | '£' | '%' | '.'))
        .trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '%' | '$' | '€' | '£'))
        .trim_end_matches("'s")
        .trim_end_matches("’s")
}

fn in_words<'a>(word: &'a str, before: &str, after: &str, found: &mut Vec<Piece<'a>>) {
    let lower = word.to_lowercase();
    if let Some(value) = lookup(FRACTIONS, &lower) {
        found.push(Piece::Fraction(word, value));
    } else if let Some(part) = lookup(PARTS, &lower) {
        let before = before.to_lowercase();
        let many = if matches!(before.as_str(), "a" | "one" | "ein") { Some(1.0) } else { lookup(WORDS, &before) };
        if let Some(many) = many {
            found.push(Piece::Fraction(word, many / part));
        }
    } else if let Some(value) = lookup(WORDS, &lower) {
        // "two thirds" is one number, and it is the next word's.
        if lookup(PARTS, &after.to_lowercase()).is_none() {
            let (kind, factor) = unit(after, Kind::Plain);
            found.push(Piece::Number(Number { text: word, kind, readings: vec![value * factor], digits: 1 }));
        }
    }
}

fn with_digits<'a>(word: &'a str, after: &str, found: &mut Vec<Piece<'a>>) {
    if let Some(number) = number(word, after) {
        found.push(Piece::Number(number));
        return;
    }
    // `1,200/300`, `10-20%`, `200k/day`: several numbers in a word, or one with its unit.
    let parts: Vec<&str> =
        word.split(['/', '-', '~', '=', '(', ')', '+', '×', '*', ':']).filter(|p| !p.is_empty()).collect();
    let numbers: Vec<_> = parts.iter().filter(|p| p.chars().any(|c| c.is_ascii_digit())).collect();
    let read: Vec<_> = numbers.iter().filter_map(|part| number(part, after)).collect();
    let is_date = numbers.len() == 3 && parts.len() == 3 && word.len() == 10 && word.contains('-');
    let is_name = parts.first().is_some_and(|first| first.starts_with(char::is_alphabetic));
    if read.len() == numbers.len() && !is_date && !is_name && parts.len() > 1 {
        found.extend(read.into_iter().map(Piece::Number));
    } else {
        found.push(Piece::Name(word));
    }
}

/// Reads one number with what is tied to it: `$36k`, `67%`, `3.8s`, `1,200`, `3x`; `after` may hold its unit.
fn number<'a>(word: &'a str, after: &str) -> Option<Number<'a>> {
    let mut rest = word;
    let mut kind = Kind::Plain;
    for sign in ["US$", "$", "€", "£", "USD"] {
        if let Some(stripped) = rest.strip_prefix(sign) {
            (rest, kind) = (stripped, Kind::Money);
        }
    }
    let end = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | '\'' | '’')).unwrap_or(rest.len());
    let (digits, suffix) = rest.split_at(end);
    let digits = digits.trim_end_matches(['.', ',']);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') || !digits.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (kind, mut factor) = if suffix.is_empty() { (kind, 1.0) } else { tied(suffix, kind)? };
    let (kind, more) = unit(after, kind);
    factor *= more;
    let readings: Vec<f64> = readings(digits).into_iter().map(|value| value * factor).collect();
    (!readings.is_empty()).then(|| Number { text: word, kind, readings, digits: significant(digits) })
}

/// What is written without a space behind a number.
fn tied(suffix: &str, kind: Kind) -> Option<(Kind, f64)> {
    Some(match suffix {
        "k" | "K" => (kind, 1e3),
        "m" | "M" | "mn" | "mio" => (kind, 1e6),
        "b" | "B" | "bn" => (kind, 1e9),
        "%" => (Kind::Share, 1.0),
        "$" | "€" | "£" | "USD" => (Kind::Money, 1.0),
        "k$" | "K$" => (Kind::Money, 1e3),
        "M$" => (Kind::Money, 1e6),
        "x" | "X" | "×" | "fold" | "st" | "nd" | "rd" | "th" => (kind, 1.0),
        "ms" => (Kind::Time, 1.0),
        "s" | "sec" => (Kind::Time, 1e3),
        "min" => (Kind::Time, 6e4),
        "h" => (Kind::Time, 3.6e6),
        _ => return None,
    })
}

/// What the next word says about a number: its unit or its size.
fn unit(after: &str, kind: Kind) -> (Kind, f64) {
    match after.to_lowercase().as_str() {
        "%" | "percent" | "prozent" if kind == Kind::Plain => (Kind::Share, 1.0),
        "$" | "€" | "£" | "usd" | "dollar" | "dollars" | "euro" | "euros" => (Kind::Money, 1.0),
        "cent" | "cents" => (Kind::Money, 0.01),
        "thousand" | "tausend" | "k" => (kind, 1e3),
        "million" | "millionen" | "mio" => (kind, 1e6),
        "billion" | "milliarden" => (kind, 1e9),
        "ms" | "millisecond" | "milliseconds" | "millisekunden" => (Kind::Time, 1.0),
        "s" | "second" | "seconds" | "sekunde" | "sekunden" => (Kind::Time, 1e3),
        "minute" | "minutes" | "minuten" => (Kind::Time, 6e4),
        "hour" | "hours" | "stunde" | "stunden" => (Kind::Time, 3.6e6),
        _ => (kind, 1.0),
    }
}

/// The values that digits with points and commas can mean.
fn readings(digits: &str) -> Vec<f64> {
    let digits: String = digits.chars().filter(|c| !matches!(c, '\'' | '’')).collect();
    let parse = |thousands: char, point: char| -> Option<f64> {
        let (whole, rest) = digits.split_once(point).unwrap_or((&digits, ""));
        if rest.contains([thousands, point]) {
            return None;
        }
        let groups: Vec<&str> = whole.split(thousands).collect();
        let grouped = groups.len() > 1;
        if grouped && (groups[0].is_empty() || groups[0].len() > 3 || groups[1..].iter().any(|g| g.len() != 3)) {
            return None;
        }
        format!("{}.{rest}", groups.concat()).parse().or_else(|_| groups.concat().parse()).ok()
    };
    let mut found: Vec<f64> = [parse(',', '.'), parse('.', ',')].into_iter().flatten().collect();
    found.dedup();
    found
}

fn significant(digits: &str) -> u32 {
    let decimals = digits.contains(['.', ',']) && !is_grouped(digits);
    let plain: String = digits.chars().filter(char::is_ascii_digit).collect();
    let plain = plain.trim_start_matches('0');
    if decimals { plain.len() as u32 } else { plain.trim_end_matches('0').len() as u32 }
}

/// Whether the only separators are those of thousands.
fn is_grouped(digits: &str) -> bool {
    let groups: Vec<&str> = digits.split(['.', ',', '\'', '’']).collect();
    groups.len() > 1 && groups[1..].iter().all(|group| group.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (Kind, Vec<f64>, u32) {
        match pieces(text).as_slice() {
            [Piece::Number(number)] => (number.kind, number.readings.clone(), number.digits),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn numbers_are_read_with_their_units() {
        for (text, kind, value, digits) in [
            ("$36k", Kind::Money, 36_000.0, 2),
            ("$36,012.", Kind::Money, 36_012.0, 5),
            ("(about 67 %)", Kind::Share, 67.0, 2),
            ("67%,", Kind::Share, 67.0, 2),
            ("3.8 seconds", Kind::Time, 3_800.0, 2),
            ("250ms", Kind::Time, 250.0, 2),
            ("200,000 requests", Kind::Plain, 200_000.0, 1),
            ("1.5 million", Kind::Plain, 1.5e6, 2),
            ("200k/day", Kind::Plain, 200_000.0, 1),
            ("5 cents", Kind::Money, 0.05, 1),
            ("3x", Kind::Plain, 3.0, 1),
            ("12 dollars", Kind::Money, 12.0, 2),
            ("Nine", Kind::Plain, 9.0, 1),
            ("0.0005837", Kind::Plain, 0.000_583_7, 4),
        ] {
            let (of, readings, as_written) = one(text);
            assert_eq!((of, as_written), (kind, digits), "{text}");
            assert!(readings.iter().any(|r| (r - value).abs() < 1e-9 * value), "{text}: {readings:?}");
        }
    }

    #[test]
    fn several_numbers_in_a_word_names_and_fractions() {
        assert_eq!(pieces("1,200/300").len(), 2);
        assert_eq!(pieces("10-20%").len(), 2);
        for name in ["gpt-4o-mini", "GPT-4.1", "2026-11-22", "p95", "claude-sonnet-4-5", "H100"] {
            assert_eq!(pieces(name), [Piece::Name(name)]);
        }
        assert_eq!(pieces("two thirds"), [Piece::Fraction("thirds", 2.0 / 3.0)]);
        assert_eq!(pieces("a quarter"), [Piece::Fraction("quarter", 0.25)]);
        assert_eq!(pieces("the third option"), []);
        assert_eq!(pieces("no number at all, really."), []);
    }

    #[test]
    fn both_ways_to_write_a_number_are_tried() {
        assert_eq!(readings("1.200"), [1.2, 1_200.0]);
        assert_eq!(readings("36.012,5"), [36_012.5]);
        assert_eq!(readings("1,234,567"), [1_234_567.0]);
    }
}
