//! Numbers as cells of a log.

/// A whole number of digits only, or followed by nothing but zeros after the point, as pandas writes it.
#[inline]
pub(super) fn whole(cell: &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    if cell.is_empty() || cell.len() > 19 {
        return None;
    }
    for (at, byte) in cell.iter().enumerate() {
        match byte {
            b'0'..=b'9' => value = value * 10 + u64::from(byte - b'0'),
            b'.' if at > 0 && cell[at + 1..].iter().all(|b| *b == b'0') => return Some(value),
            _ => return None,
        }
    }
    Some(value)
}

/// Any finite number; `point` is what stands before its decimals.
pub(super) fn real(cell: &[u8], point: u8) -> Option<f64> {
    let text = std::str::from_utf8(cell).ok()?;
    let number: Result<f64, _> =
        if point == b'.' { text.parse() } else { text.replace(char::from(point), ".").parse() };
    number.ok().filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_digits() {
        assert_eq!(whole(b"0"), Some(0));
        assert_eq!(whole(b"9999999999999999999"), Some(9_999_999_999_999_999_999));
        assert_eq!(whole(b"374.0"), Some(374));
        for cell in [&b""[..], b"-1", b"1.5", b".0", b"1,000", b"99999999999999999999", b"1e3"] {
            assert_eq!(whole(cell), None, "{cell:?}");
        }
        assert_eq!(real(b"1,5", b','), Some(1.5));
        assert_eq!((real(b"inf", b'.'), real(b"nan", b'.'), real(b"", b'.')), (None, None, None));
    }
}
