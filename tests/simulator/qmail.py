# SPDX-License-Identifier: BSD-2-Clause
"""Events as qmail-send writes them. It knows no client and no login: only the uid that handed a message over."""
from model import Mail


class Qmail:
    def __init__(self, world, rng, opt):
        self.world, self.rng, self.opt = world, rng, opt
        self.lines, self.delivery = [], rng.randrange(1, 5000)
        self.inodes = [rng.randrange(10**6, 10**7) for _ in range(60)]     # reused all the time
        self.until = {}

    def say(self, at, text):
        self.lines.append((at, "qmail", 1, text))

    def inode(self, at, end):
        for number in self.inodes:
            if self.until.get(number, 0) < at:
                self.until[number] = end + 1
                return number
        self.inodes.append(self.rng.randrange(10**6, 10**7))
        self.until[self.inodes[-1]] = end + 1
        return self.inodes[-1]

    def mail(self, mail):
        at, qp = mail.at, self.rng.randrange(1000, 60000)
        sent_on = [r for r in mail.rcpts if r.forward]
        number = self.inode(at, mail.end())
        uid = {"local": mail.uid, "notice": 7806}.get(mail.origin, 7791)
        if mail.origin == "notice":
            self.say(at - 0.02, f"bounce msg {getattr(mail.parent, 'number', 0)} qp {qp}")
        self.say(at, f"new msg {number}")
        self.say(at + 0.001, f"info msg {number}: bytes {mail.size} from <{mail.sender}> qp {qp} uid {uid}")
        mail.number = number
        for rcpt in mail.rcpts:
            if rcpt in sent_on:
                self.forward(mail, rcpt, number)
            else:
                self.deliver(mail, rcpt, number, at)
        self.say(mail.end() + 0.05, f"end msg {number}")

    def forward(self, mail, rcpt, number):
        """.qmail with an address in it: a new message by the user's own uid."""
        self.delivery += 1
        at, qp = mail.at + 0.1, self.rng.randrange(1000, 60000)
        self.say(at, f"starting delivery {self.delivery}: msg {number} to local {rcpt.orig}")
        second = self.inode(at, mail.end() + 1)
        self.say(at + 0.1, f"new msg {second}")
        self.say(at + 0.101, f"info msg {second}: bytes {mail.size + 200} from <{mail.sender}> qp {qp} uid 1001")
        self.say(at + 0.15, f"delivery {self.delivery}: success: did_0+1+0/qp_{qp}/")
        self.deliver(mail, rcpt, second, at + 0.2)
        self.say(mail.end() + 1, f"end msg {second}")

    def deliver(self, mail, rcpt, number, at):
        kind = "local" if rcpt.local else "remote"
        for one in rcpt.tries:
            self.delivery += 1
            mine, at = self.delivery, at + one.wait
            self.say(at - min(one.wait, 0.2), f"starting delivery {mine}: msg {number} to {kind} {rcpt.address}")
            self.say(at - min(one.wait, 0.19), f"status: local {self.rng.randrange(3)}/10 remote "
                     f"{self.rng.randrange(1, 9)}/20")
            if rcpt.local:
                text = "success: did_1+0+0/" if one.outcome == "sent" else \
                    "failure: Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/"
            elif one.relay is None:
                text = "deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/"
            else:
                said = f"{one.code} {one.dsn + ' ' if one.dsn else ''}{one.text}".replace("\n", "/").replace(" ", "_")
                ip = one.relay.ip
                refused = f"{ip}_does_not_like_recipient./Remote_host_said:_{said}/Giving_up_on_{ip}./"
                text = {"sent": f"success: {ip}_accepted_message./Remote_host_said:_{said}/",
                        "bounced": "failure: " + refused, "deferred": "deferral: " + refused}[one.outcome]
            self.say(at, f"delivery {mine}: {text}")

    def write(self, events):
        for event in events:
            if isinstance(event, Mail):
                self.mail(event)
        return self.lines
