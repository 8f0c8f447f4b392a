#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""dkimpy on the scripts of tests/unit/auth/dkim_play: a line {"passes", "problem"} each."""
import base64
import json
import sys

import dkim


def verified(script):
    def look_up(name, timeout=0):
        found = script["zone"].get(name.decode().rstrip("."), [])
        return base64.b64decode(found[0]) if found else None
    try:
        return dkim.DKIM(base64.b64decode(script["message"])).verify(dnsfunc=look_up), ""
    except dkim.DKIMException as fault:
        return False, str(fault)
    except Exception as fault:      # the oracle's own faults are told apart
        return False, f"fault: {type(fault).__name__}: {fault}"


for line in sys.stdin:
    passes, problem = verified(json.loads(line))
    print(json.dumps({"passes": bool(passes), "problem": problem}))
