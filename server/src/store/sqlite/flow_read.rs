//! The queries about flows. Each that is for a user joins its memberships.

use shared::flow::{Business, BusinessId, Stage, Template, TemplateId, Transition};
use shared::message::{ConversationId, MessageId};
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqliteRow};
use sqlx::{Connection, QueryBuilder, Row, Sqlite};
use uuid::Uuid;

use super::read::{id, number, word};
use crate::flow::{BEFORE_MAX, Parts, Versions};
use crate::store::flow::{
    AuditEntry, AuditFilter, AuditLine, ConversationState, ModelCall, StoredMember, StoredVersion,
};
use crate::store::{StoreError, UserId};
use crate::world::rfc3339;

/// A column that may hold an id.
fn maybe_id(row: &SqliteRow, column: usize) -> Result<Option<Uuid>, StoreError> {
    let bytes: Option<&[u8]> = row.try_get(column)?;
    bytes.map(Uuid::from_slice).transpose().map_err(|error| StoreError::Unreadable(error.to_string()))
}

fn business(row: &SqliteRow) -> Result<Business, StoreError> {
    Ok(Business {
        id: id(row, 0)?,
        name: row.try_get(1)?,
        description: row.try_get(2)?,
        active: row.try_get(3)?,
        builtin: false,
        version: number(row.try_get(4)?)?,
    })
}

pub(super) async fn businesses(readers: &SqlitePool, user: UserId) -> Result<Vec<Business>, StoreError> {
    let rows = sqlx::query(
        "SELECT b.id, b.name, b.description, b.active, b.version
         FROM businesses b JOIN memberships m ON m.business_id = b.id WHERE m.user_id = ? ORDER BY b.position",
    )
    .bind(user.as_bytes().as_slice())
    .fetch_all(readers)
    .await?;
    rows.iter().map(business).collect()
}

pub(super) async fn flow(readers: &SqlitePool, user: UserId, which: BusinessId) -> Result<Option<Parts>, StoreError> {
    // One transaction, so that all parts are of the same version.
    let mut connection = readers.acquire().await?;
    let mut transaction = connection.begin().await?;
    let row = sqlx::query(
        "SELECT b.id, b.name, b.description, b.active, b.version
         FROM businesses b JOIN memberships m ON m.business_id = b.id WHERE b.id = ? AND m.user_id = ?",
    )
    .bind(which.as_bytes().as_slice())
    .bind(user.as_bytes().as_slice())
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let parts = Parts {
        business: business(&row)?,
        stages: stages(&mut transaction, which).await?,
        transitions: transitions(&mut transaction, which).await?,
        templates: templates(&mut transaction, which).await?,
    };
    transaction.commit().await?;
    Ok(Some(parts))
}

async fn stages(connection: &mut SqliteConnection, business: BusinessId) -> Result<Vec<Stage>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, name, description, category, is_start, is_end, selection_template_id, extraction_template_id,
                response_template_id
         FROM stages WHERE business_id = ? ORDER BY position",
    )
    .bind(business.as_bytes().as_slice())
    .fetch_all(connection)
    .await?;
    let stage = |row: &SqliteRow| {
        let category: Option<&str> = row.try_get(3)?;
        Ok(Stage {
            id: id(row, 0)?,
            name: row.try_get(1)?,
            description: row.try_get(2)?,
            category: category.map(str::parse).transpose().map_err(StoreError::Unreadable)?,
            start: row.try_get(4)?,
            end: row.try_get(5)?,
            selection_template_id: maybe_id(row, 6)?,
            extraction_template_id: maybe_id(row, 7)?,
            response_template_id: maybe_id(row, 8)?,
        })
    };
    rows.iter().map(stage).collect()
}

async fn transitions(connection: &mut SqliteConnection, business: BusinessId) -> Result<Vec<Transition>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, from_stage_id, to_stage_id, condition, priority, description
         FROM transitions WHERE business_id = ? ORDER BY position",
    )
    .bind(business.as_bytes().as_slice())
    .fetch_all(connection)
    .await?;
    let transition = |row: &SqliteRow| {
        Ok(Transition {
            id: id(row, 0)?,
            from_stage_id: id(row, 1)?,
            to_stage_id: id(row, 2)?,
            condition: row.try_get(3)?,
            priority: row.try_get(4)?,
            description: row.try_get(5)?,
        })
    };
    rows.iter().map(transition).collect()
}

async fn templates(connection: &mut SqliteConnection, business: BusinessId) -> Result<Vec<Versions>, StoreError> {
    let rows = sqlx::query(
        "SELECT t.id, t.name, t.kind, v.version, v.body, v.created_ms
         FROM templates t JOIN template_versions v ON v.template = t.position AND v.version >= t.version - ?2
         WHERE t.business_id = ?1 ORDER BY t.position, v.version DESC",
    )
    .bind(business.as_bytes().as_slice())
    .bind(BEFORE_MAX)
    .fetch_all(connection)
    .await?;
    let mut all: Vec<Versions> = Vec::new();
    for row in &rows {
        let (template, version, body) = (id(row, 0)?, row.try_get(3)?, row.try_get(4)?);
        match all.last_mut() {
            Some(versions) if versions.current.id == template => versions.before.push((version, body)),
            _ => {
                let created_at = Some(rfc3339(number(row.try_get(5)?)?));
                let (name, kind) = (row.try_get(1)?, word(row, 2)?);
                let current = Template { id: template, name, kind, version, body, created_at };
                all.push(Versions { current, before: Vec::new() });
            }
        }
    }
    Ok(all)
}

pub(super) async fn members(
    readers: &SqlitePool,
    user: UserId,
    business: BusinessId,
) -> Result<Vec<StoredMember>, StoreError> {
    let rows = sqlx::query(
        "SELECT m.user_id, a.name, m.role
         FROM memberships mine JOIN memberships m ON m.business_id = mine.business_id
         LEFT JOIN accounts a ON a.user_id = m.user_id
         WHERE mine.user_id = ? AND mine.business_id = ? ORDER BY m.role <> 'owner', a.name, m.user_id",
    )
    .bind(user.as_bytes().as_slice())
    .bind(business.as_bytes().as_slice())
    .fetch_all(readers)
    .await?;
    rows.iter().map(|row| Ok(StoredMember { user: id(row, 0)?, name: row.try_get(1)?, role: word(row, 2)? })).collect()
}

pub(super) async fn followed(readers: &SqlitePool, user: UserId) -> Result<Option<BusinessId>, StoreError> {
    let row = sqlx::query("SELECT business_id FROM memberships WHERE user_id = ? AND followed = 1")
        .bind(user.as_bytes().as_slice())
        .fetch_optional(readers)
        .await?;
    row.map(|row| id(&row, 0)).transpose()
}

pub(super) async fn tier(readers: &SqlitePool, user: UserId) -> Result<Option<String>, StoreError> {
    let query = sqlx::query_scalar("SELECT tier FROM users WHERE id = ?").bind(user.as_bytes().as_slice());
    Ok(query.fetch_optional(readers).await?)
}

pub(super) async fn versions(
    readers: &SqlitePool,
    user: UserId,
    business: BusinessId,
    template: TemplateId,
) -> Result<Vec<StoredVersion>, StoreError> {
    let rows = sqlx::query(
        "SELECT v.version, v.body, v.author, v.created_ms
         FROM templates t JOIN template_versions v ON v.template = t.position
         JOIN memberships m ON m.business_id = t.business_id AND m.user_id = ?1
         WHERE t.business_id = ?2 AND t.id = ?3 ORDER BY v.version DESC",
    )
    .bind(user.as_bytes().as_slice())
    .bind(business.as_bytes().as_slice())
    .bind(template.as_bytes().as_slice())
    .fetch_all(readers)
    .await?;
    let version = |row: &SqliteRow| {
        Ok(StoredVersion {
            version: row.try_get(0)?,
            body: row.try_get(1)?,
            author: id(row, 2)?,
            created_ms: number(row.try_get(3)?)?,
        })
    };
    rows.iter().map(version).collect()
}

pub(super) async fn state(
    readers: &SqlitePool,
    user: UserId,
    conversation: ConversationId,
) -> Result<Option<ConversationState>, StoreError> {
    // One statement, so that the facts are those of this version.
    let row = sqlx::query(
        "SELECT c.business_id, c.stage_id, c.entered, c.version, o.known
         FROM conversations c LEFT JOIN outcomes o ON o.message = c.known_since
         WHERE c.user_id = ? AND c.id = ? AND c.business_id IS NOT NULL",
    )
    .bind(user.as_bytes().as_slice())
    .bind(conversation.as_bytes().as_slice())
    .fetch_optional(readers)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let known: Option<&str> = row.try_get(4)?;
    let extracted = known.map(serde_json::from_str).transpose();
    Ok(Some(ConversationState {
        business: id(&row, 0)?,
        stage: id(&row, 1)?,
        entered: number(row.try_get(2)?)?,
        version: number(row.try_get(3)?)?,
        extracted: extracted.map_err(|error| StoreError::Unreadable(error.to_string()))?.unwrap_or_default(),
    }))
}

pub(super) async fn model_calls(
    readers: &SqlitePool,
    user: UserId,
    message: MessageId,
) -> Result<Vec<ModelCall>, StoreError> {
    let rows = sqlx::query(
        "SELECT k.attempt, k.purpose, k.provider, k.model, k.input_tokens, k.output_tokens, k.cost_usd, k.ms, k.outcome,
                k.at_ms
         FROM messages m JOIN model_calls k ON k.message = m.number WHERE m.id = ? AND m.user_id = ? ORDER BY k.number",
    )
    .bind(message.as_bytes().as_slice())
    .bind(user.as_bytes().as_slice())
    .fetch_all(readers)
    .await?;
    let call = |row: &SqliteRow| {
        let tokens = |column| row.try_get::<Option<i64>, _>(column).map(|count| count.map(i64::cast_unsigned));
        Ok(ModelCall {
            message,
            attempt: row.try_get(0)?,
            purpose: row.try_get(1)?,
            provider: row.try_get(2)?,
            model: row.try_get(3)?,
            input_tokens: tokens(4)?,
            output_tokens: tokens(5)?,
            cost_usd: row.try_get(6)?,
            ms: row.try_get(7)?,
            outcome: row.try_get(8)?,
            at_ms: number(row.try_get(9)?)?,
        })
    };
    rows.iter().map(call).collect()
}

pub(super) async fn audited(readers: &SqlitePool, filter: AuditFilter) -> Result<Vec<AuditLine>, StoreError> {
    let AuditFilter { business, member, actor, action, subject, since_ms, until_ms, before, limit } = filter;
    let bytes = |id: Uuid| id.as_bytes().to_vec();
    let time = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
    let mut query: QueryBuilder<Sqlite> =
        QueryBuilder::new("SELECT number, at_ms, business_id, actor, action, subject, detail FROM audit WHERE 1 = 1");
    if let Some(user) = member {
        let Some(business) = business else { return Ok(Vec::new()) };
        query.push(" AND EXISTS (SELECT 1 FROM memberships WHERE user_id = ").push_bind(bytes(user));
        query.push(" AND business_id = ").push_bind(bytes(business)).push(")");
    }
    for (column, id) in [("business_id", business), ("actor", actor), ("subject", subject)] {
        if let Some(id) = id {
            query.push(format!(" AND {column} = ")).push_bind(bytes(id));
        }
    }
    match action {
        // A range, so that the index serves it.
        Some(start) if start.ends_with('.') => {
            let end = format!("{}/", start.trim_end_matches('.'));
            query.push(" AND action >= ").push_bind(start).push(" AND action < ").push_bind(end);
        }
        Some(action) => {
            query.push(" AND action = ").push_bind(action);
        }
        None => {}
    }
    if let Some(since) = since_ms {
        query.push(" AND at_ms >= ").push_bind(time(since));
    }
    if let Some(until) = until_ms {
        query.push(" AND at_ms < ").push_bind(time(until));
    }
    if let Some(before) = before {
        query.push(" AND number < ").push_bind(time(before));
    }
    query.push(" ORDER BY number DESC LIMIT ").push_bind(limit);
    let rows = query.build().fetch_all(readers).await?;
    let line = |row: &SqliteRow| {
        let entry = AuditEntry {
            at_ms: number(row.try_get(1)?)?,
            business: id(row, 2)?,
            actor: maybe_id(row, 3)?,
            action: row.try_get(4)?,
            subject: maybe_id(row, 5)?,
            detail: row.try_get(6)?,
        };
        Ok(AuditLine { number: number(row.try_get(0)?)?, entry })
    };
    rows.iter().map(line).collect()
}
