# SPDX-License-Identifier: BSD-2-Clause
"""Events as Postfix writes them: (at, program, pid, text)."""

from model import Login, Refusal

LONG = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
TLS = "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"


def base(number, digits, width):
    out = ""
    while number or len(out) < width:
        number, rest = divmod(number, len(digits))
        out = digits[rest] + out
    return out


class Ids:
    """Queue ids; short ones come again when a file's inode and microsecond do."""

    def __init__(self, rng, long):
        self.rng, self.long, self.free, self.seen = rng, long, [], set()

    def new(self, at):
        rng = self.rng
        if not self.long and self.free and rng.random() < 0.02:
            for index, (since, old) in enumerate(self.free):
                if at > since + 60:
                    del self.free[index]
                    return old
        while True:
            if self.long:
                micro = int(at * 1e6) % 10**6
                made = base(int(at), LONG, 6) + base(micro, LONG, 4) + "z" + base(rng.randrange(10**6), LONG[:-1], 3)
            else:
                made = f"{int(at * 1e6) % 10**6:05X}{rng.randrange(0x10000, 0xFFFFFF):X}"
            if made not in self.seen:
                self.seen.add(made)
                return made

    def done(self, at, queue_id):
        if not self.long and len(self.free) < 200:
            self.free.append((at, queue_id))


def said(relay, code, dsn, text, stage, separator=" "):
    """A receiver's reply as Postfix gives it: the lines of a reply are joined by blanks, each with its code."""
    lines = text.split("\n")
    words = [f"{code}{'-' if i + 1 < len(lines) else ' '}{dsn + ' ' if dsn and i == 0 else ''}{line}"
             for i, line in enumerate(lines)]
    command = {"RCPT TO": "RCPT TO command", "end of DATA": "end of DATA command", "MAIL FROM": "MAIL FROM command"}
    body = separator.join(words)
    if stage == "connect":
        return f"host {relay.name}[{relay.ip}] refused to talk to me: {body}"
    return f"host {relay.name}[{relay.ip}] said: {body} (in reply to {command.get(stage, 'RCPT TO command')})"


class Postfix:
    def __init__(self, world, rng, opt):
        self.world, self.rng, self.opt = world, rng, opt
        self.ids = Ids(rng, opt.get("long_ids", True))
        self.lines = []
        self.name = opt.get("syslog_name", "postfix")
        self.pids = {}

    def pid(self, daemon, pool=6):
        """One of the few processes of a daemon."""
        if daemon not in self.pids:
            self.pids[daemon] = [self.rng.randrange(1000, 99999) for _ in range(pool)]
        if self.rng.random() < 0.01:
            self.pids[daemon][self.rng.randrange(len(self.pids[daemon]))] = self.rng.randrange(1000, 99999)
        return self.rng.choice(self.pids[daemon])

    def say(self, at, daemon, text, pid=None, name=None):
        self.lines.append((at, f"{name or self.name}/{daemon}", pid or self.pid(daemon), text))

    def peer(self, client):
        return f"{client.name}[{client.ip}]"

    # ---- how a message comes in

    def smtpd(self, mail):
        if mail.service == "smtp":
            return "smtpd"
        return f"{mail.service}/smtpd" if self.opt.get("service_names", True) else "smtpd"

    def arrive(self, mail, queue_id):
        at, rng = mail.at, self.rng
        if mail.origin == "local":
            self.say(at, "pickup", f"{queue_id}: uid={mail.uid} from=<{self.local_sender(mail)}>",
                     self.pid("pickup", 1))
            return
        daemon = self.smtpd(mail)
        pid = self.pid(daemon, 12)
        self.say(at - 0.4, daemon, f"connect from {self.peer(mail.client)}", pid)
        if mail.origin == "login" and self.opt.get("tls_lines"):
            self.say(at - 0.3, daemon, f"Anonymous TLS connection established from {self.peer(mail.client)}: {TLS} "
                     "key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256", pid)
        login = f", sasl_method={mail.method}, sasl_username={mail.login}" if mail.origin == "login" else ""
        self.say(at, daemon, f"{queue_id}: client={self.peer(mail.client)}{login}", pid)
        auth = "auth=1 " if mail.origin == "login" else ""
        count = len(mail.rcpts)
        self.say(at + 0.9 + rng.random(), daemon, f"disconnect from {self.peer(mail.client)} ehlo=1 {auth}mail=1 "
                 f"rcpt={count} data=1 quit=1 commands={count + (5 if auth else 4)}", pid)

    def local_sender(self, mail):
        return mail.sender if self.opt.get("pickup_full", True) or not mail.user else mail.user

    # ---- the whole of a message

    def mail(self, mail):
        """@return the id under which it came in"""
        first = self.ids.new(mail.at)
        if mail.origin != "notice":
            self.arrive(mail, first)
        final, begin = first, mail.at
        forwards = [r for r in mail.rcpts if r.forward in ("dotforward", "sieve")]
        if self.opt.get("amavis") and mail.origin != "notice":
            final, begin = self.through_amavis(mail, first)
        else:
            self.cleanup(mail.at + 0.03, mail, final)
            self.queue(mail.at + 0.06, mail, final, len(mail.rcpts))
        end, name = begin, self.name
        if final != first and self.opt.get("instances"):
            self.name = "postfix-out"       # behind the filter it is another instance's, to its end
        for rcpt in mail.rcpts:
            if rcpt in forwards:
                end = max(end, self.sent_on(mail, rcpt, final, begin))
            else:
                end = max(end, self.deliver(mail, rcpt, final, begin))
        # the bounce daemon has told the sender before the queue manager lets go
        failed = any(r.tries[-1].outcome == "bounced" for r in mail.rcpts)
        self.remove(end + (0.2 if failed else 0.06), final)
        self.name = name
        mail.queue_id = final
        return first

    def cleanup(self, at, mail, queue_id, name=None):
        self.say(at, "cleanup", f"{queue_id}: message-id=<{mail.msgid}>", name=name)
        if self.opt.get("subjects"):
            client = f"{self.peer(mail.client)}" if mail.client else "local"
            proto = f"; proto=ESMTP helo=<{mail.client.helo}>" if mail.client else ""
            self.say(at + 0.01, "cleanup", f"{queue_id}: warning: header Subject: {mail.subject} from {client}; "
                     f"from=<{mail.sender}> to=<{mail.rcpts[0].address}>{proto}", name=name)

    def queue(self, at, mail, queue_id, count, name=None):
        self.say(at, "qmgr", f"{queue_id}: from=<{mail.sender}>, size={mail.size}, nrcpt={count} (queue active)",
                 self.pid("qmgr", 1), name)

    def remove(self, at, queue_id, name=None):
        self.say(at, "qmgr", f"{queue_id}: removed", self.pid("qmgr", 1), name)
        self.ids.done(at, queue_id)

    def through_amavis(self, mail, first):
        """After-queue filter on the loopback: the message comes back with another id."""
        rng, at = self.rng, mail.at
        self.cleanup(at + 0.03, mail, first)
        self.queue(at + 0.06, mail, first, len(mail.rcpts))
        back = at + 0.6 + rng.random()
        second = self.ids.new(back)
        pid, task = self.pid("smtpd", 12), f"{rng.randrange(10000, 99999)}-{rng.randrange(1, 20):02d}"
        outer = self.opt.get("instances")
        inner = "postfix-out" if outer else None
        more = ""
        if mail.client and self.opt.get("orig"):
            more = f", orig_queue_id={first}, orig_client={self.peer(mail.client)}"
        daemon = self.opt.get("reinject", "smtpd")
        self.say(back - 0.2, daemon, "connect from localhost[127.0.0.1]", pid, inner)
        self.say(back, daemon, f"{second}: client=localhost[127.0.0.1]{more}", pid, inner)
        self.cleanup(back + 0.02, mail, second, inner)
        self.queue(back + 0.04, mail, second, len(mail.rcpts), inner)
        where = f"[{mail.client.ip}]:{rng.randrange(20000, 65000)} [{mail.client.ip}]" if mail.client else "LOCAL"
        kind = "RelayedOutbound" if any(not r.local for r in mail.rcpts) else "RelayedInbound"
        self.lines.append((back + 0.05, "amavis", int(task[:5]),
                           f"({task}) Passed CLEAN {{{kind}}}, {where} <{mail.sender}> -> "
                           f"{','.join('<' + r.address + '>' for r in mail.rcpts[:8])}, Queue-ID: {first}, "
                           f"Message-ID: <{mail.msgid}>, mail_id: {rng.getrandbits(64):012x}, Hits: -0.999, "
                           f"size: {mail.size}, queued_as: {second}, {rng.randrange(90, 900)} ms"))
        pid = self.pid("smtp", 12)
        for rcpt in mail.rcpts:
            orig = f", orig_to=<{rcpt.orig}>" if rcpt.forward == "alias" else ""
            self.say(back + 0.06, self.opt.get("feeder", "smtp"), f"{first}: to=<{rcpt.address}>{orig}, "
                     f"relay=127.0.0.1[127.0.0.1]:10024, delay={back - at:.2g}, delays=0.1/0.01/0.01/{back - at:.2g}, "
                     f"dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as "
                     f"{second})", pid)
        self.remove(back + 0.08, first)
        return second, back

    def sent_on(self, mail, rcpt, queue_id, begin):
        """~/.forward by local(8), or Sieve's redirect by Dovecot: a new message."""
        at = begin + 0.3
        second = self.ids.new(at)
        if rcpt.forward == "dotforward":
            self.say(at + 0.1, "local", f"{queue_id}: to=<{rcpt.orig}>, relay=local, delay=0.3, delays=0.2/0/0/0.1, "
                     f"dsn=2.0.0, status=sent (forwarded as {second})")
        else:
            session, user = f"{self.rng.getrandbits(80):020x}", rcpt.orig
            self.lines.append((at - 0.02, "dovecot", self.pid("dovecot", 1),
                               f"lmtp({user})<{self.rng.randrange(999, 99999)}><{session}>: sieve: "
                               f"msgid=<{mail.msgid}>: "
                               f"forwarded to <{rcpt.address}>"))
            self.say(at + 0.1, "lmtp", f"{queue_id}: to=<{rcpt.orig}>, relay={self.world.host}[private/dovecot-lmtp], "
                     f"delay=0.3, delays=0.2/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <{rcpt.orig}> {session} Saved)")
            self.say(at, "pickup", f"{second}: uid=5000 from=<{mail.sender}>", self.pid("pickup", 1))
        self.cleanup(at + 0.02, mail, second)
        self.queue(at + 0.05, mail, second, 1)
        end = self.deliver(mail, rcpt, second, at)
        self.remove(end + 0.6, second)
        rcpt.queue_id = second
        return at + 0.2

    def deliver(self, mail, rcpt, queue_id, begin):
        at = begin
        orig = ""
        if rcpt.orig and rcpt.forward != "sieve" and rcpt.orig != rcpt.address:
            orig = f", orig_to=<{rcpt.orig}>"
        tls = ", tls=" + self.rng.choice(["verified", "untrusted", "none", "dane"]) if self.opt.get("tls_field") else ""
        for one in rcpt.tries:
            at += one.wait
            delay = at - mail.at
            parts = f"{self.number(max(0, delay - one.wait))}/0.01/0.2/{self.number(min(one.wait, 9))}"
            delays = f"delay={self.number(delay)}, delays={parts}{tls}"
            if rcpt.local:
                self.local(mail, rcpt, one, queue_id, at, orig, delays)
                continue
            pid, stamp = self.pid("smtp", 14), f"{queue_id}: to=<{rcpt.address}>{orig}"
            if one.relay is None:
                self.say(at, "smtp", f"{stamp}, relay=none, {delays}, dsn={one.dsn}, status={one.outcome} ({one.text})",
                         pid)
            elif one.outcome == "sent":
                self.say(at, "smtp", f"{stamp}, relay={one.relay.name}[{one.relay.ip}]:25, {delays}, dsn={one.dsn}, "
                         f"status=sent ({one.code} {one.dsn} {one.text})", pid)
            else:
                words = said(one.relay, one.code, one.dsn, one.text, one.stage)
                if one.stage == "connect" and self.rng.random() < 0.5:
                    self.say(at - 0.01, "smtp", f"{queue_id}: {words}", pid)
                dsn = one.dsn or ("5.0.0" if one.code >= 500 else "4.0.0")
                outcome = one.outcome
                self.say(at, "smtp", f"{stamp}, relay={one.relay.name}[{one.relay.ip}]:25, {delays}, dsn={dsn}, "
                         f"status={outcome} ({words})", pid)
        return at

    @staticmethod
    def number(seconds):
        if seconds < 0.01:
            return "0"
        return f"{seconds:.2g}" if seconds < 10 else f"{seconds:.0f}"

    def local(self, mail, rcpt, one, queue_id, at, orig, delays):
        if one.outcome != "sent":
            self.say(at, "virtual" if self.opt.get("virtual") else "local",
                     f"{queue_id}: to=<{rcpt.address}>{orig}, "
                     f"relay={'virtual' if self.opt.get('virtual') else 'local'}, "
                     f"{delays}, dsn={one.dsn}, status=bounced ({one.text})")
        elif "command" in one.text:
            self.say(at, "local", f"{queue_id}: to=<{rcpt.address}>{orig}, relay=local, {delays}, dsn=2.0.0, "
                     f"status=sent ({one.text})")
        elif self.opt.get("lmtp", True):
            self.say(at, "lmtp", f"{queue_id}: to=<{rcpt.address}>{orig}, "
                     f"relay={self.world.host}[private/dovecot-lmtp], "
                     f"{delays}, dsn=2.0.0, status=sent (250 2.0.0 <{rcpt.address}> {self.rng.getrandbits(90):x} "
                     f"Saved)")
        else:
            self.say(at, "virtual", f"{queue_id}: to=<{rcpt.address}>{orig}, relay=virtual, {delays}, dsn=2.0.0, "
                     "status=sent (delivered to maildir)")

    def notice(self, mail):
        """A bounce that this server made."""
        parent = getattr(mail.parent, "queue_id", None)
        for rcpt in mail.parent.rcpts:
            if rcpt.tries[-1].outcome == "bounced" and hasattr(rcpt, "queue_id"):
                parent = rcpt.queue_id
        queue_id = self.ids.new(mail.at)
        bounce = (mail.at + (-0.01 if self.opt.get("tls_field") else 0.03), "bounce",
                  f"{parent}: sender non-delivery notification: {queue_id}")
        self.say(*bounce)
        self.cleanup(mail.at, mail, queue_id)
        self.queue(mail.at + 0.05, mail, queue_id, 1)
        end = self.deliver(mail, mail.rcpts[0], queue_id, mail.at)
        self.remove(end + 0.05, queue_id)

    # ---- the rest

    def refusal(self, event):
        client = self.peer(event.client)
        text = {"relay": f"554 5.7.1 <{event.rcpt}>: Relay access denied",
                "unknown": f"550 5.1.1 <{event.rcpt}>: Recipient address rejected: User unknown in virtual mailbox "
                f"table",
                "blocklist": f"554 5.7.1 Service unavailable; Client host [{event.client.ip}] blocked using "
                f"zen.spamhaus.org; "
                             f"https://www.spamhaus.org/query/ip/{event.client.ip}",
                "greylist": f"450 4.2.0 <{event.rcpt}>: Recipient address rejected: Greylisted",
                "helo": f"504 5.5.2 <{event.client.helo}>: Helo command rejected: need fully-qualified hostname",
                "login": "553 5.7.1 <x>: Sender address rejected: not owned by user"}[event.kind]
        pid = self.pid("smtpd", 12)
        self.say(event.at - 0.5, "smtpd", f"connect from {client}", pid)
        self.say(event.at, "smtpd", f"NOQUEUE: reject: RCPT from {client}: {text}; from=<{event.sender}> "
                 f"to=<{event.rcpt}> "
                 f"proto=ESMTP helo=<{event.client.helo}>", pid)
        self.say(event.at + 0.3, "smtpd", f"disconnect from {client} ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4", pid)

    def login(self, event):
        if event.service in ("imap", "pop3"):
            self.lines.append((event.at, "dovecot", self.pid("dovecot", 1), dovecot(event, self.rng)))
            return
        if event.good:      # Postfix says nothing of it without a message
            return
        pid, client = self.pid("submission/smtpd", 12), self.peer(event.client)
        user = f", sasl_username={event.login}" if self.opt.get("failed_user") else ""
        self.say(event.at - 1, "submission/smtpd", f"connect from {client}", pid)
        self.say(event.at, "submission/smtpd", f"warning: {client}: SASL LOGIN authentication failed: "
                 f"{'UGFzc3dvcmQ6' if self.rng.random() < 0.5 else '(reason unavailable)'}{user}", pid)
        self.say(event.at + 0.5, "submission/smtpd", f"disconnect from {client} ehlo=1 auth=0/1 quit=1 commands=2/3",
                 pid)

    def noise(self):
        """Lines that say nothing of a message."""
        rng, world = self.rng, self.world
        for _ in range(20 * world.days):
            at = rng.uniform(world.begin, world.end)
            ip = world.nets.host4("203.0.113.")
            self.say(at, "anvil", f"statistics: max connection rate {rng.randrange(1, 9)}/60s for (smtp:{ip}) at Jan  "
                     f"1 00:00:00")
            self.say(at + 20, "postscreen", f"CONNECT from [{ip}]:{rng.randrange(1024, 65000)} to [192.0.2.25]:25",
                     self.pid("postscreen", 1))
            self.say(at + 26, "postscreen", f"PASS NEW [{ip}]:{rng.randrange(1024, 65000)}", self.pid("postscreen", 1))
            self.say(at + 40, "smtpd", f"warning: hostname bad.example does not resolve to address {ip}")
            self.lines.append((at + 41, "CRON", rng.randrange(999, 99999), "(root) CMD (test -x /usr/sbin/anacron)"))
            if self.opt.get("rspamd"):
                self.lines.append((at + 42, "rspamd", self.pid("rspamd", 1),
                                   "<a1b2c3>; proxy; proxy_accept_socket: accepted milter connection from 127.0.0.1 "
                                   "port 40400"))

    def milter(self, mail, queue_id):
        rng = self.rng
        self.lines.append((mail.at + 0.1, "rspamd", self.pid("rspamd", 1),
                           f"<{rng.getrandbits(24):06x}>; task; rspamd_task_write_log: id: <{mail.msgid}>, "
                           f"qid: <{queue_id}>, ip: {mail.client.ip if mail.client else '127.0.0.1'}, "
                           + (f"user: {mail.login}, " if mail.login else "") +
                           f"from: <{mail.sender}>, (default: F (no action): [{rng.uniform(-3, 4):.2f}/15.00] "
                           f"[DKIM_SIGNED(0.00){{}}]), "
                           f"len: {mail.size}, time: {rng.uniform(10, 300):.3f}ms, dns req: 3, digest: "
                           f"<{rng.getrandbits(128):032x}>, "
                           f"rcpts: <{mail.rcpts[0].address}>, mime_rcpts: <{mail.rcpts[0].address}>"))

    def write(self, events):
        self.noise()
        for event in events:
            if isinstance(event, Refusal):
                self.refusal(event)
            elif isinstance(event, Login):
                self.login(event)
            elif event.origin == "notice":
                self.notice(event)
            else:
                door = self.mail(event)
                if self.opt.get("rspamd"):
                    self.milter(event, door)
                if event.answer_for and self.opt.get("sieve_log", True):
                    self.lines.append((event.at - 0.05, "dovecot", self.pid("dovecot", 1),
                                       f"lmtp({event.answer_for})<{self.rng.randrange(999, 9999)}><x>: sieve: "
                                       f"msgid=<{event.msgid}>: sent vacation response to <{event.rcpts[0].address}>"))
        return self.lines


def dovecot(event, rng):
    """imap-login's line."""
    session = f"{rng.getrandbits(60):x}"
    if event.good:
        return (f"{event.service}-login: Login: user=<{event.login}>, method=PLAIN, rip={event.client.ip}, "
                f"lip=192.0.2.25, "
                f"mpid={rng.randrange(999, 99999)}, TLS, session=<{session}>")
    return (f"{event.service}-login: Disconnected: Connection closed (auth failed, 1 attempts in {rng.randrange(2, 9)} "
            f"secs): "
            f"user=<{event.login}>, method=PLAIN, rip={event.client.ip}, lip=192.0.2.25, TLS, session=<{session}>")
