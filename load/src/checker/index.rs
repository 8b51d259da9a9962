//! Sorts the records of a history by message and by log, in one pass.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use shared::message::{ConversationId, MessageId};
use shared::protocol::EventKind;

use crate::history::{
    AcceptedSeen, Closed, ErrorSeen, EventSeen, History, Micros, Sent, What, fingerprint, is_terminal,
};
use crate::quick::QuickMap;

/// A record, by its place in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ref {
    pub client: u32,
    pub record: u32,
}

/// A user, by the place of its first client.
pub(super) type User = u32;

/// Everything about one message of one user; ids of different users never meet.
#[derive(Debug, Default)]
pub(super) struct Message<'a> {
    pub sends: Vec<(Ref, Micros, u32, &'a Sent)>,
    pub accepts: Vec<(Ref, Micros, u32, &'a AcceptedSeen)>,
    pub errors: Vec<(Ref, Micros, u32, &'a ErrorSeen)>,
    pub cancels: Vec<Ref>,
    /// The first sign that it was being worked on.
    pub started: Option<(Ref, Micros)>,
    /// Its events in the log, each fact once.
    pub facts: Vec<Fact>,
    /// A terminal status in a snapshot counts as an end that was told.
    pub ended_in_snapshot: Option<Ref>,
}

/// One event of a message: where it stands in the log and who saw it first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fact {
    pub kind: EventKind,
    pub offset: u64,
    pub seen: Option<(Ref, Micros)>,
    /// Nobody has found it missing from the log at the end.
    pub kept: bool,
}

impl Message<'_> {
    /// Its conversation and number, as the first acceptance says.
    pub(super) fn number(&self) -> Option<(ConversationId, u64)> {
        self.accepts.first().map(|(_, _, _, a)| (a.conversation, a.sequence))
    }

    pub(super) fn ends(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(|fact| is_terminal(fact.kind))
    }
}

/// One fact of a log, as it was first told, or as the audit read it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub id: MessageId,
    pub kind: EventKind,
    pub hash: u64,
    pub seen: Option<(Ref, Micros)>,
    /// Its offset is in the log as it was read at the end.
    pub audited: bool,
    /// And there it is the same fact.
    pub kept: bool,
}

/// The log of one conversation in one epoch.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub entries: BTreeMap<u64, Entry>,
    /// Sightings that disagree with the first.
    pub conflicts: Vec<(u64, Ref)>,
    /// Whether the audit read this epoch.
    pub audited: bool,
}

/// A client's connection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Connection {
    pub welcome: Option<Micros>,
    pub closed: Option<(Micros, Closed)>,
}

impl Connection {
    /// Whether it was open from its welcome to `moment` at least.
    pub(super) fn open_at(&self, moment: Micros) -> bool {
        self.welcome.is_some_and(|at| at <= moment) && self.closed.is_none_or(|(at, _)| at >= moment)
    }
}

/// A history, sorted.
#[derive(Default)]
pub(super) struct Index<'a> {
    /// The user of each client.
    pub users: Vec<User>,
    pub messages: QuickMap<(User, MessageId), Message<'a>>,
    pub logs: QuickMap<ConversationId, Vec<(Arc<str>, Log)>>,
    /// Who owns a conversation: the user whose message opened it.
    pub owners: QuickMap<ConversationId, User>,
    /// The users that ever sent a message id.
    pub senders: QuickMap<MessageId, Vec<User>>,
    /// Connections by client and number.
    pub connections: QuickMap<(u32, u32), Connection>,
}

impl<'a> Index<'a> {
    pub(super) fn of(history: &'a History) -> Self {
        let mut index = Self::default();
        index.name_users(history);
        // Sends first: an event can only be attributed once it is known whose id it carries.
        for (c, r, record) in history.records() {
            let at = Ref { client: c as u32, record: r as u32 };
            index.sent(at, record.at, record.connection, &record.what);
        }
        for (c, r, record) in history.records() {
            let at = Ref { client: c as u32, record: r as u32 };
            index.seen(at, record.at, record.connection, &record.what);
        }
        index.audit(history);
        index.collect_facts();
        index
    }

    fn name_users(&mut self, history: &History) {
        let mut known: HashMap<&str, User> = HashMap::new();
        for (c, client) in history.clients.iter().enumerate() {
            self.users.push(*known.entry(&client.user).or_insert(c as u32));
        }
    }

    /// The message `id` of the user of `r`'s client.
    fn message(&mut self, r: Ref, id: MessageId) -> &mut Message<'a> {
        self.messages.entry((self.users[r.client as usize], id)).or_default()
    }

    fn sent(&mut self, r: Ref, at: Micros, connection: u32, what: &'a What) {
        match what {
            What::Send(sent) => {
                let user = self.users[r.client as usize];
                let senders = self.senders.entry(sent.id).or_default();
                if !senders.contains(&user) {
                    senders.push(user);
                }
                self.message(r, sent.id).sends.push((r, at, connection, sent));
            }
            What::Cancel(id) => self.message(r, *id).cancels.push(r),
            What::Hello(_) => {
                self.connections.insert((r.client, connection), Connection::default());
            }
            What::Welcome(_) => self.connection(r, connection, |c| c.welcome = c.welcome.or(Some(at))),
            What::Closed(how) => self.connection(r, connection, |c| c.closed = c.closed.or(Some((at, *how)))),
            _ => {}
        }
    }

    fn connection(&mut self, r: Ref, number: u32, change: impl FnOnce(&mut Connection)) {
        if let Some(connection) = self.connections.get_mut(&(r.client, number)) {
            change(connection);
        }
    }

    fn seen(&mut self, r: Ref, at: Micros, connection: u32, what: &'a What) {
        match what {
            What::Accepted(accepted) => {
                let user = self.users[r.client as usize];
                if self.sent_by(user, accepted.id) {
                    self.owners.entry(accepted.conversation).or_insert(user);
                    self.message(r, accepted.id).accepts.push((r, at, connection, accepted));
                }
            }
            What::Error(error) => {
                if let Some(id) = error.id {
                    self.message(r, id).errors.push((r, at, connection, error));
                }
            }
            What::Progress(progress) => {
                let started = &mut self.message(r, progress.id).started;
                if started.is_none_or(|(_, first)| at < first) {
                    *started = Some((r, at));
                }
            }
            What::Event(event) => self.event(r, at, event),
            What::Snapshot(snapshot) => {
                for (id, status) in &snapshot.messages {
                    if status.is_terminal() {
                        self.message(r, *id).ended_in_snapshot.get_or_insert(r);
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn sent_by(&self, user: User, id: MessageId) -> bool {
        self.senders.get(&id).is_some_and(|users| users.contains(&user))
    }

    fn log(&mut self, conversation: ConversationId, epoch: &Arc<str>) -> &mut Log {
        let logs = self.logs.entry(conversation).or_default();
        let place = logs.iter().position(|(known, _)| known == epoch).unwrap_or_else(|| {
            logs.push((epoch.clone(), Log::default()));
            logs.len() - 1
        });
        &mut logs[place].1
    }

    /// The log of a conversation in an epoch, if anything of it is known.
    pub(super) fn find_log(&self, conversation: ConversationId, epoch: &str) -> Option<&Log> {
        self.logs.get(&conversation)?.iter().find(|(known, _)| **known == *epoch).map(|(_, log)| log)
    }

    fn event(&mut self, r: Ref, at: Micros, event: &EventSeen) {
        let (kind, seen) = (event.kind, Some((r, at)));
        let entry = Entry { id: event.id, kind, hash: event.hash, seen, audited: false, kept: false };
        let log = self.log(event.conversation, &event.epoch);
        let known = log.entries.entry(event.offset).or_insert(entry);
        if (known.id, known.kind, known.hash) != (event.id, event.kind, event.hash) {
            log.conflicts.push((event.offset, r));
        } else if known.seen.is_none_or(|(_, first)| at < first) {
            known.seen = Some((r, at));
        }
    }

    fn audit(&mut self, history: &History) {
        for (conversation, events) in history.logs.iter().flatten() {
            for event in events {
                let hash = fingerprint(&event.data);
                let log = self.log(*conversation, &Arc::from(event.epoch.as_str()));
                log.audited = true;
                let read = Entry { id: event.id, kind: event.kind, hash, seen: None, audited: true, kept: true };
                let known = log.entries.entry(event.offset).or_insert(read);
                known.audited = true;
                known.kept = (known.id, known.kind, known.hash) == (event.id, event.kind, hash);
                if !known.kept {
                    let told = known.seen.map(|(r, _)| r);
                    log.conflicts.extend(told.map(|r| (event.offset, r)));
                }
            }
        }
    }

    /// Gives every message its events; each offset counts once, however many readers saw it.
    fn collect_facts(&mut self) {
        for (conversation, logs) in &self.logs {
            for (log, offset, entry) in
                logs.iter().flat_map(|(_, log)| log.entries.iter().map(move |(o, e)| (log, o, e)))
            {
                // The owner's message; a leak to a stranger must not look like the stranger's own message.
                let senders = self.senders.get(&entry.id).map_or(&[][..], Vec::as_slice);
                let owner = self.owners.get(conversation).copied();
                let Some(user) = owner.filter(|o| senders.contains(o)).or(senders.first().copied()) else { continue };
                let kept = entry.kept || !log.audited;
                let fact = Fact { kind: entry.kind, offset: *offset, seen: entry.seen, kept };
                if let Some(message) = self.messages.get_mut(&(user, entry.id)) {
                    // The same place and kind under two epochs is one fact whose epoch is in doubt, which is judged
                    // where epochs are.
                    let known = message.facts.iter_mut().find(|f| (f.offset, f.kind) == (fact.offset, fact.kind));
                    if let Some(known) = known {
                        known.seen = known.seen.or(fact.seen);
                        known.kept |= fact.kept;
                        continue;
                    }
                    message.facts.push(fact);
                    if is_terminal(entry.kind) && message.started.is_none() {
                        message.started = entry.seen;
                    }
                }
            }
        }
    }
}
