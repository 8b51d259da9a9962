//! Step 10: the words. A template of the business words the answer, or a model does, or nobody: the figures with their
//! headline are an answer. Whatever fails here is done without.

use shared::problem::Problem;
use shared::result::Wording;

use super::{Attempt, Journey, Services, WORDS_RESERVE, failpoint, select};
use crate::flow::BUILTIN;
use crate::llm::{self, Model};

/// Words the answer of `attempt`.
///
/// # Errors
/// None of its own: what fails here is done without, as the table of problems says.
pub(super) async fn words(
    with: &Services,
    attempt: &mut Attempt<'_>,
    journey: &mut Journey,
    model: Option<&Model>,
) -> Result<(), Problem> {
    failpoint::hit("respond");
    let flow = &journey.here.flow;
    // The built-in flow's templates say what the page shows anyway, except where a person is to take over.
    let stage = flow.stage(journey.here.stage);
    let speaks = flow.business().id != BUILTIN || stage.is_some_and(|s| s.category.is_none() && !s.start);
    if speaks && by_template(with, attempt, journey).await? {
        return Ok(());
    }
    match model {
        // A model that failed a moment ago is not asked again for the same message.
        Some(model) if journey.without.is_none() => by_model(with, attempt, journey, model).await,
        _ => Ok(()),
    }
}

/// Whether a template of the stage worded it.
async fn by_template(with: &Services, attempt: &mut Attempt<'_>, journey: &mut Journey) -> Result<bool, Problem> {
    let flow = journey.here.flow.clone();
    let Some(template) = flow.response(journey.here.stage) else { return Ok(false) };
    let mut context = select::context(with, attempt.job, journey).await;
    context.result = attempt.outcome.result.as_ref().and_then(|result| serde_json::to_value(result).ok());
    match flow.render(template, journey.here.stage, &context) {
        Ok(rendered) => {
            journey.made(template, &rendered);
            let text = rendered.text.trim().to_owned();
            if let Some(result) = attempt.outcome.result.as_mut().filter(|_| !text.is_empty()) {
                result.wording = Some(Wording { text, by: format!("template \"{}\"", template.name) });
            }
            Ok(true)
        }
        Err(problem) => with.without_template(journey, problem).map(|()| false),
    }
}

async fn by_model(
    with: &Services,
    attempt: &mut Attempt<'_>,
    journey: &mut Journey,
    model: &Model,
) -> Result<(), Problem> {
    // A copy, because the answer has to be there should the time be over.
    let Some(result) = attempt.outcome.result.clone() else { return Ok(()) };
    let by = attempt.leaving(WORDS_RESERVE);
    let wording = llm::Wording { message: &journey.draft.content, result: &result };
    let mut tell = |text: &str| attempt.words(text);
    match model.word(wording, &mut tell, by, &mut journey.calls).await {
        Ok(told) => {
            if let Some(result) = &mut attempt.outcome.result {
                result.wording = Some(Wording { text: told.text, by: format!("language model {}", model.id()) });
            }
            Ok(())
        }
        Err(failure) => with.without(journey, failure),
    }
}
