//! Known answers of selection.

use serde_json::{Value as Json, json};

use crate::analysis::{Request, analyze};
use crate::catalog::testing;
use crate::message::{Category, Format};
use crate::result::AnalysisResult;
use crate::workload::{Provenances, Workload};

fn run(json: &Json) -> AnalysisResult {
    let workload = Workload::from_json(json).unwrap();
    let request = Request {
        category: Category::Selection,
        workload: &workload,
        provenance: &Provenances::new(),
        format: Format::Detailed,
        today: "2026-11-22".parse().unwrap(),
    };
    analyze(&request, &testing::catalog()).unwrap()
}

fn value(result: &AnalysisResult, id: &str) -> Option<f64> {
    result.metric(id).unwrap_or_else(|| panic!("no {id}")).value
}

#[track_caller]
fn close(actual: f64, expected: f64) {
    assert!((actual - expected).abs() <= 1e-9 * expected.abs(), "{actual} is not {expected}");
}

fn chat() -> Json {
    json!({"model": "gpt-4o", "requests_per_day": 200_000, "input_tokens": 1200, "output_tokens": 300, "task": "chat"})
}

fn with(base: &Json, more: &Json) -> Json {
    let mut json = base.clone();
    json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json
}

#[test]
fn options_are_ranked_and_each_is_on_the_front_or_says_by_whom_it_is_dominated() {
    let result = run(&chat());
    let ranked: Vec<_> = result.options.iter().filter(|o| o.quality.is_some()).collect();
    assert!(ranked.len() > 15);
    for option in &ranked {
        let better = ranked.iter().find(|o| {
            let (cost, quality) = (o.cost_per_request_usd <= option.cost_per_request_usd, o.quality >= option.quality);
            let strictly = o.cost_per_request_usd < option.cost_per_request_usd || o.quality > option.quality;
            cost && quality && strictly
        });
        assert_eq!(better.is_some(), option.dominated_by.is_some(), "{}", option.id);
        if let Some(by) = &option.dominated_by {
            let place = |id: &str| result.options.iter().position(|o| o.id == id).unwrap();
            assert!(place(by) < place(&option.id), "{} is ranked below the one that dominates it", option.id);
        }
    }
    assert_eq!(result.options[0].dominated_by, None, "the best one is on the front");
}

#[test]
fn win_probability_is_that_of_the_best_ranked() {
    let result = run(&chat());
    let best = &result.options[0];
    let by_hand = 1.0 / (1.0 + 10f64.powf((1335.8 - best.quality.unwrap()) / 400.0));
    close(value(&result, "win_probability").unwrap(), by_hand);
    close(value(&result, "cost_per_request_usd").unwrap(), 0.006);
    let mini = result.option("openai/gpt-4.1-mini").unwrap();
    assert!((mini.win_probability.unwrap() - 0.5645).abs() < 5e-5);
}

#[test]
fn win_probability_is_null_where_todays_model_is_best() {
    let best = run(&chat()).options[0].model.clone().unwrap();
    let again = run(&with(&chat(), &json!({"model": best, "vendor": run(&chat()).options[0].vendor})));
    assert_eq!(again.options[0].model.as_deref(), Some(best.as_str()));
    assert_eq!(value(&again, "win_probability"), None);
    assert!(again.headline.starts_with("Stay with"), "{}", again.headline);
    assert!(again.warnings.iter().any(|w| w.code == "no_win_probability"));
}

/// gpt-4o solved 23.1 % of the aider polyglot benchmark.
#[test]
fn aider_polyglot_gives_the_cost_of_a_solved_task() {
    let result = run(&with(&chat(), &json!({"task": "coding"})));
    close(value(&result, "cost_per_success_usd").unwrap(), 0.006 / 0.231);
    let range = result.metric("cost_per_success_usd").unwrap();
    assert!(range.low.unwrap() < range.value.unwrap() && range.value.unwrap() < range.high.unwrap());
    assert_eq!(result.options[0].quality_benchmark.as_deref(), Some("aider-polyglot"));
    assert_eq!(value(&run(&chat()), "cost_per_success_usd"), None, "Arena points are no pass rate");
}

#[test]
fn a_floor_ranks_by_cost_and_a_budget_by_quality() {
    let floor = run(&with(&chat(), &json!({"quality_floor": 1_430})));
    let cheapest = floor.options.iter().filter(|o| o.quality.is_some_and(|q| q >= 1_430.0));
    let cheapest =
        cheapest.min_by(|a, b| a.cost_per_request_usd.partial_cmp(&b.cost_per_request_usd).unwrap()).unwrap();
    assert_eq!(floor.options[0].id, cheapest.id);
    let budget = run(&with(&chat(), &json!({"budget_usd_per_month": 6_000})));
    let payable =
        budget.options.iter().filter(|o| o.monthly_cost_usd.is_some_and(|c| c <= 6_000.0) && o.quality.is_some());
    let best = payable.max_by(|a, b| a.quality.partial_cmp(&b.quality).unwrap()).unwrap();
    assert_eq!(budget.options[0].id, best.id);
}

#[test]
fn unmeasured_models_are_listed_and_never_ranked() {
    let result = run(&chat());
    let first_unmeasured = result.options.iter().position(|o| o.quality.is_none()).unwrap();
    let last_fitting = result.options.iter().rposition(|o| o.quality.is_some()).unwrap();
    assert!(last_fitting < first_unmeasured);
    assert!(result.options[first_unmeasured].notes.iter().any(|n| n.contains("No published open score")));
    assert!(result.warnings.iter().any(|w| w.code == "coverage"));
}

#[test]
fn the_shares_of_weightings_add_up_to_all() {
    let result = run(&chat());
    let chart = result.charts.iter().find(|c| c.id == "rank-stability").unwrap();
    let sum: f64 = chart.series.iter().map(|s| s.points[0][1]).sum();
    close(sum, 1.0);
}

#[test]
fn a_context_that_is_too_small_sorts_out() {
    let result = run(&with(&chat(), &json!({"context_tokens": 300_000})));
    let option = result.option("openai/gpt-4o").unwrap();
    assert!(option.notes.iter().any(|n| n.starts_with("Does not fit")));
    assert_ne!(result.options[0].id, "openai/gpt-4o");
}

#[test]
fn without_facts_models_are_compared_on_a_named_usual_request() {
    let result = run(&json!({"task": "coding"}));
    assert!(!result.options.is_empty());
    let assumed: Vec<_> = result.assumptions.iter().filter_map(|a| a.field.as_deref()).collect();
    assert!(assumed.contains(&"input_tokens") && assumed.contains(&"output_tokens"), "{assumed:?}");
    assert!(result.questions.iter().any(|q| q.field == "model"));
    assert_eq!(value(&result, "win_probability"), None);
}
