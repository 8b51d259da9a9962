//! A circuit breaker: after so many failures in a row nothing is tried for a while, then one call is let through as a
//! probe, and its fate decides (M. Nygard, *Release It!*, 2nd ed., ch. 5). A call that ends without a verdict, because
//! its sender cancelled it, says nothing about the other side.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::world::World;

/// When breakers open and how long they stay so.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Failures in a row that open one.
    pub failures: u32,
    /// The time until a probe is let through.
    pub recovery: Duration,
}

/// How a breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Calls go through.
    Closed,
    /// One call may try.
    HalfOpen,
    /// No call goes through.
    Open,
}

impl State {
    /// The value of `exemplar_breaker_state`.
    pub const fn level(self) -> i64 {
        match self {
            Self::Closed => 0,
            Self::HalfOpen => 1,
            Self::Open => 2,
        }
    }
}

/// A breaker as operators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct View {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: State,
    /// Failures in a row.
    pub failures: u32,
    /// Since when it has not been closed, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_since_ms: Option<u64>,
    /// Milliseconds until the next probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe_in_ms: Option<u64>,
    /// How often it has opened.
    pub opened: u64,
    /// Calls that it kept from being made.
    pub refused: u64,
}

/// A breaker is open: the call is not to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// Milliseconds until the next probe.
    pub retry_after_ms: u64,
}

/// One circuit breaker.
pub struct Breaker {
    name: String,
    settings: Settings,
    world: World,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    failures: u32,
    /// Since when it has not been closed.
    open_since_ms: Option<u64>,
    /// When the next probe may go.
    probe_at_ms: u64,
    probing: bool,
    /// Grows with every opening and closing, so that the verdict of a call begun before is not counted.
    era: u64,
    opened: u64,
    refused: u64,
}

/// Permission for one call. Dropped without a verdict it says nothing.
#[must_use = "the verdict of the call has to be told"]
pub struct Pass {
    breaker: Arc<Breaker>,
    era: u64,
    probe: bool,
    told: bool,
}

impl Breaker {
    fn new(name: &str, settings: Settings, world: World) -> Arc<Self> {
        Arc::new(Self { name: name.into(), settings, world, inner: Mutex::default() })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks whether a call may be made.
    ///
    /// # Errors
    /// [`Open`] while it may not.
    pub fn enter(self: &Arc<Self>) -> Result<Pass, Open> {
        let mut inner = self.inner();
        let pass = |era, probe| Pass { breaker: self.clone(), era, probe, told: false };
        if inner.open_since_ms.is_none() {
            return Ok(pass(inner.era, false));
        }
        let wait = inner.probe_at_ms.saturating_sub(self.world.unix_ms());
        if wait == 0 && !inner.probing {
            inner.probing = true;
            return Ok(pass(inner.era, true));
        }
        inner.refused += 1;
        Err(Open { retry_after_ms: wait.max(1) })
    }

    /// Closes it.
    pub fn reset(&self) {
        let mut inner = self.inner();
        inner.close();
    }

    /// How it stands.
    pub fn state(&self) -> State {
        self.view().state
    }

    /// What an operator sees.
    pub fn view(&self) -> View {
        let inner = self.inner();
        let wait = inner.probe_at_ms.saturating_sub(self.world.unix_ms());
        let state = match inner.open_since_ms {
            None => State::Closed,
            Some(_) if inner.probing || wait == 0 => State::HalfOpen,
            Some(_) => State::Open,
        };
        View {
            name: self.name.clone(),
            state,
            failures: inner.failures,
            open_since_ms: inner.open_since_ms,
            probe_in_ms: (state == State::Open).then_some(wait),
            opened: inner.opened,
            refused: inner.refused,
        }
    }

    fn verdict(&self, pass: &Pass, well: Option<bool>) {
        let mut inner = self.inner();
        if pass.era != inner.era {
            return;
        }
        match well {
            None if pass.probe => inner.probing = false,
            None => {}
            Some(true) if pass.probe => {
                tracing::info!(breaker = %self.name, "the probe went well; the breaker closes");
                inner.close();
            }
            Some(true) => inner.failures = 0,
            Some(false) => {
                inner.failures = inner.failures.saturating_add(1);
                if pass.probe || inner.failures >= self.settings.failures {
                    let now = self.world.unix_ms();
                    inner.open_since_ms.get_or_insert(now);
                    inner.probe_at_ms = now + self.settings.recovery.as_millis() as u64;
                    inner.probing = false;
                    inner.era += 1;
                    inner.opened += 1;
                    tracing::warn!(breaker = %self.name, failures = inner.failures, "the breaker opens");
                }
            }
        }
    }
}

impl Inner {
    fn close(&mut self) {
        self.failures = 0;
        self.open_since_ms = None;
        self.probing = false;
        self.era += 1;
    }
}

impl Pass {
    /// The call went well.
    pub fn well(mut self) {
        self.told = true;
        self.breaker.verdict(&self, Some(true));
    }

    /// The other side failed.
    pub fn failed(mut self) {
        self.told = true;
        self.breaker.verdict(&self, Some(false));
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if !self.told {
            self.breaker.verdict(self, None);
        }
    }
}

/// All breakers of a server, by name.
pub struct Breakers {
    settings: Settings,
    world: World,
    all: Mutex<BTreeMap<String, Arc<Breaker>>>,
}

impl Breakers {
    /// None yet.
    pub fn new(settings: Settings, world: World) -> Arc<Self> {
        Arc::new(Self { settings, world, all: Mutex::default() })
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Breaker>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The breaker of this name, made if there is none. Not for names that come from outside.
    pub fn named(&self, name: &str) -> Arc<Breaker> {
        let make = || Breaker::new(name, self.settings, self.world.clone());
        self.all().entry(name.into()).or_insert_with(make).clone()
    }

    /// Closes the breaker of this name; `None` if there is none.
    pub fn reset(&self, name: &str) -> Option<View> {
        let breaker = self.all().get(name).cloned()?;
        breaker.reset();
        Some(breaker.view())
    }

    /// All of them, in the order of their names.
    pub fn views(&self) -> Vec<View> {
        self.all().values().map(|breaker| breaker.view()).collect()
    }

    /// Those that have not been closed for longer than `time`.
    pub fn open_longer_than(&self, time: Duration) -> Vec<View> {
        let before = self.world.unix_ms().saturating_sub(time.as_millis() as u64);
        self.views().into_iter().filter(|view| view.open_since_ms.is_some_and(|since| since < before)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Held;

    fn breakers() -> (Arc<Held>, Arc<Breakers>) {
        let held = Held::new(1_000_000, 1);
        let settings = Settings { failures: 5, recovery: Duration::from_secs(30) };
        (held.clone(), Breakers::new(settings, World::of(held)))
    }

    fn fail(breaker: &Arc<Breaker>, times: usize) {
        for _ in 0..times {
            breaker.enter().ok().unwrap().failed();
        }
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_one_success_forgets_them() {
        let (_, breakers) = breakers();
        let breaker = breakers.named("llm");
        fail(&breaker, 4);
        breaker.enter().ok().unwrap().well();
        fail(&breaker, 4);
        assert_eq!(breaker.state(), State::Closed);
        fail(&breaker, 1);
        assert_eq!(breaker.state(), State::Open);
        assert_eq!(breaker.enter().err(), Some(Open { retry_after_ms: 30_000 }));
        assert_eq!((breaker.view().opened, breaker.view().refused), (1, 1));
    }

    #[test]
    fn after_the_recovery_time_one_probe_goes_and_decides() {
        let (held, breakers) = breakers();
        let breaker = breakers.named("llm");
        fail(&breaker, 5);
        held.advance(Duration::from_millis(29_999));
        assert!(breaker.enter().is_err());
        held.advance(Duration::from_millis(1));
        assert_eq!(breaker.state(), State::HalfOpen);
        let probe = breaker.enter().ok().unwrap();
        assert!(breaker.enter().is_err(), "one probe only");
        probe.failed();
        assert_eq!(breaker.state(), State::Open);
        held.advance(Duration::from_secs(30));
        breaker.enter().ok().unwrap().well();
        assert_eq!((breaker.state(), breaker.view().open_since_ms), (State::Closed, None));
    }

    #[test]
    fn a_probe_that_is_cancelled_gives_its_place_back() {
        let (held, breakers) = breakers();
        let breaker = breakers.named("llm");
        fail(&breaker, 5);
        held.advance(Duration::from_secs(30));
        drop(breaker.enter().ok().unwrap());
        assert!(breaker.enter().is_ok());
    }

    #[test]
    fn the_verdict_of_a_call_begun_before_it_opened_is_not_counted() {
        let (held, breakers) = breakers();
        let breaker = breakers.named("llm");
        let (slow, slower) = (breaker.enter().ok().unwrap(), breaker.enter().ok().unwrap());
        fail(&breaker, 5);
        slow.well();
        assert_eq!(breaker.state(), State::Open, "an old success does not close it");
        held.advance(Duration::from_secs(30));
        let probe = breaker.enter().ok().unwrap();
        slower.failed();
        assert_eq!(breaker.state(), State::HalfOpen, "nor does an old failure end the probe");
        probe.well();
    }

    #[test]
    fn they_are_listed_reset_and_watched() {
        let (held, breakers) = breakers();
        let breaker = breakers.named("llm");
        breakers.named("cache");
        fail(&breaker, 5);
        let long = Duration::from_mins(5);
        assert!(breakers.open_longer_than(long).is_empty());
        // A failed probe in between does not begin the time anew.
        held.advance(Duration::from_secs(200));
        breaker.enter().ok().unwrap().failed();
        held.advance(Duration::from_secs(101));
        assert_eq!(breakers.open_longer_than(long).iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), ["llm"]);
        assert_eq!(breakers.views().iter().map(|v| v.state.level()).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(breakers.reset("llm").map(|view| view.state), Some(State::Closed));
        assert_eq!(breakers.reset("other"), None);
    }
}
