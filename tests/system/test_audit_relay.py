# SPDX-License-Identifier: BSD-2-Clause
"""offlist audit relay, with real servers in a box: settings that let strangers relay, sound ones, and none to be had."""
import os
import pathlib

import pytest

import mta_box
import mta_relays

BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
DONE = [{"name": "relay", "status": "done", "why": None, "note": None}]

# what is found, its severity, and whether Postfix then takes a stranger's recipient; None: not for this stranger
EXPECTED = {
    "sound": ([], False),
    "world": ([("relay.networks_world", "high", "0.0.0.0/0")], True),
    "half": ([("relay.networks_world", "high", "128.0.0.0/1")], True),
    "world table": ([("relay.networks_world", "high", "cidr:/etc/postfix/nets")], True),
    "world elsewhere": ([], False),
    "wide": ([("relay.networks_wide", "medium", "198.50.0.0/15")], True),
    "site": ([("relay.networks_site", "low", "198.51.100.0/23")], True),
    "sender": ([("relay.sender_permit", "high", "hash:/etc/postfix/senders")], True),
    "sender guarded": ([], False),
    "sender refused": ([], False),
    "class": ([("relay.sender_permit", "high", "regexp:/etc/postfix/senders.re")], True),
    "helo": ([("relay.helo_permit", "high", "inline:{mail.example.net=OK}")], True),
    "client": ([("relay.client_permit", "high", "cidr:/etc/postfix/nets")], True),
    "recipient": ([("relay.recipient_permit", "medium", "inline:{postmaster@=OK}")], True),
    "own recipient": ([], False),
    "domain": ([("relay.every_domain", "high", "regexp:/etc/postfix/domains.re")], True),
    "permit": ([("relay.no_refusal", "high", "smtp inet")], True),
    "warn": ([("relay.no_refusal", "high", "smtp inet")], True),
    "service": ([("relay.no_refusal", "high", "smtp inet")], True),
    "service guarded": ([], False),
    "login only": ([], False),
    "xclient": ([("relay.xclient", "high", "smtp inet")], False),
    "gateway": ([("relay.networks_gateway", "medium", "172.17.0.0/16")], False),
}


def played(what, *arguments, server="postfix"):
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")
    why_not = mta_box.may_play()
    if why_not:
        pytest.skip(why_not)
    return mta_box.play(server, mta_relays.Play(what, str(BINARY), *arguments))


@pytest.fixture(scope="module")
def settings():
    return played("settings")


@pytest.mark.parametrize("case", EXPECTED)
def test_settings_that_let_strangers_relay_are_found(settings, case):
    expected, takes = EXPECTED[case]
    status, answer, said = settings[case][0]
    assert [(one["id"], one["severity"], one["subject"]) for one in answer["findings"]] == expected
    assert answer["audits"] == DONE
    assert status == (1 if any(one[1] != "low" for one in expected) else 0)
    assert any(reply.startswith("250") for reply in said) == takes, said


@pytest.mark.parametrize("case", [name for name, texts in mta_relays.CASES.items() if texts[1] is not None])
def test_the_remedy_is_right(settings, case):
    status, answer, said = settings[case][1]
    assert (status, answer["findings"], answer["audits"]) == (0, [], DONE)
    assert all(reply[:1] in "45" for reply in said), said


def test_the_cases_are_all_there():
    assert list(EXPECTED) == list(mta_relays.CASES)
