# SPDX-License-Identifier: BSD-2-Clause
"""offlist audit queue, with real mail servers in a box whose queues are full, in order, or not to be read."""
import concurrent.futures
import os
import pathlib
import re

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


ALL = 3 * MANY + 22
WHOSE = {"queue.login": "Invoice", "queue.client": "Watches", "queue.user": "Pills"}


def findings(answer):
    return {one["id"]: one for one in answer["findings"]}


def test_the_login_is_named_and_not_the_sender(scenes):
    status, answer = scenes["postfix_faulty"]["audit"]
    assert status == 1
    assert sorted((one["id"], one["severity"], one["subject"]) for one in answer["findings"]) == [
        ("queue.client", "high", "192.0.2.77"), ("queue.login", "high", MALLORY), ("queue.user", "high", "www-data")]
    assert answer["audits"][0]["status"] == "done" and f"{ALL} messages" in answer["audits"][0]["note"]
    found = findings(answer)
    for name in WHOSE:
        assert f"{MANY} of the {ALL} messages ({MANY * 100 // ALL} %)" in found[name]["detail"]
        assert f"{MANY} of them as spam" in found[name]["detail"]
        assert f"<bob@example.com> ({MANY})" in found[name]["detail"]
        assert f"{WHOSE[name]} # ({MANY})" in found[name]["detail"]
    assert "33:x.php" in found["queue.user"]["detail"]
    assert re.search(r"handed in from: 203.0.113.\d \(8\), ", found["queue.login"]["detail"])
    said = f"{MANY} put off, as this one: host 127.0.0.2[127.0.0.2] said: " + mta_backlog.LISTED
    assert any(one.startswith(said) for one in found["queue.login"]["evidence"])


def held(commands, before, mine_of, state_of):
    """Each command changed what it was for, and nothing else."""
    now = dict(before)
    for name, what, status, text, after in commands:
        assert status == 0, text
        mine = mine_of(name)
        assert mine
        for key, row in now.items():
            if key not in mine:
                assert after[key] == row, (name, what)
            elif what == "remove":
                assert key not in after, (name, what)
            else:
                assert after[key] == state_of(what, row), (name, what)
        if what == "look":
            assert "Subject: " in text and "Received: " in text
        now = after
    assert len(commands) == sum(len(steps) for steps in mta_backlog.STEPS.values())


def test_its_commands_touch_its_messages_alone(scenes):
    answer = scenes["postfix_faulty"]
    before = answer["before"]
    assert len(before) == ALL

    def mine_of(name):
        mine = {key for key, row in before.items() if row[1] == WHOSE[name]}
        assert len(mine) == MANY
        return mine
    held(answer["commands"], before, mine_of,
         lambda what, row: ["deferred" if what == "release" else "hold", row[1]])


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


def test_queues_of_containers(scenes):
    """One that can be read is read, of the other it is said that it was not."""
    (_, postfix), (_, both) = scenes["postfix_sound"]["container"]
    assert postfix["audits"][0]["status"] == "done"
    assert "/mnt of a container" in postfix["audits"][0]["note"]
    assert "1 message, 1 on hold" in postfix["audits"][0]["note"]
    assert both["audits"][0]["status"] == "cannot"
    assert "exim4 in a container" in both["audits"][0]["why"]


# ---- Exim ----

def test_exims_queue(scenes):
    scene = scenes["exim_faulty"]
    status, answer = scene["sound"]
    assert status == 0 and answer["findings"] == [] and ": 5 messages" in answer["audits"][0]["note"]
    status, answer = scene["audit"]
    assert status == 1
    assert sorted((one["id"], one["subject"]) for one in answer["findings"]) == [
        ("queue.client", "192.0.2.9"), ("queue.login", MALLORY), ("queue.user", "www-data")]
    for one in answer["findings"]:      # two of the web site's are older ones
        assert re.match(f"({MANY}|{MANY + 2}) of the {3 * MANY + 8} messages", one["detail"])
        assert f"{MANY} of them as spam" in one["detail"]


def test_the_reader_and_exim_say_the_same(scenes):
    scene = scenes["exim_faulty"]
    found = {row["id"]: row for row in scene["walked"]}
    assert found.keys() == scene["before"].keys() and len(found) == 3 * MANY + 8
    for name, (_, recipients) in scene["before"].items():
        ours = found[name]
        assert (ours["login"], ours["count"]) == (scene["headers"][name][0], len(recipients))
        assert ours["recipients"] == recipients[:16]
    asked = [row[2] for row in scene["headers"].values() if len(row) > 2]
    assert len(asked) > 5 and all(asked)
    users = [(row["user"], row["uid"]) for row in found.values() if row["uid"] >= 0]
    assert users == [("www-data", mta_backlog.WEB_UID)] * (MANY + 2)
    assert [row["done"] for row in found.values() if row["sender"] == "a@example.com"] == [2]


def test_exims_commands_touch_its_messages_alone(scenes):
    scene = scenes["exim_faulty"]

    def mine_of(name):
        wanted = (WHOSE[name], "x", "y") if name == "queue.user" else (WHOSE[name],)
        mine = {key for key, row in scene["headers"].items() if row[1] in wanted}
        assert len(mine) == (MANY + 2 if name == "queue.user" else MANY)
        return mine
    held(scene["commands"], scene["before"], mine_of, lambda what, row: [what != "release", row[1]])
