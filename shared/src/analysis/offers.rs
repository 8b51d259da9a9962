//! Every model of the catalog at this traffic: price, quality, and what a reader should know about it.

use super::case::{Case, fits};
use super::cost::bill::Quote;
use super::pareto::dominators;
use super::quality;
use crate::catalog::Model;
use crate::format::{count, usd};
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
pub(super) struct Ranked<'a> {
    pub(super) standing: Standing,
    /// Dollars a request.
    pub(super) usd: Option<f64>,
    /// In a place of its own, so that sorting moves little.
    pub(super) option: Box<Candidate>,
    /// The model, if it is one and not a lever.
    pub(super) model: Option<&'a Model>,
    /// Whether it is today's model as it runs today.
    pub(super) is_now: bool,
    /// Whether it thinks, and nobody has said how much.
    pub(super) thinks_uncounted: bool,
}

impl Ranked<'_> {
    /// Whether the option is a model, and not a lever.
    pub(super) fn is_model(&self) -> bool {
        self.model.is_some()
    }
}

/// The money of an option, against today.
pub(super) fn money(case: &Case<'_>, option: &mut Candidate, usd: f64, range: (f64, f64)) {
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

/// The offer of `model`; `least` is the quality that is asked for, `today_will_do` whether today's model passes
/// unmeasured.
/// `None` while the size of a request is not known.
pub(super) fn of_model<'a>(
    case: &Case<'a>,
    model: &'a Model,
    least: Option<f64>,
    today_will_do: bool,
) -> Option<Ranked<'a>> {
    case.tokens?;
    let now = case.now.as_ref();
    let is_now = now.is_some_and(|now| std::ptr::eq(now.model, model));
    let mut option = Box::new(Candidate {
        id: model.option_id(),
        title: model.name.clone(),
        model: Some(model.id.clone()),
        vendor: Some(model.vendor.clone()),
        ..Candidate::default()
    });
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
    let standing = if quote.is_none() {
        Standing::Unpriced
    } else if !fits(case, model) {
        Standing::TooSmall
    } else {
        match (score.map(|s| s.value), least) {
            _ if is_now && today_will_do => Standing::Proven,
            (Some(score), Some(least)) if score >= least => Standing::Proven,
            (Some(_), Some(_)) => Standing::Worse,
            _ => Standing::Open,
        }
    };
    option.notes = notes(case, model, quote.as_ref(), is_now, standing);
    let thinks_uncounted = model.thinks && case.traffic.reasoning == 0.0;
    Some(Ranked { standing, usd: quote.map(|q| q.usd), option, model: Some(model), is_now, thinks_uncounted })
}

/// What a reader should know about a model at this traffic.
fn notes(case: &Case<'_>, model: &Model, quote: Option<&Quote>, is_now: bool, standing: Standing) -> Vec<String> {
    let mut notes = Vec::new();
    if is_now {
        notes.push("What you run today.".to_string());
    }
    let Some(quote) = quote else {
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
        // Most models think, and putting pieces together is quicker than a format.
        Some(tokens) => [
            model.name.as_str(),
            " thinks before it answers, which is billed as output and not counted here; up to ",
            &count(tokens),
            " thinking tokens a request it is cheaper than today.",
        ]
        .concat(),
        None => [&model.name, " thinks before it answers, which is billed as output and not counted here."].concat(),
    }
}

/// Names the better and cheaper option beside each that has one. Options that do not fit cannot dominate.
pub(super) fn dominate(ranked: &mut [Ranked<'_>]) {
    let points: Vec<(f64, Option<f64>)> = ranked
        .iter()
        .map(|r| {
            let comparable = matches!(r.standing, Standing::Proven | Standing::Worse)
                || r.is_model() && r.standing == Standing::Open;
            (r.usd.unwrap_or(f64::INFINITY), r.option.quality.filter(|_| comparable))
        })
        .collect();
    for (i, by) in dominators(&points).into_iter().enumerate() {
        ranked[i].option.dominated_by = by.map(|by| ranked[by].option.id.clone());
    }
}
