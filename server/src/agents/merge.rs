//! Several answers to one. A pure function: the same answers give the same result, in whatever order they came.

use shared::message::Category;
use shared::result::AnalysisResult;

/// Figures that each specialist adds at most: those that its category is known by come first in its list.
const FIGURES_EACH: usize = 4;

/// Adds the figures of `others` to the plan of `main`. What the planner says stands: a figure that it has, too, is not
/// replaced, and of two specialists the one whose category comes first is believed. A specialist who lacks facts has
/// no figures, and then nothing of it is added: it was not asked for.
#[must_use]
pub fn merge(mut main: AnalysisResult, mut others: Vec<(Category, AnalysisResult)>) -> AnalysisResult {
    others.sort_by_key(|(category, _)| *category);
    for (_, other) in others {
        let known = |id: &str| main.metrics.iter().any(|metric| metric.id == id);
        let added: Vec<_> = other
            .metrics
            .into_iter()
            .filter(|metric| metric.value.is_some() && !known(&metric.id))
            .take(FIGURES_EACH)
            .collect();
        if added.is_empty() {
            continue;
        }
        main.metrics.extend(added);
        // What its figures take for granted belongs to them.
        for assumption in other.assumptions {
            let same = main.assumptions.iter().any(|of| match (&of.field, &assumption.field) {
                (Some(a), Some(b)) => a == b,
                _ => of.text == assumption.text,
            });
            if !same {
                main.assumptions.push(assumption);
            }
        }
    }
    main
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::extract::extract;
    use shared::message::Format;

    fn answers() -> (AnalysisResult, Vec<(Category, AnalysisResult)>) {
        let catalog = crate::catalog::load();
        let read = extract(
            "200k requests/day on gpt-4o, 1,200 input / 300 output tokens, budget $20k/month, ttft 400 ms, tpot 12 ms",
        );
        let of = |category| {
            let today = "2026-11-22".parse().unwrap();
            let request = shared::analysis::Request {
                category,
                workload: &read.workload,
                provenance: &read.provenance,
                format: Format::Detailed,
                today,
            };
            shared::analysis::analyze(&request, &catalog).unwrap()
        };
        let others = [Category::Cost, Category::Latency, Category::Scaling].map(|category| (category, of(category)));
        (of(Category::Advanced), others.to_vec())
    }

    #[test]
    fn the_order_in_which_answers_come_makes_no_difference() {
        let (main, others) = answers();
        let merged = merge(main.clone(), others.clone());
        let mut reversed = others;
        reversed.reverse();
        assert_eq!(merge(main.clone(), reversed), merged);
        assert!(merged.metrics.len() > main.metrics.len());
        let mut ids: Vec<_> = merged.metrics.iter().map(|metric| metric.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), merged.metrics.len(), "each figure once");
    }

    #[test]
    fn what_the_planner_says_stands() {
        let (main, mut others) = answers();
        let (id, value) = (main.metrics[0].id.clone(), main.metrics[0].value);
        let mut wrong = main.metrics[0].clone();
        wrong.value = Some(-1.0);
        others[0].1.metrics.insert(0, wrong);
        let merged = merge(main.clone(), others);
        assert_eq!(merged.metric(&id).and_then(|metric| metric.value), value);
        assert_eq!((merged.options, merged.charts), (main.options, main.charts));
    }

    #[test]
    fn merging_nothing_changes_nothing() {
        let (main, mut others) = answers();
        assert_eq!(merge(main.clone(), Vec::new()), main);
        for metric in others.iter_mut().flat_map(|(_, other)| &mut other.metrics) {
            metric.value = None;
        }
        assert_eq!(merge(main.clone(), others), main);
    }
}
