//! Is the suite fast enough to measure others? It must send, receive and judge 50,000 messages a second against the
//! mock, over TCP, with the mock on the same cores.
//!
//! `cargo bench -p load --bench yardstick`, with an optional rate and number of seconds after `--`.
#![expect(clippy::print_stdout, reason = "the output of a benchmark")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use load::checker::check;
use load::client::{Client, Outgoing, Settings};
use load::clock::Clock;
use load::history::History;
use load::http::{Http, HttpError};
use load::live::Live;
use load::mock::{Mock, Options};
use load::net::Target;
use load::pace::poisson;
use load::rng::Rng;
use load::stats::{Stats, quantiles};
use shared::message::{Priority, id_at};
use tokio::net::TcpListener;

/// Connections.
const CLIENTS: usize = 32;
/// Conversations of each.
const CONVERSATIONS: u64 = 8;
/// What the yardstick must reach.
const BAR: f64 = 50_000.0;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let numbers: Vec<f64> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let rate = numbers.first().copied().unwrap_or(BAR * 1.1);
    let seconds = numbers.get(1).copied().unwrap_or(10.0);
    let clock = Clock::start();
    let options = Options {
        workers: 2,
        steps: 1,
        step_us: (0, 0),
        queue_limit: 1_000_000,
        in_flight: 100_000,
        backlog_bytes: 256 << 20,
        ..Options::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let target = Target::parse(&listener.local_addr()?.to_string())?;
    let mock = Mock::start(options, clock);
    tokio::spawn(async move { mock.listen(listener).await });
    let live = Arc::new(Live::default());
    let clients = start(&target, clock, &live).await?;
    let start = plan(&clients, clock, rate, seconds);
    let cpu_before = cpu_seconds();
    for client in &clients {
        client.until(Duration::from_secs_f64(seconds + 60.0), |state| state.idle).await;
    }
    let (quiet, cpu_s) = (clock.now(), cpu_seconds() - cpu_before);
    // The last acknowledgements and nothing else are still on their way.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut history = History { unix_ms_at_zero: clock.unix_ms_at_zero(), quiet_at: Some(quiet), ..History::default() };
    for client in clients {
        history.clients.push(client.finish().await);
    }
    Ok(judge(&history, start, quiet, rate, cpu_s))
}

async fn start(target: &Target, clock: Clock, live: &Arc<Live>) -> Result<Vec<Client>, HttpError> {
    let http = Http::new(target.clone());
    let mut clients = Vec::new();
    for n in 0..CLIENTS {
        let settings = Settings { seed: n as u64 + 1, ack_every: 256, ..Settings::default() };
        clients.push(Client::start(target.clone(), http.session().await?, settings, clock, live.clone()));
    }
    for client in &clients {
        client.until(Duration::from_secs(10), |state| state.online).await;
    }
    Ok(clients)
}

/// Gives every client its messages; answers when the first is due.
fn plan(clients: &[Client], clock: Clock, rate: f64, seconds: f64) -> u64 {
    let mut rng = Rng::new(5);
    let content: Arc<str> = load::scenario::talk(&mut rng).into();
    // Making the plan takes a while itself.
    let start = clock.now() + 2_000_000;
    for client in clients {
        let conversations: Vec<_> = (0..CONVERSATIONS).map(|_| rng.uuid()).collect();
        let times = poisson(&mut rng, rate / CLIENTS as f64, start, Duration::from_secs_f64(seconds));
        let messages = times.into_iter().map(|at| Outgoing {
            at,
            id: id_at(clock.unix_ms_at_zero() + at / 1_000, rng.id_bytes()),
            conversation: conversations[rng.below(CONVERSATIONS) as usize],
            content: content.clone(),
            priority: Priority::Normal,
            copies: 1,
        });
        client.send(messages.collect());
    }
    start
}

/// CPU seconds of this process so far, by `/proc` (proc(5), ticks of 1/100 s); 0 where there is none.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(") ").map_or("", |(_, after)| after);
    after.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn judge(history: &History, start: u64, quiet: u64, rate: f64, cpu_s: f64) -> ExitCode {
    let begin = Instant::now();
    let verdict = check(history);
    let checking = begin.elapsed().as_secs_f64();
    let stats = Stats::of(history);
    let running = (quiet - start) as f64 / 1e6;
    let (messages, whole) = (stats.ended as f64, quantiles(&stats.whole));
    let core_us = cpu_s / messages.max(1.0) * 1e6;
    println!("offered            {rate:>10.0} messages/s");
    println!("sent and ended     {:>10.0} messages/s over {running:.2} s", messages / running);
    println!(
        "judged             {:>10.0} messages/s, {} records in {checking:.2} s",
        messages / checking,
        verdict.records
    );
    // What a machine that is busy with something else has no influence on.
    println!("CPU time           {core_us:>10.1} µs a message sent and ended, mock and sockets included");
    println!("two free cores     {:>10.0} messages/s by that", 2e6 / core_us);
    println!(
        "latency            p50 {:.2} p99 {:.2} p99.9 {:.2} max {:.2} ms",
        whole.p50, whole.p99, whole.p999, whole.max
    );
    println!("rules              {}", if verdict.holds() { "all held" } else { "BROKEN" });
    if !verdict.holds() {
        println!("{verdict}");
    }
    // Judging comes after the run, so each of the two must keep up by itself.
    let slow = messages / running < BAR || messages / checking < BAR;
    ExitCode::from(u8::from(!verdict.holds() || slow || stats.ended != stats.messages))
}
