# SPDX-License-Identifier: BSD-2-Clause
"""A mail server in a box of its own: unpacked packages over the machine's files, own mounts, processes and network, a
syslog socket that keeps lines, and a receiver on the loopback. What is done inside comes back as JSON; when the box's
first process ends, the kernel ends all others."""
import json
import os
import pathlib
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "lab"))
import ns  # noqa: E402
import unpack  # noqa: E402

ALL = ns.NEWNS | ns.NEWPID | ns.NEWNET | ns.NEWUTS | ns.NEWIPC
HOST = "mx.example.com"
LOG = "/var/log/mail.log"
DEVICES = ("null", "zero", "full", "random", "urandom")
LIMIT_S = 240           # on a busy machine
QUIET_S = 0.35          # no line for so long: what was asked for is done


class Receiver(socketserver.ThreadingTCPServer):
    """The world's mail servers: the recipient's name says what becomes of it."""
    allow_reuse_address = daemon_threads = True
    delivered, late = 0, False      # late: what was deferred until now is taken

    class handle_one(socketserver.StreamRequestHandler):
        def handle(self):
            self.taken = 0
            self.say("220 mx.example.net ESMTP")
            while True:
                line = self.rfile.readline().decode(errors="replace").strip()
                if not line or not self.answer(line.upper()):
                    return

        def say(self, text):
            self.wfile.write(text.encode() + b"\r\n")

        def answer(self, line):
            if line.startswith("RCPT") and "SLOW" in line:
                time.sleep(LIMIT_S)     # nothing is heard of it
            elif line.startswith("RCPT") and "LATER" in line and not self.server.late:
                self.say("450 4.7.1 try again later")
            elif line.startswith("RCPT"):
                self.taken += 1
                self.say("250 2.1.5 Ok")
            elif line.startswith("DATA"):
                self.say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.server.delivered += self.taken
                self.say("250 2.0.0 taken")
            elif line.startswith("MAIL"):
                self.taken = 0
                self.say("250 2.1.0 Ok")
            elif line.startswith("QUIT"):
                self.say("221 2.0.0 Bye")
                return False
            else:
                self.say("250 mx.example.net")
            return True


def keep_syslog():
    """A line a datagram: "<22>Nov 24 10:00:00 name[1]: text"."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind("/dev/log")
    os.chmod("/dev/log", 0o666)
    log = open(LOG, "ab", buffering=0)

    def run():
        while True:
            raw = sock.recv(65536).rstrip(b"\0\n").partition(b">")[2]
            log.write(raw[:16] + b"mx " + raw[16:].replace(b"\n", b" ") + b"\n")
    threading.Thread(target=run, daemon=True).start()


class Box:
    """What the steps of one mail server use."""

    def __init__(self, log=LOG):
        self.log, self.accepted, self.snapshots = log, 0, []
        self.receiver = Receiver(("127.0.0.2", 2525), Receiver.handle_one)
        threading.Thread(target=self.receiver.serve_forever, daemon=True).start()

    def run(self, *command, **more):
        run = subprocess.run(command, stdin=more.pop("stdin", subprocess.DEVNULL), stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=30, **more)
        return run.stdout

    def must(self, *command, **more):
        run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, timeout=30, **more)
        if run.returncode:
            raise OSError(f"{' '.join(command)}: {run.stdout}")
        return run.stdout

    @staticmethod
    def start(*command):
        """A server in the foreground; it ends with the box."""
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def send(self, *recipients, sender="alice@example.com", port=25):
        """@return what the server said at the end of the message"""
        with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
            stream = sock.makefile("rwb")
            stream.readline()
            for command in ("EHLO pc.example.com", f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{to}>" for to in recipients),
                            "DATA", f"From: {sender}\r\nSubject: x\r\n\r\nhello\r\n."):
                stream.write(command.encode() + b"\r\n")
                stream.flush()
                answer = stream.readline()
                while answer[3:4] == b"-":
                    answer = stream.readline()
                if answer[:1] not in (b"2", b"3"):
                    raise OSError(f"{command}: {answer!r}")
        self.accepted += len(recipients)
        return answer.decode()

    def wait(self, what, seconds=20):
        end = time.monotonic() + seconds
        while not what():
            if time.monotonic() > end:
                raise OSError(f"waited in vain; the log ends:\n{self.text()[-3000:]}")
            time.sleep(0.03)

    def listens(self, port=25):
        def greets():
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=2) as sock:
                    return sock.recv(64).startswith(b"220")
            except OSError:
                return False
        self.wait(greets)

    def text(self):
        try:
            with open(self.log, errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def quiet(self):
        """Until the log stands still: for longer where others keep the machine busy."""
        size, since = -1, time.monotonic()
        long_s = QUIET_S * min(max(os.getloadavg()[0] / os.cpu_count(), 1), 8)
        while time.monotonic() - since < long_s:
            now = len(self.text())
            if now != size:
                size, since = now, time.monotonic()
            time.sleep(0.03)

    def logs(self, words, times=1):
        """Wait until the log has these words so often."""
        self.wait(lambda: self.text().count(words) >= times)

    def snapshot(self, what, queue):
        """@param queue  {"waiting": recipients, "held": recipients} as the server lists them"""
        self.snapshots.append({"what": what, "octets": len(self.text().encode(errors="replace")), **queue,
                               "delivered": self.receiver.delivered, "accepted": self.accepted})


def _overlay(base, lower, target):
    name = target.strip("/").replace("/", "-")
    for kind in ("upper", "work"):
        os.mkdir(os.path.join(base, f"{name}.{kind}"))
    ns.mount("box", target, "overlay", 0, f"lowerdir={lower},upperdir={base}/{name}.upper,workdir={base}/{name}.work")


def _empty(path):
    """A folder of the box's own, without what the machine has there."""
    os.makedirs(path, exist_ok=True)
    ns.mount("box", path, "tmpfs", ns.MS_NOSUID, "mode=755")


def _inside(root, base, steps):
    ns.mount("none", "/", None, ns.MS_REC | ns.MS_SLAVE)
    ns.mount("proc", "/proc", "proc", ns.MS_NOSUID)
    ns.mount("box", base, "tmpfs", ns.MS_NOSUID, "mode=755")
    held = {name: os.open("/dev/" + name, os.O_PATH) for name in DEVICES}
    etc = os.path.join(root, "etc")
    _overlay(base, f"{root}/usr:/usr", "/usr")
    _overlay(base, f"{etc}:/etc" if os.path.isdir(etc) else "/etc", "/etc")
    _overlay(base, "/var", "/var")
    for path in ("/dev", "/run", "/var/log", "/var/spool", "/var/mail"):
        _empty(path)
    for name, fd in held.items():
        open("/dev/" + name, "w").close()
        ns.mount(f"/proc/self/fd/{fd}", "/dev/" + name, None, ns.MS_BIND)
        os.close(fd)
    os.umask(0o022)
    ns.sethostname(HOST)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    with open("/etc/hosts", "w") as file:
        file.write(f"127.0.0.1 localhost\n127.0.0.1 {HOST} mx\n127.0.0.2 mx.example.net\n")
    keep_syslog()
    return steps()


def _end_of(path):
    try:
        with open(path, errors="replace") as file:
            return file.read()[-2000:]
    except OSError:
        return ""


def may_play():
    """@return why there can be no box here; None: there can"""
    try:
        ns.require_capabilities()
    except ns.NotPermitted as fault:
        return str(fault)
    return None


def play(heading, steps):
    """Run `steps` (no argument; returns what JSON can hold) in a box. @return its result; raises OSError"""
    root = unpack.ensure(lambda text: None, heading)
    base = tempfile.mkdtemp(prefix="offlist-box-")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(read)
            signal.alarm(LIMIT_S)
            ns.unshare(ALL)
            first = os.fork()
            if first == 0:
                answer = {}
                try:
                    ns.die_with_parent()
                    signal.alarm(LIMIT_S)
                    answer = {"result": _inside(root, base, steps)}
                except BaseException:
                    answer = {"fault": traceback.format_exc() + _end_of(LOG) + _end_of("/var/log/exim4/mainlog")}
                with os.fdopen(write, "w") as out:
                    json.dump(answer, out)
                os._exit(0)
            os.close(write)
            os.waitpid(first, 0)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    shutil.rmtree(base, ignore_errors=True)
    answer = json.loads(answer or '{"fault": "the box ended without a word"}')
    if "fault" in answer:
        raise OSError(answer["fault"])
    return answer["result"]
