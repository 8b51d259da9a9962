//! What a message asks for, how sure that is, and how much it asks at once.

use std::sync::LazyLock;

use super::evidence;
use super::key::{Keyed, key};
use super::lexicon::C;
use super::reading::Reading;
use crate::message::{Category, Complexity};
use crate::workload::Workload;

/// The categories, and "unclear".
const ASKED: usize = Category::ALL.len() + 1;
/// Steps of a weight in the table: a sixteenth.
const SCALE: f64 = 16.0;
/// A category less likely than this is asked about.
const SURE: f64 = 0.4;

/// The letter of no weight; one more or less is a step.
const ZERO: i32 = 'P' as i32;

/// The place in the table and the weights of each name by its key. Two names with one key would be one name of the table
/// too few, which a test would see.
type Weights = Keyed<(u16, [i8; ASKED])>;

/// What each piece of evidence weighs for each category and for "unclear", learned by the example `train_category`: the
/// names, then a line of letters for each.
static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    let mut parts = include_str!("weights.txt").split("\n\n");
    let names = parts.next().unwrap_or("").lines();
    let columns: Vec<&[u8]> = parts.map(|line| line.trim_end().as_bytes()).collect();
    let weight = |k: usize, i: usize| columns.get(k).and_then(|c| c.get(i)).map_or(0, |b| (i32::from(*b) - ZERO) as i8);
    (0..).zip(names).map(|(i, name)| (key(&[name]), (i, std::array::from_fn(|k| weight(k, usize::from(i)))))).collect()
});

/// The category, `None` if the message is unclear, and how sure it is.
pub(super) fn category(reading: &Reading<'_>, workload: &Workload) -> (Option<Category>, f64) {
    let mut seen = vec![false; WEIGHTS.len()];
    let mut scores = [0; ASKED];
    // A plan weighs several aims or kinds of work as well.
    let mut plan = !workload.classes.is_empty();
    evidence::each(reading, workload, &mut |name| {
        plan |= name == ["+", "3 aims"];
        let Some((i, weights)) = WEIGHTS.get(&key(name)) else { return };
        if !std::mem::replace(&mut seen[usize::from(*i)], true) {
            scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += i32::from(*weight));
        }
    });
    let most = scores.iter().copied().max().unwrap_or(0);
    // `libm` gives the same bits natively and in WebAssembly.
    let parts = scores.map(|score| libm::exp(f64::from(score - most) / SCALE));
    let sum: f64 = parts.iter().sum();
    let (category, sure) = tell(parts.map(|part| part / sum));
    // Words can't weigh two questions against each other when the message says that neither is above the other.
    if !plan && evidence::several(reading) { (None, sure.min(0.5)) } else { (category, sure) }
}

/// The category by the likelihood of each, and of none in the last place.
pub fn tell(likely: [f64; ASKED]) -> (Option<Category>, f64) {
    let best = (0..Category::ALL.len()).fold(0, |best, k| if likely[k] > likely[best] { k } else { best });
    let clear = likely[best] >= likely[ASKED - 1] && likely[best] >= SURE;
    (clear.then(|| Category::ALL[best]), likely[best])
}

/// How much a message asks at once, from the facts it gives.
pub(super) fn complexity(reading: &Reading<'_>, workload: &Workload) -> Complexity {
    // The four figures of every price and the kind of work make no question harder.
    const PLAIN: &[&str] = &["model", "vendor", "task", "requests_per_day", "input_tokens", "output_tokens"];
    let facts = workload.known().filter(|(spec, _)| !PLAIN.contains(&spec.name)).count();
    // A wish for quality is one more thing to weigh.
    let quality = reading.toks().iter().any(|t| matches!(t.word(), Some(C::Quality | C::Arena | C::Accuracy)));
    let more = facts + usize::from(quality);
    if !workload.classes.is_empty() || more >= 5 {
        Complexity::Advanced
    } else if more >= 2 {
        Complexity::Intermediate
    } else {
        Complexity::Basic
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_weights_is_whole() {
        let text = include_str!("weights.txt");
        let parts: Vec<&str> = text.split("\n\n").collect();
        assert_eq!(parts.len(), ASKED + 1, "run `cargo run --release -p shared --example train_category`");
        assert_eq!(WEIGHTS.len(), parts[0].lines().count(), "a name stands twice");
        for column in &parts[1..] {
            assert_eq!(column.trim_end().len(), WEIGHTS.len());
        }
        assert!(WEIGHTS.contains_key(&key(&["+"])), "the weight of every message is missing");
    }

    #[test]
    fn what_is_as_likely_as_nothing_is_asked() {
        let likely = |k: usize, of: f64| std::array::from_fn(|i| if i == k { of } else { (1.0 - of) / 5.0 });
        assert_eq!(tell(likely(1, 0.9)).0, Some(Category::Latency));
        assert_eq!(tell(likely(ASKED - 1, 0.9)).0, None);
        assert_eq!(tell(likely(1, 0.3)).0, None);
    }
}
