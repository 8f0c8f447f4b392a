"""Files of the journal as systemd writes them: what offlist reads of them is what journalctl reads of them."""
import os
import pathlib
import random
import struct
import subprocess

import pytest
from conftest import until

REMOTE = "/lib/systemd/systemd-journal-remote"
LINES = pathlib.Path(os.environ["OFFLIST"]).parent / "tests" / "unit" / "logread" / "journal_lines"
JOURNALS = 50
DAMAGED = 30
MAIL = {"SYSLOG_FACILITY": {b"2"}, "_COMM": {b"exim", b"exim4", b"smtpd"},
        "SYSLOG_IDENTIFIER": {b"exim", b"exim4", b"sendmail", b"sm-mta", b"smtpd", b"dovecot", b"rspamd", b"amavis",
                              b"qmail", b"php"}}
WORDS = ["connect from unknown[192.0.2.7]", "disconnect from mail.example.net[2001:db8::1] ehlo=1", "statistics: max",
         "A1B2C3: from=<anna@example.com>, size=4711, nrcpt=1 (queue active)", "caf\u00e9 \u2603",
         "tab\there", "  blanks"]


def run(*command, **more):
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                          **more)


def message(rng):
    kind = rng.randrange(10)
    if kind == 0:
        return bytes(rng.randrange(1, 256) for _ in range(rng.randrange(1, 40)))
    if kind == 1:
        return (rng.choice(WORDS) * rng.choice([20, 200, 3000])).encode()
    if kind == 2:
        return "\n".join(rng.choices(WORDS, k=3)).encode()
    if kind == 3:
        return rng.randbytes(rng.choice([600, 5000])).replace(b"\0", b"x")
    return rng.choice(WORDS).encode() + (b"" if rng.random() < .3 else b" %d" % rng.randrange(10**6))


def entry(rng, at_us):
    """@return fields of one entry: a list of (name, value)"""
    program = rng.choice(["postfix/smtpd", "postfix/qmgr", "cron", "exim4", "dovecot", "php", "kernel", "sshd"])
    fields = [("SYSLOG_FACILITY", rng.choice([b"2", b"2", b"3", b"10"])), ("SYSLOG_IDENTIFIER", program.encode()),
              ("SYSLOG_PID", b"%d" % rng.randrange(1, 99999)), ("_PID", b"%d" % rng.randrange(1, 99999)),
              ("_COMM", program.split("/")[-1].encode()), ("_HOSTNAME", rng.choice([b"mx1", b"mx2.example.com"])),
              ("MESSAGE", message(rng)), ("PRIORITY", b"%d" % rng.randrange(8)), ("_TRANSPORT", b"syslog"),
              ("CODE_LINE", b"%d" % rng.randrange(10**9)), ("COREDUMP", rng.randbytes(rng.choice([3, 9000])))]
    kept = [field for field in fields if rng.random() < .9]
    rng.shuffle(kept)
    return [("__REALTIME_TIMESTAMP", b"%d" % at_us), ("__MONOTONIC_TIMESTAMP", b"%d" % (at_us - 10**15)),
            ("_BOOT_ID", b"%032x" % 0xb007)] + kept


def exported(fields):
    text = b""
    for name, value in fields:
        plain = all(32 <= c < 127 or c == 9 for c in value)
        text += name.encode() + (b"=" + value if plain else b"\n" + struct.pack("<Q", len(value)) + value) + b"\n"
    return text + b"\n"


def parsed(text):
    """Entries of the export form: dictionaries of lists."""
    at, fields = 0, {}
    while at < len(text):
        end = text.index(b"\n", at)
        line = text[at:end]
        at = end + 1
        if not line:
            yield fields
            fields = {}
        elif b"=" in line:
            name, value = line.split(b"=", 1)
            fields.setdefault(name.decode(), []).append(value)
        else:
            size, = struct.unpack_from("<Q", text, at)
            fields.setdefault(line.decode(), []).append(text[at + 8:at + 8 + size])
            at += 8 + size + 1


def line_of(fields):
    """As offlist should have it; None: no mail, or no text."""
    def first(*names):
        return next((fields[name][0] for name in names if fields.get(name, [b""])[0]), b"")
    if not any(value in fields.get(name, []) for name, values in MAIL.items() for value in values):
        return None
    text = first("MESSAGE").rstrip(b"\r\n").replace(b"\n", b" ")
    program = first("SYSLOG_IDENTIFIER", "_COMM")
    if not text or not program:
        return None
    return b"\t".join([b"%d" % (int(fields["__REALTIME_TIMESTAMP"][0]) // 1000), first("_HOSTNAME"), program,
                       first("SYSLOG_PID", "_PID") or b"0", text.lstrip(b" ")])


def journal(folder, rng, name="x.journal", entries=None):
    at_us, text = 1_760_000_000_000_000 + rng.randrange(10**9), b""
    for _ in range(entries or rng.randrange(1, 60)):
        at_us += rng.randrange(1, 10**7)
        text += exported(entry(rng, at_us))
    path = folder / name
    form = {"SYSTEMD_JOURNAL_COMPACT": str(rng.randrange(2)), "SYSTEMD_JOURNAL_KEYED_HASH": str(rng.randrange(2))}
    made = run(REMOTE, f"--compress={rng.randrange(2)}", "-o", path, "-", input=text, env={**os.environ, **form})
    assert made.returncode == 0, made.stderr
    return path


def of_journalctl(*where):
    return [line for line in map(line_of, parsed(run("journalctl", "-q", "--no-pager", "-o", "export", *where).stdout))
            if line is not None]


def of_offlist(path):
    """@return (lines, what is said to be lost)"""
    read = run(LINES, path)
    assert read.returncode in (0, 1) and b"Sanitizer" not in read.stderr, read.stderr[-2000:]
    return read.stdout.split(b"\n")[:-1], read.stderr


def with_program(lines):
    """Those that have none stand as they are: no head is made for them."""
    return [line for line in lines if line.split(b"\t")[2]]


@pytest.fixture(scope="module", autouse=True)
def tools():
    assert LINES.exists(), "built by tests/unit/logread/meson.build"
    if not os.path.exists(REMOTE):
        pytest.skip(f"{REMOTE} is not there (tools/deps test)")


def test_fifty_journals(tmp_path):
    for seed in range(JOURNALS):
        path = journal(tmp_path, random.Random(seed))
        theirs = of_journalctl("--file", path)
        ours, lost = of_offlist(path)
        assert with_program(ours) == theirs, f"seed {seed}"
        assert lost == b""
        path.unlink()


def damaged(whole, rng):
    """Some octets changed, or the end cut off: where the objects stand (behind the hash tables), or in the header."""
    data_hash, data_size, field_hash, field_size, tail = struct.unpack_from("<5Q", whole, 104)
    first, last = max(data_hash + data_size, field_hash + field_size), tail + 64
    kind = rng.randrange(4)
    if kind == 0:
        return whole[:rng.randrange(first, last)]
    out = bytearray(whole)
    for _ in range(rng.choice([1, 4, 200])):
        at = rng.randrange(12, 200) if kind == 1 else rng.randrange(first, last)
        if kind == 3:       # an object's type, size or a place that it names
            at &= ~7
        out[at] = rng.randrange(256)
    return bytes(out)


def test_damaged_journals_say_what_is_lost(tmp_path):
    told = 0
    for seed in range(DAMAGED):
        rng = random.Random(seed)
        if seed % 20 == 0:
            whole = journal(tmp_path, rng, f"whole{seed}.journal", 60).read_bytes()
            expected = of_offlist(tmp_path / f"whole{seed}.journal")[0]
        path = tmp_path / "x.journal"
        path.write_bytes(damaged(whole, rng))
        ours, lost = of_offlist(path)
        missing = [line for line in expected if line not in ours]
        told += bool(missing and lost)
        if missing and not lost:        # a datum is another one now: nobody can tell
            theirs = of_journalctl("--file", path)
            assert not [line for line in missing if line in theirs], f"seed {seed}"
    assert told >= DAMAGED // 4


def test_a_folder_of_files(tmp_path):
    machine = tmp_path / ("0123456789abcdef" * 2)
    machine.mkdir()
    for seed, name in enumerate(["system.journal", "user-1000.journal", "system@1.journal", "system@2.journal"]):
        journal(machine, random.Random(100 + seed), name)
    (machine / "system@2.journal").rename(machine / "system@2.journal~")
    theirs = of_journalctl("--directory", tmp_path)
    ours, lost = of_offlist(tmp_path)
    assert lost == b""
    assert sorted(with_program(ours)) == sorted(theirs)
    times = [int(line.split(b"\t")[0]) for line in ours]
    assert times == sorted(times)


def test_diagnose_names_what_is_lost(tmp_path):
    path = journal(tmp_path, random.Random(7), entries=60)
    whole = path.read_bytes()
    tail, = struct.unpack_from("<Q", whole, 136)
    path.write_bytes(whole[:tail - 4096])
    found = run(os.environ["OFFLIST"], "diagnose", "--json", "--state", tmp_path / "state", "--log", path)
    assert found.returncode in (1, 2)
    assert b"entries cannot be read: the file ends in the middle" in found.stdout


def test_a_journal_that_is_written_to(tmp_path):
    """Entries come one by one, by the hand that writes journals; another file comes into the folder."""
    def mail(number):
        return exported([("__REALTIME_TIMESTAMP", b"%d" % (1_760_000_000_000_000 + number * 1000)),
                         ("__MONOTONIC_TIMESTAMP", b"%d" % (number * 1000)), ("_BOOT_ID", b"%032x" % 0xb007),
                         ("SYSLOG_FACILITY", b"2"), ("SYSLOG_IDENTIFIER", b"postfix/qmgr"), ("_HOSTNAME", b"mx1"),
                         ("MESSAGE", b"number %d" % number)])
    with subprocess.Popen([REMOTE, "-o", tmp_path / "system.journal", "-"], stdin=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as writer:
        writer.stdin.write(mail(0))
        writer.stdin.flush()
        assert until(lambda: (tmp_path / "system.journal").exists() and len(of_offlist(tmp_path)[0]) == 1)
        with subprocess.Popen([LINES, "-f", "41", tmp_path], stdout=subprocess.PIPE) as reader:
            assert b"number 0" in reader.stdout.readline()
            for number in range(1, 40):
                writer.stdin.write(mail(number))
                writer.stdin.flush()
                assert reader.stdout.readline().endswith(b"\tnumber %d\n" % number)
            made = run(REMOTE, "-o", tmp_path / "user-1000.journal", "-", input=mail(99))
            assert made.returncode == 0
            assert reader.stdout.readline().endswith(b"\tnumber 99\n")
        writer.stdin.close()


def test_this_server_s_own_journal(tmp_path):
    """`diagnose` and `check` without --log on a server that has no other log."""
    root = tmp_path / "log"
    known = pathlib.Path("/etc/machine-id")
    machine = known.read_text().strip() if known.exists() else "0" * 32
    (root / "journal" / machine).mkdir(parents=True)
    journal(root / "journal" / machine, random.Random(3), "system.journal", 60)
    lines = len(of_offlist(root)[0])
    words = [os.environ["OFFLIST"], "--state", str(tmp_path / "state"), "--json", "diagnose"]
    inside = f"mount --bind {root} /var/log && exec \"$@\""
    found = run("unshare", "-m", "sh", "-c", inside, "sh", *words)
    if b"unshare failed" in found.stderr:
        pytest.skip("needs the right to make namespaces")
    assert b'"name":"journal"' in found.stdout, found.stderr
    assert b'"lines":%d' % lines in found.stdout
