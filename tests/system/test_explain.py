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


ARF = """From: <fbl@example.net>
Subject: report
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
Source-IP: 192.0.2.10

--b
Content-Type: message/rfc822

Message-ID: <m1@example.com>
Subject: watches

--b--
"""


def test_bounces_and_complaints_in_one_mbox(offlist, tmp_path):
    path = tmp_path / "mbox"
    letter = "From: a@example.com\nTo: b@example.com\nSubject: lunch\n\nhello\n"
    path.write_text("".join(f"From a@example.com Mon Nov 30 10:00:00 2026\n{one}\n" for one in (BOUNCE, letter, ARF)))
    done = offlist("--json", "explain", path)
    assert [one["kind"] for one in objects(done)] == ["reply", "reply", "complaint"]
    assert b"message 2 of 3 is no bounce and no complaint" in done.stderr


def test_a_bounce_that_speaks_of_a_list_is_no_complaint(offlist, tmp_path):
    """it quotes our message, and the list's name has the word spam in it"""
    path = tmp_path / "bounce"
    reason = "554 5.7.1 Client host [192.0.2.10] blocked using zen.spamhaus.org"
    path.write_text("Return-Path: <>\nFrom: Mail Delivery System <Mailer-Daemon@mail.example.com>\nSubject: Mail "
                    "delivery failed: returning message to sender\n\nA message that you sent could not be delivered to "
                    "one or more of its\nrecipients. The following address(es) failed:\n\n  one@example.net\n    "
                    f"{reason}\n\n"
                    "------ This is a copy of your message, including all the headers. ------\n\nReceived: from pc by "
                    "mail.example.com\nMessage-ID: <m1@example.com>\nSubject: hello\n\nhello\n")
    reply, = objects(offlist("--json", "explain", path))
    assert (reply["kind"], reply["recipient"], reply["zone"]) == ("reply", "one@example.net", "zen.spamhaus.org")


def test_a_failed_authentication_is_no_complaint(offlist, tmp_path):
    path = tmp_path / "report"
    path.write_text(ARF.replace("abuse", "auth-failure"))
    text = offlist("explain", path).stdout.decode()
    assert "failed authentication; it may be anybody's" in text and "sent from: 192.0.2.10" in text
    assert "complaint" not in text and "your address" not in text


def test_queue_listings_for_programs(offlist):
    """postqueue -j, laid out by jq as well; smtpctl show queue: each reply with its recipient"""
    reason = "host mx1.example.net[203.0.113.5] said: 554 5.7.1 Your address 192.0.2.10 is on our list"
    queue = [{"queue_id": "4F1A", "recipients": [{"address": "one@example.net", "delay_reason": reason}]},
             {"queue_id": "4F1B", "recipients": [{"address": "two@example.net"}]}]
    for indent in (None, 2):
        listing = "\n".join(json.dumps(one, indent=indent) for one in queue).encode()
        reply, = objects(offlist("--json", "explain", stdin=listing))
        assert (reply["recipient"], reply["record"], reply["reply"]) == ("one@example.net", "own.blocked", reason)
    line = "4f3e8d2a9c1b7e5%d|inet4|mta||a@example.com|%s|%s|1795000000|1795345600|0|3|pending|15|%s\n"
    listing = (line % (1, "one@example.net", "one@example.net", "554 5.7.1 Your address 192.0.2.10 is on our list") +
               line % (2, "two@example.net", "two@example.net", "")).encode()
    reply, = objects(offlist("--json", "explain", stdin=listing))
    assert (reply["recipient"], reply["record"]) == ("one@example.net", "own.blocked")
    done = offlist("explain", stdin=json.dumps(queue[1]).encode(), status=64)
    assert b"no message of this queue listing" in done.stderr


@pytest.mark.parametrize("link", ["https://postmaster.gmx.net/en/case?c=r0301&i=ip&v=192.0.2.10",
                                  "https://postmaster.web.de/en/case?c=r0103&i=ip&v=192.0.2.10"])
def test_the_link_of_the_reply_has_its_own_code(offlist, link):
    reply, = objects(offlist("--json", "explain", f"554 For explanation visit {link}"))
    assert reply["removal_url"] == link
    text = offlist("explain", f"554 For explanation visit {link}").stdout.decode()
    assert text.count("c=r0") == 2  # as the page to go to, and in the reply itself


def test_what_is_nothing_to_explain_is_named(offlist, tmp_path):
    (tmp_path / "letter.log").write_text("x\n" * 40000)
    (tmp_path / "empty").write_text("")
    for arguments, part in ((["letter.log"], b"offlist explain -f letter.log"), ([], b"standard input is empty"),
                            (["-f", "empty"], b"empty is empty"), (["-f", "letter.log"], b"for offlist diagnose")):
        assert part in offlist("explain", *arguments, status=64).stderr


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
    path.write_text("begin acl\n  require message = listed\n    dnslists = dnsbl.sorbs.net\n  accept\n")
    text = offlist("explain", "-f", path, status=1).stdout.decode()
    assert f"remove it: dnsbl.sorbs.net ({path}:3)" in text and "Write instead" not in text
    item, = objects(offlist("--json", "explain", "-f", path, status=1))
    assert (item["line"], item["remove"], item["instead"]) == (3, True, None)


DIG = """; <<>> DiG 9.18.24 <<>> 10.2.0.192.zen.spamhaus.org
;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 51522
;; QUESTION SECTION:
;10.2.0.192.zen.spamhaus.org.\tIN\tA

;; SERVER: 127.0.0.53#53(127.0.0.53) (UDP)
"""
NSLOOKUP = "Server:\t\t127.0.0.53\nAddress:\t127.0.0.53#53\n\n"
LOOKUPS = [
    (DIG, [("zen.spamhaus.org", "not_listed", "192.0.2.10")]),
    (NSLOOKUP + "** server can't find 10.2.0.192.bl.spamcop.net: NXDOMAIN\n",
     [("bl.spamcop.net", "not_listed", "192.0.2.10")]),
    (NSLOOKUP + "Non-authoritative answer:\nName:\t10.2.0.192.bl.spamcop.net\nAddress: 127.0.0.2\n",
     [("bl.spamcop.net", "127.0.0.2", "192.0.2.10")]),
    ("Host 2.0.0.127.zen.spamhaus.org not found: 2(SERVFAIL)\n", [("zen.spamhaus.org", "no_answer", "127.0.0.2")]),
    ("10.2.0.192.zen.spamhaus.org has address 127.0.0.4\n10.2.0.192.zen.spamhaus.org has address 127.0.0.10\n"
     "Host 10.2.0.192.bl.spamcop.net not found: 3(NXDOMAIN)\n",
     [("zen.spamhaus.org", "127.0.0.4", "192.0.2.10"), ("zen.spamhaus.org", "127.0.0.10", "192.0.2.10"),
      ("bl.spamcop.net", "not_listed", "192.0.2.10")]),
    ("; <<>> DiG 9.18.24 <<>> @192.0.2.53 10.2.0.192.bl.spamcop.net\n;; global options: +cmd\n"
     ";; connection timed out; no servers could be reached\n", [("bl.spamcop.net", "no_answer", "192.0.2.10")]),
    ("10.2.0.192.bl.spamcop.net has address 203.0.113.80\n", [("bl.spamcop.net", "no_listing", "192.0.2.10")]),
    ("10.2.0.192.bl.spamcop.net has address 127.0.0.1\n", [("bl.spamcop.net", "no_listing", "192.0.2.10")]),
    ("warning: 10.2.0.192.zen.spamhaus.org: RBL lookup error: Host or domain name not found. Name service error for "
     "name=10.2.0.192.zen.spamhaus.org type=A: Host not found, try again",
     [("zen.spamhaus.org", "no_answer", "192.0.2.10")]),
    ("10.2.0.192.bl.spamcop.net.\t300\tIN\tTXT\t\"Blocked - see https://www.spamcop.net/bl.shtml?192.0.2.10\"\n",
     [("bl.spamcop.net", "text", "192.0.2.10")]),
    ("10.2.0.192.bl.spamcop.net descriptive text \"Blocked - see https://www.spamcop.net/bl.shtml?192.0.2.10\"\n",
     [("bl.spamcop.net", "text", "192.0.2.10")]),
    (NSLOOKUP + "10.2.0.192.bl.spamcop.net\ttext = \"Blocked\"\n", [("bl.spamcop.net", "text", "192.0.2.10")]),
    (NSLOOKUP + "Non-authoritative answer:\n10.2.0.192.bl.spamcop.net\tcanonical name = a.cdn.example.net.\n"
     "Name:\ta.cdn.example.net\nAddress: 127.0.0.2\n", [("bl.spamcop.net", "127.0.0.2", "192.0.2.10")]),
    ("10.2.0.192.bl.spamcop.net. 60 IN CNAME b.cdn.example.net.\nb.cdn.example.net. 60 IN CNAME a.cdn.example.net.\n"
     "a.cdn.example.net. 60 IN A 127.0.0.2\n", [("bl.spamcop.net", "127.0.0.2", "192.0.2.10")]),
    ("10.2.0.192.bl.spamcop.net is an alias for a.cdn.example.net.\na.cdn.example.net has address 127.0.0.2\n",
     [("bl.spamcop.net", "127.0.0.2", "192.0.2.10")]),
    ("Server:  resolver.example.com\nAddress:  192.0.2.53\n\nName:    a.cdn.example.net\nAddress:  127.0.0.2\n"
     "Aliases:  10.2.0.192.bl.spamcop.net\n", [("bl.spamcop.net", "127.0.0.2", "192.0.2.10")]),
    ("10.2.0.192.abcdefghijklm.zen.dq.spamhaus.net has address 127.0.0.2\n",
     [("{key}.zen.dq.spamhaus.net", "127.0.0.2", "192.0.2.10")]),
]


@pytest.mark.parametrize("text,expected", LOOKUPS)
def test_a_look_up_is_what_the_tool_says(offlist, text, expected):
    items = objects(offlist("--json", "explain", "-f", "-", stdin=text.encode()))
    assert [(i["zone"], i.get("outcome") or i["code"], i["asked"]) for i in items] == expected


QUEUE = """-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------
25AAF13B565     1889 Sat Nov 18 22:28:49  a@example.com
(host mx.example.net[192.0.2.134] refused to talk to me: 554 5.7.1 Client host [192.0.2.10] blocked using
bl.spamcop.net (see there))
                                         b@example.net
                                         c@example.net

F024DAA029B*   9611 Tue Apr 21 08:45:13  a@example.com
(host mta5.am0.yahoodns.net[192.0.2.92] said: 421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred)
                                         d@example.org

-- 12 Kbytes in 2 Requests.
"""


def test_each_reply_of_a_queue_by_itself(offlist):
    one, two, three = objects(offlist("--json", "explain", stdin=QUEUE.encode()))
    assert [(r["recipient"], r["zone"]) for r in (one, two)] == [
        ("b@example.net", "bl.spamcop.net"), ("c@example.net", "bl.spamcop.net")]
    assert (three["recipient"], three["record"]) == ("d@example.org", "yahoo.tss04")


@pytest.mark.parametrize("text,part", [
    ("1 Dec 2026 04:00:00 GMT  #1234  1555  <a@example.com> \n\tremote\tb@example.net\n",
     b"qmail's queue holds no replies"),
    (" 4h  1.2K 1tEXAM-00000000abc-1x9B <a@example.com>\n          b@example.net\n", b"Exim's queue holds no replies"),
    ("Mail queue is empty\n", b"queue is empty"),
    ("/var/spool/mqueue is empty\n\t\tTotal requests: 0\n", b"queue is empty"),
    ("messages in queue: 0\nmessages in queue but not yet preprocessed: 0\n", b"queue is empty"),
    ("postqueue: fatal: Queue report unavailable - mail system is down\n", b"Postfix is not running"),
])
def test_a_queue_without_replies(offlist, text, part):
    assert part in offlist("explain", stdin=text.encode(), status=64).stderr


def test_a_list_of_hashes_holds_mail_addresses(offlist):
    reply = objects(offlist("--json", "explain", "550 5.7.1 a@example.com is listed at ebl.msbl.org"))[0]
    assert (reply["zone"], reply["about"]) == ("ebl.msbl.org", "sender")
    assert b"mail address" in offlist("explain", "550 5.7.1 a@example.com is listed at ebl.msbl.org").stdout


def test_what_our_own_server_refused_is_told_as_that(offlist):
    lines = ("Nov 30 17:00:00 mail postfix/smtpd[123]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 "
             "Service unavailable; Client host [203.0.113.9] blocked using zen.spamhaus.org; from=<a@example.net> "
             "to=<b@example.com> proto=ESMTP helo=<x>\n"
             "2026-11-30 17:00:00 H=(x) [203.0.113.8] F=<a@example.net> rejected RCPT <b@example.com>: 203.0.113.8 is "
             "listed at bl.spamcop.net\n")
    one, two = objects(offlist("--json", "explain", stdin=lines.encode()))
    assert [(r["means"], r["client"], r["zone"]) for r in (one, two)] == [
        ("our_refusal", "203.0.113.9", "zen.spamhaus.org"), ("our_refusal", "203.0.113.8", "bl.spamcop.net")]


@pytest.mark.parametrize("word,part", [("550 5.7.1", b"A code alone"), ("192.0.2.10", b"offlist check 192.0.2.10"),
                                       ("S3140", b"Microsoft"), ("spamhaus", b"zen.spamhaus.org"),
                                       ("https://sender.office.com/", b"Microsoft 365")])
def test_single_words(offlist, word, part):
    assert part in offlist("explain", word).stdout


def test_a_notice_without_its_head(offlist):
    text = ("Delivery has failed to these recipients or groups:\n\nsomeone@example.net (someone@example.net)\n"
            "Your message was refused.\n\nDiagnostic information for administrators:\n\nGenerating server: "
            "mx.example.com\n\nsomeone@example.net\nRemote Server returned '550 5.7.1 Service unavailable, Client host "
            "[192.0.2.10] blocked using Spamhaus. (AS16012611)'\n")
    reply, = objects(offlist("--json", "explain", stdin=text.encode()))
    assert (reply["recipient"], reply["record"]) == ("someone@example.net", "microsoft.eop_spamhaus")


def test_lists_of_an_operator(offlist):
    zones = [o["zone"] for o in objects(offlist("--json", "lists", "spamhaus"))]
    assert "zen.spamhaus.org" in zones and "dbl.spamhaus.org" in zones


def test_all_faults_of_the_settings_are_told(offlist, tmp_path):
    (tmp_path / "bad.yaml").write_text("chekc: 1\nfoo: 2\nbar: 3\n")
    lines = offlist("--config", tmp_path / "bad.yaml", "explain", "zen.spamhaus.org", status=78).stderr.splitlines()
    assert [line.split(b": ")[2] for line in lines] == [b"chekc", b"foo", b"bar"]


def test_the_steps_of_a_removal_are_shown(offlist):
    text = offlist("explain", "zen.spamhaus.org", "127.0.0.4").stdout.decode()
    assert "if SBL lists it too, get that listing removed first" in text and "    1. " in text


@pytest.mark.parametrize("reply,receiver", [
    ("554 mx.example.com ESMTP 192.0.2.10 blocked", "example.com"),
    ("554 5.7.1 Your IP 192.0.2.10 is blocked. See https://postmaster.example.org/why", "example.org"),
    ("host mx1.example.net[198.51.100.7] said: 554 5.7.1 Your address 192.0.2.10 is on our list", "Example Post"),
    ("550 5.7.1 Client host [192.0.2.10] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.10",
     None),
])
def test_the_receiver_is_who_said_it(offlist, reply, receiver):
    assert objects(offlist("--json", "explain", reply))[0]["receiver"] == receiver


def test_a_connection_that_failed_is_no_refusal(offlist):
    reply, = objects(offlist("--json", "explain", "connect to mx.example.net[198.51.100.25]:25: Connection timed out"))
    assert (reply["record"], reply["temporary"]) == ("common.network", True)
