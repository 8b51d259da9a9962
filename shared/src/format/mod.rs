//! How figures and answers are told: the same words natively and in WebAssembly. `number` writes figures; `report` and
//! `sections` make a document of an answer; `csv`, `markdown` and `html` write it.

mod csv;
mod html;
mod markdown;
mod number;
mod report;
mod sections;
#[cfg(test)]
mod tests;

pub use csv::csv;
pub use html::{escape, html};
pub use markdown::{chart_table, markdown};
pub use number::{count, ms, plural, points, ratio, share, signed, usd};
pub use report::{Block, Depth, Report, Subject, Table};
pub use sections::value;
