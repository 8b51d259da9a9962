//! The pictures of a scaling answer.

use super::Case;
use super::hosting::{BreakEven, break_even};
use super::projection::months;
use crate::analysis::answer::{Answer, chart};
use crate::analysis::math::growth::{level, months_to_limit};
use crate::analysis::traffic::DAYS;
use crate::result::{Chart, ChartKind};

/// Points of a line.
const POINTS: u32 = 24;
/// GPUs that the staircase of own hosting shows.
const STEPS: f64 = 16.0;

pub(super) fn write(case: &Case<'_>, answer: &mut Answer) {
    answer.charts.extend(load(case));
    answer.charts.extend(projection(case));
    answer.charts.extend(servers(case));
    answer.charts.extend(hosting(case));
}

/// The use of each limit over the months, with a marker where one is crossed.
fn load(case: &Case<'_>) -> Option<Chart> {
    case.limits.tightest()?;
    let growth = case.workload.growth_per_month.unwrap_or(0.0);
    // A crossing soon after the horizon is worth seeing too.
    let first = case.limits.tightest().and_then(|limit| months_to_limit(limit.utilisation(), growth));
    let horizon = first.filter(|months| *months <= 2.0 * case.horizon()).unwrap_or(0.0).max(case.horizon());
    let mut chart = chart(
        "load",
        "Peak load against the limits",
        ChartKind::Line,
        ("time from today", "months"),
        ("share of the limit", "share"),
    );
    let mut crossings = Vec::new();
    for limit in case.limits.known() {
        let at = |i: u32| horizon * f64::from(i) / f64::from(POINTS);
        let points = (0..=POINTS).map(|i| [at(i), limit.utilisation() * level(growth, at(i))]).collect();
        chart.add(limit.unit, points);
        crossings.extend(months_to_limit(limit.utilisation(), growth).filter(|months| *months <= horizon));
    }
    chart.add("limit", vec![[0.0, 1.0], [horizon, 1.0]]);
    if !crossings.is_empty() {
        crossings.sort_by(f64::total_cmp);
        chart.mark(crossings.first().map(|months| [*months, 1.0]));
        chart.add("reached", crossings.into_iter().map(|months| [months, 1.0]).collect());
    }
    Some(chart)
}

/// The bill over the months, with price steps: low, expected, high.
fn projection(case: &Case<'_>) -> Option<Chart> {
    let months = months(case)?;
    let mut chart = chart(
        "projection",
        "Monthly cost to come, with announced prices",
        ChartKind::Band,
        ("time from today", "months"),
        ("cost", "USD/month"),
    );
    for (i, name) in ["low", "expected", "high"].into_iter().enumerate() {
        chart.add(name, months.iter().map(|month| [month.at, month.usd[i]]).collect());
    }
    Some(chart)
}

/// The share that starts in time against the number of servers.
fn servers(case: &Case<'_>) -> Option<Chart> {
    let servers = case.servers.as_ref()?;
    let mut chart = chart(
        "servers",
        "Requests that start in time, against servers",
        ChartKind::Line,
        ("servers", ""),
        ("share in time", "share"),
    );
    chart.add("in time", servers.curve()?);
    chart.mark(servers.now().map(|needed| [needed, 0.95]));
    Some(chart)
}

/// Vendor and own GPUs against the volume: a line and a staircase.
fn hosting(case: &Case<'_>) -> Option<Chart> {
    let (hosting, spend) = (case.hosting?, case.spend.as_ref()?);
    let one_gpu = hosting.monthly(1.0)?;
    // Requests a day that one GPU carries at the peak.
    let per_gpu = hosting.sustained()? * 86_400.0 / (case.arrivals?.factor * case.traffic.generated()?);
    let equal = match break_even(case)? {
        BreakEven::At(requests) => Some(requests),
        BreakEven::Never(_) => None,
    };
    let last = case.traffic.requests_per_day?.max(equal.unwrap_or(0.0)).mul_add(1.5, 0.0).min(per_gpu * STEPS);
    if !per_gpu.is_finite() || per_gpu <= 0.0 || last <= 0.0 {
        return None;
    }
    let mut chart = chart(
        "break-even",
        "Vendor against own GPUs",
        ChartKind::Line,
        ("volume", "requests/day"),
        ("cost", "USD/month"),
    );
    chart.add("vendor", vec![[0.0, 0.0], [last, last * DAYS * spend.quote.usd]]);
    let mut stairs = Vec::new();
    for gpus in 1..=(last / per_gpu).ceil() as u32 {
        let gpus = f64::from(gpus);
        stairs.push([(gpus - 1.0) * per_gpu, gpus * one_gpu]);
        stairs.push([(gpus * per_gpu).min(last), gpus * one_gpu]);
    }
    chart.add("own GPUs", stairs);
    chart.mark(equal.map(|requests| [requests, one_gpu]));
    Some(chart)
}
