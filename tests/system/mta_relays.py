# SPDX-License-Identifier: BSD-2-Clause
"""Servers that let strangers relay, and the same mended: what `offlist audit relay` says of each, and what the server
says to a stranger."""
import json
import os
import shutil
import socketserver
import subprocess
import threading

import mta_queues
from mta_box import Box
from mta_configs import talk

STRANGER = "198.51.100.9"
MAIN = """compatibility_level = 3.6
myhostname = mx.example.com
mydestination = example.com
inet_interfaces = all
inet_protocols = ipv4
smtpd_peername_lookup = no
alias_maps =
alias_database =
local_recipient_maps = inline:{bob=x}
local_transport = discard
default_transport = discard
mynetworks = 127.0.0.1/32
soft_bounce = no
"""
FRESH = "-o max_use=1"                  # a process a client: each reads the file anew

# name: main.cf and options of the service with the fault, and as the finding's remedy has them; who comes
CASES = {
    "sound": ("", None),
    "world": ("mynetworks = 127.0.0.0/8 0.0.0.0/0\n", "mynetworks = 127.0.0.0/8\n"),
    "half": ("mynetworks = 127.0.0.0/8 128.0.0.0/1\n", "mynetworks = 127.0.0.0/8\n"),
    "world table": ("mynetworks = 127.0.0.0/8 cidr:/etc/postfix/nets\n", "mynetworks = 127.0.0.0/8\n"),
    "world elsewhere": ("mynetworks = 0.0.0.0/0\nsmtpd_relay_restrictions = reject_unauth_destination\n", None),
    "wide": ("mynetworks = 127.0.0.0/8 198.50.0.0/15\n", "mynetworks = 127.0.0.0/8\n"),
    "site": ("mynetworks = 127.0.0.0/8 198.51.100.0/23\n", "mynetworks = 127.0.0.0/8\n"),
    "sender": ("smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = permit_mynetworks,"
               " check_sender_access hash:/etc/postfix/senders, reject_unauth_destination\n",
               "smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = permit_mynetworks,"
               " reject_unauth_destination, check_sender_access hash:/etc/postfix/senders\n"),
    "sender guarded": ("smtpd_recipient_restrictions = permit_mynetworks,"
                       " check_sender_access hash:/etc/postfix/senders, reject_unauth_destination\n", None),
    "sender refused": ("smtpd_sender_restrictions = check_sender_access hash:/etc/postfix/senders\n", None),
    "class": ("smtpd_restriction_classes = ours\nours = check_sender_access regexp:/etc/postfix/senders.re,"
              " permit_mynetworks\n"
              "smtpd_relay_restrictions = ours, reject_unauth_destination\n",
              "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n"),
    "helo": ("smtpd_relay_restrictions = check_helo_access inline:{mail.example.net=OK}, reject_unauth_destination\n",
             "smtpd_relay_restrictions = reject_unauth_destination\n"),
    "client": ("smtpd_relay_restrictions = check_client_access cidr:/etc/postfix/nets, reject_unauth_destination\n",
               "smtpd_relay_restrictions = reject_unauth_destination\n"),
    "recipient": ("smtpd_relay_restrictions = check_recipient_access inline:{postmaster@=OK},"
                  " reject_unauth_destination\n",
                  "smtpd_relay_restrictions = reject_unauth_destination,"
                  " check_recipient_access inline:{postmaster@=OK}\n"),
    "own recipient": ("smtpd_relay_restrictions = check_recipient_access inline:{postmaster@example.com=OK},"
                      " reject_unauth_destination\n", None),
    "domain": ("relay_domains = regexp:/etc/postfix/domains.re\n\0 -o hopcount_limit=49", "relay_domains =\n"),
    "permit": ("smtpd_restriction_classes = ours\nours = permit\n"
               "smtpd_relay_restrictions = ours, reject_unauth_destination\n",
               "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n"),
    "warn": ("smtpd_relay_restrictions = permit_mynetworks, warn_if_reject reject_unauth_destination\n"
             "smtpd_restriction_classes = ours\nours = permit\nsmtpd_recipient_restrictions = ours, reject\n",
             "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n"),
    "service": ("smtpd_restriction_classes = ours\nours = permit\n\0 -o smtpd_relay_restrictions=ours,reject", ""),
    "service guarded": ("smtpd_relay_restrictions = permit\n"
                        "\0 -o smtpd_relay_restrictions=reject_unauth_destination", None),
    "login only": ("smtpd_restriction_classes = ours\nours = permit\nsmtpd_relay_restrictions = ours, reject\n"
                   "\0 -o smtpd_client_restrictions=permit_sasl_authenticated,reject",
                   None),
    "xclient": ("smtpd_authorized_xclient_hosts = 0.0.0.0/0\n", "smtpd_authorized_xclient_hosts =\n"),
    "gateway": ("mynetworks = 127.0.0.0/8 172.17.0.0/16\n", "mynetworks = 127.0.0.0/8\n"),
}
TABLES = {
    "senders": "example.com OK\nfriend@example.net DUNNO\n",
    "senders.re": "/@example\\.com$/ OK\n",
    "nets": "10.0.0.0/8 OK\n0.0.0.0/0 OK\n",
    "unknown": "offlist-audit.example 450 4.1.2 Domain not found\n",
    "domains.re": "/./ OK\n",
}


# root as in most containers: it may read all, and make no network of its own
CONFINED = ("setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin")


def audited(*arguments, before=()):
    run = subprocess.run([*before, "/usr/local/bin/offlist", "--state", "/run/offlist", "--json", "audit", "relay",
                          *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=100)
    answer = json.loads(run.stdout) if run.stdout else {"stderr": run.stderr}
    return run.returncode, answer


def start(binary, options="", more_services=()):
    if not binary.startswith("/usr"):
        shutil.copy(binary, "/usr/local/bin/offlist")
    box = Box()
    subprocess.run(["ip", "addr", "add", STRANGER + "/32", "dev", "lo"], check=True)
    mta_queues.postfix_files(MAIN, ["smtp inet n - n - - smtpd " + options, *more_services])
    for name, text in TABLES.items():
        mta_queues.write("/etc/postfix/" + name, text)
    box.must("postmap", "hash:/etc/postfix/senders")
    box.must("postfix", "-c", "/etc/postfix", "start")
    box.listens()
    return box


def settings(binary):
    """@return {case: [(exit status, answer, what Postfix says to strangers) before, after]}"""
    box = start(binary, FRESH, ["127.0.0.1:10025 inet n - n - - smtpd -o smtpd_relay_restrictions=permit"])
    with open("/etc/postfix/master.cf") as file:
        master = file.read()
    options = ""

    def tried(text):
        nonlocal options
        main, _, wanted = text.partition("\0")
        mta_queues.write("/etc/postfix/main.cf", MAIN + main)
        os.utime("/etc/postfix/main.cf", (1, 1))        # a file that has just changed is waited for
        if wanted != options:
            options = wanted
            mta_queues.write("/etc/postfix/master.cf", master.replace(FRESH, FRESH + wanted, 1))
            before = box.text().count("reload -- version")
            box.must("postfix", "reload")
            box.logs("reload -- version", before + 1)
        answer = audited(before=CONFINED)       # meanwhile Postfix has taken its files in
        return (*answer, [talk(STRANGER, 25, *one, wait_s=20)
                          for one in (("x@elsewhere.example",), ("x@elsewhere.example", "a@example.com"),
                                      ("postmaster@elsewhere.example",))])

    def played(name):
        if name == "gateway":       # a container's mark and default route
            mta_queues.write("/run/.containerenv", "")
            for command in ("link add docker0 type veth peer name host0", "link set host0 up", "link set docker0 up",
                            "addr add 172.17.0.5/16 dev docker0",
                            "route add default via 172.17.0.1"):
                box.must("ip", *command.split())
        return [tried(text) for text in CASES[name] if text is not None]
    return {name: played(name) for name in CASES}


# ---- tried by a stranger ----

class Sink(socketserver.ThreadingTCPServer):
    """Takes every recipient, or (`shuts_out`) nobody."""
    allow_reuse_address = daemon_threads = True
    shuts_out, talks = False, 0

    class handle_one(socketserver.StreamRequestHandler):
        def handle(self):
            self.server.talks += 1
            if self.server.shuts_out:
                return
            self.wfile.write(b"220 mx.example.com ESMTP\r\n")
            for line in self.rfile:
                quits = line.upper().startswith(b"QUIT")
                self.wfile.write(b"221 bye\r\n" if quits else b"250 fine\r\n")
                if quits:
                    return


def tries(binary):
    """@return {world: (exit status, answer)}"""
    box = start(binary)
    said = {}

    def world(name, text, *arguments):
        mta_queues.write("/etc/postfix/main.cf", MAIN + text)
        box.must("postfix", "reload")
        box.quiet()
        said[name] = audited(*arguments)
    world("sound", "")
    world("sender", CASES["sender"][0])
    world("mended", CASES["sender"][1])
    world("open", CASES["world"][0])
    world("doubtful domain", CASES["sender"][0] + "smtpd_client_restrictions ="
          " check_recipient_access texthash:/etc/postfix/unknown\n")
    world("named domain", CASES["sender"][0] + "smtpd_client_restrictions ="
          " check_recipient_access texthash:/etc/postfix/unknown\n",
          "--elsewhere", "mail.example.net")
    said["delivered"] = box.text().count("status=sent")
    said["left"] = box.run("ip", "-o", "link").count("offlist") + box.run("ip", "route").count("198.19.")
    mta_queues.write("/etc/postfix/main.cf", MAIN)
    box.must("postfix", "stop")
    sink = Sink((STRANGER, 25), Sink.handle_one)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    said["takes all"] = audited()
    sink.shuts_out, sink.talks = True, 0
    said["shut out"] = audited()
    said["talks"] = sink.talks
    sink.shutdown()
    sink.server_close()
    said["nobody"] = audited()
    return said


EXIM = """primary_hostname = mx.example.com
domainlist local_domains = example.com
hostlist relay_from_hosts = 127.0.0.1
exim_user = Debian-exim
exim_group = Debian-exim
log_file_path = /var/log/exim4/%slog
spool_directory = /var/spool/exim4
keep_environment =
host_lookup =
daemon_smtp_ports = 25
acl_smtp_rcpt = check
begin acl
check:
  accept hosts = +relay_from_hosts
FAULT
  accept domains = +local_domains
         verify = recipient
  deny message = relay not permitted
begin routers
away:
  driver = manualroute
  domains = ! +local_domains
  route_list = * 127.0.0.2
  self = send
  transport = out
here:
  driver = redirect
  local_parts = bob : postmaster
  data = :blackhole:
begin transports
out:
  driver = smtp
  port = 2525
  allow_localhost
"""


def exim(binary):
    """@return {world: (exit status, answer)}"""
    if not binary.startswith("/usr"):
        shutil.copy(binary, "/usr/local/bin/offlist")
    box = Box("/var/log/exim4/mainlog")
    subprocess.run(["ip", "addr", "add", STRANGER + "/32", "dev", "lo"], check=True)
    mta_queues.users("Debian-exim")
    for path in ("/var/log/exim4", "/var/spool/exim4"):
        os.makedirs(path)
        shutil.chown(path, "Debian-exim", "Debian-exim")
    os.chmod("/usr/sbin/exim4", 0o4755)
    said = {}
    for world, fault in (("sender", "  accept sender_domains = +local_domains"), ("sound", "")):
        mta_queues.write("/etc/exim4/exim4.conf", EXIM.replace("FAULT", fault))
        daemon = subprocess.Popen(["exim4", "-bdf", "-oX", "25"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        box.listens()
        said[world] = audited()
        said["confined"] = audited(before=CONFINED)
        daemon.terminate()
        daemon.wait(10)
    said["delivered"] = box.receiver.delivered
    return said


class Play:
    """What a box plays, as another process can be told it."""

    def __init__(self, what, *arguments):
        self.what, self.arguments = what, arguments

    def __call__(self):
        return globals()[self.what](*self.arguments)
