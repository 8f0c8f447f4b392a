"""Bad resolvers: one answers SERVFAIL to everything, one turns every NXDOMAIN into an address of its own."""
import selectors
import socket
import struct

import packet

PENDING = 65536


def _udp(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    sock.bind((address, 53))
    return sock


def serve(servfail, servfail6, lying, lying6, upstream, parked):
    chooser = selectors.DefaultSelector()
    for address, role in ((servfail, "servfail"), (servfail6, "servfail"), (lying, "lying"), (lying6, "lying")):
        chooser.register(_udp(address), selectors.EVENT_READ, role)
    up = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    up.connect((upstream, 53))
    chooser.register(up, selectors.EVENT_READ, "up")
    waiting, ident = [None] * PENDING, 0
    while True:
        for key, _ in chooser.select():
            try:
                data, peer = key.fileobj.recvfrom(4096)
            except OSError:
                continue
            if key.data == "up":
                slot = data[0] << 8 | data[1]
                if waiting[slot]:
                    sock, peer, query, end, kind = waiting[slot]
                    waiting[slot] = None
                    sock.sendto(_lie(query, end, kind, query[:2] + data[2:], parked), peer)
                continue
            try:
                _, _, kind, end = packet.question(data)
            except (ValueError, IndexError):
                continue
            if key.data == "servfail":
                key.fileobj.sendto(packet.reply(data, end, packet.SERVFAIL, aa=False), peer)
            else:
                ident = (ident + 1) % PENDING
                waiting[ident] = (key.fileobj, peer, data, end, kind)
                try:
                    up.send(struct.pack("!H", ident) + data[2:])
                except OSError:
                    pass


def _lie(query, end, kind, answer, parked):
    if answer[3] & 15 != packet.NXDOMAIN:
        return answer
    records = [packet.a(parked)] if kind == packet.A else []
    message = bytearray(packet.reply(query, end, answers=records, aa=False))
    message[3] |= 0x80      # RA: it is a resolver
    return bytes(message)
