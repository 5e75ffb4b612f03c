# SPDX-License-Identifier: Apache-2.0
"""The server: on this computer's own address, on a port nobody knows beforehand, without a log."""

from __future__ import annotations

import asyncio
import socket
import time
import webbrowser
from typing import TYPE_CHECKING

import uvicorn

from standfast.web.app import create_app
from standfast.web.connection import Connection
from standfast.web.room import Room
from standfast.web.security import TOKEN_PATH

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ADDRESS = "127.0.0.1"
NAMES = (ADDRESS, "localhost")
TICK_SECONDS = 2.0
GRACE_SECONDS = 3
WAITING = 2048
"""Connections the system holds until they are answered."""


def serve(
    folder: Path | None,
    *,
    port: int = 0,
    language: str = "",
    browser: bool = True,
    ready: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve until the person ends it or nobody comes back.

    ``ready`` is told the address with the one-time token as soon as it can be opened.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.bind((ADDRESS, port))
        listening.listen(WAITING)
        chosen = listening.getsockname()[1]
        room = Room(folder, language=language)
        server = _server(room, frozenset(f"{name}:{chosen}" for name in NAMES))
        address = f"http://{ADDRESS}:{chosen}{TOKEN_PATH}{room.sessions.token}"

        def told() -> None:
            ready(address)
            if browser:
                webbrowser.open(address)

        asyncio.run(_run(server, room, listening, told))


def _server(room: Room, hosts: frozenset[str]) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(room, hosts),
        http=Connection,
        ws="none",
        loop="asyncio",
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level="critical",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        backlog=WAITING,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=GRACE_SECONDS,
        h11_max_incomplete_event_size=64 << 10,
    )
    return uvicorn.Server(config)


async def _run(
    server: uvicorn.Server, room: Room, listening: socket.socket, told: Callable[[], None]
) -> None:
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve(sockets=[listening]))
        await asyncio.to_thread(told)  # the socket listens already: who comes now waits
        while not serving.done():
            if await asyncio.to_thread(room.tick, time.monotonic()):
                server.should_exit = True
            await asyncio.wait([serving], timeout=TICK_SECONDS)
