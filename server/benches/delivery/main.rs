//! How fast messages are accepted, answered and told, beside the time that the disk takes for one flush in the same run.
//!
//! `cargo bench -p server --bench delivery -- [--seconds N] [--only NAME] [--json FILE]`, where NAME begins one of the
//! names below (`wait`, `accept`, `whole`, `mixed`, `burst`, `idle`, `session`, `recover`) or is `growth`, which takes minutes and
//! gigabytes and runs only when it is named. The server is a process of its own, but the load shares its machine. No two
//! messages ask the same. Latency is measured with open-loop arrivals, from the moment when a message should have been
//! sent, so that a slow server cannot make the load wait for it; every event is checked for its order.
#![allow(clippy::print_stdout, reason = "a benchmark reports to the person who runs it")]

mod ask;
mod child;
mod load;
#[path = "../../tests/support/model.rs"]
#[allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, reason = "it belongs to the tests")]
mod model;
mod socket;
mod store;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use server::doctor::flush_time;
use server::store::Durability;
use tempfile::TempDir;

use crate::child::{Job, SERVE, Server};
use crate::load::{Load, Pace, Until, content, mixed, open, run};
use crate::model::{Act, ModelServer};

/// How long the model of the tests waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// The value after a flag of the command line.
fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

/// The report: what was measured, told as it comes.
struct Report {
    only: Option<String>,
    seconds: u64,
    values: serde_json::Map<String, Value>,
}

impl Report {
    fn wanted(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| name.starts_with(only))
    }

    fn note(&mut self, name: &str, value: Value) {
        println!("{name:28} {value}");
        self.values.insert(name.into(), value);
    }

    fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// One question after another over HTTP, each answered before the next.
    async fn wait(&mut self, durability: &str) {
        let folder = TempDir::new().expect("a folder");
        let server = Server::start(folder.path(), durability, Job::Whole);
        let told = ask::run(server.address, self.time()).await;
        self.note(&format!("wait_{durability}"), told);
    }

    /// Acceptance alone, over the channel: how much, and how long it takes at the bar.
    async fn accept(&mut self, durability: &str, bar: f64) {
        let folder = TempDir::new().expect("a folder");
        let server = Server::start(folder.path(), durability, Job::Accept);
        // None of them ends, and a connection may have a hundred open.
        let connections = (bar * self.seconds as f64 / 95.0).ceil() as u32;
        let sockets = open(server.address, connections as usize).await;
        let pace = Pace::Every(every(connections, bar));
        let load = Load { pace, until: Until::Accepted, time: self.time(), conversations: 8, content };
        let (told, _) = run(&server, sockets, load).await;
        self.note(&format!("accept_{durability}_at_{bar}"), told);
    }

    /// The whole job: how much goes through, and how long it takes at half of that.
    async fn whole(&mut self, durability: &str) {
        let folder = TempDir::new().expect("a folder");
        let server = Server::start(folder.path(), durability, Job::Whole);
        let sockets = open(server.address, 16).await;
        let load = |pace| Load { pace, until: Until::Completed, time: self.time(), conversations: 32, content };
        let warm = Load { time: Duration::from_secs(1), ..load(Pace::Window(8)) };
        let (_, sockets) = run(&server, sockets, warm).await;
        let (most, sockets) = run(&server, sockets, load(Pace::Window(32))).await;
        let half = most["per_second"].as_f64().unwrap_or(0.0) / 2.0;
        let half_load = load(Pace::Every(every(16, half)));
        self.note(&format!("whole_{durability}"), most);
        let (told, _) = run(&server, sockets, half_load).await;
        self.note(&format!("whole_{durability}_half_load"), told);
    }

    /// 50 messages in 2.5 s by each of 200 users at once, each in one conversation.
    async fn burst(&mut self) {
        let folder = TempDir::new().expect("a folder");
        let server = Server::start(folder.path(), "full", Job::Whole);
        let sockets = open(server.address, 200).await;
        let (pace, time) = (Pace::Every(Duration::from_millis(50)), Duration::from_millis(2_500));
        let load = Load { pace, until: Until::Completed, time, conversations: 1, content };
        let warm = Load { time: Duration::from_secs(1), pace: Pace::Every(Duration::from_millis(500)), ..load };
        let (_, sockets) = run(&server, sockets, warm).await;
        let (told, _) = run(&server, sockets, load).await;
        self.note("burst_200_users", told);
    }

    /// 10,000 messages of every category, some of which build on others; and what a language model adds to a message
    /// beside its own time: the one here answers at once.
    async fn mixed(&mut self) {
        let folder = TempDir::new().expect("a folder");
        let server = Server::start(folder.path(), "full", Job::Whole);
        let sockets = open(server.address, 40).await;
        let (pace, time) = (Pace::Every(every(40, 250.0)), Duration::from_secs(40));
        let load = Load { pace, until: Until::Completed, time, conversations: 4, content: mixed };
        let (mut told, _) = run(&server, sockets, load).await;
        told["cache"] = ask::stats(server.address).await["cache"].clone();
        self.note("mixed_10000", told);

        let folder = TempDir::new().expect("a folder");
        let words = Act::Say("The figures are in the table below.".into());
        let model = ModelServer::wording(words).await;
        let server = Server::start_with_model(folder.path(), model.address);
        let told = ask::run(server.address, self.time()).await;
        self.note("wait_full_with_a_model_that_takes_no_time", told);
    }

    /// 10,000 sockets that say nothing, and 2,000 users beside them with a message every four seconds.
    async fn idle(&mut self) {
        let folder = TempDir::new().expect("a folder");
        let server = Server::start(folder.path(), "full", Job::Whole);
        let active = open(server.address, 2_000).await;
        let before = server.memory();
        let began = Instant::now();
        let mut idle = open(server.address, 10_000).await;
        let opened = began.elapsed();
        let each = (server.memory() - before) / idle.len() as f64;
        let pace = Pace::Every(Duration::from_secs(4));
        let load = Load { pace, until: Until::Completed, time: Duration::from_secs(8), conversations: 1, content };
        idle.iter_mut().for_each(socket::Socket::rest);
        let (mut told, _active) = run(&server, active, load).await;
        told["idle_sockets"] = idle.len().into();
        told["bytes_each_idle"] = each.round().into();
        told["opened_s"] = opened.as_secs_f64().round().into();
        told["server_mb"] = (server.memory() / 1e6).round().into();
        self.note("idle_10000_active_2000", told);
    }
}

/// The gap between the messages of each of `connections` that together send so many a second.
fn every(connections: u32, per_second: f64) -> Duration {
    Duration::from_secs_f64(f64::from(connections) / per_second.max(1.0))
}

async fn measure() -> Report {
    let seconds = argument("--seconds").and_then(|text| text.parse().ok()).unwrap_or(5);
    let mut report = Report { only: argument("--only"), seconds, values: serde_json::Map::new() };
    let folder = TempDir::new().expect("a folder");
    let flush = flush_time(&folder.path().join("probe"), 64).expect("a flush");
    report.note("flush_p50_ms", json!((flush.as_secs_f64() * 1e5).round() / 100.0));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    report.note("machine_load_before", load.split(' ').next().unwrap_or_default().into());
    for (durability, bar) in [(Durability::Full, 8_000.0), (Durability::Process, 15_000.0)] {
        let name = durability.as_str();
        if report.wanted("wait") {
            report.wait(name).await;
        }
        if report.wanted("accept") {
            report.note(&format!("accept_{name}_store"), store::accept_only(durability, seconds, 256).await);
            report.accept(name, bar).await;
        }
        if report.wanted("whole") {
            report.whole(name).await;
        }
        if report.wanted("session") {
            report.note(&format!("session_{name}"), store::session(durability, seconds).await);
        }
    }
    if report.wanted("mixed") {
        report.mixed().await;
    }
    if report.wanted("burst") {
        report.burst().await;
    }
    if report.wanted("idle") {
        report.idle().await;
    }
    if report.wanted("recover") {
        report.note("recover", store::recover(100_000).await);
    }
    if report.only.as_deref() == Some("growth") {
        let few = store::growth(10_000, 20_000).await;
        let many = store::growth(5_000_000, 20_000).await;
        let ratio = |name: &str| many[name].as_f64().unwrap_or(f64::NAN) / few[name].as_f64().unwrap_or(f64::NAN);
        let ratios = json!({"us_each": ratio("us_each"), "wall_us_each": ratio("wall_us_each")});
        report.note("growth_10000", few);
        report.note("growth_5000000", many);
        report.note("growth_ratio", ratios);
    }
    report
}

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    if arguments.get(1).is_some_and(|first| first == SERVE) {
        return child::serve(&arguments[2..]);
    }
    // One thread is enough for the load, and leaves the rest to the server.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let report = runtime.block_on(measure());
    if let Some(path) = argument("--json") {
        std::fs::write(path, Value::from(report.values).to_string()).expect("the report is written");
    }
}
