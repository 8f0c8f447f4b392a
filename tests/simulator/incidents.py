# SPDX-License-Identifier: BSD-2-Clause
"""Incidents, each with the truth about it. A style is one row of STYLES: kind, name, maker."""
import names
from habits import DAY, hour_of, msgid
from model import Client, Incident, Login, Mail, Rcpt, Try


class Spammer:
    """What is sent: sizes, failures and texts of one spam run."""

    def __init__(self, world, unknown=None, spam=None):
        rng = world.rng
        self.world, self.rng = world, rng
        self.unknown = rng.uniform(0.06, 0.35) if unknown is None else unknown
        self.spam = rng.uniform(0.03, 0.35) if spam is None else spam
        self.size, self.subject = rng.randrange(1500, 30000), names.subject(rng, names.SPAM)

    def rcpts(self, count, sender, at):
        addresses = list(dict.fromkeys(self.world.stranger() for _ in range(count)))
        return [self.world.out(a, sender, at, unknown=self.unknown, spam=self.spam, trouble=0.03) for a in addresses]

    def mail(self, at, sender, count, **more):
        more = {"size": self.size + self.rng.randrange(200), "subject": self.subject,
                "msgid": msgid(self.rng, sender.rpartition("@")[2] or self.world.host), **more}
        return Mail(at, sender, self.rcpts(count, sender, at), **more)


def burst_times(rng, begin, total, per_message, seconds):
    """Arrival times of as many messages as it takes."""
    count = max(1, total // per_message)
    return sorted(begin + rng.uniform(0, seconds) for _ in range(count))


def size_of(rng, scale):
    """Recipients of a burst: tens to thousands."""
    return max(60, int(rng.choice([60, 120, 250, 500, 900, 2000, 5000, 9000]) * scale * rng.uniform(0.8, 1.2)))


def start(world, night=None):
    """An incident's begin: in the last part of the log, so that there is a past."""
    rng = world.rng
    day = world.days - 1 if world.days < 3 else rng.randrange(1, world.days)
    hour = rng.uniform(0, 5) if (rng.random() < 0.5 if night is None else night) else rng.uniform(8, 20)
    return world.begin + day * DAY + hour * 3600


def finish(incident, mails):
    incident.mails = mails
    for mail in mails:
        mail.tag = 0
    incident.first = min(m.at for m in mails)
    incident.last = max(m.at for m in mails)
    return incident


def bots(world, count, six=0.2):
    rng = world.rng
    return [Client(world.nets.host6(world.nets.net6()) if rng.random() < six else world.nets.host4(world.nets.net4()),
                   "unknown" if rng.random() < 0.6 else f"host{rng.randrange(999)}.isp{rng.randrange(30)}.example",
                   names.helo(rng)) for _ in range(count)]


def account_burst(world, out, scale, networks=None, random_senders=None, per_message=None, guessed=None, past=True):
    rng = world.rng
    user = rng.choice(world.users)
    if not past:        # an account that nobody ever used here
        local = rng.choice(["test", "scan", "praktikant", "info", "old.user"])
        user.address = f"{local}{rng.randrange(50)}@{rng.choice(world.own)}"
        user.login = user.address if "@" in user.login else user.address.partition("@")[0]
        user.dormant = True
    total, begin = size_of(rng, scale), start(world)
    networks = networks or rng.choice([1, 1, 3, 8, 31])
    sources = bots(world, networks)
    per_message = per_message or rng.choice([1, 1, 5, 20, 50])
    spread = rng.random() < 0.35 if random_senders is None else random_senders
    spammer, seconds = Spammer(world), rng.uniform(120, 5400)
    if guessed or (guessed is None and rng.random() < 0.4):
        for number in range(rng.randrange(5, 60)):
            out.append(Login(begin - 3600 + number * 50, user.login, rng.choice(sources), False, "smtp"))
        out.append(Login(begin - 60, user.login, sources[0], True, "smtp"))
    if rng.random() < 0.3:
        out.append(Login(begin - 900, user.login, sources[0], True, "imap"))
    world.list_us(begin + rng.uniform(0.2, 1) * seconds) if rng.random() < 0.7 else None
    mails = []
    for at in burst_times(rng, begin, total, per_message, seconds):
        sender = f"{names.local_part(rng)}@{rng.choice([names.domain(rng), world.own[0]])}" if spread else user.address
        mails.append(spammer.mail(at, sender, per_message, origin="login", client=rng.choice(sources), login=user.login,
                                  method=rng.choice(["LOGIN", "PLAIN"]), service=user.service))
    return finish(Incident("compromised_account", user.login, "burst"), mails)


def account_slow(world, out, scale):
    """Few an hour over days, from ever new networks."""
    rng = world.rng
    user = rng.choice(world.users)
    begin = world.begin + DAY * min(1, world.days - 1) * rng.uniform(0.5, 1)
    total = max(120, int(rng.choice([200, 500, 1200]) * scale))
    sources, spammer, mails = bots(world, rng.choice([4, 12, 40])), Spammer(world), []
    world.list_us(begin + (world.end - begin) * rng.uniform(0.3, 0.9))
    for _ in range(total):
        at = rng.uniform(begin, world.end - 600)
        mails.append(spammer.mail(at, user.address, rng.choice([1, 1, 2]), origin="login", client=rng.choice(sources),
                                  login=user.login, method="PLAIN", service=user.service))
    return finish(Incident("compromised_account", user.login, "slow"), mails)


def script_burst(world, out, scale):
    """A file uploaded into a web root."""
    rng = world.rng
    site = rng.choice(["shop", "blog", "verein", "old.example.com", "cms"])
    path = rng.choice(["wp-content/uploads/2019/07", "images/stories", "tmp", "wp-includes/.cache", "modules/mod_foo"])
    user, uid = rng.choice([("www-data", 33), ("www-data", 33), ("web17", 1017), ("apache", 48)])
    cwd = f"/var/www/{site}/{path}"
    script = f"{cwd}/{rng.choice(['x', 'wp-conf', 'lib78', 'mailer-1', 'index2'])}.php"
    total, begin, spammer = size_of(rng, scale), start(world), Spammer(world)
    spread, seconds = rng.random() < 0.5, rng.uniform(200, 9000)
    world.list_us(begin + rng.uniform(0.2, 1) * seconds) if rng.random() < 0.7 else None
    mails, per_message = [], rng.choice([1, 1, 1, 10])
    for at in burst_times(rng, begin, total, per_message, seconds):
        sender = f"{user}@{world.host}"
        if spread:
            sender = f"{names.local_part(rng)}@{rng.choice([names.domain(rng), site + '.example'])}"
        mails.append(spammer.mail(at, sender, per_message, origin="local", user=user, uid=uid, cwd=cwd, script=script,
                                  script_line=rng.choice([3, 3, 17])))
    return finish(Incident("script", script, "burst", accept=[cwd, user, str(uid), f"uid={uid}", f"uid {uid}"]), mails)


def web_form(world, out, scale):
    """'Send me a copy': each message goes to the site's owner and to a stranger."""
    rng = world.rng
    owner = rng.choice(world.users).address
    site = owner.rpartition("@")[2]
    cwd, script = f"/var/www/{site}/public", f"/var/www/{site}/public/contact.php"
    total, begin, spammer = size_of(rng, min(scale, 0.6)), start(world), Spammer(world)
    sender = rng.choice([f"www-data@{world.host}", f"contact@{site}"])
    world.list_us(begin + 1200) if rng.random() < 0.5 else None
    mails = []
    for at in burst_times(rng, begin, total, 1, rng.uniform(900, 12000)):
        mail = spammer.mail(at, sender, 1, origin="local", user="www-data", uid=33, cwd=cwd, script=script,
                            script_line=41)
        mail.subject = "Copy of your message"
        if rng.random() < 0.7:
            mail.rcpts.append(world.inward(owner))
        mails.append(mail)
    return finish(Incident("script", script, "form", accept=[cwd, "www-data", "33", "uid=33", "uid 33"]), mails)


def open_relay(world, out, scale):
    """Strangers without login, to many domains."""
    rng = world.rng
    total, begin = size_of(rng, scale), start(world)
    count = rng.choice([1, 1, 2, 4])
    sources = bots(world, count, six=0.1)
    spammer, per_message, seconds = Spammer(world), rng.choice([1, 5, 20, 50]), rng.uniform(300, 9000)
    world.list_us(begin + rng.uniform(0.2, 1) * seconds) if rng.random() < 0.7 else None
    weights = [8] + [2] * (count - 1)
    mails = []
    for at in burst_times(rng, begin, total, per_message, seconds):
        sender = f"{names.local_part(rng)}@{rng.choice([names.domain(rng), world.own[0], names.domain(rng)])}"
        mails.append(spammer.mail(at, sender, per_message, origin="client", client=rng.choices(sources, weights)[0],
                                  service="smtp"))
    sums = {}
    for mail in mails:
        sums[mail.client.ip] = sums.get(mail.client.ip, 0) + len(mail.rcpts)
    top = sorted(sums, key=lambda ip: -sums[ip])
    close = [ip for ip in top[1:] if sums[ip] > 0.9 * sums[top[0]]]
    return finish(Incident("open_relay", top[0], "burst", accept=close), mails)


def infected_client(world, out, scale):
    """A machine inside that sends without login."""
    rng = world.rng
    net = rng.choice([f"192.168.{rng.randrange(1, 200)}.", f"10.{rng.randrange(1, 250)}.3.", "172.20.4."])
    client = Client(f"{net}{rng.randrange(20, 250)}", rng.choice(["unknown", f"pc{rng.randrange(40)}.lan"]),
                    names.helo(rng))
    if rng.random() < 0.5:      # it had a life before
        for day in range(world.days):
            at = world.begin + day * DAY + hour_of(rng, (8, 18))
            user = rng.choice(world.users)
            out.append(Mail(at, user.address, [world.to(rng.choice(user.contacts), user.address, at)], "client", client,
                            service="smtp", msgid=msgid(rng, world.own[0]), subject=names.subject(rng)))
    total, begin, spammer = size_of(rng, scale), start(world), Spammer(world)
    per_message, seconds, spread = rng.choice([1, 1, 10]), rng.uniform(300, 20000), rng.random() < 0.7
    world.list_us(begin + rng.uniform(0.2, 1) * seconds) if rng.random() < 0.7 else None
    mails = []
    for at in burst_times(rng, begin, total, per_message, seconds):
        sender = f"{names.local_part(rng)}@{names.domain(rng)}" if spread else f"{names.person(rng)}@{world.own[0]}"
        mails.append(spammer.mail(at, sender, per_message, origin="client", client=client, service="smtp"))
    return finish(Incident("infected_client", client.ip, "burst"), mails)


def forwarded_spam(world, out, scale, style):
    """Spam that comes in for one address is sent on; the receiver refuses much of it."""
    rng = world.rng
    user, away = rng.choice(world.users), world.someone(1)
    per_day = max(40, int(rng.choice([40, 100, 250]) * scale))
    refused, mails = rng.uniform(0.25, 0.7), []
    for day in range(world.days):
        for _ in range(int(per_day * rng.uniform(0.7, 1.3))):
            at = world.begin + day * DAY + rng.uniform(0, DAY - 900)
            good = rng.random() < 0.2
            sender = rng.choice(user.contacts) if good else world.stranger()
            rcpt = world.out(away, sender, at, spam=0 if good else refused)
            rcpt.orig, rcpt.forward = user.address, style
            mails.append(Mail(at, sender, [rcpt], "client", world.outside_mta(sender.rpartition("@")[2]),
                              service="smtp",
                              size=rng.randrange(2000, 40000), msgid=msgid(rng, sender.rpartition("@")[2]),
                              subject=names.subject(rng, names.SPAM)))
    local, _, domain = user.address.partition("@")
    return finish(Incident("forwarding", user.address, style, accept=[local]), mails)


def backscatter_unknown(world, out, scale):
    """Mail for users that do not exist is accepted, then bounced to senders that are forged."""
    rng = world.rng
    domain = rng.choice(world.own)
    total, begin, mails = size_of(rng, min(scale, 0.5)), start(world), []
    seconds = rng.uniform(1200, 60000)
    world.list_us(begin + seconds / 2) if rng.random() < 0.5 else None
    for at in burst_times(rng, begin, total, 1, seconds):
        if at >= world.end - 600:
            continue
        sender = world.stranger()
        reply = (550, "5.1.1", f"unknown user: \"{names.local_part(rng)}\"", "local")
        rcpt = Rcpt(f"{names.local_part(rng)}{rng.randrange(1000)}@{domain}",
                    [Try(rng.uniform(0.1, 0.5), "bounced", None, *reply)], local=True)
        mails.append(Mail(at, sender, [rcpt], "client", bots(world, 1)[0] if rng.random() < 0.02 else
                          world.outside_mta(), service="smtp", size=rng.randrange(1500, 20000),
                          msgid=msgid(rng, "forged.example"), subject=names.subject(rng, names.SPAM)))
    return finish(Incident("backscatter", domain, "unknown_users"), mails)


def autoresponder(world, out, scale):
    """A vacation answer to every spam."""
    rng = world.rng
    user = rng.choice(world.users)
    null = rng.random() < 0.7
    begin, mails = start(world), []
    total = max(60, int(rng.choice([80, 200, 400]) * scale))
    for at in burst_times(rng, begin, total, 1, rng.uniform(20000, 80000)):
        if at >= world.end - 900:
            continue
        sender, answer = world.stranger(), "" if null else user.address
        out.append(Mail(at, sender, [world.inward(user.address)], "client", world.outside_mta(), service="smtp",
                        msgid=msgid(rng, "forged.example"), subject=names.subject(rng, names.SPAM)))
        back = [world.out(sender, answer, at + 1, unknown=0.35, spam=0.05, trouble=0.05)]
        mails.append(Mail(at + rng.uniform(0.6, 1.6), answer, back, "local", user="vmail", uid=5000, cwd="/var/vmail",
                          msgid=msgid(rng, world.host), subject="Out of office", answer_for=user.address))
    return finish(Incident("backscatter", user.address, "autoresponder", accept=[user.address.partition("@")[0]]),
                  mails)


def bad_newsletter(world, out, scale):
    """A newsletter to a list that was bought or is years old."""
    rng = world.rng
    domain = rng.choice(world.own)
    sender = rng.choice(["newsletter", "news", "angebote", "marketing"]) + f"@{domain}"
    total, begin = size_of(rng, scale) * 2, start(world, night=False)
    how = rng.choice(["login", "login", "www", "program"])
    spammer = Spammer(world, unknown=rng.uniform(0.08, 0.3), spam=rng.uniform(0.05, 0.25))
    client = Client(world.nets.host4(world.nets.net4()), "crm.saas.example", "crm.saas.example")
    loopback = Client("127.0.0.1", "localhost", "localhost")
    world.list_us(begin + total * 0.4) if rng.random() < 0.7 else None
    mails = []
    for number in range(total):
        at = begin + number * rng.uniform(0.8, 1.2) * 1.1
        more = {"login": {"origin": "login", "client": client, "login": sender, "method": "LOGIN"},
                "www": {"origin": "local", "user": "www-data", "uid": 33, "cwd": "/var/www/news"},
                "program": {"origin": "client", "client": loopback, "service": "smtp"}}[how]
        mails.append(spammer.mail(at, sender, 1, **more))
    past = world.begin + max(0, (begin - world.begin) // DAY - 1) * DAY + 10 * 3600
    if rng.random() < 0.6 and past < begin - DAY / 2:      # it went to fewer, better readers before
        for number in range(rng.randrange(40, 150)):
            more = {"login": {"origin": "login", "client": client, "login": sender, "method": "LOGIN"},
                    "www": {"origin": "local", "user": "www-data", "uid": 33, "cwd": "/var/www/news"},
                    "program": {"origin": "client", "client": loopback, "service": "smtp"}}[how]
            out.append(Mail(past + number * 2, sender, [world.out(world.someone(), sender, past, unknown=0.01)],
                            size=spammer.size, subject="News", msgid=msgid(rng, domain), **more))
    # by a program of the web server it is both
    names_ = ("www-data", "33", "uid 33", "uid=33", "/var/www/news")
    also = [["script", name] for name in names_] if how == "www" else []
    return finish(Incident("bulk_mail", sender, how, also=also), mails)


STYLES = {
    "compromised_account": [account_burst, account_burst, account_burst, account_slow,
                            lambda w, o, s: account_burst(w, o, s, past=False)],
    "script": [script_burst, script_burst, web_form],
    "open_relay": [open_relay],
    "infected_client": [infected_client],
    "forwarding": [forwarded_spam],
    "backscatter": [backscatter_unknown, backscatter_unknown, autoresponder],
    "bulk_mail": [bad_newsletter],
}
