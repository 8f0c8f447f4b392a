"""Logs of servers that a lab does not run, as their own sources write them: one story, a burst from a stolen login."""
import datetime
import json

START = datetime.datetime(2026, 11, 24, 8, 0, tzinfo=datetime.timezone.utc)
LOGIN, ATTACKERS = "bob@example.com", ("203.0.113.66", "192.0.2.166", "198.51.100.206")
USERS = [("anna@example.com", "198.51.100.7"), (LOGIN, "198.51.100.8")]
REFUSALS = ("5.1.1 No such user", "5.7.1 Service unavailable, client host [192.0.2.10] blocked using Spamhaus")


class Story:
    """What happens; a server's writer makes lines of it."""

    def __init__(self, burst=200, refused=60):
        self.burst, self.refused = burst, refused

    def messages(self):
        """@return (time, number, login, client, recipient, refusal) of each message, in the order of time"""
        number = 0
        for day in range(2):
            for hour in range(8):
                for login, client in USERS:
                    number += 1
                    at = START + datetime.timedelta(days=day, hours=hour, minutes=number)
                    yield at, number, login, client, f"friend{number % 5}@example.org", None
        for i in range(self.burst):
            number += 1
            at = START + datetime.timedelta(days=2, seconds=3 * i)
            late = i - (self.burst - self.refused)
            refusal = REFUSALS[late * 2 // self.refused] if late >= 0 else None
            yield at, number, LOGIN, ATTACKERS[i % 3], f"victim{i}@example.net", refusal


def rfc3339(at, fraction="microseconds"):
    return at.astimezone(datetime.timezone.utc).isoformat(timespec=fraction).replace("+00:00", "Z")


def kumomta(story):
    """crates/kumo-log-types/src/lib.rs of 2026-08-04: JsonLogRecord, as serde writes it."""
    lines = []

    def record(kind, at, number, sender, recipient, response, peer, **more):
        code, status, content = response
        parts = [int(n) for n in status.split(".")] if status else None
        then = int(at.timestamp())
        lines.append(json.dumps({
            "type": kind, "id": f"d69b7572696011eebb5112{number:010x}", "sender": sender, "recipient": recipient,
            "queue": recipient.rpartition("@")[2], "site": "", "size": 2048 + number % 7,
            "response": {"code": code, "enhanced_code": parts and dict(zip(("class", "subject", "detail"), parts)),
                         "content": content, "command": None},
            "peer_address": {"name": peer[0], "addr": peer[1]}, "timestamp": then,
            "event_time": rfc3339(at).replace("Z", "026Z"), "created": then, "created_time": rfc3339(at),
            "num_attempts": 0, "bounce_classification": "Uncategorized", "egress_pool": "unspecified",
            "egress_source": "unspecified", "source_address": None, "feedback_report": None,
            "headers": {"Subject": "id=2 \"type\":\"Delivery\""}, "delivery_protocol": None,
            "reception_protocol": "ESMTP", "nodeid": "557f3ad4-2c8c-11ee-976e-782d7e12e173", **more},
            separators=(",", ":")))

    for at, number, login, client, recipient, refusal in story.messages():
        record("Reception", at, number, login, recipient, (250, None, ""), ("pc", client), meta={"authn_id": login})
        kind, response = ("Bounce", (550, *refusal.split(" ", 1))) if refusal else ("Delivery", (250, "2.0.0", "OK"))
        record(kind, at + datetime.timedelta(seconds=2), number, login, recipient, response,
               ("mx.example.net.", "192.0.2.25"), meta={"authn_id": login}, delivery_protocol="ESMTP")
    return "".join(line + "\n" for line in lines)


WRITERS = {"kumomta": kumomta}
