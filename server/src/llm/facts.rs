//! What a model found in a message, believed only as far as the message bears it out: a known field, a value within its
//! bounds, a quote that stands in the message, and a value that follows from a number of the quote. Where the rules
//! found another value, the reader is asked.

use shared::extract::Extraction;
use shared::message::Category;
use shared::result::Question;
use shared::workload::{Provenance, Source, Value, Workload, field};

use super::number::{Piece, pieces};
use super::{Claim, Claims};

/// What a unit of time or size can make of a number: thousands, seconds to days, weeks to days, years to months, per
/// cent to shares, and their like. A value that is none of these times a quoted number was not read, but made up.
const FACTORS: &[f64] = &[
    1.0,
    1e3,
    1e6,
    1e9,
    1e-3,
    0.01,
    60.0,
    3_600.0,
    1_440.0,
    86_400.0,
    24.0,
    60_000.0,
    3_600_000.0,
    7.0,
    30.0,
    365.0,
    12.0,
    1.0 / 7.0,
    1.0 / 30.0,
    1.0 / 365.0,
    1.0 / 12.0,
    30.0 / 7.0,
    1.0 / 24.0,
];
/// Values that differ by less are the same.
const SAME: f64 = 0.01;

/// What came of a model's claims.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    /// Fields that only the model found.
    pub added: Vec<String>,
    /// Fields about which the rules and the model disagree.
    pub disputed: Vec<String>,
    /// Claims that the message does not bear out.
    pub refused: u32,
}

/// Lets `claims` of `model` complete what the rules found in `message`. What they found stands.
pub fn adopt(extraction: &mut Extraction, claims: Claims, message: &str, model: &str) -> Adopted {
    let mut adopted = Adopted::default();
    if extraction.category.is_none() {
        extraction.category = claims.category.filter(|category| Category::BUILT.contains(category));
        if extraction.category.is_some() {
            extraction.questions.retain(|question| question.field != "category");
        }
    }
    for claim in claims.facts {
        let Some((value, span)) = borne_out(&claim, message) else {
            adopted.refused += 1;
            continue;
        };
        match extraction.workload.get(&claim.field) {
            Some(known) if same(&known, &value) => {}
            Some(known) => {
                adopted.disputed.push(claim.field.clone());
                dispute(extraction, &claim, &known, &value);
            }
            None => {
                let mut tried = extraction.workload.clone();
                // Two facts that cannot be true together: the one that was there stands.
                if tried.set(&claim.field, &claim.value).is_err() || !tried.contradictions().is_empty() {
                    adopted.refused += 1;
                    continue;
                }
                extraction.workload = tried;
                extraction.provenance.insert(claim.field.clone(), provenance(&claim, span, model));
                extraction.questions.retain(|question| question.field != claim.field);
                adopted.added.push(claim.field);
            }
        }
    }
    adopted
}

fn provenance(claim: &Claim, span: [u32; 2], model: &str) -> Provenance {
    Provenance {
        source: Source::Given,
        text: Some(claim.quote.clone()),
        span: Some(span),
        reference: Some(format!("read by the language model {model}")),
        as_of: None,
    }
}

/// The value of a claim and where its quote stands, if the message bears it out.
fn borne_out(claim: &Claim, message: &str) -> Option<(Value, [u32; 2])> {
    let mut probe = Workload::default();
    field(&claim.field)?;
    probe.set(&claim.field, &claim.value).ok()?;
    let value = probe.get(&claim.field)?;
    let quote = claim.quote.trim();
    let at = (!quote.is_empty()).then(|| find(message, quote)).flatten()?;
    let follows = match &value {
        Value::Number(number) => pieces(quote).iter().any(|piece| match piece {
            Piece::Number(found) => {
                found.readings.iter().any(|r| FACTORS.iter().any(|f| (r * f - number).abs() <= SAME * number.abs()))
            }
            Piece::Fraction(_, fraction) => (fraction - number).abs() <= SAME * number.abs(),
            Piece::Name(_) => false,
        }),
        // A model's name is written in many ways; its digits are not.
        Value::Text(text) => {
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            claim.field != "model" || digits(quote).contains(&digits(text)) || digits(text).contains(&digits(quote))
        }
    };
    follows.then_some((value, at))
}

/// Where `quote` stands in `message`, whatever its case: first and one past the last character.
fn find(message: &str, quote: &str) -> Option<[u32; 2]> {
    let lower = |text: &str| -> Vec<char> { text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect() };
    let (message, quote) = (lower(message), lower(quote));
    let at = message.windows(quote.len()).position(|window| window == quote.as_slice())?;
    Some([u32::try_from(at).ok()?, u32::try_from(at + quote.len()).ok()?])
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => (a - b).abs() <= SAME * a.abs().max(b.abs()),
        (Value::Text(a), Value::Text(b)) => {
            let key = |text: &str| text.to_lowercase().replace(['.', '_', ' ', '/'], "-");
            key(a) == key(b)
        }
        _ => false,
    }
}

fn dispute(extraction: &mut Extraction, claim: &Claim, known: &Value, other: &Value) {
    if extraction.questions.iter().any(|question| question.field == claim.field) {
        return;
    }
    let Some(spec) = field(&claim.field) else { return };
    let say = |value: &Value| match value {
        Value::Number(number) => format!("{number} {}", spec.unit).trim().to_owned(),
        Value::Text(text) => text.clone(),
    };
    let json = |value: &Value| match value {
        Value::Number(number) => serde_json::Value::from(*number),
        Value::Text(text) => serde_json::Value::from(text.as_str()),
    };
    let sets = [known, other].map(|value| [(claim.field.clone(), json(value))].into_iter().collect());
    extraction.questions.push(Question {
        field: claim.field.clone(),
        text: format!("Your message can be read in two ways. What is right for the {}?", spec.label),
        choices: vec![say(known), say(other)],
        sets: sets.to_vec(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use shared::extract::extract;

    const MESSAGE: &str =
        "We run gpt-4o with 1,200 input tokens; traffic: roughly seventy calls, peak 3.5x, 70 per minute";

    fn claim(field: &str, value: serde_json::Value, quote: &str) -> Claim {
        Claim { field: field.into(), value, quote: quote.into() }
    }

    fn adopt_one(claim: Claim) -> (Extraction, Adopted) {
        let mut extraction = extract(MESSAGE);
        extraction.workload.requests_per_day = None;
        extraction.workload.peak_factor = None;
        let adopted = adopt(&mut extraction, Claims { category: None, facts: vec![claim] }, MESSAGE, "m-1");
        (extraction, adopted)
    }

    #[test]
    fn what_only_the_model_found_is_taken_with_its_words() {
        let (extraction, adopted) = adopt_one(claim("requests_per_day", json!(100_800), "70 per minute"));
        assert_eq!(adopted.added, ["requests_per_day"]);
        assert_eq!(extraction.workload.requests_per_day, Some(100_800.0));
        let provenance = &extraction.provenance["requests_per_day"];
        assert_eq!(provenance.reference.as_deref(), Some("read by the language model m-1"));
        let [from, to] = provenance.span.unwrap().map(|at| at as usize);
        assert_eq!(MESSAGE.chars().skip(from).take(to - from).collect::<String>(), "70 per minute");
        assert!(extraction.questions.iter().all(|question| question.field != "requests_per_day"));
    }

    #[test]
    fn what_the_message_does_not_bear_out_is_refused() {
        for wrong in [
            claim("requests_per_day", json!(100_800), "80 per minute"),
            claim("requests_per_day", json!(123_456), "70 per minute"),
            claim("requests_per_day", json!(-5), "70 per minute"),
            claim("requests_per_day", json!("many"), "70 per minute"),
            claim("shoe_size", json!(70), "70 per minute"),
            claim("peak_factor", json!(3.5), ""),
            claim("model", json!("claude-3-5-haiku"), "gpt-4o"),
        ] {
            let (extraction, adopted) = adopt_one(wrong.clone());
            assert!(adopted.added.is_empty(), "{wrong:?}");
            assert_eq!(adopted.refused + adopted.disputed.len() as u32, 1, "{wrong:?}");
            assert_eq!(extraction.workload.model.as_deref(), Some("gpt-4o"));
        }
    }

    #[test]
    fn a_disagreement_becomes_a_question_and_the_rules_stand() {
        let (extraction, adopted) = adopt_one(claim("input_tokens", json!(70), "70 per minute"));
        assert_eq!(adopted.disputed, ["input_tokens"]);
        assert_eq!(extraction.workload.input_tokens, Some(1_200.0));
        let question = extraction.questions.iter().find(|q| q.field == "input_tokens").unwrap();
        assert_eq!(question.choices, ["1200 tokens", "70 tokens"]);
        assert_eq!(question.sets[1]["input_tokens"], json!(70.0));
        // Agreement is silent.
        assert_eq!(adopt_one(claim("input_tokens", json!(1_200), "1,200 input")).1, Adopted::default());
    }
}
