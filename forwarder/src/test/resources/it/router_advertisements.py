"""Router messages for a host on an isatap link, by scapy; each as a line of hexadecimal digits.

router_advertisements.py HOST OUTER PREFIX LIFETIME VALID PREFERRED: an advertisement from OUTER to HOST (IPv4 addresses),
with a prefix of 64 bits, a route to everywhere and one to 2001:db8:99::/48, then a redirect. Then a solicitation from HOST to OUTER.
"""

import sys

from scapy.all import (
    IP,
    ICMPv6ND_RA,
    ICMPv6ND_Redirect,
    ICMPv6ND_RS,
    ICMPv6NDOptPrefixInfo,
    ICMPv6NDOptRouteInfo,
    IPv6,
)

host, outer, prefix, lifetime, valid, preferred = sys.argv[1:]


def link_local(address):
    return "fe80::200:5efe:" + address


def inner(source, destination):
    return IPv6(src=link_local(source), dst=link_local(destination), hlim=255)


advertisement = (
    ICMPv6ND_RA(routerlifetime=int(lifetime))
    / ICMPv6NDOptPrefixInfo(prefix=prefix, prefixlen=64, L=1, A=1, validlifetime=int(valid), preferredlifetime=int(preferred))
    / ICMPv6NDOptRouteInfo(prefix="::", plen=0, rtlifetime=7200, len=1)
    / ICMPv6NDOptRouteInfo(prefix="2001:db8:99::", plen=48, rtlifetime=7200, len=2)
)
redirect = ICMPv6ND_Redirect(tgt=link_local(outer), dst="2001:db8:77::1")
for message in (advertisement, redirect):
    print(bytes(IP(src=outer, dst=host, proto=41) / inner(outer, host) / message).hex())
print(bytes(IP(src=host, dst=outer, proto=41, id=0) / inner(host, outer) / ICMPv6ND_RS()).hex())
