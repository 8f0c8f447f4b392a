"""Sendmail: its configuration by its own m4 files, its start, its queue. People are users of the system."""
import os
import subprocess
import time

import world

PACKAGES = ("mail", "sendmail")
SPOOL = "/var/spool/mqueue"
BINARY = "/usr/libexec/sendmail/sendmail"
MC = """define(`_USE_ETC_MAIL_')dnl
include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `{host}')dnl
define(`confDEF_USER_ID', `mail:mail')dnl
define(`confPID_FILE', `/run/sendmail.pid')dnl
define(`ALIAS_FILE', `/etc/mail/aliases')dnl
define(`STATUS_FILE', `/var/lib/sendmail/sendmail.st')dnl
define(`confAUTH_MECHANISMS', `LOGIN PLAIN')dnl
TRUST_AUTH_MECH(`LOGIN PLAIN')dnl
define(`confAUTH_OPTIONS', `A')dnl
define(`confTO_IDENT', `0s')dnl
define(`confTO_CONNECT', `5s')dnl
define(`confTO_QUEUERETURN', `{lifetime}')dnl
define(`confTO_QUEUEWARN', `4h')dnl
define(`confQUEUE_LA', `500')dnl
define(`confREFUSE_LA', `500')dnl
define(`confDELAY_LA', `500')dnl
define(`confBAD_RCPT_THROTTLE', `0')dnl
define(`confMAX_DAEMON_CHILDREN', `0')dnl
define(`confCONNECTION_RATE_THROTTLE', `0')dnl
define(`confFALLBACK_MX', `')dnl
define(`confSERVER_CERT', `/etc/ssl/own.pem')dnl
define(`confSERVER_KEY', `/etc/mail/own.key')dnl
define(`confLOG_LEVEL', `{log_level}')dnl
define(`confFORWARD_PATH', `$z/.forward')dnl
define(`confDONT_BLAME_SENDMAIL', `GroupReadableKeyFile,ForwardFileInGroupWritableDirPath')dnl
{smarthost}
FEATURE(`no_default_msa')dnl
{daemons}
FEATURE(`use_cw_file')dnl
FEATURE(`access_db', `hash -T<TMPF> /etc/mail/access')dnl
FEATURE(`mailertable', `hash /etc/mail/mailertable')dnl
FEATURE(`virtusertable', `hash /etc/mail/virtusertable')dnl
FEATURE(`local_lmtp', `/usr/libexec/sendmail/mail.local')dnl
{more}
MAILER(`local')dnl
MAILER(`smtp')dnl
"""
SUBMIT = """define(`_USE_ETC_MAIL_')dnl
include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `{host}')dnl
define(`confRUN_AS_USER', `smmsp:smmsp')dnl
define(`confTRUSTED_USER', `smmsp')dnl
define(`MSP_QUEUE_DIR', `/var/spool/mqueue-client')dnl
define(`confPID_FILE', `/run/sm-client.pid')dnl
define(`confTO_IDENT', `0s')dnl
define(`confUSE_MSP', `True')dnl
FEATURE(`msp', `[127.0.0.1]', `25')dnl
"""


class Sendmail:
    name = "sendmail"
    still_s, silent_queue = 0.002, False
    own_log = False
    queue_interval = 600

    def __init__(self, server):
        self.server = server

    def boxes(self):
        return sorted({address.partition("@")[0] for address in self.server.boxes})

    def configure(self):
        s = self.server
        world.users(("smmsp", *s.users))
        self.ids = world.users(self.boxes(), "/home/{}", "/bin/sh")
        for name, (uid, gid) in self.ids.items():
            home = f"/srv/home/{name}" if not os.path.isdir("/home") else f"/home/{name}"
            os.makedirs(home, exist_ok=True)
            os.chown(home, uid, gid)
        for path, owner, mode in ((SPOOL, "root", 0o700), ("/var/spool/mqueue-client", "smmsp", 0o770),
                                  ("/var/lib/sendmail", "root", 0o755)):
            os.makedirs(path, exist_ok=True)
            uid, gid = (0, 0) if owner == "root" else world.users((owner,))[owner]
            os.chown(path, uid, gid)
            os.chmod(path, mode)
        os.makedirs("/var/mail", exist_ok=True)
        os.chmod("/var/mail", 0o1777)
        for user in s.users:
            os.makedirs(f"/var/www/{user}", exist_ok=True)
        smmsp = world.users(("smmsp",))["smmsp"]
        os.chown(BINARY, 0, smmsp[1])
        os.chmod(BINARY, 0o2755)
        for link in ("/usr/sbin/sendmail", "/usr/sbin/sm-mta"):
            if not os.path.lexists(link):
                os.symlink(BINARY, link)
        with open("/etc/ssl/own.key") as file:
            world.write("/etc/mail/own.key", file.read(), mode=0o600)
        self.write_settings()
        self.write_logins()

    def write_logins(self):
        world.write("/etc/sasl2/Sendmail.conf", "pwcheck_method: auxprop\nauxprop_plugin: sasldb\n"
                    "mech_list: LOGIN PLAIN\n")
        os.makedirs("/usr/lib/sasl2", exist_ok=True)
        world.write("/usr/lib/sasl2/Sendmail.conf", "pwcheck_method: auxprop\nauxprop_plugin: sasldb\n"
                    "mech_list: LOGIN PLAIN\n")
        for person in self.server.people.values():
            subprocess.run(["/usr/sbin/saslpasswd2", "-c", "-p", "-u", self.server.host, person.login],
                           input=person.password, text=True, check=True, stdout=subprocess.DEVNULL)
        if os.path.exists("/etc/sasldb2"):
            os.chmod("/etc/sasldb2", 0o600)

    @staticmethod
    def _map(name, rows):
        path = f"/etc/mail/{name}"
        world.write(path, "".join(f"{key}\t{value}\n" for key, value in rows))
        with open(path) as file:
            subprocess.run(["/usr/libexec/sendmail/makemap", "hash", path], stdin=file, check=True)

    def write_settings(self):
        s, o = self.server, self.server.options
        daemons = []
        for ip in ("127.0.0.1", s.ip, *o.get("inside", [])):
            daemons.append(f"DAEMON_OPTIONS(`Family=inet, Name=MTA-v4, Port=smtp, Addr={ip}')dnl")
        daemons.append(f"DAEMON_OPTIONS(`Family=inet, Name=MSP-v4, Port=submission, M=Ea, Addr={s.ip}')dnl")
        words = {"host": s.host, "daemons": "\n".join(daemons), "lifetime": o.get("lifetime", "5d"),
                 "log_level": o.get("log_level", "9"), "more": o.get("mc", ""),
                 "smarthost": f"define(`SMART_HOST', `[{s.smarthost}]')dnl" if s.smarthost else ""}
        for name, text in (("sendmail", MC), ("submit", SUBMIT)):
            made = subprocess.run(["m4"], input=text.format(**words), text=True, stdout=subprocess.PIPE, check=True)
            world.write(f"/etc/mail/{name}.cf", made.stdout)
        world.write("/etc/mail/local-host-names", "".join(d + "\n" for d in (*s.domains, s.host)))
        world.write("/etc/mail/trusted-users", "".join(user + "\n" for user in s.users))
        world.write("/etc/mail/relay-domains", "".join(d + "\n" for d in s.relay_domains))
        self._map("access", [(f"Connect:{net}", "RELAY") for net in map(_prefix, s.mynetworks)])
        self._map("mailertable", [(d, f"esmtp:[{ip}]") for d, ip in s.relay_domains.items()])
        self._map("virtusertable", [(a, to[0] if "@" in to[0] else to[0]) for a, to in s.aliases.items()
                                    if a.startswith("@")])
        rows = {"postmaster": ["root"], "mailer-daemon": ["postmaster"], "root": ["/dev/null"],
                **{user: ["root"] for user in s.users}}
        rows.update({a.partition("@")[0]: to for a, to in s.aliases.items() if not a.startswith("@")})
        world.write("/etc/mail/aliases", "".join(f"{a}: {', '.join(to)}\n" for a, to in rows.items()))
        for name, text in o.get("forward_files", {}).items():
            uid, gid = self.ids[name]
            world.write(f"/home/{name}/.forward", text, uid, 0o600)
            os.chown(f"/home/{name}/.forward", uid, gid)
        subprocess.run([BINARY, "-bi"], check=True, stdout=subprocess.DEVNULL)

    def start(self):
        # as Debian's script starts it; the queue is run by the driver at its virtual times
        self.daemon = subprocess.Popen(["/usr/sbin/sm-mta", "-L", "sm-mta", "-bD"], stdin=subprocess.DEVNULL)
        return ((self.server.ip, 25), (self.server.ip, 587))

    def reload(self):
        self.write_settings()
        self.daemon.terminate()
        self.daemon.wait()
        self.start()
        time.sleep(0.3)

    def busy(self):
        return sum(name in ("sendmail", "sm-mta", "sendmail-mta", "mail.local") for name in
                   world.processes().values()) > 1

    def due(self):
        return 0 if self.waiting() else None

    def waiting(self):
        return sum(name.startswith("qf") for name in os.listdir(SPOOL)) + \
            sum(name.startswith("qf") for name in os.listdir("/var/spool/mqueue-client"))

    def queue_run(self):
        if os.listdir(SPOOL):
            subprocess.run(["/usr/sbin/sm-mta", "-L", "sm-mta", "-q"], stdin=subprocess.DEVNULL, cwd="/",
                           check=False)
        if os.listdir("/var/spool/mqueue-client"):
            subprocess.run(["/usr/sbin/sendmail", "-L", "sm-msp-queue", "-Ac", "-q"], stdin=subprocess.DEVNULL,
                           check=False)

    def sendmail(self, message, given_from, argv):
        return ["/usr/sbin/sendmail", *argv, *(["-f", given_from] if given_from else []), "-i",
                *(() if "-t" in argv else ("--", *message.recipients))]


def _prefix(network):
    """@return a network as the access table has it: 10.1.0.0/16 is 10.1"""
    address, _, bits = network.partition("/")
    return ".".join(address.split(".")[:int(bits) // 8]) if bits else address
