//! Generates valid histories: an ideal server and its clients, driven by a seed, with cuts, resumes, snapshots,
//! duplicates, reused and old ids, refusals, cancellations and kills. It shares no code with the mock or the client.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::json;
use shared::message::{ConversationId, MessageId, Priority, Status, id_at};
use shared::problem::Code;
use shared::protocol::{Event, EventKind, Position, Resumed};
use uuid::Uuid;

use crate::history::*;
use crate::rng::Rng;

pub(super) const NOW_MS: u64 = 1_795_305_600_000;
const EPOCH: &str = "e1";

struct Message {
    id: MessageId,
    body: u64,
    sequence: u64,
    status: Status,
    attempt: u32,
    step: u32,
}

#[derive(Default)]
struct Conversation {
    id: ConversationId,
    user: usize,
    messages: Vec<Message>,
    log: Vec<Event>,
}

struct Client {
    user: usize,
    online: bool,
    connection: u32,
    positions: HashMap<ConversationId, u64>,
}

pub(super) struct Model {
    rng: Rng,
    now: Micros,
    /// Half of all histories have no kills.
    kills: bool,
    clients: Vec<Client>,
    conversations: Vec<Conversation>,
    pub history: History,
}

fn epoch() -> Arc<str> {
    EPOCH.into()
}

impl Model {
    /// A valid history of about `steps` operations.
    pub(super) fn history(seed: u64, steps: u64) -> History {
        let mut rng = Rng::new(seed);
        let clients: Vec<_> =
            (0..4).map(|c| Client { user: c / 2, online: false, connection: 0, positions: HashMap::new() }).collect();
        let histories = clients.iter().map(|c| ClientHistory {
            client: rng.uuid(),
            user: format!("user{}", c.user).into(),
            faulty_line: false,
            unsent: 0,
            records: vec![],
        });
        let history = History { unix_ms_at_zero: NOW_MS, clients: histories.collect(), ..History::default() };
        let conversations = (0..4).map(|c| Conversation { id: rng.uuid(), user: c / 2, ..Conversation::default() });
        let conversations = conversations.collect();
        let kills = rng.chance(0.5);
        let mut model = Self { kills, rng, now: 1_000, clients, conversations, history };
        for c in 0..4 {
            model.connect(c);
        }
        for _ in 0..steps {
            model.step();
        }
        model.finish();
        model.history
    }

    fn record(&mut self, client: usize, what: What) {
        self.now += 1 + self.rng.below(500);
        let record = Record { at: self.now, connection: self.clients[client].connection, what };
        self.history.clients[client].records.push(record);
    }

    fn step(&mut self) {
        let (client, conversation) = (self.rng.below(4) as usize, self.rng.below(4) as usize);
        match self.rng.below(100) {
            0..30 => self.send_new(client),
            30..38 => self.send_again(client),
            38..42 => self.send_altered(client),
            42..44 => self.send_outside_window(client),
            44..48 => self.refuse(client),
            48..52 => self.cancel(conversation, client),
            52..88 => self.work(conversation),
            88..95 => self.cut(client),
            95..97 if self.kills => self.kill(),
            _ => self.connect(client),
        }
    }

    fn connect(&mut self, c: usize) {
        if self.clients[c].online {
            return;
        }
        self.clients[c].online = true;
        self.clients[c].connection += 1;
        let user = self.clients[c].user;
        let known: Vec<_> =
            self.conversations.iter().filter(|v| v.user == user && !v.log.is_empty()).map(|v| v.id).collect();
        let positions = self.clients[c].positions.clone();
        let resume: Vec<_> = known
            .iter()
            .map(|id| Position {
                conversation: *id,
                epoch: EPOCH.into(),
                offset: positions.get(id).copied().unwrap_or(0),
            })
            .collect();
        let whole = self.rng.chance(0.8);
        let resumed: Vec<_> = resume
            .iter()
            .map(|p| Resumed {
                conversation: p.conversation,
                epoch: EPOCH.into(),
                from: p.offset + 1,
                head: self.log_of(p.conversation).len() as u64,
                complete: whole,
            })
            .collect();
        self.record(c, What::Hello(resume.clone().into()));
        let welcome = WelcomeSeen {
            user: format!("user{user}").into(),
            expires_ms: Some(NOW_MS + 3_600_000),
            now_ms: NOW_MS + self.now / 1_000,
            heartbeat_ms: 25_000,
            in_flight: 100,
            rate_per_min: 0,
            resumed,
        };
        self.record(c, What::Welcome(Box::new(welcome)));
        for position in resume {
            if whole {
                let missed: Vec<_> = self.log_of(position.conversation)[position.offset as usize..].to_vec();
                for event in missed {
                    self.deliver(c, event);
                }
            } else {
                self.snapshot(c, position.conversation);
            }
        }
    }

    fn log_of(&self, id: ConversationId) -> &[Event] {
        self.conversations.iter().find(|c| c.id == id).map_or(&[], |c| &c.log)
    }

    fn snapshot(&mut self, c: usize, id: ConversationId) {
        let conversation = self.conversations.iter().find(|v| v.id == id).unwrap();
        let messages = conversation.messages.iter().map(|m| (m.id, m.status)).collect();
        let offset = conversation.log.len() as u64;
        self.clients[c].positions.insert(id, offset);
        let snapshot = SnapshotSeen { conversation: id, epoch: epoch(), offset, messages };
        self.record(c, What::Snapshot(Box::new(snapshot)));
    }

    fn deliver(&mut self, c: usize, event: Event) {
        self.clients[c].positions.insert(event.conversation, event.offset);
        self.record(c, What::Event(EventSeen::of(event, epoch(), 200, true)));
    }

    fn log(&mut self, conversation: usize, id: MessageId, kind: EventKind) {
        let log = &mut self.conversations[conversation];
        let offset = log.log.len() as u64 + 1;
        let data = json!({"headline": format!("fact {offset}")});
        let event = Event { conversation: log.id, epoch: EPOCH.into(), offset, id, kind, data };
        log.log.push(event.clone());
        let user = log.user;
        for c in 0..self.clients.len() {
            if self.clients[c].online && self.clients[c].user == user {
                self.deliver(c, event.clone());
            }
        }
    }

    fn send(&mut self, c: usize, id: MessageId, body: u64, conversation: ConversationId) {
        let sent = Sent { intended: self.now, id, conversation: Some(conversation), body, priority: Priority::Normal };
        self.record(c, What::Send(sent));
    }

    fn mine(&mut self, c: usize) -> Option<usize> {
        let user = self.clients[c].user;
        self.clients[c].online.then(|| user * 2 + self.rng.below(2) as usize)
    }

    fn new_id(&mut self) -> MessageId {
        id_at(NOW_MS + self.now / 1_000, self.rng.id_bytes())
    }

    fn send_new(&mut self, c: usize) {
        let Some(v) = self.mine(c) else { return };
        let (id, body, conversation) = (self.new_id(), self.rng.next_u64(), self.conversations[v].id);
        self.send(c, id, body, conversation);
        let sequence = self.conversations[v].messages.len() as u64 + 1;
        let message = Message { id, body, sequence, status: Status::Queued, attempt: 0, step: 0 };
        self.conversations[v].messages.push(message);
        let accepted = AcceptedSeen { id, conversation, sequence, status: Status::Queued, duplicate: false };
        self.record(c, What::Accepted(accepted));
        self.log(v, id, EventKind::Accepted);
    }

    /// A message of the client's user that was accepted: its conversation, place and body.
    fn known(&mut self, c: usize) -> Option<(usize, usize)> {
        let v = self.mine(c)?;
        let count = self.conversations[v].messages.len() as u64;
        (count > 0).then(|| (v, self.rng.below(count) as usize))
    }

    fn send_again(&mut self, c: usize) {
        let Some((v, m)) = self.known(c) else { return };
        let (conversation, message) = (self.conversations[v].id, &self.conversations[v].messages[m]);
        let (id, body) = (message.id, message.body);
        let accepted =
            AcceptedSeen { id, conversation, sequence: message.sequence, status: message.status, duplicate: true };
        self.send(c, id, body, conversation);
        self.record(c, What::Accepted(accepted));
    }

    fn send_altered(&mut self, c: usize) {
        let Some((v, m)) = self.known(c) else { return };
        let (id, body) = (self.conversations[v].messages[m].id, self.rng.next_u64());
        self.send(c, id, body, self.conversations[v].id);
        self.error(c, id, Code::Reused, None);
    }

    fn error(&mut self, c: usize, id: MessageId, code: Code, retry_after_ms: Option<u64>) {
        let error = ErrorSeen { code, retryable: code.retryable(), retry_after_ms, id: Some(id), detail: "".into() };
        self.record(c, What::Error(Box::new(error)));
    }

    fn send_outside_window(&mut self, c: usize) {
        let Some(v) = self.mine(c) else { return };
        let (day, bytes) = (86_400_000, self.rng.id_bytes());
        let (id, code) = if self.rng.chance(0.5) {
            (id_at(NOW_MS - 8 * day, bytes), Code::Old)
        } else {
            (id_at(NOW_MS + 2 * day, bytes), Code::Invalid)
        };
        self.send(c, id, 1, self.conversations[v].id);
        self.error(c, id, code, None);
    }

    fn refuse(&mut self, c: usize) {
        let Some(v) = self.mine(c) else { return };
        let (id, body) = (self.new_id(), self.rng.next_u64());
        self.send(c, id, body, self.conversations[v].id);
        self.error(c, id, Code::Busy, Some(500));
    }

    /// The first message of a conversation that has not ended.
    fn head(&self, v: usize) -> Option<usize> {
        self.conversations[v].messages.iter().position(|m| !m.status.is_terminal())
    }

    fn cancel(&mut self, v: usize, c: usize) {
        let Some(m) = self.head(v) else { return };
        if !self.clients[c].online || self.clients[c].user != self.conversations[v].user {
            return;
        }
        let id = self.conversations[v].messages[m].id;
        self.record(c, What::Cancel(id));
        self.conversations[v].messages[m].status = Status::Cancelled;
        self.log(v, id, EventKind::Cancelled);
    }

    /// One step of the head of a conversation, or its end.
    fn work(&mut self, v: usize) {
        let Some(m) = self.head(v) else { return };
        let message = &mut self.conversations[v].messages[m];
        if message.attempt == 0 {
            message.attempt = 1;
        }
        if message.step >= 3 {
            let id = message.id;
            let failed = self.rng.chance(0.1);
            message.status = if failed { Status::Failed } else { Status::Completed };
            let kind = if failed { EventKind::Failed } else { EventKind::Completed };
            return self.log(v, id, kind);
        }
        message.step += 1;
        let (id, attempt, step) = (message.id, message.attempt, message.step);
        let progress = ProgressSeen { id, attempt, step, skipped: 0, percent: (step * 30) as u8, bytes: 90 };
        for c in 0..self.clients.len() {
            if self.clients[c].online && self.clients[c].user == self.conversations[v].user {
                self.record(c, What::Progress(progress.clone()));
            }
        }
    }

    fn cut(&mut self, c: usize) {
        if std::mem::take(&mut self.clients[c].online) {
            self.record(c, What::Closed(Closed::Lost));
        }
    }

    fn kill(&mut self) {
        self.history.acts.push(Act { at: self.now, kind: ActKind::Kill });
        (0..4).for_each(|c| self.cut(c));
        for message in self.conversations.iter_mut().flat_map(|c| &mut c.messages) {
            message.attempt += u32::from(message.attempt > 0);
            message.step = 0;
        }
        self.history.acts.push(Act { at: self.now, kind: ActKind::Ready });
    }

    fn finish(&mut self) {
        (0..4).for_each(|c| self.connect(c));
        for v in 0..4 {
            while self.head(v).is_some() {
                self.work(v);
            }
        }
        self.now += 1_000_000;
        self.history.quiet_at = Some(self.now);
        let logs: BTreeMap<Uuid, _> =
            self.conversations.iter().filter(|c| !c.log.is_empty()).map(|c| (c.id, c.log.clone())).collect();
        self.history.logs = Some(logs);
        for c in 0..4 {
            self.clients[c].online = false;
            self.record(c, What::Closed(Closed::ByClient));
        }
    }
}
