# SPDX-License-Identifier: BSD-2-Clause
"""Guilty senders and their honest look-alikes, for the fit. Servers and MTAs are of tests/simulator, events are not.

Each seed is a server of some days with normal life, some honest habits that look bad, and in half of them one thief,
script or bad list that looks harmless. pairs.py SEED... FOLDER writes them, as tests/simulator/make does.
"""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "simulator"))
import habits  # noqa: E402
import incidents  # noqa: E402
import names  # noqa: E402
import scenario  # noqa: E402
from habits import DAY, hour_of, msgid  # noqa: E402
from model import Client, Incident, Mail  # noqa: E402
from world import User, World  # noqa: E402

LOOPBACK = Client("127.0.0.1", "localhost", "localhost")


def letter_size(rng):
    return int(rng.lognormvariate(9, 1.3)) + 600


def place(world, name=None):
    """Somewhere nobody of this server ever was."""
    return Client(world.nets.host4(world.nets.net4()), name or "unknown", names.helo(world.rng))


def send(world, user, at, rcpts, client, size=None, sender=None, method=None, **chances):
    """One message of a login."""
    rng, sender = world.rng, sender or user.address
    made = [world.to(a, sender, at, **chances) for a in dict.fromkeys(rcpts)]
    return Mail(at, sender, made, "login", client, user.login, method or user.method, user.service,
                size=size or letter_size(rng), msgid=msgid(rng, user.address.rpartition("@")[2]),
                subject=names.subject(rng))


def program(world, at, rcpts, sender, user, uid, cwd, size=None, script="", **chances):
    """One message of a program of this host."""
    rng = world.rng
    made = [world.to(a, sender, at, **chances) for a in dict.fromkeys(rcpts)]
    return Mail(at, sender, made, "local", user=user, uid=uid, cwd=cwd, script=script, script_line=12,
                size=size or letter_size(rng), msgid=msgid(rng, world.host), subject=names.subject(rng))


def fresh_login(world, local):
    """An account without a past."""
    domain = world.rng.choice(world.own)
    user = User(world, f"{local}@{domain}", f"{local}@{domain}" if "@" in world.users[0].login else local)
    user.dormant = True
    return user


def person(world):
    return world.rng.choice([u for u in world.users if not u.dormant])


def home(world, user):
    """Where this person always is."""
    return user.client(world, world.begin + DAY // 2) if not user.office else \
        Client(user.office, "gate.office.example", user.helo)


def settle(world, out, user):
    """Its owner writes from home on the first day, so that the log knows the place."""
    where = home(world, user)
    for hour in (8, 10, 11, 14, 16):
        at = world.begin + hour * 3600 + world.rng.uniform(0, 3000)
        out.append(send(world, user, at, [world.rng.choice(user.contacts)], where))
    return where


def late(world):
    """A day on which there is a past."""
    return world.begin + world.rng.randrange(1, world.days) * DAY


def run(rng, at, count, gap):
    """Times of a run by a program, one after the other."""
    for _ in range(count):
        yield at
        at += gap * rng.uniform(0.6, 1.5)


def mailing(world, user, at, where, readers, gap, size, **chances):
    sender = user.address
    return [send(world, user, t, [a], where, size + world.rng.randrange(60), sender, **chances)
            for a, t in zip(readers, run(world.rng, at, len(readers), gap))]


def readers_of(world, low, high):
    rng = world.rng
    found = list(dict.fromkeys(world.someone(0.6) for _ in range(rng.randrange(low, high))))
    return sorted(found) if rng.random() < 0.5 else found


# ---- honest ----

def new_staff(world, out):
    rng = world.rng
    user = fresh_login(world, names.person(rng))
    where = Client(world.office, "gate.office.example", user.helo) if rng.random() < 0.7 else place(world)
    at = late(world) + 8.5 * 3600
    if rng.random() < 0.3:
        out.append(send(world, user, at, [world.someone() for _ in range(40)], where))
    for _ in range(rng.randrange(15, 60)):
        at += rng.uniform(60, 700)
        out.append(send(world, user, at, [world.someone() for _ in range(rng.choice([1, 1, 1, 2]))], where))


def conference(world, out):
    rng, user = world.rng, person(world)
    settle(world, out, user)
    day = late(world)
    for number in range(rng.randrange(1, 3)):
        places = [place(world) for _ in range(rng.randrange(2, 6))]
        begin = day + number * DAY
        for _ in range(rng.randrange(10, 50)):
            at = begin + hour_of(rng, (7, 23))
            to = rng.choice(user.contacts) if rng.random() < 0.6 else world.someone()
            out.append(send(world, user, at, [to], places[int((at - begin) / DAY * len(places))]))
        for number in range(rng.randrange(0, 25)):      # what was written on the train leaves at once
            out.append(send(world, user, begin + 20 * 3600 + number * rng.uniform(0.5, 3),
                            [rng.choice(user.contacts)], places[-1]))


def carrier(world, out):
    """A telephone behind a carrier's NAT: another address with each message, of few blocks."""
    rng, user = world.rng, person(world)
    blocks = [world.nets.net4().split(".")[:2] for _ in range(rng.randrange(1, 4))]
    for day in range(world.days):
        for _ in range(rng.randrange(3, 25)):
            block = rng.choice(blocks)
            ip = f"{block[0]}.{block[1]}.{rng.randrange(250)}.{rng.randrange(1, 250)}"
            out.append(send(world, user, world.begin + day * DAY + hour_of(rng, (7, 23)),
                            [rng.choice(user.contacts)], Client(ip, "unknown", user.helo)))


def private_network(world, out):
    """Behind a VPN service: every day other exits of other providers."""
    rng, user = world.rng, person(world)
    for day in range(world.days):
        exits = [place(world) for _ in range(rng.randrange(1, 5))]
        for _ in range(rng.randrange(3, 20)):
            to = rng.choice(user.contacts) if rng.random() < 0.8 else world.someone()
            out.append(send(world, user, world.begin + day * DAY + hour_of(rng, (8, 22)), [to], rng.choice(exits)))


def moved(world, out):
    """To another town, or with a telephone as its line: the same letters to the same people from there on."""
    rng, user = world.rng, person(world)
    settle(world, out, user)
    where, begin, known = place(world), late(world), rng.uniform(0.3, 0.9)
    method = rng.choice([user.method, user.method, "LOGIN"])
    for day in range(world.days):
        for _ in range(rng.randrange(1, 15)):
            at = begin + day * DAY + hour_of(rng, (7, 21))
            to = rng.choice(user.contacts) if rng.random() < known else world.someone()
            out.append(send(world, user, at, [to], where, method=method))


def program_elsewhere(world, out):
    """A hosted shop gets a person's account to send its orders with."""
    rng, user = world.rng, person(world)
    settle(world, out, user)
    where, begin, size = place(world, "out.shop.example"), late(world), rng.randrange(3000, 9000)
    for day in range(world.days):
        for _ in range(rng.randrange(3, 25)):
            at = begin + day * DAY + hour_of(rng, (7, 24))
            out.append(send(world, user, at, [world.someone(0.4)], where, size + rng.randrange(900), unknown=0.01))


def circular(world, out):
    rng, user = world.rng, person(world)
    where, at, readers = settle(world, out, user), late(world) + hour_of(world.rng, (8, 21)), readers_of(world, 80, 500)
    size = rng.randrange(3000, 90000)
    if rng.random() < 0.6:
        out += mailing(world, user, at, where, readers, rng.choice([0.6, 2, 5]), size, unknown=0.015, spam=0.003)
        return
    each = rng.choice([30, 50, 80, 500])
    for number in range(0, len(readers), each):
        out.append(send(world, user, at + number, readers[number:number + each], where, size, unknown=0.015))


def invoices(world, out):
    """Fifty times the usual on the first of the month."""
    rng, user = world.rng, fresh_login(world, "buchhaltung")
    where = place(world, "erp.example") if rng.random() < 0.5 else Client(world.office, "gate.office.example", "erp")
    for day in range(world.days):
        for _ in range(rng.randrange(1, 8)):
            out.append(send(world, user, world.begin + day * DAY + hour_of(rng, (8, 17)), [world.someone()], where))
    at = late(world) + rng.choice([2, 6, 9]) * 3600
    for t in run(rng, at, rng.randrange(100, 700), rng.choice([0.5, 2, 8])):
        out.append(send(world, user, t, [world.someone(0.4)], where, rng.randrange(40000, 52000), unknown=0.015))


def invoices_by_program(world, out):
    rng = world.rng
    sender = f"rechnung@{rng.choice(world.own)}" if rng.random() < 0.6 else f"erp@{world.host}"
    for day in range(world.days):
        for _ in range(rng.randrange(0, 8)):
            out.append(program(world, world.begin + day * DAY + hour_of(rng, (8, 17)), [world.someone()], sender,
                               "erp", 990, "/opt/erp"))
    at = late(world) + rng.choice([2, 6, 9]) * 3600
    for t in run(rng, at, rng.randrange(100, 900), rng.choice([0.5, 2, 8])):
        out.append(program(world, t, [world.someone(0.4)], sender, "erp", 990, "/opt/erp",
                           rng.randrange(40000, 52000), unknown=0.015))


def quarterly(world, out):
    """An account that the log has never seen sends its mailing, from the office."""
    rng, user = world.rng, fresh_login(world, world.rng.choice(["vorstand", "kontakt", "board", "office"]))
    where = Client(world.office, "gate.office.example", "mailer")
    out += mailing(world, user, late(world) + hour_of(rng, (8, 18)), where, readers_of(world, 100, 700),
                   rng.choice([0.6, 2, 5]), rng.randrange(3000, 90000), unknown=0.015, spam=0.003)


def crm(world, out):
    rng, user = world.rng, fresh_login(world, world.rng.choice(["crm", "service", "shop"]))
    where, hours = place(world, "app.crm.example"), world.rng.choice([(8, 18), (0, 24), (6, 22)])
    per_hour = rng.choice([5, 20, 60])
    for day in range(world.days):
        for hour in range(*hours):
            for _ in range(rng.randrange(per_hour // 2, per_hour + 1)):
                at = world.begin + day * DAY + hour * 3600 + rng.uniform(0, 3600)
                out.append(send(world, user, at, [world.someone(0.5)], where, rng.choice([4200, 6100, 9000]) +
                                rng.randrange(400), unknown=0.012))


def newsletter_by_program(world, out):
    """A site's plugin writes to its readers, once or twice in the time of the log."""
    rng = world.rng
    readers, sender = readers_of(world, 100, 700), f"newsletter@{rng.choice(world.own)}"
    cwd, verp, gap = f"/var/www/{rng.choice(['choir', 'club', 'shop'])}/newsletter", rng.random() < 0.4, \
        rng.choice([0.5, 2, 8, 20])
    for _ in range(rng.choice([1, 1, 2])):
        size, at = rng.randrange(3000, 90000), late(world) + hour_of(rng, (0, 22))
        for to, t in zip(readers, run(rng, at, len(readers), gap)):
            own = f"bounce-{to.replace('@', '=')}@{sender.partition('@')[2]}" if verp else sender
            out.append(program(world, t, [to], own, "www-data", 33, cwd, size + rng.randrange(60),
                               f"{cwd}/send.php", unknown=0.015, spam=0.002))


def orders(world, out):
    """A shop by its program, day and night; some days are better."""
    rng = world.rng
    domain, keeper = rng.choice(world.own), person(world).address
    sender = rng.choice([f"shop@{domain}", f"www-data@{world.host}"])
    for day in range(world.days):
        good = rng.choice([1, 1, 1, 8])
        for _ in range(rng.randrange(5, 60) * good):
            at = world.begin + day * DAY + hour_of(rng, (6, 24))
            for to in (world.someone(0.6), keeper):
                out.append(program(world, at + rng.random(), [to], sender, "www-data", 33, "/var/www/shop/public",
                                   rng.randrange(5000, 9000), unknown=0.012))


def moving_in(world, out):
    """A migration sends the old server's queue again, from inside."""
    rng = world.rng
    old, at = Client("10.20.30.4", "old.lan", "old.lan"), late(world) + rng.uniform(0, 20) * 3600
    for t in run(rng, at, rng.randrange(60, 500), 1.5):
        user = person(world)
        out.append(Mail(t, user.address, [world.out(rng.choice(user.contacts), user.address, t)], "client", old,
                        service="smtp", size=letter_size(rng), msgid=msgid(rng, "old.lan"),
                        subject=names.subject(rng)))


def every_minute(world, out):
    rng, user = world.rng, fresh_login(world, "monitor")
    where, to = place(world), [world.someone() for _ in range(world.rng.randrange(1, 4))]
    for at in run(rng, world.begin, min(2000, world.days * 700), 120):
        out.append(send(world, user, at, to, where, 900 + rng.randrange(40)))


def storm(world, out):
    rng, admin = world.rng, world.someone()
    for at in run(rng, late(world) + rng.uniform(0, 20) * 3600, rng.randrange(200, 1200), 2):
        out.append(program(world, at, [admin], f"root@{world.host}", "root", 0, "/root", 1100 + rng.randrange(50)))


def resets(world, out):
    """Everybody is asked to set a new password: a wave in a day."""
    rng = world.rng
    sender = f"noreply@{rng.choice(world.own)}"
    for day in range(world.days):
        for _ in range(rng.randrange(2, 20)):
            out.append(program(world, world.begin + day * DAY + hour_of(rng, (7, 23)), [world.someone(0.6)], sender,
                               "www-data", 33, "/var/www/portal", 3100 + rng.randrange(60), unknown=0.02))
    at, bad = late(world) + hour_of(rng, (7, 20)), rng.uniform(0.01, 0.06)
    for t in run(rng, at, rng.randrange(100, 900), rng.choice([1, 5, 20])):
        out.append(program(world, t, [world.someone(0.6)], sender, "www-data", 33, "/var/www/portal",
                           3100 + rng.randrange(60), unknown=bad))


def teacher(world, out):
    rng, user = world.rng, person(world)
    where = settle(world, out, user)
    where = where if rng.random() < 0.85 else place(world)
    parents, at = readers_of(world, 60, 250), late(world) + hour_of(rng, (8, 22))
    if rng.random() < 0.6:
        out.append(send(world, user, at, parents, where, unknown=0.03))
    else:
        out.extend(mailing(world, user, at, where, parents, 3, rng.randrange(2000, 60000), unknown=0.03))


def season(world, out):
    rng, user = world.rng, person(world)
    where = settle(world, out, user)
    old = rng.uniform(0.02, 0.12)
    cards = user.contacts + [world.someone() for _ in range(rng.randrange(30, 200))]
    out.append(send(world, user, late(world) + hour_of(rng, (8, 22)), cards, where, unknown=old))


def old_friends(world, out):
    """One honest letter to people of whom a third have moved."""
    rng, user = world.rng, person(world)
    where = settle(world, out, user)
    out.append(send(world, user, late(world) + hour_of(rng, (8, 22)), [world.someone() for _ in range(
        rng.randrange(15, 60))], where, unknown=rng.uniform(0.2, 0.45)))


def shared_account(world, out):
    rng, user = world.rng, fresh_login(world, "info")
    places = [place(world) for _ in range(rng.randrange(3, 7))]
    for day in range(world.days):
        for _ in range(rng.randrange(10, 60)):
            at = world.begin + day * DAY + hour_of(rng, (8, 19))
            sender = user.address if rng.random() < 0.7 else rng.choice(world.users).address
            out.append(send(world, user, at, [world.someone()], rng.choice(places), sender=sender))


def tickets(world, out):
    rng = world.rng
    sender = f"support@{rng.choice(world.own)}"
    known = [world.someone() for _ in range(120)]
    for day in range(world.days):
        for _ in range(rng.randrange(20, 200)):
            at = world.begin + day * DAY + hour_of(rng, (6, 23))
            out.append(program(world, at, [rng.choice(known) if rng.random() < 0.6 else world.someone()], sender,
                               "otrs", 1010, "/opt/otrs", rng.randrange(2000, 9000), unknown=0.01))


def by_webmail(world, out):
    """People who write in the webmail alone."""
    rng = world.rng
    for user in rng.sample(world.users, min(3, len(world.users))):
        for day in range(world.days):
            for _ in range(rng.randrange(1, 9)):
                out.append(send(world, user, world.begin + day * DAY + hour_of(rng, (8, 22)),
                                [rng.choice(user.contacts)], LOOPBACK))


def salesman(world, out):
    rng, user = world.rng, person(world)
    where, old = settle(world, out, user), rng.uniform(0.02, 0.07)
    for t in run(rng, late(world) + 8.5 * 3600, rng.randrange(40, 180), rng.choice([45, 90, 150])):
        out.append(send(world, user, t, [world.someone(0.3)], where, unknown=old))


def mailing_abroad(world, out):
    world.rng.choice([merge_abroad, release_abroad])(world, out)


def merge_abroad(world, out):
    """The owner writes to all contacts from a hotel, with a mailing program that goes through the address book."""
    rng, user = world.rng, person(world)
    settle(world, out, user)
    readers = sorted(dict.fromkeys(user.contacts + [world.someone(0.4) for _ in range(rng.randrange(30, 500))]))
    out.extend(mailing(world, user, late(world) + hour_of(rng, (8, 22)), place(world), readers, rng.choice([1, 2, 5]),
                       rng.randrange(2000, 60000), unknown=rng.uniform(0.005, 0.05)))


def release_abroad(world, out):
    """The press officer's copies to fifty at a time, from wherever the event is."""
    rng, user = world.rng, person(world)
    settle(world, out, user)
    where, at, each = place(world), late(world) + hour_of(rng, (7, 21)), rng.choice([30, 50, 100])
    readers, size = readers_of(world, 60, 450), rng.randrange(2000, 90000)
    for number in range(0, len(readers), each):
        out.append(send(world, user, at + number * rng.uniform(0.5, 3), readers[number:number + each], where, size,
                        unknown=rng.uniform(0, 0.05)))


WEBMAIL = Client("172.22.1.248", "webmail.lan", "webmail.lan")


def by_webmail_box(world, out):
    """A webmail on a host of its own; somebody writes to parents or members there, some at a time."""
    rng = world.rng
    users = rng.sample(world.users, min(4, len(world.users)))
    for user in users:
        for day in range(world.days):
            for _ in range(rng.randrange(2, 9)):
                out.append(send(world, user, world.begin + day * DAY + hour_of(rng, (8, 22)),
                                [rng.choice(user.contacts)], WEBMAIL))
    readers, each, at = readers_of(world, 60, 300), rng.choice([20, 30, 50]), late(world) + hour_of(rng, (8, 21))
    for number in range(0, len(readers), each):
        out.append(send(world, users[0], at + number * rng.uniform(1, 6), readers[number:number + each], WEBMAIL,
                        unknown=0.02))


# ---- guilty ----

def quiet_burst(world, out):
    """From one place that its owner never was, letter after letter, each of its own length, and hardly one fails."""
    rng, user = world.rng, person(world)
    settle(world, out, user)
    where, at, bad = place(world), late(world) + rng.uniform(0, 22) * 3600, rng.uniform(0, 0.02)
    same = None if rng.random() < 0.6 else rng.randrange(1500, 30000)
    mails = [send(world, user, t, [world.stranger()], where, same and same + rng.randrange(60), unknown=bad)
             for t in run(rng, at, rng.randrange(120, 900), rng.choice([1, 2, 6]))]
    return incidents.finish(account(user, "quiet"), mails)


def working_day(world, out):
    """By day and by hand, as it seems, from places of the owner's own provider; far more than the owner ever wrote."""
    rng, user = world.rng, person(world)
    settle(world, out, user)
    block = home(world, user).ip.split(".")[:2] if "." in home(world, user).ip else ["203", "0"]
    places = [Client(f"{block[0]}.{block[1]}.{rng.randrange(250)}.{rng.randrange(1, 250)}", "unknown",
                     names.helo(rng)) for _ in range(rng.choice([1, 1, 2, 3]))]
    day, bad = late(world), rng.uniform(0, 0.03)
    mails = [send(world, user, day + hour_of(rng, (8, 18)), [world.stranger()], rng.choice(places), unknown=bad)
             for _ in range(rng.randrange(100, 260))]
    return incidents.finish(account(user, "working day"), sorted(mails, key=lambda m: m.at))


def weekend_run(world, out):
    """One letter every few minutes, day and night, from one place."""
    rng, user = world.rng, person(world)
    settle(world, out, user)
    where, gap, bad = place(world), rng.choice([120, 180, 240]), rng.uniform(0, 0.06)
    mails = [send(world, user, t, [world.stranger()], where, unknown=bad)
             for t in run(rng, late(world), rng.randrange(200, 600), gap) if t < world.end - 600]
    return incidents.finish(account(user, "weekend"), mails)


def in_the_webmail_box(world, out):
    """As by_webmail_box, and whoever has a session writes to strangers, some at a time, and hardly one fails."""
    rng = world.rng
    users = rng.sample(world.users, min(4, len(world.users)))
    for user in users:
        for day in range(world.days):
            for _ in range(rng.randrange(2, 9)):
                out.append(send(world, user, world.begin + day * DAY + hour_of(rng, (8, 22)),
                                [rng.choice(user.contacts)], WEBMAIL))
    each, bad = rng.choice([10, 20, 25, 40]), rng.choice([rng.uniform(0, 0.02), rng.uniform(0.02, 0.3)])
    at = late(world) + rng.choice([rng.uniform(0, 5), rng.uniform(0, 22)]) * 3600
    mails = [send(world, users[0], t, [world.stranger() for _ in range(each)], WEBMAIL, unknown=bad)
             for t in run(rng, at, rng.randrange(25, 100), rng.choice([15, 40, 90]))]
    return incidents.finish(account(users[0], "webmail box"), mails)


def thiefs_method(rng, user):
    """Many tools of theirs know but one, whatever the owner's program does."""
    return rng.choice(["LOGIN", user.method])


def account(user, style):
    return Incident("compromised_account", user.login, style)


def tried_account(world, out):
    rng, user = world.rng, fresh_login(world, world.rng.choice(["test", "scan", "old.user", "praktikant", "info"]))
    where, at = place(world), late(world) + rng.uniform(0, 23) * 3600
    size, bad, count = rng.randrange(1500, 9000), rng.uniform(0, 0.04), rng.randrange(150, 800)
    sender = user.address if rng.random() < 0.6 else f"{user.login.partition('@')[0]}@{world.host}"
    if rng.random() < 0.7 and at > world.begin + DAY:
        out.append(send(world, user, at - rng.uniform(0.3, 0.95) * DAY, [world.someone(1)], where, 700, sender))
    mails = [send(world, user, t, [world.stranger()], where, size + rng.randrange(40), sender, unknown=bad)
             for t in run(rng, at, count, rng.choice([1, 3, 5]))]
    return incidents.finish(account(user, "tried"), mails)


def used_elsewhere(world, out):
    """A person's account from a network that it never used, hardly a bounce."""
    rng, user = world.rng, person(world)
    settle(world, out, user)
    places, at = [place(world) for _ in range(rng.choice([1, 1, 2, 3]))], late(world) + rng.uniform(0, 22) * 3600
    each, bad, size = rng.choice([1, 1, 5, 10, 20]), rng.uniform(0, 0.06), rng.randrange(1500, 30000)
    method = thiefs_method(rng, user)
    mails = [send(world, user, t, [world.stranger() for _ in range(each)], rng.choice(places),
                  size + rng.randrange(60), method=method, unknown=bad, spam=bad / 2)
             for t in run(rng, at, rng.randrange(100, 600), rng.choice([0.8, 4, 9]))]
    return incidents.finish(account(user, "elsewhere"), mails)


def ever_new_networks(world, out):
    rng, user = world.rng, person(world)
    if rng.random() < 0.6:
        settle(world, out, user)
    count, hours = rng.randrange(50, 250), rng.choice([6, 24, 48, 24 * world.days, 24 * world.days])
    begin, mails = late(world) + rng.uniform(0, 3) * 3600, []
    for number in range(count):
        at = begin + hours * 3600 * number / count + rng.uniform(0, 60)
        if at < world.end - 600:
            mails.append(send(world, user, at, [world.stranger()], place(world), 3212, unknown=0.02))
    return incidents.finish(account(user, "networks"), mails)


def in_the_webmail(world, out):
    rng, user = world.rng, person(world)
    for day in range(world.days):
        for _ in range(rng.randrange(1, 6)):
            out.append(send(world, user, world.begin + day * DAY + hour_of(rng, (8, 22)),
                            [rng.choice(user.contacts)], LOOPBACK))
    each, bad, at = rng.choice([10, 20, 40]), rng.uniform(0.03, 0.4), late(world) + rng.uniform(0, 22) * 3600
    mails = [send(world, user, t, [world.stranger() for _ in range(each)], LOOPBACK, 2000 + rng.randrange(60),
                  unknown=bad) for t in run(rng, at, rng.randrange(30, 140), rng.choice([15, 25, 40]))]
    return incidents.finish(account(user, "webmail"), mails)


def slow_and_careful(world, out):
    rng, user = world.rng, person(world)
    settle(world, out, user)
    places, begin = [place(world) for _ in range(rng.choice([1, 1, 2]))], late(world)
    method, gap, size = thiefs_method(rng, user), rng.choice([60, 90, 150]), rng.randrange(1500, 30000)
    mails = [send(world, user, t, [world.stranger()], rng.choice(places), size + rng.randrange(60),
                  method=method, unknown=rng.uniform(0, 0.03))
             for t in run(rng, begin, 1500, gap) if t < world.end - 600]
    return incidents.finish(account(user, "careful"), mails)


def drip(world, out):
    """Some each hour for days, beside the owner who goes on writing."""
    rng, user = world.rng, person(world)
    settle(world, out, user)
    at_home, where, begin = home(world, user), place(world), late(world)
    each, size, hours = rng.randrange(25, 200), rng.randrange(1500, 30000), rng.choice([(0, 24), (0, 24), (7, 21)])
    method, varied, bad, mails = thiefs_method(rng, user), rng.random() < 0.3, rng.uniform(0, 0.05), []
    for day in range(world.days):
        for _ in range(each):
            at = begin + day * DAY + rng.uniform(hours[0], hours[1]) * 3600
            if at < world.end - 600:
                mails.append(send(world, user, at, [world.stranger()], where,
                                  None if varied else size + rng.randrange(60), method=method, unknown=bad))
        for _ in range(rng.randrange(0, 8)):
            out.append(send(world, user, world.begin + day * DAY + hour_of(rng, (8, 18)), [rng.choice(user.contacts)],
                            at_home))
    return incidents.finish(account(user, "drip"), mails)


def few_great_messages(world, out):
    rng, user = world.rng, person(world)
    settle(world, out, user)
    where, at, bad = place(world), late(world) + rng.uniform(0, 22) * 3600, rng.uniform(0.06, 0.3)
    mails = [send(world, user, at + number * 40, [world.stranger() for _ in range(rng.randrange(80, 300))], where, 4000,
                  unknown=bad, spam=bad / 3) for number in range(rng.choice([1, 2, 4]))]
    return incidents.finish(account(user, "great"), mails)


def script(path, user, uid, cwd, style):
    return Incident("script", path, style, accept=[cwd, user, str(uid), f"uid={uid}", f"uid {uid}"])


def slow_script(world, out):
    rng = world.rng
    cwd = f"/var/www/{rng.choice(['blog', 'cms', 'verein'])}/{rng.choice(['wp-content/plugins/seo', 'lib', 'tmp'])}"
    sender = rng.choice([f"www-data@{world.host}", f"info@{rng.choice(world.own)}"])
    size, path = rng.randrange(1500, 9000), f"{cwd}/{rng.choice(['x', 'lib7', 'options2'])}.php"
    mails = [program(world, t, [world.stranger()], sender, "www-data", 33, cwd, size + rng.randrange(60), path,
                     unknown=rng.uniform(0, 0.08))
             for t in run(rng, late(world), 1500, rng.choice([60, 90])) if t < world.end - 600]
    return incidents.finish(script(path, "www-data", 33, cwd, "slow"), mails)


def form_that_copies(world, out):
    rng, owner = world.rng, person(world).address
    site = owner.rpartition("@")[2]
    cwd, sender = f"/var/www/{site}", rng.choice([owner, f"www-data@{world.host}"])
    path = f"{cwd}/kontakt.php"

    def both(at, to, **chances):
        first = program(world, at, [owner], sender, "www-data", 33, cwd, 2000 + rng.randrange(300), path)
        second = program(world, at + 0.3, [to], sender, "www-data", 33, cwd, 2000 + rng.randrange(300), path, **chances)
        return [first, second]

    for day in range(world.days):
        for _ in range(rng.randrange(1, 4)):
            out.extend(both(world.begin + day * DAY + hour_of(rng, (7, 23)), world.someone()))
    mails = []
    for t in run(rng, late(world) + rng.uniform(0, 20) * 3600, rng.randrange(120, 700), rng.choice([6, 11, 20])):
        mails += both(t, world.stranger(), unknown=rng.uniform(0, 0.1))
    return incidents.finish(script(path, "www-data", 33, cwd, "copies"), mails)


def file_where_none_belongs(world, out):
    rng = world.rng
    cwd = f"/var/www/{rng.choice(['blog', 'shop'])}/{rng.choice(['wp-content/uploads/2024/03', 'images', 'cache'])}"
    path, sender = f"{cwd}/{rng.choice(['a', 'wp-x', 'mini'])}.php", f"www-data@{world.host}"
    mails = [program(world, t, [world.stranger()], sender, "www-data", 33, cwd, 2400 + rng.randrange(60), path,
                     unknown=rng.uniform(0, 0.08))
             for t in run(rng, late(world) + rng.uniform(0, 20) * 3600, rng.randrange(40, 300), 12)]
    return incidents.finish(script(path, "www-data", 33, cwd, "dropped"), mails)


def bad_list_by_copies(world, out):
    """Fifty at a time from where its owner always is, each letter of its own length, to addresses found somewhere."""
    rng, user = world.rng, person(world)
    where, bad, each = settle(world, out, user), rng.uniform(0.08, 0.3), rng.choice([10, 30, 50])
    at, readers = late(world) + 9 * 3600, readers_of(world, 300, 1200)
    mails = [send(world, user, at + number * rng.uniform(2, 8), readers[number:number + each], where, unknown=bad,
                  spam=bad / 6) for number in range(0, len(readers), each)]
    return incidents.finish(Incident("bulk_mail", user.address, "copies"), sorted(mails, key=lambda m: m.at))


def bad_list_of_a_program(world, out):
    """By the login of a mailing program, which nothing else uses, a text made for each reader."""
    rng, user = world.rng, fresh_login(world, world.rng.choice(["crm", "mailer", "shop"]))
    where, bad = place(world, "app.crm.example"), rng.uniform(0.1, 0.35)
    count, gap, at = rng.randrange(300, 900), rng.choice([15, 20, 30]), late(world) + rng.choice([8, 9, 10]) * 3600
    mails = [send(world, user, t, [world.someone(0.6)], where, unknown=bad, spam=bad / 6)
             for t in run(rng, at, count, gap)]
    return incidents.finish(Incident("bulk_mail", user.address, "program"), mails)


def bad_list(world, out):
    """Its owner's mailing, to a list that nobody keeps."""
    rng, user = world.rng, person(world)
    where, bad = settle(world, out, user), rng.uniform(0.1, 0.35)
    mails = mailing(world, user, late(world) + hour_of(rng, (8, 20)), where, readers_of(world, 120, 700),
                    rng.choice([0.6, 2, 5]), rng.randrange(3000, 90000), unknown=bad, spam=bad / 6)
    return incidents.finish(Incident("bulk_mail", user.address, "own"), mails)


HONEST = [newsletter_by_program, new_staff, conference, carrier, private_network, circular, invoices,
          invoices_by_program, quarterly, crm,
          orders, moving_in, every_minute, storm, resets, teacher, season, old_friends, shared_account, tickets,
          by_webmail, salesman, moved, program_elsewhere, mailing_abroad, by_webmail_box]
GUILTY = [tried_account, used_elsewhere, ever_new_networks, in_the_webmail, slow_and_careful, drip, few_great_messages,
          slow_script, form_that_copies, file_where_none_belongs, bad_list, quiet_burst, working_day, weekend_run,
          in_the_webmail_box, bad_list_by_copies, bad_list_of_a_program]


def happen(plan):
    rng = plan.rng
    world = World(rng, plan.begin, plan.days, plan.users, plan.login_style)
    events, found = [], []
    if not plan.clean:
        found.append(rng.choice(GUILTY)(world, events))
        events += found[0].mails
    for habit in rng.sample(HONEST, rng.randrange(1, 5)):
        habit(world, events)
    habits.live(world, events, plan.busy, ["alias"])
    mails = [e for e in events if isinstance(e, Mail)]
    events += scenario.notices(world, mails)
    events = sorted((e for e in events if world.begin - 60 <= e.at < world.end), key=lambda e: e.at)
    for incident in found:
        incident.mails = [m for m in incident.mails if m.at < world.end]
        incident.last = min(incident.last, world.end)
    return world, events, found


def plan_of(seed):
    plan = scenario.Plan(seed, scale=0.3)
    plan.rng = rng = random.Random(f"pairs-{seed}")
    plan.mta = rng.choices(["postfix", "exim", "sendmail"], [60, 30, 10])[0]
    plan.options = scenario.options(rng, plan.mta)
    if plan.mta == "exim":
        plan.options["arguments"] = True
    plan.head, plan.head_more = scenario.head_of(rng, plan.mta)
    plan.clean, plan.days, plan.shape = rng.random() < 0.5, rng.randrange(2, 7), rng.choice(["one", "rotated"])
    plan.users, plan.busy = rng.choice([4, 8, 16]), 10
    plan.kinds = []
    return plan


def write(seed, folder):
    return scenario.write(plan_of(seed), folder, happen)


if __name__ == "__main__":
    for number in sys.argv[1:-1]:
        write(int(number), os.path.join(sys.argv[-1], number))
