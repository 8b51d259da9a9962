//! From an outcome to the second commit: the terminal event with its short data, and the outcome itself.

use serde_json::{Value as Json, json};
use shared::limits::EVENT_DATA_MAX_BYTES;
use shared::message::Status;

use super::Outcome;
use crate::store::{Finish, Job, Packed};

/// Metrics in the event of a completed message; the full result is fetched.
const EVENT_METRICS_MAX: usize = 12;

/// The room that most outcomes need as JSON.
const OUTCOME_BYTES: usize = 48 * 1024;

fn text(outcome: &Outcome) -> String {
    let mut bytes = Vec::with_capacity(OUTCOME_BYTES);
    // An outcome holds nothing that JSON cannot say.
    let _ = serde_json::to_writer(&mut bytes, outcome);
    String::from_utf8(bytes).unwrap_or_default()
}

/// The second commit of `job` with this outcome.
pub fn ending(job: &Job, outcome: &Outcome, now_ms: u64) -> Finish {
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
        // Straight to text: a result has hundreds of fields, and a tree of them would cost more than the analysis.
        outcome: Packed::of(&text(outcome)),
        effects: None,
        now_ms,
    }
}
