//! Learns the weights that tell the field of a figure and the model in use where no rule does, from every labelled
//! message, and writes them to `src/extract/{figures,models}.txt`:
//! `cargo run --release -p shared --example train_fields`. No randomness: the same labels give the same tables. With
//! `--without "NAME,NAME"`, learns without the named sets and says how they are told; with `--each=figures` or
//! `--each=models` also which are told otherwise.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    dead_code,
    reason = "a tool for the one who works here"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, Value as Json};
use shared::extract::{Figure, extract, figures, models, says};

#[path = "../tests/extract/score.rs"]
mod score;
#[path = "learn/softmax.rs"]
mod softmax;

/// How many things a figure can say.
const SAYS: usize = 42;
/// Whether a model is in use: the answers "no" and "yes".
const USE: usize = 2;
/// How much a phrase weighs beside a message.
const PHRASE: f64 = 0.5;
/// The letter of no weight; one more or less is a step.
const ZERO: i32 = 'P' as i32;
/// Steps of a weight in the table: an eighth.
const SCALE: f64 = 8.0;

/// How a table is learned: evidence met less often than `rare` is left out.
struct How {
    rare: usize,
    l1: f64,
    l2: f64,
    steps: usize,
}

/// What is learned from.
struct Row {
    set: &'static str,
    evidence: BTreeSet<String>,
    /// The answers that are possible, the right one, and what the rules say.
    can: Vec<usize>,
    right: usize,
    rule: Option<usize>,
    words: String,
    weight: f64,
}

type Table<const K: usize> = BTreeMap<String, [i32; K]>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let without = arguments.iter().position(|a| a == "--without").and_then(|i| arguments.get(i + 1));
    let mut out: Vec<&str> = without.map(|names| names.split(',').collect()).unwrap_or_default();
    if out.is_empty() {
        out.extend(score::UNSEEN);
    }
    let each = arguments.iter().find(|a| a.starts_with("--each")).map(|a| a.trim_start_matches("--each="));
    let [figures, models] = rows();
    let how = How { rare: 4, l1: 1.5, l2: 0.2, steps: 120 };
    run::<SAYS>("figures", &figures, &how, &out, each, &says());
    run::<USE>("models", &models, &how, &out, each, &["no", "yes"]);
}

fn run<const K: usize>(name: &str, rows: &[Row], how: &How, out: &[&str], each: Option<&str>, names: &[&str]) {
    let (rest, left): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| !out.contains(&row.set));
    let table = learn::<K>(&rest, how);
    report(&table, &left, each == Some(name), names);
    write(name, &table);
}

/// The names first, then the weights by what they are for.
fn write<const K: usize>(name: &str, table: &Table<K>) {
    let mut text: String = table.keys().flat_map(|name| [name.as_str(), "\n"]).collect();
    for k in 0..K {
        let letter = |w: &[i32; K]| char::from((ZERO + w[k]) as u8);
        let line: String = table.values().map(letter).collect();
        writeln!(text, "\n{line}").unwrap();
    }
    let path = format!("{}/src/extract/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    std::fs::write(&path, &text).unwrap();
    let weights = table.values().flatten().filter(|w| **w != 0).count();
    println!("{path}: {} pieces of evidence, {weights} weights, {} bytes", table.len(), text.len());
}

/// What the labelled messages say of figures and models.
fn rows() -> [Vec<Row>; 2] {
    let names = says();
    assert_eq!(names.len(), SAYS);
    let [mut told, mut used]: [Vec<Row>; 2] = Default::default();
    for set in score::SETS {
        for line in set.lines.lines().filter(|line| !line.trim().is_empty()) {
            let label: Json = serde_json::from_str(line).unwrap();
            let (Some(text), Some(workload)) = (label["text"].as_str(), label.get("workload")) else { continue };
            let expected = score::fields(workload);
            let read = extract(text).workload;
            let found = score::fields(&serde_json::to_value(&read).unwrap());
            let weight = if set.name.starts_with("phrases") { PHRASE } else { 1.0 };
            let row =
                |evidence, can, right, rule, words| Row { set: set.name, evidence, can, right, rule, words, weight };
            let numbers = |fields: &Map<String, Json>| {
                fields.iter().filter(|(_, v)| v.is_number()).map(|(k, v)| (k.clone(), v.clone())).collect::<Map<_, _>>()
            };
            let (wanted, read_numbers) = (numbers(&expected), numbers(&found));
            let whole = wanted.len() == read_numbers.len()
                && wanted.iter().all(|(k, v)| read_numbers.get(k).is_some_and(|other| score::equal(v, other)));
            for figure in figures(text) {
                let Some(right) = right(&figure, &wanted, whole, &names) else { continue };
                let can = figure.can.iter().map(|(k, _)| *k).collect();
                told.push(row(figure.evidence, can, right, figure.claim, format!("{} in {text}", figure.words)));
            }
            let is = |fields: &Map<String, Json>, id: &str| {
                usize::from(fields.get("model").and_then(Json::as_str).is_some_and(|m| m.eq_ignore_ascii_case(id)))
            };
            for (id, evidence) in models(text) {
                let rule = Some(is(&found, &id));
                used.push(row(evidence, vec![0, 1], is(&expected, &id), rule, format!("{id} in {text}")));
            }
        }
    }
    [told, used]
}

/// What a figure says by the label of its message; `None` if several fields have its value.
fn right(figure: &Figure, wanted: &Map<String, Json>, whole: bool, names: &[&str]) -> Option<usize> {
    let holds = |name: &str, value: f64| {
        wanted
            .iter()
            .any(|(field, v)| field.rsplit('.').next() == Some(name) && score::equal(v, &serde_json::json!(value)))
    };
    let fits: Vec<usize> =
        figure.can.iter().filter(|(k, value)| *k > 0 && holds(names[*k], *value)).map(|(k, _)| *k).collect();
    let possible = |k: &usize| figure.can.iter().any(|(can, _)| can == k);
    let right = match (fits.as_slice(), figure.claim) {
        ([one], _) => Some(*one),
        ([_, ..], Some(claim)) if fits.contains(&claim) => Some(claim),
        ([_, ..], _) => None,
        ([], Some(claim)) if whole && possible(&claim) => Some(claim),
        // What is no field of the workload may still be a part of one.
        ([], Some(claim)) if !names[claim].contains('_') => None,
        ([], _) => Some(0),
    };
    right.filter(possible)
}

/// The weights in steps of the table, without what came out as nothing.
fn learn<const K: usize>(rows: &[&Row], how: &How) -> Table<K> {
    let mut often: BTreeMap<&String, usize> = BTreeMap::new();
    for row in rows {
        row.evidence.iter().for_each(|name| *often.entry(name).or_default() += 1);
    }
    let names: Vec<&String> = often.into_iter().filter(|(_, n)| *n >= how.rare).map(|(name, _)| name).collect();
    let data: Vec<softmax::Sample> = rows
        .iter()
        .map(|row| softmax::Sample {
            columns: row.evidence.iter().filter_map(|name| names.binary_search(&name).ok()).collect(),
            can: row.can.clone(),
            right: row.right,
            weight: row.weight,
        })
        .collect();
    let weights = softmax::solve::<K>(&data, &vec![[how.l1, how.l2]; names.len()], how.steps);
    let steps = |w: &[f64; K]| w.map(|w| (w * SCALE).round().clamp(-46.0, 46.0) as i32);
    let table = names.into_iter().cloned().zip(weights.iter().map(steps));
    table.filter(|(_, w)| w.iter().any(|w| *w != 0)).collect()
}

/// How what was left out is told, beside the rules.
fn report<const K: usize>(table: &Table<K>, left: &[&Row], each: bool, names: &[&str]) {
    let mut sets: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for row in left {
        let mut scores = [0.0; K];
        for weights in row.evidence.iter().filter_map(|name| table.get(name)) {
            (0..K).for_each(|k| scores[k] += f64::from(weights[k]) / SCALE);
        }
        softmax::shares(&mut scores, &row.can);
        let best = row.can.iter().copied().max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
        let rule = row.rule.unwrap_or(0);
        let set = sets.entry(row.set).or_default();
        set[0] += 1;
        set[1] += usize::from(rule == row.right);
        set[2] += usize::from(best == row.right);
        set[3] += usize::from(best == row.right || rule == row.right);
        if each && (best != row.right || rule != row.right) {
            let claim = row.rule.map_or("-", |k| names[k]);
            println!(
                "{:.2} {} ({:.2} {claim}), not {}: {}",
                scores[best],
                names[best],
                scores[rule],
                names[row.right],
                row.words.replace('\n', " ")
            );
        }
    }
    for (set, [all, rules, told, either]) in &sets {
        println!("{set}: of {all} the rules tell {rules}, what is learned {told}, one of both {either}");
    }
}
