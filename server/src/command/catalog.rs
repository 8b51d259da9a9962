//! `exemplar catalog`: shows the prices of a day, checks them against a second source, and takes prices over from it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use shared::catalog::{Catalog, Model, Rates};
use shared::date::Date;
use shared::format::{count, share};

use super::{config, say};
use crate::catalog::litellm::{Comparison, Theirs, compare};
use crate::catalog::overrides::Overrides;
use crate::catalog::{AGE_MAX_DAYS, load_with};
use crate::world::World;

/// The longest file that is read: ten times the list of today.
const FILE_MAX_BYTES: u64 = 32 * 1024 * 1024;
/// Input of a request that every vendor bills at its short rates.
const SHORT_TOKENS: f64 = 1_000.0;
/// Models of the other source that are named.
const NAMED: usize = 20;

pub(super) fn command(with_flags: impl Fn(&'static str, &'static str) -> Command) -> Command {
    let as_of = || {
        Arg::new("as-of")
            .long("as-of")
            .value_name("DAY")
            .help("the day of the prices, also a coming one [default: today]")
    };
    let file =
        || Arg::new("file").value_name("FILE").required(true).help("LiteLLM's model_prices_and_context_window.json");
    let out = Arg::new("out")
        .long("out")
        .value_name("FILE")
        .help("where the prices go [default: the file of the setting catalog_overrides]");
    let yes = Arg::new("yes").long("yes").action(ArgAction::SetTrue).help("replace a file that is there");
    Command::new("catalog")
        .about("Shows the models and prices, and compares them with a second source")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            with_flags("show", "Lists the models with their prices on a day").arg(as_of()).arg(
                Arg::new("json")
                    .long("json")
                    .action(ArgAction::SetTrue)
                    .help("print the catalog as the HTTP interface gives it"),
            ),
        )
        .subcommand(
            with_flags("check", "Lists where a second source differs; fails if a price does").arg(file()).arg(as_of()),
        )
        .subcommand(
            with_flags("update", "Takes the differing prices of a second source over as private prices")
                .arg(file())
                .arg(as_of())
                .arg(out)
                .arg(yes),
        )
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, String> {
    let Some((verb, matches)) = matches.subcommand() else { return Err("catalog show, check or update".into()) };
    let today = Date::of_unix_ms(World::real().unix_ms());
    let day = match matches.get_one::<String>("as-of") {
        Some(text) => text.parse().map_err(|error| format!("--as-of: {error}"))?,
        None => today,
    };
    let config = config(matches)?;
    let own = config.catalog_overrides.as_deref();
    if verb == "show" {
        let catalog = load_with(own)?;
        if matches.get_flag("json") {
            say(&serde_json::to_string_pretty(&catalog.at(day)).map_err(|error| error.to_string())?);
        } else {
            show(&catalog, day);
            age("prices", catalog.as_of, today);
            if let Some(own) = own {
                age("private prices", Overrides::read(own)?.as_of, today);
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let file = matches.get_one::<String>("file").map(String::as_str).unwrap_or_default();
    // The list alone: what a private price differs from is no news.
    let catalog = load_with(if verb == "check" { own } else { None })?;
    let found = compare(&text(Path::new(file))?, &catalog, day).map_err(|error| format!("{file} {error}"))?;
    tell(&found, day);
    if verb == "check" {
        return Ok(if found.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let out = matches.get_one::<String>("out").map(PathBuf::from).or_else(|| config.catalog_overrides.clone());
    let out = out.ok_or("--out names the file for the prices; set catalog_overrides to it, and they are used")?;
    take_over(&found, file, today, &out, matches.get_flag("yes"))?;
    Ok(ExitCode::SUCCESS)
}

fn text(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > FILE_MAX_BYTES {
        return Err(format!("{} has {length} bytes; the list has less than {FILE_MAX_BYTES}", path.display()));
    }
    std::fs::read_to_string(path).map_err(failed)
}

fn age(what: &str, as_of: Date, today: Date) {
    let days = today.days_since(as_of);
    if days > AGE_MAX_DAYS {
        say(&format!("warning: the {what} of {as_of} are {days} days old. Check them before you act on one."));
    }
}

fn show(catalog: &Catalog, day: Date) {
    say(&format!("prices of {day}, {}; {}", catalog.unit, catalog.source));
    say(&format!("{:40} {:>9} {:>9} {:>9} {:>9}  scores", "model", "input", "cached", "output", "batch in"));
    for model in &catalog.models {
        let Some(price) = model.price_at(day, SHORT_TOKENS) else {
            say(&format!("{:40} no price is known for this day", model.option_id()));
            continue;
        };
        let cell = |usd: Option<f64>| usd.map_or_else(|| "-".into(), count);
        let scores: Vec<_> = model.scores.iter().map(|s| format!("{} {}", s.benchmark, count(s.value))).collect();
        let Rates { input, output, cache_read, .. } = price.rates;
        say(&format!(
            "{:40} {:>9} {:>9} {:>9} {:>9}  {}",
            model.option_id(),
            cell(Some(input)),
            cell(cache_read),
            cell(Some(output)),
            cell(price.batch.map(|b| b.input)),
            if scores.is_empty() { "no published open score".into() } else { scores.join(", ") }
        ));
        notes(model, day);
    }
}

/// What changes later, and what to mind.
fn notes(model: &Model, day: Date) {
    for step in model.steps_after(day, day.plus_days(730), SHORT_TOKENS) {
        let Rates { input, output, .. } = step.price.rates;
        say(&format!("{:40} from {}: input {}, output {}", "", step.from, count(input), count(output)));
    }
    if let Some(note) = &model.note {
        say(&format!("{:40} {note}", ""));
    }
}

fn tell(found: &Comparison, day: Date) {
    say(&format!(
        "{} models compared at the prices of {day}: {} prices differ",
        found.compared,
        found.differences.len()
    ));
    for d in &found.differences {
        let cell = |usd: Option<f64>| usd.map_or_else(|| "-".into(), |usd| format!("${}", count(usd)));
        let relative =
            d.relative().map(|r| format!("{}{}", if r > 0.0 { "+" } else { "" }, share(r))).unwrap_or_default();
        say(&format!(
            "  {:40} {:13} {:>10} here, {:>10} there  {relative}",
            d.model,
            d.price,
            cell(d.ours),
            cell(d.theirs)
        ));
    }
    let list = |what: &str, names: &[String]| {
        let more = names.len().saturating_sub(NAMED);
        let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
        say(&format!("{what}: {}", names.len()));
        if !names.is_empty() {
            say(&format!("  {}{tail}", names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ")));
        }
    };
    list("only here", &found.only_ours);
    list("only there, of the same vendors", &found.only_theirs);
    if found.unreadable > 0 {
        say(&format!("not readable: {} entries", found.unreadable));
    }
}

/// Writes the differing prices as a file of private prices.
fn take_over(found: &Comparison, file: &str, today: Date, out: &Path, replace: bool) -> Result<(), String> {
    if found.theirs.is_empty() {
        say("nothing to take over");
        return Ok(());
    }
    if out.exists() && !replace {
        return Err(format!("{} is there already; repeat with --yes to replace it with what it holds", out.display()));
    }
    let name = Path::new(file).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut toml = format!(
        "# Prices that differ from the built-in list.\nsource = {:?}\nas_of = \"{today}\"\n",
        format!("LiteLLM, {name}")
    );
    for Theirs { model: (vendor, id), rates, batch } in &found.theirs {
        let _ = write!(
            toml,
            "\n[[models]]\nvendor = {vendor:?}\nid = {id:?}\ninput = {:?}\noutput = {:?}\n",
            rates.input, rates.output
        );
        for (field, usd) in [("cache_read", rates.cache_read), ("cache_write", rates.cache_write)] {
            if let Some(usd) = usd {
                let _ = writeln!(toml, "{field} = {usd:?}");
            }
        }
        if let Some(batch) = batch {
            let _ = writeln!(toml, "batch = {{ input = {:?}, output = {:?} }}", batch.input, batch.output);
        }
    }
    std::fs::write(out, toml).map_err(|error| format!("{} cannot be written: {error}", out.display()))?;
    // What cannot be read back would stop the next start.
    Overrides::read(out)?.apply(&mut load_with(None)?)?;
    say(&format!(
        "{}: the prices of {} models. Set catalog_overrides to it, and restart.",
        out.display(),
        found.theirs.len()
    ));
    Ok(())
}
