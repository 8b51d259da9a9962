//! The mock: a reference server that speaks the channel and the few HTTP calls around it, decided by a seed, and wrong
//! on purpose where it is told to. It proves the suite: without misbehaviour every scenario passes, with one the
//! scenario that is meant to find it fails.
//!
//! [`core`] is its state and how it takes a message, [`work`] how it works, [`facts`] what it keeps, [`links`] what its
//! connections are told, [`serve`] its sockets and calls, [`misbehaviour`] what it can do wrong.

mod core;
mod facts;
mod links;
mod misbehaviour;
mod serve;
mod work;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::protocol::{ServerFrame, close};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub use misbehaviour::{Misbehaviour, Occasion};

use self::core::Core;
use self::work::Job;
use crate::clock::Clock;
use crate::net::Target;

/// A queue that the short form's flood fills.
const SMALL_QUEUE: usize = 400;
/// Workers who let it fill.
const FEW_WORKERS: usize = 4;
/// Bytes of an answer of which the short form asks for more than a server may keep for a stopped reader.
const LONG_ANSWER: usize = 64 << 10;

/// What the mock is like.
#[derive(Clone, Debug)]
pub struct Options {
    /// Decides ids, times and everything else that is open.
    pub seed: u64,
    /// Messages worked on at a time.
    pub workers: usize,
    /// Progress steps of a message.
    pub steps: u32,
    /// Microseconds of a step, from and to; 0 for none.
    pub step_us: (u64, u64),
    /// Accepted but unfinished messages.
    pub queue_limit: usize,
    /// What `busy` says.
    pub retry_after_ms: u64,
    /// Bytes added to each answer.
    pub answer_bytes: usize,
    /// Bytes kept for a slow reader before it is closed.
    pub backlog_bytes: u64,
    /// Unfinished messages of one connection that its `welcome` allows.
    pub in_flight: u32,
    /// Events replayed at a resume; further back there is a snapshot.
    pub replay_max: u64,
    /// What it does wrong.
    pub misbehave: Vec<Misbehaviour>,
    /// On every how-manieth occasion.
    pub every: u64,
}

impl Options {
    /// The same, but so that each misbehaviour finds its occasion in the short form of the scenarios.
    #[must_use]
    pub fn with_occasions(mut self) -> Self {
        for misbehaviour in &self.misbehave {
            match misbehaviour.occasion() {
                Occasion::FullQueue => {
                    self.queue_limit = self.queue_limit.min(SMALL_QUEUE);
                    self.workers = self.workers.min(FEW_WORKERS);
                }
                Occasion::LongAnswers => self.answer_bytes = self.answer_bytes.max(LONG_ANSWER),
                Occasion::Messages | Occasion::Exclusive | Occasion::Kills => {}
            }
        }
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            workers: 64,
            steps: 3,
            step_us: (200, 2_000),
            queue_limit: 10_000,
            retry_after_ms: 200,
            answer_bytes: 0,
            backlog_bytes: 4 << 20,
            in_flight: 100,
            replay_max: shared::limits::REPLAY_MAX_EVENTS,
            misbehave: Vec::new(),
            every: 3,
        }
    }
}

/// Jobs without steps that a worker does before it lets others at the state.
const JOBS_AT_ONCE: usize = 32;

/// What all parts of a mock share.
#[derive(Clone)]
struct Shared {
    core: Arc<Mutex<Core>>,
    clock: Clock,
    /// There is something to work on.
    work: Arc<Notify>,
    /// This life of the process.
    life: Arc<Mutex<CancellationToken>>,
}

impl Shared {
    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn life(&self) -> CancellationToken {
        self.life.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A running mock.
pub struct Mock {
    shared: Shared,
    workers: usize,
}

impl Mock {
    /// Starts a mock that nobody can reach yet.
    pub fn start(options: Options, clock: Clock) -> Self {
        let workers = options.workers;
        let shared = Shared {
            core: Arc::new(Mutex::new(Core::new(options))),
            clock,
            work: Arc::new(Notify::new()),
            life: Arc::default(),
        };
        let mock = Self { shared, workers };
        mock.live();
        mock
    }

    /// Starts the workers of a life.
    fn live(&self) {
        let life = CancellationToken::new();
        *self.shared.life.lock().unwrap_or_else(PoisonError::into_inner) = life.clone();
        for _ in 0..self.workers {
            let worker = work(self.shared.clone(), life.clone());
            tokio::spawn(life.clone().run_until_cancelled_owned(worker));
        }
        self.shared.work.notify_one();
    }

    /// A way to it within this process.
    pub fn in_memory(&self) -> Target {
        let (target, mut connections) = Target::memory();
        let shared = self.shared.clone();
        tokio::spawn(async move {
            while let Some(stream) = connections.recv().await {
                tokio::spawn(serve::connection(shared.clone(), stream));
            }
        });
        target
    }

    /// Serves TCP until the task is dropped.
    pub async fn listen(&self, listener: TcpListener) -> io::Result<()> {
        let shared = self.shared.clone();
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(serve::connection(shared.clone(), stream));
        }
    }

    /// Ends as a killed process does: without a word, with everything lost that was not durable. New connections are
    /// refused until [`Mock::revive`].
    pub fn kill(&self) {
        self.shared.life().cancel();
        self.shared.core().die();
    }

    /// Ends as a process does that is asked to: says bye, closes every socket with 4000, finishes what runs.
    pub async fn terminate(&self) {
        let bye = links::frame_text(&ServerFrame::Bye { reason: "drain".into(), retry_after_ms: 200 });
        {
            let mut core = self.shared.core();
            let reason = if core.always_errs(Misbehaviour::WrongDrain) { close::NO_LIFE } else { close::DRAIN };
            core.links.close_all(reason, Some(&bye));
        }
        // The writers get a moment for their goodbye before the process ends.
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.kill();
    }

    /// Starts again with what was durable.
    pub fn revive(&self) {
        self.live();
    }
}

/// One worker: takes the head of a conversation, tells its steps, ends it.
async fn work(shared: Shared, life: CancellationToken) {
    loop {
        if life.is_cancelled() {
            // Woken between a kill and its own end: the work is the next life's.
            return shared.work.notify_one();
        }
        let job = without_steps(&shared);
        let Some(job) = job else {
            shared.work.notified().await;
            continue;
        };
        // Somebody else may find work too.
        shared.work.notify_one();
        run(&shared, &job).await;
    }
}

/// The next job that takes time. Those that take none are done here, many under one lock and without waking anybody:
/// a yardstick must not measure its own locks.
fn without_steps(shared: &Shared) -> Option<Job> {
    let mut core = shared.core();
    for _ in 0..JOBS_AT_ONCE {
        let job = core.take()?;
        if job.stalls || job.steps.iter().any(|us| *us > 0) {
            return Some(job);
        }
        for step in 1..=job.steps.len() {
            core.progress(&job, step as u32, 0.0);
        }
        core.finish(&job);
    }
    drop(core);
    // The others get their turn.
    shared.work.notify_one();
    None
}

async fn run(shared: &Shared, job: &Job) {
    if job.stalls {
        return;
    }
    let start = shared.clock.now();
    for (step, us) in job.steps.iter().enumerate() {
        if *us > 0 {
            tokio::time::sleep(Duration::from_micros(*us)).await;
        }
        let at_ms = (shared.clock.now() - start) as f64 / 1e3;
        shared.core().progress(job, step as u32 + 1, at_ms);
    }
    shared.core().finish(job);
}

/// What can carry a connection.
trait Carrier: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Carrier for T {}
