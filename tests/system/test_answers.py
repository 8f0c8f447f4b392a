"""Whole answers as a person reads them, each word of them: what stands in answers/ is what the program prints."""
import datetime
import pathlib

import pytest

from test_diagnose_cli import DAY, Log, login, offlist, stolen, usual  # noqa: F401

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
