# SPDX-License-Identifier: Apache-2.0
"""The demo: right for its story, number by number; the same every time; and said calmly."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from demo_story import KNOWN, NEW, contacts, incoming, per_day, stop_at
from standfast.cli import main
from standfast.cli.commands import demo as face
from standfast.demo import DemoReport, build, exports, place
from standfast.demo.dice import Dice
from standfast.demo.story import conversation, line_of, told
from standfast.desk import Desk, Silent
from standfast.errors import WrongUsage
from standfast.findings import detectors
from standfast.i18n import speaking
from standfast.vault.opening import Unlock

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = told("case")["passphrase"]
HOUR = timedelta(hours=1)
MADE_UP = re.compile(r"\+4917139200\d\d|\+493023125\d{3}|\+49 171 39200\d\d")
FINDINGS = Counter(
    {
        ("after_stop", "Jonas", "confirmed"): 1,
        ("burst", "Jonas", "confirmed"): 1,
        ("change_of_level", "Jonas", "confirmed"): 3,
        ("contact_count", "Jonas", "confirmed"): 1,
        ("contact_count", "account:sms:PaketInfo", "suggested"): 1,
        ("hopping", "Jonas", "confirmed"): 3,
        ("hopping", "account:sms:PaketInfo", "dismissed"): 1,
        ("night", "Jonas", "confirmed"): 1,
        ("one_sided", "Jonas", "confirmed"): 1,
        ("silence_return", "Jonas", "confirmed"): 1,
    }
)
"""Everything that is found, and what Mira says of it: each is right for the story."""


class Heard(Silent):
    def __init__(self) -> None:
        self.begun: list[str] = []

    def start(self, what: str, total: int) -> None:
        del total
        self.begun.append(what)


Made = tuple[DemoReport, Path, Heard]
Numbers = dict[str, list["Mapping[str, Any]"]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    out = tmp_path_factory.mktemp("demo") / "standfast-demo"
    heard = Heard()
    with speaking("en"):
        report = build(out, heard)
    return report, out, heard


@pytest.fixture(scope="module")
def numbers(made: Made) -> Numbers:
    """The numbers of each finding about Jonas, by detector."""
    found: Numbers = {}
    for view in made[0].findings:
        if view.finding.subject == "Jonas":
            found.setdefault(view.finding.detector, []).append(view.finding.numbers)
    return found


def test_everything_found_is_right_for_the_story_and_nothing_else_is_found(made: Made) -> None:
    found = Counter(
        (view.finding.detector, view.finding.subject, str(view.status)) for view in made[0].findings
    )
    assert found == FINDINGS


def test_every_detector_has_something_to_find(made: Made) -> None:
    assert {view.finding.detector for view in made[0].findings} == set(detectors())


def test_the_contacts_are_those_that_the_story_tells(numbers: Numbers) -> None:
    (told_of,) = numbers["contact_count"]
    came, days = incoming(), per_day(incoming())
    calls = [one for one in came if one.channel == "phone" or one.how == "missed"]
    assert told_of["incoming"] == len(came)
    assert told_of["outgoing"] == len(contacts()) - len(came)
    assert told_of["incoming_calls"] == len(calls)
    assert told_of["missed_calls"] == sum(one.how != "incoming" for one in calls)
    assert told_of["days_with_incoming"] == len(days)
    assert told_of["channels"] == 4
    assert told_of["busiest_day_incoming"] == max(days.values())
    assert 600 < len(came) < 800


def test_the_contacts_after_the_request_are_those_that_the_story_tells(numbers: Numbers) -> None:
    (told_of,) = numbers["after_stop"]
    after = [one for one in contacts() if one.at > stop_at()]
    came = [one for one in after if one.incoming]
    before = {(one.channel, one.account) for one in contacts() if one.at <= stop_at()}
    assert str(told_of["stop_date"]) == "2026-02-08"
    assert told_of["incoming"] == len(came)
    assert told_of["outgoing"] == len(after) - len(came) == 2
    assert told_of["days"] == len(per_day(came))
    assert told_of["channels"] == len({one.channel for one in came}) == 4
    assert told_of["new_accounts"] == len({(c.channel, c.account) for c in came} - before) == 3
    assert str(told_of["last_date"]) == "2026-04-24"


def test_the_nights_are_those_of_the_story(numbers: Numbers) -> None:
    (told_of,) = numbers["night"]
    at_night = [one for one in incoming() if one.at.hour >= 22 or one.at.hour < 6]
    nights = {(one.at - timedelta(hours=6)).date() for one in at_night}
    assert told_of["at_night"] == len(at_night)
    assert told_of["nights"] == len(nights)
    assert told_of["incoming_with_clock"] == len(incoming())


def test_the_longest_row_without_a_reply_is_that_of_the_story(numbers: Numbers) -> None:
    (told_of,) = numbers["one_sided"]
    runs, run = [], 0
    for one in contacts():
        run = run + 1 if one.incoming else 0
        runs.append(run)
    assert told_of["longest"] == max(runs)


def test_the_fullest_hour_is_a_burst_of_the_story(numbers: Numbers) -> None:
    (told_of,) = numbers["burst"]
    times = [one.at for one in incoming()]
    fullest = max(sum(begin <= at < begin + HOUR for at in times) for begin in times)
    begins = {f"{burst['begins']:%Y-%m-%dT%H:%M}" for burst in told("jonas")["bursts"]}
    assert told_of["most"] == fullest
    assert told_of["most_from"] in begins


def test_the_pause_and_the_return_are_those_of_the_story(numbers: Numbers) -> None:
    (told_of,) = numbers["silence_return"]
    times = [one.at for one in incoming()]
    longest = max(after - before for before, after in pairwise(times))
    assert (told_of["last_before"], told_of["returned"]) == ("2026-03-14", "2026-04-03")
    assert told_of["days"] in {longest.days, longest.days - 1}  # a change of clocks lies between
    week = times[times.index(max(t for t in times if f"{t:%m-%d}" == "03-14")) + 1]
    assert told_of["incoming_week_after"] == sum(week <= at < week + 7 * 24 * HOUR for at in times)
    assert told_of["outgoing_meanwhile"] == 0


def test_the_levels_change_at_the_request_the_silence_and_the_return(numbers: Numbers) -> None:
    found = sorted(numbers["change_of_level"], key=lambda one: str(one["date"]))
    rise, fall, again = (str(one["date"]) for one in found)
    assert "2026-02-06" <= rise <= "2026-02-10"
    assert (fall, again) == ("2026-03-15", "2026-04-03")
    days = per_day(incoming())
    assert found[0]["before"] == sum(n for day, n in days.items() if f"{day}" < rise)
    assert found[0]["after"] == sum(n for day, n in days.items() if rise <= f"{day}" < fall)
    assert found[1]["after"] == 0
    assert found[2]["after"] == sum(n for day, n in days.items() if f"{day}" >= again)


def test_each_new_account_after_the_block_is_counted_with_what_came_from_it(
    numbers: Numbers,
) -> None:
    told_of = {one["account_channel"]: one for one in numbers["hopping"]}
    assert set(told_of) == {"whatsapp", "sms", "phone"}
    for channel, one in told_of.items():
        came = [c for c in incoming() if (c.channel, c.account) == (channel, NEW)]
        assert (one["account"], one["mark"], one["mark_date"]) == (NEW, "block", "2026-03-06")
        assert one["incoming"] == len(came)
        assert one["first_date"] == f"{came[0].at:%Y-%m-%d}"
    assert told_of["whatsapp"]["hours"] == 26, "a new number, one day later"
    assert NEW != KNOWN


def test_what_two_exports_show_counts_once(made: Made) -> None:
    report, _out, _heard = made
    read = {Path(one.path).parts[-2:]: one.events for one in report.added.files}
    earlier = read[exports.EARLIER_FOLDER, "WhatsApp-Chat mit Jonas.txt"]
    until = [one for one in conversation("jonas").lines if one.at <= exports.EARLIER]
    assert earlier == len(until) + 1, "every line and the notice"
    incidents = 1
    assert report.events == sum(read.values()) - earlier + incidents
    assert 900 <= report.events <= 1500


def test_every_byte_of_every_export_is_accounted_for(made: Made) -> None:
    report, out, _heard = made
    assert all(one.outcome == "kept" and not one.unreadable for one in report.added.files)
    with Desk.open_case(out / place.CASE, Unlock(PASSPHRASE)) as desk:
        assert len(desk.state.readings) == len(report.added.files) == len(exports.files())
        for reading in desk.state.readings.values():
            assert reading.coverage["bytes"] == reading.coverage["bytes_accounted"]
            assert reading.coverage["unreadable_total"] == 0
        assert not desk.questions()


def test_the_questions_are_asked_and_the_open_date_is_answered(made: Made) -> None:
    asked = [(one.question.question, one.answer) for one in made[0].answered]
    assert asked == [("me", "Mira"), ("date_order", "dmy"), ("me", "Mira (2nd floor)")]
    assert made[0].answered[1].question.examples == ("2026-04-09", "2026-09-04")


def test_the_bundle_is_genuine_and_the_changed_one_says_where(made: Made) -> None:
    report, _out, _heard = made
    assert (report.checked.verdict, report.checked.exit_code) == ("genuine", 0)
    assert (report.checked_changed.verdict, report.checked_changed.exit_code) == ("altered", 5)
    named = report.checked_changed.text
    assert "0002__WhatsApp-Chat_mit_Jonas.txt" in named
    assert "0001__" not in named
    assert "dossier.pdf" not in named


def test_exactly_one_byte_was_changed_and_it_lies_in_an_original(made: Made) -> None:
    report, out, _heard = made
    before, after = (out / name for name in (place.BUNDLE, place.CHANGED))
    pairs = zip(before.read_bytes(), after.read_bytes(), strict=True)
    differing = [at for at, (one, other) in enumerate(pairs) if one != other]
    assert differing == [report.change.place]
    with zipfile.ZipFile(before) as bundle:
        inside = max((i for i in bundle.infolist() if i.header_offset < differing[0]),
                     key=lambda info: info.header_offset)  # fmt: skip
    assert inside.filename.endswith("data/originals/0002__WhatsApp-Chat_mit_Jonas.txt")


def test_the_private_note_is_in_nothing_that_is_handed_over(made: Made) -> None:
    _report, out, _heard = made
    note = told("case")["note"]["text"].strip().encode()
    with zipfile.ZipFile(out / place.BUNDLE) as bundle:
        for name in bundle.namelist():
            assert note not in bundle.read(name), name


def test_the_exports_are_the_same_bytes_every_time(made: Made) -> None:
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in exports.files().items()}
    script = (
        "import hashlib, json; from standfast.demo.exports import files; "
        "print(json.dumps({n: hashlib.sha256(d).hexdigest() for n, d in files().items()}))"
    )
    again = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, env={"PYTHONHASHSEED": "7"}
    )
    assert json.loads(again.stdout) == digests
    written = {one.name: one.read_bytes() for one in (made[1] / place.EXPORTS).rglob("*.*")
               if one.is_file()}  # fmt: skip
    kept = {hashlib.sha256(data).hexdigest() for data in written.values()}
    assert kept >= set(digests.values()) - {digests[name] for name in digests if "/" in name}


def test_nobody_in_the_demo_can_be_reached(made: Made) -> None:
    text = "\n".join(
        one.read_bytes().decode("utf-8", "replace")
        for one in (made[1] / place.EXPORTS).rglob("*")
        if one.suffix in {".txt", ".xml", ".mbox", ".eml"}
    )
    assert set(re.findall(r"\+49[\d ]{8,}\d", text)) == {
        one for one in re.findall(r"\+49[\d ]{8,}\d", text) if MADE_UP.fullmatch(one)
    }
    domains = set(re.findall(r"@(?:mail\.|mx\.)?([\w.-]+\.\w+)", text))
    assert domains == {"example.org", "example.net", "example.com"}


@pytest.mark.parametrize("lang", ["en", "de"])
def test_the_words_fit_a_terminal_of_eighty_columns(
    made: Made, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with speaking(lang):
        face._show(made[0])
    shown = capsys.readouterr().out
    wide = [line for line in shown.splitlines() if len(line) > 80 and str(made[1]) not in line]
    assert not wide
    assert PASSPHRASE in shown
    assert "08.02.26, 19:42 - Mira: Bitte schreib mir nicht mehr" in shown
    assert "{" not in shown


def test_json_holds_paths_counts_and_verdicts(made: Made) -> None:
    told_of = face._json(made[0])
    assert set(told_of["paths"]) == {"exports", "case", "dossier", "bundle", "bundle-changed"}
    assert all(Path(path).exists() for path in told_of["paths"].values())
    assert told_of["events"] == made[0].events
    assert told_of["verified"]["verdict"] == "genuine"
    assert told_of["verified_after_change"]["verdict"] == "altered"
    assert told_of["dossier"]["findings"] == sum(
        count for (_d, _s, status), count in FINDINGS.items() if status == "confirmed"
    )
    json.dumps(told_of)


def test_the_tutorial_quotes_every_finding_as_it_is_said(made: Made) -> None:
    page = (ROOT / "docs" / "tutorial" / "the-demo-case.md").read_text("utf-8")
    quotes = " ".join(re.sub(r"^> ?", "", page, flags=re.MULTILINE).split())
    said = [" ".join(view.statement.seen.split()) for view in made[0].findings]
    assert [words for words in said if words not in quotes] == []
    assert len(re.findall(r"^> .*(?:\n> .*)*", page, flags=re.MULTILINE)) == len(said)


def test_long_work_is_told_while_it_goes_on(made: Made) -> None:
    assert {"Keeping", "Reading", "Writing the dossier", "Writing the bundle"} <= set(made[2].begun)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    run = CliRunner().invoke(main, ["demo", "--out", str(tmp_path), "--again", "--lang", "en"])
    assert run.exit_code == 2
    assert "not empty" in run.output
    assert [one.name for one in tmp_path.iterdir()] == ["diary.txt"]


def test_a_demo_is_replaced_only_when_asked_and_what_is_not_its_own_stays(tmp_path: Path) -> None:
    place.prepare(tmp_path / "out", again=False, passphrase="words")
    out = tmp_path / "out"
    for name in (place.EXPORTS, place.CASE):
        (out / name).mkdir()
        (out / name / "old").write_text("old")
    (out / place.DOSSIER).write_text("old")
    (out / "diary.txt").write_text("mine")
    with pytest.raises(WrongUsage, match="already"):
        place.prepare(out, again=False, passphrase="words")
    assert (out / place.DOSSIER).exists()
    place.prepare(out, again=True, passphrase="words")
    assert sorted(one.name for one in out.iterdir()) == sorted([place.MARK, "diary.txt"])


def test_a_file_or_a_link_is_no_folder_to_make_a_demo_in(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link"):
        with pytest.raises(WrongUsage, match="not a folder"):
            place.prepare(tmp_path / name, again=True, passphrase="words")


def test_dice_fall_the_same_way_and_reach_every_side() -> None:
    throws = [Dice("a").between(1, 6) for _ in range(3)]
    assert len(set(throws)) == 1
    dice = Dice("b")
    assert {dice.between(1, 6) for _ in range(200)} == set(range(1, 7))
    assert sorted(Dice("c").shuffled(range(50))) == list(range(50))
    assert Dice("c").shuffled(range(50)) != list(range(50))


def test_a_line_of_the_story_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from standfast.demo import story  # noqa: PLC0415 - the module itself is changed here

    facts = {"days": [{"date": stop_at().date(), "lines": "at noon J hello"}]}
    monkeypatch.setattr(story, "told", lambda _name: facts)
    with pytest.raises(ValueError, match="no line of a story"):
        story.conversation.__wrapped__("any")
    assert line_of(stop_at(), "J", "@photo a.jpg look").text == "a.jpg look"
