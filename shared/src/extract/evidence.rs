//! What tells the category of a message: its words and the pieces of them, the facts it states and the signs of
//! the whole. Every piece of evidence has a name, so that the table of weights can be read.

use super::categories::{self, Asks};
use super::lex::Kind;
use super::reading::Reading;
use crate::workload::Workload;

/// Letters of a piece of a word: long enough to tell stems apart, short enough to find them inside German compounds.
const PIECE: usize = 4;

/// Names every piece of evidence in a message, some more than once, each in parts that together are its name.
///
/// `^faster$` is a word, `fast` a piece of one, `how much` two words in a row, `+rpm_limit` a known field or a sign, `@` a
/// model, `#` a number; `+` is in every message.
pub(super) fn each(reading: &Reading<'_>, workload: &Workload, see: &mut impl FnMut(&[&str])) {
    see(&["+"]);
    let mut asked = 0;
    let mut before = None;
    words(reading, |word| {
        let Some(word) = word else {
            before = None;
            return;
        };
        if word.starts_with(char::is_alphabetic) {
            see(&["^", word, "$"]);
            pieces(word, see);
        } else {
            see(&[word]);
        }
        asked += usize::from(word == "?");
        if word == "?" {
            before = None;
        } else if let Some(before) = before.replace(word) {
            see(&[before, " ", word]);
        }
    });
    if asked != 1 {
        see(&[if asked == 0 { "+no ?" } else { "+2 ?" }]);
    }
    if asked == 0 && !asks(reading) {
        see(&["+no ask"]);
    }
    for (spec, _) in workload.known() {
        see(&["+", spec.name]);
    }
    for Asks { signs, .. } in categories::ALL {
        signs(reading, workload, &mut |sign: &str| see(&["+", sign]));
    }
}

/// Whether a message says of itself that it asks several things which weigh the same. Three aims for one plan do, too:
/// what asks for a plan is no such message.
pub(super) fn several(reading: &Reading<'_>) -> bool {
    const SAME: &[&str] = &[
        "equally important",
        "equally urgent",
        "equally pressing",
        "equally relevant",
        "both equally",
        "matter equally",
        "weigh equally",
        "equal weight",
        "equal priority",
        "equal questions",
        "equal parts",
        "two equal",
        "same weight",
        "same degree",
        "same importance",
        "same priority",
        "matter the same",
        "just as important",
        "both matter",
        "both important",
        "both questions",
        "both please",
        "both, please",
        "treat both",
        "treat them alike",
        "neither before",
        "gleich wichtig",
        "gleich dringend",
        "gleich dringlich",
        "gleichwichtig",
        "gleichermas",
        "gleichgewichtig",
        "gleichwertig",
        "gleichrangig",
        "gleichen teilen",
        "beides wichtig",
        "beide fragen",
        "genauso wichtig",
        "genauso dringend",
        "ebenso wichtig",
        "separate question",
        "separate things",
        "and separately",
        "different question",
        "different things",
        "unrelated",
        "two questions",
        "two requests",
        "two things",
        "two matters",
        "two topics",
        "two points",
        "two concerns",
        "zwei fragen",
        "zwei dinge",
        "zwei themen",
        "zwei punkte",
        "zwei sachen",
        "zwei anliegen",
        "zwei verschiedene",
        "zwei getrennte",
        "zweierlei",
    ];
    const ORDERED: [[&str; 2]; 6] = [
        ["first,", "second,"],
        ["first:", "second:"],
        ["erstens", "zweitens"],
        ["1)", "2)"],
        ["a)", "b)"],
        ["1. ", "2. "],
    ];
    // Most messages have none of these words and need no search for the phrases.
    const KEYS: &[&str] = &[
        "equal",
        "same",
        "just",
        "both",
        "treat",
        "neither",
        "gleich",
        "beide",
        "genauso",
        "ebenso",
        "separate",
        "different",
        "unrelated",
        "two",
        "zwei",
    ];
    let text = reading.lexed.folded.as_str();
    let likely = (0..reading.toks().len()).any(|i| KEYS.iter().any(|key| reading.text(i).starts_with(key)));
    likely && SAME.iter().any(|words| text.contains(words))
        || text.bytes().filter(|b| *b == b'?').count() >= 2
            && ORDERED.iter().any(|pair| pair.iter().all(|word| text.contains(word)))
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

/// The words of a message in order; `None` where a sentence ends.
fn words<'a>(reading: &'a Reading<'_>, mut see: impl FnMut(Option<&'a str>)) {
    for (i, tok) in reading.toks().iter().enumerate().filter(|(_, tok)| !tok.copy) {
        let text = reading.text(i);
        match tok.kind {
            Kind::Model(_) => see(Some("@")),
            Kind::Num(_) | Kind::Day(_) => see(Some("#")),
            Kind::Stop => see((text == "?").then_some("?")),
            Kind::Sym(_) => {}
            Kind::Word(_) => {
                text.split(|c: char| c.is_whitespace() || c == '-')
                    .filter(|w| !w.is_empty())
                    .for_each(|w| see(Some(w)));
            }
        }
    }
}

/// The pieces of a word, with its beginning and its end marked.
fn pieces(word: &str, see: &mut impl FnMut(&[&str])) {
    // The last places in the word at which a letter begins, the newest last.
    let mut starts = [0; PIECE];
    let ends = word.char_indices().map(|(at, _)| at).skip(1).chain([word.len()]);
    let mut letters = 0;
    for end in ends {
        letters += 1;
        if letters >= PIECE {
            if letters == PIECE {
                // Three letters and the mark are as long as a piece.
                see(&["^", &word[..starts[PIECE - 1]]]);
            }
            see(&[&word[starts[0]..end]]);
        }
        if letters >= PIECE {
            starts.rotate_left(1);
            starts[PIECE - 1] = end;
        } else {
            starts[letters] = end;
        }
    }
    if letters >= PIECE {
        see(&[&word[starts[0]..], "$"]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_its_pieces_with_both_ends_marked() {
        let mut found = Vec::new();
        pieces("kürzen", &mut |parts: &[&str]| found.push(parts.concat()));
        assert_eq!(found, ["^kür", "kürz", "ürze", "rzen", "zen$"]);
        found.clear();
        pieces("fast", &mut |parts: &[&str]| found.push(parts.concat()));
        assert_eq!(found, ["^fas", "fast", "ast$"]);
        let mut none = true;
        pieces("für", &mut |_: &[&str]| none = false);
        assert!(none);
    }
}
