#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Behind unbound's `qname-minimisation-strict: yes` every list that rbldnsd serves is empty: all addresses are "clear".
#
# QNAME minimisation (RFC 9156) asks for 192.list.example before 10.2.0.192.list.example. A server that has something
# below a name has to answer NOERROR for that name (RFC 8020). rbldnsd knows no empty non-terminals and answers NXDOMAIN,
# and a strict resolver believes that nothing can be below it. Other list servers are not affected, so some lists go on
# working behind the same resolver; nothing is logged, and TXT is lost as well as A. Without "strict", unbound falls back
# to the full name and sees the listing.
#
# usage: strict-qname-minimisation-hides-rbldnsd.sh        (root; Debian 12 and its mirror)
# exit:  0 seen as described, 1 it behaves in another way now, 2 could not be tried
set -u
packages='rbldnsd=1.0~20210120-2 unbound=1.17.1-2+deb12u4 libprotobuf-c1'
if [ "${1-}" != inside ]; then
	self=$(realpath "$0")
	folder=$(mktemp -d) || exit 2
	trap 'rm -rf "$folder"' EXIT
	cd "$folder" && mkdir root || exit 2
	# shellcheck disable=SC2086 # a list
	apt-get download -qq $packages 2>/dev/null || { apt-get update -qq && apt-get download -qq $packages; } || exit 2
	for package in *.deb; do dpkg-deb -x "$package" root || exit 2; done
	unshare --net --mount --pid --fork --kill-child --mount-proc timeout 60 bash "$self" inside "$folder"
	exit $?
fi
cd "$2" && chmod 755 . || exit 2
ip link set lo up && mount -t overlay overlay -o lowerdir="$PWD/root/usr:/usr" /usr || exit 2
# shellcheck disable=SC2016 # the dollar signs are rbldnsd's
printf '$SOA 3600 ns.list.example h.list.example 1 3600 600 86400 300\n$NS 3600 ns.list.example\n:127.0.0.2:see\n192.0.2.10\n' >list
rbldnsd -n -u nobody -b 127.0.0.1/5301 -w "$PWD" list.example:ip4set:list >rbldnsd.log 2>&1 &
for strict in no yes; do
	port=$([ $strict = no ] && echo 5311 || echo 5312)
	cat >"unbound-$strict.conf" <<-CONF
		server:
		 interface: 127.0.0.1@$port
		 do-not-query-localhost: no
		 chroot: ""
		 directory: "."
		 username: ""
		 pidfile: ""
		 use-syslog: no
		 module-config: iterator
		 qname-minimisation: yes
		 qname-minimisation-strict: $strict
		remote-control:
		 control-enable: no
		stub-zone:
		 name: list.example
		 stub-addr: 127.0.0.1@5301
	CONF
	unbound -d -c "unbound-$strict.conf" >"unbound-$strict.log" 2>&1 &
done
sleep 2
python3 - <<'PYTHON'
import socket, struct, sys

def ask(port, name, kind):
    wire = b"".join(bytes([len(x)]) + x for x in name.encode().split(b".")) + b"\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.connect(("127.0.0.1", port))
        s.send(struct.pack("!6H", 7, 0x100, 1, 0, 0, 0) + wire + struct.pack("!2H", kind, 1))
        reply = s.recv(4096)
    flags, _, answers = struct.unpack("!3H", reply[2:8])
    return {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}.get(flags & 15, flags & 15), answers

entry, between = "10.2.0.192.list.example", "0.192.list.example"
rows = [("rbldnsd, the listed address", ask(5301, entry, 1)), ("rbldnsd, a name between", ask(5301, between, 1)),
        ("unbound, not strict, A", ask(5311, entry, 1)), ("unbound, not strict, TXT", ask(5311, entry, 16)),
        ("unbound, strict, A", ask(5312, entry, 1)), ("unbound, strict, TXT", ask(5312, entry, 16))]
for what, (rcode, answers) in rows:
    print(f"{what:30} {rcode}, {answers} answers")
seen = [row[1] for row in rows]
same = seen == [("NOERROR", 1), ("NXDOMAIN", 0), ("NOERROR", 1), ("NOERROR", 1), ("NXDOMAIN", 0), ("NXDOMAIN", 0)]
print("as described" if same else "CHANGED")
sys.exit(0 if same else 1)
PYTHON
