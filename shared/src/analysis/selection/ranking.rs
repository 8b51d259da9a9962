//! Which option is best: cost and quality together, and how much that depends on their weights.

use crate::analysis::answer::Answer;
use crate::analysis::case::Case;
use crate::analysis::math::weights::{normalised, winning_shares};
use crate::analysis::offers::{Ranked, Standing, dominate, of_model};
use crate::format::usd;
use crate::workload::Source;

/// The offers in their order, best first.
pub(super) struct Ranking<'a> {
    /// All offers.
    pub(super) offers: Vec<Ranked<'a>>,
    /// How many of them, from the first, are ranked; the rest cannot be compared or do not meet a need.
    pub(super) ranked: usize,
    /// For each ranked offer: how cheap and how good it is among them, 0..1.
    pub(super) scores: Vec<(f64, f64)>,
    /// For each ranked offer: the share of all weightings of cost and quality in which it wins.
    pub(super) wins: Vec<f64>,
}

impl<'a> Ranking<'a> {
    /// The best offer.
    pub(super) fn best(&self) -> Option<&Ranked<'a>> {
        self.offers.first().filter(|_| self.ranked > 0)
    }

    /// The ranked offers.
    pub(super) fn ranked(&self) -> &[Ranked<'a>] {
        &self.offers[..self.ranked]
    }
}

/// Ranks all offers. With a least quality the cheapest that reaches it is best; with a budget the best that it pays
/// for; without either, cost (on a logarithmic scale, as prices differ by factors) and quality count alike.
pub(super) fn rank<'a>(case: &Case<'a>, answer: &mut Answer) -> Ranking<'a> {
    let floor = case.yard.as_ref().and_then(|yard| yard.floor);
    let budget = case.workload.budget_usd_per_month.filter(|_| case.requests_per_month.is_some());
    let models = case.catalog.models.iter();
    // Without a floor, every measured model is in the running.
    let least = floor.unwrap_or(f64::NEG_INFINITY);
    let mut offers: Vec<Ranked<'_>> = models.filter_map(|m| of_model(case, m, Some(least), false)).collect();
    if let Some(budget) = budget {
        over_budget(case, budget, &mut offers);
    }
    let weight = match (floor, budget) {
        (Some(_), None) => 0.0,
        (None, Some(_)) => 1.0,
        _ => 0.5,
    };
    say(weight, answer);
    offers.sort_by_key(|offer| offer.standing);
    let ranked = offers.iter().take_while(|offer| offer.standing == Standing::Proven).count();
    let unordered = scores(&offers[..ranked]);
    let mut order: Vec<usize> = (0..ranked).collect();
    let total = |i: &usize| (1.0 - weight) * unordered[*i].0 + weight * unordered[*i].1;
    let cost = |offer: &Ranked<'_>| offer.usd.unwrap_or(f64::INFINITY);
    let quality = |i: &usize| offers[*i].option.quality.unwrap_or(0.0);
    order.sort_by(|a, b| {
        total(b)
            .total_cmp(&total(a))
            .then(cost(&offers[*a]).total_cmp(&cost(&offers[*b])))
            .then(quality(b).total_cmp(&quality(a)))
    });
    let scores: Vec<(f64, f64)> = order.iter().map(|&i| unordered[i]).collect();
    let mut places = vec![0; offers.len()];
    for (place, &i) in order.iter().enumerate() {
        places[i] = place;
    }
    let mut tagged: Vec<(usize, Ranked<'_>)> = places.into_iter().zip(offers).collect();
    tagged.sort_by(|(pa, a), (pb, b)| a.standing.cmp(&b.standing).then(pa.cmp(pb)).then(cost(a).total_cmp(&cost(b))));
    let mut offers: Vec<Ranked<'_>> = tagged.into_iter().map(|(_, offer)| offer).collect();
    dominate(&mut offers);
    let wins = winning_shares(&scores);
    Ranking { offers, ranked, scores, wins }
}

/// How cheap and how good each offer is among `offers`.
fn scores(offers: &[Ranked<'_>]) -> Vec<(f64, f64)> {
    let cost = |o: &Ranked<'_>| crate::real::ln(o.usd.unwrap_or(f64::MAX).max(f64::MIN_POSITIVE));
    let quality = |o: &Ranked<'_>| o.option.quality.unwrap_or(0.0);
    let ends = |of: &dyn Fn(&Ranked<'_>) -> f64| {
        let (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
        offers.iter().map(of).fold((low, high), |(low, high), v| (low.min(v), high.max(v)))
    };
    let ((cheapest, dearest), (worst, best)) = (ends(&cost), ends(&quality));
    offers.iter().map(|o| (normalised(cost(o), dearest, cheapest), normalised(quality(o), worst, best))).collect()
}

/// What the budget does not pay for is not in the running.
fn over_budget(case: &Case<'_>, budget: f64, offers: &mut [Ranked<'_>]) {
    for offer in offers.iter_mut().filter(|offer| offer.standing == Standing::Proven) {
        if let Some(cost) = offer.usd.and_then(|usd| case.monthly(usd)).filter(|cost| *cost > budget) {
            offer.standing = Standing::Worse;
            offer.option.notes.insert(0, format!("Over the budget of {}: {} a month.", usd(budget), usd(cost)));
        }
    }
}

fn say(weight: f64, answer: &mut Answer) {
    let text = if weight <= 0.0 {
        "Ranked by cost among the models that reach the least quality."
    } else if weight >= 1.0 {
        "Ranked by quality among the models that the budget pays for."
    } else {
        "Ranked by cost (logarithmic) and quality with equal weight; the chart of stability shows every other weight."
    };
    answer.assume("", None, Source::Default, text);
}
