# SPDX-License-Identifier: Apache-2.0
"""A browser without scripts, for tests of pages: it follows redirects and fills in forms."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any, Self

from starlette.testclient import TestClient

from standfast.desk import Unlock
from standfast.web.app import create_app
from standfast.web.page import pages
from standfast.web.room import Room

if TYPE_CHECKING:
    from pathlib import Path

HOST = "127.0.0.1:50000"
FORM = re.compile(r'name="form" value="([0-9a-f]+)"')


class Browser:
    """One person at the app. Use as a context manager; ``folder`` is opened at once if unlocked."""

    def __init__(self, folder: Path | None, passphrase: str = "", language: str = "en") -> None:
        self.room = Room(folder, language=language)
        if passphrase and folder is not None:
            self.room.unlock(folder, Unlock(passphrase=passphrase))
        app = create_app(self.room, frozenset({HOST}))
        self.client = TestClient(app, base_url=f"http://{HOST}", raise_server_exceptions=False)
        self.path = "/"
        self.status = 0
        self.html = ""

    def __enter__(self) -> Self:
        self.client.__enter__()
        self.client.get(f"/o/{self.room.sessions.token}")
        return self

    def __exit__(self, *_exception: object) -> None:
        self.client.__exit__(None, None, None)

    def url(self, name: str, **keys: str) -> str:
        return next(one for one in pages() if one.name == name).path.format(**keys)

    def get(self, path: str) -> str:
        return self._take(self.client.get(path))

    def post(self, path: str, **fields: Any) -> str:
        """Send a form with the token that every page of this session carries."""
        token = self.room.sessions._open[0].form_token
        return self._take(self.client.post(path, data={"form": token, **fields}))

    def put(self, path: str, data: bytes, **headers: str) -> str:
        token = self.room.sessions._open[0].form_token
        return self._take(self.client.put(path, content=data, headers={"x-form": token, **headers}))

    def wait(self) -> str:
        """Wait for the long work whose page this is, then show what comes after it.

        Short work may be over by the time its page is asked for: what comes after it is here then.
        """
        if not self.path.startswith("/j/"):
            return self.html
        key = self.path.split("/")[2]
        job = self.room.jobs.find(key)
        assert job is not None
        self.room.jobs._pool.submit(lambda: None).result(120)
        return self.get(f"/j/{key}")

    def _take(self, answer: Any) -> str:
        self.path = answer.url.path
        self.status = answer.status_code
        self.html = answer.text
        return self.html

    @property
    def words(self) -> str:
        """What a person reads: the page without its tags."""
        text = re.sub(r"<(script|style).*?</\1>", " ", self.html, flags=re.DOTALL)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))
