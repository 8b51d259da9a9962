//! Every scenario against the mock in simulated time: all pass while it behaves, and each misbehaviour is found by
//! exactly the scenarios that can see it, under its own rule.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use load::checker::{Rule, Standing};
use load::mock::Misbehaviour;
use load::scenario::Scenario;
use load::thresholds::MEASURES;
use support::{failures, play};

#[test]
fn a_mock_that_behaves_passes_every_scenario() {
    for scenario in Scenario::ALL {
        for seed in 1..=3 {
            let finding = play(*scenario, vec![], seed);
            let failures = failures(&finding);
            assert!(failures.is_empty(), "{} {seed}: {failures:?}\n{}", scenario.name(), finding.verdict);
            for measure in &finding.measures {
                assert!(MEASURES.contains(&measure.name), "{} can have no threshold", measure.name);
            }
        }
    }
}

/// Between them, the scenarios put every rule to the test that can be judged from outside.
#[test]
fn no_rule_goes_untested() {
    let findings: Vec<_> = Scenario::ALL.iter().map(|scenario| play(*scenario, vec![], 4)).collect();
    for rule in Rule::ALL {
        let tested =
            findings.iter().flat_map(|f| &f.verdict.rules).any(|r| r.rule == *rule && r.standing == Standing::Held);
        assert_eq!(tested, *rule != Rule::I21, "{rule}");
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    for scenario in [Scenario::Sequential, Scenario::Sync, Scenario::Chaos] {
        let [a, b, other] = [7, 7, 8].map(|seed| serde_json::to_string(&play(scenario, vec![], seed)).unwrap());
        assert_eq!(a, b, "{}", scenario.name());
        assert_ne!(a, other, "{}", scenario.name());
    }
}

/// Which scenarios fail for which misbehaviour, in the order of [`Scenario::ALL`]: sequential, idempotency, overflow,
/// state, stability, sync, benchmark, resume, chaos. `X`: it fails and the misbehaviour's own rule is among the broken
/// ones; `x`: it fails by a consequence; `.`: it passes, for it gives no occasion.
const MATRIX: &[(&str, &str)] = &[
    ("drop-event", "XXXXXXXXX"),
    ("duplicate-event", "XXXXXXXXX"),
    ("reorder-events", "XXXXXXXXX"),
    ("alter-event", "XXXXXXXXX"),
    ("uncommitted-event", "XXXXXXXXX"),
    ("offset-hole", "XXXXXXXXX"),
    ("silent-epoch", "XXXXXXXXX"),
    ("wrong-order", ".XXX.X.XX"),
    ("overlap", ".X.X.XXXX"),
    ("wrong-number", "XXXXXXXXX"),
    ("forget", "XxXXXXXXX"),
    ("ack-before-commit", "........X"),
    ("double-run", "XXXXXXXXX"),
    ("run-duplicates", ".X......X"),
    ("misnumber-duplicates", ".X......x"),
    ("accept-reused", ".X......."),
    ("accept-old", ".X......."),
    ("jump-progress", "XXXXXXXXX"),
    ("fall-progress", "XXXXXXXXX"),
    ("late-progress", "XXXXXXXXX"),
    ("huge-progress", "XXXXXXXXX"),
    ("resume-hole", "..X....XX"),
    ("resume-again", "..X....XX"),
    ("no-snapshot", ".......X."),
    ("false-snapshot", ".......X."),
    ("keep-for-stopped", "..X......"),
    ("silent-refusal", "..X......"),
    ("refuse-without-time", "..X......"),
    ("refuse-and-run", "..X......"),
    ("refuse-urgent", "..X......"),
    ("ignore-priority", "..X......"),
    ("stall", "XXXXXXXXX"),
    ("outlive-session", ".......X."),
    ("cancel-unasked", "XXXXXXXXX"),
    ("cancel-and-commit", ".....X..."),
    ("lie-in-counters", "XXXXXXXX."),
    ("wrong-drain", "........X"),
    ("leak-event", "..X.XXX.X"),
    ("malformed", "XXXXXXXXX"),
    ("forget-context", "...x....."),
    ("fail-messages", "xxxxxxxxx"),
    ("refuse-for-good", "x.xxxxxxx"),
    ("leak-memory", "..x.x...."),
    ("slow", "x...x.x.x"),
];

/// A quarter of the matrix, so that the rows run beside each other.
fn rows(quarter: usize) {
    for (word, row) in MATRIX.iter().skip(quarter).step_by(4) {
        let misbehaviour: Misbehaviour = word.parse().unwrap();
        let own = misbehaviour.breaks().map(|rule| rule.to_string());
        let mut seen = String::new();
        let mut why = Vec::new();
        for scenario in Scenario::ALL {
            let failures = failures(&play(*scenario, vec![misbehaviour], 1));
            seen.push(match &own {
                _ if failures.is_empty() => '.',
                Some(own) if failures.contains(own) => 'X',
                _ => 'x',
            });
            why.push((scenario.name(), failures));
        }
        assert_eq!(seen, *row, "{word} (which {}): {why:?}", misbehaviour.sentence());
    }
}

#[test]
fn each_misbehaviour_is_found_first_quarter() {
    rows(0);
}

#[test]
fn each_misbehaviour_is_found_second_quarter() {
    rows(1);
}

#[test]
fn each_misbehaviour_is_found_third_quarter() {
    rows(2);
}

#[test]
fn each_misbehaviour_is_found_fourth_quarter() {
    rows(3);
}

/// Wrong on every occasion, so that what should differ is at one with itself.
#[test]
fn a_server_that_is_always_wrong_is_found_too() {
    let of = |scenario, misbehaviour| failures(&support::play_every(scenario, vec![misbehaviour], 1, 1));
    assert_eq!(of(Scenario::State, Misbehaviour::ForgetContext), ["context_used_share"]);
    assert_eq!(of(Scenario::Sequential, Misbehaviour::SilentEpoch), ["I8"]);
}

#[test]
fn the_matrix_has_every_misbehaviour() {
    assert!(Misbehaviour::ALL.iter().map(|m| m.word()).eq(MATRIX.iter().map(|(word, _)| *word)));
}
