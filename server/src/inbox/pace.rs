//! How fast messages end while every place is taken, and how long one runs: what the wait of the next one is reckoned
//! from. Measured, never assumed: without enough evidence nothing is said.

/// Ends or runs from which on a figure is believed.
const EVIDENCE: f64 = 16.0;
/// Milliseconds after which what was measured counts half, so that the pace follows the day.
const HALF_AFTER_MS: f64 = 10_000.0;
/// The weight of the newest run in the mean.
const NEWEST: f64 = 1.0 / 32.0;

/// Measures the pace. Times are milliseconds of the inbox's clock.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Ends while every place was taken, and the time that they took.
    ends: f64,
    full_ms: f64,
    /// Since when every place is taken and no end was counted.
    since: Option<u64>,
    runs: f64,
    run_ms: f64,
}

impl Pace {
    /// Notes whether every place is taken. What ends in a half-empty house says nothing about how fast it could go.
    pub(super) fn full(&mut self, full: bool, now_ms: u64) {
        match (full, self.since) {
            (true, None) => self.since = Some(now_ms),
            (false, Some(_)) => self.since = None,
            _ => {}
        }
    }

    /// A message is done with after `run_ms`.
    pub(super) fn ended(&mut self, run_ms: u64, now_ms: u64) {
        let weight = if self.runs < EVIDENCE { 1.0 / (self.runs + 1.0) } else { NEWEST };
        self.run_ms += (run_ms as f64 - self.run_ms) * weight;
        self.runs += 1.0;
        if let Some(since) = self.since {
            self.since = Some(now_ms);
            self.ends += 1.0;
            self.full_ms += now_ms.saturating_sub(since) as f64;
            if self.full_ms > HALF_AFTER_MS && self.ends > 2.0 * EVIDENCE {
                self.full_ms /= 2.0;
                self.ends /= 2.0;
            }
        }
    }

    /// The milliseconds between two ends, while every place is taken; `None` without enough evidence.
    pub(super) fn gap_ms(&self, now_ms: u64) -> Option<f64> {
        // The time since the last end counts too, or a house in which nothing ends any more would look fast.
        let since = self.since.filter(|_| self.ends >= EVIDENCE)?;
        Some((self.full_ms + now_ms.saturating_sub(since) as f64) / self.ends)
    }

    /// The milliseconds until a message begins that has `ahead` others before it in the whole house and `in_line` in its
    /// own conversation, of which one runs at a time.
    pub(super) fn wait_ms(&self, ahead: usize, in_line: usize, now_ms: u64) -> u64 {
        let turn = self.gap_ms(now_ms).map_or(0.0, |gap_ms| ahead as f64 * gap_ms);
        let line = if self.runs >= EVIDENCE { in_line as f64 * self.run_ms } else { 0.0 };
        turn.max(line) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A full house in which a message ends every `gap_ms`, `ends` times.
    fn paced(gap_ms: u64, ends: u64) -> (Pace, u64) {
        let mut pace = Pace::default();
        pace.full(true, 0);
        for n in 1..=ends {
            pace.ended(50, n * gap_ms);
        }
        (pace, ends * gap_ms)
    }

    #[test]
    fn the_wait_is_what_is_ahead_over_the_pace() {
        let (pace, now) = paced(10, 20);
        assert_eq!(pace.wait_ms(1_000, 0, now), 10_000);
        assert_eq!(pace.wait_ms(0, 30, now), 1_500, "one at a time in a conversation");
        assert_eq!(pace.wait_ms(1_000, 300, now), 15_000, "the longer of the two");
        assert_eq!(pace.wait_ms(0, 0, now), 0);
    }

    #[test]
    fn little_evidence_says_nothing() {
        let (pace, now) = paced(10_000, 15);
        assert_eq!(pace.wait_ms(1_000, 1_000, now), 0);
    }

    #[test]
    fn ends_in_a_house_that_is_not_full_are_no_pace() {
        let mut pace = Pace::default();
        for n in 1..=100 {
            pace.ended(5, n * 1_000);
        }
        assert_eq!(pace.wait_ms(1_000, 0, 100_000), 0);
        pace.full(true, 100_000);
        assert_eq!(pace.wait_ms(1_000, 0, 200_000), 0, "nothing has ended since it is full");
    }

    #[test]
    fn a_house_that_is_stuck_is_slow() {
        let (pace, now) = paced(10, 20);
        assert_eq!(pace.wait_ms(100, 0, now + 9_800), 50_000);
        let (mut pace, now) = paced(10, 20);
        pace.full(false, now);
        assert_eq!(pace.wait_ms(100, 0, now + 9_800), 0, "a place is free");
    }

    #[test]
    fn the_pace_follows_the_day() {
        let (mut pace, mut now) = paced(100, 1_000);
        for _ in 0..20_000 {
            now += 2;
            pace.ended(50, now);
        }
        assert!((2_000..4_000).contains(&pace.wait_ms(1_000, 0, now)), "{pace:?}");
    }

    #[test]
    fn a_clock_that_goes_back_takes_nothing_away() {
        let (mut pace, now) = paced(1_000, 20);
        pace.ended(50, now - 5_000);
        assert_eq!(pace.wait_ms(21, 0, now - 5_000), 20_000);
    }
}
