//! Rows of JSON, one object a line. Only what is used is read; the rest is passed over. Names count at any depth, so
//! that a stored answer with its `usage` inside is understood.

use memchr::{memchr, memchr2};

use super::columns::{Column, Ticks, named};
use super::fold::{Bad, Cells, Row};

/// Objects within objects that are followed.
const DEPTH_MAX: u32 = 16;

/// The names of a row in their order, with what they hold: the next row mostly has the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    known: Vec<(Vec<u8>, Option<Column>)>,
    /// The columns that were met.
    pub(super) used: Vec<(Column, String)>,
}

/// Names that are remembered by their place.
const KNOWN_MAX: usize = 256;

impl Keys {
    fn find(&mut self, place: usize, key: &[u8]) -> Option<Column> {
        if let Some((known, column)) = self.known.get(place)
            && known == key
        {
            return *column;
        }
        let column = named(key);
        if let Some(column) = column
            && !self.used.iter().any(|(used, _)| used.label() == column.label())
        {
            self.used.push((column, String::from_utf8_lossy(key).into_owned()));
        }
        if let Some(entry) = self.known.get_mut(place) {
            *entry = (key.to_vec(), column);
        } else if place == self.known.len() && place < KNOWN_MAX {
            self.known.push((key.to_vec(), column));
        }
        column
    }

    /// Whether a time column does not tell its unit.
    pub(super) fn latency_is_unsaid(&self) -> bool {
        self.used.iter().any(|(column, _)| *column == Column::Latency(Ticks::Unsaid))
    }

    /// Reads a row.
    pub(super) fn row<'a>(&mut self, record: &'a [u8], cells: &mut Cells, row: &mut Row<'a>) -> Result<(), Bad<'a>> {
        let mut scan = Scan { bytes: record, at: 0, place: 0 };
        scan.blank();
        if scan.take() != Some(b'{') {
            return Err(NO_OBJECT);
        }
        scan.object(0, self, cells, row)?;
        scan.blank();
        if scan.at < record.len() { Err(NO_OBJECT) } else { Ok(()) }
    }
}

const NO_OBJECT: Bad<'static> = Bad::row("the line is not one JSON object");

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How many names have passed.
    place: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self) -> Option<u8> {
        let byte = self.peek();
        self.at += usize::from(byte.is_some());
        byte
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// What follows an opening brace.
    fn object(&mut self, depth: u32, keys: &mut Keys, cells: &mut Cells, row: &mut Row<'a>) -> Result<(), Bad<'a>> {
        self.blank();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.blank();
            if self.take() != Some(b'"') {
                return Err(NO_OBJECT);
            }
            let key = self.string().ok_or(NO_OBJECT)?;
            let column = keys.find(self.place, key);
            self.place += 1;
            self.blank();
            if self.take() != Some(b':') {
                return Err(NO_OBJECT);
            }
            self.blank();
            match (self.peek(), column) {
                (Some(b'{'), _) if depth < DEPTH_MAX => {
                    self.at += 1;
                    self.object(depth + 1, keys, cells, row)?;
                }
                (_, Some(column)) => {
                    let cell = self.value().ok_or(NO_OBJECT)?;
                    // The first of a kind counts; and within another object a time, a status or a model may be that of
                    // something else, while tokens are tokens.
                    let known = row.has(column);
                    let done = if known { Ok(()) } else { cells.put(row, column, cell) };
                    if depth == 0 || column.is_tokens() {
                        done?;
                    }
                }
                _ => _ = self.value().ok_or(NO_OBJECT)?,
            }
            self.blank();
            match self.take() {
                Some(b',') => {}
                Some(b'}') => return Ok(()),
                _ => return Err(NO_OBJECT),
            }
        }
    }

    /// The inside of a string whose opening quote is taken.
    fn string(&mut self) -> Option<&'a [u8]> {
        let from = self.at;
        loop {
            self.at += memchr2(b'"', b'\\', self.bytes.get(self.at..)?)?;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                return Some(&self.bytes[from..self.at - 1]);
            }
            // Whatever is escaped does not end the string.
            self.at += 2;
        }
    }

    /// Passes over a value and answers its text, strings without their quotes.
    fn value(&mut self) -> Option<&'a [u8]> {
        let from = self.at;
        match self.peek()? {
            b'"' => {
                self.at += 1;
                return self.string();
            }
            b'[' => self.list()?,
            b'{' => self.nested()?,
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                let length =
                    self.bytes[from..].iter().position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\r' | b'\t'));
                self.at = length.map_or(self.bytes.len(), |length| from + length);
            }
            _ => return None,
        }
        Some(&self.bytes[from..self.at])
    }

    /// Passes over a list; one of plain numbers ends at its first bracket.
    fn list(&mut self) -> Option<()> {
        let length = memchr(b']', self.bytes.get(self.at..)?)?;
        if memchr2(b'"', b'{', &self.bytes[self.at..self.at + length]).is_none()
            && memchr(b'[', &self.bytes[self.at + 1..self.at + length]).is_none()
        {
            self.at += length + 1;
            return Some(());
        }
        self.nested()
    }

    /// Passes over what is in brackets or braces.
    fn nested(&mut self) -> Option<()> {
        let mut open = 0_u32;
        loop {
            match self.take()? {
                b'[' | b'{' => open += 1,
                b']' | b'}' => open -= 1,
                b'"' => _ = self.string()?,
                _ => {}
            }
            if open == 0 {
                return Some(());
            }
        }
    }
}
