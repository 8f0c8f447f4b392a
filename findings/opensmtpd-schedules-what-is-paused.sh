#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# OpenSMTPD's `smtpctl schedule` sends an envelope that an administrator has paused, and nothing in the log says that it
# ever was paused.
#
# One would expect what is held by hand to stay until it is let go by hand, as in Postfix, where `postqueue -f` and
# `postqueue -i` leave the hold queue alone and only `postsuper -H` ends it. In OpenSMTPD "pause envelope" only keeps the
# scheduler's own timer off; `smtpctl schedule ID`, and with it `smtpctl schedule all`, which is what people run to
# flush a queue, hands it to delivery at once. Who holds a spam run this way and then flushes the rest sends the spam.
#
# usage: opensmtpd-schedules-what-is-paused.sh        (root; Debian 12 and its mirror)
# exit:  0 seen as described, 1 it behaves in another way now, 2 could not be tried
set -u
packages='opensmtpd=6.8.0p2-4+b4'
if [ "${1-}" != inside ]; then
	self=$(realpath "$0")
	folder=$(mktemp -d) || exit 2
	trap 'rm -rf "$folder"' EXIT
	cd "$folder" && mkdir root || exit 2
	# shellcheck disable=SC2086 # a list
	apt-get download -qq $packages 2>/dev/null || { apt-get update -qq && apt-get download -qq $packages; } || exit 2
	for package in *.deb; do dpkg-deb -x "$package" root || exit 2; done
	unshare --mount --net --pid --fork --kill-child --mount-proc timeout 60 bash "$self" inside "$folder"
	exit $?
fi
cd "$2" && chmod 755 . || exit 2
ip link set lo up || exit 2
# its users, and its folders in memory that this namespace alone sees
{
	grep -v '^opensmtp' /etc/passwd
	echo 'opensmtpd:x:65001:65001::/var/lib/opensmtpd/empty:/bin/false'
	echo 'opensmtpq:x:65002:65002::/var/lib/opensmtpd/empty:/bin/false'
} >passwd
{
	grep -v '^opensmtp' /etc/group
	printf 'opensmtpd:x:65001:\nopensmtpq:x:65002:\n'
} >group
mount --bind passwd /etc/passwd && mount --bind group /etc/group || exit 2
for place in /var/spool /var/lib /run; do mount -t tmpfs -o mode=755 tmpfs "$place" || exit 2; done
mkdir -p /var/lib/opensmtpd/empty /var/spool/smtpd || exit 2
chmod 711 /var/spool/smtpd
cat >smtpd.conf <<'CONF'
listen on 127.0.0.1 port 2525
action "out" relay host "smtp://127.0.0.1:2526"
match from any for any action "out"
CONF
cat >sink.py <<'PYTHON'
import socketserver

class Sink(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 sink.example ESMTP\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline().rstrip(b"\r\n") != b".":
                    pass
                with open("received", "a") as log:
                    log.write("message\n")
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return

socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("127.0.0.1", 2526), Sink).serve_forever()
PYTHON
python3 sink.py &
sink=$!
"$PWD/root/usr/sbin/smtpd" -d -f smtpd.conf >log 2>&1 &
server=$!
trap 'kill "$server" "$sink" 2>/dev/null' EXIT
# it insists on its group
ctl() { setpriv --regid 65002 --clear-groups root/usr/sbin/smtpctl "$@"; }
waiting() { ctl show queue 2>/dev/null | grep -c .; }
received() { if [ -e received ]; then grep -c . received; else echo 0; fi; }
until ctl show status >/dev/null 2>&1; do
	kill -0 "$server" 2>/dev/null || { cat log; exit 2; }
	sleep 0.2
done
echo "OpenSMTPD $(grep -oE '6\.[0-9.p]+' log | head -n 1)"
# it enters the queue while nothing leaves, and is then held on its own
ctl pause mta >/dev/null
python3 - <<'PYTHON' || exit 2
import smtplib
with smtplib.SMTP("127.0.0.1", 2525, "client.example") as s:
    s.sendmail("a@example.com", ["b@example.net"], b"Subject: held\r\n\r\ntext\r\n")
PYTHON
for _ in $(seq 50); do [ "$(waiting)" -gt 0 ] && break; sleep 0.1; done
envelope=$(ctl show queue | cut -d '|' -f 1)
echo "in the queue: $envelope"
echo "pause envelope: $(ctl pause envelope "$envelope")"
ctl resume mta >/dev/null
sleep 4
held=$(received)
echo "delivered 4 s after the rest went on:       $held"
echo "schedule all: $(ctl schedule all)"
for _ in $(seq 100); do [ "$(received)" -gt 0 ] && break; sleep 0.1; done
sent=$(received)
echo "delivered after \`smtpctl schedule all\`:     $sent"
words=$(grep -ciE 'paus|held|hold' log)
echo "lines of the log that speak of the pause:   $(grep -iE 'paus' log | grep -vc 'mta')  (of any kind: $words)"
if [ "$held" -eq 0 ] && [ "$sent" -eq 1 ] && ! grep -i paus log | grep -q "$envelope"; then
	echo "as described"
	exit 0
fi
echo "CHANGED"
cat log
exit 1
