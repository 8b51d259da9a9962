//! The steps of a run: as they begin while it runs, with their measured times afterwards.

use leptos::prelude::*;
use shared::view::Timing;

use crate::delivery::Run;
use crate::{figures, text};

fn time(ms: f64) -> String {
    figures::duration(ms).text()
}

/// While it runs. A step's time is known when the next one begins.
pub(crate) fn live_timeline(run: Memo<Option<Run>>) -> AnyView {
    let percent = move || run.with(|r| r.as_ref().map_or(0, |r| r.percent));
    let attempt =
        move || run.with(|r| r.as_ref().map_or(0, |r| r.attempt)).checked_sub(2).map(|n| text::message::attempt(n + 2));
    let steps = move || {
        run.with(|run| {
            let steps = run.as_ref().map(|r| r.steps.as_slice()).unwrap_or_default();
            let last = steps.len();
            steps
                .iter()
                .enumerate()
                .map(|(i, step)| {
                    let took = steps.get(i + 1).map(|next| time((next.at_ms - step.at_ms).max(0.0)));
                    step_row(&step.stage, step.agent.as_deref(), took, i + 1 == last)
                })
                .collect::<Vec<_>>()
        })
    };
    let words = move || run.with(|r| r.as_ref().and_then(|r| r.words.clone()));
    view! {
        <div class="timeline">
            <progress class="timeline__bar" max="100" value=percent aria-label=text::message::STEPS></progress>
            <p class="timeline__attempt">{attempt}</p>
            <ol class="timeline__steps" role="list">{steps}</ol>
            <p class="timeline__words">{words}</p>
        </div>
    }
    .into_any()
}

fn step_row(stage: &str, agent: Option<&str>, took: Option<String>, running: bool) -> AnyView {
    let progress = if running { "running" } else { "done" };
    let agent = agent.map(|agent| format!(" ({agent})"));
    view! {
        <li class="timeline__step" data-state=progress data-stage=stage.to_string()>
            <span>{text::stage(stage)}{agent}</span>
            <span class="timeline__time">{took}</span>
        </li>
    }
    .into_any()
}

/// Afterwards: every step with its time, the longest bar for the longest step.
pub(crate) fn measured_timeline(timings: &[Timing]) -> AnyView {
    if timings.is_empty() {
        return ().into_any();
    }
    let total: f64 = timings.iter().map(|t| t.ms).sum();
    let longest = timings.iter().map(|t| t.ms).fold(f64::MIN_POSITIVE, f64::max);
    let rows: Vec<_> = timings
        .iter()
        .map(|t| {
            let width = format!("{:.2}", (t.ms / longest * 100.0).clamp(0.0, 100.0));
            view! {
                <li class="timeline__step" data-state="done" data-stage=t.stage.clone()>
                    <span>{text::stage(&t.stage)}</span>
                    <svg class="timeline__share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                        <rect width=width height="4"></rect>
                    </svg>
                    <span class="timeline__time">{time(t.ms)}</span>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <details class="fold timeline">
            <summary>{text::message::took(&time(total), timings.len())}</summary>
            <p class="fold__note">{text::message::STEPS_DONE}</p>
            <ol class="timeline__steps" role="list">{rows}</ol>
        </details>
    }
    .into_any()
}
