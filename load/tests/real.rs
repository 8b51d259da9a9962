//! The real server, as its program: byte-level conformance, and a client that shares no line of code with ours.
//!
//! The program is `EXEMPLAR_BIN`, or the one built beside these tests (`cargo test --workspace` builds it, `cargo build
//! -p server` too). Without one the tests fail rather than pass unseen.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;

use load::conformance;
use load::net::Target;
use load::process::{Process, Program, free_port};

/// The server's program.
fn exemplar() -> PathBuf {
    if let Some(path) = std::env::var_os("EXEMPLAR_BIN") {
        return path.into();
    }
    // target/debug/deps/real-1234 -> target/debug/exemplar
    let beside = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("exemplar");
    assert!(beside.exists(), "{} is missing: run `cargo build -p server`, or set EXEMPLAR_BIN", beside.display());
    beside
}

/// A server with a database of its own; both go with the test.
async fn server() -> (Process, Target, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("127.0.0.1:{}", free_port().unwrap());
    let target = Target::parse(&address).unwrap();
    let set = |name: &str, value: String| (name.to_owned(), value);
    let program = Program {
        path: exemplar(),
        args: vec!["serve".into()],
        env: vec![
            set("EXEMPLAR_ADDR", address),
            set("DATABASE_URL", format!("sqlite://{}", folder.path().join("real.db").display())),
            set("EXEMPLAR_RATE_LIMIT_PER_MIN", "0".into()),
        ],
        log: folder.path().join("server.log"),
    };
    (Process::start(program, target.clone()).await.unwrap(), target, folder)
}

#[tokio::test]
async fn the_server_conforms_byte_by_byte() {
    let (_server, target, _folder) = server().await;
    let outcomes = conformance::run(&target).await.unwrap();
    let faults: Vec<_> = outcomes.iter().filter(|outcome| outcome.fault.is_some()).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Python's `websockets`, which the script installs beside the caches: it sends, reads, resumes and is refused.
#[tokio::test]
async fn a_client_in_another_language_is_served() {
    let (_server, target, _folder) = server().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/run");
    let output = tokio::process::Command::new(script).arg(target.authority()).output().await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("all held"), "{told}");
}
