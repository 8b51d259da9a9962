//! Known answers, each named after where it was published, and what must hold for any workload.

use serde_json::{Value as Json, json};

use crate::analysis::{Request, analyze};
use crate::catalog::{Catalog, testing};
use crate::message::{Category, Format};
use crate::problem::{Code, Problem};
use crate::result::AnalysisResult;
use crate::workload::{Provenances, Workload};

fn run(json: &Json) -> Result<AnalysisResult, Problem> {
    run_on(json, &testing::catalog(), Format::Detailed)
}

fn run_on(json: &Json, catalog: &Catalog, format: Format) -> Result<AnalysisResult, Problem> {
    let workload = Workload::from_json(json).unwrap();
    let request = Request {
        category: Category::Cost,
        workload: &workload,
        provenance: &Provenances::new(),
        format,
        today: "2026-11-22".parse().unwrap(),
    };
    analyze(&request, catalog)
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

fn value(result: &AnalysisResult, id: &str) -> f64 {
    result.metric(id).and_then(|m| m.value).unwrap_or_else(|| panic!("no {id}: {:?}", result.warnings))
}

fn monthly(result: &AnalysisResult, id: &str) -> f64 {
    result.option(id).unwrap_or_else(|| panic!("no option {id}")).monthly_cost_usd.unwrap()
}

#[track_caller]
fn close(actual: f64, expected: f64, relative: f64) {
    assert!((actual - expected).abs() <= relative * expected.abs(), "{actual} is not {expected}");
}

fn codes(result: &AnalysisResult) -> Vec<&str> {
    result.warnings.iter().map(|w| w.code.as_str()).collect()
}

#[test]
fn headline_example_computes_36000_against_12000_stated() {
    let result = run(&with(&support_chat(), &json!({"monthly_spend_usd": 12_000}))).unwrap();
    close(value(&result, "cost_per_request_usd"), 0.006, 1e-12);
    close(value(&result, "monthly_cost_usd"), 36_000.0, 1e-12);
    close(value(&result, "stated_spend_ratio"), 3.0, 1e-12);
    assert_eq!(result.metric("monthly_cost_usd").unwrap().baseline, Some(12_000.0));
    assert!(codes(&result).contains(&"spend_mismatch"));
    for figure in ["$36,000", "$12,000", "3.0"] {
        assert!(result.headline.contains(figure), "{}", result.headline);
    }
}

#[test]
fn headline_example_asks_which_figure_is_wrong_both_ways() {
    let result = run(&with(&support_chat(), &json!({"monthly_spend_usd": 12_000}))).unwrap();
    let asked = result.questions.iter().find(|q| q.field == "monthly_spend_usd").unwrap();
    assert_eq!(asked.choices.len(), asked.sets.len());
    assert!(asked.sets.iter().any(|s| s.get("requests_per_day") == Some(&json!(66_666.7))), "{:?}", asked.sets);
    assert!(asked.choices.iter().any(|c| c.contains("67 %")), "the discount that explains it: {:?}", asked.choices);
    // Every answer to the question settles it.
    for set in &asked.sets {
        let base = with(&support_chat(), &json!({"monthly_spend_usd": 12_000}));
        let settled = run(&with(&base, &Json::Object(set.clone()))).unwrap();
        assert!(!codes(&settled).contains(&"spend_mismatch"), "{set:?}");
    }
}

#[test]
fn headline_example_sells_no_saving_on_the_wrong_base() {
    let result = run(&with(&support_chat(), &json!({"monthly_spend_usd": 12_000}))).unwrap();
    assert_eq!(result.recommendations[0].id, "reconcile");
    assert!(result.recommendations.iter().all(|r| r.saving_usd.is_none()));
    assert!(result.headline.contains("shares, not dollars"), "{}", result.headline);
    let agreed = run(&with(&support_chat(), &json!({"monthly_spend_usd": 36_500}))).unwrap();
    assert!(agreed.recommendations[0].saving_usd.unwrap() > 0.0);
}

#[test]
fn a_bill_above_the_list_price_asks_about_volume_tokens_and_thinking() {
    let base = json!({"model": "gpt-5", "requests_per_day": 10_000, "input_tokens": 1000, "output_tokens": 200,
        "monthly_spend_usd": 3_000});
    let result = run(&base).unwrap();
    let asked = result.questions.iter().find(|q| q.field == "monthly_spend_usd").unwrap();
    // (3,000 - 975) / 300,000 requests / $10 per million tokens = 675 reasoning tokens.
    assert!(asked.sets.iter().any(|s| s.get("reasoning_tokens") == Some(&json!(675.0))), "{:?}", asked.sets);
    for set in &asked.sets {
        let settled = run(&with(&base, &Json::Object(set.clone()))).unwrap();
        assert!(!codes(&settled).contains(&"spend_mismatch"), "{set:?}");
    }
}

#[test]
fn reference_7_1_example_prices_every_model() {
    let result = run(&support_chat()).unwrap();
    let published = [
        ("openai/gpt-4o", 36_000.0),
        ("openai/gpt-4.1", 28_800.0),
        ("anthropic/claude-haiku-4-5", 16_200.0),
        ("openai/gpt-6.1-terra", 16_200.0),
        ("google/gemini-3.8-flash", 12_150.0),
        ("google/gemini-2.5-flash", 6_660.0),
        ("openai/gpt-4.1-mini", 5_760.0),
        ("openai/gpt-5-mini", 5_400.0),
        ("openai/gpt-4o-mini", 2_160.0),
        ("groq/gpt-oss-120b", 2_160.0),
        ("openai/gpt-6-luna", 1_620.0),
        ("anthropic/claude-haiku-5-5", 1_620.0),
        ("openai/gpt-4.1-nano", 1_440.0),
    ];
    for (id, usd) in published {
        close(monthly(&result, id), usd, 1e-3);
    }
    // 2,160 off-peak; the option is an even load over a weekday, with 7 of 24 hours at twice the price.
    let deepseek = result.option("deepseek/deepseek-v4-flash").unwrap();
    close(deepseek.monthly_cost_low_usd.unwrap(), 2_160.0, 1e-3);
    close(deepseek.monthly_cost_high_usd.unwrap(), 4_320.0, 1e-3);
    close(deepseek.monthly_cost_usd.unwrap(), 2_160.0 * (1.0 + 7.0 / 24.0), 1e-9);
}

#[test]
fn reference_7_1_example_levers() {
    let result = run(&support_chat()).unwrap();
    close(monthly(&result, "batch"), 18_000.0, 1e-3);
    close(monthly(&result, "prompt-cache"), 27_360.0, 1e-3);
    assert!(result.option("batch").unwrap().notes.iter().any(|n| n.contains("If all of it may wait")));
    for id in ["route", "trim"] {
        let option = result.option(id).unwrap();
        assert_eq!(option.saving_usd, Some(0.0), "{id} is counted as nothing until it is measured");
        assert!(option.monthly_cost_low_usd.unwrap() < option.monthly_cost_high_usd.unwrap());
    }
}

#[test]
fn reference_7_1_example_gemini_3_8_flash_from_2027() {
    let result = run(&support_chat()).unwrap();
    let notes = &result.option("google/gemini-3.8-flash").unwrap().notes;
    assert!(notes.iter().any(|n| n.contains("2027-01-01") && n.contains("$24,300")), "{notes:?}");
    let later = run(&with(&support_chat(), &json!({"as_of": "2027-01-01"}))).unwrap();
    close(monthly(&later, "google/gemini-3.8-flash"), 24_300.0, 1e-3);
    assert_eq!(later.catalog_as_of.to_string(), "2027-01-01");
}

#[test]
fn an_announced_price_of_todays_model_is_a_warning() {
    let result = run(&with(&support_chat(), &json!({"model": "gemini-4-argon"}))).unwrap();
    let warning = result.warnings.iter().find(|w| w.code == "price_step").unwrap();
    assert!(warning.text.contains("2026-12-01") && warning.text.contains("$64,800"), "{}", warning.text);
}

#[test]
fn reference_7_1_example_quality_bites() {
    let result = run(&support_chat()).unwrap();
    let delta = |id: &str| result.option(id).unwrap().quality_delta.unwrap();
    assert!(delta("openai/gpt-4o-mini") < 0.0 && delta("openai/gpt-4.1-nano") < 0.0);
    close(delta("openai/gpt-4.1-mini"), 45.1, 1e-6);
    close(monthly(&result, "openai/gpt-4.1-mini") / value(&result, "monthly_cost_usd"), 0.16, 1e-9);
    close(result.option("openai/gpt-4.1-mini").unwrap().win_probability.unwrap(), 0.5645, 1e-3);
    assert_eq!(result.option("openai/gpt-6-sol").unwrap().quality, None, "no published open score");
    // The cheapest that is not below gpt-4o's 1,335.8.
    close(value(&result, "best_monthly_cost_usd"), 1_080.0, 1e-9);
    close(value(&result, "saving_share"), 0.97, 1e-9);
    assert_eq!(result.options[0].id, "openai/gpt-5-nano");
    let floor = run(&with(&support_chat(), &json!({"quality_floor": 1_400}))).unwrap();
    assert_eq!(floor.options[0].id, "deepseek/deepseek-v3.2");
    assert!(floor.recommendations[0].text.contains("Doubtful price"), "{}", floor.recommendations[0].text);
}

#[test]
fn openai_prompt_caching_2006_prompt_1920_cached_300_out_is_0_005615() {
    let result = run(&json!({"model": "gpt-4o", "input_tokens": 2006, "output_tokens": 300,
        "cached_prefix_tokens": 1920, "cache_hit_rate": 1}))
    .unwrap();
    close(value(&result, "cost_per_request_usd"), 0.005_615, 1e-9);
}

#[test]
fn logfire_1316_gpt_5_mini_538_and_2208_cached_and_197_out_is_0_0005837() {
    let result = run(&json!({"model": "gpt-5-mini", "input_tokens": 538 + 2208, "output_tokens": 197,
        "cached_prefix_tokens": 2208, "cache_hit_rate": 1}))
    .unwrap();
    close(value(&result, "cost_per_request_usd"), 0.000_583_7, 1e-9);
}

/// Agenta pull request 5965: the same tokens billed without and with the cached price, 6.67 times apart. Its price of
/// input is $0.30 with $0.03 for cached, which is that of gemini-2.5-flash.
#[test]
fn agenta_5965_25978_with_24540_cached_is_0_001168_not_0_007793() {
    let cost = |cached: f64| {
        let json = json!({"model": "gemini-2.5-flash", "input_tokens": 25_978, "output_tokens": 0,
            "cached_prefix_tokens": cached, "cache_hit_rate": 1});
        value(&run(&json).unwrap(), "cost_per_request_usd")
    };
    close(cost(0.0), 0.007_793, 1e-3);
    close(cost(24_540.0), 0.001_168, 1e-3);
    close(cost(0.0) / cost(24_540.0), 6.67, 1e-3);
}

#[test]
fn anthropic_opus_5_5_5000_in_800_out_is_0_036_and_batch_0_018() {
    let result = run(&json!({"model": "claude-opus-5-5", "input_tokens": 5000, "output_tokens": 800})).unwrap();
    close(value(&result, "cost_per_request_usd"), 0.036, 1e-9);
    close(result.option("batch").unwrap().cost_per_request_usd.unwrap(), 0.018, 1e-9);
}

/// Whole runs of the aider polyglot benchmark, with their published cost and the prices of their day.
#[test]
fn aider_polyglot_runs_cost_what_was_published() {
    use super::bill::Tokens;
    use crate::catalog::Rates;
    let runs = [
        ("o3-pro, 2025-06-28", 20.0, 80.0, 2_372_636.0, 1_235_902.0, 146.3249),
        ("grok-4, 2025-07-11", 3.0, 15.0, 2_815_347.0, 3_411_480.0, 59.6182),
        ("gemini-2.5-pro 32k, 2025-06-06", 1.25, 10.0, 2_719_961.0, 4_648_227.0, 49.8822),
        ("opus-4, 2025-05-25", 15.0, 75.0, 2_671_437.0, 380_717.0, 68.6253),
    ];
    for (run, input, output, tokens_in, tokens_out, published) in runs {
        let tokens = Tokens { input: tokens_in, output: tokens_out, cached: 0.0, written: 0.0 };
        let cost = tokens.cost(&Rates { input, output, ..Rates::default() });
        assert!((cost - published).abs() < 1e-3, "{run}: {cost} is not {published}");
    }
}

#[test]
fn reference_2_cache_pays_off_after_2_and_3_uses() {
    use super::levers::uses_to_break_even;
    assert_eq!(uses_to_break_even(1.0, 0.1, 1.25), Some(2.0));
    assert_eq!(uses_to_break_even(1.0, 0.1, 2.0), Some(3.0));
    assert_eq!(uses_to_break_even(2.5, 1.25, 2.5), Some(2.0));
    assert_eq!(uses_to_break_even(1.0, 1.0, 1.0), None, "a cache that costs as much as input never pays off");
    let result = run(&with(&support_chat(), &json!({"model": "claude-haiku-4-5"}))).unwrap();
    close(value(&result, "cache_break_even_uses"), 2.0, 1e-12);
}

fn all_levers() -> Json {
    json!({"model": "claude-opus-4-8", "requests_per_day": 200_000, "input_tokens": 5000, "output_tokens": 800,
        "cached_prefix_tokens": 3000, "deferrable_share": 0.5, "weak_accept_share": 0.3})
}

#[test]
fn the_waterfall_is_recomputed_step_by_step() {
    let result = run(&all_levers()).unwrap();
    let chart = &result.charts[0];
    let steps: Vec<&str> = chart.series.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(steps, ["today", "route", "trim", "prompt-cache", "batch", "together"]);
    let ends: Vec<f64> = chart.series.iter().map(|s| s.points[1][1]).collect();
    for pair in chart.series[1..5].windows(2) {
        assert_eq!(pair[0].points[1][1], pair[1].points[0][1], "each step starts where the last one ended");
    }
    // By hand, dollars a request on claude-opus-4-8 (5 / 0.5 / 25, batch half) and claude-haiku-5-5 (0.1 / 0.01 / 0.5).
    let (strong, weak) = (0.045, 0.0009);
    let (strong_cached, weak_cached) = (0.045 - 3000.0 * 4.5e-6, 0.0009 - 3000.0 * 0.09e-6);
    let routed = 0.7 * strong + 0.3 * weak;
    let cached = 0.7 * strong_cached + 0.3 * weak_cached;
    let batched = 0.75 * cached;
    for (end, by_hand) in ends.iter().zip([strong, routed, routed, cached, batched, batched]) {
        close(*end, by_hand * 6e6, 1e-6);
    }
    close(value(&result, "combined_monthly_cost_usd"), batched * 6e6, 1e-6);
    let alone: f64 =
        ["route", "prompt-cache", "batch"].iter().map(|id| result.option(id).unwrap().saving_share.unwrap()).sum();
    assert!(alone > 1.0 - batched / strong, "levers do not add up");
}

#[test]
fn the_route_is_cheaper_than_the_cascade() {
    let option = run(&all_levers()).unwrap().option("route").unwrap().clone();
    close(option.cost_per_request_usd.unwrap(), 0.7 * 0.045 + 0.3 * 0.0009, 1e-9);
    close(option.monthly_cost_high_usd.unwrap(), (0.0009 + 0.7 * 0.045) * 6e6, 1e-9);
}

#[test]
fn a_stated_hit_rate_is_todays_state() {
    let base = with(
        &support_chat(),
        &json!({"model": "claude-sonnet-4-5", "input_tokens": 2000,
        "cached_prefix_tokens": 1500, "cache_hit_rate": 0.8}),
    );
    let result = run(&base).unwrap();
    // 1,200 read at 0.30, 800 at 3.00, 300 out at 15; a miss may be written at 3.75.
    let cost = (1200.0 * 0.3 + 800.0 * 3.0 + 300.0 * 15.0) / 1e6;
    close(value(&result, "cost_per_request_usd"), cost, 1e-12);
    let high = result.metric("cost_per_request_usd").unwrap().high.unwrap();
    close(high, cost + 300.0 * 0.75 / 1e6, 1e-12);
    assert_eq!(result.option("prompt-cache").unwrap().saving_usd, Some(0.0), "it is already on");
    // A hit rate without a prefix says nothing.
    let alone = run(&with(&support_chat(), &json!({"cache_hit_rate": 0.8}))).unwrap();
    close(value(&alone, "monthly_cost_usd"), 36_000.0, 1e-12);
    assert!(codes(&alone).contains(&"hit_rate_without_prefix"));
}

#[test]
fn a_prefix_below_the_minimum_is_not_cached() {
    let result = run(&with(&support_chat(), &json!({"cached_prefix_tokens": 1000}))).unwrap();
    let option = result.option("prompt-cache").unwrap();
    assert_eq!(option.saving_usd, Some(0.0));
    assert!(option.notes.iter().any(|n| n.contains("No saving found")), "{:?}", option.notes);
    // In steps of 128 from 1,024 on: 1,152 of 1,200.
    let result = run(&with(&support_chat(), &json!({"cached_prefix_tokens": 1200}))).unwrap();
    close(monthly(&result, "prompt-cache"), 27_360.0, 1e-3);
    assert!(result.assumptions.iter().any(|a| a.field.as_deref() == Some("cache_hit_rate")), "the hit rate is named");
}

#[test]
fn reasoning_is_output() {
    let result =
        run(&json!({"model": "o3", "input_tokens": 1000, "output_tokens": 200, "reasoning_tokens": 800})).unwrap();
    close(value(&result, "cost_per_request_usd"), (1000.0 * 2.0 + 1000.0 * 8.0) / 1e6, 1e-12);
}

#[test]
fn an_unknown_price_is_cannot_price_never_zero() {
    let deepseek = run(&with(&support_chat(), &json!({"model": "deepseek-v4-flash"}))).unwrap();
    let batch = deepseek.option("batch").unwrap();
    assert_eq!(batch.monthly_cost_usd, None);
    assert!(batch.notes.iter().any(|n| n.starts_with("Cannot price")), "{:?}", batch.notes);
    let cerebras = run(&with(&support_chat(), &json!({"model": "gpt-oss-120b", "vendor": "cerebras"}))).unwrap();
    assert_eq!(cerebras.option("prompt-cache").unwrap().monthly_cost_usd, None);
    let mut catalog = testing::catalog();
    catalog.models.iter_mut().find(|m| m.id == "gpt-4o").unwrap().prices.clear();
    let unpriced = run_on(&support_chat(), &catalog, Format::Detailed).unwrap();
    assert_eq!(unpriced.metric("monthly_cost_usd").unwrap().value, None);
    assert!(codes(&unpriced).contains(&"cannot_price"));
    assert_eq!(unpriced.option("openai/gpt-4o").unwrap().monthly_cost_usd, None);
}

#[test]
fn xai_batch_is_a_fifth_off_not_half() {
    let result = run(&with(&support_chat(), &json!({"model": "grok-4.3"}))).unwrap();
    close(result.option("batch").unwrap().saving_share.unwrap(), 0.2, 1e-9);
}

#[test]
fn no_saving_found_is_said() {
    // Nothing that is at least as good as gpt-5-nano is cheaper.
    let result = run(&with(&support_chat(), &json!({"model": "gpt-5-nano"}))).unwrap();
    assert_eq!(value(&result, "saving_share"), 0.0);
    assert!(codes(&result).contains(&"no_saving_found"));
    assert!(result.headline.contains("No saving found"), "{}", result.headline);
    assert_eq!(result.options[0].id, "openai/gpt-5-nano");
}

#[test]
fn long_input_is_billed_at_the_long_rates() {
    let result = run(&json!({"model": "claude-sonnet-4-5", "input_tokens": 250_000, "output_tokens": 1000})).unwrap();
    close(value(&result, "cost_per_request_usd"), (250_000.0 * 6.0 + 1000.0 * 22.5) / 1e6, 1e-12);
    let small = result.option("cerebras/gpt-oss-120b").unwrap();
    assert!(small.notes.iter().any(|n| n.starts_with("Does not fit")), "{:?}", small.notes);
    assert_ne!(result.options[0].id, small.id);
}

#[test]
fn a_model_of_several_vendors_shows_the_range_and_asks() {
    let result = run(&with(&support_chat(), &json!({"model": "gpt-oss-120b"}))).unwrap();
    let metric = result.metric("monthly_cost_usd").unwrap();
    close(metric.value.unwrap(), 2_160.0, 1e-9);
    close(metric.high.unwrap(), 6e6 * (1200.0 * 0.35 + 300.0 * 0.75) / 1e6, 1e-9);
    let asked = result.questions.iter().find(|q| q.field == "vendor").unwrap();
    assert_eq!(asked.choices, ["groq", "cerebras"]);
    let one = run(&with(&support_chat(), &json!({"model": "gpt-oss-120b", "vendor": "cerebras"}))).unwrap();
    close(value(&one, "monthly_cost_usd"), 3_870.0, 1e-9);
}

#[test]
fn a_vendor_that_is_not_listed_is_not_guessed_silently() {
    let result = run(&with(&support_chat(), &json!({"vendor": "azure"}))).unwrap();
    assert!(codes(&result).contains(&"vendor_not_listed"));
}

#[test]
fn an_unknown_model_is_a_problem_with_a_hint() {
    let problem = run(&with(&support_chat(), &json!({"model": "gpt-4.1-mimi"}))).unwrap_err();
    assert_eq!(problem.code, Code::UnknownModel);
    assert_eq!(problem.fields[0].name, "model");
    assert!(problem.detail.contains("gpt-4.1-mini"), "{}", problem.detail);
}

#[test]
fn partial_input_answers_what_it_can_and_asks_for_the_rest() {
    let nothing = run(&json!({})).unwrap();
    let asked: Vec<&str> = nothing.questions.iter().map(|q| q.field.as_str()).collect();
    assert_eq!(asked, ["model", "input_tokens", "output_tokens", "requests_per_day"]);
    for id in ["cost_per_request_usd", "monthly_cost_usd", "best_monthly_cost_usd", "saving_share"] {
        assert_eq!(nothing.metric(id).unwrap().value, None);
    }
    assert!(codes(&nothing).contains(&"missing_input"));

    let no_model = run(&json!({"requests_per_day": 200_000, "input_tokens": 1200, "output_tokens": 300})).unwrap();
    close(monthly(&no_model, "openai/gpt-4o"), 36_000.0, 1e-12);

    let no_volume = run(&json!({"model": "gpt-4o", "input_tokens": 1200, "output_tokens": 300})).unwrap();
    close(value(&no_volume, "cost_per_request_usd"), 0.006, 1e-12);
    close(value(&no_volume, "saving_share"), 0.97, 1e-9);
    assert_eq!(no_volume.metric("monthly_cost_usd").unwrap().value, None);

    let from_bill =
        run(&json!({"model": "gpt-4o", "monthly_spend_usd": 36_000, "input_tokens": 1200, "output_tokens": 300}));
    let from_bill = from_bill.unwrap();
    close(value(&from_bill, "monthly_cost_usd"), 36_000.0, 1e-9);
    assert_eq!(from_bill.metric("stated_spend_ratio").unwrap().value, None, "it cannot be checked against itself");
    assert!(from_bill.assumptions.iter().any(|a| a.field.as_deref() == Some("requests_per_day")));
}

#[test]
fn several_kinds_of_work_are_added_up() {
    let json = json!({"model": "gpt-4o", "classes": [
        {"name": "faq", "requests_per_day": 150_000, "input_tokens": 1000, "output_tokens": 200},
        {"name": "complaints", "requests_per_day": 50_000, "input_tokens": 1800, "output_tokens": 600}]});
    let result = run(&json).unwrap();
    let by_hand = 30.0 * (150_000.0 * (1000.0 * 2.5 + 200.0 * 10.0) + 50_000.0 * (1800.0 * 2.5 + 600.0 * 10.0)) / 1e6;
    close(value(&result, "monthly_cost_usd"), by_hand, 1e-9);
}

#[test]
fn a_budget_is_held_against_the_best_option() {
    let tight = run(&with(&support_chat(), &json!({"model": "gpt-5-nano", "budget_usd_per_month": 540}))).unwrap();
    let warning = tight.warnings.iter().find(|w| w.code == "over_budget").unwrap();
    assert!(warning.text.contains("100,000 requests a day"), "{}", warning.text);
    let wide = run(&with(&support_chat(), &json!({"budget_usd_per_month": 2_000}))).unwrap();
    assert!(!codes(&wide).contains(&"over_budget"));
}

#[test]
fn a_budget_beside_an_option_that_costs_nothing_carries_any_number_of_requests() {
    let json = with(&support_chat(), &json!({"duplicate_share": 1, "budget_usd_per_month": 100}));
    let result = run(&json).unwrap();
    let budget = result.recommendations.iter().find(|r| r.id == "budget").unwrap();
    assert!(budget.text.contains("any number of requests"), "{}", budget.text);
}

#[test]
fn impossible_facts_name_their_fields() {
    let workload = Workload { input_tokens: Some(f64::NAN), output_tokens: Some(-1.0), ..Workload::default() };
    let request = Request {
        category: Category::Cost,
        workload: &workload,
        provenance: &Provenances::new(),
        format: Format::Detailed,
        today: "2026-11-22".parse().unwrap(),
    };
    let problem = analyze(&request, &testing::catalog()).unwrap_err();
    assert_eq!(problem.code, Code::Invalid);
    let fields: Vec<&str> = problem.fields.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(fields, ["input_tokens", "output_tokens"]);
}

#[test]
fn every_format_keeps_the_figures_and_their_formulas() {
    let detailed = run(&support_chat()).unwrap();
    for format in [Format::Summary, Format::Business, Format::Technical] {
        let told = run_on(&support_chat(), &testing::catalog(), format).unwrap();
        assert_eq!(told.metrics, detailed.metrics);
        assert!(told.metrics.iter().all(|m| !m.formula.is_empty() && !m.source.is_empty()));
        assert_eq!(told.options[0], detailed.options[0]);
    }
    assert!(run_on(&support_chat(), &testing::catalog(), Format::Business).unwrap().roadmap.len() > 2);
}
