//! Finds the rows in a stream of bytes.

use memchr::{memchr, memchr_iter};
use serde::{Deserialize, Serialize};

use super::columns::EXPECTED;
use super::csv::{self, End, Layout};
use super::fold::{Bad, Cells, Fold, Row, latest};
use super::jsonl::Keys;
use super::seen::mix;
use super::summary::Usage;
use super::time::Clock;
use crate::limits as l;
use crate::problem::{Code, Problem};

/// Bytes that are gathered before an open quote is looked for again; doubled each time.
const GATHER: usize = 8 * 1024;
/// Bytes that are looked at in one go.
const PIECE_MAX: usize = 64 * 1024;
/// Where the random sample begins: the same log gives the same figures.
const SEED: u64 = 0x5eed;

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// Why.
    pub message: String,
}

/// How rows are written.
#[derive(Clone, Debug)]
enum Form {
    /// Not known before the first line.
    Unknown,
    Csv(Layout),
    Jsonl(Keys),
}

/// Reads a log that comes in pieces of any size.
#[derive(Clone, Debug)]
pub struct Reader {
    form: Form,
    rows: Rows,
    /// The beginning of a row whose end has not come yet.
    carry: Vec<u8>,
    /// How much must be in `carry` before it is looked at again.
    gather: usize,
    /// Whether a row that is too long is being passed over.
    passing: bool,
    bytes: u64,
}

/// What becomes of the rows.
#[derive(Clone, Debug)]
struct Rows {
    fold: Fold,
    cells: Cells,
    /// The line of the next row.
    line: u64,
    rejected: u64,
    first_rejections: Vec<Rejection>,
}

impl Reader {
    /// A reader at `now_ms`: rows that are more than a day ahead of it are rejected.
    pub fn new(now_ms: u64) -> Self {
        let cells = Cells {
            clock: Clock::default(),
            point: b'.',
            latest: latest(now_ms),
            latency_unit: Some(1.0),
            ids: Vec::new(),
        };
        let rows = Rows { fold: Fold::new(SEED), cells, line: 1, rejected: 0, first_rejections: Vec::new() };
        Self { form: Form::Unknown, rows, carry: Vec::new(), gather: 0, passing: false, bytes: 0 }
    }

    /// Reads the next piece.
    ///
    /// # Errors
    /// `too_long` above [`l::USAGE_MAX_BYTES`], `unsupported_media` for what is no text, `invalid` for a head without a
    /// known column. After an error nothing more is read.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Problem> {
        if self.bytes == 0 {
            check_text(piece)?;
        }
        self.bytes += piece.len() as u64;
        if self.bytes > l::USAGE_MAX_BYTES {
            let most = l::USAGE_MAX_BYTES >> 30;
            let text =
                format!("The log is longer than {most} GB. Send a part of it: a week says nearly as much as a year.");
            return Err(Problem::new(Code::TooLong, text));
        }
        // In short pieces, so that what is carried over stays short whatever the caller brings.
        for mut piece in piece.chunks(PIECE_MAX) {
            while !piece.is_empty() {
                piece = if self.passing { self.pass(piece) } else { self.take(piece)? };
            }
        }
        Ok(())
    }

    /// Passes over the rest of a row that is too long.
    fn pass<'a>(&mut self, piece: &'a [u8]) -> &'a [u8] {
        let Some(at) = memchr(b'\n', piece) else { return &[] };
        self.passing = false;
        self.rows.line += 1;
        &piece[at + 1..]
    }

    /// Reads what it can of a piece and answers the rest.
    fn take<'a>(&mut self, piece: &'a [u8]) -> Result<&'a [u8], Problem> {
        if self.carry.is_empty() {
            let used = self.read(piece)?;
            self.carry.extend_from_slice(&piece[used..]);
            self.check_length();
            return Ok(&[]);
        }
        let wanted = match self.gather.checked_sub(self.carry.len()) {
            // Within an open quote a line feed tells nothing.
            Some(more) => more,
            None => memchr(b'\n', piece).map_or(usize::MAX, |at| at + 1),
        };
        let (now, rest) = piece.split_at(wanted.min(piece.len()));
        self.carry.extend_from_slice(now);
        if now.len() == wanted {
            let mut carry = std::mem::take(&mut self.carry);
            let used = self.read(&carry)?;
            carry.drain(..used);
            self.carry = carry;
        }
        self.check_length();
        Ok(rest)
    }

    fn check_length(&mut self) {
        if self.carry.len() > l::USAGE_ROW_MAX_BYTES {
            self.rows.reject(&Bad::row("the row is longer than 1 MB; is a quote never closed?"));
            self.rows.line += memchr_iter(b'\n', &self.carry).count() as u64;
            self.carry = Vec::new();
            self.gather = 0;
            self.passing = true;
        }
    }

    /// Reads all rows that end in `bytes` and answers how many bytes they have.
    fn read(&mut self, bytes: &[u8]) -> Result<usize, Problem> {
        let mut at = 0;
        self.gather = 0;
        loop {
            let rest = &bytes[at..];
            let end = match &self.form {
                Form::Csv(layout) => csv::end(rest, layout.delimiter),
                _ => memchr(b'\n', rest).map_or(End::Beyond, End::Line),
            };
            match end {
                End::Line(end) => {
                    self.row(&rest[..end], true)?;
                    self.rows.line += 1;
                    at += end + 1;
                }
                End::At(end, feeds) => {
                    self.row(&rest[..end], false)?;
                    self.rows.line += 1 + feeds;
                    at += end + 1;
                }
                End::Beyond => return Ok(at),
                End::Quoted => {
                    self.gather = (rest.len() * 2).max(GATHER);
                    return Ok(at);
                }
            }
        }
    }

    /// Reads one row, or the head; `plain` is one without quotes.
    fn row(&mut self, record: &[u8], plain: bool) -> Result<(), Problem> {
        let record = record.strip_suffix(b"\r").unwrap_or(record);
        match &mut self.form {
            Form::Unknown => self.head(record)?,
            Form::Csv(layout) if plain => {
                self.rows.add(record, |cells, row, record| layout.plain_row(record, cells, row));
            }
            Form::Csv(layout) => self.rows.add(record, |cells, row, record| layout.row(record, cells, row)),
            Form::Jsonl(keys) => self.rows.add(record, |cells, row, record| keys.row(record, cells, row)),
        }
        Ok(())
    }

    /// Finds out how the rows are written.
    fn head(&mut self, record: &[u8]) -> Result<(), Problem> {
        let record = record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record);
        let text = record.trim_ascii();
        match text {
            // Comments and the hint of spreadsheet programs.
            [] | [b'#', ..] | [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', ..] => {}
            [b'{', ..] => {
                self.form = Form::Jsonl(Keys::default());
                self.row(record, false)?;
            }
            [b'[', ..] => {
                return Err(wrong("is a JSON array; write one object a line, without brackets and commas around them"));
            }
            _ => {
                let layout = Layout::read(record).map_err(|names| {
                    let names: Vec<String> = names.into_iter().take(12).collect();
                    wrong(&format!(
                        "begins with the columns {}; none of them is known. Expected is any of: {EXPECTED}",
                        names.join(", ")
                    ))
                })?;
                self.rows.cells.point = if layout.delimiter == b',' { b'.' } else { b',' };
                self.rows.cells.clock.counting_seconds(layout.counts_seconds());
                self.form = Form::Csv(layout);
            }
        }
        Ok(())
    }

    /// Ends the log: what was read of it.
    ///
    /// # Errors
    /// `invalid` for a log without a usable row.
    pub fn finish(mut self) -> Result<Usage, Problem> {
        let rest = std::mem::take(&mut self.carry);
        if !rest.is_empty() && !self.passing {
            let used = self.read(&rest)?;
            self.row(&rest[used..], false)?;
        }
        let (used, unsaid) = match &self.form {
            Form::Unknown => return Err(wrong("is empty: it has no row")),
            Form::Csv(layout) => (layout.used.clone(), layout.latency_is_unsaid()),
            Form::Jsonl(keys) => (keys.used.clone(), keys.latency_is_unsaid()),
        };
        let Rows { fold, cells, rejected, first_rejections, .. } = self.rows;
        if fold.rows == 0 {
            let mut problem = wrong(&match first_rejections.first() {
                Some(first) => format!(
                    "has no usable row: {rejected} were rejected, the first in line {}: {}",
                    first.line, first.message
                ),
                None => "has a head and no rows".into(),
            });
            problem.fields.truncate(1);
            return Err(problem);
        }
        Ok(Usage::of(&fold, &cells, &used, unsaid, (rejected, first_rejections)))
    }

    /// Pretends that so many bytes were read.
    #[cfg(test)]
    pub(super) fn bytes_for_test(&mut self, bytes: u64) {
        self.bytes = bytes;
    }

    /// How many rows were taken so far.
    pub fn rows(&self) -> u64 {
        self.rows.fold.rows
    }
}

impl Rows {
    fn add<'a>(
        &mut self,
        record: &'a [u8],
        read: impl FnOnce(&mut Cells, &mut Row<'a>, &'a [u8]) -> Result<(), Bad<'a>>,
    ) {
        if record.is_empty() || record.trim_ascii().is_empty() {
            return;
        }
        let mut row = Row::default();
        self.cells.ids.clear();
        let mut done = read(&mut self.cells, &mut row, record);
        if done.is_ok() {
            done = self.fold.add(&row);
        }
        if let Err(bad) = done {
            self.reject(&bad);
            return;
        }
        if !self.cells.ids.is_empty() {
            let prompt = self.cells.ids.iter().fold(mix(row.input.unwrap_or(0)), |list, id| mix(list ^ id));
            self.fold.prompts.add(prompt);
            self.cells.ids.iter().for_each(|id| self.fold.blocks.add(*id));
        }
    }

    fn reject(&mut self, bad: &Bad<'_>) {
        self.rejected += 1;
        if self.first_rejections.len() < l::USAGE_REJECTIONS_SHOWN {
            self.first_rejections.push(Rejection { line: self.line, message: bad.message() });
        }
    }
}

/// A problem with the log as a whole.
fn wrong(message: &str) -> Problem {
    Problem { detail: format!("The log {message}."), ..Problem::invalid_field("file", message) }
}

/// Refuses what is known not to be text.
fn check_text(start: &[u8]) -> Result<(), Problem> {
    let what = match start {
        [0x1f, 0x8b, ..] => "compressed (gzip)",
        [b'P', b'K', 3 | 5, ..] => "a ZIP archive or a spreadsheet file",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "compressed (zstd)",
        [b'B', b'Z', b'h', ..] => "compressed (bzip2)",
        [b'P', b'A', b'R', b'1', ..] => "a Parquet file",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16 text; save it as UTF-8",
        _ => return Ok(()),
    };
    let text = format!("The log is {what}. Send CSV or JSON lines as plain text.");
    Err(Problem::new(Code::UnsupportedMedia, text))
}
