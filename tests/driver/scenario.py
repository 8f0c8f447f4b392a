"""Which scenario a seed is."""
import random

import build
import clean
import incidents
import plan
import servers

MTAS = {"postfix": 50, "exim": 24, "opensmtpd": 12, "sendmail": 14}
TYPES = {"company": 16, "hoster": 14, "webmail": 12, "docker": 9, "gateway": 9, "university": 8, "smarthost": 10,
         "backup_mx": 7, "home": 6, "cpanel": 9}
CLEAN_SHARE = 0.34


def scenario(seed, mta=None, kind=None, story=None, small=False):
    """@return a finished build.Builder. The same seed gives the same"""
    rng = random.Random(f"{seed}/which")
    drawn = rng.choices(list(MTAS), list(MTAS.values()))[0]
    is_clean = rng.random() < CLEAN_SHARE
    kinds = {name: weight for name, weight in TYPES.items()
             if not mta or mta in servers.ONLY.get(name, (mta,))}
    kind = kind or rng.choices(list(kinds), list(kinds.values()))[0]
    if not mta:
        mta = drawn if drawn in servers.ONLY.get(kind, (drawn,)) else servers.ONLY[kind][0]
    b = build.Builder(seed, mta, kind, small)
    servers.KINDS[kind](b)
    if not story:
        if is_clean:
            story = rng.choice(sorted(name for name in clean.KINDS if clean.fits(b, name)))
        else:
            pool = {name: weight for name, weight in incidents.WEIGHTS.items() if incidents.fits(b, name)}
            story = rng.choices(list(pool), list(pool.values()))[0]
    b.story, b.clean = story, story in clean.KINDS
    (clean.KINDS if b.clean else incidents.KINDS)[story](b)
    if not b.clean and rng.random() < 0.12:         # something harmless beside it
        beside = rng.choice(sorted(n for n in ("newsletter", "conference", "tickets", "guessing", "cgnat")
                                   if clean.fits(b, n)))
        clean.KINDS[beside](b)
        b.notes.append(f"beside it: {beside}")
    b.still_waiting = not b.clean and rng.random() < 0.15
    if b.gateway:
        _behind_gateway(b)
    if b.smart_host:
        _returned(b)
    b.head = rng.choice(b.heads or ("rfc3164", "rfc3339", "rfc3164", "rfc3339", "rfc3339", "journalctl"))
    b.parts = rng.choice((1, 1, 1, 2, 3))
    b.packed = rng.random() < 0.5
    b.actions = [a for a in b.actions if b.start <= a.at < b.end]
    b.actions.sort(key=lambda a: a.at)
    return b


def _returned(b):
    """A smarthost takes everything, and sends back what it could not deliver."""
    rng = b.rng("returned")
    address, name = b.smart_host
    for action in list(b.actions):
        messages = action.messages if isinstance(action, plan.Visit) else [action.message] \
            if isinstance(action, plan.Run) else []
        for message in messages:
            gone = [r for r in message.recipients if b.fates.get(r) in ("unknown", "disabled")]
            if gone and message.sender in b.server.boxes:
                notice = b.letter(rng, "", [message.sender], "", 1, 3200 + min(message.size, 9000),
                                  "Undelivered Mail Returned to Sender", domain=name)
                b.add(plan.Visit(action.at + rng.uniform(2, 60), address, [notice], name, 25, True))


def _behind_gateway(b):
    """The proxy in front of the container: whoever comes, comes from its address."""
    for action in b.actions:
        if isinstance(action, (plan.Visit, plan.Probe)) and not action.source.startswith("127."):
            action.source = b.gateway
