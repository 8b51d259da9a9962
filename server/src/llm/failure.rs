//! Why a model gave no usable answer, and what that means for the next try, the breaker and the reader.

use std::time::Duration;

use shared::problem::{Code, Problem};

/// Why there is no usable answer. The texts are for operators and hold no key and no address with a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It could not be reached, or failed.
    #[error("{0}")]
    Unavailable(String),
    /// It refuses this server, and will the next time: a wrong key, an unknown model.
    #[error("{0}")]
    Refused(String),
    /// It did not answer in time.
    #[error("no answer in time")]
    Slow,
    /// It has too much to do, and may say when to come again.
    #[error("the model's server asked to come again later")]
    RateLimited(Option<Duration>),
    /// It answered nonsense.
    #[error("{0}")]
    BadAnswer(String),
    /// Its text held figures that nobody computed.
    #[error("the text held figures that were not computed")]
    Figures,
    /// The breaker is open.
    #[error("it failed several times in a row and is left alone for a while")]
    Broken,
    /// The operator's budget is used up.
    #[error("the budget of this server for it is used up")]
    Budget,
    /// The server has too much to do to ask a model.
    #[error("many messages wait")]
    Load,
}

impl Failure {
    /// The label in `exemplar_fallbacks_total`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "llm_unavailable",
            Self::Refused(_) => "llm_refused",
            Self::Slow => "llm_timeout",
            Self::RateLimited(_) => "llm_rate_limited",
            Self::BadAnswer(_) => "llm_bad_answer",
            Self::Figures => "llm_figures",
            Self::Broken => "breaker_open",
            Self::Budget => "budget",
            Self::Load => "load",
        }
    }

    /// Every label.
    pub const REASONS: &[&str] = &[
        "llm_unavailable",
        "llm_refused",
        "llm_timeout",
        "llm_rate_limited",
        "llm_bad_answer",
        "llm_figures",
        "breaker_open",
        "budget",
        "load",
    ];

    /// The code of the table of problems, whose recovery says what is done.
    pub const fn code(&self) -> Code {
        match self {
            Self::Unavailable(_) | Self::Refused(_) | Self::Slow | Self::Broken => Code::LlmUnavailable,
            Self::RateLimited(_) | Self::Budget | Self::Load => Code::LlmRateLimited,
            Self::BadAnswer(_) | Self::Figures => Code::LlmBadAnswer,
        }
    }

    /// As a problem.
    pub fn problem(&self) -> Problem {
        Problem::new(self.code(), self.to_string())
    }

    /// Whether another try may help, and the pause that was asked for.
    pub const fn again(&self) -> Option<Option<Duration>> {
        match self {
            Self::Unavailable(_) | Self::Slow | Self::BadAnswer(_) | Self::Figures => Some(None),
            Self::RateLimited(after) => Some(*after),
            Self::Refused(_) | Self::Broken | Self::Budget | Self::Load => None,
        }
    }

    /// Whether the other side is at fault, so that the breaker counts it. One that asks to wait is well.
    pub const fn counts(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Refused(_) | Self::Slow | Self::BadAnswer(_))
    }

    /// What a reader is told about an answer that came about without the model.
    pub const fn told(&self) -> &'static str {
        match self {
            Self::Load => "Many messages are waiting, so this answer came from the built-in engine alone.",
            Self::Budget => {
                "The language model's budget is used up, so this answer came from the built-in engine alone."
            }
            Self::RateLimited(_) => {
                "The language model has too much to do, so this answer came from the built-in engine alone."
            }
            Self::BadAnswer(_) | Self::Figures => {
                "The language model's text could not be used, so this answer came from the built-in engine alone."
            }
            Self::Slow => "The language model took too long, so this answer came from the built-in engine alone.",
            Self::Unavailable(_) | Self::Refused(_) | Self::Broken => {
                "The language model could not be reached, so this answer came from the built-in engine alone."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_a_label_a_code_and_a_sentence() {
        let all = [
            Failure::Unavailable("u".into()),
            Failure::Refused("r".into()),
            Failure::Slow,
            Failure::RateLimited(None),
            Failure::BadAnswer("b".into()),
            Failure::Figures,
            Failure::Broken,
            Failure::Budget,
            Failure::Load,
        ];
        let reasons: Vec<_> = all.iter().map(Failure::reason).collect();
        assert_eq!(reasons, Failure::REASONS);
        for failure in all {
            assert!(failure.told().ends_with("alone."), "{failure}");
            assert!(failure.problem().code.as_str().starts_with("llm_"), "{failure}");
        }
    }
}
