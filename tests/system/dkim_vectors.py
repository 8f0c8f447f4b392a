# SPDX-License-Identifier: BSD-2-Clause
"""Messages of ../shared/data/dkim as scripts for tests/unit/auth/dkim_play, and how to run it."""
import base64
import json
import subprocess

from conftest import HANGS_S

NOW = 1700000000        # after all t= of the messages, before any x= that they have to keep


def base64_of(octets):
    return base64.b64encode(octets).decode()


def script(message, zone, piece=0, now=NOW):
    """@param zone  {name: [octets of a record] or None: the look-up fails}"""
    texts = {name: None if found is None else [base64_of(one) for one in found] for name, found in zone.items()}
    return {"message": base64_of(message), "now": now, "piece": piece, "zone": texts}


def played(program, scripts, longest_s=HANGS_S):
    """@return [[verdict] for each script]"""
    run = subprocess.run([program], input="".join(json.dumps(one) + "\n" for one in scripts), stdout=subprocess.PIPE,
                         text=True, check=True, timeout=longest_s)
    return [json.loads(line)["verdicts"] for line in run.stdout.splitlines()]


def mail_dkim_zone(path):
    zone = {}
    for line in path.read_text().splitlines():
        name, _, text = line.partition(" ")
        text = text.strip()
        if line and not line.startswith("#") and text != "NXDOMAIN":
            zone[name] = None if text.startswith("~~") else [b"" if text == '""' else text.encode()]
    return zone
