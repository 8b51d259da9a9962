//! How long to wait before the next try: exponential with full jitter, so that many clients cut at the same moment
//! come back spread out (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).

/// The longest first wait.
const BASE_MS: f64 = 500.0;
/// The longest wait of all.
const CAP_MS: f64 = 30_000.0;

/// Milliseconds to wait after `failures` failed tries in a row; `random` is uniform in 0..1.
pub(super) fn after_failures(failures: u32, random: f64) -> u64 {
    let ceiling = (BASE_MS * f64::from(1u32 << failures.min(10))).min(CAP_MS);
    spread(ceiling as u64, random)
}

/// A uniform moment within `ms`.
pub(super) fn spread(ms: u64, random: f64) -> u64 {
    (ms as f64 * random.clamp(0.0, 1.0)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_up_to_thirty_seconds() {
        assert_eq!([0, 1, 2, 3].map(|n| after_failures(n, 1.0)), [500, 1_000, 2_000, 4_000]);
        assert_eq!(after_failures(50, 1.0), 30_000);
        assert_eq!(after_failures(50, 0.0), 0, "full jitter reaches down to nothing");
    }
}
