"""Resolvers that hide what lists answer, or make answers up: whose fault it is, said once, never a list's."""
import json
import random
import signal
import subprocess
import time

import pytest

import control
from conftest import wait_for_lanes

FILTERS = {"filter-unbound": "unbound", "filter-dnsmasq": "dnsmasq", "filter-servfail": "BIND",
           "filter-refused": "Knot", "filter-zero": "rebinding",
           "filter-nxdomain": "rebind", "filter-drop": "rebinding"}
PLAIN = [f"plain{number}.bl.example" for number in range(1, 9)]
POINTLESS = [f"pointless{number}.bl.example" for number in range(1, 4)]
LISTED = {"plain1.bl.example", "plain2.bl.example", "pointless1.bl.example"}
ADVICE = "take it out"
PATIENCE = {"filter-drop": "2"}     # what is dropped is waited for; all else comes at once, on however busy a machine


def only(zones):
    return [word for zone in zones for word in ("--list", zone)]


def behave(lab, table):
    """Each zone as told, at once."""
    for zone, text in table.items():
        control._front(str(lab.state), f"behave {zone} {text or 'default'}")
    control.flush(str(lab.state))


def rows_of(found):
    return {row["zone"]: (row["status"], row["why"]) for row in found["lists"]}


@pytest.fixture(scope="module")
def world(lab):
    """The lab with its listings put back; what a test does here to a list's behaviour is undone by `fresh`."""
    lab.reset()
    yield lab
    lab.reset()


@pytest.fixture
def fresh(world):
    behave(world, {zone: None for zone in PLAIN + POINTLESS})
    return world


class Direct:
    """The way to the lists' own servers is cut: what comes from them is dropped, what resolvers say is not."""

    def __init__(self, lab):
        self.lab = lab

    def __enter__(self):
        rules = ("table inet mute {\nchain input {\ntype filter hook input priority 0;\n"
                 "udp sport 53 ip saddr { 192.0.2.1, 203.0.113.0/24 } drop\n"
                 "udp sport 53 ip6 saddr { 2001:db8:a::1, 2001:db8:53::/64 } drop\n}\n}\n")
        run = self.lab.exec("victim", "nft", "-f", "-", input=rules)
        assert run.returncode == 0, run.stderr

    def __exit__(self, *_):
        self.lab.exec("victim", "nft", "delete", "table", "inet", "mute")


@pytest.mark.parametrize("resolver", FILTERS)
def test_a_filter_is_the_resolvers_fault(fresh, resolver):
    """Several lists, one, or one without test points: asked directly where that may be, not known elsewhere."""
    zones = [*PLAIN[:3], POINTLESS[0], POINTLESS[1]]
    found = fresh.check_json("-t", PATIENCE.get(resolver, "6"), *only(zones), "192.0.2.10", odd=True,
                             resolver=resolver, status=1)[0]
    assert {zone: status for zone, (status, _) in rows_of(found).items()} == {
        zone: "listed" if zone in LISTED else "clear" for zone in zones}
    kind = "hides" if resolver == "filter-nxdomain" else "filters"      # a strict minimiser can look like that one
    assert found["resolver_fault"]["kind"] == kind
    assert FILTERS[resolver] in found["resolver_fault"]["remedy"]
    for asked in (POINTLESS[:1], zones) if resolver == "filter-drop" else (PLAIN[:1], POINTLESS[:1], zones):
        found = fresh.check_json("-r", "system", "-t", "1" if resolver == "filter-drop" else "2", *only(asked),
                                 "192.0.2.10", odd=True, resolver=resolver, status=2)[0]
        assert rows_of(found) == {zone: ("unreachable", "resolver_filters") for zone in asked}
        assert found["verdict"] == "unknown"
        if resolver != "filter-drop" or asked != POINTLESS[:1]:      # others say nothing at all either
            assert found["resolver_fault"]["kind"] == kind


def test_it_is_said_once_in_every_format(fresh):
    sentence = "removes 127.0.0.0/8 answers; your mail server's own DNSBL checks are blind too"
    for kind in ("text", "csv", "nagios", "prometheus"):      # JSON: above
        run = fresh.offlist("check", "-r", "192.0.2.59", "-F", kind, *only(PLAIN), "192.0.2.10", odd=True)
        out = " ".join(run.stdout.split())
        assert out.count(sentence) == 1, run.stdout
        assert out.count("192.0.2.59") >= 1 and ADVICE not in out and run.stderr == ""
        assert run.returncode == (3 if kind == "nagios" else 2)
    run = fresh.offlist("lists", "test", "-r", "192.0.2.59", *PLAIN, POINTLESS[0], odd=True)
    assert " ".join(run.stdout.split()).count(sentence) == 1 and ADVICE not in run.stdout and run.returncode == 2
    health = [json.loads(line) for line in fresh.offlist("lists", "test", "--json", "-r", "192.0.2.59", PLAIN[0],
                                                         POINTLESS[0], odd=True).stdout.splitlines()]
    assert {(row["status"], row["why"]) for row in health} == {("unreachable", "resolver_filters")}


def test_strict_minimisation_hides_what_rbldnsd_serves(fresh):
    behave(fresh, {PLAIN[3]: "like ents", PLAIN[4]: "like ents"})
    zones = [PLAIN[0], PLAIN[1], PLAIN[2], PLAIN[3], PLAIN[4]]
    found = fresh.check_json(*only(zones), "192.0.2.10", odd=True, resolver="filter-strict", status=1)[0]
    assert {row["zone"]: (row["status"], row["asked"]) for row in found["lists"]} == {
        PLAIN[0]: ("listed", "direct"), PLAIN[1]: ("listed", "direct"), PLAIN[2]: ("clear", "direct"),
        PLAIN[3]: ("clear", "system"), PLAIN[4]: ("clear", "system")}
    assert found["resolver_fault"]["kind"] == "minimises"
    with Direct(fresh):
        found = fresh.check_json("-r", "system", "-t", "1", *only(zones), "192.0.2.10", odd=True,
                                 resolver="filter-strict", status=2)[0]
    assert rows_of(found) == {**{zone: ("unreachable", "resolver_filters") for zone in PLAIN[:3]},
                              PLAIN[3]: ("clear", None), PLAIN[4]: ("clear", None)}
    assert found["resolver_fault"]["kind"] in ("hides", "minimises")


def test_what_was_often_asked_for_is_no_proof(fresh):
    """Strict minimisation goes one label further with each question, until a test point comes; no other entry does."""
    zones, state = [*PLAIN[:3], POINTLESS[0]], fresh.folder / "strict"
    for _ in range(3):
        fresh.check_json("-r", "system", *only(zones), "203.0.113.50", odd=True, resolver="filter-strict", state=state)
    found = fresh.check_json("-r", "system", *only(zones), "192.0.2.10", odd=True, resolver="filter-strict",
                             state=state, status=2)[0]
    assert rows_of(found) == {zone: ("unreachable", "resolver_filters") for zone in zones}
    found = fresh.check_json(*only(zones), "192.0.2.10", odd=True, resolver="filter-strict", state=state, status=1)[0]
    assert {zone: status for zone, (status, _) in rows_of(found).items()} == {
        zone: "listed" if zone in LISTED else "clear" for zone in zones}


def test_a_test_point_may_be_older_than_the_filter(fresh):
    """The "no" about the target looks unlike the list's own: asked directly, or not known."""
    zones = [PLAIN[0], PLAIN[2], POINTLESS[0], POINTLESS[1]]
    found = fresh.check_json("-r", "system", *only(zones), "192.0.2.10", odd=True, resolver="filter-aged")[0]
    assert rows_of(found) == {zone: ("unreachable", "resolver_filters") if zone in LISTED else ("clear", None)
                              for zone in zones}
    found = fresh.check_json(*only(zones), "192.0.2.10", odd=True, resolver="filter-aged", status=1)[0]
    assert rows_of(found) == {zone: ("listed" if zone in LISTED else "clear", None) for zone in zones}


def test_one_list_without_test_points(fresh):
    """Another list's test point shows that an honest resolver hides nothing; a strict one shows none."""
    counted = fresh.counts()
    found = fresh.check_json("-r", "system", *only(POINTLESS[1:2]), "192.0.2.10", odd=True, status=0)[0]
    assert rows_of(found) == {POINTLESS[1]: ("clear", None)} and "resolver_fault" not in found
    others = {zone: number - counted.get(zone, 0) for zone, number in fresh.counts().items()
              if zone not in POINTLESS and number != counted.get(zone, 0)}
    assert 1 <= len(others) <= 2, others
    behave(fresh, {})
    found = fresh.check_json("-r", "system", *only(POINTLESS[:1]), "192.0.2.10", odd=True, resolver="filter-strict",
                             status=2)[0]
    assert rows_of(found) == {POINTLESS[0]: ("unreachable", "resolver_filters")}


def test_a_fleet_through_a_filter_has_nothing_clear(fresh):
    run = fresh.offlist("check", "--json", "-r", "system", *only(POINTLESS[:2]), "192.0.2.8/29", odd=True,
                        resolver="filter-unbound")
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 2 and rows[-1]["schema"] == "offlist.check.summary/1"
    assert len(rows) == 9 and {row["verdict"] for row in rows[:-1]} == {"unknown"}
    assert all(rows_of(row) == {zone: ("unreachable", "resolver_filters") for zone in POINTLESS[:2]}
               for row in rows[:-1])


@pytest.mark.parametrize("target", ["192.0.2.10", "192.0.2.8/29"])
def test_what_was_interrupted_is_not_clear(fresh, target):
    """One list never answers, so that the end of the others, which hang on it, has not come."""
    behave(fresh, {PLAIN[3]: "dead", PLAIN[4]: "empty"})
    config = fresh.config(fresh.folder, odd=True)
    started = [str(control.HERE) + "/lab", "--name", fresh.name, "exec", "--resolver", "filter-unbound", "victim",
               fresh.program(), "--config", str(config), "--state", str(fresh.folder / f"stop{len(target)}"),
               "check", "--debug", "--json", "-t", "60", "-r", "system",
               *only([PLAIN[3], PLAIN[4], POINTLESS[0]]), target]
    with subprocess.Popen(started, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        wait_for_lanes(run, PLAIN[3:5])
        time.sleep(0.5)     # what the empty one answers is taken
        run.send_signal(signal.SIGINT)
        rows = [json.loads(line) for line in run.communicate(timeout=600)[0].splitlines()]
    assert run.returncode == 2
    assert all(row["verdict"] == "unknown" for row in rows if "lists" in row)
    assert all(row["clear"] == 0 == row["answers"]["clear"] for row in rows if "lists" not in row)
    assert {status for row in rows if "lists" in row for status, _ in rows_of(row).values()} <= {
        "not_asked", "unreachable"}, rows
    assert [why for row in rows if "lists" in row for _, why in rows_of(row).values()].count("interrupted")


def test_an_interrupt_accuses_nobody(fresh):
    """the lists are slow, and the person was impatient: no resolver is at fault"""
    behave(fresh, {zone: "slow 3000" for zone in PLAIN})
    config = fresh.config(fresh.folder, odd=True)
    started = [str(control.HERE) + "/lab", "--name", fresh.name, "exec", "victim", fresh.program(), "--config",
               str(config), "--state", str(fresh.folder / "broken-off"), "check", "--debug", "-t", "60", *only(PLAIN),
               "192.0.2.10"]
    with subprocess.Popen(started, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        wait_for_lanes(run, PLAIN)
        run.send_signal(signal.SIGINT)
        text = run.communicate(timeout=600)[0]
    assert run.returncode == 2 and text.startswith("192.0.2.10: UNKNOWN: no list has answered")
    assert "resolver" not in text and "interrupted" in text


@pytest.mark.parametrize("cut", [False, True])
def test_lists_that_are_emptied_are_not_the_resolvers_fault(fresh, cut):
    behave(fresh, {zone: "empty" for zone in PLAIN[:5]})
    with Direct(fresh) if cut else open("/dev/null"):
        run = fresh.offlist("check", "-r", "system", "-t", "2", *only(PLAIN), "198.51.100.9", odd=True)
    assert run.returncode == 2 and ADVICE in " ".join(run.stdout.split()) and "resolver" not in run.stdout
    found = fresh.check_json(*only(PLAIN), "198.51.100.9", odd=True, status=2)[0]
    assert rows_of(found) == {zone: ("broken", "no_test_point") if zone in PLAIN[:5] else ("clear", None)
                              for zone in PLAIN}


@pytest.mark.parametrize("resolver, kind", [("nothing", "nothing"), ("everything", "lists"), ("lying", "rewrites"),
                                            ("servfail", "fails"), ("silent", "silent")])
def test_a_resolver_that_answers_all_alike(fresh, resolver, kind):
    zones = PLAIN[:2] + POINTLESS[:1] if resolver in ("nothing", "everything") else PLAIN[:5] + POINTLESS
    if resolver in ("nothing", "lying"):
        run = fresh.offlist("check", "-r", "system", "-t", "1", *only(zones), "192.0.2.10", odd=True,
                            resolver=resolver)
        assert run.returncode == 2 and run.stdout.startswith("Your resolver is at fault\n") and run.stderr == ""
        assert ADVICE not in " ".join(run.stdout.split())
    found = fresh.check_json("-r", "system", "-t", "1", *only(zones), "192.0.2.10", odd=True, resolver=resolver,
                             status=2)[0]
    assert found["resolver_fault"]["kind"] == kind
    assert {status for status, _ in rows_of(found).values()} == {"unreachable"}


def test_a_list_without_test_points_that_lists_is_listed(fresh):
    found = fresh.check_json(*only(POINTLESS[:1]), "192.0.2.10", odd=True, status=1)[0]
    assert rows_of(found) == {POINTLESS[0]: ("listed", None)}
    found = fresh.check_json(*only(POINTLESS[:1]), "192.0.2.10", odd=True, resolver="filter-unbound", status=1)[0]
    assert rows_of(found) == {POINTLESS[0]: ("listed", None)}


def test_whole_text_of_a_list_that_is_asked_directly(fresh):
    """rbldnsd drops what does not fit 512 octets, without a word."""
    texts = [f"report {number}: " + "x" * 170 for number in range(6)]
    for number, text in enumerate(texts):
        fresh.list("192.0.2.99", "plain3.bl.example", f"127.0.0.{2 + number}", text, flush=False)
    found = fresh.check_json("-r", "direct", *only(["plain3.bl.example"]), "192.0.2.99", odd=True, status=1)[0]
    assert sorted(found["lists"][0]["txt"]) == sorted(texts)


KINDS = {"": 8, "like ents": 3, "like bare": 2, "like textless": 2, "empty": 3, "world": 1}
RESOLVERS = [*sorted(FILTERS.keys() - PATIENCE), "filter-aged", "filter-strict", "filter-strict", "resolver",
             "resolver", "nothing", "everything"]


@pytest.mark.parametrize("seed", range(3))
def test_no_wrong_word_in_random_worlds(fresh, seed):
    """A list that is well is never called broken, nor clear where it lists, whatever stands between."""
    dice = random.Random(seed)
    for _ in range(3):
        resolver, zones = dice.choice(RESOLVERS), dice.sample(PLAIN + POINTLESS, dice.choice([1, 3, 8]))
        kinds = {zone: dice.choices([*KINDS], [*KINDS.values()])[0] if zone in PLAIN else "" for zone in zones}
        behave(fresh, {zone: kinds.get(zone) for zone in PLAIN})
        cut, mode = dice.random() < 0.3, dice.choice(["auto", "system"])
        with Direct(fresh) if cut else open("/dev/null"):
            found = fresh.check_json("-r", mode, "-t", "1" if cut else "6", *only(zones), "192.0.2.10", odd=True,
                                     resolver=resolver)[0]
        world = (seed, resolver, mode, cut, kinds, rows_of(found))
        for zone, (status, _) in rows_of(found).items():
            well = kinds[zone] == "" or kinds[zone].startswith("like")
            truth = "listed" if zone in LISTED else "clear"
            if well and mode == "auto" and not cut:
                assert status == truth, world
            elif well:
                assert status in ("unreachable", truth), world
            else:
                assert status in ("unreachable", "broken"), world
        if resolver == "resolver" and not cut:
            assert "resolver_fault" not in found, world
