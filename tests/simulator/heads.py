# SPDX-License-Identifier: BSD-2-Clause
"""The head of a line: who writes the log, and how it gives the time."""
import datetime
import json
import zoneinfo

UTC = datetime.timezone.utc


def zone(name):
    if name == "UTC":
        return UTC
    if name[0] in "+-":
        sign = -1 if name[0] == "-" else 1
        return datetime.timezone(sign * datetime.timedelta(hours=int(name[1:3]), minutes=int(name[4:6])))
    return zoneinfo.ZoneInfo(name)


def offset(t, colon=True):
    text = t.strftime("%z")
    return text[:3] + ":" + text[3:5] if colon else text


def rfc3164(t, at, host, program, pid, text):
    return f"{t.strftime('%b')} {t.day:2d} {t.strftime('%H:%M:%S')} {host} {program}[{pid}]: {text}"


def rfc3164_facility(t, at, host, program, pid, text):
    return f"{t.strftime('%b')} {t.day:2d} {t.strftime('%H:%M:%S')} <mail.info> {host} {program}[{pid}]: {text}"


def iso(t, at, host, program, pid, text):
    return f"{t.strftime('%Y-%m-%dT%H:%M:%S.%f')}{offset(t)} {host} {program}[{pid}]: {text}"


def rfc5424(t, at, host, program, pid, text):
    u = t.astimezone(UTC)
    return f"<22>1 {u.strftime('%Y-%m-%dT%H:%M:%S.%f')[:-3]}Z {host} {program} {pid} - - {text}"


def docker(t, at, host, program, pid, text):
    u = datetime.datetime.fromtimestamp(at, UTC)
    return f"mailserver  | {u.strftime('%Y-%m-%dT%H:%M:%S.%f')}123Z {rfc3164(t, at, host, program, pid, text)}"


def journal(t, at, host, program, pid, text):
    raw = text.encode("utf-8", "surrogateescape")
    try:
        message = raw.decode("utf-8")
    except UnicodeDecodeError:
        message = list(raw)
    return json.dumps({"__REALTIME_TIMESTAMP": str(int(at * 1e6)), "_HOSTNAME": host, "SYSLOG_IDENTIFIER": program,
                       "_PID": str(pid), "SYSLOG_FACILITY": "2", "PRIORITY": "6", "MESSAGE": message,
                       "_TRANSPORT": "syslog"}, ensure_ascii=False)


def exim(t, at, host, program, pid, text, ms=False, with_zone=False, with_pid=False):
    stamp = t.strftime("%Y-%m-%d %H:%M:%S") + (f".{t.microsecond // 1000:03d}" if ms else "")
    stamp += " " + offset(t, False) if with_zone else ""
    return f"{stamp} [{pid}] {text}" if with_pid else f"{stamp} {text}"


def tai64n(t, at, host, program, pid, text):
    return f"@{int(at) + 10 + 2**62:016x}{int(at % 1 * 1e9):08x} {text}"


def epoch(t, at, host, program, pid, text):
    return f"{host and ''}{rfc3164(t, at, host, 'qmail', pid, f'{at:.6f} {text}')}".replace(f"[{pid}]", "", 1)


SYSLOG = {"rfc3164": rfc3164, "iso": iso, "rfc5424": rfc5424, "docker": docker, "journal": journal,
          "facility": rfc3164_facility}
HEADS = {**SYSLOG, "exim": exim, "tai64n": tai64n, "epoch": epoch}


def render(lines, head, host, tz, **more):
    """@param lines (at, program, pid, text) @return [(at, bytes without line end)] in the order of time"""
    form, where = HEADS[head], zone(tz)
    lines = sorted(enumerate(lines), key=lambda x: (int(x[1][0] * 1000), x[0]))
    out = []
    for _, (at, program, pid, text) in lines:
        t = datetime.datetime.fromtimestamp(at, where)
        text = form(t, at, host, program or "exim", pid, text, **(more if head == "exim" else {}))
        out.append((at, text.encode("utf-8", "surrogateescape")))
    return out
