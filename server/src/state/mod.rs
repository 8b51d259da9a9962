//! What lives only while the process does: who is connected, and what waits to be written to them.

pub mod cache;
mod hub;
mod outbox;

pub use hub::{Hub, Limits, Place};
pub use outbox::{Batch, Closing, Item, Outbox};
