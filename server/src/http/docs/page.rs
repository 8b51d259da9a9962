//! The document as a page: plain HTML that needs no program.

use std::fmt::Write;

use serde_json::Value;

use shared::format::escape;

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

/// Renders the whole document.
pub(super) fn render(document: &Value) -> String {
    let mut page = String::from(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>HTTP interface · Exemplar</title>\
         <link rel=\"stylesheet\" href=\"/pkg/exemplar.css\"></head><body><main id=\"content\" class=\"docs\">\
         <h1>HTTP interface</h1>",
    );
    let _ = write!(page, "<p>{}</p>", text(&document["info"]["description"]));
    page.push_str("<p>For programs: <a href=\"/api/openapi.json\">openapi.json</a> (OpenAPI 3.1).</p><h2>Calls</h2>");
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            page.push_str(&call(path, method, operation));
        }
    }
    page.push_str("<h2>Shapes</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let _ = write!(page, "<h3 id=\"{0}\">{0}</h3><p>{1}</p>", escape(name), text(&schema["description"]));
        page.push_str(&shape(schema));
    }
    page.push_str("</main></body></html>");
    page
}

fn call(path: &str, method: &str, operation: &Value) -> String {
    let mut html = format!(
        "<h3><code>{} {}</code></h3><p>{}</p>",
        method.to_uppercase(),
        escape(path),
        text(&operation["summary"])
    );
    if operation["security"].as_array().is_some_and(Vec::is_empty) {
        html.push_str("<p>Needs no session.</p>");
    }
    let mut rows = String::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
        let _ = write!(rows, "<li><code>{name}</code> ({place}): {}</li>", text(&parameter["description"]));
    }
    for (media, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
        let _ = write!(rows, "<li>body, {}: {}</li>", escape(media), kind(&content["schema"]));
    }
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let schema = answer["content"].as_object().and_then(|content| content.values().next());
        let shape = schema.map(|content| format!(" {}", kind(&content["schema"]))).unwrap_or_default();
        let _ = write!(rows, "<li><code>{}</code>: {}{shape}</li>", escape(status), text(&answer["description"]));
    }
    let _ = write!(html, "<ul>{rows}</ul>");
    html
}

/// A shape in a few words, linked where it has a name.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", escape(name));
    }
    if schema["type"] == "array" {
        return format!("list of {}", kind(&schema["items"]));
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().map(|word| format!("<code>{}</code>", text(word))).collect();
        return words.join(" | ");
    }
    if let Some(properties) = schema["properties"].as_object() {
        let fields: Vec<_> =
            properties.iter().map(|(name, of)| format!("<code>{}</code> {}", escape(name), kind(of))).collect();
        return fields.join(", ");
    }
    let name = schema["format"].as_str().or(schema["type"].as_str()).unwrap_or("value");
    let bound = |key: &str, word: &str| schema[key].as_f64().map(|n| format!(" {word} {n}")).unwrap_or_default();
    let bounds = [
        bound("minimum", "at least"),
        bound("exclusiveMinimum", "more than"),
        bound("maximum", "at most"),
        bound("minLength", "from"),
        bound("maxLength", "up to"),
    ];
    format!("{}{}", escape(name), bounds.concat())
}

fn shape(schema: &Value) -> String {
    let Some(properties) = schema["properties"].as_object() else { return format!("<p>{}</p>", kind(schema)) };
    let mut rows = String::new();
    for (name, of) in properties {
        let description = of["description"].as_str().map(|text| format!(": {}", escape(text))).unwrap_or_default();
        let _ = write!(rows, "<li><code>{}</code> {}{description}</li>", escape(name), kind(of));
    }
    format!("<ul>{rows}</ul>")
}
