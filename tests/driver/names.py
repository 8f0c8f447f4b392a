"""Names of people, companies, networks: made up from syllables, the same for the same seed. None is meant to exist."""
import ipaddress

FIRST = ("anna bernd carla dieter elena frank greta hans ines jonas karin lars maria nils olga paul quentin rosa "
         "stefan tina ulrich vera walter xenia yann zoe aline bruno chloe david emma felix gilles helene ivan julie "
         "kevin laura marco nadia oscar petra renaud sofia thomas ursula victor wendy alice bob james linda robert "
         "susan peter monika claudia michael sabine andreas martina wolfgang birgit").split()
LAST = ("ahrens baumann clasen dorn engel fabri gerlach hofer imhof jansen kessler lindner moreau neumann oswald "
        "peters quandt roth seidel thoma urban vogel weiss yilmaz zeller martin bernard dubois petit durand leroy "
        "smith jones taylor brown wilson evans thomas walker ferrari rossi bianchi romano nowak kowalski horvat "
        "novak svensson larsen virtanen garcia lopez silva costa").split()
SYLLABLES = ("bran dor fel gan hol kes lum mar nor pel quin ras sol tar ul vin wen zor bek cal dun fir gor hul "
             "jas kor lem mos nat ost pra rin sil tul vor wik").split()
TRADES = "tech bau druck medien logistik garten kanzlei praxis shop consulting metall textil foto wein travel".split()
TLDS = ("de", "de", "de", "com", "com", "net", "org", "fr", "it", "nl", "at", "ch", "eu", "co.uk", "pl", "es", "se")
# networks where strangers, customers and receivers live: /16s of ordinary unicast space, none of them special
FIRST_OCTETS = [n for n in range(11, 215) if n not in (100, 127, 169, 172, 192, 198, 203)]


class Names:
    """@param rng a random.Random of its own"""

    def __init__(self, rng):
        self.rng = rng
        self.used = set()
        self.networks = set()

    def word(self, low=2, high=3):
        return "".join(self.rng.choice(SYLLABLES) for _ in range(self.rng.randint(low, high)))

    def domain(self, tld=None, trade=None):
        while True:
            trade_word = self.rng.choice(TRADES) if trade or self.rng.random() < 0.35 else ""
            dash = "-" if trade_word and self.rng.random() < 0.4 else ""
            name = f"{self.word()}{dash}{trade_word}.{tld or self.rng.choice(TLDS)}"
            if name not in self.used:
                self.used.add(name)
                return name

    def local_part(self):
        first, last = self.rng.choice(FIRST), self.rng.choice(LAST)
        form = self.rng.random()
        if form < 0.35:
            return f"{first}.{last}"
        if form < 0.5:
            return f"{first[0]}.{last}"
        if form < 0.65:
            return f"{first}{last}"
        if form < 0.8:
            return f"{first}{self.rng.randint(1, 99)}"
        if form < 0.9:
            return first
        return f"{last}_{first[0]}{self.rng.randint(50, 99)}"

    def person(self, taken=()):
        while True:
            name = self.local_part()
            if name not in taken:
                return name

    def address(self, domain):
        """An address at a stranger's domain, never given twice."""
        while True:
            full = f"{self.local_part()}@{domain}"
            if full in self.used:
                full = f"{self.local_part()}{self.rng.randint(2, 9999)}@{domain}"
            if full not in self.used:
                self.used.add(full)
                return full

    def network(self, bits=16):
        """A network that nobody else in this scenario has. @return ipaddress.IPv4Network"""
        while True:
            base = f"{self.rng.choice(FIRST_OCTETS)}.{self.rng.randint(0, 255)}"
            if base in self.networks:
                continue
            self.networks.add(base)
            if bits <= 16:
                return ipaddress.ip_network(f"{base}.0.0/16")
            return ipaddress.ip_network(f"{base}.{self.rng.randint(0, 255)}.0/{bits}", strict=False)

    def host(self, network):
        size = network.num_addresses
        return str(network[self.rng.randint(1, max(1, size - 2))])


# -- reverse names ---------------------------------------------------------------------------------------------------

def access_name(address, form, isp):
    """What a provider calls a customer's line. @return a name, or None: it gives none"""
    a, b, c, d = address.split(".")
    return {"none": None,
            "hex": f"p{int(a):02x}{int(b):02x}{int(c):02x}{int(d):02x}.dip.{isp}",
            "dashes": f"{a}-{b}-{c}-{d}.dyn.{isp}",
            "reversed": f"{d}.{c}.{b}.{a}.adsl.{isp}",
            "pool": f"pool-{a}-{b}-{c}-{d}.cust.{isp}",
            "short": f"host{int(c) * 256 + int(d)}.{isp}",
            "vps": f"vps-{int(c):02x}{int(d):02x}.{isp}",
            "static": f"static.{d}.{c}.{b}.{a}.clients.{isp}"}[form]


ACCESS_FORMS = ("none", "hex", "dashes", "reversed", "pool", "short")
HOSTING_FORMS = ("none", "vps", "static", "static", "short")
