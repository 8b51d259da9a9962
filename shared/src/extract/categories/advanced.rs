//! The plan: several aims, bounds or kinds of work at once: what the whole message says for it, and the facts
//! it cannot do without.

use std::borrow::Cow;

use super::{Asks, Reading, Workload};
use crate::message::Category;

/// What asks for [`Category::Advanced`].
pub(super) const ASKS: Asks = Asks {
    category: Category::Advanced,
    essential: &["requests_per_day", "input_tokens", "output_tokens", "quality_floor"],
    signs,
};

/// Bounds of several kinds at once, several aims in one sentence, several kinds of work.
fn signs(reading: &Reading<'_>, workload: &Workload, see: &mut dyn FnMut(&str)) {
    const BOUNDS: [&str; 4] = ["budget_usd_per_month", "latency_target_ms", "quality_floor", "vendors_max"];
    let bounds = BOUNDS.iter().filter(|name| workload.get(name).is_some()).count();
    if bounds >= 2 {
        see("2 bounds");
    }
    if bounds >= 3 {
        see("3 bounds");
    }
    if objectives(&reading.lexed.folded) {
        see("3 aims");
    }
    if !workload.classes.is_empty() {
        see("classes");
    }
}

/// Whether one sentence names cost, speed and quality: three aims at once.
fn objectives(text: &str) -> bool {
    const AIMS: [&[&str]; 3] = [
        &["cost", "kosten", "price", "preis", "spend"],
        &["latency", "latenz", "speed", "geschwindigkeit", "response time", "antwortzeit"],
        &["quality", "qualitat", "accuracy", "genauigkeit"],
    ];
    let plain = if text.contains("vs.") { Cow::Owned(text.replace("vs.", "vs")) } else { Cow::Borrowed(text) };
    plain
        .split(['.', '?', '!', '\n', ':'])
        .any(|sentence| AIMS.iter().all(|aim| aim.iter().any(|word| sentence.contains(word))))
}
