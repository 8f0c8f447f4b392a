#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The OpenSMTPD that Debian 12 ships cannot serve TLS with an RSA key: every handshake ends with an internal error.
#
# One would expect a released package of a mail server to accept STARTTLS once it is given a certificate. This one starts,
# announces STARTTLS, and then fails each handshake, TLS 1.2 and 1.3 alike. It keeps the private key in another process
# and signs through the old RSA_METHOD hooks; OpenSSL 3 signs in its provider, past the hooks, with a key that is not
# there ("missing private key"). The log tells it only as an io-error of the session. Clients that ask for TLS (port 587,
# 465) cannot hand over mail at all, and servers that fall back send in clear text.
#
# usage: opensmtpd-debian12-serves-no-tls.sh        (root; Debian 12 and its mirror, openssl)
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
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=mail.example.com 2>/dev/null || exit 2
chmod 600 key.pem
cat >smtpd.conf <<CONF
pki mail.example.com cert "$PWD/cert.pem"
pki mail.example.com key "$PWD/key.pem"
listen on 127.0.0.1 port 2525 tls pki mail.example.com hostname mail.example.com
action "out" relay host "smtp://127.0.0.1:2526"
match from any for any action "out"
CONF
"$PWD/root/usr/sbin/smtpd" -dv -f smtpd.conf >log 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null' EXIT
for _ in $(seq 100); do [ -S /run/smtpd.sock ] && break; sleep 0.1; done
echo "OpenSMTPD $(grep -oE '6\.[0-9.p]+' log | head -n 1), $(openssl version | cut -d ' ' -f 1,2)"
failed=0
for version in tls1_2 tls1_3; do
	said=$(echo QUIT | timeout 10 openssl s_client -connect 127.0.0.1:2525 -starttls smtp "-$version" 2>&1)
	alert=$(grep -oE 'alert internal error' <<<"$said" | head -n 1)
	echo "$version: ${alert:-the handshake came to its end}"
	[ -n "$alert" ] && failed=$((failed + 1))
done
echo "its log: $(grep -oE 'missing private key' log | sort | uniq -c | sed 's/^ *//')"
if [ "$failed" -eq 2 ] && grep -q 'missing private key' log; then
	echo "as described"
	exit 0
fi
echo "CHANGED"
tail -n 20 log
exit 1
