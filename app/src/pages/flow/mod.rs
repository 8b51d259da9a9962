//! The pages on which a business sees and changes how its conversations go. What is shown comes from the server with the
//! page; changes go over the HTTP calls, and what they answer is shown.

pub(crate) mod audit;
mod form;
mod kit;
pub(crate) mod list;
mod members;
pub(crate) mod shown;
mod stages;
pub(crate) mod template;
mod tried;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::flow::BusinessId;
use shared::problem::{Code, ProblemDetails};

use super::not_found::nothing_here;
use crate::api;
use crate::components::problem::problem_view;

/// The id in the address of the page.
fn business() -> Memo<BusinessId> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|p| p.get("id")).and_then(|id| id.parse().ok()).unwrap_or_default())
}

/// The page where there is nothing to show.
fn failed(problem: &ProblemDetails) -> AnyView {
    api::respond_with(problem.status);
    if problem.code == Code::NotFound { nothing_here() } else { problem_view(problem, None) }
}

/// Where a route's program is a file of its own.
macro_rules! lazy_route {
    ($(#[$meta:meta])* $route:ident, $page:ident) => {
        $(#[$meta])*
        pub(crate) struct $route;

        impl leptos_router::LazyRoute for $route {
            fn data() -> Self {
                Self
            }

            async fn view(_: Self) -> AnyView {
                crate::pages::drawn(draw().await)
            }

            async fn preload() {
                let _ = preload().await;
            }
        }

        #[leptos::wasm_split::wasm_split(flows, wasm_split_path = ::leptos::wasm_split, preload(preload), fallible)]
        #[allow(clippy::unnecessary_wraps, reason = "the file may not be there, which only the browser sees")]
        fn draw() -> Result<AnyView, leptos::wasm_split::SplitLoaderError> {
            Ok(view! { <$page/> }.into_any())
        }
    };
}
use lazy_route;
