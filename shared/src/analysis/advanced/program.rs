//! The routing problem as data: what each class of work would cost and be worth on each model.

use crate::analysis::answer::Answer;
use crate::analysis::case::Case;
use crate::analysis::cost::bill::{Tokens, quote};
use crate::catalog::Model;
use crate::workload::{Source, WorkClass};

/// The peak of a minute over the mean, where none is given.
const PEAK_FACTOR: f64 = 1.53;
const PEAK_SOURCE: &str = "Azure LLM inference trace of November 2023, conversations (CC-BY 4.0)";

/// One kind of work.
pub(super) struct Class {
    pub(super) name: String,
    pub(super) requests_per_month: f64,
    pub(super) tokens: Tokens,
    /// The least mean quality of this class.
    pub(super) floor: Option<f64>,
}

/// One model that may take part: priced, and measured on the benchmark.
pub(super) struct Choice<'a> {
    pub(super) model: &'a Model,
    pub(super) quality: f64,
    /// Standard error of the quality, from its 95 % interval; 0 where none is published.
    pub(super) error: f64,
}

/// The whole problem.
pub(super) struct Program<'a> {
    pub(super) classes: Vec<Class>,
    pub(super) choices: Vec<Choice<'a>>,
    /// Dollars a request, by class and choice; `None`: not possible.
    pub(super) usd: Vec<Vec<Option<f64>>>,
    /// Peak requests a minute over mean requests a month.
    pub(super) peak_per_minute: f64,
    /// The vendors of the choices, each once.
    pub(super) vendors: Vec<&'a str>,
}

/// What a plan must keep.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Limits {
    /// Least mean quality over all requests.
    pub(super) quality: Option<f64>,
    /// Most dollars in 30 days.
    pub(super) budget: Option<f64>,
    /// Whether each class keeps its own least quality.
    pub(super) class_floors: bool,
    /// Most requests and tokens a minute of each model at the peak.
    pub(super) rpm: Option<f64>,
    pub(super) tpm: Option<f64>,
    /// Most vendors.
    pub(super) vendors: Option<f64>,
}

/// Shares by class and choice, with what they come to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) shares: Vec<Vec<f64>>,
    /// Dollars in 30 days.
    pub(super) usd: f64,
    /// Mean quality over all requests.
    pub(super) quality: f64,
}

impl<'a> Program<'a> {
    /// The problem of the workload's classes, or of all its requests as one class; `None` while their size and number
    /// are not known.
    pub(super) fn read(case: &Case<'a>, answer: &mut Answer) -> Option<Self> {
        let classes = classes(case)?;
        let yard = case.yard.as_ref()?;
        let scored = case.catalog.models.iter().filter_map(|model| {
            let score = yard.score(model)?;
            let error = score.low.zip(score.high).map_or(0.0, |(low, high)| (high - low) / (2.0 * 1.96));
            Some(Choice { model, quality: score.value, error })
        });
        let choices: Vec<Choice<'a>> = scored.collect();
        let usd = classes.iter().map(|class| choices.iter().map(|c| cost(case, class, c.model)).collect()).collect();
        let mut vendors: Vec<&str> = choices.iter().map(|c| c.model.vendor.as_str()).collect();
        vendors.sort_unstable();
        vendors.dedup();
        let limited = case.workload.rpm_limit.is_some() || case.workload.tpm_limit.is_some();
        let factor = case.workload.peak_factor.unwrap_or(PEAK_FACTOR);
        if limited && case.workload.peak_factor.is_none() {
            let text = "The busiest minute has 1.53 times the mean, as in a production trace of conversations.";
            answer.assume("peak_factor", Some(factor), Source::Default, text);
            answer.citing(PEAK_SOURCE);
        }
        let minutes = 30.0 * 24.0 * 60.0;
        Some(Self { classes, choices, usd, peak_per_minute: factor / minutes, vendors })
    }

    /// All requests of a month.
    pub(super) fn requests(&self) -> f64 {
        self.classes.iter().map(|c| c.requests_per_month).sum()
    }

    /// Tokens of a request of class `i`.
    pub(super) fn tokens(&self, i: usize) -> f64 {
        self.classes[i].tokens.input + self.classes[i].tokens.output
    }

    /// Requests, or tokens, a minute of class `i` at the peak.
    pub(super) fn peak_of(&self, i: usize, by_tokens: bool) -> f64 {
        let size = if by_tokens { self.tokens(i) } else { 1.0 };
        self.classes[i].requests_per_month * self.peak_per_minute * size
    }

    /// The same of all classes.
    pub(super) fn peak(&self, by_tokens: bool) -> f64 {
        (0..self.classes.len()).map(|i| self.peak_of(i, by_tokens)).sum()
    }

    /// Requests or tokens a minute of choice `m` under `plan`.
    pub(super) fn load_of(&self, plan: &Plan, m: usize, by_tokens: bool) -> f64 {
        plan.shares.iter().enumerate().map(|(i, row)| self.peak_of(i, by_tokens) * row[m]).sum()
    }

    /// Whether `plan` puts more than `most` on choice `m`, beyond the rounding of a solver.
    pub(super) fn overloads(&self, plan: &Plan, m: usize, by_tokens: bool, most: f64) -> bool {
        self.load_of(plan, m, by_tokens) > most * (1.0 + 1e-7)
    }

    /// Whether `plan` keeps the limits of all loads.
    pub(super) fn keeps_loads(&self, plan: &Plan, limits: &Limits) -> bool {
        [(limits.rpm, false), (limits.tpm, true)].into_iter().all(|(limit, by_tokens)| {
            limit.is_none_or(|most| (0..self.choices.len()).all(|m| !self.overloads(plan, m, by_tokens, most)))
        })
    }

    /// Those of the busiest choice.
    pub(super) fn busiest(&self, plan: &Plan, by_tokens: bool) -> f64 {
        (0..self.choices.len()).map(|m| self.load_of(plan, m, by_tokens)).fold(0.0, f64::max)
    }

    /// The plan with these shares; shares on impossible choices count nothing.
    pub(super) fn plan(&self, shares: Vec<Vec<f64>>) -> Plan {
        let (mut usd, mut quality) = (0.0, 0.0);
        let requests = self.requests();
        for ((class, row), costs) in self.classes.iter().zip(&shares).zip(&self.usd) {
            for ((share, cost), choice) in row.iter().zip(costs).zip(&self.choices) {
                usd += class.requests_per_month * share * cost.unwrap_or(0.0);
                quality += class.requests_per_month / requests * share * choice.quality;
            }
        }
        Plan { shares, usd, quality }
    }

    /// Everything on the choice `m`, if each class can go there.
    pub(super) fn all_on(&self, m: usize) -> Option<Plan> {
        self.usd.iter().all(|row| row[m].is_some()).then(|| {
            let row: Vec<f64> = (0..self.choices.len()).map(|i| if i == m { 1.0 } else { 0.0 }).collect();
            self.plan(vec![row; self.classes.len()])
        })
    }
}

fn classes(case: &Case<'_>) -> Option<Vec<Class>> {
    if case.workload.classes.is_empty() {
        let (requests_per_month, tokens) = (case.requests_per_month?, case.tokens?);
        return Some(vec![Class { name: "all requests".into(), requests_per_month, tokens, floor: None }]);
    }
    let reasoning = case.traffic.reasoning;
    let class = |c: &WorkClass| Class {
        name: c.name.clone(),
        requests_per_month: c.requests_per_day * 30.0,
        tokens: Tokens { input: c.input_tokens, output: c.output_tokens + reasoning, cached: 0.0, written: 0.0 },
        floor: c.quality_floor,
    };
    Some(case.workload.classes.iter().map(class).collect())
}

/// Dollars for a request of `class` on `model`, if it can be priced and fits.
fn cost(case: &Case<'_>, class: &Class, model: &Model) -> Option<f64> {
    let size = (class.tokens.input + class.tokens.output).max(case.workload.context_tokens.unwrap_or(0.0));
    if model.context_tokens.is_some_and(|most| size > most) {
        return None;
    }
    Some(quote(model, case.traffic.day, &class.tokens)?.usd)
}
