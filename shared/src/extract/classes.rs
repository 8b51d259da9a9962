//! Several workloads in one message: their volumes and token counts as classes, or a question, never one of them.

use super::assemble::Draft;
use super::clauses::Status;
use super::facts::{Fact, Says};
use super::lex::{Kind, Tok};
use super::lexicon::C;
use super::quantity::Mention;
use super::reading::Reading;
use crate::workload::WorkClass;

/// The fields that make a class.
const SHAPE: [&str; 3] = ["requests_per_day", "input_tokens", "output_tokens"];

/// A class in the making: the place of its first fact, and its three figures.
#[derive(Default)]
struct Group {
    from: usize,
    to: usize,
    figures: [Option<f64>; 3],
}

/// Takes the facts of classes out of `facts` and into the draft, if the message has classes.
pub(super) fn take(draft: &mut Draft<'_>, facts: &mut Vec<Fact>) {
    let reading = draft.reading;
    let shape = |f: &Fact| SHAPE.iter().position(|name| f.says == Says::Field(name));
    let corrects = |from: usize, to: usize| reading.corrected(from, to);
    let mut groups: Vec<Group> = Vec::new();
    for fact in facts.iter().filter(|f| f.status == Status::Stated) {
        let Some(i) = shape(fact) else { continue };
        match groups.last_mut() {
            Some(group) if group.figures[i].is_none() => {
                group.figures[i] = Some(fact.value);
                group.to = fact.to;
            }
            Some(group) if corrects(group.to, fact.from) || group.figures[i] == Some(fact.value) => {
                group.figures[i] = Some(fact.value);
                group.to = fact.to;
            }
            _ => {
                let mut group = Group { from: fact.from, to: fact.to, ..Group::default() };
                group.figures[i] = Some(fact.value);
                groups.push(group);
            }
        }
    }
    share(reading, &mut groups);
    let starts: Vec<usize> = groups.iter().map(|g| g.from).chain([reading.toks().len()]).collect();
    let labels: Option<Vec<_>> = (0..groups.len())
        .map(|i| label(reading, if i == 0 { 0 } else { groups[i - 1].to }, groups[i].from, starts[i + 1]))
        .collect();
    let mut classes = Vec::new();
    let mut previous_end = 0;
    let mut taken = Vec::new();
    for (i, group) in groups.iter().enumerate() {
        let next = starts[i + 1];
        let [Some(requests_per_day), Some(input_tokens), Some(output_tokens)] = group.figures else { return };
        let name = match &labels {
            Some(labels) => draft.words(labels[i].start, labels[i].end),
            None => name(draft, reading, previous_end, group, classes.len()),
        };
        previous_end = group.to;
        classes.push(WorkClass {
            name,
            requests_per_day,
            input_tokens,
            output_tokens,
            quality_floor: bound(reading, facts, group, next, "quality_floor", &mut taken),
            latency_target_ms: bound(reading, facts, group, next, "latency_target_ms", &mut taken),
        });
    }
    if classes.len() < 2 || classes.len() > crate::limits::CLASSES_MAX {
        return;
    }
    let behind = groups.last().map_or(0, |g| g.to);
    for fact in facts.iter().filter(|f| f.from >= behind && !taken.contains(&f.from)).collect::<Vec<_>>() {
        let Says::Field(field @ ("quality_floor" | "latency_target_ms")) = fact.says else { continue };
        let Some(class) = named(reading, &classes, fact.from).and_then(|i| classes.get_mut(i)) else { continue };
        let bound = if field == "quality_floor" { &mut class.quality_floor } else { &mut class.latency_target_ms };
        if bound.is_none() {
            *bound = Some(fact.value);
            taken.push(fact.from);
        }
    }
    let (first, last) = (groups.first().map_or(0, |g| g.from), groups.last().map_or(0, |g| g.to));
    facts.retain(|f| shape(f).is_none() && !taken.contains(&f.from));
    draft.put_classes(classes, first, last);
}

/// Tokens behind the last figure of a class within which a bound is its own.
const REACH: usize = 12;

/// A bound that is said of one class: in its sentence, behind its first figure and before the next class.
fn bound(
    reading: &Reading<'_>,
    facts: &[Fact],
    group: &Group,
    next: usize,
    field: &'static str,
    taken: &mut Vec<usize>,
) -> Option<f64> {
    let toks = reading.toks();
    let end = (group.to..toks.len()).find(|i| toks[*i].kind == Kind::Stop).unwrap_or(toks.len());
    // "overall at least 1,400", "im Mittel mindestens 1.400": of all classes together.
    let of_all = |f: &Fact| {
        let around = (f.from.saturating_sub(5)..f.from).chain(f.to..toks.len().min(f.to + 3));
        around.filter(|i| *i >= group.to).any(|i| {
            let text = reading.text(i);
            ["overall", "average", "mean", "mittel", "schnitt", "insgesamt", "gesamt", "total", "altogether"]
                .iter()
                .any(|word| text.contains(word))
        })
    };
    let near = |f: &&Fact| {
        // A class has no measured latency: "search 90k a day, needs 1.5 s".
        let says = f.says == Says::Field(field) || field == "latency_target_ms" && f.says == Says::Latency;
        says && f.from >= group.from && f.from < end.min(next) && f.from < group.to + REACH && !of_all(f)
    };
    if let Some(found) = facts.iter().find(near) {
        taken.push(found.from);
        return Some(found.value);
    }
    // "(500k/day, 120 in, 20 out, 600 ms)": a wait without a label.
    let wait = |m: &&Mention| {
        m.from >= group.from
            && m.from < end.min(next)
            && m.from < group.to + REACH
            && reading.is_wait(m)
            && !facts.iter().any(|f| f.from == m.from)
    };
    let found = reading.mentions.iter().find(wait).filter(|_| field == "latency_target_ms")?;
    Some(found.value())
}

/// Which class is named before a bound that stands behind them all: "…, and moderation under 1 s".
fn named(reading: &Reading<'_>, classes: &[WorkClass], at: usize) -> Option<usize> {
    let toks = reading.toks();
    let words = (0..at).rev().take(10).take_while(|i| toks[*i].kind != Kind::Stop);
    words.filter(|i| toks[*i].end - toks[*i].start >= 4).find_map(|i| {
        let word = reading.text(i);
        let mut called = classes.iter().enumerate().filter(|(_, c)| c.name.to_lowercase().contains(word));
        let (class, _) = called.next()?;
        called.next().is_none().then_some(class)
    })
}

/// "100k chats and 5k searches a day, each 1k in and 200 out": the last group's token counts are everyone's.
fn share(reading: &Reading<'_>, groups: &mut [Group]) {
    let shared = reading
        .toks()
        .iter()
        .any(|t| matches!(reading.lexed.text(t), "both" | "each" | "beide" | "jeweils" | "all" | "je"));
    let Some((last, before)) = groups.split_last_mut() else { return };
    if shared && before.iter().all(|g| g.figures[1].is_none() && g.figures[2].is_none()) {
        for group in before {
            group.figures[1] = last.figures[1];
            group.figures[2] = last.figures[2];
        }
    }
}

/// What the user calls a class: the words before its figures, or those after "for".
fn name(draft: &Draft<'_>, reading: &Reading<'_>, after: usize, group: &Group, number: usize) -> String {
    let toks = reading.toks();
    let breaks =
        |t: &Tok| !t.copy && matches!(t.kind, Kind::Stop | Kind::Num(_) | Kind::Sym(',' | ')' | '(' | '—' | '/'));
    // "chat (120k a day, …)": the words before the bracket.
    // "autocomplete - 1.5M a day": or before the dash.
    let opens = |t: &Tok| t.is_sym('(') || t.is_sym('—');
    let from = if group.from > after && opens(&toks[group.from - 1]) { group.from - 1 } else { group.from };

    // "Overall plan: 25,000 chat requests a day": the compound behind the colon.
    if group.from > 0
        && toks[group.from - 1].is_sym(':')
        && let Some(hyphen) = (group.from..group.to).find(|i| toks[*i].is_sym('-') && toks[*i].glued)
        && [hyphen - 1, hyphen + 1].iter().all(|i| toks.get(*i).is_some_and(|t| t.is(C::Request)))
    {
        return draft.words(hyphen - 1, hyphen + 2);
    }
    let start = (after..from).rev().find(|i| breaks(&toks[*i])).map_or(after, |i| i + 1);
    let mut words: Vec<usize> = (start..from).filter(|i| carries_name(reading, *i)).collect();
    // "Two workloads: chat with …": the words behind the colon.
    if let Some(colon) =
        (start..from.saturating_sub(1)).rev().find(|i| toks[*i].is_sym(':') && words.iter().any(|w| w > i))
    {
        words.retain(|w| *w > colon);
    }
    // "the best trade-off for chat (…)".
    let leads = |i: &usize| matches!(reading.text(*i), "for" | "fur" | "fuer");
    if let Some(at) = (start..from.saturating_sub(1)).rev().find(leads)
        && words.iter().any(|w| *w > at)
    {
        words.retain(|w| *w > at);
    }
    // "Nachtlauf (Klassifikation): 200k": the words before the bracket.
    if words.is_empty()
        && start > after
        && toks[start - 1].is_sym(')')
        && let Some(open) = (after..start - 1).rev().find(|i| toks[*i].is_sym('('))
    {
        let earlier = (after..open).rev().find(|i| breaks(&toks[*i])).map_or(after, |i| i + 1);
        words = (earlier..open).filter(|i| carries_name(reading, *i)).collect();
    }
    if words.is_empty() && start > after && toks[start - 1].is_sym(',') {
        let earlier = (after..start - 1).rev().find(|i| breaks(&toks[*i])).map_or(after, |i| i + 1);
        words = (earlier..start - 1).filter(|i| carries_name(reading, *i)).collect();
    }
    if words.is_empty() {
        let inside = (group.from..toks.len().min(group.to + 6))
            .find(|i| matches!(reading.lexed.text(&toks[*i]), "for" | "fur" | "fuer"));
        if let Some(at) = inside {
            words = (at + 1..toks.len())
                .take_while(|i| !breaks(&toks[*i]))
                .filter(|i| carries_name(reading, *i))
                .take(2)
                .collect();
        }
    }
    if words.is_empty() {
        // "60k short queries per day": the words behind the number.
        let end = reading.mentions.iter().find(|m| m.from == group.from).map_or(group.from, |m| m.unit_end);
        words = (group.from..end).filter(|i| carries_name(reading, *i)).collect();
        let plain = |i: &usize| {
            matches!(toks[*i].word(), Some(C::Request | C::Mult(_) | C::Letter(_) | C::Tokens | C::Percent))
        };
        if words.iter().all(plain) {
            words.clear();
        }
        words.retain(|i| !matches!(toks[*i].word(), Some(C::Mult(_) | C::Letter(_))));
    }
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return format!("class {}", number + 1);
    };
    // The nearest three words, as written.
    let first = if last - first > 3 { last - 1 } else { *first };
    // "listener Q&A".
    let joined =
        |i: usize| toks.get(i + 1).is_some_and(|t| t.glued && [i, i + 1].iter().any(|j| reading.text(*j) == "&"));
    let last = (*last..toks.len()).find(|i| !joined(*i)).unwrap_or(*last);
    let text = draft.words(first, last + 1);
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    let short: String = text.chars().take(crate::limits::TEXT_FIELD_MAX_CHARS).filter(|c| !c.is_control()).collect();
    if short.is_empty() { format!("class {}", number + 1) } else { short }
}

/// "Team Red: agent runs, 2,400 a day, … . Team Blue: …": the label of a sentence that is about one class alone.
fn label(reading: &Reading<'_>, after: usize, from: usize, next: usize) -> Option<std::ops::Range<usize>> {
    let toks = reading.toks();
    let start = (0..from).rev().find(|i| toks[*i].kind == Kind::Stop).map_or(0, |i| i + 1);
    let end = (from..toks.len()).find(|i| toks[*i].kind == Kind::Stop).unwrap_or(toks.len());
    let colon = (start..from).find(|i| toks[*i].is_sym(':'))?;
    let plain = (start..colon).all(|i| matches!(toks[i].kind, Kind::Word(_)) && !toks[i].copy);
    let alone = start >= after && next >= end && colon + 1 < from;
    (alone && plain && (1..=2).contains(&(colon - start))).then_some(start..colon)
}

/// Words that name no class.
const EMPTY: &[&str] = &[
    "mussen",
    "muessen",
    "betreiben",
    "while",
    "davon",
    "whereas",
    "wahrend",
    "class",
    "consists",
    "consist",
    "besteht",
    "classes",
    "klasse",
    "klassen",
    "workload",
    "workloads",
    "traffic",
    "have",
    "with",
    "one",
    "two",
    "three",
    "first",
    "second",
    "third",
    "other",
    "another",
    "do",
    "run",
    "runs",
    "handle",
    "serve",
    "gets",
    "get",
    "get",
    "route",
    "routing",
    "send",
    "assign",
    "type",
    "types",
    "kind",
];

/// Whether a word can be part of a class's name.
fn carries_name(reading: &Reading<'_>, at: usize) -> bool {
    let tok = &reading.toks()[at];
    let before = at.checked_sub(1).and_then(|i| reading.toks().get(i));
    let text = reading.lexed.text(tok);
    let structural = matches!(
        tok.word(),
        Some(
            C::Article
                | C::Filler
                | C::With
                | C::And
                | C::Or
                | C::First
                | C::Is
                | C::About
                | C::At
                | C::Every
                | C::Of
                | C::All
                | C::NumWord(_)
                | C::Use
                | C::Most
                | C::Now
                | C::To
                | C::From
                | C::Question
                | C::Horizon
                | C::If
                | C::Time(_)
                | C::Ms
                | C::Percent
                | C::Letter('s')
        )
    );
    // "Class A": the letter is the name.
    let letter = text.len() == 1 && before.is_some_and(|t| EMPTY.contains(&reading.lexed.text(t)));
    // "Pro: 80k a day".
    let label = reading.toks().get(at + 1).is_some_and(|t| t.is_sym(':'));
    if tok.is(C::Per) && !label {
        return false;
    }
    letter || matches!(tok.kind, Kind::Word(_)) && !tok.copy && !structural && !EMPTY.contains(&text)
}
