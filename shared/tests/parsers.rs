//! Whatever comes in, every parser ends quickly, with a value or with a word about what is wrong.

#![cfg(test)]

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use shared::date::Date;
use shared::draft::{Draft, Unknown};
use shared::extract::extract;
use shared::message::Category;
use shared::protocol::{ClientFrame, ServerFrame};
use shared::workload::{FIELDS, Workload};

/// The longest content that a message may have.
const LONGEST: usize = 2_000;
/// Far above what any text takes, even unoptimised on a busy machine; a parser that is not linear exceeds it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Any JSON, a few levels deep, with the numbers and words that parsers stumble over.
fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        Just(json!(1e308)),
        Just(json!(u64::MAX)),
        "\\PC{0,40}".prop_map(Json::from),
        prop::sample::select(WORDS).prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::vec((key(), inner), 0..8).prop_map(|pairs| Json::Object(pairs.into_iter().collect())),
        ]
    })
}

/// Words that mean something somewhere.
const WORDS: &[&str] = &[
    "cost-optimization",
    "high",
    "summary",
    "hello",
    "send",
    "ack",
    "welcome",
    "accepted",
    "event",
    "progress",
    "snapshot",
    "flow",
    "error",
    "bye",
    "2026-11-22",
    "0199f8f0-0000-7000-8000-000000000000",
    "gpt-4o",
    "NaN",
    "-0",
    "chat",
];

/// Names of fields, right and wrong.
fn key() -> impl Strategy<Value = String> {
    let known: Vec<&str> = FIELDS
        .iter()
        .map(|spec| spec.name)
        .chain([
            "classes",
            "name",
            "content",
            "id",
            "category",
            "complexity",
            "priority",
            "format",
            "workload",
            "type",
            "conversation",
            "conversation_id",
            "epoch",
            "offset",
            "token",
            "client",
            "resume",
            "usage_id",
            "example_id",
        ])
        .collect();
    prop_oneof![4 => prop::sample::select(known).prop_map(String::from), 1 => "\\PC{0,20}"]
}

/// An object whose keys are mostly known.
fn any_object() -> impl Strategy<Value = Map<String, Json>> {
    prop::collection::vec((key(), any_json()), 0..12).prop_map(|pairs| pairs.into_iter().collect())
}

/// Texts of which the pieces are numbers, units and signs in any order, where grammars go astray.
fn any_soup() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "1",
        "1.",
        "1,2",
        "1/2",
        "k",
        "m",
        "%",
        "$",
        "€",
        "/",
        "-",
        "—",
        "→",
        "(",
        ")",
        ":",
        ",",
        ".",
        "?",
        " ",
        "  ",
        "\n",
        "tokens",
        "tok",
        "in",
        "out",
        "per",
        "a",
        "day",
        "s",
        "ms",
        "p95",
        "from",
        "to",
        "not",
        "no,",
        "and",
        "gpt-4o",
        "x",
        "×",
        "½",
        "1e9",
        "9999999999999999999999",
        "to",
        "between",
        "half",
        "of",
        "token",
        "und",
        "pro",
        "request",
        "/min",
        "~",
        "#",
        "1k5",
        "H100",
        "quality",
        "at least",
        "if",
        "was",
        "now",
        "\u{200d}",
        "🙂",
        "ß",
    ];
    prop::collection::vec((prop::sample::select(PIECES), any::<bool>()), 0..200).prop_map(|pieces| {
        let text: String = pieces.iter().flat_map(|(piece, gap)| [*piece, if *gap { " " } else { "" }]).collect();
        text.chars().take(LONGEST).collect()
    })
}

fn quickly<T>(text: &str, parse: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let parsed = parse();
    let took = start.elapsed();
    let head: String = text.chars().take(80).collect();
    assert!(took < PATIENCE, "{took:?} for {} bytes: {head}", text.len());
    parsed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,2000}") {
        quickly(&text, || extract(&text));
    }

    #[test]
    fn any_soup_of_figures_is_read_to_a_workload_within_its_bounds(text in any_soup()) {
        let found = quickly(&text, || extract(&text));
        prop_assert!(found.workload.errors().is_empty(), "{:?}", found.workload.errors());
        prop_assert!((0.0..=1.0).contains(&found.confidence));
    }

    /// A labelled message with a piece cut out and another put in.
    #[test]
    fn a_mangled_message_is_read(which in any::<prop::sample::Index>(), cut in 0.0..1.0_f64, put in "\\PC{0,12}") {
        let messages: Vec<&str> = include_str!("extract/blind_1.jsonl").lines().collect();
        let label: Json = serde_json::from_str(messages[which.index(messages.len())]).unwrap();
        let mut chars: Vec<char> = label["text"].as_str().unwrap().chars().collect();
        let at = (cut * chars.len() as f64) as usize;
        let end = chars.len().min(at + 7);
        chars.splice(at..end, put.chars());
        let text: String = chars.into_iter().collect();
        let errors = extract(&text).workload.errors();
        prop_assert!(errors.is_empty(), "{text}: {errors:?}");
    }

    #[test]
    fn any_object_is_a_draft_or_a_problem(object in any_object(), strict in any::<bool>()) {
        let unknown = if strict { Unknown::Refuse } else { Unknown::Ignore };
        if let Err(problem) = Draft::from_json(&object, unknown) {
            prop_assert!(!problem.detail.is_empty());
        }
    }

    #[test]
    fn any_json_is_a_workload_or_named_errors(json in any_json(), object in any_object()) {
        for json in [json, Json::Object(object)] {
            match Workload::from_json(&json) {
                Ok(workload) => prop_assert!(workload.errors().is_empty()),
                Err(errors) => prop_assert!(!errors.is_empty()),
            }
        }
    }

    #[test]
    fn any_text_is_a_frame_or_a_word_about_it(text in "\\PC{0,400}", object in any_object()) {
        for text in [text, Json::Object(object).to_string()] {
            if let Err(why) = quickly(&text, || ServerFrame::read(&text)) {
                prop_assert!(!why.is_empty());
            }
            let _ = quickly(&text, || serde_json::from_str::<ClientFrame>(&text));
        }
    }

    #[test]
    fn any_text_is_a_day_or_not(text in "\\PC{0,20}", year in any::<i16>(), month in any::<u8>(), day in any::<u8>()) {
        let _ = text.parse::<Date>();
        let _ = text.parse::<Category>();
        let written = format!("{year:04}-{month:02}-{day:02}");
        if let Ok(date) = written.parse::<Date>() {
            prop_assert_eq!(date.to_string(), written);
        }
    }
}

/// The same piece over and over, up to the longest content: where a grammar that looks back takes the square.
#[test]
fn a_piece_repeated_to_the_longest_message_is_read_quickly() {
    for piece in [
        "1 ",
        "1,",
        "1/2 ",
        "1k ",
        "$1 ",
        "1% ",
        "(",
        "((1",
        "1-",
        "from 1 to ",
        "not ",
        "if ",
        "gpt-4o ",
        "gpt-4o vs ",
        "p95 1s ",
        "1 tokens in 1 out, ",
        "and ",
        "1.",
        "\u{301}",
        "🙂",
        "between 1 and ",
        "chat 1/day 1 in 1 out; ",
        "H100 ",
        "no, 1 ",
        "1 requests per day, ",
        "a",
        "\n",
        "the same the same ",
    ] {
        let text: String = piece.repeat(LONGEST / piece.len() + 1).chars().take(LONGEST).collect();
        quickly(&text, || extract(&text));
    }
}

/// Nested far deeper than any client writes.
#[test]
fn deep_json_ends_in_a_word_about_it() {
    let text = format!(r#"{{"type":"send","workload":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(quickly(&text, || ServerFrame::read(&text)).is_err());
    assert!(quickly(&text, || serde_json::from_str::<ClientFrame>(&text)).is_err());
}
