//! 20 messages in one conversation, each a moment after the other and none waiting for an answer.

use super::{Lab, Run, RunError, Stage};

/// Messages of each user.
const MESSAGES: u64 = 20;

pub(super) async fn run(lab: &Lab) -> Result<Run, RunError> {
    let mut stage = Stage::new(lab, 0x5e90).await;
    let users = stage.users(lab.wishes.users.unwrap_or(lab.by(1, 2, 20))).await?;
    let gap = (1e6 / lab.wishes.rate.unwrap_or(20.0).max(0.001)) as u64;
    for session in &users {
        let client = stage.join(session);
        let conversation = stage.conversation(session);
        let start = stage.now() + 10_000;
        let messages = (0..MESSAGES).map(|n| stage.message(start + n * gap, conversation)).collect();
        stage.clients[client].send(messages);
    }
    Ok(Run::of(stage.end().await?))
}
