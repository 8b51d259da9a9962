//! The server.

pub mod catalog;
