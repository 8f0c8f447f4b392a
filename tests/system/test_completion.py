"""Completion as the shells do it: each is asked what stands behind a line that somebody has begun to type."""
import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

import pytest

from conftest import HANGS_S

ZSH_HANGS_S = 60        # a shell that has not answered a key by then has swallowed it for good
TELL = "\x14"           # ^T, bound to the widget that tells the line
BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
BASH = r"""
source "$1"; shift
compopt() { :; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_offlist 2>&1
printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The three completions, the program in a folder of PATH, and a file to be found."""
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")
    place = tmp_path_factory.mktemp("completion")
    (place / "bin").mkdir()
    (place / "bin" / "offlist").symlink_to(BINARY)
    for shell, name in (("bash", "offlist"), ("zsh", "_offlist"), ("fish", "offlist.fish")):
        text = subprocess.run([BINARY, "completion", shell], stdout=subprocess.PIPE, check=True,
                              timeout=HANGS_S).stdout
        (place / shell).mkdir()
        (place / shell / name).write_bytes(text)
    (place / "some mail.log").write_text("")
    return place


def environment(folder):
    """A leak checker cannot work where the machine forbids ptrace, and what it then says would be taken for an offer"""
    sanitizer = f"{os.environ.get('ASAN_OPTIONS', '')}:detect_leaks=0".lstrip(":")
    return {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": str(folder), "TERM": "dumb",
            "LC_ALL": "C.UTF-8", "ASAN_OPTIONS": sanitizer}


def bash(folder, line):
    words = line.replace("=", " = ").split(" ") if "=" in line else line.split(" ")
    run = subprocess.run(["bash", "-c", BASH, "bash", str(folder / "bash" / "offlist"), *words], cwd=folder, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(folder), timeout=HANGS_S)
    assert run.returncode == 0 and run.stderr == "", run.stderr
    return set(run.stdout.splitlines()) - {""}


def fish(folder, line):
    if not shutil.which("fish"):
        pytest.skip("no fish here")
    run = subprocess.run(["fish", "--no-config", "-c", f'source {folder}/fish/offlist.fish; complete -C "{line}"'],
                         cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(folder),
                         timeout=HANGS_S)
    assert run.returncode == 0, run.stderr
    return {one.split("\t")[0].replace("\\ ", " ") for one in run.stdout.splitlines()}


# line so far -> what must be offered, what must not
OFFERED = [
    ("offlist ", {"check", "diagnose", "log", "lists"}, {"stats", "grep"}),
    ("offlist log ", {"stats", "senders", "trace", "grep"}, {"check", "some mail.log"}),
    ("offlist lists l", {"lint"}, set()),
    ("offlist lists suggest ", {"postfix", "spamassassin"}, {"bl.spamcop.net"}),
    ("offlist lists bl.spamco", {"bl.spamcop.net"}, set()),
    ("offlist lists test bl.spamco", {"bl.spamcop.net"}, set()),
    ("offlist explain zen.spam", {"zen.spamhaus.org"}, set()),
    ("offlist check --list bl.spamco", {"bl.spamcop.net"}, set()),
    ("offlist check --skip zen.spam", {"zen.spamhaus.org"}, set()),
    ("offlist --state /tmp check --list bl.spamco", {"bl.spamcop.net"}, set()),
    ("offlist check --format ", {"csv", "nagios"}, {"some mail.log", "bl.spamcop.net"}),
    ("offlist diagnose --log some", {"some mail.log"}, set()),
    ("offlist log stats --log some", {"some mail.log"}, set()),
    ("offlist diagnose --tz ", set(), {"bl.spamcop.net", "some mail.log"}),
    ("offlist lists lint some", {"some mail.log"}, set()),
    ("offlist completion ", {"bash", "zsh", "fish"}, {"some mail.log"}),
    ("offlist help ch", {"check"}, set()),
    ("offlist log stats --", {"--top", "--log", "--json"}, {"--ignore-case", "--fixed", "--strict"}),
    ("offlist log grep --", {"--top", "--ignore-case", "--fixed"}, {"--strict"}),
    ("offlist lists --", {"--class", "--json"}, {"--resolver", "--log"}),
    ("offlist lists test --", {"--resolver"}, {"--class"}),
]


@pytest.mark.parametrize("line,there,absent", OFFERED)
@pytest.mark.parametrize("shell", [bash, fish])
def test_what_is_offered(folder, shell, line, there, absent):
    offered = {one.rstrip("=") for one in shell(folder, line)}
    assert there <= offered and not absent & offered, sorted(offered)[:40]


def test_bash_values_behind_an_equals_sign(folder):
    assert bash(folder, "offlist check --format=na") == {"nagios"}
    assert bash(folder, "offlist diagnose --log=some") == {"some mail.log"}


class Zsh:
    """An interactive zsh on a terminal: a line is typed, TAB pressed, and the line told as it stands then."""

    def __init__(self, folder):
        self.lost = None                    # what the screen showed when zsh answered no more
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe("zsh", ["zsh", "-f", "-i"], environment(folder))
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
        self.seen = ""
        self.type("unsetopt prompt_cr prompt_sp; PS1=; fpath=($PWD/zsh $fpath); autoload -U compinit; compinit -u -D\n"
                  "setopt no_list_ambiguous no_auto_list; LISTMAX=0\n"
                  "tell() { print -r -- \"<<$BUFFER>>\"; BUFFER= }; zle -N tell; bindkey '^T' tell; print rea''dy\n")
        self.wait("ready")

    def type(self, text):
        os.write(self.fd, text.encode())

    def wait(self, pattern, again=""):
        """Read until the pattern comes; each second without it, type again what asks for it"""
        if self.lost is not None:
            pytest.fail(f"zsh has hung before; its screen: {self.lost!r}")
        end = time.monotonic() + ZSH_HANGS_S
        while not (found := re.search(pattern, self.seen, re.S)):
            if time.monotonic() > end or not self.more(again):
                self.lost = self.seen[-2000:]
                pytest.fail(f"zsh did not answer with {pattern}; its screen: {self.lost!r}")
        self.seen = self.seen[found.end():]
        return found

    def more(self, again):
        """@return False: zsh has ended"""
        if not select.select([self.fd], [], [], 1)[0]:
            self.type(again)
            return True
        try:
            text = os.read(self.fd, 4096)
        except OSError:                     # EIO: nobody holds the terminal any longer
            return False
        self.seen += text.decode(errors="replace")
        return bool(text)

    def completed(self, line):
        """The key that tells may be swallowed (by a question of zsh's own); told twice, the second line is empty"""
        self.type(line + "\t" + TELL)
        return self.wait(r"<<(offlist.*?)>>", TELL).group(1).replace("\r", "").replace("\n", "").rstrip(" ")

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


@pytest.fixture(scope="module")
def zsh(folder):
    if not shutil.which("zsh"):
        pytest.skip("no zsh here")
    one = Zsh(folder)
    yield one
    one.end()


@pytest.mark.parametrize("line,whole", [
    ("offlist che", "offlist check"),
    ("offlist log st", "offlist log stats"),
    ("offlist lists lin", "offlist lists lint"),
    ("offlist lists bl.spamco", "offlist lists bl.spamcop.net"),
    ("offlist lists test bl.spamco", "offlist lists test bl.spamcop.net"),
    ("offlist explain zen.spamhaus.o", "offlist explain zen.spamhaus.org"),
    ("offlist check --list bl.spamco", "offlist check --list bl.spamcop.net"),
    ("offlist check --list=bl.spamco", "offlist check --list=bl.spamcop.net"),
    ("offlist check -l bl.spamco", "offlist check -l bl.spamcop.net"),
    ("offlist diagnose --log so", "offlist diagnose --log some\\ mail.log"),
    ("offlist log stats --log so", "offlist log stats --log some\\ mail.log"),
    ("offlist log stats -L so", "offlist log stats -L some\\ mail.log"),
    ("offlist lists lint so", "offlist lists lint some\\ mail.log"),
    ("offlist check --format na", "offlist check --format nagios"),
    ("offlist completion zs", "offlist completion zsh"),
    ("offlist help chec", "offlist help check"),
    ("offlist log grep --ign", "offlist log grep --ignore-case"),
    ("offlist log stats --ign", "offlist log stats --ign"),
    ("offlist check -v --reso", "offlist check -v --resolver="),
    ("offlist log stats --si", "offlist log stats --since="),
    ("offlist lists --cla", "offlist lists --class="),
    ("offlist lists test --cla", "offlist lists test --cla"),
])
def test_zsh_completes(zsh, line, whole):
    assert zsh.completed(line) == whole
