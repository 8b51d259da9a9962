//! A real server as a child process, whose life is in our hands.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use hyper::Method;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

use crate::http::Http;
use crate::net::Target;
use crate::scenario::Control;

/// How long a start may take.
const START_PATIENCE: Duration = Duration::from_mins(1);
/// How long a drain may take before the process is killed after all.
const DRAIN_PATIENCE: Duration = Duration::from_secs(30);
/// Lines of the log that are shown when a start fails.
const LOG_LINES: usize = 12;

/// A server's program and how to start it.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its environment, beside ours.
    pub env: Vec<(String, String)>,
    /// Where its output goes.
    pub log: PathBuf,
}

/// A server as a child process. It ends with this value.
pub struct Process {
    program: Program,
    http: Http,
    /// The path that answers 200 once it is ready; `None` if taking a connection is enough.
    ready_path: Option<&'static str>,
    child: Mutex<Option<Child>>,
    pid: Arc<AtomicU32>,
}

impl Process {
    /// Starts a server that will answer at `target`, and waits until it does.
    pub async fn start(program: Program, target: Target) -> Result<Self, String> {
        Self::begin(program, target, Some("/health")).await
    }

    /// Starts any program that will listen at `address`, and waits until `path` there answers 200, or without a path
    /// until a connection is taken.
    pub async fn start_with(program: Program, address: &str, path: Option<&'static str>) -> Result<Self, String> {
        let target = Target::parse(address).map_err(|error| error.to_string())?;
        Self::begin(program, target, path).await
    }

    async fn begin(program: Program, target: Target, ready_path: Option<&'static str>) -> Result<Self, String> {
        let http = Http::new(target);
        let process = Self { program, http, ready_path, child: Mutex::new(None), pid: Arc::default() };
        process.spawn().await?;
        Ok(process)
    }

    /// The process id, which changes with each life; 0 between two.
    pub fn pid(&self) -> Arc<AtomicU32> {
        self.pid.clone()
    }

    async fn spawn(&self) -> Result<(), String> {
        let Program { path, args, env, log } = &self.program;
        let out = OpenOptions::new().create(true).append(true).open(log);
        let out = out.map_err(|error| format!("the log {} cannot be written: {error}", log.display()))?;
        let err = out.try_clone().map_err(|error| error.to_string())?;
        let mut command = Command::new(path);
        command.args(args).envs(env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(out).stderr(err).kill_on_drop(true);
        let child = command.spawn();
        let mut child = child.map_err(|error| format!("{} cannot be started: {error}", path.display()))?;
        self.pid.store(child.id().unwrap_or(0), Relaxed);
        let ready = tokio::select! {
            ready = self.answers() => ready,
            status = child.wait() => {
                let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
                Err(format!("{} ended at once ({status}):\n{}", path.display(), last_lines(log)))
            }
        };
        *self.child.lock().await = Some(child);
        ready
    }

    async fn answers(&self) -> Result<(), String> {
        let deadline = tokio::time::Instant::now() + START_PATIENCE;
        loop {
            let ready = match self.ready_path {
                Some(path) => self.http.call(Method::GET, path, None, None).await.is_ok_and(|a| a.status == 200),
                None => self.http.reaches().await,
            };
            match ready {
                true => return Ok(()),
                false if tokio::time::Instant::now() >= deadline => {
                    let log = last_lines(&self.program.log);
                    return Err(format!("the server did not answer within {} s:\n{log}", START_PATIENCE.as_secs()));
                }
                false => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Ends the life by a signal and waits for it.
    async fn end(&self, gently: bool) -> Result<(), String> {
        let Some(mut child) = self.child.lock().await.take() else { return Ok(()) };
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if let Some(pid) = pid.filter(|_| gently) {
            kill_process(pid, Signal::TERM).map_err(|error| format!("SIGTERM was not delivered: {error}"))?;
            if tokio::time::timeout(DRAIN_PATIENCE, child.wait()).await.is_err() {
                let _ = child.kill().await;
                return Err(format!("the server did not end within {} s of SIGTERM", DRAIN_PATIENCE.as_secs()));
            }
        } else {
            child.kill().await.map_err(|error| format!("SIGKILL was not delivered: {error}"))?;
        }
        self.pid.store(0, Relaxed);
        Ok(())
    }
}

impl Control for Process {
    fn kill(&self) -> BoxFuture<'_, Result<(), String>> {
        self.end(false).boxed()
    }

    fn terminate(&self) -> BoxFuture<'_, Result<(), String>> {
        self.end(true).boxed()
    }

    fn revive(&self) -> BoxFuture<'_, Result<(), String>> {
        self.spawn().boxed()
    }
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}

/// A port on this machine that is free now.
pub fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(path: &str, args: &[&str], log: &Path) -> Program {
        Program {
            path: path.into(),
            args: args.iter().map(ToString::to_string).collect(),
            env: vec![],
            log: log.join("log"),
        }
    }

    #[tokio::test]
    async fn a_server_that_ends_at_once_is_explained_by_its_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::parse(&format!("127.0.0.1:{}", free_port().unwrap())).unwrap();
        let program_that_dies = program("/bin/sh", &["-c", "echo no disk left; exit 3"], folder.path());
        let error = Process::start(program_that_dies, target.clone()).await.err().unwrap();
        assert!(error.contains("no disk left") && error.contains('3'), "{error}");
        let error = Process::start(program("/does/not/exist", &[], folder.path()), target).await.err().unwrap();
        assert!(error.contains("/does/not/exist"), "{error}");
    }
}
