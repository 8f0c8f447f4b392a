# SPDX-License-Identifier: BSD-2-Clause
"""pflogsumm and eximstats, the programs that people summarise mail logs with today: unpacked from Debian's packages
into the lab's cache, never installed."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
import unpack  # noqa: E402

PACKAGES = ["pflogsumm", "exim4-base", "libdate-calc-perl"]


def ensure():
    """@return root of the unpacked packages; OSError: they cannot be had"""
    return unpack.ensure(lambda text: None, "logs", PACKAGES)


def environment(root):
    """For Perl programs of the unpacked packages."""
    version = subprocess.run(["perl", "-e", "print $^V =~ /v(5\\.\\d+)/"], stdout=subprocess.PIPE, text=True).stdout
    triplet = os.uname().machine + "-linux-gnu"
    places = ["usr/share/perl5", f"usr/lib/{triplet}/perl5/{version}", f"usr/lib/{triplet}/perl5"]
    return dict(os.environ, PERL5LIB=":".join(os.path.join(root, place) for place in places), LC_ALL="C", TZ="UTC")


def pflogsumm(root, *options):
    return ["perl", os.path.join(root, "usr/sbin/pflogsumm"), *options]


def eximstats(root, *options):
    return ["perl", os.path.join(root, "usr/sbin/eximstats"), *options]


def number(text):
    """pflogsumm and eximstats shorten: 12k, 3072k, 5MB. @return (value, how much is lost to rounding)"""
    found = re.fullmatch(r"([\d.]+)([kmgKMG]?)B?", text)
    scale = {"": 1, "k": 1024, "m": 1024 ** 2, "g": 1024 ** 3}[found[2].lower()]
    return float(found[1]) * scale, scale if scale > 1 else 0


def pflogsumm_totals(text):
    """The "Grand Totals". @return {name: (value, rounding)}"""
    out = {}
    for line in text.split("Per-Day")[0].splitlines():
        found = re.match(r"\s+([\d.]+[kmgKMG]?)\s\s+(\w[\w ]*?)(?:\s\s*\(.*)?\s*$", line)
        if found:
            out[found[2].strip()] = number(found[1])
    return out


def eximstats_totals(text):
    """The "Grand total summary" (eximstats -ne -nr -nt -nvr). @return {row: [cells]}"""
    out = {}
    for line in text.split("Deliveries by")[0].splitlines():
        cells = line.split()
        if len(cells) > 2 and cells[0] in ("Received", "Delivered", "Rejects", "Temp", "Errors"):
            out[cells[0]] = cells
    return out
