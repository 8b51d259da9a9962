//! Scaling: what arrives at the peak, when it meets a limit, how many servers and GPUs carry it, and what growth costs.
//!
//! Data passes through in this order: facts ([`Case::read`]), the limits of the vendor ([`limits`]), servers
//! ([`servers`]), own GPUs ([`hosting`]), the coming months ([`projection`]), the figures ([`metrics`]), what could be
//! done ([`options`]), what to make of it ([`advice`]), pictures ([`charts`]).

mod advice;
mod charts;
mod hosting;
mod limits;
mod metrics;
mod options;
mod projection;
mod servers;
#[cfg(test)]
mod tests;

use super::Request;
use super::answer::Answer;
use super::load::{AnswerTime, Arrivals};
use super::observed::Observed;
use super::spend::Spend;
use super::traffic::Traffic;
use crate::catalog::Catalog;
use crate::date::Date;
use crate::result::AnalysisResult;
use crate::workload::Workload;
use hosting::Hosting;
use limits::Limits;
use servers::Servers;

/// Months that are looked ahead where no horizon is given.
const HORIZON_MONTHS: f64 = 12.0;

/// Everything that the steps below need to know.
struct Case<'a> {
    request: &'a Request<'a>,
    workload: &'a Workload,
    catalog: &'a Catalog,
    traffic: Traffic,
    arrivals: Option<Arrivals>,
    /// A whole answer, if it can be computed.
    time: Option<AnswerTime>,
    limits: Limits,
    /// How many servers are enough, if load and time of an answer are known.
    servers: Option<Servers>,
    /// Own GPUs, if the user speaks of them.
    hosting: Option<Hosting>,
    spend: Option<Spend<'a>>,
}

pub(super) fn analyze(request: &Request<'_>, catalog: &Catalog, observed: Option<&Observed>) -> AnalysisResult {
    let mut answer = Answer::default();
    let case = Case::read(request, catalog, observed, &mut answer);
    metrics::write(&case, &mut answer);
    let options = options::all(&case);
    advice::write(&case, &options, &mut answer);
    charts::write(&case, &mut answer);
    answer.options = options;
    answer.finish(request)
}

impl<'a> Case<'a> {
    fn read(request: &'a Request<'a>, catalog: &'a Catalog, observed: Option<&Observed>, answer: &mut Answer) -> Self {
        let workload = request.workload;
        let traffic = Traffic::read(request, answer);
        let arrivals = Arrivals::read(&traffic, workload, answer);
        let time = AnswerTime::read(request, &traffic, observed, answer);
        let limits = Limits::read(workload, &traffic, arrivals);
        let servers = Servers::read(request, arrivals, time.as_ref(), observed, answer);
        let hosting = Hosting::read(workload, answer);
        let spend = Spend::read(request, catalog, &traffic, answer);
        Self { request, workload, catalog, traffic, arrivals, time, limits, servers, hosting, spend }
    }

    /// Months that are looked ahead.
    fn horizon(&self) -> f64 {
        self.workload.horizon_months.unwrap_or(HORIZON_MONTHS)
    }

    /// The day `months` from now; `None` beyond a century, where a date says nothing.
    fn day_in(&self, months: f64) -> Option<Date> {
        (0.0..=1_200.0).contains(&months).then(|| self.request.today.plus_days((months * 30.0).round() as i64))
    }

    /// Output tokens a second at the peak, thinking included.
    fn peak_output(&self) -> Option<f64> {
        Some(self.arrivals?.peak() * self.traffic.generated()?)
    }
}
