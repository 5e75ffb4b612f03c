# SPDX-License-Identifier: Apache-2.0
"""Findings in the app: shown with quotes and reasons, decided on, taken back; and as patterns."""

from __future__ import annotations

import re
import shutil
import threading
import time
from typing import TYPE_CHECKING

import pytest

from desk_case import PHRASE, make, put, told_case
from standfast.desk import looking
from standfast.desk.finding_ahead import found_by_now
from standfast.desk.patterns import patterns
from standfast.desk.reviewing import review
from standfast.errors import StandfastError
from standfast.model.finding import Status
from standfast.model.people import Role
from web_case import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.desk import Desk, Sitting

BROKEN = "broken on purpose"
ONE = re.compile(r'href="(/f/o/[0-9a-f]+)"')
HERE = re.compile(r'name="here" value="([0-9a-f]+)"')


def long_chat(extra: str = "") -> str:
    lines = [
        f"{1 + n // 12:02d}/03/2024, {21 + n % 3:02d}:{n % 60:02d} - Alex: number {n} {extra}"
        for n in range(200)
    ]
    return "\n".join(["01/03/2024, 08:00 - Mira: please stop", *lines]) + "\n"


def long_case(folder: Path) -> Path:
    with make(folder / "case") as desk:
        desk.add([put(folder, "chat.txt", long_chat())])
        desk.link("me", Role.ME, "whatsapp", "Mira")
        desk.link("Alex", Role.OTHER, "whatsapp", "Alex")
        desk.stop_request("Alex", event=desk.events()[0].event)
    return folder / "case"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return long_case(tmp_path_factory.mktemp("long"))


@pytest.fixture
def app(made: Path, tmp_path: Path) -> Iterator[Browser]:
    with Browser(shutil.copytree(made, tmp_path / "case"), PHRASE) as browser:
        ready(browser)
        yield browser


def sitting(app: Browser) -> Sitting:
    with app.room.using() as found:
        assert found is not None
        return found


def desk(app: Browser) -> Desk:
    return sitting(app).look()


def ready(app: Browser) -> None:
    sitting(app).catch_up()
    assert found_by_now(desk(app), patience=60) is not None


def counted(app: Browser, where: str = "/f/p") -> str:
    """Show the patterns once they are counted."""
    for _try in range(600):
        if "Being worked out" not in app.get(where):
            break
        time.sleep(0.02)
    return app.words


def statuses(app: Browser) -> dict[str, Status]:
    return {view.finding.detector: view.status for view in desk(app).findings()}


# -- the list --------------------------------------------------------------------------------


def test_a_card_says_everything_and_quotes_the_messages(app: Browser) -> None:
    app.get("/f")
    assert app.status == 200
    for words in (
        "Alex", "number 0", "Why it matters", "What else could explain it", "How sure this is",
        "What to do next", "Would the other person notice?", "This is right", "counted",
    ):  # fmt: skip
        assert words in app.words
    assert "score" not in app.words


def test_quotes_and_cells_lead_into_the_timeline(app: Browser) -> None:
    first = desk(app).findings()[0].finding.events[0]
    assert f'href="/e/{first}"' in app.get("/f")
    counted(app)
    (day,) = re.findall(r'href="(/t/[0-9a-f]+)"[^>]*>[^<]*2 Mar 2024', app.html)[:1]
    wanted = app.room.keys.value(day.split("/")[2])
    assert wanted == {
        "people": ["Alex"], "direction": "in", "first": "2024-03-02", "last": "2024-03-02",
    }  # fmt: skip
    app.get(ONE.findall(app.get("/f"))[0])
    assert "of them in the timeline" in app.words or "Show them all in the timeline" in app.words


def test_what_went_on_after_a_clear_no_stands_first_and_plain_numbers_last(app: Browser) -> None:
    found = review(desk(app))
    assert found is not None
    order = [card.finding.detector for card in found.cards]
    assert order[0] == "after_stop"
    assert order[-1] == "contact_count"


def test_confirming_dismissing_and_taking_back_lead_back_to_the_list(app: Browser) -> None:
    app.get("/f")
    first, here = ONE.findall(app.html)[0], HERE.findall(app.html)[0]
    app.post(first, say="confirmed", here=here)
    assert app.path == "/f"
    assert "Confirmed. It goes into the dossier" in app.words
    assert statuses(app)["after_stop"] is Status.CONFIRMED
    app.get("/f/c")
    here = HERE.findall(app.html)[0]
    app.post(first, say="suggested", here=here)
    assert app.path == "/f/c"
    assert statuses(app)["after_stop"] is Status.SUGGESTED
    app.post(first, say="dismissed", here=here)
    assert "Put aside (1)" in app.words
    assert desk(app).state.confirmed == {}


def test_a_reason_and_a_correction_are_private_notes_about_the_finding(app: Browser) -> None:
    app.get("/f")
    first = ONE.findall(app.html)[0]
    app.post(first, say="dismissed", words="These were about the keys.")
    app.post(first, say="note", words="The second date is wrong.")
    notes = desk(app).state.notes
    assert [one.text for one in notes] == [
        "These were about the keys.", "The second date is wrong.",
    ]  # fmt: skip
    assert all(one.private and one.about.startswith("after_stop:") for one in notes)
    assert "The second date is wrong." in app.get(first)


def test_an_empty_correction_is_said_and_nothing_is_written(app: Browser) -> None:
    app.get("/f")
    first = ONE.findall(app.html)[0]
    before = len(desk(app).vault.entries)
    app.post(first, say="note", words="  ")
    app.post(first, say="shout")
    assert len(desk(app).vault.entries) == before


def test_a_finding_that_reads_otherwise_now_says_so(app: Browser, tmp_path: Path) -> None:
    app.get("/f")
    app.post(ONE.findall(app.html)[0], say="confirmed")
    more = put(
        tmp_path, "more.txt", "04/04/2024, 09:00 - Alex: again\n04/04/2024, 09:01 - Mira: x\n"
    )
    sitting(app).write(lambda one: one.add([more]))
    ready(app)
    app.get("/f")
    assert "it reads otherwise now" in app.words
    assert "no longer found" not in app.words


def test_a_confirmed_finding_that_is_gone_stays_until_it_is_taken_back(app: Browser) -> None:
    app.get("/f")
    app.post(ONE.findall(app.html)[0], say="confirmed")
    stop = desk(app).state.stops[0].entry
    sitting(app).write(lambda one: one.withdraw(stop))
    ready(app)
    app.get("/f/c")
    assert "A finding you confirmed is no longer found" in app.words
    gone = re.findall(r'action="(/f/g/[0-9a-f]+)"', app.html)
    app.post(gone[0])
    assert "no longer found" not in app.words
    assert desk(app).state.confirmed == {}
    app.post(gone[0])
    assert app.status == 200


def test_an_empty_case_and_a_case_without_findings_say_what_that_means(tmp_path: Path) -> None:
    make(tmp_path / "case").close()
    with Browser(tmp_path / "case", PHRASE) as app:
        ready(app)
        app.get("/f")
        assert "Nothing can be found yet." in app.words
        counted(app)
        assert "Nothing to show yet." in app.words
        text = put(tmp_path, "chat.txt", "04/04/2024, 09:00 - Alex: hello\n")
        sitting(app).write(lambda one: one.add([text]))
        ready(app)
        app.get("/f")
        assert "does not mean that nothing happened" in app.words
        app.get("/f/d")
        assert "Nothing here." in app.words


def test_many_findings_come_page_by_page(tmp_path: Path) -> None:
    with make(tmp_path / "case") as desk:
        lines = [
            f"From: a{n}@example.org\nTo: mira@example.net\nSubject: s\nMessage-ID: <{n}@x>\n"
            f"Date: Sat, 16 Mar 2024 10:{n:02d}:{k:02d} +0100\n\nhello {n}\n"
            for n in range(25)
            for k in range(3)
        ]
        box = "".join(f"From x Sat Mar 16 10:00:00 2024\n{one}\n" for one in lines)
        desk.add([put(tmp_path, "box.mbox", box)])
        desk.link("me", Role.ME, "mail", "mira@example.net")
    with Browser(tmp_path / "case", PHRASE) as app:
        ready(app)
        app.get("/f")
        seen: list[str] = []
        while True:
            seen += list(dict.fromkeys(ONE.findall(app.html)))
            following = re.search(r'href="(/f/l/[0-9a-f]+)">The next ones', app.html)
            if following is None:
                break
            app.get(following.group(1))
        found = review(sitting(app).look())
        assert found is not None
        assert len(seen) == len(set(seen)) == len(found.cards) > 10
        here = HERE.findall(app.html)[0]
        app.post(seen[-1], say="confirmed", here=here)
        assert app.path.startswith("/f/l/")


def test_what_came_from_the_evidence_stays_text(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>\u202e"
    with make(tmp_path / "case") as desk:
        chat = (
            "".join(f"14/03/2024, 21:{n:02d} - {hostile}: {hostile} {n}\n" for n in range(12))
            + "14/03/2024, 22:00 - Mira: x\n"
        )
        desk.add([put(tmp_path, "chat.txt", chat)])
        desk.link("me", Role.ME, "whatsapp", "Mira")
    with Browser(tmp_path / "case", PHRASE) as app:
        ready(app)
        app.get("/f")
        places = ["/f", "/f/p", *dict.fromkeys(ONE.findall(app.html))]
        assert len(places) > 2
        for where in places:
            counted(app, where)
            assert "alert(1)" in app.words
            assert "<script>alert" not in app.html
            assert "\u202e" not in app.html


def test_an_address_of_another_time_shows_a_calm_page(app: Browser) -> None:
    app.get("/f/o/" + app.room.keys.key({"finding": "night:0000000000000000"}))
    assert "number 0" not in app.words
    app.get("/f/o/0123456789")
    assert app.status < 500


# -- working them out ------------------------------------------------------------------------


def test_nobody_waits_while_findings_are_worked_out(
    app: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    real = looking.found

    def slow(one: Desk) -> object:
        begun.set()
        assert go_on.wait(30)
        return real(one)

    monkeypatch.setattr(looking, "found", slow)
    sitting(app).write(lambda one: one.block("Alex", "whatsapp", "Alex", "2024-03-02"))
    for where in ("/f", "/f/p", "/f/c"):
        app.get(where)
        assert "Being worked out" in app.words
    assert begun.is_set()
    assert app.get("/f/w") == '{"over": false}'
    go_on.set()
    assert found_by_now(desk(app), patience=30) is not None
    assert app.get("/f/w") == '{"over": true}'
    assert "Being worked out" not in app.get("/f")


def test_a_decision_waits_for_findings_that_are_just_worked_out(
    app: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.get("/f")
    first, here = ONE.findall(app.html)[0], HERE.findall(app.html)[0]
    go_on, real = threading.Event(), looking.found

    def slow(one: Desk) -> object:
        assert go_on.wait(30)
        return real(one)

    monkeypatch.setattr(looking, "found", slow)
    sitting(app).write(lambda one: one.block("Alex", "whatsapp", "Alex", "2024-03-02"))
    threading.Timer(0.4, go_on.set).start()
    app.post(first, say="confirmed", here=here)
    assert statuses(app)["after_stop"] is Status.CONFIRMED


def test_a_run_that_failed_is_said_and_begun_again(
    app: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_one: Desk) -> object:
        raise StandfastError(BROKEN, hint="")

    sitting(app).write(lambda one: one.block("Alex", "whatsapp", "Alex", "2024-03-03"))
    with monkeypatch.context() as patched:
        patched.setattr(looking, "found", broken)
        with pytest.raises(StandfastError):
            found_by_now(desk(app), patience=30)
    assert found_by_now(desk(app), patience=30) is not None


# -- patterns --------------------------------------------------------------------------------


def test_patterns_count_what_came_in_and_nothing_else(app: Browser) -> None:
    one = desk(app)
    all_of_it = patterns(one, "Alex", looking.found(one))
    assert all_of_it.total == 200
    assert sum(count for _day, count in all_of_it.days) == 200
    assert sum(map(sum, all_of_it.hours)) == 200
    assert sum(count for _monday, by in all_of_it.weeks for _channel, count in by) == 200
    assert [monday for monday, _by in all_of_it.weeks] == ["2024-02-26", "2024-03-04", "2024-03-11"]
    assert all_of_it.weeks_left_out == all_of_it.no_day == all_of_it.no_hour == 0


def test_patterns_are_pictures_with_their_numbers_beside_them(app: Browser) -> None:
    counted(app)
    assert "200 contacts came in." in app.words
    assert app.html.count("<svg") >= 3
    assert app.words.count("The same numbers as a table") >= 3
    assert "No long pause was found." in app.words
    counted(app, "/f/p/" + app.room.keys.key({"subject": "nobody"}))
    assert "200 contacts came in." in app.words


def test_levels_between_changes_are_there_once_and_in_order(tmp_path: Path) -> None:
    with make(tmp_path / "case") as desk:
        lines = [
            f"{1 + day % 28:02d}/{1 + day // 28:02d}/2024, 10:{n:02d} - Alex: {day} {n}"
            for day in range(28 * 6)
            for n in range((1, 12, 1)[day // 56])
        ]
        desk.add([put(tmp_path, "chat.txt", "\n".join([*lines, "01/08/2024, 10:00 - Mira: x"]))])
        desk.link("me", Role.ME, "whatsapp", "Mira")
        desk.link("Alex", Role.OTHER, "whatsapp", "Alex")
        alone = patterns(desk, "Alex", looking.found(desk))
    assert len(alone.levels) == 3
    assert [one.first for one in alone.levels] == sorted(one.first for one in alone.levels)
    with Browser(tmp_path / "case", PHRASE) as app:
        ready(app)
        counted(app)
        assert "No lasting change was found." not in app.words


def test_a_pause_is_told_with_its_return(tmp_path: Path) -> None:
    with told_case(tmp_path) as desk:
        late = "".join(f"{n}/06/2024, 09:00 - Alex: back {n}\n" for n in range(14, 21))
        desk.add([put(tmp_path, "late.txt", late + "21/06/2024, 09:00 - Mira: x\n")])
        (pause,) = patterns(desk, "Alex", looking.found(desk)).pauses
    assert (pause.last, pause.returned, pause.channel) == ("2024-03-17", "2024-06-14", "whatsapp")
    with Browser(tmp_path / "case", PHRASE) as app:
        ready(app)
        assert "Contact again on" in counted(app)


def test_the_explanation_promises_no_score(app: Browser) -> None:
    app.get("/f/h")
    assert "No score" in app.words
    assert "Only confirmed findings go into a dossier" in app.words
