"""Server types: what kind of house a server stands in, who uses it, what its days are like."""
import habits
import plan


def _base(b, domains=1, **options):
    rng = b.rng("server")
    own = [b.names.domain(tld=rng.choice(("de", "com", "net", "fr", "org", "eu"))) for _ in range(domains)]
    host = f"{rng.choice(('mail', 'mx', 'smtp', 'server1', 'srv', 'mail2'))}.{own[0]}"
    ip = b.names.host(b.names.network(24))
    b.place(ip, host)
    server = plan.Server(b.mta, b.kind, host, ip, own, options=options)
    server.options["tls_loglevel"] = rng.choice((0, 1, 1))
    for domain in own:
        b.zone.mx[domain] = [(10, host)]
        b.zone.forward.setdefault(domain, []).append(ip)
    b.server = server
    return server


def company(b):
    """One company: some people, an office, nothing special."""
    s = _base(b, b.rng("n").choice((1, 1, 2)))
    s.delivery = b.rng("delivery").choice(("virtual", "lmtp")) if b.mta == "postfix" else "virtual"
    habits.people(b, s, b.rng("n2").randint(5, 14))
    s.aliases[f"info@{s.domains[0]}"] = [next(iter(s.people.values())).address]
    s.aliases[f"postmaster@{s.domains[0]}"] = [next(iter(s.people.values())).address]
    habits.daily_life(b)
    return s


def hoster(b):
    """A hoster: customers' domains, web sites whose scripts send mail."""
    rng = b.rng("hoster")
    s = _base(b, rng.randint(4, 8))
    s.users = [f"web{n}" for n in rng.sample(range(1, 60), rng.randint(3, 6))]
    if rng.random() < 0.5:
        s.users.append("www-data")
    for domain in s.domains:
        habits.people(b, s, rng.randint(1, 4), domain)
    s.options["offices"] = []
    habits.daily_life(b, letters=14, arrivals=20)
    web_mail(b, rng)
    return s


def web_mail(b, rng, a_day=7):
    """Shops and forms of the web sites: orders, contact forms, password letters."""
    s = b.server
    for number, user in enumerate(s.users):
        domain = s.domains[number % len(s.domains)]
        owner = next((p.address for p in s.people.values() if p.address.endswith("@" + domain)), f"info@{domain}")
        for at in b.any_times(rng, a_day * rng.uniform(0.3, 1.2)):
            customer = b.person_elsewhere(0.7)
            to = owner if rng.random() < 0.5 else customer
            b.add(web_letter(b, rng, at, user, domain, to))


WEB_SUBJECTS = ("Your order", "New message from the contact form", "Reset your password", "Order confirmation",
                "Welcome")


def web_letter(b, rng, at, user, domain, to, lot="", spam=2, sender=None, folder=None, **more):
    message = b.letter(rng, sender or f"{user}@{b.server.domains[0]}", [to], lot, spam,
                       more.pop("size", None) or rng.randint(700, 9000),
                       more.pop("subject", None) or rng.choice(WEB_SUBJECTS),
                       domain=b.server.host, header_from=f"wordpress@{domain}", header_to=to, **more)
    return plan.Run(at, user, message, folder or f"/var/www/{user}/html", ("-t",),
                    sender if sender is not None else "")


KINDS = {"company": company, "hoster": hoster}
