//! Every model of the catalog at this traffic, and the levers on today's model, best first.

use std::cmp::Ordering;

use super::levers::{self, Lever};
use super::{Case, quality};
use crate::analysis::pareto::dominators;
use crate::catalog::Model;
use crate::format::{count, share, usd};
use crate::result::Candidate;

/// Days for which announced price changes are told.
pub(super) const HORIZON_DAYS: i64 = 365;

/// How an option stands, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Known to be at least as good as what is asked.
    Proven,
    /// Nobody has measured it, or it rests on an "if".
    Open,
    /// Known to be worse.
    Worse,
    /// The request does not fit into its context.
    TooSmall,
    /// No price is known.
    Unpriced,
}

/// An option with its standing.
pub(super) struct Ranked {
    pub(super) standing: Standing,
    /// Dollars a request.
    pub(super) usd: Option<f64>,
    pub(super) option: Candidate,
    /// Whether it is today's model as it runs today.
    pub(super) is_now: bool,
    /// Whether it thinks, and nobody has said how much.
    pub(super) thinks_uncounted: bool,
}

impl Ranked {
    /// Whether the option is a model, and not a lever.
    pub(super) fn is_model(&self) -> bool {
        self.option.id.contains('/')
    }
}

/// All options, best first.
pub(super) fn all(case: &Case<'_>) -> Vec<Ranked> {
    let mut ranked: Vec<Ranked> = case.catalog.models.iter().filter_map(|m| of_model(case, m)).collect();
    let levers = levers::all(case);
    ranked.extend(levers.iter().map(|lever| of_lever(case, lever)));
    ranked.extend(of_duplicates(case));
    ranked.sort_by(|a, b| {
        let cost = |r: &Ranked| r.usd.unwrap_or(f64::INFINITY);
        // At the same standing and price, today's model is best: no change is the cheapest change.
        a.standing.cmp(&b.standing).then(cost(a).total_cmp(&cost(b))).then(b.is_now.cmp(&a.is_now))
    });
    dominate(&mut ranked);
    ranked
}

/// The cheapest option that is at least as good as what is asked.
pub(super) fn best(ranked: &[Ranked]) -> Option<&Ranked> {
    ranked.iter().find(|r| r.standing == Standing::Proven && r.usd.is_some())
}

/// The cheapest option whose whole interval is above what is asked, for those who want to be sure.
pub(super) fn clearly_better<'r>(case: &Case<'_>, ranked: &'r [Ranked]) -> Option<&'r Ranked> {
    let yard = case.yard.as_ref()?;
    let least = yard.floor.or_else(|| yard.today?.high)?;
    ranked.iter().find(|r| {
        let model = r.option.model.as_deref().zip(r.option.vendor.as_deref());
        let found = model.and_then(|(id, vendor)| case.catalog.find(id, Some(vendor)).ok());
        let low = found.and_then(|found| yard.score(found[0])?.low);
        r.standing == Standing::Proven && !r.is_now && r.is_model() && low.is_some_and(|low| low > least)
    })
}

/// The cheapest proven option of today's vendor that brings no thinking tokens.
pub(super) fn nearest_at_hand<'r>(case: &Case<'_>, ranked: &'r [Ranked]) -> Option<&'r Ranked> {
    let vendor = case.now.as_ref()?.model.vendor.as_str();
    ranked.iter().find(|r| {
        let same_vendor = r.option.vendor.as_deref() == Some(vendor);
        r.standing == Standing::Proven && r.is_model() && !r.is_now && !r.thinks_uncounted && same_vendor
    })
}

/// The money of an option, against today.
fn money(case: &Case<'_>, option: &mut Candidate, usd: f64, range: (f64, f64)) {
    let monthly = case.monthly(usd);
    option.cost_per_request_usd = Some(usd);
    option.monthly_cost_usd = monthly;
    option.saving_share = case.saving_share(usd);
    option.saving_usd = case.monthly_now().zip(monthly).map(|(now, then)| now - then).filter(|s| s.is_finite());
    if range.0 < range.1 {
        option.monthly_cost_low_usd = case.monthly(range.0);
        option.monthly_cost_high_usd = case.monthly(range.1);
    }
}

fn of_model(case: &Case<'_>, model: &Model) -> Option<Ranked> {
    case.tokens?;
    let now = case.now.as_ref();
    let is_now = now.is_some_and(|now| std::ptr::eq(now.model, model));
    let mut option = Candidate {
        id: model.option_id(),
        title: model.name.clone(),
        model: Some(model.id.clone()),
        vendor: Some(model.vendor.clone()),
        ..Candidate::default()
    };
    let score = case.yard.as_ref().and_then(|yard| yard.score(model));
    if let (Some(yard), Some(score)) = (&case.yard, score) {
        option.quality = Some(score.value);
        option.quality_benchmark = Some(yard.benchmark.id.clone());
        option.quality_delta = yard.today.map(|today| quality::difference(score, today));
    }
    if let Some(now) = now.filter(|_| !is_now) {
        option.win_probability = quality::win_probability(now.model, model);
    }
    let quote = case.quote(model);
    if let Some(quote) = quote {
        money(case, &mut option, quote.usd, (quote.low, quote.high));
    }
    let least = case.yard.as_ref().and_then(quality::Yardstick::least);
    let floor = case.yard.as_ref().and_then(|yard| yard.floor);
    let standing = if quote.is_none() {
        Standing::Unpriced
    } else if !levers::fits(case, model) {
        Standing::TooSmall
    } else {
        match (score.map(|s| s.value), least) {
            _ if is_now && floor.is_none() => Standing::Proven,
            (Some(score), Some(least)) if score >= least => Standing::Proven,
            (Some(_), Some(_)) => Standing::Worse,
            _ => Standing::Open,
        }
    };
    option.notes = notes(case, model, is_now, standing);
    let thinks_uncounted = model.thinks && case.traffic.reasoning == 0.0;
    Some(Ranked { standing, usd: quote.map(|q| q.usd), option, is_now, thinks_uncounted })
}

/// What a reader should know about a model at this traffic.
fn notes(case: &Case<'_>, model: &Model, is_now: bool, standing: Standing) -> Vec<String> {
    let mut notes = Vec::new();
    if is_now {
        notes.push("What you run today.".to_string());
    }
    let Some(quote) = case.quote(model) else {
        notes.push("Cannot price: no price is known for this day.".into());
        return notes;
    };
    if standing == Standing::TooSmall {
        let most = count(model.context_tokens.unwrap_or(0.0));
        notes.push(format!("Does not fit: its context holds {most} tokens."));
    }
    if let Some(yard) = &case.yard {
        match yard.score(model) {
            None => notes.push(quality::unscored_note(yard)),
            Some(score) => notes.extend(score.measured.as_ref().map(|what| format!("Score measured as {what}."))),
        }
    }
    if model.thinks && case.traffic.reasoning == 0.0 {
        notes.push(thinking_note(case, model, quote.usd, quote.price.rates.output, is_now));
    }
    if let Some([cheap, dear]) = quote.price.hours {
        notes.push(format!(
            "The price changes with the hour: this is an even load over a weekday; output costs \
{} off-peak and {} in peak hours per million tokens.",
            usd(cheap.output),
            usd(dear.output)
        ));
    }
    if let Some(above) = quote.price.above_tokens {
        notes.push(format!("Long input: above {} tokens the whole request costs more.", count(above)));
    }
    if case.tokens.is_some_and(|t| t.cached > 0.0) && quote.price.rates.cache_read.is_none() {
        notes.push("No price for cached input is published: cached tokens are billed as input here.".into());
    }
    let until = case.traffic.day.plus_days(HORIZON_DAYS);
    for step in case.tokens.iter().flat_map(|t| model.steps_after(case.traffic.day, until, t.input)) {
        let Some(tokens) = case.tokens else { continue };
        let cost = tokens.cost(&step.price.rates);
        let cost =
            case.monthly(cost).map_or_else(|| format!("{} a request", usd(cost)), |c| format!("{} a month", usd(c)));
        notes.push(format!("From {}: {cost}.", step.from));
    }
    notes.extend(model.note.clone());
    notes
}

/// Models that think bring output that nobody has counted yet: how much of it the saving can bear.
fn thinking_note(case: &Case<'_>, model: &Model, usd_per_request: f64, usd_per_mtok: f64, is_now: bool) -> String {
    let bears = case.usd_now().filter(|_| !is_now).map(|now| (now - usd_per_request) * 1e6 / usd_per_mtok);
    match bears.filter(|tokens| *tokens >= 1.0 && tokens.is_finite()) {
        Some(tokens) => format!(
            "{} thinks before it answers, which is billed as output and not counted here; up to \
{} thinking tokens a request it is cheaper than today.",
            model.name,
            count(tokens)
        ),
        None => format!("{} thinks before it answers, which is billed as output and not counted here.", model.name),
    }
}

fn of_lever(case: &Case<'_>, lever: &Lever<'_>) -> Ranked {
    let mut option = Candidate {
        id: lever.id.into(),
        title: lever.title.into(),
        notes: lever.notes.clone(),
        ..Candidate::default()
    };
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
    Ranked { standing, usd: lever.usd, option, is_now: false, thinks_uncounted: false }
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
fn of_duplicates(case: &Case<'_>) -> Option<Ranked> {
    let (repeated, now) = (case.workload.duplicate_share?, case.usd_now()?);
    let cost = (1.0 - repeated) * now;
    let mut option = Candidate {
        id: "response-cache".into(),
        title: "Answer repeated requests from a store".into(),
        ..Candidate::default()
    };
    money(case, &mut option, cost, (cost, now));
    option.notes.push(format!(
        "{} of the requests repeat. Only exact repeats are safe: with similar ones, wrong \
answers come at (hit rate × (1 - precision)), and static thresholds give no \
guarantee (vCache, arXiv 2502.03771). Not in the waterfall.",
        share(repeated)
    ));
    let standing = keeps_todays_quality(case);
    Some(Ranked { standing, usd: Some(cost), option, is_now: false, thinks_uncounted: false })
}

/// Names the better and cheaper option beside each that has one. Options that do not fit cannot dominate.
fn dominate(ranked: &mut [Ranked]) {
    let points: Vec<(f64, Option<f64>)> = ranked
        .iter()
        .map(|r| {
            let comparable = matches!(r.standing, Standing::Proven | Standing::Worse)
                || r.is_model() && r.standing == Standing::Open;
            (r.usd.unwrap_or(f64::INFINITY), r.option.quality.filter(|_| comparable))
        })
        .collect();
    let ids: Vec<String> = ranked.iter().map(|r| r.option.id.clone()).collect();
    for (r, by) in ranked.iter_mut().zip(dominators(&points)) {
        r.option.dominated_by = by.map(|i| ids[i].clone());
    }
}

/// Orders options by cost, the unpriced last.
pub(super) fn by_cost(a: &Ranked, b: &Ranked) -> Ordering {
    a.usd.unwrap_or(f64::INFINITY).total_cmp(&b.usd.unwrap_or(f64::INFINITY))
}
