//! Rows of comma-separated values (RFC 4180, also with semicolons, tabs and bars): where a row ends, which column is
//! which, and the cells of a row.

use memchr::{memchr, memchr_iter, memchr2};

use super::columns::{Column, Ticks, named};
use super::fold::{Bad, Cells, Row};

/// What may separate cells; the first wins where two fit as well.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Columns up to which the cells of a row are found in one go.
const COLUMNS_MAX: usize = 64;
const FEWER: Bad<'static> = Bad::row("the row has fewer cells than the head");
/// Bytes that are looked at one by one.
const NEAR: usize = 12;

/// Where the row at the beginning of some bytes ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Before the line feed at this place, and there is no quote.
    Line(usize),
    /// Before the line feed at this place; with the line feeds that stand within quotes.
    At(usize, u64),
    /// Not in these bytes.
    Beyond,
    /// Not in these bytes, and a quote is open.
    Quoted,
}

/// Finds the end of the row at the beginning of `bytes`.
pub(super) fn end(bytes: &[u8], delimiter: u8) -> End {
    match memchr2(b'\n', b'"', bytes) {
        None => End::Beyond,
        Some(at) if bytes[at] == b'\n' => End::Line(at),
        Some(_) => quoted_end(bytes, delimiter),
    }
}

/// The same for a row with quotes: line feeds count only outside of them, and a quote opens only at the beginning of a
/// cell.
fn quoted_end(bytes: &[u8], delimiter: u8) -> End {
    let (mut at, mut feeds, mut begins) = (0, 0, true);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' => return End::At(at, feeds),
            b'"' if begins => {
                let Some(inside) = closing(&bytes[at + 1..]) else { return End::Quoted };
                feeds += memchr_iter(b'\n', &bytes[at + 1..at + 1 + inside]).count() as u64;
                at += inside + 1;
                begins = false;
            }
            _ => begins = byte == delimiter || (begins && byte == b' '),
        }
        at += 1;
    }
    End::Beyond
}

/// The place of the quote that closes a cell; a doubled one does not.
fn closing(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', bytes.get(from..)?)?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

/// The columns of a file.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) delimiter: u8,
    plan: Vec<Option<Column>>,
    /// The columns that are used: what they hold, and what the file calls them.
    pub(super) used: Vec<(Column, String)>,
}

impl Layout {
    /// Reads the head of a file; the columns' names as it has them if none of them is known.
    pub(super) fn read(head: &[u8]) -> Result<Self, Vec<String>> {
        let layouts = DELIMITERS.map(|delimiter| Self::with(head, delimiter));
        // The most known columns, then the most columns; of equals the first.
        let best = layouts.into_iter().rev().max_by_key(|layout| (layout.used.len(), layout.plan.len()));
        best.filter(|layout| !layout.used.is_empty()).ok_or_else(|| Self::with(head, b',').names(head))
    }

    fn with(head: &[u8], delimiter: u8) -> Self {
        let mut layout = Self { delimiter, plan: Vec::new(), used: Vec::new() };
        for name in layout.names(head) {
            let found = named(name.as_bytes());
            // The first column of its kind counts: a second one would overwrite it.
            let kind = |column: Column| column.label();
            let found = found.filter(|column| !layout.used.iter().any(|(used, _)| kind(*used) == kind(*column)));
            layout.plan.push(found);
            layout.used.extend(found.map(|column| (column, name)));
        }
        layout
    }

    fn names(&self, head: &[u8]) -> Vec<String> {
        let mut rest = Some(head);
        let mut names = Vec::new();
        while let Some(bytes) = rest {
            let (cell, after) = self.cell(bytes).unwrap_or((bytes, None));
            names.push(String::from_utf8_lossy(cell).trim().chars().take(60).collect());
            rest = after;
        }
        names
    }

    /// Whether bare small moments are seconds, as in `BurstGPT`, whose names tell it.
    pub(super) fn counts_seconds(&self) -> bool {
        self.used.iter().any(|(column, name)| *column == Column::Input && name.eq_ignore_ascii_case("request tokens"))
    }

    /// Whether a time column does not tell its unit.
    pub(super) fn latency_is_unsaid(&self) -> bool {
        self.used.iter().any(|(column, _)| *column == Column::Latency(Ticks::Unsaid))
    }

    /// The place of the first delimiter. Cells are mostly shorter than what pays for vector instructions.
    #[inline]
    fn delimiter_in(&self, bytes: &[u8]) -> Option<usize> {
        let near = &bytes[..bytes.len().min(NEAR)];
        match near.iter().position(|b| *b == self.delimiter) {
            None if bytes.len() > NEAR => memchr(self.delimiter, &bytes[NEAR..]).map(|at| at + NEAR),
            found => found,
        }
    }

    /// The first cell of `bytes` without its quotes, and what follows the delimiter.
    #[inline]
    fn cell<'a>(&self, bytes: &'a [u8]) -> Result<(&'a [u8], Option<&'a [u8]>), &'static str> {
        let start = match bytes.first() {
            Some(b' ') => bytes.iter().position(|b| *b != b' ').unwrap_or(0),
            _ => 0,
        };
        if bytes.get(start) != Some(&b'"') {
            return Ok(match self.delimiter_in(bytes) {
                Some(at) => (&bytes[..at], Some(&bytes[at + 1..])),
                None => (bytes, None),
            });
        }
        let inside = &bytes[start + 1..];
        let close = closing(inside).ok_or("a quote is not closed")?;
        let after = inside[close + 1..].trim_ascii_start();
        let raw_after = &inside[close + 1..];
        match (raw_after.first(), after.first()) {
            (Some(byte), _) if *byte == self.delimiter => Ok((&inside[..close], Some(&raw_after[1..]))),
            (_, Some(byte)) if *byte == self.delimiter => Ok((&inside[..close], Some(&after[1..]))),
            (_, None) => Ok((&inside[..close], None)),
            _ => Err("there is text after a closing quote"),
        }
    }

    /// Reads a row without quotes. All its cells are found first, eight bytes at a time: looking for them one by one
    /// costs a wrong guess of the processor at the end of each.
    pub(super) fn plain_row<'a>(&self, record: &'a [u8], cells: &mut Cells, row: &mut Row<'a>) -> Result<(), Bad<'a>> {
        if self.plan.len() > COLUMNS_MAX {
            return self.row(record, cells, row);
        }
        let mut ends = [0_usize; COLUMNS_MAX + 1];
        let mut found = 0;
        self.delimiters(record, |at| {
            if let Some(end) = ends.get_mut(found) {
                *end = at;
                found += 1;
            }
        });
        // The last cell ends with the row, unless a delimiter does.
        if found < self.plan.len() {
            ends[found] = record.len();
            found += 1;
        } else if ends[self.plan.len() - 1] + 1 < record.len() {
            return self.row(record, cells, row);
        }
        let mut start = 0;
        for (column, end) in self.plan.iter().zip(&ends[..found]) {
            if let Some(column) = column {
                cells.put(row, *column, &record[start..*end])?;
            }
            start = end + 1;
        }
        if found < self.plan.len() { Err(FEWER) } else { Ok(()) }
    }

    /// Tells the place of each delimiter (Mycroft's test for a zero byte in a word, made exact).
    #[inline]
    fn delimiters(&self, record: &[u8], mut tell: impl FnMut(usize)) {
        const ONES: u64 = u64::MAX / 255;
        let same = ONES * u64::from(self.delimiter);
        let (words, rest) = record.as_chunks::<8>();
        for (i, word) in words.iter().enumerate() {
            let x = u64::from_le_bytes(*word) ^ same;
            let low = x & (ONES * 0x7f);
            let mut zeros = !((low + ONES * 0x7f) | x) & (ONES * 0x80);
            while zeros != 0 {
                tell(i * 8 + zeros.trailing_zeros() as usize / 8);
                zeros &= zeros - 1;
            }
        }
        let from = words.len() * 8;
        for (i, byte) in rest.iter().enumerate() {
            if *byte == self.delimiter {
                tell(from + i);
            }
        }
    }

    /// Reads a row, which ends before its line feed.
    pub(super) fn row<'a>(&self, record: &'a [u8], cells: &mut Cells, row: &mut Row<'a>) -> Result<(), Bad<'a>> {
        let mut rest = Some(record);
        for column in &self.plan {
            let Some(bytes) = rest else { return Err(FEWER) };
            let (cell, after) = self.cell(bytes).map_err(Bad::row)?;
            if let Some(column) = column {
                cells.put(row, *column, cell)?;
            }
            rest = after;
        }
        // A delimiter at the end of every row is a habit of some programs.
        if rest.is_some_and(|rest| !rest.is_empty()) {
            return Err(Bad::row("the row has more cells than the head"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::time::Clock;
    use proptest::prelude::*;

    #[test]
    fn a_row_ends_at_the_first_line_feed_outside_of_quotes() {
        for (text, expected) in [
            ("a,b\nc", End::Line(3)),
            ("a,\"b\nc\",d\ne", End::At(9, 1)),
            ("\"a\"\"\n\"\"b\"\n", End::At(9, 1)),
            ("a\"b\nc", End::At(3, 0)),
            ("a,b", End::Beyond),
            ("a,\"b\n", End::Quoted),
            ("\"a\"", End::Beyond),
            ("", End::Beyond),
        ] {
            assert_eq!(end(text.as_bytes(), b','), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn both_ways_through_a_row_find_the_same(record in "[0-9a,. -]{0,60}", columns in 1_usize..9) {
            let head: Vec<_> = ["model", "input_tokens", "x", "y", "output_tokens", "z", "w", "status", "latency"][..columns].into();
            let layout = Layout::read(head.join(",").as_bytes()).unwrap();
            let cells = || Cells { clock: Clock::default(), point: b'.', latest: i64::MAX, latency_unit: None, ids: Vec::new() };
            let (mut one, mut other) = (Row::default(), Row::default());
            let plain = layout.plain_row(record.as_bytes(), &mut cells(), &mut one);
            let slow = layout.row(record.as_bytes(), &mut cells(), &mut other);
            prop_assert_eq!(plain.map_err(|bad| bad.message()), slow.map_err(|bad| bad.message()));
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn the_delimiter_is_the_one_with_which_the_columns_are_known() {
        for (head, delimiter) in [
            ("TIMESTAMP,ContextTokens,GeneratedTokens", b','),
            ("timestamp;model;input_tokens", b';'),
            ("timestamp\tmodel, with comma\tinput_tokens", b'\t'),
            ("\"timestamp\"|\"model\"", b'|'),
            ("model", b','),
        ] {
            assert_eq!(Layout::read(head.as_bytes()).unwrap().delimiter, delimiter, "{head}");
        }
        assert_eq!(Layout::read(b"a,b").unwrap_err(), ["a", "b"]);
    }
}
