//! The definitions of the figures, line by line as the interface states them, from outside: JSON in, figures out.

#![cfg(test)]

use serde_json::{Value as Json, json};

use shared::analysis::{Request, analyze};
use shared::catalog::Catalog;
use shared::message::{Category, Format};
use shared::problem::Problem;
use shared::result::AnalysisResult;
use shared::workload::{Provenances, Workload};

fn try_run(category: Category, workload: &Json) -> Result<AnalysisResult, Problem> {
    let catalog: Catalog = serde_json::from_str(include_str!("catalog.json")).unwrap();
    let workload = Workload::from_json(workload).map_err(Problem::invalid)?;
    let (provenance, format, today) = (Provenances::new(), Format::Detailed, catalog.as_of);
    analyze(&Request { category, workload: &workload, provenance: &provenance, format, today }, &catalog)
}

fn run(category: Category, workload: &Json) -> AnalysisResult {
    try_run(category, workload).unwrap()
}

fn with(base: &Json, more: &Json) -> Json {
    let mut json = base.clone();
    json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json
}

fn value(result: &AnalysisResult, id: &str) -> Option<f64> {
    result.metric(id).unwrap_or_else(|| panic!("no metric {id}")).value
}

#[track_caller]
fn close(actual: Option<f64>, expected: f64) {
    let actual = actual.expect("a figure");
    assert!((actual - expected).abs() <= 1e-9 * expected.abs().max(1e-9), "{actual} is not {expected}");
}

fn warned(result: &AnalysisResult, code: &str) -> bool {
    result.warnings.iter().any(|warning| warning.code == code)
}

/// 200,000 requests of 1,200 in and 300 out on gpt-4o: $0.006 each, $36,000 in 30 days.
fn headline() -> Json {
    json!({"model": "gpt-4o", "requests_per_day": 200_000, "input_tokens": 1200, "output_tokens": 300})
}

/// 5 requests a second of 600 + 99 × 20 = 2,580 ms.
fn answering() -> Json {
    json!({"model": "gpt-4o", "requests_per_day": 432_000, "input_tokens": 1000, "output_tokens": 100,
           "ttft_ms": 600, "tpot_ms": 20, "peak_factor": 2})
}

#[test]
fn every_category_carries_its_figures_when_the_inputs_are_known() {
    let all = with(
        &answering(),
        &json!({"monthly_spend_usd": 90_000, "latency_p50_ms": 2000, "latency_p95_ms": 4000, "latency_p99_ms": 7000,
                "latency_target_ms": 5000, "concurrency_limit": 60, "parallel_calls": 5, "task": "coding",
                "rpm_limit": 1000, "tpm_limit": 1_000_000, "growth_per_month": 0.1, "gpu": "H100",
                "gpu_usd_per_hour": 2.5, "tokens_per_second_per_gpu": 3000, "gpu_utilisation": 0.5,
                "quality_floor": 0.3}),
    );
    for (category, ids) in [
        (Category::Cost, "cost_per_request_usd monthly_cost_usd stated_spend_ratio best_monthly_cost_usd saving_share"),
        (
            Category::Latency,
            "e2e_ms ttft_ms tpot_ms p50_ms p95_ms p99_ms target_share queue_wait_ms wait_probability fanout_slow_share",
        ),
        (Category::Selection, "cost_per_request_usd cost_per_success_usd win_probability"),
        (
            Category::Scaling,
            "requests_per_second_mean requests_per_second_peak concurrency servers_needed rpm_utilisation \
             tpm_utilisation months_to_limit doubling_months gpus_needed self_host_usd_per_mtok \
             break_even_requests_per_day",
        ),
        (Category::Advanced, "plan_cost_usd plan_quality front_size hypervolume shadow_price_usd_per_point"),
    ] {
        let result = run(category, &all);
        for id in ids.split_whitespace() {
            let metric = result.metric(id).unwrap_or_else(|| panic!("{category}: no {id}"));
            assert!(!metric.formula.is_empty() && !metric.source.is_empty(), "{category}: {id}");
            assert!(
                metric.value.is_some() || !result.warnings.is_empty(),
                "{category}: {id} is null without a warning"
            );
        }
    }
}

#[test]
fn a_given_hit_rate_is_in_todays_bill_and_a_prefix_alone_is_a_chance() {
    let prefix = with(&headline(), &json!({"cached_prefix_tokens": 1024}));
    let alone = run(Category::Cost, &prefix);
    close(value(&alone, "monthly_cost_usd"), 36_000.0);
    assert!(alone.option("prompt-cache").unwrap().monthly_cost_usd.unwrap() < 36_000.0);
    let today = run(Category::Cost, &with(&prefix, &json!({"cache_hit_rate": 0.5, "monthly_spend_usd": 30_000})));
    // 512 of the 1,200 tokens at $1.25 instead of $2.50.
    close(value(&today, "monthly_cost_usd"), 36_000.0 - 512.0 * 1.25e-6 * 6e6);
    close(value(&today, "stated_spend_ratio"), (36_000.0 - 512.0 * 1.25e-6 * 6e6) / 30_000.0);
}

#[test]
fn reasoning_is_output_in_cost_latency_and_tokens_a_minute() {
    let more = json!({"reasoning_tokens": 100, "tpm_limit": 1e6});
    close(value(&run(Category::Cost, &with(&headline(), &more)), "cost_per_request_usd"), 0.007);
    close(value(&run(Category::Latency, &with(&answering(), &more)), "e2e_ms"), 600.0 + 199.0 * 20.0);
    close(value(&run(Category::Scaling, &with(&answering(), &more)), "tpm_utilisation"), 600.0 * 1200.0 / 1e6);
}

#[test]
fn a_write_surcharge_widens_the_range() {
    let json =
        with(&headline(), &json!({"model": "claude-sonnet-4-5", "cached_prefix_tokens": 1100, "cache_hit_rate": 0.4}));
    let metric = run(Category::Cost, &json).metric("monthly_cost_usd").unwrap().clone();
    let misses = 1100.0 * 0.6 * (3.75 - 3.0) * 1e-6 * 6e6;
    close(metric.high, metric.value.unwrap() + misses);
}

#[test]
fn prices_are_those_of_the_day_and_of_the_vendor() {
    let flash = json!({"model": "gemini-3.8-flash", "requests_per_day": 1000, "input_tokens": 1e6, "output_tokens": 0});
    close(value(&run(Category::Cost, &flash), "cost_per_request_usd"), 0.75);
    let later = with(&flash, &json!({"as_of": "2027-01-01"}));
    close(value(&run(Category::Cost, &later), "cost_per_request_usd"), 1.5);
    let oss = with(&headline(), &json!({"model": "gpt-oss-120b"}));
    let unnamed = run(Category::Cost, &oss);
    assert!(unnamed.questions.iter().any(|q| q.field == "vendor" && q.choices == ["groq", "cerebras"]));
    assert!(unnamed.metric("monthly_cost_usd").unwrap().high.is_some());
    let named = run(Category::Cost, &with(&oss, &json!({"vendor": "cerebras"})));
    close(value(&named, "cost_per_request_usd"), (1200.0 * 0.35 + 300.0 * 0.75) / 1e6);
    let hourly = run(Category::Cost, &headline());
    let option = hourly.option("deepseek/deepseek-v4-flash").unwrap();
    assert!(option.notes.iter().any(|note| note.contains("hour")), "{:?}", option.notes);
}

#[test]
fn batch_is_on_what_may_wait_or_says_if_all_may() {
    let part = run(Category::Cost, &with(&headline(), &json!({"deferrable_share": 0.5})));
    close(part.option("batch").unwrap().monthly_cost_usd, 27_000.0);
    let all = run(Category::Cost, &headline());
    let batch = all.option("batch").unwrap();
    close(batch.monthly_cost_usd, 18_000.0);
    assert!(batch.notes.iter().any(|note| note.contains("If all of it may wait")), "{:?}", batch.notes);
}

#[test]
fn the_best_cost_is_not_below_todays_quality_or_the_floor() {
    for (more, least) in [(json!({}), 1335.8), (json!({"quality_floor": 1430}), 1430.0)] {
        let result = run(Category::Cost, &with(&headline(), &more));
        let best = value(&result, "best_monthly_cost_usd").unwrap();
        let good =
            |o: &&shared::result::Candidate| o.quality.is_some_and(|q| q >= least) && o.monthly_cost_usd.is_some();
        let cheapest =
            result.options.iter().filter(good).filter_map(|o| o.monthly_cost_usd).fold(f64::INFINITY, f64::min);
        close(Some(best), cheapest);
        close(value(&result, "saving_share"), 1.0 - best / 36_000.0);
    }
}

#[test]
fn dominated_by_is_the_id_of_an_option_that_is_cheaper_and_at_least_as_good() {
    for category in [Category::Cost, Category::Selection] {
        let result = run(category, &headline());
        let mut dominated = 0;
        for option in &result.options {
            let Some(by) = option.dominated_by.as_ref() else { continue };
            let by = result.option(by).unwrap_or_else(|| panic!("{by} is no option"));
            assert!(by.cost_per_request_usd <= option.cost_per_request_usd && by.quality >= option.quality);
            dominated += 1;
        }
        assert!(dominated > 0, "{category}");
    }
}

#[test]
fn one_call_takes_first_token_and_further_tokens_times_calls_in_a_row() {
    let e2e = |more: Json| value(&run(Category::Latency, &with(&answering(), &more)), "e2e_ms");
    close(e2e(json!({})), 2_580.0);
    close(e2e(json!({"sequential_calls": 3})), 7_740.0);
    close(e2e(json!({"parallel_calls": 8})), 2_580.0);
    let fan = run(Category::Latency, &with(&answering(), &json!({"parallel_calls": 8})));
    close(value(&fan, "fanout_slow_share"), 1.0 - 0.99_f64.powi(8));
}

#[test]
fn the_queue_is_erlang_c_with_allen_cunneen_and_overload_has_no_wait() {
    // 10 requests a second at the peak, 2.58 s each: 25.8 erlangs.
    let wait = |more: Json| run(Category::Latency, &with(&answering(), &more));
    let plain = wait(json!({"concurrency_limit": 30}));
    let bursty = wait(json!({"concurrency_limit": 30, "arrival_scv": 3}));
    let both = wait(json!({"concurrency_limit": 30, "arrival_scv": 3, "service_scv": 2}));
    let base = value(&plain, "queue_wait_ms").unwrap();
    close(value(&bursty, "queue_wait_ms"), base * 2.0);
    close(value(&both, "queue_wait_ms"), base * 2.5);
    close(value(&both, "wait_probability"), value(&plain, "wait_probability").unwrap());
    let over = wait(json!({"concurrency_limit": 25}));
    assert_eq!(value(&over, "queue_wait_ms"), None);
    assert!(!over.warnings.is_empty());
}

#[test]
fn target_share_needs_two_percentiles() {
    let one = run(Category::Latency, &json!({"latency_p50_ms": 1000, "latency_target_ms": 2000}));
    assert_eq!(one.metric("target_share").and_then(|metric| metric.value), None);
    let two = json!({"latency_p50_ms": 1000, "latency_p95_ms": 3000, "latency_target_ms": 3000});
    close(value(&run(Category::Latency, &two), "target_share"), 0.95);
}

#[test]
fn load_and_limits_are_at_the_peak() {
    let result = run(
        Category::Scaling,
        &with(&answering(), &json!({"rpm_limit": 1200, "tpm_limit": 600_000, "growth_per_month": 0.1})),
    );
    close(value(&result, "requests_per_second_mean"), 5.0);
    close(value(&result, "requests_per_second_peak"), 10.0);
    close(value(&result, "concurrency"), 25.8);
    close(value(&result, "rpm_utilisation"), 0.5);
    close(value(&result, "tpm_utilisation"), 1.1);
    close(value(&result, "months_to_limit"), 0.0);
    close(value(&result, "doubling_months"), 2.0_f64.ln() / 1.1_f64.ln());
    let never = run(Category::Scaling, &with(&answering(), &json!({"rpm_limit": 1200, "growth_per_month": 0})));
    assert_eq!(value(&never, "months_to_limit"), None);
}

#[test]
fn servers_start_95_percent_within_the_target_or_at_once() {
    let needed = |more: Json| run(Category::Scaling, &with(&answering(), &more));
    let patient = value(&needed(json!({"latency_target_ms": 10_000})), "servers_needed").unwrap();
    let without = value(&needed(json!({})), "servers_needed").unwrap();
    // 25.8 erlangs: the first number of places is above the load, the second leaves at most 5 % waiting.
    assert!((26.0..=28.0).contains(&patient), "{patient}");
    assert!((34.0..=36.0).contains(&without), "{without}");
    let scv = value(&needed(json!({"arrival_scv": 9})), "servers_needed").unwrap();
    close(Some(scv), without);
    let short = needed(json!({"latency_target_ms": 2_000}));
    assert_eq!(value(&short, "servers_needed"), None);
    assert!(!short.warnings.is_empty());
}

#[test]
fn own_gpus_at_the_peak() {
    let gpu = json!({"gpu": "H100", "gpu_usd_per_hour": 3, "tokens_per_second_per_gpu": 2000, "gpu_utilisation": 0.5});
    let many = run(Category::Scaling, &with(&answering(), &gpu));
    close(value(&many, "gpus_needed"), 1.0);
    close(value(&many, "self_host_usd_per_mtok"), 3.0 * 1e6 / (2000.0 * 0.5 * 3600.0));
    // $0.0035 a request: 20,571 a day pay for a GPU, which carries 1,000 tokens a second.
    close(value(&many, "break_even_requests_per_day"), 24.0 * 3.0 / 0.0035);
    let cheap = with(&with(&answering(), &gpu), &json!({"model": "gpt-4.1-nano"}));
    let not = run(Category::Scaling, &cheap);
    // $0.00014 a request: 514,286 a day, 11.9 a second at the peak, more than the 10 that one GPU carries.
    assert_eq!(value(&not, "break_even_requests_per_day"), None);
    assert!(!not.warnings.is_empty());
    let steady = run(Category::Scaling, &with(&cheap, &json!({"peak_factor": 1})));
    close(value(&steady, "break_even_requests_per_day"), 24.0 * 3.0 / 0.00014);
}

#[test]
fn selection_ranks_the_best_first_and_its_chance_is_the_figure() {
    let result = run(Category::Selection, &with(&headline(), &json!({"task": "chat"})));
    let best = &result.options[0];
    close(value(&result, "win_probability"), best.win_probability.unwrap());
    let rating = |quality: f64| 1.0 / (1.0 + 10_f64.powf((1335.8 - quality) / 400.0));
    close(best.win_probability, rating(best.quality.unwrap()));
    let coding = run(Category::Selection, &with(&headline(), &json!({"task": "coding"})));
    close(value(&coding, "cost_per_success_usd"), 0.006 / 0.231);
    // Where nothing else reaches the floor, today's model is best and wins against nobody.
    let top = result
        .options
        .iter()
        .filter(|o| o.quality.is_some())
        .max_by(|a, b| a.quality.unwrap().total_cmp(&b.quality.unwrap()));
    let (model, quality) = (top.unwrap().model.clone().unwrap(), top.unwrap().quality.unwrap());
    let kept = run(Category::Selection, &with(&headline(), &json!({"model": model, "quality_floor": quality})));
    assert_eq!(kept.options[0].model.as_deref(), Some(model.as_str()));
    assert_eq!(value(&kept, "win_probability"), None);
}

#[test]
fn a_plan_is_priced_for_30_days_and_its_point_of_reference_is_told() {
    let json = json!({"model": "gpt-4o", "quality_floor": 1400, "classes": [
        {"name": "a", "requests_per_day": 1000, "input_tokens": 1000, "output_tokens": 100},
        {"name": "b", "requests_per_day": 3000, "input_tokens": 500, "output_tokens": 400}]});
    let result = run(Category::Advanced, &json);
    let catalog: Catalog = serde_json::from_str(include_str!("catalog.json")).unwrap();
    let (mut usd, mut quality) = (0.0, 0.0);
    for route in &result.routing {
        let (requests, input, output) =
            if route.class == "a" { (1000.0, 1000.0, 100.0) } else { (3000.0, 500.0, 400.0) };
        let model = catalog.find(&route.model, Some(&route.vendor)).unwrap()[0];
        let rates = model.price_at(catalog.as_of, input).unwrap().rates;
        usd += 30.0 * requests * route.share * (input * rates.input + output * rates.output) / 1e6;
        quality += requests / 4000.0 * route.share * model.score("arena").unwrap().value;
    }
    close(value(&result, "plan_cost_usd"), usd);
    close(value(&result, "plan_quality"), quality);
    assert!(quality >= 1400.0 - 1e-6, "a mean over requests");
    assert!(value(&result, "shadow_price_usd_per_point").unwrap() >= 0.0);
    let front = result.charts.iter().find(|chart| chart.id == "front").unwrap();
    assert!(front.reference.is_some());
    assert_eq!((front.x.label.as_str(), front.y.label.as_str()), ("cost", "quality"));
    let poor = run(Category::Advanced, &with(&json, &json!({"budget_usd_per_month": 1})));
    let infeasible = serde_json::to_value(poor.infeasible.unwrap()).unwrap();
    assert_eq!(infeasible["constraint"], "budget_usd_per_month");
    close(infeasible["needed"].as_f64(), usd);
}

#[test]
fn impossible_input_is_invalid_and_a_surprising_one_is_warned_about() {
    for (field, wrong) in [
        ("requests_per_day", json!(-1)),
        ("requests_per_day", json!(0)),
        ("input_tokens", json!("many")),
        ("cache_hit_rate", json!(1.2)),
        ("output_tokens", json!(1e300)),
        ("growth_per_month", json!(-1)),
        ("ttft_ms", json!(0)),
    ] {
        let problem = try_run(Category::Cost, &with(&headline(), &json!({field: wrong}))).unwrap_err();
        assert_eq!(serde_json::to_value(problem.code).unwrap(), "invalid", "{field}");
        assert_eq!(problem.fields[0].name, field);
    }
    let odd = run(Category::Cost, &with(&headline(), &json!({"cache_hit_rate": 0.5})));
    assert!(warned(&odd, "hit_rate_without_prefix"));
    let unknown = try_run(Category::Cost, &with(&headline(), &json!({"model": "gpt-9000"}))).unwrap_err();
    assert_eq!(serde_json::to_value(unknown.code).unwrap(), "unknown_model");
}

#[test]
fn an_unknown_price_is_never_nothing() {
    let result = run(Category::Cost, &with(&headline(), &json!({"model": "deepseek-v4-flash"})));
    let batch = result.option("batch").unwrap();
    assert_eq!(batch.monthly_cost_usd, None);
    assert!(batch.notes.iter().any(|note| note.contains("Cannot price")), "{:?}", batch.notes);
}

#[test]
fn text_becomes_the_fields_that_the_conventions_name() {
    let read = |text: &str| shared::extract::extract(text).workload;
    let w = read(
        "We pay $120,000 a year for gpt-4o, 7,000 requests a week, 1,000 tokens in (70 % of the prompt is fixed), 200 out",
    );
    close(w.monthly_spend_usd, 10_000.0);
    close(w.requests_per_day, 1_000.0);
    close(w.cached_prefix_tokens, 700.0);
    close(read("traffic doubles in 6 months").growth_per_month, 2.0_f64.powf(1.0 / 6.0) - 1.0);
    close(read("365 requests per year").requests_per_day, 1.0);
    close(read("3 requests per second").requests_per_day, 259_200.0);
    let two = shared::extract::extract(
        "Two workloads: chat with 1,000 requests a day (500 in, 100 out) and reports with 50 requests a day (9,000 in, 900 out).",
    );
    let asked = two.questions.iter().any(|q| q.field == "classes" || q.field == "requests_per_day");
    assert!(two.workload.classes.len() == 2 || asked);
    for text in
        ["We don't make 500 requests a day", "A competitor makes 500 requests a day", "If we made 500 requests a day"]
    {
        assert_eq!(read(text).requests_per_day, None, "{text}");
    }
    let open = shared::extract::extract("we use gpt-4o and it should be better");
    assert_eq!(open.category, None);
    let question = open.questions.iter().find(|q| q.field == "category").expect("it asks");
    assert_eq!(question.choices.len(), Category::ALL.len());
}
