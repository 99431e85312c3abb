"""What stands on a tunnel's device that carries more than IP: a label-switching router by scapy, and a sender of NHRP.

mpls_router.py route DEVICE: answers echo requests behind label 100, each by a reply behind label 200, until it is ended.
Says "ready", and a line for each labelled packet: its labels, their TTLs and what is inside.

mpls_router.py echo DEVICE TYPE HEX: sends that packet with that EtherType, and says which EtherType and bytes come back.
"""

import socket
import sys

from scapy.all import ICMP, IP, Raw
from scapy.contrib.mpls import MPLS

UNICAST = 0x8847
ALL = 0x0003
OUTGOING = 4
IN, OUT = 100, 200


def labels(packet):
    stack = []
    while isinstance(packet, MPLS):
        stack.append(packet)
        packet = packet.payload
    return stack, packet


def route(device):
    # Bound to all protocols, so that a packet under a wrong one is seen, too.
    taps = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ALL))
    taps.bind((device, ALL))
    print("ready", flush=True)
    while True:
        data, (_, protocol, kind, _, _) = taps.recvfrom(65536)
        if kind == OUTGOING or protocol in (0x0800, 0x86DD):
            continue
        if protocol != UNICAST:
            print(f"type {protocol:#06x}", flush=True)
            continue
        stack, inner = labels(MPLS(data))
        said = " ".join(f"{entry.label}/{entry.ttl}" for entry in stack)
        print(f"labels {said} {inner.src} {inner.dst} {len(inner)}", flush=True)
        if [entry.label for entry in stack] == [IN] and inner.haslayer(ICMP) and inner[ICMP].type == 8:
            echo = inner[ICMP]
            reply = IP(src=inner.dst, dst=inner.src) / ICMP(type=0, id=echo.id, seq=echo.seq) / Raw(bytes(echo.payload))
            taps.sendto(bytes(MPLS(label=OUT, s=1, ttl=64) / reply), (device, UNICAST))


def echo(device, protocol, packet):
    taps = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(protocol))
    taps.bind((device, protocol))
    taps.settimeout(0.5)
    for _ in range(60):
        taps.sendto(packet, (device, protocol))
        try:
            data, (_, received, _, _, _) = taps.recvfrom(65536)
        except TimeoutError:
            continue
        print(f"{received:04x} {data.hex()}", flush=True)
        return


if sys.argv[1] == "route":
    route(sys.argv[2])
else:
    echo(sys.argv[2], int(sys.argv[3], 16), bytes.fromhex(sys.argv[4]))
