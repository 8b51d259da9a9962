//! The markup that the server sends: what a reader without JavaScript sees, and what must never be in it.

mod support;

use shared::examples;
use support::{Site, body_of};

#[tokio::test]
async fn the_home_page_works_without_javascript() {
    let (status, html) = Site::empty().get("/").await;
    assert_eq!(status, 200);
    let body = body_of(&html);
    assert!(body.contains(r#"method="post" action="/ask""#), "the composer is a form of its own");
    assert!(body.contains(r#"name="content""#));
    for example in examples::views() {
        assert!(body.contains(example.title), "{} is missing", example.id);
    }
}

#[tokio::test]
async fn examples_of_categories_that_are_not_built_are_not_shown() {
    let (_, html) = Site::empty().get("/").await;
    let shown = html.matches(r#"name="example_id""#).count() - 1; // one is the composer's
    assert_eq!(shown, examples::views().len());
    for category in shared::message::Category::ALL {
        let built = shared::message::Category::BUILT.contains(category);
        assert_eq!(html.contains(&format!(r#"data-category="{category}""#)), built, "{category}");
    }
}

#[tokio::test]
async fn nothing_in_the_page_needs_an_inline_style_or_script() {
    for path in ["/", "/history", "/nowhere"] {
        let (_, html) = Site::empty().get(path).await;
        assert!(!html.contains(" style="), "{path}: the policy blocks style attributes");
        assert!(!html.contains("<style"), "{path}: the policy blocks style elements");
        for handler in [" onclick=", " onload=", " onsubmit=", "javascript:"] {
            assert!(!html.contains(handler), "{path}: {handler}");
        }
        for script in html.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap_or_default();
            assert!(tag.contains("src=") || tag.contains("nonce="), "{path}: <script{tag}> has no nonce");
        }
    }
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_a_404() {
    for path in ["/nowhere", "/m/0", "/m/019ac1b2-0000-7000-8000-000000000000", "/c/x"] {
        let (status, html) = Site::empty().get(path).await;
        assert_eq!(status, 404, "{path}");
        assert!(html.contains("There is nothing at this address"), "{path}");
    }
}
