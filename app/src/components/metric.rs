//! The figures of an answer as tiles: value and unit, the range, and on demand how it was computed.

use leptos::prelude::*;
use shared::result::Metric;

use crate::{figures, text};

/// Tiles in the engine's order, most important first.
pub(crate) fn metrics(metrics: &[Metric]) -> AnyView {
    let tiles: Vec<_> = metrics.iter().map(tile).collect();
    view! { <div class="metrics">{tiles}</div> }.into_any()
}

fn tile(metric: &Metric) -> AnyView {
    let in_words = |value: f64| figures::figure(value, &metric.unit).text();
    let (number, unit) = match metric.value {
        Some(value) => {
            let figure = figures::figure(value, &metric.unit);
            (figure.number, figure.unit)
        }
        None => (text::result::NO_VALUE.to_string(), String::new()),
    };
    let range = match (metric.low, metric.high) {
        (Some(low), Some(high)) if low < high => Some(text::result::range(&in_words(low), &in_words(high))),
        _ => None,
    };
    let compared = metric.baseline.map(|b| text::result::compared(&in_words(b)));
    let [label_id, labelled_by] = [(); 2].map(|()| format!("metric-{}", metric.id));
    view! {
        <div class="metric" role="group" aria-labelledby=labelled_by data-metric=metric.id.clone()
            data-known=metric.value.is_some().to_string()>
            <p class="metric__label" id=label_id>{metric.label.clone()}</p>
            <p class="metric__value">
                <span class="metric__number">{number}</span>
                <span class="metric__unit">{unit}</span>
            </p>
            <p class="metric__range">{range}</p>
            <p class="metric__range">{compared}</p>
            <details class="metric__how">
                <summary>{text::result::HOW}</summary>
                <p class="metric__formula">{metric.formula.clone()}</p>
                <p class="metric__source">{text::result::SOURCE}": "{metric.source.clone()}</p>
            </details>
        </div>
    }
    .into_any()
}
