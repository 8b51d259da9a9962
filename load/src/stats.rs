//! Figures from a history: how long messages took, how many passed at a time. Latency counts from the intended send.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use shared::message::MessageId;
use shared::protocol::EventKind;

use crate::history::{History, Micros, What, is_terminal};
use crate::live::histogram;
use crate::quick::QuickMap;

/// How one message went, seen from its sender.
#[derive(Clone, Copy, Debug)]
struct Trip {
    intended: Micros,
    accepted: Option<Micros>,
    ended: Option<Micros>,
    failed: bool,
}

/// Quantiles of a histogram in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Samples.
    pub count: u64,
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
    /// 99.9th percentile.
    pub p999: f64,
    /// Largest.
    pub max: f64,
    /// Mean.
    pub mean: f64,
}

/// What happened within one stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Window {
    /// Its beginning, in seconds since the run began.
    pub start_s: f64,
    /// Its length in seconds.
    pub length_s: f64,
    /// Messages that were to be sent in it.
    pub sent: u64,
    /// Messages that ended in it.
    pub ended: u64,
    /// Median in milliseconds of the messages that ended in it.
    pub p50_ms: f64,
    /// 99th percentile of these.
    pub p99_ms: f64,
}

/// The figures of a run.
#[derive(Clone, Debug)]
pub struct Stats {
    /// From the intended send to the acceptance.
    pub accept: Histogram<u64>,
    /// From the intended send to the end.
    pub whole: Histogram<u64>,
    /// Distinct messages.
    pub messages: u64,
    /// Distinct messages that were accepted.
    pub accepted: u64,
    /// Distinct messages that ended.
    pub ended: u64,
    /// Those of them that failed.
    pub failed: u64,
    /// Messages that were to be sent and never were.
    pub unsent: u64,
    /// Sends, copies included.
    pub sends: u64,
    /// Answers that called a send a duplicate.
    pub duplicates: u64,
    /// Refusals that asked to come back.
    pub refusals: u64,
    /// Connections that ended unasked.
    pub losses: u64,
    /// Size of progress frames in bytes.
    pub progress_bytes: Histogram<u64>,
    /// Seconds from the first intended send to the last acceptance.
    pub accept_span_s: f64,
    /// Seconds from the first intended send to the last end.
    pub span_s: f64,
    /// The course of the run.
    pub windows: Vec<Window>,
}

/// Windows that a run is cut into, if it is long enough.
const WINDOWS: u64 = 40;
/// The shortest window.
const WINDOW_MIN: Micros = 50_000;

impl Stats {
    /// The figures of a history.
    pub fn of(history: &History) -> Self {
        let mut stats = Self {
            accept: histogram(),
            whole: histogram(),
            messages: 0,
            accepted: 0,
            ended: 0,
            failed: 0,
            unsent: history.clients.iter().map(|client| client.unsent).sum(),
            sends: 0,
            duplicates: 0,
            refusals: 0,
            losses: 0,
            progress_bytes: histogram(),
            accept_span_s: 0.0,
            span_s: 0.0,
            windows: Vec::new(),
        };
        let trips = stats.trips(history);
        stats.messages = trips.len() as u64;
        let took = |from: Micros, to: Micros| to.saturating_sub(from).max(1);
        for trip in &trips {
            if let Some(accepted) = trip.accepted {
                stats.accepted += 1;
                stats.accept.saturating_record(took(trip.intended, accepted));
            }
            stats.failed += u64::from(trip.failed);
            if let Some(ended) = trip.ended {
                stats.ended += 1;
                stats.whole.saturating_record(took(trip.intended, ended));
            }
        }
        let first = trips.iter().map(|t| t.intended).min().unwrap_or(0);
        let last = |of: fn(&Trip) -> Option<Micros>| trips.iter().filter_map(of).max().unwrap_or(first);
        let (accepted, ended) = (last(|t| t.accepted), last(|t| t.ended));
        stats.accept_span_s = accepted.saturating_sub(first) as f64 / 1e6;
        stats.span_s = ended.saturating_sub(first) as f64 / 1e6;
        stats.windows = windows(&trips, first, ended.max(accepted));
        stats
    }

    fn trips(&mut self, history: &History) -> Vec<Trip> {
        // A message is its first sender's; a copy by another client has no time of its own.
        let mut first: QuickMap<MessageId, (Micros, usize)> = QuickMap::default();
        for (client, _, record) in history.records() {
            if let What::Send(sent) = &record.what {
                let known = first.entry(sent.id).or_insert((record.at, client));
                *known = (*known).min((record.at, client));
            }
        }
        let mut all = Vec::new();
        for (place, client) in history.clients.iter().enumerate() {
            let mut trips: QuickMap<MessageId, Trip> = QuickMap::default();
            for record in &client.records {
                match &record.what {
                    What::Send(sent) => {
                        self.sends += 1;
                        if first.get(&sent.id).is_some_and(|(_, sender)| *sender == place) {
                            let trip = Trip { intended: sent.intended, accepted: None, ended: None, failed: false };
                            trips.entry(sent.id).or_insert(trip);
                        }
                    }
                    What::Accepted(a) => {
                        self.duplicates += u64::from(a.duplicate);
                        if let Some(trip) = trips.get_mut(&a.id) {
                            trip.accepted.get_or_insert(record.at);
                        }
                    }
                    What::Event(e) if is_terminal(e.kind) => {
                        if let Some(trip) = trips.get_mut(&e.id) {
                            trip.ended.get_or_insert(record.at);
                            trip.failed |= e.kind == EventKind::Failed;
                        }
                    }
                    What::Progress(p) => self.progress_bytes.saturating_record(u64::from(p.bytes)),
                    What::Error(e) => self.refusals += u64::from(e.retryable),
                    What::Closed(how) => self.losses += u64::from(*how != crate::history::Closed::ByClient),
                    _ => {}
                }
            }
            all.extend(trips.into_values());
        }
        all
    }

    /// Messages that ended a second.
    pub fn per_second(&self) -> f64 {
        self.ended as f64 / self.span_s.max(1e-6)
    }

    /// Messages that were accepted a second.
    pub fn accepted_per_second(&self) -> f64 {
        self.accepted as f64 / self.accept_span_s.max(1e-6)
    }
}

/// Quantiles of a histogram of microseconds, in milliseconds.
pub fn quantiles(histogram: &Histogram<u64>) -> Quantiles {
    let at = |q| histogram.value_at_quantile(q) as f64 / 1e3;
    Quantiles {
        count: histogram.len(),
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p999: at(0.999),
        max: histogram.max() as f64 / 1e3,
        mean: histogram.mean() / 1e3,
    }
}

fn windows(trips: &[Trip], first: Micros, last: Micros) -> Vec<Window> {
    let span = last.saturating_sub(first).max(1);
    let length = span.div_ceil(WINDOWS).max(WINDOW_MIN);
    let count = span.div_ceil(length) as usize;
    let place = |at: Micros| ((at.saturating_sub(first) / length) as usize).min(count - 1);
    let mut all: Vec<(u64, Vec<Micros>)> = vec![(0, Vec::new()); count];
    for trip in trips {
        all[place(trip.intended)].0 += 1;
        if let Some(ended) = trip.ended {
            all[place(ended)].1.push(ended.saturating_sub(trip.intended));
        }
    }
    let window = |(n, (sent, mut took)): (usize, (u64, Vec<Micros>))| {
        took.sort_unstable();
        let at = |q: f64| {
            let place = ((took.len() as f64 * q).ceil() as usize).clamp(1, took.len().max(1)) - 1;
            took.get(place).map_or(0.0, |us| *us as f64 / 1e3)
        };
        Window {
            start_s: (first + n as u64 * length) as f64 / 1e6,
            length_s: length as f64 / 1e6,
            sent,
            ended: took.len() as u64,
            p50_ms: at(0.5),
            p99_ms: at(0.99),
        }
    };
    all.into_iter().enumerate().map(window).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{AcceptedSeen, ClientHistory, Record, Sent};
    use shared::message::{Priority, Status};
    use uuid::Uuid;

    fn history(trips: &[(Micros, Micros, Micros)]) -> History {
        let mut client = ClientHistory::default();
        for (n, (intended, sent, accepted)) in trips.iter().enumerate() {
            let id = Uuid::from_u128(n as u128);
            let (conversation, body, priority) = (Some(id), 0, Priority::Normal);
            let sent_what = What::Send(Sent { intended: *intended, id, conversation, body, priority });
            client.records.push(Record { at: *sent, connection: 0, what: sent_what });
            let seen = AcceptedSeen { id, conversation: id, sequence: 1, status: Status::Queued, duplicate: false };
            client.records.push(Record { at: *accepted, connection: 0, what: What::Accepted(seen) });
        }
        History { clients: vec![client], ..History::default() }
    }

    /// A sender that is stalled for a second must not hide that second.
    #[test]
    fn latency_counts_from_the_intended_send() {
        let stats = Stats::of(&history(&[(0, 1_000_000, 1_001_000), (10, 1_000_001, 1_001_000)]));
        let q = quantiles(&stats.accept);
        assert!((q.p50 - 1_001.0).abs() < 1.5, "{q:?}");
        assert_eq!((stats.messages, stats.accepted, stats.ended), (2, 2, 0));
    }

    #[test]
    fn windows_hold_every_message() {
        let trips: Vec<_> = (0..1_000).map(|n| (n * 1_000, n * 1_000, n * 1_000 + 500)).collect();
        let stats = Stats::of(&history(&trips));
        assert_eq!(stats.windows.iter().map(|w| w.sent).sum::<u64>(), 1_000);
        assert!((stats.accepted_per_second() - 1_000.0).abs() < 2.0);
    }
}
