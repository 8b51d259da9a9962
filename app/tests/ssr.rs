//! The markup that the server sends: what a reader without JavaScript sees, and what must never be in it.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use shared::examples;
use shared::flow::{
    AuditPage, AuditView, Business, Finding, FlowView, Severity, Stage, Template, TemplateKind, Transition,
};
use shared::message::Status;
use shared::problem::{Code, Problem, ProblemDetails};
use shared::view::{ConversationSummary, MessageView};
use support::{Site, answered, body_of, get, message};
use uuid::Uuid;

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
    for path in ["/", "/history", "/flows", "/nowhere"] {
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
    for path in [
        "/nowhere",
        "/m/0",
        "/m/019ac1b2-0000-7000-8000-000000000000",
        "/c/x",
        "/flows/x",
        "/flows/019ac1b2-0000-7000-8000-000000000000",
        "/flows/x/audit",
    ] {
        let (status, html) = Site::empty().get(path).await;
        assert_eq!(status, 404, "{path}");
        assert!(html.contains("There is nothing at this address"), "{path}");
    }
}

const HEADLINE: &str = "We spend $12k/month on GPT-4o for 200k requests/day, 1,200 input / 300 output tokens; cut cost \
    while maintaining quality.";

/// The document of a message's page, left in the target folder to be looked at.
async fn page_of(name: &str, view: MessageView) -> String {
    let path = format!("/m/{}", view.id);
    let (status, html) = Site { messages: vec![view], ..Site::empty() }.get(&path).await;
    assert_eq!(status, 200, "{name}");
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/pages");
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(format!("{folder}/{name}.html"), &html).unwrap();
    html
}

#[tokio::test]
async fn an_answer_can_be_read_without_javascript() {
    let html = page_of("answer", answered(HEADLINE)).await;
    let body = body_of(&html);
    for figure in ["$36,000", "$12,000", "GPT-4.1 mini"] {
        assert!(body.contains(figure), "{figure}");
    }
    for heading in ["Figures", "Only you can answer", "Options", "What the figures rest on"] {
        assert!(body.contains(&format!(">{heading}<")), "{heading}");
    }
    assert!(body.contains(r#"role="img""#), "a chart");
    assert!(body.contains("Answered in"), "the measured steps");
    assert!(html.contains("<title>") && !html.contains("<title>Exemplar</title>"), "a title of its own");
}

#[tokio::test]
async fn every_state_of_a_message_has_its_page() {
    let failed = MessageView {
        problem: Some(ProblemDetails::new(
            Problem::new(Code::Timeout, "It took longer than 45 seconds."),
            "0af7651916cd43dd",
        )),
        ..message(HEADLINE, Status::Failed)
    };
    let waiting = page_of("queued", message(HEADLINE, Status::Queued)).await;
    assert!(waiting.contains("waiting for its turn") && waiting.contains("Stop"));
    let working = page_of("processing", message(HEADLINE, Status::Processing)).await;
    assert!(working.contains("Working on it"));
    let stopped = page_of("cancelled", message(HEADLINE, Status::Cancelled)).await;
    assert!(stopped.contains("Try again"));
    let failed = page_of("failed", failed).await;
    assert!(failed.contains("It took longer than 45 seconds.") && failed.contains("0af7651916cd43dd"));
    assert!(failed.contains("Try again"), "a timeout may pass");
}

#[tokio::test]
async fn what_a_person_wrote_is_only_ever_text() {
    let nasty =
        r#"</textarea><script>alert(1)</script><img src=x onerror="alert(1)"> gpt-4o, 1k requests/day, 10 in / 10 out"#;
    let mut view = answered(nasty);
    let result = view.result.as_mut().unwrap();
    result.headline = nasty.into();
    result.charts[0].title = nasty.into();
    result.charts[0].series[0].name = nasty.into();
    result.options[0].title = nasty.into();
    result.metrics[0].formula = nasty.into();
    let html = page_of("hostile", view.clone()).await;
    let summary = ConversationSummary {
        id: view.conversation_id,
        title: nasty.into(),
        messages: 1,
        status: Status::Completed,
        updated_at: nasty.into(),
    };
    let site = Site { messages: vec![view.clone()], conversations: vec![summary], ..Site::empty() };
    let (_, history) = site.clone().get("/history").await;
    let (_, conversation) = site.get(&format!("/c/{}", view.conversation_id)).await;
    for (name, html) in [("message", html), ("history", history), ("conversation", conversation)] {
        assert!(!html.contains("<script>alert"), "{name}");
        assert!(!html.contains("<img src=x"), "{name}");
    }
}

/// tachys does not escape what is inside a text area while it renders on the server, so nothing may ever be there.
#[tokio::test]
async fn the_text_area_is_sent_empty() {
    let (_, html) = Site::empty().get("/").await;
    let area = html.split("<textarea").nth(1).unwrap();
    let inside = area.split_once('>').unwrap().1.split_once("</textarea>").unwrap().0;
    assert_eq!(inside.replace("<!>", ""), "");
}

/// Rendering with suspended parts has hung under load in past versions (leptos#4578, #4647, #4673).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_readers_at_once_are_all_served() {
    let view = answered(HEADLINE);
    let path = format!("/m/{}", view.id);
    let router = Site { messages: vec![view], ..Site::empty() }.router();
    let readers: Vec<_> = (0..200)
        .map(|i| {
            let (router, path) = (router.clone(), if i % 3 == 0 { "/history".to_string() } else { path.clone() });
            tokio::spawn(async move { get(router, &path).await.0 })
        })
        .collect();
    for reader in readers {
        let status = tokio::time::timeout(std::time::Duration::from_secs(20), reader).await;
        assert_eq!(status.expect("a reader waits forever").unwrap(), 200);
    }
}

fn a_flow() -> FlowView {
    let id = Uuid::from_u128;
    let business = Business {
        id: id(1),
        name: "<b>Ours</b>".into(),
        description: "What we do.".into(),
        active: false,
        builtin: false,
        version: 7,
    };
    let stage = |n, name: &str, start| Stage {
        id: id(n),
        name: name.into(),
        description: "<script>alert(1)</script>".into(),
        category: None,
        start,
        end: !start,
        selection_template_id: None,
        extraction_template_id: None,
        response_template_id: (!start).then(|| id(5)),
    };
    let way = Transition {
        id: id(4),
        from_stage_id: id(2),
        to_stage_id: id(3),
        condition: "message.questions == 0".into(),
        priority: 1,
        description: String::new(),
    };
    let template = Template {
        id: id(5),
        name: "Greeting".into(),
        kind: TemplateKind::Response,
        version: 3,
        body: "Hello </textarea>{{ user.tier }}".into(),
        created_at: None,
    };
    let finding = Finding {
        code: "unused".into(),
        severity: Severity::Warning,
        subject: id(5),
        field: "id".into(),
        text: "Something to know.".into(),
    };
    let stages = vec![stage(2, "ask", true), stage(3, "answer", false)];
    FlowView {
        business,
        stages,
        transitions: vec![way],
        templates: vec![template],
        members: Vec::new(),
        findings: vec![finding],
    }
}

#[tokio::test]
async fn a_flow_is_drawn_and_said_in_words() {
    let entry = AuditView {
        id: 1,
        at: "2026-11-22T05:15:00Z".into(),
        business_id: a_flow().business.id,
        actor: Some(Uuid::from_u128(9)),
        action: "stage.created".into(),
        subject: None,
        detail: serde_json::json!({"after": {"name": "<i>ask</i>"}}),
    };
    let audit = AuditPage { entries: vec![entry], next: Some(1) };
    let site = Site { flows: vec![a_flow()], audit, ..Site::empty() };
    let path = format!("/flows/{}", a_flow().business.id);
    for (path, parts) in [
        ("/flows".to_owned(), vec!["not in use", "&lt;b&gt;Ours"]),
        (
            path.clone(),
            vec!["<svg", "Something to know.", "message.questions == 0", "Conversations begin here", "Greeting"],
        ),
        (format!("{path}/templates/{}", Uuid::from_u128(5)), vec!["version 3", "&lt;/textarea&gt;", "Known are"]),
        (format!("{path}/audit"), vec!["stage.created", "&lt;i&gt;ask", "00000000", "Older"]),
    ] {
        let (status, html) = site.clone().get(&path).await;
        assert_eq!(status, 200, "{path}");
        let body = body_of(&html);
        for part in parts {
            assert!(body.contains(part), "{path}: {part}");
        }
        let shown = body.split("<script").next().unwrap();
        assert!(
            !shown.contains("<b>Ours") && !shown.contains("alert(1)</script>") && !shown.contains(" style="),
            "{path}"
        );
    }
    let (status, _) = site.get(&format!("{path}/templates/{}", Uuid::from_u128(8))).await;
    assert_eq!(status, 404);
}
