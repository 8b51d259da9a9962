//! An answer as one table of comma-separated values: a row for each figure, option, advice and fact, with the same
//! columns throughout, so that a spreadsheet can filter it.

use super::sections::label;
use crate::message::Format;
use crate::result::AnalysisResult;
use crate::workload::Value;

/// The columns.
const HEAD: [&str; 19] = [
    "section",
    "id",
    "title",
    "value",
    "unit",
    "low",
    "high",
    "baseline",
    "saving_usd",
    "saving_share",
    "quality",
    "quality_benchmark",
    "quality_delta",
    "win_probability",
    "latency_ms",
    "dominated_by",
    "text",
    "formula",
    "source",
];

/// A row by the names of its columns.
#[derive(Default)]
struct Row {
    cells: [String; HEAD.len()],
}

impl Row {
    fn new(section: &str, id: &str, title: &str) -> Self {
        Self::default().text("section", section).text("id", id).text("title", title)
    }

    fn put(mut self, column: &str, cell: String) -> Self {
        if let Some(at) = HEAD.iter().position(|name| *name == column) {
            self.cells[at] = cell;
        }
        self
    }

    fn text(self, column: &str, text: &str) -> Self {
        self.put(column, cell(text))
    }

    fn number(self, column: &str, number: Option<f64>) -> Self {
        self.put(column, number.filter(|n| n.is_finite()).map(|n| n.to_string()).unwrap_or_default())
    }
}

/// A text as a cell. Spreadsheets run what begins with `=`, `+`, `-`, `@` or a control character as a formula, also
/// after blanks: an apostrophe in front keeps it text (OWASP, *CSV Injection*).
fn cell(text: &str) -> String {
    let runs = text.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let text = if runs { format!("'{text}") } else { text.to_string() };
    if text.contains(['"', ',', ';', '\n', '\r', '\t']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The table of `mode`, with line ends as RFC 4180 has them.
pub fn csv(result: &AnalysisResult, mode: Format) -> String {
    let (figures, options, advice) = match mode {
        Format::Detailed | Format::Technical => (usize::MAX, usize::MAX, usize::MAX),
        Format::Summary => (6, 3, 2),
        Format::Business => (usize::MAX, 8, usize::MAX),
    };
    let mut rows =
        vec![Row::new("answer", result.category.as_str(), result.category.label()).text("text", &result.headline)];
    let plain = matches!(mode, Format::Business | Format::Summary);
    for m in result.metrics.iter().take(figures) {
        let row = Row::new("metric", &m.id, &m.label)
            .number("value", m.value)
            .text("unit", &m.unit)
            .number("low", m.low)
            .number("high", m.high)
            .number("baseline", m.baseline);
        rows.push(if plain { row } else { row.text("formula", &m.formula).text("source", &m.source) });
    }
    rows.extend(result.options.iter().take(options).map(option));
    for r in result.recommendations.iter().take(advice) {
        rows.push(Row::new("recommendation", &r.id, &r.title).number("saving_usd", r.saving_usd).text("text", &r.text));
    }
    if matches!(mode, Format::Detailed | Format::Business) {
        for step in &result.roadmap {
            let weeks = format!("{}-{}", step.week_from, step.week_to);
            rows.push(Row::new("roadmap", &format!("weeks {weeks}"), &step.title).text("text", &step.text));
        }
    }
    for route in &result.routing {
        let id = format!("{}/{}", route.vendor, route.model);
        rows.push(Row::new("routing", &id, &route.class).number("value", Some(route.share)).text("unit", "share"));
    }
    if !plain {
        facts(result, &mut rows);
    }
    rows.extend(result.warnings.iter().map(|w| Row::new("warning", &w.code, "").text("text", &w.text)));
    let mut out = HEAD.join(",") + "\r\n";
    for row in rows {
        out.push_str(&row.cells.join(","));
        out.push_str("\r\n");
    }
    out
}

fn option(o: &crate::result::Candidate) -> Row {
    Row::new("option", &o.id, &o.title)
        .number("value", o.monthly_cost_usd)
        .text("unit", if o.monthly_cost_usd.is_some() { "USD/month" } else { "" })
        .number("low", o.monthly_cost_low_usd)
        .number("high", o.monthly_cost_high_usd)
        .number("saving_usd", o.saving_usd)
        .number("saving_share", o.saving_share)
        .number("quality", o.quality)
        .text("quality_benchmark", o.quality_benchmark.as_deref().unwrap_or_default())
        .number("quality_delta", o.quality_delta)
        .number("win_probability", o.win_probability)
        .number("latency_ms", o.latency_ms)
        .text("dominated_by", o.dominated_by.as_deref().unwrap_or_default())
        .text("text", &o.notes.join(" "))
}

fn facts(result: &AnalysisResult, rows: &mut Vec<Row>) {
    for (spec, known) in result.workload.known() {
        let source = result.provenance.get(spec.name).map_or("given", |p| match p.source {
            crate::workload::Source::Given => "given",
            crate::workload::Source::Log => "log",
            crate::workload::Source::Default => "default",
            crate::workload::Source::Computed => "computed",
        });
        let row = Row::new("input", spec.name, spec.label).text("unit", spec.unit).text("source", source);
        rows.push(match known {
            Value::Number(number) => row.number("value", Some(number)),
            Value::Text(text) => row.text("value", &text),
        });
    }
    for a in &result.assumptions {
        let id = a.field.as_deref().unwrap_or_default();
        let row = Row::new("assumption", id, &label(id)).number("value", a.value).text("text", &a.text);
        rows.push(row.text("source", a.reference.as_deref().unwrap_or_default()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            (" @SUM(A1)", "' @SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("+45 points", "'+45 points"),
            ("\t=1", "\"'\t=1\""),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("plain", "plain"),
            ("a, b", "\"a, b\""),
            ("two\nlines", "\"two\nlines\""),
            ("＝1", "'＝1"),
        ] {
            assert_eq!(cell(text), expected);
        }
        let row = Row::default().number("value", Some(-24_000.0)).number("low", Some(f64::NAN));
        assert_eq!((row.cells[3].as_str(), row.cells[5].as_str()), ("-24000", ""));
    }
}
