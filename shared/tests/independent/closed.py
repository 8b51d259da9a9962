"""Closed forms a second time: latency, scaling, and the figures of a log, with numpy and scipy."""

import math

import numpy as np
from prices import rates
from scipy import optimize, stats

MODELS = ["gpt-4o", "gpt-4.1-mini", "gpt-4.1", "claude-haiku-4-5"]


def maybe(rng, chance, value):
    return value() if rng.random() < chance else None


def log_uniform(rng, low, high):
    return float(math.exp(rng.uniform(math.log(low), math.log(high))))


def workload(rng):
    p50 = log_uniform(rng, 50, 60_000)
    spread = 1 + rng.exponential(1.5)
    e2e_scale = log_uniform(rng, 0.2, 3)
    fields = {
        "model": str(rng.choice(MODELS)),
        "requests_per_day": log_uniform(rng, 10, 2e7),
        "input_tokens": log_uniform(rng, 10, 50_000),
        "output_tokens": log_uniform(rng, 1, 4_000),
        "reasoning_tokens": maybe(rng, 0.3, lambda: log_uniform(rng, 1, 4_000)),
        "ttft_ms": log_uniform(rng, 20, 5_000),
        "tpot_ms": log_uniform(rng, 1, 100),
        "sequential_calls": maybe(rng, 0.3, lambda: int(rng.integers(1, 12))),
        "parallel_calls": maybe(rng, 0.5, lambda: int(rng.integers(1, 500))),
        "peak_factor": maybe(rng, 0.7, lambda: log_uniform(rng, 1, 10)),
        "task": maybe(rng, 0.5, lambda: str(rng.choice(["chat", "coding", "rag"]))),
        "arrival_scv": maybe(rng, 0.3, lambda: log_uniform(rng, 0.1, 100)),
        "service_scv": maybe(rng, 0.3, lambda: log_uniform(rng, 0.1, 10)),
        "latency_p50_ms": maybe(rng, 0.5, lambda: p50),
        "latency_p95_ms": maybe(rng, 0.5, lambda: p50 * spread),
        "latency_p99_ms": maybe(rng, 0.5, lambda: p50 * spread * (1 + rng.exponential(1))),
        "latency_target_ms": maybe(rng, 0.7, lambda: p50 * e2e_scale),
        "rpm_limit": maybe(rng, 0.6, lambda: log_uniform(rng, 10, 1e6)),
        "tpm_limit": maybe(rng, 0.6, lambda: log_uniform(rng, 1e4, 1e9)),
        "growth_per_month": maybe(rng, 0.8, lambda: float(rng.uniform(-0.1, 0.5))),
        "gpu_usd_per_hour": maybe(rng, 0.5, lambda: log_uniform(rng, 0.5, 10)),
        "tokens_per_second_per_gpu": maybe(rng, 0.5, lambda: log_uniform(rng, 50, 20_000)),
        "gpu_utilisation": maybe(rng, 0.7, lambda: float(rng.uniform(0.05, 1))),
    }
    fields = {name: value for name, value in fields.items() if value is not None}
    load = peak(fields) * e2e(fields) / 1000
    if rng.random() < 0.7 and load < 5_000:
        fields["concurrency_limit"] = max(1, int(load * rng.uniform(0.7, 2)))
    return fields


def peak(w):
    default = 4.1 if w.get("task") == "coding" else 1.53
    return w["requests_per_day"] / 86_400 * w.get("peak_factor", default)


def generated(w):
    return w["output_tokens"] + w.get("reasoning_tokens", 0)


def e2e(w):
    further = max(generated(w) - 1, 0) * w["tpot_ms"]
    return (w["ttft_ms"] + further) * w.get("sequential_calls", 1)


def erlang_c(load, servers):
    """Erlang C from the Poisson distribution: B = pmf(c) / cdf(c)."""
    b = stats.poisson.pmf(servers, load) / stats.poisson.cdf(servers, load)
    return b / (1 - load / servers * (1 - b))


def fewest(load, service, within):
    """The fewest servers that start 95 % within the time: doubling, then bisection."""

    def late(servers):
        return erlang_c(load, servers) * math.exp(-(servers - load) * within / service)

    low = math.floor(load) + 1
    if late(low) <= 0.05:
        return low
    step = 1
    while late(low + step) > 0.05:
        step *= 2
    low, high = low + step // 2, low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if late(middle) <= 0.05 else (middle, high)
    return high


def lognormal_share(w):
    """Straight lines in normal probability through the known percentiles."""
    known = [(0.5, "latency_p50_ms"), (0.95, "latency_p95_ms"), (0.99, "latency_p99_ms")]
    points = [(stats.norm.ppf(q), math.log(w[name])) for q, name in known if name in w]
    if len(points) < 2 or "latency_target_ms" not in w:
        return None
    x = math.log(w["latency_target_ms"])
    z = np.array([p[0] for p in points])
    y = np.array([p[1] for p in points])
    i = int(np.clip(np.searchsorted(y, x, side="right") - 1, 0, len(points) - 2))
    return stats.norm.cdf(z[i] + (x - y[i]) / (y[i + 1] - y[i]) * (z[i + 1] - z[i]))


def latency(w):
    found = {"e2e_ms": e2e(w), "ttft_ms": w["ttft_ms"], "tpot_ms": w["tpot_ms"]}
    if "parallel_calls" in w:
        found["fanout_slow_share"] = stats.binom.sf(0, w["parallel_calls"], 0.01)
    if (share := lognormal_share(w)) is not None:
        found["target_share"] = share
    for q, name in ((50, "latency_p50_ms"), (95, "latency_p95_ms"), (99, "latency_p99_ms")):
        if name in w:
            found[f"p{q}_ms"] = w[name]
    if "concurrency_limit" in w:
        load, places = peak(w) * e2e(w) / 1000, w["concurrency_limit"]
        wait = None if load >= places else erlang_c(load, places)
        found["wait_probability"] = wait
        factor = (w.get("arrival_scv", 1) + w.get("service_scv", 1)) / 2
        found["queue_wait_ms"] = None if wait is None else wait * e2e(w) / (places - load) * factor
    return found


def scaling(w):
    load, service = peak(w) * e2e(w) / 1000, e2e(w)
    found = {
        "requests_per_second_mean": w["requests_per_day"] / 86_400,
        "requests_per_second_peak": peak(w),
        "concurrency": load,
    }
    within = w["latency_target_ms"] - service if "latency_target_ms" in w else 0
    if load < 20_000:
        found["servers_needed"] = None if within < 0 else fewest(load, service, within)
    uses = []
    if "rpm_limit" in w:
        found["rpm_utilisation"] = peak(w) * 60 / w["rpm_limit"]
        uses.append(found["rpm_utilisation"])
    if "tpm_limit" in w:
        found["tpm_utilisation"] = peak(w) * 60 * (w["input_tokens"] + generated(w)) / w["tpm_limit"]
        uses.append(found["tpm_utilisation"])
    growth = w.get("growth_per_month")
    if uses and max(uses) >= 1:
        found["months_to_limit"] = 0
    elif uses and growth is not None:
        # By solving for the month, not by the formula.
        crossed = lambda month: math.log(max(uses)) + month * math.log(1 + growth)
        found["months_to_limit"] = optimize.brentq(crossed, 0, 1e9, xtol=1e-300, rtol=1e-15) if growth > 0 else None
    if growth is not None:
        found["doubling_months"] = math.log(2, 1 + growth) if growth > 0 else None
    speed, hourly, use = w.get("tokens_per_second_per_gpu"), w.get("gpu_usd_per_hour"), w.get("gpu_utilisation", 1)
    if speed:
        found["gpus_needed"] = math.ceil(peak(w) * generated(w) / (speed * use))
    if speed and hourly:
        found["self_host_usd_per_mtok"] = hourly / (speed * use * 3600) * 1e6
    price = rates(w["model"], w["input_tokens"])
    usd = (w["input_tokens"] * price["input"] + generated(w) * price["output"]) / 1e6
    found["monthly_cost_usd"] = usd * w["requests_per_day"] * 30
    if hourly:
        requests = 24 * hourly / usd
        carries = speed and requests * (peak(w) / w["requests_per_day"]) * generated(w) <= speed * use
        found["break_even_requests_per_day"] = requests if carries else None
    return found


def log_case(rng):
    """A log with its figures computed row by row."""
    n = int(rng.integers(2, 400))
    latencies = rng.lognormal(7, rng.uniform(0.1, 1.5), n)
    arrivals = np.cumsum(rng.exponential(1, n) * rng.choice([0, 1, 3], n))
    services = rng.exponential(rng.uniform(0.5, 20), n)
    places, target = int(rng.integers(1, 30)), float(rng.lognormal(7, 1))
    free, waits = np.zeros(places), []
    for at, service in zip(arrivals, services):
        first = int(np.argmin(free))
        start = max(at, free[first])
        free[first] = start + service
        waits.append(start - at)
    within = float(np.mean(latencies <= target))
    interval = stats.binomtest(int(np.sum(latencies <= target)), n).proportion_ci(0.95, "wilson")
    line = {
        "category": "latency-optimization",
        "workload": {"requests_per_day": 1e4, "concurrency_limit": places, "latency_target_ms": target},
        "latencies_ms": latencies.tolist(),
        "arrivals": np.column_stack([arrivals, services]).tolist(),
        "logged": ["requests_per_day"],
    }
    found = {f"p{q}_ms": float(np.percentile(latencies, q)) for q in (50, 95, 99)}
    found["e2e_ms"] = float(np.mean(latencies))
    found["target_share"] = within
    found["queue_wait_ms"] = float(np.mean(waits)) * 1000
    found["wait_probability"] = float(np.mean(np.array(waits) > 0))
    return line, found, {"target_share": [interval.low, interval.high]}
