# SPDX-License-Identifier: Apache-2.0
"""What only the person can say: people, incidents, stops, decisions."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from desk_case import CHAT, make, open_desk, put, told_case
from standfast.desk import dossier as dossiers
from standfast.errors import WrongUsage
from standfast.model.finding import Status
from standfast.model.people import Role
from standfast.model.times import iso_wall
from standfast.timeline.query import Where
from standfast.vault import entry as kinds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.desk import Desk

OPEN_DATES = """\
04/03/2024, 09:05 - Alex: first
05/03/2024, 09:06 - Mira: second
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with three cases, made once."""
    folder = tmp_path_factory.mktemp("prepared")
    told_case(folder / "told").close()
    with make(folder / "open" / "case") as desk:
        desk.add([put(folder / "open", "chat.txt", OPEN_DATES)])
    make(folder / "empty" / "case").close()
    return folder


def copied(prepared: Path, name: str, tmp_path: Path) -> Desk:
    shutil.copytree(prepared / name, tmp_path, dirs_exist_ok=True)
    return open_desk(tmp_path / "case")


@pytest.fixture
def desk(prepared: Path, tmp_path: Path) -> Iterator[Desk]:
    with copied(prepared, "empty", tmp_path) as made:
        yield made


@pytest.fixture
def undecided(prepared: Path, tmp_path: Path) -> Iterator[Desk]:
    with copied(prepared, "open", tmp_path) as made:
        yield made


@pytest.fixture
def told(prepared: Path, tmp_path: Path) -> Iterator[Desk]:
    with copied(prepared, "told", tmp_path) as made:
        yield made


def texts(desk: Desk, **where: str) -> list[str]:
    return [row.text for row in desk.events(Where(**where))]  # type: ignore[arg-type]  # names of Where


def days(desk: Desk) -> list[str]:
    return [iso_wall(row.wall)[:10] for row in desk.events() if row.wall and not row.wall_other]


# -- people ----------------------------------------------------------------------------------


def test_an_account_belongs_to_whoever_was_named_last(told: Desk) -> None:
    assert len(texts(told, person="Alex")) == 8
    told.link("Kim", Role.OTHER, "whatsapp", "Alex")
    assert len(texts(told, person="Alex")) == 1
    told.unlink("whatsapp", "Alex")
    assert texts(told, person="Kim") == []
    told.link("Alex", Role.OTHER, "whatsapp", "Alex")
    assert len(texts(told, person="Alex")) == 8
    with pytest.raises(WrongUsage):
        told.unlink("whatsapp", "Nobody")


def test_one_number_in_two_spellings_is_one_account(desk: Desk, tmp_path: Path) -> None:
    sms = """<smses count="2">
<sms address="0049 171 3920001" date="1710489600000" type="1" body="one" read="1" />
<sms address="+49 (171) 392-0001" date="1710489660000" type="1" body="two" read="1" />
</smses>"""
    desk.add([put(tmp_path, "sms.xml", sms)])
    desk.link("Alex", Role.OTHER, "sms", "+491713920001")
    assert texts(desk, person="Alex") == ["one", "two"]
    assert {row.account for row in desk.events()} == {"+491713920001"}


@pytest.mark.parametrize(
    "written", ["Al\u200bex", "\u202aAlex\u202c", " Alex ", "Alex\u200e", "\ufeffAlex"]
)
def test_invisible_marks_in_a_name_are_no_other_account(told: Desk, written: str) -> None:
    told.unlink("whatsapp", "Alex")
    told.link("Alex", Role.OTHER, "whatsapp", written)
    assert len(texts(told, person="Alex")) == 8


def test_me_on_several_channels_is_one_person(told: Desk) -> None:
    assert {one.channel for one in told.state.people["me"].accounts} == {"whatsapp", "mail"}
    assert [row.person for row in told.events(Where(channel="mail", direction="in"))] == ["Alex"]


def test_a_person_has_one_role_until_all_accounts_are_taken_back(told: Desk) -> None:
    with pytest.raises(WrongUsage):
        told.link("Alex", Role.THIRD, "sms", "+491713920001")
    with pytest.raises(WrongUsage):
        told.link("me", Role.OTHER, "sms", "+491713920001")
    for channel, address in (("whatsapp", "Alex"), ("mail", "alex@example.org")):
        told.unlink(channel, address)
    told.link("Alex", Role.THIRD, "whatsapp", "Alex")
    assert told.state.people["Alex"].role is Role.THIRD


@pytest.mark.parametrize("words", [("", "sms", "1"), ("Alex", " ", "1"), ("Alex", "sms", "")])
def test_a_person_needs_a_name_a_channel_and_an_address(
    desk: Desk, words: tuple[str, str, str]
) -> None:
    with pytest.raises(WrongUsage):
        desk.link(words[0], Role.OTHER, *words[1:])


def test_third_people_are_in_no_finding(told: Desk) -> None:
    subjects = {view.finding.subject for view in told.findings()}
    assert "Alex" in subjects
    for channel, address in (("whatsapp", "Alex"), ("mail", "alex@example.org")):
        told.unlink(channel, address)
        told.link("Sam", Role.THIRD, channel, address)
    assert told.findings() == ()


def test_nobody_is_taken_for_the_other_side_by_a_name_nobody_stated(
    desk: Desk, tmp_path: Path
) -> None:
    second = CHAT.replace("Mira:", "M. (new phone):").replace("03/2024", "05/2024")
    desk.add([put(tmp_path / "a", "chat.txt", CHAT), put(tmp_path / "b", "chat.txt", second)])
    desk.link("me", Role.ME, "whatsapp", "Mira")
    other = {(row.sender, row.direction) for row in desk.events() if row.item == second_item(desk)}
    assert other == {("", "system"), ("Alex", "unknown"), ("M. (new phone)", "unknown")}
    desk.link("Alex", Role.OTHER, "whatsapp", "Alex")
    other = {(row.sender, row.direction) for row in desk.events() if row.item == second_item(desk)}
    assert other == {("", "system"), ("Alex", "in"), ("M. (new phone)", "unknown")}
    desk.link("me", Role.ME, "whatsapp", "M. (new phone)")
    assert len(texts(desk, direction="out")) == 2


def second_item(desk: Desk) -> str:
    return next(item.sha256 for item in desk.state.items.values() if item.number == 2)


# -- incidents, notes, stops, blocks ---------------------------------------------------------


def test_incidents_stand_in_the_timeline_with_as_much_time_as_is_known(told: Desk) -> None:
    told.incident("He stood outside.", "2024-03-15 18:00", person="Alex", place="at work")
    told.incident("He called my mother.", "2024-03-16")
    told.incident("Somebody opened my letters.", "")
    told.incident("In New York.", "2024-03-15 18:00", zone="America/New_York")
    rows = {row.text: row for row in told.events(Where(kind="incident"))}
    assert rows["He stood outside."].utc != rows["In New York."].utc
    assert rows["He called my mother."].precision == "day"
    assert rows["Somebody opened my letters."].ts is None
    assert told.events()[-1].text == "Somebody opened my letters."


@pytest.mark.parametrize(
    "when",
    ["yesterday", "20240304", "2024-W10", "2024-02-30", "2024-03-04T10", "2024-03-04 25:00",
     "2024-03-04T10:00+01:00", "0001-01-01", "9999-12-31", "2024-03-04 10:00:00.5",
     "\uff12024-03-04"],
)  # fmt: skip
def test_what_is_no_plain_date_is_refused(desk: Desk, when: str) -> None:
    with pytest.raises(WrongUsage):
        desk.incident("Something.", when)
    assert desk.state.incidents == []


def test_an_incident_needs_words_and_a_zone_that_exists(desk: Desk) -> None:
    with pytest.raises(WrongUsage):
        desk.incident("  ", "2024-03-04")
    with pytest.raises(WrongUsage):
        desk.incident("Something.", "2024-03-04", zone="Middle/Earth")
    with pytest.raises(WrongUsage):
        desk.note(" ")


def test_without_any_zone_an_incident_keeps_its_wall_time(tmp_path: Path) -> None:
    with make(tmp_path / "case", zone="") as desk:
        desk.incident("Something.", "2024-03-04 10:00")
        (row,) = desk.events()
        assert row.utc is None
        assert row.ts == row.wall


def test_what_was_taken_back_is_gone_from_view_and_stays_in_the_ledger(told: Desk) -> None:
    said = [
        told.incident("A mistake.", "2024-03-15"),
        told.note("A slip.", private=False),
        told.stop_request("Alex", when="2024-03-15 10:00"),
        told.block("Alex", "whatsapp", "Alex", "2024-03-15 11:00"),
    ]
    for entry in said:
        told.withdraw(entry)
    state = told.state
    assert (state.incidents, state.notes, state.stops, state.blocks) == ([], [], [], [])
    assert "A mistake." not in texts(told)
    assert dossiers.fill(told, dossiers.Range()).incidents == ()
    assert told.vault.entries[said[0]].body["text"] == "A mistake."
    for wrong in (0, -1, 10_000, said[0] + 10):
        with pytest.raises(WrongUsage):
            told.withdraw(wrong)


def asked_to_stop(desk: Desk) -> str:
    (row,) = desk.events(Where(search="do not write"))
    return row.event


def after_stop(desk: Desk) -> list[int | str]:
    found = [view.finding for view in desk.findings() if view.finding.detector == "after_stop"]
    return [one.numbers["incoming"] for one in found]


def test_a_stop_counts_from_its_message_or_from_a_time_that_was_stated(told: Desk) -> None:
    told.stop_request("Alex", event=asked_to_stop(told))
    assert after_stop(told) == [5]
    told.stop_request("Alex", when="2024-03-16 10:00")
    assert after_stop(told) == [5, 1]


def test_a_stop_is_about_somebody_known_and_rests_on_something(told: Desk) -> None:
    incoming = told.events(Where(search="answer me"))[0].event
    for words in (
        {"person": "Nobody", "when": "2024-03-16"},
        {"person": "Alex"},
        {"person": "Alex", "event": incoming},
        {"person": "Alex", "event": "000000000000-1"},
        {"person": "Alex", "when": "soon"},
    ):
        with pytest.raises(WrongUsage):
            told.stop_request(**words)
    with pytest.raises(WrongUsage):
        told.block("Alex", "whatsapp", "Alex", "")


def test_a_stop_outlives_the_original_that_held_its_message(told: Desk) -> None:
    told.stop_request("Alex", event=asked_to_stop(told))
    at = told.stop_time(told.state.stops[0])
    told.erase(1, "not for others")
    assert told.stop_time(told.state.stops[0]) == at
    filled = dossiers.fill(told, dossiers.Range())
    assert [one.moment.wall for one in filled.stops] == ["2024-03-14T09:06:00"]
    assert after_stop(told) == [1]


def test_a_stop_moves_with_the_time_of_its_message(undecided: Desk) -> None:
    undecided.link("me", Role.ME, "whatsapp", "Mira")
    undecided.link("Alex", Role.OTHER, "whatsapp", "Alex")
    (row,) = undecided.events(Where(search="second"))
    with pytest.raises(WrongUsage):
        undecided.stop_request("Alex", event=row.event)  # its day is not decided yet
    undecided.answer("1.date_order", "dmy")
    undecided.stop_request("Alex", event=row.event)
    first = undecided.stop_time(undecided.state.stops[0])
    undecided.answer("1.date_order", "mdy")
    assert undecided.stop_time(undecided.state.stops[0]) not in {None, first}


def test_contact_after_a_stop_is_that_of_the_person_who_was_asked(told: Desk) -> None:
    told.unlink("mail", "alex@example.org")
    told.link("Kim", Role.OTHER, "mail", "alex@example.org")
    told.stop_request("Kim", when="2024-03-14 00:00")
    filled = dossiers.fill(told, dossiers.Range())
    assert filled.counts.after_stop == 1
    assert [row.channel for row in filled.rows if row.after_stop] == ["mail"]


# -- decisions -------------------------------------------------------------------------------


def test_a_confirmed_finding_is_outdated_by_new_events_until_it_is_looked_at_again(
    told: Desk, tmp_path: Path
) -> None:
    def count_of(desk: Desk) -> str:
        return next(
            one.finding.id for one in desk.findings() if one.finding.detector == "contact_count"
        )

    old = count_of(told)
    assert told.decide(old, Status.CONFIRMED).status is Status.CONFIRMED
    assert told.outdated(told.findings()) == 0
    later = "19/04/2024, 10:00 - Alex: hello again\n19/04/2024, 10:05 - Mira: no\n"
    told.add([put(tmp_path, "later.txt", later)])
    assert count_of(told) != old
    assert told.outdated(told.findings()) == 1
    assert dossiers.fill(told, dossiers.Range()).findings == ()
    told.decide(count_of(told), Status.CONFIRMED)
    assert told.outdated(told.findings()) == 0
    told.decide(count_of(told), Status.DISMISSED)
    assert told.outdated(told.findings()) == 0
    assert dossiers.fill(told, dossiers.Range()).findings == ()
    with pytest.raises(WrongUsage):
        told.decide(old, Status.CONFIRMED)


def test_every_statement_is_an_entry_of_its_own(told: Desk) -> None:
    before = len(told.vault.entries)
    told.note("for myself")
    told.incident("Something.", "")
    told.stop_request("Alex", when="2024-03-14")
    told.block("Alex", "whatsapp", "Alex", "2024-03-14")
    added = [entry.type for entry in told.vault.entries[before:]]
    assert added == [kinds.NOTE, kinds.INCIDENT, kinds.STOP, kinds.BLOCK]
    assert told.state.notes[0].private
