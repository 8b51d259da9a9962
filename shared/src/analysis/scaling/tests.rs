//! Known answers, each named after where it was published, and the cases where there is none.

use serde_json::{Value as Json, json};

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
        Request { category: Category::Scaling, workload: &workload, provenance, format: Format::Detailed, today };
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

/// `base` with the fields of `more` set.
fn with(base: &Json, more: &Json) -> Json {
    let mut json = base.clone();
    json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json
}

fn support_chat() -> Json {
    json!({"model": "gpt-4o", "requests_per_day": 200_000, "input_tokens": 1200, "output_tokens": 300})
}

/// A request that takes one second.
fn one_second() -> Json {
    json!({"requests_per_day": 86_400, "peak_factor": 1, "ttft_ms": 1000, "tpot_ms": 1, "output_tokens": 1})
}

#[test]
fn the_example_message_fails_the_first_tier_of_gpt_4o_ten_times_over() {
    let result = run(&with(&support_chat(), &json!({"rpm_limit": 500, "tpm_limit": 30_000})));
    close(value(&result, "requests_per_second_mean"), 2.31, 3e-3);
    close(value(&result, "requests_per_second_peak"), 3.54, 1e-3);
    close(value(&result, "rpm_utilisation") * 500.0, 212.5, 1e-9);
    close(value(&result, "tpm_utilisation") * 30_000.0, 255_000.0 + 63_750.0, 1e-9);
    close(value(&result, "months_to_limit"), 0.0, 0.0);
    assert!(result.headline.contains("already crossed"), "{}", result.headline);
    let peak = result.assumptions.iter().find(|a| a.field.as_deref() == Some("peak_factor")).unwrap();
    assert!(peak.value == Some(1.53) && peak.reference.as_ref().unwrap().contains("Azure"), "{peak:?}");
}

#[test]
fn azure_code_trace_peak_is_4_1_times_the_mean() {
    let result = run(&with(&support_chat(), &json!({"task": "coding"})));
    close(value(&result, "requests_per_second_peak"), 200_000.0 / 86_400.0 * 4.1, 1e-12);
}

#[test]
fn erlang_c_call_centre_needs_58_agents_for_95_percent_in_20_s() {
    let base = json!({"requests_per_day": 17_280, "peak_factor": 1, "ttft_ms": 240_000, "tpot_ms": 1,
        "output_tokens": 1, "latency_target_ms": 260_000});
    let result = run(&base);
    close(value(&result, "concurrency"), 48.0, 1e-12);
    // 58 agents start 95.3 % of the calls within 20 s, 57 only 93.1 %.
    close(value(&result, "servers_needed"), 58.0, 0.0);
    let servers = result.metric("servers_needed").unwrap();
    assert!(servers.low < servers.value && servers.value < servers.high);
}

#[test]
fn without_a_target_at_most_five_percent_wait() {
    let result = run(&with(&one_second(), &json!({"peak_factor": 8})));
    // M/M/c with 8 erlangs: 13 servers make 7.0 % wait, 14 make 3.7 %.
    close(value(&result, "servers_needed"), 14.0, 0.0);
}

#[test]
fn a_target_below_the_answer_itself_cannot_be_met() {
    let result = run(&with(&one_second(), &json!({"latency_target_ms": 999})));
    assert_eq!(result.metric("servers_needed").unwrap().value, None);
    assert_eq!(codes(&result), ["target_below_answer"]);
    close(value(&result, "concurrency"), 1.0, 1e-12);
    let met = run(&with(&one_second(), &json!({"latency_target_ms": 1000})));
    assert!(met.metric("servers_needed").unwrap().value.is_some(), "no wait at all is a target too");
}

#[test]
fn a_million_servers_are_counted() {
    let result = run(&with(&one_second(), &json!({"requests_per_day": 86_400e6})));
    let needed = value(&result, "servers_needed");
    assert!(needed > 1e6 && needed < 1.003e6, "{needed}");
}

#[test]
fn seven_percent_growth_doubles_in_10_24_months() {
    let result = run(&json!({"growth_per_month": 0.07}));
    close(value(&result, "doubling_months"), 10.24, 5e-4);
}

#[test]
fn limits_are_reached_by_compound_growth() {
    let json = with(&support_chat(), &json!({"peak_factor": 1.44, "rpm_limit": 400, "growth_per_month": 0.1}));
    let result = run(&json);
    close(value(&result, "rpm_utilisation"), 0.5, 1e-12);
    close(value(&result, "months_to_limit"), 2.0_f64.ln() / 1.1_f64.ln(), 1e-12);
    assert!(result.headline.contains("7.3 months, on 2027-06-28"), "{}", result.headline);
    // The token limit is nearer.
    let both = run(&with(&json, &json!({"tpm_limit": 375_000})));
    close(value(&both, "tpm_utilisation"), 0.8, 1e-12);
    close(value(&both, "months_to_limit"), 1.25_f64.ln() / 1.1_f64.ln(), 1e-12);
}

#[test]
fn a_load_that_does_not_grow_never_meets_its_limit() {
    for growth in [0.0, -0.2] {
        let json = with(&support_chat(), &json!({"peak_factor": 1.44, "rpm_limit": 400, "growth_per_month": growth}));
        let result = run(&json);
        assert_eq!(result.metric("months_to_limit").unwrap().value, None);
        assert_eq!(result.metric("doubling_months").unwrap().value, None);
        assert_eq!(codes(&result), ["limit_never_reached", "not_growing"]);
    }
    let unknown = run(&with(&support_chat(), &json!({"peak_factor": 1.44, "rpm_limit": 400})));
    assert!(unknown.metric("months_to_limit").is_none(), "growth is asked for, not taken as nothing");
    assert_eq!(unknown.questions[0].field, "growth_per_month");
}

#[test]
fn mlperf_v5_1_h100_at_3_09_dollars_makes_a_million_tokens_for_0_2248() {
    let base = json!({"gpu_usd_per_hour": 3.09, "tokens_per_second_per_gpu": 3818.8});
    let full = run(&with(&base, &json!({"gpu_utilisation": 1})));
    close(value(&full, "self_host_usd_per_mtok"), 0.2248, 3e-4);
    let part = run(&with(&base, &json!({"gpu_utilisation": 0.3})));
    close(value(&part, "self_host_usd_per_mtok"), 0.749, 1e-3);
    // Where no utilisation is given, both are the range.
    let unknown = run(&base);
    let cost = unknown.metric("self_host_usd_per_mtok").unwrap();
    close(cost.low.unwrap(), 0.2248, 3e-4);
    close(cost.high.unwrap(), 0.749, 1e-3);
}

#[test]
fn mlperf_v5_1_cisco_h100_is_the_default_speed() {
    let result = run(&with(&support_chat(), &json!({"gpu": "NVIDIA H100 SXM", "gpu_utilisation": 0.3})));
    let speed = result.assumptions.iter().find(|a| a.field.as_deref() == Some("tokens_per_second_per_gpu")).unwrap();
    close(speed.value.unwrap(), 3_821.06, 1e-5);
    assert!(speed.reference.as_ref().unwrap().contains("5.1-0016"), "{speed:?}");
    let price = result.assumptions.iter().find(|a| a.field.as_deref() == Some("gpu_usd_per_hour")).unwrap();
    close(price.value.unwrap(), 3.29, 1e-12);
    // 3.54 requests a second of 300 tokens against 1,146 tokens a second.
    close(value(&result, "gpus_needed"), 1.0, 0.0);
    let unknown = run(&json!({"gpu": "TPU v9"}));
    let asked: Vec<_> = unknown.questions.iter().map(|q| q.field.as_str()).collect();
    assert!(asked.contains(&"gpu_usd_per_hour") && asked.contains(&"tokens_per_second_per_gpu"), "{asked:?}");
}

#[test]
fn gpus_are_rounded_up_at_the_peak() {
    let json = with(
        &support_chat(),
        &json!({"peak_factor": 4.32, "tokens_per_second_per_gpu": 1000, "gpu_utilisation": 0.5, "reasoning_tokens": 200}),
    );
    // Ten requests a second of 500 generated tokens on 500 tokens a second.
    close(value(&run(&json), "gpus_needed"), 10.0, 0.0);
    let more = with(&json, &json!({"reasoning_tokens": 201}));
    close(value(&run(&more), "gpus_needed"), 11.0, 0.0);
}

#[test]
fn break_even_is_where_a_gpu_day_costs_what_its_requests_do() {
    let gpu = json!({"gpu_usd_per_hour": 2.5, "tokens_per_second_per_gpu": 3000, "gpu_utilisation": 0.5});
    let result = run(&with(&support_chat(), &gpu));
    close(value(&result, "break_even_requests_per_day"), 24.0 * 2.5 / 0.006, 1e-12);
    assert!(result.headline.contains("you are above it"), "{}", result.headline);
    // At a cheap model the break-even is more than one GPU carries.
    let cheap = json!({"model": "gpt-4.1-nano", "tokens_per_second_per_gpu": 2000});
    let cheap = run(&with(&with(&support_chat(), &gpu), &cheap));
    assert_eq!(cheap.metric("break_even_requests_per_day").unwrap().value, None);
    assert_eq!(codes(&cheap), ["no_break_even"]);
}

#[test]
fn one_gpu_is_judged_at_the_peak() {
    let gpu = json!({"gpu_usd_per_hour": 2.5, "tokens_per_second_per_gpu": 100, "gpu_utilisation": 1});
    let fits = run(&with(&with(&support_chat(), &gpu), &json!({"peak_factor": 2.8})));
    close(value(&fits, "break_even_requests_per_day"), 10_000.0, 1e-12);
    let bursts = run(&with(&with(&support_chat(), &gpu), &json!({"peak_factor": 2.9})));
    assert_eq!(bursts.metric("break_even_requests_per_day").unwrap().value, None);
}

#[test]
fn genai_prices_gemini_3_8_flash_doubles_inside_the_projection() {
    let json = json!({"model": "gemini-3.8-flash", "requests_per_day": 100_000, "input_tokens": 1000,
        "output_tokens": 200, "growth_per_month": 0.0});
    let result = run(&json);
    let chart = result.charts.iter().find(|c| c.id == "projection").unwrap();
    let expected = &chart.series[1].points;
    assert_eq!(expected.len(), 13);
    close(expected[12][1] / expected[0][1], 2.0, 1e-12);
    close(expected[1][1], expected[0][1], 1e-12);
    close(expected[2][1], expected[12][1], 1e-12);
    assert!(result.warnings.iter().any(|w| w.code == "price_step" && w.text.contains("2027-01-01")));
    close(value(&result, "projected_monthly_cost_usd"), 2.0 * value(&result, "monthly_cost_usd"), 1e-12);
}

#[test]
fn growth_widens_the_band() {
    let result = run(&with(&support_chat(), &json!({"growth_per_month": 0.1, "horizon_months": 6})));
    let bill = result.metric("projected_monthly_cost_usd").unwrap();
    close(bill.value.unwrap(), 36_000.0 * 1.1_f64.powi(6), 1e-9);
    close(bill.low.unwrap(), 36_000.0 * 1.08_f64.powi(6), 1e-9);
    close(bill.high.unwrap(), 36_000.0 * 1.12_f64.powi(6), 1e-9);
    // A shrinking load keeps low below high.
    let less = run(&with(&support_chat(), &json!({"growth_per_month": -0.1})));
    let bill = less.metric("projected_monthly_cost_usd").unwrap();
    assert!(bill.low < bill.value && bill.value < bill.high, "{bill:?}");
}

#[test]
fn the_peak_may_wait_where_the_mean_fits() {
    let json = with(&support_chat(), &json!({"peak_factor": 4, "tpm_limit": 300_000, "deferrable_share": 0.5}));
    let result = run(&json);
    assert_eq!(result.option("queue-peak").unwrap().title, "Let requests wait at the peak");
    assert_eq!(result.option("fewer-tokens").unwrap().title, "At most 540 tokens a request");
    // Half of it at half the price.
    close(result.option("batch").unwrap().saving_usd.unwrap(), 9_000.0, 1e-9);
    let always = run(&with(&json, &json!({"tpm_limit": 100_000})));
    assert!(always.option("queue-peak").is_none(), "the mean does not fit either");
}

#[test]
fn the_same_model_elsewhere_has_limits_of_its_own() {
    let json = json!({"model": "gpt-oss-120b", "vendor": "cerebras", "requests_per_day": 100_000,
        "input_tokens": 1000, "output_tokens": 200});
    let result = run(&json);
    let groq = result.option("groq/gpt-oss-120b").unwrap();
    assert!(groq.saving_usd.unwrap() > 0.0 && result.option("cerebras/gpt-oss-120b").is_none());
}

#[test]
fn bursts_of_a_log_decide_the_servers() {
    let burst = |i: u32| Arrival { at_s: f64::from(i / 10) * 100.0, service_s: 1.0 };
    let observed = Observed::new(&[1000.0], (0..1_000).map(burst).collect(), 7);
    let logged = Provenance { source: Source::Log, text: None, span: None, reference: None, as_of: None };
    let provenance = Provenances::from([("requests_per_day".to_string(), logged)]);
    let json = with(&one_second(), &json!({"requests_per_day": 8_640}));
    // Poisson arrivals would need one or two; ten at once need ten to start at once.
    let result = with_log(&json, &provenance, Some(&observed));
    close(value(&result, "servers_needed"), 10.0, 0.0);
    let formula = with_log(&json, &Provenances::new(), Some(&observed));
    assert!(value(&formula, "servers_needed") < 3.0);
    assert_eq!(codes(&formula), ["bursty_arrivals"]);
}

#[test]
fn nothing_known_asks_for_the_volume_first() {
    let result = run(&json!({}));
    assert!(result.metrics.is_empty());
    assert_eq!(result.questions[0].field, "requests_per_day");
    assert!(!result.headline.is_empty());
}
