"""Logs of servers that a lab does not run, as their own sources write them: one story, a burst from a stolen login."""
import datetime
import json
import re
import shlex

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


def haraka(story):
    """Haraka 3.3.4 with timestamps=true, the login by auth_vpopmaild; lines as logger.js makes them."""
    lines = []
    for at, number, login, client, recipient, refusal in story.messages():
        uuid, domain = f"A804A276-9B50-4527-83C9-{number:012X}", recipient.rpartition("@")[2]

        def add(level, who, origin, text, later=0.0):
            stamp = rfc3339(at + datetime.timedelta(seconds=later), "milliseconds")
            lines.append(f"{stamp} [{level}] [{who}] [{origin}] {text}")

        add("NOTICE", uuid, "core", f"connect ip={client} port=46004 local_ip=192.0.2.10 local_port=587")
        add("INFO", uuid, "tls", "secured: cipher=TLS_AES_256_GCM_SHA384 version=TLSv1.3 verified=false")
        add("INFO", uuid, "auth/auth_vpopmaild", f'AUTH user="{login}" success=true')
        add("NOTICE", f"{uuid}.1", "core", f'sender <{login}> code=CONT msg=""')
        add("NOTICE", f"{uuid}.1", "core", f'recipient <{recipient}> code=OK msg="" sender={login}')
        add("NOTICE", f"{uuid}.1", "core",
            f'message mid=<{number}@example.com> size={2048 + number % 7} rcpts=1/0/0 delay=0 code=CONT msg=""')
        add("NOTICE", f"{uuid}.1", "core", f'queue code=CONT msg="Message Queued ({uuid}.1)"')
        add("INFO", "-", "outbound", f"Transaction delivery for domain: {domain}")
        add("NOTICE", f"{uuid}.1", "core", f'queue code=OK msg="Message Queued ({uuid}.1)"')
        add("NOTICE", f"{uuid}.1", "core", f"disconnect ip={client} rdns= helo=pc relay=Y early=N esmtp=Y tls=Y pipe=N "
            'errors=0 txns=1 rcpts=1/0/0 msgs=1/0/0 bytes=67 lr="" time=0.1')
        if refusal:
            add("NOTICE", f"{uuid}.1.1", "outbound", f"recipient <{recipient}> rejected: 550 {refusal}", 2)
            add("INFO", f"{uuid}.1.1", "outbound", f"bouncing mail: Some recipients failed: <{recipient}>", 2)
        else:
            add("NOTICE", f"{uuid}.1.1", "outbound", f" delivered file=1796_0_16796_{number}_vm domain={domain} "
                f'host=mx.{domain} ip=192.0.2.25 port=25 mode=SMTP tls=Y auth=N response="Ok: queued as 4ABC" '
                "delay=0.158 fails=0 rcpts=1/0/0", 2)
    return "".join(line + "\n" for line in lines)


def haraka_json(story):
    """The same with format=json and timestamps=false, on docker's standard output."""
    out = []
    for line in haraka(story).splitlines():
        stamp, rest = line.split(" ", 1)
        level, uuid, origin, text = rest.split(" ", 3)
        words, fields = text, {}
        if origin == "[core]" or " delivered " in text:
            tokens = shlex.split(text)
            first = next(i for i, t in enumerate(tokens) if "=" in t)
            words, fields = " ".join(tokens[:first]), dict(t.split("=", 1) for t in tokens[first:])
            if words == "delivered":
                words, fields = "", {"delivered file": fields.pop("file"), **fields}
        record = {"level": level[1:-1], "uuid": uuid[1:-1], "origin": origin[1:-1], "message": words, **fields}
        out.append(json.dumps({"log": json.dumps(record) + "\n", "stream": "stdout", "time": stamp}))
    return "".join(line + "\n" for line in out)


def haraka_logfmt(story):
    """The same with format=logfmt, by syslog."""
    out = []
    for line in haraka(story).splitlines():
        stamp, rest = line.split(" ", 1)
        level, uuid, origin, text = rest.split(" ", 3)
        at = text.index("code=") if "code=" in text and origin == "[core]" else len(text)
        words, fields = text[:at].rstrip(), text[at:]
        if " delivered " in text:
            words, fields = "", text[1:]
        for word in ("connect", "disconnect", "message"):
            if origin == "[core]" and text.startswith(word + " "):
                words, fields = word, text[len(word) + 1:]
        if not words or any(c in words for c in ' ="\\'):
            words = '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
        out.append(f"{stamp} mail haraka[77]: level={level[1:-1]} uuid={uuid[1:-1]} origin={origin[1:-1]} "
                   f"message={words} {fields}".rstrip())
    return "".join(line + "\n" for line in out)


def stalwart(story):
    """crates/trc/src/serializers/text.rs and crates/smtp/src of 2026-08-21: the log tracer at level info."""
    lines = []
    for at, number, login, client, recipient, refusal in story.messages():
        def add(level, words, event, *keys, later=0):
            stamp = rfc3339(at + datetime.timedelta(seconds=later), "seconds")
            lines.append(f"{stamp} {level} {words} ({event}) " + ", ".join(f"{k} = {v}" for k, v in keys if v))

        session = [("listenerId", '"submissions"'), ("localPort", "465"), ("remoteIp", client),
                   ("remotePort", 40000 + number % 9)]
        envelope = [("from", f'"{login}"'), ("to", f'["{recipient}"]'), ("size", 2048 + number % 7)]
        span = [("queueId", 9000 + number), ("queueName", '"remote"'), *envelope, ("total", 1)]
        add("INFO", "SMTP connection started", "smtp.connection-start", *session)
        add("INFO", "Authentication successful", "auth.success", *session, ("accountName", f'"{login}"'),
            ("accountId", 5))
        add("INFO", "SMTP EHLO command", "smtp.ehlo", *session, ("domain", '"pc"'))
        add("INFO", "SMTP MAIL FROM command", "smtp.mail-from", *session, ("from", f'"{login}"'))
        add("INFO", "SMTP RCPT TO command", "smtp.rcpt-to", *session, ("to", f'"{recipient}"'))
        add("INFO", "Queued message submission for delivery", "queue.authenticated-message-queued", *session,
            ("queueId", 9000 + number), *envelope, ("nextRetry", rfc3339(at, "seconds")))
        add("INFO", "Delivery attempt started", "delivery.attempt-start", *span)
        answer = ("hostname", f'"mx.{recipient.rpartition("@")[2]}"'), ("to", f'"{recipient}"')
        if refusal:
            words = refusal.split(" ", 1)[1]
            add("INFO", "SMTP RCPT TO rejected", "delivery.rcpt-to-rejected", *span, *answer, ("code", 550),
                ("details", f'"{words}"'), ("elapsed", "12ms"), later=2)
            add("INFO", "DSN permanent failure notification", "delivery.dsn-perm-fail", *span, answer[1], answer[0],
                ("details", f'"Unexpected response for RCPT TO:<{recipient}>: Code: 550, Enhanced code: '
                 f'{refusal.split()[0]}, Message: {words}"'), ("total", 0), later=2)
        else:
            add("INFO", "Message delivered", "delivery.delivered", *span, *answer, ("code", 250), ("details", '"OK"'),
                ("elapsed", "12ms"), later=2)
        add("INFO", "Delivery completed", "delivery.completed", *span, ("elapsed", "2000ms"), later=2)
    return "".join(line + "\n" for line in lines)


def stalwart_json(story):
    """The same as json.rs writes it: a line's own keys first, then those of its connection that it has not named."""
    out = []
    for line in stalwart(story).splitlines():
        stamp, rest = line.split(" ", 1)
        head, keys = rest.split(") ", 1)
        data = {}
        for key, value in re.findall(r'(\w+) = ("[^"]*"|\[[^]]*\]|[^,]*)', keys):
            value = json.loads(value) if value[0] in '["' else int(value) if value.isdigit() else value
            data[key] = value
        out.append(json.dumps({"id": str(len(out)), "createdAt": stamp, "type": head.rpartition("(")[2], "data": data}))
    return "".join(line + "\n" for line in out)


WRITERS = {"kumomta": kumomta, "haraka": haraka, "haraka_json": haraka_json, "haraka_logfmt": haraka_logfmt,
           "stalwart": stalwart, "stalwart_json": stalwart_json}
