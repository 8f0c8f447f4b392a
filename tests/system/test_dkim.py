# SPDX-License-Identifier: BSD-2-Clause
"""DKIM, by messages that other programs were tried on; and offlist explain dkim."""
import hashlib
import json
import os
import pathlib
import re
import socket
import subprocess
import threading

import pytest

import dkim_vectors
import packet
from conftest import HANGS_S

BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
PLAY = BINARY.parent / "tests/unit/auth/dkim_play"
DATA = pathlib.Path(os.environ.get("OFFLIST_DATA", pathlib.Path(__file__).parents[3] / "shared/data")) / "dkim"

# What the names of the messages promise was true of Mail::DKIM when they were made. Where today's RFCs say otherwise:
GRANULARITY = {"badkey_8", "badkey_9", "badkey_12", "badkey_13"}      # g= has no meaning since RFC 6376: they hold
OWN_WORD = {"goodkey_ed25519": ["pass"], "multiple_1": ["neutral"] * 4, "ignore_7": ["policy"],     # a key that is t=y
            "multiple_2": ["neutral", "policy", "fail", "neutral"],
            "badkey_14": ["temperror"], "badkey_15": ["temperror"]}


def there(path):
    if not path.exists():
        pytest.skip(f"{path} is not here")
    if not PLAY.exists():
        pytest.skip(f"{PLAY} is not built")
    return path


def as_promised(name, message, verdicts):
    results = [one["result"] for one in verdicts]
    if name in OWN_WORD:
        return results == OWN_WORD[name]
    if not re.search(rb"^dkim-signature:", message, re.IGNORECASE | re.MULTILINE):
        return results == []                                    # DomainKeys (RFC 4870) are no DKIM
    if re.search(rb"v=1\b", message) is None:
        return set(results) == {"neutral"}                      # drafts before RFC 4871 (6376 3.5, v=)
    if name.startswith("good"):
        return [(one["result"], one["intact"]) for one in verdicts] == [("policy", True)]       # rsa-sha1, 512 bits
    return "pass" not in results and (name in GRANULARITY or not any(one["intact"] for one in verdicts))


@pytest.mark.parametrize("piece", [0, 1, 7])
def test_messages_of_mail_dkim(piece):
    folder = there(DATA / "mail-dkim")
    zone = dkim_vectors.mail_dkim_zone(folder / "FAKE_DNS.dat")
    paths = sorted(folder.glob("*.txt"))
    said = dkim_vectors.played(PLAY, [dkim_vectors.script(path.read_bytes(), zone, piece) for path in paths])
    wrong = [(path.stem, verdicts) for path, verdicts in zip(paths, said)
             if not as_promised(path.stem, path.read_bytes(), verdicts)]
    assert wrong == [] and len(paths) == 79


def test_messages_of_the_rfcs():
    """RFC 8463 A.3 has both keys and both signatures."""
    message = there(DATA / "dkimpy/rfc6376.signed.msg").read_bytes()
    rsa = there(DATA / "dkimpy/test.txt").read_bytes().strip()
    ed25519 = b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    zone = {"brisbane._domainkey.football.example.com": [ed25519], "test._domainkey.football.example.com": [rsa]}
    exim = there(DATA / "dkimpy/ed25519test2.msg").read_bytes()
    key = there(DATA / "dkimpy/eximtest.dns").read_bytes().strip()
    both, one = dkim_vectors.played(PLAY, [dkim_vectors.script(message, zone),
                                           dkim_vectors.script(exim, {"sed._domainkey.test.ex": [key]})])
    assert [verdict["result"] for verdict in both + one] == ["pass", "pass", "pass"]


# ---- the command ----

KEY_BITS = {"good": 2048, "middle": 1024, "short": 512}
UNSIGNED = (b"From: joe@a.example\r\nTo: ann@b.example\r\nSubject: hello\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n"
            b"\r\nHi.\r\n")


def openssl(*arguments, **more):
    return subprocess.run(["openssl", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
                          timeout=HANGS_S, **more).stdout


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """@return {name: (file of the private key, record)}"""
    folder, made = tmp_path_factory.mktemp("keys"), {}
    for name, bits in KEY_BITS.items():
        openssl("genrsa", "-out", folder / name, str(bits))
        der = openssl("rsa", "-in", folder / name, "-pubout", "-outform", "DER")
        made[name] = (folder / name, "v=DKIM1; k=rsa; p=" + dkim_vectors.base64_of(der))
    openssl("genpkey", "-algorithm", "ed25519", "-out", folder / "ed25519")
    der = openssl("pkey", "-in", folder / "ed25519", "-pubout", "-outform", "DER")
    made["ed25519"] = (folder / "ed25519", "v=DKIM1; k=ed25519; p=" + dkim_vectors.base64_of(der[-32:]))
    return made


def signed(keys, name, tags="", covers="from:from:to:subject:subject:date", message=UNSIGNED):
    """A signer of its own, relaxed/simple, for messages whose fields stand in one line."""
    head, _, body = message.partition(b"\r\n\r\n")
    fields = {line.split(b":")[0].lower(): line for line in head.split(b"\r\n")}
    wanted = dict.fromkeys(covers.split(":"))
    algorithm = "ed25519-sha256" if name == "ed25519" else "rsa-sha256"
    length = re.search(r"\bl=(\d+)", tags)
    digest = hashlib.sha256(body[:int(length.group(1))] if length else body).digest()
    own = f"v=1; a={algorithm}; c=relaxed/simple; d=a.example; s={name}; {tags}h={covers}; " \
          f"bh={dkim_vectors.base64_of(digest)}; b="
    lines = [fields[one.encode()] for one in wanted if one.encode() in fields]
    parts = [line.split(b":", 1) for line in lines]
    canonical = b"".join(part[0].lower() + b":" + part[1].strip() + b"\r\n" for part in parts)
    data = canonical + b"dkim-signature:" + own.encode()
    path = keys[name][0]
    (path.parent / "data").write_bytes(hashlib.sha256(data).digest() if name == "ed25519" else data)
    signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", path, "-in", path.parent / "data",
                        *(() if name == "ed25519" else ("-digest", "sha256")))
    return f"DKIM-Signature: {own}{dkim_vectors.base64_of(signature)}\r\n".encode() + message


def run(*arguments, stdin=b"", json_wanted=True):
    """@return (exit status, [object] or text)"""
    run = subprocess.run([BINARY, *(["--json"] if json_wanted else []), "explain", "dkim", *arguments], input=stdin,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=HANGS_S)
    if run.returncode >= 64:
        return run.returncode, run.stderr.decode()
    text = run.stdout.decode()
    return run.returncode, [json.loads(line) for line in text.splitlines()] if json_wanted else text


def verified(message, record):
    status, said = run("--message", "-", "--key-record", record, stdin=message)
    return status, said[0]


@pytest.mark.parametrize("name, status, result, bits", [
    ("good", 0, "pass", 2048), ("middle", 0, "pass", 1024), ("short", 1, "policy", 512), ("ed25519", 0, "pass", 256)])
def test_keys(keys, name, status, result, bits):
    message = signed(keys, name)
    for octets in (message, message.replace(b"\r\n", b"\n")):
        came, said = verified(octets, keys[name][1])
        assert (came, said["result"], said["intact"], said["key"]["bits"]) == (status, result, True, bits)
    for changed in (message.replace(b"Hi.", b"Ho."), message.replace(b"hello", b"hallo")):
        came, said = verified(changed, keys[name][1])
        assert (came, said["result"], said["intact"]) == (1, "fail", False) and "changed" in said["why"]


@pytest.mark.parametrize("tags, result, word", [
    ("x=1700000000; ", "policy", "expired"), ("t=99999999999; ", "policy", "future"), ("l=99; ", "fail", "l="),
    ("i=joe@b.example; ", "neutral", "i="), ("q=http; ", "neutral", "q="), ("t=1; x=9999999999; ", "pass", None)])
def test_tags(keys, tags, result, word):
    _, said = verified(signed(keys, "good", tags), keys["good"][1])
    assert said["result"] == result and (word is None) == (said["why"] is None)
    assert word is None or word in said["why"]


def test_what_is_covered(keys):
    _, said = verified(signed(keys, "good", "l=3; ", "from:to"), keys["good"][1])
    notes = " / ".join(said["notes"])
    assert said["result"] == "pass" and (said["length"], said["body_octets"]) == (3, 5)
    assert "l= covers 3 of the body's 5 octets" in notes and "not signed: Subject, Date" in notes
    assert said["headers"] == [{"name": "from", "listed": 1, "present": 1}, {"name": "to", "listed": 1, "present": 1}]
    more = signed(keys, "good", "l=3; ", "from:to").replace(b"Hi.\r\n", b"Hi. Buy this.\r\n")
    assert verified(more, keys["good"][1])[1]["result"] == "pass"
    above = b"From: forger@c.example\r\n" + signed(keys, "good", "", "from:to")
    _, said = verified(above, keys["good"][1])
    assert said["result"] == "pass" and "more of these than are signed" in " ".join(said["notes"])
    assert verified(b"From: forger@c.example\r\n" + signed(keys, "good"), keys["good"][1])[1]["result"] == "fail"


def test_several_signatures(keys):
    message = signed(keys, "good", message=signed(keys, "ed25519"))
    status, said = run("--message", "-", "--key-record", keys["good"][1], stdin=message)
    assert status == 1 and [(one["signature"], one["result"]) for one in said] == [(1, "pass"), (2, "permerror")]
    status, said = run("--message", "-", stdin=UNSIGNED)
    assert status == 1 and [(one["result"], one["signatures"]) for one in said] == [("none", 0)]


def test_private_keys(keys):
    for name, (path, record) in keys.items():
        status, (said,) = run("--private-key", path, "--key-record", record)
        assert (status, said["private_key_matches"], said["publish"]) == (1 if name == "short" else 0, "yes", None)
    status, (said,) = run("--private-key", keys["middle"][0], "--key-record", keys["good"][1])
    assert (status, said["private_key_matches"], said["publish"]) == (1, "no", keys["middle"][1])


@pytest.fixture(scope="module")
def resolver(keys):
    """@return ADDRESS:PORT of a name server that has the keys"""
    zone = {f"{name}._domainkey.a.example": [record] for name, (_, record) in keys.items()}
    zone.update({"two._domainkey.a.example": ["v=spf1 -all", keys["good"][1]], "empty._domainkey.a.example": [],
                 "dead._domainkey.a.example": None, "revoked._domainkey.a.example": ["v=DKIM1; p="],
                 "cut._domainkey.a.example": [keys["good"][1][:255]]})

    def answer(query):
        name, _, kind, end = packet.question(query)
        text = b".".join(packet.labels(name)).decode()
        if text not in zone:
            return packet.reply(query, end, packet.NXDOMAIN)
        if zone[text] is None:
            return packet.reply(query, end, packet.SERVFAIL)
        strings = [[one[at:at + 200].encode() for at in range(0, len(one), 200)] for one in zone[text]]
        return packet.reply(query, end, answers=[
            packet.record(packet.TXT, 60, b"".join(bytes([len(part)]) + part for part in parts)) for parts in strings
            if kind == packet.TXT])

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


def settings(tmp_path):
    path = tmp_path / "offlist.yaml"
    path.write_text("dns: {trust_anchor: none}\n")
    return ["--config", path]


@pytest.mark.parametrize("selector, status, state", [
    ("good", 0, "good"), ("ed25519", 0, "good"), ("short", 1, "short"), ("revoked", 1, "revoked"), ("cut", 1, "broken"),
    ("empty", 1, "none"), ("nowhere", 1, "none"), ("dead", 2, "unreachable"), ("two", 1, "good")])
def test_records_of_the_dns(resolver, tmp_path, selector, status, state):
    came, (said,) = run(selector, "a.example", "--resolver", resolver, *settings(tmp_path))
    assert (came, said["state"]) == (status, state) and said["name"] == f"{selector}._domainkey.a.example"
    if selector == "cut":
        assert "255" in said["problem"]


def test_messages_with_the_dns(keys, resolver, tmp_path):
    message = signed(keys, "good", message=signed(keys, "ed25519"))
    status, said = run("--message", "-", "--resolver", resolver, *settings(tmp_path), stdin=message)
    assert status == 0 and [one["result"] for one in said] == ["pass", "pass"]
    gone = message.replace(b"s=good", b"s=dead").replace(b"s=ed25519", b"s=nowhere")
    status, said = run("--message", "-", "--resolver", resolver, *settings(tmp_path), stdin=gone)
    assert status == 1 and [one["result"] for one in said] == ["temperror", "permerror"]


def test_words(keys):
    _, text = run("--message", "-", "--key-record", keys["good"][1], stdin=signed(keys, "good"), json_wanted=False)
    words = " ".join(text.split())
    assert "by a.example (selector good): pass" in words and "rsa key of 2048 bits" in words
    assert "from (and that there is no other)" in words


@pytest.mark.parametrize("arguments, words", [
    ([], "a selector and its domain are expected"), (["mail"], "a selector and its domain"),
    (["mail", "example"], "a selector and a domain"),
    (["mail._domainkey.a.example", "a.example"], "a selector and a domain"),
    (["--message", "-", "x", "a.example"], "verified by itself"), (["--message", "/nowhere"], "/nowhere"),
    (["--key-record", "v=DKIM1; p=", "--private-key", "/dev/null"], "no private key")])
def test_what_cannot_be_meant(arguments, words):
    status, text = run(*arguments)
    assert status in (64, 74) and words in text and text.count("\n") == 1
