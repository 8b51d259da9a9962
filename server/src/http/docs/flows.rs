//! The operations and shapes of businesses, their flows and the audit log.

use serde_json::{Value, json};
use shared::flow::{Role, Severity, TemplateKind};
use shared::limits as l;
use shared::message::Complexity;
use shared::trial::Held;

use super::paths::{Operation, PLAIN, id_in_path, in_query, schema};

fn business() -> Value {
    id_in_path("id", "The business.")
}

fn list(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

/// One kind of thing in a flow.
struct Kind {
    /// Its paths: of all, of one.
    paths: (&'static str, &'static str),
    parameter: &'static str,
    shape: &'static str,
    draft: &'static str,
    /// Operation ids: list, create, show, replace, change, delete.
    ids: [&'static str; 6],
    /// What each does.
    says: [&'static str; 6],
}

const STAGES: Kind = Kind {
    paths: ("/api/v1/businesses/{id}/stages", "/api/v1/businesses/{id}/stages/{stage_id}"),
    parameter: "stage_id",
    shape: "Stage",
    draft: "StageDraft",
    ids: ["listStages", "createStage", "showStage", "replaceStage", "changeStage", "deleteStage"],
    says: [
        "Lists the stages of a business.",
        "Adds a stage.",
        "Shows a stage.",
        "Changes a stage; what is left out stays.",
        "Changes a stage; what is left out stays.",
        "Deletes a stage, with the transitions that lead to it and from it.",
    ],
};

const TRANSITIONS: Kind = Kind {
    paths: ("/api/v1/businesses/{id}/transitions", "/api/v1/businesses/{id}/transitions/{transition_id}"),
    parameter: "transition_id",
    shape: "Transition",
    draft: "TransitionDraft",
    ids: [
        "listTransitions",
        "createTransition",
        "showTransition",
        "replaceTransition",
        "changeTransition",
        "deleteTransition",
    ],
    says: [
        "Lists the transitions of a business.",
        "Adds a transition. One that closes a circle without a way out is refused.",
        "Shows a transition.",
        "Changes a transition; what is left out stays.",
        "Changes a transition; what is left out stays.",
        "Deletes a transition.",
    ],
};

const TEMPLATES: Kind = Kind {
    paths: ("/api/v1/businesses/{id}/templates", "/api/v1/businesses/{id}/templates/{template_id}"),
    parameter: "template_id",
    shape: "Template",
    draft: "TemplateDraft",
    ids: ["listTemplates", "createTemplate", "showTemplate", "replaceTemplate", "changeTemplate", "deleteTemplate"],
    says: [
        "Lists the templates of a business with their newest texts.",
        "Adds a template. It is tried with an example; one that cannot be read or never comes to an end is refused.",
        "Shows a template with its newest text.",
        "Changes a template; another text makes a new version.",
        "Changes a template; another text makes a new version.",
        "Deletes a template that no stage uses, with all its versions.",
    ],
};

fn of(kind: &Kind) -> Vec<Operation> {
    let (all, one) = kind.paths;
    let part = || vec![business(), id_in_path(kind.parameter, "Which one.")];
    let [list_id, create, show, replace, change, delete] = kind.ids;
    let says = kind.says;
    let put = |method, id, says| Operation {
        parameters: part(),
        body: Some(schema(kind.draft)),
        answers: vec![("200", "As it is now, with `findings` about the whole flow.", schema(kind.shape))],
        codes: "invalid, not_found, forbidden, conflict, database",
        ..PLAIN(one, method, id, says)
    };
    vec![
        Operation {
            parameters: vec![business()],
            answers: vec![("200", "All of them, in the order they were made.", list(&schema(kind.shape)))],
            codes: "not_found, database",
            ..PLAIN(all, "get", list_id, says[0])
        },
        Operation {
            parameters: vec![business()],
            body: Some(schema(kind.draft)),
            answers: vec![("201", "It, with `findings` about the whole flow.", schema(kind.shape))],
            codes: "invalid, not_found, forbidden, conflict, database",
            ..PLAIN(all, "post", create, says[1])
        },
        Operation {
            parameters: part(),
            answers: vec![("200", "It.", schema(kind.shape))],
            codes: "not_found, database",
            ..PLAIN(one, "get", show, says[2])
        },
        put("put", replace, says[3]),
        put("patch", change, says[4]),
        Operation {
            parameters: part(),
            answers: vec![("204", "It is gone.", Value::Null)],
            codes: "invalid, not_found, forbidden, conflict, database",
            ..PLAIN(one, "delete", delete, says[5])
        },
    ]
}

fn businesses() -> Vec<Operation> {
    let (all, one) = ("/api/v1/businesses", "/api/v1/businesses/{id}");
    let change = |method, id| Operation {
        parameters: vec![business()],
        body: Some(schema("BusinessDraft")),
        answers: vec![("200", "The business, with `findings`.", schema("Business"))],
        codes: "invalid, not_found, forbidden, conflict, database",
        ..PLAIN(
            one,
            method,
            id,
            "Changes a business. `active: true` lets your new conversations follow its flow, which must be without errors.",
        )
    };
    vec![
        Operation {
            answers: vec![("200", "The built-in business and your own.", list(&schema("Business")))],
            codes: "database",
            ..PLAIN(all, "get", "listBusinesses", "Lists the businesses that you can see.")
        },
        Operation {
            body: Some(schema("BusinessDraft")),
            answers: vec![("201", "The business, with `findings`.", schema("Business"))],
            codes: "invalid, conflict, database",
            ..PLAIN(all, "post", "createBusiness", "Makes a business, empty or as a copy of the built-in flow.")
        },
        Operation {
            parameters: vec![business()],
            answers: vec![("200", "The business, with `findings`.", schema("Business"))],
            codes: "not_found, database",
            ..PLAIN(one, "get", "showBusiness", "Shows a business and what is wrong with its flow.")
        },
        Operation {
            parameters: vec![business()],
            answers: vec![(
                "200",
                "The business with its stages, transitions, templates and findings.",
                json!({"type": "object"}),
            )],
            codes: "not_found, database",
            ..PLAIN("/api/v1/businesses/{id}/flow", "get", "showFlow", "Shows a business with its whole flow at once.")
        },
        change("put", "replaceBusiness"),
        change("patch", "changeBusiness"),
        Operation {
            parameters: vec![business()],
            answers: vec![("204", "It is gone with everything in it.", Value::Null)],
            codes: "not_found, forbidden, conflict, database",
            ..PLAIN(
                one,
                "delete",
                "deleteBusiness",
                "Deletes a business, for its owner. Its conversations stay and go on with the built-in flow; its audit log stays.",
            )
        },
    ]
}

fn more_of_templates() -> Vec<Operation> {
    let part = || vec![business(), id_in_path("template_id", "Which one.")];
    vec![
        Operation {
            parameters: part(),
            answers: vec![("200", "The newest first, with their authors.", list(&schema("Template")))],
            codes: "not_found, database",
            ..PLAIN(
                "/api/v1/businesses/{id}/templates/{template_id}/versions",
                "get",
                "listVersions",
                "Lists all versions of a template.",
            )
        },
        Operation {
            parameters: part(),
            body: Some(schema("PreviewDraft")),
            answers: vec![("200", "The text, and what should be known about it.", schema("Preview"))],
            codes: "invalid, not_found, database",
            ..PLAIN(
                "/api/v1/businesses/{id}/templates/{template_id}/preview",
                "post",
                "previewTemplate",
                "Fills in a template with the given variables, or with those of an example.",
            )
        },
    ]
}

fn members() -> Vec<Operation> {
    let all = "/api/v1/businesses/{id}/members";
    let email = json!({"type": "object", "additionalProperties": false, "required": ["email"],
        "properties": {"email": {"type": "string", "format": "email"}}});
    vec![
        Operation {
            parameters: vec![business()],
            answers: vec![("200", "The owner first.", list(&schema("Member")))],
            codes: "not_found, database",
            ..PLAIN(all, "get", "listMembers", "Lists who sees and changes a business.")
        },
        Operation {
            parameters: vec![business()],
            body: Some(email),
            answers: vec![("201", "The new member.", schema("Member"))],
            codes: "invalid, not_found, forbidden, conflict, rate_limited, database",
            ..PLAIN(
                all,
                "post",
                "addMember",
                "Lets the user of an account see and change a business, all of it but its deletion.",
            )
        },
        Operation {
            parameters: vec![business(), id_in_path("user_id", "The member; you, to leave.")],
            answers: vec![("204", "They see nothing of it any more.", Value::Null)],
            codes: "not_found, forbidden, conflict, database",
            ..PLAIN(
                "/api/v1/businesses/{id}/members/{user_id}",
                "delete",
                "removeMember",
                "Takes a member out of a business. Its owner stays.",
            )
        },
    ]
}

fn trial() -> Operation {
    let body = json!({"type": "object", "additionalProperties": false, "required": ["content"], "properties": {
        "content": {"type": "string", "minLength": l::CONTENT_MIN_CHARS, "maxLength": l::CONTENT_MAX_CHARS},
        "category": schema("Category"),
        "format": schema("Format"),
        "stage": {"type": "string", "description": "Where the conversation stands: the name or id of a stage; where \
            conversations begin if absent."},
        "about": {"description": "What earlier messages of the conversation were about.",
            "$ref": "#/components/schemas/Category"},
        "facts": {"description": "What earlier messages of the conversation said.", "$ref": "#/components/schemas/Workload"},
        "messages": {"description": "How many messages the conversation has, this one included; 1 if absent.",
            "type": "integer", "minimum": 1},
        "in_stage": {"description": "How many of them came at the stage, this one included; 1 if absent.",
            "type": "integer", "minimum": 1},
    }});
    Operation {
        parameters: vec![business()],
        body: Some(body),
        answers: vec![("200", "What happened at each step; also where that ends in a `problem`.", schema("Trial"))],
        codes: "invalid, too_long, too_short, unknown_category, not_found, conflict, busy, timeout, database",
        ..PLAIN(
            "/api/v1/businesses/{id}/try",
            "post",
            "tryFlow",
            "Takes a message through the steps of a flow, active or not, and tells what happens. Nothing is stored.",
        )
    }
}

fn audit() -> Vec<Operation> {
    let text = json!({"type": "string"});
    let uuid = json!({"type": "string", "format": "uuid"});
    let time = json!({"type": "string", "format": "date-time"});
    let filters = || {
        vec![
            in_query("actor", "By this user.", &uuid),
            in_query("action", "This action; with a full stop at the end all that begin like it (`stage.`).", &text),
            in_query("subject", "About this stage, template, conversation, …", &uuid),
            in_query("since", "Not before.", &time),
            in_query("until", "Before.", &time),
            in_query("after", "`next` of the page before.", &json!({"type": "integer"})),
            in_query(
                "limit",
                "Lines of a page; 50 if absent.",
                &json!({"type": "integer", "minimum": 1, "maximum": l::AUDIT_PAGE_MAX}),
            ),
        ]
    };
    vec![
        Operation {
            parameters: [vec![business()], filters()].concat(),
            answers: vec![("200", "The newest first.", schema("Audit"))],
            codes: "invalid, not_found, database",
            ..PLAIN("/api/v1/businesses/{id}/audit", "get", "auditBusiness", "Who changed what in a business of yours.")
        },
        Operation {
            parameters: [vec![in_query("business", "About this business.", &uuid)], filters()].concat(),
            answers: vec![("200", "The newest first.", schema("Audit"))],
            codes: "invalid, database",
            ..PLAIN("/audit", "get", "audit", "Who did what, over all businesses.")
        },
    ]
}

/// All operations about flows.
pub(super) fn flows() -> Vec<Operation> {
    let mut all = businesses();
    for kind in [STAGES, TRANSITIONS, TEMPLATES] {
        all.extend(of(&kind));
    }
    all.extend(more_of_templates());
    all.extend(members());
    all.push(trial());
    all.extend(audit());
    all
}

fn words(all: impl IntoIterator<Item = &'static str>) -> Value {
    json!({"type": "string", "enum": all.into_iter().collect::<Vec<_>>()})
}

/// The shape that is sent, and the shape that is shown: the same with what the server adds.
fn pair(required: &[&str], sent: &Value, added: &Value) -> (Value, Value) {
    let mut shown = sent.clone();
    if let (Some(shown), Some(added)) = (shown.as_object_mut(), added.as_object()) {
        shown.extend(added.clone());
    }
    let draft = json!({"type": "object", "additionalProperties": false, "properties": sent,
        "description": format!("Needed when it is made: {}.", required.join(", "))});
    (draft, json!({"type": "object", "properties": shown}))
}

/// All shapes about flows.
pub(super) fn schemas() -> Value {
    let id = || json!({"type": "string", "format": "uuid"});
    let maybe_id = || json!({"type": ["string", "null"], "format": "uuid"});
    let whole = || json!({"type": "integer", "minimum": 0});
    let flag = || json!({"type": "boolean"});
    let name = || json!({"type": "string", "minLength": 1, "maxLength": l::NAME_MAX_CHARS});
    let prose = || json!({"type": "string", "maxLength": l::DESCRIPTION_MAX_CHARS});
    let finding = json!({"type": "object", "properties": {"code": {"type": "string"},
        "severity": words(Severity::ALL.iter().map(|w| w.as_str())), "subject": id(), "field": {"type": "string"},
        "text": {"type": "string"}}});
    let findings = list(&schema("Finding"));
    let added = || json!({"id": id(), "business_id": id(), "business_version": whole(), "findings": findings.clone()});
    let (business_draft, business) = pair(
        &["name"],
        &json!({"name": name(), "description": prose(), "active": flag(), "from": {"type": "string", "enum": ["builtin"],
            "description": "Only when it is made: begins with a copy of the built-in flow."}}),
        &json!({"id": id(), "builtin": flag(), "version": whole(), "stages": whole(), "transitions": whole(),
            "templates": whole(), "followed": flag(), "findings": findings.clone()}),
    );
    let (stage_draft, stage) = pair(
        &["name"],
        &json!({"name": name(), "description": prose(), "category": {"type": ["string", "null"]}, "start": flag(),
            "end": flag(), "selection_template_id": maybe_id(), "extraction_template_id": maybe_id(),
            "response_template_id": maybe_id()}),
        &added(),
    );
    let (transition_draft, transition) = pair(
        &["from_stage_id", "to_stage_id"],
        &json!({"from_stage_id": id(), "to_stage_id": id(), "condition": {"type": "string",
            "maxLength": l::CONDITION_MAX_CHARS, "description": "Common Expression Language over conversation, user, \
            message, extracted, business, stage and catalog; empty for always."},
            "priority": {"type": "integer", "description": "The lowest whose condition holds is taken; 100 if absent."},
            "description": prose()}),
        &added(),
    );
    let (template_draft, template) = pair(
        &["name", "kind", "body"],
        &json!({"name": name(), "kind": words(TemplateKind::ALL.iter().map(|w| w.as_str())), "body": {"type": "string",
            "maxLength": l::TEMPLATE_MAX_BYTES, "description": "Jinja over conversation, user, message, extracted, \
            business, stage, catalog, result and choices; filters figure, number, money, percent."}}),
        &json!({"id": id(), "business_id": id(), "version": whole(), "created_at": {"type": "string"}, "author": id(),
            "business_version": whole(), "findings": findings}),
    );
    let warning = json!({"type": "object", "properties": {"code": {"type": "string"}, "text": {"type": "string"}}});
    let line = json!({"type": "object", "properties": {"id": whole(), "at": {"type": "string", "format": "date-time"},
        "business_id": id(), "actor": maybe_id(), "action": {"type": "string"}, "subject": maybe_id(),
        "detail": {"type": "object"}}});
    let place = json!({"type": "object", "properties": {"id": id(), "name": {"type": "string"}}});
    let text = || json!({"type": "string"});
    let number = || json!({"type": "number"});
    let trial = json!({"type": "object", "properties": {
        "business_version": whole(),
        "stage_before": place.clone(),
        "stage_after": place.clone(),
        "chosen_by": {"type": "string", "enum": ["condition", "model"], "description": "Absent where it stays."},
        "transitions": list(&json!({"type": "object", "properties": {"id": id(), "to": place, "condition": text(),
            "held": words(Held::ALL.iter().map(|w| w.as_str()))}})),
        "category": schema("Category"),
        "complexity": words(Complexity::ALL.iter().map(|w| w.as_str())),
        "extracted": list(&json!({"type": "object", "properties": {"field": text(), "label": text(), "value": {},
            "unit": text(), "provenance": {"type": "object"}}})),
        "templates": list(&json!({"type": "object", "properties": {"id": id(), "name": text(),
            "kind": words(TemplateKind::ALL.iter().map(|w| w.as_str())), "version": whole(), "text": text()}})),
        "calls": list(&json!({"type": "object", "properties": {"purpose": text(), "model": text(), "outcome": text(),
            "ms": number(), "cost_usd": number()}})),
        "answer": {"type": "string", "description": "Its words; absent where the figures stand alone."},
        "result": schema("Result"),
        "problem": schema("Problem"),
        "warnings": list(&warning),
        "timings": list(&json!({"type": "object", "properties": {"stage": text(), "ms": number()}})),
    }});
    json!({
        "Audit": {"type": "object", "properties": {"entries": list(&line), "next": {"type": "integer",
            "description": "`after` of the next page; absent on the last."}}},
        "Business": business,
        "BusinessDraft": business_draft,
        "Finding": finding,
        "Member": {"type": "object", "properties": {"user_id": id(), "email": {"type": "string",
            "description": "Absent for a guest."}, "role": words(Role::ALL.iter().map(|w| w.as_str())), "you": flag()}},
        "Preview": {"type": "object", "properties": {"text": {"type": "string"}, "warnings": list(&warning)}},
        "PreviewDraft": {"type": "object", "additionalProperties": false, "properties": {
            "variables": {"type": "object", "description": "A value for each name; an example's where absent."},
            "body": {"type": "string", "description": "Another text than the stored one."}}},
        "Stage": stage,
        "StageDraft": stage_draft,
        "Template": template,
        "TemplateDraft": template_draft,
        "Transition": transition,
        "TransitionDraft": transition_draft,
        "Trial": trial,
    })
}
