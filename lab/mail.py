"""`lab mail`: the mail servers. They come up when they are asked for, and end with the lab.

Each of their hosts gets the unpacked packages laid over its /usr, a /dev of its own (syslog's socket is there), users,
and configuration; then the servers start. The machine sees none of it.
"""
import glob
import json
import os
import shutil
import time
import traceback

import enter
import mta
import ns
import unpack

MS_MOVE = 0x2000
MAIL_HOSTS = ("victim", "victim-exim", "receiver", "bigmail", "lan")
READY_S = 60            # what takes a tenth of a second on a quiet machine takes many on a busy one
TAIL_LINES = 12
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
# The machine may be a mail server itself: its settings, queues and logs are nothing for the lab's.
HIDDEN = ("/etc/postfix", "/etc/dovecot", "/etc/exim4", "/var/spool/postfix", "/var/spool/exim4", "/var/lib/postfix",
          "/var/lib/exim4", "/var/lib/dovecot", "/var/log/exim4", "/var/home")
HIDDEN_FILES = ("/etc/aliases*", "/var/log/mail*", "/var/log/exim*")


def is_up(state):
    return os.path.exists(os.path.join(state, "mail.up"))


def up(state, say):
    """Bring the mail servers up. @return seconds it took, None: they were up already"""
    if is_up(state):
        return None
    if not enter.keeper_pid(state):
        raise LookupError("the lab is not up (lab/lab up)")
    began = time.monotonic()
    roots = {heading: unpack.ensure(say, heading) for heading in ("mail", "postfix", "exim")}
    children = {host: _in_host(state, host, lambda host=host: _start(state, host, roots)) for host in MAIL_HOSTS}
    failed = [host for host, pid in children.items() if os.waitpid(pid, 0)[1] != 0]
    if failed:
        raise OSError("\n".join(f"the mail server of {host} does not start; {_end_of_log(state, host)}"
                                for host in failed))
    with open(os.path.join(state, "mail.up"), "w"):
        pass
    return time.monotonic() - began


def _end_of_log(state, host):
    """@return the end of what a host's servers said: the folder may be gone when somebody reads the message"""
    path = os.path.join(state, "log", f"mail-{host}")
    try:
        with open(path, errors="replace") as file:
            lines = file.read().splitlines()[-TAIL_LINES:]
    except OSError:
        lines = []
    return f"{path} ends:" + "".join(f"\n  {line}" for line in lines or ["(nothing)"])


def _in_host(state, host, what):
    """Run a function inside a host, in a child of its own. @return the child's pid; its status is 0 if all went well"""
    child = os.fork()
    if child:
        return child
    try:
        enter.enter(state, host)
        inside = os.fork()      # the first process that is in the PID namespace
        if inside == 0:
            ns.die_with_parent()
            what()
            os._exit(0)
        os._exit(1 if os.waitpid(inside, 0)[1] else 0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _start(state, host, roots):
    log = os.open(os.path.join(state, "log", f"mail-{host}"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    null = os.open("/dev/null", os.O_RDONLY)
    for target, source in ((0, null), (1, log), (2, log)):
        os.dup2(source, target)
    try:
        _lay_over(state, host, [roots[heading] for heading in mta.PACKAGES.get(host, ())])
        mta.SETUP[host]()
        _wait_for(mta.LISTENS[host])
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _hide():
    """Take the machine's own mail server out of the overlays of /etc and /var; the machine keeps it."""
    with open("/etc/offlist/README") as file:
        if "the lab's" not in file.read():
            raise OSError("this is not a host of the lab: nothing is removed")
    for path in HIDDEN:
        if os.path.isdir(path):
            shutil.rmtree(path)
    for pattern in HIDDEN_FILES:
        for path in glob.glob(pattern):
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)


def _lay_over(state, host, roots):
    """The packages above /usr, and a /dev without the machine's log socket."""
    if not roots:
        return
    _hide()
    base = os.path.join(state, "rw", host)
    for name in ("usr", "usr.work"):
        os.makedirs(os.path.join(base, name))
    lower = ":".join([*(os.path.join(root, "usr") for root in roots), "/usr"])
    ns.mount("offlist-lab", "/usr", "overlay", 0,
             f"lowerdir={lower},upperdir={base}/usr,workdir={base}/usr.work")
    for root in roots:
        for name in ("etc", "var"):
            if os.path.isdir(os.path.join(root, name)):
                shutil.copytree(os.path.join(root, name), "/" + name, symlinks=True, dirs_exist_ok=True)
    os.makedirs("/run/dev")
    ns.mount("offlist-lab", "/run/dev", "tmpfs", ns.MS_NOSUID, "mode=755")
    for name in DEVICES:
        with open(f"/run/dev/{name}", "w"):
            pass
        ns.mount(f"/dev/{name}", f"/run/dev/{name}", None, ns.MS_BIND)
    os.symlink("/proc/self/fd", "/run/dev/fd")
    os.mkdir("/run/dev/shm", 0o1777)
    os.chmod("/run/dev/shm", 0o1777)
    ns.mount("/run/dev", "/dev", None, MS_MOVE)


def _wait_for(ports):
    end = time.monotonic() + READY_S
    for address, port in ports:
        while not mta.greets(address, port):
            if time.monotonic() > end:
                raise OSError(f"nothing greets at {address}:{port}")
            time.sleep(0.02)


def reset(state):
    """As at the start: empty queues and logs, no reputation, default settings."""
    children = [_in_host(state, host, lambda host=host: mta.RESET[host](host)) for host in MAIL_HOSTS
                if host in mta.RESET]
    for child in children:
        if os.waitpid(child, 0)[1] != 0:
            raise OSError("a mail server does not let itself be put back")


def setting(state, name, value):
    """Change one behaviour of a victim (mta.SETTINGS)."""
    host, change = mta.SETTINGS[name]
    if os.waitpid(_in_host(state, host, lambda: change(value)), 0)[1] != 0:
        raise OSError(f"{host} does not take {name}={value}")


def settle(state, host, seconds):
    """Wait until a host has nothing to deliver that is not deferred, and its log is still.
    @return whether it came to that in time"""
    done = os.waitpid(_in_host(state, host, lambda: os._exit(0 if mta.settle(host, seconds) else 1)), 0)[1]
    return done == 0


def run_in(state, host, what):
    """Run a function inside a host. @return what it returns, over JSON"""
    read, write = os.pipe()

    def told():
        os.close(read)
        with os.fdopen(write, "w") as pipe:
            json.dump(what(), pipe)
    child = _in_host(state, host, told)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    if os.waitpid(child, 0)[1] != 0 or not text:
        raise OSError(f"{host}: it failed; what it said stands above")
    return json.loads(text)
