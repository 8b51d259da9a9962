//! Step 6: where a conversation goes next. The conditions of the transitions say so; where a business has a template
//! that asks a model, the model is asked first, and its answer counts only if it is one of the stages that can come.

use serde_json::{Map, Value as Json, json};
use shared::flow::{BusinessId, StageId, Transition, TransitionId};
use shared::problem::{Code, Problem};
use shared::workload::Value;

use super::{AGENTS_RESERVE, Attempt, Journey, Services, failpoint, recovery};
use crate::flow::{
    BUILTIN, CatalogFacts, Context, ConversationFacts, MessageFacts, Note, UserFacts, hands_over, leads_to,
};
use crate::llm::Model;
use crate::store::Job;
use crate::store::flow::AuditEntry;

/// A transition that was taken.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) transition: TransitionId,
    pub(super) from: StageId,
    pub(super) to: StageId,
    /// `condition` or `model`.
    pub(super) by: &'static str,
}

impl Taken {
    /// Whether a person is to take over.
    pub(super) fn hands_over(&self) -> bool {
        hands_over(self.to)
    }

    /// Its line in the audit log, and one more where a person is to take over.
    pub(super) fn audit(&self, business: BusinessId, job: &Job, now_ms: u64) -> Vec<AuditEntry> {
        let mut all = vec![self.line(business, job, now_ms)];
        if self.hands_over() {
            all.push(AuditEntry { action: "conversation.escalated".into(), ..all[0].clone() });
        }
        all
    }

    fn line(&self, business: BusinessId, job: &Job, now_ms: u64) -> AuditEntry {
        let detail = json!({"from": self.from, "to": self.to, "transition": self.transition, "by": self.by,
            "message": job.id});
        AuditEntry {
            at_ms: now_ms,
            business,
            actor: Some(job.user),
            action: "transition.taken".into(),
            subject: Some(job.conversation),
            detail: detail.to_string(),
        }
    }
}

/// Chooses the stage and goes there.
///
/// # Errors
/// None of its own: what fails here is done without, as the table of problems says.
pub(super) async fn stage(
    with: &Services,
    attempt: &Attempt<'_>,
    journey: &mut Journey,
    model: Option<&Model>,
) -> Result<(), Problem> {
    failpoint::hit("select");
    let builtin = journey.here.flow.business().id == BUILTIN;
    let (transition, by) = if builtin && journey.trace.is_none() {
        (short(journey), "condition")
    } else {
        // The conditions of the built-in flow leave nothing open, so no model is asked.
        chosen(with, attempt, journey, model.filter(|_| !builtin)).await?
    };
    if let Some((transition, to)) = transition {
        let from = journey.here.stage;
        journey.here.stage = to;
        journey.here.entered = None;
        journey.taken = Some(Taken { transition, from, to, by });
    }
    Ok(())
}

/// A transition and where it leads.
type Way = (TransitionId, StageId);

/// The way through the built-in flow.
fn short(journey: &Journey) -> Option<Way> {
    let flow = &journey.here.flow;
    let from = flow.stage(journey.here.stage)?;
    let category = journey.draft.category.or(journey.reading.category);
    let to = leads_to(from, &journey.draft.content.to_lowercase(), category)?;
    flow.ways(from.id).find(|way| way.to_stage_id == to).map(|way| (way.id, to))
}

/// The way through a flow of a business, and who chose it.
async fn chosen(
    with: &Services,
    attempt: &Attempt<'_>,
    journey: &mut Journey,
    model: Option<&Model>,
) -> Result<(Option<Way>, &'static str), Problem> {
    let context = context(with, attempt.job, journey).await;
    let flow = journey.here.flow.clone();
    let from = journey.here.stage;
    let way = |transition: &Transition| (transition.id, transition.to_stage_id);
    let asked = model.zip(flow.selection(from)).filter(|_| flow.ways(from).next().is_some());
    if let Some((model, template)) = asked {
        match flow.render(template, from, &context) {
            Ok(rendered) => {
                journey.made(template, &rendered);
                let by = attempt.leaving(AGENTS_RESERVE);
                match model.choose(&rendered.text, by, &mut journey.calls).await {
                    Ok(answer) => match flow.selected(from, &answer) {
                        Some(selected) => return Ok((selected.map(way), "model")),
                        None => unselected(with, journey)?,
                    },
                    Err(failure) => with.without(journey, failure)?,
                }
            }
            Err(problem) => with.without_template(journey, problem)?,
        }
    }
    let choice = flow.next(from, &context);
    journey.notes.extend(choice.notes);
    if let Some(trace) = &mut journey.trace {
        trace.tried = choice.tried;
    }
    Ok((choice.transition.map(way), "condition"))
}

/// The model named no stage that can come next: the conditions decide, and the reader is told.
fn unselected(with: &Services, journey: &mut Journey) -> Result<(), Problem> {
    let text = "The next step could not be chosen by the language model; the conditions of the flow decided.";
    with.metrics.fallback("selection");
    match recovery::way(Code::StageTransition, false, true) {
        recovery::Way::Without => {
            journey.notes.push(Note { code: "stage_transition", text: text.into() });
            Ok(())
        }
        _ => Err(Problem::new(Code::StageTransition, text)),
    }
}

/// What conditions and templates can speak of.
pub(super) async fn context(with: &Services, job: &Job, journey: &Journey) -> Context {
    let (here, reading) = (&journey.here, &journey.reading);
    let custom = here.flow.business().id != BUILTIN;
    // No condition of the built-in flow asks for it, and it would be a read for every message.
    let tier = if custom { with.store.tier(job.user).await.ok().flatten() } else { None };
    let extracted: Map<String, Json> = reading
        .workload
        .known()
        .map(|(spec, value)| {
            let value = match value {
                Value::Number(number) => Json::from(number),
                Value::Text(text) => Json::from(text),
            };
            (spec.name.to_owned(), value)
        })
        .collect();
    let content = &journey.draft.content;
    Context {
        conversation: ConversationFacts {
            id: job.conversation,
            messages: job.sequence,
            in_stage: here.entered.map_or(1, |entered| job.sequence.saturating_sub(entered) + 1),
            version: here.version,
        },
        user: UserFacts { id: job.user, tier: tier.unwrap_or_else(|| "guest".into()) },
        message: MessageFacts {
            id: job.id,
            content: content.clone(),
            text: content.to_lowercase(),
            category: journey.draft.category.or(reading.category),
            complexity: reading.complexity,
            confidence: reading.confidence,
            questions: reading.questions.len() as u64,
        },
        extracted,
        catalog: CatalogFacts { as_of: with.catalog.as_of.to_string(), models: with.catalog.models.len() as u64 },
        result: None,
    }
}
