//! A place to try a flow: a message goes through its steps, and each of them is told.

use std::fmt::Write;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, Value as Json};
use shared::flow::{BusinessId, FlowView};
use shared::format::escape;
use shared::problem::ProblemDetails;
use shared::trial::{Held, Trial, TriedFact, TriedTransition};
use shared::workload::{Value, field};

use crate::components::problem::problem_view;
use crate::text::flow as words;
use crate::text::flow::tried;
use crate::{browser, figures};

/// What was entered, as a call takes it.
async fn run(flow: BusinessId, sent: Vec<(String, String)>) -> Result<Trial, ProblemDetails> {
    let entered = |name: &str| {
        let found = sent.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim());
        found.filter(|value| !value.is_empty())
    };
    let mut body = Map::new();
    body.insert("content".into(), entered("content").unwrap_or_default().into());
    if let Some(stage) = entered("stage") {
        body.insert("stage".into(), stage.into());
    }
    if let Some(before) = entered("before") {
        let read = browser::read_facts(before).await?;
        for (name, field) in [("facts", "workload"), ("about", "category")] {
            body.insert(name.into(), read.get(field).cloned().unwrap_or_default());
        }
        body.insert("messages".into(), 2.into());
    }
    browser::tried(flow, &body.into()).await
}

/// The form and what came of it.
pub(super) fn panel(flow: &FlowView) -> AnyView {
    let id = flow.business.id;
    let made = RwSignal::new(None::<Result<String, ProblemDetails>>);
    let busy = RwSignal::new(false);
    let send = move |event| {
        let sent = browser::sent(&event);
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let answer = run(id, sent).await;
            let _ = busy.try_set(false);
            let _ = made.try_set(Some(answer.map(|trial| drawn(&trial))));
        });
    };
    let stages: Vec<_> = flow
        .stages
        .iter()
        .map(|stage| {
            let (id, name) = (stage.id.to_string(), stage.name.clone());
            view! { <option value=id selected=stage.start>{name}</option> }.into_any()
        })
        .collect();
    view! {
        <section class="section needs-js" aria-labelledby="flow-try">
            <h2 id="flow-try">{words::TRY}</h2>
            <div class="trial">
                <form class="flow-form" method="post" on:submit=send>
                    <p class="flow__lead">{words::TRY_LEAD}</p>
                    <div class="flow-form__field">
                        <label r#for="try-content">{words::TRY_MESSAGE}</label>
                        <textarea class="input flow-form__text" id="try-content" name="content" rows="4"
                            placeholder=words::TRY_EXAMPLE required=true></textarea>
                    </div>
                    <div class="flow-form__field">
                        <label r#for="try-stage">{words::TRY_STAGE}</label>
                        <select class="input" id="try-stage" name="stage">{stages}</select>
                    </div>
                    <div class="flow-form__field">
                        <label r#for="try-before">{words::TRY_BEFORE}</label>
                        <textarea class="input flow-form__text" id="try-before" name="before" rows="2"></textarea>
                    </div>
                    <p><button class="button button--primary button--small" disabled=move || busy.get()>{words::TRY_RUN}</button></p>
                </form>
                <div class="trial__out" aria-live="polite" aria-busy=move || busy.get().to_string()>
                    {move || match (busy.get(), made.get()) {
                        (true, _) => view! { <p class="flow__hint">{words::TRY_RUNNING}" …"</p> }.into_any(),
                        (_, None) => ().into_any(),
                        (_, Some(Ok(markup))) => view! { <div inner_html=markup></div> }.into_any(),
                        (_, Some(Err(problem))) => problem_view(&problem, None),
                    }}
                </div>
            </div>
        </section>
    }
    .into_any()
}

const fn held(held: Held) -> &'static str {
    match held {
        Held::Yes => "taken",
        Held::No => "does not hold",
        Held::Untold => "cannot be told",
        Held::Unseen => "not looked at",
    }
}

fn way(way: &TriedTransition) -> String {
    let condition = match way.condition.as_str() {
        "" => words::ALWAYS.to_owned(),
        condition => format!("<code>{}</code>", escape(condition)),
    };
    format!(
        "<li class=\"trial__way\" data-held=\"{}\"><span class=\"trial__held\">{}</span> <strong>{}</strong> {condition}</li>",
        way.held,
        held(way.held),
        escape(&way.to.name)
    )
}

fn fact(fact: &TriedFact) -> Option<String> {
    let spec = field(&fact.field)?;
    let value = match &fact.value {
        Json::Number(number) => Value::Number(number.as_f64()?),
        Json::String(text) => Value::Text(text.clone()),
        _ => return None,
    };
    let said = fact.provenance.as_ref().and_then(|provenance| provenance.text.as_deref());
    let said = said.map(|said| format!(" <span class=\"flow__hint\">“{}”</span>", escape(said))).unwrap_or_default();
    let value = escape(&figures::field_value(spec, &value));
    Some(format!("<div><dt>{}</dt><dd>{value}{said}</dd></div>", escape(spec.label)))
}

/// A step: its heading, and what happened there.
fn step(out: &mut String, heading: &str, inside: &str) {
    let _ = write!(out, "<li class=\"trial__step\"><h3>{heading}</h3>{inside}</li>");
}

/// Where the conversation went, and why.
fn stage(trial: &Trial) -> String {
    let before = escape(&trial.stage_before.name);
    let sentence = match trial.chosen_by.as_deref() {
        None => format!("<strong>{before}</strong> {}.", tried::STAYS),
        Some(by) => {
            let why = if by == "model" { tried::BY_MODEL } else { tried::BY_CONDITION };
            format!("{before} → <strong>{}</strong>, {why}.", escape(&trial.stage_after.name))
        }
    };
    let ways: String = trial.transitions.iter().map(way).collect();
    format!("<p>{sentence}</p><ol class=\"trial__ways\" role=\"list\">{ways}</ol>")
}

fn answer(trial: &Trial) -> (&'static str, String) {
    if let Some(problem) = &trial.problem {
        return (tried::PROBLEM, format!("<p class=\"notice notice--warn\">{}</p>", escape(&problem.detail)));
    }
    let headline = trial.result.as_ref().map(|result| escape(&result.headline)).unwrap_or_default();
    let said = match &trial.answer {
        Some(text) => format!("<div class=\"flow__made\">{}</div>", escape(text)),
        None => format!("<p class=\"flow__hint\">{}</p>", tried::NO_WORDS),
    };
    (tried::ANSWER, format!("<p class=\"trial__headline\">{headline}</p>{said}"))
}

/// What happened, as markup: nothing in it reacts.
fn drawn(trial: &Trial) -> String {
    let mut out = String::from("<ol class=\"trial__steps\" role=\"list\">");
    step(&mut out, tried::STAGE, &stage(trial));
    let facts: String = trial.extracted.iter().filter_map(fact).collect();
    let facts = if facts.is_empty() {
        format!("<p>{}</p>", tried::NO_FACTS)
    } else {
        format!("<dl class=\"trial__facts\">{facts}</dl>")
    };
    step(&mut out, tried::FACTS, &facts);
    if !trial.templates.is_empty() {
        let mut all = String::new();
        for template in &trial.templates {
            let about = format!("{} ({}, {})", escape(&template.name), template.kind, words::version(template.version));
            let text = escape(&template.text);
            let _ = write!(
                all,
                "<details class=\"fold\"><summary>{about}</summary><div class=\"flow__made\">{text}</div></details>"
            );
        }
        step(&mut out, tried::TEMPLATES, &all);
    }
    if !trial.calls.is_empty() {
        let mut all = String::from("<ul role=\"list\">");
        for call in &trial.calls {
            let took = figures::duration(call.ms).text();
            let _ = write!(
                all,
                "<li>{}: {} ({}, {took})</li>",
                escape(&call.purpose),
                escape(&call.outcome),
                escape(&call.model)
            );
        }
        all.push_str("</ul>");
        step(&mut out, tried::CALLS, &all);
    }
    let (heading, said) = answer(trial);
    step(&mut out, heading, &said);
    if !trial.warnings.is_empty() {
        let mut all = String::new();
        for warning in &trial.warnings {
            let _ = write!(all, "<li class=\"notice\">{}</li>", escape(&warning.text));
        }
        step(&mut out, tried::WARNINGS, &format!("<ul class=\"flow__findings\" role=\"list\">{all}</ul>"));
    }
    let times = trial.timings.iter().map(|t| format!("{} {}", tried::step(&t.stage), figures::duration(t.ms).text()));
    let times: Vec<_> = times.collect();
    step(&mut out, tried::TIMES, &format!("<p class=\"flow__hint\">{}</p>", escape(&times.join(" · "))));
    out.push_str("</ol>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn trial() -> Json {
        let place = |n: u8, name: &str| json!({"id": format!("00000000-0000-0000-0000-00000000000{n}"), "name": name});
        let way = |n: u8, held: &str, condition: &str| json!({"id": place(n, "")["id"], "to": place(n, "<b>next</b>"), "condition": condition, "held": held});
        json!({
            "business_version": 3, "stage_before": place(1, "ask"), "stage_after": place(2, "<b>next</b>"),
            "chosen_by": "condition", "category": "cost-optimization", "complexity": "basic",
            "transitions": [way(4, "no", "message.questions > 3"), way(5, "yes", ""), way(6, "unseen", "1 < 2")],
            "extracted": [
                {"field": "monthly_spend_usd", "label": "Spend", "value": 12000.0, "unit": "USD/month",
                    "provenance": {"source": "given", "text": "$12k<"}},
                {"field": "model", "label": "Model", "value": "gpt-4o", "unit": ""},
            ],
            "templates": [{"id": place(7, "")["id"], "name": "Hi", "kind": "response", "version": 2, "text": "<i>Hello"}],
            "calls": [{"purpose": "selection", "model": "m", "outcome": "ok", "ms": 812.0}],
            "answer": "<i>Hello", "warnings": [{"code": "w", "text": "Careful <now>"}],
            "timings": [{"stage": "select", "ms": 0.25}],
        })
    }

    fn read(json: Json) -> String {
        drawn(&serde_json::from_value(json).unwrap())
    }

    #[test]
    fn every_step_is_told_and_nothing_in_it_is_markup() {
        let said = read(trial());
        for part in [
            "ask → <strong>&lt;b&gt;next&lt;/b&gt;</strong>, because its condition holds.",
            "does not hold</span> <strong>&lt;b&gt;next&lt;/b&gt;</strong> <code>message.questions &gt; 3</code>",
            "taken</span> <strong>&lt;b&gt;next&lt;/b&gt;</strong> always",
            "not looked at",
            "$12,000",
            "“$12k&lt;”",
            "gpt-4o",
            "Hi (response, version 2)",
            "&lt;i&gt;Hello",
            "selection: ok (m, 812 ms)",
            "Careful &lt;now&gt;",
            "choosing the stage 0.25 ms",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert!(!said.contains("<b>next") && !said.contains("<i>") && !said.contains(" style="), "{said}");
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut json = trial();
        for field in ["chosen_by", "answer"] {
            json.as_object_mut().unwrap().remove(field);
        }
        json["extracted"] = json!([]);
        let said = read(json.clone());
        for part in [tried::STAYS, tried::NO_FACTS, tried::NO_WORDS] {
            assert!(said.contains(part), "{part} in {said}");
        }
        json["problem"] = json!({"type": "x", "title": "t", "status": 422, "detail": "Not <known>", "code": "unknown_model",
            "retryable": false, "trace_id": ""});
        assert!(read(json).contains("Not &lt;known&gt;"));
    }
}
