//! What the figures take for granted, named.

use super::levers;
use crate::analysis::answer::Answer;
use crate::analysis::case::{Case, fits};
use crate::analysis::offers::HORIZON_DAYS;
use crate::format::{count, share, usd};
use crate::workload::Source;

pub(super) fn write(case: &Case<'_>, answer: &mut Answer) {
    let Some((now, quote)) = case.now.as_ref().and_then(|now| Some((now, now.quote?))) else { return };
    if case.requests_per_month.is_some() {
        answer.assume("", None, Source::Default, "A month has 30 days; 31 days cost 3.3 % more.");
    }
    if quote.price.hours.is_some() {
        answer.assume("", None, Source::Default, "Prices that change with the hour: an even load over a weekday.");
    }
    if !fits(case, now.model) {
        let text = "A request of this size does not fit into its context: the figures are those of a model that could.";
        answer.warn("does_not_fit", format!("{}: {text}", now.model.name));
    }
    let levers = levers::all(case);
    for lever in levers.iter().filter(|lever| lever.known) {
        if let Some((_, hits)) = lever.plan.cache {
            hit_rate(case, hits, answer);
        }
        if let Some((accepted, weak)) = lever.plan.route {
            let (part, name) = (share(accepted), &weak.name);
            let text = format!("The {part} of requests that a smaller model answers well enough go to {name}.");
            answer.assume("weak_accept_share", Some(accepted), Source::Default, text);
        }
    }
    let (day, input) = (case.traffic.day, case.tokens.map_or(0.0, |t| t.input));
    if let Some(step) = now.model.steps_after(day, day.plus_days(HORIZON_DAYS), input).first() {
        let cost = case.tokens.map_or(0.0, |tokens| tokens.cost(&step.price.rates));
        let cost = match case.monthly(cost) {
            Some(monthly) => format!("{} a month", usd(monthly)),
            None => format!("{} a request", usd(cost)),
        };
        let text =
            format!("The price of {} changes: the same traffic costs {cost} from {} on.", now.model.name, step.from);
        answer.warn("price_step", text);
    }
}

fn hit_rate(case: &Case<'_>, hits: f64, answer: &mut Answer) {
    let volume = match case.traffic.requests_per_day {
        Some(requests) => format!("{} requests a day", count(requests)),
        None => "any volume".into(),
    };
    let text = format!(
        "Cache hit rate {}: {volume} at random times, a prefix kept for 5 minutes. In a production trace 40 % of the \
         tokens of conversations were found; the range goes down to it.",
        share(hits)
    );
    answer.assume("cache_hit_rate", Some(hits), Source::Default, text);
    answer.citing("Mooncake, FAST 2025, table 2");
}
