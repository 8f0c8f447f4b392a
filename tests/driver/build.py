"""The builder of a scenario: time, networks, strangers, correspondents, and the daily life that every server has."""
import base64
import calendar
import hashlib
import random
import time
import zlib

import dns
import names
import plan
import receivers
import sinks

DAY, HOUR, MINUTE = 86400.0, 3600.0, 60.0
REAL_TIME_ENDS = calendar.timegm((2026, 9, 1, 0, 0, 0))
SUBJECTS = ("Re: offer", "invoice", "Termin", "Re: Termin", "minutes of the meeting", "question", "Fwd: documents",
            "holiday", "Lieferung", "Re: delivery", "contract", "Anfrage", "photos", "AW: Bestellung", "thanks")
SPAM_SUBJECTS = ("Your account has been suspended", "Re: payment", "Cheap meds", "You won", "Invoice overdue",
                 "Hot singles", "Verify your mailbox", "BTC investment", "Final notice", "FedEx delivery problem")
WEEKDAY = (1.0, 1.1, 1.0, 1.0, 0.8, 0.15, 0.1)


class Network:
    """A provider's or a company's network of strangers or of our people."""

    def __init__(self, builder, net, isp, form):
        self.builder, self.net, self.isp, self.form = builder, net, isp, form

    def host(self, name=""):
        """@return an address of it, its reverse name in the DNS"""
        address = self.builder.names.host(self.net)
        return self.builder.place(address, name or names.access_name(address, self.form, self.isp))


class Builder:
    """What a scenario is built with; everything is drawn from the seed. The finished scenario is this object."""

    def __init__(self, seed, mta, kind, small=False):
        self.seed, self.mta, self.kind, self.small = seed, mta, kind, small
        self.names = names.Names(self.rng("names"))
        self.zone, self.sinks, self.fates, self.listed = dns.Zone(), {}, {}, []
        self.actions, self.services, self.causes, self.notes = [], [], [], []
        self.accepted_extra = []            # (kind, subject) that an expert may name beside
        self.still_waiting = False          # the log ends before the queue is tried again
        rng = self.rng("time")
        self.days = 2 if small else rng.choice((4, 5, 6, 7, 7, 8, 10))
        self.end = REAL_TIME_ENDS - rng.randint(0, 600) * DAY + rng.uniform(7, 22) * HOUR
        self.start = self.end - self.days * DAY
        self.pace = rng.choice((8, 12, 16, 25))
        self.phase = rng.randint(0, 299)
        self.inode_base, self.pid_base = rng.randint(1 << 17, 1 << 22), rng.randint(900, 900000)
        self.volume = rng.uniform(0.6, 1.3) * (0.2 if small else 1)
        self.domains, self.receivers, self._mx = {}, {}, {}
        self._large()
        self.strangers = [self.company() for _ in range(rng.randint(35, 60))]
        self.access = [self.network("access") for _ in range(10)]
        self.server = None
        self.smart_host = self.by_web = None
        self.gateway, self.heads, self.diagnose_options = "", (), []

    def rng(self, name):
        return random.Random(f"{self.seed}/{name}")

    def some(self, low, high, rng):
        """@return how many of something an incident has; a small scenario has fewer"""
        return rng.randint(low, high) // (3 if self.small else 1)

    # -- networks --

    def place(self, address, name, forward=True):
        if name:
            self.zone.reverse[address] = name
            if forward:
                self.zone.forward.setdefault(name.lower(), []).append(address)
        return address

    def network(self, kind, bits=16):
        rng = self.names.rng
        forms = names.HOSTING_FORMS if kind == "hosting" else names.ACCESS_FORMS
        isp = self.names.domain(tld=rng.choice(("net", "com", "de", "fr", "br", "ru", "in", "vn", "id", "tr", "ua")))
        return Network(self, self.names.network(bits), isp, rng.choice(forms))

    def bots(self, count, networks=None):
        """Addresses of infected machines all over the world. @return [address]"""
        rng = self.rng(f"bots{len(self.actions)}")
        nets = [self.network("access") for _ in range(networks or max(1, count // 2))]
        found = []
        for number in range(count):
            net = nets[number] if number < len(nets) else rng.choice(nets)
            address = net.host()
            found.append(address)
            if rng.random() < 0.6:
                self.zone.listed[address] = rng.choice(("127.0.0.4", "127.0.0.11", "127.0.0.10"))
        return found

    # -- receivers --

    def _sink(self, mx, style, uses_lists, eager, catches, grey=False):
        key = (mx,)
        if key not in self._mx:
            address = self.names.host(self.names.network(24))
            one = sinks.Receiver(mx, style, eager, uses_lists, catches)
            one.mx, one.grey = mx, grey
            self.place(address, mx)
            self.sinks[address] = one
            self._mx[key] = one
        return self._mx[key]

    def _large(self):
        rng = self.rng("large")
        for domain, (style, hosts, _) in receivers.LARGE.items():
            for preference, mx in enumerate(hosts, 1):
                one = self._sink(mx, style, False, rng.uniform(0.5, 1.6), rng.uniform(0.35, 0.8))
                one.domain = domain
                self.zone.mx.setdefault(domain, []).append((preference * 5, mx))
            self.zone.forward.setdefault(domain, []).append(self.names.host(self.names.network(24)))

    def company(self, style=None, domain=None):
        """A company with a domain, a mail server that receives and sends. @return its domain"""
        rng = self.names.rng
        domain = domain or self.names.domain()
        style = style or rng.choices(list(receivers.SMALL), list(receivers.SMALL.values()))[0]
        mx = receivers.small_mx(style, domain)
        hosted = style in ("m365", "gmail", "proofpoint", "mimecast")
        grey = style in ("postfix", "postfix_amavis", "exim") and rng.random() < 0.15
        one = self._sink(mx, style, not hosted and rng.random() < 0.6, rng.uniform(0.3, 1.2), rng.uniform(0.1, 0.7),
                         grey)
        self.zone.mx[domain] = [(10, mx)]
        self.receivers[domain] = one
        if hosted:
            sends = self.place(self.names.host(self.names.network(24)),
                               f"mail-{rng.choice('abcdefg')}{rng.randint(1, 99)}.{mx.partition('.')[2]}")
        else:
            sends = next(a for a, r in self.sinks.items() if r is one)
        self.domains[domain] = sends
        return domain

    def person_elsewhere(self, large=0.45):
        """@return the address of somebody who exists"""
        rng = self.names.rng
        if rng.random() < large:
            domain = rng.choices(list(receivers.LARGE), [row[2] for row in receivers.LARGE.values()])[0]
        else:
            domain = rng.choice(self.strangers)
        return self.names.address(domain)

    def list_of_strangers(self, count, unknown=0.2, large=0.6, domains=None, other=0.012):
        """What a spammer or a mailing has: some of it is out of date. @return [address]"""
        rng = self.rng(f"list{len(self.fates)}/{len(self.actions)}")
        found = []
        for _ in range(count):
            if domains:
                address = self.names.address(rng.choice(domains))
            else:
                address = self.person_elsewhere(large)
            dice = rng.random()
            if dice < unknown:
                self.fates[address] = "unknown"
            elif dice < unknown + other:
                self.fates[address] = rng.choice(("full", "disabled", "full"))
            found.append(address)
        return found

    def sending_host(self, domain):
        """@return (address, its HELO name) of the server that sends for a stranger's domain"""
        address = self.domains[domain]
        return address, self.zone.reverse.get(address, domain)

    # -- times --

    def day(self, at):
        return time.gmtime(at)

    def office_times(self, rng, a_day, begin=None, end=None, from_hour=7.5, to_hour=18.5):
        """@return times of human doings: more on weekdays, in working hours"""
        at, until, found = (begin or self.start) // DAY * DAY, end or self.end, []
        while at < until:
            expected = a_day * WEEKDAY[self.day(at).tm_wday] * rng.uniform(0.7, 1.3)
            for _ in range(int(expected) + (rng.random() < expected % 1)):
                moment = at + rng.triangular(from_hour, to_hour, (from_hour + to_hour) / 2) * HOUR
                if (begin or self.start) <= moment < until:
                    found.append(moment)
            at += DAY
        return sorted(found)

    def any_times(self, rng, a_day, begin=None, end=None):
        begin, end = begin or self.start, end or self.end
        count = a_day * (end - begin) / DAY
        count = int(count) + (rng.random() < count % 1)
        return sorted(rng.uniform(begin, end) for _ in range(count))

    def add(self, *actions):
        self.actions.extend(actions)

    # -- messages --

    def msgid(self, domain, rng=None):
        rng = rng or self.rng(f"msgid{len(self.actions)}")
        form = rng.random()
        if form < 0.4:
            parts = [f"{rng.getrandbits(4 * size):0{size}x}" for size in (8, 4, 4, 12)]
            return f"{'-'.join(parts)}@{domain}"
        if form < 0.7:
            return f"{rng.getrandbits(60):X}.{rng.randint(1000, 9999999)}@{domain}"
        token = base64.b32encode(rng.getrandbits(120).to_bytes(15, "big")).decode()
        return f"CA{token}@mail.{domain}" if form < 0.85 else f"{token.lower()}@{domain}"

    def letter(self, rng, sender, recipients, lot="", spam=2, size=None, subject=None, domain=None, **more):
        size = size or min(400000, int(rng.lognormvariate(8.6, 1.0)) + 900)
        return plan.Message(sender, list(recipients), size, subject or rng.choice(SUBJECTS),
                            self.msgid(domain or sender.rpartition("@")[2] or "localhost", rng), lot, spam, **more)

    # -- truth --

    def cause(self, kind, subjects, lot, **more):
        if isinstance(subjects, str):
            subjects = [subjects]
        self.causes.append(plan.Cause(kind, subjects, lot, **more))


def password(rng):
    return base64.b64encode(hashlib.sha256(str(rng.random()).encode()).digest())[:12].decode().replace("/", "k")


def pid_of(text):
    return 1000 + zlib.crc32(text.encode()) % 30000
