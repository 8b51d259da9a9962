//! What a client has to send, has sent and has not seen the end of.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use shared::message::MessageId;

use super::Outgoing;
use crate::history::Micros;
use crate::quick::QuickMap;

/// A message that is not done.
pub(super) struct Flight {
    pub(super) message: Outgoing,
    pub(super) accepted: bool,
    pub(super) ended: bool,
    /// It was sent, on whatever connection.
    tried: bool,
    /// When it was last sent on the present connection.
    pub(super) sent: Option<Micros>,
    /// Answers that are still due for copies on the present connection.
    pub(super) answers_due: u16,
    /// Its place in the order of unaccepted messages.
    place: Option<u64>,
}

/// Messages until they are done. Unaccepted ones keep the order in which they were first due.
#[derive(Default)]
pub(super) struct Outbox {
    /// Not due yet, by time.
    planned: VecDeque<Outgoing>,
    /// Due and not sent on the present connection.
    ready: VecDeque<MessageId>,
    flights: QuickMap<MessageId, Flight>,
    /// Order of unaccepted messages, for the next connection.
    order: BTreeMap<u64, MessageId>,
    /// Refused for now, by the time to come back.
    later: BTreeSet<(Micros, MessageId)>,
    next: u64,
    /// Sent on the present connection and not ended.
    in_flight: u32,
}

impl Outbox {
    pub(super) fn plan(&mut self, message: Outgoing) {
        // Plans are made in the order of time, so this is nearly always the end.
        let place = self.planned.iter().rev().take_while(|other| other.at > message.at).count();
        self.planned.insert(self.planned.len() - place, message);
    }

    /// Nothing is planned, waiting or without its end.
    pub(super) fn is_idle(&self) -> bool {
        self.planned.is_empty() && self.flights.is_empty()
    }

    /// Nothing is planned or without an acceptance.
    pub(super) fn is_accepted(&self) -> bool {
        self.planned.is_empty() && self.order.is_empty()
    }

    /// Messages that were never sent.
    pub(super) fn unsent(&self) -> u64 {
        (self.planned.len() + self.flights.values().filter(|flight| !flight.tried).count()) as u64
    }

    pub(super) fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// Moves what is due at `now` to the ready ones.
    pub(super) fn ripen(&mut self, now: Micros) {
        while self.planned.front().is_some_and(|message| message.at <= now) {
            let Some(message) = self.planned.pop_front() else { break };
            let id = message.id;
            // The same id twice is one message that is sent again.
            if let Entry::Vacant(entry) = self.flights.entry(id) {
                self.next += 1;
                let place = Some(self.next);
                entry.insert(Flight {
                    message,
                    accepted: false,
                    ended: false,
                    tried: false,
                    sent: None,
                    answers_due: 0,
                    place,
                });
                self.order.insert(self.next, id);
                self.ready.push_back(id);
            }
        }
        while let Some((at, id)) = self.later.first().copied().filter(|(at, _)| *at <= now) {
            self.later.remove(&(at, id));
            // Another copy may have been accepted meanwhile, or have come back already.
            let flight = self.flights.get_mut(&id);
            if let Some(flight) = flight.filter(|flight| !flight.accepted && flight.place.is_none()) {
                self.next += 1;
                flight.place = Some(self.next);
                self.order.insert(self.next, id);
                self.ready.push_back(id);
            }
        }
    }

    /// The next message to send, if there is one.
    pub(super) fn next_ready(&mut self) -> Option<&Outgoing> {
        while let Some(id) = self.ready.front() {
            if self.flights.contains_key(id) {
                break;
            }
            self.ready.pop_front();
        }
        let id = self.ready.front()?;
        self.flights.get(id).map(|flight| &flight.message)
    }

    /// The first ready message is on its way.
    pub(super) fn sent(&mut self, now: Micros) {
        let Some(flight) = self.ready.pop_front().and_then(|id| self.flights.get_mut(&id)) else { return };
        if flight.sent.is_none() {
            self.in_flight += 1;
        }
        flight.sent = Some(now);
        flight.tried = true;
        flight.answers_due += flight.message.copies;
    }

    /// The message was accepted; answers when it was to be sent, if this is its first acceptance.
    pub(super) fn accepted(&mut self, id: MessageId) -> Option<Micros> {
        let flight = self.flights.get_mut(&id)?;
        flight.answers_due = flight.answers_due.saturating_sub(1);
        let first = !std::mem::replace(&mut flight.accepted, true);
        let at = flight.message.at;
        if let Some(place) = flight.place.take() {
            self.order.remove(&place);
        }
        self.settle(id);
        first.then_some(at)
    }

    /// The message has ended; answers when it was to be sent, if this is news.
    pub(super) fn ended(&mut self, id: MessageId) -> Option<Micros> {
        let flight = self.flights.get_mut(&id)?;
        let first = !std::mem::replace(&mut flight.ended, true);
        let at = flight.message.at;
        self.settle(id);
        first.then_some(at)
    }

    /// The message was refused: for good, or until a time.
    pub(super) fn refused(&mut self, id: MessageId, again_at: Option<Micros>) {
        let Some(flight) = self.flights.get_mut(&id) else { return };
        flight.answers_due = flight.answers_due.saturating_sub(1);
        if flight.accepted {
            // One of several copies: the message itself is on its way.
            self.settle(id);
            return;
        }
        if flight.sent.take().is_some() {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
        flight.answers_due = 0;
        if let Some(place) = flight.place.take() {
            self.order.remove(&place);
        }
        match again_at {
            Some(at) => {
                self.later.insert((at, id));
            }
            None => {
                self.flights.remove(&id);
            }
        }
    }

    /// Forgets a message that is done.
    fn settle(&mut self, id: MessageId) {
        let done = self.flights.get(&id).is_some_and(|f| f.accepted && f.ended && f.answers_due == 0);
        if done && self.flights.remove(&id).is_some_and(|flight| flight.sent.is_some()) {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
    }

    /// The connection is gone: what was not accepted is to be sent again, in order.
    pub(super) fn disconnected(&mut self) {
        self.in_flight = 0;
        let mut done = Vec::new();
        for (id, flight) in &mut self.flights {
            flight.sent = None;
            flight.answers_due = 0;
            if flight.accepted && flight.ended {
                done.push(*id);
            }
        }
        for id in done {
            self.flights.remove(&id);
        }
        self.ready = self.order.values().copied().collect();
    }

    /// Sends again what was sent before `before` and never answered.
    pub(super) fn resend(&mut self, before: Micros) {
        let late = self.order.values().filter(|id| {
            self.flights.get(id).is_some_and(|f| f.sent.is_some_and(|at| at < before)) && !self.ready.contains(id)
        });
        let late: Vec<_> = late.copied().collect();
        self.ready.extend(late);
    }

    /// When something becomes due by itself.
    pub(super) fn next_due(&self) -> Option<Micros> {
        let planned = self.planned.front().map(|message| message.at);
        let later = self.later.first().map(|(at, _)| *at);
        planned.into_iter().chain(later).min()
    }

    /// Whether something could be sent now.
    pub(super) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::message::Priority;
    use uuid::Uuid;

    fn message(n: u128, at: Micros) -> Outgoing {
        Outgoing {
            at,
            id: Uuid::from_u128(n),
            conversation: Uuid::nil(),
            content: "x".into(),
            priority: Priority::Normal,
            copies: 1,
        }
    }

    fn send_all(outbox: &mut Outbox, now: Micros) -> Vec<u128> {
        outbox.ripen(now);
        let mut sent = Vec::new();
        while let Some(next) = outbox.next_ready() {
            sent.push(next.id.as_u128());
            outbox.sent(now);
        }
        sent
    }

    #[test]
    fn messages_go_out_at_their_times() {
        let mut outbox = Outbox::default();
        outbox.plan(message(2, 20));
        outbox.plan(message(1, 10));
        assert_eq!(outbox.next_due(), Some(10));
        assert_eq!(send_all(&mut outbox, 9), []);
        assert_eq!(send_all(&mut outbox, 10), [1]);
        assert_eq!(send_all(&mut outbox, 30), [2]);
        assert_eq!(outbox.in_flight(), 2);
    }

    #[test]
    fn after_a_cut_only_the_unaccepted_go_again_and_in_order() {
        let mut outbox = Outbox::default();
        (1..=4).for_each(|n| outbox.plan(message(n, 0)));
        assert_eq!(send_all(&mut outbox, 0), [1, 2, 3, 4]);
        assert_eq!(outbox.accepted(Uuid::from_u128(2)), Some(0));
        outbox.disconnected();
        assert_eq!(send_all(&mut outbox, 1), [1, 3, 4]);
    }

    #[test]
    fn a_message_is_done_when_it_is_accepted_and_ended_in_whatever_order() {
        let mut outbox = Outbox::default();
        outbox.plan(message(1, 5));
        send_all(&mut outbox, 5);
        assert_eq!(outbox.ended(Uuid::from_u128(1)), Some(5));
        assert!(!outbox.is_idle());
        assert_eq!(outbox.accepted(Uuid::from_u128(1)), Some(5));
        assert!(outbox.is_idle() && outbox.is_accepted());
        assert_eq!(outbox.in_flight(), 0);
    }

    #[test]
    fn a_refused_message_comes_again_behind_the_others() {
        let mut outbox = Outbox::default();
        (1..=2).for_each(|n| outbox.plan(message(n, 0)));
        send_all(&mut outbox, 0);
        outbox.refused(Uuid::from_u128(1), Some(500));
        assert_eq!(outbox.in_flight(), 1);
        assert_eq!(send_all(&mut outbox, 400), []);
        assert_eq!(send_all(&mut outbox, 500), [1]);
        outbox.refused(Uuid::from_u128(1), None);
        outbox.accepted(Uuid::from_u128(2));
        outbox.ended(Uuid::from_u128(2));
        assert!(outbox.is_idle());
    }

    /// Some copies are refused for now, another is accepted: nothing is left to send, and the client comes to rest.
    #[test]
    fn copies_that_were_refused_do_not_come_again_once_one_is_accepted() {
        let mut outbox = Outbox::default();
        outbox.plan(Outgoing { copies: 4, ..message(1, 0) });
        let id = Uuid::from_u128(1);
        assert_eq!(send_all(&mut outbox, 0), [1]);
        outbox.refused(id, Some(500));
        outbox.refused(id, Some(600));
        outbox.accepted(id);
        outbox.ended(id);
        assert_eq!(send_all(&mut outbox, 1_000), []);
        assert!(outbox.is_idle() && outbox.is_accepted());
        // And without an acceptance it comes again once, not twice.
        outbox.plan(Outgoing { copies: 2, ..message(2, 1_000) });
        assert_eq!(send_all(&mut outbox, 1_000), [2]);
        outbox.refused(Uuid::from_u128(2), Some(1_500));
        outbox.refused(Uuid::from_u128(2), Some(1_600));
        assert_eq!(send_all(&mut outbox, 2_000), [2]);
    }

    #[test]
    fn what_was_never_answered_is_sent_again() {
        let mut outbox = Outbox::default();
        (1..=2).for_each(|n| outbox.plan(message(n, 0)));
        send_all(&mut outbox, 0);
        outbox.accepted(Uuid::from_u128(1));
        outbox.resend(100);
        assert_eq!(send_all(&mut outbox, 100), [2]);
    }
}
