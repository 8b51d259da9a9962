//! What every store must do. The tests are written over the port; each adapter runs all of them on a store of its own
//! that can be closed and opened again.

use std::sync::Arc;

use serde_json::{Value, json};
use shared::draft::{Draft, Unknown};
use shared::message::{Category, Priority, Status, id_at};
use shared::protocol::EventKind;
use tempfile::TempDir;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::*;

const NOW: u64 = 1_795_305_600_000;
const ALICE: UserId = Uuid::from_u128(0xa);
const BOB: UserId = Uuid::from_u128(0xb);
const TALK: Uuid = Uuid::from_u128(0xc);

/// A place for a store that can be opened again.
trait Subject {
    fn new() -> Self;
    async fn open(&self) -> Opened;
}

struct Opened {
    store: Arc<dyn Store>,
    facts: mpsc::UnboundedReceiver<Vec<Fact>>,
    /// Keeps the place for as long as the store is used.
    _place: Arc<TempDir>,
}

struct Sqlite(Arc<TempDir>);

impl Subject for Sqlite {
    fn new() -> Self {
        Self(Arc::new(TempDir::new().unwrap()))
    }

    async fn open(&self) -> Opened {
        let (sender, facts) = mpsc::unbounded_channel();
        let path = self.0.path().join("nested/test.db");
        let store = Arc::new(SqliteStore::open(&path, Durability::Process, sender).await.unwrap());
        Opened { store, facts, _place: self.0.clone() }
    }
}

fn id(n: u8) -> Uuid {
    id_at(NOW, [n; 10])
}

fn message(user: UserId, n: u8, conversation: Uuid) -> Accept {
    let body = json!({"content": format!("We spend $12k/month, message {n}")});
    let draft = Draft::from_json(body.as_object().unwrap(), Unknown::Refuse).unwrap();
    Accept { user, id: id(n), conversation, draft: Arc::new(draft), fingerprint: [n; 32], now_ms: NOW + u64::from(n) }
}

fn end(user: UserId, n: u8, attempt: Option<u32>) -> Arc<Finish> {
    Arc::new(Finish {
        user,
        id: id(n),
        attempt,
        status: Status::Completed,
        category: None,
        event: json!({"headline": n}).to_string().into(),
        outcome: Packed::of(&json!({"timings": []})),
        effects: None,
        now_ms: NOW + 1_000,
    })
}

fn yes(conversation: Uuid, sequence: u64, status: Status, duplicate: bool) -> Accepted {
    Accepted::Yes(Acceptance { conversation, sequence, status, duplicate })
}

async fn all_events(store: &dyn Store, user: UserId, conversation: Uuid) -> Vec<LogEvent> {
    store.events_after(user, conversation, 0, 1_000).await.unwrap().map(|e| e.events).unwrap_or_default()
}

fn log(user: UserId, n: u8) -> UsageLog {
    let figures = Packed::of(&json!({"rows": n}));
    UsageLog { user, id: id(n), figures, now_ms: NOW + u64::from(n) }
}

async fn usage_logs_belong_to_their_user_and_the_newest_stay<S: Subject>() {
    let opened = S::new().open().await;
    let store = &opened.store;
    let kept = u8::try_from(shared::limits::USAGE_LOGS_MAX).unwrap();
    for n in 0..=kept {
        store.keep_usage(log(ALICE, n)).await.unwrap();
    }
    store.keep_usage(log(BOB, 200)).await.unwrap();
    assert_eq!(store.usage(ALICE, id(kept)).await.unwrap(), Some(log(ALICE, kept).figures));
    assert_eq!(store.usage(ALICE, id(0)).await.unwrap(), None, "the oldest went");
    assert_eq!(store.usage(ALICE, id(1)).await.unwrap(), Some(log(ALICE, 1).figures));
    assert_eq!(store.usage(BOB, id(kept)).await.unwrap(), None, "another user's does not exist");
    let with = |user, n, usage| {
        let plain = message(user, n, TALK);
        Accept { draft: Arc::new(Draft { usage_id: Some(usage), ..(*plain.draft).clone() }), ..plain }
    };
    assert_eq!(store.accept(with(BOB, 1, id(kept))).await.unwrap(), Accepted::NoSuchUsage);
    assert_eq!(store.accept(with(BOB, 1, id(200))).await.unwrap(), yes(TALK, 1, Status::Queued, false));
}

async fn usage_logs_are_forgotten_after_their_time<S: Subject>() {
    let opened = S::new().open().await;
    let store = &opened.store;
    let kept_ms = shared::limits::USAGE_KEPT_DAYS * 86_400_000;
    let sweep = |now_ms| Sweep { now_ms, idle_before_ms: 0, forget_before_ms: 0, ids_before_ms: 0 };
    store.keep_usage(log(ALICE, 0)).await.unwrap();
    store.sweep(sweep(NOW + kept_ms)).await.unwrap();
    assert!(store.usage(ALICE, id(0)).await.unwrap().is_some());
    store.sweep(sweep(NOW + kept_ms + 1)).await.unwrap();
    assert_eq!(store.usage(ALICE, id(0)).await.unwrap(), None);
}

async fn numbers_without_a_gap<S: Subject>() {
    let subject = S::new();
    let Opened { store, mut facts, _place } = subject.open().await;
    // Queued together and answered in any order, they are numbered in the order of the calls.
    let answers: Vec<_> = (1..=50).map(|n| store.accept(message(ALICE, n, TALK))).collect();
    for (i, answer) in answers.into_iter().enumerate().rev() {
        assert_eq!(answer.await.unwrap(), yes(TALK, i as u64 + 1, Status::Queued, false));
    }
    store.finish(end(ALICE, 1, Some(1))).await.unwrap();
    store.accept(message(ALICE, 51, TALK)).await.unwrap();
    let events = all_events(&*store, ALICE, TALK).await;
    assert_eq!(events.iter().map(|e| e.offset).collect::<Vec<_>>(), (1..=52).collect::<Vec<_>>());
    assert_eq!(events[50].kind, EventKind::Completed);
    store.close().await.unwrap();
    let mut told = Vec::new();
    while let Some(batch) = facts.recv().await {
        told.extend(batch.into_iter().map(|fact| (*fact.event).clone()));
    }
    assert_eq!(told, events, "facts leave in the order of the log, with the same bytes");
}

async fn recognises_what_it_knows<S: Subject>() {
    let subject = S::new();
    let Opened { store, _place, .. } = subject.open().await;
    let first = store.accept(message(ALICE, 1, TALK)).await.unwrap();
    assert_eq!(first, yes(TALK, 1, Status::Queued, false));
    // Another conversation in the repetition changes nothing: the first answer stands.
    assert_eq!(store.accept(message(ALICE, 1, BOB)).await.unwrap(), yes(TALK, 1, Status::Queued, true));
    let other_body = Accept { fingerprint: [9; 32], ..message(ALICE, 1, TALK) };
    assert_eq!(store.accept(other_body.clone()).await.unwrap(), Accepted::Reused);
    store.finish(end(ALICE, 1, Some(1))).await.unwrap();
    store.close().await.unwrap();

    let Opened { store, mut facts, _place } = subject.open().await;
    assert_eq!(store.accept(message(ALICE, 1, TALK)).await.unwrap(), yes(TALK, 1, Status::Completed, true));
    assert_eq!(store.accept(other_body).await.unwrap(), Accepted::Reused);
    assert_eq!(all_events(&*store, ALICE, TALK).await.len(), 2);
    assert!(facts.try_recv().is_err(), "a repetition is no event");
}

async fn recognises_repetitions_within_one_batch<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    let answers: Vec<_> = (0..20).map(|_| store.accept(message(ALICE, 1, TALK))).collect();
    let mut fresh = 0;
    for answer in answers {
        let Accepted::Yes(acceptance) = answer.await.unwrap() else { panic!("accepted") };
        assert_eq!(acceptance.sequence, 1);
        fresh += u32::from(!acceptance.duplicate);
    }
    assert_eq!(fresh, 1);
}

async fn shows_nothing_of_another_user<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    store.accept(message(ALICE, 1, TALK)).await.unwrap();
    assert_eq!(store.message(BOB, id(1)).await.unwrap(), None);
    assert_eq!(store.conversation(BOB, TALK, 10, true).await.unwrap(), None);
    assert_eq!(store.events_after(BOB, TALK, 0, 10).await.unwrap(), None);
    assert_eq!(store.conversations(BOB, 10).await.unwrap(), []);
    assert!(!store.begin(BOB, id(1), 2).await.unwrap());
    assert_eq!(store.finish(end(BOB, 1, None)).await.unwrap(), Finished::Lost);
    // The same ids are Bob's own: nothing tells him that they exist elsewhere.
    let other = Accept { fingerprint: [7; 32], ..message(BOB, 1, TALK) };
    assert_eq!(store.accept(other).await.unwrap(), yes(TALK, 1, Status::Queued, false));
    assert_eq!(store.message(ALICE, id(1)).await.unwrap().unwrap().status, Status::Queued);
    assert_eq!(all_events(&*store, BOB, TALK).await.len(), 1);
}

async fn ends_a_message_once<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    store.accept(message(ALICE, 1, TALK)).await.unwrap();
    let race = [Some(1), None, Some(1)].map(|attempt| store.finish(end(ALICE, 1, attempt)));
    let mut won = 0;
    for finish in race {
        won += u32::from(finish.await.unwrap() == Finished::Won);
    }
    assert_eq!(won, 1);
    assert_eq!(all_events(&*store, ALICE, TALK).await.len(), 2);
    assert!(!store.begin(ALICE, id(1), 2).await.unwrap(), "nothing begins after the end");
    assert_eq!(store.finish(end(ALICE, 9, None)).await.unwrap(), Finished::Lost, "no such message");
}

async fn fences_attempts_that_were_overtaken<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    store.accept(message(ALICE, 1, TALK)).await.unwrap();
    assert!(store.begin(ALICE, id(1), 2).await.unwrap());
    assert!(!store.begin(ALICE, id(1), 2).await.unwrap(), "an attempt begins once");
    assert_eq!(store.finish(end(ALICE, 1, Some(1))).await.unwrap(), Finished::Lost);
    assert_eq!(store.finish(end(ALICE, 1, Some(2))).await.unwrap(), Finished::Won);
    assert_eq!(store.message(ALICE, id(1)).await.unwrap().unwrap().attempt, 2);
}

async fn keeps_the_whole_outcome<S: Subject>() {
    let subject = S::new();
    let Opened { store, _place, .. } = subject.open().await;
    store.accept(message(ALICE, 1, TALK)).await.unwrap();
    store.finish(end(ALICE, 1, Some(1))).await.unwrap();
    store.close().await.unwrap();
    let Opened { store, _place, .. } = subject.open().await;
    let stored = store.message(ALICE, id(1)).await.unwrap().unwrap();
    assert_eq!((stored.status, stored.attempt, stored.sequence), (Status::Completed, 1, 1));
    assert_eq!(stored.outcome.unwrap().open::<Value>().unwrap(), json!({"timings": []}));
    assert!(stored.draft.contains("message 1"));
    let talk = store.conversation(ALICE, TALK, 10, false).await.unwrap().unwrap();
    assert_eq!((talk.head, talk.messages[0].outcome.as_ref()), (2, None), "lists leave outcomes out");
}

async fn a_conversation_remembers_what_it_was_about<S: Subject>() {
    let subject = S::new();
    let Opened { store, mut facts, _place } = subject.open().await;
    let about = |n, category| Arc::new(Finish { category, ..(*end(ALICE, n, Some(1))).clone() });
    for (n, category) in [(1, Some(Category::Scaling)), (2, None)] {
        store.accept(message(ALICE, n, TALK)).await.unwrap();
        store.finish(about(n, category)).await.unwrap();
    }
    store.accept(message(ALICE, 3, TALK)).await.unwrap();
    let mut known = Vec::new();
    while let Ok(batch) = facts.try_recv() {
        known.extend(batch.into_iter().filter_map(|fact| match fact.next {
            Next::Work(job) => Some(job.before),
            Next::Rest { .. } | Next::Hold | Next::Free(_) => None,
        }));
    }
    assert_eq!(known, [None, Some(Category::Scaling), Some(Category::Scaling)]);
    store.close().await.unwrap();
    let Opened { store, _place, .. } = subject.open().await;
    assert_eq!(
        store.unfinished(Unfinished::Free).await.unwrap()[0].before,
        Some(Category::Scaling),
        "also after a restart"
    );
}

async fn finds_what_is_unfinished_in_order<S: Subject>() {
    let subject = S::new();
    let Opened { store, _place, .. } = subject.open().await;
    for n in 1..=4 {
        store.accept(message(ALICE, n, TALK)).await.unwrap();
    }
    store.accept(message(BOB, 1, TALK)).await.unwrap();
    store.finish(end(ALICE, 2, Some(1))).await.unwrap();
    store.begin(ALICE, id(3), 2).await.unwrap();
    store.close().await.unwrap();
    let Opened { store, _place, .. } = subject.open().await;
    let jobs: Vec<_> = store
        .unfinished(Unfinished::Free)
        .await
        .unwrap()
        .into_iter()
        .map(|j| (j.user, j.sequence, j.attempt, j.priority))
        .collect();
    let normal = Priority::Normal;
    assert_eq!(jobs, [(ALICE, 1, 2, normal), (ALICE, 3, 3, normal), (ALICE, 4, 2, normal), (BOB, 1, 2, normal)]);
    let alices = store.unfinished(Unfinished::Of(ALICE)).await.unwrap();
    assert_eq!(alices.iter().map(|job| job.sequence).collect::<Vec<_>>(), [1, 3, 4], "one user's alone");
}

async fn reads_a_page_of_events<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    for n in 1..=5 {
        store.accept(message(ALICE, n, TALK)).await.unwrap();
    }
    let page = |after, limit| {
        let store = store.clone();
        async move { store.events_after(ALICE, TALK, after, limit).await.unwrap().unwrap() }
    };
    let offsets = |events: &Events| events.events.iter().map(|e| e.offset).collect::<Vec<_>>();
    assert_eq!(offsets(&page(1, 2).await), [2, 3]);
    assert_eq!(page(1, 2).await.head, 5);
    assert!(offsets(&page(5, 10).await).is_empty() && page(u64::MAX, 10).await.head == 5);
    assert_eq!(store.events_after(ALICE, BOB, 0, 10).await.unwrap(), None);
}

async fn finds_any_page_of_a_long_past<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    for n in 1..=200 {
        // Two conversations, so that one's rows lie between the other's.
        store.accept(message(ALICE, n, TALK)).await.unwrap();
        store.accept(message(BOB, n, TALK)).await.unwrap();
    }
    for (after, limit) in [(0, 1), (0, 200), (62, 3), (63, 1), (64, 1), (65, 64), (127, 65), (190, 20), (199, 1)] {
        let page = store.events_after(ALICE, TALK, after, limit).await.unwrap().unwrap();
        let offsets: Vec<_> = page.events.iter().map(|event| event.offset).collect();
        let wanted: Vec<_> = (after + 1..=(after + u64::from(limit)).min(200)).collect();
        assert_eq!(offsets, wanted, "{limit} after {after}");
        assert!(page.events.iter().all(|event| event.id == id(u8::try_from(event.offset).unwrap())));
        assert_eq!(page.head, 200);
    }
    let talk = store.conversation(ALICE, TALK, 100, false).await.unwrap().unwrap();
    let sequences: Vec<_> = talk.messages.iter().map(|message| message.sequence).collect();
    assert_eq!(sequences, (101..=200).collect::<Vec<_>>());
}

async fn lists_conversations_newest_first<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    store.accept(message(ALICE, 1, TALK)).await.unwrap();
    store.accept(message(ALICE, 2, BOB)).await.unwrap();
    store.accept(message(ALICE, 3, TALK)).await.unwrap();
    let list = store.conversations(ALICE, 10).await.unwrap();
    assert_eq!(list.iter().map(|c| (c.id, c.messages)).collect::<Vec<_>>(), [(TALK, 2), (BOB, 1)]);
    assert_eq!(list[0].title, "We spend $12k/month, message 1");
    assert_eq!(store.conversations(ALICE, 1).await.unwrap().len(), 1);
    let talk = store.conversation(ALICE, TALK, 1, true).await.unwrap().unwrap();
    assert_eq!(talk.messages.iter().map(|m| m.sequence).collect::<Vec<_>>(), [2], "the newest stay");
}

async fn sessions_live_and_end<S: Subject>() {
    let subject = S::new();
    let Opened { store, _place, .. } = subject.open().await;
    let session = |n: u8, user| StoredSession {
        token_hash: [n; 32],
        id: Uuid::from_u128(n.into()),
        user,
        tier: "guest".into(),
        seen_ms: NOW,
        ended: false,
    };
    for n in 1..=3 {
        store.start_session(session(n, ALICE)).await.unwrap();
    }
    assert!(store.start_session(session(1, BOB)).await.is_err(), "a token belongs to one session");
    assert_eq!(store.session([1; 32]).await.unwrap(), Some(session(1, ALICE)));
    assert_eq!(store.session([9; 32]).await.unwrap(), None);
    store.touch_sessions(vec![([1; 32], NOW + 10), ([2; 32], NOW - 10)]).await.unwrap();
    store.end_session([3; 32], NOW + 1).await.unwrap();
    assert!(store.session([3; 32]).await.unwrap().unwrap().ended);
    let sweep = Sweep { now_ms: NOW + 20, idle_before_ms: NOW + 5, forget_before_ms: NOW + 2, ids_before_ms: 0 };
    assert_eq!(store.sweep(sweep).await.unwrap(), Swept { ended: 1, more: false });
    store.close().await.unwrap();
    let Opened { store, _place, .. } = subject.open().await;
    assert!(!store.session([1; 32]).await.unwrap().unwrap().ended, "it was seen");
    assert!(store.session([2; 32]).await.unwrap().unwrap().ended, "it was idle");
    assert_eq!(store.session([3; 32]).await.unwrap(), None, "it is forgotten");
    assert_eq!(store.sessions().await.unwrap(), 1);
    store.start_session(session(4, BOB)).await.unwrap();
    store.start_session(session(5, ALICE)).await.unwrap();
    assert_eq!(store.end_sessions_of(ALICE, NOW + 30).await.unwrap(), 2);
    assert!(store.session([5; 32]).await.unwrap().unwrap().ended);
    assert!(!store.session([4; 32]).await.unwrap().unwrap().ended, "another user's");
}

async fn holds_a_conversation_until_it_is_freed<S: Subject>() {
    let subject = S::new();
    let Opened { store, _place, .. } = subject.open().await;
    store.accept(message(ALICE, 1, TALK)).await.unwrap();
    assert_eq!(store.hold(BOB, TALK, true, NOW).await.unwrap(), None, "it is not BOB's");
    assert_eq!(store.hold(ALICE, TALK, false, NOW).await.unwrap(), Some(false));
    assert_eq!(store.hold(ALICE, TALK, true, NOW).await.unwrap(), Some(true));
    assert_eq!(store.hold(ALICE, TALK, true, NOW).await.unwrap(), Some(false), "it was held already");
    store.accept(message(ALICE, 2, TALK)).await.unwrap();
    store.close().await.unwrap();
    let Opened { store, _place, .. } = subject.open().await;
    assert_eq!(store.held().await.unwrap(), [(ALICE, TALK, 2)]);
    assert!(store.conversation(ALICE, TALK, 9, false).await.unwrap().unwrap().held);
    let count = async |of| store.unfinished(of).await.unwrap().len();
    assert_eq!(count(Unfinished::Free).await, 0, "its messages wait");
    assert_eq!(count(Unfinished::Of(ALICE)).await, 2, "and are kept");
    assert_eq!(count(Unfinished::In(ALICE, TALK, 1)).await, 1);
    assert_eq!(count(Unfinished::In(BOB, TALK, 2)).await, 0);
    store.hold(ALICE, TALK, false, NOW).await.unwrap();
    assert_eq!(store.held().await.unwrap(), []);
    let events = all_events(&*store, ALICE, TALK).await;
    let told: Vec<_> = events.iter().map(|e| (e.offset, e.kind.as_str(), &*e.data)).collect();
    assert_eq!((told[1].1, told[1].2), ("note", r#"{"ai":"stopped"}"#));
    assert_eq!((told[3].1, told[3].2), ("note", r#"{"ai":"active"}"#));
    assert!(told.iter().map(|t| t.0).eq(1..=4), "the log has no gap");
}

async fn an_account_is_its_users_alone<S: Subject>() {
    let subject = S::new();
    let Opened { store, _place, .. } = subject.open().await;
    let guest = StoredSession {
        token_hash: [1; 32],
        id: Uuid::from_u128(1),
        user: ALICE,
        tier: "guest".into(),
        seen_ms: NOW,
        ended: false,
    };
    store.start_session(guest).await.unwrap();
    let account = |name: &str, user| Account { name: name.into(), user, password: "$argon2id$".into() };
    let register = |account| store.register(account, "registered".into(), NOW);
    assert_eq!(store.account("ada@example.com".into()).await.unwrap(), None);
    assert_eq!(register(account("ada@example.com", ALICE)).await.unwrap(), Registered::Yes);
    assert_eq!(register(account("other@example.com", ALICE)).await.unwrap(), Registered::UserHasOne);
    assert_eq!(register(account("ada@example.com", BOB)).await.unwrap(), Registered::NameTaken);
    // Nobody was there before.
    assert_eq!(register(account("bob@example.com", BOB)).await.unwrap(), Registered::Yes);
    store.close().await.unwrap();
    let Opened { store, _place, .. } = subject.open().await;
    let stored = store.account("ada@example.com".into()).await.unwrap();
    assert_eq!(stored, Some(account("ada@example.com", ALICE)));
    assert_eq!(store.account("other@example.com".into()).await.unwrap(), None);
    assert_eq!(store.session([1; 32]).await.unwrap().unwrap().tier, "registered");
}

async fn forgets_ids_after_the_window_only<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    store.accept(message(ALICE, 1, TALK)).await.unwrap();
    let sweep = |ids_before_ms| Sweep { now_ms: NOW, idle_before_ms: 0, forget_before_ms: 0, ids_before_ms };
    store.sweep(sweep(NOW)).await.unwrap();
    assert!(matches!(store.accept(message(ALICE, 1, TALK)).await.unwrap(), Accepted::Yes(a) if a.duplicate));
    store.sweep(sweep(NOW + 1)).await.unwrap();
    // What keeps a forgotten id from running again is the inbox, which refuses it as old; and the message itself.
    assert!(store.accept(message(ALICE, 1, TALK)).await.is_err());
    assert_eq!(all_events(&*store, ALICE, TALK).await.len(), 1, "a failed write leaves nothing behind");
    store.accept(message(ALICE, 2, TALK)).await.unwrap();
    assert_eq!(all_events(&*store, ALICE, TALK).await.len(), 2);
}

async fn a_sweep_says_when_there_is_more_to_forget<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    let one = |n: u16| {
        let [high, low] = n.to_be_bytes();
        Accept { id: id_at(NOW, [0, 0, 0, 0, 0, 0, 0, 0, high, low]), ..message(ALICE, 1, TALK) }
    };
    for accepted in futures::future::join_all((1..=5_001).map(|n| store.accept(one(n)))).await {
        accepted.unwrap();
    }
    let sweep = Sweep { now_ms: NOW, idle_before_ms: 0, forget_before_ms: 0, ids_before_ms: NOW + 1 };
    assert!(store.sweep(sweep).await.unwrap().more);
    assert!(!store.sweep(sweep).await.unwrap().more);
}

async fn one_failing_write_spoils_no_other<S: Subject>() {
    let Opened { store, _place, .. } = S::new().open().await;
    store.accept(message(ALICE, 1, TALK)).await.unwrap();
    let sweep = Sweep { now_ms: NOW, idle_before_ms: 0, forget_before_ms: 0, ids_before_ms: NOW + 1 };
    store.sweep(sweep).await.unwrap();
    let answers = [message(ALICE, 2, TALK), message(ALICE, 1, TALK), message(ALICE, 3, TALK)].map(|m| store.accept(m));
    let [before, bad, after] = answers;
    assert_eq!(before.await.unwrap(), yes(TALK, 2, Status::Queued, false));
    assert!(bad.await.is_err());
    assert_eq!(after.await.unwrap(), yes(TALK, 3, Status::Queued, false));
}

async fn keeps_its_epoch_and_refuses_after_closing<S: Subject>() {
    let subject = S::new();
    let Opened { store, _place, .. } = subject.open().await;
    let epoch = store.epoch().to_string();
    store.ping().await.unwrap();
    store.close().await.unwrap();
    assert!(store.accept(message(ALICE, 1, TALK)).await.is_err());
    let Opened { store, _place, .. } = subject.open().await;
    assert_eq!(store.epoch(), epoch);
    assert_ne!(S::new().open().await.store.epoch(), epoch);
}

mod flow;

use flow::*;

macro_rules! every_adapter {
    ($($test:ident),+ $(,)?) => {
        mod sqlite { $(#[tokio::test] async fn $test() { super::$test::<super::Sqlite>().await; })+ }
    };
}

every_adapter!(
    usage_logs_are_forgotten_after_their_time,
    usage_logs_belong_to_their_user_and_the_newest_stay,
    numbers_without_a_gap,
    recognises_what_it_knows,
    recognises_repetitions_within_one_batch,
    shows_nothing_of_another_user,
    ends_a_message_once,
    fences_attempts_that_were_overtaken,
    keeps_the_whole_outcome,
    a_conversation_remembers_what_it_was_about,
    finds_what_is_unfinished_in_order,
    reads_a_page_of_events,
    finds_any_page_of_a_long_past,
    lists_conversations_newest_first,
    sessions_live_and_end,
    an_account_is_its_users_alone,
    holds_a_conversation_until_it_is_freed,
    forgets_ids_after_the_window_only,
    a_sweep_says_when_there_is_more_to_forget,
    one_failing_write_spoils_no_other,
    keeps_its_epoch_and_refuses_after_closing,
    a_flow_comes_back_as_it_was_given,
    all_versions_of_a_template_stay,
    who_is_faster_wins,
    nobody_sees_or_changes_anothers_business,
    one_business_is_followed_and_all_of_it_goes,
    members_come_and_go_and_the_owner_stays,
    effects_are_written_by_the_attempt_that_wins,
    the_audit_log_is_filtered_and_paged,
    what_is_done_to_a_conversation_is_about_the_business_it_follows,
);

#[tokio::test]
async fn migrations_go_up_and_down() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("m.db");
    let applied = |steps: Vec<migrations::Step>| steps.iter().map(|s| s.applied).collect::<Vec<_>>();
    assert!(applied(migrations::status(&path).await.unwrap()).iter().all(|applied| !applied));
    migrations::up(&path).await.unwrap();
    assert!(applied(migrations::status(&path).await.unwrap()).iter().all(|applied| *applied));
    while migrations::down(&path).await.unwrap().is_some() {}
    assert!(applied(migrations::status(&path).await.unwrap()).iter().all(|applied| !applied));
    migrations::up(&path).await.unwrap();
}

#[tokio::test]
async fn a_step_down_and_up_again_keeps_events_and_facts() {
    let subject = Sqlite::new();
    let Opened { store, _place, .. } = subject.open().await;
    for n in 1..=70 {
        store.accept(message(ALICE, n, TALK)).await.unwrap();
    }
    let effects = flow::known("gpt-4o", 1);
    store
        .finish(Arc::new(Finish { effects: Some(Box::new(effects)), ..(*end(ALICE, 1, Some(1))).clone() }))
        .await
        .unwrap();
    let (events, state) =
        (store.events_after(ALICE, TALK, 0, 99).await.unwrap(), store.state(ALICE, TALK).await.unwrap());
    let talk = store.conversation(ALICE, TALK, 99, true).await.unwrap();
    assert_eq!((events.as_ref().unwrap().events.len(), talk.as_ref().unwrap().messages.len()), (71, 70));
    assert_eq!(state.as_ref().unwrap().extracted.len(), 1);
    store.close().await.unwrap();
    let path = subject.0.path().join("nested/test.db");
    assert_eq!(migrations::down(&path).await.unwrap(), Some(9));
    assert_eq!(migrations::down(&path).await.unwrap(), Some(8));
    let Opened { store, _place, .. } = subject.open().await;
    assert_eq!(store.events_after(ALICE, TALK, 0, 99).await.unwrap(), events);
    assert_eq!(store.conversation(ALICE, TALK, 99, true).await.unwrap(), talk);
    assert_eq!(store.state(ALICE, TALK).await.unwrap(), state);
}
