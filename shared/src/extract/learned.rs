//! Tables of weights that the training programs learn: names of evidence, and what each weighs for each answer.

use std::sync::LazyLock;

use super::facts::Says;
use super::key::{Keyed, key};
use super::near::Near;
use super::reading::Reading;
use super::says::{SAYS, kinds};

/// The letter of no weight; one more or less is a step.
const ZERO: i32 = 'P' as i32;
/// Steps of a weight in a table: an eighth.
const SCALE: f64 = 8.0;

/// What each piece of evidence weighs: by its key its place, and from there the answers with their weights.
pub(super) struct Table {
    places: Keyed<(u32, u32)>,
    weights: Vec<(u8, i8)>,
}

impl Table {
    /// Reads a table: the names, then for each answer a line with a letter for each name.
    pub(super) fn read(text: &str) -> Self {
        let mut parts = text.split("\n\n");
        let names = parts.next().unwrap_or("").lines();
        let columns: Vec<&[u8]> = parts.map(|line| line.trim_end().as_bytes()).collect();
        let mut table = Self { places: Keyed::default(), weights: Vec::new() };
        for (i, name) in names.enumerate() {
            let from = table.weights.len() as u32;
            for (k, column) in (0..).zip(&columns) {
                let weight = column.get(i).map_or(0, |b| i32::from(*b) - ZERO);
                if weight != 0 {
                    table.weights.push((k, weight as i8));
                }
            }
            table.places.insert(key(&[name]), (from, table.weights.len() as u32));
        }
        table
    }

    /// The weights of a piece of evidence.
    fn of(&self, name: &[&str]) -> Option<(u32, &[(u8, i8)])> {
        let (from, to) = self.places.get(&key(name))?;
        Some((*from, &self.weights[*from as usize..*to as usize]))
    }
}

/// What each piece of evidence weighs for what a figure says, learned by the example `train_fields`.
static FIGURES: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("figures.txt")));
/// What each piece of evidence weighs for whether a model is in use, the same.
static MODELS: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("models.txt")));

/// A figure that no rule explains is given the likeliest field if it is as likely as this.
const LIKELY: f64 = 0.5;
/// A field is taken for another one if it is as likely as this, and the rules' one unlikely.
const SURE: f64 = 0.7;
const UNLIKELY: f64 = 0.05;

impl Reading<'_> {
    /// Gives figures what is learned of their evidence, where the rules say nothing or are most likely wrong; returns how
    /// likely each is what it says in the end.
    pub(super) fn learned(&self, says: &mut [Option<Says>], firm: &[bool], near: &[Vec<Near>]) -> Vec<f64> {
        let claims = says.to_vec();
        let mut sure = vec![1.0; says.len()];
        for (i, says) in says.iter_mut().enumerate() {
            let likely = self.likely(i, &claims);
            let best = likely.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
            let Some((best, most)) = best.map(|(k, most)| (SAYS[k].0, most)) else { continue };
            let of = |wanted: Says| likely.iter().find(|(k, _)| SAYS[*k].0 == wanted).map_or(1.0, |(_, p)| *p);
            let better = match *says {
                None => most >= LIKELY,
                Some(rule) => !firm[i] && rule != best && most >= SURE && of(rule) <= UNLIKELY,
            };
            if better && self.in_unit(i, best, &near[i]).is_some() {
                *says = Some(best);
            }
            sure[i] = says.map_or(1.0, of);
        }
        sure
    }

    /// How likely it is that the model at `token` is in use, by what is learned.
    pub(super) fn used(&self, token: usize) -> f64 {
        let mut score = 0;
        let mut seen: Vec<u32> = Vec::with_capacity(64);
        super::roles::around(self, token, &mut |name| {
            let Some((place, weights)) = MODELS.of(name) else { return };
            if !seen.contains(&place) {
                seen.push(place);
                score +=
                    weights.iter().map(|(k, weight)| i32::from(*weight) * if *k == 0 { -1 } else { 1 }).sum::<i32>();
            }
        });
        1.0 / (1.0 + libm::exp(-f64::from(score) / SCALE))
    }

    /// What a figure can say and how likely that is, by what is learned.
    fn likely(&self, i: usize, claims: &[Option<Says>]) -> Vec<(usize, f64)> {
        let mut scores = [0_i32; SAYS.len()];
        let mut seen: Vec<u32> = Vec::with_capacity(64);
        self.around(i, claims, &mut |name| {
            let Some((place, weights)) = FIGURES.of(name) else { return };
            if !seen.contains(&place) {
                seen.push(place);
                for (k, weight) in weights {
                    scores[usize::from(*k)] += i32::from(*weight);
                }
            }
        });
        let kinds = kinds(&self.mentions[i]);
        let can: Vec<usize> = (0..SAYS.len()).filter(|k| SAYS[*k].1 & kinds != 0).collect();
        let most = can.iter().map(|k| scores[*k]).max().unwrap_or(0);
        // `libm` gives the same bits natively and in WebAssembly.
        let part = |k: usize| libm::exp(f64::from(scores[k] - most) / SCALE);
        let sum: f64 = can.iter().map(|k| part(*k)).sum();
        can.into_iter().map(|k| (k, part(k) / sum)).collect()
    }
}
