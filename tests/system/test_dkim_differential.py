# SPDX-License-Identifier: BSD-2-Clause
"""Random messages, signed and changed, verified by us, by dkimpy and by Mail::DKIM. A difference has to be one of those
below, each with the section that decides it. OFFLIST_DKIM_MESSAGES says how many there are (300)."""
import base64
import json
import os
import pathlib
import re
import subprocess

import pytest

import dkim_vectors

HERE = pathlib.Path(__file__).resolve().parent
BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
PLAY = BINARY.parent / "tests/unit/auth/dkim_play"
MESSAGES = int(os.environ.get("OFFLIST_DKIM_MESSAGES", "300"))
LONGEST_S = 60 + MESSAGES // 5
PYTHON, PERL = ["/usr/bin/python3", HERE / "dkim_dkimpy.py"], ["/usr/bin/perl", HERE / "dkim_maildkim.pl"]


def ran(command, worlds):
    run = subprocess.run(command, input="".join(json.dumps(one) + "\n" for one in worlds), stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, timeout=LONGEST_S)
    assert run.returncode == 0, run.stderr
    said = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(said) == len(worlds)
    return said


def wants(program, probe):
    if subprocess.run(probe, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        pytest.skip(f"{program} is not installed")


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder, made = tmp_path_factory.mktemp("keys"), {}
    for bits in (1024, 2048):
        openssl("genrsa", "-traditional", "-out", folder / str(bits), str(bits))
        der = openssl("rsa", "-in", folder / str(bits), "-pubout", "-outform", "DER")
        made[b"rsa%d" % bits] = {"kind": b"rsa", "algorithm": b"rsa-sha256",
                                 "private": (folder / str(bits)).read_bytes(),
                                 "public": dkim_vectors.base64_of(der).encode()}
    openssl("genpkey", "-algorithm", "ed25519", "-out", folder / "ed")
    private = openssl("pkey", "-in", folder / "ed", "-outform", "DER")[-32:]
    public = openssl("pkey", "-in", folder / "ed", "-pubout", "-outform", "DER")[-32:]
    made[b"ed"] = {"kind": b"ed25519", "algorithm": b"ed25519-sha256",
                   "private": dkim_vectors.base64_of(private).encode(),
                   "public": dkim_vectors.base64_of(public).encode()}
    return made


@pytest.fixture(scope="module")
def worlds(keys):
    wants("python3-dkim", [PYTHON[0], "-c", "import dkim, nacl"])
    if not PLAY.exists():
        pytest.skip(f"{PLAY} is not built")
    import dkim_random
    return [dkim_random.world(seed, keys) for seed in range(MESSAGES)]


@pytest.fixture(scope="module")
def ours(worlds):
    said = [verdicts[0] if verdicts else {"result": "none", "why": None, "intact": False}
            for verdicts in dkim_vectors.played(PLAY, worlds, LONGEST_S)]
    assert {"pass", "fail", "permerror"} <= {one["result"] for one in said}
    return said


def differences(worlds, ours, theirs, known):
    rows = enumerate(zip(worlds, ours, theirs))
    return [(seed, own["result"], own["why"], other) for seed, (world, own, other) in rows
            if (own["result"] == "pass") != other["passes"] and not known(world, own, other)]


def message_of(world):
    return base64.b64decode(world["message"])


def known_of_python(world, ours, theirs):
    """@return why dkimpy may differ there; None: it may not"""
    head, _, body = message_of(world).partition(b"\r\n\r\n")
    if ours["result"] == "pass" and len(re.findall(rb"^From *:", head, re.MULTILINE)) > 1:
        return "8.15: a verifier may refuse a second From; the signature does hold, and a note tells"
    if ours["result"] == "pass" and b"\r\nFrom : " in head and b"c=relaxed/" in head:
        return "3.4.2: white space before the colon does not count"
    if re.search(r"t=s|hashes|this hash", ours["why"] or ""):
        return "3.6.1: t=s wants i= to be d= itself, h= the hashes that it names"
    if not body.endswith(b"\r\n") and body[-1:] in b" \t" and b"/relaxed;" in head:
        return "3.4.4: white space at the end of the last line is ignored, also where its line end is missing"
    return None


def known_of_perl(world, ours, theirs):
    """@return why Mail::DKIM may differ there; None: it may not"""
    if "unsupported algorithm ed25519" in theirs["problem"]:
        return "RFC 8463: it has no Ed25519 in this release"
    if not message_of(world).endswith(b"\r\n") and "body has been altered" in theirs["problem"]:
        return "3.4.3: a body without a last line end gets one; it wants to be given it"
    if "it has " in (ours["why"] or ""):
        return "3.2: a tag list with a syntax error is none"
    return None


def test_dkimpy(worlds, ours):
    assert differences(worlds, ours, ran(PYTHON, worlds), known_of_python) == []


def test_mail_dkim(worlds, ours):
    wants("libmail-dkim-perl", [PERL[0], "-MMail::DKIM", "-e", "1"])
    assert differences(worlds, ours, ran(PERL, worlds), known_of_perl) == []
