"""Filters that a server hands its mail to, and gets it back from."""
import re
import socket
import threading
import zlib

QUEUED = re.compile(r"queued as (\S+)")


class Amavis:
    """amavisd-new after Postfix's queue: port 10024 in, port 10025 back. A service of the runner."""

    def __init__(self, says_queued=True):
        self.says_queued = says_queued
        self.count = 0

    def __call__(self, runner):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", 10024))
        sock.listen(64)
        self.runner = runner
        import os
        self.log = os.open("/run/vlog", os.O_WRONLY | os.O_APPEND)
        while True:
            conn, _ = sock.accept()
            threading.Thread(target=self._guard, args=(conn,), daemon=True).start()

    def _guard(self, conn):
        try:
            with conn:
                self._session(conn)
        except OSError:
            pass

    @staticmethod
    def _talk(back, text):
        if text is not None:
            back.sendall(text.encode(errors="surrogateescape") + b"\r\n")
        reply = b""
        while True:
            reply += back.recv(4096)
            lines = reply.split(b"\r\n")
            if len(lines) > 1 and lines[-2][3:4] == b" ":
                return reply.decode(errors="replace").strip()

    def _session(self, conn):
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        file = conn.makefile("rb")

        def say(text):
            conn.sendall(text.encode(errors="surrogateescape") + b"\r\n")
        say("220 [127.0.0.1] ESMTP amavisd-new service ready")
        sender, recipients, forward = "", [], {}
        while True:
            line = file.readline(65536)
            verb = line[:4].upper()
            if not line or verb == b"QUIT":
                if line:
                    say("221 2.0.0 Bye")
                return
            if verb in (b"EHLO", b"LHLO"):
                say("250-[127.0.0.1]\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n"
                    "250 XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE")
            elif verb == b"XFOR":
                for word in line.decode(errors="replace").split()[1:]:
                    name, _, value = word.partition("=")
                    forward[name] = value
                say("250 2.5.0 Ok XFORWARD")
            elif verb == b"MAIL":
                sender, recipients = line.partition(b"<")[2].partition(b">")[0].decode(errors="replace"), []
                say("250 2.1.0 Sender OK")
            elif verb == b"RCPT":
                recipients.append(line.partition(b"<")[2].partition(b">")[0].decode(errors="replace"))
                say("250 2.1.5 Recipient OK")
            elif verb == b"DATA":
                say("354 End data with <CR><LF>.<CR><LF>")
                body = []
                while True:
                    one = file.readline(65536)
                    if one in (b".\r\n", b""):
                        break
                    body.append(one)
                say(self._back(sender, recipients, forward, b"".join(body)))
                forward = {}
            else:
                say("250 2.0.0 Ok")

    def _back(self, sender, recipients, forward, text):
        """@return the reply for the one who handed it in"""
        with socket.create_connection(("127.0.0.1", 10025), 20) as back:
            self._talk(back, None)
            self._talk(back, "EHLO localhost")
            words = " ".join(f"{k}={v}" for k, v in forward.items() if k in ("NAME", "ADDR", "PROTO", "HELO"))
            if words:
                self._talk(back, "XFORWARD " + words)
            self._talk(back, f"MAIL FROM:<{sender}>")
            for recipient in recipients:
                self._talk(back, f"RCPT TO:<{recipient}>")
            self._talk(back, "DATA")
            back.sendall(text + b".\r\n")
            reply = self._talk(back, None)
            self._talk(back, "QUIT")
        self._write(sender, recipients, forward, text, reply)
        return f"250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): {reply}" if self.says_queued else "250 2.5.0 OK"

    def _write(self, sender, recipients, forward, text, reply):
        """amavis's own line in the mail log"""
        import os
        self.count += 1
        queued = QUEUED.search(reply)
        found = re.search(rb"^Message-ID: *(<[^>\r\n]*>)", text, re.M | re.I)
        number = zlib.crc32(f"{self.count}{sender}".encode())
        line = (f"({1000 + self.count // 20 % 9000:05d}-{self.count % 20 + 1:02d}) Passed CLEAN {{RelayedOutbound}}, "
                f"[{forward.get('ADDR', '127.0.0.1')}] <{sender}> -> {','.join(f'<{r}>' for r in recipients)}, "
                f"Queue-ID: {forward.get('IDENT', '')}, "
                f"Message-ID: {found.group(1).decode(errors='replace') if found else '<>'}, mail_id: x{number:08x}, "
                f"Hits: -1.{number % 900:03d}, size: {len(text)}, queued_as: {queued.group(1) if queued else ''}, "
                f"{number % 900 + 80} ms")
        os.write(self.log, f"{self.runner.clock.now_ns()} 22 amavis[{2000 + number % 3}]: {line}\n".encode(
            errors="surrogateescape"))
