//! Every model of the catalog at this traffic, and the levers on today's model, best first.

use std::cmp::Ordering;

use super::levers::{self, Lever};
use crate::analysis::case::Case;
use crate::analysis::offers::{Ranked, Standing, dominate, money, of_model};
use crate::analysis::quality::Yardstick;
use crate::format::share;
use crate::result::Candidate;

/// All options, best first.
pub(super) fn all<'a>(case: &Case<'a>) -> Vec<Ranked<'a>> {
    let least = case.yard.as_ref().and_then(Yardstick::least);
    let today_will_do = case.yard.as_ref().is_none_or(|yard| yard.floor.is_none());
    let (models, levers) = (&case.catalog.models, levers::all(case));
    let mut ranked = Vec::with_capacity(models.len() + levers.len() + 1);
    ranked.extend(models.iter().filter_map(|m| of_model(case, m, least, today_will_do)));
    ranked.extend(levers.iter().map(|lever| of_lever(case, lever)));
    ranked.extend(of_duplicates(case));
    ranked.sort_by(|a, b| {
        let cost = |r: &Ranked<'_>| r.usd.unwrap_or(f64::INFINITY);
        // At the same standing and price, today's model is best: no change is the cheapest change.
        a.standing.cmp(&b.standing).then(cost(a).total_cmp(&cost(b))).then(b.is_now.cmp(&a.is_now))
    });
    dominate(&mut ranked);
    ranked
}

/// The cheapest option that is at least as good as what is asked.
pub(super) fn best<'r, 'a>(ranked: &'r [Ranked<'a>]) -> Option<&'r Ranked<'a>> {
    ranked.iter().find(|r| r.standing == Standing::Proven && r.usd.is_some())
}

/// The cheapest option whose whole interval is above what is asked, for those who want to be sure.
pub(super) fn clearly_better<'r, 'a>(case: &Case<'_>, ranked: &'r [Ranked<'a>]) -> Option<&'r Ranked<'a>> {
    let yard = case.yard.as_ref()?;
    let least = yard.floor.or_else(|| yard.today?.high)?;
    ranked.iter().find(|r| {
        let low = r.model.and_then(|model| yard.score(model)?.low);
        r.standing == Standing::Proven && !r.is_now && low.is_some_and(|low| low > least)
    })
}

/// The cheapest proven option of today's vendor that brings no thinking tokens.
pub(super) fn nearest_at_hand<'r, 'a>(case: &Case<'_>, ranked: &'r [Ranked<'a>]) -> Option<&'r Ranked<'a>> {
    let vendor = case.now.as_ref()?.model.vendor.as_str();
    ranked.iter().find(|r| {
        let same_vendor = r.option.vendor.as_deref() == Some(vendor);
        r.standing == Standing::Proven && r.is_model() && !r.is_now && !r.thinks_uncounted && same_vendor
    })
}

fn of_lever<'a>(case: &Case<'a>, lever: &Lever<'_>) -> Ranked<'a> {
    let mut option = Box::new(Candidate {
        id: lever.id.into(),
        title: lever.title.into(),
        notes: lever.notes.clone(),
        ..Candidate::default()
    });
    if let Some(cost) = lever.usd {
        let low = lever.low.map_or(cost, |low| low.min(cost));
        money(case, &mut option, cost, (low, lever.high.map_or(cost, |high| high.max(cost))));
    }
    // These run the same model on the same text, so the answers are as good as today's.
    let same_answers = matches!(lever.id, "batch" | "prompt-cache");
    if let (Some(yard), Some(now)) = (&case.yard, case.now.as_ref().filter(|_| same_answers)) {
        option.model = Some(now.model.id.clone());
        option.vendor = Some(now.model.vendor.clone());
        option.quality = yard.today.map(|score| score.value);
        option.quality_benchmark = yard.today.map(|_| yard.benchmark.id.clone());
        option.quality_delta = yard.today.map(|_| 0.0);
    }
    let standing = match lever.usd {
        None => Standing::Unpriced,
        Some(_) if !lever.known || lever.id == "trim" => Standing::Open,
        Some(_) => keeps_todays_quality(case),
    };
    Ranked { standing, usd: lever.usd, option, model: None, is_now: false, thinks_uncounted: false }
}

/// How an option stands that is as good as today.
fn keeps_todays_quality(case: &Case<'_>) -> Standing {
    let Some(yard) = &case.yard else { return Standing::Proven };
    match (yard.floor, yard.today) {
        (None, _) => Standing::Proven,
        (Some(floor), Some(today)) if today.value >= floor => Standing::Proven,
        (Some(_), Some(_)) => Standing::Worse,
        (Some(_), None) => Standing::Open,
    }
}

/// Answering repeated requests from a store of answers, where the user knows how many repeat.
fn of_duplicates<'a>(case: &Case<'a>) -> Option<Ranked<'a>> {
    let (repeated, now) = (case.workload.duplicate_share?, case.usd_now()?);
    let cost = (1.0 - repeated) * now;
    let mut option = Box::new(Candidate {
        id: "response-cache".into(),
        title: "Answer repeated requests from a store".into(),
        ..Candidate::default()
    });
    money(case, &mut option, cost, (cost, now));
    option.notes.push(format!(
        "{} of the requests repeat. Only exact repeats are safe: with similar ones, wrong \
         answers come at (hit rate × (1 - precision)), and static thresholds give no \
         guarantee (vCache, arXiv 2502.03771). Not in the waterfall.",
        share(repeated)
    ));
    let standing = keeps_todays_quality(case);
    Some(Ranked { standing, usd: Some(cost), option, model: None, is_now: false, thinks_uncounted: false })
}

/// Orders options by cost, the unpriced last.
pub(super) fn by_cost(a: &Ranked<'_>, b: &Ranked<'_>) -> Ordering {
    a.usd.unwrap_or(f64::INFINITY).total_cmp(&b.usd.unwrap_or(f64::INFINITY))
}
