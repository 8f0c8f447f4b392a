"""The lab proves itself: what later tests rely on is as it says."""
import ipaddress
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from conftest import HANGS_S, LAB, Lab, ROOT, until

VICTIM, VICTIM6 = "192.0.2.10", "2001:db8:a::10"
CLEAN = "198.51.100.90"
GOOD = "good.bl.example"
CLIENT = str(ROOT / "tests" / "system" / "ask.py")


def name_of(target, zone):
    """@return the name that asks `zone` about an address or a domain"""
    try:
        pointer = ipaddress.ip_address(target).reverse_pointer
        return pointer.replace(".in-addr.arpa", "").replace(".ip6.arpa", "") + "." + zone
    except ValueError:
        return f"{target}.{zone}"


def ask(lab, server, target, zone, *options, host="admin"):
    """One query with a plain socket, every datagram that comes back. @return [{rcode, aa, tc, id_ok, ...}]"""
    run = lab.exec(host, "/usr/bin/python3", CLIENT, server, name_of(target, zone), *options)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def server(lab):
    """The address of the lab's own lists."""
    return lab.dig("ns.the-lab.lab.example")[0]


@pytest.fixture(scope="module")
def server6(lab):
    return lab.dig("ns.the-lab.lab.example", "AAAA")[0]


# -- hosts ----------------------------------------------------------------------------------------------------------

def test_exec_passes_streams_and_status(lab):
    run = lab.exec("victim", "sh", "-c", "cat; echo err >&2; exit 7", input="in")
    assert (run.stdout, run.stderr, run.returncode) == ("in", "err\n", 7)
    assert lab.exec("victim", "sh", "-c", "kill -TERM $$").returncode == 128 + signal.SIGTERM
    assert lab.exec("victim", "/proc/nonexistent").returncode == 127
    assert lab.exec("nowhere", "true").returncode == 74


def test_exec_loads_little(lab):
    """It is on the way of every test: of the lab's parts it needs two, and no YAML."""
    run = subprocess.run([sys.executable, "-X", "importtime", str(LAB), "--name", lab.name, "exec", "victim", "true"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    loaded = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines() if "|" in line}
    assert run.returncode == 0 and {"enter", "ns"} <= loaded
    assert not loaded & {"control", "catalogue", "yaml", "asyncio", "argparse"}


def test_exec_forwards_signals(lab):
    run = subprocess.Popen([str(LAB), "--name", lab.name, "exec", "victim", "sh", "-c",
                            "trap 'echo got; exit 3' TERM; echo ready; while :; do sleep 0.05; done"],
                           stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "ready\n"
    run.send_signal(signal.SIGTERM)
    assert run.communicate(timeout=HANGS_S)[0] == "got\n"
    assert run.returncode == 3


def test_a_killed_exec_takes_its_command_with_it(lab):
    run = subprocess.Popen([str(LAB), "--name", lab.name, "exec", "admin", "sleep", "977"])
    assert until(lambda: "sleep 977" in lab.exec("admin", "ps", "ax").stdout)
    run.kill()
    run.wait()
    assert until(lambda: "sleep 977" not in lab.exec("admin", "ps", "ax").stdout)


@pytest.mark.parametrize("host", ["victim-exim", "lists"])      # a host without servers, and one with
def test_the_first_process_of_a_host_reaps_orphans(lab, host):
    run = lab.exec(host, "sh", "-c", "for n in 1 2 3 4 5; do setsid sh -c 'exec sleep 0.0977 &'; done")
    assert run.returncode == 0
    assert until(lambda: "sleep" not in lab.exec(host, "ps", "axo", "stat,comm").stdout)


def test_host_sees_its_own_world(lab):
    run = lab.exec("victim", "sh", "-c", "hostname; cat /etc/resolv.conf; echo $OFFLIST_LAB; ls /run; pwd")
    lines = run.stdout.split()
    assert lines[0] == "mail.victim.example"
    assert "192.0.2.53" in lines and "1" in lines
    assert "offlist-lab" in lines
    assert lines[-1] == os.getcwd()
    assert len(lab.exec("victim", "ps", "ax").stdout.splitlines()) < 6     # no process of the machine
    assert lab.exec("victim", "getent", "ahostsv4", "victim.example").stdout.startswith(VICTIM)


def test_what_a_host_writes_stays_in_it(lab):
    where = ("/etc/offlist-lab-test", "/var/lib/offlist/test", "/run/offlist-lab-test")
    for path in where:
        assert lab.exec("victim", "sh", "-c", f"echo x > {path} && cat {path}").stdout == "x\n"
        assert not os.path.exists(path)
        assert lab.exec("victim", "cat", path).stdout == "x\n"
        assert lab.exec("admin", "cat", path).returncode == 1


def test_hosts_reach_each_other_and_nothing_else(lab):
    reach = ("import socket, sys\nfamily = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET\n"
             "sock = socket.socket(family, socket.SOCK_STREAM)\nsock.settimeout(2)\n"
             "print(sock.connect_ex((sys.argv[1], 9)))")

    def outcome(host, address):
        return os.strerror(int(lab.exec(host, "/usr/bin/python3", "-c", reach, address).stdout))
    for host, address in (("victim", "192.0.2.20"), ("victim", "2001:db8:a::20"), ("fleet", "203.0.113.77"),
                          ("admin", "198.51.100.200"), ("lists", "2001:db8:b::7")):
        assert outcome(host, address) == "Connection refused"       # there, and no such port
    for address in ("9.9.9.9", "2620:fe::fe"):
        assert outcome("victim", address) == "Network is unreachable"


# -- names ----------------------------------------------------------------------------------------------------------

def test_ordinary_names(lab):
    assert lab.dig("victim.example") == [VICTIM]
    assert lab.dig("victim.example", "AAAA") == [VICTIM6]
    assert lab.dig("victim.example", "MX") == ["10 mail.victim.example."]
    assert lab.dig("-x", VICTIM) == ["mail.victim.example."]
    assert lab.dig("-x", VICTIM6) == ["mail.victim.example."]
    assert lab.dig("-x", "198.51.100.7") == ["host7.provider.example."]
    assert lab.dig("nothing.example.com") == []


def test_zones_have_name_servers(lab):
    assert lab.dig("NS", GOOD) == ["ns.the-lab.lab.example."]
    assert lab.dig("SOA", GOOD)[0].startswith("ns.the-lab.lab.example.")


def test_lists_answer(lab):
    assert lab.dig(name_of(VICTIM, GOOD)) == ["127.0.0.2", "127.0.0.4"]
    assert lab.dig("TXT", name_of(VICTIM, GOOD)) == ['"https://lab.example/?q=192.0.2.10"']
    assert lab.dig(name_of(VICTIM6, GOOD)) == ["127.0.0.2"]
    assert lab.dig(name_of(CLEAN, GOOD)) == []
    assert lab.dig("spammer.example.domain.bl.example") == ["127.0.1.2"]
    assert lab.dig("www.spammer.example.domain.bl.example") == ["127.0.1.2"]
    assert lab.dig("clean.example.domain.bl.example") == []


def test_test_points(lab):
    assert lab.dig(name_of("127.0.0.2", GOOD)) == ["127.0.0.2"]
    assert lab.dig(name_of("127.0.0.1", GOOD)) == []
    assert lab.dig(name_of("::ffff:127.0.0.2", GOOD)) == ["127.0.0.2"]
    assert lab.dig(name_of("::ffff:127.0.0.1", GOOD)) == []
    assert lab.dig("test.domain.bl.example") == ["127.0.1.2"]
    assert lab.dig("invalid.domain.bl.example") == []


def test_every_zone_of_the_catalogue_is_served(lab):
    """Ask each list's front for each test point; closed lists are not expected to answer."""
    import catalogue
    zones = catalogue.saved(lab.state / "zones.json")
    wanted = [(zone.v4, f"{catalogue.query_name(kind, point)}.{zone.zone}", zone.test_code()) for zone in zones
              if zone.query and not catalogue.default_behaviour(zone) and zone.operator["name"] != "The Lab"
              for kind, point in zone.test_points()]
    assert len(wanted) > 100
    run = lab.exec("admin", "/usr/bin/python3", CLIENT, "--many", input=json.dumps(wanted))
    assert run.returncode == 0, run.stderr
    wrong = {name: answer for name, answer in json.loads(run.stdout).items() if answer}
    assert not wrong, wrong


def test_key_zone(lab):
    import catalogue
    keyed = [zone for zone in catalogue.saved(lab.state / "zones.json") if zone.keyed and zone.query
             and zone.status == "active" and zone.test_points()]
    for zone in keyed[:3]:
        name = catalogue.query_name(*zone.test_points()[0])
        assert lab.dig(f"{name}.{zone.zone}"), zone.zone
        assert lab.dig("NS", zone.apex), zone.apex
        assert zone.test_code() not in lab.dig(f"{name}.wrong0key.{zone.apex}")


# -- resolvers ------------------------------------------------------------------------------------------------------

def test_public_resolver_is_refused(lab):
    assert lab.dig(name_of(VICTIM, GOOD), resolver="public") == ["127.255.255.254"]
    assert lab.dig(name_of(VICTIM, "white.bl.example"), resolver="public") == []
    run = lab.exec("victim", "dig", "+tries=1", name_of("127.0.0.2", "white.bl.example"), resolver="public")
    assert "status: SERVFAIL" in run.stdout
    assert lab.dig("victim.example", resolver="public") == [VICTIM]


def test_lying_resolver(lab):
    assert lab.dig(name_of(CLEAN, GOOD), resolver="lying") == ["203.0.113.9"]
    assert lab.dig(name_of(VICTIM, GOOD), resolver="lying") == ["127.0.0.2", "127.0.0.4"]
    assert lab.dig("no.such.name.example", resolver="lying") == ["203.0.113.9"]


def test_dead_resolvers(lab):
    run = lab.exec("victim", "dig", "+tries=1", "victim.example", resolver="servfail")
    assert "status: SERVFAIL" in run.stdout
    run = lab.exec("victim", "dig", "+tries=1", "+time=1", "victim.example", resolver="silent")
    assert run.returncode == 9
    assert lab.exec("victim", "true", resolver="nonsense").returncode == 64


# -- behaviours -----------------------------------------------------------------------------------------------------

def test_dead(lab, server):
    assert ask(lab, server, "127.0.0.2", "dead.bl.example", "--unless", "white.bl.example") == []


@pytest.mark.parametrize("family", ["4", "6"])
@pytest.mark.parametrize("zone,rcode", [("refused", 5), ("servfail", 2), ("formerr", 1), ("empty", 3), ("nodata", 0)])
def test_rcodes(lab, server, server6, zone, rcode, family):
    answers = ask(lab, server if family == "4" else server6, "127.0.0.2", f"{zone}.bl.example")
    assert [(one["rcode"], one["a"]) for one in answers] == [(rcode, [])]


@pytest.mark.parametrize("zone,code", [("world", "127.0.0.2"), ("parked", "203.0.113.9"), ("typo", "127.255.255.252"),
                                       ("volume", "127.255.255.255")])
def test_same_answer_for_all(lab, server, zone, code):
    for target in (VICTIM, "127.0.0.1", "127.0.0.2", "8.8.4.4", VICTIM6):
        assert ask(lab, server, target, f"{zone}.bl.example")[0]["a"] == [code]


def test_policy_third(lab, server):
    zone = "policy.bl.example"
    assert ask(lab, server, "127.0.0.2", zone)[0]["a"] == ["127.0.0.2"]
    assert ask(lab, server, "127.0.0.1", zone)[0]["a"] == []
    wanted = [(server, name_of(f"198.51.100.{n}", zone), "127.0.0.2") for n in range(256)]
    run = lab.exec("admin", "/usr/bin/python3", CLIENT, "--many", input=json.dumps(wanted))
    listed = sum(1 for answer in json.loads(run.stdout).values() if not answer)
    assert 60 < listed < 110


def test_slow(lab, server):
    answers = ask(lab, server, VICTIM, "slow.bl.example")
    assert answers[0]["ms"] > 290
    assert answers[0]["a"] == ["127.0.0.2"]


def test_lame(lab, server):
    one, = ask(lab, server, VICTIM, "lame.bl.example")
    assert (one["rcode"], one["aa"], one["a"], one["authority"]) == (0, False, [], 1)


def test_truncate(lab, server, server6):
    for address in (server, server6):
        one, = ask(lab, address, VICTIM, "truncate.bl.example")
        assert (one["tc"], one["a"]) == (True, [])
        one, = ask(lab, address, VICTIM, "truncate.bl.example", "--tcp")
        assert (one["tc"], one["a"]) == (False, ["127.0.0.2"])
    assert lab.dig(name_of(VICTIM, "truncate.bl.example")) == ["127.0.0.2"]


def test_spoofer(lab, server):
    answers = ask(lab, server, VICTIM, "spoofer.bl.example", "--until", "right")
    assert len(answers) > 4
    assert [one["a"] for one in answers if one["right"]] == [["127.0.0.4"]]
    assert answers[-1]["right"]


def test_duplicate(lab, server):
    first, second = ask(lab, server, VICTIM, "duplicate.bl.example", "--until", "2")
    assert first["a"] == second["a"] == ["127.0.0.2"]
    assert second["ms"] - first["ms"] > 200


def test_garbage(lab, server):
    one, = ask(lab, server, VICTIM, "garbage.bl.example")
    assert not one["right"]


def test_lists_localhost(lab, server):
    for target in ("127.0.0.1", "127.0.0.2", "::ffff:127.0.0.1"):
        assert ask(lab, server, target, "localhost.bl.example")[0]["a"] == ["127.0.0.2"]
    assert ask(lab, server, VICTIM, "localhost.bl.example")[0]["a"] == []


def test_loss_is_the_same_in_each_run(fresh, server):
    def run():
        fresh.behave(GOOD, "loss", "40")
        return [bool(ask(fresh, server, VICTIM, GOOD, "--unless", "white.bl.example")) for _ in range(10)]
    first = run()
    assert first == run()
    assert 0 < first.count(False) < 10


def test_behaviour_at_run_time(fresh, server):
    fresh.behave(GOOD, "refuse", "127.255.255.255")
    assert ask(fresh, server, VICTIM, GOOD)[0]["a"] == ["127.255.255.255"]
    fresh.behave("*", "slow", "100")
    assert ask(fresh, server, VICTIM, GOOD)[0]["ms"] > 95
    fresh.behave(GOOD, "default")
    assert ask(fresh, server, VICTIM, GOOD)[0]["a"] == ["127.0.0.2", "127.0.0.4"]
    assert fresh.lab("behave", GOOD, "nonsense", check=False).returncode == 74
    assert fresh.lab("behave", "no.such.zone", "ok", check=False).returncode == 74


def test_servers_stop_and_start(fresh, server):
    fresh.stop("unbound-resolver")
    run = fresh.exec("victim", "dig", "+tries=1", "+time=60", "victim.example")
    assert "connection refused" in run.stdout
    fresh.start("unbound-resolver")
    assert fresh.dig("victim.example") == [VICTIM]
    fresh.stop("front")
    assert ask(fresh, server, VICTIM, GOOD, "--quiet") == []
    fresh.start("front")
    assert ask(fresh, server, VICTIM, GOOD)[0]["a"] == ["127.0.0.2", "127.0.0.4"]


def test_cable_and_path_loss(fresh, server):
    fresh.link("admin", False)
    assert fresh.exec("admin", "dig", "+tries=1", "+time=1", "victim.example").returncode == 9
    fresh.link("admin", True)
    try:
        fresh.path_loss("victim", 100)
        assert ask(fresh, server, VICTIM, GOOD, "--quiet", host="victim") == []
        fresh.path_loss("victim", 50)
        assert "numgen" in fresh.exec("victim", "nft", "list", "ruleset").stdout
    finally:
        fresh.path_loss("victim", 0)
    assert len(ask(fresh, server, VICTIM, GOOD, host="victim")) == 1


# -- listings -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("target,query", [(CLEAN, CLEAN), ("2001:db8:b::7", "2001:db8:b::7"),
                                          ("2001:db8:c::/64", "2001:db8:c::99"), ("203.0.113.0/24", "203.0.113.200")])
def test_list_and_unlist_take_effect_at_once(fresh, server, target, query):
    assert ask(fresh, server, query, GOOD)[0]["a"] == []
    assert fresh.dig(name_of(query, GOOD)) == []
    for _ in range(3):
        fresh.list(target, GOOD, "127.0.0.4", "because of a test")
        assert ask(fresh, server, query, GOOD)[0]["a"] == ["127.0.0.4"]
        assert fresh.dig("TXT", name_of(query, GOOD)) == ['"because of a test"']
        fresh.unlist(target, GOOD)
        assert ask(fresh, server, query, GOOD)[0]["a"] == []
        assert fresh.dig(name_of(query, GOOD)) == []


def test_a_listing_is_in_the_lists_that_hold_it(fresh):
    import catalogue
    fresh.list(CLEAN, "xbl.spamhaus.org", "127.0.0.4")
    for zone in ("xbl.spamhaus.org", "zen.spamhaus.org", f"{catalogue.LAB_KEY}.zen.dq.spamhaus.net"):
        assert fresh.dig(name_of(CLEAN, zone)) == ["127.0.0.4"], zone
    assert fresh.dig(name_of(CLEAN, "pbl.spamhaus.org")) == []
    fresh.unlist(CLEAN, "xbl.spamhaus.org")
    assert fresh.dig(name_of(CLEAN, "zen.spamhaus.org")) == []


def test_domain_listing(fresh):
    fresh.list("clean.example", "domain.bl.example", "127.0.1.2")
    assert fresh.dig("clean.example.domain.bl.example") == ["127.0.1.2"]


def test_a_cache_may_keep_a_listing(fresh, server):
    fresh.list(CLEAN, GOOD)
    assert fresh.dig(name_of(CLEAN, GOOD)) == ["127.0.0.2"]
    fresh.unlist(CLEAN, GOOD, flush=False)
    assert fresh.dig(name_of(CLEAN, GOOD)) == ["127.0.0.2"]
    assert ask(fresh, server, CLEAN, GOOD)[0]["a"] == []


def test_counts(fresh, server):
    ask(fresh, server, VICTIM, GOOD)
    assert fresh.counts() == {GOOD: 1}


# -- up and down ----------------------------------------------------------------------------------------------------

def snapshot():
    """What of the machine a lab could leave behind or change."""
    def out(*argv):
        return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    # (a lab's own name is in the command line of each of its processes)
    return {"netns": out("ip", "netns"), "links": out("ip", "-o", "link"), "routes": out("ip", "route"),
            "routes6": out("ip", "-6", "route"), "addresses": out("ip", "-o", "-4", "address"),
            "mounts": pathlib.Path("/proc/self/mounts").read_text(),
            "resolv.conf": pathlib.Path("/etc/resolv.conf").read_bytes(),
            "listening": [line for line in out("ss", "-Hlntu").splitlines()
                          if line.split()[4].endswith((":53", ":5300"))],
            "rules": out("nft", "list", "ruleset"),
            "cgroups": pathlib.Path("/proc/self/cgroup").read_text()}


def processes(name):
    return [line for line in subprocess.run(["ps", "axww", "-o", "pid,args"], stdout=subprocess.PIPE,
                                            text=True).stdout.splitlines() if f"offlist-lab/{name}" in line
            or f"--name {name} " in line]


@pytest.fixture
def second(lab, tmp_path):
    """A second lab beside the session's."""
    other = Lab(lab.name + "b", tmp_path)
    yield other
    other.lab("down")


def test_two_labs_and_nothing_left(lab, second):
    before = snapshot()
    second.lab("up")
    assert snapshot() == before      # while up, the machine sees processes and one folder, nothing else
    assert second.lab("up", check=False).returncode == 1
    second.list(CLEAN, GOOD)
    assert second.dig(name_of(CLEAN, GOOD)) == ["127.0.0.2"]
    assert lab.dig(name_of(CLEAN, GOOD)) == []
    assert second.lab("status").stdout.startswith("up ")
    background = subprocess.Popen([str(LAB), "--name", second.name, "exec", "victim", "sleep", "600"])
    second.lab("down")
    assert background.wait(timeout=HANGS_S) != 0
    assert snapshot() == before
    assert not second.state.exists()
    assert processes(second.name) == []
    assert second.lab("status", check=False).returncode == 1
    assert second.lab("down").stderr == "lab: is not up\n"


def test_down_after_a_crash(second):
    """An `up` that is killed at any moment leaves something that `down` ends."""
    before = snapshot()
    for delay in (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3):
        run = subprocess.Popen([str(LAB), "--name", second.name, "up"], stderr=subprocess.DEVNULL)
        time.sleep(delay)
        run.kill()
        run.wait()
        second.lab("down")
        assert until(lambda: processes(second.name) == []), delay
        assert not second.state.exists()
        assert snapshot() == before


def test_watchdog(second):
    """The lab ends by itself; its time must be longer than this machine takes to bring it up."""
    for ttl in ("2", "10", "60", "300"):
        if second.lab("up", "--ttl", ttl, check=False).returncode == 0:
            break
        second.lab("down")
    else:
        pytest.fail("the lab does not come up")
    assert until(lambda: not second.state.exists())
    assert until(lambda: processes(second.name) == [])


def test_without_the_right(lab, tmp_path):
    bounding = ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-all"]
    run = subprocess.run([*bounding, str(LAB), "--name", "nope", "up"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
    assert run.returncode == 77
    assert run.stderr.count("\n") == 1 and "CAP_SYS_ADMIN" in run.stderr
    user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    copy = tmp_path / "lab"
    subprocess.run(["cp", "-r", str(ROOT / "lab"), str(copy)], check=True)
    for folder in (tmp_path, *list(tmp_path.parents)[:-2]):  # /tmp and above are everybody's
        folder.chmod(0o755)
    run = subprocess.run([*user, str(copy / "lab"), "up"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert run.returncode == 77
    assert run.stderr.count("\n") == 1 and "CAP_NET_ADMIN" in run.stderr


def test_usage(lab):
    for arguments in ((), ("nonsense",), ("exec", "victim"), ("list", "x"), ("up", "--what")):
        assert lab.lab(*arguments, check=False).returncode == 64
    assert lab.lab("list", "x", "no.such.zone", "127.0.0.2", check=False).returncode == 74
    assert lab.lab("list", "x", GOOD, "256.0.0.1", check=False).returncode == 74
