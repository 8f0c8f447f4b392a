"""Bad resolvers: each passes queries on to an honest one and spoils the answers in its own way (the table ROLES)."""
import selectors
import socket
import struct

import hosts
import packet

PENDING = 65536
PROHIBITED = 18         # RFC 8914 4.19


def _udp(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    sock.bind((address, 53))
    return sock


class Query:
    """A query and the honest answer to it."""

    def __init__(self, data, end, kind, answer):
        self.data, self.end, self.kind, self.answer = data, end, kind, answer

    def reply(self, rcode=packet.NOERROR, address=None, extended=None):
        records = [packet.a(address)] if address and self.kind == packet.A else []
        message = bytearray(packet.reply(self.data, self.end, rcode, answers=records, aa=False))
        message[3] |= 0x80      # RA: it is a resolver
        if extended is not None and packet.has_opt(self.data):
            message[11] = 1
            message += packet.opt(struct.pack("!HHH", 15, 2, extended))
        return bytes(message)

    @property
    def is_no(self):
        return self.answer[3] & 15 == packet.NXDOMAIN

    @property
    def has_loopback(self):
        """An answer with an address of 127.0.0.0/8: what filters look for."""
        return self.kind == packet.A and b"\x00\x04\x7f" in self.answer[self.end:]


# -- how each spoils an answer; None: no answer ------------------------------------------------------------------------

def _filter(**reply):
    return lambda query: query.reply(**reply) if query.has_loopback else query.answer


def _aged(query):
    """As if set up a moment ago: the test points are in its cache still, other entries go, "no data" without an SOA."""
    test_point = query.data[12:].startswith(b"\x012\x010\x010\x03127")
    return query.reply() if query.has_loopback and not test_point else query.answer


ROLES = {
    "servfail": lambda query: query.reply(packet.SERVFAIL),
    "lying": lambda query: query.reply(address=hosts.PARKED) if query.is_no else query.answer,
    "nothing": lambda query: query.reply(packet.NXDOMAIN),
    "everything": lambda query: query.reply(address="127.0.0.2"),
    "filter-servfail": _filter(rcode=packet.SERVFAIL),                          # BIND
    "filter-refused": _filter(rcode=packet.REFUSED, extended=PROHIBITED),       # Knot Resolver
    "filter-zero": _filter(address="0.0.0.0"),
    "filter-nxdomain": _filter(rcode=packet.NXDOMAIN),
    "filter-aged": _aged,
    "filter-drop": lambda query: None if query.has_loopback else query.answer,
}


def serve(roles, upstream):
    """@param roles {address: name in ROLES}"""
    chooser = selectors.DefaultSelector()
    for address, role in roles.items():
        chooser.register(_udp(address), selectors.EVENT_READ, ROLES[role])
    up = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    up.connect((upstream, 53))
    chooser.register(up, selectors.EVENT_READ, None)
    waiting, ident = [None] * PENDING, 0
    while True:
        for key, _ in chooser.select():
            try:
                data, peer = key.fileobj.recvfrom(4096)
            except OSError:
                continue
            if key.fileobj is up:
                slot = data[0] << 8 | data[1]
                if waiting[slot]:
                    sock, peer, query, end, kind, spoil = waiting[slot]
                    waiting[slot] = None
                    answer = spoil(Query(query, end, kind, query[:2] + data[2:]))
                    if answer:
                        sock.sendto(answer, peer)
                continue
            try:
                _, _, kind, end = packet.question(data)
            except (ValueError, IndexError):
                continue
            ident = (ident + 1) % PENDING
            waiting[ident] = (key.fileobj, peer, data, end, kind, key.data)
            try:
                up.send(struct.pack("!H", ident) + data[2:])
            except OSError:
                pass
