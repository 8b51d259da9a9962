//! Bursts, one after the other, from many users: nothing may grow, slow down or fail with time.

use std::time::Duration;

use super::{Lab, Run, RunError, Stage};
use crate::monitor::memory_slope;
use crate::pace::Burst;
use crate::stats::{Stats, quantiles};

/// The rest between two bursts of one user, as a share of the burst.
const REST: f64 = 0.4;

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
    for session in &users {
        stage.join(session);
    }
    stage.ready().await?;
    let watch = lab.probe.watch(lab.clock, length / 100);
    let start = stage.now() + 20_000;
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
    stage.settle(length * 2 + lab.patience()).await;
    let samples = watch.samples();
    drop(watch);
    let mut run = Run::of(stage.end().await?);
    grown(&mut run, &samples);
    drift(&mut run);
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

/// Whether the last third was slower than the first.
fn drift(run: &mut Run) {
    let stats = Stats::of(&run.history);
    let third = stats.windows.len() / 3;
    if third == 0 {
        return;
    }
    let mean = |windows: &[crate::stats::Window]| {
        let busy: Vec<f64> = windows.iter().filter(|w| w.ended > 0).map(|w| w.p50_ms).collect();
        busy.iter().sum::<f64>() / busy.len().max(1) as f64
    };
    let (first, last) = (mean(&stats.windows[..third]), mean(&stats.windows[stats.windows.len() - third..]));
    run.measure("median_drift", last / first.max(0.001), "");
    run.measure("burst_p99_ms", quantiles(&stats.whole).p99, "ms");
}
