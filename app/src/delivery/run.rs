//! What the channel has told about one message.

use shared::message::{ConversationId, Status};
use shared::problem::ProblemDetails;
use shared::protocol::Progress;

/// One step that was begun.
#[derive(Clone, Debug, PartialEq)]
pub struct StepSeen {
    /// Its name.
    pub stage: String,
    /// When it began, in milliseconds after the attempt.
    pub at_ms: f64,
    /// Who is at work.
    pub agent: Option<String>,
}

/// What is known about a message that is followed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// Its conversation, once accepted.
    pub conversation: Option<ConversationId>,
    /// Where it stands; `None` until the server has accepted it.
    pub status: Option<Status>,
    /// The attempt that `steps` belong to.
    pub attempt: u32,
    /// The steps begun, in order.
    pub steps: Vec<StepSeen>,
    /// The number of the last step.
    pub last_step: u32,
    /// Steps that were left out on the way to us.
    pub missed: u32,
    /// The answer's words, as far as they have come.
    pub words: Option<String>,
    /// 0 to 100; never falls within an attempt.
    pub percent: u8,
    /// Why it failed or was refused.
    pub problem: Option<ProblemDetails>,
    /// Why it still waits in the outbox.
    pub waiting_for: Option<String>,
    /// Terminal facts seen; each one is a reason to fetch the message again.
    pub endings: u32,
}

impl Run {
    /// Takes in a progress frame; `false` if it is out of date and changes nothing.
    pub(super) fn progress(&mut self, frame: Progress) -> bool {
        let ended = self.status.is_some_and(Status::is_terminal);
        if frame.attempt < self.attempt || (frame.attempt == self.attempt && (ended || frame.step <= self.last_step)) {
            return false;
        }
        if frame.attempt > self.attempt {
            // A new attempt voids what the old one had shown.
            *self = Self { conversation: self.conversation, endings: self.endings, ..Self::default() };
            self.attempt = frame.attempt;
        }
        self.missed += frame.step - self.last_step - 1;
        self.last_step = frame.step;
        self.percent = self.percent.max(frame.percent.min(100));
        self.status = Some(Status::Processing);
        self.words = frame.text.or(self.words.take());
        let same = self.steps.last().is_some_and(|last| last.stage == frame.stage && last.agent == frame.agent);
        if !same {
            self.steps.push(StepSeen { stage: frame.stage, at_ms: frame.at_ms, agent: frame.agent });
        }
        true
    }

    /// Takes in a status that is durable.
    pub(super) fn stands(&mut self, status: Status, problem: Option<ProblemDetails>) {
        let behind = match self.status {
            Some(Status::Processing) => status == Status::Queued,
            Some(seen) => seen.is_terminal() && !status.is_terminal(),
            None => false,
        };
        if behind {
            return; // an `accepted` that is replayed, or overtaken by what came of it, undoes nothing already seen
        }
        self.endings += u32::from(status.is_terminal());
        self.status = Some(status);
        self.problem = problem;
        self.waiting_for = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::message::id_at;

    fn frame(attempt: u32, step: u32, percent: u8) -> Progress {
        Progress {
            id: id_at(1, [1; 10]),
            attempt,
            step,
            stage: format!("step {step}"),
            percent,
            at_ms: f64::from(step),
            skipped: None,
            agent: None,
            text: None,
        }
    }

    #[test]
    fn progress_never_goes_back() {
        let mut run = Run::default();
        assert!(run.progress(frame(1, 1, 40)));
        assert!(run.progress(frame(1, 3, 30)));
        assert!(!run.progress(frame(1, 2, 50)), "a late step is dropped");
        assert_eq!((run.percent, run.missed, run.steps.len()), (40, 1, 2));
    }

    #[test]
    fn a_higher_attempt_voids_the_lower() {
        let mut run = Run::default();
        run.progress(frame(1, 1, 80));
        run.stands(Status::Failed, None);
        assert!(!run.progress(frame(1, 2, 90)), "nothing follows an ending within the attempt");
        assert!(run.progress(frame(2, 1, 10)));
        assert_eq!((run.attempt, run.percent, run.steps.len(), run.status), (2, 10, 1, Some(Status::Processing)));
        assert_eq!(run.endings, 1, "that it ended once is remembered");
        assert!(!run.progress(frame(1, 9, 99)));
    }

    #[test]
    fn a_replayed_acceptance_keeps_the_progress() {
        let mut run = Run::default();
        run.progress(frame(1, 1, 10));
        run.stands(Status::Queued, None);
        assert_eq!(run.status, Some(Status::Processing));
    }

    #[test]
    fn an_acceptance_that_comes_after_the_ending_keeps_the_ending() {
        let mut run = Run::default();
        run.progress(frame(1, 1, 10));
        run.stands(Status::Completed, None);
        run.stands(Status::Processing, None);
        run.stands(Status::Queued, None);
        assert_eq!((run.status, run.endings), (Some(Status::Completed), 1));
        assert!(run.progress(frame(2, 1, 10)), "only a new attempt begins again");
        assert_eq!(run.status, Some(Status::Processing));
    }
}
