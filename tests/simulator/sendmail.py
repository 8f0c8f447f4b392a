# SPDX-License-Identifier: BSD-2-Clause
"""Events as Sendmail 8 writes them."""
import time

from model import Login, Refusal
from postfix import dovecot

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Sendmail:
    def __init__(self, world, rng, opt):
        self.world, self.rng, self.opt = world, rng, opt
        self.lines, self.count = [], rng.randrange(1000, 99999)
        self.seen = set()

    def new_id(self, at):
        t = time.gmtime(at)
        self.count += self.rng.randrange(1, 9)
        return (f"{DIGITS[(t.tm_year - 1900) % 60]}{DIGITS[t.tm_mon - 1]}{DIGITS[t.tm_mday]}{DIGITS[t.tm_hour]}"
                f"{DIGITS[t.tm_min]}{DIGITS[t.tm_sec]}{self.count % 10**6:06d}" + ("" if self.opt.get("short") else ""))

    def say(self, at, pid, text, program="sm-mta"):
        self.lines.append((at, program, pid, text))

    def pid(self):
        return self.count % 90000 + 1000 + self.rng.randrange(9)

    @staticmethod
    def peer(client):
        return f"[{client.ip}]" if client.name == "unknown" else f"{client.name} [{client.ip}]"

    def mail(self, mail):
        at, queue_id, pid = mail.at, self.new_id(mail.at), self.pid()
        control = ""
        if mail.origin == "local":
            client_id = self.new_id(at)
            sender = mail.user if self.opt.get("short_from", True) else mail.sender
            self.say(at - 0.3, pid, f"{client_id}: from={sender}, size={mail.size}, class=0, nrcpts={len(mail.rcpts)}, "
                     f"msgid=<{mail.msgid}>, relay={mail.user}@localhost", "sendmail")
            for rcpt in mail.rcpts:
                self.say(at + 0.3, pid, f"{client_id}: to={rcpt.orig or rcpt.address}, ctladdr={mail.user} "
                         f"({mail.uid}/{mail.uid}), "
                         f"delay=00:00:01, xdelay=00:00:01, mailer=relay, pri=30000, relay=[127.0.0.1] [127.0.0.1], "
                         f"dsn=2.0.0, "
                         f"stat=Sent ({queue_id} Message accepted for delivery)", "sendmail")
            where, proto = "localhost [127.0.0.1]", "ESMTP, daemon=MTA-v4"
            control = f", ctladdr=<{mail.sender}> ({mail.uid}/{mail.uid})"
            pid = self.pid()
        elif mail.origin == "login":
            where, proto = self.peer(mail.client), "ESMTPSA, daemon=MSP-v4"
            self.say(at - 0.2, pid, f"AUTH=server, relay={where}, authid={mail.login}, mech={mail.method}, bits=0")
        else:
            where, proto = self.peer(mail.client), "ESMTP, daemon=MTA-v4"
        self.say(at, pid, f"{queue_id}: from=<{mail.sender}>, size={mail.size}, class=0, nrcpts={len(mail.rcpts)}, "
                 f"msgid=<{mail.msgid}>, proto={proto}, relay={where}")
        mail.queue_id = queue_id
        self.deliveries(mail, queue_id, control)

    def deliveries(self, mail, queue_id, control):
        groups = []
        for rcpt in mail.rcpts:
            last = groups[-1][0] if groups else None
            same = last and all(len(r.tries) == 1 and r.tries[0].outcome == "sent" and r.tries[0].relay
                                for r in (last, rcpt)) and last.tries[0].relay.ip == rcpt.tries[0].relay.ip
            if same and not rcpt.orig and not last.orig and len(groups[-1]) < 20:
                groups[-1].append(rcpt)
            else:
                groups.append([rcpt])
        for group in groups:
            self.deliver(mail, group, queue_id, control)

    def deliver(self, mail, group, queue_id, control):
        at, rcpt, pid = mail.at, group[0], self.pid()
        to = ",".join(f"<{r.address}>" for r in group)
        if rcpt.orig and rcpt.orig != rcpt.address:
            control = f", ctladdr=<{rcpt.orig}> (1001/1001)"
        for one in rcpt.tries:
            at += one.wait
            delay = time.strftime("%H:%M:%S", time.gmtime(at - mail.at))
            head = f"{queue_id}: to={to}{control}, delay={delay}, xdelay=00:00:01, "
            if rcpt.local:
                stat = "dsn=2.0.0, stat=Sent" if one.outcome == "sent" else "dsn=5.1.1, stat=User unknown"
                self.say(at, pid, f"{head}mailer=local, pri=61234, {stat}")
                continue
            if one.relay is None:
                self.say(at, pid, f"{head}mailer=esmtp, pri=121234, relay={rcpt.address.rpartition('@')[2]}., "
                         f"dsn=4.0.0, "
                         "stat=Deferred: Connection timed out")
                continue
            head += f"mailer=esmtp, pri=121234, relay={one.relay.name}. [{one.relay.ip}], "
            said = one.text.replace("\n", " ")
            words = f"{one.code} {one.dsn + ' ' if one.dsn else ''}{said}"[:400]
            dsn = one.dsn or ("5.0.0" if one.code >= 500 else "4.0.0")
            if one.outcome == "sent":
                self.say(at, pid, f"{head}dsn=2.0.0, stat=Sent ({one.dsn + ' ' if one.dsn else ''}{said})"[:900])
            elif one.outcome == "deferred":
                self.say(at, pid, f"{head}dsn={dsn}, reply={words}, stat=Deferred: {words}"
                         if self.opt.get("reply", True) else
                         f"{head}dsn={dsn}, stat=Deferred: {words}")
            else:
                short = "User unknown" if dsn.startswith("5.1.1") else "Service unavailable"
                self.say(at, pid, f"{head}dsn={dsn}, reply={words}, stat={short}" if self.opt.get("reply", True) else
                         f"{head}dsn={dsn}, stat={short if dsn.startswith('5.1.1') else words}")

    def notice(self, mail):
        queue_id, pid = self.new_id(mail.at), self.pid()
        parent = getattr(mail.parent, "queue_id", "x")
        unknown = any(r.tries[-1].dsn.startswith("5.1") for r in mail.parent.rcpts)
        what = "User unknown" if unknown else "Service unavailable"
        self.say(mail.at, pid, f"{parent}: {queue_id}: DSN: {what}")
        self.deliveries(mail, queue_id, "")

    def refusal(self, event):
        text = {"relay": "550 5.7.1 <{}>... Relaying denied", "unknown": "550 5.1.1 <{}>... User unknown"}.get(
            event.kind, "550 5.7.1 <{}>... Access denied").format(event.rcpt)
        self.say(event.at, self.pid(), f"{self.new_id(event.at)}: ruleset=check_rcpt, arg1=<{event.rcpt}>, "
                 f"relay={self.peer(event.client)}, "
                 f"reject={text}")

    def login(self, event):
        if event.service in ("imap", "pop3"):
            self.lines.append((event.at, "dovecot", 777, dovecot(event, self.rng)))
        elif not event.good:
            self.say(event.at, self.pid(), f"{self.new_id(event.at)}: AUTH failure (LOGIN): authentication failure "
                     f"(-13) SASL(-13): "
                     f"authentication failure: checkpass failed, relay={self.peer(event.client)}")

    def write(self, events):
        for event in events:
            if isinstance(event, Refusal):
                self.refusal(event)
            elif isinstance(event, Login):
                self.login(event)
            elif event.origin == "notice":
                self.notice(event)
            else:
                self.mail(event)
        return self.lines
