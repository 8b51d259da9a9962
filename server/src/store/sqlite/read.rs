//! The queries. Each names the user it is for; each is one statement, and so one moment of the log.

use std::str::FromStr;

use shared::message::{ConversationId, MessageId};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Connection, Row};
use uuid::Uuid;

use crate::store::{
    Account, Events, Job, LogEvent, Packed, StoreError, StoredConversation, StoredMessage, StoredSession,
    StoredSummary, TokenHash, Unfinished, UserId,
};

/// A column that holds an id.
pub(super) fn id(row: &SqliteRow, column: usize) -> Result<Uuid, StoreError> {
    Uuid::from_slice(row.try_get(column)?).map_err(|error| StoreError::Unreadable(error.to_string()))
}

/// A column that holds a fixed word.
pub(super) fn word<T: FromStr<Err = String>>(row: &SqliteRow, column: usize) -> Result<T, StoreError> {
    row.try_get::<&str, _>(column)?.parse().map_err(StoreError::Unreadable)
}

/// A count, which is never negative.
pub(super) fn number(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::Unreadable(format!("{value} is not a count")))
}

fn stored_message(row: &SqliteRow) -> Result<StoredMessage, StoreError> {
    Ok(StoredMessage {
        id: id(row, 0)?,
        conversation: id(row, 1)?,
        sequence: number(row.try_get(2)?)?,
        status: word(row, 3)?,
        attempt: row.try_get(4)?,
        priority: word(row, 5)?,
        accepted_ms: number(row.try_get(6)?)?,
        draft: row.try_get(7)?,
        outcome: row.try_get::<Option<&[u8]>, _>(8)?.map(Packed::stored),
    })
}

pub(super) async fn usage(readers: &SqlitePool, user: UserId, log: Uuid) -> Result<Option<Packed>, StoreError> {
    sqlx::query("SELECT figures FROM usage_logs WHERE user_id = ? AND id = ?")
        .bind(user.as_bytes().as_slice())
        .bind(log.as_bytes().as_slice())
        .fetch_optional(readers)
        .await?
        .map(|row| Ok(Packed::stored(row.try_get(0)?)))
        .transpose()
}

pub(super) async fn message(
    readers: &SqlitePool,
    user: UserId,
    message: MessageId,
) -> Result<Option<StoredMessage>, StoreError> {
    sqlx::query(
        "SELECT m.id, c.id, m.sequence, m.status, m.attempt, m.priority, m.accepted_ms, m.draft, o.outcome
         FROM messages m JOIN conversations c ON c.number = m.conversation LEFT JOIN outcomes o ON o.message = m.number
         WHERE m.id = ? AND m.user_id = ?",
    )
    .bind(message.as_bytes().as_slice())
    .bind(user.as_bytes().as_slice())
    .fetch_optional(readers)
    .await?
    .as_ref()
    .map(stored_message)
    .transpose()
}

pub(super) async fn conversation(
    readers: &SqlitePool,
    user: UserId,
    conversation: ConversationId,
    limit: u32,
    outcomes: bool,
) -> Result<Option<StoredConversation>, StoreError> {
    // Two statements in one transaction, so that the messages are those as of `head`.
    let mut connection = readers.acquire().await?;
    let mut transaction = connection.begin().await?;
    let found: Option<(Option<i64>, i64, bool)> =
        sqlx::query_as("SELECT last_message, head, held FROM conversations WHERE user_id = ? AND id = ?")
            .bind(user.as_bytes().as_slice())
            .bind(conversation.as_bytes().as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
    let Some((last, head, stopped)) = found else { return Ok(None) };
    let rows = sqlx::query(
        "WITH RECURSIVE chain (number, previous, place) AS (
             SELECT number, previous, 1 FROM messages WHERE number = ?3
             UNION ALL
             SELECT m.number, m.previous, place + 1 FROM chain JOIN messages m ON m.number = chain.previous
             WHERE place < ?4)
         SELECT m.id, ?1, m.sequence, m.status, m.attempt, m.priority, m.accepted_ms, m.draft,
                CASE WHEN ?2 THEN (SELECT outcome FROM outcomes WHERE message = m.number) END
         FROM chain JOIN messages m USING (number) ORDER BY m.sequence",
    )
    .bind(conversation.as_bytes().as_slice())
    .bind(outcomes)
    .bind(last)
    .bind(limit)
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    let messages = rows.iter().map(stored_message).collect::<Result<_, _>>()?;
    Ok(Some(StoredConversation { head: number(head)?, messages, held: stopped }))
}

pub(super) async fn conversations(
    readers: &SqlitePool,
    user: UserId,
    limit: u32,
) -> Result<Vec<StoredSummary>, StoreError> {
    let rows = sqlx::query(
        "SELECT c.id, c.title, c.messages, m.status, c.updated_ms
         FROM conversations c JOIN messages m ON m.number = c.last_message
         WHERE c.user_id = ? ORDER BY c.updated_ms DESC, c.number DESC LIMIT ?",
    )
    .bind(user.as_bytes().as_slice())
    .bind(limit)
    .fetch_all(readers)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(StoredSummary {
                id: id(row, 0)?,
                title: row.try_get(1)?,
                messages: number(row.try_get(2)?)?,
                status: word(row, 3)?,
                updated_ms: number(row.try_get(4)?)?,
            })
        })
        .collect()
}

pub(super) async fn events_after(
    readers: &SqlitePool,
    user: UserId,
    conversation: ConversationId,
    offset: u64,
    limit: u32,
) -> Result<Option<Events>, StoreError> {
    // Back along the chain, from the first indexed event behind what is asked for, or from the newest.
    let rows = sqlx::query(
        "WITH RECURSIVE talk AS (SELECT number, head, last_event FROM conversations WHERE user_id = ?1 AND id = ?2),
         chain (number, previous) AS (
             SELECT number, previous FROM events WHERE number = (
                 SELECT coalesce((SELECT a.number FROM events a
                                  WHERE a.conversation = talk.number AND a.position % 64 = 1 AND a.position >= ?4
                                  ORDER BY a.position LIMIT 1), talk.last_event) FROM talk)
             UNION ALL
             SELECT e.number, e.previous FROM chain JOIN events e ON e.number = chain.previous
             WHERE e.position > ?3)
         SELECT talk.head, e.position, e.message_id, e.kind, e.data
         FROM talk LEFT JOIN (chain JOIN events e USING (number)) ON e.position > ?3 AND e.position <= ?4
         ORDER BY e.position",
    )
    .bind(user.as_bytes().as_slice())
    .bind(conversation.as_bytes().as_slice())
    .bind(i64::try_from(offset).unwrap_or(i64::MAX))
    .bind(i64::try_from(offset.saturating_add(limit.into())).unwrap_or(i64::MAX))
    .fetch_all(readers)
    .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let head = number(first.try_get(0)?)?;
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        let Some(position) = row.try_get::<Option<i64>, _>(1)? else { break };
        events.push(LogEvent {
            conversation,
            offset: number(position)?,
            id: id(row, 2)?,
            kind: word(row, 3)?,
            data: row.try_get::<&str, _>(4)?.into(),
        });
    }
    Ok(Some(Events { head, events }))
}

pub(super) async fn held(readers: &SqlitePool) -> Result<Vec<(UserId, ConversationId, u64)>, StoreError> {
    let rows = sqlx::query(
        "SELECT c.user_id, c.id, coalesce(w.waiting, 0)
         FROM conversations c LEFT JOIN (SELECT conversation, count(*) AS waiting FROM messages
                                         WHERE finished_ms IS NULL GROUP BY conversation) w ON w.conversation = c.number
         WHERE c.held = 1",
    )
    .fetch_all(readers)
    .await?;
    rows.iter().map(|row| Ok((id(row, 0)?, id(row, 1)?, number(row.try_get(2)?)?))).collect()
}

pub(super) async fn unfinished(readers: &SqlitePool, of: Unfinished) -> Result<Vec<Job>, StoreError> {
    let (user, talk) = match of {
        Unfinished::Free => (None, None),
        Unfinished::Of(user) => (Some(user), None),
        Unfinished::In(user, id, last) => (Some(user), Some((id, last))),
    };
    // By `number`, which is the order of acceptance, and so the order within each conversation.
    let rows = sqlx::query(
        "SELECT m.user_id, m.id, c.id, m.sequence, m.priority, m.accepted_ms, m.attempt, c.category
         FROM messages m JOIN conversations c ON c.number = m.conversation
         WHERE m.finished_ms IS NULL AND CASE WHEN ?1 IS NULL THEN c.held = 0
               ELSE m.user_id = ?1 AND (?2 IS NULL OR (c.id = ?2 AND m.sequence <= ?3)) END
         ORDER BY m.number",
    )
    .bind(user.as_ref().map(|user| user.as_bytes().as_slice()))
    .bind(talk.as_ref().map(|(id, _)| id.as_bytes().as_slice()))
    .bind(talk.map(|(_, last)| i64::try_from(last).unwrap_or(i64::MAX)))
    .fetch_all(readers)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Job {
                user: id(row, 0)?,
                id: id(row, 1)?,
                conversation: id(row, 2)?,
                sequence: number(row.try_get(3)?)?,
                priority: word(row, 4)?,
                accepted_ms: number(row.try_get(5)?)?,
                // The first attempt isn't recorded when it begins, so it must be taken as made.
                attempt: row.try_get::<u32, _>(6)?.max(1).saturating_add(1),
                before: row
                    .try_get::<Option<&str>, _>(7)?
                    .map(str::parse)
                    .transpose()
                    .map_err(StoreError::Unreadable)?,
                draft: None,
            })
        })
        .collect()
}

pub(super) async fn session(readers: &SqlitePool, hash: TokenHash) -> Result<Option<StoredSession>, StoreError> {
    let row = sqlx::query("SELECT id, user_id, tier, seen_ms, ended_ms IS NOT NULL FROM sessions WHERE token_hash = ?")
        .bind(hash.as_slice())
        .fetch_optional(readers)
        .await?;
    row.map(|row| {
        Ok(StoredSession {
            token_hash: hash,
            id: id(&row, 0)?,
            user: id(&row, 1)?,
            tier: row.try_get(2)?,
            seen_ms: number(row.try_get(3)?)?,
            ended: row.try_get(4)?,
        })
    })
    .transpose()
}

pub(super) async fn account(readers: &SqlitePool, name: String) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query("SELECT user_id, password FROM accounts WHERE name = ?")
        .bind(&name)
        .fetch_optional(readers)
        .await?;
    row.map(|row| Ok(Account { user: id(&row, 0)?, password: row.try_get(1)?, name })).transpose()
}

pub(super) async fn sessions(readers: &SqlitePool) -> Result<u64, StoreError> {
    number(sqlx::query_scalar("SELECT count(*) FROM sessions WHERE ended_ms IS NULL").fetch_one(readers).await?)
}
