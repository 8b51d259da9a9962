//! What could be done, with the quality beside every price: levers on today's model, and other models. Models that
//! cost more for no more quality are folded away.

use leptos::prelude::*;
use shared::format::{self, escape};
use shared::result::Candidate;

use crate::text;

/// The values of `aria-sort`.
pub(crate) const NONE: &str = "none";
pub(crate) const ASCENDING: &str = "ascending";
pub(crate) const DESCENDING: &str = "descending";

/// All tables. `options` are in the engine's order, best first; `today` is today's model and vendor.
pub(crate) fn options(options: &[Candidate], today: &(Option<String>, Option<String>)) -> AnyView {
    let (models, levers): (Vec<_>, Vec<_>) = options.iter().cloned().partition(|o| o.id.contains('/'));
    if models.is_empty() && levers.is_empty() {
        return ().into_any();
    }
    let (dominated, others): (Vec<_>, Vec<_>) =
        models.into_iter().partition(|o| o.dominated_by.is_some() && !is_today(o, today));
    // Where some models are rated, the others stand apart: their price is known, their worth is not.
    let any_rated = others.iter().any(|o| o.quality.is_some());
    let (unrated, front): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|o| any_rated && o.quality.is_none() && !is_today(o, today));
    let fold = |count: usize, words: fn(usize) -> String| (count > 0).then(|| words(count));
    let unrated_words = fold(unrated.len(), text::result::unrated);
    let dominated_words = fold(dominated.len(), text::result::dominated);
    view! {
        <section class="section" aria-labelledby="options-heading">
            <h2 id="options-heading">{text::result::OPTIONS}</h2>
            {group("levers", text::result::LEVERS, &levers, today)}
            {group("models", text::result::MODELS, &front, today)}
            {unrated_words.map(|words| folded("unrated", words, &unrated, today))}
            {dominated_words.map(|words| folded("dominated", words, &dominated, today))}
        </section>
    }
    .into_any()
}

fn folded(
    name: &'static str,
    words: String,
    options: &[Candidate],
    today: &(Option<String>, Option<String>),
) -> AnyView {
    view! {
        <details class="fold">
            <summary>{words.clone()}</summary>
            {table(name, words, options, today)}
        </details>
    }
    .into_any()
}

fn group(
    name: &'static str,
    heading: &'static str,
    options: &[Candidate],
    today: &(Option<String>, Option<String>),
) -> AnyView {
    if options.is_empty() {
        return ().into_any();
    }
    view! {
        <h3 class="options__heading">{heading}</h3>
        {table(name, heading.to_string(), options, today)}
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

fn table(
    name: &'static str,
    label: String,
    options: &[Candidate],
    today: &(Option<String>, Option<String>),
) -> AnyView {
    let benchmark = options.iter().find_map(|o| o.quality_benchmark.clone());
    let quality = benchmark.map_or_else(|| text::result::COLUMN_QUALITY.to_string(), |b| text::result::quality_in(&b));
    // Dear and cheap are asked for more often than not in this direction first.
    let head = [
        (text::result::COLUMN_OPTION.to_string(), ASCENDING),
        (text::result::COLUMN_COST.to_string(), ASCENDING),
        (text::result::COLUMN_SAVING.to_string(), DESCENDING),
        (quality, DESCENDING),
    ]
    .map(|(words, first)| column_head(words, first));
    let rows: Vec<_> = options.iter().enumerate().map(|(i, o)| row(i, o, is_today(o, today))).collect();
    view! {
        <div class="scroll" role="region" tabindex="0" aria-label=label data-options=name>
            <table class="table options">
                <thead><tr>{head.into_iter().collect::<Vec<_>>()}</tr></thead>
                <tbody inner_html=rows.concat()></tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A head that sorts: `browser::sort_table` hears the clicks of all tables.
fn column_head(words: String, first: &'static str) -> AnyView {
    view! {
        <th scope="col" aria-sort="none" data-first=first>
            <button r#type="button" class="options__sort">{words}</button>
        </th>
    }
    .into_any()
}

/// What a column's sorting is after a click, with the direction that comes first; the third click gives the engine's
/// order back.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "only a browser has clicks"))]
pub(crate) fn turned(now: &str, first: &str) -> &'static str {
    let (first, second) = if first == DESCENDING { (DESCENDING, ASCENDING) } else { (ASCENDING, DESCENDING) };
    match now {
        NONE => first,
        now if now == first => second,
        _ => NONE,
    }
}

/// The order of rows with these keys: numbers by size, other keys by their letters; what has none stays at the end in
/// both directions.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "only a browser has rows to sort"))]
pub(crate) fn arranged(keys: &[Option<String>], falling: bool) -> Vec<usize> {
    let number = |i: usize| keys[i].as_ref().and_then(|key| key.parse::<f64>().ok());
    let ascending = |a: usize, b: usize| match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => keys[a].cmp(&keys[b]),
    };
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|a, b| {
        let by_key = if falling { ascending(*b, *a) } else { ascending(*a, *b) };
        keys[*b].is_some().cmp(&keys[*a].is_some()).then(by_key)
    });
    order
}

/// A row as markup: nothing in it reacts, and a table of sixty rows is several times faster to bring to life and to
/// replace this way.
fn row(index: usize, option: &Candidate, today: bool) -> String {
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
    let key = |number: Option<f64>| number.map(|n| format!(" data-key='{n}'")).unwrap_or_default();
    format!(
        "<tr data-option='{id}' data-today='{today}' data-key='{index}'>\
         <th scope='row' class='options__what' data-key='{title_key}'>\
         <span class='options__title'>{title}{tag}</span>\
         <div class='options__about'><span class='options__id'>{what}</span>{notes}</div></th>\
         <td{cost_key}><span class='options__main'>{cost}</span><span class='options__more'>{range}</span></td>\
         <td{better}{saving_key}><span class='options__main'>{saving}</span><span class='options__more'>{share}</span></td>\
         <td{quality_key}><span class='options__main'>{quality}</span><span class='options__more'>{delta}</span></td></tr>",
        id = escape(&option.id),
        title = escape(&option.title),
        title_key = escape(&option.title.to_lowercase()),
        cost_key = key(option.monthly_cost_usd.or(option.cost_per_request_usd)),
        saving_key = key(option.saving_usd.or(option.saving_share)),
        quality_key = key(option.quality),
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
        let keys = |keys: [&str; 3]| keys.map(|k| Some(k.to_string()).filter(|k| !k.is_empty()));
        assert_eq!(arranged(&keys(["", "10", "9.5"]), false), [2, 1, 0]);
        assert_eq!(arranged(&keys(["", "10", "9.5"]), true), [1, 2, 0]);
        assert_eq!(arranged(&keys(["b", "a", "c"]), false), [1, 0, 2]);
        assert_eq!(arranged(&keys(["", "", ""]), true), [0, 1, 2], "the order there was");
    }

    #[test]
    fn the_third_click_gives_the_first_order_back() {
        for first in [ASCENDING, DESCENDING] {
            let second = turned(first, first);
            assert_eq!(turned(NONE, first), first);
            assert!(second != first && second != NONE);
            assert_eq!(turned(second, first), NONE);
        }
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
