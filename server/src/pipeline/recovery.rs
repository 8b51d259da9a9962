//! What is done about a problem: one function over the table in `shared::problem`. Everything that fails in the work on
//! a message goes through it, so that the table is what happens.

use shared::problem::{Code, Recovery};

/// What is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The same again, after a pause.
    Again,
    /// The answer comes about without what failed, and says so.
    Without,
    /// What there is becomes the answer, and says that it is less.
    Partial,
    /// The sender is told.
    Tell,
    /// The sender is told, and an operator is called.
    Escalate,
}

/// What is done about `code`. `again` says whether another try is left, `partial` whether there is something to show.
///
/// | recovery in the table | while tries are left | then |
/// |---|---|---|
/// | retry | again | what there is; else told |
/// | fallback | without it | without it |
/// | degrade | what there is; else told | the same |
/// | tell | told | told |
/// | escalate | an operator is called | the same |
pub const fn way(code: Code, again: bool, partial: bool) -> Way {
    match code.recovery() {
        Recovery::Retry if again => Way::Again,
        Recovery::Retry | Recovery::Degrade if partial => Way::Partial,
        Recovery::Retry | Recovery::Degrade | Recovery::Tell => Way::Tell,
        Recovery::Fallback => Way::Without,
        Recovery::Escalate => Way::Escalate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_has_its_way() {
        for code in Code::ALL {
            let (first, last) = (way(*code, true, false), way(*code, false, false));
            let expected = match code.recovery() {
                Recovery::Retry => (Way::Again, Way::Tell),
                Recovery::Fallback => (Way::Without, Way::Without),
                Recovery::Degrade | Recovery::Tell => (Way::Tell, Way::Tell),
                Recovery::Escalate => (Way::Escalate, Way::Escalate),
            };
            assert_eq!((first, last), expected, "{code}");
        }
    }

    #[test]
    fn what_is_there_is_shown_when_the_time_is_over() {
        assert_eq!(way(Code::Timeout, false, true), Way::Partial);
        assert_eq!(way(Code::Timeout, true, false), Way::Tell);
        // A wrong request stays wrong, whatever was computed meanwhile.
        assert_eq!(way(Code::Invalid, true, true), Way::Tell);
        // The models' codes never end a message.
        for code in [Code::LlmUnavailable, Code::LlmBadAnswer, Code::Template, Code::StageTransition, Code::Cache] {
            assert_eq!(way(code, false, true), Way::Without, "{code}");
        }
    }
}
