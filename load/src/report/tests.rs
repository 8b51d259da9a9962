use super::*;
use crate::clock::Clock;
use crate::mock::{Misbehaviour, Mock, Options};
use crate::scenario::{Form, Lab, Scenario, run};
use crate::thresholds::Thresholds;

fn report(misbehave: Vec<Misbehaviour>) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let finding = runtime.block_on(async {
        let clock = Clock::at(1_795_305_600_000);
        let mock = Mock::start(Options { misbehave, ..Options::default() }, clock);
        let mut lab = Lab::new(mock.in_memory(), clock, 3, Form::Tiny);
        lab.exclusive = true;
        run(Scenario::Sequential, &lab).await.unwrap()
    });
    let thresholds = Thresholds::built_in(Form::Tiny).judge(&finding);
    let entry = Entry { scenario: finding.name, finding: Some(finding), thresholds, error: None };
    let mut report = Report {
        tool: "rapid test",
        started_unix_ms: 1_795_305_600_000,
        target: "mock & <co>".into(),
        form: "tiny".into(),
        seed: 3,
        processors: 2,
        notes: vec![],
        cut_short: None,
        scenarios: vec![entry],
        comparison: None,
        peers: Vec::new(),
        passed: false,
    };
    report.conclude();
    report
}

#[test]
fn a_good_run_is_told_in_three_files() {
    let folder = tempfile::tempdir().unwrap();
    let report = report(vec![]);
    assert!(report.passed);
    report.write(folder.path()).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let html = read("report.html");
    assert!(html.contains("everything held") && html.contains("mock &amp; &lt;co&gt;") && html.contains("<svg"));
    for outside in ["http://", "https://", "<script", "@import", "url("] {
        assert!(!html.contains(outside), "the page must be complete in itself: {outside}");
    }
    let xml = read("junit.xml");
    assert!(xml.contains("<testsuite name=\"sequential\"") && xml.contains("failures=\"0\""), "{xml}");
    assert!(compare::read(folder.path()).is_ok());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "nothing else is left behind");
}

#[test]
fn a_bad_run_shows_the_frames() {
    let report = report(vec![Misbehaviour::DuplicateEvent]);
    assert!(!report.passed);
    let (html, xml) = (html::page(&report), junit::junit(&report));
    assert!(html.contains("I13 broken") && html.contains("&quot;offset&quot;"));
    assert!(xml.contains("<failure message=") && xml.contains("I13"));
}

#[test]
fn what_was_cut_short_has_not_passed() {
    let mut report = report(vec![]);
    report.cut_short = Some("interrupted".into());
    report.conclude();
    assert!(!report.passed);
    assert!(junit::junit(&report).contains("<error message=\"interrupted\"/>"));
}

#[test]
fn a_folder_that_cannot_be_written_is_named_and_keeps_what_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "x").unwrap();
    let error = report(vec![]).write(&file.join("inside")).unwrap_err();
    assert!(error.to_string().contains("a-file"), "{error}");
}

/// `/dev/full` is a disk without space.
#[test]
fn a_full_disk_leaves_the_old_report() {
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "report.json", "old").unwrap();
    std::os::unix::fs::symlink(full, folder.path().join(".report.json.new")).unwrap();
    let error = put(folder.path(), "report.json", "new").unwrap_err();
    assert!(error.to_string().contains("report.json"), "{error}");
    assert_eq!(std::fs::read_to_string(folder.path().join("report.json")).unwrap(), "old");
}

#[test]
fn figures_have_few_digits() {
    for (value, told) in
        [(0.0, "0"), (1_234_567.0, "1,234,567"), (12.345, "12.3"), (0.01234, "0.012"), (-1_500.4, "-1,500")]
    {
        assert_eq!(figure(value), told);
    }
    assert_eq!(figure(f64::NAN), "–");
}

#[test]
fn text_is_escaped() {
    assert_eq!(escape("a<b>&\"\u{1}"), "a&lt;b&gt;&amp;&quot;\u{fffd}");
}
