# SPDX-License-Identifier: Apache-2.0
"""What a dossier is filled with: ranges, people, counts, times that are not decided."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from desk_case import CHAT, make, open_desk, pdf_text, put, told_case
from standfast.desk.dossier import Range, fill
from standfast.errors import WrongUsage
from standfast.i18n import speaking
from standfast.model.people import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.desk import Desk

MARKER = "xylophone-privately"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    told_case(folder / "told").close()
    with make(folder / "open" / "case") as desk:
        unclear = "04/03/2024, 09:05 - Alex: first\n05/03/2024, 09:06 - Mira: second\n"
        desk.add(
            [put(folder / "open", "unclear.txt", unclear), put(folder / "open", "chat.txt", CHAT)]
        )
    make(folder / "empty" / "case").close()
    return folder


def copied(prepared: Path, name: str, tmp_path: Path) -> Desk:
    shutil.copytree(prepared / name, tmp_path, dirs_exist_ok=True)
    return open_desk(tmp_path / "case")


@pytest.fixture
def told(prepared: Path, tmp_path: Path) -> Iterator[Desk]:
    with copied(prepared, "told", tmp_path) as desk:
        yield desk


@pytest.fixture
def undecided(prepared: Path, tmp_path: Path) -> Iterator[Desk]:
    with copied(prepared, "open", tmp_path) as desk:
        yield desk


@pytest.mark.parametrize(
    ("first", "last", "texts"),
    [
        ("2024-03-16", "2024-03-16", ["I can wait", "letter"]),
        ("2024-03-16", "", ["I can wait", "letter", "I know you read this"]),
        ("", "2024-03-14", ["", "are you there", "please do not write to me any more"]),
        ("2024-03-18", "", []),
        ("2024-03-17", "2024-03-16", []),
    ],
)
def test_a_range_is_of_days_by_the_clock_that_wrote_the_events(
    told: Desk, first: str, last: str, texts: list[str]
) -> None:
    rows = fill(told, Range(first, last)).rows
    shown = ["letter" if row.channel == "mail" else row.text for row in rows]
    if texts and not texts[0]:
        texts, shown = texts[1:], [text for text in shown if "encrypted" not in text]
    assert shown == texts
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))


def test_what_is_no_day_is_refused_before_anything_is_written(told: Desk, tmp_path: Path) -> None:
    for wrong in ("soon", "2024-02-30", "2024-13-01"):
        with pytest.raises(WrongUsage):
            told.make_dossier(tmp_path / "d.pdf", Range(wrong))
    assert not (tmp_path / "d.pdf").exists()


def test_incidents_are_in_the_range_of_their_day_and_always_without_one(told: Desk) -> None:
    told.incident("inside", "2024-03-16 00:10")
    told.incident("outside", "2024-03-17")
    told.incident("some day", "")
    filled = fill(told, Range("2024-03-16", "2024-03-16"))
    assert [one.text for one in filled.incidents] == ["inside", "some day"]


def test_the_counts_are_those_of_an_independent_recount(told: Desk) -> None:
    told.stop_request("Alex", when="2024-03-15 23:40")
    filled = fill(told, Range())
    incoming = [line for line in CHAT.splitlines() if " - Alex:" in line]
    assert (filled.counts.incoming, filled.counts.outgoing) == (len(incoming) + 1, 1)
    days = Counter(line[:2] for line in incoming) + Counter(["16"])
    assert filled.contacts.days == tuple(
        (f"2024-03-{day}", count) for day, count in sorted(days.items())
    )
    assert filled.counts.active_days == len(days)
    assert filled.counts.days == 4
    assert filled.counts.after_stop == 4
    assert sum(row.after_stop for row in filled.rows) == 4
    assert sum(filled.contacts.hours) == filled.counts.incoming
    channels = {one.channel: (one.incoming, one.outgoing) for one in filled.counts.channels}
    assert channels == {"whatsapp": (5, 1), "mail": (1, 0)}


def test_nobody_stated_means_every_event_is_there_and_no_side_is_guessed(
    undecided: Desk,
) -> None:
    filled = fill(undecided, Range())
    assert len(filled.rows) == 9
    assert {str(row.direction) for row in filled.rows} == {"unknown", "system"}
    assert (filled.counts.incoming, filled.counts.outgoing) == (0, 0)


def test_undecided_times_stand_at_the_end_with_both_readings_in_any_range(
    undecided: Desk,
) -> None:
    for within in (Range(), Range("2024-04-01", "2024-05-31"), Range("2024-03-01", "2024-03-31")):
        rows = fill(undecided, within).rows
        late = [row for row in rows if row.moment.alternatives]
        assert [row.moment.alternatives for row in late] == [
            ("2024-03-04T09:05:00", "2024-04-03T09:05:00"),
            ("2024-03-05T09:06:00", "2024-05-03T09:06:00"),
        ]
        assert list(rows[-2:]) == late
        assert fill(undecided, within).counts.undated == 2
    assert len(fill(undecided, Range("2025-01-01")).rows) == 0
    missing = fill(undecided, Range()).missing
    assert any("whether the day or the month comes first" in sentence for sentence in missing)


def test_third_people_are_named_only_where_something_of_theirs_is_shown(told: Desk) -> None:
    told.link("Sam", Role.THIRD, "sms", "+447700900123")
    assert {one.label for one in fill(told, Range()).parties if one.role is Role.THIRD} == set()
    assert {one.id for one in fill(told, Range()).parties} == {"me", "Alex"}


def test_private_notes_are_in_no_dossier(told: Desk, tmp_path: Path) -> None:
    told.note(MARKER)
    told.note(MARKER, about=told.events()[0].event)
    assert MARKER not in repr(fill(told, Range()))
    told.make_dossier(tmp_path / "d.pdf")
    assert MARKER not in pdf_text((tmp_path / "d.pdf").read_bytes())


def test_the_fingerprint_on_page_one_reads_as_verifiers_show_it(told: Desk, tmp_path: Path) -> None:
    made = told.make_bundle(tmp_path / "b.zip")
    assert fill(told, Range()).fingerprint == made.fingerprint


def test_a_case_without_events_gives_a_dossier_in_both_languages(
    prepared: Path, tmp_path: Path
) -> None:
    with copied(prepared, "empty", tmp_path) as desk:
        for code in ("en", "de"):
            with speaking(code):
                made = desk.make_dossier(tmp_path / f"{code}.pdf")
            assert (made.events, made.exhibits) == (0, 0)
            assert (tmp_path / f"{code}.pdf").read_bytes().startswith(b"%PDF")
        assert [entry.type for entry in desk.vault.entries[-2:]] == ["export", "export"]
        english, german = (
            pdf_text((tmp_path / f"{code}.pdf").read_bytes()) for code in ("en", "de")
        )
        assert english != german


def test_a_dossier_of_a_case_open_for_reading_enters_nothing(told: Desk, tmp_path: Path) -> None:
    entries = len(told.vault.entries)
    told.close()
    with open_desk(tmp_path / "case", write=False) as reader:
        reader.make_dossier(tmp_path / "d.pdf")
        assert len(reader.vault.entries) == entries
    assert (tmp_path / "d.pdf").exists()
