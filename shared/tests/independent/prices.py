"""The price list, read a second time."""

import json
from pathlib import Path

CATALOG = json.loads((Path(__file__).parent.parent / "catalog.json").read_text())
TODAY = CATALOG["as_of"]


def find(name, vendor=None):
    return next(m for m in CATALOG["models"] if m["id"] == name and vendor in (None, m["vendor"]))


def rates_of(model, tokens, batch=False):
    """Dollars for a million tokens today, averaged over the hours of a day; None without a price."""
    rows = [row for row in model["prices"] if row.get("from", "") <= TODAY]
    if not rows:
        return None
    row = rows[-1]
    if "long" in row and tokens > row["long"]["above_tokens"]:
        row = row["long"]
    if batch:
        return row.get("batch")
    peak = row.get("peak")
    if not peak:
        return row["rates"]
    hours = sum(to - since for since, to in peak["hours_utc"])
    return {k: (v * (24 - hours) + peak["rates"][k] * hours) / 24 for k, v in row["rates"].items() if k in peak["rates"]}


def rates(name, tokens, vendor=None):
    return rates_of(find(name, vendor), tokens)


def score(model, benchmark):
    return next((s["value"] for s in model.get("scores", []) if s["benchmark"] == benchmark), None)
