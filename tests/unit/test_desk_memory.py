# SPDX-License-Identifier: Apache-2.0
"""What a desk remembers, over which entries, and for whom."""

from __future__ import annotations

import gc
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_case import CHAT, put, told_case
from desk_case import open_desk as opened
from standfast.desk import Desk, looking
from standfast.desk.memory import KEPT, Key, Memories, Memory, key_of
from standfast.errors import StandfastError
from standfast.i18n import set_language
from standfast.model.finding import Status
from standfast.model.people import Role
from standfast.timeline.query import Timeline
from standfast.timeline.state import copy_of, fold, fold_on
from standfast.vault import entry as kinds
from standfast.vault.entry import Draft, Entry, write_entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with told_case(tmp_path_factory.mktemp("told")) as desk:
        return desk.vault.folder


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(made, tmp_path / "case")
    with opened(tmp_path / "case") as desk:
        yield desk


def empty() -> Timeline:
    return Timeline(iter(()), items={}, people=())


# -- folding as entries come -----------------------------------------------------------------

ITEMS = st.sampled_from(["a" * 64, "b" * 64, "c" * 64])
NUMBERS = st.integers(0, 12)
WORDS = st.sampled_from(["", "x", "y"])
PEOPLE = st.sampled_from(["me", "Alex", "Kim"])
STATES = st.sampled_from(["queued", "stamped"])


def drafts_of(kind: str, **body: st.SearchStrategy[Any]) -> st.SearchStrategy[Draft]:
    return st.fixed_dictionaries(dict(body)).map(lambda given: Draft(kind, given))


MOMENT = {"person": PEOPLE, "when": WORDS, "zone": WORDS, "event": WORDS}
DRAFTS = st.one_of(
    drafts_of(kinds.CASE, zone=WORDS, title=WORDS),
    drafts_of(kinds.ITEM, sha256=ITEMS, size=NUMBERS, name=WORDS, folder=WORDS),
    drafts_of(kinds.COVERAGE, reading=WORDS, item=ITEMS, coverage=st.builds(dict)),
    drafts_of(
        kinds.READING, id=WORDS, item=ITEMS, format=WORDS, version=NUMBERS, events=NUMBERS,
        root=WORDS, options=st.builds(dict), coverage=st.builds(dict),
    ),
    drafts_of(kinds.ERASE, item=ITEMS, reason=WORDS),
    drafts_of(
        kinds.ANSWER, item=ITEMS, question=st.sampled_from(["zone", "case_zone"]), value=WORDS
    ),
    drafts_of(
        kinds.PERSON, action=st.sampled_from(["link", "unlink"]), person=PEOPLE, label=WORDS,
        role=st.sampled_from(["me", "other"]), channel=WORDS, address=WORDS,
    ),
    drafts_of(kinds.INCIDENT, when=WORDS, zone=WORDS, precision=WORDS, text=WORDS),
    drafts_of(kinds.NOTE, text=WORDS, private=st.booleans()),
    drafts_of(kinds.STOP, **MOMENT),
    drafts_of(kinds.BLOCK, **MOMENT, channel=WORDS, account=WORDS),
    drafts_of(kinds.KNOWLEDGE, about=st.just("moment"), knew=WORDS),
    drafts_of(kinds.DECISION, withdraw=NUMBERS),
    drafts_of(
        kinds.DECISION, finding=WORDS, detector=WORDS, subject=WORDS,
        status=st.sampled_from([str(one) for one in Status]),
    ),
    drafts_of(kinds.ANCHOR, state=STATES, size=NUMBERS, url=WORDS),
    drafts_of(kinds.RECOVER, unfinished=NUMBERS),
)  # fmt: skip


def ledger(drafts: list[Draft]) -> list[Entry]:
    return [write_entry(seq, one, "2024-03-04T09:05:00.000Z") for seq, one in enumerate(drafts)]


@given(st.lists(DRAFTS, max_size=14), st.lists(st.integers(1, 5)))
def test_folding_in_pieces_is_folding_at_once(drafts: list[Draft], cuts: list[int]) -> None:
    entries = ledger(drafts)
    whole, state, at = fold(entries), fold(()), 0
    for cut in (*cuts, len(entries)):
        before, kept = state, deepcopy(state)
        state = fold_on(copy_of(state), entries[at : at + cut])
        assert before == kept, "a copy takes entries by itself"
        at += cut
    assert state == whole


def test_an_append_folds_what_is_new_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(
        "standfast.desk.case.fold_on",
        lambda state, entries: (seen.append(len(entries)), fold_on(state, entries))[1],
    )
    for number in range(3):
        desk.note(str(number))
    desk.erase(2, "no longer wanted")
    assert seen == [1, 1, 1, 1]
    assert desk.state == fold(desk.vault.entries)


# -- what is kept over what ------------------------------------------------------------------


def test_what_touches_no_event_leaves_the_timeline(desk: Desk) -> None:
    timeline = desk.timeline
    number = desk.note("x")
    desk.withdraw(number)
    desk.decide(desk.findings()[0].finding.id, Status.CONFIRMED)
    desk.append(Draft(kinds.EXPORT, {"kind": "dossier"}))
    desk.anchor("https://tsa.example.org/", None)
    desk.stop_request("Alex", when="2024-03-14")
    desk.take("a.txt", "", [b"nobody read it yet"])
    assert desk.timeline is timeline


@pytest.mark.parametrize("what", ["incident", "withdrawn", "link", "unlink", "erase", "read"])
def test_what_touches_events_makes_a_new_timeline(desk: Desk, what: str, tmp_path: Path) -> None:
    number = desk.incident("x", "2024-03-18")
    timeline = desk.timeline
    {
        "incident": lambda: desk.incident("y", "2024-03-18"),
        "withdrawn": lambda: desk.withdraw(number),
        "link": lambda: desk.link("Kim", Role.THIRD, "mail", "kim@example.org"),
        "unlink": lambda: desk.unlink("whatsapp", "Alex"),
        "erase": lambda: desk.erase(2, "no longer wanted"),
        "read": lambda: desk.add([put(tmp_path, "b.txt", CHAT.replace("2024", "2023"))]),
    }[what]()
    assert desk.timeline is not timeline
    with pytest.raises(StandfastError):
        timeline.count()


def test_detectors_run_once_for_the_same_events_and_statements(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[object] = []
    real = looking.look
    monkeypatch.setattr(looking, "look", lambda *given: (runs.append(given), real(*given))[1])
    found = desk.findings()
    for view in found:
        desk.decide(view.finding.id, Status.DISMISSED)
    desk.note("x")
    assert {one.status for one in desk.findings()} == {Status.DISMISSED}
    assert len(runs) == 1
    stop = desk.stop_request("Alex", when="2024-03-14")
    assert len(desk.findings()) > len(found)
    assert len(runs) == 2
    desk.withdraw(stop)
    assert len(desk.findings()) == len(found)
    desk.block("Alex", "whatsapp", "Alex", "2024-03-16")
    desk.findings()
    assert len(runs) == 3
    desk.incident("x", "2024-03-18")
    desk.findings()
    assert len(runs) == 4


def test_findings_speak_the_language_in_force_though_they_are_kept(desk: Desk) -> None:
    english = desk.findings()[0].statement
    set_language("de")
    german = desk.findings()[0].statement
    set_language("en")
    assert english != german


def test_the_key_tells_every_state_of_the_events_apart(desk: Desk) -> None:
    keys = [key_of(desk.state)]
    desk.note("x")
    assert key_of(desk.state) == keys[0]
    assert key_of(fold(desk.vault.entries)) == keys[0]
    number = desk.incident("x", "2024-03-18")
    keys.append(key_of(desk.state))
    desk.link("Kim", Role.THIRD, "mail", "kim@example.org")
    keys.append(key_of(desk.state))
    desk.erase(2, "no longer wanted")
    keys.append(key_of(desk.state))
    assert len(set(keys)) == 4
    desk.withdraw(number)
    assert key_of(desk.state) not in keys


# -- for whom --------------------------------------------------------------------------------


def test_a_desk_made_anew_shares_what_another_has_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeline, found = desk.timeline, desk.findings()
    monkeypatch.setattr(looking, "look", None)
    other = desk.again()
    assert other.timeline is timeline
    assert other.findings() == found
    desk.close()
    assert other.timeline.count() == 8, "it is not closed while another rests on it"
    other.close()
    with pytest.raises(StandfastError):
        timeline.count()


def test_a_desk_that_nobody_has_any_more_lets_go(desk: Desk) -> None:
    timeline = desk.timeline
    other: Desk | None = desk.again()
    assert other is not None
    assert other.timeline is timeline
    desk.incident("x", "2024-03-18")
    assert timeline.count() == 8
    other = None
    gc.collect()
    with pytest.raises(StandfastError):
        timeline.count()


def test_two_who_want_the_same_memory_make_it_once() -> None:
    memories, made, go = Memories(), [], threading.Event()

    def make() -> Timeline:
        go.wait(5)
        made.append(empty())
        return made[-1]

    class Holder:
        pass

    holders = [Holder() for _number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        at_work = [pool.submit(memories.take, one, Key, make) for one in holders]
        go.set()
        held = [one.result(10) for one in at_work]
    assert len(made) == 1
    assert len({id(one.memory) for one in held}) == 1
    for one in held[:5]:
        one.release()
        one.release()
    assert made[0].count() == 0
    held[5].release()
    with pytest.raises(StandfastError):
        made[0].count()
    assert memories.take(Holder(), Key, make).memory is not held[5].memory


def test_what_was_worked_out_is_kept_and_bounded() -> None:
    memory, runs = Memory(Key(), empty()), []

    def work(number: int) -> int:
        runs.append(number)
        return number

    for _turn in range(2):
        assert memory.once("one", lambda: work(1)) == 1
    for number in range(KEPT):
        memory.once(number, lambda n=number: work(n))
    memory.once("one", lambda: work(1))
    assert runs == [1, *range(KEPT), 1]
    memory.close()


def test_work_that_fails_is_done_again_when_it_is_asked_for_again() -> None:
    memory = Memory(Key(), empty())
    with pytest.raises(ZeroDivisionError):
        memory.once("one", lambda: 1 // 0)
    assert memory.once("one", lambda: 2) == 2
    memory.close()


# -- a timeline asked by several threads -----------------------------------------------------


def test_a_timeline_answers_many_threads_at_once(desk: Desk) -> None:
    timeline = desk.timeline
    wanted = (timeline.count(), timeline.rows(), timeline.accounts())

    def ask(_number: int) -> bool:
        return (timeline.count(), timeline.rows(), timeline.accounts()) == wanted

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(80)))


def test_closing_waits_for_the_questions_under_way() -> None:
    timeline, begun = empty(), threading.Event()

    def ask() -> Any:
        begun.set()
        return timeline.ask("SELECT count(*) FROM range(30000) a, range(30000) b")

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask)
        begun.wait(5)
        timeline.close()
        try:
            assert answer.result(60) == [(900_000_000,)]
        except StandfastError:
            pytest.skip("it was closed before the question began")
    with pytest.raises(StandfastError):
        timeline.count()
