//! What only the person knows: pick an answer or type one, and the figures follow.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use shared::result::Question;
use shared::workload::field;

use crate::text;
use crate::workbench::{Edits, can_be_typed, choice, choice_label, typed};

/// The questions, most important first.
pub(crate) fn questions(questions: &[Question], answer: Callback<Edits>) -> AnyView {
    if questions.is_empty() {
        return ().into_any();
    }
    let items: Vec<_> = questions.iter().enumerate().map(|(i, question)| one(i, question, answer)).collect();
    view! {
        <section class="section questions" aria-labelledby="questions-heading">
            <h2 id="questions-heading">{text::result::QUESTIONS}</h2>
            <ol class="questions__list" role="list">{items}</ol>
        </section>
    }
    .into_any()
}

fn one(index: usize, question: &Question, answer: Callback<Edits>) -> AnyView {
    let choices: Vec<_> = question
        .choices
        .iter()
        .enumerate()
        .map(|(i, _)| {
            let (edits, words) = (choice(question, i), choice_label(question, i));
            let unusable = edits.is_none();
            view! {
                <li>
                    <button r#type="button" class="choice" disabled=unusable
                        on:click=move |_| if let Some(edits) = edits.clone() { answer.run(edits); }>
                        {words}
                    </button>
                </li>
            }
            .into_any()
        })
        .collect();
    let choices = (!choices.is_empty()).then(|| view! { <ul class="choices" role="list">{choices}</ul> }.into_any());
    let typing = can_be_typed(question).then(|| typed_answer(index, question.clone(), answer));
    view! {
        <li class="question" data-field=question.field.clone()>
            <p class="question__text" id=format!("question-{index}")>{question.text.clone()}</p>
            {choices}
            {typing}
        </li>
    }
    .into_any()
}

fn typed_answer(index: usize, question: Question, answer: Callback<Edits>) -> AnyView {
    let spec = field(&question.field);
    let label = spec.map_or_else(|| text::result::OTHER_ANSWER.to_string(), |s| text::result::other(s.label));
    let unit = spec.map(|s| if s.unit == "share" { "%" } else { s.unit }).unwrap_or_default();
    let node = NodeRef::<Input>::new();
    let error = RwSignal::new(None::<String>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let value = node.get_untracked().map(|n| n.value()).unwrap_or_default();
        match typed(&question, &value) {
            Ok(edits) => answer.run(edits),
            Err(message) => error.set(Some(message)),
        }
    };
    let [id, label_for] = [(); 2].map(|()| format!("answer-{index}"));
    let [error_id, described_by] = [(); 2].map(|()| format!("answer-{index}-error"));
    view! {
        <form class="question__typed needs-js" on:submit=submit>
            <label r#for=label_for>{label}</label>
            <input class="input" id=id node_ref=node autocomplete="off" aria-describedby=described_by
                aria-invalid=move || error.get().is_some().then_some("true")/>
            <span class="fact__unit">{unit}</span>
            <button r#type="submit" class="button button--small">{text::edit::SET}</button>
            <p class="field-error" role="alert" id=error_id>{move || error.get()}</p>
        </form>
    }
    .into_any()
}
