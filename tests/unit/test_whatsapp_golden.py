# SPDX-License-Identifier: Apache-2.0
"""Every form of export that is known, beside what a person says it must come out as."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from standfast.model.times import iso_wall
from whatsapp_source import Held, Reading, accounted, plain_rows, read, recognised

FIXTURES = Path(__file__).parents[1] / "fixtures" / "whatsapp"
EXPORTS = sorted(FIXTURES.glob("*.txt"))
TIMES = ("wall", "wall_other", "utc")


def as_json(reading: Reading) -> dict[str, Any]:
    rows = [
        {name: iso_wall(value) if name in TIMES else value for name, value in row.items()}
        for row in plain_rows(reading)
    ]
    return {
        "events": rows,
        "framing": [[each.start, each.end] for each in reading.framing],
        "unreadable": [
            [each.reason, each.locator.start, each.locator.end] for each in reading.unreadable
        ],
        "questions": {
            each.id: {"choices": list(each.choices), "examples": list(each.examples)}
            for each in reading.questions.values()
        },
        "remarks": [each.code for each in reading.remarks],
    }


@pytest.mark.parametrize("place", EXPORTS, ids=lambda place: place.stem)
def test_an_export_comes_out_as_its_golden_file_says(place: Path) -> None:
    golden = place.with_suffix(".json")
    assert golden.exists(), f"{place.name} has no golden file"
    original = Held(place.read_bytes())
    reading = read(original)
    assert as_json(reading) == json.loads(golden.read_text(encoding="utf-8"))
    assert accounted(original, reading)


@pytest.mark.parametrize("place", EXPORTS, ids=lambda place: place.stem)
def test_an_export_is_recognised_by_its_content_alone(place: Path) -> None:
    claim = recognised(place.read_bytes(), "notes.txt")
    assert claim is not None
    assert claim.confidence >= 90


def test_every_golden_file_has_its_export_and_there_are_many_forms() -> None:
    assert {place.stem for place in FIXTURES.glob("*.json")} == {p.stem for p in EXPORTS}
    assert len(EXPORTS) >= 40
