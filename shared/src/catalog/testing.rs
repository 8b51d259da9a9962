//! The catalog that tests use: the file that the server's tests make and keep up to date.

use super::Catalog;

/// The catalog of 22 November 2026.
pub(crate) fn catalog() -> Catalog {
    serde_json::from_str(include_str!("../../tests/catalog.json")).expect("tests/catalog.json is a catalog")
}
