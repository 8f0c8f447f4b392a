# SPDX-License-Identifier: BSD-2-Clause
"""Normal life on the server. None of it is a cause."""

import names
from model import Client, Login, Mail, Rcpt, Refusal, Try

DAY = 86400


def hour_of(rng, hours):
    """Seconds into the day: most mail around the middle of the working hours."""
    first, last = hours
    return rng.triangular(first * 3600, last * 3600, (first + last) * 1800) % DAY


def msgid(rng, domain):
    return f"{rng.getrandbits(64):x}.{rng.randrange(10**6)}@{domain}"


def submit(world, user, at, rcpts, **more):
    """A message of a user, from where this user is."""
    rng = world.rng
    return Mail(at, more.pop("sender", user.address), rcpts, "login",
                more.pop("client", None) or user.client(world, at),
                user.login, user.method, user.service, size=int(rng.lognormvariate(9, 1.3)) + 600,
                msgid=msgid(rng, user.address.rpartition("@")[2]), subject=more.pop("subject", names.subject(rng)),
                **more)


def users(world, out):
    rng = world.rng
    for user in world.users:
        for day in range(0 if user.dormant else world.days):
            weekend = (int(world.begin // DAY) + day + 4) % 7 in (0, 6)
            count = min(60, int(rng.expovariate(1 / (user.per_day * (0.2 if weekend else 1))) + 0.5))
            for _ in range(count):
                at = world.begin + day * DAY + hour_of(rng, user.hours)
                known = rng.random() < 0.9
                to = [rng.choice(user.contacts) if known else world.someone()]
                while rng.random() < 0.25 and len(to) < 12:
                    to.append(rng.choice(user.contacts + [rng.choice(world.users).address]))
                to = list(dict.fromkeys(to))
                chance = 0 if known else 0.04
                out.append(submit(world, user, at, [world.to(a, user.address, at, unknown=chance) for a in to]))
            for _ in range(rng.randrange(0, 4)):
                at = world.begin + day * DAY + hour_of(rng, user.hours)
                client = user.client(world, at)
                if rng.random() < 0.08:
                    out.append(Login(at - 5, user.login, client, False, "imap"))
                out.append(Login(at, user.login, client, True, rng.choice(["imap", "imap", "pop3"])))


def inbound(world, out, per_day=60, junk=0.3):
    rng = world.rng
    for day in range(world.days):
        for _ in range(int(per_day * rng.uniform(0.6, 1.4))):
            at = world.begin + day * DAY + hour_of(rng, (6, 23))
            user = rng.choice(world.users)
            if rng.random() < junk:
                sender = world.stranger()
                if rng.random() < 0.4:
                    client = Client(world.nets.host4("198.51.100."), "unknown", rng.choice(["User", "ylmf-pc", "win"]))
                    kind = rng.choice(["blocklist", "relay", "unknown", "helo", "greylist"])
                    to = world.someone() if kind == "relay" else f"{names.local_part(rng)}@{world.own[0]}"
                    out.append(Refusal(at, client, sender, to, kind))
                    continue
            else:
                sender = rng.choice(user.contacts)
            client = world.outside_mta(sender.rpartition("@")[2])
            out.append(Mail(at, sender, [world.inward(user.address)], "client", client, service="smtp",
                            size=int(rng.lognormvariate(9.5, 1.2)) + 800,
                            msgid=msgid(rng, sender.rpartition("@")[2]), subject=names.subject(rng)))


def newsletter(world, out, how, size=None):
    """A well-kept list: few failures, one place, once or a few times. @param how login, www or program"""
    rng = world.rng
    domain = rng.choice(world.own)
    sender = rng.choice(["newsletter", "news", "aktuell", "info-mail"]) + f"@{domain}"
    size = size or rng.randrange(80, 500)
    readers = [world.someone() for _ in range(size)]
    client = Client(world.nets.host4(world.nets.net4()), "crm.saas.example", "crm.saas.example")
    issues = sorted(rng.sample(range(world.days), min(world.days, rng.choice([1, 1, 2]))))
    subject = f"News {rng.randrange(2, 60)}"
    for day in issues:
        begin = world.begin + day * DAY + rng.uniform(8, 16) * 3600
        for number, reader in enumerate(readers):
            at = begin + number * rng.uniform(0.5, 1.5) * 1.2
            if at >= world.end:
                break
            rcpts = [world.out(reader, sender, at, unknown=0.008, spam=0.002)]
            more = dict(size=18000 + number % 40, msgid=msgid(rng, domain), subject=subject)
            envelope = sender if how != "verp" else f"bounce-{reader.replace('@', '=')}@{domain}"
            if how == "login":
                out.append(Mail(at, envelope, rcpts, "login", client, sender, "LOGIN", "submission", **more))
            elif how == "program":
                out.append(Mail(at, envelope, rcpts, "client", Client("127.0.0.1", "localhost", "localhost"),
                                service="smtp", **more))
            else:
                out.append(Mail(at, envelope, rcpts, "local", user="www-data", uid=33, cwd="/var/www/news",
                                **more))


def mailman(world, out):
    """A discussion list: each post goes to all members, from its -bounces address, over the loopback."""
    rng = world.rng
    domain = rng.choice(world.own)
    name = rng.choice(["board", "choir", "club", "devel", "parents"])
    members = [world.someone() for _ in range(rng.randrange(15, 80))]
    for day in range(world.days):
        for _ in range(rng.randrange(0, 5)):
            at = world.begin + day * DAY + hour_of(rng, (8, 23))
            author = rng.choice(members)
            out.append(Mail(at, author, [Rcpt(f"{name}@{domain}", [Try(0.3, "sent", None, 250, "2.0.0",
                                                                       "delivered to command: "
                                                                       "/usr/lib/mailman/mail/mailman")], local=True)],
                            "client", world.outside_mta(author.rpartition("@")[2]), service="smtp",
                            msgid=msgid(rng, "list.example"), subject=names.subject(rng)))
            sender = f"{name}-bounces@{domain}"
            for first in range(0, len(members), 20):
                rcpts = [world.out(a, sender, at, unknown=0.004, spam=0.003) for a in members[first:first + 20]]
                out.append(Mail(at + 3 + first / 20, sender, rcpts, "client",
                                Client("127.0.0.1", "localhost", "localhost"),
                                service="smtp", msgid=msgid(rng, domain), subject=f"[{name}] Re: meeting", size=6000))


def cron(world, out):
    rng = world.rng
    admin = world.someone() if rng.random() < 0.4 else f"{rng.choice(world.users).address}"
    for day in range(world.days):
        for hour in rng.sample(range(24), 6):
            at = world.begin + day * DAY + hour * 3600 + rng.uniform(1, 20)
            rcpt = world.to(admin, f"root@{world.host}", at)
            rcpt.orig = f"root@{world.host}" if admin != f"root@{world.host}" else ""
            rcpt.forward = "alias" if rcpt.orig and not rcpt.local else ""
            out.append(Mail(at, f"root@{world.host}", [rcpt], "local", user="root", uid=0, cwd="/root",
                            msgid=msgid(rng, world.host), subject="Cron <root@mail> test -x /usr/sbin/anacron",
                            size=900))


def monitoring(world, out):
    """Alerts, now and then many in an hour, always to the same few."""
    rng = world.rng
    team = [world.someone() for _ in range(rng.randrange(1, 4))]
    for day in range(world.days):
        storms = [rng.uniform(0, DAY) for _ in range(rng.randrange(0, 3))]
        for storm in storms:
            for number in range(rng.randrange(2, 40)):
                at = world.begin + day * DAY + storm + number * rng.uniform(60, 300)
                if at >= world.end:
                    break
                sender = f"icinga@{world.host}"
                out.append(Mail(at, sender, [world.out(a, sender, at) for a in team], "local", user="nagios", uid=112,
                                cwd="/var/lib/nagios", msgid=msgid(rng, world.host),
                                subject="PROBLEM: disk is WARNING"))


def shop(world, out):
    """Orders: each to a new customer and to the shop itself."""
    rng = world.rng
    domain = rng.choice(world.own)
    sender, keeper = f"shop@{domain}", rng.choice(world.users).address
    envelope = sender if rng.random() < 0.5 else f"www-data@{world.host}"
    for day in range(world.days):
        for _ in range(rng.randrange(3, 50)):
            at = world.begin + day * DAY + hour_of(rng, (7, 24))
            for rcpt in (world.someone(0.6), keeper):
                out.append(Mail(at, envelope, [world.to(rcpt, envelope, at, unknown=0.015)], "local", user="www-data",
                                uid=33,
                                cwd="/var/www/shop/public", script="/var/www/shop/vendor/mailer/Sendmail.php",
                                script_line=118, msgid=msgid(rng, domain), subject=f"Your order "
                                f"{rng.randrange(10**5)}"))


def guessing(world, out):
    """Passwords are tried from many places for days; none is right."""
    rng = world.rng
    names_tried = [u.login for u in world.users] + ["admin", "test", "info@" + world.own[0], "postmaster", "sales"]
    for day in range(world.days):
        for _ in range(rng.randrange(30, 250)):
            at = world.begin + day * DAY + rng.uniform(0, DAY)
            client = Client(world.nets.host4(rng.choice(["198.51.100.", "203.0.113.", f"245.{rng.randrange(9)}.7."])),
                            "unknown",
                            "sasl_username=" + rng.choice(world.users).login if rng.random() < 0.05 else "User")
            out.append(Login(at, rng.choice(names_tried), client, False, rng.choice(["smtp", "smtp", "imap"])))


def forwarding(world, out, styles):
    """People who have their mail sent on to a free mailer; little of it is refused."""
    rng = world.rng
    for user in rng.sample(world.users, min(len(world.users), rng.randrange(1, 4))):
        away, style = world.someone(1), rng.choice(styles)
        for day in range(world.days):
            for _ in range(rng.randrange(1, 15)):
                at = world.begin + day * DAY + hour_of(rng, (6, 23))
                sender = rng.choice(user.contacts)
                rcpt = world.out(away, sender, at, spam=0.01)
                rcpt.orig, rcpt.forward = user.address, style
                out.append(Mail(at, sender, [rcpt], "client", world.outside_mta(sender.rpartition("@")[2]),
                                service="smtp",
                                msgid=msgid(rng, sender.rpartition("@")[2]), subject=names.subject(rng)))


def backup_mx(world, out):
    """We are the second mail server of a customer: strangers without login, but one place to go to."""
    rng = world.rng
    domain = names.domain(rng)
    world.domain(domain, "plain").grey = False
    world.domain(domain).dead = False
    boxes = [f"{names.local_part(rng)}@{domain}" for _ in range(12)]
    for day in range(world.days):
        for _ in range(rng.randrange(5, 40)):
            at = world.begin + day * DAY + rng.uniform(0, DAY)
            sender = world.someone()
            out.append(Mail(at, sender, [world.out(rng.choice(boxes), sender, at, unknown=0.03)], "client",
                            world.outside_mta(sender.rpartition("@")[2]), service="smtp",
                            msgid=msgid(rng, "out.example"), subject=names.subject(rng)))
    return domain


def office_printer(world, out):
    """A device inside that scans to mail, without login, to our own people and a few others."""
    rng = world.rng
    net = f"192.168.{rng.randrange(1, 200)}."
    device = Client(f"{net}{rng.randrange(20, 60)}", "unknown", "SCANNER")
    sender = f"scanner@{world.own[0]}"
    for day in range(world.days):
        for _ in range(rng.randrange(0, 15)):
            at = world.begin + day * DAY + hour_of(rng, (8, 18))
            to = rng.choice(world.users).address if rng.random() < 0.8 else rng.choice(world.users[0].contacts)
            out.append(Mail(at, sender, [world.to(to, sender, at)], "client", device, service="smtp", size=400000,
                            msgid=msgid(rng, world.own[0]), subject="Scan"))
    return net


def sales(world, out):
    """One of us writes to many customers one by one, from where this user always is; some addresses are old."""
    rng = world.rng
    user = rng.choice([u for u in world.users if not u.dormant] or world.users)
    day, client = rng.randrange(world.days), None
    old = rng.uniform(0.01, 0.05)
    for number in range(rng.randrange(40, 200)):
        at = world.begin + day * DAY + 9 * 3600 + number * rng.uniform(40, 140)
        if at >= world.end:
            break
        client = client or user.client(world, at)
        out.append(submit(world, user, at, [world.out(world.someone(0.2), user.address, at, unknown=old, spam=0.005)],
                          client=client))


def greetings(world, out):
    """A card to everybody known, in one message."""
    rng = world.rng
    user = rng.choice([u for u in world.users if not u.dormant] or world.users)
    at = world.begin + rng.randrange(world.days) * DAY + hour_of(rng, (8, 20))
    rcpts = [world.out(a, user.address, at, unknown=0.02) for a in
             dict.fromkeys(user.contacts + [world.someone() for _ in range(rng.randrange(20, 90))])]
    out.append(submit(world, user, at, rcpts, subject="Season's greetings"))


def away(world, out):
    """A vacation answer to people who do write to us: some a day."""
    rng = world.rng
    user = rng.choice(world.users)
    for day in range(world.days):
        for _ in range(rng.randrange(1, 9)):
            at, sender = world.begin + day * DAY + hour_of(rng, (7, 22)), rng.choice(user.contacts)
            out.append(Mail(at, sender, [world.inward(user.address)], "client",
                            world.outside_mta(sender.rpartition("@")[2]), service="smtp",
                            msgid=msgid(rng, sender.rpartition("@")[2]), subject=names.subject(rng)))
            out.append(Mail(at + rng.uniform(0.6, 1.6), "", [world.out(sender, "", at)], "local", user="vmail",
                            uid=5000, cwd="/var/vmail", msgid=msgid(rng, world.host), subject="Out of office",
                            answer_for=user.address))


def typing_errors(world, out):
    """Now and then mail for a user that does not exist is accepted and bounced, mostly to who wrote it."""
    rng = world.rng
    for day in range(world.days):
        for _ in range(rng.randrange(0, 4)):
            at, sender = world.begin + day * DAY + hour_of(rng, (6, 23)), world.someone()
            rcpt = Rcpt(f"{names.local_part(rng)}{rng.randrange(1000)}@{rng.choice(world.own)}",
                        [Try(0.2, "bounced", None, 550, "5.1.1", 'unknown user: "x"', "local")], local=True)
            out.append(Mail(at, sender, [rcpt], "client", world.outside_mta(sender.rpartition("@")[2]), service="smtp",
                            msgid=msgid(rng, sender.rpartition("@")[2]), subject=names.subject(rng)))


def good_guess(world, out):
    """A user mistypes the password for an hour, then gets it right, from home."""
    rng = world.rng
    user = rng.choice([u for u in world.users if not u.dormant] or world.users)
    at = world.begin + rng.randrange(world.days) * DAY + hour_of(rng, user.hours)
    client = user.client(world, at)
    for number in range(rng.randrange(3, 30)):
        out.append(Login(at + number * 60, user.login, client, False, "smtp"))
    out.append(Login(at + 1900, user.login, client, True, "imap"))
    out.append(submit(world, user, at + 1905, [world.out(rng.choice(user.contacts), user.address, at + 1905)],
                      client=client))


HABITS = {"sales": sales, "greetings": greetings, "away": away, "typing_errors": typing_errors,
          "good_guess": good_guess, "mailman": mailman, "cron": cron, "monitoring": monitoring, "shop": shop,
          "guessing": guessing, "backup_mx": backup_mx, "office_printer": office_printer}


def live(world, out, busy, forward_styles):
    """All the normal life of the server. @return the names of the habits it has"""
    rng = world.rng
    users(world, out)
    inbound(world, out, per_day=busy)
    has = [name for name in HABITS if rng.random() < 0.35]
    for name in has:
        HABITS[name](world, out)
    if forward_styles and rng.random() < 0.4:
        forwarding(world, out, forward_styles)
        has.append("forwarding")
    return has
