//! The running of one message: attempts within its deadline, and the end that is committed.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use shared::limits::ATTEMPTS_MAX;
use shared::message::Status;
use shared::problem::{Code, Problem};
use tokio_util::sync::CancellationToken;

use super::{Inbox, lock};
use crate::pipeline::{Attempt, Outcome, Way, ending, failpoint, way};
use crate::store::{Finished, Job, StoreError};

/// Times a message is begun in all, over every life of the process. It is above [`ATTEMPTS_MAX`], because most messages
/// that run when the process dies are not the reason of its death.
const BEGUN_MAX: u32 = 10;
/// The first pause after the store refused an end; doubled up to [`PAUSE_MAX`].
const PAUSE: Duration = Duration::from_millis(100);
/// The longest such pause.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Works on `job` until it has ended, and frees its conversation.
pub(super) async fn run(inbox: Arc<Inbox>, mut job: Job) {
    let lane = (job.user, job.conversation);
    let key = (job.user, job.id);
    let taken_ms = inbox.world.unix_ms();
    let stop = lock(&inbox.stops).entry(key).or_default().clone();
    let won = attempts(&inbox, &mut job, &stop).await;
    failpoint::hit("refresh");
    inbox.work.ended(&job, won);
    inbox.done(taken_ms);
    lock(&inbox.stops).remove(&key);
    failpoint::hit("release");
    if !won {
        inbox.release(lane);
    }
}

/// Makes attempts until one has an outcome. Answers whether that is the message's end.
async fn attempts(inbox: &Arc<Inbox>, job: &mut Job, stop: &CancellationToken) -> bool {
    let mut faults = 0;
    loop {
        if job.attempt > BEGUN_MAX || faults >= ATTEMPTS_MAX {
            job.attempt -= 1;
            return finish(inbox, job, gave_up(inbox, job), stop).await;
        }
        // A first attempt isn't recorded: it would cost every message a commit. Further ones are, so that a message
        // which ends the process each time is given up after a few.
        if job.attempt > 1 && !begin(inbox, job).await {
            return false;
        }
        lock(&inbox.queue).set_attempt((job.user, job.conversation), job.attempt);
        match one(inbox, job, stop).await {
            Ended::With(outcome) => return finish(inbox, job, *outcome, stop).await,
            Ended::ByItsSender => return false,
            Ended::ByAFault => {
                job.attempt += 1;
                faults += 1;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// The end of a message that failed too often: it must not hold up its conversation.
fn gave_up(inbox: &Inbox, job: &Job) -> Outcome {
    let text = format!("The message could not be answered in {} attempts and was given up.", job.attempt);
    Attempt::new(&inbox.hub, job, Duration::ZERO).into_outcome(Err(Problem::new(Code::Internal, text)))
}

enum Ended {
    With(Box<Outcome>),
    ByItsSender,
    ByAFault,
}

/// Makes one attempt within the deadline.
async fn one(inbox: &Arc<Inbox>, job: &Job, stop: &CancellationToken) -> Ended {
    let waited = Duration::from_millis(inbox.world.unix_ms().saturating_sub(job.accepted_ms));
    let mut attempt = Attempt::new(&inbox.hub, job, waited)
        .within(inbox.settings.deadline, inbox.admission.depth())
        .making_way(|| inbox.worked((job.user, job.conversation)));
    let work = AssertUnwindSafe(inbox.work.run(&mut attempt)).catch_unwind();
    let ended = tokio::select! {
        // In this order: a cancelled message must not be answered because its answer is ready too.
        biased;
        () = stop.cancelled() => return Ended::ByItsSender,
        ended = tokio::time::timeout(inbox.settings.deadline, work) => ended,
    };
    match ended {
        // The storage failed, not the message.
        Ok(Ok(Err(problem))) if way(problem.code, true, false) == Way::Again => Ended::ByAFault,
        Ok(Ok(ended)) => Ended::With(Box::new(attempt.into_outcome(ended))),
        Ok(Err(_panic)) => {
            tracing::error!(id = %job.id, attempt = job.attempt, "the work on a message panicked");
            Ended::ByAFault
        }
        Err(_elapsed) if way(Code::Timeout, false, attempt.has_result()) == Way::Partial => {
            inbox.metrics.fallback("deadline");
            let reason = "The time for this answer was over; it may be told more briefly than usual.";
            Ended::With(Box::new(attempt.into_partial(reason)))
        }
        Err(_elapsed) => {
            let seconds = inbox.settings.deadline.as_secs_f64();
            let problem = Problem::new(
                Code::Timeout,
                format!("No answer was found within {seconds} s. Try again; a shorter message may help."),
            );
            Ended::With(Box::new(attempt.into_outcome(Err(problem))))
        }
    }
}

/// Records durably that the attempt begins; `false` if the message has ended.
async fn begin(inbox: &Inbox, job: &Job) -> bool {
    insist(inbox, || inbox.store.begin(job.user, job.id, job.attempt)).await.unwrap_or(false)
}

/// Commits the end, whatever it takes: until then the message is not answered. Answers whether it is the one.
async fn finish(inbox: &Arc<Inbox>, job: &Job, mut outcome: Outcome, stop: &CancellationToken) -> bool {
    let finish = Arc::new(ending(job, &mut outcome, inbox.world.unix_ms()));
    // It is packed; hundreds of results that wait for their commit would push each other out of the processor's cache.
    outcome.result = None;
    // Its sender's end is on its way and has the right to win.
    if stop.is_cancelled() {
        return false;
    }
    inbox.worked((job.user, job.conversation));
    failpoint::hit("commit");
    let began = Instant::now();
    let status = finish.status;
    let won = insist(inbox, || inbox.store.finish(finish.clone())).await == Some(Finished::Won);
    if won {
        count(inbox, job, &outcome, status, began.elapsed());
    }
    won
}

/// Notes what became of a message and how long it took, its commit included.
fn count(inbox: &Inbox, job: &Job, outcome: &Outcome, status: Status, commit: Duration) {
    inbox.metrics.stages(&outcome.timings);
    inbox.metrics.stages(&[shared::view::Timing { stage: "commit".into(), ms: commit.as_secs_f64() * 1_000.0 }]);
    if let Some(problem) = &outcome.problem {
        inbox.metrics.problem(problem.code);
        if way(problem.code, false, false) == Way::Escalate {
            inbox.metrics.escalated(problem.code.as_str());
            tracing::error!(id = %job.id, code = %problem.code, "a message needs an operator");
        }
    }
    let took = inbox.world.unix_ms().saturating_sub(job.accepted_ms);
    let category = outcome.category.map(shared::message::Category::as_str);
    inbox.metrics.ended(category, status.as_str(), Duration::from_millis(took));
}

/// Repeats a write until the store takes it, with growing pauses; `None` if the store closes or the server drains.
pub(super) async fn insist<'a, T>(inbox: &Inbox, write: impl Fn() -> crate::store::Later<'a, T>) -> Option<T> {
    let mut pause = PAUSE;
    loop {
        match write().await {
            Ok(done) => return Some(done),
            Err(StoreError::Closed) => return None,
            Err(error) => tracing::error!(%error, "the store failed; trying again"),
        }
        tokio::select! {
            () = inbox.closing.cancelled() => return None,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(PAUSE_MAX),
        }
    }
}
