//! 20 messages in one conversation, each a moment after the other and none waiting for an answer.

use std::time::Duration;

use super::{Lab, Run, RunError, Stage};

/// Messages of each user.
const MESSAGES: u64 = 20;
/// From one to the next of a user, unless a rate over all users is wished.
const GAP: Duration = Duration::from_millis(50);

pub(super) async fn run(lab: &Lab) -> Result<Run, RunError> {
    let mut stage = Stage::new(lab, 0x5e90).await;
    let users = stage.users(lab.wishes.users.unwrap_or(lab.by(1, 2, 20))).await?;
    let gap = lab.wishes.rate.map_or(GAP, |rate| Duration::from_secs_f64(users.len() as f64 / rate));
    for session in &users {
        let client = stage.join(session);
        let conversation = stage.conversation(session);
        let start = stage.now() + 10_000;
        let messages = (0..MESSAGES).map(|n| stage.message(start + n * gap.as_micros() as u64, conversation)).collect();
        stage.clients[client].send(messages);
    }
    stage.settle(gap * MESSAGES as u32 + lab.patience()).await;
    Ok(Run::of(stage.end().await?))
}
