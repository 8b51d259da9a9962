//! Learns the weights that tell the category of a message, from every labelled message and cue, and writes them to
//! `src/extract/weights.txt`: `cargo run --release -p shared --example train_category`. No randomness: the same labels
//! give the same table. With `--check`, learns from two thirds of the sets at a time and says how the rest is told; with
//! `--writers`, leaves each set by a writer of its own out in turn and says how it is told by the others; with
//! `--without "NAME"`, leaves the named set out and says how it is told.
//!
//! Phrases listed by hand did not carry over to other writers: what a new message shares with earlier ones is rather
//! single words and pieces of them.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    dead_code,
    reason = "a tool for the one who works here"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value as Json;
use shared::extract::{evidence, tell};
use shared::message::Category;

#[path = "../tests/extract/score.rs"]
mod score;
#[path = "learn/softmax.rs"]
mod softmax;

/// Words and phrases that belong to a category, which need not have been met in a message yet.
const CUES: &str = include_str!("../tests/extract/cues.jsonl");
/// How much a cue weighs beside a message.
const CUE: f64 = 0.6;
/// How much a phrase weighs beside a message.
const PHRASE: f64 = 0.3;
/// How much a message weighs a second time, without the facts that give its category away.
const BARE: f64 = 0.5;
/// The facts of every message.
const PLAIN: [&str; 5] = ["+model", "+requests_per_day", "+input_tokens", "+output_tokens", "+no model"];
/// Evidence met less often is not learned from.
const RARE: usize = 5;
const L1: f64 = 0.5;
const L2: f64 = 0.5;
/// How much of both penalties a sign or a fact bears: it says the same in anybody's words.
const SIGN: f64 = 0.2;
/// A message with this sign is told by a rule.
const EQUALS: &str = "+equals";
/// Stopped early, which is a penalty of its own: more steps tell other writers no better.
const STEPS: usize = 150;
/// The categories, and "unclear".
const ASKED: usize = Category::ALL.len() + 1;
/// The letter of no weight; one more or less is a step.
const ZERO: i32 = 'P' as i32;
/// Steps of a weight in the table: a sixteenth.
const SCALE: f64 = 16.0;

/// What is learned from: the set, the evidence, what is asked, and its weight.
struct Row {
    set: &'static str,
    text: String,
    evidence: BTreeSet<String>,
    asks: usize,
    weight: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        arguments.iter().position(|a| a == name).map(|i| arguments.get(i + 1).cloned().unwrap_or_default())
    };
    let rows = rows();
    if option("--check").is_some() {
        return check(&rows);
    }
    if option("--writers").is_some() {
        return writers(&rows);
    }
    if let Some(names) = option("--without") {
        let out: Vec<&str> = names.split(',').collect();
        let (rest, left): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|r| !out.contains(&r.set));
        let table = learn(&rest);
        report("left out", &table, &left, true);
        return;
    }
    let table = learn(&rows.iter().collect::<Vec<_>>());
    // The names first, then the weights by category: each part is much like itself, so that the page loads few bytes.
    let mut text: String = table.keys().flat_map(|name| [name.as_str(), "\n"]).collect();
    for k in 0..ASKED {
        let letter = |w: &[i32; ASKED]| char::from((ZERO + w[k]) as u8);
        writeln!(text, "\n{}", table.values().map(letter).collect::<String>()).unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/extract/weights.txt");
    std::fs::write(path, &text).unwrap();
    println!("{path}: {} pieces of evidence, {} bytes", table.len(), text.len());
}

/// Every labelled message and cue.
fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let told = score::SETS.iter().filter(|set| !score::HELD_OUT.contains(&set.name));
    let sets = told.map(|set| (set.name, set.lines)).chain([("cues", CUES)]);
    for (set, lines) in sets {
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            let label: Json = serde_json::from_str(line).unwrap();
            let Some(text) = label["text"].as_str() else { continue };
            // A phrase that only states a fact asks for nothing: in a conversation the question before it stands.
            let category = &label["category"];
            let known = |c: &Category| category.as_str() == Some(c.as_str());
            let asks = Category::ALL.iter().position(known).unwrap_or(Category::ALL.len());
            let mut evidence = evidence(text);
            if set == "cues" {
                evidence.retain(|name| !name.starts_with('+') && name != BIAS);
            }
            let weight = match set {
                "cues" => CUE,
                set if set.starts_with("phrases") => PHRASE,
                _ => 1.0,
            };
            rows.push(Row { set, text: text.to_owned(), evidence, asks, weight });
        }
    }
    rows
}

/// The evidence of every message.
const BIAS: &str = "+";

/// The weights in steps of the table, without what came out as nothing.
fn learn(rows: &[&Row]) -> BTreeMap<String, [i32; ASKED]> {
    let bare = |name: &&String| !name.starts_with('+') || *name == BIAS || PLAIN.contains(&name.as_str());
    let mut data: Vec<(Vec<&String>, usize, f64)> = Vec::new();
    for row in rows.iter().filter(|row| !row.evidence.contains(EQUALS)) {
        data.push((row.evidence.iter().collect(), row.asks, row.weight));
        if row.asks < Category::ALL.len() && row.set != "cues" {
            data.push((row.evidence.iter().filter(bare).collect(), row.asks, row.weight * BARE));
        }
    }
    let mut often: BTreeMap<&String, usize> = BTreeMap::new();
    for row in rows {
        row.evidence.iter().for_each(|name| *often.entry(name).or_default() += 1);
    }
    let names: Vec<&String> = often.into_iter().filter(|(_, n)| *n >= RARE).map(|(name, _)| name).collect();
    let column = |name: &&String| names.binary_search(name).ok();
    let sample = |(evidence, right, weight): (Vec<&String>, usize, f64)| softmax::Sample {
        columns: evidence.iter().filter_map(column).collect(),
        can: (0..ASKED).collect(),
        right,
        weight,
    };
    let data: Vec<softmax::Sample> = data.into_iter().map(sample).collect();
    let shrink = |name: &&String| match name.as_str() {
        BIAS => [0.0, L2 * SIGN],
        name if name.starts_with('+') => [L1 * SIGN, L2 * SIGN],
        _ => [L1, L2],
    };
    let weights = softmax::solve::<ASKED>(&data, &names.iter().map(shrink).collect::<Vec<_>>(), STEPS);
    let steps = |w: &[f64; ASKED]| w.map(|w| (w * SCALE).round().clamp(-46.0, 46.0) as i32);
    let table = names.into_iter().cloned().zip(weights.iter().map(steps));
    table.filter(|(_, w)| w.iter().any(|w| *w != 0)).collect()
}

/// Each set whose writer wrote no other is told by what was learned from the others.
fn writers(rows: &[Row]) {
    const WRITERS: [&str; 8] =
        ["blind 12", "blind 13", "blind 14", "blind 15", "blind 16", "blind 17", "blind 19", "blind 20"];
    let (mut right, mut all) = (0, 0);
    for writer in WRITERS {
        let (left, rest): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|r| r.set == writer);
        let [r, n] = report(writer, &learn(&rest), &left, true);
        (right, all) = (right + r, all + n);
    }
    println!("writers: {right} of {all}, {:.4}", right as f64 / all as f64);
}

/// Every third set is told by what was learned from the others.
fn check(rows: &[Row]) {
    let names: Vec<&str> = score::SETS.iter().map(|set| set.name).collect();
    let mut thirds: [Vec<(usize, [f64; ASKED])>; 3] = Default::default();
    for (third, told) in thirds.iter_mut().enumerate() {
        // The sets of asks are each one writer's, so their lines are divided.
        let part = |i: usize, row: &Row| match row.set {
            "cues" => 3,
            set if set.starts_with("asks") || set.starts_with("phrases") => i / 20 % 3,
            set => names.iter().position(|name| *name == set).unwrap_or(0) % 3,
        };
        let (mut rest, mut left) = (Vec::new(), Vec::new());
        for (i, row) in rows.iter().enumerate() {
            if part(i, row) == third { left.push(row) } else { rest.push(row) }
        }
        let table = learn(&rest);
        report("third", &table, &left, false);
        told.extend(left.iter().map(|row| (row.asks, shares(&table, row))));
    }
    // Whether the confidence means what it says.
    let told: Vec<_> = thirds.iter().flatten().collect();
    for tenth in 3..10 {
        let (low, high) = (f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0);
        let within: Vec<bool> = told
            .iter()
            .filter_map(|(asks, shares)| {
                let best = tell(*shares).1;
                (best >= low && best < high).then(|| shares[*asks].total_cmp(&best).is_eq())
            })
            .collect();
        let right = within.iter().filter(|r| **r).count();
        println!(
            "{low:.1} to {high:.1} sure: {} messages, {:.2} right",
            within.len(),
            right as f64 / within.len().max(1) as f64
        );
    }
}

fn shares(table: &BTreeMap<String, [i32; ASKED]>, row: &Row) -> [f64; ASKED] {
    let mut scores = [0.0; ASKED];
    for weights in row.evidence.iter().filter_map(|name| table.get(name)) {
        (0..ASKED).for_each(|k| scores[k] += f64::from(weights[k]) / SCALE);
    }
    softmax::shares(&mut scores, &std::array::from_fn::<usize, ASKED, _>(|k| k));
    scores
}

/// What a message is told as: two questions of the same weight by the rule of `category`.
fn told(row: &Row, shares: [f64; ASKED]) -> Option<Category> {
    let plan = row.evidence.contains("+3 aims") || row.evidence.contains("+classes");
    if row.evidence.contains(EQUALS) && !plan { None } else { tell(shares).0 }
}

fn report(what: &str, table: &BTreeMap<String, [i32; ASKED]>, left: &[&Row], each: bool) -> [usize; 2] {
    let mut sets: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for row in left {
        let shares = shares(table, row);
        let told =
            told(row, shares).map_or(Category::ALL.len(), |c| Category::ALL.iter().position(|o| *o == c).unwrap());
        let set = sets
            .entry(if row.set.starts_with("asks") || row.set.starts_with("phrases") || each {
                row.set
            } else {
                "messages"
            })
            .or_default();
        set[0] += usize::from(told == row.asks);
        if each && told != row.asks {
            let word = |k: usize| Category::ALL.get(k).map_or("unclear", |c| c.as_str());
            println!("{}: {} ({:.2}), not {}: {}", row.set, word(told), tell(shares).1, word(row.asks), row.text);
        }
        set[1] += 1;
    }
    for (set, [right, all]) in &sets {
        println!("{what}, {set}: {right} of {all}, {:.4}, {} pieces", *right as f64 / *all as f64, table.len());
    }
    sets.values().fold([0, 0], |[right, all], [r, n]| [right + r, all + n])
}
