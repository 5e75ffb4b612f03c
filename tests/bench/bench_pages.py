# SPDX-License-Identifier: Apache-2.0
"""The app on a large case: the first page, unlocking, and every page that links lead to.

The server is a process of its own; what is measured is what a browser on the same computer waits
for, over a connection that stays open. Pages with a key in their address are measured over up to
`ASKED` different keys.
"""

from __future__ import annotations

import http.client
import re
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from bench_whatsapp import LARGEST, export
from measuring import HERE, Row, Spent, run, thousands
from our_work import PASSPHRASE

from standfast.web.page import Page, pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measuring import Bench

ASKED = 40
LEAST = 20
BAR_MS = 150.0
FIRST_S = 1.0
READY_SECONDS = 120
LINK = re.compile(r'(?:href|src|data-rows|data-url)="(/[^"#]*)"')
TOKEN = re.compile(r'name="form" value="([0-9a-f]+)"')
RESTING_ON_MUCH = frozenset({"home", "timeline", "findings", "people", "dossier"})
LEFT_OUT = frozenset({"static", "font", "job_state"})


class Client:
    """A browser's connection, without the browser."""

    def __init__(self, base: str) -> None:
        self.connection = http.client.HTTPConnection(base, timeout=READY_SECONDS)
        self.cookie = ""
        self.html = ""

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> float:
        """Send a request, follow where it leads, and give the seconds that all of it took."""
        began = time.perf_counter()
        headers = {"Cookie": self.cookie, "Accept-Language": "en"}
        body = None
        if fields is not None:
            token = TOKEN.search(self.html)
            body = urlencode({"form": token.group(1) if token else "", **fields})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        given = answer.headers.get("Set-Cookie")
        if given:
            self.cookie = given.partition(";")[0]
        seconds = time.perf_counter() - began
        place = answer.headers.get("Location")
        if place and answer.status in {302, 303}:
            return seconds + self.ask("GET", place)
        if answer.status != http.client.OK:
            message = f"{method} {path}: {answer.status}"
            raise RuntimeError(message)
        self.html = data.decode("utf-8", "replace")
        return seconds


def rows(bench: Bench) -> Iterator[Row]:
    """Measure the largest case that is asked for, made by the WhatsApp benchmark or here."""
    count = bench.sizes[-1]
    path, folder = export(bench, count), bench.folder / f"case-{count}"
    if not folder.exists():
        run(sys.executable, HERE / "our_work.py", "keep", folder, path)
    run(sys.executable, HERE / "our_work.py", "state", folder)
    began = time.perf_counter()
    command = [sys.executable, "-m", "standfast", "open", "--no-browser", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            yield from _measured(server, began, thousands(count), large=count == LARGEST)
        finally:
            server.terminate()


def _measured(
    server: subprocess.Popen[bytes], began: float, size: str, *, large: bool
) -> Iterator[Row]:
    assert server.stdout is not None
    address = urlsplit(server.stdout.readline().decode().strip())
    client = Client(address.netloc)
    client.ask("GET", address.path)
    first = time.perf_counter() - began
    yield Row(
        "first page after the command", size, Spent(first), value=first, bar=FIRST_S, unit="s"
    )
    opened = client.ask("POST", "/u", {"passphrase": PASSPHRASE})
    yield Row("unlock, first page shown", size, Spent(opened), value=opened, unit="s")
    ready = _until_quiet(client)
    yield Row("until everything is worked out", size, Spent(ready), value=ready, unit="s")
    for page, places in sorted(_found(client).items()):
        p95 = _p95(client, places)
        bar = BAR_MS if large else None
        yield Row(f"page “{page}”, p95", size, Spent(p95 / 1000), value=p95, bar=bar, unit="ms")
    peak = _peak_mb(server.pid)
    yield Row("memory of the server", size, Spent(peak_mb=peak), value=peak, unit="MB")


def _until_quiet(client: Client) -> float:
    """Look at the pages that rest on much until none is slow, or still being worked out."""
    began = time.perf_counter()
    paths = [one.path for one in pages() if one.name in RESTING_ON_MUCH]
    while time.perf_counter() - began < READY_SECONDS:
        if not any(_is_waiting(client, path) for path in paths):
            break
        time.sleep(0.5)
    return time.perf_counter() - began


def _is_waiting(client: Client, path: str) -> bool:
    """Say whether a page is slow, or shows that something is still being worked out."""
    return client.ask("GET", path) * 1000 > BAR_MS or "<progress" in client.html


def _found(client: Client) -> dict[str, list[str]]:
    """Follow links two steps deep and sort the addresses by page."""
    shapes = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", one.path)), one) for one in pages()]
    found: dict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    waiting = [one.path for one in pages() if one.menu]
    for _step in range(3):
        links: list[str] = []
        for path in waiting:
            page = _page_of(shapes, path)
            if path in seen or page is None or len(found[page.name]) >= ASKED:
                continue
            seen.add(path)
            found[page.name].append(path)
            client.ask("GET", path)
            links += [unescape(one) for one in LINK.findall(client.html)]
        waiting = links
    return {name: places for name, places in found.items() if places}


def _page_of(shapes: list[tuple[re.Pattern[str], Page]], path: str) -> Page | None:
    bare = path.partition("?")[0]
    for shape, page in shapes:
        if page.get and page.name not in LEFT_OUT and shape.fullmatch(bare):
            return page
    return None


def _p95(client: Client, places: list[str]) -> float:
    """Ask for each page so often that a twentieth of the answers is a number; milliseconds."""
    asked = (places * (1 + LEAST // len(places)))[: max(ASKED, len(places))]
    times = [client.ask("GET", place) * 1000 for place in asked]
    return statistics.quantiles(times, n=20)[18]


def _peak_mb(pid: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+)", _status(pid))
    return int(found.group(1)) // 1024 if found else 0


def _status(pid: int) -> str:
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - a kernel's file
        return file.read()
