"""Packets built by scapy, one a line: what is in it as name=value pairs, a tab, its bytes in hexadecimal."""

import itertools
import socket

from scapy.all import GRE, IP, IPOption_NOP, IPOption_Router_Alert, IPv6, Raw, TCP, UDP
from scapy.all import IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, RouterAlert
from scapy.layers.ipsec import AH

PAYLOAD = bytes(range(1, 24))
NEXT_HEADERS = {IPv6ExtHdrDestOpt: 60, IPv6ExtHdrFragment: 44, UDP: 17}


def number(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.inet_pton(family, address).hex()


def ipv4(packet, prefix):
    return {
        prefix + "headerLength": packet.ihl * 4,
        prefix + "tos": packet.tos,
        prefix + "totalLength": packet.len,
        prefix + "identification": packet.id,
        prefix + "flags": int(packet.flags),
        prefix + "fragmentOffset": packet.frag * 8,
        prefix + "ttl": packet.ttl,
        prefix + "protocol": packet.proto,
        prefix + "checksum": packet.chksum,
        prefix + "source": number(packet.src),
        prefix + "destination": number(packet.dst),
    }


def ipv6(packet, prefix):
    return {
        prefix + "trafficClass": packet.tc,
        prefix + "flowLabel": packet.fl,
        prefix + "payloadLength": packet.plen,
        prefix + "nextHeader": packet.nh,
        prefix + "hopLimit": packet.hlim,
        prefix + "source": number(packet.src),
        prefix + "destination": number(packet.dst),
    }


def ip(packet, prefix):
    return ipv4(packet, prefix) if packet.version == 4 else ipv6(packet, prefix)


def gre(packet):
    return {
        "gre.hasChecksum": packet.chksum_present,
        "gre.hasKey": packet.key_present,
        "gre.hasSequence": packet.seqnum_present,
        "gre.protocol": packet.proto,
        "gre.checksum": packet.chksum or 0,
        "gre.key": packet.key or 0,
        "gre.sequence": packet.seqence_number or 0,
        "gre.headerLength": len(packet) - len(packet.payload),
    }


def emit(kind, values, packet):
    values = {"kind": kind, **values}
    print(";".join(f"{name}={value}" for name, value in values.items()) + "\t" + bytes(packet).hex())


def inner_packets():
    yield IP(src="192.0.2.1", dst="192.0.2.2", ttl=7, tos=0x2E, id=9) / UDP(sport=1111, dport=2222) / Raw(PAYLOAD)
    yield IPv6(src="2001:db8::1", dst="2001:db8::2", hlim=9, tc=0xB8, fl=0xFFFFF) / TCP(sport=3, dport=4) / Raw(PAYLOAD)


def gre_packets():
    for checksum, key, sequence in itertools.product((0, 1), repeat=3):
        for inner in inner_packets():
            for outer in (
                IP(src="203.0.113.1", dst="203.0.113.2", ttl=64, flags="DF", tos=3),
                IPv6(src="2001:db8:1::1", dst="2001:db8:1::2", hlim=64, tc=1),
            ):
                header = GRE(chksum_present=checksum, key_present=key, seqnum_present=sequence)
                if key:
                    header.key = 0xFEDCBA98
                if sequence:
                    header.seqence_number = 0x89ABCDEF
                packet = type(outer)(bytes(outer / header / inner))
                values = ip(packet, "outer.") | gre(packet[GRE]) | ip(packet[GRE].payload, "inner.")
                emit("gre", values, packet)


def ipv4_packets():
    router_alert = [IPOption_Router_Alert()]
    for words in range(11):
        options = router_alert * (words // 2) + [IPOption_NOP()] * (4 * (words - words // 2))
        for flags, fragment in (("", 0), ("DF", 0), ("MF", 0), ("MF", 185), ("", 8191)):
            packet = IP(src="198.51.100.1", dst="198.51.100.255", id=0xFFFF, ttl=255, options=options)
            packet.flags = flags
            packet.frag = fragment
            packet = IP(bytes(packet / Raw(PAYLOAD)))
            emit("ipv4", ipv4(packet, "outer."), packet)


def ipv6_packets():
    choices = (
        IPv6ExtHdrHopByHop(options=[RouterAlert()]),
        IPv6ExtHdrDestOpt(),
        IPv6ExtHdrRouting(addresses=["2001:db8::9", "2001:db8::a"]),
        AH(spi=0x100, seq=1, icv=b"\x01" * 12, payloadlen=4),
        IPv6ExtHdrDestOpt(),
    )
    fragments = (
        None,
        IPv6ExtHdrFragment(id=0xCAFEBABE),
        IPv6ExtHdrFragment(id=1, m=1),
        IPv6ExtHdrFragment(id=2, offset=8191),
    )
    for chosen in itertools.product((False, True), repeat=len(choices)):
        for fragment in fragments:
            packet = IPv6(src="2001:db8::1", dst="ff02::1", hlim=1)
            headers = [choice for choice, take in zip(choices, chosen) if take]
            if fragment is not None:
                headers.append(fragment)
            upper = UDP(sport=5, dport=6)
            for header, following in zip(headers, headers[1:] + [upper]):
                if isinstance(header, AH):  # the one whose next header scapy does not fill in
                    header = header.copy()
                    header.nh = NEXT_HEADERS[type(following)]
                packet = packet / header
            upper_offset = len(packet)
            packet = IPv6(bytes(packet / upper / Raw(PAYLOAD)))
            values = ipv6(packet, "outer.") | {
                "upperProtocol": 17,
                "upperOffset": upper_offset,
                "hasFragmentHeader": int(fragment is not None),
                "identification": fragment.id if fragment else 0,
                "fragmentOffset": fragment.offset * 8 if fragment else 0,
                "moreFragments": fragment.m if fragment else 0,
            }
            emit("ipv6", values, packet)


gre_packets()
ipv4_packets()
ipv6_packets()
