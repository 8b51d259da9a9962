//! Options as columns, in formats that no person reads: each name is said once instead of once an option, and like
//! stands beside like, which packs better.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Candidate;

/// A column for each field of [`Candidate`].
macro_rules! columns {
    ($($field:ident: $kind:ty,)*) => {
        #[derive(Serialize)]
        struct Lent<'a> {
            $($field: Vec<&'a $kind>,)*
        }

        impl<'a> Lent<'a> {
            fn of(options: &'a [Candidate]) -> Self {
                Self { $($field: options.iter().map(|option| &option.$field).collect(),)* }
            }
        }

        #[derive(Deserialize)]
        struct Columns {
            $($field: Vec<$kind>,)*
        }

        impl Columns {
            fn into_rows(self) -> Vec<Candidate> {
                let mut rows = vec![Candidate::default(); self.id.len()];
                $(
                    for (row, value) in rows.iter_mut().zip(self.$field) {
                        row.$field = value;
                    }
                )*
                rows
            }
        }
    };
}

columns! {
    id: String,
    title: String,
    model: Option<String>,
    vendor: Option<String>,
    quality_benchmark: Option<String>,
    dominated_by: Option<String>,
    notes: Vec<String>,
    monthly_cost_usd: Option<f64>,
    cost_per_request_usd: Option<f64>,
    saving_usd: Option<f64>,
    saving_share: Option<f64>,
    monthly_cost_low_usd: Option<f64>,
    monthly_cost_high_usd: Option<f64>,
    quality: Option<f64>,
    quality_delta: Option<f64>,
    win_probability: Option<f64>,
    latency_ms: Option<f64>,
}

/// What a list of options may have been stored as.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Columns(Box<Columns>),
    /// By earlier versions.
    Rows(Vec<Candidate>),
}

pub(super) fn serialize<S: Serializer>(options: &[Candidate], serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        return serializer.collect_seq(options);
    }
    Lent::of(options).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Candidate>, D::Error> {
    if deserializer.is_human_readable() {
        return Vec::deserialize(deserializer);
    }
    match Stored::deserialize(deserializer)? {
        Stored::Columns(columns) => Ok(columns.into_rows()),
        Stored::Rows(options) => Ok(options),
    }
}
