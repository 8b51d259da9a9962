//! `rapid peers`: the same workloads against the systems that people would use instead, and against ours.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::run::Interrupt;
use super::{BROKEN, FAILED, HELD, PeersArgs, say};
use crate::clock::Clock;
use crate::peers::drive::{Size, drive};
use crate::peers::figures::Outcome;
use crate::peers::{Exemplar, FastApi, Peer, Place, Restate, SocketIo, Workload, table};
use crate::report::Report;

/// Ports that a peer may need, one after the other.
const PORTS: u16 = 4;
/// Where they are looked for.
const PORTS_BEGIN: u16 = 20_000;
/// The end of that: Linux gives ports from 32,768 to outgoing connections.
const PORTS_END: u16 = 32_000;

/// A peer's name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Which {
    /// This repository's server, every acceptance flushed to the disk
    Exemplar,
    /// The same, safe from kills only
    ExemplarProcess,
    /// Socket.IO in memory
    Socketio,
    /// Socket.IO with a journal
    SocketioJournal,
    /// FastAPI, uvicorn, SQLite, one worker
    Fastapi,
    /// The same with two workers, users routed to theirs
    FastapiTwo,
    /// Restate
    Restate,
}

impl Which {
    fn peer(self, server: &Path, stage_ms: u32) -> Box<dyn Peer> {
        match self {
            Self::Exemplar => Box::new(Exemplar::new(server.into(), true)),
            Self::ExemplarProcess => Box::new(Exemplar::new(server.into(), false)),
            Self::Socketio => Box::new(SocketIo::new(stage_ms, false)),
            Self::SocketioJournal => Box::new(SocketIo::new(stage_ms, true)),
            Self::Fastapi => Box::new(FastApi { stage_ms, workers: 1 }),
            Self::FastapiTwo => Box::new(FastApi { stage_ms, workers: 2 }),
            Self::Restate => Box::new(Restate::new(stage_ms)),
        }
    }

    const fn is_ours(self) -> bool {
        matches!(self, Self::Exemplar | Self::ExemplarProcess)
    }
}

pub(super) async fn peers(args: PeersArgs) -> Result<u8, String> {
    let clock = Clock::start();
    let size = Size {
        lines: args.lines,
        seconds: args.seconds.as_secs_f64(),
        burst_users: args.burst_users,
        idle: args.idle,
        ..Size::default()
    };
    std::fs::create_dir_all(&args.report).map_err(|error| format!("{}: {error}", args.report.display()))?;
    let folder = args.report.canonicalize().map_err(|error| error.to_string())?;
    let installed = args.installed.clone().unwrap_or_else(cache);
    let all = <Which as clap::ValueEnum>::value_variants();
    let wanted: &[Which] = if args.only.is_empty() { all } else { &args.only };
    let workloads = if args.workloads.is_empty() { Workload::ALL } else { &args.workloads };
    let mut report = Report {
        tool: concat!("rapid ", env!("CARGO_PKG_VERSION")),
        started_unix_ms: clock.unix_ms_at_zero(),
        target: "peers".into(),
        form: format!("{} s a workload", size.seconds),
        seed: 1,
        processors: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        notes: vec![load_note("before")],
        cut_short: None,
        scenarios: Vec::new(),
        comparison: None,
        peers: Vec::new(),
        passed: false,
    };
    let mut ours_sound = true;
    let mut interrupt = Interrupt::listen()?;
    for which in wanted.iter().copied() {
        let peer = which.peer(&args.server, args.stage_ms);
        let data = folder.join("peers").join(format!("{which:?}").to_lowercase());
        let place = Place { installed: installed.clone(), data: data.clone(), port: free_ports()? };
        let mut outcome = Outcome::of(peer.card());
        tokio::select! {
            () = drive(&*peer, &place, size, workloads, &mut outcome, |line| say(&format!("→ {line}"))) => {}
            () = interrupt.came() => report.cut_short = Some("interrupted".into()),
        }
        // A gigabyte of databases is no part of a report.
        let _ = std::fs::remove_dir_all(&data);
        ours_sound &= !which.is_ours() || outcome.is_sound();
        if !outcome.workloads.is_empty() {
            report.peers.push(outcome);
        }
        report.write(&args.report).map_err(|error| error.to_string())?;
        if report.cut_short.is_some() {
            break;
        }
    }
    finish(&args.report, report, ours_sound)
}

fn finish(folder: &Path, mut report: Report, ours_sound: bool) -> Result<u8, String> {
    let _ = std::fs::remove_dir(folder.join("peers"));
    report.notes.push(load_note("after"));
    let any = report.peers.iter().any(started);
    report.passed = any && ours_sound && report.cut_short.is_none();
    report.write(folder).map_err(|error| error.to_string())?;
    report.notes.iter().for_each(|note| say(note));
    say(&table::text(&report.peers));
    say(&format!("report: {}", folder.join("report.html").display()));
    Ok(match (any, report.passed) {
        (false, _) => BROKEN,
        (true, true) => HELD,
        (true, false) if report.cut_short.is_some() => BROKEN,
        (true, false) => FAILED,
    })
}

fn started(outcome: &Outcome) -> bool {
    outcome.workloads.iter().any(|(_, figures)| figures.is_ok())
}

/// How busy the machine is with others, as a reader of the figures must know.
fn load_note(when: &str) -> String {
    let load = std::fs::read_to_string("/proc/loadavg").ok();
    let load = load.as_deref().and_then(|text| text.split(' ').next()).unwrap_or("unknown");
    format!("Load of this machine {when} the run: {load} (mean of a minute, processes).")
}

/// Where `scripts/peers` installs.
fn cache() -> PathBuf {
    let var = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let cache = var("EXEMPLAR_CACHE").unwrap_or_else(|| {
        let home = || var("HOME").unwrap_or_else(|| "/".into()).join(".cache");
        var("XDG_CACHE_HOME").unwrap_or_else(home).join("exemplar")
    });
    cache.join("peers")
}

/// The first of a row of ports that are free now, below those that the system gives to outgoing connections: a client
/// that dials a killed server again and again could otherwise be given the server's own port, and keep it.
fn free_ports() -> Result<u16, String> {
    let free = |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    let rows = (PORTS_END - PORTS_BEGIN) / PORTS;
    // Two runs at a time begin in different places.
    let begin = (std::process::id() % u32::from(rows)) as u16;
    let firsts = (0..rows).map(|n| PORTS_BEGIN + (begin + n) % rows * PORTS);
    let first = firsts.into_iter().find(|first| (0..PORTS).all(|n| free(first + n)));
    first.ok_or_else(|| format!("there are no {PORTS} free ports in a row"))
}

/// The peers of an earlier run, from its folder or its `report.json`.
pub(super) fn read(path: &Path) -> Result<Vec<Outcome>, String> {
    #[derive(serde::Deserialize)]
    struct Earlier {
        #[serde(default)]
        peers: Vec<Outcome>,
    }
    let file = if path.is_dir() { path.join("report.json") } else { path.to_path_buf() };
    let text = std::fs::read_to_string(&file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
    let earlier: Earlier =
        serde_json::from_str(&text).map_err(|e| format!("{} is not a report of rapid: {e}", file.display()))?;
    if earlier.peers.is_empty() {
        return Err(format!("{} has no peers; `rapid peers` writes such a report", file.display()));
    }
    Ok(earlier.peers)
}

/// Seconds as `--seconds` takes them.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let time = crate::pace::duration(text)?;
    if time < Duration::from_secs(1) { Err("at least a second".into()) } else { Ok(time) }
}
