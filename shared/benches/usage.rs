//! How fast a usage log is read on one core: `cargo bench -p shared --bench usage`. Each log is made once and read from
//! memory in pieces as a network brings them, so that nothing but the reading is measured.

use std::fmt::Write;

use divan::counter::BytesCount;
use shared::analysis::math::random::Random;
use shared::usage::{LogForm, Reader, Synthetic, Usage};

/// Rows of each log.
const ROWS: usize = 400_000;
/// Bytes of a piece.
const PIECE: usize = 64 * 1024;
/// 2026-11-22.
const NOW_MS: u64 = 1_795_305_600_000;

/// Shows how much memory the reading takes beside the log.
#[global_allocator]
static ALLOC: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

fn read(log: &str) -> Usage {
    let mut reader = Reader::new(NOW_MS);
    log.as_bytes().chunks(PIECE).for_each(|piece| reader.push(piece).expect("a log"));
    reader.finish().expect("rows")
}

fn measure(bencher: divan::Bencher<'_, '_>, log: &str) {
    bencher.counter(BytesCount::new(log.len())).bench(|| read(divan::black_box(log)));
}

fn synthetic(form: LogForm) -> String {
    let (mut rows, mut log) = (Synthetic::new(1, form), String::new());
    (0..ROWS).for_each(|_| rows.row(&mut log));
    log
}

/// Eight columns, 68 bytes a row: every kind of figure.
#[divan::bench]
fn csv_all_columns(bencher: divan::Bencher<'_, '_>) {
    measure(bencher, &synthetic(LogForm::Csv));
}

/// The same with its names in every row.
#[divan::bench]
fn jsonl_all_columns(bencher: divan::Bencher<'_, '_>) {
    measure(bencher, &synthetic(LogForm::Jsonl));
}

/// The shape of the Azure traces: three columns, 38 bytes a row.
#[divan::bench]
fn csv_azure(bencher: divan::Bencher<'_, '_>) {
    let mut random = Random::new(2);
    let mut log = String::from("TIMESTAMP,ContextTokens,GeneratedTokens\n");
    for i in 0..ROWS {
        let (ms, tokens) = (i * 137, random.bits());
        let (s, part) = (ms / 1_000, ms % 1_000 * 10_000);
        let (h, m, s) = (s / 3_600 % 24, s / 60 % 60, s % 60);
        let (input, output) = (tokens % 4_000, tokens / 4_000 % 500);
        writeln!(log, "2023-11-16 {h:02}:{m:02}:{s:02}.{part:07},{input},{output}").expect("text");
    }
    measure(bencher, &log);
}

/// The shape of the Mooncake traces: lists of 2 to 60 blocks.
#[divan::bench]
fn jsonl_mooncake(bencher: divan::Bencher<'_, '_>) {
    let mut random = Random::new(3);
    let mut log = String::new();
    for i in 0..ROWS / 5 {
        let blocks = 2 + random.bits() % 58;
        let first = random.bits() % 1_000_000;
        let ids: Vec<_> = (0..blocks).map(|b| (first + b).to_string()).collect();
        let (at, input, output, ids) = (i * 137, blocks * 512, random.bits() % 500, ids.join(", "));
        writeln!(
            log,
            r#"{{"timestamp": {at}, "input_length": {input}, "output_length": {output}, "hash_ids": [{ids}]}}"#
        )
        .expect("text");
    }
    measure(bencher, &log);
}

/// Four million different models: the worst for memory.
#[divan::bench(sample_count = 5)]
fn csv_many_models(bencher: divan::Bencher<'_, '_>) {
    let mut log = String::from("timestamp,model,input_tokens,output_tokens\n");
    for i in 0..10 * ROWS {
        writeln!(log, "{},model-{i},{},{}", 1_700_000_000 + i / 50, i % 3_000, i % 300).expect("text");
    }
    measure(bencher, &log);
}

/// Rows that carry a prompt in quotes, with a line feed in it.
#[divan::bench]
fn csv_with_prompts(bencher: divan::Bencher<'_, '_>) {
    let mut log = String::from("timestamp,model,prompt,input_tokens,output_tokens\n");
    let prompt = "What did the third quarter bring, compared with the second?\n".repeat(8);
    for i in 0..ROWS / 10 {
        writeln!(log, "{},gpt-4o,\"{prompt}\",{},{}", 1_700_000_000 + i, i % 4_000, i % 500).expect("text");
    }
    measure(bencher, &log);
}
