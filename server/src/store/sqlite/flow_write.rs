//! What changes of flows, effects of messages and audit entries do inside the writer's transaction.

use rusqlite::{Connection, ToSql};
use shared::flow::{Business, Stage, Template, Transition};
use uuid::Uuid;

use super::write::{first, number, run};
use crate::flow::{BUILTIN, Parts, Versions};
use crate::store::flow::{AuditEntry, Change, Changed, Changing, Effects, ModelCall, NewState, NewVersion};
use crate::store::{StoreError, UserId};

/// Changes a business.
pub(super) fn change(connection: &Connection, change: &Change) -> Result<Changed, StoreError> {
    let Change { business, user, version, ref what, audit: ref entry, now_ms } = *change;
    let now = now_ms.cast_signed();
    if let Changing::NewBusiness(new) = what {
        make(connection, new, user, now)?;
        audit(connection, entry)?;
        return Ok(Changed::Yes(new.business.version));
    }
    let found = first(
        connection,
        "SELECT b.version FROM businesses b JOIN memberships m ON m.business_id = b.id WHERE b.id = ? AND m.user_id = ?",
        &[business.as_bytes(), user.as_bytes()],
        |row| number(row.get(0)?),
    )?;
    match found {
        None => return Ok(Changed::NotThere),
        Some(present) if present != version => return Ok(Changed::Overtaken),
        Some(_) => {}
    }
    match what {
        Changing::NewBusiness(_) => {}
        Changing::Business(business) => {
            run(
                connection,
                "UPDATE businesses SET name = ?, description = ?, active = ? WHERE id = ?",
                &[&business.name, &business.description, &business.active, business.id.as_bytes()],
            )?;
            follow(connection, business, user)?;
        }
        Changing::NoBusiness => {
            run(connection, "DELETE FROM stages WHERE business_id = ?", &[business.as_bytes()])?;
            run(connection, "DELETE FROM businesses WHERE id = ?", &[business.as_bytes()])?;
        }
        Changing::Stage(stage) => put_stage(connection, business, stage)?,
        Changing::NoStage(id) => {
            run(
                connection,
                "DELETE FROM stages WHERE business_id = ? AND id = ?",
                &[business.as_bytes(), id.as_bytes()],
            )?;
        }
        Changing::Transition(way) => put_transition(connection, business, way)?,
        Changing::NoTransition(id) => {
            let key: [&dyn ToSql; 2] = [business.as_bytes(), id.as_bytes()];
            run(connection, "DELETE FROM transitions WHERE business_id = ? AND id = ?", &key)?;
        }
        Changing::Template(new) => put_version(connection, business, new, user, now)?,
        Changing::NoTemplate(id) => {
            let key: [&dyn ToSql; 2] = [business.as_bytes(), id.as_bytes()];
            run(connection, "DELETE FROM templates WHERE business_id = ? AND id = ?", &key)?;
        }
        Changing::Member(member) => {
            let sql =
                "INSERT INTO memberships (user_id, business_id, role) VALUES (?, ?, 'member') ON CONFLICT DO NOTHING";
            run(connection, sql, &[member.as_bytes(), business.as_bytes()])?;
        }
        Changing::NoMember(member) => {
            let sql = "DELETE FROM memberships WHERE user_id = ? AND business_id = ? AND role <> 'owner'";
            run(connection, sql, &[member.as_bytes(), business.as_bytes()])?;
        }
    }
    let next = version + 1;
    run(
        connection,
        "UPDATE businesses SET version = ?, updated_ms = ? WHERE id = ?",
        &[&next.cast_signed(), &now, business.as_bytes()],
    )?;
    audit(connection, entry)?;
    Ok(Changed::Yes(next))
}

fn make(connection: &Connection, parts: &Parts, user: UserId, now: i64) -> Result<(), StoreError> {
    let new = &parts.business;
    run(
        connection,
        "INSERT INTO businesses (id, name, description, active, version, created_ms, updated_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        &[new.id.as_bytes(), &new.name, &new.description, &new.active, &new.version.cast_signed(), &now],
    )?;
    run(
        connection,
        "INSERT INTO memberships (user_id, business_id, role) VALUES (?, ?, 'owner')",
        &[user.as_bytes(), new.id.as_bytes()],
    )?;
    for Versions { current, .. } in &parts.templates {
        let Template { id, name, kind, version, body, .. } = current.clone();
        put_version(connection, new.id, &NewVersion { id, name, kind, version, body }, user, now)?;
    }
    for stage in &parts.stages {
        put_stage(connection, new.id, stage)?;
    }
    for way in &parts.transitions {
        put_transition(connection, new.id, way)?;
    }
    follow(connection, new, user)
}

/// Lets the user's new conversations follow a business that is active, and none one that isn't.
fn follow(connection: &Connection, business: &Business, user: UserId) -> Result<(), StoreError> {
    if !business.active {
        run(connection, "UPDATE memberships SET followed = 0 WHERE business_id = ?", &[business.id.as_bytes()])?;
        return Ok(());
    }
    let already = first(
        connection,
        "SELECT 1 FROM memberships WHERE user_id = ? AND business_id = ? AND followed = 1",
        &[user.as_bytes(), business.id.as_bytes()],
        |_| Ok(()),
    )?;
    if already.is_none() {
        run(connection, "UPDATE memberships SET followed = 0 WHERE user_id = ? AND followed = 1", &[user.as_bytes()])?;
        run(
            connection,
            "UPDATE memberships SET followed = 1 WHERE user_id = ? AND business_id = ?",
            &[user.as_bytes(), business.id.as_bytes()],
        )?;
    }
    Ok(())
}

fn put_stage(connection: &Connection, business: Uuid, stage: &Stage) -> Result<(), StoreError> {
    let template = |id: Option<Uuid>| id.map(|id| id.as_bytes().to_vec());
    run(
        connection,
        "INSERT INTO stages (business_id, id, name, description, category, is_start, is_end, selection_template_id,
                             extraction_template_id, response_template_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (business_id, id) DO UPDATE SET name = excluded.name, description = excluded.description,
             category = excluded.category, is_start = excluded.is_start, is_end = excluded.is_end,
             selection_template_id = excluded.selection_template_id,
             extraction_template_id = excluded.extraction_template_id,
             response_template_id = excluded.response_template_id",
        &[
            business.as_bytes(),
            stage.id.as_bytes(),
            &stage.name,
            &stage.description,
            &stage.category.map(shared::message::Category::as_str),
            &stage.start,
            &stage.end,
            &template(stage.selection_template_id),
            &template(stage.extraction_template_id),
            &template(stage.response_template_id),
        ],
    )?;
    if stage.start {
        // Conversations begin at one stage.
        run(
            connection,
            "UPDATE stages SET is_start = 0 WHERE business_id = ? AND id <> ? AND is_start = 1",
            &[business.as_bytes(), stage.id.as_bytes()],
        )?;
    }
    Ok(())
}

fn put_transition(connection: &Connection, business: Uuid, way: &Transition) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO transitions (business_id, id, from_stage_id, to_stage_id, condition, priority, description)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (business_id, id) DO UPDATE SET from_stage_id = excluded.from_stage_id,
             to_stage_id = excluded.to_stage_id, condition = excluded.condition, priority = excluded.priority,
             description = excluded.description",
        &[
            business.as_bytes(),
            way.id.as_bytes(),
            way.from_stage_id.as_bytes(),
            way.to_stage_id.as_bytes(),
            &way.condition,
            &way.priority,
            &way.description,
        ],
    )?;
    Ok(())
}

fn put_version(
    connection: &Connection,
    business: Uuid,
    new: &NewVersion,
    author: UserId,
    now: i64,
) -> Result<(), StoreError> {
    let NewVersion { id, name, kind, version, body } = new;
    run(
        connection,
        "INSERT INTO templates (business_id, id, name, kind, version) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (business_id, id) DO UPDATE SET name = excluded.name, version = excluded.version",
        &[business.as_bytes(), id.as_bytes(), name, &kind.as_str(), version],
    )?;
    // Of a version that is there already only the template's name has changed.
    run(
        connection,
        "INSERT INTO template_versions (template, version, body, author, created_ms)
         SELECT position, ?3, ?4, ?5, ?6 FROM templates WHERE business_id = ?1 AND id = ?2
         ON CONFLICT (template, version) DO NOTHING",
        &[business.as_bytes(), id.as_bytes(), version, body, author.as_bytes(), &now],
    )?;
    Ok(())
}

/// Adds a line to the audit log.
pub(super) fn audit(connection: &Connection, entry: &AuditEntry) -> Result<(), StoreError> {
    let AuditEntry { at_ms, business, actor, action, subject, detail } = entry;
    let bytes = |id: &Option<Uuid>| id.map(|id| id.as_bytes().to_vec());
    run(
        connection,
        "INSERT INTO audit (at_ms, business_id, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?)",
        &[&at_ms.cast_signed(), business.as_bytes(), &bytes(actor), action, &bytes(subject), detail],
    )?;
    Ok(())
}

/// The same for what is about a conversation: an entry without a business is about the one that it follows.
pub(super) fn audit_in(connection: &Connection, talk: i64, entry: &AuditEntry) -> Result<(), StoreError> {
    if !entry.business.is_nil() {
        return audit(connection, entry);
    }
    let sql = "SELECT business_id FROM conversations WHERE number = ?";
    let business = first(connection, sql, &[&talk], |row| Ok(row.get::<_, Option<[u8; 16]>>(0)?))?.flatten();
    let business = business.map_or(BUILTIN, Uuid::from_bytes);
    audit(connection, &AuditEntry { business, ..entry.clone() })
}

/// Writes what the end of a message changes; `talk` and `message` are the keys of its conversation and its own.
pub(super) fn effects(connection: &Connection, talk: i64, message: i64, effects: &Effects) -> Result<(), StoreError> {
    let Effects { state, extracted, audit: entries, calls } = effects;
    if let Some(NewState { business, stage, entered }) = state {
        let known_since = extracted.is_some().then_some(message);
        run(
            connection,
            "UPDATE conversations SET business_id = ?, stage_id = ?, entered = ?, version = version + 1,
                 known_since = coalesce(?, known_since) WHERE number = ?",
            &[business.as_bytes(), stage.as_bytes(), &entered.cast_signed(), &known_since, &talk],
        )?;
    }
    for entry in entries {
        audit_in(connection, talk, entry)?;
    }
    for call in calls {
        add_call(connection, message, call)?;
    }
    Ok(())
}

fn add_call(connection: &Connection, message: i64, call: &ModelCall) -> Result<(), StoreError> {
    let tokens = |count: Option<u64>| count.map(u64::cast_signed);
    run(
        connection,
        "INSERT INTO model_calls (message, attempt, purpose, provider, model, input_tokens, output_tokens, cost_usd, ms,
                                  outcome, at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &[
            &message,
            &call.attempt,
            &call.purpose,
            &call.provider,
            &call.model,
            &tokens(call.input_tokens),
            &tokens(call.output_tokens),
            &call.cost_usd,
            &call.ms,
            &call.outcome,
            &call.at_ms.cast_signed(),
        ],
    )?;
    Ok(())
}
