//! The check that keeps a model from inventing: every number in its text must be one that the answer or the message
//! holds, of the same kind (money, share, time, other), as exactly as it is written; and every name with a digit in it,
//! such as a model's, must occur there. What else the words claim cannot be checked this way, so the figures stand
//! beside them.

use shared::result::AnalysisResult;
use shared::workload::Value;

use super::number::{Kind, Number, Piece, pieces};

/// Something in a text that nobody computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invented(
    /// The word.
    pub String,
);

/// What may be said: the figures of an answer and of the message it answers.
#[derive(Clone, Debug, Default)]
pub struct Known {
    money: Vec<f64>,
    shares: Vec<f64>,
    times_ms: Vec<f64>,
    plain: Vec<f64>,
    /// Every text of the answer and the message, in lower case, for names.
    names: String,
}

/// A fraction in words ("a third") need not be exact.
const WORD_TOLERANCE: f64 = 0.05;

impl Known {
    /// What `result`, computed for `message`, allows.
    pub fn of(result: &AnalysisResult, message: &str) -> Self {
        let mut known = Self::default();
        known.text(message);
        known.text(&result.headline);
        known.metrics(result);
        known.options(result);
        for recommendation in &result.recommendations {
            known.text(&recommendation.title);
            known.text(&recommendation.text);
            known.money.extend(recommendation.saving_usd);
        }
        for item in &result.roadmap {
            known.text(&item.title);
            known.text(&item.text);
            known.plain.extend([f64::from(item.week_from), f64::from(item.week_to)]);
        }
        for route in &result.routing {
            known.text(&route.class);
            known.text(&route.model);
            known.shares.push(route.share);
        }
        for text in result.assumptions.iter().map(|a| &a.text).chain(result.warnings.iter().map(|w| &w.text)) {
            known.text(text);
        }
        for question in &result.questions {
            known.text(&question.text);
        }
        known.workload(result);
        known.text(&result.catalog_as_of.to_string());
        let counts = [1, result.options.len(), result.recommendations.len(), result.metrics.len()];
        known.plain.extend(counts.map(|count| count as f64));
        known
    }

    fn metrics(&mut self, result: &AnalysisResult) {
        for metric in &result.metrics {
            let values = [metric.value, metric.low, metric.high, metric.baseline];
            for value in values.into_iter().flatten() {
                self.value(value, &metric.unit);
            }
            self.name(&metric.id);
            self.text(&metric.label);
            self.text(&metric.formula);
            self.name(&metric.source);
        }
    }

    fn options(&mut self, result: &AnalysisResult) {
        for option in &result.options {
            self.money.extend(option.monthly_cost_usd);
            self.money.extend(option.cost_per_request_usd);
            self.money.extend(option.saving_usd);
            self.money.extend(option.monthly_cost_low_usd);
            self.money.extend(option.monthly_cost_high_usd);
            self.shares.extend(option.saving_share);
            self.shares.extend(option.win_probability);
            self.times_ms.extend(option.latency_ms);
            for quality in [option.quality, option.quality_delta].into_iter().flatten() {
                self.plain.push(quality);
                self.shares.push(quality);
            }
            self.name(&option.id);
            self.text(&option.title);
            self.name(option.model.as_deref().unwrap_or_default());
            option.notes.iter().for_each(|note| self.text(note));
        }
    }

    fn workload(&mut self, result: &AnalysisResult) {
        for (spec, value) in result.workload.known() {
            match value {
                Value::Number(number) => self.value(number, spec.unit),
                Value::Text(text) => self.name(&text),
            }
        }
        for class in &result.workload.classes {
            self.text(&class.name);
            self.plain.extend([class.requests_per_day, class.input_tokens, class.output_tokens]);
            self.plain.extend(class.quality_floor);
            self.times_ms.extend(class.latency_target_ms);
        }
    }

    fn value(&mut self, value: f64, unit: &str) {
        match unit {
            "ms" => self.times_ms.push(value),
            "share" | "ratio" => {
                self.shares.push(value);
                self.plain.push(value);
            }
            unit if unit.contains("USD") => self.money.push(value),
            _ => self.plain.push(value),
        }
    }

    fn name(&mut self, text: &str) {
        self.names.push_str(&text.to_lowercase());
        self.names.push('\n');
    }

    /// Allows the names and figures of one more text.
    pub fn allow(&mut self, text: &str) {
        self.text(text);
    }

    /// Takes in a text with its names and figures.
    fn text(&mut self, text: &str) {
        self.name(text);
        for piece in pieces(text) {
            match piece {
                Piece::Number(number) => {
                    for value in &number.readings {
                        match number.kind {
                            Kind::Money => self.money.push(*value),
                            Kind::Share => self.shares.push(value / 100.0),
                            Kind::Time => self.times_ms.push(*value),
                            Kind::Plain => self.plain.push(*value),
                        }
                    }
                }
                Piece::Fraction(_, value) => self.shares.push(value),
                Piece::Name(name) => self.plain.extend(digits_of(name)),
            }
        }
    }

    /// Whether everything in `sentence` was computed or said before.
    ///
    /// # Errors
    /// The first number or name that was not.
    pub fn check(&self, sentence: &str) -> Result<(), Invented> {
        for piece in pieces(sentence) {
            let (known, word) = match &piece {
                Piece::Number(number) => (self.holds(number), number.text),
                Piece::Fraction(word, value) => {
                    let near = |v: &f64| (v.abs() - value).abs() <= WORD_TOLERANCE * value;
                    (self.shares.iter().chain(&self.plain).any(near), *word)
                }
                Piece::Name(name) => (self.names.contains(&name.to_lowercase()), *name),
            };
            if !known {
                return Err(Invented(word.chars().take(60).collect()));
            }
        }
        Ok(())
    }

    fn holds(&self, number: &Number<'_>) -> bool {
        number.readings.iter().any(|x| {
            let any = |values: &[f64], scale: f64| values.iter().any(|v| says(*x, number.digits, v * scale));
            match number.kind {
                Kind::Money => any(&self.money, 1.0),
                Kind::Share => any(&self.shares, 100.0),
                Kind::Time => any(&self.times_ms, 1.0),
                Kind::Plain => {
                    any(&self.plain, 1.0) || any(&self.money, 1.0) || any(&self.shares, 1.0) || any(&self.times_ms, 1.0)
                }
            }
        })
    }
}

/// Whether a number written as `x` with `digits` significant digits says the value `v`: rounded as far as it is
/// written, but never to fewer than two digits.
fn says(x: f64, digits: u32, v: f64) -> bool {
    let (x, v) = (x.abs(), v.abs());
    if x == 0.0 || v == 0.0 {
        return x + v == 0.0;
    }
    let digits = digits.clamp(2, 15).cast_signed();
    let unit = 10f64.powi(v.log10().floor() as i32 - digits + 1);
    // Half a unit up or down, as rounding goes; a little more for the binary form of decimal halves and of large numbers.
    (x - v).abs() <= unit * 0.500_001 + v * 4.0 * f64::EPSILON
}

/// The numbers inside a name: "gpt-4.1" holds 4.1.
fn digits_of(name: &str) -> Vec<f64> {
    name.split(|c: char| !c.is_ascii_digit() && c != '.')
        .filter_map(|part| part.trim_matches('.').parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known() -> Known {
        let mut known = Known::default();
        known.value(36_012.4, "USD/month");
        known.value(12_000.0, "USD/month");
        known.value(0.666_7, "share");
        known.value(3_832.9, "ms");
        known.value(200_000.0, "requests/day");
        known.value(3.001, "ratio");
        known.text("We spend $12k/month on GPT-4o for 200k requests/day, 1,200 input / 300 output tokens");
        known.text("Moving to gpt-4o-mini takes 7 weeks and wins 56 % of the comparisons.");
        known
    }

    #[test]
    fn what_was_computed_may_be_said_in_any_usual_form() {
        for text in [
            "It costs $36,012 a month.",
            "It costs about $36k per month, not $12,000.",
            "That is 36 thousand dollars, 3 times what you expect.",
            "You save 67 %.",
            "You save 67% (two thirds would be a guess: 66.7 percent).",
            "Eine Antwort dauert 3,8 Sekunden und kostet 36.012 $ im Monat.",
            "The answer takes 3.8 s, or 3,833 ms.",
            "With 200,000 requests per day and 1,200/300 tokens, GPT-4o costs that.",
            "gpt-4o-mini wins 56% of the time after 7 weeks.",
            "One option stands out; nothing else does.",
            "0.2 million requests a day.",
        ] {
            assert_eq!(known().check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_nobody_computed_is_found() {
        for (text, word) in [
            ("It costs $40,000 a month.", "$40,000"),
            ("It costs $36,900 a month.", "$36,900"),
            ("It costs $432,144 a year.", "$432,144"),
            ("You save 67 dollars.", "67"),
            ("You save 36,012 %.", "36,012"),
            ("You save 66 %.", "66"),
            ("You save half of it.", "half"),
            ("It is twice as fast.", "twice"),
            ("The answer takes 4.2 seconds.", "4.2"),
            ("Use gpt-5-nano instead.", "gpt-5-nano"),
            ("Use Claude-3.5 instead.", "Claude-3.5"),
            ("Nine of ten users agree.", "Nine"),
            ("Das sind 41.000 Euro.", "41.000"),
        ] {
            assert_eq!(known().check(text), Err(Invented(word.into())), "{text}");
        }
    }

    /// A half that the binary form of so large a number puts a little too far off.
    const LARGE: (f64, u32, f64) = (477_993_474.243_7, 13, 477_993_474.243_65);

    #[test]
    fn rounding_goes_as_far_as_it_is_written() {
        for (x, digits, v) in [(36.0, 2, 36.4), (36.0, 2, 35.51), (3.0, 1, 3.04), (40.0, 1, 39.6), LARGE] {
            assert!(says(x, digits, v), "{x} for {v}");
        }
        for (x, digits, v) in [(36.0, 2, 36.6), (3.0, 1, 2.7), (40.0, 1, 36.0), (36_012.0, 5, 36_010.0), (0.0, 1, 0.1)]
        {
            assert!(!says(x, digits, v), "{x} for {v}");
        }
    }

    proptest! {
        #[test]
        fn the_check_is_total_and_a_number_says_itself(text in "\\PC{0,80}", value in 0.001f64..1e9) {
            let mut known = known();
            let _ = known.check(&text);
            known.money.push(value);
            let text = format!("${value:.4}");
            prop_assert_eq!(known.check(&text), Ok(()));
        }

        #[test]
        fn a_figure_far_from_all_others_is_found(cents in 1_000_000_000u64..9_000_000_000) {
            let text = format!("It costs ${}.{:02} a month.", cents / 100, cents % 100);
            prop_assert!(known().check(&text).is_err());
        }
    }
}
