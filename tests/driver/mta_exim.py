"""Exim: its configuration, its start, its queue, its main log."""
import calendar
import os
import subprocess
import time

import world

PACKAGES = ("mail", "exim")
SPOOL = "/var/spool/exim4"
LOG = "/var/log/exim4/mainlog"

CONFIG = """
primary_hostname = {host}
local_interfaces = {interfaces}
daemon_smtp_ports = 25 : 587
domainlist local_domains = {domains}
domainlist relay_to_domains = {relay_domains}
hostlist relay_from_hosts = /etc/exim4/relay_from
acl_smtp_connect = acl_connect
acl_smtp_helo = acl_helo
acl_smtp_mail = acl_mail
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
acl_not_smtp = acl_local
tls_advertise_hosts = *
tls_certificate = /etc/ssl/own.pem
tls_privatekey = /etc/ssl/own.key
never_users = root
trusted_users = www-data : {trusted}
untrusted_set_sender = *
local_from_check = false
host_lookup = *
dns_ipv4_lookup = *
dns_dnssec_ok = 0
rfc1413_query_timeout = 0s
smtp_accept_max = 200
smtp_accept_queue_per_connection = 0
smtp_accept_max_per_connection = 1000
ignore_bounce_errors_after = 2d
timeout_frozen_after = 7d
bounce_return_size_limit = 2K
keep_environment =
{privilege}
log_selector = {log_selector}
log_file_path = /var/log/exim4/%slog
{main}

begin acl
acl_connect:
{acl_connect}
  accept
acl_helo:
  accept
acl_mail:
{acl_mail}
  accept
acl_rcpt:
  accept hosts = :
         control = dkim_disable_verify
  deny   message = Restricted characters in address
         local_parts = ^[.] : ^.*[@%!/|]
{acl_rcpt_first}
  accept hosts = +relay_from_hosts
         control = submission/sender_retain
{acl_rcpt_login}
  accept authenticated = *
         control = submission/sender_retain
{acl_rcpt_open}
  require message = relay not permitted
          domains = +local_domains : +relay_to_domains
{acl_rcpt_lists}
{acl_rcpt_verify}
  accept
acl_data:
{acl_data}
  accept
acl_local:
{acl_local}
  accept

begin routers
{routers_first}
{router_smarthost}
relayed:
  driver = manualroute
  domains = +relay_to_domains
  transport = remote_smtp
  route_data = ${{lookup{{$domain}}lsearch{{/etc/exim4/behind}}}}
dnslookup:
  driver = dnslookup
  domains = ! +local_domains
  transport = remote_smtp
  ignore_target_hosts = 0.0.0.0 : 127.0.0.0/8
  no_more
{routers_local}
aliases:
  driver = redirect
  allow_fail
  allow_defer
  data = ${{lookup{{$local_part@$domain}}lsearch{{/etc/exim4/aliases}}}}
mailboxes:
  driver = accept
  address_data = ${{lookup{{$local_part@$domain}}lsearch{{/etc/exim4/boxes}}{{$value}}fail}}
  transport = {delivery}
  cannot_route_message = Unknown user
catchall:
  driver = redirect
  data = ${{lookup{{*@$domain}}lsearch{{/etc/exim4/aliases}}}}

begin transports
remote_smtp:
  driver = smtp
  hosts_try_fastopen =
  connect_timeout = 5s
local_delivery:
  driver = appendfile
  file = /var/mail/$address_data
  create_file = anywhere
  user = Debian-exim
  group = Debian-exim
dovecot_lmtp:
  driver = smtp
  protocol = lmtp
  hosts = 127.0.0.1
  port = 24
  hosts_override
  allow_localhost
  rcpt_include_affixes
{transports}

begin retry
*  *  F,2h,15m; G,16h,1h,1.5; F,4d,6h

begin authenticators
{auth}plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if eq{{$auth3}}{{${{lookup{{$auth2}}lsearch{{/etc/exim4/logins}}{{$value}}{{*:fail}}}}}}}}
  server_set_id = $auth2
{auth}login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if eq{{$auth2}}{{${{lookup{{$auth1}}lsearch{{/etc/exim4/logins}}{{$value}}{{*:fail}}}}}}}}
  server_set_id = $auth1
"""


class Exim:
    name = "exim"
    still_s, silent_queue = 0.002, False
    own_log = True
    log_name = "mainlog"
    queue_interval = 1800

    def __init__(self, server):
        self.server = server

    def configure(self):
        s = self.server
        ids = world.users(("Debian-exim", *s.users))
        for path in (SPOOL, "/var/log/exim4"):
            os.makedirs(path, exist_ok=True)
            os.chown(path, *ids["Debian-exim"])
            os.chmod(path, 0o750)
        os.makedirs("/var/mail", exist_ok=True)
        os.chmod("/var/mail", 0o1777)
        os.chmod("/usr/sbin/exim4", 0o4755)
        for name in ("sendmail", "exim"):
            if not os.path.lexists(f"/usr/sbin/{name}"):
                os.symlink("exim4", f"/usr/sbin/{name}")
        for user in s.users:
            os.makedirs(f"/var/www/{user}", exist_ok=True)
        self.write_settings()

    def write_settings(self):
        s, o = self.server, self.server.options
        world.write("/etc/exim4/relay_from", "".join(n + "\n" for n in s.mynetworks))
        world.write("/etc/exim4/aliases", "".join(f"{a}: {', '.join(to)}\n" for a, to in s.aliases.items()))
        world.write("/etc/exim4/boxes", "".join(f"{a}: box{n}\n" for n, a in enumerate(s.all_boxes())))
        world.write("/etc/exim4/behind", "".join(f"{d}: {ip}\n" for d, ip in s.relay_domains.items()))
        world.write("/etc/exim4/logins", "".join(f"{p.login}: {p.password}\n" for p in s.people.values()))
        for name, text in o.get("files", {}).items():
            world.write("/etc/exim4/" + name, text)
        # without it each delivery is an exec more, which is seen where arguments are logged and nowhere else
        words = {"privilege": "" if o.get("logs_cwd") else "deliver_drop_privilege = true", "host": s.host,
                 "auth": o.get("auth", ""), "domains": " : ".join((*s.domains, s.host)),
                 "interfaces": " ; ".join(["<; 127.0.0.1", s.ip, *o.get("inside", [])]),
                 "relay_domains": " : ".join(s.relay_domains),
                 "trusted": " : ".join(u for u in s.users if u != "www-data") or "root",
                 "log_selector": o.get("log_selector", "-queue_run"),
                 "delivery": "dovecot_lmtp" if s.delivery == "lmtp" else "local_delivery",
                 "acl_rcpt_verify": "  require verify = recipient",
                 "router_smarthost": f"smarthost:\n  driver = manualroute\n  domains = ! +local_domains\n"
                                     f"  transport = remote_smtp\n  route_list = * {s.smarthost}\n  no_more\n"
                                     if s.smarthost else ""}
        for key in ("main", "acl_connect", "acl_mail", "acl_rcpt_first", "acl_rcpt_login", "acl_rcpt_open",
                    "acl_rcpt_lists", "acl_data", "acl_local", "routers_first", "routers_local", "transports"):
            words[key] = o.get(key, "")
        words["acl_rcpt_verify"] = o.get("acl_rcpt_verify", words["acl_rcpt_verify"])
        world.write("/etc/exim4/exim4.conf", CONFIG.format(**words))

    def start(self):
        self.daemon = subprocess.Popen(["/usr/sbin/exim4", "-bdf", "-oP", "/run/exim.pid"], stdin=subprocess.DEVNULL,
                                       cwd="/")
        return ((self.server.ip, 25), (self.server.ip, 587))

    def reload(self):
        self.write_settings()       # tables are read anew by each process; what is in the main file needs a restart
        if self.server.options.get("restart"):
            os.kill(self.daemon.pid, 1)
            time.sleep(0.1)

    def forget_start(self):
        os.truncate(LOG, 0)

    def log_size(self):
        try:
            return os.path.getsize(LOG)
        except FileNotFoundError:
            return 0

    def busy(self):
        return sum(name in ("exim4", "exim", "sendmail") for name in world.processes().values()) > 1

    def due(self):
        for _, _, names in os.walk(f"{SPOOL}/input"):
            if names:
                return 0
        return None

    def waiting(self):
        return sum(len(names) for _, _, names in os.walk(f"{SPOOL}/input"))

    def queue_run(self):
        subprocess.run(["/usr/sbin/exim4", "-qG"], stdin=subprocess.DEVNULL, cwd=SPOOL, check=False)

    def sendmail(self, message, given_from, argv):
        return ["/usr/sbin/sendmail", *argv, *(["-f", given_from] if given_from else []), "-i",
                *(() if "-t" in argv else ("--", *message.recipients))]

    def lines(self):
        """@return [(seconds, line)] of the main log, its own stamps on it"""
        found, last = [], 0
        with open(LOG, encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                line = line.rstrip("\n")
                try:
                    last = calendar.timegm(time.strptime(line[:19], "%Y-%m-%d %H:%M:%S"))
                except ValueError:
                    pass
                found.append((last, line))
        return found
