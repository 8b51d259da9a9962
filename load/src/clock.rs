//! One monotonic clock for a run, tied to the wall clock at one moment, so that a jump of the wall clock changes
//! neither a latency nor an id.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::history::Micros;

/// The clock of a run. Under `tokio`'s paused time it follows the simulation.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    zero: Instant,
    unix_ms_at_zero: u64,
}

impl Clock {
    /// A clock that starts now, at the machine's time of day.
    pub fn start() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::at(unix.as_millis() as u64)
    }

    /// A clock that starts now, at a time of day of the caller's choice.
    pub fn at(unix_ms: u64) -> Self {
        Self { zero: Instant::now(), unix_ms_at_zero: unix_ms }
    }

    /// Microseconds since the start.
    pub fn now(self) -> Micros {
        self.zero.elapsed().as_micros() as Micros
    }

    /// Milliseconds since 1970 now.
    pub fn unix_ms(self) -> u64 {
        self.unix_ms_at_zero + self.now() / 1_000
    }

    /// Milliseconds since 1970 at the start.
    pub const fn unix_ms_at_zero(self) -> u64 {
        self.unix_ms_at_zero
    }

    /// The instant `at` microseconds after the start.
    pub fn instant(self, at: Micros) -> Instant {
        self.zero + Duration::from_micros(at)
    }

    /// How far the machine's time of day has run away from this clock, in milliseconds.
    pub fn drift_ms(self) -> i64 {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (unix.as_millis() as u64).cast_signed() - self.unix_ms().cast_signed()
    }
}
