//! Between the pipeline and a model: the budget, the breaker, the tries within a deadline, and the record of the call.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use shared::catalog::Catalog;
use shared::date::Date;

use super::call::{Call, Usage, Verb, cost};
use super::{Budget, Claims, Failure, Known, Llm, Pending, Said, Telling, Told, Wording};
use crate::observe::Metrics;
use crate::resilience::{Backoff, Breaker, Deadline, Pass};
use crate::world::World;

/// Tries of one call: at a failure rate of 30 % all four fail once in 123 calls.
const BACKOFF: Backoff = Backoff { tries: 4, first: Duration::from_millis(150), most: Duration::from_secs(4) };
/// Tries of a text whose figures were wrong: a model that invents once more will go on inventing.
const FIGURES_TRIES: u32 = 2;
/// Tokens that an answer is counted as until its server tells.
const ANSWER_TOKENS: u64 = 300;
/// Tokens around a question with a name for an answer.
const CHOICE_TOKENS: u64 = 60;
/// Tokens of the instructions, and of the fields that may be read.
const PROMPT_TOKENS: u64 = 900;

/// How the model stands, as its last calls showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// `unknown` until it was first asked, then `ok` or `failing`.
    pub status: &'static str,
    /// Why it fails: a label of `exemplar_fallbacks_total`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// What is wrong, for operators: may hold words of the model's server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When that was found out, in milliseconds since 1970; 0 for never.
    pub checked_ms: u64,
}

/// What a model works with.
pub struct Parts {
    /// The adapter.
    pub llm: Arc<dyn Llm>,
    /// Its breaker.
    pub breaker: Arc<Breaker>,
    /// What it may use.
    pub budget: Budget,
    /// The longest time of a call, all tries included.
    pub patience: Duration,
    /// For the price of a call.
    pub catalog: Arc<Catalog>,
    /// Where calls are counted.
    pub metrics: Arc<Metrics>,
    /// Time and randomness.
    pub world: World,
}

/// A model with all that keeps its faults away from the messages.
pub struct Model {
    parts: Parts,
    standing: Mutex<Standing>,
    /// Its server asked not to be asked before.
    not_before_ms: AtomicU64,
}

/// A call under way.
struct Tries<'a> {
    model: &'a Model,
    pass: Option<Pass>,
    call: Call,
    /// Tokens that one try is guessed to use.
    guess: u64,
    by: Deadline,
    began: Instant,
    used: Option<Usage>,
}

impl Model {
    /// A model of these parts.
    pub fn new(parts: Parts) -> Arc<Self> {
        let standing = Standing { status: "unknown", reason: None, detail: None, checked_ms: 0 };
        Arc::new(Self { parts, standing: Mutex::new(standing), not_before_ms: AtomicU64::new(0) })
    }

    /// The model's id.
    pub fn id(&self) -> &str {
        self.parts.llm.id().unwrap_or("built-in")
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes what was found out about it.
    pub fn found(&self, failure: Option<&Failure>) {
        let status = if failure.is_some() { "failing" } else { "ok" };
        let (reason, detail) = (failure.map(Failure::reason), failure.map(ToString::to_string));
        let checked_ms = self.parts.world.unix_ms();
        let now = Standing { status, reason, detail, checked_ms };
        let before = std::mem::replace(&mut *self.standing.lock().unwrap_or_else(PoisonError::into_inner), now);
        if let Some(failure) = failure
            && before.status != "failing"
        {
            tracing::warn!(model = self.id(), %failure, "the language model cannot be used; the built-in engine answers");
        }
    }

    /// Says an answer in words; `tell` hears the whole text so far, checked, whenever it grows. What was called is added
    /// to `calls`.
    ///
    /// # Errors
    /// Why there is no text that can be shown.
    pub async fn word(
        &self,
        wording: Wording<'_>,
        tell: &mut (dyn FnMut(&str) + Send),
        by: Deadline,
        calls: &mut Vec<Call>,
    ) -> Result<Told, Failure> {
        let known = Known::of(wording.result, wording.message);
        let guess = PROMPT_TOKENS + tokens(wording.message) + ANSWER_TOKENS;
        let mut tries = self.begin(Verb::Word, guess, by, calls)?;
        let ended = loop {
            if let Err(failure) = tries.take() {
                break Err(failure);
            }
            let mut telling = Telling::new(&known, tell);
            let said = self.parts.llm.word(wording, &mut telling, tries.by).await;
            let ended = said.and_then(|said| {
                tries.use_up(said.usage);
                let told = telling.finish();
                tries.call.dropped += told.dropped;
                if told.is_usable() { Ok(told) } else { Err(Failure::Figures) }
            });
            match tries.again(&ended) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => break ended,
            }
        };
        tries.end(ended.as_ref().err(), calls);
        ended
    }

    /// Finds the facts of a message. What was called is added to `calls`.
    ///
    /// # Errors
    /// Why there are none to look at.
    pub async fn read(
        &self,
        message: &str,
        notes: Option<&str>,
        by: Deadline,
        calls: &mut Vec<Call>,
    ) -> Result<Claims, Failure> {
        let guess = PROMPT_TOKENS + tokens(message) + notes.map_or(0, tokens) + ANSWER_TOKENS;
        self.ask(Verb::Read, guess, by, calls, |by| self.parts.llm.read(message, notes, by)).await
    }

    /// Answers a question with one of the names in it; whether it is one is the caller's to check. What was called is
    /// added to `calls`.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn choose(&self, question: &str, by: Deadline, calls: &mut Vec<Call>) -> Result<String, Failure> {
        let guess = tokens(question) + CHOICE_TOKENS;
        self.ask(Verb::Choose, guess, by, calls, |by| self.parts.llm.choose(question, by)).await
    }

    /// Asks until there is an answer, or no further try is of use.
    async fn ask<'a, T>(
        &self,
        verb: Verb,
        guess: u64,
        by: Deadline,
        calls: &mut Vec<Call>,
        request: impl Fn(Deadline) -> Pending<'a, T>,
    ) -> Result<T, Failure> {
        let mut tries = self.begin(verb, guess, by, calls)?;
        let ended = loop {
            if let Err(failure) = tries.take() {
                break Err(failure);
            }
            let said = request(tries.by).await;
            let ended = tries.used(said);
            match tries.again(&ended) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => break ended,
            }
        };
        tries.end(ended.as_ref().err(), calls);
        ended
    }

    /// Asks budget and breaker; a call that is not made is recorded, too.
    fn begin(&self, verb: Verb, guess: u64, by: Deadline, calls: &mut Vec<Call>) -> Result<Tries<'_>, Failure> {
        let call = Call {
            id: self.parts.world.new_id(),
            verb,
            model: self.id().to_owned(),
            tries: 0,
            outcome: String::new(),
            usage: None,
            cost_usd: None,
            ms: 0.0,
            dropped: 0,
        };
        let by = by.within(self.parts.patience);
        let mut tries = Tries { model: self, pass: None, call, guess, by, began: Instant::now(), used: None };
        let wait = self.not_before_ms.load(Ordering::Relaxed).saturating_sub(self.parts.world.unix_ms());
        let refused = if wait > 0 {
            Some(Failure::RateLimited(Some(Duration::from_millis(wait))))
        } else {
            match self.parts.breaker.enter() {
                Ok(pass) => {
                    tries.pass = Some(pass);
                    None
                }
                Err(_) => Some(Failure::Broken),
            }
        };
        match refused {
            None => Ok(tries),
            Some(failure) => {
                tries.end(Some(&failure), calls);
                Err(failure)
            }
        }
    }
}

/// About how many tokens a text has: four bytes each, as the usual rule of thumb goes.
fn tokens(text: &str) -> u64 {
    text.len() as u64 / 4 + 1
}

impl Tries<'_> {
    /// One more request, if the budget allows.
    fn take(&mut self) -> Result<(), Failure> {
        let parts = &self.model.parts;
        if !parts.budget.take(self.guess, parts.world.unix_ms()) {
            return Err(Failure::Budget);
        }
        self.call.tries += 1;
        Ok(())
    }

    fn used<T>(&mut self, said: Result<Said<T>, Failure>) -> Result<T, Failure> {
        let said = said?;
        self.use_up(said.usage);
        Ok(said.value)
    }

    fn use_up(&mut self, usage: Option<Usage>) {
        let Some(usage) = usage else { return };
        let parts = &self.model.parts;
        parts.budget.settle(self.guess, usage, parts.world.unix_ms());
        *self.used.get_or_insert_default() += usage;
    }

    /// The pause before the next try; `None` if there is none.
    fn again<T>(&mut self, ended: &Result<T, Failure>) -> Option<Duration> {
        let failure = ended.as_ref().err()?;
        tracing::info!(call = %self.call.id, verb = self.call.verb.as_str(), failed = self.call.tries, %failure,
            "the language model gave no usable answer");
        let told = failure.again()?;
        let parts = &self.model.parts;
        if let Some(told) = told {
            let until = parts.world.unix_ms() + told.as_millis() as u64;
            self.model.not_before_ms.fetch_max(until, Ordering::Relaxed);
        }
        if *failure == Failure::Figures && self.call.tries >= FIGURES_TRIES {
            return None;
        }
        BACKOFF.pause(self.call.tries, told, self.by, &parts.world)
    }

    /// Tells the breaker and writes the record.
    fn end(mut self, failure: Option<&Failure>, calls: &mut Vec<Call>) {
        let parts = &self.model.parts;
        match (self.pass.take(), failure) {
            // It may have answered with figures of its own; the other side is well.
            (Some(pass), None | Some(Failure::Figures)) => pass.well(),
            (Some(pass), Some(failure)) if failure.counts() => pass.failed(),
            _ => {}
        }
        match failure {
            None | Some(Failure::Figures) => self.model.found(None),
            Some(Failure::Budget | Failure::Load | Failure::Broken) => {}
            Some(failure) => self.model.found(Some(failure)),
        }
        let today = Date::of_unix_ms(parts.world.unix_ms());
        self.call.usage = self.used;
        self.call.cost_usd = self.used.and_then(|used| cost(&parts.catalog, &self.call.model, used, today));
        self.call.ms = self.began.elapsed().as_micros() as f64 / 1_000.0;
        self.call.outcome = failure.map_or("ok", Failure::reason).into();
        let tokens = self.used.map(|used| (used.input_tokens, used.output_tokens));
        parts.metrics.llm(self.call.verb.as_str(), &self.call.outcome, tokens, self.call.cost_usd);
        calls.push(self.call);
    }
}
