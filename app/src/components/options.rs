//! What could be done, with the quality beside every price: levers on today's model, and other models. Models that
//! cost more for no more quality are folded away.

use std::cmp::Ordering;

use leptos::prelude::*;
use shared::format::{self, escape};
use shared::result::Candidate;

use crate::text;

/// A column that can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Title,
    Cost,
    Saving,
    Quality,
}

/// The order of the rows; `None` is the engine's, best first.
type Order = Option<(Column, bool)>;

/// Both tables.
#[component]
#[allow(clippy::needless_pass_by_value, reason = "a component owns its properties")]
pub(crate) fn Options(
    /// In the engine's order, best first.
    options: Vec<Candidate>,
    /// Today's model and vendor.
    today: (Option<String>, Option<String>),
) -> impl IntoView {
    let (models, levers): (Vec<_>, Vec<_>) = options.into_iter().partition(|o| o.id.contains('/'));
    if models.is_empty() && levers.is_empty() {
        return ().into_any();
    }
    let (dominated, others): (Vec<_>, Vec<_>) =
        models.into_iter().partition(|o| o.dominated_by.is_some() && !is_today(o, &today));
    // Where some models are rated, the others stand apart: their price is known, their worth is not.
    let any_rated = others.iter().any(|o| o.quality.is_some());
    let (unrated, front): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|o| any_rated && o.quality.is_none() && !is_today(o, &today));
    let fold = |count: usize, words: fn(usize) -> String| (count > 0).then(|| words(count));
    let unrated_words = fold(unrated.len(), text::result::unrated);
    let dominated_words = fold(dominated.len(), text::result::dominated);
    view! {
        <section class="section" aria-labelledby="options-heading">
            <h2 id="options-heading">{text::result::OPTIONS}</h2>
            {group("levers", text::result::LEVERS, levers, &today)}
            {group("models", text::result::MODELS, front, &today)}
            {unrated_words.map(|words| folded("unrated", words, unrated, &today))}
            {dominated_words.map(|words| folded("dominated", words, dominated, &today))}
        </section>
    }
    .into_any()
}

fn folded(
    name: &'static str,
    words: String,
    options: Vec<Candidate>,
    today: &(Option<String>, Option<String>),
) -> AnyView {
    view! {
        <details class="fold">
            <summary>{words.clone()}</summary>
            {table(name, words, options, today.clone())}
        </details>
    }
    .into_any()
}

fn group(
    name: &'static str,
    heading: &'static str,
    options: Vec<Candidate>,
    today: &(Option<String>, Option<String>),
) -> AnyView {
    if options.is_empty() {
        return ().into_any();
    }
    view! {
        <h3 class="options__heading">{heading}</h3>
        {table(name, heading.to_string(), options, today.clone())}
    }
    .into_any()
}

fn is_today(option: &Candidate, (model, vendor): &(Option<String>, Option<String>)) -> bool {
    option.id.contains('/')
        && model.is_some()
        && option.model == *model
        && (vendor.is_none() || option.vendor == *vendor)
        && option.saving_usd.or(option.saving_share).is_none_or(|saving| saving.abs() < 1e-9)
}

fn compare(column: Column, a: &Candidate, b: &Candidate) -> Ordering {
    let number = |o: &Candidate| match column {
        Column::Cost => o.monthly_cost_usd.or(o.cost_per_request_usd),
        Column::Saving => o.saving_usd.or(o.saving_share),
        _ => o.quality,
    };
    match (column, number(a), number(b)) {
        (Column::Title, _, _) => a.title.to_lowercase().cmp(&b.title.to_lowercase()),
        (_, Some(a), Some(b)) => a.total_cmp(&b),
        (_, a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Sorts; what has no figure stays at the end in both directions.
fn sorted(options: &[Candidate], order: Order) -> Vec<&Candidate> {
    let mut rows: Vec<&Candidate> = options.iter().collect();
    if let Some((column, falling)) = order {
        let known = |o: &Candidate| match column {
            Column::Title => true,
            Column::Cost => o.monthly_cost_usd.or(o.cost_per_request_usd).is_some(),
            Column::Saving => o.saving_usd.or(o.saving_share).is_some(),
            Column::Quality => o.quality.is_some(),
        };
        rows.sort_by(|a, b| {
            let by_value = if falling { compare(column, b, a) } else { compare(column, a, b) };
            known(b).cmp(&known(a)).then(by_value)
        });
    }
    rows
}

fn table(
    name: &'static str,
    label: String,
    options: Vec<Candidate>,
    today: (Option<String>, Option<String>),
) -> AnyView {
    let order = RwSignal::new(None as Order);
    let benchmark = options.iter().find_map(|o| o.quality_benchmark.clone());
    let quality = benchmark.map_or_else(|| text::result::COLUMN_QUALITY.to_string(), |b| text::result::quality_in(&b));
    let head = [
        (Column::Title, text::result::COLUMN_OPTION.to_string()),
        (Column::Cost, text::result::COLUMN_COST.to_string()),
        (Column::Saving, text::result::COLUMN_SAVING.to_string()),
        (Column::Quality, quality),
    ]
    .map(|(column, words)| column_head(column, words, order));
    let rows =
        move || sorted(&options, order.get()).into_iter().map(|o| row(o, is_today(o, &today))).collect::<String>();
    view! {
        <div class="scroll" role="region" tabindex="0" aria-label=label data-options=name>
            <table class="table options">
                <thead><tr>{head.into_iter().collect::<Vec<_>>()}</tr></thead>
                <tbody inner_html=rows></tbody>
            </table>
        </div>
    }
    .into_any()
}

fn column_head(column: Column, words: String, order: RwSignal<Order>) -> AnyView {
    let sort = move || match order.get() {
        Some((by, true)) if by == column => "descending",
        Some((by, false)) if by == column => "ascending",
        _ => "none",
    };
    // Dear and cheap are asked for more often than not in this direction first.
    let falls_first = matches!(column, Column::Saving | Column::Quality);
    let turn = move |_| {
        order.update(|order| {
            *order = match *order {
                Some((by, falling)) if by == column => (falling == falls_first).then_some((column, !falling)),
                _ => Some((column, falls_first)),
            };
        });
    };
    view! {
        <th scope="col" aria-sort=sort>
            <button r#type="button" class="options__sort" on:click=turn>{words}</button>
        </th>
    }
    .into_any()
}

/// A row as markup: nothing in it reacts, and a table of sixty rows is several times faster to bring to life and to
/// replace this way.
fn row(option: &Candidate, today: bool) -> String {
    let what = match (&option.vendor, &option.model) {
        (Some(vendor), Some(model)) => escape(&format!("{vendor} · {model}")),
        _ => String::new(),
    };
    let tag = if today { format!(r#"<span class="tag">{}</span>"#, text::result::TODAY) } else { String::new() };
    let cost = match (option.monthly_cost_usd, option.cost_per_request_usd) {
        (Some(cost), _) => format::usd(cost),
        (None, Some(cost)) => text::result::a_request(&format::usd(cost)),
        (None, None) => text::result::NO_PRICE.into(),
    };
    let range = match (option.monthly_cost_low_usd, option.monthly_cost_high_usd) {
        (Some(low), Some(high)) if low < high => text::result::range(&format::usd(low), &format::usd(high)),
        _ => String::new(),
    };
    let saving = option.saving_usd.filter(|_| !today).map(format::usd).unwrap_or_default();
    let share = option.saving_share.filter(|_| !today).map(format::share).unwrap_or_default();
    let better = match option.saving_usd.or(option.saving_share).filter(|_| !today) {
        Some(saving) if saving > 0.0 => r#" data-saving="less""#,
        Some(_) => r#" data-saving="more""#,
        None => "",
    };
    let quality = option.quality.map_or_else(|| text::result::NOT_RATED.into(), format::points);
    let delta = option.quality_delta.filter(|d| *d != 0.0).map(|d| format::signed(format::points(d)));
    let delta = delta.unwrap_or_default();
    format!(
        "<tr data-option='{id}' data-today='{today}'><th scope='row' class='options__what'>\
         <span class='options__title'>{title}{tag}</span>\
         <div class='options__about'><span class='options__id'>{what}</span>{notes}</div></th>\
         <td><span class='options__main'>{cost}</span><span class='options__more'>{range}</span></td>\
         <td{better}><span class='options__main'>{saving}</span><span class='options__more'>{share}</span></td>\
         <td><span class='options__main'>{quality}</span><span class='options__more'>{delta}</span></td></tr>",
        id = escape(&option.id),
        title = escape(&option.title),
        notes = notes(&option.notes),
    )
}

fn notes(notes: &[String]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let items: Vec<_> = notes.iter().map(|note| format!("<li>{}</li>", escape(note))).collect();
    let items = items.concat();
    let summary = text::result::notes(notes.len());
    format!(r#"<details class="options__notes"><summary>{summary}</summary><ul>{items}</ul></details>"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(title: &str, cost: Option<f64>, quality: Option<f64>) -> Candidate {
        Candidate {
            id: format!("v/{title}"),
            title: title.into(),
            monthly_cost_usd: cost,
            quality,
            ..Candidate::default()
        }
    }

    #[test]
    fn what_has_no_figure_is_last_in_both_directions() {
        let options = [option("b", None, None), option("a", Some(2.0), None), option("c", Some(1.0), None)];
        let titles = |order| sorted(&options, order).iter().map(|o| o.title.as_str()).collect::<String>();
        assert_eq!(titles(None), "bac", "the engine's order");
        assert_eq!(titles(Some((Column::Cost, false))), "cab");
        assert_eq!(titles(Some((Column::Cost, true))), "acb");
        assert_eq!(titles(Some((Column::Title, false))), "abc");
    }

    #[test]
    fn a_discounted_twin_of_todays_model_is_not_today() {
        let today = (Some("gpt-4o".to_string()), None);
        let same = Candidate { model: Some("gpt-4o".into()), vendor: Some("openai".into()), ..option("x", None, None) };
        assert!(is_today(&same, &today));
        assert!(!is_today(&Candidate { saving_usd: Some(100.0), ..same.clone() }, &today));
        assert!(!is_today(&Candidate { id: "batch".into(), ..same }, &today));
    }
}
