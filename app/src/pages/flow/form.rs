//! Forms whose fields are data: each becomes a label with its control, and what was entered becomes the body of a call.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, Value as Json};
use shared::format::escape;
use shared::problem::ProblemDetails;

use crate::components::problem::problem_view;
use crate::{browser, text};

/// How a field is entered.
#[derive(Clone)]
pub(super) enum Control {
    /// A line of text.
    Line,
    /// A whole number.
    Whole,
    /// Yes or no, with its words.
    Flag(&'static str),
    /// One of these: what is sent, what is read. The empty one is sent as `null`.
    Choice(Vec<(String, String)>),
    /// Several lines.
    Text,
}

/// A field with what it holds.
#[derive(Clone)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) control: Control,
    pub(super) value: String,
}

pub(super) fn field(name: &'static str, control: Control, value: impl Into<String>) -> Field {
    Field { name, control, value: value.into() }
}

/// What was entered, as a body.
fn body(fields: &[Field], sent: &[(String, String)]) -> Json {
    let mut body = Map::new();
    for Field { name, control, .. } in fields {
        let entered = sent.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
        let value = match control {
            Control::Flag(_) => entered.is_some().into(),
            Control::Choice(_) => entered.filter(|value| !value.is_empty()).into(),
            // What is no number is sent as it is, so that the answer says so.
            Control::Whole => entered.map(|text| text.parse::<i64>().map_or(Json::from(text), Json::from)).into(),
            Control::Line | Control::Text => entered.unwrap_or_default().into(),
        };
        body.insert((*name).into(), value);
    }
    body.into()
}

fn control(form: &str, field: &Field) -> AnyView {
    let Field { name, control, value } = field.clone();
    let id = format!("{form}-{name}");
    if let Control::Flag(words) = control {
        return view! {
            <label class="flow-form__flag">
                <input r#type="checkbox" name=name checked=value == "true"/>
                {words}
            </label>
        }
        .into_any();
    }
    let input = match control {
        Control::Choice(choices) => {
            let options: Vec<_> = choices
                .into_iter()
                .map(|(sent, read)| {
                    let selected = sent == value;
                    view! { <option value=sent selected=selected>{read}</option> }.into_any()
                })
                .collect();
            view! { <select class="input" id=id.clone() name=name>{options}</select> }.into_any()
        }
        Control::Text => {
            // Leptos does not escape what is in a text area, so it is given as markup that is.
            let markup = escape(&value);
            view! {
                <textarea class="input flow-form__text" id=id.clone() name=name rows="3" inner_html=markup></textarea>
            }
            .into_any()
        }
        Control::Whole => {
            view! { <input class="input" id=id.clone() name=name value=value inputmode="numeric"/> }.into_any()
        }
        _ => view! { <input class="input" id=id.clone() name=name value=value autocomplete="off"/> }.into_any(),
    };
    view! {
        <div class="flow-form__field">
            <label r#for=id>{text::flow::field(name)}</label>
            {input}
        </div>
    }
    .into_any()
}

/// A form that makes a call with what was entered; `then` gets the answer.
pub(super) fn form(
    id: &str,
    fields: Vec<Field>,
    (method, path): (&'static str, String),
    submit: &'static str,
    then: Callback<Json>,
) -> AnyView {
    let failed = RwSignal::new(None::<ProblemDetails>);
    let busy = RwSignal::new(false);
    let controls: Vec<_> = fields.iter().map(|field| control(id, field)).collect();
    let send = move |event| {
        let body = body(&fields, &browser::sent(&event));
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let path = path.clone();
        spawn_local(async move {
            let answer = browser::change(method, &path, Some(body)).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(answer) => {
                    let _ = failed.try_set(None);
                    then.run(answer);
                }
                Err(problem) => {
                    let _ = failed.try_set(Some(problem));
                }
            }
        });
    };
    view! {
        <form class="flow-form" method="post" on:submit=send>
            {controls}
            {move || failed.get().map(|problem| problem_view(&problem, None))}
            <p><button class="button button--primary button--small" disabled=move || busy.get()>{submit}</button></p>
        </form>
    }
    .into_any()
}

/// A button that makes a call without a body, or with this one.
pub(super) fn act(
    words: &'static str,
    class: &'static str,
    (method, path): (&'static str, String),
    body: Option<Json>,
    then: Callback<Json>,
) -> AnyView {
    let failed = RwSignal::new(None::<ProblemDetails>);
    let go = move |_| {
        let (path, body) = (path.clone(), body.clone());
        spawn_local(async move {
            match browser::change(method, &path, body).await {
                Ok(answer) => then.run(answer),
                Err(problem) => {
                    let _ = failed.try_set(Some(problem));
                }
            }
        });
    };
    view! {
        <button r#type="button" class=class on:click=go>{words}</button>
        {move || failed.get().map(|problem| problem_view(&problem, None))}
    }
    .into_any()
}

/// A button that deletes what is at `path`, once its visitor is sure.
pub(super) fn delete(words: &'static str, path: String, then: Callback<Json>) -> AnyView {
    asking([words, text::flow::SURE, text::flow::DELETE_FOR_GOOD], path, then)
}

/// The same in other words: what it does, what that means, and the words of who is sure.
pub(super) fn asking([words, means, sure]: [&'static str; 3], path: String, then: Callback<Json>) -> AnyView {
    let asked = RwSignal::new(false);
    view! {
        <div class="flow__acts needs-js">
            {move || if asked.get() {
                view! {
                    <p role="status">{means}</p>
                    {act(sure, "button button--small", ("DELETE", path.clone()), None, then)}
                    <button r#type="button" class="button button--small" on:click=move |_| asked.set(false)>{text::flow::KEEP}</button>
                }
                .into_any()
            } else {
                view! { <button r#type="button" class="button button--small" on:click=move |_| asked.set(true)>{words}</button> }
                    .into_any()
            }}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_entered_becomes_a_body() {
        let fields = [
            field("name", Control::Line, ""),
            field("start", Control::Flag(""), "true"),
            field("end", Control::Flag(""), ""),
            field("category", Control::Choice(Vec::new()), ""),
            field("to_stage_id", Control::Choice(Vec::new()), ""),
            field("priority", Control::Whole, ""),
            field("description", Control::Text, ""),
        ];
        let sent =
            [("name", "a"), ("end", "on"), ("category", ""), ("to_stage_id", "x"), ("priority", "-5"), ("other", "1")];
        let sent = sent.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            body(&fields, &sent),
            json!({"name": "a", "start": false, "end": true, "category": null, "to_stage_id": "x", "priority": -5,
                "description": ""})
        );
    }
}
