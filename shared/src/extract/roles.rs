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
                .any(|t| REPLACE.iter().any(|stem| reading.lexed.text(t).starts_with(stem)))
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

/// Names what tells whether the model at `token` is in use.
pub(super) fn around(reading: &Reading<'_>, token: usize, see: &mut dyn FnMut(&[&str])) {
    let toks = reading.toks();
    see(&["+"]);
    see(&["s", ["0", "1", "2", "3"][reading.status[token] as usize]]);
    reading.sides(token, token + 1, None, see);
    let others = |range: &[Tok]| range.iter().filter(|t| matches!(t.kind, Kind::Model(_))).count().min(2);
    see(&["n-", ["0", "1", "2"][others(&toks[..token])]]);
    see(&["n+", ["0", "1", "2"][others(&toks[token + 1..])]]);
    // What the beginning of its sentence and the words around it say of the whole.
    let start = (0..token).rev().find(|i| toks[*i].kind == Kind::Stop).map_or(0, |i| i + 1);
    see(&["^", reading.text(start)]);
    let Kind::Model(model) = toks[token].kind else { return };
    if !reading.lexed.models[model as usize].exact {
        see(&["family"]);
    }
}

/// Words that weigh one model against another.
const PRAISE: &[&str] = &[
    "better",
    "besser",
    "choice",
    "option",
    "worse",
    "match",
    "beat",
    "replace",
    "compete",
    "mithalten",
    "do what",
    "take over",
    "take",
    "good",
    "enough",
    "suitable",
    "drop",
    "fit",
    "cope",
    "suffice",
    "genug",
    "ausreich",
];

/// A model's mention: its token, the words before it since the last model, and those after it.
struct Place<'a> {
    reading: &'a Reading<'a>,
    /// The words of its sentence before it.
    left: &'a [Tok],
    /// Those of them behind the last other model.
    near: &'a [Tok],
    /// The words of its sentence after it.
    right: &'a [Tok],
}

impl<'a> Place<'a> {
    fn new(reading: &'a Reading<'a>, token: usize) -> Self {
        let toks = reading.toks();
        let start = (0..token).rev().find(|i| toks[*i].kind == Kind::Stop || toks[*i].is(C::But)).map_or(0, |i| i + 1);
        let left = &toks[start.max(token.saturating_sub(9))..token];
        let since = left.iter().rposition(|t| matches!(t.kind, Kind::Model(_)));
        let end = (token + 1..toks.len()).find(|i| toks[*i].kind == Kind::Stop).unwrap_or(toks.len());
        Self { reading, left, near: &left[since.map_or(0, |i| i + 1)..], right: &toks[token + 1..end] }
    }

    fn text(&self, tok: &Tok) -> &str {
        self.reading.lexed.text(tok)
    }

    /// Whether one of the last `reach` words before the model is among `words`.
    fn close(&self, reach: usize, words: &[&str]) -> bool {
        self.near.iter().rev().take(reach).any(|t| words.contains(&self.text(t)))
    }

    fn begins(&self, tok: &Tok, stems: &[&str]) -> bool {
        stems.iter().any(|stem| self.text(tok).starts_with(stem))
    }

    /// "better than X", "alternative to X": what X is compared with is wanted, X is there.
    fn is_base(&self) -> bool {
        let than = self.near.iter().rev().take(4).any(|t| self.text(t).ends_with("than") || self.text(t) == "als");
        let leads = |t: &Tok| matches!(t.word(), Some(C::To | C::At)) || self.text(t).ends_with(" to");
        let alternative = self.near.iter().rev().take(3).any(|t| self.begins(t, &["alternative"]));
        // "a replacement for X".
        let place = self.near.iter().rev().take(3).any(|t| self.begins(t, &["ersatz", "replacement", "substitut"]))
            && self.near.last().is_some_and(|t| t.is(C::With));
        // "what beats X?"
        let beaten = self.near.last().is_some_and(|t| self.begins(t, &["beat", "schlagt", "outperform"]))
            && self.left.iter().any(|t| matches!(self.text(t), "what" | "which" | "was" | "welches"));
        // "swap X out".
        let swapped = self.near.iter().any(|t| self.begins(t, &["swap", "phase", "rip"]))
            && self.right.first().is_some_and(|t| self.text(t) == "out");
        // "take over from X", "the same as our X".
        let succeeded = matches!(self.near, [.., over, from] if from.is(C::From) && self.text(over) == "over");
        let filled = matches!(self.near, [.., in_, for_] if self.text(in_) == "in" && matches!(self.text(for_), "for" | "fur"))
            && self.near.iter().any(|t| self.begins(t, &["step", "stand", "fill", "spring"]));
        succeeded || filled || than || place || beaten || swapped || alternative && self.near.last().is_some_and(leads)
    }

    /// "would X be better", "X as an alternative": X is only weighed.
    fn is_weighed(&self) -> bool {
        const QUESTIONS: &[&str] = &["would", "is", "are", "ist", "ware", "could", "can", "does", "kann"];
        let asked = self.left.len() == 1 && QUESTIONS.contains(&self.text(&self.left[0]));
        let then_would = self.right.first().is_some_and(|t| t.is(C::Would));
        // "how much cheaper is X than Y?"
        let compared = self.left.iter().any(|t| matches!(self.text(t), "how" | "is" | "wie" | "ist"))
            && self.right.first().is_some_and(|t| matches!(self.text(t), "than" | "als"));
        // "A vs B vs C"; "a small one like X".
        let set_against = self.right.first().is_some_and(|t| t.is(C::Versus))
            && self.right.iter().take(4).any(|t| matches!(t.kind, Kind::Model(_)));
        let example = self.near.len() >= 2
            && self.near.last().is_some_and(|t| matches!(self.text(t), "like" | "wie"))
            && self
                .left
                .iter()
                .any(|t| self.begins(t, &["small", "klein", "large", "gro", "cheap", "something", "etwas", "one"]));
        set_against
            || example
            || then_would
            || compared
            || asked && self.right.iter().take(7).any(|t| self.begins(t, PRAISE))
            // "can X do what Y does?"
            || asked && self.right.first().is_some_and(|t| self.text(t) == "do")
            || self.right.iter().take(4).any(|t| self.begins(t, &["alternative"]))
    }

    /// "after moving to X", "move off X".
    fn has_been_left_or_taken(&self) -> bool {
        let words: Vec<Tok> = self.near.iter().filter(|t| !t.is(C::First)).copied().collect();
        let done = |pair: &[Tok]| {
            pair[1].is(C::Switch) && matches!(self.text(&pair[0]), "after" | "since" | "nach" | "seit" | "dem")
        };
        self.close(2, &["off", "away", "weg"]) || words.windows(2).any(done)
    }

    /// "before we moved to X we paid $9k": X is what is used since.
    fn was_moved_to(&self) -> bool {
        let before = |t: &Tok| {
            let text = self.text(t);
            t.is(C::Hist)
                && text.starts_with("before we")
                && ["moved", "switched", "migrated"].iter().any(|v| text.ends_with(v))
        };
        matches!(self.near, [.., hist, to] if before(hist) && to.is(C::To))
    }

    /// Whether a past price of the model stands against one of today, and no other model follows.
    fn costs_otherwise_now(&self) -> bool {
        let past = self
            .left
            .iter()
            .any(|t| t.is(C::Hist) && ["pay", "spend", "cost"].iter().any(|verb| self.text(t).ends_with(verb)));
        past && self.right.iter().any(|t| t.is(C::Now)) && !self.right.iter().any(|t| matches!(t.kind, Kind::Model(_)))
    }

    /// "switch to X", "X or", "we would take X"; "how much would X cost" asks about X.
    fn is_considered(&self) -> bool {
        let asks = |t: &Tok| {
            matches!(self.text(t), "how" | "what" | "which" | "wie" | "was")
                || t.is(C::Would) && self.left.first().is_some_and(|first| first.start == t.start)
        };
        let would = self.near.iter().any(|t| t.is(C::Would)) && !self.near.iter().any(asks);
        // "between us and X": X is there.
        let between = self.near.iter().rev().take(3).any(|t| t.is(C::Between))
            && !self.near.iter().any(|t| matches!(self.text(t), "us" | "uns"));
        let asked = self.near.last().is_some_and(|t| self.text(t) == "about");
        let tested = self.near.iter().rev().take(4).any(|t| self.begins(t, &["test", "evaluat", "trial"]));
        let told =
            self.near.iter().rev().take(5).any(|t| self.begins(t, TOLD)) && !self.near.iter().any(|t| t.is(C::More));
        // "which of the Llama models comes closest": a family of which one is sought.
        let family = self.near.iter().rev().take(3).any(|t| matches!(self.text(t), "which" | "welches" | "welche"))
            && self.right.first().is_some_and(|t| self.begins(t, &["model", "modell", "variant"]));
        would
            || tested
            || between
            || asked
            || told
            || family
            || self.near.iter().any(|t| t.is(C::Switch) || t.is(C::Versus))
    }

    /// Whether somebody else's words call the model ours.
    fn is_ours(&self) -> bool {
        let ours = self.near.last().is_some_and(|t| matches!(self.text(t), "our" | "unser" | "unserem" | "unseren"));
        ours && !self.left.iter().any(|t| matches!(t.word(), Some(C::Hist | C::Ago | C::Not)))
    }

    /// What the model before says about this one.
    fn beside(&self, before: &Named) -> Option<Role> {
        let toks = self.reading.toks();
        let from = before.token > 0 && toks[before.token - 1].is(C::From);
        let to = |t: &Tok| matches!(t.word(), Some(C::To | C::Use | C::At));
        if from && before.role == Role::Current && self.near.len() <= 2 && self.near.iter().any(to) {
            return Some(Role::Candidate);
        }
        let joint: Vec<&Tok> = self.near.iter().filter(|t| !matches!(t.word(), Some(C::Article | C::Filler))).collect();
        let lists = |t: &Tok| t.is_sym(',') || t.is_sym('/') || t.is(C::Or) || t.is(C::And);
        let listed = match joint.as_slice() {
            [one] => lists(one),
            [comma, last] => comma.is_sym(',') && (last.is(C::Or) || last.is(C::And)),
            _ => false,
        };
        if listed && (before.role == Role::Candidate || self.near.iter().any(|t| t.is(C::Or))) {
            return Some(Role::Candidate);
        }
        // "is A good enough to replace B": B is there.
        if self.near.iter().any(|t| self.begins(t, REPLACE)) && !self.close(9, &["by", "durch", "with", "mit"]) {
            return Some(Role::Replaced);
        }
        let replaced = self.left.iter().any(|t| self.begins(t, REPLACE) || self.begins(t, &["swap"]));
        let by = |t: &Tok| matches!(t.word(), Some(C::With | C::To | C::Per));
        (replaced && self.near.iter().any(by)).then_some(Role::Candidate)
    }
}

/// Beginnings of words with which somebody puts a model forward.
const TOLD: &[&str] = &[
    "told",
    "suggest",
    "recommend",
    "pitch",
    "swear",
    "propos",
    "empf",
    "vorgeschlag",
    "vorschlag",
    "angepriesen",
    "raten",
];

/// Beginnings of words that put one model in another's place.
const REPLACE: &[&str] = &["replac", "ersetz", "ersatz", "substitut"];

fn role(reading: &Reading<'_>, token: usize, before: Option<&Named>) -> Role {
    let place = Place::new(reading, token);
    let instead = |t: &Tok| t.is(C::Not) && matches!(place.text(t), "instead of" | "rather than" | "statt" | "anstatt");
    if place.near.iter().any(instead) {
        return Role::Replaced;
    }
    match reading.status[token] {
        // "we used to pay $9k for X, now it's $15k": only the sum has changed.
        Status::Out if place.costs_otherwise_now() || place.was_moved_to() => return Role::Current,
        // "someone says that A does the same as our B".
        Status::Out if place.is_ours() => return Role::Current,
        Status::Out => return Role::Not,
        Status::Supposed => return Role::Candidate,
        Status::Weak | Status::Stated => {}
    }
    // "Qwen is off the table, we settled on X".
    if place.near.last().is_some_and(|t| place.text(t).ends_with("on"))
        && place.near.iter().rev().take(3).any(|t| place.begins(t, &["settled", "decided", "landed", "standardi"]))
    {
        return Role::Current;
    }
    // "X got 0.81 in March and was kicked out", "tell it from X's".
    let gone =
        |t: &Tok| place.begins(t, &["kicked", "rejected", "discarded", "rausgeflogen", "ausgemustert", "verworfen"]);
    let told_from = place.near.last().is_some_and(|t| t.is(C::From))
        && place.near.iter().any(|t| matches!(place.text(t), "tell" | "distinguish" | "unterscheiden"));
    let dismissed = place
        .right
        .windows(2)
        .take(4)
        .any(|pair| matches!((place.text(&pair[0]), place.text(&pair[1])), ("off", "the") | ("vom", "tisch")));
    if dismissed || place.right.iter().any(gone) {
        return Role::Not;
    }
    if told_from {
        return Role::Candidate;
    }
    // "nothing dumber than what we have, which is X".
    if place.near.len() >= 2 && place.near.iter().rev().take(2).map(|t| place.text(t)).eq(["is", "which"]) {
        return Role::Current;
    }
    if place.is_base() {
        return Role::Replaced;
    }
    if place.is_weighed() {
        return Role::Candidate;
    }
    // "switched from A to B": B is in use; "switch from A to B": A is.
    if place.near.last().is_some_and(|t| t.is(C::From)) {
        let past = place.close(9, &["switched", "migrated", "moved", "changed", "upgraded", "gewechselt"]);
        let after = place.near.windows(2).any(|pair| {
            pair[1].is(C::Switch) && matches!(place.text(&pair[0]), "after" | "since" | "nach" | "seit" | "by")
        });
        return if past || after { Role::Not } else { Role::Current };
    }
    let toks = reading.toks();
    let from = |b: &Named| b.role == Role::Not && toks[..b.token].last().is_some_and(|t| t.is(C::From));
    let arrived = place.near.iter().any(|t| t.is(C::To)) && before.is_some_and(from);
    if arrived || place.has_been_left_or_taken() {
        return Role::Current;
    }
    if place.is_considered() {
        return Role::Candidate;
    }
    before.and_then(|before| place.beside(before)).unwrap_or(Role::Current)
}

/// Whether the two models are set against each other.
fn rivals(reading: &Reading<'_>, first: usize, second: usize) -> bool {
    let joint = reading.toks().get(first + 1..second).unwrap_or(&[]);
    joint.len() <= 3 && joint.iter().any(|t| matches!(t.word(), Some(C::Versus | C::Or)))
}

/// Whether words before the model say that it is used.
fn in_use(toks: &[Tok], token: usize) -> bool {
    let before = toks[token.saturating_sub(4)..token].iter().rev().take_while(|t| t.kind != Kind::Stop);
    before.into_iter().any(|t| matches!(t.word(), Some(C::Use | C::Spend | C::Now)))
}
