//! Outcomes as they are stored: LZ4 blocks with their length in front. A result is about 40 KB of JSON that repeats
//! itself; packed it is 11 KB, and a message costs a third of the writing. It is packed where it is made, while it is in
//! the processor's cache; hundreds that wait for their commit are then small.

use super::StoreError;

/// The longest outcome that is unpacked: far above any result, so that a damaged row cannot ask for all memory.
const UNPACKED_MAX_BYTES: usize = 8 * 1024 * 1024;

/// A packed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed(Vec<u8>);

impl Packed {
    /// Packs a text.
    pub fn of(text: &str) -> Self {
        let mut bytes = lz4_flex::compress_prepend_size(text.as_bytes());
        // Its room was for the worst case.
        bytes.shrink_to_fit();
        Self(bytes)
    }

    /// As it is stored.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Unpacks what [`Packed::bytes`] gave.
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
            assert_eq!(unpack(Packed::of(text).bytes()).unwrap(), *text);
        }
    }

    #[test]
    fn damage_is_an_error_and_never_a_flood() {
        let mut packed = Packed::of(&"abc".repeat(1_000)).0;
        assert!(unpack(&packed[..packed.len() / 2]).is_err());
        packed[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(unpack(&packed).is_err());
        assert!(unpack(&[]).is_err() && unpack(&[1, 2]).is_err());
    }
}
