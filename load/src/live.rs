//! Counters that are shown while a run goes on.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hdrhistogram::Histogram;

use crate::history::Micros;

/// A histogram of microseconds up to an hour, to three digits.
pub fn histogram() -> Histogram<u64> {
    match Histogram::new_with_bounds(1, 3_600_000_000, 3) {
        Ok(histogram) => histogram,
        Err(_) => unreachable!("constant bounds that the library allows"),
    }
}

macro_rules! counters {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {
        /// What all clients of a run have done and seen so far.
        #[derive(Default)]
        pub struct Live { $($(#[$meta])* pub $name: Count,)+ accept: Mutex<Option<Histogram<u64>>>, whole: Mutex<Option<Histogram<u64>>>, alerts: Mutex<Vec<String>> }

        impl Live {
            /// Every counter with its name.
            pub fn all(&self) -> Vec<(&'static str, u64)> { vec![$((stringify!($name), self.$name.get())),+] }
        }
    };
}

counters! {
    /// Messages sent, copies included.
    sent,
    /// Acceptances as new.
    accepted,
    /// Acceptances as known already.
    duplicates,
    /// Durable events.
    events,
    /// Progress frames.
    progress,
    /// Answered messages.
    completed,
    /// Messages that ended with a problem.
    failed,
    /// Messages that were cancelled.
    cancelled,
    /// Refusals that ask to come back.
    refused,
    /// Other errors.
    errors,
    /// Snapshots.
    snapshots,
    /// Connections opened.
    connects,
    /// Connections that did not come about.
    connect_failures,
    /// Connections that ended unasked.
    losses,
    /// Frames that are not of the protocol.
    malformed,
    /// Bytes of frames read.
    bytes,
}

/// What one client counts by itself until it has handled everything that was there: counters and histograms that all
/// clients share are touched once for many frames.
#[derive(Debug, Default)]
pub struct Tally {
    /// Bytes of frames read.
    pub bytes: u64,
    /// Durable events.
    pub events: u64,
    /// Progress frames.
    pub progress: u64,
    /// Acceptances as new.
    pub accepted: u64,
    /// Answered messages.
    pub completed: u64,
    /// Messages sent.
    pub sent: u64,
    /// Times from the intended send to the acceptance.
    pub accept_us: Vec<Micros>,
    /// Times from the intended send to the end.
    pub whole_us: Vec<Micros>,
}

/// A counter.
#[derive(Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds one.
    pub fn up(&self) {
        self.add(1);
    }

    /// Adds some.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }

    /// Its value.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

fn lock(slot: &Mutex<Option<Histogram<u64>>>) -> MutexGuard<'_, Option<Histogram<u64>>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Live {
    /// Adds what a client has noted, and empties it.
    pub fn gather(&self, tally: &mut Tally) {
        for (count, n) in [
            (&self.bytes, &mut tally.bytes),
            (&self.events, &mut tally.events),
            (&self.progress, &mut tally.progress),
            (&self.accepted, &mut tally.accepted),
            (&self.completed, &mut tally.completed),
            (&self.sent, &mut tally.sent),
        ] {
            let n = std::mem::take(n);
            if n > 0 {
                count.add(n);
            }
        }
        for (slot, times) in [(&self.accept, &mut tally.accept_us), (&self.whole, &mut tally.whole_us)] {
            if times.is_empty() {
                continue;
            }
            let mut slot = lock(slot);
            let histogram = slot.get_or_insert_with(histogram);
            times.drain(..).for_each(|us| histogram.saturating_record(us.max(1)));
        }
    }

    /// Notes what a person should hear at once.
    pub fn alert(&self, alert: String) {
        self.alerts.lock().unwrap_or_else(PoisonError::into_inner).push(alert);
    }

    /// What was noted from the `from`th on.
    pub fn alerts(&self, from: usize) -> Vec<String> {
        self.alerts.lock().unwrap_or_else(PoisonError::into_inner).iter().skip(from).cloned().collect()
    }

    /// Median and 99th percentile in milliseconds, of acceptances and of whole messages, so far.
    pub fn latencies_ms(&self) -> [(f64, f64); 2] {
        [&self.accept, &self.whole].map(|slot| {
            let slot = lock(slot);
            let at = |q| slot.as_ref().map_or(0.0, |h| h.value_at_quantile(q) as f64 / 1e3);
            (at(0.5), at(0.99))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_keep_three_digits() {
        let live = Live::default();
        let mut tally = Tally { whole_us: (1..=1_000).map(|ms| ms * 1_000).collect(), bytes: 7, ..Tally::default() };
        live.gather(&mut tally);
        live.gather(&mut tally);
        assert_eq!(live.bytes.get(), 7, "what was gathered is not gathered again");
        let [_, (p50, p99)] = live.latencies_ms();
        assert!((p50 - 500.0).abs() < 1.0 && (p99 - 990.0).abs() < 1.0, "{p50} {p99}");
    }
}
