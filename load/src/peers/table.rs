//! The peers' figures as text for a terminal; the page of a report has the same table.

use std::fmt::Write;

use super::Workload;
use super::figures::{Figures, Outcome};

/// One row of a workload's table: the peer and what is to be said.
pub(crate) struct Row<'a> {
    /// The peer's name.
    pub(crate) name: &'a str,
    /// Its figures in the order of [`columns`], or why there are none.
    pub(crate) cells: Result<Vec<String>, &'a str>,
    /// What went wrong: lost, forgotten, doubled, out of order.
    pub(crate) faults: Vec<String>,
    /// When its disk is flushed.
    pub(crate) fsync: &'a str,
    /// What it lacks, as far as it bears on this workload.
    pub(crate) lacks: String,
}

/// The columns of a workload.
pub(crate) const fn columns(workload: Workload) -> &'static [&'static str] {
    match workload {
        Workload::Accept => &["accepted/s", "accepted p50 / p99 ms"],
        Workload::Kills => &["messages", "done/s", "done p50 / p99 ms"],
        Workload::Burst => &[
            "messages",
            "refused or lost",
            "done/s",
            "accepted p50 / p99 ms",
            "done p50 / p99 ms",
            "µs of CPU a message",
            "memory MB",
        ],
        Workload::Idle => &["sockets", "KB a socket", "µs of CPU a socket and s"],
        Workload::SlowReader => &["done/s", "accepted p50 / p99 ms", "done p50 / p99 ms", "memory MB"],
        Workload::Pipeline | Workload::HalfLoad | Workload::Duplicates => {
            &["done/s", "accepted p50 / p99 ms", "done p50 / p99 ms", "µs of CPU a message", "memory MB"]
        }
    }
}

/// The rows of a workload, one for each peer that was to run it.
pub(crate) fn rows(outcomes: &[Outcome], workload: Workload) -> Vec<Row<'_>> {
    outcomes
        .iter()
        .filter_map(|outcome| {
            let (_, figures) = outcome.workloads.iter().find(|(known, _)| *known == workload)?;
            let card = &outcome.card;
            let lacks = card.lacks.iter().filter(|lack| lack.bears_on.contains(&workload));
            Some(Row {
                name: &card.name,
                cells: figures.as_ref().map(|f| cells(workload, f)).map_err(String::as_str),
                faults: figures.as_ref().map_or_else(|_| Vec::new(), faults),
                fsync: &card.fsync,
                lacks: lacks.map(|lack| lack.what.as_str()).collect::<Vec<_>>().join("; "),
            })
        })
        .collect()
}

fn cells(workload: Workload, f: &Figures) -> Vec<String> {
    let pair = |q: &crate::stats::Quantiles| format!("{:.1} / {:.1}", q.p50, q.p99);
    let known = |value: Option<f64>, scale: f64, digits: usize| {
        value.map_or_else(|| "–".into(), |value| format!("{:.digits$}", value / scale))
    };
    match workload {
        Workload::Accept => vec![format!("{:.0}", f.accepted_per_s), pair(&f.accept)],
        Workload::Kills => vec![f.messages.to_string(), format!("{:.0}", f.done_per_s), pair(&f.done)],
        Workload::Idle => vec![f.messages.to_string(), known(f.memory_bytes, 1e3, 1), known(f.cpu_us, 1.0, 0)],
        Workload::SlowReader => {
            vec![format!("{:.0}", f.done_per_s), pair(&f.accept), pair(&f.done), known(f.memory_bytes, 1e6, 1)]
        }
        _ => {
            let counts = [f.messages.to_string(), f.refused.to_string()];
            let figures = [
                format!("{:.0}", f.done_per_s),
                pair(&f.accept),
                pair(&f.done),
                known(f.cpu_us, 1.0, 0),
                known(f.memory_bytes, 1e6, 1),
            ];
            let counts = counts.into_iter().filter(|_| workload == Workload::Burst);
            counts.chain(figures).collect()
        }
    }
}

fn faults(f: &Figures) -> Vec<String> {
    let disordered = f.disordered.unwrap_or(0);
    let all = [
        (f.missing, "without an end in time"),
        (f.forgotten, "taken as new twice"),
        (f.doubled, "ended twice"),
        (disordered, "disordered"),
    ];
    all.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect()
}

/// Everything for a terminal.
pub fn text(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for workload in Workload::ALL.iter().copied() {
        let rows = rows(outcomes, workload);
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{}: {}", workload.name(), workload.sentence());
        let columns = columns(workload);
        let _ = write!(text, "  {:<23}", "");
        for column in columns {
            let _ = write!(text, "{column:>24}  ");
        }
        text.push_str("fsync; lacks\n");
        for row in rows {
            let _ = write!(text, "  {:<23}", row.name);
            match &row.cells {
                Ok(cells) => {
                    for cell in cells {
                        let _ = write!(text, "{cell:>24}  ");
                    }
                }
                Err(why) => {
                    let _ = writeln!(text, "{why}");
                    continue;
                }
            }
            let _ = write!(text, "{}", row.fsync);
            for more in [row.lacks, row.faults.join(", ").to_uppercase()].iter().filter(|more| !more.is_empty()) {
                let _ = write!(text, "; {more}");
            }
            text.push('\n');
        }
    }
    text.push_str("\nWhat each is, and what it does better than Exemplar:\n");
    for outcome in outcomes {
        let card = &outcome.card;
        let better = if card.better.is_empty() { "" } else { ". Better: " };
        let _ = writeln!(text, "  {:<23}{}{better}{}", card.name, card.made_of, card.better);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::{Card, Lack};

    fn outcome() -> Outcome {
        let lacks = vec![Lack::new("no resume", &[Workload::Kills]), Lack::new("no WebSocket", &[Workload::Idle])];
        let card = Card {
            name: "Other".into(),
            made_of: "parts".into(),
            fsync: "fsync now and then".into(),
            lacks,
            better: "everything".into(),
        };
        let figures = Figures { messages: 10, done_per_s: 1_234.4, doubled: 2, ..Figures::default() };
        let why = "Other cannot be started: it is not there".to_string();
        Outcome { card, workloads: vec![(Workload::Kills, Ok(figures)), (Workload::Burst, Err(why))] }
    }

    #[test]
    fn what_is_lacking_stands_beside_the_figure_it_bears_on() {
        let text = text(&[outcome()]);
        let kills = text.lines().find(|line| line.contains("1234")).unwrap();
        assert!(kills.contains("fsync now and then") && kills.contains("no resume"), "{text}");
        assert!(kills.contains("2 ENDED TWICE") && !kills.contains("no WebSocket"), "{text}");
        assert!(text.contains("it is not there") && text.contains("Better: everything"), "{text}");
        assert!(!text.contains(Workload::Accept.name()), "a workload that nobody ran has no table");
    }
}
