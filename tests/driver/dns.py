"""The DNS of the namespace: one UDP server that knows reverse names, addresses, mail exchangers and listings."""
import ipaddress
import socket
import struct

A, NS, PTR, MX, TXT, AAAA = 1, 2, 12, 15, 16, 28
NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3


class Zone:
    """@param reverse {address: name}; absent: no such name @param forward {name: [address]}
    @param mx {domain: [(preference, name)]} @param failing set of names (or in-addr.arpa names) that end in SERVFAIL
    @param listed {address: code} what DNSBLs say, whoever is asked"""

    def __init__(self):
        self.reverse, self.forward, self.mx, self.failing, self.listed = {}, {}, {}, set(), {}
        self.text = {}

    def host(self, name, address, reverse=True):
        self.forward.setdefault(name.lower(), []).append(address)
        if reverse:
            self.reverse[address] = name

    def answer(self, name, kind):
        """@return (rcode, [(type, rdata octets)])"""
        name = name.lower().rstrip(".")
        if name in self.failing:
            return SERVFAIL, []
        if name.endswith((".in-addr.arpa", ".ip6.arpa")):
            host = self.reverse.get(_address(name))
            return (NOERROR, [(PTR, pack_name(host))] if kind == PTR else []) if host else (NXDOMAIN, [])
        if name.endswith((".zen.spamhaus.org", ".bl.spamcop.net", ".b.barracudacentral.org")):
            code = self.listed.get(".".join(reversed(name.split(".")[:4])))
            return (NOERROR, [(A, socket.inet_aton(code))] if kind == A else []) if code else (NXDOMAIN, [])
        if kind == MX and name in self.mx:
            return NOERROR, [(MX, struct.pack("!H", p) + pack_name(host)) for p, host in self.mx[name]]
        if kind == TXT and name in self.text:
            return NOERROR, [(TXT, bytes([len(self.text[name])]) + self.text[name].encode())]
        if name in self.forward:
            if kind == A:
                return NOERROR, [(A, socket.inet_aton(a)) for a in self.forward[name] if ":" not in a]
            if kind == AAAA:
                return NOERROR, [(AAAA, socket.inet_pton(socket.AF_INET6, a)) for a in self.forward[name] if ":" in a]
            return NOERROR, []
        return (NOERROR, []) if name in self.mx or name in self.text else (NXDOMAIN, [])


def _address(name):
    labels = name.split(".")
    if name.endswith(".in-addr.arpa"):
        return ".".join(reversed(labels[:4]))
    digits = "".join(reversed(labels[:32]))
    return str(ipaddress.IPv6Address(int(digits, 16))) if len(digits) == 32 else None


def pack_name(name):
    return b"".join(bytes([len(label)]) + label for label in name.encode().rstrip(b".").split(b".")) + b"\0"


def reply(zone, query):
    """@return the answer's octets, None for what is no query"""
    if len(query) < 17:
        return None
    labels, at = [], 12
    while at < len(query) and query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode(errors="replace"))
        at += 1 + query[at]
    at += 1
    if at + 4 > len(query):
        return None
    kind = struct.unpack_from("!H", query, at)[0]
    question = query[12:at + 4]
    rcode, records = zone.answer(".".join(labels), kind)
    body = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind_, 1, 300, len(data)) + data for kind_, data in records)
    return query[:2] + struct.pack("!HHHHH", 0x8180 | rcode, 1, len(records), 0, 0) + question + body


def serve(zone, address="127.0.0.1"):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, 53))
    while True:
        query, peer = sock.recvfrom(4096)
        answer = reply(zone, query)
        if answer:
            sock.sendto(answer, peer)
