//! More than the server can hold: refusals must be said, carry a time, and spare the urgent; and a reader that stops
//! must cost a bounded amount of memory and nobody else's time.

use std::time::Duration;

use shared::message::Priority;

use super::{Lab, Run, RunError, Stage};
use crate::client::Settings;
use crate::history::{StoppedReader, What};

/// What may be kept for one stopped reader: a megabyte of frames and what allocators and kernels round it up to.
const KEPT_MAX_BYTES: u64 = 8 << 20;
/// The same in tests, where the mock's own count is exact.
const KEPT_MAX_BYTES_TINY: u64 = 256 << 10;

/// How long a reader that goes on may need for what was kept for it.
const CATCH_UP: Duration = Duration::from_mins(1);
/// What the kernel takes for it while it stops. Through a window of a few kilobytes that was shut, what was kept would
/// trickle by the timer of the kernel's probes, some 20 KB a second.
const RECEIVE_BUFFER: u32 = 32 << 10;

pub(super) async fn run(lab: &Lab) -> Result<Run, RunError> {
    let mut stage = Stage::new(lab, 0x0f10).await;
    let users = stage.users(lab.wishes.users.unwrap_or(lab.by(4, 24, 150))).await?;
    for session in &users {
        stage.join(session);
    }
    stage.ready().await?;
    flood(lab, &mut stage, &users);
    let mut notes = Vec::new();
    stopped_reader(lab, &mut stage, &mut notes).await?;
    let history = stage.end().await?;
    let refused = history.records().filter(|(_, _, r)| matches!(&r.what, What::Error(e) if e.retryable)).count();
    if refused == 0 {
        notes.push("The server's limit was not reached, so no refusal was seen. Give more --users, or start the server with a smaller EXEMPLAR_QUEUE_LIMIT.".into());
    }
    let mut run = Run { notes, ..Run::of(history) };
    run.measure("refusals", refused as f64, "messages");
    Ok(run)
}

/// Every user sends a backlog at once: each message in a conversation of its own, priorities in turn.
fn flood(lab: &Lab, stage: &mut Stage<'_>, users: &[crate::http::Session]) {
    let each = lab.by(45, 80, 95);
    let start = stage.now() + 20_000;
    for (client, session) in users.iter().enumerate() {
        let mut messages = Vec::new();
        for n in 0..each {
            let conversation = stage.conversation(session);
            let priority = Priority::ALL[(n + client) % 3];
            messages.push(stage.urgent(start + n as u64 * 500, conversation, priority));
        }
        stage.clients[client].send(messages);
    }
    // A tenth of the backlog may pass: what was being worked on, what was about to be, and what had aged.
    stage.evidence.overtakes_max = Some((each * users.len()).div_ceil(10).max(40));
}

/// One tab of a user stops reading while another makes the server talk.
async fn stopped_reader(lab: &Lab, stage: &mut Stage<'_>, notes: &mut Vec<String>) -> Result<(), RunError> {
    stage.settle(lab.patience()).await;
    let session = stage.user().await?;
    let talker = stage.join(&session);
    let settings = Settings { receive_buffer: Some(RECEIVE_BUFFER), ..lab.settings(0x510) };
    let stopped = stage.join_as(&session, settings, lab.target.clone());
    stage.ready().await?;
    let Some(before) = lab.probe.look(lab.clock).await.memory_bytes else {
        notes.push("The server's memory cannot be seen, so the cost of a stopped reader was not judged. Give --pid, or let /metrics be read.".into());
        return Ok(());
    };
    stage.clients[stopped].pause(true);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (start, read_before) = (stage.now(), lab.live.bytes.get());
    let count = lab.by(100, 400, 20_000_u64).min(lab.budget());
    let conversations: Vec<_> = (0..10).map(|_| stage.conversation(&session)).collect();
    let messages = (0..count).map(|n| stage.message(start + n * 200, conversations[n as usize % 10])).collect();
    stage.clients[talker].send(messages);
    stage.clients[talker].until(lab.patience(), |state| state.idle).await;
    let offered_bytes = lab.live.bytes.get() - read_before;
    let after = lab.probe.look(lab.clock).await.memory_bytes.unwrap_or(before);
    stage.clients[stopped].pause(false);
    // What the kernels hold trickles through a window that was shut. A reader that was closed for its slowness has a new
    // connection, on which there may be nothing to say.
    let due = stage.clients[talker].state().events;
    stage.clients[stopped].until(CATCH_UP, |state| state.events >= due || state.welcomes > 1).await;
    let cap_bytes = lab.by(KEPT_MAX_BYTES_TINY, KEPT_MAX_BYTES, KEPT_MAX_BYTES);
    let kept_bytes = (after - before).max(0.0) as u64;
    if offered_bytes > 2 * cap_bytes || kept_bytes > cap_bytes {
        stage.evidence.stopped_reader = Some(StoppedReader { offered_bytes, kept_bytes, cap_bytes });
    } else {
        notes.push(format!(
            "Only {offered_bytes} bytes were offered to the stopped reader, too few to judge a cap of {cap_bytes}."
        ));
    }
    Ok(())
}
