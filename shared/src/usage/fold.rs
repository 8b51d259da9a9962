//! Rows of a log, folded one by one into figures of bounded size.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::arrivals::Arrivals;
use super::columns::{Column, Ticks};
use super::histogram::Histogram;
use super::number;
use super::seen::{AsIs, Seen, mix};
use super::time::{Clock, SECOND};
use crate::analysis::math::random::Random;
use crate::limits as l;

/// One row as it is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row<'a> {
    pub(super) at: Option<i64>,
    pub(super) model: Option<&'a [u8]>,
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) cached: Option<u64>,
    /// Read from and written to the cache beside `input`.
    pub(super) beside: Option<(u64, u64)>,
    /// In the unit of its column.
    pub(super) latency: Option<f64>,
    pub(super) failed: bool,
    pub(super) synthetic: bool,
}

impl Row<'_> {
    /// Whether the row has a value of this kind.
    pub(super) fn has(&self, column: Column) -> bool {
        match column {
            Column::At(_) => self.at.is_some(),
            Column::Model => self.model.is_some(),
            Column::Input => self.input.is_some(),
            Column::Output => self.output.is_some(),
            Column::Cached => self.cached.is_some(),
            Column::Latency(_) => self.latency.is_some(),
            _ => false,
        }
    }
}

/// Why a row is left out. The cell is copied only for the rows that are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bad<'a> {
    pub(super) column: &'static str,
    pub(super) cell: &'a [u8],
    pub(super) why: &'static str,
}

impl Bad<'_> {
    /// A row that is wrong as a whole.
    pub(super) const fn row(why: &'static str) -> Self {
        Self { column: "", cell: b"", why }
    }

    /// The words for a person.
    pub(super) fn message(&self) -> String {
        let shown: String = String::from_utf8_lossy(self.cell).chars().take(40).collect();
        match (self.column, shown.is_empty()) {
            ("", _) => self.why.into(),
            (column, true) => format!("{column} {}", self.why),
            (column, false) => format!("{column} {shown:?} {}", self.why),
        }
    }
}

/// How cells become values.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    pub(super) clock: Clock,
    /// What stands before decimals.
    pub(super) point: u8,
    /// Moments after this one cannot be.
    pub(super) latest: i64,
    /// Milliseconds of a tick of the latency column; `None` while its name does not tell.
    pub(super) latency_unit: Option<f64>,
    /// The blocks of the row.
    pub(super) ids: Vec<u64>,
}

impl Cells {
    /// Puts a cell into the row; an empty one says nothing.
    #[inline]
    pub(super) fn put<'a>(&mut self, row: &mut Row<'a>, column: Column, cell: &'a [u8]) -> Result<(), Bad<'a>> {
        let cell = cell.trim_ascii();
        // Words for nothing begin with an n; a model may too.
        if cell.is_empty() || (cell[0] | 0x20 == b'n' && matches!(cell, b"null" | b"NULL" | b"None" | b"NaN" | b"nan"))
        {
            return Ok(());
        }
        let bad = |why| Bad { column: column.label(), cell, why };
        match column {
            Column::At(ticks) => {
                let at = self.clock.read(cell, ticks).ok_or(bad("is not a time such as 2026-11-22T09:30:00Z"))?;
                if at > self.latest {
                    return Err(bad("lies in the future"));
                }
                row.at.get_or_insert(at);
            }
            Column::Model => {
                if cell.len() > l::TEXT_FIELD_MAX_CHARS || cell.iter().any(u8::is_ascii_control) {
                    return Err(bad("is not a model's name"));
                }
                row.model.get_or_insert(cell);
            }
            Column::Input => _ = row.input.get_or_insert(self.tokens(cell).ok_or(bad(TOKENS))?),
            Column::Output => _ = row.output.get_or_insert(self.tokens(cell).ok_or(bad(TOKENS))?),
            Column::Cached => _ = row.cached.get_or_insert(self.tokens(cell).ok_or(bad(TOKENS))?),
            Column::CacheRead => {
                row.beside.get_or_insert_default().0 = self.tokens(cell).ok_or(bad(TOKENS))?;
            }
            Column::CacheWrite => {
                row.beside.get_or_insert_default().1 = self.tokens(cell).ok_or(bad(TOKENS))?;
            }
            Column::Latency(ticks) => {
                self.latency_unit = match ticks {
                    Ticks::Unsaid => None,
                    Ticks::Seconds => Some(1e3),
                    Ticks::Millis => Some(1.0),
                    Ticks::Micros => Some(1e-3),
                };
                let unit = self.latency_unit.unwrap_or(1.0);
                let number = number::whole(cell).map(|n| n as f64).or_else(|| number::real(cell, self.point));
                let within = number.filter(|n| *n >= 0.0 && *n * unit <= l::LATENCY_MAX_MS);
                row.latency = Some(within.ok_or(bad("is not a time between 0 and a day"))?);
            }
            Column::Status => row.failed = failed(cell),
            Column::Synthetic => row.synthetic = !cell.eq_ignore_ascii_case(b"false") && cell != b"0",
            // A list in a cell of CSV: anything that is no digit separates.
            Column::Hashes => {
                let mut id = None::<u64>;
                for byte in cell {
                    if byte.is_ascii_digit() {
                        id = Some(id.unwrap_or(0).wrapping_mul(10).wrapping_add(u64::from(byte - b'0')));
                    } else {
                        self.ids.extend(id.take());
                    }
                }
                self.ids.extend(id);
            }
        }
        Ok(())
    }

    fn tokens(&self, cell: &[u8]) -> Option<u64> {
        let whole = number::whole(cell)
            .or_else(|| number::real(cell, self.point).filter(|n| *n >= 0.0).map(|n| n.round() as u64));
        whole.filter(|tokens| *tokens <= l::TOKENS_MAX as u64)
    }
}

const TOKENS: &str = "is not a count of tokens";

/// Whether a status tells a failure: an HTTP status from 400 on, or a word for it.
fn failed(cell: &[u8]) -> bool {
    match number::whole(cell) {
        Some(status) => status >= 400,
        None => ["fail", "error", "timeout", "cancel", "false", "abort", "refused"]
            .iter()
            .any(|word| cell.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))),
    }
}

/// The sums of one model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) requests: u64,
    pub(super) input: u64,
    pub(super) output: u64,
    pub(super) cached: u64,
}

/// Sums by model, for as many models as one can look at; the rest is one sum.
#[derive(Clone, Debug, Default)]
pub(super) struct Models {
    /// Places by the mixed name; of two names that mix alike the second counts among the rest.
    places: HashMap<u64, usize, BuildHasherDefault<AsIs>>,
    names: Vec<Box<[u8]>>,
    pub(super) sums: Vec<Sums>,
    pub(super) other: Sums,
    /// How many different names the rest has.
    pub(super) other_names: Seen,
    /// Names of late with their places, found by a few of their bytes.
    late: [(Vec<u8>, usize); LATE],
}

/// Names that are found without hashing.
const LATE: usize = 16;

impl Models {
    fn add(&mut self, model: &[u8]) -> &mut Sums {
        let byte = |at: usize| usize::from(model.get(at).copied().unwrap_or(0));
        let slot = (model.len() * 7 + byte(model.len() / 2) + byte(model.len().wrapping_sub(1)) * 3) % LATE;
        let late = &mut self.late[slot];
        if late.0 == model && !self.sums.is_empty() {
            return &mut self.sums[late.1];
        }
        let key = mixed(model);
        let place = match self.places.get(&key) {
            Some(place) if *self.names[*place] == *model => *place,
            None if self.sums.len() < l::USAGE_MODELS_MAX => {
                self.sums.push(Sums::default());
                self.names.push(model.into());
                self.places.insert(key, self.sums.len() - 1);
                self.sums.len() - 1
            }
            _ => {
                self.other_names.add(key);
                return &mut self.other;
            }
        };
        late.0.clear();
        late.0.extend_from_slice(model);
        late.1 = place;
        &mut self.sums[place]
    }

    /// The models with their sums, the most requests first.
    pub(super) fn ranked(&self) -> Vec<(String, Sums)> {
        let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut ranked: Vec<_> = self.names.iter().zip(&self.sums).map(|(n, sums)| (name(n), *sums)).collect();
        ranked.sort_by(|a, b| b.1.requests.cmp(&a.1.requests).then_with(|| a.0.cmp(&b.0)));
        ranked
    }
}

/// A name as a number.
fn mixed(name: &[u8]) -> u64 {
    name.chunks(8).fold(name.len() as u64, |hash, part| {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        mix(hash ^ u64::from_le_bytes(word))
    })
}

/// Rows drawn at random, each with the same chance, in one pass (Vitter 1985; the skips are those of Li's algorithm L,
/// ACM TOMS 20(4), 1994).
#[derive(Clone, Debug)]
pub(super) struct Reservoir {
    pub(super) rows: Vec<f64>,
    random: Random,
    weight: f64,
    skip: u64,
}

impl Reservoir {
    fn new(seed: u64) -> Self {
        Self { rows: Vec::new(), random: Random::new(seed), weight: 1.0, skip: 0 }
    }

    fn add(&mut self, value: f64) {
        if self.rows.len() < l::USAGE_SAMPLE_ROWS {
            self.rows.push(value);
            if self.rows.len() == l::USAGE_SAMPLE_ROWS {
                self.draw();
            }
        } else if self.skip > 0 {
            self.skip -= 1;
        } else {
            let place = (self.random.unit() * self.rows.len() as f64) as usize;
            self.rows[place] = value;
            self.draw();
        }
    }

    /// How many rows pass before the next is taken.
    fn draw(&mut self) {
        self.weight *= (self.random.unit().ln() / self.rows.len() as f64).exp();
        let skip = self.random.unit().ln() / (1.0 - self.weight).ln();
        self.skip = if skip.is_finite() { skip as u64 } else { u64::MAX };
    }
}

/// Everything that is known of the rows so far.
#[derive(Clone, Debug)]
pub(super) struct Fold {
    pub(super) rows: u64,
    pub(super) failed: u64,
    pub(super) synthetic: bool,
    pub(super) input: Histogram,
    pub(super) output: Histogram,
    /// Cached tokens of the requests that had any, and how many requests told.
    pub(super) cached: Histogram,
    pub(super) cache_told: u64,
    /// Rows whose tokens count the cache apart.
    pub(super) beside: bool,
    pub(super) models: Models,
    pub(super) arrivals: Arrivals,
    /// Thousandths of the column's unit.
    pub(super) latency: Histogram,
    pub(super) sample: Reservoir,
    pub(super) blocks: Seen,
    pub(super) prompts: Seen,
}

impl Fold {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            rows: 0,
            failed: 0,
            synthetic: false,
            input: Histogram::new(),
            output: Histogram::new(),
            cached: Histogram::new(),
            cache_told: 0,
            beside: false,
            models: Models::default(),
            arrivals: Arrivals::new(),
            latency: Histogram::new(),
            sample: Reservoir::new(seed),
            blocks: Seen::default(),
            prompts: Seen::default(),
        }
    }

    /// Folds a row in, if it says anything and does not contradict itself.
    pub(super) fn add<'a>(&mut self, row: &Row<'a>) -> Result<(), Bad<'a>> {
        let (input, cached) = match (row.input, row.beside) {
            (Some(input), Some((read, written))) => (Some(input + read + written), Some(read)),
            (input, _) => (input, row.cached),
        };
        if let (Some(input), Some(cached)) = (input, cached)
            && cached > input
        {
            return Err(Bad::row("cached_tokens are more than input_tokens, which count them too"));
        }
        if row.at.is_none() && input.is_none() && row.output.is_none() && row.latency.is_none() {
            return Err(Bad::row("the row has no time, no tokens and no latency"));
        }
        self.rows += 1;
        self.failed += u64::from(row.failed);
        self.beside |= row.beside.is_some();
        self.synthetic |= row.synthetic;
        if let Some(tokens) = input {
            self.input.add(tokens);
        }
        if let Some(tokens) = row.output {
            self.output.add(tokens);
        }
        if let Some(tokens) = cached {
            self.cache_told += 1;
            if tokens > 0 {
                self.cached.add(tokens);
            }
        }
        if let Some(model) = row.model {
            let sums = self.models.add(model);
            sums.requests += 1;
            sums.input += input.unwrap_or(0);
            sums.output += row.output.unwrap_or(0);
            sums.cached += cached.unwrap_or(0);
        }
        // Rounded by hand: what the library's rounding does with signs and halves costs a call.
        let service = row.latency.map(|ticks| (ticks * 1e3 + 0.5) as u64);
        if let Some(at) = row.at {
            self.arrivals.add(at, service);
        }
        if let (Some(ticks), Some(service), false) = (row.latency, service, row.failed) {
            self.latency.add(service);
            self.sample.add(ticks);
        }
        Ok(())
    }
}

/// The moment one day after `now_ms`: clocks differ, but not by more.
pub(super) fn latest(now_ms: u64) -> i64 {
    i64::try_from(now_ms)
        .ok()
        .and_then(|ms| ms.checked_mul(1_000_000))
        .map_or(i64::MAX, |now| now.saturating_add(86_400 * SECOND))
}
