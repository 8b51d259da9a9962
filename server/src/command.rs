//! The commands of the binary `exemplar`.

mod catalog;
mod usage;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use tokio::sync::mpsc;

use crate::config::{Config, FILE, SETTINGS};
use crate::doctor;
use crate::serve::{self, serve};
use crate::sessions::Sessions;
use crate::store::{SqliteStore, Store, migrations};
use crate::world::{World, hex};

/// Worker threads below which the rendering of a page may wait for itself (leptos-rs/leptos#4647).
const WORKERS_MIN: usize = 4;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let matches = command().get_matches();
    let workers = std::thread::available_parallelism().map_or(WORKERS_MIN, |n| n.get().max(WORKERS_MIN));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(run(&matches)),
        Err(error) => Err(format!("the runtime could not be started: {error}")),
    };
    match done {
        Ok(code) => code,
        Err(message) => {
            complain(&message);
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::print_stderr, reason = "the one line a person reads when a command fails")]
fn complain(message: &str) {
    eprintln!("exemplar: {message}");
}

/// Writes a line, or more, for the person or program that ran the command. Whoever has stopped reading misses it; that
/// must not end a server.
pub(crate) fn say(line: &str) {
    // In one write, so that a reader of the first line has the others too.
    let _ = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
}

fn flags() -> impl Iterator<Item = Arg> {
    let file = Arg::new("config").long("config").value_name("FILE").help(format!("settings file [default: {FILE}]"));
    let settings = SETTINGS.iter().map(|setting| {
        Arg::new(setting.key)
            .long(setting.key.replace('_', "-"))
            .value_name("VALUE")
            .allow_hyphen_values(true)
            .help(format!("{} [{}]", setting.help, setting.variable))
    });
    std::iter::once(file).chain(settings)
}

fn command() -> Command {
    let with_flags = |name: &'static str, about: &'static str| Command::new(name).about(about).args(flags());
    Command::new("exemplar")
        .about("Answers questions about the cost of language models, with sources.")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            with_flags("serve", "Serves the page, the HTTP interface and the progress channel").arg(
                Arg::new("print-config")
                    .long("print-config")
                    .action(ArgAction::SetTrue)
                    .help("print every setting and where it comes from, and end"),
            ),
        )
        .subcommand(
            Command::new("migrate")
                .about("Changes the tables of the database to those of this version, or back")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand(with_flags("up", "Applies what is missing (`serve` does this too)"))
                .subcommand(with_flags("down", "Takes back the newest migration, with the data it holds").arg(
                    Arg::new("yes").long("yes").action(ArgAction::SetTrue).help("really: what the tables hold is lost"),
                ))
                .subcommand(with_flags("status", "Lists the migrations and whether they are applied")),
        )
        .subcommand(with_flags("doctor", "Checks what the server needs and says what to do"))
        .subcommand(catalog::command(with_flags))
        .subcommand(usage::command())
        .subcommand(
            with_flags("token", "Opens a session for a program and prints its token").arg(
                Arg::new("admin")
                    .long("admin")
                    .action(ArgAction::SetTrue)
                    .help("print a random value for EXEMPLAR_ADMIN_TOKEN instead"),
            ),
        )
}

fn config(matches: &ArgMatches) -> Result<Config, String> {
    let given = matches.get_one::<String>("config");
    let file = given.map_or_else(|| PathBuf::from(FILE), PathBuf::from);
    if given.is_some() && !file.is_file() {
        return Err(format!("--config {} is not a file", file.display()));
    }
    let flags: BTreeMap<_, _> = SETTINGS
        .iter()
        .filter_map(|setting| Some((setting.key, matches.get_one::<String>(setting.key)?.clone())))
        .collect();
    Config::load(&file, std::env::vars(), flags)
}

async fn run(matches: &ArgMatches) -> Result<ExitCode, String> {
    match matches.subcommand() {
        Some(("serve", matches)) => {
            let config = config(matches)?;
            if matches.get_flag("print-config") {
                say(&config.print());
                return Ok(ExitCode::SUCCESS);
            }
            serve::log();
            serve(config, World::real()).await?;
            Ok(ExitCode::SUCCESS)
        }
        Some(("migrate", matches)) => migrate(matches).await,
        Some(("doctor", matches)) => Ok(doctor::run(&config(matches)?).await),
        Some(("token", matches)) => token(matches).await,
        Some(("catalog", matches)) => catalog::run(matches),
        Some(("usage", matches)) => usage::run(matches).map(|()| ExitCode::SUCCESS),
        _ => Err("no such command; see `exemplar --help`".into()),
    }
}

async fn migrate(matches: &ArgMatches) -> Result<ExitCode, String> {
    let Some((verb, matches)) = matches.subcommand() else { return Err("migrate up, down or status".into()) };
    let path = config(matches)?.database;
    let failed = |error| format!("{}: {error}", path.display());
    match verb {
        "up" => migrations::up(&path).await.map_err(failed)?,
        "down" if !matches.get_flag("yes") => {
            return Err("migrate down drops tables with all they hold. Repeat with --yes if that is meant.".into());
        }
        "down" if migrations::down(&path).await.map_err(failed)?.is_none() => say("nothing was applied"),
        _ => {}
    }
    print_migrations(&path).await.map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}

async fn print_migrations(path: &Path) -> Result<(), crate::store::StoreError> {
    for step in migrations::status(path).await? {
        say(&format!("{:04} {:30} {}", step.version, step.name, if step.applied { "applied" } else { "missing" }));
    }
    Ok(())
}

async fn token(matches: &ArgMatches) -> Result<ExitCode, String> {
    let world = World::real();
    if matches.get_flag("admin") {
        say(&hex(&world.random::<32>()));
        return Ok(ExitCode::SUCCESS);
    }
    let config = config(matches)?;
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", config.database.display());
    let (facts, _) = mpsc::unbounded_channel();
    let store = SqliteStore::open(&config.database, config.durability, facts).await.map_err(|e| failed(&e))?;
    let store: Arc<dyn Store> = Arc::new(store);
    let sessions =
        Sessions::open(store.clone(), world, config.session_idle, config.max_sessions).await.map_err(|e| failed(&e))?;
    let (token, _) = sessions.start(None).await.map_err(|problem| problem.detail)?;
    store.close().await.map_err(|e| failed(&e))?;
    say(&token);
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_consistent() {
        command().debug_assert();
    }
}
