//! Socket.IO 4 over WebSocket. The wire: Engine.IO 4 packets (`0` open, `2` ping, `3` pong, `4` message) around
//! Socket.IO 5 packets (`0` connect, `2` event, `3` acknowledgement), as its protocol documents say.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use futures::stream::SplitStream;
use futures::{FutureExt, SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use shared::message::MessageId;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use super::fastapi::{Socket, id, open};
use super::{Card, Ear, Heard, Lack, Line, Mouth, Parcel, Peer, Place, Start, Workload};

/// A session that can be recovered: its private id and the offset of the newest packet.
type Recovery = Arc<Mutex<Option<(String, String)>>>;

/// Socket.IO with acknowledgements, connection state recovery and de-duplication by id.
pub struct SocketIo {
    stage_ms: u32,
    durable: bool,
    users: Mutex<HashMap<(PathBuf, String), Recovery>>,
}

impl SocketIo {
    /// Stages of so many milliseconds each; `durable` with a journal that is synced before an acknowledgement.
    pub fn new(stage_ms: u32, durable: bool) -> Self {
        Self { stage_ms, durable, users: Mutex::default() }
    }

    /// What a user's last session left; a slow reader beside it is a session of its own.
    fn recovery(&self, place: &Place, user: &str, slow: bool) -> Recovery {
        if slow {
            return Recovery::default();
        }
        let key = (place.data.clone(), user.to_string());
        lock(&self.users).entry(key).or_default().clone()
    }
}

impl Peer for SocketIo {
    fn card(&self) -> Card {
        use Workload::{Accept, Burst, Kills, Pipeline, SlowReader};
        let mut lacks = vec![
            Lack::new("no resume across restarts", &[Kills]),
            Lack::new("no flow control, no admission", &[Burst]),
            Lack::new("no bound on what waits for a reader", &[SlowReader]),
        ];
        if !self.durable {
            lacks.insert(0, Lack::new("no durability", &[Accept, Pipeline, Kills]));
        }
        Card {
            name: if self.durable { "Socket.IO with journal" } else { "Socket.IO" }.into(),
            made_of: "socket.io 4.8.4 on Node, one process, WebSocket only, connection state recovery; order and \
                      de-duplication of our own, in memory"
                .into(),
            fsync: if self.durable {
                "of a journal before every acknowledgement, shared by what waits"
            } else {
                "none"
            }
            .into(),
            lacks,
            better: "clients for every language and for old browsers; rooms, namespaces, adapters for many nodes"
                .into(),
        }
    }

    fn programs(&self, place: &Place) -> Vec<Start> {
        let script = place.installed.join("socketio/server.js").display().to_string();
        let env = [
            ("PEER_ADDR", place.address(0)),
            ("PEER_DATA", place.data.display().to_string()),
            ("STAGE_MS", self.stage_ms.to_string()),
            ("DURABLE", u8::from(self.durable).to_string()),
        ];
        let program = place.program("node".as_ref(), &[&script], &env);
        vec![Start { program, address: place.address(0), path: Some("/") }]
    }

    fn line<'a>(&'a self, place: &'a Place, user: &'a str, slow: bool) -> BoxFuture<'a, Result<Line, String>> {
        async move {
            let path = "/socket.io/?EIO=4&transport=websocket";
            let mut socket = open(&place.address(0), path, &[], slow).await?;
            expect(&mut socket, "0", &mut VecDeque::new()).await?;
            let recovery = self.recovery(place, user, slow);
            let hello = match &*lock(&recovery) {
                Some((pid, offset)) => json!({"user": user, "pid": pid, "offset": offset}),
                None => json!({ "user": user }),
            };
            socket.send(Message::text(format!("40{hello}"))).await.map_err(|error| error.to_string())?;
            // Packets that a recovered session had missed come before the welcome.
            let mut early = VecDeque::new();
            let welcome = expect(&mut socket, "40", &mut early).await?;
            let welcome: Json = serde_json::from_str(&welcome).unwrap_or_default();
            welcomed(&recovery, &welcome);
            let (mut sink, stream) = socket.split();
            let (out, mut waiting) = mpsc::unbounded_channel::<String>();
            tokio::spawn(async move {
                while let Some(text) = waiting.recv().await {
                    if sink.send(Message::text(text)).await.is_err() {
                        return;
                    }
                }
                let _ = sink.close().await;
            });
            let asked = Arc::<Mutex<Asked>>::default();
            let mouth = Speaks { out: out.clone(), asked: asked.clone() };
            let line: Line = (Box::new(mouth), Box::new(Hears { stream, early, out, asked, recovery }));
            Ok(line)
        }
        .boxed()
    }
}

/// What follows `prefix` in the packet that begins with it; events before it are kept.
async fn expect(socket: &mut Socket, prefix: &str, early: &mut VecDeque<String>) -> Result<String, String> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) if text.starts_with(prefix) => return Ok(text[prefix.len()..].to_string()),
            Some(Ok(Message::Text(text))) if text.starts_with("42") => early.push_back(text.to_string()),
            other => return Err(format!("Socket.IO said {other:?} where {prefix} was due")),
        }
    }
}

/// Notes which session this is. One that was recovered keeps its offset.
fn welcomed(recovery: &Recovery, welcome: &Json) {
    let Some(pid) = welcome["pid"].as_str() else { return };
    let mut recovery = lock(recovery);
    if recovery.as_ref().is_none_or(|(known, _)| known != pid) {
        *recovery = Some((pid.into(), String::new()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Acknowledgements by number.
#[derive(Default)]
struct Asked {
    next: u64,
    open: HashMap<u64, MessageId>,
}

struct Speaks {
    out: mpsc::UnboundedSender<String>,
    asked: Arc<Mutex<Asked>>,
}

impl Mouth for Speaks {
    fn say<'a>(&'a mut self, parcel: &'a Parcel) -> BoxFuture<'a, Result<(), String>> {
        let Parcel { id, conversation, body } = parcel;
        let number = {
            let mut asked = lock(&self.asked);
            asked.next += 1;
            let number = asked.next;
            asked.open.insert(number, *id);
            number
        };
        let event = json!(["message", {"id": id, "conversation": conversation, "body": &**body}]);
        let said = self.out.send(format!("42{number}{event}")).map_err(|error| error.to_string());
        async move { said }.boxed()
    }
}

struct Hears {
    stream: SplitStream<Socket>,
    /// What came before the welcome.
    early: VecDeque<String>,
    out: mpsc::UnboundedSender<String>,
    asked: Arc<Mutex<Asked>>,
    recovery: Recovery,
}

impl Ear for Hears {
    fn hear(&mut self) -> BoxFuture<'_, Option<Heard>> {
        async move {
            while let Some(text) = self.early.pop_front() {
                if let Some(heard) = understand(&text, &self.asked, &self.recovery) {
                    return Some(heard);
                }
            }
            while let Some(Ok(message)) = self.stream.next().await {
                let Message::Text(text) = message else { continue };
                if &*text == "2" {
                    let _ = self.out.send("3".into());
                } else if let Some(heard) = understand(&text, &self.asked, &self.recovery) {
                    return Some(heard);
                }
            }
            None
        }
        .boxed()
    }
}

fn understand(text: &str, asked: &Mutex<Asked>, recovery: &Recovery) -> Option<Heard> {
    if let Some(rest) = text.strip_prefix("43") {
        let (number, answer) = rest.split_at(rest.find('[')?);
        let answer: Json = serde_json::from_str(answer).ok()?;
        let id = lock(asked).open.remove(&number.parse().ok()?)?;
        let (duplicate, done) = (answer[0]["duplicate"] == true, answer[0]["result"].is_object());
        return Some(Heard::Accepted { id, duplicate, done });
    }
    let event: Json = serde_json::from_str(text.strip_prefix("42")?).ok()?;
    // With recovery on, the packet's offset follows the arguments.
    if let (Some(offset), Some(session)) = (event.get(2).and_then(Json::as_str), lock(recovery).as_mut()) {
        session.1 = offset.into();
    }
    let id = id(event.get(1)?, "id")?;
    Some(if event[0] == "done" { Heard::Done(id) } else { Heard::Progress })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn acknowledgements_and_events_are_read() {
        let id = Uuid::from_u128(7);
        let asked = Mutex::new(Asked { next: 2, open: [(1, id), (2, id)].into() });
        let recovery = Recovery::new(Mutex::new(Some(("p".into(), String::new()))));
        let read = |text: &str| understand(text, &asked, &recovery);
        let new = Heard::Accepted { id, duplicate: false, done: false };
        assert_eq!(read(r#"431[{"id":"x","duplicate":false}]"#), Some(new));
        let again = Heard::Accepted { id, duplicate: true, done: true };
        assert_eq!(read(r#"432[{"duplicate":true,"result":{}}]"#), Some(again));
        assert_eq!(read(r#"432[{"duplicate":true}]"#), None, "an acknowledgement comes once");
        assert_eq!(read(&format!(r#"42["progress",{{"id":"{id}","step":1}},"o1"]"#)), Some(Heard::Progress));
        assert_eq!(read(&format!(r#"42["done",{{"id":"{id}","result":{{}}}},"o2"]"#)), Some(Heard::Done(id)));
        assert_eq!(*lock(&recovery), Some(("p".into(), "o2".into())));
        for text in ["2", "42[", "41", r#"42["done"]"#] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_recovered_session_keeps_its_offset_and_a_new_one_has_none() {
        let recovery = Recovery::new(Mutex::new(Some(("p".into(), "o1".into()))));
        welcomed(&recovery, &json!({"sid": "s", "pid": "p"}));
        assert_eq!(*lock(&recovery), Some(("p".into(), "o1".into())));
        welcomed(&recovery, &json!({"sid": "s", "pid": "q"}));
        assert_eq!(*lock(&recovery), Some(("q".into(), String::new())));
    }
}
