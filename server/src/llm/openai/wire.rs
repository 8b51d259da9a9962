//! The JSON of chat completions: what is sent, and what of the answer is read. Servers differ in what they understand;
//! what one refuses is left out from then on.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value as Json, json};

use crate::llm::prompt::{Prompt, schema};
use crate::llm::{Usage, Verb};

/// Tokens of an answer at most: a paragraph, or the facts of a message.
const ANSWER_MAX_TOKENS: u32 = 900;

/// What a server has refused so far.
#[derive(Debug, Default)]
pub(super) struct Dialect {
    /// No JSON schema.
    no_schema: AtomicBool,
    /// No JSON mode either.
    no_json: AtomicBool,
    /// The newer name of the bound on the answer.
    new_bound: AtomicBool,
    /// No temperature but its own.
    no_temperature: AtomicBool,
    /// No usage at the end of a stream.
    no_stream_options: AtomicBool,
}

impl Dialect {
    /// The body of a request.
    pub(super) fn body(&self, model: &str, verb: Verb, prompt: &Prompt) -> Json {
        let is = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        let mut body = json!({
            "model": model,
            "stream": true,
            "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
        });
        let bound = if is(&self.new_bound) { "max_completion_tokens" } else { "max_tokens" };
        body[bound] = ANSWER_MAX_TOKENS.into();
        if !is(&self.no_temperature) {
            body["temperature"] = if verb == Verb::Word { 0.2 } else { 0.0 }.into();
        }
        if verb == Verb::Read && !is(&self.no_json) {
            body["response_format"] = if is(&self.no_schema) {
                json!({"type": "json_object"})
            } else {
                json!({"type": "json_schema", "json_schema": {"name": "facts", "strict": true, "schema": schema()}})
            };
        }
        if !is(&self.no_stream_options) {
            body["stream_options"] = json!({"include_usage": true});
        }
        body
    }

    /// Learns from a refusal (a 4xx); whether there is something to leave out, so that the same request may be sent again.
    pub(super) fn learn(&self, refusal: &[u8]) -> bool {
        let text = String::from_utf8_lossy(refusal).to_lowercase();
        let first = |flag: &AtomicBool| !flag.swap(true, Ordering::Relaxed);
        if ["response_format", "json_schema", "json_object", "structured output"].iter().any(|w| text.contains(w)) {
            return first(&self.no_schema) || first(&self.no_json);
        }
        [
            ("max_completion_tokens", &self.new_bound),
            ("max_tokens", &self.new_bound),
            ("temperature", &self.no_temperature),
            ("stream_options", &self.no_stream_options),
        ]
        .iter()
        .any(|(word, flag)| text.contains(word) && first(flag))
    }
}

/// What one JSON object of an answer says, whole or streamed.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Part {
    pub(super) text: Option<String>,
    /// Why it ended: `stop`, `length`, …
    pub(super) finish: Option<String>,
    pub(super) usage: Option<Usage>,
    /// An error in the middle of a stream.
    pub(super) error: Option<String>,
}

/// Reads an object of a stream, or a whole answer.
pub(super) fn part(json: &Json) -> Part {
    let choice = &json["choices"][0];
    let content = [&choice["delta"]["content"], &choice["message"]["content"], &choice["text"]];
    let error = &json["error"];
    Part {
        text: content.iter().find_map(|text| text.as_str()).map(String::from),
        finish: choice["finish_reason"].as_str().map(String::from),
        usage: usage(&json["usage"]),
        error: (!error.is_null()).then(|| {
            error["message"].as_str().or_else(|| error.as_str()).unwrap_or("an error").chars().take(200).collect()
        }),
    }
}

fn usage(json: &Json) -> Option<Usage> {
    let whole = |json: &Json| json.as_u64();
    Some(Usage {
        input_tokens: whole(&json["prompt_tokens"])?,
        cached_tokens: whole(&json["prompt_tokens_details"]["cached_tokens"]).unwrap_or(0),
        output_tokens: whole(&json["completion_tokens"])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt() -> Prompt {
        Prompt { system: "s".into(), user: "u".into() }
    }

    #[test]
    fn what_a_server_refuses_is_left_out_step_by_step() {
        let dialect = Dialect::default();
        let format = || dialect.body("m", Verb::Read, &prompt())["response_format"]["type"].clone();
        assert_eq!(format(), "json_schema");
        assert!(dialect.learn(b"'response_format.type' must be json_object"));
        assert_eq!(format(), "json_object");
        assert!(dialect.learn(b"response_format is not supported"));
        assert_eq!(format(), Json::Null);
        assert!(!dialect.learn(b"response_format is not supported"), "nothing is left to leave out");

        assert!(dialect.learn(b"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."));
        assert!(dialect.learn(b"Unsupported value: 'temperature' does not support 0.2"));
        assert!(dialect.learn(b"unknown field stream_options"));
        let body = dialect.body("m", Verb::Word, &prompt());
        let keys: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys.len(), 4, "{keys:?}");
        assert!(body["max_completion_tokens"].is_u64() && body["stream"] == true);
        assert!(!dialect.learn(b"no such model"));
    }

    #[test]
    fn parts_of_streams_and_whole_answers_are_read() {
        let streamed = json!({"choices": [{"delta": {"content": "Hi"}, "finish_reason": null}]});
        assert_eq!(part(&streamed).text.as_deref(), Some("Hi"));
        let whole = json!({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}});
        let read = part(&whole);
        assert_eq!(read.usage, Some(Usage { input_tokens: 9, cached_tokens: 4, output_tokens: 2 }));
        assert_eq!(read.finish.as_deref(), Some("stop"));
        for odd in [json!([]), json!({"choices": []}), json!({"choices": {}}), json!("x"), json!({"usage": null})] {
            assert_eq!(part(&odd), Part::default(), "{odd}");
        }
        assert_eq!(part(&json!({"error": {"message": "no"}})).error.as_deref(), Some("no"));
    }
}
