"""The machines of the lab: names, addresses, who runs where. Documentation ranges only."""

DOMAIN = "lab.example"
V4_NET, V6_NET = "192.0.2.0/24", "2001:db8:a::/64"
LISTS_V4, LISTS_V6 = "203.0.113", "2001:db8:53::"      # one address an operator, on the lists host
FLEET_V4, FLEET_V6 = "198.51.100", "2001:db8:b::"       # many customers of one provider
PARKED = "203.0.113.9"                                  # where parked domains and lying resolvers point

# name: (last part of its addresses, full host name)
HOSTS = {
    "root": (1, "a.root-servers.net"),
    "public": (8, "dns.public.example"),
    "victim": (10, "mail.victim.example"),
    "victim-exim": (11, "mail.hosting.example"),
    "admin": (20, "admin.victim.example"),
    "receiver": (25, "node1.example.com"),
    "bigmail": (26, "mx.bigmail.example"),
    "lists": (30, "lists.lab.example"),
    "fleet": (40, "gateway.provider.example"),
    "resolver": (53, "resolver.victim.example"),
    "badresolver": (54, "bad.lab.example"),
    "filters": (57, "filters.lab.example"),
    "spammer": (67, "vps.spammer.example"),
    "lan": (None, "pc25.office.victim.example"),        # reached through the victim alone: BEHIND
    "lan-exim": (None, "pc25.office.hosting.example"),
}

# A host behind another: name: (that host, its interface and address there, its own addresses). Private, never routed.
BEHIND = {"lan": ("victim", "lan0", "10.20.0.1", ("10.20.0.25", "10.20.0.26", "10.20.0.30")),
          "lan-exim": ("victim-exim", "lan0", "10.30.0.1", ("10.30.0.25", "10.30.0.26"))}
BEHIND_MASK = 24

# What a resolv.conf (or `lab exec --resolver`) may name: the last part of its address.
RESOLVERS = {"resolver": 53, "public": 8, "servfail": 54, "silent": 55, "lying": 66,
             # hide the lists' answers: unbound and dnsmasq against DNS rebinding, unbound by strict QNAME minimisation,
             "filter-unbound": 57, "filter-strict": 58, "filter-dnsmasq": 59,
             # and in Python the ways of BIND, Knot Resolver and some routers: see liar.py
             "filter-servfail": 70, "filter-refused": 71, "filter-zero": 72, "filter-nxdomain": 73, "filter-drop": 74,
             "filter-aged": 75,
             "nothing": 68, "everything": 69}
EXTRA = {"badresolver": (66, 68, 69, 70, 71, 72, 73, 74, 75), "filters": (58, 59)}      # further addresses of a host
ROUTED = {"lists": (LISTS_V4 + ".0/24", LISTS_V6 + "/64"),
          "fleet": (FLEET_V4 + ".0/24", FLEET_V6 + "/64"),
          # parts of these that others hold
          "receiver": ("198.51.100.25/32", "198.51.100.26/32"),
          "bigmail": (LISTS_V4 + ".192/28",),
          "spammer": (FLEET_V4 + ".128/26", LISTS_V4 + ".224/27", "2001:db8:bad::/48")}


def v4(number):
    return f"192.0.2.{number}"


def v6(number):
    # The number is written as it is in IPv4: 192.0.2.10 is 2001:db8:a::10.
    return f"2001:db8:a::{number}"


def addresses(host):
    if host in BEHIND:
        return
    for number in (HOSTS[host][0], *EXTRA.get(host, ())):
        yield v4(number), v6(number)


def setup_batch(host):
    """@return the lines that `ip -batch` runs inside the host"""
    if host in BEHIND:
        _, _, gateway, own = BEHIND[host]
        return "link set lo up\nlink set eth0 up\n" + "".join(
            f"address replace {four}/{BEHIND_MASK} dev eth0\n" for four in own) + (
            f"route replace default via {gateway}\n")
    lines = ["link set lo up", "link set eth0 up"]
    for four, six in addresses(host):
        lines += [f"address replace {four}/24 dev eth0", f"address replace {six}/64 dev eth0 nodad"]
    for other, interface, gateway, _ in BEHIND.values():
        if other == host:
            lines += [f"link set {interface} up", f"address replace {gateway}/{BEHIND_MASK} dev {interface}"]
    for owner, prefixes in ROUTED.items():
        number = HOSTS[owner][0]
        for prefix in prefixes:
            if owner == host:       # every address of the range is ours, without 254 `address add`
                lines.append(f"route replace local {prefix} dev lo")
            else:
                lines.append(f"route replace {prefix} via {v6(number) if ':' in prefix else v4(number)}")
    return "\n".join(lines) + "\n"


def etc_files(host):
    """@return {path below /etc: text} of what the host sees instead of the machine's own files"""
    name = HOSTS[host][1]
    table = "".join(f"{v4(n)} {full}\n{v6(n)} {full}\n" for n, full in HOSTS.values() if n)
    own = BEHIND[host][3][0] if host in BEHIND else v4(HOSTS[host][0])
    return {
        "resolv.conf": resolv_conf("resolver"),
        "hosts": f"127.0.0.1 localhost\n::1 localhost\n{own} {name} {name.split('.')[0]}\n{table}",
        "hostname": name.split(".")[0] + "\n",
        "mailname": name.split(".", 1)[1] + "\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n",
        "offlist/README": "This is the lab's; the machine's own /etc/offlist is hidden.\n",
    }


def resolv_conf(resolver):
    number = RESOLVERS[resolver]
    return f"nameserver {v4(number)}\nnameserver {v6(number)}\n"
