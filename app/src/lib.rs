//! The page.

pub mod api;
