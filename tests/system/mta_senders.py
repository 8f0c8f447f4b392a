# SPDX-License-Identifier: BSD-2-Clause
"""A mail server that sends, beside it programs that send by themselves; what `offlist audit senders` says of them."""
import json
import os
import shutil
import subprocess
import threading

import mta_queues
from mta_box import Box, Receiver

OTHERS = [f"192.0.2.{number}" for number in range(10, 16)]      # mail servers elsewhere
WEB = "/usr/local/sbin/php-fpm8.2"
PYTHON = os.path.realpath("/usr/bin/python3")
WATCH_S = "2"

# connects to each ADDRESS:PORT and holds what it has until it is told to end
SENDER = """import socket, sys
held = [socket.create_connection((a.split(":")[0], int(a.split(":")[1]))) for a in sys.argv[1:]]
print("ready", flush=True)
sys.stdin.read()
"""

POSTFIX = """compatibility_level = 3.6
myhostname = mx.example.com
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
local_recipient_maps =
alias_maps =
alias_database =
default_transport = smtp:[192.0.2.10]
smtpd_peername_lookup = no
smtp_host_lookup = native
smtpd_recipient_restrictions = permit_mynetworks, reject
"""


class Programs:
    """Those that the test starts; they end with it."""

    def __init__(self):
        self.running = []

    def start(self, *command, **more):
        program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **more)
        self.running.append(program)
        return program

    def sends(self, interpreter, *ends, port=25, script="/usr/local/bin/newsletter.py", **more):
        program = self.start(interpreter, script, *(f"{end}:{port}" for end in ends), **more)
        assert program.stdout.readline() == "ready\n"

    def end(self):
        for program in self.running:
            program.kill()
            program.wait()
        self.running = []


def receivers():
    subprocess.run(["ip", "addr", "add", "192.0.2.1/24", "dev", "lo"], check=True)
    for address in OTHERS:
        subprocess.run(["ip", "addr", "add", f"{address}/24", "dev", "lo"], check=True)
        for port in (25, 587):
            server = Receiver((address, port), Receiver.handle_one)
            threading.Thread(target=server.serve_forever, daemon=True).start()


def senders(binary, scene):
    """@param scene  "faulty", "sound" or "blind". @return (exit status, answer) of audit, of diagnose, and of an
    audit that is interrupted"""
    if not binary.startswith("/usr"):
        shutil.copy(binary, "/usr/local/bin/offlist")
    box = Box()
    receivers()
    mta_queues.postfix_files(POSTFIX, ["smtp inet n - n - - smtpd"])
    box.must("postfix", "-c", "/etc/postfix", "start")
    box.listens()
    box.send("slow@elsewhere.example")          # an smtp of Postfix holds its connection
    box.wait(lambda: "192.0.2.10" in subprocess.run(["ss", "-tn", "state", "established", "dport", "25"],
                                                    stdout=subprocess.PIPE, text=True).stdout)
    mta_queues.write("/usr/local/bin/newsletter.py", SENDER)
    programs = Programs()
    if scene != "sound":
        intrude(programs)
    answers = [asked(scene, "audit", "senders", "--for", WATCH_S), asked(scene, "diagnose"),
               asked(scene, "audit", "senders", "--for", "1000",
                     before=("timeout", "--preserve-status", "-s", "INT", WATCH_S))]
    programs.end()
    return answers


def asked(scene, *arguments, before=()):
    command = [*before, "/usr/local/bin/offlist", "--state", "/run/offlist", "--json", *arguments]
    if scene == "blind":
        command = ["setpriv", "--reuid", "65534", "--clear-groups", *command]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=100)
    return run.returncode, json.loads(run.stdout) if run.stdout else run.stderr


def intrude(programs):
    web = {"user": 33, "cwd": "/var"}
    hidden = "/dev/shm/.x/cron"
    os.makedirs(os.path.dirname(hidden))
    shutil.copy(PYTHON, hidden)
    programs.sends(hidden, OTHERS[1], script="/usr/local/bin/newsletter.py")
    os.unlink(hidden)
    for number in range(1, 5):                  # a process a message
        programs.sends(PYTHON, OTHERS[number], script="/usr/local/bin/newsletter.py", **web)
    shutil.copy(PYTHON, WEB)
    programs.sends(WEB, *OTHERS[1:5], script="/usr/local/bin/newsletter.py", **web)
    mta_queues.write("/usr/local/bin/monitor.py", SENDER)
    programs.sends(PYTHON, OTHERS[5], script="/usr/local/bin/monitor.py")
    mta_queues.write("/usr/local/bin/submits.py", SENDER)
    programs.sends(PYTHON, *OTHERS, port=587, script="/usr/local/bin/submits.py")


class Scene:
    """What a box plays, as another process can be told it."""

    def __init__(self, binary, scene):
        self.binary, self.scene = binary, scene

    def __call__(self):
        return senders(self.binary, self.scene)
