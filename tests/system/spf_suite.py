# SPDX-License-Identifier: BSD-2-Clause
"""The suites of RFC 7208 and RFC 4408 (../shared/data/spf) as scripts for tests/unit/auth/spf_play."""
import json
import subprocess

import yaml

from conftest import HANGS_S

NAMES_IN_CHAIN = 10


def scenarios(path):
    with open(path) as file:
        return list(yaml.safe_load_all(file))


def value_of(kind, value):
    if kind == "MX":
        return value[1]
    return "".join(value) if isinstance(value, list) else value


def records_of(rows):
    """@return ({type: [value]}, whether what is not there fails). A TXT of "NONE" says that the SPF type (RFC 4408) is
    not to be taken for it."""
    found, fails = {}, False
    for row in rows:
        if row == "TIMEOUT":
            fails = True
            continue
        (kind, value), = row.items()
        found.setdefault(kind, []).append(value_of(kind, value))
    if "SPF" in found and "TXT" not in found:
        found["TXT"] = found["SPF"]
    found.pop("SPF", None)
    if found.get("TXT") == ["NONE"]:
        found.pop("TXT")
    return found, fails


def zone_of(data):
    """@return ({name: {type: [value]}}, [names whose look-ups fail])"""
    zone, failing = {}, []
    for name, rows in data.items():
        found, fails = records_of(rows)
        zone[str(name).lower().rstrip(".")] = found
        if fails and not found:
            failing.append(str(name).lower())
    for found in zone.values():
        follow(found, zone)
    return zone, failing


def follow(found, zone):
    for _ in range(NAMES_IN_CHAIN):
        target = found.pop("CNAME", [None])[0]
        if target is None:
            return
        for kind, values in zone.get(target.lower().rstrip("."), {}).items():
            found.setdefault(kind, list(values))


def script_of(test, zone, failing):
    sender, helo = test["mailfrom"], test["helo"]
    domain = sender.rpartition("@")[2] if sender else helo
    return {"ip": test["host"], "domain": domain, "sender": sender or helo, "helo": helo, "receiver": "",
            "zone": zone, "fails": failing}


def played(program, scripts):
    run = subprocess.run([program], input="".join(json.dumps(one) + "\n" for one in scripts), stdout=subprocess.PIPE,
                         text=True, check=True, timeout=HANGS_S)
    return [json.loads(line) for line in run.stdout.splitlines()]


def suite(program, path):
    """@return [(name, what came, what the suite wants: results, explanation or None)]"""
    names, scripts, wanted = [], [], []
    for scenario in scenarios(path):
        zone, failing = zone_of(scenario["zonedata"])
        for name, test in scenario["tests"].items():
            results = test["result"] if isinstance(test["result"], list) else [test["result"]]
            names.append(name)
            scripts.append(script_of(test, zone, failing))
            wanted.append((results, test.get("explanation")))
    return list(zip(names, played(program, scripts), wanted))
