//! The audit log: who did what to what, and when; filtered, the newest first, page by page.

use axum::extract::{RawQuery, State};
use axum::routing::get;
use axum::{Json, Router};
use shared::flow::{AuditPage, AuditView};
use shared::limits::AUDIT_PAGE_MAX;
use shared::problem::{FieldError, Problem};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::auth::Operator;
use super::problem::ApiError;
use crate::services::App;
use crate::store::flow::{AuditFilter, AuditLine};
use crate::world::rfc3339;

/// Lines of a page where the request doesn't say.
const PAGE: u32 = 50;
/// Longest name of an action.
const ACTION_MAX_CHARS: usize = 80;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/audit", get(all))
}

async fn all(State(app): State<App>, _: Operator, RawQuery(query): RawQuery) -> Result<Json<AuditPage>, ApiError> {
    let filter = filter(query.as_deref().unwrap_or_default(), true)?;
    Ok(Json(page(&app, filter).await?))
}

/// An instant: RFC 3339, or milliseconds since 1970.
fn instant(text: &str) -> Option<u64> {
    if let Ok(ms) = text.parse() {
        return Some(ms);
    }
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

/// The filter that the query of a request asks for.
///
/// # Errors
/// `invalid` with every parameter that is wrong.
pub(super) fn filter(query: &str, any_business: bool) -> Result<AuditFilter, Problem> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let mut filter = AuditFilter { limit: PAGE, ..AuditFilter::default() };
    let mut wrong = Vec::new();
    for (name, value) in pairs {
        // A form sends its empty fields too.
        if value.is_empty() {
            continue;
        }
        let id = || value.parse().map_err(|_| "must be an id (a UUID)".to_owned());
        let time = || instant(&value).ok_or("must be a time such as 2026-11-22T14:00:00Z");
        let read = match name.as_str() {
            "actor" => id().map(|id| filter.actor = Some(id)),
            "subject" => id().map(|id| filter.subject = Some(id)),
            "business" if any_business => id().map(|id| filter.business = Some(id)),
            "action" if value.chars().count() <= ACTION_MAX_CHARS => {
                filter.action = Some(value.clone());
                Ok(())
            }
            "action" => Err(format!("must have at most {ACTION_MAX_CHARS} characters")),
            "since" => time().map(|ms| filter.since_ms = Some(ms)).map_err(Into::into),
            "until" => time().map(|ms| filter.until_ms = Some(ms)).map_err(Into::into),
            "after" => value
                .parse()
                .map(|number| filter.before = Some(number))
                .map_err(|_| "must be `next` of the page before".into()),
            "limit" => match value.parse() {
                Ok(limit @ 1..=AUDIT_PAGE_MAX) => {
                    filter.limit = limit;
                    Ok(())
                }
                _ => Err(format!("must be a whole number from 1 to {AUDIT_PAGE_MAX}")),
            },
            _ => Err("is not a parameter of this call".into()),
        };
        if let Err(message) = read {
            wrong.push(FieldError { name, message });
        }
    }
    if wrong.is_empty() { Ok(filter) } else { Err(Problem::invalid(wrong)) }
}

/// The lines that a filter lets through.
pub(crate) async fn page(app: &App, filter: AuditFilter) -> Result<AuditPage, Problem> {
    let limit = filter.limit as usize;
    // One more than asked for tells whether there is another page.
    let mut lines = app.store.audited(AuditFilter { limit: filter.limit + 1, ..filter }).await?;
    let more = lines.len() > limit;
    lines.truncate(limit);
    let next = lines.last().filter(|_| more).map(|line| line.number);
    Ok(AuditPage { entries: lines.into_iter().map(shown).collect(), next })
}

fn shown(AuditLine { number, entry }: AuditLine) -> AuditView {
    AuditView {
        id: number,
        at: rfc3339(entry.at_ms),
        business_id: entry.business,
        actor: entry.actor,
        action: entry.action,
        subject: entry.subject,
        detail: serde_json::from_str(&entry.detail).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_read_and_every_wrong_one_named() {
        let id = "00000000-0000-0000-0000-000000000007";
        let query = format!(
            "actor={id}&action=stage.&since=2026-11-22T00%3A00%3A00Z&until=1795305600001&after=9&limit=200&business={id}"
        );
        let read = filter(&query, true).unwrap();
        assert_eq!((read.since_ms, read.until_ms), (Some(1_795_305_600_000), Some(1_795_305_600_001)));
        assert_eq!((read.before, read.limit, read.actor), (Some(9), 200, Some(id.parse().unwrap())));
        assert_eq!(filter("actor=&action=", true).unwrap(), filter("", true).unwrap());
        let problem =
            filter(&format!("actor=me&since=today&limit=0&after=-1&colour=red&business={id}"), false).unwrap_err();
        let names: Vec<_> = problem.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["actor", "since", "limit", "after", "colour", "business"]);
    }
}
