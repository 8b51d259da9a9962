//! What the browser keeps. A browser may refuse to store anything (private windows, full quota); then the page works
//! without, so every failure here is taken for "nothing stored".

use leptos::prelude::window;
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::Storage;

use crate::delivery::{Kept, Outgoing};

const OUTBOX: &str = "exemplar.outbox.";
const CHANNEL: &str = "exemplar.channel";

/// Kept until the visitor clears it, shared by all tabs.
pub(super) fn local() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Kept while this tab is open.
fn tab() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Reads what `put` stored.
pub(super) fn get<T: DeserializeOwned>(storage: Option<&Storage>, key: &str) -> Option<T> {
    serde_json::from_str(&storage?.get_item(key).ok()??).ok()
}

/// Stores a value as JSON.
pub(super) fn put<T: Serialize>(storage: Option<&Storage>, key: &str, value: &T) {
    if let (Some(storage), Ok(text)) = (storage, serde_json::to_string(value)) {
        let _ = storage.set_item(key, &text);
    }
}

/// Each message has a key of its own, so that two tabs never write over each other.
pub(super) fn keep(outgoing: &Outgoing) {
    put(local().as_ref(), &format!("{OUTBOX}{}", outgoing.id), outgoing);
}

/// The message was accepted, or given up.
pub(super) fn forget(id: uuid::Uuid) {
    if let Some(storage) = local() {
        let _ = storage.remove_item(&format!("{OUTBOX}{id}"));
    }
}

/// What an earlier page could not send, in the order it was written: the ids carry their time.
pub(super) fn outbox() -> Vec<Outgoing> {
    let Some(storage) = local() else { return Vec::new() };
    let keys = (0..storage.length().unwrap_or(0)).filter_map(|i| storage.key(i).ok().flatten());
    let mut found: Vec<Outgoing> =
        keys.filter(|key| key.starts_with(OUTBOX)).filter_map(|key| get(Some(&storage), &key)).collect();
    found.sort_by_key(|outgoing| outgoing.id);
    found
}

/// The client's name and positions.
pub(super) fn kept() -> Option<Kept> {
    get(tab().as_ref(), CHANNEL)
}

/// Stores them.
pub(super) fn put_kept(kept: &Kept) {
    put(tab().as_ref(), CHANNEL, kept);
}
