//! One question about money: the facts, the price of a request, today's model, and the yardstick of quality.

use super::Request;
use super::answer::{Answer, question};
use super::cost::bill::{Quote, Tokens, quote};
use super::quality::Yardstick;
use super::traffic::{self, DAYS, Traffic};
use crate::catalog::{Catalog, Model};
use crate::date::Date;
use crate::format::{count, usd};
use crate::problem::Problem;
use crate::workload::{Source, Workload};

/// Days after which a price list is called old.
const OLD_AFTER_DAYS: i64 = 90;

/// Everything that the steps below need to know.
pub(super) struct Case<'a> {
    pub(super) workload: &'a Workload,
    pub(super) catalog: &'a Catalog,
    pub(super) traffic: Traffic,
    /// One request, if its size is known.
    pub(super) tokens: Option<Tokens>,
    /// Requests in 30 days, if known.
    pub(super) requests_per_month: Option<f64>,
    /// Today's model and its price.
    pub(super) now: Option<Now<'a>>,
    pub(super) yard: Option<Yardstick<'a>>,
    /// What the prices rest on.
    pub(super) source: String,
}

/// Today's model.
pub(super) struct Now<'a> {
    pub(super) model: &'a Model,
    /// Its price for this request; `None`: cannot price.
    pub(super) quote: Option<Quote>,
    /// The least and the most over all vendors that may be meant.
    pub(super) range: Option<(f64, f64)>,
}

impl<'a> Case<'a> {
    pub(super) fn read(request: &Request<'a>, catalog: &'a Catalog, answer: &mut Answer) -> Result<Self, Problem> {
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
    pub(super) fn usd_now(&self) -> Option<f64> {
        Some(self.now.as_ref()?.quote?.usd)
    }

    /// Dollars for 30 days today, at list price.
    pub(super) fn monthly_now(&self) -> Option<f64> {
        self.monthly(self.usd_now()?)
    }

    /// Dollars for 30 days at `per_request`.
    pub(super) fn monthly(&self, per_request: f64) -> Option<f64> {
        Some(per_request * self.requests_per_month?).filter(|usd| usd.is_finite())
    }

    /// The share that `per_request` saves against today; negative if it costs more.
    pub(super) fn saving_share(&self, per_request: f64) -> Option<f64> {
        let now = self.usd_now().filter(|usd| *usd > 0.0)?;
        Some(1.0 - per_request / now).filter(|share| share.is_finite())
    }

    /// The price of this request on `model`.
    pub(super) fn quote(&self, model: &Model) -> Option<Quote> {
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
            let mut asked = question("vendor", format!("Who sells you {}?", model.id));
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

/// Whether a request fits into the context of `model`; one that is not known is given the benefit of the doubt.
pub(super) fn fits(case: &Case<'_>, model: &Model) -> bool {
    let tokens = case.tokens.map_or(0.0, |t| t.input + t.output).max(case.workload.context_tokens.unwrap_or(0.0));
    model.context_tokens.is_none_or(|most| tokens <= most)
}

fn check_age(request: &Request<'_>, catalog: &Catalog, answer: &mut Answer) {
    let age_days = request.today.days_since(catalog.as_of);
    if age_days > OLD_AFTER_DAYS {
        let text =
            format!("The price list is {age_days} days old ({}): check a price before you act on it.", catalog.as_of);
        answer.warn("old_price_list", text);
    }
}
