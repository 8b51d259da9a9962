//! Charts on two axes: points, lines, and a line within a band.

use shared::result::{Chart, Series};

use super::Room;
use super::axes::{Scale, full, short, words};
use super::svg::{Anchor, Svg, fit, width_of};

/// The series that marks which points are not dominated.
const FRONTIER: &str = "frontier";
/// Line colours, told apart by the names at their ends too.
const COLOURS: usize = 4;

struct Plane {
    room: Room,
    x: Scale,
    y: Scale,
    left: f64,
    right: f64,
    bottom: f64,
}

impl Plane {
    /// Axes that hold all `points`.
    fn over<'p>(chart: &Chart, room: Room, points: impl Iterator<Item = &'p [f64; 2]> + Clone, right: f64) -> Self {
        let (left, top) = (if room == Room::Wide { 56.0 } else { 44.0 }, 26.0);
        let height = if room == Room::Wide { 380.0 } else { 320.0 };
        let (right, bottom) = (room.width() - right, height - 46.0);
        let x = Scale::over(points.clone().map(|p| p[0]).chain(chart.reference.map(|r| r[0])), [left, right], false);
        let y = Scale::over(points.map(|p| p[1]).chain(chart.reference.map(|r| r[1])), [bottom, top], false);
        Self { room, x, y, left, right, bottom }
    }

    fn begin(&self, chart: &Chart) -> Svg {
        let mut svg = Svg::new(&chart.title, self.room.width(), self.bottom + 46.0);
        for tick in self.y.ticks(5) {
            let y = self.y.at(tick);
            svg.line("plot__grid", [self.left, y], [self.right, y]);
            svg.text("plot__tick", [self.left - 8.0, y + 4.0], Anchor::End, &short(tick, &chart.y.unit));
        }
        let mut free_from = f64::NEG_INFINITY;
        for tick in self.x.ticks(if self.room == Room::Wide { 6 } else { 3 }) {
            let (x, text) = (self.x.at(tick), short(tick, &chart.x.unit));
            svg.line("plot__grid", [x, self.bottom], [x, self.bottom + 4.0]);
            if x - width_of(&text) / 2.0 > free_from {
                svg.text("plot__tick", [x, self.bottom + 19.0], Anchor::Middle, &text);
                free_from = x + width_of(&text) / 2.0 + 6.0;
            }
        }
        svg.line("plot__axis", [self.left, self.bottom], [self.right, self.bottom]);
        svg.text(
            "plot__label",
            [self.left - 44.0 + if self.left < 50.0 { 0.0 } else { -8.0 }, 13.0],
            Anchor::Start,
            &words(&chart.y),
        );
        svg.text("plot__label", [self.right, self.bottom + 38.0], Anchor::End, &words(&chart.x));
        svg
    }

    fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.x.at(x), self.y.at(y)]
    }
}

fn finite(series: &Series) -> impl Iterator<Item = &[f64; 2]> + Clone {
    series.points.iter().filter(|p| p[0].is_finite() && p[1].is_finite())
}

/// Points by name; those of the frontier are joined and named, and so is the reference.
pub(super) fn scatter(chart: &Chart, room: Room) -> String {
    let all = chart.series.iter().flat_map(finite);
    let plane = Plane::over(chart, room, all, 18.0);
    let mut svg = plane.begin(chart);
    let is_frontier = |s: &&Series| s.name == FRONTIER;
    let frontier: Vec<[f64; 2]> = chart.series.iter().filter(is_frontier).flat_map(finite).copied().collect();
    let mut labels = Labels { taken: Vec::new(), left: plane.left, right: room.width() };
    if frontier.len() > 1 {
        let steps = stairs(&frontier, &plane);
        svg.path("plot__front", &steps, false);
        labels.taken.extend(steps.windows(2).map(|pair| {
            let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
            [ax.min(bx), ay.min(by), ax.max(bx), ay.max(by)]
        }));
    }
    let title =
        |name: &str, [x, y]: [f64; 2]| format!("{name}: {}, {}", full(x, &chart.x.unit), full(y, &chart.y.unit));
    let mut named: Vec<([f64; 2], &str)> = Vec::new();
    for series in chart.series.iter().filter(|s| !is_frontier(s)) {
        for point in finite(series) {
            let on_front = frontier.contains(point);
            let class = if on_front { "plot__dot plot__dot--front" } else { "plot__dot" };
            let at = plane.at(*point);
            labels.taken.push([at[0] - 5.0, at[1] - 5.0, at[0] + 5.0, at[1] + 5.0]);
            svg.dot(class, at, if on_front { 5.5 } else { 4.0 }, &title(&series.name, *point));
            if on_front {
                named.push((at, &series.name));
            }
        }
    }
    if let Some(reference) = chart.reference.filter(|r| r[0].is_finite() && r[1].is_finite()) {
        let at = plane.at(reference);
        svg.dot("plot__today", at, 9.0, &title("today", reference));
        labels.place(&mut svg, "plot__name plot__name--total", at, "today");
    }
    for (at, name) in named {
        labels.place(&mut svg, "plot__name", at, &fit(name, 170.0));
    }
    svg.finish()
}

/// Between two points of a frontier nothing is to be had, so it goes in steps.
fn stairs(frontier: &[[f64; 2]], plane: &Plane) -> Vec<[f64; 2]> {
    let mut points: Vec<[f64; 2]> = Vec::with_capacity(frontier.len() * 2);
    for point in frontier {
        let at = plane.at(*point);
        if let Some(&[_, y]) = points.last() {
            points.push([at[0], y]);
        }
        points.push(at);
    }
    points
}

/// Places names beside points where nothing else is; a name without room is left to the table.
struct Labels {
    taken: Vec<[f64; 4]>,
    left: f64,
    right: f64,
}

impl Labels {
    fn place(&mut self, svg: &mut Svg, class: &str, [x, y]: [f64; 2], name: &str) {
        let width = width_of(name);
        // The dot that is named is no obstacle to its name.
        let own = |t: &[f64; 4]| (t[0] + 5.0 - x).abs() < 1e-9 && (t[1] + 5.0 - y).abs() < 1e-9;
        let places = [
            ([x + 13.0, y + 4.5], Anchor::Start, x + 13.0),
            ([x - 13.0, y + 4.5], Anchor::End, x - 13.0 - width),
            ([x - 6.0, y - 10.0], Anchor::End, x - 6.0 - width),
            ([x, y - 14.0], Anchor::Middle, x - width / 2.0),
            ([x, y + 22.0], Anchor::Middle, x - width / 2.0),
            ([x + 8.0, y + 18.0], Anchor::Start, x + 8.0),
        ];
        for (at, anchor, start) in places {
            let room = [start, at[1] - 11.0, start + width, at[1] + 3.0];
            let inside = room[0] >= self.left && room[2] <= self.right && room[1] >= 16.0;
            let free = self
                .taken
                .iter()
                .filter(|t| !own(t))
                .all(|t| room[2] < t[0] || room[0] > t[2] || room[3] < t[1] || room[1] > t[3]);
            if inside && free {
                self.taken.push(room);
                return svg.text(class, at, anchor, name);
            }
        }
    }
}

/// A line a series, its name at its end.
pub(super) fn lines(chart: &Chart, room: Room) -> String {
    let longest = chart.series.iter().map(|s| width_of(&s.name)).fold(0.0, f64::max).min(150.0);
    let plane = Plane::over(chart, room, chart.series.iter().flat_map(finite), longest + 16.0);
    let mut svg = plane.begin(chart);
    if let Some([_, y]) = chart.reference.filter(|r| r[1].is_finite()) {
        svg.line("plot__reference", [plane.left, plane.y.at(y)], [plane.right, plane.y.at(y)]);
    }
    for (i, series) in chart.series.iter().enumerate() {
        let points: Vec<_> = finite(series).map(|p| plane.at(*p)).collect();
        let Some(last) = points.last() else { continue };
        svg.path(&format!("plot__line plot__line--{}", i % COLOURS + 1), &points, false);
        svg.text("plot__name", [last[0] + 8.0, last[1] + 4.5], Anchor::Start, &fit(&series.name, longest));
    }
    svg.finish()
}

/// The first series as a line, all others as the edges of the band around it.
pub(super) fn band(chart: &Chart, room: Room) -> String {
    let plane = Plane::over(chart, room, chart.series.iter().flat_map(finite), 24.0);
    let mut svg = plane.begin(chart);
    let edges: Vec<Vec<[f64; 2]>> =
        chart.series.iter().skip(1).map(|s| finite(s).map(|p| plane.at(*p)).collect()).collect();
    if let [low, .., high] = edges.as_slice() {
        let around: Vec<_> = low.iter().chain(high.iter().rev()).copied().collect();
        svg.path("plot__band", &around, true);
    }
    if let Some(middle) = chart.series.first() {
        let points: Vec<_> = finite(middle).map(|p| plane.at(*p)).collect();
        svg.path("plot__line plot__line--1", &points, false);
    }
    svg.finish()
}
