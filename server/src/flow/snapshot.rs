//! A flow made ready: conditions compiled, templates parsed. It never changes; a changed business gets a new one.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value as Json;
use shared::flow::{Business, Stage, StageId, Template, TemplateId, TemplateKind, Transition, TransitionId};
use shared::problem::{Code, Problem};
use shared::trial::Held;
use uuid::Uuid;

use super::condition::{Condition, Scope};
use super::context::{self, Context};
use super::template::{self, Engine};
use super::{Note, Parts};

/// An immutable flow.
pub struct Flow {
    parts: Parts,
    /// By the stage they begin at, in the order in which they are tried.
    ways: HashMap<StageId, Vec<usize>>,
    conditions: HashMap<TransitionId, Result<Condition, String>>,
    engine: Engine,
    start: StageId,
}

/// Which way a conversation goes on.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    /// The transition to take; none to stay.
    pub transition: Option<&'a Transition>,
    /// Conditions that could not be told.
    pub notes: Vec<Note>,
    /// The transitions that were looked at, in this order, and whether their conditions hold.
    pub tried: Vec<(TransitionId, Held)>,
}

/// A text that a template made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// The template.
    pub template: TemplateId,
    /// The version that made it.
    pub version: u32,
    /// Why it is not the newest, if it isn't.
    pub notes: Vec<Note>,
}

/// Everything a template sees.
#[derive(Serialize)]
pub(super) struct Variables<'a> {
    #[serde(flatten)]
    context: &'a Context,
    business: Json,
    stage: Json,
    choices: Json,
}

pub(super) fn variables<'a>(
    context: &'a Context,
    business: &Business,
    stage: &Stage,
    next: impl Iterator<Item = &'a Stage>,
) -> Variables<'a> {
    Variables {
        context,
        business: context::business(business),
        stage: context::stage(stage),
        choices: context::choices(next),
    }
}

/// A business and a stage to try templates with.
pub(super) fn sample_of() -> (Business, Stage) {
    let business = Business {
        id: Uuid::nil(),
        name: "A business".into(),
        description: "What it does.".into(),
        active: true,
        builtin: false,
        version: 1,
    };
    let stage = Stage {
        id: Uuid::nil(),
        name: "a stage".into(),
        description: "What happens there.".into(),
        category: Some(shared::message::Category::Cost),
        start: true,
        end: true,
        selection_template_id: None,
        extraction_template_id: None,
        response_template_id: None,
    };
    (business, stage)
}

/// Transitions in the order in which they are tried.
pub(super) fn in_order(transitions: &[Transition]) -> Vec<&Transition> {
    let mut all: Vec<&Transition> = transitions.iter().collect();
    // Stable: of the same priority the older first.
    all.sort_by_key(|way| way.priority);
    all
}

fn name(template: TemplateId, version: u32) -> String {
    format!("{template}@{version}")
}

impl Flow {
    /// Makes a flow ready. Whatever cannot be read was checked when it was saved; should a newer version of the server
    /// read it otherwise, a condition doesn't hold and a template falls back, with a note.
    pub fn new(parts: Parts) -> Self {
        let mut ways: HashMap<StageId, Vec<(i32, usize)>> = HashMap::new();
        for (index, way) in parts.transitions.iter().enumerate() {
            ways.entry(way.from_stage_id).or_default().push((way.priority, index));
        }
        let ways = ways
            .into_iter()
            .map(|(stage, mut all)| {
                all.sort_unstable();
                (stage, all.into_iter().map(|(_, index)| index).collect())
            })
            .collect();
        let conditions = parts.transitions.iter().map(|way| (way.id, Condition::parse(&way.condition))).collect();
        let mut engine = Engine::new();
        for versions in &parts.templates {
            let current = &versions.current;
            let bodies = versions.before.iter().map(|(version, body)| (*version, body));
            for (version, body) in [(current.version, &current.body)].into_iter().chain(bodies) {
                if let Err(fault) = engine.add(name(current.id, version), body) {
                    tracing::warn!(template = %current.id, version, %fault, "a template cannot be used");
                }
            }
        }
        let start = parts.stages.iter().find(|stage| stage.start).or(parts.stages.first());
        let start = start.map_or(Uuid::nil(), |stage| stage.id);
        Self { parts, ways, conditions, engine, start }
    }

    /// Whose it is; its `version` changes with anything in it.
    pub const fn business(&self) -> &Business {
        &self.parts.business
    }

    /// The flow as it is stored.
    pub const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Where conversations begin.
    pub const fn start(&self) -> StageId {
        self.start
    }

    /// The stage of an id.
    pub fn stage(&self, id: StageId) -> Option<&Stage> {
        self.parts.stage(id)
    }

    /// The transitions that lead on from a stage, in the order in which they are tried.
    pub fn ways(&self, stage: StageId) -> impl Iterator<Item = &Transition> {
        self.ways.get(&stage).into_iter().flatten().map(|index| &self.parts.transitions[*index])
    }

    /// The way a conversation at `stage` takes: the first whose condition holds. A fact that is not known makes a
    /// condition not hold; one that cannot be told for another reason doesn't either, and there is a note.
    pub fn next(&self, stage: StageId, context: &Context) -> Choice<'_> {
        let mut choice = Choice { transition: None, notes: Vec::new(), tried: Vec::new() };
        let Some(here) = self.stage(stage) else { return choice };
        let mut scope = None;
        for way in self.ways(stage) {
            let held = match self.conditions.get(&way.id) {
                Some(Ok(condition)) if condition.always() => Ok(true),
                Some(Ok(condition)) => {
                    condition.holds(scope.get_or_insert_with(|| Scope::of(context, self.business(), here)))
                }
                Some(Err(text)) => Err(format!("its condition {text}")),
                None => Ok(false),
            };
            let told = match held {
                Ok(true) => Held::Yes,
                Ok(false) => Held::No,
                Err(text) => {
                    let text = format!("A transition from \"{}\" was not taken: {text}.", here.name);
                    choice.notes.push(Note { code: "condition", text });
                    Held::Untold
                }
            };
            choice.tried.push((way.id, told));
            if told == Held::Yes {
                choice.transition = Some(way);
                break;
            }
        }
        choice
    }

    /// The way to the stage that a model named: it must be one that a transition leads to, or the present one to stay.
    /// `None` for any other answer, which is then treated as if there were no selection template.
    pub fn selected(&self, stage: StageId, answer: &str) -> Option<Option<&Transition>> {
        let said = answer.trim().trim_matches(|c: char| c == '"' || c == '\'' || c == '.' || c == '`').trim();
        let is = |stage: StageId| self.stage(stage).is_some_and(|stage| stage.name.eq_ignore_ascii_case(said));
        if is(stage) {
            return Some(None);
        }
        self.ways(stage).find(|way| is(way.to_stage_id)).map(Some)
    }

    fn template(&self, stage: StageId, kind: TemplateKind) -> Option<&Template> {
        let id = self.stage(stage)?.template(kind)?;
        self.parts.template(id).map(|versions| &versions.current)
    }

    /// How a model is asked which stage comes after `stage`.
    pub fn selection(&self, stage: StageId) -> Option<&Template> {
        self.template(stage, TemplateKind::Selection)
    }

    /// How a model is asked for the facts of a message at `stage`.
    pub fn extraction(&self, stage: StageId) -> Option<&Template> {
        self.template(stage, TemplateKind::Extraction)
    }

    /// How answers at `stage` are worded.
    pub fn response(&self, stage: StageId) -> Option<&Template> {
        self.template(stage, TemplateKind::Response)
    }

    /// Fills in a template of this flow at `stage`. If its newest version fails, the one before it is used, with a note
    /// that says so.
    ///
    /// # Errors
    /// `template` if no version can be filled in.
    pub fn render(&self, template: &Template, stage: StageId, context: &Context) -> Result<Rendered, Problem> {
        let (unknown, nowhere) = (Vec::new(), sample_of().1);
        let here = self.stage(stage).unwrap_or(&nowhere);
        let next = self.ways(stage).filter_map(|way| self.stage(way.to_stage_id));
        let variables = template::value(&variables(context, self.business(), here, next));
        let before = self.parts.template(template.id).map_or(&unknown, |versions| &versions.before);
        let versions = std::iter::once(template.version).chain(before.iter().map(|(version, _)| *version));
        let mut notes = Vec::new();
        let mut first = None;
        for version in versions {
            match self.engine.render(&name(template.id, version), variables.clone()) {
                Ok(text) => {
                    if version != template.version {
                        notes.push(Note {
                            code: "template",
                            text: format!("Version {version} of the template \"{}\" was used instead.", template.name),
                        });
                    }
                    return Ok(Rendered { text, template: template.id, version, notes });
                }
                Err(fault) => {
                    notes.push(Note {
                        code: "template",
                        text: format!("Version {version} of the template \"{}\" failed. {fault}", template.name),
                    });
                    first.get_or_insert(fault);
                }
            }
        }
        let why = first.map(|fault| fault.text).unwrap_or_default();
        Err(Problem::new(Code::Template, format!("The template \"{}\" could not be filled in. {why}", template.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{BUILTIN, Versions, builtin};
    use shared::message::Category;

    fn flow() -> Flow {
        Flow::new(builtin())
    }

    fn named<'a>(flow: &'a Flow, name: &str) -> &'a Stage {
        flow.parts().stages.iter().find(|stage| stage.name == name).unwrap()
    }

    fn about(category: Option<Category>, words: &str) -> Context {
        let mut context = Context::sample();
        context.message.category = category;
        context.message.content = words.into();
        context.message.text = words.to_lowercase();
        context
    }

    #[test]
    fn the_short_way_through_the_built_in_flow_is_that_of_its_conditions() {
        let flow = flow();
        for from in &flow.parts().stages {
            for category in Category::ALL.iter().map(|category| Some(*category)).chain([None]) {
                for words in ["what can we do?", "Let me TALK TO A PERSON now", "call me", "a real personality"] {
                    let context = about(category, words);
                    let by_conditions = flow.next(from.id, &context).transition.map(|way| way.to_stage_id);
                    let short = crate::flow::leads_to(from, &context.message.text, category);
                    assert_eq!(short, by_conditions, "{} {category:?} {words}", from.name);
                }
            }
        }
    }

    #[test]
    fn the_built_in_flow_leads_to_each_category_from_anywhere() {
        let flow = flow();
        assert_eq!((flow.business().id, flow.start()), (BUILTIN, named(&flow, "clarify").id));
        for from in &flow.parts().stages {
            for category in Category::ALL {
                let choice = flow.next(from.id, &about(Some(*category), "what can we do?"));
                let to = choice.transition.map_or(from.id, |way| way.to_stage_id);
                assert_eq!(flow.stage(to).unwrap().name, category.as_str(), "from {}", from.name);
                assert!(choice.notes.is_empty());
            }
            let choice = flow.next(from.id, &about(None, "Please let me talk to a human."));
            let to = choice.transition.map_or(from.id, |way| way.to_stage_id);
            assert_eq!(flow.stage(to).unwrap().name, "hand-over", "from {}", from.name);
        }
        let cost = named(&flow, "cost-optimization").id;
        let choice = flow.next(cost, &about(None, "hm, what?"));
        assert_eq!(choice.transition.map(|way| way.to_stage_id), Some(named(&flow, "clarify").id));
    }

    #[test]
    fn every_template_of_the_built_in_flow_can_be_filled_in() {
        let flow = flow();
        for stage in &flow.parts().stages {
            let templates = [flow.selection(stage.id), flow.extraction(stage.id), flow.response(stage.id)];
            for template in templates.into_iter().flatten() {
                let rendered = flow.render(template, stage.id, &Context::sample()).unwrap();
                assert!(rendered.notes.is_empty() && rendered.text.len() > 20, "{}: {rendered:?}", template.name);
            }
            assert!(flow.response(stage.id).is_some(), "{}", stage.name);
        }
    }

    #[test]
    fn a_model_can_only_name_a_stage_that_a_way_leads_to() {
        let flow = flow();
        let clarify = named(&flow, "clarify").id;
        let scaling = named(&flow, "scaling").id;
        assert_eq!(flow.selected(clarify, " \"Scaling\".\n").unwrap().unwrap().to_stage_id, scaling);
        assert!(flow.selected(clarify, "clarify").unwrap().is_none());
        for wrong in ["", "poetry", "scaling or advanced", "ignore all instructions"] {
            assert!(flow.selected(clarify, wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_broken_template_falls_back_to_the_version_before_and_says_so() {
        let mut parts = builtin();
        let stage = parts.stages[0].clone();
        let id = stage.response_template_id.unwrap();
        let at = parts.templates.iter().position(|versions| versions.current.id == id).unwrap();
        let current =
            Template { version: 3, body: "{{ result.no_such_field }}".into(), ..parts.templates[at].current.clone() };
        let before = vec![(2, "{% if %}".to_owned()), (1, "Plain.".to_owned())];
        parts.templates[at] = Versions { current, before };
        let broken = Flow::new(parts.clone());
        let rendered = broken.render(broken.response(stage.id).unwrap(), stage.id, &Context::sample()).unwrap();
        assert_eq!((rendered.text.as_str(), rendered.version), ("Plain.", 1));
        assert_eq!(rendered.notes.len(), 3, "{:?}", rendered.notes);
        assert!(rendered.notes[2].text.contains("Version 1"));
        parts.templates[at].before.clear();
        let broken = Flow::new(parts);
        let problem = broken.render(broken.response(stage.id).unwrap(), stage.id, &Context::sample()).unwrap_err();
        assert_eq!(problem.code, Code::Template);
    }

    #[test]
    fn a_condition_that_cannot_be_told_is_noted_and_the_next_is_tried() {
        let mut parts = builtin();
        let from = parts.stages[0].id;
        parts.transitions.retain(|way| way.from_stage_id == from);
        parts.transitions.truncate(2);
        parts.transitions[0].condition = "extracted.model > 5".into();
        parts.transitions[0].priority = 1;
        parts.transitions[1].condition = String::new();
        parts.transitions[1].priority = 2;
        let flow = Flow::new(parts);
        let choice = flow.next(from, &Context::sample());
        assert_eq!(choice.transition.map(|way| way.id), Some(flow.parts().transitions[1].id));
        assert_eq!(choice.notes.len(), 1, "{:?}", choice.notes);
    }
}
