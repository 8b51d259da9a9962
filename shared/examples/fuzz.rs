//! Throws mutated input at every parser until the time is over: `cargo run --release -p shared --example fuzz --
//! [SECONDS] [SEED] [TARGET]`. The first input that makes a parser panic, or take a second, is written to a file and
//! ends the run with status 1; the seed makes it come again.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a tool for the one who works here")]

use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use shared::analysis::math::random::Random;
use shared::date::Date;
use shared::draft::{Draft, Unknown};
use shared::extract::extract;
use shared::protocol::{ClientFrame, ServerFrame};
use shared::usage::Reader;
use shared::workload::Workload;

/// A parser takes no longer for any input of [`LONGEST`].
const PATIENCE: Duration = Duration::from_secs(1);
/// Bytes.
const LONGEST: usize = 8_192;

type Parser = fn(&[u8]);

/// Every parser, with inputs that it likes.
const TARGETS: &[(&str, Parser, &[&str])] = &[
    ("extract", |b| drop(extract(&String::from_utf8_lossy(b).chars().take(2_000).collect::<String>())), MESSAGES),
    (
        "draft",
        draft,
        &[
            r#"{"content":"We spend $12k/month","workload":{"input_tokens":1e3},"id":"0199f8f0-0000-7000-8000-000000000000"}"#,
        ],
    ),
    ("workload", |b| drop(serde_json::from_slice(b).map(|json: Json| Workload::from_json(&json))), &[WORKLOAD]),
    ("client-frame", |b| drop(serde_json::from_slice::<ClientFrame>(b)), FRAMES),
    ("server-frame", |b| drop(ServerFrame::read(&String::from_utf8_lossy(b))), FRAMES),
    ("date", |b| drop(String::from_utf8_lossy(b).parse::<Date>()), &["2026-11-22", "1970-01-01"]),
    ("usage-log", usage, LOGS),
];

const MESSAGES: &[&str] = &[
    "We spend $12k/month on GPT-4o for 200k requests/day, 1,200 input / 300 output tokens; cut cost",
    "p95 liegt bei 2,4 s, TTFT 300 ms, 45 ms pro Token; 70 % des Prompts sind fix, nicht mehr 1,5 Mio. Anfragen",
    "two workloads: chat 50k/day 900 in 200 out, batch 6M calls a month; H100 at $2.5/h, 2.3 rps peak 4x, grows 10%/month",
];
const WORKLOAD: &str = r#"{"model":"gpt-4o","requests_per_day":2e5,"cache_hit_rate":0.5,"as_of":"2026-11-22","classes":[{"name":"a","requests_per_day":1,"input_tokens":2,"output_tokens":3}]}"#;
const FRAMES: &[&str] = &[
    r#"{"type":"hello","client":"0199f8f0-0000-7000-8000-000000000000","resume":[{"conversation":"0199f8f0-0000-7000-8000-000000000000","epoch":"a","offset":3}]}"#,
    r#"{"type":"event","conversation":"0199f8f0-0000-7000-8000-000000000000","epoch":"a","offset":1,"id":"0199f8f0-0000-7000-8000-000000000000","kind":"completed","data":{}}"#,
    r#"{"type":"progress","id":"0199f8f0-0000-7000-8000-000000000000","attempt":1,"step":2,"stage":"analyse","percent":40}"#,
];
const LOGS: &[&str] = &[
    "timestamp,model,input_tokens,output_tokens,latency_ms,status\n2026-10-05T00:00:00Z,gpt-4o,1000,300,1500,200\n",
    "\u{feff}TIMESTAMP;ContextTokens;GeneratedTokens\r\n2023-11-16 18:17:03.9799600;374;44\r\n\"a\"\"b\n\";1;2\r\n",
    "{\"timestamp\": 27482, \"input_length\": 6955, \"output_length\": 52, \"hash_ids\": [46, 47]}\n{}\n",
];

fn draft(bytes: &[u8]) {
    if let Ok(Json::Object(object)) = serde_json::from_slice(bytes) {
        let _ = Draft::from_json(&object, Unknown::Refuse);
        let _ = Draft::from_json(&object, Unknown::Ignore);
    }
}

/// In pieces of every size, as a network delivers it.
fn usage(bytes: &[u8]) {
    let size = usize::from(bytes.first().copied().unwrap_or(1)) + 1;
    let mut reader = Reader::new(1_795_000_000_000);
    if bytes.chunks(size).all(|piece| reader.push(piece).is_ok()) {
        let _ = reader.finish();
    }
}

/// A few changes at random places; now and then half of another input.
fn mutate(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let below = |n: usize, random: &mut Random| (random.unit() * n as f64) as usize;
    let mut input = seeds[below(seeds.len(), random)].clone();
    for _ in 0..=below(6, random) {
        let at = below(input.len() + 1, random);
        match below(7, random) {
            0 => input.insert(at, below(256, random) as u8),
            1 => drop(input.get(at).is_some().then(|| input.remove(at))),
            2 => input.get_mut(at).into_iter().for_each(|b| *b ^= 1 << below(8, random)),
            3 => input.truncate(at),
            4 => input
                .splice(at..at, b"0123456789.,-+eE%$/\"'{}[]:;\t\r\n ".iter().copied().skip(below(30, random)).take(3))
                .for_each(drop),
            5 => {
                let copy: Vec<u8> = input[..at].iter().copied().rev().take(40).collect();
                input.splice(at..at, copy).for_each(drop);
            }
            _ => input.extend_from_slice(&seeds[below(seeds.len(), random)][..]),
        }
        input.truncate(LONGEST);
    }
    input
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, other: u64| arguments.get(at).and_then(|a| a.parse().ok()).unwrap_or(other);
    let (seconds, seed, only) = (number(0, 5), number(1, 1), arguments.get(2));
    std::panic::set_hook(Box::new(|_| {}));
    for (name, parser, seeds) in TARGETS.iter().filter(|(name, ..)| only.is_none_or(|only| only == name)) {
        let mut random = Random::new(seed);
        let mut corpus: Vec<Vec<u8>> = seeds.iter().map(|s| s.as_bytes().to_vec()).collect();
        let (end, mut runs) = (Instant::now() + Duration::from_secs(seconds), 0u64);
        while Instant::now() < end {
            let input = mutate(&corpus, &mut random);
            let start = Instant::now();
            let panicked = catch_unwind(|| parser(&input)).is_err();
            if panicked || start.elapsed() > PATIENCE {
                let file = std::env::temp_dir().join(format!("fuzz-{name}-{seed}-{runs}"));
                std::fs::write(&file, &input).unwrap();
                eprintln!("{name}: {} on {}", if panicked { "panics" } else { "is slow" }, file.display());
                std::process::exit(1);
            }
            // Some mutants breed, so that changes add up.
            if random.unit() < 0.02 {
                if corpus.len() > 200 {
                    corpus.truncate(seeds.len());
                }
                corpus.push(input);
            }
            runs += 1;
        }
        println!("{name}: {runs} inputs in {seconds} s, none panics or takes a second (seed {seed})");
    }
}
