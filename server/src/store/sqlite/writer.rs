//! The one writer, a thread of its own. Everything that is queued becomes one transaction, each write in a savepoint of
//! its own, so that a flush of the disk is paid once for many: while one flush is under way, the next batch gathers by
//! itself. Where the disk is so fast that hardly anything gathers, the writer paces itself instead, because a commit also
//! costs processor time: each tree that it touched writes a whole page. A write that comes alone never waits.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::checkpoint::Checkpoints;
use super::flow_write;
use super::write::{self, Acceptable, Endable, whole};
use crate::store::flow::{AuditEntry, Change, Changed};
use crate::store::{
    Accepted, Account, Fact, Finished, Registered, StoreError, StoredSession, Sweep, Swept, TokenHash, UsageLog, UserId,
};

/// Most writes of one transaction: it bounds how long the first waits for the last (measured: about 0.03 ms each).
const BATCH_MAX: usize = 256;

/// From one commit to the next under load, for each write of the first: what many senders wait a little longer for is
/// written once for all of them. Below 6,700 writes a second (3,300 messages) it comes to the least, above to the most,
/// which takes another tenth off a message's processor time.
const PACE: Duration = Duration::from_micros(150);
/// The least of it. Measured at 3,000 messages a second, with a flush of 0.2 ms: it halves what is written and takes a
/// sixth off a message's processor time.
const PACE_MIN: Duration = Duration::from_millis(2);
/// The most of it: little beside what a message waits then.
const PACE_MAX: Duration = Duration::from_millis(6);
/// A batch of more writes than this means load: one sender alone waits for each of its commits.
const FEW: usize = 3;

/// Where the answer to a write goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// A write.
pub(super) enum Op {
    Accept(Acceptable, Reply<Accepted>),
    KeepUsage(UsageLog, Reply<()>),
    Begin(UserId, Uuid, u32, Reply<bool>),
    Finish(Endable, Reply<Finished>),
    Hold(UserId, Uuid, bool, u64, Reply<Option<bool>>),
    StartSession(StoredSession, Reply<()>),
    TouchSessions(Vec<(TokenHash, u64)>, Reply<()>),
    EndSession(TokenHash, u64, Reply<()>),
    EndSessionsOf(UserId, u64, Reply<u64>),
    Register(Account, String, u64, Reply<Registered>),
    Sweep(Sweep, Reply<Swept>),
    Change(Box<Change>, Reply<Changed>),
    Audit(Vec<AuditEntry>, Reply<()>),
    Close(oneshot::Sender<()>),
}

/// An answer that waits for the commit.
type Pending = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

pub(super) struct Writer {
    connection: Connection,
    checkpoints: Checkpoints,
    ops: mpsc::UnboundedReceiver<Op>,
    facts: mpsc::UnboundedSender<Vec<Fact>>,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        checkpoints: Checkpoints,
        ops: mpsc::UnboundedReceiver<Op>,
        facts: mpsc::UnboundedSender<Vec<Fact>>,
    ) -> Self {
        Self { connection, checkpoints, ops, facts }
    }

    /// Works until the store is closed or dropped.
    pub(super) fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        let mut closing = None;
        let mut next = Instant::now();
        Checkpoints::watch(&self.connection);
        while closing.is_none() && self.ops.blocking_recv_many(&mut batch, BATCH_MAX) > 0 {
            self.gather(&mut batch, next);
            let now = Instant::now();
            next = now + pace(batch.len());
            closing = self.commit(&mut batch);
            self.checkpoints.committed(&self.connection);
        }
        drop(self.checkpoints);
        // Leaves a file that needs no recovery; a kill instead is fine too.
        let _ = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        drop(self.connection);
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    /// Lets more writes come until it is time for the next commit.
    fn gather(&mut self, batch: &mut Vec<Op>, next: Instant) {
        let rest = next.saturating_duration_since(Instant::now());
        if rest.is_zero() || batch.len() >= BATCH_MAX {
            return;
        }
        std::thread::sleep(rest);
        while batch.len() < BATCH_MAX
            && let Ok(op) = self.ops.try_recv()
        {
            batch.push(op);
        }
    }

    /// Commits `batch` and answers each write; `Some` when the store is to be closed.
    fn commit(&mut self, batch: &mut Vec<Op>) -> Option<oneshot::Sender<()>> {
        let mut pending: Vec<Pending> = Vec::with_capacity(batch.len());
        let mut facts = Vec::with_capacity(batch.len());
        let mut closing = None;
        let begun = self.command("BEGIN IMMEDIATE");
        for op in batch.drain(..) {
            match op {
                Op::Close(done) => closing = Some(done),
                // Some errors, such as a full disk, end the whole transaction; a write after that would stand alone.
                op if begun.is_err() || self.connection.is_autocommit() => pending.push(refuse(op)),
                op => pending.push(apply(&self.connection, op, &mut facts)),
            }
        }
        let committed = begun.and_then(|()| self.command("COMMIT"));
        if let Err(error) = &committed {
            tracing::error!(%error, writes = pending.len(), "a batch was not committed");
            if !self.connection.is_autocommit()
                && let Err(error) = self.command("ROLLBACK")
            {
                tracing::error!(%error, "a batch could not be rolled back");
            }
        } else if !facts.is_empty() {
            let _ = self.facts.send(facts);
        }
        for answer in pending {
            answer(committed.clone());
        }
        closing
    }

    fn command(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

/// From one commit to the next after a batch of so many writes.
fn pace(writes: usize) -> Duration {
    if writes > FEW { (PACE * writes as u32).clamp(PACE_MIN, PACE_MAX) } else { Duration::ZERO }
}

/// Does one write in its savepoint and returns its answer, to be given once the commit is known.
fn apply(connection: &Connection, op: Op, facts: &mut Vec<Fact>) -> Pending {
    match op {
        Op::Accept(accept, reply) => {
            let done = whole(connection, |c| write::accept(c, accept));
            answer(reply, keep_fact(done, facts))
        }
        Op::KeepUsage(log, reply) => answer(reply, whole(connection, |c| write::keep_usage(c, &log))),
        Op::Begin(user, id, attempt, reply) => answer(reply, whole(connection, |c| write::begin(c, user, id, attempt))),
        Op::Finish(finish, reply) => {
            let done = whole(connection, |c| write::finish(c, &finish));
            answer(reply, keep_fact(done, facts))
        }
        Op::Hold(user, id, held, now_ms, reply) => {
            let done = whole(connection, |c| write::hold(c, user, id, held, now_ms));
            answer(reply, keep_fact(done, facts))
        }
        Op::StartSession(session, reply) => answer(reply, whole(connection, |c| write::start_session(c, &session))),
        Op::TouchSessions(seen, reply) => answer(reply, whole(connection, |c| write::touch_sessions(c, &seen))),
        Op::EndSession(hash, now_ms, reply) => {
            answer(reply, whole(connection, |c| write::end_session(c, &hash, now_ms)))
        }
        Op::EndSessionsOf(user, now_ms, reply) => {
            answer(reply, whole(connection, |c| write::end_sessions_of(c, user, now_ms)))
        }
        Op::Register(account, tier, now_ms, reply) => {
            answer(reply, whole(connection, |c| write::register(c, &account, &tier, now_ms)))
        }
        Op::Sweep(sweep, reply) => answer(reply, whole(connection, |c| write::sweep(c, sweep))),
        Op::Change(change, reply) => answer(reply, whole(connection, |c| flow_write::change(c, &change))),
        Op::Audit(entries, reply) => {
            let all = |c: &Connection| entries.iter().try_for_each(|entry| flow_write::audit(c, entry));
            answer(reply, whole(connection, all))
        }
        Op::Close(_) => Box::new(|_| ()),
    }
}

/// The answer to a write that was never tried.
fn refuse(op: Op) -> Pending {
    let none = || StoreError::Closed;
    match op {
        Op::Accept(_, reply) => answer(reply, Err(none())),
        Op::Begin(.., reply) => answer(reply, Err(none())),
        Op::Finish(_, reply) => answer(reply, Err(none())),
        Op::Register(.., reply) => answer(reply, Err(none())),
        Op::Hold(.., reply) => answer(reply, Err(none())),
        Op::Change(_, reply) => answer(reply, Err(none())),
        Op::Sweep(_, reply) => answer(reply, Err(none())),
        Op::EndSessionsOf(.., reply) => answer(reply, Err(none())),
        Op::StartSession(_, reply)
        | Op::TouchSessions(_, reply)
        | Op::EndSession(.., reply)
        | Op::Audit(_, reply)
        | Op::KeepUsage(.., reply) => answer(reply, Err(none())),
        Op::Close(_) => Box::new(|_| ()),
    }
}

fn keep_fact<T>(done: Result<(T, Option<Fact>), StoreError>, facts: &mut Vec<Fact>) -> Result<T, StoreError> {
    done.map(|(value, fact)| {
        facts.extend(fact);
        value
    })
}

fn answer<T: Send + 'static>(reply: Reply<T>, done: Result<T, StoreError>) -> Pending {
    Box::new(move |committed| {
        // Nobody may be waiting any more: the write stands all the same.
        let _ = reply.send(committed.and(done));
    })
}
