//! What a number counts and what it is stated per.

use winnow::Parser;
use winnow::combinator::{opt, preceded};
use winnow::error::EmptyError;
use winnow::token::any;

use super::amount::amount;
use super::{Dim, Item, Mention, Toks, ahead, is, word};
use crate::extract::lex::{Kind, Parsed, Tok};
use crate::extract::lexicon::{C, Per};

/// "half a second".
pub(super) fn part_of_time(rest: &mut Toks<'_>, mention: &mut Mention) {
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
pub(super) fn unit(rest: &mut Toks<'_>, mention: &mut Mention) {
    // "a 5-second answer", "20+ seconds".
    let unit_behind = |t: &Tok| matches!(t.word(), Some(C::Time(_) | C::Ms | C::Percent | C::Tokens | C::Request));
    let plus = ahead(rest, |t| t.is_sym('+') && t.glued) && rest.get(1).is_some_and(unit_behind);
    let hyphen = plus || ahead(rest, |t| t.is_sym('-') && t.glued);
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
            // "84,000 customer questions": the user is an adjective.
            Some(C::User) if rest.get(i + 1).is_some_and(|t| t.is(C::Request)) => continue,
            // "10k q/day".
            Some(C::Letter('q')) if rest.get(i + 1).is_some_and(|t| t.is_sym('/')) => Dim::Requests,
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
        let hyphen = |rest: &Toks<'_>| usize::from(ahead(rest, |t| t.is_sym('-') && t.glued));
        // "Chat-Anfragen".
        while dim == Dim::Requests && rest.get(hyphen(rest)).is_some_and(|t| t.is(C::Request)) {
            *rest = &rest[hyphen(rest) + 1..];
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
pub(super) fn stated_per(rest: &mut Toks<'_>, mention: &mut Mention) -> Parsed<()> {
    let mut probe = *rest;
    // "60 completions each per day".
    let each = ahead(&probe, |t| t.is(C::Every))
        && probe.get(1).is_some_and(|t| matches!(t.word(), Some(C::Per | C::Article | C::Adv(_))) || t.is_sym('/'));
    if each {
        probe = &probe[1..];
    }
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
    skip_adjectives(&mut probe, slash);
    let unit = any.parse_next(&mut probe)?;
    // "in 4.4k / out 1.1k": the word is the label of the next figure.
    let labels = matches!(unit.word(), Some(C::In | C::Out | C::Reason))
        && matches!(probe.first().map(|t| t.kind), Some(Kind::Num(_)));
    if slash && labels {
        return Err(EmptyError);
    }
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
    // "22 ms a token".
    let each_token = mention.dim == Dim::Time && matches!(unit.word(), Some(C::Tokens));
    if articled && !each_token && !matches!(unit.word(), Some(C::Request)) {
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

/// Skips the adjectives of what a quantity is per: "per single API call", "per 1M input tokens", "per GPU hour".
fn skip_adjectives(rest: &mut Toks<'_>, slash: bool) {
    let mut words = 0;
    while words < 3
        && ahead(rest, |t| {
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
        && rest.get(1).is_some_and(|t| matches!(t.kind, Kind::Word(_) | Kind::Sym('-')))
        && !matches!((rest[0].word(), rest[1].word()), (Some(C::Gpu(_) | C::Gpus), Some(next)) if !matches!(next, C::Time(_)))
        && !slash_only(slash, rest)
    {
        *rest = &rest[1..];
        words += 1;
    }
}

/// After a slash only a noun directly behind it counts ("1,200/300 tokens" is a pair).
fn slash_only(slash: bool, probe: &Toks<'_>) -> bool {
    slash && !probe.first().is_some_and(|t| t.glued || matches!(t.word(), Some(C::In | C::Out | C::Gpu(_) | C::Gpus)))
}
