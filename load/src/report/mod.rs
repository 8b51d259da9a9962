//! What a run leaves behind: `report.json` for programs, `junit.xml` for build servers, `report.html` for people.
//!
//! The files are written after every scenario, each beside its old version and then put in its place, so a run that is
//! interrupted leaves a whole report of what it did until then.

pub mod compare;
mod html;
mod junit;
mod peers;
mod plot;

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::peers::figures::Outcome;
use crate::scenario::Finding;
use crate::thresholds::Judged;
use compare::Comparison;

/// One scenario in a report.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Its name.
    pub scenario: &'static str,
    /// What was found; `None` if it could not be run to its end.
    pub finding: Option<Finding>,
    /// Its thresholds, judged.
    pub thresholds: Vec<Judged>,
    /// Why it could not be run to its end.
    pub error: Option<String>,
}

impl Entry {
    /// Whether it ran to its end, no rule was broken and every threshold holds.
    pub fn passed(&self) -> bool {
        let held = self.finding.as_ref().is_some_and(|finding| finding.verdict.holds());
        held && self.error.is_none() && self.thresholds.iter().all(|judged| judged.holds)
    }
}

/// Everything about a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The tool and its version.
    pub tool: &'static str,
    /// When it began, in milliseconds since 1970.
    pub started_unix_ms: u64,
    /// The server.
    pub target: String,
    /// The form.
    pub form: String,
    /// The seed.
    pub seed: u64,
    /// Processors of this machine.
    pub processors: usize,
    /// What a reader should know about the whole run.
    pub notes: Vec<String>,
    /// Why the run ended early, if it did.
    pub cut_short: Option<String>,
    /// The scenarios.
    pub scenarios: Vec<Entry>,
    /// The comparison with an earlier run.
    pub comparison: Option<Comparison>,
    /// The peers under the same workloads, if they were measured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<Outcome>,
    /// Whether everything held.
    pub passed: bool,
}

impl Report {
    /// Says whether everything held so far.
    pub fn conclude(&mut self) {
        let better = self.comparison.as_ref().is_none_or(Comparison::holds);
        self.passed = self.cut_short.is_none()
            && !self.scenarios.is_empty()
            && better
            && self.scenarios.iter().all(Entry::passed);
    }

    /// Writes the three files into a folder.
    pub fn write(&self, folder: &Path) -> Result<(), WriteError> {
        std::fs::create_dir_all(folder).map_err(|error| WriteError(folder.into(), error))?;
        let json = serde_json::to_string_pretty(self).map_err(|e| WriteError(folder.into(), io::Error::other(e)))?;
        put(folder, "report.json", &json)?;
        put(folder, "junit.xml", &junit::junit(self))?;
        put(folder, "report.html", &html::page(self))
    }
}

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the report could not be written to {path}: {1}", path = .0.display())]
pub struct WriteError(pub PathBuf, pub io::Error);

/// Writes a file beside its place and moves it there, so that a full disk does not cost the old one.
fn put(folder: &Path, name: &str, text: &str) -> Result<(), WriteError> {
    let (path, new) = (folder.join(name), folder.join(format!(".{name}.new")));
    let written = std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, &path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&new);
        WriteError(path, error)
    })
}

/// Text inside XML and HTML. XML 1.0 allows most control characters not even escaped.
fn escape(text: &str) -> String {
    let hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let shown: String = text.chars().map(|c| if hidden(c) { '\u{fffd}' } else { c }).collect();
    shared::format::escape(&shown)
}

/// A figure for people: few digits, thousands apart.
fn figure(value: f64) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    let digits = match value.abs() {
        a if a >= 100.0 || a.fract() == 0.0 => 0,
        a if a >= 10.0 => 1,
        a if a >= 1.0 => 2,
        _ => 3,
    };
    let plain = format!("{value:.digits$}");
    let (whole, rest) = plain.split_once('.').map_or((plain.as_str(), None), |(w, r)| (w, Some(r)));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let mut grouped = String::new();
    for (n, c) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(c);
    }
    rest.map_or_else(|| format!("{sign}{grouped}"), |rest| format!("{sign}{grouped}.{rest}"))
}

#[cfg(test)]
mod tests;
