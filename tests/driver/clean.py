"""Habits that look like an incident and are none: each is right as it is."""
import habits
import incidents
import noise
import plan
import servers
from build import DAY, HOUR, MINUTE


def plain(b):
    """Nothing but daily life."""


def _owner(b, rng):
    return rng.choice(list(b.server.people.values()))


def _workday(b, rng, low=0.25, high=0.85):
    """@return a time in working hours, on a working day if there is one"""
    at = incidents.when(b, rng, low, high)
    for _ in range(7):
        day = at // DAY * DAY
        if b.day(day).tm_wday < 5 and b.start + HOUR < day + 9 * HOUR < b.end - 5 * HOUR:
            return day + rng.uniform(8.2, 11) * HOUR
        at = b.start + HOUR + (at + DAY - b.start) % max(DAY, b.end - b.start - 10 * HOUR)
    return incidents.when(b, rng, low, 0.7)


def newsletter(b):
    """A newsletter that its owner keeps well: a few per cent have moved."""
    rng = b.rng("newsletter")
    s = b.server
    owner = _owner(b, rng)
    readers = b.list_of_strangers(b.some(150, 350, rng), rng.choice((0.005, 0.015, 0.03)), 0.5)
    sender = rng.choice((owner.address, f"newsletter@{s.domains[0]}"))
    s.boxes.setdefault(sender, "ok")
    begin = _workday(b, rng)
    size = rng.randint(9000, 60000)
    for at, reader in zip(incidents.spread(rng, begin, len(readers), rng.uniform(10, 90) * MINUTE), sorted(readers)):
        b.add(habits.submit(b, rng, at, owner, [reader], "newsletter", owner.sources[0][0], sender=sender, size=size,
                            spam=3, subject="Newsletter"))


def quarterly(b):
    """Once in three months all customers get a letter; the log's days before know nothing of it."""
    rng = b.rng("quarterly")
    s = b.server
    owner = min(s.people.values(), key=lambda p: p.weight)
    customers = b.list_of_strangers(b.some(200, 420, rng), rng.choice((0.01, 0.03, 0.05)), 0.35)
    begin = _workday(b, rng)
    step = rng.choice((1, 1, 20, 40))
    letters = [customers[i:i + step] for i in range(0, len(customers), step)]
    for at, some in zip(incidents.spread(rng, begin, len(letters), rng.uniform(20, 160) * MINUTE), letters):
        b.add(habits.submit(b, rng, at, owner, some, "quarterly", owner.sources[0][0], size=rng.randint(60000, 64000),
                            spam=2, subject="Price list, third quarter"))


def customer_server(b):
    """A customer's mail server relays through this one, as agreed."""
    rng = b.rng("customer")
    servers.customer(b, rng, b.names.domain(), by_login=False, a_day=b.some(16, 40, rng) * b.volume)


def guessing(b):
    """Thousands try passwords; none is right."""
    rng = b.rng("guessing")
    s = b.server
    bots = b.bots(40)
    logins = list(s.people)
    begin = incidents.when(b, rng)
    seconds = min(rng.uniform(3, 30) * HOUR, (b.end - begin) * 0.95)
    for at in incidents.spread(rng, begin, b.some(200, 320, rng), seconds):
        b.add(plan.Probe(at, "guess", rng.choice(bots), {
            "tries": [(rng.choice(logins), rng.choice(noise.PASSWORDS))], "port": s.options.get("submit", 587)}))


def relay_wave(b):
    """Strangers ask for hours whether the server relays; it never does."""
    rng = b.rng("relay-wave")
    sources = [b.network("hosting").host() for _ in range(rng.randint(1, 5))]
    begin = incidents.when(b, rng)
    seconds = min(rng.uniform(1, 12) * HOUR, (b.end - begin) * 0.95)
    for at in incidents.spread(rng, begin, b.some(120, 260, rng), seconds):
        b.add(plan.Probe(at, "relay_try", rng.choice(sources), {
            "sender": f"{b.names.local_part()}@{rng.choice(b.server.domains)}",
            "recipient": f"{b.names.local_part()}@{rng.choice(('gmail.com', 'yahoo.com', 'hotmail.com'))}"}))


def new_staff(b):
    """Somebody begins work, gets a mailbox and greets a hundred customers."""
    rng = b.rng("staff")
    begin = _workday(b, rng, 0.4, 0.8)
    person = habits.people(b, b.server, 1)[0]
    greeted = b.list_of_strangers(b.some(60, 130, rng), 0.03, 0.2)
    times = [t for t in b.office_times(rng, len(greeted) / 2.2, begin, min(b.end, begin + 3 * DAY))]
    for at, to in zip(times, greeted):
        b.add(habits.submit(b, rng, at, person, [to], "staff", person.sources[0][0], subject="Your new contact",
                            size=rng.randint(3000, 5000)))


def conference(b):
    """Somebody is away: hotel, airport, mobile networks abroad; letters as ever, a few more."""
    rng = b.rng("conference")
    person = _owner(b, rng)
    nets = [b.network("access") for _ in range(rng.randint(3, 8))]
    begin = incidents.when(b, rng, 0.2, 0.6)
    for at in b.office_times(rng, b.some(12, 30, rng), begin, min(b.end, begin + 3 * DAY), 6, 23):
        some = rng.sample(person.contacts, min(len(person.contacts), rng.choice((1, 1, 2, 3))))
        b.add(habits.submit(b, rng, at, person, some, "conference", rng.choice(nets).host()))


def cgnat(b):
    """People whose mobile provider gives each connection another address of many networks."""
    rng = b.rng("cgnat")
    nets = [b.network("access") for _ in range(12)]
    for person in rng.sample(list(b.server.people.values()), max(1, len(b.server.people) // 2)):
        for at in b.office_times(rng, 5 * b.volume, None, None, 6, 23):
            some = rng.sample(person.contacts, min(len(person.contacts), rng.choice((1, 1, 2))))
            b.add(habits.submit(b, rng, at, person, some, "cgnat", rng.choice(nets).host()))


def school(b):
    """A school: all teachers behind one address, one writes to the parents of a class by Bcc."""
    rng = b.rng("school")
    s = b.server
    habits.people(b, s, 8)
    teacher = _owner(b, rng)
    parents = b.list_of_strangers(b.some(120, 240, rng), rng.choice((0.02, 0.04)), 0.85)
    begin = _workday(b, rng)
    step = rng.choice((40, 80, len(parents)))
    for number in range(0, len(parents), step):
        b.add(habits.submit(b, rng, begin + number * 3, teacher, parents[number:number + step], "parents",
                            teacher.sources[0][0], subject="Elternabend", size=rng.randint(4000, 90000)))
    for at in b.office_times(rng, 30 * b.volume, None, None, 7.5, 14):
        person = _owner(b, rng)
        b.add(habits.submit(b, rng, at, person, [rng.choice(parents)], "parents", s.options.get("office_ip")
                            or teacher.sources[0][0]))


def migration(b):
    """From one day on everybody's programs stand elsewhere; the new system sends a test to each of them first."""
    rng = b.rng("migration")
    s = b.server
    cut = incidents.when(b, rng, 0.4, 0.6)
    new = b.network("hosting").host()
    for action in list(b.actions):
        if isinstance(action, plan.Visit) and action.login and action.at > cut and not action.web:
            action.source = new
    for number, person in enumerate(s.people.values()):
        for step in range(4):
            b.add(habits.submit(b, rng, cut + number * 40 + step * 5, person, [person.contacts[step]], "migration", new,
                                subject="Test after the move"))


def monitor(b):
    """A monitoring system has a bad night: the same alert again and again, to three people and a pager."""
    rng = b.rng("monitor")
    s = b.server
    inside = rng.choice(("10.11.0.9", "192.168.10.9"))
    s.mynetworks = [*s.mynetworks, inside.rsplit(".", 1)[0] + ".0/24"]
    to = [*(a for a in list(s.boxes)[:2]), b.person_elsewhere(1.0), b.names.address(b.strangers[0])]
    for at in b.any_times(rng, 3):
        b.add(_alert(b, rng, at, inside, to))
    begin = incidents.when(b, rng)
    for at in incidents.spread(rng, begin, b.some(90, 220, rng), min(rng.uniform(1, 9) * HOUR, (b.end - begin) * 0.9)):
        b.add(_alert(b, rng, at, inside, to))


def _alert(b, rng, at, inside, to):
    message = b.letter(rng, f"nagios@{b.server.domains[0]}", to, "monitor", 1, rng.randint(700, 900),
                       "** PROBLEM Service Alert: db1/disk is CRITICAL **", domain="monitor." + b.server.domains[0])
    return plan.Visit(at, inside, [message], "monitor." + b.server.domains[0], retries=())


def invoices(b):
    """On one day of the month the accounts program sends fifty times what it sends on others."""
    rng = b.rng("invoices")
    s = b.server
    inside = rng.choice(("10.1.1.20", "192.168.100.20"))
    s.mynetworks = [*s.mynetworks, inside.rsplit(".", 1)[0] + ".0/24"]
    sender = f"{rng.choice(('rechnung', 'invoice', 'buchhaltung', 'accounts'))}@{s.domains[0]}"
    s.boxes[sender] = "ok"
    customers = b.list_of_strangers(b.some(200, 420, rng), rng.choice((0.005, 0.02, 0.03)), 0.4)
    ordinary = rng.sample(customers, 12)
    for at in b.office_times(rng, 6):
        b.add(_invoice(b, rng, at, inside, sender, rng.choice(ordinary)))
    begin = _workday(b, rng)
    for at, to in zip(incidents.spread(rng, begin, len(customers), rng.uniform(15, 120) * MINUTE), customers):
        b.add(_invoice(b, rng, at, inside, sender, to))


def _invoice(b, rng, at, inside, sender, to):
    message = b.letter(rng, sender, [to], "invoices", 1, rng.randint(70000, 150000),
                       f"Invoice {rng.randint(10000, 99999)}")
    return plan.Visit(at, inside, [message], "erp.local", retries=())


def listed_before(b):
    """The server is on lists already; what put it there happened before this log begins."""
    b.listed.append((b.start - DAY, b.end + DAY))
    rng = b.rng("listed")
    for one in b.sinks.values():
        if one.uses_lists or rng.random() < 0.5:
            one.blocked_until = b.end + DAY if rng.random() < 0.6 else 0
    if b.server.people and rng.random() < 0.5:
        honest_alias(b)


def honest_alias(b):
    """An address that leads outside, for which hardly anything but honest mail comes."""
    rng = b.rng("alias")
    s = b.server
    address = f"kontakt{rng.randint(1, 9)}@{s.domains[0]}"
    s.aliases[address] = [b.names.address(rng.choice(("gmail.com", "gmx.de", "hotmail.com")))]
    for at in b.any_times(rng, 14 * b.volume):
        if rng.random() < 0.08:
            b.add(habits.spam_visit(b, rng, at, [address], "alias", 40))
            continue
        stranger = rng.choice(b.strangers)
        source, helo = b.sending_host(stranger)
        b.add(plan.Visit(at, source, [b.letter(rng, b.names.address(stranger), [address], "alias")], helo, 25,
                         rng.random() < 0.7))


def vacation(b):
    """Somebody is on holiday, and an answer goes out for each letter; a few go to addresses that do not exist."""
    rng = b.rng("vacation")
    s = b.server
    address = next(iter(s.boxes))
    s.users.append("vmail") if b.mta != "opensmtpd" and "vmail" not in s.users else None
    user = "vmail" if b.mta != "sendmail" else "root"
    for at in b.any_times(rng, 16 * b.volume):
        stranger = rng.choice(b.strangers)
        source, helo = b.sending_host(stranger)
        writer = b.names.address(stranger)
        spam = rng.random() < 0.15
        if spam and rng.random() < 0.5:
            b.fates[writer] = "unknown"
        b.add(plan.Visit(at, source, [b.letter(rng, writer, [address], "", 60 if spam else 2)], helo, 25, True))
        answer = b.letter(rng, "", [writer], "vacation", 1, rng.randint(900, 1300), "Out of office: Re: your message",
                          domain=b.server.host, header_from=address, header_to=writer,
                          headers=("Auto-Submitted: auto-replied (vacation)",))
        b.add(plan.Run(at + rng.uniform(1, 4), user, answer, given_from="<>"))


def cron_storm(b):
    """A job that fails each minute tells its administrator so, who reads his mail elsewhere."""
    rng = b.rng("cron-storm")
    to = b.person_elsewhere(rng.choice((0.0, 1.0)))
    begin = incidents.when(b, rng)
    for at in incidents.spread(rng, begin, b.some(100, 260, rng), min(rng.uniform(2, 5) * HOUR, (b.end - begin) * 0.9)):
        message = b.letter(rng, f"root@{b.server.domains[0]}", [to], "cron", 1, rng.randint(700, 800),
                           f"Cron <root@{b.server.host}> /usr/local/bin/backup", domain=b.server.host)
        b.add(plan.Run(at, "root", message, "/root"))


def crm(b):
    """A program in somebody's cloud has a login of its own and writes to customers every day."""
    rng = b.rng("crm")
    person = habits.people(b, b.server, 1)[0]
    cloud = b.network("hosting")
    hosts = [cloud.host() for _ in range(rng.randint(1, 5))]
    customers = b.list_of_strangers(b.some(100, 200, rng), 0.02, 0.4)
    for at in b.office_times(rng, b.some(24, 50, rng)):
        b.add(habits.submit(b, rng, at, person, [rng.choice(customers)], "crm", rng.choice(hosts),
                            subject="Your request"))


def tickets(b):
    """A ticket system answers each letter at once, its people answer later."""
    rng = b.rng("tickets")
    s = b.server
    queue = f"support@{s.domains[0]}"
    s.boxes[queue] = "ok"
    user = "otrs"
    s.users.append(user)
    for at in b.office_times(rng, b.some(18, 36, rng) * b.volume, None, None, 6, 22):
        stranger = rng.choice(b.strangers)
        source, helo = b.sending_host(stranger)
        writer = b.names.address(stranger)
        b.add(plan.Visit(at, source, [b.letter(rng, writer, [queue])], helo, 25, True))
        for wait, words in ((rng.uniform(20, 60), "has been received"), (rng.uniform(1, 9) * HOUR,
                                                                         "Re: your question")):
            answer = b.letter(rng, queue, [writer], "tickets", 1, None, f"[Ticket#{rng.randint(10000, 99999)}] {words}",
                              domain=s.host)
            b.add(plan.Run(at + wait, user, answer, "/opt/otrs", given_from=queue))


def few_bounces_old_friend(b):
    """One letter to thirty-five old acquaintances, a third of whom have moved."""
    rng = b.rng("friends")
    person = _owner(b, rng)
    friends = b.list_of_strangers(35, 0.33, 0.7)
    b.add(habits.submit(b, rng, _workday(b, rng), person, friends, "friends", person.sources[0][0],
                        subject="We have moved"))


KINDS = {"plain": plain, "newsletter": newsletter, "quarterly": quarterly, "customer_server": customer_server,
         "guessing": guessing, "relay_wave": relay_wave, "new_staff": new_staff,
         "conference": conference, "cgnat": cgnat,
         "school": school, "migration": migration, "monitor": monitor, "invoices": invoices,
         "listed_before": listed_before, "honest_alias": honest_alias, "vacation": vacation, "cron_storm": cron_storm,
         "crm": crm, "tickets": tickets, "old_friends": few_bounces_old_friend}


def fits(b, name):
    if b.gateway and name in ("customer_server", "monitor", "invoices", "relay_wave"):
        return name == "relay_wave"
    if b.kind == "webmail" and name == "migration":
        return False
    return not (b.server.smarthost and name == "listed_before")
