//! Judges the order between conversations (I18): the urgent are started first and refused last.

use shared::message::Priority;
use shared::problem::Code;
use shared::protocol::EventKind;

use super::index::{Index, Message, Ref};
use super::{Judge, Rule};
use crate::history::Micros;
use crate::quick::QuickMap;

/// Refusals of a priority say something only from this many sends on.
const SENDS_MIN: u64 = 20;

pub(super) fn check(judge: &mut Judge<'_>, index: &Index<'_>) {
    refusals(judge, index);
    if let Some(most) = judge.history.evidence.overtakes_max {
        overtakes(judge, index, most);
    }
}

/// The share of refused sends must not grow with urgency.
fn refusals(judge: &mut Judge<'_>, index: &Index<'_>) {
    let mut counts: [(u64, u64, Option<Ref>); 3] = [(0, 0, None); 3];
    // Only clients that sent all kinds in turn say something: others may have met another load.
    let mut kinds: QuickMap<u32, [bool; 3]> = QuickMap::default();
    for (r, _, _, sent) in index.messages.values().filter_map(|message| message.sends.first()) {
        kinds.entry(r.client).or_default()[place(sent.priority)] = true;
    }
    for message in index.messages.values() {
        let Some((r, _, _, sent)) = message.sends.first() else { continue };
        if kinds.get(&r.client) != Some(&[true; 3]) {
            continue;
        }
        let busy = message.errors.iter().find(|(_, _, _, error)| error.code == Code::Busy);
        let count = &mut counts[place(sent.priority)];
        count.0 += 1;
        count.1 += u64::from(busy.is_some());
        count.2 = count.2.or(busy.map(|(r, ..)| *r));
    }
    for (less, more) in [(0, 1), (1, 2), (0, 2)] {
        let ((sent_less, busy_less, _), (sent_more, busy_more, proof)) = (counts[less], counts[more]);
        if sent_less < SENDS_MIN || sent_more < SENDS_MIN || busy_less + busy_more == 0 {
            continue;
        }
        let (share_less, share_more) = (busy_less as f64 / sent_less as f64, busy_more as f64 / sent_more as f64);
        let proof: Vec<_> = proof.into_iter().collect();
        // Two standard errors of the difference: the moments of sending are a sample.
        let all = (busy_less + busy_more) as f64 / (sent_less + sent_more) as f64;
        let error = (all * (1.0 - all) * (1.0 / sent_less as f64 + 1.0 / sent_more as f64)).sqrt();
        judge.require(Rule::I18, share_more <= share_less + 2.0 * error, &proof, || {
            format!(
                "{busy_more} of {sent_more} {} messages were refused as busy, but {busy_less} of {sent_less} {}",
                Priority::ALL[more],
                Priority::ALL[less]
            )
        });
    }
}

fn place(priority: Priority) -> usize {
    Priority::ALL.iter().position(|p| *p == priority).unwrap_or(0)
}

/// A message at the head of its conversation, ready to start.
struct Ready {
    priority: Priority,
    since: Micros,
    started: Micros,
    proof: [Ref; 2],
}

/// How many less urgent messages started while a more urgent one was ready.
fn overtakes(judge: &mut Judge<'_>, index: &Index<'_>, most: usize) {
    let mut all: Vec<Ready> = index.messages.values().filter_map(|message| ready(index, message)).collect();
    all.sort_by_key(|ready| ready.started);
    for (place, urgent) in all.iter().enumerate().filter(|(_, ready)| ready.priority > Priority::Low) {
        let overtaken: Vec<_> = all[..place]
            .iter()
            .rev()
            .take_while(|other| other.started > urgent.since)
            .filter(|other| other.priority < urgent.priority)
            .collect();
        let mut proof = urgent.proof.to_vec();
        proof.extend(overtaken.iter().take(3).map(|other| other.proof[1]));
        judge.require(Rule::I18, overtaken.len() <= most, &proof, || {
            let ms = (urgent.started - urgent.since) / 1_000;
            let n = overtaken.len();
            format!("a {} message was ready for {ms} ms while {n} less urgent ones were started", urgent.priority)
        });
    }
}

/// When a message was at the head of its conversation, and when it was first seen at work.
fn ready(index: &Index<'_>, message: &Message<'_>) -> Option<Ready> {
    let (_, _, _, sent) = message.sends.first()?;
    let (accepted, at, _, seen) = message.accepts.first()?;
    let (start, started) = message.started?;
    // Its turn comes when the last end before it in the log was told.
    let offset = message.facts.iter().find(|f| f.kind == EventKind::Accepted).map_or(0, |f| f.offset);
    let end = message.ends().map(|f| f.offset).min().unwrap_or(u64::MAX);
    let logs = index.logs.get(&seen.conversation)?;
    let before = logs.iter().flat_map(|(_, log)| log.entries.range(..end.max(offset)));
    let turn = before.filter(|(_, e)| crate::history::is_terminal(e.kind)).filter_map(|(_, e)| e.seen).map(|s| s.1);
    let since = turn.max().unwrap_or(0).max(*at);
    (since <= started).then_some(Ready { priority: sent.priority, since, started, proof: [*accepted, start] })
}
