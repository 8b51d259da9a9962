//! One user's conversation with a peer: sends at the intended times, comes back when the line is cut, asks again for
//! what has not come to its end.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use shared::message::{ConversationId, MessageId};
use tokio::time::Instant;

use super::{Heard, Line, Mouth, Parcel, Peer, Place};
use crate::rng::Rng;

/// How often a connection is tried before the peer is taken for gone.
const DIALS_MAX: u32 = 200;
/// How long a refused message waits, in milliseconds, plus as much again at random.
const REFUSED_MS: u64 = 100;
/// A slow reader takes one frame each time this has passed.
const SLOW_EVERY: Duration = Duration::from_secs(1);

/// What a line is to do.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) user: String,
    /// Intended times and messages; each is sent when its time has come and the window allows.
    pub(super) plan: Vec<(Instant, Parcel)>,
    /// Messages that may be without their end; with `usize::MAX` latency counts from the intended time.
    pub(super) window: usize,
    /// No message is begun after this.
    pub(super) until: Instant,
    pub(super) copies: usize,
    pub(super) cut_every: Option<Duration>,
    /// How long the last ends may take.
    pub(super) patience: Duration,
}

/// What a line saw.
#[derive(Default)]
pub(super) struct Seen {
    /// Messages with their conversation, in the order of sending.
    pub(super) sent: Vec<(MessageId, ConversationId, Instant)>,
    /// First acceptances.
    pub(super) accepted: HashMap<MessageId, Instant>,
    /// How often a message was accepted as a new one.
    pub(super) as_new: HashMap<MessageId, u32>,
    /// First signs that a message is done.
    pub(super) ended: HashMap<MessageId, Instant>,
    /// Ends in the order in which they were told.
    pub(super) ends: Vec<MessageId>,
    /// Refusals, each time that one came.
    pub(super) refusals: u64,
    /// Conversations with a refusal, whose order is no longer the order of sending.
    pub(super) refused: HashSet<ConversationId>,
}

/// Why a connection was left.
#[derive(Debug, PartialEq, Eq)]
enum Left {
    /// Nothing is left to do, or patience is at its end.
    Done,
    /// It was cut or lost.
    Cut,
}

/// Follows a task until everything is done or patience is at its end; fails if nobody answers any more.
pub(super) async fn follow(peer: &dyn Peer, place: &Place, task: Task) -> Result<Seen, String> {
    let mut seen = Seen::default();
    let mut rng = Rng::new(crate::history::fingerprint(&task.user.as_str().into()));
    let last = task.plan.last().map_or(task.until, |(at, _)| *at).min(task.until);
    let deadline = last + task.patience;
    let mut failures = 0;
    loop {
        let line = match peer.line(place, &task.user, false).await {
            Ok(line) => line,
            Err(error) if failures >= DIALS_MAX || Instant::now() > deadline => return Err(error),
            Err(_) => {
                failures += 1;
                tokio::time::sleep(Duration::from_millis(50 + rng.below(100))).await;
                continue;
            }
        };
        failures = 0;
        let until_cut = |mean: Duration| Duration::from_secs_f64(rng.exponential(mean.as_secs_f64()));
        let cut = task.cut_every.map(until_cut).map(|after| Instant::now() + after);
        let mut visit = Talk { task: &task, seen: &mut seen, again: BTreeSet::new(), cut, deadline, rng: rng.clone() };
        if visit.over(line).await == Left::Done {
            return Ok(seen);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A line that hardly reads, until its time is over or the server has had enough of it.
pub(super) async fn dawdle(peer: &dyn Peer, place: &Place, user: &str, until: Instant) -> Result<(), String> {
    let (_mouth, mut ear) = peer.line(place, user, true).await?;
    while Instant::now() < until {
        tokio::time::sleep(SLOW_EVERY).await;
        if matches!(tokio::time::timeout(Duration::from_millis(1), ear.hear()).await, Ok(None)) {
            break;
        }
    }
    Ok(())
}

/// One connection's part of a task.
struct Talk<'a> {
    task: &'a Task,
    seen: &'a mut Seen,
    /// Refused messages by the time to send them again, and their place in the plan.
    again: BTreeSet<(Instant, usize)>,
    cut: Option<Instant>,
    deadline: Instant,
    rng: Rng,
}

impl Talk<'_> {
    async fn over(&mut self, (mut mouth, mut ear): Line) -> Left {
        // Whoever comes back asks again for what has not come to its end.
        for place in 0..self.seen.sent.len() {
            let parcel = &self.task.plan[place].1;
            if !self.seen.ended.contains_key(&parcel.id) && mouth.say(parcel).await.is_err() {
                return Left::Cut;
            }
        }
        loop {
            let now = Instant::now();
            if self.finished(now) {
                return Left::Done;
            }
            if self.cut.is_some_and(|cut| now >= cut) {
                return Left::Cut;
            }
            match self.speak(&mut *mouth, now).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(_) => return Left::Cut,
            }
            tokio::select! {
                heard = ear.hear() => match heard {
                    None => return Left::Cut,
                    Some(heard) => self.note(heard),
                },
                () = tokio::time::sleep_until(self.next_time(now)) => {}
            }
        }
    }

    fn finished(&self, now: Instant) -> bool {
        let sent = self.seen.sent.len();
        let all_begun = sent == self.task.plan.len() || now >= self.task.until;
        (all_begun && self.seen.ended.len() >= sent) || now > self.deadline
    }

    /// The message that may be sent next, and when.
    fn next(&self, now: Instant) -> Option<Instant> {
        let sent = self.seen.sent.len();
        let free = sent.saturating_sub(self.seen.ended.len()) < self.task.window && now < self.task.until;
        self.task.plan.get(sent).filter(|_| free).map(|(at, _)| *at)
    }

    fn next_time(&self, now: Instant) -> Instant {
        let begun = Some(self.task.until).filter(|until| *until > now);
        let again = self.again.first().map(|(at, _)| *at);
        let all = [self.next(now), self.cut, begun, again].into_iter().flatten();
        all.min().unwrap_or(self.deadline).min(self.deadline + Duration::from_millis(1))
    }

    /// Sends one message if one is due; `false` if none is.
    async fn speak(&mut self, mouth: &mut dyn Mouth, now: Instant) -> Result<bool, String> {
        if let Some((at, place)) = self.again.first().copied().filter(|(at, _)| *at <= now) {
            self.again.remove(&(at, place));
            mouth.say(&self.task.plan[place].1).await?;
            return Ok(true);
        }
        let Some(at) = self.next(now).filter(|at| *at <= now) else { return Ok(false) };
        let parcel = &self.task.plan[self.seen.sent.len()].1;
        // Waiting for a window is not waiting for the server.
        let counted = if self.task.window == usize::MAX { at } else { now };
        self.seen.sent.push((parcel.id, parcel.conversation, counted));
        for _ in 0..self.task.copies {
            mouth.say(parcel).await?;
        }
        Ok(true)
    }

    fn note(&mut self, heard: Heard) {
        let now = Instant::now();
        match heard {
            Heard::Accepted { id, duplicate, done } => {
                self.seen.accepted.entry(id).or_insert(now);
                if !duplicate {
                    *self.seen.as_new.entry(id).or_default() += 1;
                }
                if done {
                    self.seen.ended.entry(id).or_insert(now);
                }
            }
            Heard::Done(id) => {
                self.seen.ended.entry(id).or_insert(now);
                self.seen.ends.push(id);
            }
            Heard::Refused(id) => {
                self.seen.refusals += 1;
                let place = self.task.plan.iter().position(|(_, parcel)| parcel.id == id);
                if let Some(place) = place.filter(|_| !self.seen.ended.contains_key(&id)) {
                    self.seen.refused.insert(self.task.plan[place].1.conversation);
                    let wait = REFUSED_MS + self.rng.below(REFUSED_MS);
                    self.again.insert((now + Duration::from_millis(wait), place));
                }
            }
            Heard::Progress => {}
        }
    }
}
