"""The servers: Debian packages, downloaded and unpacked into a cache of the lab's own. Nothing is installed.

What a server needs and the machine lacks is apt's answer, not a list of ours: libraries are called otherwise in every
release, and machines have different ones.
"""
import fcntl
import glob
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
DPKG_STATUS = "/var/lib/dpkg/status"
# The C library is the machine's: another one beside the machine's loader runs nothing.
NEVER = {"libc6", "libc-bin", "libc6-dev", "libc-dev-bin", "libc-l10n", "locales"}
SIMULATE = ("-s", "--no-install-recommends", "--reinstall", "--allow-change-held-packages", "install")


def cache_folder():
    if os.environ.get("OFFLIST_LAB_CACHE"):
        return os.environ["OFFLIST_LAB_CACHE"]
    if os.geteuid() == 0:
        return "/var/cache/offlist-lab"
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "offlist-lab")


def release():
    """@return the code name of the machine's release: another release's servers need other libraries"""
    try:
        with open("/etc/os-release") as file:
            for line in file:
                if line.startswith("VERSION_CODENAME="):
                    return line.partition("=")[2].strip().strip('"') or "any"
    except OSError:
        pass
    return "any"


def wanted(heading=None):
    """@return the packages under one [heading] of the table; None: those before the first"""
    names, here = [], None
    with open(os.path.join(HERE, "packages")) as lines:
        for line in map(str.strip, lines):
            if line.startswith("["):
                here = line.strip("[]")
            elif line and not line.startswith("#") and here == heading:
                names.append(line)
    return names


def ensure(say, heading=None, names=None):
    """Unpack what is not there yet. @return the root folder of the unpacked packages of this heading
    @param names packages that the table does not hold, under a heading of their own"""
    cache = os.path.join(cache_folder(), release())
    root, stamps = (os.path.join(cache, name + (f"-{heading}" if heading else "")) for name in ("root", "unpacked"))
    os.makedirs(root, exist_ok=True)
    os.makedirs(stamps, exist_ok=True)
    with open(os.path.join(cache, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)        # two labs may come up at once
        names, mark = names or wanted(heading), os.path.join(stamps, "for")
        now = _state(names)
        if _read(mark) != now:      # the machine's packages are others now: it may lack what it had
            _unpack(say, names, heading, root, stamps)
            with open(mark, "w") as file:
                file.write(now)
    return root


def _state(names):
    """@return what the set of packages depends on"""
    try:
        status = os.stat(DPKG_STATUS)
        return f"{' '.join(names)} {status.st_size} {status.st_mtime_ns}\n"
    except OSError:
        return " ".join(names) + "\n"


def _read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return None


def _unpack(say, names, heading, root, stamps):
    folder = os.path.join(os.path.dirname(root), "download")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    options, needed = _resolve(names, folder)
    missing = [name for name in needed if not os.path.exists(os.path.join(stamps, name))]
    if missing:
        say("unpacking " + " ".join(missing))
        status, said = _apt(options, folder, "download", *missing)
        if status != 0:
            raise _unreachable(missing, said)
        for deb in glob.glob(os.path.join(folder, "*.deb")):
            subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
        if heading:
            _merge_usr(root)
        for name in missing:
            open(os.path.join(stamps, name), "w").close()
    shutil.rmtree(folder)


def _apt(options, folder, *words):
    """@return (exit status, what it said)"""
    run = subprocess.run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", *options, *words], cwd=folder,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         env={**os.environ, "LC_ALL": "C"})
    return run.returncode, run.stdout


def _unreachable(names, said):
    last = (said.strip().splitlines() or ["no output"])[-1]
    return OSError(f"cannot download {' '.join(names)}: {last} (is there a network?)")


def _resolve(names, folder):
    """@return (apt's options, the packages and what the machine lacks of what they need)"""
    needed = _needed([], names, folder)
    if needed:
        return [], needed
    # the machine's package lists are missing or old: fetch some of our own, and leave its alone
    own = ["-o", f"Dir::State::lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"]
    os.makedirs(os.path.join(folder, "lists", "partial"))
    os.makedirs(os.path.join(folder, "cache", "archives", "partial"))
    status, said = _apt(own, folder, "update")
    needed = _needed(own, names, folder) if status == 0 else None
    if not needed:
        raise _unreachable(names, said)
    return own, needed


def _needed(options, names, folder):
    """@return packages to unpack; None: apt does not know them"""
    status, said = _apt(options, folder, *SIMULATE, *names)
    if status == 0:
        return sorted({*names, *_installs(said)} - NEVER)
    # What is installed here cannot be joined with them (half-installed packages, say): then as on an empty machine.
    empty = os.path.join(folder, "status")
    open(empty, "w").close()
    status, said = _apt([*options, "-o", f"Dir::State::status={empty}"], folder, *SIMULATE, *names)
    return sorted({*names, *(_installs(said) - _installed())} - NEVER) if status == 0 else None


def _installs(said):
    """@return the names in the lines "Inst NAME [OLD] (NEW ...)" of a simulation"""
    return {line.split()[1] for line in said.splitlines() if line.startswith("Inst ")}


def _installed():
    run = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n"], stdout=subprocess.PIPE,
                         text=True, check=True)
    return {line.split()[1] for line in run.stdout.splitlines() if line.startswith("installed ")}


def _merge_usr(root):
    """lib, sbin and bin go under usr/, as the machine has them: laid over it, they would hide its links."""
    for name in ("bin", "sbin", "lib", "lib64"):
        above = os.path.join(root, name)
        if os.path.isdir(above) and not os.path.islink(above):
            shutil.copytree(above, os.path.join(root, "usr", name), symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(above)


def library_path(root):
    triplet = subprocess.run(["dpkg-architecture", "-qDEB_HOST_MULTIARCH"], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True).stdout.strip() if shutil.which(
                                 "dpkg-architecture") else os.uname().machine + "-linux-gnu"
    return ":".join(os.path.join(root, folder, triplet) for folder in ("usr/lib", "lib"))
