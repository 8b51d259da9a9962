//! What could be done about a load that is or will be too high.

use super::Case;
use super::limits::Limit;
use crate::analysis::cost::bill::quote;
use crate::analysis::math::growth::level;
use crate::format::{count, share, usd};
use crate::result::Candidate;

/// All that applies: what ends an overload first, then the rest.
pub(super) fn all(case: &Case<'_>) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    found.extend(queue_peak(case));
    found.extend(fewer_tokens(case));
    found.extend(batch(case));
    found.extend(cached_prefix(case));
    found.extend(raise_limit(case));
    found.extend(more_concurrency(case));
    found.extend(other_vendors(case));
    found.extend(self_host(case));
    found
}

fn option(id: &str, title: impl Into<String>, notes: Vec<String>) -> Candidate {
    Candidate { id: id.into(), title: title.into(), notes, ..Candidate::default() }
}

/// Requests over the limit wait for a quieter minute, where the mean fits.
fn queue_peak(case: &Case<'_>) -> Option<Candidate> {
    let tightest = case.limits.tightest().filter(|limit| limit.utilisation() > 1.0)?;
    let mean = tightest.utilisation() / case.arrivals?.factor;
    (mean < 1.0).then(|| {
        let note = format!(
            "At the peak {} of the limit in {} would be needed, on average only {}. Let what is above it wait in a \
             line of your own, and retry with a growing pause when the vendor refuses.",
            share(tightest.utilisation()),
            tightest.unit,
            share(mean)
        );
        option("queue-peak", "Let requests wait at the peak", vec![note])
    })
}

/// The size of a request at which the token limit holds.
fn fewer_tokens(case: &Case<'_>) -> Option<Candidate> {
    let tokens = case.limits.tokens.filter(|limit| limit.utilisation() > 1.0)?;
    let today = case.traffic.input? + case.traffic.generated()?;
    let most = (today / tokens.utilisation() * (1.0 + 1e-12)).floor();
    (most >= 1.0).then(|| {
        let note = format!("The token limit then holds at the peak; {} tokens today.", count(today));
        option("fewer-tokens", format!("At most {} tokens a request", count(most)), vec![note])
    })
}

/// What can wait leaves the peak, at the price of the batch interface.
fn batch(case: &Case<'_>) -> Option<Candidate> {
    let part = case.workload.deferrable_share.filter(|part| *part > 0.0)?;
    let mut notes = vec![format!(
        "{} of the requests may wait: as batches they count towards limits of their own, and the peak is {} lower.",
        share(part),
        share(part)
    )];
    notes.extend(case.limits.known().map(|limit| after(&limit, 1.0 - part)));
    let mut found = option("batch", "Send as a batch what can wait", notes);
    if let Some(spend) = &case.spend {
        match spend.quote.price.batch {
            Some(rates) => {
                let usd = spend.quote.usd + part * (spend.tokens.cost(&rates) - spend.quote.usd);
                spend.price(&mut found, usd);
            }
            None => found.notes.push("Cannot price: no batch price of this model is published.".into()),
        }
    }
    Some(found)
}

/// The use of a limit when its load is `times` today's.
fn after(limit: &Limit, times: f64) -> String {
    format!(
        "Use of the limit in {}: {} instead of {}.",
        limit.unit,
        share(limit.utilisation() * times),
        share(limit.utilisation())
    )
}

/// Anthropic does not count input that is read from the cache.
fn cached_prefix(case: &Case<'_>) -> Option<Candidate> {
    let spend = case.spend.as_ref().filter(|spend| spend.model.vendor == "anthropic")?;
    let tokens = case.limits.tokens?;
    let prefix = spend.model.cache.map_or(case.traffic.prefix, |rule| Some(rule.cached(case.traffic.prefix?)))?;
    let all = case.traffic.input? + case.traffic.generated()?;
    let cached = prefix * case.traffic.hit_rate.unwrap_or(1.0);
    if cached <= 0.0 {
        return None;
    }
    let how = if case.traffic.hit_rate.is_some() { "at your hit rate" } else { "at best, if every request hits" };
    let notes = vec![
        format!("Anthropic does not count tokens read from the cache: {} a request, {how}.", count(cached)),
        after(&tokens, 1.0 - cached / all),
    ];
    Some(option("prompt-cache", "Cached prefix of the prompt", notes))
}

/// The limits that today's load and that of the horizon need.
fn raise_limit(case: &Case<'_>) -> Option<Candidate> {
    let growth = case.workload.growth_per_month.filter(|growth| *growth > 0.0);
    let times = growth.map_or(1.0, |growth| level(growth, case.horizon()));
    let needed: Vec<Limit> =
        case.limits.known().filter(|limit| limit.utilisation() * times > 1.0 && times.is_finite()).collect();
    let (first, rest) = needed.split_first()?;
    let mut title = format!("A limit of {} {}", count(first.load * times), first.unit);
    for limit in rest {
        title = format!("{title} and {} {}", count(limit.load * times), limit.unit);
    }
    let when = match growth {
        Some(_) => format!("in {} months", count(case.horizon())),
        None => "at today's peak".into(),
    };
    let notes = needed
        .iter()
        .map(|limit| {
            format!("Needed {when}: {} {}; {} today.", count(limit.load * times), limit.unit, count(limit.allowed))
        })
        .collect();
    Some(option("raise-limit", title, notes))
}

fn more_concurrency(case: &Case<'_>) -> Option<Candidate> {
    let (limit, needed) = (case.workload.concurrency_limit?, case.servers.as_ref()?.now()?);
    (needed > limit.floor()).then(|| {
        let note = format!("{} places today; {} requests run at a time at the peak.", count(limit), {
            count(case.servers.as_ref().map_or(0.0, |servers| servers.load))
        });
        option("more-concurrency", format!("{} places at a time", count(needed)), vec![note])
    })
}

/// The same model at another vendor, whose limits are its own.
fn other_vendors(case: &Case<'_>) -> Vec<Candidate> {
    let Some(spend) = &case.spend else { return Vec::new() };
    let sellers = case.catalog.find(&spend.model.id, None).unwrap_or_default();
    let others = sellers.into_iter().filter(|model| model.vendor != spend.model.vendor);
    others
        .map(|model| {
            let note = "The same model; its limits are its own and add to today's.".to_string();
            let mut found = option(&model.option_id(), format!("{} at {}", model.name, model.vendor), vec![note]);
            (found.model, found.vendor) = (Some(model.id.clone()), Some(model.vendor.clone()));
            match quote(model, case.traffic.day, &spend.tokens) {
                Some(quote) => spend.price(&mut found, quote.usd),
                None => found.notes.push("Cannot price: no price is known for this day.".into()),
            }
            found
        })
        .collect()
}

/// GPUs for today's peak against the vendor's bill.
fn self_host(case: &Case<'_>) -> Option<Candidate> {
    let hosting = case.hosting?;
    let gpus = hosting.gpus(case.peak_output()?)?.max(1.0);
    let monthly = hosting.monthly(gpus)?;
    let mut found = option(
        "self-host",
        format!("{} of your own", crate::format::plural(gpus.min(1e9) as usize, "GPU")),
        Vec::new(),
    );
    found.monthly_cost_usd = Some(monthly);
    let today = case.spend.as_ref().and_then(|spend| spend.monthly(spend.quote.usd));
    if let Some(today) = today {
        found.saving_usd = Some(today - monthly);
        found.saving_share = Some(1.0 - monthly / today).filter(|share| share.is_finite());
        found.notes.push(format!(
            "{} a month for GPUs that run day and night, against {} at the vendor.",
            usd(monthly),
            usd(today)
        ));
    }
    if let Some(worst) = hosting.at_worst().and_then(|worse| hosting.monthly((gpus * worse).ceil())) {
        (found.monthly_cost_low_usd, found.monthly_cost_high_usd) = (Some(monthly), Some(worst));
    }
    found.notes.push(
        "Without people, network, storage, spare GPUs and the work of a migration; and another model, whose quality \
         must be tested."
            .into(),
    );
    Some(found)
}
