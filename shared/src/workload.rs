//! What we know about a user's traffic: a flat record in which every field is optional and every unit is in the
//! name, and beside it the provenance of each field. One table ([`FIELDS`]) holds label, unit and bounds of every
//! field; reading, validation, the page's editors and the documentation all follow it.

mod provenance;

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value as Json};

use crate::date::Date;
use crate::limits as l;
use crate::message::Task;
use crate::problem::FieldError;

pub use provenance::{Provenance, Provenances, Source};

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A finite number in the field's unit.
    Number(f64),
    /// A word, a model's id, or a date as text.
    Text(String),
}

impl Value {
    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Text(_) => None,
        }
    }
}

/// What a field accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A finite number between the bounds; the lower one is excluded if `above`.
    Number {
        /// The least value.
        low: f64,
        /// Whether the least value itself is refused (where one divides by it).
        above: bool,
        /// The greatest value.
        high: f64,
    },
    /// Text of at most [`l::TEXT_FIELD_MAX_CHARS`] characters.
    Text,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A day, as `2026-11-22`.
    Day,
}

/// One line of the table of fields.
#[derive(Clone, Copy)]
pub struct FieldSpec {
    /// The name on the wire.
    pub name: &'static str,
    /// The words a person reads.
    pub label: &'static str,
    /// The unit, empty where there is none.
    pub unit: &'static str,
    /// What it accepts.
    pub kind: Kind,
    read: fn(&Workload) -> Option<Value>,
    write: fn(&mut Workload, Option<Value>),
}

impl FieldSpec {
    /// Checks `json` against this field's kind and bounds.
    fn parse(&self, json: &Json) -> Result<Value, String> {
        match self.kind {
            Kind::Number { low, above, high } => {
                let number = json.as_f64().ok_or("must be a number")?;
                in_bounds(number, low, above, high).map(Value::Number)
            }
            Kind::Text => {
                let text = json.as_str().ok_or("must be text")?.trim();
                if text.is_empty() {
                    Err("must not be empty".into())
                } else if text.chars().count() > l::TEXT_FIELD_MAX_CHARS {
                    Err(format!("must have at most {} characters", l::TEXT_FIELD_MAX_CHARS))
                } else if text.chars().any(char::is_control) {
                    Err("must not contain control characters".into())
                } else {
                    Ok(Value::Text(text.into()))
                }
            }
            Kind::Choice(words) => json
                .as_str()
                .filter(|text| words.contains(text))
                .map(|text| Value::Text(text.into()))
                .ok_or_else(|| format!("must be one of: {}", words.join(", "))),
            Kind::Day => {
                let text = json.as_str().ok_or("must be a date such as 2026-11-22")?;
                text.parse::<Date>().map(|date| Value::Text(date.to_string()))
            }
        }
    }
}

fn in_bounds(number: f64, low: f64, above: bool, high: f64) -> Result<f64, String> {
    if !number.is_finite() {
        Err("must be a finite number".into())
    } else if number < low || (above && number <= low) {
        Err(format!("must be {} {low}", if above { "more than" } else { "at least" }))
    } else if number > high {
        Err(format!("must be at most {high}"))
    } else {
        Ok(number)
    }
}

/// A type that a workload field can have.
trait FieldType: Sized {
    fn to_value(&self) -> Value;
    fn from_value(value: Value) -> Option<Self>;
}

impl FieldType for f64 {
    fn to_value(&self) -> Value {
        Value::Number(*self)
    }
    fn from_value(value: Value) -> Option<Self> {
        value.number()
    }
}

macro_rules! text_field_types {
    ($($type:ty),+) => {$(
        impl FieldType for $type {
            fn to_value(&self) -> Value { Value::Text(self.to_string()) }
            fn from_value(value: Value) -> Option<Self> {
                match value { Value::Text(text) => text.parse().ok(), Value::Number(_) => None }
            }
        }
    )+};
}
text_field_types!(String, Task, Date);

const fn least(low: f64, high: f64) -> Kind {
    Kind::Number { low, above: false, high }
}
const fn above_zero(high: f64) -> Kind {
    Kind::Number { low: 0.0, above: true, high }
}
const SHARE: Kind = least(0.0, 1.0);
const TASKS: Kind = Kind::Choice(&["chat", "coding", "agents", "extraction", "summarization", "classification", "rag"]);

macro_rules! workload {
    ($($name:ident: $type:ty = $kind:expr, $unit:literal, $label:literal;)+) => {
        /// What is known about the traffic. Shares are 0..1, months have 30 days, money is US dollars, tokens are
        /// means per request.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Workload {
            $(#[doc = concat!($label, " (", $unit, ")")] pub $name: Option<$type>,)+
            /// Several kinds of work with their own shapes; empty for one workload.
            pub classes: Vec<WorkClass>,
        }

        /// The table of all fields.
        pub const FIELDS: &[FieldSpec] = &[$(FieldSpec {
            name: stringify!($name),
            label: $label,
            unit: $unit,
            kind: $kind,
            read: |w| w.$name.as_ref().map(FieldType::to_value),
            write: |w, v| w.$name = v.and_then(FieldType::from_value),
        }),+];
    };
}

workload! {
    model: String = Kind::Text, "", "model";
    vendor: String = Kind::Text, "", "vendor";
    requests_per_day: f64 = above_zero(l::REQUESTS_PER_DAY_MAX), "requests/day", "requests per day";
    input_tokens: f64 = least(0.0, l::TOKENS_MAX), "tokens", "input tokens per request";
    output_tokens: f64 = least(0.0, l::TOKENS_MAX), "tokens", "output tokens per request";
    reasoning_tokens: f64 = least(0.0, l::TOKENS_MAX), "tokens", "reasoning tokens per request";
    cached_prefix_tokens: f64 = least(0.0, l::TOKENS_MAX), "tokens", "fixed prefix of the prompt";
    cache_hit_rate: f64 = SHARE, "share", "cache hit rate";
    deferrable_share: f64 = SHARE, "share", "share that can wait for a batch";
    duplicate_share: f64 = SHARE, "share", "share of repeated requests";
    weak_accept_share: f64 = SHARE, "share", "share that a cheaper model answers well enough";
    monthly_spend_usd: f64 = above_zero(l::AMOUNT_MAX), "USD/month", "monthly spend";
    budget_usd_per_month: f64 = above_zero(l::AMOUNT_MAX), "USD/month", "monthly budget";
    quality_floor: f64 = least(0.0, 5_000.0), "points", "least quality";
    task: Task = TASKS, "", "kind of work";
    context_tokens: f64 = above_zero(l::TOKENS_MAX), "tokens", "context needed";
    ttft_ms: f64 = above_zero(l::LATENCY_MAX_MS), "ms", "time to first token";
    tpot_ms: f64 = above_zero(l::LATENCY_MAX_MS), "ms", "time per further token";
    latency_p50_ms: f64 = above_zero(l::LATENCY_MAX_MS), "ms", "median latency";
    latency_p95_ms: f64 = above_zero(l::LATENCY_MAX_MS), "ms", "95th percentile latency";
    latency_p99_ms: f64 = above_zero(l::LATENCY_MAX_MS), "ms", "99th percentile latency";
    latency_target_ms: f64 = above_zero(l::LATENCY_MAX_MS), "ms", "latency target";
    sequential_calls: f64 = above_zero(1e4), "calls", "calls one after another";
    parallel_calls: f64 = above_zero(1e6), "calls", "calls at the same time";
    concurrency_limit: f64 = above_zero(l::CONCURRENCY_MAX), "requests", "concurrency limit";
    arrival_scv: f64 = least(0.0, 1e6), "", "burstiness of arrivals (squared coefficient of variation)";
    service_scv: f64 = least(0.0, 1e6), "", "spread of service times (squared coefficient of variation)";
    peak_factor: f64 = least(1.0, 1e4), "", "peak over mean";
    growth_per_month: f64 = Kind::Number { low: -1.0, above: true, high: 100.0 }, "share/month", "growth per month";
    horizon_months: f64 = above_zero(l::HORIZON_MAX_MONTHS), "months", "horizon";
    rpm_limit: f64 = above_zero(l::AMOUNT_MAX), "requests/min", "request limit per minute";
    tpm_limit: f64 = above_zero(l::AMOUNT_MAX), "tokens/min", "token limit per minute";
    gpu: String = Kind::Text, "", "GPU";
    gpu_usd_per_hour: f64 = above_zero(1e6), "USD/hour", "price of a GPU hour";
    tokens_per_second_per_gpu: f64 = above_zero(1e9), "tokens/s", "output tokens per second of a GPU";
    gpu_utilisation: f64 = Kind::Number { low: 0.0, above: true, high: 1.0 }, "share", "GPU utilisation";
    vendors_max: f64 = least(1.0, 1e3), "vendors", "most vendors";
    as_of: Date = Kind::Day, "", "prices as of";
}

/// One kind of work among several, for the category `advanced`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkClass {
    /// What the user calls it.
    pub name: String,
    /// Requests a day.
    pub requests_per_day: f64,
    /// Input tokens of a request.
    pub input_tokens: f64,
    /// Output tokens of a request.
    pub output_tokens: f64,
    /// Least quality of this class, in points of the benchmark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_floor: Option<f64>,
    /// Latency target of this class in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_target_ms: Option<f64>,
}

/// The line of the table for `name`.
pub fn field(name: &str) -> Option<&'static FieldSpec> {
    FIELDS.iter().find(|spec| spec.name == name)
}

impl Workload {
    /// The value of the field `name`, if the field exists and is known.
    pub fn get(&self, name: &str) -> Option<Value> {
        (field(name)?.read)(self)
    }

    /// Sets the field `name` after checking it against the table; JSON `null` clears it.
    pub fn set(&mut self, name: &str, json: &Json) -> Result<(), FieldError> {
        let fail = |message: String| FieldError { name: name.into(), message };
        let spec = field(name).ok_or_else(|| fail("is not a field of a workload".into()))?;
        let value = if json.is_null() { None } else { Some(spec.parse(json).map_err(fail)?) };
        (spec.write)(self, value);
        Ok(())
    }

    /// The known fields in the order of the table.
    pub fn known(&self) -> impl Iterator<Item = (&'static FieldSpec, Value)> + '_ {
        FIELDS.iter().filter_map(|spec| Some((spec, (spec.read)(self)?)))
    }

    /// Reads and checks a JSON object; every wrong field is named, not just the first.
    pub fn from_json(json: &Json) -> Result<Self, Vec<FieldError>> {
        let Some(object) = json.as_object() else {
            return Err(vec![FieldError { name: "workload".into(), message: "must be an object".into() }]);
        };
        let mut workload = Self::default();
        let mut errors = Vec::new();
        for (name, value) in object {
            let read = if name == "classes" {
                classes(value).map(|classes| workload.classes = classes)
            } else {
                workload.set(name, value).map_err(|e| vec![e])
            };
            errors.extend(read.err().into_iter().flatten());
        }
        if errors.is_empty() {
            errors = workload.contradictions();
        }
        if errors.is_empty() { Ok(workload) } else { Err(errors) }
    }

    /// Everything that is wrong with the values, each field named: bounds of the table and contradictions. A workload
    /// that was read from JSON has none; one that a program filled in may.
    pub fn errors(&self) -> Vec<FieldError> {
        let mut found: Vec<FieldError> = self
            .known()
            .filter_map(|(spec, value)| {
                let message = match (spec.kind, value) {
                    (Kind::Number { low, above, high }, Value::Number(number)) => {
                        in_bounds(number, low, above, high).err()?
                    }
                    (_, Value::Text(text)) => spec.parse(&Json::String(text)).err()?,
                    (_, Value::Number(_)) => return None,
                };
                Some(FieldError { name: spec.name.into(), message })
            })
            .collect();
        for (i, class) in self.classes.iter().enumerate() {
            let shape = Self {
                requests_per_day: Some(class.requests_per_day),
                input_tokens: Some(class.input_tokens),
                output_tokens: Some(class.output_tokens),
                quality_floor: class.quality_floor,
                latency_target_ms: class.latency_target_ms,
                ..Self::default()
            };
            let at = |e: FieldError| FieldError { name: format!("classes[{i}].{}", e.name), ..e };
            found.extend(shape.errors().into_iter().map(at));
        }
        if found.is_empty() { self.contradictions() } else { found }
    }

    /// Fields that cannot be true together, each named with the reason.
    pub fn contradictions(&self) -> Vec<FieldError> {
        let mut found = Vec::new();
        let mut fail = |name: &str, message: String| found.push(FieldError { name: name.into(), message });
        if let (Some(prefix), Some(input)) = (self.cached_prefix_tokens, self.input_tokens)
            && prefix > input
        {
            fail(
                "cached_prefix_tokens",
                format!("the fixed prefix ({prefix}) is longer than the whole input ({input})"),
            );
        }
        if self.input_tokens == Some(0.0) && self.output_tokens == Some(0.0) {
            fail("output_tokens", "a request must have input or output tokens".into());
        }
        let percentiles = [
            ("latency_p50_ms", self.latency_p50_ms),
            ("latency_p95_ms", self.latency_p95_ms),
            ("latency_p99_ms", self.latency_p99_ms),
        ];
        let known: Vec<_> = percentiles.iter().filter_map(|(n, v)| Some((n, (*v)?))).collect();
        for pair in known.windows(2) {
            if pair[1].1 < pair[0].1 {
                fail(pair[1].0, format!("is below {}, but a higher percentile cannot be smaller", pair[0].0));
            }
        }
        found
    }
}

fn classes(json: &Json) -> Result<Vec<WorkClass>, Vec<FieldError>> {
    let fail = |name: String, message: String| vec![FieldError { name, message }];
    if json.is_null() {
        return Ok(Vec::new());
    }
    let list = json.as_array().ok_or_else(|| fail("classes".into(), "must be a list".into()))?;
    if list.len() > l::CLASSES_MAX {
        return Err(fail("classes".into(), format!("must have at most {} entries", l::CLASSES_MAX)));
    }
    let mut errors = Vec::new();
    let mut classes = Vec::with_capacity(list.len());
    for (i, item) in list.iter().enumerate() {
        // A class has the fields of a workload, so the same table checks it.
        let mut shape = Workload::default();
        let mut name = None;
        for (key, value) in item.as_object().unwrap_or(&Map::new()) {
            let at = |message: String| FieldError { name: format!("classes[{i}].{key}"), message };
            match key.as_str() {
                "name" => match FIELDS[0].parse(value) {
                    Ok(Value::Text(text)) => name = Some(text),
                    Ok(Value::Number(_)) => {}
                    Err(message) => errors.push(at(message)),
                },
                "requests_per_day" | "input_tokens" | "output_tokens" | "quality_floor" | "latency_target_ms" => {
                    errors.extend(shape.set(key, value).err().map(|e| at(e.message)));
                }
                _ => errors.push(at("is not a field of a class".into())),
            }
        }
        match (name, shape.requests_per_day, shape.input_tokens, shape.output_tokens) {
            (Some(name), Some(requests_per_day), Some(input_tokens), Some(output_tokens)) => classes.push(WorkClass {
                name,
                requests_per_day,
                input_tokens,
                output_tokens,
                quality_floor: shape.quality_floor,
                latency_target_ms: shape.latency_target_ms,
            }),
            _ if errors.is_empty() => errors.push(FieldError {
                name: format!("classes[{i}]"),
                message: "needs name, requests_per_day, input_tokens and output_tokens".into(),
            }),
            _ => {}
        }
    }
    if errors.is_empty() { Ok(classes) } else { Err(errors) }
}

impl Serialize for Workload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (spec, value) in self.known() {
            match value {
                Value::Number(number) => map.serialize_entry(spec.name, &number)?,
                Value::Text(text) => map.serialize_entry(spec.name, &text)?,
            }
        }
        if !self.classes.is_empty() {
            map.serialize_entry("classes", &self.classes)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Workload {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(&Json::deserialize(deserializer)?).map_err(|errors| {
            let all: Vec<_> = errors.iter().map(|e| format!("{} {}", e.name, e.message)).collect();
            serde::de::Error::custom(all.join("; "))
        })
    }
}

#[cfg(test)]
mod tests;
