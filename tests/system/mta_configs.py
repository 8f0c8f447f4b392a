# SPDX-License-Identifier: BSD-2-Clause
"""Mail servers with a configuration before and after it was mended: what the program says of the file, and what it says
to a stranger who wants to relay, to a good client and to one that a list has. A name server of the box's own has the
lists."""
import concurrent.futures
import os
import re
import shutil
import socket
import subprocess
import threading

import mta_queues
import packet
from mta_box import Box

STRANGER, LISTED = "127.0.0.8", "127.0.0.9"
LISTS = ("zen.spamhaus.org", "bl.spamcop.net", "psbl.surriel.com")
LISTED_NAME = "listed.example"          # of domain lists
GREETING_S = 12         # a server that does not start never greets
POSTFIX_PORT, POSTSCREEN_PORT, VALUES_PORT = 25, 26, 3000
# who comes, from where, to whom, in whose name
TALKS = (("relay", STRANGER, "victim@elsewhere.example"), ("good", STRANGER, "bob@example.com"),
         ("listed", LISTED, "bob@example.com"), ("listed_name", STRANGER, "bob@example.com", f"a@{LISTED_NAME}"))


def keep_lists():
    """A name server at 127.0.0.1: the listed client is on each of LISTS, nobody on any other list, whichever it is."""
    with open("/etc/resolv.conf", "w") as file:
        file.write("nameserver 127.0.0.1\n")
    turned = ".".join(reversed(LISTED.split(".")))
    answers = {f"{turned}.{zone}": "127.0.0.2" for zone in LISTS}
    answers[f"{LISTED_NAME}.dbl.spamhaus.org"] = "127.0.1.2"
    known = {packet.wire(name): code for name, code in answers.items()}
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 53))

    def run():
        while True:
            query, client = sock.recvfrom(4096)
            try:
                name, _, kind, end = packet.question(query)
            except ValueError:
                continue
            code = known.get(name)
            found = [packet.a(code)] if code and kind == packet.A else []
            sock.sendto(packet.reply(query, end, packet.NOERROR if code else packet.NXDOMAIN, found), client)
    threading.Thread(target=run, daemon=True).start()


def talk(source, port, recipient, sender="a@example.net", wait_s=40):
    """@return the reply that ends it: the first refusal, or that to the message"""
    with socket.create_connection(("127.0.0.1", port), timeout=wait_s, source_address=(source, 0)) as sock:
        stream = sock.makefile("rwb")

        def answer():
            line = stream.readline()
            while line[3:4] == b"-":
                line = stream.readline()
            return line.decode(errors="replace").strip()
        said = answer()
        for command in ("EHLO mail.example.net", f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA",
                        f"From: {sender}\r\nSubject: x\r\n\r\nhello\r\n."):
            if said[:1] not in ("2", "3"):
                break
            stream.write(command.encode() + b"\r\n")
            stream.flush()
            said = answer()
        return said


# ---- Postfix ----

POSTFIX = """compatibility_level = 3.6
myhostname = mx.example.com
mydestination = example.com
mynetworks = 127.0.0.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
local_recipient_maps =
alias_maps =
alias_database =
local_transport = discard
default_transport = discard
smtpd_relay_restrictions =
smtpd_client_restrictions =
postscreen_greet_wait = 6s
postscreen_dnsbl_action = enforce
postscreen_cache_map =
soft_bounce = no
"""
GUARDED = "smtpd_recipient_restrictions = reject_unauth_destination\n"
ONCE = "-o max_use=1"                   # a process a client: each reads the file anew


def complaints(said):
    """@return what Postfix says of a file, but for parameters that stand there twice: ours and the case's"""
    return "".join(line for line in said.splitlines(True)
                   if re.match(r"[/\\w-]+: (warning|error|fatal)", line) and "overriding earlier entry" not in line)


def write_main(text):
    """As if it stood there for long: Postfix waits a second or two before it reads a file that has just changed."""
    mta_queues.write("/etc/postfix/main.cf", POSTFIX + text)
    os.utime("/etc/postfix/main.cf", (1, 1))


def postfix(cases, values):
    """@param cases   [(before, after)], ends of a main.cf; with "\\0" in it, what follows is the options of smtpd
    @param values  [(service, -o option)] that are tried alone
    @return [[what each of the two did]], [whether the server greeted], what `postfix check` says"""
    box = Box()
    keep_lists()
    services = [f"smtp inet n - n - - smtpd {ONCE}", f"{POSTSCREEN_PORT} inet n - n - 1 postscreen",
                "smtpd pass - - n - - smtpd", "dnsblog unix - - n - 0 dnsblog", "tlsproxy unix - - n - 0 tlsproxy"]
    services += [f"{VALUES_PORT + number} inet n - n - {1 if name == 'postscreen' else '-'} {name} -o {option}"
                 for number, (name, option) in enumerate(values)]
    mta_queues.postfix_files(POSTFIX + GUARDED, services)
    box.must("postfix", "-c", "/etc/postfix", "start")
    box.listens()
    with open("/etc/postfix/master.cf") as file:
        master = file.read()
    options = ""

    def tried(text):
        nonlocal options
        main, _, wanted = text.partition("\0")
        write_main(main)
        screens = "postscreen_dnsbl_sites" in main
        if wanted != options or screens:
            options = wanted
            mta_queues.write("/etc/postfix/master.cf", master.replace(ONCE, ONCE + wanted, 1))
            before = box.text().count("reload -- version")
            box.must("postfix", "reload")
            box.logs("reload -- version", before + 1)
        checked = complaints(box.run("postconf", "-n"))
        port = POSTSCREEN_PORT if screens else POSTFIX_PORT
        with concurrent.futures.ThreadPoolExecutor(len(TALKS)) as pool:
            said = pool.map(lambda one: talk(one[1], port, *one[2:]), TALKS)
            return {"check": checked, **{one[0]: answer for one, answer in zip(TALKS, said)}}

    def greets(number):
        try:
            return talk(STRANGER, VALUES_PORT + number, "bob@example.com", wait_s=GREETING_S)[:1] in ("2", "5")
        except OSError:
            return False
    outcome = [[tried(text) for text in case] for case in cases]
    after = "".join(text.partition("\0")[0] for _, text in cases)
    write_main(after + GUARDED)
    checked = complaints(box.run("postfix", "check")) if cases else ""      # of all at once: it takes seconds
    with concurrent.futures.ThreadPoolExecutor(len(values) or 1) as pool:
        return outcome, list(pool.map(greets, range(len(values)))), checked


# ---- Exim ----

EXIM = """primary_hostname = mx.example.com
domainlist local_domains = example.com
hostlist relay_from_hosts = 127.0.0.1
keep_environment =
log_file_path = /var/log/exim4/%slog
spool_directory = /var/spool/exim4
exim_user = Debian-exim
exim_group = Debian-exim
host_lookup =
"""
EXIM_END = """
begin routers
all:
  driver = manualroute
  domains = *
  route_list = * 127.0.0.2
  self = send
  transport = out
begin transports
out:
  driver = appendfile
  file = /tmp/x
  user = Debian-exim
"""


def exim(cases):
    """@param cases  [(before, after)], the beginning of a configuration with its ACLs
    @return [[what each of the two did]]"""
    box = Box("/var/log/exim4/mainlog")
    keep_lists()
    mta_queues.users("Debian-exim")
    for path in ("/var/log/exim4", "/var/spool/exim4"):
        os.makedirs(path)
        shutil.chown(path, "Debian-exim", "Debian-exim")

    def played(client, recipient, sender="a@example.net"):
        """The talk of one client, as Exim plays it. @return the reply that ends it"""
        text = (f"EHLO mail.example.net\nMAIL FROM:<{sender}>\nRCPT TO:<{recipient}>\nDATA\nFrom: {sender}\n"
                "Subject: x\n\nhello\n.\nQUIT\n")
        run = subprocess.run(["exim4", "-bh", client], input=text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             text=True, timeout=30)
        said = [line for line in run.stdout.splitlines() if re.match(r"\d\d\d( |$)", line)]
        refused = [line for line in said if line[0] in "45"]
        return (refused or [line for line in said if line.startswith("250")][-1:] or ["none"])[0]

    def tried(text):
        mta_queues.write("/etc/exim4/exim4.conf", EXIM + text + EXIM_END)
        return {"check": box.run("exim4", "-bV").split("Configuration file is")[-1],
                **{one[0]: played(*one[1:]) for one in TALKS}}
    return [[tried(text) for text in case] for case in cases]


def checked(program, command, text):
    """@return (exit status, what it says) of a filter's own check, with a suggestion in its place"""
    mta_queues.users("_rspamd")
    path = {"rspamd": "/etc/rspamd/local.d/rbl.conf", "spamassassin": "/etc/spamassassin/suggested.cf"}[program]
    mta_queues.write(path, text)
    if program == "spamassassin":       # alone: the rules of the package ask lists, and are fetched later
        mta_queues.write("/etc/box/suggested.cf", text)
        for name in os.listdir("/etc/spamassassin"):
            if name.endswith(".pre"):
                shutil.copy(f"/etc/spamassassin/{name}", "/etc/box")
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                         timeout=60)
    return run.returncode, run.stdout


class Steps:
    """What a box plays, as another process can be told it."""

    def __init__(self, server, *arguments):
        self.server, self.arguments = server, arguments

    def __call__(self):
        return globals()[self.server](*self.arguments)
