"""Scapy's IPsec layer as judge.

judge.py seal CRYPT KEY AUTH KEY ESN INNER: the outer packet that scapy makes of an inner one.
judge.py open CRYPT KEY AUTH KEY ESN OUTER: the inner packet that scapy finds in an outer one.
Packets and keys are hexadecimal; a dash is no key. ESN is a 64-bit sequence number, or a dash.
"""

import sys

from scapy.all import IP
from scapy.layers.ipsec import ESP, SecurityAssociation


def key(text):
    return None if text == "-" else bytes.fromhex(text)


command, crypt, crypt_key, auth, auth_key, esn, packet = sys.argv[1:]
extended = esn != "-"
association = SecurityAssociation(
    ESP,
    spi=0x1001,
    crypt_algo=crypt,
    crypt_key=key(crypt_key),
    auth_algo=None if auth == "-" else auth,
    auth_key=key(auth_key),
    tunnel_header=IP(src="203.0.113.2", dst="203.0.113.1"),
    esn_en=extended,
    esn=int(esn) >> 32 if extended else 0,
)
given = IP(bytes.fromhex(packet))
if command == "seal":
    sealed = association.encrypt(given, seq_num=int(esn) & 0xFFFFFFFF if extended else 7)
    print(bytes(sealed).hex())
else:
    print(bytes(association.decrypt(given)).hex())
