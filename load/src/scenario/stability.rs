//! Bursts, one after the other, from many users: nothing may grow, slow down or fail with time.

use std::time::Duration;

use super::{Lab, Run, RunError, Stage};
use crate::monitor::memory_slope;
use crate::pace::Burst;
use crate::stats::{Stats, quantiles};

/// The rest between two bursts of one user, as a share of the burst.
const REST: f64 = 0.4;
/// The calm before the first and after the last burst, as a share of the time between: what the bursts leave behind shows
/// in it, where under load a machine that is a little slower for a moment triples every wait.
const CALM: f64 = 1.0 / 12.0;
/// Messages a second in it.
const CALM_PER_S: f64 = 40.0;

pub(super) async fn run(lab: &Lab) -> Result<Run, RunError> {
    let mut stage = Stage::new(lab, 0x57ab).await;
    let wanted_users = lab.wishes.users.unwrap_or(lab.by(4, 10, 200));
    let tiny = Burst { count: 10, within: Duration::from_millis(200) };
    let burst = lab.wishes.burst.unwrap_or(lab.by(tiny, Burst::default(), Burst::default()));
    let wanted = lab.by(Duration::from_secs(3), Duration::from_secs(7), Duration::from_mins(1));
    let length = lab.wishes.duration.unwrap_or(wanted);
    let period = burst.within.mul_f64(1.0 + REST);
    let rounds = (length.as_secs_f64() / period.as_secs_f64()).ceil().max(1.0) as u64;
    // A user who has spent the budget is followed by another.
    let rounds_each = (lab.budget() / u64::from(burst.count)).clamp(1, rounds);
    let shifts = rounds.div_ceil(rounds_each);
    let users = stage.users(wanted_users * shifts as u32).await?;
    let witnesses = stage.users(2).await?;
    for session in users.iter().chain(&witnesses) {
        stage.join(session);
    }
    stage.ready().await?;
    let watch = lab.probe.watch(lab.clock, length / 100, lab.live.clone());
    let calm = Burst {
        count: (length.as_secs_f64() * CALM * CALM_PER_S).min(lab.budget() as f64).max(1.0) as u32,
        within: length.mul_f64(CALM),
    };
    let before = stage.now() + 20_000;
    let start = before + calm.within.as_micros() as u64;
    // The last user begins one period late.
    let after = start + (rounds + 1) * period.as_micros() as u64;
    for (n, (session, begin)) in witnesses.iter().zip([before, after]).enumerate() {
        let conversation = stage.conversation(session);
        let messages = calm.times(begin).into_iter().map(|at| stage.message(at, conversation)).collect();
        stage.clients[users.len() + n].send(messages);
    }
    for (client, session) in users.iter().enumerate() {
        let conversation = stage.conversation(session);
        // Users do not burst in step.
        let lag = stage.rng.below(period.as_micros() as u64 + 1);
        let first = (client as u64 / u64::from(wanted_users)) * rounds_each;
        let mut messages = Vec::new();
        for round in first..rounds.min(first + rounds_each) {
            let begin = start + lag + round * period.as_micros() as u64;
            messages.extend(burst.times(begin).into_iter().map(|at| stage.message(at, conversation)));
        }
        stage.clients[client].send(messages);
    }
    stage.settle((length + calm.within) * 2 + lab.patience()).await;
    let samples = watch.samples();
    drop(watch);
    let mut run = Run::of(stage.end().await?);
    grown(&mut run, &samples);
    drift(&mut run, calm.within);
    run.samples = samples;
    Ok(run)
}

/// What the server holds more of at the end.
fn grown(run: &mut Run, samples: &[crate::monitor::Sample]) {
    match memory_slope(samples) {
        Some(slope) => {
            run.measure("memory_slope_low_bytes_per_s", slope.low, "B/s");
            run.measure("memory_slope_bytes_per_s", slope.per_s, "B/s");
        }
        None => run.notes.push(
            "The server's memory cannot be seen, so leaks were not looked for. Give --pid, or let /metrics be read."
                .into(),
        ),
    }
    let growth = |of: fn(&crate::monitor::Sample) -> Option<f64>| {
        let seen: Vec<f64> = samples.iter().filter_map(of).collect();
        // Against a third of the way: before that, pools fill.
        Some(seen.last()? - seen.get(seen.len() / 3)?)
    };
    for (name, unit, of) in [
        ("memory_growth_bytes", "B", (|s| s.memory_bytes) as fn(&crate::monitor::Sample) -> Option<f64>),
        ("thread_growth", "threads", |s| s.threads),
        ("descriptor_growth", "descriptors", |s| s.descriptors),
    ] {
        if let Some(growth) = growth(of) {
            run.measure(name, growth, unit);
        }
    }
}

/// Whether the calm after the bursts is slower than the one before.
fn drift(run: &mut Run, calm: Duration) {
    let stats = Stats::of(&run.history);
    let Some(length_s) = stats.windows.first().map(|window| window.length_s) else { return };
    let calm = (calm.as_secs_f64() / length_s).floor().max(1.0) as usize;
    let mean = |windows: &[crate::stats::Window]| {
        let busy: Vec<f64> = windows.iter().filter(|w| w.ended > 0).map(|w| w.p50_ms).collect();
        busy.iter().sum::<f64>() / busy.len().max(1) as f64
    };
    let from = stats.windows.len().saturating_sub(calm);
    let (first, last) = (mean(&stats.windows[..calm.min(stats.windows.len())]), mean(&stats.windows[from..]));
    run.measure("median_drift", last / first.max(0.001), "");
    run.measure("burst_p99_ms", quantiles(&stats.whole).p99, "ms");
}
