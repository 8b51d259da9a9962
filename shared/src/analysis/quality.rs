//! Which benchmark measures the quality of an answer, and what a difference in it means.

use super::answer::{Answer, question};
use crate::catalog::{Benchmark, Catalog, Model, Score};
use crate::format::points;
use crate::message::Task;
use crate::workload::Source;

/// The benchmark whose scores give the chance that people prefer one answer to another.
const ARENA: &str = "arena";

/// The benchmark that fits a task, and what must be reached on it.
pub(super) struct Yardstick<'a> {
    /// The benchmark.
    pub(super) benchmark: &'a Benchmark,
    /// The score of today's model.
    pub(super) today: Option<&'a Score>,
    /// The least score that the user accepts.
    pub(super) floor: Option<f64>,
}

impl<'a> Yardstick<'a> {
    /// The published score of `model`.
    pub(super) fn score<'m>(&self, model: &'m Model) -> Option<&'m Score> {
        model.score(&self.benchmark.id)
    }

    /// What an option must reach: the floor, else today's score.
    pub(super) fn least(&self) -> Option<f64> {
        self.floor.or(self.today.map(|score| score.value))
    }

    /// The benchmark for `task`. Of several that fit, the first that has a score of today's model; where none has,
    /// the Arena score stands in, which covers most models. A floor says by its size which kind of score it means.
    pub(super) fn choose(
        catalog: &'a Catalog,
        task: Option<Task>,
        floor: Option<f64>,
        today: Option<&'a Model>,
        answer: &mut Answer,
    ) -> Option<Self> {
        let fitting = fitting(task, floor);
        let scored = |id: &&&str| today.is_some_and(|model| model.score(id).is_some());
        let id = match fitting.iter().find(scored) {
            Some(id) => id,
            None if floor.is_none() && today.is_some_and(|model| model.score(ARENA).is_some()) => ARENA,
            None => fitting.first()?,
        };
        let benchmark = catalog.benchmark(id)?;
        // Arena scores are about 1,000 to 1,500; all other scores are shares.
        let means_it = floor.is_none_or(|floor| if id == ARENA { floor >= 500.0 } else { floor <= 1.0 });
        if let Some(floor) = floor.filter(|_| !means_it) {
            answer.warn(
                "surprising_floor",
                format!(
                    "A least quality of {} does not look like a score on {}; it is not applied.",
                    crate::format::count(floor),
                    benchmark.label
                ),
            );
            answer.ask(question(
                "quality_floor",
                format!("What is the least quality, in {} on {}?", benchmark.unit, benchmark.label),
            ));
        }
        let why = match task {
            Some(task) if id == ARENA && task != Task::Chat => {
                format!(" stands in: no open benchmark for {task} covers enough of these models")
            }
            Some(task) => format!(" fits {task}"),
            None => " is used, as for chat: the kind of work is not given".into(),
        };
        let source = if task.is_some() { Source::Computed } else { Source::Default };
        answer.assume("task", None, source, format!("Quality: {}{why}.", benchmark.label));
        answer.citing(&benchmark.source);
        if let Some(last) = answer.assumptions.last_mut() {
            last.as_of = Some(benchmark.as_of);
        }
        Some(Self { benchmark, today: today.and_then(|m| m.score(id)), floor: floor.filter(|_| means_it) })
    }

    /// How `score` compares with today's, in words; empty without a score of today's model.
    pub(super) fn compared(&self, score: &Score) -> Option<String> {
        let today = self.today?;
        let overlap = score.low.zip(today.high).is_some_and(|(low, high)| low <= high)
            && score.high.zip(today.low).is_some_and(|(high, low)| high >= low);
        let within = if overlap && score != today { ", within the error of both" } else { "" };
        let delta = crate::format::signed(points(difference(score, today)));
        let unit = if today.value > 1.0 { " points" } else { "" };
        Some(format!("{delta}{unit} on {}{within}", self.benchmark.label))
    }
}

fn fitting(task: Option<Task>, floor: Option<f64>) -> &'static [&'static str] {
    let as_share = floor.is_some_and(|floor| floor <= 1.0);
    match task {
        _ if floor.is_some_and(|floor| floor > 1.0) => &[ARENA],
        Some(Task::Coding) => &["aider-polyglot", "livebench-coding"],
        Some(Task::Agents) => &["tau2-banking", "tau2-0.1.3"],
        Some(Task::Classification) if as_share => &["mmlu"],
        Some(Task::Extraction | Task::Rag) if as_share => &["drop"],
        _ => &[ARENA],
    }
}

/// `score` above `today`, without the dust of the subtraction: scores have at most four decimals.
pub(super) fn difference(score: &Score, today: &Score) -> f64 {
    ((score.value - today.value) * 1e6).round() / 1e6
}

/// The chance that a person prefers the answer of `other` to that of `current`: 1 / (1 + 10^((Rc - Ro) / 400)), the
/// definition of Arena scores (Bradley-Terry on Elo's scale).
pub(super) fn win_probability(current: &Model, other: &Model) -> Option<f64> {
    let (current, other) = (current.score(ARENA)?.value, other.score(ARENA)?.value);
    Some(1.0 / (1.0 + crate::real::powf(10.0, (current - other) / 400.0)))
}

/// What is said about models that nobody has measured.
pub(super) fn unscored_note(yard: &Yardstick<'_>) -> String {
    format!("No published open score on {}: test it on your own requests before you rely on it.", yard.benchmark.label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::testing;

    #[test]
    fn arena_gpt_4_1_mini_against_gpt_4o_is_0_5645() {
        let catalog = testing::catalog();
        let of = |id| catalog.find(id, None).unwrap()[0];
        let p = win_probability(of("gpt-4o"), of("gpt-4.1-mini")).unwrap();
        assert!((p - 0.5645).abs() < 5e-5, "{p}");
        assert_eq!(win_probability(of("gpt-4o"), of("gpt-6-sol")), None);
    }

    #[test]
    fn the_benchmark_fits_the_task_and_the_floor() {
        let catalog = testing::catalog();
        let chosen = |task, floor, today: &str| {
            let today = catalog.find(today, None).unwrap()[0];
            Yardstick::choose(&catalog, task, floor, Some(today), &mut Answer::default()).unwrap().benchmark.id.clone()
        };
        assert_eq!(chosen(None, None, "gpt-4o"), "arena");
        assert_eq!(chosen(Some(Task::Coding), None, "gpt-4o"), "aider-polyglot");
        assert_eq!(chosen(Some(Task::Coding), None, "claude-opus-4-8"), "livebench-coding");
        assert_eq!(chosen(Some(Task::Coding), Some(1_400.0), "gpt-4o"), "arena");
        assert_eq!(chosen(Some(Task::Agents), None, "gpt-5.2"), "tau2-banking");
        assert_eq!(chosen(Some(Task::Agents), None, "gpt-4o"), "arena");
        assert_eq!(chosen(Some(Task::Classification), Some(0.85), "gpt-4o"), "mmlu");
    }

    #[test]
    fn a_floor_that_is_no_score_is_asked_about() {
        let catalog = testing::catalog();
        let mut answer = Answer::default();
        let yard = Yardstick::choose(&catalog, Some(Task::Chat), Some(70.0), None, &mut answer).unwrap();
        assert_eq!(yard.floor, None);
        assert_eq!(
            (answer.warnings[0].code.as_str(), answer.questions[0].field.as_str()),
            ("surprising_floor", "quality_floor")
        );
    }
}
