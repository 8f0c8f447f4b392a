"""Totals of `offlist log stats` beside those of pflogsumm and eximstats, on logs that the simulator makes.

Both peers are taken from Debian's packages, unpacked in the lab's cache. What they cannot read is kept out of these
logs: eximstats of Debian 12 knows no ids of 23 characters; pflogsumm never forgets the deferral of a queue id that is
used again, and takes what comes back from a filter for another message.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests" / "simulator")]
import logpeers  # noqa: E402
import scenario  # noqa: E402

SEEDS = [1, 2, 3, 5, 8, 13]


@pytest.fixture(scope="module")
def peers():
    try:
        return logpeers.ensure()
    except OSError as fault:
        pytest.skip(f"no pflogsumm and eximstats: {fault}")


@pytest.fixture(scope="module")
def program():
    path = ROOT / os.environ.get("OFFLIST", "build/offlist")
    if not path.exists():
        pytest.skip(f"{path} is not built")
    return path


def log_of(folder, mta, seed, **options):
    plan = scenario.Plan(seed, mta=mta, scale=0.3)
    plan.head, plan.head_more, plan.shape, plan.tz = {"postfix": "rfc3164", "exim": "exim"}[mta], {}, "one", "UTC"
    plan.options.update(options)
    truth = scenario.write(plan, str(folder))
    return str(folder / truth["logs"][0])


def ours(program, folder, log):
    run = subprocess.run([program, "--state", folder / "state", "log", "stats", "--json", "--tz", "UTC", "--log", log],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)["totals"]


def theirs(peers, command):
    run = subprocess.run(command, env=logpeers.environment(peers), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.returncode == 0, run.stderr
    return run.stdout.decode("utf-8", "replace")


def same(mine, other):
    """Equal, or as near as the other's rounding goes."""
    value, rounding = other
    return mine == value if rounding == 0 else abs(mine - value) <= rounding


def with_trial_rules(log):
    """What warn_if_reject makes of refusals: each is followed by one that was only a warning."""
    path = pathlib.Path(log)
    lines = path.read_text().splitlines(keepends=True)
    marks = ("NOQUEUE: reject: ", "NOQUEUE: reject_warning: ")
    path.write_text("".join(line + line.replace(*marks) if marks[0] in line else line for line in lines))


@pytest.mark.parametrize("seed", SEEDS)
def test_postfix_totals_are_those_of_pflogsumm(peers, program, tmp_path, seed):
    log = log_of(tmp_path, "postfix", seed, long_ids=True, amavis=False, instances=False, tls_field=False)
    with_trial_rules(log)
    mine = ours(program, tmp_path, log)
    text = theirs(peers, logpeers.pflogsumm(peers, "--detail", "0", log))
    other = logpeers.pflogsumm_totals(text)
    assert other["received"][0] > 20
    pairs = {"received": "received", "delivered": "delivered", "bounced": "bounced", "rejected": "rejected",
             "reject_warnings": "reject warnings", "held": "held", "discarded": "discarded",
             "octets_received": "bytes received", "octets_delivered": "bytes delivered"}
    wrong = {key: (mine[key], other[name]) for key, name in pairs.items() if not same(mine[key], other[name])}
    assert wrong == {}
    # pflogsumm counts messages that were deferred, we count their recipients
    waited = set(re.findall(rb": (\w+): to=<([^>]*)>.*status=deferred", pathlib.Path(log).read_bytes()))
    assert mine["deferred"] == len(waited)
    assert len({queue_id for queue_id, _ in waited}) == other["deferred"][0]
    deferrals = re.search(r"\(([\d.]+[km]?)\s+deferrals\)", text)
    assert same(mine["deferrals"], logpeers.number(deferrals[1]) if deferrals else (0, 0))


@pytest.mark.parametrize("seed", SEEDS)
def test_exim_totals_are_those_of_eximstats(peers, program, tmp_path, seed):
    log = log_of(tmp_path, "exim", seed, long_ids=False, subject=False)
    mine = ours(program, tmp_path, log)
    totals = logpeers.eximstats_totals(theirs(peers, logpeers.eximstats(peers, "-ne", "-nr", "-nt", "-nvr", log)))
    received, delivered = totals["Received"], totals["Delivered"]
    assert int(received[2]) > 20
    # to eximstats a bounce that is made here is received too
    assert mine["received"] + mine["notices"] == int(received[2])
    assert mine["delivered"] == int(delivered[3])
    assert mine["octets_delivered"] == int(delivered[1])
    assert 0 <= int(received[1]) - mine["octets_received"]      # theirs has the bounces' octets in it
    rejects = int(totals["Rejects"][1]) if "Rejects" in totals else 0
    later = int(totals["Temp"][2]) if "Temp" in totals else 0
    assert mine["rejected"] == rejects + later
