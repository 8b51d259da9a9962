//! Copies: at once, by another client, after a reconnect, after the end; and ids that must be refused.

use std::time::Duration;

use shared::limits::ID_WINDOW_DAYS;
use shared::message::id_at;

use super::{Lab, Run, RunError, Stage};
use crate::client::Outgoing;

/// How many times each message is sent at once.
const COPIES: u16 = 10;

pub(super) async fn run(lab: &Lab) -> Result<Run, RunError> {
    let mut stage = Stage::new(lab, 0x1de).await;
    let session = stage.user().await?;
    let (first, second) = (stage.join(&session), stage.join(&session));
    stage.ready().await?;
    let conversation = stage.conversation(&session);
    let start = stage.now() + 10_000;
    let count = lab.by(8, 10, 100);
    let messages: Vec<_> =
        (0..count).map(|n| Outgoing { copies: COPIES, ..stage.message(start + n * 5_000, conversation) }).collect();
    stage.clients[first].send(messages.clone());
    // Another tab of the same user sends the same while they are on their way.
    let later = |at| messages.iter().map(move |m| Outgoing { at, copies: 2, ..m.clone() }).collect::<Vec<_>>();
    stage.clients[second].send(later(start + 20_000));
    tokio::time::sleep(Duration::from_micros(10_000 + count * 2_500)).await;
    stage.clients[first].cut();
    stage.settle(lab.patience()).await;
    // Once more when everything has ended.
    let again = later(stage.now());
    stage.clients[first].send(again);
    stage.settle(lab.patience()).await;
    refusals(&mut stage, second, &messages);
    let mut run = Run::of(stage.end().await?);
    run.measure_copies(count);
    Ok(run)
}

/// The same ids with another body; ids from outside the window.
fn refusals(stage: &mut Stage<'_>, client: usize, known: &[Outgoing]) {
    for message in known.iter().take(5) {
        let content = format!("{} And how much later?", message.content).into();
        stage.clients[client].send_raw(Outgoing { content, ..message.clone() });
    }
    let (day, conversation) = (86_400_000, known[0].conversation);
    let now_ms = shared::message::id_unix_ms(known[0].id).unwrap_or(0);
    for n in 0..5 {
        let made = if n < 3 { now_ms - (ID_WINDOW_DAYS + 1 + n) * day } else { now_ms + (2 + n) * day };
        let id = id_at(made, stage.rng.id_bytes());
        let message = stage.message(0, conversation);
        stage.clients[client].send_raw(Outgoing { id, ..message });
    }
}
