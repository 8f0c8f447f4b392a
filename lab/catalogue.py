"""The records of data/lists and lab/lists.d, turned into the zones that the lab serves."""
import glob
import ipaddress
import json
import os

import yaml

import hosts

LAB_KEY = "labkey0123456789"
FIRST = 10      # last octet of the first operator; 203.0.113.9 is where parked names point
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CLOSED = {"emptied": "empty", "lists_the_world": "world", "parked": "parked", "unreachable": "dead", "unknown": "dead"}


class Zone:
    """One list as it is served. `apex` is what is delegated, `zone` what is asked (with the key, if it has one)."""

    def __init__(self, record, operator, address):
        self.record = record
        self.operator = operator
        self.v4, self.v6 = address
        self.keyed = record["zone"].startswith("{key}.")
        self.apex = record["zone"].replace("{key}.", "")
        self.zone = record["zone"].replace("{key}", LAB_KEY)
        self.query = record.get("query") or []
        self.status = record.get("status", "active")
        self.terms = {**(operator.get("terms") or {}), **(record.get("terms") or {})}
        self.ns = f"ns.{slug(operator['name'])}.{hosts.DOMAIN}"

    def codes(self):
        """Every code that the record knows, one an answer row, in its order."""
        return [code_of(answer) for answer in self.record.get("answers") or []] or ["127.0.0.2"]

    def test_code(self):
        codes = self.codes()
        given = (self.record.get("test") or {}).get("answer")
        return given or ("127.0.0.2" if "127.0.0.2" in codes else codes[0])

    def test_points(self):
        """@return [(kind, target that is listed)]; a "domain" may look like an address (2.0.0.127 of URIBL)"""
        test, points = self.record.get("test") or {}, []
        standard = {"ip4": ("ip4", "127.0.0.2", "127.0.0.1"), "ip6": ("ip6", None, None),
                    "domain": ("domain", "test", "invalid")}
        for kind, (key, listed, clear) in standard.items():
            kinds = ("domain", "registrable", "url") if kind == "domain" else (kind,)
            if not any(one in self.query for one in kinds):
                continue
            given = test.get(key)
            if given == "none":
                continue
            given = given or {}
            point, off = given.get("listed", listed), given.get("clear", clear)
            if point and point != "none":
                points.append((kind, str(point)))
            if kind == "ip4" and off != clear:     # the exceptions: 127.0.0.1 itself is listed there
                points.append((kind, "127.0.0.1"))
        return points

    def refusal(self):
        """@return what the list does to a public resolver: a code, "refused", "silence" or None (answers it)"""
        policy = self.terms.get("public_resolvers", "unknown")
        if policy == "allowed":
            return None
        rows = {row.get("why"): row for row in reversed(self.record.get("refusals") or [])}
        for why in ("public_resolver", "volume"):       # too many ask through such a resolver
            if why in rows:
                return code_of(rows[why])
        return "silence" if sum(self.apex.encode()) % 4 == 0 else "refused"

    def bad_key(self):
        rows = [row for row in self.record.get("refusals") or [] if row.get("why") == "key"]
        return code_of(rows[0]) if rows else None

    def knows(self, code):
        """Whether a row of the record fits the code."""
        for row in self.record.get("answers") or []:
            if "range" in row and "-" in str(row["range"]):
                first, last = (int(ipaddress.ip_address(end.strip())) for end in row["range"].split("-"))
                if first <= int(ipaddress.ip_address(code)) <= last:
                    return True
            elif code_of(row) == code:
                return True
        return False

    def text(self, target):
        """The list's own TXT: its evidence page with the target in it."""
        template = self.record.get("evidence") or self.record.get("lookup") or f"listed in {self.zone}"
        for key in ("{target}", "{ip}", "{domain}", "{q}"):
            template = template.replace(key, target)
        return template


def query_name(kind, target):
    """@return what stands in front of the zone when a list is asked about the target"""
    if kind == "domain":
        return target.lower().rstrip(".").encode("idna").decode()
    return ipaddress.ip_address(target).reverse_pointer.rsplit(".", 2)[0]


def code_of(row):
    if "code" in row:
        return str(row["code"])
    if "range" in row:
        first = str(row["range"])
        return str(ipaddress.ip_network(first)[0]) if "/" in first else first.split("-")[0].strip()
    if "bits" in row:
        return str(row["bits"])
    return str(row["octets"]).replace("*", "5")


def slug(name):
    kept = "".join(c if c.isalnum() and c.isascii() else "-" for c in name.lower())
    return "-".join(part for part in kept.split("-") if part)[:50] or "x"


def load(folders, say):
    """@return [Zone], one address of the lists host an operator"""
    zones, seen, number, operators = [], {}, FIRST - 1, {}
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(folder, "*.yaml"))):
            try:
                with open(path, "rb") as file:
                    content = yaml.load(file, Loader=LOADER)
                operator, records = content["operator"], content.get("lists") or []
                name = slug(operator["name"])
                if name not in operators:
                    number += 1
                    last = FIRST + (number - FIRST) % (255 - FIRST)      # IPv4 has room for 245 of them
                    operators[name] = (f"{hosts.LISTS_V4}.{last}", f"{hosts.LISTS_V6}{number}")
                for record in records:
                    zone = Zone(record, operator, operators[name])
                    if zone.zone in seen:
                        zones.remove(seen[zone.zone])
                    seen[zone.zone] = zone
                    zones.append(zone)
            except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
                say(f"{path}: left out: {error!r}")
    return zones


def holders(zones, name):
    """@return {zone} that hold all of the list `name`, itself included: its keyed form, zen for sbl, ..."""
    by_name = {zone.zone: zone for zone in zones}
    found, todo = set(), [name]
    while todo:
        one = todo.pop()
        if one in by_name and one not in found:
            found.add(one)
            todo += [part.replace("{key}", LAB_KEY) for part in by_name[one].record.get("part_of") or []]
    return found


def save(path, zones):
    """Keep the zones as they were read: `list` and `unlist` must be quick, and know what the servers know."""
    with open(path, "w") as file:
        json.dump([[zone.record, zone.operator, [zone.v4, zone.v6]] for zone in zones], file, default=str)


def saved(path):
    with open(path) as file:
        return [Zone(*row) for row in json.load(file)]


def default_behaviour(zone):
    if zone.status in ("closed", "fraudulent"):
        return CLOSED.get((zone.record.get("closed") or {}).get("how", "unknown"), "dead")
    return None
