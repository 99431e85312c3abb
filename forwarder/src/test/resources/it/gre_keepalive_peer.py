"""A router that speaks Cisco's GRE keepalives, by scapy.

gre_keepalive_peer.py LOCAL REMOTE KEY: asks REMOTE twice a second, and gives back what REMOTE asks for. A line on standard
output for each: "came back" or "gave back". KEY may be a dash.
"""

import select
import socket
import sys
import time

from scapy.all import GRE, IP

local, remote, key_text = sys.argv[1:]
key = {} if key_text == "-" else {"key_present": 1, "key": int(key_text)}

receiver = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47)
sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)

inside = IP(src=remote, dst=local, tos=0xC0, ttl=255, id=0x4711, proto=47) / GRE(proto=0, **key)
request = IP(src=local, dst=remote, tos=0xC0, ttl=255, proto=47) / GRE(proto=0x0800, **key) / inside
expected = IP(bytes(inside))
expected.ttl = 254
del expected.chksum

print("ready", flush=True)
next_request = time.monotonic()
while True:
    wait = next_request - time.monotonic()
    if wait <= 0:
        sender.sendto(bytes(request), (remote, 0))
        next_request += 0.5
        continue
    if not select.select([receiver], [], [], wait)[0]:
        continue
    packet = IP(receiver.recv(65535))
    if packet.src != remote:
        continue
    if bytes(packet) == bytes(expected):
        print("came back", flush=True)
    elif packet[GRE].proto == 0x0800 and packet[GRE].payload[GRE].proto == 0:
        inner = packet[GRE].payload[IP]
        if (inner.src, inner.dst, inner[GRE].key_present) != (local, remote, len(key) // 2):
            print("wrong " + inner.summary(), flush=True)
            continue
        inner.ttl -= 1
        del inner.chksum
        sender.sendto(bytes(inner), (remote, 0))
        print("gave back", flush=True)
    else:
        print("wrong " + packet.summary(), flush=True)
