# SPDX-License-Identifier: Apache-2.0
"""A visit: one request, as a page sees it.

Rules enforced here:

* what stands in an address is a name of ours or an opaque key;
* a form is small, and carries the session's token;
* an error of the desk is shown as its sentences; a message to the person is shown once.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, quote

from starlette.datastructures import ImmutableMultiDict
from starlette.responses import HTMLResponse, RedirectResponse, Response

from standfast.errors import StandfastError, WrongUsage
from standfast.i18n import _, language
from standfast.model.harmless import harmless
from standfast.web.page import Page, menu, page_named
from standfast.web.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from starlette.datastructures import Headers

    from standfast.desk import Desk, Sitting
    from standfast.desk.progress import Progress
    from standfast.web.jobs import Job
    from standfast.web.room import Room
    from standfast.web.sessions import Session

FORM_BYTES = 256 << 10
FIELDS = 2000
JSON = "application/json"
T = TypeVar("T")


PICTURES = frozenset({"image/png", "image/jpeg", "image/webp"})
"""What may be shown within a page: pictures that were drawn anew."""
SAFE_TYPES = PICTURES | {"application/pdf", "application/zip", "text/plain"}
SAVED = "application/octet-stream"
ALONE = "sandbox; default-src 'none'"
NAME_LETTERS = 150
OTHER_MEANING = frozenset('/\\:*?"<>|')
"""Characters that mean something else in the name of a file, on one system or another."""
AFTER_LOCKING = 5
"""Seconds between the room's locking itself and a page's going away, where there are no scripts."""


class Locked(Exception):
    """The page needs an open case and there is none."""


class NotFound(LookupError):
    """There is no such thing (any more)."""


@dataclass(slots=True)
class Caught:
    """An error that a page shows above its form."""

    problem: StandfastError | None = None


@dataclass(slots=True)
class Visit:
    """One request: ``form`` are the fields of a small form, ``params`` the keys in the address."""

    room: Room
    session: Session
    page: Page
    method: str
    path: str
    headers: Headers
    params: Mapping[str, str]
    body: bytes = b""
    _sitting: Sitting | None = None
    _form: ImmutableMultiDict[str, str] | None = field(default=None)

    # -- the case ----------------------------------------------------------------------------

    @property
    def sitting(self) -> Sitting:
        """Give the open case.

        Raises:
            Locked: there is none.
        """
        if self._sitting is None:
            raise Locked
        return self._sitting

    @property
    def desk(self) -> Desk:
        """Give the open case as it is now, for reading."""
        return self.sitting.look()

    def write(self, work: Callable[[Desk], T]) -> T:
        """Do something to the case.

        Raises:
            CaseBusy: another program writes and does not end. StandfastError: as the desk's verbs.
        """
        return self.sitting.write(work)

    def start(
        self, title: str, work: Callable[[Sitting, Progress], Any], then: str = ""
    ) -> Response:
        """Begin long work and go to the page that shows how far it is; ``then`` comes after it."""
        job = self.room.start(title, work, then, sitting=self.sitting)
        return self.go("job", key=job.key)

    def job(self, key: str) -> Job:
        """Give long work by its key.

        Raises:
            NotFound: there is none, in this run of the server.
        """
        found = self.room.jobs.find(key)
        if found is None:
            raise NotFound(key)
        return found

    # -- what came in ------------------------------------------------------------------------

    @property
    def form(self) -> ImmutableMultiDict[str, str]:
        """Give the fields of a form."""
        if self._form is None:
            try:
                fields = parse_qsl(
                    self.body.decode("utf-8", "replace"),
                    keep_blank_values=True,
                    max_num_fields=FIELDS,
                )
            except ValueError as problem:
                raise WrongUsage(_("This form has too many fields."), hint="") from problem
            self._form = ImmutableMultiDict(fields)
        return self._form

    @property
    def token_fits(self) -> bool:
        """Say whether a form, or a script's request, came from one of our pages."""
        given = self.headers.get("x-form") or self.form.get("form", "")
        return self.session.fits(given)

    def key(self, value: Any) -> str:
        """Give an opaque key for an address."""
        return self.room.keys.key(value)

    def value(self, key: str) -> Any:
        """Give what a key stands for.

        Raises:
            Expired: nothing any more.
        """
        return self.room.keys.value(key)

    # -- what goes out -----------------------------------------------------------------------

    def url(self, name: str, **keys: str) -> str:
        """Give the address of a page."""
        page = page_named(name)
        quoted = {key: quote(str(value), safe="") for key, value in keys.items()}
        return page.path.format(**quoted)

    def say(self, sentence: str, *, tone: str = "calm") -> None:
        """Have the next page say something, once; ``tone`` is calm, attention or urgent."""
        self.session.say(tone, sentence)

    @contextmanager
    def problems(self) -> Iterator[Caught]:
        """Catch an error of the desk, for the page to show it where it happened."""
        caught = Caught()
        try:
            yield caught
        except StandfastError as problem:
            caught.problem = problem

    def render(self, template: str, *, status: int = 200, **facts: Any) -> Response:
        """Make a page."""
        return HTMLResponse(render(template, {**self.shared(), **facts}), status)

    def shared(self) -> dict[str, Any]:
        """Give what every template knows."""
        sitting = self._sitting
        return {
            "url": self.url,
            "form_token": self.session.form_token,
            "page_name": self.page.name,
            "lang": language(),
            "direction": "ltr",
            "unlocked": sitting is not None,
            "behind": sitting is not None and sitting.behind,
            "as_of": sitting.as_of if sitting is not None else "",
            "idle_seconds": self.room.idle_seconds,
            "away": self._away() if sitting is not None else "",
            "jobs": self.room.jobs.running,
            "messages": self.session.take(),
            "menu": [
                (self.url(one.name), _(one.menu[1]), _is_within(self.page.path, one.path))
                for one in (menu() if sitting is not None else ())
                if one.menu
            ],
        }

    def _away(self) -> str:
        """Say when and where a browser without scripts goes from here by itself."""
        path = self.path if self.page.get is not None else self.url("home")
        seconds = int(self.room.idle_left) + AFTER_LOCKING
        return f"{seconds}; url={self.url('again', key=self.key(path))}"

    def go(self, name: str, **keys: str) -> Response:
        """Send the browser to a page."""
        return RedirectResponse(self.url(name, **keys), 303)

    def json(self, value: Mapping[str, Any], *, status: int = 200) -> Response:
        """Answer a script of ours."""
        text = json.dumps(value, ensure_ascii=True)
        return Response(text, status, media_type=JSON)

    def file(self, data: bytes, media_type: str, name: str = "") -> Response:
        """Give bytes that a browser neither opens as a page nor guesses about.

        With a name they are saved, whatever they are; without one they are a picture of ours.

        Raises:
            ValueError: no name and no picture.
        """
        if not name and media_type not in PICTURES:
            message = f"{media_type} is never shown within a page"
            raise ValueError(message)
        answer = Response(data, media_type=media_type if media_type in SAFE_TYPES else SAVED)
        answer.headers["Content-Security-Policy"] = ALONE
        if name:
            saved = "attachment; filename*=UTF-8''" + quote(_file_name(name), safe="")
            answer.headers["Content-Disposition"] = saved
        return answer


def _is_within(path: str, place: str) -> bool:
    """Say whether a page stands below a place in the navigation."""
    return path == place or (place != "/" and path.startswith(place + "/"))


def _file_name(untrusted_name: str) -> str:
    """Make a name that neither turns, hides, nor leads elsewhere; its ending stays."""
    spelled = harmless(untrusted_name.encode("utf-8", "replace").decode("utf-8"))
    kept = "".join(
        one if one.isprintable() and one not in OTHER_MEANING else "_" for one in spelled
    )
    start, dot, ending = kept.strip(" .").rpartition(".")
    return (start[:NAME_LETTERS] + dot + ending[:NAME_LETTERS]) or "file"
