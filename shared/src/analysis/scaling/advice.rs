//! What to make of the figures: headline, recommendations, roadmap, and what is missing.

use super::Case;
use super::hosting::{BreakEven, break_even};
use super::limits::Reached;
use super::projection::{months, price_steps};
use crate::analysis::answer::{Answer, question};
use crate::analysis::math::growth::{level, months_to_limit};
use crate::format::{count, plural, share, usd};
use crate::result::{Candidate, Recommendation, RoadmapItem};

/// Months that a raised limit or a new vendor takes.
const LEAD_MONTHS: f64 = 2.0;

pub(super) fn write(case: &Case<'_>, options: &[Candidate], answer: &mut Answer) {
    answer.headline = headline(case);
    let mut advice: Vec<Recommendation> = limit_advice(case, options).into_iter().collect();
    advice.extend(options.iter().filter(|option| is_useful(case, option)).map(recommend));
    advice.extend(look_ahead(case).or_else(|| headroom(case)));
    advice.dedup_by(|a, b| a.id == b.id);
    answer.roadmap = roadmap(case, &advice);
    answer.recommendations = advice;
    for (_, text) in price_steps(case) {
        answer.warn("price_step", text);
    }
    questions(case, answer);
}

fn headline(case: &Case<'_>) -> String {
    let Some(arrivals) = case.arrivals else {
        return "How much arrives is not known: say how many requests there are a day.".into();
    };
    let mut sentences = vec![format!(
        "{} requests a day are {} a second on average and {} at the peak.",
        count(arrivals.mean * 86_400.0),
        count(arrivals.mean),
        count(arrivals.peak())
    )];
    if let Some(tightest) = case.limits.tightest() {
        let used = share(tightest.utilisation());
        let unit = tightest.unit;
        sentences.push(match case.limits.reached(case.workload.growth_per_month) {
            Some(Reached::Already) => format!("The limit in {unit} is already crossed: {used} of it is needed."),
            Some(Reached::In(months)) => {
                format!("The limit in {unit} is used to {used} and reached in {}.", in_months(case, months))
            }
            Some(Reached::Never) => format!("The limit in {unit} is used to {used} and never reached: no growth."),
            None => format!("The limit in {unit} is used to {used}: enough for today's peak."),
        });
    }
    if let Some(servers) = &case.servers {
        sentences.push(match servers.now() {
            Some(needed) => format!("{} requests run at a time; {} carry them.", count(servers.load), places(needed)),
            None => format!(
                "{} requests run at a time, but an answer alone takes longer than the target.",
                count(servers.load)
            ),
        });
    }
    let gpus = case.hosting.zip(case.peak_output()).and_then(|(hosting, output)| hosting.gpus(output));
    if let Some(gpus) = gpus {
        let enough = if gpus <= 1.0 { "one GPU is enough".into() } else { format!("{} GPUs are needed", count(gpus)) };
        sentences.push(format!("To host it yourself, {enough}."));
    }
    match break_even(case) {
        Some(BreakEven::At(requests)) => {
            let today = case.traffic.requests_per_day.unwrap_or(0.0);
            let verdict = if today >= requests { "you are above it" } else { "you are below it" };
            sentences.push(format!("One GPU pays from {} requests a day; {verdict}.", count(requests)));
        }
        Some(BreakEven::Never(_)) => sentences.push("Own hosting has no break-even here.".into()),
        None => {}
    }
    sentences.join(" ")
}

fn places(needed: f64) -> String {
    if needed < 1e6 { plural(needed as usize, "server") } else { format!("{} servers", count(needed)) }
}

/// `5.3 months, on 2027-05-01`.
fn in_months(case: &Case<'_>, months: f64) -> String {
    let day = case.day_in(months).map_or_else(String::new, |day| format!(", on {day}"));
    format!("{} months{day}", count((months * 10.0).round() / 10.0))
}

/// When each limit is reached, and what to do before.
fn limit_advice(case: &Case<'_>, options: &[Candidate]) -> Option<Recommendation> {
    let raise = options.iter().find(|option| option.id == "raise-limit")?;
    let growth = case.workload.growth_per_month.unwrap_or(0.0);
    let mut sentences: Vec<String> = case
        .limits
        .known()
        .filter_map(|limit| Some((limit, months_to_limit(limit.utilisation(), growth)?)))
        .map(|(limit, months)| match months {
            0.0 => format!("The limit in {} is crossed now.", limit.unit),
            _ => format!("The limit in {} is reached in {}.", limit.unit, in_months(case, months)),
        })
        .collect();
    let first = case.limits.tightest().and_then(|limit| months_to_limit(limit.utilisation(), growth))?;
    if first > LEAD_MONTHS {
        let by = case.day_in(first - LEAD_MONTHS).map_or_else(String::new, |day| format!(" by {day}"));
        sentences.push(format!("Ask for more{by}: a raised limit takes weeks."));
    } else {
        sentences.push("Ask for more now.".into());
    }
    sentences.extend(raise.notes.iter().cloned());
    Some(Recommendation {
        id: raise.id.clone(),
        title: raise.title.clone(),
        text: sentences.join(" "),
        saving_usd: None,
    })
}

/// Whether an option solves something that the user has.
fn is_useful(case: &Case<'_>, option: &Candidate) -> bool {
    let saves = option.saving_usd.is_some_and(|saved| saved > 0.0);
    let strained = case.limits.tightest().is_some_and(|limit| limit.utilisation() > 0.8);
    match option.id.as_str() {
        "raise-limit" => false,
        "queue-peak" | "fewer-tokens" | "more-concurrency" => true,
        "prompt-cache" => strained,
        "self-host" => saves,
        _ => strained || saves,
    }
}

fn recommend(option: &Candidate) -> Recommendation {
    let saved = option.saving_usd.filter(|saved| *saved > 0.0).map(|saved| format!("Saves {} a month.", usd(saved)));
    Recommendation {
        id: option.id.clone(),
        title: option.title.clone(),
        text: saved.into_iter().chain(option.notes.iter().cloned()).collect::<Vec<_>>().join(" "),
        saving_usd: option.saving_usd.filter(|saved| *saved > 0.0),
    }
}

/// How much more the limits carry, where nothing is known about growth.
fn headroom(case: &Case<'_>) -> Option<Recommendation> {
    let tightest = case.limits.tightest().filter(|limit| limit.utilisation() < 1.0 && limit.load > 0.0)?;
    let times = count((1.0 / tightest.utilisation() * 100.0).floor() / 100.0);
    Some(Recommendation {
        id: "headroom".into(),
        title: format!("Room for {times} times today's peak"),
        text: format!(
            "{}: {}. Watch the busiest minute, and ask for more when {} of the limit is used: a raised limit takes \
             weeks.",
            tightest.formula(),
            share(tightest.utilisation()),
            share(0.8)
        ),
        saving_usd: None,
    })
}

/// What the horizon brings.
fn look_ahead(case: &Case<'_>) -> Option<Recommendation> {
    let growth = case.workload.growth_per_month.filter(|growth| *growth != 0.0)?;
    let (horizon, arrivals) = (case.horizon(), case.arrivals?);
    let times = level(growth, horizon);
    let peak = arrivals.peak() * times;
    if !peak.is_finite() {
        return None;
    }
    let mut sentences = vec![format!("{} requests a second at the peak, {} times today's.", count(peak), count(times))];
    sentences.extend(case.servers.as_ref().and_then(|s| s.needed(times)).map(|needed| format!("{}.", places(needed))));
    let gpus = case.hosting.zip(case.peak_output()).and_then(|(hosting, output)| hosting.gpus(output * times));
    sentences.extend(gpus.map(|gpus| format!("{} GPUs.", count(gpus))));
    if let Some(last) = months(case).and_then(|months| months.last().copied()) {
        sentences.push(format!(
            "{} a month at the vendor, {} to {} if growth is a fifth less or more.",
            usd(last.usd[1]),
            usd(last.usd[0]),
            usd(last.usd[2])
        ));
    }
    sentences.extend(price_steps(case).into_iter().map(|(_, text)| text));
    Some(Recommendation {
        id: "look-ahead".into(),
        title: format!("In {} months", count(horizon)),
        text: sentences.join(" "),
        saving_usd: None,
    })
}

fn roadmap(case: &Case<'_>, advice: &[Recommendation]) -> Vec<RoadmapItem> {
    if advice.is_empty() {
        return Vec::new();
    }
    let has = |ids: &[&str]| advice.iter().any(|a| ids.contains(&a.id.as_str()));
    let crossed = case.limits.tightest().is_some_and(|limit| limit.utilisation() >= 1.0);
    let steps: [(bool, u32, &str, &str); 5] = [
        (
            true,
            1,
            if crossed { "Stop the refusals" } else { "Measure" },
            "Log requests and tokens by the minute for a week, and count the answers with status 429. Done when the \
             busiest minute over the mean is known.",
        ),
        (
            has(&["queue-peak", "batch", "prompt-cache", "fewer-tokens"]),
            1,
            "Flatten the peak",
            "A line of your own before the vendor, batches for what can wait, fewer tokens. Done when the busiest \
             minute is below the limit.",
        ),
        (
            has(&["raise-limit", "more-concurrency"]),
            3,
            "Raise the limits",
            "Ask the vendor with the measured load and the projection in hand. Done when the limits carry the load of \
             the horizon.",
        ),
        (
            has(&["self-host"]),
            4,
            "Try own hosting on part of the traffic",
            "One GPU, your model, a tenth of the traffic. Done when its tokens a second and its quality are measured.",
        ),
        (
            true,
            1,
            "Look again",
            "Run this analysis every month with a new log: growth and prices move. Done when no limit is nearer than \
             two months.",
        ),
    ];
    let mut items: Vec<RoadmapItem> = Vec::new();
    for (_, weeks, title, text) in steps.into_iter().filter(|step| step.0) {
        let week_from = items.last().map_or(1, |last| last.week_to + 1);
        items.push(RoadmapItem { week_from, week_to: week_from + weeks - 1, title: title.into(), text: text.into() });
    }
    items
}

fn questions(case: &Case<'_>, answer: &mut Answer) {
    let w = case.workload;
    if case.arrivals.is_none() {
        answer.ask(question("requests_per_day", "How many requests do you make a day?"));
    }
    if w.growth_per_month.is_none() {
        let asked = question("growth_per_month", "By how much does the load grow a month?");
        let choices = [("Not at all", 0.0), ("5 %", 0.05), ("10 %", 0.1), ("20 %", 0.2)];
        answer.ask(
            choices
                .iter()
                .fold(asked, |asked, (words, growth)| asked.choice(*words, &[("growth_per_month", (*growth).into())])),
        );
    }
    if case.traffic.input.is_none() && w.tpm_limit.is_some() {
        answer.ask(question("input_tokens", "How many input tokens does a request have on average?"));
    }
    if case.traffic.output.is_none() && (w.tpm_limit.is_some() || case.hosting.is_some() || w.ttft_ms.is_some()) {
        answer.ask(question("output_tokens", "How many output tokens does an answer have on average?"));
    }
    if case.time.is_none() {
        answer.ask(question("ttft_ms", "How many milliseconds pass until the first token?"));
        answer.ask(question("tpot_ms", "How many milliseconds does each further token take?"));
    }
    if w.rpm_limit.is_none() && w.tpm_limit.is_none() && case.hosting.is_none() {
        answer.ask(question("rpm_limit", "How many requests a minute does your vendor allow?"));
        answer.ask(question("tpm_limit", "How many tokens a minute does your vendor allow?"));
    }
    if w.peak_factor.is_none() && case.arrivals.is_some() {
        answer.ask(question("peak_factor", "How many times the mean is your busiest minute? A log tells."));
    }
    if case.hosting.is_some() && w.model.is_none() {
        answer.ask(question("model", "Which model do you use today? Its price decides when own hosting pays."));
    }
}
