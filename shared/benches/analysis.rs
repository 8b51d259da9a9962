//! How long an analysis takes on the full catalog: `cargo bench -p shared`.

use std::hint::black_box;

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

/// The most classes that one workload may have, with limits of vendors and tokens.
#[divan::bench]
fn advanced_32_classes_all_limits(bencher: divan::Bencher<'_, '_>) {
    let class = |i: usize| {
        let (requests, input, output) = (1000 * (i + 1), 200 * (i + 1), 50 + 30 * (i % 7));
        format!(r#"{{"name":"{i}","requests_per_day":{requests},"input_tokens":{input},"output_tokens":{output}}}"#)
    };
    let classes: Vec<String> = (0..32).map(class).collect();
    let workload = format!(
        r#"{{"model":"gpt-4o","quality_floor":1420,"vendors_max":3,"tpm_limit":1e9,"classes":[{}]}}"#,
        classes.join(",")
    );
    run(bencher, Category::Advanced, &workload);
}
