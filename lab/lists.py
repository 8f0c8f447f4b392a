"""The tables of rbldnsd: each zone's test points and what listings.yaml lists in it."""
import ipaddress
import os
import time

import yaml

import catalogue

DATASETS = ("ip4set", "ip6trie", "dnset")
IP6_FILES = 3       # ip6trie holds one value an address; a second code of it goes to the next file


def read_listings(path):
    """@return [(target, zone, code, text or None)]"""
    with open(path) as file:
        rows = yaml.load(file, Loader=catalogue.LOADER) or []
    return [(str(row["target"]), row["zone"].replace("{key}", catalogue.LAB_KEY), str(row["code"]), row.get("text"))
            for row in rows]


def write_listings(path, rows):
    with open(path + ".new", "w") as file:
        for target, zone, code, text in rows:
            row = {"target": target, "zone": zone, "code": code, **({"text": text} if text else {})}
            file.write("- " + yaml.dump(row, default_flow_style=True, width=1000))
    os.rename(path + ".new", path)


def _entries(zone, rows, holders):
    """@param holders {zone with rows: {zones that hold it}}  @return {dataset file suffix: [line]}"""
    files = {"ip4set": [], "dnset": [], **{f"ip6trie{n}": [] for n in range(IP6_FILES)}}
    for kind, target in zone.test_points():
        _add(files, zone, kind, target, f":{zone.test_code()}:{zone.text(target)}")
    seen = set()
    for target, name, code, text in rows:
        held = name == zone.zone or zone.zone in holders.get(name, ()) and zone.knows(code)
        if held and (target, code) not in seen:
            seen.add((target, code))
            _add(files, zone, None, target, f":{code}:{text or zone.text(target)}")
    return files


def _add(files, zone, kind, target, value):
    """One entry, in the table that is asked for it. @param kind None for a listing: as the target looks"""
    try:
        network = None if kind == "domain" else ipaddress.ip_network(target, strict=False)
    except ValueError:
        network = None
    if network is None:
        # A listed domain stands for its subdomains as well; a test point only for itself.
        files["dnset"].append(f"{'.' if kind is None else ''}{catalogue.query_name('domain', target)} {value}")
    elif f"ip{network.version}" not in zone.query:      # a domain list that holds addresses too
        files["dnset"].append(f"{catalogue.query_name(None, str(network[0]))} {value}")
    elif network.version == 4:
        files["ip4set"].append(f"{network if network.prefixlen < 32 else network[0]} {value}")
    else:
        line = f"{network.network_address.exploded}/{network.prefixlen}"
        for n in range(IP6_FILES):
            if not any(old.startswith(line + " ") for old in files[f"ip6trie{n}"]):
                files[f"ip6trie{n}"].append(f"{line} {value}")
                break


def zone_files(zone):
    """@return [(dataset type, file suffix)] that the zone is served from"""
    kinds = []
    if "ip4" in zone.query:
        kinds.append(("ip4set", "ip4set"))
    if "ip6" in zone.query:
        kinds += [("ip6trie", f"ip6trie{n}") for n in range(IP6_FILES)]
    if any(kind in zone.query for kind in ("domain", "registrable", "url", "email_hash", "url_hash")):
        kinds.append(("dnset", "dnset"))
    return kinds or [("ip4set", "ip4set")]


def write_zone(folder, zone, rows, holders):
    """Write the zone's tables; rbldnsd looks at mtime in whole seconds, so each version gets a new one."""
    entries = _entries(zone, rows, holders)
    for _, suffix in zone_files(zone):
        path = os.path.join(folder, f"{zone.zone}.{suffix}")
        head = (f"$SOA 60 {zone.ns} hostmaster.lab.example 0 3600 600 86400 1\n$NS 300 {zone.ns}\n$TTL 300\n")
        text = head + "\n".join(entries[suffix]) + "\n"
        try:
            with open(path) as file:
                if file.read() == text:
                    continue
            stamp = int(os.stat(path).st_mtime) + 1
        except FileNotFoundError:
            stamp = int(time.time()) - 1000000
        with open(path + ".new", "w") as file:
            file.write(text)
        os.utime(path + ".new", (stamp, stamp))
        os.rename(path + ".new", path)


def all_holders(zones, rows):
    return {name: catalogue.holders(zones, name) for name in {row[1] for row in rows}}


def apex_zone(folder, zone):
    """The name above a keyed zone: it has SOA and NS, and lists nothing."""
    path = os.path.join(folder, f"{zone.apex}.apex")
    with open(path, "w") as file:
        file.write(f"$SOA 60 {zone.ns} hostmaster.lab.example 0 3600 600 86400 1\n$NS 300 {zone.ns}\n")
    return f"{zone.apex}:dnset:{zone.apex}.apex"


def write_all(folder, zones, rows):
    """@return the zone arguments of rbldnsd"""
    os.makedirs(folder)
    arguments = []
    holders = all_holders(zones, rows)
    for zone in zones:
        write_zone(folder, zone, rows, holders)
        arguments += [f"{zone.zone}:{kind}:{zone.zone}.{suffix}" for kind, suffix in zone_files(zone)]
        if zone.keyed:
            arguments.append(apex_zone(folder, zone))
    return arguments
