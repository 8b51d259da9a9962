//! A quick hash for ids and fingerprints: millions are looked up in a run, and nobody attacks a test of one's own.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// A map by ids.
pub type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;
/// A set of ids.
pub type QuickSet<K> = HashSet<K, BuildHasherDefault<Quick>>;

/// A hasher with fixed keys, so that fingerprints agree between clients and runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quick(u64);

impl Quick {
    /// One round of `SplitMix64`'s output function (see [`crate::rng`]), which changes every bit with every bit.
    const fn mix(&mut self, word: u64) {
        let z = (self.0.rotate_left(23) ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        self.0 = z ^ (z >> 29);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.mix(u64::from_le_bytes(last) ^ ((rest.len() as u64) << 56));
        }
    }

    fn write_u8(&mut self, n: u8) {
        self.mix(n.into());
    }

    fn write_u32(&mut self, n: u32) {
        self.mix(n.into());
    }

    fn write_u64(&mut self, n: u64) {
        self.mix(n);
    }

    fn write_usize(&mut self, n: usize) {
        self.mix(n as u64);
    }

    fn finish(&self) -> u64 {
        let z = self.0.wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The hash of a value.
pub fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = Quick::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A fingerprint of a JSON value that does not depend on the order of its keys, read without building the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub u64);

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

/// Values of different kinds are different, whatever is in them.
struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = u64;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<u64, E> {
        Ok(hash_of(0_u8))
    }

    fn visit_bool<E>(self, value: bool) -> Result<u64, E> {
        Ok(hash_of((1_u8, value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<u64, E> {
        Ok(hash_of((2_u8, value.to_bits())))
    }

    // Two spellings of one number (1 and 1.0) are one fact.
    fn visit_u64<E>(self, value: u64) -> Result<u64, E> {
        Ok(hash_of((2_u8, (value as f64).to_bits())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<u64, E> {
        Ok(hash_of((2_u8, (value as f64).to_bits())))
    }

    fn visit_str<E>(self, value: &str) -> Result<u64, E> {
        Ok(hash_of((3_u8, value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<u64, A::Error> {
        let mut hasher = Quick::default();
        hasher.write_u8(4);
        while let Some(Fingerprint(item)) = items.next_element()? {
            hasher.write_u64(item);
        }
        Ok(hasher.finish())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<u64, A::Error> {
        let (mut sum, mut count) = (0_u64, 0_u64);
        while let Some((Fingerprint(name), Fingerprint(value))) = fields.next_entry()? {
            sum = sum.wrapping_add(hash_of((name, value)));
            count += 1;
        }
        Ok(hash_of((5_u8, count, sum)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value as Json;

    fn of(text: &str) -> u64 {
        serde_json::from_str::<Fingerprint>(text).unwrap().0
    }

    #[test]
    fn what_differs_has_another_fingerprint() {
        let all = [
            "null",
            "true",
            "false",
            "0",
            "1",
            "-1",
            "\"\"",
            "\"1\"",
            "[]",
            "[null]",
            "[[]]",
            "{}",
            "[1,2]",
            "[2,1]",
            r#"{"a":1}"#,
            r#"{"a":2}"#,
            r#"{"b":1}"#,
            r#"{"a":{}}"#,
            r#"{"a":1,"b":2}"#,
            r#"{"a":2,"b":1}"#,
            "\"abcdefgh\"",
            "\"abcdefghi\"",
        ];
        let distinct: HashSet<_> = all.iter().map(|text| of(text)).collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(of(r#"{"a":1,"b":[2.0,"x"]}"#), of(r#" {"b":[2,"\u0078"],"a":1.0}"#));
    }

    #[test]
    fn ids_that_differ_in_one_bit_are_spread() {
        let buckets: HashSet<_> = (0..128).map(|bit| hash_of(uuid::Uuid::from_u128(1 << bit)) >> 50).collect();
        assert!(buckets.len() > 120, "{}", buckets.len());
    }

    proptest! {
        /// Text and tree have the same fingerprint: clients read text, the audit has trees.
        #[test]
        fn a_text_and_its_tree_agree(names in prop::collection::vec("[a-z\\\\\"é]{0,9}", 0..6), n in any::<i64>(), x in -1e9..1e9) {
            let json = serde_json::json!({"list": names, "n": n, "x": x, "o": {"k": names.len()}});
            // As it arrives: reading a number from text may round its last bit.
            let tree: Json = serde_json::from_str(&json.to_string()).unwrap();
            prop_assert_eq!(of(&json.to_string()), Fingerprint::deserialize(&tree).unwrap().0);
        }
    }
}
