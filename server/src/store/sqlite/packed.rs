//! Outcomes as they lie in the file: LZ4 blocks with their length in front. A result is about 40 KB of JSON that repeats
//! itself; packed it is 11 KB, and a message costs a third of the writing.

use crate::store::StoreError;

/// The longest outcome that is unpacked: far above any result, so that a damaged row cannot ask for all memory.
const UNPACKED_MAX_BYTES: usize = 8 * 1024 * 1024;

/// Packs a text.
pub(super) fn pack(text: &str) -> Vec<u8> {
    lz4_flex::compress_prepend_size(text.as_bytes())
}

/// Unpacks it.
pub(super) fn unpack(bytes: &[u8]) -> Result<String, StoreError> {
    let damaged = |what: &dyn std::fmt::Display| StoreError::Unreadable(format!("outcome: {what}"));
    let (size, block) = lz4_flex::block::uncompressed_size(bytes).map_err(|error| damaged(&error))?;
    if size > UNPACKED_MAX_BYTES {
        return Err(damaged(&"too long"));
    }
    let bytes = lz4_flex::decompress(block, size).map_err(|error| damaged(&error))?;
    String::from_utf8(bytes).map_err(|error| damaged(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        for text in ["", "{}", &"{\"id\": \"ä\"}, ".repeat(3_000)] {
            assert_eq!(unpack(&pack(text)).unwrap(), *text);
        }
    }

    #[test]
    fn damage_is_an_error_and_never_a_flood() {
        let mut packed = pack(&"abc".repeat(1_000));
        assert!(unpack(&packed[..packed.len() / 2]).is_err());
        packed[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(unpack(&packed).is_err());
        assert!(unpack(&[]).is_err() && unpack(&[1, 2]).is_err());
    }
}
