//! What becomes of a plan when the world is not as the facts say.

use super::program::{Plan, Program};
use crate::analysis::math::percentiles::quantile;
use crate::analysis::math::random::Random;
use crate::date::Date;

/// Draws of the Monte Carlo run, and its seed: the same figures on every machine.
const DRAWS: usize = 400;
const SEED: u64 = 20_261_122;
/// By how much the volume of a class may be off.
const VOLUME: f64 = 0.2;

/// The spread of a plan.
pub(super) struct Spread {
    /// 5 and 95 % of its cost in 30 days.
    pub(super) usd: (f64, f64),
    /// 5 and 95 % of its mean quality.
    pub(super) quality: (f64, f64),
    /// The share of draws in which the quality asked for is reached.
    pub(super) reached: f64,
}

/// Draws each class's volume within ±20 % and each model's quality from the error of its score.
pub(super) fn spread(program: &Program<'_>, plan: &Plan, least: Option<f64>) -> Option<Spread> {
    let mut random = Random::new(SEED);
    let (mut costs, mut qualities) = (Vec::with_capacity(DRAWS), Vec::with_capacity(DRAWS));
    for _ in 0..DRAWS {
        let off: Vec<f64> = program.choices.iter().map(|c| c.error * random.normal()).collect();
        let (mut usd, mut quality, mut requests) = (0.0, 0.0, 0.0);
        for ((class, row), prices) in program.classes.iter().zip(&plan.shares).zip(&program.usd) {
            let volume = class.requests_per_month * (1.0 + VOLUME * (2.0 * random.unit() - 1.0));
            requests += volume;
            for (m, share) in row.iter().enumerate().filter(|(_, share)| **share > 0.0) {
                usd += volume * share * prices[m].unwrap_or(0.0);
                quality += volume * share * (program.choices[m].quality + off[m]);
            }
        }
        costs.push(usd);
        qualities.push(quality / requests);
    }
    costs.sort_by(f64::total_cmp);
    qualities.sort_by(f64::total_cmp);
    let ends = |rising: &[f64]| Some((quantile(rising, 0.05)?, quantile(rising, 0.95)?));
    let least = least.unwrap_or(f64::NEG_INFINITY);
    let reached = qualities.iter().filter(|q| **q >= least).count() as f64 / DRAWS as f64;
    Some(Spread { usd: ends(&costs)?, quality: ends(&qualities)?, reached })
}

/// The plan's cost in 30 days at the prices of `day`; `None` if one of its models has no price then.
pub(super) fn cost_on(program: &Program<'_>, plan: &Plan, day: Date) -> Option<f64> {
    let mut usd = 0.0;
    for (class, row) in program.classes.iter().zip(&plan.shares) {
        for (choice, share) in program.choices.iter().zip(row).filter(|(_, share)| **share > 0.0) {
            let price = choice.model.price_at(day, class.tokens.input)?;
            usd += class.requests_per_month * share * class.tokens.cost(&price.rates);
        }
    }
    Some(usd)
}

/// The first announced day in the year after `day` on which a model of the plan changes its price.
pub(super) fn next_step(program: &Program<'_>, plan: &Plan, day: Date) -> Option<Date> {
    let until = day.plus_days(crate::analysis::offers::HORIZON_DAYS);
    let used = |m: usize| plan.shares.iter().any(|row| row[m] > 0.0);
    let steps = program.choices.iter().enumerate().filter(|(m, _)| used(*m));
    steps.filter_map(|(_, choice)| Some(choice.model.steps_after(day, until, 0.0).first()?.from)).min()
}
