"""From what a server wrote to files as an administrator has them: the head of each line, rotation, ends."""
import gzip
import os
import time

NS = 1_000_000_000
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
# Postfix waits for an answer by a timer; a jump of the clock ends the wait, which no real clock does
OF_THE_CLOCK = "unix_trigger_event: read timeout"


def _stamp3164(ns):
    tm = time.gmtime(ns // NS)
    return f"{MONTHS[tm.tm_mon - 1]} {tm.tm_mday:2d} {tm.tm_hour:02d}:{tm.tm_min:02d}:{tm.tm_sec:02d}"


def _iso(ns, digits=6):
    tm = time.gmtime(ns // NS)
    fraction = f"{ns % NS:09d}"[:digits]
    return time.strftime("%Y-%m-%dT%H:%M:%S", tm) + f".{fraction}"


def head(style, ns, host, rest):
    """@return one line. @param rest "program[pid]: text" """
    if style == "rfc3339":
        return f"{_iso(ns)}+00:00 {host} {rest}"
    if style == "journalctl_iso":
        return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(ns // NS))}+0000 {host} {rest}"
    if style == "docker_stamps":
        return f"{_iso(ns, 9)}Z {_stamp3164(ns)} {host} {rest}"
    if style == "docker_plain":         # a container whose logger writes no host
        return f"{_iso(ns, 9)}Z {rest}"
    return f"{_stamp3164(ns)} {host} {rest}"


def read_vlog(path):
    """@return [(ns, "program[pid]: text")] in time order"""
    found = []
    with open(path, encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            if OF_THE_CLOCK in line:
                continue
            ns, _, rest = line.rstrip("\n").split(" ", 2)
            found.append((int(ns), rest))
    found.sort(key=lambda one: one[0])
    return found


def save(out, name, lines, last_s, parts=1, packed=False):
    """Write lines as one file or as a rotation, the oldest first. @param lines [(seconds, text)]
    @return file names, oldest first"""
    parts = max(1, min(parts, len(lines) // 50))
    names, begin = [], 0
    for number in range(parts):
        until = len(lines) if number == parts - 1 else len(lines) * (number + 1) // parts
        age = parts - 1 - number
        file = name + (f".{age}" if age else "")
        text = "".join(line + "\n" for _, line in lines[begin:until]).encode("utf-8", "surrogateescape")
        if packed and age > 1:
            file += ".gz"
            text = gzip.compress(text, mtime=0)
        path = os.path.join(out, file)
        with open(path, "wb") as to:
            to.write(text)
        stamp = last_s if age == 0 else lines[until - 1][0]
        os.utime(path, (stamp, stamp))
        names.append(file)
        begin = until
    return names
