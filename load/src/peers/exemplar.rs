//! Exemplar itself, through the same driver as everybody else.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use futures::stream::{SplitSink, SplitStream};
use futures::{FutureExt, SinkExt, StreamExt};
use serde_json::json;
use shared::message::ConversationId;
use shared::protocol::{ClientFrame, Position, SUBPROTOCOL_JSON, ServerFrame};
use tokio_tungstenite::tungstenite::Message;

use super::fastapi::{Socket, open};
use super::{Card, Ear, Heard, Line, Mouth, Parcel, Peer, Place, Start};
use crate::history::is_terminal;
use crate::http::{Http, Session};
use crate::net::Target;

/// Events after which a position is acknowledged.
const ACK_EVERY: u32 = 64;

/// A position in each conversation of a user.
type Positions = Arc<Mutex<HashMap<ConversationId, Position>>>;

/// The server of this repository.
pub struct Exemplar {
    program: PathBuf,
    durability: &'static str,
    users: Mutex<HashMap<(PathBuf, String), (Session, Positions)>>,
}

impl Exemplar {
    /// The server's program, with `full` or `process` durability.
    pub fn new(program: PathBuf, full: bool) -> Self {
        Self { program, durability: if full { "full" } else { "process" }, users: Mutex::default() }
    }

    async fn session(&self, place: &Place, user: &str) -> Result<(Session, Positions), String> {
        // Another place is another server, to which nobody is known.
        let key = (place.data.clone(), user.to_string());
        let known = self.users.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let target = Target::parse(&place.address(0)).map_err(|error| error.to_string())?;
        let session = Http::new(target).session().await.map_err(|error| error.to_string())?;
        let new = (session, Positions::default());
        self.users.lock().unwrap_or_else(PoisonError::into_inner).insert(key, new.clone());
        Ok(new)
    }
}

impl Peer for Exemplar {
    fn card(&self) -> Card {
        let full = self.durability == "full";
        Card {
            name: if full { "Exemplar" } else { "Exemplar (process)" }.into(),
            made_of: "one binary, SQLite WAL, group commit; its stages are the real analysis, not a stand-in".into(),
            fsync: if full {
                "before every acceptance, shared by what waits"
            } else {
                "none before acceptance: survives a kill, not a power cut"
            }
            .into(),
            lacks: Vec::new(),
            better: String::new(),
        }
    }

    fn programs(&self, place: &Place) -> Vec<Start> {
        let env = [
            ("EXEMPLAR_ADDR", place.address(0)),
            ("DATABASE_URL", format!("sqlite://{}", place.data.join("exemplar.db").display())),
            ("EXEMPLAR_DURABILITY", self.durability.to_string()),
            ("EXEMPLAR_RATE_LIMIT_PER_MIN", "0".into()),
            // The others admit everything.
            ("EXEMPLAR_QUEUE_LIMIT", "1000000".into()),
            ("RUST_LOG", "warn".into()),
        ];
        let program = place.program(&self.program, &["serve"], &env);
        vec![Start { program, address: place.address(0), path: Some("/health") }]
    }

    fn line<'a>(&'a self, place: &'a Place, user: &'a str, slow: bool) -> BoxFuture<'a, Result<Line, String>> {
        async move {
            let (session, positions) = self.session(place, user).await?;
            let headers = [
                ("sec-websocket-protocol", SUBPROTOCOL_JSON.to_string()),
                ("authorization", format!("Bearer {}", session.token)),
            ];
            let (mut sink, stream) = open(&place.address(0), "/ws", &headers, slow).await?.split();
            let resume = positions.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
            let hello = ClientFrame::Hello { token: None, client: uuid::Uuid::nil(), resume };
            let text = serde_json::to_string(&hello).map_err(|error| error.to_string())?;
            sink.send(Message::text(text)).await.map_err(|error| error.to_string())?;
            let sink = Arc::new(tokio::sync::Mutex::new(sink));
            let mouth = Speaks { sink: sink.clone(), positions: positions.clone() };
            let line: Line = (Box::new(mouth), Box::new(Hears { stream, sink, positions, unacked: 0 }));
            Ok(line)
        }
        .boxed()
    }
}

type Sink = Arc<tokio::sync::Mutex<SplitSink<Socket, Message>>>;

struct Speaks {
    sink: Sink,
    positions: Positions,
}

impl Mouth for Speaks {
    fn say<'a>(&'a mut self, parcel: &'a Parcel) -> BoxFuture<'a, Result<(), String>> {
        let Parcel { id, conversation, body } = parcel;
        let position = Position { conversation: *conversation, epoch: String::new(), offset: 0 };
        self.positions.lock().unwrap_or_else(PoisonError::into_inner).entry(*conversation).or_insert(position);
        let frame = json!({"type": "send", "id": id, "conversation_id": conversation, "content": &**body});
        async move {
            let sent = self.sink.lock().await.send(Message::text(frame.to_string())).await;
            sent.map_err(|error| error.to_string())
        }
        .boxed()
    }
}

struct Hears {
    stream: SplitStream<Socket>,
    sink: Sink,
    positions: Positions,
    unacked: u32,
}

impl Ear for Hears {
    fn hear(&mut self) -> BoxFuture<'_, Option<Heard>> {
        async move {
            while let Some(Ok(message)) = self.stream.next().await {
                let Message::Text(text) = message else { continue };
                let Ok(frame) = serde_json::from_str(&text) else { continue };
                if let Some(heard) = self.understand(frame) {
                    return Some(heard);
                }
            }
            None
        }
        .boxed()
    }
}

impl Hears {
    fn understand(&mut self, frame: ServerFrame) -> Option<Heard> {
        Some(match frame {
            ServerFrame::Accepted { id, duplicate, status, .. } => {
                Heard::Accepted { id, duplicate, done: status.is_terminal() }
            }
            ServerFrame::Progress(_) => Heard::Progress,
            ServerFrame::Error { id: Some(id), .. } => Heard::Refused(id),
            ServerFrame::Ping {} => {
                self.answer(&ClientFrame::Pong {});
                return None;
            }
            ServerFrame::Event(event) => {
                let (conversation, offset) = (event.conversation, event.offset);
                let position = Position { conversation, epoch: event.epoch, offset };
                let mut positions = self.positions.lock().unwrap_or_else(PoisonError::into_inner);
                let known = positions.entry(conversation).or_insert_with(|| position.clone());
                if known.epoch != position.epoch || known.offset < position.offset {
                    *known = position;
                }
                drop(positions);
                self.unacked += 1;
                if self.unacked.is_multiple_of(ACK_EVERY) {
                    self.answer(&ClientFrame::Ack { conversation, offset });
                }
                return is_terminal(event.kind).then_some(Heard::Done(event.id));
            }
            _ => return None,
        })
    }

    /// Beside the hearing, which must not wait for a writer.
    fn answer(&self, frame: &ClientFrame) {
        let (sink, text) = (self.sink.clone(), serde_json::to_string(frame).unwrap_or_default());
        tokio::spawn(async move {
            let _ = sink.lock().await.send(Message::text(text)).await;
        });
    }
}
