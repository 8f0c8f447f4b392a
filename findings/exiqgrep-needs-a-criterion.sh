#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# exiqgrep of Exim 4.96 wants a selection: "exiqgrep -i" alone prints its help where ids are expected.
#
# "exiqgrep -i | xargs exim -Mf" (freeze all that waits) is in many notes for administrators. In 4.96 a call without any of
# -f, -r, -s, -y, -o, -z, -x or -c ends with 1 and its help on standard output, so that what stands behind the pipe gets the
# words of the help in place of message ids, and no message is touched. A criterion that fits all says the same: -f . or -y
# with a large number.
#
# usage: exiqgrep-needs-a-criterion.sh        (Debian 12 and its mirror)
# exit:  0 seen as described, 1 it behaves in another way now, 2 could not be tried
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" && mkdir root || exit 2
package=exim4-base=4.96-15+deb12u11
apt-get download -qq "$package" 2>/dev/null || { apt-get update -qq && apt-get download -qq "$package"; } || exit 2
for deb in *.deb; do dpkg-deb -x "$deb" root || exit 2; done

# In place of Exim: a queue of two messages, as exim -bpu prints it.
cat >exim <<'EXIM'
#!/bin/sh
printf ' 3h  1.2K 1abcde-000001-AB <alice@example.com>\n          bob@example.net\n\n'
printf ' 5h  2.0K 1abcde-000002-CD <carol@example.com>\n          dave@example.net\n\n'
EXIM
chmod +x exim

ask() {
	perl root/usr/sbin/exiqgrep -E ./exim "$@" </dev/null >out 2>errors
	status=$?
	echo "exiqgrep $*: exit $status, $(wc -l <out) lines, the first: $(head -n 1 out)"
}

echo "exim4-base ${package#*=}"
same=yes
ask -i
[ "$status" -eq 1 ] && grep -q '^Exim message queue display utility' out || same=no
for criterion in '-f .' '-y 1000000000'; do
	# shellcheck disable=SC2086 # an option and its value
	ask -i $criterion
	[ "$status" -eq 0 ] && [ "$(tr '\n' ' ' <out)" = '1abcde-000001-AB 1abcde-000002-CD ' ] || same=no
done
[ "$same" = yes ] || { echo CHANGED; exit 1; }
echo 'as described'
