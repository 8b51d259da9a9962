//! Everything at once: connections that break in every way, and, where the server's life is in our hands, kills and
//! drains, while users go on sending. Afterwards nothing may be lost, doubled or out of order.

use std::time::Duration;

use super::{Control, Lab, Run, RunError, Stage};
use crate::client::{Outgoing, Settings};
use crate::history::ActKind;
use crate::pace::poisson;
use crate::proxy::{Fault, Proxy, Weather};

/// Kills for each drain.
const DRAIN_EVERY: u32 = 4;

pub(super) async fn run(lab: &Lab) -> Result<Run, RunError> {
    let mut stage = Stage::new(lab, 0xca05).await;
    let rate = lab.wishes.rate.unwrap_or(lab.by(60.0, 100.0, 200.0));
    let wanted = lab.by(Duration::from_secs(4), Duration::from_secs(8), Duration::from_mins(2));
    let length = lab.wishes.duration.unwrap_or(wanted);
    let needed = (rate * length.as_secs_f64() * 1.5 / lab.budget() as f64).ceil() as u32;
    let users = stage.users(lab.wishes.users.unwrap_or(lab.by(4, 12, 40)).max(needed)).await?;
    let weather = Weather {
        latency: Duration::from_millis(1),
        jitter: Duration::from_millis(2),
        bandwidth: None,
        faults: Fault::ALL.to_vec(),
        fault_every: lab.by(Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(5)),
    };
    let proxy = Proxy::new(weather, lab.seed);
    for session in &users {
        let settings = Settings { faulty_line: true, ..lab.settings(stage.clients.len() as u64 + 1) };
        stage.join_as(session, settings, lab.target.through(proxy.clone()));
    }
    // One witness of the first user has an undisturbed line.
    let witness = stage.join(&users[0]);
    stage.act(ActKind::FaultsBegin);
    let conversations: Vec<Vec<_>> =
        users.iter().map(|session| (0..2).map(|_| stage.conversation(session)).collect()).collect();
    for conversation in &conversations[0] {
        stage.clients[witness].watch(*conversation);
    }
    let start = stage.now() + 50_000;
    let copies = lab.wishes.copies.unwrap_or(1);
    let (mut plans, mut messages) = (vec![Vec::new(); users.len()], 0);
    for at in poisson(&mut stage.rng.fork(7), rate, start, length) {
        let user = stage.rng.below(users.len() as u64) as usize;
        let conversation = conversations[user][stage.rng.below(2) as usize];
        plans[user].push(Outgoing { copies, ..stage.message(at, conversation) });
        messages += 1;
    }
    for (client, plan) in plans.into_iter().enumerate() {
        stage.clients[client].send(plan);
    }
    let (kills, deaths) = deaths(lab, &mut stage, length).await?;
    proxy.calm();
    stage.act(ActKind::FaultsEnd);
    let mut run = Run::of({
        stage.evidence.settle_within = Some(lab.patience().as_micros() as u64);
        stage.end().await?
    });
    if lab.control.is_none() {
        run.notes.push(
            "The server's life is not in our hands, so it was not killed; `rapid chaos` starts one of its own.".into(),
        );
    }
    run.measure_copies(messages);
    run.measure("faults", proxy.faults() as f64, "connections");
    run.measure("kills", f64::from(kills), "kills");
    run.measure("deaths", f64::from(deaths), "deaths");
    Ok(run)
}

/// Kills and drains while the time passes; answers how many kills there were, and deaths of both kinds.
async fn deaths(lab: &Lab, stage: &mut Stage<'_>, length: Duration) -> Result<(u32, u32), RunError> {
    let Some(control) = lab.control.clone() else {
        tokio::time::sleep(length).await;
        return Ok((0, 0));
    };
    let kills = lab.wishes.kills.unwrap_or(lab.by(3, 3, 20));
    let deaths = kills + kills.div_ceil(DRAIN_EVERY);
    for n in 0..deaths {
        let rest = length.div_f64(f64::from(deaths)).mul_f64(0.5 + stage.rng.unit());
        tokio::time::sleep(rest).await;
        die(stage, &*control, n % (DRAIN_EVERY + 1) == 1).await.map_err(RunError::Control)?;
    }
    Ok((kills, deaths))
}

async fn die(stage: &mut Stage<'_>, control: &dyn Control, gently: bool) -> Result<(), String> {
    if gently {
        stage.act(ActKind::Terminate);
        control.terminate().await?;
    } else {
        control.kill().await?;
        stage.act(ActKind::Kill);
    }
    control.revive().await?;
    stage.act(ActKind::Ready);
    Ok(())
}
