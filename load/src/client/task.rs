//! A client's connection from dial to close, again and again, until it is finished.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use futures::stream::{SplitSink, SplitStream};
use futures::{FutureExt, SinkExt, StreamExt};
use shared::limits;
use shared::message::{ConversationId, MessageId};
use shared::problem::Code;
use shared::protocol::{ClientFrame, EventKind, Position, SUBPROTOCOL_JSON, close};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest, http::HeaderValue};
use uuid::Uuid;

use super::outbox::Outbox;
use super::wire::{Incoming, body_fingerprint, read, send_frame};
use super::{Command, Outgoing, Settings, State};
use crate::clock::Clock;
use crate::history::{
    ClientHistory, Closed, ErrorSeen, EventSeen, Micros, Record, Sent, SnapshotSeen, WelcomeSeen, What, is_terminal,
};
use crate::http::Session;
use crate::live::Live;
use crate::net::{Stream, Target};
use crate::rng::Rng;

/// How long a handshake and its welcome may take.
const GREETING_PATIENCE: Duration = Duration::from_secs(10);
/// Frames handled before the writer gets its turn.
const FRAMES_AT_ONCE: usize = 256;
/// How often a client asks for a replay because of a gap before it lives with it.
const HEALS_MAX: u32 = 3;
/// With no credit at all, one send is tried after this long: credit may have been lost with a connection.
const CREDIT_PROBE: Micros = 1_000_000;

type Socket = WebSocketStream<Stream>;
type Writer = SplitSink<Socket, Message>;
type Reader = SplitStream<Socket>;

/// A place in a conversation.
struct Place {
    epoch: Arc<str>,
    offset: u64,
    acked: u64,
}

/// Why a connection ended.
enum End {
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
    target: Target,
    session: Session,
    id: Uuid,
    settings: Settings,
    clock: Clock,
    live: Arc<Live>,
    whereabouts: Whereabouts,
    rng: Rng,
    records: Vec<Record>,
    connection: u32,
    outbox: Outbox,
    raw: Vec<Outgoing>,
    cancels: Vec<MessageId>,
    places: BTreeMap<ConversationId, Place>,
    epochs: Vec<Arc<str>>,
    heals: u32,
}

/// What belongs to one connection only.
struct Line {
    writer: Writer,
    reader: Reader,
    heartbeat: Micros,
    in_flight_max: u32,
    credit: Option<u32>,
    credit_since: Micros,
    heard: Micros,
    said: Micros,
    unacked: u32,
    unacked_since: Option<Micros>,
    paused: bool,
    dirty: bool,
    pong_due: bool,
    resend_checked: Micros,
    /// The server has announced to close; it will say when to come back.
    bye: Option<Duration>,
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
        ClientHistory { client: self.id, user, faulty_line: self.settings.faulty_line, records: self.records }
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

    fn tell(&self, change: impl FnOnce(&mut State)) {
        let all_taken = self.whereabouts.taken >= self.whereabouts.given.load(Relaxed);
        let idle = self.outbox.is_idle() && all_taken;
        let accepted = self.outbox.is_accepted() && self.raw.is_empty() && all_taken;
        self.whereabouts.state.send_if_modified(|state| {
            let before = state.clone();
            (state.idle, state.accepted) = (idle && accepted, accepted);
            change(state);
            *state != before
        });
    }

    fn record(&mut self, what: What) {
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

    /// Handles a message and those that are there already.
    fn hear_all(&mut self, line: &mut Line, first: Option<Result<Message, tungstenite::Error>>) -> Option<End> {
        let mut next = Some(first);
        for _ in 0..FRAMES_AT_ONCE {
            let Some(message) = next.take() else { break };
            if let Some(end) = self.hear(line, message) {
                return Some(end);
            }
            next = line.reader.next().now_or_never();
        }
        if let Some(message) = next
            && let Some(end) = self.hear(line, message)
        {
            return Some(end);
        }
        self.tell(|_| ());
        None
    }

    fn hear(&mut self, line: &mut Line, message: Option<Result<Message, tungstenite::Error>>) -> Option<End> {
        line.heard = self.clock.now();
        match message {
            Some(Ok(Message::Text(text))) => self.frame(line, &text),
            Some(Ok(Message::Binary(bytes))) => {
                self.live.malformed.up();
                let shown = format!("{} bytes of binary data", bytes.len());
                let why = format!("a binary frame on {SUBPROTOCOL_JSON}");
                self.record(What::Malformed(Box::new((shown, why))));
                None
            }
            Some(Ok(Message::Close(frame))) => {
                let code = frame.map(|frame| u16::from(frame.code));
                self.record(What::Closed(Closed::ByServer { code }));
                self.live.losses.up();
                Some(match code {
                    Some(code) if code >= close::BAD_FRAME => {
                        End::Dead(format!("the server closed with {code}, which means: do not come back"))
                    }
                    _ => End::Again(line.bye),
                })
            }
            Some(Ok(_)) => None,
            Some(Err(_)) | None => Some(self.lost(line, End::Again(None))),
        }
    }

    fn lost(&mut self, line: &Line, end: End) -> End {
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

    /// Writes what is due.
    async fn pump(&mut self, line: &mut Line, now: Micros) -> Result<(), End> {
        let gone = |_| End::Again(None);
        self.outbox.ripen(now);
        let welcomed = line.in_flight_max > 0;
        if welcomed {
            while !self.settings.polite || line.may_send(self.outbox.in_flight(), now) {
                let Some(message) = self.outbox.next_ready().cloned() else { break };
                self.write_send(line, &message, now).await.map_err(gone)?;
                self.outbox.sent(now);
                line.credit = line.credit.map(|credit| credit.saturating_sub(1));
            }
            for message in std::mem::take(&mut self.raw) {
                self.write_send(line, &message, now).await.map_err(gone)?;
                self.tell(|_| ());
            }
            for id in std::mem::take(&mut self.cancels) {
                self.record(What::Cancel(id));
                line.write(&ClientFrame::Cancel { id }, now).await.map_err(gone)?;
            }
            self.ack(line, now).await.map_err(gone)?;
        }
        if std::mem::take(&mut line.pong_due) {
            line.write(&ClientFrame::Pong {}, now).await.map_err(gone)?;
        }
        if now.saturating_sub(line.said) >= line.heartbeat {
            line.write(&ClientFrame::Ping {}, now).await.map_err(gone)?;
        }
        if !line.paused && now.saturating_sub(line.heard) >= 2 * line.heartbeat {
            return Err(End::Again(None));
        }
        let patience = self.settings.resend_after.as_micros() as Micros;
        if now.saturating_sub(line.resend_checked) >= patience {
            line.resend_checked = now;
            self.outbox.resend(now.saturating_sub(patience));
        }
        Ok(())
    }

    async fn write_send(&mut self, line: &mut Line, message: &Outgoing, now: Micros) -> Result<(), tungstenite::Error> {
        let text = tungstenite::Utf8Bytes::from(send_frame(message));
        for _ in 0..message.copies {
            let sent = Sent {
                intended: message.at,
                id: message.id,
                conversation: Some(message.conversation),
                body: body_fingerprint(message),
                priority: message.priority,
            };
            self.record(What::Send(sent));
            self.live.sent.up();
            line.writer.feed(Message::Text(text.clone())).await?;
        }
        (line.said, line.dirty) = (now, true);
        Ok(())
    }

    /// Acknowledges, cumulatively, when enough events or enough time have passed.
    async fn ack(&mut self, line: &mut Line, now: Micros) -> Result<(), tungstenite::Error> {
        let within = self.settings.ack_within.as_micros() as Micros;
        let due = line.unacked_since.is_some_and(|since| now >= since + within);
        if line.unacked < self.settings.ack_every && !due {
            return Ok(());
        }
        (line.unacked, line.unacked_since) = (0, None);
        let mut acks = Vec::new();
        for (conversation, place) in self.places.iter_mut().filter(|(_, place)| place.offset > place.acked) {
            place.acked = place.offset;
            acks.push((*conversation, place.offset));
        }
        for (conversation, offset) in acks {
            self.record(What::Ack(conversation, offset));
            line.write(&ClientFrame::Ack { conversation, offset }, now).await?;
        }
        Ok(())
    }

    /// When the next thing is due by itself.
    fn next_due(&self, line: &Line, now: Micros) -> Micros {
        let mut due = line.said + line.heartbeat;
        due = due.min(line.resend_checked + self.settings.resend_after.as_micros() as Micros);
        if !line.paused {
            due = due.min(line.heard + 2 * line.heartbeat);
        }
        if let Some(since) = line.unacked_since {
            due = due.min(since + self.settings.ack_within.as_micros() as Micros);
        }
        if line.in_flight_max > 0 {
            due = due.min(self.outbox.next_due().unwrap_or(Micros::MAX));
            if self.outbox.has_ready() && line.credit == Some(0) {
                due = due.min(line.credit_since + CREDIT_PROBE);
            }
        }
        // Never at once: the timer must not starve the reader.
        due.max(now + 1)
    }

    fn frame(&mut self, line: &mut Line, text: &str) -> Option<End> {
        self.live.bytes.add(text.len() as u64);
        let epochs = &mut self.epochs;
        let shared = |text: &str| {
            if let Some(known) = epochs.iter().find(|known| &***known == text) {
                return known.clone();
            }
            let new: Arc<str> = text.into();
            epochs.push(new.clone());
            new
        };
        let what = match read(text, self.settings.keep_data, shared) {
            Ok(Incoming::Seen(what)) => what,
            Ok(Incoming::Ping) => {
                line.pong_due = true;
                return None;
            }
            Ok(Incoming::Pong) => return None,
            Err(why) => {
                self.live.malformed.up();
                let shown = text.chars().take(500).collect();
                self.record(What::Malformed(Box::new((shown, why))));
                return None;
            }
        };
        let end = self.understand(line, &what);
        self.record(what);
        if end.is_some() {
            self.record(What::Closed(Closed::ByClient));
        }
        end
    }

    fn understand(&mut self, line: &mut Line, what: &What) -> Option<End> {
        match what {
            What::Welcome(welcome) => self.welcome(line, welcome),
            What::Accepted(accepted) => {
                let count = if accepted.duplicate { &self.live.duplicates } else { &self.live.accepted };
                count.up();
                if accepted.status.is_terminal() {
                    self.outbox.ended(accepted.id);
                }
                if let Some(intended) = self.outbox.accepted(accepted.id) {
                    self.live.accept_took(self.clock.now().saturating_sub(intended));
                }
            }
            What::Event(event) => return self.event(line, event),
            What::Progress(_) => self.live.progress.up(),
            What::Snapshot(snapshot) => self.snapshot(snapshot),
            What::Flow(credit) => {
                line.credit = Some(*credit);
                line.credit_since = self.clock.now();
            }
            What::Error(error) => self.error(error),
            What::Bye(retry_after_ms) => line.bye = Some(Duration::from_millis(*retry_after_ms)),
            _ => {}
        }
        None
    }

    fn welcome(&mut self, line: &mut Line, welcome: &WelcomeSeen) {
        line.heartbeat = welcome.heartbeat_ms.max(1) * 1_000;
        line.in_flight_max = welcome.in_flight.max(1);
        self.tell(|state| {
            state.online = true;
            state.welcomes += 1;
        });
    }

    fn event(&mut self, line: &mut Line, event: &EventSeen) -> Option<End> {
        self.live.events.up();
        line.unacked += 1;
        if line.unacked_since.is_none() {
            line.unacked_since = Some(self.clock.now());
        }
        if is_terminal(event.kind) {
            let count = match event.kind {
                EventKind::Completed => &self.live.completed,
                EventKind::Failed => &self.live.failed,
                _ => &self.live.cancelled,
            };
            if let Some(intended) = self.outbox.ended(event.id) {
                count.up();
                self.live.whole_took(self.clock.now().saturating_sub(intended));
            }
        }
        let place = self.places.entry(event.conversation).or_insert_with(|| Place {
            epoch: event.epoch.clone(),
            offset: event.offset - event.offset.min(1),
            acked: 0,
        });
        if place.epoch != event.epoch {
            place.epoch = event.epoch.clone();
        }
        match event.offset {
            offset if offset == place.offset + 1 => place.offset = offset,
            offset if offset <= place.offset => {}
            // A hole: come back and ask for what is missing, unless that has not helped before.
            _ if self.heals < HEALS_MAX => {
                self.heals += 1;
                return Some(End::Again(Some(Duration::from_millis(10))));
            }
            offset => place.offset = offset,
        }
        None
    }

    fn snapshot(&mut self, snapshot: &SnapshotSeen) {
        self.live.snapshots.up();
        for (id, _) in snapshot.messages.iter().filter(|(_, status)| status.is_terminal()) {
            self.outbox.ended(*id);
        }
        let (epoch, offset) = (snapshot.epoch.clone(), snapshot.offset);
        self.places.insert(snapshot.conversation, Place { epoch, offset, acked: 0 });
    }

    fn error(&mut self, error: &ErrorSeen) {
        let come_back = matches!(error.code, Code::Busy | Code::RateLimited | Code::Exhausted | Code::Database);
        if come_back {
            self.live.refused.up();
        } else {
            self.live.errors.up();
        }
        let Some(id) = error.id else { return };
        let wait = error.retry_after_ms.unwrap_or(1_000) * 1_000;
        // Half of it again at random, so that a crowd does not come back as one.
        let wait = wait + self.rng.below(wait / 2 + 1);
        let again = error.retryable && self.settings.insist;
        self.outbox.refused(id, again.then(|| self.clock.now() + wait));
    }
}

impl Line {
    /// Whether one more send keeps within what the server welcomes.
    fn may_send(&self, in_flight: u32, now: Micros) -> bool {
        let credit = self.credit != Some(0) || now >= self.credit_since + CREDIT_PROBE;
        in_flight < self.in_flight_max && credit
    }

    async fn write(&mut self, frame: &ClientFrame, now: Micros) -> Result<(), tungstenite::Error> {
        let text = serde_json::to_string(frame).unwrap_or_default();
        (self.said, self.dirty) = (now, true);
        self.writer.feed(Message::text(text)).await
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
