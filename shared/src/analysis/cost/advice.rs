//! What to make of the figures: headline and recommendations.

use super::metrics::{asked, has_saving};
use super::options::{best, clearly_better, nearest_at_hand};
use super::reconcile::{Gap, requests_within};
use super::roadmap;
use crate::analysis::answer::Answer;
use crate::analysis::case::Case;
use crate::analysis::offers::{Ranked, Standing};
use crate::format::{count, ratio, share, usd};
use crate::result::Recommendation;

/// Most recommendations of an answer.
const MOST: usize = 6;

pub(super) fn write(case: &Case<'_>, options: &[Ranked<'_>], gap: Option<&Gap>, answer: &mut Answer) {
    let best = best(options);
    answer.headline = headline(case, options, best, gap);
    let mut advice: Vec<Recommendation> = gap.map(settle).into_iter().collect();
    let saves = |r: &&Ranked<'_>| r.option.saving_share.is_some_and(|s| s > 0.0);
    let sure = clearly_better(case, options).map(|r| (r, "Its score is beyond the error of measurement."));
    let near = nearest_at_hand(case, options).map(|r| (r, "Same vendor, no thinking tokens: the least work to try."));
    let levers = options.iter().filter(|r| !r.is_model() && r.standing == Standing::Proven).map(|r| (r, ""));
    let picked = best.filter(|_| has_saving(best)).map(|r| (r, "")).into_iter().chain(sure).chain(near).chain(levers);
    for (ranked, why) in picked.filter(|(r, _)| saves(r)) {
        if advice.iter().all(|a| a.id != ranked.option.id) {
            advice.push(recommend(case, ranked, gap, why));
        }
    }
    advice.extend(budget(case, best, answer));
    advice.truncate(MOST);
    answer.roadmap = roadmap::of(case, &advice, gap.is_some());
    answer.recommendations = advice;
}

fn headline(case: &Case<'_>, options: &[Ranked<'_>], best: Option<&Ranked<'_>>, gap: Option<&Gap>) -> String {
    let Some(now) = &case.now else {
        return match options.first().and_then(|r| Some((&r.option.title, r.usd?))) {
            Some((first, cost)) => {
                format!("Which model do you use today? The cheapest for this request is {first} at {}.", usd(cost))
            }
            None => "Not enough is known to price this: say which model you use, how often, and how many tokens go in \
                     and out."
                .into(),
        };
    };
    let Some(per_request) = case.usd_now() else {
        return format!("{} cannot be priced yet: {}.", now.model.name, unpriced_because(case));
    };
    let better = best.filter(|_| has_saving(best));
    let saving = better.map_or_else(|| format!("No saving found at {}.", asked(case)), |best| saving(case, best));
    if let Some(gap) = gap {
        return format!(
            "Your figures do not agree: at list price this traffic costs {} a month, {} ({}). Which is right? Until \
             that is settled, savings are shares, not dollars. {saving}",
            usd(gap.computed),
            gap.words(),
            usd(gap.stated)
        );
    }
    let today = match case.monthly_now() {
        Some(monthly) => format!("{} a month", usd(monthly)),
        None => format!("{} a request", usd(per_request)),
    };
    let dollars = better.and_then(|b| b.option.saving_usd);
    let dollars = dollars.map_or_else(String::new, |saved| format!(" That is {} a month.", usd(saved)));
    format!("{} costs {today} at list price. {saving}{dollars}", now.model.name)
}

/// What the best option saves, in a sentence.
fn saving(case: &Case<'_>, best: &Ranked<'_>) -> String {
    let (title, saved) = (&best.option.title, share(best.option.saving_share.unwrap_or(0.0)));
    if !best.is_model() {
        return format!("{title}: that saves {saved} at {}.", asked(case));
    }
    let thinks = if best.thinks_uncounted { ", its thinking tokens not counted" } else { "" };
    format!("{title} would cost {saved} less at {}{}{thinks}.", asked(case), quality_words(case, best))
}

fn unpriced_because(case: &Case<'_>) -> &'static str {
    match (case.traffic.input, case.traffic.output) {
        (None, None) => "how many tokens go in and out of a request",
        (None, _) => "how many input tokens has a request",
        (_, None) => "how many output tokens has an answer",
        _ => "no price of it is known for this day",
    }
}

/// ` (+45 points on LMArena…)` for a model that is not today's.
fn quality_words(case: &Case<'_>, ranked: &Ranked<'_>) -> String {
    let words = || {
        let yard = case.yard.as_ref()?;
        yard.compared(yard.score(ranked.model?)?)
    };
    words().map_or_else(String::new, |words| format!(" ({words})"))
}

fn settle(gap: &Gap) -> Recommendation {
    let text = format!(
        "Take requests, tokens and price of one day from the vendor's usage page. If the traffic is right, you are \
         billed {}; if the bill is right, the volume, the tokens or the price per token is {} times off, and every \
         dollar below scales with it.",
        usd(gap.computed),
        ratio(gap.ratio().max(1.0 / gap.ratio()))
    );
    Recommendation {
        id: "reconcile".into(),
        title: "Find out first which figure is wrong".into(),
        text,
        saving_usd: None,
    }
}

/// What an option brings. On a base that is in doubt, the dollars are conditional and in the text only.
fn recommend(case: &Case<'_>, ranked: &Ranked, gap: Option<&Gap>, why: &str) -> Recommendation {
    let option = &ranked.option;
    let saved = option.saving_share.unwrap_or(0.0);
    let money = match (gap, option.saving_usd) {
        (Some(gap), Some(dollars)) => format!(
            ": {} a month if the traffic is as you say, about {} if the bill is right",
            usd(dollars),
            usd(gap.stated * saved)
        ),
        (None, Some(dollars)) => format!(": {} a month", usd(dollars)),
        (_, None) => String::new(),
    };
    let mut sentences = vec![format!("Saves {}{money}{}.", share(saved), quality_words(case, ranked)), why.into()];
    if ranked.is_model() {
        if let Some(p) = option.win_probability {
            sentences.push(format!("People prefer its answer in {} of comparisons with today's model.", share(p)));
        }
        sentences
            .push("Benchmarks are not your traffic: compare both on a few hundred of your own requests first.".into());
    }
    let weighty = ["thinks before", "From 2", "Doubtful"];
    sentences.extend(option.notes.iter().filter(|note| weighty.iter().any(|w| note.contains(w))).cloned());
    sentences.retain(|sentence| !sentence.is_empty());
    Recommendation {
        id: option.id.clone(),
        title: if ranked.is_model() { format!("Move to {}", option.title) } else { option.title.clone() },
        text: sentences.join(" "),
        saving_usd: option.saving_usd.filter(|_| gap.is_none()),
    }
}

/// Whether the budget holds, and what it carries.
fn budget(case: &Case<'_>, best: Option<&Ranked<'_>>, answer: &mut Answer) -> Option<Recommendation> {
    let budget = case.workload.budget_usd_per_month?;
    let (best, best_usd) = (best?, best?.usd?);
    let cost = case.monthly(best_usd)?;
    let carried = requests_within(budget, best_usd);
    let carried = if carried.is_finite() { count(carried) } else { "any number of".into() };
    let (budget, costs) = (usd(budget), usd(cost));
    let text = if case.workload.budget_usd_per_month >= Some(cost) {
        let title = &best.option.title;
        format!("{title} keeps the budget of {budget}: {costs} a month; it would carry {carried} requests a day.")
    } else {
        let text = format!(
            "The cheapest option at {} costs {costs} a month, above the budget of {budget}, which carries {carried} \
             requests a day.",
            asked(case)
        );
        answer.warn("over_budget", text.clone());
        text
    };
    Some(Recommendation { id: "budget".into(), title: format!("Budget of {budget}"), text, saving_usd: None })
}
