//! The log of a business: who changed what, and when, with filters.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use shared::flow::{AuditPage as Page, AuditView};

use super::{business, failed, lazy_route};
use crate::api::Fetched;
use crate::pages::{loaded, loading};
use crate::{api, browser, figures, text};

lazy_route! {
    /// The route `/flows/{id}/audit`.
    AuditRoute, LogPage
}

/// What a form holds, as a query; a day is its beginning in UTC.
fn query(sent: &[(String, String)]) -> String {
    let plain = |value: &str| value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let parts =
        sent.iter().filter(|(_, value)| !value.is_empty() && plain(value)).map(|(name, value)| match name.as_str() {
            "since" | "until" => format!("{name}={value}T00:00:00Z"),
            _ => format!("{name}={value}"),
        });
    parts.collect::<Vec<_>>().join("&")
}

#[component]
fn LogPage() -> impl IntoView {
    let id = business();
    let first = api::fetched(|fetched| match fetched {
        Fetched::Audit(answer) => Some(answer),
        _ => None,
    });
    let shown = loaded(first, id, |id| browser::audit(id, ""));
    let filter = StoredValue::new(String::new());
    let apply = move |event| {
        filter.set_value(query(&browser::sent(&event)));
        spawn_local(async move {
            let answer = browser::audit(id.get_untracked(), &filter.get_value()).await;
            let _ = shown.try_set(Some(answer));
        });
    };
    let older = move |after: u64| {
        spawn_local(async move {
            let query = format!("{}&after={after}", filter.get_value());
            let answer = browser::audit(id.get_untracked(), query.trim_start_matches('&')).await;
            shown.try_update(|shown| match (shown, answer) {
                (Some(Ok(page)), Ok(more)) => {
                    page.entries.extend(more.entries);
                    page.next = more.next;
                }
                (shown, answer) => *shown = Some(answer),
            });
        });
    };
    let actions: Vec<_> = text::flow::ACTIONS
        .into_iter()
        .map(|(sent, read)| view! { <option value=sent>{read}</option> }.into_any())
        .collect();
    let day = |name: &'static str, words: &'static str| {
        view! { <label>{words}" "<input class="input" r#type="date" name=name/></label> }.into_any()
    };
    view! {
        <Title text=text::flow::LOG/>
        <section class="flow">
            <p><a href=move || format!("/flows/{}", id.get())>{text::flow::BACK}</a></p>
            <h1>{text::flow::LOG}</h1>
            <form class="flow__filter needs-js" on:submit=apply>
                <label>{text::flow::FILTER}" "<select class="input" name="action">{actions}</select></label>
                {day("since", text::flow::SINCE)}
                {day("until", text::flow::UNTIL)}
                <button class="button button--small">{text::flow::APPLY}</button>
            </form>
            {move || match shown.get() {
                None => loading(),
                Some(Ok(page)) => lines(page, Callback::new(older)),
                Some(Err(problem)) => failed(&problem),
            }}
        </section>
    }
    .into_any()
}

fn lines(page: Page, older: Callback<u64>) -> AnyView {
    if page.entries.is_empty() {
        return view! { <p class="history__empty">{text::flow::LOG_EMPTY}</p> }.into_any();
    }
    let rows: Vec<_> = page.entries.into_iter().map(line).collect();
    let heads: Vec<_> =
        text::flow::COLUMNS.into_iter().map(|head| view! { <th scope="col">{head}</th> }.into_any()).collect();
    let more = page.next.map(|after| {
        view! {
            <p><button r#type="button" class="button button--small needs-js" on:click=move |_| older.run(after)>{text::flow::OLDER}</button></p>
        }
        .into_any()
    });
    view! {
        <div class="flow__picture" tabindex="0" role="region" aria-label=text::flow::LOG>
            <table class="flow__log"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
        {more}
    }
    .into_any()
}

/// What a line says beyond who and what: the name and version of what was changed.
fn details(detail: &serde_json::Value) -> String {
    let of = |part: &serde_json::Value| {
        let name = part.get("name").or_else(|| part.get("condition")).and_then(serde_json::Value::as_str)?;
        let version = part.get("version").and_then(serde_json::Value::as_u64).map(|v| format!(", version {v}"));
        Some(format!("{name}{}", version.unwrap_or_default()))
    };
    of(detail).or_else(|| of(detail.get("after")?)).or_else(|| of(detail.get("before")?)).unwrap_or_default()
}

fn line(entry: AuditView) -> AnyView {
    let who = entry.actor.map_or_else(|| text::flow::SERVICE.to_owned(), |id| id.to_string().chars().take(8).collect());
    view! {
        <tr>
            <td><time datetime=entry.at.clone()>{figures::day_and_time(&entry.at)}</time></td>
            <td><code>{who}</code></td>
            <td>{entry.action}</td>
            <td>{details(&entry.detail)}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_becomes_a_query() {
        let sent = [("action", "stage."), ("since", "2026-11-22"), ("until", ""), ("other", "a&b=c")];
        let sent = sent.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(query(&sent), "action=stage.&since=2026-11-22T00:00:00Z");
    }

    #[test]
    fn details_name_what_was_changed() {
        assert_eq!(details(&json!({"name": "t", "version": 2})), "t, version 2");
        assert_eq!(details(&json!({"before": null, "after": {"name": "s"}})), "s");
        assert_eq!(details(&json!({"before": {"name": "old"}})), "old");
        assert_eq!(details(&json!({})), "");
    }
}
