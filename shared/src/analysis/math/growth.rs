//! Compound growth: `V(t) = V0 (1 + g)^t`, with `g` per month and `t` in months.

use crate::real;

/// The level after `months` of growth `per_month`, as a multiple of today's.
pub fn level(per_month: f64, months: f64) -> f64 {
    real::exp(real::ln_1p(per_month) * months)
}

/// Months until the load has doubled, `ln 2 / ln(1 + g)`; `None` if it does not grow.
pub fn doubling_months(per_month: f64) -> Option<f64> {
    months_to(2.0, per_month)
}

/// Months until a load of `utilisation` (load over limit) reaches the limit, `ln(limit / V0) / ln(1 + g)`: 0 if it
/// already has, `None` if it never will.
pub fn months_to_limit(utilisation: f64, per_month: f64) -> Option<f64> {
    if utilisation >= 1.0 {
        return Some(0.0);
    }
    months_to(1.0 / utilisation, per_month)
}

fn months_to(multiple: f64, per_month: f64) -> Option<f64> {
    let rate = real::ln_1p(per_month);
    (rate > 0.0).then(|| real::ln(multiple) / rate).filter(|months| months.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seven_percent_a_month_doubles_in_10_24_months() {
        assert!((doubling_months(0.07).unwrap() - 10.24).abs() < 0.005);
        assert!((doubling_months(1.0).unwrap() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_load_that_does_not_grow_never_gets_there() {
        for growth in [0.0, -0.1, -1.0, -2.0, f64::NAN] {
            assert_eq!(doubling_months(growth), None, "{growth}");
            assert_eq!(months_to_limit(0.5, growth), None, "{growth}");
        }
        assert_eq!(months_to_limit(1.0, -0.1), Some(0.0));
        assert_eq!(months_to_limit(10.0, 0.1), Some(0.0));
        assert_eq!(months_to_limit(0.0, 0.1), None);
    }

    proptest! {
        #[test]
        fn the_level_at_the_crossing_is_the_limit(utilisation in 1e-6..1.0_f64, growth in 1e-6..100.0_f64) {
            let months = months_to_limit(utilisation, growth).unwrap();
            let level = utilisation * level(growth, months);
            prop_assert!((level - 1.0).abs() < 1e-9, "{level}");
        }
    }
}
