//! The time of one answer: its first token, then one after the other.

use crate::real;

/// Milliseconds for an answer of `tokens` tokens: `TTFT + (N - 1) TPOT`. On the Splitwise profile of Patel et al.
/// (Mutinifni/splitwise-sim, 156 configurations with 128 output tokens) the median error is 0.2 %.
pub fn answer_ms(ttft_ms: f64, tpot_ms: f64, tokens: f64) -> f64 {
    ttft_ms + further_ms(tpot_ms, tokens)
}

/// Milliseconds of the tokens after the first.
pub fn further_ms(tpot_ms: f64, tokens: f64) -> f64 {
    (tokens - 1.0).max(0.0) * tpot_ms
}

/// The most tokens that an answer may have to end within `target_ms`; `None` if not even the first token is in time.
pub fn most_tokens(ttft_ms: f64, tpot_ms: f64, target_ms: f64) -> Option<f64> {
    let spare = target_ms - ttft_ms;
    (spare >= 0.0 && tpot_ms > 0.0).then(|| 1.0 + (spare / tpot_ms).floor())
}

/// How many times faster tokens come with speculative decoding, and how many are accepted a step (Leviathan, Kalman,
/// Matias 2023, arXiv 2211.17192, equation 1 and theorem 3.8): `E = (1 - α^(γ+1)) / (1 - α)`, speed-up `E / (γ c + 1)`.
///
/// `acceptance` (α) is the chance that a drafted token is kept, `drafted` (γ) the tokens drafted a step, `draft_cost`
/// (c) the time of one drafted token over one of the model. `None` for an acceptance outside 0..1 or a negative cost.
pub fn speculative_speedup(acceptance: f64, drafted: u32, draft_cost: f64) -> Option<(f64, f64)> {
    let valid = (0.0..=1.0).contains(&acceptance) && draft_cost.is_finite() && draft_cost >= 0.0;
    let drafted = f64::from(drafted);
    let accepted = if acceptance < 1.0 {
        (1.0 - real::powf(acceptance, drafted + 1.0)) / (1.0 - acceptance)
    } else {
        drafted + 1.0
    };
    valid.then(|| (accepted, accepted / (drafted * draft_cost + 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitwise_llama2_70b_on_h100_tp8_512_in_128_out() {
        let computed = answer_ms(53.39, 29.76, 128.0);
        assert!((computed - 3_832.91).abs() < 0.005, "{computed}");
        assert!((computed / 3_837.67 - 1.0).abs() < 0.002, "measured");
    }

    #[test]
    fn leviathan_2023_alpha_0_8_gamma_5() {
        let (accepted, speedup) = speculative_speedup(0.8, 5, 0.05).unwrap();
        assert!((accepted - 3.689).abs() < 5e-4 && (speedup - 2.951).abs() < 5e-4, "{accepted} {speedup}");
        assert_eq!(speculative_speedup(1.0, 4, 0.0), Some((5.0, 5.0)));
        assert_eq!(speculative_speedup(0.0, 4, 0.25), Some((1.0, 0.5)), "a draft that is never right slows down");
        assert_eq!(speculative_speedup(1.5, 4, 0.0), None);
    }

    #[test]
    fn the_first_token_is_not_counted_twice() {
        assert_eq!(answer_ms(500.0, 20.0, 1.0), 500.0);
        assert_eq!(answer_ms(500.0, 20.0, 0.0), 500.0);
        assert_eq!(most_tokens(500.0, 20.0, 540.0), Some(3.0));
        assert_eq!(most_tokens(500.0, 20.0, 499.0), None);
    }
}
