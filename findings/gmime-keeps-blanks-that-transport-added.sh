#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# GMime's quoted-printable decoder keeps blanks at the end of a line.
#
# RFC 2045 6.7, rule 3: an encoder must write a blank that ends a line as "=20", so that white space at the end of an
# encoded line was put there by a transport and "must be deleted" when it is decoded. GMime gives it on as text, so a part
# that a gateway has padded decodes to other octets than it was made of: hashes of parts, and whatever looks at the end of
# a line, differ from what the sender wrote and from what Perl's MIME::QuotedPrint reads. A soft line break with blanks
# behind its "=" is no soft line break for it: "=" and the blanks become text, and the line is not joined.
#
# usage: gmime-keeps-blanks-that-transport-added.sh        (Debian 12 and its mirror)
# exit:  0 seen as described, 1 it behaves in another way now, 2 could not be tried
set -u
packages='libgmime-3.0-0=3.2.13+dfsg-2 libglib2.0-0 libgpgme11 libassuan0 libgpg-error0 libidn2-0 libunistring2
	libpcre2-8-0 libffi8 zlib1g libselinux1 libmount1 libblkid1'
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" && mkdir root || exit 2
# shellcheck disable=SC2086 # a list
apt-get download -qq $packages 2>/dev/null || { apt-get update -qq && apt-get download -qq $packages; } || exit 2
for package in *.deb; do dpkg-deb -x "$package" root || exit 2; done
library=$(find root -name 'libgmime-3.0.so.0' | head -n 1)
LD_LIBRARY_PATH="$(dirname "$library"):$(find root/lib -maxdepth 1 -type d | tail -n 1)" python3 - "$library" <<'PYTHON'
import ctypes, sys

gmime = ctypes.CDLL(sys.argv[1])
print("GMime", ".".join(str(ctypes.c_uint.in_dll(gmime, f"gmime_{part}_version").value)
                        for part in ("major", "minor", "micro")))


def decoded(text):
    out, state, save = ctypes.create_string_buffer(len(text) + 64), ctypes.c_int(0), ctypes.c_uint32(0)
    step = gmime.g_mime_encoding_quoted_decode_step
    step.restype = ctypes.c_size_t
    size = step(text, ctypes.c_size_t(len(text)), out, ctypes.byref(state), ctypes.byref(save))
    return out.raw[:size]


rows = [(b"padded  \r\nline\r\n", b"padded\r\nline\r\n", b"padded  \r\nline\r\n"),
        (b"padded\t\r\nline\r\n", b"padded\r\nline\r\n", b"padded\t\r\nline\r\n"),
        (b"joined= \r\nline\r\n", b"joinedline\r\n", b"joined= \r\nline\r\n"),
        (b"joined=\r\nline\r\n", b"joinedline\r\n", b"joinedline\r\n")]
same = True
for text, by_rfc, expected in rows:
    seen = decoded(text)
    print(f"{text!r:28} RFC 2045: {by_rfc!r:24} seen: {seen!r}")
    same &= seen == expected
print("as described" if same else "CHANGED")
sys.exit(0 if same else 1)
PYTHON
