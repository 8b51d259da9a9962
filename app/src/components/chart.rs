//! The pictures of an answer, each with its figures as a table. The drawing is made as text (`crate::chart`).

use leptos::prelude::*;
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

fn as_table(chart: &Chart) -> AnyView {
    let data = table(chart);
    let head: Vec<_> = data.head.into_iter().map(|text| view! { <th scope="col">{text}</th> }.into_any()).collect();
    let rows: Vec<_> = data
        .rows
        .into_iter()
        .map(|row| {
            let cells: Vec<_> = row
                .into_iter()
                .enumerate()
                .map(|(i, text)| match i {
                    0 => view! { <th scope="row">{text}</th> }.into_any(),
                    _ => view! { <td>{text}</td> }.into_any(),
                })
                .collect();
            view! { <tr>{cells}</tr> }.into_any()
        })
        .collect();
    let title = chart.title.clone();
    view! {
        <details class="fold chart__table">
            <summary>{text::result::AS_TABLE}</summary>
            <div class="scroll" role="region" tabindex="0" aria-label=title>
                <table class="table">
                    <thead><tr>{head}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}
