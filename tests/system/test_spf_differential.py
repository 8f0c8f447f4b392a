# SPDX-License-Identifier: BSD-2-Clause
"""Random SPF records, evaluated by us, by python3-spf and by Mail::SPF. A difference has to be one of those below, each
with the section of RFC 7208 that decides it. OFFLIST_SPF_WORLDS says how many worlds there are (400)."""
import ipaddress
import json
import os
import pathlib
import subprocess

import pytest

import spf_random

HERE = pathlib.Path(__file__).resolve().parent
BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
PLAY = BINARY.parent / "tests/unit/auth/spf_play"
WORLDS = int(os.environ.get("OFFLIST_SPF_WORLDS", "400"))
LONGEST_S = 60 + WORLDS // 10
PYTHON, PERL = ["/usr/bin/python3", HERE / "spf_pyspf.py"], ["/usr/bin/perl", HERE / "spf_mailspf.pl"]
ERRORS = ("permerror", "temperror")


def ran(command, worlds):
    run = subprocess.run(command, input="".join(json.dumps(one) + "\n" for one in worlds), stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, timeout=LONGEST_S)
    assert run.returncode == 0, run.stderr
    said = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(said) == len(worlds)
    return said


def texts_of(world):
    return " ".join(text.lower() for found in world["zone"].values() for text in found.get("TXT", []))


def wants(program, probe):
    if subprocess.run(probe, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        pytest.skip(f"{program} is not installed")


def known_of_python(world, ours, theirs):
    """@return why python3-spf may differ there; None: it may not"""
    problem = theirs["problem"]
    if "trivial recursion" in problem:
        return "4.6.4: an include of oneself is an error by the limit, not where it stands"
    if "%{p}" in texts_of(world) and theirs["result"] in ERRORS:
        return "4.6: %{p} is expanded before the terms to the left of it are evaluated"
    if "ptr" in texts_of(world) and "SERVFAIL" in problem:
        return "5.5: a name of the client whose addresses cannot be had is passed over"
    if "mx" in texts_of(world) and ours["result"] not in ERRORS and ("Void" in problem or "SERVFAIL" in problem):
        return "5.4: a match ends it; what the names behind it have is not asked"
    return None


def known_of_perl(world, ours, theirs):
    """@return why Mail::SPF may differ there; None: it may not"""
    v4 = ipaddress.ip_address(world["ip"]).version == 4
    if any(f"/0{end}" in texts_of(world) + " " for end in " /") and v4 and ":" in texts_of(world):
        return "5.6: ip6 with /0 matches no address of IPv4"
    if any(len(found.get("MX", ())) > 10 for found in world["zone"].values()):
        return "4.6.4: more than 10 MX names are an error"
    if "%{z}" in texts_of(world):
        return "4.6: a syntax error anywhere is one of the whole record"
    if "more than 2 queries" in (ours["problem"] or "") and ("ptr" in texts_of(world) or "%{p}" in texts_of(world)):
        return "5.5: each name of the address is looked up, also one that the term cannot match"
    return None


def differences(worlds, ours, theirs, known):
    """@return [(seed, ours, theirs)] without those that are known"""
    return [(seed, own["result"], own["problem"], other) for seed, (world, own, other) in
            enumerate(zip(worlds, ours, theirs)) if own["result"] != other["result"] and not known(world, own, other)]


@pytest.fixture(scope="module")
def worlds():
    if not PLAY.exists():
        pytest.skip(f"{PLAY} is not built")
    return [spf_random.world(seed) for seed in range(WORLDS)]


@pytest.fixture(scope="module")
def ours(worlds):
    said = ran([PLAY], worlds)
    assert {one["result"] for one in said} == {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"}
    return said


def test_python3_spf(worlds, ours):
    wants("python3-spf", [PYTHON[0], "-c", "import spf"])
    assert differences(worlds, ours, ran(PYTHON, worlds), known_of_python) == []


def test_mail_spf(worlds, ours):
    wants("libmail-spf-perl", [PERL[0], "-MMail::SPF", "-e", "1"])
    assert differences(worlds, ours, ran(PERL, worlds), known_of_perl) == []


@pytest.mark.parametrize("record, result, voids", [
    ("v=spf1 ptr -all", "permerror", 3), ("v=spf1 exists:%{p}.b.example -all", "permerror", 3),
    ("v=spf1 ip4:192.0.2.9 ptr -all", "pass", 0), ("v=spf1 -all exp=%{p}.b.example", "fail", 0),
])
def test_names_of_the_address_without_one(record, result, voids):
    """4.6.4: every query counts, also those for the names that PTR has. An explanation does not change the result."""
    if not PLAY.exists():
        pytest.skip(f"{PLAY} is not built")
    zone = {"a.example": {"TXT": [record]}, "9.2.0.192.in-addr.arpa": {"PTR": ["x.example", "y.example", "z.example"]}}
    said, = ran([PLAY], [{"ip": "192.0.2.9", "domain": "a.example", "sender": "joe@a.example", "helo": "h.example",
                          "receiver": "", "zone": zone, "fails": []}])
    assert (said["result"], said["voids"]) == (result, voids)
