//! Learns the weights that tell the field of a figure where no rule does, from every labelled message, and writes them to
//! `src/extract/figures.txt`: `cargo run --release -p shared --example train_fields`. No randomness: the same labels give
//! the same table. With `--without "NAME,NAME"`, learns without the named sets and says how their figures are told.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    dead_code,
    reason = "a tool for the one who works here"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value as Json};
use shared::extract::{Figure, extract, figures, says};

#[path = "../tests/extract/score.rs"]
mod score;
#[path = "learn/softmax.rs"]
mod softmax;

/// How many things a figure can say.
const SAYS: usize = 42;
/// Evidence met less often is not learned from.
const RARE: usize = 4;
const L1: f64 = 0.3;
const L2: f64 = 0.3;
/// How much a figure that rules already explain weighs: what they leave open is what is to be learned.
const PHRASE: f64 = 0.5;
const STEPS: usize = 120;
/// The letter of no weight; one more or less is a step.
const ZERO: i32 = 'P' as i32;
/// Steps of a weight in the table: a sixteenth.
const SCALE: f64 = 16.0;

/// A figure with what it says.
struct Row {
    set: &'static str,
    figure: Figure,
    text: String,
    right: usize,
    weight: f64,
}

type Table = BTreeMap<String, [i32; SAYS]>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let without = arguments.iter().position(|a| a == "--without").and_then(|i| arguments.get(i + 1));
    let out: Vec<&str> = without.map(|names| names.split(',').collect()).unwrap_or_default();
    let rows = rows();
    let (rest, left): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| !out.contains(&row.set));
    println!("{} figures to learn from", rest.len());
    let table = learn(&rest);
    report(&table, &left, arguments.iter().any(|a| a == "--each"));
    write(&table);
}

/// The names first, then the weights by what they are for.
fn write(table: &Table) {
    let mut text: String = table.keys().flat_map(|name| [name.as_str(), "\n"]).collect();
    for k in 0..SAYS {
        let letter = |w: &[i32; SAYS]| char::from((ZERO + w[k]) as u8);
        let line: String = table.values().map(letter).collect();
        writeln!(text, "\n{line}").unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/extract/figures.txt");
    std::fs::write(path, &text).unwrap();
    let weights = table.values().flatten().filter(|w| **w != 0).count();
    println!("{path}: {} pieces of evidence, {weights} weights, {} bytes", table.len(), text.len());
}

/// Every figure of the labelled messages whose field is plain.
fn rows() -> Vec<Row> {
    let names = says();
    assert_eq!(names.len(), SAYS);
    let mut rows = Vec::new();
    for set in score::SETS {
        for line in set.lines.lines().filter(|line| !line.trim().is_empty()) {
            let label: Json = serde_json::from_str(line).unwrap();
            let (Some(text), Some(workload)) = (label["text"].as_str(), label.get("workload")) else { continue };
            let expected = score::fields(workload);
            let found = score::fields(&serde_json::to_value(extract(text).workload).unwrap());
            let numbers = |fields: &Map<String, Json>| {
                fields.iter().filter(|(_, v)| v.is_number()).map(|(k, v)| (k.clone(), v.clone())).collect::<Map<_, _>>()
            };
            let (wanted, read) = (numbers(&expected), numbers(&found));
            let whole = wanted.len() == read.len()
                && wanted.iter().all(|(k, v)| read.get(k).is_some_and(|other| score::equal(v, other)));
            for figure in figures(text) {
                let Some(right) = right(&figure, &wanted, whole, &names) else { continue };
                let weight = if set.name.starts_with("phrases") { PHRASE } else { 1.0 };
                rows.push(Row { set: set.name, figure, text: text.to_owned(), right, weight });
            }
        }
    }
    rows
}

/// What a figure says by the label of its message; `None` if several fields have its value.
fn right(figure: &Figure, wanted: &Map<String, Json>, whole: bool, names: &[&str]) -> Option<usize> {
    let holds = |name: &str, value: f64| {
        wanted.iter().any(|(field, v)| {
            field.rsplit('.').next() == Some(name) && score::equal(v, &serde_json::json!(value))
        })
    };
    let fits: Vec<usize> =
        figure.can.iter().filter(|(k, value)| *k > 0 && holds(names[*k], *value)).map(|(k, _)| *k).collect();
    let claimed = |k: &usize| figure.can.iter().any(|(can, _)| can == k);
    let right = match (fits.as_slice(), figure.claim) {
        ([one], _) => Some(*one),
        ([_, ..], Some(claim)) if fits.contains(&claim) => Some(claim),
        ([_, ..], _) => None,
        ([], Some(claim)) if whole && claimed(&claim) => Some(claim),
        // What is neither labelled nor a field of the workload may still be a part of one.
        ([], Some(claim)) if !wanted.contains_key(names[claim]) && is_part(names[claim]) => None,
        ([], _) => Some(0),
    };
    right.filter(claimed)
}

fn is_part(name: &str) -> bool {
    !name.contains('_')
}

/// The weights in steps of the table, without what came out as nothing.
fn learn(rows: &[&Row]) -> Table {
    let mut often: BTreeMap<&String, usize> = BTreeMap::new();
    for row in rows {
        row.figure.evidence.iter().for_each(|name| *often.entry(name).or_default() += 1);
    }
    let names: Vec<&String> = often.into_iter().filter(|(_, n)| *n >= RARE).map(|(name, _)| name).collect();
    let data: Vec<softmax::Sample> = rows
        .iter()
        .map(|row| softmax::Sample {
            columns: row.figure.evidence.iter().filter_map(|name| names.binary_search(&name).ok()).collect(),
            can: row.figure.can.iter().map(|(k, _)| *k).collect(),
            right: row.right,
            weight: row.weight,
        })
        .collect();
    let weights = softmax::solve::<SAYS>(&data, &vec![[L1, L2]; names.len()], STEPS);
    let steps = |w: &[f64; SAYS]| w.map(|w| (w * SCALE).round().clamp(-46.0, 46.0) as i32);
    let table = names.into_iter().cloned().zip(weights.iter().map(steps));
    table.filter(|(_, w)| w.iter().any(|w| *w != 0)).collect()
}

/// How the figures that were left out are told, beside the rules.
fn report(table: &Table, left: &[&Row], each: bool) {
    let names = says();
    let mut sets: BTreeMap<&str, [usize; 7]> = BTreeMap::new();
    for row in left {
        let mut scores = [0.0; SAYS];
        for weights in row.figure.evidence.iter().filter_map(|name| table.get(name)) {
            (0..SAYS).for_each(|k| scores[k] += f64::from(weights[k]) / SCALE);
        }
        let can: Vec<usize> = row.figure.can.iter().map(|(k, _)| *k).collect();
        softmax::shares(&mut scores, &can);
        let best = can.iter().copied().max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
        let rule = row.figure.claim.unwrap_or(0);
        let set = sets.entry(row.set).or_default();
        set[0] += 1;
        set[1] += usize::from(rule == row.right);
        set[2] += usize::from(best == row.right);
        set[3] += usize::from(best == row.right || rule == row.right);
        if row.figure.claim.is_none() {
            set[4] += 1;
            set[5] += usize::from(row.right == 0);
            set[6] += usize::from(best == row.right);
        }
        if each && (best != row.right || rule != row.right) {
            let claim = row.figure.claim.map_or("-", |k| names[k]);
            println!(
                "{:.2} {} ({:.2} {claim}), not {}: \"{}\" in: {}",
                scores[best], names[best], scores[rule], names[row.right], row.figure.words, row.text
            );
        }
    }
    for (set, [all, rules, told, either, open, open_nothing, open_right]) in &sets {
        println!("{set}: {all} figures, rules {rules}, learned {told}, either {either}; unclaimed {open}, of them nothing {open_nothing}, learned {open_right}");
    }
}
