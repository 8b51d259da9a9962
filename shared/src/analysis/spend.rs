//! What a request costs today, for the categories where money is not the question but part of the answer.

use super::Request;
use super::answer::{Answer, question};
use super::cost::bill::{Quote, Tokens, quote};
use super::traffic::{DAYS, Traffic, current};
use crate::catalog::{Catalog, Model};
use crate::date::Date;
use crate::result::Candidate;
use crate::workload::Source;

/// Today's model at the vendor that sells it cheapest, and what a request costs on it.
pub(super) struct Spend<'a> {
    /// The model.
    pub(super) model: &'a Model,
    /// The tokens of a request.
    pub(super) tokens: Tokens,
    /// Its price.
    pub(super) quote: Quote,
    day: Date,
    requests_per_day: Option<f64>,
    /// What the prices rest on.
    pub(super) source: String,
}

impl<'a> Spend<'a> {
    /// Today's cost; `None` if the model or the size of a request is not known, or it cannot be priced. A model that
    /// the catalog lacks is asked about, since the rest of the answer does not need it.
    pub(super) fn read(
        request: &Request<'_>,
        catalog: &'a Catalog,
        traffic: &Traffic,
        answer: &mut Answer,
    ) -> Option<Self> {
        let sellers = match current(request, catalog, answer) {
            Ok(sellers) => sellers,
            Err(problem) => {
                answer.warn("unknown_model", format!("{} Figures in dollars are left out.", problem.detail));
                answer.ask(question("model", "Which model of the catalog comes closest to yours?"));
                return None;
            }
        };
        let (input, output) = (traffic.input?, traffic.generated()?);
        let prefix = traffic.prefix.filter(|_| traffic.hit_rate.is_some()).unwrap_or(0.0);
        let cached = prefix * traffic.hit_rate.unwrap_or(0.0);
        let tokens = Tokens { input, output, cached, written: prefix - cached };
        if let [first, second, ..] = sellers.as_slice() {
            let text = format!(
                "{} is sold by several vendors ({}, {}): the cheapest is used.",
                first.id, first.vendor, second.vendor
            );
            answer.assume("vendor", None, Source::Default, text);
        }
        let quoted = sellers.iter().filter_map(|model| Some((*model, quote(model, traffic.day, &tokens)?)));
        let cheapest = quoted.min_by(|a, b| a.1.usd.total_cmp(&b.1.usd));
        if cheapest.is_none() && !sellers.is_empty() {
            answer.warn("cannot_price", "Cannot price: the catalog has no price of this model for this day.");
        }
        let (model, quote) = cheapest?;
        let source = format!("{} checked {}, for {}", catalog.source, catalog.as_of, traffic.day);
        Some(Self { model, tokens, quote, day: traffic.day, requests_per_day: traffic.requests_per_day, source })
    }

    /// Dollars for 30 days at `per_request`, if the volume is known.
    pub(super) fn monthly(&self, per_request: f64) -> Option<f64> {
        Some(per_request * self.requests_per_day? * DAYS).filter(|usd| usd.is_finite())
    }

    /// Dollars for a request with `output` tokens generated.
    pub(super) fn with_output(&self, output: f64) -> Option<f64> {
        Some(quote(self.model, self.day, &Tokens { output, ..self.tokens })?.usd)
    }

    /// Writes what an option costs, and saves against today.
    pub(super) fn price(&self, option: &mut Candidate, per_request: f64) {
        let now = self.quote.usd;
        option.cost_per_request_usd = Some(per_request);
        option.monthly_cost_usd = self.monthly(per_request);
        option.saving_usd = self.monthly(now - per_request);
        option.saving_share = (now > 0.0).then(|| 1.0 - per_request / now).filter(|share| share.is_finite());
    }
}
