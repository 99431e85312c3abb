"""Reassembles the fragments in a pcap file with scapy; prints each whole packet in hexadecimal, ordered by identification."""

import sys

from scapy.all import IP, defragment, rdpcap

whole = defragment([IP(bytes(packet)) for packet in rdpcap(sys.argv[1])])
for packet in sorted(whole, key=lambda packet: packet.id):
    assert not packet.flags.MF and packet.frag == 0, "incomplete: " + packet.summary()
    print(bytes(packet).hex())
