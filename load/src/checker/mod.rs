//! The checker: reads a [`History`] and says which of the invariants held, which were broken and by which frames,
//! and which could not be judged, with the reason.
//!
//! It is a pure function. [`index`] sorts the records by message and by log in one pass; then [`connection`] walks
//! each connection in order, [`log`] judges each conversation's durable log, [`message`] each message's life,
//! [`priority`] the order between conversations, and [`outside`] what was measured beside the frames.

mod connection;
mod index;
mod log;
mod message;
mod outside;
mod priority;
mod rules;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::Value as Json;

pub use rules::Rule;

use crate::history::{History, Micros};
use index::{Index, Ref};

/// Violations kept with their frames for each rule; beyond it they are only counted.
const KEPT_PER_RULE: u64 = 20;

/// A broken rule with the frames that prove it.
#[derive(Clone, Debug, Serialize)]
pub struct Violation {
    /// What was broken.
    pub rule: Rule,
    /// What happened, for a person.
    pub summary: String,
    /// The frames, in order of time.
    pub proof: Vec<Proof>,
}

/// One frame of a proof.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// Which client saw or sent it, by its place in the history.
    pub client: usize,
    /// On which of its connections.
    pub connection: u32,
    /// When, in microseconds since the run began.
    pub at_us: Micros,
    /// The frame.
    pub frame: Json,
}

/// How a rule stands after a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "standing", content = "why")]
pub enum Standing {
    /// It was put to the test and held.
    Held,
    /// It was broken.
    Broken,
    /// Nothing in this history put it to the test, for this reason.
    Untested(&'static str),
}

/// One rule's result.
#[derive(Clone, Debug, Serialize)]
pub struct RuleVerdict {
    /// The rule.
    pub rule: Rule,
    /// Its sentence.
    pub title: &'static str,
    /// How it stands.
    #[serde(flatten)]
    pub standing: Standing,
    /// How many times it was put to the test.
    pub observed: u64,
    /// How many times it was broken.
    pub violations: u64,
}

/// What the checker found.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// Every rule.
    pub rules: Vec<RuleVerdict>,
    /// The violations, at most 20 a rule.
    pub violations: Vec<Violation>,
    /// Records read.
    pub records: usize,
}

impl Verdict {
    /// Whether no rule was broken.
    pub fn holds(&self) -> bool {
        self.rules.iter().all(|rule| rule.violations == 0)
    }

    /// The broken rules, in order.
    pub fn broken(&self) -> Vec<Rule> {
        self.rules.iter().filter(|rule| rule.violations > 0).map(|rule| rule.rule).collect()
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.holds() {
            return write!(f, "every rule held over {} records", self.records);
        }
        for violation in &self.violations {
            writeln!(f, "{} ({}): {}", violation.rule, violation.rule.title(), violation.summary)?;
            for proof in &violation.proof {
                let (ms, frame) = (proof.at_us as f64 / 1e3, &proof.frame);
                writeln!(f, "    {ms:>10.3} ms client {}.{} {frame}", proof.client, proof.connection)?;
            }
        }
        Ok(())
    }
}

/// Judges a history.
///
/// ```
/// let verdict = load::checker::check(&load::history::History::default());
/// assert!(verdict.holds());
/// ```
pub fn check(history: &History) -> Verdict {
    let index = Index::of(history);
    let mut judge = Judge { history, observed: [0; Rule::ALL.len()], broken: [0; Rule::ALL.len()], violations: vec![] };
    connection::check(&mut judge, &index);
    log::check(&mut judge, &index);
    message::check(&mut judge, &index);
    priority::check(&mut judge, &index);
    outside::check(&mut judge, &index);
    judge.verdict()
}

/// Collects what was observed and what was broken.
struct Judge<'a> {
    history: &'a History,
    observed: [u64; Rule::ALL.len()],
    broken: [u64; Rule::ALL.len()],
    violations: Vec<Violation>,
}

impl Judge<'_> {
    /// Notes that `rule` was put to the test.
    fn observe(&mut self, rule: Rule) {
        self.observed[rule as usize] += 1;
    }

    /// Notes that `rule` was put to the test and holds if `good`; otherwise `summary` says what happened.
    fn require(&mut self, rule: Rule, good: bool, proof: &[Ref], summary: impl FnOnce() -> String) {
        self.observe(rule);
        if !good {
            self.violate(rule, proof, summary);
        }
    }

    /// Notes that `rule` was broken.
    fn violate(&mut self, rule: Rule, proof: &[Ref], summary: impl FnOnce() -> String) {
        self.broken[rule as usize] += 1;
        if self.broken[rule as usize] > KEPT_PER_RULE {
            return;
        }
        let mut proof: Vec<_> = proof.iter().map(|r| self.proof(*r)).collect();
        proof.sort_by_key(|p| p.at_us);
        proof.dedup_by(|a, b| (a.client, a.at_us, &a.frame) == (b.client, b.at_us, &b.frame));
        self.violations.push(Violation { rule, summary: summary(), proof });
    }

    fn proof(&self, r: Ref) -> Proof {
        let record = &self.history.clients[r.client as usize].records[r.record as usize];
        Proof { client: r.client as usize, connection: record.connection, at_us: record.at, frame: record.what.frame() }
    }

    fn verdict(mut self) -> Verdict {
        self.violations.sort_by_key(|v| (v.rule, v.proof.first().map(|p| p.at_us)));
        let rules = Rule::ALL.iter().map(|&rule| {
            let (observed, violations) = (self.observed[rule as usize], self.broken[rule as usize]);
            let standing = match (violations, observed) {
                (0, 0) => Standing::Untested(outside::why_untested(rule, self.history)),
                (0, _) => Standing::Held,
                _ => Standing::Broken,
            };
            RuleVerdict { rule, title: rule.title(), standing, observed, violations }
        });
        Verdict {
            rules: rules.collect(),
            violations: self.violations,
            records: self.history.clients.iter().map(|c| c.records.len()).sum(),
        }
    }
}
