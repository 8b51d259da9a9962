//! The adapter to OpenAI-compatible chat servers (those of `OpenAI`, vLLM, Ollama, llama.cpp, `LiteLLM`): one request a call.
//!
//! Everything that comes back is bounded in size and time. Dropping a call closes its connection, so that a server
//! stops working on what nobody waits for. Redirects are not followed: they would carry the key elsewhere.

mod fault;
mod sse;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, Url};
use serde_json::Value as Json;

use super::prompt::{self, Prompt};
use super::{Claims, Failure, Listener, Llm, Pending, Said, Usage, Verb, Wording};
use crate::resilience::Deadline;
use crate::secret::Key;
use crate::world::{World, hex};

/// Largest answer, with all its framing: a hundred times what is asked for.
const ANSWER_MAX_BYTES: usize = 512 * 1024;
/// The part of a refusal that is read.
const REFUSAL_MAX_BYTES: usize = 16 * 1024;
/// Times that a request is sent again at once without what the server refused.
const LESSONS_MAX: usize = 6;
/// A server that takes longer to accept a connection is away.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// How long the end of a body is waited for after its last word.
const END_PATIENCE: Duration = Duration::from_millis(20);

/// Where a model is, and how to ask for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The base address: `https://api.openai.com/v1`.
    pub base: Url,
    /// The bearer token, where one is needed.
    pub key: Option<Key>,
    /// The model's id.
    pub model: String,
    /// A silence longer than this ends a request.
    pub silence: Duration,
}

impl Endpoint {
    /// Reads an address: with or without `/v1` and `/chat/completions`.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn base_of(text: &str) -> Result<Url, String> {
        let wrong = "must be an http:// or https:// address, such as http://127.0.0.1:11434/v1";
        let mut url = Url::parse(text.trim()).map_err(|_| wrong.to_owned())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(wrong.into());
        }
        let path = url.path().trim_end_matches('/').trim_end_matches("/chat/completions").to_owned();
        url.set_path(if path.is_empty() { "/v1" } else { &path });
        Ok(url)
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
        url
    }

    /// The address as it may be shown.
    pub fn shown(&self) -> String {
        let port = self.base.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}{}", self.base.scheme(), self.base.host_str().unwrap_or_default(), self.base.path())
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.model, self.shown())
    }
}

/// The adapter.
pub struct OpenAi {
    client: Client,
    endpoint: Endpoint,
    dialect: wire::Dialect,
    world: World,
}

impl OpenAi {
    /// An adapter to this endpoint. Nothing is sent yet.
    ///
    /// # Errors
    /// If the system has no certificates to check others by, or the like.
    pub fn new(endpoint: Endpoint, world: World) -> Result<Arc<Self>, String> {
        // The first one stays; all are the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("exemplar/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_PATIENCE.min(endpoint.silence))
            .build()
            .map_err(|error| format!("the language model's client cannot be made: {error}"))?;
        Ok(Arc::new(Self { client, endpoint, dialect: wire::Dialect::default(), world }))
    }

    /// Where it goes.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Asks the server for its models, to see whether it answers and knows ours. Costs nothing.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub async fn probe(&self) -> Result<String, Failure> {
        let request = self.authorized(self.client.get(self.endpoint.url("models")));
        let response = self.waited(request.send()).await?.map_err(|error| fault::of_transport(&error))?;
        let status = response.status();
        if !status.is_success() {
            let headers = response.headers().clone();
            let body = self.bounded(response, REFUSAL_MAX_BYTES).await.unwrap_or_default();
            // Some servers do not list their models; that they answer is all there is to know.
            return if status.as_u16() == 404 {
                Ok(format!("{} answers; it does not list its models", self.endpoint.shown()))
            } else {
                Err(fault::of_status(status, &headers, &body))
            };
        }
        let body = self.bounded(response, ANSWER_MAX_BYTES).await?;
        let json: Json = serde_json::from_slice(&body)
            .map_err(|_| Failure::BadAnswer("it does not speak JSON: check LLM_API_ENDPOINT".into()))?;
        let models = json["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        let ids: Vec<&str> = models.iter().filter_map(|model| model["id"].as_str()).collect();
        let ours = &self.endpoint.model;
        if ids.is_empty() || ids.iter().any(|id| id == ours || id.split(':').next() == Some(ours)) {
            return Ok(format!("{} answers; model {ours}", self.endpoint.shown()));
        }
        let some: Vec<_> = ids.iter().take(5).copied().collect();
        Err(Failure::Refused(format!("it has no model {ours}; it has {}: set LLM_MODEL", some.join(", "))))
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        let Some(key) = &self.endpoint.key else { return request };
        let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", key.expose())) else { return request };
        value.set_sensitive(true);
        request.header(AUTHORIZATION, value)
    }

    /// Waits for `work` as long as a silence may last.
    async fn waited<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        tokio::time::timeout(self.endpoint.silence, work).await.map_err(|_| Failure::Slow)
    }

    /// The next piece of a body; `None` at its end.
    async fn chunk(&self, response: &mut Response) -> Result<Option<Bytes>, Failure> {
        self.waited(response.chunk()).await?.map_err(|error| fault::of_transport(&error))
    }

    async fn bounded(&self, mut response: Response, most: usize) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk(&mut response).await? {
            if body.len() + chunk.len() > most {
                return Err(Failure::BadAnswer("its answer is gigantic".into()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// One request, and again at once without what the server does not understand.
    async fn send(&self, verb: Verb, prompt: &Prompt) -> Result<Response, Failure> {
        for _ in 0..LESSONS_MAX {
            let body = self.dialect.body(&self.endpoint.model, verb, prompt).to_string();
            let request = self.client.post(self.endpoint.url("chat/completions"));
            let request = self.authorized(request).header(CONTENT_TYPE, "application/json").body(body);
            let response = self.waited(request.send()).await?.map_err(|error| fault::of_transport(&error))?;
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            let headers = response.headers().clone();
            let body = self.bounded(response, REFUSAL_MAX_BYTES).await.unwrap_or_default();
            if !matches!(status.as_u16(), 400 | 404 | 415 | 422 | 501) || !self.dialect.learn(&body) {
                return Err(fault::of_status(status, &headers, &body));
            }
            tracing::info!(%status, "the model's server refused a part of the request; asking without it");
        }
        Err(Failure::Refused("it refuses every form of the request".into()))
    }

    /// Asks, and tells what comes to `heard` as it comes. Always as a stream: that is how a slow answer is told from none.
    async fn ask(&self, verb: Verb, prompt: Prompt, heard: &mut dyn Listener) -> Result<Answer, Failure> {
        let mut response = self.send(verb, &prompt).await?;
        let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut answer = Answer::default();
        if !kind.starts_with("text/event-stream") {
            let body = self.bounded(response, ANSWER_MAX_BYTES).await?;
            let json = serde_json::from_slice(&body)
                .map_err(|_| Failure::BadAnswer("its server did not answer with JSON".into()))?;
            answer.add(&json, heard)?;
            return answer.whole();
        }
        let (mut sse, mut size) = (sse::Sse::default(), 0);
        let mut failed = Ok(());
        let mut each = |answer: &mut Answer, data: &str| {
            if data == "[DONE]" {
                answer.done = true;
            } else if let Ok(json) = serde_json::from_str(data)
                && failed.is_ok()
            {
                failed = answer.add(&json, heard);
            }
        };
        while let Some(chunk) = self.chunk(&mut response).await? {
            size += chunk.len();
            let read = sse.push(&chunk, |data| each(&mut answer, data));
            if read.is_err() || size > ANSWER_MAX_BYTES {
                return Err(Failure::BadAnswer("its answer is gigantic".into()));
            }
            if answer.done {
                // The end of the body comes at once, and with it the connection can be used again.
                let _ = tokio::time::timeout(END_PATIENCE, response.chunk()).await;
                break;
            }
        }
        sse.finish(|data| each(&mut answer, data));
        failed?;
        answer.whole()
    }

    /// A mark that a message cannot guess.
    fn mark(&self) -> String {
        format!("data-{}", hex(&self.world.random::<6>()))
    }
}

/// Where nobody listens.
struct Silent;

impl Listener for Silent {
    fn begin(&mut self) {}
    fn words(&mut self, _: &str) {}
}

/// An answer as it comes together.
#[derive(Default)]
struct Answer {
    text: String,
    finish: Option<String>,
    usage: Option<Usage>,
    done: bool,
}

impl Answer {
    fn add(&mut self, json: &Json, heard: &mut dyn Listener) -> Result<(), Failure> {
        let part = wire::part(json);
        if let Some(error) = part.error {
            return Err(Failure::Unavailable(format!("it broke off: \"{error}\"")));
        }
        if let Some(text) = part.text {
            heard.words(&text);
            self.text.push_str(&text);
        }
        self.finish = part.finish.or(self.finish.take());
        self.usage = part.usage.or(self.usage);
        Ok(())
    }

    /// The answer, if it came to an end and says anything.
    fn whole(self) -> Result<Self, Failure> {
        let bad = |text: &str| Err(Failure::BadAnswer(text.into()));
        match self.finish.as_deref() {
            None if !self.done => bad("its answer was cut off"),
            Some("content_filter") => bad("its answer was held back by its filter"),
            _ if self.text.trim().is_empty() => bad("its answer is empty"),
            _ => Ok(self),
        }
    }
}

impl Llm for OpenAi {
    fn id(&self) -> Option<&str> {
        Some(&self.endpoint.model)
    }

    fn word<'a>(&'a self, wording: Wording<'a>, heard: &'a mut dyn Listener, by: Deadline) -> Pending<'a, String> {
        Box::pin(async move {
            heard.begin();
            let asked = self.ask(Verb::Word, prompt::word(wording, &self.mark()), heard);
            let answer = by.wait(asked).await.map_err(|_| Failure::Slow)??;
            Ok(Said { value: answer.text, usage: answer.usage })
        })
    }

    fn choose<'a>(&'a self, question: &'a str, by: Deadline) -> Pending<'a, String> {
        Box::pin(async move {
            let mut nobody = Silent;
            let asked = self.ask(Verb::Choose, prompt::choose(question), &mut nobody);
            let answer = by.wait(asked).await.map_err(|_| Failure::Slow)??;
            Ok(Said { value: answer.text, usage: answer.usage })
        })
    }

    fn read<'a>(&'a self, message: &'a str, notes: Option<&'a str>, by: Deadline) -> Pending<'a, Claims> {
        Box::pin(async move {
            let mut nobody = Silent;
            let asked = self.ask(Verb::Read, prompt::read(message, notes, &self.mark()), &mut nobody);
            let answer = by.wait(asked).await.map_err(|_| Failure::Slow)??;
            Ok(Said { value: prompt::claims(&answer.text)?, usage: answer.usage })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_written_in_several_ways() {
        for (text, base) in [
            ("https://api.openai.com/v1", "https://api.openai.com/v1"),
            ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
            ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1"),
            ("http://127.0.0.1:8080/v1/chat/completions", "http://127.0.0.1:8080/v1"),
            ("https://h/openai/deployments/x", "https://h/openai/deployments/x"),
        ] {
            assert_eq!(Endpoint::base_of(text).unwrap().as_str(), base, "{text}");
        }
        for wrong in ["", "api.openai.com", "ftp://h", "http://", "file:///etc/passwd"] {
            assert!(Endpoint::base_of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn neither_key_nor_password_is_shown() {
        let base = Endpoint::base_of("https://user:pass@host:8443/v1?token=t").unwrap();
        let endpoint =
            Endpoint { base, key: Some(Key::of("sk-1")), model: "m".into(), silence: Duration::from_secs(1) };
        assert_eq!(endpoint.shown(), "https://host:8443/v1");
        assert!(!format!("{:?}", endpoint.key).contains("sk-1"));
    }
}
