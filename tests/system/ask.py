"""One DNS query with a plain socket, or many: run inside the lab by test_lab.py. It shows every datagram.

ask.py SERVER NAME [--tcp] [--until N|right] [--unless ZONE] [--quiet]    prints [{...} for each answer]
    it waits for N answers (default 1) or the right one, however busy the machine, and 0.15 s for more of them
    --unless ZONE: perhaps there is none; ZONE's SOA is asked behind it, and its answer ends the waiting
    --quiet: nothing reaches the server: 0.15 s are enough
ask.py --many < [[SERVER, NAME, CODE]]  prints {NAME: "" where CODE is among the answers, else what came}
"""
import argparse
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

WAIT_S = 0.15           # for what should not come
HANGS_S = 60            # for what will come, on however busy a machine
MARKER = 0x4711
SO_TIMESTAMP = 29       # Python has no name for it: the kernel notes when a datagram came, not when we were let read it


def query(ident, name, kind=packet.A):
    return struct.pack("!HHHHHH", ident, 0x100, 1, 0, 0, 0) + packet.wire(name) + struct.pack("!HH", kind, 1)


def describe(data, sent, took_s):
    row = {"ms": took_s * 1000, "right": False, "a": []}
    try:
        message = dns.message.from_wire(data)
    except (dns.exception.DNSException, struct.error, IndexError):
        return row
    wanted = dns.message.from_wire(sent)
    row.update(rcode=message.rcode(), aa=bool(message.flags & 0x400), tc=bool(message.flags & 0x200),
               authority=len(message.authority), right=wanted.is_response(message),
               a=sorted(item.to_text() for rrset in message.answer for item in rrset if rrset.rdtype in (1, 16)))
    return row


def receive(sock):
    """@return (datagram, when it came)"""
    data, more, _, _ = sock.recvmsg(4096, 256)
    for _, kind, value in more:
        if kind == SO_TIMESTAMP:
            seconds, micros = struct.unpack("@ll", value)
            return data, seconds + micros / 1e6
    return data, time.time()


def enough(answers, until):
    return any(one["right"] for one in answers) if until == "right" else len(answers) >= int(until)


def over_udp(sock, sent, until, unless, quiet):
    answers, patience_s = [], WAIT_S if quiet else HANGS_S
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMP, 1)
    began = time.time()
    sock.send(sent)
    if unless:
        sock.send(query(MARKER, unless, packet.SOA))
    while True:
        sock.settimeout(patience_s)
        try:
            data, at = receive(sock)
        except (socket.timeout, ConnectionRefusedError):
            return answers
        if unless and data[:2] == struct.pack("!H", MARKER):
            patience_s = WAIT_S
            continue
        answers.append(describe(data, sent, at - began))
        if enough(answers, until):
            patience_s = WAIT_S


def over_tcp(sock, sent):
    sock.settimeout(HANGS_S)
    sock.sendall(struct.pack("!H", len(sent)) + sent)
    size = struct.unpack("!H", sock.recv(2, socket.MSG_WAITALL))[0]
    return [describe(sock.recv(size, socket.MSG_WAITALL), sent, 0)]


def one(arguments):
    family = socket.AF_INET6 if ":" in arguments.server else socket.AF_INET
    sent = query(0x1234, arguments.name)
    with socket.socket(family, socket.SOCK_STREAM if arguments.tcp else socket.SOCK_DGRAM) as sock:
        sock.settimeout(HANGS_S)
        sock.connect((arguments.server, 53))
        if arguments.tcp:
            return over_tcp(sock, sent)
        return over_udp(sock, sent, arguments.until, arguments.unless, arguments.quiet)


def many(wanted):
    found = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(HANGS_S)
        for server, name, code in wanted:
            sent = query(0x4321, name)
            sock.sendto(sent, (server, 53))
            try:
                answer = describe(sock.recv(4096), sent, 0)
                found[name] = "" if code in answer["a"] else f"{answer.get('rcode')} {answer['a']} not {code}"
            except socket.timeout:
                found[name] = "no answer"
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server", nargs="?")
    parser.add_argument("name", nargs="?")
    parser.add_argument("--until", default="1")
    parser.add_argument("--unless")
    for flag in ("--tcp", "--quiet", "--many"):
        parser.add_argument(flag, action="store_true")
    arguments = parser.parse_args()
    print(json.dumps(many(json.load(sys.stdin)) if arguments.many else one(arguments)))


if __name__ == "__main__":
    main()
