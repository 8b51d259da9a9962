//! What is counted and measured, as Prometheus reads it and as `/stats` tells it. A leaf: it knows nothing of the
//! services. What has a level of its own (connections, the queue) is asked of its owner when somebody looks.

mod recent;

use std::sync::Arc;
use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{
    Counter, Gauge, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};
use shared::problem::{Class, Code};
use shared::protocol::EventKind;
use shared::view::Timing;

pub use recent::Quantiles;
use recent::Recent;

/// Upper ends of the buckets of a whole message, in seconds: one flush of a disk up to the deadline.
const MESSAGE_BUCKETS_S: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 45.0, 60.0];
/// Upper ends of the buckets of one step, in seconds: arithmetic takes far less than a flush.
const STAGE_BUCKETS_S: &[f64] =
    &[0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 5.0, 30.0];

/// The kinds of durable events that are the life of a message.
const LIFE: [EventKind; 4] = [EventKind::Accepted, EventKind::Completed, EventKind::Failed, EventKind::Cancelled];

/// Counters and histograms of one server.
pub struct Metrics {
    registry: Registry,
    message_duration: HistogramVec,
    stage_duration: HistogramVec,
    errors: IntCounterVec,
    messages: IntCounterVec,
    duplicates: IntCounter,
    rate_limited: IntCounter,
    connections: IntGauge,
    sessions: IntGauge,
    pending: IntGauge,
    pool: IntGaugeVec,
    resident: Gauge,
    fallbacks: IntCounterVec,
    escalations: IntCounterVec,
    cache: IntCounterVec,
    breakers: IntGaugeVec,
    alerts: IntGaugeVec,
    llm_calls: IntCounterVec,
    llm_tokens: IntCounterVec,
    llm_cost: Counter,
    recent: Recent,
}

/// What is read from its owners at the moment somebody looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Levels {
    /// Open channels and streams.
    pub connections: usize,
    /// Sessions that have not ended.
    pub sessions: u64,
    /// Messages that are accepted and not finished.
    pub pending: usize,
    /// The database's connections.
    pub pool: Pool,
    /// Memory of the process; `None` where the system doesn't tell.
    pub resident_bytes: Option<u64>,
}

/// The connections to the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// Open and free.
    pub idle: usize,
    /// At work.
    pub in_use: usize,
    /// The most that there may be.
    pub limit: usize,
}

/// The counters as `/stats` tells them.
#[derive(Clone, Debug)]
pub struct Counts {
    /// Messages by the kind of event.
    pub messages: Vec<(EventKind, u64)>,
    /// Accepted again.
    pub duplicates: u64,
    /// Refused for the sender's rate.
    pub rate_limited: u64,
    /// Problems by code, those that happened.
    pub errors: Vec<(Code, u64)>,
    /// Answers that came about without what was meant to help with them.
    pub fallbacks: u64,
    /// Problems that needed an operator.
    pub escalations: u64,
    /// Questions that the cache could answer, and all.
    pub cache: (u64, u64),
    /// Times of the newest messages, from acceptance to the committed end.
    pub processing: Quantiles,
}

impl Metrics {
    /// Nothing was counted yet. Every series with fixed labels is there from the start, at zero.
    ///
    /// # Panics
    /// If two metrics have one name, which the first test would show.
    pub fn new() -> Arc<Self> {
        Self::registered(Registry::new()).map(Arc::new).expect("the names of the metrics are valid and differ")
    }

    fn registered(registry: Registry) -> prometheus::Result<Self> {
        let put = |metric: Box<dyn prometheus::core::Collector>| registry.register(metric);
        let histogram = |name: &str, help: &str, buckets: &[f64], labels: &[&str]| {
            let vec = HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels)?;
            put(Box::new(vec.clone())).map(|()| vec)
        };
        let counters = |name: &str, help: &str, labels: &[&str]| {
            let vec = IntCounterVec::new(Opts::new(name, help), labels)?;
            put(Box::new(vec.clone())).map(|()| vec)
        };
        let counter = |name: &str, help: &str| {
            let counter = IntCounter::new(name, help)?;
            put(Box::new(counter.clone())).map(|()| counter)
        };
        let gauge = |name: &str, help: &str| {
            let gauge = IntGauge::new(name, help)?;
            put(Box::new(gauge.clone())).map(|()| gauge)
        };
        let message_duration = histogram(
            "exemplar_message_duration_seconds",
            "From the acceptance of a message to its committed end.",
            MESSAGE_BUCKETS_S,
            &["category", "outcome"],
        )?;
        let stage_duration = histogram(
            "exemplar_stage_duration_seconds",
            "One step of the work on a message.",
            STAGE_BUCKETS_S,
            &["stage"],
        )?;
        let errors = counters("exemplar_errors_total", "Problems told to a sender.", &["class", "code"])?;
        let messages = counters("exemplar_messages_total", "Messages that came to this status.", &["status"])?;
        let duplicates = counter("exemplar_duplicates_total", "Messages that were accepted before.")?;
        let rate_limited = counter("exemplar_rate_limited_total", "Messages refused for their sender's rate.")?;
        let connections = gauge("exemplar_connections", "Open channels and event streams.")?;
        let sessions = gauge("exemplar_sessions", "Sessions that have not ended.")?;
        let pending = gauge("exemplar_pending_messages", "Messages that are accepted and not finished.")?;
        let pool = IntGaugeVec::new(Opts::new("exemplar_db_pool", "Connections to the database."), &["state"])?;
        put(Box::new(pool.clone()))?;
        let resident = Gauge::new("process_resident_memory_bytes", "Resident memory size in bytes.")?;
        put(Box::new(resident.clone()))?;
        let fallbacks = counters(
            "exemplar_fallbacks_total",
            "Answers that came about without what was meant to help with them.",
            &["reason"],
        )?;
        let escalations = counters("exemplar_escalations_total", "Problems that need an operator.", &["code"])?;
        let cache = counters("exemplar_cache_requests_total", "Questions to the cache.", &["kind", "result"])?;
        let breakers =
            IntGaugeVec::new(Opts::new("exemplar_breaker_state", "0 closed, 1 half open, 2 open."), &["name"])?;
        put(Box::new(breakers.clone()))?;
        let alerts = IntGaugeVec::new(Opts::new("exemplar_alerts", "1 while an alert holds."), &["name"])?;
        put(Box::new(alerts.clone()))?;
        let llm_calls = counters("exemplar_llm_calls_total", "Calls of a language model.", &["verb", "outcome"])?;
        let llm_tokens = counters("exemplar_llm_tokens_total", "Tokens of a language model.", &["direction"])?;
        let llm_cost = Counter::new("exemplar_llm_cost_usd_total", "Dollars at list price, where it is known.")?;
        put(Box::new(llm_cost.clone()))?;
        for code in Code::ALL {
            errors.with_label_values(&[code.class().as_str(), code.as_str()]);
        }
        for kind in LIFE {
            messages.with_label_values(&[kind.as_str()]);
        }
        let recent = Recent::default();
        Ok(Self {
            registry,
            message_duration,
            stage_duration,
            errors,
            messages,
            duplicates,
            rate_limited,
            connections,
            sessions,
            pending,
            pool,
            resident,
            fallbacks,
            escalations,
            cache,
            breakers,
            alerts,
            llm_calls,
            llm_tokens,
            llm_cost,
            recent,
        })
    }

    /// A problem was told to somebody.
    pub fn problem(&self, code: Code) {
        self.errors.with_label_values(&[code.class().as_str(), code.as_str()]).inc();
    }

    /// A durable event of a message's life.
    pub fn event(&self, kind: EventKind) {
        if LIFE.contains(&kind) {
            self.messages.with_label_values(&[kind.as_str()]).inc();
        }
    }

    /// A message was accepted before.
    pub fn duplicate(&self) {
        self.duplicates.inc();
    }

    /// A message was refused for its sender's rate.
    pub fn rate_limited(&self) {
        self.rate_limited.inc();
    }

    /// An answer came about without what was meant to help with it.
    pub fn fallback(&self, reason: &str) {
        self.fallbacks.with_label_values(&[reason]).inc();
    }

    /// A problem of this code needs an operator, or a customer does (`hand_over`).
    pub fn escalated(&self, code: &str) {
        self.escalations.with_label_values(&[code]).inc();
    }

    /// The cache was asked for something of this kind; `result` is `hit`, `miss` or `error`.
    pub fn cache(&self, kind: &str, result: &str) {
        self.cache.with_label_values(&[kind, result]).inc();
    }

    /// A language model was called for `verb`, with the tokens of request and answer and the dollars, where known.
    pub fn llm(&self, verb: &str, outcome: &str, tokens: Option<(u64, u64)>, cost_usd: Option<f64>) {
        self.llm_calls.with_label_values(&[verb, outcome]).inc();
        if let Some((input, output)) = tokens {
            self.llm_tokens.with_label_values(&["input"]).inc_by(input);
            self.llm_tokens.with_label_values(&["output"]).inc_by(output);
        }
        self.llm_cost.inc_by(cost_usd.unwrap_or(0.0).max(0.0));
    }

    /// How the circuit breakers stand: 0 closed, 1 half open, 2 open.
    pub fn breakers<'a>(&self, levels: impl Iterator<Item = (&'a str, i64)>) {
        for (name, level) in levels {
            self.breakers.with_label_values(&[name]).set(level);
        }
    }

    /// Whether an alert holds.
    pub fn alert(&self, name: &str, holds: bool) {
        self.alerts.with_label_values(&[name]).set(i64::from(holds));
    }

    /// Lets the reasons of fallbacks be told from the start, at zero.
    pub fn expect_fallbacks(&self, reasons: &[&str]) {
        for reason in reasons {
            self.fallbacks.with_label_values(&[*reason]);
        }
    }

    /// A message has ended, durably, after `took`.
    pub fn ended(&self, category: Option<&str>, outcome: &str, took: Duration) {
        self.message_duration.with_label_values(&[category.unwrap_or("none"), outcome]).observe(took.as_secs_f64());
        self.recent.add(took);
    }

    /// The measured steps of a message.
    pub fn stages(&self, timings: &[Timing]) {
        for Timing { stage, ms } in timings {
            self.stage_duration.with_label_values(&[stage.as_str()]).observe(ms / 1_000.0);
        }
    }

    /// Everything in Prometheus' text form, version 0.0.4.
    ///
    /// # Errors
    /// If a metric could not be written.
    pub fn text(&self, levels: &Levels) -> prometheus::Result<String> {
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.connections.set(whole(levels.connections));
        self.sessions.set(levels.sessions.cast_signed());
        self.pending.set(whole(levels.pending));
        for (state, count) in [("idle", levels.pool.idle), ("in_use", levels.pool.in_use), ("limit", levels.pool.limit)]
        {
            self.pool.with_label_values(&[state]).set(whole(count));
        }
        if let Some(bytes) = levels.resident_bytes {
            self.resident.set(bytes as f64);
        }
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }

    /// The counters.
    pub fn counts(&self) -> Counts {
        let of = |code: Code| self.errors.with_label_values(&[code.class().as_str(), code.as_str()]).get();
        Counts {
            messages: LIFE.map(|kind| (kind, self.messages.with_label_values(&[kind.as_str()]).get())).to_vec(),
            duplicates: self.duplicates.get(),
            rate_limited: self.rate_limited.get(),
            errors: Code::ALL.iter().map(|code| (*code, of(*code))).filter(|(_, count)| *count > 0).collect(),
            fallbacks: sum(&self.fallbacks, |_| true),
            escalations: sum(&self.escalations, |_| true),
            cache: (sum(&self.cache, |labels| labels.contains(&"hit")), sum(&self.cache, |_| true)),
            processing: self.recent.quantiles(),
        }
    }
}

/// The sum of the series of `counters` whose label values `is_meant`.
fn sum(counters: &IntCounterVec, is_meant: impl Fn(&[&str]) -> bool) -> u64 {
    let series = counters.collect().into_iter().flat_map(|mut family| family.take_metric());
    series
        .filter(|metric| {
            is_meant(&metric.get_label().iter().map(prometheus::proto::LabelPair::value).collect::<Vec<_>>())
        })
        .map(|metric| metric.get_counter().get_value() as u64)
        .sum()
}

impl Counts {
    /// Problems of a class.
    pub fn of_class(&self, class: Class) -> u64 {
        self.errors.iter().filter(|(code, _)| code.class() == class).map(|(_, count)| count).sum()
    }

    /// Messages that came to an event of this kind.
    pub fn of_kind(&self, kind: EventKind) -> u64 {
        self.messages.iter().find(|(of, _)| *of == kind).map_or(0, |(_, count)| *count)
    }
}

/// The memory of this process that is in use; `None` where the system doesn't tell.
pub fn resident_bytes() -> Option<u64> {
    let pages: u64 = std::fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told_with_its_labels() {
        let metrics = Metrics::new();
        metrics.problem(Code::Busy);
        metrics.problem(Code::Busy);
        metrics.event(EventKind::Completed);
        metrics.event(EventKind::Note);
        metrics.duplicate();
        metrics.rate_limited();
        metrics.ended(Some("scaling"), "completed", Duration::from_millis(20));
        metrics.stages(&[Timing { stage: "analyze".into(), ms: 0.3 }]);
        let pool = Pool { idle: 1, in_use: 2, limit: 4 };
        let levels = Levels { connections: 5, sessions: 6, pending: 7, pool, resident_bytes: Some(8) };
        let text = metrics.text(&levels).unwrap();
        for line in [
            "exemplar_errors_total{class=\"system\",code=\"busy\"} 2",
            "exemplar_errors_total{class=\"validation\",code=\"gap\"} 0",
            "exemplar_messages_total{status=\"completed\"} 1",
            "exemplar_messages_total{status=\"failed\"} 0",
            "exemplar_duplicates_total 1",
            "exemplar_rate_limited_total 1",
            "exemplar_message_duration_seconds_bucket{category=\"scaling\",outcome=\"completed\",le=\"0.01\"} 0",
            "exemplar_message_duration_seconds_bucket{category=\"scaling\",outcome=\"completed\",le=\"0.025\"} 1",
            "exemplar_message_duration_seconds_count{category=\"scaling\",outcome=\"completed\"} 1",
            "exemplar_stage_duration_seconds_bucket{stage=\"analyze\",le=\"0.0005\"} 1",
            "exemplar_connections 5",
            "exemplar_sessions 6",
            "exemplar_pending_messages 7",
            "exemplar_db_pool{state=\"in_use\"} 2",
            "process_resident_memory_bytes 8",
            "# TYPE exemplar_message_duration_seconds histogram",
            "# TYPE exemplar_errors_total counter",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} in\n{text}");
        }
        let counts = metrics.counts();
        assert_eq!((counts.of_class(Class::System), counts.of_class(Class::Validation)), (2, 0));
        assert_eq!((counts.of_kind(EventKind::Completed), counts.of_kind(EventKind::Failed)), (1, 0));
    }
}
