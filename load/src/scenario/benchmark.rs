//! Throughput and latency at a rate that is steady or goes evenly up or down, with Poisson arrivals from many users.

use std::time::Duration;

use super::{Lab, Run, RunError, Stage};
use crate::pace::ramp;
use crate::stats::Stats;

/// Conversations of each user: messages of one run one after the other, so one alone would measure only that.
const CONVERSATIONS: usize = 4;

/// Users draw messages at random; some draw more than the mean.
const SPARE: f64 = 1.5;

pub(super) async fn run(lab: &Lab) -> Result<Run, RunError> {
    let mut stage = Stage::new(lab, 0xbe9c).await;
    let from = lab.wishes.rate.unwrap_or(lab.by(200.0, 200.0, 1_500.0));
    let to = lab.wishes.ramp.unwrap_or(from);
    let rate = f64::midpoint(from, to);
    let wanted = lab.by(Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30));
    let length = lab.wishes.duration.unwrap_or(wanted);
    let needed = (rate * length.as_secs_f64() * SPARE / lab.budget() as f64).ceil() as u32;
    let users = stage.users(lab.wishes.users.unwrap_or(lab.by(4, 40, 200)).max(needed)).await?;
    for session in &users {
        stage.join(session);
    }
    stage.ready().await?;
    let watch = lab.probe.watch(lab.clock, length / 50, lab.live.clone());
    let conversations: Vec<Vec<_>> =
        users.iter().map(|session| (0..CONVERSATIONS).map(|_| stage.conversation(session)).collect()).collect();
    let start = stage.now() + 50_000;
    let times = ramp(&mut stage.rng.fork(7), from, to, start, length);
    let mut plans = vec![Vec::new(); users.len()];
    for at in times {
        let user = stage.rng.below(users.len() as u64) as usize;
        let conversation = conversations[user][stage.rng.below(CONVERSATIONS as u64) as usize];
        plans[user].push(stage.message(at, conversation));
    }
    for (client, plan) in plans.into_iter().enumerate() {
        stage.clients[client].send(plan);
    }
    stage.settle(length + lab.patience()).await;
    let samples = watch.samples();
    drop(watch);
    let mut run = Run::of(stage.end().await?);
    let stats = Stats::of(&run.history);
    run.measure("offered_per_s", rate, "1/s");
    run.measure("accepted_per_s", stats.accepted_per_second(), "1/s");
    if let Some(cpu) = cpu_share(&samples) {
        run.measure("server_cpu", cpu, "cores");
    }
    let peak = |of: fn(&crate::monitor::Sample) -> Option<f64>| samples.iter().filter_map(of).reduce(f64::max);
    if let Some(bytes) = peak(|sample| sample.memory_bytes) {
        run.measure("memory_peak_bytes", bytes, "B");
    }
    run.measure("connections", users.len() as f64, "connections");
    run.samples = samples;
    Ok(run)
}

/// CPU seconds a second.
fn cpu_share(samples: &[crate::monitor::Sample]) -> Option<f64> {
    let (first, last) = (samples.first()?, samples.last()?);
    let seconds = (last.at_us - first.at_us) as f64 / 1e6;
    Some((last.cpu_s? - first.cpu_s?) / seconds.max(1e-3))
}
