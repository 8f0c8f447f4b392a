"""What a scenario is made of: a server, the world around it, and actions in virtual time. No I/O."""
import dataclasses
import typing


@dataclasses.dataclass
class Message:
    sender: str
    recipients: list
    size: int = 2500
    subject: str = "hello"
    msgid: str = ""
    lot: str = ""               # whose doing it is; never written by the server
    spam: int = 0               # how surely a filter takes it for spam, per cent
    header_from: str = ""
    header_to: str = ""
    headers: tuple = ()


@dataclasses.dataclass
class Action:
    at: float                   # virtual seconds since the epoch


@dataclasses.dataclass
class Visit(Action):
    """One SMTP session with one or more messages."""
    source: str
    messages: list
    helo: str = "localhost"
    port: int = 25
    tls: bool = False
    login: tuple = ()           # (user, password) or (user, password, mechanism)
    polite: bool = True
    retries: tuple = (600, 1800, 7200)      # a real server tries again what was deferred
    pipelined: bool = False
    pause_s: float = 0.0        # virtual seconds between messages
    web: tuple = ()             # (login, address of the browser, session id) where a web mail hands it in


@dataclasses.dataclass
class Run(Action):
    """The sendmail command, by a local user."""
    user: str
    message: Message
    folder: str = "/"
    argv: tuple = ()            # before the recipients; -t: they are taken from the header
    given_from: str = ""        # -f


@dataclasses.dataclass
class Php(Action):
    """A line of PHP's mail.log."""
    user: str
    script: str
    number: int
    to: str
    headers: str


@dataclasses.dataclass
class Probe(Action):
    """What the internet does to every server: see noise.py."""
    kind: str
    source: str
    words: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Line(Action):
    """A line of a program that is not run here (Dovecot's logins, a web mail's own record)."""
    program: str
    text: str
    pid: int = 0


@dataclasses.dataclass
class Do(Action):
    """A change at the server. @param what is called with the runner"""
    what: typing.Callable


@dataclasses.dataclass
class Person:
    login: str
    address: str
    password: str
    sources: list = dataclasses.field(default_factory=list)     # where this person writes from
    weight: float = 1.0
    contacts: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Server:
    """What the administrator has set up; each mta_*.py makes its configuration of it."""
    mta: str
    kind: str                   # server type: company, hoster, ...
    host: str
    ip: str
    domains: list               # first: its own
    people: dict = dataclasses.field(default_factory=dict)      # login: Person
    boxes: dict = dataclasses.field(default_factory=dict)       # address: "ok" or "full"
    aliases: dict = dataclasses.field(default_factory=dict)     # address or @domain: [targets]
    mynetworks: list = dataclasses.field(default_factory=lambda: ["127.0.0.0/8"])
    relay_domains: dict = dataclasses.field(default_factory=dict)   # domain: address of the server behind
    users: list = dataclasses.field(default_factory=list)       # local users that run scripts
    delivery: str = "virtual"   # virtual, lmtp, local
    smarthost: str = ""
    options: dict = dataclasses.field(default_factory=dict)

    def all_boxes(self):
        """@return every address with a mailbox: a system's users get their bounces"""
        return [*self.boxes, *(f"{user}@{where}" for user in self.users for where in (self.domains[0], self.host))]


@dataclasses.dataclass
class Cause:
    """What the driver did, in the words of the contract. subjects: any of them is right; the first is the best.
    also: (kind, subject) pairs that an expert would accept as well"""
    kind: str
    subjects: list
    lot: str
    also: list = dataclasses.field(default_factory=list)
    explains_listing: bool = True
    notes: str = ""
