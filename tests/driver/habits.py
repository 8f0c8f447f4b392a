"""Daily life: what a server's people, their correspondents and the internet do when nothing is wrong."""
import base64
import random

import build
import noise
import plan
from build import DAY, HOUR, MINUTE

CLIENT_NAMES = ("[192.168.1.{n}]", "[10.0.0.{n}]", "[127.0.0.1]", "DESKTOP-{c}", "macbook.local", "iPhone",
                "android-{c}")


def helo_of(rng):
    form = rng.choice(CLIENT_NAMES)
    letters = "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(7))
    return form.format(n=rng.randint(2, 250), c=letters)


def people(b, server, count, domain=None, login_form=None):
    """People with a mailbox, a password, places to write from and somebody to write to."""
    rng = b.rng(f"people{domain}")
    domain = domain or server.domains[0]
    login_form = login_form or server.options.get("login_form", "name" if b.mta == "sendmail" else "address")
    offices = server.options.setdefault("offices", [b.network("access", 24)])
    if offices and "office_ip" not in server.options:
        server.options["office_ip"] = offices[0].host()
    taken = {p.address.partition("@")[0] for p in server.people.values()}
    made = []
    for _ in range(count):
        name = b.names.person(taken)
        taken.add(name)
        address = f"{name}@{domain}"
        login = address if login_form == "address" else name
        home, mobile = rng.choice(b.access), rng.choice(b.access)
        sources = [(server.options["office_ip"] if offices else rng.choice(b.access).host(), 6.0)]
        if rng.random() < 0.6:
            sources.append((home.host(), 2.0))
        if rng.random() < 0.4:
            sources += [(mobile.host(), 0.4) for _ in range(rng.randint(1, 4))]
        person = plan.Person(login, address, build.password(rng), sources, rng.lognormvariate(0, 0.8),
                             [b.person_elsewhere() for _ in range(rng.randint(6, 25))])
        server.people[login] = person
        server.boxes[address] = "ok"
        made.append(person)
    return made


def source_of(rng, person):
    return rng.choices([s for s, _ in person.sources], [w for _, w in person.sources])[0]


def submit(b, rng, at, person, recipients, lot="", source=None, **more):
    """One letter handed in by its writer's program."""
    colleagues_cc = more.pop("cc", ())
    message = b.letter(rng, more.pop("sender", person.address), [*recipients, *colleagues_cc], lot, **more)
    source = source or source_of(rng, person)
    if b.server.options.get("webmail") and rng.random() < b.server.options["webmail"]:
        return through_web(b, rng, at, person, message, source)
    mechanism = "LOGIN" if rng.random() < 0.3 else "PLAIN"
    port = b.server.options.get("submit", 587)
    return plan.Visit(at, source, [message], helo_of(rng), port,
                      b.server.options.get("submit_tls", True) and rng.random() < 0.97,
                      (person.login, person.password, mechanism), retries=())


def through_web(b, rng, at, person, message, source):
    """The same by the web mail: the server sees 127.0.0.1, the web mail's own line has the browser."""
    login = (person.login, person.password, "PLAIN") if b.server.options.get("webmail_login") else ()
    session = f"{rng.getrandbits(32):08x}"
    return plan.Visit(at, "127.0.0.1", [message], b.server.options.get("webmail_host", "localhost"),
                      b.server.options.get("submit", 587) if login else 25, bool(login) and rng.random() < 0.5, login,
                      retries=(), web=(person.login, source, session))


def outgoing(b, a_day, who=None):
    """Letters of the people, in working hours, to whom they know."""
    rng = b.rng(f"outgoing{len(b.actions)}")
    who = who or list(b.server.people.values())
    weights = [p.weight for p in who]
    for at in b.office_times(rng, a_day):
        person = rng.choices(who, weights)[0]
        some = rng.sample(person.contacts, min(len(person.contacts), rng.choice((1, 1, 1, 1, 2, 2, 3, 5))))
        if rng.random() < 0.04:         # a typing error now and then
            wrong = b.names.address(rng.choice(("gmail.com", "web.de", *b.strangers[:6])))
            b.fates[wrong] = "unknown"
            some[0] = wrong
        if rng.random() < 0.15:
            colleague = rng.choice(who)
            if colleague is not person:
                some.append(colleague.address)
        b.add(submit(b, rng, at, person, some))


def incoming(b, a_day, spam_share=0.25):
    """Letters from the world for the people here, spam that got through among them."""
    rng = b.rng(f"incoming{len(b.actions)}")
    boxes = list(b.server.boxes) or [f"postmaster@{b.server.domains[0]}"]
    for at in b.any_times(rng, a_day):
        to = rng.choice(boxes)
        if rng.random() < spam_share:
            b.add(spam_visit(b, rng, at, [to]))
            continue
        domain = rng.choice(b.strangers)
        address, helo = b.sending_host(domain)
        message = b.letter(rng, b.names.address(domain), [to])
        b.add(plan.Visit(at, address, [message], helo, 25, rng.random() < 0.8))


def spam_visit(b, rng, at, recipients, lot="", spam=85, source=None):
    """Spam from outside, for somebody here."""
    spoof = rng.choice((rng.choice(b.strangers), b.names.domain(), "gmail.com", "yahoo.com"))
    if spoof not in b.zone.mx and spoof not in b.zone.forward and rng.random() < 0.7:
        b.zone.mx[spoof] = [(10, "mail." + spoof)]
        b.zone.forward["mail." + spoof] = [b.names.host(b.names.network(24))]
    source = source or rng.choice(b.access + [b.network("hosting")]).host()
    message = b.letter(rng, f"{b.names.local_part()}@{spoof}", recipients, lot, spam, rng.randint(1500, 9000),
                       rng.choice(build.SPAM_SUBJECTS))
    helo = b.zone.reverse.get(source) or rng.choice((f"[{source}]", spoof, "localhost", "win-" + b.names.word()))
    return plan.Visit(at, source, [message], helo, 25, rng.random() < 0.2, polite=rng.random() < 0.8, retries=())


def imap(b, a_day):
    """Logins to the mailboxes, as Dovecot writes them."""
    rng = b.rng("imap")
    who = list(b.server.people.values())
    if not who:
        return
    for at in b.office_times(rng, a_day, from_hour=6, to_hour=22):
        person = rng.choice(who)
        source = source_of(rng, person)
        kind = "imap" if rng.random() < 0.9 else "pop3"
        token = base64.b64encode(rng.getrandbits(96).to_bytes(12, "big")).decode()
        b.add(plan.Line(at, "dovecot", f"{kind}-login: Login: user=<{person.login}>, method=PLAIN, rip={source}, "
                        f"lip={b.server.ip}, mpid={rng.randint(1000, 400000)}, TLS, session=<{token}>"))
        later = at + rng.uniform(2, 1200)
        b.add(plan.Line(later, "dovecot",
                        f"{kind}({person.login})<{rng.randint(1000, 400000)}><{token}>: Disconnected: "
                        f"Logged out in={rng.randint(50, 5000)} out={rng.randint(600, 90000)} deleted=0 expunged=0 "
                        "trashed=0 hdr_count=0 hdr_bytes=0 body_count=0 body_bytes=0"))


def internet(b, a_day):
    """The background: port scans, guesses, tries to relay, unknown users."""
    rng = b.rng("internet")
    scanners = [b.network("hosting").host(name=f"scan-{i:02d}.{b.names.domain(tld='com')}" if rng.random() < 0.5
                                          else "")
                for i in range(6)]
    guessers = b.bots(14)
    relayers = b.bots(4)
    domains = b.server.domains
    logins = list(b.server.people)
    ports = [25] if b.server.options.get("no_submission") else [25, 587]
    login_port = ports[-1]
    for at in b.any_times(rng, a_day):
        dice = rng.random()
        if dice < 0.16:
            b.add(plan.Probe(at, "connect", rng.choice(scanners),
                             {"port": rng.choice(ports), "before_banner": rng.random() < 0.4}))
        elif dice < 0.24:
            b.add(plan.Probe(at, "hello", rng.choice(scanners),
                             {"helo": rng.choice(("scan", "www.scan.example", "x")), "polite": rng.random() < 0.6}))
        elif dice < 0.28:
            b.add(plan.Probe(at, "http", rng.choice(scanners), {"host": b.server.ip}))
        elif dice < 0.31:
            b.add(plan.Probe(at, "garbage", rng.choice(scanners), {}))
        elif dice < 0.37:
            b.add(plan.Probe(at, "tls_failure", rng.choice(scanners), {}))
        elif dice < 0.72:
            domain = rng.choice(domains)
            tries = []
            for _ in range(rng.choice((1, 1, 1, 2, 3))):
                user = rng.choice(noise.USERS) if rng.random() < 0.7 or not logins else rng.choice(logins)
                if "@" not in user and rng.random() < 0.6:
                    user = f"{user}@{domain}"
                tries.append((user, rng.choice(noise.PASSWORDS)))
            b.add(plan.Probe(at, "guess", rng.choice(guessers), {"tries": tries, "port": login_port, "helo": rng.choice(
                ("User", "WIN-" + b.names.word().upper(), domain, "[127.0.0.1]", "localhost"))}))
        elif dice < 0.78:
            b.add(plan.Probe(at, "relay_try", rng.choice(relayers), {
                "sender": rng.choice(("spameri@tiscali.it", f"test@{domains[0]}",
                                      f"{b.names.local_part()}@gmail.com")),
                "recipient": rng.choice(("spameri@tiscali.it", f"{b.names.local_part()}@gmail.com",
                                         f"{b.names.local_part()}@163.com"))}))
        elif dice < 0.94:
            domain = rng.choice(domains)
            b.add(plan.Probe(at, "unknown_user", rng.choice(b.access).host(), {
                "sender": f"{b.names.local_part()}@{rng.choice(b.strangers)}", "helo": b.names.domain(),
                "recipients": [f"{rng.choice(noise.USERS)}{rng.randint(1, 99)}@{domain}"
                               for _ in range(rng.choice((1, 1, 2, 4)))]}))
        elif dice < 0.97:
            b.add(plan.Probe(at, "cut_off", rng.choice(b.access).host(), {
                "sender": f"{b.names.local_part()}@{rng.choice(b.strangers)}", "helo": b.names.domain(),
                "recipient": rng.choice(list(b.server.boxes) or ["postmaster@" + domains[0]])}))
        else:
            b.add(plan.Probe(at, "verify", rng.choice(scanners), {"users": ["root", "admin"]}))


def cron(b, a_day=1, user="root", to=None):
    """Reports that programs of the server send to its administrator."""
    rng = b.rng("cron")
    to = to or next(iter(b.server.boxes), f"postmaster@{b.server.domains[0]}")
    at = b.start // DAY * DAY + 6 * HOUR + 25 * MINUTE
    while at < b.end:
        if at > b.start:
            message = b.letter(rng, f"root@{b.server.domains[0]}", [to],
                               subject=f"Cron <root@{b.server.host}> run-parts",
                               domain=b.server.host, size=rng.randint(600, 4000))
            b.add(plan.Run(at + rng.uniform(1, 40), user, message))
        at += DAY / a_day


def daily_life(b, letters=18, arrivals=16, noise_a_day=34, logins=6):
    """All of the above in the measure of a small company."""
    v = b.volume
    outgoing(b, letters * v)
    incoming(b, arrivals * v)
    internet(b, noise_a_day * v)
    if b.server.options.get("dovecot_lines", True):
        imap(b, logins)
    if b.rng("has-cron").random() < 0.6:
        cron(b)


def rng_for(b, word):
    return random.Random(f"{b.seed}/{word}/{len(b.actions)}")
