//! Values as they are stored: `MessagePack` in an LZ4 block, with its length in front. A result is 39 KB of JSON that repeats
//! itself; packed it is 10 KB, for half the time that writing JSON takes, and reading it back takes half the time of
//! reading JSON. It is packed where it is made, while it is in the processor's cache; hundreds that wait for their commit
//! are then small.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// The longest value that is unpacked: far above any result, so that a damaged row cannot ask for all memory.
const UNPACKED_MAX_BYTES: usize = 8 * 1024 * 1024;
/// The room that most results need.
const USUAL_BYTES: usize = 40 * 1024;

/// A packed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed(Vec<u8>);

impl Packed {
    /// Packs a value that is a struct or a map.
    pub fn of(value: &impl Serialize) -> Self {
        let mut plain = Vec::with_capacity(USUAL_BYTES);
        // With the names of the fields, so that a row can be read when there are more of them. What is packed here can
        // always be said in MessagePack.
        let _ = value.serialize(&mut rmp_serde::Serializer::new(&mut plain).with_struct_map());
        let mut bytes = lz4_flex::compress_prepend_size(&plain);
        // Its room was for the worst case.
        bytes.shrink_to_fit();
        Self(bytes)
    }

    /// What a row holds.
    pub fn stored(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// As it is stored.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Unpacks the value.
    ///
    /// # Errors
    /// `Unreadable` for what is damaged or something else.
    pub fn open<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        let (size, block) = lz4_flex::block::uncompressed_size(&self.0).map_err(damaged)?;
        if size > UNPACKED_MAX_BYTES {
            return Err(damaged("too long"));
        }
        let plain = lz4_flex::decompress(block, size).map_err(damaged)?;
        // Rows of earlier versions hold JSON. No map in MessagePack begins like that.
        if plain.first() == Some(&b'{') {
            return serde_json::from_slice(&plain).map_err(damaged);
        }
        rmp_serde::from_slice(&plain).map_err(damaged)
    }
}

fn damaged(what: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable(format!("packed value: {what}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::pipeline::Question;
    use serde_json::{Value, json};
    use shared::message::{Category, Format};
    use shared::result::AnalysisResult;

    #[test]
    fn what_is_packed_comes_back() {
        for value in [json!({}), json!({"id": "ä", "n": -1.5, "none": null, "list": [1, [2.5, "x"]]})] {
            assert_eq!(Packed::stored(Packed::of(&value).bytes()).open::<Value>().unwrap(), value);
        }
    }

    /// A result as the engine makes it.
    fn result() -> AnalysisResult {
        let read =
            shared::extract::extract("200k requests/day on gpt-4o, 1,200 input / 300 output tokens: cut the cost");
        let question = Question {
            category: Category::Cost,
            workload: read.workload,
            provenance: read.provenance,
            format: Format::Detailed,
            today: "2026-11-22".parse().unwrap(),
            log: None,
        };
        crate::agents::alone(&question, &crate::catalog::load()).unwrap()
    }

    #[test]
    fn a_result_is_a_quarter_of_its_json_and_comes_back() {
        let result = result();
        let packed = Packed::of(&result);
        assert_eq!(packed.open::<AnalysisResult>().unwrap(), result);
        assert!(packed.bytes().len() < 10_500, "{} bytes of 38 KB as JSON", packed.bytes().len());
    }

    #[test]
    fn options_that_earlier_versions_stored_as_rows_are_read() {
        let result = result();
        let mut rows = serde_json::to_value(&result).unwrap();
        rows["options"] = serde_json::to_value(&result.options).unwrap();
        assert_eq!(Packed::of(&rows).open::<AnalysisResult>().unwrap(), result);
    }

    #[test]
    fn rows_of_earlier_versions_are_read() {
        let row = lz4_flex::compress_prepend_size(br#"{"timings": [1, 2]}"#);
        assert_eq!(Packed::stored(&row).open::<Value>().unwrap(), json!({"timings": [1, 2]}));
    }

    #[test]
    fn damage_is_an_error_and_never_a_flood() {
        let of = |n: u32| (0..n).map(|n| (n.to_string(), n)).collect::<BTreeMap<_, _>>();
        let mut packed = Packed::of(&of(1_000));
        assert!(Packed::stored(&packed.0[..packed.0.len() / 2]).open::<Value>().is_err());
        assert!(packed.open::<Vec<String>>().is_err());
        packed.0[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(packed.open::<Value>().is_err());
        assert!(Packed::stored(&[]).open::<Value>().is_err() && Packed::stored(&[1, 2]).open::<Value>().is_err());
    }
}
