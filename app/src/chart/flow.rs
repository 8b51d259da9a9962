//! A flow as a picture: stages in columns by how many transitions lead to them from the start, ways between them as
//! curves. Two stages with ways both ways share a curve with two heads. The list beside it says the same in words.

use std::collections::HashMap;

use shared::flow::{FlowView, StageId};

use super::svg::{Anchor, Svg, fit};

const NODE: [f64; 2] = [164.0, 42.0];
const COLUMN: f64 = 264.0;
const ROW: f64 = 66.0;
const EDGE: f64 = 26.0;
/// Straight pieces a curve is drawn with.
const PIECES: usize = 18;

/// Where a stage is drawn: its upper left corner.
type Places = HashMap<StageId, [f64; 2]>;

/// The column of each stage: steps from the start; those that cannot be reached stand behind all others.
fn columns(flow: &FlowView) -> HashMap<StageId, usize> {
    let mut columns = HashMap::new();
    let mut now: Vec<StageId> = flow.stages.iter().filter(|stage| stage.start).map(|stage| stage.id).collect();
    let mut column = 0;
    while !now.is_empty() {
        now.retain(|stage| !columns.contains_key(stage));
        columns.extend(now.iter().map(|stage| (*stage, column)));
        let ways = flow.transitions.iter().filter(|way| now.contains(&way.from_stage_id));
        now = ways.map(|way| way.to_stage_id).filter(|to| !columns.contains_key(to)).collect();
        now.sort_unstable();
        now.dedup();
        column += 1;
    }
    for stage in &flow.stages {
        columns.entry(stage.id).or_insert(column);
    }
    columns
}

fn places(flow: &FlowView) -> (Places, [f64; 2]) {
    let columns = columns(flow);
    let mut filled: HashMap<usize, usize> = HashMap::new();
    for column in columns.values() {
        *filled.entry(*column).or_default() += 1;
    }
    let tallest = filled.values().copied().max().unwrap_or(1);
    let mut rows: HashMap<usize, usize> = HashMap::new();
    let places = flow.stages.iter().map(|stage| {
        let column = columns[&stage.id];
        let row = rows.entry(column).or_default();
        let above = (tallest - filled[&column]) as f64 * ROW / 2.0;
        let place = [EDGE + column as f64 * COLUMN, EDGE + above + *row as f64 * ROW];
        *row += 1;
        (stage.id, place)
    });
    let places = places.collect();
    let wide = filled.keys().copied().max().unwrap_or(0);
    // Ways within the last column bulge out to its right.
    let width = EDGE + wide as f64 * COLUMN + NODE[0] + 110.0;
    (places, [width, EDGE * 2.0 + tallest as f64 * ROW - (ROW - NODE[1])])
}

fn curve(points: [[f64; 2]; 4]) -> Vec<[f64; 2]> {
    let at = |t: f64| {
        // The Bernstein polynomials of degree 3.
        let rest = 1.0 - t;
        let weights = [rest * rest * rest, 3.0 * rest * rest * t, 3.0 * rest * t * t, t * t * t];
        [0, 1].map(|axis| weights.iter().zip(points).map(|(weight, point)| weight * point[axis]).sum())
    };
    (0..=PIECES).map(|piece| at(piece as f64 / PIECES as f64)).collect()
}

/// A head at the end of a curve.
fn head(svg: &mut Svg, points: &[[f64; 2]]) {
    let [.., before, tip] = points else { return };
    let (dx, dy) = (tip[0] - before[0], tip[1] - before[1]);
    let length = dx.hypot(dy).max(1e-6);
    let (x, y) = (dx / length, dy / length);
    let back = [tip[0] - 8.0 * x, tip[1] - 8.0 * y];
    let side = |way: f64| [back[0] - way * 4.0 * y, back[1] + way * 4.0 * x];
    svg.path("flow-head", &[*tip, side(1.0), side(-1.0)], true);
}

fn way(places: &Places, from: StageId, to: StageId) -> Option<Vec<[f64; 2]>> {
    let (a, b) = (places.get(&from)?, places.get(&to)?);
    let middle = |place: &[f64; 2]| place[1] + NODE[1] / 2.0;
    let (left, right) = (|place: &[f64; 2]| place[0], |place: &[f64; 2]| place[0] + NODE[0]);
    let (from, to, reach_from, reach_to) = if (a[0] - b[0]).abs() < 1.0 {
        let reach = 22.0 + (middle(a) - middle(b)).abs() * 0.18;
        let shift = if from == to { 10.0 } else { 0.0 };
        ([right(a), middle(a) - shift], [right(b), middle(b) + shift], reach, reach)
    } else if a[0] < b[0] {
        ([right(a), middle(a)], [left(b), middle(b)], 50.0, -50.0)
    } else {
        ([left(a), middle(a)], [right(b), middle(b)], -50.0, 50.0)
    };
    Some(curve([from, [from[0] + reach_from, from[1]], [to[0] + reach_to, to[1]], to]))
}

/// The picture.
pub fn flow(flow: &FlowView, name: &str) -> String {
    let (places, [width, height]) = places(flow);
    let mut svg = Svg::new(name, width, height);
    let leads = |from, to| flow.transitions.iter().any(|way| way.from_stage_id == from && way.to_stage_id == to);
    let mut drawn = Vec::new();
    for transition in &flow.transitions {
        let (from, to) = (transition.from_stage_id, transition.to_stage_id);
        if drawn.contains(&(from, to)) || drawn.contains(&(to, from)) {
            continue;
        }
        drawn.push((from, to));
        let Some(mut points) = way(&places, from, to) else { continue };
        svg.path("flow-way", &points, false);
        head(&mut svg, &points);
        if from != to && leads(to, from) {
            points.reverse();
            head(&mut svg, &points);
        }
    }
    for stage in &flow.stages {
        let Some(place) = places.get(&stage.id) else { continue };
        let class = match (stage.start, stage.end) {
            (true, _) => "flow-stage flow-stage--start",
            (_, true) => "flow-stage flow-stage--end",
            _ => "flow-stage",
        };
        svg.rect(class, *place, NODE, &stage.description);
        let middle = [place[0] + NODE[0] / 2.0, place[1] + NODE[1] / 2.0 + 4.5];
        svg.text("flow-name", middle, Anchor::Middle, &fit(&stage.name, NODE[0] - 12.0));
    }
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::flow::{Business, Stage, Transition};
    use uuid::Uuid;

    fn view(stages: &[(u128, &str, bool)], ways: &[(u128, u128)]) -> FlowView {
        let id = Uuid::from_u128;
        let stage = |(n, name, start): &(u128, &str, bool)| Stage {
            id: id(*n),
            name: (*name).into(),
            description: String::new(),
            category: None,
            start: *start,
            end: false,
            selection_template_id: None,
            extraction_template_id: None,
            response_template_id: None,
        };
        let way = |(n, (from, to)): (usize, &(u128, u128))| Transition {
            id: id(100 + n as u128),
            from_stage_id: id(*from),
            to_stage_id: id(*to),
            condition: String::new(),
            priority: 1,
            description: String::new(),
        };
        let business = Business {
            id: Uuid::nil(),
            name: "b".into(),
            description: String::new(),
            active: false,
            builtin: false,
            version: 1,
        };
        let stages = stages.iter().map(stage).collect();
        let transitions = ways.iter().enumerate().map(way).collect();
        FlowView { business, stages, transitions, templates: Vec::new(), members: Vec::new(), findings: Vec::new() }
    }

    #[test]
    fn stages_stand_behind_those_that_lead_to_them_and_none_on_another() {
        let flow =
            view(&[(3, "c", false), (1, "a", true), (2, "b", false), (4, "lost", false)], &[(1, 2), (2, 3), (3, 1)]);
        let columns = columns(&flow);
        let of = |n| columns[&Uuid::from_u128(n)];
        assert_eq!((of(1), of(2), of(3), of(4)), (0, 1, 2, 3));
        let (places, [width, height]) = places(&flow);
        for (id, [x, y]) in &places {
            assert!(*x >= 0.0 && x + NODE[0] <= width && *y >= 0.0 && y + NODE[1] <= height, "{id}");
            let here = |place: &&[f64; 2]| (place[0] - x).abs() < NODE[0] && (place[1] - y).abs() < NODE[1];
            assert_eq!(places.values().filter(here).count(), 1);
        }
    }

    #[test]
    fn names_are_only_ever_text_and_both_directions_share_a_curve() {
        let flow = view(&[(1, "<script>", true), (2, "b", false)], &[(1, 2), (2, 1), (2, 2), (1, 9)]);
        let svg = super::flow(&flow, "The \"flow\"");
        assert!(!svg.contains("<script>") && svg.contains("&lt;script&gt;"));
        assert_eq!((svg.matches("flow-way").count(), svg.matches("flow-head").count()), (2, 3));
        assert!(!svg.contains("NaN"));
        assert!(super::flow(&view(&[], &[]), "none").ends_with("</svg>"));
    }
}
