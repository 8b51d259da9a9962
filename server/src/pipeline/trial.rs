//! A message that is tried on a flow: the steps are those of any other message, by the same functions; what they find is
//! told instead of written. Nothing is stored or counted, no conversation changes, nobody else hears of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::draft::Draft;
use shared::flow::{BusinessId, StageId};
use shared::message::{Category, Priority};
use shared::problem::{Code, Problem};
use shared::result::Warning;
use shared::trial::{Held, Place, Trial, TriedCall, TriedFact, TriedTransition};
use shared::workload::{Provenances, Workload};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{Attempt, Journey, Outcome, Pipeline, Services, Trace, memory};
use crate::flow::{Flow, Here};
use crate::llm::Call;
use crate::state::{Hub, Limits};
use crate::store::{Job, UserId};

/// Messages that are tried at a time: people try them one by one, and real ones come first.
const TRIALS_MAX: usize = 4;

/// What is to be tried.
pub struct Trying {
    /// The flow.
    pub business: BusinessId,
    /// The message; its ids mean nothing here.
    pub draft: Draft,
    /// Where the conversation stands: the name or id of a stage; where conversations begin if absent.
    pub stage: Option<String>,
    /// How many messages the conversation has, this one included; from 1.
    pub messages: u64,
    /// How many of them came at the stage, this one included; from 1 to `messages`.
    pub in_stage: u64,
    /// What earlier messages were about.
    pub about: Option<Category>,
    /// What earlier messages said.
    pub facts: Workload,
}

/// Where messages are tried.
pub struct Trials {
    pipeline: Pipeline,
    /// Nobody listens here.
    hub: Arc<Hub>,
    places: Semaphore,
    deadline: Duration,
}

impl Trials {
    /// Trials over these services, whose metrics should be nobody's; each within `deadline`.
    pub fn new(with: Services, deadline: Duration) -> Self {
        let nobody = Limits { total: 0, per_user: 0, per_address: 0 };
        Self { pipeline: Pipeline { with }, hub: Hub::new(nobody), places: Semaphore::new(TRIALS_MAX), deadline }
    }

    /// Takes a message through the steps and tells what happened.
    ///
    /// # Errors
    /// `not_found` for a business that is not the user's, `invalid` for a stage it does not have, `conflict` if it has
    /// none; `busy` if too many are tried, `timeout`. What goes wrong within the steps is part of the answer.
    pub async fn run(&self, user: UserId, trying: Trying) -> Result<Trial, Problem> {
        let with = &self.pipeline.with;
        let flow = with.flows.flow(user, trying.business).await?;
        let from = begins(&flow, trying.stage.as_deref())?;
        let full = || Problem::new(Code::Busy, "Others are trying messages. Try again in a moment.").retry_after(2_000);
        let _place = self.places.try_acquire().map_err(|_| full())?;
        let job = Job {
            user,
            id: with.world.new_id(),
            conversation: with.world.new_id(),
            sequence: trying.messages,
            priority: Priority::Low,
            accepted_ms: with.world.unix_ms(),
            attempt: 1,
            before: trying.about,
            draft: None,
        };
        let here = Here {
            flow,
            stage: from,
            entered: (trying.messages > 1).then(|| trying.messages - trying.in_stage + 1),
            version: trying.messages - 1,
            extracted: memory::after(&[], &trying.facts, &Provenances::new(), Uuid::nil()),
            notes: Vec::new(),
        };
        let mut attempt = Attempt::new(&self.hub, &job, Duration::ZERO).within(self.deadline, (0, 1));
        let steps = self.steps(&mut attempt, &job, Arc::new(trying.draft), here);
        let Ok(tried) = tokio::time::timeout(self.deadline, steps).await else {
            let text = format!("No answer was found within {} s.", self.deadline.as_secs_f64());
            return Err(Problem::new(Code::Timeout, text));
        };
        let (journey, ended) = tried?;
        Ok(told(from, journey, attempt.into_outcome(ended)))
    }

    async fn steps(
        &self,
        attempt: &mut Attempt<'_>,
        job: &Job,
        draft: Arc<Draft>,
        here: Here,
    ) -> Result<(Journey, Result<(), Problem>), Problem> {
        let mut since = Instant::now();
        attempt.next();
        let mut journey = self.pipeline.context(job, draft, here).await?;
        journey.trace = Some(Box::default());
        journey.took("context", &mut since);
        attempt.next();
        let ended = self.pipeline.answer(attempt, &mut journey).await;
        Ok((journey, ended))
    }
}

/// The stage at which a trial begins.
fn begins(flow: &Flow, wanted: Option<&str>) -> Result<StageId, Problem> {
    let stages = &flow.parts().stages;
    if stages.is_empty() {
        return Err(Problem::new(Code::Conflict, "This business has no stage yet. Add one, then try a message."));
    }
    let Some(wanted) = wanted else { return Ok(flow.start()) };
    let id = wanted.parse().ok();
    let found = stages.iter().find(|stage| Some(stage.id) == id || stage.name.eq_ignore_ascii_case(wanted));
    found.map(|stage| stage.id).ok_or_else(|| {
        let names: Vec<_> = stages.iter().map(|stage| stage.name.as_str()).collect();
        Problem::invalid_field("stage", format!("is not a stage of this business; there are {}", names.join(", ")))
    })
}

fn place(flow: &Flow, stage: StageId) -> Place {
    Place { id: stage, name: flow.stage(stage).map(|stage| stage.name.clone()).unwrap_or_default() }
}

/// The ways that lead on from `from`, and what became of each.
fn ways(flow: &Flow, from: StageId, journey: &Journey, trace: &Trace) -> Vec<TriedTransition> {
    let taken = journey.taken.as_ref().map(|taken| taken.transition);
    let held = |id| match trace.tried.iter().find(|(tried, _)| *tried == id) {
        Some((_, held)) => *held,
        // A model chose it.
        None if taken == Some(id) => Held::Yes,
        None => Held::Unseen,
    };
    flow.ways(from)
        .map(|way| TriedTransition {
            id: way.id,
            to: place(flow, way.to_stage_id),
            condition: way.condition.clone(),
            held: held(way.id),
        })
        .collect()
}

fn facts(journey: &Journey) -> Vec<TriedFact> {
    let reading = &journey.reading;
    let fact = |(spec, value): (&shared::workload::FieldSpec, shared::workload::Value)| TriedFact {
        field: spec.name.into(),
        label: spec.label.into(),
        value: memory::json(&value),
        unit: spec.unit.into(),
        provenance: reading.provenance.get(spec.name).cloned(),
    };
    reading.workload.known().map(fact).collect()
}

fn call(call: &Call) -> TriedCall {
    TriedCall {
        purpose: call.verb.purpose().into(),
        model: call.model.clone(),
        outcome: call.outcome.clone(),
        ms: call.ms,
        cost_usd: call.cost_usd,
    }
}

/// Everything that happened.
fn told(from: StageId, mut journey: Journey, outcome: Outcome) -> Trial {
    let trace = *journey.trace.take().unwrap_or_default();
    let flow = journey.here.flow.clone();
    let Outcome { category, result, problem, .. } = outcome;
    // What did not come into an answer, because there is none.
    let notes = journey.notes.iter().map(|note| Warning { code: note.code.into(), text: note.text.clone() });
    let warnings = result.iter().flat_map(|result| result.warnings.iter().cloned()).chain(notes).collect();
    Trial {
        business_version: flow.business().version,
        stage_before: place(&flow, from),
        stage_after: place(&flow, journey.here.stage),
        chosen_by: journey.taken.as_ref().map(|taken| taken.by.into()),
        transitions: ways(&flow, from, &journey, &trace),
        category,
        complexity: journey.reading.complexity,
        extracted: facts(&journey),
        templates: trace.made,
        calls: journey.calls.iter().map(call).collect(),
        answer: result.as_ref().and_then(|result| result.wording.as_ref()).map(|wording| wording.text.clone()),
        result,
        problem,
        warnings,
        timings: trace.timings,
    }
}
