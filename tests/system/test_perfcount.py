# SPDX-License-Identifier: BSD-2-Clause
"""The benchmarks' counters, with a perf(1) of the test's own."""
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench")]
import perfcount  # noqa: E402

NONE = {"instructions_a_line": None, "cache_misses_a_line": None}


def with_perf(folder, *told, fault=""):
    """An environment whose perf runs the command behind "--" and writes these rows."""
    rows = "".join(f"{row}\n" for row in told)
    perf = folder / "perf"
    perf.write_text(f"""#!/bin/sh
while [ "$1" != -- ]; do
    [ "$1" = -o ] && out=$2
    shift
done
shift
[ -z '{fault}' ] || {{ echo '{fault}' >&2; exit 255; }}
"$@" || exit
printf '%s' '{rows}' >"$out"
""")
    perf.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


def test_counts_are_given_a_line(tmp_path):
    env = with_perf(tmp_path, "# started on a day", "", "250000;;instructions:u;9;100.00;;",
                    "130;;cache-misses;9;100.00;;")
    mark = tmp_path / "ran"
    assert perfcount.count(["touch", str(mark)], 100, env) == {"instructions_a_line": 2500, "cache_misses_a_line": 1.3}
    assert mark.exists()


def test_a_machine_without_counters_says_so(tmp_path):
    env = with_perf(tmp_path, "<not supported>;;instructions;0;100.00;;", "<not supported>;;cache-misses;0;100.00;;")
    told = perfcount.count(["true"], 100, env)
    assert "<not supported>" in told.pop("why_not")
    assert told == NONE
    env = with_perf(tmp_path, "5000;;instructions;9;100.00;;", "<not counted>;;cache-misses;0;0.00;;")
    told = perfcount.count(["true"], 10, env)
    assert told["instructions_a_line"] == 500 and told["cache_misses_a_line"] is None
    assert "<not counted>" in told["why_not"]


def test_why_perf_did_not_run(tmp_path):
    env = with_perf(tmp_path, fault="Access to performance monitoring is limited")
    assert perfcount.count(["true"], 1, env) == {**NONE, "why_not": "perf: Access to performance monitoring is limited"}
    assert perfcount.count(["true"], 1, {"PATH": "/nonexistent"}) == {**NONE, "why_not": "perf is not installed"}
