# SPDX-License-Identifier: Apache-2.0
"""How far long work is: the page, what its script asks, and stopping."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from desk_case import PHRASE, make
from standfast.errors import WrongUsage
from web_case import Browser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from standfast.web.jobs import Job


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("job") / "case"
    make(folder).close()
    with Browser(folder, PHRASE) as browser:
        yield browser


def start(page: Browser, work: Callable[[Job], object], then: str = "") -> Job:
    with page.room.using() as sitting:
        assert sitting is not None
        return page.room.start("Reading", lambda _sitting, job: work(job), then, sitting=sitting)


def test_the_page_and_its_script_are_told_how_far_it_is_and_stopping_is_said(page: Browser) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(job: Job) -> None:
        job.start("Reading files", 8)
        job.step(2)
        begun.set()
        go_on.wait(20)
        job.step(1)

    job = start(page, work)
    assert begun.wait(20)
    page.get(f"/j/{job.key}")
    assert "Reading files" in page.words
    assert "25 %" in page.words
    assert 'max="8" value="2"' in page.html
    facts = json.loads(page.get(f"/j/{job.key}/s"))
    assert (facts["percent"], facts["told"], facts["over"]) == (25, "25 %", False)
    page.post(f"/j/{job.key}")
    go_on.set()
    page.path = f"/j/{job.key}"
    page.wait()
    assert "It was stopped. What was kept until then stays kept." in page.words
    assert json.loads(page.get(f"/j/{job.key}/s"))["over"] is True


def test_what_went_wrong_is_said_in_its_own_words(page: Browser) -> None:
    def work(_job: Job) -> None:
        message = "This was <not> possible."
        raise WrongUsage(message, hint="Try the other way.")

    page.path = f"/j/{start(page, work).key}"
    page.wait()
    assert "This was <not> possible. Try the other way." in page.words
    assert "<not>" not in page.html


def test_what_is_done_leads_on(page: Browser) -> None:
    page.path = f"/j/{start(page, lambda _job: None, '/q').key}"
    page.wait()
    assert page.path == "/q"
    page.path = f"/j/{start(page, lambda _job: None).key}"
    page.wait()
    assert "It is done." in page.words


def test_work_that_nobody_knows_is_a_calm_page(page: Browser) -> None:
    page.get("/j/nothing")
    assert page.status == 410
