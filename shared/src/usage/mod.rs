//! A log of requests, read as it streams in: bytes go in by the piece, bounded figures come out, however long the log
//! is. CSV and JSON lines, with the columns of [`columns`].
//!
//! [`Reader`] finds the rows; `csv` and `jsonl` read their cells; `fold` keeps counts, sums, percentiles, a random
//! sample and the busiest stretch; [`Usage`] is what remains, and what `facts` turns into a workload.

mod arrivals;
mod columns;
mod csv;
mod facts;
mod fold;
mod generate;
mod histogram;
mod jsonl;
mod number;
mod reader;
mod seen;
mod summary;
#[cfg(test)]
mod tests;
mod time;

pub use facts::Facts;
pub use generate::{LogForm, Synthetic};
pub use reader::{Reader, Rejection};
pub use summary::{Latency, ModelUse, Other, Summary, Tokens, Usage};
pub use time::Origin;
