"""Small inputs from reports of people who run mail servers, in ../shared/cases: each with what is right. Without them
all of this skips."""
import json
import lzma
import os
import pathlib
import subprocess

import pytest

from conftest import HANGS_S, ROOT

BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
CASES = pathlib.Path(os.environ.get("OFFLIST_CASES", ROOT.parent / "shared" / "cases"))

STOLEN, SCRIPT, RELAY, PC = "compromised_account", "script", "open_relay", "infected_client"

# log: exit status; the causes in their order; what became of the recipients
LOGS = {
    "backscatter-lmtp": (1, [("backscatter", "example.com")], {}),
    "bulk-vereinspost": (1, [("bulk_mail", "vereinspost@example.com")], {"messages": 340}),
    "catchall-forward": (1, [("forwarding", "@example.com")], {"recipients": 900, "rejected": 291}),
    "container-recreated": (1, [(STOLEN, "anna@example.com")], {}),
    "cpanel-limiter": (1, [(SCRIPT, "/home/angelp/public_html/wp-content/plugins/seo")], {"failed": 35}),
    "customer-relay": (0, [], {}),
    "docker-gateway": (1, [(RELAY, "192.168.203.1")], {}),
    "docker-gateway-colours": (1, [(RELAY, "172.22.1.1")], {}),
    "each-line-twice": (1, [(STOLEN, "user@example.com")], {"recipients": 138}),
    "exim-forged-login": (1, [(RELAY, "203.0.113.7")], {}),
    "extract-no-smtpd": (2, [], {}),
    "extract-only-bounced": (2, [], {}),
    "extract-only-sasl": (2, [], {}),
    "filter-by-pipe": (1, [(STOLEN, "anna@example.com")], {}),
    "form-copy": (1, [(SCRIPT, "www-data")], {}),
    "gmx": (1, [], {"rejected": 64}),
    "journalctl-german": (1, [(STOLEN, "anna@example.com")], {}),
    "listed-alias": (1, [], {"rejected": 200}),
    "mailscanner": (1, [(STOLEN, "anna@example.com")], {"messages": 168}),
    "new-network-with-past": (1, [(STOLEN, "anna@example.com")], {}),
    "one-gmail-mailbox": (0, [], {"deferred": 320}),
    "one-letter": (0, [], {}),
    "opensmtpd-refused-client": (0, [], {}),
    "opensmtpd-users": (1, [(SCRIPT, "shop1")], {}),
    "pmg-after-queue": (1, [(PC, "192.168.1.77")], {"messages": 230}),
    "port-25-blocked": (0, [], {"deferred": 60, "delivered": 0}),
    "postfix-accepted-waiting": (1, [(STOLEN, "bob@example.com")], {"messages": 80, "recipients": 800, "waiting": 800}),
    "postfix-admin": (0, [], {"messages": 4, "recipients": 8, "delivered": 4, "removed": 2, "held": 2, "waiting": 0}),
    "postfix-smtpd-hold": (1, [(STOLEN, "dave@example.com")], {"messages": 40, "held": 40}),
    "qmail-vpopmail": (1, [(STOLEN, "anna@example.com")], {}),
    "real-open-relay": (1, [(RELAY, "203.0.113.60")], {}),
    "relay-one-domain": (1, [(RELAY, "198.51.100.8")], {}),
    "relay-three-domains": (1, [(RELAY, "198.51.100.8")], {}),
    "rsyslog-json-blank": (1, [(STOLEN, "anna@example.com")], {}),
    "rsyslog-json-program": (1, [(STOLEN, "anna@example.com")], {}),
    "sendmail-reply-comma": (0, [], {"recipients": 2, "deferred": 2}),
    "slow-many-networks": (1, [(STOLEN, "myuser")], {}),
    "slow-many-networks-no-past": (1, [(STOLEN, "myuser")], {}),
    "srs-relay": (1, [(RELAY, "198.51.100.1")], {}),
    "sums": (0, [], {"recipients": 4, "delivered": 1, "rejected": 1, "failed": 1, "expired": 1}),
    "test-account": (1, [(STOLEN, "test")], {}),
    "test-account-blocked": (1, [(STOLEN, "test")], {}),
    "used-tls": (0, [], {"messages": 0}),
    "webmail": (1, [(STOLEN, "anna@example.com")], {}),
}

# bounce or complaint: what its one answer says
BOUNCES = {
    "bounce-forwarded-as-attachment": {"record": "microsoft.outlook_s3140", "means": "listed_private"},
    "cpanel-max-defers": {"record": "own.cpanel", "means": "own_provider", "recipient": "cliente@example.org"},
    "exim-reply-line-taken-as-recipient": {"recipient": "someone@example.net", "means": "listed_private",
                                           "address": "192.0.2.10"},
    "exim-undisclosed-address": {"receiver": "Gmail", "recipient": "info@example.com", "means": "listed_private"},
    "exim-warning-delayed": {"record": "microsoft.outlook_s775", "means": "rate"},
    "postfix-notice-reply-cut": {"recipient": "someone@example.net", "means": "listed_private",
                                 "address": "192.0.2.10"},
    "sendmail-multiline-reply": {"record": "gmail.ip_reputation", "means": "listed_private"},
    "wrong-second-recipient": {"recipient": "someone@example.net"},
}

# line of receivers.txt: receiver, meaning; what is None is told by a list or by no receiver of its own
RECEIVERS = [
    ("GoDaddy", "rate"), ("La Poste", "listed_private"), ("La Poste", "rate"), ("La Poste", None),
    ("Apple iCloud", None), ("Charter (Spectrum)", None), ("Mimecast", None), (None, "identity"), (None, "identity"),
    (None, "identity"), ("example.net", "rate"), (None, "listed_public"), (None, "listed_public"),
    ("Yahoo and AOL", "content"),
]

# zones whose entries are names, not addresses
OF_NAMES = {"dbl.spamhaus.org", "zrd.spamhaus.org", "multi.surbl.org", "uribl.spameatingmonkey.net"}


def case(*parts):
    path = CASES.joinpath(*parts)
    if not path.exists():
        pytest.skip("the cases of ../shared are not here")
    return path


@pytest.fixture
def offlist(tmp_path):
    """@return (exit status, the objects that --json printed)"""
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")

    def run(*arguments, stdin=b""):
        done = subprocess.run([str(BINARY), "--state", str(tmp_path), "--json", *map(str, arguments)], input=stdin,
                              stdout=subprocess.PIPE, timeout=HANGS_S)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    return run


@pytest.mark.parametrize("name", LOGS)
def test_log(offlist, name):
    packed = case("log", f"{name}.log.xz")
    status, causes, mail = LOGS[name]
    got, (answer,) = offlist("diagnose", "--log", "-", stdin=lzma.open(packed).read())
    assert [(one["kind"], one["subject"]) for one in answer["causes"]] == causes
    assert got == status
    assert {key: answer["mail"][key] for key in mail} == mail


@pytest.mark.parametrize("name", BOUNCES)
def test_bounce(offlist, name):
    _, answers = offlist("explain", case("bounce", f"{name}.eml"))
    replies = [one for one in answers if one["kind"] == "reply"]
    assert len(replies) == 1
    assert {key: replies[0][key] for key in BOUNCES[name]} == BOUNCES[name]


@pytest.mark.parametrize("number", range(len(RECEIVERS)))
def test_receiver(offlist, number):
    line = case("reply", "receivers.txt").read_text().splitlines()[number]
    receiver, means = RECEIVERS[number]
    reply = offlist("explain", line)[1][0]
    assert reply["kind"] == "reply" and reply["receiver"] == receiver
    assert means in (None, reply["means"])


def test_the_list_that_a_reply_names(offlist):
    wrong = []
    for line in case("reply", "lists-named.txt").read_text().splitlines():
        reply = offlist("explain", line)[1][0]
        zone = (reply["zone"] or "none").removeprefix("{key}.")
        about = "domain" if zone in OF_NAMES else "address"
        if reply["means"] != "listed_public" or zone not in line or reply["about"] != about:
            wrong.append((line, zone, reply["about"]))
    assert wrong == []


@pytest.mark.parametrize("name,zone,outcome", [("nslookup-nxdomain", "bl.spamcop.net", "not_listed"),
                                               ("host-servfail", "zen.spamhaus.org", "no_answer")])
def test_a_lookup_that_found_nothing_lists_nobody(offlist, name, zone, outcome):
    _, (answer,) = offlist("explain", "-f", case("reply", f"{name}.txt"))
    assert (answer["kind"], answer["zone"], answer["outcome"]) == ("lookup", zone, outcome)


def test_each_reply_of_a_queue_by_itself(offlist):
    _, answers = offlist("explain", "-f", case("reply", "postqueue-p.txt"))
    assert [(one["recipient"], one["receiver"], one["means"]) for one in answers] == [
        ("peter@t-online.de", "T-Online (Telekom)", "listed_private"), ("jfm@aol.com", "Yahoo and AOL", "rate")]


# configuration: what the text to write instead lacks of the one given; None: it is right as it is
MENDED = {
    "exim-acl.conf": ["  deny    message  = listed at $dnslist_domain", "          dnslists = ix.dnsbl.manitu.net"],
    "mailcow-hostkarma.cf": None,
    "postfix-only-dead.cf": ["    reject_rbl_client dnsbl.sorbs.net,"],
    "postfix-warn.cf": ["    warn_if_reject reject_rbl_client dnsbl.sorbs.net,"],
    "postscreen-tabs.cf": ["\tdnsbl.sorbs.net"],
    "rspamd-ebl.conf": None,
}


@pytest.mark.parametrize("name", MENDED)
def test_configuration_loses_the_dead_entry_alone(offlist, name):
    given = case("config", name).read_text().splitlines()
    status, answers = offlist("explain", "-f", case("config", name))
    if MENDED[name] is None:
        assert status == 0 and len(answers) == 1 and not any(note["wrong"] for note in answers[0]["notes"])
        return
    assert status == 1 and answers[-1]["zone"] is None
    wanted = [line.replace("\tzen.spamhaus.org*2", "\tzen.spamhaus.org=127.0.0.[2..11;30]*2") for line in given
              if line not in MENDED[name]]
    assert answers[-1]["instead"].splitlines() == wanted
