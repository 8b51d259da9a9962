//! A made-up log for people who have none, labelled as such in every row. The same seed gives the same log.

use std::fmt::Write;

use super::summary::rfc3339;
use super::time::SECOND;
use crate::analysis::math::random::Random;
use crate::message::words;

words! {
    /// How a log is written.
    LogForm {
        /// Comma-separated values.
        Csv = "csv",
        /// One JSON object a line.
        Jsonl = "jsonl",
    }
}

/// Monday, 2026-01-05, 00:00 UTC.
const BEGIN: i64 = 1_767_571_200 * SECOND;
/// Requests a second, averaged over the day.
const RATE: f64 = 2.0;
/// Model, share of the requests, median input and output tokens, fixed prefix, milliseconds to the first and for each
/// further token.
const MIX: [(&str, f64, f64, f64, u64, f64, f64); 3] = [
    ("gpt-4o", 0.55, 1_000.0, 200.0, 640, 450.0, 12.0),
    ("gpt-4o-mini", 0.35, 600.0, 120.0, 0, 300.0, 8.0),
    ("claude-haiku-4-5", 0.10, 2_000.0, 350.0, 1_280, 500.0, 9.0),
];

/// Writes a made-up log, row by row.
#[derive(Clone, Debug)]
pub struct Synthetic {
    random: Random,
    form: LogForm,
    /// Seconds since the beginning.
    now: f64,
    begun: bool,
}

impl Synthetic {
    /// A log of this seed.
    pub fn new(seed: u64, form: LogForm) -> Self {
        Self { random: Random::new(seed), form, now: 0.0, begun: false }
    }

    /// Appends the next row to `out`, with the head before the first.
    pub fn row(&mut self, out: &mut String) {
        if !self.begun && self.form == LogForm::Csv {
            out.push_str("timestamp,model,input_tokens,output_tokens,cached_tokens,latency_ms,status,synthetic\n");
        }
        self.begun = true;
        // Poisson arrivals whose rate follows the hours: quiet nights, twice the mean in the early afternoon.
        let hour = (self.now / 3600.0).rem_euclid(24.0);
        let rate = RATE * (1.0 - 0.9 * (std::f64::consts::TAU * (hour - 2.0) / 24.0).cos());
        self.now -= self.random.unit().ln() / rate;
        let drawn = self.random.unit();
        let (model, _, input, output, prefix, ttft, tpot) = match drawn {
            d if d < MIX[0].1 => MIX[0],
            d if d < MIX[0].1 + MIX[1].1 => MIX[1],
            _ => MIX[2],
        };
        let mut spread = |median: f64, sigma: f64| median * (self.random.normal() * sigma).exp();
        let input = (spread(input, 0.7) as u64).max(prefix + 16);
        let output = (spread(output, 0.8) as u64).max(1);
        let latency = (ttft + tpot * output as f64) * spread(1.0, 0.25);
        let hit = prefix > 0 && self.random.unit() < 0.7;
        let cached = if hit { prefix } else { 0 };
        let status = if self.random.unit() < 0.005 { 500 } else { 200 };
        let at = BEGIN + (self.now * 1e3) as i64 * (SECOND / 1_000);
        let (whole, ms) = (rfc3339(at), at.rem_euclid(SECOND) / 1_000_000);
        let at = format!("{}.{ms:03}Z", whole.trim_end_matches('Z'));
        let _ = match self.form {
            LogForm::Csv => writeln!(out, "{at},{model},{input},{output},{cached},{latency:.0},{status},true"),
            LogForm::Jsonl => writeln!(
                out,
                r#"{{"timestamp":"{at}","model":"{model}","input_tokens":{input},"output_tokens":{output},"cached_tokens":{cached},"latency_ms":{latency:.0},"status":{status},"synthetic":true}}"#
            ),
        };
    }
}
