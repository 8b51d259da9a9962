//! `rapid yardstick`: is the suite fast enough to measure others? It must send, receive and judge 50,000 messages a
//! second against the mock in a process of its own, over TCP, on two cores.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::{FAILED, HELD, YardstickArgs, say};
use crate::checker::{Verdict, check};
use crate::client::{Client, Outgoing, Settings};
use crate::clock::Clock;
use crate::history::History;
use crate::http::Http;
use crate::live::Live;
use crate::monitor::{Sample, look_at_process};
use crate::net::Target;
use crate::pace::poisson;
use crate::rng::Rng;
use crate::stats::{Stats, quantiles};
use shared::message::{Priority, id_at};

/// Conversations of each client.
const CONVERSATIONS: u64 = 8;
/// Events after which a client acknowledges.
const ACK_EVERY: u32 = 256;
/// What is due within this time is written together; it counts as latency.
const GATHER: Duration = Duration::from_millis(4);
/// How long the last ends may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// The last acknowledgements are still on their way when everything has ended.
const GRACE: Duration = Duration::from_millis(300);

/// What one run cost, in seconds.
struct Cost {
    running: f64,
    generator_cpu: f64,
    mock_cpu: f64,
}

pub(super) async fn yardstick(args: YardstickArgs) -> Result<u8, String> {
    let (mock, target) = start_mock().await?;
    let pid = mock.id().unwrap_or(0);
    let clock = Clock::start();
    let live = Arc::new(Live::default());
    let clients = connect(&target, clock, &live, args.clients).await?;
    let begin = plan(&clients, clock, args.rate, args.duration);
    let before = (cpu_s(std::process::id()), cpu_s(pid));
    for client in &clients {
        client.until(args.duration + PATIENCE, |state| state.idle).await;
    }
    let quiet = clock.now();
    let cost = Cost {
        running: quiet.saturating_sub(begin) as f64 / 1e6,
        generator_cpu: cpu_s(std::process::id()) - before.0,
        mock_cpu: cpu_s(pid) - before.1,
    };
    tokio::time::sleep(GRACE).await;
    let mut history = History { unix_ms_at_zero: clock.unix_ms_at_zero(), quiet_at: Some(quiet), ..History::default() };
    for client in clients {
        history.clients.push(client.finish().await);
    }
    drop(mock);
    let (start, cpu) = (Instant::now(), cpu_s(std::process::id()));
    let verdict = check(&history);
    let (judging, judging_cpu) = (start.elapsed().as_secs_f64(), cpu_s(std::process::id()) - cpu);
    Ok(tell(&args, &Stats::of(&history), &verdict, &cost, (judging, judging_cpu)))
}

/// This program's mock in a process of its own, so that the processor time of both sides can be told apart.
async fn start_mock() -> Result<(Child, Target), String> {
    let own: PathBuf = std::env::current_exe().map_err(|error| format!("this program is nowhere: {error}"))?;
    let args = "mock --addr 127.0.0.1:0 --workers 1 --steps 1 --step-us 0 0 --queue-limit 1000000 \
                --in-flight 100000 --backlog-bytes 268435456";
    let mut mock = Command::new(&own)
        .args(args.split_whitespace())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("the mock cannot be started: {error}"))?;
    let out = mock.stdout.take().ok_or("the mock has no output")?;
    let line = BufReader::new(out).lines().next_line().await.ok().flatten().unwrap_or_default();
    let url = line.split_whitespace().last().ok_or("the mock did not say where it listens")?;
    Ok((mock, Target::parse(url).map_err(|error| error.to_string())?))
}

async fn connect(target: &Target, clock: Clock, live: &Arc<Live>, count: u32) -> Result<Vec<Client>, String> {
    let http = Http::new(target.clone());
    let mut clients = Vec::new();
    for n in 0..count {
        let seed = u64::from(n) + 1;
        let settings = Settings { seed, ack_every: ACK_EVERY, gather: GATHER, ..Settings::default() };
        let session = http.session().await.map_err(|error| error.to_string())?;
        clients.push(Client::start(target.clone(), session, settings, clock, live.clone()));
    }
    for client in &clients {
        if !client.until(Duration::from_secs(10), |state| state.online).await {
            return Err("a client could not connect to the mock".into());
        }
    }
    Ok(clients)
}

/// Gives every client its messages; answers when the first is due.
fn plan(clients: &[Client], clock: Clock, rate: f64, length: Duration) -> u64 {
    let mut rng = Rng::new(5);
    let content: Arc<str> = crate::scenario::talk(&mut rng).into();
    // Making the plan takes a while itself.
    let start = clock.now() + 1_000_000 + (rate * length.as_secs_f64()) as u64 * 2;
    for client in clients {
        let conversations: Vec<_> = (0..CONVERSATIONS).map(|_| rng.uuid()).collect();
        let times = poisson(&mut rng, rate / clients.len() as f64, start, length);
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

/// Processor seconds of a process so far; 0 where they cannot be seen.
fn cpu_s(pid: u32) -> f64 {
    let mut sample = Sample::default();
    look_at_process(pid, &mut sample);
    sample.cpu_s.unwrap_or(0.0)
}

fn tell(args: &YardstickArgs, stats: &Stats, verdict: &Verdict, cost: &Cost, judging: (f64, f64)) -> u8 {
    let (messages, whole) = (stats.ended as f64, quantiles(&stats.whole));
    let each = |cpu: f64| cpu * 1e6 / messages.max(1.0);
    let per_s = messages / cost.running;
    let all = each(cost.generator_cpu + cost.mock_cpu + judging.1);
    say(&format!("offered     {:>9.0} messages/s from {} clients", args.rate, args.clients));
    say(&format!(
        "answered    {per_s:>9.0} messages/s over {:.2} s, {} of {}",
        cost.running, stats.ended, stats.messages
    ));
    say(&format!(
        "validated   {:>9.0} messages/s, {} records in {:.2} s",
        messages / judging.0,
        verdict.records,
        judging.0
    ));
    say("processor time for each message, sockets included:");
    for (side, cpu) in [("generator", cost.generator_cpu), ("mock", cost.mock_cpu), ("validator", judging.1)] {
        say(&format!("  {side:<10}{:>9.1} µs", each(cpu)));
    }
    say(&format!("  together  {all:>9.1} µs: {:.0} messages/s on two cores that do nothing else", 2e6 / all));
    let (p50, p99, p999, max) = (whole.p50, whole.p99, whole.p999, whole.max);
    say(&format!("latency     p50 {p50:.2} p99 {p99:.2} p99.9 {p999:.2} max {max:.2} ms from the intended send"));
    let violations: u64 = verdict.rules.iter().map(|rule| rule.violations).sum();
    let tested: u64 = verdict.rules.iter().map(|rule| rule.observed).sum();
    say(&format!("validation  on: {tested} tests of the rules, {violations} violations"));
    if !verdict.holds() {
        say(&verdict.to_string());
    }
    let complete = stats.ended == stats.messages && verdict.holds();
    let quick = args.require.is_none_or(|bar| per_s >= bar && messages / judging.0 >= bar);
    if complete && quick { HELD } else { FAILED }
}
