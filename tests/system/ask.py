"""One DNS query with a plain socket, or many: run inside the lab by test_lab.py. It shows every datagram.

ask.py SERVER NAME [--tcp] [--long]     prints [{...} for each answer that came within 0.15 s, or 0.9 s]
ask.py --many < [[SERVER, NAME, CODE]]  prints {NAME: "" where CODE is among the answers, else what came}
"""
import json
import os
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lab"))
import packet  # noqa: E402
import dns.exception  # noqa: E402
import dns.message  # noqa: E402

WAIT_S, LONG_S = 0.15, 0.9


def query(ident, name, kind=packet.A):
    return struct.pack("!HHHHHH", ident, 0x100, 1, 0, 0, 0) + packet.wire(name) + struct.pack("!HH", kind, 1)


def describe(data, sent, began):
    row = {"ms": (time.monotonic() - began) * 1000, "right": False, "a": []}
    try:
        message = dns.message.from_wire(data)
    except (dns.exception.DNSException, struct.error, IndexError):
        return row
    wanted = dns.message.from_wire(sent)
    row.update(rcode=message.rcode(), aa=bool(message.flags & 0x400), tc=bool(message.flags & 0x200),
               authority=len(message.authority), right=wanted.is_response(message),
               a=sorted(item.to_text() for rrset in message.answer for item in rrset if rrset.rdtype in (1, 16)))
    return row


def one(server, name, tcp, wait_s):
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    sent = query(0x1234, name)
    began, answers = time.monotonic(), []
    with socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as sock:
        sock.settimeout(LONG_S)
        sock.connect((server, 53))
        if tcp:
            sock.sendall(struct.pack("!H", len(sent)) + sent)
            size = struct.unpack("!H", sock.recv(2, socket.MSG_WAITALL))[0]
            return [describe(sock.recv(size, socket.MSG_WAITALL), sent, began)]
        sock.send(sent)
        while True:
            left = began + wait_s - time.monotonic()
            if left <= 0:
                return answers
            sock.settimeout(left)
            try:
                answers.append(describe(sock.recv(4096), sent, began))
            except (socket.timeout, ConnectionRefusedError):
                return answers


def many(wanted):
    found = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1)
        for server, name, code in wanted:
            sent = query(0x4321, name)
            sock.sendto(sent, (server, 53))
            try:
                answer = describe(sock.recv(4096), sent, 0)
                found[name] = "" if code in answer["a"] else f"{answer.get('rcode')} {answer['a']} not {code}"
            except socket.timeout:
                found[name] = "no answer"
    return found


if __name__ == "__main__":
    if sys.argv[1] == "--many":
        print(json.dumps(many(json.load(sys.stdin))))
    else:
        wait_s = LONG_S if "--long" in sys.argv else WAIT_S
        print(json.dumps(one(sys.argv[1], sys.argv[2], "--tcp" in sys.argv, wait_s)))
