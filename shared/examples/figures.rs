//! The figures of workloads, for programs that compute them in another way: one JSON object a line on stdin,
//! `{category, workload, today?, latencies_ms?, arrivals?: [[at_s, service_s]], logged?}`, and one a line on stdout,
//! `{metrics: {id: value}, ranges: {id: [low, high]}, options: {id: {…}}, front, reference, infeasible}` or `{problem}`.
//! `logged` names fields that stand for a log's. Used by `scripts/independent`.

use std::io::{BufRead, Write};

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use shared::analysis::math::replay::Arrival;
use shared::analysis::{Observed, Request, analyze_with};
use shared::catalog::Catalog;
use shared::date::Date;
use shared::message::{Category, Format};
use shared::workload::{Provenance, Provenances, Source, Workload};

#[derive(Deserialize)]
struct Line {
    category: Category,
    workload: Workload,
    today: Option<Date>,
    latencies_ms: Option<Vec<f64>>,
    #[serde(default)]
    arrivals: Vec<[f64; 2]>,
    #[serde(default)]
    logged: Vec<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let catalog: Catalog = serde_json::from_str(include_str!("../tests/catalog.json"))?;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line: Line = serde_json::from_str(&line?)?;
        writeln!(out, "{}", figures(line, &catalog))?;
    }
    Ok(())
}

fn figures(line: Line, catalog: &Catalog) -> Json {
    let log = Provenance { source: Source::Log, text: None, span: None, reference: None, as_of: None };
    let provenance: Provenances = line.logged.into_iter().map(|field| (field, log.clone())).collect();
    let request = Request {
        category: line.category,
        workload: &line.workload,
        provenance: &provenance,
        format: Format::Detailed,
        today: line.today.unwrap_or(catalog.as_of),
    };
    let arrivals = line.arrivals.into_iter().map(|[at_s, service_s]| Arrival { at_s, service_s }).collect();
    let observed = line.latencies_ms.map(|latencies| Observed::new(&latencies, arrivals, 1));
    match analyze_with(&request, catalog, observed.as_ref()) {
        Ok(result) => {
            let metrics: Map<_, _> = result.metrics.iter().map(|m| (m.id.clone(), json!(m.value))).collect();
            let spread = result.metrics.iter().filter(|m| m.low.is_some());
            let ranges: Map<_, _> = spread.map(|m| (m.id.clone(), json!([m.low, m.high]))).collect();
            let options: Map<_, _> = result.options.iter().map(|o| (o.id.clone(), json!(o))).collect();
            let front = result.charts.iter().find(|chart| chart.id == "front");
            json!({
                "metrics": metrics,
                "ranges": ranges,
                "options": options,
                "front": front.map(|chart| &chart.series[0].points),
                "reference": front.map(|chart| chart.reference),
                "infeasible": result.infeasible,
            })
        }
        Err(problem) => json!({"problem": problem.code}),
    }
}
