//! An answer as it grows, and the small pieces it is made of.

use serde_json::{Map, Value as Json};

use super::Request;
use crate::result::{
    AnalysisResult, Assumption, Axis, Candidate, Chart, ChartKind, Infeasible, Metric, Question, Recommendation,
    RoadmapItem, Route, Series, Warning,
};
use crate::workload::{Source, Workload, field};

/// Collects what a category finds.
#[derive(Default)]
pub(super) struct Answer {
    pub(super) headline: String,
    pub(super) metrics: Vec<Metric>,
    pub(super) options: Vec<Candidate>,
    pub(super) recommendations: Vec<Recommendation>,
    pub(super) roadmap: Vec<RoadmapItem>,
    pub(super) routing: Vec<Route>,
    pub(super) infeasible: Option<Infeasible>,
    pub(super) charts: Vec<Chart>,
    pub(super) assumptions: Vec<Assumption>,
    pub(super) questions: Vec<Question>,
    pub(super) warnings: Vec<Warning>,
}

impl Answer {
    /// Says what a reader must know before trusting a figure.
    pub(super) fn warn(&mut self, code: &str, text: impl Into<String>) {
        if !self.warnings.iter().any(|w| w.code == code) {
            self.warnings.push(Warning { code: code.into(), text: text.into() });
        }
    }

    /// Asks for a field, once.
    pub(super) fn ask(&mut self, question: Question) {
        if !self.questions.iter().any(|q| q.field == question.field) {
            self.questions.push(question);
        }
    }

    /// Says what was taken for granted.
    pub(super) fn assume(&mut self, field: &str, value: Option<f64>, source: Source, text: impl Into<String>) {
        self.assumptions.push(Assumption {
            field: crate::workload::field(field).map(|spec| spec.name.into()),
            value: value.filter(|v| v.is_finite()),
            text: text.into(),
            source,
            reference: None,
            as_of: None,
        });
    }

    /// Names the publication that the last assumption rests on.
    pub(super) fn citing(&mut self, reference: &str) {
        if let Some(last) = self.assumptions.last_mut() {
            last.reference = Some(reference.into());
        }
    }

    /// The whole answer, with the prices of `day`.
    pub(super) fn finish(self, request: &Request<'_>) -> AnalysisResult {
        AnalysisResult {
            category: request.category,
            format: request.format,
            headline: self.headline,
            wording: None,
            metrics: self.metrics,
            options: self.options,
            recommendations: self.recommendations,
            roadmap: self.roadmap,
            routing: self.routing,
            infeasible: self.infeasible,
            charts: self.charts,
            assumptions: self.assumptions,
            questions: self.questions,
            warnings: self.warnings,
            workload: request.workload.clone(),
            provenance: request.provenance.clone(),
            catalog_as_of: request.workload.as_of.unwrap_or(request.today),
            engine_version: crate::ENGINE_VERSION.into(),
            degraded: false,
            degraded_reason: None,
        }
    }
}

/// A figure; one that is not finite does not exist.
pub(super) fn metric(id: &str, label: &str, unit: &str, value: Option<f64>, formula: String, source: &str) -> Metric {
    Metric {
        id: id.into(),
        label: label.into(),
        value: value.filter(|v| v.is_finite()),
        unit: unit.into(),
        low: None,
        high: None,
        baseline: None,
        formula,
        source: source.into(),
    }
}

impl Metric {
    /// The same figure with a range, if it is one.
    pub(super) fn within(mut self, range: Option<(f64, f64)>) -> Self {
        if let Some((low, high)) = range.filter(|(low, high)| low < high && low.is_finite() && high.is_finite()) {
            (self.low, self.high) = (Some(low), Some(high));
        }
        self
    }

    /// The same figure beside what it is compared with.
    pub(super) fn against(mut self, baseline: Option<f64>) -> Self {
        self.baseline = baseline.filter(|b| b.is_finite());
        self
    }
}

/// A question for `field` with no choices.
pub(super) fn question(field: &str, text: impl Into<String>) -> Question {
    Question { field: field.into(), text: text.into(), choices: Vec::new(), sets: Vec::new() }
}

impl Question {
    /// The same question with one more answer to pick, which sets `fields`; without it if a value is out of bounds.
    pub(super) fn choice(mut self, text: impl Into<String>, fields: &[(&str, Json)]) -> Self {
        let mut bounds = Workload::default();
        if fields.iter().any(|(name, value)| bounds.set(name, value).is_err()) {
            return self;
        }
        self.choices.push(text.into());
        self.sets.push(fields.iter().map(|(name, value)| ((*name).to_string(), value.clone())).collect::<Map<_, _>>());
        self
    }
}

/// A chart without series.
pub(super) fn chart(id: &str, title: impl Into<String>, kind: ChartKind, x: (&str, &str), y: (&str, &str)) -> Chart {
    let axis = |(label, unit): (&str, &str)| Axis { label: label.into(), unit: unit.into() };
    Chart { id: id.into(), title: title.into(), kind, x: axis(x), y: axis(y), series: Vec::new(), reference: None }
}

impl Chart {
    /// Marks a point to compare with, if it is one.
    pub(super) fn mark(&mut self, point: Option<[f64; 2]>) {
        self.reference = point.filter(|point| point.iter().all(|v| v.is_finite()));
    }

    /// Adds points under a name, unless one of them is not finite.
    pub(super) fn add(&mut self, name: impl Into<String>, points: Vec<[f64; 2]>) {
        if points.iter().flatten().all(|v| v.is_finite()) {
            self.series.push(Series { name: name.into(), points });
        }
    }
}

/// The label of a field of the workload, for sentences.
pub(super) fn label(name: &str) -> &'static str {
    field(name).map_or("", |spec| spec.label)
}
