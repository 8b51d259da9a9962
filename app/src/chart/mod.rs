//! Charts as text: from the data of [`shared::result::Chart`] to an SVG, drawn with geometry attributes and classes
//! only, because the content security policy blocks `style`. Everything that comes from the data is escaped.
//!
//! Each chart has two drawings, for a wide and a narrow place; the style sheet shows the one that fits.

mod axes;
mod flow;
mod plane;
mod rows;
mod svg;
mod table;

use shared::result::{Chart, ChartKind};

pub use flow::flow;
pub use table::{Table, table};

/// The room a chart has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// A page of a desk.
    Wide,
    /// A phone.
    Narrow,
}

impl Room {
    /// The width in units of the drawing, which are pixels at full size.
    const fn width(self) -> f64 {
        match self {
            Self::Wide => 860.0,
            Self::Narrow => 340.0,
        }
    }
}

/// The drawing; empty where the chart has no points.
pub fn draw(chart: &Chart, room: Room) -> String {
    if chart.series.iter().all(|series| series.points.is_empty()) {
        return String::new();
    }
    match chart.kind {
        ChartKind::Waterfall => rows::waterfall(chart, room),
        ChartKind::Bar => rows::bars(chart, room),
        ChartKind::Scatter => plane::scatter(chart, room),
        ChartKind::Line => plane::lines(chart, room),
        ChartKind::Band => plane::band(chart, room),
        ChartKind::Heatmap => rows::heatmap(chart, room),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::result::{Axis, Series};

    fn chart(kind: ChartKind, series: Vec<(&str, Vec<[f64; 2]>)>) -> Chart {
        let axis = |label: &str, unit: &str| Axis { label: label.into(), unit: unit.into() };
        Chart {
            id: "c".into(),
            title: "A chart".into(),
            kind,
            x: axis("step", ""),
            y: axis("cost", "USD/month"),
            series: series.into_iter().map(|(name, points)| Series { name: name.into(), points }).collect(),
            reference: None,
        }
    }

    const KINDS: [ChartKind; 6] = [
        ChartKind::Bar,
        ChartKind::Line,
        ChartKind::Scatter,
        ChartKind::Waterfall,
        ChartKind::Heatmap,
        ChartKind::Band,
    ];

    #[test]
    fn every_kind_draws_without_styles_and_with_finite_numbers() {
        let points = vec![[0.0, 1.0], [1.0, 500.0], [2.0, 20_000.0]];
        for kind in KINDS {
            for room in [Room::Wide, Room::Narrow] {
                let drawn = draw(&chart(kind, vec![("one", points.clone()), ("two", points.clone())]), room);
                assert!(drawn.starts_with("<svg") && drawn.ends_with("</svg>"), "{kind:?}");
                assert!(
                    !drawn.contains("style") && !drawn.contains("NaN") && !drawn.contains("inf"),
                    "{kind:?}: {drawn}"
                );
            }
        }
    }

    #[test]
    fn data_can_not_break_out_of_the_drawing() {
        let nasty = r#"</title></svg><script>alert("1")</script>"#;
        for kind in KINDS {
            let mut hostile = chart(kind, vec![(nasty, vec![[1.0, 2.0], [2.0, 3.0]])]);
            hostile.title = nasty.into();
            hostile.x.label = nasty.into();
            hostile.y.unit = nasty.into();
            let drawn = draw(&hostile, Room::Wide);
            assert!(!drawn.contains("<script"), "{kind:?}");
            assert_eq!(drawn.matches("</svg>").count(), 1, "{kind:?}");
        }
    }

    #[test]
    fn strange_data_is_survived() {
        let cases: [Vec<[f64; 2]>; 5] = [
            vec![],
            vec![[0.0, 0.0]],
            vec![[1.0, f64::NAN], [f64::INFINITY, 1.0]],
            vec![[5.0, -3.0], [5.0, -3.0]],
            vec![[1e-9, 1e12], [1e12, 1e-9]],
        ];
        for kind in KINDS {
            for points in &cases {
                let drawn = draw(&chart(kind, vec![("a", points.clone())]), Room::Narrow);
                assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{kind:?} {points:?}: {drawn}");
            }
        }
    }
}
