# SPDX-License-Identifier: BSD-2-Clause
"""Run offlist over made logs and hold its answer beside the truth."""
import concurrent.futures
import json
import os
import subprocess
import tempfile

import scenario

BINS = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01]


def matches(cause, incident):
    """Is this the incident, by kind and by one of the names that it may have?"""
    named = {incident["subject"].lower(), *(x.lower() for x in incident["accept"])}
    subject = str(cause["subject"]).lower()
    return cause["kind"] == incident["kind"] and subject in named or [cause["kind"], subject] in incident["also"]


def diagnose(program, folder, truth, timeout=120):
    """@return (exit status, answer or None, standard error)"""
    words = [program, "--state", os.path.join(folder, "state"), "diagnose", "--json", "--tz", truth["tz"]]
    for network in truth["mynetworks"]:
        words += ["--mynetworks", network]
    for name in truth["logs"]:
        words += ["--log", os.path.join(folder, name)]
    try:
        run = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             timeout=timeout)
    except subprocess.TimeoutExpired:
        return -1, None, "took too long"
    try:
        answer = json.loads(run.stdout)
    except ValueError:
        answer = None
    return run.returncode, answer, run.stderr.decode("utf-8", "replace")


class Result:
    """One seed: what was there and what was said."""

    def __init__(self, truth, status, answer, stderr):
        self.truth, self.status, self.answer, self.stderr = truth, status, answer, stderr
        self.causes = (answer or {}).get("causes", [])
        self.incidents = truth["incidents"]
        self.failed = answer is None or status not in (0, 1, 2)
        self.right = [any(matches(c, i) for i in self.incidents) for c in self.causes]
        self.first = bool(self.right) and self.right[0]
        self.kind_only = bool(self.causes) and any(self.causes[0]["kind"] == i["kind"] for i in self.incidents)
        self.found = sum(any(matches(c, i) for c in self.causes) for i in self.incidents)

    @property
    def good(self):
        return not self.failed and (self.first if self.incidents else not self.causes)

    def label(self):
        return f"{self.truth['mta']}/{self.truth['head']}/{self.truth['shape']}"

    def __str__(self):
        told = "; ".join(f"{c['kind']} {c['subject']} {c['confidence']:.2f}" for c in self.causes[:3]) or "no cause"
        there = "; ".join(f"{i['kind']}({i['style']}) {i['subject']} {i['recipients']} rcpts" for i in self.incidents)
        return (f"seed {self.truth['seed']} {self.label()}: {there or 'clean'} -> "
                f"{told if not self.failed else 'FAILED ' + self.stderr[-200:]}")


def one(program, seed, more, keep=None):
    plan = scenario.Plan(seed, **more)
    if keep:
        folder = os.path.join(keep, str(seed))
        truth = scenario.write(plan, folder)
        return Result(truth, *diagnose(program, folder, truth))
    with tempfile.TemporaryDirectory(prefix="offlist-sim-") as folder:
        truth = scenario.write(plan, folder)
        return Result(truth, *diagnose(program, folder, truth))


def run(program, seeds, jobs=2, keep=None, **more):
    """@return [Result] in the order of the seeds"""
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(one, [program] * len(seeds), seeds, [more] * len(seeds), [keep] * len(seeds)))


def share(good, of):
    return f"{good}/{of} ({good / of:.0%})" if of else "-"


def accuracy(results, of):
    """@param of  a result's row. @return [(row, right, all)]"""
    rows = {}
    for result in results:
        right, count = rows.get(of(result), (0, 0))
        rows[of(result)] = (right + result.good, count + 1)
    return sorted((name, right, count) for name, (right, count) in rows.items())


def calibration(results):
    """How often a cause of some confidence is true. @return [(from, to, causes, right, mean confidence)]"""
    rows = []
    said = [(c["confidence"], right) for r in results for c, right in zip(r.causes, r.right)]
    for low, high in zip(BINS, BINS[1:]):
        mine = [(c, right) for c, right in said if low <= c < high]
        if mine:
            rows.append((low, min(high, 1), len(mine), sum(right for _, right in mine),
                         sum(c for c, _ in mine) / len(mine)))
    return rows


def report(results):
    """@return text"""
    bad = [r for r in results if r.incidents]
    clean = [r for r in results if not r.incidents]
    out = [f"first cause right (kind and subject): {share(sum(r.good for r in bad), len(bad))}; "
           f"kind alone {share(sum(r.kind_only for r in bad), len(bad))}; "
           f"incidents found at all: {share(sum(r.found for r in bad), sum(len(r.incidents) for r in bad))}",
           f"clean logs without a cause: {share(sum(r.good for r in clean), len(clean))}; "
           f"no answer: {sum(r.failed for r in results)}; false rows beside right ones: "
           f"{sum(len(r.right) - sum(r.right) for r in bad)}"]
    tables = {"kind": lambda r: "+".join(i["kind"] for i in r.incidents) if len(r.incidents) < 2 else "two at once",
              "style": lambda r: f"{r.incidents[0]['kind']}:{r.incidents[0]['style']}" if len(r.incidents) == 1 else "",
              "mta": lambda r: r.truth["mta"], "head": lambda r: r.truth["head"], "shape": lambda r: r.truth["shape"]}
    for title, of in tables.items():
        out.append(f"by {title}:")
        out += [f"  {name or 'clean':34} {share(right, count)}" for name, right, count in
                accuracy(bad if title == "style" else results, of) if name or title == "kind"]
    out.append("calibration (confidence: causes, of them right):")
    out += [f"  {low:.2f}-{high:.2f}  mean {mean:.2f}  {share(right, count)}" for low, high, count, right, mean in
            calibration(results)]
    return "\n".join(out)
