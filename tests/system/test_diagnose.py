"""Real servers are abused, and `offlist diagnose` names who did it from the log that they wrote themselves."""
import json
import os
import pathlib

import pytest

from conftest import Lab, NOT_PERMITTED

VICTIM = "192.0.2.10"
LISTS = ("zen.spamhaus.org", "bl.spamcop.net", "b.barracudacentral.org")
INCIDENTS = ("account", "script", "php", "open-relay", "infected", "forwarding", "backscatter", "bulk")
QUIET = ("clean", "clean-newsletter", "clean-guessing", "exim-clean-newsletter", "exim-clean-guessing")


@pytest.fixture(scope="module")
def mail(tmp_path_factory):
    """A lab of its own with its mail servers up, and nobody listed whom the stories need."""
    one = Lab(f"m{os.getpid()}", tmp_path_factory.mktemp("mail"))
    run = one.lab("up", "--ttl", "14400", check=False)
    if run.returncode == NOT_PERMITTED:
        pytest.skip(run.stderr.strip())
    assert run.returncode == 0, run.stderr
    one.lab("mail", "up")
    for zone in LISTS:
        one.unlist(VICTIM, zone)
    yield one
    one.lab("down")


def play(mail, name, folder):
    """Play a story on empty logs. @return (what is true of it, a copy of the victim's log)"""
    mail.lab("mail", "reset")
    run = mail.lab("play", name)
    truth = json.loads(run.stdout.splitlines()[-1])
    return truth, copy(mail, truth["host"], truth["log"], folder)


def copy(mail, host, log, folder):
    run = mail.exec(host, "cat", log)
    assert run.returncode == 0 and run.stdout, run.stderr
    path = pathlib.Path(folder) / pathlib.Path(log).name
    path.write_text(run.stdout)
    return path


def diagnose(mail, *arguments, status, host="admin", **more):
    """@return the object that `diagnose --json` prints; on `admin`, a copied log is some other server's"""
    run = mail.offlist("diagnose", "--json", *arguments, host=host, **more)
    assert run.returncode == status, f"exit {run.returncode}\n{run.stderr}\n{run.stdout[-3000:]}"
    return json.loads(run.stdout)


def evidence_stands(cause, log):
    """Each line of proof is in the log where it is said to be."""
    lines = log.read_text().splitlines()
    assert cause["evidence"]
    for proof in cause["evidence"]:
        name, _, number = proof["source"].rpartition(":")
        assert pathlib.Path(name).name == log.name
        assert lines[int(number) - 1] == proof["line"]


def told(found):
    return [(cause["kind"], cause["subject"], cause["confidence"]) for cause in found["causes"]]


@pytest.mark.parametrize("name", [*INCIDENTS, *(f"exim-{one}" for one in INCIDENTS)])
def test_incident(mail, tmp_path, name):
    truth, log = play(mail, name, tmp_path)
    more = [copy(mail, truth["host"], other, tmp_path) for other in truth.get("logs", ())]
    found = diagnose(mail, "--log", log, *(word for other in more for word in ("--log", other)), status=1)
    assert found["causes"], "no cause is named"
    cause = found["causes"][0]
    assert (cause["kind"], cause["subject"]) == (truth["kind"], truth["subject"]), told(found)
    assert cause["confidence"] >= 0.5, told(found)
    assert truth["messages"] > 100
    for what in ("messages", "recipients"):     # what the same identity sent before the incident may be counted or not
        assert truth[what] <= cause[what] <= truth[what] + truth["before"][what], (what, truth, cause[what])
    evidence_stands(cause, log)
    assert found["coverage"]["unparsed_share"] == 0


@pytest.mark.parametrize("name", QUIET)
def test_nothing_wrong(mail, tmp_path, name):
    truth, log = play(mail, name, tmp_path)
    found = diagnose(mail, "--log", log, status=0)
    assert found["causes"] == []
    assert found["mail"]["messages"] >= truth["messages"] + 10
    assert found["coverage"]["unparsed_share"] == 0


def test_own_log_and_lists(mail, tmp_path):
    """The victim itself, told nothing: it finds its own log. Then the lists react, and the cause stays the same."""
    truth, _ = play(mail, "account", tmp_path)
    found = diagnose(mail, status=1, host="victim")
    assert told(found)[0][:2] == (truth["kind"], truth["subject"])
    assert any(block["receiver"].startswith("Microsoft") for block in found["private_blocks"])
    for zone in LISTS:
        mail.list(VICTIM, zone, "127.0.0.4" if zone.startswith("zen") else "127.0.0.2")
    try:
        mail.lab("play", "after")
        check = mail.offlist("check", "--json", VICTIM)
        assert check.returncode == 1
        (tmp_path / "check.json").write_text(check.stdout)
        log = copy(mail, truth["host"], truth["log"], tmp_path)
        assert "blocked using zen.spamhaus.org" in log.read_text()
        found = diagnose(mail, "--log", log, "--check", tmp_path / "check.json", status=1)
        assert told(found)[0][:2] == (truth["kind"], truth["subject"])
    finally:
        for zone in LISTS:
            mail.unlist(VICTIM, zone)


def test_machine_sees_nothing(mail):
    """Users, sockets, files and servers of the mail hosts stay in them."""
    before = set(os.listdir("/dev"))
    assert "/dev/log" in mail.exec("victim", "ls", "/dev/log").stdout
    assert "Postfix" in mail.exec("victim", "grep", "-rm1", "Postfix", "/etc/postfix/main.cf").stdout
    assert "log" not in before or not os.path.realpath("/dev/log").startswith(str(mail.state))
    users = pathlib.Path("/etc/passwd").read_text()
    assert ":/var/home/" not in users
    assert ":/var/home/alice:" in mail.exec("victim", "cat", "/etc/passwd").stdout
    assert not pathlib.Path("/var/home/alice").exists()
    lab_again = mail.lab("mail", "up")
    assert "already" in lab_again.stderr
