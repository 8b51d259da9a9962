//! Judges the durable log of each conversation: offsets (I7), what was told against what is there (I11), the order of
//! ends (I10), one acceptance and one end a message (I3), numbers (I9), snapshots as folds (I14).

use std::collections::BTreeMap;

use shared::limits;
use shared::message::{ConversationId, MessageId, Status};
use shared::protocol::EventKind;

use super::index::{Entry, Index, Log, Ref, User};
use super::{Judge, Rule};
use crate::history::{SnapshotSeen, What, is_terminal};
use crate::quick::QuickMap;

pub(super) fn check(judge: &mut Judge<'_>, index: &Index<'_>) {
    let numbers = numbers(judge, index);
    for (conversation, logs) in &index.logs {
        let audited = judge.history.logs.as_ref().is_some_and(|logs| logs.contains_key(conversation));
        let none = BTreeMap::new();
        let numbers = numbers.get(conversation).unwrap_or(&none);
        for (epoch, log) in logs {
            offsets(judge, *conversation, epoch, log);
            // A log that the audit did not read at all was not asked for; one of an older epoch was declared lost.
            if audited && log.audited {
                committed(judge, log);
            }
            order(judge, index, *conversation, log, numbers);
        }
    }
    once(judge, index);
    snapshots(judge, index);
}

/// Offsets start at 1 and grow by 1; the same offset is the same fact for all.
fn offsets(judge: &mut Judge<'_>, conversation: ConversationId, epoch: &str, log: &Log) {
    let mut before: Option<(u64, &Entry)> = None;
    for (offset, entry) in &log.entries {
        let due = before.map_or(1, |(offset, _)| offset + 1);
        // Without an audit, no reader may have asked for this part; a hole on a connection is judged there.
        let judged = log.audited;
        let proof: Vec<_> = [before.and_then(|(_, e)| e.seen), entry.seen].into_iter().flatten().map(|s| s.0).collect();
        judge.require(Rule::I7, !judged || *offset == due, &proof, || {
            format!("the log of {conversation} (epoch {epoch}) has {offset} where {due} was due: nobody ever saw {due}")
        });
        before = Some((*offset, entry));
    }
    for (offset, r) in &log.conflicts {
        let first = log.entries.get(offset).and_then(|e| e.seen).map(|s| s.0);
        let proof: Vec<_> = first.into_iter().chain([*r]).collect();
        judge.violate(Rule::I7, &proof, || {
            format!("offset {offset} of {conversation} is one fact here and another there")
        });
    }
}

/// Everything that was told is in the log as it was read at the end.
fn committed(judge: &mut Judge<'_>, log: &Log) {
    for (offset, entry) in &log.entries {
        let Some((r, _)) = entry.seen else { continue };
        judge.require(Rule::I11, entry.audited, &[r], || {
            format!("event {offset} ({} of {}) was told and is not in the log", entry.kind, entry.id)
        });
    }
}

/// Who has which number in each conversation; no number twice.
fn numbers(judge: &mut Judge<'_>, index: &Index<'_>) -> QuickMap<ConversationId, BTreeMap<u64, (MessageId, Ref)>> {
    let mut all: QuickMap<ConversationId, BTreeMap<u64, (MessageId, Ref)>> = QuickMap::default();
    for ((_, id), message) in &index.messages {
        for (r, _, _, accepted) in &message.accepts {
            let known = all.entry(accepted.conversation).or_default().entry(accepted.sequence).or_insert((*id, *r));
            let proof = [known.1, *r];
            judge.require(Rule::I9, known.0 == *id, &proof, || {
                format!("{} and {id} both have number {} of {}", known.0, accepted.sequence, accepted.conversation)
            });
        }
    }
    all
}

/// Acceptances and ends stand in the log in the order of the numbers; numbers have no gap.
fn order(
    judge: &mut Judge<'_>,
    index: &Index<'_>,
    conversation: ConversationId,
    log: &Log,
    numbers: &BTreeMap<u64, (MessageId, Ref)>,
) {
    let by_id: QuickMap<MessageId, (u64, Ref)> = numbers.iter().map(|(n, (id, r))| (*id, (*n, *r))).collect();
    let mut highest: [Option<(u64, Ref)>; 2] = [None, None];
    let mut unknown = false;
    for entry in log.entries.values() {
        let (rule, which, what) = match entry.kind {
            EventKind::Accepted => (Rule::I9, 0, "accepted"),
            EventKind::Completed | EventKind::Failed => (Rule::I10, 1, "ended"),
            // A waiting message may be cancelled at any time.
            EventKind::Cancelled | EventKind::Note => continue,
        };
        let Some((number, accepted)) = by_id.get(&entry.id).copied() else {
            unknown = true;
            continue;
        };
        let r = entry.seen.map_or(accepted, |s| s.0);
        if let Some((before, before_ref)) = highest[which] {
            // The same number again is judged as a second acceptance or end, not as disorder.
            judge.require(rule, number >= before, &[before_ref, r], || {
                format!("number {number} of {conversation} {what} after number {before}")
            });
        }
        if highest[which].is_none_or(|(before, _)| number > before) {
            highest[which] = Some((number, r));
        }
    }
    if log.audited && !unknown && !foreign(index, conversation, log) {
        gaps(judge, conversation, numbers);
    }
}

/// Whether the log speaks of messages that no client here sent.
fn foreign(index: &Index<'_>, conversation: ConversationId, log: &Log) -> bool {
    let Some(owner) = index.owners.get(&conversation) else { return true };
    log.entries.values().any(|entry| !index.messages.contains_key(&(*owner, entry.id)))
}

fn gaps(judge: &mut Judge<'_>, conversation: ConversationId, numbers: &BTreeMap<u64, (MessageId, Ref)>) {
    let mut due = 1;
    for (number, (_, r)) in numbers {
        judge.require(Rule::I9, *number == due, &[*r], || {
            format!("number {number} of {conversation} where {due} was due: nothing was ever given {due}")
        });
        due = number + 1;
    }
}

/// A message is accepted once and ended once.
fn once(judge: &mut Judge<'_>, index: &Index<'_>) {
    for ((_, id), message) in &index.messages {
        for (what, terminal) in [("accepted", false), ("ended", true)] {
            let same = |kind| if terminal { is_terminal(kind) } else { kind == EventKind::Accepted };
            let all: Vec<_> = message.facts.iter().filter(|fact| same(fact.kind)).collect();
            if all.is_empty() {
                continue;
            }
            let proof: Vec<_> = all.iter().filter_map(|f| f.seen).map(|s| s.0).collect();
            judge.require(Rule::I3, all.len() == 1, &proof, || {
                let offsets: Vec<_> = all.iter().map(|f| f.offset).collect();
                format!("message {id} is {what} {} times in the log, at offsets {offsets:?}", all.len())
            });
        }
    }
}

/// A snapshot says what the log says up to its offset.
fn snapshots(judge: &mut Judge<'_>, index: &Index<'_>) {
    for (c, r, record) in judge.history.records() {
        let What::Snapshot(snapshot) = &record.what else { continue };
        let r = Ref { client: c as u32, record: r as u32 };
        let Some(log) = index.find_log(snapshot.conversation, &snapshot.epoch) else { continue };
        if let Some(fault) = fold_differs(index, index.users[c], snapshot, log) {
            judge.violate(Rule::I14, &[r], || fault);
        }
    }
}

fn fold_differs(index: &Index<'_>, user: User, snapshot: &SnapshotSeen, log: &Log) -> Option<String> {
    // Only a log that is known from 1 to the offset can be folded.
    let known = log.entries.range(1..=snapshot.offset).count() as u64 == snapshot.offset;
    if !known {
        return (log.audited).then(|| format!("a snapshot as of {}, which is beyond the log", snapshot.offset));
    }
    let mut state: BTreeMap<MessageId, Option<EventKind>> = BTreeMap::new();
    for entry in log.entries.range(1..=snapshot.offset).map(|(_, entry)| entry) {
        let end = state.entry(entry.id).or_default();
        *end = end.or(is_terminal(entry.kind).then_some(entry.kind));
    }
    for (id, status) in &snapshot.messages {
        let told = state.get(id);
        let agrees = match told {
            None => false,
            Some(None) => !status.is_terminal(),
            Some(Some(EventKind::Completed)) => *status == Status::Completed,
            Some(Some(EventKind::Failed)) => *status == Status::Failed,
            Some(Some(_)) => *status == Status::Cancelled,
        };
        if !agrees {
            let folded = told.map_or_else(|| "unknown".into(), |e| e.map_or("not ended".into(), |k| k.to_string()));
            return Some(format!(
                "the snapshot as of {} says {status} of {id}; the log up to there says {folded}",
                snapshot.offset
            ));
        }
    }
    let shown = snapshot.messages.len();
    let missing = state.keys().filter(|id| index.messages.contains_key(&(user, **id))).count().saturating_sub(shown);
    let may_be_cut = shown >= limits::SNAPSHOT_MAX_MESSAGES as usize;
    (missing > 0 && !may_be_cut).then(|| format!("the snapshot as of {} lacks {missing} messages", snapshot.offset))
}
