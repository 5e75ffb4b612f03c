# SPDX-License-Identifier: Apache-2.0
"""Verify on pages without scripts: a bundle, a signed head, this case; and honest pages."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_case import PHRASE, everything_on_disk, open_desk, told_case
from standfast.desk import Silent, receiving
from standfast.dossier.verifier import verify
from standfast.errors import InputUnreadable, TooLarge
from web_case import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.desk import Desk


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """Make a case and a bundle of it."""
    top = tmp_path_factory.mktemp("told")
    with told_case(top) as desk:
        desk.make_bundle(top / "bundle.zip")
    return top / "case", (top / "bundle.zip").read_bytes()


@pytest.fixture
def bundle(told: tuple[Path, bytes]) -> bytes:
    return told[1]


@pytest.fixture
def page(told: tuple[Path, bytes]) -> Iterator[Browser]:
    with Browser(told[0], PHRASE) as browser:
        yield browser


def bring(page: Browser, data: bytes, *, token: str | None = None) -> str:
    page.get("/v")
    address = re.search(r'action="(/v/d/[^"]+)"', page.html)
    assert address is not None
    form = page.room.sessions._open[0].form_token if token is None else token
    answer = page.client.post(address[1], data={"form": form}, files={"bundle": ("b.zip", data)})
    page._take(answer)
    return page.wait() if page.path.startswith("/j/") else page.html


def test_a_genuine_bundle_is_told_in_the_verifiers_own_words(page: Browser, bundle: bytes) -> None:
    bring(page, bundle)
    told = verify.check_bundle(BytesIO(bundle)).text("en").split("\n")
    for line in told:
        assert " ".join(line.split()) in page.words
    assert "It does not prove who wrote a message, or whether it is true." in page.words


def test_an_altered_bundle_says_what_differs(page: Browser, bundle: bytes) -> None:
    at = bundle.index(b"answer me")
    bring(page, bundle[:at] + b"ANSWER" + bundle[at + 6 :])
    assert "ALTERED" in page.words
    assert "The content of this file is not the one that is listed." in page.words
    assert "What that proves, and what not" not in page.words


def test_the_case_is_held_against_a_bundle_that_was_brought(page: Browser, bundle: bytes) -> None:
    bring(page, bundle)
    page.post(page.path)
    if page.path.startswith("/j/"):
        page.wait()
    assert "Everything is as it was left" in page.words
    assert "1 head from elsewhere" in page.words


def test_an_older_copy_of_the_case_shows_in_comparison(tmp_path: Path) -> None:
    import shutil  # noqa: PLC0415 - only here

    told_case(tmp_path).close()
    shutil.copytree(tmp_path / "case", tmp_path / "older")
    with open_desk(tmp_path / "case") as desk:
        desk.note("something later")
        desk.make_bundle(tmp_path / "b.zip")
    with Browser(tmp_path / "older", PHRASE) as page:
        bring(page, (tmp_path / "b.zip").read_bytes())
        page.post(page.path)
        if page.path.startswith("/j/"):
            page.wait()
        assert "This folder is an older copy" in page.words


def test_a_signed_head_alone_is_enough_to_compare(page: Browser, bundle: bytes) -> None:
    with zipfile.ZipFile(BytesIO(bundle)) as opened:
        note = opened.read("bundle/proof/head.note")
    bring(page, note)
    assert "1 head from elsewhere" in page.words


def test_this_case_is_checked_without_anything_brought(page: Browser) -> None:
    page.post("/v/c")
    if page.path.startswith("/j/"):
        page.wait()
    assert "Everything is as it was left" in page.words
    assert "was replaced by an older copy of itself shows only in comparison" in page.words


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"not a bundle at all, but long enough", "neither a bundle nor a signed head"),
        (b"short", "neither a bundle nor a signed head"),
        (b"age-encryption.org/v1\n-> X25519 abc", "encrypted for somebody"),
        (b"standfast/" + b"0" * 9000, "neither a bundle nor a signed head"),
    ],
)
def test_what_is_no_bundle_is_refused_at_once(page: Browser, data: bytes, said: str) -> None:
    bring(page, data)
    assert page.status == 422
    assert said in page.words


def test_a_form_without_a_file_is_said(page: Browser) -> None:
    bring(page, b"")
    assert page.status in {400, 422}
    assert "Nothing was changed." in page.words


def test_a_form_that_is_not_ours_is_not_taken(page: Browser, bundle: bytes) -> None:
    bring(page, bundle, token="0" * 64)
    assert page.status == 403


def test_nothing_of_a_brought_bundle_lies_readable_in_the_case(
    page: Browser, told: tuple[Path, bytes]
) -> None:
    bring(page, told[1])
    assert b"PK\x03\x04" not in everything_on_disk(told[0])
    assert not list((told[0] / "tmp").iterdir())


def test_what_would_fill_the_disk_is_refused(
    told: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "KEPT_FREE", 1 << 62)
    with open_desk(told[0], write=False) as desk, pytest.raises(TooLarge):
        receiving.receive(desk, [told[1]])


@pytest.fixture(scope="module")
def desk(told: tuple[Path, bytes]) -> Iterator[Desk]:
    with open_desk(told[0], write=False) as opened:
        yield opened


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400), start=st.sampled_from([b"", b"PK\x03\x04", b"standfast/"]))
def test_any_bytes_get_an_answer(desk: Desk, data: bytes, start: bytes) -> None:
    try:
        brought = receiving.receive(desk, [start, data])
    except InputUnreadable:
        return
    if brought.kind == receiving.BUNDLE:
        judged = receiving.judge(desk, brought, Silent())
        assert judged.verdict in {"altered", "cannot_tell"}
        with pytest.raises(InputUnreadable):
            receiving.head_of(brought)
    else:
        assert receiving.head_of(brought) == start + data


def test_names_in_a_forged_bundle_cannot_become_markup(page: Browser) -> None:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as forged:
        forged.writestr("bundle/manifest-sha256.txt", "x")
        forged.writestr("bundle/data/<img src=x onerror=alert(1)>.txt", "x")
    bring(page, made.getvalue())
    assert "<img src=x" not in page.html


def test_checks_and_guidance_promise_nothing_and_name_no_number(page: Browser) -> None:
    for path in ("/c", "/g"):
        page.get(path)
        assert page.words.count("Would the other person notice?") >= 5
        main = page.words.split("Safety", 1)[-1]
        assert not re.search(r"\+?\d{3,}", main)
        assert not re.search(r"\b(safe now|you are safe|is clean|low risk)\b", main, re.IGNORECASE)
        assert "§" not in main
