//! One attempt at a message: how far it has come, what it told, what came of it.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use shared::message::{Category, Complexity};
use shared::problem::{Problem, ProblemDetails};
use shared::protocol::Progress;
use shared::result::AnalysisResult;
use shared::view::Timing;

use super::failpoint;
use crate::resilience::Deadline;
use crate::state::Hub;
use crate::store::{Effects, Job};

/// What became of a message: the part of the second commit that its sender fetches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// What it asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// How much it asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complexity: Option<Complexity>,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<AnalysisResult>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemDetails>,
    /// The measured times of the steps.
    pub timings: Vec<Timing>,
    /// What it changes besides the message, written with it.
    #[serde(skip)]
    pub effects: Option<Box<Effects>>,
}

/// The parts of the work that are reported while they run, with how far each one has come when it begins.
const STAGES: [(&str, u8); 5] = [("context", 5), ("extract", 20), ("analyze", 45), ("respond", 80), ("commit", 95)];
/// The longest text in a progress frame, in bytes as JSON: with the rest of the frame it stays below
/// [`shared::limits::PROGRESS_MAX_BYTES`].
const TEXT_MAX_BYTES: usize = 700;

/// One attempt at a message, as far as it has come.
pub struct Attempt<'a> {
    hub: &'a Hub,
    pub(super) job: &'a Job,
    /// The number of the newest progress frame.
    step: u32,
    /// The stages that have begun.
    stages: usize,
    began: Instant,
    /// When the running stage began.
    mark: Instant,
    running: Option<&'static str>,
    percent: u8,
    pub(super) outcome: Outcome,
    /// By when the message must have ended.
    by: Deadline,
    /// Messages that are accepted and not finished, and how many may be.
    pub(super) load: (usize, usize),
    /// Gives the place among those at work to another message.
    make_way: Option<Box<dyn FnOnce() + Send + Sync + 'a>>,
}

impl<'a> Attempt<'a> {
    /// Begins; the message has waited for `waited`.
    pub fn new(hub: &'a Hub, job: &'a Job, waited: Duration) -> Self {
        let now = Instant::now();
        let timings = vec![timing("queue", waited)];
        let outcome = Outcome { category: None, complexity: None, result: None, problem: None, timings, effects: None };
        Self {
            hub,
            job,
            step: 0,
            stages: 0,
            began: now,
            mark: now,
            running: None,
            percent: 0,
            outcome,
            by: Deadline::after(Duration::from_hours(1)),
            load: (0, 1),
            make_way: None,
        }
    }

    /// The same; once it waits for another machine it calls `make_way`, so that other messages can be worked on.
    #[must_use]
    pub fn making_way(mut self, make_way: impl FnOnce() + Send + Sync + 'a) -> Self {
        self.make_way = Some(Box::new(make_way));
        self
    }

    /// From here on the message mostly waits.
    pub(super) fn waits(&mut self) {
        if let Some(make_way) = self.make_way.take() {
            make_way();
        }
    }

    /// The same, to be ended within `time`, while `load` of so many messages wait.
    #[must_use]
    pub fn within(mut self, time: Duration, load: (usize, usize)) -> Self {
        self.by = Deadline::after(time);
        self.load = load;
        self
    }

    /// Ends the running stage and begins the next, which is told to whoever watches.
    pub fn next(&mut self) {
        self.stop();
        let Some(&(stage, percent)) = STAGES.get(self.stages) else { return };
        self.stages += 1;
        self.running = Some(stage);
        self.percent = percent;
        self.tell(None, None);
    }

    /// Tells that an agent has ended, of `of` so many as the `done`th.
    pub(super) fn agent(&mut self, agent: Category, done: usize, of: usize) {
        let (from, to) = (STAGES[2].1, STAGES[3].1);
        let part = (usize::from(to - from) * done / of.max(1)) as u8;
        self.percent = self.percent.max(from + part.min(to - from));
        self.tell(Some(agent), None);
    }

    /// Tells the words of the answer, as far as they have come; of long ones the end.
    pub(super) fn words(&mut self, text: &str) {
        self.tell(None, Some(end_of(text)));
    }

    fn tell(&mut self, agent: Option<Category>, text: Option<String>) {
        let Some(stage) = self.running else { return };
        self.step += 1;
        let at_ms = micros(self.began.elapsed());
        let (id, attempt, step, percent) = (self.job.id, self.job.attempt, self.step, self.percent);
        self.hub.progress(self.job.user, self.job.conversation, || Progress {
            id,
            attempt,
            step,
            stage: stage.into(),
            percent,
            at_ms,
            skipped: None,
            agent: agent.map(|agent| agent.as_str().into()),
            text,
        });
    }

    /// The message.
    pub fn job(&self) -> &Job {
        self.job
    }

    /// By when the work must have ended for `time` to be left for what comes after it; a quarter of what there is, where
    /// the time is short.
    pub(super) fn leaving(&self, time: Duration) -> Deadline {
        self.by.before(time.min(self.by.left() / 4))
    }

    /// Whether there is something to show, should the time be over.
    pub fn has_result(&self) -> bool {
        self.outcome.result.is_some()
    }

    /// Marks the answer as less than it should be; the first reason is the one that is told.
    pub(super) fn degrade(&mut self, reason: &str) {
        if let Some(result) = &mut self.outcome.result {
            result.degraded = true;
            result.degraded_reason.get_or_insert_with(|| reason.into());
        }
    }

    /// Ends the running stage.
    fn stop(&mut self) {
        let now = Instant::now();
        if let Some(stage) = self.running.take() {
            self.outcome.timings.push(timing(stage, now - self.mark));
        }
        self.mark = now;
    }

    /// What came of it.
    pub fn into_outcome(mut self, ended: Result<(), Problem>) -> Outcome {
        // The stage `commit` ends after this is written, so its time is not in here.
        self.running = self.running.filter(|stage| *stage != "commit");
        self.stop();
        if let Err(problem) = ended {
            failpoint::hit("failed");
            self.outcome.result = None;
            self.outcome.effects = None;
            self.outcome.problem = Some(ProblemDetails::new(problem, self.job.id.to_string()));
        }
        self.outcome
    }

    /// What there is when the time is over, told as what it is.
    pub fn into_partial(mut self, reason: &str) -> Outcome {
        self.degrade(reason);
        self.into_outcome(Ok(()))
    }
}

/// A step and how long it took.
pub(super) fn timing(stage: &str, time: Duration) -> Timing {
    Timing { stage: stage.into(), ms: micros(time) }
}

/// Milliseconds with three digits: finer is noise, and longer on the wire.
fn micros(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}

/// The end of `text` that fits into a frame.
fn end_of(text: &str) -> String {
    let (mut from, mut bytes) = (text.len(), 0);
    for (at, c) in text.char_indices().rev() {
        bytes += c.len_utf8() + usize::from(matches!(c, '"' | '\\'));
        if bytes > TEXT_MAX_BYTES {
            break;
        }
        from = at;
    }
    if from == 0 { text.to_owned() } else { format!("… {}", &text[from..]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Limits;
    use shared::limits::PROGRESS_MAX_BYTES;
    use shared::message::Priority;
    use shared::problem::Code;
    use shared::protocol::ServerFrame;
    use uuid::Uuid;

    fn job() -> Job {
        Job {
            user: Uuid::nil(),
            id: Uuid::from_u128(1),
            conversation: Uuid::from_u128(2),
            sequence: 1,
            priority: Priority::Normal,
            accepted_ms: 0,
            attempt: 1,
            before: None,
            draft: None,
        }
    }

    fn answered(attempt: &mut Attempt<'_>) {
        attempt.outcome.result = Some(crate::agents::example());
    }

    #[test]
    fn words_fit_into_a_frame_whatever_they_are() {
        for text in ["a".repeat(5_000), "\"".repeat(5_000), "ä€😀".repeat(500), "short.".into()] {
            let frame = ServerFrame::Progress(Progress {
                id: Uuid::from_u128(u128::MAX),
                attempt: u32::MAX,
                step: u32::MAX,
                stage: "respond".into(),
                percent: 100,
                at_ms: 1e9 + 0.123,
                skipped: Some(u32::MAX),
                agent: None,
                text: Some(end_of(&text)),
            });
            assert!(serde_json::to_string(&frame).unwrap().len() <= PROGRESS_MAX_BYTES);
        }
        assert_eq!(end_of("short."), "short.");
        let long = format!("{} end.", "word ".repeat(400));
        assert!(end_of(&long).starts_with("… ") && end_of(&long).ends_with("end."));
    }

    #[test]
    fn when_the_time_is_over_what_there_is_becomes_the_answer() {
        let (hub, job) = (Hub::new(Limits { total: 0, per_user: 0, per_address: 0 }), job());
        let mut attempt = Attempt::new(&hub, &job, Duration::ZERO);
        assert!(!attempt.has_result());
        answered(&mut attempt);
        attempt.degrade("The model failed.");
        assert!(attempt.has_result());
        let result = attempt.into_partial("The time was over.").result.unwrap();
        assert!(result.degraded && !result.metrics.is_empty());
        assert_eq!(result.degraded_reason.as_deref(), Some("The model failed."), "the first reason is told");
    }

    #[test]
    fn a_problem_leaves_nothing_half() {
        let (hub, job) = (Hub::new(Limits { total: 0, per_user: 0, per_address: 0 }), job());
        let mut attempt = Attempt::new(&hub, &job, Duration::ZERO);
        answered(&mut attempt);
        attempt.outcome.effects = Some(Box::default());
        let outcome = attempt.into_outcome(Err(Problem::new(Code::UnknownModel, "It is not known.")));
        assert_eq!((outcome.result, outcome.effects), (None, None));
        assert_eq!(outcome.problem.map(|problem| problem.code), Some(Code::UnknownModel));
    }

    #[test]
    fn it_makes_way_once() {
        let (hub, job) = (Hub::new(Limits { total: 0, per_user: 0, per_address: 0 }), job());
        let ways = std::sync::atomic::AtomicU32::new(0);
        let mut attempt = Attempt::new(&hub, &job, Duration::ZERO).making_way(|| {
            ways.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        });
        attempt.waits();
        attempt.waits();
        drop(attempt);
        assert_eq!(ways.into_inner(), 1);
    }
}
