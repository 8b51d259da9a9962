//! What a figure can say, by its unit.

use super::facts::Says;
use super::lexicon::Per;
use super::quantity::{Dim, Mention};

// What a figure is by its unit, a bit each.
/// A sum of money that is not per thing.
const USD: u32 = 1 << 0;
const USD_TIMED: u32 = 1 << 1;
const SHARE: u32 = 1 << 2;
const WAIT: u32 = 1 << 3;
const HOURS: u32 = 1 << 4;
const MONTHS: u32 = 1 << 5;
const TOKENS: u32 = 1 << 6;
const TOKENS_TIMED: u32 = 1 << 7;
const REQUESTS: u32 = 1 << 8;
const REQUESTS_TIMED: u32 = 1 << 9;
const BARE: u32 = 1 << 10;
const BARE_TIMED: u32 = 1 << 11;
const TIMES: u32 = 1 << 12;
const VENDORS: u32 = 1 << 13;
const USERS: u32 = 1 << 14;
/// A bare number up to one, from one on, and up to twenty.
const PART: u32 = 1 << 15;
const COUNT: u32 = 1 << 16;
const FEW: u32 = 1 << 17;
const ANY: u32 = 1 << 18;

/// What a figure can say, in the order of the table of weights, and the figures that can.
pub(super) const SAYS: &[(Says, u32)] = &[
    (Says::Nothing, ANY),
    (Says::Field("requests_per_day"), REQUESTS_TIMED | BARE_TIMED),
    (Says::Field("input_tokens"), TOKENS | COUNT),
    (Says::Field("output_tokens"), TOKENS | COUNT),
    (Says::Field("reasoning_tokens"), TOKENS | COUNT),
    (Says::Field("cached_prefix_tokens"), TOKENS | COUNT),
    (Says::Field("cache_hit_rate"), SHARE | PART),
    (Says::Field("deferrable_share"), SHARE | PART),
    (Says::Field("duplicate_share"), SHARE | PART),
    (Says::Field("weak_accept_share"), SHARE | PART),
    (Says::Field("monthly_spend_usd"), USD | BARE | BARE_TIMED),
    (Says::Field("budget_usd_per_month"), USD | BARE | BARE_TIMED),
    (Says::Field("quality_floor"), SHARE | BARE),
    (Says::Field("context_tokens"), TOKENS | COUNT),
    (Says::Field("ttft_ms"), WAIT),
    (Says::Field("tpot_ms"), WAIT | TOKENS_TIMED),
    (Says::Field("latency_p50_ms"), WAIT),
    (Says::Field("latency_p95_ms"), WAIT),
    (Says::Field("latency_p99_ms"), WAIT),
    (Says::Field("latency_target_ms"), WAIT),
    (Says::Field("sequential_calls"), REQUESTS | TIMES | BARE),
    (Says::Field("parallel_calls"), REQUESTS | TIMES | BARE),
    (Says::Field("concurrency_limit"), REQUESTS | BARE),
    (Says::Field("arrival_scv"), BARE),
    (Says::Field("service_scv"), BARE),
    (Says::Field("peak_factor"), SHARE | TIMES | BARE),
    (Says::Field("growth_per_month"), SHARE | TIMES | PART),
    (Says::Field("horizon_months"), MONTHS),
    (Says::Field("rpm_limit"), REQUESTS_TIMED | BARE_TIMED),
    (Says::Field("tpm_limit"), TOKENS_TIMED),
    (Says::Field("gpu_usd_per_hour"), USD_TIMED | BARE_TIMED),
    (Says::Field("tokens_per_second_per_gpu"), TOKENS_TIMED),
    (Says::Field("gpu_utilisation"), SHARE | PART),
    (Says::Field("vendors_max"), VENDORS | FEW),
    (Says::PrefixShare, SHARE),
    (Says::PeakRate, REQUESTS_TIMED | BARE_TIMED),
    (Says::Latency, WAIT | MONTHS | HOURS),
    (Says::Rest, TOKENS | BARE),
    (Says::AnyTokens, TOKENS | BARE),
    (Says::InVolume, TOKENS_TIMED | BARE_TIMED),
    (Says::OutVolume, TOKENS_TIMED | BARE_TIMED),
    (Says::Users, USERS | REQUESTS | REQUESTS_TIMED),
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

/// What a figure is by its unit.
pub(super) fn kinds(mention: &Mention) -> u32 {
    let timed = mention.per.is_some();
    let value = mention.value();
    let by = |timed_kind: u32, kind: u32| if timed { timed_kind } else { kind };
    let when = |so: bool, kind: u32| if so { kind } else { 0 };
    ANY | match mention.dim {
        Dim::Money | Dim::Foreign(_) => when(mention.item.is_none(), USD) | when(timed, USD_TIMED),
        Dim::Share => SHARE,
        Dim::Time => match mention.unit {
            Some(Per::Second | Per::Minute) => WAIT,
            Some(Per::Week | Per::Month | Per::Quarter | Per::Year) => MONTHS,
            _ => HOURS,
        },
        Dim::Tokens => by(TOKENS_TIMED, TOKENS),
        Dim::Requests => by(REQUESTS_TIMED, REQUESTS),
        Dim::Vendors => VENDORS,
        Dim::Users => USERS,
        Dim::Gpus => 0,
        Dim::Times => TIMES,
        Dim::Bare if timed => BARE_TIMED,
        Dim::Bare => {
            BARE | when((0.0..=1.0).contains(&value), PART) | when(value >= 1.0, COUNT) | when(value <= 20.0, FEW)
        }
    }
}
