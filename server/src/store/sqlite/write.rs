//! What each kind of write does, inside the writer's transaction, each in a savepoint of its own. The statements are
//! prepared once and kept by the connection.

use std::sync::Arc;

use rusqlite::{Connection, Row, ToSql};
use serde::Serialize;
use shared::limits::{USAGE_KEPT_DAYS, USAGE_LOGS_MAX};
use shared::message::{Category, ConversationId, MessageId, Priority, Status, id_at};
use shared::protocol::EventKind;
use uuid::Uuid;

use super::flow_write;
use crate::store::flow::AuditEntry;
use crate::store::{
    Accept, Acceptance, Accepted, Account, Fact, Finish, Finished, Job, LogEvent, Next, Registered, StoreError,
    StoredSession, Sweep, Swept, TokenHash, UsageLog, UserId,
};

/// Characters of a first message that name its conversation in a list.
const TITLE_CHARS: usize = 80;

pub(super) fn run(connection: &Connection, sql: &str, values: &[&dyn ToSql]) -> Result<usize, StoreError> {
    Ok(connection.prepare_cached(sql)?.execute(values)?)
}

pub(super) fn first<T>(
    connection: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
    read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    rows.next()?.map(read).transpose()
}

/// Does a write whole or not at all, so that one that fails leaves the rest of its batch alone.
pub(super) fn whole<T>(
    connection: &Connection,
    write: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    run(connection, "SAVEPOINT one", &[])?;
    let done = write(connection);
    if done.is_err() {
        run(connection, "ROLLBACK TO one", &[])?;
    }
    run(connection, "RELEASE one", &[])?;
    done
}

fn id(row: &Row<'_>, column: usize) -> Result<Uuid, StoreError> {
    Ok(Uuid::from_bytes(row.get(column)?))
}

fn word<T: std::str::FromStr<Err = String>>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(StoreError::Unreadable)
}

pub(super) fn number(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::Unreadable(format!("{value} is not a count")))
}

/// A message with the texts that are stored for it, made on its caller's thread so that the writer does nothing but
/// write.
pub(super) struct Acceptable {
    accept: Accept,
    stored: String,
    title: String,
}

impl Acceptable {
    /// Makes the texts.
    pub(super) fn of(accept: Accept) -> Self {
        // A draft holds nothing that JSON cannot say.
        let stored = serde_json::to_string(&*accept.draft).unwrap_or_default();
        let title = title(&accept.draft.content);
        Self { accept, stored, title }
    }
}

/// The first words of a message.
fn title(content: &str) -> String {
    let mut title = String::with_capacity(TITLE_CHARS);
    let mut room = TITLE_CHARS;
    for word in content.split_whitespace() {
        if !title.is_empty() && room > 0 {
            title.push(' ');
            room -= 1;
        }
        for letter in word.chars().take(room) {
            title.push(letter);
            room -= 1;
        }
        if room == 0 {
            break;
        }
    }
    title
}

/// The facts of the event `accepted`.
#[derive(Serialize)]
struct AcceptedData<'a> {
    priority: Priority,
    sequence: i64,
    title: &'a str,
}

/// Accepts a message, or recognises it.
pub(super) fn accept(connection: &Connection, what: Acceptable) -> Result<(Accepted, Option<Fact>), StoreError> {
    let Acceptable { accept: Accept { user, id: message, conversation, draft, fingerprint, now_ms }, stored, title } =
        what;
    if let Some(known) = known(connection, user, message, &fingerprint)? {
        return Ok((known, None));
    }
    if let Some(log) = draft.usage_id
        && !has_usage(connection, user, log)?
    {
        return Ok((Accepted::NoSuchUsage, None));
    }
    let now = now_ms.cast_signed();
    let (user_id, message_id, conversation_id) = (user.as_bytes(), message.as_bytes(), conversation.as_bytes());
    let row = first(
        connection,
        "SELECT messages, last_message, category, number, head, last_event FROM conversations
         WHERE user_id = ? AND id = ?",
        &[user_id, conversation_id],
        |row| Ok((row.get::<_, i64>(0)? + 1, row.get(1)?, category(row, 2)?, Log::of(row, 3)?)),
    )?;
    let (sequence, previous, before, log): (_, Option<i64>, _, _) = if let Some(row) = row {
        row
    } else {
        run(
            connection,
            "INSERT INTO conversations (user_id, id, title, messages, head, updated_ms) VALUES (?, ?, ?, 1, 1, ?)",
            &[user_id, conversation_id, &title, &now],
        )?;
        (1, None, None, Log { talk: connection.last_insert_rowid(), head: 0, last: None })
    };
    run(
        connection,
        "INSERT INTO messages (id, user_id, conversation, sequence, previous, status, priority, accepted_ms, draft)
         VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?)",
        &[message_id, user_id, &log.talk, &sequence, &previous, &draft.priority.as_str(), &now, &stored],
    )?;
    let key = connection.last_insert_rowid();
    let data = serde_json::to_string(&AcceptedData { priority: draft.priority, sequence, title: &title })
        .map_err(|error| StoreError::Unreadable(error.to_string()))?;
    let (offset, event) = log.append(connection, message, EventKind::Accepted, &data)?;
    run(
        connection,
        "UPDATE conversations SET messages = ?, last_message = ?, head = ?, last_event = ?, updated_ms = ?
         WHERE number = ?",
        &[&sequence, &key, &offset, &event, &now, &log.talk],
    )?;
    run(
        connection,
        "INSERT INTO idempotency (id, user_id, fingerprint, conversation_id, sequence) VALUES (?, ?, ?, ?, ?)",
        &[message_id, user_id, &fingerprint, conversation_id, &sequence],
    )?;
    let (sequence, offset) = (number(sequence)?, number(offset)?);
    let event = LogEvent { conversation, offset, id: message, kind: EventKind::Accepted, data: data.into() };
    let priority = draft.priority;
    let draft = Some(draft);
    let job =
        Job { user, id: message, conversation, sequence, priority, accepted_ms: now_ms, attempt: 1, before, draft };
    let acceptance = Acceptance { conversation, sequence, status: Status::Queued, duplicate: false };
    Ok((Accepted::Yes(acceptance), Some(Fact { user, event: Arc::new(event), next: Next::Work(job) })))
}

/// The log of a conversation.
struct Log {
    /// The key of the conversation.
    talk: i64,
    /// The offset of its newest event.
    head: i64,
    /// The key of its newest event.
    last: Option<i64>,
}

impl Log {
    /// From the columns `number, head, last_event` of a conversation, the first of them at `column`.
    fn of(row: &Row<'_>, column: usize) -> Result<Self, StoreError> {
        Ok(Self { talk: row.get(column)?, head: row.get(column + 1)?, last: row.get(column + 2)? })
    }

    /// Appends an event; its offset and its key, which the conversation must be told.
    fn append(
        &self,
        connection: &Connection,
        message: MessageId,
        kind: EventKind,
        data: &str,
    ) -> Result<(i64, i64), StoreError> {
        let offset = self.head + 1;
        run(
            connection,
            "INSERT INTO events (conversation, position, previous, message_id, kind, data) VALUES (?, ?, ?, ?, ?, ?)",
            &[&self.talk, &offset, &self.last, message.as_bytes(), &kind.as_str(), &data],
        )?;
        Ok((offset, connection.last_insert_rowid()))
    }
}

/// A column that may name a category.
fn category(row: &Row<'_>, column: usize) -> Result<Option<Category>, StoreError> {
    row.get::<_, Option<String>>(column)?.as_deref().map(word).transpose()
}

/// What is known about this id of this user.
fn known(
    connection: &Connection,
    user: UserId,
    message: MessageId,
    fingerprint: &[u8; 32],
) -> Result<Option<Accepted>, StoreError> {
    first(
        connection,
        "SELECT i.fingerprint, i.conversation_id, i.sequence, coalesce(m.status, 'completed')
         FROM idempotency i LEFT JOIN messages m ON m.id = i.id AND m.user_id = i.user_id
         WHERE i.id = ? AND i.user_id = ?",
        &[message.as_bytes(), user.as_bytes()],
        |row| {
            if row.get::<_, [u8; 32]>(0)? != *fingerprint {
                return Ok(Accepted::Reused);
            }
            Ok(Accepted::Yes(Acceptance {
                conversation: id(row, 1)?,
                sequence: number(row.get(2)?)?,
                status: word(&row.get::<_, String>(3)?)?,
                duplicate: true,
            }))
        },
    )
}

fn has_usage(connection: &Connection, user: UserId, log: Uuid) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM usage_logs WHERE user_id = ? AND id = ?")?;
    Ok(statement.exists([user.as_bytes(), log.as_bytes()])?)
}

/// Keeps the figures of a log; of a user's logs only the newest stay.
pub(super) fn keep_usage(connection: &Connection, log: &UsageLog) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO usage_logs (user_id, id, created_ms, figures) VALUES (?, ?, ?, ?)",
        &[log.user.as_bytes(), log.id.as_bytes(), &log.now_ms.cast_signed(), &log.figures.bytes()],
    )?;
    run(
        connection,
        "DELETE FROM usage_logs WHERE user_id = ?1 AND id IN
             (SELECT id FROM usage_logs WHERE user_id = ?1 ORDER BY created_ms DESC, id DESC LIMIT -1 OFFSET ?2)",
        &[log.user.as_bytes(), &USAGE_LOGS_MAX],
    )?;
    Ok(())
}

/// Records that an attempt begins.
pub(super) fn begin(
    connection: &Connection,
    user: UserId,
    message: MessageId,
    attempt: u32,
) -> Result<bool, StoreError> {
    let changed = run(
        connection,
        "UPDATE messages SET attempt = ?3
         WHERE id = ?1 AND user_id = ?2 AND finished_ms IS NULL AND attempt < ?3",
        &[message.as_bytes(), user.as_bytes(), &attempt],
    )?;
    Ok(changed == 1)
}

/// The end of a message with the text that is stored of what is known after it, made like [`Acceptable`].
pub(super) struct Endable {
    finish: Arc<Finish>,
    known: Option<String>,
}

impl Endable {
    /// Makes the text.
    pub(super) fn of(finish: Arc<Finish>) -> Self {
        let known = finish.effects.as_ref().and_then(|effects| effects.extracted.as_ref());
        // Facts hold nothing that JSON cannot say.
        let known = known.map(|known| serde_json::to_string(known).unwrap_or_default());
        Self { finish, known }
    }
}

/// Ends a message, if this end comes first.
pub(super) fn finish(connection: &Connection, what: &Endable) -> Result<(Finished, Option<Fact>), StoreError> {
    let Endable { finish, known } = what;
    let Finish { user, id: message, attempt, status, category, ref event, ref outcome, ref effects, now_ms } = **finish;
    // The fence: an attempt that a higher one has overtaken finds no row here.
    let row = first(
        connection,
        "SELECT m.number, max(m.attempt, coalesce(?3, 0)), c.id, c.number, c.head, c.last_event
         FROM messages m JOIN conversations c ON c.number = m.conversation
         WHERE m.id = ?1 AND m.user_id = ?2 AND m.finished_ms IS NULL AND m.attempt <= coalesce(?3, m.attempt)",
        &[message.as_bytes(), user.as_bytes(), &attempt],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, id(row, 2)?, Log::of(row, 3)?)),
    )?;
    let Some((key, last_attempt, conversation, log)) = row else { return Ok((Finished::Lost, None)) };
    let kind = match status {
        Status::Completed => EventKind::Completed,
        Status::Cancelled => EventKind::Cancelled,
        _ => EventKind::Failed,
    };
    run(
        connection,
        "UPDATE messages SET status = ?, attempt = ?, finished_ms = ? WHERE number = ?",
        &[&kind.as_str(), &last_attempt, &now_ms.cast_signed(), &key],
    )?;
    run(
        connection,
        "INSERT INTO outcomes (message, outcome, known) VALUES (?, ?, ?)",
        &[&key, &outcome.bytes(), known],
    )?;
    let (offset, last) = log.append(connection, message, kind, event)?;
    run(
        connection,
        "UPDATE conversations SET head = ?, last_event = ?, category = coalesce(?, category) WHERE number = ?",
        &[&offset, &last, &category.map(Category::as_str), &log.talk],
    )?;
    if let Some(effects) = effects {
        flow_write::effects(connection, log.talk, key, effects)?;
    }
    let event = LogEvent { conversation, offset: number(offset)?, id: message, kind, data: event.clone() };
    let next = Next::Rest { attempt, category };
    Ok((Finished::Won, Some(Fact { user, event: Arc::new(event), next })))
}

/// Holds or frees a conversation.
pub(super) fn hold(
    connection: &Connection,
    user: UserId,
    id: ConversationId,
    held: bool,
    now_ms: u64,
) -> Result<(Option<bool>, Option<Fact>), StoreError> {
    let found = first(
        connection,
        "SELECT messages, held, number, head, last_event FROM conversations WHERE user_id = ? AND id = ?",
        &[user.as_bytes(), id.as_bytes()],
        |row| Ok((row.get(0)?, row.get(1)?, Log::of(row, 2)?)),
    )?;
    let Some((last, before, log)): Option<(i64, bool, _)> = found else { return Ok((None, None)) };
    if before == held {
        return Ok((Some(false), None));
    }
    let data: Arc<str> = if held { r#"{"ai":"stopped"}"# } else { r#"{"ai":"active"}"# }.into();
    // About no message.
    let (offset, event) = log.append(connection, Uuid::nil(), EventKind::Note, &data)?;
    run(
        connection,
        "UPDATE conversations SET held = ?, head = ?, last_event = ? WHERE number = ?",
        &[&held, &offset, &event, &log.talk],
    )?;
    let action = if held { "conversation.stopped" } else { "conversation.resumed" };
    flow_write::audit_in(connection, log.talk, &AuditEntry::of_conversation(now_ms, user, action, id))?;
    let next = if held { Next::Hold } else { Next::Free(number(last)?) };
    let event = LogEvent { conversation: id, offset: number(offset)?, id: Uuid::nil(), kind: EventKind::Note, data };
    Ok((Some(true), Some(Fact { user, event: Arc::new(event), next })))
}

/// Makes a session.
pub(super) fn start_session(connection: &Connection, session: &StoredSession) -> Result<(), StoreError> {
    let seen_ms = session.seen_ms.cast_signed();
    run(
        connection,
        "INSERT INTO users (id, tier, created_ms) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
        &[session.user.as_bytes(), &session.tier, &seen_ms],
    )?;
    run(
        connection,
        "INSERT INTO sessions (token_hash, id, user_id, tier, created_ms, seen_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        &[&session.token_hash, session.id.as_bytes(), session.user.as_bytes(), &session.tier, &seen_ms],
    )?;
    Ok(())
}

/// Makes an account.
pub(super) fn register(
    connection: &Connection,
    account: &Account,
    tier: &str,
    now_ms: u64,
) -> Result<Registered, StoreError> {
    let Account { name, user, password } = account;
    let there =
        |sql: &str, key: &dyn ToSql| -> Result<bool, StoreError> { Ok(connection.prepare_cached(sql)?.exists([key])?) };
    if there("SELECT 1 FROM accounts WHERE user_id = ?", user.as_bytes())? {
        return Ok(Registered::UserHasOne);
    }
    if there("SELECT 1 FROM accounts WHERE name = ?", name)? {
        return Ok(Registered::NameTaken);
    }
    let now_ms = now_ms.cast_signed();
    run(
        connection,
        "INSERT INTO users (id, tier, created_ms) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET tier = excluded.tier",
        &[user.as_bytes(), &tier, &now_ms],
    )?;
    run(
        connection,
        "INSERT INTO accounts (name, user_id, password, created_ms) VALUES (?, ?, ?, ?)",
        &[name, user.as_bytes(), password, &now_ms],
    )?;
    run(connection, "UPDATE sessions SET tier = ? WHERE user_id = ?", &[&tier, user.as_bytes()])?;
    Ok(Registered::Yes)
}

/// Records when sessions were last used.
pub(super) fn touch_sessions(connection: &Connection, seen: &[(TokenHash, u64)]) -> Result<(), StoreError> {
    for (hash, seen_ms) in seen {
        run(
            connection,
            "UPDATE sessions SET seen_ms = max(seen_ms, ?) WHERE token_hash = ? AND ended_ms IS NULL",
            &[&seen_ms.cast_signed(), hash],
        )?;
    }
    Ok(())
}

/// Ends a session.
pub(super) fn end_session(connection: &Connection, hash: &TokenHash, now_ms: u64) -> Result<(), StoreError> {
    run(
        connection,
        "UPDATE sessions SET ended_ms = ? WHERE token_hash = ? AND ended_ms IS NULL",
        &[&now_ms.cast_signed(), hash],
    )?;
    Ok(())
}

/// Ends all sessions of a user.
pub(super) fn end_sessions_of(connection: &Connection, user: UserId, now_ms: u64) -> Result<u64, StoreError> {
    let ended = run(
        connection,
        "UPDATE sessions SET ended_ms = ? WHERE user_id = ? AND ended_ms IS NULL",
        &[&now_ms.cast_signed(), user.as_bytes()],
    )?;
    Ok(ended as u64)
}

/// Rows that one sweep forgets at most, so that it does not hold up the writers; the next one goes on.
const FORGET_MAX: i64 = 5_000;

/// Ends idle sessions and forgets what is past its time, as much of it as holds up nobody.
pub(super) fn sweep(connection: &Connection, sweep: Sweep) -> Result<Swept, StoreError> {
    let ended = run(
        connection,
        "UPDATE sessions SET ended_ms = ? WHERE seen_ms < ? AND ended_ms IS NULL",
        &[&sweep.now_ms.cast_signed(), &sweep.idle_before_ms.cast_signed()],
    )?;
    let sessions = run(
        connection,
        "DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions WHERE ended_ms < ? LIMIT ?)",
        &[&sweep.forget_before_ms.cast_signed(), &FORGET_MAX],
    )?;
    // Ids grow with time, so what is too old is a range at the left edge of the tree.
    let ids = run(
        connection,
        "DELETE FROM idempotency WHERE (id, user_id) IN
             (SELECT id, user_id FROM idempotency WHERE id < ? ORDER BY id LIMIT ?)",
        &[id_at(sweep.ids_before_ms, [0; 10]).as_bytes(), &FORGET_MAX],
    )?;
    let kept_from = sweep.now_ms.saturating_sub(USAGE_KEPT_DAYS * 86_400_000);
    let logs = run(
        connection,
        "DELETE FROM usage_logs WHERE rowid IN (SELECT rowid FROM usage_logs WHERE created_ms < ? ORDER BY created_ms LIMIT ?)",
        &[&kept_from.cast_signed(), &FORGET_MAX],
    )?;
    let more = [sessions, ids, logs].iter().any(|forgotten| *forgotten >= FORGET_MAX as usize);
    Ok(Swept { ended: ended as u64, more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_words() {
        assert_eq!(title("  We\n\nspend   much  "), "We spend much");
        let long = title(&"é ".repeat(100));
        assert_eq!((long.chars().count(), long.split(' ').next()), (TITLE_CHARS, Some("é")));
        assert_eq!(title(&"x".repeat(200)).len(), TITLE_CHARS);
    }
}
