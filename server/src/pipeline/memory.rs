//! What a conversation has said before, and how a message builds on it: "and with half the tokens?".
//!
//! A new statement wins. What is not said anew is carried on, with a provenance that says so, except what a new
//! statement makes doubtful: a bill belongs to the traffic it was paid for, a latency to the model it was measured on.
//! A message that describes a whole workload of its own starts afresh.

use serde_json::{Map, Value as Json};
use shared::result::Question;
use shared::workload::{Provenance, Provenances, Source, Value, Workload};

use super::relative::{Change, changes};
use crate::store::flow::Extracted;

/// Facts with where they came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// The facts.
    pub workload: Workload,
    /// Where each came from.
    pub provenance: Provenances,
}

/// The facts that make a workload of its own: a message that states all of them needs nothing from before.
const WHOLE: &[&str] = &["model", "requests_per_day", "input_tokens", "output_tokens"];
/// The part of [`WHOLE`] that says how much traffic there is.
const TRAFFIC: &[&str] = &["requests_per_day", "input_tokens", "output_tokens", "reasoning_tokens"];

/// Facts that were measured under others, and are doubtful once those change.
const MEASURED: &[(&str, &[&str])] = &[
    (
        "monthly_spend_usd",
        &["model", "vendor", "requests_per_day", "input_tokens", "output_tokens", "reasoning_tokens", "cache_hit_rate"],
    ),
    ("vendor", &["model"]),
    ("ttft_ms", &["model", "vendor", "input_tokens"]),
    ("tpot_ms", &["model", "vendor"]),
    ("latency_p50_ms", &["model", "vendor", "input_tokens", "output_tokens"]),
    ("latency_p95_ms", &["model", "vendor", "input_tokens", "output_tokens"]),
    ("latency_p99_ms", &["model", "vendor", "input_tokens", "output_tokens"]),
    ("tokens_per_second_per_gpu", &["model", "gpu"]),
];
/// Facts about one message only.
const NEVER: &[&str] = &["as_of"];

/// What became of the memory in a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Facts from before that hold on.
    pub kept: Vec<&'static str>,
    /// Facts from before that the message changed by a factor.
    pub changed: Vec<&'static str>,
    /// Facts from before that are doubtful now.
    pub dropped: Vec<&'static str>,
}

impl Memory {
    /// What was stored of a conversation. What this version cannot read is not known.
    pub fn of(extracted: &[Extracted]) -> Self {
        let mut memory = Self::default();
        for fact in extracted {
            if fact.field == CLASSES {
                let whole = Json::Object(Map::from_iter([(CLASSES.to_owned(), fact.value.clone())]));
                memory.workload.classes = Workload::from_json(&whole).map(|w| w.classes).unwrap_or_default();
            } else if memory.workload.set(&fact.field, &fact.value).is_ok() {
                memory.provenance.insert(fact.field.clone(), fact.provenance.clone());
            }
        }
        memory
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.workload.known().next().is_none() && self.workload.classes.is_empty()
    }

    /// Completes the facts of a message by those from before. `content` is its text, for what it says relative to them.
    pub fn carry(
        &self,
        workload: &mut Workload,
        provenance: &mut Provenances,
        questions: &mut Vec<Question>,
        content: &str,
    ) -> Carried {
        let mut carried = Carried::default();
        let said: Vec<&str> = workload.known().map(|(spec, _)| spec.name).collect();
        let is_whole = WHOLE.iter().all(|field| said.contains(field)) || !workload.classes.is_empty();
        if self.is_empty() || is_whole {
            return carried;
        }
        for change in changes(content) {
            self.change(&change, workload, provenance, &mut carried);
        }
        let new = |field: &str| said.contains(&field) || carried.changed.contains(&field);
        // Judged by what the message said, before anything is carried on.
        let doubtful: Vec<&str> = MEASURED
            .iter()
            .filter(|(_, bases)| bases.iter().any(|base| new(base) && self.differs(base, workload)))
            .map(|(field, _)| *field)
            .collect();
        let (mut kept, mut dropped) = (Vec::new(), Vec::new());
        for (spec, value) in self.workload.known() {
            if workload.get(spec.name).is_some() || NEVER.contains(&spec.name) {
                continue;
            }
            if doubtful.contains(&spec.name) {
                dropped.push(spec.name);
                continue;
            }
            let mut tried = workload.clone();
            if tried.set(spec.name, &json(&value)).is_ok() && tried.contradictions().is_empty() {
                *workload = tried;
                provenance.insert(spec.name.into(), self.carried(spec.name));
                kept.push(spec.name);
            } else {
                dropped.push(spec.name);
            }
        }
        if !said.iter().any(|field| TRAFFIC.contains(field)) {
            workload.classes.clone_from(&self.workload.classes);
        }
        questions.retain(|question| workload.get(&question.field).is_none());
        (carried.kept, carried.dropped) = (kept, dropped);
        carried
    }

    /// Whether the message says something else about `field` than was known.
    fn differs(&self, field: &str, workload: &Workload) -> bool {
        self.workload.get(field) != workload.get(field)
    }

    fn change(&self, change: &Change, workload: &mut Workload, provenance: &mut Provenances, carried: &mut Carried) {
        for field in change.fields {
            let (Some(Value::Number(before)), None) = (self.workload.get(field), workload.get(field)) else { continue };
            let whole = TRAFFIC.contains(field);
            let after = if whole { (before * change.factor).round() } else { before * change.factor };
            if workload.set(field, &Json::from(after)).is_err() {
                continue;
            }
            let reference = format!("{} times {before}, from an earlier message", shorten(change.factor));
            let words = Some(change.words.clone());
            let of = Provenance { source: Source::Computed, text: words, reference: Some(reference), ..given() };
            provenance.insert((*field).into(), of);
            carried.changed.push(field);
        }
    }

    /// The provenance of a fact that is carried on: the words stand in another message.
    fn carried(&self, field: &str) -> Provenance {
        let mut provenance = self.provenance.get(field).cloned().unwrap_or_else(given);
        provenance.span = None;
        provenance.reference.get_or_insert_with(|| EARLIER.into());
        provenance
    }
}

/// The field under which classes of work are stored.
const CLASSES: &str = "classes";
/// What the provenance of a carried fact refers to.
const EARLIER: &str = "an earlier message of this conversation";

/// Three digits are enough to say a factor.
fn shorten(factor: f64) -> f64 {
    (factor * 1_000.0).round() / 1_000.0
}

fn given() -> Provenance {
    Provenance { source: Source::Given, text: None, span: None, reference: None, as_of: None }
}

/// A value as JSON.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Number(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.as_str()),
    }
}

/// What is known after a message with this workload, where `before` was: what it says anew or differently, and of the
/// rest what still holds, as it was given. A default is no fact, and what a log says belongs to the log.
pub(super) fn after(
    before: &[Extracted],
    workload: &Workload,
    provenance: &Provenances,
    message: uuid::Uuid,
) -> Vec<Extracted> {
    let fact = |field: &str, value: Json, provenance: Provenance| Extracted {
        field: field.into(),
        value,
        provenance,
        message,
    };
    let known = |field: &str| before.iter().find(|fact| fact.field == field);
    let mut all = Vec::new();
    for (spec, value) in workload.known() {
        let value = json(&value);
        let of = provenance.get(spec.name);
        let is_fact = of.is_none_or(|of| matches!(of.source, Source::Given | Source::Computed));
        match known(spec.name) {
            Some(fact) if !is_fact || fact.value == value => all.push(fact.clone()),
            _ if is_fact && !NEVER.contains(&spec.name) => {
                all.push(fact(spec.name, value, of.cloned().unwrap_or_else(given)));
            }
            _ => {}
        }
    }
    if !workload.classes.is_empty() {
        let classes = serde_json::to_value(&workload.classes).unwrap_or_default();
        match known(CLASSES) {
            Some(fact) if fact.value == classes => all.push(fact.clone()),
            _ => all.push(fact(CLASSES, classes, given())),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::extract::{Extraction, extract};
    use uuid::Uuid;

    const FIRST: &str = "We spend $12k/month on GPT-4o for 200k requests/day, 1,200 input / 300 output tokens";

    fn remembered(content: &str) -> Memory {
        let read = extract(content);
        let memory = Memory::of(&after(&[], &read.workload, &read.provenance, Uuid::nil()));
        assert_eq!(memory.workload, read.workload, "stored and read back");
        memory
    }

    fn follow(memory: &Memory, content: &str) -> (Extraction, Carried) {
        let mut read = extract(content);
        let carried = memory.carry(&mut read.workload, &mut read.provenance, &mut read.questions, content);
        (read, carried)
    }

    #[test]
    fn half_the_tokens_builds_on_what_was_said() {
        let memory = remembered(FIRST);
        let (read, carried) = follow(&memory, "and with half the tokens?");
        let w = &read.workload;
        assert_eq!((w.input_tokens, w.output_tokens, w.requests_per_day), (Some(600.0), Some(150.0), Some(200_000.0)));
        assert_eq!(w.model.as_deref(), Some("gpt-4o"));
        assert_eq!(carried.changed, ["input_tokens", "output_tokens"]);
        // The bill was for twice the tokens.
        assert_eq!((w.monthly_spend_usd, carried.dropped.as_slice()), (None, &["monthly_spend_usd"][..]));
        let halved = &read.provenance["input_tokens"];
        assert_eq!((halved.source, halved.text.as_deref()), (Source::Computed, Some("half the tokens")));
        let kept = &read.provenance["requests_per_day"];
        assert_eq!((kept.source, kept.reference.as_deref(), kept.span), (Source::Given, Some(EARLIER), None));
        assert!(read.questions.iter().all(|q| w.get(&q.field).is_none()));
    }

    #[test]
    fn a_new_statement_wins_and_takes_with_it_what_depended_on_the_old() {
        let memory = remembered(FIRST);
        let (read, carried) = follow(&memory, "What would it cost with 50k requests a day instead?");
        assert_eq!(read.workload.requests_per_day, Some(50_000.0));
        assert_eq!((read.workload.input_tokens, read.workload.monthly_spend_usd), (Some(1_200.0), None));
        assert!(carried.kept.contains(&"model"));
        // The same figure again makes nothing doubtful.
        let (read, _) = follow(&memory, "So with 200k requests a day, how do we answer sooner?");
        assert_eq!(read.workload.monthly_spend_usd, Some(12_000.0));
    }

    #[test]
    fn a_whole_workload_of_its_own_starts_afresh() {
        let memory = remembered(FIRST);
        let other = "Another app: 5k requests/day on claude-sonnet-4-5, 4,000 input / 900 output tokens";
        let (read, carried) = follow(&memory, other);
        assert_eq!(carried, Carried::default());
        assert_eq!(read.workload, extract(other).workload);
        // And the old bill is forgotten, also for the message after it.
        let before = after(&[], &memory.workload, &memory.provenance, Uuid::nil());
        let all = after(&before, &read.workload, &read.provenance, Uuid::max());
        assert_eq!(Memory::of(&all).workload, read.workload);
    }

    #[test]
    fn nothing_before_changes_nothing() {
        let (read, carried) = follow(&Memory::default(), "and with half the tokens?");
        assert_eq!((read, carried), (extract("and with half the tokens?"), Carried::default()));
    }

    #[test]
    fn what_does_not_change_stays_as_it_was_given() {
        let first = extract(FIRST);
        let before = after(&[], &first.workload, &first.provenance, Uuid::nil());
        let (read, _) = follow(&Memory::of(&before), "and with twice the requests?");
        let known = after(&before, &read.workload, &read.provenance, Uuid::max());
        let changed: Vec<_> = known.iter().filter(|fact| !before.contains(fact)).collect();
        assert_eq!(changed.len(), 1);
        assert_eq!((changed[0].field.as_str(), &changed[0].value), ("requests_per_day", &Json::from(400_000.0)));
        assert_eq!((changed[0].message, changed[0].provenance.source), (Uuid::max(), Source::Computed));
        let gone = before.iter().find(|fact| known.iter().all(|of| of.field != fact.field)).unwrap();
        assert_eq!((gone.field.as_str(), known.len()), ("monthly_spend_usd", before.len() - 1));
        assert_eq!(
            after(&known, &read.workload, &read.provenance, Uuid::nil()),
            known,
            "nothing new, nothing to store"
        );
    }
}
