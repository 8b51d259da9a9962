//! Answers as files: each form read back, each mode with what its reader needs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use hyper::StatusCode;
use serde_json::{Value, json};
use support::{Answer, Client, Server, new_id};

/// The published headline example without the contradiction: $36,000 at list price.
const QUESTION: &str =
    "We use gpt-4o with 200k requests per day, 1,200 input and 300 output tokens, <script>alert(1)</script>";

async fn asked(guest: &Client, format: &str) -> String {
    let id = new_id();
    let body = json!({"content": QUESTION, "id": id, "category": "cost-optimization", "format": format});
    assert_eq!(guest.ask(&body).await["status"], "completed");
    id.to_string()
}

async fn export(client: &Client, id: &str, query: &str) -> Answer {
    client.get(&format!("/api/v1/messages/{id}/export?{query}")).await
}

fn text(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    String::from_utf8(answer.bytes.to_vec()).unwrap()
}

fn pdf_text(answer: &Answer) -> (usize, String) {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let document = lopdf::Document::load_mem(&answer.bytes).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    let text = document.extract_text(&pages).unwrap();
    (pages.len(), text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[tokio::test]
async fn every_form_holds_the_answer_and_runs_nothing() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let id = asked(&guest, "detailed").await;
    let whole = export(&guest, &id, "").await;
    assert_eq!(whole.header("content-type"), "application/json");
    let result = whole.json()["result"].clone();
    let stored = guest.get(&format!("/api/v1/messages/{id}")).await.json();
    assert_eq!(result, stored["result"]);

    let csv = export(&guest, &id, "format=csv&mode=detailed").await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    let table = text(&csv);
    assert!(table.starts_with("\u{feff}section,id,title,value"));
    assert!(table.contains("\r\nmetric,monthly_cost_usd,") && table.contains(",36000,USD/month,"), "{table}");
    let options = result["options"].as_array().unwrap().len();
    assert_eq!(table.matches("\r\noption,").count(), options);

    let page = export(&guest, &id, "format=html&mode=detailed").await;
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    let html = text(&page);
    assert!(html.contains("$36,000") && html.contains("&lt;script&gt;alert(1)"));
    assert!(!html.contains("<script") && !html.contains("http://") && !html.contains("src="));
    assert_eq!(html.matches("<svg").count(), result["charts"].as_array().unwrap().len());

    let markdown = text(&export(&guest, &id, "format=md&mode=detailed").await);
    assert!(markdown.starts_with("# ") && markdown.contains("$36,000") && !markdown.contains("<script"));

    let pdf = export(&guest, &id, "format=pdf&mode=detailed").await;
    assert_eq!(pdf.header("content-type"), "application/pdf");
    let (pages, told) = pdf_text(&pdf);
    for word in ["$36,000", "Roadmap", "How the figures are computed", "<script>alert(1)</script>", "1 of"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    assert!((3..20).contains(&pages), "{pages}");
    for (answer, ending) in [(&whole, "json"), (&csv, "csv"), (&page, "html"), (&pdf, "pdf")] {
        let name = answer.header("content-disposition");
        assert!(name.starts_with("attachment; filename=\"exemplar-cost-optimization-20"), "{name}");
        assert!(name.ends_with(&format!("-detailed.{ending}\"")), "{name}");
    }
}

#[tokio::test]
async fn each_mode_is_for_another_reader_also_of_an_answer_that_was_told_shortly() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let id = asked(&guest, "summary").await;
    let mut lengths = Vec::new();
    for (mode, has, lacks) in [
        ("summary", vec!["Figures", "Options"], vec!["Roadmap", "Inputs", "Savings and return"]),
        (
            "business",
            vec!["Savings and return", "Roadmap", "Saving a year"],
            vec!["How the figures are computed", "Inputs"],
        ),
        ("technical", vec!["How the figures are computed", "Inputs", "Sources"], vec!["Roadmap", "Savings and return"]),
        ("detailed", vec!["How the figures are computed", "Inputs", "Roadmap", "The question"], vec![]),
    ] {
        let told = text(&export(&guest, &id, &format!("format=md&mode={mode}")).await);
        for section in has {
            assert!(told.contains(section), "{mode} lacks {section}: {told}");
        }
        for section in lacks {
            assert!(!told.contains(&format!("## {section}")), "{mode} has {section}");
        }
        let (pages, _) = pdf_text(&export(&guest, &id, &format!("format=pdf&mode={mode}")).await);
        lengths.push((told.len(), pages));
    }
    assert!(lengths[0] < lengths[1] && lengths[1] < lengths[3], "{lengths:?}");
    let as_asked = export(&guest, &id, "format=json").await.json();
    assert_eq!((&as_asked["mode"], as_asked["result"]["options"].as_array().unwrap().len()), (&json!("summary"), 8));
}

#[tokio::test]
async fn every_category_can_be_exported_in_every_form() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let workload = json!({"model": "gpt-4o", "requests_per_day": 200_000, "input_tokens": 1_200, "output_tokens": 300,
        "ttft_ms": 400, "tpot_ms": 12, "concurrency_limit": 60, "latency_target_ms": 6_000, "rpm_limit": 500, "growth_per_month": 0.1});
    for category in shared::message::Category::BUILT {
        let body = json!({"content": "What would you change about this?", "category": category, "workload": workload, "id": new_id()});
        let view = guest.ask(&body).await;
        let headline = view["result"]["headline"].as_str().unwrap();
        let begins: String = headline.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
        for form in ["json", "csv", "md", "html", "pdf"] {
            for mode in ["detailed", "summary", "business", "technical"] {
                let id = view["id"].as_str().unwrap();
                let answer = export(&guest, id, &format!("format={form}&mode={mode}")).await;
                assert_eq!(answer.status, StatusCode::OK, "{category} {form} {mode}: {answer:?}");
                if form == "pdf" {
                    let (_, told) = pdf_text(&answer);
                    assert!(told.contains(&begins), "{category} {mode}: {begins} in {told}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_cannot_be_exported_says_why() {
    let server = Server::new().await;
    let (guest, stranger) = (server.guest().await, server.guest().await);
    let id = asked(&guest, "detailed").await;
    for (query, field) in
        [("format=docx", "format"), ("mode=poem", "mode"), ("format=pdf&mode=", "mode"), ("format=", "format")]
    {
        let answer = export(&guest, &id, query).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (422, "invalid"), "{query}");
        assert_eq!(answer.json()["fields"][0]["name"], field, "{query}");
    }
    for (client, id) in [(&stranger, id.as_str()), (&guest, "nothing"), (&guest, &new_id().to_string())] {
        let answer = export(client, id, "format=pdf").await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (404, "not_found"));
    }
    let anonymous = export(&server.stranger(), &id, "format=pdf").await;
    assert_eq!(anonymous.problem(), "unauthenticated");
    let failed = json!({"content": "We use a model that nobody knows", "workload": {"model": "zzz-9"}, "category": "cost-optimization", "id": new_id()});
    let view = guest.ask(&failed).await;
    assert_eq!(view["status"], "failed", "{view}");
    let answer = export(&guest, view["id"].as_str().unwrap(), "format=pdf").await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (409, "conflict"));
}

/// Part 8 of the analysis: the four formats of one answer differ in what they hold, not in their figures.
#[tokio::test]
async fn the_four_formats_of_an_answer_differ_in_what_they_hold() {
    let server = Server::new().await;
    let guest = server.guest().await;
    let of = async |format: &str| -> Value {
        let body = json!({"category": "cost-optimization", "format": format,
            "workload": {"model": "gpt-4o", "requests_per_day": 200_000, "input_tokens": 1_200, "output_tokens": 300}});
        guest.post("/api/v1/analyze", &body).await.json()
    };
    let (detailed, summary, business, technical) =
        (of("detailed").await, of("summary").await, of("business").await, of("technical").await);
    let count = |result: &Value, part: &str| result[part].as_array().unwrap().len();
    for result in [&summary, &business, &technical] {
        assert_eq!(result["metrics"], detailed["metrics"], "the figures are the same");
        assert_ne!(result["format"], detailed["format"]);
    }
    assert!(count(&summary, "options") < count(&detailed, "options") && count(&summary, "roadmap") == 0);
    assert!(count(&summary, "charts") == 1 && count(&summary, "recommendations") <= 2);
    assert!(count(&business, "roadmap") > 0 && count(&business, "options") < count(&detailed, "options"));
    assert!(count(&technical, "roadmap") == 0 && count(&technical, "options") == count(&detailed, "options"));
    assert_eq!(count(&technical, "charts"), count(&detailed, "charts"));
}
