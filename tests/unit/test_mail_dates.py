# SPDX-License-Identifier: Apache-2.0
"""The date of a mail: what is stated, and never more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.model.times import iso_utc, iso_wall, micros
from standfast.sources.mail_text.dates import iso_seconds, parse_date

LAST = micros(datetime(9998, 12, 31, tzinfo=UTC)) // 1_000_000


@pytest.mark.parametrize(
    ("text", "wall", "zone", "utc", "precision"),
    [
        ("Mon, 04 Mar 2024 09:05:00 +0100", "2024-03-04T09:05:00", "+01:00", "08:05", "s"),
        ("Mon, 4 Mar 2024 09:05:00 +0100 (CET)", "2024-03-04T09:05:00", "+01:00", "08:05", "s"),
        ("4 Mar 2024 09:05 -0330", "2024-03-04T09:05:00", "-03:30", "12:35", "min"),
        ("Mon,4 Mar 24 09:05:00 GMT", "2024-03-04T09:05:00", "+00:00", "09:05", "s"),
        ("Mon, 4 Mar 2024 09:05:00 EDT", "2024-03-04T09:05:00", "-04:00", "13:05", "s"),
        ("Mon, 4 Mar 2024 09:05:00 Z", "2024-03-04T09:05:00", "+00:00", "09:05", "s"),
        ("Mon, 4 Mar 2024 09:05:00 GMT+0100", "2024-03-04T09:05:00", "+01:00", "08:05", "s"),
        ("Mon, 4 Mar 2024 09:05:00 +01:00", "2024-03-04T09:05:00", "+01:00", "08:05", "s"),
        ("Monday, 4-March-2024 9:05 +0100", "2024-03-04T09:05:00", "+01:00", "08:05", "min"),
        ("Mon (a (b) c), 4 Mar(x) 2024 09 : 05 : 00 +0100", "2024-03-04T09:05:00", "+01:00",
         "08:05", "s"),
        ("Mon Mar  4 09:05:00 2024", "2024-03-04T09:05:00", "", "", "s"),
        ("Mon Mar 4 09:05:00 +0100 2024", "2024-03-04T09:05:00", "+01:00", "08:05", "s"),
        ("Mon, 4 Mar 2024 09:05:00", "2024-03-04T09:05:00", "", "", "s"),
        ("Mon, 4 Mar 2024 09:05:00 CET", "2024-03-04T09:05:00", "", "", "s"),
        ("Mon, 4 Mar 2024 09:05:00 A", "2024-03-04T09:05:00", "", "", "s"),
        ("Mon, 4 Mar 2024 09:05:00 -0000", "2024-03-04T09:05:00", "", "09:05", "s"),
        ("Fri, 30 Jun 2024 23:59:60 +0000", "2024-07-01T00:00:00", "+00:00", "00:00", "s"),
        ("1 Jan 49 00:00 +0000", "2049-01-01T00:00:00", "+00:00", "00:00", "min"),
        ("1 Jan 50 00:00 +0000", "1950-01-01T00:00:00", "+00:00", "00:00", "min"),
        ("1 Jan 124 00:00 +0000", "2024-01-01T00:00:00", "+00:00", "00:00", "min"),
    ],
)  # fmt: skip
def test_a_date_is_read_as_it_is_written(
    text: str, wall: str, zone: str, utc: str, precision: str
) -> None:
    stamp = parse_date(text)
    assert stamp is not None
    assert (iso_wall(stamp[0]), stamp[1], stamp[4]) == (wall, zone, precision)
    assert ("" if stamp[3] is None else iso_utc(stamp[3])[11:16]) == utc
    assert stamp[2] == ("unknown" if stamp[3] is None else "in_file")


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "Mon, 31 Feb 2024 09:05:00 +0100", "4 Mar 2024 24:00:00 +0100",
        "4 Mar 2024 09:60:00 +0100", "4 Mar 2024 09:05:61 +0100", "4 Mar 2024 09:05:00 +1500",
        "4 Mar 2024 09:05:00 -1300", "4 Mar 2024 09:05:00 +0199", "4 Marraskuu 2024 09:05 +0100",
        "4 Mar 1899 09:05:00 +0100", "2024-03-04 09:05", "04/03/2024 09:05", "0 Mar 2024 09:05 GMT",
        "31 Dec 9999 23:59:59 -1200", "4 Mar 2024", "4 Mar ٢٠٢٤ 09:05:00 +0100", "(" * 5000,
    ],
)  # fmt: skip
def test_what_cannot_be_is_no_date(text: str) -> None:
    assert parse_date(text) is None


@given(st.integers(0, LAST), st.integers(-720, 840))
def test_a_written_date_comes_back(second: int, minutes: int) -> None:
    wall = second * 1_000_000
    when = datetime.fromtimestamp(second, UTC)
    sign = "-" if minutes < 0 else "+"
    zone = f"{sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 - as read
    text = f"{when.day} {months[when.month - 1]} {when.year:04} {when:%H:%M:%S} {zone}"
    stamp = parse_date(text)
    assert stamp is not None
    assert stamp[0] == wall
    assert stamp[3] == wall - minutes * 60_000_000
    assert iso_seconds(wall) == iso_utc(wall)


@given(st.text(alphabet="MonTue,MarApr 0123456789:+-()GMTZ\t\r\n", max_size=60))
def test_no_text_breaks_the_reading_of_a_date(text: str) -> None:
    parse_date(text)
