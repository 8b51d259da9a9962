//! What the pages are made of. A component shows what it is given and reports what the person does; it never asks the
//! server for anything.

pub(crate) mod asked;
pub(crate) mod composer;
pub(crate) mod examples;
pub(crate) mod facts;
pub(crate) mod icon;
pub(crate) mod layout;
pub(crate) mod problem;
pub(crate) mod result;
pub(crate) mod theme;
pub(crate) mod timeline;
