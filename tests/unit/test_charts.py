# SPDX-License-Identifier: Apache-2.0
"""The charts of contact: right numbers, sound SVG, the same bytes every time."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.dossier import charts
from standfast.dossier.document import LevelPart
from standfast.dossier.drawing import Medium, Sheet
from standfast.i18n import speaking

DAYS = (("2024-02-28", 3), ("2024-03-01", 1), ("2024-03-04", 12))
WEEKS = (("2024-02-26", (("whatsapp", 4),)), ("2024-03-11", (("whatsapp", 1), ("sms", 7))))
HOURS = (2, 0, 0, 5, *([0] * 18), 1, 4)
PARTS = (
    LevelPart(first="2024-02-26", last="2024-03-03", contacts=4, days=7),
    LevelPart(first="2024-03-04", last="2024-03-10", contacts=12, days=7),
)
SVG = "{http://www.w3.org/2000/svg}"

dates = st.dates().map(lambda day: day.isoformat())
counts = st.integers(0, 100_000)


def every(medium: Medium = Medium.PAPER) -> tuple[charts.Chart, ...]:
    return (
        charts.calendar(DAYS, medium=medium),
        charts.weekly(WEEKS, medium=medium),
        charts.hours(HOURS, medium=medium),
        charts.level(DAYS, PARTS, medium=medium),
    )


def shapes(chart: charts.Chart, look: str) -> list[ET.Element]:
    root = ET.fromstring(chart.svg)  # noqa: S314 - our own text
    return [one for one in root.iter() if one.get("class") == f"sf-{look}"]


def test_every_chart_has_a_title_a_description_and_its_numbers_as_a_table() -> None:
    for chart in every():
        root = ET.fromstring(chart.svg)  # noqa: S314 - our own text
        assert root.findtext(f"{SVG}title") == chart.title
        assert root.findtext(f"{SVG}desc") == chart.description
        assert root.get("role") == "img"
        assert chart.rows
        assert all(len(row) == len(chart.head) for row in chart.rows)


def test_the_tables_hold_the_numbers_that_were_given() -> None:
    calendar, weekly, hours, level = every()
    assert calendar.rows[0] == ("Wed 28 Feb 2024", "3")
    assert weekly.head == ("Week from", "SMS", "WhatsApp", "Together")
    assert weekly.rows == (("Mon 26 Feb 2024", "0", "4", "4"), ("Mon 11 Mar 2024", "7", "1", "8"))
    assert hours.rows[3] == ("03:00–03:59", "5")
    assert "12 of 12 contacts" in hours.description
    assert level.rows[1][2:] == ("7", "12", "1.7")


def test_bars_are_as_tall_as_their_counts() -> None:
    chart = charts.weekly(WEEKS, medium=Medium.WEB)
    tall = [float(one.get("height", "0")) for one in shapes(chart, "bar-1") if one.get("y") != "4"]
    assert tall == [pytest.approx(4 / 8 * charts.PLOT_HEIGHT), pytest.approx(130 / 8, abs=0.1)]


def test_the_calendar_has_one_cell_a_day_and_darker_ones_for_more() -> None:
    chart = charts.calendar(DAYS, medium=Medium.WEB)
    assert len(shapes(chart, "heat-0")) == 3
    assert len(shapes(chart, "heat-1")) == 2
    assert len(shapes(chart, "heat-4")) == 1
    assert [charts.heat(count, 8) for count in (0, 1, 2, 3, 5, 7, 8)] == [0, 1, 1, 2, 3, 4, 4]


def test_the_night_is_shaded_on_both_sides_of_midnight() -> None:
    across = charts.hours(HOURS, night=(22, 6), medium=Medium.WEB)
    within = charts.hours(HOURS, night=(1, 5), medium=Medium.WEB)
    assert len(shapes(across, "night")) == 2
    assert len(shapes(within, "night")) == 1
    assert "5 of 12 contacts with a known hour came between 01:00 and 05:00." in within.description
    assert [hour for hour in range(24) if charts.is_night(hour, (22, 6))] == [
        0,
        1,
        2,
        3,
        4,
        5,
        22,
        23,
    ]


def test_the_web_gets_classes_and_paper_gets_colours() -> None:
    for web, paper in zip(every(Medium.WEB), every(), strict=True):
        assert not re.search(r"style=|fill=|stroke=|font-", web.svg)
        assert "class=" not in paper.svg
        assert "fill=" in paper.svg


def test_links_are_escaped_and_only_where_there_is_contact() -> None:
    chart = charts.calendar(DAYS, medium=Medium.WEB, link=lambda iso: f'/day?d={iso}&x="<')
    assert chart.svg.count("<a href=") == 3
    assert "&amp;x=" in chart.svg
    assert 'role="group"' in chart.svg
    ET.fromstring(chart.svg)  # noqa: S314 - our own text
    assert "<a " not in charts.calendar(DAYS, link=lambda iso: iso).svg


def test_a_hostile_name_of_a_channel_stays_text() -> None:
    weeks = (("2024-01-01", (('<script>"&', 3),)),)
    for medium in Medium:
        ET.fromstring(charts.weekly(weeks, medium=medium).svg)  # noqa: S314 - our own
        assert "<script" not in charts.weekly(weeks, medium=medium).svg


def test_no_contact_is_a_sentence_and_not_an_error() -> None:
    assert charts.calendar(()).description == "There is no contact with a certain date."
    assert charts.weekly(()).rows == ()
    assert charts.hours(()).rows[0] == ("00:00–00:59", "0")
    assert charts.level((), ()).description == "No change of level was found."


def test_a_long_period_is_drawn_up_to_a_bound_and_says_so() -> None:
    days = [(f"{year}-06-15", 1) for year in range(1990, 2024)]
    chart = charts.calendar(days)
    assert "The picture shows the last 6 years" in chart.description
    assert len(chart.rows) == 34
    assert len(chart.svg) < 600_000


def test_both_languages_have_their_own_words_and_the_same_shapes() -> None:
    with speaking("de"):
        german = every()
    assert german[0].rows[0][0] == "Mi. 28.02.2024"
    for one, other in zip(every(), german, strict=True):
        assert one.svg.count("<rect") == other.svg.count("<rect")


@given(st.lists(st.tuples(dates, counts), max_size=12, unique_by=lambda one: one[0]))
@settings(deadline=None, max_examples=50)
def test_any_days_give_sound_svg_and_every_count(days: list[tuple[str, int]]) -> None:
    chart = charts.calendar(days)
    ET.fromstring(chart.svg)  # noqa: S314 - our own text
    assert len(chart.rows) == sum(count > 0 for _day, count in days)
    assert charts.calendar(days[::-1]) == chart
    ET.fromstring(charts.level(days, ()).svg)  # noqa: S314 - our own text


@given(st.lists(counts, min_size=24, max_size=24), st.integers(0, 23), st.integers(0, 24))
@settings(deadline=None)
def test_any_hours_add_up(told: list[int], first: int, last: int) -> None:
    chart = charts.hours(told, night=(first, last))
    ET.fromstring(chart.svg)  # noqa: S314 - our own text
    assert [int(row[1].replace(",", "")) for row in chart.rows] == told


def test_coordinates_are_tenths() -> None:
    sheet = Sheet("x", 10, 10, Medium.WEB)
    sheet.bar("bar-0", x=1 / 3, y=2.0, width=0.05, height=0.26)
    assert 'x="0.3" y="2" width="0" height="0.3"' in sheet.finish("t", "d")
