"""`lab play NAME`: normal mail, then an incident, by real servers. Prints what is true of it as one line of JSON.

Each story is bounded in number and takes some seconds. Nothing here knows how offlist judges it.
"""
import json
import random
import sys

import mail
import mta
import traffic

SETTLE_S = 60
SPAM = "Best prices, fast delivery: http://shop{}.spammer.example/order\r\nUnsubscribe below."
HAM = "Hello,\r\n\r\nplease find the figures we spoke about below. Shall we meet on Thursday?\r\n\r\nRegards"
OUTSIDE = ("example.com", "example.org", "family.example", "company.example", "friends.example", "post.example")
FIRST_NAMES = ("anna", "ben", "chloe", "david", "eva", "felix", "gina", "hugo", "ines", "jonas", "karla", "leo", "mia",
               "noah", "olga", "paul", "rosa", "sam", "tina", "uwe")


class Stage:
    """One lab in which a story is told: what each victim is called there."""

    def __init__(self, state, name, exim):
        self.state, self.name = state, name
        self.dice = random.Random(name)
        self.host = "victim-exim" if exim else "victim"
        self.server = "192.0.2.11" if exim else "192.0.2.10"
        self.server6 = "2001:db8:a::11" if exim else "2001:db8:a::10"
        self.domain = "hosting.example" if exim else "victim.example"
        self.lan, self.office = ("lan-exim", "10.30.0") if exim else ("lan", "10.20.0")
        self.exim = exim

    def at_home(self, name):
        return f"{name}@{self.domain}"

    def person(self, gone=0.0):
        """@return an address outside; `gone`: the share of those that are not there any more"""
        domain = self.dice.choice(OUTSIDE)
        if self.dice.random() < gone:
            return f"gone{self.dice.randrange(10000)}@{domain}"
        return f"{self.first_name()}.{self.dice.choice('abcdefghkmnprstw')}{self.dice.randrange(1000)}@{domain}"

    def first_name(self):
        return self.dice.choice(FIRST_NAMES)

    def people(self, count, gone=0.0):
        found = {}
        while len(found) < count:
            found[self.person(gone)] = True
        return list(found)

    def ham(self, sender, to, **more):
        subjects = ("Minutes of Monday", "Re: offer 2210", "Lunch?", "Invoice 4711", "Fwd: timetable", "Question")
        return {"from": sender, "to": to, "subject": self.dice.choice(subjects), "body": HAM, **more}

    def spam(self, sender, to, **more):
        number = self.dice.randrange(10000)
        return {"from": sender, "to": to, "subject": f"Your order {number} is waiting", "body": SPAM.format(number % 9),
                **more}

    def session(self, source, mails, **more):
        return {"source": source, "server": self.server6 if ":" in source else self.server, "mails": mails, **more}

    def stranger(self, source, mails):
        """Somebody's machine, with one of many names."""
        return self.session(source, mails, helo=f"vps{self.dice.randrange(999)}.spammer.example")

    def login(self, name, source, mails, **more):
        return self.session(source, mails, port=traffic.SUBMISSION, login=self.at_home(name), password=mta.PASSWORD,
                            tls=True, **more)

    def run(self, host, rows):
        return mail.run_in(self.state, host, lambda: traffic.sessions(rows))

    def script(self, mails, *argv):
        return mail.run_in(self.state, self.host, lambda: traffic.commands(
            mails, mta.WWW_DATA, list(argv), "/"))


# -- normal mail ----------------------------------------------------------------------------------------------------

def normal(stage, rounds=3):
    """Some people write and are written to; cron, a contact form, forwards, a scanner in the office; strangers guess
    passwords in vain. @return what each login sent"""
    sent = {}
    for _ in range(rounds):
        _inbound(stage)
        for name, source in (("alice", "198.51.100.81"), ("bob", "198.51.100.82"), ("carol", "198.51.100.83")):
            mails = [stage.ham(stage.at_home(name), stage.people(stage.dice.choice((1, 1, 1, 2))))
                     for _ in range(stage.dice.choice((1, 2)))]
            took = stage.run("fleet", [stage.login(name, source, mails)])
            sent[name] = traffic.add(sent.get(name, traffic.add()), took)
    _own_programs(stage)
    scan = stage.ham(stage.at_home("bob"), [stage.at_home("bob")])
    stage.run(stage.lan, [stage.session(f"{stage.office}.26", [scan], helo="scanner")])
    if not stage.exim:
        stage.run("lan", [stage.session("10.20.0.30", [stage.ham("anna@customer.example", stage.people(1))
                                                       for _ in range(2)], helo="mail.customer.example")])
    guessing(stage, 12)
    return sent


def _inbound(stage):
    to = ["alice", "bob", "carol", "erin", "info", "dave"]
    mails = [stage.ham(f"{stage.first_name()}@example.com", [stage.at_home(name)]) for name in to]
    mails.append(stage.ham("nina@example.com", [stage.at_home("sales")]))
    mails.append(stage.ham("nina@example.com", [stage.at_home("nosuchuser")]))
    mails.append(stage.ham("nina@example.com", ["board@club.example" if stage.exim else "anna@customer.example"]))
    stage.run("receiver", [stage.session("198.51.100.25", mails, helo="mail.example.com")])


def _own_programs(stage):
    cron = {"from": "root", "to": [stage.at_home("alice")], "subject": "Cron <root@mail> run-parts /etc/cron.daily",
            "body": "done"}
    mail.run_in(stage.state, stage.host, lambda: traffic.commands(
        [cron], 0, ["/usr/sbin/sendmail", "-i", "-FCronDaemon", stage.at_home("alice")], "/root"))
    form = [stage.ham("", [stage.at_home("info")], header_from="visitor@example.net") for _ in range(2)]
    stage.script(form, "/var/www/shop/contact.sh")


def guessing(stage, count):
    """Passwords that are all wrong."""
    rows = [{**stage.login(stage.dice.choice(("alice", "admin", "info", "bob")), f"198.51.100.{160 + n % 30}", []),
             "password": f"guess{n}"} for n in range(count)]
    return stage.run("spammer", rows)


# -- incidents ------------------------------------------------------------------------------------------------------

def _many_networks(stage, count):
    """@return addresses of the spammer: half of them each in an IPv6 network of its own"""
    four = [f"198.51.100.{stage.dice.randrange(129, 190)}" for _ in range(count // 4)]
    four += [f"203.0.113.{stage.dice.randrange(225, 254)}" for _ in range(count // 4)]
    six = [f"2001:db8:bad:{n:x}::{stage.dice.randrange(2, 9999):x}" for n in range(count // 2)]
    return four + six


def account(stage):
    """alice's password is with strangers: they log in from many networks and send to many."""
    sent = normal(stage)
    rows = []
    for source in _many_networks(stage, 24):
        mails = [stage.spam(stage.at_home("alice"), stage.people(3, gone=0.3)) for _ in range(10)]
        rows.append(stage.login("alice", source, mails, helo="[127.0.0.1]"))
    return {"kind": "compromised_account", "subject": stage.at_home("alice"), "before": sent["alice"],
            **stage.run("spammer", rows)}


def script(stage):
    """A file that somebody has laid into the web root mails as www-data."""
    normal(stage)
    mails = [stage.spam(f"{stage.first_name()}@{stage.domain}", stage.people(2, gone=0.3))
             for _ in range(200)]
    took = stage.script(mails, "/var/www/shop/uploads/cache.sh")
    subject = "/var/www/shop/uploads" if stage.exim else "www-data"
    return {"kind": "script", "subject": subject, "before": {"messages": 2, "recipients": 2, "refused": 0}, **took}


def php(stage):
    """The same with PHP, whose mail.log names the file."""
    normal(stage)
    path = "/var/www/shop/uploads/mailer.php"
    mails = [stage.spam(f"{stage.first_name()}@{stage.domain}", stage.people(1, gone=0.3)) for _ in range(150)]
    return {"kind": "script", "subject": path, "logs": [mta.PHP_LOG], "before": traffic.add(),
            **stage.script(mails, mta.PHP, path)}


def open_relay(stage):
    """A network that is far too wide may relay, and strangers have found it."""
    mail.setting(stage.state, "exim-open-relay" if stage.exim else "open-relay", "on")
    normal(stage)
    rows = []
    for source, count in (("198.51.100.140", 12), ("198.51.100.150", 3), ("198.51.100.151", 2)):
        for _ in range(count):
            mails = [stage.spam(f"office{stage.dice.randrange(900)}@post.example", stage.people(2, gone=0.2))
                     for _ in range(12)]
            rows.append(stage.session(source, mails, helo=f"host{stage.dice.randrange(99)}"))
    took = stage.run("spammer", rows)
    return {"kind": "open_relay", "subject": "198.51.100.140", "before": traffic.add(), **took}


def infected(stage):
    """A computer in the office has caught something that mails through the server which trusts it."""
    normal(stage)
    rows = []
    for _ in range(18):
        senders = [f"{stage.first_name()}{stage.dice.randrange(99)}@{domain}"
                   for domain in ("post.example", "example.org", stage.domain) * 4]
        mails = [stage.spam(sender, stage.people(2, gone=0.35)) for sender in senders]
        rows.append(stage.session(f"{stage.office}.25", mails, helo="DESKTOP-Q7K2M"))
    return {"kind": "infected_client", "subject": f"{stage.office}.25", "before": traffic.add(),
            **stage.run(stage.lan, rows)}


def forwarding(stage):
    """Spam for an alias that leads to a mailbox elsewhere, which refuses it."""
    normal(stage)
    rows = []
    for source in _many_networks(stage, 20):
        mails = [stage.spam(f"deals{stage.dice.randrange(9999)}@spammer.example", [stage.at_home("sales")])
                 for _ in range(8)]
        rows.append(stage.stranger(source, mails))
    before = {"messages": 3, "recipients": 3, "refused": 0}
    return {"kind": "forwarding", "subject": stage.at_home("sales"), "before": before, **stage.run("spammer", rows)}


def backscatter(stage):
    """Mail for users that are not there is taken first and bounced later, to senders who never wrote it."""
    normal(stage)
    domain = "club.example" if stage.exim else "customer.example"
    rows = []
    for source in _many_networks(stage, 20):
        mails = [stage.spam(stage.person(gone=0.3), [f"{stage.first_name()}{stage.dice.randrange(9999)}@{domain}"])
                 for _ in range(10)]
        rows.append(stage.stranger(source, mails))
    return {"kind": "backscatter", "subject": domain, "before": traffic.add(), **stage.run("spammer", rows)}


def _newsletter(stage, count, gone):
    sender = "news@shop.example" if not stage.exim else "news@hosting.example"
    mails = [{"from": sender, "to": [to], "subject": "News of November", "body": "What is new in our shop this month."}
             for to in stage.people(count, gone)]
    rows = [stage.login("carol", "198.51.100.83", mails[i::4]) for i in range(4)]
    return sender, stage.run("fleet", rows)


def bulk(stage):
    """A newsletter to addresses that nobody has looked after."""
    normal(stage)
    sender, took = _newsletter(stage, 280, 0.35)
    return {"kind": "bulk_mail", "subject": sender, "before": traffic.add(), **took}


# -- nothing wrong --------------------------------------------------------------------------------------------------

def clean(stage):
    normal(stage, 5)
    return {"kind": None, **traffic.add()}


def clean_newsletter(stage):
    """A newsletter as it should be: hardly an address is gone."""
    normal(stage)
    _, took = _newsletter(stage, 150, 0.01)
    return {"kind": None, **took}


def clean_guessing(stage):
    """Hundreds of passwords are tried; none is right."""
    normal(stage)
    return {"kind": None, **guessing(stage, 60)}


def after(stage):
    """What follows an incident: people go on writing, and whoever asks the lists refuses their mail."""
    mails = [stage.ham(stage.at_home("bob"), [f"{name}.b1@example.com", f"{name}.b2@company.example"])
             for name in FIRST_NAMES[:5]]
    return {"kind": None, **stage.run("fleet", [stage.login("bob", "198.51.100.82", mails)])}


STORIES = {"account": account, "script": script, "php": php, "open-relay": open_relay, "infected": infected,
           "forwarding": forwarding, "backscatter": backscatter, "bulk": bulk, "clean": clean,
           "clean-newsletter": clean_newsletter, "clean-guessing": clean_guessing, "after": after}


def names():
    return [*STORIES, *(f"exim-{name}" for name in STORIES)]


def play(state, name, out=sys.stdout):
    """Tell one story to its end: the queue has been tried and the log is still. @return what is true of it"""
    exim = name.startswith("exim-")
    stage = Stage(state, name, exim)
    truth = STORIES[name.removeprefix("exim-")](stage)
    truth = {"story": name, "host": stage.host, "log": mta.MAIL_LOG[stage.host], **truth}
    if not mail.settle(state, stage.host, SETTLE_S):
        raise OSError(f"{stage.host} has not tried all its mail after {SETTLE_S} s")
    print(json.dumps(truth), file=out)
    return truth
