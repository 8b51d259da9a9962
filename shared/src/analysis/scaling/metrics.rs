//! The figures of a scaling answer, each with its formula.

use super::Case;
use super::hosting::{BreakEven, break_even};
use super::limits::Reached;
use super::projection::months;
use crate::analysis::answer::{Answer, metric};
use crate::analysis::load::{queueing_source, told};
use crate::analysis::math::growth::doubling_months;
use crate::format::{count, ms, share, usd};
use crate::result::Metric;

pub(super) fn write(case: &Case<'_>, answer: &mut Answer) {
    answer.metrics.extend(rates(case));
    answer.metrics.extend(places(case));
    answer.metrics.extend(utilisations(case));
    let growth = [months_to_limit(case, answer), doubling(case, answer)];
    answer.metrics.extend(growth.into_iter().flatten());
    answer.metrics.extend(gpus(case));
    let break_even = break_even_metric(case, answer);
    answer.metrics.extend(break_even);
    answer.metrics.extend(bills(case));
}

fn rates(case: &Case<'_>) -> Vec<Metric> {
    let Some(arrivals) = case.arrivals else { return Vec::new() };
    let source = told(case.request, &["requests_per_day"]);
    let requests = arrivals.mean * 86_400.0;
    let mean = format!("{} requests a day / 86,400 s", count(requests));
    let peak = format!("{} × {} at the peak", count(arrivals.mean), count(arrivals.factor));
    let peak_source = told(case.request, &["requests_per_day", "peak_factor"]);
    vec![
        metric("requests_per_second_mean", "Mean load", "requests/s", Some(arrivals.mean), mean, &source),
        metric("requests_per_second_peak", "Peak load", "requests/s", Some(arrivals.peak()), peak, &peak_source),
    ]
}

fn places(case: &Case<'_>) -> Vec<Metric> {
    let (Some(servers), Some(arrivals), Some(time)) = (&case.servers, case.arrivals, &case.time) else {
        return Vec::new();
    };
    let little =
        format!("{} requests/s × {} = {}; {}", count(arrivals.peak()), ms(time.ms), count(servers.load), time.formula);
    let source = queueing_source(servers.is_replayed(), false);
    vec![
        metric(
            "concurrency",
            "Requests at a time, at the peak",
            "requests",
            Some(servers.load),
            little,
            "Little's law (J. D. C. Little, 1961)",
        ),
        metric("servers_needed", "Servers needed", "servers", servers.now(), servers.formula(), source)
            .within(servers.range())
            .against(case.workload.concurrency_limit),
    ]
}

fn utilisations(case: &Case<'_>) -> Vec<Metric> {
    let source = told(case.request, &["requests_per_day", "rpm_limit", "tpm_limit"]);
    let one = |id, words, limit: Option<super::limits::Limit>| {
        let limit = limit?;
        let formula = format!("{} = {}", limit.formula(), share(limit.utilisation()));
        Some(metric(id, words, "share", Some(limit.utilisation()), formula, &source).against(Some(1.0)))
    };
    [
        one("rpm_utilisation", "Use of the request limit", case.limits.requests),
        one("tpm_utilisation", "Use of the token limit", case.limits.tokens),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn months_to_limit(case: &Case<'_>, answer: &mut Answer) -> Option<Metric> {
    let reached = case.limits.reached(case.workload.growth_per_month)?;
    let tightest = case.limits.tightest()?;
    let used = share(tightest.utilisation());
    let (months, formula) = match reached {
        Reached::Already => {
            (Some(0.0), format!("{used} of the limit in {} is used at the peak: it is already crossed", tightest.unit))
        }
        Reached::In(months) => {
            let growth = share(case.workload.growth_per_month.unwrap_or(0.0));
            let day = case.day_in(months).map_or_else(String::new, |day| format!(", on {day}"));
            (Some(months), format!("ln(1 / {used}) / ln(1 + {growth}), limit in {}{day}", tightest.unit))
        }
        Reached::Never => {
            let text = format!("The load does not grow, so no limit is ever reached: {used} is the most that is used.");
            answer.warn("limit_never_reached", text);
            (None, format!("{used} of the limit in {} is used, and the load does not grow", tightest.unit))
        }
    };
    let source = "compound growth of your figures";
    Some(metric("months_to_limit", "Months until a limit is reached", "months", months, formula, source))
}

fn doubling(case: &Case<'_>, answer: &mut Answer) -> Option<Metric> {
    let growth = case.workload.growth_per_month?;
    let months = doubling_months(growth);
    if months.is_none() {
        answer.warn("not_growing", format!("At {} a month the load never doubles.", share(growth)));
    }
    let formula = format!("ln 2 / ln(1 + {})", share(growth));
    let source = told(case.request, &["growth_per_month"]);
    Some(metric("doubling_months", "Months until the load has doubled", "months", months, formula, &source))
}

fn gpus(case: &Case<'_>) -> Vec<Metric> {
    let Some(hosting) = case.hosting else { return Vec::new() };
    let source = told(case.request, &["gpu", "gpu_usd_per_hour", "tokens_per_second_per_gpu", "gpu_utilisation"]);
    let speed = hosting.sustained().zip(hosting.tokens_per_second);
    let mut found = Vec::new();
    if let Some((output, (sustained, speed))) = case.peak_output().zip(speed) {
        let gpus = hosting.gpus(output);
        let worst = hosting.at_worst().and_then(|worse| hosting.gpus(output * worse));
        let formula = format!(
            "{} output tokens/s at the peak / ({} × {} = {}), rounded up",
            count(output),
            count(speed),
            share(hosting.utilisation),
            count(sustained)
        );
        found.push(metric("gpus_needed", "GPUs needed", "GPUs", gpus, formula, &source).within(gpus.zip(worst)));
    }
    if let Some((usd_per_mtok, hourly)) = hosting.usd_per_mtok().zip(hosting.usd_per_hour) {
        let sustained = hosting.sustained().unwrap_or(0.0);
        let formula =
            format!("{} × 1,000,000 / ({} tokens/s × 3,600 s) = {}", usd(hourly), count(sustained), usd(usd_per_mtok));
        let worst = hosting.at_worst().map(|worse| (usd_per_mtok, usd_per_mtok * worse));
        found.push(
            metric(
                "self_host_usd_per_mtok",
                "A million output tokens on an own GPU",
                "USD/Mtok",
                Some(usd_per_mtok),
                formula,
                &source,
            )
            .within(worst),
        );
    }
    found
}

/// The vendor's bill today and at the horizon.
fn bills(case: &Case<'_>) -> Vec<Metric> {
    let (Some(spend), Some(months)) = (&case.spend, months(case)) else { return Vec::new() };
    let (Some(first), Some(last)) = (months.first(), months.last()) else { return Vec::new() };
    let (horizon, now) = (count(last.at), first.usd[1]);
    let growth = case.workload.growth_per_month.map_or_else(
        || "no growth stated, volume a fifth lower to higher".into(),
        |growth| format!("growth {} a month, a fifth lower to higher", share(growth)),
    );
    let today = format!("requests of 30 days × {} a request", usd(spend.quote.usd));
    let then = format!("today's bill with the growth and the announced prices of {horizon} months; {growth}");
    vec![
        metric("monthly_cost_usd", "Cost of 30 days at list price", "USD/month", Some(now), today, &spend.source),
        metric(
            "projected_monthly_cost_usd",
            &format!("The same in {horizon} months"),
            "USD/month",
            Some(last.usd[1]),
            then,
            &spend.source,
        )
        .within(Some((last.usd[0], last.usd[2])))
        .against(Some(now)),
    ]
}

fn break_even_metric(case: &Case<'_>, answer: &mut Answer) -> Option<Metric> {
    let (hourly, spend) = (case.hosting?.usd_per_hour?, case.spend.as_ref()?);
    let formula = format!("24 h × {} / {} a request", usd(hourly), usd(spend.quote.usd));
    let value = match break_even(case)? {
        BreakEven::At(requests) => Some(requests),
        BreakEven::Never(why) => {
            answer.warn("no_break_even", why);
            None
        }
    };
    Some(
        metric(
            "break_even_requests_per_day",
            "Requests a day from which one GPU is cheaper",
            "requests/day",
            value,
            formula,
            &spend.source,
        )
        .against(case.traffic.requests_per_day),
    )
}
