"""The world of one scenario: namespaces in which every IPv4 and IPv6 address is local, unpacked servers laid over
/usr, empty /run, /etc and /var whose changes are lost with it, and the clock of vclock.c in every process."""
import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "lab"))
import ns  # noqa: E402
import unpack  # noqa: E402

ALL = ns.NEWNS | ns.NEWPID | ns.NEWNET | ns.NEWUTS | ns.NEWIPC
MS_MOVE = 0x2000
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
# The machine may be a mail server itself: its settings, queues and logs are nothing for this world.
HIDDEN = ("etc/postfix", "etc/dovecot", "etc/exim4", "etc/mail", "etc/opensmtpd", "etc/smtpd.conf", "etc/aliases",
          "etc/aliases.db", "etc/ld.so.preload", "etc/resolv.conf", "etc/hosts", "etc/nsswitch.conf", "etc/localtime",
          "etc/mailname", "var/spool", "var/lib", "var/log", "var/mail")
FIRST_UID = 4100
OLD = 1704067200


def quiet(_):
    pass


def library():
    """@return vclock.so, compiled into the cache where it is missing or old"""
    with open(os.path.join(HERE, "vclock.c"), "rb") as file:
        mark = hashlib.sha256(file.read()).hexdigest()[:16]
    path = os.path.join(unpack.cache_folder(), f"vclock-{mark}.so")
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        new = f"{path}.{os.getpid()}"
        subprocess.run([os.environ.get("CC", "cc"), "-std=gnu17", "-O2", "-shared", "-fPIC", "-fvisibility=hidden",
                        "-o", new, os.path.join(HERE, "vclock.c")], check=True)
        os.rename(new, path)
    return path


def inside(what, packages, host, out, say=quiet, first_pid=0):
    """Run a function as the driver of a new world. @param out a folder that stays reachable from inside
    @param what called with a path of that folder. @return its exit status"""
    roots = [unpack.ensure(say, heading) for heading in packages]
    lib = library()
    held = os.open(out, os.O_PATH | os.O_DIRECTORY)
    base = tempfile.mkdtemp(prefix="offlist-driver-")
    try:
        helper = os.fork()
        if helper == 0:
            status = 1
            try:
                ns.die_with_parent()
                ns.unshare(ALL)
                init = os.fork()
                if init == 0:
                    _init(base, roots, lib, host, first_pid, lambda: what(f"/proc/self/fd/{held}"))
                status = os.waitstatus_to_exitcode(os.waitpid(init, 0)[1])
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status if 0 <= status < 256 else 1)
        return os.waitstatus_to_exitcode(os.waitpid(helper, 0)[1])
    finally:
        os.close(held)
        shutil.rmtree(base, ignore_errors=True)


def _init(base, roots, lib, host, first_pid, what):
    """PID 1: makes the world, starts the driver, reaps what is left behind, and ends with the driver."""
    status = 1
    try:
        ns.die_with_parent()
        _mounts(base, roots, lib, host)
        ns.sethostname(host)
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))     # servers close every one that might be open
        _network()
        if first_pid:
            write("/proc/sys/kernel/ns_last_pid", str(first_pid))
        driver = os.fork()
        if driver == 0:
            code = 1
            try:
                code = what() or 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True:
            pid, raw = os.wait()
            if pid == driver:
                status = os.waitstatus_to_exitcode(raw)
                break
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status if 0 <= status < 256 else 1)


def _mounts(base, roots, lib, host):
    ns.mount("none", "/", None, ns.MS_REC | ns.MS_SLAVE)
    ns.mount("proc", "/proc", "proc", ns.MS_NOSUID | ns.MS_NODEV | ns.MS_NOEXEC)
    ns.mount("offlist-driver", base, "tmpfs", ns.MS_NODEV, "mode=755,size=1g")
    for name in ("etc", "var", "usr"):
        upper, work = (os.path.join(base, name + end) for end in ("", ".work"))
        os.mkdir(upper)
        os.mkdir(work)
        lower = "/" + name
        if name == "usr":
            lower = ":".join([*(os.path.join(root, "usr") for root in reversed(roots)), "/usr"])
        ns.mount("offlist-driver", "/" + name, "overlay", 0, f"lowerdir={lower},upperdir={upper},workdir={work}")
    shutil.copy(lib, os.path.join(base, "vclock.so"))
    _hide()
    for root in roots:
        for name in ("etc", "var"):
            if os.path.isdir(os.path.join(root, name)):
                shutil.copytree(os.path.join(root, name), "/" + name, symlinks=True, dirs_exist_ok=True)
    ns.mount("offlist-driver", "/run", "tmpfs", ns.MS_NOSUID | ns.MS_NODEV, "mode=755")
    for path in ("/run/lock", "/var/log", "/var/spool", "/var/lib", "/var/tmp"):
        os.makedirs(path, exist_ok=True)
    shutil.copy(os.path.join(base, "vclock.so"), "/run/vclock.so")
    os.chmod("/run/vclock.so", 0o755)
    _devices()
    write("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    write("/etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\n")
    write("/etc/hosts", "127.0.0.1 localhost\n::1 localhost ip6-localhost\n")
    write("/etc/mailname", host + "\n")
    write("/run/vlog", "", mode=0o666)
    write("/run/vclock", "", mode=0o666)


def arm():
    """From here on every program that starts in this world lives by its clock."""
    write("/etc/ld.so.preload", "/run/vclock.so\n")


def _hide():
    for path in HIDDEN:
        path = "/" + path
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.unlink(path)


def _devices():
    os.makedirs("/run/dev")
    ns.mount("offlist-driver", "/run/dev", "tmpfs", ns.MS_NOSUID, "mode=755")
    for name in DEVICES:
        write(f"/run/dev/{name}", "")
        ns.mount(f"/dev/{name}", f"/run/dev/{name}", None, ns.MS_BIND)
    os.symlink("/proc/self/fd", "/run/dev/fd")
    os.mkdir("/run/dev/shm")
    os.chmod("/run/dev/shm", 0o1777)
    ns.mount("/run/dev", "/dev", None, MS_MOVE)


def _network():
    for words in ("link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"):
        run = subprocess.run(["ip", *words.split()], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if run.returncode != 0 and not words.startswith("-6"):      # a machine may have no IPv6
            raise OSError(f"ip {words}: {run.stdout.strip()}")
    for path, value in (("net/ipv4/ip_unprivileged_port_start", "0"), ("net/ipv4/tcp_tw_reuse", "1"),
                        ("net/ipv4/ip_local_port_range", "10240 65000")):
        try:
            write("/proc/sys/" + path, value)
        except OSError:
            pass        # each only makes things easier


def write(path, text, uid=None, mode=0o644):
    folder = os.path.dirname(path)
    if folder and not os.path.isdir(folder):
        os.makedirs(folder, exist_ok=True)
    with open(path, "w") as file:
        if not path.startswith("/proc/"):
            os.fchmod(file.fileno(), mode)
        file.write(text)
    if not path.startswith("/proc/"):
        os.utime(path, (OLD, OLD))      # Postfix reads a file again and again until its stamp is of the past
    if uid is not None:
        os.chown(path, uid, uid)


def known(path):
    """@return {name: number} of a passwd or group file"""
    with open(path) as file:
        rows = [line.split(":") for line in file]
    return {row[0]: int(row[2]) for row in rows if len(row) > 2 and row[2].isdigit()}


def users(names, home="/nonexistent", shell="/usr/sbin/nologin"):
    """Users and groups of the same name; those that the machine has already stay.
    @return {name: (uid, gid)}"""
    have, groups = known("/etc/passwd"), known("/etc/group")
    number = max([FIRST_UID - 1, *(uid for uid in have.values() if FIRST_UID <= uid < 60000)]) + 1
    with open("/etc/passwd", "a") as passwd, open("/etc/group", "a") as group:
        for name in names:
            if name not in groups:
                group.write(f"{name}:x:{number}:\n")
                groups[name] = number
            if name not in have:
                passwd.write(f"{name}:x:{number}:{groups[name]}::{home.format(name)}:{shell}\n")
                have[name] = number
            number += 1
    return {name: (have[name], groups[name]) for name in names}


def processes():
    """@return {pid: command} of this world, kernel's zombies left out"""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    text = file.read()
            except OSError:
                continue
            head, _, tail = text.rpartition(")")
            if tail.split()[0] not in "ZX":
                found[int(name)] = head.partition("(")[2]
    return found
