//! Values as they are stored: `MessagePack` in an LZ4 block, which may refer to a text that every result resembles. A result
//! is 39 KB of JSON; packed it is 6 KB, most of it figures, for half the time that writing JSON takes, and reading it back
//! takes half the time of reading JSON. It is packed where it is made, while it is in the processor's cache; hundreds that
//! wait for their commit are then small.
//!
//! In front stand four bytes: the length of the plain value in 24 bits, low byte first, then [`ALONE`] or [`RESEMBLING`].

use std::cell::RefCell;

use lz4_flex::block::{compress_into_with_dict, decompress, decompress_with_dict, get_maximum_output_size};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// The longest value that is unpacked: far above any result, so that a damaged row cannot ask for all memory.
const UNPACKED_MAX_BYTES: usize = 8 * 1024 * 1024;
/// The bytes in front of a block.
const HEAD_BYTES: usize = 4;
/// More room than this is not kept: ten times what results need.
const KEPT_BYTES: usize = 400 * 1024;

/// A block of its own: values of earlier versions, and short ones.
const ALONE: u8 = 0;
/// A block that refers to [`DICTIONARY`].
const RESEMBLING: u8 = 1;
/// Answers about scaling, latency and cost as they were packed on 2026-11-22, without the figures of their options. Rows
/// refer to it, so it is never changed; a better one would be a new file with a number of its own.
const DICTIONARY: &[u8] = include_bytes!("packed.dict");
/// A shorter value does not repay the look at the dictionary.
const SHORT_BYTES: usize = 512;

thread_local! {
    /// Room for a plain value and for its block. It is kept, because fresh memory has to be cleared for every value.
    static ROOM: RefCell<(Vec<u8>, Vec<u8>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

/// A packed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed(Vec<u8>);

impl Packed {
    /// Packs a value that is a struct or a map.
    pub fn of(value: &impl Serialize) -> Self {
        ROOM.with_borrow_mut(|(plain, block)| {
            plain.clear();
            // With the names of the fields, so that a row can be read when there are more of them. What is packed here
            // can always be said in MessagePack.
            let _ = value.serialize(&mut rmp_serde::Serializer::new(&mut *plain).with_struct_map());
            let worst = get_maximum_output_size(plain.len());
            if block.len() < worst {
                block.resize(worst, 0);
            }
            let (kind, dictionary) =
                if plain.len() < SHORT_BYTES { (ALONE, &[][..]) } else { (RESEMBLING, DICTIONARY) };
            let end = compress_into_with_dict(plain, block, dictionary).unwrap_or(0);
            let mut bytes = Vec::with_capacity(HEAD_BYTES + end);
            bytes.extend_from_slice(&u32::try_from(plain.len()).unwrap_or(u32::MAX).to_le_bytes());
            bytes[HEAD_BYTES - 1] = kind;
            bytes.extend_from_slice(&block[..end]);
            if plain.capacity() > KEPT_BYTES {
                (*plain, *block) = (Vec::new(), Vec::new());
            }
            Self(bytes)
        })
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
        let Some((&[a, b, c, kind], block)) = self.0.split_first_chunk() else { return Err(damaged("too short")) };
        let size = u32::from_le_bytes([a, b, c, 0]) as usize;
        if size > UNPACKED_MAX_BYTES {
            return Err(damaged("too long"));
        }
        let plain = match kind {
            ALONE => decompress(block, size),
            RESEMBLING => decompress_with_dict(block, size, DICTIONARY),
            _ => return Err(damaged("of a later version")),
        };
        let plain = plain.map_err(damaged)?;
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
    use crate::agents::example;
    use serde_json::{Value, json};
    use shared::result::AnalysisResult;

    #[test]
    fn what_is_packed_comes_back() {
        for value in [json!({}), json!({"id": "ä", "n": -1.5, "none": null, "list": [1, [2.5, "x"]]})] {
            assert_eq!(Packed::stored(Packed::of(&value).bytes()).open::<Value>().unwrap(), value);
        }
    }

    #[test]
    fn a_result_is_a_sixth_of_its_json_and_comes_back() {
        let result = example();
        let packed = Packed::of(&result);
        assert_eq!(packed.open::<AnalysisResult>().unwrap(), result);
        assert!(packed.bytes().len() < 6_500, "{} bytes of 38 KB as JSON", packed.bytes().len());
    }

    #[test]
    fn options_that_earlier_versions_stored_as_rows_are_read() {
        let result = example();
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
    fn the_dictionary_is_the_one_that_rows_refer_to() {
        use sha2::{Digest, Sha256};
        let sum = Sha256::digest(DICTIONARY);
        assert_eq!(sum[..8], [0x1c, 0xc0, 0xfd, 0xd8, 0x30, 0x9a, 0x2a, 0x0c]);
    }

    #[test]
    fn damage_is_an_error_and_never_a_flood() {
        let of = |n: u32| (0..n).map(|n| (n.to_string(), n)).collect::<BTreeMap<_, _>>();
        let mut packed = Packed::of(&of(1_000));
        assert!(Packed::stored(&packed.0[..packed.0.len() / 2]).open::<Value>().is_err());
        assert!(packed.open::<Vec<String>>().is_err());
        for head in [u32::MAX, 0x00ff_ffff, 0x01ff_ffff, 0x0100_0001, 0x0200_0001] {
            packed.0[..4].copy_from_slice(&head.to_le_bytes());
            assert!(packed.open::<Value>().is_err());
        }
        assert!(Packed::stored(&[]).open::<Value>().is_err() && Packed::stored(&[1, 2]).open::<Value>().is_err());
    }
}
