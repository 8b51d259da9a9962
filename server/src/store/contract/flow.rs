//! What every store must do with businesses, their flows, what messages change besides themselves, and the audit log.

use serde_json::json;
use shared::flow::{Business, BusinessId, Role, Stage, TemplateKind};

use super::*;
use crate::flow::{Parts, Versions, builtin};
use crate::store::flow::*;

const OURS: BusinessId = Uuid::from_u128(0xb1);
const THEIRS: BusinessId = Uuid::from_u128(0xb2);

fn entry(business: BusinessId, actor: Option<UserId>, action: &str, subject: u128) -> AuditEntry {
    let subject = Some(Uuid::from_u128(subject));
    AuditEntry { at_ms: NOW, business, actor, action: action.into(), subject, detail: json!({"n": 1}).to_string() }
}

fn change(user: UserId, business: BusinessId, version: u64, what: Changing) -> Change {
    Change { business, user, version, what, audit: entry(business, Some(user), "test.done", 1), now_ms: NOW }
}

fn business(id: BusinessId, active: bool) -> Business {
    Business { id, name: "Ours".into(), description: "…".into(), active, builtin: false, version: 1 }
}

fn empty(id: BusinessId, active: bool) -> Changing {
    let parts =
        Parts { business: business(id, active), stages: Vec::new(), transitions: Vec::new(), templates: Vec::new() };
    Changing::NewBusiness(Box::new(parts))
}

/// A copy of the built-in flow, which has everything a flow can have.
fn full(id: BusinessId) -> Parts {
    let mut parts = builtin();
    parts.business = business(id, true);
    parts
}

/// What the store gives a template besides.
fn without_times(mut parts: Parts) -> Parts {
    parts.templates.iter_mut().for_each(|versions| versions.current.created_at = None);
    parts
}

pub(super) async fn a_flow_comes_back_as_it_was_given<S: Subject>() {
    let subject = S::new();
    let Opened { store, _place, .. } = subject.open().await;
    let parts = full(OURS);
    let made = Changing::NewBusiness(Box::new(parts.clone()));
    assert_eq!(store.change(change(ALICE, OURS, 0, made)).await.unwrap(), Changed::Yes(1));
    assert_eq!(store.flow(ALICE, OURS).await.unwrap().map(without_times), Some(parts.clone()));
    let mut stage = parts.stages[1].clone();
    stage = Stage { name: "other".into(), category: None, start: true, response_template_id: None, ..stage };
    let mut way = parts.transitions[3].clone();
    way.condition = "message.questions > 1".into();
    way.priority = -5;
    for (version, what) in [(1, Changing::Stage(stage.clone())), (2, Changing::Transition(way.clone()))] {
        assert_eq!(store.change(change(ALICE, OURS, version, what)).await.unwrap(), Changed::Yes(version + 1));
    }
    store.close().await.unwrap();

    let Opened { store, _place, .. } = subject.open().await;
    let read = store.flow(ALICE, OURS).await.unwrap().unwrap();
    assert_eq!((read.business.version, &read.stages[1], &read.transitions[3]), (3, &stage, &way));
    assert_eq!(read.stages.iter().filter(|stage| stage.start).count(), 1, "one stage is the start");
    assert_eq!((read.stages.len(), read.transitions.len()), (parts.stages.len(), parts.transitions.len()));
    // A stage goes with its ways; a template in use cannot go.
    assert_eq!(store.change(change(ALICE, OURS, 3, Changing::NoStage(stage.id))).await.unwrap(), Changed::Yes(4));
    let read = store.flow(ALICE, OURS).await.unwrap().unwrap();
    let touches = |way: &&shared::flow::Transition| way.from_stage_id == stage.id || way.to_stage_id == stage.id;
    assert!(read.stage(stage.id).is_none() && read.transitions.iter().find(touches).is_none());
    let used = read.stages[0].response_template_id.unwrap();
    assert!(store.change(change(ALICE, OURS, 4, Changing::NoTemplate(used))).await.is_err());
    assert_eq!(store.flow(ALICE, OURS).await.unwrap().unwrap().business.version, 4, "a failed change leaves nothing");
}

pub(super) async fn all_versions_of_a_template_stay<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    store.change(change(ALICE, OURS, 0, empty(OURS, false))).await.unwrap();
    let id = Uuid::from_u128(7);
    let version = |version, name: &str, body: &str| {
        Changing::Template(NewVersion {
            id,
            name: name.into(),
            kind: TemplateKind::Response,
            version,
            body: body.into(),
        })
    };
    for n in 1..=5 {
        let what = version(n, "t", &format!("body {n}"));
        store.change(change(ALICE, OURS, u64::from(n), what)).await.unwrap();
    }
    // Only its name changes.
    store.change(change(ALICE, OURS, 6, version(5, "u", "ignored"))).await.unwrap();
    let versions = store.versions(ALICE, OURS, id).await.unwrap();
    let bodies: Vec<_> = versions.iter().map(|v| (v.version, v.body.as_str(), v.author)).collect();
    assert_eq!(bodies[0], (5, "body 5", ALICE));
    assert_eq!((bodies.len(), bodies[4]), (5, (1, "body 1", ALICE)));
    let Versions { current, before } = store.flow(ALICE, OURS).await.unwrap().unwrap().templates.remove(0);
    assert_eq!((current.name.as_str(), current.version, current.body.as_str()), ("u", 5, "body 5"));
    assert_eq!(before, [(4, "body 4".to_owned()), (3, "body 3".to_owned())]);
    store.change(change(ALICE, OURS, 7, Changing::NoTemplate(id))).await.unwrap();
    assert!(store.versions(ALICE, OURS, id).await.unwrap().is_empty());
}

pub(super) async fn who_is_faster_wins<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    store.change(change(ALICE, OURS, 0, empty(OURS, false))).await.unwrap();
    let renamed = |name: &str| Changing::Business(Business { name: name.into(), ..business(OURS, false) });
    let both = ["one", "two"].map(|name| store.change(change(ALICE, OURS, 1, renamed(name))));
    let [first, second] = both;
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Changed::Yes(2), Changed::Overtaken));
    assert_eq!(store.businesses(ALICE).await.unwrap()[0].name, "one");
    assert_eq!(store.audited(AuditFilter { limit: 10, ..AuditFilter::default() }).await.unwrap().len(), 2);
}

pub(super) async fn nobody_sees_or_changes_anothers_business<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    let made = Changing::NewBusiness(Box::new(full(OURS)));
    store.change(change(ALICE, OURS, 0, made)).await.unwrap();
    store.change(change(BOB, THEIRS, 0, empty(THEIRS, false))).await.unwrap();
    let template = builtin().templates[0].current.id;
    assert_eq!(store.flow(BOB, OURS).await.unwrap(), None);
    assert!(store.versions(BOB, OURS, template).await.unwrap().is_empty());
    assert_eq!(store.businesses(BOB).await.unwrap().iter().map(|b| b.id).collect::<Vec<_>>(), [THEIRS]);
    for what in [
        Changing::Business(business(OURS, false)),
        Changing::NoBusiness,
        Changing::NoStage(builtin().stages[0].id),
        Changing::NoTransition(builtin().transitions[0].id),
        Changing::NoTemplate(template),
    ] {
        assert_eq!(store.change(change(BOB, OURS, 1, what)).await.unwrap(), Changed::NotThere);
    }
    let of = |member, business| AuditFilter { member: Some(member), business, limit: 10, ..AuditFilter::default() };
    assert_eq!(store.audited(of(ALICE, Some(OURS))).await.unwrap().len(), 1);
    assert!(store.audited(of(BOB, Some(OURS))).await.unwrap().is_empty());
    assert!(store.audited(of(BOB, None)).await.unwrap().is_empty());
}

pub(super) async fn one_business_is_followed_and_all_of_it_goes<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    assert_eq!(store.followed(ALICE).await.unwrap(), None);
    store.change(change(ALICE, OURS, 0, Changing::NewBusiness(Box::new(full(OURS))))).await.unwrap();
    store.change(change(ALICE, THEIRS, 0, empty(THEIRS, false))).await.unwrap();
    assert_eq!(store.followed(ALICE).await.unwrap(), Some(OURS));
    let active = |id, active| Changing::Business(business(id, active));
    store.change(change(ALICE, THEIRS, 1, active(THEIRS, true))).await.unwrap();
    assert_eq!(store.followed(ALICE).await.unwrap(), Some(THEIRS));
    store.change(change(ALICE, THEIRS, 2, active(THEIRS, false))).await.unwrap();
    assert_eq!(store.followed(ALICE).await.unwrap(), None);
    store.change(change(ALICE, OURS, 1, active(OURS, true))).await.unwrap();
    assert_eq!(store.followed(ALICE).await.unwrap(), Some(OURS));
    assert_eq!(store.change(change(ALICE, OURS, 2, Changing::NoBusiness)).await.unwrap(), Changed::Yes(3));
    assert_eq!((store.followed(ALICE).await.unwrap(), store.flow(ALICE, OURS).await.unwrap()), (None, None));
    let left = store.audited(AuditFilter { business: Some(OURS), limit: 10, ..AuditFilter::default() }).await.unwrap();
    assert_eq!(left.len(), 3, "the log outlives what it is about");
}

pub(super) async fn members_come_and_go_and_the_owner_stays<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    let account = Account { name: "bob@example.com".into(), user: BOB, password: "hash".into() };
    store.register(account, "registered".into(), NOW).await.unwrap();
    store.change(change(ALICE, OURS, 0, Changing::NewBusiness(Box::new(full(OURS))))).await.unwrap();
    assert!(store.members(BOB, OURS).await.unwrap().is_empty());
    assert_eq!(store.change(change(BOB, OURS, 1, Changing::Member(BOB))).await.unwrap(), Changed::NotThere);
    for version in [1, 2] {
        let added = store.change(change(ALICE, OURS, version, Changing::Member(BOB))).await.unwrap();
        assert_eq!(added, Changed::Yes(version + 1), "also who is one already");
    }
    let of = |user, name: Option<&str>, role| StoredMember { user, name: name.map(Into::into), role };
    let both = [of(ALICE, None, Role::Owner), of(BOB, Some("bob@example.com"), Role::Member)];
    assert_eq!(store.members(ALICE, OURS).await.unwrap(), both);
    assert_eq!(store.members(BOB, OURS).await.unwrap(), both);
    assert!(store.flow(BOB, OURS).await.unwrap().is_some());
    assert_eq!(store.followed(BOB).await.unwrap(), None, "whom others add follows nothing by it");
    let active = |active| Changing::Business(business(OURS, active));
    store.change(change(BOB, OURS, 3, active(true))).await.unwrap();
    assert_eq!(store.followed(BOB).await.unwrap(), Some(OURS));
    store.change(change(BOB, OURS, 4, Changing::NoMember(ALICE))).await.unwrap();
    assert_eq!(store.members(ALICE, OURS).await.unwrap().len(), 2, "the owner stays");
    store.change(change(ALICE, OURS, 5, Changing::NoMember(BOB))).await.unwrap();
    assert!(store.flow(BOB, OURS).await.unwrap().is_none() && store.members(BOB, OURS).await.unwrap().is_empty());
    assert_eq!(store.followed(BOB).await.unwrap(), None);
    assert_eq!(store.followed(ALICE).await.unwrap(), Some(OURS));
}

fn fact(field: &str, value: f64, message: u8) -> Extracted {
    let provenance = serde_json::from_value(json!({"source": "given"})).unwrap();
    Extracted { field: field.into(), value: json!(value), provenance, message: id(message) }
}

/// That a message told which model is used.
pub(super) fn known(model: &str, message: u8) -> Effects {
    let state = Some(NewState { business: OURS, stage: Uuid::from_u128(1), entered: 1 });
    let fact = Extracted { value: json!(model), ..fact("model", 0.0, message) };
    Effects { state, extracted: Some(vec![fact]), ..Effects::default() }
}

fn call(n: u8, outcome: &str) -> ModelCall {
    ModelCall {
        message: id(n),
        attempt: 1,
        purpose: "extraction".into(),
        provider: "openai".into(),
        model: "gpt-4o-mini".into(),
        input_tokens: Some(1_200),
        output_tokens: None,
        cost_usd: Some(0.000_18),
        ms: 812.5,
        outcome: outcome.into(),
        at_ms: NOW,
    }
}

fn with(n: u8, attempt: Option<u32>, effects: Effects) -> Arc<Finish> {
    Arc::new(Finish { effects: Some(Box::new(effects)), ..(*end(ALICE, n, attempt)).clone() })
}

pub(super) async fn effects_are_written_by_the_attempt_that_wins<S: Subject>() {
    let subject = S::new();
    let Opened { store, _place, .. } = subject.open().await;
    for n in 1..=3 {
        store.accept(message(ALICE, n, TALK)).await.unwrap();
    }
    assert_eq!(store.state(ALICE, TALK).await.unwrap(), None);
    let (stage, next) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let at = |stage, entered| Some(NewState { business: OURS, stage, entered });
    let first = Effects {
        state: at(stage, 1),
        extracted: Some(vec![fact("output_tokens", 300.0, 1), fact("input_tokens", 1_200.0, 1)]),
        audit: vec![entry(OURS, None, "transition.taken", 9)],
        calls: vec![call(1, "llm_bad_answer"), call(1, "ok")],
    };
    assert!(store.begin(ALICE, id(1), 2).await.unwrap());
    assert_eq!(store.finish(with(1, Some(1), first.clone())).await.unwrap(), Finished::Lost);
    assert_eq!(store.state(ALICE, TALK).await.unwrap(), None, "an attempt that was overtaken changes nothing");
    assert!(store.model_calls(ALICE, id(1)).await.unwrap().is_empty());
    assert_eq!(store.finish(with(1, Some(2), first.clone())).await.unwrap(), Finished::Won);
    assert_eq!(store.finish(with(1, Some(2), first)).await.unwrap(), Finished::Lost);
    let extracted = vec![fact("input_tokens", 600.0, 2), fact("output_tokens", 300.0, 1)];
    let second = Effects { state: at(stage, 1), extracted: Some(extracted.clone()), ..Effects::default() };
    assert_eq!(store.finish(with(2, Some(1), second)).await.unwrap(), Finished::Won);
    // What is known stays until it is said what else is.
    let third = Effects { state: at(next, 3), ..Effects::default() };
    assert_eq!(store.finish(with(3, Some(1), third)).await.unwrap(), Finished::Won);
    store.close().await.unwrap();

    let Opened { store, _place, .. } = subject.open().await;
    let expected = ConversationState { business: OURS, stage: next, entered: 3, version: 3, extracted };
    assert_eq!(store.state(ALICE, TALK).await.unwrap(), Some(expected));
    assert_eq!(store.state(BOB, TALK).await.unwrap(), None);
    assert_eq!(store.model_calls(ALICE, id(1)).await.unwrap(), [call(1, "llm_bad_answer"), call(1, "ok")]);
    assert!(store.model_calls(BOB, id(1)).await.unwrap().is_empty());
    let log = store.audited(AuditFilter { limit: 10, ..AuditFilter::default() }).await.unwrap();
    assert_eq!(log.iter().map(|line| &line.entry).collect::<Vec<_>>(), [&entry(OURS, None, "transition.taken", 9)]);
}

pub(super) async fn what_is_done_to_a_conversation_is_about_the_business_it_follows<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    store.accept(message(ALICE, 1, TALK)).await.unwrap();
    store.accept(message(ALICE, 2, TALK)).await.unwrap();
    store.hold(ALICE, TALK, true, NOW).await.unwrap();
    let state = Some(NewState { business: OURS, stage: Uuid::from_u128(1), entered: 1 });
    store.finish(with(1, Some(1), Effects { state, ..Effects::default() })).await.unwrap();
    store.hold(ALICE, TALK, false, NOW).await.unwrap();
    store.hold(ALICE, TALK, false, NOW).await.unwrap();
    let audit = vec![AuditEntry::of_conversation(NOW, ALICE, "message.cancelled", id(2))];
    store.finish(with(2, None, Effects { audit, ..Effects::default() })).await.unwrap();
    let log = store.audited(AuditFilter { limit: 10, ..AuditFilter::default() }).await.unwrap();
    let told: Vec<_> = log.iter().map(|line| (line.entry.action.as_str(), line.entry.business)).collect();
    let builtin = crate::flow::BUILTIN;
    assert_eq!(told, [("message.cancelled", OURS), ("conversation.resumed", OURS), ("conversation.stopped", builtin)]);
    assert!(log.iter().all(|line| line.entry.actor == Some(ALICE)));
}

pub(super) async fn the_audit_log_is_filtered_and_paged<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    let at = |n: u64, entry: AuditEntry| AuditEntry { at_ms: NOW + n, ..entry };
    let entries = vec![
        at(1, entry(OURS, Some(ALICE), "stage.created", 1)),
        at(2, entry(OURS, Some(BOB), "stage.deleted", 1)),
        at(3, entry(THEIRS, Some(BOB), "stagecoach.seen", 2)),
        at(4, entry(OURS, None, "transition.taken", 3)),
    ];
    store.audit(entries).await.unwrap();
    let all = AuditFilter { limit: 10, ..AuditFilter::default() };
    let read = async |filter: AuditFilter| -> Vec<u64> {
        store.audited(filter).await.unwrap().into_iter().map(|line| line.entry.at_ms - NOW).collect()
    };
    assert_eq!(read(all.clone()).await, [4, 3, 2, 1]);
    assert_eq!(read(AuditFilter { business: Some(OURS), ..all.clone() }).await, [4, 2, 1]);
    assert_eq!(read(AuditFilter { actor: Some(BOB), ..all.clone() }).await, [3, 2]);
    assert_eq!(read(AuditFilter { action: Some("stage.created".into()), ..all.clone() }).await, [1]);
    assert_eq!(read(AuditFilter { action: Some("stage.".into()), ..all.clone() }).await, [2, 1]);
    assert!(read(AuditFilter { action: Some("' OR 1 = 1".into()), ..all.clone() }).await.is_empty());
    assert_eq!(read(AuditFilter { subject: Some(Uuid::from_u128(1)), ..all.clone() }).await, [2, 1]);
    let time = AuditFilter { since_ms: Some(NOW + 2), until_ms: Some(NOW + 4), ..all.clone() };
    assert_eq!(read(time).await, [3, 2]);
    let page = store.audited(AuditFilter { limit: 2, ..all.clone() }).await.unwrap();
    assert_eq!(read(AuditFilter { before: Some(page[1].number), ..all }).await, [2, 1]);
}
