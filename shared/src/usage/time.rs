//! Moments as logs write them: RFC 3339 and its relatives, seconds to nanoseconds since 1970, or a count from the
//! beginning of the log.

use serde::{Deserialize, Serialize};

use super::columns::Ticks;
use super::number;

/// Nanoseconds of a second.
pub(super) const SECOND: i64 = 1_000_000_000;
/// Below this a number counts from the beginning of the log: as seconds since 1970 it would be a day of early 1973.
const SINCE_1970_MIN: f64 = 1e8;

/// What the moments of a log count from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A calendar: the moments are days and hours.
    Calendar,
    /// The beginning of the log, in seconds.
    RelativeSeconds,
    /// The beginning of the log, in milliseconds.
    RelativeMillis,
}

/// Reads moments; numbers have the unit that the first one tells.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    /// Nanoseconds of a tick, once known.
    tick: Option<f64>,
    origin: Option<Origin>,
    /// Whether bare small numbers are seconds.
    seconds: bool,
    /// The last date and its first nanosecond, because the next row mostly has the same.
    date: ([u8; 10], i64),
}

impl Clock {
    /// A clock for logs whose small numbers are seconds, or else milliseconds.
    pub(super) fn counting_seconds(&mut self, seconds: bool) {
        self.seconds = seconds;
    }

    /// What the moments count from, once one was read.
    pub(super) fn origin(&self) -> Option<Origin> {
        self.origin
    }

    /// The moment in nanoseconds since 1970 or since the beginning of the log; `None` if it is none.
    pub(super) fn read(&mut self, cell: &[u8], ticks: Ticks) -> Option<i64> {
        let slot = |at: usize| cell.get(at).copied();
        if matches!(slot(4), Some(b'-' | b'/')) || (slot(2), slot(5)) == (Some(b'.'), Some(b'.')) {
            return self.calendar(cell);
        }
        // Whole numbers exactly: a count of nanoseconds has more digits than an `f64`.
        if let Some(whole) = number::whole(cell).and_then(|whole| i64::try_from(whole).ok()) {
            let tick = self.tick.unwrap_or_else(|| self.learn(whole as f64, ticks));
            return whole.checked_mul(tick as i64);
        }
        let number = number::real(cell, b'.')?;
        let tick = self.tick.unwrap_or_else(|| self.learn(number, ticks));
        let at = number * tick;
        (at.abs() < 9.0e18).then_some(at as i64)
    }

    /// Decides the unit of numbers by the first of them.
    fn learn(&mut self, first: f64, ticks: Ticks) -> f64 {
        let relative = first.abs() < SINCE_1970_MIN;
        let tick = match ticks {
            Ticks::Seconds => 1e9,
            Ticks::Millis => 1e6,
            Ticks::Micros => 1e3,
            Ticks::Unsaid if relative && self.seconds => 1e9,
            Ticks::Unsaid if relative => 1e6,
            Ticks::Unsaid => match first.abs() {
                size if size < 1e11 => 1e9,
                size if size < 1e14 => 1e6,
                size if size < 1e17 => 1e3,
                _ => 1.0,
            },
        };
        self.tick = Some(tick);
        self.origin = Some(match relative {
            false => Origin::Calendar,
            true if tick >= 1e9 => Origin::RelativeSeconds,
            true => Origin::RelativeMillis,
        });
        tick
    }

    /// `2023-11-16 18:17:03.9799600`, `2023-11-16T18:17:03Z`, `2023-11-16 18:17:03+01:00`, `16.11.2023 18:17`; without
    /// a zone it is UTC.
    fn calendar(&mut self, cell: &[u8]) -> Option<i64> {
        let (date, rest) = cell.split_first_chunk::<10>()?;
        if *date != self.date.0 {
            self.date = (*date, day(date)?);
        }
        self.origin.get_or_insert(Origin::Calendar);
        Some(self.date.1 + time_of_day(rest)?)
    }
}

fn two(cell: &[u8]) -> Option<i64> {
    match cell {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', ..] => Some(i64::from((a - b'0') * 10 + (b - b'0'))),
        _ => None,
    }
}

/// The first nanosecond of a day.
fn day(date: &[u8; 10]) -> Option<i64> {
    let (year, month, day) = match date {
        [_, _, _, _, b'-' | b'/', _, _, b'-' | b'/', _, _] => (&date[..4], &date[5..7], &date[8..]),
        [_, _, b'.', _, _, b'.', ..] => (&date[6..], &date[3..5], &date[..2]),
        _ => return None,
    };
    let year = two(year)? * 100 + two(&year[2..])?;
    let month = time::Month::try_from(u8::try_from(two(month)?).ok()?).ok()?;
    let date = time::Date::from_calendar_date(year as i32, month, u8::try_from(two(day)?).ok()?).ok()?;
    // Nanoseconds since 1970 in 64 bits end in 2262.
    (1700..2260).contains(&year).then(|| i64::from(date.to_julian_day() - 2_440_588) * 86_400 * SECOND)
}

/// What follows a date, in nanoseconds.
fn time_of_day(rest: &[u8]) -> Option<i64> {
    let [b'T' | b't' | b' ', rest @ ..] = rest else { return rest.is_empty().then_some(0) };
    let hour = two(rest).filter(|hour| *hour < 24)?;
    let minute = two(rest.strip_prefix(&rest[..2])?.strip_prefix(b":")?).filter(|minute| *minute < 60)?;
    let mut at = (hour * 60 + minute) * 60 * SECOND;
    let mut rest = &rest[5..];
    if let [b':', after @ ..] = rest {
        // 60 is a leap second.
        at += two(after).filter(|second| *second <= 60)? * SECOND;
        rest = &after[2..];
        if let [b'.' | b',', digits @ ..] = rest {
            let length = digits.iter().take_while(|b| b.is_ascii_digit()).count();
            let mut worth = SECOND;
            for digit in &digits[..length] {
                worth /= 10;
                at += i64::from(digit - b'0') * worth;
            }
            rest = digits.get(length..).filter(|_| length > 0)?;
        }
    }
    Some(at - zone(rest)?)
}

/// What a zone is ahead of UTC, in nanoseconds.
fn zone(rest: &[u8]) -> Option<i64> {
    let rest = rest.trim_ascii();
    let (sign, digits) = match rest {
        b"" | b"Z" | b"z" | b"UTC" | b"GMT" => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let minutes = match digits.len() {
        2 => 0,
        4 => two(&digits[2..])?,
        5 if digits[2] == b':' => two(&digits[3..])?,
        _ => return None,
    };
    let hours = two(digits).filter(|hours| *hours < 24 && minutes < 60)?;
    Some(sign * (hours * 60 + minutes) * 60 * SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(cell: &str) -> Option<i64> {
        Clock::default().read(cell.as_bytes(), Ticks::Unsaid)
    }

    #[test]
    fn the_usual_forms_of_one_moment() {
        // 2023-11-16 18:17:03.97996 UTC
        let at = 1_700_158_623_979_960_000;
        for cell in [
            "2023-11-16 18:17:03.9799600",
            "2023-11-16T18:17:03.97996Z",
            "2023-11-16t18:17:03.979960z",
            "2023-11-16 19:17:03.97996+01:00",
            "2023-11-16T13:17:03.97996-0500",
            "2023/11/16 18:17:03.97996 UTC",
            "16.11.2023 18:17:03,97996",
            "1700158623979960000",
            "1700158623979960",
        ] {
            assert_eq!(read(cell), Some(at), "{cell}");
        }
        assert_eq!(read("1700158623979"), Some(1_700_158_623_979_000_000));
        assert_eq!(read("1700158623"), Some(1_700_158_623 * SECOND));
        assert!((read("1700158623.97996").unwrap() - at).abs() < 1_000);
        assert_eq!(read("2023-11-16"), Some(1_700_092_800 * SECOND));
        assert_eq!(read("2023-11-16 18:17"), Some((1_700_158_620) * SECOND));
    }

    #[test]
    fn counts_from_the_beginning_keep_the_unit_of_the_first() {
        let mut clock = Clock::default();
        let moments: Vec<_> =
            ["0", "27482", "200000000"].map(|cell| clock.read(cell.as_bytes(), Ticks::Unsaid).unwrap()).into();
        assert_eq!(moments, [0, 27_482_000_000, 200_000 * SECOND]);
        assert_eq!(clock.origin(), Some(Origin::RelativeMillis));
        let mut clock = Clock::default();
        clock.counting_seconds(true);
        assert_eq!(clock.read(b"5", Ticks::Unsaid), Some(5 * SECOND));
        assert_eq!(clock.origin(), Some(Origin::RelativeSeconds));
        assert_eq!(Clock::default().read(b"5", Ticks::Seconds), Some(5 * SECOND));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for cell in [
            "",
            "now",
            "2023-13-01",
            "2023-02-30 00:00:00",
            "2023-11-16 25:00:00",
            "2023-11-16 10:61:00",
            "2023-11-16 10:00:00.",
            "2023-11-16 10:00:00 MEZ",
            "2023-11-16 10:00:00+99:00",
            "nan",
            "inf",
            "1e300",
            "11/16/2023 10:00",
            "2023-11-16X10:00",
            "99.99.2023",
            "9999-01-01 00:00:00",
        ] {
            assert_eq!(read(cell), None, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(cell in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = Clock::default().read(&cell, Ticks::Unsaid);
        }

        #[test]
        fn any_digits_are_survived(cell in "[0-9T: .+Z-]{0,32}") {
            let _ = Clock::default().read(cell.as_bytes(), Ticks::Unsaid);
        }
    }
}
