# SPDX-License-Identifier: BSD-2-Clause
"""Random messages, signed by dkimpy and then changed, as scripts for tests/unit/auth/dkim_play: a seed and a set of
keys give the same message again."""
import random

import dkim

import dkim_vectors

DOMAIN = b"a.example"
WORDS = [b"hello", b"a  b", b"\ttab", b"end ", b"x" * 90, b"=20", b"--", b".", "Grüße".encode(),
         b"From here"]
FIELDS = [b"To: ann@b.example", b"Cc: x@c.example,\r\n y@c.example", b"Date: Mon, 2 Nov 2026 10:00:00 +0000",
          b"Message-ID: <1@a.example>", b"MIME-Version: 1.0", b"X-Empty:", b"X-Space:  two  blanks \t",
          b"X-Fold: one\r\n\ttwo\r\n   three", b"Received: from x by y", b"Received: from y by z",
          b"List-Id: <l.a.example>"]
RECORD_ENDS = [b"", b";", b"; ", b"; t=y", b"; t=s", b"; s=email", b"; s=*", b"; h=sha256", b"; h=sha1:sha256",
               b"; n=a note", b"; x=unknown"]
RECORD_FAULTS = [b"; s=chat", b"; h=sha1", b"; h=md5", b"; k=dsa", b"; p=", b"; v"]


def body(rng):
    lines = [b" ".join(rng.choice(WORDS) for _ in range(rng.randint(0, 4))) for _ in range(rng.randint(0, 6))]
    return b"\r\n".join(lines) + rng.choice([b"", b"\r\n", b"\r\n", b"\r\n\r\n\r\n", b" \r\n\t\r\n"])


def message(rng):
    fields = rng.sample(FIELDS, rng.randint(1, len(FIELDS)))
    fields.insert(rng.randint(0, len(fields)), b"From: Joe <joe@a.example>")
    if rng.random() < 0.8:
        fields.insert(rng.randint(0, len(fields)), b"Subject: " + rng.choice(WORDS))
    return b"\r\n".join(fields) + b"\r\n\r\n" + body(rng)


def record(rng, key):
    text = b"v=DKIM1; k=" + key["kind"] + b"; p=" + key["public"] + rng.choice(RECORD_ENDS)
    if rng.random() < 0.12:
        text = rng.choice([text + rng.choice(RECORD_FAULTS), text.replace(b"DKIM1", b"DKIM2"), text[:-20], text[10:],
                           text.replace(b"p=", b"q="), text.replace(b"; p", b" ; p"), b"v=spf1 -all"])
    return text


def signed(rng, text, name, key):
    names = [line.split(b":")[0] for line in text.split(b"\r\n\r\n")[0].split(b"\r\n")
             if line[:1] not in b" \t" and not line.startswith(b"Received")]      # which dkimpy does not sign
    wanted = [b"From"] + rng.sample(names, rng.randint(0, len(names))) + rng.sample([b"Cc", b"Nothing", b"Subject"], 1)
    forms = (rng.choice([b"simple", b"relaxed"]), rng.choice([b"simple", b"relaxed"]))
    return dkim.sign(text, name, DOMAIN, key["private"], canonicalize=forms, signature_algorithm=key["algorithm"],
                     identity=rng.choice([None, None, b"@a.example", b"joe@sub.a.example"]), include_headers=wanted,
                     length=rng.random() < 0.15) + text


def changed(rng, text):
    """What mail servers do on the way, and what forgers do."""
    head, _, rest = text.partition(b"\r\n\r\n")
    at = rng.randint(0, len(text) - 1)
    return rng.choice([
        lambda: text + b"\r\n\r\n", lambda: text + b"more\r\n", lambda: text.rstrip(b"\r\n"),
        lambda: b"From: other@c.example\r\n" + text, lambda: text.replace(b"\r\nTo: ", b"\r\nTO:  "),
        lambda: text.replace(b"\r\nSubject: ", b"\r\nSubject:\r\n "), lambda: b"Received: from z by z\r\n" + text,
        lambda: text.replace(b"  ", b" "), lambda: text.replace(b" \r\n", b"\r\n"), lambda: text.replace(b"\t", b"  "),
        lambda: head + b"\r\nSubject: another\r\n\r\n" + rest, lambda: text.replace(b"from", b"From", 1),
        lambda: text.replace(b"\r\nFrom: ", b"\r\nFrom : "), lambda: head + b"\r\n\r\n",
        lambda: text.replace(b" ", b"", 1),
        lambda: text.replace(b"b=", b"b= \r\n ", 1), lambda: text.replace(b"v=1; ", b"", 1),
        lambda: text.replace(b"d=a.example", b"d=b.example", 1), lambda: text.replace(b"; s=", b"; l=3; s=", 1),
        lambda: text.replace(b"; s=", b"; x=1000; s=", 1), lambda: text.replace(b"; s=", b"; z=From:joe; s=", 1),
        lambda: text[:at] + bytes([text[at] ^ 1 << rng.randint(0, 6)]) + text[at + 1:],
        lambda: text.replace(b"q=dns/txt; ", b"", 1), lambda: text.replace(b"a=rsa-sha256", b"a=rsa-sha1", 1)])()


def world(seed, keys):
    rng = random.Random(seed)
    name = rng.choice(sorted(keys))
    text = signed(rng, message(rng), name, keys[name])
    zone = {(name + b"._domainkey.a.example").decode(): [record(rng, keys[name])]}
    if rng.random() < 0.6:
        text = changed(rng, text)
    return dkim_vectors.script(text, zone, rng.choice([0, 1, 5]), now=2000000000)
