"""The servers: Debian packages, downloaded and unpacked into a cache of the lab's own. Nothing is installed."""
import fcntl
import glob
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


def cache_folder():
    if os.environ.get("OFFLIST_LAB_CACHE"):
        return os.environ["OFFLIST_LAB_CACHE"]
    if os.geteuid() == 0:
        return "/var/cache/offlist-lab"
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "offlist-lab")


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


def ensure(say, heading=None):
    """Unpack what is not there yet. @return the root folder of the unpacked packages of this heading"""
    cache = cache_folder()
    root, stamps = (os.path.join(cache, name + (f"-{heading}" if heading else "")) for name in ("root", "unpacked"))
    os.makedirs(root, exist_ok=True)
    os.makedirs(stamps, exist_ok=True)
    with open(os.path.join(cache, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)        # two labs may come up at once
        missing = [name for name in wanted(heading) if not os.path.exists(os.path.join(stamps, name))]
        if missing:
            say("unpacking " + " ".join(missing))
            _download(missing, os.path.join(cache, "download"), root)
            if heading:
                _merge_usr(root)
        for name in missing:
            open(os.path.join(stamps, name), "w").close()
    return root


def _apt(options, folder, *words):
    """@return (exit status, last line of what it said)"""
    run = subprocess.run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", *options, *words], cwd=folder,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return run.returncode, (run.stdout.strip().splitlines() or ["no output"])[-1]


def _download(names, folder, root):
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    status, last = _apt([], folder, "download", *names)
    if status != 0:     # the machine's package lists are missing or old: fetch some of our own, and leave its alone
        own = ["-o", f"Dir::State::lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"]
        os.makedirs(os.path.join(folder, "lists", "partial"))
        os.makedirs(os.path.join(folder, "cache", "archives", "partial"))
        status, last = _apt(own, folder, "update")
        if status == 0:
            status, last = _apt(own, folder, "download", *names)
    if status != 0:
        raise OSError(f"cannot download {' '.join(names)}: {last} (is there a network?)")
    for deb in glob.glob(os.path.join(folder, "*.deb")):
        subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
    shutil.rmtree(folder)


def _merge_usr(root):
    """lib, sbin and bin go under usr/, as the machine has them: laid over it, they would hide its links."""
    for name in ("bin", "sbin", "lib", "lib64"):
        above = os.path.join(root, name)
        if os.path.isdir(above):
            shutil.copytree(above, os.path.join(root, "usr", name), symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(above)


def library_path(root):
    triplet = subprocess.run(["dpkg-architecture", "-qDEB_HOST_MULTIARCH"], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True).stdout.strip() if shutil.which(
                                 "dpkg-architecture") else os.uname().machine + "-linux-gnu"
    return ":".join(os.path.join(root, folder, triplet) for folder in ("usr/lib", "lib"))
