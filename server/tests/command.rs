//! The commands of the binary, as an operator runs them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::path::Path;
use std::process::{Command, Output};

fn exemplar(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exemplar"));
    command.args(arguments).current_dir(folder).env_clear().env("RUST_LOG", "error");
    command.envs(environment.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_mistake_in_the_settings_stops_the_start_with_one_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("exemplar.toml"), "queue_limit = 5\n").unwrap();
    for (arguments, environment, says) in [
        (vec!["serve"], ("EXEMPLAR_QUEUE_LIMITT", "5"), "EXEMPLAR_QUEUE_LIMIT?"),
        (vec!["serve"], ("EXEMPLAR_ADDR", "nowhere"), "addr = nowhere"),
        (vec!["serve", "--durability", "maybe"], ("A", "b"), "full, process"),
        (vec!["serve", "--config", "missing.toml"], ("A", "b"), "missing.toml"),
        (vec!["serve"], ("DATABASE_URL", "mysql://x"), "sqlite://"),
        (vec!["serve", "--addr", "203.0.113.1:1"], ("A", "b"), "cannot listen"),
    ] {
        let output = exemplar(folder.path(), &arguments, &[environment]);
        let error = text(&output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(error.contains(says) && error.lines().count() == 1, "{error}");
    }
}

#[test]
fn print_config_shows_where_each_value_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("exemplar.toml"), "queue_limit = 5\n").unwrap();
    let arguments = ["serve", "--print-config", "--max-sessions", "7"];
    let output = exemplar(folder.path(), &arguments, &[("LLM_API_KEY", "sk-secret"), ("EXEMPLAR_CACHE_TTL_S", "9")]);
    let printed = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for line in ["exemplar.toml", "flag --max-sessions", "environment EXEMPLAR_CACHE_TTL_S", "(hidden)", "default"] {
        assert!(printed.contains(line), "{line}: {printed}");
    }
    assert!(!printed.contains("sk-secret"));
    assert!(!folder.path().join("data").exists(), "nothing was started");
}

#[test]
fn a_log_is_made_up_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| exemplar(folder.path(), arguments, &[]);
    let log = run(&["usage", "generate", "--seed", "3", "--rows", "500"]).stdout;
    assert_eq!(log, run(&["usage", "generate", "--seed", "3", "--rows", "500"]).stdout);
    assert!(text(&log).lines().skip(1).all(|row| row.ends_with(",true")), "every row says that it is synthetic");
    let jsonl = run(&["usage", "generate", "--rows", "2", "--format", "jsonl"]).stdout;
    assert!(text(&jsonl).lines().all(|row| row.ends_with("\"synthetic\":true}")));
    std::fs::write(folder.path().join("log.csv"), &log).unwrap();
    let told = run(&["usage", "summary", "log.csv"]);
    for word in ["500 taken, 0 rejected", "gpt-4o", "synthetic", "p99"] {
        assert!(text(&told.stdout).contains(word), "{word}: {}", text(&told.stdout));
    }
    let figures: serde_json::Value =
        serde_json::from_slice(&run(&["usage", "summary", "--json", "log.csv"]).stdout).unwrap();
    assert_eq!(figures["requests"], 500);
    let missing = run(&["usage", "summary", "nowhere.csv"]);
    assert!(!missing.status.success() && text(&missing.stderr).lines().count() == 1);
}

const LITELLM: &str = r#"{"sample_spec": {"max_tokens": "x"},
    "gpt-4o": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05},
    "deepseek/deepseek-v3.2": {"litellm_provider": "deepseek", "mode": "chat", "input_cost_per_token": 2.8e-07, "output_cost_per_token": 4e-07}}"#;

#[test]
fn the_catalog_is_shown_checked_and_overridden() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| exemplar(folder.path(), arguments, &[]);
    let shown = run(&["catalog", "show", "--as-of", "2027-01-01"]);
    let line = |output: &Output, model: &str| {
        text(&output.stdout).lines().find(|line| line.starts_with(model)).unwrap_or_default().to_owned()
    };
    assert!(line(&shown, "google/gemini-3.8-flash").contains("1.5"), "{}", text(&shown.stdout));
    assert!(text(&run(&["catalog", "show", "--as-of", "2026-11-22"]).stdout).contains("from 2027-01-01: input 1.5"));
    assert!(!run(&["catalog", "show", "--as-of", "soon"]).status.success());

    std::fs::write(folder.path().join("litellm.json"), LITELLM).unwrap();
    let checked = run(&["catalog", "check", "litellm.json", "--as-of", "2026-11-22"]);
    assert!(!checked.status.success(), "a price differs");
    for word in ["2 models compared", "deepseek/deepseek-v3.2", "$0.2288 here", "$0.28 there", "+22 %", "only here"] {
        assert!(text(&checked.stdout).contains(word), "{word}: {}", text(&checked.stdout));
    }
    let update = ["catalog", "update", "litellm.json", "--out", "own.toml", "--as-of", "2026-11-22"];
    assert!(run(&update).status.success());
    assert!(!run(&update).status.success(), "a file that is there stays");
    let with_own = ["--catalog-overrides", "own.toml"];
    let after = run(&[&["catalog", "check", "litellm.json"], &with_own[..]].concat());
    assert!(after.status.success(), "{}", text(&after.stdout));
    let own = run(&[&["catalog", "show"], &with_own[..]].concat());
    assert!(
        line(&own, "deepseek/deepseek-v3.2").contains("0.28")
            && text(&own.stdout).contains("Private price: LiteLLM, litellm.json")
    );

    std::fs::write(folder.path().join("own.toml"), "source = \"x\"\nas_of = \"2026-01-01\"\nmodel = 5\n").unwrap();
    for arguments in [&["serve"][..], &["catalog", "show"]] {
        let wrong = run(&[arguments, &with_own[..]].concat());
        assert!(!wrong.status.success() && text(&wrong.stderr).lines().count() == 1, "{}", text(&wrong.stderr));
        assert!(text(&wrong.stderr).contains("own.toml"));
    }
}

#[test]
fn migrations_token_and_doctor() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| exemplar(folder.path(), arguments, &[]);
    assert!(text(&run(&["migrate", "status"]).stdout).contains("missing"));
    assert!(text(&run(&["migrate", "up"]).stdout).contains("applied"));
    assert!(!run(&["migrate", "down"]).status.success(), "only with --yes");
    assert!(text(&run(&["migrate", "down", "--yes"]).stdout).contains("missing"));
    let token = run(&["token"]);
    assert!(text(&token.stdout).starts_with("exs_"), "{}", text(&token.stderr));
    let (one, other) = (run(&["token", "--admin"]).stdout, run(&["token", "--admin"]).stdout);
    assert!(one.len() == 65 && one != other);
    let doctor = run(&["doctor"]);
    assert!(doctor.status.success(), "{}", text(&doctor.stdout));
    for check in ["database", "migrations", "flush", "free disk", "cache", "language model", "catalog", "clock"] {
        assert!(text(&doctor.stdout).contains(check), "{check}");
    }
    std::fs::write(folder.path().join("data/exemplar.db"), "this is not a database, and it is long enough").unwrap();
    let doctor = run(&["doctor"]);
    assert!(!doctor.status.success() && text(&doctor.stdout).contains("FAIL  database"));
    for command in ["serve", "migrate", "doctor", "token"] {
        assert!(run(&[command, "--help"]).status.success());
    }
}

#[test]
fn a_reader_that_has_gone_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_exemplar"));
    let status = command.args(["token", "--admin"]).current_dir(folder.path()).stdout(writer).status();
    assert!(status.unwrap().success());
}

#[test]
fn doctor_says_what_is_wrong_with_the_language_model() {
    let folder = tempfile::tempdir().unwrap();
    // A port that was free a moment ago: nothing listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let endpoint = format!("http://127.0.0.1:{port}/v1");
    let settings = [("LLM_API_ENDPOINT", endpoint.as_str()), ("LLM_MODEL", "m"), ("LLM_API_KEY", "sk-very-secret")];
    let output = exemplar(folder.path(), &["doctor"], &settings);
    let told = text(&output.stdout);
    let line = told.lines().find(|line| line.contains("language model")).unwrap();
    assert!(line.starts_with("FAIL") && line.contains("nothing listens at its address"), "{told}");
    assert!(!output.status.success() && !told.contains("secret"));
    let output = exemplar(folder.path(), &["doctor"], &[]);
    assert!(text(&output.stdout).contains("built-in engine"), "{}", text(&output.stdout));
}
