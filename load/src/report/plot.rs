//! Plots as inline SVG: no script, no font, no colour that the page does not set.

use std::fmt::Write;

use super::{escape, figure};

/// One line of a plot.
pub(super) struct Line {
    /// Its name in the legend.
    pub(super) name: String,
    /// Its points.
    pub(super) points: Vec<(f64, f64)>,
}

/// How an axis is divided.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// Evenly.
    Linear,
    /// By powers of ten.
    Log,
    /// Percentiles, by the logarithm of what is above them.
    Percentile,
}

/// A plot.
pub(super) struct Plot {
    /// What it shows.
    pub(super) title: String,
    /// What runs to the right.
    pub(super) x: (&'static str, Scale),
    /// What runs upwards.
    pub(super) y: (&'static str, Scale),
    /// The lines.
    pub(super) lines: Vec<Line>,
}

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 260.0;
/// Left, right, top, bottom.
const MARGIN: [f64; 4] = [62.0, 14.0, 30.0, 40.0];

impl Scale {
    fn map(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.max(1e-3).log10(),
            Self::Percentile => -(1.0 - value.min(99.9999) / 100.0).log10(),
        }
    }

    /// Where the grid lines are, between the mapped ends.
    fn ticks(self, low: f64, high: f64) -> Vec<f64> {
        match self {
            Self::Percentile => {
                let all = [0.0, 50.0, 90.0, 99.0, 99.9, 99.99];
                all.into_iter().filter(|p| self.map(*p) <= high + 1e-9).collect()
            }
            Self::Log => (low.floor() as i32..=high.ceil() as i32).map(|e| 10_f64.powi(e)).collect(),
            Self::Linear => {
                let rough = (high - low) / 5.0;
                let power = 10_f64.powf(rough.log10().floor());
                let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| *s >= rough);
                let step = step.unwrap_or(power);
                let first = (low / step).ceil() as i64;
                (first..).map(|n| n as f64 * step).take_while(|v| *v <= high + step * 1e-6).take(12).collect()
            }
        }
    }
}

impl Plot {
    /// The plot as an SVG element; a sentence where there is nothing to plot.
    pub(super) fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| &line.points).filter(|(x, y)| x.is_finite() && y.is_finite());
        let title = escape(&self.title);
        if points().count() < 2 {
            return format!(
                "<figure><figcaption>{title}</figcaption><p class=\"none\">nothing was measured</p></figure>"
            );
        }
        let ends = |of: &dyn Fn(&(f64, f64)) -> f64| {
            points().map(of).fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)))
        };
        let (x_low, x_high) = ends(&|p| self.x.1.map(p.0));
        let (y_low, y_high) = ends(&|p| self.y.1.map(p.1));
        // Amounts begin at nothing; a difference that is too small to see is not blown up.
        let y_low = if self.y.1 == Scale::Linear { y_low.min(0.0) } else { y_low.floor() };
        let y_high = if self.y.1 == Scale::Linear { y_high * 1.05 } else { y_high.ceil() };
        let (y_high, x_high) = (y_high.max(y_low + 1e-9), x_high.max(x_low + 1e-9));
        let [left, right, top, bottom] = MARGIN;
        let px = |x: f64| left + (x - x_low) / (x_high - x_low) * (WIDTH - left - right);
        let py = |y: f64| HEIGHT - bottom - (y - y_low) / (y_high - y_low) * (HEIGHT - top - bottom);
        let mut svg = format!(
            "<figure><figcaption>{title}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">"
        );
        for tick in self.y.1.ticks(y_low, y_high) {
            let y = py(self.y.1.map(tick));
            let (end, label) = (WIDTH - right, figure(tick));
            let _ = write!(
                svg,
                "<line class=\"grid\" x1=\"{left}\" x2=\"{end}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" class=\"end\">{label}</text>",
                left - 6.0,
                y + 4.0
            );
        }
        for tick in self.x.1.ticks(x_low, x_high) {
            let x = px(self.x.1.map(tick));
            let label = if self.x.1 == Scale::Percentile { format!("{tick}") } else { figure(tick) };
            let y = HEIGHT - bottom + 16.0;
            let _ = write!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"mid\">{label}</text>");
        }
        let (middle, low) = (f64::midpoint(left, WIDTH - right), HEIGHT - 6.0);
        let _ = write!(
            svg,
            "<text x=\"{middle:.1}\" y=\"{low:.1}\" class=\"mid name\">{}</text><text x=\"6\" y=\"18\" class=\"name\">{}</text>",
            escape(self.x.0),
            escape(self.y.0)
        );
        for (n, line) in self.lines.iter().enumerate() {
            let path: Vec<_> = line
                .points
                .iter()
                .map(|(x, y)| format!("{:.1},{:.1}", px(self.x.1.map(*x)), py(self.y.1.map(*y))))
                .collect();
            let (place, name) = (WIDTH - right - 6.0 - 110.0 * (self.lines.len() - 1 - n) as f64, escape(&line.name));
            let _ = write!(
                svg,
                "<polyline class=\"l{}\" points=\"{}\"/><text x=\"{place:.1}\" y=\"18\" class=\"end t{}\">{name}</text>",
                n % 4,
                path.join(" "),
                n % 4
            );
        }
        svg.push_str("</svg></figure>");
        svg
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        assert_eq!(Scale::Linear.ticks(0.0, 10.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(Scale::Log.ticks(0.0, 2.0), [1.0, 10.0, 100.0]);
    }

    #[test]
    fn a_plot_without_points_says_so() {
        let plot = Plot {
            title: "a < b".into(),
            x: ("s", Scale::Linear),
            y: ("ms", Scale::Linear),
            lines: vec![Line { name: "n".into(), points: vec![(f64::NAN, 1.0)] }],
        };
        let svg = plot.svg();
        assert!(svg.contains("nothing was measured") && svg.contains("a &lt; b"), "{svg}");
    }

    #[test]
    fn no_coordinate_is_lost_in_a_flat_line() {
        let plot = Plot {
            title: "flat".into(),
            x: ("s", Scale::Linear),
            y: ("ms", Scale::Linear),
            lines: vec![Line { name: "n".into(), points: vec![(0.0, 0.0), (0.0, 0.0)] }],
        };
        assert!(!plot.svg().contains("NaN") && !plot.svg().contains("inf"));
    }
}
