"""Habits that look like an incident and are none: each is right as it is."""
import habits
import incidents
import plan
from build import HOUR, MINUTE


def plain(b):
    """Nothing but daily life."""


def newsletter(b):
    """A newsletter that its owner keeps well: a few per cent have moved."""
    rng = b.rng("newsletter")
    s = b.server
    owner = rng.choice(list(s.people.values()))
    readers = b.list_of_strangers(b.some(150, 350, rng), rng.choice((0.005, 0.015, 0.03)), 0.5)
    sender = rng.choice((owner.address, f"newsletter@{s.domains[0]}"))
    if sender != owner.address:
        s.boxes[sender] = "ok"
    source = owner.sources[0][0]
    begin = incidents.when(b, rng, 0.2, 0.8)
    size = rng.randint(9000, 60000)
    for at, reader in zip(incidents.spread(rng, begin, len(readers), rng.uniform(10, 90) * MINUTE), sorted(readers)):
        b.add(habits.submit(b, rng, at, owner, [reader], "newsletter", source, sender=sender, size=size, spam=3,
                            subject="Newsletter"))


def customer_server(b):
    """A customer's mail server relays through this one, as agreed."""
    rng = b.rng("customer")
    s = b.server
    domain = b.names.domain()
    address = b.names.host(b.names.network(24))
    b.place(address, "mail." + domain)
    b.zone.mx[domain] = [(10, "mail." + domain)]
    s.mynetworks = [*s.mynetworks, address]
    writers = [b.names.address(domain) for _ in range(8)]
    contacts = [b.person_elsewhere(0.4) for _ in range(60)]
    for at in b.office_times(rng, 22 * b.volume):
        message = b.letter(rng, rng.choice(writers), rng.sample(contacts, rng.choice((1, 1, 1, 2))), "customer")
        b.add(plan.Visit(at, address, [message], "mail." + domain, 25, True))


def guessing(b):
    """Thousands try passwords; none is right."""
    rng = b.rng("guessing")
    s = b.server
    bots = b.bots(40)
    import noise
    logins = list(s.people)
    begin = incidents.when(b, rng)
    for at in incidents.spread(rng, begin, b.some(200, 320, rng), min(rng.uniform(3, 30) * HOUR,
                                                                      (b.end - begin) * 0.95)):
        b.add(plan.Probe(at, "guess", rng.choice(bots), {
            "tries": [(rng.choice(logins), rng.choice(noise.PASSWORDS))], "port": s.options.get("submit", 587)}))


KINDS = {"plain": plain, "newsletter": newsletter, "customer_server": customer_server, "guessing": guessing}
