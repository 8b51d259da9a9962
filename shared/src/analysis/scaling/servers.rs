//! How many requests must be served at a time, and how many places are enough so that hardly any waits too long.

use crate::analysis::Request;
use crate::analysis::answer::Answer;
use crate::analysis::load::{AnswerTime, Arrivals, arrival_scv, replayable, warn_if_bursty};
use crate::analysis::math::queueing::{Erlang, Goal, fewest_servers, little};
use crate::analysis::math::replay;
use crate::analysis::observed::Observed;
use crate::format::{count, ms, share};

/// The most requests that may start late.
const LATE: f64 = 0.05;
/// Numbers of servers in the chart.
const POINTS: u64 = 24;
/// By how much the load is moved for the range of servers.
const SWING: f64 = 0.2;

/// The servers for a load.
#[derive(Clone, Debug)]
pub(super) struct Servers {
    /// Milliseconds of service.
    pub(super) service_ms: f64,
    /// Requests in service at a time, at the peak: the load in erlangs.
    pub(super) load: f64,
    /// How long a request may wait, in milliseconds; `None` if the target is below the answer's own time.
    pub(super) within_ms: Option<f64>,
    target_ms: Option<f64>,
    /// Servers in a replay of the log.
    replayed: Option<usize>,
}

impl Servers {
    pub(super) fn read(
        request: &Request<'_>,
        arrivals: Option<Arrivals>,
        time: Option<&AnswerTime>,
        observed: Option<&Observed>,
        answer: &mut Answer,
    ) -> Option<Self> {
        let w = request.workload;
        let (per_second, service_ms) = (arrivals?.peak(), time?.ms);
        let target_ms = w.latency_target_ms;
        let within_ms = target_ms.map_or(Some(0.0), |target| Some(target - service_ms).filter(|spare| *spare >= 0.0));
        if within_ms.is_none() {
            answer.warn(
                "target_below_answer",
                format!(
                    "An answer takes {}, longer than the target of {}: no number of servers meets it. Make the answer \
                     shorter first.",
                    ms(service_ms),
                    ms(target_ms.unwrap_or(0.0))
                ),
            );
        }
        let log = replayable(request, observed);
        let replayed = log.zip(within_ms).and_then(|(log, within)| replay::fewest_servers(log, LATE, within / 1000.0));
        if let (None, Some(scv)) = (replayed, arrival_scv(w, observed)) {
            warn_if_bursty(scv, answer);
        }
        Some(Self { service_ms, load: little(per_second, service_ms), within_ms, target_ms, replayed })
    }

    /// The fewest servers for `times` the load; `None` if the target cannot be met.
    pub(super) fn needed(&self, times: f64) -> Option<f64> {
        let within = self.within_ms? / self.service_ms;
        fewest_servers(self.load * times, Goal { late_share: LATE, within })
    }

    /// The fewest servers, by replay where there is a log.
    pub(super) fn now(&self) -> Option<f64> {
        self.replayed.map(|servers| servers as f64).or_else(|| self.needed(1.0))
    }

    /// The servers if the load were a fifth lower and a fifth higher.
    pub(super) fn range(&self) -> Option<(f64, f64)> {
        self.needed(1.0 - SWING).zip(self.needed(1.0 + SWING)).filter(|_| self.replayed.is_none())
    }

    /// The computation, with the numbers put in.
    pub(super) fn formula(&self) -> String {
        let goal = match self.target_ms {
            Some(target) => {
                format!("{} of the requests start within {} - {}", share(1.0 - LATE), ms(target), ms(self.service_ms))
            }
            None => format!("at most {} of the requests wait", share(LATE)),
        };
        if self.replayed.is_some() {
            return format!("fewest servers at which {goal}, in a replay of your log");
        }
        let load = count(self.load);
        let found = self.now().and_then(|servers| {
            let within = self.within_ms? / self.service_ms;
            Some((servers, Erlang::new(self.load, exact(servers)?)?.service_level(within)?))
        });
        match found {
            Some((servers, level)) => format!(
                "fewest c for which {goal}: M/M/c with {load} erlangs, 1 - Pw exp(-(c - A) t / S) = {} at {}",
                share(level),
                count(servers)
            ),
            None => format!("fewest c for which {goal}: M/M/c with {load} erlangs"),
        }
    }

    /// Whether a log was replayed.
    pub(super) fn is_replayed(&self) -> bool {
        self.replayed.is_some()
    }

    /// The share of requests that starts in time against the number of servers, around the needed one.
    pub(super) fn curve(&self) -> Option<Vec<[f64; 2]>> {
        let within = self.within_ms? / self.service_ms;
        let first = exact(self.load.floor() + 1.0)?;
        let last = exact(fewest_servers(self.load, Goal { late_share: 0.001, within })?)?;
        Erlang::curve(self.load, first..=last, POINTS, |erlang| erlang.service_level(within))
    }
}

/// A number of servers that can be counted one by one.
fn exact(servers: f64) -> Option<u64> {
    (servers < 1e8).then_some(servers as u64)
}
