//! The invariants, each with its sentence.

use serde::{Serialize, Serializer};

/// Declares the rules with their name and sentence.
macro_rules! rules {
    ($($rule:ident = $title:literal),+ $(,)?) => {
        /// What must hold. `I1` to `I24` are the invariants of the delivery design; `Privacy` is promise 5 of the
        /// channel ("nobody sees another user's anything"), `Protocol` is the form of the frames themselves.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum Rule { $(#[doc = $title] $rule),+ }

        impl Rule {
            /// Every rule, in order.
            pub const ALL: &[Self] = &[$(Self::$rule),+];

            /// Its short name.
            pub const fn name(self) -> &'static str { match self { $(Self::$rule => stringify!($rule)),+ } }

            /// Its sentence.
            pub const fn title(self) -> &'static str { match self { $(Self::$rule => $title),+ } }
        }
    };
}

rules! {
    I1 = "an accepted message is never lost",
    I2 = "an acceptance never precedes its durable commit: it survives a kill",
    I3 = "one message has one set of effects: accepted once, ended once",
    I4 = "every duplicate gets the same conversation and number",
    I5 = "the same id with another body is refused as reused and never executed",
    I6 = "an id outside the window is refused and never executed",
    I7 = "offsets start at 1, grow by 1, and one offset is the same fact for every reader, for ever",
    I8 = "a new epoch only after declared loss; epochs never mix",
    I9 = "numbers follow the order in which a client sent, without gap or repeat",
    I10 = "a conversation's messages end in the order of their numbers, one running at a time",
    I11 = "nothing is told that is not in the durable log",
    I12 = "progress: step = previous + 1 + skipped, attempt and percent never fall, none after the end",
    I13 = "a resume is exact: replayed and live events are the log, none missing, none twice",
    I14 = "complete:false always brings a snapshot, and the snapshot is the log folded up to its offset",
    I15 = "frames keep within the sizes that were agreed",
    I16 = "a reader that stops costs bounded memory",
    I17 = "a refusal is said, carries a time to come back, and leaves no trace; nothing is dropped silently",
    I18 = "the urgent wait and are refused last",
    I19 = "after faults end, everything accepted comes to an end in time",
    I20 = "nothing is accepted or delivered after a session's end",
    I21 = "an open breaker lets nothing through but probes",
    I22 = "only what was cancelled ends as cancelled; a cancel and a commit have one winner",
    I23 = "the server's counters equal the history",
    I24 = "a drain loses no accepted message and closes every socket with 4000",
    Privacy = "nobody sees another user's anything",
    Protocol = "every frame is of the protocol, and welcome comes first",
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
