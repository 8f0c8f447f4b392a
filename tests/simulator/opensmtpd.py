# SPDX-License-Identifier: BSD-2-Clause
"""Events as OpenSMTPD writes them: 6.4 and later ("smtp connected ..."), and with `event`, earlier ("event=...")."""
from model import Login, Refusal
from postfix import dovecot


class OpenSmtpd:
    def __init__(self, world, rng, opt):
        self.world, self.rng, self.opt = world, rng, opt
        self.lines, self.process = [], rng.randrange(1000, 40000)

    def session(self):
        return f"{self.rng.getrandbits(64):016x}"

    def say(self, at, session, side, event, fields):
        fields = " ".join(f"{k}={v}" for k, v in fields)
        text = f"{session} {side} {'event=' if self.opt.get('event') else ''}{event} {fields}"
        self.lines.append((at, "smtpd", self.process, text.rstrip()))

    def mail(self, mail):
        at, session = mail.at, self.session()
        message = f"{self.rng.getrandbits(32):08x}"
        where = ("local", self.world.host) if mail.origin in ("local", "notice") else \
            (mail.client.ip, "<unknown>" if mail.client.name == "unknown" else mail.client.name)
        peer = [("address", where[0]), ("host", where[1])]
        more = peer if self.opt.get("event") else []
        self.say(at - 0.5, session, "smtp", "connected", peer)
        if mail.origin == "login":
            if not self.opt.get("event"):
                self.say(at - 0.4, session, "smtp", "tls", [("ciphers", "TLSv1.3:TLS_AES_256_GCM_SHA384:256")])
            self.say(at - 0.3, session, "smtp", "authentication", [("user", mail.login)] + more + [("result", "ok")])
        self.say(at, session, "smtp", "message", more + [("msgid", message), ("size", mail.size),
                                                         ("nrcpt", len(mail.rcpts)),
                                                         ("proto", "ESMTP")])
        for rcpt in mail.rcpts:
            rcpt.evpid = f"{message}{self.rng.getrandbits(32):08x}"
            envelope = [("evpid", rcpt.evpid), ("from", f"<{mail.sender}>"), ("to", f"<{rcpt.address}>")]
            self.say(at + 0.01, session, "smtp", "envelope", more + envelope)
        self.say(at + 0.2, session, "smtp", "disconnected" if not self.opt.get("event") else "closed",
                 more + [("reason", "quit")])
        for rcpt in mail.rcpts:
            self.deliver(mail, rcpt)

    def deliver(self, mail, rcpt):
        at, session = mail.at, self.session()
        for one in rcpt.tries:
            at += one.wait
            head = [("evpid", rcpt.evpid), ("from", f"<{mail.sender}>"), ("to", f"<{rcpt.address}>"),
                    ("rcpt", f"<{rcpt.orig or rcpt.address}>")]
            delay = self.span(int(at - mail.at))
            if rcpt.local:
                end = [("user", rcpt.address.partition("@")[0]), ("method", "maildir"), ("delay", delay),
                       ("result", "Ok"), ("stat", "Delivered")] if one.outcome == "sent" else \
                    [("user", "nobody"), ("delay", delay), ("result", "PermFail"), ("stat", "Error (unknown user)")]
                self.say(at, session, "mda", "delivery", head + end)
                continue
            result = {"sent": "Ok", "deferred": "TempFail", "bounced": "PermFail"}[one.outcome]
            text = one.text.split("\n")[0]
            stat = f"{one.code} {one.dsn + ' ' if one.dsn else ''}{text}"
            stat = stat if one.relay else "Network error on destination MXs"
            relay = f"{one.relay.ip} ({one.relay.name})" if one.relay else "<>"
            if one.relay:
                tls = "smtp" if self.opt.get("event") else "smtp+tls"
                self.say(at - 0.2, session, "mta", "connecting", [("address", f"{tls}://{one.relay.ip}:25"),
                                                                  ("host", one.relay.name)])
            self.say(at, session, "mta", "delivery", head + [("source", '"192.0.2.25"'), ("relay", f'"{relay}"'),
                                                             ("delay", delay),
                                                             ("result", f'"{result}"'), ("stat", f'"{stat}"')])

    @staticmethod
    def span(seconds):
        return f"{seconds}s" if seconds < 60 else f"{seconds // 60}m{seconds % 60}s"

    def refusal(self, event):
        session = self.session()
        self.say(event.at - 0.2, session, "smtp", "connected", [("address", event.client.ip), ("host", "<unknown>")])
        text = "550 Invalid recipient" if event.kind in ("relay", "unknown") else "550 Rejected"
        more = [("address", event.client.ip), ("host", "<unknown>")] if self.opt.get("event") else []
        more += [("command", f'"RCPT TO:<{event.rcpt}>"'), ("result", f'"{text}: <{event.rcpt}>"')]
        self.say(event.at, session, "smtp", "failed-command", more)
        self.say(event.at + 0.2, session, "smtp", "disconnected" if not self.opt.get("event") else "closed",
                 [("reason", "quit")])

    def login(self, event):
        if event.service in ("imap", "pop3"):
            self.lines.append((event.at, "dovecot", 777, dovecot(event, self.rng)))
        elif not event.good:
            session = self.session()
            self.say(event.at - 0.1, session, "smtp", "connected", [("address", event.client.ip),
                                                                    ("host", "<unknown>")])
            self.say(event.at, session, "smtp", "authentication", [("user", event.login), ("result", "permfail")])
            self.say(event.at + 0.1, session, "smtp", "failed-command", [("command", '"AUTH LOGIN (password)"'),
                                                                         ("result", '"535 Authentication failed"')])

    def write(self, events):
        for event in events:
            if isinstance(event, Refusal):
                self.refusal(event)
            elif isinstance(event, Login):
                self.login(event)
            else:
                self.mail(event)
        return self.lines
