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
