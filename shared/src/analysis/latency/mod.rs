//! Latency: where the time of an answer goes, how slow the slowest are, how long requests wait for a place, and what
//! would make it shorter.
//!
//! Data passes through in this order: facts ([`Case::read`]), the waiting line ([`queue`]), the distribution
//! ([`tail`]), the figures ([`metrics`]), what could be done ([`options`]), what to make of it ([`advice`]), pictures
//! ([`charts`]).

mod advice;
mod charts;
mod metrics;
mod options;
mod queue;
mod tail;
#[cfg(test)]
mod tests;

use super::Request;
use super::answer::Answer;
use super::load::{AnswerTime, Arrivals};
use super::observed::Observed;
use super::spend::Spend;
use super::traffic::Traffic;
use crate::catalog::Catalog;
use crate::result::AnalysisResult;
use crate::workload::Workload;
use queue::Queue;
use tail::Tail;

/// Everything that the steps below need to know.
struct Case<'a> {
    request: &'a Request<'a>,
    workload: &'a Workload,
    traffic: Traffic,
    /// A whole answer, if it can be computed.
    time: Option<AnswerTime>,
    /// The places that requests wait for, if they are limited.
    queue: Option<Queue>,
    /// How the times are spread, if that is known.
    tail: Option<Tail<'a>>,
    spend: Option<Spend<'a>>,
}

pub(super) fn analyze(request: &Request<'_>, catalog: &Catalog, observed: Option<&Observed>) -> AnalysisResult {
    let mut answer = Answer::default();
    let case = Case::read(request, catalog, observed, &mut answer);
    metrics::write(&case, &mut answer);
    let what_ifs = options::all(&case, &mut answer);
    advice::write(&case, &what_ifs, &mut answer);
    charts::write(&case, &what_ifs, &mut answer);
    answer.options = what_ifs.into_iter().map(|what_if| what_if.option).collect();
    answer.finish(request)
}

impl<'a> Case<'a> {
    fn read(
        request: &'a Request<'a>,
        catalog: &'a Catalog,
        observed: Option<&'a Observed>,
        answer: &mut Answer,
    ) -> Self {
        let workload = request.workload;
        let traffic = Traffic::read(request, answer);
        let time = AnswerTime::read(request, &traffic, observed, answer);
        // Arrivals matter only where there is something to wait for.
        let limited = workload.concurrency_limit.is_some();
        let arrivals = limited.then(|| Arrivals::read(&traffic, workload, answer)).flatten();
        let queue = Queue::read(request, arrivals, time.as_ref(), observed, answer);
        let tail = Tail::read(request, observed, answer);
        let spend = Spend::read(request, catalog, &traffic, answer);
        Self { request, workload, traffic, time, queue, tail, spend }
    }

    /// Milliseconds that a request waits for its place, where places are limited; `None` in overload.
    fn wait_ms(&self) -> Option<f64> {
        self.queue.as_ref().map_or(Some(0.0), Queue::wait_ms)
    }

    /// Milliseconds from sending a request to the end of its answer; `None` if unknown or in overload.
    fn whole_ms(&self) -> Option<f64> {
        Some(self.time.as_ref()?.ms + self.wait_ms()?)
    }

    /// The wait for a place if an answer took `ms`.
    fn wait_if(&self, ms: f64) -> Option<f64> {
        self.queue.as_ref().map_or(Some(0.0), |queue| queue.wait_if(ms))
    }
}
