//! Figures as people read and write them. Nothing here depends on a locale, so the server and the browser print the
//! same characters; the wording is that of the engine's own sentences.

use serde_json::Value as Json;
use shared::format;
use shared::workload::{FieldSpec, Kind, Value};

/// A figure in two parts, so that the unit can be set smaller than the number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The number, with a sign that belongs to it: `$36,000`, `36.5%`.
    pub number: String,
    /// What follows it: `/month`, `ms`; may be empty.
    pub unit: String,
}

impl Figure {
    fn new(number: String, unit: impl Into<String>) -> Self {
        Self { number, unit: unit.into() }
    }

    /// Both parts in one line.
    pub fn text(&self) -> String {
        if self.unit.is_empty() || self.unit.starts_with('/') {
            format!("{}{}", self.number, self.unit)
        } else {
            format!("{} {}", self.number, self.unit)
        }
    }
}

/// `value` in `unit`, the unit words being those of [`shared::result::Metric::unit`] and of the workload's table.
pub fn figure(value: f64, unit: &str) -> Figure {
    match unit {
        "share" => Figure::new(format::share(value), ""),
        "share/month" => Figure::new(format::share(value), "/month"),
        "ratio" => Figure::new(format!("{}×", format::ratio(value)), ""),
        "ms" => duration(value),
        _ => match unit.strip_prefix("USD") {
            Some(rest) => Figure::new(format::usd(value), rest),
            None => Figure::new(format::count(value), unit),
        },
    }
}

/// A large count in a few characters: `200k`, `6M`; below ten thousand in full.
pub fn compact(value: f64) -> String {
    let (scaled, suffix) = match value.abs() {
        v if v >= 999_500_000.0 => (value / 1e9, "B"),
        v if v >= 999_500.0 => (value / 1e6, "M"),
        v if v >= 10_000.0 => (value / 1e3, "k"),
        _ => return format::count(value),
    };
    let decimals = if scaled.abs() < 9.95 { 10.0 } else { 1.0 };
    format!("{}{suffix}", format::count((scaled * decimals).round() / decimals))
}

/// A time as it was measured, from microseconds to minutes.
pub fn duration(ms: f64) -> Figure {
    let round = |value: f64, decimals: i32| {
        let scale = 10f64.powi(decimals);
        format::count((value * scale).round() / scale)
    };
    match ms.abs() {
        a if a < 0.9995 => Figure::new(round(ms, 2), "ms"),
        a if a < 9.95 => Figure::new(round(ms, 1), "ms"),
        a if a < 999.5 => Figure::new(round(ms, 0), "ms"),
        a if a < 59_950.0 => Figure::new(round(ms / 1e3, 1), "s"),
        _ => Figure::new(round(ms / 60e3, 1), "min"),
    }
}

/// The value of a workload field as a chip shows it; the label carries the unit where it is a count.
pub fn field_value(spec: &FieldSpec, value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(n) => match spec.unit {
            "share" | "share/month" => format::share(*n),
            "ms" => duration(*n).text(),
            unit if unit.starts_with("USD") => format::usd(*n),
            _ => format::count(*n),
        },
    }
}

/// The value as it stands in an editor: plain digits, a percentage for shares.
pub fn editable(spec: &FieldSpec, value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(n) if spec.unit.starts_with("share") => format!("{}%", plain(n * 100.0)),
        Value::Number(n) => plain(*n),
    }
}

fn plain(value: f64) -> String {
    // Ten decimals hide the noise of a binary fraction, and trimming them keeps what was typed.
    let text = format!("{value:.10}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// Reads what a person typed for a field: `12k`, `$12,000`, `70%`, `1.5 million`. The table still checks the bounds.
///
/// # Errors
/// A sentence for the person, where it is not a number but must be one.
pub fn read_field(spec: &FieldSpec, typed: &str) -> Result<Json, String> {
    let typed = typed.trim();
    if !matches!(spec.kind, Kind::Number { .. }) {
        return Ok(Json::from(typed));
    }
    let Some((number, percent)) = read_number(typed) else {
        return Err(format!("\"{typed}\" is not a number. Write it like 12000, 12k or 70%."));
    };
    let is_share = spec.unit.starts_with("share");
    if percent && !is_share {
        return Err("This is not a share, so it cannot be a percentage.".into());
    }
    // In a share's editor a bare number above one can only be meant as a percentage.
    let value = if percent || (is_share && number > 1.0) { number / 100.0 } else { number };
    Ok(Json::from(value))
}

/// A number and whether it was a percentage.
fn read_number(typed: &str) -> Option<(f64, bool)> {
    let lower = typed.to_lowercase().replace(['−', '–'], "-");
    let bare: String =
        lower.chars().filter(|c| !matches!(c, '$' | ',' | '_' | ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}')).collect();
    let (bare, percent) = bare.strip_suffix('%').map_or((bare.as_str(), false), |b| (b, true));
    let scales = [("thousand", 1e3), ("million", 1e6), ("billion", 1e9), ("k", 1e3), ("m", 1e6), ("b", 1e9)];
    let (digits, scale) =
        scales.iter().find_map(|(word, by)| Some((bare.strip_suffix(word)?, *by))).unwrap_or((bare, 1.0));
    let plain = digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | 'e'));
    let number = digits.parse::<f64>().ok().filter(|n| plain && n.is_finite())?;
    Some((number * scale, percent))
}

/// An RFC 3339 time in UTC as `22 Nov 2026, 05:15 UTC`; the text itself where it is not one.
pub fn day_and_time(rfc3339: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let read = || {
        let (date, time) = rfc3339.split_once('T')?;
        let mut parts = date.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
        Some(format!("{} {month} {year}, {} UTC", day.trim_start_matches('0'), time.get(..5)?))
    };
    read().unwrap_or_else(|| rfc3339.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::workload::field;

    #[test]
    fn figures_have_their_unit() {
        let shown = [(36_000.0, "USD/month"), (0.006, "USD"), (0.37, "share"), (3.0, "ratio"), (1_250.0, "points")];
        assert_eq!(
            shown.map(|(value, unit)| figure(value, unit).text()),
            ["$36,000/month", "$0.006", "37 %", "3.0×", "1,250 points"]
        );
        assert_eq!(
            [0.42, 4.23, 340.4, 2_400.0, 12_340.0, 90_000.0].map(|ms| duration(ms).text()),
            ["0.42 ms", "4.2 ms", "340 ms", "2.4 s", "12.3 s", "1.5 min"]
        );
        assert_eq!(
            [200_000.0, 6e6, 1_200.0, 999_600.0, 2.3, -12_500.0].map(compact),
            ["200k", "6M", "1,200", "1M", "2.3", "-13k"]
        );
    }

    #[test]
    fn what_an_editor_shows_reads_back_the_same() {
        for (name, number) in [("requests_per_day", 200_000.0), ("cache_hit_rate", 0.07), ("monthly_spend_usd", 12.34)]
        {
            let spec = field(name).unwrap();
            let shown = editable(spec, &Value::Number(number));
            let read = read_field(spec, &shown).unwrap().as_f64().unwrap();
            assert!((read - number).abs() < 1e-12 * number, "{name}: {shown} became {read}");
        }
    }

    #[test]
    fn people_write_numbers_in_many_ways() {
        let spec = field("monthly_spend_usd").unwrap();
        for typed in ["12k", "$12,000", "12 000", "12K", "0.012M", "12 thousand", "1.2e4"] {
            assert_eq!(read_field(spec, typed), Ok(Json::from(12_000.0)), "{typed}");
        }
        for typed in ["", "a lot", "12%", "inf", "NaN", "1.2.3", "--5"] {
            assert!(read_field(spec, typed).is_err(), "{typed}");
        }
        let share = field("cache_hit_rate").unwrap();
        for typed in ["70%", "70", "0.7", "70 %"] {
            assert_eq!(read_field(share, typed), Ok(Json::from(0.7)), "{typed}");
        }
    }

    #[test]
    fn a_time_reads_like_a_date() {
        assert_eq!(day_and_time("2026-11-02T05:15:09.123Z"), "2 Nov 2026, 05:15 UTC");
        assert_eq!(day_and_time("soon"), "soon");
    }
}
