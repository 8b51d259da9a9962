//! What went wrong between here and a model's server, in words that say what to do.

use std::error::Error;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value as Json;

use crate::llm::Failure;

/// The longest pause that a server may ask for; what is longer is as good as away.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);
/// The part of a server's own words that is passed on to operators.
const WORDS_MAX_CHARS: usize = 200;

/// A request that got no whole answer.
pub(super) fn of_transport(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::Slow;
    }
    let causes = causes(error);
    let says = |words: &[&str]| words.iter().any(|word| causes.contains(word));
    let text = if says(&["certificate", "unknownissuer", "tls", "invalid peer"]) {
        "its certificate is not trusted: check the address, or add the certificate's authority to this system"
    } else if says(&["dns", "lookup", "name or service", "resolve"]) {
        "its host name cannot be found: check LLM_API_ENDPOINT and the network"
    } else if says(&["refused"]) {
        "nothing listens at its address: start the model's server, or check LLM_API_ENDPOINT"
    } else if says(&["unreachable", "no route"]) {
        "its network cannot be reached: check the network and the firewall"
    } else if says(&["reset", "closed", "eof", "incomplete", "broken pipe"]) {
        "it closed the connection before it had answered"
    } else if error.is_builder() {
        return Failure::Refused("the request could not be made: check LLM_API_ENDPOINT and LLM_API_KEY".into());
    } else {
        "the connection to it failed"
    };
    Failure::Unavailable(text.into())
}

/// The words of an error and of all its causes, in lower case.
fn causes(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next: Option<&dyn Error> = error.source();
    while let Some(cause) = next {
        text.push_str(&cause.to_string().to_lowercase());
        text.push('\n');
        next = cause.source();
    }
    text
}

/// An answer that is not a success; `body` is its beginning.
pub(super) fn of_status(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
    let words = words(body);
    match status.as_u16() {
        429 => Failure::RateLimited(retry_after(headers)),
        // Overloaded: some servers say when to come again, too.
        503 | 529 => {
            retry_after(headers).map_or_else(|| unavailable(status, &words), |after| Failure::RateLimited(Some(after)))
        }
        401 | 403 => Failure::Refused(format!("it refuses the key ({status}): check LLM_API_KEY{words}")),
        404 => Failure::Refused(format!(
            "it knows no such address or model ({status}): check LLM_API_ENDPOINT and LLM_MODEL{words}"
        )),
        408 | 409 | 425 => unavailable(status, &words),
        400..=499 => Failure::Refused(format!("it refuses the request ({status}){words}")),
        300..=399 => {
            Failure::Refused(format!("it points elsewhere ({status}): set LLM_API_ENDPOINT to the new address"))
        }
        _ => unavailable(status, &words),
    }
}

fn unavailable(status: StatusCode, words: &str) -> Failure {
    Failure::Unavailable(format!("it failed with {status}{words}"))
}

/// The server's own words, shortened, for operators.
fn words(body: &[u8]) -> String {
    let json: Json = serde_json::from_slice(body).unwrap_or_default();
    let text =
        json["error"]["message"].as_str().or_else(|| json["error"].as_str()).or_else(|| json["message"].as_str());
    let text: String = text.unwrap_or_default().chars().filter(|c| !c.is_control()).take(WORDS_MAX_CHARS).collect();
    if text.is_empty() { text } else { format!(": \"{text}\"") }
}

/// The pause that a server asks for, in seconds; a date is not computed with, because two clocks differ.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let ms = text("retry-after-ms").and_then(|ms| ms.parse::<f64>().ok()).map(|ms| ms / 1_000.0);
    let seconds = ms.or_else(|| text("retry-after").and_then(|s| s.parse::<f64>().ok()))?;
    let pause = Duration::try_from_secs_f64(seconds).ok()?;
    Some(pause.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_status_becomes_what_it_means() {
        let none = HeaderMap::new();
        let body = br#"{"error": {"message": "bad thing", "code": 5}}"#;
        for (status, again, counts) in [
            (500, true, true),
            (502, true, true),
            (503, true, true),
            (401, false, true),
            (404, false, true),
            (302, false, true),
        ] {
            let failure = of_status(StatusCode::from_u16(status).unwrap(), &none, body);
            assert_eq!((failure.again().is_some(), failure.counts()), (again, counts), "{failure}");
        }
        let failure = of_status(StatusCode::UNAUTHORIZED, &none, body);
        assert!(failure.to_string().contains("LLM_API_KEY") && failure.to_string().contains("bad thing"));
    }

    #[test]
    fn the_pause_asked_for_is_read() {
        let seconds = |pairs: &[(&'static str, &str)]| retry_after(&headers(pairs)).map(|d| d.as_secs_f64());
        assert_eq!(seconds(&[("retry-after", "2")]), Some(2.0));
        assert_eq!(seconds(&[("retry-after", "0.5"), ("retry-after-ms", "1500")]), Some(1.5));
        assert_eq!(seconds(&[("retry-after", "999999999")]), Some(3_600.0));
        for wrong in ["-1", "soon", "NaN", "Wed, 21 Oct 2026 07:28:00 GMT", "1e300"] {
            assert_eq!(seconds(&[("retry-after", wrong)]), None, "{wrong}");
        }
        assert_eq!(of_status(StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new(), b""), Failure::RateLimited(None));
    }
}
