"""Receivers as servers: SMTP and LMTP sessions that judge as a receiver of their kind does, by what the plan says of
recipients and messages and by what came from us before."""
import os
import re
import selectors
import socket
import threading
import time
import zlib

import receivers

LINE = 65536
MARK = re.compile(rb"^X-Lot: (\S+) (\d+)\r?$", re.M | re.I)
MESSAGE_ID = re.compile(rb"^Message-ID: *(<[^>\r\n]*>)", re.M | re.I)
ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FIELD = re.compile(r"\{(\w+?)(\d*)\}")


class Receiver:
    """One mail exchanger's operator. @param eager how quickly it loses patience: 1 usual, 0 never"""

    def __init__(self, name, style, eager=1.0, uses_lists=False, catches=0.7):
        self.name, self.style, self.eager, self.uses_lists, self.catches = name, style, eager, uses_lists, catches
        self.relays = False
        self.knows, self.grey = None, False         # knows: only these have a mailbox
        self.sins, self.blocked_until, self.lock = [], 0, threading.Lock()

    def text(self, key):
        return receivers.STYLES[self.style][key]

    def sin(self, now, weight=1.0):
        with self.lock:
            self.sins.append((now, weight * self.eager))
            self.sins = [one for one in self.sins if now - one[0] < 6 * 3600]
            if sum(w for _, w in self.sins) > 40:
                self.blocked_until = max(self.blocked_until, now + 18 * 3600)

    def mood(self, now):
        """@return None, "rate" or "block" """
        with self.lock:
            if now < self.blocked_until:
                return "block"
            recent = sum(w for at, w in self.sins if now - at < 1800)
        return "rate" if recent > 14 else None


class Sinks:
    """@param fates {recipient: "unknown", "full", "grey", "disabled", "inner" (accepts, bounces nothing)}
    @param listed [(from, to)] stretches in which public lists have our address
    @param by_address {address: Receiver} who answers there"""

    def __init__(self, clock, ip, by_address, fates, listed, salt):
        self.clock, self.ip, self.by_address = clock, ip, by_address
        self.fates, self.listed, self.salt = fates, listed, salt
        self.seen, self.outcomes, self.count, self.lock = set(), {}, 0, threading.Lock()

    def fill(self, template, **words):
        """@return the reply's lines, ids and numbers filled in"""
        if isinstance(template, list):
            # an id is the same on all lines of one reply
            with self.lock:
                self.count += 1
                count = self.count
            return [self.fill(line, count=count, **words)[0] for line in template]
        count = words.get("count")
        if count is None:
            with self.lock:
                self.count += 1
                count = self.count

        def field(match):
            name, size = match.group(1), int(match.group(2) or 0)
            if name + match.group(2) in words:
                return str(words[name + match.group(2)])
            number = zlib.crc32(f"{self.salt} {name}{size} {count}".encode()) * 0x9E3779B97F4A7C15
            if name == "num":
                return str(number % 9 * 10 ** (size - 1) + 10 ** (size - 1) + number % 10 ** (size - 1))
            if name in ("hex", "HEX"):
                text = f"{number % 16 ** size:0{size}x}"
                return text.upper() if name == "HEX" else text
            if name == "alnum":
                return "".join(ALNUM[(number >> 5 * i) % 62] for i in range(size))
            now = self.clock.now()
            return {"epoch": str(int(now)), "ip": self.ip,
                    "date": time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(now)),
                    "stamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(now)),
                    "region": f"AM{number % 9}PR0{number % 8}MB{number % 9000 + 1000}",
                    "host": f"DB{number % 8}EUR0{number % 6}FT0{number % 60}"}.get(name, match.group(0))
        return [FIELD.sub(field, template)]

    def is_listed(self, now):
        return any(begin <= now < end for begin, end in self.listed)

    def tell(self, lot, what, count=1):
        with self.lock:
            told = self.outcomes.setdefault(lot, {})
            told[what] = told.get(what, 0) + count

    # -- listening --

    def serve(self):
        selector = selectors.DefaultSelector()
        for address in self.by_address:
            sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((address, 25))
            sock.listen(128)
            selector.register(sock, selectors.EVENT_READ, self.by_address[address])
        while True:
            for key, _ in selector.select():
                conn, _ = key.fileobj.accept()
                threading.Thread(target=self._guard, args=(SmtpSink(self, key.data, conn),), daemon=True).start()

    @staticmethod
    def _guard(session):
        try:
            session.run()
        except (OSError, ValueError):
            pass
        finally:
            session.sock.close()


class SmtpSink:
    def __init__(self, sinks, receiver, sock):
        self.sinks, self.receiver, self.sock = sinks, receiver, sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(120)
        self.file = sock.makefile("rb", 65536)
        self.domain = receiver.name

    def say(self, template, **words):
        words.setdefault("domain", self.domain)
        words.setdefault("mx", self.receiver.mx)
        lines = self.sinks.fill(template, **words)
        self.sock.sendall("".join(line + "\r\n" for line in lines).encode())

    def run(self):
        r, now = self.receiver, self.sinks.clock.now()
        style = receivers.STYLES[r.style]
        mood = self.mood(now)
        if mood and style.get(mood + "_at") == "banner":
            self.sinks.tell("all", mood)
            self.say(style[mood])
            return
        self.say(style["banner"])
        while True:
            line = self.file.readline(LINE)
            if not line:
                return
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.sock.sendall(f"250-{r.mx} at your service\r\n250-SIZE 36700160\r\n250-8BITMIME\r\n"
                                  "250-ENHANCEDSTATUSCODES\r\n250 PIPELINING\r\n".encode())
            elif verb == b"MAIL":
                self.sender, self.recipients = line.partition(b"<")[2].partition(b">")[0].decode(errors="replace"), []
                self.say("250 2.1.0 Ok")
            elif verb == b"RCPT":
                self.rcpt(line.partition(b"<")[2].partition(b">")[0].decode(errors="replace"))
            elif verb == b"DATA":
                self.data()
            elif verb == b"QUIT":
                self.say("221 2.0.0 Bye")
                return
            else:
                self.say("250 2.0.0 Ok")

    def mood(self, now):
        mood = self.receiver.mood(now)
        if not mood and self.receiver.uses_lists and self.sinks.is_listed(now):
            mood = "block"
        return mood

    def rcpt(self, address):
        now, r, s = self.sinks.clock.now(), self.receiver, self.sinks
        self.domain = address.rpartition("@")[2]
        mood = self.mood(now)
        if mood:
            s.tell("all", mood)
            self.say(r.text(mood), rcpt=address)
            return
        fate = s.fates.get(address.lower()) if not r.relays else ""
        if r.knows is not None and address.lower() not in r.knows:
            fate = "unknown"
        if fate == "grey" or (fate is None and r.grey):
            key = (r.name, self.sender, address)
            if key not in s.seen:
                s.seen.add(key)
                self.say(r.text("grey"), rcpt=address)
                return
        elif fate in ("unknown", "disabled", "full"):
            if fate == "unknown":
                r.sin(now, 0.25)
            s.tell("all", fate)
            self.say(r.text(fate), rcpt=address)
            return
        self.recipients.append(address)
        self.say("250 2.1.5 Ok")

    def data(self):
        if not self.recipients:
            self.say("503 5.5.1 RCPT first")
            return
        self.say("354 End data with <CR><LF>.<CR><LF>")
        size, kept = 0, []
        while True:
            line = self.file.readline(LINE)
            if not line:
                raise OSError("cut")
            if line == b".\r\n":
                break
            size += len(line)
            if size < 20000:
                kept.append(line)
        text = b"".join(kept)
        mark, msgid = MARK.search(text), MESSAGE_ID.search(text)
        lot, spam = (mark.group(1).decode(), int(mark.group(2))) if mark and self.sender else ("other", 0)
        msgid = msgid.group(1).decode(errors="replace") if msgid else "<none>"
        r, now = self.receiver, self.sinks.clock.now()
        dice = zlib.crc32(f"{self.sinks.salt}{msgid}{r.name}".encode()) % 1000 / 1000
        if dice < spam / 100 * r.catches:
            r.sin(now)
            self.sinks.tell(lot, "spam", len(self.recipients))
            self.say(r.text("spam"), rcpt=self.recipients[0])
            return
        if spam > 50:
            r.sin(now, 0.3)
        self.sinks.tell(lot, "ok", len(self.recipients))
        self.say(r.text("ok"), msgid=msgid, size=size)


# -- Dovecot's side of SASL and LMTP ----------------------------------------------------------------------------------

class Sasl:
    """The authentication protocol that Postfix speaks to Dovecot. @param passwords {login: password}"""

    def __init__(self, path, passwords):
        self.passwords = passwords
        if os.path.exists(path):
            os.unlink(path)
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.bind(path)
        os.chmod(path, 0o666)
        self.sock.listen(64)

    def serve(self):
        while True:
            conn, _ = self.sock.accept()
            threading.Thread(target=self._session, args=(conn,), daemon=True).start()

    def _session(self, conn):
        import base64
        conn.sendall(b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t77\nCUID\t1\n"
                     b"COOKIE\t0123456789abcdef0123456789abcdef\nDONE\n")
        pending = {}
        with conn, conn.makefile("rb") as lines:
            for line in lines:
                words = line.rstrip(b"\n").split(b"\t")
                if words[0] == b"AUTH":
                    number, mech = words[1], words[2]
                    resp = next((w[5:] for w in words if w.startswith(b"resp=")), None)
                    if mech == b"LOGIN" and resp is None:
                        pending[number] = []
                        conn.sendall(b"CONT\t" + number + b"\t" + base64.b64encode(b"Username:") + b"\n")
                    elif resp is None:
                        pending[number] = None
                        conn.sendall(b"CONT\t" + number + b"\t\n")
                    else:
                        self._plain(conn, number, base64.b64decode(resp + b"=="))
                elif words[0] == b"CONT" and words[1] in pending:
                    number, given = words[1], base64.b64decode(words[2] + b"==")
                    if pending[number] is None:
                        self._plain(conn, number, given)
                    elif not pending[number]:
                        pending[number].append(given)
                        conn.sendall(b"CONT\t" + number + b"\t" + base64.b64encode(b"Password:") + b"\n")
                    else:
                        self._judge(conn, number, pending[number][0].decode(errors="replace"),
                                    given.decode(errors="replace"))

    def _plain(self, conn, number, text):
        parts = text.split(b"\0")
        user, password = (parts[1], parts[2]) if len(parts) == 3 else (b"", b"")
        self._judge(conn, number, user.decode(errors="replace"), password.decode(errors="replace"))

    def _judge(self, conn, number, user, password):
        good = self.passwords.get(user) == password and password
        word = b"OK" if good else b"FAIL"
        conn.sendall(word + b"\t" + number + b"\tuser=" + user.encode() + b"\n")


class Lmtp:
    """Dovecot's LMTP: every mailbox that the plan does not call gone is there."""

    def __init__(self, address, boxes, sinks):
        self.boxes, self.sinks = boxes, sinks
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind(address)
        self.sock.listen(64)

    def serve(self):
        while True:
            conn, _ = self.sock.accept()
            threading.Thread(target=self._session, args=(conn,), daemon=True).start()

    def _session(self, conn):
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with conn, conn.makefile("rb") as file:
            def say(text):
                conn.sendall(text.encode() + b"\r\n")
            say("220 dovecot ready.")
            good = []
            while True:
                line = file.readline(LINE)
                verb = line[:4].upper()
                if not line or verb == b"QUIT":
                    if line:
                        say("221 2.0.0 Bye")
                    return
                if verb == b"LHLO":
                    say("250-dovecot\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 PIPELINING")
                elif verb == b"MAIL":
                    good = []
                    say("250 2.1.0 OK")
                elif verb == b"RCPT":
                    address = line.partition(b"<")[2].partition(b">")[0].decode(errors="replace")
                    state = self.boxes.get(address.lower())
                    if state is None:
                        say(f"550 5.1.1 <{address}> User doesn't exist: {address}")
                    elif state == "full":
                        say(f"552 5.2.2 <{address}> Quota exceeded (mailbox for user is full)")
                    else:
                        good.append(address)
                        say("250 2.1.5 OK")
                elif verb == b"DATA":
                    if not good:
                        say("503 5.5.1 No valid recipients")
                        continue
                    say("354 OK")
                    while file.readline(LINE) not in (b".\r\n", b""):
                        pass
                    for address in good:
                        say(self.sinks.fill(f"250 2.0.0 <{address}> {{alnum8}}{{alnum8}}EwAA{{alnum4}} Saved")[0])
                else:
                    say("250 2.0.0 OK")
