//! What if: sliders over the facts that carry an answer. Moving one computes it again in the browser.

use leptos::prelude::*;
use shared::message::Category;
use shared::result::AnalysisResult;
use shared::workload::{FieldSpec, Kind, Value, field};

use crate::workbench::Edits;
use crate::{figures, text};

/// How finely a slider moves.
const STEPS: f64 = 200.0;

/// The facts worth moving, by category.
const fn levers(category: Category) -> &'static [&'static str] {
    match category {
        Category::Cost => &[
            "requests_per_day",
            "input_tokens",
            "output_tokens",
            "cached_prefix_tokens",
            "cache_hit_rate",
            "deferrable_share",
            "duplicate_share",
        ],
        Category::Latency => &[
            "output_tokens",
            "ttft_ms",
            "tpot_ms",
            "requests_per_day",
            "peak_factor",
            "concurrency_limit",
            "latency_target_ms",
            "parallel_calls",
        ],
        Category::Selection => &["requests_per_day", "input_tokens", "output_tokens", "quality_floor"],
        Category::Scaling => &[
            "requests_per_day",
            "peak_factor",
            "growth_per_month",
            "input_tokens",
            "output_tokens",
            "rpm_limit",
            "tpm_limit",
            "tokens_per_second_per_gpu",
            "gpu_utilisation",
        ],
        Category::Advanced => &["requests_per_day", "budget_usd_per_month", "quality_floor", "vendors_max"],
    }
}

/// What a slider moves over.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Track {
    low: f64,
    high: f64,
    /// Where it stands at first; reached exactly.
    base: f64,
    /// Each step multiplies instead of adding.
    log: bool,
    /// Only whole numbers.
    whole: bool,
}

impl Track {
    /// For a field that is at `base`; a share that is not known stands at nothing. `None` where there is no sense in
    /// moving it. A fixed prefix cannot be longer than the `input` it is part of.
    fn of(spec: &FieldSpec, base: Option<f64>, input: Option<f64>) -> Option<Self> {
        let Kind::Number { low, above, high } = spec.kind else { return None };
        let whole = matches!(spec.unit, "tokens" | "requests" | "calls" | "vendors");
        let linear = |from: f64, to: f64, base: f64, whole: bool| {
            let low = if above { low + 0.01 } else { low };
            Some(Self { low: from.max(low).min(base), high: to.min(high).max(base), base, log: false, whole })
        };
        match (spec.name, spec.unit) {
            ("cached_prefix_tokens", _) => return linear(0.0, input?, base.unwrap_or(0.0), true),
            ("gpu_utilisation", _) => return linear(0.0, 1.0, base?, false),
            ("growth_per_month", _) => return linear(-0.2, 0.5, base?, false),
            ("quality_floor", _) if base? <= 1.0 => return linear(0.0, 1.0, base?, false),
            ("quality_floor", _) => return linear(base? - 200.0, base? + 200.0, base?, true),
            (_, "share") => return linear(0.0, 1.0, base.unwrap_or(0.0), false),
            _ => {}
        }
        let base = base?;
        if base <= 0.0 {
            return None;
        }
        let (from, to) =
            if whole { ((base / 10.0).max(1.0), (base * 10.0).max(10.0)) } else { (base / 10.0, base * 10.0) };
        Some(Self { low: from.max(low), high: to.min(high), base, log: true, whole })
    }

    fn value(self, step: f64) -> f64 {
        if (step - self.step(self.base)).abs() < 0.5 {
            return self.base;
        }
        let share = (step / STEPS).clamp(0.0, 1.0);
        let value = if self.log {
            three_digits(self.low * (self.high / self.low).powf(share))
        } else {
            let value = self.low + share * (self.high - self.low);
            (value * 1000.0).round() / 1000.0
        };
        let value = if self.whole { value.round() } else { value };
        value.clamp(self.low, self.high)
    }

    fn step(self, value: f64) -> f64 {
        let value = value.clamp(self.low, self.high);
        let share = if self.log {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        (share * STEPS).round()
    }
}

/// Rounded to what a person would say.
fn three_digits(value: f64) -> f64 {
    let scale = 10f64.powi(2 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

/// The sliders of an answer as it was saved, with the edits made since; `on_slide` gets a field and its new value.
pub(crate) fn what_if(
    saved: &AnalysisResult,
    edits: RwSignal<Edits>,
    on_slide: Callback<(&'static str, f64)>,
) -> AnyView {
    let sliders: Vec<_> = levers(saved.category)
        .iter()
        .filter_map(|name| {
            let spec = field(name)?;
            let base = match saved.workload.get(name) {
                Some(Value::Number(number)) => Some(number),
                _ => None,
            };
            Some(slider(spec, Track::of(spec, base, saved.workload.input_tokens)?, edits, on_slide))
        })
        .collect();
    if sliders.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="section what-if needs-js" aria-labelledby="what-if-heading">
            <h2 id="what-if-heading">{text::result::WHAT_IF}</h2>
            <p class="section__note">{text::result::WHAT_IF_HINT}</p>
            <div class="what-if__sliders">{sliders}</div>
        </section>
    }
    .into_any()
}

fn slider(
    spec: &'static FieldSpec,
    track: Track,
    edits: RwSignal<Edits>,
    on_slide: Callback<(&'static str, f64)>,
) -> AnyView {
    let now = Memo::new(move |_| {
        edits.with(|edits| edits.get(spec.name).and_then(serde_json::Value::as_f64)).unwrap_or(track.base)
    });
    let in_words = move || figures::field_value(spec, &Value::Number(now.get()));
    let moved = move || (now.get() - track.base).abs() > f64::EPSILON * track.base.abs();
    let before = figures::field_value(spec, &Value::Number(track.base));
    let slide = move |event| {
        if let Ok(step) = event_target_value(&event).parse::<f64>() {
            on_slide.run((spec.name, track.value(step)));
        }
    };
    let [id, label_for] = [(); 2].map(|()| format!("what-if-{}", spec.name));
    view! {
        <div class="what-if__slider" data-moved=move || moved().to_string()>
            <label class="what-if__label" r#for=label_for>{spec.label}</label>
            <output class="what-if__value">{in_words}</output>
            <input id=id class="what-if__range" r#type="range" min="0" max=STEPS.to_string() step="1"
                value=track.step(track.base).to_string() prop:value=move || track.step(now.get()).to_string()
                aria-valuetext=in_words on:input=slide/>
            <p class="what-if__before">{move || moved().then(|| text::result::before(&before))}</p>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lever_is_a_number_of_the_table() {
        for category in Category::ALL {
            for name in levers(*category) {
                let spec = field(name).unwrap_or_else(|| panic!("{name}"));
                assert!(matches!(spec.kind, Kind::Number { .. }), "{name}");
            }
        }
    }

    #[test]
    fn a_slider_starts_exactly_where_the_answer_stands_and_spans_a_factor_of_ten() {
        let track = Track::of(field("requests_per_day").unwrap(), Some(66_667.0), None).unwrap();
        assert!((track.value(track.step(66_667.0)) - 66_667.0).abs() < 1e-9);
        assert!((track.value(0.0) - 6_666.7).abs() < 4.0 && (track.value(STEPS) - 666_670.0).abs() < 4_000.0);
        assert!((0..200).all(|step| track.value(f64::from(step)) < track.value(f64::from(step) + 1.0)));
    }

    #[test]
    fn shares_go_from_nothing_to_all_and_unknown_amounts_have_no_slider() {
        let share = Track::of(field("cache_hit_rate").unwrap(), None, None).unwrap();
        assert!(share.value(0.0).abs() < 1e-12 && (share.value(STEPS) - 1.0).abs() < 1e-12);
        assert!((share.value(70.0) - 0.35).abs() < 1e-12);
        assert_eq!(Track::of(field("input_tokens").unwrap(), None, None), None);
        assert_eq!(Track::of(field("input_tokens").unwrap(), Some(0.0), None), None);
        let prefix = Track::of(field("cached_prefix_tokens").unwrap(), None, Some(1_200.0)).unwrap();
        assert!((prefix.value(STEPS) - 1_200.0).abs() < 1e-12, "never longer than the input");
    }
}
