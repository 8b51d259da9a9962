//! A scenario against a mock of its own, in simulated time.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use load::clock::Clock;
use load::mock::{Misbehaviour, Mock, Options};
use load::scenario::{Control, Finding, Form, Lab, Scenario, run};
use load::thresholds::Thresholds;

const NOW_MS: u64 = 1_795_305_600_000;

/// The mock's life in our hands.
struct Hands(Arc<Mock>);

impl Control for Hands {
    fn kill(&self) -> BoxFuture<'_, Result<(), String>> {
        self.0.kill();
        async { Ok(()) }.boxed()
    }

    fn terminate(&self) -> BoxFuture<'_, Result<(), String>> {
        self.0.terminate().map(Ok).boxed()
    }

    fn revive(&self) -> BoxFuture<'_, Result<(), String>> {
        self.0.revive();
        async { Ok(()) }.boxed()
    }
}

/// One scenario against a mock of its own, in simulated time.
pub fn play(scenario: Scenario, misbehave: Vec<Misbehaviour>, seed: u64) -> Finding {
    play_every(scenario, misbehave, Options::default().every, seed)
}

/// The same with the mock wrong on every so manieth occasion.
pub fn play_every(scenario: Scenario, misbehave: Vec<Misbehaviour>, every: u64, seed: u64) -> Finding {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let clock = Clock::at(NOW_MS);
        let small = scenario == Scenario::Overflow;
        let options = Options {
            seed,
            misbehave,
            every,
            workers: if small { 4 } else { 16 },
            queue_limit: if small { 80 } else { 10_000 },
            answer_bytes: if small { 7_000 } else { 0 },
            backlog_bytes: 128 * 1024,
            replay_max: 40,
            // A kill is to find work that is not finished.
            step_us: if scenario == Scenario::Chaos { (5_000, 20_000) } else { (200, 2_000) },
            ..Options::default()
        };
        let mock = Arc::new(Mock::start(options, clock));
        let mut lab = Lab::new(mock.in_memory(), clock, seed, Form::Tiny);
        lab.control = Some(Arc::new(Hands(mock)));
        lab.exclusive = true;
        run(scenario, &lab).await.unwrap()
    })
}

/// What failed: broken rules and thresholds.
pub fn failures(finding: &Finding) -> Vec<String> {
    let judged = Thresholds::built_in(Form::Tiny).judge(finding);
    let broken = finding.verdict.broken().into_iter().map(|rule| rule.to_string());
    broken.chain(judged.into_iter().filter(|j| !j.holds).map(|j| j.measure)).collect()
}
