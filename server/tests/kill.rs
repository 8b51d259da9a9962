//! `kill -9` at random moments: nothing that was accepted is lost, nothing is done twice, and the log has no gap.
//!
//! The real binary runs on one database file through many lives. A client does what clients must: it keeps a message
//! until it is accepted, sends it again after a reconnect, and resumes where it was. At the end the log is checked
//! against everything that any life has told.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::{Duration, Instant};

use futures::SinkExt;
use hyper::Method;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use support::life::Life;
use support::{Channel, Client, MESSAGE, new_id};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

/// Lives of the server that end with a kill.
const KILLS: u32 = 24;
/// The seed of the moments and the messages; change it to try others.
const SEED: u64 = 20_261_122;
/// The longest life after it is ready.
const LIFE_MAX: Duration = Duration::from_millis(250);

/// What a client remembers across lives.
struct Memory {
    token: String,
    conversations: Vec<Uuid>,
    /// Every message ever made, with its body.
    made: Vec<(Uuid, Value)>,
    /// Accepted messages, with their number.
    accepted: HashMap<Uuid, u64>,
    /// Every event told, by conversation and offset.
    told: BTreeMap<(Uuid, u64), Value>,
    epoch: String,
}

impl Memory {
    fn make(&mut self, random: &mut StdRng) -> (Uuid, Value) {
        let conversation = self.conversations[random.random_range(0..self.conversations.len())];
        let id = new_id();
        let priority = ["low", "normal", "high"][random.random_range(0..3)];
        let body = json!({
            "id": id,
            "conversation_id": conversation,
            "content": format!("{MESSAGE}, number {}", self.made.len()),
            "priority": priority,
        });
        self.made.push((id, body.clone()));
        (id, body)
    }

    fn note_accepted(&mut self, id: Uuid, sequence: u64) {
        let before = *self.accepted.entry(id).or_insert(sequence);
        assert_eq!(before, sequence, "the number of {id} never changes");
    }

    fn note_event(&mut self, frame: &Value) {
        let key = (uuid(&frame["conversation"]), frame["offset"].as_u64().unwrap());
        let before = self.told.entry(key).or_insert_with(|| frame.clone());
        assert_eq!(before, frame, "the same offset is the same event, in every life");
        frame["epoch"].as_str().unwrap().clone_into(&mut self.epoch);
    }

    /// The last offset told without a gap, for each conversation.
    fn positions(&self) -> Value {
        let positions = self.conversations.iter().map(|conversation| {
            let offset = (1..u64::MAX).take_while(|offset| self.told.contains_key(&(*conversation, *offset))).count();
            json!({"conversation": conversation, "epoch": self.epoch, "offset": offset})
        });
        positions.collect()
    }

    /// Takes in everything a channel has heard; nothing may have been left out between two events.
    fn learn(&mut self, channel: &Channel, resumed: &Value) {
        let mut next: HashMap<Uuid, u64> = resumed
            .as_array()
            .unwrap()
            .iter()
            .map(|p| (uuid(&p["conversation"]), p["offset"].as_u64().unwrap() + 1))
            .collect();
        for frame in &channel.heard {
            match frame["type"].as_str().unwrap() {
                "accepted" => self.note_accepted(uuid(&frame["id"]), frame["sequence"].as_u64().unwrap()),
                "event" => {
                    let expected = next.entry(uuid(&frame["conversation"])).or_insert(1);
                    assert_eq!(frame["offset"].as_u64(), Some(*expected), "no gap and no repeat in one connection");
                    *expected += 1;
                    self.note_event(frame);
                }
                "error" => panic!("{frame}"),
                _ => {}
            }
        }
    }
}

fn uuid(value: &Value) -> Uuid {
    value.as_str().unwrap().parse().unwrap()
}

/// One life: resumes, sends again what was not accepted, sends more over both doors, and is killed in the middle.
async fn live_and_die(folder: &Path, memory: &mut Memory, random: &mut StdRng) {
    let life = Life::begin(folder).await;
    let client = Client { address: life.address, token: Some(memory.token.clone()) };
    let dies_at = Instant::now() + random.random_range(Duration::ZERO..LIFE_MAX);
    let unsent: Vec<_> = memory.made.iter().filter(|(id, _)| !memory.accepted.contains_key(id)).cloned().collect();
    let fresh: Vec<_> = (0..random.random_range(1..30)).map(|_| memory.make(random)).collect();
    let by_http: Vec<_> = (0..random.random_range(0..8)).map(|_| memory.make(random)).collect();
    let resumed = memory.positions();
    let mut channel = None;
    let talking = async {
        let open = client.knock(&[]).await.ok()?;
        let channel = channel.insert(open);
        let hello = json!({"type": "hello", "client": Uuid::from_u128(1), "resume": resumed});
        channel.socket.send(Message::text(hello.to_string())).await.ok()?;
        for (_, body) in unsent.iter().chain(&fresh) {
            let mut frame = body.clone();
            frame["type"] = "send".into();
            channel.socket.send(Message::text(frame.to_string())).await.ok()?;
        }
        while channel.next().await.is_ok() {}
        Some(())
    };
    let mut answers = Vec::new();
    let posting = async {
        for (id, body) in &by_http {
            let headers = [("content-type", "application/json")];
            let request = client.try_request(Method::POST, "/api/v1/messages", &headers, body.to_string().into());
            match request.await {
                Ok(answer) if answer.status == 202 => answers.push((*id, answer.json()["sequence"].as_u64().unwrap())),
                Ok(answer) => panic!("{answer:?}"),
                Err(_) => return,
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = tokio::time::sleep_until(dies_at.into()) => {}
        _ = async { tokio::join!(talking, posting) } => {}
    }
    life.kill().await;
    for (id, sequence) in answers {
        memory.note_accepted(id, sequence);
    }
    if let Some(mut channel) = channel {
        // What had left the server before the kill is still on its way.
        while channel.next().await.is_ok() {}
        memory.learn(&channel, &resumed);
    }
}

/// The last life: everything is sent until it is accepted, and answered; then the whole log is read.
async fn check(folder: &Path, memory: &mut Memory) {
    let life = Life::begin(folder).await;
    let client = Client { address: life.address, token: Some(memory.token.clone()) };
    let acknowledged: Vec<_> = memory.accepted.keys().copied().collect();
    for id in &acknowledged {
        let answer = client.get(&format!("/api/v1/messages/{id}")).await;
        assert_eq!(answer.status, 200, "{id} was accepted and is lost");
    }
    for (id, body) in memory.made.clone() {
        let view = client.ask(&body).await;
        assert_eq!(view["status"], "completed", "{view}");
        assert!(view["result"]["headline"].is_string(), "{view}");
        if acknowledged.contains(&id) {
            assert_eq!(view["duplicate"], true, "{id} was accepted in an earlier life");
        }
        memory.note_accepted(id, view["sequence"].as_u64().unwrap());
    }
    let mut terminals: HashMap<Uuid, u32> = HashMap::new();
    for conversation in memory.conversations.clone() {
        let mut log = Vec::new();
        loop {
            let path = format!("/api/v1/conversations/{conversation}/events?after={}", log.len());
            let page = client.get(&path).await.json();
            log.extend(page["events"].as_array().unwrap().clone());
            if page["head"].as_u64() == Some(log.len() as u64) {
                break;
            }
        }
        let (mut accepted, mut ended) = (Vec::new(), Vec::new());
        for (i, event) in log.iter().enumerate() {
            assert_eq!(event["offset"].as_u64(), Some(i as u64 + 1), "offsets without a gap");
            memory.note_event(event);
            let id = uuid(&event["id"]);
            if event["kind"] == "accepted" {
                accepted.push(id);
                assert_eq!(event["data"]["sequence"].as_u64(), Some(accepted.len() as u64), "numbers without a gap");
                assert_eq!(memory.accepted[&id], accepted.len() as u64, "the number that was told");
            } else {
                ended.push(id);
                *terminals.entry(id).or_default() += 1;
            }
        }
        assert_eq!(accepted, ended, "ended once each, in the order of acceptance");
    }
    assert_eq!(terminals.len(), memory.made.len(), "nothing is lost");
    assert!(terminals.values().all(|count| *count == 1), "nothing is done twice");
    assert!(memory.told.keys().all(|(conversation, _)| memory.conversations.contains(conversation)));
    life.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_moment_loses_nothing_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = StdRng::seed_from_u64(SEED);
    let life = Life::begin(folder.path()).await;
    let token = Client::guest(life.address).await.token.unwrap();
    life.kill().await;
    let conversations = (0..3).map(|_| new_id()).collect();
    let mut memory = Memory {
        token,
        conversations,
        made: Vec::new(),
        accepted: HashMap::new(),
        told: BTreeMap::new(),
        epoch: String::new(),
    };
    for _ in 0..KILLS {
        live_and_die(folder.path(), &mut memory, &mut random).await;
    }
    assert!(memory.accepted.len() > KILLS as usize, "the lives were long enough to do something");
    check(folder.path(), &mut memory).await;
}
