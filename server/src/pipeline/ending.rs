//! From an outcome to the second commit: the terminal event with its short data, and the outcome itself.

use serde::Serialize;
use serde_json::json;
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

/// The data of the event `completed`.
#[derive(Serialize)]
struct Answered<'a> {
    degraded: bool,
    headline: &'a str,
    metrics: Vec<Figure<'a>>,
    result_url: &'a str,
}

#[derive(Serialize)]
struct Figure<'a> {
    id: &'a str,
    unit: &'a str,
    value: Option<f64>,
}

impl Answered<'_> {
    fn to_json(&self) -> String {
        // Nothing in it that JSON cannot say.
        serde_json::to_string(self).unwrap_or_default()
    }
}

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
            let metrics = result.metrics.iter().take(EVENT_METRICS_MAX);
            let metrics = metrics.map(|m| Figure { id: &m.id, unit: &m.unit, value: m.value }).collect();
            let result_url = format!("/api/v1/messages/{}", job.id);
            let headline = result.headline.as_str();
            let full = Answered { degraded: result.degraded, headline, metrics, result_url: &result_url };
            let text = full.to_json();
            if text.len() <= EVENT_DATA_MAX_BYTES {
                (Status::Completed, text)
            } else {
                let short: String = headline.chars().take(500).collect();
                (Status::Completed, Answered { headline: &short, metrics: Vec::new(), ..full }.to_json())
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
