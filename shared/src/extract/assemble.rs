//! Facts to a workload: one value a field, what follows from several facts, and questions where they disagree.

use serde_json::{Map, Value as Json, json};

use super::clauses::Status;
use super::facts::{Fact, Says};
use super::lex::{Kind, Tok};
use super::lexicon::{C, Per};
use super::quantity::{Dim, Mention};
use super::reading::Reading;
use crate::result::Question;
use crate::workload::{Provenance, Provenances, Source, Workload, field};

/// Tokens that no usual answer has.
const LONG_ANSWER: f64 = 5_000.0;

/// Tokens that every model's window has room for.
const SMALL_CONTEXT: f64 = 8_000.0;

/// A figure that is likelier than this stands above one that is half as likely.
const LIKELY: f64 = 0.8;
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

    pub(super) fn corrected(&self, from: usize, to: usize) -> bool {
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
    pub(super) fn set(&mut self, name: &'static str, value: &Json, from: usize, to: usize) {
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

    pub(super) fn ask(&mut self, name: &str, text: String) {
        self.ask_choices(name, text, Vec::new(), Vec::new());
    }

    pub(super) fn ask_choices(&mut self, name: &str, text: String, choices: Vec<String>, sets: Vec<Map<String, Json>>) {
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
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs())
}

/// The values that an answer to a question gives.
pub(super) fn set(pairs: &[(&str, Json)]) -> Map<String, Json> {
    pairs.iter().map(|(name, value)| ((*name).to_string(), value.clone())).collect()
}
