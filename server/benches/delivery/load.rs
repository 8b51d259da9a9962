//! What is sent over the channel, when, and what is counted of the answers.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};
use server::world::World;
use shared::examples::EXAMPLES;

use crate::child::{Server, own_processor_s};
use crate::socket::{Socket, field};

/// A question about cost, each with figures of its own.
pub(crate) fn content(n: usize) -> String {
    let models = ["GPT-4o", "GPT-4o mini", "Claude Sonnet 4.5", "Gemini 2.5 Flash", "gpt-4.1", "Claude Haiku 4.5"];
    format!(
        "We spend ${}.{}k/month on {} for {}k requests/day, {} input / {} output tokens; cut cost while maintaining \
         quality.",
        3 + n % 37,
        n % 10,
        models[n % models.len()],
        20 + n * 7 % 480,
        400 + n * 13 % 3_000,
        80 + n * 5 % 700
    )
}

/// A question of any kind as the examples ask it, or one that builds on the one before it in its conversation.
pub(crate) fn mixed(n: usize) -> String {
    let more =
        ["And with half the output tokens?", "What if we send twice as many requests a day?", "And with GPT-4o mini?"];
    if n / 8 % 3 == 2 {
        return more[n % more.len()].to_owned();
    }
    EXAMPLES[n % EXAMPLES.len()].content.to_owned()
}

/// Milliseconds at some percentiles.
pub(crate) fn percentiles(mut times: Vec<Duration>) -> Value {
    times.sort_unstable();
    let at = |share: f64| {
        let index = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len().max(1)) - 1;
        times.get(index).map_or(f64::NAN, |time| (time.as_secs_f64() * 1e5).round() / 100.0)
    };
    json!({"count": times.len(), "p50_ms": at(0.5), "p90_ms": at(0.9), "p99_ms": at(0.99), "p999_ms": at(0.999),
           "max_ms": at(1.0)})
}

/// When messages are sent.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// So many of each connection are open at a time: how much goes through.
    Window(usize),
    /// One every so often of each connection, whatever the server does: how long it takes. Times count from the moment
    /// when a message should have been sent.
    Every(Duration),
}

/// Which answer ends the watch.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Until {
    /// It is durable.
    Accepted,
    /// It is answered.
    Completed,
}

/// A load.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) pace: Pace,
    pub(crate) until: Until,
    /// For how long messages are sent.
    pub(crate) time: Duration,
    /// Conversations of each connection, used in turn.
    pub(crate) conversations: usize,
    /// What the nth message says.
    pub(crate) content: fn(usize) -> String,
}

/// What one connection saw.
#[derive(Default)]
struct Seen {
    times: Vec<Duration>,
    sent: usize,
    progress: usize,
    out_of_order: usize,
    refused: usize,
    failed: usize,
}

/// One connection under load.
struct Client {
    socket: Socket,
    load: Load,
    world: World,
    /// By the text of its id: when it should have been sent.
    open: HashMap<String, Instant>,
    conversations: Vec<String>,
    /// The last offset of each conversation.
    offsets: HashMap<String, u64>,
    seen: Seen,
    first: usize,
}

impl Client {
    fn send(&mut self, intended: Instant) {
        let id = self.world.new_id().to_string();
        let conversation = &self.conversations[self.seen.sent % self.conversations.len()];
        let content = Value::from((self.load.content)(self.first + self.seen.sent));
        self.socket
            .put(&format!(r#"{{"type":"send","id":"{id}","conversation_id":"{conversation}","content":{content}}}"#));
        self.open.insert(id, intended);
        self.seen.sent += 1;
    }

    /// Takes in what was read; acknowledges what has ended. Answers how many messages are done with.
    fn take(&mut self, now: Instant) -> usize {
        let mut done = 0;
        let mut acks = Vec::new();
        while let Some(frame) = self.socket.next() {
            let kind = &frame[..frame.len().min(18)];
            if kind.starts_with(r#"{"type":"progress""#) {
                self.seen.progress += 1;
            } else if kind.starts_with(r#"{"type":"event""#) {
                let of = |name| field(frame, name).expect("a field");
                let (conversation, offset, id) = (of("conversation"), of("offset"), of("id"));
                let offset: u64 = offset.parse().expect("an offset");
                let last = self.offsets.get_mut(conversation).expect("a conversation of mine");
                self.seen.out_of_order += usize::from(offset != *last + 1);
                *last = offset;
                let completed = frame.contains(r#""kind":"completed""#);
                let failed = frame.contains(r#""kind":"failed""#);
                if self.load.until == Until::Completed && (completed || failed) {
                    self.seen.failed += usize::from(failed);
                    let intended = self.open.remove(id).expect("an answer to what was sent");
                    self.seen.times.push(now - intended);
                    done += 1;
                    acks.push(format!(r#"{{"type":"ack","conversation":"{conversation}","offset":{offset}}}"#));
                }
            } else if kind.starts_with(r#"{"type":"accepted""#) {
                if self.load.until == Until::Accepted {
                    let intended = self.open.remove(field(frame, "id").expect("an id")).expect("what was sent");
                    self.seen.times.push(now - intended);
                    done += 1;
                }
            } else if kind.starts_with(r#"{"type":"error""#) {
                self.open.remove(field(frame, "id").unwrap_or_else(|| panic!("{frame}")));
                self.seen.refused += 1;
                done += 1;
            }
        }
        for ack in acks {
            self.socket.put(&ack);
        }
        done
    }

    async fn run(mut self, began: Instant) -> (Seen, Socket) {
        let end = began + self.load.time;
        let patience = end + Duration::from_secs(30);
        let mut next = began;
        if let Pace::Window(window) = self.load.pace {
            (0..window).for_each(|_| self.send(Instant::now()));
        }
        loop {
            let now = Instant::now();
            if let Pace::Every(gap) = self.load.pace {
                while next <= now && next < end {
                    self.send(next);
                    next += gap;
                }
            }
            self.socket.flush().await;
            let sending = matches!(self.load.pace, Pace::Every(_)) && next < end;
            if self.open.is_empty() && !sending || now > patience {
                break;
            }
            let wake = if sending { next } else { patience };
            tokio::select! {
                read = self.socket.fill() => assert!(read > 0, "the channel was closed"),
                () = tokio::time::sleep_until(wake.into()) => continue,
            }
            let now = Instant::now();
            let done = self.take(now);
            if matches!(self.load.pace, Pace::Window(_)) && now < end {
                (0..done).for_each(|_| self.send(now));
            }
        }
        self.socket.rest();
        (self.seen, self.socket)
    }
}

/// Opens so many channels.
pub(crate) async fn open(address: SocketAddr, count: usize) -> Vec<Socket> {
    let mut sockets = Vec::with_capacity(count);
    while sockets.len() < count {
        let some = (count - sockets.len()).min(50);
        sockets.extend(join_all((0..some).map(|_| Socket::open(address))).await);
    }
    sockets
}

/// Puts a load on the channels; answers what was seen, and the channels.
pub(crate) async fn run(server: &Server, sockets: Vec<Socket>, load: Load) -> (Value, Vec<Socket>) {
    let count = sockets.len();
    let (theirs, ours) = (server.processor_s(), own_processor_s());
    let began = Instant::now();
    let clients = sockets.into_iter().enumerate().map(|(n, socket)| {
        let conversations: Vec<_> = (0..load.conversations).map(|_| World::real().new_id().to_string()).collect();
        let offsets = conversations.iter().map(|id| (id.clone(), 0)).collect();
        // Connections begin one after the other, not all at the same moment.
        let phase = match load.pace {
            Pace::Every(gap) => gap.mul_f64(n as f64 / count as f64),
            Pace::Window(_) => Duration::ZERO,
        };
        let (open, seen, first) = (HashMap::new(), Seen::default(), n * 1_009);
        let client = Client { socket, load, world: World::real(), open, conversations, offsets, seen, first };
        tokio::spawn(client.run(began + phase))
    });
    let mut all = Seen::default();
    let mut sockets = Vec::with_capacity(count);
    for client in clients.collect::<Vec<_>>() {
        let (seen, socket) = client.await.expect("a client");
        all.times.extend(seen.times);
        all.sent += seen.sent;
        all.progress += seen.progress;
        all.out_of_order += seen.out_of_order;
        all.refused += seen.refused;
        all.failed += seen.failed;
        sockets.push(socket);
    }
    let seconds = began.elapsed().as_secs_f64();
    let done = all.times.len();
    let each = |before: f64, now: f64| ((now - before) * 1e6 / done.max(1) as f64).round();
    let mut told = percentiles(all.times);
    told["per_second"] = (done as f64 / seconds).round().into();
    told["connections"] = count.into();
    told["unanswered"] = (all.sent - done - all.refused).into();
    told["refused"] = all.refused.into();
    told["failed"] = all.failed.into();
    told["out_of_order"] = all.out_of_order.into();
    told["progress_each"] = ((all.progress as f64 / done.max(1) as f64 * 100.0).round() / 100.0).into();
    told["server_us_each"] = each(theirs, server.processor_s()).into();
    told["load_us_each"] = each(ours, own_processor_s()).into();
    (told, sockets)
}
