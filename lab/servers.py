"""Which server runs on which host, and its configuration."""
import json
import os

import behaviour
import catalogue
import hosts
import liar
import lists
import zones

RBLDNSD = ("127.0.0.1", 5300)       # on the lists host's own loopback, behind the front


def unbound_conf(state, name, more=""):
    """@param more lines of its server part"""
    number = hosts.RESOLVERS[name]
    text = f"""server:
  directory: "{state}"
  username: ""
  chroot: ""
  pidfile: ""
  do-daemonize: no
  use-syslog: no
  logfile: ""
  verbosity: 1
  num-threads: 1
  interface: {hosts.v4(number)}
  interface: {hosts.v6(number)}
  outgoing-interface: {hosts.v4(number)}
  outgoing-interface: {hosts.v6(number)}
  access-control: 0.0.0.0/0 allow
  access-control: ::0/0 allow
  module-config: "iterator"
  root-hints: "{state}/root.hints"
  target-fetch-policy: "0 0 0 0 0"
  {more or "qname-minimisation: no"}
  unblock-lan-zones: yes
  local-zone: "test." nodefault
  local-zone: "2.0.192.in-addr.arpa." nodefault
  local-zone: "100.51.198.in-addr.arpa." nodefault
  local-zone: "113.0.203.in-addr.arpa." nodefault
  local-zone: "8.b.d.0.1.0.0.2.ip6.arpa." nodefault
remote-control:
  control-enable: yes
  control-interface: "{state}/{name}.sock"
  control-use-cert: no
"""
    path = os.path.join(state, f"unbound-{name}.conf")
    with open(path, "w") as file:
        file.write(text)
    return path


def both(resolver):
    """@return its addresses"""
    return hosts.v4(hosts.RESOLVERS[resolver]), hosts.v6(hosts.RESOLVERS[resolver])


def front_table(all_lists, behaviours):
    """What the front on the lists host must know of each zone."""
    table = []
    for zone in all_lists:
        row = {"zone": zone.zone, "code": zone.test_code(), "refusal": zone.refusal(), "ns": zone.ns}
        own = behaviours.get(zone.zone) or catalogue.default_behaviour(zone)
        if own:
            row["behaviour"] = own
        table.append(row)
        if zone.keyed:
            table.append({"zone": zone.apex, "code": zone.bad_key(), "refusal": None, "ns": zone.ns, "keyed": True})
    return table


def prepare(state, root, all_lists, behaviours):
    """Write all configuration. @return {host: [(name, argv or function)]}"""
    arguments = lists.write_all(os.path.join(state, "lists"), all_lists,
                                lists.read_listings(os.path.join(state, "listings.yaml")))
    nsd = zones.write(os.path.join(state, "dns"), all_lists)
    with open(os.path.join(state, "root.hints"), "w") as file:
        file.write(zones.root_hints())
    with open(os.path.join(state, "front.json"), "w") as file:
        json.dump(front_table(all_lists, behaviours), file)
    refused = [hosts.v4(hosts.HOSTS["public"][0]), hosts.v6(hosts.HOSTS["public"][0])]
    sbin = os.path.join(root, "usr/sbin")
    # rbldnsd will not run as root; its tables are then reached through its chroot, whatever the folders above allow.
    place = ["-u", "65534:65534", "-r"] if os.geteuid() == 0 else ["-w"]
    rbldnsd = [f"{sbin}/rbldnsd", "-n", *place, os.path.join(state, "lists"), "-4", "-b",
               f"{RBLDNSD[0]}/{RBLDNSD[1]}", "-c", "0", "-t", "300", *arguments]
    pidfile = os.path.join(state, "pids", "rbldnsd")

    def front():
        behaviour.serve(os.path.join(state, "front.json"), refused, RBLDNSD, os.path.join(state, "front.sock"), pidfile)

    def bad():
        liar.serve({address: role for role in liar.ROLES for address in both(role)}, both("resolver")[0])

    unbound = f"{sbin}/unbound"
    dnsmasq = [f"{sbin}/dnsmasq", "-k", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--cache-size=0",
               "--user=", "--group=", "--bind-interfaces", "--pid-file=",
               f"--server={hosts.v4(hosts.RESOLVERS['resolver'])}",
               "--stop-dns-rebind", "--log-facility=-", *(f"--listen-address={one}" for one in both("filter-dnsmasq"))]
    return {
        "root": [("nsd", [f"{sbin}/nsd", "-d", "-c", nsd])],
        "lists": [("rbldnsd", rbldnsd), ("front", front)],
        "resolver": [("unbound-resolver", [f"{sbin}/unbound", "-d", "-c", unbound_conf(state, "resolver")])],
        "public": [("unbound-public", [f"{sbin}/unbound", "-d", "-c", unbound_conf(state, "public")])],
        "badresolver": [("badresolver", bad)],
        "filters": [
            ("unbound-filter", [unbound, "-d", "-c", unbound_conf(state, "filter-unbound",
                                                                  "private-address: 127.0.0.0/8")]),
            ("unbound-strict", [unbound, "-d", "-c", unbound_conf(state, "filter-strict",
                                                                  "qname-minimisation-strict: yes")]),
            ("dnsmasq-filter", dnsmasq)],
    }
