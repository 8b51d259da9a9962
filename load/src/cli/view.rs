//! What a person sees while a run goes on: one line that changes in a terminal, a line now and then in a log.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::{CancellationToken, DropGuard};

use crate::live::Live;

/// How often the line changes in a terminal.
const TICK: Duration = Duration::from_millis(200);
/// How often there is a line in a log.
const LOG_EVERY: u32 = 50;

/// A view that goes on until it is dropped.
pub(super) struct View {
    stop: Option<DropGuard>,
    terminal: bool,
    quiet: bool,
}

impl View {
    /// Shows how a scenario goes on.
    pub(super) fn of(name: &'static str, live: Arc<Live>, quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        if quiet {
            return Self { stop: None, terminal, quiet };
        }
        let stop = CancellationToken::new();
        let before = Totals::of(&live);
        let task = async move {
            let (mut ticks, start) = (0_u32, tokio::time::Instant::now());
            let mut alerted = live.alerts(0).len();
            loop {
                tokio::time::sleep(TICK).await;
                ticks += 1;
                for alert in live.alerts(alerted) {
                    alerted += 1;
                    show(&if terminal { format!("\r{alert}\x1b[K\n") } else { format!("{alert}\n") });
                }
                let told = tell(name, start.elapsed(), &before, &live);
                if terminal {
                    // Back to the beginning, and clear what is left of the last line.
                    show(&format!("\r{told}\x1b[K"));
                } else if ticks.is_multiple_of(LOG_EVERY) {
                    show(&format!("{told}\n"));
                }
            }
        };
        tokio::spawn(stop.clone().run_until_cancelled_owned(task));
        Self { stop: Some(stop.drop_guard()), terminal, quiet }
    }

    /// Ends the view with a last line.
    pub(super) fn end(mut self, line: &str) {
        drop(self.stop.take());
        if !self.quiet {
            show(&if self.terminal { format!("\r{line}\x1b[K\n") } else { format!("{line}\n") });
        }
    }
}

fn show(text: &str) {
    let mut err = std::io::stderr();
    // A view that cannot be shown is no reason to end a run.
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// Counters at the start, as the counters themselves go over all scenarios.
struct Totals(Vec<u64>);

impl Totals {
    fn of(live: &Live) -> Self {
        Self(live.all().into_iter().map(|(_, value)| value).collect())
    }
}

fn tell(name: &str, elapsed: Duration, before: &Totals, live: &Live) -> String {
    let now: Vec<_> = live.all().into_iter().zip(&before.0).map(|((name, now), before)| (name, now - before)).collect();
    let of = |name: &str| now.iter().find(|(known, _)| *known == name).map_or(0, |(_, value)| *value);
    let ended = of("completed") + of("failed") + of("cancelled");
    let [(accept, _), (p50, p99)] = live.latencies_ms();
    let mut told = format!(
        "{name:<12} {:>5.1} s  sent {}  accepted {}  ended {ended}  p50 {p50:.1} p99 {p99:.1} ms (accepted p50 {accept:.1})",
        elapsed.as_secs_f64(),
        of("sent"),
        of("accepted"),
    );
    for (what, value) in [
        ("duplicates", of("duplicates")),
        ("refused", of("refused")),
        ("lost connections", of("losses")),
        ("unreadable", of("malformed")),
    ] {
        if value > 0 {
            let _ = write!(told, "  {what} {value}");
        }
    }
    told
}
