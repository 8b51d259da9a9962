//! The one writer. Everything that is queued becomes one transaction, each write in a savepoint of its own, so that a
//! flush of the disk (about 4 ms) is paid once for many. There is no timer: while one flush is under way, the next
//! batch gathers by itself.

use std::sync::Arc;

use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::write;
use crate::store::{
    Accept, Accepted, Fact, Finish, Finished, StoreError, StoredSession, Sweep, TokenHash, UsageLog, UserId,
};

/// Most writes of one transaction: it bounds how long the first waits for the last (measured: about 0.1 ms each).
const BATCH_MAX: usize = 128;

/// Where the answer to a write goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// A write.
pub(super) enum Op {
    Accept(Accept, Reply<Accepted>),
    /// With the packed figures.
    KeepUsage(UsageLog, Vec<u8>, Reply<()>),
    Begin(UserId, Uuid, u32, Reply<bool>),
    /// With the packed outcome.
    Finish(Finish, Vec<u8>, Reply<Finished>),
    StartSession(StoredSession, Reply<()>),
    TouchSessions(Vec<(TokenHash, u64)>, Reply<()>),
    EndSession(TokenHash, u64, Reply<()>),
    EndSessionsOf(UserId, u64, Reply<u64>),
    Sweep(Sweep, Reply<u64>),
    Close(oneshot::Sender<()>),
}

/// An answer that waits for the commit.
type Pending = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

pub(super) struct Writer {
    connection: SqliteConnection,
    ops: mpsc::UnboundedReceiver<Op>,
    facts: mpsc::UnboundedSender<Vec<Fact>>,
}

impl Writer {
    pub(super) fn new(
        connection: SqliteConnection,
        ops: mpsc::UnboundedReceiver<Op>,
        facts: mpsc::UnboundedSender<Vec<Fact>>,
    ) -> Self {
        Self { connection, ops, facts }
    }

    /// Works until the store is closed or dropped.
    pub(super) async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        let mut closing = None;
        while closing.is_none() && self.ops.recv_many(&mut batch, BATCH_MAX).await > 0 {
            closing = self.commit(&mut batch).await;
        }
        // Leaves a file that needs no recovery; a kill instead is fine too.
        let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut self.connection).await;
        let _ = self.connection.close().await;
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    /// Commits `batch` and answers each write; `Some` when the store is to be closed.
    async fn commit(&mut self, batch: &mut Vec<Op>) -> Option<oneshot::Sender<()>> {
        let mut pending: Vec<Pending> = Vec::with_capacity(batch.len());
        let mut facts = Vec::with_capacity(batch.len());
        let mut closing = None;
        let committed: Result<(), StoreError> = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            for op in batch.drain(..) {
                match op {
                    Op::Close(done) => closing = Some(done),
                    op => pending.push(apply(&mut transaction, op, &mut facts).await),
                }
            }
            Ok(transaction.commit().await?)
        }
        .await;
        // A transaction that could not begin leaves the writes in the batch; they are refused like the others.
        for op in batch.drain(..) {
            match op {
                Op::Close(done) => closing = Some(done),
                op => pending.push(refuse(op)),
            }
        }
        if let Err(error) = &committed {
            tracing::error!(%error, writes = pending.len(), "a batch was not committed");
        } else if !facts.is_empty() {
            let _ = self.facts.send(facts);
        }
        for answer in pending {
            answer(committed.clone());
        }
        closing
    }
}

/// Does one write in its savepoint and returns its answer, to be given once the commit is known.
async fn apply(connection: &mut SqliteConnection, op: Op, facts: &mut Vec<Fact>) -> Pending {
    match op {
        Op::Accept(accept, reply) => {
            let done = write::accept(connection, accept).await;
            answer(reply, keep_fact(done, facts))
        }
        Op::KeepUsage(log, figures, reply) => answer(reply, write::keep_usage(connection, log, figures).await),
        Op::Begin(user, id, attempt, reply) => answer(reply, write::begin(connection, user, id, attempt).await),
        Op::Finish(finish, outcome, reply) => {
            let done = write::finish(connection, finish, outcome).await;
            answer(reply, keep_fact(done, facts))
        }
        Op::StartSession(session, reply) => answer(reply, write::start_session(connection, session).await),
        Op::TouchSessions(seen, reply) => answer(reply, write::touch_sessions(connection, seen).await),
        Op::EndSession(hash, now_ms, reply) => answer(reply, write::end_session(connection, hash, now_ms).await),
        Op::EndSessionsOf(user, now_ms, reply) => answer(reply, write::end_sessions_of(connection, user, now_ms).await),
        Op::Sweep(sweep, reply) => answer(reply, write::sweep(connection, sweep).await),
        Op::Close(_) => Box::new(|_| ()),
    }
}

/// The answer to a write that was never tried.
fn refuse(op: Op) -> Pending {
    let none = || StoreError::Closed;
    match op {
        Op::Accept(_, reply) => answer(reply, Err(none())),
        Op::Begin(.., reply) => answer(reply, Err(none())),
        Op::Finish(.., reply) => answer(reply, Err(none())),
        Op::Sweep(_, reply) | Op::EndSessionsOf(.., reply) => answer(reply, Err(none())),
        Op::StartSession(_, reply)
        | Op::TouchSessions(_, reply)
        | Op::EndSession(.., reply)
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

/// Takes back what a failed write did, so that the rest of the batch can go on.
pub(super) async fn roll_back(connection: &mut SqliteConnection, error: sqlx::Error) -> StoreError {
    if let Err(second) = sqlx::query("ROLLBACK TO one; RELEASE one").execute(connection).await {
        tracing::error!(error = %second, "a savepoint could not be rolled back");
    }
    StoreError::Database(Arc::new(error))
}
