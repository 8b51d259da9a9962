//! Who sees and changes a flow.

use leptos::prelude::*;
use serde_json::Value as Json;
use shared::flow::{FlowView, Member, Role};

use super::form::{Control, act, asking, field, form};
use super::kit::Kit;
use super::stages::CHANGES;
use crate::{browser, text};

/// The members of a flow, with what one can do about them.
pub(super) fn members(flow: &FlowView, kit: Kit) -> AnyView {
    let path = format!("/{}/members", flow.business.id);
    let rows: Vec<_> = flow.members.iter().map(|member| row(member, &path, kit)).collect();
    let add = move || {
        let fields = vec![field("email", Control::Line, "")];
        form("new-member", fields, ("POST", path.clone()), text::flow::ADD_MEMBER, kit.saved("flow-members"))
    };
    let summary = text::flow::ADD_MEMBER.into_any();
    view! {
        <h3 id="flow-members" tabindex="-1">{text::flow::MEMBERS}</h3>
        <p class="flow__lead">{text::flow::MEMBERS_LEAD}</p>
        <ul class="flow__members" role="list">{rows}</ul>
        {kit.later(CHANGES.into(), "add-member".into(), "fold flow__fold needs-js", summary, add)}
    }
    .into_any()
}

fn row(member: &Member, path: &str, kit: Kit) -> AnyView {
    let Member { user_id, email, role, you } = member.clone();
    let path = format!("{path}/{user_id}");
    let end = (role != Role::Owner).then(|| {
        if you {
            let gone = Callback::new(|_: Json| browser::go("/flows"));
            asking([text::flow::LEAVE, text::flow::LEAVING, text::flow::LEAVE_NOW], path, gone)
        } else {
            let gone = kit.after(text::flow::REMOVED, |_| "flow-members".into());
            act(text::flow::REMOVE, "button button--small needs-js", ("DELETE", path), None, gone)
        }
    });
    view! {
        <li class="flow__member">
            <p>{email.unwrap_or_else(|| text::flow::GUEST.into())}</p>
            <p class="history__about"><span>{role.as_str()}</span>{you.then(|| view! { <span>{text::flow::YOU}</span> })}</p>
            {end}
        </li>
    }
    .into_any()
}
