# SPDX-License-Identifier: BSD-2-Clause
"""What happens on a mail server, before any MTA writes it down. Times are seconds since 1970, UTC."""
from dataclasses import dataclass, field


@dataclass
class Client:
    ip: str
    name: str = "unknown"
    helo: str = "localhost"


@dataclass
class Relay:
    name: str
    ip: str
    port: int = 25


@dataclass
class Try:
    """One attempt to deliver: `wait` seconds after the one before (the first: after arrival)."""
    wait: float
    outcome: str                    # sent, deferred, bounced
    relay: object = None            # None: no server was reached
    code: int = 250
    dsn: str = "2.0.0"
    text: str = ""                  # the receiver's words without code and dsn; several lines by \n
    stage: str = "RCPT TO"          # or "end of DATA", "MAIL FROM", "connect"


@dataclass
class Rcpt:
    address: str
    tries: list
    local: bool = False
    orig: str = ""                  # the local address that forwards
    forward: str = ""               # alias, dotforward, sieve; empty: none


@dataclass
class Mail:
    at: float
    sender: str
    rcpts: list
    origin: str                     # login, client (no login), local (a program of this host), notice
    client: object = None
    login: str = ""
    method: str = "PLAIN"
    service: str = "submission"     # submission, smtps, smtp
    user: str = ""
    uid: int = -1
    cwd: str = ""
    script: str = ""                # path, where PHP's mail.log is on
    script_line: int = 0
    size: int = 2000
    msgid: str = ""
    subject: str = ""
    parent: object = None           # notice: the message that it reports
    tag: int = -1                   # index of the incident; -1: normal life
    answer_for: str = ""            # autoresponder: the local address

    def end(self):
        return max((self.at + sum(t.wait for t in r.tries) for r in self.rcpts), default=self.at)


@dataclass
class Refusal:
    """Refused at our door."""
    at: float
    client: Client
    sender: str
    rcpt: str
    kind: str                       # relay, unknown, blocklist, greylist, helo, login


@dataclass
class Login:
    at: float
    login: str
    client: Client
    good: bool
    service: str                    # imap, pop3, smtp


@dataclass
class Incident:
    """The truth about one."""
    kind: str
    subject: str
    style: str
    accept: list = field(default_factory=list)      # other ways to name the same
    also: list = field(default_factory=list)        # [kind, subject] that would be right as well
    mails: list = field(default_factory=list)
    first: float = 0
    last: float = 0

    def truth(self):
        outward = [r for m in self.mails for r in m.rcpts if not r.local]
        bounced = [r for r in outward if r.tries[-1].outcome == "bounced"]
        return {"kind": self.kind, "subject": self.subject, "accept": self.accept, "also": self.also,
                "style": self.style,
                "first_at": self.first, "last_at": self.last, "messages": len(self.mails),
                "recipients": len(outward), "rejected": len(bounced)}
