//! A client's connection from dial to close, again and again, until it is finished.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use shared::limits;
use shared::message::{ConversationId, MessageId};
use shared::protocol::{ClientFrame, Position, SUBPROTOCOL_JSON};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest, http::HeaderValue};
use uuid::Uuid;

use super::outbox::Outbox;
use super::outgoing::{Line, Socket};
use super::{Command, Outgoing, Settings, State};
use crate::clock::Clock;
use crate::history::{ClientHistory, Closed, Micros, Record, What};
use crate::http::Session;
use crate::live::{Live, Tally};
use crate::net::Target;
use crate::rng::Rng;

/// How long a handshake and its welcome may take.
const GREETING_PATIENCE: Duration = Duration::from_secs(10);

/// A place in a conversation.
pub(super) struct Place {
    pub(super) epoch: Arc<str>,
    pub(super) offset: u64,
    pub(super) acked: u64,
}

/// Why a connection ended.
pub(super) enum End {
    /// Come back: the server's wish for how long to wait, if it said one.
    Again(Option<Duration>),
    /// Stay away until told otherwise.
    Offline,
    Finished,
    /// Coming back makes no sense.
    Dead(String),
}

/// Where the client says how it stands.
pub(super) struct Whereabouts {
    pub(super) state: Arc<watch::Sender<State>>,
    /// Commands given to the client.
    pub(super) given: Arc<AtomicU64>,
    /// Commands taken so far.
    pub(super) taken: u64,
}

pub(super) struct Task {
    pub(super) target: Target,
    pub(super) session: Session,
    pub(super) id: Uuid,
    pub(super) settings: Settings,
    pub(super) clock: Clock,
    pub(super) live: Arc<Live>,
    pub(super) whereabouts: Whereabouts,
    pub(super) rng: Rng,
    pub(super) records: Vec<Record>,
    pub(super) connection: u32,
    pub(super) outbox: Outbox,
    pub(super) raw: Vec<Outgoing>,
    pub(super) cancels: Vec<MessageId>,
    pub(super) places: BTreeMap<ConversationId, Place>,
    pub(super) epochs: Vec<Arc<str>>,
    pub(super) heals: u32,
    pub(super) events: u64,
    /// When the frame came that is being handled.
    pub(super) now: Micros,
    pub(super) tally: Tally,
}

impl Task {
    pub(super) fn new(
        target: Target,
        session: Session,
        id: Uuid,
        settings: Settings,
        clock: Clock,
        live: Arc<Live>,
        whereabouts: Whereabouts,
    ) -> Self {
        let rng = Rng::new(settings.seed);
        Self {
            target,
            session,
            id,
            settings,
            clock,
            live,
            whereabouts,
            rng,
            records: Vec::new(),
            connection: 0,
            outbox: Outbox::default(),
            raw: Vec::new(),
            cancels: Vec::new(),
            places: BTreeMap::new(),
            epochs: Vec::new(),
            heals: 0,
            events: 0,
            now: 0,
            tally: Tally::default(),
        }
    }

    pub(super) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) -> ClientHistory {
        let mut failures = 0_u32;
        loop {
            let end = match self.connect().await {
                Ok(line) => {
                    failures = 0;
                    let end = self.talk(line, &mut commands).await;
                    self.connection += 1;
                    self.outbox.disconnected();
                    end
                }
                Err(end) => end,
            };
            self.tell(|state| state.online = false);
            let wait = match end {
                End::Finished => break,
                End::Offline => None,
                End::Dead(why) => {
                    self.tell(|state| state.dead = Some(why.as_str().into()));
                    None
                }
                End::Again(wished) => {
                    failures += 1;
                    Some(self.back_off(failures, wished))
                }
            };
            if !self.pause_between(&mut commands, wait).await {
                break;
            }
        }
        let user = self.session.user_id.as_str().into();
        let (faulty_line, unsent) = (self.settings.faulty_line, self.outbox.unsent());
        ClientHistory { client: self.id, user, faulty_line, unsent, records: self.records }
    }

    /// Full jitter: a random wait up to a bound that doubles with each failure, or up to the server's wish.
    fn back_off(&mut self, failures: u32, wished: Option<Duration>) -> Duration {
        let (first, longest) = self.settings.back_off;
        let bound = wished.unwrap_or_else(|| longest.min(first * 2_u32.saturating_pow(failures.min(16) - 1)));
        bound.mul_f64(self.rng.unit())
    }

    /// Waits between two connections, for a time or until somebody says so; `false` to finish.
    async fn pause_between(&mut self, commands: &mut mpsc::UnboundedReceiver<Command>, wait: Option<Duration>) -> bool {
        let until = wait.map(|wait| tokio::time::Instant::now() + wait);
        loop {
            let sleep = async {
                match until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                command = commands.recv() => match self.counted(command) {
                    None | Some(Command::Finish) => return false,
                    Some(Command::Offline(false)) => return true,
                    // An impatient person: without a connection there is nothing to drop.
                    Some(Command::Offline(true) | Command::Cut | Command::Pause(_)) => {}
                    Some(command) => self.take(command),
                },
                () = sleep => return true,
            }
        }
    }

    pub(super) fn tell(&self, change: impl FnOnce(&mut State)) {
        let all_taken = self.whereabouts.taken >= self.whereabouts.given.load(Relaxed);
        let idle = self.outbox.is_idle() && all_taken;
        let accepted = self.outbox.is_accepted() && self.raw.is_empty() && all_taken;
        self.whereabouts.state.send_if_modified(|state| {
            let before = state.clone();
            (state.idle, state.accepted, state.events) = (idle && accepted, accepted, self.events);
            change(state);
            *state != before
        });
    }

    pub(super) fn record(&mut self, what: What) {
        self.records.push(Record { at: self.clock.now(), connection: self.connection, what });
    }

    fn counted(&mut self, command: Option<Command>) -> Option<Command> {
        self.whereabouts.taken += u64::from(command.is_some());
        command
    }

    /// A command that changes no connection.
    fn take(&mut self, command: Command) {
        match command {
            Command::Send(messages) => {
                // Sent, accepted, begun, worked on, ended: a history that grows by copying itself costs more than it.
                self.records.reserve(messages.len() * 5);
                for message in messages {
                    self.watch(message.conversation);
                    self.outbox.plan(message);
                }
            }
            Command::SendRaw(message) => self.raw.push(message),
            Command::Watch(conversation) => self.watch(conversation),
            Command::Cancel(id) => self.cancels.push(id),
            Command::LoggedOut => self.record(What::LoggedOut),
            Command::Misplace => self.places.values_mut().for_each(|place| place.epoch = "elsewhere".into()),
            Command::Cut | Command::Offline(_) | Command::Pause(_) | Command::Finish => {}
        }
        self.tell(|_| ());
    }

    /// From now on `hello` names the conversation; one that is new to the client from its beginning.
    fn watch(&mut self, conversation: ConversationId) {
        self.places.entry(conversation).or_insert_with(|| Place { epoch: "".into(), offset: 0, acked: 0 });
    }

    /// Opens a socket and says hello; the welcome is read with all the rest.
    async fn connect(&mut self) -> Result<Line, End> {
        let shake = self.handshake();
        let socket = match tokio::time::timeout(GREETING_PATIENCE, shake).await {
            Ok(Ok(socket)) => socket,
            Ok(Err(error)) => {
                self.live.connect_failures.up();
                return Err(refusal(&error));
            }
            Err(_) => {
                self.live.connect_failures.up();
                return Err(End::Again(None));
            }
        };
        self.live.connects.up();
        let (mut writer, reader) = socket.split();
        let mut resume: Vec<_> = self
            .places
            .iter()
            .map(|(id, place)| Position { conversation: *id, epoch: place.epoch.to_string(), offset: place.offset })
            .collect();
        resume.truncate(limits::RESUME_MAX);
        let hello = ClientFrame::Hello { token: None, client: self.id, resume: resume.clone() };
        self.record(What::Hello(resume.into()));
        let text = serde_json::to_string(&hello).unwrap_or_default();
        if writer.send(Message::text(text)).await.is_err() {
            self.record(What::Closed(Closed::Lost));
            self.connection += 1;
            return Err(End::Again(None));
        }
        let now = self.clock.now();
        Ok(Line {
            writer,
            reader,
            heartbeat: limits::HEARTBEAT_MS * 1_000,
            in_flight_max: 0,
            credit: None,
            credit_since: now,
            heard: now,
            said: now,
            unacked: 0,
            unacked_since: None,
            paused: false,
            dirty: false,
            pong_due: false,
            resend_checked: now,
            gather_until: 0,
            bye: None,
        })
    }

    async fn handshake(&self) -> Result<Socket, tungstenite::Error> {
        let stream = self.target.dial(self.settings.receive_buffer).await?;
        let mut request = format!("ws://{}/ws", self.target.authority()).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL_JSON));
        let bearer =
            HeaderValue::from_str(&format!("Bearer {}", self.session.token)).map_err(tungstenite::http::Error::from)?;
        headers.insert("authorization", bearer);
        // Small buffers: thousands of clients run in one process.
        let config = WebSocketConfig::default().read_buffer_size(8 * 1024).write_buffer_size(16 * 1024);
        let (socket, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await?;
        Ok(socket)
    }

    /// Reads and writes until the connection ends.
    async fn talk(&mut self, mut line: Line, commands: &mut mpsc::UnboundedReceiver<Command>) -> End {
        loop {
            let now = self.clock.now();
            if let Err(end) = self.pump(&mut line, now).await {
                return self.lost(&line, end);
            }
            let due = self.clock.instant(self.next_due(&line, now));
            let timer = pin!(tokio::time::sleep_until(due));
            tokio::select! {
                biased;
                command = commands.recv() => {
                    if let Some(end) = self.obey(&mut line, command).await {
                        return end;
                    }
                }
                // Where writing fails, what the server said before it closed is still to be read.
                _ = line.writer.flush(), if line.dirty => line.dirty = false,
                message = line.reader.next(), if !line.paused => {
                    if let Some(end) = self.hear_all(&mut line, message) {
                        return end;
                    }
                }
                () = timer => {}
            }
        }
    }

    pub(super) fn lost(&mut self, line: &Line, end: End) -> End {
        self.record(What::Closed(Closed::Lost));
        self.live.losses.up();
        match end {
            End::Again(None) => End::Again(line.bye),
            end => end,
        }
    }

    /// Ends the connection from this side.
    fn leave(&mut self, end: End) -> End {
        self.record(What::Closed(Closed::ByClient));
        end
    }

    async fn obey(&mut self, line: &mut Line, command: Option<Command>) -> Option<End> {
        match self.counted(command) {
            None | Some(Command::Finish) => {
                let goodbye = async {
                    line.writer.send(Message::Close(None)).await?;
                    line.writer.close().await
                };
                let _ = tokio::time::timeout(Duration::from_millis(500), goodbye).await;
                Some(self.leave(End::Finished))
            }
            Some(Command::Cut) => Some(self.leave(End::Again(Some(Duration::from_millis(20))))),
            Some(Command::Offline(true)) => Some(self.leave(End::Offline)),
            Some(Command::Offline(false)) => None,
            Some(Command::Pause(paused)) => {
                line.paused = paused;
                line.heard = self.clock.now();
                self.record(What::Pause(paused));
                None
            }
            Some(command) => {
                self.take(command);
                None
            }
        }
    }
}

/// What a refused handshake means.
fn refusal(error: &tungstenite::Error) -> End {
    match error {
        tungstenite::Error::Http(response) => match response.status().as_u16() {
            429 | 500..=599 => End::Again(None),
            status => {
                let body = response.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default();
                let body: String = body.chars().take(300).collect();
                End::Dead(format!("GET /ws was refused with {status}: {body}"))
            }
        },
        // A server that dies in the middle of a handshake is no different from one that is not there yet.
        tungstenite::Error::Protocol(tungstenite::error::ProtocolError::SecWebSocketSubProtocolError(error)) => {
            End::Dead(format!("the server does not speak {SUBPROTOCOL_JSON}: {error}"))
        }
        _ => End::Again(None),
    }
}
