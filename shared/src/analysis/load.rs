//! What arrives and how long it takes: the facts that latency and scaling share.

use super::Request;
use super::answer::Answer;
use super::math::decoding::further_ms;
use super::math::lognormal::PercentileCurve;
use super::math::percentiles::mean_and_scv;
use super::math::queueing::ARRIVAL_SCV_TRUSTED;
use super::math::replay::Arrival;
use super::observed::Observed;
use super::traffic::Traffic;
use crate::format::{count, ms};
use crate::message::Task;
use crate::workload::{Source, Workload};

/// The busiest minute over the mean one in a production trace of conversations.
const PEAK_CHAT: f64 = 1.53;
/// The same for code completion.
const PEAK_CODE: f64 = 4.1;
/// The trace of both.
const PEAK_SOURCE: &str = "Azure LLM inference trace of November 2023 (Azure/AzurePublicDataset, CC-BY 4.0)";

/// Requests a second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrivals {
    /// On average over the day.
    pub(super) mean: f64,
    /// Peak over mean.
    pub(super) factor: f64,
}

impl Arrivals {
    /// The arrivals, if the volume is known. A peak that is not given is taken from a published trace, and said so.
    pub(super) fn read(traffic: &Traffic, workload: &Workload, answer: &mut Answer) -> Option<Self> {
        let mean = traffic.requests_per_day? / 86_400.0;
        let factor = workload.peak_factor.unwrap_or_else(|| {
            let (factor, what) = match workload.task {
                Some(Task::Coding) => (PEAK_CODE, "code completion"),
                _ => (PEAK_CHAT, "conversations"),
            };
            let text = format!(
                "The peak is {} times the mean, as in the busiest minute of a production trace of {what}.",
                count(factor)
            );
            answer.assume("peak_factor", Some(factor), Source::Default, text);
            answer.citing(PEAK_SOURCE);
            factor
        });
        Some(Self { mean, factor })
    }

    /// In the busiest minute.
    pub(super) fn peak(&self) -> f64 {
        self.mean * self.factor
    }
}

/// One answer, token by token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decoding {
    /// Milliseconds to the first token.
    pub(super) ttft: f64,
    /// Milliseconds for each further token.
    pub(super) tpot: f64,
    /// Tokens generated: the answer and the thinking before it.
    pub(super) tokens: f64,
    /// Calls one after another.
    pub(super) calls: f64,
}

impl Decoding {
    fn read(traffic: &Traffic, workload: &Workload) -> Option<Self> {
        Some(Self {
            ttft: workload.ttft_ms?,
            tpot: workload.tpot_ms?,
            tokens: traffic.generated()?,
            calls: workload.sequential_calls.unwrap_or(1.0),
        })
    }

    /// Milliseconds of all first tokens.
    pub(super) fn first(&self) -> f64 {
        self.calls * self.ttft
    }

    /// Milliseconds of all further tokens.
    pub(super) fn further(&self) -> f64 {
        self.calls * further_ms(self.tpot, self.tokens)
    }

    /// Milliseconds of the whole: `calls (TTFT + (N - 1) TPOT)`.
    pub(super) fn total(&self) -> f64 {
        self.calls * (self.ttft + further_ms(self.tpot, self.tokens))
    }

    fn formula(&self) -> String {
        let one = format!("{} + ({} - 1) × {}", ms(self.ttft), count(self.tokens.max(1.0)), ms(self.tpot));
        if (self.calls - 1.0).abs() < f64::EPSILON {
            format!("{one} = {}", ms(self.total()))
        } else {
            format!("{} calls × ({one}) = {}", count(self.calls), ms(self.total()))
        }
    }
}

/// How long a whole answer takes on average.
#[derive(Clone, Debug)]
pub(super) struct AnswerTime {
    /// Milliseconds.
    pub(super) ms: f64,
    /// Token by token, where that is known.
    pub(super) decoding: Option<Decoding>,
    /// How it was computed.
    pub(super) formula: String,
    /// What it rests on.
    pub(super) source: String,
}

impl AnswerTime {
    /// From the speed of tokens; else from the log, else from the percentiles, which is said.
    pub(super) fn read(
        request: &Request<'_>,
        traffic: &Traffic,
        observed: Option<&Observed>,
        answer: &mut Answer,
    ) -> Option<Self> {
        let workload = request.workload;
        if let Some(decoding) = Decoding::read(traffic, workload) {
            let source = told(request, &["ttft_ms", "tpot_ms", "output_tokens"]);
            return Some(Self { ms: decoding.total(), formula: decoding.formula(), decoding: Some(decoding), source });
        }
        let (mean, formula, source) = from_log(observed).or_else(|| from_percentiles(request))?;
        let text = format!("A whole answer takes {} on average: {formula}.", ms(mean));
        answer.assume("", Some(mean), Source::Computed, text);
        Some(Self { ms: mean, decoding: None, formula, source })
    }
}

fn from_log(observed: Option<&Observed>) -> Option<(f64, String, String)> {
    let latencies = observed?.latencies_ms();
    let (mean, _) = mean_and_scv(latencies)?;
    Some((mean, format!("mean of {} rows", count(latencies.len() as f64)), "your log".into()))
}

fn from_percentiles(request: &Request<'_>) -> Option<(f64, String, String)> {
    let workload = request.workload;
    let source = told(request, &["latency_p50_ms", "latency_p95_ms", "latency_p99_ms"]);
    match curve(workload).and_then(|curve| curve.mean()) {
        Some(mean) => Some((mean, "mean of the log-normal distribution through your percentiles".into(), source)),
        None => Some((workload.latency_p50_ms?, "the median stands for the mean, which is higher".into(), source)),
    }
}

/// The distribution through the known percentiles, if there are two.
pub(super) fn curve(workload: &Workload) -> Option<PercentileCurve> {
    PercentileCurve::new(workload.latency_p50_ms, workload.latency_p95_ms, workload.latency_p99_ms)
}

/// The arrivals of a log that stand for today's traffic: only where the volume is the log's too.
pub(super) fn replayable<'o>(request: &Request<'_>, observed: Option<&'o Observed>) -> Option<&'o [Arrival]> {
    let logged = request.provenance.get("requests_per_day").is_some_and(|p| p.source == Source::Log);
    observed.filter(|_| logged).map(Observed::arrivals).filter(|arrivals| !arrivals.is_empty())
}

/// How bursty the arrivals are: as given, else as in the log.
pub(super) fn arrival_scv(workload: &Workload, observed: Option<&Observed>) -> Option<f64> {
    workload.arrival_scv.or_else(|| observed?.arrival_scv())
}

/// Warns where no formula of two moments can be trusted.
pub(super) fn warn_if_bursty(arrival_scv: f64, answer: &mut Answer) {
    if arrival_scv > ARRIVAL_SCV_TRUSTED {
        let text = format!(
            "Arrivals are very bursty (squared coefficient of variation {}): the formulas of queueing are out of their \
             range above {}, and the true wait may be many times longer. Upload a log: it is replayed request by \
             request.",
            count(arrival_scv),
            count(ARRIVAL_SCV_TRUSTED)
        );
        answer.warn("bursty_arrivals", text);
    }
}

/// What figures of waiting rest on.
pub(super) fn queueing_source(replayed: bool, corrected: bool) -> &'static str {
    match (replayed, corrected) {
        (true, _) => "your log, replayed",
        (false, true) => "Erlang C (A. K. Erlang, 1917), corrected after Allen and Cunneen (1990)",
        (false, false) => "Erlang C (A. K. Erlang, 1917): M/M/c queue",
    }
}

/// Who said `fields`, in words.
pub(super) fn told(request: &Request<'_>, fields: &[&str]) -> String {
    let from = |source| fields.iter().any(|f| request.provenance.get(*f).is_some_and(|p| p.source == source));
    match (from(Source::Log), from(Source::Default)) {
        (true, _) => "your log".into(),
        (_, true) => "your figures and defaults".into(),
        _ => "your figures".into(),
    }
}
