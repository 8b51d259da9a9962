//! A model's server that does what a test tells it, also what no server should.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The list of models.
    Models,
    /// Facts of a message.
    Facts,
    /// The next stage.
    Stage,
    /// Words to an answer.
    Words,
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Act {
    /// Answers as a stream, a word at a time.
    Say(String),
    /// Answers in one piece, though a stream was asked for.
    Whole(String),
    /// Answers with this status and body.
    Status(u16, &'static str, &'static str),
    /// Closes the connection as if it had crashed.
    Reset,
    /// Never answers.
    Hang,
    /// Begins to answer and never goes on.
    Stall(String),
    /// Begins to answer and closes.
    Cut(String),
    /// Answers with words of this many megabytes.
    Gigantic(usize),
    /// Answers with bytes that are no JSON.
    NotJson,
    /// Answers a word at a time with this pause.
    Slow(String, Duration),
}

/// No facts at all.
pub const NO_FACTS: &str = "{\"category\": null, \"facts\": []}";

type Script = Box<dyn FnMut(Asked, usize) -> Act + Send>;

/// The server.
#[derive(Clone)]
pub struct ModelServer {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    script: Mutex<Script>,
    requests: Mutex<Vec<Value>>,
    count: AtomicUsize,
    /// Connections that the client closed while an answer was due.
    dropped: watch::Sender<usize>,
}

impl ModelServer {
    /// Does the same each time with requests for words; there are no facts.
    pub async fn wording(act: Act) -> Self {
        Self::with(move |asked, _| if asked == Asked::Words { act.clone() } else { Act::Say(NO_FACTS.into()) }).await
    }

    /// Does one after another with requests for words, then says `last`.
    pub async fn in_turn(acts: Vec<Act>, last: &str) -> Self {
        let (mut acts, last) = (VecDeque::from(acts), last.to_owned());
        Self::with(move |asked, _| match asked {
            Asked::Words => acts.pop_front().unwrap_or_else(|| Act::Say(last.clone())),
            _ => Act::Say(NO_FACTS.into()),
        })
        .await
    }

    /// Does what `script` says to the nth request of any kind.
    pub async fn with(script: impl FnMut(Asked, usize) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self::shared(listener.local_addr().unwrap(), script);
        let shared = server.shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = shared.clone();
                tokio::spawn(async move {
                    // A dropped socket with nothing unread closes softly; a reset has to be asked for.
                    let _ = stream.set_nodelay(true);
                    serve(stream, &shared).await;
                });
            }
        });
        server
    }

    /// The same behind TLS with a certificate that nobody trusts.
    pub async fn untrusted() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".into(), "127.0.0.1".into()]).unwrap();
        let key = tokio_rustls::rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = tokio_rustls::rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self::shared(listener.local_addr().unwrap(), |_, _| Act::Say("It works.".into()));
        let shared = server.shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, shared) = (acceptor.clone(), shared.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream, &shared).await;
                    }
                });
            }
        });
        server
    }

    fn shared(address: SocketAddr, script: impl FnMut(Asked, usize) -> Act + Send + 'static) -> Self {
        let shared = Shared {
            script: Mutex::new(Box::new(script)),
            requests: Mutex::default(),
            count: AtomicUsize::new(0),
            dropped: watch::channel(0).0,
        };
        Self { address, shared: Arc::new(shared) }
    }

    /// The settings of a server that uses this one.
    pub fn settings(&self) -> Vec<(String, String)> {
        vec![
            ("LLM_API_ENDPOINT".into(), format!("http://{}/v1", self.address)),
            ("LLM_MODEL".into(), MODEL.into()),
            ("LLM_API_KEY".into(), KEY.into()),
        ]
    }

    /// The bodies of all requests for completions so far.
    pub fn requests(&self) -> Vec<Value> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Waits until the client has closed `count` connections whose answer was due.
    pub async fn dropped(&self, count: usize) {
        let mut watched = self.shared.dropped.subscribe();
        tokio::time::timeout(super::PATIENCE, watched.wait_for(|dropped| *dropped >= count)).await.unwrap().unwrap();
    }
}

/// The model that the server has, and the key that it wants.
pub const MODEL: &str = "gpt-4o-mini";
pub const KEY: &str = "sk-scripted-secret";

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, shared: &Shared) {
    while let Some((head, body)) = request(&mut stream).await {
        let json: Value = serde_json::from_slice(&body).unwrap_or_default();
        let system = json["messages"][0]["content"].as_str().unwrap_or_default();
        let asked = if head.starts_with("GET") {
            Asked::Models
        } else if system.starts_with("You find facts") {
            Asked::Facts
        } else if system.starts_with("Answer the question with exactly one") {
            Asked::Stage
        } else {
            Asked::Words
        };
        assert!(head.to_lowercase().contains(&format!("authorization: bearer {KEY}").to_lowercase()), "{head}");
        if asked == Asked::Models {
            let models = json!({"object": "list", "data": [{"id": MODEL}, {"id": "other"}]}).to_string();
            whole(&mut stream, 200, "", "application/json", models.as_bytes()).await;
            continue;
        }
        shared.requests.lock().unwrap().push(json);
        let n = shared.count.fetch_add(1, Ordering::SeqCst);
        let act = (shared.script.lock().unwrap())(asked, n);
        if !perform(&mut stream, act, shared).await {
            return;
        }
    }
}

/// Reads one request; `None` when the client is gone.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                line.to_lowercase().strip_prefix("content-length:").and_then(|n| n.trim().parse::<usize>().ok())
            });
            let mut body = bytes.split_off(end + 4);
            while body.len() < length.unwrap_or(0) {
                match stream.read(&mut piece).await {
                    Ok(n) if n > 0 => body.extend_from_slice(&piece[..n]),
                    _ => return None,
                }
            }
            return Some((head, body));
        }
        match stream.read(&mut piece).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&piece[..n]),
            _ => return None,
        }
    }
}

async fn whole(stream: &mut (impl AsyncWrite + Unpin), status: u16, headers: &str, kind: &str, body: &[u8]) {
    let head =
        format!("HTTP/1.1 {status} X\r\n{headers}content-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
}

async fn chunk(stream: &mut (impl AsyncWrite + Unpin), data: &str) -> bool {
    stream.write_all(format!("{:x}\r\n{data}\r\n", data.len()).as_bytes()).await.is_ok()
}

fn delta(text: &str) -> String {
    format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]}))
}

const STREAM: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// The words of `text` one after another; whether all could be written.
async fn words(stream: &mut (impl AsyncWrite + Unpin), text: &str, pause: Option<Duration>) -> bool {
    let mut well = stream.write_all(STREAM).await.is_ok();
    for word in text.split_inclusive(' ') {
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
        well = well && chunk(stream, &delta(word)).await;
    }
    well
}

/// Whether the connection can be used again.
async fn perform(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), act: Act, shared: &Shared) -> bool {
    let usage = json!({"prompt_tokens": 700, "completion_tokens": 60, "total_tokens": 760});
    let (text, pause) = match act {
        Act::Say(text) => (text, None),
        Act::Slow(text, pause) => (text, Some(pause)),
        Act::Whole(text) => {
            let json = json!({"choices": [{"message": {"role": "assistant", "content": text},
                "finish_reason": "stop"}], "usage": usage});
            whole(stream, 200, "", "application/json", json.to_string().as_bytes()).await;
            return true;
        }
        Act::Status(status, headers, body) => {
            whole(stream, status, headers, "application/json", body.as_bytes()).await;
            return true;
        }
        Act::NotJson => {
            whole(stream, 200, "", "text/html", b"<html>502 Bad Gateway</html>").await;
            return true;
        }
        Act::Reset => return false,
        Act::Hang => return gone(stream, shared).await,
        Act::Stall(text) => {
            words(stream, &text, None).await;
            return gone(stream, shared).await;
        }
        Act::Cut(text) => {
            words(stream, &text, None).await;
            return false;
        }
        Act::Gigantic(megabytes) => {
            let _ = stream.write_all(STREAM).await;
            let much = delta(&"word ".repeat(10_000));
            for _ in 0..megabytes * 20 {
                if !chunk(stream, &much).await {
                    shared.dropped.send_modify(|dropped| *dropped += 1);
                    return false;
                }
            }
            return gone(stream, shared).await;
        }
    };
    if !words(stream, &text, pause).await {
        return false;
    }
    let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let used = json!({"choices": [], "usage": usage});
    chunk(stream, &format!("data: {end}\n\ndata: {used}\n\ndata: [DONE]\n\n")).await;
    stream.write_all(b"0\r\n\r\n").await.is_ok()
}

/// Waits until the client closes.
async fn gone(stream: &mut (impl AsyncRead + Unpin), shared: &Shared) -> bool {
    let mut piece = [0; 64];
    while matches!(stream.read(&mut piece).await, Ok(n) if n > 0) {}
    shared.dropped.send_modify(|dropped| *dropped += 1);
    false
}
