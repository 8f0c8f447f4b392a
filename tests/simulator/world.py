# SPDX-License-Identifier: BSD-2-Clause
"""The server, its people and the receivers out there; and how a delivery to one of them ends."""
import names
import replies
from model import Client, Rcpt, Relay, Try

OWN_IP = "192.0.2.25"
MAJOR = [("google", 26), ("outlook", 14), ("m365", 12), ("yahoo", 8), ("gmx", 8), ("tonline", 4), ("proofpoint", 3),
         ("zen", 8), ("barracuda", 3), ("talos", 3), ("spamcop", 3), ("plain", 30)]
FREEMAIL = {"google": "gmail-freemail.example", "outlook": "hotmail-freemail.example",
            "yahoo": "yahoo-freemail.example",
            "gmx": "gmx-freemail.example", "tonline": "t-freemail.example"}


class Domain:
    """A receiving domain: who runs its mail and where."""

    def __init__(self, world, name, kind):
        rng = world.rng
        self.name, self.kind = name, kind
        mx = rng.choice(replies.RECEIVERS[kind].mx.split("|"))
        self.mx = mx.format(domain=name, dashed=name.replace(".", "-"), d=rng.randrange(1, 4),
                            n=rng.randrange(100, 999))
        self.ip = f"192.0.2.{rng.randrange(100, 250)}" if rng.random() < 0.8 else \
            f"2001:db8:{rng.randrange(0xf000, 0xffff):x}::{rng.randrange(1, 99):x}"
        self.grey = kind in ("plain", "zen") and rng.random() < 0.25
        self.dead = kind == "plain" and rng.random() < 0.03

    def relay(self):
        return Relay(self.mx, self.ip)


class User:
    def __init__(self, world, address, login):
        rng, nets = world.rng, world.nets
        self.address, self.login = address, login
        self.home = nets.host4(nets.net4()) if rng.random() < 0.7 else None
        self.home6 = nets.net6() if rng.random() < 0.5 or not self.home else None
        self.phone6 = [nets.net6() for _ in range(rng.randrange(1, 4))] if rng.random() < 0.6 else []
        self.office = world.office if rng.random() < 0.5 else None
        self.traveller, self.dormant = rng.random() < 0.15, False
        self.hours = rng.choice([(8, 18), (9, 17), (7, 16), (10, 22), (19, 27)] if rng.random() < 0.3 else [(8, 18)])
        self.per_day = rng.choice([0.5, 1, 2, 3, 5, 8, 15])
        self.contacts = [world.someone() for _ in range(rng.randrange(4, 25))]
        self.helo, self.phone_helo = names.helo(rng), names.helo(rng)
        self.method = rng.choice(["PLAIN", "LOGIN", "PLAIN"])
        self.service = rng.choice(["submission", "smtps"])

    def client(self, world, at):
        """Where this person sends from now."""
        rng, pick = world.rng, world.rng.random()
        day = int(at // 86400)
        if self.traveller and (day + len(self.address)) % 3 == 0:
            return Client(world.nets.host4(world.hotel(day, self)), "unknown", self.helo)
        if self.phone6 and pick < 0.35:
            net = self.phone6[day % len(self.phone6)]
            return Client(world.nets.host6(net), "unknown", self.phone_helo)
        if self.office and pick < 0.75:
            return Client(self.office, "gate.office.example", self.helo)
        if self.home6 and (pick < 0.6 or not self.home):
            return Client(world.nets.host6(self.home6), "unknown", self.helo)
        ip = self.home or self.office
        return Client(ip, f"dyn-{ip.replace('.', '-')}.isp.example" if rng.random() < 0.7 else "unknown", self.helo)


class World:
    def __init__(self, rng, begin, days, users, login_style):
        self.rng, self.begin, self.days = rng, begin, days
        self.end = begin + days * 86400
        self.nets = names.Networks(rng)
        self.office = self.nets.host4(self.nets.net4())
        self.host = rng.choice(["mail", "mx1", "mx", "smtp", "srv1"]) + "." + rng.choice(
            ["example.net", "example.org", "hoster.example"])
        self.own = rng.sample(["example.com", "example.net", "example.org", names.domain(rng), names.domain(rng)],
                              rng.randrange(1, 4))
        self.known, self.hotels = {}, {}
        self.listed = {}            # receiver kind -> (since, reply); what it refuses from then on
        self.tail = [names.domain(rng) for _ in range(60)]
        self.people = [self.someone() for _ in range(400)]
        self.users = []
        locals_ = set()
        while len(self.users) < users:
            local = names.person(rng) if rng.random() < 0.6 else rng.choice(names.GIVEN)
            address = f"{local}@{rng.choice(self.own)}"
            if address in locals_:
                continue
            locals_.add(address)
            self.users.append(User(self, address, address if login_style == "address" else local))
        self.busy = {}

    def hotel(self, day, user):
        return self.hotels.setdefault((day, user.address), self.nets.net4())

    def domain(self, name, kind=None):
        if name not in self.known:
            if kind is None:
                kind = self.rng.choices([k for k, _ in MAJOR], [w for _, w in MAJOR])[0]
            self.known[name] = Domain(self, name, kind)
        return self.known[name]

    def someone(self, spread=0.35):
        """An address out there. @param spread share that lies at the big free mailers"""
        rng = self.rng
        if rng.random() < spread:
            kind = rng.choices(list(FREEMAIL), [40, 25, 12, 15, 8])[0]
            self.domain(FREEMAIL[kind], kind)
            return f"{names.local_part(rng)}{rng.randrange(1000)}@{FREEMAIL[kind]}"
        return f"{names.local_part(rng)}@{rng.choice(self.tail)}"

    def stranger(self):
        """An address of a spam list: nobody here ever wrote to it."""
        rng = self.rng
        if rng.random() < 0.5:
            return self.someone(1)
        name = rng.choice(self.tail) if rng.random() < 0.3 else names.domain(rng)
        return f"{names.local_part(rng)}@{name}"

    def words(self, reply, rcpt, sender):
        rng, (code, dsn, text, stage) = self.rng, reply
        return code, dsn, text.format(
            ip=OWN_IP, ptr=self.host, rcpt=rcpt, domain=rcpt.rpartition("@")[2],
            dashed=rcpt.rpartition("@")[2].replace(".", "-"), sender_domain=sender.rpartition("@")[2] or self.host,
            n=rng.randrange(100000, 999999), m=rng.randrange(10, 99), d=rng.randrange(1, 5),
            hex16=f"{rng.getrandbits(64):016x}", hex8=f"{rng.getrandbits(32):08X}",
            epoch=rng.randrange(10**9, 2 * 10**9)), stage

    def failing(self, wait, outcome, relay, reply, rcpt, sender):
        code, dsn, text, stage = self.words(reply, rcpt, sender)
        return Try(wait, outcome, relay, code, dsn, text, stage)

    def retries(self, first, last_outcome):
        """A deferral repeated with growing pauses, then the outcome ('' : gives up trying within the log)."""
        waits = [300, 600, 1200, 2400, 4000][:self.rng.randrange(1, 4)]
        tries = [first]
        for wait in waits[:-1]:
            tries.append(Try(wait, first.outcome, first.relay, first.code, first.dsn, first.text, first.stage))
        if last_outcome:
            tries.append(Try(waits[-1], "sent", first.relay, 250, "2.0.0", "Ok"))
        return tries

    def remote(self, rcpt, sender, at, unknown=0.0, spam=0.0, trouble=0.01):
        """How a delivery to an address out there goes.

        @param unknown chance that nobody has this address, @param spam that its content is refused,
        @param trouble that the server is not reached or the mailbox is full
        """
        rng = self.rng
        home = self.domain(rcpt.rpartition("@")[2])
        relay, quick = home.relay(), rng.uniform(0.3, 3)
        if home.dead:
            return self.retries(Try(quick + 30, "deferred", None, 0, "4.4.1",
                                    f"connect to {home.mx}[{home.ip}]:25: Connection timed out", "connect"), "")
        since, reply = self.listed.get(home.kind, (None, None))
        if since is not None and at >= since:
            if reply[0] < 500:
                return self.retries(self.failing(quick, "deferred", relay, reply, rcpt, sender),
                                    "sent" if rng.random() < 0.3 else "")
            return [self.failing(quick, "bounced", relay, reply, rcpt, sender)]
        pick = rng.random()
        if pick < unknown:
            return [self.failing(quick, "bounced", relay, rng.choice(replies.UNKNOWN), rcpt, sender)]
        if pick < unknown + spam:
            return [self.failing(quick, "bounced", relay, rng.choice(replies.RECEIVERS[home.kind].spam), rcpt, sender)]
        if pick < unknown + spam + trouble:
            if rng.random() < 0.5:
                return [self.failing(quick, "bounced", relay, replies.FULL[0], rcpt, sender)]
            return self.retries(self.failing(quick, "deferred", relay, replies.FULL[1], rcpt, sender), "sent")
        if home.grey:
            return [self.failing(quick, "deferred", relay, rng.choice(replies.GREY), rcpt, sender),
                    Try(rng.uniform(300, 900), "sent", relay, 250, "2.0.0", "Ok: queued")]
        text = self.words((250, "", replies.RECEIVERS[home.kind].accept, "end of DATA"), rcpt, sender)[2]
        dsn = "2.0.0"
        if text[:6] in ("2.0.0 ", "2.6.0 "):
            dsn, text = text[:5], text[6:]
        return [Try(quick, "sent", relay, 250, dsn, text)]

    def out(self, rcpt, sender, at, **chances):
        return Rcpt(rcpt, self.remote(rcpt, sender, at, **chances))

    def inward(self, rcpt):
        return Rcpt(rcpt, [Try(self.rng.uniform(0.1, 0.4), "sent", None, 250, "2.0.0", "delivered")], local=True)

    def to(self, rcpt, sender, at, **chances):
        return self.inward(rcpt) if rcpt.rpartition("@")[2] in self.own else self.out(rcpt, sender, at, **chances)

    def outside_mta(self, domain=None):
        """An outside mail server that delivers to us."""
        rng = self.rng
        name = self.domain(domain).mx if domain else f"out{rng.randrange(9)}.{rng.choice(self.tail)}"
        if (domain or name) not in self.busy:
            ip = self.nets.host4("198.51.100.") if rng.random() < 0.5 else f"203.0.113.{rng.randrange(1, 254)}"
            self.busy[domain or name] = Client(ip, name, name)
        return self.busy[domain or name]

    def list_us(self, since):
        """From then on some receivers refuse us."""
        kinds = [k for k, row in replies.RECEIVERS.items() if row.listed]
        for kind in self.rng.sample(kinds, self.rng.randrange(2, 7)):
            self.listed[kind] = (since + self.rng.uniform(0, 3600), self.rng.choice(replies.RECEIVERS[kind].listed))
