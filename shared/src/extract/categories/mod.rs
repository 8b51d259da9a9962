//! What a category needs of the reading: one file each, and one line each in [`ALL`].

mod advanced;
mod cost;
mod latency;
mod scaling;
mod selection;

use super::reading::Reading;
use crate::message::Category;
use crate::workload::Workload;

/// Names what a whole message says.
pub(super) type Signs = fn(&Reading<'_>, &Workload, &mut dyn FnMut(&str));

/// What asks for a category beyond its words, whose weights are learned, and what it cannot do without.
pub(super) struct Asks {
    pub(super) category: Category,
    /// Fields that are asked for when they are missing.
    pub(super) essential: &'static [&'static str],
    /// Names what the message as a whole says, beyond words and fields.
    pub(super) signs: Signs,
}

/// The categories; of two that are as likely, the earlier stands first.
pub(super) const ALL: &[Asks] = &[cost::ASKS, latency::ASKS, selection::ASKS, scaling::ASKS, advanced::ASKS];

/// The line of a category.
pub(super) fn of(category: Category) -> Option<&'static Asks> {
    ALL.iter().find(|asks| asks.category == category)
}

/// For a category that no sign speaks for.
fn none(_: &Reading<'_>, _: &Workload, _: &mut dyn FnMut(&str)) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_stands_in_the_list_once_and_in_order() {
        let listed: Vec<Category> = ALL.iter().map(|asks| asks.category).collect();
        assert_eq!(listed, Category::ALL);
    }

    #[test]
    fn every_essential_field_exists() {
        for asks in ALL {
            for name in asks.essential {
                assert!(crate::workload::field(name).is_some(), "{name}");
            }
        }
    }
}
