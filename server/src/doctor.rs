//! `exemplar doctor`: checks what the server needs, and says what to do about what is not right.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::catalog::AGE_MAX_DAYS;
use crate::command::say;
use crate::config::Config;
use crate::llm::OpenAi;
use crate::store::{SqliteStore, Store, Unfinished, migrations};
use crate::world::World;
use shared::date::Date;

/// Free space below which the database may soon stop taking messages.
const DISK_MIN_BYTES: u64 = 500_000_000;
/// A flush slower than this makes every acceptance slow.
const FLUSH_SLOW: Duration = Duration::from_millis(50);

/// What one check found: well, or what to do.
type Finding = Result<String, String>;

/// Runs all checks and prints a line for each; fails if one of them does.
pub(crate) async fn run(config: &Config) -> ExitCode {
    let today = Date::of_unix_ms(World::real().unix_ms());
    let own = config.catalog_overrides.as_deref();
    let (catalog, wrong) = match crate::catalog::load_with(own) {
        Ok(catalog) => (catalog, None),
        Err(error) => (crate::catalog::load(), Some(error)),
    };
    let findings = [
        ("database", database(config).await),
        ("migrations", pending(&config.database).await),
        ("flush", flush(&config.database)),
        ("free disk", disk(&config.database)),
        ("cache", Ok("in the process; nothing to check".into())),
        ("language model", language_model(config).await),
        (
            "catalog",
            wrong.map_or_else(|| age(catalog.as_of, today), |error| Err(format!("catalog_overrides: {error}"))),
        ),
        ("clock", clock(catalog.as_of, today)),
    ];
    let mut bad = false;
    for (name, finding) in findings {
        match finding {
            Ok(text) => say(&format!("ok    {name:15} {text}")),
            Err(text) => {
                bad = true;
                say(&format!("FAIL  {name:15} {text}"));
            }
        }
    }
    if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn database(config: &Config) -> Finding {
    let path = &config.database;
    let (facts, _) = tokio::sync::mpsc::unbounded_channel();
    let checked = async {
        let store = SqliteStore::open(path, config.durability, facts).await?;
        store.ping().await?;
        let unfinished = store.unfinished(Unfinished::Free).await?.len();
        store.close().await?;
        Ok::<_, crate::store::StoreError>(unfinished)
    };
    match checked.await {
        Ok(unfinished) => Ok(format!("{} answers; {unfinished} messages unfinished", path.display())),
        Err(error) => Err(format!(
            "{} cannot be used: {error}. Check that the folder exists and is writable, or restore a backup.",
            path.display()
        )),
    }
}

async fn language_model(config: &Config) -> Finding {
    let Some(endpoint) = config.llm.clone() else { return Ok("built-in engine; nothing to check".into()) };
    let shown = endpoint.shown();
    let without = "Until then the built-in engine answers.";
    let adapter = OpenAi::new(endpoint, World::real())?;
    adapter.probe().await.map_err(|failure| format!("{shown} cannot be used: {failure}. {without}"))
}

async fn pending(path: &Path) -> Finding {
    match migrations::status(path).await {
        Ok(steps) if steps.iter().all(|step| step.applied) => Ok(format!("all {} applied", steps.len())),
        Ok(_) => Err("some are missing. Run `exemplar migrate up`.".into()),
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn flush(path: &Path) -> Finding {
    let probe = folder(path).join(".exemplar-flush-probe");
    let measured = flush_time(&probe, 8);
    let _ = std::fs::remove_file(&probe);
    match measured {
        Ok(time) if time <= FLUSH_SLOW => Ok(format!("{:.1} ms, paid by every acceptance under `full`", ms(time))),
        Ok(time) => Err(format!("{:.1} ms: every acceptance waits for it. A faster disk helps.", ms(time))),
        Err(error) => Err(format!("{} cannot be written: {error}", folder(path).display())),
    }
}

/// The median time that the disk takes to make 4 KiB durable at `path`, over `runs` runs.
pub fn flush_time(path: &Path, runs: usize) -> std::io::Result<Duration> {
    use std::io::Write;
    let mut file = std::fs::File::create(path)?;
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs.max(1) {
        file.write_all(&[7; 4096])?;
        let began = Instant::now();
        file.sync_data()?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn disk(path: &Path) -> Finding {
    let stat = rustix::fs::statvfs(folder(path)).map_err(|error| format!("cannot be read: {error}"))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let text = format!("{:.1} GB", free as f64 / 1e9);
    if free < DISK_MIN_BYTES { Err(format!("only {text}. Make room, or messages will be refused.")) } else { Ok(text) }
}

fn age(as_of: Date, today: Date) -> Finding {
    let days = today.days_since(as_of);
    if days > AGE_MAX_DAYS {
        Err(format!("prices of {as_of} are {days} days old. Install a newer version."))
    } else {
        Ok(format!("prices of {as_of}"))
    }
}

fn clock(as_of: Date, today: Date) -> Finding {
    // A clock before the prices that are compiled in is wrong for certain.
    if today.days_since(as_of) < -1 {
        Err(format!("says {today}, before the prices of {as_of} were known. Set it; message ids carry the time."))
    } else {
        Ok(today.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn old_prices_and_a_wrong_clock_are_told() {
        assert!(age(day("2026-11-01"), day("2026-11-22")).is_ok());
        assert!(age(day("2026-01-01"), day("2026-11-22")).unwrap_err().contains("325 days"));
        assert!(clock(day("2026-11-22"), day("2026-11-21")).is_ok());
        assert!(clock(day("2026-11-22"), day("1970-01-01")).is_err());
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_told() {
        assert!(flush(Path::new("/proc/none/exemplar.db")).is_err());
        let folder = tempfile::tempdir().unwrap();
        assert!(flush(&folder.path().join("x.db")).is_ok() && disk(&folder.path().join("x.db")).is_ok());
    }
}
