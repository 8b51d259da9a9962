//! What a figure can say, by its unit.

use super::facts::Says;
use super::lexicon::Per;
use super::quantity::{Dim, Mention};

/// What a figure can say, in the order of the table of weights.
pub(super) const SAYS: &[Says] = &[
    Says::Nothing,
    Says::Field("requests_per_day"),
    Says::Field("input_tokens"),
    Says::Field("output_tokens"),
    Says::Field("reasoning_tokens"),
    Says::Field("cached_prefix_tokens"),
    Says::Field("cache_hit_rate"),
    Says::Field("deferrable_share"),
    Says::Field("duplicate_share"),
    Says::Field("weak_accept_share"),
    Says::Field("monthly_spend_usd"),
    Says::Field("budget_usd_per_month"),
    Says::Field("quality_floor"),
    Says::Field("context_tokens"),
    Says::Field("ttft_ms"),
    Says::Field("tpot_ms"),
    Says::Field("latency_p50_ms"),
    Says::Field("latency_p95_ms"),
    Says::Field("latency_p99_ms"),
    Says::Field("latency_target_ms"),
    Says::Field("sequential_calls"),
    Says::Field("parallel_calls"),
    Says::Field("concurrency_limit"),
    Says::Field("arrival_scv"),
    Says::Field("service_scv"),
    Says::Field("peak_factor"),
    Says::Field("growth_per_month"),
    Says::Field("horizon_months"),
    Says::Field("rpm_limit"),
    Says::Field("tpm_limit"),
    Says::Field("gpu_usd_per_hour"),
    Says::Field("tokens_per_second_per_gpu"),
    Says::Field("gpu_utilisation"),
    Says::Field("vendors_max"),
    Says::PrefixShare,
    Says::PeakRate,
    Says::Latency,
    Says::Rest,
    Says::AnyTokens,
    Says::InVolume,
    Says::OutVolume,
    Says::Users,
];

/// The name of what a figure says.
pub(super) const fn name(says: Says) -> &'static str {
    match says {
        Says::Field(name) => name,
        Says::PrefixShare => "prefix share",
        Says::PeakRate => "peak rate",
        Says::Latency => "latency",
        Says::Rest => "rest",
        Says::AnyTokens => "tokens",
        Says::InVolume => "input volume",
        Says::OutVolume => "output volume",
        Says::Users => "users",
        Says::Nothing => "nothing",
    }
}

/// Whether a figure with this unit can say `says`.
pub(super) fn can_say(mention: &Mention, says: Says) -> bool {
    let timed = mention.per.is_some();
    let value = mention.value();
    let share = (0.0..=1.0).contains(&value);
    match says {
        Says::Nothing => true,
        Says::PrefixShare => mention.dim == Dim::Share,
        Says::PeakRate => timed && matches!(mention.dim, Dim::Bare | Dim::Requests),
        Says::Latency => mention.dim == Dim::Time,
        Says::Rest | Says::AnyTokens => !timed && matches!(mention.dim, Dim::Bare | Dim::Tokens),
        Says::InVolume | Says::OutVolume => timed && matches!(mention.dim, Dim::Bare | Dim::Tokens),
        Says::Users => matches!(mention.dim, Dim::Users | Dim::Requests),
        Says::Field(name) => match mention.dim {
            Dim::Money | Dim::Foreign(_) => {
                matches!(name, "monthly_spend_usd" | "budget_usd_per_month") && mention.item.is_none()
                    || name == "gpu_usd_per_hour" && timed
            }
            Dim::Share => matches!(
                name,
                "cache_hit_rate"
                    | "deferrable_share"
                    | "duplicate_share"
                    | "weak_accept_share"
                    | "gpu_utilisation"
                    | "growth_per_month"
                    | "quality_floor"
                    | "peak_factor"
            ),
            Dim::Time => {
                let long = matches!(mention.unit, Some(Per::Week | Per::Month | Per::Quarter | Per::Year));
                name == "horizon_months" && long
                    || matches!(mention.unit, Some(Per::Second | Per::Minute))
                        && matches!(
                            name,
                            "ttft_ms"
                                | "tpot_ms"
                                | "latency_p50_ms"
                                | "latency_p95_ms"
                                | "latency_p99_ms"
                                | "latency_target_ms"
                        )
            }
            Dim::Tokens if timed => matches!(name, "tpm_limit" | "tokens_per_second_per_gpu" | "tpot_ms"),
            Dim::Requests if timed => matches!(name, "requests_per_day" | "rpm_limit"),
            Dim::Tokens => is_tokens(name),
            Dim::Requests => matches!(name, "sequential_calls" | "parallel_calls" | "concurrency_limit"),
            Dim::Vendors => name == "vendors_max",
            Dim::Users | Dim::Gpus => false,
            Dim::Times => matches!(name, "peak_factor" | "growth_per_month" | "parallel_calls" | "sequential_calls"),
            Dim::Bare if timed => matches!(
                name,
                "requests_per_day" | "rpm_limit" | "monthly_spend_usd" | "budget_usd_per_month" | "gpu_usd_per_hour"
            ),
            Dim::Bare => match name {
                "sequential_calls"
                | "parallel_calls"
                | "concurrency_limit"
                | "arrival_scv"
                | "service_scv"
                | "peak_factor"
                | "quality_floor"
                | "budget_usd_per_month"
                | "monthly_spend_usd" => true,
                "vendors_max" => value <= 20.0,
                "cache_hit_rate" | "deferrable_share" | "duplicate_share" | "weak_accept_share" | "gpu_utilisation"
                | "growth_per_month" => share,
                name => is_tokens(name) && value >= 1.0,
            },
        },
    }
}

fn is_tokens(name: &str) -> bool {
    matches!(name, "input_tokens" | "output_tokens" | "reasoning_tokens" | "cached_prefix_tokens" | "context_tokens")
}
