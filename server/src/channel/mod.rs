//! The progress channel.
mod frames;
pub use frames::{error_frame, event_frame, frame};
