# SPDX-License-Identifier: Apache-2.0
"""What every format fulfils by itself: found like the formats are, over its own fixtures.

A format's fixtures lie in ``tests/fixtures/<format id>/``; a ``.json`` beside them is a golden
reading and no fixture.
"""

from __future__ import annotations

import json
import random
import sys
import tracemalloc
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from held_bytes import Held
from standfast.model.event import Accounting, Event, EventBatch, Framing, Locator, Unreadable
from standfast.model.times import ZoneBasis
from standfast.sources import Head, Options, known_formats, recognise, told
from standfast.sources.lines import lines_of
from standfast.sources.reading import Order, Reader
from standfast.sources.tables import batch_of, batch_of_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield

FIXTURES = Path(__file__).parents[1] / "fixtures"
ZONE = "Europe/Berlin"
TRUNCATIONS, FLIPS = 200, 500
QUICK = 10
"""Of so many changes, one is tried unless the long tests are asked for."""
OPENING = ("open", "socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork",
           "os.listdir", "os.scandir", "os.remove", "os.rename", "os.mkdir", "shutil.", "ctypes.",
           "urllib.")  # fmt: skip


def fixtures_of(name: str) -> list[Path]:
    folder = FIXTURES / name
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in found if path.is_file() and path.suffix != ".json"]


ALL = [(name, path) for name in known_formats() for path in fixtures_of(name)]
each_fixture = pytest.mark.parametrize(
    ("name", "path"), ALL, ids=[f"{name}/{path.name}" for name, path in ALL]
)
each_format = pytest.mark.parametrize("name", known_formats())


def yields(name: str, source: Held, options: Options | None = None) -> Iterator[Yield]:
    return known_formats()[name].read(source, options or Options())


def batches(found: list[Yield]) -> list[pa.RecordBatch]:
    """Give the events as the worker sends them, each checked as its parent checks it."""
    made = []
    for one in found:
        if isinstance(one, EventBatch) and one.rows:
            made.append(batch_of(one))
        elif isinstance(one, Event):
            made.append(batch_of_events([one]))
    return made


def read(name: str, source: Held, options: Options | None = None) -> list[Yield]:
    found = list(yields(name, source, options))
    assert all(stream.closed for stream in source.opened), "a stream was left open"
    return found


def rows(found: list[Yield]) -> list[dict[str, Any]]:
    return [row for batch in batches(found) for row in batch.to_pylist()]


def spans(found: list[Yield]) -> list[tuple[int, int]]:
    """Give every stretch of bytes that was accounted for."""
    taken = [(row["start"], row["end"]) for row in rows(found)]
    taken += [(one.start, one.end) for one in found if isinstance(one, Framing)]
    taken += [
        (one.locator.start, one.locator.end)
        for one in found
        if isinstance(one, Unreadable) and one.locator.start >= 0
    ]
    return sorted(taken)


def complete(found: list[Yield], size: int) -> bool:
    """Say whether the stretches lie side by side from the first byte to the last."""
    place = 0
    for start, end in spans(found):
        if start != place or end <= start:
            return False
        place = end
    return place == size


def by_bytes(name: str) -> bool:
    return known_formats()[name].about.accounting is Accounting.BYTES


def by_rows(name: str) -> bool:
    return known_formats()[name].about.accounting is Accounting.ROWS


def whole_file(found: list[Yield], size: int) -> bool:
    """Say whether the file is one stretch: framing around rows, or unreadable."""
    stretches = [(one.start, one.end) for one in found if isinstance(one, Framing)]
    stretches += [
        (one.locator.start, one.locator.end)
        for one in found
        if isinstance(one, Unreadable) and one.locator.start >= 0
    ]
    return stretches == [(0, size)]


def places_of(found: list[Yield]) -> list[tuple[str, int]]:
    """Give table and number of each row that is an event."""
    return [(row["pointer"], row["row"]) for row in rows(found)]


@cache
def held(path: Path) -> bytes:
    return path.read_bytes()


# -- what it is ------------------------------------------------------------------------------


@each_format
def test_a_format_describes_itself(name: str) -> None:
    about = known_formats()[name].about
    assert about.id == name
    assert told.CODE.fullmatch(name)
    assert about.version >= 1
    assert told.CODE.fullmatch(about.channel)
    for sentence in (about.export, *about.lacks):
        assert sentence.endswith("."), sentence
    assert about.title


@each_format
def test_a_format_brings_fixtures(name: str) -> None:
    assert len(fixtures_of(name)) >= 2


@each_fixture
def test_a_format_recognises_its_own_before_all_others(name: str, path: Path) -> None:
    data = held(path)
    found = recognise(Head(path.name, data[:65536], len(data)))
    if found is None:  # one that begins with something else, for whoever says what it is
        assert isinstance(read(name, Held(data, path.name))[0], Unreadable)
        return
    assert found.format == name, f"{found.format}: {found.evidence}"
    assert 1 <= found.confidence <= 100


@each_format
def test_a_format_claims_nothing_that_is_nothing(name: str) -> None:
    format_ = known_formats()[name]
    chance = random.Random(name)
    for data in (b"", b"\0" * 4096, b"\xff" * 4096, b"hello", b"\n" * 100, chance.randbytes(4096)):
        assert format_.recognise(Head("file", data, len(data))) is None


# -- what it reads ---------------------------------------------------------------------------


@each_fixture
def test_every_byte_is_accounted_for(name: str, path: Path) -> None:
    data = held(path)
    found = read(name, Held(data, path.name))
    if by_bytes(name):
        assert complete(found, len(data))
    elif by_rows(name):
        assert whole_file(found, len(data))
    else:
        assert len(rows(found)) == 1


@each_fixture
def test_events_are_as_the_parent_demands(name: str, path: Path) -> None:
    data = held(path)
    found = read(name, Held(data, path.name), Options(zone=ZONE))
    for batch in batches(found):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        told.batch_from(bytes(sink.getvalue()), len(data))


@each_fixture
def test_every_event_has_a_place_of_its_own_in_the_file(name: str, path: Path) -> None:
    data = held(path)
    places = []
    for row in rows(read(name, Held(data, path.name))):
        if by_rows(name):
            assert row["start"] == row["end"] == -1
            assert row["row"] >= 0
            assert row["pointer"]
        else:
            assert 0 <= row["start"] < row["end"] <= len(data) or not data
        assert row["path"] == ""
        places.append((row["start"], row["end"], row["row"], row["pointer"]))
    assert len(set(places)) == len(places)


@each_fixture
def test_utc_is_known_exactly_when_the_zone_is_and_the_time_is_decided(
    name: str, path: Path
) -> None:
    for options in (Options(), Options(zone=ZONE), Options(zone=ZONE, zone_basis="case")):
        for row in rows(read(name, Held(held(path), path.name), options)):
            decided = row["wall"] is not None and row["wall_other"] is None
            if row["zone_basis"] == ZoneBasis.UNKNOWN:
                assert not row["zone"]
            if row["utc"] is not None and not row["zone"]:  # a mail's "-0000": UTC, place unknown
                assert row["zone_basis"] == ZoneBasis.IN_FILE
            else:
                assert (row["utc"] is not None) == (bool(row["zone"]) and decided), row


@each_fixture
def test_a_zone_changes_nothing_but_the_zone(name: str, path: Path) -> None:
    plain = rows(read(name, Held(held(path), path.name)))
    zoned = rows(read(name, Held(held(path), path.name), Options(zone=ZONE)))
    assert len(plain) == len(zoned)
    for before, after in zip(plain, zoned, strict=True):
        changed = {key for key in before if before[key] != after[key]}
        allowed = {"zone", "zone_basis", "utc", "native"}
        if after["zone_basis"] == ZoneBasis.EPOCH:  # the source counts in UTC: the clock is ours
            allowed |= {"wall"}
            assert before["utc"] == after["utc"]
        if after["zone_basis"] == ZoneBasis.IN_FILE:
            allowed = set()
        assert changed <= allowed, changed


@each_fixture
def test_two_readings_give_the_same_lines(name: str, path: Path) -> None:
    def lines() -> list[bytes]:
        found = read(name, Held(held(path), path.name), Options(zone=ZONE))
        return [line for batch in batches(found) for line in lines_of(batch, "0" * 64)]

    first = lines()
    assert first == lines()
    assert all(json.loads(line)["schema"] == 1 for line in first)


@each_fixture
def test_within_an_archive_only_the_place_is_another(name: str, path: Path) -> None:
    alone = rows(read(name, Held(held(path), path.name)))
    within = rows(read(name, Held(held(path), path.name, path="a.zip!/b")))
    assert [{**row, "path": ""} for row in within] == alone
    for one in read(name, Held(held(path), path.name, path="a.zip!/b")):
        if isinstance(one, Unreadable):
            assert one.locator.path == "a.zip!/b"
        elif not isinstance(one, (Event, EventBatch)):
            assert one.path == "a.zip!/b"


# -- what it survives ------------------------------------------------------------------------


def changes(data: bytes, seed: str, share: int) -> Iterator[bytes]:
    """Give a file cut off and altered at random places."""
    chance = random.Random(seed)
    for _number in range(TRUNCATIONS // share):
        yield data[: chance.randrange(len(data) + 1)]
    for _number in range(FLIPS // share):
        altered = bytearray(data)
        altered[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.3:
            altered[chance.randrange(len(data))] = chance.randrange(256)
        yield bytes(altered)


def check_survival(name: str, path: Path, share: int) -> None:
    data = held(path)
    for altered in changes(data, path.name, share) if data else ():
        known_formats()[name].recognise(Head(path.name, altered[:65536], len(altered)))
        found = read(name, Held(altered, path.name), Options(zone=ZONE))
        assert all(isinstance(one.locator, Locator) for one in found if isinstance(one, Unreadable))
        if by_bytes(name):
            assert complete(found, len(altered)), altered
        elif by_rows(name):
            assert whole_file(found, len(altered)), altered
            assert len(places_of(found)) == len(set(places_of(found)))
        else:
            assert len(rows(found)) == 1


@each_fixture
def test_any_damage_leaves_a_full_account(name: str, path: Path) -> None:
    check_survival(name, path, QUICK)


@pytest.mark.long
@each_fixture
def test_a_lot_of_damage_leaves_a_full_account(name: str, path: Path) -> None:
    check_survival(name, path, 1)


# -- what it does beside reading -------------------------------------------------------------


watching: list[str] = []
_on = False


def _hook(event: str, _arguments: object) -> None:
    if _on and event.startswith(OPENING):
        watching.append(event)


sys.addaudithook(_hook)


@each_fixture
def test_a_format_opens_nothing_by_itself(name: str, path: Path) -> None:
    global _on  # noqa: PLW0603 - an audit hook stays for good, so it is switched
    source = Held(held(path), path.name)
    read(name, source, Options(zone=ZONE))  # its own words and zones are loaded now
    watching.clear()
    _on = True
    try:
        read(name, Held(held(path), path.name), Options(zone=ZONE))
    finally:
        _on = False
    assert watching == []


@each_format
def test_the_worker_reads_all_fixtures_and_accounts_for_every_byte(name: str) -> None:
    with Reader() as reader:
        for path in fixtures_of(name):
            size = path.stat().st_size
            reading = reader.read(Order(path.name, size, str(path), format=name))
            events = sum(len(batch) for batch in reading.batches)
            coverage = reading.coverage
            assert coverage.events == events
            assert reading.main_format == name
            assert coverage.bytes == size
            if by_bytes(name) or by_rows(name):
                assert coverage.bytes_accounted == size, path.name
            if by_rows(name):
                assert coverage.rows >= events


def repeatable(name: str) -> Path | None:
    """Find a fixture that can stand twice in one file: then every event is there twice."""
    for path in fixtures_of(name) if by_bytes(name) else ():
        data = held(path)
        once, twice = (rows(read(name, Held(data * n, path.name))) for n in (1, 2))
        if once and len(twice) == 2 * len(once):
            return path
    return None


@each_format
def test_identical_events_in_a_row_are_kept_apart(name: str) -> None:
    path = repeatable(name)
    if path is None:
        pytest.skip("a file of this format does not go on behind its end")
    data = held(path)
    twice = rows(read(name, Held(data * 2, path.name)))
    places = {(row["start"], row["end"]) for row in twice}
    assert len(places) == len(twice)


@pytest.mark.long
@each_format
def test_memory_does_not_grow_with_the_file(name: str) -> None:
    path = repeatable(name)
    if path is None:
        pytest.skip("a file of this format does not go on behind its end")

    def peak(size: int) -> int:
        tracemalloc.start()
        try:
            for one in yields(name, Held(held(path), path.name, times=size // len(held(path)))):
                del one
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = peak(8 << 20), peak(32 << 20)
    assert large < small * 1.3 + (4 << 20), f"{small >> 20} MiB, then {large >> 20} MiB"
