//! Which of the models in a message is in use today, and which are only considered.

use super::clauses::Status;
use super::lex::{Kind, Tok};
use super::lexicon::C;
use super::reading::Reading;

/// What a message says about a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// In use.
    Current,
    /// What another would take the place of: in use, if nothing else is.
    Replaced,
    /// Considered.
    Candidate,
    /// Not in use, or somebody else's.
    Not,
}

/// A model named in the message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    /// Index into the models of the message.
    pub(super) model: usize,
    /// Its token.
    pub(super) token: usize,
    pub(super) role: Role,
}

/// The models of a message in order, each with its role.
pub(super) fn roles(reading: &Reading<'_>) -> Vec<Named> {
    let toks = reading.toks();
    let mut named: Vec<Named> = Vec::new();
    for (token, tok) in toks.iter().enumerate() {
        let Kind::Model(model) = tok.kind else { continue };
        let role = role(reading, token, named.last());
        if let Some(before) = named.last_mut()
            && role == Role::Replaced
            && toks[before.token..token]
                .iter()
                .any(|t| reading.lexed.text(t).starts_with("replac") || reading.lexed.text(t).starts_with("ersetz"))
        {
            before.role = Role::Candidate;
        }
        if let Some(before) = named.last_mut()
            && role == Role::Candidate
            && rivals(reading, before.token, token)
            && before.role == Role::Current
            && !in_use(toks, before.token)
        {
            before.role = Role::Candidate;
        }
        if role == Role::Candidate {
            // "A, B or C": what the last one is, all are.
            let mut next = token;
            for before in named.iter_mut().rev() {
                let joint = toks.get(before.token + 1..next).unwrap_or(&[]);
                let listed = joint.len() == 1 && (joint[0].is_sym(',') || joint[0].is_sym('/') || joint[0].is(C::Or));
                let open = matches!(before.role, Role::Current | Role::Candidate);
                if !listed || !open || in_use(toks, before.token) {
                    break;
                }
                before.role = Role::Candidate;
                next = before.token;
            }
        }
        named.push(Named { model: model as usize, token, role });
    }
    named
}

/// Words that weigh one model against another.
const PRAISE: &[&str] =
    &["better", "besser", "choice", "option", "worse", "match", "beat", "replace", "compete", "mithalten"];

fn role(reading: &Reading<'_>, token: usize, before: Option<&Named>) -> Role {
    let toks = reading.toks();
    let text = |t: &Tok| reading.lexed.text(t).to_string();
    let start = (0..token).rev().find(|i| toks[*i].kind == Kind::Stop || toks[*i].is(C::But)).map_or(0, |i| i + 1);
    let start = start.max(token.saturating_sub(9));
    let left = &toks[start..token];
    let since = left.iter().rposition(|t| matches!(t.kind, Kind::Model(_)));
    let near = &left[since.map_or(0, |i| i + 1)..];
    if near
        .iter()
        .any(|t| t.is(C::Not) && matches!(text(t).as_str(), "instead of" | "rather than" | "statt" | "anstatt"))
    {
        return Role::Replaced;
    }
    match reading.status[token] {
        Status::Out => return Role::Not,
        Status::Supposed => return Role::Candidate,
        Status::Weak | Status::Stated => {}
    }
    if toks.get(token + 1).is_some_and(|t| t.is(C::Would)) {
        return Role::Candidate;
    }
    // "better than X", "alternative to X": what X is compared with is wanted, X is there.
    let base = near.iter().rev().take(4).any(|t| matches!(text(t).as_str(), "than" | "als"))
        || near.iter().rev().take(3).any(|t| text(t).starts_with("alternative"))
            && near.last().is_some_and(|t| matches!(t.word(), Some(C::To | C::At)) || text(t).ends_with(" to"));
    if base {
        return Role::Replaced;
    }
    let asked = token > 0
        && toks[start..token].len() <= 1
        && matches!(
            text(&toks[start]).as_str(),
            "would" | "is" | "are" | "ist" | "ware" | "could" | "can" | "does" | "kann"
        );
    let weighed = asked
        && toks[token + 1..]
            .iter()
            .take(7)
            .take_while(|t| t.kind != Kind::Stop)
            .any(|t| PRAISE.contains(&text(t).as_str()));
    if weighed {
        return Role::Candidate;
    }
    let praised = toks[token + 1..]
        .iter()
        .take(4)
        .take_while(|t| t.kind != Kind::Stop)
        .any(|t| text(t).starts_with("alternative"));
    if praised {
        return Role::Candidate;
    }
    // "switched from A to B": B is in use; "switch from A to B": A is.
    if near.last().is_some_and(|t| t.is(C::From)) {
        let past = near.iter().any(|t| {
            matches!(text(t).as_str(), "switched" | "migrated" | "moved" | "changed" | "upgraded" | "gewechselt")
        });
        return if past { Role::Not } else { Role::Current };
    }
    if near.iter().any(|t| t.is(C::To))
        && before.is_some_and(|b| b.role == Role::Not && toks[..b.token].last().is_some_and(|t| t.is(C::From)))
    {
        return Role::Current;
    }
    // "after moving to B": done.
    let done = near.windows(2).any(|pair| {
        pair[1].is(C::Switch) && matches!(text(&pair[0]).as_str(), "after" | "since" | "nach" | "seit" | "dem")
    });
    if done {
        return Role::Current;
    }
    let moved = |t: &Tok| t.is(C::Switch) || t.is(C::Versus);
    // "how much would X cost" asks about X; "we would take X" does not have it.
    let asks = |t: &Tok| {
        matches!(text(t).as_str(), "how" | "what" | "which" | "wie" | "was")
            || t.start == toks[start].start && t.is(C::Would)
    };
    let would = near.iter().any(|t| t.is(C::Would)) && !near.iter().any(asks);
    let between = near.iter().rev().take(3).any(|t| t.is(C::Between));
    if would || between || near.iter().any(moved) {
        return Role::Candidate;
    }
    if let Some(before) = before {
        let left_behind = before.role == Role::Current && before.token > 0 && toks[before.token - 1].is(C::From);
        if left_behind && near.len() <= 2 && near.iter().any(|t| matches!(t.word(), Some(C::To | C::Use | C::At))) {
            return Role::Candidate;
        }
        let joint: Vec<&Tok> = near.iter().filter(|t| !matches!(t.word(), Some(C::Article | C::Filler))).collect();
        let listed = matches!(joint.as_slice(), [t] if t.is_sym(',') || t.is_sym('/') || t.is(C::Or) || t.is(C::And))
            || matches!(joint.as_slice(), [a, b] if a.is_sym(',') && (b.is(C::Or) || b.is(C::And)));
        if listed && (before.role == Role::Candidate || near.iter().any(|t| t.is(C::Or))) {
            return Role::Candidate;
        }
        // "is A good enough to replace B": B is there.
        let takes_over = |t: &Tok| text(t).starts_with("replac") || text(t).starts_with("ersetz");
        if near.iter().any(takes_over)
            && !near.iter().any(|t| matches!(text(t).as_str(), "by" | "durch" | "with" | "mit"))
        {
            return Role::Replaced;
        }
        let replaced = left.iter().any(|t| {
            let word = text(t);
            word.starts_with("replac") || word.starts_with("ersetz") || word.starts_with("swap")
        });
        if replaced && near.iter().any(|t| matches!(t.word(), Some(C::With | C::To | C::Per))) {
            return Role::Candidate;
        }
    }
    Role::Current
}

/// Whether the two models are set against each other.
fn rivals(reading: &Reading<'_>, first: usize, second: usize) -> bool {
    let joint = reading.toks().get(first + 1..second).unwrap_or(&[]);
    joint.len() <= 3 && joint.iter().any(|t| matches!(t.word(), Some(C::Versus | C::Or)))
}

/// Whether words before the model say that it is used.
fn in_use(toks: &[Tok], token: usize) -> bool {
    toks[token.saturating_sub(4)..token].iter().any(|t| matches!(t.word(), Some(C::Use | C::Spend | C::Now)))
}
