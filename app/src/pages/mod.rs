//! One file a page. Pages ask the server (`crate::api`) and act on the browser; components show what pages give them.

pub(crate) mod conversation;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod message;
pub(crate) mod not_found;
