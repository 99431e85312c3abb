"""The other end of a minimal-encapsulation tunnel, RFC 2004, by scapy.

minenc_peer.py DEVICE LOCAL REMOTE: makes a TUN device and carries its packets to and from REMOTE until it is ended. What
it says on standard output: "ready", and a line for each packet that it refuses.
"""

import fcntl
import os
import select
import socket
import struct
import sys

from scapy.all import IP, BitField, ByteEnumField, ConditionalField, IPField, Packet, Raw, XShortField, bind_layers
from scapy.utils import checksum

TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001
MINENC = 55
IPIP = 4


class MinimalForwarding(Packet):
    """RFC 2004 section 3.1."""

    name = "Minimal Forwarding Header"
    fields_desc = [
        ByteEnumField("proto", 0, {1: "icmp", 6: "tcp", 17: "udp"}),
        BitField("source_present", 0, 1),
        BitField("reserved", 0, 7),
        XShortField("chksum", None),
        IPField("dst", "0.0.0.0"),
        ConditionalField(IPField("src", "0.0.0.0"), lambda header: header.source_present == 1),
    ]

    def post_build(self, header, payload):
        if self.chksum is None:
            header = header[:2] + struct.pack("!H", checksum(header)) + header[4:]
        return header + payload


bind_layers(IP, MinimalForwarding, proto=MINENC)
bind_layers(MinimalForwarding, Raw)

device_name, local, remote = sys.argv[1:]
device = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", device_name.encode(), IFF_TUN_NO_PI))
sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
receivers = [socket.socket(socket.AF_INET, socket.SOCK_RAW, number) for number in (MINENC, IPIP)]
for receiver in receivers:
    # SO_RCVBUFFORCE: what arrives while Python is busy must wait.
    receiver.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)


def encapsulate(inner):
    """Section 3.2: the header stays, but for protocol and addresses; section 1: never a fragment."""
    if inner.flags.MF or inner.frag:
        return IP(src=local, dst=remote, proto=IPIP) / Raw(bytes(inner))
    keeps_source = inner.src == local
    header = MinimalForwarding(proto=inner.proto, source_present=0 if keeps_source else 1, dst=inner.dst)
    if not keeps_source:
        header.src = inner.src
    outer = inner.copy()
    outer.remove_payload()
    outer.proto, outer.src, outer.dst, outer.len, outer.chksum = MINENC, local, remote, None, None
    return outer / header / Raw(bytes(inner.payload))


def decapsulate(outer):
    """Section 3.2: puts back what the header took over. None is a packet that must not go on."""
    if outer.src != remote or outer.dst != local:
        return None
    if outer.proto == IPIP:
        return bytes(outer.payload)
    header = outer[MinimalForwarding]
    length = 12 if header.source_present else 8
    if checksum(bytes(outer.payload)[:length]) != 0:
        return None
    inner = outer.copy()
    inner.remove_payload()
    inner.proto, inner.dst, inner.len, inner.chksum = header.proto, header.dst, None, None
    if header.source_present:
        inner.src = header.src
    return bytes(inner / Raw(bytes(header.payload)))


print("ready", flush=True)
while True:
    for ready in select.select([device, *receivers], [], [])[0]:
        if ready == device:
            packet = IP(os.read(device, 65535))
            if packet.version == 4:
                sender.sendto(bytes(encapsulate(packet)), (remote, 0))
        else:
            outer = IP(ready.recv(65535))
            inner = decapsulate(outer)
            if inner is None:
                print("refused " + outer.summary(), flush=True)
            else:
                os.write(device, inner)
