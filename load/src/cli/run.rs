//! `rapid run`: scenarios against a server, one after the other, with a report that grows.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use hyper::Method;
use shared::limits::ID_AHEAD_MAX_MS;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::view::View;
use super::{BROKEN, Common, FAILED, HELD, RunArgs, say};
use crate::clock::Clock;
use crate::http::HttpError;
use crate::mock::{Mock, Options};
use crate::net::Target;
use crate::preflight::preflight;
use crate::report::{Entry, Report, compare};
use crate::scenario::{Lab, RunError, Scenario, run as play};
use crate::thresholds::Thresholds;

/// A wall clock that runs away from the monotonic one by more was set during the run.
const CLOCK_JUMP_MS: i64 = 1_000;
/// Seconds without any answer after which a server is taken for dead.
const GONE_AFTER: u32 = 5;

pub(super) async fn run(args: RunArgs) -> Result<u8, String> {
    let clock = Clock::start();
    let mut lab;
    let shown;
    if args.target == "mock" {
        let mock = Mock::start(Options { seed: args.common.seed, ..Options::default() }, clock);
        lab = Lab::new(mock.in_memory(), clock, args.common.seed, args.common.form);
        lab.exclusive = true;
        shown = "a mock in this process".to_string();
    } else {
        let target = Target::parse(&args.target).map_err(|error| error.to_string())?;
        lab = Lab::new(target, clock, args.common.seed, args.common.form);
        lab.exclusive = args.exclusive;
        shown = args.target.clone();
    }
    lab.probe.token = args.token.as_deref().map(Arc::from);
    lab.probe.pid.store(args.pid.unwrap_or(0), Relaxed);
    lab.wishes = args.common.wishes();
    all(&args.common, lab, shown, Scenario::ALL).await
}

/// Runs the wanted scenarios, or these, and writes the report after each.
pub(super) async fn all(common: &Common, mut lab: Lab, target: String, these: &[Scenario]) -> Result<u8, String> {
    let thresholds = match &common.thresholds {
        None => Thresholds::built_in(common.form),
        Some(path) => {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            Thresholds::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?
        }
    };
    // Before the run: a typing error here should not cost minutes.
    let baseline = common.baseline.as_deref().map(compare::read).transpose()?;
    let peers = common.peers.as_deref().map(super::peers::read).transpose()?;
    let mut interrupt = Interrupt::listen()?;
    let contact = tokio::select! {
        contact = preflight(&lab.target, lab.clock) => contact?,
        () = interrupt.came() => return Err("interrupted before the server had answered; there is no report".into()),
    };
    let apart = contact.clock_ahead_ms;
    if apart.unsigned_abs() > ID_AHEAD_MAX_MS {
        return Err(format!(
            "the clock of {} is {} hours {} this machine's. Ids carry the time at which they are made, so all of ours \
             would be refused: set one of the clocks.",
            lab.target.authority(),
            apart.unsigned_abs() / 3_600_000,
            if apart > 0 { "ahead of" } else { "behind" }
        ));
    }
    lab.rate_per_min = contact.rate_per_min;
    let mut report = begin(common, &lab, target);
    report.peers = peers.unwrap_or_default();
    if contact.rate_per_min > 0 {
        report.notes.push(format!(
            "The server allows {} messages a minute and user; scenarios keep within it by using more users.",
            contact.rate_per_min
        ));
    }
    let wanted = if common.scenarios.is_empty() { these } else { &common.scenarios };
    for scenario in wanted {
        let Some(entry) = one(*scenario, &lab, &thresholds, common.quiet, &mut interrupt).await else {
            report.cut_short = Some("interrupted".into());
            break;
        };
        let gone = entry.error.is_some() && preflight(&lab.target, lab.clock).await.is_err();
        report.scenarios.push(entry);
        if gone {
            report.cut_short = Some(format!("the server no longer answers after {}", scenario.name()));
            break;
        }
        report.conclude();
        report.write(&common.report).map_err(|error| summary(&report, Some(&error.to_string())))?;
    }
    finish(common, &lab, report, baseline.as_ref())
}

fn begin(common: &Common, lab: &Lab, target: String) -> Report {
    Report {
        tool: concat!("rapid ", env!("CARGO_PKG_VERSION")),
        started_unix_ms: lab.clock.unix_ms_at_zero(),
        target,
        form: format!("{:?}", common.form).to_lowercase(),
        seed: common.seed,
        processors: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        notes: Vec::new(),
        cut_short: None,
        scenarios: Vec::new(),
        comparison: None,
        peers: Vec::new(),
        passed: false,
    }
}

/// One scenario; `None` if somebody interrupted it.
async fn one(
    scenario: Scenario,
    lab: &Lab,
    thresholds: &Thresholds,
    quiet: bool,
    interrupt: &mut Interrupt,
) -> Option<Entry> {
    let view = View::of(scenario.name(), lab.live.clone(), quiet);
    let played: Result<_, RunError> = tokio::select! {
        played = play(scenario, lab) => played,
        () = interrupt.came() => {
            view.end("interrupted");
            return None;
        }
        () = gone(lab) => Err(RunError::Client(format!("the server has not answered for {GONE_AFTER} seconds"))),
    };
    let name = scenario.name();
    let entry = match played {
        Ok(finding) => {
            let thresholds = thresholds.judge(&finding);
            Entry { scenario: name, finding: Some(finding), thresholds, error: None }
        }
        Err(error) => Entry { scenario: name, finding: None, thresholds: vec![], error: Some(error.to_string()) },
    };
    view.end(&told(&entry));
    Some(entry)
}

/// Listens for Ctrl-C and for the signal by which schedulers and `timeout` end a program: one pair of listeners for the
/// whole run, because a signal between two scenarios is one too.
pub(super) struct Interrupt {
    int: Signal,
    term: Signal,
}

impl Interrupt {
    pub(super) fn listen() -> Result<Self, String> {
        let listen = |kind| signal(kind).map_err(|error| format!("signals cannot be listened for: {error}"));
        Ok(Self { int: listen(SignalKind::interrupt())?, term: listen(SignalKind::terminate())? })
    }

    pub(super) async fn came(&mut self) {
        tokio::select! {
            _ = self.int.recv() => {}
            _ = self.term.recv() => {}
        }
    }
}

/// Waits until the server has not answered for a while. Where its life is in our hands, it is meant to die.
async fn gone(lab: &Lab) {
    if lab.control.is_some() {
        return std::future::pending().await;
    }
    let mut silent = 0;
    while silent < GONE_AFTER {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let answer = lab.probe.http.call(Method::GET, "/health", None, None).await;
        // An answer of any kind is life; a slow one is the scenario's to judge.
        silent = if matches!(answer, Err(HttpError::Unreachable(..))) { silent + 1 } else { 0 };
    }
}

/// A scenario in a line or more.
fn told(entry: &Entry) -> String {
    let Some(finding) = &entry.finding else {
        let why = entry.error.as_deref().unwrap_or_default();
        return format!("FAILED  {:<12} could not be run to its end: {why}", entry.scenario);
    };
    let state = if entry.passed() { "passed" } else { "FAILED" };
    let of = |name: &str| finding.measures.iter().find(|m| m.name == name).map_or(0.0, |m| m.value);
    let mut text = format!(
        "{state}  {:<12} {:>6.1} s  {} messages, {:.0}/s, accepted p50 {:.1} p99 {:.1} ms, ended p50 {:.1} p99 {:.1} ms",
        entry.scenario,
        finding.seconds,
        of("messages"),
        of("messages_per_s"),
        finding.accept.p50,
        finding.accept.p99,
        finding.whole.p50,
        finding.whole.p99
    );
    for judged in entry.thresholds.iter().filter(|judged| !judged.holds) {
        let bound = match (judged.bound.min, judged.bound.max) {
            (Some(min), None) => format!("at least {min}"),
            (None, Some(max)) => format!("at most {max}"),
            (min, max) => format!("{} to {}", min.unwrap_or(f64::NEG_INFINITY), max.unwrap_or(f64::INFINITY)),
        };
        let is = judged.value.map_or("was not measured".into(), |value| format!("is {value}"));
        let _ = write!(text, "\n        {} {is}, must be {bound}", judged.measure);
    }
    for rule in finding.verdict.rules.iter().filter(|rule| rule.violations > 0) {
        let first = finding.verdict.violations.iter().find(|violation| violation.rule == rule.rule);
        let first = first.map_or("", |violation| violation.summary.as_str());
        let _ = write!(text, "\n        {} broken {} times ({}): {first}", rule.rule, rule.violations, rule.title);
    }
    for note in &finding.notes {
        let _ = write!(text, "\n        {note}");
    }
    text
}

fn finish(common: &Common, lab: &Lab, mut report: Report, baseline: Option<&compare::Earlier>) -> Result<u8, String> {
    report.notes.extend(clock_note(lab.clock));
    if let (Some(before), Some(path)) = (baseline, &common.baseline) {
        report.comparison = compared(&report, before, path, common.tolerance);
    }
    report.conclude();
    report.write(&common.report).map_err(|error| summary(&report, Some(&error.to_string())))?;
    if common.quiet {
        // Quiet is without progress, not without the reasons.
        report.scenarios.iter().filter(|entry| !entry.passed()).for_each(|entry| say(&told(entry)));
    }
    say(&summary(&report, None));
    say(&format!("report: {}", common.report.join("report.html").display()));
    Ok(match &report.cut_short {
        Some(_) => BROKEN,
        None if report.passed => HELD,
        None => FAILED,
    })
}

/// What a reader must know if somebody set the clock of this machine.
fn clock_note(clock: Clock) -> Option<String> {
    let drift = clock.drift_ms();
    (drift.abs() > CLOCK_JUMP_MS).then(|| {
        format!(
            "This machine's clock was set by {drift} ms during the run. Latencies are not touched by it; they are \
             measured with a clock that cannot be set."
        )
    })
}

fn compared(
    report: &Report,
    before: &compare::Earlier,
    path: &std::path::Path,
    tolerance: f64,
) -> Option<compare::Comparison> {
    // What was just written is read like any other report, so both sides are the same kind of thing.
    let now = serde_json::to_string(report).ok().and_then(|text| serde_json::from_str(&text).ok())?;
    Some(compare::compare(&path.display().to_string(), before, &now, tolerance / 100.0))
}

/// The run in a few lines; with `trouble`, what kept the report from being written.
fn summary(report: &Report, trouble: Option<&str>) -> String {
    let passed = report.scenarios.iter().filter(|entry| entry.passed()).count();
    let mut text = String::new();
    if let Some(trouble) = trouble {
        let _ = writeln!(text, "{trouble}\nThe results, which are in no file:");
        for entry in &report.scenarios {
            text.push_str(&told(entry));
            text.push('\n');
        }
    }
    if let Some(why) = &report.cut_short {
        let _ = writeln!(text, "The run ended early: {why}. The report holds what was done until then.");
    }
    for name in report.comparison.iter().flat_map(|comparison| &comparison.broken) {
        let _ = writeln!(text, "worse than before: {name} passed, and does not now");
    }
    for change in report.comparison.iter().flat_map(compare::Comparison::regressions) {
        let percent = (change.ratio - 1.0) * 100.0;
        let _ = writeln!(text, "worse than before: {}, {}: {percent:+.1} %", change.scenario, change.measure);
    }
    let _ = write!(text, "{passed} of {} scenarios passed", report.scenarios.len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_is_told_in_either_direction() {
        let now = Clock::start().unix_ms();
        assert_eq!(clock_note(Clock::at(now)), None);
        let forward = clock_note(Clock::at(now - 3_600_000)).unwrap();
        assert!(forward.contains("was set by 3600"), "{forward}");
        let back = clock_note(Clock::at(now + 3_600_000)).unwrap();
        assert!(back.contains("was set by -3"), "{back}");
    }
}
