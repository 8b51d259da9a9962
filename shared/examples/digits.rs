//! Results of random workloads, one JSON object a line, with every digit: the same program natively and in WebAssembly,
//! so that `scripts/digits` can compare what the server and the page compute. Natively: `digits [COUNT]`; with
//! `--time`, how long plans of 32 kinds of work and the steps of a slider take instead.

#![allow(clippy::print_stdout, missing_docs)]

use serde_json::{Map, Value as Json, json};

use shared::analysis::math::random::Random;
use shared::analysis::math::replay::Arrival;
use shared::analysis::{Observed, Request, analyze_with};
use shared::catalog::Catalog;
use shared::message::{Category, Format};
use shared::workload::{FIELDS, Kind, Provenances, Workload};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen::prelude::wasm_bindgen;

/// Powers of ten as literals, so that the workloads themselves are the same on every platform.
const POWERS: [f64; 10] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3];
const MODELS: [&str; 6] =
    ["gpt-4o", "claude-opus-4-8", "gpt-oss-120b", "deepseek-v4-flash", "gemini-4-argon", "claude-sonnet-4-5"];
const DAYS: [&str; 3] = ["2026-11-22", "2027-06-01", "2026-01-01"];
/// Steps of a slider that are timed together.
#[cfg(not(target_arch = "wasm32"))]
const STEPS: u32 = 1_000;
const TEXTS: [&str; 3] = [
    "We send 12,345.6 requests an hour with 1.2k tokens in and 333 out to gpt-4o and pay $12,345.67 a month.",
    "Wir zahlen 1.234,56 € im Monat, 7,5 Mio. Anfragen pro Woche, 10% Wachstum im Quartal, claude-sonnet-4-5",
    "p95 is 3.7 s, ttft 410ms, 21 ms per token, 0.8 qps, doubles every 7 months, 1/3 can wait",
];

fn main() {
    #[cfg(not(target_arch = "wasm32"))]
    {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let count = arguments.iter().find_map(|a| a.parse().ok()).unwrap_or(300);
        if arguments.iter().any(|a| a == "--time") {
            let start = std::time::Instant::now();
            for _ in 0..count {
                plan(std::hint::black_box(32));
            }
            println!("a plan of 32 kinds of work {:.2} ms", start.elapsed().as_secs_f64() * 1e3 / f64::from(count));
            for category in 0..4 {
                let start = std::time::Instant::now();
                std::hint::black_box(what_if(category, STEPS));
                let ms = start.elapsed().as_secs_f64() * 1e3 / f64::from(STEPS);
                println!("a step of a slider, {}: {ms:.3} ms", Category::ALL[category]);
            }
            return;
        }
        (0..count).for_each(|seed| println!("{}", results(seed)));
    }
}

/// All categories on the workload of `seed`, and the reading of a text.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
pub fn results(seed: u32) -> String {
    let mut random = Random::new(u64::from(seed));
    let workload = workload(&mut random);
    let log = log(&mut random);
    let results: Map<String, Json> = Category::ALL
        .iter()
        .map(|category| {
            let observed = (*category == Category::Latency).then_some(&log);
            (category.to_string(), answer(*category, &workload, observed))
        })
        .collect();
    let read = shared::extract::extract(TEXTS[seed as usize % TEXTS.len()]);
    json!({"seed": seed, "results": results, "read": read.workload}).to_string()
}

/// A plan of so many kinds of work on at most three vendors, with a limit of tokens that no model reaches.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
pub fn plan(classes: u32) -> String {
    let class = |i: u32| {
        json!({"name": format!("{i}"), "requests_per_day": 1000 * (i + 1), "input_tokens": 200 * (i + 1),
               "output_tokens": 50 + 30 * (i % 7)})
    };
    let workload = json!({"model": "gpt-4o", "quality_floor": 1420, "vendors_max": 3, "tpm_limit": 1e9,
                          "classes": (0..classes).map(class).collect::<Vec<_>>()});
    let workload = Workload::from_json(&workload).unwrap_or_default();
    answer(Category::Advanced, &workload, None).to_string()
}

/// So many steps of a slider, as the page computes them; how many figures came out.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
pub fn what_if(category: usize, steps: u32) -> usize {
    let catalog = catalog();
    let (provenance, format, today) = (Provenances::new(), Format::Detailed, catalog.as_of);
    let facts = json!({"model": "gpt-4o", "requests_per_day": 200_000, "input_tokens": 1_200, "ttft_ms": 400, "tpot_ms": 20,
                       "concurrency_limit": 60, "rpm_limit": 500, "tpm_limit": 500_000, "growth_per_month": 0.1,
                       "task": "chat"});
    let mut workload = Workload::from_json(&facts).unwrap_or_default();
    let category = Category::ALL[category];
    let step = |tokens: u32| {
        workload.output_tokens = Some(f64::from(tokens % 1_000 + 1));
        let request = Request { category, workload: &workload, provenance: &provenance, format, today };
        analyze_with(&request, &catalog, None).map_or(0, |result| result.metrics.len())
    };
    (0..steps).map(step).sum()
}

fn catalog() -> Catalog {
    serde_json::from_str(include_str!("../tests/catalog.json")).unwrap_or_else(|_| unreachable!())
}

fn answer(category: Category, workload: &Workload, observed: Option<&Observed>) -> Json {
    let catalog = catalog();
    let (provenance, format, today) = (Provenances::new(), Format::Detailed, catalog.as_of);
    match analyze_with(&Request { category, workload, provenance: &provenance, format, today }, &catalog, observed) {
        Ok(result) => json!(result),
        Err(problem) => json!(problem),
    }
}

fn workload(random: &mut Random) -> Workload {
    let mut fields = Map::new();
    for spec in FIELDS.iter().filter(|spec| spec.name != "vendor") {
        let known = random.bits() % 10 < 7;
        let of = |words: &[&str], bits: u64| Json::from(words[(bits % words.len() as u64) as usize]);
        let bits = random.bits();
        let value = match spec.kind {
            Kind::Text => of(&MODELS, bits),
            Kind::Choice(words) => of(words, bits),
            Kind::Day => of(&DAYS, bits),
            Kind::Number { low, high, .. } => {
                let digits = (1_000 + bits % 9_000) as f64;
                Json::from((digits * POWERS[(bits >> 32) as usize % POWERS.len()]).clamp(low.max(0.001), high))
            }
        };
        if known {
            fields.insert(spec.name.into(), value);
        }
    }
    // Two of three have a clear load, so that all figures exist.
    if !random.bits().is_multiple_of(3) {
        fields.insert("requests_per_day".into(), (1_000 + random.bits() % 1_000_000).into());
        fields.insert("output_tokens".into(), (1 + random.bits() % 2_000).into());
    }
    if random.bits().is_multiple_of(2) {
        let class = |i: u64| {
            json!({"name": format!("kind {i}"), "requests_per_day": 1 + random.bits() % 100_000,
                   "input_tokens": 1 + random.bits() % 20_000, "output_tokens": 1 + random.bits() % 3_000})
        };
        fields.insert("classes".into(), (0..4).map(class).collect());
    }
    Workload::from_json(&Json::Object(fields)).unwrap_or_default()
}

fn log(random: &mut Random) -> Observed {
    let latencies: Vec<f64> = (0..300).map(|_| 50.0 + (random.bits() % 1_000_000) as f64 / 77.0).collect();
    let mut at_s = 0.0;
    let arrival = |_| {
        at_s += random.unit();
        Arrival { at_s, service_s: 3.0 * random.unit() }
    };
    Observed::new(&latencies, (0..300).map(arrival).collect(), 7)
}
