# SPDX-License-Identifier: Apache-2.0
"""Attacks that a browser can be made to carry out: other sites, other names, stolen tokens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from standfast.vault.opening import Unlock
from standfast.web.app import create_app
from standfast.web.page import Page, pages
from standfast.web.pages import files
from standfast.web.room import Room
from standfast.web.security import EMPTY, HEADERS
from standfast.web.visit import FIELDS, FORM_BYTES
from web_pages import MISBEHAVING, PHRASE, SECRET, UPLOADS, StandIn, misbehaving

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1:50000"
POLICY = HEADERS["Content-Security-Policy"]


class Attacked:
    """The app with a person's session, and the same app for somebody without one."""

    def __init__(self) -> None:
        self.room = Room(Path("somewhere"), begin=StandIn.begin)
        self.room.unlock(Path("somewhere"), Unlock(PHRASE))
        app = create_app(self.room, frozenset({HOST}))
        self.client = TestClient(app, base_url=f"http://{HOST}", raise_server_exceptions=False)
        self.client.follow_redirects = False

    def enter(self) -> None:
        assert self.client.get(f"/o/{self.room.sessions.token}").status_code == 303
        self.form = self.room.sessions._open[0].form_token

    def ask(self, method: str, path: str, **facts: Any) -> Any:
        return self.client.request(method, path, **facts)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Attacked]:
    misbehaving(monkeypatch.setattr)
    attacked = Attacked()
    with attacked.client:
        attacked.enter()
        yield attacked


def sealed(answer: Any) -> bool:
    """Say whether an answer carries every header, once, with nothing looser beside it."""
    policies = answer.headers.get_list("content-security-policy")
    others = {name: value for name, value in HEADERS.items() if value != POLICY}
    return (
        policies[0] == POLICY
        and not any("unsafe" in one for one in policies)
        and all(answer.headers.get_list(name) == [value] for name, value in others.items())
    )


def address(page: Page) -> str:
    return re.sub(r"\{\w+(:\w+)?\}", "0123456789abcdef012345", page.path)


# -- whatever is asked, the headers are there ------------------------------------------------------


def test_the_policy_lets_no_text_become_code_and_nothing_come_from_elsewhere() -> None:
    facts = dict(one.strip().partition(" ")[::2] for one in POLICY.split(";"))
    assert facts.pop("require-trusted-types-for") == "'script'"
    assert facts.pop("trusted-types") == "'none'"
    assert facts["default-src"] == facts["frame-ancestors"] == facts["base-uri"] == "'none'"
    assert set(facts.values()) == {"'none'", "'self'"}


@pytest.mark.parametrize("locked", [False, True])
def test_every_page_and_every_error_carries_the_headers(app: Attacked, *, locked: bool) -> None:
    if locked:
        app.room.lock()
    seen = set()
    for page in (*pages(), *MISBEHAVING):
        if page.name in {"leave", "lock", "t_stuck", "t_big"}:
            continue
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"):
            answer = app.ask(method, address(page), headers={"x-form": app.form})
            assert sealed(answer), (method, page.name)
            seen.add(answer.status_code)
    assert {200, 303, 405} <= seen


def test_what_nobody_asked_for_carries_the_headers(app: Attacked) -> None:
    for path, status in (("/nothing", 303), ("/j/none", 410), ("/test/b", 500), ("/l", 303)):
        answer = app.ask("GET", path)
        assert (answer.status_code, sealed(answer)) == (status, True), path
    app.client.cookies.clear()
    assert sealed(app.ask("GET", "/"))


def test_the_headers_are_there_when_the_app_itself_breaks(
    app: Attacked, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_facts: Any, **_more: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("standfast.web.visit.render", broken)
    answer = app.ask("GET", "/test/b")
    assert (answer.status_code, sealed(answer)) == (500, True)
    assert SECRET not in answer.text
    monkeypatch.setattr(app.room.sessions, "find", broken)
    answer = app.ask("GET", "/")
    assert (answer.status_code, answer.content, sealed(answer)) == (500, b"", True)
    out, err = capfd.readouterr()
    assert "RuntimeError" in err
    assert SECRET not in out + err


# -- names and origins -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:50000", "127.0.0.1", "127.0.0.1:50001", "localhost:50000", "",
     "127.0.0.1:50000.evil.example", "[::1]:50000", "127.1:50000", "2130706433:50000",
     "127.0.0.1:50000, evil.example", "user@127.0.0.1:50000", "127.0.0.1:050000"],
)  # fmt: skip
def test_a_name_that_was_made_to_point_here_is_refused(app: Attacked, host: str) -> None:
    for path in ("/", "/test/s", f"/o/{app.room.sessions.token}", "/z/icon.svg"):
        answer = app.ask("GET", path, headers={"host": host})
        assert (answer.status_code, answer.content) == (421, b"")
    assert app.room.unlocked


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "SAME-ORIGIN"},
        {"sec-fetch-site": "new-value"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:8000"},
        {"origin": "http://localhost:50000"},
        {"origin": "https://127.0.0.1:50000"},
        {"origin": f"http://{HOST}.evil.example"},
        {"origin": f"http://{HOST}", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
    ],
)
def test_what_another_site_sends_is_refused_whatever_it_knows(
    app: Attacked, method: str, headers: dict[str, str]
) -> None:
    told = headers | {"x-form": app.form}
    for path in ("/test/e", "/test/u", "/l", "/"):
        answer = app.ask(method, path, headers=told)
        assert (answer.status_code, answer.content) == (403, b"")
    assert app.room.unlocked


@pytest.mark.parametrize("place", ["iframe", "frame", "object", "embed", "fencedframe", "portal"])
def test_no_page_is_given_to_a_frame_or_a_plug_in(app: Attacked, place: str) -> None:
    for site in ("same-origin", "none"):
        told = {"sec-fetch-dest": place, "sec-fetch-site": site}
        answer = app.ask("GET", "/test/s", headers=told)
        assert (answer.status_code, answer.content) == (403, b"")


def test_an_address_that_was_typed_changes_nothing(app: Attacked) -> None:
    told = {"sec-fetch-site": "none", "x-form": app.form}
    assert app.ask("GET", "/test/s", headers=told).status_code == 200
    assert app.ask("POST", "/test/e", headers=told).status_code == 403


# -- the form's token ------------------------------------------------------------------------------


def other_form() -> str:
    room = Room()
    session = room.sessions.bring(room.sessions.token)
    assert session is not None
    return session.form_token


@pytest.mark.parametrize("token", ["", "0" * 64, "\u00e9", "other", "\ud800"])
def test_a_form_without_the_right_token_changes_nothing(app: Attacked, token: str) -> None:
    given = other_form() if token == "other" else token
    data = {"form": given.encode("utf-8", "replace").decode(), "a": "b"}
    for path in ("/test/e", "/l", "/l/k", "/test/j"):
        answer = app.ask("POST", path, data=data)
        assert (answer.status_code, answer.text.count("<form")) == (403, 1)
    assert app.room.unlocked
    assert not app.room.jobs.busy


def test_a_token_in_the_address_is_none(app: Attacked) -> None:
    for path in (f"/test/e?form={app.form}", f"/test/e?x-form={app.form}"):
        assert app.ask("POST", path).status_code == 403


def test_a_stream_without_the_right_token_is_not_looked_at(app: Attacked) -> None:
    multipart = {"content-type": "multipart/form-data; boundary=b"}
    field = b'--b\r\nContent-Disposition: form-data; name="form"\r\n\r\n%s\r\n'
    late = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
    before = UPLOADS.bytes
    for method, body, headers in (
        ("PUT", b"data", {}),
        ("PUT", b"data", {"x-form": other_form()}),
        ("PUT", field % app.form.encode(), multipart),
        ("POST", b"data", {}),
        ("POST", b"data", {"x-form": "0" * 64}),
        ("POST", field % other_form().encode(), multipart),
        ("POST", late + field % app.form.encode(), multipart),
    ):
        assert app.ask(method, "/test/u", content=body, headers=headers).status_code == 403
    assert UPLOADS.bytes == before
    whole = field % app.form.encode() + late
    assert app.ask("POST", "/test/u", content=whole, headers=multipart).status_code == 200
    assert UPLOADS.bytes - before == len(whole)
    assert app.ask("PUT", "/test/u", content=b"abc", headers={"x-form": app.form}).is_success


def test_a_form_may_be_neither_long_nor_have_thousands_of_fields(app: Attacked) -> None:
    long = app.ask("POST", "/test/e", data={"form": app.form, "a": "x" * FORM_BYTES})
    many = app.ask("POST", "/test/e", data={"form": app.form} | {str(n): "" for n in range(FIELDS)})
    fits = app.ask("POST", "/test/e", data={"form": app.form, "a": "x" * 1000})
    assert [long.status_code, many.status_code, fits.status_code] == [413, 400, 200]
    assert sealed(long)
    assert sealed(many)


# -- cookies and the one-time token ----------------------------------------------------------------


def test_nobody_without_the_cookie_is_shown_anything(app: Attacked) -> None:
    app.client.cookies.clear()
    for page in pages():
        for method in page.methods:
            answer = app.ask(method, address(page), headers={"x-form": app.form})
            assert (answer.status_code, answer.text) == (403, EMPTY)
    assert app.room.unlocked


def test_a_cookie_that_another_program_put_beside_ours_changes_nothing(app: Attacked) -> None:
    name = app.room.sessions.cookie
    ours = app.room.sessions._open[0].secret
    app.client.cookies.clear()
    for cookies in (
        f"{name}=evil; {name}={ours}",
        f"{name}={ours}; {name}=evil; n=x",
        f"{name}={ours}",
    ):
        assert app.ask("GET", "/test/s", headers={"cookie": cookies}).status_code == 200
    for cookies in (f"n={ours}", f"{name}=", f"{name}", f"{name}={ours[:-1]}", f"{name}=\x85\xff"):
        told = {"cookie": cookies.encode("latin-1")}
        assert app.ask("GET", "/test/s", headers=told).status_code == 403


def test_two_open_cases_do_not_take_each_others_cookie() -> None:
    rooms = [Room(), Room()]
    for port, room in zip((50000, 50001), rooms, strict=True):
        create_app(room, frozenset({f"127.0.0.1:{port}"}))
    assert rooms[0].sessions.cookie != rooms[1].sessions.cookie


def test_the_cookie_is_for_this_browser_and_our_own_pages_only() -> None:
    attacked = Attacked()
    with attacked.client as client:
        told = client.get(f"/o/{attacked.room.sessions.token}").headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/"} <= {one.strip() for one in told.split(";")}
    assert "domain" not in told
    assert "max-age" not in told
    assert "expires" not in told


def test_a_token_that_is_brought_twice_ends_everything_and_says_nothing(app: Attacked) -> None:
    app.client.cookies.clear()
    answer = app.ask("GET", f"/o/{app.room.sessions.token}")
    assert (answer.status_code, answer.text) == (403, EMPTY)
    assert not app.room.unlocked
    assert app.room.sessions._open == []
    again = app.ask("GET", f"/o/{app.room.sessions.token}")
    assert (again.status_code, again.text) == (200, EMPTY)


def test_guessed_tokens_open_nothing_and_change_nothing(app: Attacked) -> None:
    token = app.room.sessions.token
    app.client.cookies.clear()
    for guess in (
        "",
        "x",
        token[:-1],
        token + "x",
        token.swapcase(),
        "%00",
        "\u00e9",
        "a/b",
        "x" * 1500,
    ):
        answer = app.ask("GET", f"/o/{guess}")
        assert (answer.status_code, answer.text) == (403, EMPTY)
    assert app.room.unlocked


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT"])
def test_only_a_page_load_brings_the_token(method: str) -> None:
    attacked = Attacked()
    with attacked.client:
        assert attacked.ask(method, f"/o/{attacked.room.sessions.token}").status_code == 403
        attacked.enter()


def test_whoever_reloads_the_first_address_stays(app: Attacked) -> None:
    answer = app.ask("GET", f"/o/{app.room.sessions.token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert app.room.unlocked


# -- files, types and names ------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["/z/", "/z/font/", "/j/", "/u/g/"])
@pytest.mark.parametrize(
    "name",
    ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "%2e%2e%2fapp.py", "%252e%252e%252fapp.py",
     "..\\app.py", "..%5capp.py", "tokens.css%00.png", "%00", "....//app.py", "/etc/passwd",
     "%2fetc%2fpasswd", "C:%5cWindows%5cwin.ini", "\u2024\u2024/app.py",
     "tokens.css::$DATA", "TOKENS.CSS", "tokens.css.", "file:%2f%2f%2fetc%2fpasswd"],
)  # fmt: skip
def test_no_path_leads_to_a_file_that_is_not_named(app: Attacked, folder: str, name: str) -> None:
    answer = app.ask("GET", folder + name)
    assert answer.status_code in {303, 410, 400, 403}
    assert answer.headers.get("location", "/") in {"/", "/u"}
    assert "root:" not in answer.text
    assert "import" not in answer.text
    assert sealed(answer)


def test_every_file_of_ours_says_what_it_is(app: Attacked) -> None:
    expected = {
        "css": "text/css",
        "js": "text/javascript",
        "svg": "image/svg+xml",
        "png": "image/png",
    }
    names = [*files._ours(), *(f"font/{one}" for one in files._fonts())]
    assert len(names) > 6
    for name in names:
        answer = app.ask("GET", f"/z/{name}")
        kind = expected.get(name.rpartition(".")[2], "font/ttf")
        assert answer.headers["content-type"].partition(";")[0] == kind
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.status_code == 200


def test_what_is_handed_out_is_neither_opened_nor_guessed_about(app: Attacked) -> None:
    saved, picture = app.ask("GET", "/test/d"), app.ask("GET", "/test/p")
    assert saved.headers["content-type"] == "application/octet-stream"
    assert picture.headers["content-type"] == "image/png"
    for answer in (saved, picture):
        first, second = answer.headers.get_list("content-security-policy")
        assert (first, second.split(";")[0]) == (POLICY, "sandbox")
        assert sealed(answer)
    told = saved.headers["content-disposition"]
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[\w.%~-]+", told)
    assert not re.search(r"%E2%80%AE|%2F|%5C|%0D|%0A", told, re.IGNORECASE)
    assert "content-disposition" not in picture.headers


def test_nothing_but_a_picture_is_shown_within_a_page(app: Attacked) -> None:
    from standfast.web.visit import Visit  # noqa: PLC0415 - one test looks inside

    visit = object.__new__(Visit)
    for kind in ("text/html", "image/svg+xml", "application/xhtml+xml", "text/plain", "image/gif"):
        with pytest.raises(ValueError, match=re.escape(kind)):
            visit.file(b"", kind)
    del app


# -- what stays behind -----------------------------------------------------------------------------


def test_a_bug_shows_nothing_of_what_was_worked_on(
    app: Attacked, capfd: pytest.CaptureFixture[str]
) -> None:
    for method in ("GET", "POST"):
        answer = app.ask(method, "/test/b", headers={"x-form": app.form})
        assert answer.status_code == 500
        assert SECRET not in answer.text
    out, err = capfd.readouterr()
    assert "ValueError" in err
    assert SECRET not in out + err
