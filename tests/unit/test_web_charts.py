# SPDX-License-Identifier: Apache-2.0
"""The charts of the pages: the numbers of the table, and nothing that the policy forbids."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.i18n import speaking
from standfast.web import charts
from standfast.web.figure import Figure, strong
from standfast.web.rendering import environment

DAYS = (("2023-11-30", 2), ("2024-02-28", 3), ("2024-03-01", 1), ("2024-03-04", 12))
WEEKS = (("2024-02-26", (("whatsapp", 4),)), ("2024-03-11", (("whatsapp", 1), ("sms", 7))))
WEEK = tuple(tuple(day * 24 + hour for hour in range(24)) for day in range(7))
BUCKETS = ("2024-03-01", "2024-03-02T10:30")
HOSTILE = (
    '"><script>alert(1)</script>',
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "]]><svg onload=alert(1)>",
    "' style='color:red",
    "\u202egpj.exe",
    "&lt;b&gt;\x00\x1b",
)

iso_days = st.dates().map(lambda day: day.isoformat())
numbers = st.integers(0, 100_000)


class Forbidden(HTMLParser):
    """What of a page its policy forbids, as a browser would see it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        self.found += [name for name in names if name == "style" or name.startswith("on")]
        self.found += [tag] if tag in {"script", "style", "img", "image", "iframe", "use"} else []


def forbidden(page: str) -> list[str]:
    parser = Forbidden()
    parser.feed(page)
    parser.close()
    return parser.found


def every() -> list[Figure]:
    return [
        charts.years(DAYS, link=lambda iso: f"/k/{iso}"),
        charts.months(DAYS, link=lambda iso: f"/k/{iso}"),
        charts.weeks(WEEKS, link=lambda iso: f"/k/{iso}"),
        charts.hours(range(24)),
        charts.week_hours(WEEK, link=lambda day, hour: f"/k/{day}-{hour}"),
        charts.lanes(BUCKETS, (("WhatsApp", (3, 0)), ("SMS", (1, 9))), link=lambda _iso: "/k/1"),
    ]


def read(figure: Figure) -> ET.Element:
    return ET.fromstring(f"<all>{figure.picture}</all>")  # noqa: S314 - our own markup


def shown(figure: Figure) -> str:
    template = '{% import "parts.html" as parts with context %}{{ parts.figure(chart) }}'
    return environment().from_string(template).render(chart=figure)


def text(cell: charts.Cell) -> str:
    return cell if isinstance(cell, str) else cell["text"]


def tips(figure: Figure, look: str) -> list[str]:
    found = []
    for one in read(figure).iter():
        if look in (one.get("class") or "").split():
            found += [title.text or "" for title in one if title.tag.endswith("title")]
    return found


@pytest.mark.parametrize("figure", every(), ids=lambda one: one.name)
def test_a_picture_has_names_and_no_style_no_script_no_colour(figure: Figure) -> None:
    root = read(figure)
    pictures = [one for one in root.iter() if one.tag.endswith("}svg") and one.get("role")]
    assert pictures
    for picture in pictures:
        assert picture[0].tag.endswith("title")
        assert picture[0].text
    assert forbidden(shown(figure)) == []
    for one in root.iter():
        assert not {"style", "fill", "stroke"} & set(one.attrib)
        assert one.tag.rpartition("}")[2] not in {
            "script",
            "style",
            "image",
            "use",
            "foreignObject",
        }


@pytest.mark.parametrize("figure", every(), ids=lambda one: one.name)
def test_identifiers_are_unique(figure: Figure) -> None:
    found = re.findall(r'\sid="([^"]+)"', shown(figure))
    assert sorted(set(found)) == sorted(found)


@pytest.mark.parametrize("figure", every(), ids=lambda one: one.name)
def test_every_row_of_a_table_is_as_long_as_its_head(figure: Figure) -> None:
    assert figure.rows
    assert {len(row) for row in figure.rows} == {len(figure.head)}


def test_years_add_the_days_of_each_month() -> None:
    figure = charts.years([*DAYS, ("2024-03-31", 100)])
    assert figure.rows == (("Nov 2023", "2"), ("Feb 2024", "3"), ("Mar 2024", "113"))
    cells = tips(figure, "sf-cell")
    assert len(cells) == 2 * 12
    assert "Mar 2024: 113" in cells
    assert "Dec 2023: 0" in cells


def test_months_have_every_day_also_where_nothing_was() -> None:
    figure = charts.months(DAYS)
    cells = tips(figure, "sf-cell")
    assert len(cells) == 30 + 31 + 31 + 29 + 31
    assert "Mon 4 Mar 2024: 12" in cells
    assert "Mon 25 Dec 2023: 0" in cells
    assert figure.rows[0] == ("Thu 30 Nov 2023", "2")


def test_the_grid_and_its_table_say_the_same() -> None:
    figure = charts.week_hours(WEEK)
    cells = tips(figure, "sf-cell")
    assert len(cells) == 7 * 24
    assert cells[3 * 24 + 22] == f"Thu 22:00–22:59: {3 * 24 + 22}"
    assert figure.rows[22][4] == str(3 * 24 + 22)
    assert figure.description == "The most, 167, came on Sun between 23:00 and 00:00."


def test_lanes_and_their_table_say_the_same() -> None:
    figure = charts.lanes(BUCKETS, (("WhatsApp", (3, 0)), ("SMS", (1, 9))))
    assert figure.head == ("From", "WhatsApp", "SMS")
    assert figure.rows == (("Fri 1 Mar 2024", "3", "1"), ("Sat 2 Mar 2024 10:30", "0", "9"))
    assert tips(figure, "sf-hit") == [
        "Fri 1 Mar 2024: 3",
        "Fri 1 Mar 2024: 1",
        "Sat 2 Mar 2024 10:30: 9",
    ]


def test_the_bars_of_a_week_have_a_pattern_for_every_colour() -> None:
    figure = charts.weeks(WEEKS)
    marks = {one.get("id") for one in read(figure).iter() if one.tag.endswith("pattern")}
    looks = set(re.findall(r'class="sf-bar-(\d)"', figure.picture))
    assert looks == {"0", "1"}
    assert {f"sf-mark-{look}" for look in looks - {"0"}} <= marks
    assert [text(row[0]) for row in figure.rows] == ["Mon 26 Feb 2024", "Mon 11 Mar 2024"]


def test_links_lead_where_the_caller_says_and_only_where_something_is() -> None:
    asked: list[str] = []

    def link(iso: str) -> str:
        asked.append(iso)
        return f"/k/{len(asked)}"

    figure = charts.months([*DAYS, ("2024-03-05", 0)], link=link)
    assert asked == [iso for iso, _count in DAYS]
    assert re.findall(r'<a href="([^"]+)"', figure.picture) == ["/k/1", "/k/2", "/k/3", "/k/4"]
    assert figure.rows[0][0] == {"text": "Thu 30 Nov 2023", "href": "/k/1"}
    assert "<a " not in charts.months(DAYS, link=lambda _iso: "").picture


def test_many_narrow_bars_are_no_links_but_their_rows_are() -> None:
    buckets = [f"2024-01-{day:02}" for day in range(1, 32)]
    figure = charts.lanes(buckets, [("SMS", [1] * 31)], link=lambda _iso: "/k/1")
    assert "<a " not in figure.picture
    assert all(isinstance(row[0], dict) for row in figure.rows)


@pytest.mark.parametrize("untrusted_name", HOSTILE)
def test_a_hostile_name_stays_text(untrusted_name: str) -> None:
    figure = charts.lanes(BUCKETS, [(untrusted_name, (3, 0))])
    said = shown(figure)
    assert forbidden(said) == []
    assert said.count("<svg") == 1
    assert "\u202e" not in said
    assert "\x00" not in said
    ET.fromstring(said)  # noqa: S314 - our own markup


@pytest.mark.parametrize("untrusted_address", HOSTILE[:5])
def test_an_address_cannot_break_out_of_its_attribute(untrusted_address: str) -> None:
    said = shown(charts.months(DAYS, link=lambda _iso: untrusted_address))
    assert forbidden(said) == []


def test_a_long_case_is_drawn_up_to_a_bound_and_told_whole() -> None:
    days = [(f"{year}-05-01", 1) for year in range(1970, 2024)]
    years, months = charts.years(days), charts.months(days)
    assert len(tips(years, "sf-cell")) == charts.MOST_YEARS * 12
    assert months.picture.count("<svg") == charts.MOST_MONTHS + 1
    assert len(years.rows) == len(months.rows) == len(days)
    assert "30" in years.description
    assert "24" in months.description


def test_nothing_at_all_is_drawn_calmly() -> None:
    for figure in (
        charts.years([]),
        charts.months([]),
        charts.weeks([]),
        charts.week_hours([[0] * 24] * 7),
        charts.lanes([], []),
    ):
        assert figure.title
        assert shown(figure)


def test_one_extraordinary_day_does_not_make_all_others_pale() -> None:
    assert strong([1, 2, 3, 4, 5, 6, 7, 8, 9, 10_000]) == 9
    assert strong([0, 0, 5]) == 5
    assert strong([]) == 0


@settings(max_examples=60, deadline=None)
@given(days=st.dictionaries(iso_days, numbers, max_size=12))
def test_the_table_adds_up_to_what_was_given(days: dict[str, int]) -> None:
    total = sum(days.values())
    for figure in (charts.years(list(days.items())), charts.months(list(days.items()))):
        told = [int(text(row[1]).replace(",", "")) for row in figure.rows]
        assert sum(told) == total
        ET.fromstring(f"<all>{figure.picture}</all>")  # noqa: S314 - our own markup


@settings(max_examples=60, deadline=None)
@given(lanes=st.lists(st.tuples(st.text(max_size=40), st.lists(numbers, min_size=2, max_size=2))))
def test_any_name_makes_sound_markup(lanes: list[tuple[str, list[int]]]) -> None:
    figure = charts.lanes(BUCKETS, lanes)
    ET.fromstring(shown(figure))  # noqa: S314 - our own markup
    assert forbidden(shown(figure)) == []


def test_a_chart_speaks_german() -> None:
    with speaking("de"):
        assert charts.months(DAYS).rows[-1] == ("Mo. 04.03.2024", "12")
