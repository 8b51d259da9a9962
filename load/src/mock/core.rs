//! The mock's state: a pure machine without sockets and clocks, so that a seed decides everything.
//!
//! What it does by the book is in this file; what it does wrong on purpose asks [`Core::errs`] first.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde_json::{Value as Json, json};
use shared::draft::{Draft, check_id};
use shared::limits;
use shared::message::{ConversationId, MessageId, Priority, Status};
use shared::problem::{Code, Problem};
use shared::protocol::{Event, EventKind, Progress, ServerFrame};
use uuid::Uuid;

use super::Options;
use super::links::{Links, frame_text};
use super::misbehaviour::Misbehaviour as M;
use crate::history::fingerprint;
use crate::rng::Rng;

pub(super) type UserId = Uuid;

/// A durable event as it was told.
pub(super) struct Logged {
    pub(super) offset: u64,
    pub(super) text: super::links::Text,
}

/// A conversation.
pub(super) struct Conversation {
    pub(super) user: UserId,
    pub(super) log: Vec<Logged>,
    /// The newest offset; ahead of the log's length if offsets were left out.
    pub(super) head: u64,
    pub(super) messages: Vec<MessageId>,
    waiting: VecDeque<MessageId>,
    running: Option<MessageId>,
    /// A fold of everything answered so far: what an answer depends on.
    context: (u64, u64),
}

/// A message.
pub(super) struct Stored {
    pub(super) conversation: ConversationId,
    pub(super) sequence: u64,
    pub(super) status: Status,
    pub(super) priority: Priority,
    pub(super) content: Box<str>,
    pub(super) attempt: u32,
    body: u64,
    result: Option<Json>,
}

/// What is answered to an accepted message.
#[derive(Clone, Debug)]
pub(super) struct Accepted {
    pub(super) id: MessageId,
    pub(super) conversation: ConversationId,
    pub(super) sequence: u64,
    pub(super) status: Status,
    pub(super) duplicate: bool,
}

/// Something to work on.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) user: UserId,
    pub(super) id: MessageId,
    pub(super) attempt: u32,
    /// Microseconds of each step.
    pub(super) steps: Vec<u64>,
    pub(super) stalls: bool,
}

/// Counters as `/metrics` shows them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) completed: u64,
    pub(super) failed: u64,
    pub(super) cancelled: u64,
    pub(super) duplicates: u64,
}

/// What was asked, and cannot be answered with silence: the caller must not reply at all.
pub(super) struct Silence;

/// The answer to a send: an acceptance, a problem, or wrongly nothing.
pub(super) type Reply = Result<Result<Accepted, Problem>, Silence>;

pub(super) struct Core {
    pub(super) options: Options,
    pub(super) epoch: String,
    pub(super) links: Links,
    pub(super) sessions: HashMap<String, UserId>,
    pub(super) conversations: BTreeMap<ConversationId, Conversation>,
    pub(super) messages: HashMap<(UserId, MessageId), Stored>,
    pub(super) counts: Counts,
    pub(super) leaked: Vec<Vec<u8>>,
    rng: Rng,
    /// Conversations whose head can start, by urgency and arrival.
    ready: BTreeSet<(u8, u64, ConversationId)>,
    ready_as: HashMap<ConversationId, (u8, u64)>,
    arrivals: u64,
    unfinished: usize,
    occasions: HashMap<M, u64>,
    /// The newest acceptances, which a sloppy server would not have on its disk yet.
    fresh: VecDeque<(UserId, MessageId)>,
}

impl Core {
    pub(super) fn new(options: Options) -> Self {
        let mut rng = Rng::new(options.seed);
        let epoch = format!("m{:08x}", rng.next_u64() as u32);
        Self {
            links: Links::new(&options),
            options,
            epoch,
            sessions: HashMap::new(),
            conversations: BTreeMap::new(),
            messages: HashMap::new(),
            counts: Counts::default(),
            leaked: Vec::new(),
            rng,
            ready: BTreeSet::new(),
            ready_as: HashMap::new(),
            arrivals: 0,
            unfinished: 0,
            occasions: HashMap::new(),
            fresh: VecDeque::new(),
        }
    }

    /// Whether this is an occasion on which the mock is to be wrong in this way: every n-th one.
    pub(super) fn errs(&mut self, how: M) -> bool {
        if !self.options.misbehave.contains(&how) {
            return false;
        }
        let count = self.occasions.entry(how).or_default();
        *count += 1;
        count.is_multiple_of(self.options.every)
    }

    /// Whether the mock is to be wrong in this way at all, for what happens once in a run.
    pub(super) fn always_errs(&self, how: M) -> bool {
        self.options.misbehave.contains(&how)
    }

    /// A new guest: token and user.
    pub(super) fn session(&mut self) -> (String, UserId) {
        let (token, user) = (self.rng.uuid().simple().to_string(), self.rng.uuid());
        self.sessions.insert(token.clone(), user);
        (token, user)
    }

    pub(super) fn unfinished(&self) -> usize {
        self.unfinished
    }

    /// Takes a message, or says why not.
    pub(super) fn accept(&mut self, user: UserId, draft: &Draft, id: MessageId, now_ms: u64) -> Reply {
        let body = fingerprint(&json!([draft.content, draft.conversation_id, draft.priority]));
        if let Some(known) = self.messages.get(&(user, id)) {
            let same = known.body == body;
            return Ok(self.again(user, id, same));
        }
        if let Err(problem) = check_id(id, now_ms)
            && (problem.code != Code::Old || !self.errs(M::AcceptOld))
        {
            return Ok(Err(problem));
        }
        if let Err(problem) = self.admit(draft.priority) {
            if self.errs(M::SilentRefusal) {
                return Err(Silence);
            }
            if self.errs(M::RefuseAndRun) {
                self.store(user, draft, id, body);
            }
            return Ok(Err(problem));
        }
        let conversation = draft.conversation_id.unwrap_or(id);
        if self.conversations.get(&conversation).is_some_and(|c| c.user != user) {
            return Ok(Err(Problem::new(Code::NotFound, "There is no such conversation, or it is not yours.")));
        }
        if self.errs(M::Forget) {
            let sequence = self.conversations.get(&conversation).map_or(0, |c| c.messages.len() as u64) + 1;
            return Ok(Ok(Accepted { id, conversation, sequence, status: Status::Queued, duplicate: false }));
        }
        let sequence = self.store(user, draft, id, body);
        Ok(Ok(Accepted { id, conversation, sequence, status: Status::Queued, duplicate: false }))
    }

    /// The answer to a known id.
    fn again(&mut self, user: UserId, id: MessageId, same: bool) -> Result<Accepted, Problem> {
        if !same && !self.errs(M::AcceptReused) {
            return Err(Problem::new(Code::Reused, "This id was used for another message."));
        }
        self.counts.duplicates += 1;
        let wrong = u64::from(self.errs(M::MisnumberDuplicates));
        let run = self.errs(M::RunDuplicates);
        let Some(known) = self.messages.get_mut(&(user, id)) else {
            return Err(Problem::new(Code::Internal, "A message vanished."));
        };
        let (conversation, sequence, status) = (known.conversation, known.sequence + wrong, known.status);
        if run && status.is_terminal() {
            known.status = Status::Queued;
            self.unfinished += 1;
            self.log(conversation, id, EventKind::Accepted, json!({}));
            self.enqueue(conversation, id);
        }
        Ok(Accepted { id, conversation, sequence, status, duplicate: true })
    }

    /// Each priority may fill a part of the queue, the urgent all of it.
    fn admit(&mut self, priority: Priority) -> Result<(), Problem> {
        let urgent_last = !self.options.misbehave.contains(&M::RefuseUrgent);
        let percent = match priority {
            Priority::Low if urgent_last => 80,
            Priority::Normal => 95,
            Priority::High if !urgent_last => 50,
            _ => 100,
        };
        if self.unfinished * 100 < self.options.queue_limit * percent {
            return Ok(());
        }
        let problem = Problem::new(Code::Busy, "Too many messages are waiting. Send this one again later.");
        Err(if self.errs(M::RefuseWithoutTime) { problem } else { problem.retry_after(self.options.retry_after_ms) })
    }

    fn store(&mut self, user: UserId, draft: &Draft, id: MessageId, body: u64) -> u64 {
        let conversation = draft.conversation_id.unwrap_or(id);
        let place = self.conversations.entry(conversation).or_insert_with(|| Conversation {
            user,
            log: Vec::new(),
            head: 0,
            messages: Vec::new(),
            waiting: VecDeque::new(),
            running: None,
            context: (0, 0),
        });
        place.messages.push(id);
        let sequence = place.messages.len() as u64;
        // Wrong on purpose: the numbers of two neighbours are exchanged.
        let swapped = if self.options.misbehave.contains(&M::WrongNumber) && sequence > 4 {
            if sequence.is_multiple_of(2) { sequence - 1 } else { sequence + 1 }
        } else {
            sequence
        };
        let stored = Stored {
            conversation,
            sequence: swapped,
            status: Status::Queued,
            priority: draft.priority,
            content: draft.content.as_str().into(),
            attempt: 0,
            body,
            result: None,
        };
        self.messages.insert((user, id), stored);
        self.unfinished += 1;
        if self.options.misbehave.contains(&M::LeakMemory) {
            self.leaked.push(vec![1; 64 * 1024]);
        }
        if self.options.misbehave.contains(&M::AckBeforeCommit) {
            self.fresh.push_back((user, id));
            if self.fresh.len() > 64 {
                self.fresh.pop_front();
            }
        }
        self.log(conversation, id, EventKind::Accepted, json!({"sequence": swapped}));
        self.enqueue(conversation, id);
        swapped
    }

    fn enqueue(&mut self, conversation: ConversationId, id: MessageId) {
        if let Some(place) = self.conversations.get_mut(&conversation) {
            place.waiting.push_back(id);
        }
        self.wake(conversation);
    }

    /// Puts a conversation among the ready ones if its head can start.
    fn wake(&mut self, conversation: ConversationId) {
        let Some(place) = self.conversations.get(&conversation) else { return };
        let overlap = self.options.misbehave.contains(&M::Overlap);
        if (place.running.is_some() && !overlap) || self.ready_as.contains_key(&conversation) {
            return;
        }
        let Some(head) = place.waiting.front() else { return };
        let priority = self.messages.get(&(place.user, *head)).map_or(Priority::Normal, |m| m.priority);
        let urgency = match priority {
            _ if self.options.misbehave.contains(&M::IgnorePriority) => 0,
            Priority::High => 0,
            Priority::Normal => 1,
            Priority::Low => 2,
        };
        self.arrivals += 1;
        self.ready.insert((urgency, self.arrivals, conversation));
        self.ready_as.insert(conversation, (urgency, self.arrivals));
    }

    /// The next message to work on.
    pub(super) fn take(&mut self) -> Option<Job> {
        let (_, _, conversation) = self.ready.pop_first()?;
        self.ready_as.remove(&conversation);
        let wrong = self.errs(M::WrongOrder);
        let place = self.conversations.get_mut(&conversation)?;
        let second = if wrong { place.waiting.remove(1) } else { None };
        let id = second.or_else(|| place.waiting.pop_front())?;
        let user = place.user;
        place.running = Some(id);
        if self.options.misbehave.contains(&M::Overlap) {
            self.wake(conversation);
        }
        let stored = self.messages.get_mut(&(user, id))?;
        stored.attempt += 1;
        stored.status = Status::Processing;
        let attempt = stored.attempt;
        let mut rng = self.rng.fork(id.as_u128() as u64);
        let slow = if self.errs(M::Slow) { 100 } else { 1 };
        let (low, high) = self.options.step_us;
        let steps =
            (0..self.options.steps).map(|_| (low + rng.below(high - low.min(high) + 1)).max(slow / 100 * 5_000) * slow);
        let steps = steps.collect();
        let stalls = self.errs(M::Stall);
        Some(Job { user, id, attempt, steps, stalls })
    }

    /// Whether a job may still go on: it was neither cancelled nor overtaken by a later attempt.
    fn runs(&self, job: &Job) -> bool {
        let stored = self.messages.get(&(job.user, job.id));
        stored.is_some_and(|m| m.attempt == job.attempt && m.status == Status::Processing)
    }

    /// Tells a step of a job, counted from 1.
    pub(super) fn progress(&mut self, job: &Job, step: u32, at_ms: f64) {
        if !self.runs(job) {
            return;
        }
        let last = job.steps.len() as u32;
        let jump = u32::from(self.errs(M::JumpProgress));
        let fall = self.errs(M::FallProgress) && step > 1;
        let percent = if fall { 1 } else { (step * 90 / last.max(1)) as u8 };
        let text = self.errs(M::HugeProgress).then(|| "x".repeat(limits::PROGRESS_MAX_BYTES));
        let (id, attempt) = (job.id, job.attempt);
        let stage = ["read", "extract", "analyse", "answer", "commit"][(step as usize - 1) % 5].to_string();
        let (skipped, agent) = (None, None);
        let progress = Progress { id, attempt, step: step + jump, stage, percent, at_ms, skipped, agent, text };
        self.links.progress(job.user, &progress);
    }

    /// Ends a job, unless it lost its right to.
    pub(super) fn finish(&mut self, job: &Job) {
        if !self.runs(job) {
            return;
        }
        if self.errs(M::CancelUnasked) {
            self.end(job.user, job.id, Status::Cancelled, json!({"reason": "sender"}));
            return;
        }
        let answer = self.answer(job);
        self.end(job.user, job.id, Status::Completed, answer.clone());
        let conversation = self.messages.get(&(job.user, job.id)).map(|m| m.conversation);
        if let Some(conversation) = conversation.filter(|_| self.errs(M::DoubleRun)) {
            self.log(conversation, job.id, EventKind::Completed, answer);
        }
        if self.errs(M::LateProgress) {
            let (id, attempt, stage) = (job.id, job.attempt, "commit".to_string());
            let step = job.steps.len() as u32 + 1;
            let progress =
                Progress { id, attempt, step, stage, percent: 99, at_ms: 0.0, skipped: None, agent: None, text: None };
            self.links.progress(job.user, &progress);
        }
    }

    /// The answer depends on everything that the conversation was told before, in order.
    fn answer(&mut self, job: &Job) -> Json {
        let forget = self.errs(M::ForgetContext);
        let Some(stored) = self.messages.get(&(job.user, job.id)) else { return json!({}) };
        let Some(place) = self.conversations.get_mut(&stored.conversation) else { return json!({}) };
        let (before, count) = if forget { (0, 0) } else { place.context };
        let known = fingerprint(&json!([before, &*stored.content]));
        place.context = (known, count + 1);
        json!({
            "headline": format!("Message {} of what was said", count + 1),
            "metrics": [
                {"id": "messages_known", "value": count + 1, "unit": "messages"},
                {"id": "context", "value": known % 1_000_000_007, "unit": ""},
            ],
            "degraded": false,
            "result_url": format!("/api/v1/messages/{}", job.id),
            "padding": "p".repeat(self.options.answer_bytes),
        })
    }

    fn end(&mut self, user: UserId, id: MessageId, status: Status, data: Json) {
        let Some(stored) = self.messages.get_mut(&(user, id)) else { return };
        stored.status = status;
        stored.result = Some(data.clone());
        let conversation = stored.conversation;
        self.unfinished = self.unfinished.saturating_sub(1);
        let kind = match status {
            Status::Cancelled => EventKind::Cancelled,
            Status::Failed => EventKind::Failed,
            _ => EventKind::Completed,
        };
        match kind {
            EventKind::Cancelled => self.counts.cancelled += 1,
            EventKind::Failed => self.counts.failed += 1,
            _ => self.counts.completed += 1 + u64::from(self.errs(M::LieInCounters)),
        }
        self.log(conversation, id, kind, data);
        if let Some(place) = self.conversations.get_mut(&conversation) {
            place.waiting.retain(|waiting| *waiting != id);
            if place.running == Some(id) {
                place.running = None;
            }
        }
        if let Some((urgency, arrival)) = self.ready_as.remove(&conversation) {
            self.ready.remove(&(urgency, arrival, conversation));
        }
        self.wake(conversation);
    }

    /// Ends a message on its sender's wish.
    pub(super) fn cancel(&mut self, user: UserId, id: MessageId) -> Result<(), Problem> {
        let Some(stored) = self.messages.get(&(user, id)) else {
            return Err(Problem::new(Code::NotFound, "There is no such message, or it is not yours."));
        };
        if !stored.status.is_terminal() {
            let conversation = stored.conversation;
            self.end(user, id, Status::Cancelled, json!({"reason": "sender"}));
            if self.always_errs(M::CancelAndCommit) {
                self.log(conversation, id, EventKind::Completed, json!({}));
            }
        }
        Ok(())
    }

    /// Makes a fact durable and tells it.
    fn log(&mut self, conversation: ConversationId, id: MessageId, kind: EventKind, data: Json) {
        let hole = u64::from(self.errs(M::OffsetHole));
        let Some(place) = self.conversations.get_mut(&conversation) else { return };
        place.head += 1 + hole;
        let (offset, user) = (place.head, place.user);
        let event = Event { conversation, epoch: self.epoch.clone(), offset, id, kind, data };
        let text = frame_text(&ServerFrame::Event(event.clone()));
        let ends = !matches!(kind, EventKind::Accepted | EventKind::Note);
        if !(ends && self.errs(M::UncommittedEvent))
            && let Some(place) = self.conversations.get_mut(&conversation)
        {
            place.log.push(Logged { offset, text: text.clone() });
        }
        let told = self.as_told(event, text);
        self.tell(user, conversation, offset, &told);
    }

    /// An event as it is told live; wrong on purpose, it is not what was kept.
    fn as_told(&mut self, mut event: Event, text: super::links::Text) -> super::links::Text {
        if self.errs(M::AlterEvent) {
            event.data = json!({"headline": "something else"});
        } else if self.errs(M::SilentEpoch) {
            event.epoch = "another".into();
        } else {
            return text;
        }
        frame_text(&ServerFrame::Event(event))
    }

    fn tell(&mut self, user: UserId, conversation: ConversationId, offset: u64, text: &super::links::Text) {
        let drop = self.errs(M::DropEvent);
        let twice = self.errs(M::DuplicateEvent);
        let hold = self.errs(M::ReorderEvents);
        if !drop {
            self.links.event(user, conversation, offset, text, hold);
        }
        if twice {
            self.links.event(user, conversation, offset, text, false);
        }
        if self.errs(M::LeakEvent) {
            self.links.leak(user, conversation, offset, text);
        }
        if self.errs(M::Malformed) {
            self.links.raw(user, &super::links::Text::from_static("{\"type\":\"event\",\"offset\":"));
        }
    }

    /// Messages as a snapshot shows them, the newest if there are many.
    pub(super) fn snapshot(&mut self, user: UserId, conversation: ConversationId) -> ServerFrame {
        let lie = self.errs(M::FalseSnapshot);
        let (offset, ids) =
            self.conversations.get(&conversation).map_or((0, &[][..]), |place| (place.head, &place.messages));
        let from = ids.len().saturating_sub(limits::SNAPSHOT_MAX_MESSAGES as usize);
        let messages = ids[from..].iter().filter_map(|id| {
            let stored = self.messages.get(&(user, *id))?;
            let status = if lie && stored.status == Status::Completed { Status::Queued } else { stored.status };
            Some(json!({"id": id, "sequence": stored.sequence, "status": status}))
        });
        let messages = messages.collect();
        ServerFrame::Snapshot { conversation, epoch: self.epoch.clone(), offset, messages }
    }

    /// What a kill leaves: everything durable, no attempt, no connection.
    pub(super) fn die(&mut self) {
        self.links.abandon();
        for (user, id) in std::mem::take(&mut self.fresh).into_iter().rev() {
            self.forget_unfinished(user, id);
        }
        self.ready.clear();
        self.ready_as.clear();
        let conversations: Vec<_> = self.conversations.keys().copied().collect();
        for conversation in conversations {
            if let Some(place) = self.conversations.get_mut(&conversation)
                && let Some(id) = place.running.take()
            {
                let stored = self.messages.get_mut(&(place.user, id));
                if let Some(stored) = stored.filter(|stored| stored.status == Status::Processing) {
                    stored.status = Status::Queued;
                    place.waiting.push_front(id);
                }
            }
            self.wake(conversation);
        }
    }

    /// Wrong on purpose: what was accepted last was never on the disk.
    fn forget_unfinished(&mut self, user: UserId, id: MessageId) {
        let Some(stored) = self.messages.get(&(user, id)).filter(|m| !m.status.is_terminal()) else { return };
        let Some(place) = self.conversations.get_mut(&stored.conversation) else { return };
        // Only from the end, as a lost tail of a log.
        if place.messages.last() == Some(&id)
            && place.log.last().is_some_and(|last| last.text.contains(&id.to_string()))
        {
            place.messages.pop();
            place.log.pop();
            place.head = place.log.last().map_or(0, |last| last.offset);
            place.waiting.retain(|waiting| *waiting != id);
            if place.running == Some(id) {
                place.running = None;
            }
            self.messages.remove(&(user, id));
            self.unfinished = self.unfinished.saturating_sub(1);
        }
    }

    /// The result of a message, for the call that asks for it.
    pub(super) fn view(&self, user: UserId, id: MessageId) -> Option<Json> {
        let stored = self.messages.get(&(user, id))?;
        Some(json!({
            "id": id, "conversation_id": stored.conversation, "sequence": stored.sequence, "status": stored.status,
            "content": stored.content, "priority": stored.priority, "attempt": stored.attempt,
            "result": stored.result, "timings": [],
        }))
    }
}
