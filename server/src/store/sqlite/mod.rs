//! The store on `SQLite`: one writer with group commit, a pool of readers, write-ahead log.
//!
//! `writer` owns the only writing connection; `write` holds what each kind of write does inside the transaction;
//! `checkpoint` copies the log back beside it; `read` holds the queries; `flow_write` and `flow_read` hold those about businesses and their flows.

mod checkpoint;
mod flow_read;
mod flow_write;
mod read;
mod write;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use self::checkpoint::Checkpoints;
use self::write::{Acceptable, Endable};
use self::writer::{Op, Writer};
use super::flow::{
    AuditEntry, AuditFilter, AuditLine, Change, Changed, ConversationState, FlowStore, ModelCall, StoredMember,
    StoredVersion,
};
use super::{
    Accept, Accepted, Account, Durability, Events, Fact, Finish, Finished, Job, Later, Packed, Registered, Store,
    StoreError, StoredConversation, StoredMessage, StoredSession, StoredSummary, Sweep, Swept, TokenHash, Unfinished,
    UsageLog, UserId,
};
use crate::flow::Parts;
use crate::observe::Pool;
use shared::flow::{Business, BusinessId, TemplateId};
use shared::message::{ConversationId, MessageId};
use uuid::Uuid;

/// The migrations, up and down, embedded in the binary.
pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// The first `SQLite` release without the WAL-reset bug, which lost commits (3.7.0 to 3.51.2).
const SQLITE_MIN: (u32, u32, u32) = (3, 51, 3);
/// Readers beside the writer: reads are short, and this machine class has few cores.
const READERS: u32 = 4;

/// The writer's cache, in KiB with a minus sign: the edges and upper levels of all trees. `SQLite` looks through all of it
/// at every commit that balanced a tree, so that 32 MB cost more than the reads from the system's cache that they save.
const CACHE: &str = "-4096";
/// For how long a write waits for another process's, such as a migration.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Database(Arc::new(error))
    }
}

/// The store on `SQLite`.
pub struct SqliteStore {
    epoch: String,
    durability: Durability,
    queue: mpsc::UnboundedSender<Op>,
    readers: SqlitePool,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl SqliteStore {
    /// Opens the file at `path`, makes it if it isn't there, and migrates it up. What is committed goes into `facts`.
    pub async fn open(
        path: &Path,
        durability: Durability,
        facts: mpsc::UnboundedSender<Vec<Fact>>,
    ) -> Result<Self, StoreError> {
        let mut connection = connect(path, durability).await?;
        check_version(&mut connection).await?;
        MIGRATIONS.run(&mut connection).await?;
        let epoch = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'epoch'").fetch_one(&mut connection).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .connect_with(options(path, durability).read_only(true))
            .await?;
        sqlx::Connection::close(connection).await?;
        let (queue, ops) = mpsc::unbounded_channel();
        let checkpoints = Checkpoints::start(path, durability)?;
        let writer = Writer::new(writing(path, durability)?, checkpoints, ops, facts);
        let writer = std::thread::Builder::new().name("store-writer".into()).spawn(move || writer.run());
        let writer = writer.map_err(|error| StoreError::Database(Arc::new(error)))?;
        Ok(Self { epoch, durability, queue, readers, writer: Mutex::new(Some(writer)) })
    }

    /// Puts a write into the queue now and answers when it is committed. The queue itself has no bound: what can enter
    /// it is bounded by the inbox's admission and the number of running attempts.
    fn submit<T: Send + 'static>(
        &self,
        op: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Op,
    ) -> Later<'static, T> {
        let (reply, answer) = oneshot::channel();
        let sent = self.queue.send(op(reply));
        Box::pin(async move {
            sent.map_err(|_| StoreError::Closed)?;
            answer.await.map_err(|_| StoreError::Closed)?
        })
    }
}

fn options(path: &Path, durability: Durability) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match durability {
            Durability::Full => SqliteSynchronous::Full,
            Durability::Process => SqliteSynchronous::Normal,
        })
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .statement_cache_capacity(64)
        // Rows on their way from SQLite's thread: a long read wakes its reader less often than with the usual 50.
        .row_buffer_size(1_000)
        .disable_statement_logging()
}

/// The connection that writes. It is not one of sqlx's: those do every command on a thread of their own and wait for it
/// between two, which took longer than the writing.
fn writing(path: &Path, durability: Durability) -> Result<Connection, StoreError> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(64);
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Process => "NORMAL",
    };
    for (name, value) in [
        ("synchronous", synchronous),
        ("foreign_keys", "ON"),
        ("wal_autocheckpoint", "0"),
        ("journal_size_limit", "67108864"),
        ("temp_store", "MEMORY"),
        ("cache_size", CACHE),
    ] {
        connection.pragma_update(None, name, value)?;
    }
    Ok(connection)
}

async fn connect(path: &Path, durability: Durability) -> Result<SqliteConnection, StoreError> {
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        tokio::fs::create_dir_all(folder).await.map_err(|error| StoreError::Database(Arc::new(error)))?;
    }
    Ok(options(path, durability).connect().await?)
}

async fn check_version(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let text: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(connection).await?;
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < SQLITE_MIN {
        let (a, b, c) = SQLITE_MIN;
        return Err(StoreError::Unreadable(format!(
            "SQLite {text} can lose commits (WAL-reset bug); {a}.{b}.{c} or newer is needed"
        )));
    }
    Ok(())
}

/// The state of the migrations, for the command line.
pub mod migrations {
    use super::{Durability, MIGRATIONS, Path, PathBuf, StoreError, connect};
    use sqlx::Connection;
    use sqlx::migrate::Migrate;

    /// One migration.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Step {
        /// Its number.
        pub version: i64,
        /// Its name.
        pub name: String,
        /// Whether it is applied.
        pub applied: bool,
    }

    /// The migrations known to this binary and whether the file at `path` has them.
    pub async fn status(path: &Path) -> Result<Vec<Step>, StoreError> {
        let mut connection = connect(path, Durability::Full).await?;
        connection.ensure_migrations_table(&MIGRATIONS.table_name).await?;
        let applied = connection.list_applied_migrations(&MIGRATIONS.table_name).await?;
        connection.close().await?;
        Ok(MIGRATIONS
            .iter()
            .filter(|m| !m.migration_type.is_down_migration())
            .map(|m| Step {
                version: m.version,
                name: m.description.to_string(),
                applied: applied.iter().any(|a| a.version == m.version),
            })
            .collect())
    }

    /// Applies what is missing.
    pub async fn up(path: &Path) -> Result<(), StoreError> {
        let mut connection = connect(path, Durability::Full).await?;
        MIGRATIONS.run(&mut connection).await?;
        Ok(connection.close().await?)
    }

    /// Takes back the newest applied migration, with its data. Answers its number, `None` if there is none.
    pub async fn down(path: &Path) -> Result<Option<i64>, StoreError> {
        let steps = status(path).await?;
        let applied: Vec<_> = steps.iter().filter(|s| s.applied).map(|s| s.version).collect();
        let Some(&newest) = applied.last() else { return Ok(None) };
        let target = applied.iter().rev().nth(1).copied().unwrap_or(0);
        let mut connection = connect(path, Durability::Full).await?;
        MIGRATIONS.undo(&mut connection, target).await?;
        connection.close().await?;
        Ok(Some(newest))
    }

    /// The file of a `sqlite://` address, or what is wrong with the address.
    pub fn file_of(database_url: &str) -> Result<PathBuf, String> {
        match database_url.strip_prefix("sqlite://") {
            Some("" | ":memory:") => Err("names no file; messages must survive a restart".into()),
            Some(path) if path.contains('?') => Err("takes no options after '?'".into()),
            Some(path) => Ok(path.into()),
            None if database_url.starts_with("postgres") => {
                Err("PostgreSQL is not built into this version; use sqlite://data/exemplar.db".into())
            }
            None => Err("must begin with sqlite://, for example sqlite://data/exemplar.db".into()),
        }
    }
}

impl FlowStore for SqliteStore {
    fn change(&self, change: Change) -> Later<'static, Changed> {
        self.submit(|reply| Op::Change(Box::new(change), reply))
    }

    fn audit(&self, entries: Vec<AuditEntry>) -> Later<'static, ()> {
        self.submit(|reply| Op::Audit(entries, reply))
    }

    fn businesses(&self, user: UserId) -> Later<'_, Vec<Business>> {
        Box::pin(flow_read::businesses(&self.readers, user))
    }

    fn flow(&self, user: UserId, business: BusinessId) -> Later<'_, Option<Parts>> {
        Box::pin(flow_read::flow(&self.readers, user, business))
    }

    fn members(&self, user: UserId, business: BusinessId) -> Later<'_, Vec<StoredMember>> {
        Box::pin(flow_read::members(&self.readers, user, business))
    }

    fn followed(&self, user: UserId) -> Later<'_, Option<BusinessId>> {
        Box::pin(flow_read::followed(&self.readers, user))
    }

    fn versions(&self, user: UserId, business: BusinessId, template: TemplateId) -> Later<'_, Vec<StoredVersion>> {
        Box::pin(flow_read::versions(&self.readers, user, business, template))
    }

    fn tier(&self, user: UserId) -> Later<'_, Option<String>> {
        Box::pin(flow_read::tier(&self.readers, user))
    }

    fn state(&self, user: UserId, conversation: ConversationId) -> Later<'_, Option<ConversationState>> {
        Box::pin(flow_read::state(&self.readers, user, conversation))
    }

    fn model_calls(&self, user: UserId, message: MessageId) -> Later<'_, Vec<ModelCall>> {
        Box::pin(flow_read::model_calls(&self.readers, user, message))
    }

    fn audited(&self, filter: AuditFilter) -> Later<'_, Vec<AuditLine>> {
        Box::pin(flow_read::audited(&self.readers, filter))
    }
}

impl Store for SqliteStore {
    fn epoch(&self) -> &str {
        &self.epoch
    }

    fn durability(&self) -> Durability {
        self.durability
    }

    fn accept(&self, accept: Accept) -> Later<'static, Accepted> {
        let accept = Acceptable::of(accept);
        self.submit(|reply| Op::Accept(accept, reply))
    }

    fn keep_usage(&self, log: UsageLog) -> Later<'static, ()> {
        self.submit(|reply| Op::KeepUsage(log, reply))
    }

    fn begin(&self, user: UserId, id: MessageId, attempt: u32) -> Later<'static, bool> {
        self.submit(|reply| Op::Begin(user, id, attempt, reply))
    }

    fn finish(&self, finish: Arc<Finish>) -> Later<'static, Finished> {
        let end = Endable::of(finish);
        self.submit(|reply| Op::Finish(end, reply))
    }

    fn hold(&self, user: UserId, id: ConversationId, held: bool, now_ms: u64) -> Later<'static, Option<bool>> {
        self.submit(|reply| Op::Hold(user, id, held, now_ms, reply))
    }

    fn start_session(&self, session: StoredSession) -> Later<'static, ()> {
        self.submit(|reply| Op::StartSession(session, reply))
    }

    fn touch_sessions(&self, seen: Vec<(TokenHash, u64)>) -> Later<'static, ()> {
        self.submit(|reply| Op::TouchSessions(seen, reply))
    }

    fn end_session(&self, token_hash: TokenHash, now_ms: u64) -> Later<'static, ()> {
        self.submit(|reply| Op::EndSession(token_hash, now_ms, reply))
    }

    fn end_sessions_of(&self, user: UserId, now_ms: u64) -> Later<'static, u64> {
        self.submit(|reply| Op::EndSessionsOf(user, now_ms, reply))
    }

    fn register(&self, account: Account, tier: String, now_ms: u64) -> Later<'static, Registered> {
        self.submit(|reply| Op::Register(account, tier, now_ms, reply))
    }

    fn sweep(&self, sweep: Sweep) -> Later<'static, Swept> {
        self.submit(|reply| Op::Sweep(sweep, reply))
    }

    fn session(&self, token_hash: TokenHash) -> Later<'_, Option<StoredSession>> {
        Box::pin(read::session(&self.readers, token_hash))
    }

    fn account(&self, name: String) -> Later<'_, Option<Account>> {
        Box::pin(read::account(&self.readers, name))
    }

    fn sessions(&self) -> Later<'_, u64> {
        Box::pin(read::sessions(&self.readers))
    }

    fn message(&self, user: UserId, id: MessageId) -> Later<'_, Option<StoredMessage>> {
        Box::pin(read::message(&self.readers, user, id))
    }

    fn usage(&self, user: UserId, id: Uuid) -> Later<'_, Option<Packed>> {
        Box::pin(read::usage(&self.readers, user, id))
    }

    fn conversation(
        &self,
        user: UserId,
        id: ConversationId,
        limit: u32,
        outcomes: bool,
    ) -> Later<'_, Option<StoredConversation>> {
        Box::pin(read::conversation(&self.readers, user, id, limit, outcomes))
    }

    fn conversations(&self, user: UserId, limit: u32) -> Later<'_, Vec<StoredSummary>> {
        Box::pin(read::conversations(&self.readers, user, limit))
    }

    fn events_after(&self, user: UserId, id: ConversationId, offset: u64, limit: u32) -> Later<'_, Option<Events>> {
        Box::pin(read::events_after(&self.readers, user, id, offset, limit))
    }

    fn unfinished(&self, of: Unfinished) -> Later<'_, Vec<Job>> {
        Box::pin(read::unfinished(&self.readers, of))
    }

    fn held(&self) -> Later<'_, Vec<(UserId, ConversationId, u64)>> {
        Box::pin(read::held(&self.readers))
    }

    fn pool(&self) -> Pool {
        let idle = self.readers.num_idle();
        let in_use = (self.readers.size() as usize).saturating_sub(idle);
        Pool { idle, in_use, limit: READERS as usize }
    }

    fn ping(&self) -> Later<'_, ()> {
        Box::pin(async {
            sqlx::query("SELECT 1 FROM meta").fetch_one(&self.readers).await?;
            Ok(())
        })
    }

    fn close(&self) -> Later<'_, ()> {
        Box::pin(async {
            let (reply, done) = oneshot::channel();
            if self.queue.send(Op::Close(reply)).is_ok() {
                let _ = done.await;
            }
            // It has answered with its last breath, so this does not wait.
            let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
            let _ = writer.map(JoinHandle::join);
            self.readers.close().await;
            Ok(())
        })
    }
}
