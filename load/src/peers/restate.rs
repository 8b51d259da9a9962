//! Restate: a Virtual Object a conversation, over its HTTP ingress.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use hyper::Method;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;

use super::{Card, Ear, Heard, Lack, Line, Mouth, Parcel, Peer, Place, Start, Workload};
use crate::http::Http;
use crate::net::Target;

/// Restate 1.7, one node.
pub struct Restate {
    /// Milliseconds of each of its four stages.
    pub stage_ms: u32,
}

/// What npm calls this machine.
const PLATFORM: &str = if cfg!(target_arch = "aarch64") { "linux-arm64" } else { "linux-x64" };

/// Keys that are called before anything is measured; there are 24 partitions.
const WARM_KEYS: u32 = 64;
/// How long that may take.
const WARM_PATIENCE: Duration = Duration::from_mins(1);
/// After so long without an acceptance a call is made again.
const CALL_PATIENCE: Duration = Duration::from_secs(3);

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
            // By hand it comes back with everything within a second or two, so figures from here would be unfair to it.
            Workload::Kills => Some("not measured: this adapter does not follow it across a kill under load yet"),
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
            let line: Line = (Box::new(Speaks { http: http(place, INGRESS)?, heard }), Box::new(Hears(ear)));
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
}

impl Mouth for Speaks {
    /// One call that is answered when the message is durable, one that is answered when it is done.
    fn say<'a>(&'a mut self, parcel: &'a Parcel) -> BoxFuture<'a, Result<(), String>> {
        let (http, heard, parcel) = (self.http.clone(), self.heard.clone(), parcel.clone());
        tokio::spawn(async move {
            // Whoever has gone does not hear it.
            if call(&http, &parcel, &heard).await.is_none() {
                let _ = heard.send(Heard::Refused(parcel.id));
            }
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
async fn call(http: &Http, parcel: &Parcel, heard: &mpsc::UnboundedSender<Heard>) -> Option<()> {
    let Parcel { id, conversation, body } = parcel;
    let path = format!("/conversation/{conversation}/process/send");
    let (key, body) = (id.to_string(), json!({"body": &**body}));
    // A call that comes while a restarted node looks for its partitions is kept for longer than a second one takes.
    let answer: Json = tokio::time::timeout(CALL_PATIENCE, http.keyed(&path, &key, &body)).await.ok()?.ok()?;
    let (invocation, duplicate) = understand(&answer)?;
    let _ = heard.send(Heard::Accepted { id: *id, duplicate, done: false });
    let path = format!("/restate/invocation/{invocation}/attach");
    http.json::<Json>(Method::GET, &path, None, None).await.ok()?;
    // Each copy has an answer of its own, so this is an answer and not an event that could be told twice.
    let _ = heard.send(Heard::Accepted { id: *id, duplicate: true, done: true });
    Some(())
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
