//! Published request traces, read like anyone's log. They are not part of the repository: where the folder named by
//! `EXEMPLAR_TRACES` holds them they are read, whole and in small pieces; else each test says what it lacks.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on may panic, and says what it lacks"
)]

use std::path::PathBuf;

use shared::usage::{Origin, Reader, Usage};

/// 2026-11-22.
const NOW_MS: u64 = 1_795_305_600_000;

fn trace(name: &str) -> Option<Usage> {
    let path = PathBuf::from(std::env::var_os("EXEMPLAR_TRACES").unwrap_or_default()).join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("not compared: EXEMPLAR_TRACES names no folder with {name}");
        return None;
    };
    let read = |piece: usize| {
        let mut reader = Reader::new(NOW_MS);
        bytes.chunks(piece).for_each(|piece| reader.push(piece).unwrap());
        reader.finish().unwrap()
    };
    let usage = read(1 << 20);
    assert_eq!(usage, read(37));
    Some(usage)
}

#[track_caller]
fn close(actual: f64, expected: f64, within: f64) {
    assert!((actual - expected).abs() <= within, "{actual} is not {expected}");
}

/// The extracts' own statistics, computed from the same rows with another program; the busiest of the whole minutes from
/// the first arrival on.
fn azure(name: &str, [input, output, scv, peak]: [f64; 4], percentiles: [[f64; 3]; 2]) {
    let Some(usage) = trace(name) else { return };
    let s = &usage.summary;
    assert_eq!((usage.rows, usage.rejected), (5_000, 0));
    close(s.input_tokens.unwrap().mean, input, 0.005);
    close(s.output_tokens.unwrap().mean, output, 0.005);
    for (tokens, [p50, p90, p99]) in [s.input_tokens.unwrap(), s.output_tokens.unwrap()].into_iter().zip(percentiles) {
        close(tokens.p50, p50, 1e-6);
        close(tokens.p90, p90, 1e-6);
        close(tokens.p99, p99, 1e-6);
    }
    close(s.arrival_scv.unwrap(), scv, scv * 1e-3);
    close(s.peak_factor.unwrap(), peak, peak * 1e-3);
    assert!(s.from.as_deref().unwrap().starts_with("2023-11-16T18:"));
}

#[test]
fn azure_llm_2023_conversations_first_5000() {
    azure(
        "azure_llm_2023_conv_first5000.csv",
        [1_161.13, 257.50, 1.127, 1.204_3],
        [[1_045.5, 2_314.0, 4_107.0], [217.0, 431.0, 638.01]],
    );
}

#[test]
fn azure_llm_2023_code_first_5000() {
    azure(
        "azure_llm_2023_code_first5000.csv",
        [2_052.72, 27.42, 186.99, 3.420_3],
        [[1_473.0, 5_047.4, 7_436.0], [13.0, 54.1, 235.04]],
    );
}

#[test]
fn mooncake_fast25_first_3000() {
    for (name, input, output, reuse, duplicates) in [
        ("mooncake_conversation_first3000.jsonl", 13_516.727, 349.611, 0.314_22, 23.0 / 3_000.0),
        ("mooncake_synthetic_first3000.jsonl", 13_629.885, 176.280, 0.493_41, 93.0 / 3_000.0),
    ] {
        let Some(usage) = trace(name) else { return };
        let s = &usage.summary;
        assert_eq!((usage.rows, usage.rejected, s.origin), (3_000, 0, Some(Origin::RelativeMillis)));
        close(s.input_tokens.unwrap().mean, input, 0.001);
        close(s.output_tokens.unwrap().mean, output, 0.001);
        // More than 32,768 different blocks are counted from a part of them.
        close(s.prefix_reuse_share.unwrap(), reuse, 0.005);
        close(s.duplicate_share.unwrap(), duplicates, 1e-9);
    }
}
