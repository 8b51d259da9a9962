//! Places at which a test can end the process, one for each step of a message. Release builds have none.
//!
//! `EXEMPLAR_FAILPOINT=extract` ends the process the first time a message comes to the step `extract`, without a
//! destructor or a flush, as a power cut would.

/// The fifteen steps.
pub const STEPS: [&str; 15] = [
    "validate",
    "accept",
    "conversation",
    "stage",
    "context",
    "select",
    "templates",
    "extract",
    "agents",
    "respond",
    "commit",
    "refresh",
    "answer",
    "failed",
    "release",
];

/// Ends the process if it is told to end at `step`.
#[cfg(debug_assertions)]
pub fn hit(step: &str) {
    static AT: std::sync::LazyLock<Option<String>> =
        std::sync::LazyLock::new(|| std::env::var("EXEMPLAR_FAILPOINT").ok());
    debug_assert!(STEPS.contains(&step), "{step} is not a step");
    if AT.as_deref() == Some(step) {
        std::process::abort();
    }
}

/// Nothing, in a release.
#[cfg(not(debug_assertions))]
#[inline]
pub const fn hit(_: &str) {}
