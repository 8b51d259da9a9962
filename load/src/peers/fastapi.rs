//! `FastAPI` with uvicorn and `SQLite`.

use futures::future::BoxFuture;
use futures::stream::{SplitSink, SplitStream};
use futures::{FutureExt, SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use shared::message::MessageId;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use super::{Card, Ear, Heard, Lack, Line, Mouth, Parcel, Peer, Place, Start, Workload};
use crate::net::{Stream, Target};

pub(super) type Socket = WebSocketStream<Stream>;

/// The receive buffer of a slow reader in bytes; the kernel takes at least its own minimum.
const SLOW_BUFFER: u32 = 2_048;

/// Opens a plain WebSocket.
pub(super) async fn open(
    address: &str,
    path: &str,
    headers: &[(&'static str, String)],
    slow: bool,
) -> Result<Socket, String> {
    let target = Target::parse(address).map_err(|error| error.to_string())?;
    let stream = target.dial(slow.then_some(SLOW_BUFFER)).await.map_err(|error| error.to_string())?;
    let mut request = format!("ws://{address}{path}").into_client_request().map_err(|error| error.to_string())?;
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().map_err(|_| format!("{name} cannot be a header"))?);
    }
    let opened = tokio_tungstenite::client_async(request, stream).await;
    opened.map(|(socket, _)| socket).map_err(|error| error.to_string())
}

/// The id in a field of a JSON object.
pub(super) fn id(json: &Json, field: &str) -> Option<MessageId> {
    json.get(field)?.as_str()?.parse().ok()
}

/// `FastAPI` with uvicorn, `SQLite` in WAL mode, one writer that commits what waits.
pub struct FastApi {
    /// Milliseconds of each of its four stages.
    pub stage_ms: u32,
    /// Processes; each has a port and a database of its own, and users belong to one of them for ever.
    pub workers: u16,
}

/// The worker of a user, as a load balancer with sticky sessions would choose it: FNV-1a, which is the same everywhere.
fn worker_of(user: &str, workers: u16) -> u16 {
    let hash = user
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (hash % u64::from(workers.max(1))) as u16
}

impl Peer for FastApi {
    fn card(&self) -> Card {
        use Workload::{Burst, Kills, SlowReader};
        let (name, workers) = match self.workers {
            0 | 1 => ("FastAPI", "one worker"),
            _ => ("FastAPI, two workers", "two workers, a database each, users routed to theirs by the client"),
        };
        Card {
            name: name.into(),
            made_of: format!(
                "uvicorn (uvloop), {workers}, SQLite WAL, a task per message, a writer thread, group commit"
            ),
            fsync: "before every acceptance (synchronous=FULL), shared by what waits".into(),
            lacks: vec![
                Lack::new("no resume of missed frames", &[Kills]),
                Lack::new("no flow control, no admission", &[Burst]),
                Lack::new("no bound on what waits for a reader", &[SlowReader]),
            ],
            better: "a hundred lines of Python that anyone can change, with every Python library at hand".into(),
        }
    }

    fn programs(&self, place: &Place) -> Vec<Start> {
        let folder = place.installed.join("fastapi");
        let start = |worker: u16| {
            let port = (place.port + worker).to_string();
            let args = ["server:app", "--host", "127.0.0.1", "--port", &port, "--log-level", "warning"];
            let env = [
                ("STAGE_MS", self.stage_ms.to_string()),
                ("PEER_DATA", place.data.display().to_string()),
                ("PEER_DB", format!("peer-{worker}.db")),
                ("PYTHONPATH", folder.display().to_string()),
                // A folder of installed programs is not written to.
                ("PYTHONDONTWRITEBYTECODE", "1".into()),
            ];
            let program = place.program(&folder.join("venv/bin/uvicorn"), &args, &env);
            Start { program, address: place.address(worker), path: Some("/health") }
        };
        (0..self.workers).map(start).collect()
    }

    fn line<'a>(&'a self, place: &'a Place, user: &'a str, slow: bool) -> BoxFuture<'a, Result<Line, String>> {
        async move {
            let address = place.address(worker_of(user, self.workers));
            let (sink, stream) = open(&address, &format!("/ws?user={user}"), &[], slow).await?.split();
            let line: Line = (Box::new(Speaks(sink)), Box::new(Hears(stream)));
            Ok(line)
        }
        .boxed()
    }
}

struct Speaks(SplitSink<Socket, Message>);

impl Mouth for Speaks {
    fn say<'a>(&'a mut self, parcel: &'a Parcel) -> BoxFuture<'a, Result<(), String>> {
        let Parcel { id, conversation, body } = parcel;
        let frame = json!({"id": id, "conversation": conversation, "body": &**body});
        async move { self.0.send(Message::text(frame.to_string())).await.map_err(|error| error.to_string()) }.boxed()
    }
}

struct Hears(SplitStream<Socket>);

impl Ear for Hears {
    fn hear(&mut self) -> BoxFuture<'_, Option<Heard>> {
        async move {
            while let Some(Ok(message)) = self.0.next().await {
                let Message::Text(text) = message else { continue };
                if let Some(heard) = understand(&text) {
                    return Some(heard);
                }
            }
            None
        }
        .boxed()
    }
}

fn understand(text: &str) -> Option<Heard> {
    let frame: Json = serde_json::from_str(text).ok()?;
    let id = id(&frame, "id")?;
    Some(match frame["type"].as_str()? {
        "accepted" => Heard::Accepted { id, duplicate: frame["duplicate"] == true, done: frame["result"].is_object() },
        "done" => Heard::Done(id),
        "progress" => Heard::Progress,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn users_stay_with_their_worker_and_each_has_its_share() {
        let second = (0..1_000).filter(|n| worker_of(&format!("user-{n}"), 2) == 1).count();
        assert!((400..600).contains(&second), "{second}");
        assert_eq!(worker_of("user-7", 1), 0);
    }

    #[test]
    fn its_frames_are_read() {
        let id = Uuid::from_u128(7);
        let accepted = |duplicate, done| Some(Heard::Accepted { id, duplicate, done });
        for (text, heard) in [
            (format!(r#"{{"type":"accepted","id":"{id}","duplicate":false}}"#), accepted(false, false)),
            (format!(r#"{{"type":"accepted","id":"{id}","duplicate":true,"result":null}}"#), accepted(true, false)),
            (format!(r#"{{"type":"accepted","id":"{id}","duplicate":true,"result":{{}}}}"#), accepted(true, true)),
            (format!(r#"{{"type":"progress","id":"{id}","step":1}}"#), Some(Heard::Progress)),
            (format!(r#"{{"type":"done","id":"{id}","result":{{}}}}"#), Some(Heard::Done(id))),
            (r#"{"type":"done"}"#.into(), None),
            ("not JSON".into(), None),
        ] {
            assert_eq!(understand(&text), heard, "{text}");
        }
    }
}
