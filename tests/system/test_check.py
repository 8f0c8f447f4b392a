"""offlist check in the lab: every verdict rule, every behaviour of a list, every way of asking."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import time

import pytest

from conftest import HANGS_S, LAB, wait_for_lanes

BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
# behaviour of a list -> what check must say of it when the list itself can be asked (auto, direct)
STATUSES = {
    "good": "listed", "slow": "listed", "spoofer": "listed", "truncate": "listed", "duplicate": "listed",
    "policy": "clear", "white": "clear",
    "refused": "refused", "volume": "refused", "typo": "refused",
    "dead": "unreachable", "servfail": "unreachable", "formerr": "unreachable", "lame": "unreachable",
    "garbage": "unreachable",
    "world": "broken", "parked": "broken", "empty": "broken", "nodata": "broken", "localhost": "broken",
}
# what a resolver in between makes of lists that answer nonsense: it says SERVFAIL, which is unreachable as well
THROUGH_RESOLVER = {**STATUSES, "refused": "unreachable", "spoofer": "unreachable"}


def statuses(found):
    return {row["zone"].partition(".")[0]: row["status"] for row in found["lists"]
            if row["zone"].endswith(".bl.example")}


def only(prefixes):
    return [word for prefix in prefixes for word in ("--list", f"{prefix}.bl.example")]


@pytest.mark.parametrize("mode", ["auto", "direct", "system", "192.0.2.53"])
def test_every_behaviour_is_told_apart(fresh, mode):
    # a resolver asks a new zone many times before it answers
    fresh.behave("slow.bl.example", "slow", "500" if mode in ("auto", "direct") else "100")
    found = fresh.check_json("--resolver", mode, *only(STATUSES), "192.0.2.10", odd=True, status=1)[0]
    expected = STATUSES if mode in ("auto", "direct") else THROUGH_RESOLVER
    assert statuses(found) == expected
    assert found["verdict"] == "listed" and found["schema"] == "offlist.check/1" and found["kind"] == "ip4"
    counted = {name: 0 for name in found["summary"]}
    for row in found["lists"]:
        counted[row["status"]] += 1
    assert found["summary"] == counted


@pytest.mark.parametrize("resolver", ["public", "lying", "servfail", "silent"])
def test_auto_asks_the_lists_where_the_resolver_is_at_fault(fresh, resolver):
    zones = ["good", "policy", "white", "world", "parked", "empty"]
    found = fresh.check_json(*only(zones), "192.0.2.10", odd=True, resolver=resolver, status=1)[0]
    assert statuses(found) == {zone: STATUSES[zone] for zone in zones}
    good = next(row for row in found["lists"] if row["zone"] == "good.bl.example")
    assert good["asked"] == "direct"
    assert {reason["code"] for reason in good["reasons"]} == {"127.0.0.2", "127.0.0.4"}


def test_public_resolver_is_a_refusal_with_the_way_out(fresh):
    found = fresh.check_json("--resolver", "system", "--list", "zen.spamhaus.org", "192.0.2.10", resolver="public",
                             status=2)[0]
    row = found["lists"][0]
    assert (row["status"], row["why"]) == ("refused", "public_resolver")
    assert row["lookup_url"] and found["verdict"] == "unknown"


def test_a_lying_resolver_never_makes_a_listing(fresh):
    run = fresh.offlist("check", "--resolver", "system", "198.51.100.10", odd=True, resolver="lying")
    assert run.returncode == 2 and "resolver" in run.stderr + run.stdout
    found = fresh.check_json("--resolver", "system", "198.51.100.10", odd=True, resolver="lying", status=2)[0]
    assert found["summary"]["listed"] == 0 and found["summary"]["clear"] == 0


def test_each_sub_list_has_its_way_out(fresh):
    """the one that holds the others first; the page is named once"""
    fresh.unlist("192.0.2.10", "zen.spamhaus.org", flush=False)
    for code in ("127.0.0.10", "127.0.0.4", "127.0.0.2"):
        fresh.list("192.0.2.10", "zen.spamhaus.org", code)
    text = fresh.offlist("check", "--list", "zen.spamhaus.org", "192.0.2.10").stdout
    text = " ".join(text.partition("  Removal\n")[2].split())
    first, second, third = (text.find(part) for part in (
        "ask with a ticket at https://", "then its XBL listing: remove it at the same page (anyone may ask)",
        "then its PBL ISP listing: remove it at the same page"))
    assert 0 < first < second < third, text
    assert text.count("https://") == 1


def test_the_contract_of_a_listing(fresh):
    found = fresh.check_json("192.0.2.10", status=1)[0]
    zen = next(row for row in found["lists"] if row["zone"] == "zen.spamhaus.org")
    assert zen["class"] == "block" and zen["status"] == "listed" and zen["impact"] == "high"
    assert zen["answers"] == ["127.0.0.4"]
    reason = zen["reasons"][0]
    assert reason["list"] == "XBL" and reason["class"] == "block" and reason["impact"] == "high"
    assert reason["scope"] == {"kind": "address", "value": "192.0.2.10", "neighbour": False}
    assert "infected_client" in reason["suggests"]
    assert "192.0.2.10" in zen["evidence_url"] and zen["removal"]["method"] == "self_service"
    assert any("192.0.2.10" in text for text in zen["txt"])
    assert isinstance(zen["latency_ms"], float) and zen["latency_ms"] > 0
    assert {row["zone"] for row in found["lists"] if row["status"] == "listed"} == {
        "zen.spamhaus.org", "bl.spamcop.net", "b.barracudacentral.org"}


def test_ipv6_policy_and_neighbour(fresh):
    six = fresh.check_json("2001:db8:a::10", status=1)[0]
    zen = next(row for row in six["lists"] if row["zone"] == "zen.spamhaus.org")
    assert six["kind"] == "ip6" and zen["status"] == "listed"
    assert zen["reasons"][0]["scope"] == {"kind": "prefix", "value": "2001:db8:a::/64", "neighbour": True}
    policy = fresh.check_json("198.51.100.200", status=1)[0]
    zen = next(row for row in policy["lists"] if row["zone"] == "zen.spamhaus.org")
    assert zen["status"] == "listed" and zen["reasons"][0]["class"] == "policy"
    neighbour = fresh.check_json("198.51.100.7", status=0)[0]
    row = next(row for row in neighbour["lists"] if row["zone"] == "dnsbl-3.uceprotect.net")
    assert row["status"] == "listed" and row["reasons"][0]["scope"]["neighbour"] is True
    assert neighbour["verdict"] == "clear"
    assert fresh.check_json("--min-impact", "low", "198.51.100.7", status=1)[0]["verdict"] == "listed"


def test_a_white_list_answer_is_no_listing(fresh):
    row = fresh.check_zone("list.dnswl.org", "198.51.100.25")
    assert row["status"] == "clear" and row["reasons"][0]["class"] == "white"


def test_domain_lists_get_names_and_ip_lists_addresses(fresh):
    before = fresh.counts()
    found = fresh.check_json("spammer.example", status=1)
    named = next(one for one in found if one["target"] == "spammer.example")
    assert named["kind"] == "domain" and named["via"] is None
    assert {row["zone"] for row in named["lists"] if row["status"] == "listed"} == {
        "dbl.spamhaus.org", "multi.surbl.org", "multi.uribl.com"}
    assert not any(row["zone"] == "zen.spamhaus.org" for row in named["lists"])
    for one in found:
        if one["kind"] in ("ip4", "ip6"):
            assert one["via"] == "spammer.example"
    after = fresh.counts()
    assert after.get("dbl.spamhaus.org", 0) > before.get("dbl.spamhaus.org", 0)


@pytest.mark.parametrize("given, kind", [("someone@spammer.example", "email"), ("http://spammer.example/x?y", "url")])
def test_mail_addresses_and_urls(fresh, given, kind):
    found = fresh.check_json(given, status=1)
    assert any(one["kind"] == kind for one in found)
    assert any(row["zone"] == "dbl.spamhaus.org" and row["status"] == "listed" for one in found for row in one["lists"])


@pytest.mark.parametrize("target", ["10.1.2.3", "127.0.0.1", "100.64.0.1", "169.254.1.1", "fe80::1", "fd00::1"])
def test_addresses_that_are_never_asked(fresh, target):
    found = fresh.check_json(target, status=2)[0]
    assert found["verdict"] == "unknown" and found["lists"] == []
    assert "zen.spamhaus.org" not in fresh.counts()


def test_a_listing_that_is_gone_but_cached_is_not_a_listing(fresh):
    fresh.list("192.0.2.77", "good.bl.example")
    fresh.dig("77.2.0.192.good.bl.example", "A")
    fresh.unlist("192.0.2.77", "good.bl.example", flush=False)
    if fresh.dig("77.2.0.192.good.bl.example", "A") != ["127.0.0.2"]:
        pytest.skip("the resolver did not keep the answer")
    row = fresh.check_zone("good.bl.example", "192.0.2.77", odd=True)
    assert row["status"] == "clear" and row["removed_until"]
    row = fresh.check_zone("good.bl.example", "192.0.2.77", odd=True, settings={"dns": {"resolver": "system"}})
    assert row["status"] == "listed"


def test_thirty_percent_loss_changes_no_verdict(fresh):
    for zone in ("good.bl.example", "zen.spamhaus.org", "bl.spamcop.net", "b.barracudacentral.org"):
        fresh.behave(zone, "loss", "30")
    for _ in range(3):
        found = fresh.check_json("--resolver", "direct", "--list", "good.bl.example", "--list", "zen.spamhaus.org",
                                 "--list", "bl.spamcop.net", "--list", "b.barracudacentral.org", "192.0.2.10",
                                 odd=True, status=1)[0]
        assert {row["status"] for row in found["lists"]} == {"listed"}


def test_total_loss_is_unknown_within_its_budget(fresh):
    fresh.behave("*", "dead")
    begun = time.monotonic()
    found = fresh.check_json("--resolver", "direct", "192.0.2.10", odd=True, status=2)[0]
    assert found["verdict"] == "unknown" and found["summary"]["clear"] == found["summary"]["listed"] == 0
    assert time.monotonic() - begun < HANGS_S / 10       # 2 s of budget; one for each list would be minutes


def test_no_network_and_no_resolver(fresh, tmp_path):
    run = subprocess.run(["unshare", "-n", str(BINARY), "--state", str(tmp_path / "s"), "check", "--json",
                          "--resolver", "192.0.2.53", "192.0.2.10"], capture_output=True, text=True, timeout=HANGS_S)
    assert run.returncode == 2
    found = json.loads(run.stdout.splitlines()[0])
    assert found["verdict"] == "unknown" and found["summary"]["clear"] == 0


def test_exit_statuses_join(fresh):
    assert fresh.offlist("check", "198.51.100.10").returncode == 0
    assert fresh.offlist("check", "198.51.100.10", "192.0.2.10").returncode == 1
    assert fresh.offlist("check", "198.51.100.10", "10.0.0.1").returncode == 2
    assert fresh.offlist("check", "10.0.0.1", "192.0.2.10").returncode == 1


@pytest.mark.parametrize("bad", [["192.0.2.300"], ["192.0.2.1/24"], ["not a name"], ["--bogus"],
                                 ["--resolver", "nonsense", "192.0.2.1"], ["--list", "no.such.zone", "192.0.2.1"],
                                 ["-f", "/no/such/file"],
                                 ["--format", "xml", "192.0.2.1"], ["--timeout", "-3", "192.0.2.1"]])
def test_bad_input_is_one_clear_line(fresh, bad):
    run = fresh.offlist("check", *bad)
    assert run.returncode in (64, 74) and run.stdout == ""
    assert len(run.stderr.strip().splitlines()) <= 2 and run.stderr.startswith("offlist: ")


def test_keys_are_never_shown(fresh, tmp_path):
    keys = tmp_path / "keys.yaml"
    keys.write_text("spamhaus_dqs: labkey0123456789\n")
    keys.chmod(0o600)
    fresh.list("192.0.2.10", "{key}.zen.dq.spamhaus.net", "127.0.0.4")
    run = fresh.offlist("check", "--json", "-v", "192.0.2.10", settings={"key_file": str(keys)})
    assert run.returncode == 1 and "labkey" not in (run.stdout + run.stderr).lower()
    found = json.loads(run.stdout.splitlines()[0])
    keyed = next(row for row in found["lists"] if row["zone"] == "{key}.zen.dq.spamhaus.net")
    assert keyed["status"] == "listed"
    zen = next(row for row in found["lists"] if row["zone"] == "zen.spamhaus.org")
    assert (zen["status"], zen["why"]) == ("not_asked", "part_of")


def test_a_fleet_prints_listed_ones_and_totals(fresh):
    objects = fresh.check_json("--list", "psbl.surriel.com", "--list", "good.bl.example", "198.51.100.0/26",
                               "198.51.100.64/30", odd=True, status=1)
    summary = objects[-1]
    assert summary["schema"] == "offlist.check.summary/1" and summary["targets"] == 68
    listed = {one["target"] for one in objects[:-1] if one["verdict"] == "listed"}
    assert listed == {"198.51.100.66"} and summary["listed"] == 1


def test_an_interrupted_fleet_ends_cleanly(fresh):
    fresh.behave("psbl.surriel.com", "slow", "400")
    folder = fresh.folder / "interrupted"
    folder.mkdir()
    config = fresh.config(folder)
    process = subprocess.Popen([str(LAB), "--name", fresh.name, "exec", "victim", str(BINARY), "--config", str(config),
                                "--state", str(folder / "state"), "check", "--debug", "--json", "198.51.100.0/24"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for_lanes(process, ["psbl.surriel.com"])
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=HANGS_S)
    assert process.returncode in (1, 2), err
    objects = [json.loads(line) for line in out.splitlines()]
    assert objects[-1]["schema"] == "offlist.check.summary/1" and objects[-1]["interrupted"] is True


def test_budgets_are_kept_between_runs(fresh, tmp_path):
    state = tmp_path / "state"
    before = fresh.counts().get("psbl.surriel.com", 0)
    for _ in range(3):
        fresh.check_json("--list", "psbl.surriel.com", "198.51.100.9", state=state, status=0)
    assert fresh.counts().get("psbl.surriel.com", 0) - before <= 3 * 8


def test_nagios_csv_and_prometheus(fresh):
    run = fresh.offlist("check", "--format", "nagios", "192.0.2.10")
    assert run.returncode == 2 and run.stdout.startswith("OFFLIST CRITICAL")
    assert fresh.offlist("check", "--format", "nagios", "203.0.113.10").returncode == 0
    assert fresh.offlist("check", "--format", "nagios", "198.51.100.7").returncode == 1
    assert fresh.offlist("check", "--format", "nagios", "10.0.0.1").returncode == 3
    assert fresh.offlist("check", "--format", "nagios", "bad..name").returncode == 3
    run = fresh.offlist("check", "--format", "csv", "192.0.2.10")
    assert run.stdout.startswith("target,kind,via,verdict,zone") and "zen.spamhaus.org" in run.stdout
    run = fresh.offlist("check", "--format", "prometheus", "192.0.2.10")
    assert "# HELP offlist_" in run.stdout and 'zone="zen.spamhaus.org"' in run.stdout


def test_nagios_counts_that_the_administrator_sets(fresh):
    def state(*words):
        return fresh.offlist("check", "--format", "nagios", "--list", "good.bl.example", *words, "192.0.2.10",
                             odd=True)
    assert state("--warning", "1", "--critical", "2").returncode == 1
    assert state("--warning", "2").returncode == 0
    assert state("--critical", "1").returncode == 2
    assert state("--critical", "0").returncode == 3 and "not a number of listings" in state("--critical", "0").stderr
    run = fresh.offlist("check", "--warning", "1", "192.0.2.10")
    assert run.returncode == 64 and "--format nagios" in run.stderr


def test_changes_since_the_last_check(fresh, tmp_path):
    def check():
        return fresh.offlist("check", "--list", "bl.spamcop.net", "198.51.100.77", state=tmp_path / "state").stdout
    assert "since the check of" not in check()
    assert "since the check of" not in check()
    fresh.list("198.51.100.77", "bl.spamcop.net", "127.0.0.2")
    assert "SpamCop: listed since the check of 20" in check()
    assert "since the check of" not in check()
    fresh.unlist("198.51.100.77", "bl.spamcop.net")
    assert "SpamCop: removed since the check of 20" in check()


def test_a_check_of_one_list_takes_no_whole_check_s_place(fresh, tmp_path):
    def check(*options):
        return fresh.offlist("check", *options, "198.51.100.78", state=tmp_path / "state").stdout
    two = ("--list", "bl.spamcop.net", "--list", "zen.spamhaus.org")
    check()
    assert "since the check of" not in check("--list", "zen.spamhaus.org")
    fresh.list("198.51.100.78", "bl.spamcop.net", "127.0.0.2")
    assert "since the check of" not in check("--list", "zen.spamhaus.org")
    assert "SpamCop: listed since the check of 20" in check(*two)
    assert "since the check of" not in check(*two)
    assert "SpamCop: listed since the check of 20" in check()
    fresh.unlist("198.51.100.78", "bl.spamcop.net")


@pytest.mark.parametrize("mode", ["auto", "direct", "192.0.2.53"])
def test_reverse_names_are_told(fresh, mode):
    def reverse(address):
        return fresh.check_json("--resolver", mode, "--list", "bl.spamcop.net", address, status=None)[0]["reverse"]
    assert reverse("198.51.100.25") == {"state": "confirmed", "name": "mail.example.com", "helo": None,
                                        "helo_state": None}
    assert reverse("203.0.113.194") == {"state": "mismatch", "name": "mail-protection.outlook.com", "helo": None,
                                        "helo_state": None}
    assert reverse("203.0.113.240")["state"] == "none"


def test_state_that_cannot_be_written_costs_only_a_line(fresh, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder\n")
    run = fresh.offlist("check", "192.0.2.10", state=blocked / "state")
    assert run.returncode == 1 and "query limits" in run.stderr


def test_a_state_that_another_process_holds_is_not_waited_for_long(fresh, tmp_path):
    """its buckets are read where that can be, else the run has its own and says so"""
    assert fresh.offlist("check", "192.0.2.10", state=tmp_path / "state").returncode == 1
    file, = (tmp_path / "state").glob("*.db")
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        run = fresh.offlist("check", "192.0.2.10", state=tmp_path / "state")
        other.execute("ROLLBACK")
    assert run.returncode == 1 and "192.0.2.10: LISTED" in run.stdout
    assert "counts its queries by itself" in run.stderr


def test_two_runs_at_once_on_one_state(fresh, tmp_path):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: fresh.offlist("check", "192.0.2.10", state=tmp_path / "state"), range(2)))
    assert [run.returncode for run in runs] == [1, 1]


def test_this_server(fresh):
    objects = fresh.check_json(status=1)
    assert {"192.0.2.10"} <= {one["target"] for one in objects}
    own = next(one for one in objects if one["target"] == "192.0.2.10")
    assert own["verdict"] == "listed"
    assert (own["reverse"]["state"], own["reverse"]["name"]) == ("confirmed", "mail.victim.example")


@pytest.mark.parametrize("seconds", ["0.15", "2"])
def test_a_listing_stands_where_its_list_does_not_confirm_it(fresh, seconds):
    """The resolver tells of a listing, the list's own server cannot be reached from here: unheard is not removed."""
    fresh.dig("10.2.0.192.good.bl.example", "A")        # the resolver knows the way to the list
    rules = ("table inet mute {\nchain input {\ntype filter hook input priority 0;\n"
             "udp sport 53 ip saddr != 192.0.2.1 ip saddr != 192.0.2.53 drop;\n}\n}\n")
    run = fresh.exec("victim", "nft", "-f", "-", input=rules)
    assert run.returncode == 0, run.stderr
    seconds = float(seconds)
    try:
        while True:
            row = fresh.check_json("--timeout", str(seconds), "--list", "good.bl.example", "192.0.2.10",
                                   odd=True)[0]["lists"][0]
            if row["status"] != "unreachable" or seconds > HANGS_S / 4:
                break
            seconds *= 2        # this machine is so busy that the resolver's own answer came too late
    finally:
        fresh.exec("victim", "nft", "delete", "table", "inet", "mute")
    assert (row["status"], row["asked"]) == ("listed", "system")
