//! Cost: what the traffic costs at list price, whether that agrees with the bill, and what would cost less without
//! being worse.
//!
//! Data passes through in this order: facts and today's model ([`Case::read`]), the bill against the price list
//! ([`reconcile`]), every model of the catalog ([`options`]), the levers one by one and together ([`levers`]), what to
//! make of it ([`advice`]), pictures ([`charts`]), what is missing ([`questions`]).

mod advice;
mod assumptions;
pub(super) mod bill;
mod charts;
mod levers;
mod metrics;
mod options;
#[cfg(test)]
mod properties;
mod questions;
mod reconcile;
mod roadmap;
#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what must be the very same number")]
mod tests;

use super::answer::Answer;
use super::quality::Yardstick;
use super::traffic::{self, DAYS, Traffic};
use super::{Request, quality};
use crate::catalog::{Catalog, Model};
use crate::date::Date;
use crate::format::{count, usd};
use crate::problem::Problem;
use crate::result::AnalysisResult;
use crate::workload::{Source, Workload};
use bill::{Quote, Tokens, quote};

/// Days after which a price list is called old.
const OLD_AFTER_DAYS: i64 = 90;

/// Everything that the steps below need to know.
struct Case<'a> {
    workload: &'a Workload,
    catalog: &'a Catalog,
    traffic: Traffic,
    /// One request, if its size is known.
    tokens: Option<Tokens>,
    /// Requests in 30 days, if known.
    requests_per_month: Option<f64>,
    /// Today's model and its price.
    now: Option<Now<'a>>,
    yard: Option<Yardstick<'a>>,
    /// What the prices rest on.
    source: String,
}

/// Today's model.
struct Now<'a> {
    model: &'a Model,
    /// Its price for this request; `None`: cannot price.
    quote: Option<Quote>,
    /// The least and the most over all vendors that may be meant.
    range: Option<(f64, f64)>,
}

pub(super) fn analyze(request: &Request<'_>, catalog: &Catalog) -> Result<AnalysisResult, Problem> {
    let mut answer = Answer::default();
    let case = Case::read(request, catalog, &mut answer)?;
    let gap = reconcile::gap(&case, &mut answer);
    let options = options::all(&case);
    metrics::write(&case, &options, &mut answer);
    advice::write(&case, &options, gap.as_ref(), &mut answer);
    charts::write(&case, &options, &mut answer);
    assumptions::write(&case, &mut answer);
    questions::write(&case, &mut answer);
    answer.options = options.into_iter().map(|ranked| ranked.option).collect();
    Ok(answer.finish(request))
}

impl<'a> Case<'a> {
    fn read(request: &Request<'a>, catalog: &'a Catalog, answer: &mut Answer) -> Result<Self, Problem> {
        let workload = request.workload;
        let mut traffic = Traffic::read(request, answer);
        let tokens = traffic.input.zip(traffic.generated()).map(|(input, output)| {
            let prefix = traffic.prefix.filter(|_| traffic.hit_rate.is_some()).unwrap_or(0.0);
            let cached = prefix * traffic.hit_rate.unwrap_or(0.0);
            Tokens { input, output, cached, written: prefix - cached }
        });
        let sellers = traffic::current(request, catalog, answer)?;
        let now = Now::choose(&sellers, tokens.as_ref(), &traffic, answer);
        let per_request = now.as_ref().and_then(|now| Some(now.quote?.usd));
        if let (None, Some(spend), Some(cost)) = (traffic.requests_per_day, workload.monthly_spend_usd, per_request)
            && cost > 0.0
        {
            let implied = spend / (cost * DAYS);
            if implied.is_finite() {
                traffic.requests_per_day = Some(implied);
                let text = format!(
                    "The volume is not given: {} a month at {} a request are {} requests a day.",
                    usd(spend),
                    usd(cost),
                    count(implied)
                );
                answer.assume("requests_per_day", Some(implied), Source::Computed, text);
            }
        }
        let today = now.as_ref().map(|now| now.model);
        let yard = Yardstick::choose(catalog, workload.task, workload.quality_floor, today, answer);
        check_age(request, catalog, answer);
        let source = source(catalog, traffic.day);
        let requests_per_month = traffic.requests_per_day.map(|r| r * DAYS);
        Ok(Self { workload, catalog, traffic, tokens, requests_per_month, now, yard, source })
    }

    /// Dollars for one request today.
    fn usd_now(&self) -> Option<f64> {
        Some(self.now.as_ref()?.quote?.usd)
    }

    /// Dollars for 30 days today, at list price.
    fn monthly_now(&self) -> Option<f64> {
        self.monthly(self.usd_now()?)
    }

    /// Dollars for 30 days at `per_request`.
    fn monthly(&self, per_request: f64) -> Option<f64> {
        Some(per_request * self.requests_per_month?).filter(|usd| usd.is_finite())
    }

    /// The share that `per_request` saves against today; negative if it costs more.
    fn saving_share(&self, per_request: f64) -> Option<f64> {
        let now = self.usd_now().filter(|usd| *usd > 0.0)?;
        Some(1.0 - per_request / now).filter(|share| share.is_finite())
    }

    /// The price of this request on `model`.
    fn quote(&self, model: &Model) -> Option<Quote> {
        quote(model, self.traffic.day, self.tokens.as_ref()?)
    }
}

impl<'a> Now<'a> {
    /// Today's model at the vendor that sells it cheapest, with the range over all of `sellers`.
    fn choose(sellers: &[&'a Model], tokens: Option<&Tokens>, traffic: &Traffic, answer: &mut Answer) -> Option<Self> {
        let mut quoted: Vec<(&'a Model, Option<Quote>)> =
            sellers.iter().map(|model| (*model, tokens.and_then(|tokens| quote(model, traffic.day, tokens)))).collect();
        quoted.sort_by(|a, b| {
            let cost = |q: &Option<Quote>| q.map_or(f64::INFINITY, |q| q.usd);
            cost(&a.1).total_cmp(&cost(&b.1))
        });
        let &(model, quote) = quoted.first()?;
        let low = quoted.iter().filter_map(|(_, q)| Some(q.as_ref()?.low)).reduce(f64::min);
        let high = quoted.iter().filter_map(|(_, q)| Some(q.as_ref()?.high)).reduce(f64::max);
        if quoted.len() > 1 {
            let vendors: Vec<&str> = quoted.iter().map(|(m, _)| m.vendor.as_str()).collect();
            let text = format!(
                "{} is sold by {}: the price of {}, the cheapest, is used; the range shows all.",
                model.id,
                vendors.join(", "),
                model.vendor
            );
            answer.assume("vendor", None, Source::Default, text);
            let mut asked = super::answer::question("vendor", format!("Who sells you {}?", model.id));
            for vendor in vendors {
                asked = asked.choice(vendor, &[("vendor", vendor.into())]);
            }
            answer.ask(asked);
        }
        Some(Self { model, quote, range: low.zip(high) })
    }
}

/// What the prices of `day` rest on.
fn source(catalog: &Catalog, day: Date) -> String {
    format!("{} checked {}, for {day}", catalog.source, catalog.as_of)
}

fn check_age(request: &Request<'_>, catalog: &Catalog, answer: &mut Answer) {
    let age_days = request.today.days_since(catalog.as_of);
    if age_days > OLD_AFTER_DAYS {
        let text =
            format!("The price list is {age_days} days old ({}): check a price before you act on it.", catalog.as_of);
        answer.warn("old_price_list", text);
    }
}
