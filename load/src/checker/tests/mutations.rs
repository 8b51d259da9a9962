//! Ways in which a valid history is damaged, each with the rule that must say so.

use shared::message::Status as S;
use shared::problem::Code;
use shared::protocol::EventKind;

use super::super::Rule;
use crate::history::*;
use crate::rng::Rng;

/// Damages a history at a random place; `None` if it has no place for this.
type Damage = fn(&mut History, &mut Rng) -> Option<()>;

/// A damage by name, and the rule that must be broken by it.
pub(super) const ALL: &[(&str, Rule, Damage)] = &[
    ("an event goes missing at one reader", Rule::I13, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| live_event(h, c, r) && seen_twice(h, c, r))?;
        h.clients[c].records.remove(r);
        Some(())
    }),
    ("an event comes twice at one reader", Rule::I13, |h, rng| {
        let (c, r) = pick(h, rng, live_event)?;
        let copy = h.clients[c].records[r].clone();
        h.clients[c].records.insert(r + 1, copy);
        Some(())
    }),
    ("two events change places at one reader", Rule::I13, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| live_event(h, c, r) && next_same(h, c, r).is_some())?;
        let other = next_same(h, c, r)?;
        let (a, b) = (h.clients[c].records[r].what.clone(), h.clients[c].records[other].what.clone());
        (h.clients[c].records[r].what, h.clients[c].records[other].what) = (b, a);
        Some(())
    }),
    ("a fact differs between readers", Rule::I7, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| live_event(h, c, r) && seen_twice(h, c, r))?;
        event(h, c, r)?.hash ^= 1;
        Some(())
    }),
    ("the log skips a number for everybody", Rule::I7, |h, rng| {
        let (conversation, from) = some_offset(h, rng)?;
        for_events(h, |e| {
            if e.conversation == conversation && e.offset >= from {
                e.offset += 1;
            }
        });
        shift_positions(h, conversation, from);
        for event in h.logs.as_mut()?.get_mut(&conversation)?.iter_mut().filter(|e| e.offset >= from) {
            event.offset += 1;
        }
        Some(())
    }),
    ("an event was never in the log", Rule::I11, |h, rng| {
        let (c, r) = pick(h, rng, live_event)?;
        let seen = event(h, c, r)?.clone();
        let log = h.logs.as_mut()?.get_mut(&seen.conversation)?;
        let last = log.last()?.offset;
        (seen.offset == last).then(|| log.pop())?;
        Some(())
    }),
    ("an accepted message vanishes", Rule::I1, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| newly_accepted(h, c, r) && h.acts.is_empty())?;
        vanish(h, c, r)
    }),
    ("an accepted message does not survive a kill", Rule::I2, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| {
            newly_accepted(h, c, r) && h.killed_between(h.clients[c].records[r].at, Micros::MAX)
        })?;
        vanish(h, c, r)
    }),
    ("a message ends twice", Rule::I3, |h, rng| {
        let (conversation, id) = an_ended(h, rng)?;
        let log = h.logs.as_mut()?.get_mut(&conversation)?;
        let mut again = log.iter().find(|e| e.id == id && is_terminal(e.kind))?.clone();
        again.offset = log.last()?.offset + 1;
        log.push(again);
        Some(())
    }),
    ("a message is accepted twice", Rule::I3, |h, rng| {
        let (conversation, id) = an_ended(h, rng)?;
        let log = h.logs.as_mut()?.get_mut(&conversation)?;
        let mut again = log.iter().find(|e| e.id == id && e.kind == EventKind::Accepted)?.clone();
        again.offset = log.last()?.offset + 1;
        log.push(again);
        Some(())
    }),
    ("a duplicate gets another number", Rule::I4, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| matches!(&h.clients[c].records[r].what, What::Accepted(a) if a.duplicate))?;
        accepted(h, c, r)?.sequence += 1;
        Some(())
    }),
    ("a duplicate is accepted as new", Rule::I4, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| {
            h.acts.is_empty() && matches!(&h.clients[c].records[r].what, What::Accepted(a) if a.duplicate)
        })?;
        accepted(h, c, r)?.duplicate = false;
        Some(())
    }),
    ("another body is accepted", Rule::I5, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| refused(h, c, r, Code::Reused))?;
        let What::Error(error) = &h.clients[c].records[r].what else { return None };
        let id = error.id?;
        let mut known = h.records().find_map(|(_, _, record)| match &record.what {
            What::Accepted(a) if a.id == id => Some(a.clone()),
            _ => None,
        })?;
        known.duplicate = true;
        h.clients[c].records[r].what = What::Accepted(known);
        Some(())
    }),
    ("an old id is accepted", Rule::I6, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| refused(h, c, r, Code::Old))?;
        let What::Error(error) = &h.clients[c].records[r].what else { return None };
        let (id, status) = (error.id?, shared::message::Status::Queued);
        let sent = h.records().find_map(|(_, _, record)| match &record.what {
            What::Send(s) if s.id == id => s.conversation,
            _ => None,
        });
        let what = AcceptedSeen { id, conversation: sent?, sequence: 999_999, status, duplicate: false };
        h.clients[c].records[r].what = What::Accepted(what);
        Some(())
    }),
    ("the epoch changes without a word", Rule::I8, |h, rng| {
        let (c, r) = pick(h, rng, live_event)?;
        event(h, c, r)?.epoch = "e2".into();
        Some(())
    }),
    ("numbers do not follow the sender", Rule::I9, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| newly_accepted(h, c, r) && later_accepted(h, c, r).is_some())?;
        let other = later_accepted(h, c, r)?;
        let (a, b) = (accepted(h, c, r)?.clone(), accepted(h, c, other)?.clone());
        for client in &mut h.clients {
            for record in &mut client.records {
                if let What::Accepted(seen) = &mut record.what {
                    if seen.id == a.id {
                        seen.sequence = b.sequence;
                    } else if seen.id == b.id {
                        seen.sequence = a.sequence;
                    }
                }
            }
        }
        Some(())
    }),
    ("two messages end in the wrong order", Rule::I10, |h, rng| {
        let (_, log) = h.logs.as_ref()?.iter().nth(rng.below(h.logs.as_ref()?.len() as u64) as usize)?;
        let ran = |kind| matches!(kind, EventKind::Completed | EventKind::Failed);
        let ends: Vec<_> = log.iter().filter(|e| ran(e.kind)).cloned().collect();
        let (a, b) = (ends.first()?.clone(), ends.get(1)?.clone());
        let swap = |id: &mut uuid::Uuid, offset, conversation| {
            if conversation == a.conversation && offset == a.offset {
                *id = b.id;
            } else if conversation == b.conversation && offset == b.offset {
                *id = a.id;
            }
        };
        for_events(h, |e| swap(&mut e.id, e.offset, e.conversation));
        for event in h.logs.as_mut()?.values_mut().flatten() {
            swap(&mut event.id, event.offset, event.conversation);
        }
        Some(())
    }),
    ("two messages are at work in turns", Rule::I10, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| {
            matches!(&h.clients[c].records[r].what, What::Progress(p) if p.step == 2) && live_progress(h, c, r)
        })?;
        let What::Progress(at_work) = h.clients[c].records[r].what.clone() else { return None };
        let conversation = conversation_of(h, at_work.id)?;
        let other = h.records().find_map(|(_, _, record)| match &record.what {
            What::Accepted(a) if a.conversation == conversation && a.id != at_work.id => Some(a.id),
            _ => None,
        })?;
        let between = Record {
            what: What::Progress(ProgressSeen { id: other, attempt: 900, step: 1, ..at_work }),
            ..h.clients[c].records[r]
        };
        h.clients[c].records.insert(r, between);
        Some(())
    }),
    ("progress skips a step without a word", Rule::I12, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| {
            matches!(&h.clients[c].records[r].what, What::Progress(p) if p.step == 2) && live_progress(h, c, r)
        })?;
        h.clients[c].records.remove(r);
        Some(())
    }),
    ("progress falls", Rule::I12, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| {
            matches!(&h.clients[c].records[r].what, What::Progress(p) if p.step == 3) && live_progress(h, c, r)
        })?;
        progress(h, c, r)?.percent = 1;
        Some(())
    }),
    ("progress comes after the end", Rule::I12, |h, rng| {
        let (c, r) =
            pick(h, rng, |h, c, r| matches!(&h.clients[c].records[r].what, What::Event(e) if is_terminal(e.kind)))?;
        let id = event(h, c, r)?.id;
        let late = ProgressSeen { id, attempt: 900, step: 1, skipped: 0, percent: 99, bytes: 90 };
        let record = Record { what: What::Progress(late), ..h.clients[c].records[r] };
        h.clients[c].records.insert(r + 1, record);
        Some(())
    }),
    ("a snapshot that is due does not come", Rule::I14, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| {
            matches!(&h.clients[c].records[r].what, What::Snapshot(_)) && last_connection(h, c, r)
        })?;
        h.clients[c].records.remove(r);
        Some(())
    }),
    ("a snapshot lies", Rule::I14, |h, rng| {
        let (c, r) = pick(
            h,
            rng,
            |h, c, r| matches!(&h.clients[c].records[r].what, What::Snapshot(s) if !s.messages.is_empty()),
        )?;
        let What::Snapshot(snapshot) = &mut h.clients[c].records[r].what else { return None };
        let status = &mut snapshot.messages[0].1;
        *status = if *status == S::Completed { S::Queued } else { S::Completed };
        Some(())
    }),
    ("a progress frame is too large", Rule::I15, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| matches!(&h.clients[c].records[r].what, What::Progress(_)))?;
        progress(h, c, r)?.bytes = 2_000;
        Some(())
    }),
    ("too much is kept for a stopped reader", Rule::I16, |h, _| {
        h.evidence.stopped_reader = Some(StoppedReader { offered_bytes: 9_000, kept_bytes: 9_000, cap_bytes: 100 });
        Some(())
    }),
    ("a refusal has no time to come back", Rule::I17, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| refused(h, c, r, Code::Busy))?;
        let What::Error(error) = &mut h.clients[c].records[r].what else { return None };
        error.retry_after_ms = None;
        Some(())
    }),
    ("a send is dropped without a word", Rule::I17, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| refused(h, c, r, Code::Busy) && last_connection(h, c, r))?;
        h.clients[c].records.remove(r);
        Some(())
    }),
    ("a message never ends", Rule::I19, |h, rng| {
        let (conversation, id) = an_ended(h, rng)?;
        let told = |record: &Record| matches!(&record.what, What::Snapshot(s) if s.messages.iter().any(|(m, status)| *m == id && status.is_terminal()));
        (!h.records().any(|(_, _, record)| told(record))).then_some(())?;
        let log = h.logs.as_mut()?.get_mut(&conversation)?;
        // Only the last fact can go without leaving a hole.
        let last = log.last()?.clone();
        (last.id == id && is_terminal(last.kind)).then(|| log.pop())?;
        h.clients.iter_mut().for_each(|client| {
            client.records.retain(
                |r| !matches!(&r.what, What::Event(e) if e.conversation == conversation && e.offset == last.offset),
            );
        });
        Some(())
    }),
    ("frames come after the session's end", Rule::I20, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| matches!(&h.clients[c].records[r].what, What::Event(_)))?;
        let (connection, at) = (h.clients[c].records[r].connection, h.clients[c].records[r].at);
        let ended = h.unix_ms_at_zero + at / 1_000 - 10_000;
        for record in h.clients[c].records.iter_mut().filter(|record| record.connection == connection) {
            if let What::Welcome(welcome) = &mut record.what {
                welcome.expires_ms = Some(ended);
            }
        }
        Some(())
    }),
    ("a message is cancelled that nobody cancelled", Rule::I22, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| matches!(&h.clients[c].records[r].what, What::Cancel(_)))?;
        let What::Cancel(id) = h.clients[c].records[r].what else { return None };
        for client in &mut h.clients {
            client.records.retain(|record| record.what != What::Cancel(id));
        }
        Some(())
    }),
    ("the counters lie", Rule::I23, |h, _| {
        h.evidence.counters = Some(Counters { completed: 1e6, ..Counters::default() });
        Some(())
    }),
    ("a drain closes a socket with something else", Rule::I24, |h, _| {
        let at = h.quiet_at?;
        h.acts.push(Act { at, kind: ActKind::Terminate });
        let last = h.clients[0].records.last_mut()?;
        last.what = What::Closed(Closed::ByServer { code: Some(1006) });
        Some(())
    }),
    ("a stranger sees an event", Rule::Privacy, |h, rng| {
        let (c, r) = pick(h, rng, live_event)?;
        let (seen, other) = (h.clients[c].records[r].what.clone(), (c + 2) % 4);
        let place = h.clients[other].records.iter().rposition(|r| matches!(r.what, What::Welcome(_)))?;
        let record = Record { what: seen, ..h.clients[other].records[place] };
        h.clients[other].records.insert(place + 1, record);
        Some(())
    }),
    ("a frame comes before welcome", Rule::Protocol, |h, rng| {
        let (c, r) = pick(h, rng, |h, c, r| matches!(&h.clients[c].records[r].what, What::Welcome(_)))?;
        let early = Record { what: What::Flow(10), ..h.clients[c].records[r] };
        h.clients[c].records.insert(r, early);
        Some(())
    }),
];

/// A random record for which `fit` is true.
fn pick(h: &History, rng: &mut Rng, fit: impl Fn(&History, usize, usize) -> bool) -> Option<(usize, usize)> {
    let all: Vec<_> = h.records().map(|(c, r, _)| (c, r)).filter(|(c, r)| fit(h, *c, *r)).collect();
    (!all.is_empty()).then(|| all[rng.below(all.len() as u64) as usize])
}

fn event(h: &mut History, c: usize, r: usize) -> Option<&mut EventSeen> {
    if let What::Event(event) = &mut h.clients[c].records[r].what { Some(event) } else { None }
}

fn accepted(h: &mut History, c: usize, r: usize) -> Option<&mut AcceptedSeen> {
    if let What::Accepted(accepted) = &mut h.clients[c].records[r].what { Some(accepted) } else { None }
}

fn progress(h: &mut History, c: usize, r: usize) -> Option<&mut ProgressSeen> {
    if let What::Progress(progress) = &mut h.clients[c].records[r].what { Some(progress) } else { None }
}

fn for_events(h: &mut History, mut change: impl FnMut(&mut EventSeen)) {
    for record in h.clients.iter_mut().flat_map(|c| &mut c.records) {
        if let What::Event(event) = &mut record.what {
            change(event);
        }
    }
}

/// An event that follows another of its conversation on the same connection and is followed by one.
fn live_event(h: &History, c: usize, r: usize) -> bool {
    let records = &h.clients[c].records;
    let What::Event(event) = &records[r].what else { return false };
    let same = |record: &Record| {
        record.connection == records[r].connection
            && matches!(&record.what, What::Event(e) if e.conversation == event.conversation)
    };
    records[..r].iter().any(same) && records[r + 1..].iter().any(same)
        || records[..r].iter().any(same) && last_connection(h, c, r)
}

fn next_same(h: &History, c: usize, r: usize) -> Option<usize> {
    let records = &h.clients[c].records;
    let What::Event(event) = &records[r].what else { return None };
    (r + 1..records.len()).find(|i| {
        records[*i].connection == records[r].connection
            && matches!(&records[*i].what, What::Event(e) if e.conversation == event.conversation)
    })
}

/// Whether another client saw the same event.
fn seen_twice(h: &History, c: usize, r: usize) -> bool {
    let What::Event(event) = &h.clients[c].records[r].what else { return false };
    h.records().any(|(other, _, record)| {
        other != c && matches!(&record.what, What::Event(e) if (e.conversation, e.offset) == (event.conversation, event.offset))
    })
}

/// Whether a step of the same attempt came before and after on this connection.
fn live_progress(h: &History, c: usize, r: usize) -> bool {
    let records = &h.clients[c].records;
    let What::Progress(progress) = &records[r].what else { return false };
    let same = |record: &Record, step| {
        record.connection == records[r].connection
            && matches!(&record.what, What::Progress(p) if (p.id, p.attempt, p.step) == (progress.id, progress.attempt, step))
    };
    let before = records[..r].iter().any(|record| same(record, progress.step - 1));
    before && (progress.step == 3 || records[r..].iter().any(|record| same(record, progress.step + 1)))
}

fn last_connection(h: &History, c: usize, r: usize) -> bool {
    let records = &h.clients[c].records;
    records.last().is_some_and(|last| last.connection == records[r].connection)
}

fn newly_accepted(h: &History, c: usize, r: usize) -> bool {
    matches!(&h.clients[c].records[r].what, What::Accepted(a) if !a.duplicate)
}

fn later_accepted(h: &History, c: usize, r: usize) -> Option<usize> {
    let records = &h.clients[c].records;
    let What::Accepted(first) = &records[r].what else { return None };
    (r + 1..records.len()).find(
        |i| matches!(&records[*i].what, What::Accepted(a) if a.conversation == first.conversation && !a.duplicate),
    )
}

fn refused(h: &History, c: usize, r: usize, code: Code) -> bool {
    matches!(&h.clients[c].records[r].what, What::Error(e) if e.code == code)
}

fn conversation_of(h: &History, id: uuid::Uuid) -> Option<uuid::Uuid> {
    h.records().find_map(|(_, _, record)| match &record.what {
        What::Accepted(a) if a.id == id => Some(a.conversation),
        _ => None,
    })
}

fn some_offset(h: &History, rng: &mut Rng) -> Option<(uuid::Uuid, u64)> {
    let logs = h.logs.as_ref()?;
    let (conversation, log) = logs.iter().nth(rng.below(logs.len() as u64) as usize)?;
    (log.len() > 2).then(|| (*conversation, 2 + rng.below(log.len() as u64 - 1)))
}

/// Positions and heads that were told move with the log.
fn shift_positions(h: &mut History, conversation: uuid::Uuid, from: u64) {
    for record in h.clients.iter_mut().flat_map(|c| &mut c.records) {
        match &mut record.what {
            What::Hello(positions) => {
                for p in positions.iter_mut().filter(|p| p.conversation == conversation && p.offset >= from) {
                    p.offset += 1;
                }
            }
            What::Welcome(welcome) => {
                for r in welcome.resumed.iter_mut().filter(|r| r.conversation == conversation) {
                    r.from += u64::from(r.from > from);
                    r.head += u64::from(r.head >= from);
                }
            }
            What::Snapshot(s) if s.conversation == conversation => s.offset += u64::from(s.offset >= from),
            _ => {}
        }
    }
}

/// A message that has come to an end.
fn an_ended(h: &History, rng: &mut Rng) -> Option<(uuid::Uuid, uuid::Uuid)> {
    let all: Vec<_> = h.logs.as_ref()?.values().flatten().filter(|e| is_terminal(e.kind)).collect();
    (!all.is_empty()).then(|| all[rng.below(all.len() as u64) as usize]).map(|e| (e.conversation, e.id))
}

/// Removes every trace of an accepted message but its acceptance, as if the log had never had it.
fn vanish(h: &mut History, c: usize, r: usize) -> Option<()> {
    let seen = accepted(h, c, r)?.clone();
    let log = h.logs.as_ref()?.get(&seen.conversation)?;
    // Only from the end of the log, so that no hole is left to judge.
    let first = log.iter().position(|e| e.id == seen.id)?;
    log[first..].iter().all(|e| e.id == seen.id).then_some(())?;
    let from = log[first].offset;
    h.logs.as_mut()?.get_mut(&seen.conversation)?.truncate(first);
    for client in &mut h.clients {
        client.records.retain(|record| match &record.what {
            What::Event(e) => e.conversation != seen.conversation || e.offset < from,
            What::Progress(p) => p.id != seen.id,
            _ => true,
        });
        for record in &mut client.records {
            match &mut record.what {
                What::Snapshot(s) if s.conversation == seen.conversation => {
                    s.offset = s.offset.min(from - 1);
                    s.messages.retain(|(id, _)| *id != seen.id);
                }
                What::Welcome(w) => {
                    for resumed in w.resumed.iter_mut().filter(|r| r.conversation == seen.conversation) {
                        resumed.head = resumed.head.min(from - 1);
                    }
                }
                _ => {}
            }
        }
    }
    Some(())
}
