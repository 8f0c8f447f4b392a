"""What goes wrong. Each function adds an incident to a scenario, and what is true of it."""
import build
import noise
import plan
import servers
from build import DAY, HOUR, MINUTE


def when(b, rng, low=0.35, high=0.85):
    return b.start + (b.end - b.start) * rng.uniform(low, high)


def spread(rng, begin, count, seconds):
    """@return count times from begin on, as a program paces them"""
    step = seconds / max(1, count)
    return [begin + step * (n + rng.uniform(-0.3, 0.3)) for n in range(count)]


def get_listed(b, rng, begin, chance=0.5):
    """Public lists react some time after the incident began, and stay."""
    if rng.random() < chance:
        at = begin + rng.uniform(0.5, 6) * HOUR
        b.listed.append((at, b.end + DAY))
        b.notes.append(f"listed from {at:.0f} on")


def account(b):
    """Strangers have somebody's password."""
    rng = b.rng("account")
    s = b.server
    victim = rng.choice(list(s.people.values()))
    lot = "account"
    manner = rng.choice(("burst", "burst", "slow", "waves", "test_first"))
    hosts = rng.choice((1, 1, 2, 4, 12, 30, 60))
    sources = b.bots(hosts, max(1, hosts // 2)) if hosts > 2 else [b.network("hosting").host() for _ in range(hosts)]
    own_sender = rng.random() < 0.55
    unknown = rng.choice((0.0, 0.02, 0.06, 0.15, 0.3))
    per_message = rng.choice((1, 1, 1, 4, 10, 20))
    total = b.some(120, 420, rng) if per_message < 5 else b.some(400, 1100, rng)
    addresses = b.list_of_strangers(total, unknown)
    letters = [addresses[i:i + per_message] for i in range(0, total, per_message)]
    begin = when(b, rng)
    seconds = {"burst": rng.uniform(8, 60) * MINUTE, "slow": rng.uniform(16, 40) * HOUR, "waves": rng.uniform(2,
                                                                                                              9) * HOUR,
               "test_first": rng.uniform(10, 90) * MINUTE}[manner]
    if manner == "test_first":
        probe = begin - rng.uniform(0.2, 2) * DAY
        to = b.person_elsewhere(1.0)
        b.add(theft(b, rng, max(probe, b.start + HOUR), victim, sources[0], [to], lot, True, "test"))
    seconds = min(seconds, (b.end - begin) * 0.9)
    size, subject = rng.randint(1200, 14000), rng.choice(build.SPAM_SUBJECTS)
    if rng.random() < 0.5:      # the password was guessed before
        for at in spread(rng, begin - rng.uniform(0.1, 1.5) * DAY, rng.randint(10, 60), 2 * HOUR):
            if at > b.start:
                b.add(plan.Probe(at, "guess", rng.choice(sources), {"tries": [(victim.login,
                                                                               rng.choice(noise.PASSWORDS))],
                                                                    "port": s.options.get("submit", 587)}))
    helo = rng.choice(("[127.0.0.1]", "User", "WIN-" + b.names.word().upper(), "localhost"))
    times = spread(rng, begin, len(letters), seconds)
    if manner == "waves":
        times = sorted(begin + rng.choice((0, 1, 2)) * seconds / 3 + rng.uniform(0, seconds / 12) for _ in letters)
    spam = rng.choice((20, 50, 80, 95))
    for number, (at, some) in enumerate(zip(times, letters)):
        b.add(theft(b, rng, at, victim, sources[number % hosts] if rng.random() < 0.7 else rng.choice(sources), some,
                    lot,
                    own_sender, subject, size + rng.randint(-60, 60), helo, spam))
    get_listed(b, rng, begin)
    b.cause("compromised_account", [victim.login, victim.address], lot,
            notes=f"{manner}, {hosts} hosts, unknown {unknown}")


def theft(b, rng, at, victim, source, recipients, lot, own_sender, subject, size=2000, helo="[127.0.0.1]", spam=60):
    sender = victim.address if own_sender else f"{b.names.local_part()}@{rng.choice(b.strangers)}"
    message = b.letter(rng, sender, recipients, lot, spam, size, subject)
    return plan.Visit(at, source, [message], helo, b.server.options.get("submit", 587), rng.random() < 0.6,
                      (victim.login, victim.password, rng.choice(("LOGIN", "PLAIN"))), rng.random() < 0.7, retries=())


def script(b):
    """Somebody has put a script into a web site."""
    rng = b.rng("script")
    s = b.server
    user = rng.choice(s.users)
    folder = f"/var/www/{user}/html/" + rng.choice(("wp-content/uploads/2024/03", "wp-includes/css", "images",
                                                    "tmp/.cache"))
    lot = "script"
    total = b.some(150, 450, rng)
    addresses = b.list_of_strangers(total, rng.choice((0.03, 0.1, 0.3)))
    begin = when(b, rng)
    seconds = min(rng.choice((20 * MINUTE, 2 * HOUR, 20 * HOUR)), (b.end - begin) * 0.9)
    sender = rng.choice((None, f"{b.names.local_part()}@{s.domains[0]}", f"info@{rng.choice(b.strangers)}"))
    subject, spam = rng.choice(build.SPAM_SUBJECTS), rng.choice((40, 70, 95))
    for at, to in zip(spread(rng, begin, total, seconds), addresses):
        b.add(servers.web_letter(b, rng, at, user, s.domains[0], to, lot, spam, sender, folder,
                                 size=rng.randint(1200, 5000), subject=subject))
    get_listed(b, rng, begin)
    subjects = [user]
    if b.mta == "exim" and b.server.options.get("logs_cwd"):
        subjects = [folder, user]
    b.cause("script", subjects, lot)


def open_relay(b):
    """The server relays for strangers: a network too wide, or a rule that lets all in."""
    rng = b.rng("relay")
    s = b.server
    begin = when(b, rng, 0.3, 0.7)
    clients = rng.choice((1, 1, 2, 3, 6))
    sources = [b.network("hosting").host() for _ in range(clients)]
    for at in spread(rng, begin - rng.uniform(0.2, 1.5) * DAY, rng.randint(3, 9), 20 * HOUR):
        if b.start < at < begin:        # they asked before, in vain
            b.add(plan.Probe(at, "relay_try", rng.choice(sources), {
                "sender": f"{b.names.local_part()}@{s.domains[0]}", "recipient": f"{b.names.local_part()}@gmail.com"}))
    opening = {"mynetworks": [*s.mynetworks, *(f"{a.rsplit('.', 2)[0]}.0.0/16" for a in sources)]}

    def widen(runner):
        runner.server.mynetworks = opening["mynetworks"]
        runner.mta.reload()
    b.add(plan.Do(begin - rng.uniform(1, 4) * HOUR, widen))
    lot = "relay"
    total, per_message = b.some(150, 500, rng), rng.choice((1, 1, 5, 15))
    addresses = b.list_of_strangers(total, rng.choice((0.05, 0.2, 0.35)))
    letters = [addresses[i:i + per_message] for i in range(0, total, per_message)]
    seconds = min(rng.choice((30 * MINUTE, 3 * HOUR, 20 * HOUR)), (b.end - begin) * 0.9)
    main = sources[0]
    for number, (at, some) in enumerate(zip(spread(rng, begin, len(letters), seconds), letters)):
        source = main if rng.random() < 0.6 else rng.choice(sources)
        sender = f"{b.names.local_part()}@{rng.choice(b.strangers) if number % 3 else b.names.domain()}"
        message = b.letter(rng, sender, some, lot, 80, rng.randint(1500, 6000), rng.choice(build.SPAM_SUBJECTS))
        b.add(plan.Visit(at, source, [message], rng.choice(("ylmf-pc", "win-" + b.names.word(), f"[{source}]")),
                         polite=rng.random() < 0.7, retries=()))
    get_listed(b, rng, begin)
    b.cause("open_relay", [main, *(("*",) if clients > 1 else ())], lot, notes=f"{clients} clients")


KINDS = {"account": account, "script": script, "open_relay": open_relay}
