//! What a client hears, and what it makes of it.

use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use shared::problem::Code;
use shared::protocol::{EventKind, SUBPROTOCOL_JSON, close};
use tokio_tungstenite::tungstenite::{self, Message};

use super::outgoing::Line;
use super::task::{End, Place, Task};
use super::wire::{Incoming, read};
use crate::history::{Closed, ErrorSeen, EventSeen, Record, SnapshotSeen, WelcomeSeen, What, is_terminal};

/// Frames handled before the writer gets its turn.
const FRAMES_AT_ONCE: usize = 256;
/// How often a client asks for a replay because of a gap before it lives with it.
const HEALS_MAX: u32 = 3;

impl Task {
    /// Handles a message and those that are there already.
    pub(super) fn hear_all(
        &mut self,
        line: &mut Line,
        first: Option<Result<Message, tungstenite::Error>>,
    ) -> Option<End> {
        let mut next = Some(first);
        for _ in 0..FRAMES_AT_ONCE {
            let Some(message) = next.take() else { break };
            if let Some(end) = self.hear(line, message) {
                self.live.gather(&mut self.tally);
                return Some(end);
            }
            next = line.reader.next().now_or_never();
        }
        if let Some(message) = next
            && let Some(end) = self.hear(line, message)
        {
            self.live.gather(&mut self.tally);
            return Some(end);
        }
        self.live.gather(&mut self.tally);
        self.tell(|_| ());
        None
    }

    fn hear(&mut self, line: &mut Line, message: Option<Result<Message, tungstenite::Error>>) -> Option<End> {
        // One look at the clock for each frame.
        self.now = self.clock.now();
        line.heard = self.now;
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

    fn frame(&mut self, line: &mut Line, text: &str) -> Option<End> {
        self.tally.bytes += text.len() as u64;
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
        self.records.push(Record { at: self.now, connection: self.connection, what });
        if end.is_some() {
            self.record(What::Closed(Closed::ByClient));
        }
        end
    }

    fn understand(&mut self, line: &mut Line, what: &What) -> Option<End> {
        match what {
            What::Welcome(welcome) => self.welcome(line, welcome),
            What::Accepted(accepted) => {
                if accepted.duplicate {
                    self.live.duplicates.up();
                } else {
                    self.tally.accepted += 1;
                }
                if accepted.status.is_terminal() {
                    self.outbox.ended(accepted.id);
                }
                if let Some(intended) = self.outbox.accepted(accepted.id) {
                    self.tally.accept_us.push(self.now.saturating_sub(intended));
                }
            }
            What::Event(event) => return self.event(line, event),
            What::Progress(_) => self.tally.progress += 1,
            What::Snapshot(snapshot) => self.snapshot(snapshot),
            What::Flow(credit) => {
                line.credit = Some(*credit);
                line.credit_since = self.now;
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
        self.tally.events += 1;
        self.events += 1;
        line.unacked += 1;
        if line.unacked_since.is_none() {
            line.unacked_since = Some(self.now);
        }
        if is_terminal(event.kind)
            && let Some(intended) = self.outbox.ended(event.id)
        {
            match event.kind {
                EventKind::Completed => self.tally.completed += 1,
                EventKind::Failed => self.live.failed.up(),
                _ => self.live.cancelled.up(),
            }
            self.tally.whole_us.push(self.now.saturating_sub(intended));
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
