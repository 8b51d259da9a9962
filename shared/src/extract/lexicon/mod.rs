//! What words mean, in English and German: tables from words, word beginnings and phrases to [`C`]. Words stand folded
//! (lower case, umlauts without dots, "ss" or "s" for the sharp s). One slip of the keyboard in a longer word is
//! forgiven.

mod context;
mod meaning;
mod structure;
mod subjects;

use std::sync::LazyLock;

use super::key::{self, Keyed, key};
use super::lex::{Kind, Lexed, Tok};
use context::CONTEXT;
use structure::STRUCTURE;
use subjects::SUBJECTS;

pub(super) use meaning::{C, Per};

/// A phrase of the table: its words, and what they mean.
struct Entry {
    words: Vec<&'static str>,
    /// Whether the last word stands for all that begin with it.
    open: bool,
    means: C,
}

/// The table, sorted by first word, longest phrase first.
static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let split =
        |phrase: &'static str| phrase.split([' ', '-', '_']).filter(|word| !word.is_empty()).collect::<Vec<_>>();
    let mut entries: Vec<Entry> = [STRUCTURE, SUBJECTS, CONTEXT]
        .iter()
        .flat_map(|table| table.iter())
        .flat_map(|(means, phrases)| phrases.split('|').map(|phrase| (*means, phrase)))
        .map(|(means, phrase)| Entry { words: split(phrase.trim_end_matches('*')), open: phrase.ends_with('*'), means })
        .filter(|entry| !entry.words.is_empty())
        .collect();
    entries.sort_by(|a, b| a.words[0].cmp(b.words[0]).then(b.words.len().cmp(&a.words.len())));
    entries
});

/// Where the phrases that begin with a word stand in [`ENTRIES`].
static STARTS: LazyLock<Keyed<(&'static str, &'static [Entry])>> = LazyLock::new(|| {
    let mut starts = Keyed::default();
    for same in ENTRIES.chunk_by(|a, b| a.words[0] == b.words[0]) {
        starts.insert(key(&[same[0].words[0]]), (same[0].words[0], same));
    }
    starts
});

/// The phrases of the table that begin with `word`, the longest first.
fn starting(word: &str) -> &'static [Entry] {
    STARTS.get(&key(&[word])).filter(|(first, _)| *first == word).map_or(&[], |(_, entries)| entries)
}

/// Words of the table that stand for all that begin with them, and how long they are: a bit for each length.
static BEGINNINGS: LazyLock<(Keyed<(&'static str, C)>, u64)> = LazyLock::new(|| {
    let open = || ENTRIES.iter().filter(|e| e.open && e.words.len() == 1);
    let lengths = open().fold(0, |lengths, e| lengths | 1 << e.words[0].len().min(63));
    (open().map(|e| (key(&[e.words[0]]), (e.words[0], e.means))).collect(), lengths)
});

/// Gives every word its meaning and joins phrases to one token.
pub(in crate::extract) fn classify(lexed: &mut Lexed) {
    let toks = std::mem::take(&mut lexed.toks);
    let mut out: Vec<Tok> = Vec::with_capacity(toks.len());
    let mut i = 0;
    while let Some(tok) = toks.get(i) {
        let (means, taken) = match tok.kind {
            Kind::Num(number) => {
                let Some(found) = percentile(lexed, &toks[i..], number.value) else {
                    out.push(*tok);
                    i += 1;
                    continue;
                };
                found
            }
            Kind::Word(C::Other) => {
                phrase(lexed, &toks[i..]).or_else(|| single(lexed, &toks, i)).unwrap_or((C::Other, 1))
            }
            _ => {
                out.push(*tok);
                i += 1;
                continue;
            }
        };
        let last = toks.get(i + taken - 1).unwrap_or(tok);
        out.push(Tok { kind: Kind::Word(means), end: last.end, byte_end: last.byte_end, ..*tok });
        i += taken;
    }
    lexed.toks = out;
}

/// "95th percentile", "95. Perzentil", "95er Perzentil".
fn percentile(lexed: &Lexed, toks: &[Tok], value: f64) -> Option<(C, usize)> {
    let means = match value {
        50.0 => C::P50,
        95.0 => C::P95,
        99.0 => C::P99,
        _ => return None,
    };
    let at = |i: usize| toks.get(i).map_or("", |tok| lexed.text(tok));
    let ordinal = usize::from(matches!(at(1), "th" | "er" | "." | "%" | "-" | "ste"));
    let noun = |word: &str| {
        ["percentile", "perzentil", "quantil", "pctl"].iter().any(|n| word.starts_with(n)) || word == "ile"
    };
    if noun(at(1 + ordinal)) {
        Some((means, 2 + ordinal))
    } else {
        (at(1) == "th" && toks[1].glued).then_some((means, 2))
    }
}

/// The longest phrase of the table at the start of `toks`, with the number of tokens it takes.
fn phrase(lexed: &Lexed, toks: &[Tok]) -> Option<(C, usize)> {
    let mut first = lexed.text(toks.first()?);
    let mut entries = starting(first);
    if entries.is_empty()
        && let Some(owner) = first.strip_suffix("'s")
    {
        first = owner;
        entries = starting(first);
    }
    entries
        .iter()
        .find_map(|entry| Some((entry.means, follows(lexed, toks, entry)?)))
        .or_else(|| beginning(first).map(|means| (means, 1)))
}

/// The meaning of the longest word beginning of the table that `word` has.
fn beginning(word: &str) -> Option<C> {
    let (table, lengths) = &*BEGINNINGS;
    let mut hash = key::START;
    let mut longest = None;
    for (i, byte) in word.bytes().enumerate() {
        hash = key::add(hash, byte);
        let length = i + 1;
        if lengths >> length.min(63) & 1 == 1
            && let Some((begins, means)) = table.get(&key::finish(hash))
            && word.as_bytes()[..length] == *begins.as_bytes()
        {
            longest = Some(*means);
        }
    }
    longest
}

/// How many tokens the words of `entry` take at the start of `toks`; hyphens between words don't count as a difference.
fn follows(lexed: &Lexed, toks: &[Tok], entry: &Entry) -> Option<usize> {
    let mut at = 1;
    for word in &entry.words[1..] {
        if toks.get(at).is_some_and(|t| t.is_sym('-')) {
            at += 1;
        }
        let tok = toks.get(at).filter(|t| matches!(t.kind, Kind::Word(_)))?;
        if lexed.text(tok) != *word {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// A word that is in no phrase: a letter, or a slip of the keyboard.
fn single(lexed: &Lexed, toks: &[Tok], i: usize) -> Option<(C, usize)> {
    let text = lexed.text(toks.get(i)?);
    if let Some(factor) = text.strip_prefix('x').and_then(|rest| rest.parse::<u16>().ok()) {
        return Some((C::Double(f64::from(factor)), 1));
    }
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(letter), None) => Some((C::Letter(letter), 1)),
        _ => german_number(text)
            .map(C::NumWord)
            .or_else(|| german_multiple(text).map(C::Double))
            .or_else(|| slip(text))
            .map(|means| (means, 1)),
    }
}

/// "zweitausendfunfhundert", "funfunddreisig": a number in one German word.
fn german_number(text: &str) -> Option<f64> {
    if text.len() < 7 {
        return None;
    }
    match text.split_once("tausend") {
        Some((left, right)) => {
            let left = if left.is_empty() { 1.0 } else { german_hundreds(left)? };
            Some(left * 1000.0 + if right.is_empty() { 0.0 } else { german_hundreds(right)? })
        }
        None => german_hundreds(text),
    }
}

/// "funfmal", "sechsfache", "zwolffachen".
fn german_multiple(text: &str) -> Option<f64> {
    let number = ["mal", "fach", "fache", "fachen", "faches"].iter().find_map(|end| text.strip_suffix(end))?;
    // "zweieinhalbfache".
    let (number, half) = number.strip_suffix("einhalb").map_or((number, 0.0), |whole| (whole, 0.5));
    german_below_hundred(number).map(|n| n + half).filter(|n| *n > 1.0)
}

fn german_hundreds(text: &str) -> Option<f64> {
    let text = text.strip_prefix("und").unwrap_or(text);
    match text.split_once("hundert") {
        Some((left, right)) => {
            let left = if left.is_empty() { 1.0 } else { german_below_hundred(left)? };
            let right = right.strip_prefix("und").unwrap_or(right);
            Some(left * 100.0 + if right.is_empty() { 0.0 } else { german_below_hundred(right)? })
        }
        None => german_below_hundred(text),
    }
}

fn german_below_hundred(text: &str) -> Option<f64> {
    const SMALL: &[(&str, f64)] = &[
        ("ein", 1.0),
        ("eins", 1.0),
        ("zwei", 2.0),
        ("drei", 3.0),
        ("vier", 4.0),
        ("funf", 5.0),
        ("fuenf", 5.0),
        ("sechs", 6.0),
        ("sieben", 7.0),
        ("acht", 8.0),
        ("neun", 9.0),
        ("zehn", 10.0),
        ("elf", 11.0),
        ("zwolf", 12.0),
        ("zwoelf", 12.0),
        ("dreizehn", 13.0),
        ("vierzehn", 14.0),
        ("funfzehn", 15.0),
        ("sechzehn", 16.0),
        ("siebzehn", 17.0),
        ("achtzehn", 18.0),
        ("neunzehn", 19.0),
    ];
    const TENS: &[(&str, f64)] = &[
        ("zwanzig", 20.0),
        ("dreisig", 30.0),
        ("dreissig", 30.0),
        ("vierzig", 40.0),
        ("funfzig", 50.0),
        ("fuenfzig", 50.0),
        ("sechzig", 60.0),
        ("siebzig", 70.0),
        ("achtzig", 80.0),
        ("neunzig", 90.0),
    ];
    let of = |table: &[(&str, f64)], word: &str| table.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    let joined = || {
        let (unit, ten) = text.split_once("und")?;
        Some(of(SMALL, unit).filter(|n| *n < 10.0)? + of(TENS, ten)?)
    };
    of(SMALL, text).or_else(|| of(TENS, text)).or_else(joined)
}

/// The words that are worth guessing at: units and subjects whose neighbours are no words of their own.
const SLIPS: &str = "request requests token tokens input output prompt prompts completion completions response responses answers \
    month monthly daily second seconds minute minutes million millions percent latency budget dollars reasoning queries messages \
    requests average cheaper eingabe ausgabe anfragen anfrage antwort antworten monat monatlich taglich millionen prozent \
    utilisation utilization expensive context concurrent sequential parallel median growth";

/// A word worth guessing at, and what it means.
type Slip = (&'static str, Option<C>);

/// The words of [`SLIPS`] by their first letter, with what they mean.
static SLIPPED: LazyLock<[Vec<Slip>; 26]> = LazyLock::new(|| {
    let mut letters: [Vec<_>; 26] = Default::default();
    for word in SLIPS.split_whitespace().filter(|word| word.len() >= 5) {
        let means = starting(word).iter().find(|e| e.words.len() == 1).map(|e| e.means);
        letters[usize::from(word.as_bytes()[0] - b'a')].push((word, means));
    }
    letters
});

/// The meaning of the word that `text` is one slip away from; only for words long enough not to be another word.
fn slip(text: &str) -> Option<C> {
    const NO_SLIPS: &[&str] = &["mouth", "growths", "outputs", "inputs", "averaged", "average"];
    let first = text.bytes().next()?;
    if text.len() < 5 || !first.is_ascii_lowercase() || !text.is_ascii() || NO_SLIPS.contains(&text) {
        return None;
    }
    let near = SLIPPED[usize::from(first - b'a')].iter();
    near.copied().find(|(word, _)| one_slip(text.as_bytes(), word.as_bytes()))?.1
}

/// Whether two words differ by one letter missing, added, changed, or by two neighbours exchanged.
fn one_slip(a: &[u8], b: &[u8]) -> bool {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (x, y) = (&a[head..], &b[head..]);
    match a.len().abs_diff(b.len()) {
        0 => x.get(1..) == y.get(1..) || (x.len() >= 2 && x[0] == y[1] && x[1] == y[0] && x[2..] == y[2..]),
        1 if x.len() > y.len() => &x[1..] == y,
        1 => x == &y[1..],
        _ => false,
    }
}

/// Decides which "in" and "out" are directions of tokens ("1200 in / 300 out") and which only join words.
pub(in crate::extract) fn directions(lexed: &mut Lexed) {
    let folded = &lexed.folded;
    let toks = &mut lexed.toks;
    let counts = |tok: Option<&Tok>| {
        tok.is_some_and(|t| {
            matches!(t.kind, Kind::Num(_))
                || matches!(t.word(), Some(C::NumWord(n)) if n >= 10.0)
                || matches!(t.word(), Some(C::Tokens | C::Mult(_) | C::Letter('k') | C::In | C::Out | C::Context))
        })
    };
    for i in 0..toks.len() {
        let (inward, outward) = (toks[i].is(C::InWord), toks[i].is(C::OutWord));
        if !inward && !outward {
            continue;
        }
        let next = toks.get(i + 1);
        let before = i.checked_sub(1).and_then(|j| toks.get(j));
        let labels = next.is_some_and(|t| matches!(t.kind, Kind::Sym(':' | '=')));
        let ends = next.is_none_or(|t| {
            !matches!(t.kind, Kind::Word(_))
                || matches!(
                    t.word(),
                    Some(
                        C::And
                            | C::OutWord
                            | C::Of
                            | C::Per
                            | C::Every
                            | C::With
                            | C::Tokens
                            | C::At
                            | C::About
                            | C::But
                    )
                )
        });
        let overall = next.is_some_and(|t| matches!(spelt(folded, t), "overall" | "altogether" | "each"));
        let after_count = counts(before) && (ends || overall);
        let before_count = matches!(next.map(|t| t.kind), Some(Kind::Num(_)))
            && toks[i..].iter().skip(2).take(6).any(|t| t.is(C::OutWord) || t.is(C::Out) || inward && t.is(C::Tokens));
        let paired = toks.get(i + 1).is_some_and(|t| t.is_sym('/'))
            && toks.get(i + 2).is_some_and(|t| matches!(t.word(), Some(C::OutWord | C::Out)));
        let after_in = outward
            && toks[..i].iter().rev().take(6).any(|t| t.is(C::In))
            && (counts(before)
                || matches!(next.map(|t| t.kind), Some(Kind::Num(_)))
                || before.is_some_and(|t| t.is_sym('/')));
        // "avg out 520".
        let mean = before.is_some_and(|t| matches!(spelt(folded, t), "avg" | "mean" | "average"))
            && matches!(next.map(|t| t.kind), Some(Kind::Num(_)));
        let direction = mean || labels || after_count || before_count || paired || after_in;
        toks[i].kind = Kind::Word(match (direction, inward) {
            (true, true) => C::In,
            (true, false) => C::Out,
            (false, true) => C::InWord,
            (false, false) => C::Filler,
        });
    }
}

/// The folded words of a token.
fn spelt<'a>(folded: &'a str, tok: &Tok) -> &'a str {
    folded.get(tok.byte as usize..tok.byte_end as usize).unwrap_or("")
}

/// Whether the small words are German ones.
pub(in crate::extract) fn is_german(lexed: &Lexed) -> bool {
    let german = |text: &str| {
        matches!(
            text,
            "wir"
                | "und"
                | "der"
                | "die"
                | "das"
                | "mit"
                | "pro"
                | "ist"
                | "sind"
                | "nicht"
                | "im"
                | "am"
                | "zu"
                | "fur"
                | "fuer"
                | "auf"
                | "ein"
                | "eine"
                | "von"
                | "den"
                | "unser"
                | "unsere"
                | "kosten"
                | "anfragen"
                | "monat"
                | "tag"
                | "bei"
                | "je"
                | "wie"
                | "ca"
                | "haben"
                | "prozent"
        )
    };
    let english = |text: &str| {
        matches!(
            text,
            "we" | "and"
                | "the"
                | "is"
                | "are"
                | "with"
                | "per"
                | "our"
                | "of"
                | "to"
                | "for"
                | "in"
                | "on"
                | "a"
                | "how"
                | "what"
                | "requests"
                | "month"
                | "day"
        )
    };
    let count = |wanted: &dyn Fn(&str) -> bool| lexed.toks.iter().filter(|t| wanted(lexed.text(t))).count();
    count(&german) > count(&english)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::lex::lex;

    fn meanings(text: &str) -> Vec<C> {
        let mut lexed = lex(text);
        classify(&mut lexed);
        lexed.toks.iter().filter_map(Tok::word).collect()
    }

    #[test]
    fn longest_phrase_wins() {
        assert_eq!(meanings("time-to-first-token"), [C::Ttft]);
        assert_eq!(meanings("no more than"), [C::UpTo]);
        assert_eq!(meanings("95th percentile"), [C::P95]);
        assert_eq!(meanings("95. Perzentil"), [C::P95]);
    }

    #[test]
    fn one_slip_is_forgiven_in_long_words() {
        for (text, means) in
            [("reqeusts", C::Request), ("tokns", C::Tokens), ("outputt", C::Out), ("montly", C::Adv(Per::Month))]
        {
            assert_eq!(meanings(text), [means], "{text}");
        }
        assert_eq!(meanings("house"), [C::Other]);
    }
}
