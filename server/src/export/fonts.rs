//! Helvetica as every PDF reader has it: which characters there are, and how wide they are (Adobe's font metrics,
//! Helvetica and Helvetica-Bold, in thousandths of the size).

/// Widths of the characters 32 to 126.
const PLAIN: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];
const BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611,
    556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389,
    280, 389, 584,
];
/// What the other characters take, about.
const OTHER: u16 = 600;

/// The width of a byte of encoded text at this size.
fn advance(byte: u8, bold: bool) -> u16 {
    let table = if bold { &BOLD } else { &PLAIN };
    byte.checked_sub(32).and_then(|at| table.get(usize::from(at))).copied().unwrap_or(OTHER)
}

/// The width of a text in points.
pub(super) fn width(text: &[u8], size: f32, bold: bool) -> f32 {
    text.iter().map(|byte| f32::from(advance(*byte, bold))).sum::<f32>() * size / 1000.0
}

/// Text in the encoding of the standard fonts (`WinAnsiEncoding`, PDF 32000-1 annex D). What it lacks is written with what it
/// has, or as a question mark.
pub(super) fn encode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' => bytes.push(c as u8),
            '\u{a0}' | '\u{2009}' | '\u{202f}' | '\t' | '\n' | '\r' => bytes.push(b' '),
            '¡'..='ÿ' => bytes.push(u8::try_from(u32::from(c)).unwrap_or(b'?')),
            '€' => bytes.push(0x80),
            '…' => bytes.push(0x85),
            '‘' => bytes.push(0x91),
            '’' => bytes.push(0x92),
            '“' => bytes.push(0x93),
            '”' => bytes.push(0x94),
            '„' => bytes.push(0x84),
            '•' => bytes.push(0x95),
            '–' => bytes.push(0x96),
            '—' => bytes.push(0x97),
            '™' => bytes.push(0x99),
            '−' | '‑' | '‐' => bytes.push(b'-'),
            '→' => bytes.extend(b"->"),
            '≤' => bytes.extend(b"<="),
            '≥' => bytes.extend(b">="),
            '≈' => bytes.push(b'~'),
            '√' => bytes.extend(b"sqrt "),
            '\u{200b}'..='\u{200f}' | '\u{feff}' => {}
            _ => bytes.push(b'?'),
        }
    }
    bytes
}

/// Whether a text has characters that the fonts lack.
pub(super) fn lacks(text: &str) -> bool {
    let mut utf8 = [0; 4];
    text.chars().any(|c| c != '?' && encode(c.encode_utf8(&mut utf8)).contains(&b'?'))
}

/// The lines of a text that is not wider than `room`; words that are longer are cut.
pub(super) fn wrap(text: &[u8], size: f32, bold: bool, room: f32) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    let mut line: Vec<u8> = Vec::new();
    let mut used = 0.0;
    let space = width(b" ", size, bold);
    for word in text.split(|b| *b == b' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        let mut long = width(word, size, bold);
        if !line.is_empty() && used + space + long > room {
            lines.push(std::mem::take(&mut line));
            used = 0.0;
        }
        while long > room && word.len() > 1 {
            let mut cut = word.len() - 1;
            while cut > 1 && width(&word[..cut], size, bold) > room {
                cut -= 1;
            }
            lines.push(word[..cut].to_vec());
            word = &word[cut..];
            long = width(word, size, bold);
        }
        if !line.is_empty() {
            line.push(b' ');
            used += space;
        }
        line.extend_from_slice(word);
        used += long;
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_adobes() {
        assert!((width(b"Hello", 10.0, false) - (722 + 556 + 222 + 222 + 556) as f32 / 100.0).abs() < 1e-4);
        assert!(width(b"Hello", 10.0, true) > width(b"Hello", 10.0, false));
    }

    #[test]
    fn what_the_font_lacks_is_written_with_what_it_has() {
        assert_eq!(encode("a × b → 5 € ≤ 日"), b"a \xd7 b -> 5 \x80 <= ?");
        assert!(lacks("what is 日?") && !lacks("what is ä?"));
    }

    #[test]
    fn lines_are_never_wider_than_their_room() {
        let text = encode("a fewwords and averyveryverylongwordwithoutanyblanksinside at the end");
        for room in [5.0, 30.0, 100.0, 1e4] {
            let lines = wrap(&text, 10.0, false, room);
            assert!(lines.iter().all(|l| l.len() == 1 || width(l, 10.0, false) <= room), "{room}");
            let letters = |bytes: &[u8]| bytes.iter().filter(|b| **b != b' ').count();
            assert_eq!(lines.iter().map(|l| letters(l)).sum::<usize>(), letters(&text));
        }
        assert_eq!(wrap(b"", 10.0, false, 10.0), [b""]);
    }
}
