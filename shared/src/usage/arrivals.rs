//! When requests arrive, folded as they pass: the spread of the times between them, the busiest minute, and the
//! busiest stretch for a replay. Rows may come in rising or falling order, or a little out of it.

use std::collections::HashMap;
use std::ops::Range;

use super::time::SECOND;
use crate::limits::USAGE_SAMPLE_ROWS as BLOCK;

/// Width of the windows in which a peak is counted, to begin with.
const WINDOW_S: i64 = 60;
/// Windows that are counted at most, a little more than a year of minutes; for longer logs they become wider.
const WINDOWS_MAX: usize = 600_000;
/// Stretches that overlap by more than this share of the log mean that it is not in order of time.
const OVERLAP_MAX: f64 = 0.05;

/// An arrival: nanoseconds, and microseconds of service where known.
pub(super) type Moment = (i64, Option<u64>);

/// The fold.
#[derive(Clone, Debug)]
pub(super) struct Arrivals {
    rows: u64,
    first: i64,
    last: i64,
    /// The first row's moment, from which windows are laid.
    origin: i64,
    window_s: i64,
    windows: HashMap<i64, u32>,
    /// The window of the last row and its count so far.
    window: (i64, u32),
    /// The moments that belong to it.
    within: Range<i64>,
    block: Vec<Moment>,
    /// Whether `block` is in rising order.
    rising: bool,
    /// The shortest full stretch so far.
    busiest: Vec<Moment>,
    gaps: Gaps,
    /// The ends of the last stretch.
    ends: Option<(i64, i64)>,
    /// Nanoseconds that all stretches span together.
    spanned: i128,
}

#[derive(Clone, Copy, Debug, Default)]
struct Gaps {
    count: u64,
    sum: f64,
    squares: f64,
}

impl Gaps {
    fn add(&mut self, gap: i64) {
        let seconds = gap as f64 / SECOND as f64;
        self.count += 1;
        self.sum += seconds;
        self.squares += seconds * seconds;
    }
}

/// What the arrivals of a log say.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// The first and the last moment.
    pub(super) ends: (i64, i64),
    /// The squared coefficient of variation of the times between arrivals.
    pub(super) scv: Option<f64>,
    /// The busiest window over the mean one.
    pub(super) peak_factor: Option<f64>,
    /// The width of a window in seconds.
    pub(super) window_s: i64,
    /// The busiest stretch, in order; empty if the log is not in order.
    pub(super) stretch: Vec<Moment>,
    /// Whether the rows come in order of time, rising or falling.
    pub(super) ordered: bool,
}

impl Arrivals {
    pub(super) fn new() -> Self {
        Self {
            rows: 0,
            first: i64::MAX,
            last: i64::MIN,
            origin: 0,
            window_s: WINDOW_S,
            windows: HashMap::new(),
            window: (0, 0),
            within: 0..0,
            block: Vec::with_capacity(BLOCK),
            rising: true,
            busiest: Vec::new(),
            gaps: Gaps::default(),
            ends: None,
            spanned: 0,
        }
    }

    /// Folds one arrival.
    pub(super) fn add(&mut self, at: i64, service_us: Option<u64>) {
        if self.rows == 0 {
            self.origin = at;
        }
        self.rows += 1;
        self.rising &= at >= self.block.last().map_or(i64::MIN, |(before, _)| *before);
        (self.first, self.last) = (self.first.min(at), self.last.max(at));
        if self.within.contains(&at) {
            self.window.1 += 1;
        } else {
            self.keep_window();
            self.open_window(at);
        }
        self.block.push((at, service_us));
        if self.block.len() == BLOCK {
            self.end_block();
        }
    }

    /// Begins the window of `at` with one row. Its bounds are kept, because a division costs more than the rest.
    fn open_window(&mut self, at: i64) {
        let width = self.window_s * SECOND;
        let window = at.saturating_sub(self.origin).div_euclid(width);
        self.window = (window, 1);
        let start = self.origin.saturating_add(window.saturating_mul(width));
        self.within = start..start.saturating_add(width);
    }

    fn keep_window(&mut self) {
        let (window, count) = self.window;
        if count == 0 {
            return;
        }
        *self.windows.entry(window).or_insert(0) += count;
        if self.windows.len() > WINDOWS_MAX {
            self.window_s *= 2;
            let mut wider = HashMap::with_capacity(self.windows.len() / 2);
            for (window, count) in self.windows.drain() {
                *wider.entry(window.div_euclid(2)).or_insert(0) += count;
            }
            self.windows = wider;
        }
    }

    fn end_block(&mut self) {
        if !self.rising {
            self.block.sort_unstable_by_key(|(at, _)| *at);
        }
        let (Some(&(first, _)), Some(&(last, _))) = (self.block.first(), self.block.last()) else { return };
        match self.ends {
            Some((_, before)) if first >= before => self.gaps.add(first.saturating_sub(before)),
            Some((after, _)) if last <= after => self.gaps.add(after.saturating_sub(last)),
            // The rows at the seam are mixed: one gap in ten thousand is left out.
            _ => {}
        }
        for pair in self.block.windows(2) {
            self.gaps.add(pair[1].0.saturating_sub(pair[0].0));
        }
        let span = |block: &[Moment]| Some(block.last()?.0.saturating_sub(block.first()?.0));
        self.spanned += i128::from(last) - i128::from(first);
        self.ends = Some((first, last));
        if self.busiest.is_empty() || (self.block.len() == BLOCK && span(&self.block) < span(&self.busiest)) {
            std::mem::swap(&mut self.busiest, &mut self.block);
        }
        self.block.clear();
        self.rising = true;
    }

    /// Ends the fold; `None` if nothing arrived.
    pub(super) fn finish(mut self) -> Option<Found> {
        if self.rows == 0 {
            return None;
        }
        self.keep_window();
        self.end_block();
        let span = i128::from(self.last) - i128::from(self.first);
        let ordered = self.rows <= BLOCK as u64 || self.spanned as f64 <= span as f64 * (1.0 + OVERLAP_MAX);
        Some(Found {
            ends: (self.first, self.last),
            scv: self.scv().filter(|_| ordered),
            peak_factor: self.peak_factor(),
            window_s: self.window_s,
            stretch: if ordered { self.busiest } else { Vec::new() },
            ordered,
        })
    }

    fn scv(&self) -> Option<f64> {
        let Gaps { count, sum, squares } = self.gaps;
        let mean = sum / count as f64;
        let scv = (squares / count as f64 - mean * mean) / (mean * mean);
        (count >= 2 && mean > 0.0 && scv.is_finite()).then_some(scv.max(0.0))
    }

    /// Counts whole windows only: the log begins and ends in the middle of one.
    fn peak_factor(&self) -> Option<f64> {
        let width = i128::from(self.window_s * SECOND);
        let place = |at: i64| i128::from(at) - i128::from(self.origin);
        let first = place(self.first).div_euclid(width) + i128::from(place(self.first).rem_euclid(width) > 0);
        let end = place(self.last).div_euclid(width);
        let whole = end - first;
        let within = self.windows.iter().filter(|(window, _)| (first..end).contains(&i128::from(**window)));
        let (mut total, mut peak) = (0_u64, 0_u32);
        for (_, count) in within {
            total += u64::from(*count);
            peak = peak.max(*count);
        }
        (whole > 0 && total > 0).then(|| f64::from(peak) * whole as f64 / total as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::math::arrivals::{arrival_scv, peak_over_mean};
    use crate::analysis::math::random::Random;

    fn moments(rows: usize) -> Vec<i64> {
        let mut random = Random::new(9);
        let mut now = 1_700_000_000.0;
        let next = |_| {
            now -= random.unit().ln() * 0.5;
            (now * 1e6) as i64 * 1_000
        };
        (0..rows).map(next).collect()
    }

    fn fold(moments: impl IntoIterator<Item = i64>) -> Found {
        let mut arrivals = Arrivals::new();
        moments.into_iter().for_each(|at| arrivals.add(at, None));
        arrivals.finish().unwrap()
    }

    #[test]
    fn the_fold_agrees_with_the_whole_sample() {
        let moments = moments(35_000);
        let seconds: Vec<f64> = moments.iter().map(|at| (at - moments[0]) as f64 / 1e9).collect();
        let found = fold(moments.iter().copied());
        assert!((found.scv.unwrap() / arrival_scv(&seconds).unwrap() - 1.0).abs() < 1e-9);
        assert_eq!(found.peak_factor, peak_over_mean(&seconds, 60.0));
        assert_eq!((found.stretch.len(), found.ordered), (BLOCK, true));
    }

    #[test]
    fn the_newest_first_is_an_order_too() {
        let moments = moments(35_000);
        let (up, down) = (fold(moments.iter().copied()), fold(moments.iter().rev().copied()));
        assert!(down.ordered && (up.scv.unwrap() / down.scv.unwrap() - 1.0).abs() < 1e-9);
        assert!((up.peak_factor.unwrap() / down.peak_factor.unwrap() - 1.0).abs() < 0.1);
        assert!(down.stretch.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    }

    #[test]
    fn rows_in_no_order_have_no_burstiness() {
        let mut mixed = moments(35_000);
        let mut random = Random::new(1);
        for i in (1..mixed.len()).rev() {
            mixed.swap(i, (random.unit() * (i + 1) as f64) as usize);
        }
        let found = fold(mixed);
        assert_eq!((found.ordered, found.scv, found.stretch.len()), (false, None, 0));
        assert!(found.peak_factor.is_some(), "the busiest minute needs no order");
    }

    #[test]
    fn few_rows_and_long_times_are_survived() {
        assert!(Arrivals::new().finish().is_none());
        assert_eq!(fold([7]).scv, None);
        assert_eq!(fold([7, 7, 7]).scv, None);
        assert_eq!(fold([i64::MIN, 0, i64::MAX]).ends, (i64::MIN, i64::MAX));
        let minutes = (0..1_500_000_i64).map(|i| i * 60 * SECOND);
        let found = fold(minutes);
        assert_eq!((found.window_s, found.peak_factor), (240, Some(1.0)));
    }
}
