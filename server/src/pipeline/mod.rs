//! The work on one message: named steps in order, from the stored text to an outcome. No transaction is open meanwhile;
//! what the steps find is collected and written by the second commit, in one short transaction, all or nothing.
//!
//! | | step | where |
//! |---|---|---|
//! | 1 | `validate`: checks, ids for tracing, the user's rate, a place in the queue | [`crate::inbox::Inbox::submit`] |
//! | 2 | `accept`: the message is durable and numbered | [`crate::store::Store::accept`] |
//! | 3 | `conversation`: what was sent, and the state of its conversation, found or new | `Pipeline::conversation` |
//! | 4 | `stage`: the flow that it follows, and where it stands there | `Pipeline::stage` |
//! | 5 | `context`: its facts by the rules, those of before, the usage log | `Pipeline::context` |
//! | 6 | `select`: the stage that comes next, by the conditions or by a model | `select::stage` |
//! | 7 | `templates`: those of that stage, and what is analysed there | `Pipeline::templates` |
//! | 8 | `extract`: what a model reads besides, merged field by field | `Pipeline::extract` |
//! | 9 | `agents`: the figures | [`crate::agents::Supervisor::answer`] |
//! | 10 | `respond`: the words, checked against the figures | `respond::words` |
//! | 11 | `commit`: messages, state, facts, calls, audit and terminal event in one transaction | [`ending()`], the inbox |
//! | 12 | `refresh`: the cache has the conversation as it stands now, or nothing of it | [`Work::ended`] |
//! | 13 | `answer`: the terminal event goes to every connection | [`crate::inbox::Inbox::follow`] |
//! | 14 | `failed`: the problem is recorded and told; nothing half is written | [`Attempt::into_outcome`] |
//! | 15 | `release`: the conversation and the places are free | the inbox |
//!
//! What fails on the way goes by the table of problems ([`recovery`]): a model that fails is done without, a deadline
//! that passes ends with what there is.

mod attempt;
mod ending;
mod facts;
pub mod failpoint;
mod memory;
mod recovery;
mod relative;
mod respond;
mod select;
mod trial;

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use shared::catalog::Catalog;
use shared::date::Date;
use shared::draft::{Draft, Unknown};
use shared::extract::{Extraction, extract};
use shared::message::{Category, Format};
use shared::problem::{Code, FieldError, Problem};
use shared::result::{AnalysisResult, Warning};
use shared::trial::{Held, TriedTemplate};
use shared::usage::Usage;
use shared::view::Timing;
use shared::workload::{Provenances, Workload};
use uuid::Uuid;

pub use attempt::{Attempt, Outcome};
pub use ending::ending;
pub use facts::{Reading, resolve, understand};
pub use memory::{Carried, Memory};
pub use recovery::{Way, way};
pub use trial::{Trials, Trying};

use self::attempt::timing;
use crate::agents::{self, Snapshot, Supervisor};
use crate::flow::{BUILTIN, Flows, Here, Note, Rendered, Template, TransitionId};
use crate::llm::{self, Call, Claims, Failure, Model};
use crate::observe::Metrics;
use crate::state::cache::{Cache, Kind};
use crate::store::flow::{ConversationState, Effects, ModelCall, NewState};
use crate::store::{Job, Store, UserId};
use crate::world::World;

/// The part of the queue from which on no model is asked: it holds a message for seconds, and others wait.
const BUSY_PERCENT: usize = 80;
/// What is left of a message's time when the agents must have ended: the words and the commit are to come.
const AGENTS_RESERVE: Duration = Duration::from_secs(5);
/// What is left when the words must have ended.
const WORDS_RESERVE: Duration = Duration::from_secs(1);
/// Memory that a cached conversation takes, besides its facts.
const STATE_BYTES: usize = 400;
/// The same for a fact.
const FACT_BYTES: usize = 300;
/// The figures of a usage log.
const USAGE_BYTES: usize = 250_000;
/// What a model read in a message.
const CLAIMS_BYTES: usize = 2_000;

/// The work on a message, as the inbox sees it; a test puts other work in its place.
pub trait Work: Send + Sync + 'static {
    /// Takes the message through all steps; what they find goes into `attempt`.
    fn run<'a>(&'a self, attempt: &'a mut Attempt<'_>) -> Working<'a>;

    /// The message is done with: its end was committed (`won`), or somebody else's was, or none. Called before the next
    /// message of its conversation begins if it has not won.
    fn ended(&self, _job: &Job, _won: bool) {}
}

/// Work under way.
pub type Working<'a> = Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + 'a>>;

/// What the pipeline works with.
pub struct Services {
    /// Durable storage.
    pub store: Arc<dyn Store>,
    /// The models and prices.
    pub catalog: Arc<Catalog>,
    /// How conversations go.
    pub flows: Arc<Flows>,
    /// What the store is asked often.
    pub cache: Arc<Cache>,
    /// Who computes.
    pub supervisor: Supervisor,
    /// The language model; `None` for the built-in engine.
    pub model: Option<Arc<Model>>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Time and randomness.
    pub world: World,
}

impl Services {
    /// The model did not do its part. As the table of problems says, the answer comes about without it and says so; the
    /// first reason is the one that is told.
    fn without(&self, journey: &mut Journey, failure: Failure) -> Result<(), Problem> {
        self.metrics.fallback(failure.reason());
        match way(failure.code(), false, true) {
            Way::Without | Way::Partial => {
                journey.without.get_or_insert(failure);
                Ok(())
            }
            Way::Again | Way::Tell | Way::Escalate => Err(failure.problem()),
        }
    }

    /// A template could not be filled in; what it would have said is done without.
    fn without_template(&self, journey: &mut Journey, problem: Problem) -> Result<(), Problem> {
        self.metrics.fallback("template");
        match way(problem.code, false, true) {
            Way::Without => {
                journey.notes.push(Note { code: "template", text: problem.detail });
                Ok(())
            }
            Way::Again | Way::Partial | Way::Tell | Way::Escalate => Err(problem),
        }
    }
}

/// Answers messages.
pub struct Pipeline {
    with: Services,
}

/// A conversation as a message left it, kept in the cache. Only messages that come after that one may believe it; they
/// begin when its end is committed or this is forgotten.
struct Kept {
    sequence: u64,
    state: ConversationState,
}

/// A message on its way through the steps.
struct Journey {
    draft: Arc<Draft>,
    here: Here,
    memory: Memory,
    /// What the rules read; kept where a model may complete it.
    extraction: Option<Extraction>,
    reading: Reading,
    log: Option<Arc<Usage>>,
    /// The transition that was taken.
    taken: Option<select::Taken>,
    /// Calls to the model.
    calls: Vec<Call>,
    /// Why the model did not do its part, the first reason.
    without: Option<Failure>,
    /// What went another way than was asked.
    notes: Vec<Note>,
    /// What happens at each step, where somebody asked to be told.
    trace: Option<Box<Trace>>,
}

/// What happens at each step of a message that is tried.
#[derive(Default)]
struct Trace {
    tried: Vec<(TransitionId, Held)>,
    made: Vec<TriedTemplate>,
    timings: Vec<Timing>,
}

impl Journey {
    /// A template was filled in.
    fn made(&mut self, template: &Template, rendered: &Rendered) {
        self.notes.extend(rendered.notes.iter().cloned());
        if let Some(trace) = &mut self.trace {
            let Template { id, name, kind, .. } = template.clone();
            trace.made.push(TriedTemplate { id, name, kind, version: rendered.version, text: rendered.text.clone() });
        }
    }

    /// A step has ended that began at `since`.
    fn took(&mut self, step: &str, since: &mut Instant) {
        if let Some(trace) = &mut self.trace {
            let now = Instant::now();
            trace.timings.push(timing(step, now - *since));
            *since = now;
        }
    }
}

impl Work for Pipeline {
    fn run<'a>(&'a self, attempt: &'a mut Attempt<'_>) -> Working<'a> {
        Box::pin(async move {
            let ended = self.steps(attempt).await;
            if ended.is_err() {
                self.forget(attempt.job);
            }
            ended
        })
    }

    fn ended(&self, job: &Job, won: bool) {
        if !won {
            self.forget(job);
        }
    }
}

impl Pipeline {
    /// A pipeline over these services.
    pub fn new(with: Services) -> Self {
        with.metrics.expect_fallbacks(Failure::REASONS);
        with.metrics.expect_fallbacks(&["deadline", "template", "selection"]);
        Self { with }
    }

    fn forget(&self, job: &Job) {
        self.with.cache.forget(Kind::Conversation, job.user, job.conversation);
    }

    /// The steps of a message that are the pipeline's, in order.
    async fn steps(&self, attempt: &mut Attempt<'_>) -> Result<(), Problem> {
        let job = attempt.job;
        attempt.next();
        let (draft, state) = self.conversation(job).await?;
        let here = self.stage(job, &draft, state).await?;

        attempt.next();
        let mut journey = self.context(job, draft, here).await?;
        self.answer(attempt, &mut journey).await?;
        self.collect(attempt, journey);

        attempt.next();
        Ok(())
    }

    /// Steps 6 to 10, of a message as of one that is only tried: nothing is written here.
    async fn answer(&self, attempt: &mut Attempt<'_>, journey: &mut Journey) -> Result<(), Problem> {
        let mut since = Instant::now();
        let model = self.model(attempt, journey);
        if model.is_some() {
            attempt.waits();
        }
        select::stage(&self.with, attempt, journey, model).await?;
        journey.took("select", &mut since);
        let given = self.templates(journey);
        self.extract(attempt, journey, model).await?;
        let category = {
            let log = journey.log.as_deref().map(|log| (log, &*self.with.catalog));
            journey.reading.settle(given, log)
        };
        attempt.outcome.category = Some(category);
        attempt.outcome.complexity = Some(journey.reading.complexity);
        journey.took("extract", &mut since);

        attempt.next();
        let less = self.agents(attempt, category, journey).await?;
        journey.took("agents", &mut since);

        attempt.next();
        respond::words(&self.with, attempt, journey, model).await?;
        self.tell(attempt, journey, less);
        journey.took("respond", &mut since);
        Ok(())
    }

    /// Step 3: what was sent, and the state of its conversation.
    async fn conversation(&self, job: &Job) -> Result<(Arc<Draft>, Option<ConversationState>), Problem> {
        failpoint::hit("conversation");
        let draft = match &job.draft {
            Some(draft) => draft.clone(),
            None => Arc::new(self.stored_draft(job).await?),
        };
        if job.sequence <= 1 {
            return Ok((draft, None));
        }
        let kept = self.with.cache.get::<Kept>(Kind::Conversation, job.user, job.conversation);
        let state = match kept.filter(|kept| kept.sequence < job.sequence) {
            Some(kept) => Some(kept.state.clone()),
            None => self.with.store.state(job.user, job.conversation).await?,
        };
        Ok((draft, state))
    }

    /// Step 4: the flow, and where the conversation stands in it.
    async fn stage(&self, job: &Job, draft: &Draft, state: Option<ConversationState>) -> Result<Here, Problem> {
        failpoint::hit("stage");
        self.with.flows.at(job.user, state, draft.business_id).await
    }

    /// Step 5: what is known, by the rules, from before, and from a log.
    async fn context(&self, job: &Job, draft: Arc<Draft>, mut here: Here) -> Result<Journey, Problem> {
        failpoint::hit("context");
        let log = match draft.usage_id {
            Some(id) => Some(self.log(job.user, id).await?),
            None => None,
        };
        let memory = Memory::of(&here.extracted);
        let read = extract(&draft.content);
        let extraction = self.with.model.is_some().then(|| read.clone());
        let reading = understand(read, &draft, job.before, &memory)?;
        let notes = std::mem::take(&mut here.notes);
        Ok(Journey {
            draft,
            here,
            memory,
            extraction,
            reading,
            log,
            taken: None,
            calls: Vec::new(),
            without: None,
            notes,
            trace: None,
        })
    }

    /// The figures of a usage log; they never change.
    async fn log(&self, user: UserId, id: Uuid) -> Result<Arc<Usage>, Problem> {
        if let Some(known) = self.with.cache.get::<Usage>(Kind::Context, user, id) {
            return Ok(known);
        }
        let log = usage(&*self.with.store, user, id).await?;
        self.with.cache.put(Kind::Context, user, id, log.clone(), USAGE_BYTES);
        Ok(log)
    }

    /// The model that may be asked for this message, if any.
    fn model(&self, attempt: &Attempt<'_>, journey: &mut Journey) -> Option<&Model> {
        let model = self.with.model.as_deref()?;
        let (waiting, limit) = attempt.load;
        if waiting * 100 >= limit * BUSY_PERCENT {
            journey.without = Some(Failure::Load);
            return None;
        }
        Some(model)
    }

    /// Step 7: what is analysed at the stage; what the sender names wins.
    #[expect(clippy::unused_self, reason = "a step like the others")]
    fn templates(&self, journey: &Journey) -> Option<Category> {
        failpoint::hit("templates");
        let stage = journey.here.flow.stage(journey.here.stage);
        journey.draft.category.or_else(|| stage.and_then(|stage| stage.category))
    }

    /// Step 8: what a model reads in the message besides. It is asked for new facts only: the rules' stand.
    async fn extract(
        &self,
        attempt: &Attempt<'_>,
        journey: &mut Journey,
        model: Option<&Model>,
    ) -> Result<(), Problem> {
        failpoint::hit("extract");
        let here = &journey.here;
        let Some((model, template)) = model.zip(here.flow.extraction(here.stage)) else { return Ok(()) };
        let Some(mut extraction) = journey.extraction.take() else { return Ok(()) };
        let job = attempt.job;
        let notes = if here.flow.business().id == BUILTIN {
            None
        } else {
            let context = select::context(&self.with, job, journey).await;
            match journey.here.flow.render(template, journey.here.stage, &context) {
                Ok(rendered) => {
                    let template = template.clone();
                    journey.made(&template, &rendered);
                    Some(rendered.text)
                }
                Err(problem) => {
                    self.with.without_template(journey, problem)?;
                    None
                }
            }
        };
        let key = fingerprint(&[model.id(), &journey.draft.content, notes.as_deref().unwrap_or_default()]);
        let claims = if let Some(known) = self.with.cache.get::<Claims>(Kind::Extraction, job.user, key) {
            (*known).clone()
        } else {
            let by = attempt.leaving(AGENTS_RESERVE);
            match model.read(&journey.draft.content, notes.as_deref(), by, &mut journey.calls).await {
                Ok(claims) => {
                    self.with.cache.put(Kind::Extraction, job.user, key, Arc::new(claims.clone()), CLAIMS_BYTES);
                    claims
                }
                Err(failure) => return self.with.without(journey, failure),
            }
        };
        let adopted = llm::adopt(&mut extraction, claims, &journey.draft.content, model.id());
        tracing::debug!(id = %job.id, ?adopted, "completed what the rules read");
        journey.reading = understand(extraction, &journey.draft, job.before, &journey.memory)?;
        Ok(())
    }

    /// Step 9: the figures. Answers why they are less than they should be, if they are.
    async fn agents(
        &self,
        attempt: &mut Attempt<'_>,
        category: Category,
        journey: &mut Journey,
    ) -> Result<Option<String>, Problem> {
        failpoint::hit("agents");
        let reading = &journey.reading;
        let question = Question {
            category,
            workload: reading.workload.clone(),
            provenance: reading.provenance.clone(),
            format: journey.draft.format,
            today: Date::of_unix_ms(self.with.world.unix_ms()),
            log: journey.log.clone(),
        };
        let snapshot = Arc::new(Snapshot { version: journey.here.version, question });
        let by = attempt.leaving(AGENTS_RESERVE);
        let mut tell = |report: agents::Report| attempt.agent(report.agent, report.done, report.of);
        let answered = self.with.supervisor.answer(&snapshot, by, &mut tell).await?;
        attempt.outcome.result = Some(answered.result);
        Ok(answered.less.map(|(reason, text)| {
            self.with.metrics.fallback(reason);
            text
        }))
    }

    /// Puts into the answer what its reader should know about how it came about.
    fn tell(&self, attempt: &mut Attempt<'_>, journey: &mut Journey, less: Option<String>) {
        if let Some(result) = attempt.outcome.result.take() {
            // The reading's facts are told on; its questions and warnings go into the answer.
            let mut told = journey.reading.ask(result);
            let notes = journey.notes.drain(..).map(|note| Warning { code: note.code.into(), text: note.text });
            told.warnings.extend(notes);
            attempt.outcome.result = Some(told);
        }
        if let Some(text) = less {
            attempt.degrade(&text);
        }
        if let Some(failure) = &journey.without {
            if *failure == Failure::Load {
                self.with.metrics.fallback(failure.reason());
            }
            attempt.degrade(failure.told());
        }
    }

    /// Collects what is to be written besides the answer, and prepares the cache for the message after this one.
    fn collect(&self, attempt: &mut Attempt<'_>, journey: Journey) {
        let job = attempt.job;
        let now_ms = self.with.world.unix_ms();
        let Journey { here, reading, taken, calls, .. } = journey;
        let business = here.flow.business().id;
        let entered = if taken.is_some() { None } else { here.entered };
        let state = NewState { business, stage: here.stage, entered: entered.unwrap_or(job.sequence) };
        let known = memory::after(&here.extracted, &reading.workload, &reading.provenance, job.id);
        let extracted = (known != here.extracted).then(|| known.clone());
        if taken.as_ref().is_some_and(select::Taken::hands_over) {
            self.with.metrics.escalated("hand_over");
            tracing::info!(conversation = %job.conversation, "a customer asks for a person");
        }
        let audit = taken.map(|taken| taken.audit(business, job, now_ms)).unwrap_or_default();
        let calls = calls.into_iter().map(|call| stored(call, job, now_ms)).collect();
        let kept = Kept {
            sequence: job.sequence,
            state: ConversationState {
                business,
                stage: state.stage,
                entered: state.entered,
                version: here.version + 1,
                extracted: known,
            },
        };
        let bytes = STATE_BYTES + FACT_BYTES * kept.state.extracted.len();
        self.with.cache.put(Kind::Conversation, job.user, job.conversation, Arc::new(kept), bytes);
        attempt.outcome.effects = Some(Box::new(Effects { state: Some(state), extracted, audit, calls }));
    }

    async fn stored_draft(&self, job: &Job) -> Result<Draft, Problem> {
        let lost = || Problem::new(Code::Internal, "The stored message could not be read. Send it again.");
        let message = self.with.store.message(job.user, job.id).await?.ok_or_else(lost)?;
        stored_draft(&message.draft).ok_or_else(lost)
    }
}

/// A call as it is stored.
fn stored(call: Call, job: &Job, now_ms: u64) -> ModelCall {
    ModelCall {
        message: job.id,
        attempt: job.attempt,
        purpose: call.verb.purpose().into(),
        provider: "openai-compatible".into(),
        model: call.model,
        input_tokens: call.usage.map(|usage| usage.input_tokens),
        output_tokens: call.usage.map(|usage| usage.output_tokens),
        cost_usd: call.cost_usd,
        ms: call.ms,
        outcome: call.outcome,
        at_ms: now_ms,
    }
}

/// An id for what is found by its content.
fn fingerprint(parts: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(bytes)
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
    Ok(Arc::new(figures.open()?))
}

/// The answer to an id that names no request log of the user's.
pub fn no_such_usage() -> Problem {
    let text = "There is no usage log with this id, or it is not yours. Upload it with POST /api/v1/usage.";
    let field = FieldError { name: "usage_id".into(), message: "is not the id of a usage log of yours".into() };
    Problem { fields: vec![field], ..Problem::new(Code::NotFound, text) }
}

/// Computes an answer for whoever waits for it. Plain arithmetic takes well under a millisecond and runs here; the
/// optimiser searches and a log is replayed, so they get a thread of their own and hold up nobody.
///
/// # Errors
/// Those of [`shared::analysis::analyze`].
pub async fn compute(question: Question, catalog: &Arc<Catalog>) -> Result<AnalysisResult, Problem> {
    let catalog = catalog.clone();
    let searches = question.category == Category::Advanced || question.log.is_some();
    let run = move || agents::alone(&question, &catalog);
    if !searches {
        return run();
    }
    match tokio::task::spawn_blocking(run).await {
        Ok(answer) => answer,
        // As if it had run here.
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(Problem::new(Code::Internal, "The server ends; the message is answered by the next one.")),
    }
}

/// A draft as the store keeps it.
pub fn stored_draft(json: &str) -> Option<Draft> {
    let object: Json = serde_json::from_str(json).ok()?;
    Draft::from_json(object.as_object()?, Unknown::Ignore).ok()
}
