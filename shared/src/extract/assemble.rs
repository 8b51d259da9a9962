//! Facts to a workload: one value a field, what follows from several facts, and questions where they disagree.

use serde_json::{Map, Value as Json, json};

use super::clauses::Status;
use super::facts::{Fact, Says};
use super::lex::{Kind, Tok};
use super::lexicon::{C, Per};
use super::quantity::{Dim, Mention};
use super::reading::Reading;
use crate::message::Task;
use crate::result::Question;
use crate::workload::{Provenance, Provenances, Source, Workload, field};

/// The special kinds of work say more than "assistant" does.
const ORDER: [Task; 7] =
    [Task::Rag, Task::Coding, Task::Extraction, Task::Classification, Task::Summarization, Task::Agents, Task::Chat];

/// Tokens that no usual answer has.
const LONG_ANSWER: f64 = 5_000.0;

/// Tokens that every model's window has room for.
const SMALL_CONTEXT: f64 = 8_000.0;

/// A figure that is likelier than this stands above one that is half as likely.
const LIKELY: f64 = 0.8;
/// A model that is likelier in use than this, and than any other by so much, is.
const IN_USE: f64 = 0.7;
const APART: f64 = 0.15;

/// A workload that grows fact by fact.
pub(super) struct Draft<'a> {
    pub(super) reading: &'a Reading<'a>,
    chars: Vec<char>,
    pub(super) workload: Workload,
    pub(super) provenance: Provenances,
    pub(super) questions: Vec<Question>,
    /// Whether another sum of money says per how long it is.
    money_timed: bool,
}

impl<'a> Draft<'a> {
    pub(super) fn new(content: &str, reading: &'a Reading<'a>) -> Self {
        Self {
            reading,
            chars: content.chars().collect(),
            workload: Workload::default(),
            provenance: Provenances::new(),
            questions: Vec::new(),
            money_timed: reading.mentions.iter().any(|m| m.dim == Dim::Money && m.per.is_some()),
        }
    }

    /// Puts every fact in its place.
    pub(super) fn fill(&mut self) {
        let mut facts = self.reading.facts();
        facts.extend(self.reading.growth_words());
        // A figure says more than "doubles at noon".
        if !facts.iter().any(|f| f.says == Says::Field("peak_factor")) {
            facts.extend(self.reading.peak_words());
        }
        let between = self.reading.growth_between();
        // The stretch of time of a growth is no horizon.
        facts.extend(self.reading.horizon_words().filter(|h| between.is_none_or(|g| h.to > g.to || h.from < g.from)));
        let within = |f: &Fact| between.is_some_and(|g| f.from >= g.from && f.to <= g.to);
        facts.retain(|f| f.says != Says::Field("horizon_months") || !within(f));
        facts.extend(between);
        facts.extend(self.reading.vendor_words());
        facts.extend(self.reading.whole_words());
        let possible = |f: &Fact| {
            matches!(
                f.says,
                Says::PrefixShare
                    | Says::Field(
                        "deferrable_share"
                            | "weak_accept_share"
                            | "duplicate_share"
                            | "gpu_utilisation"
                            | "latency_target_ms"
                            | "quality_floor"
                    )
            )
        };
        facts.retain(|f| f.status > Status::Supposed || f.status == Status::Supposed && possible(f));
        facts.retain(|f| f.says != Says::Nothing);
        // "3,200 tokens of context, 80 tokens back": no window is asked for that every model has.
        if !facts.iter().any(|f| f.says == Says::Field("input_tokens")) {
            let small = |f: &&mut Fact| f.says == Says::Field("context_tokens") && f.value < SMALL_CONTEXT;
            facts.iter_mut().filter(small).for_each(|f| f.says = Says::Field("input_tokens"));
        }
        facts.sort_by_key(|fact| fact.from);
        self.rpm_or_volume(&mut facts);
        super::classes::take(self, &mut facts);
        for spec in crate::workload::FIELDS {
            let of_field: Vec<Fact> = facts.iter().filter(|f| f.says == Says::Field(spec.name)).copied().collect();
            if let Some(fact) = self.choose(spec.name, of_field) {
                self.put(spec.name, &fact);
            }
        }
        self.derive(&facts);
        self.name_model();
        self.name_vendor();
        self.name_task();
        self.name_gpu();
        self.date_prices();
        self.add_prefix();
        self.settle();
    }

    /// "1,800 tokens of instructions and 300 of question": the input is both.
    fn add_prefix(&mut self) {
        const PARTS: &[&str] = &["question", "frage", "query", "user", "nutzer", "message", "nachricht"];
        let (Some(prefix), Some(input)) = (self.workload.cached_prefix_tokens, self.workload.input_tokens) else {
            return;
        };
        let part = self.provenance.get("input_tokens").and_then(|p| p.span).is_some_and(|[start, end]| {
            let toks = self.reading.toks();
            (0..toks.len())
                .filter(|i| toks[*i].start >= start && toks[*i].start <= end + 1)
                .any(|i| PARTS.iter().any(|stem| self.reading.text(i).starts_with(stem)))
        });
        if prefix > input && part {
            // In bounds: both are, and a sum above the bound is refused like any other.
            let _ = self.workload.set("input_tokens", &json!(prefix + input));
        }
    }

    /// Takes back the figures that contradict others, and asks: "p95 0.6 s, median 1.1 s".
    fn settle(&mut self) {
        for _ in 0..crate::workload::FIELDS.len() {
            let Some(error) = self.workload.errors().into_iter().next() else { return };
            let name = error.name.split('[').next().unwrap_or_default().to_string();
            let words = self.provenance.remove(&name).and_then(|p| p.text).unwrap_or_default();
            if name == "classes" {
                self.workload.classes.clear();
            } else if self.workload.set(&name, &Json::Null).is_err() {
                return;
            }
            let label = field(&name).map_or(name.as_str(), |spec| spec.label).to_string();
            self.ask(&name, format!("\"{words}\" cannot be the {label}: {}. What is it?", error.message));
        }
    }

    /// "500 RPM" beside a volume or a token limit is a limit, even where the word is missing.
    fn rpm_or_volume(&self, facts: &mut [Fact]) {
        let toks = self.reading.toks();
        let tpm = facts.iter().any(|f| f.says == Says::Field("tpm_limit"));
        let is_rpm = |f: &Fact| {
            let minute = |t: &Tok| matches!(t.word(), Some(C::Rate(Per::Minute) | C::Time(Per::Minute)));
            f.says == Says::Field("requests_per_day") && toks[f.from..f.to].iter().any(minute)
        };
        let volume = facts.iter().any(|f| f.says == Says::Field("requests_per_day") && !is_rpm(f));
        let literal = |f: &Fact| toks[f.from..f.to].iter().any(|t| t.is(C::Rate(Per::Minute)));
        // "rpm 2700, 150 requests/min": one is the limit, the other what is sent.
        let both = facts.iter().any(|f| is_rpm(f) && literal(f)) && facts.iter().any(|f| is_rpm(f) && !literal(f));
        if tpm || volume {
            for fact in facts.iter_mut().filter(|f| is_rpm(f) && (volume && !both || literal(f))) {
                fact.says = Says::Field("rpm_limit");
                fact.value /= 1440.0;
            }
        }
    }

    /// The one value of a field, or a question where facts disagree.
    fn choose(&mut self, name: &'static str, facts: Vec<Fact>) -> Option<Fact> {
        let best = facts.iter().map(|f| f.status).max()?;
        let mut left: Vec<Fact> = Vec::new();
        for fact in facts.into_iter().filter(|f| f.status == best) {
            if left.last().is_some_and(|before| self.corrected(before.to, fact.from)) {
                left.pop();
            }
            if !left.iter().any(|other| same(other.value, fact.value)) {
                left.push(fact);
            }
        }
        // "€0.95? That is $1.05": the sum in dollars is the one that can be used.
        if let [dollars] = left.iter().filter(|f| f.foreign.is_none()).collect::<Vec<_>>().as_slice() {
            left = vec![**dollars];
        }
        // "$2k in 2023, $6k in 2024, now $16k".
        let now = |f: &Fact| self.said_now(f.from);
        if left.len() > 1
            && let [today] = left.iter().filter(|f| now(f)).collect::<Vec<_>>().as_slice()
        {
            left = vec![**today];
        }
        // "1,500 of instructions, 500 of question, so 2,000 in total".
        if left.len() > 1
            && let [total] = left.iter().filter(|f| self.said_in_total(f)).collect::<Vec<_>>().as_slice()
        {
            left = vec![**total];
        }
        // What is learned tells the likely one from those that only look like it.
        let most = left.iter().map(|f| f.sure).fold(0.0, f64::max);
        if most >= LIKELY {
            left.retain(|f| f.sure >= 0.5 * most);
        }
        match left.as_slice() {
            [] => None,
            [one] => Some(*one),
            many => {
                let choices: Vec<String> = many.iter().map(|f| self.words(f.from, f.to)).collect();
                let sets = many.iter().map(|f| set(&[(name, json!(f.value))])).collect();
                let label = field(name).map_or(name, |spec| spec.label);
                let text = format!("The message gives {} different figures for {label}. Which one is it?", many.len());
                self.ask_choices(name, text, choices, sets);
                None
            }
        }
    }

    /// Whether a figure is the sum of others.
    fn said_in_total(&self, fact: &Fact) -> bool {
        const TOTAL: &[&str] = &["so", "total", "in total", "altogether", "overall", "insgesamt", "zusammen", "="];
        let end = self.reading.toks().len();
        // The figure itself may begin with "so".
        let around = (fact.from.saturating_sub(2)..=fact.from).chain(fact.to..end.min(fact.to + 3));
        around.into_iter().any(|i| TOTAL.contains(&self.reading.text(i)))
    }

    /// Whether "now" stands before a token, in its clause.
    fn said_now(&self, token: usize) -> bool {
        let toks = self.reading.toks();
        let ends = |t: &&Tok| t.kind != Kind::Stop && !t.is_sym(',');
        toks[..token].iter().rev().take(5).take_while(ends).any(|t| t.is(C::Now))
    }

    fn corrected(&self, from: usize, to: usize) -> bool {
        self.reading.corrected(from, to)
    }

    /// Sets a field from a fact, or asks where the fact cannot be taken as it is.
    fn put(&mut self, name: &'static str, fact: &Fact) {
        let words = self.words(fact.from, fact.to);
        if let Some(currency) = fact.foreign {
            self.ask(name, format!("\"{words}\" is in {currency}. How much is it in US dollars?"));
            return;
        }
        if fact.bound {
            let text = format!("\"{words}\" is a bound. Is it also the mean per request?");
            let sets = vec![set(&[(name, json!(fact.value))])];
            self.ask_choices(name, text, vec!["Yes, take it as the mean".into()], sets);
            return;
        }
        if fact.timeless && !self.money_timed && matches!(name, "monthly_spend_usd" | "budget_usd_per_month") {
            let text = format!("Is \"{words}\" per month?");
            let sets = vec![set(&[(name, json!(fact.value))]), set(&[(name, json!(fact.value / 12.0))])];
            self.ask_choices(name, text, vec!["per month".into(), "per year".into()], sets);
        }
        self.set(name, &json!(fact.value), fact.from, fact.to);
    }

    /// Sets a field if its table allows the value.
    fn set(&mut self, name: &'static str, value: &Json, from: usize, to: usize) {
        match self.workload.set(name, value) {
            Ok(()) => {
                self.provenance.insert(name.into(), self.provenance_of(from, to));
            }
            Err(error) => {
                let label = field(name).map_or(name, |spec| spec.label);
                let words = self.words(from, to);
                self.ask(name, format!("\"{words}\" cannot be the {label}: it {}. What is it?", error.message));
            }
        }
    }

    /// Sets the classes of work.
    pub(super) fn put_classes(&mut self, classes: Vec<crate::workload::WorkClass>, from: usize, to: usize) {
        self.workload.classes = classes;
        self.provenance.insert("classes".into(), self.provenance_of(from, to));
    }

    fn provenance_of(&self, from: usize, to: usize) -> Provenance {
        let span = self.span(from, to);
        Provenance {
            source: Source::Given,
            text: Some(self.words(from, to)),
            span: Some(span),
            reference: None,
            as_of: None,
        }
    }

    fn span(&self, from: usize, to: usize) -> [u32; 2] {
        let toks = self.reading.toks();
        // "about 1.5k": the fact is the figure.
        let from =
            (from..to).find(|i| !matches!(toks[*i].word(), Some(C::About | C::From | C::Between))).unwrap_or(from);
        let start = toks.get(from).map_or(0, |t| t.start);
        let end = to.checked_sub(1).and_then(|i| toks.get(i)).map_or(start, |t| t.end);
        [start, end.max(start)]
    }

    /// The words of the message between two tokens.
    pub(super) fn words(&self, from: usize, to: usize) -> String {
        let [start, end] = self.span(from, to);
        self.chars.get(start as usize..end as usize).unwrap_or(&[]).iter().collect()
    }

    fn ask(&mut self, name: &str, text: String) {
        self.ask_choices(name, text, Vec::new(), Vec::new());
    }

    fn ask_choices(&mut self, name: &str, text: String, choices: Vec<String>, sets: Vec<Map<String, Json>>) {
        if !self.questions.iter().any(|q| q.field == name) {
            self.questions.push(Question { field: name.into(), text, choices, sets });
        }
    }

    /// What follows from several facts: a share of the input, users times requests, volumes over counts.
    fn derive(&mut self, facts: &[Fact]) {
        let first = |says: Says| facts.iter().find(|f| f.says == says).copied();
        self.users(facts);
        if let (Some(requests), Some(peak)) = (self.workload.requests_per_day, first(Says::PeakRate))
            && self.workload.peak_factor.is_none()
            && peak.value >= requests
        {
            self.set("peak_factor", &json!(peak.value / requests), peak.from, peak.to);
        }
        for (says, name) in [(Says::InVolume, "input_tokens"), (Says::OutVolume, "output_tokens")] {
            if let (Some(requests), Some(volume)) = (self.workload.requests_per_day, first(says))
                && self.workload.get(name).is_none()
            {
                self.set(name, &json!(volume.value / requests), volume.from, volume.to);
            }
        }
        if let (Some(input), Some(share)) = (self.workload.input_tokens, first(Says::PrefixShare))
            && self.workload.cached_prefix_tokens.is_none()
        {
            self.set("cached_prefix_tokens", &json!(input * share.value), share.from, share.to);
        }
        if let Some(rest) = first(Says::Rest)
            && self.workload.input_tokens.is_none()
        {
            let fixed = self.workload.cached_prefix_tokens.unwrap_or(0.0);
            self.set("input_tokens", &json!(fixed + rest.value), rest.from, rest.to);
        }
        if let Some(fact) = first(Says::Latency) {
            let words = self.words(fact.from, fact.to);
            let names = ["latency_p50_ms", "latency_p95_ms", "latency_p99_ms"];
            if names.iter().all(|name| self.workload.get(name).is_none()) {
                let sets = names.iter().map(|name| set(&[(name, json!(fact.value))])).collect();
                let choices = vec!["the median".into(), "the 95th percentile".into(), "the 99th percentile".into()];
                self.ask_choices("latency_p50_ms", format!("Which latency is \"{words}\"?"), choices, sets);
            }
        }
        let measured = ["ttft_ms", "tpot_ms", "latency_p50_ms", "latency_p95_ms", "latency_p99_ms"];
        let timed = measured.iter().any(|name| self.workload.get(name).is_some());
        // "what does a million tokens really cost?"
        let priced = |f: &Fact| {
            [1e3, 1e6, 1e9].contains(&f.value)
                && self.reading.sentence_has(f.from, |c| matches!(c, C::Spend | C::Price))
        };
        if let Some(fact) = first(Says::AnyTokens).filter(|f| !priced(f)) {
            // Beside the time of each token, "400 tokens" are the answer's; nobody waits for thousands.
            if timed && fact.value < LONG_ANSWER && self.workload.output_tokens.is_none() {
                self.put("output_tokens", &fact);
                return;
            }
            if let Some(input) = self.workload.input_tokens {
                // "prompt of 2,000 tokens, 300 tokens": what is not the prompt is the answer.
                if self.workload.output_tokens.is_none() && fact.value < input && self.workload.classes.is_empty() {
                    self.put("output_tokens", &fact);
                }
                return;
            }
            // "7,500 tokens each, summaries of 350": what is not the answer is the prompt.
            if let Some(output) = self.workload.output_tokens
                && self.workload.classes.is_empty()
            {
                let total = self.said_in_total(&fact);
                let value = if total { fact.value - output } else { fact.value };
                self.put("input_tokens", &Fact { value, ..fact });
                return;
            }
            // "45k tokens per request": a prompt, whatever the answer is.
            if fact.value >= LONG_ANSWER && self.workload.classes.is_empty() {
                self.put("input_tokens", &fact);
                return;
            }
            let words = self.words(fact.from, fact.to);
            self.ask("input_tokens", format!("How many of the \"{words}\" are input and how many are output?"));
        }
    }

    /// "5,000 users with 10 requests a day each".
    fn users(&mut self, facts: &[Fact]) {
        self.users_each(facts);
        let each =
            |f: &&Fact| f.says == Says::Users && self.reading.toks()[f.from..f.to].iter().any(|t| t.is(C::Request));
        let count =
            |f: &&Fact| f.says == Says::Users && !self.reading.toks()[f.from..f.to].iter().any(|t| t.is(C::Request));
        if let (Some(each), Some(count)) = (facts.iter().find(each), facts.iter().find(count))
            && self.workload.requests_per_day.is_none()
        {
            let per_day = self.reading.mentions.iter().find(|m| m.from == each.from).and_then(Mention::per_day);
            if let Some(per_day) = per_day {
                let (from, to) = (each.from.min(count.from), each.to.max(count.to));
                self.set("requests_per_day", &json!(per_day * count.value), from, to);
            }
        }
    }

    /// "5,000 users, each sends 12 requests per day".
    fn users_each(&mut self, facts: &[Fact]) {
        let toks = self.reading.toks();
        let Some(count) =
            facts.iter().find(|f| f.says == Says::Users && !toks[f.from..f.to].iter().any(|t| t.is(C::Request)))
        else {
            return;
        };
        let Some(each) = facts.iter().find(|f| f.says == Says::Field("requests_per_day")) else { return };
        let (first, second) = if count.from < each.from { (count, each) } else { (each, count) };
        let between = toks.get(first.to..second.from).unwrap_or(&[]);
        let every = |t: &Tok| {
            matches!(t.word(), Some(C::Every | C::Times)) || t.is_sym('*') || self.reading.lexed.text(t) == "jeweils"
        };
        // "200 users x 8 prompts per day", "400 developers, 60 completions each per day".
        let inside = &toks[each.from..each.to];
        // "each of our 30 advisers asks 80 questions a day".
        let led = (first.from.saturating_sub(3)..first.from)
            .any(|i| ["each", "jede", "every"].iter().any(|stem| self.reading.text(i).starts_with(stem)));
        let shared = led || between.iter().chain(inside).chain(toks[each.to..].iter().take(1)).any(every);
        if shared && !between.iter().any(|t| t.kind == Kind::Stop) {
            self.set("requests_per_day", &json!(each.value * count.value), first.from, second.to);
        }
    }

    fn name_model(&mut self) {
        use super::roles::{Role, roles};
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
            let before =
                |m: &super::roles::Named, c: C| toks[m.token.saturating_sub(3)..m.token].iter().any(|t| t.is(c));
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
        let now = |m: &super::roles::Named| toks[m.token.saturating_sub(3)..m.token].iter().any(|t| t.is(C::Now));
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
        let same = |a: &super::roles::Named, b: &super::roles::Named| models[a.model].id == models[b.model].id;
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
    fn likely_model(&self, named: &[super::roles::Named]) -> Option<super::roles::Named> {
        use super::roles::Role;
        let models = &self.reading.lexed.models;
        let open = named.iter().filter(|m| m.role != Role::Not && models[m.model].exact);
        let mut likely: Vec<_> = open.map(|m| (self.reading.used(m.token), *m)).collect();
        likely.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (most, best) = *likely.first()?;
        let apart =
            |(p, m): &(f64, super::roles::Named)| models[m.model].id == models[best.model].id || *p <= most - APART;
        (most >= IN_USE && likely[1..].iter().all(apart)).then_some(best)
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

    fn name_vendor(&mut self) {
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
        use super::roles::{Role, roles};
        roles(self.reading).iter().any(|m| m.role == Role::Candidate && m.token < i && i - m.token <= 3)
    }

    fn name_task(&mut self) {
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

    fn name_gpu(&mut self) {
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
    fn date_prices(&mut self) {
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

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs())
}

fn set(pairs: &[(&str, Json)]) -> Map<String, Json> {
    pairs.iter().map(|(name, value)| ((*name).to_string(), value.clone())).collect()
}
