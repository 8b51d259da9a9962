//! Restate: a Virtual Object a conversation, over its HTTP ingress.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use hyper::Method;
use serde_json::{Value as Json, json};
use tokio::sync::{Mutex, Semaphore, mpsc};
use tokio::task::JoinSet;

use super::{Card, Ear, Heard, Lack, Line, Mouth, Parcel, Peer, Place, Start, Workload};
use crate::http::{Http, HttpError};
use crate::net::Target;

/// Restate 1.7, one node.
pub struct Restate {
    stage_ms: u32,
    manners: Arc<Manners>,
}

impl Restate {
    /// Each of its four stages takes `stage_ms` milliseconds.
    pub fn new(stage_ms: u32) -> Self {
        let (sends, waits) = (Semaphore::new(SENDS), Semaphore::new(WAITS));
        let manners = Manners { sends, waits, well: AtomicBool::new(true), probe: Mutex::new(()) };
        Self { stage_ms, manners: Arc::new(manners) }
    }
}

/// What keeps our client from burying a node that is coming back: all of them share it, as the calls of one program do.
struct Manners {
    sends: Semaphore,
    waits: Semaphore,
    /// The last send was answered.
    well: AtomicBool,
    /// While it was not, one send at a time is tried.
    probe: Mutex<()>,
}

/// What npm calls this machine.
const PLATFORM: &str = if cfg!(target_arch = "aarch64") { "linux-arm64" } else { "linux-x64" };

/// Keys that are called before anything is measured; there are 24 partitions.
const WARM_KEYS: u32 = 64;
/// How long that may take.
const WARM_PATIENCE: Duration = Duration::from_mins(1);
/// After so long without an acceptance a call is made again.
const CALL_PATIENCE: Duration = Duration::from_secs(5);
/// Sends that wait for their acceptance at a time: as many connections as the queue of its ingress holds.
const SENDS: usize = 128;
/// Calls that wait for a result at a time, each on a connection: a node that runs out of file descriptors ends itself.
const WAITS: usize = 4_096;
/// How long a send waits after one that failed.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

const INGRESS: u16 = 0;
const ADMIN: u16 = 1;
const SERVICE: u16 = 2;
const NODE: u16 = 3;

fn http(place: &Place, port: u16) -> Result<Http, String> {
    Target::parse(&place.address(port)).map(Http::new).map_err(|error| error.to_string())
}

impl Peer for Restate {
    fn card(&self) -> Card {
        use Workload::{Accept, Burst, HalfLoad, Pipeline};
        Card {
            name: "Restate".into(),
            made_of: "restate-server 1.7.12, one node, a Virtual Object per conversation, a TypeScript service on Node"
                .into(),
            fsync: "of its log before every acceptance (its default)".into(),
            lacks: vec![
                Lack::new("no progress to the client: a call and an answer", &[Pipeline, HalfLoad]),
                Lack::new("no order of calls that do not wait for each other", &[Accept, Pipeline, HalfLoad, Burst]),
                Lack::new("no flow control towards the client", &[Burst]),
            ],
            better: "every step is journaled and goes on after a crash by itself, also over many services and days"
                .into(),
        }
    }

    fn cannot(&self, workload: Workload) -> Option<&'static str> {
        match workload {
            Workload::Idle => Some("no WebSocket: there is no socket to hold open"),
            Workload::SlowReader => Some("no push: there is no reader that could be slow"),
            _ => None,
        }
    }

    /// Answers to calls on different connections have no order.
    fn shows_order(&self) -> bool {
        false
    }

    fn programs(&self, place: &Place) -> Vec<Start> {
        let folder = place.installed.join("restate");
        let script = folder.join("service.js").display().to_string();
        let env = [
            ("SERVICE_PORT", (place.port + SERVICE).to_string()),
            ("STAGE_MS", self.stage_ms.to_string()),
            ("RESTATE_LOGGING", "ERROR".into()),
        ];
        let service = place.program("node".as_ref(), &[&script], &env);
        let env = [
            ("RESTATE_BASE_DIR", place.data.display().to_string()),
            ("RESTATE_INGRESS__BIND_ADDRESS", place.address(INGRESS)),
            ("RESTATE_ADMIN__BIND_ADDRESS", place.address(ADMIN)),
            ("RESTATE_BIND_ADDRESS", place.address(NODE)),
            ("RESTATE_LOG_FILTER", "warn".into()),
        ];
        // The program itself: the one in `.bin` is a script that starts it and that a signal would reach alone.
        let program = folder.join(format!("node_modules/@restatedev/restate-server-{PLATFORM}/bin/restate-server"));
        let server = place.program(&program, &["--node-name", "rapid"], &env);
        vec![
            // It speaks HTTP/2 only.
            Start { program: service, address: place.address(SERVICE), path: None },
            Start { program: server, address: place.address(ADMIN), path: Some("/health") },
        ]
    }

    fn prepare<'a>(&'a self, place: &'a Place) -> BoxFuture<'a, Result<(), String>> {
        async move {
            let body = json!({"uri": format!("http://{}", place.address(SERVICE)), "force": true});
            let http = http(place, ADMIN)?;
            let answer: Result<Json, _> = http.json(Method::POST, "/deployments", None, Some(&body)).await;
            answer.map_err(|error| error.to_string())?;
            warm_up(place).await
        }
        .boxed()
    }

    fn line<'a>(&'a self, place: &'a Place, _user: &'a str, _slow: bool) -> BoxFuture<'a, Result<Line, String>> {
        async move {
            let (heard, ear) = mpsc::unbounded_channel();
            let line: Line = (
                Box::new(Speaks {
                    http: http(place, INGRESS)?,
                    heard,
                    calls: JoinSet::new(),
                    manners: self.manners.clone(),
                }),
                Box::new(Hears(ear)),
            );
            Ok(line)
        }
        .boxed()
    }
}

/// Waits until the partitions have their leaders: some seconds after a first start calls are kept waiting, and under
/// load for longer. One call for each of some keys reaches nearly all of them.
async fn warm_up(place: &Place) -> Result<(), String> {
    let http = http(place, INGRESS)?;
    let warm = async {
        for key in 0..WARM_KEYS {
            let path = format!("/conversation/warm-{key}/process");
            while http.keyed::<Json>(&path, &format!("warm-{key}"), &json!({"body": ""})).await.is_err() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    };
    let warm = tokio::time::timeout(WARM_PATIENCE, warm).await;
    warm.map_err(|_| format!("Restate answered no call within {} s of its start", WARM_PATIENCE.as_secs()))
}

struct Speaks {
    http: Http,
    heard: mpsc::UnboundedSender<Heard>,
    /// The calls under way; they end with the line, as connections that are cut do.
    calls: JoinSet<()>,
    manners: Arc<Manners>,
}

impl Mouth for Speaks {
    /// One call that is answered when the message is durable, one that is answered when it is done.
    fn say<'a>(&'a mut self, parcel: &'a Parcel) -> BoxFuture<'a, Result<(), String>> {
        let (http, heard, parcel) = (self.http.clone(), self.heard.clone(), parcel.clone());
        let manners = self.manners.clone();
        while self.calls.try_join_next().is_some() {}
        self.calls.spawn(async move {
            // Whoever has gone does not hear it.
            while call(&http, &manners, &parcel, &heard).await.is_none() {}
        });
        async { Ok(()) }.boxed()
    }
}

struct Hears(mpsc::UnboundedReceiver<Heard>);

impl Ear for Hears {
    fn hear(&mut self) -> BoxFuture<'_, Option<Heard>> {
        self.0.recv().boxed()
    }
}

/// One message from its call to its end; `None` if an answer was lost.
async fn call(http: &Http, manners: &Manners, parcel: &Parcel, heard: &mpsc::UnboundedSender<Heard>) -> Option<()> {
    let Parcel { id, conversation, body } = parcel;
    let path = format!("/conversation/{conversation}/process/send");
    let (key, body) = (id.to_string(), json!({"body": &**body}));
    let answer = manners.send(|| http.keyed::<Json>(&path, &key, &body)).await;
    let (invocation, duplicate) = understand(&answer)?;
    let _ = heard.send(Heard::Accepted { id: *id, duplicate, done: false });
    let path = format!("/restate/invocation/{invocation}/attach");
    let _place = manners.waits.acquire().await;
    http.json::<Json>(Method::GET, &path, None, None).await.ok()?;
    // Each copy has an answer of its own, so this is an answer and not an event that could be told twice.
    let _ = heard.send(Heard::Accepted { id: *id, duplicate: true, done: true });
    Some(())
}

impl Manners {
    /// A send, again and again with the same key until it is answered.
    async fn send<F: Future<Output = Result<Json, HttpError>>>(&self, send: impl Fn() -> F) -> Json {
        loop {
            let permit = self.sends.acquire().await;
            // A call that comes while a restarted node looks for its partitions is kept for longer than a second one
            // takes.
            let attempt = async { tokio::time::timeout(CALL_PATIENCE, send()).await.ok()?.ok() };
            let answer = if self.well.load(Relaxed) {
                attempt.await
            } else {
                let _alone = self.probe.lock().await;
                if self.well.load(Relaxed) {
                    continue;
                }
                tokio::time::sleep(AGAIN_AFTER).await;
                attempt.await
            };
            self.well.store(answer.is_some(), Relaxed);
            drop(permit);
            if let Some(answer) = answer {
                return answer;
            }
        }
    }
}

/// The invocation that an acceptance names, and whether it was known.
fn understand(answer: &Json) -> Option<(&str, bool)> {
    let duplicate = match answer["status"].as_str()? {
        "Accepted" => false,
        "PreviouslyAccepted" => true,
        _ => return None,
    };
    Some((answer["invocationId"].as_str()?, duplicate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_answers_are_read() {
        assert_eq!(understand(&json!({"invocationId": "inv_1", "status": "Accepted"})), Some(("inv_1", false)));
        let again = json!({"invocationId": "inv_1", "status": "PreviouslyAccepted"});
        assert_eq!(understand(&again), Some(("inv_1", true)));
        assert_eq!(understand(&json!({"message": "service not found"})), None);
    }
}
