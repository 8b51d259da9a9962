//! The coming months: load and cost under growth, with the price steps that are announced.

use super::Case;
use crate::analysis::cost::bill::quote;
use crate::analysis::math::growth::level;
use crate::date::Date;
use crate::format::{share, usd};

/// How far growth, or without growth the volume, is moved for the band.
const SWING: f64 = 0.2;

/// A month of the projection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Month {
    /// Months from today.
    pub(super) at: f64,
    /// Dollars for 30 days at that time: with less, the stated, and more growth.
    pub(super) usd: [f64; 3],
}

/// The months up to the horizon; `None` without a price and a volume.
pub(super) fn months(case: &Case<'_>) -> Option<Vec<Month>> {
    let spend = case.spend.as_ref()?;
    let growth = case.workload.growth_per_month;
    let last = case.horizon();
    let steps = last.ceil().clamp(1.0, 120.0);
    let mut months = Vec::with_capacity(steps as usize + 1);
    for i in 0..=steps as u32 {
        let at = last * f64::from(i) / steps;
        let day = case.traffic.day.plus_days((at * 30.0).round() as i64);
        let monthly = spend.monthly(quote(spend.model, day, &spend.tokens)?.usd)?;
        let usd = [-SWING, 0.0, SWING].map(|swing| match growth {
            Some(growth) => monthly * level(growth * (1.0 + swing * growth.signum()), at),
            None => monthly * (1.0 + swing),
        });
        if !usd.iter().all(|usd| usd.is_finite()) {
            break;
        }
        months.push(Month { at, usd });
    }
    (months.len() > 1).then_some(months)
}

/// The announced price changes up to the horizon, in words with their day.
pub(super) fn price_steps(case: &Case<'_>) -> Vec<(Date, String)> {
    let Some(spend) = &case.spend else { return Vec::new() };
    let until = case.traffic.day.plus_days((case.horizon() * 30.0) as i64);
    let mut before = spend.quote.usd;
    let steps = spend.model.steps_after(case.traffic.day, until, spend.tokens.input);
    let mut words = Vec::with_capacity(steps.len());
    for step in steps {
        let after = spend.tokens.cost(&step.price.rates);
        let change = if before > 0.0 {
            format!(" ({})", crate::format::signed(share(after / before - 1.0)))
        } else {
            String::new()
        };
        words.push((
            step.from,
            format!("{}: a request costs {} from {}{change}.", spend.model.name, usd(after), step.from),
        ));
        before = after;
    }
    words
}
