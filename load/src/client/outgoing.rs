//! What a client says, and when.

use std::time::Duration;

use futures::SinkExt;
use futures::stream::{SplitSink, SplitStream};
use shared::protocol::ClientFrame;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Message};

use super::Outgoing;
use super::task::{End, Task};
use super::wire::{body_fingerprint, send_frame};
use crate::history::{Micros, Record, Sent, What};
use crate::net::Stream;

/// With no credit at all, one send is tried after this long: credit may have been lost with a connection.
const CREDIT_PROBE: Micros = 1_000_000;

pub(super) type Socket = WebSocketStream<Stream>;

/// What belongs to one connection only.
pub(super) struct Line {
    pub(super) writer: SplitSink<Socket, Message>,
    pub(super) reader: SplitStream<Socket>,
    pub(super) heartbeat: Micros,
    pub(super) in_flight_max: u32,
    pub(super) credit: Option<u32>,
    pub(super) credit_since: Micros,
    pub(super) heard: Micros,
    pub(super) said: Micros,
    pub(super) unacked: u32,
    pub(super) unacked_since: Option<Micros>,
    pub(super) paused: bool,
    pub(super) dirty: bool,
    pub(super) pong_due: bool,
    pub(super) resend_checked: Micros,
    /// What becomes due is written together from then on.
    pub(super) gather_until: Micros,
    /// The server has announced to close; it will say when to come back.
    pub(super) bye: Option<Duration>,
}

impl Task {
    /// Writes what is due.
    pub(super) async fn pump(&mut self, line: &mut Line, now: Micros) -> Result<(), End> {
        let gone = |_| End::Again(None);
        let welcomed = line.in_flight_max > 0;
        let gathered = now >= line.gather_until;
        if gathered {
            self.outbox.ripen(now);
        }
        if welcomed && gathered && self.outbox.has_ready() {
            line.gather_until = now + self.settings.gather.as_micros() as Micros;
        }
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
        self.live.gather(&mut self.tally);
        Ok(())
    }

    async fn write_send(&mut self, line: &mut Line, message: &Outgoing, now: Micros) -> Result<(), tungstenite::Error> {
        let text = tungstenite::Utf8Bytes::from(send_frame(message));
        let body = body_fingerprint(message);
        for _ in 0..message.copies {
            let sent = Sent {
                intended: message.at,
                id: message.id,
                conversation: Some(message.conversation),
                body,
                priority: message.priority,
            };
            self.records.push(Record { at: now, connection: self.connection, what: What::Send(sent) });
            self.tally.sent += 1;
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
    pub(super) fn next_due(&self, line: &Line, now: Micros) -> Micros {
        let mut due = line.said + line.heartbeat;
        due = due.min(line.resend_checked + self.settings.resend_after.as_micros() as Micros);
        if !line.paused {
            due = due.min(line.heard + 2 * line.heartbeat);
        }
        if let Some(since) = line.unacked_since {
            due = due.min(since + self.settings.ack_within.as_micros() as Micros);
        }
        if line.in_flight_max > 0 {
            due = due.min(self.outbox.next_due().unwrap_or(Micros::MAX).max(line.gather_until));
            if self.outbox.has_ready() && line.credit == Some(0) {
                due = due.min(line.credit_since + CREDIT_PROBE);
            }
        }
        // Never at once: the timer must not starve the reader.
        due.max(now + 1)
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
