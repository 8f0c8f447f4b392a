"""Receivers as the large ones behave: an honest SMTP server that knows its users, looks at content, keeps a reputation
of each client, and says no in the words that data/receivers holds. Usage: bigmail.py TABLE PIDFILE; SIGHUP: forget all.
"""
import asyncio
import os
import re
import signal
import socket
import sys

import yaml

RECORDS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "data", "receivers")
GONE = re.compile(r"^(gone|old|typo)[0-9.]")       # who is not there, where `known` does not say who is
SPAM = b"spammer.example"                           # its links, and nothing else, are spam in the lab
SAMPLE_ADDRESS = re.compile(r"192\.0\.2\.\d+|198\.51\.100\.\d+")
NEXT_LINE = re.compile(r" (?=\d{3}[- ]\d\.\d{1,3}\.\d{1,3} )")
LINE_MAX, DATA_MAX, COMMANDS_MAX, IDLE_S = 4096, 1 << 20, 10000, 60


def replies():
    """@return {record: its first sample}"""
    found = {}
    for name in os.listdir(RECORDS):
        if name.endswith(".yaml"):
            with open(os.path.join(RECORDS, name), "rb") as file:
                tree = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            for row in tree.get("replies") or []:
                found[f"{tree['receiver']['id']}.{row['id']}"] = row["samples"][0]
    return found


class Receiver:
    """One row of the table: what it knows and whom it remembers."""

    def __init__(self, row, texts):
        self.host, self.domains, self.unknown = row["host"], tuple(row["domains"]), row["unknown"]
        self.known = re.compile(row["known"]) if row.get("known") else None
        self.spam = texts[row["spam"]["reply"]] if row.get("spam") else None
        blocked = row.get("blocked") or {}
        self.blocked, self.after = texts.get(blocked.get("reply")), blocked.get("after", 0)
        self.at = blocked.get("at", "data")
        self.zones = {zone: texts[name] for zone, name in (row.get("zones") or {}).items()}
        self.bad = {}

    def has(self, address):
        local, _, domain = address.lower().partition("@")
        if domain not in self.domains:
            return None
        return bool(self.known.search(address)) if self.known else not GONE.search(local + ".")

    def sins(self, client):
        """A user that is not there or an unwanted message: remembered."""
        self.bad[client] = self.bad.get(client, 0) + 1

    def refuses(self, client, at):
        if self.blocked and self.at == at and self.bad.get(client, 0) >= self.after:
            return SAMPLE_ADDRESS.sub(client, self.blocked)
        return None


async def listed_by(receiver, client):
    """@return the reply of the first zone that lists the client"""
    for zone, text in receiver.zones.items():
        name = ".".join(reversed(client.split("."))) + "." + zone
        try:
            found = await asyncio.get_running_loop().getaddrinfo(name, None, family=socket.AF_INET)
        except OSError:
            continue
        if any(re.fullmatch(r"127\.0\.0\.([2-9]|1[01])", row[4][0]) for row in found):
            return SAMPLE_ADDRESS.sub(client, text)
    return None


class Session:
    def __init__(self, receiver, reader, writer):
        self.receiver, self.reader, self.writer = receiver, reader, writer
        self.client = writer.get_extra_info("peername")[0]
        self.sender, self.recipients, self.listed = None, 0, None

    def say(self, text):
        """A reply; one of several lines as its sample has them."""
        lines = NEXT_LINE.split(text)
        last = lines.pop()
        for line in lines:
            self.writer.write(f"{line[:3]}-{line[4:]}\r\n".encode())
        self.writer.write(f"{last[:3]} {last[4:]}\r\n".encode())

    async def run(self):
        self.listed = await listed_by(self.receiver, self.client)
        self.say(f"220 {self.receiver.host} ESMTP")
        for _ in range(COMMANDS_MAX):
            line = await asyncio.wait_for(self.reader.readline(), IDLE_S)
            if not line.endswith(b"\n"):
                return
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            action = getattr(self, "on_" + verb.lower(), None) if verb.isalpha() else None
            if action is None:
                self.say("502 5.5.1 Unrecognized command")
            elif await action(rest):
                break
            await self.writer.drain()

    async def on_ehlo(self, _):
        self.writer.write(f"250-{self.receiver.host} at your service\r\n250-SIZE {DATA_MAX}\r\n250-8BITMIME\r\n"
                          "250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n".encode())

    async def on_helo(self, _):
        self.say(f"250 {self.receiver.host} at your service")

    async def on_noop(self, _):
        self.say("250 2.0.0 OK")

    async def on_rset(self, _):
        self.sender, self.recipients = None, 0
        self.say("250 2.1.5 Flushed")

    async def on_mail(self, rest):
        self.recipients = 0
        no = self.receiver.refuses(self.client, "mail")
        self.sender = None if no else rest
        self.say(no or "250 2.1.0 OK")

    async def on_rcpt(self, rest):
        address = rest.partition("<")[2].partition(">")[0]
        has = self.receiver.has(address)
        if self.sender is None:
            self.say("503 5.5.1 MAIL first")
        elif self.listed:
            self.say(self.listed)
        elif has is None:
            self.say("550 5.7.1 Relaying denied")
        elif not has:
            self.receiver.sins(self.client)
            self.say(self.receiver.unknown)
        else:
            self.recipients += 1
            self.say("250 2.1.5 OK")

    async def on_data(self, _):
        if not self.recipients:
            self.say("503 5.5.1 RCPT first")
            return
        self.say("354 Go ahead")
        await self.writer.drain()
        size, spam = 0, False
        while (line := await asyncio.wait_for(self.reader.readline(), IDLE_S)) != b".\r\n":
            size += len(line)
            spam |= SPAM in line and not line.startswith((b"Received:", b"Return-Path:", b"X-"))
            if not line or size > DATA_MAX:
                raise ConnectionError("data ends early or is too long")
        self.sender, self.recipients = None, 0
        if spam:
            self.receiver.sins(self.client)
        no = self.receiver.refuses(self.client, "data")
        if not no and spam and self.receiver.spam:
            no = SAMPLE_ADDRESS.sub(self.client, self.receiver.spam)
        self.say(no or "250 2.0.0 OK - gsmtp")

    async def on_quit(self, _):
        self.say("221 2.0.0 closing connection")
        return True


def handler(receiver):
    async def handle(reader, writer):
        try:
            await Session(receiver, reader, writer).run()
            await writer.drain()
        except (OSError, ValueError, asyncio.TimeoutError):
            pass
        finally:
            writer.close()
    return handle


async def serve(table, pid_file):
    texts, receivers = replies(), []
    for row in table:
        receiver = Receiver(row, texts)
        receivers.append(receiver)
        for address in row["listen"]:
            await asyncio.start_server(handler(receiver), address, 25, limit=LINE_MAX, backlog=256)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lambda: [one.bad.clear() for one in receivers])
    with open(pid_file, "w") as file:
        file.write(str(os.getpid()))
    await asyncio.Event().wait()


if __name__ == "__main__":
    with open(sys.argv[1]) as given:
        rows = yaml.safe_load(given)
    asyncio.run(serve(rows, sys.argv[2]))
