//! From values to places: scales and their ticks.

use shared::format;
use shared::result::Axis;

use crate::figures;

/// A scale from values to coordinates, linear or logarithmic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    log: bool,
}

impl Scale {
    /// A scale that holds all finite `values`, drawn between `from` and `to`. With `zero`, zero is on it. A spread of
    /// more than thirtyfold among positive values is drawn logarithmically, where zero is not asked for.
    pub(super) fn over(values: impl Iterator<Item = f64>, [from, to]: [f64; 2], zero: bool) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|v| v.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if zero {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        let log = !zero && low > 0.0 && high / low > 30.0;
        if high <= low {
            let margin = if low.abs() > 0.0 { low.abs() * 0.1 } else { 1.0 };
            (low, high) = (if zero { low } else { low - margin }, high + margin);
        } else if !zero && !log {
            let margin = (high - low) * 0.08;
            (low, high) = (low - margin, high + margin);
        } else if log {
            (low, high) = (low / 1.3, high * 1.3);
        }
        Self { low, high, from, to, log }
    }

    /// The place of a value.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = if self.log {
            (value.max(f64::MIN_POSITIVE).ln() - self.low.ln()) / (self.high.ln() - self.low.ln())
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from + share * (self.to - self.from)
    }

    /// About `wanted` round values on the scale.
    pub(super) fn ticks(&self, wanted: usize) -> Vec<f64> {
        if self.log { self.log_ticks() } else { self.linear_ticks(wanted) }
    }

    fn linear_ticks(&self, wanted: usize) -> Vec<f64> {
        let rough = (self.high - self.low) / wanted.max(1) as f64;
        if !(rough > 0.0 && rough.is_finite()) {
            return vec![self.low];
        }
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| *s >= rough).unwrap_or(rough);
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step).floor() as i64;
        (first..=last.min(first + 50)).map(|i| i as f64 * step).collect()
    }

    /// Powers of ten; with their double and half where those are few.
    fn log_ticks(&self) -> Vec<f64> {
        let (first, last) = (self.low.log10().floor() as i32, self.high.log10().ceil() as i32);
        let multiples: &[f64] = if last - first > 4 { &[1.0] } else { &[1.0, 3.0] };
        (first..=last)
            .flat_map(|power| multiples.iter().map(move |m| m * 10f64.powi(power)))
            .filter(|tick| (self.low..=self.high).contains(tick))
            .collect()
    }
}

/// A value as it stands at a tick or a bar: short.
pub(super) fn short(value: f64, unit: &str) -> String {
    match unit {
        "%" => format!("{} %", format::count(value)),
        _ if unit.starts_with("USD") && value.abs() >= 10_000.0 => {
            let sign = if value < 0.0 { "-" } else { "" };
            format!("{sign}${}", figures::compact(value.abs()))
        }
        _ if unit.starts_with("USD") => format::usd(value),
        "share" => format::share(value),
        "ms" => figures::duration(value).text(),
        _ => figures::compact(value),
    }
}

/// A value in full, for titles and tables, whose heads carry the unit.
pub(super) fn full(value: f64, unit: &str) -> String {
    match unit {
        _ if !value.is_finite() => "–".into(),
        "%" => format!("{} %", format::count(value)),
        "share" => format::share(value),
        "ms" => figures::duration(value).text(),
        _ if unit.starts_with("USD") => format::usd(value),
        _ => format::count(value),
    }
}

/// An axis in words: `cost, USD/month`.
pub(super) fn words(axis: &Axis) -> String {
    if axis.unit.is_empty() { axis.label.clone() } else { format!("{}, {}", axis.label, axis.unit) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        let scale = Scale::over([0.0, 36_000.0].into_iter(), [0.0, 100.0], true);
        assert_eq!(scale.ticks(4), [0.0, 10_000.0, 20_000.0, 30_000.0]);
        assert!((scale.at(18_000.0) - 50.0).abs() < 1e-9);
    }

    #[test]
    fn a_wide_spread_is_logarithmic() {
        let scale = Scale::over([1_440.0, 148_000.0].into_iter(), [0.0, 100.0], false);
        assert_eq!(scale.ticks(4), [3_000.0, 10_000.0, 30_000.0, 100_000.0]);
        let (a, b, c) = (scale.at(2_000.0), scale.at(4_000.0), scale.at(8_000.0));
        assert!(((b - a) - (c - b)).abs() < 1e-9, "doubling is the same distance everywhere");
    }

    #[test]
    fn one_value_and_no_value_have_a_scale() {
        for values in [vec![], vec![0.0], vec![7.0, 7.0], vec![f64::NAN]] {
            let scale = Scale::over(values.clone().into_iter(), [0.0, 100.0], false);
            assert!(scale.at(1.0).is_finite() && !scale.ticks(4).is_empty(), "{values:?}");
        }
    }
}
