"""Prints a GRE packet behind that outer header, and the fragments that scapy makes of it, in hexadecimal: cut.py OUTER"""

import sys

from scapy.all import *

carried = GRE(key_present=1, key=7) / IP(src="192.0.2.1", dst="192.0.2.2") / UDP() / Raw(bytes(range(256)) * 12)
outer = eval(sys.argv[1])
if IPv6 in outer:
    # The fragment header marks where to cut; the packet itself has none.
    pieces = fragment6(outer / IPv6ExtHdrFragment(id=9) / carried, 1280)
else:
    pieces = fragment(outer / carried, 1000)
for packet in [outer / carried] + pieces:
    print(raw(packet).hex())
