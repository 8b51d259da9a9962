//! A point in time after which nothing is begun.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// The time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

/// A point in time by which something must be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Instant);

impl Deadline {
    /// `time` from now.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// What is left of it; zero when it is over.
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// The sooner of this and `time` from now.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self(self.0.min(Instant::now() + time))
    }

    /// The same, `time` earlier: what comes after needs it.
    #[must_use]
    pub fn before(self, time: Duration) -> Self {
        Self(self.0.checked_sub(time).unwrap_or(self.0))
    }

    /// Waits for `work` at most until then; what is not done by then is dropped.
    pub async fn wait<T>(self, work: impl Future<Output = T>) -> Result<T, Elapsed> {
        tokio::time::timeout_at(self.0, work).await.map_err(|_| Elapsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_sooner_of_two_holds() {
        let hour = Duration::from_hours(1);
        let deadline = Deadline::after(hour);
        let near = |left: Duration, expected: Duration| left <= expected && left + Duration::from_mins(1) > expected;
        assert!(near(deadline.within(hour / 2).left(), hour / 2));
        assert_eq!(deadline.within(hour * 2), deadline);
        assert!(near(deadline.before(hour / 4).left(), hour * 3 / 4));
        let over = Deadline::after(Duration::ZERO);
        assert_eq!(over.left(), Duration::ZERO);
        assert_eq!(over.wait(std::future::pending::<()>()).await, Err(Elapsed));
        assert_eq!(deadline.wait(async { 5 }).await, Ok(5));
    }
}
