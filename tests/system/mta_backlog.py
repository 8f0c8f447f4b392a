# SPDX-License-Identifier: BSD-2-Clause
"""Mail servers whose queues are full, in one way or another; what `offlist audit queue` says of them, and what its
commands do."""
import base64
import itertools
import json
import os
import re
import shutil
import socket
import socketserver
import subprocess
import threading

import mta_queues
from mta_box import Box, Receiver

LISTED = ("450 4.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; "
          "https://www.spamhaus.org/query/ip/192.0.2.10")
MALLORY, WEB_UID = "mallory@example.com", 33
MANY = 110

POSTFIX = """compatibility_level = 3.6
myhostname = mx.example.com
mydestination = example.com
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.2]:2525
smtpd_peername_lookup = no
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = /run/sasl
smtpd_recipient_restrictions = permit_mynetworks, permit_sasl_authenticated, check_client_access
  inline:{{192.0.2.77=OK}, {192.0.2.78=OK}}, reject
minimal_backoff_time = 600s
queue_run_delay = 600s
maximal_queue_lifetime = 5d
smtpd_sender_restrictions = check_sender_access inline:{ { held@example.com = HOLD under review } }
local_recipient_maps =
alias_maps =
alias_database =
smtpd_client_connection_rate_limit = 0
"""


class Refusing(Receiver.handle_one):
    def answer(self, line):
        if line.startswith("RCPT") and "SPAM" in line:
            self.say(LISTED)
            return True
        return super().answer(line)


class Accounts(socketserver.ThreadingUnixStreamServer):
    """Every name with any password: what Postfix asks of Dovecot's authentication server (its protocol, version 1)."""
    daemon_threads = True

    class handle_one(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nDONE\n")
            for line in self.rfile:
                words = line.decode().rstrip("\n").split("\t")
                if words[0] == "AUTH":
                    response = next(word[5:] for word in words if word.startswith("resp="))
                    name = base64.b64decode(response).split(b"\0")[1].decode()
                    self.wfile.write(f"OK\t{words[1]}\tuser={name}\n".encode())


def send(messages, port=25):
    """(client, login, sender, recipients, text) each; client None: as it is; those of one client and login follow
    each other in one session."""
    for (client, login), some in itertools.groupby(messages, key=lambda one: one[:2]):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
            session(sock.makefile("rwb"), client, login, some)


def session(stream, client, login, messages):
    def say(command):
        if command is not None:
            stream.write((command if isinstance(command, bytes) else command.encode()) + b"\r\n")
            stream.flush()
        answer = stream.readline()
        while answer[3:4] == b"-":
            answer = stream.readline()
        if answer[:1] not in (b"2", b"3"):
            raise OSError(f"{command}: {answer!r}")
    say(None)
    say("EHLO pc.example.com")
    if client:
        say(f"XCLIENT ADDR={client} NAME=[UNAVAILABLE]")
        say("EHLO pc.example.com")
    if login:
        say("AUTH PLAIN " + base64.b64encode(f"\0{login}\0secret".encode()).decode())
    for _, _, sender, recipients, text in messages:
        for command in (f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{to}>" for to in recipients), "DATA", text + b"\r\n."):
            say(command)
    say("QUIT")


def mail(sender, subject, body=b"hello"):
    return f"From: {sender}\r\nSubject: {subject}\r\n\r\n".encode() + body


def postfix_box():
    box = Box()
    box.receiver.RequestHandlerClass = Refusing
    accounts = Accounts("/run/sasl", Accounts.handle_one)
    os.chmod("/run/sasl", 0o777)
    threading.Thread(target=accounts.serve_forever, daemon=True).start()
    mta_queues.postfix_files(POSTFIX, ["smtp inet n - n - - smtpd"])
    box.must("postfix", "-c", "/etc/postfix", "start")
    box.listens()
    return box


def ordinary():
    """A few newsletters, and people whose mail waits."""
    for number in range(12):
        yield ("192.0.2.77", "news@example.com", "news@example.com", [f"later{number}@example.net"],
               mail("news@example.com", "Our winter offers"))
    for name in ("alice", "bob", "carol"):
        yield ("192.0.2.78", f"{name}@example.com", f"{name}@example.com", ["later@example.org"],
               mail(f"{name}@example.com", "lunch?"))


def stolen():
    """Mallory's login, and always bob's name."""
    for number in range(MANY):
        yield (f"203.0.113.{number // 8 + 1}", MALLORY, "bob@example.com", [f"spam{number}@example.net"],
               mail("bob@example.com", f"Invoice {number * 7919}"))


def asked(*arguments, before=()):
    command = [*before, "/usr/local/bin/offlist", "--state", "/run/offlist", "--json", "audit", "queue", *arguments]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=100)
    return run.returncode, json.loads(run.stdout) if run.stdout else run.stderr


def listed():
    """@return [postqueue's rows]"""
    run = subprocess.run(["postqueue", "-j"], stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def logins():
    """@return {queue id: (queue, login or "")} by postcat"""
    queues = {row["queue_id"]: row["queue_name"] for row in listed()}
    text = subprocess.run(["postcat", "-qe", *queues], stdout=subprocess.PIPE, text=True, check=True).stdout
    files = re.split(r"^\*\*\* ENVELOPE RECORDS \S*?(\w+) \*\*\*$", text, flags=re.M)
    found = {}
    for name, records in zip(files[1::2], files[2::2]):
        login = re.search("^named_attribute: sasl_username=(.*)$", records, re.M)
        found[name] = (queues[name], login[1] if login else "")
    return found


def follow(finding, what):
    """Run one of its commands. @return (exit status, output)"""
    command = {one["what"]: one["command"] for one in finding["commands"]}[what]
    run = subprocess.run(["sh", "-c", command], cwd="/root", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, timeout=100)
    return run.returncode, run.stdout


def postfix_faulty():
    box = postfix_box()
    send(ordinary())
    send(stolen())
    box.send("later9@example.net", sender="bob@example.com")        # bob's own, from his own machine
    box.logs("status=deferred", MANY + 16)
    answers = {"audit": asked(), "before": logins()}
    finding = answers["audit"][1]["findings"][0]
    for what in ("hold", "look", "release", None, "keep", "remove"):
        done = follow(finding, what) if what else (0, box.run("sh", "-c", "postsuper -h - < /root/held.ids"))
        answers.setdefault("commands", []).append((what, *done, logins()))
    return answers


def postfix_sound():
    box = postfix_box()
    send(ordinary())
    box.logs("status=deferred", 15)
    return {"audit": asked(), "blind": asked(before=("setpriv", "--reuid", "65534", "--clear-groups"))}


SCENES = {name: globals()[name] for name in ("postfix_faulty", "postfix_sound")}


class Scene:
    """What a box plays, as another process can be told it."""

    def __init__(self, binary, name):
        self.binary, self.name = binary, name

    def __call__(self):
        if not self.binary.startswith("/usr"):
            shutil.copy(self.binary, "/usr/local/bin/offlist")
        os.makedirs("/root", exist_ok=True)
        return SCENES[self.name]()
