//! Where a fact came from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::date::Date;

/// Where a field's value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The user said it.
    Given,
    /// It was measured on the user's log.
    Log,
    /// A published or house default, shown as an assumption.
    Default,
    /// It follows from other fields.
    Computed,
}

/// The provenance of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Where the value came from.
    pub source: Source,
    /// The words of the message that say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where those words stand: first and one past the last Unicode scalar value of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<[u32; 2]>,
    /// The publication or table a default comes from.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The day of that publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Date>,
}

/// The provenance of every known field, by its name.
pub type Provenances = BTreeMap<String, Provenance>;
