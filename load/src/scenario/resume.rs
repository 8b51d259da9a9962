//! Going away and coming back: exact replay, a snapshot where the position is from another log, nothing after a
//! session's end.

use std::time::Duration;

use hyper::Method;

use super::{Lab, Run, RunError, Stage};
use crate::http::Session;

pub(super) async fn run(lab: &Lab) -> Result<Run, RunError> {
    let mut stage = Stage::new(lab, 0x9e5).await;
    let session = stage.user().await?;
    let (stays, goes) = (stage.join(&session), stage.join(&session));
    let conversation = stage.conversation(&session);
    for client in &stage.clients {
        client.watch(conversation);
    }
    stage.ready().await?;
    let rounds = lab.by(6, 10, 60).min(lab.budget() / 7);
    for round in 0..rounds {
        let start = stage.now();
        let messages = (0..6).map(|n| stage.message(start + n * 3_000, conversation)).collect();
        stage.clients[stays].send(messages);
        let own = stage.message(start, conversation);
        stage.clients[goes].send(vec![own]);
        // Away in the middle of it; every third time only for a moment.
        tokio::time::sleep(Duration::from_millis(7)).await;
        if round % 3 == 0 {
            stage.clients[goes].cut();
        } else {
            stage.clients[goes].offline(true);
            tokio::time::sleep(Duration::from_millis(40)).await;
            stage.clients[goes].offline(false);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stage.settle(lab.patience()).await;
    strange_positions(&mut stage, goes, lab).await;
    ended_session(lab, &mut stage).await?;
    Ok(Run::of(stage.end().await?))
}

/// A position from a log that the server never had must bring a snapshot, never a silent hole.
async fn strange_positions(stage: &mut Stage<'_>, client: usize, lab: &Lab) {
    for _ in 0..3 {
        let welcomes = stage.clients[client].state().welcomes;
        stage.clients[client].misplace();
        stage.clients[client].cut();
        stage.clients[client].until(lab.patience(), |state| state.online && state.welcomes > welcomes).await;
    }
}

/// After `DELETE /api/v1/sessions/current` nothing may be accepted or told.
async fn ended_session(lab: &Lab, stage: &mut Stage<'_>) -> Result<(), RunError> {
    let session: Session = stage.user().await?;
    let client = stage.join(&session);
    let conversation = stage.conversation(&session);
    stage.ready().await?;
    let message = stage.message(stage.now(), conversation);
    stage.clients[client].send(vec![message]);
    stage.clients[client].until(lab.patience(), |state| state.idle).await;
    stage.audit_now(&session, conversation).await?;
    let path = "/api/v1/sessions/current";
    let answer = lab.probe.http.call(Method::DELETE, path, Some(&session.token), None).await?;
    if answer.status >= 300 {
        return Ok(());
    }
    stage.clients[client].logged_out();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let late = stage.message(stage.now(), conversation);
    stage.clients[client].send_raw(late);
    tokio::time::sleep(Duration::from_millis(200)).await;
    Ok(())
}
