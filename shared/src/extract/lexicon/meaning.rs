//! What words can mean.

use crate::message::Task;

/// A stretch of time that rates and sums are stated over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Per {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Per {
    /// Its length in days: weeks have 7, months 30, years 365.
    pub(in crate::extract) const fn days(self) -> f64 {
        match self {
            Self::Second => 1.0 / 86_400.0,
            Self::Minute => 1.0 / 1_440.0,
            Self::Hour => 1.0 / 24.0,
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => 30.0,
            Self::Quarter => 90.0,
            Self::Year => 365.0,
        }
    }

    /// What `value` per this stretch is per day, without the error of dividing by a part of a day.
    pub(in crate::extract) const fn a_day(self, value: f64) -> f64 {
        match self {
            Self::Second => value * 86_400.0,
            Self::Minute => value * 1_440.0,
            Self::Hour => value * 24.0,
            longer => value / longer.days(),
        }
    }

    /// What `value` per this stretch is per month of 30 days; a year has twelve.
    pub(in crate::extract) const fn a_month(self, value: f64) -> f64 {
        match self {
            Self::Month | Self::Quarter | Self::Year => value / self.months(),
            shorter => shorter.a_day(value) * 30.0,
        }
    }

    /// Its length in months: a year has twelve, shorter stretches are parts of 30 days.
    pub(in crate::extract) const fn months(self) -> f64 {
        match self {
            Self::Quarter => 3.0,
            Self::Year => 12.0,
            Self::Month => 1.0,
            shorter => shorter.days() / 30.0,
        }
    }

    /// Its length in milliseconds.
    pub(in crate::extract) const fn ms(self) -> f64 {
        self.days() * 86_400_000.0
    }
}

/// What a word means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::extract) enum C {
    // Words that carry structure.
    Other,
    Letter(char),
    Mult(f64),
    Grand,
    NumWord(f64),
    Frac(f64),
    /// The place in a row: "every twentieth".
    Nth(f64),
    About,
    Per,
    Every,
    Article,
    To,
    Between,
    From,
    And,
    Or,
    But,
    With,
    At,
    Of,
    Is,
    Filler,
    InWord,
    OutWord,
    All,
    Most,
    // Units.
    Time(Per),
    Adv(Per),
    Ms,
    Rate(Per),
    TokRate(Per),
    Percent,
    Dollar,
    Foreign(&'static str),
    Times,
    Tokens,
    Request,
    User,
    Gpus,
    Node,
    // What a figure is about.
    In,
    Out,
    Reason,
    Prefix,
    Rest,
    Context,
    Hit,
    Cache,
    Defer,
    Urgent,
    Dup,
    Easy,
    Util,
    Failure,
    Spend,
    Budget,
    Save,
    Price,
    UpTo,
    More,
    AtLeast,
    Limit,
    Peak,
    Mean,
    Grow,
    Shrink,
    Double(f64),
    Horizon,
    Ttft,
    Tpot,
    Speed,
    P50,
    P95,
    P99,
    Target,
    Latency,
    Timeout,
    Window,
    Seq,
    Par,
    Conc,
    ArrivalScv,
    ServiceScv,
    Quality,
    Arena,
    Accuracy,
    Vendors,
    AsOf,
    // Who says it, when, and whether.
    Not,
    Except,
    If,
    WhatIf,
    Hist,
    Ago,
    LastMonth,
    Now,
    Third,
    First,
    They,
    Expect,
    Future,
    Would,
    Wish,
    Correct,
    Ignore,
    Question,
    // What a message is about.
    Task(Task),
    Vendor(&'static str),
    Gpu(&'static str),
    Switch,
    Versus,
    Use,
}
