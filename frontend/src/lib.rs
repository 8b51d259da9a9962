//! The hydrate entry, nothing else.

use leptos::prelude::{document, request_animation_frame};
use wasm_bindgen::prelude::wasm_bindgen;

/// Brings the server's page to life and returns when clicks are heard, also those in a route whose program is a file of
/// its own. `data-hydrated` on the root element says the same; `data-stopped` says that they are not heard any more: a
/// file of the page could not be loaded, or it has a fault.
#[wasm_bindgen]
pub async fn hydrate() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        mark("data-stopped");
    }));
    // `hydrate_lazy` does the same, but does not say when the route's file has come.
    let Some(body) = document().body() else { return };
    leptos::mount::hydrate_from_async(body, app::App).await.forget();
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
