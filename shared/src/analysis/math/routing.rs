//! Two models and a router between them: what a share of calls to the strong one buys.
//!
//! Sources: `RouteLLM`, arXiv 2406.18665 (performance gap recovered, PGR; call-performance threshold, CPT; their
//! area, APGR); `FrugalGPT`, arXiv 2305.05176 (cascades).

/// How often two models are right on the same questions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcomes {
    /// Both right.
    pub both: f64,
    /// Only the weak one right.
    pub weak_only: f64,
    /// Only the strong one right.
    pub strong_only: f64,
    /// Neither.
    pub neither: f64,
}

impl Outcomes {
    fn total(&self) -> f64 {
        self.both + self.weak_only + self.strong_only + self.neither
    }

    /// The share that the weak model answers right.
    pub fn weak(&self) -> f64 {
        (self.both + self.weak_only) / self.total()
    }

    /// The share that the strong model answers right.
    pub fn strong(&self) -> f64 {
        (self.both + self.strong_only) / self.total()
    }

    /// The share right with a router that knows who is right: the upper bound of every router.
    pub fn oracle(&self) -> f64 {
        1.0 - self.neither / self.total()
    }

    /// The least share of strong calls with which such a router is as good as the strong model alone: it needs one
    /// for every question that only the strong one answers, less those that only the weak one does.
    pub fn oracle_calls_to_match_strong(&self) -> f64 {
        ((self.strong_only - self.weak_only) / self.total()).max(0.0)
    }
}

/// The share of the gap between weak and strong that `quality` recovers; `None` without a gap.
pub fn gap_recovered(weak: f64, strong: f64, quality: f64) -> Option<f64> {
    Some((quality - weak) / (strong - weak)).filter(|share| share.is_finite())
}

/// The area under PGR over the share of strong calls from 0 to 1 (APGR), by trapezoids through `curve`, which holds
/// (share of strong calls, PGR) with rising shares. A router that guesses has 0.5.
pub fn area_under(curve: &[(f64, f64)]) -> f64 {
    curve.windows(2).map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1) / 2.0).sum()
}

/// The quality of a router that guesses: a straight line between the two models.
pub fn random_router(weak: f64, strong: f64, strong_share: f64) -> f64 {
    weak + strong_share * (strong - weak)
}

/// Dollars a request with a router that decides before it asks: s·strong + (1 - s)·weak.
pub fn routed_cost(weak_usd: f64, strong_usd: f64, strong_share: f64) -> f64 {
    strong_share * strong_usd + (1.0 - strong_share) * weak_usd
}

/// Dollars a request of a cascade: each model of `steps` (cost, share of its answers that is accepted) is asked about
/// what those before it left over: c1 + (1 - a1)·c2 + (1 - a1)(1 - a2)·c3 + …
pub fn cascade_cost(steps: &[(f64, f64)]) -> f64 {
    let mut left = 1.0;
    let mut cost = 0.0;
    for (usd, accepted) in steps {
        cost += left * usd;
        left *= 1.0 - accepted;
    }
    cost
}

/// What a cascade saves against the best single model at an accuracy not below its: `frontier` holds (accuracy, cost)
/// of the cascade. Negative if it is dearer; `None` if it never reaches the accuracy.
pub fn saving_at_matched_accuracy(frontier: &[(f64, f64)], accuracy: f64, usd: f64) -> Option<f64> {
    let reaching = frontier.iter().filter(|(reached, _)| *reached >= accuracy).map(|(_, cost)| *cost);
    reaching.reduce(f64::min).map(|cost| 1.0 - cost / usd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(actual: f64, expected: f64, within: f64) {
        assert!((actual - expected).abs() <= within, "{actual} is not {expected}");
    }

    #[test]
    fn routellm_mmlu_recomputed() {
        let mmlu = Outcomes { both: 8818.0, weak_only: 742.0, strong_only: 2497.0, neither: 1985.0 };
        near(mmlu.weak(), 0.68081, 5e-6);
        near(mmlu.strong(), 0.8058, 5e-6);
        near(mmlu.oracle(), 0.85864, 5e-6);
        near(mmlu.oracle_calls_to_match_strong(), 0.12498, 5e-6);
    }

    #[test]
    fn routellm_gsm8k_recomputed() {
        let gsm8k = Outcomes { both: 747.0, weak_only: 95.0, strong_only: 383.0, neither: 94.0 };
        near(gsm8k.weak(), 0.63836, 5e-6);
        near(gsm8k.strong(), 0.85671, 5e-6);
        near(gsm8k.oracle(), 0.92873, 5e-6);
        near(gsm8k.oracle_calls_to_match_strong(), 0.21835, 5e-6);
    }

    #[test]
    fn routellm_random_router_has_apgr_one_half() {
        let curve: Vec<(f64, f64)> = (0..=100)
            .map(|i| f64::from(i) / 100.0)
            .map(|s| (s, gap_recovered(0.68, 0.81, random_router(0.68, 0.81, s)).unwrap()))
            .collect();
        near(area_under(&curve), 0.5, 1e-12);
        assert_eq!(gap_recovered(0.7, 0.7, 0.7), None);
    }

    /// The cascades of 2024 beside the best single model: the points of each front around its accuracy.
    #[test]
    fn frugalgpt_2024_recomputed_savings() {
        // Data set, (accuracy, dollars) of the cascade on both sides of the best single model, that model, saving.
        let published = [
            ("HEADLINES", [(0.8522, 9.787_288e-6), (0.8698, 1.921_22e-4)], (0.8558, 3.330_555e-3), 0.9423),
            ("SCIQ", [(0.769_652, 7.899_14e-4), (0.786_950, 1.884_556e-3)], (0.778_558, 0.016_268_465), 0.8842),
            ("AGNEWS", [(0.892_368, 3.2147e-4), (0.900_263, 5.646_78e-4)], (0.900_263, 2.036_503e-3), 0.7227),
            ("OVERRULING", [(0.959_259, 4.533_26e-4), (0.961_111, 7.979_81e-4)], (0.959_259, 1.060_878e-3), 0.5727),
            ("COQA", [(0.338_762, 7.384_493e-5), (0.369_331, 7.176e-4)], (0.338_762, 7.336_983e-5), -0.0065),
        ];
        for (dataset, frontier, (accuracy, usd), saving) in published {
            let found = saving_at_matched_accuracy(&frontier, accuracy, usd).unwrap();
            assert!((found - saving).abs() <= 1e-4, "{dataset}: {found} is not {saving}");
        }
        assert_eq!(saving_at_matched_accuracy(&[(0.5, 1.0)], 0.6, 1.0), None);
    }

    #[test]
    fn frugalgpt_cascade_of_three() {
        near(cascade_cost(&[(1.0, 0.5), (2.0, 0.5), (4.0, 1.0)]), 1.0 + 0.5 * 2.0 + 0.25 * 4.0, 1e-15);
    }

    proptest! {
        #[test]
        fn a_cascade_never_costs_less_than_a_router(weak in 0.0..10.0, more in 0.0..10.0, accepted in 0.0..=1.0) {
            let strong = weak + more;
            let cascade = cascade_cost(&[(weak, accepted), (strong, 1.0)]);
            prop_assert!(cascade + 1e-12 >= routed_cost(weak, strong, 1.0 - accepted));
        }
    }
}
