"""Postfix: its configuration, its start, its queue."""
import os
import socket
import subprocess

import world

SPOOL = "/var/spool/postfix"
QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "private",
          "public",
          "saved", "trace", "pid")
PACKAGES = ("mail", "postfix")
SERVICES = """smtp inet n - n - - smtpd
submission inet n - n - - smtpd
  -o syslog_name=postfix/submission
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions={submission_recipient}
  -o smtpd_client_restrictions=
  -o smtpd_helo_restrictions=
  -o smtpd_sender_restrictions={submission_sender}
  -o content_filter={submission_filter}
{more}
pickup unix n - n 86400 1 pickup{pickup}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 86400 1 qmgr
tlsmgr unix - - n 86400? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
  -o syslog_name=postfix/relay
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


def _maincf(s):
    option = s.options
    rows = {
        "compatibility_level": "3.6", "myhostname": s.host, "mydomain": s.domains[0], "myorigin": s.domains[0],
        "mydestination": "$myhostname, localhost." + s.domains[0] + ", localhost",
        "mynetworks": " ".join(s.mynetworks),
        "inet_interfaces": " ".join(["127.0.0.1", s.ip, *option.get("inside", [])]), "inet_protocols": "all",
        "smtp_address_preference": "ipv4",
        "virtual_mailbox_domains": " ".join(d for d in s.domains if d not in option.get("alias_domains", ())),
        "virtual_alias_domains": " ".join(option.get("alias_domains", ())),
        "virtual_mailbox_maps": "texthash:/etc/postfix/boxes", "virtual_alias_maps": "texthash:/etc/postfix/aliases",
        "virtual_mailbox_base": "/var/mail", "virtual_uid_maps": "static:5000", "virtual_gid_maps": "static:5000",
        "virtual_transport": "lmtp:inet:127.0.0.1:24" if s.delivery == "lmtp" else "virtual",
        "alias_maps": "texthash:/etc/aliases", "alias_database": "", "recipient_delimiter": "+",
        "relay_domains": " ".join(s.relay_domains), "transport_maps": "texthash:/etc/postfix/transport",
        "relayhost": f"[{s.smarthost}]" if s.smarthost else "",
        "smtpd_relay_restrictions": "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination",
        "smtpd_sasl_type": "dovecot", "smtpd_sasl_path": "private/auth", "smtpd_tls_security_level": "may",
        "smtpd_tls_cert_file": "/etc/ssl/own.pem", "smtpd_tls_key_file": "/etc/ssl/own.key",
        "smtpd_tls_loglevel": str(option.get("tls_loglevel", 1)), "smtp_tls_security_level": "may",
        "smtpd_banner": "$myhostname ESMTP Postfix (Debian/GNU)",
        # none of these shows in a log: the world has no time to lose, and its clock jumps
        "smtpd_error_sleep_time": "0", "in_flow_delay": "0", "max_idle": "100000000s", "max_use": "25",
        "hash_queue_names": "saved", "smtp_connect_timeout": "5s", "daemon_timeout": "100000000s",
        "ipc_idle": "100000000s", "ipc_ttl": "100000000s", "queue_run_delay": "100000000s",
        "smtpd_timeout": "100s", "confirm_delay_cleared": "no", "process_id_directory": "pid",
        "bounce_queue_lifetime": option.get("lifetime", "5d"), "maximal_queue_lifetime": option.get("lifetime", "5d"),
        "address_verify_map": "",
    }
    rows.update(option.get("main", {}))
    return "".join(f"{key} = {value}\n" for key, value in rows.items())


def _table(rows):
    return "".join(f"{key} {value}\n" for key, value in rows.items())


class Postfix:
    name = "postfix"
    still_s, silent_queue = 0.002, False
    own_log = False             # it writes through syslog(3)

    def __init__(self, server):
        self.server = server

    def configure(self):
        s = self.server
        ids = world.users(("postfix", "postdrop", "vmail", *s.users))
        uid, gid = ids["postfix"]
        for name in ("postdrop", "postqueue"):
            os.chown(f"/usr/sbin/{name}", 0, ids["postdrop"][1])
            os.chmod(f"/usr/sbin/{name}", 0o2755)
        os.makedirs(SPOOL, exist_ok=True)
        for name in QUEUES:
            os.makedirs(f"{SPOOL}/{name}", exist_ok=True)
            os.chown(f"{SPOOL}/{name}", 0 if name == "pid" else uid,
                     ids["postdrop"][1] if name in ("maildrop", "public") else 0)
            os.chmod(f"{SPOOL}/{name}", {"maildrop": 0o1730, "public": 0o2710, "pid": 0o755}.get(name, 0o700))
        os.makedirs("/var/lib/postfix", exist_ok=True)
        os.chown("/var/lib/postfix", uid, gid)
        os.makedirs("/var/mail", exist_ok=True)
        os.chmod("/var/mail", 0o1777)
        for path in ("/etc/postfix/dynamicmaps.cf", "/etc/postfix/postfix-files"):
            if not os.path.exists(path):
                world.write(path, "")
        self.write_settings()
        for path in s.users:
            os.makedirs(f"/var/www/{path}", exist_ok=True)

    def write_settings(self):
        s = self.server
        world.write("/etc/aliases", "postmaster root\nroot /dev/null\nwww-data root\n"
                    + "".join(f"{name} root\n" for name in s.users
                              if name != "www-data") + s.options.get("aliases_text", ""))
        boxes = {a: f"{a.partition('@')[2]}/{a.partition('@')[0]}/" for a in s.all_boxes()}
        world.write("/etc/postfix/boxes", _table(boxes))
        world.write("/etc/postfix/aliases", _table({a: ", ".join(to) for a, to in s.aliases.items()}))
        transport = {domain: f"smtp:[{ip}]" for domain, ip in s.relay_domains.items()}
        transport.update(s.options.get("transport", {}))
        world.write("/etc/postfix/transport", _table(transport))
        for name, text in s.options.get("files", {}).items():
            world.write("/etc/postfix/" + name, text)
        world.write("/etc/postfix/main.cf", _maincf(s))
        world.write("/etc/postfix/master.cf", SERVICES.format(
            submission_recipient=s.options.get("submission_recipient", ""),
            submission_sender=s.options.get("submission_sender", ""),
            submission_filter=s.options.get("submission_filter", s.options.get("main", {}).get("content_filter", "")),
            more=s.options.get("master", ""), pickup=s.options.get("pickup", "")))

    def start(self):
        env = {**os.environ, "MAIL_CONFIG": "/etc/postfix"}
        self.process = subprocess.Popen(["/usr/lib/postfix/sbin/master"], env=env, stdin=subprocess.DEVNULL)
        return ((self.server.ip, 25), (self.server.ip, 587))

    def reload(self):
        self.write_settings()
        subprocess.run(["/usr/sbin/postfix", "reload"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def busy(self):
        return any(os.listdir(f"{SPOOL}/{name}") for name in ("maildrop", "incoming", "active"))

    def due(self):
        """@return virtual time at which something deferred is to be tried again, None: nothing is"""
        found = []
        for name in os.listdir(f"{SPOOL}/deferred"):
            try:
                found.append(os.stat(f"{SPOOL}/deferred/{name}").st_mtime)
            except OSError:
                pass
        return min(found) if found else None

    queue_interval = 300

    def queue_run(self):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(f"{SPOOL}/public/qmgr")
            sock.sendall(b"D\0")

    def sendmail(self, message, given_from, argv):
        return ["/usr/sbin/sendmail", *argv, *(["-f", given_from] if given_from else []), "-i",
                *(() if "-t" in argv else ("--", *message.recipients))]
