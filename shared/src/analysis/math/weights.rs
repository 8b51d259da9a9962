//! Weighted ranking of options with two qualities, and how much it depends on the weights.

/// For each option with two scores (higher is better), the share of all weights w in 0..1 for which
/// `(1 - w)·first + w·second` is the highest. The winners over w are the upper envelope of straight lines, so the shares
/// are exact; options with equal scores share their part.
pub fn winning_shares(scores: &[(f64, f64)]) -> Vec<f64> {
    let ranges: Vec<Option<(f64, f64)>> = scores.iter().map(|mine| winning_range(*mine, scores)).collect();
    ranges
        .iter()
        .zip(scores)
        .map(|(range, mine)| {
            let twins = scores.iter().filter(|other| *other == mine).count();
            range.map_or(0.0, |(low, high)| (high - low) / twins as f64)
        })
        .collect()
}

/// The weights for which no other option is above `mine`; `None` if there are none.
fn winning_range(mine: (f64, f64), scores: &[(f64, f64)]) -> Option<(f64, f64)> {
    let (mut low, mut high) = (0.0f64, 1.0f64);
    for other in scores {
        // mine - other at weight w is a + w·b, which must not be negative.
        let a = mine.0 - other.0;
        let b = (mine.1 - other.1) - a;
        if b == 0.0 {
            if a < 0.0 {
                return None;
            }
        } else if b > 0.0 {
            low = low.max(-a / b);
        } else {
            high = high.min(-a / b);
        }
    }
    (low <= high).then_some((low, high))
}

/// `value` between `worst` and `best` as 0..1; 1 where there is no difference.
pub fn normalised(value: f64, worst: f64, best: f64) -> f64 {
    let share = (value - worst) / (best - worst);
    if share.is_finite() { share.clamp(0.0, 1.0) + 0.0 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_extremes_and_a_middle_one_share_the_weights() {
        // The middle one wins between the crossings at 1/4 and 3/4.
        assert_eq!(winning_shares(&[(1.0, 0.0), (0.75, 0.75), (0.0, 1.0)]), [0.25, 0.5, 0.25]);
        assert_eq!(winning_shares(&[(0.5, 0.5), (0.4, 0.6), (0.4, 0.4)]), [0.5, 0.5, 0.0]);
        assert_eq!(winning_shares(&[(0.5, 0.5), (0.5, 0.5)]), [0.5, 0.5]);
        assert!(winning_shares(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn the_shares_are_those_of_a_fine_grid(scores in prop::collection::vec((0.0..1.0, 0.0..1.0), 1..8)) {
            let shares = winning_shares(&scores);
            prop_assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            let steps = 2_000;
            let mut wins = vec![0.0; scores.len()];
            for step in 0..steps {
                let w = (f64::from(step) + 0.5) / f64::from(steps);
                let at = |i: &usize| (1.0 - w) * scores[*i].0 + w * scores[*i].1;
                let best = (0..scores.len()).max_by(|a, b| at(a).total_cmp(&at(b))).unwrap();
                wins[best] += 1.0 / f64::from(steps);
            }
            for (exact, counted) in shares.iter().zip(wins) {
                prop_assert!((exact - counted).abs() < 2e-3, "{} {}", exact, counted);
            }
        }
    }
}
