//! The commands of the binary `rapid`.
#![expect(clippy::doc_markdown, reason = "these sentences are the help in a terminal, where backticks are noise")]

mod chaos;
mod mock;
mod peers;
mod proxy;
mod run;
mod view;
mod yardstick;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::clock::Clock;
use crate::net::Target;
use crate::pace::{Burst, duration};
use crate::preflight::preflight;
use crate::report::compare;
use crate::scenario::{Form, Scenario, Wishes};

/// Everything held.
pub(crate) const HELD: u8 = 0;
/// A rule was broken or a threshold does not hold.
pub(crate) const FAILED: u8 = 1;
/// The run could not be made, or not to its end.
pub(crate) const BROKEN: u8 = 2;
/// Descriptors that a run with thousands of connections needs.
const DESCRIPTORS: u64 = 65_536;

/// The rapid-message suite: fires messages fast, watches what comes back, and proves or disproves order, idempotency,
/// consistency and stability of a server that speaks the progress channel.
#[derive(Parser)]
#[command(name = "rapid", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs scenarios against a server and reports
    Run(RunArgs),
    /// Serves the mock: a reference server that can be wrong on purpose
    Mock(MockArgs),
    /// Starts a real server, runs scenarios against it while it is killed, drained and cut off
    Chaos(ChaosArgs),
    /// Relays a port to a server and harms the connections
    Proxy(ProxyArgs),
    /// Tries a server's WebSocket byte by byte: framing, fragments, UTF-8, close codes, limits
    Conformance(ConformanceArgs),
    /// Compares two reports; fails if the second is worse
    Compare(CompareArgs),
    /// Puts other systems, and ours, under the same workloads on this machine
    Peers(PeersArgs),
    /// Measures this suite itself against its mock: messages a second, processor time of each side
    Yardstick(YardstickArgs),
}

/// What every run can be told.
#[derive(Args, Clone)]
pub(crate) struct Common {
    /// Run only these scenarios; may be given more than once
    #[arg(long = "scenario", value_name = "NAME", value_delimiter = ',', num_args = 1..)]
    scenarios: Vec<Scenario>,
    /// How much: short takes under a minute, long several minutes
    #[arg(long, value_enum, default_value_t = Form::Short)]
    form: Form,
    /// Users; in sync the agents of one user, 16 at most; idempotency and resume have one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    users: Option<u32>,
    /// Messages a second, over all users, in sequential, benchmark and chaos
    #[arg(long, value_name = "R", value_parser = rate)]
    rate: Option<f64>,
    /// The rate at the end of the benchmark, which goes there evenly from --rate
    #[arg(long, value_name = "R", value_parser = rate)]
    ramp: Option<f64>,
    /// The burst of each user in stability, such as 50/2.5s
    #[arg(long, value_name = "N/TIME")]
    burst: Option<Burst>,
    /// How long stability, benchmark and chaos go on, such as 30s or 5m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    duration: Option<Duration>,
    /// Mix high, normal and low priority in every scenario
    #[arg(long)]
    priority_mix: bool,
    /// Decides everything that is random
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder for report.json, junit.xml and report.html
    #[arg(long, value_name = "DIR", default_value = "rapid-report")]
    report: PathBuf,
    /// Thresholds to judge by, instead of the built-in ones of the form
    #[arg(long, value_name = "FILE")]
    thresholds: Option<PathBuf>,
    /// An earlier report to compare with: a folder or a report.json
    #[arg(long, value_name = "PATH")]
    baseline: Option<PathBuf>,
    /// The report of an earlier `rapid peers` whose table this report is to show: a folder or a report.json
    #[arg(long, value_name = "PATH")]
    peers: Option<PathBuf>,
    /// The change of a measure that is tolerated, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    tolerance: f64,
    /// Print no progress
    #[arg(long)]
    quiet: bool,
}

#[derive(Args)]
struct RunArgs {
    /// The server, such as http://127.0.0.1:3000; "mock" for a mock in this process
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
    target: String,
    #[command(flatten)]
    common: Common,
    /// The server's process on this machine, to watch its memory, threads and descriptors
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
    /// The operator's token, if /metrics asks for one
    #[arg(long, value_name = "TOKEN", env = "EXEMPLAR_ADMIN_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Nobody else uses the server meanwhile, so its counters must equal what is seen
    #[arg(long)]
    exclusive: bool,
}

#[derive(Args)]
struct MockArgs {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3100")]
    addr: String,
    /// What to do wrong; may be given more than once
    #[arg(long, value_name = "WORD", value_delimiter = ',')]
    misbehave: Vec<crate::mock::Misbehaviour>,
    /// On every how-manieth occasion to be wrong
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// List what it can do wrong, and end
    #[arg(long)]
    list: bool,
    /// Decides ids and times
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Messages worked on at a time
    #[arg(long, default_value_t = 64)]
    workers: usize,
    /// Progress frames of a message
    #[arg(long, default_value_t = 3)]
    steps: u32,
    /// The shortest and longest time of a step in microseconds
    #[arg(long, value_name = "FROM,TO", value_delimiter = ',', num_args = 2, default_values_t = [200, 2_000])]
    step_us: Vec<u64>,
    /// Accepted but unfinished messages
    #[arg(long, default_value_t = 10_000)]
    queue_limit: usize,
    /// Unfinished messages that a connection may have
    #[arg(long, value_name = "N", default_value_t = 100)]
    in_flight: u32,
    /// Bytes kept for a slow reader before it is closed
    #[arg(long, value_name = "BYTES", default_value_t = 4 << 20)]
    backlog_bytes: u64,
}

#[derive(Args)]
struct ChaosArgs {
    /// The server's program, started with "serve" unless arguments follow --; without it the exemplar beside this program
    #[arg(long, value_name = "PROGRAM", default_value_os_t = exemplar())]
    server: PathBuf,
    /// How often it is killed; it is drained once for every four
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    kills: Option<u32>,
    /// How often each message of the scenario chaos is sent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=50))]
    copies: Option<u16>,
    /// Its database; a new SQLite file without this
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Its limit of accepted but unfinished messages; small enough to be reached
    #[arg(long, value_name = "N", default_value_t = 500)]
    queue_limit: usize,
    #[command(flatten)]
    common: Common,
    /// The server's arguments
    #[arg(last = true, value_name = "ARGUMENTS")]
    args: Vec<String>,
}

#[derive(Args)]
struct ProxyArgs {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3200")]
    listen: String,
    /// Where to relay to
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
    target: String,
    /// Delay in each direction
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0ms")]
    latency: Duration,
    /// A random addition to it, up to this
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0ms")]
    jitter: Duration,
    /// Bytes a second in each direction
    #[arg(long, value_name = "BYTES")]
    bandwidth: Option<u64>,
    /// What happens to connections; may be given more than once
    #[arg(long = "fault", value_enum, value_delimiter = ',')]
    faults: Vec<crate::proxy::Fault>,
    /// The mean time until a connection's fault
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10s")]
    fault_every: Duration,
    /// Decides everything that is random
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Args)]
struct ConformanceArgs {
    /// The server, such as http://127.0.0.1:3000
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
    target: String,
}

#[derive(Args)]
struct CompareArgs {
    /// The earlier report: a folder or a report.json
    before: PathBuf,
    /// The later one
    now: PathBuf,
    /// The change that is tolerated, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    tolerance: f64,
}

#[derive(Args)]
pub(crate) struct YardstickArgs {
    /// Messages a second that are offered
    #[arg(long, value_name = "R", value_parser = rate, default_value = "55000")]
    rate: f64,
    /// How long
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10s")]
    duration: Duration,
    /// Connections
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    clients: u32,
    /// Fail below so many messages a second, answered or validated; without it only what is wrong fails
    #[arg(long, value_name = "R", value_parser = rate)]
    require: Option<f64>,
}

#[derive(Args)]
pub(crate) struct PeersArgs {
    /// Run only these; may be given more than once
    #[arg(long, value_name = "NAME", value_enum, value_delimiter = ',')]
    only: Vec<peers::Which>,
    /// Run only these workloads; may be given more than once
    #[arg(long = "workload", value_name = "NAME", value_enum, value_delimiter = ',')]
    workloads: Vec<crate::peers::Workload>,
    /// How long each timed workload goes on
    #[arg(long, value_name = "TIME", value_parser = peers::seconds, default_value = "10s")]
    seconds: Duration,
    /// The folder for report.json, junit.xml and report.html
    #[arg(long, value_name = "DIR")]
    report: PathBuf,
    /// The server of this repository; without it the exemplar beside this program
    #[arg(long, value_name = "BIN", default_value_os_t = exemplar())]
    server: PathBuf,
    /// Where the peers are installed; without it where `scripts/peers` puts them
    #[arg(long, value_name = "DIR")]
    installed: Option<PathBuf>,
    /// Connections of W1 to W4
    #[arg(long, value_name = "N", default_value_t = 32)]
    lines: usize,
    /// Users of W6 and W7
    #[arg(long, value_name = "N", default_value_t = 50)]
    burst_users: usize,
    /// Sockets of W5
    #[arg(long, value_name = "N", default_value_t = 500)]
    idle: usize,
    /// How long each of the four stages of the others sleeps; ours are the real analysis
    #[arg(long, value_name = "MS", default_value_t = 0)]
    stage_ms: u32,
}

/// The server that was built beside this program, else the one on the search path.
fn exemplar() -> PathBuf {
    let beside = std::env::current_exe().ok().map(|me| me.with_file_name("exemplar"));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| "exemplar".into())
}

fn rate(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|rate| (0.001..=1e6).contains(rate)).ok_or_else(|| "a rate is 0.001 to 1000000".into())
}

impl Common {
    fn wishes(&self) -> Wishes {
        let Self { users, rate, ramp, burst, duration, priority_mix, .. } = self.clone();
        Wishes { users, rate, ramp, burst, duration, priority_mix, kills: None, copies: None }
    }
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    raise_descriptor_limit();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("the runtime could not be started: {error}"));
            return ExitCode::from(BROKEN);
        }
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Run(args) => run::run(args).await,
            Command::Mock(args) => mock::mock(args).await,
            Command::Chaos(args) => chaos::chaos(args).await,
            Command::Proxy(args) => proxy::proxy(args).await,
            Command::Conformance(args) => conformance(&args).await,
            Command::Compare(args) => compared(&args),
            Command::Peers(args) => peers::peers(args).await,
            Command::Yardstick(args) => yardstick::yardstick(args).await,
        }
    });
    match done {
        Ok(status) => ExitCode::from(status),
        Err(message) => {
            complain(&message);
            ExitCode::from(BROKEN)
        }
    }
}

async fn conformance(args: &ConformanceArgs) -> Result<u8, String> {
    let target = Target::parse(&args.target).map_err(|error| error.to_string())?;
    preflight(&target, Clock::start()).await?;
    let outcomes = crate::conformance::run(&target).await.map_err(|error| error.to_string())?;
    for outcome in &outcomes {
        let state = outcome.fault.as_ref().map_or("held   ".into(), |fault| format!("BROKEN  {fault}\n        in"));
        say(&format!("{state} {} (RFC 6455 or contract: {})", outcome.name, outcome.rule));
    }
    let held = outcomes.iter().filter(|outcome| outcome.fault.is_none()).count();
    say(&format!("{held} of {} cases held", outcomes.len()));
    Ok(if held == outcomes.len() { HELD } else { FAILED })
}

fn compared(args: &CompareArgs) -> Result<u8, String> {
    let (before, now) = (compare::read(&args.before)?, compare::read(&args.now)?);
    let name = args.before.display().to_string();
    let comparison = compare::compare(&name, &before, &now, args.tolerance / 100.0);
    comparison.notes.iter().for_each(|note| say(note));
    comparison.broken.iter().for_each(|name| say(&format!("{name:<12} passed before, and does not now  worse")));
    if comparison.changes.is_empty() && comparison.broken.is_empty() {
        return Err("the two reports have no scenario in common that ran long enough to compare".into());
    }
    for change in &comparison.changes {
        let verdict = if change.regressed {
            "worse"
        } else if change.improved {
            "better"
        } else {
            "-"
        };
        let percent = |ratio: f64| (ratio - 1.0) * 100.0;
        say(&format!(
            "{:<12} {:<34} {:>12.3} {:>12.3} {:>+8.1} % ({:+.1} to {:+.1})  {verdict}",
            change.scenario,
            change.measure,
            change.before,
            change.now,
            percent(change.ratio),
            percent(change.low),
            percent(change.high)
        ));
    }
    Ok(if comparison.holds() { HELD } else { FAILED })
}

/// Thousands of sockets need more descriptors than the usual 1,024; where more are not allowed, fewer must do.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(DESCRIPTORS).min(DESCRIPTORS);
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(wanted);
        let _ = setrlimit(Resource::Nofile, limit);
    }
}

#[expect(clippy::print_stderr, reason = "the line a person reads when a command fails")]
fn complain(message: &str) {
    eprintln!("rapid: {message}");
}

/// Prints a line of a command's output. A reader that has gone away (`rapid ... | head`) is no reason to end a run.
fn say(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }

    /// The flags that the interface promises.
    #[test]
    fn the_promised_flags_are_there() {
        let line = "rapid run --target http://127.0.0.1:1 --scenario sequential --scenario resume --users 3 --rate 100 \
                    --burst 50/2.5s --duration 10s --priority-mix --report out";
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        let Command::Run(args) = cli.command else { panic!("run") };
        assert_eq!(args.common.scenarios, [Scenario::Sequential, Scenario::Resume]);
        assert_eq!(args.common.wishes().burst, Some(Burst::default()));
        assert!(args.common.priority_mix);
        for line in [
            "rapid mock",
            "rapid chaos",
            "rapid proxy",
            "rapid compare a b",
            "rapid peers --only socketio --seconds 5 --report x",
            "rapid yardstick --require 50000",
        ] {
            assert!(Cli::try_parse_from(line.split_whitespace()).is_ok(), "{line}");
        }
        assert!(Cli::try_parse_from(["rapid", "run", "--scenario", "nonsense"]).is_err());
    }
}
