//! Several agents of one user work on the same conversation at once, one of them cancels what others sent; a stranger
//! works beside them. All agents must see the same log, the stranger nothing of it.

use std::time::Duration;

use super::{Lab, Run, RunError, Stage};

/// Agents at most: they are connections of one user, of which a server allows a few.
const AGENTS_MAX: u32 = 16;

pub(super) async fn run(lab: &Lab) -> Result<Run, RunError> {
    let mut stage = Stage::new(lab, 0x59c).await;
    let (session, stranger) = (stage.user().await?, stage.user().await?);
    let agents = lab.wishes.users.unwrap_or(lab.by(3, 4, 16)).clamp(2, AGENTS_MAX) as usize;
    for _ in 0..agents {
        stage.join(&session);
    }
    let other = stage.join(&stranger);
    let conversation = stage.conversation(&session);
    let strange = stage.conversation(&stranger);
    for client in &stage.clients[..agents] {
        client.watch(conversation);
    }
    stage.ready().await?;
    let start = stage.now() + 10_000;
    let each = lab.by(12, 15, 100).min(lab.budget() / agents as u64).max(1);
    let mut sent = Vec::new();
    for agent in 0..agents {
        let messages: Vec<_> =
            (0..each).map(|n| stage.message(start + n * 4_000 + agent as u64 * 300, conversation)).collect();
        sent.extend(messages.iter().map(|message| (agent, message.id)));
        stage.clients[agent].send(messages);
    }
    let messages = (0..each).map(|n| stage.message(start + n * 4_000, strange)).collect();
    stage.clients[other].send(messages);
    // Every tenth message is cancelled by an agent that did not send it, while the conversation goes on.
    tokio::time::sleep(Duration::from_micros(each * 2_000)).await;
    for (agent, id) in sent.iter().skip(each as usize / 2).step_by(5) {
        stage.clients[(agent + 1) % agents].cancel(*id);
    }
    Ok(Run::of(stage.end().await?))
}
