//! Walks every connection in the order in which its client saw it: exact resume (I13), snapshots (I14), epochs (I8),
//! progress (I12), overlap of attempts (I10), sizes (I15), expiry (I20), strangers (Privacy), form (Protocol).

use std::sync::Arc;

use shared::limits;
use shared::message::{ConversationId, MessageId};
use shared::protocol::Position;

use super::index::{Index, Ref, User};
use super::{Judge, Rule};
use crate::history::{ClientHistory, EventSeen, Micros, ProgressSeen, SnapshotSeen, WelcomeSeen, What, is_terminal};
use crate::quick::{QuickMap, QuickSet};

/// Clocks of two processes on one machine differ by less, in milliseconds.
const CLOCK_SLACK_MS: u64 = 2_000;
/// What was on its way when a session ended may still arrive, for so long.
const LOGOUT_SLACK: Micros = 1_000_000;
/// Bytes of an event frame around its data: ids, epoch, names.
const EVENT_ENVELOPE_BYTES: usize = 512;
/// The most that is listed of a hole.
const HOLE_LISTED: u64 = 100;

/// Where a connection stands in one conversation.
struct Cursor {
    epoch: Arc<str>,
    /// The offset that must come next; `None` until the first event of a conversation that was not resumed.
    next: Option<u64>,
    /// The first offset that came.
    first: Option<u64>,
    /// The newest offset at the time of the welcome.
    head: u64,
    /// The `welcome` that owes a snapshot.
    owed: Option<Ref>,
    last: Ref,
}

/// Where an attempt stands.
struct Attempt {
    number: u32,
    step: u32,
    percent: u8,
    last: Ref,
}

/// A connection being walked.
struct Walk<'a> {
    user: User,
    number: u32,
    resume: &'a [Position],
    welcome: Option<(Ref, Micros, &'a WelcomeSeen)>,
    expires_ms: Option<u64>,
    logged_out: Option<(Ref, Micros)>,
    cursors: QuickMap<ConversationId, Cursor>,
    attempts: QuickMap<MessageId, Attempt>,
    ended: QuickMap<MessageId, Ref>,
    /// The message seen at work in a conversation, and those that others took over from.
    at_work: QuickMap<ConversationId, MessageId>,
    left: QuickSet<MessageId>,
    /// Conversations that were opened by a message accepted on this connection.
    born: QuickMap<ConversationId, Ref>,
}

pub(super) fn check(judge: &mut Judge<'_>, index: &Index<'_>) {
    let history = judge.history;
    for (c, client) in history.clients.iter().enumerate() {
        let mut start = 0;
        while start < client.records.len() {
            let number = client.records[start].connection;
            let end = client.records[start..].iter().position(|r| r.connection != number);
            let end = end.map_or(client.records.len(), |length| start + length);
            walk(judge, index, c as u32, client, start..end);
            start = end;
        }
    }
}

fn walk(judge: &mut Judge<'_>, index: &Index<'_>, c: u32, client: &ClientHistory, range: std::ops::Range<usize>) {
    let mut walk = Walk {
        user: index.users[c as usize],
        number: client.records[range.start].connection,
        resume: &[],
        welcome: None,
        expires_ms: None,
        logged_out: None,
        cursors: QuickMap::default(),
        attempts: QuickMap::default(),
        ended: QuickMap::default(),
        at_work: QuickMap::default(),
        left: QuickSet::default(),
        born: QuickMap::default(),
    };
    for place in range {
        let (record, r) = (&client.records[place], Ref { client: c, record: place as u32 });
        walk.order(judge, r, &record.what);
        match &record.what {
            What::Hello(resume) => walk.resume = resume,
            What::Welcome(welcome) => walk.welcome(judge, client, r, record.at, welcome),
            What::LoggedOut => walk.logged_out = Some((r, record.at)),
            What::Renewed(until) => walk.expires_ms = Some(*until),
            What::Accepted(accepted) => {
                walk.life(judge, r, record.at);
                let mine = index.sent_by(walk.user, accepted.id);
                judge.require(Rule::Privacy, mine, &[r], || {
                    format!("acceptance of {}, which this user never sent", accepted.id)
                });
                if accepted.sequence == 1 && !accepted.duplicate {
                    walk.born.entry(accepted.conversation).or_insert(r);
                }
            }
            What::Event(event) => {
                walk.life(judge, r, record.at);
                walk.event(judge, index, r, event);
            }
            What::Progress(progress) => {
                walk.life(judge, r, record.at);
                walk.progress(judge, index, r, progress);
            }
            What::Snapshot(snapshot) => {
                walk.life(judge, r, record.at);
                walk.snapshot(judge, index, r, snapshot);
            }
            What::Error(error) => {
                if let Some(id) = error.id {
                    walk.private(judge, index, r, id, "an error");
                }
            }
            What::Malformed(frame) => judge.violate(Rule::Protocol, &[r], || frame.1.clone()),
            _ => {}
        }
    }
    walk.finish(judge, index, c);
}

impl<'a> Walk<'a> {
    /// Nothing but `error` and pings may come before `welcome`.
    fn order(&self, judge: &mut Judge<'_>, r: Ref, what: &What) {
        if matches!(
            what,
            What::Accepted(_)
                | What::Event(_)
                | What::Progress(_)
                | What::Snapshot(_)
                | What::Flow(_)
                | What::Renewed(_)
        ) {
            judge.require(Rule::Protocol, self.welcome.is_some(), &[r], || "a frame before welcome".into());
        }
    }

    fn welcome(&mut self, judge: &mut Judge<'_>, client: &ClientHistory, r: Ref, at: Micros, welcome: &'a WelcomeSeen) {
        judge.require(Rule::Protocol, self.welcome.is_none(), &[r], || "a second welcome".into());
        judge.require(Rule::Privacy, welcome.user == client.user, &[r], || {
            format!("welcome greets {} where {} opened the connection", welcome.user, client.user)
        });
        self.welcome = Some((r, at, welcome));
        self.expires_ms = welcome.expires_ms;
        for resumed in &welcome.resumed {
            let asked = self.resume.iter().find(|p| p.conversation == resumed.conversation);
            let asked_offset = asked.map_or(0, |p| p.offset);
            if resumed.complete {
                let same = asked.is_none_or(|p| p.epoch.is_empty() || p.epoch == resumed.epoch || p.offset == 0);
                judge.require(Rule::I8, same, &[r], || {
                    format!("conversation {} is said to be complete across a change of epoch", resumed.conversation)
                });
                judge.require(Rule::I13, resumed.from == asked_offset + 1, &[r], || {
                    format!("resumed from {} where {} was asked for", resumed.from, asked_offset + 1)
                });
            }
            let cursor = Cursor {
                epoch: Arc::from(resumed.epoch.as_str()),
                next: resumed.complete.then_some(asked_offset + 1),
                first: None,
                head: resumed.head,
                owed: (!resumed.complete).then_some(r),
                last: r,
            };
            self.cursors.insert(resumed.conversation, cursor);
        }
        for asked in self.resume {
            // A conversation that the client named before its first message was accepted may be unknown.
            let answered = self.cursors.contains_key(&asked.conversation) || asked.offset == 0;
            judge.require(Rule::I13, answered, &[r], || {
                format!("conversation {} was to be resumed and is not in the welcome", asked.conversation)
            });
        }
    }

    /// Nothing may be told after the session's end.
    fn life(&self, judge: &mut Judge<'_>, r: Ref, at: Micros) {
        if let Some((out, since)) = self.logged_out {
            judge.require(Rule::I20, at <= since + LOGOUT_SLACK, &[out, r], || {
                format!("told {} ms after the session was ended", (at - since) / 1_000)
            });
        }
        let (Some(expires), Some((_, welcomed, welcome))) = (self.expires_ms, self.welcome) else { return };
        let now = welcome.now_ms + at.saturating_sub(welcomed) / 1_000;
        judge.require(Rule::I20, now <= expires + CLOCK_SLACK_MS, &[r], || {
            format!("told {} ms after the session's end", now - expires)
        });
    }

    /// Nothing about an id that only others sent.
    fn private(&self, judge: &mut Judge<'_>, index: &Index<'_>, r: Ref, id: MessageId, what: &str) {
        let strange = index.senders.contains_key(&id) && !index.sent_by(self.user, id);
        judge.require(Rule::Privacy, !strange, &[r], || format!("{what} about message {id} of another user"));
    }

    fn event(&mut self, judge: &mut Judge<'_>, index: &Index<'_>, r: Ref, event: &EventSeen) {
        let owner = index.owners.get(&event.conversation);
        let mine = owner.is_none_or(|owner| *owner == self.user);
        judge.require(Rule::Privacy, mine, &[r], || format!("an event of {}, another user's", event.conversation));
        if !mine {
            return;
        }
        let cap = limits::EVENT_DATA_MAX_BYTES + EVENT_ENVELOPE_BYTES;
        judge.require(Rule::I15, event.bytes as usize <= cap, &[r], || {
            format!("an event frame of {} bytes; at most {cap} were agreed", event.bytes)
        });
        let cursor = self.cursors.entry(event.conversation).or_insert_with(|| Cursor {
            epoch: event.epoch.clone(),
            next: None,
            first: None,
            head: 0,
            owed: None,
            last: r,
        });
        if let Some(owed) = cursor.owed {
            judge.violate(Rule::I14, &[owed, r], || {
                "complete:false was followed by an event where a snapshot was due".into()
            });
            cursor.owed = None;
            cursor.next = None;
        }
        judge.require(Rule::I8, cursor.epoch == event.epoch, &[cursor.last, r], || {
            format!("epoch {} after {} with neither resume nor snapshot between", event.epoch, cursor.epoch)
        });
        cursor.follow(judge, index, r, event);
        if is_terminal(event.kind) {
            self.ended.insert(event.id, r);
        }
    }

    fn progress(&mut self, judge: &mut Judge<'_>, index: &Index<'_>, r: Ref, progress: &ProgressSeen) {
        self.private(judge, index, r, progress.id, "progress");
        let size = progress.bytes as usize;
        judge.require(Rule::I15, size <= limits::PROGRESS_MAX_BYTES, &[r], || {
            format!("a progress frame of {size} bytes; at most {} were agreed", limits::PROGRESS_MAX_BYTES)
        });
        if let Some(end) = self.ended.get(&progress.id) {
            judge.violate(Rule::I12, &[*end, r], || format!("progress of {} after its end was told", progress.id));
        }
        if let Some(before) = self.attempts.get(&progress.id) {
            let proof = [before.last, r];
            judge.require(Rule::I12, progress.attempt >= before.number, &proof, || {
                format!("attempt {} after attempt {}", progress.attempt, before.number)
            });
            if progress.attempt == before.number {
                let due = before.step.saturating_add(1).saturating_add(progress.skipped);
                judge.require(Rule::I12, progress.step == due, &proof, || {
                    format!("step {} where {due} was due ({} skipped)", progress.step, progress.skipped)
                });
                judge.require(Rule::I12, progress.percent >= before.percent, &proof, || {
                    format!("{} % after {} %", progress.percent, before.percent)
                });
            }
        } else {
            judge.require(Rule::I12, progress.step > progress.skipped, &[r], || {
                format!("step {} cannot come after {} skipped ones", progress.step, progress.skipped)
            });
        }
        self.overlap(judge, index, r, progress);
        let seen = Attempt { number: progress.attempt, step: progress.step, percent: progress.percent, last: r };
        self.attempts.insert(progress.id, seen);
    }

    /// Two messages of a conversation must not be at work in turns: that shows two running attempts.
    fn overlap(&mut self, judge: &mut Judge<'_>, index: &Index<'_>, r: Ref, progress: &ProgressSeen) {
        let message = index.messages.get(&(self.user, progress.id));
        let Some((conversation, _)) = message.and_then(super::index::Message::number) else { return };
        let before = self.at_work.insert(conversation, progress.id);
        if let Some(before) = before.filter(|before| *before != progress.id) {
            self.left.insert(before);
        }
        let back = self.left.contains(&progress.id);
        let mut proof = vec![r];
        proof.extend(before.and_then(|id| self.attempts.get(&id)).map(|a| a.last));
        proof.extend(self.attempts.get(&progress.id).map(|a| a.last));
        judge.require(Rule::I10, !back, &proof, || {
            format!("{} was at work again after another message of its conversation had begun", progress.id)
        });
    }

    fn snapshot(&mut self, judge: &mut Judge<'_>, index: &Index<'_>, r: Ref, snapshot: &SnapshotSeen) {
        let mine = index.owners.get(&snapshot.conversation).is_none_or(|owner| *owner == self.user);
        judge.require(Rule::Privacy, mine, &[r], || format!("a snapshot of {}, another user's", snapshot.conversation));
        judge.observe(Rule::I14);
        let next = Some(snapshot.offset + 1);
        let Some(cursor) = self.cursors.get_mut(&snapshot.conversation) else {
            let (epoch, head) = (snapshot.epoch.clone(), snapshot.offset);
            let cursor = Cursor { epoch, next, first: None, head, owed: None, last: r };
            self.cursors.insert(snapshot.conversation, cursor);
            return;
        };
        let back = cursor.owed.is_none() && cursor.epoch == snapshot.epoch && cursor.next > next;
        judge.require(Rule::I13, !back, &[cursor.last, r], || {
            format!("a snapshot as of {} after event {}", snapshot.offset, cursor.next.unwrap_or(0) - 1)
        });
        (cursor.owed, cursor.next, cursor.last) = (None, next, r);
        cursor.epoch = snapshot.epoch.clone();
    }

    /// What is still missing at the end, where the connection lived long enough to bring it.
    fn finish(&mut self, judge: &mut Judge<'_>, index: &Index<'_>, c: u32) {
        for (conversation, born) in &self.born {
            let Some(cursor) = self.cursors.get(conversation) else { continue };
            if let Some(first) = cursor.first.filter(|_| !self.resume.iter().any(|p| p.conversation == *conversation)) {
                judge.require(Rule::I13, first == 1, &[*born, cursor.last], || {
                    format!("a conversation opened on this connection, whose first event here has offset {first}")
                });
            }
        }
        let Some(quiet) = judge.history.quiet_at else { return };
        let connection = index.connections.get(&(c, self.number));
        if !connection.is_some_and(|connection| connection.open_at(quiet)) {
            return;
        }
        let Some((welcome_ref, welcomed, _)) = self.welcome else { return };
        for (conversation, cursor) in &self.cursors {
            if let Some(owed) = cursor.owed {
                judge.violate(Rule::I14, &[owed], || format!("complete:false for {conversation} and no snapshot came"));
                continue;
            }
            let Some(next) = cursor.next else { continue };
            let log = index.find_log(*conversation, &cursor.epoch);
            let read = index.logs.get(conversation).into_iter().flatten().any(|(_, log)| log.audited);
            judge.require(Rule::I8, !read || log.is_some_and(|log| log.audited), &[welcome_ref, cursor.last], || {
                format!("{conversation} is told under epoch {}, and no log of it is of that epoch", cursor.epoch)
            });
            let told = log.into_iter().flat_map(|log| log.entries.range(next..));
            // Facts that nobody was told by then may have come later.
            let told = told.filter(|(_, e)| e.seen.is_some_and(|(_, at)| at <= quiet)).map(|(offset, _)| *offset);
            let last = told.max().unwrap_or(0).max(cursor.head);
            judge.require(Rule::I13, last < next, &[welcome_ref, cursor.last], || {
                format!("events {next} to {last} of {conversation} never came on an open connection")
            });
        }
        self.strange_silence(judge, index, welcome_ref, welcomed, quiet);
    }

    /// A connection carries the events of all conversations of its user: one that brought nothing about a message
    /// that was sent after its welcome and has events has a hole.
    fn strange_silence(&self, judge: &mut Judge<'_>, index: &Index<'_>, welcome: Ref, welcomed: Micros, quiet: Micros) {
        let mine = index.owners.iter().filter(|(_, owner)| **owner == self.user);
        for (conversation, _) in mine.filter(|(conversation, _)| !self.cursors.contains_key(conversation)) {
            let logs = index.logs.get(conversation).into_iter().flatten();
            let missed = logs.flat_map(|(_, log)| log.entries.values()).find(|entry| {
                let message = index.messages.get(&(self.user, entry.id));
                let sent = message.and_then(|m| m.sends.iter().map(|(_, at, _, _)| *at).min());
                sent.is_some_and(|at| at > welcomed) && entry.seen.is_some_and(|(_, at)| at <= quiet)
            });
            let proof: Vec<_> =
                [Some(welcome), missed.and_then(|e| e.seen).map(|(r, _)| r)].into_iter().flatten().collect();
            judge.require(Rule::I13, missed.is_none(), &proof, || {
                format!("nothing of conversation {conversation} came on an open connection of its user")
            });
        }
    }
}

impl Cursor {
    /// The event must have exactly the next offset.
    fn follow(&mut self, judge: &mut Judge<'_>, index: &Index<'_>, r: Ref, event: &EventSeen) {
        self.first.get_or_insert(event.offset);
        let proof = [self.last, r];
        self.last = r;
        let next = *self.next.get_or_insert(event.offset);
        if event.offset < next {
            judge.violate(Rule::I13, &proof, || {
                format!("event {} came on a connection that had come to {}", event.offset, next - 1)
            });
            return;
        }
        judge.observe(Rule::I13);
        self.next = Some(event.offset + 1);
        if event.offset > next {
            // A hole that every reader has is the log's (I7); one that others do not have is this connection's.
            let log = index.find_log(event.conversation, &event.epoch);
            let exists = |o| log.is_some_and(|log| log.entries.contains_key(&o));
            let here = (next..event.offset).take(HOLE_LISTED as usize).any(exists);
            let audited = log.is_some_and(|log| log.audited);
            if here || !audited {
                judge.violate(if here { Rule::I13 } else { Rule::I7 }, &proof, || {
                    format!("events {next} to {} are missing before {}", event.offset - 1, event.offset)
                });
            }
        }
    }
}
