//! How much it can carry, until when and on what: the facts it cannot do without.

use super::{Asks, none};
use crate::message::Category;

/// What asks for [`Category::Scaling`].
pub(super) const ASKS: Asks = Asks {
    category: Category::Scaling,
    essential: &["requests_per_day", "input_tokens", "output_tokens"],
    signs: none,
};
