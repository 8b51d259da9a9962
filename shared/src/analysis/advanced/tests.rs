//! Known answers of the routing problem, and what must hold for any.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::linear::{self, Full};
use super::program::{Choice, Class, Limits, Plan, Program};
use super::solve::{Goal, solve};
use crate::analysis::cost::bill::Tokens;
use crate::analysis::math::hypervolume::hypervolume;
use crate::analysis::{Request, analyze};
use crate::catalog::{Model, testing};
use crate::message::{Category, Format};
use crate::result::AnalysisResult;
use crate::workload::{Provenances, Workload};

fn run(json: &Json) -> AnalysisResult {
    let workload = Workload::from_json(json).unwrap();
    let request = Request {
        category: Category::Advanced,
        workload: &workload,
        provenance: &Provenances::new(),
        format: Format::Detailed,
        today: "2026-11-22".parse().unwrap(),
    };
    analyze(&request, &testing::catalog()).unwrap()
}

fn value(result: &AnalysisResult, id: &str) -> f64 {
    result.metric(id).and_then(|m| m.value).unwrap_or_else(|| panic!("no {id}: {:?}", result.warnings))
}

#[track_caller]
fn close(actual: f64, expected: f64, relative: f64) {
    assert!((actual - expected).abs() <= relative * expected.abs().max(1e-12), "{actual} is not {expected}");
}

fn two_classes() -> Json {
    json!({"model": "gpt-4o", "classes": [
        {"name": "faq", "requests_per_day": 150_000, "input_tokens": 1000, "output_tokens": 200},
        {"name": "complaints", "requests_per_day": 50_000, "input_tokens": 3000, "output_tokens": 600}]})
}

fn with(base: &Json, more: &Json) -> Json {
    let mut json = base.clone();
    json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json
}

/// A problem with these models (quality, vendor) and costs by class.
fn program<'a>(models: &'a [Model], quality: &[f64], requests: &[f64], usd: Vec<Vec<Option<f64>>>) -> Program<'a> {
    let tokens = Tokens { input: 1000.0, output: 100.0, cached: 0.0, written: 0.0 };
    let class =
        |(i, n): (usize, &f64)| Class { name: format!("class {i}"), requests_per_month: *n, tokens, floor: None };
    let mut vendors: Vec<&str> = models.iter().map(|m| m.vendor.as_str()).collect();
    vendors.dedup();
    Program {
        classes: requests.iter().enumerate().map(class).collect(),
        choices: models.iter().zip(quality).map(|(model, &quality)| Choice { model, quality, error: 0.0 }).collect(),
        usd,
        peak_per_minute: 1.0 / 43_200.0,
        vendors,
    }
}

fn models(n: usize) -> Vec<Model> {
    testing::catalog().models.into_iter().take(n).collect()
}

/// The least cost of a mean quality by hand: each class moves up its lower convex hull, the cheapest step of all
/// classes first. Exact for the problem without further limits.
fn by_hand(program: &Program<'_>, floor: f64) -> Option<f64> {
    let total = program.requests();
    let (mut usd, mut quality) = (0.0, 0.0);
    let mut steps: Vec<(f64, f64)> = Vec::new();
    for (class, row) in program.classes.iter().zip(&program.usd) {
        let mut points: Vec<(f64, f64)> =
            row.iter().zip(&program.choices).filter_map(|(usd, c)| Some((c.quality, (*usd)?))).collect();
        points.sort_by(|a, b| a.1.total_cmp(&b.1).then(b.0.total_cmp(&a.0)));
        let mut at = *points.first()?;
        usd += class.requests_per_month * at.1;
        quality += class.requests_per_month / total * at.0;
        while let Some(next) = points.iter().filter(|p| p.0 > at.0).min_by(|a, b| {
            ((a.1 - at.1) / (a.0 - at.0)).total_cmp(&((b.1 - at.1) / (b.0 - at.0))).then(b.0.total_cmp(&a.0))
        }) {
            let gain = class.requests_per_month / total * (next.0 - at.0);
            steps.push((class.requests_per_month * (next.1 - at.1), gain));
            at = *next;
        }
    }
    steps.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    for (cost, gain) in steps {
        if quality >= floor {
            break;
        }
        let part = ((floor - quality) / gain).min(1.0);
        usd += part * cost;
        quality += part * gain;
    }
    (quality >= floor - 1e-12).then_some(usd)
}

#[test]
fn routellm_two_models_lie_on_the_straight_line_between_them() {
    let models = models(2);
    let program = program(&models, &[1300.0, 1400.0], &[1e6], vec![vec![Some(0.001), Some(0.009)]]);
    for share in [0.0, 0.25, 0.5, 0.9, 1.0] {
        let floor = 1300.0 + 100.0 * share;
        let plan = solve(&program, &Limits { quality: Some(floor), ..Limits::default() }, Goal::Cost).unwrap();
        close(plan.usd, 1e6 * (0.001 + 0.008 * share), 1e-9);
        close(plan.quality, floor, 1e-9);
    }
}

/// A regression value of our own: three classes, four models of two vendors, of which one is allowed.
#[test]
fn three_classes_four_models_one_vendor() {
    let mut models = models(4);
    for model in &mut models[2..] {
        model.vendor = "other".into();
    }
    let usd = vec![
        vec![Some(1.0), Some(3.0), Some(0.5), Some(4.0)],
        vec![Some(2.0), Some(5.0), Some(1.0), Some(6.0)],
        vec![Some(1.5), Some(4.0), None, Some(5.0)],
    ];
    let program = program(&models, &[50.0, 80.0, 40.0, 90.0], &[2.0, 1.0, 1.0], usd);
    let limits = |vendors| Limits { quality: Some(65.0), vendors, ..Limits::default() };
    let free = solve(&program, &limits(None), Goal::Cost).unwrap();
    close(free.usd, by_hand(&program, 65.0).unwrap(), 1e-9);
    let one = solve(&program, &limits(Some(1.0)), Goal::Cost).unwrap();
    let vendors =
        |plan: &Plan| (0..4).filter(|m| plan.shares.iter().any(|row| row[*m] > 0.0)).map(|m| m / 2).collect::<Vec<_>>();
    assert!(vendors(&one).windows(2).all(|pair| pair[0] == pair[1]));
    // On the first vendor alone: 5.5 for everything on the weaker model, then half of the way up to the stronger one,
    // the cheapest steps first: the first class whole (4.0 for 2 of 4 requests, 15 points).
    close(one.usd, 9.5, 1e-9);
    assert!(one.usd >= free.usd);
}

#[test]
fn a_budget_too_low_for_anything_is_named_with_what_is_needed() {
    let result = run(&with(&two_classes(), &json!({"quality_floor": 1400, "budget_usd_per_month": 100})));
    let infeasible = result.infeasible.clone().unwrap();
    assert_eq!(infeasible.constraint, "budget_usd_per_month");
    assert!(result.routing.is_empty());
    assert_eq!(result.metric("plan_cost_usd").unwrap().value, None);
    assert!(value(&result, "front_size") > 1.0, "the front is still shown");
    // With what is needed, there is a plan that costs it.
    let needed = infeasible.needed.unwrap();
    let again = run(&with(&two_classes(), &json!({"quality_floor": 1400, "budget_usd_per_month": needed * 1.000_001})));
    assert_eq!(again.infeasible, None);
    close(value(&again, "plan_cost_usd"), needed, 1e-5);
}

#[test]
fn each_limit_that_cannot_be_kept_is_named() {
    let named = |more: Json| run(&with(&two_classes(), &more)).infeasible.unwrap();
    let floor = named(json!({"quality_floor": 2_000}));
    assert_eq!(floor.constraint, "quality_floor");
    close(floor.needed.unwrap(), 1468.3, 1e-6);
    let tokens = named(json!({"quality_floor": 1400, "tpm_limit": 1_000}));
    assert_eq!(tokens.constraint, "tpm_limit");
    assert!(tokens.needed.unwrap() > 1_000.0);
    assert_eq!(run(&with(&two_classes(), &json!({"tpm_limit": tokens.needed.unwrap() * 1.001}))).infeasible, None);
    let mut json = two_classes();
    json["classes"][1]["quality_floor"] = json!(1_500);
    assert_eq!(run(&json).infeasible.unwrap().constraint, "classes[1].quality_floor");
}

#[test]
fn the_plan_keeps_its_limits_and_adds_up() {
    let json = with(&two_classes(), &json!({"quality_floor": 1400, "vendors_max": 1}));
    let result = run(&json);
    assert!(value(&result, "plan_quality") >= 1400.0 - 1e-6);
    let mut vendors: Vec<&str> = result.routing.iter().map(|r| r.vendor.as_str()).collect();
    vendors.dedup();
    assert_eq!(vendors.len(), 1);
    for class in ["faq", "complaints"] {
        let sum: f64 = result.routing.iter().filter(|r| r.class == class).map(|r| r.share).sum();
        close(sum, 1.0, 1e-9);
    }
    let free = run(&with(&two_classes(), &json!({"quality_floor": 1400})));
    assert!(value(&free, "plan_cost_usd") <= value(&result, "plan_cost_usd") * (1.0 + 1e-9));
}

#[test]
fn a_class_keeps_its_own_floor() {
    let mut json = with(&two_classes(), &json!({"quality_floor": 1350}));
    json["classes"][1]["quality_floor"] = json!(1_450);
    let result = run(&json);
    let catalog = testing::catalog();
    let of_class = result.routing.iter().filter(|r| r.class == "complaints");
    let quality: f64 = of_class
        .map(|r| r.share * catalog.find(&r.model, Some(&r.vendor)).unwrap()[0].score("arena").unwrap().value)
        .sum();
    assert!(quality >= 1_450.0 - 1e-6, "{quality}");
}

#[test]
fn the_front_rises_and_its_hypervolume_is_that_of_its_points() {
    let result = run(&with(&two_classes(), &json!({"quality_floor": 1400})));
    let chart = result.charts.iter().find(|c| c.id == "front").unwrap();
    let points = &chart.series[0].points;
    assert_eq!(points.len() as f64, value(&result, "front_size"));
    assert!((20..=30).contains(&points.len()), "{}", points.len());
    assert!(points.windows(2).all(|pair| pair[0][0] < pair[1][0] && pair[0][1] < pair[1][1]));
    let [x, y] = chart.reference.unwrap();
    let pairs: Vec<(f64, f64)> = points.iter().map(|p| (p[0], p[1])).collect();
    close(value(&result, "hypervolume"), hypervolume(&pairs, (x, y)), 1e-12);
}

#[test]
fn the_shadow_price_is_what_one_more_point_costs() {
    let cost = |floor: f64| value(&run(&with(&two_classes(), &json!({"quality_floor": floor}))), "plan_cost_usd");
    let result = run(&with(&two_classes(), &json!({"quality_floor": 1420})));
    close(value(&result, "shadow_price_usd_per_point"), cost(1_421.0) - cost(1_420.0), 1e-6);
    assert!(value(&result, "shadow_price_usd_per_point") > 0.0);
    // At the top there is no more to buy.
    let top = run(&with(&two_classes(), &json!({"quality_floor": 1468})));
    assert_eq!(top.metric("shadow_price_usd_per_point").unwrap().value, None);
}

#[test]
fn a_budget_alone_buys_the_most_quality() {
    let result = run(&with(&two_classes(), &json!({"budget_usd_per_month": 20_000})));
    assert!(value(&result, "plan_cost_usd") <= 20_000.0 * (1.0 + 1e-6));
    let more = run(&with(&two_classes(), &json!({"budget_usd_per_month": 25_000})));
    assert!(value(&more, "plan_quality") > value(&result, "plan_quality"));
}

#[test]
fn without_any_wish_the_plan_is_not_below_today() {
    let result = run(&two_classes());
    assert!(value(&result, "plan_quality") >= 1335.8 - 1e-6);
    assert!(result.assumptions.iter().any(|a| a.field.as_deref() == Some("quality_floor")));
    assert!(result.option("today").unwrap().dominated_by.is_some());
}

#[test]
fn the_same_seed_gives_the_same_spread() {
    let json = with(&two_classes(), &json!({"quality_floor": 1400}));
    assert_eq!(run(&json), run(&json));
    let cost = run(&json).metric("plan_cost_usd").unwrap().clone();
    assert!(cost.low.unwrap() < cost.value.unwrap() && cost.value.unwrap() < cost.high.unwrap());
}

#[test]
fn unknown_work_is_asked_for() {
    let result = run(&json!({"model": "gpt-4o"}));
    assert_eq!(result.metric("plan_cost_usd").unwrap().value, None);
    let asked: Vec<&str> = result.questions.iter().map(|q| q.field.as_str()).collect();
    assert!(asked.starts_with(&["requests_per_day", "input_tokens", "output_tokens"]), "{asked:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Against an independent computation, which needs no linear program.
    #[test]
    fn the_solver_finds_the_least_cost(
        quality in prop::collection::vec(1000.0..1500.0, 5),
        requests in prop::collection::vec(1.0..1e6, 1..5),
        prices in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.9, 1e-5..1e-1), 5), 5),
        share in 0.0..1.0,
    ) {
        let models = models(5);
        let usd: Vec<Vec<Option<f64>>> = prices.into_iter().take(requests.len()).collect();
        prop_assume!(usd.iter().all(|row| row.iter().any(Option::is_some)));
        let program = program(&models, &quality, &requests, usd);
        let best = solve(&program, &Limits::default(), Goal::Quality).unwrap().quality;
        let floor = 1000.0 + share * (best - 1000.0);
        let found = solve(&program, &Limits { quality: Some(floor), ..Limits::default() }, Goal::Cost).unwrap();
        let expected = by_hand(&program, floor).unwrap();
        prop_assert!((found.usd - expected).abs() <= 1e-6 * expected, "{} {}", found.usd, expected);
        prop_assert!(found.quality >= floor - 1e-6);
    }

    /// The path and the integer program are two ways to the same plan.
    #[test]
    fn the_path_and_the_integer_program_agree(
        quality in prop::collection::vec(1000.0..1500.0, 8),
        requests in prop::collection::vec(1.0..1e6, 1..5),
        floors in prop::collection::vec(prop::option::weighted(0.3, 1000.0..1400.0), 5),
        prices in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.9, 1e-5..1e-1), 8), 5),
        vendors in prop::option::of(1.0..4.0),
        share in 0.0..1.0,
    ) {
        let mut models = models(8);
        for (m, model) in models.iter_mut().enumerate() {
            model.vendor = ["a", "b", "c", "d"][m % 4].into();
        }
        let usd: Vec<Vec<Option<f64>>> = prices.into_iter().take(requests.len()).collect();
        let mut program = program(&models, &quality, &requests, usd);
        program.vendors = vec!["a", "b", "c", "d"];
        for (class, floor) in program.classes.iter_mut().zip(floors) {
            class.floor = floor;
        }
        let open = Limits { vendors, class_floors: true, ..Limits::default() };
        let same = |limits: &Limits, goal| {
            let (path, integer) = (
 solve(&program, limits, goal),
 linear::solve(&program, limits, goal, &[true; 8], &mut Full::new(&program)),
);
            match (&path, &integer) {
                (Some(a), Some(b)) if goal == Goal::Cost => assert!((a.usd - b.usd).abs() <= 1e-6 * b.usd, "{a:?} {b:?}"),
                (Some(a), Some(b)) => assert!((a.quality - b.quality).abs() <= 1e-6 * b.quality, "{a:?} {b:?}"),
                _ => assert_eq!(path.is_some(), integer.is_some()),
            }
            path
        };
        let Some(cheapest) = same(&open, Goal::Cost) else { return Ok(()) };
        // Sums in another order differ in the last digit, which must not cost a plan its budget.
        let exactly = Limits { budget: Some(cheapest.usd), ..open };
        prop_assert!(same(&exactly, Goal::Quality).is_some());
        let best = same(&open, Goal::Quality).unwrap();
        let floor = cheapest.quality + share * (best.quality - cheapest.quality);
        let plan = same(&Limits { quality: Some(floor), ..open }, Goal::Cost).unwrap();
        prop_assert!(plan.quality >= floor * (1.0 - 1e-9));
        let budget = Some(cheapest.usd + share * (best.usd - cheapest.usd));
        same(&Limits { budget, ..open }, Goal::Quality);
    }

    /// A limit of loads that can be kept is kept, and costs no less than without it.
    #[test]
    fn a_limit_of_loads_is_kept(
        quality in prop::collection::vec(1000.0..1500.0, 6),
        requests in prop::collection::vec(1.0..1e6, 2..6),
        prices in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.9, 1e-5..1e-1), 6), 6),
        part in 0.2..1.2_f64,
    ) {
        let models = models(6);
        let usd: Vec<Vec<Option<f64>>> = prices.into_iter().take(requests.len()).collect();
        let program = program(&models, &quality, &requests, usd);
        let limits = Limits { tpm: Some(part * program.peak(true)), ..Limits::default() };
        let Some(plan) = solve(&program, &limits, Goal::Cost) else { return Ok(()) };
        prop_assert!(program.busiest(&plan, true) <= limits.tpm.unwrap() * (1.0 + 1e-6));
        let free = solve(&program, &Limits::default(), Goal::Cost).unwrap();
        prop_assert!(plan.usd >= free.usd * (1.0 - 1e-6));
    }
}
