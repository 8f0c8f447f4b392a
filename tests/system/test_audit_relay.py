# SPDX-License-Identifier: BSD-2-Clause
"""offlist audit relay, with real servers in a box: open, sound, and none to be tried."""
import concurrent.futures
import os
import pathlib

import pytest

import mta_box
import mta_relays

BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
UNTRIED = [{"name": "relay", "status": "done", "why": None, "note":
            "only its settings were judged, nobody tried it: a network namespace of our own could not be made: "
            "Operation not permitted"}]

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


@pytest.fixture(scope="module")
def boxes():
    """@return {what was played: its outcome}"""
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")
    why_not = mta_box.may_play()
    if why_not:
        pytest.skip(why_not)
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        played = {what: pool.submit(mta_box.play, server, mta_relays.Play(what, str(BINARY)))
                  for what, server in (("settings", "postfix"), ("tries", "postfix"), ("exim", "exim"))}
        return {what: box.result() for what, box in played.items()}


@pytest.fixture(scope="module")
def settings(boxes):
    return boxes["settings"]


@pytest.fixture(scope="module")
def tries(boxes):
    return boxes["tries"]


@pytest.mark.parametrize("case", EXPECTED)
def test_settings_that_let_strangers_relay_are_found(settings, case):
    expected, takes = EXPECTED[case]
    status, answer, said = settings[case][0]
    assert [(one["id"], one["severity"], one["subject"]) for one in answer["findings"]] == expected
    assert answer["audits"] == UNTRIED
    assert status == (1 if any(one[1] != "low" for one in expected) else 0)
    assert any(reply.startswith("250") for reply in said) == takes, said


@pytest.mark.parametrize("case", [name for name, texts in mta_relays.CASES.items() if texts[1] is not None])
def test_the_remedy_is_right(settings, case):
    status, answer, said = settings[case][1]
    assert (status, answer["findings"], answer["audits"]) == (0, [], UNTRIED)
    assert all(reply[:1] in "45" for reply in said), said


def test_the_cases_are_all_there():
    assert list(EXPECTED) == list(mta_relays.CASES)


def outcome(answer):
    audit, = answer["audits"]
    return audit["status"], audit["note"] or audit["why"], [(one["id"], one["severity"]) for one in answer["findings"]]


def test_a_sound_server_refuses_a_stranger(tries):
    for world in ("sound", "mended"):
        status, answer = tries[world]
        assert outcome(answer) == ("done", "a stranger from 198.19.25.25 tried 21 envelopes at 198.51.100.9:25: 21 "
                                   "refused, 0 taken", [])
        assert status == 0


def test_what_a_stranger_gets_through_is_shown(tries):
    status, answer = tries["sender"]
    assert (status, outcome(answer)[2]) == (1, [("relay.sender_permit", "high"), ("relay.would_relay", "high")])
    evidence = answer["findings"][1]["evidence"]
    assert evidence[0].startswith("MAIL FROM:<postmaster@example.com> RCPT TO:<u@offlist-audit.example>: 250 2.1.5 Ok")
    assert evidence[-1].startswith("an unknown address of its own, RCPT TO:<offlist-audit-nobody@example.com>: 550 5.1")
    assert not any("FROM:<>" in line for line in evidence)
    status, answer = tries["open"]
    assert (status, outcome(answer)[2]) == (1, [("relay.networks_world", "high"), ("relay.would_relay", "high")])
    assert "got 10 of 21 envelopes" in answer["findings"][1]["detail"]


def test_nothing_is_sent_and_nothing_is_left(tries):
    assert (tries["delivered"], tries["left"]) == (0, 0)


def test_who_takes_everything_is_not_called_open(tries):
    status, answer = tries["takes all"]
    assert (status, outcome(answer)[2]) == (0, [("relay.takes_all", "low")])
    assert "an unknown address of its own was not refused either" in answer["findings"][0]["detail"]


def test_who_is_shut_out_does_not_say_closed(tries):
    status, answer = tries["shut out"]
    assert status == 2 and answer["findings"] == []
    kind, why, _ = outcome(answer)
    assert kind == "cannot" and "no answer at the greeting" in why and "says nothing of relaying" in why
    assert tries["talks"] == 3      # not one more


def test_a_server_that_nobody_reaches(tries):
    status, answer = tries["nobody"]
    assert (status, outcome(answer)) == (0, ("done", "no address of this machine answers strangers on port 25", []))


def test_a_refusal_of_the_tests_domain_is_none(tries):
    status, answer = tries["doubtful domain"]
    kind, why, found = outcome(answer)
    assert (status, kind, found) == (1, "done", [("relay.sender_permit", "high")])
    assert "not told: 450 4.1.2" in why and "--elsewhere names one that exists" in why
    status, answer = tries["named domain"]
    assert ("relay.would_relay", "high") in outcome(answer)[2]
    assert "RCPT TO:<u@mail.example.net>: 250" in answer["findings"][-1]["evidence"][0]


def test_exim(boxes):
    status, answer = boxes["exim"]["sender"]
    assert (status, outcome(answer)[2]) == (1, [("relay.would_relay", "high")])
    assert answer["findings"][0]["evidence"][0].startswith(
        "MAIL FROM:<postmaster@example.com> RCPT TO:<u@offlist-audit.example>: 250 Accepted")
    status, answer = boxes["exim"]["sound"]
    assert (status, outcome(answer)[2]) == (0, [])
    assert boxes["exim"]["delivered"] == 0


def test_exim_that_nobody_may_try(boxes):
    status, answer = boxes["exim"]["confined"]
    kind, why, found = outcome(answer)
    assert (status, kind, found) == (2, "cannot", [])
    assert why.startswith("the settings of Exim are not judged, and nobody tried it: a network namespace of our own")
