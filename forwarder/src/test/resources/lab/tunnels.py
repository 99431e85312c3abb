"""Captures of tunnel packets as scapy builds them, for the judge of the wire format; the directory is the argument."""

import sys

from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import ICMPv6ND_RS, IPv6
from scapy.layers.ipsec import ESP
from scapy.layers.l2 import GRE, GRE_PPTP, Ether
from scapy.layers.ppp import PPP
from scapy.utils import wrpcap

directory = sys.argv[1]
inner = IP(src="192.0.2.1", dst="192.0.2.2") / ICMP(id=1, seq=1) / (b"x" * 56)


def frame(shim, **outer):
    header = IP(src="203.0.113.1", dst="203.0.113.2", flags="DF", **outer)
    return Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / header / shim


def checked(number, **fields):
    return GRE(chksum_present=1, key_present=1, key=8, seqnum_present=1, sequence_number=number, **fields) / inner


def called(call_id=7, **fields):
    return GRE_PPTP(call_id=call_id, **fields)


captures = {
    "ipip": [frame(inner, proto=4)] * 2,
    "ipip-bad-header-checksum": [frame(inner, proto=4), frame(inner, proto=4, chksum=1)],
    "gre": [frame(GRE() / inner)],
    "gre-beside-solicitation": [frame(GRE() / inner), frame(IPv6() / ICMPv6ND_RS(), proto=41)],
    "gre-key": [frame(GRE(key_present=1, key=7) / inner)],
    "gre-key-csum-seq": [frame(checked(number)) for number in range(3)],
    "gre-bad-checksum": [frame(checked(0)), frame(checked(1, chksum=0x1234))],
    "esp": [frame(ESP(spi=0x1001, seq=1, data=bytes(64)), proto=50)],
    "esp-other-spi": [
        frame(ESP(spi=0x1001, seq=1, data=bytes(64)), proto=50),
        frame(ESP(spi=0x2002, seq=1, data=bytes(64)), proto=50),
    ],
    "pptp": [frame(called(seqnum_present=1, sequence_number=0) / PPP() / inner), frame(called(acknum_present=1, ack_number=5))],
    "pptp-other-call": [frame(called(seqnum_present=1, sequence_number=0, call_id=8) / PPP() / inner)],
    "empty": [],
}
for name, frames in captures.items():
    wrpcap(f"{directory}/{name}.pcap", frames, linktype=1)
