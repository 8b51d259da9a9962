//! What we would do, and in which order.

use leptos::prelude::*;
use shared::format;
use shared::result::{Recommendation, RoadmapItem};

use crate::text;

/// Recommendations beside the roadmap.
pub(crate) fn advice(recommendations: &[Recommendation], roadmap: &[RoadmapItem]) -> AnyView {
    let recommended: Vec<_> = recommendations.iter().map(recommendation).collect();
    let steps: Vec<_> = roadmap.iter().map(step).collect();
    let recommended = (!recommended.is_empty()).then(|| {
        view! {
            <section class="section" aria-labelledby="advice-heading">
                <h2 id="advice-heading">{text::result::RECOMMENDATIONS}</h2>
                <ol class="advice__list" role="list">{recommended}</ol>
            </section>
        }
        .into_any()
    });
    let steps = (!steps.is_empty()).then(|| {
        view! {
            <section class="section" aria-labelledby="roadmap-heading">
                <h2 id="roadmap-heading">{text::result::ROADMAP}</h2>
                <ol class="roadmap" role="list">{steps}</ol>
            </section>
        }
        .into_any()
    });
    view! { <div class="advice">{recommended}{steps}</div> }.into_any()
}

fn recommendation(item: &Recommendation) -> AnyView {
    let saving = item.saving_usd.filter(|s| *s > 0.0).map(|s| text::result::less(&format::usd(s)));
    view! {
        <li class="advice__item" data-id=item.id.clone()>
            <h3 class="advice__title">{item.title.clone()}</h3>
            <p class="advice__saving">{saving}</p>
            <p class="advice__text">{item.text.clone()}</p>
        </li>
    }
    .into_any()
}

fn step(item: &RoadmapItem) -> AnyView {
    view! {
        <li class="roadmap__item">
            <p class="roadmap__weeks">{text::result::weeks(item.week_from, item.week_to)}</p>
            <div>
                <h3 class="roadmap__title">{item.title.clone()}</h3>
                <p class="advice__text">{item.text.clone()}</p>
            </div>
        </li>
    }
    .into_any()
}
