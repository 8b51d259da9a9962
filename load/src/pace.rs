//! When messages are to be sent: even rates, bursts, ramps, mixes of priorities. All of it is planned ahead, so that a
//! slow server cannot slow the plan (open loop).

use std::str::FromStr;
use std::time::Duration;

use shared::message::Priority;

use crate::history::Micros;
use crate::rng::Rng;

/// `count` messages within a time, such as `50/2.5s`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burst {
    /// Messages.
    pub count: u32,
    /// The time.
    pub within: Duration,
}

impl Default for Burst {
    fn default() -> Self {
        Self { count: 50, within: Duration::from_millis(2_500) }
    }
}

impl FromStr for Burst {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("\"{text}\" is not a burst; write 50/2.5s for 50 messages within 2.5 seconds");
        let (count, within) = text.split_once('/').ok_or_else(bad)?;
        let count = count.trim().parse().ok().filter(|count| *count > 0).ok_or_else(bad)?;
        Ok(Self { count, within: duration(within).map_err(|_| bad())? })
    }
}

/// Reads `250ms`, `2.5s`, `10m` or a plain number of seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let factor = match unit {
        "ms" => 1e-3,
        "s" | "" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        _ => f64::NAN,
    };
    let seconds = number.trim().parse::<f64>().unwrap_or(f64::NAN) * factor;
    let duration = Duration::try_from_secs_f64(seconds).ok().filter(|d| *d <= Duration::from_hours(168));
    duration.ok_or_else(|| format!("\"{text}\" is not a time; write 250ms, 2.5s or 10m"))
}

impl Burst {
    /// The times of a burst that begins at `start`, evenly spread.
    pub fn times(self, start: Micros) -> Vec<Micros> {
        let within = self.within.as_micros() as u64;
        (0..u64::from(self.count)).map(|n| start + n * within / u64::from(self.count.max(1))).collect()
    }
}

/// Arrivals of a Poisson process of `rate` a second from `start` for `length`.
pub fn poisson(rng: &mut Rng, rate: f64, start: Micros, length: Duration) -> Vec<Micros> {
    ramp(rng, rate, rate, start, length)
}

/// Arrivals of a Poisson process whose rate goes evenly from `from` to `to` a second: the times of a process of rate 1
/// are mapped through the inverse of the cumulative rate (Lewis and Shedler, "Simulation of nonhomogeneous Poisson
/// processes by thinning", 1979, section 1).
pub fn ramp(rng: &mut Rng, from: f64, to: f64, start: Micros, length: Duration) -> Vec<Micros> {
    let seconds = length.as_secs_f64();
    let (slope, total) = ((to - from) / seconds.max(1e-9), f64::midpoint(from, to) * seconds);
    let mut times = Vec::with_capacity(total as usize);
    let mut mass = 0.0;
    loop {
        mass += rng.exponential(1.0);
        if mass >= total {
            return times;
        }
        let t = if slope.abs() < 1e-9 {
            mass / from.max(1e-9)
        } else {
            ((from * from + 2.0 * slope * mass).max(0.0).sqrt() - from) / slope
        };
        times.push(start + (t * 1e6) as u64);
    }
}

/// Draws priorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// All normal.
    Plain,
    /// A fifth high, two fifths low.
    Mixed,
}

impl Mix {
    /// The priority of the next message.
    pub fn draw(self, rng: &mut Rng) -> Priority {
        match self {
            Self::Plain => Priority::Normal,
            Self::Mixed => match rng.below(5) {
                0 => Priority::High,
                1 | 2 => Priority::Normal,
                _ => Priority::Low,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_are_read_and_spread() {
        let burst: Burst = "50/2.5s".parse().unwrap();
        assert_eq!(burst, Burst::default());
        let times = burst.times(1_000);
        assert_eq!((times.len(), times[0], times[49]), (50, 1_000, 1_000 + 49 * 50_000));
        for bad in ["50", "0/1s", "x/1s", "5/1y", "5/-1s", "5/NaNs"] {
            assert!(bad.parse::<Burst>().is_err(), "{bad}");
        }
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1.5"), Ok(Duration::from_millis(1_500)));
    }

    #[test]
    fn a_ramp_has_the_mass_of_its_area_and_grows() {
        let times = ramp(&mut Rng::new(3), 0.0, 2_000.0, 0, Duration::from_secs(10));
        assert!((times.len() as f64 - 10_000.0).abs() < 400.0, "{}", times.len());
        let first_half = times.iter().filter(|t| **t < 5_000_000).count() as f64;
        assert!((first_half / times.len() as f64 - 0.25).abs() < 0.02);
        assert!(times.is_sorted());
    }

    #[test]
    fn an_even_rate_is_kept() {
        let times = poisson(&mut Rng::new(4), 1_000.0, 500, Duration::from_secs(5));
        assert!((times.len() as f64 - 5_000.0).abs() < 250.0);
        assert!(times[0] >= 500 && *times.last().unwrap() <= 5_000_500);
    }
}
