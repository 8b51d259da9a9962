//! The mock's state: a pure machine without sockets and clocks, so that a seed decides everything.
//!
//! This file has the state and how a message is taken; [`super::work`] has the order and the work, [`super::facts`]
//! the logs. What it does wrong on purpose asks [`Core::errs`] first.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde_json::json;
use shared::draft::{Draft, check_id};
use shared::message::{ConversationId, MessageId, Priority, Status};
use shared::problem::{Code, Problem};
use shared::protocol::EventKind;
use uuid::Uuid;

use super::Options;
use super::facts::{Data, Logged};
use super::links::Links;
use super::misbehaviour::Misbehaviour as M;
use crate::quick::{QuickMap, hash_of};
use crate::rng::Rng;

pub(super) type UserId = Uuid;

/// A conversation.
pub(super) struct Conversation {
    pub(super) user: UserId,
    pub(super) log: Vec<Logged>,
    /// The newest offset; ahead of the log's length if offsets were left out.
    pub(super) head: u64,
    pub(super) messages: Vec<MessageId>,
    pub(super) waiting: VecDeque<MessageId>,
    pub(super) running: Option<MessageId>,
    /// A fold of everything answered so far: what an answer depends on.
    pub(super) context: (u64, u64),
}

/// A message.
pub(super) struct Stored {
    pub(super) conversation: ConversationId,
    pub(super) sequence: u64,
    pub(super) status: Status,
    pub(super) priority: Priority,
    pub(super) content: Box<str>,
    pub(super) attempt: u32,
    pub(super) body: u64,
    pub(super) result: Option<Data>,
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
    pub(super) conversations: QuickMap<ConversationId, Conversation>,
    pub(super) messages: QuickMap<(UserId, MessageId), Stored>,
    pub(super) counts: Counts,
    pub(super) leaked: Vec<Vec<u8>>,
    pub(super) rng: Rng,
    /// Conversations whose head can start, by urgency and arrival.
    pub(super) ready: BTreeSet<(u8, u64, ConversationId)>,
    pub(super) ready_as: QuickMap<ConversationId, (u8, u64)>,
    pub(super) arrivals: u64,
    pub(super) unfinished: usize,
    pub(super) occasions: QuickMap<M, u64>,
    /// The newest acceptances, which a sloppy server would not have on its disk yet.
    pub(super) fresh: VecDeque<(UserId, MessageId)>,
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
            conversations: QuickMap::default(),
            messages: QuickMap::default(),
            counts: Counts::default(),
            leaked: Vec::new(),
            rng,
            ready: BTreeSet::new(),
            ready_as: QuickMap::default(),
            arrivals: 0,
            unfinished: 0,
            occasions: QuickMap::default(),
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
        let body = hash_of((&draft.content, draft.conversation_id, draft.priority));
        if let Some(known) = self.messages.get(&(user, id)) {
            let same = known.body == body;
            return Ok(self.again(user, id, same));
        }
        if let Err(problem) = check_id(id, now_ms)
            && (problem.code != Code::Old || !self.errs(M::AcceptOld))
        {
            return Ok(Err(problem));
        }
        if self.errs(M::RefuseForGood) {
            return Ok(Err(Problem::new(Code::Forbidden, "Not you.")));
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
            self.log(conversation, id, EventKind::Accepted, &Data::Json(json!({})));
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
        self.log(conversation, id, EventKind::Accepted, &Data::Number { sequence: swapped });
        self.enqueue(conversation, id);
        swapped
    }

    pub(super) fn enqueue(&mut self, conversation: ConversationId, id: MessageId) {
        if let Some(place) = self.conversations.get_mut(&conversation) {
            place.waiting.push_back(id);
        }
        self.wake(conversation);
    }
}
