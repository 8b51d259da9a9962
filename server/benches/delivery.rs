//! How fast messages are accepted, answered and told, beside the time that the disk takes for one flush in the same run.
//!
//! `cargo bench -p server --bench delivery -- [--seconds N] [--only ask|accept|whole|session|recover] [--json FILE]`. Server and load share this process and this
//! machine; arrivals of the latency runs are open-loop and timed from the intended moment, so that a slow server cannot
//! make the load wait for it.
#![allow(clippy::print_stdout, reason = "a benchmark reports to the person who runs it")]

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::stream::{FuturesUnordered, SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use server::channel::Timing;
use server::config::Config;
use server::doctor::flush_time;
use server::serve::{Running, start};
use server::sessions::Sessions;
use server::store::{Accept, Durability, SqliteStore, Store};
use server::world::World;
use shared::draft::{Draft, Unknown};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use uuid::Uuid;

const MESSAGE: &str = "We spend $12k/month on GPT-4o for 200k requests/day, 1,200 input / 300 output tokens; \
                       cut cost while maintaining quality.";

/// Processor seconds that this process has used, load included. On a machine that is busy with other things it says more
/// than the clock on the wall.
fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    // User and system time, in the kernel's ticks of 10 ms.
    (ticks(11) + ticks(12)) / 100.0
}

/// Processor microseconds a message since `began`.
fn processor_us(began: f64, messages: usize) -> Value {
    ((processor_s() - began) * 1e6 / messages.max(1) as f64).round().into()
}

/// Milliseconds at some percentiles.
fn percentiles(mut times: Vec<Duration>) -> Value {
    times.sort_unstable();
    let at = |share: f64| {
        let index = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len().max(1)) - 1;
        times.get(index).map_or(f64::NAN, |time| (time.as_secs_f64() * 1e5).round() / 100.0)
    };
    json!({"count": times.len(), "p50_ms": at(0.5), "p90_ms": at(0.9), "p99_ms": at(0.99), "max_ms": at(1.0)})
}

async fn server(folder: &Path, durability: &str) -> Running {
    let settings = [
        ("EXEMPLAR_ADDR", "127.0.0.1:0".to_owned()),
        ("DATABASE_URL", format!("sqlite://{}", folder.join("bench.db").display())),
        ("EXEMPLAR_DURABILITY", durability.to_owned()),
        ("EXEMPLAR_RATE_LIMIT_PER_MIN", "0".to_owned()),
    ];
    let environment = settings.map(|(name, value)| (name.to_owned(), value));
    let config = Config::load(&folder.join("none.toml"), environment, BTreeMap::new()).expect("settings");
    start(config, World::real(), Timing::default()).await.expect("a server")
}

/// A keep-alive HTTP connection.
struct Http {
    sender: hyper::client::conn::http1::SendRequest<Full<Bytes>>,
    token: String,
}

impl Http {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
        tokio::spawn(connection);
        let mut http = Self { sender, token: String::new() };
        let session = http.post("/api/v1/sessions", &json!({})).await;
        session["token"].as_str().expect("a token").clone_into(&mut http.token);
        http
    }

    async fn post(&mut self, path: &str, body: &Value) -> Value {
        let request = hyper::Request::post(path)
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", self.token));
        let request =
            if self.token.is_empty() { hyper::Request::post(path).header("host", "localhost") } else { request };
        let request = request.body(Full::new(body.to_string().into())).expect("a request");
        self.sender.ready().await.expect("an open connection");
        let response = self.sender.send_request(request).await.expect("an answer");
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        serde_json::from_slice(&bytes).expect("JSON")
    }
}

/// `POST /api/v1/messages?wait=5`, one after another.
async fn ask(durability: &str, seconds: u64) -> Value {
    let folder = TempDir::new().expect("a folder");
    let running = server(folder.path(), durability).await;
    let mut http = Http::open(running.address).await;
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut times = Vec::new();
    while Instant::now() < until {
        let began = Instant::now();
        let view = http.post("/api/v1/messages?wait=5", &json!({"content": MESSAGE})).await;
        assert_eq!(view["status"], "completed", "{view}");
        times.push(began.elapsed());
    }
    drop(http);
    running.stop().await.expect("a drain");
    percentiles(times)
}

/// The store alone: accepts with `window` waiting at a time.
async fn accept_only(durability: Durability, seconds: u64, window: usize) -> Value {
    let folder = TempDir::new().expect("a folder");
    let (facts_in, mut facts) = mpsc::unbounded_channel();
    let store = SqliteStore::open(&folder.path().join("bench.db"), durability, facts_in).await.expect("a store");
    tokio::spawn(async move { while facts.recv().await.is_some() {} });
    let world = World::real();
    let body = json!({"content": MESSAGE});
    let draft = Arc::new(Draft::from_json(body.as_object().expect("an object"), Unknown::Refuse).expect("a draft"));
    let conversations: Vec<_> = (0..window.max(1)).map(|_| world.new_id()).collect();
    let user = world.new_id();
    let mut waiting = FuturesUnordered::new();
    let (mut times, began, mut n) = (Vec::new(), Instant::now(), 0);
    let processor = processor_s();
    let until = began + Duration::from_secs(seconds);
    loop {
        while waiting.len() < window && Instant::now() < until {
            let accept = Accept {
                user,
                id: world.new_id(),
                conversation: conversations[n % conversations.len()],
                draft: draft.clone(),
                fingerprint: [1; 32],
                now_ms: world.unix_ms(),
            };
            n += 1;
            let (sent, answer) = (Instant::now(), store.accept(accept));
            waiting.push(async move {
                answer.await.expect("accepted");
                sent.elapsed()
            });
        }
        match waiting.next().await {
            Some(time) => times.push(time),
            None => break,
        }
    }
    let rate = times.len() as f64 / began.elapsed().as_secs_f64();
    store.close().await.expect("closed");
    let processor = processor_us(processor, times.len());
    let mut told = percentiles(times);
    told["processor_us_per_message"] = processor;
    told["per_second"] = rate.round().into();
    told["window"] = window.into();
    told
}

/// New sessions, one after another.
async fn session(durability: Durability, seconds: u64) -> Value {
    let folder = TempDir::new().expect("a folder");
    let (facts, _) = mpsc::unbounded_channel();
    let store = SqliteStore::open(&folder.path().join("bench.db"), durability, facts).await.expect("a store");
    let idle = Duration::from_mins(30);
    let sessions = Sessions::open(Arc::new(store), World::real(), idle, usize::MAX).await.expect("sessions");
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut times = Vec::new();
    while Instant::now() < until {
        let began = Instant::now();
        sessions.start(None).await.expect("a session");
        times.push(began.elapsed());
    }
    let bytes = sessions.memory_bytes() / times.len();
    let mut told = percentiles(times);
    told["bytes_each"] = bytes.into();
    told
}

/// From the start to a server that listens, with `pending` messages that an earlier life did not finish, in conversations
/// of four; and how long the database alone takes to name them.
async fn recover(pending: usize) -> Value {
    let folder = TempDir::new().expect("a folder");
    let (facts_in, mut facts) = mpsc::unbounded_channel();
    let path = folder.path().join("bench.db");
    let store = SqliteStore::open(&path, Durability::Process, facts_in).await.expect("a store");
    tokio::spawn(async move { while facts.recv().await.is_some() {} });
    let world = World::real();
    let body = json!({"content": MESSAGE});
    let draft = Arc::new(Draft::from_json(body.as_object().expect("an object"), Unknown::Refuse).expect("a draft"));
    let user = world.new_id();
    let accepts = (0..pending).map(|n| {
        let (id, now_ms, draft) = (world.new_id(), world.unix_ms(), draft.clone());
        let conversation = Uuid::from_u128(n as u128 / 4);
        store.accept(Accept { user, id, conversation, draft, fingerprint: [1; 32], now_ms })
    });
    for accepted in futures::future::join_all(accepts).await {
        accepted.expect("accepted");
    }
    let began = Instant::now();
    let named = store.unfinished(None).await.expect("the unfinished").len();
    let reading = began.elapsed();
    store.close().await.expect("closed");
    let began = Instant::now();
    let running = server(folder.path(), "process").await;
    let ready = began.elapsed();
    running.stop().await.expect("a drain");
    json!({"pending": named, "ready_ms": ready.as_millis() as u64, "reading_ms": reading.as_millis() as u64})
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn channel(address: SocketAddr) -> (SplitSink<Socket, Message>, SplitStream<Socket>) {
    let http = Http::open(address).await;
    let mut request = format!("ws://{address}/ws").into_client_request().expect("an address");
    request.headers_mut().insert("authorization", format!("Bearer {}", http.token).parse().expect("a header"));
    let (socket, _) = tokio_tungstenite::connect_async(request).await.expect("a channel");
    let (mut sink, mut stream) = socket.split();
    let hello = json!({"type": "hello", "client": Uuid::from_u128(1)}).to_string();
    sink.send(Message::text(hello)).await.expect("hello");
    stream.next().await.expect("welcome").expect("welcome");
    (sink, stream)
}

fn send_frame(id: Uuid, conversation: Uuid) -> Message {
    let content = MESSAGE;
    Message::text(json!({"type": "send", "id": id, "conversation_id": conversation, "content": content}).to_string())
}

/// The whole job over the channel: each of `connections` keeps `window` messages open, each in a conversation of its own.
async fn whole_job(durability: &str, seconds: u64, connections: usize, window: usize) -> Value {
    let folder = TempDir::new().expect("a folder");
    let running = server(folder.path(), durability).await;
    let (began, processor) = (Instant::now(), processor_s());
    let until = began + Duration::from_secs(seconds);
    let frames = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            let (address, frames) = (running.address, frames.clone());
            tokio::spawn(async move {
                let (mut sink, mut stream) = channel(address).await;
                let world = World::real();
                let mut open = HashMap::new();
                let mut times = Vec::new();
                for _ in 0..window {
                    let (id, conversation) = (world.new_id(), world.new_id());
                    open.insert(id, (conversation, Instant::now()));
                    sink.send(send_frame(id, conversation)).await.expect("sent");
                }
                while !open.is_empty() {
                    let Some(Ok(Message::Text(text))) = stream.next().await else { panic!("the channel was closed") };
                    frames.fetch_add(1, Ordering::Relaxed);
                    if !text.contains("\"kind\":\"completed\"") {
                        assert!(!text.contains("\"type\":\"error\""), "{text}");
                        continue;
                    }
                    let frame: Value = serde_json::from_str(&text).expect("JSON");
                    let id: Uuid = frame["id"].as_str().expect("an id").parse().expect("an id");
                    let Some((conversation, sent)) = open.remove(&id) else { continue };
                    times.push(sent.elapsed());
                    let ack =
                        json!({"type": "ack", "conversation": conversation, "offset": frame["offset"]}).to_string();
                    sink.send(Message::text(ack)).await.expect("acked");
                    if Instant::now() < until {
                        let id = world.new_id();
                        open.insert(id, (conversation, Instant::now()));
                        sink.send(send_frame(id, conversation)).await.expect("sent");
                    }
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("a client"));
    }
    let elapsed = began.elapsed().as_secs_f64();
    running.stop().await.expect("a drain");
    let rate = times.len() as f64 / elapsed;
    let processor = processor_us(processor, times.len());
    let mut told = percentiles(times);
    told["processor_us_per_message"] = processor;
    told["per_second"] = rate.round().into();
    told["frames_per_second"] = (frames.load(Ordering::Relaxed) as f64 / elapsed).round().into();
    told["connections"] = connections.into();
    told
}

/// The whole job at a given rate: open-loop arrivals, timed from the intended moment.
async fn at_rate(durability: &str, seconds: u64, connections: usize, per_second: f64) -> Value {
    let folder = TempDir::new().expect("a folder");
    let running = server(folder.path(), durability).await;
    let due: Arc<Mutex<HashMap<Uuid, Instant>>> = Arc::default();
    let times: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let mut sinks = Vec::new();
    let mut readers = Vec::new();
    for _ in 0..connections {
        let (sink, mut stream) = channel(running.address).await;
        sinks.push(sink);
        let (due, times) = (due.clone(), times.clone());
        readers.push(tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                let Message::Text(text) = message else { continue };
                if text.contains("\"kind\":\"completed\"") {
                    let frame: Value = serde_json::from_str(&text).expect("JSON");
                    let id: Uuid = frame["id"].as_str().expect("an id").parse().expect("an id");
                    if let Some(intended) = due.lock().await.remove(&id) {
                        times.lock().await.push(intended.elapsed());
                    }
                }
            }
        }));
    }
    let world = World::real();
    let (began, total) = (Instant::now(), (per_second * seconds as f64) as usize);
    for n in 0..total {
        let intended = began + Duration::from_secs_f64(n as f64 / per_second);
        tokio::time::sleep_until(intended.into()).await;
        let id = world.new_id();
        due.lock().await.insert(id, intended);
        sinks[n % connections].send(send_frame(id, world.new_id())).await.expect("sent");
    }
    let patience = Instant::now() + Duration::from_secs(20);
    while !due.lock().await.is_empty() && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let unanswered = due.lock().await.len();
    readers.iter().for_each(tokio::task::JoinHandle::abort);
    drop(sinks);
    running.stop().await.expect("a drain");
    let mut told = percentiles(std::mem::take(&mut *times.lock().await));
    told["per_second"] = per_second.into();
    told["unanswered"] = unanswered.into();
    told
}

/// The value after a flag of the command line.
fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let seconds = argument("--seconds").and_then(|text| text.parse().ok()).unwrap_or(5);
        let folder = TempDir::new().expect("a folder");
        let mut report = serde_json::Map::new();
        let mut note = |name: &str, value: Value| {
            println!("{name:32} {value}");
            report.insert(name.into(), value);
        };
        let flush = flush_time(&folder.path().join("probe"), 64).expect("a flush");
        note("flush_p50_ms", json!((flush.as_secs_f64() * 1e5).round() / 100.0));
        let only = argument("--only");
        let wanted = |name: &str| only.as_deref().is_none_or(|only| name.starts_with(only));
        for durability in ["full", "process"] {
            if wanted("ask") {
                note(&format!("ask_{durability}"), ask(durability, seconds).await);
            }
        }
        for durability in [Durability::Full, Durability::Process] {
            if wanted("accept") {
                note(&format!("accept_{}", durability.as_str()), accept_only(durability, seconds, 512).await);
            }
        }
        for durability in ["full", "process"] {
            if wanted("whole") {
                let whole = whole_job(durability, seconds, 8, 64).await;
                let half = whole["per_second"].as_f64().unwrap_or(0.0) / 2.0;
                note(&format!("whole_{durability}"), whole);
                note(&format!("whole_{durability}_half_load"), at_rate(durability, seconds, 8, half).await);
            }
        }
        for durability in [Durability::Full, Durability::Process] {
            if wanted("session") {
                note(&format!("session_{}", durability.as_str()), session(durability, seconds).await);
            }
        }
        if wanted("recover") {
            note("recover", recover(100_000).await);
        }
        if let Some(path) = argument("--json") {
            std::fs::write(path, Value::from(report).to_string()).expect("the report is written");
        }
    });
}
