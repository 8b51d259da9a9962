//! How long it takes and how it gets faster: the words that ask for it, the facts that speak for it, the facts it cannot do without.

use super::{Asks, none};
use crate::message::Category;

/// What asks for [`Category::Latency`].
pub(super) const ASKS: Asks = Asks {
    category: Category::Latency,
    cues: &[
        (
            2.2,
            "how long is the wait|the wait|pile up|piles up|piling up|ladezeit*|until something appears|hang up|answer time|time is spent|is the time spent|time spent|take so long|takes so long|so long|takes forever|take forever|wait for|waits for|waiting|users wait|answer speed|response speed|verkurzen|real-time responses|real-time answers|real time|realtime answers|echtzeit|instant|instantly|sofort|too slow|slow|slower|sluggish|laggy|lagging|lags|the lag|langsam|zu langsam|speed up|speed it up|speeding up|faster|schneller|schnellere|schnelleren|reduce latency|cut latency|lower latency|latency optim*|optimi* latency|snappier|snappy|beschleunig*|latenz senken|latenz runter|latenz reduzieren|latenz verbessern|tail latency|quicker|responsive*|waiting time|wait time|wartezeit*|queueing|queuing|wait in the queue|wait in queue|in the queue|warteschlange|hedge|hedging|hedged|antwortzeiten|antwortzeit|reaktionszeit|too long|zu lange|dauert zu lange|response time|response times|perceived latency|streaming help|share of queries is slow|latency problem|make it fast|fan-out|fans out|fan out|long tail|latency down",
        ),
        (
            1.0,
            "latency|latenz|latenzziel|latency target|ttft|tpot|p95|p99|time to first token|speed|geschwindigkeit|slo|delay|verzogerung|seconds to answer|queue",
        ),
    ],
    hints: &[
        ("latency_p50_ms", 0.8),
        ("latency_p95_ms", 1.0),
        ("latency_p99_ms", 1.0),
        ("ttft_ms", 0.6),
        ("tpot_ms", 0.3),
        ("latency_target_ms", 0.4),
        ("sequential_calls", 0.9),
        ("parallel_calls", 0.9),
        ("arrival_scv", 0.6),
        ("service_scv", 0.6),
    ],
    essential: &["output_tokens", "ttft_ms", "tpot_ms"],
    signs: none,
};
