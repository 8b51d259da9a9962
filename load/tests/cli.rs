//! The binary, as a person or a build server meets it: exit status, messages, files.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

const RAPID: &str = env!("CARGO_BIN_EXE_rapid");

fn rapid(args: &[&str]) -> Output {
    Command::new(RAPID).args(args).env_remove("EXEMPLAR_ADMIN_TOKEN").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn told(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

/// A mock of its own, which ends with the test.
struct MockProcess(Child, String, #[allow(dead_code, reason = "its output needs a reader")] BufReader<ChildStdout>);

impl MockProcess {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(RAPID)
            .args(["mock", "--addr", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let url = line.split_whitespace().last().unwrap().to_string();
        Self(child, url, out)
    }
}

impl Drop for MockProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits for a program's end and answers its status; one that hangs is killed and has none.
fn ended(child: &mut Child) -> Option<i32> {
    let pid = rustix::process::Pid::from_raw(child.id().cast_signed()).unwrap();
    let (done, waited) = std::sync::mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        if waited.recv_timeout(std::time::Duration::from_mins(1)).is_err() {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    });
    let status = child.wait().unwrap();
    done.send(()).unwrap_or_default();
    watch.join().unwrap();
    status.code()
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_good_server_gives_0_and_three_files_and_can_be_compared_with() {
    let (mock, folder) = (MockProcess::start(&[]), tempfile::tempdir().unwrap());
    let (first, second) = (folder.path().join("a"), folder.path().join("b"));
    let run = |report: &Path, more: &[&str]| {
        let mut args = vec!["run", "--target", &mock.1, "--scenario", "sequential,sync", "--rate", "200", "--report"];
        args.push(report.to_str().unwrap());
        args.extend(more);
        rapid(&args)
    };
    let output = run(&first, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(text(&output.stdout).contains("2 of 2 scenarios passed"), "{}", told(&output));
    assert_eq!(files(&first), ["junit.xml", "report.html", "report.json"]);
    let output = run(&second, &["--quiet", "--baseline", first.to_str().unwrap(), "--tolerance", "10000"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(std::fs::read_to_string(second.join("report.html")).unwrap().contains("Compared with"));
    assert!(std::fs::read_to_string(second.join("junit.xml")).unwrap().contains("<testsuite name=\"comparison\""));
    // A later run in which a scenario is missing is worse, whatever its figures are.
    let third = folder.path().join("c");
    rapid(&[
        "run",
        "--target",
        &mock.1,
        "--scenario",
        "sequential",
        "--rate",
        "200",
        "--report",
        third.to_str().unwrap(),
    ]);
    let compare =
        |a: &Path, b: &Path| rapid(&["compare", a.to_str().unwrap(), b.to_str().unwrap(), "--tolerance", "10000"]);
    assert_eq!(compare(&first, &second).status.code(), Some(0));
    let worse = compare(&first, &third);
    assert_eq!(worse.status.code(), Some(1), "{}", told(&worse));
    assert!(told(&worse).contains("sync         passed before"), "{}", told(&worse));
}

#[test]
fn a_bad_server_gives_1_and_says_what_it_did() {
    let (mock, folder) = (MockProcess::start(&["--misbehave", "duplicate-event"]), tempfile::tempdir().unwrap());
    let report = folder.path().to_str().unwrap();
    let output = rapid(&["run", "--target", &mock.1, "--scenario", "sequential", "--rate", "200", "--report", report]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(told(&output).contains("I13 broken"), "{}", told(&output));
}

#[test]
fn a_threshold_that_does_not_hold_gives_1() {
    let (mock, folder) = (MockProcess::start(&[]), tempfile::tempdir().unwrap());
    let thresholds = folder.path().join("strict.toml");
    std::fs::write(&thresholds, "[sequential]\nwhole_p50_ms = { max = 0.001 }\n").unwrap();
    let report = folder.path().join("report");
    let args = ["run", "--target", &mock.1, "--scenario", "sequential", "--rate", "200", "--report"];
    let args = [&args[..], &[report.to_str().unwrap(), "--thresholds", thresholds.to_str().unwrap()]].concat();
    let output = rapid(&args);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(told(&output).contains("whole_p50_ms"), "{}", told(&output));
    // Who asks for a figure that the scenario does not take gets no silent yes.
    std::fs::write(&thresholds, "[sequential]\nkills = { min = 5 }\n").unwrap();
    let output = rapid(&args);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(told(&output).contains("kills was not measured"), "{}", told(&output));
}

#[test]
fn nobody_there_gives_2_and_one_clear_line() {
    let output = rapid(&["run", "--target", "http://127.0.0.1:1", "--scenario", "sequential"]);
    assert_eq!(output.status.code(), Some(2));
    let line = text(&output.stderr);
    assert!(line.contains("nothing answers at 127.0.0.1:1") && line.contains("--target"), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
}

#[test]
fn typing_errors_are_found_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let thresholds = folder.path().join("t.toml");
    std::fs::write(&thresholds, "[sequental]\n").unwrap();
    for (args, say) in [
        (vec!["run", "--target", "mock", "--thresholds", thresholds.to_str().unwrap()], "sequential"),
        (vec!["run", "--target", "mock", "--baseline", "/does/not/exist.json"], "/does/not/exist.json"),
        (vec!["run", "--target", "https://example.test"], "encrypted"),
        (vec!["mock", "--misbehave", "nonsense"], "drop-event"),
        (vec!["chaos", "--server", "/does/not/exist", "--report", folder.path().to_str().unwrap()], "/does/not/exist"),
    ] {
        let output = rapid(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", told(&output));
        assert!(told(&output).contains(say), "{args:?}: {}", told(&output));
    }
}

#[test]
fn a_report_that_cannot_be_written_loses_no_result() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let report = file.join("report");
    let args = ["run", "--target", "mock", "--scenario", "sequential", "--rate", "200", "--quiet", "--report"];
    let output = rapid(&[&args[..], &[report.to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains("could not be written") && told(&output).contains("passed  sequential"));
}

/// A disk that is full: every write to `/dev/full` says so (full(4)).
#[test]
fn a_full_disk_is_named_and_loses_no_result() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.path().join(".report.json.new")).unwrap();
    let args = ["run", "--target", "mock", "--scenario", "sequential", "--rate", "200", "--quiet", "--report"];
    let output = rapid(&[&args[..], &[folder.path().to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    for part in ["could not be written", "No space left", "passed  sequential"] {
        assert!(told(&output).contains(part), "{part}: {}", told(&output));
    }
    assert!(files(folder.path()).is_empty(), "half a report is left");
}

/// Something answers, but it is another program.
#[test]
fn a_server_of_another_kind_gives_2_and_is_told_apart() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4_096]);
            let _ = stream.write_all(b"220 mail.example.test ESMTP\r\n");
        }
    });
    let output = rapid(&["run", "--target", &url, "--scenario", "sequential"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains("does not speak HTTP"), "{}", told(&output));
}

/// The two programs together, for what needs more than messages to be seen.
#[test]
fn what_needs_an_occasion_is_found_by_the_programs_too() {
    let run = |word: &'static str| {
        let (args, scenario): (&[&str], _) = match word {
            "" => (&[], "overflow"),
            "lie-in-counters" => (&["--misbehave", word], "sequential"),
            _ => (&["--misbehave", word], "overflow"),
        };
        let (mock, folder) = (MockProcess::start(args), tempfile::tempdir().unwrap());
        let report = folder.path().to_str().unwrap();
        let pid = mock.0.id().to_string();
        let command = ["run", "--target", &mock.1, "--exclusive", "--pid", &pid, "--report", report, "--quiet"];
        let output = rapid(&[&command[..], &["--scenario", scenario, "sync"]].concat());
        (word, output.status.code(), told(&output))
    };
    let words = [
        "",
        "silent-refusal",
        "refuse-without-time",
        "refuse-and-run",
        "refuse-urgent",
        "keep-for-stopped",
        "lie-in-counters",
    ];
    let rules = ["", "I17", "I17", "I17", "I18", "I16", "I23"];
    let runs = words.map(|word| std::thread::spawn(move || run(word)));
    for (run, rule) in runs.into_iter().zip(rules) {
        let (word, status, text) = run.join().unwrap();
        assert_eq!(status, Some(i32::from(!word.is_empty())), "{word}: {text}");
        assert!(text.contains(&format!("{rule} broken")) || word.is_empty(), "{word}: {text}");
    }
}

/// What a person does with Ctrl-C: what was done is kept, and the status says that it was not all.
#[test]
fn an_interrupted_run_keeps_its_report() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["run", "--target", "mock", "--scenario", "sequential,stability", "--rate", "200", "--duration", "10m"];
    let mut child = Command::new(RAPID)
        .args(args)
        .args(["--report", folder.path().to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("passed  sequential") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "the run ended by itself");
    }
    // The second scenario has ten minutes to go.
    let pid = rustix::process::Pid::from_raw(child.id().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(ended(&mut child), Some(2));
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert!(out.contains("ended early: interrupted"), "{out}");
    let html = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(html.contains("interrupted") && html.contains("sequential"));
}

/// The server dies for good in the middle: the run ends, keeps what it has, and says so.
#[test]
fn a_dying_server_ends_the_run() {
    let (mut mock, folder) = (MockProcess::start(&[]), tempfile::tempdir().unwrap());
    let args = ["run", "--target", &mock.1, "--scenario", "sequential,stability,sync", "--duration", "1s"];
    let mut child = Command::new(RAPID)
        .args(args)
        .args(["--rate", "200", "--report", folder.path().to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("passed  sequential") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "the run ended by itself");
    }
    mock.0.kill().unwrap();
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert_eq!(ended(&mut child), Some(2), "{rest}");
    let html = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(html.contains("no longer answers"), "{rest}");
}

#[test]
fn the_mock_lists_what_it_can_do_wrong() {
    let output = rapid(&["mock", "--list"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("drop-event") && text(&output.stdout).contains("I13"));
}

#[test]
fn the_yardstick_measures_each_side_and_validates() {
    let output = rapid(&["yardstick", "--rate", "2000", "--duration", "1s", "--clients", "4"]);
    let told = told(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    for part in ["generator", "mock", "validator", "validation  on", " 0 violations"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let output = rapid(&["yardstick", "--rate", "200", "--duration", "1s", "--clients", "2", "--require", "100000"]);
    assert_eq!(output.status.code(), Some(1), "200 offered a second are not 100,000");
}
