# SPDX-License-Identifier: BSD-2-Clause
"""offlist audit, with real servers in a box: one with faults, one in order, one that may not look."""
import concurrent.futures
import os
import pathlib
import subprocess

import pytest

import mta_box
import mta_senders
from conftest import HANGS_S

BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
SCENES = ("faulty", "sound", "blind")


@pytest.fixture(scope="module")
def senders():
    """@return {scene: (exit status, answer) of audit, of diagnose, of an interrupted audit}"""
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")
    why_not = mta_box.may_play()
    if why_not:
        pytest.skip(why_not)
    with concurrent.futures.ProcessPoolExecutor(len(SCENES)) as pool:
        boxes = {scene: pool.submit(mta_box.play, "postfix", mta_senders.Scene(str(BINARY), scene)) for scene in SCENES}
        return {scene: box.result() for scene, box in boxes.items()}


def test_programs_that_send_are_found(senders):
    status, answer = senders["faulty"][0]
    assert status == 1
    assert answer["audits"] == [{"name": "senders", "status": "done", "why": None, "note": None}]
    python = mta_senders.PYTHON
    found = [(one["id"], one["severity"], one["subject"]) for one in answer["findings"]]
    assert sorted(found[:3]) == [("senders.direct", "high", python), ("senders.hidden", "high", "/dev/shm/.x/cron"),
                                 ("senders.web", "high", mta_senders.WEB)]
    assert found[3:] == [("senders.few", "low", python), ("senders.submits", "info", python)]
    direct, hidden, web = sorted(answer["findings"][:3], key=lambda one: one["id"])
    few, submits = answer["findings"][3:]
    assert "kill" not in web["remedy"]          # it serves others as well
    assert "has been deleted" in hidden["detail"] and hidden["evidence"] == ["connected to 192.0.2.11 port 25"]
    assert "user www-data" in direct["detail"] and "and 3 more" in direct["detail"]
    assert "4 addresses" in direct["detail"]
    assert "newsletter.py" in direct["detail"] and "works in /var" in direct["detail"]
    assert "monitor.py" in few["detail"]
    assert len(submits["evidence"]) == 6 and all("port 587" in one for one in submits["evidence"])


def test_a_mail_server_that_sends_is_none_of_them(senders):
    status, answer = senders["sound"][0]
    assert status == 0
    assert answer["findings"] == []
    assert answer["audits"] == [{"name": "senders", "status": "done", "why": None, "note": None}]


def test_who_may_not_look_does_not_say_nothing(senders):
    status, answer = senders["blind"][0]
    assert status == 2
    assert answer["findings"] == []
    assert answer["audits"][0]["status"] == "cannot" and "run it as root" in answer["audits"][0]["why"]


def test_diagnose_glances_at_the_server(senders):
    status, answer = senders["faulty"][1]
    assert status == 1 and answer["causes"] == []
    assert sorted(one["id"] for one in answer["findings"]) == ["senders.direct", "senders.hidden", "senders.web"]
    for scene in ("sound", "blind"):
        status, answer = senders[scene][1]
        assert status in (0, 2) and answer["findings"] == []


def test_an_interrupted_audit_tells_what_it_saw(senders):
    status, answer = senders["faulty"][2]
    assert status == 1 and answer["audits"][0]["why"] == "interrupted"
    assert "senders.hidden" in [one["id"] for one in answer["findings"]]
    assert all("in 1000" not in one["detail"] for one in answer["findings"])
    status, answer = senders["sound"][2]
    assert status == 2 and answer["findings"] == []


def said(*arguments):
    run = subprocess.run([BINARY, "audit", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                         timeout=HANGS_S)
    return run.returncode, run.stdout + run.stderr


@pytest.mark.parametrize("arguments, words", [
    (["sender"], "there is no audit sender; did you mean senders?"),
    (["xyzzy"], "there is no audit xyzzy; offlist help audit lists them"),
    (["--for", "0"], "--for 0: seconds are expected, 1 to 86400"),
    (["--for", "soon"], "--for soon: seconds are expected"),
    (["--min-severity", "worst"], "worst"),
    (["relay", "--elsewhere", "a b"], "--elsewhere a b: a domain is expected, like example.org"),
])
def test_what_cannot_be_meant(arguments, words):
    status, text = said(*arguments)
    assert status == 64 and words in text and text.count("\n") == 1
