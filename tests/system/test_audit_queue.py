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
    with concurrent.futures.ProcessPoolExecutor(len(mta_backlog.SCENES)) as pool:
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


def test_the_reader_and_postcat_say_the_same(scenes):
    """Every record of every file of a queue with all kinds of messages."""
    rows = scenes["postfix_sound"]["records"]
    assert len(rows) == 23
    for path, ours, theirs, header in rows:
        assert ours == theirs, path
    headers = {row[0]: row[3] for row in rows}
    for message in scenes["postfix_sound"]["walked"]:
        header = headers["/var/spool/postfix/" + message["file"]]
        if header.isascii() and header.endswith("\n"):
            assert message["fields"] == header


def test_the_reader_and_postqueue_say_the_same(scenes):
    found = {row["id"]: row for row in scenes["postfix_sound"]["walked"]}
    listed = {row["queue_id"]: row for row in scenes["postfix_sound"]["listed"]}
    assert found.keys() == listed.keys()
    for name, row in listed.items():
        sender = "" if row["sender"] == "MAILER-DAEMON" else row["sender"].replace('"', "")
        ours = found[name]
        assert (ours["sender"], ours["count"]) == (sender, len(row["recipients"]))
        assert (ours["arrived"], ours["size"]) == (row["arrival_time"], row["message_size"])
        assert ours["state"] == {"hold": "held", "deferred": "deferred"}[row["queue_name"]]
        if ours["state"] == "deferred":
            assert ours["reason"] == row["recipients"][0]["delay_reason"]


def test_who_handed_it_in(scenes):
    rows = scenes["postfix_sound"]["walked"]
    assert sum(row["uid"] == mta_backlog.WEB_UID for row in rows) == 3         # also where a header says another
    assert [row["client"] for row in rows if row["login"] == "DOMAIN\\o'hara"] == ["192.0.2.79"]
    assert sum(row["login"] == "news@example.com" for row in rows) == 12


def test_bounces_to_strangers(scenes):
    status, answer = scenes["postfix_sound"]["strangers"]
    assert status == 1
    assert [(one["id"], one["severity"]) for one in answer["findings"]] == [("queue.backscatter", "medium")]
    finding = answer["findings"][0]
    assert "60 of the 83 messages" in finding["detail"] and finding["commands"] == []


# ---- Exim ----

def test_exims_queue(scenes):
    scene = scenes["exim_faulty"]
    status, answer = scene["sound"]
    assert status == 0 and answer["findings"] == [] and ": 5 messages" in answer["audits"][0]["note"]
    status, answer = scene["audit"]
    assert status == 1
    assert [(one["id"], one["subject"]) for one in answer["findings"]] == [("queue.login", MALLORY)]
    assert f"{MANY} of the 115 messages" in answer["findings"][0]["detail"]
    assert f"{MANY} of them as spam" in answer["findings"][0]["detail"]


def test_the_reader_and_exim_say_the_same(scenes):
    scene = scenes["exim_faulty"]
    found = {row["id"]: row for row in scene["walked"]}
    assert found.keys() == scene["before"].keys() and len(found) == 115
    for name, (_, recipients) in scene["before"].items():
        ours = found[name]
        assert (ours["login"], ours["count"]) == (scene["logins"][name], len(recipients))
        assert ours["recipients"] == recipients[:16]
    users = [(row["user"], row["uid"]) for row in found.values() if row["uid"] >= 0]
    assert users == [("www-data", mta_backlog.WEB_UID)] * 2
    assert [row["done"] for row in found.values() if row["sender"] == "a@example.com"] == [2]


def test_exims_commands_touch_its_messages_alone(scenes):
    scene = scenes["exim_faulty"]
    mallory = {name for name, login in scene["logins"].items() if login == MALLORY}
    assert len(mallory) == MANY
    for what, status, text, after in scene["commands"]:
        assert status == 0, text
        assert {name: row for name, row in after.items() if name not in mallory} == {
            name: row for name, row in scene["before"].items() if name not in mallory}, what
        frozen = {name for name, row in after.items() if row[0]}
        assert frozen == (set() if what in ("release", "remove") else mallory), what
        assert (mallory & after.keys()) == (set() if what == "remove" else mallory), what
