//! A conversation told as fast as possible must give the same answers as the same one told patiently, sentence by
//! sentence. No knowledge of the right answers is needed, so any server can be judged.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use shared::message::ConversationId;
use shared::protocol::EventKind;

use super::{Lab, Run, RunError, Stage};
use crate::client::{Outgoing, Settings};
use crate::history::{History, What, fingerprint};

/// A workload told in pieces: each sentence adds a fact or asks about all of them.
const TOLD: &[&str] = &[
    "We run GPT-4o for a support chat.",
    "There are 120,000 requests a day.",
    "Each request has 1,800 input tokens.",
    "Each answer has 250 output tokens.",
    "What do we spend in a month?",
    "Actually it is 150,000 requests a day.",
    "About 70 % of the prompt is the same every time.",
    "Half of the requests could wait until the night.",
    "Quality must not fall.",
    "How can we spend less?",
];

pub(super) async fn run(lab: &Lab) -> Result<Run, RunError> {
    let mut stage = Stage::new(lab, 0x57a7).await;
    let users = stage.users(lab.wishes.users.unwrap_or(lab.by(1, 3, 30))).await?;
    let mut pairs = Vec::new();
    for session in &users {
        let settings = Settings { keep_data: true, ..lab.settings(stage.clients.len() as u64 + 1) };
        let client = stage.join_as(session, settings, lab.target.clone());
        let (rapid, patient) = (stage.conversation(session), stage.conversation(session));
        let alone = stage.conversation(session);
        pairs.push((client, rapid, patient, alone));
    }
    stage.ready().await?;
    for (client, rapid, _, alone) in &pairs {
        let at = stage.now();
        let mut messages: Vec<_> = TOLD.iter().map(|text| say(&mut stage, at, *rapid, text)).collect();
        messages.push(say(&mut stage, at, *alone, TOLD[TOLD.len() - 1]));
        stage.clients[*client].send(messages);
    }
    stage.settle(lab.patience()).await;
    for text in TOLD {
        for (client, _, patient, _) in &pairs {
            let message = say(&mut stage, lab.clock.now(), *patient, text);
            stage.clients[*client].send(vec![message]);
        }
        stage.settle(lab.patience()).await;
    }
    let history = stage.end().await?;
    let (mut differ, mut compared, mut used) = (0, 0, 0);
    for (_, rapid, patient, alone) in &pairs {
        let (rapid, patient) = (answers(&history, *rapid), answers(&history, *patient));
        compared += rapid.len().max(patient.len());
        differ += rapid.len().abs_diff(patient.len());
        differ += rapid.iter().zip(&patient).filter(|(a, b)| a != b).count();
        let alone = answers(&history, *alone);
        used += usize::from(rapid.last().is_some() && rapid.last() != alone.last());
    }
    let mut run = Run::of(history);
    run.measure("answers_compared", compared as f64, "answers");
    run.measure("answers_differing", differ as f64, "answers");
    run.measure("context_used_share", used as f64 / pairs.len().max(1) as f64, "");
    Ok(run)
}

fn say(stage: &mut Stage<'_>, at: u64, conversation: ConversationId, text: &str) -> Outgoing {
    Outgoing { content: text.into(), ..stage.message(at, conversation) }
}

/// Fingerprints of the answers of a conversation in order, without what names the message itself.
fn answers(history: &History, conversation: ConversationId) -> Vec<u64> {
    let mut answers = BTreeMap::new();
    for (_, _, record) in history.records() {
        let What::Event(event) = &record.what else { continue };
        if event.conversation == conversation && event.kind == EventKind::Completed {
            let data = event.data.as_deref().unwrap_or(&Json::Null);
            let answer = json!([data.get("headline"), data.get("metrics"), data.get("degraded")]);
            answers.insert(event.offset, fingerprint(&answer));
        }
    }
    answers.into_values().collect()
}
