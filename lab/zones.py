"""What the root host serves with NSD: the root, the TLDs with every delegation, ordinary domains, reverse zones."""
import ipaddress
import os

import hosts

SOA = "@ 60 IN SOA a.root-servers.net. hostmaster.lab.example. 1 3600 600 86400 5\n@ 60 IN NS a.root-servers.net.\n"
TLDS = ("com", "org", "net", "de", "example", "test", "eu", "info", "uk", "ch", "nl")

# Ordinary domains: zone -> lines. {N} is a host of the lab by its last octet.
DOMAINS = {
    "victim.example": """
@       A 192.0.2.10
@       AAAA 2001:db8:a::10
@       MX 10 mail
@       TXT "v=spf1 mx -all"
mail    A 192.0.2.10
mail    AAAA 2001:db8:a::10
www     CNAME @
admin   A 192.0.2.20
admin   AAAA 2001:db8:a::20
resolver A 192.0.2.53
resolver AAAA 2001:db8:a::53
""",
    "example.com": """
@       A 198.51.100.80
@       AAAA 2001:db8:b::80
@       MX 10 mail
@       MX 20 backup.mail.example.org.
mail    A 198.51.100.25
mail    AAAA 2001:db8:b::25
www     A 198.51.100.80
""",
    "example.org": """
@       A 198.51.100.81
@       MX 10 backup.mail
backup.mail A 198.51.100.26
""",
    "example.net": "@ A 198.51.100.82\n@ MX 0 .\n",
    "clean.example": "@ A 198.51.100.90\n@ AAAA 2001:db8:b::90\n@ MX 10 mail\nmail A 198.51.100.91\n",
    "spammer.example": "@ A 198.51.100.66\n@ MX 10 @\n* A 198.51.100.66\n",
    "xn--bcher-kva.example": "@ A 198.51.100.92\n@ MX 10 @\n",
    "noaddress.example": "@ TXT \"no address and no MX here\"\n",
    "v6only.example": "@ AAAA 2001:db8:b::93\n@ MX 10 @\n",
    "provider.example": "gateway A 192.0.2.40\ngateway AAAA 2001:db8:a::40\n@ MX 10 gateway\n@ A 198.51.100.1\n"
                        + "".join(f"host{n} A 198.51.100.{n}\n" for n in range(1, 255)),
    # Domains whose mail the victims hold, and those of the large receivers (bigmail.yaml), with their true MX names.
    "customer.example": "@ A 192.0.2.10\n@ MX 10 mail.victim.example.\n",
    "shop.example": "@ A 192.0.2.10\n@ MX 10 mail.victim.example.\n",
    "hosting.example": "@ A 192.0.2.11\n@ MX 10 mail\nmail A 192.0.2.11\nmail AAAA 2001:db8:a::11\n",
    "club.example": "@ A 192.0.2.11\n@ MX 10 mail.hosting.example.\n",
    "family.example": "@ A 198.51.100.94\n@ MX 5 gmail-smtp-in.l.google.com.\n",
    "company.example": "@ A 198.51.100.95\n@ MX 0 company-example.mail.protection.outlook.com.\n",
    "friends.example": "@ A 198.51.100.96\n@ MX 0 friends-example.olc.protection.outlook.com.\n",
    "post.example": "@ A 198.51.100.97\n@ MX 1 mta5.am0.yahoodns.net.\n",
    "bigmail.example": "mx A 192.0.2.26\nmx AAAA 2001:db8:a::26\n",
    "google.com": "gmail-smtp-in.l A 203.0.113.193\n",
    "outlook.com": "*.mail.protection A 203.0.113.194\n*.olc.protection A 203.0.113.195\n",
    "yahoodns.net": "mta5.am0 A 203.0.113.196\n",
    "public.example": "dns A 192.0.2.8\ndns AAAA 2001:db8:a::8\n",
}


def _reverse():
    """@return {zone: text} for the documentation ranges"""
    names = {}
    for host, (_, full) in hosts.HOSTS.items():
        for four, six in hosts.addresses(host):
            names[four], names[six] = full, full
    for n in range(1, 255):
        names[f"198.51.100.{n}"] = f"host{n}.provider.example"
    for n, full in ((193, "gmail-smtp-in.l.google.com"), (194, "mail-protection.outlook.com"),
                    (195, "olc-protection.outlook.com"), (196, "mta5.am0.yahoodns.net")):
        names[f"203.0.113.{n}"] = full
    names["198.51.100.25"], names["2001:db8:b::25"] = "mail.example.com", "mail.example.com"
    zones = {"2.0.192.in-addr.arpa": "", "100.51.198.in-addr.arpa": "", "113.0.203.in-addr.arpa": "",
             "8.b.d.0.1.0.0.2.ip6.arpa": ""}
    for address, full in names.items():
        pointer = ipaddress.ip_address(address).reverse_pointer
        zone = next(zone for zone in zones if pointer.endswith("." + zone))
        zones[zone] += f"{pointer}. PTR {full}.\n"
    return zones


def all_zones(lists):
    """@param lists [catalogue.Zone]  @return {zone: text}, the root as \".\" """
    apexes = {zone.apex: zone for zone in lists}
    tlds = sorted(set(TLDS) | {apex.rpartition(".")[2] for apex in apexes})
    zones = {"arpa": "".join(f"{zone}. NS a.root-servers.net.\n" for zone in _reverse()), **_reverse()}
    zones.update({tld: "" for tld in tlds})
    for name, text in DOMAINS.items():
        zones[name] = text
        zones[name.rpartition(".")[2]] += f"{name}. NS a.root-servers.net.\n"
    for apex, zone in sorted(apexes.items()):
        labels = apex.split(".")
        if any(".".join(labels[i:]) in apexes for i in range(1, len(labels))):
            continue        # below another list's cut: that one's server answers for both
        zones[labels[-1]] += f"{apex}. NS {zone.ns}.\n"
    servers = {zone.ns: zone for zone in lists}
    zones[hosts.DOMAIN] = "lists A 192.0.2.30\nlists AAAA 2001:db8:a::30\nbad A 192.0.2.54\n" + "".join(
        f"{ns}. A {zone.v4}\n{ns}. AAAA {zone.v6}\n" for ns, zone in servers.items())
    zones["example"] += f"{hosts.DOMAIN}. NS a.root-servers.net.\n"
    zones["net"] += glue()
    zones["."] = glue() + "".join(f"{tld}. NS a.root-servers.net.\n" for tld in [*tlds, "arpa"])
    return zones


def glue():
    number = hosts.HOSTS["root"][0]
    return f"a.root-servers.net. A {hosts.v4(number)}\na.root-servers.net. AAAA {hosts.v6(number)}\n"


def write(folder, lists):
    """Zone files and nsd.conf. @return the path of nsd.conf"""
    os.makedirs(folder)
    conf = [f"""server:
  username: "{_me()}"
  zonesdir: "{folder}"
  database: ""
  pidfile: ""
  xfrdfile: ""
  zonelistfile: "{folder}/zone.list"
  server-count: 1
  ip-address: {hosts.v4(hosts.HOSTS['root'][0])}
  ip-address: {hosts.v6(hosts.HOSTS['root'][0])}
remote-control:
  control-enable: no
"""]
    for name, text in all_zones(lists).items():
        origin = "." if name == "." else name + "."
        path = os.path.join(folder, "root" if name == "." else name)
        with open(path, "w") as file:
            file.write(f"$ORIGIN {origin}\n$TTL 60\n{SOA}{text}")
        conf.append(f'zone:\n  name: "{name}"\n  zonefile: "{path}"\n')
    path = os.path.join(folder, "nsd.conf")
    with open(path, "w") as file:
        file.write("".join(conf))
    return path


def root_hints():
    return ". 518400 NS a.root-servers.net.\n" + glue()


def _me():
    return str(os.geteuid())
