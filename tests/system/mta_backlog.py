# SPDX-License-Identifier: BSD-2-Clause
"""Mail servers whose queues are full, in one way or another; what `offlist audit queue` says of them, and what its
commands do."""
import base64
import glob
import itertools
import json
import os
import re
import shutil
import socket
import socketserver
import subprocess
import threading
import time

import mta_queues
from mta_box import Box, Receiver

LISTED = ("450 4.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; "
          "https://www.spamhaus.org/query/ip/192.0.2.10")
MALLORY, WEB_UID = "mallory@example.com", 33
MANY = 50

POSTFIX = """compatibility_level = 3.6
myhostname = mx.example.com
mydestination = example.com
mynetworks = 127.0.0.0/8 192.0.2.77/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.2]:2525
smtpd_peername_lookup = no
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = /run/sasl
minimal_backoff_time = 600s
queue_run_delay = 600s
maximal_queue_lifetime = 5d
smtpd_sender_restrictions = check_sender_access inline:{ { held@example.com = HOLD under review } }
local_recipient_maps =
relay_domains = bounce.example
relay_transport = smtp
alias_maps =
alias_database =
smtpd_client_connection_rate_limit = 0
"""


class Refusing(Receiver.handle_one):
    def answer(self, line):
        if line.startswith("RCPT") and "SPAM" in line:
            self.say(LISTED)
            return True
        if line.startswith("RCPT") and "NOBODY" in line:
            self.say("550 5.1.1 no such user")
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


def send(messages, port=25, source=None):
    """(client, login, sender, recipients, text) each; client None: as it is; those of one client and login follow
    each other in one session."""
    for (client, login), some in itertools.groupby(messages, key=lambda one: one[:2]):
        with socket.create_connection(("127.0.0.1", port), 20, (source, 0) if source else None) as sock:
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


def client(login=None, number=MANY, subject="Watches", address="192.0.2.77"):
    """A host of the network, and somebody behind it who logs in."""
    for at in range(number):
        yield (address, login, "bob@example.com", [f"spam{at}@example.net"], mail("bob@example.com", f"{subject} {at}"))


def script(number=MANY, subject="Pills", user=WEB_UID, fields=""):
    """A web site's."""
    for at in range(number):
        program("-f", "bob@example.com", f"spam{at}@example.net", user=user,
                stdin=f"{fields}X-PHP-Originating-Script: 33:x.php\nSubject: {subject} {at}\n\nhi\n")


FORGED = "Received: by mx.example.com (Postfix, from userid 33)\n\tid 4F00DD1; Tue,  1 Dec 2026 12:00:00 +0000 (UTC)\n"


def asked(*arguments, before=()):
    command = [*before, "/usr/local/bin/offlist", "--state", "/run/offlist", "--json", "audit", "queue", *arguments]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=100)
    return run.returncode, json.loads(run.stdout) if run.stdout else run.stderr


def listed():
    """@return [postqueue's rows]"""
    run = subprocess.run(["postqueue", "-j"], stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def subjects():
    """@return {queue id: (queue, the subject's first word)} by postcat"""
    queues = {row["queue_id"]: row["queue_name"] for row in listed()}
    text = subprocess.run(["postcat", "-qeh", *queues], stdout=subprocess.PIPE, text=True, check=True).stdout
    files = re.split(r"^\*\*\* ENVELOPE RECORDS \S*?(\w+) \*\*\*$", text, flags=re.M)
    return {name: (queues[name], re.search("^Subject: (\\w*)", records, re.M)[1])
            for name, records in zip(files[1::2], files[2::2])}


def follow(finding, what):
    """Run one of its commands. @return (exit status, output)"""
    command = {one["what"]: one["command"] for one in finding["commands"]}[what]
    run = subprocess.run(["sh", "-c", command], cwd="/var/tmp", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, timeout=100)
    return run.returncode, run.stdout


def postfix_faulty():
    box = postfix_box()
    send(ordinary())
    send(stolen())
    send(client())
    send(client("carol@example.com", 3, "lunch"))                   # behind the same address
    script()
    script(3, "lunch", 1000, FORGED)
    box.send("later9@example.net", sender="bob@example.com")        # bob's own, from his own machine
    box.logs("status=deferred", 3 * MANY + 22)
    box.quiet()
    answers = {"audit": asked(), "before": subjects()}
    answers["commands"] = obeyed(box, answers["audit"], subjects)
    return answers


STEPS = {"queue.login": ("hold", "look", "release", None, "keep", "remove"), "queue.client": ("hold", "remove"),
         "queue.user": ("hold", "look", "release")}


def obeyed(box, answer, look):
    """What each finding advises. @return [(id, what, exit status, output, what `look` says then)]"""
    rows, findings = [], {one["id"]: one for one in answer[1]["findings"]}
    for name, steps in STEPS.items():
        for what in steps:
            if what:
                done = follow(findings[name], what)
            else:       # what was held first, without asking every file again
                command = findings[name]["commands"][0]["command"].split("> held.ids; ")[1]
                done = 0, box.run("sh", "-c", "cd /var/tmp; " + command)
            rows.append((name, what, *done, look()))
    return rows


def program(*words, stdin="", user=WEB_UID):
    """A program of that user that hands in a message."""
    subprocess.run(["setpriv", "--reuid", str(user), "--clear-groups", "/usr/sbin/sendmail", *words], check=True,
                   input=stdin.encode("latin-1"), timeout=30)


def many_kinds(box):
    """Messages whose queue files differ in what they can."""
    program("-t", stdin="To: later1@example.net\nSubject: =?utf-8?q?caf=C3=A9?=\nX-PHP-Originating-Script: 33:x.php\n\n"
            "hi\n")
    program("-f", "", "later2@example.net", stdin="Received: by mx.example.com (Postfix, from userid 1000)\n"
            "\tid 4F00DD1; Tue,  1 Dec 2026 12:00:00 +0000 (UTC)\nSubject: forged\n\nhi\n")
    program("-f", "web@example.com", "-F", "A Full Name", "-N", "failure,delay", "-R", "hdrs", "-V", "ENVELOPE1",
            "later3@example.net", "ok1@example.net", stdin="Subject: x\n\n" + "y" * 5000 + "\n")
    long = mail("a@example.com", "x" * 3000 + "\r\n folded", b"\xff\xfe\xe9" * 500 + b"\r\n" + b"z" * 9000)
    send([(None, None, "a@example.com", [f"later{number}@example.net" for number in range(1, 300)], long),
          (None, None, "a@example.com", ["later1@example.net", "ok2@example.net", "held@example.net"],
           b"Subject: no body\r\n"),
          (None, None, "held@example.com", ["later1@example.net"], mail("held@example.com", "held", b"x" * 200000)),
          (None, None, "", ["later1@example.net"], b"no header at all\r\n\r\nSubject: in the body"),
          ("192.0.2.79", "DOMAIN\\o'hara", "\"odd one\"@example.com", ["later4@example.net"], b"\r\nbody alone")])
    box.logs("status=deferred", 320)
    box.quiet()


def records(show):
    """@return [(file, our records of the envelope, postcat's, postcat's header)] of the whole queue; a record is
    (offset, type, text)"""
    row = re.compile(rb"^ *(\d+) +(\d+) (.*)$", re.M)
    found = []
    for path in sorted(glob.glob("/var/spool/postfix/[aidh]*/**/*", recursive=True)):
        if not os.path.isfile(path) or "/defer/" in path:
            continue
        texts = [subprocess.run(command + [path], stdout=subprocess.PIPE, check=True, timeout=30).stdout
                 for command in ([show, "records"], ["postcat", "-ode"], ["postcat", "-h"])]
        both = [[], []]
        for rows, text in zip(both, texts):
            content = False
            for offset, kind, value in row.findall(text):
                kind = chr(int(kind))
                content = kind == "M" or (content and kind != "X")
                if kind == "E" or (content and kind != "M"):
                    continue
                value = value.partition(b": ")[2] if rows is both[1] else value
                dated = value.startswith(b"create_time=") or re.match(rb"\w{3} \w{3} [ \d]", value)
                rows.append((int(offset), kind, "" if kind in "MXTW" or dated else value.decode("latin-1")))
        found.append((path, *both, texts[2].decode("latin-1")))
    return found


def walked(show, server, folder):
    run = subprocess.run([show, server, folder], stdout=subprocess.PIPE, check=True, timeout=60)
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


def strangers():
    """Mail for nobody here, from senders who never wrote."""
    for number in range(60):
        yield ("192.0.2.78", None, f"later{number}@stranger.example", ["nobody@bounce.example"],
               mail("a@stranger.example", "cheap watches"))


def postfix_sound():
    box = postfix_box()
    send(ordinary())
    box.logs("status=deferred", 15)
    answers = {"audit": asked(), "blind": asked(before=("setpriv", "--reuid", "65534", "--clear-groups"))}
    many_kinds(box)
    answers["records"] = records("/usr/local/bin/show")
    answers["walked"] = walked("/usr/local/bin/show", "postfix", "/var/spool/postfix")
    answers["listed"] = listed()
    send(strangers())
    box.logs("stranger.example>, relay=127.0.0.2[127.0.0.2]:2525", 60)
    box.quiet()
    answers["strangers"] = asked()
    answers["container"] = contained()
    return answers


def contained():
    """Servers with files of their own: a Postfix, whose queue has what ours has on hold, and an Exim.
    @return (answer of the audit with the first, with both)"""
    for path in ("/opt/postfix/sbin/master", "/opt/exim/exim4"):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy("/bin/sleep", path)
    servers = [["unshare", "-m", "sh", "-c", "mount -t tmpfs x /mnt && cp -a /var/spool/postfix/hold /mnt/ && "
                "mkdir /mnt/active /mnt/deferred && cd /mnt && exec /opt/postfix/sbin/master 100"],
               ["unshare", "-m", "/opt/exim/exim4", "100"]]
    answers, running = [], []
    for command, name in zip(servers, ("master", "exim4")):
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        while os.path.basename(os.readlink(f"/proc/{server.pid}/exe")) != name:
            time.sleep(0.02)
        running.append(server)
        answers.append(asked())
    for server in running:
        server.kill()
        server.wait()
    return answers


# ---- Exim ----

EXIM = """primary_hostname = mx.example.com
exim_user = Debian-exim
exim_group = Debian-exim
log_file_path = /var/log/exim4/%slog
spool_directory = /var/spool/exim4
keep_environment =
daemon_smtp_ports = 25
local_interfaces = 127.0.0.1 : 192.0.2.9
qualify_domain = example.com
queue_only_load = 1000
smtp_accept_max = 0
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
begin acl
rcpt:
  accept
    set acl_m_note = two\\nlines
begin routers
fail:
  driver = redirect
  domains = bounce.example
  data = :fail: no such user
  allow_fail
mail:
  driver = manualroute
  domains = ! example.com
  route_list = * 127.0.0.2
  self = send
  host_find_failed = defer
  transport = out
begin transports
out:
  driver = smtp
  port = 2525
begin retry
* * F,2h,15m
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = true
  server_set_id = $auth2
"""


def exim_queue():
    """@return {id: (frozen, recipients that wait)} by exim itself"""
    found, here = {}, None
    run = subprocess.run(["exim4", "-bp"], stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    for line in run.stdout.splitlines():
        head = re.match(r"\s*\d+[mhd]\s+\S+\s+(\S+-\S+-\S+) <", line)
        if head:
            here = found[head[1]] = ("*** frozen ***" in line, [])
        elif here and line.strip() and not line.startswith("        D "):
            here[1].append(line.strip())
    return found


def exim_headers():
    """@return {id: [client's auth_id, the subject's first word, for a few: exim -Mvh shows the same file]}"""
    found = {}
    for path in sorted(glob.glob("/var/spool/exim4/input/*-H")):
        with open(path, errors="replace") as file:
            text = file.read()
        login, subject = (re.search(what, text, re.M) for what in ("^--auth_id (.*)$", "Subject: (\\w*)"))
        name = os.path.basename(path)[:-2]
        found[name] = [one[1] if one else "" for one in (login, subject)]
        if len(found) % 16 == 0:
            shown = subprocess.run(["exim4", "-Mvh", name], stdout=subprocess.PIPE, text=True, errors="replace").stdout
            found[name].append(shown.rstrip() == text.rstrip())
    return found


def exim_kinds():
    program("-f", "web@example.com", "later1@example.net",
            stdin="X-PHP-Originating-Script: 33:x.php\nSubject: x\n\nhi\n")
    program("-f", "web@example.com", "later2@example.net", stdin="Subject: y\n --auth_id mallory@example.com\n\nhi\n")
    send([(None, None, "a@example.com", [*(f"later{number}@example.net" for number in range(20)), "ok1@example.net",
                                         "ok2@example.net", "\"odd one\"@later.example"],
           mail("a@example.com", "x" * 900, b"\xff" * 500)),
          (None, None, "", ["later1@example.net"], b"Subject: none\r\n\r\nx"),
          (None, None, "later4@example.net", ["nobody@bounce.example"], mail("a@example.net", "bounced"))])


def exim_faulty():
    box = Box("/var/log/exim4/mainlog")
    box.receiver.RequestHandlerClass = Refusing
    mta_queues.users("Debian-exim")
    mta_queues.write("/etc/exim4/exim4.conf", EXIM)
    for folder in ("/var/spool/exim4", "/var/log/exim4", "/run/exim4"):
        os.makedirs(folder, exist_ok=True)
        shutil.chown(folder, "Debian-exim", "Debian-exim")
    os.chmod("/usr/sbin/exim4", 0o4755)
    for name in ("exim", "sendmail"):
        if not os.path.lexists("/usr/sbin/" + name):
            os.symlink("exim4", "/usr/sbin/" + name)
    subprocess.run(["ip", "addr", "add", "192.0.2.9/32", "dev", "lo"], check=True)
    box.start("exim4", "-bd")
    box.listens()
    exim_kinds()
    box.quiet()
    answers = {"sound": asked()}
    send((None, login, sender, to, text) for _, login, sender, to, text in stolen())
    script()
    send(client(address=None), source="192.0.2.9")
    send(client("carol@example.com", 3, "lunch", None), source="192.0.2.9")
    box.logs(" == spam", 3 * MANY + 3)
    box.quiet()
    answers["walked"] = walked("/usr/local/bin/show", "exim", "/var/spool/exim4")
    answers["audit"], answers["before"] = asked(), exim_queue()
    answers["headers"] = exim_headers()
    answers["commands"] = obeyed(box, answers["audit"], exim_queue)
    return answers


SCENES = {name: globals()[name] for name in ("postfix_faulty", "postfix_sound", "exim_faulty")}


class Scene:
    """What a box plays, as another process can be told it."""

    def __init__(self, binary, name):
        self.binary, self.name = binary, name

    def __call__(self):
        if not self.binary.startswith("/usr"):
            shutil.copy(self.binary, "/usr/local/bin/offlist")
            shutil.copy(os.path.join(os.path.dirname(self.binary), "tests/spool/show"), "/usr/local/bin/show")
        return SCENES[self.name]()
