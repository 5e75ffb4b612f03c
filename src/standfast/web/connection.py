# SPDX-License-Identifier: Apache-2.0
"""One connection: whose it is, and how long it may take to say what it wants.

Rules enforced here:

* where the system tells whose a connection is (Linux, ``/proc/net/tcp``), only the person who
  started the server and root get one: another account on the same computer is hung up on, whatever
  it knows; a connection whose other end is closed already belongs to nobody, not to root;
* a request's head must be there within seconds, the first and every later one; a connection that
  says nothing, sends on after its answer, or does not read its answer is hung up on;
* what is no HTTP, and what comes when there are too many, is answered without words and with the
  same headers as everything else.
"""

from __future__ import annotations

import os
import socket
import struct
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from standfast.web.security import bare, too_many

if TYPE_CHECKING:
    import asyncio

HEAD_SECONDS = 10.0
READING_SECONDS = 60.0
"""How long the other end may leave an answer unread."""
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
OWNER = 7
"""The column of the user's id (Linux, ``Documentation/networking/proc_net_tcp.rst``)."""
ESTABLISHED = "01"
"""In every other state the kernel can give 0 for a socket that its owner has closed."""
MAPPED = b"\0\0\xff\xff"
"""What stands before an IPv4 address that is spoken by an IPv6 socket."""
EARLY_BYTES = 1 << 20
Address = tuple[str, int]


class Peers:
    """Tells whose connections are, looking once for all that came at the same moment."""

    def __init__(self, tables: tuple[Path, ...] = TABLES) -> None:
        """Find out whether this system tells."""
        self._tables = tables
        self._waiting: list[Connection] = []
        self.can_tell = self._tells()

    def ask(self, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
        """Have a connection told whether it is ours, after this round of the loop."""
        if not self._waiting:
            loop.call_soon(self._tell)
        self._waiting.append(connection)

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, []
        table = self._read()
        for one in waiting:
            one.known(ours=is_ours(table, one.transport))

    def _read(self) -> str:
        found = []
        for table in self._tables:
            try:
                found.append(table.read_text("ascii"))
            except OSError:  # no IPv6, or it went away: who is not found is not ours
                continue
        return "".join(found)

    def _tells(self) -> bool:
        """Try it on a connection of our own; some systems have the table and leave it empty."""
        with closing(socket.create_server(("127.0.0.1", 0))) as listening:
            here = listening.getsockname()
            with closing(socket.create_connection(here, 1.0)) as ours:
                return owner_of(self._read(), ours.getsockname(), here) == os_user()


class _Clock:
    """Hangs up when its time is over."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._handle: asyncio.TimerHandle | None = None

    def start(self, protocol: Connection) -> None:
        """Begin, unless it runs already."""
        if self._handle is None and not protocol.transport.is_closing():
            over = protocol.transport.abort
            self._handle = protocol.loop.call_later(self._seconds, over)

    def stop(self) -> None:
        """Stop and forget."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


class Connection(H11Protocol):
    """A connection that is looked at before anything it says."""

    def __init__(self, *, peers: Peers, most: int, **facts: Any) -> None:
        """Begin unknown; ``most`` is how many connections there may be."""
        super().__init__(**facts)
        self._peers = peers
        self._most = most
        self._ours = not peers.can_tell
        self._early = b""
        self._head = _Clock(HEAD_SECONDS)
        self._unread = _Clock(READING_SECONDS)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start the clock, and find out whose it is."""
        super().connection_made(transport)
        self._head.start(self)
        if len(self.connections) > self._most:
            self.app = too_many
        if not self._ours:
            self._peers.ask(self, self.loop)

    def known(self, *, ours: bool) -> None:
        """Go on with what came until now, or hang up."""
        if not ours:
            self.transport.abort()
            return
        self._ours = True
        early, self._early = self._early, b""
        if early and not self.transport.is_closing():
            self.data_received(early)

    def data_received(self, data: bytes) -> None:
        """Take what comes, once it is known whose it is."""
        if not self._ours:
            self._early += data
            if len(self._early) > EARLY_BYTES:
                self.transport.abort()
            return
        super().data_received(data)
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering:
            self._head.stop()
        else:
            self._head.start(self)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, unless an answer is on its way already."""
        del msg
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(bare(400))
        self.transport.close()

    def pause_writing(self) -> None:
        """Start the clock of an answer that is not read."""
        super().pause_writing()
        self._unread.start(self)

    def resume_writing(self) -> None:
        """Stop that clock."""
        super().resume_writing()
        self._unread.stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clocks."""
        self._head.stop()
        self._unread.stop()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """End with the server."""
        if not self.transport.is_closing():
            super().shutdown()


def os_user() -> int:
    """Give this process's user, where there is such a thing."""
    return os.getuid() if hasattr(os, "getuid") else -1


def is_ours(table: str, transport: asyncio.BaseTransport) -> bool:
    """Say whether the other end of a connection belongs to this person or root."""
    there, here = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    if there is None or here is None:
        return False
    return owner_of(table, there, here) in {0, os_user()}


def owner_of(table: str, local: Address, remote: Address) -> int | None:
    """Give the user id that a connection's one end belongs to, by the kernel's table."""
    mapped = "0" * 16 + f"{struct.unpack('=I', MAPPED)[0]:08X}"
    for prefix in ("", mapped):
        pair = f" {prefix}{_spelled(local)} {prefix}{_spelled(remote)} {ESTABLISHED} "
        place = table.find(pair)
        if place >= 0:
            line = table[table.rfind("\n", 0, place) + 1 :].partition("\n")[0]
            columns = line.split()
            return int(columns[OWNER]) if len(columns) > OWNER else None
    return None


def _spelled(address: Address) -> str:
    """Write an address as the kernel does: the bytes in the machine's own order, in hex."""
    (number,) = struct.unpack("=I", socket.inet_aton(address[0]))
    return f"{number:08X}:{address[1]:04X}"
