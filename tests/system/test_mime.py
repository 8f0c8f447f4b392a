# SPDX-License-Identifier: BSD-2-Clause
"""The MIME reader beside GMime, on messages that neither wrote: the same parts with the same text, but where it is said
why not."""
import os
import pathlib
import re
import subprocess

import pytest

from conftest import HANGS_S

BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
COMPARE = BINARY.parent / "tests/unit/mail/mime_gmime"
DATA = pathlib.Path(os.environ.get("OFFLIST_DATA", pathlib.Path(__file__).parents[3] / "shared/data"))
EVERY = 8               # of 7,813 mails

# name in shared/data/mime -> why the two differ there
DIFFERENT = {
    "mail-parser/resources/eml/rfc/008.eml": "GMime does not read a message inside a part that says an encoding",
    "mail-parser/resources/eml/rfc/000.eml": "base64 that ends inside a group of four: GMime drops its whole octets",
    "mail-parser/resources/eml/thirdparty/001.eml": "GMime takes two octets of a line end that has one",
    "mail-parser/resources/eml/thirdparty/002.eml": "base64 that ends inside a group of four",
    "mail-parser/resources/eml/malformed/000.eml": "GMime has no part between two boundaries with nothing between them",
    "mail-parser/resources/eml/malformed/007.eml": "GMime takes the boundary of the outer multipart for text",
    "mail-parser/resources/eml/malformed/017.eml": "no semicolon before the boundary: one part, and none for GMime",
    "mail-parser/resources/eml/malformed/020.eml": "two Content-Type fields: the first is ours, the last is GMime's",
    "mail-parser/resources/eml/malformed/021.eml": "the same",
    "mail-parser/resources/eml/legacy/017.eml": "uuencode is left as it is",
    "mail-parser/resources/eml/legacy/026.eml": "the same",
    "mail-parser/resources/eml/legacy/048.eml": "the same",
    "mime-tools/testmsgs/malformed-content-type-zip.msg": "a type that is none is text/plain (RFC 2045 5.2)",
    "mime-tools/testmsgs/multi-digest.msg": "the same",
    "mime-tools/testmsgs/multi-frag.msg": "base64 that ends inside a group of four",
    "mime-tools/testmsgs/frag.msg": "the same",
    "mime-tools/testmsgs/hdr-fakeout.msg": "a line of one blank ends a head, as old bounces have it",
    "mime-tools/testin/multi-bad.msg": "two Content-Type fields",
}


def compared(paths):
    """@return {path: (ours, GMime's)}"""
    run = subprocess.run([COMPARE], input="\n".join(map(str, paths)), stdout=subprocess.PIPE, text=True, check=True,
                         timeout=HANGS_S, env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    rows = {}
    for line in run.stdout.splitlines():
        path, whose, leaves = line.split("\t")
        rows.setdefault(path, {})[whose] = leaves
    assert len(rows) == len(paths)
    return {path: (row["ours"], row["gmime"]) for path, row in rows.items()}


def need(path):
    if not COMPARE.exists():
        pytest.skip(f"{COMPARE} is not built: libgmime-3.0-dev is missing")
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return path


def test_odd_messages():
    folder = need(DATA / "mime")
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in (".eml", ".msg")]
    differ = {str(pathlib.Path(path).relative_to(folder)) for path, (ours, theirs) in compared(paths).items()
              if ours != theirs}
    assert differ == set(DIFFERENT)


def test_mails_of_people(tmp_path):
    archive = need(DATA / "mail/classic.tar.zst")
    subprocess.run(["tar", "--zstd", "-xf", archive, "-C", tmp_path], check=True, timeout=HANGS_S)
    paths = sorted(tmp_path.rglob("*.eml"))[::EVERY]
    assert len(paths) > 900
    differ = [path for path, (ours, theirs) in compared(paths).items() if ours != theirs]
    # rulers of "=" that nobody encoded: at the end of a line one of them joins the lines, GMime leaves them
    unexplained = [path for path in differ if not re.search(rb"==\r?\n", pathlib.Path(path).read_bytes())]
    assert unexplained == [] and len(differ) < len(paths) / 200
