//! An answer: figures that carry their formula and source, so that a reader can check them.

mod columns;

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::message::{Category, Format};
use crate::workload::{Provenances, Source, Workload};

/// The whole answer to a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnalysisResult {
    /// What was analysed.
    pub category: Category,
    /// How it is told.
    pub format: Format,
    /// The answer in one or two sentences.
    pub headline: String,
    /// The answer told in sentences, where a language model or a template of the business does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wording: Option<Wording>,
    /// The figures, most important first.
    pub metrics: Vec<Metric>,
    /// What could be done, best first.
    #[serde(with = "columns")]
    pub options: Vec<Candidate>,
    /// What we would do.
    pub recommendations: Vec<Recommendation>,
    /// In which order and when.
    pub roadmap: Vec<RoadmapItem>,
    /// Who answers what, for plans that spread the work over several models.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routing: Vec<Route>,
    /// The limit to relax, where no plan keeps all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub infeasible: Option<Infeasible>,
    /// The pictures, as data.
    pub charts: Vec<Chart>,
    /// What was taken for granted.
    pub assumptions: Vec<Assumption>,
    /// What only the user knows and matters.
    pub questions: Vec<Question>,
    /// What the reader must know before trusting the figures.
    pub warnings: Vec<Warning>,
    /// The facts the figures rest on.
    pub workload: Workload,
    /// Where each fact came from.
    pub provenance: Provenances,
    /// The day of the prices.
    pub catalog_as_of: Date,
    /// The version of the engine.
    pub engine_version: String,
    /// Whether this is less than a full answer.
    pub degraded: bool,
    /// Why it is less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degraded_reason: Option<String>,
}

/// An answer in sentences. Whatever they say, the figures beside them are the engine's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// The sentences: plain text.
    pub text: String,
    /// Who says so: a language model, or a template of the business.
    pub by: String,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its fixed name.
    pub id: String,
    /// The words a person reads.
    pub label: String,
    /// The figure; `null` where it does not exist, with a warning that says why.
    pub value: Option<f64>,
    /// Its unit: `USD`, `USD/month`, `share`, `ratio`, `ms`, …
    pub unit: String,
    /// The low end of its range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The high end of its range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// What it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
    /// How it was computed, with the numbers put in.
    pub formula: String,
    /// What it rests on: price list, benchmark, paper, message.
    pub source: String,
}

/// One thing that could be done: a model to use or a lever to pull.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its fixed name: a lever (`batch`), or `vendor/model`.
    pub id: String,
    /// The words a person reads.
    pub title: String,
    /// The model it uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Who sells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Dollars a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_cost_usd: Option<f64>,
    /// Dollars a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_per_request_usd: Option<f64>,
    /// Dollars saved a month against today; negative if it costs more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saving_usd: Option<f64>,
    /// The same as a share of today's cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saving_share: Option<f64>,
    /// Low end of the monthly cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_cost_low_usd: Option<f64>,
    /// High end of the monthly cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_cost_high_usd: Option<f64>,
    /// Quality in points of the benchmark that the result names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<f64>,
    /// The benchmark that `quality` is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_benchmark: Option<String>,
    /// Quality against today's, in the same points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_delta: Option<f64>,
    /// The chance that a person prefers this model's answer to today's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub win_probability: Option<f64>,
    /// Milliseconds for a whole answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
    /// The option that is at least as good and cheaper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dominated_by: Option<String>,
    /// What a reader should know about it.
    pub notes: Vec<String>,
}

/// What we would do, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// Its fixed name, usually an option's.
    pub id: String,
    /// What to do.
    pub title: String,
    /// Why, and what to mind.
    pub text: String,
    /// Dollars saved a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saving_usd: Option<f64>,
}

/// A step of the roadmap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoadmapItem {
    /// The first week, from 1.
    pub week_from: u32,
    /// The last week.
    pub week_to: u32,
    /// What to do.
    pub title: String,
    /// How to know that it worked.
    pub text: String,
}

/// The share of a class of work that goes to a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// The class of work.
    pub class: String,
    /// The model.
    pub model: String,
    /// Who sells it.
    pub vendor: String,
    /// The share of the class's requests, 0..1.
    pub share: f64,
}

/// A limit that cannot be kept together with the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Infeasible {
    /// The field of the workload that holds it.
    pub constraint: String,
    /// The value with which there is a plan; absent where moving this one alone is not enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed: Option<f64>,
}

/// A picture as data; page and exports draw it with the same code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// Its fixed name.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// How it is drawn.
    pub kind: ChartKind,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn.
    pub series: Vec<Series>,
    /// A point to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<[f64; 2]>,
}

/// How a chart is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChartKind {
    /// Bars side by side. A tornado has one series an input, with two points: `[-20, cost]` and `[20, cost]`, the cost
    /// with that input a fifth lower and higher, and today's cost as `reference`.
    Bar,
    /// Lines.
    Line,
    /// Points: one series for each thing that is compared, with one point, and a series `frontier` to be joined up.
    Scatter,
    /// Bars that start where the last one ended. Each series is one step: two points, `[index, from]` and `[index, to]`.
    Waterfall,
    /// Cells by colour.
    Heatmap,
    /// A line between a low and a high.
    Band,
}

/// What an axis measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// The words a person reads.
    pub label: String,
    /// The unit, empty where there is none.
    pub unit: String,
}

/// One set of points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// Its points.
    pub points: Vec<[f64; 2]>,
}

/// Something taken for granted, with where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assumption {
    /// The field it fills, if it is one of the workload's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The value, in the field's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// What is assumed, in words.
    pub text: String,
    /// Where it comes from.
    pub source: Source,
    /// The publication.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Its day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Date>,
}

/// Something that only the user knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The field an answer fills.
    pub field: String,
    /// The question.
    pub text: String,
    /// Answers to pick from; anything else can be typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What picking each of `choices` sets in the workload, in the same order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<serde_json::Map<String, serde_json::Value>>,
}

/// Something to know before trusting a figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// Its fixed name.
    pub code: String,
    /// What it means.
    pub text: String,
}

impl AnalysisResult {
    /// The figure named `id`.
    pub fn metric(&self, id: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.id == id)
    }

    /// The option named `id`.
    pub fn option(&self, id: &str) -> Option<&Candidate> {
        self.options.iter().find(|option| option.id == id)
    }
}
