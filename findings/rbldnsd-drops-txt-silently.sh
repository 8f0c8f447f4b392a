#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# rbldnsd drops records that do not fit into a UDP reply, and does not set TC.
#
# One would expect a server whose answer exceeds the client's 512 octets to answer with TC=1, so that the client asks
# again over TCP (RFC 1035 section 4.1.1, RFC 2181 section 9). rbldnsd leaves out what does not fit, sets neither TC nor
# AA, and does not listen on TCP at all. An address that is on a combined list in several sub-lists loses some of its TXT
# records, or all of them, without a sign. Only a query with EDNS and a larger buffer shows them.
#
# usage: rbldnsd-drops-txt-silently.sh        (root; Debian 12 and its mirror)
# exit:  0 seen as described, 1 it behaves in another way now, 2 could not be tried
set -u
packages='rbldnsd=1.0~20210120-2'
if [ "${1-}" != inside ]; then
	self=$(realpath "$0")
	folder=$(mktemp -d) || exit 2
	trap 'rm -rf "$folder"' EXIT
	cd "$folder" && mkdir root || exit 2
	# shellcheck disable=SC2086 # a list
	apt-get download -qq $packages 2>/dev/null || { apt-get update -qq && apt-get download -qq $packages; } || exit 2
	for package in *.deb; do dpkg-deb -x "$package" root || exit 2; done
	unshare --net --pid --fork --kill-child --mount-proc timeout 60 bash "$self" inside "$folder"
	exit $?
fi
cd "$2" && chmod 755 . || exit 2
ip link set lo up || exit 2
text=$(printf 'x%.0s' $(seq 150))
for number in 1 2 3 4 5 6; do printf ':127.0.0.%d:%d %s\n192.0.2.10\n' "$((number + 1))" "$number" "$text" >"sub$number"; done
root/usr/sbin/rbldnsd -n -u nobody -b 127.0.0.1/5301 -w "$PWD" \
	list.example:ip4set:sub1 list.example:ip4set:sub2 list.example:ip4set:sub3 \
	list.example:ip4set:sub4 list.example:ip4set:sub5 list.example:ip4set:sub6 >log 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null' EXIT
sleep 1
python3 - <<'PYTHON'
import socket, struct, sys

def ask(kind, edns):
    name = b"".join(bytes([len(x)]) + x for x in b"10.2.0.192.list.example".split(b".")) + b"\0"
    query = struct.pack("!6H", 7, 0x100, 1, 0, 0, 1 if edns else 0) + name + struct.pack("!2H", kind, 1)
    if edns:
        query += b"\0" + struct.pack("!2HIH", 41, 4096, 0, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(3)
        s.connect(("127.0.0.1", 5301))
        s.send(query)
        reply = s.recv(8192)
    flags, _, answers = struct.unpack("!3H", reply[2:8])
    return {"octets": len(reply), "answers": answers, "AA": flags >> 10 & 1, "TC": flags >> 9 & 1}

plain, large = ask(16, False), ask(16, True)
print("TXT without EDNS:        ", plain)
print("TXT with EDNS, 4096:     ", large)
with socket.socket() as s:
    s.settimeout(3)
    try:
        s.connect(("127.0.0.1", 5301))
        tcp = "accepted"
    except OSError as error:
        tcp = error.strerror
print("TCP:                     ", tcp)
same = plain["answers"] < 6 and plain["TC"] == 0 and large["answers"] == 6 and tcp != "accepted"
print("as described" if same else "CHANGED")
sys.exit(0 if same else 1)
PYTHON
