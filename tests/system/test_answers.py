"""Whole answers as a person reads them, each word of them: what stands in answers/ is what the program prints."""
import datetime
import fcntl
import os
import pathlib
import pty
import struct
import subprocess
import termios

import pytest

from conftest import HANGS_S, LAB
from test_diagnose_cli import BINARY, DAY, Log, login, offlist, stolen, usual  # noqa: F401

ANSWERS = pathlib.Path(__file__).parent / "answers"
THREE = [word for zone in ("zen.spamhaus.org", "bl.spamcop.net", "b.barracudacentral.org") for word in ("--list", zone)]


def answer(name):
    return (ANSWERS / f"{name}.txt").read_text()


def ended(log):
    """a day later bob still writes, and alice's password is quiet"""
    log.message(DAY + datetime.timedelta(hours=24), "bob@example.com", ["customer@example.org"],
                login("bob@example.com", "198.51.100.9"))
    return log


def without_arrivals(log):
    """what grep makes of a log that somebody found too long"""
    log.lines = [(at, line) for at, line in log.lines if b"smtpd" not in line]
    return log


@pytest.mark.parametrize("name, log, status", [
    ("stolen_account", stolen(usual(Log()), 12, 20), 1),
    ("stolen_account_ended", ended(stolen(usual(Log()), 12, 20)), 1),
    ("nothing_found", usual(Log()), 0),
    ("log_incomplete", without_arrivals(usual(Log())), 2),
])
def test_a_diagnosis(offlist, tmp_path, name, log, status):  # noqa: F811
    log.write(tmp_path / "mail.log")
    assert offlist("diagnose", "--log", "mail.log", status=status).stdout.decode() == answer(name)


def test_a_server_that_is_listed(fresh):
    for zone, code in (("zen.spamhaus.org", "127.0.0.4"), ("bl.spamcop.net", "127.0.0.2"),
                       ("b.barracudacentral.org", "127.0.0.2")):
        fresh.unlist("192.0.2.10", zone, flush=False)
        fresh.list("192.0.2.10", zone, code)
    run = fresh.offlist("check", *THREE, "192.0.2.10")
    assert (run.returncode, run.stderr) == (1, "")
    assert run.stdout == answer("listed")


def test_a_resolver_at_fault(fresh):
    run = fresh.offlist("check", "--resolver", "system", *THREE, "192.0.2.10", resolver="nothing")
    assert (run.returncode, run.stderr) == (2, "")
    assert run.stdout == answer("resolver_at_fault")


def test_quiet_prints_the_listed_alone(fresh):
    fresh.list("192.0.2.10", "zen.spamhaus.org", "127.0.0.4")
    run = fresh.offlist("check", "-q", "--list", "zen.spamhaus.org", "192.0.2.10", "198.51.100.10")
    assert run.returncode == 1 and run.stdout.startswith("192.0.2.10: LISTED on 1 list\n")
    assert "198.51.100.10" not in run.stdout and "blocklist" not in run.stdout.partition("Removal")[0]


def test_a_list_that_the_resolver_hides_is_one(fresh):
    """the sentence, the rows and the counts of one run say one thing"""
    run = fresh.offlist("check", "--resolver", "system", "--format", "nagios", "--list", "zen.spamhaus.org",
                        "192.0.2.10", resolver="nothing")
    assert run.returncode == 3 and "192.0.2.10 unknown: the list gave no usable answer |" in run.stdout
    assert " no_answer=1;" in run.stdout


def test_problems_stand_first(offlist, tmp_path):  # noqa: F811
    stolen(usual(Log())).write(tmp_path / "mail.log")
    text = offlist("log", "stats", "--log", "mail.log", status=0).stdout.decode()
    assert 0 < text.index("Why bounced or given up") < text.index("By day") < text.index("Senders by messages")


def test_nothing_of_the_time_asked_for(offlist, tmp_path):  # noqa: F811
    usual(Log()).write(tmp_path / "mail.log")
    text = offlist("diagnose", "--log", "mail.log", "--since", "2027-01-01", status=2).stdout.decode()
    assert "nothing was read" in text


@pytest.mark.parametrize("words", ["check", "diagnose", "explain", "lists", "lists lint", "lists suggest",
                                   "lists test", "log", "log stats", "log senders", "log trace", "log grep",
                                   "completion", "help"])
def test_help_fits_the_terminal(offlist, words):  # noqa: F811
    text = offlist("help", *words.split(), status=0).stdout.decode()
    assert max(len(line) for line in text.splitlines()) <= 80


def on_terminal(argv, columns, cwd):
    """@return what a terminal of so many columns gets"""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    run = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL, cwd=cwd,
                           env={**os.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"})
    os.close(slave)
    text = b""
    try:
        while more := os.read(master, 65536):
            text += more
    except OSError:                         # EIO: the program has ended
        pass
    os.close(master)
    run.wait(HANGS_S)
    return text.decode().replace("\r", "")


def test_tables_fit_the_terminal_and_names_are_whole_in_pipes(offlist, tmp_path):  # noqa: F811
    long = "a.very.long.name.of.a.person.whom.nobody.knows@department.of.something.example.net"
    log = usual(Log())
    log.message(DAY, "bob@example.com", [long], login("bob@example.com"))
    log.write(tmp_path / "mail.log")
    assert long in offlist("log", "stats", "--log", "mail.log", status=0).stdout.decode()
    text = on_terminal([str(BINARY), "--state", "state", "log", "stats", "--log", "mail.log"], 80, tmp_path)
    assert "customer@example.org" in text and max(map(len, text.splitlines())) <= 80


def test_a_verdict_that_scrolled_away_stands_at_the_end(fresh, tmp_path):
    fresh.list("192.0.2.10", "zen.spamhaus.org", "127.0.0.4")
    config = fresh.config(tmp_path)
    argv = [LAB, "--name", fresh.name, "exec", "victim", BINARY, "--config", config, "--state", tmp_path / "state"]
    text = on_terminal([*map(str, argv), "check", "192.0.2.10"], 80, tmp_path)
    lines = text.splitlines()
    assert len(lines) > 24 and lines[-1] == lines[0] + ". Next: offlist diagnose"
