//! Known answers, each named after where it was published, and the cases where there is none.

use serde_json::{Value as Json, json};

use crate::analysis::math::llmperf::{GROQ_70B_TTFT_S, REPLICATE_70B_TTFT_S};
use crate::analysis::math::replay::Arrival;
use crate::analysis::{Observed, Request, analyze, analyze_with};
use crate::catalog::testing;
use crate::message::{Category, Format};
use crate::result::AnalysisResult;
use crate::workload::{Provenance, Provenances, Source, Workload};

fn run(json: &Json) -> AnalysisResult {
    with_log(json, &Provenances::new(), None)
}

fn with_log(json: &Json, provenance: &Provenances, observed: Option<&Observed>) -> AnalysisResult {
    let workload = Workload::from_json(json).unwrap();
    let today = "2026-11-22".parse().unwrap();
    let request =
        Request { category: Category::Latency, workload: &workload, provenance, format: Format::Detailed, today };
    match observed {
        None => analyze(&request, &testing::catalog()).unwrap(),
        log => analyze_with(&request, &testing::catalog(), log).unwrap(),
    }
}

fn value(result: &AnalysisResult, id: &str) -> f64 {
    result.metric(id).and_then(|m| m.value).unwrap_or_else(|| panic!("no {id}: {:?}", result.warnings))
}

#[track_caller]
fn close(actual: f64, expected: f64, relative: f64) {
    assert!((actual - expected).abs() <= relative * expected.abs(), "{actual} is not {expected}");
}

fn codes(result: &AnalysisResult) -> Vec<&str> {
    result.warnings.iter().map(|w| w.code.as_str()).collect()
}

fn asked(result: &AnalysisResult) -> Vec<&str> {
    result.questions.iter().map(|q| q.field.as_str()).collect()
}

/// 360 calls in 30 minutes of 240 s each, with 55 agents.
fn call_centre() -> Json {
    json!({"requests_per_day": 17_280, "peak_factor": 1, "ttft_ms": 240_000, "tpot_ms": 1, "output_tokens": 1,
        "concurrency_limit": 55})
}

/// `base` with the fields of `more` set.
fn with(base: &Json, more: &Json) -> Json {
    let mut json = base.clone();
    json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json
}

#[test]
fn splitwise_llama2_70b_h100_512_in_128_out_3832_9_ms() {
    let result = run(&json!({"ttft_ms": 53.39, "tpot_ms": 29.76, "output_tokens": 128}));
    close(value(&result, "e2e_ms"), 3_832.91, 1e-9);
    close(value(&result, "e2e_ms"), 3_837.67, 0.002);
    close(value(&result, "ttft_ms"), 53.39, 1e-12);
    close(value(&result, "tpot_ms"), 29.76, 1e-12);
}

#[test]
fn reasoning_is_output_and_sequential_calls_multiply() {
    let json = json!({"ttft_ms": 500, "tpot_ms": 10, "output_tokens": 101, "reasoning_tokens": 400,
        "sequential_calls": 3, "parallel_calls": 9});
    close(value(&run(&json), "e2e_ms"), 3.0 * (500.0 + 500.0 * 10.0), 1e-12);
}

#[test]
fn erlang_c_call_centre_pw_0_2387_asa_8_184_s() {
    let result = run(&call_centre());
    close(value(&result, "wait_probability"), 0.238_701, 1e-5);
    close(value(&result, "queue_wait_ms"), 8_184.0, 1e-4);
}

#[test]
fn allen_cunneen_scales_the_wait_by_the_mean_of_both_scvs() {
    let plain = value(&run(&call_centre()), "queue_wait_ms");
    let both = run(&with(&call_centre(), &json!({"arrival_scv": 2, "service_scv": 0.5})));
    close(value(&both, "queue_wait_ms"), 1.25 * plain, 1e-12);
    let one = run(&with(&call_centre(), &json!({"service_scv": 3})));
    close(value(&one, "queue_wait_ms"), 2.0 * plain, 1e-12);
    assert_eq!(codes(&one), [""; 0]);
}

#[test]
fn m_m_1_is_the_case_of_one_place() {
    let json = json!({"requests_per_day": 43_200, "peak_factor": 1, "ttft_ms": 1_600, "tpot_ms": 1, "output_tokens": 1,
        "concurrency_limit": 1});
    let result = run(&json);
    close(value(&result, "wait_probability"), 0.8, 1e-12);
    close(value(&result, "queue_wait_ms"), 1_600.0 * 0.8 / 0.2, 1e-12);
}

#[test]
fn azure_code_trace_ca2_173_is_out_of_range() {
    let result = run(&with(&call_centre(), &json!({"arrival_scv": 172.96})));
    assert_eq!(codes(&result), ["bursty_arrivals"]);
    close(value(&result, "queue_wait_ms"), 8_184.0 * 173.96 / 2.0, 1e-4);
}

#[test]
fn overload_has_no_wait_and_says_so() {
    let result = run(&with(&call_centre(), &json!({"concurrency_limit": 48})));
    assert_eq!(codes(&result), ["overload"]);
    for id in ["queue_wait_ms", "wait_probability"] {
        assert_eq!(result.metric(id).unwrap().value, None, "{id}");
    }
    close(value(&result, "e2e_ms"), 240_000.0, 0.0);
    assert_eq!(result.recommendations[0].id, "more-concurrency");
    assert!(result.headline.contains("48 places"), "{}", result.headline);
}

#[test]
fn dean_barroso_2013_100_calls_meet_a_slow_one_in_63_4_percent() {
    let result = run(&json!({"parallel_calls": 100}));
    close(value(&result, "fanout_slow_share"), 0.634, 1e-3);
    assert_eq!(result.metrics.len(), 1, "nothing else is known");
    assert_eq!(result.option("fewer-calls").unwrap().title, "At most 10 calls at a time");
}

#[test]
fn two_percentiles_tell_the_share_within_a_target() {
    let json = json!({"latency_p50_ms": 1000, "latency_p95_ms": 3000, "latency_target_ms": 3000});
    let result = run(&json);
    close(value(&result, "target_share"), 0.95, 1e-12);
    close(value(&result, "p50_ms"), 1000.0, 0.0);
    close(value(&result, "p95_ms"), 3000.0, 0.0);
    // An estimate, and said to be one.
    close(value(&result, "p99_ms"), 1000.0 * 3.0_f64.powf(2.326_347_874 / 1.644_853_627), 1e-8);
    assert!(result.assumptions.iter().any(|a| a.text.contains("99th percentile latency is not given")));
    let one = run(&json!({"latency_p95_ms": 3000, "latency_target_ms": 3000}));
    assert!(one.metric("target_share").is_none() && one.metric("p99_ms").is_none());
    close(value(&one, "p95_ms"), 3000.0, 0.0);
}

#[test]
fn speculative_decoding_is_for_own_gpus_only() {
    let json = json!({"model": "gpt-4o", "ttft_ms": 300, "tpot_ms": 30, "output_tokens": 300});
    assert!(run(&json).option("speculative-decoding").is_none());
    let own = run(&with(&json, &json!({"gpu": "H100"})));
    let notes = own.option("speculative-decoding").unwrap().notes.join(" ");
    assert!(notes.contains("2.951 times") && notes.contains("slowed"), "{notes}");
}

#[test]
fn what_ifs_are_computed_from_the_whole() {
    let json = json!({"model": "gpt-4o", "requests_per_day": 1000, "ttft_ms": 500, "tpot_ms": 20, "output_tokens": 300,
        "input_tokens": 1200, "sequential_calls": 2, "latency_target_ms": 6000, "cached_prefix_tokens": 1152});
    let result = run(&json);
    let ms = |id: &str| result.option(id).and_then(|o| o.latency_ms).unwrap_or_else(|| panic!("no {id}"));
    close(ms("shorter-output"), 2.0 * (500.0 + 149.0 * 20.0), 1e-12);
    close(ms("parallel-calls"), 500.0 + 299.0 * 20.0, 1e-12);
    close(ms("streaming"), value(&result, "e2e_ms"), 1e-12);
    assert_eq!(result.option("output-cap").unwrap().title, "At most 126 output tokens");
    close(ms("faster-model"), 6000.0, 1e-12);
    let ttft = 500.0 * (1.0 - 1152.0 / 1200.0 * (1.0 - 2.92 / 20.37));
    close(ms("prompt-cache"), 2.0 * (ttft + 299.0 * 20.0), 1e-12);
    // Half of 300 output tokens at $10 a million, 1,000 requests a day.
    close(result.option("shorter-output").unwrap().saving_usd.unwrap(), 45.0, 1e-9);
    let times: Vec<_> = result.options.iter().filter_map(|o| o.latency_ms).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn a_prefix_too_short_to_be_cached_is_no_option() {
    let json = json!({"model": "gpt-4o", "ttft_ms": 500, "tpot_ms": 20, "output_tokens": 300, "input_tokens": 1200,
        "cached_prefix_tokens": 1000});
    assert!(run(&json).option("prompt-cache").is_none());
}

#[test]
fn defaults_are_assumptions_and_gaps_are_questions() {
    let base = json!({"requests_per_day": 1000, "concurrency_limit": 2.5, "ttft_ms": 500, "tpot_ms": 20,
        "output_tokens": 300});
    let assumed = |json: &Json| -> Vec<(String, f64)> {
        run(json).assumptions.iter().filter_map(|a| Some((a.field.clone()?, a.value?))).collect()
    };
    assert_eq!(assumed(&base), [("peak_factor".into(), 1.53), ("concurrency_limit".into(), 2.0)]);
    assert_eq!(assumed(&with(&base, &json!({"task": "coding"})))[0], ("peak_factor".into(), 4.1));
    assert_eq!(asked(&run(&base)), ["latency_target_ms", "latency_p95_ms"]);
    let empty = run(&json!({}));
    assert!(empty.metrics.is_empty());
    assert_eq!(
        asked(&empty),
        ["ttft_ms", "tpot_ms", "output_tokens", "latency_target_ms", "latency_p95_ms", "concurrency_limit"]
    );
}

#[test]
fn a_model_that_nobody_sells_does_not_stop_the_rest() {
    let result = run(&json!({"model": "our-own-7b", "ttft_ms": 100, "tpot_ms": 10, "output_tokens": 11}));
    close(value(&result, "e2e_ms"), 200.0, 1e-12);
    assert_eq!(codes(&result), ["unknown_model"]);
    assert!(asked(&result).contains(&"model"));
}

fn log_of(seconds: &[f64]) -> Observed {
    let ms: Vec<f64> = seconds.iter().map(|s| s * 1000.0).collect();
    Observed::new(&ms, Vec::new(), 7)
}

#[test]
fn llmperf_2023_replicate_70b_gains_by_hedging_and_groq_70b_does_not() {
    let none = Provenances::new();
    let gain = with_log(&json!({}), &none, Some(&log_of(&REPLICATE_70B_TTFT_S)));
    close(value(&gain, "p99_ms"), 63_626.0, 1e-3);
    assert!(gain.option("hedging").is_some());
    assert_eq!(codes(&gain), ["few_rows"]);
    // Hedging at the 95th percentile, as one point of the curve.
    let curve = gain.charts.iter().find(|c| c.id == "hedging").unwrap();
    let at_p95 = curve.series[0].points.iter().find(|p| (p[0] - 0.055).abs() < 5e-4).unwrap();
    close(at_p95[1], 25_947.0, 1e-3);
    let no_gain = with_log(&json!({}), &none, Some(&log_of(&GROQ_70B_TTFT_S)));
    assert!(no_gain.option("hedging").is_none());
    assert!(no_gain.assumptions.iter().any(|a| a.text.contains("no gain found")));
}

#[test]
fn percentiles_of_a_log_come_with_intervals() {
    let rows: Vec<f64> = (1..=2_000).map(f64::from).collect();
    let observed = Observed::new(&rows, Vec::new(), 7);
    let result = with_log(&json!({"latency_target_ms": 1500}), &Provenances::new(), Some(&observed));
    let p95 = result.metric("p95_ms").unwrap();
    close(p95.value.unwrap(), 1_900.05, 1e-12);
    assert!(p95.low.unwrap() > 1_860.0 && p95.low < p95.value && p95.value < p95.high && p95.high.unwrap() < 1_940.0);
    close(value(&result, "target_share"), 0.75, 1e-12);
    assert_eq!(codes(&result), [""; 0], "2,000 rows are enough");
    // What the user says wins over the log.
    let given = json!({"latency_p50_ms": 10, "latency_p95_ms": 20});
    close(value(&with_log(&given, &Provenances::new(), Some(&observed)), "p95_ms"), 20.0, 0.0);
}

#[test]
fn bursts_of_a_log_are_replayed() {
    // Every 100 s ten requests at once, 10 s each: half of the places are free on average, and yet they wait.
    let burst = |i: u32| Arrival { at_s: f64::from(i / 10) * 100.0, service_s: 10.0 };
    let observed = Observed::new(&[10_000.0; 1_000], (0..1_000).map(burst).collect(), 7);
    let logged = Provenance { source: Source::Log, text: None, span: None, reference: None, as_of: None };
    let provenance = Provenances::from([("requests_per_day".to_string(), logged)]);
    let json = json!({"requests_per_day": 8_640, "peak_factor": 1, "concurrency_limit": 2});
    let result = with_log(&json, &provenance, Some(&observed));
    close(value(&result, "queue_wait_ms"), 20_000.0, 1e-12);
    close(value(&result, "wait_probability"), 0.8, 1e-12);
    assert_eq!(codes(&result), [""; 0]);
    // Without the log behind the volume, the formula is used and its limits are told.
    let formula = with_log(&json, &Provenances::new(), Some(&observed));
    assert_eq!(codes(&formula), ["bursty_arrivals"]);
}
