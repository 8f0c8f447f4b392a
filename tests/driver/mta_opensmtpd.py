"""OpenSMTPD: its configuration, its start, its queue. Its scheduler lives by the clock and needs no command."""
import crypt
import os
import signal
import subprocess
import time

import world

PACKAGES = ("mail", "opensmtpd")
SPOOL = "/var/spool/smtpd"
CONFIG = """pki {host} cert "/etc/ssl/own.pem"
pki {host} key "/etc/smtpd/own.key"
table creds file:/etc/smtpd/creds
table virtuals file:/etc/smtpd/virtuals
table relayfrom file:/etc/smtpd/relayfrom
table domains file:/etc/smtpd/domains
table aliases file:/etc/smtpd/aliases
{more}
smtp max-message-size 35M
queue ttl {lifetime}
listen on socket
listen on 127.0.0.1 port 25 hostname {host}
listen on {ip} port 25 tls pki {host} hostname {host}
listen on {ip} port 587 tls pki {host} auth <creds> hostname {host}
{inside}
action "deliver" maildir "/var/mail/%{{dest.domain}}/%{{dest.user}}" virtual <virtuals>
action "system" mbox alias <aliases>
action "outbound" relay helo {host}{smarthost}
{behind}
match from any for domain <domains> action "deliver"
match from any for local action "system"
match from local for any action "outbound"
match auth from any for any action "outbound"
match from src <relayfrom> for any action "outbound"
{rules}
"""


class OpenSmtpd:
    name = "opensmtpd"
    still_s, silent_queue = 0.004, True
    own_log = False
    queue_interval = 400

    def __init__(self, server):
        self.server = server

    def configure(self):
        s = self.server
        ids = world.users(("opensmtpd", "opensmtpq", *s.users))
        vmail = world.users(("vmail",), "/var/vmail")["vmail"]
        os.makedirs("/var/vmail")
        os.chown("/var/vmail", *vmail)
        os.chown("/usr/sbin/smtpctl", 0, ids["opensmtpq"][1])
        os.chmod("/usr/sbin/smtpctl", 0o2755)
        if not os.path.lexists("/usr/sbin/sendmail"):
            os.symlink("smtpctl", "/usr/sbin/sendmail")
        os.makedirs("/run/opensmtpd/empty", exist_ok=True)
        os.makedirs("/var/lib/opensmtpd/empty", exist_ok=True)
        os.makedirs("/var/empty", exist_ok=True)
        os.makedirs("/var/mail", exist_ok=True)
        os.chmod("/var/mail", 0o1777)
        for user in s.users:
            os.makedirs(f"/var/www/{user}", exist_ok=True)
        with open("/etc/ssl/own.key") as file:
            world.write("/etc/smtpd/own.key", file.read(), mode=0o600)
        self.write_settings()

    def write_settings(self):
        s, o = self.server, self.server.options
        world.write("/etc/smtpd/creds", "".join(f"{p.login}\t{crypt.crypt(p.password, '$1$abcdefgh$')}\n"
                                                for p in s.people.values()))
        world.write("/etc/smtpd/virtuals", "".join(f"{a}\tvmail\n" for a in s.boxes if a not in s.aliases)
                    + "".join(f"{a}\t{', '.join(to)}\n" for a, to in s.aliases.items()))
        world.write("/etc/smtpd/relayfrom", "".join(n + "\n" for n in s.mynetworks))
        world.write("/etc/smtpd/domains", "".join(d + "\n" for d in s.domains))
        world.write("/etc/smtpd/aliases", "root: vmail\npostmaster: root\n"
                    + "".join(f"{u}: root\n" for u in s.users if u != "root"))
        behind = "".join(f'action "behind{n}" relay host smtp://{ip}\n'
                         f'match from any for domain "{domain}" action "behind{n}"\n'
                         for n, (domain, ip) in enumerate(s.relay_domains.items()))
        world.write("/etc/smtpd/smtpd.conf", CONFIG.format(
            host=s.host, ip=s.ip, lifetime=o.get("lifetime", "4d"), more=o.get("conf", ""), rules=o.get("rules", ""),
            behind=behind, smarthost=f" host smtp://{s.smarthost}" if s.smarthost else "",
            inside="".join(f"listen on {ip} port 25 hostname {s.host}\n" for ip in o.get("inside", []))))

    def start(self):
        subprocess.run(["/usr/sbin/smtpd", "-f", "/etc/smtpd/smtpd.conf"], stdin=subprocess.DEVNULL, check=True,
                       env={**os.environ, "VCLOCK_MONOTONIC": "1"})
        return ((self.server.ip, 25), (self.server.ip, 587))

    def reload(self):
        self.write_settings()
        for pid in [pid for pid, name in world.processes().items() if name == "smtpd"][:1]:
            os.kill(pid, 15)
        end = time.monotonic() + 5
        while "smtpd" in world.processes().values() and time.monotonic() < end:
            time.sleep(0.02)
        self.start()
        time.sleep(0.3)

    def busy(self):
        return False            # silent_queue: the runner asks waiting()

    def due(self):
        return 0 if self.waiting() else None

    def waiting(self):
        return sum(len(names) for _, _, names in os.walk(f"{SPOOL}/queue"))

    def queue_run(self):
        # Its timers are its own; stopped for a moment, its processes look at the clock anew when they go on.
        for pid, name in world.processes().items():
            if name == "smtpd":
                os.kill(pid, signal.SIGSTOP)
                os.kill(pid, signal.SIGCONT)
        time.sleep(0.01)

    def sendmail(self, message, given_from, argv):
        return ["/usr/sbin/sendmail", *argv, *(["-f", given_from] if given_from else []), "-i",
                *(() if "-t" in argv else message.recipients)]
