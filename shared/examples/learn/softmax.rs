//! Softmax regression with an L1 penalty that keeps a table short and an L2 penalty that keeps its weights small, solved
//! by accelerated proximal gradient steps (Beck and Teboulle, A Fast Iterative Shrinkage-Thresholding Algorithm, 2009).

/// What is learned from: the columns that are seen, the answers that are possible, the right one, and its weight.
pub(crate) struct Sample {
    pub(crate) columns: Vec<usize>,
    pub(crate) can: Vec<usize>,
    pub(crate) right: usize,
    pub(crate) weight: f64,
}

/// The weights of each column for each of `K` answers, after `steps` steps; each column has both penalties of its own.
pub(crate) fn solve<const K: usize>(data: &[Sample], penalties: &[[f64; 2]], steps: usize) -> Vec<[f64; K]> {
    let mut weights = vec![[0.0; K]; penalties.len()];
    let mut ahead = weights.clone();
    let (mut momentum, mut step) = (1.0_f64, 0.05);
    let mut value_before = f64::INFINITY;
    for _ in 0..steps {
        let (value, gradient) = loss(data, &ahead, penalties);
        // Backtracking: shrink until the quadratic bound holds.
        let next = loop {
            let next = proximal(&ahead, &gradient, step, penalties);
            let bound: f64 = ahead
                .iter()
                .zip(&next)
                .zip(&gradient)
                .map(|((a, n), g)| {
                    (0..K).map(|k| g[k] * (n[k] - a[k]) + (n[k] - a[k]).powi(2) / (2.0 * step)).sum::<f64>()
                })
                .sum();
            if loss(data, &next, penalties).0 <= value + bound + 1e-9 {
                break next;
            }
            step *= 0.5;
        };
        // Start the momentum again where it overshoots.
        if value > value_before {
            momentum = 1.0;
        }
        value_before = value;
        let faster = f64::midpoint(1.0, (1.0 + 4.0 * momentum * momentum).sqrt());
        let share = (momentum - 1.0) / faster;
        for ((a, n), w) in ahead.iter_mut().zip(&next).zip(&weights) {
            for k in 0..K {
                a[k] = n[k] + share * (n[k] - w[k]);
            }
        }
        (weights, momentum) = (next, faster);
    }
    weights
}

/// Cross-entropy with the L2 penalty, and its gradient.
fn loss<const K: usize>(data: &[Sample], weights: &[[f64; K]], penalties: &[[f64; 2]]) -> (f64, Vec<[f64; K]>) {
    let mut gradient: Vec<[f64; K]> = weights.iter().zip(penalties).map(|(w, [_, l2])| w.map(|w| l2 * w)).collect();
    let mut value: f64 =
        weights.iter().zip(penalties).map(|(w, [_, l2])| w.iter().map(|w| 0.5 * l2 * w * w).sum::<f64>()).sum();
    let mut scores = [0.0; K];
    for sample in data {
        for k in &sample.can {
            scores[*k] = sample.columns.iter().map(|column| weights[*column][*k]).sum();
        }
        shares(&mut scores, &sample.can);
        value -= sample.weight * scores[sample.right].max(1e-300).ln();
        scores[sample.right] -= 1.0;
        for column in &sample.columns {
            for k in &sample.can {
                gradient[*column][*k] += sample.weight * scores[*k];
            }
        }
    }
    (value, gradient)
}

fn proximal<const K: usize>(
    weights: &[[f64; K]],
    gradient: &[[f64; K]],
    step: f64,
    penalties: &[[f64; 2]],
) -> Vec<[f64; K]> {
    let mut next = weights.to_vec();
    for ((w, g), [l1, _]) in next.iter_mut().zip(gradient).zip(penalties) {
        for k in 0..K {
            let moved = w[k] - step * g[k];
            w[k] = moved.signum() * (moved.abs() - step * l1).max(0.0);
        }
    }
    next
}

/// Turns the scores of the possible answers into how likely each is.
pub(crate) fn shares(scores: &mut [f64], can: &[usize]) {
    let most = can.iter().map(|k| scores[*k]).fold(f64::MIN, f64::max);
    for k in can {
        scores[*k] = (scores[*k] - most).exp();
    }
    let sum: f64 = can.iter().map(|k| scores[*k]).sum();
    for k in can {
        scores[*k] /= sum;
    }
}
