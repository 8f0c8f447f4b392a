# SPDX-License-Identifier: BSD-2-Clause
"""Incidents and habits of other make than those in incidents.py and habits.py. They are kept apart: `score --apart`
tells what share of them is found, and nothing is ever tuned by them."""
import names
from habits import DAY, hour_of, msgid, submit
from incidents import Spammer, bots, finish, start
from model import Client, Incident, Login, Mail, Rcpt, Try


def account_by_webmail(world, out, scale):
    """The thief uses the server's own webmail: client is the loopback, with a login; sessions of one browser."""
    rng = world.rng
    user, begin = rng.choice(world.users), start(world)
    total, spammer = max(80, int(rng.choice([150, 400, 1100]) * scale)), Spammer(world)
    out.append(Login(begin - 30, user.login, bots(world, 1)[0], True, "imap"))
    mails = []
    for number in range(total // 10):
        at = begin + number * rng.uniform(20, 90)
        mails.append(spammer.mail(at, user.address, 10, origin="login",
                                  client=Client("127.0.0.1", "localhost", "webmail"),
                                  login=user.login, method="LOGIN", service="submission"))
    return finish(Incident("compromised_account", user.login, "webmail"), mails)


def account_to_contacts(world, out, scale):
    """Spam to the victim's own contacts and their like: few unknown users, much refused as spam."""
    rng = world.rng
    user, begin = rng.choice(world.users), start(world, night=True)
    sources, spammer = bots(world, rng.choice([2, 6]),
                            six=0.6), Spammer(world, unknown=0.04, spam=rng.uniform(0.3, 0.6))
    mails = []
    for _ in range(max(70, int(rng.choice([120, 300]) * scale))):
        mail = spammer.mail(begin + rng.uniform(0, 2400), user.address, 1, origin="login", client=rng.choice(sources),
                            login=user.login, method="PLAIN", service="smtps")
        mail.rcpts[0] = world.out(rng.choice(user.contacts), user.address, mail.at, unknown=0.02, spam=spammer.spam) \
            if rng.random() < 0.3 else mail.rcpts[0]
        mails.append(mail)
    return finish(Incident("compromised_account", user.login, "contacts"), mails)


def account_waves(world, out, scale):
    """Three short waves a day apart or less, each from another network."""
    rng = world.rng
    user, spammer, mails = rng.choice(world.users), Spammer(world), []
    gap = (world.end - world.begin) / 4
    for wave in range(3):
        client, begin = bots(world, 1)[0], world.begin + gap * (wave + 0.6)
        for _ in range(max(30, int(rng.choice([60, 200]) * scale))):
            mails.append(spammer.mail(begin + rng.uniform(0, 900), f"{names.local_part(rng)}@{world.own[0]}", 2,
                                      origin="login", client=client, login=user.login, service="submission"))
    return finish(Incident("compromised_account", user.login, "waves"), mails)


def script_nightly(world, out, scale):
    """A hidden job sends some hundred each night, beside a shop's mail of the same user."""
    rng = world.rng
    cwd = f"/home/{rng.choice(names.WORDS)}/public_html/{rng.choice(['cgi-bin', 'files', '.well-known'])}"
    user, uid = rng.choice([("www-data", 33), (cwd.split("/")[2], 1204)])
    script, spammer, mails = f"{cwd}/upd.php", Spammer(world), []
    for day in range(world.days):
        begin = world.begin + day * DAY + 3 * 3600
        for _ in range(max(60, int(250 * scale))):
            mails.append(spammer.mail(begin + rng.uniform(0, 5000), f"{user}@{world.host}", 1, origin="local",
                                      user=user,
                                      uid=uid, cwd=cwd, script=script, script_line=9))
    return finish(Incident("script", script, "nightly", accept=[cwd, user, str(uid), f"uid={uid}", f"uid {uid}"]),
                  mails)


def relay_of_a_net(world, out, scale):
    """Strangers of one network take turns; before, they were refused for a while."""
    rng = world.rng
    net, begin, spammer, mails = world.nets.net4(), start(world), Spammer(world), []
    sources = [Client(f"{net}{i}", "unknown", names.helo(rng)) for i in rng.sample(range(2, 250), 5)]
    for _ in range(max(100, int(rng.choice([300, 1500]) * scale)) // 4):
        client = rng.choices(sources, [9, 3, 2, 2, 1])[0]
        mails.append(spammer.mail(begin + rng.uniform(0, 7000), f"{names.person(rng)}@{world.own[-1]}", 4,
                                  origin="client", client=client, service="smtp"))
    sums = {}
    for mail in mails:
        sums[mail.client.ip] = sums.get(mail.client.ip, 0) + len(mail.rcpts)
    top = max(sums, key=sums.get)
    close = [ip for ip in sums if ip != top and sums[ip] > 0.9 * sums[top]]
    return finish(Incident("open_relay", top, "one_net", accept=close), mails)


def infected_slow(world, out, scale):
    """Some an hour over all the time, by day and night, each with another sender."""
    rng = world.rng
    client = Client(f"10.{rng.randrange(9)}.{rng.randrange(99)}.{rng.randrange(3, 250)}", "unknown",
                    "localhost.localdomain")
    spammer, mails = Spammer(world), []
    begin = world.begin + rng.uniform(0, 0.4) * (world.end - world.begin)
    for _ in range(max(100, int(rng.choice([250, 800]) * scale))):
        mails.append(spammer.mail(rng.uniform(begin, world.end - 900), f"{names.local_part(rng)}@{names.domain(rng)}",
                                  1,
                                  origin="client", client=client, service="smtp"))
    return finish(Incident("infected_client", client.ip, "slow"), mails)


def forwarding_deferred(world, out, scale):
    """A forward whose receiver slows us down and refuses; beside it other people's forwards go well."""
    rng = world.rng
    user, away, mails = rng.choice(world.users), world.someone(1), []
    home = world.domain(away.rpartition("@")[2])
    words = (421, "4.7.0", "This message has been deferred as it is likely unsolicited mail from [{ip}]", "end of DATA")
    for day in range(world.days):
        for _ in range(max(40, int(rng.choice([60, 200]) * scale))):
            at, sender = world.begin + day * DAY + rng.uniform(0, DAY - 9000), world.stranger()
            rcpt = world.out(away, sender, at, spam=0.35)
            if rcpt.tries[-1].outcome == "sent" and rng.random() < 0.3:
                rcpt.tries = world.retries(world.failing(1, "deferred", home.relay(), words, away, sender), "sent")
            rcpt.orig, rcpt.forward = user.address, "alias"
            mails.append(Mail(at, sender, [rcpt], "client", world.outside_mta(), service="smtp",
                              msgid=msgid(rng, "out.example"), subject=names.subject(rng, names.SPAM)))
    return finish(Incident("forwarding", user.address, "deferred", accept=[user.address.partition("@")[0]]), mails)


def backscatter_full(world, out, scale):
    """Mailboxes over quota answer spam with bounces, for days."""
    rng = world.rng
    domain, mails = rng.choice(world.own), []
    for _ in range(max(80, int(rng.choice([150, 500]) * scale))):
        at, sender = rng.uniform(world.begin + 3600, world.end - 900), world.stranger()
        rcpt = Rcpt(f"{names.person(rng)}@{domain}", [Try(0.2, "bounced", None, 550, "5.1.1", "user unknown", "local")],
                    local=True)
        mails.append(Mail(at, sender, [rcpt], "client", world.outside_mta(), service="smtp",
                          msgid=msgid(rng, "x.example"),
                          subject=names.subject(rng, names.SPAM)))
    return finish(Incident("backscatter", domain, "unknown_users"), mails)


def bulk_fifty(world, out, scale):
    """A campaign in messages of fifty recipients, to addresses that are years old."""
    rng = world.rng
    domain = rng.choice(world.own)
    sender, begin = f"{rng.choice(['kampagne', 'offers', 'mailing'])}@{domain}", start(world, night=False)
    spammer = Spammer(world, unknown=rng.uniform(0.12, 0.3), spam=0.05)
    client, mails = Client(world.nets.host4(world.nets.net4()), "office.firm.example", "firm"), []
    for number in range(max(4, int(rng.choice([20, 60]) * scale))):
        mails.append(spammer.mail(begin + number * 40, sender, 50, origin="login", client=client, login=sender,
                                  method="LOGIN", service="submission", subject="Our autumn campaign"))
    return finish(Incident("bulk_mail", sender, "fifty"), mails)


STYLES = {
    "compromised_account": [account_by_webmail, account_to_contacts, account_waves],
    "script": [script_nightly],
    "open_relay": [relay_of_a_net],
    "infected_client": [infected_slow],
    "forwarding": [forwarding_deferred],
    "backscatter": [backscatter_full],
    "bulk_mail": [bulk_fifty],
}


def life(world, out):
    """More that is no cause: invoices at night, greetings to everybody, a letter to all parents, tickets."""
    rng = world.rng
    if rng.random() < 0.5:
        user, at = rng.choice(world.users), world.begin + rng.randrange(world.days) * DAY + rng.uniform(1, 4) * 3600
        client = user.client(world, at)
        for number in range(rng.randrange(60, 250)):
            then = at + number * 3
            out.append(submit(world, user, then, [world.out(world.someone(), user.address, then, unknown=0.006)],
                              client=client, subject=f"Invoice {number}"))
    if rng.random() < 0.4:
        user, at = rng.choice(world.users), world.begin + rng.randrange(world.days) * DAY + hour_of(rng, (8, 18))
        rcpts = [world.out(world.someone(), user.address, at, unknown=0.012) for _ in range(rng.randrange(40, 180))]
        out.append(submit(world, user, at, rcpts, subject="Season's greetings"))
    if rng.random() < 0.4:
        for day in range(world.days):
            for _ in range(rng.randrange(5, 60)):
                at = world.begin + day * DAY + hour_of(rng, (7, 20))
                out.append(Mail(at, f"support@{world.own[0]}", [world.out(world.someone(), f"support@{world.own[0]}",
                                                                          at,
                                                                          unknown=0.01)],
                                "local", user="www-data", uid=33, cwd="/opt/tickets", subject="[Ticket] answer",
                                msgid=msgid(rng, world.own[0])))
