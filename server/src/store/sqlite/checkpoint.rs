//! The copying of the write-ahead log back into the database, beside the writer instead of between two of its commits.
//!
//! The log can begin anew only at a moment when all of it is copied, and under load the writer is always ahead by what it
//! wrote meanwhile. So this thread copies most of it, and when the log is long and the rest short, the writer copies the
//! rest itself: a pause of milliseconds once in [`LONG`] bytes, where it was tens of milliseconds four times as often.
//! Where the processor is so busy that the thread falls behind, the writer copies whatever is left of [`TOO_LONG`]:
//! a log without end would fill the disk, and each page that is read is looked for in all of it.

use std::cell::Cell;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::store::{Durability, StoreError};

/// Bytes that are worth copying.
const SOME: i64 = 8 << 20;
/// A long log, which a start after a kill reads in a tenth of a second.
const LONG: i64 = 32 << 20;
/// A rest that the writer copies itself.
const REST: i64 = 2 << 20;
/// A log that must end now.
const TOO_LONG: i64 = 128 << 20;

thread_local! {
    /// The length of the log after the last commit of this thread's connection, in pages.
    static LOG_PAGES: Cell<i64> = const { Cell::new(0) };
}

/// The writer's end.
pub(super) struct Checkpoints {
    wake: Option<SyncSender<()>>,
    /// How much of the log is copied, in pages; held while the thread copies.
    copied: Arc<Mutex<i64>>,
    /// Bytes of a page.
    page: i64,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts the thread, with a connection of its own to the database at `path`.
    pub(super) fn start(path: &Path, durability: Durability) -> Result<Self, StoreError> {
        let connection = super::writing(path, durability)?;
        let page = page(&connection)?;
        let copied = Arc::new(Mutex::new(0));
        // One wish at most waits: a second would copy the same.
        let (wake, wishes) = sync_channel(1);
        let theirs = copied.clone();
        let thread = std::thread::Builder::new().name("store-checkpoint".into());
        let thread = thread.spawn(move || copy(&connection, &wishes, &theirs));
        let thread = thread.map_err(|error| StoreError::Database(Arc::new(error)))?;
        Ok(Self { wake: Some(wake), copied, page, thread: Some(thread) })
    }

    /// Counts what `connection` writes; to be called on the thread that uses it.
    pub(super) fn watch(connection: &Connection) {
        connection.wal_hook(Some(|_, pages| {
            LOG_PAGES.set(pages.into());
            Ok(())
        }));
    }

    /// To be called after each commit of the writer.
    pub(super) fn committed(&self, writer: &Connection) {
        let pages = LOG_PAGES.get();
        let log = pages * self.page;
        let too_long = log >= TOO_LONG;
        let mut copied = match self.copied.try_lock() {
            Ok(copied) => copied,
            Err(_) if too_long => self.copied.lock().unwrap_or_else(PoisonError::into_inner),
            // The thread is at it: a later commit sees what it has done.
            Err(_) => return,
        };
        let rest = (pages - (*copied).min(pages)) * self.page;
        if too_long || (log >= LONG && rest <= REST) {
            match passive(writer) {
                // The next write begins the log anew.
                Ok((pages, done)) if done == pages => *copied = 0,
                // Somebody reads the old pages: a later commit tries again.
                Ok((_, done)) => *copied = done,
                Err(error) => tracing::error!(%error, "the write-ahead log was not copied back"),
            }
        } else if rest >= SOME || log >= LONG {
            // A full channel means that the thread is told already.
            let _ = self.wake.as_ref().map(|wake| wake.try_send(()));
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Copies whenever it is told to, until the writer is gone.
fn copy(connection: &Connection, wishes: &Receiver<()>, copied: &Mutex<i64>) {
    while wishes.recv().is_ok() {
        let mut copied = copied.lock().unwrap_or_else(PoisonError::into_inner);
        match passive(connection) {
            Ok((_, done)) => *copied = done,
            Err(error) => tracing::error!(%error, "the write-ahead log was not copied back"),
        }
    }
}

fn page(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "page_size", |row| row.get(0))?)
}

/// Copies what can be copied without making anybody wait; the length of the log and how much of it is copied.
fn passive(connection: &Connection) -> Result<(i64, i64), StoreError> {
    let mut statement = connection.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?;
    Ok(statement.query_row([], |row| Ok((row.get(1)?, row.get(2)?)))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As if the thread never got a processor.
    fn without_thread(connection: &Connection) -> Result<Checkpoints, StoreError> {
        Ok(Checkpoints { wake: None, copied: Arc::new(Mutex::new(0)), page: page(connection)?, thread: None })
    }

    #[tokio::test]
    async fn a_log_that_nobody_copies_is_ended_by_the_writer() -> Result<(), StoreError> {
        let folder = tempfile::tempdir().map_err(|error| StoreError::Database(Arc::new(error)))?;
        let path = folder.path().join("test.db");
        let _made = super::super::connect(&path, Durability::Process).await?;
        let writer = super::super::writing(&path, Durability::Process)?;
        writer.execute_batch("CREATE TABLE heap (body BLOB)")?;
        Checkpoints::watch(&writer);
        let checkpoints = without_thread(&writer)?;
        let mut longest = 0;
        for _ in 0..300 {
            writer.execute("INSERT INTO heap VALUES (zeroblob(1000000))", [])?;
            longest = longest.max(LOG_PAGES.get() * checkpoints.page);
            checkpoints.committed(&writer);
        }
        assert!((TOO_LONG..TOO_LONG + 1_100_000).contains(&longest), "{longest} bytes");
        Ok(())
    }
}
