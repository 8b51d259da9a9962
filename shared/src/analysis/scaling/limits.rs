//! The vendor's limits per minute against the load of the busiest minute.

use crate::analysis::load::Arrivals;
use crate::analysis::math::growth::months_to_limit;
use crate::analysis::traffic::Traffic;
use crate::format::count;
use crate::workload::Workload;

/// One limit and the load on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    /// What is limited.
    pub(super) unit: &'static str,
    /// At the peak, per minute.
    pub(super) load: f64,
    /// At most, per minute.
    pub(super) allowed: f64,
}

impl Limit {
    /// The load over the limit.
    pub(super) fn utilisation(&self) -> f64 {
        self.load / self.allowed
    }

    /// The computation, with the numbers put in.
    pub(super) fn formula(&self) -> String {
        format!("{} {} at the peak / {} allowed", count(self.load), self.unit, count(self.allowed))
    }
}

/// The limits that are known, with their loads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) requests: Option<Limit>,
    pub(super) tokens: Option<Limit>,
}

impl Limits {
    pub(super) fn read(workload: &Workload, traffic: &Traffic, arrivals: Option<Arrivals>) -> Self {
        let per_minute = arrivals.map(|arrivals| arrivals.peak() * 60.0);
        let each = traffic.input.zip(traffic.generated()).map(|(input, output)| input + output);
        let limit = |unit, load: Option<f64>, limit: Option<f64>| Some(Limit { unit, load: load?, allowed: limit? });
        let tokens = per_minute.zip(each).map(|(requests, tokens)| requests * tokens);
        Self {
            requests: limit("requests/min", per_minute, workload.rpm_limit),
            tokens: limit("tokens/min", tokens, workload.tpm_limit),
        }
    }

    /// All that are known.
    pub(super) fn known(&self) -> impl Iterator<Item = Limit> {
        self.requests.into_iter().chain(self.tokens)
    }

    /// The one that is nearest.
    pub(super) fn tightest(&self) -> Option<Limit> {
        self.known().max_by(|a, b| a.utilisation().total_cmp(&b.utilisation()))
    }

    /// When the tightest limit is reached; `None` if that cannot be said.
    pub(super) fn reached(&self, growth: Option<f64>) -> Option<Reached> {
        let utilisation = self.tightest()?.utilisation();
        if utilisation >= 1.0 {
            return Some(Reached::Already);
        }
        Some(months_to_limit(utilisation, growth?).map_or(Reached::Never, Reached::In))
    }
}

/// When a limit is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reached {
    /// It is crossed today.
    Already,
    /// In so many months.
    In(f64),
    /// The load does not grow.
    Never,
}
