//! A client of the channel as a good program would write it: it keeps what is not accepted, sends it again in order,
//! resumes where it was, acknowledges, backs off. And it writes down everything for [`crate::checker`].
//!
//! Sends have an intended time, and every latency counts from it, so a stalled server or sender cannot hide waiting
//! (no coordinated omission). [`task`] runs the connection, [`incoming`] and [`outgoing`] are its two directions,
//! [`outbox`] keeps what is not done.

mod incoming;
mod outbox;
mod outgoing;
mod task;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use shared::message::{ConversationId, MessageId, Priority};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::clock::Clock;
use crate::history::{ClientHistory, Micros};
use crate::http::Session;
use crate::live::Live;
use crate::net::Target;

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// When it is to be sent.
    pub at: Micros,
    /// Its id.
    pub id: MessageId,
    /// Its conversation; new ones begin with their first message.
    pub conversation: ConversationId,
    /// What it says.
    pub content: Arc<str>,
    /// Its priority.
    pub priority: Priority,
    /// How many times it is sent at once; 1 for an ordinary message.
    pub copies: u16,
}

/// How a client behaves.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent habits, not one state")]
pub struct Settings {
    /// Keep the data of events in the history, not only its fingerprint.
    pub keep_data: bool,
    /// Hold sends back beyond the server's limits; without it a client floods.
    pub polite: bool,
    /// Send refused messages again when their time has come.
    pub insist: bool,
    /// Gather what is due for so long and write it together. The wait counts as latency; zero, the default, writes
    /// everything at its time, as far as the timer of a millisecond allows.
    pub gather: Duration,
    /// Send again on a living connection what was not answered for so long.
    pub resend_after: Duration,
    /// First and longest wait before a reconnect; the wait is random up to a bound that doubles.
    pub back_off: (Duration, Duration),
    /// Acknowledge after so many events.
    pub ack_every: u32,
    /// Acknowledge at the latest after so long.
    pub ack_within: Duration,
    /// The way goes through faults; the checker must know.
    pub faulty_line: bool,
    /// Ask the kernel for a receive buffer of so many bytes.
    pub receive_buffer: Option<u32>,
    /// The seed of ids and waits.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            keep_data: false,
            polite: true,
            insist: true,
            gather: Duration::ZERO,
            resend_after: Duration::from_secs(5),
            back_off: (Duration::from_millis(50), Duration::from_secs(2)),
            ack_every: 32,
            ack_within: Duration::from_millis(100),
            faulty_line: false,
            receive_buffer: None,
            seed: 0,
        }
    }
}

/// Where a client stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Everything planned was sent and has come to its end, or was refused for good.
    pub idle: bool,
    /// Everything planned is accepted, or was refused for good.
    pub accepted: bool,
    /// A connection is open and welcomed.
    pub online: bool,
    /// Welcomes so far.
    pub welcomes: u32,
    /// Events so far, on all connections.
    pub events: u64,
    /// Why the client has given up, if it has.
    pub dead: Option<Arc<str>>,
}

enum Command {
    Send(Vec<Outgoing>),
    SendRaw(Outgoing),
    Cancel(MessageId),
    Watch(ConversationId),
    Cut,
    Offline(bool),
    Misplace,
    LoggedOut,
    Pause(bool),
    Finish,
}

/// A running client.
pub struct Client {
    /// Its session.
    pub session: Session,
    /// Its id across reconnects.
    pub id: Uuid,
    commands: mpsc::UnboundedSender<Command>,
    state_in: Arc<watch::Sender<State>>,
    /// Commands given so far; the task counts those it has taken, and is not idle before they agree.
    given: Arc<AtomicU64>,
    state: watch::Receiver<State>,
    task: JoinHandle<ClientHistory>,
}

impl Client {
    /// Starts a client, which connects at once and keeps at it until it is finished.
    pub fn start(target: Target, session: Session, settings: Settings, clock: Clock, live: Arc<Live>) -> Self {
        let (commands, inbox) = mpsc::unbounded_channel();
        let (state_in, state) = watch::channel(State { idle: true, accepted: true, ..State::default() });
        let id = crate::rng::Rng::new(settings.seed).fork(0xc11e).uuid();
        let (state_in, given) = (Arc::new(state_in), Arc::<AtomicU64>::default());
        let whereabouts = task::Whereabouts { state: state_in.clone(), given: given.clone(), taken: 0 };
        let task = task::Task::new(target, session.clone(), id, settings, clock, live, whereabouts);
        Self { session, id, commands, state_in, given, state, task: tokio::spawn(task.run(inbox)) }
    }

    fn tell(&self, command: Command) {
        self.given.fetch_add(1, Relaxed);
        if matches!(command, Command::Send(_) | Command::SendRaw(_)) {
            self.state_in.send_modify(|state| (state.idle, state.accepted) = (false, false));
        }
        // A client that has ended has nothing more to do; its history says so.
        let _ = self.commands.send(command);
    }

    /// Sends messages at their times.
    pub fn send(&self, messages: Vec<Outgoing>) {
        self.tell(Command::Send(messages));
    }

    /// Sends a message once, on the present or the next connection, and forgets it: for what must not succeed.
    pub fn send_raw(&self, message: Outgoing) {
        self.tell(Command::SendRaw(message));
    }

    /// Asks to end a message.
    pub fn cancel(&self, id: MessageId) {
        self.tell(Command::Cancel(id));
    }

    /// Names a conversation in the next `hello`, from its beginning, so that all of it is seen.
    pub fn watch(&self, conversation: ConversationId) {
        self.tell(Command::Watch(conversation));
    }

    /// Drops the connection without a goodbye; the client comes back by itself.
    pub fn cut(&self) {
        self.tell(Command::Cut);
    }

    /// Goes offline (`true`), without a goodbye, and comes back (`false`).
    pub fn offline(&self, offline: bool) {
        self.tell(Command::Offline(offline));
    }

    /// Names positions of a log that the server never had in the next `hello`.
    pub fn misplace(&self) {
        self.tell(Command::Misplace);
    }

    /// Notes that the session was ended by a call, so that nothing may be told any more.
    pub fn logged_out(&self) {
        self.tell(Command::LoggedOut);
    }

    /// Stops reading (`true`) and goes on (`false`).
    pub fn pause(&self, paused: bool) {
        self.tell(Command::Pause(paused));
    }

    /// Where the client stands now.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Waits until `reached` holds or the client has given up; `false` after `patience`.
    pub async fn until(&self, patience: Duration, reached: impl Fn(&State) -> bool) -> bool {
        let mut state = self.state.clone();
        let wait = state.wait_for(|state| reached(state) || state.dead.is_some());
        let result = tokio::time::timeout(patience, wait).await;
        matches!(result, Ok(Ok(state)) if reached(&state))
    }

    /// Closes the connection and gives what was done and seen.
    pub async fn finish(self) -> ClientHistory {
        let Self { commands, task, session, id, .. } = self;
        let _ = commands.send(Command::Finish);
        let user = session.user_id.as_str().into();
        let lost = ClientHistory { client: id, user, ..ClientHistory::default() };
        task.await.unwrap_or(lost)
    }
}
