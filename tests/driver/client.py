"""Whoever speaks SMTP to the server: from any address of the namespace, politely or not."""
import base64
import socket
import ssl
import time

TIMEOUT_S = 20


def _context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


CONTEXT = _context()


class Gone(Exception):
    """The server closed the session, or never opened one."""


class Session:
    """One connection. Replies are (code, text); nothing is raised for a refusal."""

    def __init__(self, source, server, port=25):
        self.sock = socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET)
        self.sock.settimeout(TIMEOUT_S)
        self.sock.bind((source, 0))
        try:
            self.sock.connect((server, port))
        except OSError as error:
            self.sock.close()
            raise Gone(str(error)) from error
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def raw(self, octets):
        try:
            self.sock.sendall(octets)
        except OSError as error:
            raise Gone(str(error)) from error

    def reply(self):
        lines = []
        while True:
            while b"\n" not in self.buffer:
                try:
                    got = self.sock.recv(65536)
                except OSError as error:
                    raise Gone(str(error)) from error
                if not got:
                    raise Gone("closed")
                self.buffer += got
            line, _, self.buffer = self.buffer.partition(b"\n")
            lines.append(line.rstrip(b"\r").decode(errors="replace"))
            if line[3:4] != b"-":
                return int(line[:3]) if line[:3].isdigit() else 0, "\n".join(lines)

    def command(self, text):
        self.raw(text.encode(errors="surrogateescape") + b"\r\n")
        return self.reply()

    def starttls(self):
        code, text = self.command("STARTTLS")
        if code == 220:
            self.wrap()
        return code, text

    def wrap(self):
        try:
            self.sock = CONTEXT.wrap_socket(self.sock)
        except (OSError, ssl.SSLError) as error:
            raise Gone(str(error)) from error

    def login(self, user, password, mechanism="PLAIN"):
        if mechanism == "PLAIN":
            token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
            return self.command("AUTH PLAIN " + token)
        code, text = self.command("AUTH LOGIN")
        if code != 334:
            return code, text
        code, text = self.command(base64.b64encode(user.encode()).decode())
        if code != 334:
            return code, text
        return self.command(base64.b64encode(password.encode()).decode())

    def close(self, polite=True):
        try:
            if polite:
                self.raw(b"QUIT\r\n")
                if not isinstance(self.sock, ssl.SSLSocket):
                    self.sock.shutdown(socket.SHUT_WR)      # Exim waits a fifth of a second for more
                self.reply()
        except (Gone, OSError):
            pass
        self.sock.close()


def compose(message, now, lines=True):
    """@param message a plan.Message @return its octets, dots doubled"""
    stamp = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(now))
    head = []
    if message.lot:
        head.append(f"X-Lot: {message.lot} {message.spam}")
    head += [f"From: {message.header_from or message.sender or 'postmaster'}",
             f"To: {message.header_to or 'undisclosed-recipients:;'}", f"Subject: {message.subject}", f"Date: {stamp}"]
    if message.msgid:
        head.append(f"Message-ID: <{message.msgid}>")
    head += list(message.headers)
    text = "\r\n".join(head) + "\r\n\r\n"
    wanted = max(0, message.size - len(text))
    line = "x" * 74 + "\r\n"
    return (text + line * (wanted // len(line)) + "x" * (wanted % len(line)) + "\r\n").encode(errors="surrogateescape")
