# SPDX-License-Identifier: Apache-2.0
"""The server's own socket."""

from __future__ import annotations

import asyncio
import socket

from standfast.web import server


def test_a_small_answer_is_sent_at_once() -> None:
    """Asyncio switches Nagle's waiting off only where the protocol is named."""
    asked: list[int] = []

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = writer.get_extra_info("socket")
        asked.append(there.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async def once() -> None:
        with server._listen(0) as listening:
            serving = await asyncio.start_server(answer, sock=listening)
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            assert await reader.read() == b""
            writer.close()
            serving.close()
            await serving.wait_closed()

    asyncio.run(once())
    assert asked == [1]
