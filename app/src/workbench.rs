//! Changing the facts of an answer and computing it again, with the engine that the server uses.

use leptos_router::params::ParamsMap;
use serde_json::{Map, Value as Json};
use shared::analysis::Request;
use shared::catalog::Catalog;
use shared::date::Date;
use shared::message::Category;
use shared::problem::{FieldError, Problem};
use shared::result::{AnalysisResult, Question};
use shared::workload::{Kind, Provenance, Provenances, Source, Workload, field};

use crate::figures;

/// Facts set by hand, by the field's name; JSON `null` takes a fact out. Under [`CATEGORY`] stands what is asked about.
pub(crate) type Edits = Map<String, Json>;

/// The field of the question what a message is about; it belongs to the message, not to its workload.
pub(crate) const CATEGORY: &str = "category";

/// The category that was chosen, and the facts.
pub(crate) fn chosen(mut edits: Edits) -> (Option<Category>, Edits) {
    let category = edits.remove(CATEGORY).and_then(|category| category.as_str()?.parse().ok());
    (category, edits)
}

/// The workload with the edits put in.
///
/// # Errors
/// The fields that the table refuses; the others are put in.
pub(crate) fn with_edits(mut workload: Workload, edits: &Edits) -> (Workload, Vec<FieldError>) {
    let errors = edits.iter().filter_map(|(name, value)| workload.set(name, value).err()).collect();
    (workload, errors)
}

/// The part of the engine that computes.
pub(crate) type Engine = fn(&Request<'_>, &Catalog) -> Result<AnalysisResult, Problem>;

/// What the answer will be about.
pub(crate) fn category_of(base: &AnalysisResult, edits: &Edits) -> Category {
    chosen(edits.clone()).0.unwrap_or(base.category)
}

/// The edits as the query of an address, so that a link reproduces them; a fact that was taken out has no value.
pub(crate) fn to_query(edits: &Edits) -> String {
    let pairs = edits.iter().map(|(name, value)| {
        let text = match value {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        (name.clone(), text)
    });
    pairs.collect::<ParamsMap>().to_query_string()
}

/// The edits of an address; what is not a fact, or does not fit, is left out.
pub(crate) fn from_query(query: &ParamsMap) -> Edits {
    let edit = |name: &str, text: &str| {
        if name == CATEGORY {
            return text.parse::<Category>().ok().map(|c| (CATEGORY.to_string(), c.as_str().into()));
        }
        let spec = field(name)?;
        let value = match spec.kind {
            _ if text.is_empty() => Json::Null,
            Kind::Number { .. } => text.parse::<f64>().ok()?.into(),
            _ => text.into(),
        };
        Workload::default().set(spec.name, &value).ok()?;
        Some((spec.name.to_string(), value))
    };
    query.into_iter().filter_map(|(name, text)| edit(name, text)).collect()
}

/// The answer with the edits put in.
///
/// # Errors
/// What the engine says about the changed facts.
pub(crate) fn recompute(
    base: &AnalysisResult,
    edits: &Edits,
    catalog: &Catalog,
    today: Date,
    analyze: Engine,
) -> Result<AnalysisResult, Problem> {
    // What the engine had assumed or derived is left out, so that it follows the new facts.
    let derived =
        |name: &str| base.provenance.get(name).is_some_and(|p| matches!(p.source, Source::Default | Source::Computed));
    let mut workload = base.workload.clone();
    let derived_names: Vec<_> = workload.known().map(|(spec, _)| spec.name).filter(|name| derived(name)).collect();
    for name in derived_names {
        let _ = workload.set(name, &Json::Null);
    }
    let (category, edits) = chosen(edits.clone());
    let (workload, mut errors) = with_edits(workload, &edits);
    errors.extend(workload.contradictions());
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let mut provenance: Provenances =
        base.provenance.iter().filter(|(name, _)| !derived(name)).map(|(n, p)| (n.clone(), p.clone())).collect();
    for name in edits.keys() {
        provenance.remove(name);
        if workload.get(name).is_some() {
            let given = Provenance { source: Source::Given, text: None, span: None, reference: None, as_of: None };
            provenance.insert(name.clone(), given);
        }
    }
    let request = Request {
        category: category.unwrap_or(base.category),
        workload: &workload,
        provenance: &provenance,
        format: base.format,
        today,
    };
    analyze(&request, catalog)
}

/// What picking the choice with this index sets; `None` if the question cannot be answered in place.
pub(crate) fn choice(question: &Question, index: usize) -> Option<Edits> {
    if let Some(sets) = question.sets.get(index) {
        return Some(sets.clone());
    }
    let words = question.choices.get(index)?;
    if question.field == CATEGORY {
        let category: Category = words.parse().ok()?;
        return Some(Edits::from_iter([(CATEGORY.to_string(), category.as_str().into())]));
    }
    typed(question, words).ok()
}

/// What picking the choice with this index is called.
pub(crate) fn choice_label(question: &Question, index: usize) -> String {
    let words = question.choices.get(index).cloned().unwrap_or_default();
    match words.parse::<Category>() {
        Ok(category) if question.field == CATEGORY => category.label().to_string(),
        _ => words,
    }
}

/// Whether any value of the question's field can be typed.
pub(crate) fn can_be_typed(question: &Question) -> bool {
    field(&question.field).is_some_and(|spec| !matches!(spec.kind, Kind::Choice(_)) || question.choices.is_empty())
}

/// What a typed answer sets.
///
/// # Errors
/// A sentence for the person, where the field does not accept it.
pub(crate) fn typed(question: &Question, answer: &str) -> Result<Edits, String> {
    let spec = field(&question.field).ok_or("This cannot be answered here; write it into a new message.")?;
    let json = figures::read_field(spec, answer)?;
    Workload::default().set(spec.name, &json).map_err(|e| format!("The {} {}.", spec.label, e.message))?;
    Ok(Edits::from_iter([(spec.name.to_string(), json)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn question(field: &str, choices: &[&str]) -> Question {
        Question {
            field: field.into(),
            text: "?".into(),
            choices: choices.iter().map(ToString::to_string).collect(),
            sets: Vec::new(),
        }
    }

    #[test]
    fn a_choice_sets_what_the_engine_says() {
        let sets = json!({"requests_per_day": 66_667.0, "monthly_spend_usd": null}).as_object().unwrap().clone();
        let question = Question { sets: vec![sets.clone()], ..question("requests_per_day", &["The volume is lower"]) };
        assert_eq!(choice(&question, 0), Some(sets));
        assert_eq!(choice(&question, 1), None);
    }

    #[test]
    fn without_that_a_choice_is_read_like_a_typed_answer() {
        let edits = choice(&question("task", &["coding", "poetry"]), 0).unwrap();
        assert_eq!(Json::Object(edits), json!({"task": "coding"}));
        assert_eq!(choice(&question("task", &["coding", "poetry"]), 1), None);
        assert!(typed(&question("input_tokens", &[]), "-1").unwrap_err().contains("at least 0"));
        assert!(typed(&question("which of the two", &[]), "12").is_err());
    }

    #[test]
    fn an_address_carries_the_edits_and_nothing_else() {
        let edits =
            json!({"input_tokens": 900.5, "model": "gpt-4.1", "monthly_spend_usd": null, "category": "scaling"});
        let edits = edits.as_object().unwrap().clone();
        let query: ParamsMap = [
            ("input_tokens", "900.5"),
            ("model", "gpt-4.1"),
            ("monthly_spend_usd", ""),
            ("category", "scaling"),
            ("cache_hit_rate", "7"),
            ("utm_source", "x"),
            ("output_tokens", "many"),
        ]
        .into_iter()
        .map(|(name, text)| (name.to_string(), text.to_string()))
        .collect();
        assert_eq!(from_query(&query), edits);
        let address = to_query(&edits);
        assert!(address.starts_with('?') && address.contains("category=scaling"), "{address}");
    }

    #[test]
    fn an_open_category_is_chosen_by_name() {
        let question = question("category", &["cost-optimization", "scaling", "poetry"]);
        assert_eq!(choice(&question, 1).map(Json::Object), Some(json!({"category": "scaling"})));
        assert_eq!(choice(&question, 2), None);
        assert_eq!(choice_label(&question, 0), "Cost");
    }

    #[test]
    fn edits_that_do_not_fit_are_named_and_the_others_kept() {
        let edits = json!({"input_tokens": 900, "cache_hit_rate": 7}).as_object().unwrap().clone();
        let (workload, errors) = with_edits(Workload::default(), &edits);
        assert_eq!(workload.input_tokens, Some(900.0));
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].name, "cache_hit_rate");
    }
}
