"""The scenario driver (tests/driver): real servers write the logs, the driver knows what is true of them."""
import json
import os
import subprocess

import pytest

HERE = os.path.dirname(os.path.realpath(__file__))
DRIVER = os.path.join(HERE, "..", "driver")


def make(out, *words):
    run = subprocess.run([os.path.join(DRIVER, "make"), "--small", "--quiet", *words, str(out)], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, check=False)
    if run.returncode == 77:
        pytest.skip(run.stdout.strip())
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("mta", ["postfix", "exim", "opensmtpd", "sendmail"])
def test_a_real_server_s_log_and_its_truth(tmp_path, mta):
    make(tmp_path, "--mta", mta, "--kind", "company", "--story", "account", "9")
    with open(tmp_path / "9" / "truth.json") as file:
        truth = json.load(file)
    assert [cause["kind"] for cause in truth["causes"]] == ["compromised_account"]
    assert truth["causes"][0]["messages"] > 20 and truth["from"] < truth["causes"][0]["first_at"] < truth["to"]
    score = subprocess.run([os.path.join(DRIVER, "score"), "--program", os.environ["OFFLIST"], "--logs", str(tmp_path),
                            "--seeds", "9", "--no-make", "--floor-first", "100"], stdout=subprocess.PIPE, text=True,
                           check=False)
    assert score.returncode == 0, score.stdout
    truth["causes"][0]["kind"] = "script"       # the judge can also say no
    with open(tmp_path / "9" / "truth.json", "w") as file:
        json.dump(truth, file)
    score = subprocess.run([*score.args], stdout=subprocess.PIPE, text=True, check=False)
    assert score.returncode == 1 and "below the floor" in score.stdout


def test_the_same_seed_is_the_same_scenario():
    code = ("import sys; sys.path.insert(0, sys.argv[1]); import scenario; s = scenario.scenario(77); "
            "print(s.story, len(s.actions), sum(a.at for a in s.actions), sorted(s.fates.items())[:50])")
    runs = [subprocess.run(["/usr/bin/python3", "-B", "-c", code, DRIVER], stdout=subprocess.PIPE, text=True,
                           check=True,
                           env={**os.environ, "PYTHONHASHSEED": str(salt)}).stdout for salt in (1, 2)]
    assert runs[0] == runs[1] and runs[0]
