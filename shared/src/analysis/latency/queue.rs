//! The wait for one of a limited number of places.

use crate::analysis::Request;
use crate::analysis::answer::Answer;
use crate::analysis::load::{AnswerTime, Arrivals, arrival_scv, replayable, warn_if_bursty};
use crate::analysis::math::queueing::{EXACT_LOAD_MAX, Erlang, Goal, allen_cunneen, fewest_servers, little};
use crate::analysis::math::replay::{self, Arrival};
use crate::analysis::observed::Observed;
use crate::format::{count, ms, share};
use crate::workload::Source;

/// Above this share of the places in use a little more traffic means a lot more waiting.
const NEARLY_FULL: f64 = 0.9;

/// The waiting line before the places.
pub(super) struct Queue {
    /// Places, whole.
    pub(super) places: u64,
    /// Requests a second in the busiest minute.
    per_second: f64,
    /// Milliseconds of service.
    service_ms: f64,
    /// The load in erlangs.
    pub(super) load: f64,
    /// Erlang's formulas at these places.
    erlang: Option<Erlang>,
    /// The correction for burstiness, where something is known about it.
    pub(super) correction: Option<(f64, f64)>,
    /// The mean wait in a replay of the log, in milliseconds, and the share that waited.
    pub(super) replayed: Option<(f64, f64)>,
}

impl Queue {
    /// The line, if arrivals, service and places are known.
    pub(super) fn read(
        request: &Request<'_>,
        arrivals: Option<Arrivals>,
        time: Option<&AnswerTime>,
        observed: Option<&Observed>,
        answer: &mut Answer,
    ) -> Option<Self> {
        let w = request.workload;
        let (limit, per_second, service_ms) = (w.concurrency_limit?, arrivals?.peak(), time?.ms);
        let places = limit.floor().max(1.0);
        if limit.fract() != 0.0 {
            let text = format!("A place holds one request: {} counts as {}.", count(limit), count(places));
            answer.assume("concurrency_limit", Some(places), Source::Computed, text);
        }
        let load = little(per_second, service_ms);
        let replayed = replayable(request, observed).and_then(|log| replay(log, places as usize));
        let scv = arrival_scv(w, observed);
        let correction =
            (scv.is_some() || w.service_scv.is_some()).then(|| (scv.unwrap_or(1.0), w.service_scv.unwrap_or(1.0)));
        let queue = Self {
            places: places as u64,
            per_second,
            service_ms,
            load,
            erlang: (load < places).then(|| Erlang::new(load, places as u64)).flatten(),
            correction,
            replayed,
        };
        queue.say(scv, answer);
        Some(queue)
    }

    /// What a reader must know about this line.
    fn say(&self, scv: Option<f64>, answer: &mut Answer) {
        if self.replayed.is_some() {
            return;
        }
        let (load, places) = (count(self.load), count(self.places as f64));
        if self.erlang.is_none() {
            answer.warn(
                "overload",
                format!(
                    "Overload: at the peak {load} requests are in service at a time, but there are only {places} \
                     places. The line grows for as long as the peak lasts, so there is no mean wait."
                ),
            );
        } else if self.utilisation() > NEARLY_FULL {
            answer.warn(
                "nearly_full",
                format!(
                    "{} of the places are busy at the peak: here a few per cent more traffic make the wait several \
                     times longer.",
                    share(self.utilisation())
                ),
            );
        }
        if let Some(scv) = scv {
            warn_if_bursty(scv, answer);
        }
    }

    /// The share of the places in use.
    pub(super) fn utilisation(&self) -> f64 {
        self.load / self.places as f64
    }

    /// The share of requests that wait; `None` in overload.
    pub(super) fn wait_probability(&self) -> Option<f64> {
        self.replayed.map(|(_, waited)| waited).or_else(|| self.erlang.as_ref()?.wait_probability())
    }

    /// The mean wait over all requests; `None` in overload.
    pub(super) fn wait_ms(&self) -> Option<f64> {
        self.replayed.map(|(wait, _)| wait).or_else(|| self.closed_form(self.erlang.as_ref()?, self.service_ms))
    }

    /// The mean wait if an answer took `service_ms`.
    pub(super) fn wait_if(&self, service_ms: f64) -> Option<f64> {
        let load = little(self.per_second, service_ms);
        if load >= self.places as f64 {
            return None;
        }
        self.closed_form(&Erlang::new(load, self.places)?, service_ms)
    }

    /// The mean wait with `places` places; `None` also for a load at which counting them takes long.
    pub(super) fn wait_with(&self, places: u64) -> Option<f64> {
        if self.load > EXACT_LOAD_MAX {
            return None;
        }
        self.closed_form(&Erlang::new(self.load, places)?, self.service_ms)
    }

    /// The mean wait at `points` numbers of places, from the fewest that carry the load to where nobody waits; `None`
    /// for a load at which counting places takes long.
    pub(super) fn curve(&self, points: u64) -> Option<Vec<[f64; 2]>> {
        if self.load >= EXACT_LOAD_MAX {
            return None;
        }
        let first = self.load as u64 + 1;
        let last = self.enough(0.001)?.max(self.places as f64).min(2.0 * EXACT_LOAD_MAX) as u64;
        Erlang::curve(self.load, first..=last, points, |erlang| self.closed_form(erlang, self.service_ms))
    }

    fn closed_form(&self, erlang: &Erlang, service_ms: f64) -> Option<f64> {
        let wait = erlang.mean_wait()? * service_ms * self.factor();
        Some(wait).filter(|wait| wait.is_finite())
    }

    /// How much longer the wait is than with Poisson arrivals and exponential service.
    pub(super) fn factor(&self) -> f64 {
        self.correction.map_or(1.0, |(arrival, service)| allen_cunneen(arrival, service))
    }

    /// The fewest places at which at most `late` of the requests wait.
    pub(super) fn enough(&self, late: f64) -> Option<f64> {
        fewest_servers(self.load, Goal { late_share: late, within: 0.0 })
    }

    /// The computation of the wait, with the numbers put in.
    pub(super) fn formula(&self) -> String {
        if self.replayed.is_some() {
            return format!("your log replayed, first come first served, at {} places", count(self.places as f64));
        }
        let mut text = format!(
            "Erlang C: load {} requests/s × {} = {} erlangs on {} places",
            count(self.per_second),
            ms(self.service_ms),
            count(self.load),
            count(self.places as f64)
        );
        if let Some(wait) = self.wait_probability() {
            let (waiting, service) = (share(wait), ms(self.service_ms));
            let (places, load) = (count(self.places as f64), count(self.load));
            text = format!("{text}; {waiting} wait × {service} / ({places} - {load})");
        }
        if let Some((arrival, service)) = self.correction {
            text = format!("{text}; × ({} + {}) / 2 (Allen-Cunneen)", count(arrival), count(service));
        }
        text
    }
}

fn replay(log: &[Arrival], places: usize) -> Option<(f64, f64)> {
    let waits = replay::waits(log, places)?;
    let rows = waits.len() as f64;
    let mean = waits.iter().sum::<f64>() / rows * 1000.0;
    let waited = waits.iter().filter(|wait| **wait > 0.0).count() as f64 / rows;
    mean.is_finite().then_some((mean, waited))
}
