"""What the internet does to every mail server, all day: scanners, guessed passwords, tries to relay, spam."""
import zlib

import client

USERS = ("admin info test user office sales contact support webmaster postmaster scan backup root mail noreply billing "
         "hr marketing service accounting reception fax newsletter web demo").split()
PASSWORDS = ("123456", "password", "Admin123", "qwerty", "111111", "P@ssw0rd", "1q2w3e4r", "test", "welcome1",
             "changeme")


def perform(runner, probe):
    try:
        KINDS[probe.kind](runner, probe.source, **probe.words)
    except client.Gone:
        pass


def _open(runner, source, port=25, helo=None):
    s = client.Session(source, runner.server.ip, port)
    code, _ = s.reply()
    if helo and code == 220:
        s.command("EHLO " + helo)
    return s


def connect(runner, source, port=25, before_banner=False):
    """A port scan."""
    s = client.Session(source, runner.server.ip, port)
    if not before_banner:
        s.reply()
    s.close(polite=False)


def hello(runner, source, helo="scan", port=25, polite=True):
    s = _open(runner, source, port, helo)
    s.close(polite)


def http(runner, source, host="example.com", port=25):
    """A web scanner at the wrong port."""
    s = _open(runner, source, port)
    s.raw(b"GET / HTTP/1.1\r\nHost: " + host.encode() + b"\r\nUser-Agent: Mozilla/5.0 zgrab/0.x\r\nAccept: */*\r\n\r\n")
    try:
        for _ in range(4):
            s.reply()
    finally:
        s.close(polite=False)


def garbage(runner, source, port=25):
    s = _open(runner, source, port)
    s.raw(b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n")
    try:
        s.reply()
    finally:
        s.close(polite=False)


def tls_failure(runner, source, port=25, helo="masscan"):
    s = _open(runner, source, port, helo)
    code, _ = s.command("STARTTLS")
    if code == 220:
        s.raw(b"\x15\x03\x01\x00\x02\x02\x46")
    s.close(polite=False)


def guess(runner, source, port=587, tries=(), helo="User", polite=False, mechanism="LOGIN"):
    """Passwords tried in vain. @param tries [(user, password)]"""
    s = _open(runner, source, port, helo)
    # most who guess do not trouble with TLS, and a server that asks for it answers them at once
    if runner.login_needs_tls and zlib.crc32(source.encode()) % 4 == 0 and s.starttls()[0] == 220:
        s.command("EHLO " + helo)
    for user, password in tries:
        code, _ = s.login(user, password, mechanism)
        if code == 235:
            raise AssertionError(f"a guess was right: {user}")
        if code == 421:
            break
    s.close(polite)


def relay_try(runner, source, sender, recipient, helo="win-host"):
    """Asks whether the server relays for strangers; it does not."""
    s = _open(runner, source, 25, helo)
    s.command(f"MAIL FROM:<{sender}>")
    s.command(f"RCPT TO:<{recipient}>")
    s.close(polite=False)


def unknown_user(runner, source, sender, recipients, helo, polite=True):
    s = _open(runner, source, 25, helo)
    s.command(f"MAIL FROM:<{sender}>")
    for recipient in recipients:
        s.command(f"RCPT TO:<{recipient}>")
    s.close(polite)


def cut_off(runner, source, sender, recipient, helo):
    """A session that ends in the middle of a message."""
    s = _open(runner, source, 25, helo)
    s.command(f"MAIL FROM:<{sender}>")
    if s.command(f"RCPT TO:<{recipient}>")[0] == 250 and s.command("DATA")[0] == 354:
        s.raw(b"Subject: x\r\n\r\nhalf a mess")
    s.close(polite=False)


def verify(runner, source, users, helo="localhost"):
    s = _open(runner, source, 25, helo)
    for user in users:
        s.command("VRFY " + user)
    s.close(polite=False)


KINDS = {"connect": connect, "hello": hello, "http": http, "garbage": garbage, "tls_failure": tls_failure,
         "guess": guess,
         "relay_try": relay_try, "unknown_user": unknown_user, "cut_off": cut_off, "verify": verify}
