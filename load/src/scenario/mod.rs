//! The scenarios: each puts a server into one kind of situation, lets the checker judge what all clients saw, and
//! measures what can be measured. The same scenarios run against the mock, in simulated time, and against real servers.

mod benchmark;
mod chaos;
mod idempotency;
mod overflow;
mod resume;
mod sequential;
mod stability;
mod stage;
mod state;
mod sync;

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use serde::Serialize;

pub use stage::{Stage, talk};

use crate::checker::{Verdict, check};
use crate::client::Settings;
use crate::clock::Clock;
use crate::history::{History, What};
use crate::http::{Http, HttpError};
use crate::live::Live;
use crate::monitor::{Probe, Sample};
use crate::net::Target;
use crate::pace::{Burst, Mix};
use crate::stats::{Quantiles, Stats, Window, quantiles};

/// Declares the scenarios with their word and sentence.
macro_rules! scenarios {
    ($($variant:ident = $word:literal, $sentence:literal;)+) => {
        /// A scenario.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
        pub enum Scenario { $(#[doc = $sentence] $variant),+ }

        impl Scenario {
            /// Every scenario, in the order in which they run.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name.
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $word),+ } }

            /// What it shows.
            pub const fn sentence(self) -> &'static str { match self { $(Self::$variant => $sentence),+ } }
        }
    };
}

scenarios! {
    Sequential = "sequential", "20 messages in quick succession are answered in order";
    Idempotency = "idempotency", "10 copies of each message, also across reconnects, are one message";
    Overflow = "overflow", "beyond its limits the server refuses, the urgent last, and a stopped reader costs nothing";
    State = "state", "context builds up the same, however rapid the conversation";
    Stability = "stability", "sustained bursts leave no trace in memory, threads, descriptors or latency";
    Sync = "sync", "several agents over one conversation see one truth, and strangers nothing";
    Benchmark = "benchmark", "throughput and latency at a steady rate";
    Resume = "resume", "whoever comes back gets exactly what was missed";
    Chaos = "chaos", "kills, drains and bad connections lose, double and disorder nothing";
}

/// How much a scenario does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// For tests in simulated time.
    Tiny,
    /// For every change: all scenarios within a minute.
    Short,
    /// For a report: minutes.
    Long,
}

/// What the caller wants otherwise than the form has it.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Users.
    pub users: Option<u32>,
    /// Messages a second, over all users.
    pub rate: Option<f64>,
    /// Where the rate of the benchmark goes to, evenly.
    pub ramp: Option<f64>,
    /// The burst of each user.
    pub burst: Option<Burst>,
    /// How long the timed scenarios go on.
    pub duration: Option<Duration>,
    /// Mix priorities everywhere.
    pub priority_mix: bool,
    /// How often chaos kills the server; it drains it once for every four.
    pub kills: Option<u32>,
    /// How often chaos sends each message.
    pub copies: Option<u16>,
}

/// Power over a server's life.
pub trait Control: Send + Sync {
    /// Kills it without a word.
    fn kill(&self) -> BoxFuture<'_, Result<(), String>>;
    /// Asks it to end and waits until it has.
    fn terminate(&self) -> BoxFuture<'_, Result<(), String>>;
    /// Starts it again and waits until it answers.
    fn revive(&self) -> BoxFuture<'_, Result<(), String>>;
}

/// Where and how a scenario runs.
#[derive(Clone)]
pub struct Lab {
    /// The server.
    pub target: Target,
    /// The clock of the run.
    pub clock: Clock,
    /// Counters for the view.
    pub live: Arc<Live>,
    /// Decides everything random.
    pub seed: u64,
    /// How much.
    pub form: Form,
    /// What is wanted otherwise.
    pub wishes: Wishes,
    /// Where to look at the server.
    pub probe: Probe,
    /// Power over the server's life, if there is any.
    pub control: Option<Arc<dyn Control>>,
    /// Messages a minute that the server allows a user; 0 for no limit.
    pub rate_per_min: u32,
    /// Nobody else uses the server meanwhile, so its counters are ours.
    pub exclusive: bool,
}

impl Lab {
    /// A lab at a server with which nothing else is known.
    pub fn new(target: Target, clock: Clock, seed: u64, form: Form) -> Self {
        let probe = Probe { http: Http::new(target.clone()), token: None, pid: Arc::default() };
        Self {
            target,
            clock,
            live: Arc::default(),
            seed,
            form,
            wishes: Wishes::default(),
            probe,
            control: None,
            rate_per_min: 0,
            exclusive: false,
        }
    }

    /// A value by form.
    fn by<T>(&self, tiny: T, short: T, long: T) -> T {
        match self.form {
            Form::Tiny => tiny,
            Form::Short => short,
            Form::Long => long,
        }
    }

    /// How long to wait for what is still due.
    fn patience(&self) -> Duration {
        self.by(Duration::from_secs(20), Duration::from_secs(30), Duration::from_mins(2))
    }

    /// How many messages one user may send within a run of a minute or so; scenarios spread over more users beyond it.
    fn budget(&self) -> u64 {
        if self.rate_per_min == 0 { u64::MAX } else { u64::from(self.rate_per_min) * 9 / 10 }
    }

    fn mix(&self) -> Mix {
        if self.wishes.priority_mix { Mix::Mixed } else { Mix::Plain }
    }

    fn settings(&self, salt: u64) -> Settings {
        Settings { seed: crate::rng::Rng::new(self.seed).fork(salt).next_u64(), ..Settings::default() }
    }
}

/// A measured figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measure {
    /// Its name, unique within a scenario.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
}

/// What a scenario found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The scenario's name.
    pub name: &'static str,
    /// What it shows.
    pub sentence: &'static str,
    /// What the checker says.
    pub verdict: Verdict,
    /// What was measured.
    pub measures: Vec<Measure>,
    /// What a reader should know: what was left out, and why.
    pub notes: Vec<String>,
    /// From the intended send to the acceptance, in milliseconds.
    pub accept: Quantiles,
    /// From the intended send to the end.
    pub whole: Quantiles,
    /// Latency by percentile, for a plot: (percent, milliseconds).
    pub curve: Vec<(f64, f64)>,
    /// The course of the scenario.
    pub windows: Vec<Window>,
    /// The server meanwhile.
    pub samples: Vec<Sample>,
    /// How long it took.
    pub seconds: f64,
}

/// Why a scenario could not be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A call failed.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A client gave up.
    #[error("a client gave up: {0}")]
    Client(String),
    /// The server could not be controlled.
    #[error("the server could not be controlled: {0}")]
    Control(String),
}

/// What a scenario gives back.
struct Run {
    history: History,
    measures: Vec<Measure>,
    notes: Vec<String>,
    samples: Vec<Sample>,
}

impl Run {
    fn of(history: History) -> Self {
        let restless = history.restless.then(|| {
            "Some clients were still waiting for an end when the run stopped waiting for them; what they sent in the \
             last seconds is not judged."
                .to_string()
        });
        Self { history, measures: Vec::new(), notes: restless.into_iter().collect(), samples: Vec::new() }
    }

    fn measure(&mut self, name: &'static str, value: f64, unit: &'static str) {
        self.measures.push(Measure { name, value, unit });
    }

    /// Which part of the copies of `messages` messages was recognised, and how many copies were answered.
    fn measure_copies(&mut self, messages: u64) {
        let (mut new, mut copies) = (0_u64, 0_u64);
        for (_, _, record) in self.history.records() {
            if let What::Accepted(accepted) = &record.what {
                *if accepted.duplicate { &mut copies } else { &mut new } += 1;
            }
        }
        // What was accepted as new beyond one a message was not recognised.
        let missed = new.saturating_sub(messages) as f64;
        self.measure("recognised_share", copies as f64 / (copies as f64 + missed).max(1.0), "");
        self.measure("copies", copies as f64, "messages");
    }
}

/// Runs one scenario and judges it.
pub async fn run(scenario: Scenario, lab: &Lab) -> Result<Finding, RunError> {
    let start = lab.clock.now();
    let alerted = lab.live.alerts(0).len();
    let mut run = match scenario {
        Scenario::Sequential => sequential::run(lab).await?,
        Scenario::Idempotency => idempotency::run(lab).await?,
        Scenario::Overflow => overflow::run(lab).await?,
        Scenario::State => state::run(lab).await?,
        Scenario::Stability => stability::run(lab).await?,
        Scenario::Sync => sync::run(lab).await?,
        Scenario::Benchmark => benchmark::run(lab).await?,
        Scenario::Resume => resume::run(lab).await?,
        Scenario::Chaos => chaos::run(lab).await?,
    };
    run.notes.extend(lab.live.alerts(alerted));
    let stats = Stats::of(&run.history);
    let verdict = check(&run.history);
    let (accept, whole) = (quantiles(&stats.accept), quantiles(&stats.whole));
    run.measure("messages", stats.messages as f64, "messages");
    // What was held back until the patience was over counts too: it is in no percentile.
    let planned = (stats.messages + stats.unsent) as f64;
    run.measure("accepted_share", stats.accepted as f64 / planned.max(1.0), "");
    run.measure("failed_share", stats.failed as f64 / (stats.ended as f64).max(1.0), "");
    run.measure("answered_share", stats.ended as f64 / (stats.accepted as f64).max(1.0), "");
    run.measure("messages_per_s", stats.per_second(), "1/s");
    run.measure("accept_p50_ms", accept.p50, "ms");
    run.measure("accept_p99_ms", accept.p99, "ms");
    run.measure("whole_p50_ms", whole.p50, "ms");
    run.measure("whole_p99_ms", whole.p99, "ms");
    if !stats.progress_bytes.is_empty() {
        run.measure("progress_p99_bytes", stats.progress_bytes.value_at_quantile(0.99) as f64, "B");
    }
    Ok(Finding {
        name: scenario.name(),
        sentence: scenario.sentence(),
        verdict,
        measures: run.measures,
        notes: run.notes,
        accept,
        whole,
        curve: curve(&stats),
        windows: stats.windows,
        samples: run.samples,
        seconds: (lab.clock.now() - start) as f64 / 1e6,
    })
}

/// The latency of whole messages at percentiles that are even on the usual logarithmic scale.
fn curve(stats: &Stats) -> Vec<(f64, f64)> {
    if stats.whole.is_empty() {
        return Vec::new();
    }
    let points = (0..=40).map(|n| 100.0 - 100.0 * 10_f64.powf(-f64::from(n) / 10.0));
    points.map(|percent| (percent, stats.whole.value_at_percentile(percent) as f64 / 1e3)).collect()
}
