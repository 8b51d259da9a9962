//! Judges the life of each message: never lost (I1, I2), ended in time (I19), duplicates (I4), reused ids (I5), ids
//! outside the window (I6), the sender's order (I9), refusals (I17), cancellation (I22).

use shared::limits;
use shared::message::{ConversationId, MessageId, id_unix_ms};
use shared::problem::Code;
use shared::protocol::EventKind;

use super::index::{Index, Message, Ref};
use super::{Judge, Rule};
use crate::history::{ClientHistory, Closed, ErrorSeen, Micros, What};
use crate::quick::{QuickMap, QuickSet};

/// A reply that has not come after this long on an open connection will not come.
const REPLY_WITHIN: Micros = 15_000_000;
/// How near to the edge of the window an id is not judged, in milliseconds.
const WINDOW_SLACK_MS: u64 = 60_000;

pub(super) fn check(judge: &mut Judge<'_>, index: &Index<'_>) {
    let faults_end = judge.history.acts.iter().map(|act| act.at).max().unwrap_or(0);
    for ((_, id), message) in &index.messages {
        if let Some(quiet) = judge.history.quiet_at {
            kept(judge, *id, message, quiet);
            answered(judge, index, *id, message, quiet);
        }
        in_time(judge, *id, message, faults_end);
        duplicates(judge, *id, message);
        reused(judge, index, *id, message);
        window(judge, *id, message);
        refused(judge, *id, message);
        cancelled(judge, *id, message);
    }
    sender_order(judge, index);
}

/// An accepted message has an end, or at least a place in the log.
fn kept(judge: &mut Judge<'_>, id: MessageId, message: &Message<'_>, quiet: Micros) {
    let Some((accepted, at, _, _)) = message.accepts.first().copied() else { return };
    let ended = message.ends().next().is_some() || message.ended_in_snapshot.is_some();
    let in_log = message.facts.iter().any(|fact| fact.kind == EventKind::Accepted && fact.kept);
    let lost = !ended && !in_log;
    let killed = judge.history.killed_between(at, quiet);
    if killed {
        judge.require(Rule::I2, !lost, &[accepted], || {
            format!("message {id} was accepted before a kill and is not in the log after it")
        });
    } else {
        judge.require(Rule::I1, !lost, &[accepted], || format!("message {id} was accepted and is nowhere in the log"));
    }
    if !lost {
        judge.observe(Rule::I1);
        judge.require(Rule::I19, ended, &[accepted], || {
            format!("message {id} was accepted and had not come to an end {} ms later", (quiet - at.min(quiet)) / 1_000)
        });
    }
}

/// The end comes within the agreed time after the acceptance or the last fault, whichever is later.
fn in_time(judge: &mut Judge<'_>, id: MessageId, message: &Message<'_>, faults_end: Micros) {
    let Some(within) = judge.history.evidence.settle_within else { return };
    let Some((accepted, at, _, _)) = message.accepts.first().copied() else { return };
    let Some((end, ended)) = message.ends().filter_map(|fact| fact.seen).min_by_key(|(_, at)| *at) else { return };
    let since = at.max(faults_end);
    judge.require(Rule::I19, ended <= since + within, &[accepted, end], || {
        format!("message {id} ended {} ms after the last fault or its acceptance", (ended - since) / 1_000)
    });
}

/// Every acceptance of one id names the same place, and only one of them is the first.
fn duplicates(judge: &mut Judge<'_>, id: MessageId, message: &Message<'_>) {
    let Some((first_ref, first_at, _, first)) = message.accepts.iter().min_by_key(|(_, at, _, _)| *at) else { return };
    let mut new: Option<(Ref, Micros)> = None;
    for (r, at, _, accepted) in &message.accepts {
        if *r != *first_ref {
            let same = (accepted.conversation, accepted.sequence) == (first.conversation, first.sequence);
            judge.require(Rule::I4, same, &[*first_ref, *r], || {
                format!(
                    "message {id} was accepted as number {} of {} and as number {} of {}",
                    first.sequence, first.conversation, accepted.sequence, accepted.conversation
                )
            });
        }
        if accepted.duplicate {
            continue;
        }
        if let Some((other, other_at)) = new {
            let killed = judge.history.killed_between(other_at.min(*at), other_at.max(*at));
            let rule = if killed { Rule::I2 } else { Rule::I4 };
            judge.violate(rule, &[other, *r], || format!("message {id} was accepted as new twice"));
        }
        new = Some((*r, *at));
    }
    // On connections that all lived, the first acceptance cannot have been lost on the way.
    let undisturbed = judge.history.acts.is_empty() && message.sends.len() == message.accepts.len();
    if undisturbed {
        judge.require(Rule::I4, new.is_some(), &[*first_ref], || {
            format!("message {id} was called a duplicate at {first_at} µs and never accepted as new")
        });
    }
}

/// A send with another body than the first is refused as reused.
fn reused(judge: &mut Judge<'_>, index: &Index<'_>, id: MessageId, message: &Message<'_>) {
    let Some((_, _, _, first)) = message.sends.iter().min_by_key(|(_, at, _, _)| *at) else { return };
    let altered: Vec<_> = message.sends.iter().filter(|(_, _, _, sent)| sent.body != first.body).collect();
    let connections: QuickSet<_> = altered.iter().map(|(r, _, connection, _)| (r.client, *connection)).collect();
    for (client, number) in connections {
        let here = |r: &Ref, connection: u32| (r.client, connection) == (client, number);
        let odd: Vec<_> = altered.iter().filter(|(r, _, c, _)| here(r, *c)).map(|(r, ..)| *r).collect();
        let even = message.sends.iter().filter(|(r, _, c, s)| here(r, *c) && s.body == first.body).count();
        let accepts: Vec<_> = message.accepts.iter().filter(|(r, _, c, _)| here(r, *c)).map(|(r, ..)| *r).collect();
        let proof: Vec<_> = odd.iter().chain(&accepts).copied().collect();
        judge.require(Rule::I5, accepts.len() <= even, &proof, || {
            format!("message {id} was sent with another body and accepted")
        });
        let refusals = message.errors.iter().filter(|(r, _, c, e)| here(r, *c) && e.code == Code::Reused).count();
        let whole = index.connections.get(&(client, number));
        if judge.history.quiet_at.is_some_and(|quiet| whole.is_some_and(|c| c.open_at(quiet))) && accepts.len() <= even
        {
            judge.require(Rule::I5, refusals >= odd.len(), &proof, || {
                format!("message {id} was sent with another body {} times and refused {refusals} times", odd.len())
            });
        }
    }
}

/// Ids that were made too long ago or too far ahead are never run.
fn window(judge: &mut Judge<'_>, id: MessageId, message: &Message<'_>) {
    let Some(made) = id_unix_ms(id) else { return };
    let Some((sent_ref, at, _, _)) = message.sends.first().copied() else { return };
    let now = judge.history.unix_ms_at_zero + at / 1_000;
    let old = made + limits::ID_WINDOW_DAYS * 86_400_000 + WINDOW_SLACK_MS < now;
    let ahead = made > now + limits::ID_AHEAD_MAX_MS + WINDOW_SLACK_MS;
    if !old && !ahead {
        return;
    }
    let mut proof = vec![sent_ref];
    proof.extend(message.accepts.iter().map(|(r, ..)| *r));
    proof.extend(message.facts.iter().filter_map(|fact| fact.seen).map(|s| s.0));
    let run = !message.accepts.is_empty() || !message.facts.is_empty();
    judge.require(Rule::I6, !run, &proof, || {
        format!(
            "message {id}, whose id is {}, was taken",
            if old { "older than the window" } else { "from the future" }
        )
    });
    let due = if old { Code::Old } else { Code::Invalid };
    for (r, _, _, error) in &message.errors {
        judge.require(Rule::I6, error.code == due, &[sent_ref, *r], || {
            format!("message {id} was refused as {} where {due} was due", error.code)
        });
    }
}

/// Each send on a connection that lived got a reply.
fn answered(judge: &mut Judge<'_>, index: &Index<'_>, id: MessageId, message: &Message<'_>, quiet: Micros) {
    let mut due: QuickMap<(u32, u32), (i64, Ref)> = QuickMap::default();
    for (r, at, connection, _) in &message.sends {
        let Some(c) = index.connections.get(&(r.client, *connection)) else { continue };
        let faulty = judge.history.clients.get(r.client as usize).is_some_and(|client| client.faulty_line);
        // A faulty line may bring the server's last words long after it has gone.
        let end = c.closed.filter(|(_, how)| *how != Closed::Lost && !faulty).map(|(end, _)| end);
        let in_time = !judge.history.restless || quiet > at + REPLY_WITHIN;
        let lived = (c.open_at(quiet) && in_time) || end.is_some_and(|end| end > at + REPLY_WITHIN);
        if lived {
            due.entry((r.client, *connection)).or_insert((0, *r)).0 += 1;
        }
    }
    let accepts = message.accepts.iter().map(|(r, _, c, _)| (r.client, *c));
    let errors = message.errors.iter().filter(|(_, _, _, error)| !answers_cancel(message, error));
    for place in accepts.chain(errors.map(|(r, _, c, _)| (r.client, *c))) {
        if let Some((missing, _)) = due.get_mut(&place) {
            *missing -= 1;
        }
    }
    for (missing, r) in due.into_values() {
        judge.require(Rule::I17, missing <= 0, &[r], || {
            format!("message {id}: {missing} sends were neither accepted nor refused")
        });
    }
}

/// Whether an error answers a cancel, not a send.
fn answers_cancel(message: &Message<'_>, error: &ErrorSeen) -> bool {
    !message.cancels.is_empty() && matches!(error.code, Code::NotFound | Code::Conflict)
}

/// A refusal for load says so and when to come back, and leaves nothing behind.
fn refused(judge: &mut Judge<'_>, id: MessageId, message: &Message<'_>) {
    let loaded = |code| matches!(code, Code::Busy | Code::RateLimited | Code::Exhausted);
    for (r, _, _, error) in message.errors.iter().filter(|(_, _, _, error)| loaded(error.code)) {
        judge.require(Rule::I17, error.retryable && error.retry_after_ms.is_some(), &[*r], || {
            format!("message {id} was refused as {} without a time to come back", error.code)
        });
    }
    no_trace(judge, id, message);
    let final_refusal = !message.errors.is_empty()
        && message.accepts.is_empty()
        && message.errors.len() >= message.sends.len()
        && !message.errors.iter().any(|(_, _, _, e)| e.code == Code::Reused);
    if final_refusal {
        let mut proof: Vec<_> = message.errors.iter().map(|(r, ..)| *r).collect();
        proof.extend(message.facts.iter().filter_map(|fact| fact.seen).map(|s| s.0));
        // An id outside the window that was run is judged there.
        let window = message.errors.iter().any(|(_, _, _, e)| matches!(e.code, Code::Old | Code::Invalid));
        judge.require(Rule::I17, message.facts.is_empty() || window, &proof, || {
            format!("message {id} was refused every time and has events all the same")
        });
    }
}

/// An event of a message that had only been refused by then: the refusal was none. Judged only where every send was
/// answered, for an answer that was lost may have been an acceptance.
fn no_trace(judge: &mut Judge<'_>, id: MessageId, message: &Message<'_>) {
    let mut answers: Vec<_> = message.accepts.iter().map(|(r, at, ..)| (*at, true, *r)).collect();
    let refusals = message.errors.iter().filter(|(_, _, _, error)| !answers_cancel(message, error));
    answers.extend(refusals.map(|(r, at, ..)| (*at, false, *r)));
    if answers.len() == message.accepts.len() || answers.len() < message.sends.len() {
        return;
    }
    answers.sort_by_key(|(at, ..)| *at);
    let Some((event, told)) = message.facts.iter().filter_map(|fact| fact.seen).min_by_key(|(_, at)| *at) else {
        return;
    };
    let sent = message.sends.iter().filter(|(_, at, ..)| *at <= told).count();
    let by_then = &answers[..sent.min(answers.len())];
    if let Some((_, _, refusal)) = by_then.last() {
        judge.require(Rule::I17, by_then.iter().any(|(_, accepted, _)| *accepted), &[*refusal, event], || {
            format!("message {id} had only been refused when its first event was told")
        });
    }
}

/// `cancelled` comes only to what somebody cancelled.
fn cancelled(judge: &mut Judge<'_>, id: MessageId, message: &Message<'_>) {
    for fact in message.facts.iter().filter(|fact| fact.kind == EventKind::Cancelled) {
        let proof: Vec<_> = fact.seen.iter().map(|s| s.0).collect();
        judge.require(Rule::I22, !message.cancels.is_empty(), &proof, || {
            format!("message {id} ended as cancelled and nobody had asked for it")
        });
    }
    if let Some(cancel) = message.cancels.first().filter(|_| !message.accepts.is_empty()) {
        let ends = message.ends().count();
        judge.require(Rule::I22, ends <= 1, &[*cancel], || {
            format!("message {id} was cancelled and has {ends} ends: cancel and commit both won")
        });
    }
}

/// The sends of a message by one client, as far as they say where it stands among the others.
struct Sends {
    /// The first of all.
    first: usize,
    /// The last of all.
    last: usize,
    /// The connection of the last.
    connection: u32,
    /// The first on that connection that was not certainly refused.
    here: Option<usize>,
    /// How many there were on that connection, and how many refusals.
    open: (u32, u32),
}

/// A numbered message, and between which of its sends it was numbered.
struct Numbered {
    id: MessageId,
    conversation: ConversationId,
    number: u64,
    answer: Ref,
    from: usize,
    to: usize,
}

/// Per client and conversation, numbers grow in the order of sending: of two messages, the one whose last send that can
/// have been numbered came before the first such send of the other has the lower number. A message that several clients
/// sent has no place of its own.
fn sender_order(judge: &mut Judge<'_>, index: &Index<'_>) {
    let history = judge.history;
    for (c, client) in history.clients.iter().enumerate() {
        let own = |id: &MessageId| {
            let message = index.messages.get(&(index.users[c], *id));
            message.is_some_and(|m| m.sends.iter().all(|(r, ..)| r.client == c as u32))
        };
        let mut order: Vec<_> = numbered(c as u32, client).into_values().filter(|n| own(&n.id)).collect();
        order.sort_unstable_by_key(|n| (n.conversation, n.number));
        for talk in order.chunk_by(|a, b| a.conversation == b.conversation) {
            // Of those with a lower number, the one that was certainly sent last.
            let mut latest: Option<&Numbered> = None;
            for this in talk {
                if let Some(other) = latest {
                    judge.require(Rule::I9, this.to >= other.from, &[this.answer, other.answer], || {
                        let Numbered { id, number, .. } = other;
                        format!("{id} was sent after {} and has number {number}, before its {}", this.id, this.number)
                    });
                }
                if latest.is_none_or(|other| other.from < this.from) {
                    latest = Some(this);
                }
            }
        }
    }
}

/// The messages of a client that were numbered.
fn numbered(c: u32, client: &ClientHistory) -> QuickMap<MessageId, Numbered> {
    let mut sends: QuickMap<MessageId, Sends> = QuickMap::default();
    let mut numbered: QuickMap<MessageId, Numbered> = QuickMap::default();
    for (place, record) in client.records.iter().enumerate() {
        let connection = record.connection;
        match &record.what {
            What::Send(sent) => {
                let new = Sends { first: place, last: place, connection, here: None, open: (0, 0) };
                let all = sends.entry(sent.id).or_insert(new);
                if all.connection != connection {
                    (all.connection, all.here, all.open) = (connection, None, (0, 0));
                }
                all.last = place;
                all.here.get_or_insert(place);
                all.open.0 += 1;
            }
            What::Error(error) => {
                if let Some(all) = error.id.and_then(|id| sends.get_mut(&id)).filter(|all| all.connection == connection)
                {
                    all.open.1 += 1;
                    if all.open.1 >= all.open.0 {
                        (all.here, all.open) = (None, (0, 0));
                    }
                }
            }
            What::Accepted(a) => {
                let Some(all) = sends.get(&a.id) else { continue };
                let new = !a.duplicate && all.connection == connection;
                if numbered.contains_key(&a.id) && !new {
                    continue;
                }
                // One that is new was numbered on this connection. Of a duplicate it cannot be told: an earlier acceptance,
                // or refusal, may have been lost on the way.
                let from = all.here.filter(|_| new).unwrap_or(all.first);
                let (id, conversation, number, to) = (a.id, a.conversation, a.sequence, all.last);
                let answer = Ref { client: c, record: place as u32 };
                numbered.insert(id, Numbered { id, conversation, number, answer, from, to });
            }
            _ => {}
        }
    }
    numbered
}
