//! The work on one message: named steps in order, each with its measured time, from the stored text to an outcome.
//! No transaction is open meanwhile; the two commits, accept and finish, are the inbox's.

mod ending;
mod facts;

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shared::analysis::{self, Request};
use shared::catalog::Catalog;
use shared::date::Date;
use shared::draft::{Draft, Unknown};
use shared::message::{Category, Complexity, Format};
use shared::problem::{Code, FieldError, Problem, ProblemDetails};
use shared::protocol::Progress;
use shared::result::AnalysisResult;
use shared::usage::Usage;
use shared::view::Timing;
use shared::workload::{Provenances, Workload};
use uuid::Uuid;

pub use ending::ending;
pub use facts::{Reading, read, resolve};

use crate::state::Hub;
use crate::store::{Job, Store, StoreError, UserId};
use crate::world::World;

/// What became of a message: the part of the second commit that its sender fetches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// What it asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// How much it asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complexity: Option<Complexity>,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<AnalysisResult>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemDetails>,
    /// The measured times of the steps.
    pub timings: Vec<Timing>,
}

/// The steps that are reported while they run, with how far each one has come when it begins.
const STEPS: [(&str, u8); 5] = [("context", 5), ("extract", 20), ("analyze", 45), ("respond", 80), ("commit", 95)];

/// The work on a message, as the inbox sees it; a test puts other work in its place.
pub trait Work: Send + Sync + 'static {
    /// Takes the message through all steps; what they find goes into `attempt`.
    fn run<'a>(&'a self, attempt: &'a mut Attempt<'_>) -> Working<'a>;
}

/// Work under way.
pub type Working<'a> = Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + 'a>>;

/// Answers messages.
pub struct Pipeline {
    store: Arc<dyn Store>,
    catalog: Arc<Catalog>,
    world: World,
}

/// One attempt at a message, as far as it has come.
pub struct Attempt<'a> {
    hub: &'a Hub,
    job: &'a Job,
    step: u32,
    began: Instant,
    /// When the running step began.
    mark: Instant,
    running: Option<&'static str>,
    outcome: Outcome,
}

impl<'a> Attempt<'a> {
    /// Begins; the message has waited for `waited`.
    pub fn new(hub: &'a Hub, job: &'a Job, waited: Duration) -> Self {
        let now = Instant::now();
        let timings = vec![timing("queue", waited)];
        let outcome = Outcome { category: None, complexity: None, result: None, problem: None, timings };
        Self { hub, job, step: 0, began: now, mark: now, running: None, outcome }
    }

    /// Ends the running step and begins the next, which is told to whoever watches.
    pub fn next(&mut self) {
        self.stop();
        let Some(&(stage, percent)) = STEPS.get(self.step as usize) else { return };
        self.step += 1;
        self.running = Some(stage);
        let at_ms = micros(self.began.elapsed());
        let (id, attempt, step) = (self.job.id, self.job.attempt, self.step);
        self.hub.progress(self.job.user, self.job.conversation, || Progress {
            id,
            attempt,
            step,
            stage: stage.into(),
            percent,
            at_ms,
            skipped: None,
            agent: None,
            text: None,
        });
    }

    /// The message.
    pub fn job(&self) -> &Job {
        self.job
    }

    /// Ends the running step.
    fn stop(&mut self) {
        let now = Instant::now();
        if let Some(stage) = self.running.take() {
            self.outcome.timings.push(timing(stage, now - self.mark));
        }
        self.mark = now;
    }

    /// What came of it.
    pub fn into_outcome(mut self, ended: Result<(), Problem>) -> Outcome {
        // The step `commit` ends after this is written, so its time is not in here.
        self.running = self.running.filter(|stage| *stage != "commit");
        self.stop();
        if let Err(problem) = ended {
            self.outcome.result = None;
            self.outcome.problem = Some(ProblemDetails::new(problem, self.job.id.to_string()));
        }
        self.outcome
    }
}

fn timing(stage: &str, time: Duration) -> Timing {
    Timing { stage: stage.into(), ms: micros(time) }
}

/// Milliseconds with three digits: finer is noise, and longer on the wire.
fn micros(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}

impl Work for Pipeline {
    fn run<'a>(&'a self, attempt: &'a mut Attempt<'_>) -> Working<'a> {
        Box::pin(self.steps(attempt))
    }
}

impl Pipeline {
    /// A pipeline over these services.
    pub fn new(store: Arc<dyn Store>, catalog: Arc<Catalog>, world: World) -> Self {
        Self { store, catalog, world }
    }

    async fn steps(&self, attempt: &mut Attempt<'_>) -> Result<(), Problem> {
        let job = attempt.job;
        attempt.next();
        let draft = match &job.draft {
            Some(draft) => draft.clone(),
            None => Arc::new(self.stored_draft(job).await?),
        };
        let log = match draft.usage_id {
            Some(id) => Some(usage(&*self.store, job.user, id).await?),
            None => None,
        };

        attempt.next();
        let reading = read(&draft, job.before, log.as_deref().map(|log| (log, &*self.catalog)))?;
        attempt.outcome.category = Some(reading.category);
        attempt.outcome.complexity = Some(reading.complexity);

        attempt.next();
        let question = Question {
            category: reading.category,
            workload: reading.workload.clone(),
            provenance: reading.provenance.clone(),
            format: draft.format,
            today: Date::of_unix_ms(self.world.unix_ms()),
            log,
        };
        let result = compute(question, &self.catalog).await?;

        attempt.next();
        attempt.outcome.result = Some(reading.ask(result));

        attempt.next();
        Ok(())
    }

    async fn stored_draft(&self, job: &Job) -> Result<Draft, Problem> {
        let lost = || Problem::new(Code::Internal, "The stored message could not be read. Send it again.");
        let message = self.store.message(job.user, job.id).await?.ok_or_else(lost)?;
        stored_draft(&message.draft).ok_or_else(lost)
    }
}

/// What is computed.
pub struct Question {
    /// What is asked.
    pub category: Category,
    /// The facts.
    pub workload: Workload,
    /// Where they came from.
    pub provenance: Provenances,
    /// How the answer is told.
    pub format: Format,
    /// The day of the prices.
    pub today: Date,
    /// The request log whose times are replayed.
    pub log: Option<Arc<Usage>>,
}

/// A request log of the user's.
///
/// # Errors
/// `not_found` for one that isn't there or is another user's.
pub async fn usage(store: &dyn Store, user: UserId, id: Uuid) -> Result<Arc<Usage>, Problem> {
    let figures = store.usage(user, id).await?.ok_or_else(no_such_usage)?;
    let unreadable = |error: serde_json::Error| Problem::from(StoreError::Unreadable(error.to_string()));
    serde_json::from_str(&figures).map(Arc::new).map_err(unreadable)
}

/// The answer to an id that names no request log of the user's.
pub fn no_such_usage() -> Problem {
    let text = "There is no usage log with this id, or it is not yours. Upload it with POST /api/v1/usage.";
    let field = FieldError { name: "usage_id".into(), message: "is not the id of a usage log of yours".into() };
    Problem { fields: vec![field], ..Problem::new(Code::NotFound, text) }
}

/// Computes an answer. Plain arithmetic takes well under a millisecond and runs here; the optimiser searches and a log is
/// replayed, so they get a thread of their own and hold up nobody.
pub async fn compute(question: Question, catalog: &Arc<Catalog>) -> Result<AnalysisResult, Problem> {
    let catalog = catalog.clone();
    let searches = question.category == Category::Advanced || question.log.is_some();
    let run = move || {
        let Question { category, workload, provenance, format, today, log } = &question;
        let request = Request { category: *category, workload, provenance, format: *format, today: *today };
        let observed = log.as_ref().and_then(|log| log.observed());
        analysis::analyze_with(&request, &catalog, observed.as_ref())
    };
    if !searches {
        return run();
    }
    match tokio::task::spawn_blocking(run).await {
        Ok(answer) => answer,
        // As if it had run here: the inbox knows what to do about a panic.
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(Problem::new(Code::Internal, "The server ends; the message is answered by the next one.")),
    }
}

/// A draft as the store keeps it.
pub fn stored_draft(json: &str) -> Option<Draft> {
    let object: Json = serde_json::from_str(json).ok()?;
    Draft::from_json(object.as_object()?, Unknown::Ignore).ok()
}
