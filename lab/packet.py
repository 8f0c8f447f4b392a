"""DNS messages as bytes: as little as the lab's own servers need."""
import socket
import struct

A, NS, SOA, TXT, AAAA = 1, 2, 6, 16, 28
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, REFUSED = 0, 1, 2, 3, 5


def question(message):
    """@return (name as lower-case wire bytes, [offset of each label in it], type, offset behind the question)"""
    if len(message) < 17 or message[2] & 0x80:
        raise ValueError("not a query")
    at, offsets = 12, []
    while message[at]:
        if message[at] > 63 or at > 266:
            raise ValueError("bad name")
        offsets.append(at - 12)
        at += message[at] + 1
    kind = message[at + 1] << 8 | message[at + 2]
    if at + 5 > len(message):
        raise ValueError("cut short")
    return message[12:at + 1].lower(), offsets, kind, at + 5


def wire(name):
    """@return the name in wire form"""
    return b"".join(bytes([len(label)]) + label for label in name.encode().split(b".") if label) + b"\0"


def labels(name):
    """@return [label] of a wire name"""
    at, found = 0, []
    while name[at]:
        found.append(name[at + 1:at + 1 + name[at]])
        at += name[at] + 1
    return found


def record(kind, ttl, data, owner=b"\xc0\x0c"):
    return owner + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


def reply(query, end, rcode=NOERROR, answers=(), authority=(), aa=True, tc=False, ident=None, asked=None):
    """An answer to `query`, whose question ends at `end`."""
    flags = 0x8000 | (0x0400 if aa else 0) | (0x0200 if tc else 0) | (query[2] & 1) << 8 | rcode
    ident = ident if ident is not None else query[0] << 8 | query[1]
    return b"".join((struct.pack("!HHHHHH", ident, flags, 1, len(answers), len(authority), 0),
                     asked or query[12:end], *answers, *authority))


def a(address, ttl=300):
    return record(A, ttl, socket.inet_aton(address))


def txt(text, ttl=300):
    raw = text.encode()[:255]
    return record(TXT, ttl, bytes([len(raw)]) + raw)


def soa(zone, ns):
    """The SOA of a negative answer. @param zone wire name"""
    data = wire(ns) + wire("hostmaster.lab.example") + struct.pack("!IIIII", 1, 3600, 600, 86400, 1)
    return record(SOA, 1, data, zone)


def has_opt(query):
    """Does it carry EDNS? It is the only additional record that queries have."""
    return query[10:12] != b"\0\0"


def opt(options=b"", size=1232):
    return b"\0" + struct.pack("!HHIH", 41, size, 0, len(options)) + options


def to_address(name, zone):
    """The address that a list query is about. @return "a.b.c.d", the IPv6 nibbles as one string, or None"""
    parts = labels(name)[:len(labels(name)) - len(labels(zone))]
    if len(parts) == 4 and all(part.isdigit() for part in parts):
        return ".".join(part.decode() for part in reversed(parts))
    if len(parts) == 32 and all(len(part) == 1 for part in parts):
        return "".join(part.decode() for part in reversed(parts))
    return None
