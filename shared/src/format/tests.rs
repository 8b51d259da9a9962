use super::*;
use crate::analysis::{Request, analyze};
use crate::catalog::testing;
use crate::message::{Category, Format};
use crate::result::{AnalysisResult, Warning};
use crate::workload::{Provenances, Workload};
use serde_json::json;

fn answer(category: Category) -> AnalysisResult {
    let workload = Workload::from_json(&json!({"model": "gpt-4o", "requests_per_day": 200_000, "input_tokens": 1_200,
        "output_tokens": 300, "ttft_ms": 400, "tpot_ms": 12, "concurrency_limit": 60}))
    .unwrap();
    let request = Request {
        category,
        workload: &workload,
        provenance: &Provenances::new(),
        format: Format::Detailed,
        today: "2026-11-22".parse().unwrap(),
    };
    analyze(&request, &testing::catalog()).unwrap()
}

const NASTY: &str = "=cmd|'/c calc'!A1 <script>alert(1)</script> [x](javascript:alert(1)) | `code`\n# head";

fn report(result: &AnalysisResult, mode: Format) -> Report {
    Report::of(&Subject { question: NASTY, asked_at: "2026-11-22T00:00:00Z", result }, mode, Depth::Full)
}

fn headings(report: &Report) -> Vec<&str> {
    let mut found = Vec::new();
    for block in &report.blocks {
        if let Block::Heading(text) = block {
            found.push(text.as_str());
        }
    }
    found
}

#[test]
fn each_mode_tells_what_its_reader_needs() {
    let result = answer(Category::Cost);
    let of = |mode| headings(&report(&result, mode)).iter().map(ToString::to_string).collect::<Vec<_>>();
    let (detailed, summary) = (of(Format::Detailed), of(Format::Summary));
    let (business, technical) = (of(Format::Business), of(Format::Technical));
    assert!(business.contains(&"Savings and return".into()) && business.contains(&"Roadmap".into()));
    assert!(!business.contains(&"How the figures are computed".into()));
    for section in ["How the figures are computed", "Inputs", "Sources"] {
        assert!(technical.contains(&section.into()), "{section}: {technical:?}");
    }
    assert!(!technical.contains(&"Roadmap".into()));
    assert!(
        summary.len() < detailed.len() && detailed.contains(&"Roadmap".into()) && detailed.contains(&"Inputs".into())
    );
    let rows = |mode| markdown(&report(&result, mode)).lines().count();
    assert!(rows(Format::Summary) * 2 < rows(Format::Detailed));
}

#[test]
fn the_business_figures_follow_from_the_saving() {
    // $36,000 at list price (7.1 of the published example); GPT-5 nano is the cheapest at today's quality.
    let result = answer(Category::Cost);
    let best = result.metric("best_monthly_cost_usd").unwrap().value.unwrap();
    let text = markdown(&report(&result, Format::Business));
    for amount in [36_000.0, best, 36_000.0 - best, (36_000.0 - best) * 12.0, (36_000.0 - best) * 7.0 / 30.0] {
        assert!(text.contains(&usd(amount)), "{}: {text}", usd(amount));
    }
}

#[test]
fn what_people_write_stays_text_in_every_format() {
    for category in Category::BUILT {
        let mut result = answer(*category);
        result.headline = NASTY.into();
        result.warnings.push(Warning { code: "nasty".into(), text: NASTY.into() });
        if let Some(option) = result.options.first_mut() {
            option.title = NASTY.into();
        }
        for chart in &mut result.charts {
            chart.title = NASTY.into();
        }
        for mode in Format::ALL {
            let report = report(&result, *mode);
            let page = html(&report, "", &|_| String::new());
            assert!(!page.contains("<script") && !page.contains("javascript:alert(1))</a>"), "{category} {mode}");
            assert_eq!(page.matches("<main>").count(), 1);
            let text = markdown(&report);
            assert!(
                !text.contains("<script") && !text.contains("[x](") && !text.contains("\n# head"),
                "{category} {mode}"
            );
            for row in csv(&result, *mode).split("\r\n") {
                assert!(!row.contains(",=cmd") && !row.contains(",\"=cmd"), "{row}");
            }
        }
    }
}

#[test]
fn a_guest_reads_the_first_options_and_is_told_so() {
    let result = answer(Category::Cost);
    let subject = Subject { question: "q", asked_at: "", result: &result };
    let rows = |depth| {
        let report = Report::of(&subject, Format::Detailed, depth);
        markdown(&report)
    };
    let (short, full) = (rows(Depth::of_tier("guest")), rows(Depth::of_tier("registered")));
    assert!(short.contains("20 of ") && !full.contains(" options; the CSV") && short.len() < full.len());
    assert_eq!(csv(&result, Format::Detailed).matches("\r\noption,").count(), result.options.len());
}

#[test]
fn csv_is_a_table_that_reads_back() {
    for category in Category::BUILT {
        let result = answer(*category);
        let table = csv(&result, Format::Detailed);
        // Commas outside of quotes.
        let cells = |row: &str| row.split('"').step_by(2).map(|part| part.matches(',').count()).sum::<usize>() + 1;
        for row in table.trim_end().split("\r\n") {
            assert_eq!(cells(row), 19, "{row}");
        }
        for metric in &result.metrics {
            assert!(table.contains(&format!("\r\nmetric,{},", metric.id)), "{}", metric.id);
        }
    }
}
