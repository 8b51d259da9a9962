//! The progress channel, `GET /ws`: a socket's life from the handshake to the close.
//!
//! `socket` opens it, reads what the client says and closes it; `coding` is their form on the wire; `feed` writes what happens, replays what was missed and
//! serves the event stream over HTTP too; `frames` has the texts.

mod coding;
mod feed;
mod frames;
mod reader;
mod socket;

use std::time::Duration;

use shared::limits as l;

pub use feed::{Feed, FeedItem, FeedSink, Plan};
pub use frames::{error_frame, event_frame, frame};
pub use socket::routes;

/// How long the channel waits for what; tests wait less.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// For a valid `hello`.
    pub hello: Duration,
    /// Between the server's pings; a peer silent for twice as long is gone.
    pub heartbeat: Duration,
    /// For a reader that takes nothing.
    pub write: Duration,
    /// For the peer's close after ours.
    pub close: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            hello: Duration::from_secs(l::HELLO_TIMEOUT_S),
            heartbeat: Duration::from_millis(l::HEARTBEAT_MS),
            write: Duration::from_secs(10),
            close: Duration::from_secs(1),
        }
    }
}
