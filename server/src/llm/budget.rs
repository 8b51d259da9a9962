//! How much a server may ask of a model: requests a minute and tokens a day. What is over it is answered by the
//! built-in engine.

use std::sync::{Mutex, PoisonError};

use super::Usage;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 86_400_000;

/// The operator's limits; 0 for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests in a minute of the clock.
    pub requests_per_min: u64,
    /// Tokens, of requests and answers, in a day of the clock (UTC).
    pub tokens_per_day: u64,
}

/// What was asked so far.
pub struct Budget {
    limits: Limits,
    spent: Mutex<Spent>,
}

#[derive(Default)]
struct Spent {
    minute: u64,
    requests: u64,
    day: u64,
    tokens: u64,
}

impl Budget {
    /// A budget of which nothing is spent.
    pub fn new(limits: Limits) -> Self {
        Self { limits, spent: Mutex::default() }
    }

    /// Takes one request, whose text has about `tokens` tokens; `false` if that is too much.
    pub fn take(&self, tokens: u64, now_ms: u64) -> bool {
        let mut spent = self.now(now_ms);
        let over = |limit: u64, count: u64| limit > 0 && count > limit;
        if over(self.limits.requests_per_min, spent.requests + 1)
            || over(self.limits.tokens_per_day, spent.tokens.saturating_add(tokens))
        {
            return false;
        }
        spent.requests += 1;
        spent.tokens = spent.tokens.saturating_add(tokens);
        true
    }

    /// Puts the tokens that a request used, as its server told, in the place of those that were guessed.
    pub fn settle(&self, guessed: u64, used: Usage, now_ms: u64) {
        let mut spent = self.now(now_ms);
        let used = used.input_tokens.saturating_add(used.output_tokens);
        spent.tokens = spent.tokens.saturating_sub(guessed).saturating_add(used);
    }

    /// Tokens used today.
    pub fn tokens(&self, now_ms: u64) -> u64 {
        self.now(now_ms).tokens
    }

    fn now(&self, now_ms: u64) -> std::sync::MutexGuard<'_, Spent> {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let (minute, day) = (now_ms / MINUTE_MS, now_ms / DAY_MS);
        if spent.minute != minute {
            (spent.minute, spent.requests) = (minute, 0);
        }
        if spent.day != day {
            (spent.day, spent.tokens) = (day, 0);
        }
        spent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_come_back_by_the_minute_and_tokens_by_the_day() {
        let budget = Budget::new(Limits { requests_per_min: 2, tokens_per_day: 1_000 });
        assert!(budget.take(100, 0) && budget.take(100, 1) && !budget.take(100, 2));
        assert!(budget.take(700, MINUTE_MS));
        assert!(!budget.take(200, MINUTE_MS), "1,100 tokens are too many");
        // The answer was shorter than guessed.
        budget.settle(700, Usage { input_tokens: 300, cached_tokens: 0, output_tokens: 50 }, MINUTE_MS);
        assert_eq!(budget.tokens(MINUTE_MS), 550);
        assert!(budget.take(200, MINUTE_MS));
        assert!(budget.take(900, DAY_MS));
    }

    #[test]
    fn zero_is_no_limit() {
        let budget = Budget::new(Limits::default());
        assert!((0..1_000).all(|_| budget.take(u64::MAX / 2, 0)));
    }
}
