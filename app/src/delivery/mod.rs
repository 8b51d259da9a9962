//! The client's side of the progress channel, as a state machine that touches no web API: frames, closings and times
//! go in, [`Action`]s come out. The browser half (`crate::browser`) carries them out; tests do without one.
//!
//! What it keeps: the outbox (messages not yet accepted, sent again in order after every reconnect), the position in
//! each conversation's durable events, and a [`Run`] for each message that is being followed.

mod backoff;
mod client;
mod run;
#[cfg(test)]
mod tests;

pub use client::{Action, Client, Kept, Outgoing};
pub use run::{Run, StepSeen};

/// The state of the connection, as a person sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Nothing to follow yet.
    Idle,
    /// Opening.
    Connecting,
    /// Open; what happened meanwhile is arriving.
    CatchingUp,
    /// Open and up to date.
    Live,
    /// Cut; another try follows.
    Offline,
    /// Refused with this close code; no further try by itself.
    Stopped(u16),
}
