//! Text to tokens. Every character is folded one to one (lower case, plain letters, plain blanks), so positions in
//! the folded text are positions in the message, counted in Unicode scalar values.

use winnow::Parser;
use winnow::ascii::digit1;
use winnow::combinator::{alt, opt, preceded, repeat, terminated};
use winnow::error::EmptyError;
use winnow::token::{one_of, take_while};

use super::lexicon::C;
use super::models::{self, ModelName};
use super::number::{self, Number};
use super::tables;
use crate::date::Date;

/// A parser's answer; why it failed does not matter, the next alternative is tried.
pub(super) type Parsed<T> = winnow::Result<T, EmptyError>;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// A number in digits.
    Num(Number),
    /// A word or a phrase, by its meaning.
    Word(C),
    /// A sign that separates or joins.
    Sym(char),
    /// The end of a sentence, a line or a list item.
    Stop,
    /// A model, as an index into [`Lexed::models`].
    Model(u16),
    /// A day.
    Day(Date),
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tok {
    pub(super) kind: Kind,
    /// First character.
    pub(super) start: u32,
    /// One past the last character.
    pub(super) end: u32,
    /// First byte in the folded text.
    pub(super) byte: u32,
    /// One past the last byte.
    pub(super) byte_end: u32,
    /// Whether no blank stands before it.
    pub(super) glued: bool,
    /// Whether it repeats the head of a table's column before a cell.
    pub(super) copy: bool,
}

impl Tok {
    /// The meaning, if it is a word.
    pub(super) const fn word(&self) -> Option<C> {
        match self.kind {
            Kind::Word(c) => Some(c),
            _ => None,
        }
    }

    /// Whether it is the word `c`.
    pub(super) fn is(&self, c: C) -> bool {
        self.word() == Some(c)
    }

    /// Whether it is the sign `sign`.
    pub(super) fn is_sym(&self, sign: char) -> bool {
        self.kind == Kind::Sym(sign)
    }
}

/// A message in tokens.
pub(super) struct Lexed {
    pub(super) folded: String,
    pub(super) toks: Vec<Tok>,
    pub(super) models: Vec<ModelName>,
    /// Where the message has an umlaut: what tells "hätten" from "hatten".
    umlauts: Vec<u32>,
}

impl Lexed {
    /// Whether the words of `tok` are written with an umlaut.
    pub(super) fn has_umlaut(&self, tok: &Tok) -> bool {
        let at = self.umlauts.partition_point(|position| *position < tok.start);
        self.umlauts.get(at).is_some_and(|position| *position < tok.end)
    }

    /// The folded words of `tok`.
    pub(super) fn text(&self, tok: &Tok) -> &str {
        self.folded.get(tok.byte as usize..tok.byte_end as usize).unwrap_or("")
    }
}

/// One folded character for one character of the message.
fn fold(c: char) -> char {
    match c {
        'a'..='z' | '0'..='9' | ' ' => c,
        'A'..='Z' => c.to_ascii_lowercase(),
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => '\n',
        '\t' => '\t',
        c if c.is_whitespace() || c.is_control() => ' ',
        'ä' | 'Ä' | 'á' | 'à' | 'â' => 'a',
        'ö' | 'Ö' | 'ó' | 'ô' => 'o',
        'ü' | 'Ü' | 'ú' => 'u',
        'é' | 'É' | 'è' | 'ê' => 'e',
        'ß' => 's',
        '’' | '‘' | '´' | '`' => '\'',
        '“' | '”' | '„' | '«' | '»' => '"',
        '‐' | '‑' | '‒' | '–' | '−' => '-',
        '×' | '✕' | '∗' => 'x',
        '＄' => '$',
        '٪' | '％' => '%',
        '⁄' => '/',
        '≈' | '∼' => '~',
        '≤' | '⩽' => '<',
        '≥' | '⩾' => '>',
        '\u{ff10}'..='\u{ff19}' => char::from(b'0' + (c as u32 - 0xff10) as u8),
        c => {
            let mut lower = c.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(one), None) => one,
                _ => c,
            }
        }
    }
}

/// Splits a message into tokens; words are still [`C::Other`] until the lexicon has seen them.
pub(super) fn lex(content: &str) -> Lexed {
    let folded: String = content.chars().map(fold).collect();
    let umlaut = |c: &char| "äöüÄÖÜ".contains(*c);
    let umlauts = (0..).zip(content.chars()).filter(|(_, c)| umlaut(c)).map(|(i, _)| i).collect();
    let mut lexed = Lexed { folded: String::new(), toks: Vec::new(), models: Vec::new(), umlauts };
    let mut rest = folded.as_str();
    let mut position = 0_u32;
    let mut glued = false;
    while let Some(first) = rest.chars().next() {
        let before = rest;
        let seen = &folded[..folded.len() - rest.len()];
        let kind = if first == ' ' { None } else { token(&mut rest, seen, &mut lexed, glued) };
        if rest.len() == before.len() {
            rest = &rest[first.len_utf8()..];
        }
        let taken = &before[..before.len() - rest.len()];
        let length = taken.chars().count() as u32;
        if let Some(kind) = kind {
            let byte = (folded.len() - before.len()) as u32;
            let end = position + length;
            let byte_end = byte + taken.len() as u32;
            lexed.toks.push(Tok { kind, start: position, end, byte, byte_end, glued, copy: false });
        }
        position += length;
        glued = first != ' ';
    }
    lexed.folded = folded;
    tables::spread(&mut lexed.toks);
    dashes(&mut lexed);
    lexed
}

/// A dash between blanks joins two ends of a span ("1,000 - 1,500"), or parts the message; the second, if it stands
/// more than once or not between rising numbers.
fn dashes(lexed: &mut Lexed) {
    let toks = &mut lexed.toks;
    let spaced =
        |toks: &[Tok], i: usize| toks[i].is_sym('-') && !toks[i].glued && toks.get(i + 1).is_some_and(|t| !t.glued);
    let count = (0..toks.len()).filter(|i| spaced(toks, *i)).count();
    let value = |t: Option<&Tok>| t.and_then(|t| if let Kind::Num(n) = t.kind { Some(n.value) } else { None });
    for i in 0..toks.len() {
        if !spaced(toks, i) {
            continue;
        }
        let before = i.checked_sub(1).and_then(|j| toks.get(j));
        let rises = match (value(before), value(toks.get(i + 1))) {
            (Some(a), Some(b)) => a < b && b <= 10.0 * a,
            _ => false,
        };
        if count > 1 || !rises {
            toks[i].kind = Kind::Sym('—');
        }
    }
}

/// One token at the start of `rest`; `None` for what says nothing (the blank is skipped by the caller).
fn token(rest: &mut &str, seen: &str, lexed: &mut Lexed, glued: bool) -> Option<Kind> {
    let last = lexed.toks.last();
    let after_number = glued && matches!(last.map(|t| t.kind), Some(Kind::Num(_)));
    let after_word = glued && matches!(last.map(|t| t.kind), Some(Kind::Word(_) | Kind::Num(_)));
    if !after_word && let Ok(Some(model)) = opt(models::model).parse_next(rest) {
        lexed.models.push(model);
        return Some(Kind::Model((lexed.models.len() - 1) as u16));
    }
    if !after_word
        && may_be_day(rest)
        && let Ok(Some(day)) = opt(day).parse_next(rest)
    {
        return Some(Kind::Day(day));
    }
    if let Ok(Some(number)) = opt(number::number).parse_next(rest) {
        return Some(number.map_or(Kind::Word(C::Other), Kind::Num));
    }
    let parsed = if after_number { opt(unit_word).parse_next(rest) } else { opt(word).parse_next(rest) };
    if matches!(parsed, Ok(Some(()))) {
        return Some(Kind::Word(C::Other));
    }
    sign(rest, seen)
}

/// A word: letters, then letters, digits and inner apostrophes; or letters with dots between ("e.g.").
fn word(rest: &mut &str) -> Parsed<()> {
    let dotted = repeat(2.., (one_of(char::is_alphabetic), '.')).map(|()| ());
    let plain = (
        take_while(1.., char::is_alphabetic),
        take_while(0.., char::is_alphanumeric),
        opt(alt((('\'', take_while(1..=2, char::is_alphabetic)).void(), "^2".void()))),
    )
        .void();
    // "pass@1".
    let pass = ("pass@", digit1).void();
    alt((pass, dotted, plain)).parse_next(rest)
}

/// What stands directly after a number: letters only, and the "x" of "8xH100" alone.
fn unit_word(rest: &mut &str) -> Parsed<()> {
    let times = ('x', winnow::combinator::peek((one_of('a'..='z'), one_of('0'..='9')))).void();
    alt((times, take_while(1.., char::is_alphabetic).void())).parse_next(rest)
}

/// A sign. A full stop ends a sentence only before a blank and not after an abbreviation.
fn sign(rest: &mut &str, seen: &str) -> Option<Kind> {
    let mut chars = rest.chars();
    let sign = chars.next()?;
    let next = chars.clone().next();
    *rest = chars.as_str();
    if sign == '-' && next == Some('>') {
        chars.next();
        *rest = chars.as_str();
        return Some(Kind::Sym('→'));
    }
    match sign {
        // Where they part the cells and rows of a table, `tables` decides.
        '\n' => Some(Kind::Sym('\n')),
        '|' | '\t' => Some(Kind::Sym('|')),
        ';' | '!' | '?' | '•' => Some(Kind::Stop),
        '.' if next.is_none_or(char::is_whitespace) => {
            if abbreviated(seen) {
                None
            } else {
                Some(Kind::Stop)
            }
        }
        '*' if seen.ends_with([' ', ')']) && next == Some(' ') => Some(Kind::Word(C::Times)),
        '.' | '"' | '\'' | '*' | '#' | '_' => None,
        '%' => Some(Kind::Word(C::Percent)),
        '$' => Some(Kind::Word(C::Dollar)),
        '€' => Some(Kind::Word(C::Foreign("EUR"))),
        '£' => Some(Kind::Word(C::Foreign("GBP"))),
        '¥' => Some(Kind::Word(C::Foreign("JPY"))),
        '₹' => Some(Kind::Word(C::Foreign("INR"))),
        '~' => Some(Kind::Word(C::About)),
        '<' => Some(Kind::Word(C::UpTo)),
        '>' => Some(Kind::Word(C::AtLeast)),
        '@' => Some(Kind::Word(C::At)),
        '&' => Some(Kind::Word(C::And)),
        sign => Some(Kind::Sym(sign)),
    }
}

/// Whether the last word is an abbreviation, whose full stop ends no sentence; "7 s." and "12k." do.
fn abbreviated(seen: &str) -> bool {
    const SHORT: &str = " tsd mio mrd ca approx max avg vs mtl bzw inkl incl ggf evtl mill tgl monatl mind zzgl est resp z b d h u e i g p ";
    let word = seen.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or("");
    let before = seen[..seen.len() - word.len()].trim_end_matches(' ').chars().next_back();
    let counted = word.len() == 1 && before.is_some_and(|c| c.is_ascii_digit());
    !word.is_empty() && !counted && SHORT.contains(&format!(" {word} "))
}

/// Whether a day can begin here: most words need not be tried.
fn may_be_day(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_ascii_digit())
        || rest.get(..3).is_some_and(|stem| {
            matches!(
                stem,
                "jan"
                    | "feb"
                    | "mar"
                    | "mae"
                    | "apr"
                    | "may"
                    | "mai"
                    | "jun"
                    | "jul"
                    | "aug"
                    | "sep"
                    | "oct"
                    | "okt"
                    | "nov"
                    | "dec"
                    | "dez"
            )
        })
}

/// A day in digits: `2026-06-01`, `01.06.2026`, `6/1/2026` (month first), or with the month's name.
fn day(rest: &mut &str) -> Parsed<Date> {
    let iso = (digits(4..=4), '-', digits(2..=2), '-', digits(2..=2)).map(|(y, _, m, _, d)| (y, m, d));
    let dotted = (digits(1..=2), '.', opt(' '), digits(1..=2), '.', opt(' '), digits(4..=4))
        .map(|(d, _, _, m, _, _, y)| (y, m, d));
    let slashed = (digits(1..=2), '/', digits(1..=2), '/', digits(4..=4)).map(|(m, _, d, _, y)| (y, m, d));
    let year = || preceded((opt(','), ' '), digits(4..=4));
    let day_first =
        (digits(1..=2), opt(alt((".", "st", "nd", "rd", "th"))), ' ', month, year()).map(|(d, _, _, m, y)| (y, m, d));
    let month_first =
        (month, ' ', digits(1..=2), opt(alt(("st", "nd", "rd", "th"))), year()).map(|(m, _, d, _, y)| (y, m, d));
    let month_only = (month, year()).map(|(m, y)| (y, m, 1));
    alt((iso, dotted, slashed, day_first, month_first, month_only))
        .verify_map(|(y, m, d)| Date::new(y.cast_signed(), m as u8, d as u8))
        .parse_next(rest)
}

/// A month by its name, in English or German.
fn month(rest: &mut &str) -> Parsed<u32> {
    const MONTHS: &[&str] = &[
        "january januar jan",
        "february februar feb",
        "march marz maerz mar",
        "april apr",
        "may mai",
        "june juni jun",
        "july juli jul",
        "august aug",
        "september sept sep",
        "october oktober oct okt",
        "november nov",
        "december dezember dec dez",
    ];
    let number =
        |word: &str| MONTHS.iter().position(|names| names.split(' ').any(|name| name == word)).map(|i| i as u32 + 1);
    terminated(take_while(3..=9, 'a'..='z').verify_map(number), opt('.')).parse_next(rest)
}

fn digits(range: std::ops::RangeInclusive<usize>) -> impl FnMut(&mut &str) -> Parsed<u32> {
    move |rest: &mut &str| {
        digit1
            .verify(|text: &str| range.contains(&text.len()))
            .verify_map(|text: &str| text.parse().ok())
            .parse_next(rest)
    }
}
