//! The facts of a workload as chips; each one opens an editor in its place.

use leptos::ev::SubmitEvent;
use leptos::html::{Input, Select};
use leptos::prelude::*;
use serde_json::{Map, Value as Json};
use shared::format::escape;
use shared::workload::{FIELDS, FieldSpec, Kind, Provenances, Source, Value, Workload, field};

use crate::{browser, figures, text};

/// A fact as a chip shows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fact {
    /// The field's name on the wire.
    pub(crate) name: &'static str,
    /// Its value.
    pub(crate) value: Value,
    /// Where it came from; `None` if the person set it here.
    pub(crate) source: Option<Source>,
    /// The words that say it, or the publication.
    pub(crate) basis: Option<String>,
}

/// The known facts of a workload, with those in `edited` marked as set by hand.
pub(crate) fn facts(workload: &Workload, provenance: &Provenances, edited: &Map<String, Json>) -> Vec<Fact> {
    workload
        .known()
        .map(|(spec, value)| {
            let by_hand = edited.contains_key(spec.name);
            let from = provenance.get(spec.name).filter(|_| !by_hand);
            Fact {
                name: spec.name,
                value,
                source: if by_hand { None } else { Some(from.map_or(Source::Given, |p| p.source)) },
                basis: from.and_then(|p| p.text.clone().or_else(|| p.reference.clone())),
            }
        })
        .collect()
}

fn origin(source: Option<Source>) -> (&'static str, &'static str) {
    match source {
        None => ("edited", text::origin::EDITED),
        Some(Source::Given) => ("given", text::origin::GIVEN),
        Some(Source::Log) => ("log", text::origin::LOG),
        Some(Source::Default) => ("default", text::origin::DEFAULT),
        Some(Source::Computed) => ("computed", text::origin::COMPUTED),
    }
}

/// Chips for `facts`. `scope` keeps element ids apart where a page has two lists; `on_edit` gets the field and its new
/// value, JSON `null` for "take it out".
#[component]
pub(crate) fn Facts(
    scope: &'static str,
    #[prop(into)] facts: Signal<Vec<Fact>>,
    on_edit: Callback<(&'static str, Json)>,
) -> impl IntoView {
    let editing = RwSignal::new(None::<&'static str>);
    let close = Callback::new(move |name: &'static str| {
        editing.set(None);
        browser::focus(&format!("{scope}-{name}"));
    });
    let chips = move || {
        let open = editing.get();
        let mut items: Vec<AnyView> = Vec::new();
        let all = facts.get();
        let adding = open.filter(|name| all.iter().all(|fact| fact.name != *name));
        for fact in &all {
            items.push(if open == Some(fact.name) {
                editor(scope, fact.name, Some(&fact.value), on_edit, close)
            } else {
                chip(scope, fact, editing)
            });
        }
        items.push(match adding {
            Some(name) => editor(scope, name, None, on_edit, close),
            None => adder(scope, &all, editing),
        });
        items
    };
    view! { <ul class="facts" role="list">{chips}</ul> }.into_any()
}

fn chip(scope: &'static str, fact: &Fact, editing: RwSignal<Option<&'static str>>) -> AnyView {
    let name = fact.name;
    let spec = field(name);
    let label = spec.map_or(name, |s| s.label);
    let value = spec.map(|s| figures::field_value(s, &fact.value)).unwrap_or_default();
    let (kind, words) = origin(fact.source);
    let basis = fact.basis.as_ref().map_or(words.to_string(), |basis| format!("{words}: {basis}"));
    view! {
        <li class="fact" data-origin=kind>
            <button r#type="button" class="fact__button" id=format!("{scope}-{name}") title=basis
                on:click=move |_| editing.set(Some(name))>
                <span class="fact__label">{label}</span>
                <span class="fact__value">{value}</span>
                <span class="visually-hidden">{format!(", {words}")}</span>
            </button>
        </li>
    }
    .into_any()
}

/// The choice of a field that is not known yet; an editor opens for it.
fn adder(scope: &'static str, known: &[Fact], editing: RwSignal<Option<&'static str>>) -> AnyView {
    let missing: Vec<_> = FIELDS
        .iter()
        .filter(|spec| known.iter().all(|fact| fact.name != spec.name))
        .map(|spec| format!("<option value='{}'>{}</option>", spec.name, escape(spec.label)))
        .collect();
    let choices = format!("<option value=''>{}</option>{}", text::edit::ADD, missing.concat());
    view! {
        <li class="fact fact--add needs-js">
            <label class="visually-hidden" r#for=format!("{scope}-add")>{text::edit::ADD_WHICH}</label>
            <select id=format!("{scope}-add") class="fact__add" inner_html=choices
                on:change=move |event| editing.set(field(&event_target_value(&event)).map(|spec| spec.name))></select>
        </li>
    }
    .into_any()
}

/// The editor of one field, with the error beside it.
fn editor(
    scope: &'static str,
    name: &'static str,
    value: Option<&Value>,
    on_edit: Callback<(&'static str, Json)>,
    close: Callback<&'static str>,
) -> AnyView {
    let Some(spec) = field(name) else { return ().into_any() };
    let shown = value.map(|v| figures::editable(spec, v)).unwrap_or_default();
    let error = RwSignal::new(None::<String>);
    let id = format!("{scope}-edit-{name}");
    let error_id = format!("{id}-error");
    let typed_node = NodeRef::<Input>::new();
    let choice_node = NodeRef::<Select>::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = typed_node.get_untracked().map(|n| n.value());
        let typed = typed.or_else(|| choice_node.get_untracked().map(|n| n.value())).unwrap_or_default();
        match checked(spec, &typed) {
            Ok(json) => {
                on_edit.run((name, json));
                close.run(name);
            }
            Err(message) => error.set(Some(message)),
        }
    };
    let remove = value.is_some().then(|| {
        view! {
            <button r#type="button" class="button button--quiet"
                on:click=move |_| { on_edit.run((name, Json::Null)); close.run("add"); }>
                {text::edit::REMOVE}
            </button>
        }
        .into_any()
    });
    browser::focus(&id);
    let control = control(spec, &id, &error_id, shown, error, typed_node, choice_node);
    view! {
        <li class="fact fact--open">
            <form class="fact__form" on:submit=submit
                on:keydown=move |event| if event.key() == "Escape" { event.stop_propagation(); close.run(name); }>
                <label r#for=id>{spec.label}</label>
                {control}
                <button r#type="submit" class="button button--small">{text::edit::SET}</button>
                <button r#type="button" class="button button--quiet" on:click=move |_| close.run(name)>
                    {text::edit::CANCEL}
                </button>
                {remove}
                <p class="field-error" role="alert" id=error_id>{move || error.get()}</p>
            </form>
        </li>
    }
    .into_any()
}

fn control(
    spec: &'static FieldSpec,
    id: &str,
    error_id: &str,
    shown: String,
    error: RwSignal<Option<String>>,
    typed: NodeRef<Input>,
    choice: NodeRef<Select>,
) -> AnyView {
    let invalid = move || error.get().is_some().then_some("true");
    if let Kind::Choice(words) = spec.kind {
        let options: Vec<_> = words
            .iter()
            .map(|word| view! { <option value=*word selected=*word == shown>{*word}</option> }.into_any())
            .collect();
        return view! {
            <select class="input" id=id.to_string() node_ref=choice aria-invalid=invalid aria-describedby=error_id.to_string()>
                {options}
            </select>
        }
        .into_any();
    }
    let unit = if spec.unit.starts_with("share") { "%" } else { spec.unit };
    let kind = if spec.kind == Kind::Day { "date" } else { "text" };
    view! {
        <input class="input" id=id.to_string() node_ref=typed r#type=kind value=shown autocomplete="off"
            aria-invalid=invalid aria-describedby=error_id.to_string()/>
        <span class="fact__unit">{unit}</span>
    }
    .into_any()
}

/// What was typed, checked by the table of fields.
fn checked(spec: &'static FieldSpec, typed: &str) -> Result<Json, String> {
    let json = figures::read_field(spec, typed)?;
    Workload::default().set(spec.name, &json).map_err(|e| format!("The {} {}.", spec.label, e.message))?;
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_edit_wins_and_is_marked() {
        let workload = Workload { input_tokens: Some(1_200.0), ..Workload::default() };
        let edited = json!({"input_tokens": 900.0}).as_object().unwrap().clone();
        let (workload, _) = crate::workbench::with_edits(workload, &edited);
        let facts = facts(&workload, &Provenances::new(), &edited);
        assert_eq!(facts.len(), 1);
        assert_eq!((facts[0].value.number(), facts[0].source), (Some(900.0), None));
    }

    #[test]
    fn an_editor_names_what_is_wrong() {
        let rate = field("cache_hit_rate").unwrap();
        assert_eq!(checked(rate, "70%"), Ok(Json::from(0.7)));
        assert!(checked(rate, "-5%").unwrap_err().contains("at least 0"));
        assert!(checked(rate, "170%").unwrap_err().contains("at most 1"));
        assert!(checked(field("requests_per_day").unwrap(), "0").unwrap_err().contains("more than 0"));
    }
}
