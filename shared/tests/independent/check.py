"""The engine's figures against a second computation on random workloads.

Usage: check.py FIGURES [COUNT] [SEED], where FIGURES is the built example `figures`. Prints for each figure how many
were compared and the largest relative difference; ends with status 1 if one is above its bar.
"""

import json
import math
import subprocess
import sys
from collections import defaultdict

import closed
import money
import numpy as np
import plans

BARS = {"closed forms": 1e-9, "optimisation": 1e-6}


def difference(a, b):
    if a is None or b is None:
        return 0.0 if a is b else math.inf
    return abs(a - b) / max(abs(a), abs(b), 1e-250) if a != b else 0.0


def answers(figures, lines):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    found = subprocess.run([figures], input=text, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(found) == len(lines), f"{len(found)} answers to {len(lines)} workloads"
    for line, answer in zip(lines, map(json.loads, found)):
        assert "problem" not in answer, (line, answer)
        yield line, answer


class Family:
    """What was compared of one kind of figure."""

    def __init__(self, name):
        self.name, self.bar = name, BARS[name]
        self.seen, self.worst, self.example = defaultdict(int), defaultdict(float), {}

    def add(self, line, name, expected, actual):
        apart = math.inf if actual == "absent" else difference(expected, actual)
        # All options are one family of figures.
        name = name.split()[0] if name.startswith(("option ", "win ")) else name
        self.seen[name] += 1
        if apart >= self.worst[name]:
            self.worst[name], self.example[name] = apart, (line, expected, actual)

    def report(self):
        for name in self.seen:
            print(f"{name:34} {self.seen[name]:6} compared, largest relative difference {self.worst[name]:.1e}")
        most = max(self.worst.values())
        print(f"{self.name}: largest relative difference {most:.1e}, at most {self.bar:.0e} is allowed\n")
        for name in (name for name in self.worst if self.worst[name] > self.bar):
            line, expected, actual = self.example[name]
            print(f"{name}: expected {expected}, got {actual} for {json.dumps(line)[:2000]}\n")
        return most <= self.bar


def closed_forms(figures, count, rng):
    family, cases = Family("closed forms"), []
    for _ in range(count):
        w, m = closed.workload(rng), money.workload(rng)
        cases.append(({"category": "latency-optimization", "workload": w}, closed.latency(w), {}))
        cases.append(({"category": "scaling", "workload": w}, closed.scaling(w), {}))
        cases.append(({"category": "cost-optimization", "workload": m}, money.cost(m), {}))
        cases.append(({"category": "model-selection", "workload": m}, money.selection(m), {}))
    cases += [closed.log_case(rng) for _ in range(count // 5)]
    for (line, metrics, ranges), (_, answer) in zip(cases, answers(figures, [case[0] for case in cases])):
        for name, expected in metrics.items():
            kind, _, option = name.partition(" ")
            found = answer["options"].get(option, {}) if option else answer["metrics"]
            key = {"option": "monthly_cost_usd", "win": "win_probability"}.get(kind, name)
            # A field that is not there is null.
            family.add(line, name, expected, found.get(key, None if option else "absent"))
        for name, ends in ranges.items():
            for end, expected, actual in zip(("low", "high"), ends, answer["ranges"][name]):
                family.add(line, f"{name} {end}", expected, actual)
    return family.report()


def optimisation(figures, count, rng):
    family = Family("optimisation")
    drawn = [plans.workload(rng) for _ in range(count)]
    lines = [{"category": "advanced", "workload": w} for w, _ in drawn]
    for (w, point), (line, answer) in zip(drawn, answers(figures, lines)):
        for name, expected, actual in plans.compare(rng, w, point, answer):
            family.add(line, name, expected, actual)
    return family.report()


def main():
    figures, count, seed = sys.argv[1], int(sys.argv[2] if len(sys.argv) > 2 else 1000), int((sys.argv[3:] or [1])[0])
    rng = np.random.default_rng(seed)
    right = [closed_forms(figures, count, rng), optimisation(figures, count, rng)]
    sys.exit(not all(right))


main()
