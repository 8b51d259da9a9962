//! What a workload gave, from what its lines saw.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use shared::message::MessageId;
use tokio::time::Instant;

use super::line::Seen;
use super::{Card, Workload};
use crate::live::histogram;
use crate::stats::{Quantiles, quantiles};

/// What one workload gave. What cannot be measured is `None`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Messages sent; in W5 sockets.
    pub messages: u64,
    /// Messages accepted a second.
    pub accepted_per_s: f64,
    /// Messages done a second.
    pub done_per_s: f64,
    /// From the intended send to the acceptance, in milliseconds.
    pub accept: Quantiles,
    /// From the intended send to the end, in milliseconds.
    pub done: Quantiles,
    /// Answers that a message must come again, and calls that were lost.
    #[serde(default)]
    pub refused: u64,
    /// Messages whose end never came.
    pub missing: u64,
    /// Messages that were accepted as new more than once: a copy that was not known, or an acceptance forgotten.
    pub forgotten: u64,
    /// Ends that were told beyond one a message.
    pub doubled: u64,
    /// Messages that ended before an earlier one of their conversation.
    pub disordered: Option<u64>,
    /// Growth of the server's resident memory in bytes; in W5 for each socket.
    pub memory_bytes: Option<f64>,
    /// Microseconds of the server's processor time for each message; in W5 for each socket and second.
    pub cpu_us: Option<f64>,
}

/// Everything about one peer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// What a reader must know.
    pub card: Card,
    /// The figures of each workload, or why there are none.
    pub workloads: Vec<(Workload, Result<Figures, String>)>,
}

impl Outcome {
    /// Of a peer that has done nothing yet.
    pub const fn of(card: Card) -> Self {
        Self { card, workloads: Vec::new() }
    }

    /// Whether nothing was lost, doubled, forgotten or out of order, where it could be measured.
    pub fn is_sound(&self) -> bool {
        let sound =
            |f: &Figures| f.missing == 0 && f.forgotten == 0 && f.doubled == 0 && f.disordered.unwrap_or(0) == 0;
        self.workloads.iter().all(|(_, figures)| figures.as_ref().is_ok_and(sound))
    }
}

/// The figures of lines that began at `start`.
pub(super) fn figures(seen: &[Seen], start: Instant, shows_order: bool) -> Figures {
    let mut figures = Figures { disordered: shows_order.then_some(0), ..Figures::default() };
    let (mut accept, mut done) = (histogram(), histogram());
    let (mut accepted_last, mut done_last) = (start, start);
    let (mut accepted, mut ended) = (0_u64, 0_u64);
    for seen in seen {
        figures.messages += seen.sent.len() as u64;
        figures.refused += seen.refusals;
        for (id, _, sent) in &seen.sent {
            let took = |at: &Instant| (at.saturating_duration_since(*sent).as_micros() as u64).max(1);
            if let Some(at) = seen.accepted.get(id) {
                accepted += 1;
                accepted_last = accepted_last.max(*at);
                accept.saturating_record(took(at));
            }
            if let Some(at) = seen.ended.get(id) {
                ended += 1;
                done_last = done_last.max(*at);
                done.saturating_record(took(at));
            } else {
                figures.missing += 1;
            }
        }
        figures.forgotten += seen.as_new.values().map(|times| u64::from(times.saturating_sub(1))).sum::<u64>();
        let told: HashSet<_> = seen.ends.iter().collect();
        figures.doubled += (seen.ends.len() - told.len()) as u64;
        figures.disordered = figures.disordered.map(|count| count + disordered(seen));
    }
    let span = |to: Instant| to.saturating_duration_since(start).as_secs_f64().max(1e-6);
    figures.accepted_per_s = accepted as f64 / span(accepted_last);
    figures.done_per_s = ended as f64 / span(done_last);
    (figures.accept, figures.done) = (quantiles(&accept), quantiles(&done));
    figures
}

/// Ends that were told before the end of an earlier message of the same conversation.
fn disordered(seen: &Seen) -> u64 {
    let places: HashMap<MessageId, _> =
        seen.sent.iter().enumerate().map(|(place, (id, conversation, _))| (*id, (place, *conversation))).collect();
    let mut newest = HashMap::new();
    let mut told = HashSet::new();
    let mut count = 0;
    for id in seen.ends.iter().filter(|id| told.insert(**id)) {
        let Some((place, conversation)) = places.get(id).filter(|(_, room)| !seen.refused.contains(room)) else {
            continue;
        };
        let before = newest.entry(*conversation).or_insert(*place);
        if place < before {
            count += 1;
        } else {
            *before = *place;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use uuid::Uuid;

    fn seen(ends: &[u128]) -> (Seen, Instant) {
        let start = Instant::now();
        let mut seen = Seen::default();
        for n in 1..=4_u128 {
            let id = Uuid::from_u128(n);
            seen.sent.push((id, Uuid::from_u128(100 + n % 2), start));
            seen.accepted.insert(id, start + Duration::from_millis(10));
            seen.as_new.insert(id, 1);
        }
        for n in ends {
            let id = Uuid::from_u128(*n);
            seen.ended.entry(id).or_insert(start + Duration::from_millis(100));
            seen.ends.push(id);
        }
        (seen, start)
    }

    #[test]
    fn a_good_run_has_rates_and_no_faults() {
        // Two conversations may overtake each other.
        let (seen, start) = seen(&[2, 4, 1, 3]);
        let f = figures(&[seen], start, true);
        assert_eq!((f.messages, f.missing, f.forgotten, f.doubled, f.disordered), (4, 0, 0, 0, Some(0)));
        assert!((f.done_per_s - 40.0).abs() < 0.1 && (f.accepted_per_s - 400.0).abs() < 1.0, "{f:?}");
        assert!((f.done.p50 - 100.0).abs() < 0.2 && (f.accept.p99 - 10.0).abs() < 0.1, "{f:?}");
    }

    #[test]
    fn each_fault_is_counted() {
        let (mut all, start) = seen(&[3, 1, 2, 2]);
        all.as_new.insert(Uuid::from_u128(1), 3);
        let f = figures(&[all], start, true);
        assert_eq!((f.missing, f.forgotten, f.doubled, f.disordered), (1, 2, 1, Some(1)));
    }

    #[test]
    fn order_is_not_judged_where_it_cannot_be_seen_or_a_refusal_changed_it() {
        let (all, start) = seen(&[3, 1, 2, 4]);
        assert_eq!(figures(&[all], start, false).disordered, None);
        let (mut all, start) = seen(&[3, 1, 2, 4]);
        all.refused.insert(Uuid::from_u128(101));
        assert_eq!(figures(&[all], start, true).disordered, Some(0));
    }
}
