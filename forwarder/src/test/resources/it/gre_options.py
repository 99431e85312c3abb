"""GRE packets with every combination of options, right ones and wrong ones, as scapy builds them.

Prints a line a packet: tunnel, checksum, key, sequence number, other flag bits, protocol type, bytes left of the GRE
packet (or "-" for all), and the outer IPv4 packet in hexadecimal. Tunnel N is 198.51.100.(10+N) to 203.0.113.2, with a
checksum if bit 2 of N is set, key 7 if bit 1 is set, sequence numbers if bit 0 is set.
"""

import struct

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import GRE
from scapy.packet import Raw

IPV4 = 0x0800
number = 0


def emit(tunnel, checksum="absent", key=None, sequence=None, bits=0, protocol=IPV4, left=None):
    global number
    inner = (
        IP(src=f"192.0.2.{4 * tunnel + 1}", dst=f"192.0.2.{4 * tunnel + 2}", ttl=64)
        / UDP(sport=4242, dport=4242)
        / Raw(struct.pack("!I", number))
    )
    gre = GRE(
        chksum_present=int(checksum != "absent"),
        key_present=int(key is not None),
        key=key,
        seqnum_present=int(sequence is not None),
        sequence_number=sequence,
        routing_present=bits >> 14 & 1,
        strict_route_source=bits >> 11 & 1,
        recursion_control=bits >> 8 & 7,
        flags=bits >> 3 & 0x1F,
        version=bits & 7,
        proto=protocol,
    )
    if checksum == "bad":
        right = GRE(bytes(gre / inner)).chksum
        gre.chksum = right ^ 0x0100
    whole = bytes(gre / inner)
    outer = IP(src=f"198.51.100.{10 + tunnel}", dst="203.0.113.2", ttl=64, flags="DF", proto=47) / Raw(whole[:left])
    print(
        tunnel,
        checksum,
        "-" if key is None else key,
        "-" if sequence is None else sequence,
        bits,
        protocol,
        "-" if left is None else left,
        bytes(outer).hex(),
    )
    number += 1


for tunnel in range(8):
    # Numbers go up from packet to packet, so that only the packet that is meant to be late is.
    right = dict(
        checksum="good" if tunnel & 4 else "absent",
        key=7 if tunnel & 2 else None,
    )

    def fresh():
        return number if tunnel & 1 else None

    for checksum in ("absent", "good", "bad"):
        for key in (None, 7, 9):
            for sequence in (False, True):
                emit(tunnel, checksum, key, number if sequence else None)
    for bits in (0x4000, 0x0800, 0x0400, 0x0700, 0x0040, 0x0020, 0x0010, 0x0008, 0x0200, 0x0100, 0x0080):
        emit(tunnel, sequence=fresh(), bits=bits, **right)
    for version in range(1, 8):
        emit(tunnel, sequence=fresh(), bits=version, **right)
    for protocol in (0x0000, 0x6558, 0x880B, 0x88BE, 0x86DD):
        emit(tunnel, sequence=fresh(), protocol=protocol, **right)
    header = 4 + 4 * bin(tunnel).count("1")
    for left in [*range(header), *range(header, header + 20), header + 27, header + 31]:
        # A checksum is right only over what is left, and a cut packet ends before that matters.
        if left < header or not tunnel & 4:
            emit(tunnel, sequence=fresh(), left=left, **right)
    if tunnel & 1:
        emit(tunnel, sequence=number, **right)
        emit(tunnel, sequence=number - 1, **right)
        emit(tunnel, sequence=number - 3, **right)
    emit(tunnel, sequence=fresh(), **right)
