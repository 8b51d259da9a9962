//! The ways in which the mock can be wrong on purpose, each with what must find it.

use crate::checker::Rule;

/// Declares the misbehaviours: word, the rule that must be broken (none where a measure must fail instead), sentence.
macro_rules! misbehaviours {
    ($($variant:ident = $word:literal, $rule:expr, $sentence:literal;)+) => {
        /// A way to be wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum Misbehaviour { $(#[doc = $sentence] $variant),+ }

        impl Misbehaviour {
            /// Every misbehaviour.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its word on the command line.
            pub const fn word(self) -> &'static str { match self { $(Self::$variant => $word),+ } }

            /// What it does.
            pub const fn sentence(self) -> &'static str { match self { $(Self::$variant => $sentence),+ } }

            /// The rule that is broken by it; `None` where a measured threshold must fail instead.
            pub const fn breaks(self) -> Option<Rule> { match self { $(Self::$variant => $rule),+ } }
        }
    };
}

misbehaviours! {
    DropEvent = "drop-event", Some(Rule::I13), "does not deliver some events to a connection";
    DuplicateEvent = "duplicate-event", Some(Rule::I13), "delivers some events twice";
    ReorderEvents = "reorder-events", Some(Rule::I13), "delivers some neighbouring events in the wrong order";
    AlterEvent = "alter-event", Some(Rule::I7), "tells another fact live than it keeps under the same offset";
    UncommittedEvent = "uncommitted-event", Some(Rule::I11), "tells ends that it does not keep";
    OffsetHole = "offset-hole", Some(Rule::I7), "leaves out some offsets for everybody";
    SilentEpoch = "silent-epoch", Some(Rule::I8), "names another epoch in some events without saying why";
    WrongOrder = "wrong-order", Some(Rule::I10), "runs a later message of a conversation before its head";
    Overlap = "overlap", Some(Rule::I10), "works on two messages of a conversation at a time";
    WrongNumber = "wrong-number", Some(Rule::I9), "numbers neighbouring messages in the wrong order";
    Forget = "forget", Some(Rule::I1), "accepts some messages and forgets them";
    AckBeforeCommit = "ack-before-commit", Some(Rule::I2), "loses in a kill what it had just accepted";
    DoubleRun = "double-run", Some(Rule::I3), "ends some messages twice";
    RunDuplicates = "run-duplicates", Some(Rule::I3), "runs copies of a message as if they were new";
    MisnumberDuplicates = "misnumber-duplicates", Some(Rule::I4), "answers copies with another number";
    AcceptReused = "accept-reused", Some(Rule::I5), "takes an id with another body for a copy";
    AcceptOld = "accept-old", Some(Rule::I6), "runs ids that are older than the window";
    JumpProgress = "jump-progress", Some(Rule::I12), "leaves out steps without saying so";
    FallProgress = "fall-progress", Some(Rule::I12), "lets the percentage fall";
    LateProgress = "late-progress", Some(Rule::I12), "tells progress after the end";
    HugeProgress = "huge-progress", Some(Rule::I15), "sends progress frames above the agreed size";
    ResumeHole = "resume-hole", Some(Rule::I13), "begins a resume one event too late and calls it complete";
    ResumeAgain = "resume-again", Some(Rule::I13), "begins a resume with an event that was processed";
    NoSnapshot = "no-snapshot", Some(Rule::I14), "says complete:false and sends no snapshot";
    FalseSnapshot = "false-snapshot", Some(Rule::I14), "sends snapshots that differ from the log";
    KeepForStopped = "keep-for-stopped", Some(Rule::I16), "keeps everything for a reader that has stopped";
    SilentRefusal = "silent-refusal", Some(Rule::I17), "drops what is over a limit without a word";
    RefuseWithoutTime = "refuse-without-time", Some(Rule::I17), "refuses without a time to come back";
    RefuseAndRun = "refuse-and-run", Some(Rule::I17), "refuses and runs the message all the same";
    RefuseUrgent = "refuse-urgent", Some(Rule::I18), "refuses the urgent first";
    IgnorePriority = "ignore-priority", Some(Rule::I18), "takes messages as they come, whatever their priority";
    Stall = "stall", Some(Rule::I19), "never ends some messages";
    OutliveSession = "outlive-session", Some(Rule::I20), "goes on telling after a session was ended";
    CancelUnasked = "cancel-unasked", Some(Rule::I22), "cancels messages that nobody cancelled";
    CancelAndCommit = "cancel-and-commit", Some(Rule::I22), "ends a cancelled message a second time";
    LieInCounters = "lie-in-counters", Some(Rule::I23), "counts completed messages wrongly";
    WrongDrain = "wrong-drain", Some(Rule::I24), "closes sockets with something else than 4000 at a drain";
    LeakEvent = "leak-event", Some(Rule::Privacy), "tells some events to another user too";
    Malformed = "malformed", Some(Rule::Protocol), "sends some frames that are not of the protocol";
    ForgetContext = "forget-context", None, "answers as if a conversation had just begun";
    FailMessages = "fail-messages", None, "ends some messages as failed";
    RefuseForGood = "refuse-for-good", None, "refuses some messages for good";
    LeakMemory = "leak-memory", None, "keeps some memory for every message for ever";
    Slow = "slow", None, "takes seconds over some messages";
}

/// What a misbehaviour needs before it can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// Nothing but messages.
    Messages,
    /// A queue that is full now and then.
    FullQueue,
    /// Answers long enough to be more than anybody may keep.
    LongAnswers,
    /// A run that knows itself alone.
    Exclusive,
    /// Power over the server's life, which tests have that run the mock within themselves.
    Kills,
}

impl Misbehaviour {
    /// What it needs.
    pub const fn occasion(self) -> Occasion {
        match self {
            Self::SilentRefusal | Self::RefuseWithoutTime | Self::RefuseAndRun | Self::RefuseUrgent => {
                Occasion::FullQueue
            }
            Self::KeepForStopped => Occasion::LongAnswers,
            Self::LieInCounters => Occasion::Exclusive,
            Self::AckBeforeCommit | Self::WrongDrain => Occasion::Kills,
            _ => Occasion::Messages,
        }
    }
}

impl std::str::FromStr for Misbehaviour {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|m| m.word() == word).ok_or_else(|| {
            let words: Vec<_> = Self::ALL.iter().map(|m| m.word()).collect();
            format!("\"{word}\" is not a misbehaviour; there are: {}", words.join(", "))
        })
    }
}

impl std::fmt::Display for Misbehaviour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
