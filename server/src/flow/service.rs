//! The flows of all businesses: read from the store when they are needed, kept ready until they change.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use serde_json::{Value as Json, json};
use shared::flow::{Business, BusinessId, Finding, FlowView, StageId, TemplateId};
use shared::limits::BUSINESSES_MAX;
use shared::message::ConversationId;
use shared::problem::{Code, Problem};
use uuid::Uuid;

use super::edit::{self, Applied, Body, Edit};
use super::template::{self, Engine, Fault};
use super::{BUILTIN, Context, Flow, Note, Parts, VARIABLES, builtin, check, snapshot};
use crate::state::cache::{Cache, Kind};
use crate::store::flow::{AuditEntry, Change, Changed, Changing, ConversationState, Extracted};
use crate::store::{Store, UserId};
use crate::world::World;

/// About how much memory a flow that is ready takes.
const FLOW_BYTES: usize = 100_000;
/// The same of a name of a business.
const FOLLOWED_BYTES: usize = 100;
/// Times a change is tried again because somebody else was faster.
pub(super) const TRIES: usize = 5;

static BUILT_IN: LazyLock<Arc<Flow>> = LazyLock::new(|| Arc::new(Flow::new(builtin())));

/// A flow and where a conversation stands in it.
#[derive(Clone)]
pub struct Here {
    /// The flow.
    pub flow: Arc<Flow>,
    /// The stage.
    pub stage: StageId,
    /// The sequence of the message with which it came there; `None` if this is its first.
    pub entered: Option<u64>,
    /// The version of its state; 0 if it has none yet.
    pub version: u64,
    /// What is known of its workload.
    pub extracted: Vec<Extracted>,
    /// What is not as it was: a business or a stage that is gone.
    pub notes: Vec<Note>,
}

/// A flow after a change.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The flow.
    pub parts: Parts,
    /// What there is to know about it.
    pub findings: Vec<Finding>,
}

impl Edited {
    /// As its page shows it, but for its members.
    pub fn view(self) -> FlowView {
        let Parts { business, stages, transitions, templates } = self.parts;
        let templates = templates.into_iter().map(|versions| versions.current).collect();
        FlowView { business, stages, transitions, templates, members: Vec::new(), findings: self.findings }
    }
}

/// The flows.
pub struct Flows {
    pub(super) store: Arc<dyn Store>,
    world: World,
    cache: Arc<Cache>,
    /// Grows with every change, so that what was read before one is not kept after it.
    changes: AtomicU64,
}

/// The answer to an id that names no business of the user's.
pub fn no_such_business() -> Problem {
    Problem::new(Code::NotFound, "There is no business with this id, or it is not yours.")
}

pub(super) fn overtaken() -> Problem {
    Problem::new(Code::Conflict, "Somebody else is changing this business. Look at it again, then repeat the change.")
        .retry_after(500)
}

pub(super) fn fixed() -> Problem {
    Problem::new(
        Code::Forbidden,
        "The built-in flow cannot be changed. Make a business of your own with POST /api/v1/businesses; \
         {\"from\": \"builtin\"} begins with a copy of it.",
    )
}

impl Flows {
    /// The flows in `store`.
    pub fn new(store: Arc<dyn Store>, world: World, cache: Arc<Cache>) -> Arc<Self> {
        Arc::new(Self { store, world, cache, changes: AtomicU64::new(0) })
    }

    fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// The built-in flow.
    pub fn builtin() -> Arc<Flow> {
        BUILT_IN.clone()
    }

    /// The flow of a business that `user` is a member of, or the built-in one.
    ///
    /// # Errors
    /// `not_found` for any other.
    pub async fn flow(&self, user: UserId, business: BusinessId) -> Result<Arc<Flow>, Problem> {
        if business == BUILTIN {
            return Ok(Self::builtin());
        }
        let changes = self.changes();
        if let Some(flow) = self.cache.get(Kind::Flow, user, business) {
            return Ok(flow);
        }
        let parts = self.store.flow(user, business).await?.ok_or_else(no_such_business)?;
        let flow = Arc::new(Flow::new(parts));
        self.cache.put(Kind::Flow, user, business, flow.clone(), FLOW_BYTES);
        if self.changes() != changes {
            self.cache.forget(Kind::Flow, user, business);
        }
        Ok(flow)
    }

    /// The business that new conversations of a user follow.
    ///
    /// # Errors
    /// `database`.
    pub async fn followed(&self, user: UserId) -> Result<BusinessId, Problem> {
        let changes = self.changes();
        if let Some(followed) = self.cache.get::<BusinessId>(Kind::Follows, user, user) {
            return Ok(*followed);
        }
        let followed = self.store.followed(user).await?.unwrap_or(BUILTIN);
        self.cache.put(Kind::Follows, user, user, Arc::new(followed), FOLLOWED_BYTES);
        if self.changes() != changes {
            self.cache.forget(Kind::Follows, user, user);
        }
        Ok(followed)
    }

    /// The flow that a conversation follows and where it stands in it. A new one begins with `wanted`, or with the
    /// business that its user follows. If a business is gone or no longer active, its conversations go on with the
    /// built-in flow; if a stage is gone, at the start; with a note.
    ///
    /// # Errors
    /// `not_found` for a wanted business that is not the user's; `database`.
    pub async fn of(
        &self,
        user: UserId,
        conversation: ConversationId,
        wanted: Option<BusinessId>,
    ) -> Result<Here, Problem> {
        let known = self.store.state(user, conversation).await?;
        self.at(user, known, wanted).await
    }

    /// The same for a conversation whose state is `known`; `None` for a new one.
    ///
    /// # Errors
    /// Those of [`Flows::of`].
    pub async fn at(
        &self,
        user: UserId,
        known: Option<ConversationState>,
        wanted: Option<BusinessId>,
    ) -> Result<Here, Problem> {
        let Some(stands) = known else {
            return self.begin(user, wanted).await;
        };
        let mut notes = Vec::new();
        let flow = match self.flow(user, stands.business).await {
            Ok(flow) if flow.business().active => flow,
            Err(problem) if problem.code != Code::NotFound => return Err(problem),
            Ok(_) | Err(_) => {
                let text =
                    "The flow this conversation followed is not in use any more; it goes on with the built-in one.";
                notes.push(Note { code: "business", text: text.into() });
                Self::builtin()
            }
        };
        let (stage, entered) = if flow.stage(stands.stage).is_some() {
            (stands.stage, Some(stands.entered))
        } else {
            if notes.is_empty() {
                let text = "The stage this conversation was at is gone; it goes on from the start.";
                notes.push(Note { code: "stage", text: text.into() });
            }
            (flow.start(), None)
        };
        Ok(Here { flow, stage, entered, version: stands.version, extracted: stands.extracted, notes })
    }

    /// Where a new conversation of a user begins.
    ///
    /// # Errors
    /// `not_found` for a wanted business that is not the user's; `database`.
    pub async fn begin(&self, user: UserId, wanted: Option<BusinessId>) -> Result<Here, Problem> {
        let business = match wanted {
            Some(business) => business,
            None => self.followed(user).await?,
        };
        let flow = match self.flow(user, business).await {
            // It was deleted or stopped by another process a moment ago.
            Err(problem) if problem.code == Code::NotFound && wanted.is_none() => Self::builtin(),
            Ok(flow) if wanted.is_none() && !flow.business().active => Self::builtin(),
            flow => flow?,
        };
        let stage = flow.start();
        Ok(Here { flow, stage, entered: None, version: 0, extracted: Vec::new(), notes: Vec::new() })
    }

    /// Whether a new conversation of the user's can follow this business.
    ///
    /// # Errors
    /// `not_found` for one that is not the user's, `conflict` for one that is not active.
    pub async fn can_follow(&self, user: UserId, business: BusinessId) -> Result<(), Problem> {
        let flow = self.flow(user, business).await.map_err(|problem| match problem.code {
            Code::NotFound => Problem {
                fields: vec![shared::problem::FieldError {
                    name: "business_id".into(),
                    message: "is not the id of a business of yours".into(),
                }],
                ..problem
            },
            _ => problem,
        })?;
        if flow.business().active {
            return Ok(());
        }
        let text = "This business is not active, so no conversation can follow it. Set `active` to true first.";
        Err(Problem::new(Code::Conflict, text))
    }

    /// The businesses of a user, the built-in one first.
    ///
    /// # Errors
    /// `database`.
    pub async fn businesses(&self, user: UserId) -> Result<Vec<Business>, Problem> {
        let mut all = vec![Self::builtin().business().clone()];
        all.extend(self.store.businesses(user).await?);
        Ok(all)
    }

    /// A business as it is stored now, with what there is to know about it.
    ///
    /// # Errors
    /// `not_found` for one that is not the user's; `database`.
    pub async fn read(&self, user: UserId, business: BusinessId) -> Result<Edited, Problem> {
        let parts = self.stored(user, business).await?;
        Ok(Edited { findings: check(&parts), parts })
    }

    pub(super) async fn stored(&self, user: UserId, business: BusinessId) -> Result<Parts, Problem> {
        if business == BUILTIN {
            return Ok(builtin());
        }
        self.store.flow(user, business).await?.ok_or_else(no_such_business)
    }

    /// Makes a business; `user` is its owner.
    ///
    /// # Errors
    /// `invalid` with the fields that are wrong; `conflict` if there are too many.
    pub async fn create(&self, user: UserId, body: &Body) -> Result<Edited, Problem> {
        let id = self.world.new_id();
        let parts = edit::new_business(id, body, &builtin(), || self.world.new_id())?;
        if self.store.businesses(user).await?.len() >= BUSINESSES_MAX {
            let text = format!(
                "You have {BUSINESSES_MAX} businesses, which is as many as there can be. Delete or leave one first."
            );
            return Err(Problem::new(Code::Conflict, text));
        }
        let business = &parts.business;
        let copied = body.get("from").is_some_and(Json::is_string);
        let detail = json!({"name": business.name, "copied": copied, "active": business.active});
        let changing = Changing::NewBusiness(Box::new(parts.clone()));
        self.write(user, id, 0, changing, "business.created", id, &detail).await?;
        Ok(Edited { findings: check(&parts), parts })
    }

    /// Changes a business or something in it, with its line in the audit log.
    ///
    /// # Errors
    /// Those of [`super::apply`]; `not_found` for a business that is not the user's; `forbidden` for the built-in one;
    /// `conflict` if others keep changing it.
    pub async fn edit(&self, user: UserId, business: BusinessId, edit: &Edit) -> Result<Edited, Problem> {
        if business == BUILTIN {
            return Err(fixed());
        }
        for _ in 0..TRIES {
            // What is stored now, not what is kept: the change must fit it.
            let parts = self.stored(user, business).await?;
            let version = parts.business.version;
            let Applied { mut parts, changing, action, subject, detail, findings } = edit::apply(&parts, edit)?;
            match self.write(user, business, version, changing, action, subject, &detail).await? {
                Changed::Yes(version) => {
                    parts.business.version = version;
                    return Ok(Edited { parts, findings });
                }
                Changed::NotThere => return Err(no_such_business()),
                Changed::Overtaken => {}
            }
        }
        Err(overtaken())
    }

    /// Deletes a business with everything in it; its audit log stays, for the operator.
    ///
    /// # Errors
    /// As [`Flows::edit`]; `forbidden` for who is not its owner.
    pub async fn delete(&self, user: UserId, business: BusinessId) -> Result<(), Problem> {
        if business == BUILTIN {
            return Err(fixed());
        }
        for _ in 0..TRIES {
            let Business { version, name, .. } = self.stored(user, business).await?.business;
            self.only_its_owner(user, business).await?;
            let detail = json!({"name": name});
            match self
                .write(user, business, version, Changing::NoBusiness, "business.deleted", business, &detail)
                .await?
            {
                Changed::Yes(_) => return Ok(()),
                Changed::NotThere => return Err(no_such_business()),
                Changed::Overtaken => {}
            }
        }
        Err(overtaken())
    }

    #[expect(clippy::too_many_arguments, reason = "each is a column of the audit log")]
    pub(super) async fn write(
        &self,
        user: UserId,
        business: BusinessId,
        version: u64,
        what: Changing,
        action: &str,
        subject: Uuid,
        detail: &Json,
    ) -> Result<Changed, Problem> {
        let now_ms = self.world.unix_ms();
        let audit = AuditEntry {
            at_ms: now_ms,
            business,
            actor: Some(user),
            action: action.into(),
            subject: Some(subject),
            detail: detail.to_string(),
        };
        let changed = self.store.change(Change { business, user, version, what, audit, now_ms }).await;
        // Also after an error: it may be in the store all the same.
        self.changes.fetch_add(1, Ordering::SeqCst);
        // Which of its members followed it is not known here.
        self.cache.forget_all(move |(kind, _, id)| *kind == Kind::Follows || (*kind == Kind::Flow && *id == business));
        Ok(changed?)
    }

    /// Fills in a template with the variables of `body`, or with those of an example where there are none; another text
    /// than the stored one if `body` has one. Answers the text and what should be known about it.
    ///
    /// # Errors
    /// `invalid`, which explains what the template could not do.
    pub async fn preview(
        &self,
        user: UserId,
        business: BusinessId,
        id: TemplateId,
        body: &Body,
    ) -> Result<(String, Vec<Json>), Problem> {
        let parts = self.stored(user, business).await?;
        let stored = &parts.template(id).ok_or_else(|| edit::nothing("template"))?.current;
        let source = match body.get("body") {
            None | Some(Json::Null) => &stored.body,
            Some(Json::String(text)) => text,
            Some(_) => return Err(Problem::invalid_field("body", "must be text")),
        };
        let variables = match body.get("variables") {
            None | Some(Json::Null) => {
                let stage = parts.stages.first().cloned().unwrap_or_else(|| snapshot::sample_of().1);
                template::value(&snapshot::variables(&Context::sample(), &parts.business, &stage, parts.stages.iter()))
            }
            Some(Json::Object(variables)) => template::value(variables),
            Some(_) => return Err(Problem::invalid_field("variables", "must be an object: a value for each name")),
        };
        let mut engine = Engine::new();
        let wrong = |Fault { code, text }: Fault| {
            Problem::invalid_field(if code == "unknown_variable" { "variables" } else { "body" }, text)
        };
        engine.add("preview".into(), source).map_err(wrong)?;
        let warnings = engine.unknown("preview").into_iter().map(|name| {
            let text = format!("No conversation has a variable {name}; they have {}.", VARIABLES.join(", "));
            json!({"code": "unknown_variable", "text": text})
        });
        let warnings = warnings.collect();
        Ok((engine.render("preview", variables).map_err(wrong)?, warnings))
    }
}
