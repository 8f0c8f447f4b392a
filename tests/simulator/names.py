# SPDX-License-Identifier: BSD-2-Clause
"""Names and addresses: documentation, benchmark and reserved ranges, and example domains only."""
import ipaddress

GIVEN = """alice bob carol dan eve frank grace heidi ivan judy ken laura mallory nina oscar peggy quinn rupert sybil
trent ursula victor wendy xaver yvonne zoe anna ben clara david emma felix greta hans ida jonas karin lukas maria
niko olga paul rita sofia tom uwe vera will anke bernd chris dora emil franz gerd helga ingo jana
kai lena max""".split()
FAMILY = """adler becker christ dietz ernst fuchs graf huber imhof jung keller lang maier nagel otto peters richter
simon thoma ulrich vogel weber zimmer brown clark davis evans ford green hall irwin jones king lewis moore noble
owens parker reed scott taylor underwood vance walker young rossi bianchi dubois martin lopez garcia silva kowalski
novak svoboda horvat nilsson hansen virtanen papadakis ionescu petrov""".split()
WORDS = """alder amber anchor apple arrow aspen birch bridge brook cedar cloud copper coral creek dawn delta ember
falcon fern field flint forest garden glade granite grove harbor hazel heron hill iris island jade juniper kestrel
lake lantern laurel linden lotus maple marble meadow mill moss north oak ocean olive orchard otter pearl pine plain
poplar prairie quarry quartz raven reef ridge river robin rose saffron sage salmon shore silver sky slate spring
spruce star stone summit swift thistle timber valley vine violet walnut wave willow wind winter wren yarrow""".split()
SUBJECTS = ["Minutes of the meeting", "Re: your offer", "Invoice {n}", "Holiday plan", "Question about order {n}",
            "Re: Re: draft", "Lunch?", "Photos", "Contract {n}", "Re: appointment", "Travel", "Weekly report {n}",
            "Fwd: tickets", "Thank you", "Documents as promised", "Delivery {n}", 'Re: T="quoted" text',
            "A=b, status=sent (all fine)", "Gr\u00fc\u00dfe aus M\u00fcnchen", "price [10.0.0.{m}] list"]
SPAM = ["Your account will be closed", "You have (1) parcel waiting", "Congratulations {n}", "Invoice {n} overdue",
        "Secure your wallet", "Last warning", "Payment advice {n}", "Lose weight now", "Re: your resume",
        "Voicemail {n}"]
HELOS = ["[192.168.1.{m}]", "laptop", "DESKTOP-{n:04X}", "smtpclient.apple", "[10.0.0.{m}]", "iPhone", "android-{n:x}",
         "mail-client.example", "[IPv6:::1]", "WIN-{n:04X}"]


def person(rng):
    return f"{rng.choice(GIVEN)}.{rng.choice(FAMILY)}"


def local_part(rng):
    """What spam lists hold."""
    pick = rng.random()
    if pick < 0.5:
        return person(rng)
    if pick < 0.8:
        return f"{rng.choice(GIVEN)}{rng.randrange(100)}"
    return rng.choice(["info", "sales", "office", "contact", "admin", "kontakt", "mail", "support", "hr", "billing"])


def domain(rng):
    return f"{rng.choice(WORDS)}-{rng.choice(WORDS)}{rng.choice(['', rng.randrange(100)])}.example"


def subject(rng, among=SUBJECTS):
    return rng.choice(among).format(n=rng.randrange(1000, 99999), m=rng.randrange(2, 250))


def helo(rng):
    return rng.choice(HELOS).format(n=rng.randrange(4096, 65535), m=rng.randrange(2, 250))


class Networks:
    """Hands out networks that are not used yet: a /24 each, or a /64 each from different /48s."""

    def __init__(self, rng):
        self.rng = rng
        self.v4 = [f"198.{a}.{b}." for a in (18, 19) for b in range(256)]
        self.v4 += [f"{rng.randrange(240, 250)}.{rng.randrange(256)}.{rng.randrange(256)}." for _ in range(400)]
        self.v4 += ["198.51.100.", "203.0.113."]
        self.v4 = list(dict.fromkeys(self.v4))
        rng.shuffle(self.v4)
        self.used6 = set()

    def net4(self):
        return self.v4.pop()

    def net6(self):
        while True:
            pair = (self.rng.randrange(1, 0xffff), self.rng.randrange(0x10000))
            if pair not in self.used6:
                self.used6.add(pair)
                return f"2001:db8:{pair[0]:x}:{pair[1]:x}:"

    def host4(self, net):
        return f"{net}{self.rng.randrange(2, 254)}"

    def host6(self, net):
        """A privacy address: the lower half is random."""
        tail = ":".join(f"{self.rng.randrange(0x10000):x}" for _ in range(4))
        return str(ipaddress.ip_address(net + tail))
