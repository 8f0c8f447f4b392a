# SPDX-License-Identifier: BSD-2-Clause
"""offlist audit queue, with real mail servers in a box whose queues are full, in order, or not to be read."""
import concurrent.futures
import os
import pathlib

import pytest

import mta_backlog
import mta_box

BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
MALLORY, MANY = mta_backlog.MALLORY, mta_backlog.MANY


@pytest.fixture(scope="module")
def scenes():
    """@return {scene: what it answered}"""
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")
    why_not = mta_box.may_play()
    if why_not:
        pytest.skip(why_not)
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        boxes = {name: pool.submit(mta_box.play, name.partition("_")[0], mta_backlog.Scene(str(BINARY), name))
                 for name in mta_backlog.SCENES}
        return {name: box.result() for name, box in boxes.items()}


def test_the_login_is_named_and_not_the_sender(scenes):
    status, answer = scenes["postfix_faulty"]["audit"]
    assert status == 1
    assert [(one["id"], one["severity"], one["subject"]) for one in answer["findings"]] == [
        ("queue.login", "high", MALLORY)]
    assert answer["audits"][0]["status"] == "done" and "126 messages" in answer["audits"][0]["note"]
    finding = answer["findings"][0]
    assert f"{MANY} of the 126 messages (87 %)" in finding["detail"] and f"{MANY} of them as spam" in finding["detail"]
    assert "<bob@example.com> (110)" in finding["detail"] and "Invoice # (110)" in finding["detail"]
    assert "handed in from 14 addresses" in finding["detail"]
    said = "110 put off, as this one: host 127.0.0.2[127.0.0.2] said: " + mta_backlog.LISTED
    assert any(one.startswith(said) for one in finding["evidence"])


def test_its_commands_touch_its_messages_alone(scenes):
    answer = scenes["postfix_faulty"]
    before = answer["before"]
    assert sum(login == MALLORY for _, login in before.values()) == MANY and len(before) == 126
    for what, status, text, after in answer["commands"]:
        assert status == 0, text
        others = {name: row for name, row in after.items() if row[1] != MALLORY}
        assert others == {name: row for name, row in before.items() if row[1] != MALLORY}, what
        queues = [queue for queue, login in after.values() if login == MALLORY]
        if what == "remove":
            assert queues == []
        else:
            assert queues == ["deferred" if what == "release" else "hold"] * MANY, what
        if what == "look":
            assert "Subject: Invoice" in text and "hello" in text


def test_an_ordinary_queue_yields_nothing(scenes):
    status, answer = scenes["postfix_sound"]["audit"]
    assert status == 0 and answer["findings"] == []
    assert answer["audits"][0]["status"] == "done" and ": 15 messages" in answer["audits"][0]["note"]


def test_who_may_not_look_does_not_say_that_it_is_empty(scenes):
    status, answer = scenes["postfix_sound"]["blind"]
    assert status == 2 and answer["findings"] == []
    assert answer["audits"][0]["status"] == "cannot" and "run it as root" in answer["audits"][0]["why"]
    assert answer["audits"][0]["note"] is None
