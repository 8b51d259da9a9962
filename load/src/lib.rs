//! The rapid-message suite as a library: what every client did and saw ([`history`]), and the invariants over it
//! ([`checker`]).

pub mod checker;
pub mod history;
pub mod rng;
