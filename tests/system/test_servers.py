"""Logs of servers that are read by their shape alone: totals, the stolen login, what one message went through."""
import json
import os
import pathlib
import subprocess

import pytest

import servers
from conftest import HANGS_S

BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()


@pytest.fixture
def offlist(tmp_path):
    """Run the program with a state of its own. @return what it printed"""
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")

    def run(*arguments, status):
        argv = [str(BINARY), "--state", str(tmp_path / "state"), *map(str, arguments)]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=HANGS_S, text=True,
                              env={**os.environ, "LC_ALL": "C"}, cwd=tmp_path)
        assert done.returncode == status, (argv, done.returncode, done.stderr[-2000:], done.stdout[-2000:])
        return done.stdout

    return run


@pytest.mark.parametrize("server", sorted(servers.WRITERS))
def test_stolen_login(offlist, tmp_path, server):
    """A burst of 200 messages from one login in new networks, the last 60 of them refused."""
    story = servers.Story()
    log = tmp_path / f"{server}.log"
    log.write_text(servers.WRITERS[server](story))
    said = json.loads(offlist("diagnose", "--json", "--log", log, status=1))
    count = sum(1 for _ in story.messages())
    assert said["mail"] == {**said["mail"], "messages": count, "recipients": count, "delivered": count - story.refused,
                            "rejected": story.refused, "deferred": 0}
    assert [(c["kind"], c["subject"]) for c in said["causes"]] == [("compromised_account", servers.LOGIN)]
    assert said["causes"][0]["messages"] == story.burst and said["causes"][0]["rejected"] == story.refused
    assert said["coverage"]["unparsed_share"] == 0
    if not server.startswith("haraka"):  # it names the client in a line of the connection alone
        assert any(servers.ATTACKERS[0] in e["line"] for e in said["causes"][0]["evidence"])


@pytest.mark.parametrize("server", sorted(servers.WRITERS))
def test_stats_and_trace(offlist, tmp_path, server):
    """`log stats` and `log trace` tell the same of the same log."""
    story = servers.Story(burst=5, refused=1)
    log = tmp_path / f"{server}.log"
    log.write_text(servers.WRITERS[server](story))
    totals = json.loads(offlist("log", "stats", "--json", "--log", log, status=0))
    count = sum(1 for _ in story.messages())
    assert (totals["totals"]["received"], totals["totals"]["delivered"], totals["totals"]["bounced"]) == (
        count, count - 1, 1)
    told = offlist("log", "trace", "--log", log, "victim4@example.net", status=0)
    assert servers.ATTACKERS[1] in told and servers.LOGIN in told and "5.1.1" in told and "victim1" not in told
