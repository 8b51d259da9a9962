//! The steps in weeks: what is free of risk first, then what must be tried, then the switch.

use crate::analysis::case::Case;
use crate::analysis::offers::HORIZON_DAYS;
use crate::result::{Recommendation, RoadmapItem};

/// The roadmap that follows from `advice`; empty where there is nothing to do.
pub(super) fn of(case: &Case<'_>, advice: &[Recommendation], doubtful_base: bool) -> Vec<RoadmapItem> {
    let mut items: Vec<RoadmapItem> = Vec::new();
    if advice.iter().all(|a| a.id == "budget") {
        return items;
    }
    let mut item = |weeks: u32, title: &str, text: String| {
        let week_from = items.last().map_or(1, |last| last.week_to + 1);
        items.push(RoadmapItem { week_from, week_to: week_from + weeks - 1, title: title.into(), text });
    };
    item(
        1,
        if doubtful_base { "Settle the bill and measure" } else { "Measure" },
        "Log model, tokens and cached tokens of every request for a week. Done when a day's log times the price list \
         agrees with the bill within 10 %."
            .into(),
    );
    let has = |id: &str| advice.iter().any(|a| a.id == id);
    if has("prompt-cache") || has("batch") {
        item(
            1,
            "Pull the levers that change no answer",
            "Put the fixed part of the prompt first, and send what can wait as a batch. Done when cached and batched \
             tokens show on the bill."
                .into(),
        );
    }
    let models: Vec<&str> = advice.iter().filter_map(|a| a.title.strip_prefix("Move to ")).collect();
    if !models.is_empty() || has("route") {
        let what = if models.is_empty() { "the smaller model".to_string() } else { models.join(", ") };
        item(
            2,
            "Compare on your own requests",
            format!(
                "Run at least 200 logged requests through {what}, and grade the answers blind. Done when the share of \
                 good answers is known for each, and one is not below today's."
            ),
        );
        item(
            2,
            "Switch in steps",
            "5 %, 25 %, then all of the traffic, with the old model one setting away. Done when errors, complaints and \
             cost per request are where the comparison said."
                .into(),
        );
    }
    let until = case.traffic.day.plus_days(HORIZON_DAYS);
    let input = case.tokens.map_or(0.0, |t| t.input);
    let announced = case.now.as_ref().is_some_and(|n| !n.model.steps_after(case.traffic.day, until, input).is_empty());
    if announced || !models.is_empty() {
        let text = "Prices change inside the year: run this analysis again with the new log and the prices of the day.";
        item(1, "Look again", text.into());
    }
    items
}
