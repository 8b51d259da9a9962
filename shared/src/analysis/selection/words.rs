//! What a selection comes to: headline, recommendations, roadmap, and what the comparison cannot see.

use super::ranking::Ranking;
use crate::analysis::answer::Answer;
use crate::analysis::case::Case;
use crate::analysis::math::routing::{random_router, routed_cost};
use crate::analysis::offers::{Ranked, Standing};
use crate::format::{plural, points, share, signed, usd};
use crate::result::{Recommendation, RoadmapItem};

/// The share of strong calls with which the best router of `RouteLLM` recovered 80 % of the gap on MT-Bench (CPT80).
const CPT80: f64 = 0.313;
/// The share of the gap.
const RECOVERED: f64 = 0.8;

pub(super) fn write(case: &Case<'_>, ranking: &Ranking<'_>, answer: &mut Answer) {
    answer.headline = headline(case, ranking);
    let unscored = ranking.offers.iter().filter(|offer| offer.standing == Standing::Open).count();
    if let Some(yard) = case.yard.as_ref().filter(|_| unscored > 0) {
        let text = format!(
            "{} have no published open score on {} and are not ranked, among them most of the newest.",
            plural(unscored, "model"),
            yard.benchmark.label
        );
        answer.warn("coverage", text);
    }
    if case.workload.latency_target_ms.is_some() {
        let text = "No current open data of the speed of hosted models exists: measure the latency of the first ones.";
        answer.warn("latency_unknown", text);
    }
    let Some(best) = ranking.best() else { return };
    if !best.is_now {
        answer.recommendations.push(recommend(case, ranking, best));
    }
    if let Some(cheapest) = ranking.ranked().iter().min_by(|a, b| a.usd.unwrap_or(0.0).total_cmp(&b.usd.unwrap_or(0.0)))
        && cheapest.option.id != best.option.id
    {
        answer.recommendations.push(Recommendation {
            title: format!("Cheapest: {}", cheapest.option.title),
            ..recommend(case, ranking, cheapest)
        });
    }
    answer.recommendations.extend(router(ranking));
    roadmap(best, answer);
}

fn headline(case: &Case<'_>, ranking: &Ranking<'_>) -> String {
    let (Some(best), Some(yard)) = (ranking.best(), &case.yard) else {
        return "No model can be ranked: none has a price, a published score and a context that fit these needs."
            .into();
    };
    let title = &best.option.title;
    let money = best.usd.map_or_else(String::new, |cost| match case.monthly(cost) {
        Some(monthly) => format!(" at {} a month", usd(monthly)),
        None => format!(" at {} a request", usd(cost)),
    });
    let quality =
        best.option.quality.map_or_else(String::new, |q| format!(", {} on {}", points(q), yard.benchmark.label));
    if best.is_now {
        return format!("Stay with {title}{money}{quality}: it is ranked best of {}.", plural(ranking.ranked, "model"));
    }
    let against = match (best.option.saving_share, best.option.quality_delta) {
        (Some(saved), Some(delta)) => {
            let (saved, less) = (share(saved.abs()), if saved >= 0.0 { "less" } else { "more" });
            format!(" Against today it costs {saved} {less}, with {} in quality.", signed(points(delta)))
        }
        _ => String::new(),
    };
    format!("{title} is ranked best of {}{money}{quality}.{against}", plural(ranking.ranked, "model"))
}

fn recommend(case: &Case<'_>, ranking: &Ranking<'_>, offer: &Ranked<'_>) -> Recommendation {
    let place = ranking.offers.iter().position(|o| o.option.id == offer.option.id).unwrap_or(0);
    let wins = ranking.wins.get(place).copied().unwrap_or(0.0);
    let mut sentences = vec![format!("Best in {} of all weightings of cost and quality.", share(wins))];
    let same = ranking.ranked().iter().filter(|other| other.option.id != offer.option.id);
    let close = same.filter(|other| overlaps(case, offer, other)).count();
    if close > 0 {
        sentences.push(format!("The score of {} is within the error of its own.", plural(close, "other model")));
    }
    if let Some(p) = offer.option.win_probability {
        sentences.push(format!("People prefer its answer in {} of comparisons with today's model.", share(p)));
    }
    sentences
        .extend(offer.option.notes.iter().filter(|n| n.contains("thinks before") || n.contains("Doubtful")).cloned());
    sentences.push("Compare the first two or three on a few hundred of your own requests before you switch.".into());
    Recommendation {
        id: offer.option.id.clone(),
        title: format!("Use {}", offer.option.title),
        text: sentences.join(" "),
        saving_usd: offer.option.saving_usd,
    }
}

/// Whether the intervals of two scores overlap.
fn overlaps(case: &Case<'_>, a: &Ranked, b: &Ranked<'_>) -> bool {
    let interval = |offer: &Ranked<'_>| {
        let score = case.yard.as_ref()?.score(offer.model?)?;
        score.low.zip(score.high)
    };
    interval(a).zip(interval(b)).is_some_and(|(a, b)| a.0 <= b.1 && b.0 <= a.1)
}

/// A router between the cheapest and the best of the front: what it costs to recover most of the gap.
fn router(ranking: &Ranking<'_>) -> Option<Recommendation> {
    let front = || ranking.ranked().iter().filter(|offer| offer.option.dominated_by.is_none());
    let weak = front().min_by(|a, b| a.usd.unwrap_or(0.0).total_cmp(&b.usd.unwrap_or(0.0)))?;
    let strong = front().max_by(|a, b| a.option.quality.unwrap_or(0.0).total_cmp(&b.option.quality.unwrap_or(0.0)))?;
    let (weak_usd, strong_usd) = (weak.usd?, strong.usd?);
    if strong_usd <= weak_usd {
        return None;
    }
    let quality = random_router(weak.option.quality?, strong.option.quality?, RECOVERED);
    let text = format!(
        "A router that guesses reaches {} with {} of the calls to {}, at {} a request: a straight line between the two. \
         The best published router needed {} on MT-Bench (RouteLLM, arXiv 2406.18665), which would be {}. Yours is in \
         between: measure it.",
        points(quality),
        share(RECOVERED),
        strong.option.title,
        usd(routed_cost(weak_usd, strong_usd, RECOVERED)),
        share(CPT80),
        usd(routed_cost(weak_usd, strong_usd, CPT80)),
    );
    let title = format!("Or route between {} and {}", weak.option.title, strong.option.title);
    Some(Recommendation { id: "route-pair".into(), title, text, saving_usd: None })
}

fn roadmap(best: &Ranked, answer: &mut Answer) {
    if best.is_now {
        return;
    }
    let title = &best.option.title;
    let steps = [
        (
            1,
            1,
            "Collect 200 to 500 of your own requests",
            "Done when they cover the usual and the hard cases.".to_string(),
        ),
        (
            2,
            3,
            "Compare the first three blind",
            format!("Done when {title} is known to be as good as needed, or is not."),
        ),
        (4, 5, "Switch in steps", "5 %, 25 %, then all, with the old model one setting away.".to_string()),
    ];
    answer.roadmap.extend(steps.map(|(week_from, week_to, title, text)| RoadmapItem {
        week_from,
        week_to,
        title: title.into(),
        text,
    }));
}
