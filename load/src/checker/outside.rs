//! Judges what was measured beside the frames: memory of stopped readers (I16), counters (I23), drains (I24); and
//! says of every rule why it could not be judged.

use shared::protocol::close;

use super::index::{Index, Ref};
use super::{Judge, Rule};
use crate::history::{ActKind, Closed, History, What, is_terminal};

pub(super) fn check(judge: &mut Judge<'_>, index: &Index<'_>) {
    stopped_reader(judge);
    counters(judge, index);
    drains(judge, index);
}

fn stopped_reader(judge: &mut Judge<'_>) {
    let Some(reader) = judge.history.evidence.stopped_reader else { return };
    judge.require(Rule::I16, reader.kept_bytes <= reader.cap_bytes, &[], || {
        format!(
            "{} bytes were kept for a reader that had stopped ({} were offered); at most {} may be",
            reader.kept_bytes, reader.offered_bytes, reader.cap_bytes
        )
    });
}

fn counters(judge: &mut Judge<'_>, index: &Index<'_>) {
    let Some(counters) = judge.history.evidence.counters else { return };
    let mut seen = [0_u64; 3];
    let mut duplicates = 0_u64;
    for message in index.messages.values() {
        if let Some(end) = message.ends().next() {
            use shared::protocol::EventKind as K;
            seen[match end.kind {
                K::Failed => 1,
                K::Cancelled => 2,
                _ => 0,
            }] += 1;
        }
        duplicates += message.accepts.iter().filter(|(_, _, _, a)| a.duplicate).count() as u64;
    }
    let pairs = [
        ("completed messages", counters.completed, seen[0]),
        ("failed messages", counters.failed, seen[1]),
        ("cancelled messages", counters.cancelled, seen[2]),
    ];
    for (what, counted, seen) in pairs {
        judge.require(Rule::I23, (counted - seen as f64).abs() < 0.5, &[], || {
            format!("the server counted {counted} {what}; the clients saw {seen}")
        });
    }
    // Answers to copies may be lost with a connection, so the server may know of more than the clients.
    let quiet = judge.history.quiet_at.unwrap_or(0);
    let lost = index.connections.values().any(|c| c.closed.is_some_and(|(at, _)| at < quiet));
    let agrees = if lost {
        counters.duplicates >= duplicates as f64
    } else {
        (counters.duplicates - duplicates as f64).abs() < 0.5
    };
    judge.require(Rule::I23, agrees, &[], || {
        format!("the server counted {} duplicates; the clients were told of {duplicates}", counters.duplicates)
    });
}

/// At a drain every open socket ends with 4000, and what had been accepted by then is finished.
fn drains(judge: &mut Judge<'_>, index: &Index<'_>) {
    let history = judge.history;
    for act in history.acts.iter().filter(|act| act.kind == ActKind::Terminate) {
        // A goodbye that was lost on a bad line was said all the same.
        for (c, client) in history.clients.iter().enumerate().filter(|(_, client)| !client.faulty_line) {
            for (place, record) in client.records.iter().enumerate() {
                let What::Closed(how) = record.what else { continue };
                let connection = index.connections.get(&(c as u32, record.connection));
                let open = connection.is_some_and(|c| c.open_at(act.at));
                if !open || how == Closed::ByClient {
                    continue;
                }
                let r = Ref { client: c as u32, record: place as u32 };
                judge.require(Rule::I24, how == Closed::ByServer { code: Some(close::DRAIN) }, &[r], || {
                    "a socket that was open at the drain did not end with 4000".into()
                });
            }
        }
        if history.quiet_at.is_some() {
            for message in index.messages.values() {
                let Some((r, at, _, _)) = message.accepts.first() else { continue };
                let gone =
                    !message.facts.iter().any(|fact| is_terminal(fact.kind)) && message.ended_in_snapshot.is_none();
                if *at <= act.at {
                    judge.require(Rule::I24, !gone, &[*r], || {
                        "a message that was accepted before the drain never ended".into()
                    });
                }
            }
        }
    }
}

/// Why a rule was not put to the test by a history.
pub(super) fn why_untested(rule: Rule, history: &History) -> &'static str {
    let had = |kind| history.acts.iter().any(|act| act.kind == kind);
    match rule {
        Rule::I2 if !had(ActKind::Kill) => "no kill in this run",
        Rule::I2 => "nothing had been accepted before a kill",
        Rule::I5 => "no id was sent with two bodies",
        Rule::I6 => "no id outside the window was sent",
        Rule::I11 if history.logs.is_none() => "the logs were not read at the end",
        Rule::I14 => "no snapshot was due",
        Rule::I16 => "no reader was stopped",
        Rule::I18 => "no priorities under load",
        Rule::I21 => "breakers cannot be seen from outside; the server's own tests judge them",
        Rule::I22 => "nothing was cancelled",
        Rule::I23 => "the server's counters were not read, or others used the server too",
        Rule::I24 if !had(ActKind::Terminate) => "no drain in this run",
        Rule::I1 | Rule::I19 if history.quiet_at.is_none() => "the run was broken off before it came to rest",
        _ => "nothing of the kind happened in this run",
    }
}
