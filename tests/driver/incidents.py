"""What goes wrong. Each function adds an incident to a scenario, and what is true of it."""
import build
import habits
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
    if b.by_web is None:        # thieves use the web mail where there is one, or do not know of it
        b.by_web = bool(b.server.options.get("webmail")) and b.rng("by-web").random() < 0.6
    if b.by_web:
        return habits.through_web(b, rng, at, victim, message, source)
    return plan.Visit(at, source, [message], helo, b.server.options.get("submit", 587), rng.random() < 0.6,
                      (victim.login, victim.password, rng.choice(("LOGIN", "PLAIN"))), rng.random() < 0.7, retries=())


def script(b):
    """Somebody has put a script into a web site."""
    rng = b.rng("script")
    s = b.server
    user = rng.choice(s.users)
    folder = servers.web_root(b, user) + rng.choice(("/wp-content/uploads/2024/03", "/wp-includes/css", "/images",
                                                     "/tmp/.cache"))
    path = folder + rng.choice(("/cache.php", "/wp-xmlrpc2.php", "/up.php", "/about.php"))
    lot = "script"
    total = b.some(150, 450, rng)
    addresses = b.list_of_strangers(total, rng.choice((0.03, 0.1, 0.3)))
    begin = when(b, rng)
    seconds = min(rng.choice((20 * MINUTE, 2 * HOUR, 20 * HOUR)), (b.end - begin) * 0.9)
    sender = rng.choice((None, f"{b.names.local_part()}@{s.domains[0]}", f"info@{rng.choice(b.strangers)}"))
    subject, spam = rng.choice(build.SPAM_SUBJECTS), rng.choice((40, 70, 95))
    for at, to in zip(spread(rng, begin, total, seconds), addresses):
        if s.options.get("php_log"):
            servers.note_php(b, rng, at, user, s.domains[0], to, path)
        b.add(servers.web_letter(b, rng, at, user, s.domains[0], to, lot, spam, sender, folder,
                                 size=rng.randint(1200, 5000), subject=subject))
    get_listed(b, rng, begin)
    subjects = [user]
    if b.mta == "exim" and b.server.options.get("logs_cwd"):
        subjects = [folder, user]
    if s.options.get("php_log"):
        subjects = [path, folder, user]
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
    addresses = b.list_of_strangers(total, rng.choice((0.05, 0.2, 0.35)), domains=getattr(b, "only_domains", None))
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


def infected(b):
    """A machine inside, which the server trusts, is somebody else's now."""
    rng = b.rng("infected")
    s = b.server
    manner = "customer" if s.options.get("customers") and rng.random() < 0.7 else "pc"
    begin = when(b, rng)
    also = []
    if manner == "customer":
        domain, source, login = rng.choice(s.options["customers"])
        helo, senders = b.zone.reverse[source], [b.names.address(domain) for _ in range(3)]
        if login:
            also = [("compromised_account", [login[0]])]
        also.append(("open_relay", [source]))
    else:
        net = s.options.get("inside_net") or rng.choice(("10.20.0.0/24", "192.168.1.0/24", "172.20.5.0/24"))
        s.mynetworks = [*s.mynetworks, net]
        prefix = net.rsplit(".", 1)[0]
        source, login = f"{prefix}.{rng.randint(20, 240)}", ()
        helo, senders = rng.choice(("PC-" + b.names.word().upper(), "localhost", f"[{source}]")), []
        inside_life(b, rng, prefix, source)
    lot = "infected"
    if manner == "pc" and b.kind == "university" and rng.random() < 0.6:
        # the house has public addresses for all; its administrator says so
        net = b.network("access", 24)
        s.mynetworks = [*s.mynetworks[:-1], str(net.net)]
        source = net.host()
        b.diagnose_options = ["--mynetworks", f"127.0.0.0/8,{net.net}"]
    total = b.some(150, 450, rng)
    addresses = b.list_of_strangers(total, rng.choice((0.02, 0.1, 0.25, 0.4)))
    seconds = min(rng.choice((25 * MINUTE, 3 * HOUR, 24 * HOUR)), (b.end - begin) * 0.9)
    subject, spam = rng.choice(build.SPAM_SUBJECTS), rng.choice((30, 60, 95))
    forged = rng.random() < 0.6
    for at, to in zip(spread(rng, begin, total, seconds), addresses):
        if forged or not (senders or s.people):
            sender = f"{b.names.local_part()}@{rng.choice(b.strangers)}"
        else:
            sender = rng.choice(senders or [p.address for p in s.people.values()][:3])
        message = b.letter(rng, sender, [to], lot, spam, rng.randint(1500, 7000), subject)
        b.add(plan.Visit(at, source, [message], helo, s.options.get("submit", 587) if login else 25, False, login,
                         rng.random() < 0.7, ()))
    get_listed(b, rng, begin)
    b.cause("infected_client", [source], lot, also=also, notes=manner)


def inside_life(b, rng, prefix, source):
    """What else stands in the office: a scanner, sometimes a program of the sick machine's owner."""
    s = b.server
    scanner = f"{prefix}.{rng.randint(241, 250)}"
    domain = s.domains[0]
    boxes = [a for a in s.boxes if a.endswith("@" + domain)] or [f"postmaster@{domain}"]
    for at in b.office_times(rng, 3):
        message = b.letter(rng, f"scanner@{domain}", [rng.choice(boxes)], "", 1, rng.randint(40000, 300000),
                           "Scan from MFP")
        b.add(plan.Visit(at, scanner, [message], "MFP", retries=()))
    if rng.random() < 0.5:
        for at in b.office_times(rng, 4):
            message = b.letter(rng, rng.choice(boxes), [b.person_elsewhere()])
            b.add(plan.Visit(at, source, [message], "PC-17", retries=()))


def forwarding(b):
    """Spam comes in for an address that leads outside, and goes on to a large receiver."""
    rng = b.rng("forwarding")
    s = b.server
    domain = s.domains[0]
    target_domain = rng.choices(("gmail.com", "hotmail.com", "yahoo.com", "gmx.de", "web.de", "icloud.com"),
                                (6, 2, 2, 2, 1, 1))[0]
    target = b.names.address(target_domain)
    lot = "forward"
    catch_all = rng.random() < 0.25 and b.mta in ("postfix", "exim")
    if catch_all:
        domain = b.names.domain()
        s.domains.append(domain)
        b.zone.mx[domain] = [(10, s.host)]
        if b.mta == "postfix":
            s.options.setdefault("alias_domains", []).append(domain)
        s.aliases[f"@{domain}" if b.mta == "postfix" else f"*@{domain}"] = [target]
        users = [f"{name}@{domain}" for name in (*noise.USERS[:14], *(b.names.local_part() for _ in range(20)))]
        subjects = [f"@{domain}", f"*@{domain}", domain]
    else:
        address = f"{b.names.person({p.partition('@')[0] for p in s.boxes})}@{domain}"
        if b.mta == "sendmail" and rng.random() < 0.6:
            s.boxes[address] = "ok"
            name = address.partition("@")[0]
            s.options.setdefault("forward_files", {})[name] = rng.choice((f"{target}\n", f"\\{name}, {target}\n"))
        else:
            s.aliases[address] = [target]
        users = [address]
        subjects = [address, address.partition("@")[0]]
    total = b.some(120, 380, rng)
    many_days = rng.random() < 0.6
    begin = b.start + rng.uniform(0, 12) * HOUR if many_days else when(b, rng)
    seconds = (b.end - begin) * 0.95 if many_days else min(rng.uniform(3, 20) * HOUR, (b.end - begin) * 0.9)
    honest = rng.uniform(0.05, 0.5)
    for at in spread(rng, begin, total, seconds):
        if rng.random() < honest:
            stranger = rng.choice(b.strangers)
            sender, helo = b.sending_host(stranger)
            message = b.letter(rng, b.names.address(stranger), [rng.choice(users)], lot)
            b.add(plan.Visit(at, sender, [message], helo, 25, rng.random() < 0.7))
        else:
            b.add(habits.spam_visit(b, rng, at, [rng.choice(users)], lot, 95))
    for one in b.sinks.values():
        if getattr(one, "domain", "") == target_domain:
            one.catches = max(one.catches, 0.75)
            one.eager = min(one.eager, 0.25)    # it refuses the message long before it refuses the address
    if b.mta == "sendmail":
        subjects.append(target)     # at its usual log level it does not write who forwards
    # what the receiver refuses goes back to forged senders
    b.accepted_extra.append(("backscatter", [domain]))
    b.cause("forwarding", subjects, lot, notes=("catch-all" if catch_all else "one address") + f" to {target}")


def backscatter(b):
    """Mail for nobody is accepted first, refused by the server behind, and bounced to forged senders."""
    rng = b.rng("backscatter")
    s = b.server
    lot = "backscatter"
    begin = when(b, rng)
    total = b.some(150, 420, rng)
    manner = "lmtp" if s.delivery == "lmtp" and rng.random() < 0.6 else "behind"
    if b.mta == "exim" and rng.random() < 0.5 and not b.gateway:
        manner = "no_verify"
    if manner == "lmtp":
        domain = s.domains[-1]
        s.options["accept_all"] = domain
        s.options.setdefault("main", {})["virtual_mailbox_maps"] = "texthash:/etc/postfix/boxes, static:all"
    elif manner == "no_verify":
        domain = s.domains[-1]
        s.options["acl_rcpt_verify"] = f"  accept domains = {domain}\n  require verify = recipient"
    else:
        domain = b.names.domain()
        servers.behind(b, rng, domain, 6 * b.volume, rng.choice(("exchange", "postfix", "exim")), knows_all=False)
    forged = b.list_of_strangers(total, rng.choice((0.2, 0.35, 0.5)), 0.5)
    bots = b.bots(30)
    one_user = rng.random() < 0.2
    nobody = f"{b.names.local_part()}@{domain}"
    seconds = min(rng.choice((40 * MINUTE, 4 * HOUR, 30 * HOUR, 60 * HOUR)), (b.end - begin) * 0.9)
    for at, sender in zip(spread(rng, begin, total, seconds), forged):
        to = nobody if one_user else f"{b.names.local_part()}{rng.randint(1, 99)}@{domain}"
        source = rng.choice(bots)
        message = b.letter(rng, sender, [to], lot, 80, rng.randint(1500, 6000), rng.choice(build.SPAM_SUBJECTS))
        b.add(plan.Visit(at, source, [message], b.zone.reverse.get(source) or f"[{source}]", polite=rng.random() < 0.8,
                         retries=()))
    get_listed(b, rng, begin, 0.4)
    b.cause("backscatter", [domain, *((nobody,) if one_user else ())], lot, notes=manner)


def bulk(b):
    """A mailing of the house's own goes to a list that is years old or was bought."""
    rng = b.rng("bulk")
    s = b.server
    lot = "bulk"
    owner = rng.choice([p for p in s.people.values() if p.address.rpartition("@")[2] in s.domains])
    total = b.some(200, 600, rng)
    readers = b.list_of_strangers(total, rng.choice((0.15, 0.25, 0.35, 0.5)), 0.55)
    sender = rng.choice((owner.address, f"newsletter@{s.domains[0]}", f"info@{s.domains[0]}", f"aktion@{s.domains[0]}"))
    s.boxes.setdefault(sender, "ok")
    manner = rng.choice(("login", "login", "login_batches", "local", "bcc"))
    user = rng.choice(s.users) if s.users else ""
    if manner == "local" and not user:
        manner = "login"
    begin = when(b, rng)
    begin = begin // DAY * DAY + rng.uniform(8, 16) * HOUR
    if begin > b.end - 3 * HOUR or begin < b.start + 12 * HOUR:
        begin = (b.start + b.end) / 2
    seconds = min(rng.uniform(8, 150) * MINUTE, (b.end - begin) * 0.9)
    size, subject = rng.randint(12000, 90000), rng.choice(("Newsletter", "Our offers in spring", "Einladung", "News"))
    source = owner.sources[0][0]
    readers.sort()
    step = 25 if manner == "bcc" else 1
    letters = [readers[i:i + step] for i in range(0, total, step)]
    for at, some in zip(spread(rng, begin, len(letters), seconds), letters):
        if manner == "local":
            b.add(servers.web_letter(b, rng, at, user, s.domains[0], some[0], lot, 12, sender, size=size,
                                     subject=subject))
        else:
            b.add(habits.submit(b, rng, at, owner, some, lot, source, sender=sender, size=size, subject=subject,
                                spam=12))
    get_listed(b, rng, begin, 0.4)
    also = [("script", [user])] if manner == "local" else []
    if manner == "local" and s.options.get("logs_cwd"):
        also = [("script", [servers.web_root(b, user), user])]
    b.cause("bulk_mail", [sender], lot, also=also, notes=manner)


def contact_form(b):
    """A form that sends a copy to whoever is named in it: strangers fill it in for other strangers."""
    rng = b.rng("form")
    s = b.server
    lot = "form"
    user = rng.choice(s.users)
    domain = rng.choice(s.domains)
    owner = next((p.address for p in s.people.values() if p.address.endswith("@" + domain)), f"info@{s.domains[0]}")
    s.boxes.setdefault(owner, "ok")
    for at in b.office_times(rng, 3):       # what the form is for
        b.add(servers.web_letter(b, rng, at, user, domain, owner, subject="Contact form"))
        b.add(servers.web_letter(b, rng, at + 1, user, domain, b.person_elsewhere(0.7), subject="Copy of your message"))
    total = b.some(130, 350, rng)
    strangers = b.list_of_strangers(total, rng.choice((0.05, 0.15, 0.3)), 0.75)
    begin = when(b, rng)
    seconds = min(rng.choice((HOUR, 5 * HOUR, 26 * HOUR)), (b.end - begin) * 0.9)
    for at, to in zip(spread(rng, begin, total, seconds), strangers):
        b.add(servers.web_letter(b, rng, at, user, domain, owner, lot, 20, subject="Contact form"))
        b.add(servers.web_letter(b, rng, at + 0.4, user, domain, to, lot, 60, subject="Copy of your message"))
    get_listed(b, rng, begin, 0.4)
    root = servers.web_root(b, user)
    b.cause("script", [root, user] if s.options.get("logs_cwd") else [user], lot, notes="contact form")


def gateway_relay(b):
    """A container that takes its gateway for a friend: all the world comes from there, and may relay."""
    rng = b.rng("gateway-relay")
    s = b.server
    net = ".".join(b.gateway.split(".")[:2]) + ".0.0/16"
    lot = "relay"
    begin = b.start + 1 if rng.random() < 0.4 else when(b, rng, 0.2, 0.6)
    if begin == b.start + 1:
        s.mynetworks = [*s.mynetworks, net]
        begin = when(b, rng, 0.1, 0.6)
    else:
        def widen(runner):
            runner.server.mynetworks = [*runner.server.mynetworks, net]
            runner.mta.reload()
        b.add(plan.Do(begin - rng.uniform(0.5, 3) * HOUR, widen))
    total, per_message = b.some(160, 480, rng), rng.choice((1, 1, 4, 10))
    addresses = b.list_of_strangers(total, rng.choice((0.03, 0.15, 0.3)))
    letters = [addresses[i:i + per_message] for i in range(0, total, per_message)]
    seconds = min(rng.choice((HOUR, 6 * HOUR, 30 * HOUR)), (b.end - begin) * 0.9)
    for at, some in zip(spread(rng, begin, len(letters), seconds), letters):
        sender = f"{b.names.local_part()}@{rng.choice(b.strangers)}"
        message = b.letter(rng, sender, some, lot, 80, rng.randint(1500, 6000), rng.choice(build.SPAM_SUBJECTS))
        helo = rng.choice(("win-" + b.names.word(), "[127.0.0.1]", "User", b.names.domain()))
        b.add(plan.Visit(at, b.gateway, [message], helo, polite=rng.random() < 0.7, retries=()))
    get_listed(b, rng, begin)
    b.cause("open_relay", [b.gateway], lot, notes="through the gateway")


def account_and_bulk(b):
    """Two at once: a stolen password, and a mailing to an old list days before."""
    account(b)
    bulk(b)
    b.causes[1].explains_listing = False


def account_and_forwarding(b):
    account(b)
    forwarding(b)
    b.causes[1].explains_listing = False


def srs_relay(b):
    """The server turns SRS addresses of its own back without looking at their hash: whoever forges one may relay."""
    rng = b.rng("srs")
    s = b.server
    lot = "relay"
    domain = s.domains[0]
    s.options.setdefault("files", {})["srs"] = (
        f"/^SRS0=[^=]+=[^=]+=([^=]+)=([^@]+)@{domain.replace('.', '[.]')}$/ ${{2}}@${{1}}\n")
    s.options.setdefault("main", {})["virtual_alias_maps"] = (
        "texthash:/etc/postfix/aliases, regexp:/etc/postfix/srs")
    begin = when(b, rng, 0.3, 0.7)
    total = b.some(150, 400, rng)
    strangers = b.list_of_strangers(total, rng.choice((0.1, 0.25)), 0.6)
    clients = rng.choice((1, 1, 3))
    sources = [b.network("hosting").host() for _ in range(clients)]
    seconds = min(rng.choice((40 * MINUTE, 5 * HOUR)), (b.end - begin) * 0.9)
    for number, (at, to) in enumerate(zip(spread(rng, begin, total, seconds), strangers)):
        name, _, where = to.partition("@")
        forged = f"SRS0={rng.getrandbits(16):04x}={rng.choice('ABCDEFGH')}{rng.choice('23456')}={where}={name}@{domain}"
        message = b.letter(rng, f"{b.names.local_part()}@{rng.choice(b.strangers)}", [forged], lot, 80,
                           rng.randint(1500, 5000), rng.choice(build.SPAM_SUBJECTS))
        source = sources[0] if number % 5 or clients == 1 else rng.choice(sources)
        b.add(plan.Visit(at, source, [message], "win-" + b.names.word(), polite=rng.random() < 0.7, retries=()))
    get_listed(b, rng, begin)
    b.cause("open_relay", [sources[0], *(("*",) if clients > 1 else ())], lot, notes="by SRS addresses")


def one_domain(b):
    """A relay of which only the mailboxes of one receiver get anything."""
    b.only_domains = [b.rng("one").choice(("gmail.com", "hotmail.com", "yahoo.com", "orange.fr"))]
    open_relay(b)


KINDS = {"account": account, "script": script, "open_relay": open_relay, "infected": infected, "forwarding": forwarding,
         "backscatter": backscatter, "bulk": bulk, "contact_form": contact_form, "gateway_relay": gateway_relay,
         "account_and_bulk": account_and_bulk, "account_and_forwarding": account_and_forwarding,
         "one_domain": one_domain, "srs_relay": srs_relay}
WEIGHTS = {"account": 26, "script": 10, "open_relay": 9, "infected": 11, "forwarding": 12, "backscatter": 12,
           "bulk": 11,
           "contact_form": 6,
           "gateway_relay": 30, "account_and_bulk": 2, "account_and_forwarding": 2,
           "one_domain": 3, "srs_relay": 3}


def fits(b, name):
    s = b.server
    if b.gateway:
        return name in ("gateway_relay", "account", "bulk", "backscatter")
    if name == "gateway_relay" or name == "srs_relay" and b.mta != "postfix":
        return False
    if name in ("script", "contact_form"):
        return bool(s.users)
    if name in ("account", "bulk", "account_and_bulk"):
        return any(p.address.rpartition("@")[2] in s.domains for p in s.people.values())
    if s.smarthost and name in ("open_relay", "one_domain", "forwarding"):
        return False
    return True
