//! `exemplar usage`: makes up a log, and reads one from a file.

use std::fs::File;
use std::io::{BufWriter, Read, Write, stdout};
use std::path::Path;

use clap::{Arg, ArgMatches, Command, value_parser};
use shared::format::{count, ms, share};
use shared::usage::{LogForm, Reader, Summary, Synthetic, Tokens, Usage};

use super::say;
use crate::world::World;

/// Bytes read or written at a time.
const PIECE: usize = 256 * 1024;

pub(super) fn command() -> Command {
    let number = |name: &'static str, default: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("N").default_value(default).value_parser(value_parser!(u64)).help(help)
    };
    Command::new("usage")
        .about("Makes up a log of requests, or says what one holds")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("generate")
                .about("Writes a synthetic log, labelled so in every row, for people who have none")
                .arg(number("seed", "1", "the same seed gives the same log"))
                .arg(number("rows", "10000", "how many requests"))
                .arg(
                    Arg::new("format")
                        .long("format")
                        .default_value("csv")
                        .value_parser(LogForm::ALL.iter().map(|form| form.as_str()).collect::<Vec<_>>())
                        .help("how it is written"),
                ),
        )
        .subcommand(
            Command::new("summary")
                .about("Reads a log (CSV or JSON lines) as the server would and prints its figures")
                .arg(Arg::new("file").value_name("FILE").required(true).help("the log, or - for standard input"))
                .arg(Arg::new("json").long("json").action(clap::ArgAction::SetTrue).help("print the figures as JSON")),
        )
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), String> {
    match matches.subcommand() {
        Some(("generate", matches)) => {
            let number = |name: &str| matches.get_one::<u64>(name).copied().unwrap_or_default();
            let form = matches.get_one::<String>("format").and_then(|word| word.parse().ok()).unwrap_or(LogForm::Csv);
            match generate(number("seed"), number("rows"), form) {
                // Whoever reads has seen enough.
                Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
                done => done.map_err(|error| format!("the log cannot be written: {error}")),
            }
        }
        Some(("summary", matches)) => {
            let file = matches.get_one::<String>("file").map(String::as_str).unwrap_or_default();
            let usage = read(file)?;
            if matches.get_flag("json") {
                let json = serde_json::to_string_pretty(&usage.summary);
                say(&json.map_err(|error| format!("the figures cannot be written: {error}"))?);
            } else {
                print(&usage);
            }
            Ok(())
        }
        _ => Err("usage generate or summary".into()),
    }
}

fn generate(seed: u64, rows: u64, form: LogForm) -> std::io::Result<()> {
    let mut log = Synthetic::new(seed, form);
    let mut out = BufWriter::with_capacity(PIECE, stdout().lock());
    let mut text = String::with_capacity(256);
    for _ in 0..rows {
        text.clear();
        log.row(&mut text);
        out.write_all(text.as_bytes())?;
    }
    out.flush()
}

fn read(file: &str) -> Result<Usage, String> {
    let mut source: Box<dyn Read> = match file {
        "-" => Box::new(std::io::stdin().lock()),
        path => Box::new(File::open(Path::new(path)).map_err(|error| format!("{path} cannot be opened: {error}"))?),
    };
    let mut reader = Reader::new(World::real().unix_ms());
    let mut piece = vec![0; PIECE];
    loop {
        let length = source.read(&mut piece).map_err(|error| format!("{file} cannot be read: {error}"))?;
        if length == 0 {
            break;
        }
        reader.push(&piece[..length]).map_err(|problem| problem.detail)?;
    }
    reader.finish().map_err(|problem| problem.detail)
}

fn print(usage: &Usage) {
    let Usage { rows, rejected, first_rejections, summary, .. } = usage;
    say(&format!("rows        {} taken, {} rejected", count(*rows as f64), count(*rejected as f64)));
    for rejection in first_rejections {
        say(&format!("            line {}: {}", rejection.line, rejection.message));
    }
    print_traffic(summary);
    let tokens = |name: &str, tokens: Option<Tokens>| {
        if let Some(t) = tokens {
            let [mean, p50, p90, p99] = [t.mean, t.p50, t.p90, t.p99].map(count);
            say(&format!("{name:11} mean {mean}, p50 {p50}, p90 {p90}, p99 {p99} tokens"));
        }
    };
    tokens("input", summary.input_tokens);
    tokens("output", summary.output_tokens);
    tokens("cached", summary.cached_tokens);
    if let Some(l) = &summary.latency_ms {
        let [mean, p50, p95, p99] = [l.mean, l.p50, l.p95, l.p99].map(ms);
        say(&format!("latency     mean {mean}, p50 {p50}, p95 {p95}, p99 {p99}"));
    }
    for model in summary.models.iter().take(10) {
        say(&format!("model       {:32} {} requests", model.model, count(model.requests as f64)));
    }
    for warning in &summary.warnings {
        say(&format!("note        {}", warning.text));
    }
}

fn print_traffic(summary: &Summary) {
    if let Some(span) = summary.span_s {
        let from = summary.from.as_deref().unwrap_or("the beginning");
        say(&format!("time        {} h from {from}", count(span / 3600.0)));
    }
    let known = [("burstiness", summary.arrival_scv.map(count)), ("peak", summary.peak_factor.map(count))];
    for (name, value) in known {
        say(&format!("{name:11} {}", value.unwrap_or_else(|| "not known".into())));
    }
    let shares = [
        ("failed", (summary.failed > 0).then(|| summary.failed as f64 / summary.requests as f64)),
        ("cache hits", summary.cache_hit_rate),
        ("prefixes", summary.prefix_reuse_share),
        ("duplicates", summary.duplicate_share),
    ];
    for (name, value) in shares {
        if let Some(value) = value {
            say(&format!("{name:11} {}", share(value)));
        }
    }
}
