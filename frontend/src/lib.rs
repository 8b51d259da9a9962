//! The hydrate entry, nothing else.

use leptos::prelude::{document, request_animation_frame};
use wasm_bindgen::prelude::wasm_bindgen;

/// Brings the server's page to life. `data-hydrated` on the root element says that clicks are heard from now on,
/// `data-stopped` that they are not any more: a file of the page could not be loaded, or it has a fault.
#[wasm_bindgen]
pub fn hydrate() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        mark("data-stopped");
    }));
    leptos::mount::hydrate_lazy(app::App);
    request_animation_frame(|| mark("data-hydrated"));
}

fn mark(name: &str) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute(name, "");
    }
}

/// Room in the data segment. The splitter aligns the data of every file anew and, when that makes the segment longer
/// than the linker made it, puts all data into the first file (130 KB more). Nothing refers to this, so it is left out.
#[used]
static ROOM: [u8; 2048] = [0x20; 2048];
