//! What tells which field a figure belongs to: its unit and size, the words around it and the figures beside it. Every
//! piece of evidence has a name, so that the table of weights can be read.

use super::clauses::Status;
use super::facts::Says;
use super::lex::Kind;
use super::lexicon::{C, Per};
use super::quantity::{Dim, Mention};
use super::reading::Reading;
use super::says::name;

/// Words of a clause on each side that are looked at.
const REACH: usize = 9;

impl Reading<'_> {
    /// Names every piece of evidence for what mention `i` says, some more than once, each in parts that together are
    /// its name; `claims` is what words already say of each mention.
    pub(super) fn around(&self, i: usize, claims: &[Option<Says>], see: &mut dyn FnMut(&[&str])) {
        let mention = &self.mentions[i];
        see(&["+"]);
        see(&["d", dimension(mention)]);
        see(&["d", dimension(mention), size(mention.value())]);
        if let Some(per) = mention.per {
            see(&["/", stretch(per.0)]);
        }
        if mention.item.is_some() {
            see(&["/i"]);
        }
        match self.status[mention.from..mention.to].iter().min() {
            Some(Status::Out) => see(&["s0"]),
            Some(Status::Supposed) => see(&["s1"]),
            Some(Status::Weak) => see(&["s2"]),
            _ => {}
        }
        for token in mention.from..mention.to {
            self.word(token, "=", see);
        }
        self.sides(mention.from, mention.to, Some(i), see);
        self.beside(i, claims, see);
    }

    /// The words on both sides of what stands between two tokens.
    pub(super) fn sides(&self, from: usize, to: usize, own: Option<usize>, see: &mut dyn FnMut(&[&str])) {
        self.side(from.saturating_sub(REACH * 2)..from, true, own, see);
        self.side(to..self.toks().len().min(to + REACH * 2), false, own, see);
    }

    /// The words on one side, up to the end of the sentence.
    fn side(&self, range: std::ops::Range<usize>, left: bool, own: Option<usize>, see: &mut dyn FnMut(&[&str])) {
        let toks = self.toks();
        let (here, near, far) = if left { ("<1", "<", "(") } else { (">1", ">", ")") };
        let mut clause = true;
        let mut seen = 0;
        let mut adjacent: Option<usize> = None;
        let mut other = None;
        let count = range.len();
        for n in 0..count {
            let token = if left { range.end - 1 - n } else { range.start + n };
            if let Some(owner) = self.owner[token] {
                if Some(owner) != own && other != Some(owner) {
                    other = Some(owner);
                    see(&[if clause { near } else { far }, "#", dimension(&self.mentions[owner])]);
                    seen += 2;
                    clause = false;
                }
                continue;
            }
            let tok = &toks[token];
            match tok.kind {
                Kind::Stop => {
                    see(&[if seen == 0 { here } else { far }, if self.text(token) == "?" { "?" } else { "." }]);
                    break;
                }
                Kind::Sym(sign) => {
                    let mut text = [0; 4];
                    let text = sign.encode_utf8(&mut text);
                    if seen == 0 {
                        see(&[here, text]);
                    }
                    if matches!(sign, ',' | '—' | '(' | ')' | ';') && seen > 0 {
                        clause = false;
                    }
                    continue;
                }
                Kind::Num(_) | Kind::Day(_) => {
                    seen += 1;
                    continue;
                }
                Kind::Model(_) => {
                    see(&[if clause { near } else { far }, "@"]);
                    seen += 1;
                    continue;
                }
                Kind::Word(c) => {
                    let skipped = matches!(c, C::Article | C::Filler | C::About | C::Of);
                    if clause {
                        self.word(token, near, see);
                        if seen == 0 {
                            see(&[here, self.text(token)]);
                            if let Some(meaning) = meaning(c) {
                                see(&[here, "!", meaning]);
                            }
                        }
                    } else {
                        self.word(token, far, see);
                    }
                    if let Some(before) = adjacent.replace(token)
                        && seen == 1
                        && clause
                    {
                        let (a, b) = if left { (token, before) } else { (before, token) };
                        see(&[near, self.text(a), " ", self.text(b)]);
                    }
                    if !skipped {
                        seen += 1;
                    }
                }
            }
            if seen > REACH {
                break;
            }
        }
    }

    /// A word with its meaning, its beginning and its end.
    fn word(&self, token: usize, place: &str, see: &mut dyn FnMut(&[&str])) {
        let Kind::Word(c) = self.toks()[token].kind else { return };
        let text = self.text(token);
        if let Some(meaning) = meaning(c) {
            see(&[place, "!", meaning]);
        }
        see(&[place, text]);
        if text.is_ascii() && text.len() > 6 && !text.contains(' ') {
            see(&[place, &text[..5], "*"]);
            if text.len() > 9 {
                see(&[place, "*", &text[text.len() - 6..]]);
            }
        }
    }

    /// What the other figures are.
    fn beside(&self, i: usize, claims: &[Option<Says>], see: &mut dyn FnMut(&[&str])) {
        let mention = &self.mentions[i];
        let like = |m: &Mention| {
            std::mem::discriminant(&Self::dim(m)) == std::mem::discriminant(&Self::dim(mention))
                && m.per.is_some() == mention.per.is_some()
        };
        let before = self.mentions[..i].iter().rev().find(|m| like(m));
        let after = self.mentions[i + 1..].iter().find(|m| like(m));
        let compare = |a: f64, b: f64| {
            if a < b {
                "<"
            } else if a > b {
                ">"
            } else {
                "="
            }
        };
        see(&["o-", before.map_or("0", |m| compare(m.value(), mention.value()))]);
        see(&["o+", after.map_or("0", |m| compare(m.value(), mention.value()))]);
        let claim = |j: usize| claims.get(j).copied().flatten().map_or("?", name);
        if let Some(j) = i.checked_sub(1) {
            see(&["f-", claim(j)]);
        }
        if i + 1 < claims.len() {
            see(&["f+", claim(i + 1)]);
        }
        for (j, says) in claims.iter().enumerate() {
            if let Some(says) = says
                && j != i
            {
                see(&["h ", name(*says)]);
            }
        }
    }
}

fn dimension(mention: &Mention) -> &'static str {
    let timed = mention.per.is_some();
    match mention.dim {
        Dim::Bare if timed => "bare/",
        Dim::Bare => "bare",
        Dim::Money if timed => "usd/",
        Dim::Money => "usd",
        Dim::Foreign(_) => "eur",
        Dim::Share if timed => "%/",
        Dim::Share => "%",
        Dim::Time => match mention.unit {
            Some(Per::Second) => "s",
            Some(Per::Minute) => "min",
            Some(Per::Hour | Per::Day) => "h",
            _ => "mon",
        },
        Dim::Tokens if timed => "tok/",
        Dim::Tokens => "tok",
        Dim::Requests if timed => "req/",
        Dim::Requests => "req",
        Dim::Users => "user",
        Dim::Gpus => "gpu",
        Dim::Vendors => "vend",
        Dim::Times => "x",
    }
}

/// The size of a figure: two steps for each power of ten.
fn size(value: f64) -> &'static str {
    const STEPS: [(f64, &str); 16] = [
        (0.1, "a"),
        (0.5, "b"),
        (0.8, "c"),
        (1.0, "d"),
        (3.0, "e"),
        (10.0, "f"),
        (30.0, "g"),
        (100.0, "h"),
        (300.0, "i"),
        (1e3, "j"),
        (3e3, "k"),
        (1e4, "l"),
        (3e4, "m"),
        (1e5, "n"),
        (1e6, "o"),
        (1e8, "p"),
    ];
    STEPS.iter().find(|(most, _)| value < *most).map_or("q", |(_, step)| step)
}

const fn stretch(per: Per) -> &'static str {
    match per {
        Per::Second => "s",
        Per::Minute => "min",
        Per::Hour => "h",
        Per::Day => "d",
        Per::Week => "w",
        Per::Month => "mon",
        Per::Quarter => "q",
        Per::Year => "y",
    }
}

/// A name for what a word means, where that says something about a figure.
const fn meaning(c: C) -> Option<&'static str> {
    Some(match c {
        C::In => "in",
        C::Out => "out",
        C::Reason => "reason",
        C::Prefix => "prefix",
        C::Rest => "rest",
        C::Context => "context",
        C::Hit => "hit",
        C::Cache => "cache",
        C::Defer => "defer",
        C::Urgent => "urgent",
        C::Dup => "dup",
        C::Easy => "easy",
        C::Util => "util",
        C::Failure => "failure",
        C::Spend => "spend",
        C::Budget => "budget",
        C::Save => "save",
        C::Price => "price",
        C::UpTo => "upto",
        C::More => "more",
        C::AtLeast => "least",
        C::Limit => "limit",
        C::Peak => "peak",
        C::Mean => "mean",
        C::Grow => "grow",
        C::Shrink => "shrink",
        C::Horizon => "horizon",
        C::Ttft => "ttft",
        C::Tpot => "tpot",
        C::Speed => "speed",
        C::P50 => "p50",
        C::P95 => "p95",
        C::P99 => "p99",
        C::Target => "target",
        C::Latency => "latency",
        C::Timeout => "timeout",
        C::Window => "window",
        C::Seq => "seq",
        C::Par => "par",
        C::Conc => "conc",
        C::ArrivalScv => "scv",
        C::ServiceScv => "sscv",
        C::Quality => "quality",
        C::Arena => "arena",
        C::Accuracy => "accuracy",
        C::Vendors | C::Vendor(_) => "vendor",
        C::Not => "not",
        C::Except => "except",
        C::If => "if",
        C::WhatIf => "whatif",
        C::Hist => "hist",
        C::Ago => "ago",
        C::LastMonth => "last",
        C::Now => "now",
        C::Third => "third",
        C::First => "we",
        C::They => "they",
        C::Expect => "expect",
        C::Future => "future",
        C::Would => "would",
        C::Wish => "wish",
        C::Question => "?",
        C::Tokens => "tok",
        C::Request => "req",
        C::User => "user",
        C::Gpus | C::Gpu(_) => "gpu",
        C::Time(_) => "time",
        C::Adv(_) => "adv",
        C::Task(_) => "task",
        C::Every | C::Per => "each",
        C::From => "from",
        C::To => "to",
        C::With => "with",
        C::Switch => "switch",
        C::Use => "use",
        C::All => "all",
        C::Mult(_) | C::NumWord(_) | C::Letter(_) | C::Frac(_) => "num",
        _ => return None,
    })
}
