//! What the whole page shares: the message being written, and what the channel has told.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shared::message::{Category, MessageId};

use crate::components::log::Log;
use crate::delivery::{Link, Run};

/// The message being written, as it is kept in the browser across reloads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Written {
    /// The text.
    #[serde(default)]
    pub content: String,
    /// The example it began as.
    #[serde(default)]
    pub example_id: Option<String>,
    /// A log of requests that goes with it.
    #[serde(default)]
    pub log: Option<Log>,
    /// What it is about, where the person said so.
    #[serde(default)]
    pub category: Option<Category>,
    /// Facts that the person set by hand; they win over the text.
    #[serde(default)]
    pub workload: Map<String, Json>,
}

/// The signals of the whole page, in the context.
#[derive(Clone, Copy)]
pub struct Ui {
    /// The message being written.
    pub written: RwSignal<Written>,
    /// Grows when the text was changed by anything but typing, so that the text area follows.
    pub rewritten: RwSignal<u32>,
    /// The state of the channel.
    pub link: RwSignal<Link>,
    /// What the channel told about each message.
    pub runs: RwSignal<BTreeMap<MessageId, Run>>,
}

impl Ui {
    /// The state before anything happened.
    pub fn new() -> Self {
        Self {
            written: RwSignal::new(Written::default()),
            rewritten: RwSignal::new(0),
            link: RwSignal::new(Link::Idle),
            runs: RwSignal::new(BTreeMap::new()),
        }
    }

    /// Replaces the message being written.
    pub fn write(&self, written: Written) {
        self.written.set(written);
        self.rewritten.update(|n| *n += 1);
    }
}

impl Default for Ui {
    fn default() -> Self {
        Self::new()
    }
}
