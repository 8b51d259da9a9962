//! Who is next: one queue per conversation, of which only the head can be taken and only one at a time; among heads,
//! priority with ageing.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use shared::message::{Category, ConversationId, MessageId, Priority};

use crate::store::{Job, UserId};

/// The conversation of a user: ids mean something only beside their user.
pub(super) type LaneKey = (UserId, ConversationId);

/// How much later than it came a head of this priority counts as having come, in milliseconds. A high one overtakes
/// what came up to 10 s before it; a low one waits at most that much longer than its turn, so nothing starves.
const fn handicap_ms(priority: Priority) -> u64 {
    match priority {
        Priority::High => 0,
        Priority::Normal => 2_000,
        Priority::Low => 10_000,
    }
}

/// The place of a priority among the counts: the most urgent first.
const fn rank(priority: Priority) -> usize {
    match priority {
        Priority::High => 0,
        Priority::Normal => 1,
        Priority::Low => 2,
    }
}

/// A head that could be taken: the smallest first.
type Ready = Reverse<(u64, u64, LaneKey, u64)>;

/// How many may be taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    /// Being worked on. Whoever is taken cannot be overtaken any more, so this is not more than is of use.
    pub(super) working: usize,
    /// Being worked on or waiting for the commit of their end.
    pub(super) running: usize,
}

/// The waiting and the running messages.
#[derive(Default)]
pub(super) struct Queue {
    lanes: HashMap<LaneKey, Lane>,
    ready: BinaryHeap<Ready>,
    /// Conversations that are held, with how many messages wait in the store for each. None of them is here: whoever
    /// stops a conversation for a year must not fill the memory, nor take others' places.
    held: HashMap<LaneKey, usize>,
    /// How many are being worked on or wait for the commit of their end.
    running: usize,
    /// How many are being worked on.
    working: usize,
    /// How many wait, by priority.
    waiting: [usize; 3],
    arrivals: u64,
}

#[derive(Default)]
struct Lane {
    waiting: VecDeque<Job>,
    running: Option<(MessageId, u32)>,
    /// Whether the running one is still being worked on.
    working: bool,
    /// What the last one was about, if it ended while others waited.
    category: Option<Category>,
}

impl Queue {
    /// Puts a message behind the others of its conversation. Messages of one conversation come in their order. `false` if
    /// the conversation is held: the message stays in the store.
    pub(super) fn push(&mut self, job: Job) -> bool {
        let key = (job.user, job.conversation);
        if let Some(kept) = self.held.get_mut(&key) {
            *kept += 1;
            return false;
        }
        self.waiting[rank(job.priority)] += 1;
        let lane = self.lanes.entry(key).or_default();
        lane.waiting.push_back(job);
        if lane.waiting.len() == 1 && lane.running.is_none() {
            self.offer(key);
        }
        true
    }

    fn offer(&mut self, key: LaneKey) {
        if let Some(head) = self.lanes.get(&key).and_then(|lane| lane.waiting.front()) {
            let rank = head.accepted_ms.saturating_add(handicap_ms(head.priority));
            self.arrivals += 1;
            self.ready.push(Reverse((rank, self.arrivals, key, head.sequence)));
        }
    }

    /// Whether all places are taken.
    pub(super) fn full(&self, places: Places) -> bool {
        self.running >= places.running || self.working >= places.working
    }

    /// Takes the best head, unless all places are taken.
    pub(super) fn take(&mut self, places: Places) -> Option<Job> {
        while !self.full(places) {
            let Reverse((_, _, key, sequence)) = self.ready.pop()?;
            let Some(lane) = self.lanes.get_mut(&key) else { continue };
            // An offer is stale when its message was cancelled meanwhile, or its conversation held.
            if lane.running.is_none() && lane.waiting.front().is_some_and(|head| head.sequence == sequence) {
                let mut job = lane.waiting.pop_front()?;
                job.before = lane.category.or(job.before);
                lane.running = Some((job.id, job.attempt));
                lane.working = true;
                self.running += 1;
                self.working += 1;
                self.waiting[rank(job.priority)] -= 1;
                return Some(job);
            }
        }
        None
    }

    /// The work on the running message is done; its conversation stays taken until its end is committed.
    pub(super) fn worked(&mut self, key: LaneKey) {
        if self.lanes.get_mut(&key).is_some_and(|lane| std::mem::take(&mut lane.working)) {
            self.working -= 1;
        }
    }

    /// Frees a conversation whose running message is done with.
    pub(super) fn release(&mut self, key: LaneKey) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        if lane.running.take().is_some() {
            self.running -= 1;
        }
        if std::mem::take(&mut lane.working) {
            self.working -= 1;
        }
        if lane.waiting.is_empty() {
            self.lanes.remove(&key);
        } else {
            self.offer(key);
        }
    }

    /// Frees a conversation whose running message has ended; whoever comes next is told what that one was about.
    pub(super) fn end(&mut self, key: LaneKey, id: MessageId, category: Option<Category>) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        lane.category = category.or(lane.category);
        if lane.running.is_some_and(|(running, _)| running == id) {
            self.release(key);
        }
    }

    /// Holds a conversation with `kept` messages in the store and takes those out that wait here; answers how many. The
    /// one that runs is not touched.
    pub(super) fn hold(&mut self, key: LaneKey, kept: usize) -> usize {
        let waiting = self.lanes.get_mut(&key).map(|lane| std::mem::take(&mut lane.waiting)).unwrap_or_default();
        for job in &waiting {
            self.waiting[rank(job.priority)] -= 1;
        }
        if self.lanes.get(&key).is_some_and(|lane| lane.running.is_none()) {
            self.lanes.remove(&key);
        }
        *self.held.entry(key).or_default() += kept + waiting.len();
        waiting.len()
    }

    /// Frees a conversation; those that were kept are to be pushed next.
    pub(super) fn free(&mut self, key: LaneKey) {
        self.held.remove(&key);
    }

    /// How many messages a held conversation keeps; `None` if it is not held.
    pub(super) fn kept(&self, key: LaneKey) -> Option<usize> {
        self.held.get(&key).copied()
    }

    /// Takes out a message that its sender has ended. `false` if its conversation is held and it was not here.
    pub(super) fn remove(&mut self, key: LaneKey, id: MessageId) -> bool {
        if let Some(kept) = self.held.get_mut(&key)
            && self.lanes.get(&key).and_then(|lane| lane.running).is_none_or(|(running, _)| running != id)
        {
            *kept = kept.saturating_sub(1);
            return false;
        }
        self.take_out(key, id);
        true
    }

    fn take_out(&mut self, key: LaneKey, id: MessageId) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        let was_head = lane.waiting.front().is_some_and(|head| head.id == id);
        let waiting = &mut self.waiting;
        lane.waiting.retain(|job| {
            if job.id == id {
                waiting[rank(job.priority)] -= 1;
            }
            job.id != id
        });
        let idle = lane.running.is_none();
        if idle && lane.waiting.is_empty() {
            self.lanes.remove(&key);
        } else if idle && was_head {
            self.offer(key);
        }
    }

    /// Notes that a running message is at a further attempt.
    pub(super) fn set_attempt(&mut self, key: LaneKey, attempt: u32) {
        if let Some((_, current)) = self.lanes.get_mut(&key).and_then(|lane| lane.running.as_mut()) {
            *current = attempt;
        }
    }

    /// The attempt at which a message is being worked on; `None` if it isn't.
    pub(super) fn attempt_of(&self, key: LaneKey, id: MessageId) -> Option<u32> {
        self.lanes.get(&key)?.running.filter(|(running, _)| *running == id).map(|(_, attempt)| attempt)
    }

    /// How many are running.
    pub(super) fn running(&self) -> usize {
        self.running
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.iter().sum()
    }

    /// What a new message would find before it: those of its priority and above that wait anywhere, and those that wait
    /// or run in its own conversation.
    pub(super) fn before(&self, key: LaneKey, priority: Priority) -> (usize, usize) {
        let lane = self.lanes.get(&key);
        let in_line = lane.map_or(0, |lane| lane.waiting.len() + usize::from(lane.running.is_some()));
        (self.waiting[..=rank(priority)].iter().sum(), in_line)
    }

    /// How many conversations have something to do, and when the oldest waiting message was accepted.
    pub(super) fn backlog(&self) -> (usize, Option<u64>) {
        (self.lanes.len(), self.lanes.values().filter_map(|lane| lane.waiting.front()).map(|job| job.accepted_ms).min())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;
    use uuid::Uuid;

    fn job(conversation: u128, sequence: u64, priority: Priority, accepted_ms: u64) -> Job {
        Job {
            user: Uuid::nil(),
            id: Uuid::from_u128(conversation << 64 | u128::from(sequence)),
            conversation: Uuid::from_u128(conversation),
            sequence,
            priority,
            accepted_ms,
            attempt: 1,
            before: None,
            draft: None,
        }
    }

    fn most(places: usize) -> Places {
        Places { working: places, running: places }
    }

    fn key(conversation: u128) -> LaneKey {
        (Uuid::nil(), Uuid::from_u128(conversation))
    }

    #[test]
    fn a_conversation_runs_one_at_a_time_in_order() {
        let mut queue = Queue::default();
        for sequence in 1..=3 {
            // A later message of higher priority never overtakes within its conversation.
            queue.push(job(1, sequence, if sequence == 3 { Priority::High } else { Priority::Low }, 0));
        }
        for sequence in 1..=3 {
            assert_eq!(queue.take(most(10)).unwrap().sequence, sequence);
            assert!(queue.take(most(10)).is_none());
            queue.release(key(1));
        }
        assert!(queue.lanes.is_empty(), "a conversation with nothing to do holds no memory");
        assert_eq!(queue.waiting, [0; 3]);
    }

    #[test]
    fn a_held_conversation_takes_no_place_and_goes_on_where_it_stood() {
        let mut queue = Queue::default();
        let mine = |sequence| job(1, sequence, Priority::High, 0);
        for sequence in 1..=3 {
            assert!(queue.push(mine(sequence)));
        }
        let first = queue.take(most(10)).unwrap();
        assert_eq!(queue.hold(key(1), 0), 2, "those that wait; the one that runs goes on");
        assert!(!queue.push(mine(4)) && queue.kept(key(1)) == Some(3));
        queue.push(job(2, 1, Priority::Low, 0));
        assert_eq!(queue.before(key(3), Priority::Low), (1, 0), "what is held delays nobody");
        assert!(!queue.remove(key(1), mine(3).id) && queue.kept(key(1)) == Some(2));
        assert!(queue.remove(key(1), first.id), "the one that runs is here");
        queue.end(key(1), first.id, None);
        assert_eq!(queue.take(most(10)).unwrap().conversation, Uuid::from_u128(2));
        assert!(queue.take(most(10)).is_none());
        queue.release(key(2));
        assert!(queue.lanes.is_empty() && queue.waiting == [0; 3]);

        queue.free(key(1));
        assert!(queue.push(mine(2)) && queue.push(mine(4)) && queue.kept(key(1)).is_none());
        for sequence in [2, 4] {
            assert_eq!(queue.take(most(10)).unwrap().sequence, sequence);
            queue.release(key(1));
        }
        assert!(queue.lanes.is_empty() && queue.held.is_empty());
    }

    #[test]
    fn what_was_offered_before_it_was_held_is_not_taken() {
        let mut queue = Queue::default();
        queue.push(job(1, 1, Priority::Normal, 0));
        queue.hold(key(1), 0);
        assert!(queue.take(most(10)).is_none());
        queue.free(key(1));
        queue.push(job(1, 1, Priority::Normal, 0));
        assert_eq!(queue.take(most(10)).unwrap().sequence, 1);
        assert!(queue.take(most(10)).is_none());
    }

    #[test]
    fn the_next_one_is_told_what_the_last_was_about() {
        let mut queue = Queue::default();
        let about = |category, sequence| Job { before: Some(category), ..job(1, sequence, Priority::Normal, 0) };
        queue.push(about(Category::Cost, 1));
        queue.push(about(Category::Cost, 2));
        queue.push(about(Category::Cost, 3));
        let first = queue.take(most(10)).unwrap();
        assert_eq!(first.before, Some(Category::Cost), "what it knew when it was accepted");
        queue.end(key(1), Uuid::nil(), Some(Category::Latency));
        assert!(queue.take(most(10)).is_none(), "the end of another one frees nothing");
        queue.end(key(1), first.id, Some(Category::Scaling));
        let second = queue.take(most(10)).unwrap();
        assert_eq!(second.before, Some(Category::Scaling));
        queue.end(key(1), second.id, None);
        let third = queue.take(most(10)).unwrap();
        assert_eq!(third.before, Some(Category::Scaling), "one that was about nothing changes nothing");
        queue.end(key(1), third.id, None);
        assert!(queue.lanes.is_empty());
    }

    #[test]
    fn what_is_before_a_message_is_counted_by_priority() {
        let mut queue = Queue::default();
        for (sequence, priority) in [(1, Priority::Low), (2, Priority::Normal), (3, Priority::High)] {
            queue.push(job(1, sequence, priority, 0));
            queue.push(job(u128::from(sequence) + 10, 1, priority, 0));
        }
        let before = |queue: &Queue, conversation| {
            [Priority::High, Priority::Normal, Priority::Low].map(|p| queue.before(key(conversation), p))
        };
        assert_eq!(before(&queue, 1), [(2, 3), (4, 3), (6, 3)]);
        assert_eq!(before(&queue, 99), [(2, 0), (4, 0), (6, 0)]);
        assert_eq!(queue.take(most(10)).unwrap().priority, Priority::High);
        let cancelled = queue.lanes[&key(1)].waiting[1].id;
        queue.remove(key(1), cancelled);
        assert_eq!(before(&queue, 1), [(1, 2), (2, 2), (4, 2)]);
        while let Some(job) = queue.take(most(10)) {
            queue.release((job.user, job.conversation));
        }
        assert_eq!(queue.waiting, [0; 3]);
    }

    #[test]
    fn priority_goes_first_and_waiting_counts() {
        let mut queue = Queue::default();
        queue.push(job(1, 1, Priority::Low, 0));
        queue.push(job(2, 1, Priority::Normal, 100));
        queue.push(job(3, 1, Priority::High, 200));
        queue.push(job(4, 1, Priority::High, 10_001));
        let order: Vec<_> = std::iter::from_fn(|| queue.take(most(10))).map(|j| j.conversation.as_u128()).collect();
        assert_eq!(order, [3, 2, 1, 4], "a low one that has waited ten seconds goes before a fresh high one");
    }

    #[test]
    fn no_more_than_the_most_run() {
        let mut queue = Queue::default();
        (1..=3).for_each(|c| assert!(queue.push(job(c, 1, Priority::Normal, 0))));
        assert!(queue.take(most(2)).is_some() && queue.take(most(2)).is_some() && queue.take(most(2)).is_none());
        queue.release(key(1));
        assert_eq!(queue.running(), 1);
        assert_eq!(queue.take(most(2)).unwrap().conversation, Uuid::from_u128(3));
    }

    #[test]
    fn what_waits_for_its_commit_gives_its_place_to_the_next_but_not_its_conversation() {
        let mut queue = Queue::default();
        (1..=3).for_each(|c| assert!(queue.push(job(c, 1, Priority::Normal, 0))));
        queue.push(job(1, 2, Priority::High, 0));
        let places = Places { working: 1, running: 2 };
        assert_eq!(queue.take(places).map(|job| job.conversation.as_u128()), Some(1));
        assert!(queue.take(places).is_none());
        queue.worked(key(1));
        queue.worked(key(1));
        assert_eq!(queue.take(places).map(|job| job.conversation.as_u128()), Some(2), "not the next of the first");
        queue.worked(key(2));
        assert!(queue.take(places).is_none(), "both places of the running are taken");
        queue.release(key(2));
        assert!(queue.take(places).is_some() && queue.full(places));
        queue.release(key(1));
        assert_eq!((queue.running(), queue.working), (1, 1));
    }

    #[test]
    fn a_cancelled_head_lets_the_next_go() {
        let mut queue = Queue::default();
        let first = job(1, 1, Priority::Normal, 0);
        queue.push(first.clone());
        queue.push(job(1, 2, Priority::Normal, 0));
        queue.remove(key(1), first.id);
        assert_eq!(queue.take(most(1)).unwrap().sequence, 2);
        queue.remove(key(1), first.id);
        assert_eq!(queue.attempt_of(key(1), job(1, 2, Priority::Normal, 0).id), Some(1));
    }

    proptest! {
        #[test]
        fn every_message_runs_once_and_in_order(steps in prop::collection::vec((0_u8..4, 1_u128..5, 0_usize..3), 1..200)) {
            let mut queue = Queue::default();
            let (mut pushed, mut removed, mut done) = (HashMap::<u128, u64>::new(), HashSet::new(), Vec::new());
            let mut running = Vec::new();
            for (step, conversation, priority) in steps {
                match step {
                    0 => {
                        let sequence = pushed.entry(conversation).or_default();
                        *sequence += 1;
                        queue.push(job(conversation, *sequence, Priority::ALL[priority], *sequence));
                    }
                    1 => running.extend(queue.take(most(3))),
                    2 => if !running.is_empty() {
                        let job: Job = running.remove(priority % running.len());
                        queue.release((job.user, job.conversation));
                        done.push(job);
                    },
                    _ => if let Some(&sequence) = pushed.get(&conversation) {
                        let id = job(conversation, sequence, Priority::Normal, 0).id;
                        let known = running.iter().chain(&done).any(|job| job.id == id);
                        queue.remove(key(conversation), id);
                        if !known { removed.insert(id); }
                    },
                }
                let lanes: HashSet<_> = running.iter().map(|job| job.conversation).collect();
                prop_assert_eq!(lanes.len(), running.len(), "one at a time");
                prop_assert_eq!(queue.running(), running.len());
            }
            loop {
                running.extend(std::iter::from_fn(|| queue.take(most(3))));
                let Some(job) = running.pop() else { break };
                queue.release((job.user, job.conversation));
                done.push(job);
            }
            prop_assert!(queue.lanes.is_empty());
            let all: u64 = pushed.values().sum();
            prop_assert_eq!(done.len() + removed.len(), usize::try_from(all).unwrap());
            for conversation in pushed.keys() {
                let order: Vec<_> = done.iter().filter(|j| j.conversation.as_u128() == *conversation).map(|j| j.sequence).collect();
                prop_assert!(order.windows(2).all(|w| w[0] < w[1]), "in order: {:?}", order);
            }
        }
    }
}
