"""The front on the lists host: it answers at every list's address, and behaves as each list is told to.

A query is handed to rbldnsd, and its answer back, unless the zone has a behaviour (`lab/lab behave`) or the asker
is one that the list refuses. The table BEHAVIOURS at the end is the whole set.
"""
import asyncio
import json
import os
import random
import signal
import socket
import struct
import zlib

import packet

PKTINFO = getattr(socket, "IP_PKTINFO", 8)
PKTINFO6 = getattr(socket, "IPV6_RECVPKTINFO", 49)
IPV6_FREEBIND = 78
PENDING = 65536
BUFFER = 4 << 20


class Query:
    """One query on its way: where it came from and how to answer it."""
    __slots__ = ("data", "name", "kind", "end", "zone", "send", "source", "tcp")

    def __init__(self, data, name, kind, end, zone, send, source, tcp):
        self.data, self.name, self.kind, self.end = data, name, kind, end
        self.zone, self.send, self.source, self.tcp = zone, send, source, tcp

    @property
    def at_apex(self):
        return self.name == self.zone.wire

    def address(self):
        return packet.to_address(self.name, self.zone.wire)

    def answer(self, code):
        """Listed, with this code; TXT says so too."""
        if self.kind == packet.A:
            records = [packet.a(code)]
        elif self.kind == packet.TXT:
            records = [packet.txt(f"{code} by {self.zone.name}")]
        else:
            records = []
        return packet.reply(self.data, self.end, answers=records)

    def negative(self, rcode):
        return packet.reply(self.data, self.end, rcode, authority=[packet.soa(self.zone.wire, self.zone.ns)])


class Zone:
    def __init__(self, row):
        self.name, self.wire, self.ns = row["zone"], packet.wire(row["zone"]), row["ns"]
        self.code, self.refusal, self.keyed = row["code"], row.get("refusal"), row.get("keyed", False)
        self.behaviour, self.argument, self.random = None, None, None
        self.default = row.get("behaviour", "ok")
        self.behave(self.default)

    def behave(self, text):
        name, _, argument = text.strip().partition(" ")
        if name not in BEHAVIOURS:
            raise ValueError(f"no behaviour {name!r}: there are {', '.join(BEHAVIOURS)}")
        self.behaviour, self.argument = BEHAVIOURS[name], argument.strip() or None
        self.random = random.Random(self.name)      # the same losses in every run
        self.text = text.strip()


class Front:
    def __init__(self, rows, refused, backend, pidfile):
        self.zones = {}
        for row in rows:
            zone = Zone(row)
            self.zones[zone.wire] = zone
        self.everywhere = Zone({"zone": "*", "ns": "x", "code": None})
        self.refused, self.backend, self.pidfile = frozenset(refused), backend, pidfile
        self.pending, self.next_id, self.counts = [None] * PENDING, 0, {}
        self.loop = asyncio.get_running_loop()
        self.upstream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.upstream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self.upstream.connect(backend)
        self.loop.add_reader(self.upstream, self.from_backend)

    def find(self, name, offsets):
        zones = self.zones
        for at in offsets:
            zone = zones.get(name[at:])
            if zone:
                return zone
        return None

    def handle(self, data, source, send, tcp=False):
        try:
            name, offsets, kind, end = packet.question(data)
        except (ValueError, IndexError):
            return
        zone = self.find(name, offsets)
        if zone is None:
            send(packet.reply(data, end, packet.REFUSED, aa=False))
            return
        query = Query(data, name, kind, end, zone, send, source, tcp)
        self.counts[zone.name] = self.counts.get(zone.name, 0) + 1
        if self.everywhere.behaviour is not forward:
            self.everywhere.behaviour(self, query, self.everywhere)
        else:
            self.own(query)

    def own(self, query):
        """What the zone itself does, after what is done everywhere."""
        zone = query.zone
        if zone.behaviour is forward and zone.refusal and query.source in self.refused:
            if zone.refusal != "silence":
                refuse(self, query, zone, zone.refusal)
        elif zone.keyed and zone.code and not query.at_apex:
            query.send(query.answer(zone.code))
        else:
            zone.behaviour(self, query, zone)

    def forward(self, query, send=None):
        self.next_id = ident = (self.next_id + 1) % PENDING
        self.pending[ident] = (query.data[:2], send or query.send)
        try:
            self.upstream.send(struct.pack("!H", ident) + query.data[2:])
        except OSError:
            pass

    def from_backend(self):
        for _ in range(64):
            try:
                data = self.upstream.recv(4096)
            except OSError:
                return
            ident = data[0] << 8 | data[1]
            waiting, self.pending[ident] = self.pending[ident], None
            if waiting:
                waiting[1](waiting[0] + data[2:])

    async def reload(self):
        """Tell rbldnsd to read its tables; the answer to a query behind the signal says that it has."""
        with open(self.pidfile) as file:
            os.kill(int(file.read()), signal.SIGHUP)
        done = self.loop.create_future()
        probe = struct.pack("!HHHHHH", 0, 0, 1, 0, 0, 0) + b"\0" + struct.pack("!HH", packet.NS, 1)
        query = Query(probe, b"\0", packet.NS, len(probe), None, None, None, False)
        self.forward(query, lambda _: done.done() or done.set_result(None))
        await asyncio.wait_for(done, 5)

    # -- sockets ------------------------------------------------------------------------------------------------

    def bind(self):
        for family, level, option, any_address in ((socket.AF_INET, socket.IPPROTO_IP, PKTINFO, "0.0.0.0"),
                                                   (socket.AF_INET6, socket.IPPROTO_IPV6, PKTINFO6, "::")):
            udp = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            if family == socket.AF_INET6:
                udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                udp.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)   # its addresses are routes, not addresses
            udp.setsockopt(level, option, 1)
            udp.bind((any_address, 53))
            self.loop.add_reader(udp, self.from_udp, udp, level)

    def from_udp(self, udp, level):
        for _ in range(64):
            try:
                data, ancillary, _, peer = udp.recvmsg(4096, 64)
            except OSError:
                return
            # From where it was asked: the same pktinfo sends the answer from that address.
            info = ancillary[0][2]
            if level == socket.IPPROTO_IP:
                info = b"\0\0\0\0" + info[8:12] + b"\0\0\0\0"
                back = [(level, PKTINFO, info)]
            else:
                back = [(level, socket.IPV6_PKTINFO, info[:16] + b"\0\0\0\0")]

            def send(message, back=back, peer=peer):
                try:
                    udp.sendmsg([message], back, 0, peer)
                except OSError:
                    pass
            self.handle(data, peer[0], send)

    async def tcp(self, reader, writer):
        def send(message):
            if not writer.is_closing():
                writer.write(struct.pack("!H", len(message)) + message)
        try:
            while True:
                head = await asyncio.wait_for(reader.readexactly(2), 10)
                data = await asyncio.wait_for(reader.readexactly(head[0] << 8 | head[1]), 10)
                self.handle(data, writer.get_extra_info("peername")[0], send, tcp=True)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            pass
        writer.close()

    async def control(self, reader, writer):
        """One line a request: `reload`, `behave ZONE BEHAVIOUR [ARG]`, `behaviours`, `counts`, `ping`."""
        line = (await reader.readline()).decode().strip()
        try:
            answer = await self.command(*line.split(" ", 2))
        except (ValueError, KeyError, OSError, asyncio.TimeoutError, TypeError) as error:
            answer = f"error {error}"
        writer.write((answer + "\n").encode())
        writer.close()

    async def command(self, verb, zone=None, rest="ok"):
        if verb == "reload":
            await self.reload()
        elif verb == "behave":
            found = self.everywhere if zone == "*" else self.zones.get(packet.wire(zone.lower().rstrip(".")))
            if found is None:
                raise ValueError(f"no zone {zone}")
            found.behave(found.default if rest == "default" else rest)
        elif verb == "behaviours":
            table = {one.name: one.text for one in [*self.zones.values(), self.everywhere] if one.text != "ok"}
            return "ok " + json.dumps(table)
        elif verb == "counts":
            return "ok " + json.dumps(self.counts)
        elif verb == "reset":
            for one in [*self.zones.values(), self.everywhere]:
                one.behave(one.default)
            self.counts.clear()
        elif verb != "ping":
            raise ValueError(f"no command {verb!r}")
        return "ok"


async def _run(table, refused, backend, socket_path, pidfile):
    with open(table) as file:
        front = Front(json.load(file), refused, backend, pidfile)
    front.bind()
    await asyncio.start_server(front.tcp, "0.0.0.0", 53, backlog=512)
    await asyncio.start_server(front.tcp, "::", 53, backlog=512)
    await asyncio.start_unix_server(front.control, socket_path)
    await asyncio.Event().wait()


def serve(table, refused, backend, socket_path, pidfile):
    asyncio.run(_run(table, refused, backend, socket_path, pidfile))


# -- behaviours: (front, query, holder of the argument) ------------------------------------------------------------

def _next(front, query, holder):
    """Go on behind a behaviour: the zone's own after one for everything, else rbldnsd."""
    if holder is front.everywhere:
        front.own(query)
    else:
        front.forward(query)


def _through(front, query, holder, change):
    """Go on, and pass each answer to `change`."""
    query.send, old = (lambda message: change(message, old)), query.send
    _next(front, query, holder)


def forward(front, query, holder):
    """asks rbldnsd: an honest list"""
    front.forward(query)


def dead(front, query, holder):
    """never answers"""


def loss(front, query, holder):
    """loses ARG (default 30) of 100 queries, the same ones in each run"""
    if query.tcp or holder.random.random() * 100 >= float(holder.argument or 30):
        _next(front, query, holder)


def slow(front, query, holder):
    """answers ARG (default 300) milliseconds later"""
    front.loop.call_later(float(holder.argument or 300) / 1000, _next, front, query, holder)


def refuse(front, query, holder, how=None):
    """refuses: with the code ARG, or REFUSED"""
    how = how or holder.argument or "refused"
    if how == "refused":
        query.send(packet.reply(query.data, query.end, packet.REFUSED, aa=False))
    elif query.at_apex and query.kind != packet.A:
        front.forward(query)
    else:
        query.send(query.answer(how))


def world(front, query, holder):
    """lists everything, with the code ARG"""
    if query.at_apex:
        front.forward(query)
    else:
        query.send(query.answer(holder.argument or query.zone.code))


def policy_third(front, query, holder):
    """lists a third of all IPv4 addresses, as policy lists do; test points are right"""
    address = query.address()
    if address and not address.startswith("127.") and zlib.crc32(address.encode()) % 3 == 0 and len(address) < 16:
        query.send(query.answer(holder.argument or query.zone.code))
    else:
        front.forward(query)


def lame(front, query, holder):
    """is not responsible: refers to the root without authority"""
    root = packet.record(packet.NS, 60, packet.wire("a.root-servers.net"), b"\0")
    query.send(packet.reply(query.data, query.end, authority=[root], aa=False))


def servfail(front, query, holder):
    """answers SERVFAIL"""
    query.send(packet.reply(query.data, query.end, packet.SERVFAIL, aa=False))


def formerr(front, query, holder):
    """answers FORMERR"""
    query.send(packet.reply(query.data, query.end, packet.FORMERR, aa=False))


def truncate(front, query, holder):
    """TC over UDP, the whole answer over TCP"""
    if query.tcp:
        _next(front, query, holder)
    else:
        query.send(packet.reply(query.data, query.end, tc=True))


def parked(front, query, holder):
    """a parked domain: every name has the address ARG (default 203.0.113.9)"""
    if query.at_apex and query.kind in (packet.NS, packet.SOA):
        front.forward(query)
    else:
        query.send(query.answer(holder.argument or "203.0.113.9"))


def spoofer(front, query, holder):
    """wrong ids and a wrong question first, then the right answer"""
    ident = query.data[0] << 8 | query.data[1]
    for wrong in (ident ^ 0x5555, ident ^ 1, (ident + 1) & 0xffff):
        query.send(packet.reply(query.data, query.end, answers=[packet.a("127.0.0.2")], ident=wrong))
    asked = packet.wire("2.0.0.127.spoofed.example") + query.data[query.end - 4:query.end]
    query.send(packet.reply(query.data, query.end, answers=[packet.a("127.0.0.2")], asked=asked))
    query.send(query.data)      # the query itself, thrown back
    query.send(query.data[:7])  # too short to be a message
    _next(front, query, holder)


def duplicate(front, query, holder):
    """every answer twice, the second ARG (default 300) milliseconds late"""
    delay = float(holder.argument or 300) / 1000

    def twice(message, send):
        send(message)
        front.loop.call_later(delay, send, message)
    _through(front, query, holder, twice)


def empty(front, query, holder):
    """an emptied list: NXDOMAIN to everything, the test points included"""
    if query.at_apex:
        front.forward(query)
    else:
        query.send(query.negative(packet.NXDOMAIN))


def nodata(front, query, holder):
    """NOERROR without an answer to everything"""
    if query.at_apex:
        front.forward(query)
    else:
        query.send(query.negative(packet.NOERROR))


def garbage(front, query, holder):
    """right id, then bytes that are no answer: a name that points to itself"""
    query.send(packet.reply(query.data, query.end, answers=[b"\xc0\x0c\xff"]))


def like(front, query, holder):
    """an honest list of another kind: ARG is some of `ents` (a name above an entry is there, as in BIND and NSD;
    rbldnsd says NXDOMAIN), `bare` (no SOA, as rbldnsd without $SOA), `textless` (entries have no TXT), joined by +"""
    traits = (holder.argument or "").split("+")
    above = packet.labels(query.name)[:len(packet.labels(query.name)) - len(packet.labels(query.zone.wire))]
    nibbles = 4 <= len(above) < 32 and all(len(label) == 1 for label in above)
    if "ents" in traits and (0 < len(above) < 4 or nibbles):
        query.send(query.negative(packet.NOERROR))
        return
    if "bare" in traits and query.at_apex and query.kind in (packet.NS, packet.SOA):
        query.send(packet.reply(query.data, query.end, packet.REFUSED, aa=False))
        return

    def change(message, send):
        no_answer = message[6:8] == b"\0\0"
        if "textless" in traits and query.kind == packet.TXT and not no_answer and not query.at_apex:
            message, no_answer = query.negative(packet.NOERROR), True
        if "bare" in traits and no_answer:
            message = packet.reply(query.data, query.end, message[3] & 15)
        send(message)
    _through(front, query, holder, change)


def lists_localhost(front, query, holder):
    """lists 127.0.0.1 (and ::ffff:7f00:1, and `invalid`) as well"""
    address = query.address()
    clear = address in ("127.0.0.1", "00000000000000000000ffff7f000001")
    if clear or query.name == b"\x07invalid" + query.zone.wire:
        query.send(query.answer(query.zone.code))
    else:
        front.forward(query)


BEHAVIOURS = {
    "ok": forward, "dead": dead, "loss": loss, "slow": slow, "refuse": refuse, "world": world,
    "policy_third": policy_third, "lame": lame, "servfail": servfail, "formerr": formerr, "truncate": truncate,
    "parked": parked, "spoofer": spoofer, "duplicate": duplicate, "empty": empty, "nodata": nodata,
    "garbage": garbage, "lists_localhost": lists_localhost, "like": like,
}
