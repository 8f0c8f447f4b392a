"""The `lab` fixture: one miniature internet a session, and offlist run inside it."""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAB = ROOT / "lab" / "lab"
sys.path.insert(0, str(ROOT / "lab"))       # tests may use packet.py, hosts.py, catalogue.py
import hosts  # noqa: E402

NOT_PERMITTED = 77
HANGS_S = 240       # a command that takes so long will never end, on however busy a machine


def until(condition):
    """Wait for what must come, however long a busy machine takes. @return whether it came"""
    end = time.monotonic() + HANGS_S
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def wait_for_lanes(run, zones, events=1):
    """Until a run with --debug has told so many states of each of these lists: it asks them then. Not until a list has
    counted a query: a resolver may still be trying for a run that is over."""
    told = collections.Counter()
    while any(told[zone] < events for zone in zones):
        line = run.stderr.readline()
        assert line, "it ended before"
        found = re.search(r" event=lane zone=(\S+) ", line)
        told[found and found[1]] += 1


class Lab:
    """A running lab. Every method raises or fails the test on a usage mistake, never on offlist's own exit status."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.runs = 0

    def lab(self, *arguments, check=True, **more):
        """Run lab/lab. @return CompletedProcess (text)"""
        more = {"stdin": subprocess.DEVNULL, "timeout": HANGS_S, **more}
        if "input" in more:
            del more["stdin"]
        run = subprocess.run([str(LAB), "--name", self.name, *map(str, arguments)], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        if check:
            assert run.returncode == 0, f"lab {' '.join(map(str, arguments))}: {run.stderr or run.stdout}"
        return run

    @property
    def state(self):
        run = os.environ.get("XDG_RUNTIME_DIR") or f"/tmp/offlist-lab-{os.geteuid()}"
        return pathlib.Path("/run" if os.geteuid() == 0 else run) / "offlist-lab" / self.name

    def exec(self, host, *argv, resolver=None, **more):
        """Run a command in a host, with the host's own resolver or another. @return CompletedProcess"""
        chosen = ["--resolver", resolver] if resolver else []
        return self.lab("exec", *chosen, host, *argv, check=False, **more)

    def dig(self, *arguments, host="victim", resolver=None):
        """@return the lines of `dig +short`, sorted"""
        run = self.exec(host, "dig", "+short", "+tries=1", "+time=60", *arguments, resolver=resolver)
        return sorted(line for line in run.stdout.splitlines() if line)

    def list(self, target, zone, code="127.0.0.2", *text, flush=True):
        self.lab("list", *([] if flush else ["--no-flush"]), target, zone, code, *text)

    def unlist(self, target, zone, flush=True):
        self.lab("unlist", *([] if flush else ["--no-flush"]), target, zone)

    def behave(self, zone, behaviour, *argument):
        self.lab("behave", zone, behaviour, *argument)

    def stop(self, server):
        """End a server: unbound-resolver, front, rbldnsd, nsd, ... (its port is closed then)"""
        self.lab("stop", server)

    def start(self, server):
        self.lab("start", server)

    def link(self, host, up):
        """Pull the host's cable, or put it in again."""
        if up:      # addresses and routes went with the link
            run = self.exec(host, "ip", "-batch", "-", input=hosts.setup_batch(host))
        else:
            run = self.exec(host, "ip", "link", "set", "eth0", "down")
        assert run.returncode == 0, run.stderr

    def path_loss(self, host, percent):
        """Lose so many of 100 packets that a host receives (a drop on the way out would be an error of sendto)."""
        self.exec(host, "nft", "delete", "table", "inet", "loss")
        if percent:
            some = "" if percent >= 100 else f"numgen random mod 100 < {percent}"
            rules = f"chain input {{ type filter hook input priority 0; iif != lo {some} drop; }}"
            run = self.exec(host, "nft", "-f", "-", input=f"table inet loss {{\n{rules}\n}}\n")
            assert run.returncode == 0, run.stderr

    def counts(self):
        """@return {zone: queries that reached it since up or reset}"""
        return json.loads(self.lab("counts").stdout)

    def reset(self):
        self.lab("reset")

    def config(self, folder, odd=False, keys=False, **settings):
        """Write an offlist.yaml that knows the lab. @param odd take lab/lists.d in

        @param keys give it the lab's keys for keyed lists; @param settings more of the file
        """
        tree = {"dns": {"root_hints": str(self.state / "root.hints"), "trust_anchor": "none"}}
        for key, value in settings.items():
            tree[key] = {**tree.get(key, {}), **value} if isinstance(value, dict) else value
        if odd:
            tree["lists_dir"] = str(ROOT / "lab" / "lists.d")
        if keys:
            tree["key_file"] = str(self.state / "keys.yaml")
        path = pathlib.Path(folder) / "offlist.yaml"
        path.write_text(json.dumps(tree, indent=1) + "\n")    # JSON is YAML
        return path

    @staticmethod
    def program():
        """@return the path of build/offlist (or $OFFLIST)"""
        program = pathlib.Path(os.environ.get("OFFLIST", "build/offlist"))
        program = program if program.is_absolute() else ROOT / program
        if not program.exists():
            pytest.skip(f"{program} is not built")
        return str(program)

    def offlist(self, *arguments, host="victim", resolver=None, state=None, odd=False, keys=False, settings=None,
                **more):
        """Run build/offlist (or $OFFLIST) in a host, by default on a state of its own. @return CompletedProcess"""
        program = self.program()
        self.runs += 1
        folder = self.folder / f"run{self.runs}"
        folder.mkdir()
        config = self.config(folder, odd=odd, keys=keys, **(settings or {}))
        return self.exec(host, program, "--config", str(config), "--state", str(state or folder / "state"),
                         *map(str, arguments), resolver=resolver, **more)

    def check_json(self, *arguments, status=None, **more):
        """`offlist check --json`. @return the objects it prints; @param status the exit status that is expected"""
        run = self.offlist("check", "--json", *arguments, **more)
        if status is not None:
            assert run.returncode == status, f"exit {run.returncode}\n{run.stderr}\n{run.stdout[-2000:]}"
        return [json.loads(line) for line in run.stdout.splitlines()]

    def check_zone(self, zone, target, **more):
        """@return the row of one list in the check of one target"""
        rows = [row for found in self.check_json(target, **more) for row in found.get("lists", ())
                if row["zone"] == zone]
        assert rows, f"{zone} is not among the lists asked"
        return rows[0]


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """One lab for the session, with a watchdog should pytest itself be killed."""
    one = Lab(f"t{os.getpid()}", tmp_path_factory.mktemp("lab"))
    run = one.lab("up", "--ttl", "14400", check=False)
    if run.returncode == NOT_PERMITTED:
        pytest.skip(run.stderr.strip())
    assert run.returncode == 0, run.stderr
    yield one
    one.lab("down")


@pytest.fixture
def fresh(lab):
    """The lab, with behaviours and listings put back as they were at the start, before and after the test."""
    lab.reset()
    yield lab
    lab.reset()
