//! Charts in rows: one line a step or an input, its name at the left (above it where the room is narrow), its bar on a
//! common scale. Names stay readable at any length, which columns cannot offer.

use std::cmp::Ordering;

use shared::result::Chart;

use super::Room;
use super::axes::{Scale, full, short, words};
use super::svg::{Anchor, Svg, fit, width_of};

/// Where the rows of a drawing lie.
struct Grid {
    room: Room,
    names: f64,
    row: f64,
    top: f64,
    values: f64,
}

impl Grid {
    fn new(room: Room) -> Self {
        match room {
            Room::Wide => Self { room, names: 250.0, row: 34.0, top: 8.0, values: 70.0 },
            Room::Narrow => Self { room, names: 0.0, row: 48.0, top: 4.0, values: 64.0 },
        }
    }

    fn height(&self, rows: usize) -> f64 {
        self.top + self.row * rows as f64 + 28.0
    }

    /// From where to where bars reach; values stand beside them.
    fn span(&self) -> [f64; 2] {
        [self.names + if self.room == Room::Wide { 12.0 } else { 0.0 }, self.room.width() - self.values]
    }

    /// The top of the bar in a row, and its height.
    fn bar(&self, row: usize) -> [f64; 2] {
        let top = self.top + self.row * row as f64;
        match self.room {
            Room::Wide => [top + 6.0, self.row - 12.0],
            Room::Narrow => [top + 22.0, self.row - 28.0],
        }
    }

    fn name(&self, svg: &mut Svg, row: usize, class: &str, name: &str) {
        let [top, height] = self.bar(row);
        match self.room {
            Room::Wide => svg.text(class, [self.names, top + height / 2.0 + 4.5], Anchor::End, &fit(name, self.names)),
            Room::Narrow => svg.text(class, [0.0, top - 6.0], Anchor::Start, &fit(name, self.room.width())),
        }
    }

    fn axis(&self, svg: &mut Svg, scale: &Scale, chart: &Chart, rows: usize) {
        let bottom = self.top + self.row * rows as f64;
        for tick in scale.ticks(if self.room == Room::Wide { 5 } else { 3 }) {
            let x = scale.at(tick);
            svg.line("plot__grid", [x, self.top], [x, bottom + 4.0]);
            svg.text("plot__tick", [x, bottom + 20.0], Anchor::Middle, &short(tick, &chart.y.unit));
        }
    }
}

/// The value at the end of a bar, or inside where there is no room beside it.
fn value_beside(svg: &mut Svg, class: &str, [left, right]: [f64; 2], y: f64, width: f64, text: &str) {
    if right + 8.0 + width_of(text) <= width {
        svg.text(class, [right + 8.0, y], Anchor::Start, text);
    } else {
        svg.text(class, [left - 8.0, y], Anchor::End, text);
    }
}

/// Bars that start where the last one ended. Each series is a step: `[index, from]` and `[index, to]`.
pub(super) fn waterfall(chart: &Chart, room: Room) -> String {
    let grid = Grid::new(room);
    let steps: Vec<(&str, f64, f64)> = chart
        .series
        .iter()
        .filter_map(|s| Some((s.name.as_str(), s.points.first()?[1], s.points.last()?[1])))
        .filter(|(_, from, to)| from.is_finite() && to.is_finite())
        .collect();
    let unit = &chart.y.unit;
    let scale = Scale::over(steps.iter().flat_map(|s| [s.1, s.2]), grid.span(), true);
    let mut svg = Svg::new(&chart.title, room.width(), grid.height(steps.len()));
    grid.axis(&mut svg, &scale, chart, steps.len());
    for (row, (name, from, to)) in steps.iter().enumerate() {
        let [top, height] = grid.bar(row);
        let (a, b) = (scale.at(from.min(*to)), scale.at(from.max(*to)));
        let whole = *from == 0.0;
        let (class, value) = match (whole, to.total_cmp(from)) {
            (true, _) => ("plot__bar", full(*to, unit)),
            (false, Ordering::Less) => ("plot__bar plot__bar--fall", full(to - from, unit)),
            (false, Ordering::Equal) => ("plot__bar", full(0.0, unit)),
            (false, Ordering::Greater) => ("plot__bar plot__bar--rise", format!("+{}", full(to - from, unit))),
        };
        let title = format!("{name}: {} to {}", full(*from, unit), full(*to, unit));
        svg.rect(class, [a, top], [b - a, height], if whole { name } else { &title });
        grid.name(&mut svg, row, if whole { "plot__name plot__name--total" } else { "plot__name" }, name);
        let class = if whole { "plot__value plot__value--total" } else { "plot__value" };
        value_beside(&mut svg, class, [a, b], top + height / 2.0 + 4.5, room.width(), &value);
        if row + 1 < steps.len() {
            let [next, _] = grid.bar(row + 1);
            svg.line("plot__joint", [scale.at(*to), top + height], [scale.at(*to), next]);
        }
    }
    svg.finish()
}

/// One bar a row. With a reference, each series is a range around it (a tornado); without, each point is a bar.
pub(super) fn bars(chart: &Chart, room: Room) -> String {
    match chart.reference {
        Some([_, middle]) if middle.is_finite() => tornado(chart, room, middle),
        _ => plain_bars(chart, room),
    }
}

fn tornado(chart: &Chart, room: Room, middle: f64) -> String {
    let grid = Grid::new(room);
    let unit = &chart.y.unit;
    let finite =
        |s: &shared::result::Series| s.points.iter().map(|p| p[1]).filter(|v| v.is_finite()).collect::<Vec<_>>();
    let rows: Vec<(&str, Vec<f64>)> =
        chart.series.iter().map(|s| (s.name.as_str(), finite(s))).filter(|(_, v)| !v.is_empty()).collect();
    let all = rows.iter().flat_map(|(_, v)| v.iter().copied()).chain([middle]);
    let [left, right] = grid.span();
    // Both ends carry a value here.
    let scale = Scale::over(all, [left + grid.values, right], false);
    let mut svg = Svg::new(&chart.title, room.width(), grid.height(rows.len()));
    grid.axis(&mut svg, &scale, chart, rows.len());
    for (row, (name, values)) in rows.iter().enumerate() {
        let [top, height] = grid.bar(row);
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (a, m, b) = (scale.at(low), scale.at(middle.clamp(low, high)), scale.at(high));
        let title = format!("{name}: {} to {}", full(low, unit), full(high, unit));
        svg.rect("plot__bar plot__bar--fall", [a, top], [m - a, height], &title);
        svg.rect("plot__bar plot__bar--rise", [m, top], [b - m, height], &title);
        grid.name(&mut svg, row, "plot__name", name);
        let y = top + height / 2.0 + 4.5;
        svg.text("plot__value", [a - 8.0, y], Anchor::End, &full(low, unit));
        svg.text("plot__value", [b + 8.0, y], Anchor::Start, &full(high, unit));
    }
    let bottom = grid.top + grid.row * rows.len() as f64;
    svg.line("plot__reference", [scale.at(middle), grid.top], [scale.at(middle), bottom]);
    svg.finish()
}

fn plain_bars(chart: &Chart, room: Room) -> String {
    let grid = Grid::new(room);
    let many = chart.series.len() > 1;
    let mut rows: Vec<(String, f64)> = Vec::new();
    for series in &chart.series {
        for [x, y] in series.points.iter().filter(|p| p[1].is_finite()) {
            let name = match (many, series.points.len()) {
                (true, 1) => series.name.clone(),
                (true, _) => format!("{}, {}", series.name, full(*x, &chart.x.unit)),
                (false, _) => full(*x, &chart.x.unit),
            };
            rows.push((name, *y));
        }
    }
    let scale = Scale::over(rows.iter().map(|r| r.1), grid.span(), true);
    let mut svg = Svg::new(&chart.title, room.width(), grid.height(rows.len()));
    grid.axis(&mut svg, &scale, chart, rows.len());
    for (row, (name, value)) in rows.iter().enumerate() {
        let [top, height] = grid.bar(row);
        let (a, b) = (scale.at(value.min(0.0)), scale.at(value.max(0.0)));
        svg.rect("plot__bar", [a, top], [b - a, height], &format!("{name}: {}", full(*value, &chart.y.unit)));
        grid.name(&mut svg, row, "plot__name", name);
        let text = full(*value, &chart.y.unit);
        value_beside(&mut svg, "plot__value", [a, b], top + height / 2.0 + 4.5, room.width(), &text);
    }
    svg.finish()
}

/// Cells by shade: a row a series, a column a point; the value stands in the cell.
pub(super) fn heatmap(chart: &Chart, room: Room) -> String {
    let grid = Grid::new(room);
    let [left, right] = [grid.span()[0], room.width()];
    let columns = chart.series.iter().map(|s| s.points.len()).max().unwrap_or(1).max(1);
    let cell = (right - left) / columns as f64;
    let values = || chart.series.iter().flat_map(|s| s.points.iter().map(|p| p[1])).filter(|v| v.is_finite());
    let scale = Scale::over(values(), [0.0, 8.0], true);
    let mut svg = Svg::new(&chart.title, room.width(), grid.height(chart.series.len()));
    for (row, series) in chart.series.iter().enumerate() {
        let [top, height] = grid.bar(row);
        grid.name(&mut svg, row, "plot__name", &series.name);
        for (column, [x, y]) in series.points.iter().enumerate().filter(|(_, p)| p[1].is_finite()) {
            let at = left + cell * column as f64;
            let shade = scale.at(*y).round().clamp(0.0, 8.0) as u8;
            let title = format!("{}, {}: {}", series.name, full(*x, &chart.x.unit), full(*y, &chart.y.unit));
            svg.rect(&format!("plot__cell plot__cell--{shade}"), [at + 1.0, top], [cell - 2.0, height], &title);
            let class = if shade > 4 { "plot__value plot__value--on" } else { "plot__value" };
            let text = short(*y, &chart.y.unit);
            if width_of(&text) < cell {
                svg.text(class, [at + cell / 2.0, top + height / 2.0 + 4.5], Anchor::Middle, &text);
            }
        }
    }
    let y = grid.height(chart.series.len()) - 8.0;
    svg.text("plot__tick", [right, y], Anchor::End, &words(&chart.x));
    svg.finish()
}
