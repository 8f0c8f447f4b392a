# SPDX-License-Identifier: BSD-2-Clause
"""Real servers under their administrator's commands: after each one, what their log tells of the queue is what they
list themselves. (Held: on hold, frozen, quarantined.)"""
import concurrent.futures
import json
import os
import pathlib
import subprocess

import pytest

import mta_box
import mta_queues

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVERS = ("postfix", "exim", "opensmtpd", "sendmail")


@pytest.fixture(scope="module")
def played():
    """All at once: they mostly wait. @return {server: its log, and what it listed after each command}"""
    why_not = mta_box.may_play()
    if why_not:
        pytest.skip(why_not)
    with concurrent.futures.ProcessPoolExecutor(len(SERVERS)) as pool:
        boxes = {name: pool.submit(mta_box.play, name, getattr(mta_queues, name)) for name in SERVERS}
        return {name: box.result() for name, box in boxes.items()}


def stats(log):
    program = pathlib.Path(os.environ.get("OFFLIST", "build/offlist"))
    program = program if program.is_absolute() else ROOT / program
    if not program.exists():
        pytest.skip(f"{program} is not built")
    run = subprocess.run([program, "log", "stats", "--json", "--log", log], stdout=subprocess.PIPE, text=True,
                         check=True)
    return json.loads(run.stdout)


def totals_after(server, played, tmp_path):
    """@return [(what the server listed, what we say of its log until then)]"""
    log = played[server]["log"].encode()
    rows = []
    for number, listed in enumerate(played[server]["snapshots"]):
        cut = tmp_path / f"{number}.log"
        cut.write_bytes(log[:listed["octets"]])
        rows.append((listed, stats(cut)))
    return rows


@pytest.mark.parametrize("server", SERVERS)
def test_totals_are_the_servers_own(server, played, tmp_path):
    rows = totals_after(server, played, tmp_path)
    for listed, found in rows:
        totals = found["totals"]
        wanted = {what: listed[what] for what in ("waiting", "held", "delivered")}
        assert {what: totals[what] for what in wanted} == wanted, listed["what"]
        outcomes = ("delivered", "waiting", "held", "bounced", "expired", "removed", "discarded")
        assert totals["recipients"] == sum(totals[what] for what in outcomes), listed["what"]
        assert found["coverage"]["unparsed"] == 0, listed["what"]
    assert rows[0][0]["accepted"] == rows[0][1]["totals"]["recipients"]
    if server != "sendmail":        # its administrator removes files, and no line tells of it
        assert rows[-1][1]["totals"]["removed"] > 0
    assert max(listed["held"] for listed, _ in rows) > 0 or server == "opensmtpd"   # pausing logs nothing there


def test_all_names_none(played, tmp_path):
    """postsuper -d ALL leaves no id: that is said."""
    found = totals_after("postfix", played, tmp_path)[-1][1]
    assert found["coverage"]["by_all"] == {"removed": 2, "held": 2, "released": 2, "unknown": 0}
