//! Logarithms, powers and exponentials with the same bits natively and in WebAssembly. The functions of `std` are those
//! of the platform, which differ in the last digit; what a person sees on the server would then not be what the page
//! computes. Sums, products, quotients and square roots need no such care: IEEE 754 fixes them.

/// Natural logarithm.
pub(crate) fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// Natural logarithm of `1 + x`.
pub(crate) fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// Logarithm to the base 10.
pub(crate) fn log10(x: f64) -> f64 {
    libm::log10(x)
}

/// e to the power of `x`.
pub(crate) fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// e to the power of `x`, less 1.
pub(crate) fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// `x` to the power of `y`.
pub(crate) fn powf(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_powers_of_ten_have_exact_logarithms() {
        for exponent in -12..=15 {
            assert_eq!(log10(format!("1e{exponent}").parse().unwrap()).to_bits(), f64::from(exponent).to_bits());
        }
    }

    #[test]
    fn they_are_those_of_the_platform_to_the_last_digits() {
        for i in 1..2_000 {
            let x = f64::from(i) / 37.0;
            for (ours, std) in [
                (ln(x), x.ln()),
                (ln_1p(x), x.ln_1p()),
                (log10(x), x.log10()),
                (exp(x), x.exp()),
                (exp_m1(-x), (-x).exp_m1()),
                (powf(x, 1.7), x.powf(1.7)),
            ] {
                assert!((ours - std).abs() <= 4.0 * f64::EPSILON * std.abs(), "{x}: {ours} {std}");
            }
        }
    }
}
