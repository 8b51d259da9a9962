//! All that touches web APIs: storage, clock, randomness, fetch, the socket. In the browser these are real (`web`);
//! everywhere else they answer that there is no browser (`absent`), so that components compile for both without a
//! condition of their own. Nothing here is called while a page is rendered, only from effects and events.

#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
mod absent;
#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
mod web;

#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
#[allow(unused_imports, reason = "the server calls little of it")]
pub(crate) use absent::*;
#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
pub(crate) use web::*;
