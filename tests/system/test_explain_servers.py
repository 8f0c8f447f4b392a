# SPDX-License-Identifier: BSD-2-Clause
"""Configurations that explain -f mends, tried by the programs that read them: before and after, a stranger may not
relay, good mail is taken and a listed client is refused."""
import concurrent.futures
import json
import os
import pathlib
import subprocess

import pytest

import mta_box
import mta_configs
from conftest import HANGS_S

BINARY = pathlib.Path(os.environ.get("OFFLIST", "build/offlist")).absolute()
ZEN = "reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]"
DEAD = "reject_rbl_client dnsbl.sorbs.net"
RELAY = "reject_unauth_destination"

# What stands behind POSTFIX of mta_configs; each has a dead list or a wrong filter, a living list, the relay's guard.
POSTFIX = {
    "a prefix goes with its entry": f"smtpd_recipient_restrictions = permit_mynetworks,\n    {ZEN},\n"
                                    f"    warn_if_reject {DEAD},\n    {RELAY}\n",
    "a prefix on the line before": "smtpd_recipient_restrictions = permit_mynetworks, warn_if_reject\n # old\n "
                                   f"{DEAD}\n {RELAY},\n\t{ZEN}\n",
    "two prefixes": f"smtpd_recipient_restrictions = {ZEN}, warn_if_reject warn_if_reject {DEAD}, {RELAY}\n",
    "defer_if_reject at another place": f"smtpd_recipient_restrictions = {ZEN}, {DEAD}, defer_if_reject {RELAY}\n",
    "comments and empty lines between": f"smtpd_recipient_restrictions =\n  {RELAY},\n\n  # {DEAD}\n  {DEAD},\n# mine\n"
                                        f"\n  {ZEN}\n",
    "the last one": f"smtpd_recipient_restrictions = {RELAY}, {ZEN},\n  {DEAD}\n",
    "the first one": f"smtpd_recipient_restrictions = {DEAD},\n\t{RELAY}, {ZEN}\n",
    "an empty list is left": f"smtpd_client_restrictions = {DEAD}\nsmtpd_relay_restrictions = {RELAY}\n"
                             f"smtpd_recipient_restrictions = {ZEN}\n",
    "line ends of Windows": f"smtpd_recipient_restrictions = {DEAD},\r\n  {RELAY},\r\n  {ZEN}\r\n".replace("\r", ""),
    "a filter is put in": f"smtpd_recipient_restrictions = {RELAY}, reject_rbl_client zen.spamhaus.org\n",
    "names in other letters": f"smtpd_recipient_restrictions = {RELAY}, Reject_RBL_Client dnsbl.sorbs.net, {ZEN}\n",
    "lists of names": f"smtpd_recipient_restrictions = {RELAY}, reject_rhsbl_sender rhsbl.ahbl.org,\n  {ZEN},\n"
                      "  reject_rhsbl_sender dbl.spamhaus.org\n",
    "a whitelist before it": f"smtpd_recipient_restrictions = {RELAY}, permit_dnswl_client "
                             f"list.dnswl.org=127.0.[0..255].[1..3], {DEAD}, {ZEN}\n",
    "a class": f"smtpd_restriction_classes = lists\nlists = {DEAD}, {ZEN}\n"
               f"smtpd_recipient_restrictions = warn_if_reject {DEAD}, lists, {RELAY}\n",
    "postscreen": f"smtpd_recipient_restrictions = {RELAY}\npostscreen_dnsbl_sites =\n\tdnsbl.sorbs.net*2\n"
                  "\tzen.spamhaus.org*2\n# x\n\tix.dnsbl.manitu.net\n",
    "an option of a service": f"smtpd_recipient_restrictions = {RELAY}\n\0 -o smtpd_client_restrictions="
                              f"{DEAD.replace(' ', ',')},{ZEN.replace(' ', ',')}",
}

DEFERS = f"smtpd_recipient_restrictions = {ZEN}, defer_if_reject {DEAD}, {RELAY}\n"
NAMELESS = f"smtpd_recipient_restrictions = reject_rbl_client, {RELAY}\n"
GUARD = ("\n  deny    message  = relay not permitted\n          domains  = ! +local_domains\n"
         "          ! authenticated = *\n")
ACL = "acl_smtp_rcpt = check\nbegin acl\ncheck:\n"
ZEN_EXIM = "zen.spamhaus.org=127.0.0.2,127.0.0.3,127.0.0.4"

EXIM = {
    "the statement goes": f"{ACL}  deny    message  = listed at $dnslist_domain\n          # old\n"
                          f"          dnslists = ix.dnsbl.manitu.net{GUARD}  deny dnslists = {ZEN_EXIM}\n  accept\n",
    "the last of a list": f"{ACL}  deny dnslists = {ZEN_EXIM} : \\\n      # c\n      dnsbl.sorbs.net{GUARD}  accept\n",
    "the first of a list": f"{ACL}  deny dnslists = dnsbl.sorbs.net : {ZEN_EXIM}{GUARD}  accept\n",
    "the middle, separators in front": f"{ACL}  deny dnslists = bl.spamcop.net \\\n     : dnsbl.sorbs.net \\\n"
                                       f"     : {ZEN_EXIM}{GUARD}  accept\n",
    "another separator": f"{ACL}  deny dnslists = <; dnsbl.sorbs.net ; {ZEN_EXIM}{GUARD}  accept\n",
    "a warning goes": f"{ACL}  warn dnslists = dnsbl.sorbs.net\n    add_header = X-L: y{GUARD}"
                      f"  deny dnslists = {ZEN_EXIM}\n  accept\n",
    "accept in front of the guard": f"{ACL}  accept hosts = +relay_from_hosts\n    dnslists = dnsbl.sorbs.net{GUARD}"
                                    f"  deny dnslists = {ZEN_EXIM}\n  accept\n",
    "a filter is put in": f"{ACL}  deny dnslists = zen.spamhaus.org{GUARD}  accept\n",
    "a macro": f"CHECK_RCPT_IP_DNSBLS = dnsbl.sorbs.net : {ZEN_EXIM}\n{ACL}.ifdef CHECK_RCPT_IP_DNSBLS\n"
               f"  deny dnslists = CHECK_RCPT_IP_DNSBLS\n.endif{GUARD}  accept\n",
    "keys and masks": f"{ACL}  deny dnslists = rhsbl.ahbl.org/$sender_address_domain : dbl.spamhaus.org=127.0.1.2/"
                      f"$sender_address_domain\n  deny dnslists = zen.spamhaus.org&0.0.0.2{GUARD}  accept\n",
    "an ifdef around it": f"{ACL}.ifdef OLD\n.endif\n.ifndef OLD\n  drop message = $dnslist_text\n    dnslists = \\\n"
                          f"      dnsbl.sorbs.net\n.endif{GUARD}  deny dnslists = {ZEN_EXIM}\n  accept\n",
}

# a value, and whether Postfix starts with it
VALUES = [
    ("=127.0.0.2", True), ("=127.0.0.[2..11]", True), ("=127.0.[0;2].[2..4;9]", True), ("=127.0.0.[1]", True),
    ("=127.0.0.[11..2]", False), ("=127.0.0.[2..", False), ("=127.0.0.256", False), ("=127.0.0", False),
    ("=127.0.0.[]", False), ("=127.0.0.x", False), ("=127.0.0.[2;;4]", False), ("=", False), ("=127.0.0.2.3", False),
]
WEIGHTS = [("*2", True), ("*-3", True), ("=127.0.0.2*1", True), ("*x", False), ("*", False), ("*2=127.0.0.2", False),
           ("*1.5", False)]


def explained(text):
    run = subprocess.run([BINARY, "--state", "/nonexistent/x", "--json", "explain", "-f", "-"], input=text.encode(),
                         stdout=subprocess.PIPE, timeout=HANGS_S)
    return [json.loads(line) for line in run.stdout.splitlines()]


def suggested(program):
    run = subprocess.run([BINARY, "--state", "/nonexistent/x", "lists", "suggest", program], stdout=subprocess.PIPE,
                         text=True, timeout=HANGS_S, check=True)
    return run.stdout


def suggestions():
    """@return {server: {name: configuration}} made of what `lists suggest` writes"""
    postfix, exim = suggested("postfix"), suggested("exim")
    return {"postfix": {"suggested for smtpd": postfix.partition("postscreen_dnsbl_action")[0],
                        "suggested for postscreen": postfix},
            "exim": {"suggested": f"{ACL.rstrip()}{GUARD}{exim}\n  accept\n"}}


def mended(text):
    """What stands before a "\\0" is main.cf, behind it the options of a service in master.cf."""
    main, options, more = text.partition("\0")
    done = explained(f"smtp inet n - n - - smtpd{more}\n" if options else main)[-1]["instead"]
    return main + options + done.partition("smtpd")[2].rstrip("\n") if options else done


def played():
    """@return {server: what came of it}"""
    values = [("smtpd", f"smtpd_client_restrictions=reject_rbl_client,zen.spamhaus.org{value}") for value, _ in VALUES]
    values += [("postscreen", f"postscreen_dnsbl_sites=zen.spamhaus.org{value}") for value, _ in VALUES + WEIGHTS]
    more = suggestions()
    pairs = {name: [(text, mended(text)) for text in cases.values()] + [(text, text) for text in more[name].values()]
             for name, cases in (("postfix", POSTFIX), ("exim", EXIM))}
    plays = {"postfix": ("postfix", pairs["postfix"], ()),
             "values": ("postfix", [(NAMELESS, DEFERS)], values),
             "exim": ("exim", pairs["exim"])}
    with concurrent.futures.ProcessPoolExecutor(len(plays)) as pool:
        boxes = {name: pool.submit(mta_box.play, play[0], mta_configs.Steps(*play)) for name, play in plays.items()}
        return {name: box.result() for name, box in boxes.items()}


@pytest.fixture(scope="module")
def outcome():
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")
    why_not = mta_box.may_play()
    if why_not:
        pytest.skip(why_not)
    return played()


def is_guarded(said, text):
    """@return what is wrong with what the server said"""
    wrong = []
    for who, wanted in (("relay", "45"), ("good", "2"), ("listed", "45")):
        if said[who][:1] not in wanted:
            wrong.append((who, said[who]))
    if "dbl.spamhaus.org" in text and said["listed_name"][:1] not in "45":
        wrong.append(("listed_name", said["listed_name"]))
    return wrong


@pytest.mark.parametrize("number", range(len(POSTFIX) + 2))
def test_postfix_guards_as_before(outcome, number):
    text = (list(POSTFIX.values()) + ["dbl.spamhaus.org"] * 2)[number]
    for said in outcome["postfix"][0][number]:
        assert said["check"] == ""
        assert is_guarded(said, text) == []


@pytest.mark.parametrize("number", range(len(EXIM) + 1))
def test_exim_guards_as_before(outcome, number):
    text = (list(EXIM.values()) + ["dbl.spamhaus.org"])[number]
    for said in outcome["exim"][number]:
        assert "error" not in said["check"] and "/etc/exim4/exim4.conf" in said["check"]
        assert is_guarded(said, text) == []


def test_a_restriction_without_its_list_opens_the_relay(outcome):
    """why it is told: Postfix takes the next word for the name of the list"""
    (said, _), = outcome["values"][0]
    assert said["relay"].startswith("250")
    item, = explained(NAMELESS)
    assert any("no list is named" in note["text"] for note in item["notes"])


def test_defer_if_reject_is_of_all_that_follows(outcome):
    """why it is no part of the entry behind it, and no text is written: without it the refusal would be for good"""
    (_, said), = outcome["values"][0]
    assert said["relay"].startswith("450") and said["listed"].startswith("554")
    *items, last = explained(DEFERS)
    assert "instead" not in last or not last["instead"]
    assert any("not its own" in note["text"] for item in items + [last] for note in item.get("notes", ()))


def test_postfix_check_is_content(outcome):
    assert outcome["postfix"][2] == ""


def test_what_postfix_does_not_start_with_is_told(outcome):
    greeted = outcome["values"][1]
    rows = [("smtpd_client_restrictions = reject_rbl_client ", *one) for one in VALUES]
    rows += [("postscreen_dnsbl_sites = ", *one) for one in VALUES + WEIGHTS]
    wrong = []
    for (parameter, value, starts), greets in zip(rows, greeted, strict=True):
        item, *_ = explained(f"{parameter}zen.spamhaus.org{value}\n")
        told = any("does not start with it" in note["text"] for note in item["notes"])
        if starts == told or starts != greets:
            wrong.append((parameter, value, starts, greets, item["notes"]))
    assert wrong == []


@pytest.mark.parametrize("program,command", [("rspamd", ["rspamadm", "configtest"]),
                                             ("spamassassin", ["spamassassin", "--lint", "-C", "/etc/box"])])
def test_a_filter_takes_what_is_suggested(program, command):
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")
    try:
        mta_box.ns.require_capabilities()
        status, said = mta_box.play(program, mta_configs.Steps("checked", program, command, suggested(program)))
    except (mta_box.ns.NotPermitted, OSError) as fault:
        pytest.skip(str(fault))
    assert status == 0, said
    assert program == "spamassassin" or "syntax OK" in said


@pytest.mark.parametrize("program", ["postfix", "exim"])
def test_what_is_suggested_has_nothing_to_mend(program):
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not built")
    items = explained(suggested(program))
    assert len(items) > 4 and not [note for item in items for note in item["notes"] if note["wrong"]]
