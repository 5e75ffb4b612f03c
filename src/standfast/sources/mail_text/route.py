# SPDX-License-Identifier: Apache-2.0
"""The way a mail says it took: its ``Received`` chain and what the last server checked.

These are facts as written, no verdict: everything below the first server a person trusts can be
invented by the sender.

Rules enforced here:

* each server writes its line on top, so the lowest is the earliest;
* an address of a private network is no address on the internet and is passed over;
* of several ``Authentication-Results`` only the topmost counts, which the receiving side wrote.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from standfast.sources.mail_text.dates import parse_date
from standfast.sources.mail_text.headers import RECEIVED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_HOPS: Final = 100
"""How many lines from the lowest up are looked into."""
HOP_CHARS: Final = 4000
MOST_IP_CHARS: Final = 50

BY: Final = re.compile(r"\sby\s", re.IGNORECASE)
USUAL: Final = re.compile(
    r"[Ff]rom\s+[^\s()\[\]]+\s+\((?:[^\s()\[\]]+\s+)?\[(?:IPv6:)?([0-9A-Fa-f.:]{3,45})\]\)\s+by\s",
    re.ASCII,
)
"""The shape nearly every server writes."""
LITERAL: Final = re.compile(r"[\[(](?:IPv6:)?([0-9A-Fa-f.:]{3,45})[\])]", re.IGNORECASE)
RESULT: Final = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([A-Za-z]{1,20})", re.IGNORECASE)
LOCAL: Final = tuple(
    ip_network(network)
    for network in [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::/127",
        "fc00::/7",
        "fe80::/10",
    ]
)
"""Written here, as the standard library's own list differs between its versions."""


def first_received(received: Sequence[str]) -> int | None:
    """Give the earliest moment in the chain, in microseconds of UTC."""
    for line in received[:MOST_HOPS]:
        stamp = parse_date(line[-HOP_CHARS:].rpartition(";")[2]) if ";" in line else None
        if stamp is not None and stamp[3] is not None:
            return stamp[3]
    return None


def originating_ip(fields: Mapping[str, str], received: Sequence[str]) -> str:
    """Give the address the mail came from, as written; empty when nothing states one."""
    if "x-originating-ip" in fields:
        stated = fields["x-originating-ip"].strip(" \t[]")
        if is_address(stated):
            return stated
    for line in received[:MOST_HOPS]:
        usual = USUAL.match(line, len(RECEIVED))
        if usual is not None and is_outside(usual.group(1)):
            return usual.group(1)
        found = _outside(line[len(RECEIVED) : HOP_CHARS])
        if found:
            return found
    return ""


def _outside(hop: str) -> str:
    """Give the address that the receiving server saw, before the one its client claimed."""
    if hop.lstrip()[:4].lower() != "from":
        return ""
    sender = BY.split(hop, maxsplit=1)[0]
    bracket = sender.find("(")
    seen = LITERAL.findall(sender, bracket) if bracket >= 0 else []
    for literal in (*seen, *LITERAL.findall(sender)):
        if is_outside(literal):
            return str(literal)
    return ""


def is_address(text: str) -> bool:
    """Say whether a text is an IP address."""
    return len(text) < MOST_IP_CHARS and _network_side(text) is not None


def is_outside(text: str) -> bool:
    """Say whether a text is an IP address outside private networks."""
    return len(text) < MOST_IP_CHARS and _network_side(text) is True


@lru_cache(maxsize=4096)
def _network_side(text: str) -> bool | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return not any(_holds(network, address) for network in LOCAL)


def _holds(network: IPv4Network | IPv6Network, address: object) -> bool:
    return getattr(address, "version", 0) == network.version and address in network


def auth_summary(raw: str) -> str:
    """Sum up ``Authentication-Results`` as ``spf=… dkim=… dmarc=…``, as far as stated."""
    found: dict[str, str] = {}
    for name, value in RESULT.findall(raw[:HOP_CHARS]):
        found.setdefault(name.lower(), value.lower())
    return " ".join(f"{name}={found[name]}" for name in ("spf", "dkim", "dmarc") if name in found)
