//! What a message says relative to what was said before: "half the tokens", "twice as many requests", "20 % more
//! traffic", "what if the prompts were a third". Alone these are no facts; with the facts of before they are.

/// A change by a factor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    /// The fields that it changes.
    pub(super) fields: &'static [&'static str],
    /// By how much.
    pub(super) factor: f64,
    /// The words that say so.
    pub(super) words: String,
}

/// Words that say a factor alone.
const FACTORS: &[(&str, f64)] = &[
    ("half", 0.5),
    ("halve", 0.5),
    ("halved", 0.5),
    ("halves", 0.5),
    ("halb", 0.5),
    ("hälfte", 0.5),
    ("halben", 0.5),
    ("double", 2.0),
    ("doubled", 2.0),
    ("doubles", 2.0),
    ("doubling", 2.0),
    ("twice", 2.0),
    ("doppelt", 2.0),
    ("doppelten", 2.0),
    ("triple", 3.0),
    ("tripled", 3.0),
    ("triples", 3.0),
    ("dreifachen", 3.0),
    ("quadruple", 4.0),
    ("tenfold", 10.0),
];
/// Parts, after "a" or "one".
const PARTS: &[(&str, f64)] = &[("third", 3.0), ("quarter", 4.0), ("fifth", 5.0), ("tenth", 10.0)];
/// Numbers before "times".
const NUMBERS: &[(&str, f64)] =
    &[("two", 2.0), ("three", 3.0), ("four", 4.0), ("five", 5.0), ("six", 6.0), ("ten", 10.0), ("hundred", 100.0)];
const MORE: &[&str] = &["more", "higher", "longer", "larger", "bigger", "mehr", "additional", "extra"];
const LESS: &[&str] = &["less", "fewer", "lower", "shorter", "smaller", "weniger"];

/// What a noun means.
const NOUNS: &[(&str, &[&str])] = &[
    ("token", &["input_tokens", "output_tokens"]),
    ("tokens", &["input_tokens", "output_tokens"]),
    ("input", &["input_tokens"]),
    ("inputs", &["input_tokens"]),
    ("prompt", &["input_tokens"]),
    ("prompts", &["input_tokens"]),
    ("output", &["output_tokens"]),
    ("outputs", &["output_tokens"]),
    ("answers", &["output_tokens"]),
    ("responses", &["output_tokens"]),
    ("completions", &["output_tokens"]),
    ("requests", &["requests_per_day"]),
    ("calls", &["requests_per_day"]),
    ("queries", &["requests_per_day"]),
    ("traffic", &["requests_per_day"]),
    ("volume", &["requests_per_day"]),
    ("load", &["requests_per_day"]),
    ("anfragen", &["requests_per_day"]),
    ("budget", &["budget_usd_per_month"]),
];
/// How far a noun may stand from its factor, in words.
const REACH: usize = 5;

fn lookup<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

/// The changes that `content` asks for, each field once.
pub(super) fn changes(content: &str) -> Vec<Change> {
    let raw: Vec<&str> = content.split_whitespace().collect();
    let words: Vec<String> =
        raw.iter().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '%').to_lowercase()).collect();
    let mut found: Vec<Change> = Vec::new();
    for at in 0..words.len() {
        let Some((factor, begin, end)) = factor(&words, at) else { continue };
        let Some((fields, first, last)) = noun(&words, &raw, begin, end) else { continue };
        let fresh = fields.iter().all(|field| found.iter().all(|change| !change.fields.contains(field)));
        if fresh && factor.is_finite() && factor > 0.0 {
            let said = raw[first..last].join(" ");
            let words = said.trim_matches(|c: char| !c.is_alphanumeric() && c != '%').to_owned();
            found.push(Change { fields, factor, words });
        }
    }
    found
}

/// The factor that begins or ends at a word, with the words that say it: first, and one past the last.
fn factor(words: &[String], at: usize) -> Option<(f64, usize, usize)> {
    let word = words[at].as_str();
    let next = words.get(at + 1).map_or("", String::as_str);
    let before = if at > 0 { words[at - 1].as_str() } else { "" };
    if let Some(factor) = lookup(FACTORS, word) {
        return Some((factor, at, at + 1));
    }
    if let Some(part) = lookup(PARTS, word) {
        return matches!(before, "a" | "one").then_some((1.0 / part, at - 1, at + 1));
    }
    if let Some(times) = word.strip_suffix(['x', '×']).and_then(|number| number.parse::<f64>().ok()) {
        return Some((times, at, at + 1));
    }
    let number = word.parse::<f64>().ok().or_else(|| lookup(NUMBERS, word));
    if let Some(number) = number
        && matches!(next, "times" | "mal")
    {
        return Some((number, at, at + 2));
    }
    // "20% more", "20 percent fewer".
    let (percent, end) = match word.strip_suffix('%') {
        Some(number) => (number.parse::<f64>().ok()?, at + 1),
        None if matches!(next, "%" | "percent" | "prozent") => (word.parse::<f64>().ok()?, at + 2),
        None => return None,
    };
    let direction = words.get(end).map_or("", String::as_str);
    let sign = if MORE.contains(&direction) {
        1.0
    } else if LESS.contains(&direction) {
        -1.0
    } else {
        return None;
    };
    Some((1.0 + sign * percent / 100.0, at, end + 1))
}

/// The noun that a factor is about, after it or, for "if traffic doubles", before it, with the words from the one to the
/// other. A sentence's end lies between them and others.
fn noun(words: &[String], raw: &[&str], begin: usize, end: usize) -> Option<(&'static [&'static str], usize, usize)> {
    let ends = |i: usize| raw[i].ends_with(['.', '!', '?', ';', ',']);
    let stop = |from: usize, to: usize| (from..to).any(ends);
    for at in end..words.len().min(end + REACH) {
        if stop(end.saturating_sub(1), at) {
            break;
        }
        if let Some(fields) = lookup(NOUNS, &words[at]) {
            // "input tokens", "output tokens": the first word says which.
            let more = words.get(at + 1).is_some_and(|next| next.starts_with("token") && !ends(at));
            return Some((fields, begin, at + 1 + usize::from(more)));
        }
    }
    for at in (begin.saturating_sub(REACH)..begin).rev() {
        if stop(at, begin) {
            break;
        }
        if let Some(fields) = lookup(NOUNS, &words[at]) {
            let kind = (at > 0).then(|| lookup(NOUNS, &words[at - 1])).flatten();
            return Some((kind.unwrap_or(fields), at - usize::from(kind.is_some()), end));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOTH: &[&str] = &["input_tokens", "output_tokens"];

    #[test]
    fn changes_are_read_in_their_usual_forms() {
        let requests: &[&str] = &["requests_per_day"];
        for (text, fields, factor, words) in [
            ("and with half the tokens?", BOTH, 0.5, "half the tokens"),
            ("What about twice as many requests?", requests, 2.0, "twice as many requests"),
            ("Now with 20% more traffic.", requests, 1.2, "20% more traffic"),
            ("And 30 percent fewer calls", requests, 0.7, "30 percent fewer calls"),
            ("What if traffic doubles?", requests, 2.0, "traffic doubles"),
            ("with 3x the volume", requests, 3.0, "3x the volume"),
            ("ten times the load", requests, 10.0, "ten times the load"),
            ("a third of the output tokens", &["output_tokens"], 1.0 / 3.0, "a third of the output tokens"),
            ("prompts that are 50% shorter", &["input_tokens"], 0.5, "prompts that are 50% shorter"),
            ("if the output tokens were halved", &["output_tokens"], 0.5, "output tokens were halved"),
            ("Und mit doppelt so vielen Anfragen?", requests, 2.0, "doppelt so vielen Anfragen"),
        ] {
            let found = changes(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert_eq!((found[0].fields, found[0].words.as_str()), (fields, words), "{text}");
            assert!((found[0].factor - factor).abs() < 1e-9, "{text}");
        }
        let two = changes("half the input tokens and twice the traffic");
        assert_eq!(two.iter().map(|c| c.fields).collect::<Vec<_>>(), [&["input_tokens"][..], requests]);
    }

    #[test]
    fn what_is_no_change_is_left_alone() {
        for text in [
            "We send 200k requests a day with 1,200 tokens.",
            "Half of our team works on it. Tokens matter.",
            "The third model has more tokens.",
            "A cache hit rate of 20% for our requests.",
            "half",
            "",
        ] {
            assert_eq!(changes(text), [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,80}") {
            for change in changes(&text) {
                prop_assert!(change.factor > 0.0 && !change.fields.is_empty());
            }
        }
    }
}
