//! A valid history passes; each way of damaging one is found, under the rule that is meant for it.

mod model;
mod mutations;

use proptest::prelude::*;

use super::{Rule, Standing, check};
use crate::history::{AcceptedSeen, ClientHistory, Closed, ErrorSeen, History, Record, Sent, WelcomeSeen, What};
use crate::rng::Rng;
use model::Model;
use shared::message::Status;
use shared::problem::Code;

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_valid_history_passes(seed: u64, steps in 20_u64..400) {
        let verdict = check(&Model::history(seed, steps));
        prop_assert!(verdict.holds(), "{verdict}");
    }

    /// Broken off at any moment, with nothing awaited, a valid history is still valid.
    #[test]
    fn a_valid_history_passes_wherever_it_is_broken_off(seed: u64, at in 0.0..1.0) {
        let mut history = Model::history(seed, 200);
        let end = history.quiet_at.unwrap();
        history.quiet_at = None;
        history.logs = None;
        let end = (end as f64 * at) as u64;
        for client in &mut history.clients {
            client.records.retain(|record| record.at <= end);
        }
        history.acts.retain(|act| act.at <= end);
        let verdict = check(&history);
        prop_assert!(verdict.holds(), "{verdict}");
    }
}

/// Every damage is found under its rule, in many histories; none of them goes untried.
#[test]
fn each_damage_breaks_its_rule() {
    for (place, (name, rule, damage)) in mutations::ALL.iter().enumerate() {
        let mut tried = 0;
        for seed in 0..400 {
            let mut history = Model::history(seed * 31 + place as u64, 60 + seed % 200);
            if damage(&mut history, &mut Rng::new(seed)).is_none() {
                continue;
            }
            tried += 1;
            let verdict = check(&history);
            assert!(verdict.broken().contains(rule), "{name}, seed {seed}: {rule} holds;\n{verdict}");
            if tried == 12 {
                break;
            }
        }
        assert!(tried >= 3, "{name} found a place in {tried} histories only");
    }
}

/// A checker that passes because it saw nothing would prove nothing.
#[test]
fn the_model_puts_the_rules_to_the_test() {
    let mut seen = [0_u64; Rule::ALL.len()];
    for seed in 0..20 {
        for rule in check(&Model::history(seed, 300)).rules {
            seen[rule.rule as usize] += rule.observed;
        }
    }
    for rule in Rule::ALL {
        let beside_the_frames = matches!(rule, Rule::I16 | Rule::I18 | Rule::I21 | Rule::I23 | Rule::I24);
        assert_eq!(seen[*rule as usize] == 0, beside_the_frames, "{rule}");
    }
}

#[test]
fn nothing_is_judged_over_nothing() {
    let verdict = check(&History::default());
    assert!(verdict.holds());
    assert!(verdict.rules.iter().all(|rule| matches!(rule.standing, Standing::Untested(_))));
}

/// A message is numbered, its acceptance is lost with the connection, its copy is refused for now behind a later message,
/// and the next copy is answered with the old number: in order. Without the refusal, the same answers are not.
#[test]
fn a_refused_copy_of_a_numbered_message_is_no_disorder() {
    let mut rng = Rng::new(1);
    let (a, b, conversation) = (rng.uuid(), rng.uuid(), rng.uuid());
    let send = |id| {
        let (conversation, priority) = (Some(conversation), shared::message::Priority::Normal);
        What::Send(Sent { intended: 0, id, conversation, body: 1, priority })
    };
    let accepted = |id, sequence, duplicate| {
        What::Accepted(AcceptedSeen { id, conversation, sequence, status: Status::Queued, duplicate })
    };
    let busy = What::Error(Box::new(ErrorSeen {
        code: Code::Busy,
        retryable: true,
        retry_after_ms: Some(1),
        id: Some(a),
        detail: "".into(),
    }));
    let disordered = |course: Vec<(u32, What)>| {
        let records = course.into_iter().zip(1..).map(|((connection, what), at)| Record { at, connection, what });
        let client = ClientHistory { records: records.collect(), ..ClientHistory::default() };
        check(&History { clients: vec![client], ..History::default() }).broken().contains(&Rule::I9)
    };
    let refused = vec![
        (0, send(a)),
        (1, send(b)),
        (1, send(a)),
        (1, busy),
        (1, accepted(b, 2, false)),
        (1, send(a)),
        (1, accepted(a, 1, true)),
    ];
    assert!(!disordered(refused));
    // The refusal itself was lost with the connection.
    let unheard = |duplicate| {
        vec![
            (0, send(a)),
            (0, send(b)),
            (1, send(a)),
            (1, send(b)),
            (1, accepted(a, 2, duplicate)),
            (1, accepted(b, 1, true)),
        ]
    };
    assert!(!disordered(unheard(false)));
    // Of several copies, the answer to a later one may come first, and the one to the first be lost.
    assert!(!disordered(unheard(true)));
    let swapped = vec![(0, send(a)), (0, send(b)), (0, accepted(a, 2, false)), (0, accepted(b, 1, false))];
    assert!(disordered(swapped));
}

/// What a faulty line swallowed is nobody's omission, and what it brings late may have been said long before.
#[test]
fn a_closed_connection_of_a_faulty_line_owes_no_answer() {
    let id = Rng::new(2).uuid();
    let omitted = |faulty_line, end: Option<Closed>, sent_at, restless| {
        let sent = Sent { intended: 0, id, conversation: None, body: 1, priority: shared::message::Priority::Normal };
        let (user, expires_ms, resumed) = ("".into(), None, vec![]);
        let welcome =
            WelcomeSeen { user, expires_ms, now_ms: 0, heartbeat_ms: 20_000, in_flight: 9, rate_per_min: 0, resumed };
        let mut course = vec![
            (1, What::Hello(Box::default())),
            (2, What::Welcome(Box::new(welcome))),
            (sent_at, What::Send(sent)),
            (sent_at + 20_000_000, What::Flow(1)),
        ];
        course.extend(end.map(|end| (sent_at + 30_000_000, What::Closed(end))));
        let records = course.into_iter().map(|(at, what)| Record { at, connection: 0, what }).collect();
        let client = ClientHistory { faulty_line, records, ..ClientHistory::default() };
        let history = History { clients: vec![client], quiet_at: Some(60_000_000), restless, ..History::default() };
        check(&history).broken().contains(&Rule::I17)
    };
    for end in [Closed::ByClient, Closed::ByServer { code: Some(4_000) }] {
        assert!(!omitted(true, Some(end), 3, false), "{end:?}");
        assert!(omitted(false, Some(end), 3, false), "a good line loses nothing: {end:?}");
    }
    assert!(omitted(true, None, 3, true), "a line that is open at the end is calm");
    // Where everybody had come to rest, nothing can be on its way.
    assert!(omitted(true, None, 59_000_000, false));
    assert!(!omitted(true, None, 59_000_000, true));
}

#[test]
fn a_violation_carries_its_frames() {
    let (_, rule, damage) = mutations::ALL[0];
    let (mut history, mut rng) = (Model::history(5, 200), Rng::new(5));
    damage(&mut history, &mut rng).unwrap();
    let verdict = check(&history);
    let violation = verdict.violations.iter().find(|v| v.rule == rule).unwrap();
    assert!(violation.proof.iter().any(|p| p.frame["type"] == "event"), "{violation:?}");
    assert!(verdict.to_string().contains("missing"), "{verdict}");
}
