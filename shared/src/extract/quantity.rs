//! Quantities: a number or a span of numbers, its unit, and what it is stated per. A grammar over tokens.

use winnow::Parser;
use winnow::combinator::{alt, opt, preceded, repeat};
use winnow::error::EmptyError;
use winnow::token::any;

use super::lex::{Kind, Parsed, Tok};
use super::lexicon::{C, Per};
use super::number::Number;

/// What a quantity measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Dim {
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
pub(super) enum Item {
    Request,
    Token,
    User,
    Gpu,
    /// Many of something: a price.
    Many,
}

/// A quantity that a message states.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mention {
    /// The value, or the first of a span.
    pub(super) first: f64,
    /// The same, or the second of a span.
    pub(super) second: f64,
    pub(super) dim: Dim,
    /// The unit of a time.
    pub(super) unit: Option<Per>,
    /// Per how many of which stretch of time.
    pub(super) per: Option<(Per, f64)>,
    pub(super) item: Option<Item>,
    /// The other reading of `1.200`.
    pub(super) grouped: Option<f64>,
    /// The first token.
    pub(super) from: usize,
    /// One past the last token.
    pub(super) to: usize,
    /// Where the unit ends; what follows up to `to` says per what.
    pub(super) unit_end: usize,
}

impl Mention {
    /// The middle.
    pub(super) fn value(&self) -> f64 {
        f64::midpoint(self.first, self.second)
    }

    /// Takes `1.200` for twelve hundred, where the unit or the language asks for it.
    pub(super) fn group_thousands(&mut self) {
        if let Some(grouped) = self.grouped.take() {
            let scale = if self.first == 0.0 { 1.0 } else { grouped / self.first };
            let single = (self.first - self.second).abs() < f64::EPSILON;
            self.second = if single { grouped } else { self.second * scale };
            self.first = grouped;
        }
    }

    /// The value a day, if it is per time.
    pub(super) fn per_day(&self) -> Option<f64> {
        self.per.map(|(per, n)| per.a_day(self.value()) / n)
    }

    /// The value a month, if it is per time.
    pub(super) fn per_month(&self) -> Option<f64> {
        self.per.map(|(per, n)| per.a_month(self.value()) / n)
    }

    /// A time in months.
    pub(super) fn months(&self) -> Option<f64> {
        let unit = self.unit?;
        Some(self.value() / unit.ms() * unit.months())
    }
}

type Toks<'a> = &'a [Tok];

/// Finds all quantities.
pub(super) fn quantities(toks: &[Tok]) -> Vec<Mention> {
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

/// A number with what multiplies it.
#[derive(Clone, Copy)]
struct Amount {
    value: f64,
    grouped: Option<f64>,
    scaled: bool,
    /// Whether the words make it a part of one ("two thirds").
    part: bool,
    /// "4 grand": thousands of dollars.
    grand: bool,
}

impl Amount {
    const fn of(value: f64) -> Self {
        Self { value, grouped: None, scaled: false, part: false, grand: false }
    }
}

fn amount(rest: &mut Toks<'_>) -> Parsed<Amount> {
    alt((ratio, fraction, in_digits, in_words)).parse_next(rest)
}

fn in_digits(rest: &mut Toks<'_>) -> Parsed<Amount> {
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
    let whole = |value| Amount { scaled: true, ..Amount::of(value) };
    let share = |value| Amount { part: true, ..Amount::of(value) };
    let quarter = || is(C::Time(Per::Quarter));
    alt((
        (opt(is(C::Article)), quarter(), large()).map(move |(_, (), m)| whole(0.25 * m)),
        (part(), opt(is(C::Article)), large()).map(move |(f, _, m)| whole(f * m)),
        (number(), opt(sym('-')), part()).map(move |(n, _, f)| share(n * f)),
        (number(), opt(multipliers))
            .map(move |(n, m)| Amount { scaled: m.is_some(), ..Amount::of(n * m.unwrap_or(1.0)) }),
        preceded(alt((is(C::Article), is(C::Every))), part()).map(share),
        preceded(is(C::Article), large()).map(whole),
        part().map(share),
    ))
    .parse_next(rest)
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
    (small(), joint, small(), not_out)
        .verify_map(|(a, (), b, ()): (f64, (), f64, ())| (a < b && b <= 100.0 && a <= 20.0).then_some(a / b))
        .map(|value| Amount { part: true, ..Amount::of(value) })
        .parse_next(rest)
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

/// "half a second".
fn part_of_time(rest: &mut Toks<'_>, mention: &mut Mention) {
    let mut probe = *rest;
    let time = preceded(opt(is(C::Article)), word(|c| if let C::Time(per) = c { Some(per) } else { None }))
        .parse_next(&mut probe);
    if let Ok(per) = time {
        *rest = probe;
        mention.dim = Dim::Time;
        mention.unit = Some(per);
        mention.first *= per.ms();
        mention.second = mention.first;
    }
}

fn time_letter(letter: char) -> Option<Per> {
    match letter {
        's' => Some(Per::Second),
        'h' => Some(Per::Hour),
        'd' => Some(Per::Day),
        'w' => Some(Per::Week),
        'y' => Some(Per::Year),
        _ => None,
    }
}

/// Reads the unit after the number, with the words between ("3 sequential LLM calls").
fn unit(rest: &mut Toks<'_>, mention: &mut Mention) {
    let hyphen = ahead(rest, |t| t.is_sym('-') && t.glued);
    let at = usize::from(hyphen);
    let Some(tok) = rest.get(at) else { return };
    let mut scale = 1.0;
    let dim = match tok.word() {
        Some(C::Percent) => {
            scale = 0.01;
            Some(Dim::Share)
        }
        Some(C::Times) if !hyphen || tok.glued => Some(Dim::Times),
        Some(C::Ms) => {
            mention.unit = Some(Per::Second);
            Some(Dim::Time)
        }
        Some(C::Time(per)) => {
            mention.unit = Some(per);
            scale = per.ms();
            Some(Dim::Time)
        }
        Some(C::Letter(letter)) if tok.glued || letter == 's' || letter == 'h' => time_letter(letter).map(|per| {
            mention.unit = Some(per);
            scale = per.ms();
            Dim::Time
        }),
        Some(C::Rate(per)) => {
            mention.per = Some((per, 1.0));
            Some(Dim::Requests)
        }
        Some(C::TokRate(per)) => {
            mention.per = Some((per, 1.0));
            Some(Dim::Tokens)
        }
        _ => None,
    };
    if let Some(dim) = dim {
        *rest = &rest[at + 1..];
        mention.dim = dim;
        mention.first *= scale;
        mention.second *= scale;
        if let Some(grouped) = &mut mention.grouped {
            *grouped *= scale;
        }
        return;
    }
    noun(rest, at, mention);
}

/// The counted noun within the next words.
fn noun(rest: &mut Toks<'_>, start: usize, mention: &mut Mention) {
    for (i, tok) in rest.iter().enumerate().skip(start).take(6) {
        let dim = match tok.word() {
            // "2.3 million API requests": adjectives.
            Some(
                C::Other
                | C::In
                | C::Out
                | C::Reason
                | C::Prefix
                | C::Cache
                | C::Seq
                | C::Par
                | C::Conc
                | C::Adv(_)
                | C::Peak
                | C::Mean
                | C::Task(_)
                | C::Vendor(_)
                | C::Easy
                | C::Dup
                | C::Context
                | C::Latency
                | C::About
                | C::Defer
                | C::Filler
                | C::Of,
            ) => {
                // Two subjects in a row belong to two figures ("1200 prompt 300 completion tokens" has a number between).
                continue;
            }
            Some(C::Tokens) => Dim::Tokens,
            Some(C::Request) => Dim::Requests,
            Some(C::User) => Dim::Users,
            Some(C::Gpus | C::Gpu(_) | C::Node) => Dim::Gpus,
            Some(C::Vendors) => Dim::Vendors,
            Some(C::Rate(per)) => {
                mention.per = Some((per, 1.0));
                Dim::Requests
            }
            Some(C::TokRate(per)) => {
                mention.per = Some((per, 1.0));
                Dim::Tokens
            }
            _ if matches!(tok.kind, Kind::Sym('-') | Kind::Model(_)) => continue,
            _ => break,
        };
        mention.dim = dim;
        // "40k daily requests".
        if let Some(per) =
            rest[start..i].iter().find_map(|t| if let Some(C::Adv(per)) = t.word() { Some(per) } else { None })
        {
            mention.per = mention.per.or(Some((per, 1.0)));
        }
        *rest = &rest[i + 1..];
        // "chat requests", "API calls": a noun behind the noun.
        while ahead(rest, |t| t.is(C::Request)) && dim == Dim::Requests {
            *rest = &rest[1..];
        }
        return;
    }
    // "40,000 parcels a day": any noun, if it is per time.
    let nouns = rest
        .iter()
        .take(3)
        .take_while(|tok| {
            matches!(tok.word(), Some(C::Other | C::In | C::Out | C::Task(_) | C::Use | C::Reason | C::Seq))
        })
        .count();
    if nouns > 0 && mention.dim == Dim::Bare {
        let mut probe = &rest[nouns..];
        let mut trial = *mention;
        if stated_per(&mut probe, &mut trial).is_ok() && trial.per.is_some() {
            *rest = &rest[nouns..];
            mention.dim = Dim::Requests;
        }
    }
}

/// What the quantity is per: "/month", "a day", "per GPU", "per 1M tokens", "every 5 minutes", "in 30 days", "daily".
fn stated_per(rest: &mut Toks<'_>, mention: &mut Mention) -> Parsed<()> {
    let mut probe = *rest;
    if let Ok(per) = word(|c| if let C::Adv(per) = c { Some(per) } else { None }).parse_next(&mut probe) {
        if mention.per.is_some() {
            return Err(EmptyError);
        }
        mention.per = Some((per, 1.0));
        *rest = probe;
        return Ok(());
    }
    let slash = ahead(&probe, |t| t.is_sym('/'));
    let link = any.parse_next(&mut probe)?;
    let articled = match link.word() {
        Some(C::Per | C::Every) => false,
        Some(C::Article) => true,
        Some(C::InWord) if mention.dim == Dim::Requests => true,
        _ if slash => false,
        _ => return Err(EmptyError),
    };
    let number = {
        let mut counted = probe;
        match amount(&mut counted) {
            Ok(amount) if !amount.part => {
                probe = counted;
                Some(amount.value)
            }
            _ => None,
        }
    };
    // Adjectives of what it is per: "per single API call", "per 1M input tokens", "per GPU hour".
    let mut words = 0;
    while words < 3
        && ahead(&probe, |t| {
            matches!(
                t.word(),
                Some(
                    C::Other
                        | C::In
                        | C::Out
                        | C::Reason
                        | C::Cache
                        | C::Filler
                        | C::Gpu(_)
                        | C::Gpus
                        | C::Easy
                        | C::Article
                )
            ) || t.is_sym('-')
                || matches!(t.kind, Kind::Model(_))
        })
        && probe.get(1).is_some_and(|t| matches!(t.kind, Kind::Word(_) | Kind::Sym('-')))
        && !matches!((probe[0].word(), probe[1].word()), (Some(C::Gpu(_) | C::Gpus), Some(next)) if !matches!(next, C::Time(_)))
        && !slash_only(slash, &probe)
    {
        probe = &probe[1..];
        words += 1;
    }
    let unit = any.parse_next(&mut probe)?;
    let per = match unit.word() {
        Some(C::Time(per)) => Some(per),
        Some(C::Letter('m')) if slash => {
            Some(if matches!(mention.dim, Dim::Money | Dim::Foreign(_)) { Per::Month } else { Per::Minute })
        }
        Some(C::Letter(letter)) if slash => time_letter(letter),
        _ => None,
    };
    if let Some(per) = per {
        // "1.1/3.2/7 s" is a list.
        if slash && number.is_some() && mention.dim == Dim::Bare {
            return Err(EmptyError);
        }
        if mention.per.is_some() || (link.is(C::InWord) && number.is_none()) {
            return Err(EmptyError);
        }
        mention.per = Some((per, number.filter(|n| *n > 0.0).unwrap_or(1.0)));
        *rest = probe;
        return Ok(());
    }
    if articled && !matches!(unit.word(), Some(C::Request)) {
        return Err(EmptyError);
    }
    let priced = matches!(mention.dim, Dim::Money | Dim::Foreign(_));
    let item = match unit.word() {
        // "1.5 s per answer" is no time of a token.
        Some(C::In | C::Out) if mention.dim == Dim::Time && mention.first >= 500.0 => Item::Request,
        Some(C::Tokens | C::In | C::Out | C::Mult(_)) => Item::Token,
        Some(C::Request) => Item::Request,
        Some(C::User) => Item::User,
        Some(C::Gpus | C::Gpu(_)) => Item::Gpu,
        Some(C::Other | C::Task(_) | C::Node | C::Vendors) if !slash || priced => Item::Request,
        _ => return Err(EmptyError),
    };
    if number.is_some() && !priced {
        return Err(EmptyError);
    }
    mention.item = Some(if number.is_some() || matches!(unit.word(), Some(C::Mult(_))) { Item::Many } else { item });
    *rest = probe;
    // "per 1M tokens": the noun behind a multiplier.
    while ahead(rest, |t| matches!(t.word(), Some(C::Tokens))) && mention.item == Some(Item::Many) {
        *rest = &rest[1..];
    }
    Ok(())
}

/// After a slash only a noun directly behind it counts ("1,200/300 tokens" is a pair).
fn slash_only(slash: bool, probe: &Toks<'_>) -> bool {
    slash && !probe.first().is_some_and(|t| t.glued || matches!(t.word(), Some(C::In | C::Out | C::Gpu(_) | C::Gpus)))
}
