//! Keys of words. Every word of a message is looked up in large tables: a short hash of its own is much faster there
//! than the safe one of `std`, and what is looked up is compared, so that nothing can be taken for another word.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Where the hash of a word begins.
pub(super) const START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a (Fowler, Noll and Vo), one byte at a time, so that every beginning of a word has its hash on the way.
pub(super) const fn add(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(0x0100_0000_01b3)
}

/// The key of a hash: a last step that spreads the bits, of which the table looks at the highest and lowest.
pub(super) const fn finish(hash: u64) -> u64 {
    (hash ^ hash >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The key of a name in parts, which need not be put together.
pub(super) fn key(parts: &[&str]) -> u64 {
    finish(parts.iter().flat_map(|part| part.bytes()).fold(START, add))
}

/// A key needs no second hash.
#[derive(Default)]
pub(super) struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().copied().fold(self.0, add);
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// A table by key.
pub(super) type Keyed<T> = HashMap<u64, T, BuildHasherDefault<Same>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_the_key_of_the_whole() {
        assert_eq!(key(&["^", "token", "$"]), key(&["^token$"]));
        assert_ne!(key(&["token"]), key(&["tokens"]));
    }
}
