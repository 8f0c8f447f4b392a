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
    _refuses(b, rng, server)
    return server


def _refuses(b, rng, s):
    """What the server itself refuses: clients that public lists have, senders of domains that do not exist."""
    if rng.random() < 0.4:
        if b.mta == "postfix":
            s.options.setdefault("main", {})["smtpd_recipient_restrictions"] = (
                "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination, "
                "reject_unknown_sender_domain, reject_rbl_client zen.spamhaus.org")
        elif b.mta == "exim":
            s.options["acl_rcpt_lists"] = ("  deny message = $sender_host_address is listed at $dnslist_domain\n"
                                           "       dnslists = zen.spamhaus.org")
    if rng.random() < 0.3 and b.mta == "postfix":
        s.options.setdefault("main", {}).update(LIMITS)
    s.options["limit"] = rng.random() < 0.35


# what anvil(8) counts by client; a house that has set it finds its lines in the log
LIMITS = {"smtpd_client_message_rate_limit": "25", "anvil_rate_time_unit": "60s"}
# cPanel's hourly limit for each account, in its words
LIMIT_ACL = """  warn ratelimit = {most} / 1h / strict / $sender_ident
       condition = ${{if !eq{{$sender_ident}}{{root}}}}
       set acl_m_over = ${{sg{{$sender_rate}}{{[.].*}}{{}}}}
"""
LIMIT_ROUTER = """enforce_mail_permissions:
  driver = redirect
  domains = ! +local_domains
  condition = ${{if def:acl_m_over}}
  allow_fail
  data = ":fail: Domain $sender_address_domain has exceeded the max emails per hour \
    ($acl_m_over/{most} (${{eval:$acl_m_over*100/{most}}}%)) allowed.  Message discarded."
"""


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
    s.options["offices"] = []
    s.options["php_log"] = rng.choice(("", "", "file", "syslog"))
    for domain in s.domains:
        habits.people(b, s, rng.randint(1, 4), domain)
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


def note_php(b, rng, at, user, domain, to, script):
    """PHP's own record of who called mail(), for houses that keep it (mail.log in php.ini)."""
    script = script or web_root(b, user) + "/wp-includes/PHPMailer/PHPMailer.php"
    b.add(plan.Php(at, user, script, rng.randint(3, 900) if script.endswith("PHPMailer.php") else 3, to,
                   f"From: wordpress@{domain}\\r\\nX-Mailer: PHP"))


def web_root(b, user):
    return b.server.options.get("homes", {}).get(user, f"/var/www/{user}") + (
        "/public_html" if "homes" in b.server.options else "/html")


def web_letter(b, rng, at, user, domain, to, lot="", spam=2, sender=None, folder=None, **more):
    if b.server.options.get("php_log") and folder is None:
        note_php(b, rng, at, user, domain, to, None)
    message = b.letter(rng, sender or f"{user}@{b.server.domains[0]}", [to], lot, spam,
                       more.pop("size", None) or rng.randint(700, 9000),
                       more.pop("subject", None) or rng.choice(WEB_SUBJECTS),
                       domain=b.server.host, header_from=f"wordpress@{domain}", header_to=to, **more)
    return plan.Run(at, user, message, folder or web_root(b, user), ("-t",),
                    sender if sender is not None else "")


KINDS = {"company": company, "hoster": hoster}


def webmail(b):
    """A company that writes by Roundcube on the same machine."""
    rng = b.rng("webmail")
    s = _base(b)
    s.options.update({"webmail": rng.uniform(0.6, 0.95), "webmail_login": rng.random() < 0.6,
                      "webmail_host": rng.choice(("localhost", s.domains[0], "webmail." + s.domains[0]))})
    s.delivery = "lmtp" if b.mta == "postfix" else "virtual"
    habits.people(b, s, rng.randint(8, 16))
    habits.daily_life(b, letters=20)
    return s


def docker(b):
    """A container: behind the userland proxy all the world has the gateway's address."""
    rng = b.rng("docker")
    s = _base(b)
    s.options["log_host"] = rng.choice((f"{rng.getrandbits(48):012x}", f"{rng.getrandbits(48):012x}", "mail"))
    b.gateway = rng.choice(("172.17.0.1", "172.18.0.1", "172.22.1.1", "192.168.203.1"))
    s.delivery = "lmtp" if b.mta == "postfix" else "virtual"
    habits.people(b, s, rng.randint(4, 10))
    habits.daily_life(b)
    b.heads = ("docker_stamps", "docker_plain", "rfc3164", "docker_stamps")
    return s


def gateway(b):
    """Postfix with a filter after its queue (amavis): each message passes twice."""
    rng = b.rng("gateway")
    s = _base(b, rng.choice((1, 2)))
    s.options["main"] = {"content_filter": "smtp-amavis:[127.0.0.1]:10024"}
    s.options["master"] = ("smtp-amavis unix - - n - 2 smtp\n  -o smtp_send_xforward_command=yes\n"
                           "  -o disable_dns_lookups=yes\n  -o max_use=20\n"
                           "127.0.0.1:10025 inet n - n - - smtpd\n  -o content_filter=\n"
                           "  -o smtpd_relay_restrictions=permit_mynetworks,reject\n  -o mynetworks=127.0.0.0/8\n"
                           "  -o smtpd_authorized_xforward_hosts=127.0.0.0/8\n"
                           + rng.choice(("", "  -o syslog_name=postfix/10025\n")))
    import filters
    b.services.append(filters.Amavis(rng.random() < 0.8))
    s.delivery = rng.choice(("lmtp", "virtual"))
    habits.people(b, s, rng.randint(6, 12))
    habits.daily_life(b, letters=14, arrivals=14)
    return s


def university(b):
    """Mailing lists, many people, their own programs on public addresses of the house."""
    rng = b.rng("university")
    s = _base(b)
    net = b.network("access", 24)
    s.options["offices"] = [net]
    habits.people(b, s, rng.randint(18, 30))
    habits.daily_life(b, letters=22, arrivals=22)
    for number in range(rng.randint(1, 3)):
        mailing_list(b, rng, f"{rng.choice(('staff', 'students', 'seminar', 'alumni', 'board'))}{number}")
    return s


def mailing_list(b, rng, name):
    """Mailman on the same machine: a post comes in, and goes out to all members over 127.0.0.1."""
    s = b.server
    domain = s.domains[0]
    members = b.list_of_strangers(rng.randint(25, 70), 0.01, 0.5)
    s.boxes[f"{name}@{domain}"] = "ok"
    s.boxes[f"{name}-bounces@{domain}"] = "ok"
    for at in b.office_times(rng, rng.uniform(0.4, 1.6)):
        author = rng.choice(members)
        poster, helo = b.sending_host(rng.choice(b.strangers))
        subject, size = f"[{name}] Re: agenda", rng.randint(2000, 20000)
        b.add(plan.Visit(at, poster, [b.letter(rng, author, [f"{name}@{domain}"], size=size, subject=subject)], helo,
                         25))
        copies = [b.letter(rng, f"{name}-bounces@{domain}", members[i:i + 20], "list", 1, size, subject)
                  for i in range(0, len(members), 20)]
        b.add(plan.Visit(at + rng.uniform(3, 20), "127.0.0.1", copies, s.host, 25, retries=()))


def smarthost(b):
    """A provider's smarthost: the mail servers of customers send through it, by address or by login."""
    rng = b.rng("smarthost")
    s = _base(b)
    habits.people(b, s, 3)
    habits.daily_life(b, letters=4, arrivals=8)
    s.options["customers"] = []
    for number in range(rng.randint(4, 8)):
        customer(b, rng, b.names.domain(), by_login=rng.random() < 0.35, a_day=rng.uniform(4, 14) * b.volume)
    return s


def customer(b, rng, domain, by_login=False, a_day=8.0):
    """A customer's server and what its people write."""
    s = b.server
    address = b.place(b.names.host(b.names.network(24)), f"{rng.choice(('mail', 'srv', 'exchange', 'mx'))}.{domain}")
    b.zone.mx[domain] = [(10, b.zone.reverse[address])]
    login = ()
    if by_login:
        name = domain.partition(".")[0]
        person = plan.Person(name if b.mta == "sendmail" else f"{name}@{s.domains[0]}", f"{name}@{s.domains[0]}",
                             habits.build.password(rng), [(address, 1.0)],
                             contacts=[b.person_elsewhere() for _ in range(6)])
        s.people[person.login] = person
        if b.mta == "sendmail":
            s.boxes[person.address] = "ok"
        login = (person.login, person.password, "LOGIN")
    else:
        s.mynetworks = [*s.mynetworks, address]
    s.options.setdefault("customers", []).append((domain, address, login))
    writers = [b.names.address(domain) for _ in range(rng.randint(3, 9))]
    contacts = [b.person_elsewhere(0.4) for _ in range(40)]
    for at in b.office_times(rng, a_day):
        message = b.letter(rng, rng.choice(writers), rng.sample(contacts, rng.choice((1, 1, 1, 2, 3))), "customer")
        b.add(plan.Visit(at, address, [message], b.zone.reverse[address],
                         s.options.get("submit", 587) if login else 25, True, login))
    return address


def backup_mx(b):
    """Second exchanger of other domains: takes their mail while the first one is away, and hands it on."""
    rng = b.rng("backup")
    s = _base(b)
    habits.people(b, s, rng.randint(3, 6))
    habits.daily_life(b, letters=8, arrivals=8)
    for _ in range(rng.randint(1, 3)):
        behind(b, rng, b.names.domain(), rng.uniform(6, 16) * b.volume)
    return s


def behind(b, rng, domain, a_day, style=None, knows_all=True):
    """A domain whose own server stands behind this one. @return the people it knows"""
    style = style or rng.choice(("exchange", "postfix", "exim", "barracuda"))
    one = b._sink(f"mail.{domain}", style, False, 0, 0.05)
    address = next(a for a, r in b.sinks.items() if r is one)
    b.zone.mx[domain] = [(10, f"mail.{domain}"), (20, b.server.host)]
    b.server.relay_domains[domain] = address
    known = [b.names.address(domain) for _ in range(rng.randint(5, 12))]
    if not knows_all:
        one.knows = set(known)
    for at in b.any_times(rng, a_day):
        if rng.random() < 0.5:
            b.add(habits.spam_visit(b, rng, at, [rng.choice(known)]))
        else:
            sender, helo = b.sending_host(rng.choice(b.strangers))
            message = b.letter(rng, b.names.address(rng.choice(b.strangers)), [rng.choice(known)])
            b.add(plan.Visit(at, sender, [message], helo, 25, rng.random() < 0.7))
    return known


def home(b):
    """At home: a few people, all mail goes out through the provider's smarthost."""
    rng = b.rng("home")
    s = _base(b)
    provider = b.names.domain(tld="net")
    smart = b._sink(f"smtp.{provider}", "postfix", False, 0.4, 0.5)
    s.smarthost = f"smtp.{provider}"
    smart.domain, smart.relays = provider, True
    b.smart_host = next((a, smart.mx) for a, r in b.sinks.items() if r is smart)
    habits.people(b, s, rng.randint(2, 5))
    habits.daily_life(b, letters=8, arrivals=10, noise_a_day=20)
    s.options["inside_net"] = "192.168.178.0/24"
    return s


def cpanel(b):
    """Exim as cPanel sets it up: arguments and folders in the log, accounts with web sites."""
    rng = b.rng("cpanel")
    s = _base(b, rng.randint(5, 9))
    s.users = [b.names.word(2, 3)[:8] for _ in range(rng.randint(3, 6))]
    s.options.update({"logs_cwd": True, "offices": [], "auth": "dovecot_",
                      "log_selector": "+arguments +received_recipients +subject +incoming_port "
                                      "+smtp_confirmation -queue_run +tls_cipher"})
    s.options["homes"] = {user: f"/home/{user}" for user in s.users}
    if s.options["limit"]:
        most = rng.choice((40, 60, 100))
        s.options["acl_local"] = LIMIT_ACL.format(most=most)
        s.options["routers_first"] = LIMIT_ROUTER.format(most=most)
    for domain in s.domains:
        habits.people(b, s, rng.randint(1, 3), domain)
    habits.daily_life(b, letters=12, arrivals=18)
    web_mail(b, rng)
    return s


KINDS.update({"webmail": webmail, "docker": docker, "gateway": gateway, "university": university,
              "smarthost": smarthost,
              "backup_mx": backup_mx, "home": home, "cpanel": cpanel})
ONLY = {"gateway": ("postfix",), "cpanel": ("exim",), "webmail": ("postfix", "sendmail", "opensmtpd"),
        "docker": ("postfix",)}
