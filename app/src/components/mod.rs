//! What the pages are made of. A component shows what it is given and reports what the person does; it never asks the
//! server for anything, but for the catalog that the workbench computes with.

pub(crate) mod advice;
pub(crate) mod asked;
pub(crate) mod chart;
pub(crate) mod composer;
pub(crate) mod download;
pub(crate) mod examples;
pub(crate) mod facts;
pub(crate) mod icon;
pub(crate) mod layout;
pub mod log;
pub(crate) mod metric;
pub(crate) mod options;
pub(crate) mod problem;
pub(crate) mod questions;
pub(crate) mod reconcile;
pub(crate) mod result;
pub(crate) mod still;
pub(crate) mod theme;
pub(crate) mod timeline;
pub(crate) mod what_if;
