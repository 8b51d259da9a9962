//! What is wrong with a flow: found when it is saved, told with what to do about it.

use std::collections::{HashMap, HashSet};

use shared::flow::{Finding, Severity, StageId, Template, TemplateKind};
use uuid::Uuid;

use super::graph::Graph;
use super::template::{self, Engine, Fault};
use super::{Context, Parts, Stage, snapshot};

/// Everything to know about a flow before it is used, errors first. A flow with errors is not used.
pub fn check(parts: &Parts) -> Vec<Finding> {
    let mut findings = Vec::new();
    names(parts, &mut findings);
    starts(parts, &mut findings);
    references(parts, &mut findings);
    ways(parts, &mut findings);
    templates(parts, &mut findings);
    shadowed(parts, &mut findings);
    findings.sort_by_key(|finding| finding.severity);
    findings
}

fn found(code: &str, severity: Severity, subject: Uuid, field: &str, text: String) -> Finding {
    Finding { code: code.into(), severity, subject, field: field.into(), text }
}

fn names(parts: &Parts, findings: &mut Vec<Finding>) {
    let stages = parts.stages.iter().map(|stage| ("stage", stage.id, &stage.name));
    let templates = parts.templates.iter().map(|t| ("template", t.current.id, &t.current.name));
    let mut seen = HashSet::new();
    for (what, id, name) in stages.chain(templates) {
        if !seen.insert((what, name.to_lowercase())) {
            let text = format!("There is another {what} named \"{name}\". Give this one a name of its own.");
            findings.push(found("duplicate_name", Severity::Error, id, "name", text));
        }
    }
}

fn starts(parts: &Parts, findings: &mut Vec<Finding>) {
    let business = parts.business.id;
    if parts.stages.is_empty() {
        let text = "The flow has no stage. Add one at which its conversations begin.".into();
        findings.push(found("no_stage", Severity::Error, business, "stages", text));
        return;
    }
    let starts: Vec<&Stage> = parts.stages.iter().filter(|stage| stage.start).collect();
    if starts.is_empty() {
        let text = "No stage is marked as the start. Mark the one at which conversations begin.".into();
        findings.push(found("no_start", Severity::Error, business, "start", text));
    }
    for extra in starts.iter().skip(1) {
        let text = format!(
            "Conversations begin at \"{}\" and at \"{}\". Only one stage can be the start.",
            starts[0].name, extra.name
        );
        findings.push(found("many_starts", Severity::Error, extra.id, "start", text));
    }
}

fn references(parts: &Parts, findings: &mut Vec<Finding>) {
    for stage in &parts.stages {
        for kind in TemplateKind::ALL {
            let Some(id) = stage.template(*kind) else { continue };
            let field = format!("{kind}_template_id");
            match parts.template(id) {
                None => {
                    let text = format!("\"{}\" uses a template that this business does not have.", stage.name);
                    findings.push(found("unknown_template", Severity::Error, stage.id, &field, text));
                }
                Some(template) if template.current.kind != *kind => {
                    let (name, is) = (&template.current.name, template.current.kind);
                    let text = format!("\"{name}\" is a {is} template and cannot be used for {kind}.");
                    findings.push(found("wrong_kind", Severity::Error, stage.id, &field, text));
                }
                Some(_) => {}
            }
        }
    }
    for way in &parts.transitions {
        for (field, id) in [("from_stage_id", way.from_stage_id), ("to_stage_id", way.to_stage_id)] {
            if parts.stage(id).is_none() {
                let text = "The transition names a stage that this business does not have.".into();
                findings.push(found("unknown_stage", Severity::Error, way.id, field, text));
            }
        }
    }
}

/// Stages in words: `"a", "b" and "c"`.
fn named(parts: &Parts, stages: &HashSet<StageId>) -> String {
    let names: Vec<String> =
        parts.stages.iter().filter(|s| stages.contains(&s.id)).map(|s| format!("\"{}\"", s.name)).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// The circle without a way out that `stage` is in; none if there is a way out.
pub(super) fn circle(parts: &Parts, stage: StageId) -> Option<String> {
    let graph = Graph::of(parts);
    let ends: HashSet<StageId> = parts.stages.iter().filter(|stage| stage.end).map(|stage| stage.id).collect();
    let circle = graph.circle(stage);
    (graph.trapped(&ends).contains(&stage) && !circle.is_empty()).then(|| explain_circle(parts, &circle))
}

fn explain_circle(parts: &Parts, circle: &HashSet<StageId>) -> String {
    let who = named(parts, circle);
    let lead = if circle.len() == 1 { "leads only back to itself" } else { "lead only to each other" };
    format!(
        "{who} {lead}: a conversation would go round for ever. Add a way out, or mark one of them as a place where \
         conversations may end."
    )
}

fn ways(parts: &Parts, findings: &mut Vec<Finding>) {
    let graph = Graph::of(parts);
    let ends: HashSet<StageId> = parts.stages.iter().filter(|stage| stage.end).map(|stage| stage.id).collect();
    let trapped = graph.trapped(&ends);
    let mut told: HashSet<StageId> = HashSet::new();
    for stage in &parts.stages {
        if !stage.end && graph.ways(stage.id) == 0 {
            let text = format!(
                "Nothing leads on from \"{}\", and it is not a place where conversations may end. Add a transition from \
                 it, or mark it as an end.",
                stage.name
            );
            findings.push(found("dead_end", Severity::Error, stage.id, "end", text));
        }
        if trapped.contains(&stage.id) && !told.contains(&stage.id) {
            let circle = graph.circle(stage.id);
            if !circle.is_empty() {
                findings.push(found("cycle", Severity::Error, stage.id, "end", explain_circle(parts, &circle)));
                told.extend(circle);
            }
        }
    }
    let starts: Vec<StageId> = parts.stages.iter().filter(|stage| stage.start).map(|stage| stage.id).collect();
    if starts.is_empty() {
        return;
    }
    let reached = graph.from(starts);
    for stage in parts.stages.iter().filter(|stage| !reached.contains(&stage.id)) {
        let text = format!("No way leads from the start to \"{}\", so no conversation gets there.", stage.name);
        findings.push(found("unreachable", Severity::Warning, stage.id, "start", text));
    }
}

/// Ways that are never taken, because one before them always is.
fn shadowed(parts: &Parts, findings: &mut Vec<Finding>) {
    let mut always: HashMap<StageId, &shared::flow::Transition> = HashMap::new();
    for way in snapshot::in_order(&parts.transitions) {
        if let Some(first) = always.get(&way.from_stage_id) {
            let text = format!(
                "Another transition from the same stage has no condition and comes first (priority {}), so this one is \
                 never taken.",
                first.priority
            );
            findings.push(found("shadowed", Severity::Warning, way.id, "priority", text));
        } else if matches!(way.condition.trim(), "" | "true") {
            always.insert(way.from_stage_id, way);
        }
    }
}

fn templates(parts: &Parts, findings: &mut Vec<Finding>) {
    let used: HashSet<_> =
        parts.stages.iter().flat_map(|s| TemplateKind::ALL.iter().filter_map(|k| s.template(*k))).collect();
    for versions in &parts.templates {
        let template = &versions.current;
        if !used.contains(&template.id) {
            let text = format!("No stage uses the template \"{}\".", template.name);
            findings.push(found("unused", Severity::Warning, template.id, "id", text));
            continue;
        }
        for (code, text) in faults(template) {
            findings.push(found(code, Severity::Error, template.id, "body", format!("\"{}\": {text}", template.name)));
        }
    }
}

/// What is wrong with a template by itself.
pub(super) fn faults(template: &Template) -> Vec<(&'static str, String)> {
    let mut engine = Engine::new();
    if let Err(Fault { code, text }) = engine.add("t".into(), &template.body) {
        return vec![(code, text)];
    }
    let unknown = engine.unknown("t");
    if !unknown.is_empty() {
        let text = format!(
            "The template uses {}, which no conversation has. Known are: {}.",
            unknown.join(", "),
            super::VARIABLES.join(", ")
        );
        return vec![("unknown_variable", text)];
    }
    let (business, stage) = snapshot::sample_of();
    let sample = Context::sample();
    let variables = snapshot::variables(&sample, &business, &stage, [&stage].into_iter());
    match engine.render("t", template::value(&variables)) {
        Ok(_) => Vec::new(),
        Err(Fault { code, text }) => vec![(code, text)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{Business, Transition, Versions, builtin};

    fn parts(stages: &[(&str, bool, bool)], ways: &[(usize, usize, &str)]) -> Parts {
        let id = |n: usize| Uuid::from_u128(n as u128 + 1);
        let stages: Vec<Stage> = stages
            .iter()
            .enumerate()
            .map(|(n, (name, start, end))| Stage {
                id: id(n),
                name: (*name).into(),
                description: String::new(),
                category: None,
                start: *start,
                end: *end,
                selection_template_id: None,
                extraction_template_id: None,
                response_template_id: None,
            })
            .collect();
        let transitions = ways
            .iter()
            .enumerate()
            .map(|(n, (from, to, condition))| Transition {
                id: id(100 + n),
                from_stage_id: id(*from),
                to_stage_id: id(*to),
                condition: (*condition).into(),
                priority: i32::try_from(n).unwrap(),
                description: String::new(),
            })
            .collect();
        let business = Business {
            id: Uuid::nil(),
            name: "Test".into(),
            description: String::new(),
            active: false,
            builtin: false,
            version: 1,
        };
        Parts { business, stages, transitions, templates: Vec::new() }
    }

    fn codes(parts: &Parts) -> Vec<String> {
        check(parts).into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn the_built_in_flow_has_nothing_wrong() {
        assert_eq!(check(&builtin()), []);
    }

    #[test]
    fn dead_ends_are_found() {
        let dead = parts(&[("a", true, false), ("b", false, false)], &[(0, 1, "")]);
        let findings = check(&dead);
        assert_eq!(
            (findings.len(), findings[0].code.as_str(), findings[0].subject),
            (1, "dead_end", dead.stages[1].id)
        );
        assert!(findings[0].text.contains("\"b\""));
        assert!(codes(&parts(&[("a", true, false), ("b", false, true)], &[(0, 1, "")])).is_empty());
    }

    #[test]
    fn circles_without_a_way_out_are_found_once_and_named() {
        let flow = parts(
            &[("a", true, false), ("b", false, false), ("c", false, false)],
            &[(0, 1, ""), (1, 2, ""), (2, 1, "")],
        );
        let findings = check(&flow);
        assert_eq!((findings.len(), findings[0].code.as_str()), (1, "cycle"), "{findings:?}");
        assert!(findings[0].text.contains("\"b\" and \"c\" lead only to each other"), "{}", findings[0].text);
        assert_eq!(codes(&parts(&[("a", true, false)], &[(0, 0, "")])), ["cycle"]);
        // A way out, or a place to rest, makes a circle fine.
        let out = [("a", true, false), ("b", false, false), ("c", false, true)];
        assert!(codes(&parts(&out, &[(0, 1, "true == true"), (1, 0, "1 == 1"), (1, 2, "")])).is_empty());
        assert!(codes(&parts(&[("a", true, true), ("b", false, false)], &[(0, 1, ""), (1, 0, "")])).is_empty());
    }

    #[test]
    fn starts_names_and_ways_are_checked() {
        assert_eq!(codes(&parts(&[], &[])), ["no_stage"]);
        assert_eq!(codes(&parts(&[("a", false, true)], &[])), ["no_start"]);
        assert_eq!(codes(&parts(&[("a", true, true), ("b", true, true)], &[])), ["many_starts"]);
        assert_eq!(codes(&parts(&[("a", true, true), ("A", false, true)], &[])), ["duplicate_name", "unreachable"]);
        assert_eq!(codes(&parts(&[("a", true, true)], &[(0, 7, "")])), ["unknown_stage"]);
        let shadow = parts(&[("a", true, true), ("b", false, true)], &[(0, 1, ""), (0, 0, "message.questions > 1")]);
        assert_eq!(codes(&shadow), ["shadowed"]);
    }

    #[test]
    fn templates_in_use_must_work() {
        let mut flow = parts(&[("a", true, true)], &[]);
        let template = |kind, body: &str| Versions {
            current: Template {
                id: Uuid::from_u128(9),
                name: "t".into(),
                kind,
                version: 1,
                body: body.into(),
                created_at: None,
            },
            before: Vec::new(),
        };
        let mut with = |kind, body: &str, used| {
            flow.templates = vec![template(kind, body)];
            flow.stages[0].response_template_id = used;
            codes(&flow)
        };
        let id = Some(Uuid::from_u128(9));
        assert!(with(TemplateKind::Response, "{{ result.headline }}", id).is_empty());
        assert_eq!(with(TemplateKind::Response, "{{ result.headline }}", None), ["unused"]);
        assert_eq!(with(TemplateKind::Response, "{{ colour }}", id), ["unknown_variable"]);
        assert_eq!(with(TemplateKind::Response, "{{ user.colour }}", id), ["unknown_variable"]);
        assert_eq!(with(TemplateKind::Response, "{% if %}", id), ["syntax"]);
        let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
        assert_eq!(with(TemplateKind::Response, endless, id), ["fuel"]);
        assert_eq!(with(TemplateKind::Selection, "x", id), ["wrong_kind"]);
        assert_eq!(with(TemplateKind::Response, "x", Some(Uuid::from_u128(8))), ["unknown_template", "unused"]);
    }
}
