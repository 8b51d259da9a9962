"""Routing plans a second time: scipy's `milp` (HiGHS) finds the least cost, the most quality, and what is infeasible."""

import math

import numpy as np
from prices import CATALOG, find, rates_of, score
from scipy.optimize import LinearConstraint, linprog, milp

PEAK = 1.53
MINUTES = 30 * 24 * 60


def workload(rng):
    task = str(rng.choice(["chat", "coding"]))
    low, high, point = (1310.0, 1470.0, 1.0) if task == "chat" else (0.1, 0.9, 0.01)
    classes = []
    for i in range(int(rng.integers(1, 9))):
        row = {
            "name": f"class {i}",
            "requests_per_day": float(np.exp(rng.uniform(2, 13))),
            "input_tokens": float(np.exp(rng.uniform(3, 12))),
            "output_tokens": float(np.exp(rng.uniform(0, 8))),
        }
        if rng.random() < 0.2:
            row["quality_floor"] = float(rng.uniform(low, low + 0.8 * (high - low)))
        classes.append(row)
    w = {"model": "gpt-4o", "task": task, "classes": classes}
    if rng.random() < 0.7:
        w["quality_floor"] = float(rng.uniform(low, high))
    if rng.random() < 0.4:
        w["vendors_max"] = int(rng.integers(1, 5))
    problem = Problem(w, point)
    if rng.random() < 0.3:
        w["tpm_limit"] = float(problem.tokens.sum() * rng.uniform(0.15, 1.2))
    if rng.random() < 0.2:
        w["rpm_limit"] = float(problem.peak.sum() * rng.uniform(0.15, 1.2))
    if rng.random() < 0.4:
        w["budget_usd_per_month"] = float(problem.dearest() * np.exp(rng.uniform(-5, 0)))
    return w, point


class Problem:
    """The program of a workload as matrices."""

    def __init__(self, w, point):
        self.w, self.point = w, point
        benchmark = "arena" if w["task"] == "chat" else "aider-polyglot"
        if w.get("quality_floor", 0) > 1:
            benchmark = "arena"
        self.models = [m for m in CATALOG["models"] if score(m, benchmark) is not None]
        self.quality = np.array([score(m, benchmark) for m in self.models])
        self.today = score(find("gpt-4o"), benchmark)
        self.volume = np.array([c["requests_per_day"] * 30 for c in w["classes"]])
        self.usd = np.array([[self.cost(c, m) for m in self.models] for c in w["classes"]])
        self.peak = self.volume * PEAK / MINUTES
        self.tokens = self.peak * np.array([c["input_tokens"] + c["output_tokens"] for c in w["classes"]])
        self.vendors = sorted({m["vendor"] for m in self.models})

    @staticmethod
    def cost(c, model):
        price = rates_of(model, c["input_tokens"])
        most = model.get("context_tokens")
        if price is None or (most is not None and c["input_tokens"] + c["output_tokens"] > most):
            return math.nan
        return (c["input_tokens"] * price["input"] + c["output_tokens"] * price["output"]) / 1e6

    def dearest(self):
        return float(np.nansum(np.nan_to_num(self.usd).max(axis=1) * self.volume))

    def solve(self, goal="cost", **limits):
        """The least cost or the most mean quality within the limits; None if nothing is feasible."""
        w = {**self.w, **limits}
        n, m = self.usd.shape
        k = len(self.vendors)
        possible = ~np.isnan(self.usd)
        cost = (np.nan_to_num(self.usd) * self.volume[:, None]).ravel()
        # The solver compares reduced costs with a fixed tolerance: in units of the cheapest plan that is small enough.
        scale = float((np.nanmin(self.usd, axis=1) * self.volume).sum())
        low, high = self.quality.min(), self.quality.max()
        units = (self.quality - low) / (high - low)
        weight = self.volume / self.volume.sum()
        gain = (weight[:, None] * units).ravel()
        rows, least, most = [], [], []

        def keep(row, at_least, at_most):
            rows.append(np.concatenate([row, np.zeros(n * m + k - len(row))]))
            least.append(at_least)
            most.append(at_most)

        for i in range(n):
            row = np.zeros(n * m)
            row[i * m : (i + 1) * m] = 1
            keep(row, 1, 1)
            if (floor := w["classes"][i].get("quality_floor")) is not None:
                keep(row * np.tile(units, n), (floor - low) / (high - low), np.inf)
        if w.get("quality_floor") is not None:
            keep(gain, (w["quality_floor"] - low) / (high - low), np.inf)
        if w.get("budget_usd_per_month") is not None:
            keep(cost / scale, -np.inf, w["budget_usd_per_month"] / scale)
        for name, load in (("tpm_limit", self.tokens), ("rpm_limit", self.peak)):
            if w.get(name) is not None:
                for j in range(m):
                    row = np.zeros((n, m))
                    row[:, j] = load / load.sum()
                    keep(row.ravel(), -np.inf, w[name] / load.sum())
        if w.get("vendors_max") is not None:
            for v, vendor in enumerate(self.vendors):
                for i in range(n):
                    row = np.zeros(n * m + k)
                    row[i * m : (i + 1) * m] = [model["vendor"] == vendor for model in self.models]
                    row[n * m + v] = -1
                    keep(row, -np.inf, 0)
            keep(np.concatenate([np.zeros(n * m), np.ones(k)]), -np.inf, w["vendors_max"])
        aim = -gain if goal == "quality" else cost / scale
        objective = np.concatenate([aim, np.zeros(k)])
        rows, least, most = np.array(rows), np.array(least), np.array(most)
        top = np.concatenate([possible.ravel().astype(float), np.ones(k)])
        if w.get("vendors_max") is not None:
            found = milp(
                objective,
                constraints=LinearConstraint(rows, least, most),
                bounds=(0, top),
                integrality=np.concatenate([np.zeros(n * m), np.ones(k)]),
                options={"mip_rel_gap": 0},
            )
            if found.x is None:
                return None
            # The vendors are chosen; what they make is computed again below, with tighter tolerances.
            top[n * m :] = np.round(found.x[n * m :])
        same, above, below = least == most, np.isfinite(least) & (least != most), np.isfinite(most) & (least != most)
        found = linprog(
            objective,
            A_ub=np.vstack([rows[below], -rows[above]]),
            b_ub=np.concatenate([most[below], -least[above]]),
            A_eq=rows[same],
            b_eq=least[same],
            bounds=np.column_stack([np.zeros(n * m + k), top]),
            method="highs",
            options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
        )
        if found.x is None:
            return None
        return low - found.fun * (high - low) if goal == "quality" else found.fun * scale


def area(points, corner):
    """The union of the rectangles between points and corner, over the grid of their coordinates."""
    inside = np.array([p for p in points if p[0] < corner[0] and p[1] > corner[1]])
    if len(inside) == 0:
        return 0.0
    xs = np.unique(np.append(inside[:, 0], corner[0]))
    ys = np.unique(np.append(inside[:, 1], corner[1]))
    covered = (inside[:, 0][:, None, None] <= xs[:-1][None, :, None]) & (
        inside[:, 1][:, None, None] >= ys[1:][None, None, :]
    )
    return float((covered.any(axis=0) * np.diff(xs)[:, None] * np.diff(ys)[None, :]).sum())


def compare(rng, w, point, answer):
    """Triples of name, expected, found."""
    problem, metrics = Problem(w, point), answer["metrics"]
    relaxed = {"quality_floor": None, "budget_usd_per_month": None}
    front, corner = answer.get("front") or [], answer.get("reference")
    if front:
        yield "front: cheapest", problem.solve(**relaxed), front[0][0]
        yield "front: best", problem.solve("quality", **relaxed), front[-1][1]
        for i in rng.choice(len(front), min(3, len(front)), replace=False):
            usd, quality = front[int(i)]
            expected = problem.solve(**{**relaxed, "quality_floor": quality})
            if expected is None:
                # The best quality itself may be a rounding away.
                expected = problem.solve(**{**relaxed, "quality_floor": quality - 1e-10 * abs(quality)})
            yield "front: least cost", expected, usd
        yield "hypervolume", area(front, corner), metrics["hypervolume"]
    else:
        yield "front: none", problem.solve(**relaxed), None
    floor = w.get("quality_floor")
    if floor is None and w.get("budget_usd_per_month") is None:
        floor = problem.today
    feasible = problem.solve(quality_floor=floor)
    if metrics["plan_cost_usd"] is None:
        yield "infeasible", feasible, None
        yield from relaxing(problem, floor, answer["infeasible"])
        return
    if floor is None:
        best = problem.solve("quality")
        yield "plan quality within budget", best, metrics["plan_quality"]
        floor = metrics["plan_quality"]
    yield "plan cost", problem.solve(quality_floor=floor, budget_usd_per_month=None), metrics["plan_cost_usd"]
    more = problem.solve(quality_floor=floor + point, budget_usd_per_month=None)
    shadow = metrics["shadow_price_usd_per_point"]
    if more is None or shadow is None:
        yield "shadow price: none", more, shadow
    else:
        # A difference of two costs: compared in units of the cost.
        yield "shadow price", more, metrics["plan_cost_usd"] + shadow


def relaxing(problem, floor, infeasible):
    """The limit that is named must be enough when moved to the value that is named, and not before."""
    name, needed = infeasible["constraint"], infeasible.get("needed")
    if needed is None or name.startswith("classes"):
        return
    if name == "vendors_max":
        yield "needed vendors, feasible", True, problem.solve(quality_floor=floor, vendors_max=needed) is not None
        yield "needed vendors, least", True, problem.solve(quality_floor=floor, vendors_max=needed - 1) is None
        return
    tolerance = 1e-6 * abs(needed)
    looser = -tolerance if name == "quality_floor" else tolerance
    enough, short = ({"quality_floor": floor, name: needed + by} for by in (looser, -20 * looser))
    yield f"needed {name}, feasible", True, problem.solve(**enough) is not None
    yield f"needed {name}, least", True, problem.solve(**short) is None
