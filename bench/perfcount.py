# SPDX-License-Identifier: BSD-2-Clause
"""What a processor counts while a program runs, by perf(1): ratios of seconds change with the machine and with who else
uses it, instructions hardly do, and cache misses tell why two machines differ."""
import os
import shutil
import subprocess
import tempfile

EVENTS = {"instructions": "instructions_a_line", "cache-misses": "cache_misses_a_line"}


def parse(text, lines):
    """What `perf stat -x ;` wrote. @return {figure: per line, or None}"""
    figures = dict.fromkeys(EVENTS.values())
    for row in text.splitlines():
        cells = row.split(";")
        event = cells[2].split(":")[0] if len(cells) > 2 else ""    # "instructions:u" where the kernel is not counted
        if event in EVENTS and cells[0].isdigit() and lines:
            figures[EVENTS[event]] = round(int(cells[0]) / lines, 2)
    return figures


def why_not(text, errors):
    """In one line."""
    for words in ("<not supported>", "<not counted>"):
        if words in text:
            return f"perf: {words}: no counters on this machine, as in most virtual ones"
    return "perf: " + (errors.strip().splitlines() or ["counts nothing"])[0]


def count(command, lines, env=None):
    """Run the command once. @return figures a line; `why_not` where there are none"""
    perf = shutil.which("perf", path=(env or os.environ).get("PATH"))
    if not perf:
        return {**parse("", lines), "why_not": "perf is not installed"}
    with tempfile.NamedTemporaryFile("r") as counts, tempfile.TemporaryFile() as out:
        done = subprocess.run([perf, "stat", "-x", ";", "-o", counts.name, "-e", ",".join(EVENTS), "--", *command],
                              stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, text=True,
                              env={**(env or os.environ), "LC_ALL": "C"})
        text = counts.read()
    figures = parse(text, lines)
    return figures if None not in figures.values() else {**figures, "why_not": why_not(text, done.stderr)}
