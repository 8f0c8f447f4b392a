"""Linux namespaces and mounts, as far as the lab needs them (libc through ctypes)."""
import ctypes
import os
import signal

NEWNS, NEWUTS, NEWIPC, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_SLAVE = 2, 4, 8, 0x1000, 0x4000, 0x80000
PR_SET_PDEATHSIG = 1
NEEDED = (("CAP_SYS_ADMIN", 21, "make mount, PID and network namespaces"),
          ("CAP_NET_ADMIN", 12, "join them with a bridge"),
          ("CAP_SYS_CHROOT", 18, "enter a mount namespace"),
          ("CAP_DAC_OVERRIDE", 1, "lay a writable /etc over the machine's"))

_libc = ctypes.CDLL(None, use_errno=True)


class NotPermitted(Exception):
    """The right to make namespaces is missing; its text says which and what to do."""


def _check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags):
    _check(_libc.unshare(flags), "unshare")


def setns(fd, kind=0):
    _check(_libc.setns(fd, kind), "setns")


def sethostname(name):
    raw = name.encode()
    _check(_libc.sethostname(raw, len(raw)), "sethostname")


def die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def mount(source, target, kind=None, flags=0, options=None):
    def raw(text):
        return None if text is None else os.fsencode(text)
    _check(_libc.mount(raw(source), raw(target), raw(kind), ctypes.c_ulong(flags), raw(options)),
           f"mount {kind or source} on {target}")


def require_capabilities():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("CapEff:"):
                have = int(line.split()[1], 16)
    missing = [(name, why) for name, bit, why in NEEDED if not have >> bit & 1]
    if missing:
        names = ", ".join(name for name, _ in missing)
        raise NotPermitted(f"lab: {names} missing (needed to {missing[0][1]}): run as root, or in a container "
                           "started with these capabilities")
    # A container may show the capability and still forbid the call (seccomp, a sysctl): try it in a child.
    child = os.fork()
    if child == 0:
        try:
            unshare(NEWNS | NEWNET | NEWPID)
            mount("none", "/", None, MS_REC | MS_SLAVE)
        except OSError:
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        raise NotPermitted("lab: CAP_SYS_ADMIN is there, but this machine forbids new namespaces (seccomp or a "
                           "container's profile): run on the machine itself, or in a privileged container")
