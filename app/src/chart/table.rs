//! The same figures as a table, for those who do not see the drawing or want the digits.

use shared::result::{Chart, ChartKind};

use super::axes::{full, words};

/// A table of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The heads of the columns.
    pub head: Vec<String>,
    /// The rows; the first cell names its row.
    pub rows: Vec<Vec<String>>,
}

/// The chart's data, in its order.
pub fn table(chart: &Chart) -> Table {
    let (x, y) = (words(&chart.x), words(&chart.y));
    if chart.kind == ChartKind::Waterfall {
        let rows = chart.series.iter().filter_map(|s| {
            let (from, to) = (s.points.first()?[1], s.points.last()?[1]);
            Some(vec![s.name.clone(), full(from, &chart.y.unit), full(to, &chart.y.unit)])
        });
        return Table {
            head: vec![chart.x.label.clone(), format!("{y}, before"), "after".into()],
            rows: rows.collect(),
        };
    }
    let rows = chart.series.iter().flat_map(|s| {
        s.points.iter().map(|[a, b]| vec![s.name.clone(), full(*a, &chart.x.unit), full(*b, &chart.y.unit)])
    });
    Table { head: vec!["name".into(), x, y], rows: rows.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::result::{Axis, Series};

    #[test]
    fn a_step_is_told_before_and_after() {
        let axis = |label: &str, unit: &str| Axis { label: label.into(), unit: unit.into() };
        let chart = Chart {
            id: "w".into(),
            title: "t".into(),
            kind: ChartKind::Waterfall,
            x: axis("step", ""),
            y: axis("cost", "USD/month"),
            series: vec![Series { name: "batch".into(), points: vec![[1.0, 36_000.0], [1.0, 18_000.0]] }],
            reference: None,
        };
        let table = table(&chart);
        assert_eq!(table.head, ["step", "cost, USD/month, before", "after"]);
        assert_eq!(table.rows, [["batch", "$36,000", "$18,000"]]);
    }
}
