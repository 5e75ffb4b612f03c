# SPDX-License-Identifier: Apache-2.0
"""What every detector keeps to, whoever wrote it: found by itself, so a new one is tested too."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

import pytest

from contact_case import DAY, HOUR, MINUTE, START, daily, row, table
from standfast.findings import EVENTS, Block, Settings, StopRequest, detectors, look, say
from standfast.i18n import LANGUAGES, speaking
from standfast.model.finding import Confidence

if TYPE_CHECKING:
    import pyarrow as pa

    from standfast.model.finding import Finding

STOP = START + 60 * DAY
BLOCK = START + 80 * DAY
SETTINGS = Settings(
    stops=(StopRequest("p1", STOP, "stop-1"), StopRequest("nobody", STOP)),
    blocks=(Block("p1", "whatsapp", "+44 7700 900123", BLOCK),),
)
SECOND = {"channel": "sms", "account": "+44 7700 900124"}
LATER = {"channel": "mail", "account": "robin@example.org", "kind": "mail"}
UNKNOWN = {"person": "", "role": "", "account": "+44 7700 900555"}
DETECTORS = sorted(detectors())
JUDGING = re.compile(
    r"stalker|harass|victim|offender|abuser|perpetrator|täter|opfer|\bsafe\b|sicher\b|harmless",
    re.IGNORECASE,
)


def story() -> list[dict[str, Any]]:
    """Write a case in which every pattern occurs."""
    dice = random.Random(4)
    counts = [dice.choice([0, 0, 1, 2]) for _ in range(60)]
    counts += [dice.choice([4, 6, 9, 12]) for _ in range(20)] + [0] * 25 + [8, 7, 9] * 8
    rows = daily(counts)
    rows += [row(5000 + n, START + 70 * DAY + n * 2 * MINUTE, **SECOND) for n in range(24)]
    rows += [row(6000 + n, START + n * 5 * DAY + 10 * HOUR, direction="out") for n in range(20)]
    rows += [row(7000 + n, BLOCK + 50 * HOUR + n * HOUR, **LATER) for n in range(3)]
    rows += [row(8000 + n, BLOCK + 5 * HOUR + n * HOUR, **UNKNOWN) for n in range(2)]
    rows += [row(9000 + n, START + 30 * DAY + (22 + n) * HOUR) for n in range(8)]
    rows.append(row(1, STOP, direction="out") | {"event": "stop-1", "text": "Leave me alone."})
    third = {"person": "p9", "role": "third", "account": "+44 7700 900777"}
    return rows + [row(9500 + n, START + n * MINUTE, **third) for n in range(50)]


STORY = table(story())
ODD = {
    "nothing": [],
    "one event": [row(0, START)],
    "one event that went out": [row(0, START, direction="out")],
    "the app alone": [
        row(n, START + n * DAY, direction="system", kind="system") for n in range(300)
    ],
    "nobody knows the side": [row(n, START + n * DAY, direction="unknown") for n in range(300)],
    "an event a day for years": daily([1] * 1500),
    "days without a clock": daily([3] * 100, precision="day"),
    "all at one moment": [row(n, START) for n in range(500)],
    "before 1970": daily([5] * 40, start=-4000 * DAY),
    "at both ends of the calendar": [
        *daily([9] * 20, start=-719_162 * DAY),
        *daily([9] * 20, start=2_932_000 * DAY),
    ],
    "a clock that was wrong once": [row(9999, 0), *daily([2] * 50)],
    "addresses with every sign": [
        row(n, START + n * MINUTE, person="", account="a:{b}%s'\"\u202e;--", role="")
        for n in range(40)
    ],
    "a person without an account": daily([2, 0, 9] * 20, account=""),
    "thousands in an hour": [row(n, START + n * 1000) for n in range(5000)],
}


def findings(name: str, events: pa.Table) -> list[Finding]:
    return list(detectors()[name].look(events, SETTINGS))


def texts(finding: Finding) -> list[str]:
    said = say(finding)
    return [getattr(said, part) for part in said.__slots__]


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detector_says_who_it_is(name: str) -> None:
    detector = detectors()[name]
    assert re.fullmatch(r"[a-z_]+", detector.id)
    assert detector.id == name
    assert detector.version >= 1


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detector_finds_something_in_a_story_that_holds_every_pattern(name: str) -> None:
    assert findings(name, STORY)


@pytest.mark.parametrize("name", DETECTORS)
def test_the_order_of_the_rows_changes_nothing(name: str) -> None:
    expected = findings(name, STORY)
    for seed in range(4):
        assert findings(name, table(story(), shuffled=seed)) == expected


@pytest.mark.parametrize("name", DETECTORS)
def test_the_order_of_what_was_stated_changes_nothing(name: str) -> None:
    turned = Settings(stops=SETTINGS.stops[::-1], blocks=SETTINGS.blocks * 2)
    assert list(detectors()[name].look(STORY, turned)) == findings(name, STORY)


@pytest.mark.parametrize("name", DETECTORS)
def test_a_table_in_pieces_and_with_dictionaries_gives_the_same(name: str) -> None:
    import pyarrow as pa  # noqa: PLC0415 - above for types alone

    pieces = pa.concat_tables([STORY.slice(0, 100), STORY.slice(100)])
    words = [field.name for field in EVENTS if field.type == pa.string()]
    for word in words:
        at = pieces.schema.get_field_index(word)
        pieces = pieces.set_column(at, word, pieces[word].dictionary_encode())
    assert findings(name, pieces) == findings(name, STORY)


@pytest.mark.parametrize("name", DETECTORS)
def test_only_events_that_exist_are_cited_in_order_and_not_too_many(name: str) -> None:
    place = {event: at for at, event in enumerate(STORY["event"].to_pylist())}
    for finding in findings(name, STORY):
        cited = [place[event] for event in finding.events]
        assert cited == sorted(set(cited))
        assert len(cited) <= 200
        assert finding.events_total >= len(cited)
        named = [str(n) for key, n in finding.numbers.items() if key.endswith("_event") and n]
        assert set(named) <= set(finding.events)


@pytest.mark.parametrize("name", DETECTORS)
def test_a_finding_holds_whole_numbers_words_and_dates(name: str) -> None:
    found = findings(name, STORY)
    assert len({finding.id for finding in found}) == len(found)
    for finding in found:
        assert re.fullmatch(rf"{name}:[0-9a-f]{{16}}", finding.id)
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", finding.first)
        assert finding.first <= finding.last
        assert all(type(number) in {int, str} for number in finding.numbers.values())
        for rows in finding.series.values():
            assert all(type(label) is str and type(n) is int and n >= 0 for label, n in rows)


@pytest.mark.parametrize("name", DETECTORS)
def test_an_identity_changes_with_what_is_said_and_with_nothing_else(name: str) -> None:
    expected = {finding.id for finding in findings(name, STORY)}
    shouted = [one | {"text": "LOUDER", "conversation": "x"} for one in story()]
    assert {finding.id for finding in findings(name, table(shouted))} == expected
    moved = [one | {"ts": one["ts"] + DAY, "wall": one["wall"] + DAY} for one in story()]
    assert {finding.id for finding in findings(name, table(moved))} != expected


@pytest.mark.parametrize("name", DETECTORS)
def test_third_people_are_left_out(name: str) -> None:
    assert all(finding.subject != "p9" for finding in findings(name, STORY))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DETECTORS)
def test_every_sentence_is_whole_and_judges_nobody(name: str, language: str) -> None:
    with speaking(language):
        for finding in findings(name, STORY):
            for text in texts(finding):
                assert text.strip() == text
                assert len(text) >= 10
                assert not re.search(r"[{}]|%\(|%s|None|  |\d{4}-\d\d-\d\d", text)
                assert not JUDGING.search(text)
            for text in texts(finding)[1:]:
                assert text[-1] in ".:"


@pytest.mark.parametrize("odd", sorted(ODD))
@pytest.mark.parametrize("name", DETECTORS)
def test_no_table_is_too_odd(name: str, odd: str) -> None:
    events = table(ODD[odd], shuffled=1)
    for finding in findings(name, events):
        assert set(finding.events) <= set(events["event"].to_pylist())
        for language in LANGUAGES:
            with speaking(language):
                assert all(texts(finding))


def test_looking_at_a_case_is_looking_with_every_detector() -> None:
    found = look(STORY, SETTINGS)
    assert {finding.detector for finding in found} == set(DETECTORS)
    hints = [finding for finding in found if finding.confidence is Confidence.HINT]
    assert [finding.subject for finding in hints] == ["account:whatsapp:+44 7700 900555"]
