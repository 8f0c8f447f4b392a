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
    "admin": (20, "admin.victim.example"),
    "lists": (30, "lists.lab.example"),
    "fleet": (40, "gateway.provider.example"),
    "resolver": (53, "resolver.victim.example"),
    "badresolver": (54, "bad.lab.example"),
}

# What a resolv.conf (or `lab exec --resolver`) may name: the last part of its address.
RESOLVERS = {"resolver": 53, "public": 8, "servfail": 54, "silent": 55, "lying": 66}
EXTRA = {"badresolver": (66,)}                          # further addresses of a host
ROUTED = {"lists": (LISTS_V4 + ".0/24", LISTS_V6 + "/64"),
          "fleet": (FLEET_V4 + ".0/24", FLEET_V6 + "/64")}


def v4(number):
    return f"192.0.2.{number}"


def v6(number):
    # The number is written as it is in IPv4: 192.0.2.10 is 2001:db8:a::10.
    return f"2001:db8:a::{number}"


def addresses(host):
    for number in (HOSTS[host][0], *EXTRA.get(host, ())):
        yield v4(number), v6(number)


def setup_batch(host):
    """@return the lines that `ip -batch` runs inside the host"""
    lines = ["link set lo up", "link set eth0 up"]
    for four, six in addresses(host):
        lines += [f"address replace {four}/24 dev eth0", f"address replace {six}/64 dev eth0 nodad"]
    for owner, (four, six) in ROUTED.items():
        if owner == host:       # every address of the range is ours, without 254 `address add`
            lines += [f"route replace local {four} dev lo", f"route replace local {six} dev lo"]
        else:
            number = HOSTS[owner][0]
            lines += [f"route replace {four} via {v4(number)}", f"route replace {six} via {v6(number)}"]
    return "\n".join(lines) + "\n"


def etc_files(host):
    """@return {path below /etc: text} of what the host sees instead of the machine's own files"""
    name = HOSTS[host][1]
    table = "".join(f"{v4(n)} {full}\n{v6(n)} {full}\n" for n, full in HOSTS.values())
    return {
        "resolv.conf": resolv_conf("resolver"),
        "hosts": f"127.0.0.1 localhost\n::1 localhost\n{v4(HOSTS[host][0])} {name} {name.split('.')[0]}\n{table}",
        "hostname": name.split(".")[0] + "\n",
        "mailname": name.split(".", 1)[1] + "\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n",
        "offlist/README": "This is the lab's; the machine's own /etc/offlist is hidden.\n",
    }


def resolv_conf(resolver):
    number = RESOLVERS[resolver]
    return f"nameserver {v4(number)}\nnameserver {v6(number)}\n"
