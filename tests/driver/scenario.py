"""Which scenario a seed is."""
import random

import build
import clean
import incidents
import servers

MTAS = {"postfix": 55, "exim": 45}


def scenario(seed, mta=None, kind=None, story=None, small=False):
    """@return a finished build.Builder. The same seed gives the same"""
    rng = random.Random(f"{seed}/which")
    mta_drawn = rng.choices(list(MTAS), list(MTAS.values()))[0]
    mta = mta or mta_drawn
    is_clean = rng.random() < 0.34
    kind = kind or rng.choice(sorted(servers.KINDS))
    b = build.Builder(seed, mta, kind, small)
    servers.KINDS[kind](b)
    if not story:
        pool = clean.KINDS if is_clean else incidents.KINDS
        story = rng.choice(sorted(name for name in pool if fits(b, name)))
    b.story = story
    b.clean = story in clean.KINDS
    (clean.KINDS if b.clean else incidents.KINDS)[story](b)
    b.head = rng.choice(("rfc3164", "rfc3339", "rfc3164", "rfc3339", "journalctl"))
    b.parts = rng.choice((1, 1, 1, 2, 3))
    b.packed = rng.random() < 0.5
    b.actions = [a for a in b.actions if b.start <= a.at < b.end]
    b.actions.sort(key=lambda a: a.at)
    return b


def fits(b, story):
    return story != "script" or bool(b.server.users)
