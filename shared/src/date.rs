//! A civil date, written `2026-11-22`. Prices carry the day they begin; nothing here reads a clock.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(time::Date);

impl Date {
    /// The date of `year`-`month`-`day`, if there is such a day.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let month = time::Month::try_from(month).ok()?;
        time::Date::from_calendar_date(year, month, day).ok().map(Self)
    }

    /// The UTC day that contains the instant `unix_ms` milliseconds after 1970.
    pub fn of_unix_ms(unix_ms: u64) -> Self {
        let days = i64::try_from(unix_ms / 86_400_000).unwrap_or(0);
        Self(
            time::Date::from_julian_day(2_440_588).map_or(time::Date::MIN, |epoch| {
                epoch.checked_add(time::Duration::days(days)).unwrap_or(time::Date::MAX)
            }),
        )
    }

    /// This date moved by `days`, held inside the calendar.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(time::Duration::days(days)))
    }

    /// Days from `earlier` to this date; negative if it is the later one.
    pub fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).whole_days()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("\"{text}\" is not a date; write it as 2026-11-22");
        let mut parts = text.splitn(3, '-');
        let mut next =
            |digits: usize| parts.next().filter(|p| p.len() == digits && p.bytes().all(|b| b.is_ascii_digit()));
        let (year, month, day) = (next(4), next(2), next(2));
        match (year, month, day) {
            (Some(y), Some(m), Some(d)) => {
                Self::new(y.parse().map_err(|_| bad())?, m.parse().map_err(|_| bad())?, d.parse().map_err(|_| bad())?)
                    .ok_or_else(bad)
            }
            _ => Err(bad()),
        }
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_iso() {
        for text in ["2026-11-22", "2024-02-29", "1970-01-01"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        for text in ["2026-02-29", "2026-1-2", "22.11.2026", "", "2026-11-22T00:00", "+026-01-01"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn counts_days_from_the_epoch() {
        assert_eq!(Date::of_unix_ms(0).to_string(), "1970-01-01");
        assert_eq!(Date::of_unix_ms(1_795_305_600_000).to_string(), "2026-11-22");
        let (a, b) = (Date::new(2026, 11, 22).unwrap(), Date::new(2027, 1, 1).unwrap());
        assert_eq!(b.days_since(a), 40);
        assert_eq!(a.plus_days(40), b);
    }
}
