"""What is true of a scenario, from what the driver did; and its log, as files."""
import hashlib
import json
import os
import time

NS = 1_000_000_000
HERE = os.path.dirname(os.path.realpath(__file__))


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)) if seconds else None


def fingerprint():
    """@return which state of the driver made a log"""
    digest = hashlib.sha256()
    for name in sorted(os.listdir(HERE)):
        if name.endswith((".py", ".c")):
            with open(os.path.join(HERE, name), "rb") as file:
                digest.update(file.read())
    return digest.hexdigest()[:12]


def save(out, s, runner, heads):
    """Write the log's files and truth.json into a folder."""
    names, count = _logs(out, s, runner, heads)
    if os.path.exists("/run/php.log"):
        with open("/run/php.log") as file, open(os.path.join(out, "phpmail.log"), "w") as copy:
            copy.write(file.read())
        os.utime(os.path.join(out, "phpmail.log"), (s.end, s.end))
        names.append("phpmail.log")
    with open("/run/outcomes.json") as file:
        outcomes = json.load(file)
    causes = []
    for cause in s.causes:
        lot, fate = runner.lots.get(cause.lot, {}), outcomes.get(cause.lot, {})
        causes.append({"kind": cause.kind, "subjects": cause.subjects, "also": cause.also,
                       "explains_listing": cause.explains_listing, "notes": cause.notes,
                       "messages": lot.get("messages", 0), "recipients": lot.get("recipients", 0),
                       "delivered": fate.get("ok", 0), "refused_as_spam": fate.get("spam", 0),
                       "first_at": iso(lot.get("first")), "last_at": iso(lot.get("last"))})
        if not lot.get("messages"):
            raise AssertionError(f"nothing of the incident {cause.lot} was accepted")
    told = {"seed": s.seed, "mta": s.server.mta, "kind": s.kind, "story": s.story, "clean": not causes, "head": s.head,
            "logs": names, "options": getattr(s, "diagnose_options", []), "lines": count,
            "from": iso(s.start), "to": iso(s.end), "causes": causes, "accepted_extra": s.accepted_extra,
            "notes": s.notes, "lots": runner.lots, "outcomes": outcomes,
            "driver": fingerprint(), "host": s.server.host, "ip": s.server.ip, "domains": s.server.domains}
    with open(os.path.join(out, "truth.json"), "w") as file:
        json.dump(told, file, indent=1)
        file.write("\n")


def _logs(out, s, runner, heads):
    if runner.mta.own_log:
        lines = runner.mta.lines()
        names = heads.save(out, runner.mta.log_name, lines, s.end, s.parts, s.packed)
        return names, len(lines)
    host = s.server.options.get("log_host") or s.server.host.partition(".")[0]
    lines = [(ns / NS, heads.head(s.head, ns, host, rest)) for ns, rest in heads.read_vlog("/run/vlog")]
    return heads.save(out, "mail.log", lines, s.end, s.parts, s.packed), len(lines)
