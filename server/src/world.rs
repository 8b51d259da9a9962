//! Time and randomness, passed in so that a test can hold them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rand::rngs::SysRng;
use rand::{Rng, SeedableRng, TryRng, rngs::StdRng};
use shared::message::id_at;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// Where the time of day and random bytes come from.
pub trait Source: Send + Sync + 'static {
    /// Milliseconds since 1970.
    fn unix_ms(&self) -> u64;
    /// Fills `bytes` with randomness that nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}

/// A shared [`Source`].
#[derive(Clone)]
pub struct World(Arc<dyn Source>);

impl World {
    /// The machine's own clock and randomness.
    pub fn real() -> Self {
        Self(Arc::new(Machine))
    }

    /// A world that a test holds.
    pub fn of(source: Arc<dyn Source>) -> Self {
        Self(source)
    }

    /// Milliseconds since 1970.
    pub fn unix_ms(&self) -> u64 {
        self.0.unix_ms()
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }

    /// A new id, version 7.
    pub fn new_id(&self) -> Uuid {
        id_at(self.unix_ms(), self.random())
    }

    /// A random whole number below `bound` (above zero), for jitter.
    pub fn below(&self, bound: u64) -> u64 {
        u64::from_le_bytes(self.random()) % bound.max(1)
    }
}

struct Machine;

impl Source for Machine {
    fn unix_ms(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64)
    }

    fn fill(&self, bytes: &mut [u8]) {
        // A machine without randomness must not hand out tokens that can be guessed.
        SysRng.try_fill_bytes(bytes).expect("the operating system gives randomness");
    }
}

/// A world whose clock moves only when told and whose randomness repeats, for tests and simulations.
pub struct Held {
    now_ms: AtomicU64,
    random: std::sync::Mutex<StdRng>,
}

impl Held {
    /// A held world at `now_ms`, with the randomness of `seed`.
    pub fn new(now_ms: u64, seed: u64) -> Arc<Self> {
        Arc::new(Self { now_ms: AtomicU64::new(now_ms), random: std::sync::Mutex::new(StdRng::seed_from_u64(seed)) })
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.now_ms.fetch_add(by.as_millis() as u64, Ordering::SeqCst);
    }
}

impl Source for Held {
    fn unix_ms(&self) -> u64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.random.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(bytes);
    }
}

/// An instant as people and programs read it: RFC 3339 in UTC with milliseconds.
pub fn rfc3339(unix_ms: u64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(unix_ms) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// Lower-case hexadecimal digits of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)] as char, DIGITS[usize::from(b & 15)] as char]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_in_utc() {
        assert_eq!(rfc3339(1_795_305_600_123), "2026-11-22T00:00:00.123Z");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn a_held_world_repeats() {
        let (a, b) = (World::of(Held::new(5, 1)), World::of(Held::new(5, 1)));
        assert_eq!((a.new_id(), a.new_id()), (b.new_id(), b.new_id()));
        assert_ne!(World::real().new_id(), World::real().new_id());
    }

    #[test]
    fn hex_has_two_digits_a_byte() {
        assert_eq!(hex(&[0, 15, 255]), "000fff");
    }
}
