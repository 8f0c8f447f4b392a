# SPDX-License-Identifier: BSD-2-Clause
"""Each mail server's queue under its administrator's commands: what it logs, and what it lists itself."""
import json
import os
import re
import shutil
import subprocess

from mta_box import Box


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
        os.fchmod(file.fileno(), mode)


def users(*names, number=4200):
    """System users and groups of these names, as the packages would have made them."""
    with open("/etc/passwd") as file:
        passwd = file.read()
    with open("/etc/group") as file:
        group = file.read()
    with open("/etc/passwd", "a") as to_passwd, open("/etc/group", "a") as to_group:
        for name in names:
            number += 1
            if not re.search(f"^{name}:", group, re.M):
                to_group.write(f"{name}:x:{number}:\n")
            if not re.search(f"^{name}:", passwd, re.M):
                to_passwd.write(f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n")


# ---- Postfix ----

POSTFIX_SERVICES = ("cleanup", "qmgr", "showq", "rewrite:trivial-rewrite", "bounce", "defer:bounce", "trace:bounce",
                    "smtp", "error", "retry:error", "discard", "anvil", "scache", "proxymap", "flush")


def postfix_files(main, services):
    """Users, files and folders of a Postfix that can be started.
    @param services  lines of master.cf for what listens; what is behind them is added"""
    users("postfix", "postdrop")
    shutil.rmtree("/etc/postfix", ignore_errors=True)
    shutil.rmtree("/var/spool/postfix", ignore_errors=True)
    write("/etc/postfix/main.cf", main)
    services = [*services, "pickup unix n - n 1 1 pickup"]
    for name in POSTFIX_SERVICES:
        name, _, command = name.partition(":")
        private = "n" if name in ("cleanup", "qmgr", "showq", "flush") else "-"
        most = {"cleanup": 0, "bounce": 0, "defer": 0, "trace": 0, "qmgr": 1, "flush": 0, "scache": 1, "anvil": 1}
        services.append(f"{name} unix {private} - n - {most.get(name, '-')} {command or name}")
    write("/etc/postfix/master.cf", "\n".join(services) + "\n")
    for name in ("dynamicmaps.cf", "postfix-files"):
        write("/etc/postfix/" + name, "")
    for name in ("postdrop", "postqueue"):
        shutil.chown("/usr/sbin/" + name, 0, "postdrop")
        os.chmod("/usr/sbin/" + name, 0o2755)
    os.makedirs("/var/lib/postfix", exist_ok=True)
    shutil.chown("/var/lib/postfix", "postfix")
    for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved",
                 "trace", "maildrop", "public", "pid"):
        os.makedirs("/var/spool/postfix/" + name)
        shutil.chown("/var/spool/postfix/" + name, 0 if name == "pid" else "postfix",
                     "postdrop" if name in ("maildrop", "public") else None)
        os.chmod("/var/spool/postfix/" + name, {"maildrop": 0o730, "public": 0o710}.get(name, 0o755))


def postfix():
    box = Box()
    postfix_files("""compatibility_level = 3.6
myhostname = mx.example.com
mydestination = example.com
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.2]:2525
smtp_destination_concurrency_limit = 10
smtpd_peername_lookup = no
minimal_backoff_time = 600s
queue_run_delay = 600s
smtpd_sender_restrictions = check_sender_access inline:{ { held@example.com = HOLD under review } }
local_recipient_maps =
alias_maps =
alias_database =
local_transport = discard
""", ["smtp inet n - n - - smtpd"])
    box.must("postfix", "-c", "/etc/postfix", "start")
    box.listens()

    def rows():
        return [json.loads(line) for line in box.run("postqueue", "-j").splitlines() if line.startswith("{")]

    def queue():
        counts = {"waiting": 0, "held": 0}
        for row in rows():
            counts["held" if row["queue_name"] == "hold" else "waiting"] += len(row["recipients"])
        return counts

    def ids():
        """@return {recipient: queue id}"""
        return {one["address"]: row["queue_id"] for row in rows() for one in row["recipients"]}

    def step(what, *command):
        picked_up = box.text().count("postfix/pickup[")
        if command:
            box.run(*command)
        if "-r" in command:     # what is requeued lies in maildrop until pickup comes by
            box.logs("postfix/pickup[", picked_up + 1)
        box.quiet()
        box.snapshot(what, queue())

    box.send("ok1@example.net", "ok2@example.net")
    box.send("slow1@example.net", "slow2@example.net")
    box.send("later1@example.net", "ok3@example.net")
    box.send("later2@example.net", "later3@example.net")
    box.send("later4@example.net")
    box.send("later5@example.net", "later6@example.net")
    box.send("ok4@example.net", sender="held@example.com")
    box.logs("status=deferred", 6)
    step("accepted, deferred, held by a rule")
    known = ids()
    step("postsuper -h", "postsuper", "-h", known["later1@example.net"])
    step("postsuper -d", "postsuper", "-d", known["later2@example.net"])
    step("postsuper -r", "postsuper", "-r", known["later5@example.net"])
    step("postsuper -H", "postsuper", "-H", known["ok4@example.net"])
    step("postsuper -f", "postsuper", "-f", known["later4@example.net"])
    box.receiver.late = True
    step("postsuper -r of a held one", "postsuper", "-r", known["later1@example.net"])
    step("postqueue -f", "postqueue", "-f")
    box.receiver.late = False
    box.send("later7@example.net", "later8@example.net")
    box.logs("status=deferred", 8)
    step("postsuper -h ALL", "postsuper", "-h", "ALL")
    step("postsuper -H ALL", "postsuper", "-H", "ALL")
    step("postsuper -d ALL", "postsuper", "-d", "ALL")
    return {"log": box.text(), "snapshots": box.snapshots}


# ---- Exim ----

def exim():
    box = Box("/var/log/exim4/mainlog")
    users("Debian-exim")
    write("/etc/exim4/exim4.conf", """primary_hostname = mx.example.com
exim_user = Debian-exim
exim_group = Debian-exim
log_file_path = /var/log/exim4/%slog
spool_directory = /var/spool/exim4
keep_environment =
daemon_smtp_ports = 25
local_interfaces = 127.0.0.1
queue_only_override = false
ignore_bounce_errors_after = 2d
log_selector = +received_recipients
acl_smtp_rcpt = accept
acl_smtp_data = accept
begin routers
mail:
  driver = manualroute
  domains = ! example.com
  route_list = * 127.0.0.2
  self = send
  host_find_failed = defer
  transport = out
here:
  driver = redirect
  data = :blackhole:
begin transports
out:
  driver = smtp
  port = 2525
  allow_localhost
  hosts_try_fastopen =
  command_timeout = 60s
begin retry
* * F,4d,1h
""")
    for path in ("/var/log/exim4", "/var/spool/exim4"):
        os.makedirs(path)
        shutil.chown(path, "Debian-exim", "Debian-exim")
    os.chmod("/usr/sbin/exim4", 0o4755)
    box.start("exim4", "-bdf", "-oX", "25", "-oP", "/run/exim.pid")
    box.listens()

    def rows():
        """{id: (frozen, [recipients that wait])}"""
        found, here = {}, None
        for line in box.run("exim4", "-bpr").splitlines():
            head = re.match(r"\s*\S+\s+\S+\s+(\S+-\S+-\S+) <.*?>(.*)", line)
            if head:
                here = found[head[1]] = ("frozen" in head[2], [])
            elif line.startswith("          ") and line.strip():
                here[1].append(line.strip())
        return found

    def queue():
        counts = {"waiting": 0, "held": 0}
        for frozen, recipients in rows().values():
            counts["held" if frozen else "waiting"] += len(recipients)
        return counts

    def step(what, *command):
        if command:
            box.run(*command)
        box.quiet()
        box.snapshot(what, queue())

    def known():
        return {to: name for name, (_, recipients) in rows().items() for to in recipients}

    box.send("ok1@example.net", "ok2@example.net")
    box.send("slow1@example.net", "slow2@example.net")
    box.send("later1@example.net", "later2@example.net")
    box.send("later3@example.net", "later4@example.net")
    box.send("later5@example.net", "later6@example.net")
    box.send("later7@example.net", "later8@example.net")
    box.logs(" == ", 8)
    step("accepted, deferred")
    ids = known()
    step("exim -Mf", "exim4", "-Mf", ids["later1@example.net"])
    step("exim -Mt", "exim4", "-Mt", ids["later1@example.net"])
    step("exim -Mf again", "exim4", "-Mf", ids["later1@example.net"])
    step("exim -Mrm", "exim4", "-Mrm", ids["later3@example.net"])
    step("exim -Mmd", "exim4", "-Mmd", ids["later5@example.net"], "later5@example.net")
    step("exim -Mar", "exim4", "-Mar", ids["later5@example.net"], "later9@example.net")
    step("exim -Mmad", "exim4", "-Mmad", ids["later5@example.net"])
    step("exim -Mg", "exim4", "-Mg", ids["later7@example.net"])
    box.receiver.late = True
    step("exim -M", "exim4", "-M", ids["later1@example.net"])
    return {"log": box.text(), "snapshots": box.snapshots}


# ---- OpenSMTPD ----

def opensmtpd():
    box = Box()
    users("opensmtpd", "opensmtpq")
    write("/etc/smtpd.conf", """table aliases file:/etc/aliases
listen on 127.0.0.1 port 25
action "out" relay host smtp://127.0.0.2:2525
match from any for any action "out"
""")
    write("/etc/aliases", "root: alice\n")
    write("/etc/mailname", "mx.example.com\n")
    os.makedirs("/var/spool/smtpd", exist_ok=True)
    os.chmod("/var/spool/smtpd", 0o711)
    os.makedirs("/var/lib/opensmtpd/empty", exist_ok=True)
    os.makedirs("/var/empty", exist_ok=True)
    shutil.chown("/usr/sbin/smtpctl", 0, "opensmtpq")
    os.chmod("/usr/sbin/smtpctl", 0o2755)
    box.start("smtpd", "-F", "-f", "/etc/smtpd.conf")
    box.listens()

    def rows():
        """[(envelope, recipient, flags)]"""
        found = []
        for line in box.run("smtpctl", "show", "queue").splitlines():
            words = line.split("|")
            if len(words) > 5:
                found.append((words[0], words[5] if "@" in words[5] else words[4], line))
        return found

    def queue():
        return {"waiting": len(rows()), "held": 0}

    def step(what, *command):
        if command:
            box.run(*command)
        box.quiet()
        box.snapshot(what, queue())

    def known():
        return {re.search(r"later\d+@|slow\d+@", line)[0]: name for name, _, line in rows()}

    box.send("ok1@example.net", "ok2@example.net")
    box.send("slow1@example.net", "slow2@example.net")
    box.send("later1@example.net", "later2@example.net")
    box.send("later3@example.net", "later4@example.net")
    box.send("later5@example.net")
    box.logs("result=\"TempFail\"", 5)
    step("accepted, deferred")
    ids = known()
    step("smtpctl pause envelope", "smtpctl", "pause", "envelope", ids["later1@"])
    step("smtpctl remove envelope", "smtpctl", "remove", ids["later1@"])
    step("smtpctl remove message", "smtpctl", "remove", ids["later3@"][:8])
    return {"log": box.text(), "snapshots": box.snapshots}


# ---- Sendmail ----

def sendmail():
    box = Box()
    users("smmta", "smmsp")
    write("/etc/mail/sendmail.mc", """VERSIONID(`box')
OSTYPE(`debian')dnl
DOMAIN(`debian-mta')dnl
define(`confDOMAIN_NAME', `mx.example.com')dnl
define(`confTO_IDENT', `0')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confQUEUE_LA', `1000')dnl
define(`confREFUSE_LA', `1000')dnl
define(`SMART_HOST', `[127.0.0.2]')dnl
define(`RELAY_MAILER_ARGS', `TCP $h 2525')dnl
define(`SMTP_MAILER_ARGS', `TCP $h 2525')dnl
define(`ESMTP_MAILER_ARGS', `TCP $h 2525')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`nocanonify')dnl
DAEMON_OPTIONS(`Family=inet, Name=MTA, Port=smtp, Addr=127.0.0.1')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
""")
    for folder in ("/var/spool/mqueue", "/var/spool/mqueue-client", "/var/lib/sendmail/host_status",
                   "/run/sendmail/mta", "/run/sendmail/msp"):
        os.makedirs(folder, exist_ok=True)
    write("/etc/mail/local-host-names", "example.com\n")
    write("/etc/mail/aliases", "postmaster: root\n")
    write("/etc/mail/trusted-users", "root\n")
    with open("/etc/mail/sendmail.cf", "w") as out:
        subprocess.run(["m4", "-D_CF_DIR_=/usr/share/sendmail/cf/", "/usr/share/sendmail/cf/m4/cf.m4",
                        "/etc/mail/sendmail.mc"], stdout=out, stderr=subprocess.PIPE, check=True)
    sendmail = next(filter(os.path.exists, ("/usr/libexec/sendmail/sendmail", "/usr/lib/sm.bin/sendmail")))
    box.must(sendmail, "-bi")
    box.start(sendmail, "-bD", "-q1h")
    box.listens()

    def rows():
        """{id: (quarantined, [recipients that wait])}"""
        found = {}
        for quarantined in (False, True):
            here = None
            for line in box.run(sendmail, "-bp", *(["-qQ"] if quarantined else [])).splitlines():
                head = re.match(r"([0-9][0-9A-Za-z]{13})[*X?-]?\s", line)
                if head:
                    here = found[head[1]] = (quarantined, [])
                elif here and re.match(r"\s+<.*>$", line):
                    here[1].append(line.strip(" \t<>"))
        return found

    def queue():
        counts = {"waiting": 0, "held": 0}
        for quarantined, recipients in rows().values():
            counts["held" if quarantined else "waiting"] += len(recipients)
        return counts

    def step(what, *command):
        if command:
            box.run(*command)
        box.quiet()
        box.snapshot(what, queue())

    box.send("ok1@example.net", "ok2@example.net")
    box.send("slow1@example.net", "slow2@example.net")
    box.send("later1@example.net", "later2@example.net")
    box.send("later3@example.net", "ok3@example.net")
    box.logs("stat=Deferred", 2)
    step("accepted, deferred")
    names = {to: name for name, (_, recipients) in rows().items() for to in recipients}
    step("sendmail -Q", sendmail, "-Qlook at it", "-qI" + names["later1@example.net"])
    step("sendmail -Q (release)", sendmail, "-Q", "-qQ", "-qI" + names["later1@example.net"])
    box.receiver.late = True
    step("sendmail -q", sendmail, "-v", "-qI" + names["later1@example.net"])
    return {"log": box.text(), "snapshots": box.snapshots}
