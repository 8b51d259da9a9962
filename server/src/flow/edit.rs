//! Changes of a flow: what was sent is read and checked against the flow it is for. Nothing here waits or writes; what
//! comes out is the flow as it will be, and what the store has to do.

use serde_json::{Map, Value as Json, json};
use shared::flow::{Finding, Severity, Stage, StageId, Template, TemplateId, TemplateKind, Transition, TransitionId};
use shared::limits as l;
use shared::message::Category;
use shared::problem::{Code, FieldError, Problem};
use uuid::Uuid;

use super::check::{check, circle, faults};
use super::condition::Condition;
use super::reader::Reader;
use super::{Parts, Versions};
use crate::store::flow::{Changing, NewVersion};

/// A JSON object as it was sent.
pub type Body = Map<String, Json>;

/// Highest and lowest priority of a transition: enough room to put one between any two.
const PRIORITY_MAX: i64 = 1_000_000;

/// A change of a flow.
#[derive(Clone, Debug)]
pub enum Edit {
    /// The business's own fields.
    Business(Body),
    /// A new stage of this id.
    NewStage(StageId, Body),
    /// A stage's fields; those that are absent stay.
    Stage(StageId, Body),
    /// No such stage any more.
    NoStage(StageId),
    /// A new transition of this id.
    NewTransition(TransitionId, Body),
    /// A transition's fields; those that are absent stay.
    Transition(TransitionId, Body),
    /// No such transition any more.
    NoTransition(TransitionId),
    /// A new template of this id.
    NewTemplate(TemplateId, Body),
    /// A template's fields; another text makes a new version.
    Template(TemplateId, Body),
    /// No such template any more.
    NoTemplate(TemplateId),
}

/// A change that was found to be possible.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The flow as it will be.
    pub parts: Parts,
    /// What the store has to do.
    pub changing: Changing,
    /// What was done, for the audit log: `stage.created`, …
    pub action: &'static str,
    /// To what.
    pub subject: Uuid,
    /// More, for the audit log.
    pub detail: Json,
    /// What there is to know about the flow as it will be.
    pub findings: Vec<Finding>,
}

/// The answer to an id that names nothing of this business.
pub(super) fn nothing(what: &str) -> Problem {
    Problem::new(Code::NotFound, format!("This business has no {what} of this id."))
}

/// Reads and checks a change.
///
/// # Errors
/// `invalid` with the fields that are wrong, `not_found` for what isn't there, `conflict` for what is in use.
pub fn apply(parts: &Parts, edit: &Edit) -> Result<Applied, Problem> {
    let before = parts;
    let mut parts = parts.clone();
    let (changing, action, subject, detail) = match edit {
        Edit::Business(body) => business(&mut parts, body)?,
        Edit::NewStage(id, body) => stage(&mut parts, *id, None, body)?,
        Edit::Stage(id, body) => {
            let old = before.stage(*id).ok_or_else(|| nothing("stage"))?;
            stage(&mut parts, *id, Some(old), body)?
        }
        Edit::NoStage(id) => no_stage(&mut parts, *id)?,
        Edit::NewTransition(id, body) => transition(&mut parts, *id, None, body)?,
        Edit::Transition(id, body) => {
            let old = before.transitions.iter().find(|way| way.id == *id).ok_or_else(|| nothing("transition"))?;
            transition(&mut parts, *id, Some(old), body)?
        }
        Edit::NoTransition(id) => {
            let at = parts.transitions.iter().position(|way| way.id == *id).ok_or_else(|| nothing("transition"))?;
            let old = parts.transitions.remove(at);
            (Changing::NoTransition(*id), "transition.deleted", *id, json!({"before": old}))
        }
        Edit::NewTemplate(id, body) => template(&mut parts, *id, None, body)?,
        Edit::Template(id, body) => {
            let old = before.template(*id).ok_or_else(|| nothing("template"))?;
            template(&mut parts, *id, Some(old), body)?
        }
        Edit::NoTemplate(id) => no_template(&mut parts, *id)?,
    };
    let findings = check(&parts);
    if parts.business.active {
        usable(&findings)?;
    }
    Ok(Applied { parts, changing, action, subject, detail, findings })
}

/// Refuses a flow with errors, because conversations follow it.
fn usable(findings: &[Finding]) -> Result<(), Problem> {
    let errors: Vec<FieldError> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .take(20)
        .map(|finding| FieldError { name: finding.field.clone(), message: finding.text.clone() })
        .collect();
    let Some(first) = errors.first() else { return Ok(()) };
    let more = if errors.len() > 1 { format!(" And {} more.", errors.len() - 1) } else { String::new() };
    let detail = format!(
        "Conversations could not follow this flow: {}{more} An active business must stay usable; set `active` to false to \
         rebuild it.",
        first.message
    );
    Err(Problem { fields: errors, ..Problem::new(Code::Invalid, detail) })
}

type Made = (Changing, &'static str, Uuid, Json);

fn business(parts: &mut Parts, body: &Body) -> Result<Made, Problem> {
    let old = parts.business.clone();
    let mut reader = Reader::new(body, &["name", "description", "active"]);
    let name = reader.name(Some(&old.name));
    let description = reader.prose("description", Some(&old.description), l::DESCRIPTION_MAX_CHARS);
    let active = reader.flag("active", old.active);
    reader.done()?;
    parts.business = super::Business { name, description, active, ..old.clone() };
    let action = match (old.active, active) {
        (false, true) => "business.activated",
        (true, false) => "business.deactivated",
        _ => "business.updated",
    };
    let detail = json!({"before": old, "after": parts.business});
    Ok((Changing::Business(parts.business.clone()), action, old.id, detail))
}

/// A new business as it was sent, with nothing in it or with a copy of another flow.
pub(super) fn new_business(
    id: Uuid,
    body: &Body,
    copied: &Parts,
    mut new_id: impl FnMut() -> Uuid,
) -> Result<Parts, Problem> {
    let mut reader = Reader::new(body, &["name", "description", "from", "active"]);
    let name = reader.name(None);
    let description = reader.prose("description", None, l::DESCRIPTION_MAX_CHARS);
    let copy = match reader.body.get("from") {
        None | Some(Json::Null) => false,
        Some(Json::String(from)) if from == "builtin" => true,
        Some(_) => {
            reader.fail("from", "must be \"builtin\", for a copy of the built-in flow, or left out");
            false
        }
    };
    let active = reader.flag("active", false);
    reader.done()?;
    let business = super::Business { id, name, description, active, builtin: false, version: 1 };
    let mut parts = Parts { business, stages: Vec::new(), transitions: Vec::new(), templates: Vec::new() };
    if copy {
        let mut ids = std::collections::HashMap::new();
        let mut fresh = |old: Uuid| *ids.entry(old).or_insert_with(&mut new_id);
        parts.templates.clone_from(&copied.templates);
        parts.stages.clone_from(&copied.stages);
        parts.transitions.clone_from(&copied.transitions);
        for template in &mut parts.templates {
            template.current.id = fresh(template.current.id);
        }
        for stage in &mut parts.stages {
            stage.id = fresh(stage.id);
            for id in
                [&mut stage.selection_template_id, &mut stage.extraction_template_id, &mut stage.response_template_id]
            {
                *id = id.map(&mut fresh);
            }
        }
        for way in &mut parts.transitions {
            way.id = fresh(way.id);
            way.from_stage_id = fresh(way.from_stage_id);
            way.to_stage_id = fresh(way.to_stage_id);
        }
    }
    if active {
        usable(&check(&parts))?;
    }
    Ok(parts)
}

const STAGE_FIELDS: &[&str] = &[
    "name",
    "description",
    "category",
    "start",
    "end",
    "selection_template_id",
    "extraction_template_id",
    "response_template_id",
];

fn stage(parts: &mut Parts, id: StageId, old: Option<&Stage>, body: &Body) -> Result<Made, Problem> {
    let mut reader = Reader::new(body, STAGE_FIELDS);
    if old.is_none() && parts.stages.len() >= l::STAGES_MAX {
        reader.fail("name", format!("a business has at most {} stages", l::STAGES_MAX));
    }
    let name = reader.name(old.map(|stage| stage.name.as_str()));
    if parts.stages.iter().any(|other| other.id != id && other.name.to_lowercase() == name.to_lowercase()) {
        reader.fail("name", "is the name of another stage of this business");
    }
    let description = reader.prose("description", old.map(|s| s.description.as_str()), l::DESCRIPTION_MAX_CHARS);
    let category = match body.get("category") {
        None => old.and_then(|stage| stage.category),
        Some(Json::Null) => None,
        Some(json) => {
            let word = json.as_str().unwrap_or_default().parse::<Category>();
            word.map_err(|message| reader.fail("category", message)).ok()
        }
    };
    let first = !parts.stages.iter().any(|stage| stage.start);
    let start = reader.flag("start", old.map_or(first, |stage| stage.start));
    let end = reader.flag("end", old.is_some_and(|stage| stage.end));
    let mut template = |kind: TemplateKind| {
        let field = format!("{kind}_template_id");
        let id = reader.id(&field, old.and_then(|stage| stage.template(kind)))?;
        match parts.template(id) {
            None => reader.fail(&field, "is not a template of this business"),
            Some(it) if it.current.kind != kind => {
                reader.fail(&field, format!("is a {} template; this needs one for {kind}", it.current.kind));
            }
            Some(_) => {}
        }
        Some(id)
    };
    let made = Stage {
        id,
        name,
        description,
        category,
        start,
        end,
        selection_template_id: template(TemplateKind::Selection),
        extraction_template_id: template(TemplateKind::Extraction),
        response_template_id: template(TemplateKind::Response),
    };
    reader.done()?;
    if made.start {
        // Conversations begin at one stage: the newest that says so.
        parts.stages.iter_mut().for_each(|stage| stage.start = false);
    }
    put(&mut parts.stages, made.clone(), |stage| stage.id == id);
    if let Some(text) = circle(parts, id) {
        return Err(Problem::invalid_field("end", text));
    }
    let action = if old.is_some() { "stage.updated" } else { "stage.created" };
    let detail = json!({"before": old, "after": made});
    Ok((Changing::Stage(made), action, id, detail))
}

/// Puts `item` in the place of the one it replaces, or at the end.
fn put<T>(all: &mut Vec<T>, item: T, is: impl Fn(&T) -> bool) {
    match all.iter_mut().find(|other| is(other)) {
        Some(place) => *place = item,
        None => all.push(item),
    }
}

fn no_stage(parts: &mut Parts, id: StageId) -> Result<Made, Problem> {
    let at = parts.stages.iter().position(|stage| stage.id == id).ok_or_else(|| nothing("stage"))?;
    let old = parts.stages.remove(at);
    let all = parts.transitions.len();
    parts.transitions.retain(|way| way.from_stage_id != id && way.to_stage_id != id);
    let detail = json!({"before": old, "transitions_deleted": all - parts.transitions.len()});
    Ok((Changing::NoStage(id), "stage.deleted", id, detail))
}

const TRANSITION_FIELDS: &[&str] = &["from_stage_id", "to_stage_id", "condition", "priority", "description"];

fn transition(parts: &mut Parts, id: TransitionId, old: Option<&Transition>, body: &Body) -> Result<Made, Problem> {
    let mut reader = Reader::new(body, TRANSITION_FIELDS);
    if old.is_none() && parts.transitions.len() >= l::TRANSITIONS_MAX {
        reader.fail("from_stage_id", format!("a business has at most {} transitions", l::TRANSITIONS_MAX));
    }
    let mut end = |field: &str, old: Option<StageId>| {
        let failed = reader.errors.len();
        let id = reader.id(field, old);
        match id {
            Some(id) if parts.stage(id).is_none() => reader.fail(field, "is not a stage of this business"),
            None if reader.errors.len() == failed => reader.fail(field, "is missing"),
            _ => {}
        }
        id.unwrap_or_default()
    };
    let from_stage_id = end("from_stage_id", old.map(|way| way.from_stage_id));
    let to_stage_id = end("to_stage_id", old.map(|way| way.to_stage_id));
    let condition =
        reader.text("condition").map(str::trim).or(old.map(|way| way.condition.as_str())).unwrap_or_default();
    if old.is_none_or(|way| way.condition != condition)
        && let Err(message) = Condition::parse(condition)
    {
        reader.fail("condition", message);
    }
    let priority = match body.get("priority") {
        None => i64::from(old.map_or(100, |way| way.priority)),
        Some(json) => json.as_i64().filter(|n| n.abs() <= PRIORITY_MAX).unwrap_or_else(|| {
            reader.fail("priority", format!("must be a whole number from -{PRIORITY_MAX} to {PRIORITY_MAX}"));
            0
        }),
    };
    let description = reader.prose("description", old.map(|w| w.description.as_str()), l::DESCRIPTION_MAX_CHARS);
    reader.done()?;
    let priority = i32::try_from(priority).unwrap_or_default();
    let condition = condition.to_owned();
    let made = Transition { id, from_stage_id, to_stage_id, condition, priority, description };
    put(&mut parts.transitions, made.clone(), |way| way.id == id);
    if let Some(text) = circle(parts, to_stage_id).filter(|_| circle(parts, from_stage_id).is_some()) {
        return Err(Problem::invalid_field("to_stage_id", text));
    }
    let action = if old.is_some() { "transition.updated" } else { "transition.created" };
    let detail = json!({"before": old, "after": made});
    Ok((Changing::Transition(made), action, id, detail))
}

fn template(parts: &mut Parts, id: TemplateId, old: Option<&Versions>, body: &Body) -> Result<Made, Problem> {
    let mut reader = Reader::new(body, &["name", "kind", "body"]);
    let old = old.map(|versions| &versions.current);
    if old.is_none() && parts.templates.len() >= l::TEMPLATES_MAX {
        reader.fail("name", format!("a business has at most {} templates", l::TEMPLATES_MAX));
    }
    let name = reader.name(old.map(|template| template.name.as_str()));
    if parts.templates.iter().any(|t| t.current.id != id && t.current.name.to_lowercase() == name.to_lowercase()) {
        reader.fail("name", "is the name of another template of this business");
    }
    let kind = match (reader.text("kind").map(str::parse::<TemplateKind>), old) {
        (Some(Ok(kind)), Some(old)) if kind != old.kind => {
            reader.fail("kind", "never changes, because stages rely on it; make another template");
            kind
        }
        (Some(Ok(kind)), _) => kind,
        (Some(Err(message)), _) => {
            reader.fail("kind", message);
            TemplateKind::Response
        }
        (None, Some(old)) => old.kind,
        (None, None) => {
            if !body.contains_key("kind") {
                reader.fail("kind", "is missing; it is selection, extraction or response");
            }
            TemplateKind::Response
        }
    };
    let given = reader.text("body");
    if given.is_none() && old.is_none() && !body.contains_key("body") {
        reader.fail("body", "is missing");
    }
    let text = given.or(old.map(|template| template.body.as_str())).unwrap_or_default().to_owned();
    let changed = old.is_none_or(|old| old.body != text);
    let version = old.map_or(1, |old| old.version + u32::from(changed));
    if version > l::TEMPLATE_VERSIONS_MAX {
        reader.fail("body", format!("a template has at most {} versions; make another", l::TEMPLATE_VERSIONS_MAX));
    }
    let made = Template { id, name: name.clone(), kind, version, body: text.clone(), created_at: None };
    if changed {
        // What is only not known yet is a warning until a stage uses it; the rest can never work.
        for (_, text) in faults(&made).into_iter().filter(|(code, _)| *code != "unknown_variable") {
            reader.fail("body", text);
        }
    }
    reader.done()?;
    let place = parts.templates.iter_mut().find(|versions| versions.current.id == id);
    match place {
        Some(versions) if changed => {
            let before = std::mem::replace(&mut versions.current, made);
            versions.before.insert(0, (before.version, before.body));
            versions.before.truncate(super::BEFORE_MAX.into());
        }
        Some(versions) => versions.current.name = made.name,
        None => parts.templates.push(Versions { current: made, before: Vec::new() }),
    }
    let action = if old.is_some() { "template.updated" } else { "template.created" };
    let detail = json!({"name": name, "kind": kind, "version": version, "bytes": text.len(),
        "before": old.map(|old| json!({"name": old.name, "version": old.version}))});
    Ok((Changing::Template(NewVersion { id, name, kind, version, body: text }), action, id, detail))
}

fn no_template(parts: &mut Parts, id: TemplateId) -> Result<Made, Problem> {
    let at = parts.templates.iter().position(|t| t.current.id == id).ok_or_else(|| nothing("template"))?;
    let uses = |stage: &&Stage| TemplateKind::ALL.iter().any(|kind| stage.template(*kind) == Some(id));
    if let Some(stage) = parts.stages.iter().find(uses) {
        let text = format!("The stage \"{}\" uses this template. Give it another one first.", stage.name);
        return Err(Problem::new(Code::Conflict, text));
    }
    let old = parts.templates.remove(at).current;
    let detail = json!({"name": old.name, "kind": old.kind, "version": old.version});
    Ok((Changing::NoTemplate(id), "template.deleted", id, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::builtin;

    fn body(json: &Json) -> Body {
        json.as_object().unwrap().clone()
    }

    fn empty() -> Parts {
        new_business(Uuid::from_u128(1), &body(&json!({"name": "Ours"})), &builtin(), Uuid::nil).unwrap()
    }

    fn fields(problem: &Problem) -> Vec<&str> {
        problem.fields.iter().map(|field| field.name.as_str()).collect()
    }

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    #[test]
    fn a_flow_is_built_step_by_step_and_then_used() {
        let mut parts = empty();
        for (n, json) in [(10, json!({"name": "ask"})), (11, json!({"name": "answer", "end": true}))] {
            parts = apply(&parts, &Edit::NewStage(id(n), body(&json))).unwrap().parts;
        }
        assert!(parts.stages[0].start && !parts.stages[1].start, "the first stage is the start unless told otherwise");
        let active = Edit::Business(body(&json!({"active": true})));
        let problem = apply(&parts, &active).unwrap_err();
        assert!(problem.detail.contains("Nothing leads on from \"ask\""), "{}", problem.detail);
        let way = body(&json!({"from_stage_id": id(10), "to_stage_id": id(11)}));
        parts = apply(&parts, &Edit::NewTransition(id(20), way)).unwrap().parts;
        let applied = apply(&parts, &active).unwrap();
        assert_eq!((applied.action, applied.findings.len()), ("business.activated", 0));
        // What is active stays usable.
        let problem = apply(&applied.parts, &Edit::NoTransition(id(20))).unwrap_err();
        assert!(problem.detail.contains("must stay usable"), "{}", problem.detail);
    }

    #[test]
    fn a_copy_of_the_built_in_flow_has_ids_of_its_own_and_works() {
        let mut n = 1_000;
        let new_id = || {
            n += 1;
            id(n)
        };
        let sent = body(&json!({"name": "Copy", "from": "builtin", "active": true}));
        let copy = new_business(id(1), &sent, &builtin(), new_id).unwrap();
        assert_eq!(check(&copy), []);
        let original = builtin();
        assert_eq!(copy.transitions.len(), original.transitions.len());
        assert!(copy.stages.iter().all(|stage| original.stage(stage.id).is_none()));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let parts = apply(&empty(), &Edit::NewStage(id(10), body(&json!({"name": "a"})))).unwrap().parts;
        let wrong = json!({"name": "A", "category": "poetry", "start": 1, "response_template_id": id(99), "colour": 1});
        let problem = apply(&parts, &Edit::NewStage(id(11), body(&wrong))).unwrap_err();
        assert_eq!(fields(&problem), ["name", "category", "start", "response_template_id", "colour"]);
        let wrong =
            json!({"from_stage_id": id(10), "to_stage_id": id(99), "condition": "colour == 1", "priority": 0.5});
        let problem = apply(&parts, &Edit::NewTransition(id(20), body(&wrong))).unwrap_err();
        assert_eq!(fields(&problem), ["to_stage_id", "condition", "priority"]);
        let problem = apply(&parts, &Edit::NewTransition(id(20), Body::new())).unwrap_err();
        assert_eq!(fields(&problem), ["from_stage_id", "to_stage_id"]);
        let problem = apply(&parts, &Edit::NewTemplate(id(30), Body::new())).unwrap_err();
        assert_eq!(fields(&problem), ["name", "kind", "body"]);
        let long = json!({"name": "x".repeat(81), "kind": "poem", "body": "y".repeat(l::TEMPLATE_MAX_BYTES + 1)});
        let problem = apply(&parts, &Edit::NewTemplate(id(30), body(&long))).unwrap_err();
        assert_eq!(fields(&problem), ["name", "kind", "body"]);
        assert_eq!(apply(&parts, &Edit::Stage(id(99), Body::new())).unwrap_err().code, Code::NotFound);
    }

    #[test]
    fn a_circle_without_a_way_out_is_refused_when_it_is_closed() {
        let mut parts = empty();
        for (n, name) in [(10, "a"), (11, "b"), (12, "c")] {
            parts = apply(&parts, &Edit::NewStage(id(n), body(&json!({"name": name})))).unwrap().parts;
        }
        let way = |from, to| body(&json!({"from_stage_id": id(from), "to_stage_id": id(to)}));
        let problem = apply(&parts, &Edit::NewTransition(id(20), way(10, 10))).unwrap_err();
        assert_eq!(fields(&problem), ["to_stage_id"]);
        parts = apply(&parts, &Edit::NewTransition(id(20), way(10, 11))).unwrap().parts;
        let problem = apply(&parts, &Edit::NewTransition(id(21), way(11, 10))).unwrap_err();
        assert!(problem.fields[0].message.contains("\"a\" and \"b\" lead only to each other"), "{problem:?}");
        // With a way out first, it is fine.
        parts = apply(&parts, &Edit::NewTransition(id(22), way(11, 12))).unwrap().parts;
        assert!(apply(&parts, &Edit::NewTransition(id(21), way(11, 10))).is_ok());
    }

    #[test]
    fn a_template_keeps_its_versions_and_is_not_taken_from_a_stage() {
        let new = Edit::NewTemplate(id(30), body(&json!({"name": "t", "kind": "response", "body": "one"})));
        let parts = apply(&empty(), &new).unwrap().parts;
        let parts = apply(&parts, &Edit::Template(id(30), body(&json!({"body": "two"})))).unwrap().parts;
        let parts = apply(&parts, &Edit::Template(id(30), body(&json!({"name": "u"})))).unwrap().parts;
        let versions = &parts.templates[0];
        assert_eq!((versions.current.version, versions.current.name.as_str()), (2, "u"));
        assert_eq!(versions.before, [(1, "one".to_owned())]);
        for (text, part) in [
            ("{% if %}", "cannot be read"),
            ("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", "more work"),
        ] {
            let problem = apply(&parts, &Edit::Template(id(30), body(&json!({"body": text})))).unwrap_err();
            assert!(problem.fields[0].message.contains(part), "{problem:?}");
        }
        let using = Edit::NewStage(id(10), body(&json!({"name": "a", "end": true, "response_template_id": id(30)})));
        let parts = apply(&parts, &using).unwrap().parts;
        assert_eq!(apply(&parts, &Edit::NoTemplate(id(30))).unwrap_err().code, Code::Conflict);
        let parts = apply(&parts, &Edit::Stage(id(10), body(&json!({"response_template_id": null})))).unwrap().parts;
        assert!(apply(&parts, &Edit::NoTemplate(id(30))).is_ok());
    }
}
