//! What must hold for any workload, within the bounds of the table and beyond.

use proptest::prelude::*;
use serde_json::{Map, Value as Json};

use crate::analysis::{Request, analyze};
use crate::catalog::{Catalog, testing};
use crate::message::{Category, Format};
use crate::problem::{Code, Problem};
use crate::result::AnalysisResult;
use crate::workload::{FIELDS, Kind, Provenances, Workload};

fn run(category: Category, workload: &Workload, catalog: &Catalog) -> Result<AnalysisResult, Problem> {
    let provenance = Provenances::new();
    let today = "2026-11-22".parse().unwrap();
    analyze(&Request { category, workload, provenance: &provenance, format: Format::Detailed, today }, catalog)
}

/// A JSON value that the field's kind accepts, with the ends of its range often.
fn value_of(kind: Kind) -> BoxedStrategy<Json> {
    match kind {
        Kind::Number { low, above, high } => {
            let least = if above { low.max(0.0) + 1e-9 } else { low.max(0.0) };
            let (from, to) = (least.max(1e-9).ln(), high.ln());
            prop_oneof![
                1 => Just(least),
                1 => Just(high),
                6 => (from..=to).prop_map(move |exponent| exponent.exp().clamp(least, high)),
            ]
            .prop_map(Json::from)
            .boxed()
        }
        Kind::Text => prop_oneof![
            Just("gpt-4o"),
            Just("claude-opus-4-8"),
            Just("gpt-oss-120b"),
            Just("deepseek-v4-flash"),
            Just("gemini-4-argon"),
            Just("claude-sonnet-4-5"),
            Just("groq"),
            Just("no-such-thing")
        ]
        .prop_map(Json::from)
        .boxed(),
        Kind::Choice(words) => prop::sample::select(words).prop_map(Json::from).boxed(),
        Kind::Day => prop_oneof![Just("2026-11-22"), Just("2027-06-01"), Just("2020-01-01"), Just("9999-12-31")]
            .prop_map(Json::from)
            .boxed(),
    }
}

/// Any workload of JSON: each field known or not.
fn any_json() -> impl Strategy<Value = Json> {
    let fields: Vec<_> = FIELDS.iter().map(|spec| prop::option::weighted(0.4, value_of(spec.kind))).collect();
    fields.prop_map(|values| {
        let known = FIELDS.iter().zip(values).filter_map(|(spec, value)| Some((spec.name.to_string(), value?)));
        Json::Object(known.collect::<Map<_, _>>())
    })
}

/// Any category that is built.
fn any_category() -> impl Strategy<Value = Category> {
    prop::sample::select(Category::BUILT)
}

/// A workload of usual size whose cost can be computed.
fn usual() -> impl Strategy<Value = Workload> {
    let models = prop::sample::select(vec!["gpt-4o", "gpt-5", "claude-opus-4-8", "gemini-2.5-pro", "deepseek-v4-pro"]);
    let shares = (prop::option::of(0.0..=1.0), prop::option::of(0.0..=1.0), prop::option::of(0.0..=1.0));
    (models, 1.0..1e7, 1.0..2e5, 0.0..2e4, shares, prop::option::of(0.0..=1.0)).prop_map(
        |(model, requests, input, output, (defer, accept, prefix), hits)| Workload {
            model: Some(model.into()),
            requests_per_day: Some(requests),
            input_tokens: Some(input),
            output_tokens: Some(output),
            deferrable_share: defer,
            weak_accept_share: accept,
            cached_prefix_tokens: prefix.map(|share: f64| share * input),
            cache_hit_rate: prefix.and(hits),
            ..Workload::default()
        },
    )
}

/// Every number of an answer.
fn numbers(result: &AnalysisResult) -> Vec<f64> {
    let metrics = result.metrics.iter().flat_map(|m| [m.value, m.low, m.high, m.baseline]);
    let options = result.options.iter().flat_map(|o| {
        [
            o.monthly_cost_usd,
            o.cost_per_request_usd,
            o.saving_usd,
            o.saving_share,
            o.monthly_cost_low_usd,
            o.monthly_cost_high_usd,
            o.quality,
            o.quality_delta,
            o.win_probability,
            o.latency_ms,
        ]
    });
    let rest = result.recommendations.iter().map(|r| r.saving_usd).chain(result.assumptions.iter().map(|a| a.value));
    let points = result.charts.iter().flat_map(|c| {
        c.series.iter().flat_map(|s| s.points.iter().flatten()).chain(c.reference.iter().flatten()).map(|v| Some(*v))
    });
    metrics.chain(options).chain(rest).chain(points).flatten().collect()
}

fn metric(result: &AnalysisResult, id: &str) -> Option<f64> {
    result.metric(id)?.value
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_workload_ends_in_an_answer_or_a_problem(json in any_json(), category in any_category()) {
        let Ok(workload) = Workload::from_json(&json) else { return Ok(()) };
        match run(category, &workload, &testing::catalog()) {
            Ok(result) => {
                prop_assert!(numbers(&result).iter().all(|n| n.is_finite()));
                let text = serde_json::to_string(&result).unwrap();
                let wrong = ["NaN", "inf ", "inf\"", "—"].iter().find_map(|word| text.find(word));
                prop_assert!(wrong.is_none(), "{:?}", wrong.and_then(|at| text.get(at.saturating_sub(200)..at)));
                prop_assert!(!result.headline.is_empty());
                for metric in &result.metrics {
                    prop_assert!(metric.value.is_some() || !result.warnings.is_empty(), "{}", metric.id);
                    prop_assert!(metric.low.zip(metric.high).is_none_or(|(low, high)| low < high));
                }
                for question in &result.questions {
                    prop_assert_eq!(question.choices.len(), question.sets.len());
                }
            }
            Err(problem) => prop_assert_eq!(problem.code, Code::UnknownModel),
        }
    }

    /// Each category once at the ends of all bounds, where numbers overflow first.
    #[test]
    fn the_ends_of_the_bounds_end_in_an_answer_or_a_problem(
        high in prop::collection::vec(any::<bool>(), FIELDS.len()),
        known in prop::collection::vec(prop::bool::weighted(0.7), FIELDS.len()),
    ) {
        let mut workload = Workload { model: Some("gpt-4o".into()), ..Workload::default() };
        for ((spec, high), _) in FIELDS.iter().zip(high).zip(known).filter(|(_, known)| *known) {
            if let Kind::Number { low, above, high: most } = spec.kind {
                let least = if above { low.max(0.0) + 1e-9 } else { low };
                workload.set(spec.name, &Json::from(if high { most } else { least })).unwrap();
            }
        }
        for category in Category::ALL {
            if let Ok(result) = run(*category, &workload, &testing::catalog()) {
                prop_assert!(numbers(&result).iter().all(|n| n.is_finite()), "{}", category);
            }
        }
    }

    /// A program may fill the record with anything; an empty catalog may be all there is.
    #[test]
    fn beyond_the_bounds_nothing_panics(
        numbers in prop::collection::vec(prop::option::of(any::<f64>()), 8),
        model in prop::option::of("[ -~]{0,20}"),
        category in any_category(),
    ) {
        let workload = Workload {
            model,
            requests_per_day: numbers[0],
            input_tokens: numbers[1],
            output_tokens: numbers[2],
            reasoning_tokens: numbers[3],
            cached_prefix_tokens: numbers[4],
            cache_hit_rate: numbers[5],
            monthly_spend_usd: numbers[6],
            quality_floor: numbers[7],
            ..Workload::default()
        };
        let mut empty = testing::catalog();
        empty.models.clear();
        empty.benchmarks.clear();
        for catalog in [testing::catalog(), empty] {
            if let Ok(result) = run(category, &workload, &catalog) {
                prop_assert!(self::numbers(&result).iter().all(|n| n.is_finite()));
            }
        }
    }

    #[test]
    fn savings_agree_with_costs(workload in usual()) {
        let result = run(Category::Cost, &workload, &testing::catalog()).unwrap();
        let now = metric(&result, "monthly_cost_usd").unwrap();
        for option in &result.options {
            let known = (option.monthly_cost_usd, option.saving_usd, option.saving_share);
            let (Some(then), Some(saved), Some(share)) = known else { continue };
            prop_assert!((now - then - saved).abs() <= 1e-9 * now.max(then), "{}", option.id);
            prop_assert!((share * now - saved).abs() <= 1e-9 * now.max(then), "{}", option.id);
            let (low, high) = (option.monthly_cost_low_usd, option.monthly_cost_high_usd);
            prop_assert!(low.is_none_or(|low| low <= then * (1.0 + 1e-12)), "{}", option.id);
            prop_assert!(high.is_none_or(|high| high >= then * (1.0 - 1e-12)), "{}", option.id);
        }
        // Today's way is always an option, so the best is never dearer and the saving never negative.
        prop_assert!(metric(&result, "best_monthly_cost_usd").unwrap() <= now * (1.0 + 1e-12));
        prop_assert!(metric(&result, "saving_share").unwrap() >= 0.0);
        // The first option is the best one.
        prop_assert_eq!(result.options[0].monthly_cost_usd, metric(&result, "best_monthly_cost_usd"));
    }

    #[test]
    fn the_waterfall_ends_where_its_steps_lead(workload in usual()) {
        let result = run(Category::Cost, &workload, &testing::catalog()).unwrap();
        let series = &result.charts[0].series;
        let moved: f64 = series[1..series.len() - 1].iter().map(|s| s.points[1][1] - s.points[0][1]).sum();
        let (today, together) = (series[0].points[1][1], series[series.len() - 1].points[1][1]);
        prop_assert!((today + moved - together).abs() <= 1e-9 * today.max(together));
        if let Some(combined) = metric(&result, "combined_monthly_cost_usd") {
            prop_assert!((combined - together).abs() <= 1e-9 * together);
        }
    }

    #[test]
    fn cost_grows_with_volume_tokens_and_price(workload in usual(), factor in 1.0..3.0) {
        let catalog = testing::catalog();
        let cost = |w: &Workload, c: &Catalog| metric(&run(Category::Cost, w, c).unwrap(), "monthly_cost_usd").unwrap();
        let base = cost(&workload, &catalog) * (1.0 - 1e-12);
        let scaled = |of: fn(&mut Workload) -> &mut Option<f64>| {
            let mut more = workload.clone();
            if let Some(value) = of(&mut more) {
                *value *= factor;
            }
            cost(&more, &catalog)
        };
        prop_assert!(scaled(|w| &mut w.requests_per_day) >= base);
        prop_assert!(scaled(|w| &mut w.input_tokens) >= base);
        prop_assert!(scaled(|w| &mut w.output_tokens) >= base);
        let mut dearer = catalog.clone();
        for rates in dearer.models.iter_mut().flat_map(|m| &mut m.prices).map(|row| &mut row.rates) {
            rates.input *= factor;
            rates.output *= factor;
        }
        prop_assert!(cost(&workload, &dearer) >= base);
    }

    #[test]
    fn latency_and_scaling_carry_every_figure_whose_inputs_are_known(json in any_json()) {
        let Ok(w) = Workload::from_json(&json) else { return Ok(()) };
        let has = |fields: &[&str]| fields.iter().all(|field| w.get(field).is_some());
        let spoken_of_gpus = w.gpu.is_some() || w.gpu_usd_per_hour.is_some() || w.tokens_per_second_per_gpu.is_some();
        let percentiles = ["latency_p50_ms", "latency_p95_ms", "latency_p99_ms"].iter().filter(|f| has(&[f])).count();
        let answer: &[&str] = &["ttft_ms", "tpot_ms", "output_tokens"];
        let load = [answer, &["requests_per_day"]].concat();
        let latency = run(Category::Latency, &w, &testing::catalog()).unwrap();
        let scaling = run(Category::Scaling, &w, &testing::catalog()).unwrap();
        for (result, id, known) in [
            (&latency, "e2e_ms", has(answer)),
            (&latency, "ttft_ms", w.ttft_ms.is_some()),
            (&latency, "tpot_ms", w.tpot_ms.is_some()),
            (&latency, "p50_ms", w.latency_p50_ms.is_some()),
            (&latency, "p95_ms", w.latency_p95_ms.is_some()),
            (&latency, "p99_ms", w.latency_p99_ms.is_some()),
            (&latency, "target_share", percentiles >= 2 && w.latency_target_ms.is_some()),
            (&latency, "queue_wait_ms", has(&load) && w.concurrency_limit.is_some()),
            (&latency, "wait_probability", has(&load) && w.concurrency_limit.is_some()),
            (&latency, "fanout_slow_share", w.parallel_calls.is_some()),
            (&scaling, "requests_per_second_mean", w.requests_per_day.is_some()),
            (&scaling, "requests_per_second_peak", w.requests_per_day.is_some()),
            (&scaling, "concurrency", has(&load)),
            (&scaling, "servers_needed", has(&load)),
            (&scaling, "rpm_utilisation", has(&["requests_per_day", "rpm_limit"])),
            (&scaling, "tpm_utilisation", has(&["requests_per_day", "tpm_limit", "input_tokens", "output_tokens"])),
            (&scaling, "months_to_limit", has(&["requests_per_day", "rpm_limit", "growth_per_month"])),
            (&scaling, "doubling_months", w.growth_per_month.is_some()),
            (&scaling, "gpus_needed", has(&["requests_per_day", "output_tokens", "tokens_per_second_per_gpu"])),
            (&scaling, "self_host_usd_per_mtok", has(&["gpu_usd_per_hour", "tokens_per_second_per_gpu"])),
        ] {
            if known {
                let found = result.metric(id);
                prop_assert!(found.is_some(), "{id}");
                // What does not exist is told by a warning.
                prop_assert!(found.is_some_and(|m| m.value.is_some()) || !result.warnings.is_empty(), "{id}");
            }
        }
        prop_assert!(spoken_of_gpus || scaling.metric("gpus_needed").is_none());
    }

    #[test]
    fn more_traffic_never_waits_less_or_needs_fewer_servers(
        requests in 1.0..1e7_f64, more in 1.0..3.0_f64, ttft in 1.0..5e3_f64, spare in 0.0..5e3_f64,
    ) {
        let at = |category, requests: f64| {
            let w = Workload {
                requests_per_day: Some(requests),
                peak_factor: Some(2.0),
                ttft_ms: Some(ttft),
                tpot_ms: Some(20.0),
                output_tokens: Some(100.0),
                concurrency_limit: Some(500.0),
                latency_target_ms: Some(ttft + 99.0 * 20.0 + spare),
                rpm_limit: Some(1e3),
                growth_per_month: Some(0.1),
                ..Workload::default()
            };
            run(category, &w, &testing::catalog()).unwrap()
        };
        let (few, many) = (at(Category::Latency, requests), at(Category::Latency, requests * more));
        let wait = |result: &AnalysisResult| metric(result, "queue_wait_ms").unwrap_or(f64::INFINITY);
        prop_assert!(wait(&many) >= wait(&few) * (1.0 - 1e-9));
        let (few, many) = (at(Category::Scaling, requests), at(Category::Scaling, requests * more));
        prop_assert!(metric(&many, "servers_needed") >= metric(&few, "servers_needed"));
        prop_assert!(metric(&many, "months_to_limit") <= metric(&few, "months_to_limit"));
    }
}
