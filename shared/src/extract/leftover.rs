//! What stands without a label: a figure that no word near it explains is what the others leave missing, if only one
//! thing can be meant.

use super::clauses::Status;
use super::facts::Says;
use super::lexicon::{C, Per};
use super::quantity::{Dim, Mention};
use super::reading::Reading;

/// Milliseconds that the wait for an answer can have.
const WAIT: std::ops::Range<f64> = 50.0..180_000.0;

impl Reading<'_> {
    /// Gives figures without a label the field that is missing.
    pub(super) fn complete(&self, says: &mut [Option<Says>]) {
        let has = |says: &[Option<Says>], field: &'static str| says.contains(&Some(Says::Field(field)));
        let bounds = ["latency_target_ms", "quality_floor", "budget_usd_per_month", "vendors_max"];
        for i in 0..says.len() {
            if says[i].is_some() {
                continue;
            }
            let mention = &self.mentions[i];
            let bounded = bounds.iter().filter(|field| has(says, field)).count();
            let volumes = says.iter().zip(&self.mentions).filter(|(s, m)| self.is_request_rate(**s, m)).count();
            says[i] = match Self::dim(mention) {
                Dim::Time if !has(says, "latency_target_ms") && self.is_wait(mention) => {
                    let measured = says.iter().zip(&self.mentions).any(|(says, m)| {
                        let whole = matches!(
                            says,
                            Some(Says::Latency | Says::Field("latency_p50_ms" | "latency_p95_ms" | "latency_p99_ms"))
                        );
                        whole && m.value() > mention.value()
                    });
                    (measured || bounded >= 1 || volumes >= 2).then_some(Says::Field("latency_target_ms"))
                }
                // "15k USD a month for both": with other bounds and nothing said to be paid, it bounds too.
                Dim::Money if mention.per.is_some_and(|(per, _)| per.days() >= 7.0) && mention.item.is_none() => {
                    let paid = self.sentence_has(mention.from, |c| matches!(c, C::Spend | C::Now | C::Price));
                    let other = has(says, "monthly_spend_usd") || has(says, "budget_usd_per_month");
                    (!paid && !other && (bounded >= 1 || volumes >= 2)).then_some(Says::Field("budget_usd_per_month"))
                }
                Dim::Bare | Dim::Share if (volumes >= 2 || !has(says, "quality_floor")) && self.is_least(mention) => {
                    Some(Says::Field("quality_floor"))
                }
                Dim::Times if !has(says, "peak_factor") && self.is_multiple(mention) => {
                    Some(Says::Field("peak_factor"))
                }
                Dim::Share if !has(says, "gpu_utilisation") && self.is_load(mention) => {
                    Some(Says::Field("gpu_utilisation"))
                }
                _ => None,
            };
        }
    }

    /// Whether a mention is, or will be read as, a volume of requests.
    fn is_request_rate(&self, says: Option<Says>, mention: &Mention) -> bool {
        let default = says.is_none()
            && matches!(mention.dim, Dim::Requests | Dim::Bare)
            && mention.per.is_some_and(|(per, _)| per != Per::Minute);
        self.status[mention.from] == Status::Stated && (default || says == Some(Says::Field("requests_per_day")))
    }

    /// Whether a time can be the wait for an answer: of seconds, not of each token, and not said of something else.
    pub(super) fn is_wait(&self, mention: &Mention) -> bool {
        let seconds = mention.unit == Some(Per::Second) && mention.item.is_none() && mention.per.is_none();
        seconds && WAIT.contains(&mention.value()) && !self.times_tokens(mention)
    }

    /// "at least 0.9": a share or a score that is the least wanted.
    fn is_least(&self, mention: &Mention) -> bool {
        let value = mention.value();
        let score = mention.dim == Dim::Bare && (1000.0..1700.0).contains(&value);
        let share = (0.5..1.0).contains(&value);
        let lead = mention.from.saturating_sub(3)..mention.to;
        let least = lead.into_iter().any(|i| self.toks()[i].is(C::AtLeast));
        let arena = self.message_has(|c| c == C::Arena);
        mention.per.is_none() && (score && (arena || least && !self.labelled(mention)) || share && least)
    }

    /// Whether the next words say what is counted: "at least 1,200 in".
    fn labelled(&self, mention: &Mention) -> bool {
        let toks = self.toks();
        toks[mention.to..]
            .iter()
            .take(2)
            .any(|t| matches!(t.word(), Some(C::In | C::Out | C::Tokens | C::Request | C::User)))
    }

    /// "ten times that", "six times as many": a multiple of the usual load.
    fn is_multiple(&self, mention: &Mention) -> bool {
        let growing = self.sentence_has(mention.from, |c| matches!(c, C::Grow | C::Price | C::Spend));
        let of_load = (mention.to..self.toks().len().min(mention.to + 4)).any(|i| {
            matches!(
                self.text(i),
                "that" | "that rate" | "as much" | "as many" | "so viel" | "viel" | "so" | "davon" | "dessen" | "this"
            )
        });
        mention.per.is_none() && mention.value() > 1.0 && !growing && of_load
    }

    /// A share said of GPUs that are run or loaded.
    fn is_load(&self, mention: &Mention) -> bool {
        (0.1..1.0).contains(&mention.value())
            && mention.per.is_none()
            && self.sentence_has(mention.from, |c| matches!(c, C::Gpu(_) | C::Gpus))
            && (mention.from.saturating_sub(3)..self.toks().len().min(mention.to + 3)).any(|i| {
                matches!(
                    self.text(i),
                    "load" | "last" | "full" | "voll" | "run" | "hot" | "hotter" | "filled" | "capacity" | "kapazitat"
                )
            })
    }
}
