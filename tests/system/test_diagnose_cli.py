"""offlist diagnose and offlist log as a person runs them: exit statuses, JSON, bad input, windows, hostile octets."""
import bz2
import datetime
import gzip
import json
import lzma
import os
import pathlib
import re
import signal
import shutil
import subprocess
import time

import pytest

from conftest import HANGS_S

BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
UTC = datetime.timezone.utc
DAY = datetime.datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def offlist(tmp_path):
    """Run the program with a state and settings of its own. @return CompletedProcess (octets)"""
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")

    def run(*arguments, status=None, stdin=b"", env=None):
        argv = [str(BINARY), "--state", str(tmp_path / "state"), *map(str, arguments)]
        done = subprocess.run(argv, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=HANGS_S,
                              env={**os.environ, "LC_ALL": "C", **(env or {})}, cwd=tmp_path)
        if status is not None:
            assert done.returncode == status, (argv, done.returncode, done.stderr[-2000:], done.stdout[-2000:])
        return done

    return run


class Log:
    """Lines of a Postfix log, in the order of their times."""

    def __init__(self, iso=True, host="mail"):
        self.lines, self.ids, self.iso, self.host = [], 0, iso, host

    def add(self, at, program, text):
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00") if self.iso else at.strftime("%b %e %H:%M:%S")
        text = text if isinstance(text, bytes) else text.encode()
        self.lines.append((at, f"{stamp} {self.host} {program}[77]: ".encode() + text))

    def message(self, at, sender, recipients, origin, outcome="sent", size=2000):
        """One message; outcome: sent, or a function of the recipient's number that gives status, dsn and reply"""
        self.ids += 1
        ident, step = f"{0x4F00000 + self.ids:08X}", datetime.timedelta(milliseconds=100)
        self.add(at, "postfix/submission/smtpd", f"{ident}: {origin}")
        self.add(at + step, "postfix/cleanup", f"{ident}: message-id=<{ident}@example.com>")
        self.add(at + 2 * step, "postfix/qmgr",
                 f"{ident}: from=<{sender}>, size={size}, nrcpt={len(recipients)} (queue active)")
        for number, recipient in enumerate(recipients):
            status, dsn, reply = outcome(number) if callable(outcome) else ("sent", "2.0.0", "250 2.0.0 Ok")
            self.add(at + 3 * step, "postfix/smtp",
                     f"{ident}: to=<{recipient}>, relay=mx.example.net[192.0.2.25]:25, delay=0.4, "
                     f"delays=0/0/0.1/0.2, dsn={dsn}, status={status} ({reply})")
        self.add(at + 4 * step, "postfix/qmgr", f"{ident}: removed")
        return ident

    def octets(self):
        return b"".join(line + b"\n" for _, line in sorted(self.lines, key=lambda pair: pair[0]))

    def write(self, path):
        path.write_bytes(self.octets())
        return path


def login(name, client="198.51.100.7"):
    return f"client=home.example.org[{client}], sasl_method=PLAIN, sasl_username={name}"


def usual(log, days=4):
    """alice and bob write a few mails a day from home"""
    for day in range(days):
        for hour in (8, 10, 13, 16):
            at = DAY + datetime.timedelta(days=day - days, hours=hour)
            log.message(at, "alice@example.com", [f"friend{hour}@example.net"], login("alice@example.com"))
            log.message(at + datetime.timedelta(minutes=7), "bob@example.com", ["customer@example.org"],
                        login("bob@example.com", "198.51.100.9"))
    return log


def stolen(log, messages=60, each=10):
    """alice's password in the hands of strangers: an hour at night, many networks, dirty addresses"""
    def outcome(number):
        if number % 3 == 0:
            return "bounced", "5.1.1", "host mx.example.net[192.0.2.25] said: 550 5.1.1 User unknown"
        return "sent", "2.0.0", "250 2.0.0 Ok"

    for i in range(messages):
        at = DAY + datetime.timedelta(hours=2, seconds=40 * i)
        to = [f"victim{i}x{n}@example.net" for n in range(each)]
        log.message(at, f"offer{i % 7}@shop.example", to, login("alice@example.com", f"203.0.{113 - i % 20}.{i + 1}"),
                    outcome)
    return log


def diagnose(offlist, *arguments, status=None, **more):
    return json.loads(offlist("diagnose", "--json", *arguments, status=status, **more).stdout)


# ---- what is found ----

def test_a_clean_log_names_nothing(offlist, tmp_path):
    found = diagnose(offlist, "--log", usual(Log()).write(tmp_path / "mail.log"), status=0)
    assert found["schema"] == "offlist.diagnose/1"
    assert found["causes"] == [] and found["private_blocks"] == [] and found["findings"] == []
    assert {what: n for what, n in found["mail"].items() if n} == {"messages": 32, "recipients": 32, "delivered": 32}
    assert found["window"] == {"from": "2026-11-19T08:00:00Z", "to": "2026-11-22T16:07:00Z"}
    coverage = found["coverage"]
    assert coverage["gaps"] == [] and coverage["suppressed"] == 0 and coverage["unparsed_share"] == 0
    assert len(coverage["files"]) == 1 and coverage["files"][0].endswith("mail.log")


def test_a_stolen_account_is_named_with_its_proof(offlist, tmp_path):
    log = stolen(usual(Log())).write(tmp_path / "mail.log")
    found = diagnose(offlist, "--log", log, "--explain", "compromised_account", status=1)
    cause = found["causes"][0]
    assert (cause["kind"], cause["subject"]) == ("compromised_account", "alice@example.com")
    assert cause["confidence"] >= 0.8 and cause["running"] is True
    assert cause["recipients"] >= 600 and cause["rejected"] >= 200
    assert cause["first_at"] <= "2026-11-23T02:00:01Z" and cause["last_at"] >= "2026-11-23T02:39:00Z"
    assert cause["fix"] and all(isinstance(text, str) for text in cause["fix"] + cause["against"])
    lines = log.read_bytes().splitlines()
    for proof in cause["evidence"]:
        name, _, number = proof["source"].rpartition(":")
        assert name.endswith("mail.log") and proof["at"].endswith("Z")
        assert lines[int(number) - 1].decode().startswith(proof["line"])
    assert {"name", "text", "value", "weight"} <= set(cause["signals"][0])
    text = offlist("diagnose", "--log", log, status=1).stdout.decode()
    assert text.startswith("alice@example.com's password")
    assert "sasl_username=alice@example.com" in text or "mail.log:" in text


def test_the_window_leaves_out_what_is_before_and_after(offlist, tmp_path):
    log = stolen(usual(Log())).write(tmp_path / "mail.log")
    found = diagnose(offlist, "--log", log, "--until", "2026-11-22", status=0)
    assert found["window"]["to"] < "2026-11-23T00:00:00Z"
    found = diagnose(offlist, "--log", log, "--since", "2026-11-23T02:00:00Z", "--until", "2026-11-23 03:00",
                     "--tz", "UTC")
    assert found["window"]["from"] >= "2026-11-23T02:00:00Z"


@pytest.mark.parametrize("zone, first", [("UTC", "2026-11-19T08:00:00Z"), ("+02:00", "2026-11-19T06:00:00Z"),
                                         ("America/New_York", "2026-11-19T13:00:00Z")])
def test_stamps_without_year_and_zone(offlist, tmp_path, zone, first):
    path = usual(Log(iso=False)).write(tmp_path / "mail.log")
    written = datetime.datetime(2026, 11, 24, tzinfo=UTC).timestamp()
    os.utime(path, (written, written))
    assert diagnose(offlist, "--log", path, "--tz", zone, status=0)["window"]["from"] == first


# ---- where lines come from ----

@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_logs_are_told_by_content(offlist, tmp_path, pack):
    path = tmp_path / "odd.name"
    path.write_bytes(pack(stolen(usual(Log())).octets()))
    assert diagnose(offlist, "--log", path, status=1)["causes"][0]["subject"] == "alice@example.com"


def test_standard_input_folder_and_glob_say_the_same(offlist, tmp_path):
    octets = stolen(usual(Log())).octets()
    lines = octets.splitlines(keepends=True)
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "mail.log.1").write_bytes(b"".join(lines[:100]))
    (folder / "mail.log").write_bytes(b"".join(lines[100:]))
    expected = diagnose(offlist, "--log", "-", stdin=octets, status=1)
    for place in (folder, folder / "mail.log*"):
        found = diagnose(offlist, "--log", place, status=1)
        assert found["mail"] == expected["mail"] and found["causes"][0]["subject"] == "alice@example.com"
        assert len(found["coverage"]["files"]) == 2
    found = diagnose(offlist, "--log", folder / "mail.log", "--log", folder / "mail.log.1", status=1)
    assert found["mail"] == expected["mail"]


def test_a_truncated_archive_is_a_hole(offlist, tmp_path):
    path = tmp_path / "mail.log.1.gz"
    path.write_bytes(gzip.compress(usual(Log()).octets())[:-700])
    found = diagnose(offlist, "--log", path, status=2)
    assert found["coverage"]["gaps"] and found["unsure"]


# ---- what cannot be told ----

@pytest.mark.parametrize("octets", [b"", b"\n\n", b"Nov 23 10:00:00 mail kernel: nothing of mail\n" * 50,
                                    bytes(range(256)) * 40])
def test_a_log_without_mail_is_not_nothing_wrong(offlist, tmp_path, octets):
    path = tmp_path / "mail.log"
    path.write_bytes(octets)
    found = diagnose(offlist, "--log", path, status=2)
    assert found["unsure"] and found["causes"] == []
    assert b"cannot rule one out" in offlist("diagnose", "--log", path, status=2).stdout


def test_lines_not_understood_are_shown_by_shape(offlist, tmp_path):
    log = usual(Log())
    for i in range(200):
        log.add(DAY + datetime.timedelta(seconds=i), "postfix/smtp", f"a line number {i} that no Postfix ever wrote")
    path = log.write(tmp_path / "mail.log")
    found = diagnose(offlist, "--log", path, "--unparsed")
    assert found["coverage"]["unparsed_share"] > 0.3
    shape = found["unparsed"][0]
    assert shape["count"] == 200 and "no Postfix ever wrote" in shape["example"]
    assert found["unsure"]
    text = offlist("diagnose", "--log", path, "--unparsed").stdout
    assert b"200 times" in text


# ---- what is given wrongly ----

@pytest.mark.parametrize("arguments, status", [
    (["--log", "/nonexistent/mail.log"], 74),
    (["--log", "/nonexistent/*.log"], 74),
    (["--log", "LOG", "--since", "soon"], 64),
    (["--log", "LOG", "--since", "2026-11-24", "--until", "2026-11-20"], 64),
    (["--log", "LOG", "--tz", "Mars/Olympus"], 64),
    (["--log", "LOG", "--listed-at", "2026-11-23 10:00"], 64),
    (["--log", "LOG", "--mynetworks", "10.0.0.1/8"], 64),
    (["--log", "LOG", "--mynetworks", "10.0.0.0/8,none"], 64),
    (["--log", "LOG", "--top", "0"], 64),
    (["--log", "LOG", "--explain", "weather"], 64),
    (["--log", "LOG", "--check", "/nonexistent"], 74),
    (["--log", "LOG", "--check", "LOG"], 64),
    (["/nonexistent/mail.log"], 74),
    (["--log", "LOG", "--frobnicate"], 64),
])
def test_bad_input_is_one_clear_line(offlist, tmp_path, arguments, status):
    path = usual(Log()).write(tmp_path / "mail.log")
    done = offlist("diagnose", *[str(path) if word == "LOG" else word for word in arguments], status=status)
    lines = done.stderr.decode().splitlines()
    assert done.stdout == b"" and len(lines) == 1 and lines[0].startswith("offlist: ")


def test_a_file_that_may_not_be_read(offlist, tmp_path):
    path = usual(Log()).write(tmp_path / "mail.log")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root may read everything")
    offlist("diagnose", "--log", path, status=77)


def test_a_log_that_is_not_read_yet_is_named(offlist, tmp_path):
    exchange = tmp_path / "tracking.log"
    exchange.write_text("#Software: Microsoft Exchange Server\n" + "2026-11-23T00:00:00.000Z,192.0.2.1,x\n" * 9)
    done = offlist("diagnose", "--log", exchange, status=2)
    assert "this is a log of Microsoft Exchange, which is not read yet" in " ".join(done.stdout.decode().split())
    for others, named in ((), "Microsoft Exchange"), ((usual(Log()).write(tmp_path / "mail.log"),), None):
        done = offlist("diagnose", "--json", "--log", exchange, *(part for path in others for part in ("--log", path)))
        assert json.loads(done.stdout)["coverage"]["not_read_yet"] == named


# ---- hostile octets ----

def test_octets_of_the_log_only_show(offlist, tmp_path):
    log = stolen(usual(Log()))
    evil = b"\x1b]0;owned\x07\x1b[2J\xff\xfe\xe2\x80\xae"
    for i in range(40):
        log.add(DAY + datetime.timedelta(hours=3, seconds=i), "postfix/smtp",
                b"4FEE%05d: to=<x%d@example.net>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0/1, "
                b"dsn=5.7.1, status=bounced (host mx.example.net[192.0.2.25] said: 550 5.7.1 [192.0.2.10] your "
                b"address is blocked " % (i, i) + evil + b")")
    path = log.write(tmp_path / "mail.log")
    for arguments in (["diagnose"], ["log", "stats"], ["log", "grep", "is blocked"], ["diagnose", "--explain", "all"]):
        text = offlist(*arguments, "--log", path).stdout
        assert not set(text) & (set(range(0x20)) - {0x0a}), arguments
        assert b"\xff" not in text and b"\xe2\x80\xae" not in text
    out = offlist("diagnose", "--json", "--log", path).stdout
    assert "�" in out.decode()


def test_a_line_of_a_megabyte(offlist, tmp_path):
    log = usual(Log())
    log.add(DAY, "postfix/smtp", b"A" * (3 << 20))
    found = diagnose(offlist, "--log", log.write(tmp_path / "mail.log"))
    assert found["mail"]["messages"] == 32


# ---- a check beside it ----

def listing(code="127.0.0.10", of="policy", suggests=(), neighbour=False):
    return json.dumps({
        "schema": "offlist.check/1", "target": "192.0.2.10", "kind": "ip4", "checked_at": "2026-11-23T12:00:00Z",
        "verdict": "listed", "lists": [{
            "zone": "zen.spamhaus.org", "name": "Spamhaus ZEN", "class": "block", "status": "listed", "impact": "high",
            "reasons": [{"code": code, "class": of, "list": "PBL", "meaning": "policy", "impact": "high",
                         "scope": {"kind": "address", "value": "192.0.2.10", "neighbour": neighbour},
                         "suggests": list(suggests)}]}]}).encode()


def test_policy_listings_alone(offlist, tmp_path):
    path = usual(Log()).write(tmp_path / "mail.log")
    found = diagnose(offlist, "--log", path, "--check", "-", stdin=listing(), status=1)
    assert [cause["kind"] for cause in found["causes"]] == ["policy_listing"]
    assert found["listings"][0]["zone"] == "zen.spamhaus.org"


def test_a_listing_that_the_log_does_not_reach(offlist, tmp_path):
    path = usual(Log()).write(tmp_path / "mail.log")
    found = diagnose(offlist, "--log", path, "--listed-at", "2026-10-01T00:00:00Z", status=2)
    assert found["unsure"] and found["listed_at"] == "2026-10-01T00:00:00Z"


# ---- offlist log ----

def test_totals(offlist, tmp_path):
    log = stolen(usual(Log()))
    log.add(DAY, "postfix/smtpd", "NOQUEUE: reject: RCPT from unknown[203.0.113.99]: 554 5.7.1 <x@example.org>: "
            "Relay access denied; from=<a@b.example> to=<x@example.org> proto=ESMTP helo=<x>")
    log.add(DAY, "postfix/smtpd", "NOQUEUE: reject_warning: RCPT from unknown[203.0.113.98]: 450 4.7.25 Client host "
            "rejected: cannot find your hostname, [203.0.113.98]; from=<a@b.example> to=<alice@example.com> "
            "proto=ESMTP helo=<x>")
    found = json.loads(offlist("log", "stats", "--json", "--tz", "UTC", "--log", log.write(tmp_path / "mail.log"),
                               status=0).stdout)
    assert found["schema"] == "offlist.log.stats/1"
    total = found["totals"]
    assert total["received"] == 92 and total["delivered"] == 32 + 360 and total["bounced"] == 240
    assert total["rejected"] == 1 and total["reject_warnings"] == 1
    assert "cannot find your hostname" in found["tables"]["reject_warnings"]["rows"][0]["name"]
    assert total["octets_received"] == 92 * 2000
    tables = found["tables"]
    assert {row["name"]: row["received"] for row in tables["days"]["rows"]} == {
        **{f"2026-11-{day}": 8 for day in range(19, 23)}, "2026-11-23": 60}
    assert [row["name"] for row in tables["hours_of_day"]["rows"]] == ["00", "02", "08", "10", "13", "16"]
    origin = tables["origins"]["rows"][0]
    assert (origin["name"], origin["count"], origin["recipients"]) == ("login alice@example.com", 76, 616)
    assert tables["senders"]["exact"] is True and tables["senders"]["names"] == 9
    senders = json.loads(offlist("log", "senders", "--json", "--log", tmp_path / "mail.log", status=0).stdout)
    assert senders["origins"]["rows"] == tables["origins"]["rows"]


def hop_log():
    """A message through a content filter, and another that reuses the first one's short id"""
    log = Log()
    second = datetime.timedelta(seconds=1)
    at = DAY
    log.add(at, "postfix/smtpd", "4AAAA1: client=client.example.net[203.0.113.5]")
    log.add(at, "postfix/qmgr", "4AAAA1: from=<bob@example.net>, size=1200, nrcpt=1 (queue active)")
    log.add(at + second, "postfix/smtpd", "4BBBB2: client=localhost[127.0.0.1]")
    log.add(at + second, "postfix/cleanup", "4BBBB2: message-id=<one@example.net>")
    log.add(at + second, "postfix/qmgr", "4BBBB2: from=<bob@example.net>, size=1400, nrcpt=1 (queue active)")
    log.add(at + second, "postfix/smtp", "4AAAA1: to=<alice@example.com>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
            "delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4BBBB2)")
    log.add(at + 2 * second, "postfix/qmgr", "4AAAA1: removed")
    log.add(at + 3 * second, "postfix/smtp", "4BBBB2: to=<alice@example.com>, relay=mx.example.com[192.0.2.9]:25, "
            "delay=2, delays=0/0/1/1, dsn=2.0.0, status=sent (250 2.0.0 OK)")
    log.add(at + 3 * second, "postfix/qmgr", "4BBBB2: removed")
    later = at + datetime.timedelta(hours=5)
    log.add(later, "postfix/smtpd", "4AAAA1: client=other.example.org[198.51.100.3]")
    log.add(later, "postfix/qmgr", "4AAAA1: from=<other@example.org>, size=900, nrcpt=1 (queue active)")
    log.add(later + second, "postfix/smtp", "4AAAA1: to=<zoe@example.net>, "
            "relay=mx.example.net[192.0.2.25]:25, delay=1, "
            "delays=0/0/0/1, dsn=2.0.0, status=sent (250 OK)")
    log.add(later + 2 * second, "postfix/qmgr", "4AAAA1: removed")
    return log


@pytest.mark.parametrize("wanted", ["4BBBB2", "one@example.net", "<one@example.net>", "ALICE@example.com"])
def test_trace_follows_a_message_through_its_filter(offlist, tmp_path, wanted):
    path = hop_log().write(tmp_path / "mail.log")
    for arguments, stdin in ((["--log", path], b""), (["--log", "-"], path.read_bytes())):
        rows = [json.loads(line) for line in
                offlist("log", "trace", "--json", *arguments, wanted, stdin=stdin, status=0).stdout.splitlines()]
        assert len(rows) == 1 and rows[0]["ids"] == ["4AAAA1", "4BBBB2"]
        assert len(rows[0]["lines"]) == 9
        assert [int(line["source"].rpartition(":")[2]) for line in rows[0]["lines"]] == list(range(1, 10))
        assert rows[0]["messages"][-1]["client"] == "203.0.113.5"


def test_trace_keeps_a_reused_id_apart(offlist, tmp_path):
    path = hop_log().write(tmp_path / "mail.log")
    rows = [json.loads(line) for line in
            offlist("log", "trace", "--json", "--log", path, "4AAAA1", status=0).stdout.splitlines()]
    assert [len(row["lines"]) for row in rows] == [9, 4]
    rows = offlist("log", "trace", "--json", "--log", path, "zoe@example.net", status=0).stdout.splitlines()
    assert len(rows) == 1 and json.loads(rows[0])["ids"] == ["4AAAA1"]
    offlist("log", "trace", "--log", path, "nobody@example.org", status=2)


def test_grep_prints_whole_messages(offlist, tmp_path):
    path = hop_log().write(tmp_path / "mail.log")
    text = offlist("log", "grep", "--log", path, r"relay=mx\.example\.com", status=0).stdout
    assert text.count(b"mail.log:") == 9 and b"mail.log:1: " in text
    assert offlist("log", "grep", "-F", "--log", path, "relay=mx.example.com[", status=0).stdout == text
    assert offlist("log", "grep", "-i", "--log", path, "RELAY=MX.EXAMPLE.COM", status=0).stdout == text
    offlist("log", "grep", "--log", path, "RELAY=MX.EXAMPLE.COM", status=2)
    done = offlist("log", "grep", "--log", path, "(", status=64)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["log"], ["log", "weather"], ["log", "trace"], ["log", "grep"],
                                       ["log", "stat"], ["log", "stats", "--top", "0"]])
def test_log_says_what_it_wants(offlist, arguments):
    assert len(offlist(*arguments, status=64).stderr.splitlines()) == 1


def test_the_networks_of_a_stolen_login_are_told(offlist, tmp_path):
    """what a firewall would refuse: the strangers', most messages first, and not the owner's own"""
    log = stolen(usual(Log()), 24)  # 20 networks, four of them twice
    log.write(tmp_path / "mail.log")
    cause, = json.loads(offlist("diagnose", "--json", "mail.log", status=1).stdout)["causes"]
    assert len(cause["networks"]) == 20 and "198.51.100.0/24" not in cause["networks"]
    assert cause["networks"][:4] == [f"203.0.{n}.0/24" for n in (110, 111, 112, 113)]


def test_log_takes_files_as_arguments(offlist, tmp_path):
    log = stolen(usual(Log()))
    log.write(tmp_path / "mail.log")
    for command in (["stats"], ["senders"], ["grep", "alice"], ["trace", "alice@example.com"]):
        assert offlist("log", *command, "mail.log", status=0).stdout == \
            offlist("log", *command, "--log", "mail.log", status=0).stdout
    assert b"did you mean log stats?" in offlist("log", "stat", status=64).stderr


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_log_in_utf16_is_read(offlist, tmp_path, encoding):
    """PowerShell's > writes what ssh brought in UTF-16, with a byte order mark or without"""
    log = stolen(usual(Log()))
    log.write(tmp_path / "mail.log")
    (tmp_path / "wide.log").write_text((tmp_path / "mail.log").read_text(), encoding=encoding)
    said = [json.loads(offlist("diagnose", "--json", "--log", name, status=1).stdout)
            for name in ("mail.log", "wide.log")]
    assert said[0]["mail"] == said[1]["mail"]
    assert [c["subject"] for c in said[0]["causes"]] == [c["subject"] for c in said[1]["causes"]]


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone can become another user")
def test_a_user_who_may_not_read_the_log_is_told_what_helps(tmp_path):
    """files, folders and this server's own log alike: 77 and who may read it"""
    binary = tmp_path / "offlist"
    shutil.copy(BINARY, binary)
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    script = ("mount -t tmpfs none /var/log && mkdir /var/log/exim4 && echo x >/var/log/exim4/mainlog && "
              "chmod 750 /var/log/exim4 && exec setpriv --reuid=65534 --regid=65534 --clear-groups env -u HOME \"$@\"")
    for arguments in (["diagnose"], ["diagnose", "/var/log/exim4"], ["log", "stats", "/var/log/exim4/mainlog"]):
        argv = ["unshare", "-m", "sh", "-c", script, "sh", str(binary), "--state", str(tmp_path), *arguments]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=HANGS_S)
        assert b"try as root, or in the group adm" in done.stderr, (arguments, done)
        assert done.returncode == 77


def test_debug_writes_events_beside_the_output(offlist, tmp_path):
    path = usual(Log()).write(tmp_path / "mail.log")
    plain = offlist("log", "stats", "--json", "--log", path, status=0)
    debug = offlist("log", "stats", "--json", "--debug", "--log", path, status=0)
    assert plain.stderr == b"" and debug.stdout == plain.stdout
    lines = debug.stderr.decode().splitlines()
    assert re.fullmatch(r'at=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z room=cli event=command name="log stats" .+',
                        lines[0]), lines
    assert all(line.startswith("at=") and " room=" in line and " event=" in line for line in lines)


# ---- --follow ----

def wait_for(process, wanted, count, seconds=HANGS_S):
    """Read whole JSON lines until so many causes of that kind were told"""
    found, until = [], time.monotonic() + seconds
    os.set_blocking(process.stdout.fileno(), False)
    rest = b""
    while time.monotonic() < until:
        rest += process.stdout.read() or b""
        *lines, rest = rest.split(b"\n")
        found += [json.loads(line) for line in lines]
        if sum(cause["kind"] == wanted for one in found for cause in one["causes"]) >= count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{wanted} was not told {count} times: {found}")


def first_report(process):
    """What it tells when it has read what was there: it follows from then on."""
    line = process.stdout.readline()
    assert line.endswith(b"\n"), process.communicate(timeout=HANGS_S)
    return line


def test_follow_tells_a_cause_once_across_rotation_and_restart(offlist, tmp_path):
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")
    path = usual(Log()).write(tmp_path / "mail.log")
    argv = [str(BINARY), "--state", str(tmp_path / "state"), "--json", "diagnose", "--follow", "--log", str(path)]

    def start():
        return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def stop(process):
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=HANGS_S)
        return process.returncode, out, err

    process = start()
    try:
        first_report(process)
        path.rename(tmp_path / "mail.log.1")
        stolen(Log()).write(path)
        wait_for(process, "compromised_account", 1)
    finally:
        status, _, err = stop(process)
    assert status == 1 and err == b""
    (tmp_path / "mail.log.1").unlink()
    whole = stolen(usual(Log())).write(path)
    process = start()
    first = first_report(process)
    status, out, _ = stop(process)
    told = [json.loads(line) for line in [first, *out.splitlines()]]
    assert told and told[0]["mail"]["messages"] > 80 and all(one["causes"] == [] for one in told), whole
    assert status == 0


def test_follow_misses_nothing_that_was_rotated_away_while_it_was_down(offlist, tmp_path):
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")
    path = usual(Log()).write(tmp_path / "mail.log")
    argv = [str(BINARY), "--state", str(tmp_path / "state"), "--json", "diagnose", "--follow", "--log", str(path)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first_report(process)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=HANGS_S)
    stolen(usual(Log())).write(path)            # it goes on, is rotated, and the new file has nothing yet
    path.rename(tmp_path / "mail.log.1")
    path.write_text("")
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_for(process, "compromised_account", 1)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=HANGS_S)


@pytest.mark.parametrize("arguments", [["--log", "-"], ["--log", "LOG", "--until", "today"]])
def test_follow_excludes(offlist, tmp_path, arguments):
    path = usual(Log()).write(tmp_path / "mail.log")
    offlist("diagnose", "--follow", *[str(path) if word == "LOG" else word for word in arguments], status=64)
