"""What each mail host is: its packages, users, configuration, servers; how it is put back, and whether it is idle."""
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
FILES = os.path.join(HERE, "mail")          # configuration files, copied with @WORDS@ filled in
PEOPLE = ("alice", "bob", "carol", "dave", "erin", "frank", "grace")
FIRST_UID = 4000
PASSWORD = "correct horse"                  # of everybody; the lab has no secrets
PACKAGES = {"victim": ("postfix", "mail"), "victim-exim": ("exim", "mail"), "receiver": ("postfix", "mail")}
LISTENS = {"victim": (("192.0.2.10", 25), ("192.0.2.10", 587)),
           "victim-exim": (("192.0.2.11", 25), ("192.0.2.11", 587)),
           "receiver": (("198.51.100.25", 25),), "bigmail": (("203.0.113.193", 25), ("203.0.113.196", 25)),
           "lan": (("10.20.0.30", 25),)}
WWW_DATA = 33
PHP = "/usr/local/bin/php"        # in the hosts with a web root: the link to whichever version is there
PHP_LOG = "/var/log/phpmail.log"
MAIL_LOG = {"victim": "/var/log/mail.log", "victim-exim": "/var/log/exim4/mainlog", "receiver": "/var/log/mail.log"}
READY_S = 60            # how long a socket may take to appear on a busy machine
QUIET_S = 0.6           # a log that says nothing for so long, with nothing left to deliver, is complete


def greets(address, port):
    try:
        with socket.create_connection((address, port), timeout=3) as sock:
            sock.settimeout(5)
            return sock.recv(256).startswith(b"220")
    except OSError:
        return False


# -- files and users ------------------------------------------------------------------------------------------------

def _put(source, target, mode=0o644, **words):
    with open(os.path.join(FILES, source)) as file:
        text = file.read()
    for word, value in words.items():
        text = text.replace(f"@{word.upper()}@", value)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "w") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)


def _write(path, text, uid=0, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
    os.chown(path, uid, uid)


def _known(path):
    """@return {name: number} of a passwd or group file"""
    with open(path) as file:
        rows = [line.split(":") for line in file]
    return {row[0]: int(row[2]) for row in rows if len(row) > 3 and row[2].isdigit()}


def _users(names):
    """System users and groups of the same name, those that the machine has already left as they are.
    @return {name: (user, group)}"""
    users, groups = _known("/etc/passwd"), _known("/etc/group")
    with open("/etc/passwd", "a") as passwd, open("/etc/group", "a") as group:
        for number, name in enumerate(names, FIRST_UID + 100):
            if name not in groups:
                group.write(f"{name}:x:{number}:\n")
                groups[name] = number
            if name not in users:
                passwd.write(f"{name}:x:{number}:{groups[name]}::/nonexistent:/usr/sbin/nologin\n")
                users[name] = number
    return {name: (users[name], groups[name]) for name in names}


def _people(domain):
    """People with mailboxes and a login each; of the machine's own people none has the same name inside."""
    for path in ("/etc/passwd", "/etc/group"):
        with open(path) as file:
            kept = [line for line in file if line.split(":")[0] not in PEOPLE]
        with open(path, "w") as file:
            file.writelines(kept)
    with open("/etc/passwd", "a") as passwd, open("/etc/group", "a") as group:
        for index, name in enumerate(PEOPLE):
            uid, home = FIRST_UID + index, f"/var/home/{name}"
            passwd.write(f"{name}:x:{uid}:{uid}::{home}:/bin/sh\n")
            group.write(f"{name}:x:{uid}:\n")
            os.makedirs(home)
            os.chown(home, uid, uid)
    # erin reads her mail elsewhere too; dave has left and wants his at home
    _write("/var/home/erin/.forward", "\\erin, erin.p@family.example\n", FIRST_UID + PEOPLE.index("erin"))
    _write("/var/home/dave/.forward", "dave.p@family.example\n", FIRST_UID + PEOPLE.index("dave"))
    return "".join(f"{name}@{domain}:{{PLAIN}}{PASSWORD}\n" for name in PEOPLE)


def _www():
    """A web root with a form that sends mail through the sendmail command, as such forms do."""
    _put("contact.sh", "/var/www/shop/contact.sh", 0o755)
    _put("contact.sh", "/var/www/shop/uploads/cache.sh", 0o755)
    _put("mailer.php", "/var/www/shop/uploads/mailer.php")
    for folder, _, names in os.walk("/var/www/shop"):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            os.chown(path, WWW_DATA, WWW_DATA)


def _php():
    """PHP's own log of who calls mail(): few turn it on, and those who do know at once which script it was."""
    found = glob.glob("/usr/bin/php[0-9]*.[0-9]*")
    if not found:
        raise OSError("no PHP in /usr/bin")
    newest = max(found, key=lambda path: [int(part) for part in re.findall("[0-9]+", path)])
    if os.path.lexists(PHP):
        os.unlink(PHP)
    os.makedirs(os.path.dirname(PHP), exist_ok=True)
    os.symlink(newest, PHP)
    folder = re.search(r'Path: *"?([^"\n]+)', _output(PHP, "--ini")).group(1)
    _write(os.path.join(folder, "php.ini"), f"mail.log = {PHP_LOG}\n")
    _write(PHP_LOG, "", WWW_DATA)


def _output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def _dovecot_conf():
    """Settings have other names since Dovecot 2.4. @return the file that this version reads"""
    version = [int(part) for part in re.findall("[0-9]+", _output("/usr/sbin/dovecot", "--version"))[:2]]
    return "dovecot.conf" if version >= [2, 4] else "dovecot-2.3.conf"


def _certificate(name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "30", "-subj", f"/CN={name}", "-keyout", "/etc/ssl/lab.key", "-out", "/etc/ssl/lab.pem"],
                   check=True, stderr=subprocess.DEVNULL)
    os.chmod("/etc/ssl/lab.key", 0o644)         # the lab has no secrets; Exim reads it as its own user


def _syslog():
    _put("rsyslog.conf", "/etc/rsyslog.conf")
    shutil.rmtree("/etc/rsyslog.d", ignore_errors=True)
    os.makedirs("/var/spool/rsyslog", exist_ok=True)
    os.makedirs("/var/log/traditional", exist_ok=True)
    _start_now(["/usr/sbin/rsyslogd", "-n", "-i", "NONE", "-f", "/etc/rsyslog.conf"])
    end = time.monotonic() + READY_S
    while not os.path.exists("/dev/log"):
        if time.monotonic() > end:
            raise OSError("rsyslogd does not open /dev/log")
        time.sleep(0.02)


# -- Postfix --------------------------------------------------------------------------------------------------------

def _postfix(ids):
    for name in ("postdrop", "postqueue"):
        os.chown(f"/usr/sbin/{name}", 0, ids["postdrop"][1])
        os.chmod(f"/usr/sbin/{name}", 0o2755)
    with open("/etc/aliases", "w") as file:
        file.write("postmaster root\nroot alice\n")
    for path in ("/etc/postfix/dynamicmaps.cf", "/etc/postfix/postfix-files"):
        if not os.path.exists(path):
            open(path, "w").close()
    os.makedirs("/var/lib/postfix", exist_ok=True)
    os.chown("/var/lib/postfix", *ids["postfix"])


def _postfix_starts():
    """The queue's folders, made and checked by Postfix's own script; then the master."""
    subprocess.run(["/usr/sbin/postfix", "-c", "/etc/postfix", "start"], check=True, stdout=sys.stderr)


def victim():
    ids = _users(("postfix", "postdrop", "dovecot", "dovenull"))
    logins = _people("victim.example")
    _write("/etc/dovecot/users", logins, 0, 0o644)
    _certificate("mail.victim.example")
    _put(_dovecot_conf(), "/etc/dovecot/dovecot.conf")
    _put("victim.main.cf", "/etc/postfix/main.cf")
    _put("victim.master.cf", "/etc/postfix/master.cf")
    _put("victim.virtual", "/etc/postfix/virtual")
    _postfix(ids)
    _www()
    _php()
    _syslog()
    os.makedirs("/var/spool/postfix/private", exist_ok=True)
    os.chmod("/var/spool/postfix/private", 0o700)
    os.chown("/var/spool/postfix/private", ids["postfix"][0], 0)
    _start_now(["/usr/sbin/dovecot", "-F", "-c", "/etc/dovecot/dovecot.conf"])
    end = time.monotonic() + READY_S
    _postfix_starts()
    while not os.path.exists("/var/spool/postfix/private/auth"):
        if time.monotonic() > end:
            raise OSError("dovecot does not open its socket")
        time.sleep(0.02)


def receiver():
    ids = _users(("postfix", "postdrop"))
    _put("receiver.main.cf", "/etc/postfix/main.cf")
    _put("receiver.master.cf", "/etc/postfix/master.cf")
    _put("receiver.mailboxes", "/etc/postfix/mailboxes")
    _postfix(ids)
    _syslog()
    _postfix_starts()


def _start_now(argv):
    """A server in the background, the host's init its parent."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(argv[0], argv)
        os._exit(0)
    os.wait()


# -- Exim -----------------------------------------------------------------------------------------------------------

def victim_exim():
    ids = _users(("Debian-exim",))
    _people("hosting.example")
    _write("/etc/exim4/logins", "".join(f"{name}@hosting.example: {PASSWORD}\n" for name in PEOPLE))
    _certificate("mail.hosting.example")
    _put("exim4.conf", "/etc/exim4/exim4.conf")
    _put("exim.aliases", "/etc/exim4/aliases")
    _write("/etc/exim4/relay_from", EXIM_NETWORKS)
    _www()
    _php()
    os.chmod("/usr/sbin/exim4", 0o4755)
    for name in ("sendmail", "exim"):
        if not os.path.lexists(f"/usr/sbin/{name}"):
            os.symlink("exim4", f"/usr/sbin/{name}")
    for path in ("/var/spool/exim4", "/var/log/exim4", "/var/mail/lab"):
        os.makedirs(path, exist_ok=True)
        os.chown(path, *ids["Debian-exim"])
    os.chmod("/var/mail/lab", 0o1777)
    _syslog()
    _start_now(["/usr/sbin/exim4", "-bdf", "-q5m", "-oX", "25:587", "-oP", "/run/exim.pid"])


# -- receivers in Python --------------------------------------------------------------------------------------------

def _sink(table):
    _start_now([sys.executable, "-B", os.path.join(HERE, "bigmail.py"), os.path.join(FILES, table), "/run/bigmail.pid"])


def bigmail():
    _sink("bigmail.yaml")


def lan():
    """The customer's own mail server, in their office."""
    _sink("office.yaml")


SETUP = {"victim": victim, "victim-exim": victim_exim, "receiver": receiver, "bigmail": bigmail, "lan": lan}


# -- putting back, settings -----------------------------------------------------------------------------------------

NETWORKS = "127.0.0.0/8 [::1]/128 10.20.0.0/24"
EXIM_NETWORKS = "127.0.0.1\n10.30.0.0/24\n"
TOO_WIDE = "198.51.100.0/24"        # the usual mistake: "our provider's network" is full of strangers


def open_relay(value):
    with open("/etc/postfix/main.cf") as file:
        lines = file.readlines()
    wanted = f"mynetworks = {NETWORKS}{' ' + TOO_WIDE if value == 'on' else ''}\n"
    changed = [wanted if line.startswith("mynetworks =") else line for line in lines]
    if changed != lines:
        _write("/etc/postfix/main.cf", "".join(changed))
        subprocess.run(["/usr/sbin/postfix", "reload"], check=True, stdout=sys.stderr, stderr=subprocess.STDOUT)
        time.sleep(1)       # a daemon that runs takes the change with its next client


def exim_open_relay(value):
    _write("/etc/exim4/relay_from", EXIM_NETWORKS + (TOO_WIDE + "\n" if value == "on" else ""))


SETTINGS = {"open-relay": ("victim", open_relay), "exim-open-relay": ("victim-exim", exim_open_relay)}


def _reset_postfix(host):
    subprocess.run(["/usr/sbin/postsuper", "-d", "ALL"], check=False, stderr=subprocess.DEVNULL)
    if host == "victim":
        open_relay("off")
    time.sleep(0.3)
    for path in ("/var/log/mail.log", "/var/log/traditional/mail.log", PHP_LOG):
        if os.path.exists(path):
            os.truncate(path, 0)


def _reset_exim(host):
    exim_open_relay("off")
    for folder in ("input", "msglog", "db"):
        path = os.path.join("/var/spool/exim4", folder)
        for below, _, names in os.walk(path):
            for name in names:
                os.unlink(os.path.join(below, name))
    for path in (*(f"/var/log/exim4/{name}" for name in ("mainlog", "rejectlog", "paniclog")), PHP_LOG):
        if os.path.exists(path):
            os.truncate(path, 0)


def _reset_sink(host):
    with open("/run/bigmail.pid") as file:
        os.kill(int(file.read()), signal.SIGHUP)


RESET = {"victim": _reset_postfix, "receiver": _reset_postfix, "victim-exim": _reset_exim, "bigmail": _reset_sink,
         "lan": _reset_sink}


# -- idle -----------------------------------------------------------------------------------------------------------

def _pending(host):
    """@return the number of messages that a host has not tried yet"""
    if host == "victim-exim":
        return _exim_pending()
    count = 0
    for name in ("maildrop", "incoming", "active"):
        for _, _, names in os.walk(os.path.join("/var/spool/postfix", name)):
            count += len(names)
    return count


def _exim_pending():
    """A message that has been tried has a log of its own that says so."""
    count = 0
    for below, _, names in os.walk("/var/spool/exim4/input"):
        for name in names:
            if name.endswith("-H"):
                log = os.path.join(below.replace("/input", "/msglog"), name[:-2])
                try:
                    with open(log) as file:
                        text = file.read()
                    count += " defer" not in text and "Frozen" not in text and "==" not in text
                except OSError:
                    count += 1
    return count


def settle(host, seconds):
    end, seen, since = time.monotonic() + seconds, None, 0
    while time.monotonic() < end:
        now = time.monotonic()
        size = os.path.getsize(MAIL_LOG[host]) if os.path.exists(MAIL_LOG[host]) else 0
        if size != seen or _pending(host):
            seen, since = size, now
        elif now - since > QUIET_S:
            return True
        time.sleep(0.05)
    return False
