//! How long an analysis takes on the full catalog: `cargo bench -p shared`.

use std::hint::black_box;

use shared::analysis::math::queueing::Goal;
use shared::analysis::math::random::Random;
use shared::analysis::math::replay::Arrival;
use shared::analysis::math::{hedging, percentiles, queueing, replay};
use shared::analysis::{Request, analyze};
use shared::catalog::Catalog;
use shared::message::{Category, Format};
use shared::workload::{Provenances, Workload};

fn main() {
    divan::main();
}

fn catalog() -> Catalog {
    serde_json::from_str(include_str!("../tests/catalog.json")).expect("tests/catalog.json is a catalog")
}

fn run(bencher: divan::Bencher<'_, '_>, category: Category, workload: &str) {
    let catalog = catalog();
    let workload: Workload = serde_json::from_str(workload).expect("a workload");
    let today = "2026-11-22".parse().expect("a date");
    let provenance = Provenances::new();
    bencher.bench(|| {
        let request = Request {
            category,
            workload: black_box(&workload),
            provenance: &provenance,
            format: Format::Detailed,
            today,
        };
        analyze(&request, black_box(&catalog)).expect("an answer")
    });
}

/// The headline example: a bill that does not add up, every model of the catalog.
#[divan::bench]
fn cost_of_the_headline_example(bencher: divan::Bencher<'_, '_>) {
    run(
        bencher,
        Category::Cost,
        r#"{"model":"gpt-4o","requests_per_day":200000,"input_tokens":1200,"output_tokens":300,"monthly_spend_usd":12000}"#,
    );
}

/// Every lever at once, under a budget.
#[divan::bench]
fn cost_with_all_levers(bencher: divan::Bencher<'_, '_>) {
    run(
        bencher,
        Category::Cost,
        r#"{"model":"claude-opus-4-8","requests_per_day":200000,"input_tokens":5000,"output_tokens":800,
            "cached_prefix_tokens":3000,"deferrable_share":0.5,"weak_accept_share":0.3,"task":"coding",
            "monthly_spend_usd":270000,"budget_usd_per_month":120000}"#,
    );
}

/// All measured models, ranked.
#[divan::bench]
fn selection(bencher: divan::Bencher<'_, '_>) {
    run(
        bencher,
        Category::Selection,
        r#"{"model":"gpt-4o","requests_per_day":200000,"input_tokens":1200,"output_tokens":300,"task":"chat"}"#,
    );
}

/// Two classes, a front of about thirty plans, the plan and its shadow price.
#[divan::bench]
fn advanced_two_classes(bencher: divan::Bencher<'_, '_>) {
    run(
        bencher,
        Category::Advanced,
        r#"{"model":"gpt-4o","quality_floor":1400,"classes":[
            {"name":"faq","requests_per_day":150000,"input_tokens":1000,"output_tokens":200},
            {"name":"complaints","requests_per_day":50000,"input_tokens":3000,"output_tokens":600}]}"#,
    );
}

/// The same with at most two vendors, which makes it an integer program.
#[divan::bench]
fn advanced_two_classes_two_vendors(bencher: divan::Bencher<'_, '_>) {
    run(
        bencher,
        Category::Advanced,
        r#"{"model":"gpt-4o","quality_floor":1400,"vendors_max":2,"classes":[
            {"name":"faq","requests_per_day":150000,"input_tokens":1000,"output_tokens":200},
            {"name":"complaints","requests_per_day":50000,"input_tokens":3000,"output_tokens":600}]}"#,
    );
}

/// The most classes that one workload may have, with `limits`.
fn many_classes(limits: &str) -> String {
    let class = |i: usize| {
        let (requests, input, output) = (1000 * (i + 1), 200 * (i + 1), 50 + 30 * (i % 7));
        format!(r#"{{"name":"{i}","requests_per_day":{requests},"input_tokens":{input},"output_tokens":{output}}}"#)
    };
    let classes: Vec<String> = (0..32).map(class).collect();
    format!(r#"{{"model":"gpt-4o","quality_floor":1420,{limits},"classes":[{}]}}"#, classes.join(","))
}

/// Limits of vendors and tokens; no model is full.
#[divan::bench]
fn advanced_32_classes_all_limits(bencher: divan::Bencher<'_, '_>) {
    run(bencher, Category::Advanced, &many_classes(r#""vendors_max":3,"tpm_limit":1e9"#));
}

/// The peak is 2.5 million tokens a minute, so two models are full: a linear program for each plan.
#[divan::bench]
fn advanced_32_classes_full_models(bencher: divan::Bencher<'_, '_>) {
    run(bencher, Category::Advanced, &many_classes(r#""tpm_limit":1e6"#));
}

/// The same on three vendors at most: an integer program for each plan.
#[divan::bench]
fn advanced_32_classes_full_models_three_vendors(bencher: divan::Bencher<'_, '_>) {
    run(bencher, Category::Advanced, &many_classes(r#""vendors_max":3,"tpm_limit":1e6"#));
}

/// Four calls in a row, two percentiles, a target and a limited number of places: every what-if.
#[divan::bench]
fn latency_with_every_what_if(bencher: divan::Bencher<'_, '_>) {
    run(
        bencher,
        Category::Latency,
        r#"{"model":"claude-sonnet-4-5","requests_per_day":5000,"input_tokens":3000,"output_tokens":250,
            "cached_prefix_tokens":2000,"ttft_ms":900,"tpot_ms":18,"latency_p50_ms":20000,"latency_p95_ms":38000,
            "latency_target_ms":15000,"sequential_calls":4,"parallel_calls":8,"concurrency_limit":6,"gpu":"H100"}"#,
    );
}

/// Limits, growth, servers, own GPUs and a year of prices.
#[divan::bench]
fn scaling_with_own_gpus_and_limits(bencher: divan::Bencher<'_, '_>) {
    run(
        bencher,
        Category::Scaling,
        r#"{"model":"gemini-3.8-flash","requests_per_day":600000,"input_tokens":800,"output_tokens":400,
            "peak_factor":3,"growth_per_month":0.08,"gpu":"H100","gpu_usd_per_hour":2.49,
            "tokens_per_second_per_gpu":3800,"gpu_utilisation":0.5,"ttft_ms":300,"tpot_ms":15,
            "latency_target_ms":8000,"rpm_limit":2000,"tpm_limit":3000000,"concurrency_limit":100}"#,
    );
}

/// The fewest servers for loads of a hundred to a million requests at a time.
#[divan::bench(args = [1e2, 1e4, 1e6, 1e8])]
fn fewest_servers(bencher: divan::Bencher<'_, '_>, load: f64) {
    let goal = Goal { late_share: 0.05, within: 0.0 };
    bencher.bench(|| queueing::fewest_servers(black_box(load), black_box(goal)));
}

/// Percentile intervals of a log of a million rows: the rows do not matter, only the resamples.
#[divan::bench]
fn bootstrap_interval_of_a_million_rows(bencher: divan::Bencher<'_, '_>) {
    let rows: Vec<f64> = (0..1_000_000).map(f64::from).collect();
    bencher.bench(|| percentiles::bootstrap(black_box(&rows), 0.99, 1_000, 7));
}

/// Hedging of all pairs of a million rows over a grid of eight delays.
#[divan::bench]
fn hedging_grid_of_a_million_rows(bencher: divan::Bencher<'_, '_>) {
    let rows: Vec<f64> = (1..=1_000_000).map(|i| 1e9 / f64::from(i)).rev().collect();
    let shares = [0.5, 0.75, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995];
    bencher.bench(|| hedging::hedge_grid(black_box(&rows), &shares));
}

/// A hundred thousand requests, first come, first served, at 64 servers.
#[divan::bench]
fn replay_of_100_000_requests(bencher: divan::Bencher<'_, '_>) {
    let mut random = Random::new(7);
    let mut now = 0.0;
    let requests: Vec<Arrival> = (0..100_000)
        .map(|_| {
            now -= random.unit().ln();
            Arrival { at_s: now, service_s: -60.0 * random.unit().ln() }
        })
        .collect();
    bencher.bench(|| replay::waits(black_box(&requests), 64));
}
