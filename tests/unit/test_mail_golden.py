# SPDX-License-Identifier: Apache-2.0
"""Every fixture reads exactly as its golden file says, and its bytes are all accounted for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mail_source import FORMATS, MAILBOXES, MAILS, Memory, complete, read
from standfast.model.event import EventBatch, Framing, Unreadable
from standfast.sources import Head, Options, recognise
from standfast.sources.mail_text.letter import NAMES, as_json
from standfast.sources.tables import SCHEMA, batch_of, compact

if TYPE_CHECKING:
    from pathlib import Path

CASES = [("mail", path) for path in MAILS] + [("mbox", path) for path in MAILBOXES]
OBJECTS = {"native", "attachments", "recipients"}


def plain(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in row.items() if value not in {"", None}}
    assert (told.pop("kind"), told.pop("channel")) == ("mail", "mail")
    return {name: json.loads(v) if name in OBJECTS else v for name, v in told.items()}


def place(one: Any) -> list[Any]:
    where = one if isinstance(one, Framing) else getattr(one, "locator", None)
    told = [type(one).__name__, getattr(one, "reason", getattr(one, "code", ""))]
    return told if where is None else [*told, where.start, where.end]


@pytest.mark.parametrize(("which", "path"), CASES, ids=lambda value: getattr(value, "stem", value))
def test_a_fixture_reads_as_its_golden_file_says(which: str, path: Path) -> None:
    found = read(path.read_bytes(), which)
    golden = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert [plain(row) for row in found.rows] == golden["events"]
    assert [place(one) for one in found.others] == golden["others"]
    assert complete(found, path.stat().st_size)


@pytest.mark.parametrize(("which", "path"), CASES, ids=lambda value: getattr(value, "stem", value))
def test_a_fixture_is_recognised_by_its_content(which: str, path: Path) -> None:
    data = path.read_bytes()
    claim = recognise(Head("unnamed", data, len(data)))
    if path.stem == "junk":
        assert claim is None or claim.format != "mbox"
    else:
        assert claim is not None
        assert claim.format == which


def test_rows_fit_the_columns_of_the_timeline() -> None:
    for path in MAILBOXES:
        for one in FORMATS["mbox"].read(Memory(path.read_bytes()), Options()):
            if isinstance(one, EventBatch):
                assert batch_of(one).schema == SCHEMA


def test_native_json_is_written_as_everywhere_else() -> None:
    values = {name: f'{name} "quoted" \\ ü \u2028' for name in NAMES}
    told = {NAMES[name]: value for name, value in values.items()}
    order = dict(sorted(values.items(), key=lambda pair: NAMES[pair[0]]))
    assert as_json(order) == compact(told)
    assert as_json({}) == ""


def test_attachments_are_written_as_everywhere_else() -> None:
    (path,) = [path for path in MAILS if path.stem == "parts"]
    (row,) = read(path.read_bytes()).rows
    assert row["attachments"] == compact(json.loads(row["attachments"]))
    assert row["recipients"] == compact(json.loads(row["recipients"]))


def test_what_is_no_mail_is_said_to_be_unreadable() -> None:
    found = read(b"Dear diary\n\nnothing here\n")
    assert not found.rows
    assert isinstance(found.others[0], Unreadable)
    assert complete(found, 25)
    assert read(b"").others == []
    assert isinstance(read(b"\n\n").others[0], Framing)


@pytest.mark.parametrize(
    "text",
    [
        "From: Ruben\nTo: Jana\nSubject: keys\n\nA mail somebody copied by hand.\n",
        "From: Ruben\nSent: Monday\nTo: Jana\nDate: Monday 4 March\n\nquoted\n",
        "[04.03.24, 09:05:00] Ruben: Date: today\n",
        "04/03/2024, 09:05 - Ruben: From: me\n",
        "HTTP/1.1 200 OK\nDate: Mon, 04 Mar 2024 09:05:00 GMT\nContent-Type: text/html\n\nx\n",
        "Date: Mon, 04 Mar 2024 09:05:00 GMT\nServer: x\nContent-Type: text/html\n\nx\n",
        "BEGIN:VCARD\nVERSION:3.0\nFN:Ruben\nEND:VCARD\n",
        "BEGIN:VCALENDAR\nMETHOD:PUBLISH\nEND:VCALENDAR\n",
        "From today on I write everything down.\n",
        "From Monday, I will: keep notes\n\nDate: yes\n",
        '<?xml version="1.0"?><smses/>',
        '{"messages": []}',
        "",
    ],
)
def test_what_only_looks_like_mail_is_not_claimed(text: str) -> None:
    data = text.encode()
    claim = recognise(Head("a.txt", data, len(data)))
    assert claim is None or claim.format not in {"mail", "mbox"}
