# SPDX-License-Identifier: BSD-2-Clause
"""Events as Exim writes them. Its own files have no syslog head: program is empty and `pid` is the process."""
from model import Login, Refusal

B62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def base62(number, width):
    out = ""
    while number or len(out) < width:
        number, rest = divmod(number, 62)
        out = B62[rest] + out
    return out


def reply_text(one):
    """A reply of several lines stands in one, with \\n between them."""
    lines = one.text.split("\n")
    first = f"{one.dsn} " if one.dsn else ""
    return "\\n".join(f"{one.code}{'-' if i + 1 < len(lines) else ' '}{'' if i else first}{line}"
                      for i, line in enumerate(lines))


class Exim:
    def __init__(self, world, rng, opt):
        self.world, self.rng, self.opt = world, rng, opt
        self.lines, self.last = [], 900

    def new_id(self, at, pid):
        if self.opt.get("long_ids", True):
            return f"{base62(int(at), 6)}-{base62(pid, 11)}-{base62(int(at % 1 * 10**6) % 14000000, 4)[:4]}"
        return f"{base62(int(at), 6)}-{base62(pid, 6)}-{base62(int(at % 1 * 2000) % 3844, 2)[:2]}"

    def pid(self):
        self.last = 900 + (self.last - 899 + self.rng.randrange(1, 4)) % 4000000
        return self.last

    def say(self, at, pid, text):
        self.lines.append((at, "", pid, text))

    def host(self, client):
        """H=name (helo) [address]:port as Exim gives it."""
        port = f":{self.rng.randrange(1024, 65535)}" if self.opt.get("ports", True) else ""
        if client.name == "unknown":
            return f"({client.helo}) [{client.ip}]{port}"
        helo = f" ({client.helo})" if client.helo.lower() != client.name.lower() else ""
        return f"{client.name}{helo} [{client.ip}]{port}"

    def tail(self, mail):
        subject = mail.subject.replace("\\", "\\\\").replace('"', '\\"')
        subject = subject if self.opt.get("utf8") else subject.encode("ascii", "backslashreplace").decode()
        text = f" S={mail.size}" + (f" id={mail.msgid}" if mail.msgid else "")
        if self.opt.get("subject", True):
            text += f' T="{subject}"'
        if self.opt.get("from"):
            text += f" from <{mail.sender}>"
        if self.opt.get("for", True):
            text += " for " + " ".join(r.orig or r.address for r in mail.rcpts)
        return text

    def mail(self, mail):
        at, pid, rng = mail.at, self.pid(), self.rng
        queue_id = self.new_id(at, pid)
        sender = mail.sender or "<>"
        if mail.origin == "local":
            if self.opt.get("arguments") and mail.cwd:
                args = rng.choice(["3 args: /usr/sbin/sendmail -t -i", f"4 args: /usr/sbin/sendmail -t -i "
                                   f"-f{mail.sender}"])
                self.say(at - 0.02, pid, f"cwd={mail.cwd} {args}")
            text = f"<= {sender} U={mail.user} P=local"
        elif mail.origin == "notice":
            text = f"<= <> R={getattr(mail.parent, 'queue_id', '')} U=Debian-exim P=local"
        else:
            login = ""
            if mail.origin == "login":
                method = self.opt.get("auth", "dovecot_login") if mail.method == "LOGIN" else \
                    self.opt.get("auth_plain", "dovecot_plain")
                login = f" A={method}:{mail.login}"
            tls = " X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no" if login or rng.random() < 0.8 else ""
            proto = "esmtp" + ("s" if tls else "") + ("a" if login else "")
            loop = mail.client.ip == "127.0.0.1"
            text = f"<= {sender} H={self.host(mail.client)} P={'esmtp' if loop else proto}{'' if loop else tls}{login}"
        self.say(at, pid, f"{queue_id} {text}{self.tail(mail)}")
        mail.queue_id = queue_id
        end = at
        for rcpt in mail.rcpts:
            end = max(end, self.deliver(mail, rcpt, queue_id))
        took = f" QT={end - at:.0f}s" if self.opt.get("qt") else ""
        self.say(end + 0.02, self.pid(), f"{queue_id} Completed{took}")

    def address(self, rcpt):
        if rcpt.orig and rcpt.orig != rcpt.address:
            return f"{rcpt.address} <{rcpt.orig}>"
        return rcpt.address

    def deliver(self, mail, rcpt, queue_id):
        at, rng = mail.at, self.rng
        who = self.address(rcpt)
        for one in rcpt.tries:
            at += one.wait
            pid = self.pid()
            if rcpt.local:
                self.local(rcpt, one, queue_id, at, pid)
                continue
            head = f"{queue_id} {'=>' if one.outcome == 'sent' else '**' if one.outcome == 'bounced' else '=='} {who}"
            sender = f" F=<{mail.sender}>" if self.opt.get("sender") else ""
            route = f"{sender} R=dnslookup T=remote_smtp"
            if one.relay is None:
                self.say(at, pid, f"{head}{route} defer (110): Connection timed out")
                continue
            host = f"H={one.relay.name} [{one.relay.ip}]" + (":25" if self.opt.get("out_port") else "")
            if one.outcome == "sent":
                dsn = f"{one.dsn} " if one.dsn else ""
                times = f" QT={at - mail.at:.0f}s DT={one.wait:.0f}s" if self.opt.get("qt") else ""
                said = f' C="{one.code} {dsn}{one.text}"' if self.opt.get("confirm", True) else ""
                tls = " X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes" if rng.random() < 0.9 else ""
                self.say(at, pid, f"{head}{route} {host}{tls}{said}{times}")
                continue
            words = reply_text(one)
            stage = {"RCPT TO": f"RCPT TO:<{rcpt.address}>", "MAIL FROM": f"MAIL FROM:<{mail.sender}> SIZE={mail.size}",
                     "end of DATA": "end of data"}.get(one.stage)
            where = f" after {stage}" if stage else " after initial connection"
            fault = f"SMTP error from remote mail server{where}: {words}"
            if one.outcome == "bounced":
                self.say(at, pid, f"{head}{route} {host}: {fault}")
            else:
                self.say(at, pid, f"{head}{route} defer (-{rng.choice([44, 45, 46])}) {host}: {fault}")
        return at

    def local(self, rcpt, one, queue_id, at, pid):
        name = rcpt.address.partition("@")[0]
        if one.outcome == "sent":
            self.say(at, pid, f"{queue_id} => {name} <{self.rng.choice([rcpt.orig or rcpt.address])}> R=local_user "
                     f"T=maildir_home")
        else:
            self.say(at, pid, f"{queue_id} ** {rcpt.address}: Unrouteable address" if self.opt.get("short_fail") else
                     f"{queue_id} ** {rcpt.address} R=unknown_user: all relevant MX records point to non-existent hosts"
                     if self.opt.get("odd_fail") else f"{queue_id} ** {rcpt.address}: Unknown user")

    def refusal(self, event):
        text = {"relay": f"rejected RCPT <{event.rcpt}>: relay not permitted",
                "unknown": f"rejected RCPT <{event.rcpt}>: Unrouteable address",
                "blocklist": f"rejected RCPT <{event.rcpt}>: {event.client.ip} is listed at zen.spamhaus.org",
                "greylist": f"temporarily rejected RCPT <{event.rcpt}>: greylisted",
                "helo": f"rejected RCPT <{event.rcpt}>: bad HELO",
                "login": f"rejected RCPT <{event.rcpt}>: authentication required"}[event.kind]
        self.say(event.at, self.pid(), f"H={self.host(event.client)} F=<{event.sender}> {text}")

    def login(self, event):
        if event.service == "smtp" and not event.good:
            self.say(event.at, self.pid(), f"{self.opt.get('auth', 'dovecot_login')} authenticator failed for "
                     f"{self.host(event.client)}: 535 Incorrect authentication data (set_id={event.login})")

    def noise(self):
        world, rng = self.world, self.rng
        for day in range(world.days):
            for _ in range(8):
                at, pid = world.begin + day * 86400 + rng.uniform(0, 86400), self.pid()
                self.say(at, pid, "Start queue run: pid=%d" % pid)
                self.say(at + 0.5, pid, "End queue run: pid=%d" % pid)
                self.say(at + 9, self.pid(), f"no host name found for IP address {world.nets.host4('203.0.113.')}")
                self.say(at + 19, self.pid(), f"SMTP connection from [{world.nets.host4('203.0.113.')}]:4000 lost")
                self.say(at + 29, self.pid(), f"unexpected disconnection while reading SMTP command from (x) "
                         f"[{world.nets.host4('203.0.113.')}]:5000 D=1s")

    def write(self, events):
        self.noise()
        for event in events:
            if isinstance(event, Refusal):
                self.refusal(event)
            elif isinstance(event, Login):
                self.login(event)
            else:
                self.mail(event)
        return self.lines
