# SPDX-License-Identifier: Apache-2.0
"""Adding files on the pages: by a plain form, and one by one as a script does it."""

from __future__ import annotations

import builtins
import io
import json
import os
import re
import shutil
import tempfile
import threading
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from desk_case import CHAT, PHRASE, make
from standfast.web import receiving
from standfast.web.uploads import Sent, Upload
from web_case import HOST, Browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.timeline.state import CaseState

BOUNDARY = "-----------------------------3815"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    make(folder / "case").close()
    return folder / "case"


@pytest.fixture
def page(prepared: Path, tmp_path: Path) -> Iterator[Browser]:
    shutil.copytree(prepared, tmp_path / "case")
    with Browser(tmp_path / "case", PHRASE) as browser:
        yield browser


@pytest.fixture(scope="module")
def unchanged(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One app for tests whose point is that nothing is taken."""
    folder = tmp_path_factory.mktemp("unchanged") / "case"
    shutil.copytree(prepared, folder)
    with Browser(folder, PHRASE) as browser:
        yield browser


def state(page: Browser) -> CaseState:
    with page.room.using() as sitting:
        assert sitting is not None
        return sitting.look().state


def kept(page: Browser) -> set[str]:
    items = state(page).items.values()
    return {f"{one.folder}/{one.name}" if one.folder else one.name for one in items}


def token_of(page: Browser) -> str:
    return page.room.sessions._open[0].form_token


def send(page: Browser, *files: tuple[str, bytes]) -> str:
    """Send the plain form, as a browser without scripts does."""
    page.get("/a")
    parts: list[tuple[str, Any]] = [("form", (None, token_of(page)))]
    parts += [("files", (name, data, "application/octet-stream")) for name, data in files]
    return page._take(page.client.post("/a/p", files=parts))


def proof(page: Browser) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="form"\r\n\r\n'
    return f"{head}{token_of(page)}\r\n".encode()


def part(name: str, data: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
    return head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + data + b"\r\n"


def announce(page: Browser, *files: tuple[str, int]) -> str:
    told = [
        {"name": name, "size": size, "modified": "2024-03-01T10:00:00Z"} for name, size in files
    ]
    answer = json.loads(page.put("/a/u", json.dumps({"files": told}).encode()))
    return str(answer["address"])


def put(page: Browser, address: str, number: int, data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.put(address, data, **{"x-file": str(number)}))
    return found


# -- the plain form ------------------------------------------------------------------------------


def test_files_of_a_plain_form_are_kept_read_and_told_of_one_by_one(page: Browser) -> None:
    send(page, ("WhatsApp Chat with Alex.txt", CHAT.encode()), ("odd.bin", b"\0\1\2"))
    page.wait()
    assert kept(page) == {"WhatsApp Chat with Alex.txt", "odd.bin"}
    assert "What became of it" in page.words
    assert "It was read as: WhatsApp chat export. It holds 7 events." in page.words
    assert "It is kept. Its content cannot be read yet." in page.words
    assert "Answer now" in page.words, "the file leaves open who of the two is the person"


def test_the_same_file_again_is_known_and_not_kept_twice(page: Browser) -> None:
    send(page, ("chat.txt", CHAT.encode()))
    page.wait()
    send(page, ("copy.txt", CHAT.encode()))
    page.wait()
    assert kept(page) == {"chat.txt"}
    assert "It was in the case already." in page.words


def test_folders_of_a_form_are_kept_as_words_that_lead_nowhere(
    page: Browser, tmp_path: Path
) -> None:
    before = {one for one in tmp_path.rglob("*") if "case" not in one.parts}
    send(page, ("album/2024/a.bin", b"a"), ("../../../outside.bin", b"b"), ("C:\\x\\c.bin", b"c"))
    page.wait()
    assert {"album/2024/a.bin", "outside.bin"} < kept(page)
    assert not any(".." in one for one in kept(page))
    assert {one for one in tmp_path.rglob("*") if "case" not in one.parts} == before


def test_a_form_without_files_says_so(unchanged: Browser) -> None:
    send(unchanged, ("", b""))
    assert "No file was chosen." in unchanged.words
    assert kept(unchanged) == set()


def test_the_form_on_the_page_begins_with_what_proves_that_it_is_ours(unchanged: Browser) -> None:
    form = re.search(r'<form method="post" action="/a/p".*?</form>', unchanged.get("/a"), re.DOTALL)
    assert form
    first = re.search(r"<input[^>]*>", form[0])
    assert first
    assert f'name="form" value="{token_of(unchanged)}"' in first[0]


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_form_that_is_not_ours_is_not_taken(unchanged: Browser, token: str) -> None:
    parts = [("form", (None, token)), ("files", ("a.bin", b"a"))]
    assert unchanged.client.post("/a/p", files=parts).status_code == 403
    assert unchanged.client.post("/a/p", files=parts[1:]).status_code == 403
    assert kept(unchanged) == set()


def test_a_form_from_another_site_is_not_taken(unchanged: Browser) -> None:
    parts = [("form", (None, token_of(unchanged))), ("files", ("a.bin", b"a"))]
    answer = unchanged.client.post("/a/p", files=parts, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert kept(unchanged) == set()


def test_a_form_that_ends_early_keeps_what_came_whole_and_says_so(page: Browser) -> None:
    body = proof(page) + part("one.bin", b"1" * 10) + part("two.bin", b"2" * 4000)[:-700]
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    page._take(page.client.post("/a/p", content=body, headers=headers))
    page.wait()
    assert kept(page) == {"one.bin"}
    assert "The sending ended early. What came whole is kept." in page.words
    assert "two.bin" in page.words
    assert "It did not come whole. Add it again." in page.words


def test_what_is_no_form_is_refused_in_words(unchanged: Browser) -> None:
    for kind in ("text/plain", "multipart/form-data", "multipart/form-data; boundary=" + "x" * 999):
        headers = {"Content-Type": kind}
        unchanged._take(
            unchanged.client.post("/a/p", content=proof(unchanged) + b"hello", headers=headers)
        )
        assert unchanged.status in (400, 422), kind
        assert "cannot be read" in unchanged.words


def test_more_than_the_disk_has_room_for_is_refused_before_it_comes(
    unchanged: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=receiving.RESERVE + 100)
    monkeypatch.setattr(receiving.shutil, "disk_usage", lambda _folder: usage)
    send(unchanged, ("a.bin", b"a" * 5000))
    assert unchanged.status == 422
    assert "There is not enough room" in unchanged.words
    answer = unchanged.put("/a/u", json.dumps({"files": [{"name": "a", "size": 101}]}).encode())
    assert "There is not enough room" in json.loads(answer)["problem"]
    assert kept(unchanged) == set()


# -- one by one ----------------------------------------------------------------------------------


def test_announced_files_are_kept_one_by_one_and_then_read(page: Browser) -> None:
    data = CHAT.encode()
    address = announce(page, ("phone/chat.txt", len(data)), ("phone/b.bin", 3))
    assert put(page, address, 0, data)["state"] == "kept"
    assert put(page, address, 1, b"abc")["state"] == "kept"
    page.post(address)
    page.wait()
    assert kept(page) == {"phone/chat.txt", "phone/b.bin"}
    assert "2 files were added. 7 events were read from them." in page.words
    with page.room.using() as sitting:
        assert sitting is not None
        assert sitting.look().pending() == ()


def test_how_far_an_upload_is_outlives_the_page_that_sent_it(page: Browser) -> None:
    address = announce(page, ("a.bin", 3), ("b.bin", 5))
    put(page, address, 0, b"abc")
    page.get(address)
    assert "1 of 2 files" in page.words
    assert re.search(r"a\.bin Kept \(ba7816bf8f01\)\.", page.words)
    assert "b.bin Waiting." in page.words
    facts = json.loads(page.get(address + "/s"))
    assert (facts["done"], facts["total"]) == (3, 8)
    assert "Files are on their way" in page.get("/a")


def test_a_file_that_was_kept_is_not_taken_twice_when_it_is_sent_again(page: Browser) -> None:
    address = announce(page, ("a.bin", 3))
    first = put(page, address, 0, b"abc")
    assert put(page, address, 0, b"abc") == first
    again = announce(page, ("a.bin", 3))
    assert put(page, again, 0, b"abc")["state"] == "known"


def test_a_file_that_came_longer_than_it_was_announced_is_kept_and_that_is_said(
    page: Browser,
) -> None:
    address = announce(page, ("a.bin", 3))
    told = put(page, address, 0, b"abcdef")
    assert told["state"] == "kept"
    assert "It changed while it was being taken in" in told["words"]


def test_stopping_keeps_what_arrived_and_the_page_afterwards_names_the_rest(page: Browser) -> None:
    address = announce(page, ("a.bin", 3), ("b.bin", 5))
    put(page, address, 0, b"abc")
    page.post(address)
    page.wait()
    assert "b.bin" in page.words
    page.get("/a")
    assert "1 file did not arrive" in page.words
    assert "b.bin" in page.words
    forget = re.search(r'action="(/a/o/[^"]+)"', page.html)
    assert forget
    page.post(forget[1])
    assert "did not arrive" not in page.words


def test_a_script_without_the_token_is_refused(unchanged: Browser) -> None:
    answer = unchanged.client.put("/a/u", content=b'{"files": []}')
    assert answer.status_code == 403
    address = announce(unchanged, ("a.bin", 3))
    answer = unchanged.client.put(address, content=b"abc", headers={"x-file": "0"})
    assert answer.status_code == 403
    assert kept(unchanged) == set()


@pytest.mark.parametrize("number", ["", "1", "-1", "x", "99999999999999999999", "0.0"])
def test_a_file_nobody_announced_is_not_taken(unchanged: Browser, number: str) -> None:
    address = announce(unchanged, ("a.bin", 3))
    answer = unchanged.put(address, b"abc", **{"x-file": number})
    assert unchanged.status == 410, answer
    assert kept(unchanged) == set()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b"null", b'{"files": 3}', b'{"files": [3]}', b'{"files": [{}]}',
        b'{"files": [{"name": "a", "size": "3"}]}', b'{"files": [{"name": "a", "size": -1}]}',
        b'{"files": [{"name": "a", "size": true}]}', b'{"files": [{"name": 5, "size": 1}]}',
        b'{"files": [{"name": "a", "size": 1, "modified": 7}]}', b"\xff", b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_list_that_is_none_is_refused_in_words(unchanged: Browser, body: bytes) -> None:
    answer = json.loads(unchanged.put("/a/u", body))
    assert unchanged.status == 422
    assert "could not be read" in answer["problem"]


def test_a_list_that_is_far_too_long_is_refused_in_words(
    unchanged: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "FILES", 2)
    files = [{"name": str(n), "size": 1} for n in range(3)]
    answer = json.loads(unchanged.put("/a/u", json.dumps({"files": files}).encode()))
    assert "more than 2 files" in answer["problem"]
    monkeypatch.setattr(receiving, "LIST_BYTES", 10)
    assert "more than 2" in json.loads(unchanged.put("/a/u", b"x" * 11))["problem"]


def test_what_was_kept_and_not_read_can_be_read_later(page: Browser) -> None:
    address = announce(page, ("chat.txt", len(CHAT)))
    put(page, address, 0, CHAT.encode())
    with page.room.using() as sitting:
        assert sitting is not None
        from standfast.web.uploads import uploads_of  # noqa: PLC0415 - as a server begun anew

        uploads_of(sitting).find(page.room.keys.value(address.rsplit("/", 1)[1])).read = True  # type: ignore[union-attr]  # it is there
    page.get("/a")
    assert "1 file is kept and not read yet" in page.words
    page.post("/a/g")
    page.wait()
    assert "It holds 7 events." in page.words


def test_names_of_files_are_never_markup_and_hide_nothing(page: Browser) -> None:
    send(page, ("<img src=x onerror=a()>\u202egpj.exe", b"x"))
    page.wait()
    assert "<img src=x" not in page.html
    assert "\u202e" not in page.html


def test_every_page_speaks_german(page: Browser) -> None:
    page.room.language = "de"
    for path in ("/a", "/a/h", "/a/h/10", "/q"):
        page.get(path)
        assert page.status == 200
        assert 'lang="de"' in page.html


# -- nothing is put aside ------------------------------------------------------------------------


def test_nothing_of_an_upload_is_written_outside_the_case_folder(
    page: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written: list[str] = []
    real_open, real_os_open = builtins.open, os.open

    def opened(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        if set(mode) & set("wax+") and not isinstance(file, int):  # a pipe has a number
            written.append(str(file))
        return real_open(file, mode, *more, **named)

    def os_opened(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            written.append(os.fspath(path) if not isinstance(path, bytes) else path.decode())
        return real_os_open(path, flags, *more, **named)

    def refused(*_arguments: Any, **_named: Any) -> Any:
        message = "a temporary file"
        raise AssertionError(message)

    monkeypatch.setattr(builtins, "open", opened)
    monkeypatch.setattr(io, "open", opened)
    monkeypatch.setattr(os, "open", os_opened)
    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refused)
    send(page, ("a.bin", os.urandom(3 << 20)), ("b.bin", b"b"))
    page.wait()
    monkeypatch.undo()
    assert kept(page) == {"a.bin", "b.bin"}
    assert written, "the case itself was written"
    outside = [one for one in written if not one.startswith((str(tmp_path / "case"), "/dev/"))]
    assert outside == []


def test_memory_stays_flat_while_a_large_file_streams_in(page: Browser) -> None:
    taken, most, lock = 0, 0, threading.Lock()

    def stream() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(64):
            with lock:
                taken += 1
            yield b"x" * (1 << 20)

    address = announce(page, ("large.bin", 64 << 20))
    import resource  # noqa: PLC0415 - only here

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    token = page.room.sessions._open[0].form_token
    client = page.client
    assert isinstance(client, TestClient)
    headers = {"x-form": token, "x-file": "0", "content-length": str(64 << 20)}
    answer = client.put(f"http://{HOST}{address}", content=stream(), headers=headers)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert answer.json()["state"] == "kept"
    assert taken == 64
    assert most < 250_000, f"{most} KiB more; the test's own client holds the body once or twice"


def test_what_needs_words_is_listed_first_and_the_rest_is_counted() -> None:
    files = [Sent(str(n), "", 1, state="kept") for n in range(10)]
    files[7].state, files[9].state = "left_out", "coming"
    rows = Upload(files).notable(3)
    assert [number for number, _sent in rows] == [0, 7, 9]
