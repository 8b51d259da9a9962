//! Everything that Exemplar knows and computes, free of I/O, clocks and randomness, so that the server and the page
//! run the same code: messages and their checks, the reading of free text, the catalog, the analysis engine, the
//! frames of the channel, and what can go wrong.

// Tests pin exact figures.
#![cfg_attr(test, allow(clippy::float_cmp))]

pub mod analysis;
pub mod catalog;
pub mod date;
pub mod draft;
pub mod examples;
pub mod extract;
pub mod flow;
pub mod format;
pub mod limits;
pub mod message;
pub mod problem;
pub mod protocol;
mod real;
pub mod result;
pub mod trial;
pub mod usage;
pub mod view;
pub mod workload;

/// The version of the engine, named in every result.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");
