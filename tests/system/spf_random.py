# SPDX-License-Identifier: BSD-2-Clause
"""Random SPF worlds as scripts for tests/unit/auth/spf_play: a seed gives the same world again."""
import ipaddress
import random

NAMES = [f"{letter}.example" for letter in "abcdefgh"]
HOSTS = ["mail.a.example", "mx1.a.example", "mx2.b.example", "out.c.example", "v4.d.example", "v6.d.example"]
IPS = ["192.0.2.1", "192.0.2.77", "198.51.100.5", "203.0.113.200", "2001:db8::1", "2001:db8:1::25"]
BROKEN = ["ip4:192.0.2.300", "ip4:1.2.3", "ip6:2001:db8", "a:", "include", "include:", "all:x", "foo", "a//129", "a/33",
          "ip4:192.0.2.0/33", "redirect=", "exists", "exists:%{z}.a.example", "mx:%(d)", "-", "ip4:192.0.2.0/", "ptr:"]
MACROS = ["%{d}", "%{o}", "%{d1r}.a.example", "%{ir}.a.example", "%{l}.b.example", "%{s}.a.example", "%{h}",
          "%{v}.a.example", "%{d2}", "%{l1r-}.c.example", "%{p}", "%%.a.example", "%{i}._x.a.example"]


def network(rng, family):
    base = ipaddress.ip_address(rng.choice([ip for ip in IPS if (":" in ip) == (family == 6)]))
    bits = rng.choice([0, 8, 16, 24, 32] if family == 4 else [0, 32, 48, 64, 128])
    return str(base) + (f"/{bits}" if rng.random() < 0.7 else "")


def cidr(rng):
    return rng.choice(["", "", "", "/24", "/0", "//64", "/24//48", "/32//128"])


def name(rng):
    return rng.choice(MACROS) if rng.random() < 0.12 else rng.choice(NAMES + HOSTS + ["void.example", "dead.example"])


def mechanism(rng):
    kind = rng.choice(["ip4", "ip4", "ip6", "a", "a", "mx", "include", "include", "exists", "ptr"])
    if kind in ("ip4", "ip6"):
        return f"{kind}:{network(rng, int(kind[2]))}"
    if kind in ("a", "mx"):
        return kind + (":" + name(rng) if rng.random() < 0.7 else "") + cidr(rng)
    if kind == "ptr":
        return "ptr" + (":" + name(rng) if rng.random() < 0.5 else "")
    return f"{kind}:{name(rng)}"


def cased(rng, term):
    return term.upper() if "%" not in term and rng.random() < 0.05 else term


def record(rng):
    terms = [rng.choice(["", "", "", "", "-", "~", "?", "+"]) + cased(rng, mechanism(rng))
             for _ in range(rng.choice([0, 1, 2, 2, 3, 4, 6, 12]))]
    if rng.random() < 0.08:
        terms.insert(rng.randint(0, len(terms)), rng.choice(BROKEN))
    end = rng.random()
    if end < 0.7:
        terms.append(rng.choice(["-all", "~all", "?all", "all"]))
    elif end < 0.9:
        terms.append(f"redirect={name(rng)}")
    if rng.random() < 0.1:
        terms.append("x-new=%{d}")
    version = rng.choice(["v=spf1 ", "v=spf1 ", "v=spf1 ", "V=SPF1 ", "v=spf1  "])
    return version + rng.choice([" ", " ", "  "]).join(terms)


def texts(rng):
    found = [record(rng)] if rng.random() < 0.9 else []
    if rng.random() < 0.04:
        found.append(record(rng))
    if rng.random() < 0.2:
        found.insert(0, rng.choice(["hello", "v=spf10 -all", "v=spf1-all", "spf2.0/pra -all"]))
    return found


def addresses(rng):
    some = rng.sample(IPS, rng.randint(0, 3))
    return {"A": [ip for ip in some if ":" not in ip], "AAAA": [ip for ip in some if ":" in ip]}


def servers(rng):
    many = rng.random() < 0.03
    return [rng.choice(HOSTS) for _ in range(11)] if many else rng.sample(HOSTS, rng.choice([0, 1, 1, 2, 3]))


def world(seed):
    rng = random.Random(seed)
    zone = {one: {"TXT": texts(rng), "MX": servers(rng), **addresses(rng)} for one in NAMES}
    zone.update({one: addresses(rng) for one in HOSTS})
    ip = rng.choice(IPS)
    if rng.random() < 0.6:
        zone[ipaddress.ip_address(ip).reverse_pointer] = {"PTR": rng.sample(HOSTS + NAMES, rng.randint(1, 3))}
    return {"ip": ip, "domain": NAMES[0], "sender": f"{rng.choice(['joe', 'a-b-c', 'x.y'])}@{NAMES[0]}",
            "helo": rng.choice(HOSTS), "receiver": "", "zone": zone,
            "fails": ["dead.example"] + ([rng.choice(NAMES[1:] + HOSTS)] if rng.random() < 0.05 else [])}
