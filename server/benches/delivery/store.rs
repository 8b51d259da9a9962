//! The store and the sessions alone.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::{Value, json};
use server::flow::BUILTIN;
use server::sessions::Sessions;
use server::store::flow::{Effects, NewState};
use server::store::{Accept, Accepted, Durability, Finish, Packed, SqliteStore, Store, Unfinished};
use server::world::World;
use shared::draft::{Draft, Unknown};
use shared::message::{Category, Status};
use tempfile::TempDir;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::child::{Job, Server, own_processor_s};
use crate::load::{content, percentiles};

async fn store(folder: &Path, durability: Durability) -> Arc<SqliteStore> {
    let (facts_in, mut facts) = mpsc::unbounded_channel();
    let store = SqliteStore::open(&folder.join("bench.db"), durability, facts_in).await.expect("a store");
    tokio::spawn(async move { while facts.recv().await.is_some() {} });
    Arc::new(store)
}

fn draft(n: usize) -> Arc<Draft> {
    let body = json!({"content": content(n)});
    Arc::new(Draft::from_json(body.as_object().expect("an object"), Unknown::Refuse).expect("a draft"))
}

fn accept(world: &World, user: Uuid, conversation: Uuid, draft: Arc<Draft>) -> Accept {
    Accept { user, id: world.new_id(), conversation, draft, fingerprint: [1; 32], now_ms: world.unix_ms() }
}

/// Accepts with `window` waiting at a time.
pub(crate) async fn accept_only(durability: Durability, seconds: u64, window: usize) -> Value {
    let folder = TempDir::new().expect("a folder");
    let store = store(folder.path(), durability).await;
    let world = World::real();
    let drafts: Vec<_> = (0..1_000).map(draft).collect();
    let conversations: Vec<_> = (0..window.max(1)).map(|_| world.new_id()).collect();
    let user = world.new_id();
    let mut waiting = FuturesUnordered::new();
    let (mut times, began, mut n) = (Vec::new(), Instant::now(), 0);
    let processor = own_processor_s();
    let until = began + Duration::from_secs(seconds);
    loop {
        while waiting.len() < window && Instant::now() < until {
            let conversation = conversations[n % conversations.len()];
            let accept = accept(&world, user, conversation, drafts[n % drafts.len()].clone());
            n += 1;
            let (sent, answer) = (Instant::now(), store.accept(accept));
            waiting.push(async move {
                answer.await.expect("accepted");
                sent.elapsed()
            });
        }
        match waiting.next().await {
            Some(time) => times.push(time),
            None => break,
        }
    }
    let rate = times.len() as f64 / began.elapsed().as_secs_f64();
    store.close().await.expect("closed");
    let processor = (own_processor_s() - processor) * 1e6 / times.len() as f64;
    let mut told = percentiles(times);
    told["us_each"] = processor.round().into();
    told["per_second"] = rate.round().into();
    told["window"] = window.into();
    told
}

/// New sessions, one after another; then 1,000 of them expire.
pub(crate) async fn session(durability: Durability, seconds: u64) -> Value {
    let folder = TempDir::new().expect("a folder");
    let store = store(folder.path(), durability).await;
    let held = server::world::Held::new(World::real().unix_ms(), 1);
    let idle = Duration::from_mins(30);
    let sessions = Sessions::open(store, World::of(held.clone()), idle, usize::MAX).await.expect("sessions");
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut times = Vec::new();
    let mut after_1000 = None;
    while Instant::now() < until || times.len() < 1_000 {
        let began = Instant::now();
        sessions.start(None).await.expect("a session");
        times.push(began.elapsed());
        if times.len() == 1_000 {
            let full = sessions.memory_bytes();
            held.advance(idle + Duration::from_secs(1));
            sessions.sweep().await.expect("a sweep");
            after_1000 = Some((full, sessions.memory_bytes()));
        }
    }
    let (full, left) = after_1000.unwrap_or_default();
    let mut told = percentiles(times);
    told["bytes_of_1000"] = full.into();
    told["given_back_percent"] = (100.0 * (1.0 - left as f64 / full.max(1) as f64)).round().into();
    told
}

/// From the start of the process to a server that listens, with `pending` messages that an earlier life did not finish,
/// in conversations of four; and how long the database alone takes to name them.
pub(crate) async fn recover(pending: usize) -> Value {
    let folder = TempDir::new().expect("a folder");
    let store = store(folder.path(), Durability::Process).await;
    let world = World::real();
    let user = world.new_id();
    let accepts = (0..pending).map(|n| store.accept(accept(&world, user, Uuid::from_u128(n as u128 / 4), draft(n))));
    for accepted in futures::future::join_all(accepts).await {
        accepted.expect("accepted");
    }
    let began = Instant::now();
    let named = store.unfinished(Unfinished::Free).await.expect("the unfinished").len();
    let reading = began.elapsed();
    store.close().await.expect("closed");
    let began = Instant::now();
    let server = Server::start(folder.path(), "process", Job::Whole);
    let ready = began.elapsed();
    let processor = server.processor_s();
    drop(server);
    json!({"pending": named, "ready_ms": ready.as_millis() as u64, "reading_ms": reading.as_millis() as u64,
           "server_processor_ms": (processor * 1e3).round()})
}

/// What a message costs the store with `stored` messages in it: accepted, ended, its conversation's newest event read.
/// Half go to conversations of long ago, half to new ones. Rows are filled in as the store itself writes them, with
/// outcomes of a few bytes instead of kilobytes, so that the disk holds them.
pub(crate) async fn growth(stored: u64, messages: usize) -> Value {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("bench.db");
    let first = store(folder.path(), Durability::Process).await;
    let world = World::real();
    let began = Instant::now();
    first.close().await.expect("closed");
    let filling = path.clone();
    let now_ms = world.unix_ms();
    tokio::task::spawn_blocking(move || fill(&filling, stored, now_ms)).await.expect("filled");
    let filled = began.elapsed();
    let bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
    let store = store(folder.path(), Durability::Process).await;
    let outcome = Packed::of(&json!({"points": (0..1_000).map(|n| f64::from(n).sin()).collect::<Vec<_>>()}));
    let mut times = Vec::with_capacity(messages);
    let mut waiting = FuturesUnordered::new();
    let talks = stored / TALK;
    // The first few thousand warm the caches, as in a server that runs.
    let warm = messages / 2;
    let (mut processor, mut measured) = (own_processor_s(), Instant::now());
    for n in 0..warm + messages {
        if n == warm {
            while waiting.next().await.is_some() {}
            (processor, measured) = (own_processor_s(), Instant::now());
            times.clear();
        }
        let old = world.below(talks);
        let (user, conversation) =
            if n % 2 == 0 { (filled_user(old), filled_talk(old)) } else { (filled_user(old), world.new_id()) };
        let (accept, store) = (accept(&world, user, conversation, draft(n)), store.clone());
        let outcome = outcome.clone();
        let now_ms = world.unix_ms();
        waiting.push(async move {
            let sent = Instant::now();
            let id = accept.id;
            let Ok(Accepted::Yes(acceptance)) = store.accept(accept).await else { panic!("accepted") };
            let event = r#"{"headline":"bench","metrics":[],"degraded":false,"result_url":"/api/v1/messages"}"#.into();
            let (attempt, status, category) = (Some(1), Status::Completed, Some(Category::Cost));
            let state = NewState { business: BUILTIN, stage: Uuid::from_u128(1), entered: acceptance.sequence };
            let effects = Some(Box::new(Effects { state: Some(state), ..Effects::default() }));
            let finish = Finish { user, id, attempt, status, category, event, outcome, effects, now_ms };
            store.finish(Arc::new(finish)).await.expect("ended");
            let newest = acceptance.sequence * 2 - 1;
            let events = store.events_after(user, acceptance.conversation, newest, 1).await.expect("read");
            assert!(events.is_some_and(|events| events.head > newest));
            sent.elapsed()
        });
        if waiting.len() >= 64 {
            times.extend(waiting.next().await);
        }
    }
    while let Some(time) = waiting.next().await {
        times.push(time);
    }
    let (wall, processor) = (measured.elapsed(), own_processor_s() - processor);
    store.close().await.expect("closed");
    let mut told = percentiles(times);
    told["stored"] = stored.into();
    told["file_mb"] = (bytes / 1_000_000).into();
    told["filled_s"] = filled.as_secs().into();
    told["us_each"] = (processor * 1e6 / messages as f64).round().into();
    told["wall_us_each"] = (wall.as_secs_f64() * 1e6 / messages as f64).round().into();
    told
}

/// Messages of each filled conversation, and conversations of each filled user.
const TALK: u64 = 10;
const TALKS_OF_USER: u64 = 50;

fn filled_user(talk: u64) -> Uuid {
    Uuid::from_u128(1 << 120 | u128::from(talk / TALKS_OF_USER))
}

fn filled_talk(talk: u64) -> Uuid {
    Uuid::from_u128(1 << 121 | u128::from(talk))
}

/// Fills the tables with `stored` messages that have ended, one tree after the other in its own order.
fn fill(path: &Path, stored: u64, now_ms: u64) {
    let connection = rusqlite::Connection::open(path).expect("the file");
    let talks = stored / TALK;
    // Ids of the last days, in the order of acceptance.
    let from_ms = now_ms - 6 * 86_400_000;
    let step = |n: u64| from_ms + n * (6 * 86_400_000) / stored.max(1);
    let id = |n: u64| Uuid::from_u128(u128::from(step(n)) << 80 | 7 << 76 | 1 << 63 | u128::from(n));
    let run = |sql: &str| connection.execute_batch(sql).expect("SQL");
    run("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; BEGIN");
    let data = r#"{"headline":"gpt-4o costs 12,000 USD a month; 9,100 could be saved","metrics":[{"id":"monthly_cost_usd","unit":"USD/month","value":12000.0}]}"#;
    let mut add = connection
        .prepare(
            "INSERT INTO conversations (number, user_id, id, title, messages, head, updated_ms, last_message, last_event) \
             VALUES (?1,?2,?3,'We spend much',?4,2*?4,?5,?6,2*?6)",
        )
        .expect("SQL");
    for talk in 0..talks {
        let (user, key, last) = (filled_user(talk), filled_talk(talk), (TALK - 1) * talks + talk + 1);
        let at = (talk + 1, user.as_bytes(), key.as_bytes(), TALK, step(talk * TALK), last);
        add.execute((at.0.cast_signed(), at.1, at.2, at.3.cast_signed(), at.4.cast_signed(), at.5.cast_signed()))
            .expect("a row");
    }
    let mut add = connection
        .prepare(
            "INSERT INTO messages (number, id, user_id, conversation, sequence, status, attempt, priority, accepted_ms, \
             finished_ms, draft, previous) VALUES (?1,?2,?3,?4,?5,'completed',1,'normal',?6,?6+9,?7,\
             CASE WHEN ?5 > 1 THEN ?1 - ?8 END)",
        )
        .expect("SQL");
    let mut known = connection.prepare("INSERT INTO idempotency VALUES (?,?,?,?,?)").expect("SQL");
    let mut end = connection.prepare("INSERT INTO outcomes (message, outcome) VALUES (?, x'00')").expect("SQL");
    for n in 0..stored {
        // As they came: all conversations in turn.
        let (talk, sequence) = (n % talks, (n / talks + 1).cast_signed());
        let (user, key, at) = (filled_user(talk), id(n), step(n).cast_signed());
        let number = n.cast_signed() + 1;
        let row = (
            number,
            key.as_bytes(),
            user.as_bytes(),
            talk.cast_signed() + 1,
            sequence,
            at,
            content(n as usize),
            talks.cast_signed(),
        );
        add.execute(row).expect("a row");
        known
            .execute((key.as_bytes(), user.as_bytes(), [1_u8; 32], filled_talk(talk).as_bytes(), sequence))
            .expect("a row");
        end.execute([number]).expect("a row");
    }
    let mut add = connection
        .prepare(
            "INSERT INTO events (number, conversation, position, previous, message_id, kind, data) VALUES (?,?,?,?,?,?,?)",
        )
        .expect("SQL");
    for n in 0..stored {
        let (talk, turn, key) = ((n % talks).cast_signed() + 1, n / talks, id(n));
        let (first, position) = ((2 * n + 1).cast_signed(), (2 * turn + 1).cast_signed());
        let before = (turn > 0).then(|| first + 1 - 2 * talks.cast_signed());
        add.execute((first, talk, position, before, key.as_bytes(), "accepted", data)).expect("a row");
        add.execute((first + 1, talk, position + 1, first, key.as_bytes(), "completed", data)).expect("a row");
    }
    run("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
}
