//! What keeps a fault elsewhere from becoming one of ours: circuit breakers ([`breaker`]), pauses between tries
//! ([`backoff`]) and points in time after which nothing is begun ([`deadline`]). A leaf: clock and randomness come in
//! from [`crate::world`].

mod backoff;
mod breaker;
mod deadline;

pub use backoff::Backoff;
pub use breaker::{Breaker, Breakers, Open, Pass, Settings, State, View};
pub use deadline::{Deadline, Elapsed};

/// The breaker around the language model.
pub const LLM: &str = "llm";
/// The breaker around the cache.
pub const CACHE: &str = "cache";
