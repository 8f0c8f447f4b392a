"""offlist explain on replies and bounces, and records of one's own, as a person runs them."""
import json
import os
import pathlib
import subprocess

import pytest

from conftest import HANGS_S

BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
OWN = """receiver: {id: own, name: "Example Post", mx: ["mx*.example.net"]}
replies:
- id: blocked
  patterns: ['address {ip} is on our list']
  samples: ["554 5.7.1 Your address 192.0.2.10 is on our list"]
  means: listed_private
  meaning: "The list of Example Post has the address."
  removal: "https://post.example.net/remove?ip={ip}"
  sources: [{name: "their postmaster"}]
"""
BOUNCE = """Return-Path: <>
From: MAILER-DAEMON@mail.example.com
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com

Final-Recipient: rfc822; one@example.net
Action: failed
Status: 5.7.1
Remote-MTA: dns; mx1.example.net
Diagnostic-Code: smtp; 554 5.7.1 Your address 192.0.2.10 is on our list

Final-Recipient: rfc822; two@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 5.1.1 <two@example.org>: User unknown

--b--
"""


@pytest.fixture
def offlist(tmp_path):
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")
    (tmp_path / "receivers.d").mkdir()
    (tmp_path / "receivers.d" / "own.yaml").write_text(OWN)
    (tmp_path / "offlist.yaml").write_text(f"receivers_dir: {tmp_path}/receivers.d\n")

    def run(*arguments, status=0, stdin=b""):
        argv = [str(BINARY), "--config", str(tmp_path / "offlist.yaml"), "--state", str(tmp_path / "state"),
                *map(str, arguments)]
        done = subprocess.run(argv, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=HANGS_S,
                              cwd=tmp_path)
        assert done.returncode == status, (argv, done.returncode, done.stderr[-1000:], done.stdout[-1000:])
        return done

    return run


def objects(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_reply_is_explained(offlist):
    reply, = objects(offlist("--json", "explain", "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. "
                             "Please contact your Internet service provider since part of their network is on our "
                             "block list (S3140)."))
    assert (reply["kind"], reply["record"], reply["means"]) == ("reply", "microsoft.outlook_s3140", "listed_private")
    assert (reply["address"], reply["temporary"]) == ("192.0.2.10", False)
    assert reply["removal_url"].startswith("http")


def test_a_public_list_comes_with_its_list(offlist):
    reply, zone = objects(offlist("--json", "explain", "554 5.7.1 Service unavailable; Client host [192.0.2.10] "
                                  "blocked using zen.spamhaus.org"))
    assert (reply["kind"], reply["means"], reply["zone"]) == ("reply", "listed_public", "zen.spamhaus.org")
    assert (zone["kind"], zone["zone"]) == ("zone", "zen.spamhaus.org")


def test_lists_and_codes_stay_what_they_were(offlist):
    answer, = objects(offlist("--json", "explain", "zen.spamhaus.org", "127.0.0.4"))
    assert answer["kind"] == "answer"


@pytest.mark.parametrize("how", ["word", "file", "stdin", "mbox", "crlf"])
def test_a_bounce_is_explained(offlist, tmp_path, how):
    text = BOUNCE.replace("\n", "\r\n") if how == "crlf" else BOUNCE
    if how == "mbox":
        text = f"From MAILER-DAEMON Fri Feb 13 02:45:46 2026\n{BOUNCE}\nFrom a@example.com Fri\nSubject: hello\n\nno\n"
    path = tmp_path / "bounce.eml"
    path.write_bytes(text.encode())
    arguments = {"word": [path], "stdin": ["-"]}.get(how, ["--file", path])
    one, two = objects(offlist("--json", "explain", *arguments, stdin=text.encode()))
    assert (one["recipient"], one["record"], one["receiver"]) == ("one@example.net", "own.blocked", "Example Post")
    assert one["removal_url"] == "https://post.example.net/remove?ip=192.0.2.10"
    assert (two["recipient"], two["means"], two["receiver"]) == ("two@example.org", "unknown_user", "example.org")


def test_a_message_that_is_no_bounce_is_told(offlist, tmp_path):
    path = tmp_path / "letter"
    path.write_text("From: a@example.com\nTo: b@example.com\nSubject: hello\n\nhello\n")
    assert b"no bounce" in offlist("explain", path, status=64).stderr


def test_files_of_receivers_are_checked(offlist, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(OWN.replace("listed_private", "nonsense").replace("is on our list']", "(']"))
    assert offlist("lists", "lint", tmp_path / "receivers.d" / "own.yaml").stdout == b""
    faults = offlist("lists", "lint", bad, status=1).stdout.decode()
    assert f"{bad}:4:14: patterns" in faults and f"{bad}:6:10: means" in faults


def test_a_fault_in_ones_own_records_stops(offlist, tmp_path):
    (tmp_path / "receivers.d" / "bad.yaml").write_text("receiver: {id: x, name: x}\nreplies: [{id: 1, what: 2}]\n")
    assert b"bad.yaml:2:" in offlist("explain", "550 5.7.1 blocked here", status=78).stderr


def test_a_mended_text_keeps_what_stands_around(offlist, tmp_path):
    path = tmp_path / "main.cf"
    path.write_text("postscreen_dnsbl_sites =\n\tpsbl.surriel.com*2\n\tdnsbl.sorbs.net\n"
                    "smtpd_recipient_restrictions = permit_mynetworks,\n\treject_rbl_client dnsbl.sorbs.net,\n"
                    "\treject_unauth_destination\n")
    _, text = offlist("explain", "-f", path, status=1).stdout.decode().split("Write instead:\n\n")
    assert text == ("postscreen_dnsbl_sites =\n\tpsbl.surriel.com*2\n"
                    "smtpd_recipient_restrictions = permit_mynetworks,\n\treject_unauth_destination\n")


def test_what_is_to_be_changed_by_hand_comes_with_its_place(offlist, tmp_path):
    path = tmp_path / "exim.conf"
    path.write_text("begin acl\n  deny message = listed\n    dnslists = dnsbl.sorbs.net\n  accept\n")
    text = offlist("explain", "-f", path, status=1).stdout.decode()
    assert f"remove it: dnsbl.sorbs.net ({path}:3)" in text and "Write instead" not in text
    item, = objects(offlist("--json", "explain", "-f", path, status=1))
    assert (item["line"], item["remove"], item["instead"]) == (3, True, None)
