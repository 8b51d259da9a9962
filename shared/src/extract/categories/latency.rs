//! How long it takes and how it gets faster: the facts it cannot do without.

use super::{Asks, none};
use crate::message::Category;

/// What asks for [`Category::Latency`].
pub(super) const ASKS: Asks =
    Asks { category: Category::Latency, essential: &["output_tokens", "ttft_ms", "tpot_ms"], signs: none };
