//! The composer: one text area, checked as it is written, and the facts found in it.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value as Json;
use shared::draft::check_content;
use shared::format;
use shared::limits::CONTENT_MAX_CHARS;

use super::facts::{Fact, Facts, facts};
use super::log::{Log, LogDrop};
use crate::state::{Ui, Written};
use crate::workbench::with_edits;
use crate::{browser, engine, text};

/// The counter turns to a warning when this few characters are left.
const COUNTER_WARNS_AT: usize = 200;

/// A form that the browser can also send by itself, before or without the program of the page.
#[component]
pub(crate) fn Composer(
    /// Gets the message that is ready to be sent.
    on_send: Callback<Written>,
) -> impl IntoView {
    let ui = expect_context::<Ui>();
    let written = ui.written;
    let area = NodeRef::<Textarea>::new();
    let touched = RwSignal::new(false);
    keep_in_step(area, ui);

    let content = Memo::new(move |_| written.with(|w| w.content.clone()));
    let problem = Memo::new(move |_| content.with(|c| check_content(c).err()));
    let chars = Memo::new(move |_| content.with(|c| c.chars().count()));
    let too_long = move || chars.get() > CONTENT_MAX_CHARS;
    // A text that is still being written is not too short yet; one that is too long already is.
    let error = move || problem.get().filter(|_| touched.get() || too_long()).map(|p| p.detail);
    let found = found_facts(content, written);

    let send = move || {
        if problem.with_untracked(Option::is_some) {
            touched.set(true);
            browser::focus("content");
            return;
        }
        let message = written.get_untracked();
        ui.write(Written::default());
        touched.set(false);
        on_send.run(message);
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            send();
        }
    };
    let on_input = move |event| {
        let value = event_target_value(&event);
        written.update(|w| w.content = value);
    };
    let on_edit = Callback::new(move |(name, value): (&'static str, Json)| {
        written.update(|w| {
            w.workload.insert(name.into(), value);
        });
    });
    let clear = move |_| {
        ui.write(Written::default());
        touched.set(false);
        browser::focus("content");
    };
    let counter = move || {
        let number = |n: usize| format::count(n as f64);
        format!("{} / {}", number(chars.get()), number(CONTENT_MAX_CHARS))
    };
    let counter_state = move || match chars.get() {
        n if n > CONTENT_MAX_CHARS => "over",
        n if n + COUNTER_WARNS_AT > CONTENT_MAX_CHARS => "near",
        _ => "fine",
    };

    view! {
        <section class="composer" aria-labelledby="composer-label">
            <form id="ask" method="post" action="/ask" on:submit=on_submit>
                <label id="composer-label" class="composer__label" r#for="content">{text::COMPOSER_LABEL}</label>
                <textarea
                    id="content"
                    class="composer__text"
                    name="content"
                    rows="4"
                    required
                    node_ref=area
                    placeholder=text::COMPOSER_PLACEHOLDER
                    aria-describedby="composer-counter composer-error"
                    aria-invalid=move || error().is_some().then_some("true")
                    on:input=on_input
                    on:keydown=on_key
                    on:focus=move |_| browser::warm_up()
                    on:blur=move |_| touched.set(chars.get_untracked() > 0)
                ></textarea>
                <input r#type="hidden" name="example_id" value=""
                    prop:value=move || written.with(|w| w.example_id.clone().unwrap_or_default())/>
            </form>
            <p class="composer__error field-error" id="composer-error" role="alert">{error}</p>
            <section class="composer__facts needs-js" aria-labelledby="facts-heading">
                <h2 class="composer__facts-heading" id="facts-heading">{text::FACTS_HEADING}</h2>
                {move || if found.with(Vec::is_empty) {
                    view! { <p class="composer__hint">{text::FACTS_EMPTY}</p> }.into_any()
                } else {
                    view! { <Facts scope="fact" facts=found on_edit/> }.into_any()
                }}
            </section>
            {log_drop(ui)}
            <div class="composer__foot">
                <p class="composer__counter" id="composer-counter" data-state=counter_state>{counter}</p>
                <button r#type="button" class="button button--quiet needs-js" on:click=clear
                    hidden=move || chars.get() == 0>{text::CLEAR}</button>
                <span class="composer__keys needs-js">{text::SUBMIT_HINT}</span>
                <button r#type="submit" form="ask" class="button button--primary">{text::SUBMIT}</button>
            </div>
        </section>
    }
    .into_any()
}

/// The place for a log; a message without words gets some that fit it.
fn log_drop(ui: Ui) -> AnyView {
    let log = Signal::derive(move || ui.written.with(|w| w.log.clone()));
    let on_log = Callback::new(move |log: Option<Log>| {
        let mut written = ui.written.get_untracked();
        if log.is_some() && written.content.is_empty() {
            written.content = text::log::CONTENT.into();
        }
        ui.write(Written { log, ..written });
    });
    view! { <LogDrop log on_log/> }.into_any()
}

/// The facts in the text as it is being written, with those set by hand put in.
fn found_facts(content: Memo<String>, written: RwSignal<Written>) -> RwSignal<Vec<Fact>> {
    let found = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        let text = content.get();
        let edited = written.with(|w| w.workload.clone());
        if text.is_empty() && edited.is_empty() {
            found.set(Vec::new());
            return;
        }
        spawn_local(async move {
            // Without the reader the server still reads the text; only the chips are missing.
            let Ok(extraction) = engine::read(text.clone()).await else { return };
            // A reading that was overtaken by more typing is out of date.
            if content.try_get_untracked() == Some(text) {
                // An edit kept by an older page may not fit any more; the server says so when it is sent.
                let (workload, _) = with_edits(extraction.workload, &edited);
                found.set(facts(&workload, &extraction.provenance, &edited));
            }
        });
    });
    found
}

/// Keeps the text area and the message in step without setting its value while the page hydrates: what was typed
/// before that moment must not be lost.
fn keep_in_step(area: NodeRef<Textarea>, ui: Ui) {
    Effect::new(move |seen: Option<bool>| {
        let Some(node) = area.get() else { return false };
        ui.rewritten.track();
        let typed = node.value();
        if seen != Some(true) && !typed.is_empty() {
            ui.written.update(|w| w.content = typed);
        } else {
            let content = ui.written.with_untracked(|w| w.content.clone());
            if content != typed {
                node.set_value(&content);
            }
        }
        true
    });
}
