"""The namespaces: one keeper (PID 1 of the lab, holds the bridge) and one small init a host.

When the keeper ends, for whatever reason, the kernel ends every process of the lab and takes namespaces, mounts
and interfaces with it: nothing has to be cleaned by hand, not even after a crashed `up`.
"""
import errno
import json
import os
import signal
import subprocess
import time
import traceback

import hosts
import ns

ALL = ns.NEWNS | ns.NEWPID | ns.NEWNET | ns.NEWUTS | ns.NEWIPC
KINDS = (("net", ns.NEWNET), ("uts", ns.NEWUTS), ("ipc", ns.NEWIPC), ("pid", ns.NEWPID), ("mnt", ns.NEWNS))


def start_time(pid):
    """@return the start time of a living process (a pid and this are a name that is never used again), else None"""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def start(state, servers, ttl, keep):
    """Make the lab. @param servers {host: [(name, argv or function)]} @param keep folders to stay visible inside"""
    ready_r, ready_w = os.pipe()
    middle = os.fork()
    if middle == 0:
        try:
            os.close(ready_r)
            _middle(state, servers, ttl, keep, ready_w)
        except OSError as error:
            os.write(ready_w, f"cannot start: {error}".encode())
        finally:
            os._exit(1)     # a forked child must never fall back into the caller
    os.close(ready_w)
    os.waitpid(middle, 0)
    with os.fdopen(ready_r) as pipe:
        answer = pipe.read()
    if answer != "up":
        raise OSError(answer or "the keeper died; see the folder log/")


def _middle(state, servers, ttl, keep, ready):
    os.setsid()
    ns.unshare(ALL)
    go_r, go_w = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        os.close(go_w)
        try:
            if os.read(go_r, 1) == b"g":
                _keeper(state, servers, ttl, keep, ready)
        except BaseException as error:
            traceback.print_exc()
            os.write(ready, f"{error}".encode())
        finally:
            os._exit(1)
    with open(os.path.join(state, "keeper.pid.new"), "w") as file:
        file.write(f"{keeper} {start_time(keeper)}\n")
    os.rename(os.path.join(state, "keeper.pid.new"), os.path.join(state, "keeper.pid"))
    os.write(go_w, b"g")
    os._exit(0)


def _quiet(log):
    null = os.open("/dev/null", os.O_RDWR)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for target, source in ((0, null), (1, out), (2, out)):
        os.dup2(source, target)
    os.close(null)
    os.close(out)


def _private_proc():
    ns.mount("none", "/", None, ns.MS_REC | ns.MS_SLAVE)
    ns.mount("proc", "/proc", "proc", ns.MS_NOSUID | ns.MS_NODEV | ns.MS_NOEXEC)


def _ip(batch):
    run = subprocess.run(["ip", "-batch", "-"], input=batch, text=True, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    if run.returncode != 0:
        raise OSError(f"ip: {run.stdout.strip()}")


def _keeper(state, servers, ttl, keep, ready):
    _quiet(os.path.join(state, "log", "keeper"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, lambda *_: _expire(state))
    signal.alarm(ttl)
    _private_proc()
    ns.sethostname("keeper")
    ns.mount("offlist-lab", os.path.join(state, "rw"), "tmpfs", ns.MS_NOSUID | ns.MS_NODEV, "mode=755")
    _ip("link set lo up\nlink add br0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0\nlink set br0 up\n")
    inits, batch = {}, []
    for host in hosts.HOSTS:
        inits[host] = _make_host(state, host, servers.get(host, []), keep, ready)
        if host not in hosts.BEHIND:
            batch += [f"link add {host} type veth peer name eth0 netns {inits[host][0]}",
                      f"link set {host} master br0", f"link set {host} up"]
    for host, (other, interface, _, _) in hosts.BEHIND.items():
        batch.append(f"link add {interface} netns {inits[other][0]} type veth peer name eth0 netns {inits[host][0]}")
    _ip("\n".join(batch) + "\n")
    table = {}
    for host, (pid, go, _) in inits.items():
        table[host] = {kind: os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY) for kind, _ in KINDS}
        os.write(go, b"g")
    for host, (_, _, done) in inits.items():
        answer = os.read(done, 4096)
        if answer != b"ok":
            raise OSError(f"host {host}: {answer.decode(errors='replace') or 'died'}")
        os.close(done)
    with open(os.path.join(state, "servers.json"), "w") as file:
        json.dump({name: host for host, pairs in servers.items() for name, _ in pairs}, file)
    with open(os.path.join(state, "hosts.json"), "w") as file:
        json.dump(table, file)
    os.write(ready, b"up")
    os.close(ready)
    _reap(lambda pid, status: None)


def _expire(state):
    """The watchdog: the folder goes, and the keeper's end takes everything else."""
    subprocess.run(["umount", "-l", os.path.join(state, "rw")], stderr=subprocess.DEVNULL)
    gone = state + ".gone"      # a server that is still being started makes its socket nowhere then
    os.rename(state, gone)
    subprocess.run(["rm", "-rf", "--", gone], stderr=subprocess.DEVNULL)
    os._exit(0)


def _reap(told):
    """What the first process of a namespace is for: to tell the end of its children, and of those that others left."""
    ended_r, ended_w = os.pipe()
    os.set_blocking(ended_w, False)
    signal.set_wakeup_fd(ended_w, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)      # without a handler no octet is written, and nothing wakes us
    while True:
        try:
            while (child := os.waitpid(-1, os.WNOHANG))[0]:
                told(*child)
        except ChildProcessError:
            pass        # none now; orphans may come
        os.read(ended_r, 4096)


def _make_host(state, host, servers, keep, ready):
    """@return (pid of the host's init as the keeper sees it, pipe that lets it go, pipe that says it is done)"""
    pid_r, pid_w = os.pipe()
    go_r, go_w = os.pipe()
    done_r, done_w = os.pipe()
    helper = os.fork()
    if helper == 0:
        try:
            os.close(ready)
            ns.unshare(ALL)
            init = os.fork()
            if init == 0:
                for fd in (pid_r, pid_w, go_w, done_r):
                    os.close(fd)
                _host(state, host, servers, keep, go_r, done_w)
            os.write(pid_w, str(init).encode())
        except OSError as error:
            os.write(done_w, str(error).encode())
        os._exit(0)
    for fd in (pid_w, go_r, done_w):
        os.close(fd)
    os.waitpid(helper, 0)
    pid = int(os.read(pid_r, 32) or b"0")
    os.close(pid_r)
    if pid == 0:
        raise OSError(os.read(done_r, 4096).decode())
    return pid, go_w, done_r


def _host(state, host, servers, keep, go, done):
    try:
        if os.read(go, 1) != b"g":
            os._exit(1)
        _private_proc()
        ns.sethostname(hosts.HOSTS[host][1])
        _ip(hosts.setup_batch(host))
        _tune()
        _overlay(state, host, keep)
        _quiet(os.path.join(state, "log", host))
        children = {_spawn(state, name, what): (name, what) for name, what in servers}
        os.write(done, b"ok")
        os.close(done)
        _reap(lambda pid, status: _ended(state, children, pid, status))
    except BaseException as error:
        traceback.print_exc()
        os.write(done, str(error).encode())
    finally:
        os._exit(1)


def _tune():
    """Anybody may bind port 53, large bursts fit the buffers; all of it is this network namespace's own."""
    for path, value in (("net/ipv4/ip_unprivileged_port_start", "0"), ("net/ipv4/ping_group_range", "0 2147483647"),
                        ("net/ipv6/ip_nonlocal_bind", "1")):     # a client may speak from any address of a routed range
        try:
            with open("/proc/sys/" + path, "w") as file:
                file.write(value)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EROFS, errno.EACCES):
                raise


def _overlay(state, host, keep):
    """/etc and /var as the machine has them, but what is written stays in the lab; an empty /run."""
    held = [(path, os.open(path, os.O_PATH | os.O_DIRECTORY)) for path in keep if os.path.isdir(path)]
    base = os.path.join(state, "rw", host)
    for folder in ("etc", "var"):
        upper, work = os.path.join(base, folder), os.path.join(base, folder + ".work")
        os.makedirs(upper)
        os.makedirs(work)
        if folder == "etc":
            subprocess.run(["cp", "-r", os.path.join(state, "etc", host) + "/.", upper], check=True)
            os.setxattr(os.path.join(upper, "offlist"), "trusted.overlay.opaque", b"y")
        else:
            os.makedirs(os.path.join(upper, "lib", "offlist"))
            os.setxattr(os.path.join(upper, "lib", "offlist"), "trusted.overlay.opaque", b"y")
        ns.mount("offlist-lab", "/" + folder, "overlay", 0, f"lowerdir=/{folder},upperdir={upper},workdir={work}")
    ns.mount("offlist-lab", "/run", "tmpfs", ns.MS_NOSUID | ns.MS_NODEV, "mode=755")
    os.makedirs("/run/lock", exist_ok=True)
    for path, fd in held:
        os.makedirs(path, exist_ok=True)
        ns.mount(f"/proc/self/fd/{fd}", path, None, ns.MS_BIND | ns.MS_REC)
        os.close(fd)


def _ended(state, children, pid, status):
    """A server ended: one that was stopped on purpose gets a successor, which waits for `start`."""
    if pid not in children:
        return
    name, what = children.pop(pid)
    print(f"{name} ended, status {os.waitstatus_to_exitcode(status)}", flush=True)
    if os.path.exists(stop_mark(state, name)):
        children[_spawn(state, name, what)] = (name, what)


def stop_mark(state, name):
    return os.path.join(state, "pids", name + ".stopped")


def _spawn(state, name, what):
    child = os.fork()
    if child != 0:
        return child
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with open(os.path.join(state, "pids", name), "w") as file:
            file.write(str(os.getpid()))        # as its own host sees it
        _quiet(os.path.join(state, "log", name))
        while os.path.exists(stop_mark(state, name)):
            time.sleep(0.02)
        if callable(what):
            what()
        else:
            os.execvpe(what[0], what, {**os.environ, "LD_LIBRARY_PATH": os.environ.get("LAB_LIBRARIES", "")})
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)
