//! A document as one HTML file that needs nothing else: no script, no link, no font. A policy inside forbids what is not
//! there, should anything ever slip through.

use std::fmt::Write;

use super::markdown::chart_table;
use super::report::{Block, Report, Table};
use crate::result::Chart;

/// Text as it may stand in HTML, also in an attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;color:#1d1c19;max-width:60rem;margin:2rem auto;padding:0 1rem}\
h1{margin-bottom:.2rem}.about{color:#5b584f}.lead{font-size:1.15rem}table{border-collapse:collapse;width:100%;margin:.5rem 0}\
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #dcd9cf;overflow-wrap:break-word}\
.note{border-left:4px solid #b06a00;background:#fbf1dd;padding:.5rem .8rem;margin:.5rem 0}figure{margin:1rem 0}\
figcaption{font-weight:600}svg{width:100%;height:auto}details{margin:.3rem 0}@media print{body{margin:0;max-width:none}tr,figure{break-inside:avoid}}";

/// The document; `draw` makes the SVG of a chart, which `style` colours.
pub fn html(report: &Report, style: &str, draw: &dyn Fn(&Chart) -> String) -> String {
    let title = escape(&report.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} · Exemplar</title>\
         <style>{STYLE}{style}</style></head><body><main><h1>{title}</h1><p class=\"about\">{}</p>",
        escape(&report.about)
    );
    let mut class = " class=\"lead\"";
    for block in &report.blocks {
        match block {
            Block::Heading(text) => element("h2", text, &mut out),
            Block::Text(text) => {
                let _ = write!(out, "<p{}>{}</p>", std::mem::take(&mut class), escape(text));
            }
            Block::Warning(text) => {
                let _ = write!(out, "<p class=\"note\">{}</p>", escape(text));
            }
            Block::List(points) => {
                out.push_str("<ul>");
                for point in points {
                    element("li", point, &mut out);
                }
                out.push_str("</ul>");
            }
            Block::Table(rows) => table(rows, &mut out),
            Block::Chart(chart) => {
                out.push_str("<figure>");
                element("figcaption", &chart.title, &mut out);
                let _ = write!(out, "{}<details><summary>As a table</summary>", draw(chart));
                table(&chart_table(chart), &mut out);
                out.push_str("</details></figure>");
            }
        }
    }
    out.push_str("</main></body></html>\n");
    out
}

fn element(tag: &str, text: &str, out: &mut String) {
    let _ = write!(out, "<{tag}>{}</{tag}>", escape(text));
}

fn table(table: &Table, out: &mut String) {
    out.push_str("<table><thead><tr>");
    for cell in &table.head {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(cell));
    }
    out.push_str("</tr></thead><tbody>");
    for row in &table.rows {
        out.push_str("<tr>");
        for cell in row {
            element("td", cell, out);
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
}
