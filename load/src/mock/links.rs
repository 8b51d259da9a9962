//! The connections of the mock's users, and what waits to be written to each.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use axum::extract::ws::Utf8Bytes;
use serde::Serialize;
use shared::message::{ConversationId, MessageId};
use shared::protocol::{Progress, close};
use tokio::sync::mpsc;

use super::Options;
use super::core::UserId;
use super::misbehaviour::Misbehaviour as M;
use crate::quick::QuickMap;

/// The text of a frame, shared between connections.
pub(super) type Text = Utf8Bytes;

/// Bytes of a usual frame.
const FRAME_BYTES: usize = 512;

/// The text of a frame.
pub(super) fn frame_text(frame: &impl Serialize) -> Text {
    let mut text = Vec::with_capacity(FRAME_BYTES);
    // Frames have no maps with odd keys and no failing fields.
    let _ = serde_json::to_writer(&mut text, frame);
    Text::try_from(text).unwrap_or_default()
}

/// `progress`, borrowed: a third of all frames.
#[derive(Serialize)]
struct ProgressFrame<'a> {
    r#type: &'static str,
    id: MessageId,
    attempt: u32,
    step: u32,
    stage: &'a str,
    percent: u8,
    at_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

/// The text of a `progress` after so many steps that were left out.
fn progress_text(progress: &Progress, skipped: Option<u32>) -> Text {
    let Progress { id, attempt, step, ref stage, percent, at_ms, ref text, .. } = *progress;
    let text = text.as_deref();
    frame_text(&ProgressFrame { r#type: "progress", id, attempt, step, stage, percent, at_ms, skipped, text })
}

/// Something for a connection's writer.
pub(super) enum Out {
    Frame(Text),
    /// Close with this code, after a last frame if there is one.
    Close(u16, Option<Text>),
    /// Vanish.
    Drop,
}

/// Bytes that wait to be written to one connection.
pub(super) type Backlog = Arc<AtomicU64>;

struct Link {
    number: u64,
    out: mpsc::UnboundedSender<Out>,
    backlog: Backlog,
    /// Steps left out of each message's progress since the last that was told.
    skipped: QuickMap<MessageId, u32>,
    /// Wrong on purpose: an event that waits for the next one of its conversation.
    held: QuickMap<ConversationId, Text>,
    conversations: bool,
}

pub(super) struct Links {
    users: BTreeMap<UserId, Vec<Link>>,
    cap_bytes: u64,
    keep_all: bool,
    next: u64,
}

impl Links {
    pub(super) fn new(options: &Options) -> Self {
        let keep_all = options.misbehave.contains(&M::KeepForStopped);
        Self { users: BTreeMap::new(), cap_bytes: options.backlog_bytes, keep_all, next: 0 }
    }

    /// A connection that gets everything from now on.
    pub(super) fn enter(&mut self, user: UserId) -> (u64, mpsc::UnboundedReceiver<Out>, Backlog) {
        let (out, receiver) = mpsc::unbounded_channel();
        self.next += 1;
        let backlog = Backlog::default();
        let link = Link {
            number: self.next,
            out,
            backlog: backlog.clone(),
            skipped: QuickMap::default(),
            held: QuickMap::default(),
            conversations: true,
        };
        self.users.entry(user).or_default().push(link);
        (self.next, receiver, backlog)
    }

    pub(super) fn leave(&mut self, user: UserId, number: u64) {
        if let Some(links) = self.users.get_mut(&user) {
            links.retain(|link| link.number != number);
            if links.is_empty() {
                self.users.remove(&user);
            }
        }
    }

    /// Open connections.
    pub(super) fn count(&self) -> usize {
        self.users.values().map(Vec::len).sum()
    }

    /// Bytes that wait to be written, over all connections.
    pub(super) fn backlog(&self) -> u64 {
        self.users.values().flatten().map(|link| link.backlog.load(Relaxed)).sum()
    }

    /// A frame for one connection.
    pub(super) fn to(&mut self, user: UserId, number: u64, text: &Text) {
        if let Some(link) = self.users.get_mut(&user).and_then(|links| links.iter_mut().find(|l| l.number == number)) {
            link.push(text.clone());
        }
    }

    /// A frame for all connections of a user, whatever it is.
    pub(super) fn raw(&mut self, user: UserId, text: &Text) {
        for link in self.users.get_mut(&user).into_iter().flatten() {
            link.push(text.clone());
        }
    }

    /// A durable event for all connections of a user. A reader that is too slow is closed.
    pub(super) fn event(&mut self, user: UserId, conversation: ConversationId, _offset: u64, text: &Text, hold: bool) {
        let (cap, keep_all) = (self.cap_bytes, self.keep_all);
        let Some(links) = self.users.get_mut(&user) else { return };
        for link in links.iter_mut().filter(|link| link.conversations) {
            if hold {
                link.held.insert(conversation, text.clone());
                continue;
            }
            link.push(text.clone());
            if let Some(held) = link.held.remove(&conversation) {
                link.push(held);
            }
            if link.backlog.load(Relaxed) > cap && !keep_all {
                link.conversations = false;
                let _ = link.out.send(Out::Close(close::TOO_SLOW, None));
            }
        }
        links.retain(|link| link.conversations);
    }

    /// Wrong on purpose: an event for a connection of somebody else.
    pub(super) fn leak(&mut self, user: UserId, _conversation: ConversationId, _offset: u64, text: &Text) {
        let other = self.users.iter_mut().find(|(other, links)| **other != user && !links.is_empty());
        if let Some(link) = other.and_then(|(_, links)| links.first_mut()) {
            link.push(text.clone());
        }
    }

    /// Progress for all connections of a user; to slow readers some steps are left out, and it is said.
    pub(super) fn progress(&mut self, user: UserId, progress: &Progress) {
        let cap = self.cap_bytes / 4;
        let Some(links) = self.users.get_mut(&user) else { return };
        let mut shared: Option<Text> = None;
        for link in links.iter_mut().filter(|link| link.conversations) {
            if link.backlog.load(Relaxed) > cap {
                *link.skipped.entry(progress.id).or_default() += 1;
                continue;
            }
            if let Some(skipped) = link.skipped.remove(&progress.id) {
                link.push(progress_text(progress, Some(skipped)));
            } else {
                let text = shared.get_or_insert_with(|| progress_text(progress, progress.skipped));
                link.push(text.clone());
            }
        }
    }

    /// Closes one connection.
    pub(super) fn close_one(&mut self, user: UserId, number: u64, code: u16) {
        let links = self.users.get_mut(&user).into_iter().flatten();
        for link in links.filter(|link| link.number == number) {
            let _ = link.out.send(Out::Close(code, None));
        }
    }

    /// Closes a user's connections.
    pub(super) fn close(&mut self, user: UserId, code: u16, last: Option<&Text>) {
        for link in self.users.remove(&user).into_iter().flatten() {
            let _ = link.out.send(Out::Close(code, last.cloned()));
        }
    }

    /// Closes everything.
    pub(super) fn close_all(&mut self, code: u16, last: Option<&Text>) {
        let users: Vec<_> = self.users.keys().copied().collect();
        for user in users {
            self.close(user, code, last);
        }
    }

    /// Drops everything, as a kill does.
    pub(super) fn abandon(&mut self) {
        for link in std::mem::take(&mut self.users).into_values().flatten() {
            let _ = link.out.send(Out::Drop);
        }
    }
}

impl Link {
    fn push(&mut self, text: Text) {
        self.backlog.fetch_add(text.len() as u64, Relaxed);
        let _ = self.out.send(Out::Frame(text));
    }
}
