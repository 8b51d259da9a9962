//! From an outcome to the second commit: the terminal event with its short data, and the outcome itself.

use serde_json::{Value as Json, json};
use shared::limits::EVENT_DATA_MAX_BYTES;
use shared::message::Status;
use shared::problem::Code;

use super::Outcome;
use super::recovery::{Way, way};
use crate::flow::BUILTIN;
use crate::store::flow::AuditEntry;
use crate::store::{Finish, Job, Packed};

/// Metrics in the event of a completed message; the full result is fetched.
const EVENT_METRICS_MAX: usize = 12;

/// The line by which operators find a message that needs them.
fn escalation(job: &Job, code: Code, now_ms: u64) -> AuditEntry {
    AuditEntry {
        at_ms: now_ms,
        business: BUILTIN,
        actor: None,
        action: "message.escalated".into(),
        subject: Some(job.id),
        detail: json!({"code": code, "attempt": job.attempt}).to_string(),
    }
}

/// The second commit of `job` with this outcome, whose effects it takes.
pub fn ending(job: &Job, outcome: &mut Outcome, now_ms: u64) -> Finish {
    let mut effects = outcome.effects.take();
    if let Some(problem) = &outcome.problem
        && way(problem.code, false, false) == Way::Escalate
    {
        effects.get_or_insert_default().audit.push(escalation(job, problem.code, now_ms));
    }
    let (status, data) = match (&outcome.result, &outcome.problem) {
        (Some(result), _) => {
            let metrics: Vec<Json> = result
                .metrics
                .iter()
                .take(EVENT_METRICS_MAX)
                .map(|m| json!({"id": m.id, "value": m.value, "unit": m.unit}))
                .collect();
            let url = format!("/api/v1/messages/{}", job.id);
            let data = |headline: &str, metrics: &[Json]| {
                let degraded = result.degraded;
                json!({"headline": headline, "metrics": metrics, "degraded": degraded, "result_url": url})
            };
            let full = data(&result.headline, &metrics).to_string();
            if full.len() <= EVENT_DATA_MAX_BYTES {
                (Status::Completed, full)
            } else {
                let short: String = result.headline.chars().take(500).collect();
                (Status::Completed, data(&short, &[]).to_string())
            }
        }
        (None, problem) => (Status::Failed, json!(problem).to_string()),
    };
    Finish {
        user: job.user,
        id: job.id,
        attempt: Some(job.attempt),
        status,
        category: outcome.category,
        event: data.into(),
        outcome: Packed::of(outcome),
        effects,
        now_ms,
    }
}

#[cfg(test)]
mod tests {
    use shared::analysis::{Request, analyze};
    use shared::message::Format;

    use super::*;

    #[test]
    fn the_answers_to_all_examples_come_back_as_they_were_packed() {
        let catalog = crate::catalog::load();
        for example in shared::examples::EXAMPLES {
            let reading = shared::extract::extract(example.content);
            let request = Request {
                category: example.category,
                workload: &reading.workload,
                provenance: &reading.provenance,
                format: Format::Detailed,
                today: "2026-11-22".parse().unwrap(),
            };
            let (category, complexity) = (Some(example.category), Some(example.complexity));
            let result = Some(analyze(&request, &catalog).unwrap());
            let outcome = Outcome { category, complexity, result, problem: None, timings: Vec::new(), effects: None };
            assert_eq!(Packed::of(&outcome).open::<Outcome>().unwrap(), outcome, "{}", example.id);
        }
    }
}
