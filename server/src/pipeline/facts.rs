//! From what was sent to what is analysed: the facts of the text, the facts that were given, and the category.

use shared::catalog::Catalog;
use shared::draft::Draft;
use shared::extract::Extraction;
use shared::message::{Category, Complexity};
use shared::problem::Problem;
use shared::result::{AnalysisResult, Assumption, Question, Warning};
use shared::usage::{Facts, Usage};
use shared::workload::{Provenance, Provenances, Source, Workload, field};

use super::memory::{Carried, Memory};

/// A message, understood.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What it asks for, by its own words and by those before it; what is analysed is settled with its stage.
    pub category: Option<Category>,
    /// How much is asked at once.
    pub complexity: Complexity,
    /// How sure the category is, 0..1.
    pub confidence: f64,
    /// The facts.
    pub workload: Workload,
    /// Where they came from.
    pub provenance: Provenances,
    /// What could not be understood.
    pub questions: Vec<Question>,
    /// What the reader should know about the reading itself.
    pub warnings: Vec<Warning>,
    /// What became of the facts from before.
    pub carried: Carried,
}

/// Understands what was read in a message; `before` is what its conversation was about, `memory` what it said.
///
/// # Errors
/// `invalid` for facts of the message that cannot be true together.
pub fn understand(
    read: Extraction,
    draft: &Draft,
    before: Option<Category>,
    memory: &Memory,
) -> Result<Reading, Problem> {
    let Extraction { category, complexity, confidence, mut workload, mut provenance, mut questions } = read;
    if let Some(given) = &draft.workload {
        merge(&mut workload, &mut provenance, given);
        // What is given needs no asking.
        questions.retain(|question| given.get(&question.field).is_none());
    }
    let wrong = workload.contradictions();
    if !wrong.is_empty() {
        return Err(Problem::invalid(wrong));
    }
    // A log says what the traffic is now; what was said before it is of another time.
    let carried = if draft.usage_id.is_some() {
        Carried::default()
    } else {
        memory.carry(&mut workload, &mut provenance, &mut questions, &draft.content)
    };
    Ok(Reading {
        category: category.or(before),
        complexity: draft.complexity.unwrap_or(complexity),
        confidence,
        workload,
        provenance,
        questions,
        warnings: Vec::new(),
        carried,
    })
}

impl Reading {
    /// Settles what is analysed: what was `given`, else what was read; and completes the facts by those of a log.
    pub fn settle(&mut self, given: Option<Category>, log: Option<(&Usage, &Catalog)>) -> Category {
        let (category, warnings) = resolve(given, self.category, &mut self.questions);
        self.warnings.extend(warnings);
        if let Some((usage, catalog)) = log {
            let mut facts = Facts {
                workload: std::mem::take(&mut self.workload),
                provenance: std::mem::take(&mut self.provenance),
            };
            self.warnings.extend(usage.fill(category, catalog, &mut facts));
            (self.workload, self.provenance) = (facts.workload, facts.provenance);
            self.questions.retain(|question| self.workload.get(&question.field).is_none());
        }
        category
    }
}

/// Lets the facts of `given` win over those of the text.
fn merge(workload: &mut Workload, provenance: &mut Provenances, given: &Workload) {
    for (spec, value) in given.known() {
        let json = match value {
            shared::workload::Value::Number(number) => number.into(),
            shared::workload::Value::Text(text) => text.into(),
        };
        // The value comes from a checked workload, so it passes the same check again.
        if workload.set(spec.name, &json).is_ok() {
            let given = Provenance { source: Source::Given, text: None, span: None, reference: None, as_of: None };
            provenance.insert(spec.name.into(), given);
        }
    }
    if !given.classes.is_empty() {
        workload.classes.clone_from(&given.classes);
    }
}

/// Decides what is analysed. A message that is ambiguous, or about something that isn't built, is still answered for
/// its cost, which is of use to everyone who runs a model; that this is not all it asked for is said and asked.
pub fn resolve(
    given: Option<Category>,
    read: Option<Category>,
    questions: &mut Vec<Question>,
) -> (Category, Vec<Warning>) {
    let built: Vec<String> = Category::BUILT.iter().map(ToString::to_string).collect();
    match given.or(read) {
        Some(category) if Category::BUILT.contains(&category) => (category, Vec::new()),
        Some(category) => {
            let text = format!(
                "This reads like a question about {}, which is not answered yet; what follows is its cost.",
                category.label().to_lowercase()
            );
            (Category::Cost, vec![Warning { code: "category_not_built".into(), text }])
        }
        None => {
            if !questions.iter().any(|question| question.field == "category") {
                questions.insert(
                    0,
                    Question {
                        field: "category".into(),
                        text: "What would you like to know? The message leaves it open, so its cost was analysed."
                            .into(),
                        choices: built,
                        sets: Vec::new(),
                    },
                );
            }
            (Category::Cost, Vec::new())
        }
    }
}

impl Reading {
    /// Puts the questions and warnings of the reading into the answer, each field asked about once.
    #[must_use]
    pub fn ask(&mut self, mut result: AnalysisResult) -> AnalysisResult {
        let asked: Vec<_> = result.questions.iter().map(|question| question.field.clone()).collect();
        let mut questions = std::mem::take(&mut self.questions);
        questions.retain(|question| !asked.contains(&question.field));
        questions.append(&mut result.questions);
        result.questions = questions;
        let mut warnings = std::mem::take(&mut self.warnings);
        warnings.append(&mut result.warnings);
        result.warnings = warnings;
        result.assumptions.extend(self.carried.told());
        result
    }
}

impl Carried {
    /// What is said about facts from before: nothing is filled in silently.
    fn told(&self) -> Option<Assumption> {
        let labels = |fields: &[&str]| {
            fields.iter().map(|name| field(name).map_or(*name, |spec| spec.label)).collect::<Vec<_>>().join(", ")
        };
        let mut text = String::new();
        if !self.kept.is_empty() {
            text = format!("From earlier messages of this conversation: {}.", labels(&self.kept));
        }
        if !self.changed.is_empty() {
            text = format!("{text} Changed against earlier messages: {}.", labels(&self.changed));
        }
        if !self.dropped.is_empty() {
            text = format!("{text} Not carried on, because it belonged to other figures: {}.", labels(&self.dropped));
        }
        let text = text.trim().to_owned();
        let assumption =
            Assumption { field: None, value: None, text, source: Source::Given, reference: None, as_of: None };
        (!assumption.text.is_empty()).then_some(assumption)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use shared::draft::Unknown;
    use shared::extract::extract;

    fn draft(json: &serde_json::Value) -> Draft {
        Draft::from_json(json.as_object().unwrap(), Unknown::Refuse).unwrap()
    }

    #[test]
    fn what_is_given_wins_and_says_so() {
        let draft = draft(&json!({"content": "We send 200k requests/day to GPT-4o", "workload": {"model": "gpt-4.1"}}));
        let reading = understand(extract(&draft.content), &draft, None, &Memory::default()).unwrap();
        assert_eq!(reading.workload.model.as_deref(), Some("gpt-4.1"));
        assert_eq!(reading.provenance["model"].source, Source::Given);
    }

    #[test]
    fn a_category_that_is_not_built_is_answered_for_cost_and_says_so() {
        for category in Category::ALL {
            let (resolved, warnings) = resolve(None, Some(*category), &mut Vec::new());
            if Category::BUILT.contains(category) {
                assert_eq!((resolved, warnings.len()), (*category, 0));
            } else {
                assert_eq!((resolved, warnings[0].code.as_str()), (Category::Cost, "category_not_built"));
            }
        }
    }

    #[test]
    fn an_open_category_is_asked_for_once() {
        let mut questions = Vec::new();
        resolve(None, None, &mut questions);
        resolve(None, None, &mut questions);
        assert_eq!(questions.len(), 1);
        let built: Vec<_> = Category::BUILT.iter().map(|category| category.as_str()).collect();
        assert_eq!(questions[0].choices, built);
    }
}
