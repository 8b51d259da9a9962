//! Who computes an answer: one agent a category, and a supervisor that sets them to work.
//!
//! Most questions need one agent, which runs where it is called: plain arithmetic takes well under a millisecond. An
//! `advanced` question is worked on by several at once, over one snapshot of the facts that none of them can change:
//! the planner, and the specialists whose figures stand beside its plan. [`merge`] puts their answers together, and
//! does so in the order of the categories, whoever was first.
//!
//! An agent that fails is asked once more; one that fails again is left out, and one that keeps failing is left alone
//! for a while by its breaker. Without the agent that was asked for, the answer is the simplest one that is of use to
//! everybody, its cost, and says so.

mod merge;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use shared::analysis::{self, Request};
use shared::catalog::Catalog;
use shared::message::Category;
use shared::problem::{Code, Problem};
use shared::result::AnalysisResult;
use tokio::task::JoinSet;

use crate::pipeline::Question;
use crate::resilience::{Breaker, Breakers, Deadline};

pub use merge::merge;

/// Times an agent is asked: a fault of ours is the same the second time, one of the moment is not.
const TRIES: u32 = 2;
/// The longest time of a specialist: its figures are a courtesy, and nobody waits for them.
const SPECIALIST_PATIENCE: Duration = Duration::from_secs(5);

/// What an agent reports while others still work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Who.
    pub agent: Category,
    /// How many have reported, this one included.
    pub done: usize,
    /// Of how many.
    pub of: usize,
}

/// An answer, and what is missing in it.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The answer.
    pub result: AnalysisResult,
    /// Why it is less than it should be: the reason for metrics and a sentence for the reader.
    pub less: Option<(&'static str, String)>,
}

/// The facts that all agents of a question work on. Nobody changes them; a changed question is a new snapshot.
pub struct Snapshot {
    /// The version of the conversation's context that it shows.
    pub version: u64,
    /// What is asked, with the facts.
    pub question: Question,
}

/// Why an agent has no answer.
enum Fault {
    /// The facts do not allow one: the sender's to change.
    Problem(Problem),
    /// It broke.
    Broke,
    /// It took too long.
    Late,
    /// It is left alone.
    Open,
}

/// Sets agents to work.
pub struct Supervisor {
    catalog: Arc<Catalog>,
    breakers: Vec<(Category, Arc<Breaker>)>,
}

/// The name of an agent's breaker.
fn breaker_name(agent: Category) -> String {
    format!("agent-{agent}")
}

/// Who works on a question: the agent that was asked for first.
fn agents_for(category: Category) -> Vec<Category> {
    let others = Category::BUILT.iter().copied().filter(|other| *other != category);
    let all = std::iter::once(category).chain(others.filter(|_| category == Category::Advanced));
    all.collect()
}

impl Supervisor {
    /// A supervisor with a breaker for each agent.
    pub fn new(catalog: Arc<Catalog>, breakers: &Breakers) -> Self {
        let breakers = Category::ALL.iter().map(|agent| (*agent, breakers.named(&breaker_name(*agent)))).collect();
        Self { catalog, breakers }
    }

    fn breaker(&self, agent: Category) -> Option<Arc<Breaker>> {
        self.breakers.iter().find(|(of, _)| *of == agent).map(|(_, breaker)| breaker.clone())
    }

    /// Answers a question before `by`; `tell` hears who is done where several work.
    ///
    /// # Errors
    /// Those of [`analysis::analyze`], and `internal` if nobody could answer.
    pub async fn answer(
        &self,
        snapshot: &Arc<Snapshot>,
        by: Deadline,
        tell: &mut (dyn FnMut(Report) + Send),
    ) -> Result<Answered, Problem> {
        let category = snapshot.question.category;
        let found = if category == Category::Advanced {
            self.together(snapshot, by, tell).await
        } else {
            // A log is replayed, which takes milliseconds that others on this thread must not wait for.
            let apart = snapshot.question.log.is_some();
            self.one(category, snapshot, by, apart).await
        };
        match found {
            Ok(result) => Ok(Answered { result, less: None }),
            Err(Fault::Problem(problem)) => Err(problem),
            Err(fault) => self.simpler(snapshot, by, &fault).await,
        }
    }

    /// The planner and the specialists, all at once; their answers, merged.
    async fn together(
        &self,
        snapshot: &Arc<Snapshot>,
        by: Deadline,
        tell: &mut (dyn FnMut(Report) + Send),
    ) -> Result<AnalysisResult, Fault> {
        let agents = agents_for(snapshot.question.category);
        let (of, mut done) = (agents.len(), 0);
        let mut at_work = JoinSet::new();
        for agent in &agents {
            let (agent, snapshot) = (*agent, snapshot.clone());
            let (catalog, breaker) = (self.catalog.clone(), self.breaker(agent));
            let by = if agent == snapshot.question.category { by } else { by.within(SPECIALIST_PATIENCE) };
            at_work.spawn(async move { (agent, tries(agent, &snapshot, &catalog, breaker, by, true).await) });
        }
        let (mut main, mut others) = (Err(Fault::Broke), Vec::new());
        while let Some(joined) = at_work.join_next().await {
            let Ok((agent, found)) = joined else { continue };
            done += 1;
            tell(Report { agent, done, of });
            if agent == snapshot.question.category {
                main = found;
            } else if let Ok(result) = found {
                others.push((agent, result));
            }
        }
        Ok(merge(main?, others))
    }

    async fn one(
        &self,
        agent: Category,
        snapshot: &Arc<Snapshot>,
        by: Deadline,
        apart: bool,
    ) -> Result<AnalysisResult, Fault> {
        tries(agent, snapshot, &self.catalog, self.breaker(agent), by, apart).await
    }

    /// The answer without the agent that was asked for.
    async fn simpler(&self, snapshot: &Arc<Snapshot>, by: Deadline, fault: &Fault) -> Result<Answered, Problem> {
        let asked = snapshot.question.category;
        let nobody = || Problem::new(Code::Internal, "The message could not be analysed. Send it again later.");
        if asked == Category::Cost {
            return Err(nobody());
        }
        let result = match self.one(Category::Cost, snapshot, by, false).await {
            Ok(result) => result,
            Err(Fault::Problem(problem)) => return Err(problem),
            Err(_) => return Err(nobody()),
        };
        let (reason, why) = match fault {
            Fault::Late => ("agent_timeout", "took too long"),
            Fault::Open => ("agent_open", "has failed several times and is being left alone"),
            _ => ("agent_failed", "failed"),
        };
        let text = format!("The analysis for {} {why}; this is the cost alone.", asked.label().to_lowercase());
        Ok(Answered { result, less: Some((reason, text)) })
    }
}

/// Asks one agent, once more if it breaks; `apart` from the thread that serves everybody where it may take long.
async fn tries(
    agent: Category,
    snapshot: &Arc<Snapshot>,
    catalog: &Arc<Catalog>,
    breaker: Option<Arc<Breaker>>,
    by: Deadline,
    apart: bool,
) -> Result<AnalysisResult, Fault> {
    let pass = match breaker.as_ref().map(Breaker::enter).transpose() {
        Ok(pass) => pass,
        Err(_open) => return Err(Fault::Open),
    };
    let mut ended = Err(Fault::Broke);
    for _ in 0..TRIES {
        ended = if apart {
            let (snapshot, catalog) = (snapshot.clone(), catalog.clone());
            let run = tokio::task::spawn_blocking(move || guarded(agent, &snapshot.question, &catalog));
            match by.wait(run).await {
                Ok(joined) => joined.unwrap_or(Err(Fault::Broke)),
                Err(_elapsed) => Err(Fault::Late),
            }
        } else {
            guarded(agent, &snapshot.question, catalog)
        };
        if !matches!(ended, Err(Fault::Broke)) {
            break;
        }
        tracing::error!(%agent, "an agent broke");
    }
    if let Some(pass) = pass {
        match &ended {
            Ok(_) | Err(Fault::Problem(_)) => pass.well(),
            Err(_) => pass.failed(),
        }
    }
    ended
}

/// Runs an agent; a panic in it stays in it.
fn guarded(agent: Category, question: &Question, catalog: &Catalog) -> Result<AnalysisResult, Fault> {
    match catch_unwind(AssertUnwindSafe(|| run(agent, question, catalog))) {
        Ok(answer) => answer.map_err(Fault::Problem),
        Err(_panic) => Err(Fault::Broke),
    }
}

fn run(agent: Category, question: &Question, catalog: &Catalog) -> Result<AnalysisResult, Problem> {
    let Question { category: _, workload, provenance, format, today, log } = question;
    let request = Request { category: agent, workload, provenance, format: *format, today: *today };
    let observed = log.as_ref().and_then(|log| log.observed());
    analysis::analyze_with(&request, catalog, observed.as_ref())
}

/// The answer to a question, by all agents that it needs, one after another on this thread.
///
/// # Errors
/// Those of [`analysis::analyze`].
pub fn alone(question: &Question, catalog: &Catalog) -> Result<AnalysisResult, Problem> {
    let main = run(question.category, question, catalog)?;
    let others = agents_for(question.category).into_iter().skip(1);
    Ok(merge(main, others.filter_map(|agent| Some((agent, run(agent, question, catalog).ok()?))).collect()))
}

/// The question that `text` asks, for tests.
#[cfg(test)]
pub(crate) fn about(category: Category, text: &str) -> Question {
    let read = shared::extract::extract(text);
    let today = "2026-11-22".parse().expect("a day");
    let (workload, provenance) = (read.workload, read.provenance);
    Question { category, workload, provenance, format: shared::message::Format::Detailed, today, log: None }
}

/// A result as the engine makes it, for tests.
#[cfg(test)]
pub(crate) fn example() -> AnalysisResult {
    let text = "200k requests/day on gpt-4o, 1,200 input / 300 output tokens: cut the cost";
    alone(&about(Category::Cost, text), &crate::catalog::load()).expect("a result")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resilience::{Settings, State};
    use crate::world::{Held, World};

    const PLAN: &str = "Plan our traffic: 200k requests/day on gpt-4o, 1,200 input / 300 output tokens, at most \
        $20k/month, quality at least 1250, answers within 4 s, growing 10 % a month";

    fn question(category: Category) -> Question {
        about(category, PLAN)
    }

    fn supervisor() -> (Supervisor, Arc<Breakers>) {
        let settings = Settings { failures: 2, recovery: Duration::from_secs(30) };
        let breakers = Breakers::new(settings, World::of(Held::new(0, 1)));
        (Supervisor::new(Arc::new(crate::catalog::load()), &breakers), breakers)
    }

    #[tokio::test]
    async fn a_plan_is_worked_on_by_all_and_merged_the_same_way_each_time() {
        let (supervisor, _) = supervisor();
        let snapshot = Arc::new(Snapshot { version: 3, question: question(Category::Advanced) });
        let mut reports = Vec::new();
        let by = Deadline::after(Duration::from_mins(1));
        let answered = supervisor.answer(&snapshot, by, &mut |report| reports.push(report)).await.unwrap();
        assert_eq!(
            reports.iter().map(|r| (r.done, r.of)).collect::<Vec<_>>(),
            [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
        );
        let alone = alone(&snapshot.question, &supervisor.catalog).unwrap();
        assert_eq!(answered.result, alone, "the order in which they end makes no difference");
        assert!(answered.less.is_none());
        for id in ["plan_cost_usd", "front_size", "cost_per_request_usd", "requests_per_second_peak"] {
            assert!(alone.metric(id).is_some_and(|metric| metric.value.is_some()), "{id}");
        }
    }

    #[tokio::test]
    async fn an_agent_that_is_left_alone_is_replaced_by_the_cost_and_says_so() {
        let (supervisor, breakers) = supervisor();
        for _ in 0..2 {
            breakers.named("agent-scaling").enter().ok().unwrap().failed();
        }
        let snapshot = Arc::new(Snapshot { version: 1, question: question(Category::Scaling) });
        let by = Deadline::after(Duration::from_mins(1));
        let answered = supervisor.answer(&snapshot, by, &mut |_| {}).await.unwrap();
        let (reason, text) = answered.less.unwrap();
        assert_eq!((reason, answered.result.category), ("agent_open", Category::Cost));
        assert!(text.contains("scal") && text.contains("cost alone"), "{text}");
    }

    #[tokio::test]
    async fn a_plan_that_comes_too_late_is_replaced_and_counted() {
        let (supervisor, breakers) = supervisor();
        let snapshot = Arc::new(Snapshot { version: 1, question: question(Category::Advanced) });
        let answered = supervisor.answer(&snapshot, Deadline::after(Duration::ZERO), &mut |_| {}).await.unwrap();
        assert_eq!(answered.less.map(|(reason, _)| reason), Some("agent_timeout"));
        let plan = breakers.views().into_iter().find(|view| view.name == "agent-advanced").unwrap();
        assert_eq!((plan.failures, plan.state), (1, State::Closed));
    }

    #[tokio::test]
    async fn what_the_sender_must_change_is_told_and_counts_for_nothing() {
        let (supervisor, breakers) = supervisor();
        let mut asked = question(Category::Cost);
        asked.workload.model = Some("no-such-model-9".into());
        let snapshot = Arc::new(Snapshot { version: 1, question: asked });
        let by = Deadline::after(Duration::from_mins(1));
        let problem = supervisor.answer(&snapshot, by, &mut |_| {}).await.unwrap_err();
        assert_eq!(problem.code, Code::UnknownModel);
        assert!(breakers.views().iter().all(|view| view.failures == 0));
    }
}
