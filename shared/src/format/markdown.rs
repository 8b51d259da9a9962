//! A document as markdown (`CommonMark` with tables). What comes from people or data is escaped: it can neither be
//! formatting nor HTML.

use super::report::{Block, Report, Table};
use super::sections::value;
use crate::result::Chart;

/// Text on one line, with everything escaped that means something to markdown.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match c {
            // Not every program knows that a backslash makes these plain.
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '!' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    // A line that begins like a list or a heading of older parsers.
    if out.starts_with(['-', '+', '=']) {
        out.insert(0, '\\');
    }
    out
}

fn table(table: &Table) -> String {
    let line =
        |cells: &[String]| format!("| {} |\n", cells.iter().map(|cell| escape(cell)).collect::<Vec<_>>().join(" | "));
    let rule = format!("|{}\n", " --- |".repeat(table.head.len()));
    let rows: String = table.rows.iter().map(|row| line(row)).collect();
    format!("{}{rule}{rows}", line(&table.head))
}

/// The figures of a chart.
pub fn chart_table(chart: &Chart) -> Table {
    let axis = |axis: &crate::result::Axis| {
        if axis.unit.is_empty() { axis.label.clone() } else { format!("{}, {}", axis.label, axis.unit) }
    };
    let mut table = Table { head: vec!["Series".into(), axis(&chart.x), axis(&chart.y)], rows: Vec::new() };
    for series in &chart.series {
        for [x, y] in &series.points {
            table.rows.push(vec![series.name.clone(), value(*x, &chart.x.unit), value(*y, &chart.y.unit)]);
        }
    }
    table
}

/// The document.
pub fn markdown(report: &Report) -> String {
    let mut out = format!("# {}\n\n{}\n", escape(&report.title), escape(&report.about));
    for block in &report.blocks {
        out.push('\n');
        match block {
            Block::Heading(text) => line("## ", text, &mut out),
            Block::Text(text) => line("", text, &mut out),
            Block::Warning(text) => line("> **Note:** ", text, &mut out),
            Block::List(points) => points.iter().for_each(|point| line("- ", point, &mut out)),
            Block::Table(rows) => out.push_str(&table(rows)),
            Block::Chart(chart) => {
                line("### ", &chart.title, &mut out);
                out.push('\n');
                out.push_str(&table(&chart_table(chart)));
            }
        }
    }
    out
}

fn line(mark: &str, text: &str, out: &mut String) {
    out.extend([mark, &escape(text), "\n"]);
}
