# SPDX-License-Identifier: Apache-2.0
"""The dossier as a PDF: its standard, its words in both languages, its bytes, its silence."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import pikepdf
import pytest
import typst
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dossier_case import rows, sample
from standfast.dossier import chronology, document, fonts
from standfast.dossier.document import Dossier, Kept, Moment, Place, Rendered, Row
from standfast.dossier.layout import make_pdf
from standfast.errors import StandfastError
from standfast.i18n import _, speaking
from standfast.model.event import Attachment, Locator
from standfast.model.people import Account, Person, Role

STRICTEST = "PDF/A-3a, PDF/UA-1"
TO_TEXT = shutil.which("pdftotext")
needs_text = pytest.mark.skipif(TO_TEXT is None, reason="pdftotext is not installed")


@cache
def made(language: str = "en") -> Rendered:
    return make_pdf(sample(language))


def opened(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data))


def words(data: bytes) -> str:
    """Give the text layer without line breaks and zero-width spaces."""
    command = [str(TO_TEXT), "-", "-"]
    told = subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()
    return re.sub(r"\s+", " ", told.replace("\u200b", ""))


def pages(data: bytes) -> int:
    with opened(data) as pdf:
        return len(pdf.pages)


def bare(**more: object) -> Dossier:
    told = {"title": "A case", "language": "en", "created": "2024-05-11T08:30:00Z", **more}
    return Dossier(**told)  # type: ignore[arg-type]  # each test gives the right kinds


def with_texts(texts: list[str]) -> Dossier:
    told = tuple(
        Row(
            number=number,
            moment=Moment("2024-03-04T09:05:00", "+01:00"),
            sender=text,
            recipients=(text,),
            channel=text,
            detail=text,
            state=text,
            text=text,
            attachments=(Attachment(text, "present"),),
            place=Place(1, Locator(path=text, pointer=text)),
        )
        for number, text in enumerate(texts, 1)
    )
    return bare(rows=told)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_strictest_archive_and_access_standards_are_claimed(language: str) -> None:
    done = made(language)
    assert done.standard == STRICTEST
    with opened(done.main) as pdf:
        meta = pdf.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
        assert meta["pdfuaid:part"] == "1"
        assert meta["dc:title"].startswith("Mara Beispiel")
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang).startswith(language)
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert "/OutputIntents" in pdf.Root


def test_charts_and_pictures_have_alternative_texts_and_tables_have_heads() -> None:
    with opened(made().main) as pdf:
        kinds = [one.get("/S") for one in pdf.objects if isinstance(one, pikepdf.Dictionary)]
        figures = [
            one
            for one in pdf.objects
            if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure"
        ]
        assert len(figures) == 5
        assert all(str(one.Alt) for one in figures)
        assert kinds.count("/TH") > 20
        assert kinds.count("/H1") > 10


def test_events_travel_inside_the_pdf() -> None:
    with opened(made().main) as pdf:
        assert pdf.attachments["events.jsonl"].get_file().read_bytes() == b'{"schema":1}\n'


def test_the_same_dossier_gives_the_same_bytes() -> None:
    assert make_pdf(sample()) == made()


CHAPTERS = (
    "In brief", "People and accounts", "Findings", "Contact in pictures",
    "Written down by the person", "Chronology", "Pictures", "Exhibits",
    "How the evidence was kept and how to check it", "What is missing",
    "Provisions that may apply", "Limits", "The numbers behind the charts",
)  # fmt: skip


@needs_text
def test_english_has_every_heading_and_the_facts_of_the_case() -> None:
    told = words(made().main)
    case = sample()
    for said in (
        *CHAPTERS,
        "What is asked of you, the reader",
        "Page 1 of",
        "After the request to stop",
        "Bitte schreib mir nicht mehr",
        "+49 30 23125 077",
        "Ich bitte um eine Gefährderansprache",
        case.fingerprint,
        case.head_root,
        case.exhibits[0].sha256,
        "Exhibit 2: 12 events are withheld on purpose.",
        "Exhibit 3: Erased by the person",
        "could not be read (bytes 91–120)",
        "existed before 10 May 2024, 09:20:00 UTC, according to Example Time Authority.",
        "was asked for and has not come yet",
        "3 Apr 2024 09:05 or Mon 4 Mar 2024",
        "(zone not stated)",
    ):
        assert said in told, said


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_chapter_is_there_in_both_languages(language: str) -> None:
    with opened(made(language).main) as pdf, pdf.open_outline() as outline:
        heads = [str(entry.title) for entry in outline.root]
    with speaking(language):
        assert heads == [_(head) for head in CHAPTERS]


@needs_text
def test_quotes_stand_in_the_text_layer_as_they_were_written() -> None:
    told = words(made().main)
    assert "I saw you with him at the station. Who is he?" in told
    assert '#read("/etc/passwd") $x$ `raw` #import' in told
    assert "*bold* _em_ <tag> @ref" in told
    assert "root:" not in told
    assert "photo[U+202E]gnp.exe" in told
    chinese = 0x4F60 in fonts.coverage()  # only with the extra
    assert ("你在哪里" if chinese else "[CJK UNIFIED IDEOGRAPH-4F60 U+4F60]") in told
    assert "Я знаю, где ты живёшь" in told
    assert "more characters stand in the original" in told


HARD = (
    "👩‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️‍🔥 1️⃣ 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "مرحبا", "שלום", "Привет", "你好 こんにちは 안녕", "สวัสดี", "नमस्ते", "বাংলা", "தமிழ்",
    "\ue000\U000fe82c\U0010fffd", "\u0378\U000e0fff", "\ufdd0\ufffe\uffff\U0001ffff",
    "\u202ea\u202c\u2066b\u2069\u200f\u061c", "\x00\x01\x1b[31m\x7f\x85", "\ud800\udfff",
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u3164", "\U0001f1e9", "\u0301\u20e3", "\u2028\u2029",
    "z" + "\u0336" * 300, "#", "$", "\\", "`" * 20, "[", "]" * 50, "//*", "@a", "<a>", "~", "--",
    '#panic("x")', "#{", "x" * 5_000, "\n" * 500, " " * 900, "&amp;<svg onload=x>", "%s{x}",
)  # fmt: skip


def test_nothing_that_can_be_written_aborts_a_dossier_or_lowers_its_standard() -> None:
    assert make_pdf(with_texts(list(HARD))).standard == STRICTEST


def test_hard_texts_in_every_other_field_keep_the_standard_too() -> None:
    text = "".join(HARD[:20])
    case = sample(count=30)
    exhibit = replace(case.exhibits[1], name=text, format=text)
    hard = replace(
        case,
        title=text,
        request=text,
        version=text,
        zone=text,
        fingerprint=text,
        head_root=text,
        missing=(text,),
        parties=(Person("x", text, Role.OTHER, (Account(text, text),)),),
        exhibits=(exhibit,),
        withheld=(document.Withheld(exhibit=1, count=1, reason=text),),
        pictures=(replace(case.pictures[0], caption=text, description=text),),
        incidents=(replace(case.incidents[0], text=text, where=text, witnesses=text),),
        stops=(replace(case.stops[0], person=text, text=text, channel=text),),
        anchors=(replace(case.anchors[0], authority=text),),
        law=(document.LawNote(title=text, text=text, source=text, as_of=text),),
        contacts=replace(case.contacts, weeks=(("2024-01-08", ((text, 3),)),)),
    )
    assert make_pdf(hard).standard == STRICTEST


@given(st.lists(st.text(st.characters(), max_size=60), min_size=30, max_size=60))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_keeps_the_strictest_standard(texts: list[str]) -> None:
    assert make_pdf(with_texts(texts)).standard == STRICTEST


def test_an_empty_case_makes_a_dossier_too() -> None:
    done = make_pdf(bare())
    assert done.standard == STRICTEST
    assert done.annexes == ()


@pytest.mark.parametrize("language", ["en", "de"])
def test_page_one_is_one_page_whatever_the_case_holds(language: str) -> None:
    case = sample(language, count=30)
    long = "Wide and long words " * 40
    people = tuple(
        Person(f"p{count}", long, Role.OTHER, tuple(Account("mail", long) for _one in range(30)))
        for count in range(20)
    )
    channels = tuple(document.ChannelCount(long, 10**9, 10**9) for _one in range(20))
    full = replace(
        case,
        title=long,
        request=long,
        parties=people,
        counts=replace(case.counts, channels=channels),
        stops=tuple(replace(case.stops[0], text=long, person=long) for _one in range(9)),
    )
    first = replace(full, rows=(), findings=(), exhibits=(), incidents=(), pictures=(), law=())
    with opened(make_pdf(first).main) as pdf, pdf.open_outline() as outline:
        where = outline.root[1].destination
        place = [page.obj.objgen for page in pdf.pages].index(where[0].objgen)
        assert place == 1


def test_a_long_chronology_goes_into_volumes_that_the_dossier_names() -> None:
    case = replace(sample(), rows=rows(3_200))
    done = make_pdf(case)
    assert [name for name, _data in done.annexes] == [f"annex-0{count}.pdf" for count in (1, 2, 3)]
    assert done.standard == STRICTEST
    if TO_TEXT:
        told = words(done.main)
        for name, data in done.annexes:
            assert name in told
            assert sha256(data).hexdigest() in told
        assert "Annex 3" in words(done.annexes[2][1])


@given(st.lists(st.integers(0, 6_000), max_size=300))
@settings(deadline=None, max_examples=30)
def test_volumes_hold_every_row_once_and_stay_small(lengths: list[int]) -> None:
    told = [Row(number=at, moment=Moment(), text="x" * long) for at, long in enumerate(lengths, 1)]
    parts = chronology.volumes(told)
    assert [row for part in parts for row in part] == told
    for part in parts:
        held = sum(min(len(row.text), 4_000) for row in part)
        assert len(part) <= chronology.ROWS_IN_VOLUME
        assert held <= chronology.TEXT_IN_VOLUME


def test_a_compiler_that_refuses_a_standard_is_asked_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, refusal = typst.compile, typst.TypstError("no", "no")

    def refuse(*given: object, **more: object) -> bytes:
        if "a-3a" in more.get("pdf_standards", ()):  # type: ignore[operator]  # a list
            raise refusal
        return real(*given, **more)  # type: ignore[call-overload, no-any-return]  # passed on

    monkeypatch.setattr(typst, "compile", refuse)
    assert make_pdf(bare()).standard == "PDF/A-3b, PDF/UA-1"


def test_a_compiler_that_refuses_everything_is_our_fault_and_says_nothing_of_the_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refusal = typst.TypstError("a secret", "a secret")

    def refuse(*_given: object, **more: object) -> bytes:
        if "format" in more:
            raise refusal
        return b""

    monkeypatch.setattr(typst, "compile", refuse)
    with pytest.raises(StandfastError) as told:
        make_pdf(bare())
    assert "secret" not in str(told.value) + told.value.hint


WATCHED = """
import sys, os
seen = []
def hook(event, told):
    if event == "open" and isinstance(told[0], (str, bytes)):
        mode, flags = told[1] or "", told[2] or 0
        if set(str(mode)) & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen.append(told[0])
    if event.startswith(("socket", "subprocess", "os.mkdir", "os.rename", "tempfile")):
        seen.append(event)
sys.path.insert(0, {tests!r})
from dossier_case import sample
from standfast.dossier.layout import make_pdf
sys.dont_write_bytecode = True
make_pdf(sample(count=5))
sys.addaudithook(hook)
make_pdf(sample("de", count=40))
print(seen)
"""


def test_nothing_is_written_and_nobody_is_called(tmp_path: Path) -> None:
    code = WATCHED.format(tests=str(Path(__file__).parent.parent))
    place = {name: str(tmp_path) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=tmp_path, env={**os.environ, **place}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
    assert list(tmp_path.iterdir()) == []


def test_a_withheld_original_is_named_and_not_shown() -> None:
    case = sample(count=20)
    kept = replace(case.exhibits[0], kept=Kept.WITHHELD)
    done = make_pdf(replace(case, exhibits=(kept,)))
    assert done.standard == STRICTEST
    if TO_TEXT:
        assert "Withheld on purpose" in words(done.main)


def test_pages_are_numbered() -> None:
    assert pages(made().main) > 10
