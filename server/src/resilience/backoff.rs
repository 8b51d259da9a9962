//! How long to pause before the next try: exponential with full jitter, so that those who failed together do not come
//! back together (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).

use std::time::Duration;

use super::Deadline;
use crate::world::World;

/// How often something is tried, and how the pauses grow.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// Tries in all.
    pub tries: u32,
    /// The longest pause after the first failure; each further one may be twice as long.
    pub first: Duration,
    /// The longest pause.
    pub most: Duration,
}

impl Backoff {
    /// The pause before the next try after `failed` failures (from 1); `None` if there is to be none, because the tries
    /// are used up or the pause would not end before `deadline`. A server that says when to come again is believed:
    /// the pause is then `told` and a little more.
    pub fn pause(&self, failed: u32, told: Option<Duration>, deadline: Deadline, world: &World) -> Option<Duration> {
        if failed >= self.tries {
            return None;
        }
        let ceiling = self.first.saturating_mul(1 << failed.saturating_sub(1).min(20)).min(self.most);
        let jitter = Duration::from_millis(world.below(ceiling.as_millis() as u64 + 1));
        let pause = told.map_or(jitter, |told| told.saturating_add(jitter.min(self.first)));
        (pause < deadline.left()).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Held;

    const RULE: Backoff = Backoff { tries: 4, first: Duration::from_millis(100), most: Duration::from_millis(250) };

    #[test]
    fn pauses_grow_are_spread_and_end() {
        let world = World::of(Held::new(0, 7));
        let far = Deadline::after(Duration::from_mins(1));
        for (failed, ceiling) in [(1, 100), (2, 200), (3, 250)] {
            let drawn: Vec<_> =
                (0..200).map(|_| RULE.pause(failed, None, far, &world).unwrap().as_millis() as u64).collect();
            assert!(drawn.iter().all(|ms| *ms <= ceiling), "{failed}: {drawn:?}");
            // Full jitter: the whole span is used.
            assert!(drawn.iter().any(|ms| *ms < ceiling / 5) && drawn.iter().any(|ms| *ms > ceiling * 4 / 5));
        }
        assert_eq!(RULE.pause(4, None, far, &world), None);
    }

    #[test]
    fn what_the_server_says_is_believed_if_there_is_time() {
        let world = World::of(Held::new(0, 7));
        let told = Some(Duration::from_secs(3));
        let pause = RULE.pause(1, told, Deadline::after(Duration::from_secs(10)), &world).unwrap();
        assert!((3_000..=3_100).contains(&pause.as_millis()), "{pause:?}");
        assert_eq!(RULE.pause(1, told, Deadline::after(Duration::from_secs(2)), &world), None);
    }
}
