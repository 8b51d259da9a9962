//! How figures are told: the same words natively and in WebAssembly.

mod number;

pub use number::{count, ms, plural, points, ratio, share, signed, usd};
