//! The pictures of an answer, each with its figures as a table. The drawing is made as text (`crate::chart`).

use leptos::prelude::*;
use shared::format::escape;
use shared::result::Chart;

use crate::chart::{Room, draw, table};
use crate::text;

/// All pictures.
pub(crate) fn charts(charts: &[Chart]) -> AnyView {
    let figures: Vec<_> = charts.iter().map(figure).collect();
    if figures.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="section" aria-labelledby="charts-heading">
            <h2 id="charts-heading">{text::result::CHARTS}</h2>
            <div class="charts">{figures}</div>
        </section>
    }
    .into_any()
}

fn figure(chart: &Chart) -> AnyView {
    view! {
        <figure class="chart" data-chart=chart.id.clone()>
            <figcaption class="chart__title">{chart.title.clone()}</figcaption>
            <div class="chart__wide" inner_html=draw(chart, Room::Wide)></div>
            <div class="chart__narrow" inner_html=draw(chart, Room::Narrow)></div>
            {as_table(chart)}
        </figure>
    }
    .into_any()
}

/// A row as markup, like the drawing beside it.
fn table_row(row: &[String]) -> String {
    let cells = row.iter().enumerate().map(|(i, text)| match i {
        0 => format!("<th scope='row'>{}</th>", escape(text)),
        _ => format!("<td>{}</td>", escape(text)),
    });
    let cells: Vec<_> = cells.collect();
    format!("<tr>{}</tr>", cells.concat())
}

fn as_table(chart: &Chart) -> AnyView {
    let data = table(chart);
    let head: Vec<_> = data.head.into_iter().map(|text| view! { <th scope="col">{text}</th> }.into_any()).collect();
    let rows: String = data.rows.iter().map(|row| table_row(row)).collect();
    let title = chart.title.clone();
    view! {
        <details class="fold chart__table">
            <summary>{text::result::AS_TABLE}</summary>
            <div class="scroll" role="region" tabindex="0" aria-label=title>
                <table class="table">
                    <thead><tr>{head}</tr></thead>
                    <tbody inner_html=rows></tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}
