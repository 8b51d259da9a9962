"""Cost and selection a second time: every model's bill, the levers that have a closed form, chances and pass rates."""

import math

from prices import CATALOG, find, rates_of, score

MODELS = ["gpt-4o", "gpt-4.1-mini", "gpt-4.1", "claude-haiku-4-5", "claude-sonnet-4-5", "gemini-2.5-pro"]


def log_uniform(rng, low, high):
    return float(math.exp(rng.uniform(math.log(low), math.log(high))))


def workload(rng):
    tokens = log_uniform(rng, 10, 400_000)
    fields = {
        "model": str(rng.choice(MODELS)),
        "requests_per_day": log_uniform(rng, 10, 2e7),
        "input_tokens": tokens,
        "output_tokens": log_uniform(rng, 1, 8_000),
    }
    for chance, name, draw in [
        (0.3, "reasoning_tokens", lambda: log_uniform(rng, 1, 4_000)),
        (0.5, "deferrable_share", lambda: float(rng.uniform(0, 1))),
        (0.5, "monthly_spend_usd", lambda: log_uniform(rng, 10, 1e7)),
        (0.3, "duplicate_share", lambda: float(rng.uniform(0, 1))),
        (0.5, "task", lambda: str(rng.choice(["chat", "coding"]))),
    ]:
        if rng.random() < chance:
            fields[name] = draw()
    if rng.random() < 0.4:
        fields["cached_prefix_tokens"] = tokens * float(rng.uniform(0.1, 1))
        fields["cache_hit_rate"] = float(rng.uniform(0, 1))
    return fields


def request(w, model, batch=False):
    price = rates_of(model, w["input_tokens"], batch)
    if price is None:
        return None
    hits = w.get("cached_prefix_tokens", 0) * w.get("cache_hit_rate", 0)
    made = w["output_tokens"] + w.get("reasoning_tokens", 0)
    read = price.get("cache_read", price["input"])
    return math.fsum([(w["input_tokens"] - hits) * price["input"], hits * read, made * price["output"]]) / 1e6


def cost(w):
    now = find(w["model"])
    today, month = request(w, now), w["requests_per_day"] * 30
    found = {"cost_per_request_usd": today, "monthly_cost_usd": today * month}
    if "monthly_spend_usd" in w:
        found["stated_spend_ratio"] = today * month / w["monthly_spend_usd"]
    for model in CATALOG["models"]:
        usd = request(w, model)
        found[f"option {model['vendor']}/{model['id']}"] = None if usd is None else usd * month
    if (whole := request(w, now, batch=True)) is not None:
        share = w.get("deferrable_share", 1)
        found["option batch"] = (today * (1 - share) + whole * share) * month
    if "duplicate_share" in w:
        found["option response-cache"] = today * (1 - w["duplicate_share"]) * month
    return found


def selection(w):
    now = find(w["model"])
    usd = request(w, now)
    found = {"cost_per_request_usd": usd}
    rated = score(now, "aider-polyglot") if w.get("task") == "coding" else None
    if rated is not None:
        found["cost_per_success_usd"] = usd / rated
    mine = score(now, "arena")
    for model in CATALOG["models"]:
        theirs = score(model, "arena")
        if theirs is not None and mine is not None and model is not now:
            # The definition in another form: odds of e^(Δ ln 10 / 400).
            found[f"win {model['vendor']}/{model['id']}"] = 1 / (1 + math.exp((mine - theirs) * math.log(10) / 400))
    return found
