//! Numbers in words. Plain English notation: a point for decimals, commas between thousands.

/// Dollars: whole from $1,000, cents from $1, four significant digits below.
pub fn usd(amount: f64) -> String {
    let size = amount.abs();
    let digits = if size >= 999.5 || size == 0.0 {
        grouped(size, 0)
    } else if size >= 1.0 {
        grouped(size, 2)
    } else {
        let digits = significant(size, 4);
        // Prices of a few cents look like prices: $0.50, not $0.5.
        if digits.len() == 3 { digits + "0" } else { digits }
    };
    [if amount < 0.0 { "-$" } else { "$" }, &digits].concat()
}

/// A count or amount: whole from 100, else up to four significant digits.
pub fn count(number: f64) -> String {
    let size = number.abs();
    let digits = if size >= 999.5 { grouped(size, 0) } else { significant(size, 4) };
    [if number < 0.0 { "-" } else { "" }, &digits].concat()
}

/// A share as per cent: `67 %`, `4.2 %`.
pub fn share(share: f64) -> String {
    let percent = share * 100.0;
    let decimals = usize::from(percent.abs() < 9.95 && (percent - percent.round()).abs() > 0.05);
    let digits = grouped(percent.abs(), decimals);
    let nothing = digits.chars().all(|c| matches!(c, '0' | '.'));
    [if percent < 0.0 && !nothing { "-" } else { "" }, &digits, " %"].concat()
}

/// A ratio: `3.0`, `12`.
pub fn ratio(ratio: f64) -> String {
    grouped(ratio, usize::from(ratio.abs() < 9.95))
}

/// Milliseconds, from ten seconds on in seconds.
pub fn ms(ms: f64) -> String {
    if ms.abs() >= 10_000.0 { [&count(ms / 1000.0), " s"].concat() } else { [&count(ms), " ms"].concat() }
}

/// Points of a benchmark: Arena points without decimals, shares as per cent.
pub fn points(value: f64) -> String {
    if value.abs() > 1.0 { grouped(value, 0) } else { share(value) }
}

/// A difference with its sign: `+45`, `-3`.
pub fn signed(text: String) -> String {
    if text.starts_with('-') { text } else { ["+", &text].concat() }
}

/// `1 request`, `2 requests`.
pub fn plural(number: usize, one: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    [number.to_string().as_str(), " ", one, ending].concat()
}

/// `number` with at most `digits` significant digits and no zeros at the end.
fn significant(number: f64, digits: i32) -> String {
    if number == 0.0 || !number.is_finite() {
        return "0".into();
    }
    let magnitude = crate::real::log10(number.abs()).floor() as i32;
    let decimals = (digits - 1 - magnitude).clamp(0, 12) as usize;
    let mut text = grouped(number, decimals);
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    text
}

/// Below this every whole number is a float.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// Below this a product with a power of ten is right to a ten-thousandth.
const SCALED_MAX: f64 = 1e12;
const POWERS: [f64; 13] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];

/// `number` in units of its last of `decimals`, rounded; `None` where that may not be its exact value's rounding.
fn scaled(number: f64, decimals: usize) -> Option<u64> {
    let size = number.abs();
    if decimals == 0 && size < WHOLE_MAX {
        return Some(size.round_ties_even() as u64);
    }
    let scaled = size * POWERS.get(decimals)?;
    let below = scaled.floor();
    let rest = scaled - below;
    let sure = scaled < SCALED_MAX && (rest - 0.5).abs() > 1e-3;
    sure.then(|| below as u64 + u64::from(rest > 0.5))
}

/// A number of `units`, of which 10^`decimals` are one, with commas between thousands: quicker than the way over floats.
fn written(negative: bool, mut units: u64, decimals: usize) -> String {
    // 16 digits, 5 commas, a point and a sign.
    let mut text = [0; 24];
    let mut from = text.len();
    let mut put = |byte| {
        from -= 1;
        text[from] = byte;
    };
    let mut place = 0;
    while units > 0 || place <= decimals {
        if place > 0 && place == decimals {
            put(b'.');
        } else if place > decimals && (place - decimals).is_multiple_of(3) {
            put(b',');
        }
        put(b'0' + (units % 10) as u8);
        units /= 10;
        place += 1;
    }
    if negative {
        put(b'-');
    }
    text[from..].iter().map(|&byte| char::from(byte)).collect()
}

/// `number` rounded to `decimals`, with commas between thousands.
fn grouped(number: f64, decimals: usize) -> String {
    if !number.is_finite() {
        return "—".into();
    }
    if let Some(units) = scaled(number, decimals) {
        return written(number < 0.0, units, decimals);
    }
    let plain = format!("{number:.decimals$}");
    let (sign, plain) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
    let whole = plain.find('.').unwrap_or(plain.len());
    let mut text = String::with_capacity(plain.len() + whole / 3 + 1);
    text.push_str(sign);
    for (i, c) in plain.chars().enumerate() {
        if i > 0 && i < whole && (whole - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_rounded_as_floats_are(
            number in prop_oneof![
                -1e4..1e4, 0.0..1e16, 0.0..1.0, 0.0..1e-9, -1e9..1e13,
                (0u32..100_000).prop_map(|n| f64::from(n) / 2.0),
                (0u32..10_000_000).prop_map(|n| f64::from(n) / 1e4),
                (0u32..1_000_000, 0i32..14).prop_map(|(n, p)| (f64::from(n) + 0.5) / 10_f64.powi(p)),
            ],
            decimals in 0usize..14,
        ) {
            prop_assert_eq!(grouped(number, decimals).replace(',', ""), format!("{number:.decimals$}"));
        }
    }

    #[test]
    fn money_reads_like_money() {
        let words = [
            (36_000.0, "$36,000"),
            (1_234_567.8, "$1,234,568"),
            (999.99, "$1,000"),
            (12.5, "$12.50"),
            (1.0, "$1.00"),
            (0.5, "$0.50"),
            (0.075, "$0.075"),
            (0.006, "$0.006"),
            (0.000_583_7, "$0.0005837"),
            (0.0, "$0"),
            (-24_000.0, "-$24,000"),
        ];
        for (amount, text) in words {
            assert_eq!(usd(amount), text);
        }
    }

    #[test]
    fn shares_counts_and_ratios() {
        assert_eq!(
            [share(0.6667), share(0.042), share(0.05), share(-0.007), share(-0.000_1)],
            ["67 %", "4.2 %", "5 %", "-0.7 %", "0 %"]
        );
        assert_eq!(
            [count(200_000.0), count(66_666.67), count(2.314_8), count(1_152.0)],
            ["200,000", "66,667", "2.315", "1,152"]
        );
        assert_eq!([ratio(3.0), ratio(12.34)], ["3.0", "12"]);
        assert_eq!([ms(3_832.9), ms(63_600.0)], ["3,833 ms", "63.6 s"]);
        assert_eq!(
            [points(1_335.8), points(0.524), signed(points(45.1)), signed(points(-18.5))],
            ["1,336", "52 %", "+45", "-18"]
        );
        assert_eq!([plural(1, "vendor"), plural(2, "vendor")], ["1 vendor", "2 vendors"]);
    }
}
