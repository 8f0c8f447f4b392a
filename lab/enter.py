"""`lab exec`: run a command in a host. Imports little: it is on the way of every test."""
import json
import os
import signal

import machine
import ns

FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT, signal.SIGINT)


def keeper_pid(state):
    """@return the pid of the living keeper, else None"""
    try:
        with open(os.path.join(state, "keeper.pid")) as file:
            pid, started = file.read().split()
    except (OSError, ValueError):
        return None
    return int(pid) if machine.start_time(int(pid)) == started else None


def enter(state, host):
    """Put this process (and, for the PID namespace, its children) into a host."""
    pid = keeper_pid(state)
    if pid is None:
        raise LookupError("the lab is not up (lab/lab up)")
    with open(os.path.join(state, "hosts.json")) as file:
        table = json.load(file)
    if host not in table:
        raise LookupError(f"no host {host!r}: there are {', '.join(table)}")
    folder = os.getcwd()
    fds = [(os.open(f"/proc/{pid}/fd/{table[host][kind]}", os.O_RDONLY), flag) for kind, flag in machine.KINDS]
    for fd, flag in fds:
        ns.setns(fd, flag)
        os.close(fd)
    try:
        os.chdir(folder)
    except OSError:
        os.chdir("/")


def run(state, host, argv, resolver=None, environment=None):
    """@return the exit status of the command (128 + signal when one ended it)"""
    enter(state, host)
    signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)     # one that comes before the handlers are there would be lost
    child = os.fork()
    if child == 0:
        try:
            ns.die_with_parent()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            if resolver:
                _other_resolver(state, resolver)
            os.environ.update({"OFFLIST_LAB": "1", "OFFLIST_LAB_HOST": host, **(environment or {})})
            tools = os.path.join(state, "tools", "usr")
            os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", "/usr/bin:/bin"), "/usr/sbin", "/sbin",
                                                  f"{tools}/sbin", f"{tools}/bin"))
            os.execvp(argv[0], argv)
        except FileNotFoundError:
            os.write(2, f"lab: {argv[0]}: no such command\n".encode())
            os._exit(127)
        except OSError as error:
            os.write(2, f"lab: {argv[0]}: {error.strerror}\n".encode())
        os._exit(126)

    def forward(number, _):
        try:
            os.kill(child, number)
        except ProcessLookupError:
            pass
    for number in FORWARDED:
        # A terminal's Ctrl-C reaches the child by itself: the process group is the same.
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT and os.isatty(0) else forward)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status if status >= 0 else 128 - status


def _other_resolver(state, resolver):
    ns.unshare(ns.NEWNS)
    ns.mount("none", "/", None, ns.MS_REC | ns.MS_SLAVE)
    path = os.path.join(state, "resolv", resolver)
    if not os.path.exists(path):
        os.write(2, f"lab: no resolver {resolver!r}: {', '.join(os.listdir(os.path.dirname(path)))}\n".encode())
        os._exit(64)
    ns.mount(path, "/etc/resolv.conf", None, ns.MS_BIND)
