//! The rapid-message suite as a library: it fires messages fast, watches what comes back, and proves or disproves
//! order, idempotency, consistency and stability of any server that speaks the progress channel.
//!
//! - [`client`] is a client of the channel that sends at intended times and writes down everything in a [`history`];
//!   [`pace`] plans the times.
//! - [`checker`] judges a history by the invariants I1 to I24; [`stats`] and [`thresholds`] judge its figures.
//! - [`mock`] is a reference server that can be wrong on purpose; [`proxy`] harms connections; [`monitor`] watches a
//!   server's memory, threads and descriptors. [`net`] has the ways to a server: TCP, memory, through faults.
//! - [`peers`] puts other systems under the same workloads.
//! - [`scenario`] puts it together: the same scenarios run in simulated time against the mock and against real servers.
//!
//! A server's own tests need little of it:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! use load::{clock::Clock, mock::{Mock, Options}, scenario::{Form, Lab, Scenario, run}};
//!
//! let clock = Clock::at(1_795_305_600_000);
//! let mock = Mock::start(Options::default(), clock);
//! // Against a real server: Target::parse("http://127.0.0.1:3000")
//! let lab = Lab::new(mock.in_memory(), clock, 1, Form::Tiny);
//! let finding = run(Scenario::Sequential, &lab).await.unwrap();
//! assert!(finding.verdict.holds(), "{}", finding.verdict);
//! # }
//! ```

pub mod checker;
pub mod cli;
pub mod client;
pub mod clock;
pub mod conformance;
pub mod history;
pub mod http;
pub mod live;
pub mod mock;
pub mod monitor;
pub mod net;
pub mod pace;
pub mod peers;
pub mod preflight;
pub mod process;
pub mod proxy;
pub mod quick;
pub mod report;
pub mod rng;
pub mod scenario;
pub mod stats;
pub mod thresholds;
