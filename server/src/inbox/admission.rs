//! How much may wait, and how fast a user may send. Over a limit nothing is kept and the sender is told when to come
//! again; high priority is the last to be refused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::limits::IN_FLIGHT_MAX;
use shared::message::Priority;
use shared::problem::{Code, Problem};

use crate::store::UserId;

/// How many of `places` each priority may fill: however few they are, the last one is for high priority, and the one
/// before it not for low.
fn part(places: usize, priority: Priority) -> usize {
    let (percent, kept) = match priority {
        Priority::Low => (80, 2),
        Priority::Normal => (95, 1),
        Priority::High => (100, 0),
    };
    (places * percent / 100).min(places.saturating_sub(kept)).max(1)
}

/// The part of the queue that one user may fill, in percent, if that is more than one connection's worth.
const USER_SHARE_PERCENT: usize = 25;

/// The soonest to try again after `busy`: a full queue of 10,000 empties in seconds, a part of it sooner.
const BUSY_RETRY_MS: u64 = 1_000;
/// The latest: what is expected further ahead is a guess.
const BUSY_RETRY_MAX_MS: u64 = 60_000;
/// The time between two ends where it was not measured yet.
const GAP_MS: f64 = 1.0;

/// What a message that comes now has before it.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_field_names, reason = "a name of a quantity ends with its unit")]
pub(super) struct Outlook {
    /// Now.
    pub(super) now_ms: u64,
    /// How long it would wait before it begins.
    pub(super) expected_ms: u64,
    /// How long everything that waits would take.
    pub(super) drain_ms: u64,
    /// The time between two ends; `None` if that isn't known.
    pub(super) gap_ms: Option<f64>,
}

/// Counts what is accepted and not finished, and refuses what would be too much.
pub(super) struct Admission {
    limit: usize,
    /// The longest wait that a message is taken in for.
    deadline_ms: u64,
    state: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    total: usize,
    users: HashMap<UserId, usize>,
    /// When the next one that is refused should come again.
    next_return_ms: f64,
}

impl Counts {
    fn add(&mut self, user: UserId) {
        self.total += 1;
        *self.users.entry(user).or_default() += 1;
    }

    /// When one that is refused should come again, in milliseconds from now. The refused stand in a line of their own:
    /// the first comes when what waits is done, each further one later than the one before, at the pace at which places
    /// become free, so that they come back as fast as they can be taken in and not all at once, again and again.
    fn come_again_ms(&mut self, outlook: Outlook, soonest_ms: u64) -> u64 {
        let now_ms = outlook.now_ms as f64;
        // Beyond the latest time nobody is told anything, so the line ends there.
        let first = now_ms + outlook.drain_ms.clamp(BUSY_RETRY_MS, BUSY_RETRY_MAX_MS) as f64;
        let last = now_ms + BUSY_RETRY_MAX_MS as f64;
        let at_ms = self.next_return_ms.clamp(first, last);
        self.next_return_ms = at_ms + outlook.gap_ms.unwrap_or(GAP_MS);
        ((at_ms - now_ms) as u64).max(soonest_ms).min(BUSY_RETRY_MAX_MS)
    }
}

impl Admission {
    /// Nothing waits yet; at most `limit` may, and none for longer than `deadline`.
    pub(super) fn new(limit: usize, deadline: Duration) -> Arc<Self> {
        Arc::new(Self { limit, deadline_ms: deadline.as_millis() as u64, state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, Counts> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for a message, or says why there is none.
    pub(super) fn enter(&self, user: UserId, priority: Priority, outlook: Outlook) -> Result<(), Problem> {
        let expected_ms = outlook.expected_ms;
        let mut state = self.state();
        if expected_ms > self.deadline_ms {
            return Err(Problem::new(
                Code::Busy,
                format!(
                    "The answer would begin after about {:.0} s, later than the {:.0} s that a message may take. This \
                     one was not stored; send it again with the same id.",
                    expected_ms as f64 / 1_000.0,
                    self.deadline_ms as f64 / 1_000.0
                ),
            )
            .retry_after(state.come_again_ms(outlook, expected_ms - self.deadline_ms)));
        }
        let of_user = (self.limit * USER_SHARE_PERCENT / 100).max((IN_FLIGHT_MAX as usize).min(self.limit));
        if state.total >= part(self.limit, priority) {
            return Err(Problem::new(
                Code::Busy,
                "Too many messages are waiting. This one was not stored; send it again with the same id.",
            )
            .retry_after(state.come_again_ms(outlook, BUSY_RETRY_MS)));
        }
        let mine = state.users.get(&user).copied().unwrap_or(0);
        if mine >= part(of_user, priority) {
            return Err(Problem::new(
                Code::Busy,
                format!(
                    "{mine} of your messages are waiting. Wait for answers, then send this one again with the same id."
                ),
            )
            .retry_after(state.come_again_ms(outlook, BUSY_RETRY_MS)));
        }
        state.add(user);
        Ok(())
    }

    /// Counts the messages of these users that were accepted in an earlier life of the process, whatever the limit.
    pub(super) fn recover(&self, users: impl Iterator<Item = UserId>) {
        let mut state = self.state();
        users.for_each(|user| state.add(user));
    }

    /// Gives a place back.
    pub(super) fn leave(&self, user: UserId) {
        let mut state = self.state();
        state.total = state.total.saturating_sub(1);
        if let Some(count) = state.users.get_mut(&user) {
            *count -= 1;
            if *count == 0 {
                state.users.remove(&user);
            }
        }
    }

    /// How many are accepted and not finished, and how many may be.
    pub(super) fn depth(&self) -> (usize, usize) {
        (self.state().total, self.limit)
    }
}

/// One bucket of tokens a user: a minute's budget at once, refilled evenly.
pub(super) struct Rate {
    per_min: u32,
    buckets: Mutex<HashMap<UserId, Bucket>>,
}

struct Bucket {
    tokens: f64,
    at_ms: u64,
}

impl Bucket {
    fn refill(&mut self, per_min: f64, now_ms: u64) {
        let passed_ms = now_ms.saturating_sub(self.at_ms);
        self.tokens = (self.tokens + passed_ms as f64 * per_min / 60_000.0).min(per_min);
        self.at_ms = self.at_ms.max(now_ms);
    }
}

impl Rate {
    /// `per_min` messages a minute; 0 for no limit.
    pub(super) fn new(per_min: u32) -> Self {
        Self { per_min, buckets: Mutex::default() }
    }

    fn buckets(&self) -> MutexGuard<'_, HashMap<UserId, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Spends one token, or says when there will be one.
    pub(super) fn spend(&self, user: UserId, now_ms: u64) -> Result<(), Problem> {
        if self.per_min == 0 {
            return Ok(());
        }
        let per_min = f64::from(self.per_min);
        let mut buckets = self.buckets();
        let bucket = buckets.entry(user).or_insert(Bucket { tokens: per_min, at_ms: now_ms });
        bucket.refill(per_min, now_ms);
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        let wait_ms = ((1.0 - bucket.tokens) * 60_000.0 / per_min).ceil() as u64;
        Err(Problem::new(
            Code::RateLimited,
            format!(
                "You have sent {} messages within a minute, which is the limit. This one was not stored; send it \
                 again with the same id in {:.1} s.",
                self.per_min,
                wait_ms as f64 / 1000.0
            ),
        )
        .retry_after(wait_ms.max(1)))
    }

    /// Gives a token back: the message was refused, or known already.
    pub(super) fn refund(&self, user: UserId) {
        if let Some(bucket) = self.buckets().get_mut(&user) {
            bucket.tokens = (bucket.tokens + 1.0).min(f64::from(self.per_min));
        }
    }

    /// Forgets users whose bucket is full again.
    pub(super) fn sweep(&self, now_ms: u64) {
        let per_min = f64::from(self.per_min);
        let mut buckets = self.buckets();
        buckets.retain(|_, bucket| {
            bucket.refill(per_min, now_ms);
            bucket.tokens < per_min
        });
        buckets.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const DEADLINE: Duration = Duration::from_secs(45);
    const A: UserId = Uuid::from_u128(1);
    const B: UserId = Uuid::from_u128(2);
    const FREE: Outlook = Outlook { now_ms: 1_000, expected_ms: 0, drain_ms: 0, gap_ms: None };

    /// How many of each priority find a place, one priority after the other.
    fn filled(admission: &Admission, mut user: impl FnMut() -> UserId) -> [usize; 3] {
        [Priority::Low, Priority::Normal, Priority::High]
            .map(|priority| (0..10_000).take_while(|_| admission.enter(user(), priority, FREE).is_ok()).count())
    }

    #[test]
    fn high_priority_is_the_last_to_be_refused() {
        for (limit, places) in [(20, [16, 3, 1]), (10, [8, 1, 1]), (5, [3, 1, 1]), (3, [1, 1, 1]), (2, [1, 0, 1])] {
            let admission = Admission::new(limit, DEADLINE);
            let mut users = (0..).map(Uuid::from_u128);
            assert_eq!(filled(&admission, || users.next().unwrap()), places, "of {limit}");
            assert_eq!(admission.depth(), (limit, limit));
        }
    }

    #[test]
    fn a_users_own_share_keeps_room_for_high_priority_too() {
        let admission = Admission::new(1_000, DEADLINE);
        assert_eq!(filled(&admission, || A), [200, 37, 13]);
    }

    #[test]
    fn one_user_cannot_fill_the_queue() {
        let admission = Admission::new(1_000, DEADLINE);
        let mine = (0..1_000).take_while(|_| admission.enter(A, Priority::High, FREE).is_ok()).count();
        assert_eq!(mine, 250);
        let problem = admission.enter(A, Priority::High, FREE).unwrap_err();
        assert_eq!((problem.code, problem.retry_after_ms), (Code::Busy, Some(BUSY_RETRY_MS + 1)), "the second in line");
        assert!(admission.enter(B, Priority::Low, FREE).is_ok());
        admission.leave(A);
        assert!(admission.enter(A, Priority::High, FREE).is_ok());
    }

    #[test]
    fn what_cannot_begin_in_time_is_refused_with_a_time() {
        let admission = Admission::new(10, DEADLINE);
        assert!(admission.enter(A, Priority::Low, Outlook { expected_ms: 45_000, ..FREE }).is_ok());
        for (expected_ms, retry_ms) in [(45_001, 1_000), (50_000, 5_000), (10_000_000, 60_000)] {
            let outlook = Outlook { expected_ms, gap_ms: Some(0.0), ..FREE };
            let problem = admission.enter(A, Priority::High, outlook).unwrap_err();
            assert_eq!((problem.code, problem.retry_after_ms), (Code::Busy, Some(retry_ms)));
        }
        assert_eq!(admission.depth().0, 1, "a refused one takes no place");
    }

    #[test]
    fn the_refused_come_back_one_after_the_other() {
        let admission = Admission::new(1, DEADLINE);
        let at = |now_ms| Outlook { now_ms, gap_ms: Some(10.0), ..FREE };
        admission.enter(A, Priority::High, at(1_000)).unwrap();
        let refused = |now_ms| admission.enter(B, Priority::High, at(now_ms)).unwrap_err().retry_after_ms.unwrap();
        let told: Vec<_> = (0..4).map(|_| refused(1_000)).collect();
        assert_eq!(told, [1_000, 1_010, 1_020, 1_030]);
        assert_eq!(refused(1_500), 1_000, "never sooner than a second");
        assert_eq!(refused(100_000), 1_000, "a line that was served is over");
        (0..10_000).for_each(|_| assert!(refused(100_000) <= BUSY_RETRY_MAX_MS, "nor later than a minute"));
        assert_eq!(refused(100_000), BUSY_RETRY_MAX_MS);
        let long = Outlook { drain_ms: 7_000, ..at(900_000) };
        let problem = admission.enter(B, Priority::High, long).unwrap_err();
        assert_eq!(problem.retry_after_ms, Some(7_000), "when what waits is done");
    }

    #[test]
    fn a_minutes_budget_may_go_in_one_burst() {
        let rate = Rate::new(100);
        assert_eq!((0..200).take_while(|_| rate.spend(A, 1_000).is_ok()).count(), 100);
        let problem = rate.spend(A, 1_000).unwrap_err();
        assert_eq!((problem.code, problem.retry_after_ms), (Code::RateLimited, Some(600)));
        assert!(rate.spend(A, 1_599).is_err());
        assert!(rate.spend(A, 1_600).is_ok());
        assert!(rate.spend(B, 1_000).is_ok(), "one user's budget is not another's");
    }

    #[test]
    fn a_refund_and_a_full_bucket() {
        let rate = Rate::new(1);
        rate.spend(A, 0).unwrap();
        rate.refund(A);
        rate.spend(A, 0).unwrap();
        rate.sweep(30_000);
        assert!(rate.spend(A, 30_000).is_err(), "a sweep forgets no debt");
        rate.sweep(60_000);
        assert!(rate.buckets().is_empty());
    }

    #[test]
    fn zero_turns_the_limit_off() {
        let rate = Rate::new(0);
        assert!((0..1_000).all(|_| rate.spend(A, 0).is_ok()));
    }

    #[test]
    fn a_clock_that_goes_back_gives_no_tokens() {
        let rate = Rate::new(1);
        rate.spend(A, 60_000).unwrap();
        assert!(rate.spend(A, 0).is_err());
        assert!(rate.spend(A, 60_001).is_err());
    }
}
