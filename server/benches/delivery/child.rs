//! The server under measurement, in a process of its own: what it uses of processor and memory is then its own, too.
//! The process is this same program, told so by its first argument.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use server::channel::Timing;
use server::config::Config;
use server::pipeline::{Attempt, Work, Working};
use server::serve::start_with;
use server::world::World;

use crate::model::{KEY, MODEL};

/// The argument that makes this program a server.
pub(crate) const SERVE: &str = "--serve";

/// The operator's token.
pub(crate) const OPERATOR: &str = "the-operator-of-the-benchmark";

/// What the server does with messages.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Job {
    /// All of it.
    Whole,
    /// It accepts them and never begins to work on them, so that acceptance is measured alone.
    Accept,
}

/// Work that never ends.
struct Never;

impl Work for Never {
    fn run<'a>(&'a self, _: &'a mut Attempt<'_>) -> Working<'a> {
        Box::pin(std::future::pending())
    }
}

/// A running server; killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts one over the database in `folder`.
    pub(crate) fn start(folder: &Path, durability: &str, job: Job) -> Self {
        Self::begin(folder, durability, job, None)
    }

    /// The same with a language model at `model`, and full durability.
    pub(crate) fn start_with_model(folder: &Path, model: SocketAddr) -> Self {
        Self::begin(folder, "full", Job::Whole, Some(model))
    }

    fn begin(folder: &Path, durability: &str, job: Job, model: Option<SocketAddr>) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .arg(SERVE)
            .arg(folder)
            .arg(durability)
            .arg(if job == Job::Accept { "accept" } else { "whole" })
            .args(model.map(|address| format!("http://{address}/v1")))
            .env("RUST_LOG", "warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a server");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its address");
        Self { child, address: line.trim().parse().expect("an address") }
    }

    fn read(&self, what: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{what}", self.child.id())).unwrap_or_default()
    }

    /// Processor seconds that it has used.
    pub(crate) fn processor_s(&self) -> f64 {
        processor_s(&self.read("stat"))
    }

    /// Its resident memory in bytes.
    pub(crate) fn memory(&self) -> f64 {
        let pages: f64 = self.read("statm").split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0.0);
        pages * 4096.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor seconds in the text of a `/proc/…/stat`. On a machine that is busy with other things they say more than the
/// clock on the wall.
fn processor_s(stat: &str) -> f64 {
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    // User and system time, in the kernel's ticks of 10 ms.
    (ticks(11) + ticks(12)) / 100.0
}

/// Processor seconds that this process has used.
pub(crate) fn own_processor_s() -> f64 {
    processor_s(&std::fs::read_to_string("/proc/self/stat").unwrap_or_default())
}

/// The life of the server's process; as many threads as the shipped binary has.
pub(crate) fn serve(arguments: &[String]) {
    let [folder, durability, job, model @ ..] = arguments else { panic!("{SERVE} folder durability job [model]") };
    let settings = [
        ("EXEMPLAR_ADDR", "127.0.0.1:0".to_owned()),
        ("DATABASE_URL", format!("sqlite://{folder}/bench.db")),
        ("EXEMPLAR_DURABILITY", durability.clone()),
        ("EXEMPLAR_RATE_LIMIT_PER_MIN", "0".to_owned()),
        ("EXEMPLAR_MAX_SESSIONS", "1000000".to_owned()),
        ("EXEMPLAR_MAX_CONNECTIONS", "1000000".to_owned()),
        ("EXEMPLAR_QUEUE_LIMIT", if job == "accept" { "10000000" } else { "10000" }.to_owned()),
    ];
    let model = model.iter().flat_map(|model| {
        [("LLM_API_ENDPOINT", model.clone()), ("LLM_API_KEY", KEY.to_owned()), ("LLM_MODEL", MODEL.to_owned())]
    });
    let operator = ("EXEMPLAR_ADMIN_TOKEN", OPERATOR.to_owned());
    let environment = settings.into_iter().chain(model).chain([operator]).map(|(name, value)| (name.to_owned(), value));
    let config = Config::load(&Path::new(folder).join("none.toml"), environment, BTreeMap::new()).expect("settings");
    server::serve::log();
    let work = (job == "accept").then(|| Arc::new(Never) as Arc<dyn Work>);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let running = start_with(config, World::real(), Timing::default(), work).await.expect("a server");
        println!("{}", running.address);
        std::io::stdout().flush().expect("told");
        let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await;
        running.stop().await.expect("a drain");
    });
}
