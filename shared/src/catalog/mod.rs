//! Models with dated prices and quality, as plain data: the server makes it, the page receives it, the engine reads it.

use serde::{Deserialize, Serialize};

use crate::date::Date;

/// The models that can be priced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// The day the prices were last checked.
    pub as_of: Date,
}
