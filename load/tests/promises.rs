//! The seven promises of the channel, each kept by guards. With a guard taken away, the checker must notice: otherwise a
//! server that forgot it would pass.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use load::checker::{Rule, Standing};
use load::mock::Misbehaviour as M;
use load::scenario::Scenario as S;
use support::play;

/// A guard that can be taken away: without it the mock misbehaves, in this scenario, and breaks this rule.
type Guard = (M, S, Rule);

fn each_guard_is_needed(guards: &[Guard]) {
    for (without, scenario, rule) in guards {
        let standing = |misbehave| {
            let finding = play(*scenario, misbehave, 1);
            finding.verdict.rules.iter().find(|judged| judged.rule == *rule).unwrap().standing.clone()
        };
        assert_eq!(standing(vec![]), Standing::Held, "{rule} is not even put to the test by {}", scenario.name());
        assert_eq!(standing(vec![*without]), Standing::Broken, "nobody noticed a server that {}", without.sentence());
    }
}

#[test]
fn promise_1_an_accepted_message_ends_exactly_once() {
    each_guard_is_needed(&[
        (M::AckBeforeCommit, S::Chaos, Rule::I2),
        (M::Forget, S::Sequential, Rule::I1),
        // What an old worker does whose commit no fence refuses.
        (M::DoubleRun, S::Sequential, Rule::I3),
        (M::CancelAndCommit, S::Sync, Rule::I22),
    ]);
}

#[test]
fn promise_2_messages_run_in_order_and_numbers_have_no_gap_and_no_repeat() {
    each_guard_is_needed(&[
        (M::WrongOrder, S::State, Rule::I10),
        (M::Overlap, S::State, Rule::I10),
        (M::WrongNumber, S::Sequential, Rule::I9),
        (M::OffsetHole, S::Sequential, Rule::I7),
        // An offset given to another fact.
        (M::AlterEvent, S::Sequential, Rule::I7),
    ]);
}

#[test]
fn promise_3_duplicates_are_recognised() {
    each_guard_is_needed(&[
        (M::RunDuplicates, S::Idempotency, Rule::I3),
        (M::MisnumberDuplicates, S::Idempotency, Rule::I4),
        (M::AcceptReused, S::Idempotency, Rule::I5),
        (M::AcceptOld, S::Idempotency, Rule::I6),
    ]);
}

#[test]
fn promise_4_a_resume_is_exact() {
    each_guard_is_needed(&[
        (M::ResumeHole, S::Resume, Rule::I13),
        (M::ResumeAgain, S::Resume, Rule::I13),
        (M::NoSnapshot, S::Resume, Rule::I14),
        (M::FalseSnapshot, S::Resume, Rule::I14),
        (M::UncommittedEvent, S::Sequential, Rule::I11),
    ]);
}

#[test]
fn promise_5_nobody_sees_what_is_anothers() {
    each_guard_is_needed(&[(M::LeakEvent, S::Sync, Rule::Privacy), (M::OutliveSession, S::Resume, Rule::I20)]);
}

#[test]
fn promise_6_nothing_is_dropped_silently_and_the_urgent_last() {
    each_guard_is_needed(&[
        (M::SilentRefusal, S::Overflow, Rule::I17),
        (M::RefuseWithoutTime, S::Overflow, Rule::I17),
        (M::RefuseAndRun, S::Overflow, Rule::I17),
        (M::RefuseUrgent, S::Overflow, Rule::I18),
        (M::IgnorePriority, S::Overflow, Rule::I18),
    ]);
}

#[test]
fn promise_7_a_connection_costs_a_bounded_amount_of_memory() {
    each_guard_is_needed(&[(M::KeepForStopped, S::Overflow, Rule::I16)]);
}
