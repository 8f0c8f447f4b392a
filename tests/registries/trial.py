#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A log format, a detector, a cause and a command are one new file and one row each: tried, built and run.

usage: tests/registries/trial.py SOURCE_FOLDER SCRATCH_FOLDER
The scratch folder gets a copy of src/ and a build of the program without optimization; it is left there, so that a
compiler cache knows it again. Exit status 0: all four work, and a table with a fault in it does not compile.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent

# file of tests/registries -> where it goes, and the row that it needs (file of src/, row)
TRIALS = [
    ("format.c", "logparse/trial_format.c", "logparse/formats.inc", "MAIL_FORMAT(11, TRIAL, trial_format)"),
    ("detector.c", "diagnose/trial_detector.c", "diagnose/detectors.inc", "DETECTOR(trial_detector, trial)"),
    (None, None, "lists/causes.inc", 'CAUSE(TRIAL, "trial_cause", "a trial")'),
    ("command.c", "cli/cmd_trial.c", "cli/commands.inc", "COMMAND(cmd_trial, trial)"),
]
MESSAGES = 40


def fail(text):
    sys.exit(f"tests/registries/trial.py: {text}")


def add_row(table, row):
    """Behind the last row, as anybody would."""
    lines = table.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("#undef"))
    table.write_text("\n".join(lines[:at] + [row] + lines[at:]) + "\n")


def lay_out(source, tree):
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    shutil.copytree(source / "src", tree / "src")
    for name in ("meson.build", "meson_options.txt", "data", "docs", "packaging", "tools"):
        (tree / name).symlink_to(source / name)
    for text, to, table, row in TRIALS:
        if to:
            shutil.copy(HERE / text, tree / "src" / to)
        add_row(tree / "src" / table, row)


def run(*command, status=0):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, "LC_ALL": "C"})
    if done.returncode != status:
        fail(f"{' '.join(map(str, command))}: exit status {done.returncode}, not {status}\n"
             f"{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def build(tree, folder):
    if not (folder / "build.ninja").exists():
        run("meson", "setup", folder, tree, "-Dbuildtype=plain", "-Dtests=false", "-Dbench=false")
    run("ninja", "-C", folder, "offlist")
    return folder / "offlist"


def log_lines():
    """Mail of one login, and two lines of the trial format."""
    for i in range(MESSAGES):
        head, queue_id = f"Nov 24 12:{i:02}:0", f"4B{i:04X}"
        yield f"{head}1 mx1 postfix/smtpd[100]: {queue_id}: client=unknown[203.0.113.9], sasl_method=PLAIN, " \
              "sasl_username=anna"
        yield f"{head}2 mx1 postfix/qmgr[101]: {queue_id}: from=<anna@example.org>, size=1000, nrcpt=1 (queue active)"
        yield f"{head}3 mx1 postfix/smtp[102]: {queue_id}: to=<u{i}@example.com>, " \
              "relay=mx.example.com[192.0.2.5]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)"
        yield f"{head}4 mx1 postfix/qmgr[101]: {queue_id}: removed"
    yield "Nov 24 13:00:00 mx1 trialmta[7]: one"
    yield "Nov 24 13:00:01 mx1 trialmta[7]: two"


def try_command(program):
    if run(program, "trial") != "a trial command\n":
        fail("the command says something else")
    if "Try what one row does." not in run(program, "help"):
        fail("the command is not in the help")
    if "trial" not in run(program, "completion", "bash"):
        fail("the command is not in the completion")


def try_format(program, log, folder):
    formats = json.loads(run(program, "log", "stats", "--json", "--state", folder, "--log", log))["coverage"]["formats"]
    if formats != {"postfix": 4 * MESSAGES, "trial_format": 2}:
        fail(f"the lines count as {formats}")


def try_detector(program, log, folder):
    report = json.loads(run(program, "diagnose", "--json", "--explain", "trial_cause", "--mynetworks", "10.0.0.0/8",
                            "--state", folder, "--log", log, status=1))
    found = [cause for cause in report["causes"] if cause["kind"] == "trial_cause"]
    if len(found) != 1 or found[0]["subject"] != "anna" or "anna is on trial" not in found[0]["sentence"]:
        fail(f"the detector's cause is {found}")


def try_fault(tree):
    """Two formats in one place would be one key: the table says so before anything is run."""
    source = tree / "src" / "logparse" / "format.c"
    table = tree / "src" / "logparse" / "formats.inc"
    right = table.read_text()
    table.write_text(right.replace("MAIL_FORMAT(11, TRIAL", "MAIL_FORMAT(7, TRIAL"))
    done = subprocess.run(["cc", "-std=gnu17", "-D_GNU_SOURCE", f"-I{tree}/src", "-fsyntax-only", str(source)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    table.write_text(right)
    if done.returncode == 0 or "each format has a place of its own" not in done.stdout:
        fail(f"two formats in one place compile\n{done.stdout}")


def main(argv):
    if len(argv) != 3:
        fail("usage: tests/registries/trial.py SOURCE_FOLDER SCRATCH_FOLDER")
    source, scratch = pathlib.Path(argv[1]).resolve(), pathlib.Path(argv[2]).resolve()
    tree = scratch / "tree"
    lay_out(source, tree)
    program = build(tree, scratch / "build")
    log = scratch / "mail.log"
    log.write_text("\n".join(log_lines()) + "\n")
    state = scratch / "state"
    try_command(program)
    try_format(program, log, state)
    try_detector(program, log, state)
    try_fault(tree)
    print(f"{len(TRIALS)} rows, {sum(1 for trial in TRIALS if trial[1])} files: all work")


if __name__ == "__main__":
    main(sys.argv)
