//! The stages of a flow and the ways between them, each with the form that changes it.

use leptos::prelude::*;
use serde_json::Value as Json;
use shared::flow::{BusinessId, FlowView, Stage, StageId, TemplateKind, Transition};
use shared::message::Category;

use super::form::{Control, Field, delete, field, form};
use super::kit::Kit;
use crate::text;

/// The folds of which one is open at a time: what is changed on this page.
pub(super) const CHANGES: &str = "flow-changes";

/// A flow as its forms need it, for as long as they are shown.
type Shown = StoredValue<FlowView>;

fn name_of(flow: &FlowView, stage: StageId) -> String {
    flow.stages.iter().find(|other| other.id == stage).map(|stage| stage.name.clone()).unwrap_or_default()
}

/// The fold that holds the ways on from a stage.
fn ways_fold(stage: StageId) -> String {
    format!("ways-{stage}")
}

/// All stages, in the order they were made.
pub(super) fn stages(flow: &FlowView, kit: Kit) -> AnyView {
    let shown = StoredValue::new(flow.clone());
    let items: Vec<_> = flow.stages.iter().map(|stage| stage_view(flow, shown, stage, kit)).collect();
    view! { <ol class="flow__stages" role="list">{items}</ol> }.into_any()
}

fn stage_view(flow: &FlowView, shown: Shown, stage: &Stage, kit: Kit) -> AnyView {
    let marks = [(stage.start, text::flow::START), (stage.end, text::flow::END)];
    let marks: Vec<_> =
        marks.into_iter().filter(|(is, _)| *is).map(|(_, words)| view! { <span>{words}</span> }.into_any()).collect();
    let about = (!stage.description.is_empty()).then(|| view! { <p>{stage.description.clone()}</p> }.into_any());
    view! {
        <li class="flow__stage">
            <div class="flow__stage-head">
                <h3>{stage.name.clone()}</h3>
                <p class="history__about">{stage.category.map(|category| view! { <span>{category.label()}</span> })}{marks}</p>
            </div>
            {about}
            <div class="flow__folds">
                {ways(flow, shown, stage, kit)}
                {(!flow.business.builtin).then(|| change(shown, flow.business.id, stage, kit))}
            </div>
        </li>
    }
    .into_any()
}

/// The form that changes a stage.
fn change(shown: Shown, business: BusinessId, stage: &Stage, kit: Kit) -> AnyView {
    let fold = format!("stage-{}", stage.id);
    let summary = view! { {text::flow::EDIT}" "{stage.name.clone()} }.into_any();
    let (path, stage, id) = (format!("/{business}/stages/{}", stage.id), stage.clone(), fold.clone());
    let inside = move || {
        let fields = shown.with_value(|flow| stage_fields(flow, Some(&stage)));
        view! {
            {form(&id, fields, ("PATCH", path.clone()), text::flow::SAVE, kit.saved(&id))}
            {delete(text::flow::DELETE, path.clone(), kit.deleted("flow-stages"))}
        }
        .into_any()
    };
    kit.later(CHANGES.into(), fold, "fold flow__fold needs-js", summary, inside)
}

fn ways(flow: &FlowView, shown: Shown, stage: &Stage, kit: Kit) -> AnyView {
    let mut out: Vec<&Transition> = flow.transitions.iter().filter(|way| way.from_stage_id == stage.id).collect();
    if out.is_empty() {
        return view! { <p class="flow__hint">{text::flow::NO_WAY}</p> }.into_any();
    }
    out.sort_by_key(|way| way.priority);
    let summary = text::flow::ways(out.len()).into_any();
    let ways: Vec<_> = out.iter().map(|way| way_view(flow, shown, way, kit)).collect();
    let inside = view! { <ol class="flow__ways" role="list">{ways}</ol> }.into_any();
    kit.fold(CHANGES.into(), ways_fold(stage.id), "fold flow__fold", summary, inside)
}

/// A way in a line; opened, the form that changes it.
fn way_view(flow: &FlowView, shown: Shown, way: &Transition, kit: Kit) -> AnyView {
    let condition = if way.condition.is_empty() {
        view! { <span class="flow__when">{text::flow::ALWAYS}</span> }.into_any()
    } else {
        view! { <span class="flow__when">{text::flow::WHEN}" "<code>{way.condition.clone()}</code></span> }.into_any()
    };
    let line = view! { <strong>"→ "{name_of(flow, way.to_stage_id)}</strong>" "{condition} }.into_any();
    if flow.business.builtin {
        return view! { <li class="flow__way flow__way--shown">{line}</li> }.into_any();
    }
    let (path, way) = (format!("/{}/transitions/{}", flow.business.id, way.id), way.clone());
    let (id, list) = (format!("way-{}", way.id), ways_fold(way.from_stage_id));
    let group = format!("ways-of-{}", way.from_stage_id);
    let fold = id.clone();
    let inside = move || {
        let fields = shown.with_value(|flow| way_fields(flow, Some(&way)));
        view! {
            {form(&id, fields, ("PATCH", path.clone()), text::flow::SAVE, kit.after(text::flow::SAVED, way_list))}
            {delete(text::flow::DELETE, path.clone(), kit.deleted(&list))}
        }
        .into_any()
    };
    view! { <li>{kit.later(group, fold, "flow__way", line, inside)}</li> }.into_any()
}

/// The fold in which a way is shown that a call answered with.
pub(super) fn way_list(answer: &Json) -> String {
    let from = answer.get("from_stage_id").and_then(Json::as_str).and_then(|id| id.parse().ok());
    ways_fold(from.unwrap_or_default())
}

pub(super) fn stage_fields(flow: &FlowView, stage: Option<&Stage>) -> Vec<Field> {
    let none = || (String::new(), text::flow::NONE.to_owned());
    let templates = |kind: TemplateKind| {
        let all = flow.templates.iter().filter(|template| template.kind == kind);
        let all = all.map(|template| (template.id.to_string(), template.name.clone()));
        let now = stage.and_then(|stage| stage.template(kind)).map(|id| id.to_string()).unwrap_or_default();
        (Control::Choice(std::iter::once(none()).chain(all).collect()), now)
    };
    let categories = Category::ALL.iter().map(|category| (category.as_str().to_owned(), category.label().to_owned()));
    let category = stage.and_then(|stage| stage.category).map_or("", Category::as_str);
    let of = |read: fn(&Stage) -> String| stage.map(read).unwrap_or_default();
    let (selection, selection_now) = templates(TemplateKind::Selection);
    let (extraction, extraction_now) = templates(TemplateKind::Extraction);
    let (response, response_now) = templates(TemplateKind::Response);
    vec![
        field("name", Control::Line, of(|stage| stage.name.clone())),
        field("description", Control::Text, of(|stage| stage.description.clone())),
        field("category", Control::Choice(std::iter::once(none()).chain(categories).collect()), category),
        field("selection_template_id", selection, selection_now),
        field("extraction_template_id", extraction, extraction_now),
        field("response_template_id", response, response_now),
        field("start", Control::Flag(text::flow::START), of(|stage| stage.start.to_string())),
        field("end", Control::Flag(text::flow::END), of(|stage| stage.end.to_string())),
    ]
}

pub(super) fn way_fields(flow: &FlowView, way: Option<&Transition>) -> Vec<Field> {
    let stages = || flow.stages.iter().map(|stage| (stage.id.to_string(), stage.name.clone())).collect();
    let id = |read: fn(&Transition) -> StageId| way.map(|way| read(way).to_string()).unwrap_or_default();
    vec![
        field("from_stage_id", Control::Choice(stages()), id(|way| way.from_stage_id)),
        field("to_stage_id", Control::Choice(stages()), id(|way| way.to_stage_id)),
        field("condition", Control::Text, way.map(|way| way.condition.clone()).unwrap_or_default()),
        field("priority", Control::Whole, way.map_or(100, |way| way.priority).to_string()),
    ]
}
