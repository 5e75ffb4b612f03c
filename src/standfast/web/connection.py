# SPDX-License-Identifier: Apache-2.0
"""One connection: whose it is, and how long it may take to say what it wants.

Rules enforced here:

* where the system tells whose a connection is (Linux, ``/proc/net/tcp``), only the person who
  started the server and root get one: another account on the same computer is hung up on, whatever
  it knows;
* a request's head must be there within seconds; a connection that says nothing is hung up on.
"""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

HEAD_SECONDS = 10.0
TABLE = Path("/proc/net/tcp")
LOCAL, REMOTE, OWNER = 1, 2, 7
"""Columns of the table (Linux, ``Documentation/networking/proc_net_tcp.rst``)."""


class Connection(H11Protocol):
    """A connection that is looked at before anything it says."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Hang up on other people."""
        super().connection_made(transport)
        if not is_ours(transport):
            transport.abort()
            return
        self._late = self.loop.call_later(HEAD_SECONDS, self._hang_up, transport)

    def handle_events(self) -> None:
        """Take notice of a whole head."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before and self._late is not None:
            self._late.cancel()
            self._late = None

    def on_response_complete(self) -> None:
        """Wait for the next head, as long as the server waits for any."""
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clock."""
        if self._late is not None:
            self._late.cancel()
        super().connection_lost(exc)

    def _hang_up(self, transport: asyncio.Transport) -> None:
        self._late = None
        transport.abort()


def is_ours(transport: asyncio.BaseTransport) -> bool:
    """Say whether the other end belongs to this person or root; true where nobody can tell."""
    there, here = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    if there is None or here is None or not TABLE.exists():
        return True
    owner = owner_of(TABLE.read_text("ascii"), there, here)
    return owner in {0, os.getuid()}


def owner_of(table: str, local: tuple[str, int], remote: tuple[str, int]) -> int | None:
    """Give the user id that a connection's one end belongs to, by the kernel's table."""
    wanted = (_spelled(local), _spelled(remote))
    for line in table.splitlines()[1:]:
        columns = line.split()
        if (columns[LOCAL], columns[REMOTE]) == wanted:
            return int(columns[OWNER])
    return None


def _spelled(address: tuple[str, int]) -> str:
    """Write an address as the kernel does: the bytes in the machine's own order, in hex."""
    (number,) = struct.unpack("=I", socket.inet_aton(address[0]))
    return f"{number:08X}:{address[1]:04X}"
