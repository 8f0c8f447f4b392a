# SPDX-License-Identifier: BSD-2-Clause
"""A seed becomes a server, its normal life, none or some incidents, and log files with the truth beside them."""
import bz2
import datetime
import gzip
import json
import lzma
import os
import random

import habits
import heads
import incidents
from exim import Exim
from model import Mail
from opensmtpd import OpenSmtpd
from postfix import Postfix
from qmail import Qmail
from sendmail import Sendmail
from world import World

MTAS = {"postfix": Postfix, "exim": Exim, "sendmail": Sendmail, "opensmtpd": OpenSmtpd, "qmail": Qmail}
# what a log of an MTA can show at all
KINDS = {"postfix": list(incidents.STYLES), "exim": list(incidents.STYLES), "sendmail": list(incidents.STYLES),
         "opensmtpd": ["compromised_account", "open_relay", "infected_client", "forwarding", "bulk_mail"],
         "qmail": ["script", "forwarding", "backscatter", "bulk_mail"]}


def options(rng, mta):
    """How the MTA is set up."""
    flip = lambda share=0.5: rng.random() < share     # noqa: E731
    if mta == "postfix":
        opt = {"long_ids": flip(), "amavis": flip(0.2), "orig": flip(), "rspamd": flip(0.25), "tls_field": flip(0.25),
               "service_names": flip(0.75), "tls_lines": flip(0.4), "subjects": flip(0.1), "failed_user": flip(),
               "lmtp": flip(), "virtual": flip(), "pickup_full": flip(0.7)}
        opt["instances"] = opt["amavis"] and flip(0.3)
        return opt
    if mta == "exim":
        return {"long_ids": flip(), "arguments": flip(0.6), "subject": flip(0.8), "for": flip(0.8),
                "confirm": flip(0.8),
                "qt": flip(), "ports": flip(0.7), "sender": flip(0.2), "utf8": flip(), "from": flip(0.2),
                "auth": rng.choice(["dovecot_login", "login", "login_server"]),
                "auth_plain": rng.choice(["dovecot_plain", "plain", "plain_server"]), "short_fail": flip()}
    if mta == "opensmtpd":
        return {"event": flip(0.25)}
    return {"reply": flip(0.7), "short_from": flip()} if mta == "sendmail" else {}


def head_of(rng, mta):
    if mta == "exim" and rng.random() < 0.75:
        return "exim", {"ms": rng.random() < 0.3, "with_zone": rng.random() < 0.3, "with_pid": rng.random() < 0.3}
    if mta == "qmail":
        return rng.choice(["tai64n", "tai64n", "epoch"]), {}
    return rng.choice(["rfc3164", "rfc3164", "iso", "iso", "rfc5424", "docker", "journal", "facility"]), {}


class Plan:
    """What a seed decides."""

    def __init__(self, seed, apart=False, mta=None, kind=None, clean=None, scale=1.0):
        self.rng = rng = random.Random(f"offlist{'-apart' if apart else ''}-{seed}")
        if apart:
            import apart
        self.seed, self.apart, self.scale = seed, apart, scale
        styles = apart.STYLES if apart else incidents.STYLES
        chosen_mta = rng.choices(list(MTAS), [45, 30, 9, 9, 7])[0]
        self.mta = mta or chosen_mta
        self.options = options(rng, self.mta)
        self.head, self.head_more = head_of(rng, self.mta)
        self.tz = rng.choice(["UTC", "UTC", "Europe/Berlin", "America/New_York", "+05:30"])
        picked_clean = rng.random() < 0.35
        self.clean = picked_clean if clean is None else clean
        kinds = [k for k in KINDS[self.mta] if k in styles]
        self.kinds = [] if self.clean else rng.sample(kinds, min(len(kinds), 2 if rng.random() < 0.1 else 1))
        if kind:
            self.kinds = [kind]
        self.styles = {k: rng.choice(styles[k]) for k in self.kinds}
        self.days = rng.choice([1, 2, 2, 3, 4, 6]) if scale >= 1 else rng.choice([1, 2, 2, 3])
        self.users = rng.choice([4, 10, 25, 60]) if scale >= 1 else rng.choice([4, 8, 16])
        self.login_style = rng.choice(["address", "address", "name"])
        year, month = rng.choice([2024, 2025, 2026]), rng.randrange(1, 11)
        begin = datetime.datetime(year, month, rng.randrange(1, 27), tzinfo=datetime.timezone.utc)
        if rng.random() < 0.07:
            begin = datetime.datetime(rng.choice([2024, 2025]), 12, 30, tzinfo=datetime.timezone.utc)
        self.begin = begin.timestamp()
        self.busy = rng.choice([20, 60, 150]) * min(1, scale)
        self.shape = rng.choice(["one", "one", "rotated", "two_hosts", "split", "window"])

    def label(self):
        return f"{self.mta}/{self.head}"


def php_log(mails, rng):
    """PHP's own mail.log."""
    out = []
    for mail in mails:
        if mail.script:
            t = datetime.datetime.fromtimestamp(mail.at - 0.1, datetime.timezone.utc)
            line = (f"[{t.strftime('%d-%b-%Y %H:%M:%S')} UTC] mail() on [{mail.script}:{mail.script_line}]: "
                    f"To: {mail.rcpts[0].address} -- Headers: From: <{mail.sender}> -- Subject: {mail.subject}")
            out.append((mail.at - 0.1, line.encode()))
    return sorted(out)


def notices(world, mails):
    """The bounces that failures make."""
    out = []
    for mail in mails:
        failed = [r for r in mail.rcpts if r.tries[-1].outcome == "bounced"]
        if not failed or not mail.sender or mail.origin == "notice":
            continue
        at = max(mail.at + sum(t.wait for t in r.tries) for r in failed) + 0.1
        out.append(Mail(at, "", [world.to(mail.sender, "", at, unknown=0.3 if mail.tag >= 0 else 0.02, trouble=0.1)],
                        "notice", parent=mail, size=mail.size + 2500,
                        msgid=f"{world.rng.getrandbits(48):x}@{world.host}",
                        subject="Mail delivery failed: returning message to sender", user="Debian-exim", uid=105))
    return out


def happen(plan):
    """@return (world, events, incidents)"""
    rng = plan.rng
    world = World(rng, plan.begin, plan.days, plan.users, plan.login_style)
    events, found, styles = [], [], ["alias", "dotforward"] + (["sieve"] if plan.mta == "postfix" else [])
    for number, kind in enumerate(plan.kinds):
        maker = plan.styles[kind]
        extra = (rng.choice(styles),) if kind == "forwarding" and maker is incidents.forwarded_spam else ()
        incident = maker(world, events, plan.scale, *extra)
        for mail in incident.mails:
            mail.tag = number
        found.append(incident)
        events += incident.mails
    if not plan.kinds and rng.random() < 0.25:      # a neighbour's or a provider's listing: nobody here is to blame
        world.list_us(plan.begin + rng.uniform(0, 1) * plan.days * 86400)
    habits.live(world, events, plan.busy, [] if "forwarding" in plan.kinds else styles)
    if not plan.kinds and rng.random() < 0.5 or "bulk_mail" not in plan.kinds and rng.random() < 0.2:
        habits.newsletter(world, events, rng.choice(["login", "login", "www", "program", "verp"]),
                          int(rng.randrange(80, 500) * min(1, plan.scale)))
    if plan.apart:
        plan.apart.life(world, events)
    mails = [e for e in events if isinstance(e, Mail)]
    events += notices(world, mails)
    events = [e for e in events if world.begin - 60 <= e.at < world.end]
    for incident in found:
        if incident.style == "unknown_users":       # what goes out are the bounces
            own = {id(m) for m in incident.mails}
            incident.mails = [e for e in events if isinstance(e, Mail) and e.parent is not None and id(e.parent) in own]
        incident.mails = [m for m in incident.mails if m.at < world.end]
        incident.last = min(incident.last, world.end)
    events.sort(key=lambda e: e.at)
    return world, events, found


def shown(plan, incident, php):
    """The subject as the log at hand can show it: see `subject` in DESIGN and docs."""
    if incident.kind != "script":
        return incident.subject
    mail = incident.mails[0]
    if php:
        return mail.script
    if plan.mta == "exim" and plan.options.get("arguments"):
        return mail.cwd
    return mail.user


def store(path, lines):
    data = b"".join(line + b"\n" for _, line in lines)
    opener = {".gz": lambda x: gzip.compress(x, mtime=0), ".xz": lzma.compress,
              ".bz2": bz2.compress}.get(os.path.splitext(path)[1])
    with open(path, "wb") as out:
        out.write(opener(data) if opener else data)
    if lines:       # a year-less stamp takes its year from here
        os.utime(path, (lines[-1][0] + 1, lines[-1][0] + 1))


def write(plan, folder, happen=happen):
    """Make the log files and truth.json of a plan in a folder. @return the truth"""
    os.makedirs(folder, exist_ok=True)
    rng = plan.rng
    world, events, found = happen(plan)
    writer = MTAS[plan.mta](world, rng, plan.options)
    raw = [line for line in writer.write(events) if world.begin - 60 <= line[0] < world.end + 60]
    if plan.shape == "window" and found:        # what somebody cut out of a log: the incident and little else
        first, last = min(i.first for i in found) - 600, max(i.last for i in found) + 600
        raw = [line for line in raw if first <= line[0] <= last]
    lines = heads.render(raw, plan.head, world.host, plan.tz, **plan.head_more)
    if plan.shape == "two_hosts" and plan.head in heads.SYSLOG:
        lines = sorted(lines + second_host(plan, world, rng, raw), key=lambda x: int(x[0]))
    name = "mainlog" if plan.mta == "exim" else "mail.log"
    files = cut(plan, lines, rng, name + (".json" if plan.head == "journal" else ""))
    php = plan.mta != "qmail" and rng.random() < 0.3
    if php and any(e.tag >= 0 and e.script for e in events if isinstance(e, Mail)):
        files.append(("php-mail.log", php_log([e for e in events if isinstance(e, Mail)], rng)))
    else:
        php = False
    for name, content in files:
        store(os.path.join(folder, name), content)
    truth = {"seed": plan.seed, "mta": plan.mta, "head": plan.head, "tz": plan.tz, "options": plan.options,
             "shape": plan.shape, "logs": [name for name, _ in files], "mynetworks": [], "host": world.host,
             "begin": world.begin, "end": world.end, "lines": sum(len(c) for _, c in files), "incidents": []}
    for incident in found:
        row = incident.truth()
        subject = shown(plan, incident, php)
        row["accept"] = [x for x in [row["subject"], *row["accept"]] if x != subject]
        row["subject"] = subject
        truth["incidents"].append(row)
    truth["incidents"].sort(key=lambda row: -row["recipients"])
    with open(os.path.join(folder, "truth.json"), "w") as out:
        json.dump(truth, out, indent=1)
        out.write("\n")
    return truth


def second_host(plan, world, rng, raw):
    """Another server in the same central log: normal life, and queue ids that the first one has too."""
    other = World(rng, world.begin, world.days, 4, plan.login_style)
    other.host = "b-" + world.host
    events = []
    habits.live(other, events, 20, [])
    events += notices(other, [e for e in events if isinstance(e, Mail)])
    events.sort(key=lambda e: e.at)
    writer = MTAS[plan.mta](other, rng, plan.options)
    if plan.mta == "postfix":
        ids = [t.split(":")[0] for _, p, _, t in raw if p.endswith("smtpd") and ": client=" in t]
        fresh = writer.ids.new
        writer.ids.new = lambda at: ids.pop() if ids and rng.random() < 0.5 else fresh(at)
    lines = [line for line in writer.write(events) if other.begin <= line[0] < other.end]
    return heads.render(lines, plan.head, other.host, plan.tz)


def cut(plan, lines, rng, name):
    """One file, a rotated set, or two files one after the other. @return [(name, lines)], oldest first"""
    if plan.shape == "rotated" and len(lines) > 50:
        parts = rng.randrange(2, 5)
        at = [len(lines) * i // parts for i in range(parts + 1)]
        end = rng.choice([".gz", ".gz", ".xz", ".bz2"])
        chunks = [lines[at[i]:at[i + 1]] for i in range(parts)]
        ages = range(parts - 1, -1, -1)
        named = [f"{name}.{age}{end if age > 1 else ''}" if age else name for age in ages]
        return list(zip(named, chunks))
    if plan.shape == "split" and len(lines) > 50:
        half = len(lines) // 2
        return [("old-" + name, lines[:half]), (name, lines[half:])]
    return [(name, lines)]
