//! The driver of the peers against the mock: what is good has no fault, and each fault is seen.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use futures::future::BoxFuture;
use load::peers::drive::{Size, drive};
use load::peers::figures::{Figures, Outcome};
use load::peers::{Card, Exemplar, FastApi, Line, Peer, Place, Start, Workload};
use load::process::free_port;

const RAPID: &str = env!("CARGO_BIN_EXE_rapid");

/// The mock speaks our channel, so our adapter reaches it; only the program is another.
struct MockPeer {
    adapter: Exemplar,
    args: &'static [&'static str],
}

impl Peer for MockPeer {
    fn card(&self) -> Card {
        Card { name: "mock".into(), ..self.adapter.card() }
    }

    fn programs(&self, place: &Place) -> Vec<Start> {
        let address = place.address(0);
        let args = [&["mock", "--addr", &address, "--step-us", "0", "0"], self.args].concat();
        vec![Start { program: place.program(Path::new(RAPID), &args, &[]), address, path: Some("/health") }]
    }

    fn line<'a>(&'a self, place: &'a Place, user: &'a str, slow: bool) -> BoxFuture<'a, Result<Line, String>> {
        self.adapter.line(place, user, slow)
    }
}

async fn run(
    args: &'static [&'static str],
    workloads: &[Workload],
    patience: u64,
) -> Vec<(Workload, Result<Figures, String>)> {
    let folder = tempfile::tempdir().unwrap();
    let (data, installed) = (folder.path().join("data"), folder.path().join("none"));
    let place = Place { installed, data, port: free_port().unwrap() };
    let peer = MockPeer { adapter: Exemplar::new(RAPID.into(), true), args };
    let patience = Duration::from_secs(patience);
    let size = Size { lines: 2, seconds: 1.0, burst_users: 4, idle: 5, kills: 1, kill_every: 0.0, patience };
    let mut outcome = Outcome::of(peer.card());
    drive(&peer, &place, size, workloads, &mut outcome, |_| ()).await;
    outcome.workloads
}

#[tokio::test]
async fn a_good_server_has_figures_and_no_fault() {
    // A mock that is killed has nothing left, so W4 has a test of its own.
    let workloads: Vec<_> = Workload::ALL.iter().copied().filter(|w| *w != Workload::Kills).collect();
    for (workload, figures) in run(&[], &workloads, 30).await {
        let f = figures.unwrap_or_else(|why| panic!("{workload:?}: {why}"));
        let faults = (f.missing, f.forgotten, f.doubled, f.disordered.unwrap_or(0));
        assert_eq!(faults, (0, 0, 0, 0), "{workload:?}");
        match workload {
            Workload::Idle => assert_eq!(f.messages, 5),
            Workload::Duplicates => assert_eq!(f.messages, 100),
            Workload::Burst => assert_eq!(f.messages, 200),
            Workload::SlowReader => assert_eq!(f.messages, 150, "everybody but the one with the slow reader"),
            _ => assert!(f.messages >= 10, "{workload:?}: {f:?}"),
        }
        if workload != Workload::Idle {
            assert!(f.accepted_per_s > 1.0 && f.done_per_s > 1.0 && f.done.p99 >= f.done.p50, "{workload:?}: {f:?}");
        }
    }
}

#[tokio::test]
async fn each_fault_is_seen() {
    let of = async |args| run(args, &[Workload::Duplicates], 2).await.remove(0).1.unwrap();
    assert!(of(&["--misbehave", "double-run"]).await.doubled > 0);
    assert!(of(&["--misbehave", "wrong-order"]).await.disordered.unwrap() > 0);
    assert!(of(&["--misbehave", "stall", "--every", "20"]).await.missing > 0);
}

#[tokio::test]
async fn a_peer_that_is_not_there_has_a_reason_for_each_workload() {
    let folder = tempfile::tempdir().unwrap();
    let place =
        Place { installed: folder.path().join("none"), data: folder.path().join("data"), port: free_port().unwrap() };
    let peer = FastApi { stage_ms: 0, workers: 2 };
    let mut outcome = Outcome::of(peer.card());
    drive(&peer, &place, Size::default(), Workload::ALL, &mut outcome, |_| ()).await;
    assert_eq!(outcome.workloads.len(), Workload::ALL.len());
    for (workload, figures) in outcome.workloads {
        let why = figures.unwrap_err();
        assert!(why.contains("uvicorn cannot be started"), "{workload:?}: {why}");
    }
}

/// The command: a line for what cannot be started, a report nevertheless, and a status of its own if nothing ran.
#[test]
fn the_command_reports_what_could_not_be_started() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    let output = Command::new(RAPID)
        .args(["peers", "--only", "exemplar,fastapi", "--seconds", "1s", "--server", "/does/not/exist"])
        .arg("--installed")
        .arg(folder.path())
        .arg("--report")
        .arg(&report)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("/does/not/exist cannot be started"), "{told}");
    let html = std::fs::read_to_string(report.join("report.html")).unwrap();
    assert!(html.contains("<h2>Peers</h2>") && html.contains("uvicorn cannot be started"));
    let json = std::fs::read_to_string(report.join("report.json")).unwrap();
    assert!(json.contains("\"peers\""));
}

/// Ctrl-C in the middle of a peer: the workloads that it has done are in the report.
#[test]
fn an_interrupted_run_keeps_what_the_peer_under_way_has_done() {
    let folder = tempfile::tempdir().unwrap();
    let (server, report) = (folder.path().join("server"), folder.path().join("report"));
    // The mock in the place of our server: the same channel, another command line.
    std::fs::write(&server, format!("#!/bin/sh\nexec {RAPID} mock --addr \"$EXEMPLAR_ADDR\"\n")).unwrap();
    std::fs::set_permissions(&server, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut child = Command::new(RAPID)
        .args(["peers", "--only", "exemplar", "--workload", "idle,kills", "--idle", "5", "--server"])
        .args([&server, Path::new("--report"), &report])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("W4 kill and cut") {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "the run ended by itself");
    }
    // Half a minute of that is still to come.
    let pid = rustix::process::Pid::from_raw(child.id().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2));
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(report.join("report.json")).unwrap()).unwrap();
    assert_eq!(json["cut_short"], "interrupted");
    let done = json["peers"][0]["workloads"].as_array().unwrap();
    assert_eq!(done.len(), 1, "{done:?}");
    assert_eq!(done[0][1]["Ok"]["messages"], 5);
}
