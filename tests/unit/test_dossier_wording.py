# SPDX-License-Identifier: Apache-2.0
"""The fixed words of a dossier: times, numbers, places, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.dossier import wording
from standfast.dossier.chronology import table
from standfast.dossier.document import Anchor, Anchored, Moment, Place, Row
from standfast.i18n import speaking
from standfast.model.event import Attachment, Direction, Kind, Locator
from standfast.model.times import ClockMark, Precision


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (Moment("2024-03-04T09:05:00", "+01:00"), ("Mon 4 Mar 2024", "09:05 UTC+01:00")),
        (Moment("2024-03-04T09:05:07"), ("Mon 4 Mar 2024", "09:05 (zone not stated)")),
        (
            Moment("2024-03-04T09:05:07", "+01:00", Precision.SECOND),
            ("Mon 4 Mar 2024", "09:05:07 UTC+01:00"),
        ),
        (
            Moment("2024-03-04T09:05:07.120", "Z", Precision.MILLISECOND),
            ("Mon 4 Mar 2024", "09:05:07.120 UTCZ"),
        ),
        (Moment("2024-03-04", "+01:00", Precision.DAY), ("Mon 4 Mar 2024", "")),
        (
            Moment("2024-10-27T02:30:00", "+02:00", clock=ClockMark.FOLD),
            ("Sun 27 Oct 2024", "02:30 UTC+02:00 (the clock showed this hour twice)"),
        ),
        (
            Moment("2024-03-31T02:30:00", "+01:00", clock=ClockMark.GAP),
            ("Sun 31 Mar 2024", "02:30 UTC+01:00 (this hour was skipped on that clock)"),
        ),
        (Moment(), ("time not stated", "")),
    ],
)
def test_a_time_says_its_offset_or_that_nobody_stated_one(
    moment: Moment, told: tuple[str, str]
) -> None:
    assert wording.when(moment) == told


def test_an_ambiguous_date_is_shown_with_both_readings() -> None:
    both = Moment(alternatives=("2024-04-03T09:05:00", "2024-03-04T09:05:00"))
    assert wording.moment_line(both) == (
        "Wed 3 Apr 2024 09:05 or Mon 4 Mar 2024 09:05."
        " The source does not say which of these dates it is."
    )


def test_numbers_and_dates_follow_the_language() -> None:
    assert wording.number(1_234_567) == "1,234,567"
    assert wording.size(1_536) == "1,536 bytes (1.5 KiB)"
    assert wording.size(1) == "1 byte"
    assert wording.day_of_month("2024-03-04") == "4 Mar"
    assert wording.period("2024-03-04", "2024-03-04") == "4 March 2024"
    assert wording.period("", "") == "No event in this dossier has a certain date."
    with speaking("de"):
        assert wording.number(1_234_567) == "1.234.567"
        assert wording.tenths(15, 10) == "1,5"
        assert wording.day("2024-03-04") == "Mo. 04.03.2024"
        assert wording.plain_day("2024-03-04") == "4. März 2024"
        assert wording.day_of_month("2024-03-04") == "4. Mär"


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_tenths_are_rounded_half_up(count: int, of: int) -> None:
    shown = wording.tenths(count, of).replace(",", "")
    assert abs(int(shown.replace(".", "")) * of - 10 * count) * 2 <= of


def test_a_place_names_exhibit_file_bytes_row_and_pointer() -> None:
    full = Place(2, Locator("a.zip!/chat.txt", 1_204, 1_288, 7, "/messages/3"))
    assert wording.place(full) == (
        "Exhibit 2, a.zip!/chat.txt, bytes 1,204–1,288, row 7, /messages/3"
    )
    assert wording.place(Place()) == "no exhibit"


def test_a_moment_in_utc_that_is_none_is_shown_as_it_is() -> None:
    assert wording.utc("2024-05-11T08:30:00Z") == "11 May 2024, 08:30:00 UTC"
    assert wording.utc("soon\u202e") == "soon[U+202E]"


def test_a_time_stamp_is_told_as_existed_before_and_never_as_more() -> None:
    early = Anchor(authority="One", state=Anchored.VERIFIED, time="2024-05-10T09:20:00Z", size=3)
    late = Anchor(authority="Two", state=Anchored.VERIFIED, time="2024-05-12T09:20:00Z", size=9)
    open_one = Anchor(authority="X", state=Anchored.UNVERIFIED, time="2024-05-13T00:00:00Z", size=9)
    queued = Anchor(authority="Y", state=Anchored.QUEUED)
    assert wording.anchored((early, late, open_one, queued)) == (
        "The first 9 entries existed before 12 May 2024, 09:20:00 UTC, according to Two."
    )
    assert "could not check its signature" in wording.anchor(open_one)
    for none in ((), (queued,), (open_one,)):
        assert wording.anchored(none) == "The record is not timestamped by an outside authority."


def test_what_is_unknown_is_shown_as_it_is() -> None:
    assert wording.channel("carrier_pigeon") == "carrier_pigeon"
    assert wording.kind(Kind.MESSAGE, "new_sort", "new_state") == ("new sort", "new_state")
    assert wording.kind(Kind.CALL, "missed", "") == ("Call", "missed call")
    assert wording.kind(Kind.MESSAGE, "deleted", "deleted") == ("deleted by its sender",)
    assert wording.kind(Kind.SYSTEM, "blocked", "")[1] == "a contact was blocked"
    assert wording.kind(Kind.CALL, "blocked", "")[1] == "blocked call"


def test_a_row_tells_what_became_of_its_files_and_to_how_many_it_went() -> None:
    row = Row(
        number=1,
        moment=Moment(),
        recipients=tuple(f"p{count}" for count in range(9)),
        attachments=(
            Attachment("a.jpg", "present"),
            Attachment("b.jpg", "missing"),
            Attachment("", "omitted"),
            *(Attachment(f"{count}.jpg", "present") for count in range(20)),
        ),
    )
    told = table([row])["r"][0]
    assert told["how"] == "to p0, p1, p2 and 6 more, Unknown channel"
    lines = told["notes"].split("\n")
    assert lines[:2] == ["File: a.jpg", "File named but not in the export: b.jpg"]
    assert lines[2] == "A file that the app left out of the export"
    assert lines[-1] == "and 11 more"
    out = table([Row(number=1, moment=Moment(), direction=Direction.OUT)])["r"][0]
    assert out["how"].startswith("(outgoing)")
    assert out["who"] == "Sender not stated"
