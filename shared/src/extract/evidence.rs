//! What tells the category of a message: its words and the pieces of them, the facts it states and the signs of
//! the whole. Every piece of evidence has a name, so that the table of weights can be read.

use super::categories::{self, Asks};
use super::lex::Kind;
use super::reading::Reading;
use crate::workload::Workload;

/// Letters of a piece of a word: long enough to tell stems apart, short enough to find them inside German compounds.
const PIECE: usize = 4;

/// Names every piece of evidence in a message, some more than once.
///
/// `^faster$` is a word, `fast` a piece of one, `+rpm_limit` a known field or a sign, `@` a model, `#` a number; `+` is in
/// every message.
pub(super) fn each(reading: &Reading<'_>, workload: &Workload, see: &mut impl FnMut(&str)) {
    let words = words(reading);
    let mut name = String::new();
    let mut put = |parts: &[&str]| {
        name.clear();
        for part in parts {
            name.push_str(part);
        }
        see(&name);
    };
    put(&["+"]);
    for word in words {
        if word.starts_with(|c: char| c.is_alphabetic()) {
            put(&["^", word, "$"]);
            pieces(word, &mut put);
        } else {
            put(&[word]);
        }
    }
    let asked = (0..reading.toks().len()).filter(|i| reading.text(*i) == "?").count();
    if asked != 1 {
        put(&[if asked == 0 { "+no ?" } else { "+2 ?" }]);
    }
    if asked == 0 && !asks(reading) {
        put(&["+no ask"]);
    }
    if several(&reading.lexed.folded) {
        put(&["+equals"]);
    }
    for (spec, _) in workload.known() {
        put(&["+", spec.name]);
    }
    for Asks { signs, .. } in categories::ALL {
        signs(reading, workload, &mut |sign: &str| put(&["+", sign]));
    }
}

/// Whether a message says that it asks several things which weigh the same.
fn several(text: &str) -> bool {
    const SAME: &[&str] = &[
        "equally",
        "same weight",
        "equal weight",
        "same degree",
        "matter the same",
        "same importance",
        "as important",
        "both matter",
        "both important",
        "both questions",
        "gleich wichtig",
        "gleichwichtig",
        "gleichermas",
        "gleichgewichtig",
        "beides wichtig",
        "beide fragen",
        "genauso wichtig",
        "ebenso wichtig",
        "separate question",
        "separate things",
        "different question",
        "different things",
        "unrelated",
        "two questions",
        "two things",
        "zwei fragen",
        "zwei dinge",
        "zwei themen",
        "zwei punkte",
        "zwei sachen",
        "two topics",
        "two points",
        "zwei anliegen",
        "zwei verschiedene",
        "zwei getrennte",
    ];
    let ordered = [["first", "second"], ["erstens", "zweitens"], ["1)", "2)"], ["a)", "b)"], ["1.", "2."]];
    let listed = ordered.iter().any(|pair| pair.iter().all(|word| text.contains(word)));
    SAME.iter().any(|words| text.contains(words)) || listed && text.matches('?').count() >= 2
}

/// Whether a word asks or wishes for something.
fn asks(reading: &Reading<'_>) -> bool {
    const ASKS: &[&str] = &[
        "how",
        "what",
        "which",
        "why",
        "when",
        "where",
        "who",
        "wie",
        "was",
        "welche",
        "warum",
        "wieso",
        "wann",
        "wo",
        "wer",
        "please",
        "bitte",
        "need",
        "want",
        "should",
        "help",
        "hilf",
        "brauche",
        "wollen",
        "will",
        "suche",
        "find",
        "tell",
        "give",
        "show",
        "sag",
        "zeig",
        "reduce",
        "cut",
        "plan",
        "recommend",
        "ideas",
        "tips",
        "options",
        "advice",
        "lower",
        "compare",
        "calculate",
        "estimate",
        "must",
        "muss",
        "soll",
        "cheaper",
        "faster",
        "better",
        "can",
        "could",
        "kann",
        "mocht",
        "is it",
        "worth",
        "lohnt",
        "reicht",
        "geht",
        "design",
        "propose",
        "split",
        "route",
        "find",
        "optim",
    ];
    (0..reading.toks().len()).any(|i| {
        let text = reading.text(i);
        text.len() > 1 && ASKS.iter().any(|stem| text.starts_with(stem))
    })
}

/// The words of a message in order.
fn words<'a>(reading: &'a Reading<'_>) -> Vec<&'a str> {
    let mut words = Vec::with_capacity(reading.toks().len() + 8);
    for (i, tok) in reading.toks().iter().enumerate().filter(|(_, tok)| !tok.copy) {
        let text = reading.text(i);
        match tok.kind {
            Kind::Model(_) => words.push("@"),
            Kind::Num(_) | Kind::Day(_) => words.push("#"),
            Kind::Stop if text == "?" => words.push("?"),
            Kind::Stop | Kind::Sym(_) => {}
            Kind::Word(_) => {
                words.extend(text.split(|c: char| c.is_whitespace() || c == '-').filter(|w| !w.is_empty()));
            }
        }
    }
    words
}

/// The pieces of a word, with its beginning and its end marked.
fn pieces(word: &str, put: &mut impl FnMut(&[&str])) {
    let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
    let letters = ends.len() - 1;
    if letters < PIECE {
        return;
    }
    put(&["^", &word[..ends[PIECE - 1]]]);
    for from in 0..=letters - PIECE {
        put(&[&word[ends[from]..ends[from + PIECE]]]);
    }
    put(&[&word[ends[letters - PIECE + 1]..], "$"]);
}
