//! How the mock works: which message comes next, its steps, its answer, its end.

use serde_json::json;
use shared::limits;
use shared::message::{ConversationId, MessageId, Priority, Status};
use shared::problem::{Code, Problem};
use shared::protocol::{EventKind, Progress};

use super::core::{Core, UserId};
use super::facts::{Answer, Data};
use super::misbehaviour::Misbehaviour as M;
use crate::quick::hash_of;

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

impl Core {
    /// Puts a conversation among the ready ones if its head can start.
    pub(super) fn wake(&mut self, conversation: ConversationId) {
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
            self.end(job.user, job.id, Status::Cancelled, &Data::Json(json!({"reason": "sender"})));
            return;
        }
        if self.errs(M::FailMessages) {
            self.end(job.user, job.id, Status::Failed, &Data::Json(json!({"code": "internal"})));
            return;
        }
        let answer = self.answer(job);
        self.end(job.user, job.id, Status::Completed, &answer);
        let conversation = self.messages.get(&(job.user, job.id)).map(|m| m.conversation);
        if let Some(conversation) = conversation.filter(|_| self.errs(M::DoubleRun)) {
            self.log(conversation, job.id, EventKind::Completed, &answer);
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
    fn answer(&mut self, job: &Job) -> Data {
        let forget = self.errs(M::ForgetContext);
        let Some(stored) = self.messages.get(&(job.user, job.id)) else { return Data::Json(json!({})) };
        let Some(place) = self.conversations.get_mut(&stored.conversation) else { return Data::Json(json!({})) };
        let (before, count) = if forget { (0, 0) } else { place.context };
        let known = hash_of((before, &*stored.content));
        place.context = (known, count + 1);
        Data::Answer(Answer { id: job.id, count: count + 1, known, padding: self.options.answer_bytes })
    }

    fn end(&mut self, user: UserId, id: MessageId, status: Status, data: &Data) {
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
            self.end(user, id, Status::Cancelled, &Data::Json(json!({"reason": "sender"})));
            if self.always_errs(M::CancelAndCommit) {
                self.log(conversation, id, EventKind::Completed, &Data::Json(json!({})));
            }
        }
        Ok(())
    }
}
