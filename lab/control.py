"""The commands other than exec: up, down, status, and what changes a running lab."""
import contextlib
import fcntl
import ipaddress
import json
import os
import shutil
import signal
import socket
import struct
import sys
import time

import yaml

import catalogue
import enter
import hosts
import lists
import machine
import mail
import mta
import ns
import packet
import servers
import unpack

HERE = os.path.dirname(os.path.realpath(__file__))
READY_S = 60            # of a busy machine; a quiet one needs one
SOCKET_PATH_MAX = 100       # sun_path holds 108 octets


def say(text):
    sys.stderr.write(f"lab: {text}\n")


def source_folders():
    """Where records come from: the catalogue, then the lab's own."""
    return os.path.join(HERE, "..", "data", "lists"), os.path.join(HERE, "lists.d")


def up(state, argv, option, usage):
    ttl = 0
    while argv:
        value = option(argv, "--ttl")
        if value is None or not value.isdigit():
            usage(f"up: bad option {argv[0] if argv else value}")
        ttl = int(value)
    ns.require_capabilities()
    if enter.keeper_pid(state):
        say(f"is up already ({state})")
        return 1
    if len(state) > SOCKET_PATH_MAX - len("/unbound-resolver.sock"):
        raise ValueError(f"the path of the state folder is too long for its sockets: {state}")
    began = time.monotonic()
    os.umask(0o022)
    root = unpack.ensure(say)
    if os.path.isdir(state):
        _remove(state)
    os.makedirs(state)
    with open(os.path.join(state, "owner"), "w") as file:
        file.write("offlist lab\n")
    try:
        _fill(state, root, ttl)
        _wait_ready(state)
    except BaseException:
        logs = _logs(state)
        _end(state)
        if logs:
            sys.stderr.write(logs)
        raise
    say(f"up in {time.monotonic() - began:.1f} s: hosts {', '.join(hosts.HOSTS)}; lab/lab exec victim CMD...")
    return 0


def _fill(state, root, ttl):
    for folder in ("log", "rw", "resolv", "etc", "pids"):
        os.mkdir(os.path.join(state, folder))
    os.symlink(root, os.path.join(state, "tools"))
    for name in ("listings.yaml", "behaviours.yaml"):
        shutil.copyfile(os.path.join(HERE, name), os.path.join(state, name))
    all_lists = catalogue.load(source_folders(), say)
    catalogue.save(os.path.join(state, "zones.json"), all_lists)
    with open(os.path.join(state, "behaviours.yaml")) as file:
        behaviours = yaml.safe_load(file) or {}
    plan = servers.prepare(state, root, all_lists, behaviours)
    _offlist_files(state, all_lists)
    for name in hosts.RESOLVERS:
        with open(os.path.join(state, "resolv", name), "w") as file:
            file.write(hosts.resolv_conf(name))
    for host in hosts.HOSTS:
        for name, text in hosts.etc_files(host).items():
            path = os.path.join(state, "etc", host, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text)
        shutil.copy(os.path.join(state, "offlist.yaml"), os.path.join(state, "etc", host, "offlist"))
    os.environ["LAB_LIBRARIES"] = unpack.library_path(root)
    visible = [state, unpack.cache_folder(), "/var/tmp"]
    repository = os.path.realpath(os.path.join(HERE, ".."))
    if repository.startswith(("/var/", "/run/")):
        visible.append(repository)
    machine.start(state, plan, ttl, visible)


def _offlist_files(state, all_lists):
    """What offlist must know of the lab (every host has it as /etc/offlist/offlist.yaml), and a key file."""
    with open(os.path.join(state, "offlist.yaml"), "w") as file:
        file.write(f"dns:\n  root_hints: {state}/root.hints\n  trust_anchor: none\n")
    keys = sorted({zone.record["key"] for zone in all_lists if zone.record.get("key")})
    with open(os.path.join(state, "keys.yaml"), "w") as file:
        os.fchmod(file.fileno(), 0o640)
        file.write("".join(f"{key}: {catalogue.LAB_KEY}\n" for key in keys))


def _ask(address, name, kind, timeout=0.2):
    """@return the answer to one query, or None"""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        try:
            sock.connect((address, 53))
            head = struct.pack("!HHHHHH", 4711, 0x100, 1, 0, 0, 0)
            sock.send(head + packet.wire(name) + struct.pack("!HH", kind, 1))
            return sock.recv(4096)
        except OSError:
            return None


def _wait_ready(state):
    """Ask every server from inside until it answers."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            enter.enter(state, "admin")
            probes = {"nsd": (hosts.v4(1), ".", packet.SOA),
                      "the front and rbldnsd": (hosts.v4(30), "good.bl.example", packet.SOA),
                      "resolver": (hosts.v4(53), "mail.victim.example", packet.A),
                      "public": (hosts.v6(8), "mail.victim.example", packet.A),
                      "lying": (hosts.v4(66), "mail.victim.example", packet.A),
                      "servfail": (hosts.v6(54), "mail.victim.example", packet.A)}
            probes.update({name: (hosts.v4(hosts.RESOLVERS[name]), "mail.victim.example", packet.A)
                           for name in ("filter-unbound", "filter-strict", "filter-dnsmasq")})
            end = time.monotonic() + READY_S
            while probes and time.monotonic() < end:
                for who in list(probes):
                    answer = _ask(*probes[who])
                    if answer and (answer[3] & 15 == 0 or who == "servfail"):
                        del probes[who]
                time.sleep(0.02)
            if probes:
                say(f"no answer from {', '.join(probes)}")
            code = 1 if probes else 0
        except BaseException as error:
            say(str(error))
        os._exit(code)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError("its servers do not answer")


def _logs(state):
    text = ""
    for name in sorted(os.listdir(os.path.join(state, "log"))) if os.path.isdir(os.path.join(state, "log")) else ():
        with open(os.path.join(state, "log", name), errors="replace") as file:
            text += "".join(f"  {name}: {line}" for line in file.readlines()[-3:] if line.strip())
    return text


def _remove(state):
    """Remove the state folder, but only one that is ours (or empty)."""
    names = os.listdir(state)
    if names and "owner" not in names:
        raise ValueError(f"{state} is not a state folder of the lab: left alone")
    gone = state + ".gone"
    shutil.rmtree(gone, ignore_errors=True)     # of one that was killed here
    os.rename(state, gone)      # a server that is still being started makes its socket nowhere then
    shutil.rmtree(gone)
    parent = os.path.dirname(state)
    if os.path.basename(parent) == "offlist-lab" and not os.listdir(parent):
        os.rmdir(parent)


def _end(state):
    pid = enter.keeper_pid(state)
    if pid:
        os.kill(pid, signal.SIGKILL)    # PID 1 of the lab: the kernel ends all others with it
        while enter.keeper_pid(state):
            time.sleep(0.005)
    if os.path.isdir(state):
        _remove(state)
    return pid


def down(state, argv, option, usage):
    if not os.path.isdir(state):
        say("is not up")
        return 0
    ns.require_capabilities()
    _end(state)
    return 0


def _front(state, line):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(6)
        try:
            sock.connect(os.path.join(state, "front.sock"))
        except OSError:
            raise LookupError("the lab is not up (lab/lab up)")
        sock.sendall(line.encode() + b"\n")
        with sock.makefile() as file:
            answer = file.readline().strip()
    verdict, _, rest = answer.partition(" ")
    if verdict != "ok":
        raise ValueError(rest or "the front died; see the folder log/")
    return rest


def status(state, argv, option, usage):
    if not enter.keeper_pid(state):
        print("down")
        return 1
    print(f"up  {state}")
    for host, (_, full) in hosts.HOSTS.items():
        print(f"  {host:12} {full:26} " + " ".join(f"{four} {six}" for four, six in hosts.addresses(host)))
    for zone, text in sorted(json.loads(_front(state, "behaviours")).items()):
        print(f"  behaves      {zone:26} {text}")
    return 0


def flush(state, argv=(), option=None, usage=None):
    """Empty the caches of the resolvers, what they think of servers, and what they are still trying to find out."""
    for name in ("resolver", "public", "filter-unbound", "filter-strict"):
        for command in ("flush_requestlist", "flush_zone .", "flush_infra all"):
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(5)
                sock.connect(os.path.join(state, f"{name}.sock"))
                sock.sendall(f"UBCT1 {command}\n".encode())
                while sock.recv(4096):
                    pass
    return 0


def _change(state, zone_name, rows, keep_cache):
    path = os.path.join(state, "listings.yaml")
    lists.write_listings(path, rows)
    _rewrite(state, rows, zone_name)
    _front(state, "reload")
    if not keep_cache:
        flush(state)


def _rewrite(state, rows, zone_name=None):
    zones = catalogue.saved(os.path.join(state, "zones.json"))
    holders = lists.all_holders(zones, rows)
    changed = None if zone_name is None else catalogue.holders(zones, zone_name)
    for zone in zones:
        if changed is None or zone.zone in changed:
            lists.write_zone(os.path.join(state, "lists"), zone, rows, holders)


def _zone(state, name):
    name = name.replace("{key}", catalogue.LAB_KEY).lower().rstrip(".")
    if not any(zone.zone == name for zone in catalogue.saved(os.path.join(state, "zones.json"))):
        raise ValueError(f"no list {name} in the lab")
    return name


def _target(text):
    try:
        network = ipaddress.ip_network(text)
        return str(network[0]) if network.num_addresses == 1 else str(network)
    except ValueError:
        return text.lower().rstrip(".")


def _keep_cache(argv):
    if "--no-flush" in argv:
        argv.remove("--no-flush")
        return True
    return False


@contextlib.contextmanager
def _listings(state):
    """The table, for one who changes it: two at once wait for each other."""
    with open(os.path.join(state, "owner")) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lists.read_listings(os.path.join(state, "listings.yaml"))


def list_target(state, argv, option, usage):
    keep = _keep_cache(argv)
    if len(argv) not in (3, 4):
        usage("list TARGET ZONE CODE [TEXT]")
    zone, target = _zone(state, argv[1]), _target(argv[0])
    code = str(ipaddress.IPv4Address(argv[2]))
    with _listings(state) as rows:
        rows = [row for row in rows if (row[0], row[1], row[2]) != (target, zone, code)]
        _change(state, zone, [*rows, (target, zone, code, argv[3] if len(argv) > 3 else None)], keep)
    return 0


def unlist(state, argv, option, usage):
    keep = _keep_cache(argv)
    if len(argv) != 2:
        usage("unlist TARGET ZONE")
    zone, target = _zone(state, argv[1]), _target(argv[0])
    with _listings(state) as rows:
        left = [row for row in rows if (row[0], row[1]) != (target, zone)]
        if len(left) == len(rows):
            raise ValueError(f"{target} is not in the table of {zone}")
        _change(state, zone, left, keep)
    return 0


def behave(state, argv, option, usage):
    keep = _keep_cache(argv)
    if len(argv) < 2:
        usage("behave ZONE BEHAVIOUR [ARG]")
    _front(state, "behave " + " ".join([argv[0].replace("{key}", catalogue.LAB_KEY), *argv[1:]]))
    if not keep:
        flush(state)
    return 0


def reset(state, argv, option, usage):
    _front(state, "reset")
    shutil.copyfile(os.path.join(HERE, "listings.yaml"), os.path.join(state, "listings.yaml"))
    _rewrite(state, lists.read_listings(os.path.join(state, "listings.yaml")))
    _front(state, "reload")
    flush(state)
    _front(state, "reset")      # once more: the resolvers have stopped asking now, and counts begin at nothing
    return 0


def counts(state, argv, option, usage):
    """Queries that reached each list, as JSON (for tests)."""
    print(_front(state, "counts"))
    return 0


def _server(state, argv, usage):
    with open(os.path.join(state, "servers.json")) as file:
        table = json.load(file)
    if len(argv) != 1 or argv[0] not in table:
        usage(f"needs one of {', '.join(table)}")
    return argv[0], table[argv[0]]


def stop(state, argv, option, usage):
    """End one server (its port is closed then: ICMP says so); `start` brings it back."""
    name, host = _server(state, argv, usage)
    pid_file = os.path.join(state, "pids", name)
    with open(machine.stop_mark(state, name), "w"):
        pass
    with open(pid_file) as file:
        pid = int(file.read())
    child = os.fork()
    if child == 0:
        enter.enter(state, host)
        inside = os.fork()      # the first process that is in the PID namespace
        if inside == 0:
            os.kill(pid, signal.SIGKILL if name in ("front", "badresolver") else signal.SIGTERM)
            os._exit(0)
        os.waitpid(inside, 0)
        os._exit(0)
    os.waitpid(child, 0)
    end = time.monotonic() + READY_S
    while time.monotonic() < end:       # the successor has written its own pid when the old one is gone
        with open(pid_file) as file:
            if file.read() not in ("", str(pid)):
                return 0
        time.sleep(0.01)
    raise OSError(f"{name} does not end")


def start(state, argv, option, usage):
    name, _ = _server(state, argv, usage)
    try:
        os.unlink(machine.stop_mark(state, name))
    except FileNotFoundError:
        say(f"{name} runs already")
    _wait_ready(state)
    return 0


def mail_command(state, argv, option, usage):
    """mail up | reset | set NAME VALUE"""
    ns.require_capabilities()
    what = argv.pop(0) if argv else ""
    if what == "up" and not argv:
        took = mail.up(state, say)
        say("mail is up already" if took is None else f"mail up in {took:.1f} s: {', '.join(mail.MAIL_HOSTS)}")
    elif what in ("reset", "set") and not mail.is_up(state):
        raise LookupError("the mail servers are not up (lab/lab mail up)")
    elif what == "reset" and not argv:
        mail.reset(state)
    elif what == "set" and len(argv) == 2 and argv[0] in mta.SETTINGS and argv[1] in ("on", "off"):
        mail.setting(state, *argv)
    else:
        usage(f"mail up, mail reset, or mail set {{{','.join(mta.SETTINGS)}}} on|off")
    return 0


def play_story(state, argv, option, usage):
    import play
    ns.require_capabilities()
    if len(argv) != 1 or argv[0] not in play.names():
        usage(f"play {{{','.join(play.names())}}}")
    mail.up(state, say)
    play.play(state, argv[0])
    return 0


COMMANDS = {"up": up, "down": down, "status": status, "list": list_target, "unlist": unlist, "behave": behave,
            "reset": reset, "flush": flush, "counts": counts, "stop": stop, "start": start, "mail": mail_command,
            "play": play_story}
