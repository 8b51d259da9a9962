//! The mathematics below the categories: functions of numbers, with the publication each formula is from. What does
//! not exist is `None`: an overloaded queue has no wait, an empty sample no percentile. Nothing here returns a NaN or
//! an infinity for finite input.

pub mod arrivals;
pub mod critical_path;
pub mod decoding;
pub mod growth;
pub mod hedging;
pub mod hypervolume;
#[cfg(test)]
pub(crate) mod llmperf;
pub mod lognormal;
pub mod percentiles;
pub mod queueing;
pub mod random;
pub mod replay;
pub mod routing;
pub mod weights;
