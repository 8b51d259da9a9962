//! The names that a message gives: the model in use, the vendor, the kind of work, the GPU, the day of the prices.

use serde_json::json;

use super::assemble::{Draft, set};
use super::clauses::Status;
use super::lex::{Kind, Tok};
use super::lexicon::C;
use super::roles::{Named, Role, roles};
use crate::message::Task;

/// The special kinds of work say more than "assistant" does.
const ORDER: [Task; 7] =
    [Task::Rag, Task::Coding, Task::Extraction, Task::Classification, Task::Summarization, Task::Agents, Task::Chat];

/// A model that is likelier in use than this, and than any other by so much, is.
const IN_USE: f64 = 0.7;
const APART: f64 = 0.15;

impl Draft<'_> {
    pub(super) fn name_model(&mut self) {
        let named = roles(self.reading);
        let of = |role: Role| named.iter().filter(move |m| m.role == role);
        let mut current: Vec<_> = of(Role::Current).collect();
        if current.is_empty() {
            current = of(Role::Replaced).collect();
        }
        // "is an own H100 worth it against X": X is what it is compared with.
        if current.is_empty() && self.reading.message_has(|c| matches!(c, C::Gpu(_))) {
            let weighed: Vec<_> = of(Role::Candidate).collect();
            let toks = self.reading.toks();
            let before = |m: &Named, c: C| toks[m.token.saturating_sub(3)..m.token].iter().any(|t| t.is(c));
            if let [only] = weighed.as_slice()
                && (before(only, C::Versus) || before(only, C::With))
            {
                current = weighed;
            }
        }
        let models = &self.reading.lexed.models;
        // "Opus 4.8 from Claude": the family says nothing more.
        let exact: Vec<&str> =
            current.iter().map(|m| &models[m.model]).filter(|m| m.exact).map(|m| m.id.as_str()).collect();
        let covered = |family: &str| {
            let last = family.rsplit('-').next().unwrap_or(family).trim_start_matches("chat");
            exact.iter().any(|id| id.contains(last))
        };
        current.retain(|m| models[m.model].exact || !covered(&models[m.model].id));
        // "on A until March, now B".
        let toks = self.reading.toks();
        let now = |m: &Named| toks[m.token.saturating_sub(3)..m.token].iter().any(|t| t.is(C::Now));
        if current.len() > 1
            && let Some(today) = current.iter().find(|m| now(m)).copied()
        {
            current = vec![today];
        }
        current.dedup_by(|b, a| models[a.model].id == models[b.model].id);
        if let [.., before, last] = current.as_slice()
            && self.corrected(before.token, last.token)
        {
            current = vec![*last];
        }
        let same = |a: &Named, b: &Named| models[a.model].id == models[b.model].id;
        let likely;
        if !current.first().is_some_and(|one| current.iter().all(|m| same(m, one)))
            && let Some(found) = self.likely_model(&named)
        {
            likely = found;
            current = vec![&likely];
        }
        let mut ids: Vec<&str> = current.iter().map(|m| models[m.model].id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        match (current.first(), ids.as_slice()) {
            (Some(named), [id]) => {
                let model = &models[named.model];
                let id = (*id).to_string();
                if model.exact {
                    self.set("model", &json!(id), named.token, named.token + 1);
                    if !model.known() {
                        self.ask("model", format!("\"{id}\" is not a model I know. Is the name right?"));
                    }
                } else {
                    let choices = super::models::choices(&id);
                    let sets = choices.iter().map(|c| set(&[("model", json!(c))])).collect();
                    let words = self.words(named.token, named.token + 1);
                    self.ask_choices("model", format!("Which model is \"{words}\" exactly?"), choices, sets);
                }
            }
            (Some(_), many) => {
                let choices: Vec<String> = many.iter().map(ToString::to_string).collect();
                let sets = choices.iter().map(|c| set(&[("model", json!(c))])).collect();
                self.ask_choices("model", "Which of these models do you use today?".into(), choices, sets);
            }
            (None, _) => self.ask_unknown_model(),
        }
    }

    /// Where the rules find no model in use, or several: the one that is, by what is learned, if no other comes near it.
    fn likely_model(&self, named: &[Named]) -> Option<Named> {
        let models = &self.reading.lexed.models;
        let open = named.iter().filter(|m| m.role != Role::Not && models[m.model].exact);
        let likely: Vec<(f64, Named)> = open.map(|m| (self.reading.used(m.token), *m)).collect();
        let (most, best) = likely.iter().copied().reduce(|a, b| if b.0 > a.0 { b } else { a })?;
        let apart = |(p, m): &(f64, Named)| models[m.model].id == models[best.model].id || *p <= most - APART;
        (most >= IN_USE && likely.iter().all(apart)).then_some(best)
    }

    /// Asks by its name for a model that no family has; where another is only considered, nothing is missing.
    fn ask_unknown_model(&mut self) {
        if let Some(name) = self.reading.unknown_model().filter(|_| self.reading.lexed.models.is_empty()) {
            let words = self.words(name.start, name.end);
            let choices = super::questions::MODELS;
            let sets = choices.iter().map(|c| set(&[("model", json!(c))])).collect();
            let text = format!(
                "\"{words}\" is not in the catalog, so it cannot be priced. Which model is it, or which one comes closest?"
            );
            self.ask_choices("model", text, choices.iter().map(ToString::to_string).collect(), sets);
        }
    }

    pub(super) fn name_vendor(&mut self) {
        let toks = self.reading.toks();
        let mut found: Vec<(&'static str, usize)> = Vec::new();
        for (i, tok) in toks.iter().enumerate() {
            let Some(vendor) = self.vendor_at(i, tok) else { continue };
            let path = toks.get(i + 1).is_some_and(|t| t.is_sym('/') && t.glued);
            let beside = self.candidate_beside(i);
            // "do we need something from Anthropic?"
            let wanted = toks[i.saturating_sub(3)..i]
                .iter()
                .any(|t| matches!(self.reading.lexed.text(t), "something" | "anything" | "etwas"));
            let compared = beside
                || wanted
                || toks[i.saturating_sub(3)..i].iter().any(|t| matches!(t.word(), Some(C::Versus | C::Switch | C::Or)))
                // "anthropic or openai?"
                || toks.get(i + 1).is_some_and(|t| t.is(C::Or));
            if self.reading.status[i] == Status::Stated
                && !path
                && !compared
                && !found.iter().any(|(v, _)| *v == vendor)
            {
                found.push((vendor, i));
            }
        }
        if let [(vendor, i)] = found.as_slice() {
            self.set("vendor", &json!(vendor), *i, i + 1);
        }
    }

    /// The vendor that a token names; "vendor: Mistral" is no model.
    fn vendor_at(&self, i: usize, tok: &Tok) -> Option<&'static str> {
        match tok.kind {
            Kind::Word(C::Vendor(vendor)) => Some(vendor),
            Kind::Model(model) => {
                let toks = self.reading.toks();
                let label = |t: &Tok| t.is(C::Vendors);
                let named = &self.reading.lexed.models[model as usize];
                // "we have 120 RPM at Mistral", "the provider is Mistral".
                let at = |t: &Tok| matches!(self.reading.lexed.text(t), "at" | "bei");
                let labelled = i > 0 && (label(&toks[i - 1]) || !named.exact && at(&toks[i - 1]))
                    || i > 1 && (toks[i - 1].is_sym(':') || toks[i - 1].is(C::Is)) && label(&toks[i - 2]);
                let id = &named.id;
                ["mistral", "deepseek"].into_iter().find(|vendor| labelled && id.contains(vendor))
            }
            _ => None,
        }
    }

    /// Whether the model before token `i` is only considered ("would Llama 3.3 on Groq be better").
    fn candidate_beside(&self, i: usize) -> bool {
        roles(self.reading).iter().any(|m| m.role == Role::Candidate && m.token < i && i - m.token <= 3)
    }

    pub(super) fn name_task(&mut self) {
        if !self.workload.classes.is_empty() {
            return;
        }
        let rank = |task: Task| ORDER.iter().position(|t| *t == task);
        let toks = self.reading.toks();
        // "our streaming chat", "8,000 chats a day".
        let human = |i: usize| {
            let text = self.reading.text(i);
            let before = i.checked_sub(1).map_or("", |j| self.reading.text(j));
            // "on the agent's screen", "a copilot for pharmacists", "medical coding".
            let does = ["hang", "tipp", "type", "pick", "listen", "click", "read", "sees"];
            text == "agent's"
                || text == "agent" && does.iter().any(|verb| self.reading.text(i + 1).starts_with(verb))
                || text == "copilot" && i > 0 && toks[i - 1].is(C::User)
                || text == "copilot" && self.reading.text(i + 1) == "for"
                || text == "coding"
                    && (["medical", "clinical", "diagnos", "icd"].iter().any(|stem| before.starts_with(stem))
                        || i > 2 && self.reading.text(i - 3) == "icd")
        };
        let task = |i: usize, t: &Tok| match t.word() {
            _ if human(i) => None,
            Some(C::Task(task)) => Some((task, i)),
            Some(C::Request) if self.reading.lexed.text(t).starts_with("chat") => Some((Task::Chat, i)),
            Some(_) => compound(self.reading.lexed.text(t)).map(|task| (task, i)),
            None => None,
        };
        let found = toks
            .iter()
            .enumerate()
            .filter(|(i, _)| self.reading.status[*i] > Status::Supposed)
            .filter_map(|(i, t)| task(i, t))
            .min_by_key(|(task, i)| (rank(*task), *i))
            .or_else(|| self.reading.read_out().map(|i| (Task::Extraction, i)));
        if let Some((task, i)) = found {
            self.set("task", &json!(task), i, i + 1);
        }
    }

    pub(super) fn name_gpu(&mut self) {
        let toks = self.reading.toks();
        let mut found: Vec<(&'static str, usize)> = Vec::new();
        for (i, tok) in toks.iter().enumerate() {
            if let Some(C::Gpu(gpu)) = tok.word()
                // "we think about four L40S": what is weighed is what the figures are for.
                && self.reading.status[i] > Status::Out
                && !found.iter().any(|(g, _)| *g == gpu)
            {
                found.push((gpu, i));
            }
        }
        match found.as_slice() {
            [] => {}
            [(gpu, i)] => self.set("gpu", &json!(gpu), *i, i + 1),
            many => {
                let choices: Vec<String> = many.iter().map(|(gpu, _)| (*gpu).to_string()).collect();
                let sets = choices.iter().map(|c| set(&[("gpu", json!(c))])).collect();
                self.ask_choices("gpu", "Which GPU is it?".into(), choices, sets);
            }
        }
    }

    /// "prices as of 2026-06-01".
    pub(super) fn date_prices(&mut self) {
        let toks = self.reading.toks();
        for (i, tok) in toks.iter().enumerate() {
            let Kind::Day(date) = tok.kind else { continue };
            let before: &[Tok] = &toks[i.saturating_sub(5)..i];
            if before.iter().any(|t| matches!(t.word(), Some(C::AsOf | C::Price)))
                && self.reading.status[i] > Status::Supposed
            {
                self.set("as_of", &json!(date.to_string()), i, i + 1);
                return;
            }
        }
    }
}

/// The task inside a compound: "Mailklassifizierung", "Vertragszusammenfassungen", "Kundenportal-Chat".
fn compound(word: &str) -> Option<Task> {
    const STEMS: &[(&str, Task)] = &[
        ("klassifizier", Task::Classification),
        ("kategorisier", Task::Classification),
        ("zusammenfass", Task::Summarization),
        ("extraktion", Task::Extraction),
        ("extrahier", Task::Extraction),
        ("chatbot", Task::Chat),
        ("chatanfrag", Task::Chat),
    ];
    let stem = STEMS.iter().find(|(stem, _)| word.contains(stem)).map(|(_, task)| *task);
    stem.or_else(|| (word.len() > 4 && (word.ends_with("chat") || word.ends_with("bot"))).then_some(Task::Chat))
}
