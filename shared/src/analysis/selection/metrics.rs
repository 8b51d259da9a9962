//! The figures of a selection, each with its formula.

use super::ranking::Ranking;
use crate::analysis::answer::{Answer, metric};
use crate::analysis::case::Case;
use crate::analysis::offers::Ranked;
use crate::format::{share, usd};
use crate::result::Metric;

pub(super) fn write(case: &Case<'_>, ranking: &Ranking<'_>, answer: &mut Answer) {
    let best = ranking.best();
    // The figures are those of today's model, as in the other categories; without one, those of the best.
    let now = ranking.offers.iter().find(|offer| offer.is_now);
    let shown = now.or(best);
    answer.metrics.push(per_request(case, shown));
    let per_success = per_success(case, shown, answer);
    answer.metrics.push(per_success);
    let wins = win_probability(case, best, answer);
    answer.metrics.push(wins);
    answer.metrics.extend(best.map(|best| best_per_request(case, best, now)));
    answer.metrics.extend(best.and_then(|best| best_per_success(case, best, now)));
}

fn formula(case: &Case<'_>, offer: &Ranked<'_>) -> Option<String> {
    let model = offer.model?;
    Some(format!("{}: {}", offer.option.title, case.tokens?.formula(&case.quote(model)?.price.rates)))
}

fn per_request(case: &Case<'_>, shown: Option<&Ranked<'_>>) -> Metric {
    let formula = shown.and_then(|offer| formula(case, offer));
    let formula = formula.unwrap_or_else(|| "(input × price in + output × price out) / 1,000,000".into());
    let range = case.now.as_ref().and_then(|now| now.range);
    metric("cost_per_request_usd", "Cost of a request", "USD", shown.and_then(|s| s.usd), formula, &case.source)
        .within(range)
}

fn best_per_request(case: &Case<'_>, best: &Ranked, now: Option<&Ranked<'_>>) -> Metric {
    let formula = formula(case, best).unwrap_or_default();
    let label = "Cost of a request on the best-ranked model";
    metric("best_cost_per_request_usd", label, "USD", best.usd, formula, &case.source).against(now.and_then(|n| n.usd))
}

/// The pass rate of an offer: its score, where the benchmark counts solved tasks.
fn pass_rate(case: &Case<'_>, offer: &Ranked<'_>) -> Option<f64> {
    let counts = case.yard.as_ref()?.benchmark.unit.starts_with("share");
    offer.option.quality.filter(|rate| counts && *rate > 0.0)
}

fn success(case: &Case<'_>, offer: &Ranked, id: &str, label: &str) -> Option<Metric> {
    let (cost, rate) = (offer.usd?, pass_rate(case, offer)?);
    let formula = format!("{}: {} / {} solved = {}", offer.option.title, usd(cost), share(rate), usd(cost / rate));
    let yard = case.yard.as_ref()?;
    let score = yard.score(offer.model?)?;
    let range = score.low.zip(score.high).filter(|(low, _)| *low > 0.0).map(|(low, high)| (cost / high, cost / low));
    let source = format!("{}; {}", case.source, yard.benchmark.label);
    Some(metric(id, label, "USD", Some(cost / rate), formula, &source).within(range))
}

fn per_success(case: &Case<'_>, shown: Option<&Ranked<'_>>, answer: &mut Answer) -> Metric {
    let (id, label) = ("cost_per_success_usd", "Cost of a solved task");
    shown.and_then(|offer| success(case, offer, id, label)).unwrap_or_else(|| {
        answer.warn(
            "no_pass_rate",
            "The cost of a solved task needs a published pass rate of the model: they exist for coding and agents.",
        );
        metric(id, label, "USD", None, "cost of a request / pass rate".into(), &case.source)
    })
}

fn best_per_success(case: &Case<'_>, best: &Ranked, now: Option<&Ranked<'_>>) -> Option<Metric> {
    let today = now.and_then(|now| Some(now.usd? / pass_rate(case, now)?));
    let label = "Cost of a solved task on the best-ranked model";
    Some(success(case, best, "best_cost_per_success_usd", label)?.against(today))
}

fn win_probability(case: &Case<'_>, best: Option<&Ranked<'_>>, answer: &mut Answer) -> Metric {
    let value = best.filter(|best| !best.is_now).and_then(|best| best.option.win_probability);
    if value.is_none() {
        let why = match (best, &case.now) {
            (Some(best), _) if best.is_now => "today's model is ranked best, so there is nothing to compare it with",
            (_, None) => "today's model is not given",
            (None, _) => "no model could be ranked",
            _ => "the best-ranked model or today's has no Arena score",
        };
        answer.warn("no_win_probability", format!("No chance of winning is given: {why}."));
    }
    let scores = || {
        let (now, best) = (case.now.as_ref()?.model, best?.model?);
        let (a, b) = (now.score("arena")?.value, best.score("arena")?.value);
        Some(format!("1 / (1 + 10^(({a} - {b}) / 400))"))
    };
    let formula = scores().unwrap_or_else(|| "1 / (1 + 10^((R today - R best) / 400))".into());
    let label = "Chance that people prefer the best-ranked model's answer to today's";
    let source = case.catalog.benchmark("arena").map_or("Arena scores", |arena| arena.source.as_str());
    metric("win_probability", label, "share", value, formula, source).against(Some(0.5))
}
