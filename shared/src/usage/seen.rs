//! How often things come again, in bounded memory: of very many different things a random part is followed, and their
//! number is scaled up (Wegman's adaptive sampling; Flajolet, *On adaptive sampling*, Computing 43, 1990).

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// Different things that are followed at most: the number of different things is then right to about 1 %.
const FOLLOWED_MAX: usize = 1 << 15;

/// A counter of repeats.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    all: u64,
    followed: HashSet<u64, BuildHasherDefault<AsIs>>,
    /// Things whose mixed id has one of these bits are not followed.
    mask: u64,
}

impl Seen {
    /// Counts one appearance of the thing with this id.
    pub(super) fn add(&mut self, id: u64) {
        self.all += 1;
        let key = mix(id);
        if key & self.mask != 0 || !self.followed.insert(key) {
            return;
        }
        if self.followed.len() > FOLLOWED_MAX {
            self.mask = self.mask * 2 + 1;
            let mask = self.mask;
            self.followed.retain(|key| key & mask == 0);
        }
    }

    /// The share of appearances that were not the first of their thing; `None` if nothing appeared.
    pub(super) fn repeated_share(&self) -> Option<f64> {
        (self.all > 0).then(|| (1.0 - self.distinct() as f64 / self.all as f64).max(0.0))
    }

    /// About how many different things appeared; exact up to 32,768.
    pub(super) fn distinct(&self) -> u64 {
        self.followed.len() as u64 * (self.mask + 1)
    }
}

/// A number whose every bit depends on every bit of `x` (the finaliser of `SplitMix64`).
pub(super) fn mix(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The keys are mixed already. An adversary who makes them collide slows the reading of his own log only.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = mix(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        // The low bits of followed keys are zero.
        self.0 = key.rotate_left(32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_exact_while_few_and_close_when_many() {
        let mut seen = Seen::default();
        assert_eq!(seen.repeated_share(), None);
        for id in [1, 2, 1, 3, 1] {
            seen.add(id);
        }
        assert_eq!((seen.repeated_share(), seen.distinct()), (Some(1.0 - 3.0 / 5.0), 3));
        let mut many = Seen::default();
        for id in 0..1_000_000_u64 {
            many.add(id);
            many.add(id / 2);
        }
        // Every id below 500,000 appears three times, the others once: half of the appearances are repeats.
        assert!((many.repeated_share().unwrap() - 0.5).abs() < 0.01, "{:?}", many.repeated_share());
        assert!((many.distinct() as f64 / 1e6 - 1.0).abs() < 0.02, "{}", many.distinct());
        assert!(many.followed.len() <= FOLLOWED_MAX);
    }
}
