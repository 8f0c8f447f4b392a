#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""python3-spf on the scripts of tests/unit/auth/spf_play: a line {"result", "problem"} each; on
standard error the CPU seconds of the evaluations alone."""
import json
import sys
import time

import spf

script = {}


def look_up(name, kind, *_):
    name = name.lower()
    if name in script["fails"]:
        raise spf.TempError("SERVFAIL")
    for value in script["zone"].get(name, {}).get(kind, []):
        if kind == "TXT":
            value = (value.encode(),)
        elif kind == "MX":
            value = (10, value)
        yield (name, kind), value


spf.DNSLookup = look_up


def result():
    try:
        return spf.query(i=script["ip"], s=script["sender"], h=script["helo"]).check()
    except Exception as fault:      # the oracle's own faults are told, not taken for a result
        return f"{type(fault).__name__}: {fault}", 0, ""


spent = 0.0
for line in sys.stdin:
    script = json.loads(line)
    begun = time.process_time()
    said = result()
    spent += time.process_time() - begun
    print(json.dumps({"result": said[0], "problem": said[2]}))
print(spent, file=sys.stderr)
