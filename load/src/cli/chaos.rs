//! `rapid chaos`: a real server of our own, which is killed, drained and cut off.

use std::path::Path;
use std::sync::Arc;

use super::run::all;
use super::{ChaosArgs, Common};
use crate::clock::Clock;
use crate::net::Target;
use crate::process::{Process, Program, free_port};
use crate::scenario::{Lab, Scenario};

/// What the operator's token of our server is: it lives as long as the run and listens on this machine only.
const TOKEN: &str = "rapid-chaos-operator";

pub(super) async fn chaos(args: ChaosArgs) -> Result<u8, String> {
    let common: &Common = &args.common;
    let folder = common.report.join("server");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be written: {error}", folder.display()))?;
    let folder = folder.canonicalize().map_err(|error| error.to_string())?;
    let port = free_port().map_err(|error| format!("there is no free port: {error}"))?;
    let address = format!("127.0.0.1:{port}");
    let target = Target::parse(&address).map_err(|error| error.to_string())?;
    let database = database(&args, &folder)?;
    let set = |name: &str, value: String| (name.to_string(), value);
    let program = Program {
        path: args.server.clone(),
        args: if args.args.is_empty() { vec!["serve".into()] } else { args.args.clone() },
        env: vec![
            set("EXEMPLAR_ADDR", address.clone()),
            set("DATABASE_URL", database),
            set("EXEMPLAR_ADMIN_TOKEN", TOKEN.into()),
            set("EXEMPLAR_RATE_LIMIT_PER_MIN", "0".into()),
            set("EXEMPLAR_QUEUE_LIMIT", args.queue_limit.to_string()),
        ],
        log: folder.join("server.log"),
    };
    let process = Arc::new(Process::start(program, target.clone()).await?);
    let mut lab = Lab::new(target, Clock::start(), common.seed, common.form);
    lab.probe.pid = process.pid();
    lab.probe.token = Some(TOKEN.into());
    lab.wishes = common.wishes();
    lab.wishes.kills = args.kills;
    lab.wishes.copies = args.copies;
    lab.exclusive = true;
    lab.control = Some(process);
    all(common, lab, format!("{} at {address}", args.server.display()), &[Scenario::Chaos]).await
}

/// A database of the run's own: what an earlier run left would be recovered first.
fn database(args: &ChaosArgs, folder: &Path) -> Result<String, String> {
    if let Some(url) = &args.database {
        return Ok(url.clone());
    }
    for name in ["chaos.db", "chaos.db-wal", "chaos.db-shm"] {
        match std::fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(format!("{} cannot be removed: {error}", folder.join(name).display()));
            }
            _ => {}
        }
    }
    Ok(format!("sqlite://{}", folder.join("chaos.db").display()))
}
