//! What a category needs of the reading: one file each, and one line each in [`ALL`].

mod advanced;
mod cost;
mod latency;
mod scaling;
mod selection;

use super::reading::Reading;
use crate::message::Category;
use crate::workload::Workload;

/// What asks for a category, and what it cannot do without.
pub(super) struct Asks {
    pub(super) category: Category,
    /// Weights with the words and phrases that ask for it, divided by `|`. A star stands for any ending.
    pub(super) cues: &'static [(f64, &'static str)],
    /// Fields that speak for it when they are known, with their weights.
    pub(super) hints: &'static [(&'static str, f64)],
    /// Fields that are asked for when they are missing.
    pub(super) essential: &'static [&'static str],
    /// What the message as a whole says for it, beyond words and fields.
    pub(super) signs: fn(&Reading<'_>, &Workload) -> f64,
}

/// The categories; of two that are as likely, the earlier stands first.
pub(super) const ALL: &[Asks] = &[cost::ASKS, latency::ASKS, selection::ASKS, scaling::ASKS, advanced::ASKS];

/// The line of a category.
pub(super) fn of(category: Category) -> Option<&'static Asks> {
    ALL.iter().find(|asks| asks.category == category)
}

/// For a category that no sign speaks for.
fn none(_: &Reading<'_>, _: &Workload) -> f64 {
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_stands_in_the_list_once_and_in_order() {
        let listed: Vec<Category> = ALL.iter().map(|asks| asks.category).collect();
        assert_eq!(listed, Category::ALL);
    }

    #[test]
    fn every_field_exists_and_every_cue_is_as_the_reader_sees_it() {
        for asks in ALL {
            for name in asks.hints.iter().map(|(name, _)| name).chain(asks.essential) {
                assert!(crate::workload::field(name).is_some(), "{name}");
            }
            for phrase in asks.cues.iter().flat_map(|(_, phrases)| phrases.split('|')) {
                assert!(!phrase.trim_matches('*').is_empty(), "an empty cue of {}", asks.category);
                assert!(!phrase.contains(char::is_uppercase), "{phrase} can never match");
            }
        }
    }
}
