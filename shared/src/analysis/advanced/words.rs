//! What a plan comes to: headline, the plans to choose from, recommendations, roadmap.

use super::choice::Wish;
use super::program::Plan;
use super::robust::{cost_on, next_step};
use super::{Solved, routes};
use crate::analysis::answer::Answer;
use crate::analysis::case::Case;
use crate::analysis::pareto::dominators;
use crate::format::{count, points, share, usd};
use crate::result::{Candidate, Infeasible, Recommendation, RoadmapItem};

pub(super) fn write(case: &Case<'_>, solved: &Solved<'_>, answer: &mut Answer) {
    answer.headline = match &solved.plan {
        Ok(plan) => headline(case, solved, plan),
        Err(infeasible) => cannot(case, infeasible),
    };
    answer.options = options(case, solved);
    match &solved.plan {
        Ok(plan) => advise(case, solved, plan, answer),
        Err(infeasible) => answer.recommendations.push(Recommendation {
            id: "relax".into(),
            title: format!("Relax {}", infeasible.constraint),
            text: cannot(case, infeasible),
            saving_usd: None,
        }),
    }
    let unscored = case.catalog.models.len() - solved.program.choices.len();
    if let Some(yard) = case.yard.as_ref().filter(|_| unscored > 0) {
        let text =
            format!("{unscored} models have no published open score on {} and take no part.", yard.benchmark.label);
        answer.warn("coverage", text);
    }
}

fn headline(case: &Case<'_>, solved: &Solved<'_>, plan: &Plan) -> String {
    let routing = in_words(solved, plan);
    let quality = case.yard.as_ref().map_or_else(String::new, |yard| {
        format!(" at a mean quality of {} on {}", points(plan.quality), yard.benchmark.label)
    });
    let today = match solved.today.as_ref().map(|t| t.usd).or_else(|| case.monthly_now()) {
        Some(now) if now > 0.0 && plan.usd < now => format!(", {} less than today", share(1.0 - plan.usd / now)),
        _ => String::new(),
    };
    format!("{} a month{quality}{today}: {routing}.", usd(plan.usd))
}

/// `faq: 100 % GPT-5 nano; complaints: 40 % …`, as far as it fits.
fn in_words(solved: &Solved<'_>, plan: &Plan) -> String {
    let name = |id: &str| {
        let found = solved.program.choices.iter().find(|c| c.model.id == id);
        found.map_or(id.to_string(), |c| c.model.name.clone())
    };
    let mut parts: Vec<String> = Vec::new();
    for class in solved.program.classes.iter().take(4) {
        let of_class = routes(&solved.program, plan).into_iter().filter(|r| r.class == class.name);
        let shares: Vec<String> = of_class.map(|r| format!("{} {}", share(r.share), name(&r.model))).collect();
        parts.push(format!("{} {}", class.name, shares.join(" + ")));
    }
    if solved.program.classes.len() > 4 {
        parts.push("…".into());
    }
    parts.join("; ")
}

fn cannot(case: &Case<'_>, infeasible: &Infeasible) -> String {
    let field = crate::workload::field(&infeasible.constraint);
    let label = field.map_or(infeasible.constraint.as_str(), |spec| spec.label);
    let needed = infeasible.needed.map(|needed| match infeasible.constraint.as_str() {
        "budget_usd_per_month" => format!("at least {} a month", usd(needed)),
        "quality_floor" => format!("at most {}", points(needed)),
        name if name.starts_with("classes") => format!("at most {}", points(needed)),
        _ => format!("at least {}", count(needed)),
    });
    let and = case.yard.as_ref().map_or("", |yard| yard.benchmark.label.as_str());
    match needed {
        Some(needed) => {
            format!("No plan keeps all limits. Relaxing one is enough: {label}, which must be {needed} ({and}).")
        }
        None => format!("No plan keeps all limits. The first in the way is {label}."),
    }
}

/// The plan, the cheapest, the knee, the best, and today, with who is beaten by whom.
fn options(case: &Case<'_>, solved: &Solved<'_>) -> Vec<Candidate> {
    let front = solved.front.as_ref();
    let named = [
        ("plan", "The plan", solved.plan.as_ref().ok()),
        ("knee", "The knee of the front: after it, quality gets dear", front.and_then(|f| f.plans.get(f.knee?))),
        ("cheapest", "The cheapest plan", front.and_then(|f| f.plans.first())),
        ("best", "The plan of the most quality", front.and_then(|f| f.plans.last())),
        ("today", "Everything on today's model", solved.today.as_ref()),
    ];
    let plans: Vec<(&str, &str, &Plan)> =
        named.iter().filter_map(|(id, title, plan)| Some((*id, *title, (*plan)?))).collect();
    let beaten = dominators(&plans.iter().map(|(_, _, p)| (p.usd, Some(p.quality))).collect::<Vec<_>>());
    let requests = solved.program.requests();
    let option = |(i, (id, title, plan)): (usize, &(&str, &str, &Plan))| {
        let now = solved.today.as_ref();
        Candidate {
            id: (*id).into(),
            title: (*title).into(),
            monthly_cost_usd: Some(plan.usd),
            cost_per_request_usd: Some(plan.usd / requests).filter(|usd| usd.is_finite()),
            saving_usd: now.map(|now| now.usd - plan.usd),
            saving_share: now.map(|now| 1.0 - plan.usd / now.usd).filter(|share| share.is_finite()),
            quality: Some(plan.quality),
            quality_benchmark: case.yard.as_ref().map(|yard| yard.benchmark.id.clone()),
            quality_delta: now.map(|now| plan.quality - now.quality),
            dominated_by: beaten[i].map(|by| plans[by].0.into()),
            notes: vec![in_words(solved, plan)],
            ..Candidate::default()
        }
    };
    plans.iter().enumerate().map(option).collect()
}

fn advise(case: &Case<'_>, solved: &Solved<'_>, plan: &Plan, answer: &mut Answer) {
    let saving = solved.today.as_ref().map(|today| today.usd - plan.usd).filter(|saved| *saved > 0.0);
    let mean = if let Wish::Floor(floor) = solved.wish {
        format!("The mean quality is held at {}; single requests on weaker models are below it.", points(floor))
    } else {
        "The quality is a mean over all requests; single requests on weaker models are below it.".into()
    };
    let text = format!(
        "{}. {mean} Route by class first, and grade a few hundred answers of each class.",
        in_words(solved, plan)
    );
    answer.recommendations.push(Recommendation {
        id: "plan".into(),
        title: "Route the work by this plan".into(),
        text,
        saving_usd: saving,
    });
    if let Some(day) = next_step(&solved.program, plan, case.traffic.day)
        && let Some(cost) = cost_on(&solved.program, plan, day)
    {
        answer
            .warn("price_step", format!("A price in this plan changes: from {day} on it costs {} a month.", usd(cost)));
    }
    let steps = [
        (1, 1, "Tell the classes apart", "Done when each request carries its class and a week is logged."),
        (2, 3, "Grade each class on its models", "Done when 200 answers of each class and model are graded blind."),
        (4, 6, "Move class by class", "The largest saving first, with today's model one setting away."),
    ];
    answer.roadmap.extend(steps.map(|(week_from, week_to, title, text)| RoadmapItem {
        week_from,
        week_to,
        title: title.into(),
        text: text.into(),
    }));
}
