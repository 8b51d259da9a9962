//! What it costs and how it costs less: the facts it cannot do without.

use super::{Asks, none};
use crate::message::Category;

/// What asks for [`Category::Cost`].
pub(super) const ASKS: Asks = Asks {
    category: Category::Cost,
    essential: &["model", "requests_per_day", "input_tokens", "output_tokens"],
    signs: none,
};
