//! Free text to workload. A message passes through: [`lex`] and [`lexicon`] (characters to tokens with meanings, and
//! [`models`] to ids), [`quantity`] (tokens to numbers with units, with [`number`] below), [`clauses`] (which words
//! are facts about this workload), [`facts`] (quantities to fields, by rules first and then by [`learned`] weights
//! of what [`figures`] sees around each), [`roles`] (which model is in use), [`assemble`] and [`names`]
//! (one value a field, or a question), [`evidence`] and [`category`] (what tells the category, with learned weights;
//! [`categories`] has what each cannot do without) and [`questions`].
//! Nothing is guessed: what is missing is asked.

mod adopt;
mod assemble;
mod categories;
mod category;
mod classes;
mod clauses;
mod evidence;
mod facts;
mod fields;
mod figures;
mod key;
mod learned;
mod leftover;
mod lex;
mod lexicon;
mod lists;
mod models;
mod names;
mod near;
mod number;
mod periods;
mod quantity;
mod questions;
mod reading;
mod roles;
mod says;
mod tables;
mod unknown;
mod words;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use category::tell;

use crate::message::{Category, Complexity};
use crate::result::Question;
use crate::workload::{Provenances, Workload};

/// What a message says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extraction {
    /// What it asks for; `None` where it is ambiguous.
    pub category: Option<Category>,
    /// How much it asks at once.
    pub complexity: Complexity,
    /// How sure the category is, 0..1.
    pub confidence: f64,
    /// The facts.
    pub workload: Workload,
    /// The words that say each fact.
    pub provenance: Provenances,
    /// What could not be understood or is missing.
    pub questions: Vec<Question>,
}

/// Reads the facts in `content`. Total: any text gives an extraction, of facts and of questions.
pub fn extract(content: &str) -> Extraction {
    read(content, |reading, draft| {
        let (category, confidence) = category::category(reading, &draft.workload);
        let complexity = category::complexity(reading, &draft.workload);
        let assemble::Draft { mut workload, mut provenance, mut questions, .. } = draft;
        questions::below_zero(content, &mut workload, &mut provenance, &mut questions);
        questions::missing(category, &workload, &mut questions);
        Extraction { category, complexity, confidence, workload, provenance, questions }
    })
}

/// What the category of `content` is told by: the input of the training program `train_category`.
pub fn evidence(content: &str) -> BTreeSet<String> {
    read(content, |reading, draft| {
        let mut found = BTreeSet::new();
        evidence::each(reading, &draft.workload, &mut |name| {
            found.insert(name.concat());
        });
        // Told by a rule, not by what is learned.
        if evidence::several(reading) {
            found.insert("+equals".into());
        }
        found
    })
}

/// A figure of a message, as the training program `train_fields` sees it.
pub struct Figure {
    /// What tells its field.
    pub evidence: BTreeSet<String>,
    /// What it can say, by the numbers of [`says`], and its value in that unit.
    pub can: Vec<(usize, f64)>,
    /// What the rules make of it.
    pub claim: Option<usize>,
    /// The words.
    pub words: String,
}

/// The names of what a figure can say.
pub fn says() -> Vec<&'static str> {
    says::SAYS.iter().map(|(says, _)| says::name(*says)).collect()
}

/// The figures of `content` and what tells their fields: the input of the training program `train_fields`.
pub fn figures(content: &str) -> Vec<Figure> {
    read(content, |reading, draft| {
        let near: Vec<_> = (0..reading.mentions.len()).map(|i| reading.near(i)).collect();
        let (claims, _) = reading.claims(&near);
        let number = |says: facts::Says| says::SAYS.iter().position(|(other, _)| *other == says);
        let figure = |i: usize| {
            let mut evidence = BTreeSet::new();
            reading.around(i, &claims, &mut |name| {
                evidence.insert(name.concat());
            });
            let mention = &reading.mentions[i];
            let kinds = says::kinds(mention);
            let can = |(k, (says, of)): (usize, &(facts::Says, u32))| {
                let value = reading.in_unit(i, *says, &near[i]).unwrap_or(f64::NAN);
                (of & kinds != 0).then_some((k, value))
            };
            Figure {
                evidence,
                can: says::SAYS.iter().enumerate().filter_map(can).collect(),
                claim: claims[i].and_then(number),
                words: draft.words(mention.from, mention.to),
            }
        };
        (0..reading.mentions.len()).map(figure).collect()
    })
}

/// The models in `content` and what tells whether each is in use: the input of `train_fields`.
pub fn models(content: &str) -> Vec<(String, BTreeSet<String>)> {
    read(content, |reading, _| {
        let named = roles::roles(reading);
        let of = |named: &roles::Named| {
            let mut found = BTreeSet::new();
            roles::around(reading, named.token, &mut |name| {
                found.insert(name.concat());
            });
            (reading.lexed.models[named.model].id.clone(), found)
        };
        named.iter().map(of).collect()
    })
}

/// Makes `content` ready to be read and its workload filled, for `then`.
fn read<T>(content: &str, then: impl for<'a> FnOnce(&'a reading::Reading<'a>, assemble::Draft<'a>) -> T) -> T {
    let mut lexed = lex::lex(content);
    lexicon::classify(&mut lexed);
    lexicon::directions(&mut lexed);
    let statuses = clauses::statuses(&lexed);
    let mentions = quantity::quantities(&lexed.toks);
    let reading = reading::Reading::new(&lexed, &statuses, lexicon::is_german(&lexed), mentions);
    let mut draft = assemble::Draft::new(content, &reading);
    draft.fill();
    then(&reading, draft)
}

#[cfg(test)]
mod tests;
