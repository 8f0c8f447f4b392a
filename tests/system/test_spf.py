# SPDX-License-Identifier: BSD-2-Clause
"""SPF, by the suite that its specification has; and offlist explain spf."""
import json
import os
import pathlib
import socket
import subprocess
import threading

import pytest

import packet
import spf_suite
from conftest import HANGS_S

BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
PLAY = BINARY.parent / "tests/unit/auth/spf_play"
DATA = pathlib.Path(os.environ.get("OFFLIST_DATA", pathlib.Path(__file__).parents[3] / "shared/data")) / "spf"


def outcome(name):
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is not here")
    if not PLAY.exists():
        pytest.skip(f"{PLAY} is not built")
    return spf_suite.suite(PLAY, DATA / name)


def test_the_suite_of_rfc_7208():
    rows = outcome("rfc7208-tests.yml")
    wrong = [(name, said["result"], said["problem"], wanted) for name, said, (wanted, _) in rows
             if said["result"] not in wanted]
    assert wrong == [] and len(rows) == 203


def test_explanations():
    wrong = []
    for name, said, (_, explanation) in outcome("rfc7208-tests.yml"):
        if explanation and said["explanation"] != (None if explanation == "DEFAULT" else explanation):
            wrong.append((name, said["explanation"], explanation))
    assert wrong == []


# ---- the command ----

ZONE = {
    "good.example": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all", "another text"]},
    "hard.example": {"TXT": ["v=spf1 mx include:good.example -all exp=why.hard.example"], "MX": ["mx.hard.example"]},
    "mx.hard.example": {"A": ["198.51.100.7"]},
    "why.hard.example": {"TXT": ["%{i} is not one of %{d}'s"]},
    "long.example": {"TXT": ["v=spf1 include:five.example include:six.example -all"]},
    "five.example": {"TXT": ["v=spf1 " + "a:mx.hard.example " * 4 + "-all"]},
    "six.example": {"TXT": ["v=spf1 " + "a:mx.hard.example " * 5 + "-all"]},
    "split.example": {"TXT": [("v=spf1 ip4:192.0", ".2.1 -all")]},
    "broken.example": {"TXT": ["v=spf1 ip4:192.0.2.300 -all"]},
    "two.example": {"TXT": ["v=spf1 -all", "v=spf1 +all"]},
    "none.example": {"TXT": ["hello"]},
    "dead.example": None,       # SERVFAIL
}
KINDS = {packet.A: "A", packet.TXT: "TXT", 15: "MX"}


def rdata(kind, value):
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "MX":
        return b"\0\x0a" + packet.wire(value)
    strings = value if isinstance(value, tuple) else (value,)
    return b"".join(bytes([len(one)]) + one.encode() for one in strings)


def answer(query):
    name, _, kind, end = packet.question(query)
    text = b".".join(packet.labels(name)).decode()
    if text not in ZONE:
        return packet.reply(query, end, packet.NXDOMAIN)
    if ZONE[text] is None:
        return packet.reply(query, end, packet.SERVFAIL)
    values = ZONE[text].get(KINDS.get(kind), ())
    return packet.reply(query, end, answers=[packet.record(kind, 60, rdata(KINDS[kind], one)) for one in values])


@pytest.fixture(scope="module")
def resolver():
    """@return ADDRESS:PORT of a name server that has ZONE"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))

        def serve():
            while True:
                try:
                    query, client = sock.recvfrom(4096)
                    sock.sendto(answer(query), client)
                except OSError:
                    return
        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{sock.getsockname()[1]}"


def explained(resolver, tmp_path, domain, *arguments, json_wanted=True):
    """@return (exit status, [object] or text)"""
    settings = tmp_path / "offlist.yaml"
    settings.write_text("dns: {trust_anchor: none}\n")
    run = subprocess.run([BINARY, "--config", settings, *(["--json"] if json_wanted else []), "explain", "spf", domain,
                          "--resolver", resolver, *arguments],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=HANGS_S)
    return run.returncode, [json.loads(line) for line in run.stdout.splitlines()] if json_wanted else run.stdout


@pytest.mark.parametrize("domain, ip, status, result", [
    ("good.example", "192.0.2.9", 0, "pass"), ("good.example", "203.0.113.1", 1, "fail"),
    ("hard.example", "198.51.100.7", 0, "pass"), ("hard.example", "192.0.2.1", 0, "pass"),
    ("split.example", "192.0.2.1", 0, "pass"), ("broken.example", "192.0.2.1", 1, "permerror"),
    ("two.example", "192.0.2.1", 1, "permerror"), ("none.example", "192.0.2.1", 1, "none"),
    ("nowhere.example", "192.0.2.1", 1, "none"), ("dead.example", "192.0.2.1", 2, "temperror"),
    ("long.example", "192.0.2.1", 1, "permerror"), ("good.example", "2001:db8::1", 1, "fail"),
])
def test_results(resolver, tmp_path, domain, ip, status, result):
    came, (said,) = explained(resolver, tmp_path, domain, "--ip", ip)
    assert (came, said["result"]) == (status, result)
    assert (said["problem"] is not None) == (result in ("permerror", "temperror"))


def test_the_way_and_what_to_publish(resolver, tmp_path):
    status, (said, other) = explained(resolver, tmp_path, "hard.example", "--ip", "203.0.113.1", "--ip", "2001:db8::1")
    assert status == 1
    assert said["explanation"] == "203.0.113.1 is not one of hard.example's"
    assert [(term["depth"], term["term"], term["effect"]) for term in said["terms"]] == [
        (0, "mx", "no_match"), (0, "include:good.example", "no_match"), (1, "ip4:192.0.2.0/24", "no_match"),
        (1, "-all", "match"), (0, "-all", "match")]
    assert (said["lookups"], said["void_lookups"]) == (2, 0)
    one = "v=spf1 mx include:good.example ip4:203.0.113.1 ip6:2001:db8::1 -all exp=why.hard.example"
    assert said["instead"] == other["instead"] == one
    _, (said, other) = explained(resolver, tmp_path, "hard.example", "--ip", "198.51.100.7", "--ip", "203.0.113.1")
    assert said["instead"] is None and "ip4:198.51.100.7" not in other["instead"]


def test_a_first_record(resolver, tmp_path):
    _, (said,) = explained(resolver, tmp_path, "none.example", "--ip", "192.0.2.1")
    assert said["instead"] == "v=spf1 mx ip4:192.0.2.1 ~all"
    _, (said,) = explained(resolver, tmp_path, "nowhere.example", "--ip", "192.0.2.1")
    assert said["instead"] is None
    _, text = explained(resolver, tmp_path, "none.example", "--ip", "192.0.2.1", json_wanted=False)
    assert "with all other hosts that send it" in " ".join(text.split())


def test_which_term_breaks_the_limit(resolver, tmp_path):
    status, text = explained(resolver, tmp_path, "long.example", "--ip", "192.0.2.1", json_wanted=False)
    assert status == 1 and "more than 10 terms ask the DNS" in text
    assert " 5  include:five.example" in text and " 6  include:six.example" in text


@pytest.mark.parametrize("arguments, words", [
    ([], "one domain is expected"), (["a.example", "b.example"], "one domain is expected"),
    (["a@b.example"], "a domain is expected"), (["a.example", "--ip", "1.2.3"], "--ip 1.2.3: no IP address"),
])
def test_what_cannot_be_meant(arguments, words):
    run = subprocess.run([BINARY, "explain", "spf", *arguments], stderr=subprocess.PIPE, text=True, timeout=HANGS_S)
    assert run.returncode == 64 and words in run.stderr and run.stderr.count("\n") == 1
