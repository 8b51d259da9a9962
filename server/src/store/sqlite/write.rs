//! What each kind of write does, inside the writer's transaction. Each is one savepoint named `one`, sent as one
//! command: a command costs a switch between threads, a statement inside it almost nothing. Parameters shared by the
//! statements of a command are written `$1`, because sqlx counts those of `?1` wrongly where a statement skips one.

use std::sync::Arc;

use serde_json::json;
use shared::message::{MessageId, Status};
use shared::protocol::EventKind;
use sqlx::{Row, SqliteConnection};

use super::read::{id, number, word};
use super::writer::roll_back;
use crate::store::{
    Accept, Acceptance, Accepted, Fact, Finish, Finished, Job, LogEvent, StoreError, StoredSession, Sweep, TokenHash,
    UsageLog, UserId,
};
use shared::limits::{USAGE_KEPT_DAYS, USAGE_LOGS_MAX};
use shared::message::id_at;
use uuid::Uuid;

/// Characters of a first message that name its conversation in a list.
const TITLE_CHARS: usize = 80;

const ACCEPT: &str = "
SAVEPOINT one;
INSERT INTO conversations (user_id, id, title, messages, head, updated_ms) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (user_id, id) DO UPDATE SET messages = $4, head = $5, updated_ms = $6;
INSERT INTO messages (id, user_id, conversation, sequence, status, priority, accepted_ms, draft)
    SELECT $7, $1, number, $4, 'queued', $8, $6, $9 FROM conversations WHERE user_id = $1 AND id = $2;
INSERT INTO events (conversation, position, message_id, kind, data)
    SELECT number, $5, $7, 'accepted', $10 FROM conversations WHERE user_id = $1 AND id = $2;
INSERT INTO idempotency (id, user_id, fingerprint, conversation_id, sequence) VALUES ($7, $1, $11, $2, $4);
RELEASE one";

/// Accepts a message, or recognises it.
pub(super) async fn accept(
    connection: &mut SqliteConnection,
    accept: Accept,
) -> Result<(Accepted, Option<Fact>), StoreError> {
    let Before { known, messages, head } = before(connection, &accept).await?;
    if let Some(known) = known {
        return Ok((known, None));
    }
    let Accept { user, id: message, conversation, draft, fingerprint, now_ms } = accept;
    if let Some(log) = draft.usage_id
        && !has_usage(connection, user, log).await?
    {
        return Ok((Accepted::NoSuchUsage, None));
    }
    let (sequence, offset) = (messages + 1, head + 1);
    let stored = serde_json::to_string(&*draft).map_err(|error| StoreError::Unreadable(error.to_string()))?;
    let title: String = draft.content.split_whitespace().collect::<Vec<_>>().join(" ");
    let title: String = title.chars().take(TITLE_CHARS).collect();
    let data = json!({"sequence": sequence, "title": title, "priority": draft.priority}).to_string();
    let done = sqlx::query(ACCEPT)
        .bind(user.as_bytes().as_slice())
        .bind(conversation.as_bytes().as_slice())
        .bind(title)
        .bind(sequence)
        .bind(offset)
        .bind(now_ms.cast_signed())
        .bind(message.as_bytes().as_slice())
        .bind(draft.priority.as_str())
        .bind(stored)
        .bind(&data)
        .bind(fingerprint.as_slice())
        .execute(&mut *connection)
        .await;
    if let Err(error) = done {
        return Err(roll_back(connection, error).await);
    }
    let sequence = number(sequence)?;
    let event =
        LogEvent { conversation, offset: number(offset)?, id: message, kind: EventKind::Accepted, data: data.into() };
    let priority = draft.priority;
    let job = Job {
        user,
        id: message,
        conversation,
        sequence,
        priority,
        accepted_ms: now_ms,
        attempt: 1,
        draft: Some(draft),
    };
    let acceptance = Acceptance { conversation, sequence, status: Status::Queued, duplicate: false };
    Ok((Accepted::Yes(acceptance), Some(Fact { user, event: Arc::new(event), job: Some(job) })))
}

/// What stands before a message is accepted.
struct Before {
    /// What is known about this id of this user.
    known: Option<Accepted>,
    /// The last sequence of the conversation.
    messages: i64,
    /// Its last offset.
    head: i64,
}

async fn before(connection: &mut SqliteConnection, accept: &Accept) -> Result<Before, StoreError> {
    let row = sqlx::query(
        "SELECT i.fingerprint, i.conversation_id, i.sequence, coalesce(m.status, 'completed'),
                coalesce(c.messages, 0), coalesce(c.head, 0)
         FROM (SELECT 1) LEFT JOIN idempotency i ON i.id = ?1 AND i.user_id = ?2
         LEFT JOIN messages m ON m.id = i.id AND m.user_id = i.user_id
         LEFT JOIN conversations c ON c.user_id = ?2 AND c.id = ?3",
    )
    .bind(accept.id.as_bytes().as_slice())
    .bind(accept.user.as_bytes().as_slice())
    .bind(accept.conversation.as_bytes().as_slice())
    .fetch_one(connection)
    .await?;
    let known = match row.try_get::<Option<&[u8]>, _>(0)? {
        None => None,
        Some(fingerprint) if fingerprint != accept.fingerprint => Some(Accepted::Reused),
        Some(_) => Some(Accepted::Yes(Acceptance {
            conversation: id(&row, 1)?,
            sequence: number(row.try_get(2)?)?,
            status: word(&row, 3)?,
            duplicate: true,
        })),
    };
    Ok(Before { known, messages: row.try_get(4)?, head: row.try_get(5)? })
}

async fn has_usage(connection: &mut SqliteConnection, user: UserId, log: Uuid) -> Result<bool, StoreError> {
    let found = sqlx::query("SELECT 1 FROM usage_logs WHERE user_id = ? AND id = ?")
        .bind(user.as_bytes().as_slice())
        .bind(log.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

const KEEP_USAGE: &str = "
SAVEPOINT one;
INSERT INTO usage_logs (user_id, id, created_ms, figures) VALUES ($1, $2, $3, $4);
DELETE FROM usage_logs WHERE user_id = $1 AND id IN
    (SELECT id FROM usage_logs WHERE user_id = $1 ORDER BY created_ms DESC, id DESC LIMIT -1 OFFSET $5);
RELEASE one";

/// Keeps the figures of a log; of a user's logs only the newest stay.
pub(super) async fn keep_usage(
    connection: &mut SqliteConnection,
    log: UsageLog,
    figures: Vec<u8>,
) -> Result<(), StoreError> {
    let done = sqlx::query(KEEP_USAGE)
        .bind(log.user.as_bytes().as_slice())
        .bind(log.id.as_bytes().as_slice())
        .bind(log.now_ms.cast_signed())
        .bind(figures)
        .bind(USAGE_LOGS_MAX)
        .execute(&mut *connection)
        .await;
    match done {
        Ok(_) => Ok(()),
        Err(error) => Err(roll_back(connection, error).await),
    }
}

/// Records that an attempt begins.
pub(super) async fn begin(
    connection: &mut SqliteConnection,
    user: UserId,
    message: MessageId,
    attempt: u32,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE messages SET attempt = ?3
         WHERE id = ?1 AND user_id = ?2 AND finished_ms IS NULL AND attempt < ?3",
    )
    .bind(message.as_bytes().as_slice())
    .bind(user.as_bytes().as_slice())
    .bind(attempt)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

const FINISH: &str = "
SAVEPOINT one;
UPDATE messages SET status = $3, attempt = $4, finished_ms = $5, outcome = $6 WHERE id = $1 AND user_id = $2;
UPDATE conversations SET head = $7 WHERE number = $8;
INSERT INTO events (conversation, position, message_id, kind, data) VALUES ($8, $7, $1, $3, $9);
RELEASE one";

/// Ends a message, if this end comes first.
pub(super) async fn finish(
    connection: &mut SqliteConnection,
    finish: Finish,
    outcome: Vec<u8>,
) -> Result<(Finished, Option<Fact>), StoreError> {
    let Finish { user, id: message, attempt, status, event, outcome: _, now_ms } = finish;
    // The fence: an attempt that a higher one has overtaken finds no row here.
    let row = sqlx::query(
        "SELECT c.number, c.id, c.head, max(m.attempt, coalesce(?3, 0))
         FROM messages m JOIN conversations c ON c.number = m.conversation
         WHERE m.id = ?1 AND m.user_id = ?2 AND m.finished_ms IS NULL AND m.attempt <= coalesce(?3, m.attempt)",
    )
    .bind(message.as_bytes().as_slice())
    .bind(user.as_bytes().as_slice())
    .bind(attempt)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok((Finished::Lost, None)) };
    let conversation: i64 = row.try_get(0)?;
    let offset = row.try_get::<i64, _>(2)? + 1;
    let kind = match status {
        Status::Completed => EventKind::Completed,
        Status::Cancelled => EventKind::Cancelled,
        _ => EventKind::Failed,
    };
    let done = sqlx::query(FINISH)
        .bind(message.as_bytes().as_slice())
        .bind(user.as_bytes().as_slice())
        .bind(kind.as_str())
        .bind(row.try_get::<i64, _>(3)?)
        .bind(now_ms.cast_signed())
        .bind(outcome)
        .bind(offset)
        .bind(conversation)
        .bind(&event)
        .execute(&mut *connection)
        .await;
    if let Err(error) = done {
        return Err(roll_back(connection, error).await);
    }
    let event = LogEvent { conversation: id(&row, 1)?, offset: number(offset)?, id: message, kind, data: event.into() };
    Ok((Finished::Won, Some(Fact { user, event: Arc::new(event), job: None })))
}

const START_SESSION: &str = "
SAVEPOINT one;
INSERT INTO users (id, tier, created_ms) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING;
INSERT INTO sessions (token_hash, id, user_id, tier, created_ms, seen_ms) VALUES ($4, $5, $1, $2, $3, $3);
RELEASE one";

/// Makes a session.
pub(super) async fn start_session(connection: &mut SqliteConnection, session: StoredSession) -> Result<(), StoreError> {
    let done = sqlx::query(START_SESSION)
        .bind(session.user.as_bytes().as_slice())
        .bind(session.tier)
        .bind(session.seen_ms.cast_signed())
        .bind(session.token_hash.as_slice())
        .bind(session.id.as_bytes().as_slice())
        .execute(&mut *connection)
        .await;
    match done {
        Ok(_) => Ok(()),
        Err(error) => Err(roll_back(connection, error).await),
    }
}

/// Records when sessions were last used. A lost one costs its user a little idle time, so no savepoint.
pub(super) async fn touch_sessions(
    connection: &mut SqliteConnection,
    seen: Vec<(TokenHash, u64)>,
) -> Result<(), StoreError> {
    for (hash, seen_ms) in seen {
        sqlx::query("UPDATE sessions SET seen_ms = max(seen_ms, ?) WHERE token_hash = ? AND ended_ms IS NULL")
            .bind(seen_ms.cast_signed())
            .bind(hash.as_slice())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Ends a session.
pub(super) async fn end_session(
    connection: &mut SqliteConnection,
    hash: TokenHash,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE sessions SET ended_ms = ? WHERE token_hash = ? AND ended_ms IS NULL")
        .bind(now_ms.cast_signed())
        .bind(hash.as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends all sessions of a user.
pub(super) async fn end_sessions_of(
    connection: &mut SqliteConnection,
    user: UserId,
    now_ms: u64,
) -> Result<u64, StoreError> {
    let ended = sqlx::query("UPDATE sessions SET ended_ms = ? WHERE user_id = ? AND ended_ms IS NULL")
        .bind(now_ms.cast_signed())
        .bind(user.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(ended.rows_affected())
}

/// Rows that one sweep forgets at most, so that it does not hold up the writers; the next one goes on.
const FORGET_MAX: i64 = 5_000;

/// Ends idle sessions and forgets what is past its time.
pub(super) async fn sweep(connection: &mut SqliteConnection, sweep: Sweep) -> Result<u64, StoreError> {
    let ended = sqlx::query("UPDATE sessions SET ended_ms = ? WHERE seen_ms < ? AND ended_ms IS NULL")
        .bind(sweep.now_ms.cast_signed())
        .bind(sweep.idle_before_ms.cast_signed())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions WHERE ended_ms < ? LIMIT ?)",
    )
    .bind(sweep.forget_before_ms.cast_signed())
    .bind(FORGET_MAX)
    .execute(&mut *connection)
    .await?;
    // Ids grow with time, so what is too old is a range at the left edge of the tree.
    sqlx::query(
        "DELETE FROM idempotency WHERE (id, user_id) IN
             (SELECT id, user_id FROM idempotency WHERE id < ? ORDER BY id LIMIT ?)",
    )
    .bind(id_at(sweep.ids_before_ms, [0; 10]).as_bytes().as_slice())
    .bind(FORGET_MAX)
    .execute(&mut *connection)
    .await?;
    let kept_from = sweep.now_ms.saturating_sub(USAGE_KEPT_DAYS * 86_400_000);
    sqlx::query(
        "DELETE FROM usage_logs WHERE rowid IN (SELECT rowid FROM usage_logs WHERE created_ms < ? ORDER BY created_ms LIMIT ?)",
    )
    .bind(kept_from.cast_signed())
    .bind(FORGET_MAX)
    .execute(&mut *connection)
    .await?;
    Ok(ended.rows_affected())
}
