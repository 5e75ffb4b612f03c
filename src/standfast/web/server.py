# SPDX-License-Identifier: Apache-2.0
"""The server: on this computer's own address, on a port nobody knows beforehand, without a log.

Rules enforced here:

* it listens on 127.0.0.1 and nowhere else, and has no other name;
* it writes nothing about what it is asked, and of a bug only places in the program; a crash leaves
  no memory image behind;
* Ctrl-C, a signal to end and a closed terminal let go of keys first; what is under way is asked to
  stop, and is not waited for longer than some seconds.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import os
import signal
import socket
import sys
import threading
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn

from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.web.app import create_app
from standfast.web.bugs import tell_bug
from standfast.web.connection import Connection, Peers
from standfast.web.room import Room, clock
from standfast.web.security import TOKEN_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

ADDRESS = "127.0.0.1"
TICK_SECONDS = 2.0
GRACE_SECONDS = 3
WAITING = 2048
"""Connections the system holds until they are answered."""
CONNECTIONS = 1024
OTHER_FILES = 512
"""Files that the program itself may have open at once."""
SIGNS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
INTERRUPTED = 130


def serve(
    folder: Path | None,
    *,
    port: int = 0,
    language: str = "",
    ready: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve until the person ends it or nobody comes back.

    ``ready`` is told the address with the one-time token as soon as it can be opened, in a thread
    of its own: what it does may take its time.

    Raises:
        WrongUsage: another program has this port, or there is no such port.
    """
    with _listen(port) as listening, _silence():
        host = f"{ADDRESS}:{listening.getsockname()[1]}"
        room = Room(folder, language=language)
        server = _server(room, host, _most_connections())
        address = f"http://{host}{TOKEN_PATH}{room.sessions.token}"
        asyncio.run(_run(server, room, listening, partial(ready, address)))
        if not room.close():
            os._exit(INTERRUPTED)  # work that does not notice its end; what it committed is whole


def _listen(port: int) -> socket.socket:
    # with the protocol named, asyncio sends small answers at once and not 40 ms later (Nagle)
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform == "win32":  # there another program could share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:  # a port that was just given up can be taken again
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((ADDRESS, port))
        listening.listen(WAITING)
    except (OSError, OverflowError) as problem:
        listening.close()
        raise WrongUsage(
            _("Port {port} cannot be used; perhaps another program has it.").format(port=port),
            hint=_("Leave --port out, and a free one is taken."),
        ) from problem
    return listening


@contextmanager
def _silence() -> Iterator[None]:
    """Let no library write about what it is doing, nor a bug about what it worked on."""
    hooks = threading.excepthook, sys.unraisablehook
    level = logging.root.manager.disable
    threading.excepthook = lambda facts: _tell(facts.exc_value)
    sys.unraisablehook = lambda facts: _tell(facts.exc_value)
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(level)
        threading.excepthook, sys.unraisablehook = hooks


def _tell(bug: BaseException | None) -> None:
    if bug is not None and not isinstance(bug, BrokenPipeError):
        tell_bug(bug)


def _most_connections() -> int:
    """Have room for connections beside the files that the program needs; no memory images."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return CONNECTIONS // 4
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + OTHER_FILES
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if 0 <= soft < wanted:
            top = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (top, hard))
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return CONNECTIONS if soft < 0 else max(16, min(CONNECTIONS, soft - OTHER_FILES, soft // 2))


class _Server(uvicorn.Server):
    """A server that ends by itself and not by the signal that asked for it."""

    def __init__(self, config: uvicorn.Config, room: Room) -> None:
        super().__init__(config)
        self._room = room

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: what comes in stops first, so that nothing has to be waited for."""
        self._room.end()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals that mean the end."""
        before = {}
        for name in SIGNS if threading.current_thread() is threading.main_thread() else ():
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, self._end)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        if self.should_exit and number == signal.SIGINT:
            os._exit(INTERRUPTED)  # asked twice: keys go with the process
        self.should_exit = True


def _server(room: Room, host: str, most: int) -> _Server:
    peers = Peers()

    def connection(**facts: Any) -> Connection:
        return Connection(peers=peers, most=most, **facts)

    config = uvicorn.Config(
        create_app(room, frozenset({host})),
        http=connection,  # type: ignore[arg-type]  # whatever makes a protocol will do
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
    return _Server(config, room)


async def _run(
    server: _Server, room: Room, listening: socket.socket, tell: Callable[[], None]
) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda _loop, facts: _tell(_bug(facts)))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await asyncio.sleep(0)  # from here on signals are taken
    told = contextvars.copy_context()
    threading.Thread(target=told.run, args=(tell,), daemon=True).start()
    while not serving.done():
        if await asyncio.to_thread(room.tick, clock()):
            server.should_exit = True
        await asyncio.wait([serving], timeout=TICK_SECONDS)
    await serving


def _bug(facts: dict[str, Any]) -> BaseException | None:
    found = facts.get("exception")
    return found if isinstance(found, BaseException) else None
