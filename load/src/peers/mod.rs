//! The systems that people would use instead, through thin adapters, under the same workloads on the same machine.
//!
//! [`drive`] knows only [`Peer`] and the two halves of its connections, [`line`] is one user's conversation with it,
//! [`figures`] what came out; [`exemplar`], [`fastapi`], [`restate`] and [`socketio`] know one protocol each. What a
//! peer lacks and how it flushes its disk is printed beside each figure, and so is what it does better.

pub mod drive;
mod exemplar;
mod fastapi;
pub mod figures;
mod line;
mod restate;
mod socketio;
pub mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use shared::message::{ConversationId, MessageId};

pub use exemplar::Exemplar;
pub use fastapi::FastApi;
pub use restate::Restate;
pub use socketio::SocketIo;

use crate::process::Program;

/// Declares the workloads with their name and sentence.
macro_rules! workloads {
    ($($variant:ident = $name:literal, $sentence:literal;)+) => {
        /// A workload that every peer gets.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
        pub enum Workload { $(#[doc = $sentence] $variant),+ }

        impl Workload {
            /// Every workload, in the order in which they run.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name.
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $name),+ } }

            /// What happens in it.
            pub const fn sentence(self) -> &'static str { match self { $(Self::$variant => $sentence),+ } }
        }
    };
}

workloads! {
    Accept = "W1 accept", "rounds of 90 messages of 200 bytes at once on every line; how fast they are accepted";
    Pipeline = "W2 pipeline", "every line keeps 16 messages on the way: four stages, five steps of progress, a result";
    HalfLoad = "W2 half load", "the same at half of what the peer did in W2, with Poisson arrivals: its latency in peace";
    Duplicates = "W3 duplicates", "every message three times, while connections are cut";
    Kills = "W4 kill and cut", "at half of W2, at most 20/s a line: lines are cut every 5 s on average, the server is killed twice";
    Idle = "W5 idle", "sockets that say nothing";
    Burst = "W6 burst", "50 messages within 2.5 s from every user";
    SlowReader = "W7 slow reader", "W6 while one user in twenty sends ten times as much and has a line that reads one frame a second";
}

/// A message on its way to a peer.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// Its id, the idempotency key.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// About 200 bytes.
    pub body: Arc<str>,
}

/// What a peer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The message is taken, durably where the peer is durable.
    Accepted {
        /// Which.
        id: MessageId,
        /// It was known already.
        duplicate: bool,
        /// It is known to be done.
        done: bool,
    },
    /// A step on the way.
    Progress,
    /// It is done.
    Done(MessageId),
    /// It was refused for now, or the call was lost: it is to be sent again.
    Refused(MessageId),
}

/// The half of a connection that speaks.
pub trait Mouth: Send {
    /// Sends a message.
    fn say<'a>(&'a mut self, parcel: &'a Parcel) -> BoxFuture<'a, Result<(), String>>;
}

/// The half of a connection that hears.
pub trait Ear: Send {
    /// The next thing that is said; `None` when the connection has ended. Nothing is lost if the future is dropped.
    fn hear(&mut self) -> BoxFuture<'_, Option<Heard>>;
}

/// A connection.
pub type Line = (Box<dyn Mouth>, Box<dyn Ear>);

/// Something that a peer does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lack {
    /// What, as it stands beside a figure: "no resume".
    pub what: String,
    /// The workloads whose figures it bears on.
    pub bears_on: Vec<Workload>,
}

impl Lack {
    fn new(what: &str, bears_on: &[Workload]) -> Self {
        Self { what: what.into(), bears_on: bears_on.into() }
    }
}

/// What a reader must know to read a peer's figures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Card {
    /// Its name.
    pub name: String,
    /// What it is made of.
    pub made_of: String,
    /// When the disk is flushed, in a word or two.
    pub fsync: String,
    /// What it lacks of the workloads.
    pub lacks: Vec<Lack>,
    /// What it does better than we do.
    pub better: String,
}

/// Where a peer lives during a run.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder with the installed peers.
    pub installed: PathBuf,
    /// A folder of its own for data and logs.
    pub data: PathBuf,
    /// Its first port; three after it are its own too.
    pub port: u16,
}

impl Place {
    /// The address of its `n`-th port.
    pub fn address(&self, n: u16) -> String {
        format!("127.0.0.1:{}", self.port + n)
    }

    /// A program whose output goes to this place.
    pub fn program(&self, path: &Path, args: &[&str], env: &[(&str, String)]) -> Program {
        Program {
            path: path.into(),
            args: args.iter().map(ToString::to_string).collect(),
            env: env.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(),
            log: self.data.join("peer.log"),
        }
    }
}

/// A program to start, and how to see that it is ready.
pub struct Start {
    /// The program.
    pub program: Program,
    /// Where it listens.
    pub address: String,
    /// The path that answers 200 once it is ready; `None` if taking a connection is enough.
    pub path: Option<&'static str>,
}

/// A system under the workloads.
pub trait Peer: Send + Sync {
    /// What a reader must know.
    fn card(&self) -> Card;
    /// Why a workload makes no sense for it, if it does not.
    fn cannot(&self, _workload: Workload) -> Option<&'static str> {
        None
    }
    /// Whether the order of the ends can be seen on a line.
    fn shows_order(&self) -> bool {
        true
    }
    /// The programs to start, in this order.
    fn programs(&self, place: &Place) -> Vec<Start>;
    /// What is to be done when all answer for the first time.
    fn prepare<'a>(&'a self, _place: &'a Place) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
    /// A connection of a user; the same user again continues where it was. A `slow` one is beside the user's own and
    /// has a receive buffer that is as small as the kernel allows.
    fn line<'a>(&'a self, place: &'a Place, user: &'a str, slow: bool) -> BoxFuture<'a, Result<Line, String>>;
}
