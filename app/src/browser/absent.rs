//! No browser: what the server compiles instead.

#![allow(dead_code, reason = "the server calls none of this")]
#![allow(clippy::unused_async, clippy::result_large_err, reason = "these stand in for calls of the browser")]

use serde_json::Value as Json;
use shared::catalog::Catalog;
use shared::date::Date;
use shared::flow::{AuditPage, Business, BusinessId, FlowView};
use shared::message::{ConversationId, MessageId};
use shared::problem::{Code, Problem, ProblemDetails};
use shared::trial::Trial;
use shared::view::{ConversationSummary, ConversationView, MessageView};

use crate::api::Answer;
use crate::components::log::Log;
use crate::state::{Ui, Written};

fn none<T>() -> Answer<T> {
    Err(ProblemDetails::new(Problem::new(Code::Internal, "There is no browser here."), ""))
}

/// A file.
pub(crate) struct Picked;

pub(crate) fn chosen(_event: &leptos::ev::Event) -> Option<Picked> {
    None
}
pub(crate) fn dropped(_event: &leptos::ev::DragEvent) -> Option<Picked> {
    None
}
pub(crate) async fn upload(_file: Picked, _progress: impl Fn(f64) + 'static) -> Answer<Log> {
    none()
}
pub(crate) fn stop_upload() {}
pub(crate) fn start(_ui: Ui) {}
pub(crate) fn warm_up() {}
pub(crate) fn send(_written: &Written, _conversation: Option<ConversationId>) -> MessageId {
    MessageId::nil()
}
pub(crate) fn follow(_conversation: ConversationId) {}
pub(crate) fn reconnect() {}
pub(crate) fn waiting(_id: MessageId) -> Option<MessageView> {
    None
}
pub(crate) fn today() -> Option<Date> {
    None
}
pub(crate) async fn breathe() {}
pub(crate) fn hydrating() -> bool {
    false
}
pub(crate) fn markup<T>(_element: &T) -> String {
    String::new()
}
pub(crate) fn sort_table(_event: &leptos::ev::MouseEvent) {}
pub(crate) fn focus(_id: &str) {}
pub(crate) fn unfolded(_summary: &str) -> bool {
    false
}
pub(crate) fn set_query(_query: &str) {}
pub(crate) fn copy_link() {}
pub(crate) fn print() {}
pub(crate) fn theme() -> Option<String> {
    None
}
pub(crate) fn set_theme(_theme: &str) {}
pub(crate) async fn cancel(_id: MessageId) -> Answer<()> {
    none()
}
pub(crate) async fn retry(_id: MessageId) -> Answer<MessageId> {
    none()
}
pub(crate) async fn message(_id: MessageId) -> Answer<MessageView> {
    none()
}
pub(crate) async fn conversation(_id: ConversationId) -> Answer<ConversationView> {
    none()
}
pub(crate) async fn conversations() -> Answer<Vec<ConversationSummary>> {
    none()
}
pub(crate) async fn businesses() -> Answer<Vec<Business>> {
    none()
}
pub(crate) async fn flow(_id: BusinessId) -> Answer<FlowView> {
    none()
}
pub(crate) async fn audit(_id: BusinessId, _query: &str) -> Answer<AuditPage> {
    none()
}
pub(crate) async fn steer(_id: ConversationId, _stop: bool) -> Answer<()> {
    none()
}
pub(crate) async fn tried(_id: BusinessId, _body: &Json) -> Answer<Trial> {
    none()
}
pub(crate) async fn read_facts(_content: &str) -> Answer<Json> {
    none()
}
pub(crate) async fn change(_method: &str, _path: &str, _body: Option<Json>) -> Answer<Json> {
    none()
}
pub(crate) fn sent(_event: &leptos::ev::SubmitEvent) -> Vec<(String, String)> {
    Vec::new()
}
pub(crate) fn go(_path: &str) {}
pub(crate) async fn wait(_ms: u32) {}
pub(crate) async fn catalog() -> Answer<Catalog> {
    none()
}
